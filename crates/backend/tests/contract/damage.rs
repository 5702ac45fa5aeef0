//! What is stored and cannot be read, for a moment or for good.

use segments_backend::{Catalog as _, Collection, Files as _, Options};
use serde_json::{Value as Json, json};

use crate::faults::{Fault, Faults, settle};
use crate::support::{Backend, EVENTS, did};

/// The file of a part of the data.
async fn file_of(backend: &Backend, part: &str) -> String {
    let records = backend.catalog.all(Collection::Data).await.unwrap();
    let manifest: Json = serde_json::from_str(&records[0].body).unwrap();
    manifest["blobs"][part].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn data_is_loaded_once_though_who_asked_for_it_goes_away() {
    let below = Backend::with_data().await;
    let files = below.files.list().await.unwrap().len();
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    {
        let asking = Box::pin(backend.get("/project"));
        let leaving = Box::pin(async {
            while faults.asked("read store-") < 2 {
                tokio::task::yield_now().await;
            }
        });
        let first = futures_util::future::select(asking, leaving).await;
        assert!(matches!(first, futures_util::future::Either::Right(_)));
    }
    let asking = [backend.get("/project"), backend.get("/project")];
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!(answer.ok(200)["data"]["events"], 7);
    }
    assert_eq!(faults.asked("read store-"), files);
}

#[tokio::test]
async fn a_failed_load_is_told_to_all_and_tried_again() {
    let below = Backend::with_data().await;
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    faults.of_reads([Some(Fault::Before)]);
    let asking = [backend.get("/project"), backend.get("/project")];
    for answer in futures_util::future::join_all(asking).await {
        answer.refused(503, "unavailable");
    }
    assert_eq!(faults.asked("read store-"), 1);
    assert_eq!(backend.get("/project").await.ok(200)["data"]["events"], 7);
}

#[tokio::test]
async fn data_that_is_damaged_is_told_and_gives_place_to_other_data() {
    for is_missing in [true, false] {
        let backend = Backend::with_data().await;
        let segment = backend.made("Buyers", "dynamic", did("Order", 1)).await;
        let file = file_of(&backend, "index").await;
        let mut bytes = backend.files.read(&file).await.unwrap();
        backend.files.remove(&file).await.unwrap();
        if !is_missing {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            backend.files.write(&file, bytes).await.unwrap();
        }
        let rest = backend.files.list().await.unwrap();

        let backend = backend.again().await;
        let project = backend.get("/project").await.ok(200);
        assert_eq!(project["data"]["source"], "imported");
        let damaged = project["data"]["damaged"][0].as_str().unwrap();
        assert!(damaged.contains(&file), "{damaged}");
        // The library can be read, and put in order.
        assert_eq!(backend.get("/segments").await.ok(200)["total"], 1);
        let path = format!("/segments/{segment}");
        let tag = backend.tag(&path).await;
        let renamed = backend.patch(&path, &tag, json!({"name": "Payers"})).await;
        assert_eq!(renamed.ok(200)["name"], "Payers");
        let preview = json!({"definition": did("Order", 1)});
        let refused = backend.post("/segments/preview", preview.clone()).await;
        refused.refused(500, "damaged-data");
        let detail = refused.json()["detail"].clone();
        assert!(detail.as_str().unwrap().contains(&file), "{detail}");
        assert_eq!(backend.files.list().await.unwrap(), rest);

        let import = backend.put("/imports/3?kind=events", EVENTS).await.ok(201);
        let detail = import["detail"].as_str().unwrap();
        assert!(detail.contains("replaced it"), "{detail}");
        let project = backend.get("/project").await.ok(200);
        assert_eq!(
            (&project["data"]["events"], &project["data"]["damaged"]),
            (&json!(7), &Json::Null)
        );
        assert_eq!(
            backend.post("/segments/preview", preview).await.ok(200)["users"],
            3
        );
        settle().await;
        let mut aside = backend.files.aside();
        aside.sort();
        assert_eq!(aside, rest, "nothing of it is lost");
        let again = backend.again().await;
        assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 7);
    }
}
