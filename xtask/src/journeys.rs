//! The packages of the end-to-end journeys in `tests/e2e`.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    failure::{OnFile as _, Result},
    process, project,
};

/// The folder of the journeys.
pub fn folder() -> PathBuf {
    project::root().join("tests/e2e")
}

/// The journeys, one file for each.
pub fn files() -> Result<Vec<PathBuf>> {
    let folder = folder();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .on_file("list", &folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(".test.js")))
        .collect();
    files.sort();
    Ok(files)
}

/// Whether the packages that the lock file names are installed.
pub fn has_packages() -> Result<bool> {
    Ok(project::stamped(&stamp_file(), &lock_fingerprint()?))
}

/// Installs exactly the packages of the lock file.
pub fn install_packages() -> Result<()> {
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder()),
    )
    .map_err(|failure| failure.by_hand("cd tests/e2e && npm ci"))?;
    project::stamp(&stamp_file(), &lock_fingerprint()?)
}

/// Kept inside `node_modules`, so that it goes when the packages go.
fn stamp_file() -> PathBuf {
    folder().join("node_modules/.installed")
}

fn lock_fingerprint() -> Result<String> {
    let mut print = project::Fingerprint::default();
    print.file(&folder(), &folder().join("package-lock.json"))?;
    Ok(print.finish())
}
