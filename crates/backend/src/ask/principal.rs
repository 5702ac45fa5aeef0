//! Who asks, and what they may do.

use segments_model::project::Me;
use segments_model::segment::Person;

use crate::error::Error;

/// Whoever makes a request.
#[derive(Clone, Debug)]
pub struct Principal(Me);

/// What somebody wants to do beyond asking and looking, which everybody may who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make or change a segment, or a list of users.
    Write,
    /// Take users away as a file.
    Export,
    /// Change the data: bring a file in, go back to the demo.
    ChangeData,
    /// Change the project's name and zone.
    ChangeProject,
}

impl Principal {
    /// The one person that there is for now: the project's owner.
    #[must_use]
    pub const fn owner(me: Me) -> Self {
        Self(me)
    }

    /// As they are told about themselves.
    #[must_use]
    pub const fn me(&self) -> &Me {
        &self.0
    }

    /// As the maker of something.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            id: self.0.id.clone(),
            name: self.0.name.clone(),
        }
    }

    /// Whether they may do something: the one place that decides. An owner may do everything.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where they may not.
    pub const fn may(&self, action: Action) -> Result<(), Error> {
        match action {
            Action::Write | Action::Export | Action::ChangeData | Action::ChangeProject => Ok(()),
        }
    }
}
