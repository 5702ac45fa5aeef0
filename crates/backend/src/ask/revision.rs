//! Changes of what somebody has seen.

use crate::error::Error;

/// Which revisions of a resource a change is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whichever it is at.
    Any,
    /// One of these.
    OneOf(Vec<u64>),
    /// It has to say so, and does not.
    Unsaid,
}

impl Expected {
    /// Whether the change is meant for this revision.
    ///
    /// # Errors
    /// [`Error::MatchMissing`], [`Error::Stale`]
    pub fn check(&self, revision: u64) -> Result<(), Error> {
        match self {
            Self::Unsaid => Err(Error::MatchMissing),
            Self::OneOf(revisions) if !revisions.contains(&revision) => Err(Error::Stale),
            Self::Any | Self::OneOf(_) => Ok(()),
        }
    }
}

/// A resource at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised<T> {
    /// The number of the commit that put it.
    pub revision: u64,
    pub value: T,
}
