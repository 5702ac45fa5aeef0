//! Text in URLs: percent-encoding and query strings.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in paths and in queries that programs read.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What is encoded in queries that people read: what browsers would, but for the space, which becomes a `+`.
const READABLE: &AsciiSet = &STRICT
    .remove(b' ')
    .remove(b'!')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'@')
    .remove(b'/')
    .remove(b'$');

/// A text so that it can stand in a path or a query string.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

fn encode_readable(text: &str) -> String {
    utf8_percent_encode(text, READABLE)
        .to_string()
        .replace(' ', "+")
}

/// The text that an encoded one stands for. What is no encoding stays as it is.
#[must_use]
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The names and values of a query string, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// No names.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads a query string, with or without its `?`.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let query = query.strip_prefix('?').unwrap_or(query);
        Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The first value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Gives a name this value, in place of those it had.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Gives a name this value, or takes it away.
    #[must_use]
    pub fn with_opt(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self.without(name),
        }
    }

    /// Takes a name away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The query string with its `?`; of no names the empty text.
    #[must_use]
    pub fn to_query(&self) -> String {
        self.written(encode)
    }

    /// The same for the address of a page, where people see it: `?q=Order+Completed,v:1`.
    #[must_use]
    pub fn to_readable_query(&self) -> String {
        self.written(encode_readable)
    }

    fn written(&self, encode_value: fn(&str) -> String) -> String {
        let mut query = String::new();
        for (name, value) in &self.0 {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(&encode(name));
            query.push('=');
            query.push_str(&encode_value(value));
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::{Params, decode, encode};

    #[test]
    fn every_text_comes_back() {
        for text in ["", "a b+c", "50% off & more?", "Größe/№1", "%41", "%", "%2"] {
            assert_eq!(decode(&encode(text)), text);
            let params = Params::new().with("name", text).with("ä=&", text);
            assert_eq!(Params::parse(&params.to_query()), params);
            assert_eq!(Params::parse(&params.to_readable_query()), params);
        }
    }

    #[test]
    fn what_is_no_encoding_stays() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
    }

    #[test]
    fn a_plus_is_a_space_in_a_query_and_a_plus_in_a_path() {
        assert_eq!(Params::parse("?q=a+b").get("q"), Some("a b"));
        assert_eq!(decode("a+b"), "a+b");
    }

    #[test]
    fn an_address_encodes_only_what_browsers_would() {
        let params = Params::new().with("q", "a:(b c,!d),e/f");
        assert_eq!(params.to_readable_query(), "?q=a:(b+c,!d),e/f");
        let params = Params::new().with("q", "'+&=#%\"é");
        assert_eq!(params.to_readable_query(), "?q=%27%2B%26%3D%23%25%22%C3%A9");
    }

    #[test]
    fn a_name_has_one_value() {
        let params = Params::parse("sort=name&page=2").with("sort", "-users");
        assert_eq!(params.get("sort"), Some("-users"));
        assert_eq!(params.without("page").to_query(), "?sort=-users");
    }
}
