//! Why the program stops.

use std::io;
use std::path::PathBuf;

/// Why the server does not start, or an import was not done.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The project's folder cannot be used.
    #[error("the folder {} cannot be used: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The catalog cannot be opened.
    #[error("the catalog {} cannot be opened: {error}", path.display())]
    Catalog {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        error: rusqlite::Error,
    },
    /// The catalog was written by a later version of this program.
    #[error(
        "the catalog {} is in version {found} of its format, this program knows version {known}: use a newer one",
        path.display()
    )]
    CatalogVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that is known.
        known: i64,
    },
    /// The system has no threads to work on questions, or no random numbers.
    #[error("the system does not give what the server needs: {0}")]
    Host(io::Error),
    /// The project cannot be opened.
    #[error(transparent)]
    Backend(#[from] segments_backend::Error),
    /// The catalog is not the one that belongs to the files.
    #[error(
        "the project in {} was not opened, and nothing was changed: {error}. Put back the catalog that belongs to the files, {}, with what begins with its name, or, to begin anew without them, move {} away",
        folder.display(),
        folder.join("catalog.sqlite").display(),
        folder.join("files").display()
    )]
    CatalogLost {
        folder: PathBuf,
        /// What is there.
        error: segments_backend::Error,
    },
    /// Nothing can be heard at the address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// The app's folder has no page.
    #[error("{} has no index.html: give the folder that the app was built into", .0.display())]
    App(PathBuf),
    /// The connections broke down.
    #[error("the server stopped: {0}")]
    Serve(io::Error),
    /// The file to import cannot be read.
    #[error("the file {} cannot be read: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The import was refused.
    #[error("{0}")]
    Import(String),
}
