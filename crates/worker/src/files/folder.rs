//! A folder of the origin private file system.
//!
//! A file ends in a seal that is written after everything before it is on disk. A file without it was cut off by the end
//! of its tab, and counts as not there; it can still be removed.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

use crate::storage::{self, StorageError, has, scope};

#[wasm_bindgen]
extern "C" {
    /// A file that can be given another name, which `web-sys` does not offer yet.
    #[wasm_bindgen(extends = FileSystemFileHandle)]
    type MovableFile;

    #[wasm_bindgen(catch, method, js_name = "move")]
    fn move_to(this: &MovableFile, name: &str) -> Result<Promise, JsValue>;
}

/// What a complete file ends in, after which comes its length without the seal as 8 bytes, the lowest first.
const MARK: [u8; 8] = *b"\x01segment";
const SEAL: usize = 16;

/// Bytes to hand to the browser at once.
const PIECE: usize = 4 << 20;

pub(super) struct Folder(FileSystemDirectoryHandle);

impl Folder {
    /// Opens the folder, and creates it where there is none.
    pub(super) async fn open(name: &str) -> Result<Self, StorageError> {
        let create = FileSystemGetDirectoryOptions::new();
        create.set_create(true);
        let folder = JsFuture::from(
            root()
                .await?
                .get_directory_handle_with_options(name, &create),
        )
        .await
        .map_err(denied_or_failed)?;
        Ok(Self(folder.unchecked_into()))
    }

    /// Takes a folder away with all that is in it; one that is not there is away already.
    pub(super) async fn delete(name: &str) -> Result<(), StorageError> {
        let all = FileSystemRemoveOptions::new();
        all.set_recursive(true);
        away(root().await?.remove_entry_with_options(name, &all)).await
    }

    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let create = FileSystemGetFileOptions::new();
        create.set_create(true);
        let file: FileSystemFileHandle =
            JsFuture::from(self.0.get_file_handle_with_options(name, &create))
                .await?
                .unchecked_into();
        let written = async {
            let file = OpenFile::open(&file).await?;
            file.truncate()?;
            file.append(0, bytes)?;
            file.flush()?;
            file.append(bytes.len(), &seal(bytes.len()))?;
            file.flush()
        }
        .await;
        if written.is_err() {
            // Half a file takes room, which may be just what is missing.
            let _ = self.remove(name).await;
        }
        written
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, StorageError> {
        let handle: FileSystemFileHandle = JsFuture::from(self.0.get_file_handle(name))
            .await?
            .unchecked_into();
        // A snapshot, unlike an access handle, is no obstacle to another tab that reads the same file.
        let file: File = JsFuture::from(handle.get_file()).await?.unchecked_into();
        let buffer: ArrayBuffer = JsFuture::from(file.array_buffer()).await?.unchecked_into();
        unsealed(Uint8Array::new(&buffer).to_vec()).ok_or(StorageError::NotFound)
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), StorageError> {
        away(self.0.remove_entry(name)).await
    }

    pub(super) async fn set_aside(&self, name: &str) -> Result<String, StorageError> {
        let file: FileSystemFileHandle = JsFuture::from(self.0.get_file_handle(name))
            .await?
            .unchecked_into();
        let mut number = 1;
        let aside = loop {
            let aside = aside_name(name, number);
            match JsFuture::from(self.0.get_file_handle(&aside)).await {
                Ok(_) => number += 1,
                Err(error) => match StorageError::from(error) {
                    StorageError::NotFound => break aside,
                    error => return Err(error),
                },
            }
        };
        if has(&file, "move") {
            JsFuture::from(file.unchecked_ref::<MovableFile>().move_to(&aside)?).await?;
        } else {
            let contents: File = JsFuture::from(file.get_file()).await?.unchecked_into();
            let buffer: ArrayBuffer = JsFuture::from(contents.array_buffer())
                .await?
                .unchecked_into();
            self.write(&aside, &Uint8Array::new(&buffer).to_vec())
                .await?;
            self.remove(name).await?;
        }
        Ok(format!(
            "\"{aside}\" in the private file system of this site"
        ))
    }

    pub(super) async fn list(&self) -> Result<Vec<String>, StorageError> {
        let names = self.0.keys();
        let mut list = Vec::new();
        loop {
            let next = JsFuture::from(names.next()?).await?;
            let next: js_sys::IteratorNext = next.unchecked_into();
            if next.done() {
                return Ok(list);
            }
            list.extend(next.value().as_string());
        }
    }
}

/// A file that only this worker can reach; it is closed when dropped.
struct OpenFile(FileSystemSyncAccessHandle);

impl OpenFile {
    async fn open(file: &FileSystemFileHandle) -> Result<Self, StorageError> {
        let handle = JsFuture::from(file.create_sync_access_handle()).await?;
        Ok(Self(handle.unchecked_into()))
    }

    fn truncate(&self) -> Result<(), StorageError> {
        Ok(self.0.truncate_with_u32(0)?)
    }

    fn append(&self, from: usize, bytes: &[u8]) -> Result<(), StorageError> {
        let at = FileSystemReadWriteOptions::new();
        let mut from = from;
        for piece in bytes.chunks(PIECE) {
            at.set_at_f64(length(from));
            if self.0.write_with_u8_array_and_options(piece, &at)? < length(piece.len()) {
                return Err(StorageError::Full);
            }
            from += piece.len();
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StorageError> {
        Ok(self.0.flush()?)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Exact: no file in a tab has 2^53 bytes.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn length(bytes: usize) -> f64 {
    bytes as f64
}

async fn root() -> Result<FileSystemDirectoryHandle, StorageError> {
    const NO_FILES: StorageError = StorageError::Denied("private file system");
    let navigator = scope()?.navigator();
    if !has(&navigator, "storage") {
        return Err(NO_FILES);
    }
    let storage = navigator.storage();
    if !has(&storage, "getDirectory") || !has(&js_sys::global(), "FileSystemSyncAccessHandle") {
        return Err(NO_FILES);
    }
    let root = JsFuture::from(storage.get_directory())
        .await
        .map_err(denied_or_failed)?;
    Ok(root.unchecked_into())
}

/// Private windows have the calls, and refuse them when they are made.
fn denied_or_failed(error: JsValue) -> StorageError {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("SecurityError" | "NotAllowedError" | "NotSupportedError") => {
            StorageError::Denied("private file system")
        }
        // Some private windows say only this, and so does a file system that fails for a moment.
        Some("InvalidStateError" | "UnknownError") => {
            StorageError::Passing(storage::text_of(&error))
        }
        _ => error.into(),
    }
}

/// The name of a file that is set aside, one that no file of the backend can have.
pub(super) fn aside_name(name: &str, number: u32) -> String {
    match number {
        1 => format!(".aside-{name}"),
        _ => format!(".aside-{name}-{number}"),
    }
}

async fn away(removal: js_sys::Promise) -> Result<(), StorageError> {
    match JsFuture::from(removal).await.map_err(StorageError::from) {
        Ok(_) | Err(StorageError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn seal(length: usize) -> [u8; SEAL] {
    let mut seal = [0; SEAL];
    let (mark, number) = seal.split_at_mut(MARK.len());
    mark.copy_from_slice(&MARK);
    number.copy_from_slice(&(length as u64).to_le_bytes());
    seal
}

/// The bytes before the seal; none where it is missing or wrong.
fn unsealed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let length = bytes.len().checked_sub(SEAL)?;
    (bytes.get(length..)? == seal(length)).then(|| bytes.truncate(length))?;
    Some(bytes)
}
