//! What a click on a funnel's answer chooses: whose users they are, in words, and which others could be meant.

use segments_model::Instant;
use segments_model::answer::{FunnelGroup, FunnelStep, Group};
use segments_model::criterion::Order;
use segments_model::selection::{FunnelOutcome, FunnelSelection, Selection};

use super::shown::{Say, Shown, length};
use crate::query::picked::{Fact, PickChoice};

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

/// Which users of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those who reached it.
    Reached,
    /// Those who got to the required step before and not to it.
    Lost,
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

/// How many users got to the required step before and not to this one.
fn lost(shown: &Shown, steps: &[FunnelStep], step: usize) -> Option<u64> {
    if shown.steps.get(step)?.optional {
        return None;
    }
    let before = steps.get(shown.before(step)?)?.users;
    Some(before.saturating_sub(steps.get(step)?.users))
}

fn users(shown: &Shown, steps: &[FunnelStep], pick: &Pick) -> Option<u64> {
    match pick.side {
        Side::Reached => Some(steps.get(pick.step)?.users),
        Side::Lost => lost(shown, steps, pick.step),
    }
}

fn title(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> Option<String> {
    let users = words.say.users(users(shown, source.steps, pick)?);
    let number = shown.steps.get(pick.step)?.number;
    let what = match pick.side {
        Side::Lost => format!("{users} dropped here"),
        Side::Reached if pick.step == 0 => format!("{users} started"),
        Side::Reached if pick.step == shown.last() => format!("{users} converted"),
        Side::Reached => format!("{users} reached step {number}"),
    };
    Some(if source.group.group.is_empty() {
        what
    } else {
        format!("{}: {what}", (words.group)(&source.group.group))
    })
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
    if pick.side == Side::Lost {
        text.push_str(&pending(shown, pick, source, words));
    }
    Some(text)
}

/// How many of those who were lost may still come.
fn pending(shown: &Shown, pick: &Pick, source: &Source<'_>, words: &Words<'_>) -> String {
    let lost = lost(shown, source.steps, pick.step).unwrap_or_default();
    let pending = source
        .steps
        .get(pick.step)
        .map_or(0, |step| step.pending.min(lost));
    if pending == 0 {
        return String::new();
    }
    if pending == lost {
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
    if source.group.group.is_empty() && shown.groups().len() > 1 {
        return group_facts(shown, pick, all, words);
    }
    let Some(step) = source.steps.get(pick.step) else {
        return Vec::new();
    };
    let plain = |name: String, figure: String| Fact {
        style: None,
        name,
        figure,
        detail: String::new(),
    };
    let mut facts = Vec::new();
    if pick.side == Side::Reached && pick.step > 0 {
        let number = |index: usize| shown.steps.get(index).map_or(index + 1, |step| step.number);
        facts.push(plain(
            format!("Of step {}", number(0)),
            words.say.share(step.from_start),
        ));
        if let Some(before) = shown.before(pick.step)
            && before > 0
        {
            facts.push(plain(
                format!("Of step {}", number(before)),
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

fn group_facts(shown: &Shown, pick: &Pick, all: u64, words: &Words<'_>) -> Vec<Fact> {
    shown
        .groups()
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.group.is_empty())
        .filter_map(|(place, group)| {
            let steps = match pick.bucket {
                None => &group.steps,
                Some(bucket) => &group.buckets.get(bucket)?.steps,
            };
            let users = users(shown, steps, pick)?;
            Some(Fact {
                style: words
                    .shown
                    .iter()
                    .find(|(shown, _)| words.shown.len() > 1 && *shown == place)
                    .map(|(_, style)| *style),
                name: (words.group)(&group.group),
                figure: (words.say.count)(users),
                detail: if all == 0 {
                    String::new()
                } else {
                    (words.say.percent)(users as f64 / all as f64)
                },
            })
        })
        .take(MOST_FACTS)
        .collect()
}

/// Collects choices, none twice.
struct Choices<'a> {
    shown: &'a Shown,
    source: &'a Source<'a>,
    words: &'a Words<'a>,
    choices: Vec<PickChoice>,
}

impl Choices<'_> {
    fn number(&self, step: usize) -> usize {
        self.shown
            .steps
            .get(step)
            .map_or(step + 1, |step| step.number)
    }

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
                self.number(step)
            ),
            _ => String::new(),
        };
        let group = &self.source.group.group;
        self.choices.push(PickChoice {
            label: if group.is_empty() {
                label
            } else {
                format!("{label}, {}", (self.words.group)(group))
            },
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
            format!("Reached step {}", self.number(step))
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
            FunnelOutcome::Dropped => lost(self.shown, self.source.steps, next),
            FunnelOutcome::Converted | FunnelOutcome::Reached => self.at(next),
        };
        let label = match outcome {
            FunnelOutcome::Dropped => format!("Dropped after step {}", self.number(step)),
            _ => format!(
                "Went on from step {} to {}",
                self.number(step),
                self.number(next)
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
    use super::{Pick, Side, Told, Words, marked, told};
    use crate::pages::funnel::shown::Shown;
    use crate::pages::funnel::shown::tests::{SAY, name, shown};
    use segments_model::selection::{FunnelOutcome, FunnelSelection, Selection};
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

    #[test]
    fn a_drop_is_of_the_step_before_and_has_both_sides() {
        let shown = shown(json!({}));
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
                    "Went on from step 2 to 3".to_owned(),
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
        let facts: Vec<_> = told
            .facts
            .iter()
            .map(|fact| {
                (
                    fact.name.as_str(),
                    fact.figure.as_str(),
                    fact.detail.as_str(),
                    fact.style,
                )
            })
            .collect();
        assert_eq!(
            facts,
            [
                ("Mobile", "271", "65.8%", Some(1)),
                ("(not set)", "141", "34.2%", None)
            ]
        );
    }

    #[test]
    fn a_bar_is_who_reached_it_and_what_they_did_next() {
        let shown = shown(json!({}));
        let told = tell(&shown, pick(0, 1, Side::Reached));
        assert_eq!(told.title, "1538 users reached step 2");
        assert_eq!(
            told.text,
            "Product Viewed, then Added to Cart within 7 days."
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
            ("4286 users started", "Product Viewed.")
        );
    }

    #[test]
    fn a_part_of_a_group_names_it_and_selects_it() {
        let shown = shown(json!({}));
        let told = tell(&shown, pick(1, 2, Side::Lost));
        assert_eq!(told.title, "Mobile: 271 users dropped here");
        assert_eq!(told.choices[0].label, "Dropped after step 2, Mobile");
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

    #[test]
    fn what_still_may_come_is_told_as_it_is() {
        let text = |change| tell(&shown(change), pick(0, 2, Side::Lost)).text;
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
