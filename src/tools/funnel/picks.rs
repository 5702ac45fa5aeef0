//! What a click on a funnel's answer chooses: whose users they are, in words, and which others could be meant.

pub use segments_charts::funnel::FunnelSide as Side;
use segments_model::Instant;
use segments_model::answer::{FunnelGroup, FunnelPath, FunnelStep, Group};
use segments_model::criterion::Order;
use segments_model::selection::{FunnelOutcome, FunnelSelection, PathSelection, Selection};

use crate::tool::picked::{Fact, PickChoice};
use crate::tools::funnel::shown::{Lost, Say, Shown, length};

/// How many groups are told beside what was chosen.
const MOST_FACTS: usize = 8;
/// How many steps are named one by one.
const MOST_NAMED: usize = 4;

/// A part of an answer, by its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which group, by its place in the answer.
    pub group: usize,
    /// Which step, counted from 0. What was lost is lost before it.
    pub step: usize,
    /// Which of its users.
    pub side: Side,
    /// Which bucket over time; none: the whole range.
    pub bucket: Option<usize>,
}

impl Pick {
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

/// A way through the steps, by its places in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathPick {
    /// Which group.
    pub group: usize,
    /// Which of its paths.
    pub path: usize,
}

/// What was chosen, in words and with its choices.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// `412 users dropped here`.
    pub title: String,
    /// What it means.
    pub text: String,
    /// Figures that belong to it.
    pub facts: Vec<Fact>,
    /// Which users it can be about, the one that was chosen first.
    pub choices: Vec<PickChoice>,
}

/// How the words of a pick are written.
pub struct Words<'a> {
    /// Figures.
    pub say: Say,
    /// What a group is called.
    pub group: &'a dyn Fn(&Group) -> String,
    /// What a bucket is called: `on 16 Nov 2026`.
    pub bucket: &'a dyn Fn(Instant) -> String,
    /// The groups in the chart with their styles, for signs.
    pub shown: &'a [(usize, usize)],
}

/// The figures of the steps that a pick is about, and the start of its bucket.
struct Source<'a> {
    group: &'a FunnelGroup,
    steps: &'a [FunnelStep],
    bucket: Option<Instant>,
}

fn source<'a>(shown: &'a Shown, pick: &Pick) -> Option<Source<'a>> {
    let group = shown.groups().get(pick.group)?;
    match pick.bucket {
        None => Some(Source {
            group,
            steps: &group.steps,
            bucket: None,
        }),
        Some(place) => {
            let bucket = group.buckets.get(place)?;
            Some(Source {
                group,
                steps: &bucket.steps,
                bucket: bucket.bucket.start,
            })
        }
    }
}

fn select(source: &Source<'_>, step: usize, outcome: FunnelOutcome) -> Option<FunnelSelection> {
    Some(FunnelSelection {
        step: u32::try_from(step + 1).ok()?,
        outcome,
        group: (!source.group.group.is_empty()).then(|| source.group.group.clone()),
        bucket: source.bucket,
    })
}

/// The pick that a selection marks; none where the answer does not have it.
#[must_use]
pub fn marked(shown: &Shown, selection: &FunnelSelection) -> Option<Pick> {
    let step = usize::try_from(selection.step).ok()?.checked_sub(1)?;
    let wanted = selection.group.clone().unwrap_or_default();
    let group = shown
        .groups()
        .iter()
        .position(|group| group.group == wanted)?;
    let bucket = match selection.bucket {
        None => None,
        Some(start) => Some(
            shown
                .groups()
                .get(group)?
                .buckets
                .iter()
                .position(|bucket| bucket.bucket.start == Some(start))?,
        ),
    };
    let (step, side) = match selection.outcome {
        FunnelOutcome::Reached => (step, Side::Reached),
        FunnelOutcome::Converted => (shown.after(step)?, Side::Reached),
        FunnelOutcome::Dropped => (shown.after(step)?, Side::Lost),
    };
    shown.steps.get(step)?;
    Some(Pick {
        group,
        step,
        side,
        bucket,
    })
}

/// The way that a selection marks; none where the answer does not have it.
#[must_use]
pub fn marked_path(shown: &Shown, selection: &PathSelection) -> Option<PathPick> {
    let wanted = selection.group.as_deref().unwrap_or_default();
    let group = shown
        .groups()
        .iter()
        .position(|group| group.group == wanted)?;
    let path = path_of(shown.groups().get(group)?, &selection.path)?;
    Some(PathPick { group, path })
}

fn path_of(group: &FunnelGroup, steps: &[u32]) -> Option<usize> {
    group.paths.iter().position(|path| path.steps == steps)
}

/// Of which group the users of a selection are; none: of all users together.
#[must_use]
pub fn group_of(selection: &Selection) -> Option<&Group> {
    match selection {
        Selection::Funnel(selection) => selection.group.as_ref(),
        Selection::Path(selection) => selection.group.as_ref(),
        Selection::Segmentation(_) | Selection::Cohort(_) => None,
    }
}

/// Everything about a way through the steps.
#[must_use]
pub fn told_of_path(shown: &Shown, pick: &PathPick, words: &Words<'_>) -> Option<Told> {
    let group = shown.groups().get(pick.group)?;
    let path = group.paths.get(pick.path)?;
    let of_group = (!group.group.is_empty()).then(|| group.group.clone());
    let title = format!("{} took this way", words.say.users(path.users));
    let share = (group.users > 0).then(|| {
        let share = (words.say.percent)(path.users as f64 / group.users as f64);
        format!("{share} of step {}", shown.number(0))
    });
    let facts = if of_group.is_none() && shown.groups().len() > 1 {
        // The way of a user in a group can be another one, unless the groups are the parts of all users.
        let are_parts = shown.groups_are_parts();
        group_facts(shown, path.users, are_parts, words, |group| {
            let path = path_of(group, &path.steps).and_then(|path| group.paths.get(path));
            Some(path.map_or(0, |path| path.users))
        })
    } else {
        Vec::new()
    };
    Some(Told {
        title: of_whom(title, &group.group, words),
        text: path_text(shown, path),
        facts,
        choices: vec![PickChoice {
            label: path_label(shown, path),
            users: Some(path.users),
            detail: share.unwrap_or_default(),
            selection: Selection::Path(PathSelection {
                path: path.steps.clone(),
                group: of_group,
            }),
        }],
    })
}

/// `Viewed, then Bought within 7 days, without Carted.`
fn path_text(shown: &Shown, path: &FunnelPath) -> String {
    let steps = shown.steps_of(path);
    let last = steps.last().copied().unwrap_or_default();
    // Nobody on the way got past the next step that cannot be left out.
    let end = shown.after(last).unwrap_or(shown.last());
    let name = |step: &usize| shown.steps.get(*step).map(|step| step.name.as_str());
    let taken: Vec<&str> = steps.iter().filter_map(name).collect();
    let not: Vec<&str> = (0..=end)
        .filter(|step| !steps.contains(step))
        .filter_map(|step| name(&step))
        .collect();
    let mut text = taken.join(", then ");
    if shown.order() == Order::Strict && taken.len() > 1 {
        text.push_str(", nothing else between");
    }
    // Of one step alone the limit is that of what did not follow.
    if taken.len() > 1 {
        text.push_str(&shown.limit_words());
    }
    if !not.is_empty() {
        text.push_str(", without ");
        text.push_str(&not.join(", "));
    }
    if taken.len() == 1 {
        text.push_str(&shown.limit_words());
    }
    text.push_str(". Of the ways of a user the longest counts.");
    text
}

/// `Took steps 1 and 3`.
fn path_label(shown: &Shown, path: &FunnelPath) -> String {
    let numbers: Vec<String> = shown
        .steps_of(path)
        .into_iter()
        .map(|step| shown.number(step).to_string())
        .collect();
    match numbers.as_slice() {
        [] => "Took no step".to_owned(),
        [only] => format!("Took step {only} alone"),
        [first @ .., last] => format!("Took steps {} and {last}", first.join(", ")),
    }
}

/// Everything about a pick.
#[must_use]
pub fn told(shown: &Shown, pick: &Pick, words: &Words<'_>) -> Option<Told> {
    let source = source(shown, pick)?;
    Some(Told {
        title: title(shown, pick, &source, words)?,
        text: text(shown, pick, &source, words)?,
        facts: facts(shown, pick, &source, words),
        choices: choices(shown, pick, &source, words),
    })
}

/// How many of those that a selection is about may still leave them by going on.
#[must_use]
pub fn pending(shown: &Shown, selection: &FunnelSelection) -> Option<u64> {
    let pick = marked(shown, selection).filter(|pick| pick.side == Side::Lost)?;
    let source = source(shown, &pick)?;
    Some(shown.lost(source.steps, pick.step)?.pending)
}

fn users(shown: &Shown, steps: &[FunnelStep], pick: &Pick) -> Option<u64> {
    match pick.side {
        Side::Reached => Some(steps.get(pick.step)?.users),
        Side::Lost => Some(shown.lost(steps, pick.step)?.users),
    }
}

fn title(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> Option<String> {
    let users = words.say.users(users(shown, source.steps, pick)?);
    let number = shown.number(pick.step);
    let what = match pick.side {
        Side::Lost => format!("{users} dropped here"),
        Side::Reached if pick.step == 0 => format!("{users} started"),
        Side::Reached if pick.step == shown.last() => format!("{users} converted"),
        Side::Reached => format!("{users} reached step {number}"),
    };
    Some(of_whom(what, &source.group.group, words))
}

/// What is told of a group begins with its name.
fn of_whom(what: String, group: &Group, words: &Words<'_>) -> String {
    if group.is_empty() {
        what
    } else {
        format!("{}: {what}", (words.group)(group))
    }
}

/// The required steps up to one, and that one, by name.
fn way(shown: &Shown, to: usize) -> Vec<&str> {
    shown
        .steps
        .iter()
        .enumerate()
        .filter(|(index, step)| *index <= to && (*index == to || !step.optional))
        .map(|(_, step)| step.name.as_str())
        .collect()
}

fn joined(names: &[&str], between: &str) -> String {
    match names {
        [first, .., last] if names.len() > MOST_NAMED => {
            format!("{first}{between}\u{2026}{between}{last}")
        }
        names => names.join(between),
    }
}

fn text(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> Option<String> {
    let here = shown.steps.get(pick.step)?;
    let order = shown.order();
    let mut text = match pick.side {
        Side::Reached => {
            let names = way(shown, pick.step);
            match (order, names.as_slice()) {
                (_, [only]) => (*only).to_owned(),
                (Order::Any, names) => {
                    format!(
                        "{}, in any order{}",
                        joined(names, ", "),
                        shown.limit_words()
                    )
                }
                (Order::Strict, names) => format!(
                    "{}, nothing else between{}",
                    joined(names, ", then "),
                    shown.limit_words()
                ),
                (Order::Sequential, names) => {
                    format!("{}{}", joined(names, ", then "), shown.limit_words())
                }
            }
        }
        Side::Lost => {
            let from = shown.before(pick.step)?;
            let before = &shown.steps.get(from)?.name;
            match order {
                Order::Any => format!(
                    "{}, but not {} with that{}",
                    joined(&way(shown, from), ", "),
                    here.name,
                    shown.limit_words()
                ),
                Order::Strict => format!(
                    "{before}, then no {} as the next event{}",
                    here.name,
                    shown.limit_words()
                ),
                Order::Sequential => {
                    format!("{before}, then no {}{}", here.name, shown.limit_words())
                }
            }
        }
    };
    if let Some(start) = source.bucket {
        text.push_str(&format!(", started {}", (words.bucket)(start)));
    }
    text.push('.');
    let excludes = shown.query().is_some_and(|query| {
        query
            .exclude
            .iter()
            .any(|exclusion| usize::try_from(exclusion.from).is_ok_and(|from| from <= pick.step))
    });
    if excludes && pick.step > 0 {
        text.push_str(" An excluded event in between ends the way.");
    }
    if pick.side == Side::Lost
        && let Some(lost) = shown.lost(source.steps, pick.step)
    {
        text.push_str(&pending_words(shown, lost, words));
    }
    if is_told_by_groups(shown, source) && !shown.groups_are_parts() {
        text.push_str(match pick.side {
            Side::Reached => " A user can be in several groups.",
            Side::Lost => {
                " A user can be in several groups, and drop in one while going on in another."
            }
        });
    }
    Some(text)
}

/// Whether what was chosen is of all users, and the answer tells the groups too.
fn is_told_by_groups(shown: &Shown, source: &Source<'_>) -> bool {
    source.group.group.is_empty() && shown.groups().len() > 1
}

/// How many of those who were lost may still come.
fn pending_words(shown: &Shown, lost: Lost, words: &Words<'_>) -> String {
    let pending = lost.pending;
    if pending == 0 {
        return String::new();
    }
    if pending == lost.users {
        return if shown.has_limit() {
            " All of them still have time.".to_owned()
        } else {
            " Without a limit all of them may still come.".to_owned()
        };
    }
    let count = (words.say.count)(pending);
    let verb = if pending == 1 { "has" } else { "have" };
    if shown.has_limit() {
        format!(" {count} of them still {verb} time.")
    } else {
        format!(" {count} of them may still come.")
    }
}

fn facts(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> Vec<Fact> {
    let Some(all) = users(shown, source.steps, pick) else {
        return Vec::new();
    };
    if is_told_by_groups(shown, source) {
        // Whoever dropped in a group need not have dropped at all, unless the groups are the parts of all users.
        let has_shares = pick.side == Side::Reached || shown.groups_are_parts();
        return group_facts(shown, all, has_shares, words, |group| {
            let steps = match pick.bucket {
                None => &group.steps,
                Some(bucket) => &group.buckets.get(bucket)?.steps,
            };
            users(shown, steps, pick)
        });
    }
    let Some(step) = source.steps.get(pick.step) else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    if pick.side == Side::Reached && pick.step > 0 {
        // The share of step 1 stands beside the choice.
        if let Some(before) = shown.before(pick.step)
            && before > 0
        {
            facts.push(plain(
                format!("Of step {}", shown.number(before)),
                words.say.share(step.from_previous),
            ));
        }
        if step.median_seconds.is_some() {
            facts.push(plain(
                "Median from the step before".to_owned(),
                length(step.median_seconds),
            ));
        }
    }
    facts
}

fn plain(name: String, figure: String) -> Fact {
    Fact {
        style: None,
        name,
        figure,
        detail: String::new(),
    }
}

/// How those that were chosen are divided by the breakdown, the largest part first. Shares are told where the groups have no
/// others than them.
fn group_facts(
    shown: &Shown,
    all: u64,
    has_shares: bool,
    words: &Words<'_>,
    users: impl Fn(&FunnelGroup) -> Option<u64>,
) -> Vec<Fact> {
    let detail = |users: u64| {
        if all == 0 || !has_shares {
            String::new()
        } else {
            (words.say.percent)(users as f64 / all as f64)
        }
    };
    let mut groups: Vec<(usize, &FunnelGroup, u64)> = shown
        .groups()
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.group.is_empty())
        .filter_map(|(place, group)| Some((place, group, users(group)?)))
        .collect();
    groups.sort_by_key(|(_, _, users)| std::cmp::Reverse(*users));
    let left_out = shown.answer().map_or(0, |answer| answer.groups_left_out);
    let others = groups.len().saturating_sub(MOST_FACTS) as u64 + left_out;
    groups.truncate(MOST_FACTS);
    let told: u64 = groups.iter().map(|(_, _, users)| users).sum();
    let mut facts: Vec<Fact> = groups
        .into_iter()
        .map(|(place, group, users)| Fact {
            style: words
                .shown
                .iter()
                .find(|(shown, _)| words.shown.len() > 1 && *shown == place)
                .map(|(_, style)| *style),
            name: (words.group)(&group.group),
            figure: (words.say.count)(users),
            detail: detail(users),
        })
        .collect();
    // Of parts what is left is known; of groups that overlap it is not.
    let rest = shown.groups_are_parts().then(|| all.saturating_sub(told));
    if others > 0 && rest != Some(0) {
        let name = if others == 1 {
            "1 other group".to_owned()
        } else {
            format!("{} other groups", (words.say.count)(others))
        };
        facts.push(Fact {
            detail: rest.map(detail).unwrap_or_default(),
            ..plain(name, rest.map(words.say.count).unwrap_or_default())
        });
    }
    facts
}

/// Collects choices, none twice.
struct Choices<'a> {
    shown: &'a Shown,
    source: &'a Source<'a>,
    words: &'a Words<'a>,
    choices: Vec<PickChoice>,
}

impl Choices<'_> {
    fn push(
        &mut self,
        label: String,
        users: Option<u64>,
        of: Option<(u64, usize)>,
        step: usize,
        outcome: FunnelOutcome,
    ) {
        let Some(selection) = select(self.source, step, outcome).map(Selection::Funnel) else {
            return;
        };
        // Nobody is no choice, except for what was clicked itself.
        let is_nobody = users == Some(0) && !self.choices.is_empty();
        if is_nobody
            || self
                .choices
                .iter()
                .any(|known| known.selection == selection)
        {
            return;
        }
        let detail = match (users, of) {
            (Some(users), Some((all, step))) if all > 0 => format!(
                "{} of step {}",
                (self.words.say.percent)(users as f64 / all as f64),
                self.shown.number(step)
            ),
            _ => String::new(),
        };
        self.choices.push(PickChoice {
            label,
            users,
            detail,
            selection,
        });
    }

    fn at(&self, step: usize) -> Option<u64> {
        self.source.steps.get(step).map(|step| step.users)
    }

    fn reached(&mut self, step: usize) {
        let of = self.at(0).filter(|_| step > 0).map(|all| (all, 0));
        let label = if step == self.shown.last() && step > 0 {
            "Converted".to_owned()
        } else {
            format!("Reached step {}", self.shown.number(step))
        };
        self.push(label, self.at(step), of, step, FunnelOutcome::Reached);
    }

    /// Those who got from a step to the next required one, or did not. How many these are the answer tells of required
    /// steps alone.
    fn from(&mut self, step: usize, outcome: FunnelOutcome) {
        let Some(next) = self.shown.after(step) else {
            return;
        };
        let required = self
            .shown
            .steps
            .get(step)
            .is_some_and(|step| !step.optional);
        let users = match outcome {
            _ if !required => None,
            FunnelOutcome::Dropped => self
                .shown
                .lost(self.source.steps, next)
                .map(|lost| lost.users),
            FunnelOutcome::Converted | FunnelOutcome::Reached => self.at(next),
        };
        let label = match outcome {
            FunnelOutcome::Dropped => format!("Dropped after step {}", self.shown.number(step)),
            // Whoever is at a required step was at the one before.
            _ if required => format!("Went on to step {}", self.shown.number(next)),
            _ => format!(
                "Went on from step {} to {}",
                self.shown.number(step),
                self.shown.number(next)
            ),
        };
        let of = self.at(step).map(|all| (all, step));
        self.push(label, users, of, step, outcome);
    }
}

fn choices(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> Vec<PickChoice> {
    let mut choices = Choices {
        shown,
        source,
        words,
        choices: Vec::new(),
    };
    if pick.bucket.is_some() {
        // Over time: who converted, who began, and where the others were lost.
        choices.reached(pick.step);
        choices.reached(shown.last());
        choices.reached(0);
        let required: Vec<usize> = (0..shown.steps.len())
            .filter(|step| shown.steps.get(*step).is_some_and(|step| !step.optional))
            .collect();
        for step in required {
            choices.from(step, FunnelOutcome::Dropped);
        }
        return choices.choices;
    }
    match pick.side {
        Side::Reached => {
            choices.reached(pick.step);
            choices.from(pick.step, FunnelOutcome::Converted);
            choices.from(pick.step, FunnelOutcome::Dropped);
        }
        Side::Lost => {
            if let Some(before) = shown.before(pick.step) {
                choices.from(before, FunnelOutcome::Dropped);
                choices.from(before, FunnelOutcome::Converted);
                choices.reached(before);
            }
        }
    }
    choices.choices
}

#[cfg(test)]
mod tests {
    use super::{PathPick, Pick, Side, Told, Words, marked, marked_path, told, told_of_path};
    use crate::tools::funnel::shown::Shown;
    use crate::tools::funnel::shown::tests::{SAY, name, shown, with_groups};
    use segments_model::selection::{FunnelOutcome, FunnelSelection, PathSelection, Selection};
    use serde_json::json;

    fn pick(group: usize, step: usize, side: Side) -> Pick {
        Pick {
            group,
            step,
            side,
            bucket: None,
        }
    }

    fn tell(shown: &Shown, pick: Pick) -> Told {
        let group = |group: &_| name(shown, group);
        told(
            shown,
            &pick,
            &Words {
                say: SAY,
                group: &group,
                bucket: &|start| format!("at {start}"),
                shown: &[(0, 0), (1, 1)],
            },
        )
        .unwrap()
    }

    fn choices(told: &Told) -> Vec<(String, Option<u64>, String)> {
        told.choices
            .iter()
            .map(|choice| (choice.label.clone(), choice.users, choice.detail.clone()))
            .collect()
    }

    fn parts(told: &Told) -> Vec<(u32, FunnelOutcome)> {
        told.choices
            .iter()
            .map(|choice| match &choice.selection {
                Selection::Funnel(FunnelSelection { step, outcome, .. }) => (*step, *outcome),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn facts(told: &Told) -> Vec<(&str, &str, &str, Option<usize>)> {
        told.facts
            .iter()
            .map(|fact| {
                (
                    fact.name.as_str(),
                    fact.figure.as_str(),
                    fact.detail.as_str(),
                    fact.style,
                )
            })
            .collect()
    }

    #[test]
    fn a_drop_is_of_the_step_before_and_has_both_sides() {
        let shown = shown(json!({"group_by": {"scope": "user", "name": "device"}}));
        let told = tell(&shown, pick(0, 2, Side::Lost));
        assert_eq!(told.title, "412 users dropped here");
        assert_eq!(
            told.text,
            "Added to Cart, then no Checkout Started within 7 days. 58 of them still have time."
        );
        assert_eq!(
            choices(&told),
            [
                (
                    "Dropped after step 2".to_owned(),
                    Some(412),
                    "26.8% of step 2".to_owned()
                ),
                (
                    "Went on to step 3".to_owned(),
                    Some(1_126),
                    "73.2% of step 2".to_owned()
                ),
                (
                    "Reached step 2".to_owned(),
                    Some(1_538),
                    "35.9% of step 1".to_owned()
                ),
            ]
        );
        assert_eq!(
            parts(&told),
            [
                (2, FunnelOutcome::Dropped),
                (2, FunnelOutcome::Converted),
                (2, FunnelOutcome::Reached)
            ]
        );
        // The groups, with their share of those who were lost, and the sign of the one in the chart.
        assert_eq!(
            facts(&told),
            [
                ("Mobile", "271", "65.8%", Some(1)),
                ("(not set)", "141", "34.2%", None)
            ]
        );
    }

    #[test]
    fn what_the_groups_told_leave_is_of_the_others() {
        let shown = shown(json!({"group_by": {"scope": "user", "name": "device"}}));
        let shown = with_groups(&shown, 12);
        let told = tell(&shown, pick(0, 0, Side::Reached));
        assert_eq!(told.facts.len(), super::MOST_FACTS + 1);
        // Of 4286 the eight largest of twelve groups have 100 to 93; three groups are not told at all.
        assert_eq!(
            facts(&told).last(),
            Some(&("7 other groups", "3514", "82.0%", None))
        );
        assert_eq!(told.facts[0].figure, "100");
    }

    #[test]
    fn groups_that_overlap_are_told_as_such() {
        let shown = shown(json!({}));
        // Whoever drops in a group need not drop at all: a share would be of something else.
        let lost = tell(&shown, pick(0, 2, Side::Lost));
        assert!(
            lost.text.ends_with(
                "A user can be in several groups, and drop in one while going on in another."
            ),
            "{}",
            lost.text
        );
        assert_eq!(
            facts(&lost),
            [
                ("Mobile", "271", "", Some(1)),
                ("(not set)", "141", "", None),
                ("3 other groups", "", "", None)
            ]
        );
        let reached = tell(&shown, pick(0, 1, Side::Reached));
        assert!(
            reached.text.ends_with("A user can be in several groups."),
            "{}",
            reached.text
        );
        assert_eq!(facts(&reached)[0], ("Mobile", "842", "54.7%", Some(1)));
        // Of a group itself there is nothing to say.
        assert!(
            !tell(&shown, pick(1, 2, Side::Lost))
                .text
                .contains("several")
        );
    }

    #[test]
    fn what_may_still_leave_a_selection_is_told_of_drop_offs_alone() {
        let shown = shown(json!({}));
        let of = |step, outcome| {
            super::pending(
                &shown,
                &FunnelSelection {
                    step,
                    outcome,
                    group: None,
                    bucket: None,
                },
            )
        };
        assert_eq!(of(2, FunnelOutcome::Dropped), Some(58));
        assert_eq!(of(1, FunnelOutcome::Dropped), Some(9));
        assert_eq!(of(2, FunnelOutcome::Reached), None);
    }

    #[test]
    fn a_bar_is_who_reached_it_and_what_they_did_next() {
        let shown = shown(json!({}));
        let told = tell(&shown, pick(0, 1, Side::Reached));
        assert_eq!(told.title, "1538 users reached step 2");
        assert_eq!(
            told.text,
            "Product Viewed, then Added to Cart within 7 days. A user can be in several groups."
        );
        assert_eq!(
            parts(&told),
            [
                (2, FunnelOutcome::Reached),
                (2, FunnelOutcome::Converted),
                (2, FunnelOutcome::Dropped)
            ]
        );
        let last = tell(&shown, pick(0, 2, Side::Reached));
        assert_eq!(last.title, "1126 users converted");
        assert_eq!(parts(&last), [(3, FunnelOutcome::Reached)]);
        let first = tell(&shown, pick(0, 0, Side::Reached));
        assert_eq!(
            (first.title.as_str(), first.text.as_str()),
            (
                "4286 users started",
                "Product Viewed. A user can be in several groups."
            )
        );
    }

    #[test]
    fn a_part_of_a_group_names_it_and_selects_it() {
        let shown = shown(json!({}));
        let told = tell(&shown, pick(1, 2, Side::Lost));
        assert_eq!(told.title, "Mobile: 271 users dropped here");
        assert_eq!(told.choices[0].label, "Dropped after step 2");
        let Selection::Funnel(selection) = &told.choices[0].selection else {
            panic!("of a funnel")
        };
        assert_eq!(selection.group, Some(vec![Some("Mobile".into())]));
        let Selection::Funnel(missing) =
            &tell(&shown, pick(2, 0, Side::Reached)).choices[0].selection
        else {
            panic!("of a funnel")
        };
        assert_eq!(missing.group, Some(vec![None]));
    }

    #[test]
    fn at_an_optional_step_nobody_is_lost_and_not_all_is_told() {
        let shown = shown(json!({"steps": [
            {"event": "Product Viewed"},
            {"event": "Added to Cart", "optional": true},
            {"event": "Checkout Started"},
        ]}));
        // What is lost before the step after it is lost after the required step before it.
        let lost = tell(&shown, pick(0, 2, Side::Lost));
        assert_eq!(parts(&lost)[0], (1, FunnelOutcome::Dropped));
        assert_eq!(lost.choices[0].users, Some(4_286 - 1_126));
        let optional = tell(&shown, pick(0, 1, Side::Reached));
        assert_eq!(
            choices(&optional),
            [
                (
                    "Reached step 2".to_owned(),
                    Some(1_538),
                    "35.9% of step 1".to_owned()
                ),
                ("Went on from step 2 to 3".to_owned(), None, String::new()),
                ("Dropped after step 2".to_owned(), None, String::new()),
            ]
        );
    }

    #[test]
    fn a_bucket_tells_who_converted_began_and_was_lost() {
        let shown = shown(json!({"interval": "day"}));
        let told = tell(
            &shown,
            Pick {
                bucket: Some(0),
                ..pick(0, 2, Side::Reached)
            },
        );
        assert_eq!(told.title, "10 users converted");
        assert!(told.text.contains("started at 2026-11-16"), "{}", told.text);
        assert_eq!(
            parts(&told),
            [
                (3, FunnelOutcome::Reached),
                (1, FunnelOutcome::Reached),
                (1, FunnelOutcome::Dropped),
                (2, FunnelOutcome::Dropped),
            ]
        );
        for choice in &told.choices {
            let Selection::Funnel(selection) = &choice.selection else {
                panic!("of a funnel")
            };
            assert!(selection.bucket.is_some());
        }
    }

    fn optional(by: serde_json::Value) -> Shown {
        shown(json!({
            "steps": [
                {"event": "Product Viewed"},
                {"event": "Added to Cart", "optional": true},
                {"event": "Checkout Started"},
            ],
            "group_by": by,
        }))
    }

    fn tell_path(shown: &Shown, group: usize, path: usize) -> Told {
        let called = |group: &_| name(shown, group);
        let words = Words {
            say: SAY,
            group: &called,
            bucket: &|start| format!("at {start}"),
            shown: &[(0, 0), (1, 1)],
        };
        told_of_path(shown, &PathPick { group, path }, &words).unwrap()
    }

    #[test]
    fn a_way_is_the_steps_that_were_taken_and_those_that_were_not() {
        let shown = optional(json!({"scope": "user", "name": "device"}));
        let told = tell_path(&shown, 0, 2);
        assert_eq!(told.title, "1126 users took this way");
        assert_eq!(
            told.text,
            "Product Viewed, then Checkout Started within 7 days, without Added to Cart. Of the ways of a user the \
             longest counts."
        );
        assert_eq!(
            choices(&told),
            [(
                "Took steps 1 and 3".to_owned(),
                Some(1_126),
                "26.3% of step 1".to_owned()
            )]
        );
        assert_eq!(
            facts(&told),
            [
                ("Mobile", "571", "50.7%", Some(1)),
                ("(not set)", "555", "49.3%", None)
            ]
        );
        let dropped = tell_path(&shown, 1, 0);
        assert_eq!(dropped.title, "Mobile: 1762 users took this way");
        assert_eq!(dropped.choices[0].label, "Took step 1 alone");
        assert!(
            dropped.text.starts_with(
                "Product Viewed, without Added to Cart, Checkout Started within 7 days."
            ),
            "{}",
            dropped.text
        );
        // Groups that overlap have no shares of it.
        let told = tell_path(
            &optional(json!({"scope": "event", "name": "device", "step": 1})),
            0,
            2,
        );
        assert_eq!(facts(&told)[0], ("Mobile", "571", "", Some(1)));
    }

    #[test]
    fn every_way_is_marked_again() {
        let shown = optional(json!({"scope": "user", "name": "device"}));
        for group in 0..3 {
            for path in 0..3 {
                let told = tell_path(&shown, group, path);
                let Selection::Path(selection) = &told.choices[0].selection else {
                    panic!("of a path")
                };
                assert_eq!(
                    marked_path(&shown, selection),
                    Some(PathPick { group, path })
                );
            }
        }
        let gone = PathSelection {
            path: vec![1, 2, 3],
            group: None,
        };
        assert_eq!(marked_path(&shown, &gone), None);
    }

    #[test]
    fn what_still_may_come_is_told_as_it_is() {
        let text = |mut change: serde_json::Value| {
            change["group_by"] = json!({"scope": "user", "name": "device"});
            tell(&shown(change), pick(0, 2, Side::Lost)).text
        };
        assert!(
            text(json!({"within": null})).ends_with("58 of them may still come."),
            "{}",
            text(json!({"within": null}))
        );
        assert_eq!(
            text(json!({"order": "strict"})),
            "Added to Cart, then no Checkout Started as the next event within 7 days. 58 of them still have time."
        );
        assert!(
            text(json!({"order": "any"}))
                .starts_with("Product Viewed, Added to Cart, but not Checkout Started")
        );
        assert!(
            text(json!({"exclude": [{"event": "Refund", "from": 1, "to": 2}]}))
                .contains("An excluded event in between ends the way.")
        );
    }

    #[test]
    fn every_part_that_can_be_clicked_is_marked_again() {
        let shown = shown(json!({"interval": "day"}));
        for group in 0..3 {
            for step in 0..3 {
                for side in [Side::Reached, Side::Lost] {
                    if side == Side::Lost && step == 0 {
                        continue;
                    }
                    let pick = pick(group, step, side);
                    let Selection::Funnel(selection) = &tell(&shown, pick).choices[0].selection
                    else {
                        panic!("of a funnel")
                    };
                    assert_eq!(marked(&shown, selection), Some(pick));
                }
            }
        }
        let gone = FunnelSelection {
            step: 9,
            outcome: FunnelOutcome::Reached,
            group: None,
            bucket: None,
        };
        assert_eq!(marked(&shown, &gone), None);
        let other = FunnelSelection {
            step: 1,
            group: Some(vec![Some("Tablet".into())]),
            ..gone
        };
        assert_eq!(marked(&shown, &other), None);
    }
}
