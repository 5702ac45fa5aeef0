//! Users as CSV, NDJSON or JSON.

use segments_import::CsvWriter;
use segments_model::Value;
use segments_model::export::ExportFormat;
use segments_model::user::UserRow;
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::error::Error;

/// Writes users one after the other. [`CsvWriter`] says what becomes of texts that look like formulas in CSV; NDJSON and
/// JSON hold every value as it is.
pub struct Table<'a> {
    format: ExportFormat,
    columns: &'a [String],
    /// What waits to be taken as CSV, or else as JSON.
    csv: CsvWriter,
    json: Vec<u8>,
    is_first: bool,
}

impl<'a> Table<'a> {
    /// A table of the id and these columns.
    #[must_use]
    pub fn begin(format: ExportFormat, columns: &'a [String]) -> Self {
        let mut table = Self {
            format,
            columns,
            csv: CsvWriter::default(),
            json: Vec::new(),
            is_first: true,
        };
        match format {
            ExportFormat::Csv => {
                table.csv.text("id");
                for column in columns {
                    table.csv.text(column);
                }
                table.csv.end_row();
            }
            ExportFormat::Ndjson => {}
            ExportFormat::Json => table.json.push(b'['),
        }
        table
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::Broken`] where a value cannot be written.
    pub fn push(&mut self, row: &UserRow) -> Result<(), Error> {
        if self.format == ExportFormat::Csv {
            self.csv.text(&row.id);
            for column in self.columns {
                match row.values.get(column) {
                    None => self.csv.plain(""),
                    Some(Value::String(text)) => self.csv.text(text),
                    Some(Value::Number(number)) => self.csv.plain(&number.to_string()),
                    Some(Value::Boolean(boolean)) => self.csv.plain(&boolean.to_string()),
                }
            }
            self.csv.end_row();
            return Ok(());
        }
        if self.format == ExportFormat::Json {
            let before: &[u8] = if self.is_first { b"\n" } else { b",\n" };
            self.json.extend_from_slice(before);
        }
        self.is_first = false;
        let object = Object {
            row,
            columns: self.columns,
        };
        serde_json::to_writer(&mut self.json, &object)
            .map_err(|error| Error::Broken(error.to_string()))?;
        if self.format == ExportFormat::Ndjson {
            self.json.push(b'\n');
        }
        Ok(())
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.csv.len() + self.json.len()
    }

    /// The bytes written since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        match self.format {
            ExportFormat::Csv => self.csv.take(),
            ExportFormat::Ndjson | ExportFormat::Json => std::mem::take(&mut self.json),
        }
    }

    /// The rest.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.format == ExportFormat::Json {
            self.json.extend_from_slice(b"\n]\n");
        }
        self.take()
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
            "id,\"plan, old\",n,ok\r\nu1,free,1.5,true\r\n-5,'=1+1,-2,true\r\n'@x,\"say \"\"hi\"\",\nyou\",,true\r\n'+a,,,true\r\n"
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
