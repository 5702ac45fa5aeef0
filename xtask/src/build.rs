//! Builds the app into `dist`, and the native server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{Failure, OnFile as _, Result},
    module, process,
    project::{self, Fingerprint},
    tools::Tools,
    wasm_std::Compiler,
};

/// What the app is made from, besides the crates.
const SOURCES: [&str; 8] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "public",
    "src",
    "style",
];

/// The folder in which trunk puts the worker, as index.html says. Its name gets a fingerprint here.
const WORKER: &str = "worker";

/// Has Leptos put the views of components behind trait objects, which makes the page a sixth smaller. Added to the
/// flags in `.cargo/config.toml`.
const PAGE_FLAGS: (&str, &str) = (
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
    "--cfg erase_components",
);

/// Says, inside of `dist`, what it was made from. A trunk called by hand replaces `dist` and with it this file.
const STAMP: &str = ".made-from";

/// The folder with the built app.
pub fn dist() -> PathBuf {
    project::root().join("dist")
}

/// Builds the app in release, unless `dist` was made from exactly these sources and tools.
pub fn app(tools: &Tools) -> Result<String> {
    let wanted = fingerprint_of_sources()?;
    let dist = dist();
    if project::stamped(&dist.join(STAMP), &wanted) {
        return Ok("unchanged".to_owned());
    }
    // trunk works offline, so that it never downloads a tool by itself; the crates have to be there before.
    process::run(project::cargo().args(["fetch", "--locked"]))?;
    // Beside `dist`, so that it can be renamed, and `dist` is never half made.
    let fresh = dist.with_extension("new");
    project::remove_folder(&fresh)?;
    process::run(
        Command::new(&tools.trunk)
            .args(["build", "--release", "--offline", "--locked", "--dist"])
            .arg(&fresh)
            .current_dir(project::root())
            .env("PATH", tools.path()?)
            .env(PAGE_FLAGS.0, PAGE_FLAGS.1)
            // trunk understands only "true" and "false" here.
            .env_remove("NO_COLOR"),
    )?;
    strip_names(&fresh)?;
    name_worker_by_content(&fresh)?;
    project::stamp(&fresh.join(STAMP), &wanted)?;
    project::remove_folder(&dist)?;
    fs::rename(&fresh, &dist).on_file("move", &fresh)?;
    Ok("built".to_owned())
}

/// Builds the native server in release and returns its program.
pub fn server() -> Result<PathBuf> {
    process::run(project::cargo().args([
        "build",
        "--release",
        "--locked",
        "-p",
        "segments-server",
    ]))?;
    let name = format!("segments-server{}", std::env::consts::EXE_SUFFIX);
    Ok(project::target_dir()?.join("release").join(name))
}

fn fingerprint_of_sources() -> Result<String> {
    let root = project::root();
    let mut print = Fingerprint::default();
    print.word(&Tools::identity()?);
    print.word(PAGE_FLAGS.1);
    print.word(&Compiler::find()?.version);
    for source in SOURCES {
        print.tree(&root, &root.join(source))?;
    }
    for folder in crate_folders(&root)? {
        print.file(&root, &folder.join("Cargo.toml"))?;
        print.tree(&root, &folder.join("src"))?;
    }
    Ok(print.finish())
}

/// The crates that may be part of the app: all but the server.
fn crate_folders(root: &Path) -> Result<Vec<PathBuf>> {
    let crates = root.join("crates");
    let mut folders: Vec<PathBuf> = fs::read_dir(&crates)
        .on_file("list", &crates)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.is_dir() && !folder.ends_with("server"))
        .collect();
    folders.sort();
    Ok(folders)
}

fn strip_names(dist: &Path) -> Result<()> {
    for file in modules(dist)? {
        let bytes = fs::read(&file).on_file("read", &file)?;
        let stripped = module::without_names(&bytes)
            .ok_or_else(|| Failure::new(format!("{} is no module", file.display())))?;
        fs::write(&file, stripped).on_file("write", &file)?;
    }
    Ok(())
}

/// The WebAssembly modules in a built app.
pub fn modules(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut files = project::files_under(dist)?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "wasm")
    });
    Ok(files)
}

/// trunk gives the worker's files fixed names, under which a browser could keep an old one beside a new page.
fn name_worker_by_content(dist: &Path) -> Result<()> {
    let folder = dist.join(WORKER);
    let mut print = Fingerprint::default();
    print.tree(dist, &folder)?;
    let name = format!("{WORKER}-{}", print.finish());
    let renamed = dist.join(&name);
    fs::rename(&folder, &renamed).on_file("move", &folder)?;

    let index = dist.join("index.html");
    let page = fs::read_to_string(&index).on_file("read", &index)?;
    let page = point_to(&page, &name).ok_or_else(|| {
        Failure::new(format!("the built index.html does not name {WORKER}/ once"))
    })?;
    fs::write(&index, page).on_file("write", &index)
}

/// The page with the worker's folder renamed; `None` unless it is named exactly once.
fn point_to(page: &str, name: &str) -> Option<String> {
    let old = format!("/{WORKER}/");
    (page.matches(&old).count() == 1).then(|| page.replace(&old, &format!("/{name}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_follows_the_worker() {
        assert_eq!(
            point_to(
                "<script data-worker=\"/base/worker/worker.js\">",
                "worker-1f"
            )
            .as_deref(),
            Some("<script data-worker=\"/base/worker-1f/worker.js\">")
        );
        assert_eq!(point_to("<script>", "worker-1f"), None);
    }
}
