//! JSON in few characters that need no encoding in a URL, so that a link stays short and can be read by people.
//!
//! | JSON | here |
//! |---|---|
//! | `{"a": 1, "b": "x"}` | `(a:1,b:x)`, at the top without its brackets |
//! | `{}` | `(:)` |
//! | `[1, "x"]`, `[]` | `(1,x)`, `()` |
//! | `1.5`, `true`, `false`, `null` | themselves |
//! | `"Order Completed"` | `Order Completed`, in a URL `Order+Completed` |
//! | `"1"`, `"true"` | `!1`, `!true`: a text that looks like something else |
//! | `""` | `!_` |
//! | `( ) : , !` in a text | with a `!` before |
//!
//! A link that was cut off is read as if all its brackets were closed there, without the word that it ends in, as nobody
//! knows how that would have gone on.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Number, Value};

/// How deep brackets may stand in each other. It is more than JSON of the contract has.
const MAX_DEPTH: usize = 120;

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadFields {
    pub value: Value,
    /// Whether all of the text was understood. Where it was not, the value is what stood before.
    pub whole: bool,
}

/// Writes the fields of an object, in this order.
#[must_use]
pub fn write_fields(fields: &[(&str, Value)]) -> String {
    let mut text = String::new();
    for (place, (name, value)) in fields.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write_text(name, &mut text);
        text.push(':');
        write_value(value, &mut text);
    }
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => write_text(string, text),
        Value::Array(items) => {
            text.push('(');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(')');
        }
        Value::Object(fields) if fields.is_empty() => text.push_str("(:)"),
        Value::Object(fields) => {
            text.push('(');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_text(name, text);
                text.push(':');
                write_value(value, text);
            }
            text.push(')');
        }
    }
}

fn write_text(string: &str, text: &mut String) {
    if string.is_empty() {
        text.push_str("!_");
        return;
    }
    if !matches!(word(string), Value::String(_)) {
        text.push('!');
    }
    for character in string.chars() {
        if matches!(character, '(' | ')' | ':' | ',' | '!') {
            text.push('!');
        }
        text.push(character);
    }
}

/// What a word without a `!` in it says.
fn word(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    // What Rust takes for a number but JSON does not: `inf`, `NaN`, `.5`, `+1`, `01`.
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut characters = digits.chars();
    let first = characters.next().filter(char::is_ascii_digit)?;
    if first == '0' && characters.next().is_some_and(|next| next.is_ascii_digit()) {
        return None;
    }
    if text != "-0" {
        if let Ok(number) = text.parse::<u64>() {
            return Some(number.into());
        }
        if let Ok(number) = text.parse::<i64>() {
            return Some(number.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}

/// Reads the fields of an object, as far as they can be understood.
#[must_use]
pub fn read_fields(text: &str) -> ReadFields {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        depth: 0,
        whole: true,
        in_word: false,
    };
    let value = match reader.inside() {
        Inside::Fields(fields) => Value::Object(fields),
        Inside::Items(_) => {
            reader.whole = false;
            Value::Object(Map::new())
        }
    };
    // What stands behind a bracket too many.
    let whole = reader.whole && reader.rest.next().is_none();
    ReadFields { value, whole }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
    whole: bool,
    /// Whether what was read last is a word rather than something in brackets.
    in_word: bool,
}

enum Inside {
    Fields(Map<String, Value>),
    Items(Vec<Value>),
}

impl Reader<'_> {
    /// What stands between two brackets: up to the closing one or the end.
    fn inside(&mut self) -> Inside {
        match self.rest.peek() {
            None | Some(')') => return Inside::Items(Vec::new()),
            Some(':') => {
                self.rest.next();
                return Inside::Fields(Map::new());
            }
            Some(_) => {}
        }
        let first = self.value();
        if self.rest.peek() != Some(&':') {
            let mut items = Vec::new();
            let mut item = first;
            while !self.is_cut() {
                items.push(item);
                if !self.takes(',') {
                    break;
                }
                item = self.value();
            }
            return Inside::Items(items);
        }
        let mut fields = Map::new();
        let mut name = first;
        loop {
            let Some(key) = key(&name).filter(|_| self.takes(':')) else {
                self.whole = false;
                break;
            };
            if self.rest.peek().is_none() {
                self.whole = false;
                break;
            }
            let value = self.value();
            if self.is_cut() {
                break;
            }
            if fields.insert(key, value).is_some() {
                self.whole = false;
            }
            if !self.takes(',') {
                break;
            }
            name = self.value();
        }
        Inside::Fields(fields)
    }

    /// Whether the text has ended within brackets, and in a word.
    fn is_cut(&mut self) -> bool {
        self.depth > 0 && self.in_word && self.rest.peek().is_none()
    }

    fn takes(&mut self, character: char) -> bool {
        self.rest.next_if_eq(&character).is_some()
    }

    fn value(&mut self) -> Value {
        if !self.takes('(') {
            return self.word();
        }
        if self.depth == MAX_DEPTH {
            self.whole = false;
            // Nothing of the rest can be told apart any more.
            while self.rest.next().is_some() {}
            return Value::Null;
        }
        self.depth += 1;
        let inside = self.inside();
        self.depth -= 1;
        self.in_word = false;
        if !self.takes(')') {
            self.whole = false;
        }
        match inside {
            Inside::Fields(fields) => Value::Object(fields),
            Inside::Items(items) => Value::Array(items),
        }
    }

    fn word(&mut self) -> Value {
        let mut text = String::new();
        let mut escaped = false;
        self.in_word = true;
        while let Some(character) = self
            .rest
            .next_if(|character| !matches!(character, '(' | ')' | ':' | ','))
        {
            if character != '!' {
                text.push(character);
                continue;
            }
            match self.rest.next() {
                Some('_') if text.is_empty() && !escaped => {}
                Some(meant) => text.push(meant),
                None => self.whole = false,
            }
            escaped = true;
        }
        if text.is_empty() && !escaped {
            self.whole = false;
        }
        if escaped {
            Value::String(text)
        } else {
            word(&text)
        }
    }
}

/// The name of a field, which is a text whatever it looks like.
fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some("null".to_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{ReadFields, read_fields, write_fields};

    /// Any JSON, with texts that are likely to be taken for something else.
    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[a-z!_:,() +-]{0,6}",
            "-?[0-9]{0,3}[.e]?[0-9]{0,2}",
            prop::sample::select(vec![
                "true", "false", "null", "", "!_", "_", "-0", "1e5", "inf"
            ])
            .prop_map(str::to_owned),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_comes_back(name in "[a-u!:() ]{0,5}", value in value()) {
            let text = write_fields(&[(&name, value.clone()), ("v", 1.into())]);
            let read = read_fields(&text);
            prop_assert!(read.whole, "{text}");
            prop_assert_eq!(&read.value[name.as_str()], &value);
            prop_assert_eq!(&read.value["v"], &json!(1));
        }

        #[test]
        fn every_text_is_read_to_its_end(text in "[a-c(),:!_1 ]{0,40}") {
            let _ = read_fields(&text);
        }

        #[test]
        fn what_was_cut_off_keeps_what_stood_before(value in value(), cut in any::<prop::sample::Index>()) {
            let text = write_fields(&[("a", json!(["x", 7])), ("b", value), ("v", 1.into())]);
            let at = cut.index(text.chars().count());
            let start: String = text.chars().take(at).collect();
            let read = read_fields(&start);
            if start.starts_with("a:(x,7),") {
                prop_assert_eq!(&read.value["a"], &json!(["x", 7]));
            }
            prop_assert!(!read.whole || read.value.get("v").is_none());
        }
    }

    #[test]
    fn it_reads_as_told() {
        let text = write_fields(&[
            (
                "query",
                json!({"event": "Order Completed", "of": [{"n": 1.5, "on": true}], "none": null, "list": [], "empty": {}}),
            ),
            ("texts", json!(["1", "true", "", "a:b (c), d!", "10%", "_"])),
        ]);
        assert_eq!(
            text,
            "query:(empty:(:),event:Order Completed,list:(),none:null,of:((n:1.5,on:true))),\
             texts:(!1,!true,!_,a!:b !(c!)!, d!!,10%,_)"
        );
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        for (text, value) in [
            ("", json!({})),
            ("(", json!({})),
            ("a", json!({})),
            ("a:", json!({})),
            ("a:1,", json!({"a": 1})),
            ("a:1)b:2", json!({"a": 1})),
            ("a:(b:1,c", json!({"a": {"b": 1}})),
            ("a:(b,c", json!({"a": ["b"]})),
            ("a:(b:1,c:Order Comp", json!({"a": {"b": 1}})),
            ("a:((b:1),(c:2", json!({"a": [{"b": 1}, {}]})),
            ("a:1,a:2", json!({"a": 2})),
            ("a:!", json!({"a": ""})),
        ] {
            let whole = false;
            assert_eq!(read_fields(text), ReadFields { value, whole }, "{text}");
        }
    }

    #[test]
    fn brackets_without_end_are_no_harm() {
        let read = read_fields(&format!("a:{}", "(".repeat(1_000_000)));
        assert!(!read.whole);
    }
}
