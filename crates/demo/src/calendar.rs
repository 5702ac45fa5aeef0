//! How busy the shop is on a day, and which days the demo has.

use chrono::{Datelike, Days, NaiveDate};

/// How many days a year of data has at least.
const YEAR: u64 = 365;

/// How busy a day can be; 1,000 is an ordinary one.
pub(crate) const BUSIEST: u32 = 2_400;

/// Monday to Sunday, in thousandths of an ordinary day.
const WEEK: [u32; 7] = [960, 900, 920, 980, 1_050, 1_200, 1_150];

/// January to December, in thousandths of an ordinary day.
const MONTHS: [u32; 12] = [
    860, 880, 940, 970, 1_000, 970, 930, 950, 1_000, 1_030, 1_180, 1_350,
];

/// The first day of the demo as of a day: 1 October of an odd year, the latest that is at least 365 days before.
///
/// So there is always a year of data and never more than about three, and from one day to the next the first day stays
/// where it is, but for one day in two years.
#[must_use]
pub fn first_day(day: NaiveDate) -> NaiveDate {
    let year_before = day.checked_sub_days(Days::new(YEAR)).unwrap_or(day);
    let october = |year| NaiveDate::from_ymd_opt(year, 10, 1).unwrap_or(NaiveDate::MIN);
    let odd = (year_before.year() - 1) / 2 * 2 + 1;
    let first = october(odd);
    if first <= year_before {
        first
    } else {
        october(odd - 2)
    }
}

/// How busy a day is, in thousandths of an ordinary one: the week, the season, sales and holidays.
pub(crate) fn busyness(day: NaiveDate) -> u32 {
    let week = WEEK.get(day.weekday().num_days_from_monday() as usize);
    let month = MONTHS.get(day.month0() as usize);
    let special = match (day.month(), day.day()) {
        // The week of the November sales, and the days before Christmas.
        (11, 24..=30) => 1_450,
        (12, 1..=19) => 1_150,
        (12, 24..=26) | (1, 1) => 450,
        // The summer sale.
        (7, 1..=10) => 1_300,
        _ => 1_000,
    };
    let (week, month) = (week.unwrap_or(&1_000), month.unwrap_or(&1_000));
    (week * month / 1_000 * special / 1_000).min(BUSIEST)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{BUSIEST, busyness, first_day};

    #[test]
    fn there_is_always_a_year_and_never_much_more_than_three() {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let mut moves = 0;
        let mut before = first_day(start);
        for day in start.iter_days().take(20 * 365) {
            let first = first_day(day);
            let span = (day - first).num_days();
            assert!((365..=365 + 731).contains(&span), "{day}: {span}");
            moves += u32::from(first != before);
            before = first;
        }
        assert_eq!(moves, 10);
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        assert_eq!(
            first_day(today),
            NaiveDate::from_ymd_opt(2025, 10, 1).unwrap()
        );
    }

    #[test]
    fn no_day_is_busier_than_the_busiest() {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        for day in start.iter_days().take(3_000) {
            assert!((300..BUSIEST).contains(&busyness(day)), "{day}");
        }
    }
}
