//! A definition tried out before it is saved.

use serde::{Deserialize, Serialize};

use crate::user::UserRow;
use crate::{Criterion, Instant, Stamp};

/// A definition to try out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// Who would belong.
    pub definition: Criterion,
    /// The id of a stored segment to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Who would belong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// How many users.
    pub users: u64,
    /// The share of all users, 0 to 1; 0 where there are none.
    pub share: f64,
    /// How many users there are in all.
    pub all_users: u64,
    /// The definition in words.
    pub sentence: String,
    /// What each criterion of the tree does.
    pub criteria: Vec<CriterionEffect>,
    /// A few of the users.
    pub sample: Vec<UserRow>,
    /// What looks wrong.
    pub lint: Vec<Lint>,
    /// What would change against the stored segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

/// What a criterion does in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionEffect {
    /// Where it stands: a JSON pointer into the definition, `""` for the root.
    pub pointer: String,
    /// How many users meet it, on its own.
    pub users: u64,
    /// How many users are left after it, of those that are left before the group it stands in: in an `all` group those who
    /// meet it and every criterion before it, in an `any` group those who meet it or one before it, below a `not` and at
    /// the root those who meet it.
    pub kept: u64,
    /// By how many users that differs from the place before: in an `any` group those that it adds, elsewhere those that it
    /// takes away.
    pub dropped: u64,
}

/// Something that looks wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lint {
    /// Where: a JSON pointer into the definition.
    pub pointer: String,
    /// What, for a program.
    pub code: LintCode,
    /// How bad.
    pub severity: Severity,
    /// What, for a person.
    pub detail: String,
}

/// What looks wrong with a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LintCode {
    /// The data has no event of this name.
    UnknownEvent,
    /// The data has no property of this name, or not on this event.
    UnknownProperty,
    /// The property's type does not go with the operator or the values.
    TypeMismatch,
    /// The range holds none of the data.
    RangeWithoutData,
    /// No user can ever meet this.
    Contradiction,
    /// It asks for a time that has not begun yet, or is not over yet, for anybody.
    NotOver,
    /// Taking it away changes nothing.
    NoEffect,
    /// Nobody meets it.
    NoUsers,
    /// All its ranges lie in the past: as time goes on its members stay the same.
    NeverChanges,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not meant.
    Warning,
    /// Certainly not meant.
    Error,
}

/// What a definition would change of a stored segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// How many users would join.
    pub joined: u64,
    /// How many would leave.
    pub left: u64,
    /// The segments that refer to it and would change with it.
    pub dependents: Vec<DependentChanges>,
}

/// What would change of a segment that refers to the stored one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentChanges {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many users would join.
    pub joined: u64,
    /// How many would leave.
    pub left: u64,
}
