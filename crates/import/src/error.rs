//! Why a file or a line of it was refused.

use segments_model::calendar::UnknownZone;

/// Why a file was refused as a whole. Nothing of it stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file has no bytes, or blank lines alone.
    #[error(
        "the file is empty: give a line of column names with a line for each row under it, or a JSON object a line"
    )]
    Empty,
    /// A CSV file ends after its first line.
    #[error("the file has column names and no line under them: there is nothing to take in")]
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
        "the first line is no UTF-8 text: if this is CSV, save it as UTF-8; binary files cannot be read"
    )]
    Binary,
    /// The first line of a CSV file is longer than a line may be.
    #[error(
        "the first line is longer than {limit} bytes: it has to hold the names of the columns, and each row a line of its own"
    )]
    HeaderTooLong {
        /// How many bytes a line may have.
        limit: usize,
    },
    /// A quote of a CSV file's first line is not closed.
    #[error("a quotation mark of the first line is not closed: write a quote inside quotes twice")]
    HeaderUnclosed,
    /// More columns, or more different keys, than a file may have.
    #[error(
        "the file has more than {limit} columns: names that are data, such as ids, belong into values"
    )]
    TooManyColumns {
        /// How many columns a file may have.
        limit: usize,
    },
    /// Two columns have the same name.
    #[error("two columns are named \"{name}\": give each a name of its own")]
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
        "no column was recognised as {role}: say which one it is; the file has {columns}. If that is not what its columns are called, its first line has no names, or values are not apart by comma, tab, semicolon or bar"
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
        "more than {count} quotation marks are opened and not closed, the last one in line {line}: values in quotes have to end with one, and a quote inside of them is written twice"
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
        "a quotation mark is opened and not closed: end the value with one, and write a quote inside of it twice"
    )]
    Unclosed,
    #[error("the line is no UTF-8 text: save the file as UTF-8")]
    Encoding,
    #[error("the line has a NUL byte in it, which no text has")]
    Nul,
    #[error("the line has {values} values where the first line names {expected} columns")]
    Width { values: usize, expected: usize },
    #[error("the line is no JSON object: {0}")]
    Json(String),
    #[error("the key \"{0}\" stands twice in the line")]
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
        "\"{0}\" is no time: give RFC 3339 such as 2026-11-23T14:14:00Z, or YYYY-MM-DD HH:MM:SS, or seconds, milliseconds, microseconds or nanoseconds since 1970"
    )]
    Time(String),
    #[error(
        "\"{column}\" is a number column and {value} is beyond 10^15, up to which numbers are exact"
    )]
    Huge { column: String, value: String },
}
