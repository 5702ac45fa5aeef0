//! Makes sure of everything that building and testing need. What is there is left alone.

use std::time::Instant;

use crate::{
    browser::{self, Browser},
    failure::{Failure, Result},
    journeys, process, project,
    step::{Steps, seconds},
    tools::{self, Tools},
    wasm_std::{self, Compiler},
};

/// What building the app needs.
pub fn for_building(steps: &mut Steps) -> Result<Tools> {
    let started = Instant::now();
    let compiler = Compiler::find()?;
    let mut news = false;
    if !compiler.has_wasm_std() {
        news = true;
        steps.run("std for wasm32", || wasm_std::install(&compiler))?;
    }
    wasm_std::forget_stale_builds(&compiler)?;
    let tools = match tools::find()? {
        Some(tools) => tools,
        None => {
            news = true;
            steps.run("trunk and wasm-bindgen", || {
                tools::install().map(|()| "built".to_owned())
            })?;
            tools::find()?
                .ok_or_else(|| Failure::new("the tools were built but cannot be found"))?
        }
    };
    if !news {
        println!("set-up: all there ({})", seconds(started.elapsed()));
    }
    Ok(tools)
}

/// What the tests need besides.
pub fn for_testing(steps: &mut Steps) -> Result<Browser> {
    let browser = match browser::find()? {
        Some(browser) => browser,
        None => {
            steps.run("a browser", || {
                browser::install().map(|()| "installed".to_owned())
            })?;
            browser::find()?.ok_or_else(|| {
                Failure::new("the packages brought no Chromium with a chromedriver")
                    .by_hand("name them in CHROME and CHROMEDRIVER")
            })?
        }
    };
    for component in ["fmt", "clippy"] {
        process::output(project::cargo().args([component, "--version"]))
            .map_err(|failure| failure.by_hand("rustup component add rustfmt clippy"))?;
    }
    for program in ["node", "npm"] {
        if project::on_path(program).is_none() {
            return Err(Failure::new(format!("there is no {program}"))
                .by_hand("install Node.js 20 or newer; the end-to-end tests run on it"));
        }
    }
    if !journeys::has_packages()? {
        steps.run("packages for the journeys", || {
            journeys::install_packages().map(|()| "installed".to_owned())
        })?;
    }
    Ok(browser)
}
