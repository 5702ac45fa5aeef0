//! The parts of an answer that can be selected: whose users they are, in words, and which others could be meant.

use std::cmp::Reverse;

pub use segments_charts::funnel::FunnelSide as Side;
use segments_format as format;
use segments_model::Instant;
use segments_model::answer::{FunnelGroup, FunnelPath, FunnelStep};
use segments_model::criterion::Order;
use segments_model::selection::{FunnelOutcome, FunnelSelection, PathSelection, Selection};
use segments_model::sort::sort_by_key;

use crate::tool::selection::{AnswerPart, PartChoice, PartFact};
use crate::tools::funnel::answer::{FunnelView, length, share, share_of, still_have_time, users};

/// How many groups stand beside what was selected.
const MOST_FACTS: usize = 8;
/// How many steps are named one by one.
const MOST_NAMED: usize = 4;

/// Users of a step, by their places in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPart {
    pub group: usize,
    /// Which step, counted from 0. What was lost is lost before it.
    pub step: usize,
    /// Which of its users.
    pub side: Side,
    /// Which bucket over time; none: the whole range.
    pub bucket: Option<usize>,
}

impl StepPart {
    /// Users of a step over the whole range.
    #[must_use]
    pub const fn new(group: usize, step: usize, side: Side) -> Self {
        Self {
            group,
            step,
            side,
            bucket: None,
        }
    }
}

/// A path through the steps, by its places in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathPart {
    pub group: usize,
    pub path: usize,
}

/// The part that a selection is of; none where the answer does not have it.
#[must_use]
pub fn located(view: &FunnelView, selection: &FunnelSelection) -> Option<StepPart> {
    let step = usize::try_from(selection.step).ok()?.checked_sub(1)?;
    let group = view.place(selection.group.as_ref())?;
    let mut buckets = view.groups().get(group)?.buckets.iter();
    let bucket = match selection.bucket {
        None => None,
        start => Some(buckets.position(|bucket| bucket.bucket.start == start)?),
    };
    let (step, side) = match selection.outcome {
        FunnelOutcome::Reached => (step, Side::Reached),
        FunnelOutcome::Converted => (view.after(step)?, Side::Reached),
        FunnelOutcome::Dropped => (view.after(step)?, Side::Lost),
    };
    view.steps.get(step)?;
    Some(StepPart {
        group,
        step,
        side,
        bucket,
    })
}

/// The path that a selection is of; none where the answer does not have it.
#[must_use]
pub fn located_path(view: &FunnelView, selection: &PathSelection) -> Option<PathPart> {
    let group = view.place(selection.group.as_ref())?;
    let path = path_of(view.groups().get(group)?, &selection.path)?;
    Some(PathPart { group, path })
}

fn path_of(group: &FunnelGroup, steps: &[u32]) -> Option<usize> {
    group.paths.iter().position(|path| path.steps == steps)
}

/// Everything about a path.
#[must_use]
pub fn path_part(
    view: &FunnelView,
    at: &PathPart,
    in_charts: &[(usize, usize)],
) -> Option<AnswerPart> {
    let group = view.groups().get(at.group)?;
    let path = group.paths.get(at.path)?;
    let is_all = group.group.is_empty();
    let detail = share_of(path.users, group.users).map(|share| {
        let share = format::percent(share);
        format!("{share} of step {}", view.number(0))
    });
    let facts = if is_all && view.groups().len() > 1 {
        // The path of a user in a group can be another one, unless the groups are the parts of all users.
        group_facts(
            view,
            path.users,
            view.groups_are_parts(),
            in_charts,
            |group| {
                let path = path_of(group, &path.steps).and_then(|path| group.paths.get(path));
                Some(path.map_or(0, |path| path.users))
            },
        )
    } else {
        Vec::new()
    };
    Some(AnswerPart {
        of: of(view, at.group),
        title: of_whom(
            view,
            at.group,
            format!("{} took this path", users(path.users)),
        ),
        text: path_text(view, path),
        facts,
        choices: vec![PartChoice {
            label: path_label(view, path),
            users: Some(path.users),
            detail: detail.unwrap_or_default(),
            pending: None,
            selection: Selection::Path(PathSelection {
                path: path.steps.clone(),
                group: (!is_all).then(|| group.group.clone()),
            }),
        }],
    })
}

/// `Viewed, then Bought within 7 days, without Carted.`
fn path_text(view: &FunnelView, path: &FunnelPath) -> String {
    let steps = view.steps_of(path);
    let last = steps.last().copied().unwrap_or_default();
    // Nobody on the path got past the next step that cannot be left out.
    let end = view.after(last).unwrap_or(view.last());
    let name = |step: usize| view.steps.get(step).map(|step| step.name.as_str());
    let taken: Vec<&str> = steps.iter().filter_map(|step| name(*step)).collect();
    let not = (0..=end).filter(|step| !steps.contains(step));
    let not: Vec<&str> = not.filter_map(name).collect();
    let without = if not.is_empty() {
        String::new()
    } else {
        format!(", without {}", not.join(", "))
    };
    let strict = if view.query.order == Order::Strict && taken.len() > 1 {
        ", nothing else between"
    } else {
        ""
    };
    let limit = view.limit_words();
    // Of one step alone the limit is that of what did not follow.
    let end = if taken.len() > 1 {
        format!("{limit}{without}")
    } else {
        format!("{without}{limit}")
    };
    let taken = taken.join(", then ");
    format!("{taken}{strict}{end}. The longest path of each user counts.")
}

/// `Took steps 1 and 3`.
fn path_label(view: &FunnelView, path: &FunnelPath) -> String {
    let steps = view.steps_of(path).into_iter();
    let numbers: Vec<String> = steps.map(|step| view.number(step).to_string()).collect();
    match numbers.as_slice() {
        [] => "Took no step".to_owned(),
        [only] => format!("Took only step {only}"),
        [first @ .., last] => format!("Took steps {} and {last}", first.join(", ")),
    }
}

/// The group of a part, for what its segment is made from; empty: all users.
fn of(view: &FunnelView, group: usize) -> String {
    if view.place(None) == Some(group) {
        String::new()
    } else {
        view.name(group).to_owned()
    }
}

/// What is said of a group begins with its name.
fn of_whom(view: &FunnelView, group: usize, what: String) -> String {
    match of(view, group) {
        all if all.is_empty() => what,
        group => format!("{group}: {what}"),
    }
}

/// Everything about users of a step.
#[must_use]
pub fn step_part(
    view: &FunnelView,
    at: &StepPart,
    in_charts: &[(usize, usize)],
) -> Option<AnswerPart> {
    let source = StepSource::of(view, *at)?;
    Some(AnswerPart {
        of: of(view, at.group),
        title: source.title()?,
        text: source.text()?,
        facts: source.facts(in_charts),
        choices: source.choices(),
    })
}

/// The figures of the steps that a part is about, and the start of its bucket.
struct StepSource<'a> {
    view: &'a FunnelView,
    at: StepPart,
    group: &'a FunnelGroup,
    steps: &'a [FunnelStep],
    bucket: Option<Instant>,
}

impl<'a> StepSource<'a> {
    fn of(view: &'a FunnelView, at: StepPart) -> Option<Self> {
        let group = view.groups().get(at.group)?;
        let bucket = match at.bucket {
            None => None,
            Some(place) => Some(group.buckets.get(place)?),
        };
        Some(Self {
            view,
            at,
            group,
            steps: bucket.map_or(&group.steps, |bucket| &bucket.steps),
            bucket: bucket.and_then(|bucket| bucket.bucket.start),
        })
    }

    fn users(&self, steps: &[FunnelStep]) -> Option<u64> {
        match self.at.side {
            Side::Reached => Some(steps.get(self.at.step)?.users),
            Side::Lost => Some(self.view.lost(steps, self.at.step)?.users),
        }
    }

    fn title(&self) -> Option<String> {
        let StepPart { step, side, .. } = self.at;
        let users = users(self.users(self.steps)?);
        let what = match side {
            Side::Lost => format!("{users} dropped here"),
            Side::Reached if step == 0 => format!("{users} started"),
            Side::Reached if step == self.view.last() => format!("{users} converted"),
            Side::Reached => format!("{users} reached step {}", self.view.number(step)),
        };
        Some(of_whom(self.view, self.at.group, what))
    }

    /// The required steps up to one, and that one, by name.
    fn way(&self, to: usize, between: &str) -> String {
        let steps = self.view.steps.iter().enumerate();
        let steps = steps.filter(|(index, step)| *index <= to && (*index == to || !step.optional));
        let names: Vec<&str> = steps.map(|(_, step)| step.name.as_str()).collect();
        match names.as_slice() {
            [first, .., last] if names.len() > MOST_NAMED => {
                format!("{first}{between}\u{2026}{between}{last}")
            }
            names => names.join(between),
        }
    }

    fn text(&self) -> Option<String> {
        let (view, StepPart { step, side, .. }) = (self.view, self.at);
        let (order, limit) = (view.query.order, view.limit_words());
        let here = &view.steps.get(step)?.name;
        let what = match side {
            Side::Reached if self.way(step, "\n") == *here => here.clone(),
            Side::Reached => match order {
                Order::Any => format!("{}, in any order{limit}", self.way(step, ", ")),
                Order::Strict => {
                    format!("{}, nothing else between{limit}", self.way(step, ", then "))
                }
                Order::Sequential => format!("{}{limit}", self.way(step, ", then ")),
            },
            Side::Lost => {
                let from = view.before(step)?;
                let before = &view.steps.get(from)?.name;
                match order {
                    Order::Any => {
                        format!("{}, but not {here} with that{limit}", self.way(from, ", "))
                    }
                    Order::Strict => format!("{before}, then no {here} as the next event{limit}"),
                    Order::Sequential => format!("{before}, then no {here}{limit}"),
                }
            }
        };
        let began = self
            .bucket
            .map(|start| format!(", started {}", view.began_words(start)));
        let mut exclusions = view.query.exclude.iter();
        let excludes = exclusions
            .any(|exclusion| usize::try_from(exclusion.from).is_ok_and(|from| from <= step));
        let excluded = if excludes && step > 0 {
            " Users with an excluded event in between do not convert."
        } else {
            ""
        };
        let several = match side {
            _ if !self.has_groups() || view.groups_are_parts() => "",
            Side::Reached => " A user can be in several groups.",
            Side::Lost => {
                " A user can be in several groups, and drop off in one while continuing in another."
            }
        };
        let pending = match side {
            Side::Lost => self.pending_words(),
            Side::Reached => String::new(),
        };
        let began = began.unwrap_or_default();
        Some(format!("{what}{began}.{excluded}{pending}{several}"))
    }

    /// How many of those who were lost may still come.
    fn pending_words(&self) -> String {
        let Some(lost) = self.view.lost(self.steps, self.at.step) else {
            return String::new();
        };
        let count = format::count(lost.pending);
        match (self.view.has_limit(), lost.pending) {
            (_, 0) => String::new(),
            (true, pending) if pending == lost.users => " All of them still have time.".to_owned(),
            (false, pending) if pending == lost.users => {
                " With no limit, all of them may still convert.".to_owned()
            }
            (true, pending) => {
                let still = still_have_time(pending).replacen(" still", " of them still", 1);
                format!(" {still}.")
            }
            (false, _) => format!(" {count} of them may still convert."),
        }
    }

    /// Whether it is of all users, and the answer has the groups too.
    fn has_groups(&self) -> bool {
        self.group.group.is_empty() && self.view.groups().len() > 1
    }

    fn facts(&self, in_charts: &[(usize, usize)]) -> Vec<PartFact> {
        let (
            view,
            StepPart {
                step, side, bucket, ..
            },
        ) = (self.view, self.at);
        let Some(all) = self.users(self.steps) else {
            return Vec::new();
        };
        if self.has_groups() {
            // Whoever dropped in a group need not have dropped at all, unless the groups are the parts of all users.
            let has_shares = side == Side::Reached || view.groups_are_parts();
            return group_facts(view, all, has_shares, in_charts, |group| {
                let steps = match bucket {
                    None => &group.steps,
                    Some(bucket) => &group.buckets.get(bucket)?.steps,
                };
                self.users(steps)
            });
        }
        let figures = self
            .steps
            .get(step)
            .filter(|_| side == Side::Reached && step > 0);
        let Some(figures) = figures else {
            return Vec::new();
        };
        let fact = |name: &str, figure: String| PartFact {
            name: name.to_owned(),
            figure,
            ..PartFact::default()
        };
        // The share of step 1 stands beside the choice.
        let before = view.before(step).filter(|before| *before > 0);
        let before = before.map(|before| {
            let name = format!("Of step {}", view.number(before));
            fact(&name, share(figures.from_previous))
        });
        let median = figures.median_seconds;
        let median = median.map(|_| fact("Median from the previous step", length(median)));
        before.into_iter().chain(median).collect()
    }

    fn choices(&self) -> Vec<PartChoice> {
        let mut choices = Choices {
            source: self,
            choices: Vec::new(),
        };
        let StepPart { step, side, .. } = self.at;
        if self.at.bucket.is_some() {
            // Over time: who converted, who began, and where the others were lost.
            for step in [step, self.view.last(), 0] {
                choices.reached(step);
            }
            for step in (0..self.view.steps.len()).filter(|step| self.view.is_required(*step)) {
                choices.from(step, FunnelOutcome::Dropped);
            }
        } else if side == Side::Reached {
            choices.reached(step);
            choices.from(step, FunnelOutcome::Converted);
            choices.from(step, FunnelOutcome::Dropped);
        } else if let Some(before) = self.view.before(step) {
            choices.from(before, FunnelOutcome::Dropped);
            choices.from(before, FunnelOutcome::Converted);
            choices.reached(before);
        }
        choices.choices
    }
}

/// How those that were selected are divided by the breakdown, the largest part first. They have shares where the groups have
/// no others than them.
fn group_facts(
    view: &FunnelView,
    all: u64,
    has_shares: bool,
    in_charts: &[(usize, usize)],
    users: impl Fn(&FunnelGroup) -> Option<u64>,
) -> Vec<PartFact> {
    let detail = |users: u64| {
        let share = share_of(users, all).filter(|_| has_shares);
        share.map(format::percent).unwrap_or_default()
    };
    let groups = view.groups().iter().enumerate();
    let groups = groups.filter(|(_, group)| !group.group.is_empty());
    let groups = groups.filter_map(|(place, group)| Some((place, users(group)?)));
    let mut groups: Vec<(usize, u64)> = groups.collect();
    sort_by_key(&mut groups, |(_, users)| Reverse(*users));
    let others = groups.len().saturating_sub(MOST_FACTS) as u64 + view.answer.groups_left_out;
    groups.truncate(MOST_FACTS);
    let named: u64 = groups.iter().map(|(_, users)| users).sum();
    let style = |place: usize| {
        let mut groups = in_charts.iter().filter(|_| in_charts.len() > 1);
        Some(groups.find(|(group, _)| *group == place)?.1)
    };
    let facts = groups.into_iter().map(|(place, users)| PartFact {
        style: style(place),
        name: view.name(place).to_owned(),
        figure: format::count(users),
        detail: detail(users),
    });
    let mut facts: Vec<PartFact> = facts.collect();
    // Of parts what is left is known; of groups that overlap it is not.
    let rest = view.groups_are_parts().then(|| all.saturating_sub(named));
    if others > 0 && rest != Some(0) {
        facts.push(PartFact {
            style: None,
            name: format::plural(others, "other group", "other groups"),
            figure: rest.map(format::count).unwrap_or_default(),
            detail: rest.map(detail).unwrap_or_default(),
        });
    }
    facts
}

/// Collects choices, none twice.
struct Choices<'a> {
    source: &'a StepSource<'a>,
    choices: Vec<PartChoice>,
}

impl Choices<'_> {
    fn push(
        &mut self,
        label: String,
        users: Option<u64>,
        of: Option<usize>,
        step: usize,
        outcome: FunnelOutcome,
    ) {
        let (view, group) = (self.source.view, &self.source.group.group);
        let Ok(number) = u32::try_from(step + 1) else {
            return;
        };
        let selection = FunnelSelection {
            step: number,
            outcome,
            group: (!group.is_empty()).then(|| group.clone()),
            bucket: self.source.bucket,
        };
        let pending = (outcome == FunnelOutcome::Dropped).then(|| {
            let lost = view.lost(self.source.steps, view.after(step)?)?;
            Some(lost.pending)
        });
        let selection = Selection::Funnel(selection);
        let is_known = |known: &PartChoice| known.selection == selection;
        // Nobody is no choice, except for what was clicked itself.
        let is_nobody = users == Some(0) && !self.choices.is_empty();
        if is_nobody || self.choices.iter().any(is_known) {
            return;
        }
        let share = of.and_then(|of| share_of(users?, self.at(of)?));
        let detail = of.zip(share).map(|(of, share)| {
            let share = format::percent(share);
            format!("{share} of step {}", view.number(of))
        });
        self.choices.push(PartChoice {
            label,
            users,
            detail: detail.unwrap_or_default(),
            pending: pending.flatten(),
            selection,
        });
    }

    fn at(&self, step: usize) -> Option<u64> {
        self.source.steps.get(step).map(|step| step.users)
    }

    fn reached(&mut self, step: usize) {
        let view = self.source.view;
        let label = if step == view.last() && step > 0 {
            "Converted".to_owned()
        } else {
            format!("Reached step {}", view.number(step))
        };
        let of = (step > 0).then_some(0);
        self.push(label, self.at(step), of, step, FunnelOutcome::Reached);
    }

    /// Those who got from a step to the next required one, or did not. How many these are the answer has of required steps
    /// alone.
    fn from(&mut self, step: usize, outcome: FunnelOutcome) {
        let view = self.source.view;
        let Some(next) = view.after(step) else {
            return;
        };
        let (here, there) = (view.number(step), view.number(next));
        let (label, users) = match (outcome, view.is_required(step)) {
            (FunnelOutcome::Dropped, required) => {
                let lost = view.lost(self.source.steps, next).filter(|_| required);
                (
                    format!("Dropped after step {here}"),
                    lost.map(|lost| lost.users),
                )
            }
            // Whoever is at a required step was at the one before.
            (_, true) => (format!("Went on to step {there}"), self.at(next)),
            (_, false) => (format!("Went on from step {here} to {there}"), None),
        };
        self.push(label, users, Some(step), step, outcome);
    }
}
