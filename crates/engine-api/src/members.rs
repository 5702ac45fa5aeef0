//! Sets of users.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// The users that meet a definition, as one engine has them in one version of the data.
///
/// Opaque: how many they are is known to everybody, who they are only to the [`Snapshot`](crate::Snapshot) that made it.
/// Cheap to clone.
#[derive(Clone)]
pub struct MemberSet {
    len: u64,
    bytes: usize,
    users: Arc<dyn Any + Send + Sync>,
}

impl MemberSet {
    /// A set of `len` users that takes about so many bytes of this process's memory.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(len: u64, bytes: usize, users: T) -> Self {
        Self {
            len,
            bytes,
            users: Arc::new(users),
        }
    }

    /// How many users are in it.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether nobody is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// About how many bytes of this process's memory it takes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the engine that made it put into it; none where another engine made it.
    #[must_use]
    pub fn users<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.users.downcast_ref()
    }
}

impl fmt::Debug for MemberSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemberSet")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// How two sets make a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperation {
    /// Those in both.
    And,
    /// Those in at least one.
    Or,
    /// Those in the first and not in the second.
    Without,
}
