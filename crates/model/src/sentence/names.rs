//! Short names: of who is asked about, of what an answer is broken down by, and of the users behind a part of it.

use crate::answer::Group;
use crate::criterion::CohortOutcome;
use crate::filter::Scope;
use crate::query::{
    CohortQuery, FunnelGroupBy, FunnelQuery, GenerationBy, GroupBy, Interval, Query,
    SegmentationQuery,
};
use crate::range::CalendarUnit;
use crate::selection::{
    CohortSelection, FunnelOutcome, FunnelSelection, PathSelection, SegmentationSelection,
    Selection,
};
use crate::{Criterion, Instant, Value};

use super::{Names, criterion_spans, plain};

/// What an audience without conditions is called.
pub const ALL_USERS: &str = "All users";

/// The most characters of a name that is suggested.
const MAX_SUGGESTED: usize = 80;

/// An audience in a few words: `All users`, `Paid-social sign-ups but not Testers`, `those who …`.
#[must_use]
pub fn audience(audience: Option<&Criterion>, names: &Names<'_>) -> String {
    let Some(criterion) = audience else {
        return ALL_USERS.to_owned();
    };
    let Some((within, without)) = by_segments(criterion) else {
        return format!("those {}", plain(&criterion_spans(criterion, names)));
    };
    let joined = |ids: &[&str]| {
        let names = ids
            .iter()
            .map(|id| names(id).unwrap_or_else(|| (*id).to_owned()));
        names.collect::<Vec<_>>().join(" or ")
    };
    match (joined(&within), joined(&without)) {
        (within, without) if without.is_empty() => within,
        (within, without) if within.is_empty() => format!("{ALL_USERS} but {without}"),
        (within, without) => format!("{within} but not {without}"),
    }
}

/// The segments of a criterion that says: in one of these, and in none of those.
fn by_segments(criterion: &Criterion) -> Option<(Vec<&str>, Vec<&str>)> {
    fn segment(criterion: &Criterion) -> Option<&str> {
        match criterion {
            Criterion::Segment(segment) if segment.as_of.is_none() => Some(&segment.id),
            _ => None,
        }
    }
    let parts = match criterion {
        Criterion::All { of } => of.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (mut within, mut without) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Criterion::Not { of } => without.push(segment(of)?),
            _ if !within.is_empty() => return None,
            Criterion::Any { of } => within = of.iter().map(segment).collect::<Option<_>>()?,
            one => within.push(segment(one)?),
        }
    }
    (within.len() + without.len() > 0).then_some((within, without))
}

/// What an answer is broken down by: `plan of the user`, `In Buyers`.
#[must_use]
pub fn breakdown(by: &GroupBy, names: &Names<'_>) -> String {
    match by {
        GroupBy::Property(by) => {
            let whose = match by.scope {
                Scope::Event => "event",
                Scope::User => "user",
            };
            format!("{} of the {whose}", by.name)
        }
        GroupBy::Segment(by) => {
            let name = names(&by.segment);
            format!("In {}", name.as_ref().unwrap_or(&by.segment))
        }
    }
}

/// How instants and values are written.
#[derive(Clone, Copy)]
pub struct Formats<'a> {
    /// A day: `11 Nov 2026`.
    pub date: &'a dyn Fn(Instant) -> String,
    /// An instant: `11 Nov 2026, 09:00`.
    pub hour: &'a dyn Fn(Instant) -> String,
    /// A value of a property.
    pub value: &'a dyn Fn(&Value) -> String,
}

impl Formats<'_> {
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
pub fn selection_name(query: &Query, selection: &Selection, formats: Formats<'_>) -> String {
    let parts = match (query, selection) {
        (Query::Segmentation(query), Selection::Segmentation(selection)) => {
            of_segmentation(query, selection, formats)
        }
        (Query::Funnel(query), Selection::Funnel(selection)) => {
            of_funnel(query, selection, formats)
        }
        (Query::Funnel(query), Selection::Path(selection)) => of_path(query, selection, formats),
        (Query::Cohort(query), Selection::Cohort(selection)) => {
            of_cohort(query, selection, formats)
        }
        // A selection of another tool names nobody.
        _ => Vec::new(),
    };
    let name = parts.join(", ");
    if name.chars().count() <= MAX_SUGGESTED {
        return name;
    }
    let mut short: String = name.chars().take(MAX_SUGGESTED - 1).collect();
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
    formats: Formats<'_>,
) -> Vec<String> {
    let measure = query.measures.get(selection.measure as usize);
    let mut parts = vec![event_name(measure.map(|measure| &measure.event)).to_owned()];
    let group = selection.group.iter().flatten();
    parts.extend(group.zip(&query.group_by).map(|(value, by)| {
        let (name, is_segment) = match by {
            GroupBy::Property(property) => (property.name.as_str(), false),
            GroupBy::Segment(_) => ("segment", true),
        };
        formats.group(value.as_ref(), name, is_segment)
    }));
    parts.extend(
        selection
            .bucket
            .map(|start| formats.bucket(start, query.interval.unit())),
    );
    parts
}

fn of_funnel(
    query: &FunnelQuery,
    selection: &FunnelSelection,
    formats: Formats<'_>,
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
    parts.extend(funnel_group(query, selection.group.as_ref(), formats));
    let unit = query.interval.and_then(Interval::unit);
    parts.extend(selection.bucket.map(|start| formats.bucket(start, unit)));
    parts
}

fn of_path(query: &FunnelQuery, selection: &PathSelection, formats: Formats<'_>) -> Vec<String> {
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
    parts.extend(funnel_group(query, selection.group.as_ref(), formats));
    parts
}

fn funnel_group(
    query: &FunnelQuery,
    group: Option<&Group>,
    formats: Formats<'_>,
) -> Option<String> {
    let value = group.and_then(|group| group.first())?;
    let (name, is_segment) = match query.group_by.as_ref()? {
        FunnelGroupBy::Property(property) => (property.name.as_str(), false),
        FunnelGroupBy::Segment(_) => ("segment", true),
    };
    Some(formats.group(value.as_ref(), name, is_segment))
}

fn of_cohort(
    query: &CohortQuery,
    selection: &CohortSelection,
    formats: Formats<'_>,
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
                .map_or_else(String::new, |start| formats.bucket(start, Some(unit))),
            GenerationBy::Property { name, .. } => formats.group(value.as_ref(), name, false),
            GenerationBy::Segment { .. } => formats.group(value.as_ref(), "segment", true),
        }
    }));
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use crate::query::Query;
    use crate::selection::Selection;
    use crate::{Criterion, Instant, Value};
    use serde_json::{Value as Json, json};

    use super::{Formats, audience, selection_name};

    fn named(query: Json, selection: Json) -> String {
        let query: Query = serde_json::from_value(query).unwrap();
        let selection: Selection = serde_json::from_value(selection).unwrap();
        selection_name(
            &query,
            &selection,
            Formats {
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
    fn audiences_are_named_by_their_segments() {
        let audience = |of: Json| {
            let criterion: Criterion = serde_json::from_value(of).unwrap();
            audience(Some(&criterion), &|id| Some(id.to_uppercase()))
        };
        let segment = |id: &str| json!({"type": "segment", "id": id});
        let not = |id: &str| json!({"type": "not", "of": segment(id)});
        let any = |of: Json| json!({"type": "any", "of": of});
        let all = |of: Json| json!({"type": "all", "of": of});
        assert_eq!(audience(any(json!([segment("a"), segment("b")]))), "A or B");
        assert_eq!(audience(not("a")), "All users but A");
        assert_eq!(
            audience(all(json!([segment("b"), not("a"), not("c")]))),
            "B but not A or C"
        );
        let both = audience(all(json!([segment("a"), segment("b")])));
        assert!(both.starts_with("those who "), "{both}");
        assert!(both.contains('A') && both.contains('B'), "{both}");
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
