//! `cargo xtask test`: every check of the project, in the order in which they are quickest to fail.

use std::{path::PathBuf, process::Command, time::Duration};

use crate::{
    browser::Browser,
    build,
    failure::{Failure, Result},
    gallery, journeys, layers, process, project,
    serve::Server,
    setup, sizes,
    step::Steps,
    tools::Tools,
    wasm_std::TARGET,
};

/// A test runner that lost its browser waits for ever.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);
const JOURNEYS_LIMIT: Duration = Duration::from_secs(20 * 60);
const NATIVE_LIMIT: Duration = Duration::from_secs(40 * 60);

struct Check {
    name: &'static str,
    run: Run,
}

enum Run {
    /// It needs cargo alone, so it comes before everything that has to be brought first.
    Alone(fn() -> Result<String>),
    /// It needs what the set-up brings.
    Ready(fn(&Ready) -> Result<String>),
}

const CHECKS: [Check; 10] = [
    Check {
        name: "fmt",
        run: Run::Alone(fmt),
    },
    Check {
        name: "layers",
        run: Run::Alone(layers::check),
    },
    Check {
        name: "clippy",
        run: Run::Ready(clippy),
    },
    Check {
        name: "clippy-wasm",
        run: Run::Ready(clippy_wasm),
    },
    Check {
        name: "doc",
        run: Run::Ready(doc),
    },
    Check {
        name: "native",
        run: Run::Ready(native),
    },
    Check {
        name: "browser",
        run: Run::Ready(browser),
    },
    Check {
        name: "build",
        run: Run::Ready(build_app),
    },
    Check {
        name: "sizes",
        run: Run::Ready(|_| sizes::check()),
    },
    Check {
        name: "journeys",
        run: Run::Ready(journeys),
    },
];

struct Ready {
    tools: Tools,
    browser: Browser,
}

/// Runs the named checks, or all.
pub fn run(names: &[String]) -> Result<()> {
    let chosen = choose(names)?;
    let mut steps = Steps::start();
    let result = run_all(&chosen, &mut steps);
    steps.summary();
    result
}

fn run_all(checks: &[&Check], steps: &mut Steps) -> Result<()> {
    for check in checks {
        if let Run::Alone(run) = check.run {
            steps.run(check.name, run)?;
        }
    }
    let rest: Vec<_> = checks
        .iter()
        .filter_map(|check| match check.run {
            Run::Alone(_) => None,
            Run::Ready(run) => Some((check.name, run)),
        })
        .collect();
    if rest.is_empty() {
        return Ok(());
    }
    let ready = Ready {
        tools: setup::for_building(steps)?,
        browser: setup::for_testing(steps)?,
    };
    rest.into_iter()
        .try_for_each(|(name, run)| steps.run(name, || run(&ready)))
}

fn choose(names: &[String]) -> Result<Vec<&'static Check>> {
    if names.is_empty() {
        return Ok(CHECKS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            CHECKS
                .iter()
                .find(|check| check.name == name)
                .ok_or_else(|| {
                    let known: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
                    Failure::new(format!(
                        "there is no check `{name}`; there are: {}",
                        known.join(", ")
                    ))
                })
        })
        .collect()
}

fn fmt() -> Result<String> {
    process::run(project::cargo().args(["fmt", "--all", "--check"]))
        .map_err(|failure| failure.by_hand("cargo fmt --all"))?;
    Ok("clean".to_owned())
}

fn clippy(_: &Ready) -> Result<String> {
    process::run(
        project::cargo()
            .args([
                "clippy",
                "--quiet",
                "--locked",
                "--workspace",
                "--all-targets",
            ])
            .args(["--exclude", "user-segments", "--exclude", "segments-worker"])
            .args(["--", "-D", "warnings"]),
    )?;
    Ok("clean".to_owned())
}

fn clippy_wasm(_: &Ready) -> Result<String> {
    process::run(
        project::cargo()
            .args([
                "clippy",
                "--quiet",
                "--locked",
                "--target",
                TARGET,
                "--all-targets",
            ])
            .args(project::IN_BROWSER)
            .args(["--", "-D", "warnings"]),
    )?;
    Ok("clean".to_owned())
}

fn doc(_: &Ready) -> Result<String> {
    let doc = |arguments: &[&str]| {
        process::run(
            project::cargo()
                .args(["doc", "--quiet", "--locked", "--no-deps"])
                .args(arguments)
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    };
    doc(&[
        "--workspace",
        "--exclude",
        "user-segments",
        "--exclude",
        "segments-worker",
    ])?;
    doc(&[&["--target", TARGET], &project::IN_BROWSER[..]].concat())?;
    Ok("clean".to_owned())
}

/// The page's own logic is tested natively too; only the worker cannot do without a browser.
fn native(_: &Ready) -> Result<String> {
    count_tests(
        project::cargo().args([
            "test",
            "--locked",
            "--workspace",
            "--exclude",
            "segments-worker",
        ]),
        NATIVE_LIMIT,
    )
}

fn browser(ready: &Ready) -> Result<String> {
    count_tests(
        project::cargo()
            .args(["test", "--locked", "--lib", "--bins", "--tests"])
            .args(["--target", TARGET])
            .args(project::IN_BROWSER)
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                &ready.tools.test_runner,
            )
            // The worker as nearly every browser gets it; a journey goes the way of the others.
            .env(build::WASM_FLAGS, build::VECTOR_FLAGS)
            .env("CHROMEDRIVER", &ready.browser.driver)
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                ready.browser.write_capabilities()?,
            )
            // Seconds for one test program, and for the driver to come up on a busy machine.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "240")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60"),
        BROWSER_LIMIT,
    )
}

fn build_app(ready: &Ready) -> Result<String> {
    build::app(&ready.tools)
}

fn journeys(ready: &Ready) -> Result<String> {
    build::app(&ready.tools)?;
    let native = build::server()?;
    let serve = |folder| {
        let server = Server::bind(folder, 0)?;
        let url = server.url();
        server.in_background();
        Ok(url)
    };
    let files = journeys::files()?;
    if files.is_empty() {
        return Err(Failure::new("there is no journey in tests/e2e"));
    }
    count_tests(
        Command::new("node")
            .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
            .args(files)
            .current_dir(journeys::folder())
            .env("E2E_WORKER_URL", serve(&build::dist())?)
            .env("E2E_GALLERY_URL", serve(&gallery::build(&ready.tools)?)?)
            .env("E2E_SERVER", native)
            .env("E2E_APP", build::dist())
            .env("E2E_BROWSER", &ready.browser.program)
            .env("E2E_BROWSER_ARGUMENTS", Browser::arguments().join(" "))
            .env("E2E_SCREENSHOTS", screenshots()?),
        JOURNEYS_LIMIT,
    )
}

fn screenshots() -> Result<PathBuf> {
    Ok(project::target_dir()?.join("screenshots"))
}

/// Runs tests and says how many passed. A run without a single test is a failure: it would prove nothing.
fn count_tests(command: &mut Command, limit: Duration) -> Result<String> {
    let mut passed = 0;
    process::tee(command, limit, |line| passed += passed_in(line))?;
    if passed == 0 {
        return Err(Failure::new(format!(
            "`{}` ran no test",
            process::shown(command)
        )));
    }
    Ok(format!("{passed} passed"))
}

/// How many tests passed according to a summary line of cargo's or node's test runner.
fn passed_in(line: &str) -> u32 {
    let line = line.trim();
    let number = if let Some(result) = line.strip_prefix("test result: ok. ") {
        result.split(' ').next()
    } else {
        line.strip_prefix("ℹ pass ")
    };
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted() {
        assert_eq!(
            passed_in("test result: ok. 16 passed; 0 failed; 0 ignored"),
            16
        );
        assert_eq!(passed_in("ℹ pass 5"), 5);
        assert_eq!(passed_in("test a::b ... ok"), 0);
    }

    #[test]
    fn checks_are_chosen_by_name() {
        assert_eq!(choose(&[]).map(|all| all.len()).ok(), Some(CHECKS.len()));
        let one = choose(&["fmt".to_owned()]).expect("a check");
        assert_eq!(one.first().map(|check| check.name), Some("fmt"));
        let failure = choose(&["frmt".to_owned()]).err().expect("no such check");
        assert!(failure.to_string().contains("clippy-wasm"), "{failure}");
    }
}
