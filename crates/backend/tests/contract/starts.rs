//! What a start makes of what it finds.

use std::sync::atomic::{AtomicBool, Ordering};

use segments_backend::testing::MemoryCatalog;
use segments_backend::{Catalog as _, Change, Collection, Error, Files as _, Options};
use serde_json::json;

use crate::faults::{Fault, Faults, settle};
use crate::support::{Backend, EVENTS};

async fn files(backend: &Backend) -> Vec<String> {
    let mut files = backend.files.list().await.unwrap();
    files.sort();
    files
}

/// The same files under another catalog.
fn under(catalog: MemoryCatalog, backend: &Backend) -> Backend {
    Backend {
        router: backend.router.clone(),
        host: backend.host.clone(),
        catalog,
        files: backend.files.clone(),
    }
}

/// A copy of all records, as a backup has them.
async fn backup(backend: &Backend) -> MemoryCatalog {
    let copy = MemoryCatalog::default();
    for collection in Collection::ALL {
        for record in backend.catalog.all(collection).await.unwrap() {
            let change = Change::Put {
                collection,
                id: record.id,
                expected: None,
                unique: record.unique,
                body: record.body,
            };
            copy.commit(vec![change]).await.unwrap();
        }
    }
    copy
}

async fn open(backend: &Backend) -> Result<Backend, Error> {
    Faults::default().before(backend, Options::default()).await
}

#[tokio::test]
async fn data_whose_catalog_is_lost_stays_and_is_not_opened() {
    let backend = Backend::with_data().await;
    let before = files(&backend).await;
    for demo in [false, true] {
        let lost = under(MemoryCatalog::default(), &backend);
        let options = Options {
            demo,
            time_zone: Some("Europe/Berlin".to_owned()),
        };
        let error = Faults::default().before(&lost, options).await.err();
        assert!(
            matches!(error, Some(Error::CatalogLost { .. })),
            "{error:?}"
        );
        assert_eq!(files(&backend).await, before);
        assert_eq!(lost.catalog.generation().await, Ok(0), "nothing was begun");
    }
    let again = backend.again().await;
    assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 7);
}

#[tokio::test]
async fn an_older_catalog_sets_newer_data_aside() {
    let backend = Backend::with_data().await;
    let old = under(backup(&backend).await, &backend);
    backend.put("/imports/3?kind=events", EVENTS).await.ok(201);
    let newer = files(&backend).await;
    open(&old).await.unwrap();
    let mut aside = backend.files.aside();
    aside.sort();
    assert_eq!(aside, newer);
}

#[tokio::test]
async fn what_a_broken_off_import_wrote_is_removed_by_the_next_start() {
    let backend = Backend::with_data().await;
    let before = files(&backend).await;
    let faults = Faults::default();
    let faulty = faults.before(&backend, Options::default()).await.unwrap();
    // The commit that names the files never comes, nor does anything after it.
    faults.of_commits([None, Some(Fault::Before), Some(Fault::Before)]);
    faulty
        .put("/imports/3?kind=events", EVENTS)
        .await
        .refused(503, "unavailable");
    assert!(files(&backend).await.len() > before.len());
    let again = backend.again().await;
    assert_eq!(files(&again).await, before);
    assert_eq!(backend.files.aside(), [""; 0]);
    assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 7);
}

#[tokio::test]
async fn an_import_whose_commit_nobody_heard_of_is_there() {
    let backend = Backend::with_data().await;
    let faults = Faults::default();
    let faulty = faults.before(&backend, Options::default()).await.unwrap();
    faults.of_commits([None, Some(Fault::After), Some(Fault::Before)]);
    faulty
        .put("/imports/3?kind=events", EVENTS)
        .await
        .refused(503, "unavailable");
    settle().await;
    let again = backend.again().await;
    assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 14);
    assert_eq!(backend.files.aside(), [""; 0]);
    let import = again.put("/imports/3?kind=events", EVENTS).await.ok(200);
    assert_eq!(import["status"], "complete");
}

#[tokio::test]
async fn a_first_import_that_was_broken_off_keeps_nobody_from_starting() {
    let backend = Backend::empty().await;
    let faults = Faults::default();
    let faulty = faults.before(&backend, Options::default()).await.unwrap();
    faults.of_commits([None, Some(Fault::Before), Some(Fault::Before)]);
    faulty
        .put("/imports/1?kind=events", EVENTS)
        .await
        .refused(503, "unavailable");
    let again = backend.again().await;
    assert_eq!(files(&again).await, [""; 0]);
    again.put("/imports/1?kind=events", EVENTS).await.ok(201);
}

#[tokio::test]
async fn the_zone_of_the_first_start_stays_the_projects() {
    let backend = Backend::empty().await;
    let start = async |zone: Option<&str>| {
        let options = Options {
            demo: false,
            time_zone: zone.map(str::to_owned),
        };
        let backend = Faults::default().before(&backend, options).await.unwrap();
        backend.get("/project").await.ok(200)["time_zone"].clone()
    };
    assert_eq!(start(None).await, "UTC", "nobody chose one");
    assert_eq!(start(Some("Europe/Berlin")).await, "Europe/Berlin");
    assert_eq!(start(None).await, "Europe/Berlin");
    assert_eq!(start(Some("Asia/Kathmandu")).await, "Europe/Berlin");
    let again = backend.again().await;
    assert_eq!(again.get("/project").await.ok(200)["name"], "My project");
    let tag = again.tag("/project").await;
    let patch = json!({"time_zone": "UTC"});
    let patched = again.patch("/project", &tag, patch).await.ok(200);
    assert_eq!(
        (&patched["time_zone"], &patched["name"]),
        (&json!("UTC"), &json!("My project"))
    );
    assert_eq!(
        start(Some("Asia/Kathmandu")).await,
        "UTC",
        "somebody chose it"
    );
}

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
