//! Ranges in few words: their names, and what they come to.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};

use crate::Range;
use crate::range::{CalendarUnit, LocalBounds};

/// A short name of a range: "Last 30 days", "25 Oct – 23 Nov 2026".
#[must_use]
pub fn range_title(range: &Range) -> String {
    match *range {
        Range::AllTime {} => "All time".to_owned(),
        Range::This {
            unit: CalendarUnit::Day,
        }
        | Range::Last {
            count: 1,
            unit: CalendarUnit::Day,
            complete: false,
        } => "Today".to_owned(),
        Range::Last {
            count: 1,
            unit: CalendarUnit::Day,
            complete: true,
        } => "Yesterday".to_owned(),
        Range::This { unit }
        | Range::Last {
            count: 1,
            unit,
            complete: false,
        } => format!("This {}", unit.word()),
        Range::Last {
            count: 1,
            unit,
            complete: true,
        } => format!("Last full {}", unit.word()),
        Range::Last {
            count,
            unit,
            complete,
        } => {
            let full = if complete { "full " } else { "" };
            format!("Last {count} {full}{}s", unit.word())
        }
        Range::Between { from, to } => days(from, to),
        Range::Since { from } => format!("Since {}", short_date(from)),
        Range::Ago { .. } | Range::Instants { .. } => {
            let words = super::range(range);
            let words = words.strip_prefix("from ").unwrap_or(&words);
            super::capital(words)
        }
    }
}

/// What a range comes to, beside its title: its days, of days that were chosen how many they are.
#[must_use]
pub fn range_days(range: &Range, bounds: LocalBounds) -> Option<String> {
    if bounds.is_empty() {
        return Some("nothing so far".to_owned());
    }
    let start = bounds.start?;
    match range {
        Range::AllTime {} | Range::Instants { .. } => None,
        Range::Between { .. } | Range::Since { .. } => {
            let count = (bounds.last_day() - start.date()).num_days() + 1;
            Some(format!(
                "{count} {}",
                if count == 1 { "day" } else { "days" }
            ))
        }
        _ if is_of_hours(range) => Some(if start.date() == bounds.end.date() {
            format!(
                "{}, {} \u{2013} {}",
                short_date(start.date()),
                start.format("%H:%M"),
                bounds.end.format("%H:%M")
            )
        } else {
            format!(
                "{} \u{2013} {}",
                start.format("%-d %b, %H:%M"),
                bounds.end.format("%-d %b, %H:%M")
            )
        }),
        _ => Some(days(start.date(), bounds.last_day())),
    }
}

/// The bounds of a range in full: "25 Oct 2026 00:00 to 23 Nov 2026, now".
#[must_use]
pub fn bounds(bounds: LocalBounds) -> String {
    if bounds.is_empty() {
        return "No time so far: the range starts after now, or ends before it starts".to_owned();
    }
    let end = if bounds.is_open {
        format!("{}, now", short_date(bounds.end.date()))
    } else {
        date_time(bounds.end)
    };
    bounds.start.map_or_else(
        || format!("From the first event to {end}"),
        |start| format!("{} to {end}", date_time(start)),
    )
}

/// The days from one to another: "25 Oct – 23 Nov 2026".
fn days(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return short_date(first);
    }
    let start = if first.year() != last.year() {
        "%-d %b %Y"
    } else if first.month() != last.month() {
        "%-d %b"
    } else {
        "%-d"
    };
    format!("{} \u{2013} {}", first.format(start), short_date(last))
}

fn short_date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

fn date_time(time: NaiveDateTime) -> String {
    time.format("%-d %b %Y %H:%M").to_string()
}

const fn is_of_hours(range: &Range) -> bool {
    match range {
        Range::Last { unit, .. } | Range::This { unit } => matches!(unit, CalendarUnit::Hour),
        Range::Ago { from, to } => {
            matches!(from.unit, CalendarUnit::Hour) || matches!(to.unit, CalendarUnit::Hour)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{bounds, range_days, range_title};
    use crate::range::{Ago, CalendarUnit, LocalBounds};
    use crate::{Instant, Range};

    /// The bounds in UTC as of 23 November 2026, 09:14.
    fn local(range: &Range) -> LocalBounds {
        let as_of = Instant::parse("2026-11-23T09:14:00Z").unwrap();
        range.local_bounds(as_of, |instant| instant.to_utc().naive_utc())
    }

    fn between(from: &str, to: &str) -> Range {
        Range::Between {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    const fn last(count: u32, unit: CalendarUnit, complete: bool) -> Range {
        Range::Last {
            count,
            unit,
            complete,
        }
    }

    #[test]
    fn every_range_has_a_short_name_and_its_days() {
        use CalendarUnit::{Day, Hour, Month, Week};
        let ago = |from, to| Range::Ago {
            from: Ago {
                count: from,
                unit: Day,
            },
            to: Ago {
                count: to,
                unit: Day,
            },
        };
        let since = Range::Since {
            from: "2026-11-01".parse().unwrap(),
        };
        for (range, name, days) in [
            (
                last(30, Day, false),
                "Last 30 days",
                Some("25 Oct \u{2013} 23 Nov 2026"),
            ),
            (Range::This { unit: Day }, "Today", Some("23 Nov 2026")),
            (last(1, Day, true), "Yesterday", Some("22 Nov 2026")),
            (
                last(1, Week, true),
                "Last full week",
                Some("16 \u{2013} 22 Nov 2026"),
            ),
            (
                last(2, Month, true),
                "Last 2 full months",
                Some("1 Sep \u{2013} 31 Oct 2026"),
            ),
            (
                last(12, Month, false),
                "Last 12 months",
                Some("1 Dec 2025 \u{2013} 23 Nov 2026"),
            ),
            (
                last(3, Hour, false),
                "Last 3 hours",
                Some("23 Nov 2026, 07:00 \u{2013} 09:14"),
            ),
            (
                last(12, Hour, true),
                "Last 12 full hours",
                Some("22 Nov, 21:00 \u{2013} 23 Nov, 09:00"),
            ),
            (
                ago(60, 31),
                "60 to 31 days ago",
                Some("24 Sep \u{2013} 23 Oct 2026"),
            ),
            (
                between("2024-02-29", "2025-01-01"),
                "29 Feb 2024 \u{2013} 1 Jan 2025",
                Some("308 days"),
            ),
            (
                between("2026-11-20", "2026-11-20"),
                "20 Nov 2026",
                Some("1 day"),
            ),
            (
                between("2026-12-01", "2026-12-24"),
                "1 \u{2013} 24 Dec 2026",
                Some("nothing so far"),
            ),
            (since, "Since 1 Nov 2026", Some("23 days")),
            (Range::AllTime {}, "All time", None),
        ] {
            assert_eq!(range_title(&range), name);
            assert_eq!(range_days(&range, local(&range)).as_deref(), days, "{name}");
        }
    }

    #[test]
    fn bounds_are_spelled_out() {
        for (range, words) in [
            (
                last(30, CalendarUnit::Day, false),
                "25 Oct 2026 00:00 to 23 Nov 2026, now",
            ),
            (
                between("2026-10-31", "2026-11-01"),
                "31 Oct 2026 00:00 to 2 Nov 2026 00:00",
            ),
            (
                Range::AllTime {},
                "From the first event to 23 Nov 2026, now",
            ),
        ] {
            assert_eq!(bounds(local(&range)), words);
        }
        let none = bounds(local(&between("2027-01-01", "2027-01-02")));
        assert!(none.starts_with("No time so far"), "{none}");
    }
}
