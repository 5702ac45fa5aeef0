//! Why a file or a line of it was refused.

use segments_model::calendar::UnknownZone;

/// Why a file was refused as a whole. Nothing of it stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file has no bytes, or blank lines alone.
    #[error(
        "the file is empty: give a line of column names and a line for each row below it, or one JSON object per line"
    )]
    Empty,
    /// A CSV file ends after its first line.
    #[error("the file has column names but no rows: there is nothing to import")]
    HeaderOnly,
    /// The file is of a format that is told by its first bytes.
    #[error("the file is {what}, not CSV or NDJSON: {hint}")]
    Format {
        /// What the file is.
        what: &'static str,
        /// What to do about it.
        hint: &'static str,
    },
    /// The first line cannot be read as text.
    #[error(
        "the first line is not UTF-8 text: if this is CSV, save it as UTF-8; binary files cannot be read"
    )]
    Binary,
    /// The first line of a CSV file is longer than a line may be.
    #[error(
        "the first line is longer than {limit} bytes: it must have the column names, with each row on its own line"
    )]
    HeaderTooLong {
        /// How many bytes a line may have.
        limit: usize,
    },
    /// A quote of a CSV file's first line is not closed.
    #[error("a quotation mark in the first line is not closed: write a quote inside quotes twice")]
    HeaderUnclosed,
    /// More columns, or more different keys, than a file may have.
    #[error(
        "the file has more than {limit} columns: put data such as ids into values, not column names"
    )]
    TooManyColumns {
        /// How many columns a file may have.
        limit: usize,
    },
    /// Two columns have the same name.
    #[error("two columns are named \"{name}\": give each its own name")]
    DuplicateColumn { name: String },
    /// A column that was named is not there.
    #[error("there is no column \"{name}\" for {role}: the file has {columns}")]
    MissingColumn {
        /// What the column is for.
        role: &'static str,
        name: String,
        /// The columns that are there, in words.
        columns: String,
    },
    /// No column was named and none was recognised.
    #[error(
        "no column was recognised as {role}: choose one; the file has {columns}. If those are not its column names, the first line has no names, or the values are not separated by comma, tab, semicolon or bar"
    )]
    Unrecognised {
        /// What the column is for.
        role: &'static str,
        /// The columns that are there, in words.
        columns: String,
    },
    /// One column was named for two things.
    #[error("the column \"{name}\" cannot be both {first} and {second}")]
    SameColumn {
        /// The column.
        name: String,
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Quotes do not match, again and again.
    #[error(
        "more than {count} quotation marks are not closed, the last one in line {line}: close each quoted value, and write a quote inside it twice"
    )]
    Quotes {
        /// How many unclosed quotes were seen.
        count: usize,
        /// The line of the last one.
        line: u64,
    },
    /// The different texts of a column are more than can be held.
    #[error("the different values of \"{column}\" have more than 4 GiB: split the file")]
    TooLarge { column: String },
    /// The zone for times without one is unknown.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

/// Why a line was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    #[error(
        "a quotation mark is not closed: end the value with one, and write a quote inside it twice"
    )]
    Unclosed,
    #[error("the line is not UTF-8 text: save the file as UTF-8")]
    Encoding,
    #[error("the line has a NUL byte, which text cannot have")]
    Nul,
    #[error("the line has {values} values, but the first line names {expected} columns")]
    Width { values: usize, expected: usize },
    #[error("the line is not a JSON object: {0}")]
    Json(String),
    #[error("the key \"{0}\" occurs twice in the line")]
    DuplicateKey(String),
    #[error("{role} is missing: \"{column}\" has no value")]
    Missing { role: &'static str, column: String },
    #[error("{role} is neither text nor number: \"{column}\" is {value}")]
    Unfit {
        role: &'static str,
        column: String,
        value: String,
    },
    #[error(
        "\"{0}\" is not a time: give RFC 3339 such as 2026-11-23T14:14:00Z, or YYYY-MM-DD HH:MM:SS, or seconds, milliseconds, microseconds or nanoseconds since 1970"
    )]
    Time(String),
    #[error(
        "\"{column}\" is a number column and {value} is beyond 10^15, the limit of exact numbers"
    )]
    Huge { column: String, value: String },
}
