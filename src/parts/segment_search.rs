//! Segments to choose from: those that are known, and as one types those that the backend finds.

use leptos::prelude::*;
use segments_model::segment::SegmentSummary;
use segments_ui::states::sentence;

use crate::client::{ApiError, Loader, Status};
use crate::parts::vocabulary::Vocabulary;

/// How long a search waits for the next letter, in milliseconds.
const DEBOUNCE_MS: u32 = 200;

/// A search for segments. Cheap to copy; what it asks is given up with the component that began it.
#[derive(Clone, Copy)]
pub struct SegmentSearch {
    vocabulary: Vocabulary,
    typed: RwSignal<String>,
    results: Loader<(String, Vec<SegmentSummary>)>,
}

impl SegmentSearch {
    /// Nothing is searched yet.
    #[must_use]
    pub fn start() -> Self {
        let vocabulary = Vocabulary::expect();
        let typed = RwSignal::new(String::new());
        let results = Loader::debounced(
            DEBOUNCE_MS,
            move || {
                let text = typed.with(|typed| typed.trim().to_owned());
                (!text.is_empty() && vocabulary.has_more_segments()).then_some(text)
            },
            move |text: String| async move {
                let results = vocabulary.find_segments(&text).await?;
                Ok((text, results))
            },
        );
        Self {
            vocabulary,
            typed,
            results,
        }
    }

    /// Looks for what has this text in it.
    pub fn look_for(self, text: String) {
        self.typed.set(text);
    }

    /// What was found last. It may be of an earlier text: what is shown is picked out by the text that is there.
    #[must_use]
    pub fn results(self) -> Vec<SegmentSummary> {
        self.results
            .map(|(_, results)| results.clone())
            .unwrap_or_default()
    }

    /// Keeps the name of what was chosen.
    pub fn chosen(self, id: &str) {
        let chosen = self.results.status().with_untracked(|status| {
            let (_, results) = status.value()?;
            results.iter().find(|segment| segment.id == id).cloned()
        });
        if let Some(chosen) = chosen {
            self.vocabulary.learn_segment(chosen);
        }
    }

    /// What is said where nothing is there to choose: `what` was looked for.
    #[must_use]
    pub fn nothing(self, what: &str) -> Option<String> {
        let text = self.typed.with(|typed| typed.trim().to_owned());
        let is_searched = self.vocabulary.has_more_segments();
        self.results.status().with(|status| {
            let of_this = status.value().is_some_and(|(of, _)| *of == text);
            message(what, &text, is_searched, of_this, status)
        })
    }
}

fn message<T>(
    what: &str,
    text: &str,
    is_searched: bool,
    of_this: bool,
    status: &Status<T>,
) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Some(match status {
        Status::Failed(error, _) if is_searched => failed(error),
        Status::Ready(_) if of_this => no_match(what, text),
        _ if is_searched => "Searching\u{2026}".to_owned(),
        _ => no_match(what, text),
    })
}

fn no_match(what: &str, text: &str) -> String {
    format!("No {what} matches \u{201c}{text}\u{201d}.")
}

fn failed(error: &ApiError) -> String {
    format!(
        "Not all segments were searched. {}",
        sentence(&error.to_string())
    )
}

#[cfg(test)]
mod tests {
    use super::message;
    use crate::client::{ApiError, Status};

    #[test]
    fn nothing_is_said_before_it_is_known() {
        let message =
            |is_searched, of_this, status| message("segment", "zeb", is_searched, of_this, &status);
        let none = Some("No segment matches \u{201c}zeb\u{201d}.".to_owned());
        assert_eq!(message(false, false, Status::Loading(None::<()>)), none);
        let searching = Some("Searching\u{2026}".to_owned());
        assert_eq!(message(true, false, Status::Loading(None)), searching);
        assert_eq!(
            message(true, false, Status::Ready(())),
            searching,
            "of another text"
        );
        assert_eq!(message(true, true, Status::Slow(Some(()))), searching);
        assert_eq!(message(true, true, Status::Ready(())), none);
        let error = ApiError::Status {
            place: "The server".to_owned(),
            status: 500,
        };
        let failed = message(true, false, Status::Failed(error, None)).unwrap();
        assert!(
            failed.starts_with("Not all segments were searched."),
            "{failed}"
        );
        assert_eq!(
            super::message("segment", "", true, false, &Status::Ready(())),
            None
        );
    }
}
