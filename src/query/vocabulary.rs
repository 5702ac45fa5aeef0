//! What a question can be about: the data's events and properties, and the project's segments.

use leptos::prelude::*;
use segments_model::ValueType;
use segments_model::dictionary::{Dictionary, EntryKind};
use segments_model::filter::Scope;
use segments_model::segment::{SegmentFacets, SegmentPage, SegmentQuery};

use crate::client::{Client, Loader, Status};
use crate::format;
use crate::ui::{Choice, Glyph};

/// Loads once what every picker offers. From the context, [`Vocabulary::expect`].
#[derive(Clone, Copy)]
pub struct Vocabulary {
    dictionary: Loader<Dictionary>,
    segments: Loader<SegmentPage>,
}

/// How many segments the pickers know by name.
const SEGMENTS: u32 = 200;

impl Vocabulary {
    /// Asks the backend for it.
    #[must_use]
    pub fn load(client: Client) -> Self {
        let for_segments = client.clone();
        Self {
            dictionary: Loader::new(
                || Some(()),
                move |()| {
                    let client = client.clone();
                    async move { client.dictionary().await }
                },
            ),
            segments: Loader::new(
                || {
                    Some(SegmentQuery {
                        limit: Some(SEGMENTS),
                        ..SegmentQuery::default()
                    })
                },
                move |query| {
                    let client = for_segments.clone();
                    async move { client.segments(&query).await }
                },
            ),
        }
    }

    /// One that is known already.
    #[must_use]
    pub fn known(dictionary: Dictionary, segments: SegmentPage) -> Self {
        let this = Self {
            dictionary: Loader::new(|| None, |()| std::future::pending()),
            segments: Loader::new(|| None, |()| std::future::pending()),
        };
        this.dictionary.status().set(Status::Ready(dictionary));
        this.segments.status().set(Status::Ready(segments));
        this
    }

    /// The one in the context; where there is none, one that knows nothing.
    #[must_use]
    pub fn expect() -> Self {
        use_context().unwrap_or_else(|| {
            Self::known(
                Dictionary::default(),
                SegmentPage {
                    items: Vec::new(),
                    next_cursor: None,
                    total: 0,
                    facets: SegmentFacets::default(),
                },
            )
        })
    }

    /// The events to choose from, the most frequent first.
    #[must_use]
    pub fn event_choices(self) -> Vec<Choice> {
        self.dictionary
            .map(|dictionary| {
                dictionary
                    .events
                    .iter()
                    .filter(|event| !event.notes.hidden)
                    .map(|event| {
                        let label = event.notes.display_name.as_ref().unwrap_or(&event.name);
                        Choice::new(event.name.clone())
                            .label(label.clone())
                            .detail(format::compact(event.volume))
                            .glyph(Glyph::Bolt)
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// What is written about an event.
    #[must_use]
    pub fn event_description(self, name: &str) -> Option<String> {
        self.dictionary
            .map(|dictionary| {
                let event = dictionary.events.iter().find(|event| event.name == name)?;
                event.notes.description.clone()
            })
            .flatten()
    }

    /// The name that an event is shown by.
    #[must_use]
    pub fn event_label(self, name: &str) -> String {
        self.dictionary
            .map(|dictionary| {
                let event = dictionary.events.iter().find(|event| event.name == name)?;
                event.notes.display_name.clone()
            })
            .flatten()
            .unwrap_or_else(|| name.to_owned())
    }

    /// Whether the data lacks an event; false as long as the data is not known.
    #[must_use]
    pub fn lacks_event(self, name: &str) -> bool {
        self.dictionary
            .map(|dictionary| !dictionary.events.iter().any(|event| event.name == name))
            .unwrap_or_default()
    }

    /// The type of a property; none where the data lacks it, or is not known yet.
    #[must_use]
    pub fn value_type(self, scope: Scope, name: &str) -> Option<ValueType> {
        self.dictionary
            .map(|dictionary| match scope {
                Scope::Event => dictionary
                    .event_properties
                    .iter()
                    .find(|property| property.name == name)
                    .map(|property| property.value_type),
                Scope::User => dictionary
                    .user_properties
                    .iter()
                    .find(|property| property.name == name)
                    .map(|property| property.value_type),
            })
            .flatten()
    }

    /// Whether the data lacks a property; false as long as the data is not known.
    #[must_use]
    pub fn lacks_property(self, scope: Scope, name: &str) -> bool {
        self.dictionary.map(|_| ()).is_some() && self.value_type(scope, name).is_none()
    }

    /// The event properties to choose from: those of an event, or of all events.
    #[must_use]
    pub fn event_properties(self, event: Option<&str>) -> Vec<(String, ValueType, f64)> {
        self.dictionary
            .map(|dictionary| {
                dictionary
                    .event_properties
                    .iter()
                    .filter(|property| {
                        !property.notes.hidden
                            && event.is_none_or(|event| {
                                property.events.iter().any(|carrier| carrier == event)
                            })
                    })
                    .map(|property| {
                        (
                            property.name.clone(),
                            property.value_type,
                            property.fill_rate,
                        )
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The user properties to choose from.
    #[must_use]
    pub fn user_properties(self) -> Vec<(String, ValueType, f64)> {
        self.dictionary
            .map(|dictionary| {
                dictionary
                    .user_properties
                    .iter()
                    .filter(|property| !property.notes.hidden)
                    .map(|property| {
                        (
                            property.name.clone(),
                            property.value_type,
                            property.fill_rate,
                        )
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The segments to choose from, without one that must not refer to itself.
    #[must_use]
    pub fn segment_choices(self, without: Option<&str>) -> Vec<Choice> {
        self.segments
            .map(|page| {
                page.items
                    .iter()
                    .filter(|segment| {
                        segment.archived_at.is_none() && without != Some(segment.id.as_str())
                    })
                    .map(|segment| {
                        let size = segment.evaluation.users;
                        Choice::new(segment.id.clone())
                            .label(segment.name.clone())
                            .detail(size.map(format::compact).unwrap_or_default())
                            .glyph(Glyph::Segment)
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A segment's name; none where it is not known.
    #[must_use]
    pub fn segment_name(self, id: &str) -> Option<String> {
        self.segments
            .map(|page| {
                let segment = page.items.iter().find(|segment| segment.id == id)?;
                Some(segment.name.clone())
            })
            .flatten()
    }

    /// Whether the segments are known.
    #[must_use]
    pub fn knows_segments(self) -> bool {
        self.segments.map(|_| ()).is_some()
    }

    /// The categories in use, by name.
    #[must_use]
    pub fn categories(self) -> Vec<String> {
        self.segments
            .map(|page| {
                page.facets
                    .categories
                    .iter()
                    .map(|facet| facet.category.clone())
                    .collect()
            })
            .unwrap_or_default()
    }
}

/// The dictionary's kind of entry for a property's scope.
#[must_use]
pub const fn entry_kind(scope: Scope) -> EntryKind {
    match scope {
        Scope::Event => EntryKind::EventProperties,
        Scope::User => EntryKind::UserProperties,
    }
}

/// The icon of a type of values.
#[must_use]
pub const fn type_glyph(value_type: ValueType) -> Glyph {
    match value_type {
        ValueType::String => Glyph::Text,
        ValueType::Number => Glyph::Number,
        ValueType::Boolean => Glyph::Boolean,
        ValueType::Datetime => Glyph::Calendar,
    }
}
