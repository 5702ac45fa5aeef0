//! One version of the data.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use segments_engine_api::{
    Explained, MemberSet, OnProgress, Previewed, QuestionContext, Schema, Snapshot,
    Source as EngineSource,
};
use segments_model::answer::Answer;
use segments_model::dictionary::Dictionary;
use segments_model::project::{DataFacts, DataSource};
use segments_model::query::Query;
use segments_model::{Criterion, Instant};

use crate::cache::Cache;
use crate::error::Error;
use crate::question::{Question, Source};

/// How many bytes of found users are kept for whoever asks the same again, such as for the next page.
const KEPT_MEMBERS: usize = 16 << 20;
/// How many bytes of answers to queries are kept.
const KEPT_ANSWERS: usize = 8 << 20;

/// One version of the data, which never changes, with what was found in it before.
pub struct Data {
    version: String,
    source: DataSource,
    snapshot: Arc<dyn Snapshot>,
    members: Mutex<Cache<MemberSet>>,
    answers: Mutex<Cache<Bytes>>,
    dictionary: Mutex<Option<(Instant, Arc<Dictionary>)>>,
}

impl Data {
    /// Data of a version.
    pub fn new(version: String, source: DataSource, snapshot: Arc<dyn Snapshot>) -> Self {
        Self {
            version,
            source,
            snapshot,
            members: Mutex::new(Cache::new(KEPT_MEMBERS)),
            answers: Mutex::new(Cache::new(KEPT_ANSWERS)),
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
            damaged: self
                .snapshot
                .damaged()
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
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
            Source::Static(ids) => EngineSource::Static(self.snapshot.find(ids, None).await?),
        })
    }

    /// Lists of users as the engine takes them.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn lists(
        &self,
        lists: &BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<String, MemberSet>, Error> {
        let mut found = BTreeMap::new();
        for (id, ids) in lists {
            found.insert(id.clone(), self.snapshot.find(ids, None).await?);
        }
        Ok(found)
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
        let known = held(&self.members).get(&question.fingerprint, question.as_of);
        if let Some(members) = known {
            return Ok(members);
        }
        let context = self.context(question).await?;
        let members = self.snapshot.members(definition, &context).await?;
        held(&self.members).put(
            &question.fingerprint,
            question.as_of,
            members.clone(),
            members.bytes(),
        );
        Ok(members)
    }

    /// Which of several definitions a user meets; the question is about all of them. Touches the events of that user only.
    ///
    /// # Errors
    /// [`Error::Input`] with pointers into the definition, where one cannot be evaluated.
    pub async fn hold(
        &self,
        user: &str,
        definitions: &[Criterion],
        question: &Question,
    ) -> Result<Vec<bool>, Error> {
        let context = self.context(question).await?;
        let held = self.snapshot.holds(user, definitions, &context).await?;
        held.into_iter()
            .map(|held| held.map_err(Error::from))
            .collect()
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
        Ok(self.snapshot.preview(definition, &context).await?)
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

    /// What a query comes to. Of its stamp the version of the data and the time taken are left open.
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
        Ok(self.snapshot.answer(query, &context, on_progress).await?)
    }

    /// The answer to a query that was answered before, as it was sent.
    #[must_use]
    pub fn known_answer(&self, question: &Question) -> Option<Bytes> {
        held(&self.answers).get(&question.fingerprint, question.as_of)
    }

    /// Keeps an answer as it is sent.
    pub fn keep_answer(&self, question: &Question, body: &Bytes) {
        let (body, bytes) = (body.clone(), body.len());
        held(&self.answers).put(&question.fingerprint, question.as_of, body, bytes);
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
