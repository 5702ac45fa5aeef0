//! The form of a list of user ids.

use std::collections::HashSet;

use segments_model::criterion::UsersCriterion;
use serde::{Deserialize, Serialize};

use crate::error::Errors;

/// A list of ids as it was typed or pasted, or one that was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserIdsForm {
    /// The text: ids separated by line ends, commas, semicolons or tabs; quotes around one are left out.
    pub text: String,
    /// The id of an uploaded list, which then stands for the text.
    pub list: Option<String>,
}

/// What a text of ids has in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserIds {
    /// The ids, each once, in the order of the text.
    pub ids: Vec<String>,
    /// How many were there a second time.
    pub duplicates: usize,
}

impl UserIds {
    /// Reads a text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut seen = HashSet::new();
        let mut read = Self::default();
        for id in text
            .split(['\n', '\r', ',', ';', '\t'])
            .map(|id| id.trim().trim_matches(['"', '\'']).trim())
            .filter(|id| !id.is_empty())
        {
            if seen.insert(id) {
                read.ids.push(id.to_owned());
            } else {
                read.duplicates += 1;
            }
        }
        read
    }

    /// What was found, for the person who pasted it.
    #[must_use]
    pub fn words(&self) -> String {
        let users = match self.ids.len() {
            1 => "1 id".to_owned(),
            many => format!("{many} ids"),
        };
        match self.duplicates {
            0 => users,
            1 => format!("{users}, 1 duplicate left out"),
            many => format!("{users}, {many} duplicates left out"),
        }
    }
}

impl From<&UsersCriterion> for UserIdsForm {
    fn from(users: &UsersCriterion) -> Self {
        Self {
            text: users.ids.as_deref().unwrap_or_default().join("\n"),
            list: users.list.clone(),
        }
    }
}

impl UserIdsForm {
    /// The criterion's fields that the form stands for.
    pub fn fill(&self, errors: &mut Errors) -> UsersCriterion {
        if self.list.is_some() {
            return UsersCriterion {
                ids: None,
                list: self.list.clone(),
            };
        }
        let ids = UserIds::read(&self.text).ids;
        if ids.is_empty() {
            errors.note::<()>("/ids", Err("Enter at least one user id".to_owned()));
        }
        UsersCriterion {
            ids: Some(ids),
            list: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{UserIds, UserIdsForm};
    use segments_model::criterion::UsersCriterion;

    #[test]
    fn ids_are_read_however_they_are_separated() {
        let read = UserIds::read("u1, u2;u3\r\n\"u4\"\n\n u 5 \tu1\n");
        assert_eq!(read.ids, ["u1", "u2", "u3", "u4", "u 5"]);
        assert_eq!(read.duplicates, 1);
        assert_eq!(read.words(), "5 ids, 1 duplicate left out");
    }

    #[test]
    fn none_and_too_many_are_refused() {
        let form = |text: String| UsersCriterion::try_from(&UserIdsForm { text, list: None });
        assert!(form(" \n".to_owned()).is_err());
        let ids = |count: usize| (0..count).map(|n| format!("u{n}\n")).collect::<String>();
        assert!(form(ids(1_000)).is_ok());
        assert!(form(ids(1_001)).is_err());
    }
}
