//! One version of the data.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use roaring::RoaringBitmap;
use segments_engine::{
    Asking, Context, EvaluateError, Evaluation, Explained, Explaining, Kept, Listing, Preview,
    Previewed, Source as EngineSource, Store, Suggesting, Survey, UserFacts,
};
use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
use segments_model::problem::Code;
use segments_model::project::{DataFacts, DataSource};
use segments_model::query::Query;
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::user::{ActivityBucket, Event, UserRow};
use segments_model::{Criterion, Instant};

use crate::Host;
use crate::cache::Cache;
use crate::error::Error;
use crate::pace::{Turn, Watcher, in_steps, in_watched_steps};
use crate::question::{Question, Source};
use crate::user_sets::{TURN, UserSet};
use crate::validity;

/// How many bytes of found users are kept for whoever asks the same again, such as for the next page.
const KEPT_MEMBERS: usize = 16 << 20;
/// How many bytes of answers to queries are kept.
const KEPT_ANSWERS: usize = 8 << 20;
/// How many events are few enough to look for the last one before an instant.
const FEW_EVENTS: u64 = 2_000_000;
/// How long before the last event of all that is worth while, in milliseconds.
const LATELY_MILLIS: i64 = 2 * 86_400_000;
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
    members: Mutex<Cache<Members>>,
    answers: Mutex<Cache<Arc<Answer>>>,
    /// Since when nothing has happened, and until when that is known.
    known: Mutex<Option<(Instant, Instant)>>,
    /// The last event of all, and how many there are.
    last_event: OnceLock<(Option<Instant>, u64)>,
    kept: Arc<Kept>,
    dictionary: Mutex<Option<(Instant, Arc<Dictionary>)>>,
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
            members: Mutex::new(Cache::new(KEPT_MEMBERS)),
            answers: Mutex::new(Cache::new(KEPT_ANSWERS)),
            known: Mutex::default(),
            last_event: OnceLock::new(),
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

    /// What a question is asked in that refers to nothing.
    #[must_use]
    pub fn surroundings(&self, as_of: Instant, zone: Zone) -> Context {
        Context {
            shares: self.host.threads(),
            kept: Some(Arc::clone(&self.kept)),
            ..Context::new(as_of, zone)
        }
    }

    async fn context(&self, question: &Question) -> Result<Context, Error> {
        let mut segments = BTreeMap::new();
        for (id, source) in &question.segments {
            segments.insert(id.clone(), self.source(source).await?);
        }
        Ok(Context {
            segments,
            lists: self.lists(&question.lists).await?,
            ..self.surroundings(question.as_of, question.zone.clone())
        })
    }

    /// A segment as the engine takes it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn source(&self, source: &Source) -> Result<EngineSource, Error> {
        Ok(match source {
            Source::Dynamic { definition, zone } => EngineSource::Dynamic {
                definition: Criterion::clone(definition),
                zone: zone.clone(),
            },
            Source::Static(users) => {
                EngineSource::Static(RoaringBitmap::clone(&*self.users(users).await?))
            }
        })
    }

    /// Lists of users as the engine takes them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn lists(
        &self,
        lists: &BTreeMap<String, UserSet>,
    ) -> Result<BTreeMap<String, RoaringBitmap>, Error> {
        let mut numbers = BTreeMap::new();
        for (id, users) in lists {
            let users = self.users(users).await?;
            numbers.insert(id.clone(), RoaringBitmap::clone(&users));
        }
        Ok(numbers)
    }

    /// Those of stored users that the data has.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn users(&self, users: &UserSet) -> Result<Members, Error> {
        if let Some(members) = held(&self.members).get(users.key()) {
            return Ok(members);
        }
        let ids = users.ids().await?;
        let mut members = RoaringBitmap::new();
        let mut turn = Turn::begin(self.host.as_ref());
        for (at, id) in ids.iter().enumerate() {
            if at % TURN == TURN - 1 {
                turn.give_way().await;
            }
            members.extend(self.store.user_number(id));
        }
        let members = Arc::new(members);
        let bytes = members.serialized_size();
        held(&self.members).put(users.key().to_owned(), Arc::clone(&members), bytes);
        Ok(members)
    }

    /// The users that exist as of an instant.
    #[must_use]
    pub fn everyone(&self, as_of: Instant) -> RoaringBitmap {
        self.store.everyone(as_of)
    }

    /// The numbers of users with these ids, those that exist as of an instant.
    #[must_use]
    pub fn numbers<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
        as_of: Instant,
        most: usize,
    ) -> Vec<u32> {
        let everyone = self.everyone(as_of);
        ids.into_iter()
            .filter_map(|id| self.store.user_number(id))
            .filter(|user| everyone.contains(*user))
            .take(most)
            .collect()
    }

    /// Who meets a definition in these surroundings. Nothing of it is kept.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn find(
        &self,
        definition: &Criterion,
        context: &Context,
    ) -> Result<RoaringBitmap, Error> {
        let mut evaluation =
            Evaluation::new(Arc::clone(&self.store), definition, context).map_err(refused)?;
        Ok(in_steps(self.host.as_ref(), |rows| evaluation.step(rows)).await)
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
        if let Some(members) = self.known(definition, question) {
            return Ok(members);
        }
        let context = self.context(question).await?;
        let members = Arc::new(self.find(definition, &context).await?);
        self.keep(definition, question, &members);
        Ok(members)
    }

    /// Keeps who meets a definition for whoever asks the same again.
    fn keep(&self, definition: &Criterion, question: &Question, members: &Members) {
        let bytes = members.serialized_size();
        let key = self.key(definition, question);
        held(&self.members).put(key, Arc::clone(members), bytes);
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
        if let Some(members) = self.known(definition, question) {
            return Ok(members.contains(user));
        }
        let context = self.context(question).await?;
        let store = Arc::clone(&self.store);
        let mut evaluation =
            Evaluation::of_user(store, definition, &context, user).map_err(refused)?;
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
        let context = self.context(question).await?;
        let mut preview =
            Preview::new(Arc::clone(&self.store), definition, &context).map_err(refused)?;
        let previewed = in_steps(self.host.as_ref(), |rows| preview.step(rows)).await;
        self.keep(definition, question, &Arc::new(previewed.members.clone()));
        Ok(previewed)
    }

    /// Why a user meets a definition, or does not. Touches the events of that user only.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn explain(
        &self,
        user: u32,
        definition: &Criterion,
        question: &Question,
    ) -> Result<Explained, Error> {
        let context = self.context(question).await?;
        let mut explaining = Explaining::new(Arc::clone(&self.store), definition, &context, user)
            .map_err(refused)?;
        Ok(in_steps(self.host.as_ref(), |rows| explaining.step(rows)).await)
    }

    /// What a query comes to. Of its stamp the time taken is left open.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the query, where it cannot be answered.
    pub async fn answer(
        &self,
        query: &Query,
        question: &Question,
        watcher: Option<&Watcher>,
    ) -> Result<Answer, Error> {
        let context = self.context(question).await?;
        let mut asking = Asking::new(Arc::clone(&self.store), query, &context).map_err(refused)?;
        let host = self.host.as_ref();
        let mut answer = in_watched_steps(host, watcher, |rows| asking.step(rows)).await;
        let stamp = validity::stamp_of(&mut answer);
        stamp.data_version.clone_from(&self.version);
        Ok(answer)
    }

    /// The answer to a query that was answered before, as of the same instant or of another one for which it is true too.
    #[must_use]
    pub fn known_answer(&self, query: &Query, question: &Question) -> Option<Answer> {
        let key = validity::of_answer(query, question, self.known_until(question.as_of));
        let answer = held(&self.answers).get(&key)?;
        let mut answer = Answer::clone(&answer);
        validity::move_to(&mut answer, question.as_of);
        Some(answer)
    }

    /// Keeps an answer that takes so many bytes as it is sent.
    pub fn keep_answer(&self, query: &Query, question: &Question, answer: Answer, bytes: usize) {
        let key = validity::of_answer(query, question, self.known_until(question.as_of));
        held(&self.answers).put(key, Arc::new(answer), bytes);
    }

    fn known(&self, definition: &Criterion, question: &Question) -> Option<Members> {
        held(&self.members).get(&self.key(definition, question))
    }

    /// The same for questions that the same users are the answer to.
    fn key(&self, definition: &Criterion, question: &Question) -> String {
        validity::of_members(definition, question, self.known_until(question.as_of))
    }

    /// The first instant after the last event before as-of, or as-of itself where finding it would take too long.
    fn known_until(&self, as_of: Instant) -> Instant {
        let (last, events) = *self.last_event.get_or_init(|| {
            let facts = self.store.facts(Instant::MAX);
            (facts.last_event_at, facts.events)
        });
        let Some(last) = last else {
            return Instant::MIN;
        };
        if last < as_of {
            return last.saturating_add_millis(1);
        }
        // Data has events of its last day that have not happened yet: then now is one of the instants before them.
        if events > FEW_EVENTS || last.saturating_add_millis(-LATELY_MILLIS) > as_of {
            return as_of;
        }
        let mut known = held(&self.known);
        if let Some((since, until)) = *known
            && (since..=until).contains(&as_of)
        {
            return since;
        }
        let before = self.store.facts(as_of).last_event_at;
        let since = before.map_or(Instant::MIN, |at| at.saturating_add_millis(1));
        *known = Some((since, as_of));
        since
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
        let kept = held(&self.dictionary).clone();
        if let Some((at, dictionary)) = kept
            && (0..SAME_MILLIS).contains(&(as_of.millis() - at.millis()))
        {
            return dictionary;
        }
        let mut survey = Survey::new(Arc::clone(&self.store), as_of);
        let mut dictionary = in_steps(self.host.as_ref(), |rows| survey.step(rows)).await;
        dictionary.data_version.clone_from(&self.version);
        let dictionary = Arc::new(dictionary);
        *held(&self.dictionary) = Some((as_of, Arc::clone(&dictionary)));
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

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(error: EvaluateError) -> Error {
    let code = match &error {
        EvaluateError::UnknownSegment { .. } | EvaluateError::UnknownList { .. } => Code::Unknown,
        EvaluateError::Cycle { .. } => Code::Cycle,
        EvaluateError::Unsupported { .. } => Code::Unsupported,
        EvaluateError::Value { .. } => Code::ValueType,
        EvaluateError::TooLong { .. } | EvaluateError::TooMany { .. } => Code::TooLarge,
    };
    Error::input(error.pointer(), code, error.to_string())
}
