//! What of an answer is shown where: which series there are, what each is measured in, and the figures of the table.

use segments_charts::time::{Figures, TimeBucket, TimeChart, TimeKind, TimeSeries};
use segments_forms::segmentation::{Chart, SegmentationForm, SeriesOf, adds_up};
use segments_model::answer::{self, Bucket, Group, SegmentationAnswer};
use segments_model::formula;
use segments_model::query::{Figure, QueryAggregate, SegmentationQuery};
use segments_model::selection::{SegmentationSelection, Selection};
use segments_ui::SortDirection;

/// How many groups are shown where nobody has chosen.
pub const SHOWN_AT_FIRST: usize = 10;

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
        /// The property.
        name: String,
        /// Whether values are added up.
        sum: bool,
        /// Whether it is the mean of the users' figures.
        per_user: bool,
    },
    /// In different values of a property, on the whole or a user.
    Values {
        /// The property.
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
        match aggregate.of {
            Figure::Users => Self::Users,
            Figure::Total if aggregate.per_user => Self::EventsPerUser,
            Figure::Total => Self::Events,
            Figure::Sum => Self::Property {
                name,
                sum: true,
                per_user: aggregate.per_user,
            },
            Figure::Distinct => Self::Values {
                name,
                per_user: aggregate.per_user,
            },
            Figure::Average | Figure::Median | Figure::Min | Figure::Max => Self::Property {
                name,
                sum: false,
                per_user: false,
            },
        }
    }

    /// The unit in a word: "users", "events", "price".
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Events => "events".to_owned(),
            Self::Users => "users".to_owned(),
            Self::EventsPerUser => "events per user".to_owned(),
            Self::Property { name, per_user, .. } if *per_user => format!("{name} per user"),
            Self::Property { name, .. } => name.clone(),
            Self::Values {
                name,
                per_user: false,
            } => format!("values of {name}"),
            Self::Values {
                name,
                per_user: true,
            } => format!("values of {name} per user"),
            Self::Formula(_) => "formula".to_owned(),
        }
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
            Self::EventsPerUser
            | Self::Property { .. }
            | Self::Values { per_user: true, .. }
            | Self::Formula(_) => Figures::Numbers,
        }
    }
}

/// A series as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its place in the answer.
    pub place: usize,
    /// What it is of, by the place in the query.
    pub of: SeriesOf<usize>,
    /// The letter of its row, or the sign of its formula.
    pub mark: String,
    /// Its group.
    pub group: Group,
    /// Which colour, dash and marker.
    pub style: usize,
    /// Whether it is drawn.
    pub drawn: bool,
    /// How its figures are written.
    pub figures: Figures,
}

impl Shown {
    /// The row that it is of; none: it is of a formula.
    #[must_use]
    pub const fn measure(&self) -> Option<usize> {
        match self.of {
            SeriesOf::Measure(place) => Some(place),
            SeriesOf::Formula(_) => None,
        }
    }
}

/// A chart of its own axis: everything that is measured in the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Pane {
    /// What it is measured in.
    pub measured: Measured,
    /// The rows or formulas, by their places in the query.
    pub of: Vec<SeriesOf<usize>>,
    /// Its series, those that are not drawn included.
    pub series: Vec<Shown>,
    /// Whether each bucket takes those before it.
    pub cumulative: bool,
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
#[must_use]
pub fn series_of(series: &answer::Series) -> Option<SeriesOf<usize>> {
    let place = |place: u32| usize::try_from(place).ok();
    match (series.measure, series.formula) {
        (Some(measure), _) => place(measure).map(SeriesOf::Measure),
        (None, Some(formula)) => place(formula).map(SeriesOf::Formula),
        (None, None) => None,
    }
}

/// An answer cut into panes, in the order of its rows. Rows that are hidden are left out; series that somebody switched
/// off, and those beyond the first ten of a pane that nobody switched on, are not drawn.
#[must_use]
pub fn panes(
    query: &SegmentationQuery,
    answer: &SegmentationAnswer,
    form: &SegmentationForm,
) -> Vec<Pane> {
    let mut panes: Vec<Pane> = Vec::new();
    let mut styles = 0;
    for (place, series) in answer.series.iter().enumerate() {
        let Some(of) = series_of(series) else {
            continue;
        };
        let (measured, may_add) = match of {
            SeriesOf::Measure(row) => {
                let hidden = form.measures.all().get(row).is_some_and(|row| row.hidden);
                match query.measures.get(row) {
                    Some(measure) if !hidden => (
                        Measured::of(&measure.aggregate),
                        adds_up(measure.aggregate.of, measure.aggregate.per_user),
                    ),
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
        let at = panes
            .iter()
            .position(|pane| pane.measured == measured)
            .unwrap_or_else(|| {
                panes.push(Pane {
                    measured: measured.clone(),
                    of: Vec::new(),
                    series: Vec::new(),
                    cumulative: form.cumulative && may_add,
                });
                panes.len() - 1
            });
        let Some(pane) = panes.get_mut(at) else {
            continue;
        };
        if !pane.of.contains(&of) {
            pane.of.push(of);
        }
        let nth = pane.series.len();
        // A group looks the same in every pane; without groups every series looks different.
        let style = if query.group_by.is_empty() {
            styles
        } else {
            nth
        };
        styles += 1;
        let chosen = form
            .key(of, &series.group)
            .and_then(|key| form.series_shown(&key));
        pane.series.push(Shown {
            place,
            of,
            mark: mark(of, query.formulas.len()),
            group: series.group.clone(),
            style,
            drawn: chosen.unwrap_or(nth < SHOWN_AT_FIRST),
            figures: pane.measured.figures(),
        });
    }
    panes
}

/// The figures of a series as the chart has them: each bucket by itself, or with all those before it.
#[must_use]
pub fn course(values: &[Option<f64>], cumulative: bool) -> Vec<Option<f64>> {
    if !cumulative {
        return values.to_vec();
    }
    let mut sum = 0.0;
    values
        .iter()
        .map(|value| {
            sum = exact(sum + value.unwrap_or(0.0));
            Some(sum)
        })
        .collect()
}

/// A sum to the six decimals that the figures have.
fn exact(sum: f64) -> f64 {
    let rounded = (sum * 1e6).round() / 1e6;
    if rounded.is_finite() { rounded } else { sum }
}

/// The chart of a pane; none for a kind that is no chart. One bucket has no course: it is shown as bars.
#[must_use]
pub fn chart(
    pane: &Pane,
    kind: Chart,
    answer: &SegmentationAnswer,
    buckets: &[TimeBucket],
    name: &dyn Fn(&Shown) -> String,
) -> Option<TimeChart> {
    let kind = match (kind, buckets.len()) {
        (Chart::Line | Chart::Bar, ..=1) | (Chart::Bar, _) => TimeKind::Bar,
        (Chart::Area | Chart::StackedBar, ..=1) | (Chart::StackedBar, _) => TimeKind::StackedBar,
        (Chart::Line, _) => TimeKind::Line,
        (Chart::Area, _) => TimeKind::Area,
        (Chart::Table | Chart::Number, _) => return None,
    };
    let series = drawn(pane)
        .filter_map(|shown| {
            let series = answer.series.get(shown.place)?;
            let before = series.previous.as_ref();
            Some(TimeSeries {
                name: name(shown),
                unit: match &pane.measured {
                    Measured::Formula(_) => String::new(),
                    measured => measured.word(),
                },
                style: shown.style,
                values: course(&series.values, pane.cumulative),
                previous: before.map_or_else(Vec::new, |before| {
                    let mut values = course(&before.values, pane.cumulative);
                    values.resize(buckets.len(), None);
                    values
                }),
                running_from: None,
            })
        })
        .collect();
    Some(TimeChart {
        kind,
        buckets: buckets.to_vec(),
        series,
        figures: pane.measured.figures(),
    })
}

/// Everything that is shown as one chart, for a file: each series under its name.
#[must_use]
pub fn together(
    panes: &[Pane],
    answer: &SegmentationAnswer,
    buckets: &[TimeBucket],
    name: &dyn Fn(&Shown) -> String,
) -> TimeChart {
    let series = panes
        .iter()
        .filter_map(|pane| chart(pane, Chart::Line, answer, buckets, name))
        .flat_map(|chart| chart.series)
        .collect();
    TimeChart {
        buckets: buckets.to_vec(),
        series,
        ..TimeChart::default()
    }
}

/// The series of a pane that are drawn.
pub fn drawn(pane: &Pane) -> impl Iterator<Item = &Shown> {
    pane.series.iter().filter(|shown| shown.drawn)
}

/// What has become of the figure of the range before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Change {
    /// Nothing is compared.
    #[default]
    None,
    /// A share of what it was: 0.5 is half as much again.
    By(f64),
    /// It was 0, of which nothing is a share.
    WasZero,
    /// There was no figure then.
    WasMissing,
    /// There is no figure now.
    IsMissing,
}

/// What has become of a figure.
#[must_use]
pub fn change(now: Option<f64>, before: Option<f64>) -> Change {
    match (now, before) {
        (_, None) => Change::WasMissing,
        (None, _) => Change::IsMissing,
        (_, Some(0.0)) => Change::WasZero,
        // Of less than nothing a rise is still a rise.
        (Some(now), Some(before)) => Change::By((now - before) / before.abs()),
    }
}

/// What has become of a series' figure of the range before, over the whole range.
#[must_use]
pub fn change_of(series: &answer::Series) -> Change {
    series.previous.as_ref().map_or(Change::None, |previous| {
        change(series.total, previous.total)
    })
}

/// A column of a table of series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The series' names.
    Name,
    /// The whole range, as the answer tells it.
    Total,
    /// The mean of the complete buckets.
    Mean,
    /// The lowest of them.
    Lowest,
    /// The highest of them.
    Highest,
    /// A bucket by its place, complete or not.
    Bucket(usize),
    /// Against the range before.
    Change,
}

/// The figure of a series in a column, and the bucket that it is of; none: it is of several.
#[must_use]
pub fn cell(
    series: &answer::Series,
    column: Column,
    buckets: &[Bucket],
) -> (Option<f64>, Option<usize>) {
    let whole = || {
        series
            .values
            .iter()
            .zip(buckets)
            .enumerate()
            .filter(|(_, (_, bucket))| bucket.complete)
            .filter_map(|(place, (value, _))| value.map(|value| (place, value)))
    };
    let best = |is_better: fn(f64, f64) -> bool| {
        let best = whole().reduce(|best, next| {
            if is_better(next.1, best.1) {
                next
            } else {
                best
            }
        });
        (best.map(|(_, value)| value), best.map(|(place, _)| place))
    };
    match column {
        Column::Name => (None, None),
        Column::Total => (series.total, None),
        Column::Mean => {
            let sum: f64 = whole().map(|(_, value)| value).sum();
            let count = whole().count();
            ((count > 0).then(|| sum / count as f64), None)
        }
        Column::Lowest => best(|next, best| next < best),
        Column::Highest => best(|next, best| next > best),
        Column::Bucket(place) => (series.values.get(place).copied().flatten(), Some(place)),
        Column::Change => match change_of(series) {
            Change::By(share) => (Some(share), None),
            _ => (None, None),
        },
    }
}

/// The series in the order of a column; what has no figure comes last either way.
#[must_use]
pub fn sorted<'a>(
    panes: &'a [Pane],
    answer: &SegmentationAnswer,
    by: Option<(Column, SortDirection)>,
    name: &dyn Fn(&Shown) -> String,
) -> Vec<&'a Shown> {
    let shown = panes.iter().flat_map(|pane| &pane.series);
    let Some((column, direction)) = by else {
        return shown.collect();
    };
    if column == Column::Name {
        let mut named: Vec<(String, &Shown)> = shown.map(|shown| (name(shown), shown)).collect();
        named.sort_by(|(left, _), (right, _)| match direction {
            SortDirection::Ascending => left.cmp(right),
            SortDirection::Descending => right.cmp(left),
        });
        return named.into_iter().map(|(_, shown)| shown).collect();
    }
    let figure = |shown: &Shown| {
        let series = answer.series.get(shown.place)?;
        cell(series, column, &answer.buckets).0
    };
    let mut told: Vec<(Option<f64>, &Shown)> = shown.map(|shown| (figure(shown), shown)).collect();
    told.sort_by(|(left, _), (right, _)| direction.order(*left, *right));
    told.into_iter().map(|(_, shown)| shown).collect()
}

/// Whether nothing at all was found: no row has a match.
#[must_use]
pub fn is_empty(answer: &SegmentationAnswer) -> bool {
    !answer.series.iter().any(|series| {
        series.measure.is_some() && series.total.is_some_and(|total| total != 0.0)
            || series.measure.is_some() && series.values.iter().flatten().any(|value| *value != 0.0)
    })
}

/// The part of an answer that a series and bucket stand for; none: it has no users of its own.
#[must_use]
pub fn selection(
    query: &SegmentationQuery,
    answer: &SegmentationAnswer,
    place: usize,
    bucket: Option<usize>,
    all_groups: bool,
) -> Option<Selection> {
    let series = answer.series.get(place)?;
    let grouped = !query.group_by.is_empty();
    let bucket = match (bucket, query.interval.unit()) {
        // The only bucket is the range itself, which moves on with time.
        (None, _) | (_, None) => None,
        (Some(bucket), Some(_)) => Some(answer.buckets.get(bucket)?.start?),
    };
    Some(Selection::Segmentation(SegmentationSelection {
        measure: series.measure?,
        group: (grouped && !all_groups).then(|| series.group.clone()),
        bucket,
    }))
}

/// Where a selection lies in an answer: the series, or none for all groups together, and the bucket, or none for the whole range.
#[must_use]
pub fn located(
    answer: &SegmentationAnswer,
    selection: &Selection,
) -> Option<(Option<usize>, Option<usize>)> {
    let Selection::Segmentation(selection) = selection else {
        return None;
    };
    let series = match &selection.group {
        None if answer.series.iter().any(|series| !series.group.is_empty()) => None,
        group => Some(answer.series.iter().position(|series| {
            series.measure == Some(selection.measure)
                && group
                    .as_ref()
                    .map_or(series.group.is_empty(), |group| series.group == *group)
        })?),
    };
    let bucket = match selection.bucket {
        None => None,
        Some(start) => Some(
            answer
                .buckets
                .iter()
                .position(|bucket| bucket.start == Some(start))?,
        ),
    };
    Some((series, bucket))
}

/// A course as whole numbers, for a sparkline: the least is 0, the greatest 1,000; what is missing is left out.
#[must_use]
pub fn spark(values: &[Option<f64>]) -> Vec<u64> {
    let values: Vec<f64> = values.iter().copied().flatten().collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = greatest - least;
    values
        .into_iter()
        .map(|value| {
            let share = if span > 0.0 {
                (value - least) / span
            } else {
                0.0
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a number from 0 to 1,000"
            )]
            let height = (share * 1_000.0).round() as u64;
            height
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Change, Chart, Column, Measured, cell, change, change_of, chart, course, is_empty, located,
        mark, panes, selection, sorted, spark,
    };
    use segments_charts::time::{Figures, TimeBucket, TimeKind};
    use segments_forms::segmentation::{SegmentationForm, SeriesOf};
    use segments_forms::tool::ToolForm as _;
    use segments_model::answer::{Answer, SegmentationAnswer};
    use segments_model::query::{Query, SegmentationQuery};
    use segments_model::selection::Selection;
    use segments_ui::SortDirection;
    use serde_json::{Value, json};

    fn query(measures: Value, formulas: Value, grouped: bool) -> SegmentationQuery {
        let group_by = if grouped {
            json!([{"scope": "event", "name": "device"}])
        } else {
            json!([])
        };
        let query = json!({
            "tool": "segmentation", "measures": measures, "formulas": formulas, "group_by": group_by,
            "during": {"type": "last", "count": 3, "unit": "day"}, "interval": "day",
        });
        match serde_json::from_value(query).unwrap() {
            Query::Segmentation(query) => query,
            _ => panic!("it is one"),
        }
    }

    fn of(figure: &str) -> Value {
        json!({"event": "Order", "aggregate": {"of": figure}})
    }

    fn of_price(figure: &str, per_user: bool) -> Value {
        json!({"event": "Order", "aggregate": {"of": figure, "property": "price", "per_user": per_user}})
    }

    /// Three days, the last of them running.
    fn answer(series: Value) -> SegmentationAnswer {
        let day = |day: u32, complete: bool| {
            json!({"start": format!("2026-11-{day:02}T00:00:00.000Z"),
                "end": format!("2026-11-{:02}T00:00:00.000Z", day + 1), "complete": complete})
        };
        let answer = json!({
            "tool": "segmentation",
            "stamp": {"as_of": "2026-11-03T12:00:00.000Z", "time_zone": "UTC", "start": "2026-11-01T00:00:00.000Z",
                "end": "2026-11-03T12:00:00.000Z", "unit": "users", "exact": true, "data_version": "1", "took_ms": 1.0},
            "buckets": [day(1, true), day(2, true), day(3, false)],
            "series": series, "groups_left_out": 0,
        });
        match serde_json::from_value(answer).unwrap() {
            Answer::Segmentation(answer) => answer,
            _ => panic!("it is one"),
        }
    }

    fn series(measure: u32, group: Value, values: [Option<f64>; 3], total: f64) -> Value {
        json!({"measure": measure, "group": group, "values": values, "total": total})
    }

    fn form(query: &SegmentationQuery) -> SegmentationForm {
        SegmentationForm::open(&Query::Segmentation(query.clone()), &Value::Null)
    }

    #[test]
    fn what_is_of_another_unit_has_an_axis_of_its_own() {
        let query = query(
            json!([
                of("users"),
                of_price("average", false),
                of("users"),
                of("total"),
                of_price("sum", false),
                of_price("max", false),
                of_price("distinct", true),
            ]),
            json!([{"name": "x", "expression": "A / C"}, {"name": "y", "expression": "C / A"}]),
            false,
        );
        let mut all: Vec<Value> = (0..7)
            .map(|row| series(row, json!([]), [None; 3], 1.0))
            .collect();
        all.extend(
            (0..2).map(
                |row| json!({"formula": row, "group": [], "values": [1, 2, null], "total": 1}),
            ),
        );
        let answer = answer(all.into());
        let mut form = form(&query);
        let panes = panes(&query, &answer, &form);
        let units: Vec<_> = panes.iter().map(|pane| pane.measured.word()).collect();
        assert_eq!(
            units,
            [
                "users",
                "price",
                "events",
                "price",
                "values of price per user",
                "formula",
                "formula"
            ]
        );
        let marks: Vec<Vec<_>> = panes
            .iter()
            .map(|pane| {
                pane.series
                    .iter()
                    .map(|shown| shown.mark.as_str())
                    .collect()
            })
            .collect();
        assert_eq!(marks[0], ["A", "C"]);
        assert_eq!(marks[1], ["B", "F"]);
        assert_eq!(marks[6], ["\u{192}2"]);
        let styles = |pane: usize| -> Vec<_> {
            panes[pane].series.iter().map(|shown| shown.style).collect()
        };
        assert_eq!((styles(0), styles(1)), (vec![0, 2], vec![1, 5]));
        assert_eq!(panes[0].measured.figures(), Figures::Counts);
        assert_eq!(panes[4].measured.figures(), Figures::Numbers);
        let hidden = form.measures.all()[0].id;
        form.measures.get_mut(hidden).unwrap().hidden = true;
        let panes = super::panes(&query, &answer, &form);
        assert_eq!(
            panes[0].measured,
            Measured::Property {
                name: "price".to_owned(),
                sum: false,
                per_user: false
            }
        );
        assert_eq!(mark(SeriesOf::Formula(0), 1), "\u{192}");
    }

    #[test]
    fn the_first_ten_groups_are_drawn_and_others_when_somebody_says_so() {
        let query = query(json!([of("users")]), json!([]), true);
        let all: Vec<Value> = (0..12)
            .map(|group| series(0, json!([format!("g{group}")]), [Some(1.0); 3], 1.0))
            .collect();
        let answer = answer(all.into());
        let mut form = form(&query);
        let drawn = |form: &SegmentationForm| -> Vec<usize> {
            let panes = panes(&query, &answer, form);
            panes[0]
                .series
                .iter()
                .filter(|shown| shown.drawn)
                .map(|shown| shown.style)
                .collect()
        };
        assert_eq!(drawn(&form), (0..10).collect::<Vec<_>>());
        let key = |form: &SegmentationForm, place: usize| {
            form.key(SeriesOf::Measure(0), &answer.series[place].group)
                .unwrap()
        };
        form.show_series(key(&form, 11), true);
        form.show_series(key(&form, 0), false);
        assert_eq!(drawn(&form), (1..10).chain([11]).collect::<Vec<_>>());
    }

    #[test]
    fn only_what_adds_up_is_cumulative() {
        assert_eq!(
            course(&[Some(0.1), None, Some(0.2)], true),
            [Some(0.1), Some(0.1), Some(0.3)]
        );
        assert_eq!(course(&[Some(1.0), None], false), [Some(1.0), None]);
        let query = query(
            json!([
                of("total"),
                of("users"),
                of_price("sum", false),
                of_price("sum", true)
            ]),
            json!([]),
            false,
        );
        let all: Vec<Value> = (0..4)
            .map(|row| series(row, json!([]), [Some(1.0); 3], 3.0))
            .collect();
        let answer = answer(all.into());
        let mut form = form(&query);
        form.cumulative = true;
        let cumulative: Vec<_> = panes(&query, &answer, &form)
            .iter()
            .map(|pane| pane.cumulative)
            .collect();
        // A sum per user is measured as a sum is, yet those of several buckets cannot be added up.
        assert_eq!(cumulative, [true, false, true, false]);
    }

    #[test]
    fn a_chart_has_the_series_that_are_drawn_and_one_bucket_is_a_bar() {
        let query = query(json!([of("users")]), json!([]), true);
        let mut all = answer(json!([
            series(0, json!(["a"]), [Some(1.0), Some(2.0), None], 3.0),
            series(0, json!([null]), [Some(4.0); 3], 4.0),
        ]));
        all.series[1].previous = Some(segments_model::answer::PreviousFigures {
            values: vec![Some(7.0)],
            total: Some(7.0),
        });
        let mut form = form(&query);
        let key = form
            .key(SeriesOf::Measure(0), &all.series[0].group)
            .unwrap();
        form.show_series(key, false);
        let pane = &panes(&query, &all, &form)[0];
        let buckets = vec![TimeBucket::default(); 3];
        let name = |shown: &super::Shown| format!("{:?}", shown.group);
        let shown = chart(pane, Chart::Area, &all, &buckets, &name).unwrap();
        assert_eq!(shown.kind, TimeKind::Area);
        assert_eq!((shown.series.len(), shown.series[0].style), (1, 1));
        // The range before had fewer buckets.
        assert_eq!(shown.series[0].previous, [Some(7.0), None, None]);
        all.series[1].previous = None;
        let shown = chart(pane, Chart::Line, &all, &buckets[..1], &name).unwrap();
        assert_eq!(shown.kind, TimeKind::Bar);
        assert!(shown.series[0].previous.is_empty());
        assert_eq!(chart(pane, Chart::Table, &all, &buckets, &name), None);
    }

    #[test]
    fn the_table_tells_complete_buckets_and_the_answers_own_total() {
        let answer = answer(json!([series(
            0,
            json!([]),
            [Some(4.0), Some(2.0), Some(1.0)],
            5.0
        )]));
        let told = |column| cell(&answer.series[0], column, &answer.buckets);
        assert_eq!(told(Column::Total), (Some(5.0), None));
        assert_eq!(told(Column::Mean), (Some(3.0), None));
        assert_eq!(told(Column::Lowest), (Some(2.0), Some(1)));
        assert_eq!(told(Column::Highest), (Some(4.0), Some(0)));
        assert_eq!(told(Column::Bucket(2)), (Some(1.0), Some(2)));
        assert_eq!(told(Column::Bucket(3)), (None, Some(3)));
        assert_eq!(told(Column::Change), (None, None));
        assert_eq!(change_of(&answer.series[0]), Change::None);
    }

    #[test]
    fn a_change_is_told_or_why_there_is_none() {
        assert_eq!(change(Some(15.0), Some(10.0)), Change::By(0.5));
        assert_eq!(change(Some(-5.0), Some(-10.0)), Change::By(0.5));
        assert_eq!(change(Some(1.0), Some(0.0)), Change::WasZero);
        assert_eq!(change(Some(1.0), None), Change::WasMissing);
        assert_eq!(change(None, Some(1.0)), Change::IsMissing);
    }

    #[test]
    fn series_are_sorted_with_missing_figures_last() {
        let query = query(json!([of("users")]), json!([]), true);
        let mut answer = answer(json!([
            series(0, json!(["b"]), [Some(1.0), None, Some(7.0)], 1.0),
            series(0, json!(["a"]), [Some(2.0), None, Some(8.0)], 0.0),
            series(0, json!(["c"]), [None, None, Some(9.0)], 2.0),
        ]));
        answer.series[1].total = None;
        let panes = panes(&query, &answer, &form(&query));
        let by = |by| -> Vec<usize> {
            let name = |shown: &super::Shown| format!("{:?}", shown.group);
            let shown = sorted(&panes, &answer, by, &name);
            shown.iter().map(|shown| shown.place).collect()
        };
        let (down, up) = (SortDirection::Descending, SortDirection::Ascending);
        assert_eq!(by(Some((Column::Total, down))), [2, 0, 1]);
        assert_eq!(by(Some((Column::Total, up))), [0, 2, 1]);
        assert_eq!(by(Some((Column::Name, up))), [1, 0, 2]);
        assert_eq!(by(Some((Column::Bucket(0), down))), [1, 0, 2]);
        assert_eq!(by(Some((Column::Bucket(2), down))), [2, 1, 0]);
        assert_eq!(by(None), [0, 1, 2]);
    }

    #[test]
    fn a_selection_is_found_where_it_was_made() {
        let query = query(
            json!([of("users"), of("total")]),
            json!([{"name": "x", "expression": "A"}]),
            true,
        );
        let answer = answer(json!([
            series(0, json!(["a"]), [Some(1.0); 3], 1.0),
            series(1, json!(["a"]), [Some(1.0); 3], 1.0),
            series(1, json!([null]), [Some(1.0); 3], 1.0),
            {"formula": 0, "group": ["a"], "values": [1, 2, 3], "total": 1},
        ]));
        for place in 0..3 {
            for bucket in [None, Some(2)] {
                let made = selection(&query, &answer, place, bucket, false).unwrap();
                assert_eq!(located(&answer, &made), Some((Some(place), bucket)));
                let all = selection(&query, &answer, place, bucket, true).unwrap();
                assert_eq!(located(&answer, &all), Some((None, bucket)));
            }
        }
        assert_eq!(selection(&query, &answer, 3, None, false), None);
        let gone: Selection =
            serde_json::from_value(json!({"measure": 0, "group": ["z"]})).unwrap();
        assert_eq!(located(&answer, &gone), None);
        let ungrouped = query_without_groups();
        let made = selection(&ungrouped, &answer, 0, Some(1), false).unwrap();
        assert_eq!(
            serde_json::to_value(&made).unwrap(),
            json!({"measure": 0, "bucket": "2026-11-02T00:00:00.000Z"})
        );
    }

    fn query_without_groups() -> SegmentationQuery {
        query(json!([of("users")]), json!([]), false)
    }

    #[test]
    fn the_only_bucket_is_the_range_itself() {
        let mut query = query_without_groups();
        query.interval = segments_model::query::Interval::Full;
        let answer = answer(json!([series(0, json!([]), [Some(1.0); 3], 1.0)]));
        let made = selection(&query, &answer, 0, Some(0), false).unwrap();
        assert_eq!(serde_json::to_value(&made).unwrap(), json!({"measure": 0}));
    }

    #[test]
    fn nothing_but_zeros_is_no_match() {
        assert!(is_empty(&answer(json!([]))));
        assert!(is_empty(&answer(json!([series(
            0,
            json!([]),
            [Some(0.0), None, None],
            0.0
        )]))));
        assert!(!is_empty(&answer(json!([series(
            0,
            json!([]),
            [Some(1.0), Some(-1.0), None],
            0.0
        )]))));
        assert!(!is_empty(&answer(json!([series(
            0,
            json!([]),
            [None; 3],
            2.0
        )]))));
    }

    #[test]
    fn a_sparkline_leaves_out_what_is_missing() {
        assert_eq!(
            spark(&[Some(1.0), None, Some(3.0), Some(2.0)]),
            [0, 1_000, 500]
        );
        assert_eq!(spark(&[Some(2.0), Some(2.0)]), [0, 0]);
    }
}
