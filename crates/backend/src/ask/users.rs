//! Users and their events.

use std::sync::Arc;

use segments_engine_api::{Listing, StepTimer};
use segments_model::calendar::Zone;
use segments_model::limits::MAX_ACTIVITY_UNITS;
use segments_model::list::Page;
use segments_model::problem::{Code, InputError};
use segments_model::range::CalendarUnit;
use segments_model::segment::SegmentKind;
use segments_model::sort::sort_by;
use segments_model::user::{
    Activity, Event, FailedSegment, User, UserPage, UserSearch, UserSegment, UserSegments,
};
use segments_model::{Criterion, Instant, Range};

use crate::ask::backend::Backend;
use crate::ask::columns::{unknown_column, unknown_columns};
use crate::ask::context::RequestContext;
use crate::ask::cursor::{Cursor, fingerprint};
use crate::ask::data::Data;
use crate::ask::question::{Question, Subject, not_stored};
use crate::ask::stamp::stamp;
use crate::ask::words;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::{Entry, write};

/// The users who meet a definition and match a text: one page of them.
///
/// # Errors
/// [`Error::Input`], [`Error::Malformed`] and [`Error::CursorGone`] of the cursor, [`Error::Unavailable`], [`Error::Broken`]
pub async fn search(backend: &Backend, search: &UserSearch) -> Result<UserPage, Error> {
    let begin = backend.host.elapsed_ms();
    let definition = search
        .definition
        .clone()
        .unwrap_or_else(Criterion::everyone);
    let mut errors = words::check(&definition, "/definition");
    let limit = backend.page(search.limit).unwrap_or_else(|error| {
        errors.push(InputError {
            pointer: "/limit".to_owned(),
            code: Code::OutOfRange,
            detail: error.to_string(),
        });
        0
    });
    let context = backend.context().await?;
    let data = backend.data(&context).await?;
    errors.extend(unknown_columns(&data, &search.columns));
    if let Some(sort) = &search.sort
        && sort.by != "id"
        && !data.schema().is_column(&sort.by)
    {
        errors.push(unknown_column("/sort/by".to_owned(), &sort.by));
    }
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    let subject = Subject::from(&definition);
    subject
        .check(&backend.user_sets, &context.library, "/definition", None)
        .await?;
    let zone = backend.zone(&context, search.time_zone.as_deref(), "/time_zone")?;

    let asked = write(&UserSearch {
        limit: None,
        cursor: None,
        ..search.clone()
    })?;
    let asked = fingerprint([asked.as_bytes(), zone.name().as_bytes()]);
    let cursor = search.cursor.as_deref().map(Cursor::parse).transpose()?;
    let as_of = match &cursor {
        Some(cursor) => cursor.as_of,
        None => search.as_of.unwrap_or(context.now),
    };
    let question = Question::ask(
        &backend.user_sets,
        &context.library,
        subject,
        zone.clone(),
        as_of,
        None,
    )
    .await?;
    let of = fingerprint([data.version().as_bytes(), question.fingerprint.as_bytes()]);
    let offset = offset(cursor.as_ref(), &asked, &of)?;
    let members = data
        .evaluate(&definition, &question)
        .await
        .map_err(|error| error.below("/definition"))?;
    let listing = Listing {
        members: &members,
        search: &search.search,
        columns: &search.columns,
        sort: search.sort.as_ref(),
        as_of,
        offset,
        limit,
    };
    let (items, total) = data.snapshot().list(listing).await?;
    let next_cursor = next(offset, items.len(), total, as_of, asked, of);
    Ok(UserPage {
        items,
        next_cursor,
        total,
        stamp: stamp(backend, &data, &zone, as_of, begin),
    })
}

/// How many items the pages before have.
fn offset(cursor: Option<&Cursor>, asked: &str, of: &str) -> Result<usize, Error> {
    let Some(cursor) = cursor else { return Ok(0) };
    cursor.check(asked, of)?;
    Ok(usize::try_from(cursor.offset).unwrap_or(usize::MAX))
}

/// The cursor of the page after one that has `items` items.
fn next(
    offset: usize,
    items: usize,
    total: u64,
    as_of: Instant,
    question: String,
    data: String,
) -> Option<String> {
    let offset = offset.saturating_add(items) as u64;
    (items > 0 && offset < total).then(|| {
        Cursor {
            offset,
            as_of,
            question,
            data,
        }
        .to_string()
    })
}

/// What a question about one user is asked of.
struct One {
    id: String,
    context: RequestContext,
    data: Arc<Data>,
    as_of: Instant,
    zone: Zone,
}

async fn one(
    backend: &Backend,
    id: &str,
    as_of: Option<Instant>,
    time_zone: Option<&str>,
) -> Result<One, Error> {
    let context = backend.context().await?;
    let zone = backend.zone_param(&context, time_zone)?;
    let data = backend.data(&context).await?;
    let as_of = as_of.unwrap_or(context.now);
    let known = data.snapshot().find(&[id], Some(as_of)).await?;
    if known.is_empty() {
        return Err(Error::NotFound {
            what: "user",
            id: id.to_owned(),
        });
    }
    Ok(One {
        id: id.to_owned(),
        context,
        data,
        as_of,
        zone,
    })
}

/// A user, and what is known of them.
///
/// # Errors
/// [`Error::Meaningless`] of the zone, [`Error::NotFound`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn read(
    backend: &Backend,
    id: &str,
    as_of: Option<Instant>,
    time_zone: Option<&str>,
) -> Result<User, Error> {
    let begin = backend.host.elapsed_ms();
    let one = one(backend, id, as_of, time_zone).await?;
    let facts = one.data.snapshot().user(id, one.as_of).await?;
    let facts = facts.ok_or_else(|| Error::NotFound {
        what: "user",
        id: id.to_owned(),
    })?;
    Ok(User {
        id: one.id,
        first_event_at: facts.first_event_at,
        last_event_at: facts.last_event_at,
        events: facts.events,
        properties: facts.properties,
        stamp: stamp(backend, &one.data, &one.zone, one.as_of, begin),
    })
}

/// Which of a user's events are asked for; all of them where nothing is said.
pub struct EventsOptions {
    /// The name that they have.
    pub event: Option<String>,
    /// When they happened.
    pub during: Option<Range>,
    /// The most on a page.
    pub limit: Option<u32>,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// The instant that stands for now.
    pub as_of: Option<Instant>,
    /// The zone that the range is of.
    pub time_zone: Option<String>,
}

/// The events of a user: one page of them.
///
/// # Errors
/// [`Error::Meaningless`] and [`Error::Malformed`] of the options, [`Error::CursorGone`], [`Error::NotFound`],
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn events(
    backend: &Backend,
    id: &str,
    options: &EventsOptions,
) -> Result<Page<Event>, Error> {
    words::check_during_param(options.during.as_ref())?;
    let during = options.during.as_ref().unwrap_or(&Range::AllTime {});
    let limit = backend.page(options.limit)?;
    let cursor = options.cursor.as_deref().map(Cursor::parse).transpose()?;
    let at = cursor.as_ref().map(|cursor| cursor.as_of).or(options.as_of);
    let one = one(backend, id, at, options.time_zone.as_deref()).await?;
    let asked = format!(
        "{id}\n{:?}\n{:?}\n{:?}\n{}",
        options.event,
        options.during,
        options.as_of,
        one.zone.name()
    );
    let asked = fingerprint([asked.as_bytes()]);
    let of = fingerprint([one.data.version().as_bytes()]);
    let offset = offset(cursor.as_ref(), &asked, &of)?;
    let bounds = one.zone.bounds(during, one.as_of);
    let (items, total) = one
        .data
        .snapshot()
        .events(id, options.event.as_deref(), bounds, offset, limit)
        .await?;
    let next_cursor = next(offset, items.len(), total, one.as_of, asked, of);
    Ok(Page {
        items,
        next_cursor,
        total,
    })
}

/// How many events of a user there are in each unit of time: by day where none is given.
///
/// # Errors
/// [`Error::Meaningless`] where these are too many units, and of the zone, [`Error::NotFound`], [`Error::Unavailable`],
/// [`Error::Broken`]
pub async fn activity(
    backend: &Backend,
    id: &str,
    unit: Option<CalendarUnit>,
    as_of: Option<Instant>,
    time_zone: Option<&str>,
) -> Result<Activity, Error> {
    let begin = backend.host.elapsed_ms();
    let one = one(backend, id, as_of, time_zone).await?;
    let unit = unit.unwrap_or(CalendarUnit::Day);
    let snapshot = one.data.snapshot();
    let buckets = snapshot
        .activity(id, unit, &one.zone, one.as_of, MAX_ACTIVITY_UNITS)
        .await?
        .ok_or_else(|| {
            Error::Meaningless(format!(
                "unit: this user's events span more than {MAX_ACTIVITY_UNITS} of it; ask for a longer unit"
            ))
        })?;
    let mut stamp = stamp(backend, &one.data, &one.zone, one.as_of, begin);
    stamp.unit = segments_model::stamp::Unit::Events;
    stamp.start = buckets.first().map(|bucket| bucket.start);
    Ok(Activity { stamp, buckets })
}

/// The segments that hold a user.
///
/// # Errors
/// [`Error::Meaningless`] of the zone, [`Error::NotFound`], [`Error::Unavailable`], [`Error::Full`], [`Error::Broken`]
pub async fn segments(
    backend: &Backend,
    id: &str,
    as_of: Option<Instant>,
    time_zone: Option<&str>,
) -> Result<UserSegments, Error> {
    let begin = backend.host.elapsed_ms();
    let one = one(backend, id, as_of, time_zone).await?;
    let library = &one.context.library;
    let mut entries: Vec<_> = library
        .entries()
        .filter(|entry| entry.segment.archived_at.is_none())
        .collect();
    sort_by(&mut entries, |a, b| {
        (&a.folded, &a.id).cmp(&(&b.folded, &b.id))
    });
    let (mut items, mut failed) = (Vec::new(), Vec::new());
    let mut timer = StepTimer::begin(backend.host.as_ref());
    for entry in entries {
        match holds(backend, &one, entry).await {
            Ok(true) => items.push(UserSegment {
                id: entry.id.clone(),
                name: entry.segment.name.clone(),
                sentence: words::sentence(library, &entry.segment.definition),
            }),
            Ok(false) => {}
            Err(error @ (Error::Unavailable(_) | Error::Full(_))) => return Err(error),
            // That one cannot be evaluated does not hide the others.
            Err(error) => failed.push(FailedSegment {
                id: entry.id.clone(),
                name: entry.segment.name.clone(),
                detail: error.to_string(),
            }),
        }
        timer.yield_if_due().await;
    }
    Ok(UserSegments {
        stamp: stamp(backend, &one.data, &one.zone, one.as_of, begin),
        items,
        failed,
    })
}

/// Whether a stored segment holds a user.
async fn holds(backend: &Backend, one: &One, entry: &Entry) -> Result<bool, Error> {
    if entry.segment.kind == SegmentKind::Static {
        let members = backend.user_sets.members(&entry.id).await?;
        let members = members.ok_or_else(|| not_stored(&entry.id))?;
        let members = one.data.users(&members).await?;
        return Ok(one.data.snapshot().contains(&members, &one.id).await?);
    }
    let zone = stored_zone(&entry.segment.time_zone)?;
    let subject = Subject::from(entry);
    let library = &one.context.library;
    let question =
        Question::ask(&backend.user_sets, library, subject, zone, one.as_of, None).await?;
    let definition = &entry.segment.definition;
    one.data.holds(&one.id, definition, &question).await
}
