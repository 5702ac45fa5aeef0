//! The form of a cohort query, with how its answer is shown.

use segments_model::criterion::{Behaviour, CohortUnit};
use segments_model::filter::Scope;
use segments_model::query::{CohortMeasure, CohortQuery, GenerationBy, Query, QueryMatch};
use segments_model::range::CalendarUnit;
use segments_model::{Instant, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::audience::AudienceForm;
use crate::error::{Errors, FormError, is_within};
use crate::group::GroupForm;
use crate::number::Entry;
use crate::occurrence::{Occurrence, OccurrenceForm};
use crate::range::RangeForm;
use crate::rows::Rows;
use crate::tool::{Tool, ToolForm};

/// The last period that a query may have.
pub const MOST_PERIODS: u32 = 366;

/// The form of a cohort query.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortForm {
    /// The event that starts, or the chain of them.
    pub start: Rows<OccurrenceForm>,
    /// Whether only the first start ever counts.
    pub first_time: bool,
    /// The event that returns.
    pub returning: OccurrenceForm,
    /// What a cell tells.
    pub measure: MeasureChoice,
    /// The property that `Sum` adds up; empty: none was chosen yet.
    pub property: String,
    /// What the generations are; none: units of time.
    pub generation: Option<GroupForm>,
    /// The unit of generations and periods.
    pub unit: CohortUnit,
    /// The last period.
    pub periods: Entry,
    /// Which return counts for a period.
    pub matching: QueryMatch,
    /// Whether a cell takes the periods before it too. Kept, but without effect, while a later return counts.
    pub cumulative: bool,
    /// When the start happened.
    pub during: RangeForm,
    /// Who is asked about.
    pub audience: AudienceForm,
    /// How many generations by property are told; none: as many as the backend tells by itself.
    pub max_groups: Option<u32>,
    /// The instant that the query is asked for, where it came with one.
    pub as_of: Option<Instant>,
    /// The IANA zone; none: the project's.
    pub time_zone: Option<String>,
    /// How the answer is shown.
    pub shown: Shown,
}

/// What a cell tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MeasureChoice {
    /// How many users returned.
    #[default]
    Users,
    /// The sum of a property of the returns.
    Sum,
}

/// How the answer is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// As what.
    pub chart: Chart,
    /// What stands in a cell.
    pub figure: CellFigure,
    /// Whether cells whose period is still running are shown.
    pub incomplete: bool,
    /// Whether the curve of all generations stands above the heat map.
    pub curve: bool,
    /// The generations that have a line; none: the latest ones.
    pub lines: Option<Vec<Option<Value>>>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            chart: Chart::default(),
            figure: CellFigure::default(),
            incomplete: true,
            curve: true,
            lines: None,
        }
    }
}

impl Shown {
    /// Whether a cell of a complete or a running period is shown.
    #[must_use]
    pub const fn has(&self, complete: bool) -> bool {
        complete || self.incomplete
    }
}

/// As what the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    /// A row a generation, a column a period.
    #[default]
    Heat,
    /// A line a generation.
    Lines,
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellFigure {
    /// The share of the users who started; of a sum, how much it is for each of them.
    #[default]
    Rate,
    /// How many users, or the sum.
    Value,
    /// How much the rate differs from that of the period before.
    Change,
}

impl Default for CohortForm {
    /// Weekly, the last twelve weeks.
    fn default() -> Self {
        Self {
            start: Rows::from_iter([OccurrenceForm::default()]),
            first_time: true,
            returning: OccurrenceForm::default(),
            measure: MeasureChoice::default(),
            property: String::new(),
            generation: None,
            unit: CohortUnit::Week,
            periods: Entry::from(11),
            matching: QueryMatch::On,
            cumulative: false,
            during: RangeForm {
                count: Entry::from(12),
                unit: CalendarUnit::Week,
                ..RangeForm::default()
            },
            audience: AudienceForm::default(),
            max_groups: None,
            as_of: None,
            time_zone: None,
            shown: Shown::default(),
        }
    }
}

impl CohortForm {
    /// Whether nobody has chosen an event yet.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let blank = OccurrenceForm::default();
        self.returning == blank && self.start.all().iter().all(|row| row.value == blank)
    }

    /// Turns to another unit, with as much of a range and as many periods as are usual for it, where these were the usual
    /// ones of the unit before.
    pub fn turn_to(&mut self, unit: CohortUnit) {
        let usual = |unit: CohortUnit| {
            let (count, periods) = match unit {
                CohortUnit::Hour => (48, 23),
                CohortUnit::Day => (30, 14),
                CohortUnit::Week => (12, 11),
                CohortUnit::Month => (12, 11),
            };
            let during = RangeForm {
                count: Entry::from(count),
                unit: unit.unit(),
                ..RangeForm::default()
            };
            (during, Entry::from(periods))
        };
        let (before, after) = (usual(self.unit), usual(unit));
        if self.during.range() == before.0.range() {
            self.during = after.0;
        }
        if self.periods == before.1 {
            self.periods = after.1;
        }
        self.unit = unit;
    }
}

/// The events that a form has rows for, in words: what starts, and what returns.
#[must_use]
pub fn events(form: &CohortForm) -> (Vec<&str>, &str) {
    let start = form
        .start
        .all()
        .iter()
        .map(|row| {
            if row.name.is_empty() {
                row.value.event.words()
            } else {
                row.name.as_str()
            }
        })
        .collect();
    (start, form.returning.event.words())
}

fn behaviour(occurrence: Occurrence) -> Behaviour {
    Behaviour {
        event: occurrence.event,
        filter: occurrence.filter,
    }
}

fn occurrence(behaviour: &Behaviour) -> OccurrenceForm {
    OccurrenceForm::of(&behaviour.event, behaviour.filter.as_ref(), &[])
}

impl ToolForm for CohortForm {
    const TOOL: Tool = Tool::Cohort;

    fn query(&self) -> Result<Query, Vec<FormError>> {
        let mut errors = Errors::default();
        let mut start = Vec::with_capacity(self.start.len());
        for (place, row) in self.start.all().iter().enumerate() {
            start.extend(
                errors
                    .part(&format!("/start/{place}"), row.value.occurrence())
                    .map(behaviour),
            );
        }
        let returning = errors
            .part("/return", self.returning.occurrence())
            .map(behaviour);
        let measure = match self.measure {
            MeasureChoice::Users => Some(CohortMeasure::Users),
            MeasureChoice::Sum if self.property.is_empty() => errors.note(
                "/measure/property",
                Err("Choose the property to add up".to_owned()),
            ),
            MeasureChoice::Sum => Some(CohortMeasure::Sum {
                property: self.property.clone(),
            }),
        };
        let generation = match &self.generation {
            None => GenerationBy::Time,
            Some(GroupForm::Property { scope, name }) => GenerationBy::Property {
                scope: *scope,
                name: name.clone(),
            },
            Some(GroupForm::Segment(id)) => GenerationBy::Segment { id: id.clone() },
        };
        let periods = errors.note("/periods", self.periods.whole(0, MOST_PERIODS));
        let during = errors.part("/during", self.during.range());
        let audience = errors.part("/audience", self.audience.audience());
        let query = (|| {
            Some(Query::Cohort(CohortQuery {
                start,
                first_time: self.first_time,
                returning: returning?,
                measure: measure?,
                generation,
                unit: self.unit,
                periods: periods?,
                matching: self.matching,
                cumulative: self.cumulative && self.matching == QueryMatch::On,
                during: during?,
                audience: audience?,
                max_groups: self.max_groups,
                as_of: self.as_of,
                time_zone: self.time_zone.clone(),
            }))
        })();
        errors.finish(query)
    }

    fn place(&self, pointer: &str) -> String {
        let part = |place: &str| is_within(pointer, place);
        if part("/start") {
            let step = pointer
                .split('/')
                .nth(2)
                .and_then(|step| step.parse::<usize>().ok());
            return match step {
                Some(step) if self.start.len() > 1 => format!("start {}", step + 1),
                _ => "the start".to_owned(),
            };
        }
        let words = if part("/return") {
            "the return"
        } else if part("/measure") {
            "what a cell tells"
        } else if part("/generation") || part("/max_groups") {
            "what cohorts are grouped by"
        } else if part("/periods") {
            "the number of periods"
        } else if part("/match") || part("/cumulative") {
            "which return counts"
        } else if part("/during") {
            "the date range"
        } else if part("/audience") {
            "the audience"
        } else if part("/time_zone") {
            "the time zone"
        } else {
            "the query"
        };
        words.to_owned()
    }

    fn view(&self) -> Json {
        let usual = Shown::default();
        let shown = &self.shown;
        let mut view = Map::new();
        let mut put = |name: &str, differs: bool, value: Json| {
            if differs {
                view.insert(name.to_owned(), value);
            }
        };
        put("chart", shown.chart != usual.chart, json(&shown.chart));
        put("figure", shown.figure != usual.figure, json(&shown.figure));
        put(
            "incomplete",
            shown.incomplete != usual.incomplete,
            shown.incomplete.into(),
        );
        put("curve", shown.curve != usual.curve, shown.curve.into());
        put("lines", shown.lines.is_some(), json(&shown.lines));
        let names: Vec<_> = self.start.all().iter().map(|row| &row.name).collect();
        put(
            "names",
            names.iter().any(|name| !name.is_empty()),
            json(&names),
        );
        if view.is_empty() {
            Json::Null
        } else {
            Json::Object(view)
        }
    }

    fn open(query: &Query, view: &Json) -> Self {
        let Query::Cohort(query) = query else {
            return Self::default();
        };
        let (measure, property) = match &query.measure {
            CohortMeasure::Users => (MeasureChoice::Users, String::new()),
            CohortMeasure::Sum { property } => (MeasureChoice::Sum, property.clone()),
        };
        let generation = match &query.generation {
            GenerationBy::Time => None,
            GenerationBy::Property { scope, name } => Some(GroupForm::Property {
                scope: *scope,
                name: name.clone(),
            }),
            GenerationBy::Segment { id } => Some(GroupForm::Segment(id.clone())),
        };
        let mut start: Rows<OccurrenceForm> = query.start.iter().map(occurrence).collect();
        let names = read::<Vec<String>>(view, "names").unwrap_or_default();
        let ids: Vec<_> = start.all().iter().map(|row| row.id).collect();
        for (id, name) in ids.into_iter().zip(names) {
            if let Some(row) = start.get_mut(id) {
                row.name = name;
            }
        }
        let usual = Shown::default();
        Self {
            start,
            first_time: query.first_time,
            returning: occurrence(&query.returning),
            measure,
            property,
            generation,
            unit: query.unit,
            periods: Entry::from(query.periods),
            matching: query.matching,
            cumulative: query.cumulative,
            during: RangeForm::from(&query.during),
            audience: AudienceForm::of(query.audience.as_ref()),
            max_groups: query.max_groups,
            as_of: query.as_of,
            time_zone: query.time_zone.clone(),
            shown: Shown {
                chart: read(view, "chart").unwrap_or(usual.chart),
                figure: read(view, "figure").unwrap_or(usual.figure),
                incomplete: read(view, "incomplete").unwrap_or(usual.incomplete),
                curve: read(view, "curve").unwrap_or(usual.curve),
                lines: read(view, "lines"),
            },
        }
    }
}

fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// What a view says under a name, as far as it can be understood.
fn read<T: DeserializeOwned>(view: &Json, name: &str) -> Option<T> {
    serde_json::from_value(view.get(name)?.clone()).ok()
}

/// Whether a grouping is by the values of an event property: of the start.
#[must_use]
pub const fn of_start(generation: Option<&GroupForm>) -> bool {
    matches!(
        generation,
        Some(GroupForm::Property {
            scope: Scope::Event,
            ..
        })
    )
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use proptest::option;
    use proptest::prelude::*;
    use segments_model::criterion::SegmentCriterion;
    use segments_model::filter::{Operator, PropertyFilter};
    use segments_model::{Criterion, Filter, Range};
    use serde_json::json;

    use super::*;
    use crate::event::EventChoice;

    fn filter() -> impl Strategy<Value = Filter> {
        ("[a-z]{1,4}", "[A-Z]{2}").prop_map(|(name, value)| {
            Filter::Property(PropertyFilter {
                scope: Scope::User,
                name,
                op: Operator::Is,
                values: vec![value.as_str().into()],
                during: None,
                ignore_case: false,
            })
        })
    }

    fn behaviours() -> impl Strategy<Value = Behaviour> {
        (option::of("[A-Z][a-z]{0,3}"), option::of(filter()))
            .prop_map(|(event, filter)| Behaviour { event, filter })
    }

    fn generation() -> impl Strategy<Value = GenerationBy> {
        prop_oneof![
            Just(GenerationBy::Time),
            ("[a-z]{1,4}", any::<bool>()).prop_map(|(name, user)| GenerationBy::Property {
                scope: if user { Scope::User } else { Scope::Event },
                name,
            }),
            "[a-z]{1,4}".prop_map(|id| GenerationBy::Segment { id }),
        ]
    }

    fn query() -> impl Strategy<Value = Query> {
        let units = vec![
            CohortUnit::Hour,
            CohortUnit::Day,
            CohortUnit::Week,
            CohortUnit::Month,
        ];
        let matches = vec![
            (QueryMatch::On, false),
            (QueryMatch::On, true),
            (QueryMatch::OnOrAfter, false),
        ];
        let asked = (
            (1..90_u32, any::<bool>()),
            option::of("[a-z]{1,3}"),
            option::of(1..1000_u32),
            option::of(0..2_000_000_000_000_i64),
            option::of(Just("America/New_York".to_owned())),
        );
        (
            prop::collection::vec(behaviours(), 1..4),
            any::<bool>(),
            behaviours(),
            option::of("[a-z]{1,4}"),
            generation(),
            (prop::sample::select(units), 0..=MOST_PERIODS),
            prop::sample::select(matches),
            asked,
        )
            .prop_map(
                |(start, first_time, returning, sum, generation, units, matching, asked)| {
                    let ((count, complete), segment, max_groups, as_of, time_zone) = asked;
                    Query::Cohort(CohortQuery {
                        start,
                        first_time,
                        returning,
                        measure: sum.map_or(CohortMeasure::Users, |property| CohortMeasure::Sum {
                            property,
                        }),
                        generation,
                        unit: units.0,
                        periods: units.1,
                        matching: matching.0,
                        cumulative: matching.1,
                        during: Range::Last {
                            count,
                            unit: units.0.unit(),
                            complete,
                        },
                        audience: segment
                            .map(|id| Criterion::Segment(SegmentCriterion { id, as_of: None })),
                        max_groups,
                        as_of: as_of.and_then(Instant::from_millis),
                        time_zone,
                    })
                },
            )
    }

    fn shown() -> impl Strategy<Value = Shown> {
        let line = option::of(prop_oneof![
            any::<bool>().prop_map(Value::from),
            "[a-z]{1,3}".prop_map(|text| Value::from(text.as_str())),
            (-9..9_i32).prop_map(|number| Value::from(f64::from(number) / 2.0)),
        ]);
        (
            prop::sample::select(vec![Chart::Heat, Chart::Lines]),
            prop::sample::select(vec![
                CellFigure::Rate,
                CellFigure::Value,
                CellFigure::Change,
            ]),
            any::<bool>(),
            any::<bool>(),
            option::of(prop::collection::vec(line, 0..4)),
        )
            .prop_map(|(chart, figure, incomplete, curve, lines)| Shown {
                chart,
                figure,
                incomplete,
                curve,
                lines,
            })
    }

    proptest! {
        #[test]
        fn a_query_goes_through_the_form_unchanged(query in query()) {
            let form = CohortForm::open(&query, &Json::Null);
            prop_assert_eq!(form.view(), Json::Null);
            prop_assert_eq!(form.query(), Ok(query));
        }

        #[test]
        fn a_view_goes_through_the_form_unchanged(query in query(), shown in shown(), name in "[a-z]{0,3}") {
            let mut form = CohortForm::open(&query, &Json::Null);
            form.shown = shown;
            let id = form.start.all()[0].id;
            form.start.get_mut(id).unwrap().name = name;
            prop_assert_eq!(CohortForm::open(&query, &form.view()), form);
        }
    }

    fn ready() -> CohortForm {
        let mut form = CohortForm::default();
        let id = form.start.all()[0].id;
        form.start.get_mut(id).unwrap().value.event = EventChoice::Named("Signed Up".to_owned());
        form.returning.event = EventChoice::Any;
        form
    }

    #[test]
    fn a_new_form_lacks_only_its_events() {
        let form = CohortForm::default();
        assert!(form.is_blank());
        let places: Vec<_> = form
            .query()
            .unwrap_err()
            .into_iter()
            .map(|error| (form.place(&error.pointer), error.pointer))
            .collect();
        assert_eq!(
            places,
            [
                ("the start".to_owned(), "/start/0/event".to_owned()),
                ("the return".to_owned(), "/return/event".to_owned()),
            ]
        );
        let form = ready();
        assert!(!form.is_blank());
        assert_eq!(
            serde_json::to_value(form.query().unwrap()).unwrap(),
            json!({
                "tool": "cohort", "start": [{"event": "Signed Up"}], "first_time": true, "return": {"event": null},
                "measure": {"of": "users"}, "generation": {"of": "time"}, "unit": "week", "periods": 11, "match": "on",
                "cumulative": false, "during": {"type": "last", "count": 12, "unit": "week"},
            })
        );
        assert_eq!(events(&form), (vec!["Signed Up"], "any event"));
    }

    #[test]
    fn every_missing_part_is_told_at_its_place() {
        let mut form = ready();
        form.start.add(OccurrenceForm::default());
        form.measure = MeasureChoice::Sum;
        form.periods = Entry::from(MOST_PERIODS + 1);
        form.during.count = Entry::default();
        let errors = form.query().unwrap_err();
        let places: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "/start/1/event",
                "/measure/property",
                "/periods",
                "/during/count"
            ]
        );
        assert_eq!(form.place("/start/1/event"), "start 2");
        assert_eq!(form.place("/during/count"), "the date range");
        assert_eq!(form.place("/startle"), "the query");
    }

    #[test]
    fn cumulative_waits_while_later_returns_count() {
        let mut form = ready();
        form.cumulative = true;
        form.matching = QueryMatch::OnOrAfter;
        let cumulative = |form: &CohortForm| match form.query() {
            Ok(Query::Cohort(query)) => query.cumulative,
            other => panic!("{other:?}"),
        };
        assert!(!cumulative(&form));
        form.matching = QueryMatch::On;
        assert!(cumulative(&form));
    }

    #[test]
    fn another_unit_takes_its_usual_range_along() {
        let mut form = ready();
        form.turn_to(CohortUnit::Day);
        assert_eq!(form.periods, Entry::from(14));
        assert_eq!(
            form.during.range(),
            Ok(Range::Last {
                count: 30,
                unit: CalendarUnit::Day,
                complete: false
            })
        );
        form.periods = Entry::from(5);
        form.turn_to(CohortUnit::Week);
        assert_eq!(form.periods, Entry::from(5));
        assert_eq!(form.during, CohortForm::default().during);
    }

    #[test]
    fn of_a_view_only_what_is_understood_is_taken() {
        let query = ready().query().unwrap();
        let view = json!({"chart": "pie", "figure": "value", "curve": 3, "lines": [null, true, {}], "names": ["a", "b"]});
        let form = CohortForm::open(&query, &view);
        assert_eq!(
            form.shown,
            Shown {
                figure: CellFigure::Value,
                ..Shown::default()
            }
        );
        assert_eq!(form.start.all()[0].name, "a");
        let other: Query = serde_json::from_value(json!({
            "tool": "funnel", "steps": [{"event": "A"}], "during": {"type": "all_time"},
        }))
        .unwrap();
        assert_eq!(CohortForm::open(&other, &view), CohortForm::default());
    }
}
