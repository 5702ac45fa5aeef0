//! Files of events and users coming in.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Method;
use serde_json::{Value as Json, json};

use crate::faults::{Faults, settle};
use crate::support::{Backend, EVENTS, USERS};

/// A file that is sent piece by piece.
fn pieces() -> (
    futures_channel::mpsc::UnboundedSender<Result<Bytes, std::io::Error>>,
    Body,
) {
    let (sender, receiver) = futures_channel::mpsc::unbounded();
    (sender, Body::from_stream(receiver))
}

async fn files(backend: &Backend) -> Vec<String> {
    use segments_backend::Files as _;
    // What is given up is removed beside the requests.
    tokio::time::sleep(Duration::from_millis(20)).await;
    backend.files.list().await.unwrap()
}

#[tokio::test]
async fn the_start_of_a_file_tells_what_it_is() {
    let backend = Backend::empty().await;
    let inspect = async |file: &str| {
        backend
            .send(
                Method::POST,
                "/imports/inspect",
                &[],
                file.to_owned().into(),
            )
            .await
    };
    let seen = inspect(EVENTS).await.ok(200);
    assert_eq!(
        (&seen["format"], &seen["kind"]),
        (&json!("csv"), &json!("events"))
    );
    assert_eq!(
        (&seen["user"], &seen["event"], &seen["time"]),
        (&json!("user"), &json!("event"), &json!("time"))
    );
    assert_eq!(inspect(USERS).await.ok(200)["kind"], "users");
    inspect("").await.refused(422, "invalid-input");
}

#[tokio::test]
async fn an_import_is_there_whole_and_once() {
    let backend = Backend::empty().await;
    let broken = format!("{EVENTS}eve,View,never,,\n");
    let import = backend
        .put("/imports/a1?kind=events", &broken)
        .await
        .ok(201);
    assert_eq!(
        (&import["id"], &import["status"]),
        (&json!("a1"), &json!("complete"))
    );
    let report = &import["report"];
    assert_eq!(
        (&report["accepted"], &report["rejected"]),
        (&json!(7), &json!(1))
    );
    assert_eq!(report["rejects"][0]["line"], 9);
    let rejects = backend.get("/imports/a1/rejects").await;
    assert_eq!(rejects.header("content-type"), "text/csv; charset=utf-8");
    assert!(String::from_utf8_lossy(&rejects.bytes).contains("eve,View,never"));

    let again = backend.again().await;
    assert_eq!(
        again.put("/imports/a1?kind=events", &broken).await.ok(200),
        import
    );
    assert_eq!(again.get("/imports/a1").await.ok(200), import);
    assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 7);
    // Another id is another import: equal rows are different events.
    again.put("/imports/a2?kind=events", EVENTS).await.ok(201);
    assert_eq!(backend.get("/project").await.ok(200)["data"]["events"], 14);
    again
        .delete("/imports/a1", "*")
        .await
        .refused(409, "not-now");
    again.get("/imports/none").await.refused(404, "not-found");
    again
        .get("/imports/none/rejects")
        .await
        .refused(404, "not-found");
    again
        .delete("/imports/none", "*")
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn what_cannot_be_imported_changes_nothing() {
    let backend = Backend::with_data().await;
    let before = (backend.get("/project").await.ok(200), files(&backend).await);
    for (path, file, status, kind) in [
        ("/imports/x?kind=events", "", 422, "invalid-input"),
        ("/imports/x?kind=events", "a,b\n1,2\n", 422, "invalid-input"),
        (
            "/imports/x?kind=events&user=nobody",
            EVENTS,
            422,
            "invalid-input",
        ),
        (
            "/imports/x?kind=events&time_zone=Mars",
            EVENTS,
            422,
            "invalid-input",
        ),
        ("/imports/x?kind=aliases", EVENTS, 400, "malformed"),
        ("/imports/x", EVENTS, 400, "malformed"),
        (
            "/imports/x?kind=events&colour=red",
            EVENTS,
            400,
            "malformed",
        ),
        ("/imports/x%20y?kind=events", EVENTS, 422, "invalid-input"),
    ] {
        backend.put(path, file).await.refused(status, kind);
    }
    let parquet = [("content-type", "application/vnd.apache.parquet")];
    backend
        .send(
            Method::PUT,
            "/imports/x?kind=events",
            &parquet,
            "PAR1".into(),
        )
        .await
        .refused(415, "media-type");
    assert_eq!(
        (backend.get("/project").await.ok(200), files(&backend).await),
        before
    );
    assert_eq!(backend.get("/imports/x").await.ok(200)["status"], "failed");
    // The id is free for another try.
    backend.put("/imports/x?kind=events", EVENTS).await.ok(201);
}

#[tokio::test]
async fn an_import_tells_how_far_it_is_and_can_be_cancelled() {
    let backend = Backend::with_data().await;
    let before = (backend.get("/project").await.ok(200), files(&backend).await);
    let (sender, body) = pieces();
    let importing = backend.send(Method::PUT, "/imports/x?kind=events", &[], body);
    let asking = async {
        let large = format!(
            "user,event,time\n{}",
            "ann,View,2026-01-01\n".repeat(20_000)
        );
        sender
            .unbounded_send(Ok(Bytes::from(large.clone())))
            .unwrap();
        let progress = loop {
            let progress = backend.get("/imports/x").await.ok(200);
            if progress["bytes_read"] == large.len() {
                break progress;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(progress["status"], "reading");
        assert!(progress["lines"].as_u64().unwrap() > 1_000);
        backend
            .put("/imports/x?kind=events", EVENTS)
            .await
            .refused(409, "not-now");
        backend
            .put("/imports/y?kind=events", EVENTS)
            .await
            .refused(409, "busy");
        backend
            .get("/imports/x/rejects")
            .await
            .refused(409, "not-now");
        let cancelled = backend
            .send(Method::DELETE, "/imports/x", &[], Body::empty())
            .await;
        assert_eq!(cancelled.status, 204);
        sender.close_channel();
    };
    let (answer, ()) = futures_util::future::join(importing, asking).await;
    answer.refused(409, "not-now");
    assert_eq!(
        backend.get("/imports/x").await.ok(200)["status"],
        "cancelled"
    );
    assert_eq!(
        (backend.get("/project").await.ok(200), files(&backend).await),
        before
    );
    backend.put("/imports/y?kind=events", EVENTS).await.ok(201);
}

#[tokio::test]
async fn nothing_stays_of_a_file_that_breaks_off() {
    let backend = Backend::with_data().await;
    let before = (backend.get("/project").await.ok(200), files(&backend).await);
    let broken: Vec<Result<Bytes, std::io::Error>> = vec![
        Ok(Bytes::from(EVENTS)),
        Err(std::io::Error::other("the line is dead")),
    ];
    let body = Body::from_stream(futures_util::stream::iter(broken));
    backend
        .send(Method::PUT, "/imports/x?kind=events", &[], body)
        .await
        .refused(400, "malformed");
    assert_eq!(
        (backend.get("/project").await.ok(200), files(&backend).await),
        before
    );

    // Whoever sends it goes away.
    let (sender, body) = pieces();
    {
        let importing = backend.send(Method::PUT, "/imports/z?kind=events", &[], body);
        sender.unbounded_send(Ok(Bytes::from(EVENTS))).unwrap();
        futures_util::future::select(
            Box::pin(importing),
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }),
        )
        .await;
    }
    assert_eq!(
        backend.get("/imports/z").await.ok(200)["status"],
        "cancelled"
    );
    assert_eq!(
        (backend.get("/project").await.ok(200), files(&backend).await),
        before
    );
    backend.put("/imports/z?kind=events", EVENTS).await.ok(201);
}

#[tokio::test]
async fn old_files_are_removed_and_unknown_ones_set_aside() {
    use segments_backend::Files as _;
    let backend = Backend::with_data().await;
    let first = files(&backend).await;
    backend
        .files
        .write("store-orphan-0", vec![1])
        .await
        .unwrap();
    backend
        .files
        .write("rejects-orphan", vec![1])
        .await
        .unwrap();
    backend
        .files
        .write("export-1-old-0", vec![1])
        .await
        .unwrap();
    let again = backend.again().await;
    assert_eq!(files(&again).await, first);
    assert_eq!(
        backend.files.aside(),
        ["rejects-orphan", "store-orphan-0"],
        "an export can be made again, these cannot"
    );
    again.put("/imports/3?kind=events", EVENTS).await.ok(201);
    let second = files(&again).await;
    assert_eq!(second.len(), first.len());
    assert!(second.iter().all(|name| !first.contains(name)));
    // The other one finds the new files by the manifest.
    assert_eq!(backend.get("/project").await.ok(200)["data"]["events"], 14);
    // While somebody imports, nothing is taken for an orphan.
    let guard = backend.files.try_lock().await.unwrap().unwrap();
    backend
        .files
        .write("store-coming-0", vec![1])
        .await
        .unwrap();
    backend.again().await;
    drop(guard);
    assert!(files(&backend).await.contains(&"store-coming-0".to_owned()));
}

#[tokio::test]
async fn what_is_asked_while_the_data_changes_is_answered_by_one_of_the_two() {
    let backend = Backend::with_data().await;
    let importing = async {
        for number in 0..10 {
            let path = format!("/imports/n{number}?kind=events");
            backend.put(&path, EVENTS).await.ok(201);
        }
    };
    let asking = futures_util::stream::iter(0..50).for_each(|_| async {
        let other = backend.again().await;
        let project = other.get("/project").await.ok(200);
        assert_eq!(project["data"]["events"].as_u64().unwrap() % 7, 0);
    });
    futures_util::future::join(importing, asking).await;
    assert_eq!(backend.get("/project").await.ok(200)["data"]["events"], 77);
    let report: Json = backend.get("/imports/n9").await.ok(200);
    assert_eq!(report["status"], "complete");
}

#[tokio::test]
async fn only_so_many_imports_are_remembered_and_only_so_long() {
    use segments_backend::{Catalog as _, Change, Collection, Files as _};
    use segments_model::limits::{IMPORT_DAYS, MAX_IMPORTS};
    let backend = Backend::empty().await;
    let refused = format!("{EVENTS}eve,View,never,,\n");
    backend
        .put("/imports/1?kind=events", &refused)
        .await
        .ok(201);
    let with_rejects = files(&backend).await;
    backend.put("/imports/2?kind=users", USERS).await.ok(201);
    let record = backend.catalog.get(Collection::Imports, "2").await;
    let body = record.unwrap().unwrap().body;
    let others = (0..MAX_IMPORTS - 1).map(|number| Change::Put {
        collection: Collection::Imports,
        id: format!("other-{number:04}"),
        expected: None,
        unique: None,
        body: body.clone(),
    });
    backend.catalog.commit(others.collect()).await.unwrap();

    let again = backend.again().await;
    again.get("/imports/1").await.refused(404, "not-found");
    again.get("/imports/2").await.ok(200);
    let rejects = with_rejects
        .into_iter()
        .find(|file| file.starts_with("rejects-"))
        .unwrap();
    assert!(backend.files.read(&rejects).await.is_err(), "gone with it");
    assert_eq!(backend.files.aside(), [""; 0]);

    backend.host.advance(IMPORT_DAYS * 86_400_000);
    let again = backend.again().await;
    again.get("/imports/2").await.refused(404, "not-found");
    assert_eq!(again.get("/project").await.ok(200)["data"]["events"], 7);
}

#[tokio::test]
async fn many_imports_are_forgotten_without_another_start() {
    use segments_backend::Options;
    let below = Backend::empty().await;
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    let before = faults.asked("all imports");
    for number in 0..100 {
        assert_eq!(faults.asked("all imports"), before, "not with each of them");
        let path = format!("/imports/{number}?kind=users");
        backend.put(&path, USERS).await.ok(201);
    }
    settle().await;
    assert_eq!(faults.asked("all imports"), before + 1);
}
