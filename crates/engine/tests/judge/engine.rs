//! The engine, asked about plain rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use segments_engine::batch::{
    Coded, Column, EventBatch, MISSING_BOOLEAN, MISSING_DATETIME, UserBatch, Values,
};
use segments_engine::{
    Context, Evaluation, Kept, Loader, Preview, Previewed, Progress, Source, Store,
};
use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

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

fn columns(rows: &[&Properties], [text, number, boolean, datetime]: [&str; 4]) -> Vec<Column> {
    let texts: Coded = rows
        .iter()
        .map(|row| match row.get(text) {
            Some(Plain::Text(text)) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let numbers = rows
        .iter()
        .map(|row| match row.get(number) {
            Some(Plain::Number(number)) => *number,
            _ => f64::NAN,
        })
        .collect();
    let booleans = rows
        .iter()
        .map(|row| match row.get(boolean) {
            Some(Plain::Boolean(boolean)) => u8::from(*boolean),
            _ => MISSING_BOOLEAN,
        })
        .collect();
    let datetimes = rows
        .iter()
        .map(|row| match row.get(datetime) {
            Some(Plain::Datetime(time)) => *time,
            _ => MISSING_DATETIME,
        })
        .collect();
    [
        (text, Values::String(texts)),
        (number, Values::Number(numbers)),
        (boolean, Values::Boolean(booleans)),
        (datetime, Values::Datetime(datetimes)),
    ]
    .into_iter()
    .map(|(name, values)| Column {
        name: name.to_owned(),
        values,
    })
    .collect()
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
    Context {
        segments,
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
