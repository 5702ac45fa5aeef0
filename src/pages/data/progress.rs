//! How far an import is.

use leptos::prelude::*;
use segments_format as format;
use segments_model::import::{Import, ImportStatus};

use crate::pages::data::arrival::{Arrival, Stage};
use crate::pages::data::form::bytes;

/// The share of an import's bytes that were read, 0 to 1; none where the size is not known.
fn share(import: &Import, size: u64) -> Option<f64> {
    let total = import.bytes_total.unwrap_or(size);
    (total > 0).then(|| (import.bytes_read as f64 / total as f64).min(1.0))
}

/// Bytes and lines so far, and a way to stop.
#[component]
pub fn ImportProgress(arrival: Arrival) -> impl IntoView {
    let import = Memo::new(move |_| {
        arrival.stage.with(|stage| match stage {
            Stage::Importing(import) => import.clone(),
            _ => None,
        })
    });
    let size = arrival.size;
    let value =
        move || import.with(|import| import.as_ref().and_then(|import| share(import, size.get())));
    let words = move || {
        import.with(|import| match import {
            None => "Uploading the file".to_owned(),
            Some(import) if import.status == ImportStatus::Building => format!(
                "Read {}. Sorting…",
                format::plural(import.lines, "line", "lines")
            ),
            Some(import) => format!(
                "Read {} of {}, {}",
                bytes(import.bytes_read),
                bytes(import.bytes_total.unwrap_or_else(|| size.get())),
                format::plural(import.lines, "line", "lines")
            ),
        })
    };
    view! {
        <div class="data-progress">
            <p>
                "Importing "
                <strong>
                    <bdi>{arrival.name}</bdi>
                </strong>
            </p>
            <progress
                class="data-bar"
                max="1"
                value=move || value().map(|value| format!("{value:.3}"))
                aria-label="Share of the file read"
            ></progress>
            <p class="us-muted" role="status">
                {words}
            </p>
            <button class="us-btn" type="button" on:click=move |_| arrival.cancel()>
                "Cancel import"
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use segments_model::import::{Import, ImportStatus};

    use super::share;

    #[test]
    fn the_share_is_known_when_the_size_is() {
        let mut import = Import {
            id: String::new(),
            status: ImportStatus::Reading,
            bytes_read: 50,
            bytes_total: Some(200),
            lines: 3,
            report: None,
            detail: None,
        };
        assert_eq!(share(&import, 0), Some(0.25));
        import.bytes_total = None;
        assert_eq!(share(&import, 100), Some(0.5));
        assert_eq!(share(&import, 10), Some(1.0));
        assert_eq!(share(&import, 0), None);
    }
}
