//! The row of a segmentation: its rows and formulas, when, who, by what, and how the answer is shown.

use segments_model::answer::Group;
use segments_model::formula::{self, Expression, MAX_ROWS};
use segments_model::query::{
    Comparison, DEFAULT_GROUPS, Figure, Formula, GroupBy, Interval, Query, QueryAggregate,
    QueryMeasure, SegmentationQuery,
};
use segments_model::{Instant, Range};
use serde_json::{Map, Value};

use crate::audience::AudienceForm;
use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::number::Entry;
use crate::occurrence::OccurrenceForm;
use crate::range::{RangeForm, RangeKind};
use crate::rows::{Row, RowId, Rows};
use crate::tool::{Tool, ToolForm};

/// How many formulas there may be.
pub const MOST_FORMULAS: usize = 20;
/// How many things an answer may be broken down by.
pub const MOST_GROUPINGS: usize = 5;
/// How many groups may be told.
pub const MOST_GROUPS: u32 = 1_000;
/// How long a formula's name may be, in characters.
const LONGEST_NAME: usize = 200;

/// The row of a row: a figure over the occurrences of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureRow {
    /// Which occurrences.
    pub occurrence: OccurrenceForm,
    /// Which figure.
    pub figure: Figure,
    /// The event property that it is worked out over; kept while a figure is looked at that takes none.
    pub property: String,
    /// Whether it is the mean of the users' own figures; kept likewise.
    pub per_user: bool,
}

impl Default for MeasureRow {
    /// The users who performed an event that is not chosen yet.
    fn default() -> Self {
        Self {
            occurrence: OccurrenceForm::default(),
            figure: Figure::Users,
            property: String::new(),
            per_user: false,
        }
    }
}

impl From<&QueryMeasure> for MeasureRow {
    fn from(measure: &QueryMeasure) -> Self {
        Self {
            occurrence: OccurrenceForm::of(&measure.event, measure.filter.as_ref(), &measure.did),
            figure: measure.aggregate.of,
            property: measure.aggregate.property.clone().unwrap_or_default(),
            per_user: measure.aggregate.per_user,
        }
    }
}

impl MeasureRow {
    /// The users who performed an event.
    #[must_use]
    pub fn users_of(event: &str) -> Self {
        Self {
            occurrence: OccurrenceForm {
                event: EventChoice::Named(event.to_owned()),
                ..OccurrenceForm::default()
            },
            ..Self::default()
        }
    }

    fn measure(&self) -> Result<QueryMeasure, Vec<FormError>> {
        let mut errors = Errors::default();
        let occurrence = errors.part("", self.occurrence.occurrence());
        let property = match self.figure.aggregate() {
            None => Some(None),
            Some(_) if self.property.is_empty() => errors.note(
                "/aggregate/property",
                Err("Choose the property that is measured".to_owned()),
            ),
            Some(_) => Some(Some(self.property.clone())),
        };
        let measure = occurrence
            .zip(property)
            .map(|(occurrence, property)| QueryMeasure {
                event: occurrence.event,
                filter: occurrence.filter,
                did: occurrence.did,
                aggregate: QueryAggregate {
                    of: self.figure,
                    property,
                    per_user: self.per_user && self.figure != Figure::Users,
                },
            });
        errors.finish(measure)
    }
}

/// The row of a formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaForm {
    /// Its name; empty: it is called by what it says.
    pub name: String,
    /// The rows by their letters, numbers, `+ - * /` and brackets.
    pub expression: String,
}

impl From<&Formula> for FormulaForm {
    fn from(formula: &Formula) -> Self {
        let name = if formula.name == formula.expression {
            String::new()
        } else {
            formula.name.clone()
        };
        Self {
            name,
            expression: formula.expression.clone(),
        }
    }
}

impl FormulaForm {
    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.name.trim().is_empty() {
            &self.expression
        } else {
            &self.name
        }
    }

    fn formula(&self, rows: usize) -> Result<Formula, Vec<FormError>> {
        let mut errors = Errors::default();
        let expression = if self.expression.trim().is_empty() {
            Err("Write a formula of rows by their letters, such as A / B * 100".to_owned())
        } else {
            Expression::parse(&self.expression, rows)
                .map(|_| self.expression.clone())
                .map_err(|error| format!("At character {}: {}", error.at, error.detail))
        };
        let expression = errors.note("/expression", expression);
        let name = self.title();
        let name = if expression.is_some() && name.chars().count() > LONGEST_NAME {
            Err(format!(
                "Give the formula a name of at most {LONGEST_NAME} characters"
            ))
        } else {
            Ok(name.to_owned())
        };
        let name = errors.note("/name", name);
        let formula = name
            .zip(expression)
            .map(|(name, expression)| Formula { name, expression });
        errors.finish(formula)
    }
}

/// How the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Chart {
    /// A line a series.
    #[default]
    Line,
    /// Areas, one upon the other.
    Area,
    /// Bars beside each other.
    Bar,
    /// Bars, one upon the other.
    StackedBar,
    /// A table with a column a bucket.
    Table,
    /// The figure over the whole range, large.
    Number,
}

impl Chart {
    /// Every one, in the order of the toolbar.
    pub const ALL: [Self; 6] = [
        Self::Line,
        Self::Area,
        Self::Bar,
        Self::StackedBar,
        Self::Table,
        Self::Number,
    ];

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::Area => "Area",
            Self::Bar => "Bar",
            Self::StackedBar => "Stacked",
            Self::Table => "Table",
            Self::Number => "Number",
        }
    }

    /// Whether series are surfaces rather than lines.
    #[must_use]
    pub const fn is_filled(self) -> bool {
        matches!(self, Self::Area | Self::Bar | Self::StackedBar)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Area => "area",
            Self::Bar => "bar",
            Self::StackedBar => "stacked_bar",
            Self::Table => "table",
            Self::Number => "number",
        }
    }
}

/// What a series is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeriesOf<T> {
    /// A row.
    Measure(T),
    /// A formula.
    Formula(T),
}

/// A series, wherever its row or formula is moved.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesKey {
    /// What it is of.
    pub of: SeriesOf<RowId>,
    /// Its group.
    pub group: Group,
}

/// The row of a segmentation, with how its answer is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentationForm {
    /// What is measured, called A, B, …
    pub measures: Rows<MeasureRow>,
    /// What is worked out from that.
    pub formulas: Rows<FormulaForm>,
    /// What the answer is broken down by.
    pub groups: Vec<GroupForm>,
    /// When.
    pub range: RangeForm,
    /// How long a bucket is.
    pub interval: Interval,
    /// Whether the range before is asked for too.
    pub compare: bool,
    /// Who.
    pub audience: AudienceForm,
    /// The zone; none: the project's.
    pub zone: Option<String>,
    /// How many groups are told; an empty text: as many as usual.
    pub max_groups: Entry,
    /// The instant that is asked for; none: now.
    pub as_of: Option<Instant>,
    /// How the answer is shown.
    pub chart: Chart,
    /// Whether each bucket takes those before it, where figures can be added up.
    pub cumulative: bool,
    /// Which series somebody has switched on or off in the table; the others are shown as long as there are few.
    pub series: Vec<(SeriesKey, bool)>,
}

impl Default for SegmentationForm {
    fn default() -> Self {
        Self::of(std::iter::once(MeasureRow::default()))
    }
}

impl SegmentationForm {
    /// These rows over the last 30 days, by day.
    pub fn of(measures: impl IntoIterator<Item = MeasureRow>) -> Self {
        Self {
            measures: measures.into_iter().collect(),
            formulas: Rows::default(),
            groups: Vec::new(),
            range: RangeForm::default(),
            interval: Interval::Day,
            compare: false,
            audience: AudienceForm::default(),
            zone: None,
            max_groups: Entry::default(),
            as_of: None,
            chart: Chart::default(),
            cumulative: false,
            series: Vec::new(),
        }
    }

    /// Whether there is nothing to ask about yet: no row has an event.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.measures
            .all()
            .iter()
            .all(|row| row.value.occurrence.event == EventChoice::Unset)
    }

    /// Puts other rows in place of those that are there. Letters in formulas follow their rows; where a row is gone, its
    /// letter becomes a question mark, which the formula then complains about.
    pub fn set_measures(&mut self, measures: Rows<MeasureRow>) {
        let letters: Vec<(char, char)> = self
            .measures
            .all()
            .iter()
            .enumerate()
            .map(|(place, row)| {
                let now = measures.place(row.id).map_or('?', formula::letter);
                (formula::letter(place), now)
            })
            .collect();
        let formulas: Vec<RowId> = self.formulas.all().iter().map(|row| row.id).collect();
        for id in formulas {
            if let Some(row) = self.formulas.get_mut(id) {
                row.value.expression = row
                    .value
                    .expression
                    .chars()
                    .map(|character| {
                        letters
                            .iter()
                            .find(|(before, _)| *before == character)
                            .map_or(character, |(_, now)| *now)
                    })
                    .collect();
            }
        }
        self.series.retain(|(key, _)| match key.of {
            SeriesOf::Measure(id) => measures.get(id).is_some(),
            SeriesOf::Formula(_) => true,
        });
        self.measures = measures;
    }

    /// Takes a formula away, with what was said about its series.
    pub fn remove_formula(&mut self, id: RowId) {
        self.formulas.remove(id);
        self.series
            .retain(|(key, _)| key.of != SeriesOf::Formula(id));
    }

    /// Switches a series on or off.
    pub fn show_series(&mut self, key: SeriesKey, shown: bool) {
        self.series.retain(|(other, _)| *other != key);
        self.series.push((key, shown));
    }

    /// Whether somebody has switched a series on or off.
    #[must_use]
    pub fn series_shown(&self, key: &SeriesKey) -> Option<bool> {
        self.series
            .iter()
            .find(|(other, _)| other == key)
            .map(|(_, shown)| *shown)
    }

    /// How many groups are told.
    #[must_use]
    pub fn told_groups(&self) -> u32 {
        self.max_groups
            .whole(1, MOST_GROUPS)
            .unwrap_or(DEFAULT_GROUPS)
    }

    /// Tells more groups: as many again, as far as there are others.
    pub fn tell_more_groups(&mut self, left_out: u64) {
        let told = self.told_groups();
        let more = u32::try_from(left_out)
            .unwrap_or(u32::MAX)
            .min(told.max(10));
        self.max_groups = Entry::from(told.saturating_add(more).min(MOST_GROUPS));
    }

    /// The names of the events that are asked about, each once.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let mut events: Vec<String> = Vec::new();
        for row in self.measures.all() {
            if let Some(name) = row.value.occurrence.event.name()
                && !events.iter().any(|event| event == name)
            {
                events.push(name.to_owned());
            }
        }
        events
    }

    /// Whether a row leaves out some occurrences of its event.
    #[must_use]
    pub fn has_filters(&self) -> bool {
        self.measures.all().iter().any(|row| {
            let occurrence = &row.value.occurrence;
            !occurrence.did.is_empty() || occurrence.filter != Default::default()
        })
    }

    /// Takes all filters, and all of what else was performed, from the rows.
    pub fn clear_filters(&mut self) {
        let ids: Vec<RowId> = self.measures.all().iter().map(|row| row.id).collect();
        for id in ids {
            if let Some(row) = self.measures.get_mut(id) {
                row.value.occurrence.filter = Default::default();
                row.value.occurrence.did.clear();
            }
        }
    }

    /// Whether anything lies before the range, to compare with.
    #[must_use]
    pub fn has_before(&self) -> bool {
        self.range.kind != RangeKind::AllTime
    }

    /// Whether a row has figures that can be added up, bucket by bucket.
    #[must_use]
    pub fn may_add_up(&self) -> bool {
        self.interval != Interval::Full
            && self
                .measures
                .all()
                .iter()
                .any(|row| adds_up(row.value.figure, row.value.per_user))
    }

    /// Whether an answer looks the same by another row, whatever the two ask for.
    #[must_use]
    pub fn shows_as(&self, other: &Self) -> bool {
        self.chart == other.chart
            && self.cumulative == other.cumulative
            && self.series == other.series
            && rows_show_as(&self.measures, &other.measures)
            && rows_show_as(&self.formulas, &other.formulas)
    }

    /// The key of a series by the place of what it is of.
    #[must_use]
    pub fn key(&self, of: SeriesOf<usize>, group: &Group) -> Option<SeriesKey> {
        let of = match of {
            SeriesOf::Measure(place) => {
                SeriesOf::Measure(self.measures.all().get(place).map(|row| row.id)?)
            }
            SeriesOf::Formula(place) => {
                SeriesOf::Formula(self.formulas.all().get(place).map(|row| row.id)?)
            }
        };
        Some(SeriesKey {
            of,
            group: group.clone(),
        })
    }

    fn query_parts(&self) -> Result<SegmentationQuery, Vec<FormError>> {
        let mut errors = Errors::default();
        let mut measures = Vec::with_capacity(self.measures.len());
        for (place, row) in self.measures.all().iter().enumerate() {
            measures.extend(errors.part(&format!("/measures/{place}"), row.value.measure()));
        }
        if !(1..=MAX_ROWS).contains(&self.measures.len()) {
            errors.note::<()>(
                "/measures",
                Err(format!("Ask for 1 to {MAX_ROWS} measures")),
            );
        }
        let mut formulas = Vec::with_capacity(self.formulas.len());
        for (place, row) in self.formulas.all().iter().enumerate() {
            let formula = row.value.formula(self.measures.len());
            formulas.extend(errors.part(&format!("/formulas/{place}"), formula));
        }
        let audience = errors.part("/audience", self.audience.audience());
        let during = errors.part("/during", self.range.range());
        let max_groups = if self.max_groups == Entry::default() {
            Some(None)
        } else {
            errors
                .note("/max_groups", self.max_groups.whole(1, MOST_GROUPS))
                .map(Some)
        };
        let query = (|| {
            Some(SegmentationQuery {
                measures,
                formulas,
                audience: audience?,
                group_by: self.groups.iter().map(GroupBy::from).collect(),
                during: during?,
                interval: self.interval,
                compare: (self.compare && self.has_before()).then_some(Comparison::PreviousRange),
                max_groups: max_groups?,
                as_of: self.as_of,
                time_zone: self.zone.clone(),
            })
        })();
        errors.finish(query)
    }

    fn open_query(query: &SegmentationQuery) -> Self {
        Self {
            formulas: query.formulas.iter().map(FormulaForm::from).collect(),
            groups: query.group_by.iter().map(GroupForm::from).collect(),
            range: RangeForm::from(&query.during),
            interval: query.interval,
            compare: query.compare.is_some(),
            audience: AudienceForm::of(query.audience.as_ref()),
            zone: query.time_zone.clone(),
            max_groups: query.max_groups.map_or_else(Entry::default, Entry::from),
            as_of: query.as_of,
            ..Self::of(query.measures.iter().map(MeasureRow::from))
        }
    }

    fn open_view(&mut self, view: &Value) {
        if let Some(word) = view.get("chart").and_then(Value::as_str)
            && let Some(chart) = Chart::ALL.into_iter().find(|chart| chart.word() == word)
        {
            self.chart = chart;
        }
        let cumulative = view.get("cumulative").and_then(Value::as_bool);
        self.cumulative = cumulative.unwrap_or(self.cumulative);
        open_rows(&mut self.measures, view.get("rows"));
        open_rows(&mut self.formulas, view.get("formulas"));
        for series in view
            .get("series")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some((key, shown)) = self.open_series(series) {
                self.show_series(key, shown);
            }
        }
    }

    fn open_series(&self, series: &Value) -> Option<(SeriesKey, bool)> {
        let place = |name: &str| {
            let place = series.get(name)?.as_u64()?;
            usize::try_from(place).ok()
        };
        let of = place("measure")
            .map(SeriesOf::Measure)
            .or_else(|| place("formula").map(SeriesOf::Formula))?;
        let group: Group = serde_json::from_value(series.get("group")?.clone()).ok()?;
        let shown = series.get("shown")?.as_bool()?;
        Some((self.key(of, &group)?, shown))
    }
}

fn rows_show_as<T>(rows: &Rows<T>, others: &Rows<T>) -> bool {
    fn look<T>(row: &Row<T>) -> (RowId, &str, bool) {
        (row.id, &row.name, row.hidden)
    }
    rows.all()
        .iter()
        .map(look)
        .eq(others.all().iter().map(look))
}

/// Whether the figures of several buckets may be added up: each occurrence lies in one bucket, but a user can be in several.
#[must_use]
pub const fn adds_up(figure: Figure, per_user: bool) -> bool {
    matches!(figure, Figure::Total | Figure::Sum) && !per_user
}

/// What is said about rows beside the query: an object a row, empty where nothing is.
fn view_rows<T>(rows: &Rows<T>) -> Option<Value> {
    let said: Vec<Value> = rows
        .all()
        .iter()
        .map(|row| {
            let mut said = Map::new();
            if !row.name.is_empty() {
                said.insert("name".to_owned(), row.name.clone().into());
            }
            if row.hidden {
                said.insert("hidden".to_owned(), true.into());
            }
            Value::Object(said)
        })
        .collect();
    let is_empty = |said: &Value| said.as_object().is_none_or(Map::is_empty);
    (!said.iter().all(is_empty)).then(|| said.into())
}

fn open_rows<T>(rows: &mut Rows<T>, said: Option<&Value>) {
    let ids: Vec<RowId> = rows.all().iter().map(|row| row.id).collect();
    let said = said.and_then(Value::as_array).into_iter().flatten();
    for (id, said) in ids.into_iter().zip(said) {
        if let Some(row) = rows.get_mut(id) {
            if let Some(name) = said.get("name").and_then(Value::as_str) {
                row.name = name.to_owned();
            }
            row.hidden = said
                .get("hidden")
                .and_then(Value::as_bool)
                .unwrap_or_default();
        }
    }
}

impl ToolForm for SegmentationForm {
    const TOOL: Tool = Tool::Segmentation;

    fn query(&self) -> Result<Query, Vec<FormError>> {
        self.query_parts().map(Query::Segmentation)
    }

    fn place(&self, pointer: &str) -> String {
        let mut parts = pointer.split('/').skip(1);
        let part = parts.next().unwrap_or_default();
        let place = parts.next().and_then(|place| place.parse::<usize>().ok());
        match (part, place) {
            ("measures", Some(place)) => format!("measure {}", formula::letter(place)),
            ("measures", None) => "measures".to_owned(),
            ("formulas", Some(place)) => {
                let rows = self.formulas.all();
                let title = rows.get(place).map_or("", |row| row.value.title().trim());
                if title.is_empty() {
                    format!("formula {}", place + 1)
                } else {
                    format!("formula {title}")
                }
            }
            ("formulas", None) => "formulas".to_owned(),
            ("during", _) => "date range".to_owned(),
            ("interval", _) => "interval".to_owned(),
            ("audience", _) => "audience".to_owned(),
            ("group_by", _) => "breakdown".to_owned(),
            ("max_groups", _) => "number of groups".to_owned(),
            ("time_zone", _) => "time zone".to_owned(),
            ("compare", _) => "comparison".to_owned(),
            ("as_of", _) => "as of".to_owned(),
            _ => "query".to_owned(),
        }
    }

    fn view(&self) -> Value {
        let mut view = Map::new();
        let mut say = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                view.insert(name.to_owned(), value);
            }
        };
        let chart = (self.chart != Chart::default()).then(|| self.chart.word().into());
        say("chart", chart);
        say("cumulative", self.cumulative.then(|| true.into()));
        say("rows", view_rows(&self.measures));
        say("formulas", view_rows(&self.formulas));
        let series: Vec<Value> = self
            .series
            .iter()
            .filter_map(|(key, shown)| {
                let (name, place) = match key.of {
                    SeriesOf::Measure(id) => ("measure", self.measures.place(id)?),
                    SeriesOf::Formula(id) => ("formula", self.formulas.place(id)?),
                };
                let mut said = Map::new();
                said.insert(name.to_owned(), place.into());
                said.insert("group".to_owned(), serde_json::to_value(&key.group).ok()?);
                said.insert("shown".to_owned(), (*shown).into());
                Some(Value::Object(said))
            })
            .collect();
        say("series", (!series.is_empty()).then(|| series.into()));
        if view.is_empty() {
            Value::Null
        } else {
            Value::Object(view)
        }
    }

    fn open(query: &Query, view: &Value) -> Self {
        let Query::Segmentation(query) = query else {
            return Self::default();
        };
        let mut form = Self::open_query(query);
        form.open_view(view);
        form
    }
}

/// What a figure is called before its event or property.
#[must_use]
pub const fn figure_label(figure: Figure) -> &'static str {
    match figure {
        Figure::Total => "Total count of",
        Figure::Users => "Users who performed",
        Figure::Sum => "Sum of",
        Figure::Average => "Average of",
        Figure::Median => "Median of",
        Figure::Min => "Smallest",
        Figure::Max => "Greatest",
        Figure::Distinct => "Different values of",
    }
}

/// A row in words: "Users who performed Order Completed", "Average of price of Order Completed per user".
#[must_use]
pub fn measure_words(row: &Row<MeasureRow>, event_label: &dyn Fn(&str) -> String) -> String {
    if !row.name.trim().is_empty() {
        return row.name.clone();
    }
    let measure = &row.value;
    let event = event_words(&measure.occurrence.event, event_label);
    let figure = figure_label(measure.figure);
    let mut words = match measure.figure.aggregate() {
        None => format!("{figure} {event}"),
        Some(_) if measure.property.is_empty() => format!("{figure} \u{2026} of {event}"),
        Some(_) => format!("{figure} {} of {event}", measure.property),
    };
    if measure.per_user && measure.figure != Figure::Users {
        words.push_str(" per user");
    }
    words
}

/// An event in words.
#[must_use]
pub fn event_words(event: &EventChoice, event_label: &dyn Fn(&str) -> String) -> String {
    match event {
        EventChoice::Unset => "\u{2026}".to_owned(),
        EventChoice::Any => "any event".to_owned(),
        EventChoice::Named(name) => event_label(name),
    }
}

/// What the answer is broken down by, in words: "device and plan"; empty: by nothing.
#[must_use]
pub fn group_words(groups: &[GroupForm], segment_name: &dyn Fn(&str) -> Option<String>) -> String {
    let words: Vec<String> = groups
        .iter()
        .map(|group| match group {
            GroupForm::Property { name, .. } => name.clone(),
            GroupForm::Segment(id) => segment_name(id).unwrap_or_else(|| "a segment".to_owned()),
        })
        .collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// The query as a heading: "Users who performed Order Completed by device".
#[must_use]
pub fn title(
    form: &SegmentationForm,
    event_label: &dyn Fn(&str) -> String,
    segment_name: &dyn Fn(&str) -> Option<String>,
) -> String {
    if form.is_blank() {
        return Tool::Segmentation.label().to_owned();
    }
    let mut title = what_words(form, event_label);
    if !form.groups.is_empty() {
        title.push_str(" by ");
        title.push_str(&group_words(&form.groups, segment_name));
    }
    title
}

/// What is measured: the only row, or how many of which event.
#[must_use]
pub fn what_words(form: &SegmentationForm, event_label: &dyn Fn(&str) -> String) -> String {
    match (form.measures.all(), form.events().as_slice()) {
        ([row], _) => measure_words(row, event_label),
        (rows, [event]) => format!("{} measures of {}", rows.len(), event_label(event)),
        (rows, _) => {
            let mut names: Vec<String> = Vec::new();
            for row in rows {
                let name = event_words(&row.value.occurrence.event, event_label);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            match names.as_slice() {
                [one, two] => format!("{one} and {two}"),
                [one, two, others @ ..] if !others.is_empty() => {
                    format!("{one}, {two} and {} more", others.len())
                }
                _ => format!("{} measures", rows.len()),
            }
        }
    }
}

/// The row of the range that the page offers where a query has no match.
#[must_use]
pub fn longer_range() -> RangeForm {
    RangeForm::from(&Range::Last {
        count: 12,
        unit: segments_model::range::CalendarUnit::Month,
        complete: false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Chart, FormulaForm, MeasureRow, SegmentationForm, SeriesOf, measure_words, title};
    use crate::group::GroupForm;
    use crate::number::Entry;
    use crate::range::RangeForm;
    use crate::tool::ToolForm as _;
    use segments_model::Range;
    use segments_model::filter::Scope;
    use segments_model::query::{Figure, Interval, Query};
    use serde_json::{Value, json};

    fn label(name: &str) -> String {
        name.to_owned()
    }

    fn two_rows() -> SegmentationForm {
        let mut form = SegmentationForm::of(["Order", "Visit"].map(MeasureRow::users_of));
        form.formulas.add(FormulaForm {
            name: "Buyers".to_owned(),
            expression: "A / B * 100".to_owned(),
        });
        form
    }

    fn expression(form: &SegmentationForm) -> &str {
        &form.formulas.all()[0].value.expression
    }

    #[test]
    fn a_new_form_asks_for_an_event() {
        let form = SegmentationForm::default();
        assert!(form.is_blank());
        let errors = form.query().unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, "/measures/0/event");
        assert_eq!(form.place(&errors[0].pointer), "measure A");
        assert_eq!(form.view(), Value::Null);
        assert_eq!(title(&form, &label, &|_| None), "Segmentation");
    }

    #[test]
    fn everything_that_is_missing_is_told_at_its_place() {
        let mut form = two_rows();
        let ids: Vec<_> = form.measures.all().iter().map(|row| row.id).collect();
        form.measures.get_mut(ids[1]).unwrap().value.figure = Figure::Sum;
        form.formulas.add(FormulaForm {
            name: String::new(),
            expression: "A +".to_owned(),
        });
        form.formulas.add(FormulaForm::default());
        form.max_groups = Entry::from(0);
        form.range.count = Entry::default();
        let errors = form.query().unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/measures/1/aggregate/property",
                "/formulas/1/expression",
                "/formulas/2/expression",
                "/during/count",
                "/max_groups",
            ]
        );
        let places: Vec<_> = pointers.iter().map(|pointer| form.place(pointer)).collect();
        assert_eq!(
            places,
            [
                "measure B",
                "formula A +",
                "formula 3",
                "date range",
                "number of groups"
            ]
        );
        assert!(
            errors[1].detail.starts_with("At character 4:"),
            "{}",
            errors[1].detail
        );
    }

    #[test]
    fn letters_in_formulas_follow_their_rows() {
        let mut form = two_rows();
        let first = form.measures.all()[0].id;
        let mut rows = form.measures.clone();
        rows.move_to(first, 1);
        form.set_measures(rows.clone());
        assert_eq!(expression(&form), "B / A * 100");
        let copy = rows.duplicate(first).unwrap();
        form.set_measures(rows.clone());
        assert_eq!(expression(&form), "B / A * 100");
        form.show_series(form.key(SeriesOf::Measure(1), &vec![]).unwrap(), false);
        rows.remove(first);
        form.set_measures(rows);
        assert_eq!(expression(&form), "? / A * 100");
        assert_eq!(form.measures.place(copy), Some(1));
        assert_eq!(
            form.query().unwrap_err()[0].pointer,
            "/formulas/0/expression"
        );
        assert!(form.series.is_empty());
    }

    #[test]
    fn what_a_figure_does_not_take_is_kept_and_not_asked() {
        let mut row = MeasureRow {
            property: "price".to_owned(),
            per_user: true,
            ..MeasureRow::users_of("Order")
        };
        let aggregate = row.measure().unwrap().aggregate;
        assert_eq!((aggregate.property, aggregate.per_user), (None, false));
        row.figure = Figure::Median;
        let aggregate = row.measure().unwrap().aggregate;
        assert_eq!(aggregate.property.as_deref(), Some("price"));
        assert!(aggregate.per_user);
    }

    #[test]
    fn the_view_goes_through_a_link_unchanged() {
        let mut form = two_rows();
        let ids: Vec<_> = form.measures.all().iter().map(|row| row.id).collect();
        form.measures.get_mut(ids[0]).unwrap().name = "Buyers".to_owned();
        form.measures.get_mut(ids[1]).unwrap().hidden = true;
        let formula = form.formulas.all()[0].id;
        form.formulas.get_mut(formula).unwrap().hidden = true;
        form.groups.push(GroupForm::Property {
            scope: Scope::Event,
            name: "device".to_owned(),
        });
        form.cumulative = true;
        let key = form.key(SeriesOf::Measure(1), &vec![None]).unwrap();
        form.show_series(key.clone(), true);
        form.show_series(key.clone(), false);
        assert_eq!(form.series_shown(&key), Some(false));
        let key = form
            .key(SeriesOf::Formula(0), &vec![Some("Mobile".into())])
            .unwrap();
        form.show_series(key, true);
        for chart in Chart::ALL {
            form.chart = chart;
            let query = form.query().unwrap();
            assert_eq!(SegmentationForm::open(&query, &form.view()), form);
        }
    }

    #[test]
    fn of_a_view_only_what_is_understood_is_taken() {
        let form = two_rows();
        let query = form.query().unwrap();
        let view = json!({
            "chart": "pie", "cumulative": "yes", "rows": [1, {"name": 3}, {"name": "x"}, {}],
            "formulas": "none", "series": [{"measure": 9, "group": [], "shown": false}, {"group": []}, 1],
            "colour": "red",
        });
        assert_eq!(SegmentationForm::open(&query, &view), form);
        assert_eq!(SegmentationForm::open(&query, &Value::Null), form);
    }

    #[test]
    fn words_say_what_is_measured() {
        let mut form = two_rows();
        let words = |form: &SegmentationForm| title(form, &label, &|_| None);
        assert_eq!(words(&form), "Order and Visit");
        form.groups
            .extend(["device", "plan"].map(|name| GroupForm::Property {
                scope: Scope::User,
                name: name.to_owned(),
            }));
        form.groups.push(GroupForm::Segment("x".to_owned()));
        let mut rows = form.measures.clone();
        rows.remove(rows.all()[1].id);
        form.set_measures(rows.clone());
        assert_eq!(
            words(&form),
            "Users who performed Order by device, plan and a segment"
        );
        rows.duplicate(rows.all()[0].id);
        form.set_measures(rows);
        form.groups.clear();
        assert_eq!(words(&form), "2 measures of Order");
        let id = form.measures.all()[0].id;
        let row = form.measures.get_mut(id).unwrap();
        row.value.figure = Figure::Average;
        row.value.property = "price".to_owned();
        row.value.per_user = true;
        assert_eq!(
            measure_words(row, &label),
            "Average of price of Order per user"
        );
        row.name = "Basket".to_owned();
        assert_eq!(measure_words(row, &label), "Basket");
    }

    #[test]
    fn only_what_is_seen_changes_how_an_answer_is_shown() {
        let form = two_rows();
        let changed = |change: &dyn Fn(&mut SegmentationForm)| {
            let mut other = form.clone();
            change(&mut other);
            !form.shows_as(&other)
        };
        assert!(!changed(&|form| form.interval = Interval::Week));
        assert!(!changed(&|form| form.max_groups = Entry::from(3)));
        assert!(changed(&|form| form.chart = Chart::Bar));
        assert!(changed(&|form| form.cumulative = true));
        assert!(changed(&|form| {
            form.measures.add(MeasureRow::default());
        }));
        assert!(changed(&|form| {
            let id = form.measures.all()[1].id;
            form.measures.get_mut(id).unwrap().hidden = true;
        }));
        assert!(changed(&|form| {
            let key = form.key(SeriesOf::Measure(0), &vec![]).unwrap();
            form.show_series(key, false);
        }));
    }

    #[test]
    fn nothing_lies_before_all_time() {
        let mut form = two_rows();
        form.compare = true;
        let compared = |form: &SegmentationForm| match form.query() {
            Ok(Query::Segmentation(query)) => query.compare.is_some(),
            _ => panic!("it is one"),
        };
        assert!(compared(&form));
        form.range = RangeForm::from(&Range::AllTime {});
        assert!(!compared(&form));
    }

    #[test]
    fn totals_and_sums_add_up_bucket_by_bucket() {
        let mut form = two_rows();
        assert!(!form.may_add_up());
        let id = form.measures.all()[1].id;
        form.measures.get_mut(id).unwrap().value.figure = Figure::Total;
        assert!(form.may_add_up());
        form.measures.get_mut(id).unwrap().value.per_user = true;
        assert!(!form.may_add_up());
        form.measures.get_mut(id).unwrap().value.figure = Figure::Sum;
        form.measures.get_mut(id).unwrap().value.per_user = false;
        assert!(form.may_add_up());
        form.interval = Interval::Full;
        assert!(!form.may_add_up());
    }

    #[test]
    fn more_groups_are_told_as_far_as_there_are_others() {
        let mut form = SegmentationForm::default();
        form.tell_more_groups(3);
        assert_eq!(form.told_groups(), 13);
        form.tell_more_groups(10_000);
        assert_eq!(form.told_groups(), 26);
        form.max_groups = Entry::from(900);
        form.tell_more_groups(10_000);
        assert_eq!(form.told_groups(), 1_000);
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod laws {
    use super::SegmentationForm;
    use crate::filter::tests::filter;
    use crate::tool::ToolForm as _;
    use proptest::prelude::*;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::Scope;
    use segments_model::query::{
        Comparison, Figure, Formula, GroupBy, Interval, PropertyGroup, Query, QueryAggregate,
        QueryMeasure, SegmentGroup, SegmentationQuery,
    };
    use segments_model::range::{CalendarUnit, Window, WindowUnit};
    use segments_model::{Compare, Criterion, Instant, Range};
    use serde_json::Value;

    fn did() -> impl Strategy<Value = Did> {
        (
            any::<bool>(),
            prop::option::of("[a-z]{1,4}"),
            prop::option::of(filter()),
            1..9_u32,
        )
            .prop_map(|(performed, event, filter, count)| Did {
                performed,
                event,
                filter,
                when: if performed { When::Before } else { When::After },
                within: performed.then_some(Window {
                    count,
                    unit: WindowUnit::Day,
                }),
                compare: Compare::AtLeast(f64::from(count)),
            })
    }

    fn measure() -> impl Strategy<Value = QueryMeasure> {
        (
            prop::option::of("[a-z]{1,4}"),
            prop::option::of(filter()),
            prop::collection::vec(did(), 0..3),
            prop::sample::select(Figure::ALL.to_vec()),
            "[a-z]{1,4}",
            any::<bool>(),
        )
            .prop_map(
                |(event, filter, did, of, property, per_user)| QueryMeasure {
                    event,
                    filter,
                    did,
                    aggregate: QueryAggregate {
                        of,
                        property: of.aggregate().map(|_| property),
                        per_user: per_user && of != Figure::Users,
                    },
                },
            )
    }

    fn group() -> impl Strategy<Value = GroupBy> {
        ("[a-z]{1,4}", 0..3_u8).prop_map(|(name, kind)| match kind {
            0 => GroupBy::Segment(SegmentGroup { segment: name }),
            1 => GroupBy::Property(PropertyGroup {
                scope: Scope::User,
                name,
            }),
            _ => GroupBy::Property(PropertyGroup {
                scope: Scope::Event,
                name,
            }),
        })
    }

    fn query() -> impl Strategy<Value = SegmentationQuery> {
        let range = prop::sample::select(vec![
            Range::AllTime {},
            Range::This {
                unit: CalendarUnit::Week,
            },
            Range::Last {
                count: 7,
                unit: CalendarUnit::Hour,
                complete: true,
            },
        ]);
        let formulas = prop::sample::select(vec!["A", "A / 2 * 100", "-(A + 1)"]);
        (
            prop::collection::vec(measure(), 1..4),
            prop::collection::vec((formulas, prop::option::of("[a-z]{1,6}")), 0..3),
            prop::option::of("[a-z]{1,4}"),
            prop::collection::vec(group(), 0..4),
            range,
            prop::sample::select(Interval::ALL.to_vec()),
            prop::option::of(1..1000_u32),
            any::<bool>(),
        )
            .prop_map(
                |(measures, formulas, segment, group_by, during, interval, max_groups, flag)| {
                    SegmentationQuery {
                        measures,
                        formulas: formulas
                            .into_iter()
                            .map(|(expression, name)| Formula {
                                name: name.unwrap_or_else(|| expression.to_owned()),
                                expression: expression.to_owned(),
                            })
                            .collect(),
                        audience: segment.map(|segment| {
                            serde_json::from_value::<Criterion>(
                                serde_json::json!({"type": "segment", "id": segment}),
                            )
                            .unwrap()
                        }),
                        group_by,
                        // Nothing lies before all time.
                        compare: (flag && during != Range::AllTime {})
                            .then_some(Comparison::PreviousRange),
                        during,
                        interval,
                        max_groups,
                        as_of: flag.then_some(Instant::from_millis_saturating(1_000)),
                        time_zone: flag.then(|| "Europe/Berlin".to_owned()),
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn a_query_goes_through_the_form_unchanged(query in query()) {
            let query = Query::Segmentation(query);
            let form = SegmentationForm::open(&query, &Value::Null);
            prop_assert_eq!(form.query(), Ok(query));
            prop_assert_eq!(form.view(), Value::Null);
        }
    }
}
