//! The demo: put in place, kept in files, and made anew when its day changes.

use std::sync::atomic::{AtomicBool, Ordering};

use segments_backend::testing::MemoryCatalog;
use segments_backend::{Catalog as _, Change, Collection, Files as _, Options};
use serde_json::{Value as Json, json};

use crate::faults::{Fault, Faults, settle};
use crate::support::{Backend, EVENTS};

const DEMO: Options = Options {
    demo: true,
    time_zone: None,
};

/// The ids of the segments that are there, and of those that the demo has.
async fn segments(backend: &Backend) -> (Vec<String>, Vec<String>) {
    let there = backend.get("/segments?limit=100").await.ok(200);
    let mut there: Vec<String> = there["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["id"].as_str().unwrap().to_owned())
        .collect();
    there.sort();
    let mut demo: Vec<String> = segments_demo::segments()
        .into_iter()
        .map(|segment| segment.id.to_owned())
        .collect();
    demo.sort();
    (there, demo)
}

#[tokio::test]
async fn two_first_starts_at_once_both_have_the_demo() {
    let backend = Backend::empty().await;
    let (one, other) = (Faults::default(), Faults::default());
    let (one, other) =
        futures_util::future::join(one.before(&backend, DEMO), other.before(&backend, DEMO)).await;
    for tab in [one.unwrap(), other.unwrap()] {
        let (there, demo) = segments(&tab).await;
        assert_eq!(there, demo);
        let project = tab.get("/project").await.ok(200);
        assert_eq!(project["data"]["source"], "demo");
    }
}

#[tokio::test]
async fn nobody_else_may_write_before_the_demo_is_whole() {
    let backend = Backend::empty().await;
    let is_open = AtomicBool::new(false);
    let opening = async {
        let opened = Faults::default().before(&backend, DEMO).await;
        is_open.store(true, Ordering::SeqCst);
        opened.unwrap()
    };
    let probing = async {
        while !is_open.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
            let is_begun = backend.catalog.generation().await.unwrap() > 0;
            if is_begun && backend.files.try_lock().await.unwrap().is_some() {
                let (there, demo) = segments(&backend).await;
                assert_eq!(there, demo);
            }
        }
    };
    futures_util::future::join(opening, probing).await;
}

#[tokio::test]
async fn a_demo_that_was_broken_off_is_finished_by_the_next_start() {
    let backend = Backend::empty().await;
    let faults = Faults::default();
    faults.of_commits([None, None, Some(Fault::Before)]);
    assert!(faults.before(&backend, DEMO).await.is_err());
    let again = Faults::default().before(&backend, DEMO).await.unwrap();
    let (there, demo) = segments(&again).await;
    assert_eq!(there, demo);

    // What somebody deletes from a whole demo does not come back by itself.
    let path = format!("/segments/{}", demo[0]);
    let tag = again.tag(&path).await;
    assert_eq!(again.delete(&path, &tag).await.status, 204);
    let again = Faults::default().before(&backend, DEMO).await.unwrap();
    assert_eq!(segments(&again).await.0, demo[1..]);
}

const NEXT_DAY: &str = "2026-03-02T00:30:00.000Z";

/// The names of the files of data, and how many records there are of files that may be removed.
async fn files(backend: &Backend) -> (Vec<String>, usize) {
    let mut files = backend.files.list().await.unwrap();
    // One of its segments is a static one.
    files.retain(|file| !file.starts_with("members-"));
    files.sort();
    let removals = backend.catalog.all(Collection::Removals).await.unwrap();
    (files, removals.len())
}

/// What the project says of its data.
async fn data(backend: &Backend) -> Json {
    backend.get("/project").await.ok(200)["data"].clone()
}

/// Lets what is done beside the questions come to its end.
async fn rest() {
    for _ in 0..50 {
        settle().await;
    }
}

/// A backend whose demo is in files.
async fn with_demo() -> Backend {
    let backend = Faults::default()
        .before(&Backend::empty().await, DEMO)
        .await
        .unwrap();
    data(&backend).await;
    rest().await;
    let (files, removals) = files(&backend).await;
    assert!(files.len() > 10, "{files:?}");
    assert!(files.iter().all(|file| file.starts_with("demo-")));
    assert_eq!(removals, 0);
    backend
}

#[tokio::test]
async fn a_second_start_makes_no_demo() {
    let first = with_demo().await;
    let before = (data(&first).await, files(&first).await);
    let faults = Faults::default();
    let again = faults.before(&first, DEMO).await.unwrap();
    assert_eq!((data(&again).await, files(&again).await), before);
    rest().await;
    assert_eq!(files(&again).await, before.1);
    assert_eq!((faults.asked("load"), faults.asked("write")), (0, 0));
    assert!(faults.asked("read demo-") > 10);
}

#[tokio::test]
async fn the_demo_of_another_day_is_made_while_that_of_before_answers() {
    let first = with_demo().await;
    let (before, old) = (data(&first).await, files(&first).await.0);
    first.host.set(NEXT_DAY);
    // One that was running at midnight, and one that starts after it.
    let faults = Faults::default();
    let started = faults.before(&first, DEMO).await.unwrap();
    for backend in [&started, &first] {
        assert_eq!(data(backend).await["version"], before["version"]);
    }
    assert_eq!(faults.asked("load"), 0, "answered from the files");
    rest().await;
    let after = data(&started).await;
    assert_ne!(after["version"], before["version"]);
    assert_eq!(after, data(&first).await);
    let (new, removals) = files(&first).await;
    assert!(new.iter().all(|file| !old.contains(file)), "{new:?}");
    assert_eq!((new.len(), removals), (old.len(), 0));
    assert_eq!(first.files.aside(), [""; 0]);
    // The same as if it had begun on that day.
    let fresh = Backend::empty().await;
    fresh.host.set(NEXT_DAY);
    let fresh = Faults::default().before(&fresh, DEMO).await.unwrap();
    assert_eq!(data(&fresh).await, after);
}

#[tokio::test]
async fn a_demo_without_room_is_in_memory() {
    let faults = Faults::default();
    let full = faults.before(&Backend::empty().await, DEMO).await.unwrap();
    faults.be_full(true);
    let (written, loaded) = (faults.asked("write"), faults.asked("load"));
    let first = data(&full).await;
    assert_eq!(first["source"], "demo");
    rest().await;
    let tried = faults.asked("write");
    assert!(tried > written);
    assert_eq!(files(&full).await, (Vec::new(), 0));
    assert_eq!(data(&full).await, first);
    rest().await;
    assert_eq!(faults.asked("write"), tried, "once a day is enough");
    assert_eq!(faults.asked("load"), loaded, "made once, at the start");

    // Another day is answered all the same, and where there is room again it is stored.
    full.host.set(NEXT_DAY);
    let next = data(&full).await;
    assert_ne!(next["version"], first["version"]);
    rest().await;
    faults.be_full(false);
    let again = faults.before(&full, DEMO).await.unwrap();
    assert_eq!(data(&again).await, next);
    rest().await;
    assert!(!files(&again).await.0.is_empty());
}

#[tokio::test]
async fn a_stored_demo_gives_way_where_there_is_no_room_for_the_next() {
    let first = with_demo().await;
    let before = data(&first).await;
    first.host.set(NEXT_DAY);
    let faults = Faults::default();
    faults.be_full(true);
    let full = faults.before(&first, DEMO).await.unwrap();
    assert_eq!(data(&full).await["version"], before["version"]);
    rest().await;
    assert_ne!(data(&full).await["version"], before["version"]);
    assert_eq!(files(&full).await, (Vec::new(), 0));
}

#[tokio::test]
async fn a_demo_whose_storing_was_broken_off_is_stored_by_the_next_start() {
    for (fault, is_there) in [(Fault::Before, false), (Fault::After, true)] {
        let backend = Backend::empty().await;
        let faults = Faults::default();
        let broken = faults.before(&backend, DEMO).await.unwrap();
        // The commit that names the files fails, and whatever comes after it.
        faults.of_commits([None, Some(fault), Some(Fault::Before)]);
        let before = data(&broken).await;
        rest().await;
        let (left, removals) = files(&backend).await;
        assert!(!left.is_empty());
        assert_eq!(removals, 1);
        assert_eq!(data(&broken).await, before);

        let faults = Faults::default();
        let again = faults.before(&backend, DEMO).await.unwrap();
        assert_eq!(data(&again).await, before);
        rest().await;
        let (new, removals) = files(&again).await;
        assert_eq!((new.len(), removals), (left.len(), 0));
        assert_eq!(new == left, is_there);
        assert_eq!(faults.asked("load") == 0, is_there);
        assert_eq!(backend.files.aside(), [""; 0]);
    }
}

#[tokio::test]
async fn a_demo_that_cannot_be_read_is_made_anew() {
    let first = with_demo().await;
    let before = data(&first).await;
    let (old, _) = files(&first).await;
    first.files.write(&old[3], vec![1, 2, 3]).await.unwrap();
    first.files.remove(&old[5]).await.unwrap();
    let again = Faults::default().before(&first, DEMO).await.unwrap();
    assert_eq!(data(&again).await, before);
    rest().await;
    let (new, removals) = files(&again).await;
    assert!(new.iter().all(|file| !old.contains(file)), "{new:?}");
    assert_eq!((new.len(), removals), (old.len(), 0));
    let faults = Faults::default();
    let again = faults.before(&first, DEMO).await.unwrap();
    assert_eq!(data(&again).await, before);
    assert_eq!(faults.asked("load"), 0);
}

#[tokio::test]
async fn a_demo_whose_catalog_is_lost_begins_anew() {
    let first = with_demo().await;
    let (old, _) = files(&first).await;
    let lost = Backend {
        catalog: MemoryCatalog::default(),
        router: first.router.clone(),
        host: first.host.clone(),
        files: first.files.clone(),
    };
    let again = Faults::default().before(&lost, DEMO).await.unwrap();
    assert_eq!(data(&again).await["source"], "demo");
    rest().await;
    let (new, _) = files(&again).await;
    assert!(new.iter().all(|file| !old.contains(file)), "{new:?}");
    assert_eq!(first.files.aside(), [""; 0]);
}

#[tokio::test]
async fn a_demo_of_before_it_was_stored_goes_on() {
    let backend = Backend::empty().await;
    let manifest = Change::Put {
        collection: Collection::Data,
        id: "manifest".to_owned(),
        expected: None,
        unique: None,
        body: json!({"source": "demo"}).to_string(),
    };
    backend.catalog.commit(vec![manifest]).await.unwrap();
    let again = Faults::default().before(&backend, DEMO).await.unwrap();
    assert_eq!(data(&again).await["source"], "demo");
    rest().await;
    assert!(!files(&again).await.0.is_empty());
}

#[tokio::test]
async fn an_import_takes_the_place_of_a_stored_demo_and_a_reset_brings_it_back() {
    let backend = with_demo().await;
    let before = data(&backend).await;
    backend.put("/imports/1?kind=events", EVENTS).await.ok(201);
    assert_eq!(data(&backend).await["events"], 7);
    let (imported, removals) = files(&backend).await;
    assert!(imported.iter().all(|file| file.starts_with("store-")));
    assert_eq!(removals, 0);

    backend.act("/project/reset").await.ok(200);
    assert_eq!(data(&backend).await, before);
    rest().await;
    let (demo, removals) = files(&backend).await;
    assert!(demo.iter().all(|file| file.starts_with("demo-")));
    assert_eq!(removals, 0);
    assert_eq!(backend.files.aside(), [""; 0]);
}

#[tokio::test]
async fn an_import_waits_while_the_demo_is_stored() {
    let first = Faults::default()
        .before(&Backend::empty().await, DEMO)
        .await
        .unwrap();
    let other = Faults::default().before(&first, DEMO).await.unwrap();
    // Storing has begun, in another tab for one of the two.
    data(&first).await;
    while first.files.try_lock().await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    let import = other.put("/imports/1?kind=events", EVENTS);
    import.await.ok(201);
    rest().await;
    assert_eq!(data(&first).await["events"], 7);
    let (imported, removals) = files(&first).await;
    assert!(imported.iter().all(|file| file.starts_with("store-")));
    assert_eq!(removals, 0);
}
