//! Rows on their way into batches: a sheet for each event's name, because each has properties of its own.

use segments_engine_api::batch::{
    Coded, Column, EventBatch, MISSING, MISSING_BOOLEAN, MISSING_DATETIME, Texts, Values,
};

use crate::world::{
    CATEGORIES, COUPONS, FAILURES, LEAVING, METHODS, PAGES, PAYMENTS, PLACES, PLANS, PLATFORMS,
    PRODUCTS, REFERRERS, REFUNDS, SHIPPING, TERMS, TOPICS, VERSIONS,
};

/// What happens at the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    PageViewed,
    Searched,
    ProductViewed,
    AddedToCart,
    RemovedFromCart,
    AddedToWishlist,
    CheckoutStarted,
    CouponApplied,
    PaymentFailed,
    OrderCompleted,
    OrderRefunded,
    ReviewSubmitted,
    SignedUp,
    NewsletterSubscribed,
    SupportContacted,
    MembershipStarted,
    MembershipCancelled,
}

/// Whose texts a property has.
#[derive(Clone, Copy)]
enum Kind {
    Text(&'static [&'static str]),
    Product,
    Number,
    Boolean,
    Datetime,
}

/// A value on its way into a sheet.
#[derive(Clone, Copy)]
pub(crate) enum Cell {
    Missing,
    /// The number of a text in the property's list.
    Text(usize),
    Number(u32),
    /// An amount of money in cents.
    Cents(u32),
    Boolean(bool),
    /// Milliseconds since 1970.
    Datetime(i64),
}

/// The properties that every event has.
const COMMON: [(&str, Kind); 2] = [
    ("platform", Kind::Text(&PLATFORMS)),
    ("app_version", Kind::Text(&VERSIONS)),
];

/// Each event's name and properties.
const EVENTS: [(&str, &[(&str, Kind)]); 17] = [
    (
        "Page Viewed",
        &[
            ("page", Kind::Text(&PAGES)),
            ("referrer", Kind::Text(&REFERRERS)),
        ],
    ),
    (
        "Searched",
        &[
            ("search_term", Kind::Text(&TERMS)),
            ("results", Kind::Number),
        ],
    ),
    (
        "Product Viewed",
        &[
            ("product", Kind::Product),
            ("category", Kind::Text(&CATEGORIES)),
            ("price", Kind::Number),
            ("in_stock", Kind::Boolean),
        ],
    ),
    (
        "Added to Cart",
        &[
            ("product", Kind::Product),
            ("category", Kind::Text(&CATEGORIES)),
            ("price", Kind::Number),
            ("quantity", Kind::Number),
        ],
    ),
    (
        "Removed from Cart",
        &[
            ("product", Kind::Product),
            ("category", Kind::Text(&CATEGORIES)),
        ],
    ),
    (
        "Added to Wishlist",
        &[
            ("product", Kind::Product),
            ("category", Kind::Text(&CATEGORIES)),
            ("price", Kind::Number),
        ],
    ),
    (
        "Checkout Started",
        &[("cart_value", Kind::Number), ("items", Kind::Number)],
    ),
    (
        "Coupon Applied",
        &[("coupon", Kind::Text(&COUPONS)), ("discount", Kind::Number)],
    ),
    (
        "Payment Failed",
        &[
            ("failure", Kind::Text(&FAILURES)),
            ("payment_method", Kind::Text(&PAYMENTS)),
        ],
    ),
    (
        "Order Completed",
        &[
            ("revenue", Kind::Number),
            ("items", Kind::Number),
            ("category", Kind::Text(&CATEGORIES)),
            ("coupon", Kind::Text(&COUPONS)),
            ("payment_method", Kind::Text(&PAYMENTS)),
            ("shipping", Kind::Text(&SHIPPING)),
            ("gift", Kind::Boolean),
            ("delivery_due", Kind::Datetime),
        ],
    ),
    (
        "Order Refunded",
        &[("reason", Kind::Text(&REFUNDS)), ("amount", Kind::Number)],
    ),
    (
        "Review Submitted",
        &[
            ("rating", Kind::Number),
            ("category", Kind::Text(&CATEGORIES)),
            ("photo", Kind::Boolean),
        ],
    ),
    ("Signed Up", &[("method", Kind::Text(&METHODS))]),
    (
        "Newsletter Subscribed",
        &[("placement", Kind::Text(&PLACES))],
    ),
    (
        "Support Contacted",
        &[("topic", Kind::Text(&TOPICS)), ("solved", Kind::Boolean)],
    ),
    (
        "Membership Started",
        &[("plan", Kind::Text(&PLANS)), ("trial", Kind::Boolean)],
    ),
    (
        "Membership Cancelled",
        &[
            ("plan", Kind::Text(&PLANS)),
            ("reason", Kind::Text(&LEAVING)),
        ],
    ),
];

/// The sheets of some users.
pub(crate) struct Sheets {
    sheets: Vec<Sheet>,
}

struct Sheet {
    users: Texts,
    codes: Vec<u32>,
    last: u32,
    times: Vec<i64>,
    columns: Vec<Cells>,
}

enum Cells {
    Text(Vec<u32>),
    Number(Vec<f64>),
    Boolean(Vec<u8>),
    Datetime(Vec<i64>),
}

impl Sheets {
    pub(crate) fn new() -> Self {
        let sheets = EVENTS
            .iter()
            .map(|(_, properties)| Sheet {
                users: Texts::new(),
                codes: Vec::new(),
                last: MISSING,
                times: Vec::new(),
                columns: COMMON
                    .iter()
                    .chain(*properties)
                    .map(|(_, kind)| Cells::new(*kind))
                    .collect(),
            })
            .collect();
        Self { sheets }
    }

    /// Adds an event; `number` tells users apart and `id` is the user's id.
    #[inline]
    pub(crate) fn push(
        &mut self,
        event: Event,
        number: u32,
        id: &str,
        time: i64,
        common: [Cell; 2],
        cells: &[Cell],
    ) {
        let Some(sheet) = self.sheets.get_mut(event as usize) else {
            return;
        };
        if sheet.last != number {
            sheet.last = number;
            sheet.users.push(id);
        }
        sheet.codes.push(sheet.users.len() as u32 - 1);
        sheet.times.push(time);
        for (column, cell) in sheet.columns.iter_mut().zip(common.iter().chain(cells)) {
            column.push(*cell);
        }
    }

    /// A batch for each event that happened.
    pub(crate) fn into_batches(self) -> impl Iterator<Item = EventBatch> {
        self.sheets
            .into_iter()
            .zip(EVENTS)
            .filter(|(sheet, _)| !sheet.times.is_empty())
            .map(|(sheet, (name, properties))| {
                let mut names = Texts::new();
                names.push(name);
                EventBatch {
                    users: Coded {
                        dictionary: sheet.users,
                        codes: sheet.codes,
                    },
                    events: Coded {
                        dictionary: names,
                        codes: vec![0; sheet.times.len()],
                    },
                    times: sheet.times,
                    properties: sheet
                        .columns
                        .into_iter()
                        .zip(COMMON.iter().chain(properties))
                        .map(|(cells, (name, kind))| Column {
                            name: (*name).to_owned(),
                            values: cells.into_values(*kind),
                        })
                        .collect(),
                }
            })
    }
}

impl Cells {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text(_) | Kind::Product => Self::Text(Vec::new()),
            Kind::Number => Self::Number(Vec::new()),
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Datetime => Self::Datetime(Vec::new()),
        }
    }

    #[inline]
    fn push(&mut self, cell: Cell) {
        match self {
            Self::Text(codes) => codes.push(match cell {
                Cell::Text(code) => code as u32,
                _ => MISSING,
            }),
            Self::Number(numbers) => numbers.push(number(cell)),
            Self::Boolean(booleans) => booleans.push(match cell {
                Cell::Boolean(boolean) => u8::from(boolean),
                _ => MISSING_BOOLEAN,
            }),
            Self::Datetime(datetimes) => datetimes.push(match cell {
                Cell::Datetime(millis) => millis,
                _ => MISSING_DATETIME,
            }),
        }
    }

    fn into_values(self, kind: Kind) -> Values {
        match self {
            Self::Text(codes) => Values::String(Coded {
                dictionary: match kind {
                    Kind::Text(texts) => dictionary(texts.iter().copied()),
                    _ => dictionary(PRODUCTS.iter().map(|product| product.name)),
                },
                codes,
            }),
            Self::Number(numbers) => Values::Number(numbers),
            Self::Boolean(booleans) => Values::Boolean(booleans),
            Self::Datetime(datetimes) => Values::Datetime(datetimes),
        }
    }
}

/// A number as the store wants it. A division of whole numbers is rounded alike on every machine.
pub(crate) fn number(cell: Cell) -> f64 {
    match cell {
        Cell::Number(number) => f64::from(number),
        Cell::Cents(cents) => f64::from(cents) / 100.0,
        _ => f64::NAN,
    }
}

pub(crate) fn dictionary<'t>(texts: impl Iterator<Item = &'t str>) -> Texts {
    let mut dictionary = Texts::new();
    for text in texts {
        dictionary.push(text);
    }
    dictionary
}
