//! The forms of criteria, and the table of their kinds.

use segments_model::criterion::{EventCriterion, FirstEventCriterion, SegmentCriterion};
use segments_model::filter::Scope;
use segments_model::measure::Aggregate;
use segments_model::{Criterion, Filter, Instant};
use serde::{Deserialize, Serialize};

use crate::error::Errors;
use crate::filter::{FilterForm, PropertyForm};
use crate::measure::{CompareForm, MeasureForm, MeasureKind};
use crate::occurrence::OccurrenceForm;
use crate::range::RangeForm;
use crate::users::UserIdsForm;

/// The form of one criterion that is no group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriterionForm {
    /// An event was completed so often, or a figure over its occurrences compares so.
    Event(EventForm),
    /// The first occurrence ever falls into a range.
    FirstEvent(FirstEventForm),
    /// The user's properties or segments.
    User(FilterForm),
    /// In another segment.
    Segment(SegmentForm),
    /// One of these users.
    Users(UserIdsForm),
    /// A criterion that this page shows and keeps, but does not edit.
    Kept(Criterion),
}

/// The form of an event's criterion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventForm {
    /// Which occurrences count.
    #[serde(flatten)]
    pub occurrence: OccurrenceForm,
    /// What is worked out over the occurrences.
    pub measure: MeasureForm,
    pub compare: CompareForm,
    /// When.
    pub during: RangeForm,
}

/// The form of a first event's criterion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirstEventForm {
    /// Which occurrences count; nothing else has to have been performed.
    #[serde(flatten)]
    pub occurrence: OccurrenceForm,
    /// When the first one happened.
    pub during: RangeForm,
}

/// The form of a segment's criterion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentForm {
    /// The segment's id; empty: none was chosen yet.
    pub id: String,
    /// The instant that it is evaluated for, where the criterion came with one.
    pub as_of: Option<Instant>,
}

/// A kind of criterion, as a person chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An event was completed so often.
    Event,
    /// A figure over a property of an event's occurrences.
    Figure,
    /// On how many days an event was completed.
    Days,
    /// An event was completed for the first time.
    First,
    /// A user property.
    User,
    Segment,
    /// A list of ids.
    Users,
}

/// A part of a criterion on its row: words, or something to press that changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// "did", or "did not".
    Did,
    /// "not", where it is negated.
    Not,
    /// Words between the others.
    Words(&'static str),
    Event,
    /// What is worked out over its occurrences.
    Measure,
    /// Over which property.
    Property,
    /// How often, or how the figure compares.
    Compare,
    /// When.
    During,
    /// The button that adds a condition on occurrences. The conditions stand on lines below.
    Conditions {
        /// Whether it can also be said what else was performed, or not.
        did: bool,
    },
    /// The conditions on the user.
    UserFilter,
    Segment,
    /// The instant that the segment is evaluated for.
    AsOf,
    /// The list of ids.
    UserIds,
    /// What it says, in words.
    Sentence,
}

/// What the page knows about a kind of criterion.
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    pub kind: Kind,
    /// Its name on the button that adds one.
    pub label: &'static str,
    /// What it is for, in a menu.
    pub hint: &'static str,
    /// What stands in its row.
    pub tokens: &'static [Token],
    /// One that says nothing yet.
    pub blank: fn() -> CriterionForm,
}

/// What stands in the row of a criterion that is only kept.
const KEPT: &[Token] = &[Token::Not, Token::Sentence];

/// What stands in the row of how often an event was performed.
const EVENT: &[Token] = &[
    Token::Did,
    Token::Event,
    Token::Compare,
    Token::During,
    Token::Conditions { did: true },
];

fn event_of(kind: MeasureKind) -> CriterionForm {
    CriterionForm::Event(EventForm {
        measure: MeasureForm {
            kind,
            property: String::new(),
        },
        ..EventForm::default()
    })
}

/// Every kind that can be added, in the order of the buttons.
pub const KINDS: [KindRow; 7] = [
    KindRow {
        kind: Kind::Event,
        label: "Event",
        hint: "How often they did it",
        tokens: EVENT,
        blank: || event_of(MeasureKind::Count),
    },
    KindRow {
        kind: Kind::User,
        label: "User property",
        hint: "Who they are now",
        tokens: &[Token::Not, Token::Words("user property"), Token::UserFilter],
        blank: || {
            let mut filter = FilterForm::default();
            filter.add(PropertyForm::unset(Scope::User));
            CriterionForm::User(filter)
        },
    },
    KindRow {
        kind: Kind::Segment,
        label: "Segment",
        hint: "In another segment",
        tokens: &[
            Token::Not,
            Token::Words("in segment"),
            Token::Segment,
            Token::AsOf,
        ],
        blank: || CriterionForm::Segment(SegmentForm::default()),
    },
    KindRow {
        kind: Kind::Figure,
        label: "Sum or average",
        hint: "Of a property of an event",
        tokens: &[
            Token::Not,
            Token::Measure,
            Token::Property,
            Token::Words("over"),
            Token::Event,
            Token::Compare,
            Token::During,
            Token::Conditions { did: true },
        ],
        blank: || event_of(MeasureKind::Of(Aggregate::Sum)),
    },
    KindRow {
        kind: Kind::Days,
        label: "Days",
        hint: "On how many different days",
        tokens: EVENT,
        blank: || event_of(MeasureKind::DistinctDays),
    },
    KindRow {
        kind: Kind::First,
        label: "First time",
        hint: "When they did it first",
        tokens: &[
            Token::Did,
            Token::Event,
            Token::Words("for the first time"),
            Token::During,
            Token::Conditions { did: false },
        ],
        blank: || CriterionForm::FirstEvent(FirstEventForm::default()),
    },
    KindRow {
        kind: Kind::Users,
        label: "User ids",
        hint: "Paste a list of ids",
        tokens: &[Token::Not, Token::Words("one of"), Token::UserIds],
        blank: || CriterionForm::Users(UserIdsForm::default()),
    },
];

impl Kind {
    fn row(self) -> Option<&'static KindRow> {
        KINDS.iter().find(|row| row.kind == self)
    }

    /// One that says nothing yet.
    #[must_use]
    pub fn blank(self) -> CriterionForm {
        self.row().map_or_else(
            || CriterionForm::Event(EventForm::default()),
            |row| (row.blank)(),
        )
    }
}

impl CriterionForm {
    /// Its kind; none for one that is only kept.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Event(event) => match event.measure.kind {
                MeasureKind::Count => Kind::Event,
                MeasureKind::DistinctDays => Kind::Days,
                MeasureKind::Of(_) => Kind::Figure,
            },
            Self::FirstEvent(_) => Kind::First,
            Self::User(_) => Kind::User,
            Self::Segment(_) => Kind::Segment,
            Self::Users(_) => Kind::Users,
            Self::Kept(_) => return None,
        })
    }

    /// What stands in its row.
    #[must_use]
    pub fn tokens(&self) -> &'static [Token] {
        let row = self.kind().and_then(Kind::row);
        row.map_or(KEPT, |row| row.tokens)
    }

    /// Which occurrences it is about, and when; none where it is about none.
    #[must_use]
    pub const fn occurrence(&mut self) -> Option<(&mut OccurrenceForm, &mut RangeForm)> {
        match self {
            Self::Event(event) => Some((&mut event.occurrence, &mut event.during)),
            Self::FirstEvent(first) => Some((&mut first.occurrence, &mut first.during)),
            Self::User(_) | Self::Segment(_) | Self::Users(_) | Self::Kept(_) => None,
        }
    }

    /// The same criterion as another kind: what both kinds say stays, what only the old one said goes.
    #[must_use]
    pub fn as_kind(&self, kind: Kind) -> Self {
        if self.kind() == Some(kind) {
            return self.clone();
        }
        let mut changed = kind.blank();
        if let (Some((occurrence, during)), Some(old)) =
            (changed.occurrence(), self.clone().occurrence())
        {
            old.0.clone_into(occurrence);
            old.1.clone_into(during);
        }
        if let Self::FirstEvent(first) = &mut changed {
            first.occurrence.did.clear();
        }
        changed
    }

    /// The criterion that the form stands for, with its holes filled.
    pub fn fill(&self, errors: &mut Errors) -> Criterion {
        match self {
            Self::Event(form) => {
                let occurrence = form.occurrence.fill(errors);
                Criterion::Event(EventCriterion {
                    event: occurrence.event,
                    filter: occurrence.filter,
                    did: occurrence.did,
                    measure: form.measure.measure(),
                    compare: errors.at("/compare", |errors| form.compare.fill(errors)),
                    during: errors.at("/during", |errors| form.during.fill(errors)),
                })
            }
            Self::FirstEvent(form) => {
                let occurrence = form.occurrence.fill(errors);
                Criterion::FirstEvent(FirstEventCriterion {
                    event: occurrence.event,
                    filter: occurrence.filter,
                    during: errors.at("/during", |errors| form.during.fill(errors)),
                })
            }
            Self::User(form) => Criterion::User {
                filter: errors.at("/where", |errors| {
                    let filter = form.fill(errors);
                    let filter = filter.ok_or_else(|| "Choose a property".to_owned());
                    errors.fill("", filter, Filter::All { of: Vec::new() })
                }),
            },
            Self::Segment(form) => Criterion::Segment(SegmentCriterion {
                id: form.id.clone(),
                as_of: form.as_of,
            }),
            Self::Users(form) => Criterion::Users(form.fill(errors)),
            Self::Kept(criterion) => criterion.clone(),
        }
    }
}

impl From<&Criterion> for CriterionForm {
    fn from(criterion: &Criterion) -> Self {
        match criterion {
            Criterion::Event(event) => Self::Event(EventForm {
                occurrence: OccurrenceForm::of(&event.event, event.filter.as_ref(), &event.did),
                measure: MeasureForm::from(&event.measure),
                compare: CompareForm::from(event.compare),
                during: RangeForm::from(&event.during),
            }),
            Criterion::FirstEvent(first) => Self::FirstEvent(FirstEventForm {
                occurrence: OccurrenceForm::of(&first.event, first.filter.as_ref(), &[]),
                during: RangeForm::from(&first.during),
            }),
            Criterion::User { filter } => Self::User(FilterForm::from(filter)),
            Criterion::Segment(segment) => Self::Segment(SegmentForm {
                id: segment.id.clone(),
                as_of: segment.as_of,
            }),
            Criterion::Users(users) => Self::Users(UserIdsForm::from(users)),
            other => Self::Kept(other.clone()),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
pub(super) mod tests {
    use super::{CriterionForm, Errors, KINDS, Kind};
    use crate::filter::tests::filter;
    use proptest::option;
    use proptest::prelude::*;
    use segments_model::criterion::{
        CohortCriterion, EventCriterion, FirstEventCriterion, SegmentCriterion, UsersCriterion,
    };
    use segments_model::limits::LIMITS;
    use segments_model::measure::Aggregate;
    use segments_model::range::CalendarUnit;
    use segments_model::validate::validate;
    use segments_model::{Compare, Criterion, Measure, Range};
    use std::collections::HashSet;

    fn range() -> impl Strategy<Value = Range> {
        prop_oneof![
            Just(Range::AllTime {}),
            (
                1..90_u32,
                prop::sample::select(&CalendarUnit::ALL[..]),
                any::<bool>()
            )
                .prop_map(|(count, unit, complete)| Range::Last {
                    count,
                    unit,
                    complete
                }),
            prop::sample::select(&CalendarUnit::ALL[..]).prop_map(|unit| Range::This { unit }),
        ]
    }

    fn compare() -> impl Strategy<Value = Compare> {
        (-50..50_i32).prop_flat_map(|number| {
            let number = f64::from(number) / 4.0;
            prop::sample::select(vec![
                Compare::AtLeast(number),
                Compare::AtMost(number),
                Compare::Exactly(number),
                Compare::MoreThan(number),
                Compare::LessThan(number),
                Compare::Between(number, number + 2.0),
            ])
        })
    }

    fn measure() -> impl Strategy<Value = Measure> {
        prop_oneof![
            Just(Measure::Count),
            Just(Measure::DistinctDays),
            prop::sample::select(&Aggregate::ALL[..]).prop_map(|aggregate| Measure::Of {
                aggregate,
                property: "price".to_owned()
            }),
        ]
    }

    fn event() -> impl Strategy<Value = Option<String>> {
        option::of("[A-Z][a-z]{0,3}")
    }

    fn kept() -> Criterion {
        serde_json::from_str::<CohortCriterion>(
            r#"{"start": [{"event": "Signed Up"}], "first_time": true, "return": {"event": null}, "unit": "week",
                "started": {"type": "all_time"}, "match": "on", "outcome": "returned"}"#,
        )
        .map(Criterion::Cohort)
        .unwrap()
    }

    /// Criteria that are no group.
    pub(in crate::criteria) fn leaf() -> impl Strategy<Value = Criterion> {
        prop_oneof![
            3 => (event(), option::of(filter()), measure(), compare(), range()).prop_map(
                |(event, filter, measure, compare, during)| Criterion::Event(EventCriterion {
                    event,
                    filter,
                    did: vec![],
                    measure,
                    compare,
                    during
                })
            ),
            1 => (event(), option::of(filter()), range()).prop_map(|(event, filter, during)| {
                Criterion::FirstEvent(FirstEventCriterion {
                    event,
                    filter,
                    during,
                })
            }),
            1 => filter().prop_map(|filter| {
                let of_events = serde_json::to_string(&filter).unwrap();
                let of_users = of_events.replace(r#""scope":"event""#, r#""scope":"user""#);
                Criterion::User {
                    filter: serde_json::from_str(&of_users).unwrap(),
                }
            }),
            1 => "[a-z]{1,3}".prop_map(|id| Criterion::Segment(SegmentCriterion { id, as_of: None })),
            1 => prop::collection::btree_set("[a-z]{1,3}", 1..4).prop_map(|ids| {
                Criterion::Users(UsersCriterion {
                    ids: Some(ids.into_iter().collect()),
                    list: None,
                })
            }),
            1 => Just(kept()),
        ]
    }

    proptest! {
        #[test]
        fn a_criterion_goes_through_the_form_unchanged(criterion in leaf()) {
            let form = CriterionForm::from(&criterion);
            prop_assert_eq!(Errors::checked(|errors| form.fill(errors), |_| vec![]), Ok(criterion));
        }

        #[test]
        fn a_form_survives_storage(criterion in leaf()) {
            let form = CriterionForm::from(&criterion);
            let text = serde_json::to_string(&form).unwrap();
            prop_assert_eq!(serde_json::from_str::<CriterionForm>(&text).unwrap(), form);
        }

        #[test]
        fn changing_the_kind_and_back_keeps_event_filter_and_range(criterion in leaf()) {
            let form = CriterionForm::from(&criterion);
            for row in KINDS {
                let changed = form.as_kind(row.kind);
                prop_assert_eq!(changed.kind(), Some(row.kind));
            }
            if let CriterionForm::Event(old) = &form {
                let through = form.as_kind(Kind::First).as_kind(Kind::Event);
                let CriterionForm::Event(new) = through else { panic!("an event") };
                prop_assert_eq!(&old.occurrence.event, &new.occurrence.event);
                prop_assert_eq!(&old.occurrence.filter, &new.occurrence.filter);
                prop_assert_eq!(&old.during, &new.during);
            }
        }
    }

    #[test]
    fn the_table_has_every_kind_once_and_its_blank_is_of_that_kind() {
        let mut labels = HashSet::new();
        for row in KINDS {
            assert_eq!((row.blank)().kind(), Some(row.kind));
            assert!(labels.insert(row.label));
            assert_eq!(row.kind.blank(), (row.blank)());
        }
    }

    /// Drafts that browsers have kept since before occurrences had a form of their own.
    #[test]
    fn older_drafts_are_read() {
        let text = r#"{"first_event": {"event": {"named": "Signed Up"}, "filter": {"any": false, "items": []},
            "during": {"kind": "all_time"}}}"#;
        let CriterionForm::FirstEvent(first) = serde_json::from_str(text).unwrap() else {
            panic!("a first event");
        };
        assert_eq!(first.occurrence.event.name(), Some("Signed Up"));
    }

    #[test]
    fn a_blank_criterion_says_what_it_lacks() {
        for row in KINDS {
            let form = (row.blank)();
            let errors = Errors::checked(
                |errors| form.fill(errors),
                |criterion| validate(criterion, &LIMITS),
            )
            .unwrap_err();
            assert!(!errors.is_empty(), "{}", row.label);
            assert!(errors.iter().all(|error| error.pointer.starts_with('/')));
        }
    }
}
