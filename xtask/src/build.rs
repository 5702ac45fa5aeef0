//! Builds the app into `dist`, and the native server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    chunks,
    failure::{OnFile as _, Result},
    index::{Index, WORKER, WORKER_START},
    module, process,
    project::{self, Fingerprint},
    tools::Tools,
    wasm_std::{Compiler, TARGET},
};

/// What the app is made from and by, besides the crates.
const SOURCES: [&str; 9] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "public",
    "src",
    "style",
    "xtask/src",
];

/// The folder of the same worker, built with 128-bit vectors: for browsers that have them, which is nearly all.
const VECTOR_WORKER: &str = "worker-simd";

/// The folder of the fonts in the stylesheets.
const FONTS: &str = "fonts";

/// The name of what wasm-bindgen makes of the worker.
pub const WORKER_NAME: &str = "segments-worker";

/// The profile that index.html has trunk build the worker in.
pub const WORKER_PROFILE: &str = "worker-release";

/// The profile that index.html has trunk build the page in.
pub const PAGE_PROFILE: &str = "wasm-release";

/// Where cargo looks for flags for one target, besides those in `.cargo/config.toml`.
pub const WASM_FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Has Leptos put the views of components behind trait objects, which makes the page a sixth smaller, and the linker note
/// what refers to what, so that the page can be cut into chunks.
pub const PAGE_FLAGS: &str = "--cfg erase_components --cfg split_page -C link-args=--emit-relocs";

/// Makes the engine's scans quicker. The page gains nothing by it, so it is built once, for all.
pub const VECTOR_FLAGS: &str = "-C target-feature=+simd128";

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
            .env(WASM_FLAGS, PAGE_FLAGS)
            // trunk understands only "true" and "false" here.
            .env_remove("NO_COLOR"),
    )?;
    vector_worker(tools, &fresh)?;
    let mut index = Index::read(&fresh)?;
    split_page(tools, &fresh, &mut index)?;
    leave_bare_modules(&fresh)?;
    index.name_folders(
        &name_by_content(&fresh, chunks::FOLDER)?,
        &name_by_content(&fresh, WORKER)?,
        &name_by_content(&fresh, VECTOR_WORKER)?,
    )?;
    index.write(&fresh)?;
    project::stamp(&fresh.join(STAMP), &wanted)?;
    project::remove_folder(&dist)?;
    fs::rename(&fresh, &dist).on_file("move", &fresh)?;
    Ok("built".to_owned())
}

/// Builds the worker a second time, with vectors, and puts it beside the one that trunk has built.
fn vector_worker(tools: &Tools, dist: &Path) -> Result<()> {
    process::run(
        project::cargo()
            .args(["build", "--offline", "--locked", "--target", TARGET])
            .args(["--profile", WORKER_PROFILE, "-p", WORKER_NAME])
            .env(WASM_FLAGS, VECTOR_FLAGS),
    )?;
    let module = compiled(WORKER_PROFILE, WORKER_NAME)?;
    let folder = dist.join(VECTOR_WORKER);
    process::run(
        Command::new(&tools.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--out-name"])
            .arg(WORKER_NAME)
            .arg("--out-dir")
            .arg(&folder)
            .arg(&module),
    )?;
    let start = dist.join(WORKER).join(WORKER_START);
    fs::copy(&start, folder.join(WORKER_START)).on_file("copy", &start)?;
    Ok(())
}

/// The module that cargo has made of a program.
fn compiled(profile: &str, name: &str) -> Result<PathBuf> {
    let folder = project::target_dir()?.join(TARGET).join(profile);
    Ok(folder.join(format!("{name}.wasm")))
}

/// The page as one module, with the names of its functions.
pub fn compiled_page() -> Result<PathBuf> {
    compiled(PAGE_PROFILE, chunks::PAGE)
}

/// Puts the page's chunks in the place of the one module that trunk has put there, and its stylesheets together.
fn split_page(tools: &Tools, dist: &Path, index: &mut Index) -> Result<()> {
    let fonts = name_by_content(dist, FONTS)?;
    let sheets = index.bundle_stylesheets(dist, &fonts)?;
    let manifest = chunks::cut(tools, &compiled_page()?, dist, &sheets)?;
    index.name_chunks(&manifest)?;
    index.name_modules(dist)
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
    print.word(PAGE_FLAGS);
    print.word(VECTOR_FLAGS);
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

fn leave_bare_modules(dist: &Path) -> Result<()> {
    for file in modules(dist)? {
        let bytes = fs::read(&file).on_file("read", &file)?;
        fs::write(&file, module::bare(&bytes)?).on_file("write", &file)?;
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

/// Gives a folder a name under which a browser cannot keep an old one beside a new page, and returns the name.
fn name_by_content(dist: &Path, name: &str) -> Result<String> {
    let folder = dist.join(name);
    let mut print = Fingerprint::default();
    print.tree(dist, &folder)?;
    let name = format!("{name}-{}", print.finish());
    fs::rename(&folder, dist.join(&name)).on_file("move", &folder)?;
    Ok(name)
}
