//! Answers as short lines, so that a case can say what it expects.

use chrono_tz::Tz;
use segments_model::answer::{
    Answer, Bucket, CohortAnswer, CohortCell, FunnelAnswer, FunnelStep, SegmentationAnswer,
};
use segments_model::{Instant, Value};

/// The lines of an answer.
pub fn answer(answer: &Answer, zone: Tz) -> Vec<String> {
    match answer {
        Answer::Segmentation(answer) => segmentation(answer, zone),
        Answer::Funnel(answer) => funnel(answer, zone),
        Answer::Cohort(answer) => cohort(answer, zone),
    }
}

fn segmentation(answer: &SegmentationAnswer, zone: Tz) -> Vec<String> {
    let mut lines = vec![
        format!("buckets {}", buckets(&answer.buckets, zone)),
        format!("left_out {}", answer.groups_left_out),
    ];
    let mut names = Vec::new();
    for series in &answer.series {
        let name = match (series.measure, series.formula) {
            (Some(row), _) => char::from(b'A' + row as u8).to_string(),
            (None, formula) => format!("F{}", formula.unwrap() + 1),
        };
        let name = match series.group.as_slice() {
            [] => name,
            group => format!("{name} {}", self::group(group)),
        };
        if series.measure == Some(0) {
            names.push(group(&series.group));
        }
        lines.push(format!("{name} values {}", numbers(&series.values)));
        lines.push(format!("{name} total {}", number(series.total)));
        if let Some(previous) = &series.previous {
            lines.push(format!(
                "{name} before values {}",
                numbers(&previous.values)
            ));
            lines.push(format!("{name} before total {}", number(previous.total)));
        }
    }
    lines.push(format!("groups {}", listed(names)));
    if let Some(previous) = &answer.previous {
        let (start, end) = (time(previous.start, zone), time(previous.end, zone));
        lines.push(format!("before {start} {end}"));
        lines.push(format!(
            "before buckets {}",
            buckets(&previous.buckets, zone)
        ));
    } else {
        lines.push("before none".to_owned());
    }
    lines
}

fn funnel(answer: &FunnelAnswer, zone: Tz) -> Vec<String> {
    let mut lines = vec![format!("left_out {}", answer.groups_left_out)];
    let mut names = Vec::new();
    for group in &answer.groups {
        let name = match group.group.as_slice() {
            [] => "all".to_owned(),
            values => self::group(values),
        };
        names.push(name.clone());
        lines.extend(steps(&name, &group.steps));
        let (median, average) = (number(group.median_seconds), number(group.average_seconds));
        lines.push(format!("{name} converting {median} {average}"));
        let times = group.times.iter().map(|stretch| {
            let to = stretch
                .to_seconds
                .map_or(String::new(), |to| to.to_string());
            format!("{}-{to}:{}", stretch.from_seconds, stretch.users)
        });
        lines.push(format!("{name} times {}", listed(times)));
        let paths = group.paths.iter().map(|path| {
            let steps: Vec<String> = path.steps.iter().map(u32::to_string).collect();
            format!("{}:{}", steps.join(","), path.users)
        });
        lines.push(format!("{name} paths {}", listed(paths)));
        for bucket in &group.buckets {
            let name = format!("{name} {}", buckets(&[bucket.bucket], zone));
            lines.extend(steps(&name, &bucket.steps));
        }
    }
    lines.push(format!("groups {}", listed(names)));
    lines
}

fn steps(name: &str, steps: &[FunnelStep]) -> Vec<String> {
    let line = |what: &str, figure: &dyn Fn(&FunnelStep) -> Option<f64>| {
        let figures: Vec<Option<f64>> = steps.iter().map(figure).collect();
        format!("{name} {what} {}", numbers(&figures))
    };
    vec![
        line("reached", &|step| Some(step.users as f64)),
        line("pending", &|step| Some(step.pending as f64)),
        line("of_first", &|step| step.from_start),
        line("of_previous", &|step| step.from_previous),
        line("median", &|step| step.median_seconds),
        line("average", &|step| step.average_seconds),
    ]
}

fn cohort(answer: &CohortAnswer, zone: Tz) -> Vec<String> {
    let mut lines = vec![format!("left_out {}", answer.groups_left_out)];
    let mut names = Vec::new();
    for row in &answer.rows {
        let instant = match &row.generation {
            Some(Value::String(text)) => Instant::parse(text).ok(),
            _ => None,
        };
        let name = match instant {
            Some(instant) => time(instant, zone),
            None => value(row.generation.as_ref()),
        };
        names.push(format!("{name}={}", row.users));
        lines.push(format!("{name} {}", cells(&row.cells)));
    }
    lines.push(format!("rows {}", listed(names)));
    let units = answer.units.iter().map(|unit| time(*unit, zone));
    lines.push(format!("units {}", listed(units)));
    let overall = &answer.overall;
    lines.push(format!(
        "overall {}: {}",
        overall.users,
        cells(&overall.cells)
    ));
    lines
}

/// `value/users` of each cell, with a `~` where it is not complete.
fn cells(cells: &[CohortCell]) -> String {
    listed(cells.iter().map(|cell| {
        let open = if cell.complete { "" } else { "~" };
        format!("{}/{}{open}", number(cell.value), cell.users)
    }))
}

/// The first instant of each bucket, with a `~` where it is not complete.
fn buckets(buckets: &[Bucket], zone: Tz) -> String {
    listed(buckets.iter().map(|bucket| {
        let open = if bucket.complete { "" } else { "~" };
        let start = bucket.start.map(|start| time(start, zone));
        format!("{}{open}", start.unwrap_or_else(|| "…".to_owned()))
    }))
}

/// The local time, as short as it can be.
fn time(instant: Instant, zone: Tz) -> String {
    let local = chrono::DateTime::from_timestamp_millis(instant.millis())
        .unwrap()
        .with_timezone(&zone);
    let text = local.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    let text = text.trim_end_matches(".000").trim_end_matches(":00");
    text.trim_end_matches("T00").to_owned()
}

fn listed(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() {
        "none".to_owned()
    } else {
        items.join(" ")
    }
}

fn group(values: &[Option<Value>]) -> String {
    let values: Vec<String> = values.iter().map(|one| value(one.as_ref())).collect();
    format!("[{}]", values.join(","))
}

fn value(value: Option<&Value>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Value::Boolean(boolean)) => boolean.to_string(),
        Some(Value::Number(_)) => number(value.and_then(|value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })),
        Some(Value::String(text)) => word(text),
    }
}

/// A text, in quotation marks where it would not be one word.
pub fn word(text: &str) -> String {
    if text.is_empty() || text.contains(' ') {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

fn numbers(figures: &[Option<f64>]) -> String {
    listed(figures.iter().map(|figure| number(*figure)))
}

/// A number with at most six decimals; `-` where it is missing.
fn number(figure: Option<f64>) -> String {
    let Some(figure) = figure else {
        return "-".to_owned();
    };
    let text = format!("{figure:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
