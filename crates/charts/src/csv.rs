//! The figures of charts as CSV and as rows of tables.

use chrono::NaiveTime;

use crate::time::{TimeBucket, TimeChart, TimeSeries};

/// A table as CSV by RFC 4180. A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a
/// tab or a carriage return, and is no number) gets an apostrophe before it: what users typed is not to be trusted.
#[must_use]
pub fn csv<'a, R, F>(rows: R) -> String
where
    R: IntoIterator<Item = F>,
    F: IntoIterator<Item = &'a str>,
{
    let mut text = String::new();
    for row in rows {
        for (place, field) in row.into_iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            push_field(&mut text, field);
        }
        text.push_str("\r\n");
    }
    text
}

fn push_field(text: &mut String, field: &str) {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r'])
        && field
            .parse::<f64>()
            .map_or(true, |number| !number.is_finite());
    if !is_formula && !field.contains(['"', ',', '\n', '\r']) && field.trim() == field {
        text.push_str(field);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}

/// A chart over time as CSV: a row a bucket, with its start by the clock of the zone and whether it is whole; a column a
/// series with its unit, and one for its range before. Figures are plain numbers.
#[must_use]
pub fn time_csv(chart: &TimeChart, zone: &str) -> String {
    let has_starts = chart.buckets.iter().all(|bucket| bucket.start.is_some());
    // Days and what is longer begin with the day.
    let whole_days = chart
        .buckets
        .iter()
        .filter_map(|bucket| bucket.start)
        .all(|start| start.time() == NaiveTime::MIN);
    let name = |bucket: &TimeBucket| match bucket.start.filter(|_| has_starts) {
        Some(start) if whole_days => start.format("%Y-%m-%d").to_string(),
        Some(start) => start.format("%Y-%m-%dT%H:%M%:z").to_string(),
        None => bucket.long.clone(),
    };
    let head = if has_starts && !chart.buckets.is_empty() {
        format!("Start ({zone})")
    } else {
        "Time".to_owned()
    };
    let columns = time_columns(chart, |series| match series.unit.as_str() {
        "" => series.name.clone(),
        unit => format!("{} ({unit})", series.name),
    });
    let mut rows = vec![vec![head, "Complete".to_owned()]];
    for bucket in &chart.buckets {
        let whole = if bucket.complete { "yes" } else { "no" };
        rows.push(vec![name(bucket), whole.to_owned()]);
    }
    for (name, values) in columns {
        for (place, row) in rows.iter_mut().enumerate() {
            row.push(match place.checked_sub(1) {
                None => name.clone(),
                Some(bucket) => cell(values, bucket, |value| value.to_string()),
            });
        }
    }
    csv(rows.iter().map(|row| row.iter().map(String::as_str)))
}

/// The columns of a chart over time: each series under its name, and its range before.
fn time_columns(
    chart: &TimeChart,
    name: impl Fn(&TimeSeries) -> String,
) -> Vec<(String, &[Option<f64>])> {
    let mut columns = Vec::new();
    for series in &chart.series {
        let own = name(series);
        let before = format!("{own}, previous period");
        columns.push((own, series.values.as_slice()));
        if !series.previous.is_empty() {
            columns.push((before, series.previous.as_slice()));
        }
    }
    columns
}

fn cell(values: &[Option<f64>], bucket: usize, write: impl Fn(f64) -> String) -> String {
    values
        .get(bucket)
        .copied()
        .flatten()
        .map(write)
        .unwrap_or_default()
}

/// The names of the columns.
#[must_use]
pub fn time_head(chart: &TimeChart, head: &str) -> Vec<String> {
    let columns = time_columns(chart, |series| series.name.clone());
    std::iter::once(head.to_owned())
        .chain(columns.into_iter().map(|(name, _)| name))
        .collect()
}

/// The cells of a bucket; an empty one where there is no figure.
#[must_use]
pub fn time_row(chart: &TimeChart, bucket: usize, write: impl Fn(f64) -> String) -> Vec<String> {
    let name = chart
        .buckets
        .get(bucket)
        .map(|bucket| bucket.long.clone())
        .unwrap_or_default();
    let columns = time_columns(chart, |_| String::new());
    std::iter::once(name)
        .chain(
            columns
                .into_iter()
                .map(|(_, values)| cell(values, bucket, &write)),
        )
        .collect()
}

/// A title as the name of a file: `buyers-by-device.csv`.
#[must_use]
pub fn file_name(title: &str, ending: &str) -> String {
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(80).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        format!("chart.{ending}")
    } else {
        format!("{name}.{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::{csv, file_name, time_csv};
    use crate::time::{TimeBucket, TimeChart, TimeSeries};

    #[test]
    fn csv_quotes_what_has_to_be_and_lets_no_formula_through() {
        let rows = [
            vec!["plain", "a, b", "say \"hi\"", " room ", "two\nlines"],
            vec!["=1+1", "@x", "-5", "+a", "-"],
            vec!["", "inf", "-inf", "\tx"],
        ];
        assert_eq!(
            csv(rows),
            "plain,\"a, b\",\"say \"\"hi\"\"\",\" room \",\"two\nlines\"\r\n\
             \"'=1+1\",\"'@x\",-5,\"'+a\",\"'-\"\r\n\
             ,inf,\"'-inf\",\"'\tx\"\r\n"
        );
    }

    #[test]
    fn a_chart_over_time_becomes_a_row_a_bucket() {
        let bucket = |start: &str, complete| TimeBucket {
            long: "A day".to_owned(),
            start: Some(start.parse().unwrap()),
            complete,
            ..TimeBucket::default()
        };
        let mut chart = TimeChart {
            buckets: vec![
                bucket("2026-10-31T00:00:00-04:00", true),
                bucket("2026-11-02T00:00:00-05:00", false),
            ],
            series: vec![
                TimeSeries {
                    name: "Mobile".to_owned(),
                    unit: "users".to_owned(),
                    values: vec![Some(1.0), None],
                    previous: vec![None, Some(0.5)],
                    ..TimeSeries::default()
                },
                TimeSeries {
                    name: "=cmd".to_owned(),
                    values: vec![Some(-2.25)],
                    ..TimeSeries::default()
                },
            ],
            ..TimeChart::default()
        };
        assert_eq!(
            time_csv(&chart, "America/New_York"),
            "Start (America/New_York),Complete,Mobile (users),\"Mobile (users), previous period\",\"'=cmd\"\r\n\
             2026-10-31,yes,1,,-2.25\r\n\
             2026-11-02,no,,0.5,\r\n"
        );
        // Hours are told apart where the clock shows one of them twice.
        chart.series.clear();
        chart.buckets = vec![
            bucket("2026-11-01T01:00:00-04:00", true),
            bucket("2026-11-01T01:00:00-05:00", true),
        ];
        assert_eq!(
            time_csv(&chart, "America/New_York"),
            "Start (America/New_York),Complete\r\n\
             2026-11-01T01:00-04:00,yes\r\n\
             2026-11-01T01:00-05:00,yes\r\n"
        );
        // What is no stretch of time has its name.
        chart.buckets = vec![TimeBucket {
            long: "Week 1".to_owned(),
            complete: true,
            ..TimeBucket::default()
        }];
        assert_eq!(time_csv(&chart, "UTC"), "Time,Complete\r\nWeek 1,yes\r\n");
    }

    #[test]
    fn files_are_named_by_the_title() {
        assert_eq!(
            file_name("Buyers & order value, by device", "csv"),
            "buyers-order-value-by-device.csv"
        );
        assert_eq!(file_name("../../etc", "svg"), "etc.svg");
        assert_eq!(file_name("Käufer", "png"), "käufer.png");
        assert_eq!(file_name(" – ", "png"), "chart.png");
        assert!(file_name(&"long ".repeat(99), "csv").len() <= 84);
    }
}
