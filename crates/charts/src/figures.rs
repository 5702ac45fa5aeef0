//! How the figures of charts are written.

use segments_format as format;

use crate::scale::Steps;

/// How figures are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Figures {
    /// Whole numbers.
    #[default]
    Counts,
    /// Numbers with decimals.
    Numbers,
    /// Shares of 0 to 1, in percent.
    Shares,
    /// Lengths of time in seconds: `4 h 12 min`.
    Seconds,
}

impl Figures {
    /// A figure by itself.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Counts => format::decimal(value),
            Self::Numbers if is_tiny(value) => format!("{value:.2e}"),
            Self::Numbers => format::decimal(rounded(value)),
            Self::Shares => format::percent(value),
            Self::Seconds => seconds(value),
        }
    }

    /// The figures along an axis, which are round and all of one kind.
    #[must_use]
    pub fn write_ticks(self, ticks: &[f64]) -> Vec<String> {
        let compact = matches!(self, Self::Counts | Self::Numbers) && is_short(ticks);
        ticks
            .iter()
            .map(|tick| match self {
                Self::Counts | Self::Numbers if compact => short(*tick),
                Self::Numbers if is_tiny(*tick) => format!("{tick:e}"),
                Self::Counts | Self::Numbers => format::decimal(*tick),
                Self::Shares => format!("{}%", format::decimal(rounded(tick * 100.0))),
                Self::Seconds => seconds(*tick),
            })
            .collect()
    }

    /// The steps of an axis.
    #[must_use]
    pub const fn steps(self) -> Steps {
        match self {
            Self::Counts => Steps::Whole,
            Self::Numbers | Self::Shares => Steps::Decimal,
            Self::Seconds => Steps::Time,
        }
    }
}

/// Two decimals; three digits of what is less than 1.
fn rounded(value: f64) -> f64 {
    let digits = if value == 0.0 || value.abs() >= 1.0 {
        2
    } else {
        // At least two decimals, at most the six that are written.
        (2 - value.abs().log10().floor() as i32).min(6)
    };
    let factor = 10f64.powi(digits);
    (value * factor).round() / factor
}

/// Whether six decimals say nothing of a figure any more.
fn is_tiny(value: f64) -> bool {
    value != 0.0 && value.abs() < 1e-5
}

/// Whether thousands and millions are enough to tell round numbers apart with one decimal.
fn is_short(ticks: &[f64]) -> bool {
    let greatest = ticks
        .iter()
        .fold(0.0, |most: f64, tick| most.max(tick.abs()));
    let step = match ticks {
        [first, second, ..] => second - first,
        _ => 0.0,
    };
    greatest >= 10_000.0 && step >= unit(greatest) / 10.0
}

fn unit(value: f64) -> f64 {
    if value >= 1e12 {
        1e12
    } else if value >= 1e9 {
        1e9
    } else if value >= 1e6 {
        1e6
    } else {
        1e3
    }
}

/// A round number in short: 12K, 1.5M.
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let unit = unit(value.abs());
    let letter = match unit {
        1e12 => "T",
        1e9 => "B",
        1e6 => "M",
        _ => "K",
    };
    format!("{}{letter}", (value / unit * 10.0).round() / 10.0)
}

/// A length of time in its two greatest units: 4 h 12 min.
fn seconds(value: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];
    let sign = if value < 0.0 { "-" } else { "" };
    let length = value.abs();
    if length < 10.0 {
        // 1.5 s, and 0 s.
        return format!("{sign}{} s", (length * 10.0).round() / 10.0);
    }
    let mut units = UNITS.iter().enumerate();
    let greatest = units.find(|(_, (unit, _))| length >= *unit);
    let Some((place, (unit, _))) = greatest else {
        return format!("{sign}{length:.0} s");
    };
    let (less, less_name) = UNITS.get(place + 1).copied().unwrap_or((1.0, "s"));
    // Rounded in the lesser unit first, so that 59 min 59.9 s becomes an hour.
    let whole = (length / less).round() * less;
    let (unit, name) = match place.checked_sub(1).and_then(|above| UNITS.get(above)) {
        Some((above, name)) if whole >= *above => (*above, *name),
        _ => (*unit, UNITS.get(place).map_or("s", |(_, name)| name)),
    };
    let many = (whole / unit).floor();
    let rest = ((whole - many * unit) / less).round();
    if rest == 0.0 || unit == less {
        format!("{sign}{many} {name}")
    } else {
        format!("{sign}{many} {name} {rest} {less_name}")
    }
}

#[cfg(test)]
mod tests {
    use super::{is_short, is_tiny, rounded, seconds, short};

    #[test]
    fn lengths_of_time_have_two_units() {
        assert_eq!(seconds(0.0), "0 s");
        assert_eq!(seconds(1.46), "1.5 s");
        assert_eq!(seconds(42.4), "42 s");
        assert_eq!(seconds(60.0), "1 min");
        assert_eq!(seconds(15_120.0), "4 h 12 min");
        assert_eq!(seconds(3_599.9), "1 h");
        assert_eq!(seconds(86_399.0), "1 d");
        assert_eq!(seconds(200_000.0), "2 d 8 h");
        assert_eq!(seconds(-90.0), "-1 min 30 s");
    }

    #[test]
    fn great_numbers_are_short_only_where_they_stay_different() {
        assert_eq!(short(12_500.0), "12.5K");
        assert_eq!(short(-2_000_000.0), "-2M");
        assert_eq!(short(1.5e12), "1.5T");
        assert!(is_short(&[0.0, 5_000.0, 10_000.0]));
        assert!(!is_short(&[0.0, 2_000.0, 4_000.0]));
        assert!(!is_short(&[1_000_000.0, 1_050_000.0]));
    }

    #[test]
    fn small_numbers_keep_their_digits() {
        assert_eq!(rounded(68.931_2), 68.93);
        assert_eq!(rounded(0.012_345), 0.0123);
        assert_eq!(rounded(0.0), 0.0);
        assert!(is_tiny(-2e-7) && !is_tiny(0.0001) && !is_tiny(0.0));
    }
}
