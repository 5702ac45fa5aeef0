//! What comes in: bodies, query strings, path parameters and conditions, each read strictly.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{
    FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Query, Request,
};
use axum::http::request::Parts;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use segments_model::Range;
use segments_model::decode::Form;
use segments_model::limits::{BODY_BYTES, LIST_BYTES};
use segments_model::problem::Code;
use serde::de::DeserializeOwned;

use crate::ask::backend::Backend;
use crate::ask::cursor::fingerprint;
use crate::ask::principal::Principal;
use crate::ask::revision::Expected;
use crate::error::Error;

/// A body of JSON, with the bytes that it was read from.
pub struct Input<T> {
    /// What it says.
    pub value: T,
    /// As it came.
    pub bytes: Bytes,
}

impl<S: Send + Sync, T: Form> FromRequest<S> for Input<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        needs_json(is_json(request.headers()))?;
        let bytes = read(request, BODY_BYTES).await?;
        let value = decode(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A body of JSON as [`Input`], or no body at all, which says what is said where nothing is.
pub struct MayInput<T>(pub T);

impl<S: Send + Sync, T: Form + Default> FromRequest<S> for MayInput<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let is_json = is_json(request.headers());
        let bytes = read(request, BODY_BYTES).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        needs_json(is_json)?;
        decode(&bytes).map(Self)
    }
}

/// A page of another origin can send anything but this type without asking first, so it guards against forged requests too.
fn needs_json(is_json: bool) -> Result<(), Error> {
    if is_json {
        return Ok(());
    }
    Err(Error::MediaType(
        "send the body as Content-Type: application/json".to_owned(),
    ))
}

/// No body at all, or an empty object.
pub struct NoInput;

impl<S: Send + Sync> FromRequest<S> for NoInput {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let bytes = read(request, BODY_BYTES).await?;
        if bytes.is_empty() || bytes.as_ref() == b"{}" {
            return Ok(Self);
        }
        Err(Error::input("", Code::Malformed, "this call takes no body"))
    }
}

/// A list of users: text or CSV.
pub struct ListInput {
    /// Whether it is CSV.
    pub is_csv: bool,
    /// As it came.
    pub bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for ListInput {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let is_csv = match media_type(request.headers()).as_deref() {
            Some("text/csv") => true,
            Some("text/plain") => false,
            _ => {
                return Err(Error::MediaType(
                    "send the list as Content-Type: text/csv, or as text/plain with an id a line"
                        .to_owned(),
                ));
            }
        };
        let bytes = read(request, LIST_BYTES).await?;
        Ok(Self { is_csv, bytes })
    }
}

/// Reads a body of at most so many bytes.
///
/// # Errors
/// [`Error::TooLarge`], and [`Error::Malformed`] where it breaks off.
pub async fn read(request: Request, limit: u64) -> Result<Bytes, Error> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    match Limited::new(request.into_body(), most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::TooLarge { limit }),
        Err(error) => Err(Error::Malformed(format!("the body was cut off: {error}"))),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).as_deref() == Some("application/json")
}

/// The body's type without its parameters, in lower case.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = value.split(';').next()?;
    Some(media.trim().to_ascii_lowercase())
}

/// Reads JSON; what is wrong with it is told with the place where it is.
///
/// # Errors
/// [`Error::Input`]
pub fn decode<T: Form>(bytes: &[u8]) -> Result<T, Error> {
    segments_model::decode::decode(bytes).map_err(Error::Input)
}

/// The range that the parameter `during` gives, which is JSON.
///
/// # Errors
/// [`Error::Malformed`]
pub fn during_param(text: Option<&str>) -> Result<Option<Range>, Error> {
    let Some(text) = text else { return Ok(None) };
    let range = segments_model::decode::decode(text.as_bytes());
    range.map(Some).map_err(|errors| {
        Error::Malformed(match errors.first() {
            Some(error) => format!("during{}: {}", error.pointer, error.detail),
            None => "during".to_owned(),
        })
    })
}

/// The query string, every parameter known and there once at most.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|error| Error::Malformed(format!("the query string: {}", reason(&error))))
    }
}

/// The innermost reason of an error, which says most.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// No parameters.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// Path parameters.
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state)
            .await
            .map(|Path(value)| Self(value))
            .map_err(|error| Error::Malformed(format!("the path: {}", error.body_text())))
    }
}

/// `Idempotency-Key`: names one creation, however often it is sent.
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        const LONGEST: usize = 200;
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(None);
        };
        match value.to_str() {
            Ok(key) if !key.is_empty() && key.len() <= LONGEST => Ok(Some(Self(key.to_owned()))),
            _ => Err(Error::Malformed(format!(
                "Idempotency-Key has 1 to {LONGEST} visible ASCII characters"
            ))),
        }
    }
}

impl FromRequestParts<Arc<Backend>> for Principal {
    type Rejection = Infallible;

    async fn from_request_parts(
        _: &mut Parts,
        backend: &Arc<Backend>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self::owner(backend.host.me()))
    }
}

/// A strong entity tag: the revision of what can be changed, and a fingerprint of all that is shown.
///
/// A segment shows its size, which changes without anybody changing the segment. `If-Match` asks whether the *resource*
/// is as it was, so it holds the revision alone; `If-None-Match` asks for the representation and holds both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    revision: u64,
    shown: String,
}

impl std::fmt::Display for Tag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "\"{}.{}\"", self.revision, self.shown)
    }
}

impl Tag {
    /// The tag of a resource at this revision that is shown so.
    #[must_use]
    pub fn new(revision: u64, shown: &[u8]) -> Self {
        Self {
            revision,
            shown: fingerprint([shown]),
        }
    }

    fn parse(text: &str) -> Option<(u64, &str)> {
        let (revision, shown) = text.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
        Some((revision.parse().ok()?, shown))
    }

    /// Whether `If-None-Match` says that the client has this already.
    #[must_use]
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        tags(headers, IF_NONE_MATCH)
            .map(|tag| tag.strip_prefix("W/").unwrap_or(tag))
            .any(|tag| tag == "*" || Self::parse(tag) == Some((self.revision, &self.shown)))
    }
}

/// What `If-Match`, where it is given, says the change is meant for.
#[must_use]
pub fn may_match(headers: &HeaderMap) -> Expected {
    if !headers.contains_key(IF_MATCH) {
        return Expected::Any;
    }
    let mut revisions = Vec::new();
    for tag in tags(headers, IF_MATCH) {
        if tag == "*" {
            return Expected::Any;
        }
        revisions.extend(Tag::parse(tag).map(|(revision, _)| revision));
    }
    Expected::OneOf(revisions)
}

/// What `If-Match`, which has to be given, says the change is meant for.
#[must_use]
pub fn must_match(headers: &HeaderMap) -> Expected {
    if headers.contains_key(IF_MATCH) {
        may_match(headers)
    } else {
        Expected::Unsaid
    }
}

fn tags(headers: &HeaderMap, name: http::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Expected, Tag, may_match, must_match};

    fn headers(name: &'static str, values: &[String]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn if_match_holds_the_resource_alone() {
        let tag = Tag::new(7, b"shown").to_string();
        let other = Tag::new(7, b"shown otherwise").to_string();
        let later = Tag::new(8, b"shown").to_string();
        for (values, holds) in [
            (vec![tag.clone()], true),
            (vec![other.clone()], true),
            (vec!["*".to_owned()], true),
            (vec![format!("{later}, {tag}")], true),
            (vec![later.clone(), tag.clone()], true),
            (vec![later], false),
            (vec![format!("W/{tag}")], false),
            (vec![tag.trim_matches('"').to_owned()], false),
            (vec![String::new()], false),
        ] {
            let headers = headers("if-match", &values);
            let expected = must_match(&headers);
            assert_eq!(expected.check(7).is_ok(), holds, "{values:?}");
        }
        assert_eq!(must_match(&HeaderMap::new()), Expected::Unsaid);
        assert_eq!(may_match(&HeaderMap::new()), Expected::Any);
    }

    #[test]
    fn if_none_match_holds_all_that_is_shown() {
        let tag = Tag::new(7, b"shown");
        let other = Tag::new(7, b"shown otherwise");
        for (value, known) in [
            (tag.to_string(), true),
            (format!("W/{tag}"), true),
            ("*".to_owned(), true),
            (other.to_string(), false),
        ] {
            assert_eq!(tag.is_known(&headers("if-none-match", &[value])), known);
        }
        assert!(!tag.is_known(&HeaderMap::new()));
    }
}
