//! The fewest leaves of a tree that turn the whole of it round.

use std::collections::BTreeMap;

use segments_model::Criterion;
use segments_model::canonical::hash;
use segments_model::explain::FlippedLeaf;
use segments_model::sort::sort;

/// So many choices of leaves that stand in a definition more than once are tried, the smaller ones first. What is found
/// turns the whole round in any case; only where there are more choices there might be a smaller one, or one at all.
const MOST_CHOICES: usize = 4_096;

/// The fewest different leaves that have to be the other way round for the definition to be the other way round, of several
/// such choices the first in the definition. `holds` tells whether the leaf at a pointer holds.
///
/// Of leaves that stand in the definition once it is plain what a group costs: the least of its members where one is
/// enough, the sum of those in the way where all have to change. A leaf that stands in several places may help in one and
/// harm in the other, so for these every choice is tried, each leaving a tree of the plain kind.
pub(super) fn fewest(
    definition: &Criterion,
    holds: &dyn Fn(&str) -> bool,
) -> Option<Vec<FlippedLeaf>> {
    let mut leaves = Leaves::default();
    let tree = leaves.node(definition, String::new(), holds);
    let leaves = leaves.leaves;
    let repeated: Vec<usize> = leaves
        .iter()
        .enumerate()
        .filter(|(_, leaf)| leaf.pointers.len() > 1)
        .map(|(place, _)| place)
        .collect();
    let now: Vec<State> = leaves
        .iter()
        .map(|leaf| State {
            holds: leaf.holds,
            free: leaf.pointers.len() == 1,
        })
        .collect();
    let (before, _) = tree.least(&now);
    let mut best: Option<Vec<usize>> = None;
    for choice in Choices::new(repeated.len()).take(MOST_CHOICES) {
        if best.as_ref().is_some_and(|best| choice.len() > best.len()) {
            break;
        }
        let mut states = now.clone();
        let mut flipped: Vec<usize> = Vec::new();
        for place in choice.iter().filter_map(|which| repeated.get(*which)) {
            if let Some(state) = states.get_mut(*place) {
                state.holds = !state.holds;
                flipped.push(*place);
            }
        }
        let (after, more) = tree.least(&states);
        if after == before {
            match more {
                Some(more) => flipped.extend(more),
                None => continue,
            }
        }
        sort(&mut flipped);
        let better = |best: &Vec<usize>| (flipped.len(), &flipped) < (best.len(), best);
        if best.as_ref().is_none_or(better) {
            best = Some(flipped);
        }
    }
    let flipped = best?;
    Some(
        flipped
            .into_iter()
            .filter_map(|place| leaves.get(place))
            .map(|leaf| FlippedLeaf {
                pointers: leaf.pointers.clone(),
                to: !leaf.holds,
            })
            .collect(),
    )
}

/// All choices out of so many, the smaller ones first, nothing at the beginning.
struct Choices {
    of: usize,
    next: Option<Vec<usize>>,
}

impl Choices {
    fn new(of: usize) -> Self {
        Self {
            of,
            next: Some(Vec::new()),
        }
    }
}

impl Iterator for Choices {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let choice = self.next.take()?;
        // The last place that can be moved on is, and those after it follow it.
        let end = self.of - choice.len();
        let moved = choice
            .iter()
            .enumerate()
            .rev()
            .find(|(at, which)| **which < end + at);
        self.next = match moved {
            Some((at, which)) => {
                let kept = choice.iter().take(at).copied();
                Some(kept.chain((which + 1..).take(choice.len() - at)).collect())
            }
            None => (choice.len() < self.of).then(|| (0..=choice.len()).collect()),
        };
        Some(choice)
    }
}

/// The different leaves of a tree, in the order in which they are met.
#[derive(Default)]
struct Leaves {
    leaves: Vec<Leaf>,
    /// Their places by the hash that equal criteria share.
    known: BTreeMap<String, usize>,
}

struct Leaf {
    pointers: Vec<String>,
    holds: bool,
}

/// A tree over leaves, which are told by their place.
enum Node {
    Leaf(usize),
    Not(Box<Node>),
    Group { all: bool, of: Vec<Node> },
}

/// What is known of a leaf, and whether it may be changed.
#[derive(Clone, Copy)]
struct State {
    holds: bool,
    free: bool,
}

impl Leaves {
    fn node(
        &mut self,
        criterion: &Criterion,
        pointer: String,
        holds: &dyn Fn(&str) -> bool,
    ) -> Node {
        let mut each = |of: &[Criterion]| {
            of.iter()
                .enumerate()
                .map(|(place, inner)| self.node(inner, format!("{pointer}/of/{place}"), holds))
                .collect()
        };
        match criterion {
            Criterion::All { of } => Node::Group {
                all: true,
                of: each(of),
            },
            Criterion::Any { of } => Node::Group {
                all: false,
                of: each(of),
            },
            Criterion::Not { of } => {
                Node::Not(Box::new(self.node(of, format!("{pointer}/of"), holds)))
            }
            leaf => {
                let next = self.leaves.len();
                let place = *self.known.entry(hash(leaf)).or_insert(next);
                match self.leaves.get_mut(place) {
                    Some(leaf) => leaf.pointers.push(pointer),
                    None => self.leaves.push(Leaf {
                        holds: holds(&pointer),
                        pointers: vec![pointer],
                    }),
                }
                Node::Leaf(place)
            }
        }
    }
}

impl Node {
    /// Whether it holds, and the fewest free leaves that turn it round, in order; none where no choice does. Right for
    /// trees whose free leaves stand in them once.
    fn least(&self, states: &[State]) -> (bool, Option<Vec<usize>>) {
        match self {
            Self::Leaf(place) => match states.get(*place) {
                Some(state) => (state.holds, state.free.then(|| vec![*place])),
                None => (false, None),
            },
            Self::Not(of) => {
                let (holds, flip) = of.least(states);
                (!holds, flip)
            }
            Self::Group { all, of } => {
                // A member that does not hold decides an `all`, one that holds decides an `any`.
                let mut decided = false;
                let mut together = Some(Vec::new());
                let mut one: Option<Vec<usize>> = None;
                for member in of {
                    let (holds, flip) = member.least(states);
                    if holds == *all {
                        if let Some(flip) = flip
                            && one.as_ref().is_none_or(|one| flip.len() < one.len())
                        {
                            one = Some(flip);
                        }
                    } else {
                        decided = true;
                        together = together.zip(flip).map(|(mut together, flip)| {
                            together.extend(flip);
                            together
                        });
                    }
                }
                (*all != decided, if decided { together } else { one })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use segments_model::Criterion;
    use segments_model::criterion::UsersCriterion;
    use segments_model::explain::FlippedLeaf;

    use super::{Choices, fewest};

    /// A leaf by the number of it.
    fn leaf(number: usize) -> Criterion {
        Criterion::Users(UsersCriterion {
            ids: Some(vec![number.to_string()]),
            list: None,
        })
    }

    fn number(criterion: &Criterion) -> usize {
        let number = match criterion {
            Criterion::Users(users) => users.ids.as_ref().map(|ids| ids[0].parse().unwrap()),
            _ => None,
        };
        number.unwrap()
    }

    fn all(of: Vec<Criterion>) -> Criterion {
        Criterion::All { of }
    }

    fn either(of: Vec<Criterion>) -> Criterion {
        Criterion::Any { of }
    }

    fn not(of: Criterion) -> Criterion {
        Criterion::Not { of: Box::new(of) }
    }

    /// Whether a tree holds where these leaves do, by their numbers.
    fn holds(criterion: &Criterion, truths: &[bool]) -> bool {
        match criterion {
            Criterion::All { of } => of.iter().all(|inner| holds(inner, truths)),
            Criterion::Any { of } => of.iter().any(|inner| holds(inner, truths)),
            Criterion::Not { of } => !holds(of, truths),
            leaf => truths[number(leaf)],
        }
    }

    fn at<'c>(criterion: &'c Criterion, pointer: &str) -> &'c Criterion {
        let mut steps = pointer.split('/').skip(1);
        let mut criterion = criterion;
        while steps.next().is_some() {
            criterion = match criterion {
                Criterion::All { of } | Criterion::Any { of } => {
                    &of[steps.next().unwrap().parse::<usize>().unwrap()]
                }
                Criterion::Not { of } => of,
                leaf => leaf,
            };
        }
        criterion
    }

    /// The choice as numbers of leaves.
    fn flipped(definition: &Criterion, truths: &[bool]) -> Option<Vec<usize>> {
        let found = fewest(definition, &|pointer| {
            holds(at(definition, pointer), truths)
        })?;
        let numbers = found.iter().map(|FlippedLeaf { pointers, to }| {
            let numbers: Vec<usize> = pointers
                .iter()
                .map(|pointer| number(at(definition, pointer)))
                .collect();
            assert!(numbers.iter().all(|number| *number == numbers[0]));
            assert_eq!(*to, !truths[numbers[0]]);
            numbers[0]
        });
        Some(numbers.collect())
    }

    fn tree() -> impl Strategy<Value = Criterion> {
        (0_usize..8)
            .prop_map(leaf)
            .prop_recursive(4, 16, 4, |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..4).prop_map(all),
                    prop::collection::vec(inner.clone(), 0..4).prop_map(either),
                    inner.prop_map(not),
                ]
            })
    }

    /// The numbers of the leaves of a tree in the order in which they are met first.
    fn order(criterion: &Criterion, numbers: &mut Vec<usize>) {
        match criterion {
            Criterion::All { of } | Criterion::Any { of } => {
                of.iter().for_each(|inner| order(inner, numbers));
            }
            Criterion::Not { of } => order(of, numbers),
            leaf if !numbers.contains(&number(leaf)) => numbers.push(number(leaf)),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Of all choices of leaves the smallest, and of those the first in the definition.
        #[test]
        fn no_choice_is_smaller_or_comes_first(definition in tree(), truths in prop::array::uniform8(any::<bool>())) {
            let mut numbers = Vec::new();
            order(&definition, &mut numbers);
            let before = holds(&definition, &truths);
            let mut best: Option<Vec<usize>> = None;
            for choice in 0..1_u32 << numbers.len() {
                let places: Vec<usize> = (0..numbers.len()).filter(|place| choice >> place & 1 == 1).collect();
                let mut truths = truths;
                places.iter().for_each(|place| truths[numbers[*place]] ^= true);
                let better = best.as_ref().is_none_or(|best| (places.len(), &places) < (best.len(), best));
                if holds(&definition, &truths) != before && better {
                    best = Some(places);
                }
            }
            let best = best.map(|places| places.iter().map(|place| numbers[*place]).collect::<Vec<_>>());
            prop_assert_eq!(flipped(&definition, &truths), best);
        }
    }

    #[test]
    fn groups_cost_the_least_or_the_sum() {
        let truths = [true, true, false, false];
        assert_eq!(
            flipped(&all(vec![leaf(0), leaf(1)]), &truths),
            Some(vec![0])
        );
        assert_eq!(
            flipped(&all(vec![leaf(0), leaf(2), leaf(3)]), &truths),
            Some(vec![2, 3])
        );
        let definition = either(vec![all(vec![leaf(2), leaf(3)]), leaf(2)]);
        assert_eq!(flipped(&definition, &truths), Some(vec![2]));
        assert_eq!(flipped(&all(Vec::new()), &truths), None);
        assert_eq!(flipped(&either(Vec::new()), &truths), None);
        let blocked = all(vec![leaf(2), either(Vec::new())]);
        assert_eq!(flipped(&blocked, &truths), None);
    }

    #[test]
    fn what_contradicts_itself_cannot_be_turned_round() {
        let truths = [true, false];
        assert_eq!(
            flipped(&all(vec![leaf(0), not(leaf(0))]), &truths),
            None,
            "one of the two always fails"
        );
        // Turning 0 round alone would make the second member fail.
        let definition = either(vec![
            all(vec![not(leaf(0)), leaf(0)]),
            all(vec![leaf(0), leaf(1)]),
        ]);
        assert_eq!(flipped(&definition, &truths), Some(vec![1]));
    }

    #[test]
    fn choices_come_by_size_and_each_once() {
        let choices: Vec<Vec<usize>> = Choices::new(3).collect();
        let expected: [&[usize]; 8] =
            [&[], &[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
        assert_eq!(choices, expected);
        assert_eq!(Choices::new(0).count(), 1);
        assert_eq!(Choices::new(12).count(), 1 << 12);
    }

    /// More choices than are tried: small ones are still found.
    #[test]
    fn many_repeated_leaves_are_still_turned_round() {
        let twice =
            |number: usize| either(vec![leaf(number), all(vec![leaf(number), leaf(number)])]);
        let definition = either((0..30).map(twice).collect());
        let mut truths = [false; 30];
        assert_eq!(flipped(&definition, &truths), Some(vec![0]));
        truths[3] = true;
        truths[22] = true;
        assert_eq!(flipped(&definition, &truths), Some(vec![3, 22]));
    }
}
