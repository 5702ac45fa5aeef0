//! Users as CSV, NDJSON or JSON.

use segments_model::Value;
use segments_model::export::ExportFormat;
use segments_model::user::UserRow;
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::error::Error;

/// Writes users one after the other.
///
/// In CSV a text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return, and is no number) gets an apostrophe before it: such files are opened by people, and what their users typed
/// must not run on their machines. NDJSON and JSON hold every value as it is.
pub struct Table<'a> {
    format: ExportFormat,
    columns: &'a [String],
    bytes: Vec<u8>,
    is_first: bool,
}

impl<'a> Table<'a> {
    /// A table of the id and these columns.
    #[must_use]
    pub fn begin(format: ExportFormat, columns: &'a [String]) -> Self {
        let mut table = Self {
            format,
            columns,
            bytes: Vec::new(),
            is_first: true,
        };
        match format {
            ExportFormat::Csv => {
                table.field("id");
                for column in columns {
                    table.bytes.push(b',');
                    table.field(column);
                }
                table.bytes.extend_from_slice(b"\r\n");
            }
            ExportFormat::Ndjson => {}
            ExportFormat::Json => table.bytes.push(b'['),
        }
        table
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::Broken`] where a value cannot be written.
    pub fn push(&mut self, row: &UserRow) -> Result<(), Error> {
        if self.format == ExportFormat::Csv {
            self.field(&row.id);
            for column in self.columns {
                self.bytes.push(b',');
                match row.values.get(column) {
                    None => {}
                    Some(Value::String(text)) => self.field(text),
                    Some(Value::Number(number)) => self.plain(&number.to_string()),
                    Some(Value::Boolean(boolean)) => self.plain(&boolean.to_string()),
                }
            }
            self.bytes.extend_from_slice(b"\r\n");
            return Ok(());
        }
        if self.format == ExportFormat::Json {
            let before: &[u8] = if self.is_first { b"\n" } else { b",\n" };
            self.bytes.extend_from_slice(before);
        }
        self.is_first = false;
        let object = Object {
            row,
            columns: self.columns,
        };
        serde_json::to_writer(&mut self.bytes, &object)
            .map_err(|error| Error::Broken(error.to_string()))?;
        if self.format == ExportFormat::Ndjson {
            self.bytes.push(b'\n');
        }
        Ok(())
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes written since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The rest.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.format == ExportFormat::Json {
            self.bytes.extend_from_slice(b"\n]\n");
        }
        self.bytes
    }

    fn plain(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn field(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r'])
            && text
                .parse::<f64>()
                .map_or(true, |number| !number.is_finite());
        if !is_formula && !text.contains(['"', ',', '\n', '\r']) && text.trim() == text {
            self.plain(text);
            return;
        }
        self.bytes.push(b'"');
        if is_formula {
            self.bytes.push(b'\'');
        }
        self.plain(&text.replace('"', "\"\""));
        self.bytes.push(b'"');
    }
}

/// A user as one flat object: the id, then the columns in the order asked for, missing ones as null.
struct Object<'a> {
    row: &'a UserRow,
    columns: &'a [String],
}

impl Serialize for Object<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.row.id)?;
        for column in self.columns {
            map.serialize_entry(column, &self.row.values.get(column))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Value;
    use segments_model::export::ExportFormat;
    use segments_model::user::UserRow;

    use super::Table;

    fn written(format: ExportFormat) -> String {
        let columns = ["plan, old".to_owned(), "n".to_owned(), "ok".to_owned()];
        let mut table = Table::begin(format, &columns);
        let rows = [
            ("u1", Some(Value::from("free")), Some(1.5)),
            ("-5", Some(Value::from("=1+1")), Some(-2.0)),
            ("@x", Some(Value::from("say \"hi\",\nyou")), None),
            ("+a", None, None),
        ];
        for (id, plan, number) in rows {
            let mut row = UserRow {
                id: id.to_owned(),
                ..UserRow::default()
            };
            row.values
                .extend(plan.map(|plan| ("plan, old".to_owned(), plan)));
            row.values
                .extend(number.map(|number| ("n".to_owned(), Value::from(number))));
            row.values.insert("ok".to_owned(), Value::from(true));
            table.push(&row).unwrap();
        }
        String::from_utf8(table.finish()).unwrap()
    }

    #[test]
    fn csv_quotes_what_has_to_be_and_lets_no_formula_through() {
        assert_eq!(
            written(ExportFormat::Csv),
            "id,\"plan, old\",n,ok\r\nu1,free,1.5,true\r\n-5,\"'=1+1\",-2,true\r\n\"'@x\",\"say \"\"hi\"\",\nyou\",,true\r\n\"'+a\",,,true\r\n"
        );
    }

    #[test]
    fn json_holds_every_value_as_it_is() {
        let json: serde_json::Value = serde_json::from_str(&written(ExportFormat::Json)).unwrap();
        let lines: Vec<serde_json::Value> = written(ExportFormat::Ndjson)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(json, serde_json::Value::Array(lines.clone()));
        assert_eq!(
            lines[1],
            serde_json::json!({"id": "-5", "plan, old": "=1+1", "n": -2.0, "ok": true})
        );
        assert_eq!(lines[3]["n"], serde_json::Value::Null);
        let empty = Table::begin(ExportFormat::Json, &[]).finish();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&empty).unwrap(),
            serde_json::json!([])
        );
    }
}
