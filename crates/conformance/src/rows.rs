//! Plain rows as an engine takes them.

use std::collections::BTreeMap;

use segments_engine_api::batch::{
    Coded, Column, EventBatch, MISSING_BOOLEAN, MISSING_DATETIME, UserBatch, Values,
};

use crate::world::{Plain, Properties, World};

/// The users with their properties.
pub fn users(world: &World) -> UserBatch {
    let rows: Vec<&Properties> = world.users.values().collect();
    UserBatch {
        users: world.users.keys().map(|id| Some(id.as_str())).collect(),
        properties: columns(&rows, ["plan", "age", "vip", "born"]),
    }
}

/// Some of the events, in the order in which they came in.
pub fn events(world: &World, which: std::ops::Range<usize>) -> EventBatch {
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
