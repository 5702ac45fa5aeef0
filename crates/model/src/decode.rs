//! JSON read strictly, and on failure told where and what would be right.
//!
//! serde stops at the first thing that it cannot read, and inside of tagged types it no longer knows where that was. So what
//! comes in is first held against its [`Shape`], which finds every wrong place with its JSON pointer; serde then reads what
//! has the right shape.

use std::cell::Cell;
use std::fmt::{self, Write as _};

use serde::Deserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::Instant;
use crate::criterion::Criterion;
use crate::explain::ExplainRequest;
use crate::export::NewExport;
use crate::filter::Filter;
use crate::history::{OverlapRequest, SizesRequest};
use crate::limits::{MAX_ERRORS, MAX_JSON_DEPTH};
use crate::preview::PreviewRequest;
use crate::problem::{Code, InputError};
use crate::project::ProjectPatch;
use crate::query::Query;
use crate::range::Range;
use crate::segment::{EvaluateSegments, NewSegment, SegmentPatch};
use crate::selection::SelectionRequest;
use crate::user::UserSearch;
use crate::value::local_date;
use crate::version::RerunRequest;

/// Something that comes in as JSON of a known shape.
pub trait Form: DeserializeOwned {
    /// The shape of its JSON.
    const SHAPE: Shape;
}

/// What JSON is expected.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Any JSON.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A whole number from 0 to 2^32 - 1.
    Count,
    /// A text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// An instant as RFC 3339.
    Instant,
    /// A local date as `YYYY-MM-DD`.
    Date,
    /// A text, a number, `true` or `false`.
    Scalar,
    /// This, or `null`.
    Nullable(&'static Shape),
    /// A list of these.
    List(&'static Shape),
    /// A list of exactly two of these.
    Pair(&'static Shape),
    /// An object with these fields and no others.
    Object(&'static [Field]),
    /// An object whose field of the first name says which fields it has besides.
    Tagged(&'static str, &'static [(&'static str, &'static [Field])]),
    /// An object of one of several kinds: that of the first name that it has a field of, or else the last.
    Either(&'static [(&'static str, &'static [Field])]),
    /// An object whose fields follow from a text inside of it, at this JSON pointer; where that text is none of these, the last
    /// fields, which find that wrong.
    Following(
        &'static str,
        &'static [(&'static str, &'static [Field])],
        &'static [Field],
    ),
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it holds.
    pub shape: &'static Shape,
}

/// A field that has to be there.
#[must_use]
pub const fn needs(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        required: true,
        shape,
    }
}

/// A field that may be left out.
#[must_use]
pub const fn takes(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        required: false,
        shape,
    }
}

/// Reads JSON.
///
/// # Errors
/// Everything that has another form than expected, at most 100 places, with [`Code::Malformed`], or [`Code::TooLarge`] where
/// it is nested too deep.
pub fn decode<T: Form>(json: &[u8]) -> Result<T, Vec<InputError>> {
    let too_deep = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let unique = Unique {
        depth: 0,
        too_deep: &too_deep,
    };
    let value = unique
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let code = if too_deep.get() {
                Code::TooLarge
            } else {
                Code::Malformed
            };
            vec![InputError {
                pointer: String::new(),
                code,
                detail: format!("this is no JSON that can be read: {error}"),
            }]
        })?;
    decode_value(value)
}

/// Reads JSON that was parsed before.
///
/// # Errors
/// As [`decode`].
pub fn decode_value<T: Form>(value: Json) -> Result<T, Vec<InputError>> {
    read_value(value).map_err(|faults| faults.into_iter().map(InputError::from).collect())
}

/// A place that has another form than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What, for a program.
    pub kind: FaultKind,
    /// What, for a person, and what would be right.
    pub detail: String,
}

/// What is wrong with the form of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The object there lacks a field of this name.
    Missing(&'static str),
    /// The field does not belong there.
    UnknownField,
    /// The text is none of the words that can stand there.
    UnknownWord,
    /// It is nested too deep.
    TooDeep,
    /// It is of another type, or a value that its type does not take.
    Unexpected,
}

impl From<Fault> for InputError {
    fn from(fault: Fault) -> Self {
        Self {
            pointer: fault.pointer,
            code: match fault.kind {
                FaultKind::TooDeep => Code::TooLarge,
                FaultKind::Missing(_)
                | FaultKind::UnknownField
                | FaultKind::UnknownWord
                | FaultKind::Unexpected => Code::Malformed,
            },
            detail: fault.detail,
        }
    }
}

/// The same as [`decode_value`], telling what kind of fault each is.
///
/// # Errors
/// As [`decode`].
pub fn read_value<T: Form>(value: Json) -> Result<T, Vec<Fault>> {
    let mut reader = Reader {
        pointer: String::new(),
        errors: Vec::new(),
        depth: 0,
    };
    reader.read(&value, &T::SHAPE);
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    serde_json::from_value(value).map_err(|error| {
        vec![Fault {
            pointer: String::new(),
            kind: FaultKind::Unexpected,
            detail: error.to_string(),
        }]
    })
}

/// Reads JSON none of whose objects has a field twice, which different readers would take for different things, and that is
/// not nested so deep that reading it would be a danger.
#[derive(Clone, Copy)]
struct Unique<'a> {
    depth: usize,
    /// Is set where the JSON is nested too deep.
    too_deep: &'a Cell<bool>,
}

impl Unique<'_> {
    /// What reads the items of the JSON that this reads.
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        // One level more than is allowed is let through, so that the error can tell its place.
        if depth > MAX_JSON_DEPTH + 1 {
            self.too_deep.set(true);
            let detail = format!("JSON may be nested {MAX_JSON_DEPTH} deep");
            return Err(E::custom(detail));
        }
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut fields = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(inside)?;
            if fields.contains_key(&key) {
                return Err(de::Error::custom(format!(
                    "the field \"{}\" is there twice",
                    short(&key)
                )));
            }
            fields.insert(key, value);
        }
        Ok(fields.into())
    }
}

struct Reader {
    pointer: String,
    errors: Vec<Fault>,
    depth: usize,
}

impl Reader {
    fn wrong(&mut self, kind: FaultKind, detail: String) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(Fault {
                pointer: self.pointer.clone(),
                kind,
                detail,
            });
        }
    }

    fn at(&mut self, key: &str, go: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        go(self);
        self.pointer.truncate(length);
    }

    fn read(&mut self, value: &Json, shape: &Shape) {
        if self.depth == MAX_JSON_DEPTH {
            self.wrong(
                FaultKind::TooDeep,
                format!("JSON may be nested {MAX_JSON_DEPTH} deep"),
            );
            return;
        }
        self.depth += 1;
        self.read_shape(value, shape);
        self.depth -= 1;
    }

    fn read_shape(&mut self, value: &Json, shape: &Shape) {
        let fits = match (shape, value) {
            (Shape::Any, Json::Array(items)) => {
                self.items(items, shape);
                true
            }
            (Shape::Any, Json::Object(fields)) => {
                for (key, value) in fields {
                    self.at(key, |reader| reader.read(value, shape));
                }
                true
            }
            (Shape::Any, _)
            | (Shape::Boolean, Json::Bool(_))
            | (Shape::Number, Json::Number(_))
            | (Shape::Text, Json::String(_))
            | (Shape::Scalar, Json::Bool(_) | Json::Number(_) | Json::String(_))
            | (Shape::Nullable(_), Json::Null) => true,
            (Shape::Count, Json::Number(number)) => number
                .as_u64()
                .is_some_and(|number| u32::try_from(number).is_ok()),
            (Shape::Choice(choices), Json::String(text)) => choices.contains(&text.as_str()),
            (Shape::Instant, Json::String(text)) => Instant::parse(text).is_ok(),
            (Shape::Date, Json::String(text)) => local_date(text).is_some(),
            (Shape::Nullable(inner), value) => {
                self.read_shape(value, inner);
                true
            }
            (Shape::List(inner), Json::Array(items)) => {
                self.items(items, inner);
                true
            }
            (Shape::Pair(inner), Json::Array(items)) if items.len() == 2 => {
                self.items(items, inner);
                true
            }
            (Shape::Object(fields), Json::Object(object)) => {
                self.fields(object, fields, None);
                true
            }
            (Shape::Tagged(tag, variants), Json::Object(object)) => {
                self.tagged(object, tag, variants);
                true
            }
            (Shape::Either(kinds), Json::Object(object)) => {
                let kind = kinds
                    .iter()
                    .find(|(name, _)| object.contains_key(*name))
                    .or_else(|| kinds.last());
                if let Some((_, fields)) = kind {
                    self.fields(object, fields, None);
                }
                true
            }
            (Shape::Following(pointer, kinds, otherwise), Json::Object(object)) => {
                let text = value.pointer(pointer).and_then(Json::as_str);
                let kind = kinds.iter().find(|(name, _)| Some(*name) == text);
                self.fields(object, kind.map_or(*otherwise, |(_, fields)| fields), None);
                true
            }
            _ => false,
        };
        if !fits {
            let detail = format!("expected {}, found {}", expected(shape), found(value));
            let kind = match (shape, value) {
                (Shape::Choice(_), Json::String(_)) => FaultKind::UnknownWord,
                _ => FaultKind::Unexpected,
            };
            self.wrong(kind, detail);
        }
    }

    fn items(&mut self, items: &[Json], shape: &Shape) {
        for (index, item) in items.iter().enumerate() {
            self.at(&index.to_string(), |reader| reader.read(item, shape));
        }
    }

    fn tagged(
        &mut self,
        object: &serde_json::Map<String, Json>,
        tag: &'static str,
        variants: &'static [(&'static str, &'static [Field])],
    ) {
        let names = || listed(variants.iter().map(|(name, _)| *name));
        match object.get(tag) {
            None => self.wrong(
                FaultKind::Missing(tag),
                format!("\"{tag}\" is missing: give one of {}", names()),
            ),
            Some(Json::String(name)) => {
                match variants.iter().find(|(variant, _)| variant == name) {
                    Some((_, fields)) => self.fields(object, fields, Some((tag, name))),
                    None => self.at(tag, |reader| {
                        reader.wrong(
                            FaultKind::UnknownWord,
                            format!("\"{}\" is not known: give one of {}", short(name), names()),
                        );
                    }),
                }
            }
            Some(other) => self.at(tag, |reader| {
                reader.wrong(
                    FaultKind::Unexpected,
                    format!("expected one of {}, found {}", names(), found(other)),
                );
            }),
        }
    }

    fn fields(
        &mut self,
        object: &serde_json::Map<String, Json>,
        fields: &'static [Field],
        tag: Option<(&'static str, &str)>,
    ) {
        for (key, value) in object {
            if tag.is_some_and(|(tag, _)| tag == key) {
                continue;
            }
            match fields.iter().find(|field| field.name == key) {
                Some(field) => self.at(key, |reader| reader.read(value, field.shape)),
                None => {
                    let detail = unknown(key, fields, tag);
                    self.at(key, |reader| reader.wrong(FaultKind::UnknownField, detail));
                }
            }
        }
        for field in fields {
            if field.required && !object.contains_key(field.name) {
                let detail = format!(
                    "\"{}\" is missing: give {}",
                    field.name,
                    expected(field.shape)
                );
                self.wrong(FaultKind::Missing(field.name), detail);
            }
        }
    }
}

/// What a field that does not belong there should be.
fn unknown(key: &str, fields: &[Field], tag: Option<(&str, &str)>) -> String {
    let mut detail = format!("there is no field \"{}\" here", short(key));
    if let Some((tag, name)) = tag {
        let _ = write!(detail, " (\"{tag}\": \"{name}\")");
    }
    let near = fields
        .iter()
        .map(|field| (distance(field.name, key), field.name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3 + 1);
    match near {
        Some((_, name)) => {
            let _ = write!(detail, ": did you mean \"{name}\"?");
        }
        None if fields.is_empty() => detail.push_str(": it takes no others"),
        None => {
            let _ = write!(
                detail,
                ": there are {}",
                listed(fields.iter().map(|field| field.name))
            );
        }
    }
    detail
}

/// How many characters have to be put in, left out or exchanged to get from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, from) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (to, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            *cell = (diagonal + usize::from(from != *to))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any JSON".to_owned(),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Count => format!("a whole number from 0 to {}", u32::MAX),
        Shape::Text => "a text".to_owned(),
        Shape::Choice(choices) => format!("one of {}", listed(choices.iter().copied())),
        Shape::Instant => "an instant as RFC 3339, such as \"2026-11-23T14:14:00.000Z\"".to_owned(),
        Shape::Date => "a local date, such as \"2026-11-23\"".to_owned(),
        Shape::Scalar => "a text, a number, true or false".to_owned(),
        Shape::Nullable(inner) => format!("{}, or null", expected(inner)),
        Shape::List(inner) => format!("a list ({} each)", expected(inner)),
        Shape::Pair(inner) => format!("a list of exactly two ({} each)", expected(inner)),
        Shape::Object(fields) => {
            format!(
                "an object with {}",
                listed(fields.iter().map(|field| field.name))
            )
        }
        Shape::Either(kinds) => {
            let kinds: Vec<String> = kinds
                .iter()
                .map(|(_, fields)| listed(fields.iter().map(|field| field.name)))
                .collect();
            format!("an object with {}", kinds.join(" or with "))
        }
        Shape::Following(_, _, fields) => expected(&Shape::Object(fields)),
        Shape::Tagged(tag, variants) => format!(
            "an object whose \"{tag}\" is one of {}",
            listed(variants.iter().map(|(name, _)| *name))
        ),
    }
}

fn found(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(boolean) => boolean.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => format!("\"{}\"", short(text)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

/// A text of the input, cut so that an error stays readable.
fn short(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

// The shapes of the contract's types. A test holds each against what serde takes.

static TEXTS: Shape = Shape::List(&Shape::Text);
static NULLABLE_TEXT: Shape = Shape::Nullable(&Shape::Text);
static NULLABLE_TEXTS: Shape = Shape::Nullable(&TEXTS);
static COUNTS: Shape = Shape::List(&Shape::Count);
static NULLABLE_COUNT: Shape = Shape::Nullable(&Shape::Count);
static NULLABLE_COUNTS: Shape = Shape::Nullable(&COUNTS);
static NULLABLE_INSTANT: Shape = Shape::Nullable(&Shape::Instant);

static CALENDAR_UNIT: Shape = Shape::Choice(&["hour", "day", "week", "month", "quarter", "year"]);
static NULLABLE_CALENDAR_UNIT: Shape = Shape::Nullable(&CALENDAR_UNIT);
static WINDOW_UNIT: Shape = Shape::Choice(&["second", "minute", "hour", "day", "week"]);
static AGO: Shape = Shape::Object(&[needs("count", &Shape::Count), needs("unit", &CALENDAR_UNIT)]);
static RANGE: Shape = Shape::Tagged(
    "type",
    &[
        ("all_time", &[]),
        (
            "last",
            &[
                needs("count", &Shape::Count),
                needs("unit", &CALENDAR_UNIT),
                takes("complete", &Shape::Boolean),
            ],
        ),
        ("this", &[needs("unit", &CALENDAR_UNIT)]),
        (
            "between",
            &[needs("from", &Shape::Date), needs("to", &Shape::Date)],
        ),
        ("since", &[needs("from", &Shape::Date)]),
        ("ago", &[needs("from", &AGO), needs("to", &AGO)]),
        (
            "instants",
            &[
                needs("start", &Shape::Instant),
                needs("end", &Shape::Instant),
            ],
        ),
    ],
);
static NULLABLE_RANGE: Shape = Shape::Nullable(&RANGE);

static SCOPE: Shape = Shape::Choice(&["event", "user"]);
static OPERATOR: Shape = Shape::Choice(&[
    "is",
    "is_not",
    "contains",
    "does_not_contain",
    "starts_with",
    "ends_with",
    "matches",
    "greater_than",
    "at_least",
    "less_than",
    "at_most",
    "between",
    "before",
    "after",
    "in_last",
    "not_in_last",
    "is_set",
    "is_not_set",
]);
static SCALARS: Shape = Shape::List(&Shape::Scalar);
static FILTERS: Shape = Shape::List(&FILTER);
static FILTER: Shape = Shape::Tagged(
    "type",
    &[
        ("all", &[needs("of", &FILTERS)]),
        ("any", &[needs("of", &FILTERS)]),
        ("not", &[needs("of", &FILTER)]),
        ("segment", &[needs("id", &Shape::Text)]),
        (
            "property",
            &[
                needs("scope", &SCOPE),
                needs("name", &Shape::Text),
                needs("op", &OPERATOR),
                takes("values", &SCALARS),
                takes("during", &NULLABLE_RANGE),
                takes("ignore_case", &Shape::Boolean),
            ],
        ),
    ],
);
static NULLABLE_FILTER: Shape = Shape::Nullable(&FILTER);

static NUMBERS: Shape = Shape::Pair(&Shape::Number);
static COMPARE: Shape = Shape::Tagged(
    "op",
    &[
        ("at_least", &[needs("value", &Shape::Number)]),
        ("at_most", &[needs("value", &Shape::Number)]),
        ("exactly", &[needs("value", &Shape::Number)]),
        ("more_than", &[needs("value", &Shape::Number)]),
        ("less_than", &[needs("value", &Shape::Number)]),
        ("between", &[needs("value", &NUMBERS)]),
    ],
);
static MEASURE: Shape = Shape::Tagged(
    "of",
    &[
        ("count", &[]),
        ("distinct_days", &[]),
        ("sum", &[needs("property", &Shape::Text)]),
        ("average", &[needs("property", &Shape::Text)]),
        ("median", &[needs("property", &Shape::Text)]),
        ("min", &[needs("property", &Shape::Text)]),
        ("max", &[needs("property", &Shape::Text)]),
        ("distinct", &[needs("property", &Shape::Text)]),
    ],
);

static WINDOW: Shape = Shape::Object(&[needs("count", &Shape::Count), needs("unit", &WINDOW_UNIT)]);
static NULLABLE_WINDOW: Shape = Shape::Nullable(&WINDOW);
static WHEN: Shape = Shape::Choice(&["before", "after"]);
static DID: Shape = Shape::Object(&[
    needs("performed", &Shape::Boolean),
    needs("event", &NULLABLE_TEXT),
    takes("where", &NULLABLE_FILTER),
    needs("when", &WHEN),
    takes("within", &NULLABLE_WINDOW),
    takes("compare", &COMPARE),
]);
static DIDS: Shape = Shape::List(&DID);
static STEP: Shape = Shape::Object(&[
    needs("event", &NULLABLE_TEXT),
    takes("where", &NULLABLE_FILTER),
    takes("did", &DIDS),
    takes("optional", &Shape::Boolean),
]);
static STEPS: Shape = Shape::List(&STEP);
static ORDER: Shape = Shape::Choice(&["sequential", "strict", "any"]);
static WITHIN_OF: Shape = Shape::Choice(&["funnel", "step"]);
static WITHIN: Shape = Shape::Object(&[
    needs("of", &WITHIN_OF),
    needs("count", &Shape::Count),
    needs("unit", &WINDOW_UNIT),
]);
static NULLABLE_WITHIN: Shape = Shape::Nullable(&WITHIN);
static EXCLUSION: Shape = Shape::Object(&[
    needs("event", &NULLABLE_TEXT),
    takes("where", &NULLABLE_FILTER),
    needs("from", &Shape::Count),
    needs("to", &Shape::Count),
]);
static EXCLUSIONS: Shape = Shape::List(&EXCLUSION);
static BEHAVIOUR: Shape = Shape::Object(&[
    needs("event", &NULLABLE_TEXT),
    takes("where", &NULLABLE_FILTER),
]);
static BEHAVIOURS: Shape = Shape::List(&BEHAVIOUR);
static COHORT_UNIT: Shape = Shape::Choice(&["hour", "day", "week", "month"]);
static COHORT_MATCH: Shape = Shape::Choice(&["on", "on_or_after", "on_or_before"]);
static COHORT_OUTCOME: Shape = Shape::Choice(&["started", "returned", "not_returned"]);

static CRITERIA: Shape = Shape::List(&CRITERION);
static CRITERION: Shape = Shape::Tagged(
    "type",
    &[
        ("all", &[needs("of", &CRITERIA)]),
        ("any", &[needs("of", &CRITERIA)]),
        ("not", &[needs("of", &CRITERION)]),
        (
            "event",
            &[
                needs("event", &NULLABLE_TEXT),
                takes("where", &NULLABLE_FILTER),
                takes("did", &DIDS),
                takes("measure", &MEASURE),
                takes("compare", &COMPARE),
                needs("during", &RANGE),
            ],
        ),
        (
            "first_event",
            &[
                needs("event", &NULLABLE_TEXT),
                takes("where", &NULLABLE_FILTER),
                needs("during", &RANGE),
            ],
        ),
        ("user", &[needs("where", &FILTER)]),
        (
            "sequence",
            &[
                needs("steps", &STEPS),
                takes("order", &ORDER),
                takes("within", &NULLABLE_WITHIN),
                takes("exclude", &EXCLUSIONS),
                needs("during", &RANGE),
                needs("reached", &Shape::Count),
                takes("not_reached", &NULLABLE_COUNT),
                takes("path", &NULLABLE_COUNTS),
            ],
        ),
        (
            "cohort",
            &[
                needs("start", &BEHAVIOURS),
                needs("first_time", &Shape::Boolean),
                needs("return", &BEHAVIOUR),
                needs("unit", &COHORT_UNIT),
                needs("started", &RANGE),
                takes("generation", &NULLABLE_INSTANT),
                takes("generation_where", &NULLABLE_FILTER),
                takes("period", &NULLABLE_COUNT),
                needs("match", &COHORT_MATCH),
                needs("outcome", &COHORT_OUTCOME),
            ],
        ),
        (
            "segment",
            &[needs("id", &Shape::Text), takes("as_of", &NULLABLE_INSTANT)],
        ),
        (
            "users",
            &[takes("ids", &NULLABLE_TEXTS), takes("list", &NULLABLE_TEXT)],
        ),
    ],
);
static NULLABLE_CRITERION: Shape = Shape::Nullable(&CRITERION);

static GROUP_BY: Shape = Shape::Either(&[
    ("segment", &[needs("segment", &Shape::Text)]),
    (
        "name",
        &[needs("scope", &SCOPE), needs("name", &Shape::Text)],
    ),
]);
static GROUPS_BY: Shape = Shape::List(&GROUP_BY);
static FUNNEL_GROUP_BY: Shape = Shape::Either(&[
    ("segment", &[needs("segment", &Shape::Text)]),
    (
        "name",
        &[
            needs("scope", &SCOPE),
            needs("name", &Shape::Text),
            takes("step", &NULLABLE_COUNT),
        ],
    ),
]);
static NULLABLE_FUNNEL_GROUP_BY: Shape = Shape::Nullable(&FUNNEL_GROUP_BY);
static FIGURE: Shape = Shape::Choice(&[
    "total", "users", "sum", "average", "median", "min", "max", "distinct",
]);
static AGGREGATE: Shape = Shape::Object(&[
    needs("of", &FIGURE),
    takes("property", &NULLABLE_TEXT),
    takes("per_user", &Shape::Boolean),
]);
static QUERY_MEASURE: Shape = Shape::Object(&[
    needs("event", &NULLABLE_TEXT),
    takes("where", &NULLABLE_FILTER),
    takes("did", &DIDS),
    needs("aggregate", &AGGREGATE),
]);
static QUERY_MEASURES: Shape = Shape::List(&QUERY_MEASURE);
static FORMULA: Shape = Shape::Object(&[
    needs("name", &Shape::Text),
    needs("expression", &Shape::Text),
]);
static FORMULAS: Shape = Shape::List(&FORMULA);
static INTERVAL: Shape = Shape::Choice(&["hour", "day", "week", "month", "quarter", "full"]);
static NULLABLE_INTERVAL: Shape = Shape::Nullable(&INTERVAL);
static COMPARISON: Shape = Shape::Choice(&["previous_range"]);
static NULLABLE_COMPARISON: Shape = Shape::Nullable(&COMPARISON);
static COHORT_MEASURE: Shape = Shape::Tagged(
    "of",
    &[("users", &[]), ("sum", &[needs("property", &Shape::Text)])],
);
static GENERATION_BY: Shape = Shape::Tagged(
    "of",
    &[
        ("time", &[]),
        (
            "property",
            &[needs("scope", &SCOPE), needs("name", &Shape::Text)],
        ),
        ("segment", &[needs("id", &Shape::Text)]),
    ],
);
static QUERY_MATCH: Shape = Shape::Choice(&["on", "on_or_after"]);
static QUERY: Shape = Shape::Tagged(
    "tool",
    &[
        (
            "segmentation",
            &[
                needs("measures", &QUERY_MEASURES),
                takes("formulas", &FORMULAS),
                takes("audience", &NULLABLE_CRITERION),
                takes("group_by", &GROUPS_BY),
                needs("during", &RANGE),
                needs("interval", &INTERVAL),
                takes("compare", &NULLABLE_COMPARISON),
                takes("max_groups", &NULLABLE_COUNT),
                takes("as_of", &NULLABLE_INSTANT),
                takes("time_zone", &NULLABLE_TEXT),
            ],
        ),
        (
            "funnel",
            &[
                needs("steps", &STEPS),
                takes("order", &ORDER),
                takes("within", &NULLABLE_WITHIN),
                takes("exclude", &EXCLUSIONS),
                needs("during", &RANGE),
                takes("audience", &NULLABLE_CRITERION),
                takes("group_by", &NULLABLE_FUNNEL_GROUP_BY),
                takes("interval", &NULLABLE_INTERVAL),
                takes("max_groups", &NULLABLE_COUNT),
                takes("as_of", &NULLABLE_INSTANT),
                takes("time_zone", &NULLABLE_TEXT),
            ],
        ),
        (
            "cohort",
            &[
                needs("start", &BEHAVIOURS),
                needs("first_time", &Shape::Boolean),
                needs("return", &BEHAVIOUR),
                takes("measure", &COHORT_MEASURE),
                takes("generation", &GENERATION_BY),
                needs("unit", &COHORT_UNIT),
                needs("periods", &Shape::Count),
                needs("match", &QUERY_MATCH),
                takes("cumulative", &Shape::Boolean),
                needs("during", &RANGE),
                takes("audience", &NULLABLE_CRITERION),
                takes("max_groups", &NULLABLE_COUNT),
                takes("as_of", &NULLABLE_INSTANT),
                takes("time_zone", &NULLABLE_TEXT),
            ],
        ),
    ],
);

static NULLABLE_SCALAR: Shape = Shape::Nullable(&Shape::Scalar);
static GROUP: Shape = Shape::List(&NULLABLE_SCALAR);
static NULLABLE_GROUP: Shape = Shape::Nullable(&GROUP);
static SEGMENTATION_SELECTION: Shape = Shape::Object(&[
    needs("measure", &Shape::Count),
    takes("group", &NULLABLE_GROUP),
    takes("bucket", &NULLABLE_INSTANT),
]);
static FUNNEL_OUTCOME: Shape = Shape::Choice(&["reached", "converted", "dropped"]);
static FUNNEL_SELECTION: Shape = Shape::Either(&[
    (
        "path",
        &[needs("path", &COUNTS), takes("group", &NULLABLE_GROUP)],
    ),
    (
        "step",
        &[
            needs("step", &Shape::Count),
            needs("outcome", &FUNNEL_OUTCOME),
            takes("group", &NULLABLE_GROUP),
            takes("bucket", &NULLABLE_INSTANT),
        ],
    ),
]);
static COHORT_SELECTION: Shape = Shape::Object(&[
    takes("generation", &NULLABLE_SCALAR),
    takes("period", &NULLABLE_COUNT),
    needs("outcome", &COHORT_OUTCOME),
]);

static SEGMENT_KIND: Shape = Shape::Choice(&["static", "dynamic"]);
static NULLABLE_SEGMENT_KIND: Shape = Shape::Nullable(&SEGMENT_KIND);
static ORIGIN: Shape = Shape::Object(&[
    needs("query", &Shape::Any),
    needs("selection", &Shape::Any),
    takes("view", &Shape::Any),
]);
static NULLABLE_ORIGIN: Shape = Shape::Nullable(&ORIGIN);
static SORT: Shape = Shape::Object(&[
    needs("by", &Shape::Text),
    takes("descending", &Shape::Boolean),
]);
static NULLABLE_SORT: Shape = Shape::Nullable(&SORT);

static EXPORT_FORMAT: Shape = Shape::Choice(&["csv", "ndjson", "json"]);

impl Form for Criterion {
    const SHAPE: Shape = CRITERION;
}

impl Form for Filter {
    const SHAPE: Shape = FILTER;
}

impl Form for Range {
    const SHAPE: Shape = RANGE;
}

impl Form for Query {
    const SHAPE: Shape = QUERY;
}

impl Form for SelectionRequest {
    const SHAPE: Shape = Shape::Following(
        "/query/tool",
        &[
            (
                "segmentation",
                &[
                    needs("query", &QUERY),
                    needs("selection", &SEGMENTATION_SELECTION),
                ],
            ),
            (
                "funnel",
                &[
                    needs("query", &QUERY),
                    needs("selection", &FUNNEL_SELECTION),
                ],
            ),
            (
                "cohort",
                &[
                    needs("query", &QUERY),
                    needs("selection", &COHORT_SELECTION),
                ],
            ),
        ],
        &[needs("query", &QUERY), needs("selection", &Shape::Any)],
    );
}

impl Form for ExplainRequest {
    const SHAPE: Shape = Shape::Object(&[
        takes("definition", &NULLABLE_CRITERION),
        takes("segment", &NULLABLE_TEXT),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for OverlapRequest {
    const SHAPE: Shape =
        Shape::Object(&[needs("segments", &TEXTS), takes("as_of", &NULLABLE_INSTANT)]);
}

impl Form for NewSegment {
    const SHAPE: Shape = Shape::Object(&[
        needs("name", &Shape::Text),
        takes("description", &Shape::Text),
        takes("category", &Shape::Text),
        needs("kind", &SEGMENT_KIND),
        needs("definition", &CRITERION),
        takes("origin", &NULLABLE_ORIGIN),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for SegmentPatch {
    const SHAPE: Shape = Shape::Object(&[
        takes("name", &NULLABLE_TEXT),
        takes("description", &NULLABLE_TEXT),
        takes("category", &NULLABLE_TEXT),
        takes("kind", &NULLABLE_SEGMENT_KIND),
        takes("definition", &NULLABLE_CRITERION),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for ProjectPatch {
    const SHAPE: Shape = Shape::Object(&[
        takes("name", &NULLABLE_TEXT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for PreviewRequest {
    const SHAPE: Shape = Shape::Object(&[
        needs("definition", &CRITERION),
        takes("against", &NULLABLE_TEXT),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for SizesRequest {
    const SHAPE: Shape = Shape::Object(&[
        needs("definition", &CRITERION),
        takes("during", &NULLABLE_RANGE),
        takes("unit", &NULLABLE_CALENDAR_UNIT),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for EvaluateSegments {
    const SHAPE: Shape = Shape::Object(&[needs("ids", &TEXTS), takes("as_of", &NULLABLE_INSTANT)]);
}

impl Form for RerunRequest {
    const SHAPE: Shape = Shape::Object(&[
        takes("apply", &Shape::Boolean),
        takes("as_of", &NULLABLE_INSTANT),
    ]);
}

impl Form for UserSearch {
    const SHAPE: Shape = Shape::Object(&[
        takes("definition", &NULLABLE_CRITERION),
        takes("search", &Shape::Text),
        takes("columns", &TEXTS),
        takes("sort", &NULLABLE_SORT),
        takes("limit", &NULLABLE_COUNT),
        takes("cursor", &NULLABLE_TEXT),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}

impl Form for NewExport {
    const SHAPE: Shape = Shape::Object(&[
        takes("definition", &NULLABLE_CRITERION),
        takes("segment", &NULLABLE_TEXT),
        takes("format", &EXPORT_FORMAT),
        takes("columns", &TEXTS),
        takes("as_of", &NULLABLE_INSTANT),
        takes("time_zone", &NULLABLE_TEXT),
    ]);
}
