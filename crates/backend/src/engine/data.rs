//! One version of the data.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use roaring::RoaringBitmap;
use segments_engine::{
    Context, EvaluateError, Evaluation, Kept, Listing, Preview, Previewed, Source as EngineSource,
    Store, Suggesting, Survey, UserFacts,
};
use segments_model::calendar::Zone;
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
use segments_model::problem::Code;
use segments_model::project::{DataFacts, DataSource};
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::user::{ActivityBucket, Event, UserRow};
use segments_model::{Criterion, Instant};

use crate::Host;
use crate::error::Error;
use crate::pace::in_steps;
use crate::question::{Question, Source};

/// How many answers are kept for who asks the same again, such as for the next page.
const KEPT_ANSWERS: usize = 64;
/// How much memory the users of parts of definitions may take.
const KEPT_BYTES: usize = 64 << 20;
/// The most units of time that a user's activity is told in.
const MOST_UNITS: usize = 50_000;

/// Users, by the numbers that they have in one version of the data.
pub type Members = Arc<RoaringBitmap>;

/// One version of the data, which never changes.
pub struct Data {
    version: String,
    source: DataSource,
    store: Arc<Store>,
    host: Arc<dyn Host>,
    answers: Mutex<VecDeque<Answer>>,
    kept: Arc<Kept>,
    dictionary: Mutex<Option<(Instant, Arc<Dictionary>)>>,
}

struct Answer {
    question: String,
    as_of: Instant,
    members: Members,
}

impl Data {
    /// Data of a version.
    pub fn new(
        version: String,
        source: DataSource,
        store: Arc<Store>,
        host: Arc<dyn Host>,
    ) -> Self {
        Self {
            version,
            source,
            store,
            host,
            answers: Mutex::default(),
            kept: Arc::new(Kept::new(KEPT_BYTES)),
            dictionary: Mutex::default(),
        }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The store below.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// How much data there is, as of an instant.
    #[must_use]
    pub fn facts(&self, as_of: Instant) -> DataFacts {
        let facts = self.store.facts(as_of);
        DataFacts {
            version: self.version.clone(),
            source: self.source,
            events: facts.events,
            users: facts.users,
            first_event_at: facts.first_event_at,
            last_event_at: facts.last_event_at,
        }
    }

    /// How many users there are, as of an instant.
    #[must_use]
    pub fn users_at(&self, as_of: Instant) -> u64 {
        self.store.everyone(as_of).len()
    }

    fn context(&self, question: &Question) -> Context {
        Context {
            shares: self.host.threads(),
            kept: Some(Arc::clone(&self.kept)),
            segments: question
                .segments
                .iter()
                .map(|(id, source)| {
                    let source = match source {
                        Source::Dynamic { definition, zone } => EngineSource::Dynamic {
                            definition: Criterion::clone(definition),
                            zone: zone.clone(),
                        },
                        Source::Static(ids) => EngineSource::Static(
                            ids.iter()
                                .filter_map(|id| self.store.user_number(id))
                                .collect(),
                        ),
                    };
                    (id.clone(), source)
                })
                .collect(),
            ..Context::new(question.as_of, question.zone.clone())
        }
    }

    /// Who meets a definition.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn evaluate(
        &self,
        definition: &Criterion,
        question: &Question,
    ) -> Result<Members, Error> {
        if let Some(members) = self.known(question) {
            return Ok(members);
        }
        let context = self.context(question);
        let mut evaluation =
            Evaluation::new(Arc::clone(&self.store), definition, &context).map_err(refused)?;
        let members = in_steps(self.host.as_ref(), |rows| evaluation.step(rows)).await;
        let members = Arc::new(members);
        self.remember(question, &members);
        Ok(members)
    }

    /// Whether a user meets a definition. Touches the events of that user only.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn holds(
        &self,
        user: u32,
        definition: &Criterion,
        question: &Question,
    ) -> Result<bool, Error> {
        if let Some(members) = self.known(question) {
            return Ok(members.contains(user));
        }
        let context = self.context(question);
        let mut evaluation =
            Evaluation::of_user(Arc::clone(&self.store), definition, &context, user)
                .map_err(refused)?;
        let members = in_steps(self.host.as_ref(), |rows| evaluation.step(rows)).await;
        Ok(members.contains(user))
    }

    /// Who meets a definition, and what each of its criteria does.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn preview(
        &self,
        definition: &Criterion,
        question: &Question,
    ) -> Result<Previewed, Error> {
        let context = self.context(question);
        let mut preview =
            Preview::new(Arc::clone(&self.store), definition, &context).map_err(refused)?;
        Ok(in_steps(self.host.as_ref(), |rows| preview.step(rows)).await)
    }

    fn known(&self, question: &Question) -> Option<Members> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .iter()
            .find(|answer| {
                answer.as_of == question.as_of && answer.question == question.fingerprint
            })
            .map(|answer| Arc::clone(&answer.members))
    }

    fn remember(&self, question: &Question, members: &Members) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push_front(Answer {
            question: question.fingerprint.clone(),
            as_of: question.as_of,
            members: Arc::clone(members),
        });
        answers.truncate(KEPT_ANSWERS);
    }

    /// The ids of users, in their order.
    #[must_use]
    pub fn ids(&self, members: &RoaringBitmap) -> Vec<String> {
        self.by_id(members)
            .into_iter()
            .filter_map(|user| self.store.user_id(user).map(str::to_owned))
            .collect()
    }

    /// Users in the order of their ids.
    #[must_use]
    pub fn by_id(&self, members: &RoaringBitmap) -> Vec<u32> {
        self.store.by_id(members)
    }

    /// Whether users can be listed with this column.
    #[must_use]
    pub fn is_column(&self, name: &str) -> bool {
        self.store.is_user_column(name)
    }

    /// A page of users, and how many there are on all pages.
    #[must_use]
    pub fn list(&self, listing: &Listing<'_>) -> (Vec<UserRow>, u64) {
        self.store.list_users(listing)
    }

    /// Users by their numbers.
    #[must_use]
    pub fn rows(&self, users: &[u32], columns: &[String], as_of: Instant) -> Vec<UserRow> {
        self.store.user_rows(users, columns, as_of)
    }

    /// The number of a user who exists as of an instant.
    #[must_use]
    pub fn user_number(&self, id: &str, as_of: Instant) -> Option<u32> {
        let user = self.store.user_number(id)?;
        self.store.everyone(as_of).contains(user).then_some(user)
    }

    /// What is known of a user.
    #[must_use]
    pub fn user(&self, user: u32, as_of: Instant) -> UserFacts {
        self.store.user_facts(user, as_of)
    }

    /// A user's events, the newest first, and how many there are on all pages.
    #[must_use]
    pub fn events(
        &self,
        user: u32,
        event: Option<&str>,
        bounds: Bounds,
        offset: usize,
        limit: usize,
    ) -> (Vec<Event>, u64) {
        self.store.user_events(user, event, bounds, offset, limit)
    }

    /// How many events a user has in each unit.
    ///
    /// # Errors
    /// [`Error::Meaningless`] where that would be too many units.
    pub fn activity(
        &self,
        user: u32,
        unit: CalendarUnit,
        zone: &Zone,
        as_of: Instant,
    ) -> Result<Vec<ActivityBucket>, Error> {
        self.store
            .user_activity(user, unit, zone, as_of, MOST_UNITS)
            .ok_or_else(|| {
                Error::Meaningless(format!(
                    "unit: this user's events span more than {MOST_UNITS} of it; ask for a longer unit"
                ))
            })
    }

    /// What the data has.
    pub async fn dictionary(&self, as_of: Instant) -> Arc<Dictionary> {
        /// How far apart two instants may be that get the same dictionary, in milliseconds.
        const SAME_MILLIS: i64 = 60_000;
        let kept = self
            .dictionary
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((at, dictionary)) = kept
            && (0..SAME_MILLIS).contains(&(as_of.millis() - at.millis()))
        {
            return dictionary;
        }
        let mut survey = Survey::new(Arc::clone(&self.store), as_of);
        let mut dictionary = in_steps(self.host.as_ref(), |rows| survey.step(rows)).await;
        dictionary.data_version.clone_from(&self.version);
        let dictionary = Arc::new(dictionary);
        *self
            .dictionary
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((as_of, Arc::clone(&dictionary)));
        dictionary
    }

    /// Values to suggest; none where the data has no such event or property.
    pub async fn values(
        &self,
        kind: EntryKind,
        name: &str,
        search: &str,
        limit: usize,
        as_of: Instant,
    ) -> Option<Suggestions> {
        let store = Arc::clone(&self.store);
        let mut suggesting = Suggesting::new(store, kind, name, search, limit, as_of)?;
        Some(in_steps(self.host.as_ref(), |rows| suggesting.step(rows)).await)
    }
}

fn refused(error: EvaluateError) -> Error {
    let code = match &error {
        EvaluateError::UnknownSegment { .. } | EvaluateError::UnknownList { .. } => Code::Unknown,
        EvaluateError::Cycle { .. } => Code::Cycle,
        EvaluateError::Unsupported { .. } => Code::Unsupported,
        EvaluateError::Value { .. } => Code::ValueType,
    };
    Error::input(error.pointer(), code, error.to_string())
}
