//! The implementations in memory keep the laws of the traits.

use segments_backend::testing::{MemoryCatalog, MemoryFiles, catalog_laws, files_laws};

#[tokio::test]
async fn the_catalog_in_memory_keeps_the_laws() {
    let catalog = MemoryCatalog::default();
    catalog_laws(async || catalog.clone()).await;
}

#[tokio::test]
async fn the_files_in_memory_keep_the_laws() {
    let files = MemoryFiles::default();
    files_laws(async || files.clone()).await;
}
