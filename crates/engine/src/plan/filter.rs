//! Conditions on rows.

use std::sync::Arc;

use segments_model::Instant;

use crate::moving::Moving;
use crate::predicate::Predicate;
use crate::store::Table;

/// The place of a part in a [`Plan`](super::Plan).
pub(crate) type PartId = usize;

/// A condition on a row and its user.
#[derive(Clone, Debug)]
pub(crate) enum RowFilter {
    All(Vec<RowFilter>),
    Any(Vec<RowFilter>),
    Not(Box<RowFilter>),
    /// The row's value of an event property.
    Property {
        /// The property's place in the store.
        property: u32,
        /// The same for all tables.
        predicate: Arc<Predicate>,
    },
    /// The row's user is in a part.
    User(PartId),
    Constant(bool),
}

impl RowFilter {
    pub(super) fn move_to(&mut self, as_of: Instant) {
        match self {
            Self::Property { predicate, .. } => {
                if predicate.moving().is_some() {
                    Arc::make_mut(predicate).move_to(as_of);
                }
            }
            Self::All(of) | Self::Any(of) => of.iter_mut().for_each(|inner| inner.move_to(as_of)),
            Self::Not(of) => of.move_to(as_of),
            Self::User(_) | Self::Constant(_) => {}
        }
    }

    /// Shows the parts that it asks about the row's user.
    pub(super) fn each_part(&self, show: &mut impl FnMut(PartId)) {
        match self {
            Self::User(part) => show(*part),
            Self::All(of) | Self::Any(of) => of.iter().for_each(|inner| inner.each_part(show)),
            Self::Not(of) => of.each_part(show),
            Self::Property { .. } | Self::Constant(_) => {}
        }
    }

    /// Shows each range of it that moves on with as-of, with the place of the property whose values have to lie in it.
    pub(crate) fn each_moving<'f>(&'f self, show: &mut impl FnMut(u32, &'f Moving)) {
        match self {
            Self::Property {
                property,
                predicate,
            } => {
                if let Some(moving) = predicate.moving() {
                    show(*property, moving);
                }
            }
            Self::All(of) | Self::Any(of) => of.iter().for_each(|inner| inner.each_moving(show)),
            Self::Not(of) => of.each_moving(show),
            Self::User(_) | Self::Constant(_) => {}
        }
    }

    /// Whether a row passes; `is_in` tells whether its user is in a part.
    pub(crate) fn passes(&self, table: &Table, row: usize, is_in: &dyn Fn(PartId) -> bool) -> bool {
        match self {
            Self::All(of) => of.iter().all(|filter| filter.passes(table, row, is_in)),
            Self::Any(of) => of.iter().any(|filter| filter.passes(table, row, is_in)),
            Self::Not(of) => !of.passes(table, row, is_in),
            Self::Property {
                property,
                predicate,
            } => match table.column(*property) {
                Some(column) => predicate.passes(column, row),
                None => predicate.of_missing(),
            },
            Self::User(part) => is_in(*part),
            Self::Constant(passes) => *passes,
        }
    }

    /// How many conditions there are.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::All(of) | Self::Any(of) => 1 + of.iter().map(Self::size).sum::<usize>(),
            Self::Not(of) => 1 + of.size(),
            Self::Property { .. } | Self::User(_) | Self::Constant(_) => 1,
        }
    }

    /// The same for a table that has only some of the columns; what no longer depends on the row becomes constant.
    pub(super) fn for_columns(&self, has: &impl Fn(u32) -> bool) -> Self {
        match self {
            Self::Property {
                property,
                predicate,
            } if !has(*property) => Self::Constant(predicate.of_missing()),
            Self::Not(inner) => match inner.for_columns(has) {
                Self::Constant(passes) => Self::Constant(!passes),
                inner => Self::Not(Box::new(inner)),
            },
            Self::All(of) => Self::group(of, has, true),
            Self::Any(of) => Self::group(of, has, false),
            Self::Property { .. } | Self::User(_) | Self::Constant(_) => self.clone(),
        }
    }

    /// A group whose members that are constant either decide it or go.
    fn group(of: &[Self], has: &impl Fn(u32) -> bool, all: bool) -> Self {
        let mut kept = Vec::new();
        for filter in of {
            match filter.for_columns(has) {
                Self::Constant(passes) if passes == all => {}
                Self::Constant(passes) => return Self::Constant(passes),
                filter => kept.push(filter),
            }
        }
        match (kept.len(), all) {
            (0, _) => Self::Constant(all),
            (1, _) => kept.remove(0),
            (_, true) => Self::All(kept),
            (_, false) => Self::Any(kept),
        }
    }
}
