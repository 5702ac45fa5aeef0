//! The form of a funnel: its steps with those left out for now, and everything that the query says besides.

use segments_model::answer::Group;
use segments_model::criterion::{Exclusion, Order, Step, Within, WithinOf};
use segments_model::query::{
    FunnelGroupBy, FunnelPropertyGroup, FunnelQuery, Interval, Query, SegmentGroup,
};
use segments_model::range::{LocalBounds, Window, WindowUnit};
use segments_model::validate::{MAX_OPTIONAL, MAX_PARTS, MAX_UNORDERED, MAX_WINDOW_MILLIS};
use segments_model::{Instant, sentence};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::audience::AudienceForm;
use crate::error::{Errors, FormError, is_within};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::interval;
use crate::number::Entry;
use crate::occurrence::OccurrenceForm;
use crate::range::RangeForm;
use crate::rows::{Row, RowId, Rows};
use crate::tool::{Tool, ToolForm};

/// How many exclusions a funnel may have.
pub const MOST_EXCLUSIONS: usize = MAX_PARTS;

/// The form.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelForm {
    /// The steps. Those that are hidden are left out of the query and keep their place.
    pub steps: Rows<StepForm>,
    /// How the steps follow each other.
    pub order: Order,
    /// How long it may take.
    pub limit: LimitForm,
    /// What must not happen between two steps.
    pub exclusions: Rows<ExclusionForm>,
    /// When the first step happened.
    pub during: RangeForm,
    /// Who is asked about.
    pub audience: AudienceForm,
    /// What the answer is broken down by.
    pub breakdown: Option<Breakdown>,
    /// How long a bucket is over time; none: it is not told over time.
    pub interval: Option<Interval>,
    /// How many groups are told; none: as many as usual.
    pub max_groups: Option<u32>,
    /// The instant that the answer is true for; none: now.
    pub as_of: Option<Instant>,
    /// The time zone; none: the project's.
    pub time_zone: Option<String>,
    /// How it is shown.
    pub chart: FunnelChart,
    /// What the shares of the step chart are of.
    pub share: ShareOf,
    /// The groups in the charts; none: the first few.
    pub shown: Option<Vec<Group>>,
}

impl Default for FunnelForm {
    fn default() -> Self {
        Self {
            steps: Rows::default(),
            order: Order::Sequential,
            limit: LimitForm::default(),
            exclusions: Rows::default(),
            during: RangeForm::default(),
            audience: AudienceForm::default(),
            breakdown: None,
            interval: None,
            max_groups: None,
            as_of: None,
            time_zone: None,
            chart: FunnelChart::default(),
            share: ShareOf::default(),
            shown: None,
        }
    }
}

/// The form of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepForm {
    /// Which occurrences serve it.
    pub what: OccurrenceForm,
    /// Whether the funnel goes on without it.
    pub optional: bool,
}

impl StepForm {
    fn of(step: &Step) -> Self {
        Self {
            what: OccurrenceForm::of(&step.event, step.filter.as_ref(), &step.did),
            optional: step.optional,
        }
    }

    fn step(&self) -> Result<Step, Vec<FormError>> {
        self.what.occurrence().map(|what| Step {
            event: what.event,
            filter: what.filter,
            did: what.did,
            optional: self.optional,
        })
    }
}

/// The form of what must not happen between two steps. Which of the two comes first follows from where they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExclusionForm {
    /// Which occurrences must not happen; `did` is not asked for here.
    pub what: OccurrenceForm,
    /// One of the two steps; none: not chosen, or taken away since.
    pub from: Option<RowId>,
    /// The other one.
    pub to: Option<RowId>,
}

/// The form of how long it may take. What was typed is kept while nothing is limited.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitForm {
    /// What is limited; none: nothing.
    pub of: Option<WithinOf>,
    /// How many units.
    pub count: Entry,
    /// The unit.
    pub unit: WindowUnit,
}

impl Default for LimitForm {
    /// No limit; where one is chosen, 7 days.
    fn default() -> Self {
        Self {
            of: None,
            count: Entry::from(7),
            unit: WindowUnit::Day,
        }
    }
}

impl From<Option<Within>> for LimitForm {
    fn from(within: Option<Within>) -> Self {
        within.map_or_else(Self::default, |within| Self {
            of: Some(within.of),
            count: Entry::from(within.count),
            unit: within.unit,
        })
    }
}

impl LimitForm {
    /// The limit; none: as long as it takes.
    ///
    /// # Errors
    /// What is missing, at `/count`.
    pub fn within(&self) -> Result<Option<Within>, Vec<FormError>> {
        let Some(of) = self.of else {
            return Ok(None);
        };
        let most = u32::try_from(MAX_WINDOW_MILLIS / self.unit.millis()).unwrap_or(u32::MAX);
        let mut errors = Errors::default();
        let count = errors.note("/count", self.count.whole(1, most));
        errors.finish(count.map(|count| {
            Some(Within {
                of,
                count,
                unit: self.unit,
            })
        }))
    }

    /// How it reads on its token: `7 days`, `7 days a step`, `no limit`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.within() {
            Ok(None) => "No limit".to_owned(),
            Ok(Some(within)) => match within.of {
                WithinOf::Funnel => window_words(within.window()),
                WithinOf::Step => format!("{} a step", window_words(within.window())),
            },
            Err(_) => format!("\u{2026} {}s", self.unit.word()),
        }
    }
}

/// A length of time in words: `7 days`.
#[must_use]
pub fn window_words(window: Window) -> String {
    sentence::window(window)
}

/// What the answer is broken down by, and at which step.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// By what.
    pub by: GroupForm,
    /// At which step.
    pub at: At,
}

/// Where in the funnel a value has to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// At every step.
    #[default]
    All,
    /// At this one.
    Step(RowId),
}

/// How the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelChart {
    /// From step to step.
    #[default]
    Steps,
    /// The conversion over time.
    OverTime,
    /// How long those who converted took.
    TimeToConvert,
}

/// What the shares of the step chart are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// Of those who reached step 1.
    #[default]
    Start,
    /// Of those who reached the required step before.
    Previous,
}

/// A step that is left out, as links have it.
#[derive(Serialize, Deserialize)]
struct LeftOutStep {
    /// Its place among all steps.
    at: usize,
    step: Step,
}

/// An exclusion that is left out with one of its steps. Its steps are counted from 1 among all steps.
#[derive(Serialize, Deserialize)]
struct LeftOutExclusion {
    /// Its place among all exclusions.
    at: usize,
    exclusion: Exclusion,
}

impl FunnelForm {
    /// The steps that are asked about.
    pub fn live(&self) -> impl Iterator<Item = &Row<StepForm>> {
        self.steps.all().iter().filter(|row| !row.hidden)
    }

    /// The number that a step has on the page, left out or not: its place in the panel, counted from 1.
    #[must_use]
    pub fn number(&self, id: RowId) -> usize {
        self.steps.place(id).map_or(0, |place| place + 1)
    }

    /// The number on the page of a step of the query, counted from 0 there.
    #[must_use]
    pub fn number_of(&self, index: usize) -> usize {
        self.live()
            .nth(index)
            .map_or(index + 1, |row| self.number(row.id))
    }

    /// The query by itself: `Product Viewed to Order Completed by device`.
    #[must_use]
    pub fn title(
        &self,
        event_label: impl Fn(&str) -> String,
        segment_name: impl Fn(&str) -> String,
    ) -> String {
        let mut names = self.live().filter_map(|row| {
            if !row.name.is_empty() {
                return Some(row.name.clone());
            }
            match &row.value.what.event {
                EventChoice::Unset => None,
                EventChoice::Any => Some("Any event".to_owned()),
                EventChoice::Named(name) => Some(event_label(name)),
            }
        });
        let Some(first) = names.next() else {
            return Tool::Funnel.label().to_owned();
        };
        let steps = match names.last() {
            Some(last) => format!("{first} to {last}"),
            None => first,
        };
        match self.breakdown_words(segment_name) {
            Some(by) => format!("{steps} by {by}"),
            None => steps,
        }
    }

    fn breakdown_words(&self, segment_name: impl Fn(&str) -> String) -> Option<String> {
        Some(match &self.breakdown.as_ref()?.by {
            GroupForm::Property { name, .. } => name.clone(),
            GroupForm::Segment(id) => segment_name(id),
        })
    }

    /// The query in two short lines: `4 steps in order, 7 days` and `Paid-social sign-ups, last 30 days, by device`.
    #[must_use]
    pub fn summary(&self, segment_name: impl Fn(&str) -> String) -> (String, String) {
        let steps = match self.live().count() {
            1 => "1 step".to_owned(),
            steps => format!("{steps} steps"),
        };
        let order = match self.order {
            Order::Sequential => "in order",
            Order::Strict => "in strict order",
            Order::Any => "in any order",
        };
        let limit = match self.limit.of {
            None => String::new(),
            Some(_) => format!(", {}", self.limit.words()),
        };
        let by = self
            .breakdown_words(&segment_name)
            .map(|by| format!(", by {by}"))
            .unwrap_or_default();
        (
            format!("{steps} {order}{limit}"),
            format!(
                "{}, {}{by}",
                self.audience.words(&segment_name),
                self.during.words()
            ),
        )
    }

    /// The name that somebody gave a step of the query, counted from 0.
    #[must_use]
    pub fn name_of(&self, index: usize) -> Option<&str> {
        self.live()
            .nth(index)
            .map(|row| row.name.as_str())
            .filter(|name| !name.is_empty())
    }

    /// A step's place in the query, counted from 0; none where it is left out or gone.
    fn index(&self, id: RowId) -> Option<usize> {
        self.live().position(|row| row.id == id)
    }

    /// Whether one of an exclusion's steps is left out, so that the exclusion is too.
    #[must_use]
    pub fn is_left_out(&self, exclusion: &ExclusionForm) -> bool {
        [exclusion.from, exclusion.to]
            .into_iter()
            .flatten()
            .any(|id| self.steps.get(id).is_some_and(|row| row.hidden))
    }

    /// The exclusions that are asked about.
    pub fn live_exclusions(&self) -> impl Iterator<Item = &Row<ExclusionForm>> {
        self.exclusions
            .all()
            .iter()
            .filter(|row| !self.is_left_out(&row.value))
    }

    /// The place of an exclusion in the query: `/exclude/0`. None where it is left out.
    #[must_use]
    pub fn exclusion_pointer(&self, id: RowId) -> Option<String> {
        self.live_exclusions()
            .position(|row| row.id == id)
            .map(|index| format!("/exclude/{index}"))
    }

    /// The place of a step in the query: `/steps/0`. None where it is left out.
    #[must_use]
    pub fn step_pointer(&self, id: RowId) -> Option<String> {
        self.index(id).map(|index| format!("/steps/{index}"))
    }

    /// Why a step cannot be made optional; none: it can, or it is.
    #[must_use]
    pub fn optional_problem(&self, id: RowId) -> Option<&'static str> {
        let live = self.live().count();
        let optional = self.live().filter(|row| row.value.optional).count();
        if self.order == Order::Any {
            return Some("In any order no step can be optional");
        }
        match self.index(id) {
            None => None,
            Some(0) => Some("The first step starts the funnel"),
            Some(index) if index + 1 == live => Some("The last step is where the funnel leads to"),
            Some(_) if optional >= MAX_OPTIONAL => Some("As many steps are optional as can be: 4"),
            Some(_) => None,
        }
    }

    /// How many steps there may be in the order chosen.
    #[must_use]
    pub const fn most_steps(&self) -> usize {
        match self.order {
            Order::Any => MAX_UNORDERED,
            Order::Sequential | Order::Strict => MAX_PARTS,
        }
    }

    /// Takes out what cannot be in any order: optional steps become required, exclusions go.
    pub fn fit_any_order(&mut self) {
        let ids: Vec<RowId> = self.steps.all().iter().map(|row| row.id).collect();
        for id in ids {
            if let Some(row) = self.steps.get_mut(id) {
                row.value.optional = false;
            }
        }
        self.exclusions = Rows::default();
    }

    /// Makes the interval over time longer where the range has too many of them, shorter where it has one.
    pub fn fit_interval(&mut self, bounds: Option<LocalBounds>) {
        if let Some(bounds) = bounds {
            self.interval = self
                .interval
                .map(|interval| interval::fitting(interval, bounds, None));
        }
    }

    /// Shows another chart; over time needs an interval.
    pub fn show(&mut self, chart: FunnelChart, bounds: Option<LocalBounds>) {
        self.chart = chart;
        if chart == FunnelChart::OverTime && self.interval.is_none() {
            self.interval = Some(Interval::Day);
            self.fit_interval(bounds);
        }
    }

    /// Puts other steps in place. What referred to one that is gone asks for another.
    pub fn set_steps(&mut self, steps: Rows<StepForm>) {
        self.steps = steps;
        let ids: Vec<RowId> = self.exclusions.all().iter().map(|row| row.id).collect();
        for id in ids {
            if let Some(row) = self.exclusions.get_mut(id) {
                let there = |id: &RowId| self.steps.get(*id).is_some();
                row.value.from = row.value.from.filter(there);
                row.value.to = row.value.to.filter(there);
            }
        }
    }

    /// An exclusion between the first two steps that are asked about.
    #[must_use]
    pub fn new_exclusion(&self) -> ExclusionForm {
        let mut live = self.live().map(|row| row.id);
        ExclusionForm {
            what: OccurrenceForm::default(),
            from: live.next(),
            to: live.next(),
        }
    }

    fn query_steps(&self, errors: &mut Errors) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.steps.len());
        for (index, row) in self.live().enumerate() {
            steps.extend(errors.part(&format!("/steps/{index}"), row.value.step()));
        }
        self.check_steps(errors);
        steps
    }

    fn check_steps(&self, errors: &mut Errors) {
        let live: Vec<&StepForm> = self.live().map(|row| &row.value).collect();
        let mut wrong = |place: &str, detail: String| {
            errors.note::<()>(place, Err(detail));
        };
        if live.is_empty() {
            wrong("/steps", "Choose the first step".to_owned());
        }
        if live.len() > MAX_PARTS {
            wrong(
                "/steps",
                format!(
                    "A funnel has at most {MAX_PARTS} steps, these are {}",
                    live.len()
                ),
            );
        } else if live.len() > self.most_steps() {
            wrong(
                "/steps",
                format!(
                    "In any order there are at most {MAX_UNORDERED} steps, these are {}",
                    live.len()
                ),
            );
        }
        let last = live.len().saturating_sub(1);
        let mut optional = 0;
        for (index, step) in live.iter().enumerate() {
            if !step.optional {
                continue;
            }
            optional += 1;
            let detail = if self.order == Order::Any {
                "In any order no step can be optional"
            } else if index == 0 {
                "The first step starts the funnel, so it cannot be optional"
            } else if index == last {
                "The last step is where the funnel leads to, so it cannot be optional"
            } else if optional > MAX_OPTIONAL {
                "At most 4 steps may be optional"
            } else {
                continue;
            };
            wrong(&format!("/steps/{index}/optional"), detail.to_owned());
        }
    }

    fn query_exclusions(&self, errors: &mut Errors) -> Vec<Exclusion> {
        let mut exclude = Vec::with_capacity(self.exclusions.len());
        for (index, row) in self.live_exclusions().enumerate() {
            let place = format!("/exclude/{index}");
            let exclusion = self.exclusion(&row.value, |id| self.index(id));
            exclude.extend(errors.part(&place, exclusion));
        }
        let count = self.live_exclusions().count();
        let problem = if self.order == Order::Any && count > 0 {
            Some("In any order nothing lies between two steps".to_owned())
        } else if count > MOST_EXCLUSIONS {
            Some(format!(
                "A funnel has at most {MOST_EXCLUSIONS} exclusions, these are {count}"
            ))
        } else {
            None
        };
        if let Some(problem) = problem {
            errors.note::<()>("/exclude", Err(problem));
        }
        exclude
    }

    fn exclusion(
        &self,
        form: &ExclusionForm,
        index: impl Fn(RowId) -> Option<usize>,
    ) -> Result<Exclusion, Vec<FormError>> {
        let mut errors = Errors::default();
        let what = errors.part("", form.what.occurrence());
        let mut step = |place: &str, id: Option<RowId>| {
            let number = id
                .and_then(&index)
                .and_then(|index| u32::try_from(index + 1).ok());
            errors.note(place, number.ok_or_else(|| "Choose a step".to_owned()))
        };
        let (from, to) = (step("/from", form.from), step("/to", form.to));
        if from.is_some() && from == to {
            errors.note::<()>("/to", Err("Choose another step than the first".to_owned()));
        }
        errors.finish((|| {
            let (what, from, to) = (what?, from?, to?);
            Some(Exclusion {
                event: what.event,
                filter: what.filter,
                from: from.min(to),
                to: from.max(to),
            })
        })())
    }

    fn query_breakdown(&self) -> Result<Option<FunnelGroupBy>, Vec<FormError>> {
        let Some(breakdown) = &self.breakdown else {
            return Ok(None);
        };
        let by = match &breakdown.by {
            GroupForm::Segment(segment) => FunnelGroupBy::Segment(SegmentGroup {
                segment: segment.clone(),
            }),
            GroupForm::Property { scope, name } => {
                let step = match breakdown.at {
                    At::All => None,
                    At::Step(id) => {
                        let Some(index) = self.index(id) else {
                            let detail = if self.steps.get(id).is_some() {
                                format!("Step {} is left out: choose another step", self.number(id))
                            } else {
                                "Choose the step whose values are meant".to_owned()
                            };
                            return Err(vec![FormError::new("/step", detail)]);
                        };
                        u32::try_from(index + 1).ok()
                    }
                };
                FunnelGroupBy::Property(FunnelPropertyGroup {
                    scope: *scope,
                    name: name.clone(),
                    step,
                })
            }
        };
        Ok(Some(by))
    }

    /// The steps that links keep: all but those that are left out and not ready.
    fn kept(&self) -> Vec<(&Row<StepForm>, Option<Step>)> {
        self.steps
            .all()
            .iter()
            .filter_map(|row| {
                if !row.hidden {
                    return Some((row, None));
                }
                Some((row, Some(row.value.step().ok()?)))
            })
            .collect()
    }

    fn left_out_steps(&self) -> Vec<LeftOutStep> {
        self.kept()
            .into_iter()
            .enumerate()
            .filter_map(|(at, (_, step))| Some(LeftOutStep { at, step: step? }))
            .collect()
    }

    fn left_out_exclusions(&self) -> Vec<LeftOutExclusion> {
        let kept = self.kept();
        let place = |id: RowId| kept.iter().position(|(row, _)| row.id == id);
        self.exclusions
            .all()
            .iter()
            .enumerate()
            .filter(|(_, row)| self.is_left_out(&row.value))
            .filter_map(|(at, row)| {
                let exclusion = self.exclusion(&row.value, place).ok()?;
                Some(LeftOutExclusion { at, exclusion })
            })
            .collect()
    }
}

impl ToolForm for FunnelForm {
    const TOOL: Tool = Tool::Funnel;

    fn query(&self) -> Result<Query, Vec<FormError>> {
        let mut errors = Errors::default();
        let steps = self.query_steps(&mut errors);
        let within = errors.part("/within", self.limit.within());
        let exclude = self.query_exclusions(&mut errors);
        let during = errors.part("/during", self.during.range());
        let audience = errors.part("/audience", self.audience.audience());
        let group_by = errors.part("/group_by", self.query_breakdown());
        errors.finish((|| {
            Some(Query::Funnel(FunnelQuery {
                steps,
                order: self.order,
                within: within?,
                exclude,
                during: during?,
                audience: audience?,
                group_by: group_by?,
                interval: self.interval,
                max_groups: self.max_groups,
                as_of: self.as_of,
                time_zone: self.time_zone.clone(),
            }))
        })())
    }

    fn place(&self, pointer: &str) -> String {
        let index = |place: &str| {
            pointer
                .strip_prefix(place)?
                .split('/')
                .next()?
                .parse::<usize>()
                .ok()
        };
        if let Some(step) = index("/steps/") {
            return format!("step {}", self.number_of(step));
        }
        if let Some(exclusion) = index("/exclude/") {
            let place = self
                .live_exclusions()
                .nth(exclusion)
                .and_then(|row| self.exclusions.place(row.id))
                .unwrap_or(exclusion);
            return format!("exclusion {}", place + 1);
        }
        [
            ("/steps", "the steps"),
            ("/order", "the order of steps"),
            ("/within", "the time to convert"),
            ("/exclude", "the exclusions"),
            ("/during", "the date range"),
            ("/audience", "the audience"),
            ("/group_by", "the breakdown"),
            ("/interval", "the interval"),
            ("/max_groups", "the number of groups"),
            ("/time_zone", "the time zone"),
        ]
        .into_iter()
        .find(|(place, _)| is_within(pointer, place))
        .map_or_else(|| "the query".to_owned(), |(_, name)| name.to_owned())
    }

    fn view(&self) -> Value {
        let mut view = Map::new();
        if self.chart != FunnelChart::default() {
            view.insert("chart".to_owned(), json!(self.chart));
        }
        if self.share != ShareOf::default() {
            view.insert("share".to_owned(), json!(self.share));
        }
        let mut names: Vec<&str> = self
            .kept()
            .into_iter()
            .map(|(row, _)| row.name.as_str())
            .collect();
        while names.last().is_some_and(|name| name.is_empty()) {
            names.pop();
        }
        if !names.is_empty() {
            view.insert("names".to_owned(), json!(names));
        }
        let steps = self.left_out_steps();
        if !steps.is_empty() {
            view.insert("left_out".to_owned(), json!(steps));
        }
        let exclusions = self.left_out_exclusions();
        if !exclusions.is_empty() {
            view.insert("left_out_exclusions".to_owned(), json!(exclusions));
        }
        if let Some(shown) = &self.shown {
            view.insert("shown".to_owned(), json!(shown));
        }
        if view.is_empty() {
            Value::Null
        } else {
            Value::Object(view)
        }
    }

    fn open(query: &Query, view: &Value) -> Self {
        let Query::Funnel(query) = query else {
            return Self::default();
        };
        let (steps, live) = open_steps(query, view);
        let all: Vec<RowId> = steps.all().iter().map(|row| row.id).collect();
        let exclusions = open_exclusions(query, view, &all, &live);
        let breakdown = query.group_by.as_ref().map(|by| match by {
            FunnelGroupBy::Segment(by) => Breakdown {
                by: GroupForm::Segment(by.segment.clone()),
                at: At::All,
            },
            FunnelGroupBy::Property(by) => Breakdown {
                by: GroupForm::Property {
                    scope: by.scope,
                    name: by.name.clone(),
                },
                at: by
                    .step
                    .and_then(|step| counted(&live, step))
                    .map_or(At::All, At::Step),
            },
        });
        Self {
            steps,
            order: query.order,
            limit: LimitForm::from(query.within),
            exclusions,
            during: RangeForm::from(&query.during),
            audience: AudienceForm::of(query.audience.as_ref()),
            breakdown,
            interval: query.interval,
            max_groups: query.max_groups,
            as_of: query.as_of,
            time_zone: query.time_zone.clone(),
            chart: part(view, "chart").unwrap_or_default(),
            share: part(view, "share").unwrap_or_default(),
            shown: part(view, "shown"),
        }
    }
}

/// A part of a view, where it can be understood.
fn part<T: serde::de::DeserializeOwned>(view: &Value, name: &str) -> Option<T> {
    serde_json::from_value(view.get(name)?.clone()).ok()
}

/// The parts of a list in a view that can be understood.
fn parts<T: serde::de::DeserializeOwned>(view: &Value, name: &str) -> Vec<T> {
    part::<Vec<Value>>(view, name)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|part| serde_json::from_value(part).ok())
        .collect()
}

/// The step of a number that counts from 1.
fn counted(ids: &[RowId], number: u32) -> Option<RowId> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    ids.get(index).copied()
}

/// All steps, and which of them are asked about.
fn open_steps(query: &FunnelQuery, view: &Value) -> (Rows<StepForm>, Vec<RowId>) {
    let mut left_out: Vec<LeftOutStep> = parts(view, "left_out");
    left_out.truncate(MAX_PARTS);
    left_out.sort_by_key(|step| step.at);
    let mut left_out = left_out.into_iter().peekable();
    let mut steps = Rows::default();
    let mut live = Vec::with_capacity(query.steps.len());
    let mut asked = query.steps.iter();
    loop {
        if let Some(hidden) = left_out.next_if(|step| step.at <= steps.len()) {
            add_left_out(&mut steps, &hidden.step);
        } else if let Some(step) = asked.next() {
            live.push(steps.add(StepForm::of(step)));
        } else {
            break;
        }
    }
    for hidden in left_out {
        add_left_out(&mut steps, &hidden.step);
    }
    let names: Vec<String> = part(view, "names").unwrap_or_default();
    let ids: Vec<RowId> = steps.all().iter().map(|row| row.id).collect();
    for (id, name) in ids.into_iter().zip(names) {
        if let Some(row) = steps.get_mut(id) {
            row.name = name;
        }
    }
    (steps, live)
}

fn add_left_out(steps: &mut Rows<StepForm>, step: &Step) {
    let id = steps.add(StepForm::of(step));
    if let Some(row) = steps.get_mut(id) {
        row.hidden = true;
    }
}

fn open_exclusions(
    query: &FunnelQuery,
    view: &Value,
    all: &[RowId],
    live: &[RowId],
) -> Rows<ExclusionForm> {
    let form = |exclusion: &Exclusion, ids: &[RowId]| ExclusionForm {
        what: OccurrenceForm::of(&exclusion.event, exclusion.filter.as_ref(), &[]),
        from: counted(ids, exclusion.from),
        to: counted(ids, exclusion.to),
    };
    let mut forms: Vec<ExclusionForm> = query
        .exclude
        .iter()
        .map(|exclusion| form(exclusion, live))
        .collect();
    let mut left_out: Vec<LeftOutExclusion> = parts(view, "left_out_exclusions");
    left_out.sort_by_key(|left_out| left_out.at);
    for left_out in left_out {
        // One whose steps are both asked about would change the query.
        let form = form(&left_out.exclusion, all);
        let is_left_out = [form.from, form.to]
            .into_iter()
            .flatten()
            .any(|id| !live.contains(&id));
        if is_left_out {
            forms.insert(left_out.at.min(forms.len()), form);
        }
    }
    forms.into_iter().collect()
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use super::EventChoice;
    use super::{
        At, Breakdown, ExclusionForm, FunnelChart, FunnelForm, GroupForm, RowId, ShareOf, StepForm,
    };
    use crate::error::FormError;
    use crate::filter::tests::filter;
    use crate::number::Entry;
    use crate::occurrence::OccurrenceForm;
    use crate::tool::ToolForm as _;
    use proptest::option;
    use proptest::prelude::*;
    use segments_model::criterion::{Did, Exclusion, Order, Step, When, Within, WithinOf};
    use segments_model::filter::Scope;
    use segments_model::project::Limits;
    use segments_model::query::{
        CohortQuery, FunnelGroupBy, FunnelPropertyGroup, FunnelQuery, Interval, Query, SegmentGroup,
    };
    use segments_model::range::{CalendarUnit, LocalBounds, Window, WindowUnit};
    use segments_model::validate::check_query;
    use segments_model::{Compare, Criterion, Instant, Range};
    use serde_json::{Value, json};

    fn did() -> impl Strategy<Value = Did> {
        (
            any::<bool>(),
            option::of("[A-Z][a-z]{0,3}"),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(performed, event, before, within)| Did {
                performed,
                event,
                filter: None,
                when: if before { When::Before } else { When::After },
                within: within.then_some(Window {
                    count: 3,
                    unit: WindowUnit::Hour,
                }),
                compare: Compare::AtLeast(2.0),
            })
    }

    fn step() -> impl Strategy<Value = Step> {
        (
            option::of("[A-Z][a-z]{0,3}"),
            option::of(filter()),
            prop::collection::vec(did(), 0..3),
            any::<bool>(),
        )
            .prop_map(|(event, filter, did, optional)| Step {
                event,
                filter,
                did,
                optional,
            })
    }

    fn exclusion(steps: u32) -> impl Strategy<Value = Exclusion> {
        (
            option::of("[A-Z][a-z]{0,3}"),
            option::of(filter()),
            1..steps.max(2),
            1..20_u32,
        )
            .prop_map(move |(event, filter, from, more)| Exclusion {
                event,
                filter,
                from,
                to: (from + more).min(steps.max(2)),
            })
    }

    fn within() -> impl Strategy<Value = Within> {
        (
            any::<bool>(),
            1..1000_u32,
            prop::sample::select(
                &[
                    WindowUnit::Second,
                    WindowUnit::Minute,
                    WindowUnit::Hour,
                    WindowUnit::Day,
                    WindowUnit::Week,
                ][..],
            ),
        )
            .prop_map(|(step, count, unit)| Within {
                of: if step {
                    WithinOf::Step
                } else {
                    WithinOf::Funnel
                },
                count,
                unit,
            })
    }

    fn group_by(steps: u32) -> impl Strategy<Value = FunnelGroupBy> {
        prop_oneof![
            "[a-z]{1,3}".prop_map(|segment| FunnelGroupBy::Segment(SegmentGroup { segment })),
            (any::<bool>(), "[a-z]{1,3}", option::of(1..=steps)).prop_map(|(user, name, step)| {
                FunnelGroupBy::Property(FunnelPropertyGroup {
                    scope: if user { Scope::User } else { Scope::Event },
                    name,
                    step,
                })
            }),
        ]
    }

    /// What the model refuses of a query besides texts in its conditions, which are the form of a filter's own.
    fn refused(query: &Query) -> Vec<String> {
        check_query(query, &Limits::default())
            .into_iter()
            .map(|error| error.to_string())
            .filter(|error| !error.contains("/values/"))
            .collect()
    }

    /// Queries that the model allows.
    fn query() -> impl Strategy<Value = FunnelQuery> {
        (
            prop::collection::vec(step(), 1..8),
            prop::sample::select(&[Order::Sequential, Order::Strict, Order::Any][..]),
            option::of(within()),
        )
            .prop_flat_map(|(mut steps, order, within)| {
                let last = steps.len() - 1;
                let mut optional = 0;
                for (index, step) in steps.iter_mut().enumerate() {
                    step.optional &=
                        order != Order::Any && index > 0 && index < last && optional < 4;
                    optional += usize::from(step.optional);
                }
                let count = u32::try_from(steps.len()).unwrap();
                let most = if order == Order::Any || count < 2 {
                    1
                } else {
                    4
                };
                (
                    Just((steps, order, within)),
                    prop::collection::vec(exclusion(count), 0..most),
                    option::of(group_by(count)),
                    option::of(prop::sample::select(&Interval::ALL[..])),
                    option::of(1..1000_u32),
                    any::<(bool, bool, bool)>(),
                )
            })
            .prop_map(
                |((steps, order, within), exclude, group_by, interval, max_groups, flags)| {
                    FunnelQuery {
                        steps,
                        order,
                        within,
                        exclude,
                        during: Range::Last {
                            count: 30,
                            unit: CalendarUnit::Day,
                            complete: flags.0,
                        },
                        audience: None,
                        group_by,
                        interval,
                        max_groups,
                        as_of: flags
                            .1
                            .then(|| Instant::parse("2026-05-01T00:00:00Z").unwrap()),
                        time_zone: flags.2.then(|| "Europe/Berlin".to_owned()),
                    }
                },
            )
    }

    fn ids(form: &FunnelForm) -> Vec<RowId> {
        form.steps.all().iter().map(|row| row.id).collect()
    }

    proptest! {
        #[test]
        fn a_query_goes_through_the_form_unchanged(query in query()) {
            let query = Query::Funnel(query);
            prop_assert_eq!(refused(&query), Vec::<String>::new());
            prop_assert_eq!(FunnelForm::open(&query, &Value::Null).query(), Ok(query));
        }

        #[test]
        fn a_form_goes_through_a_link_unchanged(
            query in query(),
            hidden in prop::collection::vec(any::<bool>(), 8),
            names in prop::collection::vec("[a-z]{0,2}", 8),
            previous in any::<bool>(),
        ) {
            let mut form = FunnelForm::open(&Query::Funnel(query), &Value::Null);
            for ((id, hidden), name) in ids(&form).into_iter().zip(hidden).zip(names) {
                let row = form.steps.get_mut(id).unwrap();
                row.hidden = hidden;
                row.name = name;
            }
            if previous {
                form.share = ShareOf::Previous;
                form.chart = FunnelChart::OverTime;
                form.shown = Some(vec![vec![], vec![Some("Mobile".into())], vec![None]]);
            }
            let Ok(query) = form.query() else { return Ok(()) };
            let again = FunnelForm::open(&query, &form.view());
            prop_assert_eq!(again, form);
        }

        #[test]
        fn the_form_refuses_no_less_than_the_model(query in query(), flips in prop::collection::vec(any::<bool>(), 8)) {
            let mut form = FunnelForm::open(&Query::Funnel(query), &Value::Null);
            for (id, flip) in ids(&form).into_iter().zip(flips) {
                form.steps.get_mut(id).unwrap().value.optional ^= flip;
            }
            if let Ok(query) = form.query() {
                prop_assert_eq!(refused(&query), Vec::<String>::new());
            }
        }
    }

    fn named(name: &str) -> StepForm {
        StepForm {
            what: OccurrenceForm {
                event: EventChoice::Named(name.to_owned()),
                ..OccurrenceForm::default()
            },
            optional: false,
        }
    }

    fn funnel(steps: usize) -> FunnelForm {
        FunnelForm {
            steps: (0..steps)
                .map(|step| named(&format!("Event {step}")))
                .collect(),
            ..FunnelForm::default()
        }
    }

    fn errors(form: &FunnelForm) -> Vec<(String, String)> {
        form.query()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|FormError { pointer, detail }| (pointer, detail))
            .collect()
    }

    fn asked(form: &FunnelForm) -> FunnelQuery {
        match form.query() {
            Ok(Query::Funnel(query)) => query,
            other => panic!("{other:?}"),
        }
    }

    fn make_optional(form: &mut FunnelForm, places: &[usize]) {
        for place in places {
            let id = ids(form)[*place];
            form.steps.get_mut(id).unwrap().value.optional = true;
        }
    }

    #[test]
    fn an_empty_form_asks_for_the_first_step() {
        assert_eq!(
            errors(&FunnelForm::default()),
            [("/steps".to_owned(), "Choose the first step".to_owned())]
        );
        assert_eq!(FunnelForm::default().view(), Value::Null);
    }

    #[test]
    fn a_step_without_an_event_is_told_at_its_place() {
        let mut form = funnel(1);
        form.steps.add(StepForm::default());
        assert_eq!(
            errors(&form),
            [("/steps/1/event".to_owned(), "Choose an event".to_owned())]
        );
        assert_eq!(form.place("/steps/1/event"), "step 2");
    }

    #[test]
    fn as_many_steps_as_the_model_takes() {
        assert!(funnel(20).query().is_ok());
        assert_eq!(errors(&funnel(21))[0].0, "/steps");
        let any = |steps| FunnelForm {
            order: Order::Any,
            ..funnel(steps)
        };
        assert!(any(10).query().is_ok());
        assert_eq!(
            errors(&any(11)),
            [(
                "/steps".to_owned(),
                "In any order there are at most 10 steps, these are 11".to_owned()
            )]
        );
        // One that is left out does not count.
        let mut form = any(11);
        let id = ids(&form)[4];
        form.steps.get_mut(id).unwrap().hidden = true;
        assert_eq!(asked(&form).steps.len(), 10);
    }

    #[test]
    fn the_first_and_the_last_step_and_more_than_four_are_not_optional() {
        let mut form = funnel(7);
        make_optional(&mut form, &[0, 6]);
        let places: Vec<_> = errors(&form).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["/steps/0/optional", "/steps/6/optional"]);
        let mut form = funnel(7);
        make_optional(&mut form, &[1, 2, 3, 4, 5]);
        assert_eq!(
            errors(&form),
            [(
                "/steps/5/optional".to_owned(),
                "At most 4 steps may be optional".to_owned()
            )]
        );
        // What is last follows from the steps that are asked about.
        let mut form = funnel(4);
        make_optional(&mut form, &[1]);
        for id in &ids(&form)[2..] {
            form.steps.get_mut(*id).unwrap().hidden = true;
        }
        assert_eq!(errors(&form)[0].0, "/steps/1/optional");
        let ids = ids(&funnel(4));
        let reasons: Vec<_> = ids
            .iter()
            .map(|id| funnel(4).optional_problem(*id).is_some())
            .collect();
        assert_eq!(reasons, [true, false, false, true]);
    }

    #[test]
    fn any_order_takes_no_optional_steps_and_no_exclusions() {
        let mut form = funnel(4);
        make_optional(&mut form, &[1]);
        let mut exclusion = form.new_exclusion();
        exclusion.what.event = EventChoice::Named("Refund".to_owned());
        form.exclusions.add(exclusion);
        assert!(form.query().is_ok());
        form.order = Order::Any;
        let places: Vec<_> = errors(&form).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["/steps/1/optional", "/exclude"]);
        form.fit_any_order();
        assert_eq!(asked(&form).exclude, []);
    }

    #[test]
    fn exclusions_follow_their_steps() {
        let mut form = funnel(4);
        let at = ids(&form);
        form.exclusions.add(ExclusionForm {
            what: named("Refund").what,
            from: Some(at[1]),
            to: Some(at[2]),
        });
        let span = |form: &FunnelForm| {
            asked(form)
                .exclude
                .iter()
                .map(|x| (x.from, x.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(span(&form), [(2, 3)]);
        form.steps.move_to(at[1], 3);
        assert_eq!(
            span(&form),
            [(2, 4)],
            "the earlier one first, whichever it is"
        );
        form.steps.get_mut(at[0]).unwrap().hidden = true;
        assert_eq!(span(&form), [(1, 3)]);
        assert_eq!(form.place("/exclude/0/from"), "exclusion 1");
        // With one of its steps left out it is left out, and comes back with it.
        form.steps.get_mut(at[2]).unwrap().hidden = true;
        assert_eq!(span(&form), []);
        let mut again = FunnelForm::open(&Query::Funnel(asked(&form)), &form.view());
        for id in ids(&again) {
            again.steps.get_mut(id).unwrap().hidden = false;
        }
        assert_eq!(span(&again), [(2, 4)]);
        // With one of them gone it asks for another.
        let mut steps = form.steps.clone();
        steps.remove(at[2]);
        form.set_steps(steps);
        assert_eq!(
            errors(&form),
            [("/exclude/0/from".to_owned(), "Choose a step".to_owned())]
                .map(|(place, detail)| { (place.replace("from", "to"), detail) })
        );
    }

    #[test]
    fn an_exclusion_lies_between_two_steps() {
        let mut form = funnel(2);
        let at = ids(&form);
        form.exclusions.add(ExclusionForm {
            what: named("Refund").what,
            from: Some(at[1]),
            to: Some(at[1]),
        });
        assert_eq!(errors(&form)[0].0, "/exclude/0/to");
    }

    #[test]
    fn steps_keep_their_numbers_when_one_is_left_out() {
        let mut form = funnel(3);
        let at = ids(&form);
        form.steps.get_mut(at[0]).unwrap().hidden = true;
        form.steps.get_mut(at[2]).unwrap().name = "Bought".to_owned();
        assert_eq!((form.number_of(0), form.number_of(1)), (2, 3));
        assert_eq!((form.name_of(0), form.name_of(1)), (None, Some("Bought")));
        assert_eq!(form.place("/steps/1"), "step 3");
        assert_eq!(form.step_pointer(at[2]).as_deref(), Some("/steps/1"));
        assert_eq!(form.step_pointer(at[0]), None);
    }

    #[test]
    fn a_breakdown_at_a_step_that_is_left_out_or_gone_asks_for_another() {
        let query = FunnelQuery {
            group_by: Some(FunnelGroupBy::Property(FunnelPropertyGroup {
                scope: Scope::Event,
                name: "device".to_owned(),
                step: Some(2),
            })),
            ..asked(&funnel(3))
        };
        let mut form = FunnelForm::open(&Query::Funnel(query), &Value::Null);
        let at = ids(&form)[1];
        assert_eq!(form.breakdown.as_ref().unwrap().at, At::Step(at));
        form.steps.get_mut(at).unwrap().hidden = true;
        assert_eq!(
            errors(&form),
            [(
                "/group_by/step".to_owned(),
                "Step 2 is left out: choose another step".to_owned()
            )]
        );
        let mut steps = form.steps.clone();
        steps.remove(at);
        form.set_steps(steps);
        assert_eq!(errors(&form)[0].0, "/group_by/step");
    }

    #[test]
    fn a_limit_is_kept_while_it_is_not_asked_for() {
        let mut form = funnel(2);
        form.limit.count = Entry::from(3);
        assert_eq!(
            (asked(&form).within, form.limit.words().as_str()),
            (None, "No limit")
        );
        form.limit.of = Some(WithinOf::Step);
        assert_eq!(form.limit.words(), "3 days a step");
        form.limit.count = Entry::from(0);
        assert_eq!(errors(&form)[0].0, "/within/count");
        form.limit.count = Entry::from(36_526);
        assert_eq!(errors(&form)[0].0, "/within/count");
    }

    #[test]
    fn of_a_view_only_what_can_be_understood_is_taken() {
        let query = Query::Funnel(asked(&funnel(2)));
        let plain = FunnelForm::open(&query, &Value::Null);
        for view in [
            json!("x"),
            json!({"chart": "pie", "share": 3, "names": {"a": 1}, "shown": "all"}),
            json!({"left_out": [{"at": 1}, 4], "left_out_exclusions": [{"at": 0, "exclusion": {"event": "E", "from": 1, "to": 2}}]}),
        ] {
            assert_eq!(FunnelForm::open(&query, &view), plain, "{view}");
        }
        let far = json!({"left_out": [{"at": 9, "step": {"event": "Far"}}]});
        let form = FunnelForm::open(&query, &far);
        assert_eq!((form.steps.len(), form.query()), (3, Ok(query)));
    }

    #[test]
    fn a_query_of_another_tool_makes_an_empty_form() {
        let query: CohortQuery = serde_json::from_value(json!({
            "start": [{"event": "A"}], "first_time": true, "return": {"event": "B"}, "unit": "day", "periods": 7,
            "match": "on", "during": {"type": "all_time"}
        }))
        .unwrap();
        assert_eq!(
            FunnelForm::open(&Query::Cohort(query), &Value::Null),
            FunnelForm::default()
        );
    }

    #[test]
    fn over_time_is_told_in_intervals_that_fit_the_range() {
        let bounds = |start: &str| {
            Some(LocalBounds {
                start: start.parse().ok(),
                end: "2026-11-23T00:00:00".parse().unwrap(),
                is_open: false,
            })
        };
        let mut form = funnel(2);
        form.fit_interval(bounds("1990-01-01T00:00:00"));
        assert_eq!(form.interval, None);
        form.show(FunnelChart::OverTime, bounds("2026-11-01T00:00:00"));
        assert_eq!(form.interval, Some(Interval::Day));
        form.interval = Some(Interval::Hour);
        form.fit_interval(bounds("2024-11-23T00:00:00"));
        assert_eq!(form.interval, Some(Interval::Month));
        form.show(FunnelChart::Steps, None);
        form.fit_interval(None);
        assert_eq!(form.interval, Some(Interval::Month));
    }

    #[test]
    fn an_audience_is_kept() {
        let criterion: Criterion =
            serde_json::from_value(json!({"type": "segment", "id": "a"})).unwrap();
        let query = Query::Funnel(FunnelQuery {
            audience: Some(criterion),
            ..asked(&funnel(1))
        });
        assert_eq!(FunnelForm::open(&query, &Value::Null).query(), Ok(query));
    }

    #[test]
    fn a_funnel_is_called_by_its_ends_and_its_breakdown() {
        let mut form = funnel(3);
        let title = |form: &FunnelForm| form.title(str::to_uppercase, str::to_owned);
        assert_eq!(title(&FunnelForm::default()), "Funnel");
        assert_eq!(title(&form), "EVENT 0 to EVENT 2");
        let last = ids(&form)[2];
        form.steps.get_mut(last).unwrap().name = "Bought".to_owned();
        form.breakdown = Some(Breakdown {
            by: GroupForm::Segment("Paid".to_owned()),
            at: At::All,
        });
        assert_eq!(title(&form), "EVENT 0 to Bought by Paid");
        form.limit.of = Some(WithinOf::Funnel);
        form.order = Order::Strict;
        let (first, second) = form.summary(str::to_owned);
        assert_eq!(first, "3 steps in strict order, 7 days");
        assert!(second.ends_with(", by Paid"), "{second}");
    }
}
