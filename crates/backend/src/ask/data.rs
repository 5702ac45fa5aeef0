//! One version of the data.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use segments_engine_api::{
    Explained, MemberSet, OnProgress, Previewed, QuestionContext, Schema, Snapshot,
    Source as EngineSource, WeightedCache,
};
use segments_model::answer::Answer;
use segments_model::dictionary::Dictionary;
use segments_model::project::{DataFacts, DataSource};
use segments_model::query::Query;
use segments_model::{Criterion, Instant};

use crate::ask::question::{Question, Source};
use crate::ask::validity;
use crate::error::Error;
use crate::store::user_sets::UserSet;

/// How many bytes of found users are kept for whoever asks the same again, such as for the next page.
const KEPT_MEMBERS: usize = 16 << 20;
/// How many bytes of answers to queries are kept.
const KEPT_ANSWERS: usize = 8 << 20;

/// One version of the data, which never changes, with what was found in it before.
pub struct Data {
    version: String,
    source: DataSource,
    snapshot: Arc<dyn Snapshot>,
    members: WeightedCache<MemberSet>,
    answers: WeightedCache<Arc<Answer>>,
    dictionary: Mutex<Option<(Instant, Arc<Dictionary>)>>,
}

impl Data {
    /// Data of a version.
    pub fn new(version: String, source: DataSource, snapshot: Arc<dyn Snapshot>) -> Self {
        Self {
            version,
            source,
            snapshot,
            members: WeightedCache::new(KEPT_MEMBERS),
            answers: WeightedCache::new(KEPT_ANSWERS),
            dictionary: Mutex::default(),
        }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it comes from.
    #[must_use]
    pub const fn source(&self) -> DataSource {
        self.source
    }

    /// The engine's side of it.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<dyn Snapshot> {
        &self.snapshot
    }

    /// What events and properties there are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.snapshot.schema()
    }

    /// How much data there is, as of an instant.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn facts(&self, as_of: Instant) -> Result<DataFacts, Error> {
        let facts = self.snapshot.facts(as_of).await?;
        Ok(DataFacts {
            version: self.version.clone(),
            source: self.source,
            events: facts.events,
            users: facts.users,
            first_event_at: facts.first_event_at,
            last_event_at: facts.last_event_at,
            damaged: self.damaged(),
        })
    }

    /// What of it could not be read, in words.
    #[must_use]
    pub fn damaged(&self) -> Vec<String> {
        let damaged = self.snapshot.damaged().iter();
        damaged.map(ToString::to_string).collect()
    }

    /// How many users there are, as of an instant.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn users_at(&self, as_of: Instant) -> Result<u64, Error> {
        Ok(self.snapshot.user_count(as_of).await?)
    }

    /// What the engine needs to know besides the question itself.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn context(&self, question: &Question) -> Result<QuestionContext, Error> {
        let mut context = QuestionContext::new(question.as_of, question.zone.clone());
        for (id, source) in &question.segments {
            context
                .segments
                .insert(id.clone(), self.engine_source(source).await?);
        }
        context.lists = self.lists(&question.lists).await?;
        Ok(context)
    }

    /// A segment as the engine takes it.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn engine_source(&self, source: &Source) -> Result<EngineSource, Error> {
        Ok(match source {
            Source::Dynamic { definition, zone } => EngineSource::Dynamic {
                definition: definition.clone(),
                zone: zone.clone(),
            },
            Source::Static(users) => EngineSource::Static(self.users(users).await?),
        })
    }

    /// Lists of users as the engine takes them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn lists(
        &self,
        lists: &BTreeMap<String, UserSet>,
    ) -> Result<BTreeMap<String, MemberSet>, Error> {
        let mut found = BTreeMap::new();
        for (id, users) in lists {
            found.insert(id.clone(), self.users(users).await?);
        }
        Ok(found)
    }

    /// Those of stored users that the data has.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn users(&self, users: &UserSet) -> Result<MemberSet, Error> {
        if let Some(members) = self.members.get(users.key()) {
            return Ok(members);
        }
        let kept = users.bitmap(&self.version).await;
        let members = match kept.and_then(|bytes| self.snapshot.restore(&bytes)) {
            Some(members) => members,
            None => self.find(users).await?,
        };
        self.keep(users.key().to_owned(), &members);
        Ok(members)
    }

    /// Looks the ids up, and keeps a large set as it is found.
    async fn find(&self, users: &UserSet) -> Result<MemberSet, Error> {
        let ids = users.ids().await?;
        let ids: Vec<&str> = ids.iter().collect();
        let members = self.snapshot.find(&ids, None).await?;
        if users.is_large()
            && let Some(bytes) = self.snapshot.save(&members)?
        {
            users.keep_bitmap(&self.version, bytes).await;
        }
        Ok(members)
    }

    /// Who meets a definition.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn evaluate(
        &self,
        definition: &Criterion,
        question: &Question,
    ) -> Result<MemberSet, Error> {
        let key = self.key(definition, question).await?;
        let known = self.members.get(&key);
        if let Some(members) = known {
            return Ok(members);
        }
        let context = self.context(question).await?;
        let members = self.snapshot.members(definition, &context).await?;
        self.keep(key, &members);
        Ok(members)
    }

    /// Keeps users for whoever asks the same again.
    fn keep(&self, key: String, members: &MemberSet) {
        self.members.put(key, members.clone(), members.bytes());
    }

    /// The same for questions that the same users are the answer to.
    async fn key(&self, definition: &Criterion, question: &Question) -> Result<String, Error> {
        let quiet = self.snapshot.quiet_since(question.as_of).await?;
        Ok(validity::of_members(definition, question, quiet))
    }

    /// Whether a user meets a definition. Touches the events of that user only.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn holds(
        &self,
        user: &str,
        definition: &Criterion,
        question: &Question,
    ) -> Result<bool, Error> {
        let key = self.key(definition, question).await?;
        let known = self.members.get(&key);
        if let Some(members) = known {
            return Ok(self.snapshot.contains(&members, user).await?);
        }
        let context = self.context(question).await?;
        Ok(self.snapshot.holds(user, definition, &context).await?)
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
        let previewed = self.snapshot.preview(definition, &context).await?;
        self.keep(self.key(definition, question).await?, &previewed.members);
        Ok(previewed)
    }

    /// Why a user meets a definition, or does not; none where there is no such user. Touches the events of that user only.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where it cannot be evaluated.
    pub async fn explain(
        &self,
        user: &str,
        definition: &Criterion,
        question: &Question,
    ) -> Result<Option<Explained>, Error> {
        let context = self.context(question).await?;
        Ok(self.snapshot.explain(user, definition, &context).await?)
    }

    /// What a query comes to. Of its stamp the time taken is left open.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the query, where it cannot be answered.
    pub async fn answer(
        &self,
        query: &Query,
        question: &Question,
        on_progress: Option<&OnProgress>,
    ) -> Result<Answer, Error> {
        let context = self.context(question).await?;
        let mut answer = self.snapshot.answer(query, &context, on_progress).await?;
        let stamp = validity::stamp_of(&mut answer);
        stamp.data_version.clone_from(&self.version);
        Ok(answer)
    }

    /// The answer to a query that was answered before, as of the same instant or of another one for which it is true too.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn known_answer(
        &self,
        query: &Query,
        question: &Question,
    ) -> Result<Option<Arc<Answer>>, Error> {
        let quiet = self.snapshot.quiet_since(question.as_of).await?;
        let key = validity::of_answer(query, question, quiet);
        let answer = self.answers.get(&key);
        Ok(answer.map(|mut answer| {
            validity::move_to(Arc::make_mut(&mut answer), question.as_of);
            answer
        }))
    }

    /// Keeps an answer, which takes as many bytes as when it is written.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn keep_answer(
        &self,
        query: &Query,
        question: &Question,
        answer: Answer,
    ) -> Result<Arc<Answer>, Error> {
        let quiet = self.snapshot.quiet_since(question.as_of).await?;
        let key = validity::of_answer(query, question, quiet);
        let json = serde_json::to_vec(&answer);
        let bytes = json
            .map_err(|error| Error::Broken(error.to_string()))?
            .len();
        let answer = Arc::new(answer);
        self.answers.put(key, Arc::clone(&answer), bytes);
        Ok(answer)
    }

    /// What the data has.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn dictionary(&self, as_of: Instant) -> Result<Arc<Dictionary>, Error> {
        /// How far apart two instants may be that get the same dictionary, in milliseconds.
        const SAME_MILLIS: i64 = 60_000;
        let kept = held(&self.dictionary).clone();
        if let Some((at, dictionary)) = kept
            && (0..SAME_MILLIS).contains(&(as_of.millis() - at.millis()))
        {
            return Ok(dictionary);
        }
        let mut dictionary = self.snapshot.dictionary(as_of).await?;
        dictionary.data_version.clone_from(&self.version);
        let dictionary = Arc::new(dictionary);
        *held(&self.dictionary) = Some((as_of, Arc::clone(&dictionary)));
        Ok(dictionary)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
