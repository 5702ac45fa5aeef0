//! Where things are: the project, its target folder, and programs on PATH.

use std::{
    env,
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use crate::failure::{Failure, OnFile as _, Result};

/// The packages that run in the browser.
pub const IN_BROWSER: [&str; 4] = ["-p", "user-segments", "-p", "segments-worker"];

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or_else(|| Path::new("."))
        .to_path_buf()
}

/// Cargo's target folder: two levels above this program.
pub fn target_dir() -> Result<PathBuf> {
    let program = env::current_exe()
        .map_err(|error| Failure::new(format!("cannot tell where this program is: {error}")))?;
    program
        .parent()
        .and_then(Path::parent)
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new("this program is not in a target folder"))
}

/// A folder of our own in the target folder, for stamps, logs and half-made things.
pub fn scratch() -> Result<PathBuf> {
    let folder = target_dir()?.join("xtask");
    fs::create_dir_all(&folder).on_file("make", &folder)?;
    Ok(folder)
}

/// The cargo that called us, run in the project's root.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The first program of that name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    all_on_path(name).next()
}

/// All programs of that name on PATH, in order.
pub fn all_on_path(name: &str) -> impl Iterator<Item = PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    folders
        .into_iter()
        .map(move |folder| folder.join(&file))
        .filter(|program| program.is_file())
}

/// PATH with `folder` before everything else.
pub fn path_with(folder: &Path) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(folder.to_path_buf()).chain(env::split_paths(&rest)))
        .map_err(|error| Failure::new(format!("PATH cannot hold {}: {error}", folder.display())))
}

/// Whether this runs as root, as containers do.
pub fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Removes a folder and what is in it; one that is not there is fine.
pub fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("remove", folder, &error))
        }
        _ => Ok(()),
    }
}

/// All files under `folder`, sorted, so that the same tree always reads the same.
pub fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).on_file("list", &folder)? {
            let path = entry.on_file("list", &folder)?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A short fingerprint of names and contents. Good for "did anything change?", not against an adversary.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// Takes in a word.
    pub fn word(&mut self, word: &str) {
        word.hash(&mut self.0);
    }

    /// Takes in a file: its path below `base` and its content.
    pub fn file(&mut self, base: &Path, file: &Path) -> Result<()> {
        file.strip_prefix(base).unwrap_or(file).hash(&mut self.0);
        fs::read(file).on_file("read", file)?.hash(&mut self.0);
        Ok(())
    }

    /// Takes in a file, or all files under a folder.
    pub fn tree(&mut self, base: &Path, path: &Path) -> Result<()> {
        if path.is_dir() {
            files_under(path)?
                .iter()
                .try_for_each(|file| self.file(base, file))
        } else {
            self.file(base, path)
        }
    }

    /// Sixteen hexadecimal digits.
    pub fn finish(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// Whether the stamp file says `value`.
pub fn stamped(stamp: &Path, value: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|content| content == value)
}

/// Writes `value` to the stamp file.
pub fn stamp(stamp: &Path, value: &str) -> Result<()> {
    fs::write(stamp, value).on_file("write", stamp)
}
