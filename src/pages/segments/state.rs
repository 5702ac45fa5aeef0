//! What the manager lists and shows: in the URL, so that a link opens the same list, and in the browser.

use segments_format::url::Params;
use segments_model::segment::{SegmentColumn, SegmentKind, SegmentQuery, SegmentSort};

use crate::shell::storage;

/// How many segments a page of the list has.
pub const PAGE_SIZE: u32 = 50;

/// Which segments, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filters {
    /// A text that name, description or id have in them.
    pub search: String,
    /// Only those of this kind.
    pub kind: Option<SegmentKind>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those of the person with this id.
    pub creator: Option<String>,
    /// Archived ones too.
    pub archived: bool,
    pub sort: SegmentSort,
}

/// The largest segments first.
const SORT: SegmentSort = SegmentSort {
    by: SegmentColumn::Users,
    descending: true,
};

impl Default for Filters {
    fn default() -> Self {
        Self {
            search: String::new(),
            kind: None,
            category: None,
            creator: None,
            archived: false,
            sort: SORT,
        }
    }
}

impl Filters {
    /// Reads them from a query string; what it does not say is as by default.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        Self {
            search: params.get("q").unwrap_or_default().to_owned(),
            kind: match params.get("type") {
                Some("static") => Some(SegmentKind::Static),
                Some("dynamic") => Some(SegmentKind::Dynamic),
                _ => None,
            },
            category: params.get("category").map(str::to_owned),
            creator: params.get("creator").map(str::to_owned),
            archived: params.get("archived").is_some(),
            sort: params
                .get("sort")
                .and_then(|sort| sort.parse().ok())
                .unwrap_or(SORT),
        }
    }

    /// The query string that says them, and nothing that is as by default.
    #[must_use]
    pub fn to_params(&self) -> Params {
        Params::new()
            .with_opt("q", (!self.search.is_empty()).then_some(&*self.search))
            .with_opt("type", self.kind.map(kind_word))
            .with_opt("category", self.category.as_deref())
            .with_opt("creator", self.creator.as_deref())
            .with_opt("archived", self.archived.then_some("1"))
            .with_opt("sort", (self.sort != SORT).then(|| self.sort.to_string()))
    }

    /// The question that they are, at a page of its answer.
    #[must_use]
    pub fn query(&self, cursor: Option<String>) -> SegmentQuery {
        let search = self.search.trim();
        SegmentQuery {
            search: (!search.is_empty()).then(|| search.to_owned()),
            kind: self.kind,
            category: self.category.clone(),
            creator: self.creator.clone(),
            archived: self.archived.then_some(true),
            sort: Some(self.sort),
            limit: Some(PAGE_SIZE),
            cursor,
        }
    }

    /// Whether they leave anything out that is in use.
    #[must_use]
    pub fn narrow(&self) -> bool {
        !self.search.trim().is_empty()
            || self.kind.is_some()
            || self.category.is_some()
            || self.creator.is_some()
    }

    /// The same order, and everything that is in use.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self {
            sort: self.sort,
            archived: self.archived,
            ..Self::default()
        }
    }

    /// Sorted by another column, or by the same one the other way round. Figures and times begin with the greatest.
    #[must_use]
    pub fn sorted_by(&self, by: SegmentColumn) -> Self {
        let descending = if self.sort.by == by {
            !self.sort.descending
        } else {
            matches!(
                by,
                SegmentColumn::Users | SegmentColumn::CreatedAt | SegmentColumn::UpdatedAt
            )
        };
        Self {
            sort: SegmentSort { by, descending },
            ..self.clone()
        }
    }
}

const fn kind_word(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Static => "static",
        SegmentKind::Dynamic => "dynamic",
    }
}

/// What a kind is called.
#[must_use]
pub const fn kind_label(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Static => "Static",
        SegmentKind::Dynamic => "Dynamic",
    }
}

/// A column that can be shown or not, beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionalColumn {
    /// The description, below the name.
    Description,
    Category,
    /// Static or dynamic.
    Kind,
    Users,
    Id,
    /// Who made it.
    Creator,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
}

impl OptionalColumn {
    /// Every column, in the table's order.
    pub const ALL: [Self; 8] = [
        Self::Description,
        Self::Category,
        Self::Kind,
        Self::Users,
        Self::Id,
        Self::Creator,
        Self::Created,
        Self::Updated,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Description => "Description",
            Self::Category => "Category",
            Self::Kind => "Type",
            Self::Users => "Users",
            Self::Id => "Segment ID",
            Self::Creator => "Creator",
            Self::Created => "Created",
            Self::Updated => "Updated",
        }
    }
}

/// The columns that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<OptionalColumn>);

impl Default for Columns {
    fn default() -> Self {
        Self(
            OptionalColumn::ALL
                .into_iter()
                .filter(|column| *column != OptionalColumn::Updated)
                .collect(),
        )
    }
}

const STORED: &str = "segments.columns";

impl Columns {
    /// Those chosen before.
    #[must_use]
    pub fn stored() -> Self {
        storage::get(STORED).map_or_else(Self::default, |text| Self::parse(&text))
    }

    /// Keeps them.
    pub fn store(&self) {
        storage::set(STORED, Some(&self.text()));
    }

    fn parse(text: &str) -> Self {
        Self(
            OptionalColumn::ALL
                .into_iter()
                .filter(|column| text.split(',').any(|label| label == column.label()))
                .collect(),
        )
    }

    fn text(&self) -> String {
        let labels: Vec<_> = self.0.iter().map(|column| column.label()).collect();
        labels.join(",")
    }

    /// Whether one is shown.
    #[must_use]
    pub fn has(&self, column: OptionalColumn) -> bool {
        self.0.contains(&column)
    }

    /// Shows one, or not.
    pub fn toggle(&mut self, column: OptionalColumn) {
        if self.has(column) {
            self.0.retain(|shown| *shown != column);
        } else {
            self.0.push(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, Filters, OptionalColumn, SegmentColumn, SegmentKind};
    use segments_format::url::Params;

    #[test]
    fn filters_come_back_from_the_url() {
        let filters = Filters {
            search: "a & b".to_owned(),
            kind: Some(SegmentKind::Static),
            category: Some(String::new()),
            creator: Some("u/1".to_owned()),
            archived: true,
            ..Filters::default()
        }
        .sorted_by(SegmentColumn::Name);
        let query = filters.to_params().to_query();
        assert_eq!(Filters::from_params(&Params::parse(&query)), filters);
        assert!(Filters::default().to_params().is_empty());
        assert_eq!(
            Filters::from_params(&Params::parse("?sort=nope")),
            Filters::default()
        );
    }

    #[test]
    fn sorting_twice_turns_round_and_figures_begin_with_the_greatest() {
        let by_name = Filters::default().sorted_by(SegmentColumn::Name);
        assert_eq!(by_name.sort.to_string(), "name");
        assert_eq!(
            by_name.sorted_by(SegmentColumn::Name).sort.to_string(),
            "-name"
        );
        assert_eq!(
            by_name.sorted_by(SegmentColumn::CreatedAt).sort.to_string(),
            "-created_at"
        );
    }

    #[test]
    fn clearing_keeps_the_order() {
        let filters = Filters {
            search: "x".to_owned(),
            archived: true,
            ..Filters::default()
        }
        .sorted_by(SegmentColumn::Kind);
        assert!(filters.narrow());
        let cleared = filters.cleared();
        assert!(!cleared.narrow() && cleared.archived);
        assert_eq!(cleared.sort, filters.sort);
    }

    #[test]
    fn columns_come_back() {
        let mut columns = Columns::default();
        columns.toggle(OptionalColumn::Id);
        columns.toggle(OptionalColumn::Updated);
        let again = Columns::parse(&columns.text());
        for column in OptionalColumn::ALL {
            assert_eq!(again.has(column), columns.has(column));
        }
        assert!(!Columns::parse("").has(OptionalColumn::Users));
    }
}
