//! The command that holds a backend to the cases.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser;
use segments_conformance::cases;
use segments_conformance::report::examine;
use segments_conformance::transport::Http;
use segments_conformance::url::UrlSubject;

/// Asks a backend every case of the contract and says where it answers otherwise.
///
/// THE PROJECT THERE IS RESET again and again: its data is lost, and lists and segments are added to it. Start a backend for
/// this alone, such as `segments-server serve --demo` on a folder of its own.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The address of the backend, such as http://127.0.0.1:7878.
    url: String,
    /// Yes, the project at this address may be reset.
    #[arg(long)]
    reset: bool,
    /// Only the cases whose name has this text in it; a name begins with its file, such as "funnel-queries.txt: ".
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("segments-conformance: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every case that was put was answered as it has to be.
fn run(arguments: &Arguments) -> Result<bool, String> {
    if !arguments.reset {
        return Err(format!(
            "the project at {} would be reset again and again, and its data lost: add --reset if that is what you want",
            arguments.url
        ));
    }
    let mut cases = cases::all();
    cases.retain(|case| case.name.contains(&arguments.only));
    if cases.is_empty() {
        return Err(format!("no case has \"{}\" in its name", arguments.only));
    }
    let mut backend = UrlSubject::new(Http::new(&arguments.url)?, &run_id())?;
    eprintln!(
        "resetting the project at {} for every set of data",
        arguments.url
    );
    let is_watched = std::io::stderr().is_terminal();
    let report = examine(&mut backend, &cases, |number, case| {
        if is_watched {
            eprint!("\r\x1b[K{} of {}: {}", number + 1, cases.len(), case.name);
        }
    });
    if is_watched {
        eprint!("\r\x1b[K");
    }
    println!("{report}");
    Ok(report.failed.is_empty())
}

/// Sets the imports of this run apart from those of others.
fn run_id() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("conformance-{}", since.map_or(0, |since| since.as_nanos()))
}
