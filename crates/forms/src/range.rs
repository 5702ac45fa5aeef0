//! The form of a range.

use chrono::NaiveDate;
use segments_model::range::{Ago, CalendarUnit, LocalBounds};
use segments_model::{Instant, Range, sentence, validate};
use serde::{Deserialize, Serialize};

use crate::error::Errors;
use crate::number::Entry;

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
    /// The range that the form stands for, with its holes filled.
    pub fn fill(&self, errors: &mut Errors) -> Range {
        let range = match self.kind {
            RangeKind::AllTime => Range::AllTime {},
            RangeKind::Last | RangeKind::Complete => Range::Last {
                count: errors.fill("/count", self.count.count(), 1),
                unit: self.unit,
                complete: self.kind == RangeKind::Complete,
            },
            RangeKind::This => Range::This { unit: self.unit },
            RangeKind::Between => {
                let (from, to) = errors.pair([("/from", day(&self.from)), ("/to", day(&self.to))]);
                Range::Between { from, to }
            }
            RangeKind::Since => Range::Since {
                from: errors.fill("/from", day(&self.from), NaiveDate::default()),
            },
            RangeKind::Ago => {
                let (from, to) = errors.pair([
                    ("/from/count", self.ago_from.count()),
                    ("/to/count", self.ago_to.count()),
                ]);
                let ago = |count, unit| Ago { count, unit };
                Range::Ago {
                    from: ago(from, self.ago_from_unit),
                    to: ago(to, self.ago_to_unit),
                }
            }
            RangeKind::Instants => {
                let instants = self.instants.ok_or_else(|| "Choose when".to_owned());
                let (start, end) = errors.fill("", instants, (Instant::MIN, Instant::MIN));
                Range::Instants { start, end }
            }
        };
        errors.add(validate::backward(&range));
        range
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
        Range::try_from(self).map_or_else(
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

fn day(text: &str) -> Result<NaiveDate, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Choose a day".to_owned());
    }
    text.parse()
        .map_err(|_| format!("\u{201c}{text}\u{201d} is not a day"))
}

#[cfg(test)]
mod tests {
    use super::{Entry, RangeForm, RangeKind, presets};
    use segments_model::range::{CalendarUnit, LocalBounds};
    use segments_model::sentence::range_title;
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
            assert_eq!(Range::try_from(&RangeForm::from(&range)), Ok(range));
        }
    }

    #[test]
    fn every_missing_part_is_told_at_its_place() {
        let form = RangeForm {
            kind: RangeKind::Between,
            ..RangeForm::default()
        };
        let places: Vec<_> = Range::try_from(&form)
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(places, ["/from", "/to"]);
        let form = RangeForm {
            count: Entry::Text("x".to_owned()),
            ..RangeForm::default()
        };
        assert_eq!(Range::try_from(&form).unwrap_err().len(), 1);
        assert_eq!(form.words(), "in the last \u{2026}");
    }

    #[test]
    fn the_model_says_how_many_units_there_may_be() {
        let form = RangeForm {
            count: Entry::from(0),
            ..RangeForm::default()
        };
        let errors = Range::try_from(&form).unwrap_err();
        assert_eq!(errors[0].pointer, "/count");
        assert_eq!(errors[0].detail, "Enter 1 to 1,000,000 days");
    }

    #[test]
    fn backward_ranges_are_refused() {
        let between = RangeForm {
            kind: RangeKind::Between,
            from: "2026-05-02".to_owned(),
            to: "2026-05-01".to_owned(),
            ..RangeForm::default()
        };
        assert_eq!(Range::try_from(&between).unwrap_err()[0].pointer, "/to");
        let ago = RangeForm {
            kind: RangeKind::Ago,
            ago_from: Entry::from(3),
            ago_to: Entry::from(4),
            ..RangeForm::default()
        };
        assert_eq!(Range::try_from(&ago).unwrap_err()[0].pointer, "/to/count");
    }

    #[test]
    fn presets_have_names_of_their_own() {
        let mut names: Vec<_> = presets().iter().map(range_title).collect();
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
        let range = Range::try_from(&form).unwrap();
        let chosen = form
            .clone()
            .of_kind(RangeKind::Between, Some(bounds(&range)));
        assert_eq!(
            Range::try_from(&chosen),
            Ok(between("2026-10-25", "2026-11-23"))
        );
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
