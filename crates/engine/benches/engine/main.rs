//! The engine beside other engines: the same questions over the same data in the same run, on one core and on all.
//!
//! `cargo xtask bench engine` runs it and says where Python is. Run without `--events`, it only shows that it runs.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

mod busy;
mod events;
mod files;
mod measure;
mod peers;
mod questions;
mod report;

use std::fs;
use std::path::PathBuf;

use measure::Size;
use peers::Python;
use questions::Peer;

/// What is asked for on the command line.
#[derive(Default)]
struct Options {
    events: Vec<usize>,
    peers: Vec<Peer>,
    python: Python,
    /// A Markdown file to put the report into.
    write: Option<PathBuf>,
}

fn main() {
    let options = Options::parse();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let sizes: Vec<Size> = (options.events.iter())
        .map(|events| measure::size(*events, cores, &options.peers, &options.python))
        .collect();
    let report = report::markdown(&sizes, &options.peers, cores);
    println!("\n{report}");
    let differing: Vec<&String> = sizes.iter().flat_map(|size| &size.differing).collect();
    assert!(differing.is_empty(), "answers differ: {differing:#?}");
    if let Some(file) = &options.write {
        let page = fs::read_to_string(file).unwrap();
        fs::write(file, report::put_into(&page, &report)).unwrap();
    }
}

impl Options {
    fn parse() -> Self {
        let mut options = Self {
            events: vec![10_000],
            ..Self::default()
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap();
            match argument.as_str() {
                "--events" => options.events = value().split(',').map(number).collect(),
                "--peers" => {
                    let words = value();
                    options.peers = (Peer::ALL.into_iter())
                        .filter(|peer| words.split(',').any(|word| word == peer.word()))
                        .collect();
                }
                "--python" => options.python.program = value().into(),
                "--folder" => options.python.folder = value().into(),
                "--write" => options.write = Some(value().into()),
                // Cargo's own, and what is meant for other benchmarks.
                _ => {}
            }
        }
        options
    }
}

/// A number as `10000`, `10k` or `10m`.
fn number(text: &str) -> usize {
    let (digits, unit) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix('m') {
            Some(digits) => (digits, 1_000_000),
            None => (text, 1),
        },
    };
    match digits.parse::<usize>() {
        Ok(digits) => digits * unit,
        Err(_) => panic!("`{text}` is not a number of events, as in 10m"),
    }
}
