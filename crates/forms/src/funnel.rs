//! The form of a funnel: its steps with those left out for now, and everything that the query says besides.

use chrono::NaiveDateTime;
use segments_model::answer::Group;
use segments_model::criterion::{Exclusion, Order, Step, Within, WithinOf};
use segments_model::limits::{MAX_PARTS, MAX_UNORDERED};
use segments_model::query::{
    FunnelGroupBy, FunnelPropertyGroup, FunnelQuery, Interval, Query, SegmentGroup,
};
use segments_model::range::{LocalBounds, WindowUnit};
use segments_model::sentence::{self, capital};
use segments_model::sort::sort_by_key;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::interval;
use crate::number::Entry;
use crate::occurrence::OccurrenceForm;
use crate::rows::{Row, RowId, Rows};
use crate::tool::{
    FrameForm, Names, Tool, ToolForm, checked, occurrence, read, read_each, unless, view_of,
};

/// How many exclusions a funnel may have.
pub const MOST_EXCLUSIONS: usize = MAX_PARTS;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelForm {
    /// The steps. Those that are hidden are left out of the query and keep their place.
    pub steps: Rows<StepForm>,
    /// How the steps follow each other.
    pub order: Order,
    /// How long it may take.
    pub limit: LimitForm,
    /// What must not happen between two steps.
    pub exclusions: Rows<ExclusionForm>,
    /// What the answer is broken down by.
    pub breakdown: Option<Breakdown>,
    /// How long a bucket is over time; none: it is not told over time.
    pub interval: Option<Interval>,
    /// When the first step happened, who, as of when and in which zone.
    pub frame: FrameForm,
    pub chart: FunnelChart,
    /// What the shares of the step chart are of.
    pub share: ShareOf,
    /// The groups in the charts; none: the first few.
    pub shown: Option<Vec<Group>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepForm {
    /// Which occurrences serve it.
    pub what: OccurrenceForm,
    /// Whether the funnel goes on without it.
    pub optional: bool,
}

impl From<&Step> for StepForm {
    fn from(step: &Step) -> Self {
        Self {
            what: OccurrenceForm::of(&step.event, step.filter.as_ref(), &step.did),
            optional: step.optional,
        }
    }
}

impl StepForm {
    /// A step of an event.
    #[must_use]
    pub fn of(event: &str) -> Self {
        let mut step = Self::default();
        step.what.event = EventChoice::Named(event.to_owned());
        step
    }

    fn step(&self, place: &str, errors: &mut Errors) -> Step {
        let what = occurrence(&self.what, place, errors);
        Step {
            event: what.event,
            filter: what.filter,
            did: what.did,
            optional: self.optional,
        }
    }

    fn ready(&self) -> Option<Step> {
        let mut errors = Errors::default();
        let step = self.step("", &mut errors);
        errors.finish(Some(step)).ok()
    }
}

/// The form of what must not happen between two steps. Which of the two comes first follows from where they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExclusionForm {
    /// Which occurrences must not happen; `did` is not asked for here.
    pub what: OccurrenceForm,
    /// One of the two steps; none: not chosen, or removed since.
    pub from: Option<RowId>,
    /// The other one.
    pub to: Option<RowId>,
}

impl ExclusionForm {
    /// The exclusion, its steps being counted by `index`. What is missing is noted, and something stands in.
    fn exclusion(
        &self,
        place: &str,
        index: impl Fn(RowId) -> Option<usize>,
        errors: &mut Errors,
    ) -> Exclusion {
        let what = occurrence(&self.what, place, errors);
        let mut step = |end: &str, id: Option<RowId>| {
            let index = id
                .and_then(&index)
                .ok_or_else(|| "Choose a step".to_owned());
            let index = errors.note(&format!("{place}/{end}"), index)?;
            u32::try_from(index + 1).ok()
        };
        let (from, to) = match (step("from", self.from), step("to", self.to)) {
            (Some(from), Some(to)) => (from.min(to), from.max(to)),
            (Some(only), None) | (None, Some(only)) if only > 1 => (only - 1, only),
            _ => (1, 2),
        };
        Exclusion {
            event: what.event,
            filter: what.filter,
            from,
            to,
        }
    }
}

/// The form of how long it may take. What was typed is kept while nothing is limited.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitForm {
    /// What is limited; none: nothing.
    pub of: Option<WithinOf>,
    /// How many units.
    pub count: Entry,
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
    /// The limit; none: as long as it takes. What is missing is noted.
    fn within(&self, errors: &mut Errors) -> Option<Within> {
        Some(Within {
            of: self.of?,
            count: errors
                .note("/within/count", self.count.whole(0, u32::MAX))
                .unwrap_or(1),
            unit: self.unit,
        })
    }

    /// How it reads on its token: `7 days`, `7 days per step`, `No limit`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut errors = Errors::default();
        let Some(within) = self.within(&mut errors) else {
            return "No limit".to_owned();
        };
        let Ok(within) = errors.finish(Some(within)) else {
            return format!("\u{2026} {}s", self.unit.word());
        };
        let window = sentence::window(within.window());
        match within.of {
            WithinOf::Funnel => window,
            WithinOf::Step => format!("{window} per step"),
        }
    }
}

/// What the answer is broken down by, and at which step.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    pub by: GroupForm,
    /// The step at which a value has to be found; none: at every step.
    pub at: Option<RowId>,
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
        let row = self.live().nth(index);
        row.map_or(index + 1, |row| self.number(row.id))
    }

    /// The name that somebody gave a step of the query, counted from 0.
    #[must_use]
    pub fn name_of(&self, index: usize) -> Option<&str> {
        let name = self.live().nth(index)?.name.as_str();
        Some(name).filter(|name| !name.is_empty())
    }

    /// A step's place in the query, counted from 0; none where it is left out or gone.
    fn index(&self, id: RowId) -> Option<usize> {
        self.live().position(|row| row.id == id)
    }

    /// Whether one of an exclusion's steps is left out, so that the exclusion is too.
    #[must_use]
    pub fn is_left_out(&self, exclusion: &ExclusionForm) -> bool {
        let mut ends = [exclusion.from, exclusion.to].into_iter().flatten();
        ends.any(|id| self.steps.get(id).is_some_and(|row| row.hidden))
    }

    /// The exclusions that are asked about.
    pub fn live_exclusions(&self) -> impl Iterator<Item = &Row<ExclusionForm>> {
        let rows = self.exclusions.all().iter();
        rows.filter(|row| !self.is_left_out(&row.value))
    }

    /// The place of an exclusion in the query: `/exclude/0`. None where it is left out.
    #[must_use]
    pub fn exclusion_pointer(&self, id: RowId) -> Option<String> {
        let index = self.live_exclusions().position(|row| row.id == id)?;
        Some(format!("/exclude/{index}"))
    }

    /// The place of a step in the query: `/steps/0`. None where it is left out.
    #[must_use]
    pub fn step_pointer(&self, id: RowId) -> Option<String> {
        Some(format!("/steps/{}", self.index(id)?))
    }

    /// Whether a step can be made optional: whether the model finds no more wrong with the steps then.
    #[must_use]
    pub fn can_be_optional(&self, id: RowId) -> bool {
        let wrong = |form: &Self| {
            let errors = form.query().err().unwrap_or_default();
            let is_of_steps = |error: &&FormError| {
                error.pointer == "/steps" || error.pointer.ends_with("/optional")
            };
            errors.iter().filter(is_of_steps).count()
        };
        let mut other = self.clone();
        let Some(row) = other.steps.get_mut(id) else {
            return false;
        };
        row.value.optional = true;
        wrong(&other) <= wrong(self)
    }

    /// How many steps there may be in the order chosen.
    #[must_use]
    pub const fn most_steps(&self) -> usize {
        match self.order {
            Order::Any => MAX_UNORDERED,
            Order::Sequential | Order::Strict => MAX_PARTS,
        }
    }

    /// Whether something of the funnel cannot be in any order.
    #[must_use]
    pub fn clashes_with_any_order(&self) -> bool {
        self.order == Order::Any
            && (self.live_exclusions().next().is_some()
                || self.live().any(|row| row.value.optional))
    }

    /// Removes what cannot be in any order: optional steps become required, exclusions go.
    pub fn fit_any_order(&mut self) {
        for row in self.steps.iter_mut() {
            row.value.optional = false;
        }
        self.exclusions = Rows::default();
    }

    /// Shows another chart; over time needs an interval.
    pub fn show(&mut self, chart: FunnelChart, bounds: Option<LocalBounds>) {
        self.chart = chart;
        if chart == FunnelChart::OverTime && self.interval.is_none() {
            self.interval = Some(Interval::Day);
            if let Some(bounds) = bounds {
                self.follow_range(bounds, None);
            }
        }
    }

    /// Puts other steps in place. What referred to one that is gone asks for another.
    pub fn set_steps(&mut self, steps: Rows<StepForm>) {
        let there = |id: &RowId| steps.get(*id).is_some();
        for row in self.exclusions.iter_mut() {
            row.value.from = row.value.from.filter(there);
            row.value.to = row.value.to.filter(there);
        }
        self.steps = steps;
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

    fn group_by(&self, errors: &mut Errors) -> Option<FunnelGroupBy> {
        let breakdown = self.breakdown.as_ref()?;
        Some(match &breakdown.by {
            GroupForm::Segment(segment) => FunnelGroupBy::Segment(SegmentGroup {
                segment: segment.clone(),
            }),
            GroupForm::Property { scope, name } => {
                let step = breakdown.at.and_then(|id| {
                    let index = self.index(id).ok_or_else(|| {
                        if self.steps.get(id).is_some() {
                            format!("Step {} is disabled: choose another step", self.number(id))
                        } else {
                            "Choose a step".to_owned()
                        }
                    });
                    errors.note("/group_by/step", index)
                });
                FunnelGroupBy::Property(FunnelPropertyGroup {
                    scope: *scope,
                    name: name.clone(),
                    step: step.and_then(|index| u32::try_from(index + 1).ok()),
                })
            }
        })
    }

    /// The steps that links keep: all but those that are left out and not ready.
    fn kept(&self) -> Vec<(&Row<StepForm>, Option<Step>)> {
        let rows = self.steps.all().iter();
        let kept = rows.filter_map(|row| match row.hidden {
            false => Some((row, None)),
            true => Some((row, Some(row.value.ready()?))),
        });
        kept.collect()
    }

    fn left_out_exclusions(&self) -> Vec<LeftOutExclusion> {
        let kept = self.kept();
        let place = |id: RowId| kept.iter().position(|(row, _)| row.id == id);
        let rows = self.exclusions.all().iter().enumerate();
        rows.filter(|(_, row)| self.is_left_out(&row.value))
            .filter_map(|(at, row)| {
                let mut errors = Errors::default();
                let exclusion = row.value.exclusion("", place, &mut errors);
                let exclusion = errors.finish(Some(exclusion)).ok()?;
                (exclusion.from < exclusion.to).then_some(LeftOutExclusion { at, exclusion })
            })
            .collect()
    }
}

impl ToolForm for FunnelForm {
    const TOOL: Tool = Tool::Funnel;

    fn frame(&self) -> &FrameForm {
        &self.frame
    }

    fn frame_mut(&mut self) -> &mut FrameForm {
        &mut self.frame
    }

    fn follow_range(&mut self, bounds: LocalBounds, first: Option<NaiveDateTime>) {
        let fitting = |interval| interval::fitting(interval, bounds, first);
        self.interval = self.interval.map(fitting);
    }

    fn query(&self) -> Result<Query, Vec<FormError>> {
        let mut errors = Errors::default();
        let steps: Vec<Step> = (0..)
            .zip(self.live())
            .map(|(place, row): (u32, _)| row.value.step(&format!("/steps/{place}"), &mut errors))
            .collect();
        if steps.is_empty() {
            errors.note::<()>("/steps", Err("Choose the first step".to_owned()));
        }
        let within = self.limit.within(&mut errors);
        let exclude = (0..)
            .zip(self.live_exclusions())
            .map(|(place, row): (u32, _)| {
                let place = format!("/exclude/{place}");
                row.value
                    .exclusion(&place, |id| self.index(id), &mut errors)
            });
        let exclude = exclude.collect();
        let group_by = self.group_by(&mut errors);
        let frame = self.frame.frame(&mut errors);
        let query = FunnelQuery {
            steps,
            order: self.order,
            within,
            exclude,
            during: frame.during,
            audience: frame.audience,
            group_by,
            interval: self.interval,
            max_groups: frame.max_groups,
            as_of: self.frame.as_of,
            time_zone: self.frame.time_zone.clone(),
        };
        checked(errors, Query::Funnel(query))
    }

    fn row(&self, list: &str, place: usize) -> Option<String> {
        match list {
            "steps" => Some(format!("step {}", self.number_of(place))),
            "exclude" => {
                let row = self.live_exclusions().nth(place);
                let place = row.and_then(|row| self.exclusions.place(row.id));
                Some(format!("exclusion {}", place? + 1))
            }
            _ => None,
        }
    }

    fn title(&self, names: Names<'_>) -> String {
        let is_named = |row: &&Row<StepForm>| {
            !row.name.is_empty() || row.value.what.event != EventChoice::Unset
        };
        let mut steps = self.live().filter(is_named);
        let name = |row: &Row<StepForm>| names.row(row, &row.value.what.event);
        let steps = match (steps.next(), steps.last()) {
            (None, _) => return Self::TOOL.label().to_owned(),
            (Some(only), None) => name(only),
            (Some(first), Some(last)) => format!("{} to {}", name(first), name(last)),
        };
        let by = self
            .breakdown
            .as_ref()
            .map(|breakdown| breakdown.by.clone());
        capital(&steps) + &names.by(by.as_slice())
    }

    fn summary(&self, names: Names<'_>) -> (String, String) {
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
        let by = match &self.breakdown {
            None => String::new(),
            Some(breakdown) => format!(",{}", names.by(std::slice::from_ref(&breakdown.by))),
        };
        (
            format!("{steps} {order}{limit}"),
            self.frame.words(names) + &by,
        )
    }

    fn view(&self) -> Value {
        let kept = self.kept();
        let mut names: Vec<&str> = kept.iter().map(|(row, _)| row.name.as_str()).collect();
        let named = names.iter().rposition(|name| !name.is_empty());
        names.truncate(named.map_or(0, |last| last + 1));
        let steps = kept.into_iter().enumerate();
        let steps =
            steps.filter_map(|(at, (_, step))| Some(json!(LeftOutStep { at, step: step? })));
        let exclusions = self.left_out_exclusions();
        let exclusions = exclusions.into_iter().map(|exclusion| json!(exclusion));
        let none = Vec::<Value>::new();
        view_of([
            ("chart", unless(&self.chart, &FunnelChart::default())),
            ("share", unless(&self.share, &ShareOf::default())),
            ("names", unless(&names, &Vec::new())),
            ("left_out", unless(&steps.collect(), &none)),
            ("left_out_exclusions", unless(&exclusions.collect(), &none)),
            ("shown", unless(&self.shown, &None)),
        ])
    }

    fn open(query: &Query, view: &Value) -> Self {
        let frame = FrameForm::of(query);
        let Query::Funnel(query) = query else {
            return Self::default();
        };
        let (steps, live) = open_steps(query, view);
        let exclusions = open_exclusions(query, view, &steps.ids(), &live);
        let breakdown = query.group_by.as_ref().map(|by| match by {
            FunnelGroupBy::Segment(by) => Breakdown {
                by: GroupForm::Segment(by.segment.clone()),
                at: None,
            },
            FunnelGroupBy::Property(by) => Breakdown {
                by: GroupForm::Property {
                    scope: by.scope,
                    name: by.name.clone(),
                },
                at: by.step.and_then(|step| counted(&live, step)),
            },
        });
        Self {
            steps,
            order: query.order,
            limit: LimitForm::from(query.within),
            exclusions,
            breakdown,
            interval: query.interval,
            frame,
            chart: read(view, "chart").unwrap_or_default(),
            share: read(view, "share").unwrap_or_default(),
            shown: read(view, "shown"),
        }
    }
}

/// The step of a number that counts from 1.
fn counted(ids: &[RowId], number: u32) -> Option<RowId> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    ids.get(index).copied()
}

/// All steps, and which of them are asked about.
fn open_steps(query: &FunnelQuery, view: &Value) -> (Rows<StepForm>, Vec<RowId>) {
    let mut left_out: Vec<LeftOutStep> = read_each(view, "left_out");
    left_out.truncate(MAX_PARTS);
    sort_by_key(&mut left_out, |step| step.at);
    let mut all: Vec<(&Step, bool)> = query.steps.iter().map(|step| (step, false)).collect();
    for hidden in &left_out {
        all.insert(hidden.at.min(all.len()), (&hidden.step, true));
    }
    let mut steps: Rows<StepForm> = all.iter().map(|(step, _)| StepForm::from(*step)).collect();
    let mut live = Vec::new();
    for (row, (_, hidden)) in steps.iter_mut().zip(all) {
        row.hidden = hidden;
        if !hidden {
            live.push(row.id);
        }
    }
    steps.set_names(read(view, "names").unwrap_or_default());
    (steps, live)
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
    let asked = query.exclude.iter().map(|exclusion| form(exclusion, live));
    let mut forms: Vec<ExclusionForm> = asked.collect();
    let mut left_out: Vec<LeftOutExclusion> = read_each(view, "left_out_exclusions");
    sort_by_key(&mut left_out, |left_out| left_out.at);
    for left_out in left_out {
        // One whose steps are both asked about would change the query.
        let form = form(&left_out.exclusion, all);
        let mut ends = [form.from, form.to].into_iter().flatten();
        if ends.any(|id| !live.contains(&id)) {
            forms.insert(left_out.at.min(forms.len()), form);
        }
    }
    forms.into_iter().collect()
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests;
