//! What generations, periods, cells and parts of an answer are called.

use segments_charts::scene::Anchor;
use segments_format as format;
use segments_forms::cohort::CellFigure;
use segments_model::answer::CohortAnswer;
use segments_model::criterion::CohortOutcome;
use segments_model::query::{CohortMeasure, CohortQuery, GenerationBy, Query, QueryMatch};
use segments_model::range::CalendarUnit;
use segments_model::{Instant, Value};
use segments_ui::states::sentence;
use serde_json::Value as Json;

use crate::parts::vocabulary::Vocabulary;
use crate::tool::picked::{PickChoice, Picked};
use crate::tools::cohort::grid::{Grid, GridCell, Part};

/// What the parts of an answer are called.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    query: CohortQuery,
    zone: String,
    /// The first instants of the units that generations and periods are, one after the other.
    units: Vec<Instant>,
    /// Whether no row has to say its year.
    one_year: bool,
    start: String,
    returning: String,
    segment: String,
}

impl Words {
    /// The words for an answer.
    #[must_use]
    pub fn of(query: &CohortQuery, answer: &CohortAnswer, vocabulary: Vocabulary) -> Self {
        let zone = answer.stamp.time_zone.clone();
        let event = |name: &Option<String>| {
            name.as_deref().map_or_else(
                || "any event".to_owned(),
                |name| vocabulary.event_label(name),
            )
        };
        let year = |unit: Option<Instant>| {
            unit.map(|unit| {
                let date = format::date(unit, &zone);
                date.rsplit(' ').next().unwrap_or_default().to_owned()
            })
        };
        let segment = match &query.generation {
            GenerationBy::Segment { id } => {
                vocabulary.segment_name(id).unwrap_or_else(|| id.clone())
            }
            GenerationBy::Time | GenerationBy::Property { .. } => String::new(),
        };
        let mut generations = answer
            .rows
            .iter()
            .filter_map(|row| instant(&row.generation));
        let first = generations.next();
        let last = generations.next_back().or(first);
        Self {
            one_year: year(first) == year(last),
            units: answer.units.clone(),
            start: query
                .start
                .iter()
                .map(|start| event(&start.event))
                .collect::<Vec<_>>()
                .join(", then "),
            returning: event(&query.returning.event),
            segment,
            query: query.clone(),
            zone,
        }
    }

    /// What the users did at first, for the head of the rows.
    #[must_use]
    pub fn start(&self) -> &str {
        &self.start
    }

    /// What returning is, for titles: `Product Viewed`.
    #[must_use]
    pub fn returning_title(&self) -> String {
        sentence(&self.returning).trim_end_matches('.').to_owned()
    }

    /// The unit's word with a capital: `Week`.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.query.unit.unit() {
            CalendarUnit::Hour => "Hour",
            CalendarUnit::Day => "Day",
            CalendarUnit::Month => "Month",
            _ => "Week",
        }
    }

    /// The unit's word: `week`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.query.unit.unit().word()
    }

    /// Whether users are counted, rather than a property added up.
    #[must_use]
    pub fn counts_users(&self) -> bool {
        self.query.measure == CohortMeasure::Users
    }

    /// Whether the generations are units of time.
    #[must_use]
    pub fn is_by_time(&self) -> bool {
        self.query.generation == GenerationBy::Time
    }

    /// Whether only the first start ever counts.
    #[must_use]
    pub const fn is_first_time(&self) -> bool {
        self.query.first_time
    }

    /// Whether a start is several events, one after the other.
    #[must_use]
    pub const fn is_chain(&self) -> bool {
        self.query.start.len() > 1
    }

    /// A generation as the head of a row or the name of a line with such figures. Shares of all together weigh each
    /// generation by its users.
    #[must_use]
    pub fn head(&self, generation: Option<&Option<Value>>, figure: CellFigure) -> String {
        let is_share = self.counts_users() && figure != CellFigure::Value;
        match generation {
            None if is_share => "All, weighted".to_owned(),
            _ => self.generation(generation, self.one_year),
        }
    }

    /// A generation where nothing beside it says the year.
    #[must_use]
    pub fn whole(&self, generation: Option<&Option<Value>>) -> String {
        self.generation(generation, false)
    }

    fn generation(&self, generation: Option<&Option<Value>>, short: bool) -> String {
        let Some(value) = generation else {
            return "All cohorts".to_owned();
        };
        match (&self.query.generation, instant(value)) {
            (GenerationBy::Time, Some(first)) => {
                let date = format::date(first, &self.zone);
                let (day, year) = date.rsplit_once(' ').unwrap_or((&date, ""));
                let day = if short { day } else { &date };
                match self.query.unit.unit() {
                    CalendarUnit::Hour => {
                        let zone = self.zone_of_twin(first);
                        format!("{day}, {}{zone}", format::time(first, &self.zone))
                    }
                    CalendarUnit::Month => {
                        let month = date.split(' ').nth(1).unwrap_or_default();
                        format!("{month} {year}")
                    }
                    CalendarUnit::Week => format!("Week of {day}"),
                    _ => day.to_owned(),
                }
            }
            (GenerationBy::Segment { .. }, _) => {
                let not = if is_in(value) { "In" } else { "Not in" };
                format!("{not} {}", self.segment)
            }
            _ => self.value(value),
        }
    }

    /// The zone's word for an hour that the clock shows twice, as it is put back.
    fn zone_of_twin(&self, hour: Instant) -> String {
        const HOUR: i64 = 3_600_000;
        let clock = |after: i64| format::time(hour.saturating_add_millis(after), &self.zone);
        let shown = clock(0);
        if shown == clock(-HOUR) || shown == clock(HOUR) {
            format!(" {}", format::zone_word(hour, &self.zone))
        } else {
            String::new()
        }
    }

    fn value(&self, value: &Option<Value>) -> String {
        value.as_ref().map_or_else(
            || "not set".to_owned(),
            |value| format::value(value, &self.zone),
        )
    }

    /// Those of a generation, after what they did: `in the week of 12 Oct 2026`.
    fn within(&self, generation: Option<&Option<Value>>) -> String {
        let Some(value) = generation else {
            return " in the date range".to_owned();
        };
        match (&self.query.generation, instant(value)) {
            (GenerationBy::Time, Some(first)) => {
                let date = format::date(first, &self.zone);
                match self.query.unit.unit() {
                    CalendarUnit::Hour => {
                        format!(" in the hour from {}", format::date_time(first, &self.zone))
                    }
                    CalendarUnit::Month => format!(" in {}", self.whole(generation)),
                    CalendarUnit::Week => format!(" in the week of {date}"),
                    _ => format!(" on {date}"),
                }
            }
            (GenerationBy::Segment { .. }, _) => {
                let not = if is_in(value) { "are" } else { "are not" };
                format!(" in the date range, and {not} in {}", self.segment)
            }
            (GenerationBy::Property { name, .. }, _) => {
                format!(" in the date range, where {name} is {}", self.value(value))
            }
            _ => String::new(),
        }
    }

    /// A period in a sentence: `week 3`.
    #[must_use]
    pub fn period(&self, period: usize) -> String {
        format!("{} {period}", self.word())
    }

    /// A period as the head of its column: only the first one says the unit.
    #[must_use]
    pub fn column(&self, period: usize, first: bool) -> String {
        if first {
            format!("{} {period}", self.unit())
        } else {
            period.to_string()
        }
    }

    /// When a return counts for a period: `in week 3 or later`.
    #[must_use]
    pub fn in_period(&self, period: usize) -> String {
        let period = self.period(period);
        match (self.query.matching, self.query.cumulative) {
            (QueryMatch::OnOrAfter, _) => format!("in {period} or later"),
            (QueryMatch::On, true) => format!("by the end of {period}"),
            (QueryMatch::On, false) => format!("in {period}"),
        }
    }

    /// A rate: a share in percent, or how much it is for each user.
    #[must_use]
    pub fn rate(&self, rate: f64) -> String {
        if self.counts_users() {
            format::percent(rate)
        } else {
            number(rate)
        }
    }

    /// A rate where there is little room and its unit is known.
    #[must_use]
    pub fn short_rate(&self, rate: f64) -> String {
        if self.counts_users() {
            self.rate(rate).trim_end_matches('%').to_owned()
        } else {
            short(rate)
        }
    }

    /// A round rate, such as a scale has: without a decimal that is 0.
    #[must_use]
    pub fn round_rate(&self, rate: f64) -> String {
        if self.counts_users() {
            format!("{}%", format::decimal((rate * 1_000.0).round() / 10.0))
        } else {
            number(rate)
        }
    }

    /// A difference of rates, with its sign.
    #[must_use]
    pub fn change(&self, change: f64) -> String {
        let sign = if change < 0.0 { "\u{2212}" } else { "+" };
        format!("{sign}{}", self.short_rate(change.abs()))
    }

    /// A value: users, or a sum.
    #[must_use]
    pub fn amount(&self, value: f64) -> String {
        if self.counts_users() {
            format::decimal(value)
        } else {
            number(value)
        }
    }

    /// What stands in a cell; none where there is nothing to say.
    #[must_use]
    pub fn figure(&self, cell: &GridCell, figure: CellFigure) -> Option<String> {
        match figure {
            CellFigure::Rate => cell.rate.map(|rate| self.short_rate(rate)),
            CellFigure::Value if self.counts_users() => Some(self.amount(cell.value)),
            CellFigure::Value => Some(short(cell.value)),
            CellFigure::Change => cell.change.map(|change| self.change(change)),
        }
    }

    /// A cell as a sentence, after what its generation is called: `Week of 12 Oct 2026, week 3: 24.7%, 268 of 1,087 users`.
    #[must_use]
    pub fn cell(
        &self,
        generation: &str,
        period: usize,
        cell: &GridCell,
        figure: CellFigure,
    ) -> String {
        let users = format::plural(cell.users, "user", "users");
        let rate = cell.rate.map(|rate| self.rate(rate)).unwrap_or_default();
        let amount = self.amount(cell.value);
        let figures = match (self.counts_users(), rate.is_empty()) {
            (_, true) => format!("{amount} of {users}"),
            (true, false) => format!("{rate}, {amount} of {users}"),
            (false, false) => format!("{amount}, {rate} for each of {users}"),
        };
        let change = match (figure, cell.change) {
            (CellFigure::Change, Some(change)) => {
                let more = if change < 0.0 { "less" } else { "more" };
                let unit = if self.counts_users() { "points " } else { "" };
                let before = self.period(period.saturating_sub(1));
                format!(
                    ", {} {unit}{more} than in {before}",
                    self.rate(change.abs()).trim_end_matches('%')
                )
            }
            _ => String::new(),
        };
        let so_far = if cell.complete { "" } else { ", so far" };
        format!(
            "{generation}, {}: {figures}{change}{so_far}",
            self.period(period)
        )
    }

    /// How the users of a part began: `First performed Signed Up in the week of 12 Oct 2026.`
    fn began(&self, part: &Part) -> String {
        let first = if self.query.first_time {
            "First performed"
        } else {
            "Performed"
        };
        format!(
            "{first} {}{}.",
            self.start,
            self.within(part.generation.as_ref())
        )
    }

    /// The first instant of a period of a generation by time, and the first one after it.
    fn bounds(&self, generation: Instant, period: usize) -> Option<(Instant, Instant)> {
        let place = self.units.iter().position(|unit| *unit == generation)? + period;
        match self.units.get(place..=place + 1)? {
            [start, end] => Some((*start, *end)),
            _ => None,
        }
    }

    /// When a period of a generation is, and what to know about it.
    fn when(&self, part: &Part, period: usize, complete: bool) -> String {
        let name = format!("{} {period}", self.unit());
        let generation = part.generation.as_ref().and_then(instant);
        let bounds = generation.and_then(|generation| self.bounds(generation, period));
        let shown = |instant| format::date_time(instant, &self.zone);
        let mut text = match (bounds, complete) {
            (None, _) if self.is_by_time() => String::new(),
            (None, _) => format!(" Only those whose {} is over.", self.period(period)),
            (Some((start, _)), false) => {
                format!(" {name} began {} and is still running.", shown(start))
            }
            (Some((start, end)), true) => {
                format!(" {name} is {} to {}.", shown(start), shown(end))
            }
        };
        if self.query.matching == QueryMatch::OnOrAfter && complete {
            text.push_str(" Later returns may still come.");
        }
        text
    }

    /// What was chosen, for the menu beside it. None where the answer has no such part.
    #[must_use]
    pub fn picked(
        &self,
        part: &Part,
        grid: &Grid,
        query: Query,
        view: Json,
        anchor: Anchor,
    ) -> Option<Picked> {
        let row = grid.row(part.generation.as_ref())?;
        let choice = |label: String, users: Option<f64>, of: u64, outcome| PickChoice {
            label,
            users: users.map(whole),
            detail: match users {
                Some(users) if of > 0 => format::percent(users / of as f64),
                _ => String::new(),
            },
            selection: part.selection(outcome),
        };
        let (title, text, choices) = if let Some(period) = part.period {
            let cell = row.cell(period)?;
            let so_far = if cell.complete { "" } else { " so far" };
            let came_back = format!("came back {}{so_far}", self.in_period(period));
            let returned = self.counts_users().then_some(cell.value);
            let rest = returned.map(|returned| cell.users as f64 - returned);
            let title = match (returned, cell.rate) {
                (Some(_), Some(rate)) => format!("{} {came_back}", self.rate(rate)),
                (Some(returned), None) => format!("{} {came_back}", self.amount(returned)),
                (None, _) => format!(
                    "{} {}{so_far}",
                    self.amount(cell.value),
                    self.in_period(period)
                ),
            };
            let text = format!(
                "{}{}",
                self.began(part),
                self.when(part, period, cell.complete)
            );
            let came = format!("Came back{so_far}");
            let not = if cell.complete {
                "Did not".to_owned()
            } else {
                "Not yet".to_owned()
            };
            let choices = vec![
                choice(came, returned, cell.users, CohortOutcome::Returned),
                choice(not, rest, cell.users, CohortOutcome::NotReturned),
            ];
            (title, text, choices)
        } else {
            let users = format::plural(row.users, "user", "users");
            let choices = vec![
                PickChoice {
                    detail: String::new(),
                    ..choice(
                        "Started".to_owned(),
                        Some(row.users as f64),
                        row.users,
                        CohortOutcome::Started,
                    )
                },
                choice(
                    "Came back at any time".to_owned(),
                    None,
                    row.users,
                    CohortOutcome::Returned,
                ),
                choice(
                    "Never came back".to_owned(),
                    None,
                    row.users,
                    CohortOutcome::NotReturned,
                ),
            ];
            let text = format!("{} Coming back is {}.", self.began(part), self.returning);
            (format!("{users} started"), text, choices)
        };
        Some(Picked {
            query,
            view,
            title,
            text,
            facts: Vec::new(),
            choices,
            anchor,
        })
    }
}

/// The first instant of a generation by time.
fn instant(generation: &Option<Value>) -> Option<Instant> {
    match generation {
        Some(Value::String(text)) => Instant::parse(text).ok(),
        _ => None,
    }
}

fn is_in(value: &Option<Value>) -> bool {
    *value == Some(Value::Boolean(true))
}

/// A number of users, which the answer tells as a double.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is a whole number far below the 2^53 up to which a double is exact"
)]
const fn whole(users: f64) -> u64 {
    users as u64
}

/// A number with as many decimals as matter.
fn number(number: f64) -> String {
    let places = if number.abs() < 1.0 { 1e4 } else { 1e2 };
    format::decimal((number * places).round() / places)
}

/// A number that a cell has room for: 1,234 as it is, 12,345 as 12.3K, 12.345 as 12.3.
fn short(amount: f64) -> String {
    match amount.abs() {
        size if size >= 10_000.0 => {
            let sign = if amount < 0.0 { "\u{2212}" } else { "" };
            format!("{sign}{}", format::compact(whole(size)))
        }
        size if size >= 100.0 => format::decimal(amount.round()),
        size if size >= 10.0 => format::decimal((amount * 10.0).round() / 10.0),
        size if size >= 0.01 => format::decimal((amount * 100.0).round() / 100.0),
        _ => number(amount),
    }
}
