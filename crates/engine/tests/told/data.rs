//! Small stores and questions, written down as one reads them.

use std::collections::BTreeMap;
use std::sync::Arc;

use segments_engine::batch::{Coded, Column, EventBatch, UserBatch, Values};
use segments_engine::{Context, Evaluation, Loader, Progress, Source, Store};
use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// An event: user, name, time, and the values of "amount" and "colour".
pub type Row<'t> = (&'t str, &'t str, &'t str, Option<f64>, Option<&'t str>);

pub fn events(rows: &[Row<'_>]) -> EventBatch {
    EventBatch {
        users: rows.iter().map(|row| Some(row.0)).collect(),
        events: rows.iter().map(|row| Some(row.1)).collect(),
        times: rows.iter().map(|row| at(row.2).millis()).collect(),
        properties: vec![
            numbers("amount", rows.iter().map(|row| row.3)),
            texts("colour", rows.iter().map(|row| row.4)),
        ],
    }
}

pub fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column {
        name: name.to_owned(),
        values: Values::Number(values.map(|value| value.unwrap_or(f64::NAN)).collect()),
    }
}

pub fn texts<'t>(name: &str, values: impl Iterator<Item = Option<&'t str>>) -> Column {
    Column {
        name: name.to_owned(),
        values: Values::String(values.collect()),
    }
}

pub fn users(ids: &[&str], properties: Vec<Column>) -> UserBatch {
    UserBatch {
        users: ids.iter().map(|id| Some(*id)).collect::<Coded>(),
        properties,
    }
}

pub fn built(loader: Loader) -> Arc<Store> {
    let mut building = loader.finish();
    loop {
        if let Progress::Done(store) = building.step(1) {
            return Arc::new(store);
        }
    }
}

pub fn store(rows: &[Row<'_>], known: &[&str]) -> Arc<Store> {
    let mut loader = Loader::new();
    loader.push_events(&events(rows)).unwrap();
    loader.push_users(&users(known, Vec::new())).unwrap();
    built(loader)
}

/// Every blob of a store.
pub fn blobs(store: &Store) -> BTreeMap<String, Vec<u8>> {
    store.encode().collect()
}

pub fn context(as_of: &str, zone: &str) -> Context {
    Context::new(at(as_of), Zone::parse(zone).unwrap())
}

pub fn dynamic(definition: &str, zone: &str) -> Source {
    Source::Dynamic {
        definition: definition_of(definition),
        zone: Zone::parse(zone).unwrap(),
    }
}

pub fn definition_of(json: &str) -> Criterion {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The ids of the users that meet a definition, in order.
pub fn members(store: &Arc<Store>, definition: &str, context: &Context) -> Vec<String> {
    let definition = definition_of(definition);
    let mut evaluation = Evaluation::new(Arc::clone(store), &definition, context).unwrap();
    let users = loop {
        if let Progress::Done(users) = evaluation.step(3) {
            break users;
        }
    };
    let mut ids: Vec<String> = users
        .iter()
        .map(|user| store.user_id(user).unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}
