//! The engine, asked about plain rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use segments_engine::batch::{
    Coded, Column, EventBatch, MISSING_BOOLEAN, MISSING_DATETIME, UserBatch, Values,
};
use segments_engine::{
    Asking, Context, EvaluateError, Evaluation, Kept, Loader, Preview, Previewed, Progress, Source,
    Store,
};
use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::decode::decode;
use segments_model::filter::Scope;
use segments_model::project::Limits;
use segments_model::query::Query;
use segments_model::selection::{Selection, definition};
use segments_model::validate::{check_query, validate};
use segments_model::{Criterion, Instant, ValueType};

use crate::world::{Plain, Properties, StoredSegment, World};

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

fn users(world: &World) -> UserBatch {
    let rows: Vec<&Properties> = world.users.values().collect();
    UserBatch {
        users: world.users.keys().map(|id| Some(id.as_str())).collect(),
        properties: columns(&rows, ["plan", "age", "vip", "born"]),
    }
}

fn events(world: &World, which: std::ops::Range<usize>) -> EventBatch {
    let events = &world.events[which];
    let rows: Vec<&Properties> = events.iter().map(|event| &event.properties).collect();
    EventBatch {
        users: events
            .iter()
            .map(|event| Some(event.user.as_str()))
            .collect(),
        events: events
            .iter()
            .map(|event| Some(event.name.as_str()))
            .collect(),
        times: events.iter().map(|event| event.time).collect(),
        properties: columns(&rows, ["colour", "price", "gift", "due"]),
    }
}

/// The properties that are always there, be it without a value, and whatever else the rows have.
fn columns(rows: &[&Properties], [text, number, boolean, datetime]: [&str; 4]) -> Vec<Column> {
    let mut types = BTreeMap::from([
        (text, Plain::Text(String::new())),
        (number, Plain::Number(0.0)),
        (boolean, Plain::Boolean(false)),
        (datetime, Plain::Datetime(0)),
    ]);
    for row in rows {
        for (name, value) in *row {
            types.entry(name).or_insert_with(|| value.clone());
        }
    }
    types
        .into_iter()
        .map(|(name, like)| Column {
            name: name.to_owned(),
            values: values(rows, name, &like),
        })
        .collect()
}

fn values(rows: &[&Properties], name: &str, like: &Plain) -> Values {
    let values = rows.iter().map(|row| row.get(name));
    match like {
        Plain::Text(_) => Values::String(
            values
                .map(|value| match value {
                    Some(Plain::Text(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect::<Coded>(),
        ),
        Plain::Number(_) => Values::Number(
            values
                .map(|value| match value {
                    Some(Plain::Number(number)) => *number,
                    _ => f64::NAN,
                })
                .collect(),
        ),
        Plain::Boolean(_) => Values::Boolean(
            values
                .map(|value| match value {
                    Some(Plain::Boolean(boolean)) => u8::from(*boolean),
                    _ => MISSING_BOOLEAN,
                })
                .collect(),
        ),
        Plain::Datetime(_) => Values::Datetime(
            values
                .map(|value| match value {
                    Some(Plain::Datetime(time)) => *time,
                    _ => MISSING_DATETIME,
                })
                .collect(),
        ),
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
        kept: (as_of % 2 == 0).then(|| Arc::new(Kept::new(1 << 20))),
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
    let mut evaluation = Evaluation::new(Arc::clone(store), definition, context).unwrap();
    loop {
        if let Progress::Done(users) = evaluation.step(rows) {
            return users
                .iter()
                .map(|user| store.user_id(user).unwrap().to_owned())
                .collect();
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
    let mut asking = Asking::new(Arc::clone(store), query, context)?;
    loop {
        if let Progress::Done(mut answer) = asking.step(rows) {
            let stamp = match &mut answer {
                Answer::Segmentation(answer) => &mut answer.stamp,
                Answer::Funnel(answer) => &mut answer.stamp,
                Answer::Cohort(answer) => &mut answer.stamp,
            };
            stamp.data_version = String::new();
            stamp.took_ms = 0.0;
            return Ok(answer);
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
    value.map(|value| match value {
        Plain::Text(_) => ValueType::String,
        Plain::Number(_) => ValueType::Number,
        Plain::Boolean(_) => ValueType::Boolean,
        Plain::Datetime(_) => ValueType::Datetime,
    })
}

/// Where a question is wrong: as the language has it, or else for this data. None where it is not.
pub fn pointer_of_error(json: &str, store: &Arc<Store>, context: &Context) -> Option<String> {
    if json.contains("\"tool\"") {
        let query = match decode::<Query>(json.as_bytes()) {
            Ok(query) => query,
            Err(errors) => return Some(errors[0].pointer.clone()),
        };
        if let Some(error) = check_query(&query, &Limits::default()).first() {
            return Some(error.pointer.clone());
        }
        let found = answer(store, &query, context, 3);
        return found.err().map(|error| error.pointer().to_owned());
    }
    let definition = match decode::<Criterion>(json.as_bytes()) {
        Ok(definition) => definition,
        Err(errors) => return Some(errors[0].pointer.clone()),
    };
    if let Some(error) = validate(&definition, &Limits::default()).first() {
        return Some(error.pointer.clone());
    }
    let found = Evaluation::new(Arc::clone(store), &definition, context);
    found.err().map(|error| error.pointer().to_owned())
}
