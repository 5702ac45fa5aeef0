//! Reads files of events and users, CSV and NDJSON, as a stream of bytes, and says what it took and what it refused.
//!
//! [`inspect`] says from the first bytes of a file what it seems to be; an [`Importer`] takes its bytes in chunks and
//! ends in a [`Batch`](segments_engine_api::batch::Batch) for the engine, a report and the refused lines. Nothing here reads a file or a clock.
//!
//! [`CsvWriter`] is how the product writes CSV, refused lines and exports alike.
//!
//! # How a file is read
//!
//! - **CSV** is what stands in UTF-8 text between commas, tabs, semicolons or bars (the sign that cuts the first lines most
//!   evenly), with the columns' names in the first line, in any order, lines ending in LF, CRLF or CR, and values in double
//!   quotes or not. A line with more or fewer values than there are names is refused. A value without a sign in it, or
//!   of blanks alone, is missing. A column without a name is called by its number. Otherwise a text is taken as it stands.
//! - **NDJSON** is a JSON object a line. The names of objects inside of objects are joined by dots (`{"a": {"b": 1}}` is
//!   `a.b`), an array is its JSON text, `null` is missing. A key that stands twice in a line refuses it.
//! - **Types** are found for each property over the whole file, and over the data that is there already. A CSV value is a
//!   number if JSON would write it so (`12.50`, `-3`, `1e5`; not `007`, `+49`, `.5`, `NaN`), a boolean if it is `true` or
//!   `false` in any case, and a datetime if it is a calendar time; blanks around these do not count. A JSON text can be a
//!   datetime, but is never a number or boolean. Values of different types make the property text.
//! - **Numbers beyond 10^15** refuse their line, because they would not be exact. A property most of whose different
//!   values are that large holds ids and is text.
//! - **Times** of events are RFC 3339; or `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS` with a fraction or without,
//!   apart by `T` or a blank, of the import's zone; or numbers since 1970, below 10^11 in seconds, below 10^14 in
//!   milliseconds, below 10^17 in microseconds, above in nanoseconds. Finer than a millisecond is floored. A local time that
//!   the zone has twice is the first of the two; one that it skips is read with the offset before the jump.
//! - **A line** may have a mebibyte. A quote that is not closed within that, or before the end of the file, refuses its line
//!   alone: reading goes on at the next one.
#![forbid(unsafe_code)]

mod column;
mod csv;
mod csv_writer;
mod error;
mod imported;
mod importer;
mod json;
mod limits;
mod lines;
mod rejects;
mod rows;
mod sample;
mod time;

pub use csv_writer::CsvWriter;
pub use error::ImportError;
pub use imported::{Imported, Known};
pub use importer::{Importer, Progress};
pub use limits::Limits;
pub use rejects::Rejects;
pub use sample::{SAMPLE_BYTES, inspect};
