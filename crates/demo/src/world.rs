//! What the shop sells, to whom, and what may happen there.

/// A country that customers are from.
pub(crate) struct Country {
    pub(crate) name: &'static str,
    /// In [`LANGUAGES`].
    pub(crate) language: usize,
    /// The middle of its clocks, in hours from UTC.
    pub(crate) hours: i64,
    pub(crate) weight: u32,
    /// How much likelier than elsewhere an order is, in thousandths.
    pub(crate) buying: u32,
}

const fn country(
    name: &'static str,
    language: usize,
    hours: i64,
    weight: u32,
    buying: u32,
) -> Country {
    Country {
        name,
        language,
        hours,
        weight,
        buying,
    }
}

pub(crate) const COUNTRIES: [Country; 12] = [
    country("United States", 0, -6, 340, 1_000),
    country("United Kingdom", 0, 0, 120, 1_080),
    country("Germany", 1, 1, 110, 1_150),
    country("France", 2, 1, 80, 980),
    country("Canada", 0, -5, 70, 1_000),
    country("Brazil", 3, -3, 60, 720),
    country("India", 0, 6, 60, 560),
    country("Australia", 0, 10, 50, 1_060),
    country("Netherlands", 4, 1, 40, 1_120),
    country("Spain", 5, 1, 30, 900),
    country("Norway", 6, 1, 25, 1_200),
    country("Japan", 7, 9, 15, 840),
];

pub(crate) const LANGUAGES: [&str; 8] = ["en", "de", "fr", "pt", "nl", "es", "nb", "ja"];

/// How customers came to know of the shop.
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) weight: u32,
    /// Of a thousand: those who come once, those who shop, those who stay.
    pub(crate) kinds: [u32; 3],
    /// Where a first visit comes from, in [`REFERRERS`].
    pub(crate) referrer: Option<usize>,
}

const fn channel(
    name: &'static str,
    weight: u32,
    kinds: [u32; 3],
    referrer: Option<usize>,
) -> Channel {
    Channel {
        name,
        weight,
        kinds,
        referrer,
    }
}

pub(crate) const CHANNELS: [Channel; 7] = [
    channel("Organic Search", 290, [470, 430, 100], Some(0)),
    channel("Paid Search", 210, [570, 370, 60], Some(0)),
    channel("Social", 180, [700, 265, 35], Some(1)),
    channel("Direct", 130, [420, 440, 140], None),
    channel("Email", 80, [300, 520, 180], Some(2)),
    channel("Referral", 60, [250, 520, 230], Some(3)),
    channel("Affiliate", 50, [640, 320, 40], Some(4)),
];

pub(crate) struct Product {
    pub(crate) name: &'static str,
    pub(crate) category: usize,
    /// In cents.
    pub(crate) price: u32,
    pub(crate) weight: u32,
}

const fn product(name: &'static str, category: usize, price: u32, weight: u32) -> Product {
    Product {
        name,
        category,
        price,
        weight,
    }
}

pub(crate) const CATEGORIES: [&str; 6] = [
    "Outdoor",
    "Kitchen",
    "Home",
    "Stationery",
    "Travel",
    "Electronics",
];

pub(crate) const PRODUCTS: [Product; 32] = [
    product("Trail Tent", 0, 24_900, 18),
    product("Summit Sleeping Bag", 0, 13_900, 22),
    product("Ridge Backpack", 0, 8_900, 50),
    product("Camp Stove", 0, 5_900, 30),
    product("Head Torch", 0, 3_450, 42),
    product("Folding Chair", 0, 4_200, 26),
    product("Cast Iron Pan", 1, 4_900, 46),
    product("Pour-over Set", 1, 3_900, 58),
    product("Chef's Knife", 1, 7_900, 34),
    product("Enamel Mug", 1, 1_450, 80),
    product("Spice Box", 1, 2_990, 38),
    product("Bread Tin", 1, 2_250, 28),
    product("Linen Throw", 2, 6_400, 40),
    product("Table Lamp", 2, 8_250, 30),
    product("Wool Cushion", 2, 3_600, 44),
    product("Oak Shelf", 2, 11_900, 16),
    product("Scented Candle", 2, 1_950, 72),
    product("Wall Clock", 2, 4_500, 20),
    product("Dot Grid Notebook", 3, 1_290, 84),
    product("Fountain Pen", 3, 3_200, 36),
    product("Weekly Planner", 3, 1_890, 60),
    product("Brass Ruler", 3, 1_150, 24),
    product("Desk Organizer", 3, 2_790, 32),
    product("Weekender Bag", 4, 11_500, 34),
    product("Packing Cubes", 4, 2_900, 56),
    product("Travel Adapter", 4, 2_450, 48),
    product("Neck Pillow", 4, 2_600, 34),
    product("Passport Wallet", 4, 3_100, 30),
    product("Wireless Earbuds", 5, 9_900, 52),
    product("Pocket Projector", 5, 29_900, 12),
    product("Power Bank", 5, 4_400, 54),
    product("E-reader", 5, 13_500, 26),
];

pub(crate) const PLATFORMS: [&str; 3] = ["Web", "iOS", "Android"];
/// Two from before the wish list, two with it.
pub(crate) const VERSIONS: [&str; 4] = ["5.8.2", "5.9.0", "6.0.1", "6.1.0"];
pub(crate) const PAGES: [&str; 7] = [
    "/",
    "/sale",
    "/new",
    "/category",
    "/about",
    "/blog/packing-light",
    "/help/shipping",
];
pub(crate) const REFERRERS: [&str; 6] = [
    "google.com",
    "instagram.com",
    "mail.google.com",
    "friendsofmeridian.com",
    "dealfinder.com",
    "news.meridian.store",
];
pub(crate) const TERMS: [&str; 16] = [
    "backpack",
    "gift",
    "notebook",
    "coffee",
    "lamp",
    "tent",
    "earbuds",
    "candle",
    "knife",
    "bag",
    "planner",
    "mug",
    "adapter",
    "blanket",
    "gift card",
    "raincoat",
];
pub(crate) const COUPONS: [&str; 5] = ["WELCOME10", "FREESHIP", "SPRING15", "BLACK25", "FRIEND20"];
/// Of a hundred.
pub(crate) const DISCOUNTS: [u32; 5] = [10, 5, 15, 25, 20];
pub(crate) const PAYMENTS: [&str; 5] = [
    "Credit Card",
    "PayPal",
    "Apple Pay",
    "Google Pay",
    "Invoice",
];
pub(crate) const SHIPPING: [&str; 3] = ["Standard", "Express", "Pickup"];
pub(crate) const FAILURES: [&str; 4] = [
    "Card Declined",
    "Timed Out",
    "Insufficient Funds",
    "3-D Secure Failed",
];
pub(crate) const REFUNDS: [&str; 5] = [
    "Damaged",
    "Too Late",
    "Not as Described",
    "Wrong Item",
    "Changed Mind",
];
pub(crate) const TOPICS: [&str; 5] = ["Delivery", "Returns", "Payment", "Product", "Account"];
pub(crate) const METHODS: [&str; 3] = ["Email", "Google", "Apple"];
pub(crate) const PLANS: [&str; 3] = ["Basic", "Plus", "Premium"];
pub(crate) const LEAVING: [&str; 4] = ["Price", "Seldom Used", "Moved", "Other"];
pub(crate) const PLACES: [&str; 3] = ["Footer", "Checkout", "Pop-up"];

/// The hours of customers' days, by their own clocks, from midnight on.
pub(crate) const HOURS: [u32; 24] = [
    14, 8, 5, 3, 3, 6, 14, 28, 38, 46, 52, 56, 64, 58, 52, 50, 52, 58, 68, 82, 94, 88, 62, 32,
];
