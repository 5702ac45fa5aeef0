//! What the list of users shows, as it stands in the URL.

use segments_model::Criterion;
use segments_model::criterion::SegmentCriterion;
use segments_model::user::Sort;

use crate::url::Params;

/// Columns that every user has, besides the user properties.
pub const FACTS: [(&str, &str); 3] = [
    ("first_event_at", "First seen"),
    ("last_event_at", "Last seen"),
    ("events", "Events"),
];

/// How many users a page has.
pub const PAGE: u32 = 50;

/// Which users, in which order, with which columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// Only those in this segment.
    pub segment: Option<String>,
    /// Only those with this text.
    pub search: String,
    /// The order; none: last seen first.
    pub sort: Option<Sort>,
}

impl ListState {
    /// The order where the URL names none.
    #[must_use]
    pub fn default_sort() -> Sort {
        Sort {
            by: "last_event_at".to_owned(),
            descending: true,
        }
    }

    /// Reads the URL's query string.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        let filled = |name| params.get(name).filter(|value| !value.is_empty());
        Self {
            segment: filled("segment").map(str::to_owned),
            search: filled("search").unwrap_or_default().to_owned(),
            sort: filled("sort").map(|sort| match sort.strip_prefix('-') {
                Some(by) => Sort {
                    by: by.to_owned(),
                    descending: true,
                },
                None => Sort {
                    by: sort.to_owned(),
                    descending: false,
                },
            }),
        }
    }

    /// The query string that says the same.
    #[must_use]
    pub fn to_params(&self) -> Params {
        Params::new()
            .with_opt("segment", self.segment.as_deref())
            .with_opt("search", (!self.search.is_empty()).then_some(&self.search))
            .with_opt(
                "sort",
                self.sort
                    .as_ref()
                    .map(|sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.by)),
            )
    }

    /// The order that is in force.
    #[must_use]
    pub fn order(&self) -> Sort {
        self.sort.clone().unwrap_or_else(Self::default_sort)
    }

    /// The state after a click on a column's head: the same column turns its order around, another starts with its
    /// natural one, the latest or greatest first for what people rank by.
    #[must_use]
    pub fn sorted_by(&self, column: &str, greatest_first: bool) -> Self {
        let order = self.order();
        let descending = if order.by == column {
            !order.descending
        } else {
            greatest_first
        };
        Self {
            sort: Some(Sort {
                by: column.to_owned(),
                descending,
            }),
            ..self.clone()
        }
    }

    /// Who is listed; none: every user.
    #[must_use]
    pub fn definition(&self) -> Option<Criterion> {
        self.segment.as_ref().map(|id| {
            Criterion::Segment(SegmentCriterion {
                id: id.clone(),
                as_of: None,
            })
        })
    }
}

/// The initials that stand for a user: of the first and last word of a name, or the first two signs of an id.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("?");
    let signs: String = match words.next_back() {
        Some(last) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    signs.to_uppercase()
}

/// Which of the eight data colours stands for a user: always the same one for an id.
#[must_use]
pub fn colour(id: &str) -> u32 {
    id.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % 8
        + 1
}

#[cfg(test)]
mod tests {
    use segments_model::user::Sort;

    use super::{ListState, colour, initials};
    use crate::url::Params;

    #[test]
    fn the_url_says_the_whole_state() {
        let states = [
            ListState::default(),
            ListState {
                segment: Some("seg_1".to_owned()),
                search: "a&b =ü".to_owned(),
                sort: Some(Sort {
                    by: "-odd name".to_owned(),
                    descending: true,
                }),
            },
            ListState {
                sort: Some(Sort {
                    by: "plan".to_owned(),
                    descending: false,
                }),
                ..ListState::default()
            },
        ];
        for state in states {
            let url = state.to_params().to_query();
            assert_eq!(ListState::from_params(&Params::parse(&url)), state, "{url}");
        }
    }

    #[test]
    fn a_second_click_turns_the_order_around() {
        let state = ListState::default().sorted_by("events", true);
        assert!(state.order().descending);
        assert!(!state.sorted_by("events", true).order().descending);
        assert!(!state.sorted_by("plan", false).order().descending);
        // Last seen first is what an unsorted list shows, so one click turns it.
        assert!(
            !ListState::default()
                .sorted_by("last_event_at", true)
                .order()
                .descending
        );
    }

    #[test]
    fn initials_stand_for_every_name() {
        assert_eq!(initials("Ines Carvalho"), "IC");
        assert_eq!(initials("u_84f21c"), "U8");
        assert_eq!(initials("ada"), "AD");
        assert_eq!(initials("\u{1F9ED}"), "?");
        assert_eq!(initials(""), "?");
    }

    #[test]
    fn every_user_has_one_of_eight_colours() {
        let colours: Vec<u32> = (0..200).map(|user| colour(&format!("u_{user}"))).collect();
        for wanted in 1..=8 {
            assert!(colours.contains(&wanted));
        }
        assert!(colours.iter().all(|colour| (1..=8).contains(colour)));
    }
}
