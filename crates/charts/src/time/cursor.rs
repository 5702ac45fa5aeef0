//! The cursor of a chart: what the keys do with it, and what is said of the point under it.

use crate::time::{Figures, TimeChart};

/// Where the cursor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The bucket; none: nowhere yet.
    pub bucket: Option<usize>,
    pub series: usize,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The cursor goes there.
    Go(Cursor),
    /// What is under it is chosen.
    Choose,
    /// The cursor goes away.
    Leave,
}

impl Cursor {
    /// What a key does to the cursor of a chart of so many buckets and series; none: nothing.
    #[must_use]
    pub fn key(self, key: &str, buckets: usize, series: usize) -> Option<Deed> {
        let last = buckets.checked_sub(1)?;
        let Some(from) = self.bucket.map(|bucket| bucket.min(last)) else {
            // From nowhere every move leads to the newest bucket, except to the oldest.
            let bucket = match key {
                "Home" => 0,
                "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown"
                | "End" => last,
                _ => return None,
            };
            return Some(Deed::Go(Self {
                bucket: Some(bucket),
                ..self
            }));
        };
        let page = (buckets / 10).max(2);
        let bucket = match key {
            "ArrowLeft" => from.saturating_sub(1),
            "ArrowRight" => (from + 1).min(last),
            "PageUp" => from.saturating_sub(page),
            "PageDown" => (from + page).min(last),
            "Home" => 0,
            "End" => last,
            "ArrowUp" | "ArrowDown" => from,
            "Enter" | " " => return Some(Deed::Choose),
            "Escape" => return Some(Deed::Leave),
            _ => return None,
        };
        let series = match key {
            "ArrowUp" => self.series.saturating_sub(1),
            "ArrowDown" => (self.series + 1).min(series.saturating_sub(1)),
            _ => self.series,
        };
        Some(Deed::Go(Self {
            bucket: Some(bucket),
            series,
        }))
    }
}

/// A series' figure at a bucket, as it is written; a dash where there is none.
#[must_use]
pub fn figure(values: &[Option<f64>], bucket: usize, write: impl Fn(f64) -> String) -> String {
    values
        .get(bucket)
        .copied()
        .flatten()
        .map_or_else(|| "–".to_owned(), write)
}

/// The point under the cursor in words: `Wed 11 Nov 2026, Mobile, 168 users. Previous period: 97.`
#[must_use]
pub fn sentence(chart: &TimeChart, at: Cursor, write: impl Fn(Figures, f64) -> String) -> String {
    let Some((place, bucket)) = at
        .bucket
        .and_then(|place| Some((place, chart.buckets.get(place)?)))
    else {
        return String::new();
    };
    let Some(series) = chart.series.get(at.series) else {
        return bucket.long.clone();
    };
    let said = |values: &[Option<f64>]| match values.get(place).copied().flatten() {
        Some(value) => write(chart.figures, value),
        None => "no data".to_owned(),
    };
    let figure = said(&series.values);
    let unit = match series.values.get(place).copied().flatten() {
        None => "",
        // 1 user, 1 event.
        Some(1.0) => series.unit.strip_suffix('s').unwrap_or(&series.unit),
        Some(_) => &series.unit,
    };
    let mut sentence = [&bucket.long, &series.name]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| format!("{part}, "))
        .collect::<String>();
    sentence.push_str(&figure);
    if !unit.is_empty() {
        sentence.push(' ');
        sentence.push_str(unit);
    }
    sentence.push('.');
    if !series.previous.is_empty() {
        sentence.push_str(&format!(" Previous period: {}.", said(&series.previous)));
    }
    if !bucket.complete {
        sentence.push_str(" Partial interval.");
    } else if series.is_running(place) {
        sentence.push_str(" Still running.");
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Deed, sentence};
    use crate::time::{TimeBucket, TimeChart, TimeSeries};

    fn at(bucket: usize, series: usize) -> Cursor {
        Cursor {
            bucket: Some(bucket),
            series,
        }
    }

    #[test]
    fn keys_move_over_buckets_and_series_and_stop_at_the_ends() {
        let nowhere = Cursor::default();
        assert_eq!(nowhere.key("ArrowLeft", 30, 3), Some(Deed::Go(at(29, 0))));
        assert_eq!(nowhere.key("Home", 30, 3), Some(Deed::Go(at(0, 0))));
        assert_eq!(nowhere.key("Enter", 30, 3), None);
        assert_eq!(nowhere.key("Escape", 30, 3), None);
        assert_eq!(at(5, 1).key("ArrowLeft", 30, 3), Some(Deed::Go(at(4, 1))));
        assert_eq!(
            at(29, 1).key("ArrowRight", 30, 3),
            Some(Deed::Go(at(29, 1)))
        );
        assert_eq!(at(5, 1).key("PageDown", 30, 3), Some(Deed::Go(at(8, 1))));
        assert_eq!(at(1, 1).key("PageUp", 30, 3), Some(Deed::Go(at(0, 1))));
        assert_eq!(at(5, 1).key("End", 30, 3), Some(Deed::Go(at(29, 1))));
        assert_eq!(at(5, 1).key("ArrowDown", 30, 3), Some(Deed::Go(at(5, 2))));
        assert_eq!(at(5, 2).key("ArrowDown", 30, 3), Some(Deed::Go(at(5, 2))));
        assert_eq!(at(5, 1).key("ArrowUp", 30, 3), Some(Deed::Go(at(5, 0))));
        assert_eq!(at(5, 1).key("Enter", 30, 3), Some(Deed::Choose));
        assert_eq!(at(5, 1).key("Escape", 30, 3), Some(Deed::Leave));
        assert_eq!(at(5, 1).key("a", 30, 3), None);
        // A chart that has become shorter since.
        assert_eq!(at(50, 1).key("ArrowLeft", 30, 3), Some(Deed::Go(at(28, 1))));
        assert_eq!(nowhere.key("ArrowLeft", 0, 0), None);
    }

    #[test]
    fn a_point_is_said_with_all_that_is_seen_of_it() {
        let mut chart = TimeChart {
            buckets: vec![TimeBucket {
                long: "Wed 11 Nov 2026".to_owned(),
                complete: true,
                ..TimeBucket::default()
            }],
            series: vec![TimeSeries {
                name: "Mobile".to_owned(),
                unit: "users".to_owned(),
                values: vec![Some(168.0)],
                ..TimeSeries::default()
            }],
            ..TimeChart::default()
        };
        let said = |chart: &TimeChart| sentence(chart, at(0, 0), |_, value| value.to_string());
        assert_eq!(said(&chart), "Wed 11 Nov 2026, Mobile, 168 users.");
        chart.series[0].previous = vec![None];
        chart.buckets[0].complete = false;
        assert_eq!(
            said(&chart),
            "Wed 11 Nov 2026, Mobile, 168 users. Previous period: no data. Partial interval."
        );
        chart.buckets[0].complete = true;
        chart.series[0].running_from = Some(0);
        assert!(said(&chart).ends_with(" Still running."));
        chart.series[0].values = vec![Some(1.0)];
        assert!(said(&chart).starts_with("Wed 11 Nov 2026, Mobile, 1 user."));
        // What is missing has no unit, and a series alone no name.
        chart.series[0].values = vec![None];
        chart.series[0].name.clear();
        assert!(said(&chart).starts_with("Wed 11 Nov 2026, no data."));
        assert_eq!(
            sentence(&chart, Cursor::default(), |_, _| String::new()),
            ""
        );
    }
}
