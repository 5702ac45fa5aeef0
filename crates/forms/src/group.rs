//! What an answer is broken down by.

use segments_model::filter::Scope;
use segments_model::query::{GroupBy, PropertyGroup, SegmentGroup};

/// What an answer is broken down by, chosen in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupForm {
    /// The values of a property.
    Property {
        /// Whose property.
        scope: Scope,
        /// The property's name.
        name: String,
    },
    /// Whether the user is in a segment, by its id.
    Segment(String),
}

impl From<&GroupBy> for GroupForm {
    fn from(group: &GroupBy) -> Self {
        match group {
            GroupBy::Property(property) => Self::Property {
                scope: property.scope,
                name: property.name.clone(),
            },
            GroupBy::Segment(segment) => Self::Segment(segment.segment.clone()),
        }
    }
}

impl From<&GroupForm> for GroupBy {
    fn from(group: &GroupForm) -> Self {
        match group {
            GroupForm::Property { scope, name } => Self::Property(PropertyGroup {
                scope: *scope,
                name: name.clone(),
            }),
            GroupForm::Segment(id) => Self::Segment(SegmentGroup {
                segment: id.clone(),
            }),
        }
    }
}

impl GroupForm {
    /// What it is called among the choices.
    #[must_use]
    pub fn choice_value(&self) -> String {
        match self {
            Self::Property {
                scope: Scope::Event,
                name,
            } => format!("event/{name}"),
            Self::Property {
                scope: Scope::User,
                name,
            } => format!("user/{name}"),
            Self::Segment(id) => format!("segment/{id}"),
        }
    }
}

/// The same list with the one at a place put one place earlier or later; unchanged at either end.
#[must_use]
pub fn moved(groups: &[GroupForm], place: usize, later: bool) -> Option<(Vec<GroupForm>, usize)> {
    let to = if later {
        Some(place + 1)
    } else {
        place.checked_sub(1)
    };
    let to = to.filter(|to| *to < groups.len() && place < groups.len())?;
    let mut groups = groups.to_vec();
    groups.swap(place, to);
    Some((groups, to))
}

#[cfg(test)]
mod tests {
    use super::{GroupForm, moved};
    use segments_model::filter::Scope;
    use segments_model::query::GroupBy;

    fn groups() -> Vec<GroupForm> {
        vec![
            GroupForm::Property {
                scope: Scope::Event,
                name: "device".to_owned(),
            },
            GroupForm::Property {
                scope: Scope::User,
                name: "device".to_owned(),
            },
            GroupForm::Segment("device".to_owned()),
        ]
    }

    #[test]
    fn what_a_form_reads_it_says_again_and_no_two_are_called_the_same() {
        let groups = groups();
        for group in &groups {
            assert_eq!(GroupForm::from(&GroupBy::from(group)), *group);
        }
        let mut names: Vec<_> = groups.iter().map(GroupForm::choice_value).collect();
        names.dedup();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn moving_ends_at_the_ends() {
        let groups = groups();
        let (later, to) = moved(&groups, 0, true).unwrap();
        assert_eq!((to, &later[1], &later[0]), (1, &groups[0], &groups[1]));
        let (back, to) = moved(&later, 1, false).unwrap();
        assert_eq!((to, back), (0, groups.clone()));
        assert_eq!(moved(&groups, 0, false), None);
        assert_eq!(moved(&groups, 2, true), None);
        assert_eq!(moved(&[], 0, true), None);
    }
}
