//! What a customer does, visit after visit.
//!
//! A life is drawn from a sequence of numbers of its own and never looks at the day that the demo ends with, so that a
//! longer demo has the same lives, only further on.

use crate::calendar::BUSIEST;
use crate::random::Random;
use crate::sheets::{Cell, Event, Sheets};
use crate::world::{
    CATEGORIES, CHANNELS, COUNTRIES, COUPONS, Country, DISCOUNTS, FAILURES, HOURS, LEAVING,
    METHODS, PAGES, PAYMENTS, PLACES, PRODUCTS, REFUNDS, TERMS, TOPICS,
};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The day, counted from the first, on which the wish list came.
pub(crate) const LAUNCH: u32 = 200;
/// The days on which many payments failed.
pub(crate) const OUTAGE: std::ops::Range<u32> = 151..153;

/// How attached a customer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bond {
    Once,
    Shopper,
    Loyal,
}

/// What stays the same for every customer.
pub(crate) struct Setting {
    /// The first instant of the first day.
    pub(crate) start: i64,
    /// The end of the last day: nothing from then on is in the demo.
    pub(crate) end: i64,
    /// The start of the last day: what is known of users is from before.
    pub(crate) known: i64,
    /// How busy each day is.
    pub(crate) busyness: Vec<u32>,
    /// The number of a product as often as it weighs.
    pub(crate) products: Vec<u8>,
}

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) country: Option<usize>,
    pub(crate) channel: usize,
    pub(crate) age: Option<u32>,
    pub(crate) plan: Option<usize>,
    pub(crate) newsletter: Option<bool>,
    pub(crate) verified: Option<bool>,
    pub(crate) signed_up_at: Option<i64>,
    pub(crate) orders: u32,
    /// In cents.
    pub(crate) spent: u32,
    pub(crate) last_order_at: Option<i64>,
    pub(crate) category: Option<usize>,
}

struct Life<'a> {
    random: Random,
    setting: &'a Setting,
    sheets: &'a mut Sheets,
    number: u32,
    id: &'a str,
    facts: Facts,
    bond: Bond,
    country: &'static Country,
    favourite: usize,
    platform: usize,
    common: [Cell; 2],
    /// The instant that the visit has come to.
    now: i64,
    signed_up: bool,
    subscribed: bool,
    member: bool,
    wishing: bool,
    orders: u32,
}

/// Lives a customer's life into the sheets, from their first visit on that day, and says what is known at the end.
///
/// Customers from before the first day have signed up already.
pub(crate) fn live(
    seed: u64,
    number: u32,
    id: &str,
    arrival: Option<u32>,
    setting: &Setting,
    sheets: &mut Sheets,
) -> Facts {
    let mut random = Random::of(seed, u64::from(number));
    let country = random.pick(&COUNTRIES.each_ref().map(|country| country.weight));
    let channel = random.pick(&CHANNELS.each_ref().map(|channel| channel.weight));
    let kinds = CHANNELS
        .get(channel)
        .map_or([1; 3], |channel| channel.kinds);
    let bond = match (random.pick(&kinds), arrival) {
        (0, Some(_)) => Bond::Once,
        (2, _) => Bond::Loyal,
        _ => Bond::Shopper,
    };
    let facts = Facts {
        country: Some(country).filter(|_| !random.chance(25)),
        channel,
        age: (!random.chance(380)).then(|| 18 + random.wait(20).min(62)),
        ..Facts::default()
    };
    let mut life = Life {
        country: COUNTRIES.get(country).unwrap_or(&COUNTRIES[0]),
        favourite: random.below(CATEGORIES.len() as u32) as usize,
        platform: random.pick(&[52, 27, 21]),
        random,
        setting,
        sheets,
        number,
        id,
        facts,
        bond,
        common: [Cell::Missing; 2],
        now: 0,
        signed_up: false,
        subscribed: false,
        member: false,
        wishing: false,
        orders: 0,
    };
    let first = match arrival {
        Some(day) => day,
        None => {
            let before = i64::from(1 + life.random.wait(220)) * DAY;
            let at = setting.start - before + i64::from(life.random.below(86_400)) * SECOND;
            life.sign_up_at(at);
            life.random.wait(55)
        }
    };
    life.live(first);
    life.facts
}

impl Life<'_> {
    fn live(&mut self, first: u32) {
        let mut day = first;
        // Days between two visits, and of how many thousand visits one is the last.
        let (mut gap, leaving) = match self.bond {
            Bond::Once => (9, 640),
            Bond::Shopper => (15, 150),
            Bond::Loyal => (9, 28),
        };
        let mut first = true;
        while (day as usize) < self.setting.busyness.len() {
            self.visit(day, first);
            first = false;
            // Members and those who keep a wish list stay longer.
            let leaving = leaving * if self.member { 5 } else { 10 } / 10
                * if self.wishing { 6 } else { 10 }
                / 10;
            if self.random.chance(leaving) {
                return;
            }
            day += 1 + self.random.wait(gap);
            gap += (gap / 12).max(1);
            while let Some(busyness) = self.setting.busyness.get(day as usize) {
                if self.random.below(BUSIEST) < *busyness {
                    break;
                }
                day += 1;
            }
        }
    }

    fn visit(&mut self, day: u32, first: bool) {
        let hour = self.random.pick(&HOURS) as i64 - self.country.hours;
        let in_hour = i64::from(self.random.below(HOUR as u32));
        let start = self.setting.start + i64::from(day) * DAY;
        self.now = start + hour.rem_euclid(24) * HOUR + in_hour;
        // Most keep to their device.
        let platform = if self.random.chance(120) {
            self.random.pick(&[40, 35, 25])
        } else {
            self.platform
        };
        let version = match day {
            0..80 => 0,
            80..LAUNCH => 1,
            LAUNCH..300 => 2,
            _ => 3,
        };
        self.common = [
            Cell::Text(platform),
            if platform == 0 {
                Cell::Missing
            } else {
                Cell::Text(version)
            },
        ];
        let wishes = day >= LAUNCH;
        self.page(first);
        if !self.signed_up && first && self.random.chance(self.by_bond([50, 280, 520])) {
            self.sign_up();
        }
        let (mut items, mut value, mut category) = (0, 0, 0);
        let views = if self.random.chance(self.by_bond([420, 200, 130])) {
            self.page(false);
            0
        } else {
            1 + self.random.wait(self.by_bond([1, 2, 3]))
        };
        for _ in 0..views {
            if self.random.chance(300) {
                self.search();
            }
            let (product, price, of) = self.product();
            if wishes && self.signed_up && self.random.chance(self.by_bond([20, 110, 160])) {
                self.wishing = true;
                self.emit(
                    Event::AddedToWishlist,
                    &[product, Cell::Text(of), Cell::Cents(price)],
                );
            }
            let likely = self.by_bond([55, 150, 220]) * self.country.buying / 1_000;
            let likely = likely * if platform == 0 { 10 } else { 8 } / 10;
            if self
                .random
                .chance(likely + if self.wishing { 60 } else { 0 })
            {
                let quantity = 1 + self.random.pick(&[78, 16, 6]) as u32;
                self.emit(
                    Event::AddedToCart,
                    &[
                        product,
                        Cell::Text(of),
                        Cell::Cents(price),
                        Cell::Number(quantity),
                    ],
                );
                if self.random.chance(110) {
                    self.emit(Event::RemovedFromCart, &[product, Cell::Text(of)]);
                } else {
                    items += quantity;
                    value += price * quantity;
                    category = of;
                }
            }
        }
        if items > 0 && self.random.chance(self.by_bond([480, 640, 760])) {
            self.check_out(day, items, value, category);
        }
        if self.random.chance(12) {
            let solved = Cell::Boolean(self.random.chance(720));
            let topic = Cell::Text(self.random.below(TOPICS.len() as u32) as usize);
            self.emit(Event::SupportContacted, &[topic, solved]);
        }
    }

    const fn by_bond(&self, values: [u32; 3]) -> u32 {
        let [once, shopper, loyal] = values;
        match self.bond {
            Bond::Once => once,
            Bond::Shopper => shopper,
            Bond::Loyal => loyal,
        }
    }

    fn page(&mut self, first: bool) {
        let referrer = if first {
            CHANNELS
                .get(self.facts.channel)
                .and_then(|channel| channel.referrer)
        } else if self.subscribed && self.random.chance(350) {
            Some(5)
        } else {
            self.random.chance(300).then_some(0)
        };
        let page = Cell::Text(
            self.random
                .pick(&[40, 14, 12, 22, 3, 5, 4])
                .min(PAGES.len() - 1),
        );
        self.emit(
            Event::PageViewed,
            &[page, referrer.map_or(Cell::Missing, Cell::Text)],
        );
    }

    fn search(&mut self) {
        let term = self.random.below(TERMS.len() as u32);
        // Nobody sells raincoats here.
        let results = if term + 1 == TERMS.len() as u32 {
            0
        } else {
            1 + self.random.wait(14)
        };
        self.emit(
            Event::Searched,
            &[Cell::Text(term as usize), Cell::Number(results)],
        );
    }

    /// Views a product, and says which, its price and its category.
    fn product(&mut self) -> (Cell, u32, usize) {
        let mut number = 0;
        for _ in 0..3 {
            let place = self.random.below(self.setting.products.len() as u32);
            number = usize::from(
                self.setting
                    .products
                    .get(place as usize)
                    .copied()
                    .unwrap_or(0),
            );
            let favourite = PRODUCTS
                .get(number)
                .is_some_and(|found| found.category == self.favourite);
            if favourite || self.random.chance(400) {
                break;
            }
        }
        let (price, category) = PRODUCTS
            .get(number)
            .map_or((0, 0), |product| (product.price, product.category));
        let product = Cell::Text(number);
        let in_stock = Cell::Boolean(!self.random.chance(60));
        self.emit(
            Event::ProductViewed,
            &[product, Cell::Text(category), Cell::Cents(price), in_stock],
        );
        (product, price, category)
    }

    fn check_out(&mut self, day: u32, items: u32, value: u32, category: usize) {
        let sale = self
            .setting
            .busyness
            .get(day as usize)
            .is_some_and(|busyness| *busyness > 1_500);
        self.emit(
            Event::CheckoutStarted,
            &[Cell::Cents(value), Cell::Number(items)],
        );
        if self.random.chance(160) {
            return;
        }
        let mut paid = value;
        let mut with = Cell::Missing;
        if self.random.chance(if sale { 420 } else { 170 }) {
            let coupon = if sale {
                3
            } else {
                self.random.pick(&[40, 25, 20, 3, 12])
            };
            let discount = value / 100 * DISCOUNTS.get(coupon).copied().unwrap_or(0);
            paid -= discount;
            with = Cell::Text(coupon.min(COUPONS.len() - 1));
            self.emit(Event::CouponApplied, &[with, Cell::Cents(discount)]);
        }
        if !self.signed_up {
            if self.random.chance(350) {
                return;
            }
            self.sign_up();
        }
        let payment = Cell::Text(
            self.random
                .pick(&[44, 26, 14, 9, 7])
                .min(PAYMENTS.len() - 1),
        );
        if self
            .random
            .chance(if OUTAGE.contains(&day) { 620 } else { 45 })
        {
            let failure = self.random.pick(&[45, 20, 25, 10]).min(FAILURES.len() - 1);
            self.emit(Event::PaymentFailed, &[Cell::Text(failure), payment]);
            if self.random.chance(480) {
                return;
            }
        }
        self.order(items, paid, category, with, payment);
    }

    fn order(&mut self, items: u32, paid: u32, category: usize, coupon: Cell, payment: Cell) {
        let shipping = self.random.pick(&[68, 24, 8]);
        let days = match shipping {
            0 => 3 + i64::from(self.random.below(5)),
            1 => 1 + i64::from(self.random.below(2)),
            _ => 1,
        };
        let gift = self.random.chance(90);
        let at = self.emit(
            Event::OrderCompleted,
            &[
                Cell::Cents(paid),
                Cell::Number(items),
                Cell::Text(category),
                coupon,
                payment,
                Cell::Text(shipping),
                Cell::Boolean(gift),
                Cell::Datetime((self.now.div_euclid(DAY) + days) * DAY + 17 * HOUR),
            ],
        );
        self.orders += 1;
        if at < self.setting.known {
            self.facts.orders += 1;
            self.facts.spent += paid;
            self.facts.last_order_at = Some(at);
            self.facts.category = Some(category);
        }
        if self.random.chance(70) {
            let later = at + DAY + i64::from(self.random.wait(8)) * DAY + self.within_a_day();
            let reason = self.random.below(REFUNDS.len() as u32) as usize;
            self.emit_at(
                Event::OrderRefunded,
                later,
                &[Cell::Text(reason), Cell::Cents(paid)],
            );
        }
        if self.random.chance(self.by_bond([60, 140, 220])) {
            let later = at + 3 * DAY + i64::from(self.random.wait(5)) * DAY + self.within_a_day();
            let rating = 1 + self.random.pick(&[6, 5, 11, 28, 50]) as u32;
            let photo = Cell::Boolean(self.random.chance(230));
            self.emit_at(
                Event::ReviewSubmitted,
                later,
                &[Cell::Number(rating), Cell::Text(category), photo],
            );
        }
        if !self.member && self.orders > 1 && self.random.chance(130) {
            self.join();
        }
    }

    /// Becomes a member, perhaps for a trial that ends.
    fn join(&mut self) {
        self.member = true;
        let plan = 1 + self.random.pick(&[72, 28]);
        let trial = self.random.chance(450);
        let at = self.emit(
            Event::MembershipStarted,
            &[Cell::Text(plan), Cell::Boolean(trial)],
        );
        if at < self.setting.known {
            self.facts.plan = Some(plan);
        }
        if self.random.chance(if trial { 380 } else { 160 }) {
            let days = if trial { 14 } else { 30 + self.random.wait(60) };
            let later = at + i64::from(days) * DAY + self.within_a_day();
            let reason = self.random.below(LEAVING.len() as u32) as usize;
            self.emit_at(
                Event::MembershipCancelled,
                later,
                &[Cell::Text(plan), Cell::Text(reason)],
            );
            if later < self.setting.known {
                self.facts.plan = Some(0);
            }
        }
    }

    fn sign_up(&mut self) {
        let method = self.random.pick(&[60, 28, 12]).min(METHODS.len() - 1);
        let at = self.emit(Event::SignedUp, &[Cell::Text(method)]);
        self.sign_up_at(at);
        if self.random.chance(310) {
            let place = self.random.below(PLACES.len() as u32) as usize;
            let at = self.emit(Event::NewsletterSubscribed, &[Cell::Text(place)]);
            self.subscribed = true;
            if at < self.setting.known {
                self.facts.newsletter = Some(true);
            }
        }
    }

    fn sign_up_at(&mut self, at: i64) {
        self.signed_up = true;
        let verified = self.random.chance(810);
        if at < self.setting.known {
            self.facts.signed_up_at = Some(at);
            self.facts.plan = Some(0);
            self.facts.newsletter = Some(false);
            self.facts.verified = Some(verified);
        }
    }

    fn within_a_day(&mut self) -> i64 {
        i64::from(self.random.below(DAY as u32 / 2))
    }

    /// Does something now, takes a while for it, and says when it was.
    fn emit(&mut self, event: Event, cells: &[Cell]) -> i64 {
        let at = self.now;
        self.now += 3 * SECOND + i64::from(self.random.wait(34_000));
        self.emit_at(event, at, cells);
        at
    }

    fn emit_at(&mut self, event: Event, at: i64, cells: &[Cell]) {
        if at < self.setting.end {
            self.sheets
                .push(event, self.number, self.id, at, self.common, cells);
        }
    }
}
