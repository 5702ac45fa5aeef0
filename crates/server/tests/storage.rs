//! SQLite and the folder keep the laws of the backend's traits.

use segments_backend::testing::{catalog_laws, files_laws};
use segments_server::disk::DiskFiles;
use segments_server::sqlite::SqliteCatalog;

#[tokio::test]
async fn sqlite_keeps_the_laws_of_a_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    catalog_laws(async || SqliteCatalog::open(&path).unwrap()).await;
}

#[tokio::test]
async fn a_folder_keeps_the_laws_of_files() {
    let folder = tempfile::tempdir().unwrap();
    files_laws(async || DiskFiles::open(folder.path()).unwrap()).await;
}

#[test]
fn a_catalog_of_a_later_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    drop(SqliteCatalog::open(&path).unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = SqliteCatalog::open(&path).err().unwrap();
    assert!(error.to_string().contains("version 99"), "{error}");
}
