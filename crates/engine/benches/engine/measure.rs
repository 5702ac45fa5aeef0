//! Measures the engine, then each peer by itself, and holds their answers against each other.

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Clock;

use segments_engine::batch::Batch;
use segments_engine::{Loader, Memory, Store};
use segments_import::{Importer, Known, Limits};
use segments_model::calendar::Zone;
use segments_model::import::{ImportKind, ImportOptions};

use crate::peers::{Loaded, Python};
use crate::questions::{Lines, Peer, QUESTIONS, Question, context};
use crate::{busy, events, files, report};

/// How many rows of CSV are loaded, and from which size on.
const CSV_ROWS: usize = 1_000_000;

/// The numbers of questions on one core begin with 0, those on all cores here: none is asked twice.
const ON_ALL_CORES: u32 = 40;

/// A peer is not asked the same kind of question again once that took so many seconds in all.
const PATIENCE: f64 = 30.0;

/// Median times of one engine in seconds: on the processor on one core, by the clock on all of them.
#[derive(Clone, Copy)]
pub struct Times {
    /// On one core.
    pub one: f64,
    /// On all cores.
    pub all: f64,
}

/// A question with what it took.
pub struct Row {
    /// The question.
    pub name: &'static str,
    /// The engine.
    pub engine: Times,
    /// Each peer.
    pub peers: Vec<Times>,
}

/// What a size came to.
pub struct Size {
    /// How many events.
    pub events: usize,
    /// How many users.
    pub users: u32,
    /// One pass over as many seconds, on one core.
    pub floor: f64,
    /// How long making and loading took, on one core.
    pub load: f64,
    /// The store in memory.
    pub memory: Memory,
    /// The most memory while loading, and while asking.
    pub peaks: [Option<u64>; 2],
    /// Questions.
    pub rows: Vec<Row>,
    /// What loading each peer cost, and its most memory while asking.
    pub peers: Vec<(Loaded, Option<u64>)>,
    /// How many answers of peers were held against the engine's.
    pub compared: usize,
    /// The first of each peer's to each question that differs.
    pub differing: Vec<String>,
}

/// How often the engine and the peers are asked the same kind of question.
fn repetitions(events: usize) -> (u32, u32) {
    match events {
        0..100_000 => (1, 1),
        100_000..100_000_000 => (11, 5),
        _ => (5, 3),
    }
}

/// Measures one size.
pub fn size(events: usize, cores: usize, peers: &[Peer], python: &Python) -> Size {
    println!("{events} events");
    let (mut size, answers) = engine(events, cores);
    let csv = (events == CSV_ROWS).then(|| csv(events));
    if let Some(csv) = &csv {
        let seconds = median((0..repetitions(events).1).map(|_| load_csv(csv)).collect());
        // Reading a file is the work of one core.
        let times = Times {
            one: seconds,
            all: seconds,
        };
        size.push("loading 1 million rows of CSV", times);
    }
    for peer in peers {
        println!("{}", peer.name());
        beside(&mut size, &answers, *peer, cores, python, csv.as_deref());
    }
    size
}

/// What the engine answered on one core and on all, by question.
type Answers = Vec<[Vec<Lines>; 2]>;

/// What is done on one core and on all: the number of cores, and where the numbers of questions begin.
const fn rounds(cores: usize) -> [(usize, u32); 2] {
    [(1, 0), (cores, ON_ALL_CORES)]
}

fn engine(events: usize, cores: usize) -> (Size, Answers) {
    let floor = floor(events);
    forget_peak();
    let (store, took) = timed(|| Arc::new(events::store(events)));
    let mut size = Size {
        events,
        users: store.user_count(),
        floor,
        load: took.on_processor,
        memory: store.memory(),
        peaks: [peak(), None],
        rows: Vec::new(),
        peers: Vec::new(),
        compared: 0,
        differing: Vec::new(),
    };
    forget_peak();
    let mut answers = Vec::new();
    for question in &QUESTIONS {
        let [one, all] = rounds(cores).map(|(cores, from)| ask(&store, question, cores, from));
        let times = Times {
            one: one.0,
            all: all.0,
        };
        size.push(question.name, times);
        answers.push([one.1, all.1]);
    }
    size.peaks[1] = peak();
    (size, answers)
}

/// The median time of the engine, and the answers that peers are to give as well.
fn ask(store: &Arc<Store>, question: &Question, cores: usize, from: u32) -> (f64, Vec<Lines>) {
    let (times, to_compare) = repetitions(store.event_count() as usize);
    let context = context(cores);
    let mut seconds = Vec::new();
    let mut answers = Vec::new();
    // The first one does not count.
    for number in std::iter::once(times).chain(0..times) {
        let variant = (question.variant)(from + number);
        let (found, took) = timed(|| variant.ask(store, &context));
        if number < times {
            seconds.push(if cores == 1 {
                took.on_processor
            } else {
                took.by_clock
            });
        }
        if number < to_compare {
            answers.push(variant.lines(&found));
        }
    }
    (median(seconds), answers)
}

/// Asks a peer what the engine was asked.
fn beside(
    size: &mut Size,
    answers: &Answers,
    peer: Peer,
    cores: usize,
    python: &Python,
    csv: Option<&[u8]>,
) {
    let times = repetitions(size.events).1;
    let data = python.data(size.events);
    let mut running = python.start(peer, size.events);
    let loaded = running.load(&data);
    for (place, question) in QUESTIONS.iter().enumerate() {
        let mut all_same = true;
        let mut round = 0;
        let [one, all] = rounds(cores).map(|(threads, from)| {
            let ours = &answers[place][round];
            round += 1;
            let mut seconds = Vec::new();
            let first = running.ask(&(question.variant)(from + times), peer, threads);
            let mut spent = first.seconds;
            for (number, ours) in (from..).zip(ours) {
                if spent > PATIENCE && !seconds.is_empty() {
                    break;
                }
                let answer = running.ask(&(question.variant)(number), peer, threads);
                seconds.push(answer.seconds);
                spent += answer.seconds;
                size.compared += 1;
                // One of a kind is enough to look into.
                if *ours != answer.lines && all_same {
                    all_same = false;
                    let name = format!("{}, {}", peer.name(), question.name);
                    size.differing.push(differing(&name, ours, &answer.lines));
                }
            }
            median(seconds)
        });
        size.push_peer(place, Times { one, all });
    }
    if let Some(csv) = csv {
        let file = python.folder(size.events).join("events.csv");
        fs::write(&file, csv).unwrap();
        let [one, all] = [1, cores].map(|threads| {
            let loads = (0..times).map(|_| {
                let answer = running.load_csv(&file, threads);
                assert_eq!(answer.lines, [CSV_ROWS.to_string()]);
                answer.seconds
            });
            median(loads.collect())
        });
        size.push_peer(QUESTIONS.len(), Times { one, all });
    }
    size.peers.push((loaded, running.end()));
}

impl Size {
    fn push(&mut self, name: &'static str, engine: Times) {
        report::print(name, &engine);
        self.rows.push(Row {
            name,
            engine,
            peers: Vec::new(),
        });
    }

    fn push_peer(&mut self, row: usize, times: Times) {
        let row = &mut self.rows[row];
        report::print(row.name, &times);
        row.peers.push(times);
    }
}

/// The first lines that differ.
fn differing(name: &str, ours: &Lines, theirs: &Lines) -> String {
    let place = (ours.iter().zip(theirs))
        .position(|(ours, theirs)| ours != theirs)
        .unwrap_or(ours.len().min(theirs.len()));
    format!(
        "{name}: {} lines and {}, the first to differ {:?} and {:?}",
        ours.len(),
        theirs.len(),
        ours.get(place),
        theirs.get(place)
    )
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// How long one pass over so many seconds takes.
fn floor(events: usize) -> f64 {
    let seconds: Vec<u32> = (0..events as u32)
        .map(|row| row.wrapping_mul(2_654_435_761))
        .collect();
    let times = (0..11).map(|_| {
        let (start, end) = black_box((1 << 20, 1 << 28));
        let inside = || {
            (seconds.iter())
                .filter(|second| (start..end).contains(*second))
                .count()
        };
        timed(|| black_box(inside())).1.on_processor
    });
    median(times.collect())
}

fn csv(events: usize) -> Vec<u8> {
    let mut file = Vec::new();
    files::write_csv(&mut file, events::pieces(events)).unwrap();
    file
}

/// How long it takes to make a store of a file.
fn load_csv(csv: &[u8]) -> f64 {
    let (store, took) = timed(|| {
        let options = ImportOptions {
            kind: ImportKind::Events,
            user: None,
            event: None,
            time: None,
            time_zone: None,
        };
        let mut importer =
            Importer::new(options, &Zone::utc(), Known::new(), Limits::default()).unwrap();
        for chunk in csv.chunks(1 << 20) {
            importer.push(chunk).unwrap();
        }
        let mut loader = Loader::new();
        match importer.finish().unwrap().batch {
            Batch::Events(batch) => loader.push_events(&batch).unwrap(),
            Batch::Users(_) => unreachable!("events were asked for"),
        }
        events::build(loader)
    });
    assert_eq!(store.event_count(), CSV_ROWS as u64);
    took.on_processor
}

/// How long work took, in seconds.
struct Took {
    by_clock: f64,
    /// This thread alone; by the clock where the system does not tell.
    on_processor: f64,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let busy = busy::on_processor();
    let begun = Clock::now();
    let done = work();
    let by_clock = begun.elapsed().as_secs_f64();
    let busy = busy.zip(busy::on_processor());
    // Asking the system takes a little time too.
    let on_processor = busy.map_or(by_clock, |(before, after)| {
        (after - before).as_secs_f64().min(by_clock)
    });
    (
        done,
        Took {
            by_clock,
            on_processor,
        },
    )
}

/// The most memory of this process since it was last forgotten, in bytes; none where the system does not tell.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1_024)
}

fn forget_peak() {
    // Where the system does not know this, the peak is that of everything so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
