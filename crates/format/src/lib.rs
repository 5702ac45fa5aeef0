//! Numbers and times as people read them, by the browser's own `Intl`: in its language, in a given time zone.
#![forbid(unsafe_code)]

pub mod url;

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, Utc};
use js_sys::{Array, Function, Object, Reflect};
use segments_model::{Instant, Value};
use wasm_bindgen::{JsCast as _, JsValue};

/// 1,204,318
#[must_use]
pub fn count(number: u64) -> String {
    // Counts stay far below the 2^53 up to which a double is exact.
    decimal(number as f64)
}

/// A number as data has it, with up to six decimals.
#[must_use]
pub fn decimal(number: f64) -> String {
    let text = || formatted(&Format::Number { decimals: 6 }, &number.into());
    in_browser(text).unwrap_or_else(|| number.to_string())
}

/// 1.2M
#[must_use]
pub fn compact(number: u64) -> String {
    let text = || formatted(&Format::Compact, &JsValue::from_f64(number as f64));
    in_browser(text).unwrap_or_else(|| number.to_string())
}

/// A share of 0 to 1 in percent with one decimal: 13.9%
#[must_use]
pub fn percent(share: f64) -> String {
    let text = || formatted(&Format::Percent, &share.into());
    in_browser(text).unwrap_or_else(|| format!("{:.1}%", share * 100.0))
}

/// How many of something, with the word that goes with it: 1 user, 12 users.
#[must_use]
pub fn plural(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", count(number))
}

/// 23 Nov 2026
#[must_use]
pub fn date(instant: Instant, zone: &str) -> String {
    time_in(zone, TimeStyle::Date, instant)
}

/// 09:14
#[must_use]
pub fn time(instant: Instant, zone: &str) -> String {
    time_in(zone, TimeStyle::Time, instant)
}

/// 23 Nov 2026, 09:14 EST
#[must_use]
pub fn date_time(instant: Instant, zone: &str) -> String {
    time_in(zone, TimeStyle::DateTime, instant)
}

/// 23 Nov 2026, 09:14:07.250 EST
#[must_use]
pub fn exact(instant: Instant, zone: &str) -> String {
    time_in(zone, TimeStyle::Exact, instant)
}

/// 24 Oct 2026 00:00 EDT (UTC−4), for the bounds of a range: around a change of the clocks their offsets differ.
#[must_use]
pub fn bound(instant: Instant, zone: &str) -> String {
    let time = date_time(instant, zone).replacen(',', "", 1);
    let minutes = offset_minutes(instant, zone);
    let sign = if minutes < 0 { '\u{2212}' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    match (minutes, rest) {
        (0, _) => time,
        (_, 0) => format!("{time} (UTC{sign}{hours})"),
        _ => format!("{time} (UTC{sign}{hours}:{rest:02})"),
    }
}

/// How many local days a range of instants touches, `end` being the first instant after it.
#[must_use]
pub fn days(start: Instant, end: Instant, zone: &str) -> Option<u64> {
    let last = end.saturating_add_millis(-1);
    if last < start {
        return Some(0);
    }
    let day = |instant: Instant| local(instant, zone).date();
    u64::try_from((day(last) - day(start)).num_days() + 1).ok()
}

/// How far a zone's clock is ahead of UTC.
fn offset_minutes(instant: Instant, zone: &str) -> i64 {
    (local(instant, zone) - instant.to_utc().naive_utc()).num_minutes()
}

/// What the zone calls its clock at an instant: EST
#[must_use]
pub fn zone_word(instant: Instant, zone: &str) -> String {
    let format = Format::Time {
        zone: zone.to_owned(),
        style: TimeStyle::DateTime,
    };
    parts(&format, instant)
        .and_then(|mut parts| parts.remove("timeZoneName"))
        .unwrap_or_else(|| zone.to_owned())
}

/// What the clock of a zone shows at an instant; that of UTC where the browser does not know the zone.
#[must_use]
pub fn local(instant: Instant, zone: &str) -> NaiveDateTime {
    let format = Format::Time {
        zone: zone.to_owned(),
        style: TimeStyle::Figures,
    };
    parts(&format, instant)
        .and_then(|parts| read_local(&parts))
        .unwrap_or_else(|| instant.to_utc().naive_utc())
}

/// The same with how far that clock is ahead of UTC.
#[must_use]
pub fn clock(instant: Instant, zone: &str) -> DateTime<FixedOffset> {
    let ahead = i32::try_from(offset_minutes(instant, zone) * 60).ok();
    let offset = ahead
        .and_then(FixedOffset::east_opt)
        .unwrap_or_else(|| Utc.fix());
    instant.to_utc().with_timezone(&offset)
}

/// November, in the browser's language.
#[must_use]
pub fn month_name(day: NaiveDate) -> String {
    named_day(day, DayStyle::Month).unwrap_or_else(|| day.format("%B").to_string())
}

/// Mon, in the browser's language.
#[must_use]
pub fn short_weekday(day: NaiveDate) -> String {
    named_day(day, DayStyle::ShortWeekday).unwrap_or_else(|| day.format("%a").to_string())
}

/// Monday, in the browser's language.
#[must_use]
pub fn weekday(day: NaiveDate) -> String {
    named_day(day, DayStyle::Weekday).unwrap_or_else(|| day.format("%A").to_string())
}

/// Monday, November 23, 2026, in the browser's language and order.
#[must_use]
pub fn whole_day(day: NaiveDate) -> String {
    named_day(day, DayStyle::Whole).unwrap_or_else(|| day.format("%A, %-d %B %Y").to_string())
}

/// The language that days and months are named in, as `lang` has it.
#[must_use]
pub fn language() -> Option<String> {
    let options = call(
        &cached(&Format::Day(DayStyle::Whole))?,
        "resolvedOptions",
        &[],
    )?;
    Reflect::get(&options, &"locale".into()).ok()?.as_string()
}

/// 4 min. ago, in 2 days. Where it says "now", the two are less than a minute apart.
#[must_use]
pub fn relative(instant: Instant, now: Instant) -> String {
    let seconds = (instant.millis() - now.millis()) as f64 / 1000.0;
    let (value, unit) = relative_unit(seconds);
    let format = cached(&Format::Relative);
    let arguments = [JsValue::from_f64(value), unit.into()];
    format
        .and_then(|format| call(&format, "format", &arguments))
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| format!("{value} {unit}s"))
}

/// The greatest unit that a span of time fills, and how often, rounded towards now.
fn relative_unit(seconds: f64) -> (f64, &'static str) {
    const UNITS: [(f64, &str); 6] = [
        (31_556_952.0, "year"),
        (2_629_746.0, "month"),
        (604_800.0, "week"),
        (86_400.0, "day"),
        (3_600.0, "hour"),
        (60.0, "minute"),
    ];
    for (length, unit) in UNITS {
        if seconds.abs() >= length {
            return ((seconds / length).trunc(), unit);
        }
    }
    (0.0, "second")
}

/// A property's value.
#[must_use]
pub fn value(value: &Value, zone: &str) -> String {
    match value {
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Number(number) => decimal(*number),
        Value::String(text) => match Instant::parse(text) {
            Ok(instant) => date_time(instant, zone),
            Err(_) => text.clone(),
        },
    }
}

/// The browser's time zone, by its IANA name.
#[must_use]
pub fn browser_zone() -> Option<String> {
    let format = construct("DateTimeFormat", &JsValue::UNDEFINED, &Object::new())?;
    let options = call(&format, "resolvedOptions", &[])?;
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// The IANA time zones that the browser knows, UTC first.
#[must_use]
pub fn zones() -> Vec<String> {
    let mut zones = vec!["UTC".to_owned()];
    let known = intl().and_then(|intl| call(&intl, "supportedValuesOf", &["timeZone".into()]));
    if let Some(known) = known.and_then(|known| known.dyn_into::<Array>().ok()) {
        zones.extend(
            known
                .iter()
                .filter_map(|zone| zone.as_string())
                .filter(|zone| zone != "UTC"),
        );
    }
    zones
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum TimeStyle {
    Date,
    Time,
    DateTime,
    Exact,
    Figures,
}

/// How a day of the calendar, or a part of it, is named in the browser's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DayStyle {
    Month,
    ShortWeekday,
    Weekday,
    Whole,
}

/// What a format is made for. `Intl` objects are slow to make and quick to use, so each is made once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Format {
    Number { decimals: u8 },
    Compact,
    Percent,
    Relative,
    Time { zone: String, style: TimeStyle },
    Day(DayStyle),
}

impl Format {
    fn make(&self) -> Option<JsValue> {
        let (class, options): (&str, Vec<(&str, JsValue)>) = match self {
            Self::Number { decimals } => (
                "NumberFormat",
                vec![("maximumFractionDigits", (*decimals).into())],
            ),
            Self::Compact => (
                "NumberFormat",
                vec![
                    ("notation", "compact".into()),
                    ("maximumFractionDigits", 1.into()),
                ],
            ),
            Self::Percent => (
                "NumberFormat",
                vec![
                    ("style", "percent".into()),
                    ("minimumFractionDigits", 1.into()),
                    ("maximumFractionDigits", 1.into()),
                ],
            ),
            Self::Relative => (
                "RelativeTimeFormat",
                vec![("numeric", "auto".into()), ("style", "short".into())],
            ),
            Self::Time { zone, style } => ("DateTimeFormat", time_options(zone, *style)),
            Self::Day(style) => ("DateTimeFormat", day_options(*style)),
        };
        // The page's words are English, and so are the figures between them. Only a calendar is read by itself.
        let language = match self {
            Self::Day(_) => JsValue::UNDEFINED,
            _ => "en-US".into(),
        };
        let object = Object::new();
        for (name, option) in options {
            Reflect::set(&object, &name.into(), &option).ok()?;
        }
        construct(class, &language, &object)
    }
}

fn day_options(style: DayStyle) -> Vec<(&'static str, JsValue)> {
    let mut options = vec![("timeZone", "UTC".into()), ("calendar", "gregory".into())];
    options.extend(match style {
        DayStyle::Month => vec![("month", "long".into())],
        DayStyle::ShortWeekday => vec![("weekday", "short".into())],
        DayStyle::Weekday => vec![("weekday", "long".into())],
        DayStyle::Whole => vec![("dateStyle", "full".into())],
    });
    options
}

fn named_day(day: NaiveDate, style: DayStyle) -> Option<String> {
    let millis = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    formatted(
        &Format::Day(style),
        &js_date(Instant::from_millis_saturating(millis)),
    )
}

/// The date and time that figures from `Intl` say.
fn read_local(parts: &HashMap<String, String>) -> Option<NaiveDateTime> {
    let figure = |name: &str| parts.get(name)?.parse::<u32>().ok();
    let year = i32::try_from(figure("year")?).ok()?;
    NaiveDate::from_ymd_opt(year, figure("month")?, figure("day")?)?.and_hms_milli_opt(
        figure("hour")?,
        figure("minute")?,
        figure("second")?,
        figure("fractionalSecond")?,
    )
}

fn js_date(instant: Instant) -> JsValue {
    js_sys::Date::new(&JsValue::from_f64(instant.millis() as f64)).into()
}

fn time_options(zone: &str, style: TimeStyle) -> Vec<(&'static str, JsValue)> {
    let mut options = vec![("timeZone", zone.into())];
    if style != TimeStyle::Time {
        options.extend([
            ("day", "numeric".into()),
            (
                "month",
                if style == TimeStyle::Figures {
                    "numeric"
                } else {
                    "short"
                }
                .into(),
            ),
            ("year", "numeric".into()),
        ]);
    }
    if style != TimeStyle::Date {
        options.extend([
            ("hour", "2-digit".into()),
            ("minute", "2-digit".into()),
            ("hourCycle", "h23".into()),
        ]);
    }
    if matches!(style, TimeStyle::DateTime | TimeStyle::Exact) {
        options.push(("timeZoneName", "short".into()));
    }
    if matches!(style, TimeStyle::Exact | TimeStyle::Figures) {
        options.extend([
            ("second", "2-digit".into()),
            ("fractionalSecondDigits", 3.into()),
        ]);
    }
    options
}

fn time_in(zone: &str, style: TimeStyle, instant: Instant) -> String {
    let format = Format::Time {
        zone: zone.to_owned(),
        style,
    };
    parts(&format, instant).map_or_else(|| instant.to_string(), |parts| arranged(style, &parts))
}

/// The parts of a time as `Intl` names them: `month` is "Nov".
fn parts(format: &Format, instant: Instant) -> Option<HashMap<String, String>> {
    let parts = in_browser(|| call(&cached(format)?, "formatToParts", &[js_date(instant)]))?;
    let text = |part: &JsValue, name: &str| Reflect::get(part, &name.into()).ok()?.as_string();
    parts
        .dyn_into::<Array>()
        .ok()?
        .iter()
        .map(|part| Some((text(&part, "type")?, text(&part, "value")?)))
        .collect()
}

/// The parts in an order that nobody takes for another: the day before the month's name, the hours to 23.
fn arranged(style: TimeStyle, parts: &HashMap<String, String>) -> String {
    let part = |name: &str| parts.get(name).map_or("", String::as_str);
    let date = format!("{} {} {}", part("day"), part("month"), part("year"));
    let time = format!("{}:{}", part("hour"), part("minute"));
    match style {
        TimeStyle::Date => date,
        TimeStyle::Time => time,
        TimeStyle::Figures => format!("{date} {time}"),
        TimeStyle::DateTime => format!("{date}, {time} {}", part("timeZoneName")),
        TimeStyle::Exact => format!(
            "{date}, {time}:{}.{} {}",
            part("second"),
            part("fractionalSecond"),
            part("timeZoneName")
        ),
    }
}

fn formatted(format: &Format, value: &JsValue) -> Option<String> {
    call(&cached(format)?, "format", std::slice::from_ref(value))?.as_string()
}

/// What a browser says; none in native tests, where a plainer text does.
fn in_browser<T>(say: impl FnOnce() -> Option<T>) -> Option<T> {
    if cfg!(target_family = "wasm") {
        say()
    } else {
        None
    }
}

/// The format, made at its first use; none where the browser refuses, as it does a zone that it does not know.
fn cached(format: &Format) -> Option<JsValue> {
    thread_local! {
        static FORMATS: RefCell<HashMap<Format, Option<JsValue>>> = RefCell::default();
    }
    FORMATS.with_borrow_mut(|formats| {
        formats
            .entry(format.clone())
            .or_insert_with(|| format.make())
            .clone()
    })
}

fn intl() -> Option<JsValue> {
    Reflect::get(&js_sys::global(), &"Intl".into()).ok()
}

fn construct(class: &str, language: &JsValue, options: &Object) -> Option<JsValue> {
    let class: Function = Reflect::get(&intl()?, &class.into())
        .ok()?
        .dyn_into()
        .ok()?;
    Reflect::construct(&class, &Array::of2(language, options)).ok()
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    method
        .apply(object, &arguments.iter().collect::<Array>())
        .ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{TimeStyle, arranged, read_local, relative_unit};

    #[test]
    fn the_day_comes_before_the_month() {
        let parts = [
            ("day", "3"),
            ("month", "Sep"),
            ("year", "2026"),
            ("hour", "00"),
            ("minute", "05"),
            ("second", "07"),
            ("fractionalSecond", "250"),
            ("timeZoneName", "EDT"),
        ];
        let parts: HashMap<String, String> = parts
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(
            arranged(TimeStyle::DateTime, &parts),
            "3 Sep 2026, 00:05 EDT"
        );
        assert_eq!(
            arranged(TimeStyle::Exact, &parts),
            "3 Sep 2026, 00:05:07.250 EDT"
        );
    }

    #[test]
    fn figures_become_a_time() {
        let mut parts: HashMap<String, String> = [
            ("month", "2"),
            ("literal", "/"),
            ("day", "29"),
            ("year", "2024"),
            ("hour", "00"),
            ("minute", "05"),
            ("second", "07"),
            ("fractionalSecond", "250"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let time = read_local(&parts).map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2024-02-29 00:05:07.250"));
        parts.insert("year".to_owned(), "2023".to_owned());
        assert_eq!(read_local(&parts), None);
    }

    #[test]
    fn a_span_is_told_in_its_greatest_unit() {
        assert_eq!(relative_unit(-59.0), (0.0, "second"));
        assert_eq!(relative_unit(-240.0), (-4.0, "minute"));
        assert_eq!(relative_unit(-86_399.0), (-23.0, "hour"));
        assert_eq!(relative_unit(172_800.0), (2.0, "day"));
        assert_eq!(relative_unit(-40.0 * 86_400.0), (-1.0, "month"));
        assert_eq!(relative_unit(-800.0 * 86_400.0), (-2.0, "year"));
    }
}
