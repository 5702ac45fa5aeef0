//! trunk and wasm-bindgen: the one place that says which versions, and how they get here.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{Failure, OnFile as _, Result},
    process, project,
};

/// The last trunk that the workspace's `rust-version` can build.
const TRUNK: &str = "0.21.14";

/// Tools are built once and run for seconds, so their own speed is worth less than the time to build them.
const CHEAP_PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
];

/// The tools that build the app, each of the right version.
pub struct Tools {
    /// Builds the app's folder.
    pub trunk: PathBuf,
    /// Runs tests in a browser.
    pub test_runner: PathBuf,
    /// Makes what a browser loads of what the compiler made.
    pub wasm_bindgen: PathBuf,
}

impl Tools {
    /// PATH as trunk needs it: it looks there for wasm-bindgen.
    pub fn path(&self) -> Result<OsString> {
        project::path_with(self.wasm_bindgen.parent().unwrap_or_else(|| Path::new(".")))
    }

    /// What these tools are, for fingerprints.
    pub fn identity() -> Result<String> {
        Ok(format!(
            "trunk {TRUNK} wasm-bindgen {}",
            wasm_bindgen_version()?
        ))
    }
}

/// Looks for the tools on PATH and in the project's `.tools` folder; `None` where one is missing.
pub fn find() -> Result<Option<Tools>> {
    let wasm_bindgen = wasm_bindgen_version()?;
    let tools = (|| {
        Some(Tools {
            trunk: find_one("trunk", TRUNK)?,
            test_runner: find_one("wasm-bindgen-test-runner", &wasm_bindgen)?,
            wasm_bindgen: find_one("wasm-bindgen", &wasm_bindgen)?,
        })
    })();
    Ok(tools)
}

/// Builds what is missing into the project's `.tools` folder.
pub fn install() -> Result<()> {
    let wasm_bindgen = wasm_bindgen_version()?;
    // The lock file in wasm-bindgen-cli's package names crates that not every registry carries.
    if find_one("wasm-bindgen", &wasm_bindgen).is_none()
        || find_one("wasm-bindgen-test-runner", &wasm_bindgen).is_none()
    {
        cargo_install("wasm-bindgen-cli", &wasm_bindgen, &[])?;
    }
    if find_one("trunk", TRUNK).is_none() {
        cargo_install("trunk", TRUNK, &["--locked"])?;
    }
    project::remove_folder(&build_folder()?)
}

/// The version of wasm-bindgen in Cargo.lock: the tool and the library must be the same.
fn wasm_bindgen_version() -> Result<String> {
    let lock = project::root().join("Cargo.lock");
    let text = fs::read_to_string(&lock).on_file("read", &lock)?;
    locked_version(&text, "wasm-bindgen")
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("Cargo.lock names no wasm-bindgen"))
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

fn tools_folder() -> PathBuf {
    project::root().join(".tools")
}

/// Both tools share many crates: built in one folder, these are compiled once.
fn build_folder() -> Result<PathBuf> {
    Ok(project::scratch()?.join("tools-build"))
}

fn find_one(name: &str, version: &str) -> Option<PathBuf> {
    let own = tools_folder()
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    std::iter::once(own)
        .filter(|program| program.is_file())
        .chain(project::all_on_path(name))
        .find(|program| has_version(program, version))
}

fn has_version(program: &Path, version: &str) -> bool {
    process::output(Command::new(program).arg("--version"))
        .is_ok_and(|said| said.split_whitespace().nth(1) == Some(version))
}

fn cargo_install(package: &str, version: &str, more: &[&str]) -> Result<()> {
    println!("    building {package} {version} (some minutes, once)");
    let mut command = project::cargo();
    command
        .args(["install", "--quiet", package, "--version"])
        .arg(format!("={version}"))
        .args(more)
        .arg("--root")
        .arg(tools_folder())
        .arg("--target-dir")
        .arg(build_folder()?)
        .envs(CHEAP_PROFILE)
        // Flags for the project's own code are not meant for its tools.
        .env_remove("RUSTFLAGS");
    process::run(&mut command).map_err(|failure| {
        failure.by_hand(format!(
            "cargo install {package} --version ={version}\n(any place on PATH will do)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }

    #[test]
    fn the_project_locks_wasm_bindgen() {
        assert!(wasm_bindgen_version().is_ok_and(|version| version.starts_with("0.2.")));
    }
}
