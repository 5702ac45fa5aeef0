//! The cases of the folder `cases`: data, questions and answers as text. `docs/correctness.md` tells how they are written.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use segments_model::decode::decode;
use segments_model::problem::InputError;
use segments_model::query::Query;
use segments_model::selection::Selection;
use segments_model::{Criterion, Instant};

use crate::evaluate::Context;
use crate::world::{Event, Plain, Properties, StoredSegment, World};

/// The files, so that the command has them wherever it is run.
const FILES: [(&str, &str); 11] = [
    ("any-order.txt", include_str!("../cases/any-order.txt")),
    (
        "cohort-queries.txt",
        include_str!("../cases/cohort-queries.txt"),
    ),
    ("cohorts.txt", include_str!("../cases/cohorts.txt")),
    ("did.txt", include_str!("../cases/did.txt")),
    ("errors.txt", include_str!("../cases/errors.txt")),
    ("events.txt", include_str!("../cases/events.txt")),
    (
        "funnel-queries.txt",
        include_str!("../cases/funnel-queries.txt"),
    ),
    (
        "segmentation-queries.txt",
        include_str!("../cases/segmentation-queries.txt"),
    ),
    ("selections.txt", include_str!("../cases/selections.txt")),
    ("sequences.txt", include_str!("../cases/sequences.txt")),
    (
        "window-funnel.txt",
        include_str!("../cases/window-funnel.txt"),
    ),
];

/// One question with its answer, and the data that it is asked of.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file and what the case shows; no two cases have the same.
    pub name: String,
    /// The data.
    pub world: World,
    /// Milliseconds since 1970.
    pub as_of: i64,
    /// Whose days are meant.
    pub zone: Tz,
    /// The definition or the query, as JSON.
    pub ask: String,
    /// The part of the query's answer whose users are asked for, as JSON; empty where no part is.
    pub select: String,
    /// Lines that what is answered has among its lines.
    pub expect: Vec<String>,
}

/// What a case asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// Who meets it.
    Definition(Criterion),
    /// Its answer.
    Query(Query),
    /// Who was counted in a part of its answer.
    Selection(Query, Selection),
}

impl Case {
    /// The data, the instant and the zone of the question.
    #[must_use]
    pub const fn context(&self) -> Context<'_> {
        Context {
            world: &self.world,
            as_of: self.as_of,
            zone: self.zone,
        }
    }

    /// Whether a query is asked, or a part of its answer; else it is a definition.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.ask.contains("\"tool\"")
    }

    /// Whether the question is one that has no answer.
    #[must_use]
    pub fn expects_error(&self) -> bool {
        self.expect
            .first()
            .is_some_and(|line| line == "error" || line.starts_with("error "))
    }

    /// The question.
    ///
    /// # Errors
    /// What cannot be read of it, and where.
    pub fn question(&self) -> Result<Question, Vec<InputError>> {
        if !self.is_query() {
            return decode(self.ask.as_bytes()).map(Question::Definition);
        }
        let query = decode(self.ask.as_bytes())?;
        if self.select.is_empty() {
            return Ok(Question::Query(query));
        }
        let selection = serde_json::from_str(&self.select)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.name, self.select));
        Ok(Question::Selection(query, selection))
    }
}

/// Every case there is.
#[must_use]
pub fn all() -> Vec<Case> {
    FILES
        .iter()
        .flat_map(|(file, text)| read(file, text))
        .collect()
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
fn read(file: &str, text: &str) -> Vec<Case> {
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
                name: format!("{file}: {rest}"),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{FILES, all};

    #[test]
    fn the_table_has_every_file_of_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let table: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
        assert_eq!(table, files);
    }

    #[test]
    fn every_case_has_a_name_of_its_own_and_can_be_asked() {
        let cases = all();
        assert!(cases.len() >= 382, "there are {} cases only", cases.len());
        let mut names = BTreeSet::new();
        for case in cases {
            assert!(!case.expect.is_empty(), "{} expects nothing", case.name);
            let readable = case.question().is_ok() || case.expects_error();
            assert!(readable, "{}: {:?}", case.name, case.question());
            assert!(names.insert(case.name.clone()), "two are {:?}", case.name);
        }
    }
}
