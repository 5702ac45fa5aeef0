//! The form of a range.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};
use segments_model::range::{Ago, CalendarUnit, LocalBounds};
use segments_model::{Instant, Range, sentence};
use serde::{Deserialize, Serialize};

use crate::error::{Errors, FormError};
use crate::number::Entry;

/// The most units that a range may count.
const MOST_UNITS: u32 = 10_000;

/// Which sort of range the form is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeKind {
    /// The running unit and those before it.
    #[default]
    Last,
    /// Whole units before the running one.
    Complete,
    /// The running unit.
    This,
    /// Two days and all between them.
    Between,
    /// A day and all after it.
    Since,
    /// From so long ago to so long ago.
    Ago,
    /// No bounds.
    AllTime,
    /// Two instants; never made by hand, only kept.
    Instants,
}

impl RangeKind {
    /// Those that can be chosen, in the order of the form. Two instants can only be kept.
    pub const CHOICES: [Self; 7] = [
        Self::Last,
        Self::Complete,
        Self::This,
        Self::Between,
        Self::Since,
        Self::Ago,
        Self::AllTime,
    ];

    /// Its name in the form.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Last => "In the last",
            Self::Complete => "In the last complete",
            Self::This => "This",
            Self::Between => "Between two days",
            Self::Since => "Since a day",
            Self::Ago => "From \u{2026} to \u{2026} ago",
            Self::AllTime => "At any time",
            Self::Instants => "Between two instants",
        }
    }
}

/// The form of a range. What was typed for one kind is kept while another is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RangeForm {
    /// Which part of the form counts.
    pub kind: RangeKind,
    /// How many units.
    pub count: Entry,
    /// The unit.
    pub unit: CalendarUnit,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day, `YYYY-MM-DD`.
    pub to: String,
    /// How many units back the range starts.
    pub ago_from: Entry,
    /// How many units back it ends.
    pub ago_to: Entry,
    /// The unit that it starts with.
    pub ago_from_unit: CalendarUnit,
    /// The unit that it ends with.
    pub ago_to_unit: CalendarUnit,
    /// The two instants, where the range came with such.
    pub instants: Option<(Instant, Instant)>,
}

impl Default for RangeForm {
    /// The last 30 days.
    fn default() -> Self {
        Self {
            kind: RangeKind::Last,
            count: Entry::from(30),
            unit: CalendarUnit::Day,
            from: String::new(),
            to: String::new(),
            ago_from: Entry::from(60),
            ago_to: Entry::from(31),
            ago_from_unit: CalendarUnit::Day,
            ago_to_unit: CalendarUnit::Day,
            instants: None,
        }
    }
}

impl From<&Range> for RangeForm {
    fn from(range: &Range) -> Self {
        let form = Self::default();
        match *range {
            Range::AllTime {} => Self {
                kind: RangeKind::AllTime,
                ..form
            },
            Range::Last {
                count,
                unit,
                complete,
            } => Self {
                kind: if complete {
                    RangeKind::Complete
                } else {
                    RangeKind::Last
                },
                count: Entry::from(count),
                unit,
                ..form
            },
            Range::This { unit } => Self {
                kind: RangeKind::This,
                unit,
                ..form
            },
            Range::Between { from, to } => Self {
                kind: RangeKind::Between,
                from: from.to_string(),
                to: to.to_string(),
                ..form
            },
            Range::Since { from } => Self {
                kind: RangeKind::Since,
                from: from.to_string(),
                ..form
            },
            Range::Ago { from, to } => Self {
                kind: RangeKind::Ago,
                ago_from: Entry::from(from.count),
                ago_from_unit: from.unit,
                ago_to: Entry::from(to.count),
                ago_to_unit: to.unit,
                ..form
            },
            Range::Instants { start, end } => Self {
                kind: RangeKind::Instants,
                instants: Some((start, end)),
                ..form
            },
        }
    }
}

impl RangeForm {
    /// The range that the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place in the range.
    pub fn range(&self) -> Result<Range, Vec<FormError>> {
        let mut errors = Errors::default();
        let range = match self.kind {
            RangeKind::AllTime => Some(Range::AllTime {}),
            RangeKind::Last | RangeKind::Complete => errors
                .note("/count", self.count.whole(1, MOST_UNITS))
                .map(|count| Range::Last {
                    count,
                    unit: self.unit,
                    complete: self.kind == RangeKind::Complete,
                }),
            RangeKind::This => Some(Range::This { unit: self.unit }),
            RangeKind::Between => {
                let from = errors.note("/from", day(&self.from));
                let to = errors.note("/to", day(&self.to));
                match (from, to) {
                    (Some(from), Some(to)) if to < from => errors.note(
                        "/to",
                        Err("The last day must not lie before the first".to_owned()),
                    ),
                    (Some(from), Some(to)) => Some(Range::Between { from, to }),
                    _ => None,
                }
            }
            RangeKind::Since => errors
                .note("/from", day(&self.from))
                .map(|from| Range::Since { from }),
            RangeKind::Ago => {
                let from = errors.note("/from/count", self.ago_from.whole(0, MOST_UNITS));
                let to = errors.note("/to/count", self.ago_to.whole(0, MOST_UNITS));
                from.zip(to).and_then(|(from, to)| {
                    if self.ago_from_unit == self.ago_to_unit && from < to {
                        return errors.note(
                            "/to/count",
                            Err("The end must not lie before the start".to_owned()),
                        );
                    }
                    Some(Range::Ago {
                        from: Ago {
                            count: from,
                            unit: self.ago_from_unit,
                        },
                        to: Ago {
                            count: to,
                            unit: self.ago_to_unit,
                        },
                    })
                })
            }
            RangeKind::Instants => match self.instants {
                Some((start, end)) => Some(Range::Instants { start, end }),
                None => errors.note("", Err("Choose when".to_owned())),
            },
        };
        errors.finish(range)
    }

    /// The same form about another kind of range. The days of what it was about are filled in where none were chosen yet, so
    /// that a calendar begins with them.
    #[must_use]
    pub fn of_kind(mut self, kind: RangeKind, bounds: Option<LocalBounds>) -> Self {
        self.kind = kind;
        if self.from.is_empty()
            && self.to.is_empty()
            && let Some(bounds) = bounds
            && let Some(start) = bounds.start
        {
            let needs_days = matches!(kind, RangeKind::Between | RangeKind::Since);
            if needs_days {
                self.from = start.date().to_string();
                self.to = bounds.last_day().to_string();
            }
        }
        self
    }

    /// The form of a range, with what was typed for other kinds still there.
    #[must_use]
    pub fn with(self, range: &Range) -> Self {
        let other = Self::from(range);
        match other.kind {
            RangeKind::Last | RangeKind::Complete => Self {
                kind: other.kind,
                count: other.count,
                unit: other.unit,
                ..self
            },
            RangeKind::This => Self {
                kind: other.kind,
                unit: other.unit,
                ..self
            },
            RangeKind::AllTime => Self {
                kind: other.kind,
                ..self
            },
            RangeKind::Between | RangeKind::Since | RangeKind::Ago | RangeKind::Instants => other,
        }
    }

    /// The days that the form has, for a calendar: with no last day so far up to another one.
    #[must_use]
    pub fn days(&self, until: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let from = day(&self.from).ok()?;
        let to = if self.kind == RangeKind::Since {
            until.max(from)
        } else {
            day(&self.to).ok()?
        };
        (from <= to).then_some((from, to))
    }

    /// The range in words, or what the form says so far.
    #[must_use]
    pub fn words(&self) -> String {
        self.range().map_or_else(
            |_| format!("{} \u{2026}", self.kind.label().to_lowercase()),
            |range| sentence::range(&range),
        )
    }
}

/// The ranges that are offered by name, in their order.
#[must_use]
pub fn presets() -> Vec<Range> {
    use CalendarUnit::{Day, Month, Quarter, Week, Year};
    let last = |count, unit| Range::Last {
        count,
        unit,
        complete: false,
    };
    let full = |unit| Range::Last {
        count: 1,
        unit,
        complete: true,
    };
    vec![
        Range::This { unit: Day },
        full(Day),
        last(7, Day),
        last(30, Day),
        last(90, Day),
        last(12, Week),
        last(12, Month),
        Range::This { unit: Week },
        Range::This { unit: Month },
        Range::This { unit: Quarter },
        Range::This { unit: Year },
        full(Week),
        full(Month),
        full(Quarter),
        Range::AllTime {},
    ]
}

/// A short name of a range: "Last 30 days", "25 Oct – 23 Nov 2026".
#[must_use]
pub fn title(range: &Range) -> String {
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
        Range::Since { from } => format!("Since {}", day_words(from)),
        Range::Ago { .. } | Range::Instants { .. } => {
            let words = sentence::range(range);
            let words = words.strip_prefix("from ").unwrap_or(&words);
            let mut letters = words.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        }
    }
}

/// What a range comes to, beside its title: its days, of days that were chosen how many they are.
#[must_use]
pub fn detail(range: &Range, bounds: LocalBounds) -> Option<String> {
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
                day_words(start.date()),
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
pub fn bounds_words(bounds: LocalBounds) -> String {
    if bounds.is_empty() {
        return "No time so far: the range starts after now, or ends before it starts".to_owned();
    }
    let end = if bounds.is_open {
        format!("{}, now", day_words(bounds.end.date()))
    } else {
        time_words(bounds.end)
    };
    bounds.start.map_or_else(
        || format!("From the first event to {end}"),
        |start| format!("{} to {end}", time_words(start)),
    )
}

/// The days from one to another: "25 Oct – 23 Nov 2026".
fn days(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return day_words(first);
    }
    let start = if first.year() != last.year() {
        "%-d %b %Y"
    } else if first.month() != last.month() {
        "%-d %b"
    } else {
        "%-d"
    };
    format!("{} \u{2013} {}", first.format(start), day_words(last))
}

fn day_words(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

fn time_words(time: NaiveDateTime) -> String {
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

fn day(text: &str) -> Result<NaiveDate, String> {
    if text.trim().is_empty() {
        return Err("Choose a day".to_owned());
    }
    text.trim()
        .parse::<NaiveDate>()
        .ok()
        .filter(|day| (1..=9999).contains(&day.year()))
        .ok_or_else(|| format!("\u{201c}{text}\u{201d} is not a day"))
}

#[cfg(test)]
mod tests {
    use super::{Entry, RangeForm, RangeKind, bounds_words, detail, presets, title};
    use segments_model::range::{CalendarUnit, LocalBounds};
    use segments_model::{Instant, Range};

    /// The bounds in UTC as of 23 November 2026, 09:14.
    fn bounds(range: &Range) -> LocalBounds {
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

    fn samples() -> Vec<Range> {
        let instant = |text| Instant::parse(text).unwrap();
        let mut samples = vec![
            Range::AllTime {},
            Range::Between {
                from: "2026-05-01".parse().unwrap(),
                to: "2026-05-29".parse().unwrap(),
            },
            Range::Since {
                from: "2026-05-01".parse().unwrap(),
            },
            Range::Instants {
                start: instant("2026-05-01T00:00:00Z"),
                end: instant("2026-05-02T00:00:00.001Z"),
            },
        ];
        for unit in CalendarUnit::ALL {
            samples.push(Range::This { unit });
            for complete in [false, true] {
                for count in [2, 30] {
                    samples.push(Range::Last {
                        count,
                        unit,
                        complete,
                    });
                }
            }
            samples.push(Range::Ago {
                from: super::Ago { count: 60, unit },
                to: super::Ago { count: 31, unit },
            });
        }
        samples
    }

    #[test]
    fn a_range_goes_through_the_form_unchanged() {
        for range in samples() {
            assert_eq!(RangeForm::from(&range).range(), Ok(range));
        }
    }

    #[test]
    fn every_missing_part_is_told_at_its_place() {
        let form = RangeForm {
            kind: RangeKind::Between,
            ..RangeForm::default()
        };
        let places: Vec<_> = form
            .range()
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(places, ["/from", "/to"]);
        let form = RangeForm {
            count: Entry::Text("x".to_owned()),
            ..RangeForm::default()
        };
        assert_eq!(form.range().unwrap_err().len(), 1);
        assert_eq!(form.words(), "in the last \u{2026}");
    }

    #[test]
    fn backward_ranges_are_refused() {
        let between = RangeForm {
            kind: RangeKind::Between,
            from: "2026-05-02".to_owned(),
            to: "2026-05-01".to_owned(),
            ..RangeForm::default()
        };
        assert_eq!(between.range().unwrap_err()[0].pointer, "/to");
        let ago = RangeForm {
            kind: RangeKind::Ago,
            ago_from: Entry::from(3),
            ago_to: Entry::from(4),
            ..RangeForm::default()
        };
        assert_eq!(ago.range().unwrap_err()[0].pointer, "/to/count");
    }

    #[test]
    fn every_range_has_a_short_name_and_its_days() {
        use CalendarUnit::{Day, Hour, Month, Week};
        let ago = |from, to| Range::Ago {
            from: super::Ago {
                count: from,
                unit: Day,
            },
            to: super::Ago {
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
            assert_eq!(title(&range), name);
            assert_eq!(detail(&range, bounds(&range)).as_deref(), days, "{name}");
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
            assert_eq!(bounds_words(bounds(&range)), words);
        }
        let none = bounds_words(bounds(&between("2027-01-01", "2027-01-02")));
        assert!(none.starts_with("No time so far"), "{none}");
    }

    #[test]
    fn presets_have_names_of_their_own() {
        let mut names: Vec<_> = presets().iter().map(title).collect();
        for name in ["Today", "Yesterday", "Last 30 days", "Last full month"] {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn chosen_days_begin_with_those_of_the_range_before() {
        let form = RangeForm::default();
        let range = form.range().unwrap();
        let chosen = form
            .clone()
            .of_kind(RangeKind::Between, Some(bounds(&range)));
        assert_eq!(chosen.range(), Ok(between("2026-10-25", "2026-11-23")));
        // What was chosen before stays.
        let again = RangeForm {
            from: "2026-01-01".to_owned(),
            ..form.clone()
        }
        .of_kind(RangeKind::Between, Some(bounds(&range)));
        assert_eq!((again.from.as_str(), again.to.as_str()), ("2026-01-01", ""));
        let this = form.of_kind(RangeKind::This, Some(bounds(&range)));
        assert_eq!(this.from, "");
    }

    #[test]
    fn a_calendar_has_the_days_of_the_form() {
        let day = |text: &str| text.parse().unwrap();
        let form = RangeForm::from(&between("2026-10-25", "2026-11-23"));
        let today = day("2026-11-30");
        let days = (day("2026-10-25"), day("2026-11-23"));
        assert_eq!(form.days(today), Some(days));
        let since = RangeForm {
            kind: RangeKind::Since,
            ..form.clone()
        };
        assert_eq!(since.days(today), Some((days.0, today)));
        assert_eq!(since.days(day("2026-01-01")), Some((days.0, days.0)));
        let backward = RangeForm {
            to: "2026-10-01".to_owned(),
            ..form
        };
        assert_eq!(backward.days(today), None);
    }
}
