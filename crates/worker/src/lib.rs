//! The backend in a Web Worker: the same router as on the server, with IndexedDB and the origin private file system below
//! it and fetch-shaped messages above.
#![forbid(unsafe_code)]

mod body;
mod catalog;
mod database;
mod files;
mod host;
mod lock;
mod messages;
mod serve;
mod start;
mod storage;
mod task;

pub use catalog::IndexedDbCatalog;
pub use database::Database;
pub use files::BrowserFiles;
pub use host::WorkerHost;
pub use serve::Service;
pub use start::{StartError, open, start};
pub use storage::StorageError;
