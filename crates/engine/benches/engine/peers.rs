//! Other engines, each in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::events::{self, COUNTRIES, NAMES, PATHS};
use crate::files;
use crate::questions::{Lines, Peer, Variant};

/// What the files of another version hold is no longer asked about.
const VERSION: u32 = 1;

/// The Python program and the script that drives the peers.
#[derive(Default)]
pub struct Python {
    /// A Python that has the peers' packages.
    pub program: PathBuf,
    /// Where data and the peers' tables are kept from run to run.
    pub folder: PathBuf,
}

/// What loading cost.
pub struct Loaded {
    /// How long it took.
    pub seconds: f64,
    /// The most memory while loading, in bytes; none where the system does not tell.
    pub peak: Option<u64>,
    /// What the table takes on disk.
    pub bytes: u64,
    /// The peer's version.
    pub version: String,
}

/// An answer.
pub struct Answered {
    /// How long it took: on one thread the time on the processor, on several by the clock.
    pub seconds: f64,
    /// What it says.
    pub lines: Lines,
}

impl Python {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/benches/engine/peers.py"
            ))
            .args(arguments);
        command
    }

    /// The folder of a size.
    pub fn folder(&self, events: usize) -> PathBuf {
        self.folder.join(format!("{events}-{VERSION}"))
    }

    /// The events as a file that every peer reads, made once.
    pub fn data(&self, events: usize) -> PathBuf {
        let folder = self.folder(events);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("events.parquet");
        if file.exists() {
            return file;
        }
        let half_made = folder.join("events.part");
        let mut child = self
            .command(&["data", half_made.to_str().unwrap()])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = std::io::BufWriter::with_capacity(1 << 20, child.stdin.take().unwrap());
        let texts = json!({
            "names": NAMES,
            "countries": (0..COUNTRIES).map(events::country).collect::<Vec<_>>(),
            "paths": (0..PATHS).map(events::path).collect::<Vec<_>>(),
        });
        writeln!(pipe, "{texts}").unwrap();
        for piece in events::pieces(events) {
            files::write_columns(&mut pipe, &piece).unwrap();
        }
        drop(pipe);
        assert!(child.wait().unwrap().success(), "no data for the peers");
        std::fs::rename(half_made, &file).unwrap();
        file
    }

    /// Starts a peer over the data of a size.
    pub fn start(&self, peer: Peer, events: usize) -> Running {
        let folder = self.folder(events);
        let mut child = self
            .command(&[peer.word(), folder.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Running {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }
}

/// A peer at work.
pub struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn told(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: \"{line}\" came back for {command}"))
    }

    /// Loads the data, unless an earlier run has.
    pub fn load(&mut self, file: &Path) -> Loaded {
        let told = self.told(&json!({"do": "load", "file": file}));
        Loaded {
            seconds: told["seconds"].as_f64().unwrap(),
            peak: told["peak"].as_u64(),
            bytes: told["bytes"].as_u64().unwrap(),
            version: told["version"].as_str().unwrap().to_owned(),
        }
    }

    /// Loads a CSV file, on so many threads.
    pub fn load_csv(&mut self, file: &Path, threads: usize) -> Answered {
        answered(&self.told(&json!({"do": "csv", "file": file, "threads": threads})))
    }

    /// Asks, on so many threads.
    pub fn ask(&mut self, question: &Variant, peer: Peer, threads: usize) -> Answered {
        answered(&self.told(&json!({
            "do": "ask",
            "sql": question.sql(peer),
            "threads": threads,
            "sum": question.is_export(),
        })))
    }

    /// Ends it; the most memory while asking, in bytes.
    pub fn end(mut self) -> Option<u64> {
        let peak = self.told(&json!({"do": "end"}))["peak"].as_u64();
        drop(self.input);
        assert!(self.child.wait().unwrap().success(), "a peer ended badly");
        peak
    }
}

fn answered(told: &Value) -> Answered {
    Answered {
        seconds: told["seconds"].as_f64().unwrap(),
        lines: serde_json::from_value(told["lines"].clone()).unwrap(),
    }
}
