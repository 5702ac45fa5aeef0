//! What the list of users shows, as it stands in the URL.

use segments_format::url::Params;
use segments_forms::link::{Opened, PARAM};
use segments_model::ValueType;
use segments_model::user::Sort;

use crate::tool::selection::{TOOL_PARAM, read_users};

/// Columns that every user has, besides the user properties.
pub const FACTS: [(&str, &str, ValueType); 3] = [
    ("first_event_at", "First seen", ValueType::Datetime),
    ("last_event_at", "Last seen", ValueType::Datetime),
    ("events", "Events", ValueType::Number),
];

/// How many users a page has.
pub const PAGE: u32 = 50;

/// Which users, in which order, with which columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// Only those in this segment.
    pub segment: Option<String>,
    /// Only those of a part of an answer, in place of a segment.
    pub chosen: Option<SelectionInUrl>,
    /// Only those with this text.
    pub search: String,
    /// The order; none: last seen first.
    pub sort: Option<Sort>,
}

/// A part of an answer of one of the tools, as the URL says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectionInUrl {
    /// The tool's word.
    pub of: Option<String>,
    /// The query and the selection.
    pub text: String,
}

impl SelectionInUrl {
    /// What it says.
    ///
    /// # Errors
    /// A sentence, where nobody can be told from it.
    pub fn read(&self) -> Result<Opened, String> {
        let params = Params::new()
            .with_opt(TOOL_PARAM, self.of.as_deref())
            .with(PARAM, self.text.as_str());
        // There is something to read, so there is an answer.
        read_users(&params).unwrap_or_else(|| Err("The link is empty.".to_owned()))
    }
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
        let chosen = filled(PARAM).map(|text| SelectionInUrl {
            of: filled(TOOL_PARAM).map(str::to_owned),
            text: text.to_owned(),
        });
        Self {
            segment: filled("segment")
                .filter(|_| chosen.is_none())
                .map(str::to_owned),
            chosen,
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
            .with_opt(
                TOOL_PARAM,
                self.chosen.as_ref().and_then(|chosen| chosen.of.as_deref()),
            )
            .with_opt(PARAM, self.chosen.as_ref().map(|chosen| &chosen.text))
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
}

#[cfg(test)]
mod tests {
    use segments_model::user::Sort;

    use super::{ListState, SelectionInUrl};
    use segments_format::url::Params;

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
                ..ListState::default()
            },
            ListState {
                sort: Some(Sort {
                    by: "plan".to_owned(),
                    descending: false,
                }),
                ..ListState::default()
            },
            ListState {
                chosen: Some(SelectionInUrl {
                    of: Some("funnel".to_owned()),
                    text: r#"{"query":{"tool":"funnel & co"}}"#.to_owned(),
                }),
                search: "a".to_owned(),
                ..ListState::default()
            },
            ListState {
                chosen: Some(SelectionInUrl {
                    of: None,
                    text: "~1".to_owned(),
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
    fn a_part_of_an_answer_stands_in_place_of_a_segment() {
        let state = ListState::from_params(&Params::parse("?segment=seg_1&of=funnel&q=x"));
        assert_eq!(state.segment, None);
        assert!(state.chosen.unwrap().read().is_err());
    }
}
