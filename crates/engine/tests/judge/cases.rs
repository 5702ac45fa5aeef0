//! The cases of `tests/cases`: data, questions and answers as text. `docs/correctness.md` tells how they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono_tz::Tz;
use segments_model::query::Query;
use segments_model::selection::Selection;
use segments_model::{Criterion, Instant};

use crate::evaluate::{Asked, members};
use crate::world::{Event, Plain, Properties, StoredSegment, World};
use crate::{answer, engine, render};

/// One question with its answer, and the data that it is asked of.
struct Case {
    name: String,
    world: World,
    as_of: i64,
    zone: Tz,
    ask: String,
    select: String,
    expect: Vec<String>,
}

#[test]
fn every_case_is_answered_so_by_the_judge_and_by_the_engine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for case in read(&text) {
            let name = format!("{}: {}", file.file_name().unwrap().display(), case.name);
            wrong.extend(differences(&case).map(|how| format!("{name}\n{how}")));
            assert!(names.insert(name), "two cases are called {:?}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(names.len() >= 150, "there are {} cases only", names.len());
}

/// What the judge and the engine say other than the case.
fn differences(case: &Case) -> Option<String> {
    let asked = Asked {
        world: &case.world,
        as_of: case.as_of,
        zone: case.zone,
    };
    let store = engine::store(&case.world);
    let context = engine::context(&store, &case.world, case.as_of, case.zone);
    let mut told = Vec::new();
    if let Some(pointer) = case.expect[0].strip_prefix("error ") {
        let found = engine::pointer_of_error(&case.ask, &store, &context);
        return (found.as_deref() != Some(pointer)).then(|| format!("the error is at {found:?}"));
    }
    if !case.ask.contains("\"tool\"") {
        let definition: Criterion =
            serde_json::from_str(&case.ask).unwrap_or_else(|error| unreadable(&error, case));
        told.push(("judge", users(&members(&definition, asked))));
        let found = engine::members(&store, &definition, &context, 3);
        told.push(("engine", users(&found)));
    } else if case.select.is_empty() {
        let query: Query =
            serde_json::from_str(&case.ask).unwrap_or_else(|error| unreadable(&error, case));
        told.push((
            "judge",
            render::answer(&answer::answer(&query, asked), case.zone),
        ));
        let found = engine::answer(&store, &query, &context, 3).unwrap();
        told.push(("engine", render::answer(&found, case.zone)));
    } else {
        let query: Query =
            serde_json::from_str(&case.ask).unwrap_or_else(|error| unreadable(&error, case));
        let selection: Selection =
            serde_json::from_str(&case.select).unwrap_or_else(|error| unreadable(&error, case));
        told.push(("judge", users(&answer::counted(&query, &selection, asked))));
        let definition = engine::selected(&case.world, &query, &selection, &context);
        let found = engine::members(&store, &definition, &context, 3);
        told.push(("engine", users(&found)));
    }
    told.into_iter()
        .find(|(_, lines)| !case.expect.iter().all(|line| lines.contains(line)))
        .map(|(who, lines)| {
            let missing = case.expect.iter().filter(|line| !lines.contains(line));
            let missing: Vec<&str> = missing.map(String::as_str).collect();
            let (missing, lines) = (missing.join("\n    "), lines.join("\n    "));
            format!("  expected:\n    {missing}\n  the {who} says:\n    {lines}")
        })
}

fn users(found: &BTreeSet<String>) -> Vec<String> {
    let ids: Vec<String> = found.iter().map(|id| render::word(id)).collect();
    vec![if ids.is_empty() {
        "nobody".to_owned()
    } else {
        ids.join(" ")
    }]
}

/// Says which case cannot be read.
fn unreadable<T>(error: &serde_json::Error, case: &Case) -> T {
    panic!("{}: {error}: {}{}", case.name, case.ask, case.select)
}

/// What a file has said so far.
struct Reader {
    world: World,
    zero: i64,
    as_of: i64,
    zone: Tz,
    names: BTreeMap<String, String>,
}

/// The cases of a file.
fn read(text: &str) -> Vec<Case> {
    let mut reader = Reader {
        world: World::default(),
        zero: 0,
        as_of: 0,
        zone: Tz::UTC,
        names: BTreeMap::new(),
    };
    let mut cases: Vec<Case> = Vec::new();
    let mut section = String::new();
    for line in text.lines() {
        let indented = line.starts_with(' ');
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        if indented {
            reader.indented(&section, line, cases.last_mut());
            continue;
        }
        section = word.to_owned();
        match word {
            "data" => {
                reader.world = World::default();
                reader.zone = Tz::UTC;
            }
            "zero" => reader.zero = reader.time(rest),
            "let" => {
                let (name, meaning) = rest.split_once(' ').unwrap();
                let meaning = reader.replaced(meaning.trim());
                reader.names.insert(format!("${name}"), meaning);
            }
            "as_of" if cases.last().is_some_and(|case| case.ask.is_empty()) => {
                cases.last_mut().unwrap().as_of = reader.time(rest);
            }
            "as_of" => reader.as_of = reader.time(rest),
            "zone" if cases.last().is_some_and(|case| case.ask.is_empty()) => {
                cases.last_mut().unwrap().zone = rest.parse().unwrap();
            }
            "zone" => reader.zone = rest.parse().unwrap(),
            "case" => cases.push(Case {
                name: rest.to_owned(),
                world: reader.world.clone(),
                as_of: reader.as_of,
                zone: reader.zone,
                ask: String::new(),
                select: String::new(),
                expect: Vec::new(),
            }),
            "events" | "users" | "segments" | "lists" => {}
            "ask" | "select" | "expect" if !rest.is_empty() => {
                reader.indented(word, rest, cases.last_mut());
            }
            "ask" | "select" | "expect" => {}
            other => panic!("{other:?} is nothing that a case can say: {line}"),
        }
    }
    cases
}

impl Reader {
    /// A line that belongs to the section above it.
    fn indented(&mut self, section: &str, line: &str, case: Option<&mut Case>) {
        match section {
            "events" => self.events(line),
            "users" => {
                let mut words = words(line).into_iter();
                let user = words.next().unwrap();
                let properties = words.map(|word| self.property(&word)).collect();
                self.world.users.insert(user, properties);
            }
            "segments" => self.segment(line),
            "lists" => {
                let mut words = words(line).into_iter();
                let id = words.next().unwrap();
                self.world.lists.insert(id, words.collect());
            }
            "ask" => case.unwrap().ask.push_str(&self.replaced(line)),
            "select" => case.unwrap().select.push_str(&self.replaced(line)),
            "expect" => case.unwrap().expect.push(line.to_owned()),
            other => panic!("nothing can stand below {other:?}: {line}"),
        }
    }

    /// A user and what the user did: `anna  +1s Order price=10; +2s View`.
    fn events(&mut self, line: &str) {
        let mut user = None;
        for part in split_outside_quotes(line, ';') {
            let mut words = words(&part).into_iter();
            let user = user.get_or_insert_with(|| words.next().unwrap()).clone();
            let time = self.time(&words.next().unwrap());
            let name = words.next().unwrap();
            let properties: Properties = words.map(|word| self.property(&word)).collect();
            self.world.events.push(Event {
                user,
                name,
                time,
                properties,
            });
        }
    }

    /// `vip dynamic Europe/Berlin {…}` or `old static anna ben`.
    fn segment(&mut self, line: &str) {
        let (id, rest) = line.split_once(' ').unwrap();
        let (kind, rest) = rest.trim().split_once(' ').unwrap();
        let segment = match kind {
            "dynamic" => {
                let (zone, definition) = rest.trim().split_once(' ').unwrap();
                StoredSegment::Dynamic {
                    definition: serde_json::from_str(&self.replaced(definition)).unwrap(),
                    zone: zone.parse().unwrap(),
                }
            }
            _ => StoredSegment::Static(words(rest).into_iter().collect()),
        };
        self.world.segments.insert(id.to_owned(), segment);
    }

    /// An instant, or so much time after zero: `+1d`, `+90s`, `+5ms`, `+1d2h`.
    fn time(&self, text: &str) -> i64 {
        let Some(mut rest) = text.strip_prefix('+') else {
            return Instant::parse(text).unwrap().millis();
        };
        let mut time = self.zero;
        while !rest.is_empty() {
            let digits = rest.find(|next: char| !next.is_ascii_digit()).unwrap();
            let (count, after) = rest.split_at(digits);
            let length = after
                .find(|next: char| next.is_ascii_digit())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(length);
            let millis = match unit {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                other => panic!("{other:?} is no unit: {text}"),
            };
            time += count.parse::<i64>().unwrap() * millis;
            rest = after;
        }
        time
    }

    /// `price=10`, `colour="dark red"`, `gift=true` or `due=@2026-03-01T00:00:00Z`.
    fn property(&self, word: &str) -> (String, Plain) {
        let (name, value) = word.split_once('=').unwrap();
        let value = match value {
            "true" => Plain::Boolean(true),
            "false" => Plain::Boolean(false),
            _ => match (value.strip_prefix('@'), value.parse::<f64>()) {
                (Some(time), _) => Plain::Datetime(self.time(time)),
                (None, Ok(number)) => Plain::Number(number),
                (None, Err(_)) => Plain::Text(value.to_owned()),
            },
        };
        (name.to_owned(), value)
    }

    /// The text with the meaning of each name in place of it, the longest names first.
    fn replaced(&self, text: &str) -> String {
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names
            .into_iter()
            .fold(text.to_owned(), |text, (name, meaning)| {
                text.replace(name.as_str(), meaning)
            })
    }
}

fn split_outside_quotes(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        quoted ^= character == '"';
        if character == at && !quoted {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(character);
        }
    }
    parts
}

/// The words of a line; what stands in quotation marks is one.
fn words(line: &str) -> Vec<String> {
    split_outside_quotes(line, ' ')
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('"', ""))
        .collect()
}
