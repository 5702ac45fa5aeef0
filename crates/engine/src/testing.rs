//! Small stores for tests.

use crate::Progress;
use crate::batch::{Column, EventBatch, Values};
use crate::loader::Loader;
use crate::plan::{EventTable, Occurrences, RowFilter};
use crate::store::Store;

/// A store of events: the number of the user, the name and the millisecond. Users are numbered as they come.
pub(crate) fn store(events: &[(u32, &str, i64)]) -> Store {
    let without: Vec<_> = events
        .iter()
        .map(|(user, name, time)| (*user, *name, *time, None))
        .collect();
    store_of_colours(&without)
}

/// The same with a text property `colour`.
pub(crate) fn store_of_colours(events: &[(u32, &str, i64, Option<&str>)]) -> Store {
    let mut loader = Loader::new();
    let users: Vec<String> = events.iter().map(|event| event.0.to_string()).collect();
    let batch = EventBatch {
        users: users.iter().map(|user| Some(user.as_str())).collect(),
        events: events.iter().map(|event| Some(event.1)).collect(),
        times: events.iter().map(|event| event.2).collect(),
        properties: vec![Column {
            name: "colour".to_owned(),
            values: Values::String(events.iter().map(|event| event.3).collect()),
        }],
    };
    loader.push_events(&batch).unwrap();
    let mut building = loader.finish();
    loop {
        if let Progress::Done(store) = building.step(usize::MAX) {
            return store;
        }
    }
}

/// The occurrences of an event, of any where no name is given.
pub(crate) fn occurrences(
    store: &Store,
    name: Option<&str>,
    (start, end): (i64, i64),
) -> Occurrences {
    Occurrences {
        tables: tables(store, name),
        start,
        end,
        did: Vec::new(),
    }
}

/// The tables of an event, of all where no name is given.
pub(crate) fn tables(store: &Store, name: Option<&str>) -> Vec<EventTable> {
    let named = store.tables.iter().enumerate();
    named
        .filter(|(_, table)| name.is_none_or(|name| table.name == name))
        .map(|(table, _)| EventTable {
            table,
            filter: RowFilter::Constant(true),
        })
        .collect()
}
