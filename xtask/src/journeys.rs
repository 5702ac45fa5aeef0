//! The packages of the end-to-end journeys in `tests/e2e`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{OnFile as _, Result},
    process, project,
};

const LOCK: &str = "package-lock.json";

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
    are_installed(&folder())
}

/// Installs exactly the packages of the lock file.
pub fn install_packages() -> Result<()> {
    install(&folder())
}

/// The engine that the benchmark in the browser holds ours against. It is large and nothing but that benchmark needs it,
/// so it is fetched into the target folder when it is asked for, in the version that its lock file says.
pub fn bench_peer() -> Result<PathBuf> {
    let source = folder().join("bench/peer");
    let peer = project::scratch()?.join("bench-peer");
    fs::create_dir_all(&peer).on_file("make", &peer)?;
    for name in ["package.json", LOCK] {
        let file = source.join(name);
        fs::copy(&file, peer.join(name)).on_file("copy", &file)?;
    }
    if !are_installed(&peer)? {
        install(&peer)?;
    }
    Ok(peer)
}

fn are_installed(folder: &Path) -> Result<bool> {
    Ok(project::stamped(
        &stamp_file(folder),
        &lock_fingerprint(folder)?,
    ))
}

fn install(folder: &Path) -> Result<()> {
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder),
    )
    .map_err(|failure| failure.by_hand(format!("cd {} && npm ci", folder.display())))?;
    project::stamp(&stamp_file(folder), &lock_fingerprint(folder)?)
}

/// Kept inside `node_modules`, so that it goes when the packages go.
fn stamp_file(folder: &Path) -> PathBuf {
    folder.join("node_modules/.installed")
}

fn lock_fingerprint(folder: &Path) -> Result<String> {
    let mut print = project::Fingerprint::default();
    print.file(folder, &folder.join(LOCK))?;
    Ok(print.finish())
}
