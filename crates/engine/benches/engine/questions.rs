//! What is asked, of the engine as the contract says it and of each peer in its own words.
//!
//! A question has a number in it that makes it another one each time: ranges, thresholds and countries depend on it, so
//! that nothing kept from the one before answers it.

use std::fmt::Write as _;
use std::sync::Arc;

use segments_engine::{
    Context, Evaluation, Explained, Explaining, Preview, Previewed, Progress, QueryJob, Store,
};
use segments_model::answer::{Answer, CohortAnswer, SegmentationAnswer};
use segments_model::calendar::Zone;
use segments_model::query::Query;
use segments_model::{Criterion, Instant};
use serde_json::{Value, json};

use crate::events::{COUNTRIES, NAMES, START, YEAR, country, user_id};

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// The steps of the longest funnel; the shorter ones are its beginning. No name stands twice in a row, which is where
/// ClickHouse's funnel means something else.
const STEPS: [usize; 8] = [0, 1, 2, 0, 1, 0, 2, 1];

/// Other engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// ClickHouse as a library.
    Chdb,
    /// DuckDB.
    Duckdb,
}

impl Peer {
    /// Every peer.
    pub const ALL: [Self; 2] = [Self::Chdb, Self::Duckdb];

    /// What it is called on a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chdb => "chdb",
            Self::Duckdb => "duckdb",
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chdb => "chDB",
            Self::Duckdb => "DuckDB",
        }
    }

    fn instant(self, seconds: u32) -> String {
        match self {
            Self::Chdb => format!("toDateTime({seconds}, 'UTC')"),
            Self::Duckdb => format!("make_timestamp({seconds}000000)"),
        }
    }

    /// The seconds at which the day or week of an expression begins.
    fn unit_start(self, unit: &str, of: &str) -> String {
        match (self, unit) {
            (Self::Chdb, "week") => format!("toUnixTimestamp(toDateTime(toMonday({of}), 'UTC'))"),
            (Self::Chdb, _) => format!("toUnixTimestamp(toDateTime(toDate({of}), 'UTC'))"),
            (Self::Duckdb, unit) => format!("epoch(date_trunc('{unit}', {of}))::BIGINT"),
        }
    }
}

/// A question with all its variants.
pub struct Question {
    /// What it is called.
    pub name: &'static str,
    /// One of its variants.
    pub variant: fn(u32) -> Variant,
}

/// A question as it is asked once.
pub struct Variant {
    ask: Ask,
    sql: Vec<(Peer, String)>,
}

enum Ask {
    Preview(Criterion),
    Query(Box<Query>),
    Explain(Criterion, String),
    Export(Criterion),
}

/// Answers of all kinds: rows of cells apart by tabs, sorted.
pub type Lines = Vec<String>;

/// All questions.
pub const QUESTIONS: [Question; 11] = [
    Question {
        name: "preview of 1 criterion",
        variant: |number| preview(1, number),
    },
    Question {
        name: "preview of 3 criteria",
        variant: |number| preview(3, number),
    },
    Question {
        name: "preview of 10 criteria",
        variant: |number| preview(10, number),
    },
    Question {
        name: "funnel of 2 steps",
        variant: |number| funnel(2, number),
    },
    Question {
        name: "funnel of 4 steps",
        variant: |number| funnel(4, number),
    },
    Question {
        name: "funnel of 8 steps",
        variant: |number| funnel(8, number),
    },
    Question {
        name: "weekly cohort, a year",
        variant: cohort,
    },
    Question {
        name: "events by day and country, a year",
        variant: |number| segmentation("total", number),
    },
    Question {
        name: "users by day and country, a year",
        variant: |number| segmentation("users", number),
    },
    Question {
        name: "explain of one user, 3 criteria",
        variant: explain,
    },
    Question {
        name: "export of user ids",
        variant: export,
    },
];

/// The instant and calendar of every question, and on how many cores it is worked on. Nothing is kept from one question to
/// the next.
pub fn context(cores: usize) -> Context {
    let end = Instant::from_millis(i64::from(START + YEAR) * 1_000).unwrap();
    Context {
        shares: cores,
        ..Context::new(end, Zone::utc())
    }
}

/// Occurrences of a name: in these countries, if any, and from `start` until before `end`.
#[derive(Clone)]
struct Occurrences {
    name: usize,
    countries: Vec<String>,
    start: u32,
    end: u32,
}

impl Occurrences {
    fn sql(&self, peer: Peer) -> String {
        let mut sql = format!(
            "name = '{}' AND time >= {} AND time < {}",
            NAMES[self.name],
            peer.instant(self.start),
            peer.instant(self.end)
        );
        if !self.countries.is_empty() {
            let _ = write!(sql, " AND country IN ('{}')", self.countries.join("', '"));
        }
        sql
    }
}

/// At least so many occurrences, or so much money.
struct Condition {
    of: Occurrences,
    price: bool,
    least: f64,
    not: bool,
}

impl Condition {
    /// One of ten conditions.
    fn new(place: u32, number: u32) -> Self {
        let name = place as usize % NAMES.len();
        let end = START + YEAR - number * HOUR;
        // Prices have two decimals, so no sum is near the threshold and it does not matter who rounds how.
        let price = matches!(name, 1 | 3 | 6) && place > 0;
        Self {
            of: Occurrences {
                name,
                countries: match place % 3 {
                    0 => (0..3)
                        .map(|next| country(((number + place + next) % u32::from(COUNTRIES)) as u8))
                        .collect(),
                    _ => Vec::new(),
                },
                start: end - (30 + place * 14) * DAY,
                end,
            },
            price,
            least: match price {
                true => 50.005 + f64::from(number),
                false => f64::from(1 + (3 + number % 2) / (1 + place)),
            },
            not: place == 2,
        }
    }

    fn json(&self) -> Value {
        let mut criterion = json!({
            "type": "event",
            "event": NAMES[self.of.name],
            "measure": match self.price {
                true => json!({"of": "sum", "property": "price"}),
                false => json!({"of": "count"}),
            },
            "compare": {"op": "at_least", "value": self.least},
            "during": instants(self.of.start, self.of.end),
        });
        if !self.of.countries.is_empty() {
            criterion["where"] = json!({
                "type": "property", "scope": "event", "name": "country", "op": "is", "values": self.of.countries,
            });
        }
        match self.not {
            true => json!({"type": "not", "of": criterion}),
            false => criterion,
        }
    }

    /// Whether a user meets it, the `not` left out.
    fn sql(&self, peer: Peer) -> String {
        let figure = match self.price {
            true => "sum(price)",
            false => "count(*)",
        };
        format!(
            "coalesce({figure} FILTER (WHERE {}), 0) >= {}",
            self.of.sql(peer),
            self.least
        )
    }
}

/// A group of conditions; of one it is the condition itself.
struct Definition {
    conditions: Vec<Condition>,
    any: bool,
}

impl Definition {
    fn new(conditions: u32, number: u32) -> Self {
        Self {
            conditions: (0..conditions)
                .map(|place| Condition::new(place, number))
                .collect(),
            any: conditions > 3,
        }
    }

    fn criterion(&self) -> Criterion {
        let mut of: Vec<Value> = self.conditions.iter().map(Condition::json).collect();
        let group = match (of.len(), self.any) {
            (1, _) => of.remove(0),
            (_, true) => json!({"type": "any", "of": of}),
            (_, false) => json!({"type": "all", "of": of}),
        };
        serde_json::from_value(group).unwrap()
    }

    /// Each user that any of the conditions looks at, with what holds: `c0`, `c1`, …
    fn users(&self, peer: Peer, only: &str) -> String {
        let mut columns = String::new();
        let mut rows = Vec::new();
        for (place, condition) in self.conditions.iter().enumerate() {
            let _ = write!(columns, ", {} AS c{place}", condition.sql(peer));
            rows.push(format!("({})", condition.of.sql(peer)));
        }
        format!(
            "SELECT user_id{columns} FROM events WHERE {only}({}) GROUP BY user_id",
            rows.join(" OR ")
        )
    }

    /// Whether a user of these meets the whole. A user that no condition looks at does not.
    fn whole(&self) -> String {
        let of: Vec<String> = (self.conditions.iter().enumerate())
            .map(|(place, condition)| match condition.not {
                true if !self.any => format!("NOT c{place}"),
                _ => format!("c{place}"),
            })
            .collect();
        of.join(if self.any { " OR " } else { " AND " })
    }
}

fn for_each_peer(sql: impl Fn(Peer) -> String) -> Vec<(Peer, String)> {
    Peer::ALL.map(|peer| (peer, sql(peer))).into()
}

fn instants(start: u32, end: u32) -> Value {
    let instant = |seconds: u32| Instant::from_millis(i64::from(seconds) * 1_000).unwrap();
    json!({"type": "instants", "start": instant(start), "end": instant(end)})
}

fn preview(conditions: u32, number: u32) -> Variant {
    let mut definition = Definition::new(conditions, number);
    if definition.any {
        for condition in &mut definition.conditions {
            condition.not = false;
        }
    }
    Variant {
        sql: for_each_peer(|peer| {
            let mut sql = format!("SELECT count(*) FILTER (WHERE {})", definition.whole());
            for place in 0..definition.conditions.len() {
                let _ = write!(sql, ", count(*) FILTER (WHERE c{place})");
            }
            format!("{sql} FROM ({}) AS users", definition.users(peer, ""))
        }),
        ask: Ask::Preview(definition.criterion()),
    }
}

fn explain(number: u32) -> Variant {
    let definition = Definition::new(3, number);
    let user = number * 97;
    Variant {
        sql: for_each_peer(|peer| {
            format!(
                "SELECT count(*) FILTER (WHERE {}) FROM ({}) AS users",
                definition.whole(),
                definition.users(peer, &format!("user_id = {user} AND "))
            )
        }),
        ask: Ask::Explain(definition.criterion(), user_id(user)),
    }
}

fn export(number: u32) -> Variant {
    let mut definition = Definition::new(1, number);
    let [condition] = definition.conditions.as_mut_slice() else {
        unreachable!("there is one")
    };
    condition.of.countries.clear();
    Variant {
        sql: for_each_peer(|peer| {
            format!(
                "SELECT user_id FROM ({}) AS users WHERE {} ORDER BY user_id",
                definition.users(peer, ""),
                definition.whole()
            )
        }),
        ask: Ask::Export(definition.criterion()),
    }
}

fn funnel(steps: usize, number: u32) -> Variant {
    let steps = &STEPS[..steps];
    let (start, end) = (START + number * HOUR, START + YEAR - number * HOUR);
    let first = Occurrences {
        name: steps[0],
        countries: Vec::new(),
        start,
        end,
    };
    let query = json!({
        "tool": "funnel",
        "steps": steps.iter().map(|step| json!({"event": NAMES[*step]})).collect::<Vec<_>>(),
        "within": {"of": "funnel", "count": 7, "unit": "day"},
        "during": instants(start, end),
    });
    let mut names: Vec<&str> = steps.iter().map(|step| NAMES[*step]).collect();
    names.sort_unstable();
    names.dedup();
    let levels = 1..=steps.len();
    let chdb = format!(
        "SELECT {} FROM (SELECT windowFunnel({}, 'strict_increase')(time, {}) AS level FROM events WHERE name IN ('{}') GROUP BY user_id)",
        levels
            .map(|level| format!("countIf(level >= {level})"))
            .collect::<Vec<_>>()
            .join(", "),
        7 * DAY,
        (steps.iter().enumerate())
            .map(|(place, step)| match place {
                0 => first.sql(Peer::Chdb),
                _ => format!("name = '{}'", NAMES[*step]),
            })
            .collect::<Vec<_>>()
            .join(", "),
        names.join("', '"),
    );
    // A run to a step is best begun late, and the last event of the step before it belongs to the run that began last: so
    // the nearest earlier one decides.
    let mut duckdb = format!(
        "WITH s1 AS (SELECT user_id, time, time AS start FROM events WHERE {})",
        first.sql(Peer::Duckdb)
    );
    let mut columns = "(SELECT count(DISTINCT user_id) FROM s1)".to_owned();
    for (before, step) in steps.iter().enumerate().skip(1) {
        let this = before + 1;
        let _ = write!(
            duckdb,
            ", s{this} AS (SELECT e.user_id, e.time, p.start FROM (SELECT user_id, time FROM events WHERE name = '{}') AS e \
             ASOF JOIN s{before} AS p ON e.user_id = p.user_id AND e.time > p.time WHERE e.time <= p.start + INTERVAL 7 DAY)",
            NAMES[*step]
        );
        let _ = write!(columns, ", (SELECT count(DISTINCT user_id) FROM s{this})");
    }
    Variant {
        ask: Ask::Query(Box::new(serde_json::from_value(query).unwrap())),
        sql: vec![
            (Peer::Chdb, chdb),
            (Peer::Duckdb, format!("{duckdb} SELECT {columns}")),
        ],
    }
}

fn cohort(number: u32) -> Variant {
    let start = START + number * HOUR;
    let (started, returned) = (NAMES[1], NAMES[0]);
    let query = json!({
        "tool": "cohort",
        "start": [{"event": started}],
        "first_time": true,
        "return": {"event": returned},
        "unit": "week",
        "periods": 53,
        "match": "on",
        "during": instants(start, START + YEAR),
    });
    let chdb = format!(
        "SELECT {} AS generation, arrayJoin(arrayPushFront(arrayDistinct(arrayMap(t -> toInt32(intDiv(toMonday(t) - monday, 7)), \
         arrayFilter(t -> t > first, times))), -1)) AS period, count() FROM (SELECT minIf(time, name = '{started}') AS first, \
         toMonday(first) AS monday, groupArrayIf(time, name = '{returned}') AS times FROM events \
         WHERE name IN ('{started}', '{returned}') GROUP BY user_id HAVING countIf(name = '{started}') > 0 AND first >= {}) \
         GROUP BY monday, period",
        "toUnixTimestamp(toDateTime(monday, 'UTC'))",
        Peer::Chdb.instant(start),
    );
    let duckdb = format!(
        "WITH starts AS (SELECT user_id, min(time) AS first, date_trunc('week', min(time))::DATE AS monday FROM events \
         WHERE name = '{started}' GROUP BY user_id HAVING min(time) >= {}) \
         SELECT epoch(monday)::BIGINT, (date_trunc('week', time)::DATE - monday) // 7 AS period, count(DISTINCT user_id) \
         FROM events JOIN starts USING (user_id) WHERE name = '{returned}' AND time > first GROUP BY monday, period \
         UNION ALL SELECT epoch(monday)::BIGINT, -1, count(*) FROM starts GROUP BY monday",
        Peer::Duckdb.instant(start),
    );
    Variant {
        ask: Ask::Query(Box::new(serde_json::from_value(query).unwrap())),
        sql: vec![(Peer::Chdb, chdb), (Peer::Duckdb, duckdb)],
    }
}

fn segmentation(figure: &str, number: u32) -> Variant {
    let of = Occurrences {
        name: 0,
        countries: Vec::new(),
        start: START + number * HOUR,
        end: START + YEAR,
    };
    let query = json!({
        "tool": "segmentation",
        "measures": [{"event": NAMES[of.name], "aggregate": {"of": figure}}],
        "group_by": [{"scope": "event", "name": "country"}],
        "during": instants(of.start, of.end),
        "interval": "day",
        "max_groups": COUNTRIES,
    });
    Variant {
        sql: for_each_peer(|peer| {
            let column = match (figure, peer) {
                ("total", _) => "count(*)",
                (_, Peer::Chdb) => "uniqExact(user_id)",
                (_, Peer::Duckdb) => "count(DISTINCT user_id)",
            };
            format!(
                "SELECT {} AS day, country, {column} FROM events WHERE {} GROUP BY day, country",
                peer.unit_start("day", "time"),
                of.sql(peer)
            )
        }),
        ask: Ask::Query(Box::new(serde_json::from_value(query).unwrap())),
    }
}

/// What the engine found; the answer as lines is made of it when the clock stands.
pub enum Found {
    Previewed(Previewed),
    Answer(Answer),
    Explained(Explained),
    Ids(String),
}

impl Variant {
    /// The question in a peer's words.
    pub fn sql(&self, peer: Peer) -> &str {
        self.sql
            .iter()
            .find(|(other, _)| *other == peer)
            .map_or("", |(_, sql)| sql)
    }

    /// Whether the answer is ids, of which only the number and the sum are compared.
    pub const fn is_export(&self) -> bool {
        matches!(self.ask, Ask::Export(_))
    }

    /// Asks the engine.
    pub fn ask(&self, store: &Arc<Store>, context: &Context) -> Found {
        let store = Arc::clone(store);
        match &self.ask {
            Ask::Preview(definition) => {
                let mut preview = Preview::new(store, definition, context).unwrap();
                Found::Previewed(finished(|| preview.step(usize::MAX)))
            }
            Ask::Query(query) => {
                let mut job = QueryJob::new(store, query, context).unwrap();
                Found::Answer(finished(|| job.step(usize::MAX)))
            }
            Ask::Explain(definition, id) => {
                let user = store.user_number(id).unwrap_or(u32::MAX);
                let mut explaining = Explaining::new(store, definition, context, user).unwrap();
                Found::Explained(finished(|| explaining.step(usize::MAX)))
            }
            Ask::Export(definition) => {
                let mut evaluation =
                    Evaluation::new(Arc::clone(&store), definition, context).unwrap();
                let members = finished(|| evaluation.step(usize::MAX));
                let mut ids = String::new();
                for user in store.by_id(&members) {
                    ids.push_str(store.user_id(user).unwrap_or_default());
                    ids.push('\n');
                }
                Found::Ids(ids)
            }
        }
    }

    /// What the engine found, as a peer gives it.
    pub fn lines(&self, found: &Found) -> Lines {
        let mut lines = match found {
            Found::Previewed(previewed) => {
                let mut users = vec![previewed.members.len()];
                users.extend(
                    (previewed.criteria.iter())
                        .filter(|effect| self.is_leaf(&effect.pointer))
                        .map(|effect| effect.users),
                );
                vec![cells(users)]
            }
            Found::Answer(Answer::Funnel(answer)) => {
                let steps = answer.groups.first().map_or(&[][..], |group| &group.steps);
                vec![cells(steps.iter().map(|step| step.users))]
            }
            Found::Answer(Answer::Cohort(answer)) => cohort_lines(answer),
            Found::Answer(Answer::Segmentation(answer)) => segmentation_lines(answer),
            Found::Explained(explained) => vec![u8::from(explained.holds).to_string()],
            Found::Ids(ids) => {
                let numbers = ids
                    .lines()
                    .filter_map(|id| id.strip_prefix("user-")?.parse::<u64>().ok());
                // So many ids, and what they come to.
                let (count, sum) =
                    numbers.fold((0_u64, 0), |(count, sum), id| (count + 1, sum + id));
                vec![cells([count, sum])]
            }
        };
        lines.sort_unstable();
        lines
    }

    /// Whether a pointer into the definition is that of a criterion without others inside.
    fn is_leaf(&self, pointer: &str) -> bool {
        let Ask::Preview(definition) = &self.ask else {
            return false;
        };
        serde_json::to_value(definition)
            .unwrap()
            .pointer(pointer)
            .is_some_and(|criterion| criterion["type"] == "event")
    }
}

fn finished<T>(mut step: impl FnMut() -> Progress<T>) -> T {
    loop {
        if let Progress::Done(done) = step() {
            return done;
        }
    }
}

fn cells(of: impl IntoIterator<Item = impl ToString>) -> String {
    let cells: Vec<String> = of.into_iter().map(|cell| cell.to_string()).collect();
    cells.join("\t")
}

fn cohort_lines(answer: &CohortAnswer) -> Lines {
    let mut lines = Vec::new();
    for row in answer.rows.iter().filter(|row| row.users > 0) {
        let start: Instant = serde_json::from_value(json!(row.generation)).unwrap();
        let start = start.millis() / 1_000;
        lines.push(cells([start, -1, row.users as i64]));
        for (period, cell) in row.cells.iter().enumerate() {
            if let Some(users) = cell.value.filter(|users| *users > 0.0) {
                lines.push(cells([start, period as i64, users as i64]));
            }
        }
    }
    lines
}

fn segmentation_lines(answer: &SegmentationAnswer) -> Lines {
    let mut lines = Vec::new();
    for series in &answer.series {
        let Some(Some(segments_model::Value::String(country))) = series.group.first() else {
            continue;
        };
        for (bucket, value) in answer.buckets.iter().zip(&series.values) {
            // Where the range begins within a day, so does the bucket.
            let start = bucket.start.map_or(0, Instant::millis) / 1_000;
            let start = start - start % i64::from(DAY);
            if let Some(value) = value.filter(|value| *value > 0.0) {
                lines.push(format!("{start}\t{country}\t{value}"));
            }
        }
    }
    lines
}
