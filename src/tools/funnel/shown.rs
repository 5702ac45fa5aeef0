//! An answer as the page shows it: its steps by name, its groups, and which of them stand in the charts.

use std::sync::Arc;

use segments_charts::distribution::{Distribution, DistributionBar, DistributionBars};
use segments_charts::figures::Figures;
use segments_charts::funnel::{FunnelBar, FunnelBars, FunnelPicture};
use segments_charts::series::STYLES;
use segments_forms::funnel::{FunnelForm, ShareOf, window_words};
use segments_model::answer::{
    FunnelAnswer, FunnelGroup, FunnelPath, FunnelStep, Group, TimeStretch,
};
use segments_model::criterion::{Order, WithinOf};
use segments_model::query::{FunnelGroupBy, FunnelQuery, Query};
use segments_model::{Instant, Stamp, Value};

use crate::tool::state::Answered;

/// How many groups can stand in a chart beside each other.
pub const MOST_SHOWN: usize = STYLES;
/// How many groups stand there where nobody has chosen, all users together not counted.
const FIRST_SHOWN: usize = 3;
/// The starts of the stretches that times are told for where there is little room, in seconds.
const COARSE: [f64; 10] = [
    0.0,
    60.0,
    600.0,
    3_600.0,
    21_600.0,
    86_400.0,
    345_600.0,
    604_800.0,
    2_592_000.0,
    7_776_000.0,
];

/// How figures are written: as the browser does, or plainly in tests.
#[derive(Clone, Copy)]
pub struct Say {
    /// 1,204
    pub count: fn(u64) -> String,
    /// 13.9%
    pub percent: fn(f64) -> String,
}

impl Say {
    /// `1 user`, `1,204 users`.
    #[must_use]
    pub fn users(self, users: u64) -> String {
        let word = if users == 1 { "user" } else { "users" };
        format!("{} {word}", (self.count)(users))
    }

    /// A share, or a dash where there is none.
    #[must_use]
    pub fn share(self, share: Option<f64>) -> String {
        share.map_or_else(|| "\u{2013}".to_owned(), self.percent)
    }
}

/// A length of time: `4 h 12 min`; a dash where there is none.
#[must_use]
pub fn length(seconds: Option<f64>) -> String {
    seconds.map_or_else(
        || "\u{2013}".to_owned(),
        |seconds| Figures::Seconds.write(seconds),
    )
}

/// A step as the page calls it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepName {
    /// Its number on the page.
    pub number: usize,
    /// The name that somebody gave it, or that of its event.
    pub name: String,
    /// Whether it is optional.
    pub optional: bool,
}

/// An answer with the names of its steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    answered: Arc<Answered>,
    /// The steps.
    pub steps: Vec<StepName>,
    /// What it is broken down by, in words: `Device at step 1`.
    pub breakdown: Option<String>,
}

impl Shown {
    /// The answer to the query that the form stands for; none where it is another query's.
    #[must_use]
    pub fn of(
        answered: &Arc<Answered>,
        form: &FunnelForm,
        event_label: impl Fn(&str) -> String,
        segment_name: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let Query::Funnel(query) = &answered.query else {
            return None;
        };
        let steps = query
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| StepName {
                number: form.number_of(index),
                name: form.name_of(index).map_or_else(
                    || {
                        step.event
                            .as_deref()
                            .map_or_else(|| "Any event".to_owned(), &event_label)
                    },
                    str::to_owned,
                ),
                optional: step.optional,
            })
            .collect();
        let breakdown = query.group_by.as_ref().map(|by| match by {
            FunnelGroupBy::Segment(by) => segment_name(&by.segment),
            FunnelGroupBy::Property(by) => {
                let name = by.name.clone();
                match (by.scope, by.step) {
                    (segments_model::filter::Scope::User, _) => name,
                    (_, None) => format!("{name} at all steps"),
                    (_, Some(step)) => {
                        let index = usize::try_from(step).unwrap_or(1).saturating_sub(1);
                        format!("{name} at step {}", form.number_of(index))
                    }
                }
            }
        });
        Some(Self {
            answered: Arc::clone(answered),
            steps,
            breakdown,
        })
    }

    /// Whether it is of this query.
    #[must_use]
    pub fn is_of(&self, answered: &Arc<Answered>) -> bool {
        Arc::ptr_eq(&self.answered, answered)
    }

    /// The query for the instant and the zone of its answer.
    #[must_use]
    pub fn pinned(&self) -> Query {
        self.answered.pinned()
    }

    /// The query.
    #[must_use]
    pub fn query(&self) -> Option<&FunnelQuery> {
        match &self.answered.query {
            Query::Funnel(query) => Some(query),
            Query::Segmentation(_) | Query::Cohort(_) => None,
        }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self) -> Option<&FunnelAnswer> {
        match &self.answered.answer {
            segments_model::answer::Answer::Funnel(answer) => Some(answer),
            _ => None,
        }
    }

    /// All users together, then the groups.
    #[must_use]
    pub fn groups(&self) -> &[FunnelGroup] {
        self.answer().map_or(&[], |answer| answer.groups.as_slice())
    }

    /// The place of all users together.
    #[must_use]
    pub fn total_place(&self) -> Option<usize> {
        self.groups()
            .iter()
            .position(|group| group.group.is_empty())
    }

    /// All users together.
    #[must_use]
    pub fn total(&self) -> Option<&FunnelGroup> {
        self.groups().get(self.total_place()?)
    }

    /// The number on the page of a step, counted from 0 here.
    #[must_use]
    pub fn number(&self, step: usize) -> usize {
        self.steps
            .get(step)
            .map_or(step + 1, |called| called.number)
    }

    /// What its figures are true for.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        self.answered.answer.stamp()
    }

    /// The funnel by its first and its last step.
    #[must_use]
    pub fn title(&self) -> String {
        match self.steps.as_slice() {
            [] => "Funnel".to_owned(),
            [only] => only.name.clone(),
            [first, .., last] => format!("{} to {}", first.name, last.name),
        }
    }

    /// The zone of the answer.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.answered.answer.stamp().time_zone
    }

    /// The instant of the answer.
    #[must_use]
    pub fn as_of(&self) -> Instant {
        self.answered.answer.stamp().as_of
    }

    /// The last step.
    #[must_use]
    pub const fn last(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    /// The steps of a way, counted from 0.
    #[must_use]
    pub fn steps_of(&self, path: &FunnelPath) -> Vec<usize> {
        path.steps
            .iter()
            .filter_map(|step| usize::try_from(*step).ok()?.checked_sub(1))
            .collect()
    }

    /// The required step before a step.
    #[must_use]
    pub fn before(&self, step: usize) -> Option<usize> {
        (0..step)
            .rev()
            .find(|before| self.steps.get(*before).is_some_and(|step| !step.optional))
    }

    /// The required step after a step.
    #[must_use]
    pub fn after(&self, step: usize) -> Option<usize> {
        (step + 1..self.steps.len())
            .find(|after| self.steps.get(*after).is_some_and(|step| !step.optional))
    }

    /// How many users got to the required step before a step and not to it, by the figures of a group or of a bucket of it.
    /// None at the first step and at optional ones, where nobody is lost.
    #[must_use]
    pub fn lost(&self, steps: &[FunnelStep], step: usize) -> Option<Lost> {
        if self.steps.get(step)?.optional {
            return None;
        }
        let from = self.before(step)?;
        let before = steps.get(from)?.users;
        let here = steps.get(step)?;
        let users = before.saturating_sub(here.users);
        Some(Lost {
            from,
            users,
            share: (before > 0).then(|| users as f64 / before as f64),
            pending: here.pending.min(users),
        })
    }

    /// The step before which the largest share of a group is lost.
    #[must_use]
    pub fn largest_loss(&self, group: &FunnelGroup) -> Option<(usize, Lost)> {
        (0..self.steps.len())
            .filter_map(|step| Some((step, self.lost(&group.steps, step)?)))
            .filter(|(_, lost)| lost.users > 0)
            .max_by(|(_, a), (_, b)| {
                let share = |lost: &Lost| lost.share.unwrap_or_default();
                // Of equal ones the first.
                share(a).total_cmp(&share(b)).then(b.from.cmp(&a.from))
            })
    }

    /// What a group is called.
    #[must_use]
    pub fn group_name(&self, group: &Group, value: impl Fn(&Value, &str) -> String) -> String {
        let Some(first) = group.first() else {
            return "All users".to_owned();
        };
        let segment = matches!(
            self.query().and_then(|query| query.group_by.as_ref()),
            Some(FunnelGroupBy::Segment(_))
        );
        match first {
            None => "(not set)".to_owned(),
            Some(Value::Boolean(inside)) if segment => {
                let name = self.breakdown.as_deref().unwrap_or("the segment");
                if *inside {
                    format!("In {name}")
                } else {
                    format!("Not in {name}")
                }
            }
            Some(found) => value(found, self.zone()),
        }
    }

    /// Whether a user can be in several groups: values of events are those of several occurrences.
    #[must_use]
    pub fn groups_overlap(&self) -> bool {
        matches!(
            self.query().and_then(|query| query.group_by.as_ref()),
            Some(FunnelGroupBy::Property(by)) if by.scope == segments_model::filter::Scope::Event
        )
    }

    /// Whether the groups are the parts of all users: each user is in one of them and stays there.
    #[must_use]
    pub fn groups_are_parts(&self) -> bool {
        let Some(FunnelGroupBy::Property(by)) =
            self.query().and_then(|query| query.group_by.as_ref())
        else {
            return self.groups().len() > 1;
        };
        if by.scope == segments_model::filter::Scope::User {
            return true;
        }
        // By a value at step 1 everybody is in a group at least: in one alone, where the groups add up to all.
        let (Some(total), Some(answer)) = (self.total(), self.answer()) else {
            return false;
        };
        let in_groups: u64 = self
            .groups()
            .iter()
            .filter(|group| !group.group.is_empty())
            .map(|group| group.users)
            .sum();
        by.step == Some(1) && answer.groups_left_out == 0 && in_groups == total.users
    }

    /// The groups in the charts, by their places, with the style of each. The same group keeps its style as long as that is
    /// free.
    #[must_use]
    pub fn in_charts(&self, chosen: Option<&[Group]>) -> Vec<(usize, usize)> {
        let groups = self.groups();
        let is_shown = |place: usize, group: &FunnelGroup| match chosen {
            None => place <= FIRST_SHOWN,
            Some(chosen) => chosen.contains(&group.group),
        };
        let mut shown: Vec<(usize, usize)> = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            if shown.len() < MOST_SHOWN && is_shown(place, group) {
                let style = (0..STYLES)
                    .map(|more| (place + more) % STYLES)
                    .find(|style| shown.iter().all(|(_, taken)| taken != style))
                    .unwrap_or_default();
                shown.push((place, style));
            }
        }
        if shown.is_empty() && !groups.is_empty() {
            shown.push((0, 0));
        }
        shown
    }

    /// The step chart of some groups.
    #[must_use]
    pub fn picture(&self, shown: &[(usize, usize)], of: ShareOf, say: Say) -> FunnelPicture {
        let several = shown.len() > 1;
        let bars = |place: usize, style: usize| {
            let group = self.groups().get(place)?;
            let share = |step: &FunnelStep| match of {
                ShareOf::Start => step.from_start.unwrap_or_default(),
                ShareOf::Previous => step.from_previous.unwrap_or_default(),
            };
            let bars = group.steps.iter().enumerate().map(|(index, step)| {
                let before = match (self.lost(&group.steps, index), of) {
                    (None, _) => 0.0,
                    (Some(_), ShareOf::Previous) => 1.0,
                    (Some(lost), ShareOf::Start) => {
                        group.steps.get(lost.from).map(share).unwrap_or_default()
                    }
                };
                FunnelBar {
                    share: share(step),
                    before: if group.users == 0 { 0.0 } else { before },
                }
            });
            Some(FunnelBars {
                style: several.then_some(style),
                bars: bars.collect(),
            })
        };
        FunnelPicture {
            optional: self.steps.iter().map(|step| step.optional).collect(),
            groups: shown
                .iter()
                .filter_map(|(place, style)| bars(*place, *style))
                .collect(),
            ticks: [0.0, 0.25, 0.5, 0.75, 1.0]
                .map(|share| (share, whole_percent(share, say)))
                .to_vec(),
            flow: of == ShareOf::Start,
            on: None,
        }
    }

    /// Whether it is told how long those of a group took who converted. With one step there is no way to take.
    #[must_use]
    pub fn has_times(&self, place: usize) -> bool {
        self.steps.len() > 1
            && self
                .groups()
                .get(place)
                .is_some_and(|group| !group.times.is_empty())
    }

    /// The time to convert in words; a dash where there is none.
    #[must_use]
    pub fn took(&self, seconds: Option<f64>) -> String {
        length(seconds.filter(|_| self.steps.len() > 1))
    }

    /// How long those who converted took, group by group. Coarse: in fewer stretches.
    #[must_use]
    pub fn times(&self, shown: &[(usize, usize)], coarse: bool, say: Say) -> Distribution {
        let several = shown.len() > 1;
        let groups: Vec<(&FunnelGroup, usize, Vec<TimeStretch>)> = shown
            .iter()
            .filter_map(|(place, style)| {
                let group = self.groups().get(*place)?;
                let times = if coarse {
                    coarser(&group.times)
                } else {
                    group.times.clone()
                };
                Some((group, *style, times))
            })
            .collect();
        let mut stretches: Vec<TimeStretch> = Vec::new();
        for (_, _, times) in &groups {
            for time in times {
                if !stretches
                    .iter()
                    .any(|known| known.from_seconds == time.from_seconds)
                {
                    stretches.push(*time);
                }
            }
        }
        stretches.sort_by(|a, b| a.from_seconds.total_cmp(&b.from_seconds));
        let series = groups
            .into_iter()
            .map(|(group, style, times)| {
                let all: u64 = times.iter().map(|time| time.users).sum();
                let median = group.median_seconds.and_then(|median| {
                    stretches.iter().position(|stretch| {
                        stretch.from_seconds <= median
                            && stretch.to_seconds.is_none_or(|to| median < to)
                    })
                });
                let bars = stretches.iter().map(|stretch| {
                    let users = times
                        .iter()
                        .find(|time| time.from_seconds == stretch.from_seconds)
                        .map_or(0, |time| time.users);
                    let share = if all == 0 {
                        0.0
                    } else {
                        users as f64 / all as f64
                    };
                    DistributionBar {
                        share,
                        count: (say.count)(users),
                        percent: (say.percent)(share),
                    }
                });
                DistributionBars {
                    style: several.then_some(style),
                    median,
                    bars: bars.collect(),
                }
            })
            .collect();
        Distribution {
            stretches: stretches.iter().map(stretch_name).collect(),
            series,
        }
    }

    /// The funnel as the rows of a file, figures as plain numbers: a row a group and step below a head.
    #[must_use]
    pub fn rows(&self, name: impl Fn(&Group) -> String) -> Vec<Vec<String>> {
        let plain =
            |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut rows = vec![
            [
                "Group",
                "Step",
                "Name",
                "Optional",
                "Users",
                "Of step 1",
                "Of the step before",
                "Dropped before it",
                "Still have time",
                "Median seconds from the step before",
                "Average seconds from the step before",
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        for group in self.groups() {
            for (index, (step, called)) in group.steps.iter().zip(&self.steps).enumerate() {
                let lost = self
                    .lost(&group.steps, index)
                    .map(|lost| lost.users.to_string());
                rows.push(vec![
                    name(&group.group),
                    called.number.to_string(),
                    called.name.clone(),
                    if called.optional { "yes" } else { "no" }.to_owned(),
                    step.users.to_string(),
                    plain(step.from_start),
                    plain(step.from_previous),
                    lost.unwrap_or_default(),
                    step.pending.to_string(),
                    plain(step.median_seconds),
                    plain(step.average_seconds),
                ]);
            }
        }
        rows
    }

    /// The times to convert as the rows of a file: a row a group and stretch below a head.
    #[must_use]
    pub fn time_rows(&self, name: impl Fn(&Group) -> String) -> Vec<Vec<String>> {
        let mut rows = vec![
            ["Group", "From seconds", "To seconds", "Users"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for group in self.groups() {
            for time in &group.times {
                rows.push(vec![
                    name(&group.group),
                    time.from_seconds.to_string(),
                    time.to_seconds.map(|to| to.to_string()).unwrap_or_default(),
                    time.users.to_string(),
                ]);
            }
        }
        rows
    }

    /// The limit, as the end of a sentence: ` within 7 days`, ` within 7 days of the step before`; empty without one.
    #[must_use]
    pub fn limit_words(&self) -> String {
        match self.query().and_then(|query| query.within) {
            None => String::new(),
            Some(within) => {
                let window = window_words(within.window());
                match within.of {
                    WithinOf::Funnel => format!(" within {window}"),
                    WithinOf::Step => format!(" within {window} of the step before"),
                }
            }
        }
    }

    /// Whether there is a limit, so that time runs out.
    #[must_use]
    pub fn has_limit(&self) -> bool {
        self.query().is_some_and(|query| query.within.is_some())
    }

    /// How the steps follow each other.
    #[must_use]
    pub fn order(&self) -> Order {
        self.query().map_or(Order::Sequential, |query| query.order)
    }

    /// Until when those who began before an instant can still convert; none: for ever.
    #[must_use]
    pub fn open_until(&self, began: Instant) -> Option<Instant> {
        let within = self.query()?.within?;
        let steps = i64::try_from(self.last()).unwrap_or(i64::MAX);
        let length = match within.of {
            WithinOf::Funnel => within.window().millis(),
            WithinOf::Step => within.window().millis().saturating_mul(steps),
        };
        Some(began.saturating_add_millis(length))
    }
}

/// Who got to the required step before a step and not to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// The required step before.
    pub from: usize,
    /// How many.
    pub users: u64,
    /// The share of those who reached the step before; none where nobody did.
    pub share: Option<f64>,
    /// How many of them may still come.
    pub pending: u64,
}

/// A round share without decimals.
fn whole_percent(share: f64, say: Say) -> String {
    (say.percent)(share).replace(".0", "")
}

/// The same times in fewer stretches.
fn coarser(times: &[TimeStretch]) -> Vec<TimeStretch> {
    let mut coarse: Vec<TimeStretch> = Vec::new();
    for time in times {
        let Some(place) = COARSE.iter().rposition(|from| *from <= time.from_seconds) else {
            continue;
        };
        let from = COARSE.get(place).copied().unwrap_or_default();
        match coarse.last_mut() {
            Some(last) if last.from_seconds == from => last.users += time.users,
            _ => coarse.push(TimeStretch {
                from_seconds: from,
                to_seconds: COARSE.get(place + 1).copied(),
                users: time.users,
            }),
        }
    }
    coarse
}

/// `under 1 min`, `1 to 10 min`, `6 h to 1 d`, `over 90 d`.
fn stretch_name(stretch: &TimeStretch) -> String {
    let from = Figures::Seconds.write(stretch.from_seconds);
    let Some(to) = stretch.to_seconds else {
        return format!("over {from}");
    };
    let to = Figures::Seconds.write(to);
    if stretch.from_seconds == 0.0 {
        return format!("under {to}");
    }
    match (from.split_once(' '), to.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {to}"),
        _ => format!("{from} to {to}"),
    }
}

/// How long half of those who converted took at most, and nine in ten of them: what the stretches say for certain.
#[must_use]
pub fn time_words(group: &FunnelGroup, say: Say) -> Option<String> {
    let half = length(Some(group.median_seconds?));
    let all: u64 = group.times.iter().map(|time| time.users).sum();
    let mut users = 0;
    let most = group.times.iter().find_map(|time| {
        users += time.users;
        // Nine tenths or more; exact, as these are whole numbers.
        (users * 10 >= all * 9).then_some((users, time.to_seconds?))
    });
    let Some((users, seconds)) = most.filter(|_| all >= 10) else {
        return Some(format!("Half within {half}"));
    };
    if seconds <= group.median_seconds? {
        return Some(format!("Half within {half}"));
    }
    Some(format!(
        "Half within {half}, {} in less than {}",
        if users == all {
            "all".to_owned()
        } else {
            (say.percent)(users as f64 / all as f64)
        },
        length(Some(seconds))
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Say, Shown, time_words};
    use crate::tool::state::Answered;
    use segments_forms::funnel::{FunnelForm, ShareOf};
    use segments_forms::tool::ToolForm as _;
    use segments_model::answer::{Answer, FunnelAnswer, FunnelGroup, Group};
    use segments_model::{Instant, Value};
    use serde_json::{Value as Json, json};
    use std::sync::Arc;

    pub(in crate::tools::funnel) const SAY: Say = Say {
        count: |count| count.to_string(),
        percent: |share| format!("{:.1}%", share * 100.0),
    };

    fn steps(users: [u64; 3], pending: [u64; 3]) -> Json {
        let share = |users: u64, of: u64| (of > 0).then(|| users as f64 / of as f64);
        let steps: Vec<Json> = (0..3)
            .map(|step| {
                json!({
                    "users": users[step], "pending": pending[step], "from_start": share(users[step], users[0]),
                    "from_previous": share(users[step], users[step.saturating_sub(1)]),
                    "median_seconds": (step > 0).then_some(90.0), "average_seconds": null,
                })
            })
            .collect();
        json!(steps)
    }

    fn group(value: Json, users: [u64; 3], pending: [u64; 3]) -> Json {
        json!({
            "group": value, "users": users[0], "steps": steps(users, pending), "median_seconds": 15_120.0,
            "average_seconds": 20_000.0,
            "paths": [
                {"steps": [1], "users": users[0] - users[1]},
                {"steps": [1, 2], "users": users[1] - users[2]},
                {"steps": [1, 3], "users": users[2]},
            ],
            "times": [
                {"from_seconds": 0.0, "to_seconds": 60.0, "users": 100},
                {"from_seconds": 60.0, "to_seconds": 120.0, "users": 0},
                {"from_seconds": 10_800.0, "to_seconds": 21_600.0, "users": 850},
                {"from_seconds": 86_400.0, "to_seconds": 172_800.0, "users": 50},
            ],
            "buckets": [
                {"start": "2026-11-16T00:00:00.000Z", "end": "2026-11-17T00:00:00.000Z", "complete": true,
                    "steps": steps([40, 20, 10], [0; 3])},
                {"start": "2026-11-22T00:00:00.000Z", "end": "2026-11-23T00:00:00.000Z", "complete": true,
                    "steps": steps([4, 2, 0], [0, 1, 1])},
            ],
        })
    }

    /// An answer of three steps and two groups, to a query with other fields than usual.
    pub(in crate::tools::funnel) fn shown(change: Json) -> Shown {
        let mut query = json!({
            "tool": "funnel",
            "steps": [{"event": "Product Viewed"}, {"event": "Added to Cart"}, {"event": "Checkout Started"}],
            "within": {"of": "funnel", "count": 7, "unit": "day"},
            "during": {"type": "last", "count": 30, "unit": "day"},
            "group_by": {"scope": "event", "name": "device", "step": 1},
        });
        for (field, value) in change.as_object().unwrap() {
            query[field] = value.clone();
        }
        let answer = json!({
            "tool": "funnel",
            "stamp": {"as_of": "2026-11-24T00:00:00.000Z", "time_zone": "UTC", "start": null, "end": null,
                "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
            "groups": [
                group(json!([]), [4286, 1538, 1126], [0, 9, 58]),
                group(json!(["Mobile"]), [2604, 842, 571], [0, 0, 0]),
                group(json!([null]), [1682, 696, 555], [0, 0, 0]),
            ],
            "groups_left_out": 3,
        });
        let answered = Arc::new(Answered {
            query: serde_json::from_value(query).unwrap(),
            answer: serde_json::from_value(answer).unwrap(),
        });
        let form = FunnelForm::open(&answered.query, &Json::Null);
        Shown::of(&answered, &form, str::to_owned, str::to_owned).unwrap()
    }

    /// The same answer with other groups: the last is the largest, of 100 users.
    pub(in crate::tools::funnel) fn with_groups(shown: &Shown, count: u64) -> Shown {
        let mut answered = (*shown.answered).clone();
        if let Answer::Funnel(answer) = &mut answered.answer {
            let one = answer.groups.pop().unwrap();
            answer.groups.truncate(1);
            answer.groups.extend((1..=count).map(|place| {
                let mut group = one.clone();
                group.group = vec![Some(Value::String(place.to_string()))];
                group.steps[0].users = 100 - count + place;
                group
            }));
        }
        Shown {
            answered: Arc::new(answered),
            ..shown.clone()
        }
    }

    pub(in crate::tools::funnel) fn name(shown: &Shown, group: &Group) -> String {
        shown.group_name(group, |value, _| match value {
            Value::String(text) => text.clone(),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn the_largest_loss_is_the_largest_share() {
        let shown = shown(json!({}));
        let (step, lost) = shown.largest_loss(shown.total().unwrap()).unwrap();
        assert_eq!(
            (step, lost.from, lost.users, lost.pending),
            (1, 0, 2_748, 9)
        );
        assert_eq!(SAY.share(lost.share), "64.1%");
    }

    #[test]
    fn groups_are_named_by_their_value() {
        let names = |shown: &Shown| {
            shown
                .groups()
                .iter()
                .map(|group| name(shown, &group.group))
                .collect::<Vec<_>>()
        };
        let by_property = shown(json!({}));
        assert_eq!(names(&by_property), ["All users", "Mobile", "(not set)"]);
        assert_eq!(by_property.breakdown.as_deref(), Some("device at step 1"));
        assert!(by_property.groups_overlap());
        let by_segment = shown(json!({"group_by": {"segment": "Paid"}}));
        let inside = |inside: bool| name(&by_segment, &vec![Some(Value::Boolean(inside))]);
        assert_eq!(
            (inside(true), inside(false)),
            ("In Paid".to_owned(), "Not in Paid".to_owned())
        );
        assert!(!by_segment.groups_overlap() && by_segment.groups_are_parts());
        let by_user = shown(json!({"group_by": {"scope": "user", "name": "plan"}}));
        assert_eq!(
            (by_user.breakdown.as_deref(), by_user.groups_overlap()),
            (Some("plan"), false)
        );
    }

    #[test]
    fn groups_of_events_are_parts_where_each_user_is_in_one() {
        let by = |step: Option<u32>| {
            let mut by = json!({"scope": "event", "name": "device"});
            if let Some(step) = step {
                by["step"] = json!(step);
            }
            shown(json!({"group_by": by}))
        };
        // The groups add up, but others are left out.
        assert!(!by(Some(1)).groups_are_parts());
        let with = |change: fn(&mut FunnelAnswer)| {
            let mut shown = by(Some(1));
            let mut answered = (*shown.answered).clone();
            if let Answer::Funnel(answer) = &mut answered.answer {
                answer.groups_left_out = 0;
                change(answer);
            }
            shown.answered = Arc::new(answered);
            shown.groups_are_parts()
        };
        assert!(with(|_| ()));
        assert!(!with(|answer| answer.groups[1].users += 1));
        // Later a value is that of a step, so that the others are without it in each group.
        assert!(!by(Some(2)).groups_are_parts() && !by(None).groups_are_parts());
    }

    #[test]
    fn chosen_groups_stand_in_the_charts_and_keep_their_styles() {
        let shown = shown(json!({}));
        assert_eq!(shown.in_charts(None), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(shown.in_charts(Some(&[vec![None]])), [(2, 2)]);
        // Of groups that the answer does not have there is nothing to show: all users stand in.
        assert_eq!(
            shown.in_charts(Some(&[vec![Some("Tablet".into())]])),
            [(0, 0)]
        );
    }

    #[test]
    fn bars_lose_from_the_required_step_before() {
        let shown = shown(json!({"steps": [
            {"event": "Product Viewed"},
            {"event": "Added to Cart", "optional": true},
            {"event": "Checkout Started"},
        ]}));
        let bars = |of| {
            shown.picture(&[(0, 0)], of, SAY).groups[0]
                .bars
                .iter()
                .map(|bar| format!("{:.3} {:.3}", bar.share, bar.before))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            bars(ShareOf::Start),
            ["1.000 0.000", "0.359 0.000", "0.263 1.000"]
        );
        assert_eq!(bars(ShareOf::Previous)[2], "0.732 1.000");
        let picture = shown.picture(&[(0, 0), (1, 1)], ShareOf::Previous, SAY);
        assert!(!picture.flow);
        assert_eq!(picture.groups[1].style, Some(1));
        assert_eq!(picture.ticks[1], (0.25, "25%".to_owned()));
    }

    #[test]
    fn times_are_told_in_fewer_stretches_where_room_is_short() {
        let shown = shown(json!({}));
        let fine = shown.times(&[(0, 0)], false, SAY);
        assert_eq!(
            fine.stretches,
            ["under 1 min", "1 to 2 min", "3 to 6 h", "1 to 2 d"]
        );
        assert_eq!(fine.series[0].median, Some(2));
        let coarse = shown.times(&[(0, 0)], true, SAY);
        assert_eq!(
            coarse.stretches,
            ["under 1 min", "1 to 10 min", "1 to 6 h", "1 to 4 d"]
        );
        let counts: Vec<_> = coarse.series[0]
            .bars
            .iter()
            .map(|bar| bar.count.as_str())
            .collect();
        assert_eq!(counts, ["100", "0", "850", "50"]);
    }

    #[test]
    fn one_step_takes_no_time() {
        let several = shown(json!({}));
        assert!(several.has_times(0) && !several.has_times(9));
        assert_eq!(several.took(Some(90.0)), "1 min 30 s");
        let one = shown(json!({"steps": [{"event": "Product Viewed"}]}));
        assert!(!one.has_times(0));
        assert_eq!(one.took(Some(0.0)), "\u{2013}");
    }

    #[test]
    fn only_what_is_certain_is_said_of_times() {
        let shown = shown(json!({}));
        let total = shown.total().unwrap().clone();
        assert_eq!(
            time_words(&total, SAY).as_deref(),
            Some("Half within 4 h 12 min, 95.0% in less than 6 h")
        );
        // Of a few nothing is said but the middle; of nobody nothing.
        let mut few = total.clone();
        few.times.retain(|time| time.users == 50);
        few.times[0].users = 9;
        assert_eq!(
            time_words(&few, SAY).as_deref(),
            Some("Half within 4 h 12 min")
        );
        let nobody = FunnelGroup {
            median_seconds: None,
            times: Vec::new(),
            ..total
        };
        assert_eq!(time_words(&nobody, SAY), None);
    }

    #[test]
    fn a_bucket_is_open_until_the_limit_of_its_last_user_is_over() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let began = at("2026-11-16T00:00:00Z");
        assert_eq!(
            shown(json!({})).open_until(began),
            Some(at("2026-11-23T00:00:00Z"))
        );
        let by_step = json!({"within": {"of": "step", "count": 1, "unit": "day"}});
        assert_eq!(
            shown(by_step).open_until(began),
            Some(at("2026-11-18T00:00:00Z"))
        );
        assert_eq!(shown(json!({"within": null})).open_until(began), None);
    }

    #[test]
    fn files_have_plain_numbers() {
        let shown = shown(json!({}));
        let rows = shown.rows(|group| name(&shown, group));
        assert_eq!(rows.len(), 1 + 3 * 3);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        assert_eq!(
            rows[5][..7].join("|"),
            "Mobile|2|Added to Cart|no|842|0.32334869431643626|0.32334869431643626"
        );
        assert_eq!(rows[5][7..].join("|"), "1762|0|90|");
        let times = shown.time_rows(|group| name(&shown, group));
        assert_eq!(times.len(), 1 + 3 * 4);
        assert_eq!(times[3].join("|"), "All users|10800|21600|850");
    }

    #[test]
    fn steps_are_called_as_somebody_named_them() {
        let shown = shown(json!({}));
        let mut form = FunnelForm::open(&shown.answered.query, &Json::Null);
        let id = form.steps.all()[1].id;
        form.steps.get_mut(id).unwrap().name = "Cart".to_owned();
        let named = Shown::of(&shown.answered, &form, str::to_uppercase, str::to_owned).unwrap();
        let names: Vec<_> = named.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["PRODUCT VIEWED", "Cart", "CHECKOUT STARTED"]);
        assert_eq!(named.title(), "PRODUCT VIEWED to CHECKOUT STARTED");
    }
}
