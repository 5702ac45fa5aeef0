//! Which column of a file is what, as it is being decided.

use segments_model::import::{FileFormat, ImportKind, ImportOptions, Inspection};

/// What a column is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The user's id.
    User,
    /// The event's name.
    Event,
    /// The event's time.
    Time,
    /// A property of the event or the user.
    Property,
}

/// The choices, as they stand in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// What the lines are.
    pub kind: ImportKind,
    /// The column of the user's id; empty: none yet.
    pub user: String,
    /// The column of the event's name; empty: none yet.
    pub event: String,
    /// The column of the event's time; empty: none yet.
    pub time: String,
    /// The IANA zone of times that carry none.
    pub time_zone: String,
}

impl Mapping {
    /// What was recognised.
    #[must_use]
    pub fn recognised(inspection: &Inspection, time_zone: &str) -> Self {
        Self {
            kind: inspection.kind,
            user: inspection.user.clone().unwrap_or_default(),
            event: inspection.event.clone().unwrap_or_default(),
            time: inspection.time.clone().unwrap_or_default(),
            time_zone: time_zone.to_owned(),
        }
    }

    /// What a column is taken for.
    #[must_use]
    pub fn role(&self, column: &str) -> Role {
        let events = self.kind == ImportKind::Events;
        if self.user == column {
            Role::User
        } else if events && self.event == column {
            Role::Event
        } else if events && self.time == column {
            Role::Time
        } else {
            Role::Property
        }
    }

    /// What keeps the import from starting: in the order of the form.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.user.is_empty() {
            missing.push("Choose the column that holds the user's id.");
        }
        if self.kind == ImportKind::Events {
            if self.event.is_empty() {
                missing.push("Choose the column that holds the event's name.");
            }
            if self.time.is_empty() {
                missing.push("Choose the column that holds the event's time.");
            }
            let chosen = [&self.user, &self.event, &self.time];
            let twice = chosen.iter().enumerate().any(|(place, column)| {
                !column.is_empty() && chosen.iter().skip(place + 1).any(|other| other == column)
            });
            if twice {
                missing.push("A column can have only one role. Choose different columns.");
            }
        }
        missing
    }

    /// The options of the import.
    #[must_use]
    pub fn options(&self) -> ImportOptions {
        let events = self.kind == ImportKind::Events;
        let filled = |column: &String| (!column.is_empty()).then(|| column.clone());
        ImportOptions {
            kind: self.kind,
            user: filled(&self.user),
            event: filled(&self.event).filter(|_| events),
            time: filled(&self.time).filter(|_| events),
            time_zone: filled(&self.time_zone),
        }
    }
}

/// The media type that a file is sent with.
#[must_use]
pub const fn media_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "text/csv",
        FileFormat::Ndjson => "application/x-ndjson",
    }
}

#[cfg(test)]
mod tests {
    use segments_model::import::{FileFormat, ImportKind, Inspection};

    use super::{Mapping, Role};

    fn recognised() -> Mapping {
        let inspection = Inspection {
            format: FileFormat::Csv,
            delimiter: Some(','),
            kind: ImportKind::Events,
            columns: Vec::new(),
            user: Some("user_id".to_owned()),
            event: Some("event".to_owned()),
            time: None,
            time_format: None,
        };
        Mapping::recognised(&inspection, "Europe/Berlin")
    }

    #[test]
    fn what_was_not_recognised_has_to_be_chosen() {
        let mut mapping = recognised();
        assert_eq!(mapping.missing().len(), 1);
        mapping.time = "ts".to_owned();
        assert!(mapping.missing().is_empty());
        mapping.time = "event".to_owned();
        assert_eq!(mapping.missing().len(), 1);
        mapping.user.clear();
        assert_eq!(mapping.missing().len(), 2);
    }

    #[test]
    fn users_have_no_event_and_no_time() {
        let mut mapping = recognised();
        assert_eq!(mapping.role("event"), Role::Event);
        mapping.kind = ImportKind::Users;
        assert!(mapping.missing().is_empty());
        assert_eq!(mapping.role("event"), Role::Property);
        assert_eq!(mapping.role("user_id"), Role::User);
        let options = mapping.options();
        assert_eq!((options.event, options.time), (None, None));
        assert_eq!(options.time_zone.as_deref(), Some("Europe/Berlin"));
    }
}
