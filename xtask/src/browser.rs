//! A Chromium and its driver for the tests: what the person has, else Debian's packages.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{Failure, OnFile as _, Result},
    process, project,
};

const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// Keeps a browser quiet on a machine without a display or a network.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--window-size=1280,900",
];

/// A browser and the driver that belongs to it.
pub struct Browser {
    /// Chromium or Chrome.
    pub program: PathBuf,
    /// Its chromedriver.
    pub driver: PathBuf,
}

/// Looks at `CHROME` and `CHROMEDRIVER`, then on PATH; `None` where one is missing.
pub fn find() -> Result<Option<Browser>> {
    let program = named_or_on_path("CHROME", &BROWSERS)?;
    let driver = named_or_on_path("CHROMEDRIVER", &DRIVERS)?;
    Ok(program
        .zip(driver)
        .map(|(program, driver)| Browser { program, driver }))
}

/// Installs Debian's packages, where that is allowed.
pub fn install() -> Result<()> {
    let by_hand = "apt-get install chromium chromium-driver\n\
        or install Chrome and its chromedriver, and name them in CHROME and CHROMEDRIVER";
    if project::on_path("apt-get").is_none() || !project::is_root() {
        return Err(Failure::new("there is no Chromium with a chromedriver").by_hand(by_hand));
    }
    let apt = |arguments: &[&str]| {
        process::run(
            Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
        .map_err(|failure| failure.by_hand(by_hand))
    };
    apt(&["update", "-qq"])?;
    apt(&[
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "chromium",
        "chromium-driver",
    ])
}

impl Browser {
    /// Command-line arguments for tests. Chromium refuses its sandbox to root.
    pub fn arguments() -> Vec<&'static str> {
        let sandbox = project::is_root().then_some("--no-sandbox");
        ARGUMENTS.into_iter().chain(sandbox).collect()
    }

    /// Writes the capabilities that `wasm-bindgen-test-runner` asks the driver for, and returns the file.
    pub fn write_capabilities(&self) -> Result<PathBuf> {
        let file = project::scratch()?.join("webdriver.json");
        let text = capabilities(&self.program, &Self::arguments());
        fs::write(&file, text).on_file("write", &file)?;
        Ok(file)
    }
}

fn capabilities(program: &Path, arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|one| json_string(one)).collect();
    format!(
        "{{\"goog:chromeOptions\": {{\"binary\": {}, \"args\": [{}]}}}}\n",
        json_string(&program.to_string_lossy()),
        arguments.join(", ")
    )
}

fn json_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn named_or_on_path(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    let Some(named) = env::var_os(variable) else {
        return Ok(names.iter().find_map(|name| project::on_path(name)));
    };
    let program = PathBuf::from(named);
    if program.is_file() {
        Ok(Some(program))
    } else {
        Err(
            Failure::new(format!("{variable} names no file: {}", program.display())).by_hand(
                format!("name the program in {variable}, or unset it to search PATH"),
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_json() {
        assert_eq!(
            capabilities(Path::new("/a \"b\"/chrome"), &["--one", "--two"]),
            "{\"goog:chromeOptions\": {\"binary\": \"/a \\\"b\\\"/chrome\", \"args\": [\"--one\", \"--two\"]}}\n"
        );
    }
}
