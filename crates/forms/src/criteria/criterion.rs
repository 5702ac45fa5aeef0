//! The forms of criteria, and the table of the kinds that can be added.

use segments_model::criterion::{EventCriterion, FirstEventCriterion, SegmentCriterion};
use segments_model::filter::Scope;
use segments_model::measure::Aggregate;
use segments_model::{Criterion, Instant};
use serde::{Deserialize, Serialize};

use crate::did::DidForm;
use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::filter::{FilterForm, FilterItem, PropertyForm};
use crate::measure::{CompareForm, MeasureForm, MeasureKind};
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
    /// Which event.
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterForm,
    /// What else has to have been performed relative to each occurrence.
    pub did: Vec<DidForm>,
    /// What is worked out over the occurrences.
    pub measure: MeasureForm,
    /// What it is compared with.
    pub compare: CompareForm,
    /// When.
    pub during: RangeForm,
}

/// The form of a first event's criterion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirstEventForm {
    /// Which event.
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterForm,
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
    /// In a segment.
    Segment,
    /// A list of ids.
    Users,
}

/// What the page knows about a kind of criterion.
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    /// The kind.
    pub kind: Kind,
    /// Its name on the button that adds one.
    pub label: &'static str,
    /// What it is for, in a menu.
    pub hint: &'static str,
    /// The symbol of the sprite that stands for it.
    pub icon: &'static str,
    /// The type in the JSON, as a backend's capabilities name it.
    pub criterion: &'static str,
    /// One that says nothing yet.
    pub blank: fn() -> CriterionForm,
}

/// Every kind that can be added, in the order of the buttons.
pub const KINDS: [KindRow; 7] = [
    KindRow {
        kind: Kind::Event,
        label: "Event",
        hint: "Did it, so and so often",
        icon: "plus",
        criterion: "event",
        blank: || CriterionForm::Event(EventForm::default()),
    },
    KindRow {
        kind: Kind::User,
        label: "User property",
        hint: "Who they are now",
        icon: "user",
        criterion: "user",
        blank: || {
            CriterionForm::User(FilterForm {
                any: false,
                items: vec![FilterItem::property(PropertyForm::unset(Scope::User))],
            })
        },
    },
    KindRow {
        kind: Kind::Segment,
        label: "Segment",
        hint: "In another segment",
        icon: "segment",
        criterion: "segment",
        blank: || CriterionForm::Segment(SegmentForm::default()),
    },
    KindRow {
        kind: Kind::Figure,
        label: "Sum or average",
        hint: "Of a property of an event",
        icon: "sum",
        criterion: "event",
        blank: || {
            CriterionForm::Event(EventForm {
                measure: MeasureForm {
                    kind: MeasureKind::Of(Aggregate::Sum),
                    property: String::new(),
                },
                ..EventForm::default()
            })
        },
    },
    KindRow {
        kind: Kind::Days,
        label: "Days",
        hint: "On how many different days",
        icon: "calendar",
        criterion: "event",
        blank: || {
            CriterionForm::Event(EventForm {
                measure: MeasureForm {
                    kind: MeasureKind::DistinctDays,
                    property: String::new(),
                },
                ..EventForm::default()
            })
        },
    },
    KindRow {
        kind: Kind::First,
        label: "First time",
        hint: "The first one ever was then",
        icon: "bolt",
        criterion: "first_event",
        blank: || CriterionForm::FirstEvent(FirstEventForm::default()),
    },
    KindRow {
        kind: Kind::Users,
        label: "User ids",
        hint: "A list to paste",
        icon: "users",
        criterion: "users",
        blank: || CriterionForm::Users(UserIdsForm::default()),
    },
];

impl Kind {
    /// What the page knows about it.
    #[must_use]
    pub fn row(self) -> Option<&'static KindRow> {
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

    /// The same criterion as another kind: what both kinds say stays, what only the old one said goes.
    #[must_use]
    pub fn as_kind(&self, kind: Kind) -> Self {
        if self.kind() == Some(kind) {
            return self.clone();
        }
        let mut changed = kind.blank();
        let (event, filter, during, did) = match self {
            Self::Event(old) => (&old.event, &old.filter, &old.during, old.did.as_slice()),
            Self::FirstEvent(old) => (&old.event, &old.filter, &old.during, [].as_slice()),
            Self::User(_) | Self::Segment(_) | Self::Users(_) | Self::Kept(_) => return changed,
        };
        match &mut changed {
            Self::Event(new) => {
                event.clone_into(&mut new.event);
                filter.clone_into(&mut new.filter);
                during.clone_into(&mut new.during);
                new.did = did.to_vec();
            }
            Self::FirstEvent(new) => {
                event.clone_into(&mut new.event);
                filter.clone_into(&mut new.filter);
                during.clone_into(&mut new.during);
            }
            Self::User(_) | Self::Segment(_) | Self::Users(_) | Self::Kept(_) => {}
        }
        changed
    }

    /// The criterion that the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place in the criterion.
    pub fn criterion(&self) -> Result<Criterion, Vec<FormError>> {
        let mut errors = Errors::default();
        let criterion = match self {
            Self::Event(form) => {
                let event = errors.note("/event", form.event.event());
                let filter = errors.part("/where", form.filter.filter());
                let measure = errors.part("/measure", form.measure.measure());
                let compare = errors.part("/compare", form.compare.compare());
                let during = errors.part("/during", form.during.range());
                let mut did = Vec::with_capacity(form.did.len());
                for (place, form) in form.did.iter().enumerate() {
                    did.extend(errors.part(&format!("/did/{place}"), form.did()));
                }
                (|| {
                    Some(Criterion::Event(EventCriterion {
                        event: event?,
                        filter: filter?,
                        did,
                        measure: measure?,
                        compare: compare?,
                        during: during?,
                    }))
                })()
            }
            Self::FirstEvent(form) => {
                let event = errors.note("/event", form.event.event());
                let filter = errors.part("/where", form.filter.filter());
                let during = errors.part("/during", form.during.range());
                (|| {
                    Some(Criterion::FirstEvent(FirstEventCriterion {
                        event: event?,
                        filter: filter?,
                        during: during?,
                    }))
                })()
            }
            Self::User(filter) => match errors.part("/where", filter.filter()) {
                Some(Some(filter)) => Some(Criterion::User { filter }),
                Some(None) => errors.note("/where", Err("Choose a property".to_owned())),
                None => None,
            },
            Self::Segment(SegmentForm { id, .. }) if id.is_empty() => {
                errors.note("/id", Err("Choose a segment".to_owned()))
            }
            Self::Segment(form) => Some(Criterion::Segment(SegmentCriterion {
                id: form.id.clone(),
                as_of: form.as_of,
            })),
            Self::Users(form) => errors.part("", form.users()).map(Criterion::Users),
            Self::Kept(criterion) => Some(criterion.clone()),
        };
        errors.finish(criterion)
    }
}

impl From<&Criterion> for CriterionForm {
    fn from(criterion: &Criterion) -> Self {
        match criterion {
            Criterion::Event(event) => Self::Event(EventForm {
                event: EventChoice::from(&event.event),
                filter: FilterForm::from(event.filter.as_ref()),
                did: event.did.iter().map(DidForm::from).collect(),
                measure: MeasureForm::from(&event.measure),
                compare: CompareForm::from(event.compare),
                during: RangeForm::from(&event.during),
            }),
            Criterion::FirstEvent(first) => Self::FirstEvent(FirstEventForm {
                event: EventChoice::from(&first.event),
                filter: FilterForm::from(first.filter.as_ref()),
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

#[cfg(all(test, not(target_family = "wasm")))]
#[cfg(not(target_family = "wasm"))]
pub(super) mod tests {
    use super::{CriterionForm, KINDS, Kind};
    use crate::filter::tests::filter;
    use proptest::option;
    use proptest::prelude::*;
    use segments_model::criterion::{
        CohortCriterion, EventCriterion, FirstEventCriterion, SegmentCriterion, UsersCriterion,
    };
    use segments_model::measure::Aggregate;
    use segments_model::range::CalendarUnit;
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
            1 => filter().prop_map(|filter| Criterion::User { filter }),
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
            prop_assert_eq!(CriterionForm::from(&criterion).criterion(), Ok(criterion));
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
                prop_assert_eq!((&old.event, &old.filter, &old.during), (&new.event, &new.filter, &new.during));
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

    #[test]
    fn a_blank_criterion_says_what_it_lacks() {
        for row in KINDS {
            let errors = (row.blank)().criterion().unwrap_err();
            assert!(!errors.is_empty(), "{}", row.label);
            assert!(errors.iter().all(|error| error.pointer.starts_with('/')));
        }
    }
}
