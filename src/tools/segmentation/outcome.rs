//! An answer with all that is worked out from it, and what happens when a part of it is chosen.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::scene::Anchor;
use segments_charts::time::{Figures, TimeBucket};
use segments_format as format;
use segments_forms::segmentation::{SegmentationForm, SeriesOf};
use segments_forms::tool::ToolForm as _;
use segments_model::answer::{Answer, SegmentationAnswer};
use segments_model::query::{Interval, Query, SegmentationQuery};
use segments_model::selection::Selection;
use segments_ui::{Toast, Toaster};

use crate::parts::vocabulary::Vocabulary;
use crate::tool::picked::{Fact, PickChoice, Picked};
use crate::tool::state::{Answered, ToolState};
use crate::tools::segmentation::figures::{Measured, Pane, Shown};
use crate::tools::segmentation::words::{BucketNames, Names};
use crate::tools::segmentation::{figures, words};

/// How many other series are told beside what was chosen.
const MOST_FACTS: usize = 8;

/// An answer with the names of its buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was asked, and the answer.
    pub answered: Arc<Answered>,
    /// What was asked.
    pub query: SegmentationQuery,
    /// The answer.
    pub answer: SegmentationAnswer,
    /// The names of its buckets.
    pub names: Vec<BucketNames>,
    /// The buckets as the axis of time has them.
    pub axis: Vec<TimeBucket>,
}

impl Outcome {
    /// Works it out; none for an answer of another tool.
    #[must_use]
    pub fn of(answered: Arc<Answered>) -> Option<Self> {
        let (Query::Segmentation(query), Answer::Segmentation(answer)) =
            (&answered.query, &answered.answer)
        else {
            return None;
        };
        let zone = &answer.stamp.time_zone;
        let names = words::names_of(query.interval, &answer.buckets, zone);
        let axis = words::axis(query.interval, &answer.buckets, &names, zone);
        Some(Self {
            query: query.clone(),
            answer: answer.clone(),
            names,
            axis,
            answered,
        })
    }

    /// The figure of a series: of a bucket, or over the whole range.
    #[must_use]
    pub fn figure(&self, place: usize, bucket: Option<usize>) -> Option<f64> {
        let series = self.answer.series.get(place)?;
        match bucket {
            None => series.total,
            Some(bucket) => series.values.get(bucket).copied().flatten(),
        }
    }
}

/// What the results are made of: the answer, how it is shown, and where what is chosen goes. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Results {
    /// The state of the page.
    pub state: ToolState<SegmentationForm>,
    /// The form as it is shown here: it follows once the page has painted what was pressed, so that a control answers at
    /// once however much there is to draw.
    pub shown: RwSignal<SegmentationForm>,
    /// The newest answer.
    pub outcome: Memo<Option<Arc<Outcome>>>,
    /// Whether nothing at all was found.
    pub nothing: Memo<bool>,
    /// The newest answer, cut into what is measured alike.
    pub panes: Memo<Arc<Vec<Pane>>>,
    /// What was chosen, for what floats beside it.
    pub picked: RwSignal<Option<Picked>>,
    vocabulary: Vocabulary,
    toaster: Toaster,
}

impl Results {
    /// Reads the answers of a page.
    #[must_use]
    pub fn of(state: ToolState<SegmentationForm>, picked: RwSignal<Option<Picked>>) -> Self {
        let answered = state.answered();
        let outcome = Memo::new(move |_| answered.get().and_then(Outcome::of).map(Arc::new));
        let form = state.form();
        let shown = RwSignal::new(form.get_untracked());
        Effect::new(move |before: Option<()>| {
            let newest = form.get();
            // What is only asked otherwise is shown once there is an answer.
            if before.is_none() || shown.with_untracked(|shown| shown.shows_as(&newest)) {
                return;
            }
            request_animation_frame(move || {
                // A timer of a frame fires after its paint.
                set_timeout(
                    move || {
                        if form.try_with_untracked(|form| *form == newest) == Some(true) {
                            shown.try_set(newest);
                        }
                    },
                    std::time::Duration::ZERO,
                );
            });
        });
        let panes = Memo::new(move |_| {
            Arc::new(outcome.with(|outcome| {
                outcome.as_ref().map_or_else(Vec::new, |outcome| {
                    shown.with(|form| figures::panes(&outcome.query, &outcome.answer, form))
                })
            }))
        });
        Self {
            state,
            shown,
            outcome,
            nothing: Memo::new(move |_| {
                outcome.with(|outcome| {
                    outcome
                        .as_ref()
                        .is_some_and(|outcome| figures::is_empty(&outcome.answer))
                })
            }),
            panes,
            picked,
            vocabulary: Vocabulary::expect(),
            toaster: Toaster::expect(),
        }
    }

    /// What names events, segments and values in the zone of the answer.
    pub fn named<T>(self, outcome: &Outcome, say: impl FnOnce(Names<'_>) -> T) -> T {
        let vocabulary = self.vocabulary;
        let zone = outcome.answer.stamp.time_zone.clone();
        say(Names {
            event: &|name| vocabulary.event_label(name),
            segment: &|id| vocabulary.segment_name(id),
            value: &|value| format::value(value, &zone),
        })
    }

    /// Something of the answer, with the form as it is shown and with words; none as long as there is no answer.
    pub fn with<T>(
        self,
        get: impl FnOnce(&Outcome, &SegmentationForm, Names<'_>) -> T,
    ) -> Option<T> {
        self.outcome.with(|outcome| {
            let outcome = outcome.as_ref()?;
            self.shown
                .with(|form| Some(self.named(outcome, |names| get(outcome, form, names))))
        })
    }

    /// Whether a series is drawn.
    #[must_use]
    pub fn is_drawn(self, place: usize) -> bool {
        self.panes.with(|panes| {
            panes
                .iter()
                .flat_map(|pane| &pane.series)
                .any(|shown| shown.place == place && shown.drawn)
        })
    }

    /// Chooses a series, of one bucket or of the whole range.
    pub fn pick(self, place: usize, bucket: Option<usize>, anchor: Anchor) {
        let made = untrack(|| {
            self.with(|outcome, form, names| {
                let panes = self.panes.get();
                made(outcome, form, &panes, names, place, bucket, anchor)
            })
        });
        match made {
            Some(Ok(picked)) => {
                let first = picked
                    .choices
                    .first()
                    .map(|choice| choice.selection.clone());
                self.state.selection().set(first);
                self.picked.set(Some(picked));
            }
            Some(Err(why)) => self
                .toaster
                .show(Toast::done("Nobody to choose").detail(why)),
            None => {}
        }
    }

    /// Where what was chosen lies: the series, or none for all groups, and the bucket, or none for the whole range.
    #[must_use]
    pub fn chosen(self) -> Memo<Option<(Option<usize>, Option<usize>)>> {
        let selection = self.state.selection();
        let outcome = self.outcome;
        Memo::new(move |_| {
            outcome.with(|outcome| {
                let outcome = outcome.as_ref()?;
                selection.with(|selection| figures::located(&outcome.answer, selection.as_ref()?))
            })
        })
    }
}

/// A figure of a series as it is written.
#[must_use]
pub fn written(figures: Figures, figure: Option<f64>) -> String {
    figure.map_or_else(|| "\u{2013}".to_owned(), |figure| figures.write(figure))
}

/// What is chosen, or why it has no users.
fn made(
    outcome: &Outcome,
    form: &SegmentationForm,
    panes: &[Pane],
    names: Names<'_>,
    place: usize,
    bucket: Option<usize>,
    anchor: Anchor,
) -> Result<Picked, String> {
    let Outcome { query, answer, .. } = outcome;
    let series = answer
        .series
        .get(place)
        .ok_or("It is not there any more.")?;
    let (Some(measure), Some(row)) = (
        series
            .measure
            .and_then(|row| query.measures.get(usize::try_from(row).ok()?)),
        series.measure.and_then(|row| usize::try_from(row).ok()),
    ) else {
        return Err(words::NO_USERS.to_owned());
    };
    let measured = Measured::of(&measure.aggregate);
    let Some(figure) = outcome.figure(place, bucket) else {
        return Err("There is nothing to measure there.".to_owned());
    };
    if figure == 0.0 && matches!(measured, Measured::Users | Measured::Events) {
        return Err("Nobody did that then.".to_owned());
    }
    let select = |bucket, all| figures::selection(query, answer, place, bucket, all);
    let written = |value: f64| measured.figures().write(value);
    let count = |value: Option<f64>| value.filter(|_| measured == Measured::Users).map(whole);
    let group = words::group_words(&series.group, &query.group_by, names);
    let who = if group.is_empty() {
        "All".to_owned()
    } else {
        group
    };
    let all = "All groups";
    let grouped = !query.group_by.is_empty();
    let mut choices = Vec::new();
    let mut choose = |label: String, users, detail: String, selection: Option<Selection>| {
        if let Some(selection) = selection {
            choices.push(PickChoice {
                label,
                users,
                detail,
                selection,
            });
        }
    };
    let bucket = bucket.filter(|_| query.interval != Interval::Full);
    if let Some(bucket) = bucket {
        let when = outcome
            .names
            .get(bucket)
            .map(|names| names.head.clone())
            .unwrap_or_default();
        let share = match (measured == Measured::Users, series.total) {
            (true, Some(total)) if total > 0.0 => {
                format!("{} of the whole range", format::percent(figure / total))
            }
            _ => String::new(),
        };
        choose(
            format!("{who}, {when}"),
            count(Some(figure)),
            share,
            select(Some(bucket), false),
        );
        choose(
            format!("{who}, whole range"),
            count(series.total),
            String::new(),
            select(None, false),
        );
        if grouped {
            choose(
                format!("{all}, {when}"),
                None,
                String::new(),
                select(Some(bucket), true),
            );
        }
    } else {
        choose(
            format!("{who}, whole range"),
            count(Some(figure)),
            String::new(),
            select(None, false),
        );
    }
    if grouped {
        choose(
            format!("{all}, whole range"),
            None,
            String::new(),
            select(None, true),
        );
    }
    Ok(Picked {
        query: outcome.answered.pinned(),
        view: form.view(),
        title: words::picked_title(
            measure,
            &written(figure),
            figure == 1.0,
            &series.group,
            &query.group_by,
            names,
        ),
        text: text(outcome, place, bucket, &measured),
        facts: facts(outcome, form, panes, names, row, place, bucket),
        choices,
        anchor,
    })
}

/// A number of users.
fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of users"
    )]
    let users = value.round() as u64;
    users
}

/// When it was, how that compares, and whose users are meant.
fn text(outcome: &Outcome, place: usize, bucket: Option<usize>, measured: &Measured) -> String {
    let stamp = &outcome.answer.stamp;
    let mut text = match bucket.and_then(|bucket| outcome.names.get(bucket)) {
        Some(names) => names.bounds.clone(),
        None => match (stamp.start, stamp.end) {
            (Some(start), Some(end)) => format!(
                "{} to {}",
                format::date_time(start, &stamp.time_zone),
                format::date_time(end, &stamp.time_zone)
            ),
            (None, Some(end)) => format!("Until {}", format::date_time(end, &stamp.time_zone)),
            _ => "The whole range".to_owned(),
        },
    };
    text.push('.');
    if let Some(bucket) = bucket {
        let buckets = &outcome.answer.buckets;
        let unit = words::interval_word(outcome.query.interval);
        match buckets.get(bucket) {
            Some(this) if words::is_running(this, stamp) => {
                text.push_str(&format!(" The {unit} is not over."));
            }
            Some(this) if !this.complete => {
                text.push_str(&format!(" The range has only a part of this {unit}."));
            }
            _ => {
                if let Some(words) = against(outcome, place, bucket) {
                    text.push_str(&words);
                }
            }
        }
    }
    if *measured != Measured::Users {
        text.push_str(" Its users are those with at least one of these events.");
    }
    text
}

/// How a bucket compares with the one before; a day with the same day of the week before.
fn against(outcome: &Outcome, place: usize, bucket: usize) -> Option<String> {
    let (back, before) = match outcome.query.interval {
        Interval::Day => {
            let day = outcome.names.get(bucket)?.long.split(' ').next()?;
            (7, format!("the {} before", weekday(day)?))
        }
        interval => (1, format!("the {} before", words::interval_word(interval))),
    };
    let then = bucket.checked_sub(back)?;
    if !outcome.answer.buckets.get(then)?.complete {
        return None;
    }
    let figures::Change::By(change) = figures::change(
        outcome.figure(place, Some(bucket)),
        outcome.figure(place, Some(then)),
    ) else {
        return None;
    };
    Some(if change == 0.0 {
        format!(" As many as {before}.")
    } else {
        let more = if change > 0.0 { "more" } else { "less" };
        format!(" {} {more} than {before}.", format::percent(change.abs()))
    })
}

fn weekday(short: &str) -> Option<&'static str> {
    Some(match short {
        "Mon" => "Monday",
        "Tue" => "Tuesday",
        "Wed" => "Wednesday",
        "Thu" => "Thursday",
        "Fri" => "Friday",
        "Sat" => "Saturday",
        "Sun" => "Sunday",
        _ => return None,
    })
}

/// The other series of the same time: the groups of the same row with the figure of another row beside it, or the other rows.
fn facts(
    outcome: &Outcome,
    form: &SegmentationForm,
    panes: &[Pane],
    names: Names<'_>,
    row: usize,
    place: usize,
    bucket: Option<usize>,
) -> Vec<Fact> {
    let drawn: Vec<&Shown> = panes
        .iter()
        .flat_map(|pane| pane.series.iter())
        .filter(|shown| shown.drawn || shown.place == place)
        .collect();
    let figure = |shown: &Shown| written(shown.figures, outcome.figure(shown.place, bucket));
    if outcome.query.group_by.is_empty() {
        return drawn
            .iter()
            .filter(|shown| shown.place != place)
            .take(MOST_FACTS)
            .map(|shown| Fact {
                style: None,
                name: words::of_words(shown.of, &outcome.query, form, names),
                figure: figure(shown),
                detail: String::new(),
            })
            .collect();
    }
    let other = drawn
        .iter()
        .map(|shown| shown.of)
        .find(|of| *of != SeriesOf::Measure(row));
    drawn
        .iter()
        .filter(|shown| shown.of == SeriesOf::Measure(row))
        .take(MOST_FACTS)
        .map(|shown| {
            let beside = drawn
                .iter()
                .find(|beside| Some(beside.of) == other && beside.group == shown.group);
            Fact {
                style: Some(shown.style),
                name: words::series_words(shown, &outcome.query, form, names),
                figure: figure(shown),
                detail: beside.map(|beside| figure(beside)).unwrap_or_default(),
            }
        })
        .collect()
}

/// What tells a pane from the others, and how it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct PaneKey {
    /// What it is measured in.
    pub measured: Measured,
    /// The height in px.
    pub height: f64,
    /// Whether it is the lowest, with the axis of time.
    pub last: bool,
}
