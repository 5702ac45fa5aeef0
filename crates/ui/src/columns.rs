//! The columns of a table as data, and which of them there is room for.

use leptos::prelude::*;

/// What stands in a column, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// The names of the rows. Takes most of the room that is left.
    Heading,
    /// Words.
    Text,
    /// Numbers and times, right under their head.
    Figure,
    /// Something to press; its name is not shown.
    Control,
}

/// The least width of the names of rows, in px.
pub const HEADING_WIDTH: f64 = 220.0;

/// A column of a [`Table`](crate::Table).
#[derive(Clone)]
pub struct TableColumn {
    /// What the rows know it by, and what they are sorted by.
    pub key: String,
    pub label: Signal<String>,
    /// What stands in it.
    pub kind: ColumnKind,
    /// Its least width, in px.
    pub width: f64,
    /// Columns of priority 0 stay; of the others, those of the greatest number go first.
    pub priority: usize,
    /// Whether its head sorts.
    pub sorts: bool,
    /// What its head shows in place of its name.
    pub head: Option<ViewFn>,
}

impl TableColumn {
    /// A column that stays.
    pub fn new(
        kind: ColumnKind,
        key: impl Into<String>,
        label: impl Into<Signal<String>>,
        width: f64,
    ) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            kind,
            width: match kind {
                ColumnKind::Heading => width.max(HEADING_WIDTH),
                _ => width,
            },
            priority: 0,
            sorts: false,
            head: None,
        }
    }

    /// One that goes where there is no room for it.
    #[must_use]
    pub const fn priority(mut self, priority: usize) -> Self {
        self.priority = priority;
        self
    }

    /// One whose head sorts.
    #[must_use]
    pub const fn sorts(mut self) -> Self {
        self.sorts = true;
        self
    }

    /// With a head of its own.
    #[must_use]
    pub fn head(mut self, head: impl Into<ViewFn>) -> Self {
        self.head = Some(head.into());
        self
    }
}

impl PartialEq for TableColumn {
    fn eq(&self, other: &Self) -> bool {
        (&self.key, self.kind, self.width, self.priority)
            == (&other.key, other.kind, other.width, other.priority)
    }
}

/// How wide each column is in this room; none: there is no room for it. Together they are as wide as the room, which is not
/// known yet where it is 0.
#[must_use]
pub fn fit(columns: &[TableColumn], room: f64) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, &TableColumn)> = columns.iter().enumerate().collect();
    order.sort_by_key(|(_, column)| column.priority);
    let mut used = 0.0;
    let fitting = order.into_iter().take_while(|(_, column)| {
        used += column.width;
        column.priority == 0 || used <= room || room <= 0.0
    });
    let shown: Vec<usize> = fitting.map(|(place, _)| place).collect();
    let widths = columns.iter().enumerate();
    let mut widths: Vec<Option<f64>> = widths
        .map(|(place, column)| shown.contains(&place).then_some(column.width))
        .collect();
    let spare = (room - widths.iter().flatten().sum::<f64>()).max(0.0);
    let share = |column: &TableColumn| match column.kind {
        ColumnKind::Heading => 2.0,
        ColumnKind::Text => 1.0,
        ColumnKind::Figure | ColumnKind::Control => 0.0,
    };
    let shown = || {
        widths
            .iter()
            .zip(columns)
            .filter(|(width, _)| width.is_some())
    };
    let shares: f64 = shown().map(|(_, column)| share(column)).sum();
    if shares > 0.0 {
        for (width, column) in widths.iter_mut().zip(columns) {
            if let Some(width) = width {
                *width += spare * share(column) / shares;
            }
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::{ColumnKind, HEADING_WIDTH, TableColumn, fit};

    fn columns() -> Vec<TableColumn> {
        let column = |kind, width, priority| {
            TableColumn::new(kind, "", String::new(), width).priority(priority)
        };
        vec![
            column(ColumnKind::Control, 40.0, 0),
            column(ColumnKind::Heading, 100.0, 0),
            column(ColumnKind::Text, 90.0, 2),
            column(ColumnKind::Figure, 80.0, 1),
            column(ColumnKind::Text, 10.0, 3),
        ]
    }

    #[test]
    fn what_matters_least_goes_first_and_the_names_never() {
        let shown = |room| -> Vec<bool> {
            let fitted = fit(&columns(), room);
            fitted.iter().map(Option::is_some).collect()
        };
        assert_eq!(shown(440.0), [true; 5]);
        assert_eq!(shown(439.0), [true, true, true, true, false]);
        // A narrow one does not come before one that matters more.
        assert_eq!(shown(429.0), [true, true, false, true, false]);
        assert_eq!(shown(339.0), [true, true, false, false, false]);
        assert_eq!(shown(100.0), [true, true, false, false, false]);
        assert_eq!(shown(0.0), [true; 5], "nothing is known of the room yet");
    }

    #[test]
    fn the_room_is_filled_and_the_names_get_most_of_it() {
        for room in [260.0, 343.5, 500.0, 1366.0] {
            let fitted = fit(&columns(), room);
            let sum: f64 = fitted.iter().flatten().sum();
            assert!((sum - room).abs() < 1e-6, "{room}: {fitted:?}");
            assert!(fitted[1].is_some_and(|width| width >= HEADING_WIDTH));
        }
        assert_eq!(
            fit(&columns(), 740.0)[3],
            Some(80.0),
            "figures stay beside each other"
        );
    }
}
