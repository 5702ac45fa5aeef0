//! `cargo xtask run`: builds the app and serves it.

use std::{path::PathBuf, process::Command};

use crate::{
    build,
    failure::{Failure, Result},
    process, project,
    serve::Server,
    setup,
    step::Steps,
};

/// The browser keeps the app's data by address, so the port stays the same from run to run.
const PORT: u16 = 7878;

/// What `run` was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    server: bool,
    port: u16,
    data: Option<PathBuf>,
}

impl Options {
    /// Reads `[--server] [--port N] [--data DIR]`.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            server: false,
            port: PORT,
            data: None,
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--server" => options.server = true,
                "--port" => {
                    options.port = arguments
                        .next()
                        .and_then(|port| port.parse().ok())
                        .ok_or_else(|| Failure::new("--port wants a number from 0 to 65535"))?;
                }
                "--data" => {
                    let folder = arguments
                        .next()
                        .ok_or_else(|| Failure::new("--data wants a folder"))?;
                    options.data = Some(PathBuf::from(folder));
                }
                other => {
                    return Err(Failure::new(format!("`run` does not know `{other}`"))
                        .by_hand("cargo xtask help"));
                }
            }
        }
        if options.data.is_some() && !options.server {
            return Err(Failure::new(
                "--data is for --server: without it the browser keeps the data",
            ));
        }
        Ok(options)
    }
}

/// Serves until it is interrupted.
pub fn run(options: Options) -> Result<()> {
    let mut steps = Steps::start();
    let tools = setup::for_building(&mut steps)?;
    steps.run("app", || build::app(&tools))?;
    if options.server {
        return run_server(&mut steps, options);
    }
    let server = Server::bind(&build::dist(), options.port)?;
    println!("\nUser Segments is at {}/  (Ctrl-C ends it)", server.url());
    server.run();
    Ok(())
}

fn run_server(steps: &mut Steps, options: Options) -> Result<()> {
    let mut program = PathBuf::new();
    steps.run("server", || {
        program = build::server()?;
        Ok("built".to_owned())
    })?;
    let data = options
        .data
        .unwrap_or_else(|| project::root().join(".data"));
    println!("\ndata: {}", data.display());
    process::run(
        Command::new(program)
            .args(["serve", "--demo", "--listen"])
            .arg(format!("127.0.0.1:{}", options.port))
            .arg("--app")
            .arg(build::dist())
            .arg("--data")
            .arg(data),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options> {
        Options::parse(arguments.iter().map(|one| (*one).to_owned()))
    }

    #[test]
    fn options_are_read() {
        let options = parse(&["--server", "--port", "80", "--data", "d"]).expect("valid");
        assert_eq!(
            options,
            Options {
                server: true,
                port: 80,
                data: Some(PathBuf::from("d"))
            }
        );
    }

    #[test]
    fn mistakes_are_told() {
        for wrong in [
            &["--port"][..],
            &["--port", "x"],
            &["--data", "d"],
            &["serve"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
