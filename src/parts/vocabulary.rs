//! What a question can be about: the data's events and properties, and the project's segments.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use segments_format as format;
use segments_forms::group::GroupForm;
use segments_model::ValueType;
use segments_model::dictionary::{Dictionary, EntryKind, EventEntry, Notes};
use segments_model::filter::Scope;
use segments_model::segment::{SegmentFacets, SegmentPage, SegmentQuery, SegmentSummary};
use segments_model::sort::sort_by_key;
use segments_ui::task::spawn;
use segments_ui::{Choice, Glyph};

use crate::client::{ApiError, Client, Loader, Status};

/// A heading among the properties to choose from, and which of them stand below it.
pub type Heading<'a> = (&'a str, &'a dyn Fn(&Property<'_>) -> bool);

/// Loads once what every picker offers. From the context, [`Vocabulary::expect`].
#[derive(Clone, Copy)]
pub struct Vocabulary {
    dictionary: Loader<Dictionary>,
    segments: Loader<SegmentPage>,
    /// Segments that are spoken of and not listed, by id; none: there is no such segment.
    others: RwSignal<BTreeMap<String, Option<SegmentSummary>>>,
    /// The ids that were asked for.
    requested: StoredValue<BTreeSet<String>>,
    /// Who knows more; none: nobody.
    client: StoredValue<Option<Client>>,
}

/// How many segments are known from the beginning; of a project that has more the others are searched.
const SEGMENTS: u32 = 200;
/// How many segments a search finds at most.
const FOUND: u32 = 100;

impl Vocabulary {
    /// Asks the backend for it.
    #[must_use]
    pub fn load(client: Client) -> Self {
        let for_segments = client.clone();
        let for_others = client.clone();
        Self {
            others: RwSignal::default(),
            requested: StoredValue::default(),
            client: StoredValue::new(Some(for_others)),
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
            others: RwSignal::default(),
            requested: StoredValue::default(),
            client: StoredValue::new(None),
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

    /// The events to choose from: by category where some have one, the most frequent first.
    #[must_use]
    pub fn event_choices(self) -> Vec<Choice> {
        self.dictionary
            .map(|dictionary| event_choices(&dictionary.events, format::compact))
            .unwrap_or_default()
    }

    /// The most frequent events, by name and by the name that they are shown by.
    #[must_use]
    pub fn frequent_events(self, most: usize) -> Vec<(String, String)> {
        self.dictionary
            .map(|dictionary| {
                let mut events: Vec<_> = dictionary
                    .events
                    .iter()
                    .filter(|event| !event.notes.hidden)
                    .collect();
                sort_by_key(&mut events, |event| Reverse(event.volume));
                events
                    .into_iter()
                    .take(most)
                    .map(|event| {
                        let label = event.notes.display_name.as_ref().unwrap_or(&event.name);
                        (event.name.clone(), label.clone())
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Whether the data has no event at all; false as long as the data is not known.
    #[must_use]
    pub fn has_no_events(self) -> bool {
        self.dictionary
            .map(|dictionary| dictionary.events.is_empty())
            .unwrap_or_default()
    }

    fn event<T>(self, name: &str, get: impl Fn(&EventEntry) -> T) -> Option<T> {
        let event = |dictionary: &Dictionary| {
            let mut events = dictionary.events.iter();
            events.find(|event| event.name == name).map(get)
        };
        self.dictionary.map(event).flatten()
    }

    /// What is written about an event.
    #[must_use]
    pub fn event_description(self, name: &str) -> Option<String> {
        self.event(name, |event| event.notes.description.clone())
            .flatten()
    }

    /// The name that an event is shown by.
    #[must_use]
    pub fn event_label(self, name: &str) -> String {
        self.event(name, |event| event.notes.display_name.clone())
            .flatten()
            .unwrap_or_else(|| name.to_owned())
    }

    /// Whether the data lacks an event; false as long as the data is not known.
    #[must_use]
    pub fn lacks_event(self, name: &str) -> bool {
        self.dictionary.map(|_| ()).is_some() && self.event(name, |_| ()).is_none()
    }

    /// The type of a property; none where the data lacks it, or is not known yet.
    #[must_use]
    pub fn value_type(self, scope: Scope, name: &str) -> Option<ValueType> {
        let of_it = |dictionary: &Dictionary| {
            properties(dictionary)
                .find(|property| property.scope == scope && property.name == name)
                .map(|property| property.value_type)
        };
        self.dictionary.map(of_it).flatten()
    }

    /// Whether the data lacks a property; false as long as the data is not known.
    #[must_use]
    pub fn lacks_property(self, scope: Scope, name: &str) -> bool {
        self.dictionary.map(|_| ()).is_some() && self.value_type(scope, name).is_none()
    }

    /// The properties to choose from, under headings that each say which ones stand there.
    #[must_use]
    pub fn property_choices(self, headings: &[Heading<'_>]) -> Vec<(GroupForm, Choice)> {
        let choices = |dictionary: &Dictionary| {
            let under = |(heading, is_there): &Heading<'_>| {
                let visible = properties(dictionary).filter(|property| !property.notes.hidden);
                let there = visible.filter(|property| is_there(property));
                there
                    .map(|property| property.choice(heading))
                    .collect::<Vec<_>>()
            };
            headings.iter().flat_map(under).collect()
        };
        self.dictionary.map(choices).unwrap_or_default()
    }

    /// What an answer can be broken down by: event properties, those of the given events first, user properties and
    /// segments, also those that were found.
    #[must_use]
    pub fn group_choices(
        self,
        events: &[String],
        of_events: bool,
        segments: &[SegmentSummary],
    ) -> Vec<(GroupForm, Choice)> {
        let own = match events {
            [] => "Event properties".to_owned(),
            [event] => format!("Properties of {event}"),
            _ => "Properties of these events".to_owned(),
        };
        let is_offered = |property: &Property<'_>| of_events && property.scope == Scope::Event;
        let mut choices = self.property_choices(&[
            (&own, &|property| {
                is_offered(property) && property.is_of(events)
            }),
            ("Other event properties", &|property| {
                is_offered(property) && !property.is_of(events)
            }),
            ("User properties", &|property| property.scope == Scope::User),
        ]);
        choices.extend(self.segment_choices(segments).into_iter().map(|choice| {
            let group = GroupForm::Segment(choice.value.clone());
            let value = group.choice_value();
            (group, Choice { value, ..choice }.group("User segments"))
        }));
        choices
    }

    /// The segments to choose from: those that are known, and those that were found.
    #[must_use]
    pub fn segment_choices(self, segments: &[SegmentSummary]) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        let mut add = |segment: &SegmentSummary| {
            let is_there = choices.iter().any(|choice| choice.value == segment.id);
            if is_there || segment.archived_at.is_some() {
                return;
            }
            let size = segment.evaluation.users;
            choices.push(
                Choice::new(segment.id.clone())
                    .label(segment.name.clone())
                    .detail(size.map(format::compact).unwrap_or_default())
                    .description(segment.description.clone())
                    .glyph(Glyph::Segment),
            );
        };
        self.segments
            .map(|page| page.items.iter().for_each(&mut add));
        self.others
            .with(|others| others.values().flatten().for_each(&mut add));
        segments.iter().for_each(&mut add);
        choices
    }

    /// Whether the project has more segments than are known.
    #[must_use]
    pub fn has_more_segments(self) -> bool {
        self.segments
            .map(|page| page.next_cursor.is_some())
            .unwrap_or_default()
    }

    /// The segments that have a text in them.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn find_segments(self, text: &str) -> Result<Vec<SegmentSummary>, ApiError> {
        let Some(client) = self.client.try_get_value().flatten() else {
            return Ok(Vec::new());
        };
        let query = SegmentQuery {
            search: Some(text.to_owned()),
            limit: Some(FOUND),
            ..SegmentQuery::default()
        };
        client.segments(&query).await.map(|page| page.items)
    }

    /// Keeps a segment that was found.
    pub fn learn_segment(self, segment: SegmentSummary) {
        self.others.try_update(|others| {
            others.insert(segment.id.clone(), Some(segment));
        });
    }

    /// Something of a segment. One that is neither listed nor learnt is asked for by its id, once.
    fn of_segment<T>(self, id: &str, get: impl Fn(&SegmentSummary) -> T) -> Option<T> {
        let listed = self
            .segments
            .map(|page| page.items.iter().find(|segment| segment.id == id).map(&get))
            .flatten();
        listed.or_else(|| {
            let other = self
                .others
                .with(|others| Some(others.get(id)?.as_ref().map(&get)));
            if other.is_none() && self.knows_segments() {
                self.ask_for(id);
            }
            other.flatten()
        })
    }

    fn ask_for(self, id: &str) {
        let is_new = !id.is_empty()
            && self
                .requested
                .try_update_value(|requested| requested.insert(id.to_owned()))
                == Some(true);
        let Some(client) = self.client.try_get_value().flatten().filter(|_| is_new) else {
            return;
        };
        let id = id.to_owned();
        spawn(async move {
            let segment = match client.segment(&id).await {
                Ok(segment) => Some(segment.value.summary),
                Err(error) if error.status() == Some(404) => None,
                // What is not known now may be later.
                Err(_) => {
                    self.requested
                        .try_update_value(|requested| requested.remove(&id));
                    return;
                }
            };
            self.others.try_update(|others| others.insert(id, segment));
        })
        .detach();
    }

    /// A segment's name; none where it is not known.
    #[must_use]
    pub fn segment_name(self, id: &str) -> Option<String> {
        self.of_segment(id, |segment| segment.name.clone())
    }

    /// Whether the project lacks a segment; false as long as that is not known.
    #[must_use]
    pub fn lacks_segment(self, id: &str) -> bool {
        let known = self.segment_name(id).is_some();
        let nobody_knows = self.client.with_value(Option::is_none);
        self.knows_segments()
            && !known
            && (nobody_knows || self.others.with(|others| others.contains_key(id)))
    }

    /// The names of the segments that are known.
    #[must_use]
    pub fn segment_names(self) -> Vec<String> {
        self.segments
            .map(|page| page.items.iter().map(|item| item.name.clone()).collect())
            .unwrap_or_default()
    }

    /// How many users a segment has, as far as that is known.
    #[must_use]
    pub fn segment_size(self, id: &str) -> Option<u64> {
        self.of_segment(id, |segment| segment.evaluation.users)
            .flatten()
    }

    /// Asks for the segments again, as one was made or changed.
    pub fn segments_changed(self) {
        self.requested.set_value(BTreeSet::new());
        self.others.set(BTreeMap::new());
        self.segments.reload();
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

/// The choices of events, whose volumes are written as `volume` does.
fn event_choices(events: &[EventEntry], volume: impl Fn(u64) -> String) -> Vec<Choice> {
    let visible = || events.iter().filter(|event| !event.notes.hidden);
    let mut categories: Vec<&str> = Vec::new();
    for category in visible().filter_map(|event| event.notes.category.as_deref()) {
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    let place = |event: &EventEntry| {
        let category = event.notes.category.as_deref();
        category
            .and_then(|category| categories.iter().position(|one| *one == category))
            .unwrap_or(categories.len())
    };
    let mut events: Vec<_> = visible().collect();
    sort_by_key(&mut events, |event| place(event));
    events
        .into_iter()
        .map(|event| {
            let label = event.notes.display_name.as_ref().unwrap_or(&event.name);
            let group = match &event.notes.category {
                Some(category) => category.clone(),
                None if categories.is_empty() => String::new(),
                None => "Without a category".to_owned(),
            };
            Choice::new(event.name.clone())
                .label(label.clone())
                .detail(volume(event.volume))
                .description(event.notes.description.clone().unwrap_or_default())
                .glyph(Glyph::Bolt)
                .group(group)
        })
        .collect()
}

/// A property of events or users.
pub struct Property<'a> {
    /// Whose property.
    pub scope: Scope,
    pub name: &'a str,
    pub value_type: ValueType,
    fill_rate: f64,
    notes: &'a Notes,
    /// The events that carry it.
    events: &'a [String],
}

impl Property<'_> {
    /// Whether one of these events carries it; of no events, every property of events is one of theirs.
    #[must_use]
    pub fn is_of(&self, events: &[String]) -> bool {
        let carries = |event| self.events.contains(event);
        self.scope == Scope::Event && (events.is_empty() || events.iter().any(carries))
    }

    fn choice(&self, heading: &str) -> (GroupForm, Choice) {
        let form = GroupForm::Property {
            scope: self.scope,
            name: self.name.to_owned(),
        };
        let label = self.notes.display_name.as_deref().unwrap_or(self.name);
        let choice = Choice::new(form.choice_value())
            .label(label.to_owned())
            .detail(format::percent(self.fill_rate))
            .description(self.notes.description.clone().unwrap_or_default())
            .glyph(type_glyph(self.value_type))
            .group(heading);
        (form, choice)
    }
}

fn properties(dictionary: &Dictionary) -> impl Iterator<Item = Property<'_>> {
    let of_events = dictionary.event_properties.iter().map(|property| Property {
        scope: Scope::Event,
        name: &property.name,
        value_type: property.value_type,
        fill_rate: property.fill_rate,
        notes: &property.notes,
        events: &property.events,
    });
    let of_users = dictionary.user_properties.iter().map(|property| Property {
        scope: Scope::User,
        name: &property.name,
        value_type: property.value_type,
        fill_rate: property.fill_rate,
        notes: &property.notes,
        events: &[],
    });
    of_events.chain(of_users)
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

#[cfg(test)]
mod tests {
    use super::event_choices;
    use segments_model::ValueType;
    use segments_model::dictionary::{EventEntry, Notes};
    use segments_model::filter::Scope;
    use segments_ui::Choice;

    fn event(name: &str, category: Option<&str>) -> EventEntry {
        EventEntry {
            name: name.to_owned(),
            volume: 5,
            users: 5,
            first_seen: None,
            last_seen: None,
            properties: Vec::new(),
            notes: Notes {
                category: category.map(str::to_owned),
                description: Some(format!("About {name}")),
                ..Notes::default()
            },
        }
    }

    fn names(choices: &[Choice]) -> Vec<(&str, &str)> {
        choices
            .iter()
            .map(|choice| (choice.value.as_str(), choice.group.as_str()))
            .collect()
    }

    #[test]
    fn events_stand_by_category_and_hidden_ones_are_left_out() {
        let mut hidden = event("Debug", Some("Other"));
        hidden.notes.hidden = true;
        let events = [
            event("a", None),
            event("b", Some("Shop")),
            hidden,
            event("c", Some("Account")),
            event("d", Some("Shop")),
        ];
        let choices = event_choices(&events, |volume| volume.to_string());
        assert_eq!(
            names(&choices),
            [
                ("b", "Shop"),
                ("d", "Shop"),
                ("c", "Account"),
                ("a", "Without a category"),
            ]
        );
        assert_eq!(choices[0].description, "About b");
        let plain = event_choices(&[event("a", None), event("b", None)], |_| String::new());
        assert_eq!(names(&plain), [("a", ""), ("b", "")]);
    }

    #[test]
    fn properties_of_an_event_come_first() {
        let property = |events: &'static [String]| super::Property {
            scope: Scope::Event,
            name: "x",
            value_type: ValueType::String,
            fill_rate: 1.0,
            notes: Box::leak(Box::new(Notes::default())),
            events,
        };
        let of_a = property(Box::leak(Box::new(["a".to_owned()])));
        assert!(of_a.is_of(&["a".to_owned(), "b".to_owned()]) && of_a.is_of(&[]));
        assert!(!of_a.is_of(&["b".to_owned()]));
    }
}
