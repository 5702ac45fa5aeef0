//! What was measured, as Markdown.

use std::fmt::Write as _;

use crate::measure::{Size, Times};
use crate::questions::Peer;

const BEGIN: &str = "<!-- cargo xtask bench engine: from here -->";
const END: &str = "<!-- cargo xtask bench engine: to here -->";

/// The page with the report between its marks.
pub fn put_into(page: &str, report: &str) -> String {
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    format!("{before}{BEGIN}\n{report}{END}{after}")
}

/// A question just measured, on the terminal.
pub fn print(name: &str, times: &Times) {
    println!("  {name:40} {:>9} {:>9}", time(times.one), time(times.all));
}

/// The tables.
pub fn markdown(sizes: &[Size], peers: &[Peer], cores: usize) -> String {
    let mut text = String::new();
    for size in sizes {
        questions(&mut text, size, peers, cores);
    }
    costs(&mut text, sizes, peers, cores);
    if sizes.len() > 1 {
        growth(&mut text, sizes);
    }
    let compared: usize = sizes.iter().map(|size| size.compared).sum();
    if compared > 0 && sizes.iter().all(|size| size.differing.is_empty()) {
        let _ = writeln!(
            text,
            "\nAll {compared} answers of the peers were the engine's."
        );
    }
    text
}

fn heading(text: &mut String, cells: &[String]) {
    let _ = writeln!(
        text,
        "\n| {} |\n|{}",
        cells.join(" | "),
        "---|".repeat(cells.len())
    );
}

fn questions(text: &mut String, size: &Size, peers: &[Peer], cores: usize) {
    let mut cells = vec![
        format!("{} events", count(size.events)),
        "1 core".to_owned(),
        "of the floor".to_owned(),
    ];
    cells.extend(
        peers
            .iter()
            .map(|peer| format!("{}, 1 thread", peer.name())),
    );
    cells.push(format!("{cores} cores"));
    cells.extend(
        peers
            .iter()
            .map(|peer| format!("{}, {cores} threads", peer.name())),
    );
    heading(text, &cells);
    for row in &size.rows {
        let beside = |of: fn(&Times) -> f64| {
            let ours = of(&row.engine);
            let theirs = row.peers.iter().map(of);
            theirs
                .map(|theirs| format!(" {} ({}×) |", time(theirs), short(theirs / ours)))
                .collect::<String>()
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} |{} {} |{}",
            row.name,
            time(row.engine.one),
            share(size.floor / row.engine.one),
            beside(|times| times.one),
            time(row.engine.all),
            beside(|times| times.all),
        );
    }
    let _ = writeln!(
        text,
        "| the floor | {} | 100 % |{}",
        time(size.floor),
        " |".repeat(1 + 2 * peers.len())
    );
}

fn costs(text: &mut String, sizes: &[Size], peers: &[Peer], cores: usize) {
    let mut cells = vec!["memory and loading".to_owned()];
    cells.extend(
        sizes
            .iter()
            .map(|size| format!("{} events", count(size.events))),
    );
    heading(text, &cells);
    let mut line = |name: String, cell: &dyn Fn(&Size) -> String| {
        let cells: Vec<String> = sizes.iter().map(cell).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    line("users".to_owned(), &|size| count(size.users as usize));
    line("who, what and when, bytes per event".to_owned(), &|size| {
        per_event(size.memory.core, size)
    });
    line("event properties, bytes per event".to_owned(), &|size| {
        per_event(size.memory.event_properties, size)
    });
    line("users and ids, bytes per event".to_owned(), &|size| {
        per_event(size.memory.users, size)
    });
    line("most memory while asking".to_owned(), &|size| {
        bytes(size.peaks[1])
    });
    line("made and loaded in, one core".to_owned(), &|size| {
        time(size.load)
    });
    line("most memory while loading".to_owned(), &|size| {
        bytes(size.peaks[0])
    });
    for (place, peer) in peers.iter().enumerate() {
        let version = sizes
            .first()
            .map_or("", |size| &size.peers[place].0.version);
        let name = format!("{} {version}", peer.name());
        line(format!("{name}: on disk, bytes per event"), &|size| {
            per_event(size.peers[place].0.bytes as usize, size)
        });
        line(format!("{name}: most memory while asking"), &|size| {
            bytes(size.peers[place].1)
        });
        line(format!("{name}: loaded in, {cores} threads"), &|size| {
            time(size.peers[place].0.seconds)
        });
        line(format!("{name}: most memory while loading"), &|size| {
            bytes(size.peers[place].0.peak)
        });
    }
}

/// How much longer each question takes from size to size, on one core.
fn growth(text: &mut String, sizes: &[Size]) {
    let mut cells = vec!["1 core, times as long".to_owned()];
    let pairs: Vec<(&Size, &Size)> = sizes.iter().zip(sizes.iter().skip(1)).collect();
    cells.extend(
        (pairs.iter())
            .map(|(less, more)| format!("{} to {}", count(less.events), count(more.events))),
    );
    heading(text, &cells);
    // A size can have a row more at the end.
    let rows = sizes.iter().map(|size| size.rows.len()).min().unwrap_or(0);
    for row in 0..rows {
        let _ = write!(text, "| {} |", sizes[0].rows[row].name);
        for (less, more) in &pairs {
            let factor = more.rows[row].engine.one / less.rows[row].engine.one;
            let _ = write!(text, " {} |", short(factor));
        }
        text.push('\n');
    }
}

fn count(of: usize) -> String {
    match of {
        0..1_000 => of.to_string(),
        1_000..1_000_000 => format!("{},{:03}", of / 1_000, of % 1_000),
        _ if of.is_multiple_of(1_000_000) => format!("{} million", of / 1_000_000),
        _ => format!("{:.2} million", of as f64 / 1e6),
    }
}

fn per_event(bytes: usize, size: &Size) -> String {
    format!("{:.1}", bytes as f64 / size.events as f64)
}

fn bytes(of: Option<u64>) -> String {
    of.map_or("?".to_owned(), |bytes| {
        match bytes as f64 / f64::from(1 << 20) {
            mebibytes if mebibytes < 1_024.0 => format!("{mebibytes:.0} MiB"),
            mebibytes => format!("{:.1} GiB", mebibytes / 1_024.0),
        }
    })
}

/// A share of the floor; what does not go over the events has none.
fn share(of: f64) -> String {
    match of {
        0.001..=1.0 => format!("{} %", short(100.0 * of)),
        _ => "–".to_owned(),
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1e-3 => format!("{} µs", short(seconds * 1e6)),
        seconds if seconds < 1.0 => format!("{} ms", short(seconds * 1e3)),
        seconds => format!("{} s", short(seconds)),
    }
}

/// A number of two or three digits that count.
fn short(number: f64) -> String {
    match number {
        number if number < 1.0 => format!("{number:.2}"),
        number if number < 10.0 => format!("{number:.1}"),
        number => format!("{number:.0}"),
    }
}
