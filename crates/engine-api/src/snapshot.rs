//! One version of the data, and what can be asked of it.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
use segments_model::explain::{CriterionExplanation, FlippedLeaf};
use segments_model::preview::CriterionEffect;
use segments_model::query::Query;
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::user::{ActivityBucket, Event, PropertyValue, Sort, UserRow};
use segments_model::{Criterion, Instant, ValueType};

use crate::Boxed;
use crate::damage::DamagedPart;
use crate::error::EngineError;
use crate::members::{MemberSet, SetOperation};
use crate::question::QuestionContext;
use crate::runtime::OnProgress;

/// The columns of users that are no properties. A property of the same name cannot be asked for as a column.
const FIXED_COLUMNS: [&str; 3] = ["first_event_at", "last_event_at", "events"];

/// Whether users can be listed with this column whatever their properties are.
#[must_use]
pub fn is_fixed_column(name: &str) -> bool {
    FIXED_COLUMNS.contains(&name)
}

/// One version of the data. It never changes.
///
/// Every future gives way while it works, and dropping it ends the work. All of them fail with [`EngineError::Unavailable`]
/// where the engine is elsewhere and cannot be reached, and with [`EngineError::Foreign`] for members that another version of
/// the data has.
pub trait Snapshot: Any + Send + Sync {
    /// What events and properties there are. Cheap.
    fn schema(&self) -> &Schema;

    /// What of the stored data could not be read; questions that need it fail.
    fn damaged(&self) -> &[DamagedPart];

    /// The names of the parts to store it in; none where the engine stores its data itself.
    fn part_names(&self) -> Vec<String>;

    /// The parts by name, each made when it is asked for.
    fn parts(&self) -> Box<dyn Iterator<Item = (String, Vec<u8>)> + Send + '_>;

    /// How much data there is, as of an instant.
    fn facts(&self, as_of: Instant) -> Boxed<'_, Result<Facts, EngineError>>;

    /// How many users there are, as of an instant: those with an event before it, and those without any event. Cheaper than
    /// [`facts`](Self::facts).
    fn user_count(&self, as_of: Instant) -> Boxed<'_, Result<u64, EngineError>>;

    /// The instant from which on no event happens before as-of, so that what is true as of as-of was true since then; as-of
    /// itself where finding it would take long. Cheap: asked with every question.
    fn quiet_since(&self, as_of: Instant) -> Boxed<'_, Result<Instant, EngineError>>;

    /// Who meets a definition. Costs a pass over the rows of the events that it names.
    fn members<'a>(
        &'a self,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<MemberSet, EngineError>>;

    /// Whether a user meets a definition. Touches the rows of that user only.
    fn holds<'a>(
        &'a self,
        user: &'a str,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<bool, EngineError>>;

    /// Who meets a definition, and what each of its criteria does.
    fn preview<'a>(
        &'a self,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<Previewed, EngineError>>;

    /// Why a user meets a definition, or does not; none where there is no such user. Touches the rows of that user only.
    fn explain<'a>(
        &'a self,
        user: &'a str,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<Option<Explained>, EngineError>>;

    /// The answer to a query, whose as-of and zone are the context's. Of its stamp the version of the data and the time taken
    /// are left open.
    fn answer<'a>(
        &'a self,
        query: &'a Query,
        context: &'a QuestionContext,
        on_progress: Option<&'a OnProgress>,
    ) -> Boxed<'a, Result<Answer, EngineError>>;

    /// Those of these ids that the data has. Where an instant is given, only users that exist as of it.
    fn find<'a>(
        &'a self,
        ids: &'a [&'a str],
        as_of: Option<Instant>,
    ) -> Boxed<'a, Result<MemberSet, EngineError>>;

    /// Members as bytes, to be read by [`restore`](Self::restore) of any snapshot of the same version of the data; none: the
    /// engine has no form of them that is quicker to read than their ids.
    ///
    /// # Errors
    /// [`EngineError::Foreign`]
    fn save(&self, members: &MemberSet) -> Result<Option<Vec<u8>>, EngineError>;

    /// The members that were saved; none where the bytes are not whole, or not what [`save`](Self::save) writes.
    fn restore(&self, bytes: &[u8]) -> Option<MemberSet>;

    /// The ids of members, in their order.
    fn ids<'a>(&'a self, members: &'a MemberSet) -> Boxed<'a, Result<Vec<String>, EngineError>>;

    /// Whether a user is a member.
    fn contains<'a>(
        &'a self,
        members: &'a MemberSet,
        user: &'a str,
    ) -> Boxed<'a, Result<bool, EngineError>>;

    /// A set made of two.
    fn combine<'a>(
        &'a self,
        operation: SetOperation,
        one: &'a MemberSet,
        other: &'a MemberSet,
    ) -> Boxed<'a, Result<MemberSet, EngineError>>;

    /// How many users are in both. Cheaper than [`combine`](Self::combine).
    fn shared<'a>(
        &'a self,
        one: &'a MemberSet,
        other: &'a MemberSet,
    ) -> Boxed<'a, Result<u64, EngineError>>;

    /// A page of members, and how many there are on all pages.
    fn list<'a>(
        &'a self,
        listing: Listing<'a>,
    ) -> Boxed<'a, Result<(Vec<UserRow>, u64), EngineError>>;

    /// All members with these columns, by id, as they are read.
    fn rows<'a>(
        &'a self,
        members: &'a MemberSet,
        columns: &'a [String],
        as_of: Instant,
    ) -> Boxed<'a, Result<Box<dyn RowStream + 'a>, EngineError>>;

    /// Some members, always the same ones, with their ids alone.
    fn sample<'a>(
        &'a self,
        members: &'a MemberSet,
        count: usize,
    ) -> Boxed<'a, Result<Vec<UserRow>, EngineError>>;

    /// What is known of a user; none where there is none as of the instant.
    fn user<'a>(
        &'a self,
        user: &'a str,
        as_of: Instant,
    ) -> Boxed<'a, Result<Option<UserFacts>, EngineError>>;

    /// A user's events within bounds, the newest first, from `offset` on, and how many there are on all pages.
    fn events<'a>(
        &'a self,
        user: &'a str,
        event: Option<&'a str>,
        bounds: Bounds,
        offset: usize,
        limit: usize,
    ) -> Boxed<'a, Result<(Vec<Event>, u64), EngineError>>;

    /// How many events a user has in each unit from the first event to the last one; none where that would be more than
    /// `most` units.
    fn activity<'a>(
        &'a self,
        user: &'a str,
        unit: CalendarUnit,
        zone: &'a Zone,
        as_of: Instant,
        most: usize,
    ) -> Boxed<'a, Result<Option<Vec<ActivityBucket>>, EngineError>>;

    /// What the data has, with volumes and samples. The version of the data is left open. Costs a pass over everything.
    fn dictionary(&self, as_of: Instant) -> Boxed<'_, Result<Dictionary, EngineError>>;

    /// Values to suggest, the most frequent first; none where the data has no such event or property.
    fn values<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        search: &'a str,
        limit: usize,
        as_of: Instant,
    ) -> Boxed<'a, Result<Option<Suggestions>, EngineError>>;
}

/// What events and properties there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The events, each with the properties that at least one of its occurrences has.
    pub events: BTreeMap<String, BTreeSet<String>>,
    /// The event properties with their types.
    pub event_properties: BTreeMap<String, ValueType>,
    /// The user properties with their types.
    pub user_properties: BTreeMap<String, ValueType>,
}

impl Schema {
    /// Whether an occurrence of the event has the property.
    #[must_use]
    pub fn carries(&self, event: &str, property: &str) -> bool {
        self.events
            .get(event)
            .is_some_and(|properties| properties.contains(property))
    }

    /// Whether users can be listed with this column: a user property, `first_event_at`, `last_event_at` or `events`.
    #[must_use]
    pub fn is_column(&self, name: &str) -> bool {
        is_fixed_column(name) || self.user_properties.contains_key(name)
    }
}

/// How much data there is, as of an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// How many events.
    pub events: u64,
    /// How many users: those with such an event, and those without any event.
    pub users: u64,
    /// The first event's instant.
    pub first_event_at: Option<Instant>,
    /// The last event's instant.
    pub last_event_at: Option<Instant>,
}

/// What is known of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFacts {
    /// The first event.
    pub first_event_at: Option<Instant>,
    /// The last event.
    pub last_event_at: Option<Instant>,
    /// How many events.
    pub events: u64,
    /// Every user property of the data, by name.
    pub properties: Vec<PropertyValue>,
}

/// Which users to list, and how.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// Who.
    pub members: &'a MemberSet,
    /// A text that the id, or the value of a text column asked for, has in it, whatever the case.
    pub search: &'a str,
    /// The columns of each user.
    pub columns: &'a [String],
    /// The order; none: by id.
    pub sort: Option<&'a Sort>,
    /// The instant that the columns are true for.
    pub as_of: Instant,
    /// How many users to leave out at the beginning.
    pub offset: usize,
    /// How many users to give at most.
    pub limit: usize,
}

/// Users, read some at a time.
pub trait RowStream: Send {
    /// At most so many more users; none after the last.
    fn next(&mut self, at_most: usize) -> Boxed<'_, Result<Vec<UserRow>, EngineError>>;
}

/// What trying a definition out finds.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// Who meets the definition.
    pub members: MemberSet,
    /// What each criterion does, the root first and each group before its members.
    pub criteria: Vec<CriterionEffect>,
}

/// Why a user meets a definition, or does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explained {
    /// Whether the user meets it.
    pub holds: bool,
    /// Each criterion, the root first and each group before its members.
    pub criteria: Vec<CriterionExplanation>,
    /// The fewest leaves that would have to be the other way round for the whole to be.
    pub flip: Option<Vec<FlippedLeaf>>,
    /// When the whole will be the other way round by time alone.
    pub flips_at: Option<Instant>,
}
