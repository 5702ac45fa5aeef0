//! The columns that users are listed with.

use segments_model::problem::{Code, InputError};

use crate::ask::data::Data;
use segments_model::limits::LIMITS;

/// Which columns the data does not have.
pub fn unknown_columns(data: &Data, columns: &[String]) -> Vec<InputError> {
    let most = LIMITS.page as usize;
    if columns.len() > most {
        return vec![InputError {
            pointer: "/columns".to_owned(),
            code: Code::TooLarge,
            detail: format!("at most {most} columns"),
        }];
    }
    columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !data.schema().is_column(column))
        .map(|(at, column)| unknown_column(format!("/columns/{at}"), column))
        .collect()
}

pub fn unknown_column(pointer: String, column: &str) -> InputError {
    InputError {
        pointer,
        code: Code::Unknown,
        detail: format!(
            "there is no column \"{column}\": give a user property, first_event_at, last_event_at or events"
        ),
    }
}
