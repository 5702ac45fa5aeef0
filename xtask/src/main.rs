//! Set-up, run, test and bench: what the README's commands call.
#![forbid(unsafe_code)]

mod bench;
mod browser;
mod build;
mod by_crate;
mod chunks;
mod failure;
mod gallery;
#[path = "../../crates/server/src/headers.rs"]
mod headers;
mod index;
mod journeys;
mod layers;
mod module;
mod peers;
mod process;
mod project;
mod run;
mod serve;
mod setup;
mod sizes;
mod step;
mod test;
mod text;
mod tools;
mod wasm_std;

use std::{env, process::ExitCode};

use failure::{Failure, Result};
use step::Steps;

const HELP: &str = "\
cargo xtask setup               bring everything that building and testing need
cargo xtask run                 build the app and serve it with the backend inside the browser tab
    --server                    serve it from the native server instead
    --data DIR                  the server's folder (.data)
    --port N                    listen on 127.0.0.1:N (7878)
cargo xtask test [CHECK…]       run all checks, or the named ones: fmt layers clippy clippy-wasm doc
                                native browser build sizes journeys
cargo xtask bench [ARGUMENT…]   run the benchmarks; arguments go to cargo bench
cargo xtask bench engine        the engine beside other engines, as tables
    --events N,…                over so many events (1m,10m); 100m takes 8 GB of memory
    --peers P,…|none            beside these (chdb,duckdb), which are fetched by pip at the first run
    --write                     put the tables into docs/performance.md
cargo xtask bench worker        how soon the first count is there after a reload, of own data and of the demo, in a browser
cargo xtask bench page          how quick the page is to hand and eye while the engine is busy, in a browser
cargo xtask bench load          how soon the pages are there when they are opened first over slow lines, in a browser
cargo xtask bench browser       our engine in the tab beside duckdb-wasm; puts the figures into docs/performance.md
cargo xtask sizes --by-crate [MODULE…]
                                which crates the code of the worker and of the page was written in, and made for
cargo xtask help                this page
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nfailed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("setup") => {
            let mut steps = Steps::start();
            setup::for_building(&mut steps)?;
            setup::for_testing(&mut steps)?;
            steps.summary();
            Ok(())
        }
        Some("test") => test::run(&arguments.collect::<Vec<_>>()),
        Some("bench") => bench::run(&arguments.collect::<Vec<_>>()),
        Some("sizes") => sizes::run(&arguments.collect::<Vec<_>>()),
        Some("run") => run::run(run::Options::parse(arguments)?),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => {
            Err(Failure::new(format!("there is no command `{other}`")).by_hand("cargo xtask help"))
        }
    }
}
