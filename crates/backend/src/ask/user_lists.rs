//! Uploaded lists of users.

use std::collections::HashSet;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use segments_model::limits::{MAX_USER_LISTS, MAX_USER_LISTS_BYTES};
use segments_model::problem::Code;
use segments_model::user_list::UserList;
use segments_model::validate::MAX_TEXT;

use crate::ask::backend::Backend;
use crate::ask::creation::Creation;
use crate::ask::principal::{Action, Principal};
use crate::error::Error;
use crate::store::library::{fold, parse, write};
use crate::store::user_sets::{StoredList, TURN};
use crate::{Change, Collection};
use segments_engine_api::StepTimer;

/// What the first line says where it names the column, all signs but letters left out.
const HEADERS: [&str; 14] = [
    "id",
    "ids",
    "uid",
    "user",
    "users",
    "userid",
    "userids",
    "usersid",
    "distinctid",
    "customerid",
    "accountid",
    "memberid",
    "personid",
    "profileid",
];

/// Takes a list in.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Malformed`], [`Error::Input`], [`Error::KeyReused`], [`Error::Expired`],
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn create(
    backend: &Backend,
    principal: &Principal,
    bytes: &[u8],
    is_csv: bool,
    creation: &Creation,
) -> Result<UserList, Error> {
    principal.may(Action::Write)?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::Malformed(format!(
            "the list must be UTF-8, and is not after {} bytes",
            error.valid_up_to()
        ))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = &read(backend, text, is_csv).await?;
    let id = backend
        .change(|context| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, context.now).await? {
                return Ok((Vec::new(), id));
            }
            has_room(backend, read).await?;
            let id = backend.new_id();
            let list = StoredList {
                users: backend.user_sets.write(&read.ids).await?,
                duplicate: read.duplicate,
                at: Some(context.now),
            };
            let mut changes = vec![Change::Put {
                collection: Collection::Lists,
                id: id.clone(),
                expected: None,
                unique: None,
                body: write(&list)?,
            }];
            changes.extend(creation.change(&id, context.now)?);
            Ok((changes, id))
        })
        .await?;
    let context = backend.context().await?;
    let data = backend.data(&context).await?;
    let list = backend.user_sets.list(&id).await?;
    let (list, users) = list.ok_or_else(|| {
        Error::Expired("no definition used the list, so it was removed: upload it again".to_owned())
    })?;
    let ids = users.ids().await?;
    let ids: Vec<&str> = ids.iter().collect();
    let matched = data.snapshot().find(&ids, Some(context.now)).await?.len();
    Ok(UserList {
        id,
        matched,
        unknown: list.users.len().saturating_sub(matched),
        duplicate: list.duplicate,
    })
}

/// Whether there is room for one more list, once those that nothing uses are gone.
async fn has_room(backend: &Backend, list: &ReadList) -> Result<(), Error> {
    let bytes: u64 = list.ids.iter().map(|id| id.len() as u64).sum();
    if exceeded(backend, bytes).await?.is_some() {
        backend.user_sets.remove_unused_lists().await?;
    }
    match exceeded(backend, bytes).await? {
        None => Ok(()),
        Some(detail) => Err(Error::input("", Code::TooLarge, detail)),
    }
}

/// Which limit a list of so many bytes would exceed.
async fn exceeded(backend: &Backend, bytes: u64) -> Result<Option<String>, Error> {
    let (mut lists, mut total) = (0, bytes);
    for record in backend.library.catalog().all(Collection::Lists).await? {
        let list: StoredList = parse(&record)?;
        lists += 1;
        total = total.saturating_add(list.users.bytes());
    }
    let what = if lists >= MAX_USER_LISTS {
        format!("there may be at most {MAX_USER_LISTS} lists")
    } else if total > MAX_USER_LISTS_BYTES {
        let most = MAX_USER_LISTS_BYTES >> 20;
        format!("all lists together may have at most {most} MiB")
    } else {
        return Ok(None);
    };
    Ok(Some(format!(
        "{what}: delete segments that use one, or wait until those that nothing uses are a day old"
    )))
}

/// A list as it was uploaded.
struct ReadList {
    /// The ids, each once.
    ids: Vec<String>,
    /// How many ids stood there once more.
    duplicate: u64,
}

/// The different ids of a list, in its order.
async fn read(backend: &Backend, text: &str, is_csv: bool) -> Result<ReadList, Error> {
    let mut list = ReadList {
        ids: Vec::new(),
        duplicate: 0,
    };
    let mut seen = HashSet::new();
    let mut timer = StepTimer::begin(backend.host.as_ref());
    for (at, id) in Column::new(text, is_csv).enumerate() {
        if at % TURN == TURN - 1 {
            timer.yield_if_due().await;
        }
        let id = id?;
        let id = id.trim();
        if id.is_empty() || (at == 0 && is_header(id)) {
            continue;
        }
        if id.chars().count() > MAX_TEXT {
            return Err(Error::input(
                "",
                Code::TooLarge,
                format!(
                    "an id may have at most {MAX_TEXT} characters; that of row {} has more",
                    at + 1
                ),
            ));
        }
        if seen.insert(id.to_owned()) {
            list.ids.push(id.to_owned());
        } else {
            list.duplicate += 1;
        }
    }
    if list.ids.is_empty() {
        return Err(Error::input(
            "",
            Code::Empty,
            "the list has no ids: give one per line, or in the first column of a CSV file",
        ));
    }
    Ok(list)
}

fn is_header(text: &str) -> bool {
    let letters: String = fold(text)
        .chars()
        .filter(|sign| sign.is_alphabetic())
        .collect();
    HEADERS.contains(&letters.as_str()) && !text.chars().any(char::is_numeric)
}

/// The first value of each line that is not empty: of text the line itself, of CSV what stands before the delimiter, in
/// quotes or not.
struct Column<'a> {
    reader: Reader,
    rest: &'a [u8],
    /// Whether the line's end that the file may lack has been read too.
    is_closed: bool,
}

impl<'a> Column<'a> {
    fn new(text: &'a str, is_csv: bool) -> Self {
        let first = text.lines().next().unwrap_or_default().as_bytes();
        let delimiter = *b",\t;|"
            .iter()
            .find(|delimiter| first.contains(delimiter))
            .unwrap_or(&b',');
        let mut reader = ReaderBuilder::new();
        if is_csv {
            reader.delimiter(delimiter);
        } else {
            // No text has this delimiter in it, so that a line is one value.
            reader.delimiter(0).quoting(false);
        }
        Self {
            reader: reader.build(),
            rest: text.as_bytes(),
            is_closed: false,
        }
    }
}

impl Iterator for Column<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        const ROOM: usize = 256;
        let (mut value, mut is_first) = (Vec::new(), true);
        loop {
            if self.rest.is_empty() && !self.is_closed {
                (self.rest, self.is_closed) = (b"\n", true);
            }
            // The reader takes an empty input for the end.
            let is_end = self.rest.is_empty();
            let begin = value.len();
            value.resize(begin + ROOM, 0);
            let room = value.get_mut(begin..).unwrap_or_default();
            let (result, read, written) = self.reader.read_field(self.rest, room);
            self.rest = self.rest.get(read..).unwrap_or_default();
            value.truncate(begin + if is_first { written } else { 0 });
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => return None,
                ReadFieldResult::Field { record_end: false } => is_first = false,
                ReadFieldResult::Field { record_end: true } => {
                    // What was cut from a text at ASCII signs is one.
                    let value = String::from_utf8(value).unwrap_or_default();
                    // A line that its end does not end goes on in quotes.
                    return Some(if is_end {
                        Err(unclosed(&value))
                    } else {
                        Ok(value)
                    });
                }
            }
        }
    }
}

fn unclosed(value: &str) -> Error {
    let start: String = value.chars().take(40).collect();
    Error::input(
        "",
        Code::Malformed,
        format!("a quote is opened and never closed: \"{start}"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Column, is_header};

    fn values(text: &str, is_csv: bool) -> Vec<String> {
        Column::new(text, is_csv).map(Result::unwrap).collect()
    }

    #[test]
    fn the_first_column_is_read_whatever_the_delimiter_and_the_quotes() {
        for (text, expected) in [
            ("a,1\nb,2\n", &["a", "b"][..]),
            ("a;1\r\nb,c;2", &["a", "b,c"]),
            ("a\tx\rb", &["a", "b"]),
            ("\"a,\"\"b\"\"\",1\n\"c\nd\"\n", &["a,\"b\"", "c\nd"]),
            ("\"a\" ,1\n\n,x", &["a ", ""]),
            ("é\u{fffd},\"ü\"", &["é\u{fffd}"]),
            ("a\"b,1\nc\"d", &["a\"b", "c\"d"]),
            ("a,\"x\ny\",z\nb,\"\"\"\n\"", &["a", "b"]),
        ] {
            assert_eq!(values(text, true), expected, "{text}");
        }
        assert_eq!(values("a,1\r\n\"b\n\nc", false), ["a,1", "\"b", "c"]);
        let long = "x".repeat(1_000);
        assert_eq!(
            values(&format!("\"{long}\",{long}\n{long}"), true),
            [&*long, &*long]
        );
        for unclosed in ["\"a\nb", "\"a\nb\n", "a,\"b\n", "\""] {
            assert!(
                Column::new(unclosed, true).any(|value| value.is_err()),
                "{unclosed}"
            );
        }
    }

    #[test]
    fn only_a_name_of_the_column_is_a_header() {
        for header in [
            "id",
            "User ID",
            "user_id",
            "USERS",
            "distinct_id",
            "Customer-Id",
        ] {
            assert!(is_header(header), "{header}");
        }
        for id in ["u1", "ann", "id7", "7", "user1", ""] {
            assert!(!is_header(id), "{id}");
        }
    }
}
