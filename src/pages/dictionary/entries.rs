//! What the dictionary lists: pure, from what the backend tells.

use segments_format as format;
use segments_model::dictionary::{Dictionary, EntryKind, Notes};
use segments_model::segment::{SegmentKind, SegmentSummary};
use segments_model::{Value, ValueType};
use segments_ui::Glyph;

/// A kind of entry, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Events,
    EventProperties,
    UserProperties,
    Segments,
}

impl Kind {
    pub const ALL: [Self; 4] = [
        Self::Events,
        Self::EventProperties,
        Self::UserProperties,
        Self::Segments,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Events => "Events",
            Self::EventProperties => "Event properties",
            Self::UserProperties => "User properties",
            Self::Segments => "Segments",
        }
    }

    /// Its word in the URL.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::EventProperties => "event_properties",
            Self::UserProperties => "user_properties",
            Self::Segments => "segments",
        }
    }

    /// The kind that a word means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of properties whose values the backend suggests.
    #[must_use]
    pub const fn with_values(self) -> Option<EntryKind> {
        match self {
            Self::EventProperties => Some(EntryKind::EventProperties),
            Self::UserProperties => Some(EntryKind::UserProperties),
            Self::Events | Self::Segments => None,
        }
    }
}

/// One thing of the dictionary: its kind and its name in the data, or a segment's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    pub kind: Kind,
    /// Its name, or a segment's id.
    pub name: String,
}

impl Subject {
    /// Of a kind, with a name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }

    /// As the URL has it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}/{}", self.kind.word(), self.name)
    }

    /// Reads what the URL has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        Some(Self::new(Kind::from_word(kind)?, name))
    }
}

/// What tells how much there is of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// So many.
    Count(u64),
    /// A part of all.
    Share {
        /// From 0 to 1.
        share: f64,
        /// What stands beside the bar.
        words: String,
    },
    /// Not worked out.
    Unknown,
}

/// What gives an idea of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// Names.
    Words(String),
    /// Values of a property.
    Values(Vec<Value>),
}

impl Samples {
    /// In words; datetimes in a zone.
    #[must_use]
    pub fn text(&self, zone: &str) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Values(values) => {
                let values: Vec<_> = values
                    .iter()
                    .map(|value| format::value(value, zone))
                    .collect();
                values.join(", ")
            }
        }
    }
}

/// A row of the dictionary.
#[derive(Clone, Debug, PartialEq)]
pub struct DictionaryEntry {
    pub subject: Subject,
    /// Its name for people.
    pub label: String,
    /// What it means.
    pub about: String,
    pub type_word: &'static str,
    pub glyph: Glyph,
    /// How much there is of it.
    pub figure: Figure,
    /// What gives an idea of it.
    pub samples: Samples,
    /// Everything that a search looks at, in lower case.
    haystack: String,
}

/// What a type of values is called, and its icon.
#[must_use]
pub const fn type_look(value_type: ValueType) -> (&'static str, Glyph) {
    match value_type {
        ValueType::String => ("text", Glyph::Text),
        ValueType::Number => ("number", Glyph::Number),
        ValueType::Boolean => ("yes / no", Glyph::Boolean),
        ValueType::Datetime => ("time", Glyph::Calendar),
    }
}

/// The entries of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct DictionarySection {
    pub kind: Kind,
    /// What stands beside its name.
    pub summary: String,
    pub entries: Vec<DictionaryEntry>,
}

/// Everything that the dictionary has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    entries: Vec<DictionaryEntry>,
    events_in_all: u64,
    users: Option<u64>,
}

impl Listing {
    /// Of this dictionary and these segments, for so many users.
    #[must_use]
    pub fn new(dictionary: &Dictionary, segments: &[SegmentSummary], users: Option<u64>) -> Self {
        let mut entries = Vec::new();
        for event in &dictionary.events {
            entries.push(DictionaryEntry::new(
                Subject::new(Kind::Events, &event.name),
                &event.notes,
                ("event", Glyph::Bolt),
                Figure::Count(event.volume),
                Samples::Words(event.properties.join(", ")),
            ));
        }
        for property in &dictionary.event_properties {
            entries.push(DictionaryEntry::new(
                Subject::new(Kind::EventProperties, &property.name),
                &property.notes,
                type_look(property.value_type),
                fill(property.fill_rate),
                Samples::Values(property.samples.clone()),
            ));
        }
        for property in &dictionary.user_properties {
            entries.push(DictionaryEntry::new(
                Subject::new(Kind::UserProperties, &property.name),
                &property.notes,
                type_look(property.value_type),
                fill(property.fill_rate),
                Samples::Values(property.samples.clone()),
            ));
        }
        for segment in segments {
            let notes = Notes {
                display_name: Some(segment.name.clone()),
                description: Some(if segment.description.is_empty() {
                    segment.sentence.clone()
                } else {
                    segment.description.clone()
                }),
                category: Some(segment.category.clone()),
                hidden: false,
            };
            let evaluation = &segment.evaluation;
            entries.push(DictionaryEntry::new(
                Subject::new(Kind::Segments, &segment.id),
                &notes,
                (
                    match segment.kind {
                        SegmentKind::Static => "static",
                        SegmentKind::Dynamic => "dynamic",
                    },
                    Glyph::Segment,
                ),
                match (evaluation.users, evaluation.share) {
                    (Some(users), Some(share)) => Figure::Share {
                        share,
                        words: format::count(users),
                    },
                    (Some(users), None) => Figure::Count(users),
                    (None, _) => Figure::Unknown,
                },
                Samples::Words(segment.id.clone()),
            ));
        }
        Self {
            entries,
            events_in_all: dictionary.events.iter().map(|event| event.volume).sum(),
            users,
        }
    }

    /// How many entries of a kind, or of all, there are.
    #[must_use]
    pub fn count(&self, kind: Option<Kind>) -> usize {
        self.entries
            .iter()
            .filter(|entry| kind.is_none_or(|kind| entry.subject.kind == kind))
            .count()
    }

    /// The entries of a kind, or of all, that have every word of a text in them: by kind, each with what stands beside
    /// its name. Kinds without any are left out.
    #[must_use]
    pub fn matching(&self, only: Option<Kind>, search: &str) -> Vec<DictionarySection> {
        let search = search.to_lowercase();
        let words: Vec<_> = search.split_whitespace().collect();
        Kind::ALL
            .into_iter()
            .filter(|kind| only.is_none_or(|only| only == *kind))
            .map(|kind| {
                let entries: Vec<_> = self
                    .entries
                    .iter()
                    .filter(|entry| entry.subject.kind == kind)
                    .filter(|entry| words.iter().all(|word| entry.haystack.contains(word)))
                    .cloned()
                    .collect();
                DictionarySection {
                    kind,
                    summary: self.summary(kind, entries.len()),
                    entries,
                }
            })
            .filter(|section| !section.entries.is_empty())
            .collect()
    }

    fn summary(&self, kind: Kind, count: usize) -> String {
        let count = format::count(count as u64);
        let of_users = || match self.users {
            Some(users) => format!("share of {}", format::plural(users, "user", "users")),
            None => "share of all users".to_owned(),
        };
        match kind {
            Kind::Events => format!(
                "{count}, {} in total",
                format::plural(self.events_in_all, "event", "events")
            ),
            Kind::EventProperties => {
                format!("{count}, share of the events that have them")
            }
            Kind::UserProperties => format!("{count}, {} that have a value", of_users()),
            Kind::Segments => format!("{count}, {}", of_users()),
        }
    }
}

impl DictionaryEntry {
    fn new(
        subject: Subject,
        notes: &Notes,
        (type_word, glyph): (&'static str, Glyph),
        figure: Figure,
        samples: Samples,
    ) -> Self {
        let label = notes
            .display_name
            .clone()
            .unwrap_or_else(|| subject.name.clone());
        let about = notes.description.clone().unwrap_or_default();
        let category = notes.category.clone().unwrap_or_default();
        let values = match &samples {
            Samples::Words(words) => words.clone(),
            Samples::Values(values) => values
                .iter()
                .filter_map(searched)
                .collect::<Vec<_>>()
                .join(" "),
        };
        let haystack = [&subject.name, &label, &about, &category, type_word, &values]
            .join("\n")
            .to_lowercase();
        Self {
            subject,
            label,
            about,
            type_word,
            glyph,
            figure,
            samples,
            haystack,
        }
    }
}

fn searched(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(_) => None,
    }
}

fn fill(share: f64) -> Figure {
    Figure::Share {
        share,
        words: format::percent(share),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Subject};

    #[test]
    fn a_subject_comes_back_from_the_url() {
        for kind in Kind::ALL {
            for name in ["country", "a/b", ""] {
                let subject = Subject::new(kind, name);
                assert_eq!(Subject::parse(&subject.to_text()), Some(subject));
            }
        }
        assert_eq!(Subject::parse("nope/x"), None);
        assert_eq!(Subject::parse("events"), None);
    }
}
