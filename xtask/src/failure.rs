//! Why a step stopped, and what a person can do about it.

use std::{fmt, io, path::Path};

/// A step's result.
pub type Result<T> = std::result::Result<T, Failure>;

/// A failed step: what happened, and where it is known, the way on by hand.
#[derive(Debug)]
pub struct Failure {
    what: String,
    by_hand: Option<String>,
}

impl Failure {
    /// A failure that says `what` happened.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            by_hand: None,
        }
    }

    /// Adds what to do by hand.
    pub fn by_hand(mut self, way: impl Into<String>) -> Self {
        self.by_hand = Some(way.into());
        self
    }

    /// A failed operation on a file or folder: `doing` is a verb, as in "read".
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(way) = &self.by_hand {
            write!(f, "\n  by hand: {}", way.replace('\n', "\n           "))?;
        }
        Ok(())
    }
}

/// Names the file in an I/O error.
pub trait OnFile<T> {
    /// Turns an I/O error into a [`Failure`] that says what was done to which file.
    fn on_file(self, doing: &str, path: &Path) -> Result<T>;
}

impl<T> OnFile<T> for io::Result<T> {
    fn on_file(self, doing: &str, path: &Path) -> Result<T> {
        self.map_err(|error| Failure::file(doing, path, &error))
    }
}
