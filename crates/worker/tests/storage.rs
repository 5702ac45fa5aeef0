//! The laws of the backend's storage, kept by the browser's.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{pin::pin, rc::Rc, task::Poll};

use futures_util::{FutureExt as _, future::poll_fn};
use js_sys::Reflect;
use segments_backend::{
    Catalog as _, Change, Collection, Files as _, FilesError, Host as _, Runtime as _,
    testing::{catalog_laws, files_laws},
};
use segments_worker::{BrowserFiles, Database, IndexedDbCatalog, WorkerHost};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    DedicatedWorkerGlobalScope, DomException, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemSyncAccessHandle,
};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A name that no other test, and no other run, uses.
fn unique(name: &str) -> String {
    format!("test-{name}-{:032x}", WorkerHost::new().unwrap().random())
}

async fn database(name: &str) -> Rc<Database> {
    Rc::new(Database::open(name).await.unwrap())
}

fn put(id: &str, expected: Option<u64>) -> Change {
    Change::Put {
        collection: Collection::Segments,
        id: id.to_owned(),
        expected,
        unique: None,
        body: "{}".to_owned(),
    }
}

#[wasm_bindgen_test]
async fn the_catalog_keeps_the_laws() {
    let name = unique("catalog");
    catalog_laws(async || IndexedDbCatalog::new(database(&name).await)).await;
    Database::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn files_in_a_folder_keep_the_laws() {
    let name = unique("folder");
    files_laws(async || BrowserFiles::in_folder(&name).await.unwrap()).await;
    BrowserFiles::delete_folder(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn files_in_the_database_keep_the_laws() {
    let name = unique("files");
    files_laws(async || BrowserFiles::in_database(&name, database(&name).await)).await;
    Database::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_commit_that_nobody_waits_for_is_made_whole() {
    let name = unique("unwaited");
    let database = database(&name).await;
    let catalog = IndexedDbCatalog::new(Rc::clone(&database));
    let host = WorkerHost::new().unwrap();
    let changes: Vec<Change> = (0..50).map(|n| put(&format!("{n:02}"), None)).collect();
    {
        let mut commit = pin!(catalog.commit(changes));
        assert!(commit.as_mut().now_or_never().is_none());
    }
    loop {
        match catalog.all(Collection::Segments).await.unwrap().len() {
            0 => host.pause().await,
            50 => break,
            some => panic!("{some} of 50"),
        }
    }
    drop((catalog, database));
    Database::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_that_was_deleted_is_made_again() {
    let name = unique("deleted");
    let catalog = IndexedDbCatalog::new(database(&name).await);
    catalog.commit(vec![put("a", None)]).await.unwrap();
    Database::delete(&name).await.unwrap();
    assert_eq!(catalog.get(Collection::Segments, "a").await, Ok(None));
    catalog.commit(vec![put("b", None)]).await.unwrap();
    drop(catalog);
    Database::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_newer_version_of_the_app_is_told_of() {
    let name = unique("newer");
    let factory = js_sys::global()
        .unchecked_into::<DedicatedWorkerGlobalScope>()
        .indexed_db()
        .unwrap()
        .unwrap();
    let newer = factory.open_with_u32(&name, 1_000).unwrap();
    let opened = js_sys::Promise::new(&mut |resolve, _| newer.set_onsuccess(Some(&resolve)));
    JsFuture::from(opened).await.unwrap();

    let error = Database::open(&name).await.err().unwrap();
    assert!(error.to_string().contains("newer version"), "{error}");

    let connection: web_sys::IdbDatabase = newer.result().unwrap().unchecked_into();
    connection.close();
    Database::delete(&name).await.unwrap();
}

async fn root() -> FileSystemDirectoryHandle {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let root = JsFuture::from(scope.navigator().storage().get_directory());
    root.await.unwrap().unchecked_into()
}

#[wasm_bindgen_test]
async fn a_file_that_was_cut_off_is_not_there() {
    let name = unique("cut");
    let files = BrowserFiles::in_folder(&name).await.unwrap();
    files.write("a", b"columns".to_vec()).await.unwrap();
    assert_eq!(files.read("a").await.unwrap(), b"columns");

    let folder: FileSystemDirectoryHandle =
        JsFuture::from(root().await.get_directory_handle(&name))
            .await
            .unwrap()
            .unchecked_into();
    let file: FileSystemFileHandle = JsFuture::from(folder.get_file_handle("a"))
        .await
        .unwrap()
        .unchecked_into();
    let open = async || -> FileSystemSyncAccessHandle {
        let handle = JsFuture::from(file.create_sync_access_handle()).await;
        handle.unwrap().unchecked_into()
    };
    let handle = open().await;
    let whole = handle.get_size().unwrap();
    handle.close();
    for length in [whole - 1.0, 7.0, 3.0, 0.0] {
        let handle = open().await;
        handle.truncate_with_f64(length).unwrap();
        handle.close();
        assert_eq!(
            files.read("a").await,
            Err(FilesError::Missing("a".to_owned())),
            "{length} of {whole} bytes"
        );
    }
    assert_eq!(files.remove("a").await, Ok(()));
    assert_eq!(files.list().await, Ok(Vec::new()));
    BrowserFiles::delete_folder(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_write_that_nobody_waits_for_leaves_the_file_free() {
    let name = unique("unwaited");
    let files = BrowserFiles::in_folder(&name).await.unwrap();
    {
        let mut write = pin!(files.write("a", vec![7; 100_000]));
        poll_fn(|context| {
            assert!(write.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    assert_eq!(files.remove("a").await, Ok(()));
    assert_eq!(files.list().await, Ok(Vec::new()));
    files.write("a", vec![8]).await.unwrap();
    assert_eq!(files.read("a").await, Ok(vec![8]));
    BrowserFiles::delete_folder(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn two_tabs_read_one_file_at_once() {
    let name = unique("two");
    let here = BrowserFiles::in_folder(&name).await.unwrap();
    let there = BrowserFiles::in_folder(&name).await.unwrap();
    let bytes = vec![3; 1_000_000];
    here.write("a", bytes.clone()).await.unwrap();
    let (first, second) = futures_util::future::join(here.read("a"), there.read("a")).await;
    assert_eq!((first, second), (Ok(bytes.clone()), Ok(bytes)));
    BrowserFiles::delete_folder(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn the_host_tells_time_and_rolls_dice() {
    let host = WorkerHost::new().unwrap();
    assert!(host.now().millis() > 1_700_000_000_000);
    let before = host.elapsed_ms();
    host.pause().await;
    assert!(host.elapsed_ms() >= before);
    assert_ne!(host.random(), host.random());
}

/// Takes `navigator.storage.getDirectory` away, or puts something else in its place, until dropped.
struct Instead(web_sys::StorageManager);

impl Instead {
    fn of_get_directory(value: &JsValue) -> Self {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let storage = scope.navigator().storage();
        Reflect::set(&storage, &"getDirectory".into(), value).unwrap();
        Self(storage)
    }
}

impl Drop for Instead {
    fn drop(&mut self) {
        Reflect::delete_property(&self.0, &"getDirectory".into()).unwrap();
    }
}

#[wasm_bindgen_test]
async fn without_a_file_system_files_are_in_the_database() {
    let refused = Closure::<dyn Fn() -> js_sys::Promise>::new(|| {
        let error = DomException::new_with_message_and_name("private window", "SecurityError");
        js_sys::Promise::reject(&error.unwrap())
    });
    for instead in [JsValue::UNDEFINED, refused.as_ref().clone()] {
        let name = unique("fallback");
        let database = database(&name).await;
        let files = {
            let _instead = Instead::of_get_directory(&instead);
            assert!(BrowserFiles::in_folder(&name).await.is_err());
            BrowserFiles::open(&name, Rc::clone(&database))
                .await
                .unwrap()
        };
        files.write("a", vec![1, 2]).await.unwrap();
        let same = BrowserFiles::in_database(&name, Rc::clone(&database));
        assert_eq!(same.read("a").await, Ok(vec![1, 2]));
        drop((files, same, database));
        Database::delete(&name).await.unwrap();
    }
}

/// A `getDirectory` that is refused with an exception of this name.
fn refusing(name: &'static str) -> Closure<dyn Fn() -> js_sys::Promise> {
    Closure::new(move || {
        let error = DomException::new_with_message_and_name("not now", name);
        js_sys::Promise::reject(&error.unwrap())
    })
}

#[wasm_bindgen_test]
async fn a_file_system_that_fails_does_not_move_the_files() {
    let name = unique("passing");
    let database = database(&name).await;
    let files = BrowserFiles::open(&name, Rc::clone(&database))
        .await
        .unwrap();
    files.write("a", vec![1, 2]).await.unwrap();
    drop(files);
    for exception in ["UnknownError", "InvalidStateError", "SecurityError"] {
        let refused = refusing(exception);
        let _instead = Instead::of_get_directory(refused.as_ref());
        let opened = BrowserFiles::open(&name, Rc::clone(&database)).await;
        assert!(opened.is_err(), "{exception}");
    }
    let again = BrowserFiles::open(&name, Rc::clone(&database))
        .await
        .unwrap();
    assert_eq!(again.read("a").await, Ok(vec![1, 2]));
    drop((again, database));
    Database::delete(&name).await.unwrap();
    BrowserFiles::delete_folder(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn files_that_began_in_the_database_stay_there() {
    let name = unique("began");
    let database = database(&name).await;
    let files = {
        let refused = refusing("UnknownError");
        let _instead = Instead::of_get_directory(refused.as_ref());
        BrowserFiles::open(&name, Rc::clone(&database))
            .await
            .unwrap()
    };
    files.write("a", vec![1, 2]).await.unwrap();
    drop(files);
    let again = BrowserFiles::open(&name, Rc::clone(&database))
        .await
        .unwrap();
    assert_eq!(again.read("a").await, Ok(vec![1, 2]));
    drop((again, database));
    Database::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn files_from_before_places_were_written_down_are_found() {
    // In the database of a private window, and in the folder whatever the file system says at the moment.
    for is_in_folder in [false, true] {
        let name = unique("before");
        let database = database(&name).await;
        let catalog = IndexedDbCatalog::new(Rc::clone(&database));
        catalog.commit(vec![put("a", None)]).await.unwrap();
        let files = if is_in_folder {
            BrowserFiles::in_folder(&name).await.unwrap()
        } else {
            BrowserFiles::in_database(&name, Rc::clone(&database))
        };
        files.write("a", vec![1, 2]).await.unwrap();
        if is_in_folder {
            let refused = refusing("UnknownError");
            let _instead = Instead::of_get_directory(refused.as_ref());
            let opened = BrowserFiles::open(&name, Rc::clone(&database)).await;
            assert!(opened.is_err(), "nobody knows where they are");
        }
        let opened = BrowserFiles::open(&name, Rc::clone(&database))
            .await
            .unwrap();
        assert_eq!(opened.read("a").await, Ok(vec![1, 2]));
        drop((files, opened, catalog, database));
        Database::delete(&name).await.unwrap();
        if is_in_folder {
            BrowserFiles::delete_folder(&name).await.unwrap();
        }
    }
}

#[wasm_bindgen_test]
async fn with_a_file_system_files_are_in_it() {
    let name = unique("preferred");
    let database = database(&name).await;
    let files = BrowserFiles::open(&name, Rc::clone(&database))
        .await
        .unwrap();
    files.write("a", vec![1, 2]).await.unwrap();
    let in_folder = BrowserFiles::in_folder(&name).await.unwrap();
    assert_eq!(in_folder.read("a").await, Ok(vec![1, 2]));
    drop((files, in_folder, database));
    Database::delete(&name).await.unwrap();
    BrowserFiles::delete_folder(&name).await.unwrap();
}
