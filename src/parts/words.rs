//! Definitions in words.

use leptos::prelude::*;
use segments_model::Criterion;
use segments_model::sentence::{self, Role, Span};

use crate::parts::vocabulary::Vocabulary;

/// A definition in words, with the names of segments.
#[must_use]
pub fn words(vocabulary: Vocabulary, definition: &Criterion) -> Vec<Span> {
    sentence::spans(definition, &|id| vocabulary.segment_name(id))
}

/// The sentence with a capital, to stand for itself.
#[must_use]
pub fn begin(mut spans: Vec<Span>) -> Vec<Span> {
    if let Some(first) = spans.first_mut() {
        first.text = sentence::capital(&first.text);
    }
    spans
}

/// A sentence with what matters set off, and a full stop.
pub fn sentence_view(spans: Vec<Span>) -> impl IntoView {
    spans
        .into_iter()
        .map(|span| match span.role {
            Role::Event | Role::Figure | Role::Time | Role::Segment => {
                view! { <b>{span.text}</b> }.into_any()
            }
            Role::Words | Role::Property | Role::Value | Role::Users => span.text.into_any(),
        })
        .chain([".".into_any()])
        .collect_view()
}
