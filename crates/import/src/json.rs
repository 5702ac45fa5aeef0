//! A JSON object laid flat.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use serde_json::{Deserializer, Value};

use crate::column::Kind;
use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};

/// The values of one object: names of objects inside of objects are joined by dots, arrays are their JSON text, `null`
/// is no value.
#[derive(Default)]
pub(crate) struct Flat {
    names: String,
    values: String,
    cells: Vec<Cell>,
}

struct Cell {
    name: Range<usize>,
    /// The number of the column, once it was asked for.
    column: usize,
    kind: Kind,
    value: Range<usize>,
}

impl Flat {
    /// Reads a line.
    pub(crate) fn read(&mut self, line: &str) -> Result<(), String> {
        self.names.clear();
        self.values.clear();
        self.cells.clear();
        let mut json = Deserializer::from_str(line);
        let mut path = String::new();
        json.deserialize_map(Object {
            flat: self,
            path: &mut path,
        })
        .and_then(|()| json.end())
        .map_err(|error| error.to_string())
    }

    /// The values with their names, in the order of the line.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&str, Kind, &str)> {
        self.cells.iter().map(|cell| {
            (
                self.names.get(cell.name.clone()).unwrap_or_default(),
                cell.kind,
                self.values.get(cell.value.clone()).unwrap_or_default(),
            )
        })
    }

    /// Gives each value the number of its column.
    pub(crate) fn number(&mut self, mut column: impl FnMut(&str) -> usize) {
        for cell in &mut self.cells {
            cell.column = column(self.names.get(cell.name.clone()).unwrap_or_default());
        }
    }

    /// One of the values, with the number of its column.
    pub(crate) fn cell(&self, number: usize) -> Option<(usize, Kind, &str)> {
        let cell = self.cells.get(number)?;
        Some((cell.column, cell.kind, self.values.get(cell.value.clone())?))
    }

    fn push(&mut self, name: &str, kind: Kind, value: impl fmt::Display) {
        let name_start = self.names.len();
        self.names.push_str(name);
        let start = self.values.len();
        // Writing into a String cannot fail.
        let _ = write!(self.values, "{value}");
        self.cells.push(Cell {
            name: name_start..self.names.len(),
            column: 0,
            kind,
            value: start..self.values.len(),
        });
    }

    fn push_text(&mut self, name: &str, text: &str) {
        let start = self.values.len();
        self.push(name, Kind::Text, "");
        self.values.push_str(text);
        if let Some(cell) = self.cells.last_mut() {
            cell.value = start..self.values.len();
        }
    }
}

/// The members of an object.
struct Object<'f> {
    flat: &'f mut Flat,
    /// The name of the object with a dot after it; empty for the line itself.
    path: &'f mut String,
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object such as {\"user_id\": \"u1\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let length = self.path.len();
        while members.next_key_seed(Key { path: self.path })?.is_some() {
            members.next_value_seed(Member {
                flat: self.flat,
                path: self.path,
            })?;
            self.path.truncate(length);
        }
        Ok(())
    }
}

/// Adds a key to the path.
struct Key<'f> {
    path: &'f mut String,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        self.path.push_str(key);
        Ok(())
    }
}

/// The value of the path.
struct Member<'f> {
    flat: &'f mut Flat,
    path: &'f mut String,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.flat.push(self.path, Kind::Boolean, value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.flat.push(self.path, Kind::Number, value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.flat.push(self.path, Kind::Number, value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        // Minus zero is zero.
        self.flat.push(self.path, Kind::Number, value + 0.0);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.flat.push_text(self.path, value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element::<Value>()? {
            array.push(item);
        }
        self.flat.push(self.path, Kind::Text, Value::Array(array));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        self.path.push('.');
        Object {
            flat: self.flat,
            path: self.path,
        }
        .visit_map(members)
    }
}

#[cfg(test)]
mod tests {
    use super::Flat;
    use crate::column::Kind;

    #[test]
    fn objects_are_laid_flat() {
        let mut flat = Flat::default();
        flat.read(
            r#"{"a":1,"b":{"c":"x","d":{"e":true},"f":{}},"g":[1,{"h":"i"}],"j":null,"k":1.50,"l":"","m":-0.0,"n":18446744073709551615}"#,
        )
        .unwrap();
        let cells: Vec<_> = flat.cells().collect();
        assert_eq!(
            cells,
            [
                ("a", Kind::Number, "1"),
                ("b.c", Kind::Text, "x"),
                ("b.d.e", Kind::Boolean, "true"),
                ("g", Kind::Text, r#"[1,{"h":"i"}]"#),
                ("k", Kind::Number, "1.5"),
                ("l", Kind::Text, ""),
                ("m", Kind::Number, "0"),
                ("n", Kind::Number, "18446744073709551615"),
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let mut flat = Flat::default();
        for line in [
            "",
            "1",
            "[1]",
            "{\"a\":1",
            "{\"a\":1}}",
            "{\"a\":1} {}",
            "{a:1}",
            "{\"a\":1e999}",
        ] {
            assert!(flat.read(line).is_err(), "{line}");
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(flat.read(&deep).is_err());
        assert!(flat.read("{}").is_ok());
        assert_eq!(flat.cells().count(), 0);
    }
}
