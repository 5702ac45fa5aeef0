//! The form of a range.

use chrono::{Datelike as _, NaiveDate};
use segments_model::range::{Ago, CalendarUnit};
use segments_model::{Instant, Range, sentence};
use serde::{Deserialize, Serialize};

use super::form::{Errors, FormError};
use super::number::Entry;

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
pub struct RangeDraft {
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

impl Default for RangeDraft {
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

impl From<&Range> for RangeDraft {
    fn from(range: &Range) -> Self {
        let draft = Self::default();
        match *range {
            Range::AllTime {} => Self {
                kind: RangeKind::AllTime,
                ..draft
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
                ..draft
            },
            Range::This { unit } => Self {
                kind: RangeKind::This,
                unit,
                ..draft
            },
            Range::Between { from, to } => Self {
                kind: RangeKind::Between,
                from: from.to_string(),
                to: to.to_string(),
                ..draft
            },
            Range::Since { from } => Self {
                kind: RangeKind::Since,
                from: from.to_string(),
                ..draft
            },
            Range::Ago { from, to } => Self {
                kind: RangeKind::Ago,
                ago_from: Entry::from(from.count),
                ago_from_unit: from.unit,
                ago_to: Entry::from(to.count),
                ago_to_unit: to.unit,
                ..draft
            },
            Range::Instants { start, end } => Self {
                kind: RangeKind::Instants,
                instants: Some((start, end)),
                ..draft
            },
        }
    }
}

impl RangeDraft {
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

    /// The range in words, or what the form says so far.
    #[must_use]
    pub fn words(&self) -> String {
        self.range().map_or_else(
            |_| format!("{} \u{2026}", self.kind.label().to_lowercase()),
            |range| sentence::range(&range),
        )
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
    use super::{Entry, RangeDraft, RangeKind};
    use segments_model::range::CalendarUnit;
    use segments_model::{Instant, Range};

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
            assert_eq!(RangeDraft::from(&range).range(), Ok(range));
        }
    }

    #[test]
    fn every_missing_part_is_told_at_its_place() {
        let draft = RangeDraft {
            kind: RangeKind::Between,
            ..RangeDraft::default()
        };
        let places: Vec<_> = draft
            .range()
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(places, ["/from", "/to"]);
        let draft = RangeDraft {
            count: Entry::Text("x".to_owned()),
            ..RangeDraft::default()
        };
        assert_eq!(draft.range().unwrap_err().len(), 1);
        assert_eq!(draft.words(), "in the last \u{2026}");
    }

    #[test]
    fn backward_ranges_are_refused() {
        let between = RangeDraft {
            kind: RangeKind::Between,
            from: "2026-05-02".to_owned(),
            to: "2026-05-01".to_owned(),
            ..RangeDraft::default()
        };
        assert_eq!(between.range().unwrap_err()[0].pointer, "/to");
        let ago = RangeDraft {
            kind: RangeKind::Ago,
            ago_from: Entry::from(3),
            ago_to: Entry::from(4),
            ..RangeDraft::default()
        };
        assert_eq!(ago.range().unwrap_err()[0].pointer, "/to/count");
    }
}
