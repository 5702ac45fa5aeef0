//! The form of a segmentation: its measures and formulas, by what, and how the answer is shown.

use chrono::NaiveDateTime;
use segments_model::answer::Group;
use segments_model::formula;
use segments_model::limits::{MAX_GROUP_BY, MAX_PARTS};
use segments_model::query::{
    Comparison, Figure, Formula, GroupBy, Interval, Query, QueryAggregate, QueryMeasure,
    SegmentationQuery,
};
use segments_model::range::{CalendarUnit, LocalBounds};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::interval;
use crate::number::Entry;
use crate::occurrence::OccurrenceForm;
use crate::range::{RangeForm, RangeKind};
use crate::rows::{Row, RowId, Rows};
use crate::tool::{
    FrameForm, Names, Tool, ToolForm, checked, occurrence, read, read_each, unless, view_of,
};

/// How many formulas there may be.
pub const MOST_FORMULAS: usize = MAX_PARTS;
/// How many things an answer may be broken down by.
pub const MOST_GROUPINGS: usize = MAX_GROUP_BY;

/// The form of a measure: a figure over the occurrences of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureRow {
    pub occurrence: OccurrenceForm,
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

    fn measure(&self, place: &str, errors: &mut Errors) -> QueryMeasure {
        let occurrence = occurrence(&self.occurrence, place, errors);
        let mut property = self.property.clone();
        if self.figure.aggregate().is_some() && property.is_empty() {
            let wrong = Err("Choose the property to measure".to_owned());
            errors.note::<()>(&format!("{place}/aggregate/property"), wrong);
            "any".clone_into(&mut property);
        }
        QueryMeasure {
            event: occurrence.event,
            filter: occurrence.filter,
            did: occurrence.did,
            aggregate: QueryAggregate {
                of: self.figure,
                property: self.figure.aggregate().map(|_| property),
                per_user: self.per_user && self.figure != Figure::Users,
            },
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaForm {
    /// Its name; empty: it is called by what it says.
    pub name: String,
    /// The measures by their letters, numbers, `+ - * /` and brackets.
    pub expression: String,
}

impl From<&Formula> for FormulaForm {
    fn from(formula: &Formula) -> Self {
        let mut name = formula.name.clone();
        if name == formula.expression {
            name.clear();
        }
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

    fn formula(&self, place: &str, errors: &mut Errors) -> Formula {
        let (mut name, mut expression) = (self.title(), self.expression.as_str());
        if expression.trim().is_empty() {
            let wrong = Err("Write a formula, such as A / B * 100".to_owned());
            errors.note::<()>(&format!("{place}/expression"), wrong);
            (name, expression) = ("1", "1");
        }
        Formula {
            name: name.to_owned(),
            expression: expression.to_owned(),
        }
    }
}

/// How the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentationChart {
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

impl SegmentationChart {
    /// Every one with its name, in the order of the toolbar.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Line, "Line"),
        (Self::Area, "Area"),
        (Self::Bar, "Bar"),
        (Self::StackedBar, "Stacked"),
        (Self::Table, "Table"),
        (Self::Number, "Number"),
    ];

    /// Whether it is drawn over time.
    #[must_use]
    pub const fn is_over_time(self) -> bool {
        match self {
            Self::Line | Self::Area | Self::Bar | Self::StackedBar => true,
            Self::Table | Self::Number => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeriesOf<T> {
    Measure(T),
    Formula(T),
}

/// A series, wherever its measure or formula is moved.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesKey {
    pub of: SeriesOf<RowId>,
    pub group: Group,
}

/// The form of a segmentation, with how its answer is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentationForm {
    /// What is measured, called A, B, …
    pub measures: Rows<MeasureRow>,
    /// What is worked out from that.
    pub formulas: Rows<FormulaForm>,
    /// What the answer is broken down by.
    pub groups: Vec<GroupForm>,
    /// How long a bucket is.
    pub interval: Interval,
    /// Whether the range before is asked for too.
    pub compare: bool,
    /// When, who, as of when and in which zone.
    pub frame: FrameForm,
    /// How the answer is shown.
    pub chart: SegmentationChart,
    /// Whether each bucket takes those before it, where figures can be added up.
    pub cumulative: bool,
    /// Which series somebody has switched on or off in the table; the others are shown as long as there are few.
    pub series: Vec<(SeriesKey, bool)>,
}

impl Default for SegmentationForm {
    fn default() -> Self {
        Self::of([MeasureRow::default()])
    }
}

impl SegmentationForm {
    /// These measures over the last 30 days, by day.
    pub fn of(measures: impl IntoIterator<Item = MeasureRow>) -> Self {
        Self {
            measures: measures.into_iter().collect(),
            formulas: Rows::default(),
            groups: Vec::new(),
            interval: Interval::Day,
            compare: false,
            frame: FrameForm::default(),
            chart: SegmentationChart::default(),
            cumulative: false,
            series: Vec::new(),
        }
    }

    fn occurrences(&self) -> impl Iterator<Item = &OccurrenceForm> {
        self.measures.all().iter().map(|row| &row.value.occurrence)
    }

    /// Whether there is nothing to ask about yet: no measure has an event.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.occurrences()
            .all(|occurrence| occurrence.event == EventChoice::Unset)
    }

    /// Puts other measures in place of those that are there. Letters in formulas follow them; where a measure is gone, its
    /// letter becomes a question mark, which the formula then complains about.
    pub fn set_measures(&mut self, measures: Rows<MeasureRow>) {
        let letters: Vec<(char, char)> = (0..)
            .zip(self.measures.ids())
            .map(|(place, id)| {
                let now = measures.place(id).map_or('?', formula::letter);
                (formula::letter(place), now)
            })
            .collect();
        let renamed = |character: char| {
            let letter = letters.iter().find(|(before, _)| *before == character);
            letter.map_or(character, |(_, now)| *now)
        };
        for row in self.formulas.iter_mut() {
            row.value.expression = row.value.expression.chars().map(renamed).collect();
        }
        self.series.retain(|(key, _)| match key.of {
            SeriesOf::Measure(id) => measures.get(id).is_some(),
            SeriesOf::Formula(_) => true,
        });
        self.measures = measures;
    }

    /// Removes a formula, with what was said about its series.
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
        let mut series = self.series.iter();
        Some(series.find(|(other, _)| other == key)?.1)
    }

    /// The names of the events that are asked about, each once.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let mut events: Vec<String> = Vec::new();
        for name in self
            .occurrences()
            .filter_map(|occurrence| occurrence.event.name())
        {
            if !events.iter().any(|event| event == name) {
                events.push(name.to_owned());
            }
        }
        events
    }

    /// Whether a measure leaves out some occurrences of its event.
    #[must_use]
    pub fn has_filters(&self) -> bool {
        self.occurrences()
            .any(|occurrence| !occurrence.did.is_empty() || !occurrence.filter.is_empty())
    }

    /// Clears all filters, and all of what else was performed.
    pub fn clear_filters(&mut self) {
        for row in self.measures.iter_mut() {
            row.value.occurrence.filter = Default::default();
            row.value.occurrence.did.clear();
        }
    }

    /// Asks about the last 12 months, which the page offers where a query has no match.
    pub fn ask_longer(&mut self) {
        self.frame.during = RangeForm {
            count: Entry::from(12),
            unit: CalendarUnit::Month,
            ..RangeForm::default()
        };
        self.interval = Interval::Month;
    }

    /// Whether anything lies before the range, to compare with.
    #[must_use]
    pub fn has_before(&self) -> bool {
        self.frame.during.kind != RangeKind::AllTime
    }

    /// Whether a measure has figures that can be added up, bucket by bucket.
    #[must_use]
    pub fn may_add_up(&self) -> bool {
        let mut measures = self.measures.all().iter();
        self.interval != Interval::Full
            && measures.any(|row| adds_up(row.value.figure, row.value.per_user))
    }

    /// Whether an answer looks the same by another form, whatever the two ask for.
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
            SeriesOf::Measure(place) => SeriesOf::Measure(self.measures.all().get(place)?.id),
            SeriesOf::Formula(place) => SeriesOf::Formula(self.formulas.all().get(place)?.id),
        };
        let group = group.clone();
        Some(SeriesKey { of, group })
    }

    /// What is measured: the only measure, or how many of which event.
    fn what(&self, names: Names<'_>) -> String {
        let rows = self.measures.all();
        match (rows, self.events().as_slice()) {
            ([row], _) => measure_words(row, names),
            (_, [event]) => format!("{} measures of {}", rows.len(), (names.event)(event)),
            _ => {
                let mut events: Vec<String> = Vec::new();
                for occurrence in self.occurrences() {
                    let event = names.choice(&occurrence.event);
                    if !events.contains(&event) {
                        events.push(event);
                    }
                }
                match events.as_slice() {
                    [one, two] => format!("{one} and {two}"),
                    [one, two, others @ ..] => format!("{one}, {two} and {} more", others.len()),
                    _ => format!("{} measures", rows.len()),
                }
            }
        }
    }

    fn open_series(&self, series: &Value) -> Option<(SeriesKey, bool)> {
        let of = read(series, "measure")
            .map(SeriesOf::Measure)
            .or_else(|| read(series, "formula").map(SeriesOf::Formula))?;
        let group: Group = read(series, "group")?;
        Some((self.key(of, &group)?, read(series, "shown")?))
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

/// What is said about rows beside the query: an object a row; none where nothing is.
fn view_rows<T>(rows: &Rows<T>) -> Option<Value> {
    let looks = rows.all().iter().map(|row| {
        let name = unless(&row.name, &String::new()).map(|name| ("name".to_owned(), name));
        let hidden = unless(&row.hidden, &false).map(|hidden| ("hidden".to_owned(), hidden));
        name.into_iter().chain(hidden).collect::<Map<_, _>>()
    });
    let looks: Vec<Map<String, Value>> = looks.collect();
    (!looks.iter().all(Map::is_empty)).then(|| json!(looks))
}

fn open_rows<T>(rows: &mut Rows<T>, looks: Option<Vec<Value>>) {
    for (row, look) in rows.iter_mut().zip(looks.into_iter().flatten()) {
        row.name = read(&look, "name").unwrap_or_default();
        row.hidden = read(&look, "hidden").unwrap_or_default();
    }
}

impl ToolForm for SegmentationForm {
    const TOOL: Tool = Tool::Segmentation;

    fn frame(&self) -> &FrameForm {
        &self.frame
    }

    fn frame_mut(&mut self) -> &mut FrameForm {
        &mut self.frame
    }

    fn follow_range(&mut self, bounds: LocalBounds, first: Option<NaiveDateTime>) {
        if interval::refusal(self.interval, bounds, first).is_some() {
            self.interval = interval::fitting(self.interval, bounds, first);
        }
    }

    fn query(&self) -> Result<Query, Vec<FormError>> {
        let mut errors = Errors::default();
        let measures = (0..)
            .zip(self.measures.all())
            .map(|(place, row): (u32, _)| {
                row.value
                    .measure(&format!("/measures/{place}"), &mut errors)
            });
        let measures = measures.collect();
        let formulas = (0..)
            .zip(self.formulas.all())
            .map(|(place, row): (u32, _)| {
                row.value
                    .formula(&format!("/formulas/{place}"), &mut errors)
            });
        let formulas = formulas.collect();
        let frame = self.frame.frame(&mut errors);
        let query = SegmentationQuery {
            measures,
            formulas,
            audience: frame.audience,
            group_by: self.groups.iter().map(GroupBy::from).collect(),
            during: frame.during,
            interval: self.interval,
            compare: (self.compare && self.has_before()).then_some(Comparison::PreviousRange),
            max_groups: frame.max_groups,
            as_of: self.frame.as_of,
            time_zone: self.frame.time_zone.clone(),
        };
        checked(errors, Query::Segmentation(query))
    }

    fn row(&self, list: &str, place: usize) -> Option<String> {
        match list {
            "measures" => Some(format!("measure {}", formula::letter(place))),
            "formulas" => {
                let row = self.formulas.all().get(place);
                let title = row.map_or("", |row| row.value.title().trim()).to_owned();
                let number = (place + 1).to_string();
                let name = if title.is_empty() { number } else { title };
                Some(format!("formula {name}"))
            }
            _ => None,
        }
    }

    fn title(&self, names: Names<'_>) -> String {
        if self.is_blank() {
            return Self::TOOL.label().to_owned();
        }
        self.what(names) + &names.by(&self.groups)
    }

    fn summary(&self, names: Names<'_>) -> (String, String) {
        let what = if self.is_blank() {
            "No event yet".to_owned()
        } else {
            self.what(names)
        };
        let by = names.by(&self.groups);
        let by = if by.is_empty() { by } else { format!(",{by}") };
        (what, self.frame.words(names) + &by)
    }

    fn view(&self) -> Value {
        let series = self.series.iter().filter_map(|(key, shown)| {
            let (name, place) = match key.of {
                SeriesOf::Measure(id) => ("measure", self.measures.place(id)?),
                SeriesOf::Formula(id) => ("formula", self.formulas.place(id)?),
            };
            Some(json!({name: place, "group": key.group, "shown": shown}))
        });
        let series: Vec<Value> = series.collect();
        view_of([
            ("chart", unless(&self.chart, &SegmentationChart::default())),
            ("cumulative", unless(&self.cumulative, &false)),
            ("rows", view_rows(&self.measures)),
            ("formulas", view_rows(&self.formulas)),
            ("series", unless(&series, &Vec::new())),
        ])
    }

    fn open(query: &Query, view: &Value) -> Self {
        let frame = FrameForm::of(query);
        let Query::Segmentation(query) = query else {
            return Self::default();
        };
        let mut form = Self {
            formulas: query.formulas.iter().map(FormulaForm::from).collect(),
            groups: query.group_by.iter().map(GroupForm::from).collect(),
            interval: query.interval,
            compare: query.compare.is_some(),
            frame,
            chart: read(view, "chart").unwrap_or_default(),
            cumulative: read(view, "cumulative").unwrap_or_default(),
            ..Self::of(query.measures.iter().map(MeasureRow::from))
        };
        open_rows(&mut form.measures, read(view, "rows"));
        open_rows(&mut form.formulas, read(view, "formulas"));
        for series in read_each(view, "series") {
            if let Some((key, shown)) = form.open_series(&series) {
                form.show_series(key, shown);
            }
        }
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

/// A measure in words: "Users who performed Order Completed", "Average of price of Order Completed per user".
fn measure_words(row: &Row<MeasureRow>, names: Names<'_>) -> String {
    if !row.name.trim().is_empty() {
        return row.name.clone();
    }
    let measure = &row.value;
    let event = names.choice(&measure.occurrence.event);
    let figure = figure_label(measure.figure);
    let property = match (measure.figure.aggregate(), measure.property.as_str()) {
        (None, _) => String::new(),
        (Some(_), "") => "\u{2026} of ".to_owned(),
        (Some(_), property) => format!("{property} of "),
    };
    let per_user = measure.per_user && measure.figure != Figure::Users;
    let per_user = if per_user { " per user" } else { "" };
    format!("{figure} {property}{event}{per_user}")
}

#[cfg(test)]
mod tests;

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod laws {
    use super::SegmentationForm;
    use crate::filter::tests::filter;
    use crate::tool::ToolForm as _;
    use proptest::prelude::*;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::Scope;
    use segments_model::project::Limits;
    use segments_model::query::{
        Comparison, Figure, Formula, GroupBy, Interval, PropertyGroup, Query, QueryAggregate,
        QueryMeasure, SegmentGroup, SegmentationQuery,
    };
    use segments_model::range::{CalendarUnit, Window, WindowUnit};
    use segments_model::validate::check_query;
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
            // Random conditions may have values that the model does not allow.
            if check_query(&query, &Limits::default()).is_empty() {
                prop_assert_eq!(form.query(), Ok(query));
            }
            prop_assert_eq!(form.view(), Value::Null);
        }
    }
}
