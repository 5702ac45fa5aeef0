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

#[cfg(test)]
mod tests {
    use segments_model::user::Sort;

    use super::ListState;
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
}
