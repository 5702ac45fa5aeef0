//! Conditions on properties.

use serde::{Deserialize, Serialize};

use crate::{Range, Value};

/// A condition on one occurrence of an event, or on a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Filter {
    /// Every one of these holds; of none: holds.
    All {
        /// The conditions.
        of: Vec<Filter>,
    },
    /// At least one of these holds; of none: does not hold.
    Any {
        /// The conditions.
        of: Vec<Filter>,
    },
    /// This does not hold.
    Not {
        /// The condition.
        of: Box<Filter>,
    },
    /// The user is in this segment.
    Segment {
        /// The segment's id.
        id: String,
    },
    /// A property's value compares so.
    Property(PropertyFilter),
}

/// A comparison of one property's value.
///
/// Of several values any one may match; for the negative operators none of them may. A missing value fails every
/// operator but the negative ones and `is_not_set`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyFilter {
    /// Whose property.
    pub scope: Scope,
    /// The property's name.
    pub name: String,
    /// How to compare.
    pub op: Operator,
    /// What to compare with: none for `is_set` and `is_not_set` and the operators with a range, two for `between`
    /// (both included), one or more otherwise. An instant is RFC 3339 or a local date, which stands for that whole day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// For `in_last` and `not_in_last`: the range that the value has to lie in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Range>,
    /// Compare texts without regard to case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
}

/// Whose property is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The property of the one event.
    Event,
    /// The current property of the user.
    User,
}

/// How a property's value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equals one of the values.
    Is,
    /// Equals none of the values; holds for a missing value.
    IsNot,
    /// The text has one of the values in it.
    Contains,
    /// The text has none of the values in it; holds for a missing value.
    DoesNotContain,
    /// The text starts with one of the values.
    StartsWith,
    /// The text ends with one of the values.
    EndsWith,
    /// The text has a match of one of the regular expressions in it: what regex-lite and RE2 share, unanchored.
    Matches,
    /// The number is greater.
    GreaterThan,
    /// The number is as great or greater.
    AtLeast,
    /// The number is less.
    LessThan,
    /// The number is as small or less.
    AtMost,
    /// The value lies between the two, both included.
    Between,
    /// The instant is earlier.
    Before,
    /// The instant is later.
    After,
    /// The instant lies in the range.
    InLast,
    /// The instant does not lie in the range; holds for a missing value.
    NotInLast,
    /// There is a value.
    IsSet,
    /// There is no value.
    IsNotSet,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 18] = [
        Self::Is,
        Self::IsNot,
        Self::Contains,
        Self::DoesNotContain,
        Self::StartsWith,
        Self::EndsWith,
        Self::Matches,
        Self::GreaterThan,
        Self::AtLeast,
        Self::LessThan,
        Self::AtMost,
        Self::Between,
        Self::Before,
        Self::After,
        Self::InLast,
        Self::NotInLast,
        Self::IsSet,
        Self::IsNotSet,
    ];

    /// Whether it holds where the property has no value: it is the opposite of an operator that does not.
    #[must_use]
    pub const fn holds_for_missing(self) -> bool {
        match self {
            Self::IsNot | Self::DoesNotContain | Self::NotInLast | Self::IsNotSet => true,
            Self::Is
            | Self::Contains
            | Self::StartsWith
            | Self::EndsWith
            | Self::Matches
            | Self::GreaterThan
            | Self::AtLeast
            | Self::LessThan
            | Self::AtMost
            | Self::Between
            | Self::Before
            | Self::After
            | Self::InLast
            | Self::IsSet => false,
        }
    }

    /// Whether it compares texts, and can do so without regard to case.
    #[must_use]
    pub const fn compares_texts(self) -> bool {
        match self {
            Self::Is
            | Self::IsNot
            | Self::Contains
            | Self::DoesNotContain
            | Self::StartsWith
            | Self::EndsWith
            | Self::Matches => true,
            Self::GreaterThan
            | Self::AtLeast
            | Self::LessThan
            | Self::AtMost
            | Self::Between
            | Self::Before
            | Self::After
            | Self::InLast
            | Self::NotInLast
            | Self::IsSet
            | Self::IsNotSet => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Operator};
    use crate::decode::read_value;
    use serde_json::json;

    #[test]
    fn every_operator_is_listed_and_read() {
        for (place, operator) in Operator::ALL.into_iter().enumerate() {
            assert_eq!(operator as usize, place);
            let filter = json!({
                "type": "property", "scope": "user", "name": "a", "op": operator
            });
            assert!(read_value::<Filter>(filter).is_ok(), "{operator:?}");
        }
        assert_eq!(Operator::ALL.last(), Some(&Operator::IsNotSet));
    }
}
