//! What is stored in bulk: immutable files of bytes.

use segments_engine_api::Boxed;

/// Keeps files of bytes: the engine's columns, refused lines of imports, exports.
///
/// A file is written once, whole, and never changed. Which files count is said by a record of the [`Catalog`], so that
/// a crash leaves at most files that nobody names.
///
/// A name is 1 to 128 of the characters `a`-`z`, `0`-`9`, `-`, `_` and `.`, and does not start with a dot.
///
/// [`Catalog`]: crate::Catalog
pub trait Files: Send + Sync + 'static {
    /// Writes a file. When it returns the file is durable; when it does not return there is no file of this name, or all
    /// of it.
    ///
    /// # Errors
    /// [`FilesError::Name`], [`FilesError::Full`], [`FilesError::Unavailable`]
    fn write<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Boxed<'a, Result<(), FilesError>>;

    /// Reads a file.
    ///
    /// # Errors
    /// [`FilesError::Missing`], [`FilesError::Unavailable`]
    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<u8>, FilesError>>;

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]
    fn remove<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<(), FilesError>>;

    /// Moves a file out of the way: it is no longer read or listed, but a person can get it back. Says where it is now.
    /// What was set aside under the same name before stays as it is.
    ///
    /// # Errors
    /// [`FilesError::Missing`], [`FilesError::Unavailable`]
    fn set_aside<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<String, FilesError>>;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]
    fn list(&self) -> Boxed<'_, Result<Vec<String>, FilesError>>;

    /// Takes the right to write the project's data, which one in all tabs and processes has at a time; none when somebody
    /// else has it. It ends when the guard is dropped, and also when its tab or process ends in whatever way.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]
    fn try_lock(&self) -> Boxed<'_, Result<Option<WriteGuard>, FilesError>>;
}

/// The right to write the project's data, given up when it is dropped.
pub struct WriteGuard(
    #[expect(dead_code, reason = "kept only for what dropping it does")] Box<dyn Send + Sync>,
);

impl WriteGuard {
    /// Wraps whatever holds the lock and gives it up when dropped.
    #[must_use]
    pub fn new(lock: impl Send + Sync + 'static) -> Self {
        Self(Box::new(lock))
    }
}

/// Whether files may have this name.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}

/// Why files could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// No file can have this name.
    #[error("\"{0}\" is no name of a file")]
    Name(String),
    /// There is no such file.
    #[error("there is no file \"{0}\"")]
    Missing(String),
    /// There is no room left.
    #[error("there is no room left for \"{0}\"")]
    Full(String),
    /// The storage below failed.
    #[error("the files cannot be used: {0}")]
    Unavailable(String),
}
