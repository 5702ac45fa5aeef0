//! The events that the benchmarks ask about, the same on every machine.
//!
//! They are those of a year, 20 for each user on average, of eight names: every second one is "Page Viewed", every fourth
//! "Product Viewed" and so on. A user's events come in spells of eight on average, up to four hours apart, so that there
//! are ways through a funnel. They carry two text properties, a number and a boolean. No two events of a user happen at
//! the same second, so that engines which order them differently still agree.

use segments_engine::batch::{Coded, Column, EventBatch, MISSING, MISSING_BOOLEAN, Texts, Values};
use segments_engine::{Loader, Progress, Store};

/// The names, the most frequent first.
pub const NAMES: [&str; 8] = [
    "Page Viewed",
    "Product Viewed",
    "Product Searched",
    "Product Added",
    "Cart Viewed",
    "Checkout Started",
    "Order Completed",
    "Review Written",
];

/// Seconds since 1970 at which the year begins: 2026-01-01.
pub const START: u32 = 1_767_225_600;

/// The seconds of the year.
pub const YEAR: u32 = 365 * 86_400;

/// How many countries there are.
pub const COUNTRIES: u8 = 40;

/// How many paths there are.
pub const PATHS: u16 = 1_000;

/// The code of a missing path.
pub const NO_PATH: u16 = u16::MAX;

/// A user has at most so many events, each at another remainder of its seconds.
const SLOT: u32 = 40;

const BATCH: usize = 1 << 16;

/// Numbers without a pattern that matters here.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (((self.0 >> 33) * u64::from(bound)) >> 31) as u32
    }
}

/// Events, column by column; all events of a user stand in one piece.
#[derive(Default)]
pub struct Piece {
    /// The users' numbers.
    pub users: Vec<u32>,
    /// Places in [`NAMES`].
    pub names: Vec<u8>,
    /// Seconds since 1970.
    pub seconds: Vec<u32>,
    /// The countries' numbers.
    pub countries: Vec<u8>,
    /// The paths' numbers, or [`NO_PATH`].
    pub paths: Vec<u16>,
    /// The prices, or NaN.
    pub prices: Vec<f64>,
    /// 0, 1, or [`MISSING_BOOLEAN`].
    pub gifts: Vec<u8>,
}

/// So many events, piece by piece.
pub fn pieces(events: usize) -> impl Iterator<Item = Piece> {
    let mut random = Random(1);
    let mut made = 0;
    let mut user = 0;
    std::iter::from_fn(move || {
        let mut piece = Piece::default();
        while piece.users.len() < BATCH && made < events {
            let count = (1 + random.below(SLOT - 1) as usize).min(events - made);
            piece.push_user(user, count, &mut random);
            user += 1;
            made += count;
        }
        (!piece.users.is_empty()).then_some(piece)
    })
}

impl Piece {
    fn push_user(&mut self, user: u32, count: usize, random: &mut Random) {
        let country = random.below(u32::from(COUNTRIES)) as u8;
        let mut slot = 0;
        for event in 0..count {
            slot = match random.below(8) {
                0 => random.below(YEAR / SLOT),
                _ if event == 0 => random.below(YEAR / SLOT),
                _ => (slot + 1 + random.below(4 * 3_600 / SLOT)) % (YEAR / SLOT),
            };
            // 0 half of the time, 1 a quarter and so on.
            let name = (random.below(256) | 256).trailing_zeros().min(7) as u8;
            self.users.push(user);
            self.names.push(name);
            self.seconds.push(START + slot * SLOT + event as u32);
            self.countries.push(country);
            self.paths.push(match random.below(10) {
                0 => NO_PATH,
                _ => random.below(u32::from(PATHS)) as u16,
            });
            self.prices.push(match name {
                1 | 3 | 6 => f64::from(random.below(20_000)) / 100.0,
                _ => f64::NAN,
            });
            self.gifts.push(match name {
                6 => random.below(2) as u8,
                _ => MISSING_BOOLEAN,
            });
        }
    }

    fn batch(self) -> EventBatch {
        let first = self.users.first().copied().unwrap_or(0);
        let last = self.users.last().copied().unwrap_or(0);
        let column = |name: &str, values| Column {
            name: name.to_owned(),
            values,
        };
        EventBatch {
            users: Coded {
                dictionary: texts((first..=last).map(user_id)),
                codes: self.users.iter().map(|user| user - first).collect(),
            },
            events: Coded {
                dictionary: texts(NAMES.map(str::to_owned)),
                codes: self.names.iter().copied().map(u32::from).collect(),
            },
            times: self
                .seconds
                .iter()
                .map(|seconds| i64::from(*seconds) * 1_000)
                .collect(),
            properties: vec![
                column(
                    "country",
                    Values::String(Coded {
                        dictionary: texts((0..COUNTRIES).map(country)),
                        codes: self.countries.iter().copied().map(u32::from).collect(),
                    }),
                ),
                column(
                    "path",
                    Values::String(Coded {
                        dictionary: texts((0..PATHS).map(path)),
                        codes: self
                            .paths
                            .iter()
                            .map(|path| match *path {
                                NO_PATH => MISSING,
                                path => u32::from(path),
                            })
                            .collect(),
                    }),
                ),
                column("price", Values::Number(self.prices)),
                column("gift", Values::Boolean(self.gifts)),
            ],
        }
    }
}

/// The id of a user.
pub fn user_id(user: u32) -> String {
    format!("user-{user:07}")
}

/// The text of a path.
pub fn path(number: u16) -> String {
    format!("/path/{number}")
}

/// The name of a country.
pub fn country(number: u8) -> String {
    format!("C{number:02}")
}

fn texts(all: impl IntoIterator<Item = String>) -> Texts {
    let mut texts = Texts::new();
    for text in all {
        texts.push(&text).unwrap();
    }
    texts
}

/// A store of so many events.
pub fn store(events: usize) -> Store {
    let mut loader = Loader::new();
    for piece in pieces(events) {
        loader.push_events(&piece.batch()).unwrap();
    }
    build(loader)
}

/// The store of what was loaded.
pub fn build(loader: Loader) -> Store {
    let mut building = loader.finish();
    loop {
        if let Progress::Done(store) = building.step(usize::MAX) {
            return store;
        }
    }
}
