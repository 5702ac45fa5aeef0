//! The gallery: a page of tests that shows every widget with content that hurts, inside the app's own stylesheets.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    build,
    failure::{OnFile as _, Result},
    process, project,
    tools::Tools,
    wasm_std::TARGET,
};

const NAME: &str = "gallery";

/// Says which layer beats which, so it comes first.
const LAYERS: &str = "tokens.css";

/// Builds the gallery and returns its folder.
pub fn build(tools: &Tools) -> Result<PathBuf> {
    // As the tests in the browser are built, so that nothing is built twice.
    process::run(
        project::cargo()
            .args(["build", "--quiet", "--locked", "--example", NAME])
            .args(["--target", TARGET])
            .args(project::IN_BROWSER)
            .env(build::WASM_FLAGS, build::VECTOR_FLAGS),
    )?;
    let module = project::target_dir()?
        .join(TARGET)
        .join("debug/examples")
        .join(format!("{NAME}.wasm"));
    let folder = project::scratch()?.join(NAME);
    project::remove_folder(&folder)?;
    process::run(
        Command::new(&tools.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(&folder)
            .arg(&module),
    )?;
    let root = project::root();
    let source = root.join("tests/gallery");
    copy(&source, &folder, "start.js")?;
    let styles = root.join("style");
    let fonts = folder.join("fonts");
    fs::create_dir(&fonts).on_file("create", &fonts)?;
    copy(&styles.join("fonts"), &fonts, "inter.woff2")?;
    let mut names: Vec<String> = project::files_under(&styles)?
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "css"))
        .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort_by_key(|name| name != LAYERS);
    let mut links = String::new();
    for name in names {
        copy(&styles, &folder, &name)?;
        // Writing to a string cannot fail.
        let _ = writeln!(links, "<link rel=\"stylesheet\" href=\"{name}\">");
    }
    let page = read(&source.join("index.html"))?
        .replace("<!-- styles -->", &links)
        .replace("<!-- icons -->", &read(&root.join("public/icons.svg"))?);
    let index = folder.join("index.html");
    fs::write(&index, page).on_file("write", &index)?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path, name: &str) -> Result<()> {
    let file = from.join(name);
    fs::copy(&file, to.join(name)).on_file("copy", &file)?;
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).on_file("read", file)
}
