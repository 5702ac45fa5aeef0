//! Uploaded lists of users.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::limits::{MAX_USER_LISTS, MAX_USER_LISTS_BYTES};
use segments_model::problem::Code;
use segments_model::user_list::UserList;
use segments_model::validate::MAX_TEXT;

use crate::backend::Backend;
use crate::creation::Creation;
use crate::error::Error;
use crate::library::{fold, parse, write};
use crate::request::{IdempotencyKey, ListInput, NoParams, Params};
use crate::user_sets::{StoredList, TURN};
use crate::{Change, Collection, respond};
use segments_engine_api::Turn;

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

/// `POST /user_lists`
pub async fn create(
    State(backend): State<Arc<Backend>>,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    input: ListInput,
) -> Result<Response, Error> {
    let text = std::str::from_utf8(&input.bytes).map_err(|error| {
        Error::Malformed(format!(
            "the list is to be UTF-8, and is not after {} bytes",
            error.valid_up_to()
        ))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = read(&backend, text, input.is_csv).await?;
    let creation = &Creation::begin("POST /user_lists", key, &input.bytes);
    let (backend, read) = (&*backend, &read);
    let id = backend
        .change(move |moment| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(backend, moment.now).await? {
                return Ok((Vec::new(), id));
            }
            has_room(backend, read).await?;
            let id = backend.new_id();
            let list = StoredList {
                users: backend.store_users(&read.ids).await?,
                duplicate: read.duplicate,
                at: Some(moment.now),
            };
            let mut changes = vec![Change::Put {
                collection: Collection::Lists,
                id: id.clone(),
                expected: None,
                unique: None,
                body: write(&list)?,
            }];
            changes.extend(creation.change(&id, moment.now)?);
            Ok((changes, id))
        })
        .await?;
    let moment = backend.moment().await?;
    let data = backend.data(&moment).await?;
    let list = backend.list(&id).await?;
    let (list, users) = list.ok_or_else(|| {
        Error::Expired("no definition used the list, so it is gone: upload it again".to_owned())
    })?;
    let ids = users.ids().await?;
    let ids: Vec<&str> = ids.iter().collect();
    let matched = data.snapshot().find(&ids, Some(moment.now)).await?.len();
    respond::json(
        StatusCode::CREATED,
        &UserList {
            id,
            matched,
            unknown: list.users.len().saturating_sub(matched),
            duplicate: list.duplicate,
        },
    )
}

/// Whether there is room for one more list, once those that nothing uses are gone.
async fn has_room(backend: &Backend, list: &ReadList) -> Result<(), Error> {
    let bytes: u64 = list.ids.iter().map(|id| id.len() as u64).sum();
    if exceeded(backend, bytes).await?.is_some() {
        backend.remove_unused_lists().await?;
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
    let mut turn = Turn::begin(backend.host.as_ref());
    for (at, id) in Column::new(text, is_csv).enumerate() {
        if at % TURN == TURN - 1 {
            turn.give_way().await;
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
            "the list has no id in it: give one a line, or in the first column of a CSV file",
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

/// The first value of each line: of text the line itself, of CSV what stands before the delimiter, in quotes or not.
struct Column<'a> {
    rest: &'a str,
    /// The delimiter of CSV.
    delimiter: Option<char>,
}

impl<'a> Column<'a> {
    fn new(text: &'a str, is_csv: bool) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let delimiter = [',', '\t', ';', '|']
            .into_iter()
            .find(|delimiter| first.contains(*delimiter))
            .unwrap_or(',');
        Self {
            rest: text,
            delimiter: is_csv.then_some(delimiter),
        }
    }

    /// Cuts off everything before the end of the line and that end; a value in quotes may have ends of lines in it.
    fn line(&mut self) -> &'a str {
        let (mut in_quotes, mut at_start, mut after_quotes) = (false, true, false);
        let end = self.rest.find(|sign| {
            let Some(delimiter) = self.delimiter else {
                return matches!(sign, '\n' | '\r');
            };
            if sign == '"' && (in_quotes || at_start || after_quotes) {
                after_quotes = in_quotes;
                in_quotes = !in_quotes;
            } else {
                after_quotes = false;
            }
            at_start = !in_quotes && (sign == delimiter || (at_start && sign == ' '));
            !in_quotes && matches!(sign, '\n' | '\r')
        });
        let (line, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .unwrap_or((self.rest, ""));
        self.rest = rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix(['\n', '\r']))
            .unwrap_or(rest);
        line
    }
}

impl Iterator for Column<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line();
        let Some(delimiter) = self.delimiter else {
            return Some(Ok(line.to_owned()));
        };
        let Some(quoted) = line.trim_start().strip_prefix('"') else {
            let value = line.split(delimiter).next().unwrap_or_default();
            return Some(Ok(value.to_owned()));
        };
        // A quote in a value stands there twice.
        let mut value = String::new();
        let mut signs = quoted.chars().peekable();
        while let Some(sign) = signs.next() {
            if sign != '"' {
                value.push(sign);
            } else if signs.next_if_eq(&'"').is_some() {
                value.push('"');
            } else {
                return Some(Ok(value));
            }
        }
        self.rest = "";
        Some(Err(Error::input(
            "",
            Code::Malformed,
            format!(
                "a quote is opened and never closed: \"{}",
                value.chars().take(40).collect::<String>()
            ),
        )))
    }
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
            (" \"a\" ,1\n\n,x", &["a", "", ""]),
            ("a\"b,1\nc\"d", &["a\"b", "c\"d"]),
            ("a,\"x\ny\",z\nb,\"\"\"\n\"", &["a", "b"]),
        ] {
            assert_eq!(values(text, true), expected, "{text}");
        }
        assert_eq!(values("a,1\n\"b\n", false), ["a,1", "\"b"]);
        assert!(Column::new("\"a\nb", true).next().unwrap().is_err());
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
