//! Scales: from values to px, with round numbers to name along the way.

/// About how wide a text of 11 px is. It says a little too much rather than too little: nothing measures it.
#[must_use]
pub fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 3.6,
            'f' | 'r' | 't' | '(' | ')' | '-' | '/' => 4.6,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 10.0,
            'A'..='Z' => 7.9,
            _ if letter.is_ascii() => 6.7,
            // What is not Latin may be twice as wide.
            _ => 11.0,
        })
        .sum()
}

/// A text that is not wider than some px, with its end cut off if need be.
#[must_use]
pub fn fitted_text(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = text_width("…");
    for letter in text.chars() {
        used += text_width(letter.encode_utf8(&mut [0; 4]));
        if used > width {
            break;
        }
        kept.push(letter);
    }
    format!("{}…", kept.trim_end())
}

/// A text in lines that are not wider than some px, where letters are so many times as wide as those of 11 px. A word that
/// is wider than a line is cut.
#[must_use]
pub fn wrapped(text: &str, width: f64, times: f64) -> Vec<String> {
    let room = width / times;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(" ") + text_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitted_text(word, room)),
        }
    }
    lines
}

/// How far apart the named values of a scale may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steps {
    /// 1, 2, 5 and ten times that, never less than 1.
    #[default]
    Whole,
    /// 1, 2, 5 and ten times or a tenth of that.
    Decimal,
    /// Seconds, minutes, hours and days as clocks have them.
    Time,
}

/// The most steps a scale has, whatever comes.
const MOST_STEPS: u32 = 64;

/// A scale of values, from one named value to another.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueScale {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// The values to name, the least first.
    pub ticks: Vec<f64>,
}

impl ValueScale {
    /// The scale that holds two values, in about so many steps.
    #[must_use]
    pub fn over(low: f64, high: f64, intervals: usize, steps: Steps) -> Self {
        let span = high - low;
        let span = if span > 0.0 && span.is_finite() {
            span
        } else {
            1.0
        };
        let step = Step::at_least(span / intervals.max(1) as f64, steps);
        // A little short of a step is a step: 0.1 + 0.2 must not make a scale longer.
        let first = step.count_of(low, f64::floor);
        let last = step.count_of(high, f64::ceil).max(first + 1.0);
        // So many steps at most: what is not finite would have no end.
        let count = ((last - first) as u32).min(MOST_STEPS);
        let last = first + f64::from(count);
        let ticks = (0..=count)
            .map(|place| step.times(first + f64::from(place)))
            .collect();
        Self {
            low: step.times(first),
            high: step.times(last),
            ticks,
        }
    }

    /// Where a value is between the least, 0, and the greatest, 1.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// A step is a factor times a power of ten, kept apart so that its multiples are the doubles that people write.
#[derive(Clone, Copy)]
struct Step {
    factor: f64,
    power: i32,
}

impl Step {
    fn at_least(wanted: f64, steps: Steps) -> Self {
        const CLOCK: [f64; 19] = [
            1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0,
            7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0,
        ];
        const DAY: f64 = 86_400.0;
        match steps {
            Steps::Whole => Self::decimal(wanted.max(1.0)),
            Steps::Decimal => Self::decimal(wanted),
            Steps::Time if wanted <= 0.5 => Self::decimal(wanted),
            Steps::Time => match CLOCK.into_iter().find(|step| *step >= wanted) {
                Some(factor) => Self { factor, power: 0 },
                None => {
                    let days = Self::decimal(wanted / DAY);
                    Self {
                        factor: days.times(1.0) * DAY,
                        power: 0,
                    }
                }
            },
        }
    }

    fn decimal(wanted: f64) -> Self {
        let power = wanted.log10().floor();
        let rest = wanted / 10f64.powf(power);
        let factor = [1.0, 2.0, 5.0]
            .into_iter()
            .find(|factor| *factor >= rest - 1e-9)
            .unwrap_or(10.0);
        Self {
            factor,
            power: power as i32,
        }
    }

    fn times(self, count: f64) -> f64 {
        let value = if self.power < 0 {
            count * self.factor / 10f64.powi(-self.power)
        } else {
            count * self.factor * 10f64.powi(self.power)
        };
        // No negative zero.
        value + 0.0
    }

    /// How many steps a value is from 0, rounded as asked unless it is all but whole.
    fn count_of(self, value: f64, round: fn(f64) -> f64) -> f64 {
        let count = value / self.times(1.0);
        if (count - count.round()).abs() < 1e-9 {
            count.round()
        } else {
            round(count)
        }
    }
}

/// Moves labels apart that are nearer to each other than `apart`, within `from` to `to`. Where they have no room, none.
#[must_use]
pub fn apart(wanted: &[f64], apart: f64, (from, to): (f64, f64)) -> Option<Vec<f64>> {
    if wanted.len() as f64 * apart > to - from + apart {
        return None;
    }
    let mut order: Vec<(usize, f64)> = wanted.iter().copied().enumerate().collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    // Down until there is room, then up again from the lower edge.
    let mut least = from;
    for (_, y) in &mut order {
        *y = y.max(least);
        least = *y + apart;
    }
    let mut greatest = to;
    for (_, y) in order.iter_mut().rev() {
        *y = y.min(greatest);
        greatest = *y - apart;
    }
    order.sort_by_key(|(place, _)| *place);
    Some(order.into_iter().map(|(_, y)| y).collect())
}

#[cfg(test)]
mod tests {
    use super::{Steps, ValueScale, apart, fitted_text, text_width, wrapped};

    fn ticks(low: f64, high: f64, intervals: usize, steps: Steps) -> Vec<f64> {
        ValueScale::over(low, high, intervals, steps).ticks
    }

    #[test]
    fn values_are_named_in_round_numbers() {
        assert_eq!(
            ticks(0.0, 168.0, 4, Steps::Whole),
            [0.0, 50.0, 100.0, 150.0, 200.0]
        );
        assert_eq!(ticks(68.9, 99.0, 2, Steps::Decimal), [60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 0.3, 3, Steps::Decimal), [0.0, 0.1, 0.2, 0.3]);
        assert_eq!(
            ticks(-5.0, 12.0, 4, Steps::Whole),
            [-5.0, 0.0, 5.0, 10.0, 15.0]
        );
        assert_eq!(
            ticks(0.0, 9_000.0, 4, Steps::Time),
            [0.0, 3_600.0, 7_200.0, 10_800.0]
        );
        assert_eq!(
            ticks(0.0, 900_000.0, 2, Steps::Time),
            [0.0, 864_000.0, 1_728_000.0]
        );
    }

    #[test]
    fn counts_have_no_half_steps_and_nothing_still_has_a_scale() {
        assert_eq!(ticks(0.0, 2.0, 4, Steps::Whole), [0.0, 1.0, 2.0]);
        assert_eq!(ticks(0.0, 0.0, 4, Steps::Whole), [0.0, 1.0]);
        assert!(ticks(0.0, f64::INFINITY, 4, Steps::Decimal).len() < 100);
    }

    #[test]
    fn every_value_lies_within_its_scale() {
        for exponent in -6..12 {
            for factor in [1.0, 1.7, 2.0, 3.3, 5.0, 9.999] {
                let high = factor * 10f64.powi(exponent);
                for steps in [Steps::Whole, Steps::Decimal, Steps::Time] {
                    for low in [0.0, -high / 3.0, high * 0.8] {
                        let scale = ValueScale::over(low, high, 4, steps);
                        assert!(scale.low <= low && scale.high >= high * (1.0 - 1e-9));
                        assert!(
                            (2..=9).contains(&scale.ticks.len()),
                            "{low} {high} {steps:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn labels_move_apart_and_stay_within() {
        assert_eq!(
            apart(&[50.0, 10.0, 52.0], 14.0, (0.0, 100.0)),
            Some(vec![50.0, 10.0, 64.0])
        );
        assert_eq!(
            apart(&[98.0, 99.0], 14.0, (0.0, 100.0)),
            Some(vec![86.0, 100.0])
        );
        assert_eq!(apart(&[0.0; 9], 14.0, (0.0, 100.0)), None);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(fitted_text("Mobile", 120.0), "Mobile");
        let cut = fitted_text("A property value that goes on and on", 80.0);
        assert!(cut.ends_with('…') && text_width(&cut) <= 80.0, "{cut}");
    }

    #[test]
    fn long_texts_go_on_in_the_next_line() {
        assert_eq!(
            wrapped("Buyers by device", 400.0, 1.0),
            ["Buyers by device"]
        );
        assert_eq!(
            wrapped("Buyers by device", 60.0, 1.0),
            ["Buyers by", "device"]
        );
        assert_eq!(
            wrapped("Buyers by device", 60.0, 1.4),
            ["Buyers", "by", "device"]
        );
        let lines = wrapped("Unbelievablylongpropertyname of all", 60.0, 1.0);
        assert!(lines[0].ends_with('…') && lines[1] == "of all", "{lines:?}");
        assert!(wrapped(" ", 60.0, 1.0).is_empty());
    }
}
