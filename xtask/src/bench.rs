//! `cargo xtask bench`: cargo's benchmarks, and those that need a browser.

use std::process::Command;

use crate::{
    browser::Browser, build, failure::Result, journeys, process, project, serve::Server, setup,
    step::Steps,
};

/// Runs the benchmark of the worker, or passes the arguments on to `cargo bench`.
pub fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [one] if one == "worker" => worker(),
        _ => process::run(
            project::cargo()
                .args(["bench", "--locked", "--workspace", "--bench", "*"])
                .args(["--exclude", "user-segments", "--exclude", "segments-worker"])
                .args(arguments),
        ),
    }
}

/// How soon the worker answers after a reload.
fn worker() -> Result<()> {
    let mut steps = Steps::start();
    let tools = setup::for_building(&mut steps)?;
    let browser = setup::for_testing(&mut steps)?;
    steps.run("app", || build::app(&tools))?;
    let server = Server::bind(&build::dist(), 0)?;
    let url = server.url();
    server.in_background();
    process::run(
        Command::new("node")
            .arg("bench/worker.js")
            .current_dir(journeys::folder())
            .env("E2E_WORKER_URL", url)
            .env("E2E_BROWSER", &browser.program)
            .env("E2E_BROWSER_ARGUMENTS", Browser::arguments().join(" ")),
    )
}
