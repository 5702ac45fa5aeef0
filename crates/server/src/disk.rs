//! Files in a folder.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use segments_backend::store::files::is_file_name;
use segments_backend::{Boxed, Files, FilesError, WriteGuard};

use crate::ServerError;

/// How old a file has to be that is half written before it is taken for left over.
const LEFT_OVER: Duration = Duration::from_secs(3_600);

/// Keeps files in a folder of the file system.
///
/// A file is written under another name, flushed to the disk and then renamed, and the folder is flushed too: after a
/// crash there is all of it, or nothing.
#[derive(Debug)]
pub struct DiskFiles {
    folder: Arc<Path>,
    aside: Arc<Path>,
    lock: Arc<Path>,
    written: AtomicU64,
}

impl DiskFiles {
    /// The files of the project in this folder.
    ///
    /// # Errors
    /// When their folder cannot be made or read.
    pub fn open(project: &Path) -> Result<Self, ServerError> {
        let folder = project.join("files");
        let opened = fs::create_dir_all(&folder).and_then(|()| remove_left_over(&folder));
        opened.map_err(|error| ServerError::Folder {
            path: folder.clone(),
            error,
        })?;
        Ok(Self {
            folder: folder.into(),
            aside: project.join("set-aside").into(),
            lock: project.join("write.lock").into(),
            written: AtomicU64::new(0),
        })
    }

    fn path(&self, name: &str) -> Result<PathBuf, FilesError> {
        if is_file_name(name) {
            Ok(self.folder.join(name))
        } else {
            Err(FilesError::Name(name.to_owned()))
        }
    }
}

/// Removes what was half written by processes that have ended long ago.
fn remove_left_over(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_temporary = entry.file_name().to_string_lossy().starts_with(".writing-");
        let is_old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| {
                SystemTime::now()
                    .duration_since(modified)
                    .is_ok_and(|age| age > LEFT_OVER)
            });
        if is_temporary && is_old {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn failed(name: &str) -> impl Fn(io::Error) -> FilesError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => FilesError::Missing(name.to_owned()),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            FilesError::Full(name.to_owned())
        }
        _ => FilesError::Unavailable(format!("{name}: {error}")),
    }
}

/// Runs blocking work on a thread for such work.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FilesError> + Send + 'static,
) -> Boxed<'static, Result<T, FilesError>> {
    let task = tokio::task::spawn_blocking(work);
    Box::pin(async move {
        task.await
            .unwrap_or_else(|error| Err(FilesError::Unavailable(error.to_string())))
    })
}

/// Flushes what was done to the names in a folder.
fn flush(folder: &Path) -> io::Result<()> {
    // Only Unix lets a folder be opened like a file; elsewhere renaming is as durable as it gets.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn write(folder: &Path, temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(temporary)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(temporary, path))
        .and_then(|()| flush(folder));
    if written.is_err() {
        // What went wrong is told; that this is left too is found at the next start.
        drop(fs::remove_file(temporary));
    }
    written
}

/// Moves a file to a folder, under its name or, where that is taken, under its name with a number. Says where it is.
fn move_to(aside: &Path, folder: &Path, path: &Path, name: &str) -> io::Result<PathBuf> {
    fs::metadata(path)?;
    fs::create_dir_all(aside)?;
    let mut number = 1_u32;
    let target = loop {
        let target = match number {
            1 => aside.join(name),
            _ => aside.join(format!("{name}-{number}")),
        };
        // Making the name first keeps two processes from moving two files to it.
        match File::create_new(&target) {
            Ok(_) => break target,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    if let Err(error) = fs::rename(path, &target) {
        drop(fs::remove_file(&target));
        return Err(error);
    }
    flush(aside)?;
    flush(folder)?;
    Ok(target)
}

impl Files for DiskFiles {
    fn write<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Boxed<'a, Result<(), FilesError>> {
        let path = match self.path(name) {
            Ok(path) => path,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = self
            .folder
            .join(format!(".writing-{}-{number}-{name}", std::process::id()));
        let (folder, name) = (Arc::clone(&self.folder), name.to_owned());
        blocking(move || {
            write(&folder, &temporary, &path, &bytes).map_err(|error| match error.kind() {
                // Not this file is missing then, but the folder.
                io::ErrorKind::NotFound => FilesError::Unavailable(format!("{name}: {error}")),
                _ => failed(&name)(error),
            })
        })
    }

    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<u8>, FilesError>> {
        let path = self.path(name);
        let name = name.to_owned();
        blocking(move || fs::read(path?).map_err(failed(&name)))
    }

    fn remove<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<(), FilesError>> {
        let path = self.path(name);
        let name = name.to_owned();
        blocking(move || match fs::remove_file(path?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&name)(error)),
            _ => Ok(()),
        })
    }

    fn set_aside<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<String, FilesError>> {
        let path = self.path(name);
        let (folder, aside) = (Arc::clone(&self.folder), Arc::clone(&self.aside));
        let name = name.to_owned();
        blocking(move || {
            move_to(&aside, &folder, &path?, &name)
                .map(|target| target.display().to_string())
                .map_err(failed(&name))
        })
    }

    fn list(&self) -> Boxed<'_, Result<Vec<String>, FilesError>> {
        let folder = Arc::clone(&self.folder);
        blocking(move || {
            let names = || -> io::Result<Vec<String>> {
                fs::read_dir(&folder)?
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect()
            };
            let mut names = names().map_err(failed("files"))?;
            names.retain(|name| is_file_name(name));
            Ok(names)
        })
    }

    fn try_lock(&self) -> Boxed<'_, Result<Option<WriteGuard>, FilesError>> {
        let path = Arc::clone(&self.lock);
        blocking(move || {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(failed("write.lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(WriteGuard::new(file))),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(failed("write.lock")(error)),
            }
        })
    }
}
