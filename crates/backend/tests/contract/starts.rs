//! What a start makes of what it finds.

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
