//! What events, segments and groups are called.

use segments_format as format;
use segments_forms::tool::Names;
use segments_model::Value;
use segments_model::query::GroupBy;

use crate::parts::vocabulary::Vocabulary;

/// Something with the names that the data and the library have.
pub fn named<T>(vocabulary: Vocabulary, of: impl FnOnce(Names<'_>) -> T) -> T {
    of(Names {
        event: &|name| vocabulary.event_label(name),
        segment: &|id| {
            let name = vocabulary.segment_name(id);
            name.unwrap_or_else(|| "a segment".to_owned())
        },
    })
}

/// A group: "Mobile", "(not set)", "member: yes", "Not in Paid sign-ups".
#[must_use]
pub fn group_name(value: Option<&Value>, by: &GroupBy, names: Names<'_>, zone: &str) -> String {
    match (by, value) {
        (_, None) => "(not set)".to_owned(),
        (GroupBy::Segment(by), Some(value)) => {
            let name = (names.segment)(&by.segment);
            match value {
                Value::Boolean(true) => format!("In {name}"),
                _ => format!("Not in {name}"),
            }
        }
        (GroupBy::Property(by), Some(Value::Boolean(yes))) => {
            format!("{}: {}", by.name, if *yes { "yes" } else { "no" })
        }
        (_, Some(Value::String(text))) if text.is_empty() => "(empty)".to_owned(),
        (_, Some(value)) => format::value(value, zone),
    }
}
