//! Who is asked about: all users, those in segments, or whoever meets criteria.

use segments_model::criterion::SegmentCriterion;
use segments_model::{Criterion, sentence};

use crate::error::Errors;

/// The form of who is asked about. What was chosen for one sort is kept while another is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudienceForm {
    /// Which part of the form counts.
    pub kind: AudienceKind,
    /// The segments: whoever is in one of those that are not negated, or where there is none of these, everybody; without
    /// whoever is in one of those that are.
    pub segments: Vec<AudienceSegment>,
    /// Any criteria.
    pub criteria: Option<Criterion>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudienceSegment {
    pub id: String,
    /// Whether its users are left out.
    pub not: bool,
}

/// Which sort of audience it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AudienceKind {
    /// Everybody.
    #[default]
    All,
    Segments,
    Criteria,
}

impl AudienceForm {
    /// The form of what a query says.
    #[must_use]
    pub fn of(audience: Option<&Criterion>) -> Self {
        let Some(criterion) = audience else {
            return Self::default();
        };
        let by_segments = Self {
            kind: AudienceKind::Segments,
            segments: segments_of(criterion),
            criteria: None,
        };
        // Only what the form of segments says in the same words is shown as such, so that nothing changes unseen.
        if by_segments.by_segments().as_ref() == Some(criterion) {
            return by_segments;
        }
        Self {
            kind: AudienceKind::Criteria,
            segments: Vec::new(),
            criteria: Some(criterion.clone()),
        }
    }

    /// What the form stands for, with its holes filled; none: every user.
    pub fn fill(&self, errors: &mut Errors) -> Option<Criterion> {
        let (criterion, missing) = match self.kind {
            AudienceKind::All => return None,
            AudienceKind::Segments => (self.by_segments(), "Choose a segment"),
            AudienceKind::Criteria => (self.criteria.clone(), "Add criteria"),
        };
        errors.note("", criterion.ok_or_else(|| missing.to_owned()))
    }

    fn by_segments(&self) -> Option<Criterion> {
        let in_segment = |segment: &AudienceSegment| {
            Criterion::Segment(SegmentCriterion {
                id: segment.id.clone(),
                as_of: None,
            })
        };
        let of_sort = |not: bool| {
            self.segments
                .iter()
                .filter(move |segment| segment.not == not)
                .map(in_segment)
        };
        let mut within: Vec<_> = of_sort(false).collect();
        let mut parts = Vec::new();
        match within.len() {
            0 => {}
            1 => parts.append(&mut within),
            _ => parts.push(Criterion::Any { of: within }),
        }
        parts.extend(of_sort(true).map(|segment| Criterion::Not {
            of: Box::new(segment),
        }));
        if parts.len() > 1 {
            return Some(Criterion::All { of: parts });
        }
        parts.pop()
    }

    /// The audience in a few words: `All users`, `Paid-social sign-ups`, `those who …`.
    #[must_use]
    pub fn words(&self, segment_name: impl Fn(&str) -> String) -> String {
        let audience = self.fill(&mut Errors::default());
        sentence::audience(audience.as_ref(), &|id| Some(segment_name(id)))
    }
}

/// The segments that a criterion speaks of in places where the form of segments has them.
fn segments_of(criterion: &Criterion) -> Vec<AudienceSegment> {
    let mut segments = Vec::new();
    let mut take = |criterion: &Criterion| {
        let (not, inner) = match criterion {
            Criterion::Not { of } => (true, of.as_ref()),
            other => (false, other),
        };
        if let Criterion::Segment(segment) = inner {
            segments.push(AudienceSegment {
                id: segment.id.clone(),
                not,
            });
        }
    };
    match criterion {
        Criterion::All { of } => {
            for part in of {
                match part {
                    Criterion::Any { of } => of.iter().for_each(&mut take),
                    one => take(one),
                }
            }
        }
        Criterion::Any { of } => of.iter().for_each(&mut take),
        one => take(one),
    }
    segments
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use super::{AudienceForm, AudienceKind, AudienceSegment};
    use crate::error::FormError;
    use proptest::prelude::*;
    use segments_model::criterion::SegmentCriterion;
    use segments_model::{Criterion, Instant};

    fn audience(form: &AudienceForm) -> Result<Option<Criterion>, Vec<FormError>> {
        form.try_into()
    }

    fn segment(id: &str) -> Criterion {
        Criterion::Segment(SegmentCriterion {
            id: id.to_owned(),
            as_of: None,
        })
    }

    fn not(of: Criterion) -> Criterion {
        Criterion::Not { of: Box::new(of) }
    }

    fn by_segments(segments: &[(&str, bool)]) -> AudienceForm {
        AudienceForm {
            kind: AudienceKind::Segments,
            segments: segments
                .iter()
                .map(|&(id, not)| AudienceSegment {
                    id: id.to_owned(),
                    not,
                })
                .collect(),
            criteria: None,
        }
    }

    /// Trees of segments, as deep as they come, and a criterion of another sort now and then.
    fn criteria() -> impl Strategy<Value = Criterion> {
        let leaf = prop_oneof![
            4 => "[abc]".prop_map(|id| segment(&id)),
            1 => Just(Criterion::everyone()),
            1 => "[abc]".prop_map(|id| Criterion::Segment(SegmentCriterion {
                id,
                as_of: Some(Instant::MIN),
            })),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            let of = proptest::collection::vec(inner.clone(), 0..4);
            prop_oneof![
                of.clone().prop_map(|of| Criterion::All { of }),
                of.prop_map(|of| Criterion::Any { of }),
                inner.prop_map(not),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_audience_is_asked_again_as_it_was(criterion in criteria()) {
            let form = AudienceForm::of(Some(&criterion));
            prop_assert_eq!(audience(&form), Ok(Some(criterion)));
        }

        #[test]
        fn segments_are_opened_as_segments(segments in proptest::collection::vec(("[abcd]", any::<bool>()), 1..6)) {
            let segments: Vec<_> = segments.iter().map(|(id, not)| (id.as_str(), *not)).collect();
            let form = by_segments(&segments);
            let opened = AudienceForm::of(audience(&form).unwrap().as_ref());
            prop_assert_eq!(opened.kind, AudienceKind::Segments);
            prop_assert_eq!(audience(&opened), audience(&form));
            // Those that are left out come last; otherwise the order stays.
            let mut sorted = form.segments.clone();
            sorted.sort_by_key(|segment| segment.not);
            prop_assert_eq!(opened.segments, sorted);
        }
    }

    #[test]
    fn every_user_is_no_audience() {
        assert_eq!(AudienceForm::of(None), AudienceForm::default());
        assert_eq!(audience(&AudienceForm::default()), Ok(None));
    }

    #[test]
    fn what_is_chosen_for_one_sort_does_not_count_for_another() {
        let mut form = by_segments(&[("a", false)]);
        form.criteria = Some(segment("b"));
        form.kind = AudienceKind::All;
        assert_eq!(audience(&form), Ok(None));
        form.kind = AudienceKind::Criteria;
        assert_eq!(audience(&form), Ok(Some(segment("b"))));
    }

    #[test]
    fn what_is_missing_is_told() {
        assert!(audience(&by_segments(&[])).is_err());
        let form = AudienceForm {
            kind: AudienceKind::Criteria,
            ..AudienceForm::default()
        };
        assert!(audience(&form).is_err());
    }

    #[test]
    fn segments_become_criteria() {
        for (segments, criterion) in [
            (vec![("a", false)], segment("a")),
            (vec![("a", true)], not(segment("a"))),
            (
                vec![("a", true), ("b", false), ("c", false)],
                Criterion::All {
                    of: vec![
                        Criterion::Any {
                            of: vec![segment("b"), segment("c")],
                        },
                        not(segment("a")),
                    ],
                },
            ),
        ] {
            assert_eq!(audience(&by_segments(&segments)), Ok(Some(criterion)));
        }
    }
}
