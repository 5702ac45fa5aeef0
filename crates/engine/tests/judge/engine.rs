//! The engine, asked about plain rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use segments_conformance::answer::without_time;
use segments_conformance::rows::{events, users};
use segments_conformance::world::{Plain, StoredSegment, World};
use segments_engine::{
    Context, EvaluateError, Evaluation, Loader, PartCache, Preview, Previewed, Progress, QueryJob,
    Source, Store,
};
use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::filter::Scope;
use segments_model::query::Query;
use segments_model::selection::{Selection, definition};
use segments_model::{Criterion, Instant, ValueType};

/// The store of a world, loaded at once.
pub fn store(world: &World) -> Arc<Store> {
    let mut loader = Loader::new();
    loader.push_users(&users(world)).unwrap();
    loader
        .push_events(&events(world, 0..world.events.len()))
        .unwrap();
    Arc::new(built(loader))
}

/// The store of a world, loaded in two halves, the second onto the first.
pub fn store_of_two_loads(world: &World, first: usize) -> Arc<Store> {
    let mut loader = Loader::new();
    loader.push_events(&events(world, 0..first)).unwrap();
    let mut loader = Loader::onto(&Arc::new(built(loader)));
    loader
        .push_events(&events(world, first..world.events.len()))
        .unwrap();
    loader.push_users(&users(world)).unwrap();
    Arc::new(built(loader))
}

/// The store after it was written and read.
pub fn through_files(store: &Store) -> Arc<Store> {
    let blobs: BTreeMap<String, Vec<u8>> = store.encode().collect();
    let read = Store::decode(|name| blobs.get(name).cloned().ok_or_else(|| name.to_owned()));
    Arc::new(read.unwrap())
}

/// Builds with the least budget there is.
fn built(loader: Loader) -> Store {
    let mut building = loader.finish();
    loop {
        if let Progress::Done(store) = building.step(1) {
            return store;
        }
    }
}

/// A question's surroundings for a store.
pub fn context(store: &Store, world: &World, as_of: i64, zone: Tz) -> Context {
    let segments = world
        .segments
        .iter()
        .map(|(id, segment)| {
            let source = match segment {
                StoredSegment::Dynamic { definition, zone } => Source::Dynamic {
                    definition: definition.clone(),
                    zone: Zone::parse(zone.name()).unwrap(),
                },
                StoredSegment::Static(members) => Source::Static(
                    members
                        .iter()
                        .filter_map(|id| store.user_number(id))
                        .collect(),
                ),
            };
            (id.clone(), source)
        })
        .collect::<BTreeMap<_, _>>();
    let lists = world.lists.iter().map(|(id, members)| {
        let members = members.iter().filter_map(|id| store.user_number(id));
        (id.clone(), members.collect())
    });
    Context {
        segments,
        lists: lists.collect(),
        shares: world.events.len() % 3 + 1,
        cache: (as_of % 2 == 0).then(|| Arc::new(PartCache::new(1 << 20))),
        ..Context::new(
            Instant::from_millis(as_of).unwrap(),
            Zone::parse(zone.name()).unwrap(),
        )
    }
}

/// The ids of the users that meet a definition, worked out in steps of so many rows.
pub fn members(
    store: &Arc<Store>,
    definition: &Criterion,
    context: &Context,
    rows: usize,
) -> BTreeSet<String> {
    try_members(store, definition, context, rows).unwrap()
}

/// The same of a definition that may not be one that can be evaluated.
pub fn try_members(
    store: &Arc<Store>,
    definition: &Criterion,
    context: &Context,
    rows: usize,
) -> Result<BTreeSet<String>, EvaluateError> {
    let mut evaluation = Evaluation::new(Arc::clone(store), definition, context)?;
    loop {
        if let Progress::Done(users) = evaluation.step(rows) {
            let ids = users.iter();
            return Ok(ids
                .map(|user| store.user_id(user).unwrap().to_owned())
                .collect());
        }
    }
}

/// Whether one user meets a definition, by looking at that user alone.
pub fn meets(store: &Arc<Store>, definition: &Criterion, context: &Context, user: &str) -> bool {
    let Some(number) = store.user_number(user) else {
        return false;
    };
    let mut evaluation =
        Evaluation::of_user(Arc::clone(store), definition, context, number).unwrap();
    loop {
        if let Progress::Done(users) = evaluation.step(1) {
            return users.contains(number);
        }
    }
}

/// What each criterion of a definition does.
pub fn preview(store: &Arc<Store>, definition: &Criterion, context: &Context) -> Previewed {
    let mut preview = Preview::new(Arc::clone(store), definition, context).unwrap();
    loop {
        if let Progress::Done(previewed) = preview.step(7) {
            return previewed;
        }
    }
}

/// The answer to a query, worked out in steps of so many rows. Of its stamp the version and the time taken are left open.
pub fn answer(
    store: &Arc<Store>,
    query: &Query,
    context: &Context,
    rows: usize,
) -> Result<Answer, EvaluateError> {
    let mut asking = QueryJob::new(Arc::clone(store), query, context)?;
    loop {
        if let Progress::Done(answer) = asking.step(rows) {
            return Ok(without_time(answer));
        }
    }
}

/// The definition that a part of an answer is made into.
pub fn selected(
    world: &World,
    query: &Query,
    selection: &Selection,
    context: &Context,
) -> Criterion {
    let types = |scope, name: &str| type_of(world, scope, name);
    definition(query, selection, &context.zone, context.as_of, &types)
        .unwrap_or_else(|errors| panic!("{selection:?}: {errors:?}"))
}

/// The type of a property: that of its first value.
fn type_of(world: &World, scope: Scope, name: &str) -> Option<ValueType> {
    let value = match scope {
        Scope::Event => world
            .events
            .iter()
            .find_map(|event| event.properties.get(name)),
        Scope::User => world.users.values().find_map(|user| user.get(name)),
    };
    value.map(Plain::value_type)
}
