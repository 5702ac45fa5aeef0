//! Uploaded lists of users.

use serde::{Deserialize, Serialize};

/// What became of an uploaded list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// Its id, to be used in definitions.
    pub id: String,
    /// How many different ids are those of users that the data has now.
    pub matched: u64,
    /// How many different ids are not; they are kept, and count once the data has them.
    pub unknown: u64,
    /// How many ids stand in the list though they stood there before.
    pub duplicate: u64,
}
