//! Names for segments: what one may be called, and what would suit it.

use segments_model::answer::Group;
use segments_model::criterion::CohortOutcome;
use segments_model::query::{
    CohortQuery, FunnelGroupBy, FunnelQuery, GenerationBy, GroupBy, Interval, Query,
    SegmentationQuery,
};
use segments_model::range::CalendarUnit;
use segments_model::selection::{
    CohortSelection, FunnelOutcome, FunnelSelection, PathSelection, SegmentationSelection,
    Selection,
};
use segments_model::{Instant, Value};

/// The most characters that a name has.
pub const NAME_MOST: usize = 200;
/// The most characters of a name that is suggested.
const SUGGESTED_MOST: usize = 80;

/// What a name lacks; none: it will do.
#[must_use]
pub fn name_error(name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        Some("Give the segment a name".to_owned())
    } else if name.chars().count() > NAME_MOST {
        Some(format!("A name has at most {NAME_MOST} characters"))
    } else {
        None
    }
}

/// A name without the number at its end.
#[must_use]
pub fn stem(name: &str) -> &str {
    let name = name.trim();
    match name.rsplit_once(' ') {
        Some((stem, number)) if is_number(number) && !stem.trim().is_empty() => stem.trim_end(),
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name itself where nothing is called so, else the same with the first number that is free, whatever the case.
#[must_use]
pub fn free_name(name: &str, taken: &[String]) -> String {
    let is_taken = |name: &str| {
        let name = name.to_lowercase();
        taken
            .iter()
            .any(|taken| taken.trim().to_lowercase() == name)
    };
    let name = name.trim();
    if !is_taken(name) {
        return name.to_owned();
    }
    let stem = stem(name);
    (2..)
        .map(|number| {
            let end = format!(" {number}");
            let room = NAME_MOST - end.len();
            let stem: String = stem.chars().take(room).collect();
            format!("{}{end}", stem.trim_end())
        })
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

/// How instants and values are told.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// A day: `11 Nov 2026`.
    pub date: &'a dyn Fn(Instant) -> String,
    /// An instant: `11 Nov 2026, 09:00`.
    pub hour: &'a dyn Fn(Instant) -> String,
    /// A value of a property.
    pub value: &'a dyn Fn(&Value) -> String,
}

impl Telling<'_> {
    fn bucket(self, start: Instant, unit: Option<CalendarUnit>) -> String {
        match unit {
            Some(CalendarUnit::Hour) => (self.hour)(start),
            Some(CalendarUnit::Day) | None => (self.date)(start),
            Some(unit) => format!("{} of {}", unit.word(), (self.date)(start)),
        }
    }

    fn group(self, value: Option<&Value>, property: &str, is_segment: bool) -> String {
        match value {
            Some(Value::Boolean(true)) if is_segment => "in the segment".to_owned(),
            Some(Value::Boolean(false)) if is_segment => "not in the segment".to_owned(),
            // "yes" alone says nothing.
            Some(value @ (Value::Boolean(_) | Value::Number(_))) => {
                format!("{property} {}", (self.value)(value))
            }
            Some(value) => (self.value)(value),
            None => format!("no {property}"),
        }
    }
}

/// A short name for the users behind a part of an answer: `Order Completed, Mobile, 11 Nov 2026`.
#[must_use]
pub fn suggested_name(query: &Query, selection: &Selection, telling: Telling<'_>) -> String {
    let parts = match (query, selection) {
        (Query::Segmentation(query), Selection::Segmentation(selection)) => {
            of_segmentation(query, selection, telling)
        }
        (Query::Funnel(query), Selection::Funnel(selection)) => {
            of_funnel(query, selection, telling)
        }
        (Query::Funnel(query), Selection::Path(selection)) => of_path(query, selection, telling),
        (Query::Cohort(query), Selection::Cohort(selection)) => {
            of_cohort(query, selection, telling)
        }
        // A selection of another tool names nobody.
        _ => Vec::new(),
    };
    let name = parts.join(", ");
    if name.chars().count() <= SUGGESTED_MOST {
        return name;
    }
    let mut short: String = name.chars().take(SUGGESTED_MOST - 1).collect();
    short.truncate(short.trim_end_matches([' ', ',']).len());
    short.push('\u{2026}');
    short
}

fn event_name(event: Option<&Option<String>>) -> &str {
    event.and_then(Option::as_deref).unwrap_or("Any event")
}

fn of_segmentation(
    query: &SegmentationQuery,
    selection: &SegmentationSelection,
    telling: Telling<'_>,
) -> Vec<String> {
    let measure = query.measures.get(selection.measure as usize);
    let mut parts = vec![event_name(measure.map(|measure| &measure.event)).to_owned()];
    let group = selection.group.iter().flatten();
    parts.extend(group.zip(&query.group_by).map(|(value, by)| {
        let (name, is_segment) = match by {
            GroupBy::Property(property) => (property.name.as_str(), false),
            GroupBy::Segment(_) => ("segment", true),
        };
        telling.group(value.as_ref(), name, is_segment)
    }));
    parts.extend(
        selection
            .bucket
            .map(|start| telling.bucket(start, query.interval.unit())),
    );
    parts
}

fn of_funnel(
    query: &FunnelQuery,
    selection: &FunnelSelection,
    telling: Telling<'_>,
) -> Vec<String> {
    let step = (selection.step as usize).saturating_sub(1);
    let name = event_name(query.steps.get(step).map(|step| &step.event));
    // Optional steps can be left out, so it is the next required one that people get to or not.
    let next = query
        .steps
        .get(step + 1..)
        .and_then(|steps| steps.iter().find(|step| !step.optional))
        .map(|step| event_name(Some(&step.event)));
    let mut parts = vec![match (selection.outcome, next) {
        (FunnelOutcome::Reached, _) if step == 0 => name.to_owned(),
        (FunnelOutcome::Reached, _) | (FunnelOutcome::Converted, None) => {
            format!("Reached {name}")
        }
        (FunnelOutcome::Converted, Some(next)) => format!("{name}, then {next}"),
        (FunnelOutcome::Dropped, Some(next)) => format!("{name}, no {next}"),
        (FunnelOutcome::Dropped, None) => format!("Dropped after {name}"),
    }];
    parts.extend(funnel_group(query, selection.group.as_ref(), telling));
    let unit = query.interval.and_then(Interval::unit);
    parts.extend(selection.bucket.map(|start| telling.bucket(start, unit)));
    parts
}

fn of_path(query: &FunnelQuery, selection: &PathSelection, telling: Telling<'_>) -> Vec<String> {
    let last = selection.path.last().copied().unwrap_or_default();
    let mut taken = Vec::new();
    let mut not = Vec::new();
    for (number, step) in (1..).zip(&query.steps) {
        let name = event_name(Some(&step.event));
        if selection.path.contains(&number) {
            taken.push(name);
            continue;
        }
        not.push(format!("no {name}"));
        // Nobody on the path got past the next step that cannot be left out.
        if number > last && !step.optional {
            break;
        }
    }
    let mut parts = vec![taken.join(", then ")];
    parts.extend(not);
    parts.extend(funnel_group(query, selection.group.as_ref(), telling));
    parts
}

fn funnel_group(
    query: &FunnelQuery,
    group: Option<&Group>,
    telling: Telling<'_>,
) -> Option<String> {
    let value = group.and_then(|group| group.first())?;
    let (name, is_segment) = match query.group_by.as_ref()? {
        FunnelGroupBy::Property(property) => (property.name.as_str(), false),
        FunnelGroupBy::Segment(_) => ("segment", true),
    };
    Some(telling.group(value.as_ref(), name, is_segment))
}

fn of_cohort(
    query: &CohortQuery,
    selection: &CohortSelection,
    telling: Telling<'_>,
) -> Vec<String> {
    let start = event_name(query.start.last().map(|start| &start.event));
    let unit = query.unit.unit();
    let period = selection
        .period
        .map(|period| format!(" in {} {period}", unit.word()))
        .unwrap_or_default();
    let mut parts = vec![match selection.outcome {
        CohortOutcome::Started => start.to_owned(),
        CohortOutcome::Returned => format!("{start}, came back{period}"),
        CohortOutcome::NotReturned => format!("{start}, not back{period}"),
    }];
    let generation = selection.generation.as_ref();
    parts.extend(generation.map(|value| {
        match &query.generation {
            GenerationBy::Time => value
                .as_ref()
                .and_then(|value| match value {
                    Value::String(text) => Instant::parse(text).ok(),
                    _ => None,
                })
                .map_or_else(String::new, |start| telling.bucket(start, Some(unit))),
            GenerationBy::Property { name, .. } => telling.group(value.as_ref(), name, false),
            GenerationBy::Segment { .. } => telling.group(value.as_ref(), "segment", true),
        }
    }));
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use segments_model::query::Query;
    use segments_model::selection::Selection;
    use segments_model::{Instant, Value};
    use serde_json::{Value as Json, json};

    use super::{NAME_MOST, Telling, free_name, name_error, stem, suggested_name};

    fn named(query: Json, selection: Json) -> String {
        let query: Query = serde_json::from_value(query).unwrap();
        let selection: Selection = serde_json::from_value(selection).unwrap();
        suggested_name(
            &query,
            &selection,
            Telling {
                date: &|instant: Instant| instant.to_string()[..10].to_owned(),
                hour: &|instant: Instant| instant.to_string()[..16].to_owned(),
                value: &|value: &Value| match value {
                    Value::Boolean(true) => "yes".to_owned(),
                    Value::Boolean(false) => "no".to_owned(),
                    Value::Number(number) => number.to_string(),
                    Value::String(text) => text.clone(),
                },
            },
        )
    }

    fn segmentation(interval: &str) -> Json {
        json!({
            "tool": "segmentation",
            "measures": [
                {"event": "Order Completed", "aggregate": {"of": "users"}},
                {"event": null, "aggregate": {"of": "total"}},
            ],
            "group_by": [{"scope": "event", "name": "device"}, {"scope": "user", "name": "trial"}, {"segment": "seg_1"}],
            "during": {"type": "all_time"}, "interval": interval,
        })
    }

    fn funnel() -> Json {
        json!({
            "tool": "funnel",
            "steps": [{"event": "Viewed"}, {"event": "Hinted", "optional": true}, {"event": "Added"}, {"event": "Ordered"}],
            "during": {"type": "all_time"}, "group_by": {"scope": "user", "name": "plan"}, "interval": "month",
        })
    }

    fn cohort() -> Json {
        json!({
            "tool": "cohort", "start": [{"event": "Signed Up"}], "first_time": true, "return": {"event": "Viewed"},
            "unit": "week", "periods": 4, "match": "on", "during": {"type": "all_time"},
        })
    }

    #[test]
    fn a_name_is_needed_and_bounded() {
        assert!(name_error(" \t").is_some());
        assert!(name_error(&"x".repeat(NAME_MOST + 1)).is_some());
        assert_eq!(name_error(&"\u{e9}".repeat(NAME_MOST)), None);
    }

    #[test]
    fn a_free_name_counts_up_from_what_is_taken() {
        let taken = ["cart", "Cart 2", "Cart 4"].map(str::to_owned);
        assert_eq!(free_name("Basket", &taken), "Basket");
        assert_eq!(free_name(" CART ", &taken), "CART 3");
        assert_eq!(free_name("Cart 4", &taken), "Cart 3");
        let long = "x".repeat(NAME_MOST);
        let free = free_name(&long, std::slice::from_ref(&long));
        assert_eq!(free.chars().count(), NAME_MOST);
        assert!(free.ends_with("x 2"));
        assert_eq!(stem("Autumn 2026"), "Autumn 2026");
        assert_eq!(stem("7"), "7");
    }

    #[test]
    fn a_point_is_named_by_event_group_and_bucket() {
        let group = json!(["Mobile", false, true]);
        assert_eq!(
            named(
                segmentation("day"),
                json!({"measure": 0, "group": group, "bucket": "2026-11-11T00:00:00.000Z"})
            ),
            "Order Completed, Mobile, trial no, in the segment, 2026-11-11"
        );
        assert_eq!(
            named(
                segmentation("hour"),
                json!({"measure": 1, "bucket": "2026-11-11T09:00:00.000Z"})
            ),
            "Any event, 2026-11-11T09:00"
        );
        assert_eq!(
            named(
                segmentation("week"),
                json!({"measure": 0, "group": [null, true, false]})
            ),
            "Order Completed, no device, trial yes, not in the segment"
        );
    }

    #[test]
    fn a_step_is_named_by_the_required_ones_around_it() {
        let select =
            |step: u32, outcome: &str| named(funnel(), json!({"step": step, "outcome": outcome}));
        assert_eq!(select(1, "reached"), "Viewed");
        assert_eq!(select(3, "reached"), "Reached Added");
        assert_eq!(select(1, "converted"), "Viewed, then Added");
        assert_eq!(select(3, "dropped"), "Added, no Ordered");
        assert_eq!(select(4, "converted"), "Reached Ordered");
        assert_eq!(
            named(
                funnel(),
                json!({"step": 1, "outcome": "dropped", "group": ["Pro"], "bucket": "2026-11-01T00:00:00.000Z"})
            ),
            "Viewed, no Added, Pro, month of 2026-11-01"
        );
    }

    #[test]
    fn a_path_is_named_by_what_it_took_and_what_not() {
        let path = |path: &[u32]| named(funnel(), json!({"path": path}));
        assert_eq!(
            path(&[1, 2, 3, 4]),
            "Viewed, then Hinted, then Added, then Ordered"
        );
        assert_eq!(
            path(&[1, 3, 4]),
            "Viewed, then Added, then Ordered, no Hinted"
        );
        assert_eq!(path(&[1, 2]), "Viewed, then Hinted, no Added");
        assert_eq!(
            named(funnel(), json!({"path": [1], "group": ["Pro"]})),
            "Viewed, no Hinted, no Added, Pro"
        );
    }

    #[test]
    fn a_cell_is_named_by_what_came_back_when() {
        let generation = "2026-10-12T00:00:00.000Z";
        assert_eq!(
            named(
                cohort(),
                json!({"generation": generation, "period": 3, "outcome": "returned"})
            ),
            "Signed Up, came back in week 3, week of 2026-10-12"
        );
        assert_eq!(
            named(cohort(), json!({"period": 3, "outcome": "not_returned"})),
            "Signed Up, not back in week 3"
        );
        let mut by_plan = cohort();
        by_plan["generation"] = json!({"of": "property", "scope": "user", "name": "plan"});
        assert_eq!(
            named(by_plan, json!({"generation": null, "outcome": "started"})),
            "Signed Up, no plan"
        );
    }

    #[test]
    fn a_long_name_is_cut() {
        let mut query = segmentation("day");
        query["measures"][0]["event"] = "x".repeat(300).into();
        let name = named(query, json!({"measure": 0}));
        assert_eq!(name.chars().count(), 80);
        assert!(name.ends_with('\u{2026}'));
    }
}
