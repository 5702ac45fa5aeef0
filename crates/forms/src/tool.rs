//! What the tools have in common: a form that stands for a query, with its frame, its name, and how its answer is shown.

use chrono::NaiveDateTime;
use segments_model::criterion::Behaviour;
use segments_model::limits::{LIMITS, MAX_GROUPS};
use segments_model::problem::InputError;
use segments_model::query::{DEFAULT_GROUPS, Query};
use segments_model::range::LocalBounds;
use segments_model::sentence::capital;
use segments_model::validate::check_query;
use segments_model::{Criterion, Instant, Range};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::audience::AudienceForm;
use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::number::Entry;
use crate::occurrence::{Occurrence, OccurrenceForm};
use crate::range::RangeForm;
use crate::rows::Row;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// How much, how often, by how many users.
    Segmentation,
    /// How many get from step to step.
    Funnel,
    /// How many come back.
    Cohort,
}

impl Tool {
    /// Every tool, in the order of the navigation.
    pub const ALL: [Self; 3] = [Self::Segmentation, Self::Funnel, Self::Cohort];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Segmentation => "Segmentation",
            Self::Funnel => "Funnel",
            Self::Cohort => "Cohort",
        }
    }

    /// The word that it has in queries.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Segmentation => "segmentation",
            Self::Funnel => "funnel",
            Self::Cohort => "cohort",
        }
    }

    /// The tool that a query is of.
    #[must_use]
    pub const fn of(query: &Query) -> Self {
        match query {
            Query::Segmentation(_) => Self::Segmentation,
            Query::Funnel(_) => Self::Funnel,
            Query::Cohort(_) => Self::Cohort,
        }
    }
}

/// The form of a tool's query, with how its answer is shown. Plain and testable: the page shows it and changes it.
pub trait ToolForm: Clone + Default + PartialEq + Send + Sync + 'static {
    /// Whose form it is.
    const TOOL: Tool;

    /// When, who, as of when and in which zone.
    fn frame(&self) -> &FrameForm;

    /// The same, to change.
    fn frame_mut(&mut self) -> &mut FrameForm;

    /// Follows a change of the date range, whose bounds are these; `first` is the data's first event.
    fn follow_range(&mut self, _bounds: LocalBounds, _first: Option<NaiveDateTime>) {}

    /// The query that the form stands for.
    ///
    /// # Errors
    /// What is missing, and what the model finds wrong, by its place in the query.
    fn query(&self) -> Result<Query, Vec<FormError>>;

    /// What a row of a list is called on the page: the second of `measures` is "measure B".
    fn row(&self, _list: &str, _place: usize) -> Option<String> {
        None
    }

    /// What a place in the query is called on the page, for messages: `/measures/1/event` is "measure B".
    fn place(&self, pointer: &str) -> String {
        let mut parts = pointer.split('/').skip(1);
        let list = parts.next().unwrap_or_default();
        let row = parts.next().and_then(|place| place.parse().ok());
        row.and_then(|place| self.row(list, place))
            .unwrap_or_else(|| {
                PLACES
                    .into_iter()
                    .find(|(place, _)| *place == list)
                    .map_or("query", |(_, name)| name)
                    .to_owned()
            })
    }

    /// The query by itself: "Product Viewed to Order Completed by device". The tool's name while it says nothing.
    fn title(&self, names: Names<'_>) -> String;

    /// The query in two short lines, for where there is no room for the panel.
    fn summary(&self, names: Names<'_>) -> (String, String);

    /// What the form says beside the query, as it goes into links and into the origin of a segment: which chart, names of
    /// rows, what is hidden. What is as it begins is left out.
    fn view(&self) -> Value;

    /// The form of a query that is shown like this. Of a view only what can be understood is taken; a query of another
    /// tool makes an empty form.
    fn open(query: &Query, view: &Value) -> Self;
}

/// What the parts of queries are called.
const PLACES: [(&str, &str); 21] = [
    ("measures", "measures"),
    ("formulas", "formulas"),
    ("interval", "interval"),
    ("compare", "comparison"),
    ("steps", "steps"),
    ("order", "order of steps"),
    ("within", "conversion window"),
    ("exclude", "exclusions"),
    ("start", "start"),
    ("return", "return"),
    ("measure", "cell values"),
    ("generation", "breakdown"),
    ("unit", "unit"),
    ("periods", "number of periods"),
    ("match", "counted returns"),
    ("cumulative", "counted returns"),
    ("during", "date range"),
    ("audience", "audience"),
    ("group_by", "breakdown"),
    ("max_groups", "number of groups"),
    ("time_zone", "time zone"),
];

/// What names events and segments.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The name that an event is shown by.
    pub event: &'a dyn Fn(&str) -> String,
    /// A segment's name.
    pub segment: &'a dyn Fn(&str) -> String,
}

impl Names<'_> {
    /// An event by its name; none: any event.
    #[must_use]
    pub fn event(self, event: Option<&str>) -> String {
        event.map_or_else(|| "any event".to_owned(), self.event)
    }

    /// An event as it was chosen.
    #[must_use]
    pub fn choice(self, event: &EventChoice) -> String {
        match event {
            EventChoice::Unset => "\u{2026}".to_owned(),
            chosen => self.event(chosen.name()),
        }
    }

    /// A row by the name that somebody gave it, else by its event.
    #[must_use]
    pub fn row<T>(self, row: &Row<T>, event: &EventChoice) -> String {
        if row.name.trim().is_empty() {
            self.choice(event)
        } else {
            row.name.clone()
        }
    }

    /// What an answer is broken down by: " by device and plan"; empty: by nothing.
    #[must_use]
    pub fn by(self, groups: &[GroupForm]) -> String {
        let names: Vec<String> = groups
            .iter()
            .map(|group| match group {
                GroupForm::Property { name, .. } => name.clone(),
                GroupForm::Segment(id) => (self.segment)(id),
            })
            .collect();
        match names.split_last() {
            None => String::new(),
            Some((last, [])) => format!(" by {last}"),
            Some((last, others)) => format!(" by {} and {last}", others.join(", ")),
        }
    }
}

/// What every query says beside what is its tool's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameForm {
    /// When.
    pub during: RangeForm,
    pub audience: AudienceForm,
    /// How many groups the answer has; an empty text: as many as usual.
    pub max_groups: Entry,
    /// The instant that is asked for; none: now.
    pub as_of: Option<Instant>,
    /// The time zone; none: the project's.
    pub time_zone: Option<String>,
}

/// The same as a query has it.
pub(crate) struct Frame {
    pub(crate) during: Range,
    pub(crate) audience: Option<Criterion>,
    pub(crate) max_groups: Option<u32>,
}

impl FrameForm {
    /// The frame of a query.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        let (during, max_groups) = match query {
            Query::Segmentation(query) => (&query.during, query.max_groups),
            Query::Funnel(query) => (&query.during, query.max_groups),
            Query::Cohort(query) => (&query.during, query.max_groups),
        };
        Self {
            during: RangeForm::from(during),
            audience: AudienceForm::of(query.audience()),
            max_groups: max_groups.map_or_else(Entry::default, Entry::from),
            as_of: query.as_of(),
            time_zone: query.time_zone().map(str::to_owned),
        }
    }

    pub(crate) fn frame(&self, errors: &mut Errors) -> Frame {
        let max_groups = (self.max_groups != Entry::default())
            .then(|| errors.note("/max_groups", self.max_groups.whole(0, u32::MAX)));
        Frame {
            during: errors.at("/during", |errors| self.during.fill(errors)),
            audience: errors.at("/audience", |errors| self.audience.fill(errors)),
            max_groups: max_groups.flatten(),
        }
    }

    /// Who and when: "All users, last 30 days".
    #[must_use]
    pub fn words(&self, names: Names<'_>) -> String {
        let who = self.audience.words(names.segment);
        format!("{who}, {}", self.during.words())
    }

    /// How many groups the answer has at most.
    #[must_use]
    pub fn most_groups(&self) -> u32 {
        self.max_groups
            .whole(1, MAX_GROUPS)
            .unwrap_or(DEFAULT_GROUPS)
    }

    /// Asks for more groups: as many again, as far as there are others.
    pub fn show_more_groups(&mut self, left_out: u64) {
        let most = self.most_groups();
        let more = u32::try_from(left_out)
            .unwrap_or(u32::MAX)
            .min(most.max(10));
        self.max_groups = Entry::from(most.saturating_add(more).min(MAX_GROUPS));
    }
}

/// The occurrences that a form stands for. What is missing is noted, and any event stands in, so that the rest of the query
/// can be looked at all the same.
pub(crate) fn occurrence(form: &OccurrenceForm, place: &str, errors: &mut Errors) -> Occurrence {
    errors.at(place, |errors| form.fill(errors))
}

/// The same for an event of a cohort.
pub(crate) fn behaviour(form: &OccurrenceForm, place: &str, errors: &mut Errors) -> Behaviour {
    let occurrence = occurrence(form, place, errors);
    Behaviour {
        event: occurrence.event,
        filter: occurrence.filter,
    }
}

/// A query in which something stands in for all that was noted as missing: refused with that, and with what the model finds
/// wrong elsewhere.
pub(crate) fn checked(mut errors: Errors, query: Query) -> Result<Query, Vec<FormError>> {
    let wrong = check_query(&query, &LIMITS);
    errors.add(wrong.into_iter().map(|wrong| InputError {
        detail: capital(&wrong.detail),
        ..wrong
    }));
    errors.finish(Some(query))
}

/// A view of the parts that say something.
pub(crate) fn view_of<const N: usize>(parts: [(&str, Option<Value>); N]) -> Value {
    let view: Map<String, Value> = parts
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    if view.is_empty() {
        Value::Null
    } else {
        Value::Object(view)
    }
}

/// What goes into a view, unless it is as usual.
pub(crate) fn unless<T: Serialize + PartialEq>(value: &T, usual: &T) -> Option<Value> {
    (value != usual).then(|| serde_json::to_value(value).unwrap_or_default())
}

/// A part of a view, where it can be understood.
pub(crate) fn read<T: DeserializeOwned>(view: &Value, name: &str) -> Option<T> {
    serde_json::from_value(view.get(name)?.clone()).ok()
}

/// The items of a list in a view that can be understood.
pub(crate) fn read_each<T: DeserializeOwned>(view: &Value, name: &str) -> Vec<T> {
    let items: Vec<Value> = read(view, name).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| serde_json::from_value(item).ok())
        .collect()
}
