//! `cargo xtask bench`: cargo's benchmarks, and those that need a browser or other engines.

use std::{fs, process::Command};

use crate::{
    browser::Browser,
    build,
    failure::{Failure, OnFile as _, Result},
    journeys, peers, process, project,
    serve::Server,
    setup,
    step::Steps,
};

/// The page with the figures, and where those of the benchmark in the browser stand in it.
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- Written by `cargo xtask bench browser`. -->\n";
const END: &str = "<!-- To here. -->\n";

/// Runs a benchmark in a browser or that of the engine beside others, or passes the arguments on to `cargo bench`.
pub fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [one] if one == "worker" => with_app("worker"),
        [one] if one == "page" => with_app("page"),
        [one] if one == "load" => with_app("load"),
        [one] if one == "browser" => in_browser(),
        [one, options @ ..] if one == "engine" => peers::engine(options),
        _ => process::run(
            project::cargo()
                .args(["bench", "--locked", "--workspace", "--bench", "*"])
                .args(["--exclude", "user-segments", "--exclude", "segments-worker"])
                .args(arguments),
        ),
    }
}

/// A benchmark of the app in a browser: how soon the worker answers after a reload, how quick the page is, or how soon it
/// is there.
fn with_app(name: &str) -> Result<()> {
    let mut steps = Steps::start();
    let browser = ready(&mut steps)?;
    let server = Server::bind(&build::dist(), 0)?;
    let url = server.url();
    server.in_background();
    process::run(
        driver(name, &browser)
            .env("E2E_WORKER_URL", url)
            .env("E2E_APP", build::dist()),
    )
}

/// The engine in the tab beside another one, and the figures put down.
fn in_browser() -> Result<()> {
    let mut steps = Steps::start();
    let browser = ready(&mut steps)?;
    let peer = journeys::bench_peer()?;
    let folder = project::scratch()?.join("bench");
    fs::create_dir_all(&folder).on_file("make", &folder)?;
    let report = folder.join("browser.md");
    process::run(
        driver("browser", &browser)
            .env("E2E_APP", build::dist())
            .env("BENCH_PEER", peer)
            .env("BENCH_FOLDER", &folder)
            .env("BENCH_REPORT", &report),
    )?;
    let report = fs::read_to_string(&report).on_file("read", &report)?;
    let page = project::root().join(PAGE);
    let text = fs::read_to_string(&page).on_file("read", &page)?;
    let text = with_report(&text, &report)
        .ok_or_else(|| Failure::new(format!("{PAGE} has no place for the figures")))?;
    fs::write(&page, text).on_file("write", &page)
}

fn ready(steps: &mut Steps) -> Result<Browser> {
    let tools = setup::for_building(steps)?;
    let browser = setup::for_testing(steps)?;
    steps.run("app", || build::app(&tools))?;
    Ok(browser)
}

fn driver(name: &str, browser: &Browser) -> Command {
    let mut command = Command::new("node");
    command
        .arg(format!("bench/{name}.js"))
        .current_dir(journeys::folder())
        .env("E2E_BROWSER", &browser.program)
        .env("E2E_BROWSER_ARGUMENTS", Browser::arguments().join(" "));
    command
}

/// The page with the report in place of what stands between the marks.
fn with_report(page: &str, report: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let report = report.trim();
    Some(format!("{before}{BEGIN}\n{report}\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_place_of_the_one_before() {
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        let once = with_report(&page, "\nnew\n").expect("a place");
        assert_eq!(once, format!("before\n{BEGIN}\nnew\n\n{END}after\n"));
        assert_eq!(with_report(&once, "new"), Some(once));
        assert_eq!(with_report("no place", "new"), None);
    }

    #[test]
    fn the_page_has_the_place() {
        let page = fs::read_to_string(project::root().join(PAGE)).expect("the page");
        assert!(with_report(&page, "").is_some());
    }
}
