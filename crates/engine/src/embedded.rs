//! The engine as the backend knows it: stores in this process, asked in steps.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roaring::RoaringBitmap;
use segments_engine_api::batch::Batch;
use segments_engine_api::{
    Boxed, DamagedPart, Engine, EngineError, Explained, Facts, Listing, LoadError, Loading,
    MemberSet, OnProgress, Previewed, Progress, QuestionContext, RowStream, Runtime, Schema,
    SetOperation, Snapshot, Source as ApiSource, StepTimer, UserFacts, in_steps,
};
use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
use segments_model::query::Query;
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::user::{ActivityBucket, Event, UserRow};
use segments_model::{Criterion, Instant};

use crate::ask::QueryJob;
use crate::codec::{self, DecodeError};
use crate::dictionary::{Suggesting, Survey};
use crate::evaluate::{Evaluation, Preview};
use crate::explain::Explaining;
use crate::loader::Loader;
use crate::people;
use crate::question::{Context, PartCache, Source};
use crate::store::Store;

/// How much memory the users of parts of definitions may take, in bytes, for each version of the data.
const CACHE_BYTES: usize = 64 << 20;

/// The types of criteria, as in the JSON.
const CRITERIA: [&str; 10] = [
    "all",
    "any",
    "not",
    "event",
    "first_event",
    "user",
    "sequence",
    "cohort",
    "segment",
    "users",
];
/// The tools, as in the JSON.
const TOOLS: [&str; 3] = ["segmentation", "funnel", "cohort"];

/// The columnar engine of this project, in this process.
pub struct EmbeddedEngine {
    runtime: Arc<dyn Runtime>,
    /// Counts the snapshots, so that members of one are not taken for those of another.
    snapshots: Arc<AtomicU64>,
}

impl EmbeddedEngine {
    /// An engine that works as this runtime lets it.
    #[must_use]
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self {
            runtime,
            snapshots: Arc::default(),
        }
    }

    /// A store as the backend asks it.
    #[must_use]
    pub fn snapshot(&self, store: Store) -> Arc<dyn Snapshot> {
        snapshot(store, &self.runtime, &self.snapshots)
    }
}

fn snapshot(
    store: Store,
    runtime: &Arc<dyn Runtime>,
    snapshots: &Arc<AtomicU64>,
) -> Arc<dyn Snapshot> {
    Arc::new(StoreSnapshot {
        number: snapshots.fetch_add(1, Ordering::Relaxed),
        schema: store.schema(),
        store: Arc::new(store),
        runtime: Arc::clone(runtime),
        cache: Arc::new(PartCache::new(CACHE_BYTES)),
    })
}

impl Engine for EmbeddedEngine {
    fn criteria(&self) -> &[&'static str] {
        &CRITERIA
    }

    fn tools(&self) -> &[&'static str] {
        &TOOLS
    }

    fn empty(&self) -> Arc<dyn Snapshot> {
        self.snapshot(Store::empty())
    }

    fn open(&self, mut parts: BTreeMap<String, Vec<u8>>) -> Result<Arc<dyn Snapshot>, EngineError> {
        let store = Store::decode(|part| parts.remove(part).ok_or_else(|| part.to_owned()));
        match store {
            Ok(store) => Ok(self.snapshot(store)),
            Err(DecodeError::Read(part)) => Err(EngineError::Damaged {
                part,
                what: "is missing".to_owned(),
            }),
            Err(DecodeError::Damaged { blob, what }) => Err(EngineError::Damaged {
                part: blob,
                what: format!("is damaged: {what}"),
            }),
            Err(error @ DecodeError::Version { .. }) => {
                Err(EngineError::Version(error.to_string()))
            }
        }
    }

    fn load(&self, onto: Option<&Arc<dyn Snapshot>>) -> Result<Box<dyn Loading>, EngineError> {
        let loader = match onto {
            None => Loader::new(),
            Some(snapshot) => {
                let snapshot: &dyn std::any::Any = snapshot.as_ref();
                let snapshot: &StoreSnapshot =
                    snapshot.downcast_ref().ok_or(EngineError::Foreign)?;
                Loader::onto(&snapshot.store)
            }
        };
        Ok(Box::new(StoreLoading {
            loader,
            runtime: Arc::clone(&self.runtime),
            snapshots: Arc::clone(&self.snapshots),
        }))
    }
}

/// A store on its way.
struct StoreLoading {
    loader: Loader,
    runtime: Arc<dyn Runtime>,
    snapshots: Arc<AtomicU64>,
}

impl Loading for StoreLoading {
    fn push(&mut self, batch: &Batch) -> Result<(), LoadError> {
        match batch {
            Batch::Users(users) => self.loader.push_users(users),
            Batch::Events(events) => self.loader.push_events(events),
        }
    }

    fn finish(self: Box<Self>) -> Boxed<'static, Result<Arc<dyn Snapshot>, EngineError>> {
        Box::pin(async move {
            let mut building = self.loader.finish();
            let runtime = self.runtime.as_ref();
            let store = in_steps(runtime, None, |rows| building.step(rows)).await;
            Ok(snapshot(store, &self.runtime, &self.snapshots))
        })
    }
}

/// A store, and what was found in it before.
struct StoreSnapshot {
    number: u64,
    store: Arc<Store>,
    schema: Schema,
    runtime: Arc<dyn Runtime>,
    cache: Arc<PartCache>,
}

/// What the member sets of a snapshot hold.
struct Members {
    snapshot: u64,
    users: RoaringBitmap,
}

impl StoreSnapshot {
    fn set(&self, users: RoaringBitmap) -> MemberSet {
        let members = Members {
            snapshot: self.number,
            users,
        };
        MemberSet::new(
            members.users.len(),
            members.users.serialized_size(),
            members,
        )
    }

    fn users<'m>(&self, members: &'m MemberSet) -> Result<&'m RoaringBitmap, EngineError> {
        members
            .users::<Members>()
            .filter(|members| members.snapshot == self.number)
            .map(|members| &members.users)
            .ok_or(EngineError::Foreign)
    }

    fn context(&self, context: &QuestionContext) -> Result<Context, EngineError> {
        let mut segments = BTreeMap::new();
        for (id, source) in &context.segments {
            let source = match source {
                ApiSource::Dynamic { definition, zone } => Source::Dynamic {
                    definition: Criterion::clone(definition),
                    zone: zone.clone(),
                },
                ApiSource::Static(members) => Source::Static(self.users(members)?.clone()),
            };
            segments.insert(id.clone(), source);
        }
        let mut lists = BTreeMap::new();
        for (id, members) in &context.lists {
            lists.insert(id.clone(), self.users(members)?.clone());
        }
        Ok(Context {
            segments,
            lists,
            known_until: context.known_until,
            shares: self.runtime.threads(),
            cache: Some(Arc::clone(&self.cache)),
            ..Context::new(context.as_of, context.zone.clone())
        })
    }

    /// The number of a user who exists as of an instant.
    fn number(&self, user: &str, as_of: Instant) -> Option<u32> {
        let user = self.store.user_number(user)?;
        self.store.exists(user, as_of.millis()).then_some(user)
    }

    async fn steps<T>(&self, step: impl FnMut(usize) -> Progress<T>) -> T {
        in_steps(self.runtime.as_ref(), None, step).await
    }
}

/// An answer that is there at once.
fn at_once<'a, T: Send + 'a>(answer: Result<T, EngineError>) -> Boxed<'a, Result<T, EngineError>> {
    Box::pin(ready(answer))
}

impl Snapshot for StoreSnapshot {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn damaged(&self) -> &[DamagedPart] {
        self.store.damaged()
    }

    fn part_names(&self) -> Vec<String> {
        Store::blob_names(self.store.table_count()).collect()
    }

    fn parts(&self) -> Box<dyn Iterator<Item = (String, Vec<u8>)> + Send + '_> {
        Box::new(self.store.encode())
    }

    fn facts(&self, as_of: Instant) -> Boxed<'_, Result<Facts, EngineError>> {
        at_once(Ok(self.store.facts(as_of)))
    }

    fn user_count(&self, as_of: Instant) -> Boxed<'_, Result<u64, EngineError>> {
        at_once(Ok(self.store.everyone(as_of).len()))
    }

    fn quiet_since(&self, as_of: Instant) -> Boxed<'_, Result<Instant, EngineError>> {
        at_once(Ok(self.store.quiet_since(as_of)))
    }

    fn members<'a>(
        &'a self,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<MemberSet, EngineError>> {
        Box::pin(async move {
            let context = self.context(context)?;
            let mut evaluation = Evaluation::new(Arc::clone(&self.store), definition, &context)?;
            Ok(self.set(self.steps(|rows| evaluation.step(rows)).await))
        })
    }

    fn holds<'a>(
        &'a self,
        user: &'a str,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<bool, EngineError>> {
        Box::pin(async move {
            let Some(user) = self.number(user, context.as_of) else {
                return Ok(false);
            };
            let context = self.context(context)?;
            let store = Arc::clone(&self.store);
            let mut evaluation = Evaluation::of_user(store, definition, &context, user)?;
            Ok(self
                .steps(|rows| evaluation.step(rows))
                .await
                .contains(user))
        })
    }

    fn preview<'a>(
        &'a self,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<Previewed, EngineError>> {
        Box::pin(async move {
            let context = self.context(context)?;
            let mut preview = Preview::new(Arc::clone(&self.store), definition, &context)?;
            let previewed = self.steps(|rows| preview.step(rows)).await;
            Ok(Previewed {
                members: self.set(previewed.members),
                criteria: previewed.criteria,
            })
        })
    }

    fn explain<'a>(
        &'a self,
        user: &'a str,
        definition: &'a Criterion,
        context: &'a QuestionContext,
    ) -> Boxed<'a, Result<Option<Explained>, EngineError>> {
        Box::pin(async move {
            let Some(user) = self.number(user, context.as_of) else {
                return Ok(None);
            };
            let context = self.context(context)?;
            let store = Arc::clone(&self.store);
            let mut explaining = Explaining::new(store, definition, &context, user)?;
            Ok(Some(self.steps(|rows| explaining.step(rows)).await))
        })
    }

    fn answer<'a>(
        &'a self,
        query: &'a Query,
        context: &'a QuestionContext,
        on_progress: Option<&'a OnProgress>,
    ) -> Boxed<'a, Result<Answer, EngineError>> {
        Box::pin(async move {
            let context = self.context(context)?;
            let mut asking = QueryJob::new(Arc::clone(&self.store), query, &context)?;
            let runtime = self.runtime.as_ref();
            Ok(in_steps(runtime, on_progress, |rows| asking.step(rows)).await)
        })
    }

    fn find<'a>(
        &'a self,
        ids: &'a [&'a str],
        as_of: Option<Instant>,
    ) -> Boxed<'a, Result<MemberSet, EngineError>> {
        /// How many ids are looked up before others may have their turn.
        const AT_A_TIME: usize = 10_000;
        Box::pin(async move {
            let mut timer = StepTimer::begin(self.runtime.as_ref());
            let mut users = RoaringBitmap::new();
            for ids in ids.chunks(AT_A_TIME) {
                users.extend(ids.iter().filter_map(|id| match as_of {
                    Some(as_of) => self.number(id, as_of),
                    None => self.store.user_number(id),
                }));
                timer.yield_if_due().await;
            }
            Ok(self.set(users))
        })
    }

    fn save(&self, members: &MemberSet) -> Result<Option<Vec<u8>>, EngineError> {
        let users = self.users(members)?;
        let mut bytes = Vec::with_capacity(users.serialized_size());
        // Writing to memory does not fail.
        let written = users.serialize_into(&mut bytes).is_ok();
        Ok(written.then(|| codec::with_sum(bytes)))
    }

    fn restore(&self, bytes: &[u8]) -> Option<MemberSet> {
        let users = RoaringBitmap::deserialize_from(codec::without_sum(bytes)?).ok()?;
        users
            .max()
            .is_none_or(|last| last < self.store.user_count())
            .then(|| self.set(users))
    }

    fn ids<'a>(&'a self, members: &'a MemberSet) -> Boxed<'a, Result<Vec<String>, EngineError>> {
        at_once(self.users(members).map(|users| {
            let users = self.store.by_id(users).into_iter();
            users
                .filter_map(|user| self.store.user_id(user).map(str::to_owned))
                .collect()
        }))
    }

    fn contains<'a>(
        &'a self,
        members: &'a MemberSet,
        user: &'a str,
    ) -> Boxed<'a, Result<bool, EngineError>> {
        at_once(self.users(members).map(|users| {
            let user = self.store.user_number(user);
            user.is_some_and(|user| users.contains(user))
        }))
    }

    fn combine<'a>(
        &'a self,
        operation: SetOperation,
        one: &'a MemberSet,
        other: &'a MemberSet,
    ) -> Boxed<'a, Result<MemberSet, EngineError>> {
        let combined = || {
            let (one, other) = (self.users(one)?, self.users(other)?);
            Ok(self.set(match operation {
                SetOperation::And => one & other,
                SetOperation::Or => one | other,
                SetOperation::Without => one - other,
            }))
        };
        at_once(combined())
    }

    fn shared<'a>(
        &'a self,
        one: &'a MemberSet,
        other: &'a MemberSet,
    ) -> Boxed<'a, Result<u64, EngineError>> {
        let shared = || Ok(self.users(one)?.intersection_len(self.users(other)?));
        at_once(shared())
    }

    fn list<'a>(
        &'a self,
        listing: Listing<'a>,
    ) -> Boxed<'a, Result<(Vec<UserRow>, u64), EngineError>> {
        at_once(self.users(listing.members).map(|members| {
            self.store.list_users(&people::Listing {
                members,
                search: listing.search,
                columns: listing.columns,
                sort: listing.sort,
                as_of: listing.as_of,
                offset: listing.offset,
                limit: listing.limit,
            })
        }))
    }

    fn rows<'a>(
        &'a self,
        members: &'a MemberSet,
        columns: &'a [String],
        as_of: Instant,
    ) -> Boxed<'a, Result<Box<dyn RowStream + 'a>, EngineError>> {
        at_once(self.users(members).map(|users| {
            let rows: Box<dyn RowStream + 'a> = Box::new(Rows {
                store: &self.store,
                users: self.store.by_id(users),
                read: 0,
                columns,
                as_of,
            });
            rows
        }))
    }

    fn sample<'a>(
        &'a self,
        members: &'a MemberSet,
        count: usize,
    ) -> Boxed<'a, Result<Vec<UserRow>, EngineError>> {
        at_once(self.users(members).map(|users| {
            let users: Vec<u32> = users.iter().take(count).collect();
            self.store.user_rows(&users, &[], Instant::MAX)
        }))
    }

    fn user<'a>(
        &'a self,
        user: &'a str,
        as_of: Instant,
    ) -> Boxed<'a, Result<Option<UserFacts>, EngineError>> {
        let user = self.number(user, as_of);
        at_once(Ok(user.map(|user| self.store.user_facts(user, as_of))))
    }

    fn events<'a>(
        &'a self,
        user: &'a str,
        event: Option<&'a str>,
        bounds: Bounds,
        offset: usize,
        limit: usize,
    ) -> Boxed<'a, Result<(Vec<Event>, u64), EngineError>> {
        let user = self.store.user_number(user);
        let events = user.map(|user| self.store.user_events(user, event, bounds, offset, limit));
        at_once(Ok(events.unwrap_or_default()))
    }

    fn activity<'a>(
        &'a self,
        user: &'a str,
        unit: CalendarUnit,
        zone: &'a Zone,
        as_of: Instant,
        most: usize,
    ) -> Boxed<'a, Result<Option<Vec<ActivityBucket>>, EngineError>> {
        at_once(Ok(match self.store.user_number(user) {
            Some(user) => self.store.user_activity(user, unit, zone, as_of, most),
            None => Some(Vec::new()),
        }))
    }

    fn dictionary(&self, as_of: Instant) -> Boxed<'_, Result<Dictionary, EngineError>> {
        Box::pin(async move {
            let mut survey = Survey::new(Arc::clone(&self.store), as_of);
            Ok(self.steps(|rows| survey.step(rows)).await)
        })
    }

    fn values<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        search: &'a str,
        limit: usize,
        as_of: Instant,
    ) -> Boxed<'a, Result<Option<Suggestions>, EngineError>> {
        Box::pin(async move {
            let store = Arc::clone(&self.store);
            Ok(
                match Suggesting::new(store, kind, name, search, limit, as_of) {
                    Some(mut suggesting) => Some(self.steps(|rows| suggesting.step(rows)).await),
                    None => None,
                },
            )
        })
    }
}

/// The rows of members.
struct Rows<'a> {
    store: &'a Store,
    /// By id.
    users: Vec<u32>,
    /// How many of them were read.
    read: usize,
    columns: &'a [String],
    as_of: Instant,
}

impl RowStream for Rows<'_> {
    fn next(&mut self, at_most: usize) -> Boxed<'_, Result<Vec<UserRow>, EngineError>> {
        let end = self.read.saturating_add(at_most).min(self.users.len());
        let users = self.users.get(self.read..end).unwrap_or_default();
        self.read = end;
        at_once(Ok(self.store.user_rows(users, self.columns, self.as_of)))
    }
}
