//! The size of a segment over time, and why users joined and left.
//!
//! Between two points three things can move a user: somebody edited a definition, the user did something, or time went on.
//! They are told apart by asking what would be without them: with the definitions of the earlier point, and with these
//! and without the events since.

use std::collections::BTreeMap;

use segments_engine_api::{
    MemberSet, QuestionContext, SetOperation, Source as EngineSource, StepTimer,
};
use segments_model::calendar::Zone;
use segments_model::history::{History, HistoryPoint, Moves, SizePoint, Sizes, SizesRequest};
use segments_model::limits::MAX_POINTS;
use segments_model::problem::Code;
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::segment::SegmentKind;
use segments_model::sort::map_of;
use segments_model::walk::Outline;
use segments_model::{Criterion, Instant, Range, Stamp};

use crate::ask::backend::Backend;
use crate::ask::closure::{ASKED, Extents, excess};
use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::question::{Question, Source, Subject, not_stored};
use crate::ask::stamp::stamp;
use crate::ask::versions;
use crate::ask::words;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::Entry;
use crate::store::versions::FoundMembers;

/// What a history is of where nothing is said.
const LATELY: Range = Range::Last {
    count: 30,
    unit: CalendarUnit::Day,
    complete: false,
};

/// Which points of a segment's history are asked for: of the last 30 days by day where nothing else is said.
pub struct HistoryOptions {
    /// The range that they are in.
    pub during: Option<Range>,
    /// How far apart they are.
    pub unit: Option<CalendarUnit>,
    /// The instant that stands for now.
    pub as_of: Option<Instant>,
    /// The zone that the range and the units are of.
    pub time_zone: Option<String>,
}

/// The size of a stored segment over time, and why users joined and left.
///
/// # Errors
/// [`Error::Meaningless`] of the options and of a definition that cannot be evaluated, [`Error::NotFound`],
/// [`Error::Deleted`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn history(
    backend: &Backend,
    id: &str,
    options: &HistoryOptions,
) -> Result<History, Error> {
    let begin = backend.host.elapsed_ms();
    words::check_during_param(options.during.as_ref())?;
    let during = options.during.as_ref().unwrap_or(&LATELY);
    let unit = options.unit.unwrap_or(CalendarUnit::Day);
    let context = backend.context().await?;
    let entry = context.library.entry(id)?;
    let zone = backend.zone_param(&context, options.time_zone.as_deref())?;
    let as_of = options.as_of.unwrap_or(context.now);
    let data = backend.data(&context).await?;

    let first_event = data.facts(as_of).await?.first_event_at;
    let (bounds, ends) = ends(first_event, &zone, during, unit, as_of)
        .ok_or_else(|| Error::Meaningless(format!("unit: {}", too_many(unit))))?;

    let timeline = Timeline::read(backend, &context, &data, entry).await?;
    let mut points: Vec<HistoryPoint> = Vec::with_capacity(ends.len());
    let mut before: Option<(Instant, MemberSet)> = None;
    let mut timer = StepTimer::begin(backend.host.as_ref());
    for at in ends {
        let now = timeline.members(&data, at, at, None).await?;
        let (joined, left) = match &before {
            None => (Moves::default(), Moves::default()),
            Some((since, then)) => timeline.moves(&data, (*since, then), (at, &now)).await?,
        };
        points.push(HistoryPoint {
            at,
            users: now.len(),
            joined,
            left,
        });
        before = Some((at, now));
        timer.yield_if_due().await;
    }
    let stamp = over(stamp(backend, &data, &zone, as_of, begin), bounds);
    Ok(History { stamp, points })
}

/// How many users meet a definition that is not saved, of the last 30 days by day where nothing else is said. Each point is
/// what a preview as of its instant says, so segments that are referred to are as they are now.
///
/// # Errors
/// [`Error::Input`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn preview(backend: &Backend, request: &SizesRequest) -> Result<Sizes, Error> {
    let during = request.during.as_ref().unwrap_or(&LATELY);
    let mut errors = words::check(&request.definition, "/definition");
    errors.extend(words::check_during(during));
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    let begin = backend.host.elapsed_ms();
    let unit = request.unit.unwrap_or(CalendarUnit::Day);
    let context = backend.context().await?;
    let zone = backend.zone(&context, request.time_zone.as_deref(), "/time_zone")?;
    let as_of = request.as_of.unwrap_or(context.now);
    let (definition, library) = (&request.definition, &context.library);
    let subject = Subject::from(definition);
    subject
        .check(&backend.user_sets, library, "/definition", None)
        .await?;
    let data = backend.data(&context).await?;
    let first_event = data.facts(as_of).await?.first_event_at;
    let (bounds, ends) = ends(first_event, &zone, during, unit, as_of)
        .ok_or_else(|| Error::input("/unit", Code::OutOfRange, too_many(unit)))?;

    let mut question = Question::ask(
        &backend.user_sets,
        library,
        subject,
        zone.clone(),
        as_of,
        None,
    )
    .await?;
    let mut points = Vec::with_capacity(ends.len());
    let mut timer = StepTimer::begin(backend.host.as_ref());
    for at in ends {
        question.as_of = at;
        let members = data
            .evaluate(definition, &question)
            .await
            .map_err(|error| error.below("/definition"))?;
        points.push(SizePoint {
            at,
            users: members.len(),
        });
        timer.yield_if_due().await;
    }
    let stamp = over(stamp(backend, &data, &zone, as_of, begin), bounds);
    Ok(Sizes { stamp, points })
}

/// The instants at which units end within a range, and the end of the range; none where there are too many.
fn ends(
    first_event: Option<Instant>,
    zone: &Zone,
    during: &Range,
    unit: CalendarUnit,
    as_of: Instant,
) -> Option<(Bounds, Vec<Instant>)> {
    let bounds = zone.bounds(during, as_of);
    let buckets = zone
        .buckets(Some(unit), bounds, as_of, first_event)
        .filter(|buckets| buckets.len() <= MAX_POINTS)?;
    let mut ends: Vec<Instant> = buckets.iter().map(|bucket| bucket.end).collect();
    if ends.is_empty() {
        ends.push(bounds.end);
    }
    Some((bounds, ends))
}

fn too_many(unit: CalendarUnit) -> String {
    format!(
        "the range has more than {MAX_POINTS} units of a {}; ask for a longer unit or a shorter range",
        unit.word()
    )
}

/// A stamp of figures over a range.
fn over(mut stamp: Stamp, bounds: Bounds) -> Stamp {
    stamp.start = (bounds.start > Instant::MIN).then_some(bounds.start);
    stamp.end = Some(bounds.end);
    stamp
}

/// What a segment, and every segment that it has ever referred to, meant at each instant.
struct Timeline {
    id: String,
    /// The states of each segment, the earliest first; never empty.
    segments: BTreeMap<String, Vec<Meaning>>,
    lists: BTreeMap<String, MemberSet>,
}

/// What a segment means from an instant on. What it meant first it means before too.
struct Meaning {
    from: Instant,
    source: EngineSource,
    /// Of a definition: how large it is, and what it refers to.
    outline: Option<Outline>,
}

impl Timeline {
    async fn read(
        backend: &Backend,
        context: &RequestContext,
        data: &Data,
        entry: &Entry,
    ) -> Result<Self, Error> {
        let mut segments = BTreeMap::new();
        let mut named_lists = Vec::new();
        let mut next = vec![entry.id.clone()];
        while let Some(id) = next.pop() {
            if segments.contains_key(&id) {
                continue;
            }
            // A reference in force is never to a segment that is gone, and others are left out below.
            let Ok(entry) = context.library.any_entry(&id) else {
                continue;
            };
            let mut meanings: Vec<Meaning> = Vec::new();
            let mut newer: Option<Same> = None;
            for (number, version) in versions::all(backend, &context.library, entry).await? {
                let is_current = number == entry.segment.version;
                let same = match (version.kind, version.members) {
                    (SegmentKind::Static, Some(members)) => Same::Members(members),
                    _ => Same::Definition(Box::new(version.definition), version.time_zone),
                };
                if let (Some(last), Some(newer)) = (meanings.last_mut(), &newer)
                    && *newer == same
                {
                    last.from = version.at;
                    continue;
                }
                let (source, outline) = match &same {
                    Same::Members(found) => {
                        let Some(members) = versions::members(backend, &id, *found).await? else {
                            continue;
                        };
                        let source = Source::Static(members);
                        (data.engine_source(&source).await?, None)
                    }
                    Same::Definition(definition, zone) => {
                        let outline = Outline::from(&**definition);
                        let is_gone = |id: &str| context.library.any_entry(id).is_err();
                        // What cannot be asked any more is as if it had not been kept.
                        if !is_current && outline.segments.iter().any(|at| is_gone(&at.id)) {
                            continue;
                        }
                        next.extend(outline.segments.iter().map(|at| at.id.clone()));
                        named_lists.extend(outline.lists.iter().map(|at| at.id.clone()));
                        let source = Source::Dynamic {
                            definition: definition.clone(),
                            zone: stored_zone(zone)?,
                        };
                        (data.engine_source(&source).await?, Some(outline))
                    }
                };
                meanings.push(Meaning {
                    from: version.at,
                    source,
                    outline,
                });
                newer = Some(same);
            }
            if meanings.is_empty() {
                return Err(not_stored(&id));
            }
            meanings.reverse();
            segments.insert(id, meanings);
        }
        Ok(Self {
            id: entry.id.clone(),
            segments,
            lists: data
                .lists(&backend.user_sets.lists(named_lists).await?)
                .await?,
        })
    }

    /// Which meaning of each segment is in force at an instant.
    fn in_force(&self, at: Instant) -> Vec<usize> {
        self.segments
            .values()
            .map(|meanings| {
                meanings
                    .iter()
                    .rposition(|meaning| meaning.from <= at)
                    .unwrap_or(0)
            })
            .collect()
    }

    /// Who is in the segment as of an instant, with the definitions in force at an instant, if events from `known_until` on
    /// do not exist.
    async fn members(
        &self,
        data: &Data,
        as_of: Instant,
        in_force: Instant,
        known_until: Option<Instant>,
    ) -> Result<MemberSet, Error> {
        let places = self.in_force(in_force);
        let meanings: BTreeMap<&str, &Meaning> = map_of(
            (self.segments.iter().zip(places))
                .filter_map(|((id, meanings), place)| Some((&**id, meanings.get(place)?))),
        );
        let Some(meaning) = meanings.get(&*self.id) else {
            return Err(Error::Broken("a history without its segment".to_owned()));
        };
        if let Some(outline) = &meaning.outline {
            let mut sizes = Extents::new(|id: &str| meanings.get(id)?.outline.as_ref());
            let size = sizes.of(outline);
            if !size.fits(ASKED) {
                let way = sizes.way(&size, ASKED).into_iter();
                let way: Vec<String> = way.map(str::to_owned).collect();
                return Err(Error::Meaningless(excess(&size, ASKED, &way)));
            }
        }
        match &meaning.source {
            // Its members are stored, whatever the as-of.
            EngineSource::Static(members) => Ok(members.clone()),
            EngineSource::Dynamic { definition, zone } => {
                let context = QuestionContext {
                    segments: map_of(
                        meanings
                            .iter()
                            .map(|(id, meaning)| ((*id).to_owned(), meaning.source.clone())),
                    ),
                    lists: self.lists.clone(),
                    known_until,
                    ..QuestionContext::new(as_of, zone.clone())
                };
                let members = data.snapshot().members(definition, &context).await;
                members.map_err(|error| as_whole(error.into()))
            }
        }
    }

    /// Who joined and who left from one instant to another, by reason.
    async fn moves(
        &self,
        data: &Data,
        (since, then): (Instant, &MemberSet),
        (at, now): (Instant, &MemberSet),
    ) -> Result<(Moves, Moves), Error> {
        use SetOperation::{And, Without};
        let snapshot = data.snapshot();
        let joined = snapshot.combine(Without, now, then).await?;
        let left = snapshot.combine(Without, then, now).await?;
        if joined.is_empty() && left.is_empty() {
            return Ok((Moves::default(), Moves::default()));
        }
        let edited = self.in_force(since) != self.in_force(at);
        let unedited = if edited {
            self.members(data, at, since, None).await?
        } else {
            now.clone()
        };
        let by_time = self.members(data, at, since, Some(since)).await?;
        let moves = async |moved: &MemberSet, edits, time| -> Result<Moves, Error> {
            // Those whom the edit moved would not have moved with the definitions as they were; of the others those whom
            // time moved would have moved without any event.
            let by_edit = snapshot.combine(edits, moved, &unedited).await?;
            let rest = snapshot.combine(Without, moved, &by_edit).await?;
            let by_time = snapshot.combine(time, &rest, &by_time).await?;
            Ok(Moves {
                total: moved.len(),
                new_event: rest.len() - by_time.len(),
                window_passed: by_time.len(),
                definition_edited: by_edit.len(),
            })
        };
        Ok((
            moves(&joined, Without, And).await?,
            moves(&left, And, Without).await?,
        ))
    }
}

/// What two versions have in common that hold the same users at every instant.
#[derive(PartialEq)]
enum Same {
    Members(FoundMembers),
    Definition(Box<Criterion>, String),
}

/// An error in a stored definition, which is no part of the request.
pub fn as_whole(error: Error) -> Error {
    match error {
        Error::Input(_) => Error::Meaningless(format!("the segment cannot be evaluated: {error}")),
        other => other,
    }
}
