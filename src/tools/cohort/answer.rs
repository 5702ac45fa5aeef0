//! An answer as the results show it: its figures, and what generations, periods and cells are called.

use segments_format as format;
use segments_forms::cohort::{CellFigure, CohortLook};
use segments_forms::tool::Names;
use segments_model::answer::{Answer, CohortAnswer};
use segments_model::query::{
    CohortMeasure, CohortQuery, GenerationBy, GroupBy, PropertyGroup, Query, QueryMatch,
    SegmentGroup,
};
use segments_model::range::CalendarUnit;
use segments_model::sentence::capital;
use segments_model::{Instant, Value};

use crate::tool::names::group_name;
use crate::tool::state::Answered;
use crate::tools::cohort::grid::{Generation, Grid, GridCell};

/// An answer with its figures and what they are called.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortView {
    pub query: CohortQuery,
    pub answer: CohortAnswer,
    pub grid: Grid,
    /// What the users did at first, for the head of the rows.
    pub start: String,
    pub returning: String,
    /// Whether no row has to say its year.
    one_year: bool,
    /// The names of generations that are no units of time.
    names: Vec<(Option<Value>, String)>,
}

impl CohortView {
    /// The figures of an answer; none: it is of another tool.
    #[must_use]
    pub fn of(answered: &Answered, names: Names<'_>) -> Option<Self> {
        let (Query::Cohort(query), Answer::Cohort(answer)) = (&answered.query, &answered.answer)
        else {
            return None;
        };
        let zone = &answer.stamp.time_zone;
        let by = match &query.generation {
            GenerationBy::Time => None,
            GenerationBy::Property { scope, name } => Some(GroupBy::Property(PropertyGroup {
                scope: *scope,
                name: name.clone(),
            })),
            GenerationBy::Segment { id } => Some(GroupBy::Segment(SegmentGroup {
                segment: id.clone(),
            })),
        };
        let generations = || answer.rows.iter().map(|row| &row.generation);
        let named = by.iter().flat_map(|by| {
            generations()
                .map(move |value| (value.clone(), group_name(value.as_ref(), by, names, zone)))
        });
        let year = |instant| {
            let date = format::date(instant, zone);
            date.rsplit(' ').next().map(str::to_owned)
        };
        let mut instants = generations().filter_map(instant);
        let first = instants.next();
        let last = instants.next_back().or(first);
        let starts = query.start.iter();
        let starts: Vec<String> = starts
            .map(|start| names.event(start.event.as_deref()))
            .collect();
        Some(Self {
            grid: Grid::of(answer),
            start: starts.join(", then "),
            returning: names.event(query.returning.event.as_deref()),
            one_year: first.and_then(year) == last.and_then(year),
            names: named.collect(),
            query: query.clone(),
            answer: answer.clone(),
        })
    }

    /// The zone of the answer.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.answer.stamp.time_zone
    }

    /// The unit's word: `week`.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        self.query.unit.unit().word()
    }

    /// The same with a capital: `Week`.
    #[must_use]
    pub fn capital_unit(&self) -> String {
        capital(self.unit())
    }

    /// What the charts show: `Product Viewed by week`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} by {}", capital(&self.returning), self.unit())
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

    /// Whether all cohorts together have a line. Of amounts it would fall only because fewer of them have come to each later
    /// period.
    #[must_use]
    pub fn has_line_of_all(&self, look: &CohortLook) -> bool {
        look.figure != CellFigure::Value && self.grid.has_average()
    }

    /// A generation as the head of a row or the name of a line with such figures. Shares of all together weigh each
    /// generation by its users.
    #[must_use]
    pub fn head(&self, generation: &Generation, figure: CellFigure) -> String {
        let is_share = self.counts_users() && figure != CellFigure::Value;
        if generation.is_none() && is_share {
            return "All, weighted".to_owned();
        }
        self.generation(generation, self.one_year)
    }

    /// A generation where nothing beside it says the year.
    #[must_use]
    pub fn whole(&self, generation: &Generation) -> String {
        self.generation(generation, false)
    }

    fn generation(&self, generation: &Generation, short: bool) -> String {
        let Some(value) = generation else {
            return "All cohorts".to_owned();
        };
        let Some(first) = instant(value).filter(|_| self.is_by_time()) else {
            let name = self.names.iter().find(|(named, _)| named == value);
            return name.map_or_else(String::new, |(_, name)| name.clone());
        };
        let zone = self.zone();
        let date = format::date(first, zone);
        let (day, year) = date.rsplit_once(' ').unwrap_or((&date, ""));
        let day = if short { day } else { &date };
        match self.query.unit.unit() {
            CalendarUnit::Hour => {
                format!(
                    "{day}, {}{}",
                    format::time(first, zone),
                    self.zone_of_twin(first)
                )
            }
            CalendarUnit::Month => {
                let month = date.split(' ').nth(1).unwrap_or_default();
                format!("{month} {year}")
            }
            CalendarUnit::Week => format!("Week of {day}"),
            _ => day.to_owned(),
        }
    }

    /// The zone's word for an hour that the clock shows twice, as it is put back.
    fn zone_of_twin(&self, hour: Instant) -> String {
        const HOUR: i64 = 3_600_000;
        let clock = |after: i64| format::time(hour.saturating_add_millis(after), self.zone());
        let shown = clock(0);
        if shown == clock(-HOUR) || shown == clock(HOUR) {
            format!(" {}", format::zone_word(hour, self.zone()))
        } else {
            String::new()
        }
    }

    /// Those of a generation, after what they did: `in the week of 12 Oct 2026`.
    #[must_use]
    pub fn within(&self, generation: &Generation) -> String {
        let name = self.whole(generation);
        let value = generation.as_ref();
        match (&self.query.generation, value, value.and_then(instant)) {
            (_, None, _) => "in the date range".to_owned(),
            (GenerationBy::Time, _, Some(first)) => match self.query.unit.unit() {
                CalendarUnit::Hour => {
                    format!("in the hour from {}", format::date_time(first, self.zone()))
                }
                CalendarUnit::Month => format!("in {name}"),
                CalendarUnit::Week => {
                    format!("in the week of {}", format::date(first, self.zone()))
                }
                _ => format!("on {name}"),
            },
            (GenerationBy::Segment { .. }, ..) => {
                let name = name
                    .replacen("Not in", "are not in", 1)
                    .replacen("In ", "are in ", 1);
                format!("in the date range, and {name}")
            }
            (GenerationBy::Property { name: property, .. }, ..) => {
                let value = name.rsplit_once(": ").map_or(&*name, |(_, value)| value);
                format!("in the date range, where {property} is {value}")
            }
            (GenerationBy::Time, Some(_), None) => String::new(),
        }
    }

    /// A period in a sentence: `week 3`.
    #[must_use]
    pub fn period(&self, period: usize) -> String {
        format!("{} {period}", self.unit())
    }

    /// A period as the head of its column: only the first one says the unit.
    #[must_use]
    pub fn column(&self, period: usize, first: bool) -> String {
        if first {
            capital(&self.period(period))
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

    /// The first instant of a period of a generation by time, and the first one after it.
    #[must_use]
    pub fn bounds(&self, generation: &Generation, period: usize) -> Option<(Instant, Instant)> {
        let generation = instant(generation.as_ref()?).filter(|_| self.is_by_time())?;
        let units = &self.answer.units;
        let place = units.iter().position(|unit| *unit == generation)? + period;
        match units.get(place..=place + 1)? {
            [start, end] => Some((*start, *end)),
            _ => None,
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
            CellFigure::Change => cell.change.map(|change| {
                let sign = if change < 0.0 { "\u{2212}" } else { "+" };
                format!("{sign}{}", self.short_rate(change.abs()))
            }),
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
        let rate = cell.rate.map(|rate| self.rate(rate));
        let amount = self.amount(cell.value);
        let figures = match (self.counts_users(), rate) {
            (_, None) => format!("{amount} of {users}"),
            (true, Some(rate)) => format!("{rate}, {amount} of {users}"),
            (false, Some(rate)) => format!("{amount}, {rate} per user, {users}"),
        };
        let change = cell.change.filter(|_| figure == CellFigure::Change);
        let change = change.map(|change| {
            let more = if change < 0.0 { "less" } else { "more" };
            let unit = if self.counts_users() { "points " } else { "" };
            let before = self.period(period.saturating_sub(1));
            let change = self.rate(change.abs());
            format!(
                ", {} {unit}{more} than in {before}",
                change.trim_end_matches('%')
            )
        });
        let change = change.unwrap_or_default();
        let so_far = if cell.complete { "" } else { ", so far" };
        format!(
            "{generation}, {}: {figures}{change}{so_far}",
            self.period(period)
        )
    }
}

/// The first instant of a generation by time.
fn instant(generation: &Option<Value>) -> Option<Instant> {
    match generation {
        Some(Value::String(text)) => Instant::parse(text).ok(),
        _ => None,
    }
}

/// A number with as many decimals as matter.
fn number(number: f64) -> String {
    let places = if number.abs() < 1.0 { 1e4 } else { 1e2 };
    format::decimal((number * places).round() / places)
}

/// A number that a cell has room for: 1,234 as it is, 12,345 as 12.3K, 12.345 as 12.3.
fn short(amount: f64) -> String {
    let rounded = |places: f64| format::decimal((amount * places).round() / places);
    match amount.abs() {
        size if size >= 10_000.0 => {
            let sign = if amount < 0.0 { "\u{2212}" } else { "" };
            format!("{sign}{}", format::compact(whole(size)))
        }
        size if size >= 100.0 => rounded(1.0),
        size if size >= 10.0 => rounded(10.0),
        size if size >= 0.01 => rounded(100.0),
        _ => number(amount),
    }
}

/// A number of users, which the answer has as a double.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is a whole number far below the 2^53 up to which a double is exact"
)]
pub const fn whole(users: f64) -> u64 {
    users as u64
}
