//! An answer as the results show it: its series by what they are measured in, with their names, and which of them are drawn.

use std::ops::Deref;
use std::sync::Arc;

use segments_charts::time::{Figures, TimeBucket};
use segments_forms::segmentation::{SegmentationForm, SeriesOf, adds_up};
use segments_forms::tool::Names;
use segments_model::answer::{self, Answer, Group, SegmentationAnswer};
use segments_model::formula;
use segments_model::query::{
    Figure, Interval, Query, QueryAggregate, QueryMeasure, SegmentationQuery,
};
use segments_model::sentence::capital;
use segments_model::sort::sort;

use crate::tool::buckets::{BucketNames, axis};
use crate::tool::names::group_name;
use crate::tool::state::Answered;

/// How many groups are shown where nobody has chosen.
const SHOWN_AT_FIRST: usize = 10;

/// An answer with the names of its buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedAnswer {
    pub query: SegmentationQuery,
    pub answer: SegmentationAnswer,
    pub names: Vec<BucketNames>,
    /// The buckets as the axis of time has them.
    pub axis: Vec<TimeBucket>,
}

impl TimedAnswer {
    /// Names the buckets; none for an answer of another tool.
    #[must_use]
    pub fn of(answered: &Answered) -> Option<Self> {
        let (Query::Segmentation(query), Answer::Segmentation(answer)) =
            (&answered.query, &answered.answer)
        else {
            return None;
        };
        let (names, axis) = axis(query.interval, &answer.buckets, &answer.stamp.time_zone);
        Some(Self {
            query: query.clone(),
            answer: answer.clone(),
            names,
            axis,
        })
    }

    /// The figure of a series: of a bucket, or over the whole range.
    #[must_use]
    pub fn figure(&self, place: usize, bucket: Option<usize>) -> Option<f64> {
        let series = self.answer.series.get(place)?;
        match bucket {
            None => series.total,
            Some(bucket) => series.values.get(bucket).copied().flatten(),
        }
    }

    /// What a bucket is, in a word: "day".
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.query
            .interval
            .unit()
            .map_or("range", |unit| unit.word())
    }

    /// Whether nothing at all was found: no measure has a match.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let mut series = self.answer.series.iter();
        !series.any(|series| {
            let mut figures = series.values.iter().chain([&series.total]).flatten();
            series.measure.is_some() && figures.any(|figure| *figure != 0.0)
        })
    }
}

/// Where something lies in an answer: the series, or none for all groups, and the bucket, or none for the whole range.
pub type Location = (Option<usize>, Option<usize>);

/// What has become of the figure of the range before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Change {
    /// Nothing is compared.
    #[default]
    None,
    /// A share of what it was: 0.5 is half as much again.
    By(f64),
    /// There is no share of it, and why.
    Not(&'static str),
}

/// What has become of a figure.
#[must_use]
pub fn change(now: Option<f64>, before: Option<f64>) -> Change {
    match (now, before) {
        (_, None) => Change::Not("No values to measure in the previous period."),
        (None, _) => Change::Not("No values to measure in this period."),
        (_, Some(0.0)) => Change::Not("It was 0 in the previous period."),
        // Of less than nothing a rise is still a rise.
        (Some(now), Some(before)) => Change::By((now - before) / before.abs()),
    }
}

/// What has become of a series' figure of the range before, over the whole range.
#[must_use]
pub fn change_of(series: &answer::Series) -> Change {
    let previous = series.previous.as_ref();
    previous.map_or(Change::None, |previous| {
        change(series.total, previous.total)
    })
}

/// What figures are measured in. What is of different units never shares an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// In occurrences.
    Events,
    /// In users.
    Users,
    /// In occurrences a user.
    EventsPerUser,
    /// In what a property is measured in; sums by themselves, since they dwarf the values that they are of.
    Property {
        name: String,
        /// Whether values are added up.
        sum: bool,
        /// Whether it is the mean of the users' figures.
        per_user: bool,
    },
    /// In different values of a property, on the whole or a user.
    Values {
        name: String,
        /// Whether it is the mean of the users' numbers.
        per_user: bool,
    },
    /// In whatever a formula makes of it; nothing else is known to be measured likewise.
    Formula(usize),
}

impl Measured {
    /// What a figure is measured in.
    #[must_use]
    pub fn of(aggregate: &QueryAggregate) -> Self {
        let name = aggregate.property.clone().unwrap_or_default();
        let per_user = aggregate.per_user;
        match aggregate.of {
            Figure::Users => Self::Users,
            Figure::Total if per_user => Self::EventsPerUser,
            Figure::Total => Self::Events,
            Figure::Distinct => Self::Values { name, per_user },
            of => Self::Property {
                name,
                sum: of == Figure::Sum,
                per_user: per_user && of == Figure::Sum,
            },
        }
    }

    /// The unit: "users", "events", "price"; empty where a formula has none.
    #[must_use]
    pub fn unit(&self) -> String {
        let (unit, per_user) = match self {
            Self::Events => ("events".to_owned(), false),
            Self::Users => ("users".to_owned(), false),
            Self::EventsPerUser => ("events".to_owned(), true),
            Self::Property { name, per_user, .. } => (name.clone(), *per_user),
            Self::Values { name, per_user } => (format!("values of {name}"), *per_user),
            Self::Formula(_) => (String::new(), false),
        };
        unit + if per_user { " per user" } else { "" }
    }

    /// How its figures are written.
    #[must_use]
    pub const fn figures(&self) -> Figures {
        match self {
            Self::Events
            | Self::Users
            | Self::Values {
                per_user: false, ..
            } => Figures::Counts,
            _ => Figures::Numbers,
        }
    }
}

/// A series as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesView {
    /// Its place in the answer.
    pub place: usize,
    /// What it is of, by the place in the query.
    pub of: SeriesOf<usize>,
    /// The letter of its measure, or the sign of its formula.
    pub mark: String,
    pub group: Group,
    /// Its group by name; empty: nothing is broken down.
    pub group_name: String,
    /// What its measure or formula is called: "Order Completed, users".
    pub row: String,
    /// What tells that from the others: "Users".
    pub short_row: String,
    /// Which colour, dash and marker.
    pub style: usize,
    pub drawn: bool,
    /// How its figures are written.
    pub figures: Figures,
}

impl SeriesView {
    /// The series by itself, where its mark stands beside it: its group, or what it is of.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.group_name.is_empty() {
            &self.row
        } else {
            &self.group_name
        }
    }

    /// The series in a file, where nothing else tells it from the others: "A Order Completed, users, Mobile".
    #[must_use]
    pub fn whole_name(&self) -> String {
        let between = if self.group_name.is_empty() { "" } else { ", " };
        format!("{} {}{between}{}", self.mark, self.row, self.group_name)
    }

    /// Whether it has users of its own, so that these can be selected.
    #[must_use]
    pub const fn has_users(&self) -> bool {
        matches!(self.of, SeriesOf::Measure(_))
    }

    /// A figure of it as it is written.
    #[must_use]
    pub fn write(&self, figure: Option<f64>) -> String {
        figure.map_or_else(
            || "\u{2013}".to_owned(),
            |figure| self.figures.write(figure),
        )
    }
}

/// What is measured in the same unit, with an axis of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Pane {
    pub measured: Measured,
    /// The measures or formulas, by their marks: "Order Completed, users per day".
    pub titles: Vec<(String, String)>,
    /// Its series, those that are not drawn included.
    pub series: Vec<SeriesView>,
    /// Whether each bucket takes those before it.
    pub cumulative: bool,
}

impl Pane {
    /// The series that are drawn.
    pub fn drawn(&self) -> impl Iterator<Item = &SeriesView> {
        self.series.iter().filter(|series| series.drawn)
    }

    /// A series in the chart: its group, or what tells its measure from the others; with its mark where there are several.
    #[must_use]
    pub fn name(&self, series: &SeriesView) -> String {
        let name = if series.group_name.is_empty() {
            &series.short_row
        } else {
            &series.group_name
        };
        if self.titles.len() > 1 {
            format!("{} {name}", series.mark)
        } else {
            name.clone()
        }
    }

    /// Its titles in one line.
    #[must_use]
    pub fn title(&self, with_marks: bool) -> String {
        let titles = self.titles.iter().map(|(mark, title)| match with_marks {
            true => format!("{mark} {title}"),
            false => title.clone(),
        });
        titles.collect::<Vec<_>>().join("; ")
    }
}

/// An answer as it is shown. Measures that are hidden are left out; series that somebody switched off, and those beyond the
/// first ten of a pane that nobody switched on, are not drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentationView {
    timed: Arc<TimedAnswer>,
    /// Its series by what they are measured in, in the order of the measures.
    pub panes: Vec<Pane>,
}

impl Deref for SegmentationView {
    type Target = TimedAnswer;

    fn deref(&self) -> &TimedAnswer {
        &self.timed
    }
}

impl SegmentationView {
    /// An answer as a form shows it.
    #[must_use]
    pub fn of(timed: Arc<TimedAnswer>, form: &SegmentationForm, names: Names<'_>) -> Self {
        let TimedAnswer { query, answer, .. } = &*timed;
        let rows = RowNames::of(query, form, names);
        let mut panes: Vec<Pane> = Vec::new();
        let mut styles = 0;
        for (place, series) in answer.series.iter().enumerate() {
            let Some(of) = series_of(series) else {
                continue;
            };
            let (measured, may_add) = match of {
                SeriesOf::Measure(row) => {
                    let hidden = form.measures.all().get(row).is_some_and(|row| row.hidden);
                    match query.measures.get(row).map(|measure| &measure.aggregate) {
                        Some(of) if !hidden => (Measured::of(of), adds_up(of.of, of.per_user)),
                        _ => continue,
                    }
                }
                SeriesOf::Formula(row) => {
                    if form.formulas.all().get(row).is_some_and(|row| row.hidden) {
                        continue;
                    }
                    (Measured::Formula(row), false)
                }
            };
            let known = panes.iter().position(|pane| pane.measured == measured);
            let at = known.unwrap_or_else(|| {
                panes.push(Pane {
                    measured: measured.clone(),
                    titles: Vec::new(),
                    series: Vec::new(),
                    cumulative: form.cumulative && may_add,
                });
                panes.len() - 1
            });
            let Some(pane) = panes.get_mut(at) else {
                continue;
            };
            let mark = mark(of, query.formulas.len());
            if !pane.titles.iter().any(|(known, _)| *known == mark) {
                let title = rows.title(of, query.interval, pane.cumulative);
                pane.titles.push((mark.clone(), title));
            }
            let nth = pane.series.len();
            // A group looks the same in every pane; without groups every series looks different.
            let style = if query.group_by.is_empty() {
                styles
            } else {
                nth
            };
            styles += 1;
            let key = form.key(of, &series.group);
            let chosen = key.and_then(|key| form.series_shown(&key));
            let zone = &answer.stamp.time_zone;
            let groups = series.group.iter().zip(&query.group_by);
            let groups = groups.map(|(value, by)| group_name(value.as_ref(), by, names, zone));
            pane.series.push(SeriesView {
                place,
                of,
                mark,
                group: series.group.clone(),
                group_name: groups.collect::<Vec<_>>().join(", "),
                row: rows.name(of),
                short_row: rows.short_name(of, query),
                style,
                drawn: chosen.unwrap_or(nth < SHOWN_AT_FIRST),
                figures: pane.measured.figures(),
            });
        }
        Self { timed, panes }
    }

    /// All series, pane by pane.
    pub fn series(&self) -> impl Iterator<Item = &SeriesView> {
        self.panes.iter().flat_map(|pane| &pane.series)
    }

    /// The series at a place in the answer.
    #[must_use]
    pub fn series_at(&self, place: usize) -> Option<&SeriesView> {
        self.series().find(|series| series.place == place)
    }

    /// The units of the measures: "users", or "A users, B events, C price".
    #[must_use]
    pub fn units(&self) -> String {
        let mut units: Vec<(&str, String)> = Vec::new();
        for pane in &self.panes {
            if !matches!(pane.measured, Measured::Formula(_)) {
                let marks = pane.titles.iter();
                units.extend(marks.map(|(mark, _)| (mark.as_str(), pane.measured.unit())));
            }
        }
        sort(&mut units);
        match units.as_slice() {
            [(_, unit)] => unit.clone(),
            units => {
                let units = units.iter().map(|(mark, unit)| format!("{mark} {unit}"));
                units.collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// What stands before a series of something.
#[must_use]
pub fn mark(of: SeriesOf<usize>, formulas: usize) -> String {
    match of {
        SeriesOf::Measure(place) => formula::letter(place).to_string(),
        SeriesOf::Formula(_) if formulas == 1 => "\u{192}".to_owned(),
        SeriesOf::Formula(place) => format!("\u{192}{}", place + 1),
    }
}

/// What a series of an answer is of.
fn series_of(series: &answer::Series) -> Option<SeriesOf<usize>> {
    let place = |place: u32| usize::try_from(place).ok();
    match (series.measure, series.formula) {
        (Some(measure), _) => place(measure).map(SeriesOf::Measure),
        (None, Some(formula)) => place(formula).map(SeriesOf::Formula),
        (None, None) => None,
    }
}

/// What the measures and formulas of a query are called.
struct RowNames {
    /// The name that somebody gave a measure, its event and its figure.
    measures: Vec<(Option<String>, String, String)>,
    formulas: Vec<String>,
}

impl RowNames {
    fn of(query: &SegmentationQuery, form: &SegmentationForm, names: Names<'_>) -> Self {
        let measures = query.measures.iter().enumerate().map(|(place, measure)| {
            let given = form.measures.all().get(place).map(|row| row.name.trim());
            let given = given.filter(|given| !given.is_empty()).map(str::to_owned);
            let event = capital_of_any(names.event(measure.event.as_deref()));
            (given, event, figure_name(measure))
        });
        let formulas = query.formulas.iter().map(|formula| formula.name.clone());
        Self {
            measures: measures.collect(),
            formulas: formulas.collect(),
        }
    }

    /// By the name it was given or by what it says: "Order Completed, users".
    fn name(&self, of: SeriesOf<usize>) -> String {
        match of {
            SeriesOf::Formula(place) => self.formulas.get(place).cloned().unwrap_or_default(),
            SeriesOf::Measure(place) => match self.measures.get(place) {
                Some((Some(given), ..)) => given.clone(),
                Some((None, event, figure)) => format!("{event}, {figure}"),
                None => String::new(),
            },
        }
    }

    /// What tells a measure from the others: its figure where all are of the same event, its event where all have the same
    /// figure.
    fn short_name(&self, of: SeriesOf<usize>, query: &SegmentationQuery) -> String {
        let SeriesOf::Measure(place) = of else {
            return self.name(of);
        };
        let Some((None, event, figure)) = self.measures.get(place) else {
            return self.name(of);
        };
        let measure = query.measures.get(place);
        let mut events = query.measures.iter().map(|measure| &measure.event);
        if events.all(|other| measure.is_some_and(|measure| measure.event == *other)) {
            capital(figure)
        } else if self.measures.iter().all(|(.., other)| other == figure) {
            event.clone()
        } else {
            self.name(of)
        }
    }

    /// "Order Completed, users per day".
    fn title(&self, of: SeriesOf<usize>, interval: Interval, cumulative: bool) -> String {
        let name = self.name(of);
        match interval.unit().map(|unit| unit.word()) {
            None => name,
            Some(unit) if cumulative => format!("{name}, added up by {unit}"),
            Some(unit) => format!("{name} per {unit}"),
        }
    }
}

/// What a measure's figure is called, without its event: "users", "average price per user".
#[must_use]
pub fn figure_name(measure: &QueryMeasure) -> String {
    let aggregate = &measure.aggregate;
    let property = aggregate.property.as_deref().unwrap_or_default();
    let name = match aggregate.of {
        Figure::Total => "total count".to_owned(),
        Figure::Users => "users".to_owned(),
        Figure::Sum => format!("sum of {property}"),
        Figure::Average => format!("average {property}"),
        Figure::Median => format!("median {property}"),
        Figure::Min => format!("smallest {property}"),
        Figure::Max => format!("greatest {property}"),
        Figure::Distinct => format!("different values of {property}"),
    };
    name + if aggregate.per_user { " per user" } else { "" }
}

/// An event's name stays as it is; "any event" begins a name here.
fn capital_of_any(event: String) -> String {
    if event == "any event" {
        capital(&event)
    } else {
        event
    }
}
