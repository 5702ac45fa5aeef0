//! The form of a cohort query, with how its answer is shown.

use segments_model::criterion::{Behaviour, CohortUnit};
use segments_model::query::{CohortMeasure, CohortQuery, GenerationBy, Query, QueryMatch};
use segments_model::sentence::capital;
use segments_model::{Range, Value, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::group::GroupForm;
use crate::number::Entry;
use crate::occurrence::OccurrenceForm;
use crate::range::RangeForm;
use crate::rows::Rows;
use crate::tool::{FrameForm, Names, Tool, ToolForm, behaviour, checked, read, unless, view_of};

/// How many events a start may consist of.
pub const MOST_STARTS: usize = limits::MAX_PARTS;

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
    /// When the start happened, who, as of when and in which zone.
    pub frame: FrameForm,
    /// How the answer is shown.
    pub look: CohortLook,
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
pub struct CohortLook {
    pub chart: CohortChart,
    /// What stands in a cell.
    pub figure: CellFigure,
    /// Whether cells whose period is still running are shown.
    pub incomplete: bool,
    /// Whether the curve of all generations stands above the heat map.
    pub curve: bool,
    /// The generations that have a line; none: the latest ones.
    pub lines: Option<Vec<Option<Value>>>,
}

impl Default for CohortLook {
    fn default() -> Self {
        Self {
            chart: CohortChart::default(),
            figure: CellFigure::default(),
            incomplete: true,
            curve: true,
            lines: None,
        }
    }
}

impl CohortLook {
    /// Whether a cell of a complete or a running period is shown.
    #[must_use]
    pub const fn has(&self, complete: bool) -> bool {
        complete || self.incomplete
    }
}

/// As what the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortChart {
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
        let (during, periods) = usual(CohortUnit::Week);
        Self {
            start: Rows::from_iter([OccurrenceForm::default()]),
            first_time: true,
            returning: OccurrenceForm::default(),
            measure: MeasureChoice::default(),
            property: String::new(),
            generation: None,
            unit: CohortUnit::Week,
            periods,
            matching: QueryMatch::On,
            cumulative: false,
            frame: FrameForm {
                during,
                ..FrameForm::default()
            },
            look: CohortLook::default(),
        }
    }
}

/// The range and the number of periods that are usual for a unit.
fn usual(unit: CohortUnit) -> (RangeForm, Entry) {
    let (count, periods) = match unit {
        CohortUnit::Hour => (48, 23),
        CohortUnit::Day => (30, 14),
        CohortUnit::Week | CohortUnit::Month => (12, 11),
    };
    let during = RangeForm {
        count: Entry::from(count),
        unit: unit.unit(),
        ..RangeForm::default()
    };
    (during, Entry::from(periods))
}

impl CohortForm {
    /// A form of two events.
    #[must_use]
    pub fn of(start: EventChoice, returning: EventChoice) -> Self {
        let occurrence = |event| OccurrenceForm {
            event,
            ..OccurrenceForm::default()
        };
        Self {
            start: Rows::from_iter([occurrence(start)]),
            returning: occurrence(returning),
            ..Self::default()
        }
    }

    /// Whether nobody has chosen an event yet.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let blank = OccurrenceForm::default();
        self.returning == blank && self.start.all().iter().all(|row| row.value == blank)
    }

    /// Turns to another unit, with as much of a range and as many periods as are usual for it, where these were the usual
    /// ones of the unit before.
    pub fn turn_to(&mut self, unit: CohortUnit) {
        let (before, after) = (usual(self.unit), usual(unit));
        if Range::try_from(&self.frame.during) == Range::try_from(&before.0) {
            self.frame.during = after.0;
        }
        if self.periods == before.1 {
            self.periods = after.1;
        }
        self.unit = unit;
    }

    fn measure(&self, errors: &mut Errors) -> CohortMeasure {
        match (self.measure, self.property.as_str()) {
            (MeasureChoice::Users, _) => CohortMeasure::Users,
            (MeasureChoice::Sum, "") => {
                let wrong = Err("Choose the property to add up".to_owned());
                errors.note::<()>("/measure/property", wrong);
                CohortMeasure::Users
            }
            (MeasureChoice::Sum, property) => CohortMeasure::Sum {
                property: property.to_owned(),
            },
        }
    }
}

fn form_of(behaviour: &Behaviour) -> OccurrenceForm {
    OccurrenceForm::of(&behaviour.event, behaviour.filter.as_ref(), &[])
}

impl ToolForm for CohortForm {
    const TOOL: Tool = Tool::Cohort;

    fn frame(&self) -> &FrameForm {
        &self.frame
    }

    fn frame_mut(&mut self) -> &mut FrameForm {
        &mut self.frame
    }

    fn query(&self) -> Result<Query, Vec<FormError>> {
        let mut errors = Errors::default();
        let start = (0..).zip(self.start.all()).map(|(place, row): (u32, _)| {
            behaviour(&row.value, &format!("/start/{place}"), &mut errors)
        });
        let start = start.collect();
        let returning = behaviour(&self.returning, "/return", &mut errors);
        let measure = self.measure(&mut errors);
        let generation = match &self.generation {
            None => GenerationBy::Time,
            Some(GroupForm::Property { scope, name }) => GenerationBy::Property {
                scope: *scope,
                name: name.clone(),
            },
            Some(GroupForm::Segment(id)) => GenerationBy::Segment { id: id.clone() },
        };
        let periods = errors.note("/periods", self.periods.whole(0, u32::MAX));
        let frame = self.frame.frame(&mut errors);
        let query = CohortQuery {
            start,
            first_time: self.first_time,
            returning,
            measure,
            generation,
            unit: self.unit,
            periods: periods.unwrap_or_default(),
            matching: self.matching,
            cumulative: self.cumulative && self.matching == QueryMatch::On,
            during: frame.during,
            audience: frame.audience,
            max_groups: frame.max_groups,
            as_of: self.frame.as_of,
            time_zone: self.frame.time_zone.clone(),
        };
        checked(errors, Query::Cohort(query))
    }

    fn row(&self, list: &str, place: usize) -> Option<String> {
        (list == "start" && self.start.len() > 1).then(|| format!("start {}", place + 1))
    }

    fn title(&self, names: Names<'_>) -> String {
        if self.is_blank() {
            return Self::TOOL.label().to_owned();
        }
        let starts = self.start.all().iter();
        let mut events: Vec<String> = starts.map(|row| names.row(row, &row.value.event)).collect();
        events.push(names.choice(&self.returning.event));
        capital(&events.join(", then "))
    }

    fn summary(&self, names: Names<'_>) -> (String, String) {
        let later = match self.matching {
            QueryMatch::On => "",
            QueryMatch::OnOrAfter => " or later",
        };
        let unit = self.unit.unit().word();
        let frame = self.frame.words(names);
        (self.title(names), format!("{frame}, by {unit}{later}"))
    }

    fn view(&self) -> Json {
        let (look, usual) = (&self.look, CohortLook::default());
        let names: Vec<_> = self.start.all().iter().map(|row| &row.name).collect();
        let is_named = names.iter().any(|name| !name.is_empty());
        view_of([
            ("chart", unless(&look.chart, &usual.chart)),
            ("figure", unless(&look.figure, &usual.figure)),
            ("incomplete", unless(&look.incomplete, &usual.incomplete)),
            ("curve", unless(&look.curve, &usual.curve)),
            ("lines", unless(&look.lines, &usual.lines)),
            ("names", unless(&names, &Vec::new()).filter(|_| is_named)),
        ])
    }

    fn open(query: &Query, view: &Json) -> Self {
        let frame = FrameForm::of(query);
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
        let mut start: Rows<OccurrenceForm> = query.start.iter().map(form_of).collect();
        start.set_names(read(view, "names").unwrap_or_default());
        let usual = CohortLook::default();
        Self {
            start,
            first_time: query.first_time,
            returning: form_of(&query.returning),
            measure,
            property,
            generation,
            unit: query.unit,
            periods: Entry::from(query.periods),
            matching: query.matching,
            cumulative: query.cumulative,
            frame,
            look: CohortLook {
                chart: read(view, "chart").unwrap_or(usual.chart),
                figure: read(view, "figure").unwrap_or(usual.figure),
                incomplete: read(view, "incomplete").unwrap_or(usual.incomplete),
                curve: read(view, "curve").unwrap_or(usual.curve),
                lines: read(view, "lines"),
            },
        }
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use proptest::option;
    use proptest::prelude::*;
    use segments_model::criterion::SegmentCriterion;
    use segments_model::filter::{Operator, PropertyFilter, Scope};
    use segments_model::range::CalendarUnit;
    use segments_model::{Criterion, Filter, Instant, Range};
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
            (prop::sample::select(units), 0..=limits::MAX_PERIODS),
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

    fn look() -> impl Strategy<Value = CohortLook> {
        let line = option::of(prop_oneof![
            any::<bool>().prop_map(Value::from),
            "[a-z]{1,3}".prop_map(|text| Value::from(text.as_str())),
            (-9..9_i32).prop_map(|number| Value::from(f64::from(number) / 2.0)),
        ]);
        (
            prop::sample::select(vec![CohortChart::Heat, CohortChart::Lines]),
            prop::sample::select(vec![
                CellFigure::Rate,
                CellFigure::Value,
                CellFigure::Change,
            ]),
            any::<bool>(),
            any::<bool>(),
            option::of(prop::collection::vec(line, 0..4)),
        )
            .prop_map(|(chart, figure, incomplete, curve, lines)| CohortLook {
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
        fn a_view_goes_through_the_form_unchanged(query in query(), look in look(), name in "[a-z]{0,3}") {
            let mut form = CohortForm::open(&query, &Json::Null);
            form.look = look;
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
                ("start".to_owned(), "/start/0/event".to_owned()),
                ("return".to_owned(), "/return/event".to_owned()),
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
        let names = Names {
            event: &str::to_owned,
            segment: &str::to_owned,
        };
        assert_eq!(form.title(names), "Signed Up, then any event");
    }

    #[test]
    fn every_missing_part_is_told_at_its_place() {
        let mut form = ready();
        form.start.add(OccurrenceForm::default());
        form.measure = MeasureChoice::Sum;
        form.periods = Entry::from(limits::MAX_PERIODS + 1);
        form.frame.during.count = Entry::default();
        let errors = form.query().unwrap_err();
        let mut places: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "/during/count",
                "/measure/property",
                "/periods",
                "/start/1/event"
            ]
        );
        assert_eq!(form.place("/start/1/event"), "start 2");
        assert_eq!(form.place("/during/count"), "date range");
        assert_eq!(form.place("/startle"), "query");
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
            Range::try_from(&form.frame.during),
            Ok(Range::Last {
                count: 30,
                unit: CalendarUnit::Day,
                complete: false
            })
        );
        form.periods = Entry::from(5);
        form.turn_to(CohortUnit::Week);
        assert_eq!(form.periods, Entry::from(5));
        assert_eq!(form.frame.during, CohortForm::default().frame.during);
    }

    #[test]
    fn of_a_view_only_what_is_understood_is_taken() {
        let query = ready().query().unwrap();
        let view = json!({"chart": "pie", "figure": "value", "curve": 3, "lines": [null, true, {}], "names": ["a", "b"]});
        let form = CohortForm::open(&query, &view);
        assert_eq!(
            form.look,
            CohortLook {
                figure: CellFigure::Value,
                ..CohortLook::default()
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
