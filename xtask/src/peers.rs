//! `cargo xtask bench engine`: the engine beside other engines, which nothing else in the project needs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{Failure, Result},
    process, project,
    step::Steps,
};

/// What pip fetches: each peer, and what makes files that both read.
const PACKAGES: [&str; 4] = [
    "chdb-core==26.9.0",
    "duckdb==2.0.1",
    "numpy==2.4.6",
    "pyarrow==26.0.1",
];

const PEERS: [&str; 2] = ["chdb", "duckdb"];

const PAGE: &str = "docs/performance.md";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    events: String,
    peers: String,
    write: bool,
}

/// Runs the benchmark.
pub fn engine(arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let folder = project::scratch()?.join("bench");
    let mut cargo = project::cargo();
    cargo
        .args(["bench", "--locked", "--package", "segments-engine"])
        .args(["--bench", "engine", "--"])
        .args(["--events", &options.events]);
    if options.peers != "none" {
        cargo
            .args(["--peers", &options.peers, "--python"])
            .arg(python(&folder.join("python"))?)
            .arg("--folder")
            .arg(&folder);
    }
    if options.write {
        cargo.arg("--write").arg(project::root().join(PAGE));
    }
    process::run(&mut cargo)
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self {
            events: "1m,10m".to_owned(),
            peers: PEERS.join(","),
            write: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .cloned()
                    .ok_or_else(|| Failure::new(format!("{argument} needs a value")))
            };
            match argument.as_str() {
                "--events" => options.events = value()?,
                "--peers" => options.peers = value()?,
                "--write" => options.write = true,
                other => {
                    return Err(
                        Failure::new(format!("`{other}` is no option")).by_hand("cargo xtask help")
                    );
                }
            }
        }
        let known = |peer: &str| PEERS.contains(&peer);
        match options.peers.as_str() {
            "none" => Ok(options),
            peers if peers.split(',').all(known) => Ok(options),
            peers => Err(Failure::new(format!(
                "`{peers}`: peers are {}, or none",
                PEERS.join(", ")
            ))),
        }
    }
}

/// A Python with the peers' packages, in a folder of its own.
fn python(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin").join("python");
    let stamp = folder.join("packages");
    let wanted = PACKAGES.join(" ");
    if project::stamped(&stamp, &wanted) {
        return Ok(program);
    }
    let by_hand = |failure: Failure| {
        failure.by_hand(format!(
            "python3 -m venv {0}\n{0}/bin/python -m pip install {wanted}\n(Python 3.11 or newer, with venv)",
            folder.display(),
        ))
    };
    Steps::start().run("other engines", || {
        project::remove_folder(folder)?;
        process::run(Command::new("python3").args(["-m", "venv"]).arg(folder)).map_err(by_hand)?;
        process::run(
            Command::new(&program)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .args(["--only-binary", ":all:"])
                .args(PACKAGES),
        )
        .map_err(by_hand)?;
        project::stamp(&stamp, &wanted)?;
        Ok("installed".to_owned())
    })?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Options> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_are_read() {
        let options = parsed("--events 1m,100m --peers duckdb --write").expect("options");
        assert_eq!(
            options,
            Options {
                events: "1m,100m".to_owned(),
                peers: "duckdb".to_owned(),
                write: true
            }
        );
        assert!(parsed("--peers none").is_ok());
        assert!(parsed("--events").is_err());
        assert!(parsed("--peers mysql").is_err());
        assert!(parsed("--fast").is_err());
    }
}
