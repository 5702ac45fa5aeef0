//! An answer as the results show it: its steps and groups by name, what is lost between steps, and which groups stand in the
//! charts.

use std::sync::Arc;

use chrono::NaiveDateTime;
use segments_charts::distribution::{Distribution, DistributionBar, DistributionBars};
use segments_charts::figures::Figures;
use segments_charts::funnel::{FunnelBar, FunnelBars, FunnelPicture};
use segments_charts::series::STYLES;
use segments_format as format;
use segments_forms::funnel::{FunnelForm, ShareOf};
use segments_forms::tool::Names;
use segments_model::Instant;
use segments_model::answer::{
    Answer, FunnelAnswer, FunnelGroup, FunnelPath, FunnelStep, Group, TimeStretch,
};
use segments_model::criterion::WithinOf;
use segments_model::filter::Scope;
use segments_model::query::{FunnelGroupBy, FunnelQuery, GroupBy, Interval, PropertyGroup, Query};
use segments_model::sentence::{self, capital};
use segments_model::sort::sort_by;

use crate::tool::buckets::bucket_names;
use crate::tool::names::group_name;
use crate::tool::state::Answered;

/// How many groups can stand in a chart beside each other.
pub const MOST_SHOWN: usize = STYLES;
/// How many groups stand there where nobody has chosen, all users together not counted.
const FIRST_SHOWN: usize = 3;
/// The starts of the stretches of time where there is little room, in seconds.
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

/// A share, or a dash where there is none.
#[must_use]
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "\u{2013}".to_owned(), format::percent)
}

/// A part of a whole as a share; none of nothing.
#[must_use]
pub fn share_of(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How many users: `1,204 users`.
#[must_use]
pub fn users(users: u64) -> String {
    format::plural(users, "user", "users")
}

/// How many may still come: `58 still have time`.
#[must_use]
pub fn still_have_time(pending: u64) -> String {
    let verb = if pending == 1 { "has" } else { "have" };
    format!("{} still {verb} time", format::count(pending))
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
    pub optional: bool,
}

/// Who got to the required step before a step and not to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// The required step before.
    pub from: usize,
    pub users: u64,
    /// The share of those who reached the step before; none where nobody did.
    pub share: Option<f64>,
    /// How many of them may still come.
    pub pending: u64,
}

/// An answer with the names of its steps and groups.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelView {
    answered: Arc<Answered>,
    pub query: FunnelQuery,
    /// The answer: all users together, then the groups.
    pub answer: FunnelAnswer,
    pub steps: Vec<StepName>,
    /// What it is broken down by: `device at step 1`.
    pub breakdown: Option<String>,
    /// The names of the groups.
    names: Vec<String>,
}

impl FunnelView {
    /// The answer to the query that the form stands for; none where it is another tool's.
    #[must_use]
    pub fn of(answered: &Arc<Answered>, form: &FunnelForm, names: Names<'_>) -> Option<Self> {
        let (Query::Funnel(query), Answer::Funnel(answer)) = (&answered.query, &answered.answer)
        else {
            return None;
        };
        let steps = query
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| StepName {
                number: form.number_of(index),
                name: form.name_of(index).map_or_else(
                    || match step.event.as_deref() {
                        None => capital(&names.event(None)),
                        event => names.event(event),
                    },
                    str::to_owned,
                ),
                optional: step.optional,
            });
        let by = query.group_by.as_ref().map(|by| match by {
            FunnelGroupBy::Segment(by) => GroupBy::Segment(by.clone()),
            FunnelGroupBy::Property(by) => GroupBy::Property(PropertyGroup {
                scope: by.scope,
                name: by.name.clone(),
            }),
        });
        let breakdown = query.group_by.as_ref().map(|by| match by {
            FunnelGroupBy::Segment(by) => (names.segment)(&by.segment),
            FunnelGroupBy::Property(by) => match (by.scope, by.step) {
                (Scope::User, _) => by.name.clone(),
                (Scope::Event, None) => format!("{} at all steps", by.name),
                (Scope::Event, Some(step)) => {
                    let index = usize::try_from(step).unwrap_or(1).saturating_sub(1);
                    format!("{} at step {}", by.name, form.number_of(index))
                }
            },
        });
        let zone = &answer.stamp.time_zone;
        let name = |group: &FunnelGroup| match (group.group.first(), &by) {
            (Some(value), Some(by)) => group_name(value.as_ref(), by, names, zone),
            _ => "All users".to_owned(),
        };
        Some(Self {
            steps: steps.collect(),
            breakdown,
            names: answer.groups.iter().map(name).collect(),
            query: query.clone(),
            answer: answer.clone(),
            answered: Arc::clone(answered),
        })
    }

    /// Whether it is of this answer.
    #[must_use]
    pub fn is_of(&self, answered: &Arc<Answered>) -> bool {
        Arc::ptr_eq(&self.answered, answered)
    }

    /// All users together, then the groups.
    #[must_use]
    pub fn groups(&self) -> &[FunnelGroup] {
        &self.answer.groups
    }

    /// What the group at a place is called.
    #[must_use]
    pub fn name(&self, group: usize) -> &str {
        self.names.get(group).map_or("", String::as_str)
    }

    /// The place of a group; of none that of all users together.
    #[must_use]
    pub fn place(&self, group: Option<&Group>) -> Option<usize> {
        let wanted = group.map_or(&[][..], Vec::as_slice);
        let mut groups = self.groups().iter();
        groups.position(|group| group.group == wanted)
    }

    /// All users together.
    #[must_use]
    pub fn total(&self) -> Option<&FunnelGroup> {
        self.groups().get(self.place(None)?)
    }

    /// The number on the page of a step, counted from 0 here.
    #[must_use]
    pub fn number(&self, step: usize) -> usize {
        let step_name = self.steps.get(step);
        step_name.map_or(step + 1, |step| step.number)
    }

    /// The zone of the answer.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.answer.stamp.time_zone
    }

    #[must_use]
    pub const fn last(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    /// The steps of a path, counted from 0.
    #[must_use]
    pub fn steps_of(&self, path: &FunnelPath) -> Vec<usize> {
        let steps = path.steps.iter();
        steps
            .filter_map(|step| usize::try_from(*step).ok()?.checked_sub(1))
            .collect()
    }

    /// Whether a step is there and cannot be left out.
    #[must_use]
    pub fn is_required(&self, step: usize) -> bool {
        self.steps.get(step).is_some_and(|step| !step.optional)
    }

    /// The required step before a step.
    #[must_use]
    pub fn before(&self, step: usize) -> Option<usize> {
        (0..step).rev().find(|before| self.is_required(*before))
    }

    /// The required step after a step.
    #[must_use]
    pub fn after(&self, step: usize) -> Option<usize> {
        (step + 1..self.steps.len()).find(|after| self.is_required(*after))
    }

    /// How many users got to the required step before a step and not to it, by the figures of a group or of a bucket of it.
    /// None at the first step and at optional ones, where nobody is lost.
    #[must_use]
    pub fn lost(&self, steps: &[FunnelStep], step: usize) -> Option<Lost> {
        let from = self.before(step).filter(|_| self.is_required(step))?;
        let (before, here) = (steps.get(from)?.users, steps.get(step)?);
        let users = before.saturating_sub(here.users);
        Some(Lost {
            from,
            users,
            share: share_of(users, before),
            pending: here.pending.min(users),
        })
    }

    /// The step before which the largest share of a group is lost, of equal ones the first.
    #[must_use]
    pub fn largest_loss(&self, group: &FunnelGroup) -> Option<(usize, Lost)> {
        let losses = (0..self.steps.len())
            .filter_map(|step| Some((step, self.lost(&group.steps, step)?)))
            .filter(|(_, lost)| lost.users > 0);
        let share = |lost: &Lost| lost.share.unwrap_or_default();
        losses.reduce(|best, next| {
            if share(&next.1) > share(&best.1) {
                next
            } else {
                best
            }
        })
    }

    /// Whether a user can be in several groups: values of events are those of several occurrences.
    #[must_use]
    pub fn groups_overlap(&self) -> bool {
        matches!(
            &self.query.group_by,
            Some(FunnelGroupBy::Property(by)) if by.scope == Scope::Event
        ) && self.groups().len() > 1
    }

    /// Whether the groups are the parts of all users: each user is in one of them and stays there.
    #[must_use]
    pub fn groups_are_parts(&self) -> bool {
        let Some(FunnelGroupBy::Property(by)) = &self.query.group_by else {
            return self.groups().len() > 1;
        };
        if by.scope == Scope::User {
            return true;
        }
        // By a value at step 1 everybody is in a group at least: in one alone, where the groups add up to all.
        let groups = self.groups().iter().filter(|group| !group.group.is_empty());
        let in_groups: u64 = groups.map(|group| group.users).sum();
        let is_all = self.total().is_some_and(|total| total.users == in_groups);
        by.step == Some(1) && self.answer.groups_left_out == 0 && is_all
    }

    /// The groups in the charts, by their places, with the style of each. The same group keeps its style as long as that is
    /// free.
    #[must_use]
    pub fn in_charts(&self, chosen: Option<&[Group]>) -> Vec<(usize, usize)> {
        let is_shown = |place: usize, group: &FunnelGroup| match chosen {
            None => place <= FIRST_SHOWN,
            Some(chosen) => chosen.contains(&group.group),
        };
        let mut in_charts: Vec<(usize, usize)> = Vec::new();
        for (place, group) in self.groups().iter().enumerate() {
            if in_charts.len() < MOST_SHOWN && is_shown(place, group) {
                let mut styles = (0..STYLES).map(|more| (place + more) % STYLES);
                let free = styles.find(|style| in_charts.iter().all(|(_, taken)| taken != style));
                in_charts.push((place, free.unwrap_or_default()));
            }
        }
        if in_charts.is_empty() && !self.groups().is_empty() {
            in_charts.push((0, 0));
        }
        in_charts
    }

    /// The step chart of some groups.
    #[must_use]
    pub fn picture(&self, in_charts: &[(usize, usize)], of: ShareOf) -> FunnelPicture {
        let several = in_charts.len() > 1;
        let bars = |&(place, style): &(usize, usize)| {
            let group = self.groups().get(place)?;
            let share = |step: &FunnelStep| match of {
                ShareOf::Start => step.from_start.unwrap_or_default(),
                ShareOf::Previous => step.from_previous.unwrap_or_default(),
            };
            let bars = group.steps.iter().enumerate().map(|(index, step)| {
                let before = match (self.lost(&group.steps, index), of) {
                    _ if group.users == 0 => 0.0,
                    (None, _) => 0.0,
                    (Some(_), ShareOf::Previous) => 1.0,
                    (Some(lost), ShareOf::Start) => {
                        group.steps.get(lost.from).map(share).unwrap_or_default()
                    }
                };
                FunnelBar {
                    share: share(step),
                    before,
                }
            });
            Some(FunnelBars {
                style: several.then_some(style),
                bars: bars.collect(),
            })
        };
        let tick = |share| (share, format::percent(share).replace(".0", ""));
        FunnelPicture {
            optional: self.steps.iter().map(|step| step.optional).collect(),
            groups: in_charts.iter().filter_map(bars).collect(),
            ticks: [0.0, 0.25, 0.5, 0.75, 1.0].map(tick).to_vec(),
            flow: of == ShareOf::Start,
            on: None,
        }
    }

    /// Whether there are times of those of a group who converted. With one step there is no way to take.
    #[must_use]
    pub fn has_times(&self, place: usize) -> bool {
        let group = self.groups().get(place);
        self.steps.len() > 1 && group.is_some_and(|group| !group.times.is_empty())
    }

    /// The time to convert in words; a dash where there is none.
    #[must_use]
    pub fn took(&self, seconds: Option<f64>) -> String {
        length(seconds.filter(|_| self.steps.len() > 1))
    }

    /// How long those who converted took, group by group. Coarse: in fewer stretches.
    #[must_use]
    pub fn times(&self, in_charts: &[(usize, usize)], coarse: bool) -> Distribution {
        let several = in_charts.len() > 1;
        let groups = in_charts.iter().filter_map(|(place, style)| {
            let group = self.groups().get(*place)?;
            let times = if coarse {
                coarser(&group.times)
            } else {
                group.times.clone()
            };
            Some((group.median_seconds, *style, times))
        });
        let groups: Vec<_> = groups.collect();
        let mut stretches: Vec<TimeStretch> = Vec::new();
        for time in groups.iter().flat_map(|(.., times)| times) {
            let mut known = stretches.iter();
            if !known.any(|known| known.from_seconds == time.from_seconds) {
                stretches.push(*time);
            }
        }
        sort_by(&mut stretches, |a, b| {
            a.from_seconds.total_cmp(&b.from_seconds)
        });
        let series = groups.into_iter().map(|(median, style, times)| {
            let all: u64 = times.iter().map(|time| time.users).sum();
            let has = |stretch: &TimeStretch, median: f64| {
                stretch.from_seconds <= median && stretch.to_seconds.is_none_or(|to| median < to)
            };
            let bars = stretches.iter().map(|stretch| {
                let mut times = times.iter();
                let time = times.find(|time| time.from_seconds == stretch.from_seconds);
                let users = time.map_or(0, |time| time.users);
                let share = share_of(users, all).unwrap_or_default();
                DistributionBar {
                    share,
                    count: format::count(users),
                    percent: format::percent(share),
                }
            });
            DistributionBars {
                style: several.then_some(style),
                median: median
                    .and_then(|median| stretches.iter().position(|stretch| has(stretch, median))),
                bars: bars.collect(),
            }
        });
        Distribution {
            series: series.collect(),
            stretches: stretches.iter().map(stretch_name).collect(),
        }
    }

    /// The limit, as the end of a sentence: ` within 7 days`, ` within 7 days of the step before`; empty without one.
    #[must_use]
    pub fn limit_words(&self) -> String {
        match self.query.within {
            None => String::new(),
            Some(within) => {
                let window = sentence::window(within.window());
                match within.of {
                    WithinOf::Funnel => format!(" within {window}"),
                    WithinOf::Step => format!(" within {window} of the previous step"),
                }
            }
        }
    }

    /// Whether there is a limit, so that time runs out.
    #[must_use]
    pub const fn has_limit(&self) -> bool {
        self.query.within.is_some()
    }

    /// How long a bucket is.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.query.interval.unwrap_or(Interval::Day)
    }

    /// When those of a bucket began, by its start: `on Sat 14 Nov 2026`, `in the week from 9 Nov 2026`.
    #[must_use]
    pub fn began_words(&self, start: Instant) -> String {
        began_words(self.interval(), format::local(start, self.zone()))
    }

    /// Until when those who began before an instant can still convert; none: without end.
    #[must_use]
    pub fn open_until(&self, began: Instant) -> Option<Instant> {
        let within = self.query.within?;
        let steps = match within.of {
            WithinOf::Funnel => 1,
            WithinOf::Step => i64::try_from(self.last()).unwrap_or(i64::MAX),
        };
        let length = within.window().millis().saturating_mul(steps);
        Some(began.saturating_add_millis(length))
    }
}

/// When those of a bucket began, by what the clock shows at its start.
#[must_use]
pub fn began_words(interval: Interval, start: NaiveDateTime) -> String {
    let date = "%-d %b %Y";
    match interval {
        Interval::Hour => format!("on {}", start.format("%a %-d %b %Y, %H:%M")),
        Interval::Day => format!("on {}", start.format("%a %-d %b %Y")),
        Interval::Week => format!("in the week from {}", start.format(date)),
        Interval::Month | Interval::Quarter => {
            format!("in {}", bucket_names(interval, Some(start), start).long)
        }
        Interval::Full => "in the whole range".to_owned(),
    }
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
    let from = length(Some(stretch.from_seconds));
    let Some(to) = stretch.to_seconds else {
        return format!("over {from}");
    };
    let to = length(Some(to));
    match (from.split_once(' '), to.split_once(' ')) {
        _ if stretch.from_seconds == 0.0 => format!("under {to}"),
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {to}"),
        _ => format!("{from} to {to}"),
    }
}

/// How long half of those who converted took at most, and nine in ten of them: what the stretches say for certain.
#[must_use]
pub fn time_words(group: &FunnelGroup) -> Option<String> {
    let median = group.median_seconds?;
    let half = format!("Half within {}", length(Some(median)));
    let all: u64 = group.times.iter().map(|time| time.users).sum();
    let mut users = 0;
    let most = group.times.iter().find_map(|time| {
        users += time.users;
        // Nine tenths or more; exact, as these are whole numbers.
        (users * 10 >= all * 9).then_some((users, time.to_seconds?))
    });
    Some(match most {
        Some((users, seconds)) if all >= 10 && seconds > median => {
            let whole = if users == all {
                "all".to_owned()
            } else {
                share(share_of(users, all))
            };
            format!("{half}, {whole} in less than {}", length(Some(seconds)))
        }
        _ => half,
    })
}
