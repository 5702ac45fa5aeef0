//! The demo project: Meridian Store, a shop of users and events that is a pure function of a seed and the UTC day.
//!
//! [`demo`] gives the same rows on every machine: its numbers come from a generator of its own and whole-number
//! arithmetic. Tomorrow's demo is today's with a day more: each customer's life is drawn from a sequence of its own that
//! does not know the last day, and events are left out from the end of that day on. What is known of the users is as of the
//! start of the last day, as if it were put together each night, so that nothing known is ever in the future.
//!
//! The data start on [`first_day`]. They have at least 50,000 users and a million events, about 2,900 events a day, with
//! stories to find: Friday to Sunday are busy, so are November and December, and New Year's Day is not; most newcomers from
//! social media come once, those whom friends sent stay; an hour of the day is busy where it is evening; a wish list
//! appears with version 6 of the apps, and those who use it come back more; for two days many payments failed.
#![forbid(unsafe_code)]

mod calendar;
mod life;
mod random;
mod segments;
mod sheets;
mod world;

use std::collections::VecDeque;
use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use segments_engine_api::batch::{
    Batch, Coded, Column, MISSING, MISSING_BOOLEAN, MISSING_DATETIME, Texts, UserBatch, Values,
};

pub use calendar::first_day;
pub use segments::{DemoSegment, segments};

use crate::calendar::busyness;
use crate::life::{DAY, Facts, Setting};
use crate::random::Random;
use crate::sheets::{Cell, Sheets, dictionary, number};
use crate::world::{CATEGORIES, CHANNELS, COUNTRIES, LANGUAGES, PLANS, PRODUCTS};

/// The name of the demo project.
pub const NAME: &str = "Meridian Store";

/// The seed of the demo project.
pub const SEED: u64 = 2_026;

/// Counts what the demo of one and the same day has been: whoever stores it makes it anew when this has changed.
pub const EDITION: u32 = 1;

/// Customers from before the first day.
const STOCK: u32 = 9_000;
/// Newcomers on an ordinary day.
const NEWCOMERS: u32 = 122;
/// The number of the first customer.
const FIRST: u32 = 10_001;
/// How many users are worked out at a time: a few milliseconds of work.
const AT_A_TIME: usize = 1_024;

/// The demo up to the end of this UTC day, in batches of a few thousand rows, each worked out when it is asked for.
///
/// Events later than now on that day are there too; whoever asks as of now does not see them.
#[must_use]
pub fn demo(seed: u64, day: NaiveDate) -> Demo {
    let first = first_day(day);
    let days = (day - first).num_days();
    let start = i64::from(first.to_epoch_days()) * DAY;
    Demo {
        seed,
        setting: Setting {
            start,
            end: start + (days + 1) * DAY,
            known: start + days * DAY,
            busyness: (0..=days as u64)
                .filter_map(|day| first.checked_add_days(Days::new(day)))
                .map(busyness)
                .collect(),
            products: PRODUCTS
                .iter()
                .enumerate()
                .flat_map(|(number, product)| {
                    std::iter::repeat_n(number as u8, product.weight as usize)
                })
                .collect(),
        },
        number: FIRST,
        arrival: None,
        left: STOCK,
        ready: VecDeque::new(),
    }
}

/// The batches of the demo; see [`demo`].
pub struct Demo {
    seed: u64,
    setting: Setting,
    /// The number of the next customer.
    number: u32,
    /// The day on which the next customer arrives, counted from the first; none: before it.
    arrival: Option<u32>,
    /// How many more arrive then.
    left: u32,
    ready: VecDeque<Batch>,
}

impl Demo {
    /// The next customer's number and day of arrival.
    fn next_customer(&mut self) -> Option<(u32, Option<u32>)> {
        while self.left == 0 {
            let day = self.arrival.map_or(0, |day| day + 1);
            let busyness = *self.setting.busyness.get(day as usize)?;
            let mut random = Random::of(self.seed, u64::from(day) | 1 << 40);
            self.left = NEWCOMERS * busyness / 1_000 * (900 + random.below(200)) / 1_000;
            self.arrival = Some(day);
        }
        self.left -= 1;
        self.number += 1;
        Some((self.number - 1, self.arrival))
    }

    /// Works out the next customers.
    fn work(&mut self) {
        let mut sheets = Sheets::new();
        let mut users = Known::default();
        let mut id = String::new();
        while users.facts.len() < AT_A_TIME {
            let Some((number, arrival)) = self.next_customer() else {
                break;
            };
            id.clear();
            // Writing into a String cannot fail.
            let _ = write!(id, "c{number}");
            let facts = life::live(self.seed, number, &id, arrival, &self.setting, &mut sheets);
            users.ids.push(&id);
            users.facts.push(facts);
        }
        if !users.facts.is_empty() {
            self.ready.push_back(Batch::Users(users.into_batch()));
            self.ready.extend(sheets.into_batches().map(Batch::Events));
        }
    }
}

impl Iterator for Demo {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        if self.ready.is_empty() {
            self.work();
        }
        self.ready.pop_front()
    }
}

/// Users with what is known of them.
#[derive(Default)]
struct Known {
    ids: Texts,
    facts: Vec<Facts>,
}

impl Known {
    fn into_batch(self) -> UserBatch {
        let facts = &self.facts;
        let numbers = |number_of: fn(&Facts) -> Option<Cell>| {
            let cell = |facts| number(number_of(facts).unwrap_or(Cell::Missing));
            Values::Number(facts.iter().map(cell).collect())
        };
        let booleans = |boolean_of: fn(&Facts) -> Option<bool>| {
            let boolean = |facts| boolean_of(facts).map_or(MISSING_BOOLEAN, u8::from);
            Values::Boolean(facts.iter().map(boolean).collect())
        };
        let datetimes = |datetime_of: fn(&Facts) -> Option<i64>| {
            let datetime = |facts| datetime_of(facts).unwrap_or(MISSING_DATETIME);
            Values::Datetime(facts.iter().map(datetime).collect())
        };
        let of = |texts: &[&'static str], code_of: fn(&Facts) -> Option<usize>| {
            let code = |facts| code_of(facts).map_or(MISSING, |code| code as u32);
            Values::String(Coded {
                dictionary: dictionary(texts.iter().copied()),
                codes: facts.iter().map(code).collect(),
            })
        };
        let countries = COUNTRIES.each_ref().map(|country| country.name);
        let channels = CHANNELS.each_ref().map(|channel| channel.name);
        let properties = [
            ("country", of(&countries, |facts| facts.country)),
            (
                "language",
                of(&LANGUAGES, |facts| {
                    Some(COUNTRIES.get(facts.country?)?.language)
                }),
            ),
            (
                "acquisition_channel",
                of(&channels, |facts| Some(facts.channel)),
            ),
            ("plan", of(&PLANS, |facts| facts.plan)),
            ("favorite_category", of(&CATEGORIES, |facts| facts.category)),
            ("age", numbers(|facts| facts.age.map(Cell::Number))),
            ("orders", numbers(|facts| Some(Cell::Number(facts.orders)))),
            (
                "lifetime_value",
                numbers(|facts| (facts.orders > 0).then_some(Cell::Cents(facts.spent))),
            ),
            ("newsletter", booleans(|facts| facts.newsletter)),
            ("email_verified", booleans(|facts| facts.verified)),
            ("signed_up_at", datetimes(|facts| facts.signed_up_at)),
            ("last_order_at", datetimes(|facts| facts.last_order_at)),
        ]
        .into_iter()
        .map(|(name, values)| Column {
            name: name.to_owned(),
            values,
        })
        .collect();
        UserBatch {
            users: Coded {
                codes: (0..self.ids.len() as u32).collect(),
                dictionary: self.ids,
            },
            properties,
        }
    }
}
