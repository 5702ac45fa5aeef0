//! Rows of a query that have letters or numbers: added, named, copied, moved, hidden, taken away.

/// What tells a row from the others for as long as the form lives, wherever it is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(u32);

impl RowId {
    /// The number that tells it from the others.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    pub id: RowId,
    /// The name that somebody gave it; empty: it is named by what it says.
    pub name: String,
    /// Whether it is left out of what is shown.
    pub hidden: bool,
    pub value: T,
}

/// Rows in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    rows: Vec<Row<T>>,
    next: u32,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            next: 0,
        }
    }
}

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut rows = Self::default();
        for value in values {
            rows.add(value);
        }
        rows
    }
}

impl<T> Rows<T> {
    /// The rows in their order.
    #[must_use]
    pub fn all(&self) -> &[Row<T>] {
        &self.rows
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where a row stands.
    #[must_use]
    pub fn place(&self, id: RowId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    #[must_use]
    pub fn get(&self, id: RowId) -> Option<&Row<T>> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// A row, to change.
    pub fn get_mut(&mut self, id: RowId) -> Option<&mut Row<T>> {
        self.rows.iter_mut().find(|row| row.id == id)
    }

    /// All rows, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row<T>> {
        self.rows.iter_mut()
    }

    #[must_use]
    pub fn ids(&self) -> Vec<RowId> {
        self.rows.iter().map(|row| row.id).collect()
    }

    /// Gives the first rows these names.
    pub fn set_names(&mut self, names: Vec<String>) {
        for (row, name) in self.rows.iter_mut().zip(names) {
            row.name = name;
        }
    }

    /// Adds a row at the end.
    pub fn add(&mut self, value: T) -> RowId {
        let id = RowId(self.next);
        self.next += 1;
        self.rows.push(Row {
            id,
            name: String::new(),
            hidden: false,
            value,
        });
        id
    }

    /// Adds a copy of a row right after it.
    pub fn duplicate(&mut self, id: RowId) -> Option<RowId>
    where
        T: Clone,
    {
        let place = self.place(id)?;
        let copy = RowId(self.next);
        self.next += 1;
        let row = self.rows.get(place)?;
        let row = Row {
            id: copy,
            name: String::new(),
            hidden: row.hidden,
            value: row.value.clone(),
        };
        self.rows.insert(place + 1, row);
        Some(copy)
    }

    /// Takes a row away.
    pub fn remove(&mut self, id: RowId) {
        self.rows.retain(|row| row.id != id);
    }

    /// Puts a row at a place, counted without it; beyond the end is the end.
    pub fn move_to(&mut self, id: RowId, place: usize) {
        if let Some(from) = self.place(id) {
            let row = self.rows.remove(from);
            self.rows.insert(place.min(self.rows.len()), row);
        }
    }
}

/// Where a row comes to stand that is dragged to a gap: gap 0 is above the first row, and so on.
#[must_use]
pub const fn place_of_gap(from: usize, gap: usize) -> usize {
    if gap > from { gap - 1 } else { gap }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use super::{RowId, Rows, place_of_gap};
    use proptest::prelude::*;
    use std::collections::HashSet;

    /// Something to do with rows; places are taken modulo how many rows there are.
    #[derive(Clone, Debug)]
    enum Edit {
        Add(u8),
        Duplicate(usize),
        Remove(usize),
        MoveTo(usize, usize),
    }

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let edit = prop_oneof![
            any::<u8>().prop_map(Edit::Add),
            any::<usize>().prop_map(Edit::Duplicate),
            any::<usize>().prop_map(Edit::Remove),
            (any::<usize>(), 0..12_usize).prop_map(|(row, place)| Edit::MoveTo(row, place)),
        ];
        proptest::collection::vec(edit, 0..40)
    }

    fn at(rows: &Rows<u8>, place: usize) -> Option<RowId> {
        let place = place.checked_rem(rows.len())?;
        rows.all().get(place).map(|row| row.id)
    }

    fn done(edits: Vec<Edit>) -> Rows<u8> {
        let mut rows = Rows::default();
        for edit in edits {
            match edit {
                Edit::Add(value) => drop(rows.add(value)),
                Edit::Duplicate(row) => {
                    at(&rows, row).and_then(|id| rows.duplicate(id));
                }
                Edit::Remove(row) => {
                    if let Some(id) = at(&rows, row) {
                        rows.remove(id);
                    }
                }
                Edit::MoveTo(row, place) => {
                    if let Some(id) = at(&rows, row) {
                        rows.move_to(id, place);
                    }
                }
            }
        }
        rows
    }

    fn ids(rows: &Rows<u8>) -> Vec<RowId> {
        rows.all().iter().map(|row| row.id).collect()
    }

    proptest! {
        #[test]
        fn no_two_rows_have_the_same_id(edits in edits()) {
            let rows = done(edits);
            let different: HashSet<_> = ids(&rows).into_iter().collect();
            prop_assert_eq!(different.len(), rows.len());
        }

        #[test]
        fn a_new_row_has_an_id_that_none_ever_had(edits in edits()) {
            let mut before = done(edits);
            let had = ids(&before);
            let removed = had.last().copied();
            if let Some(id) = removed {
                before.remove(id);
            }
            let new = before.add(0);
            prop_assert!(!had.contains(&new));
        }

        #[test]
        fn moving_keeps_every_row_and_the_order_of_the_others(
            edits in edits(), row in any::<usize>(), place in 0..12_usize,
        ) {
            let before = done(edits);
            let Some(id) = at(&before, row) else { return Ok(()) };
            let mut after = before.clone();
            after.move_to(id, place);
            prop_assert_eq!(after.place(id), Some(place.min(before.len() - 1)));
            let others = |rows: &Rows<u8>| {
                rows.all().iter().filter(|row| row.id != id).cloned().collect::<Vec<_>>()
            };
            prop_assert_eq!(others(&before), others(&after));
            prop_assert_eq!(before.get(id), after.get(id));
        }

        #[test]
        fn a_copy_stands_right_after_its_row(edits in edits(), row in any::<usize>()) {
            let before = done(edits);
            let Some(id) = at(&before, row) else { return Ok(()) };
            let mut after = before.clone();
            let copy = after.duplicate(id).unwrap();
            let place = after.place(id).unwrap();
            prop_assert_eq!(after.place(copy), Some(place + 1));
            prop_assert_eq!(after.get(copy).unwrap().value, after.get(id).unwrap().value);
            after.remove(copy);
            prop_assert_eq!(after.all(), before.all());
        }

        #[test]
        fn a_row_dropped_into_a_gap_stands_between_its_neighbours(count in 1..9_usize, from in 0..9_usize, gap in 0..9_usize) {
            let (from, gap) = (from % count, gap % (count + 1));
            let mut rows: Rows<usize> = (0..count).collect();
            let id = rows.all()[from].id;
            rows.move_to(id, place_of_gap(from, gap));
            let order: Vec<_> = rows.all().iter().map(|row| row.value).collect();
            let mut expected: Vec<_> = (0..count).filter(|value| *value != from).collect();
            let place = expected.iter().position(|value| *value >= gap).unwrap_or(expected.len());
            expected.insert(place, from);
            prop_assert_eq!(order, expected);
        }
    }
}
