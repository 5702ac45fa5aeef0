//! What stands in place of content: nothing there, still under way, gone wrong.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Nothing is there, and what to do about it.
#[component]
pub fn EmptyState(
    /// A picture of what is missing.
    glyph: Glyph,
    #[prop(into)] title: Signal<String>,
    /// Why, or what it would be good for.
    #[prop(into, optional)]
    detail: Option<Signal<String>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="us-empty">
            <Icon glyph />
            <h2>{move || title.get()}</h2>
            {detail.map(|detail| view! { <p>{move || detail.get()}</p> })}
            {children.map(|children| view! { <div class="us-row us-row--wrap">{children()}</div> })}
        </div>
    }
}

/// A text with a capital and a full stop.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut characters = text.trim().chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(characters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Grey bars in place of rows that are under way, said once to a screen reader.
#[component]
pub fn Busy(
    /// What is under way: "Loading segments".
    #[prop(into)]
    label: String,
    #[prop(default = 6)] rows: usize,
) -> impl IntoView {
    view! {
        <div class="us-progress" role="progressbar" aria-label=label.clone()>
            <i></i>
        </div>
        <ul class="us-busy" aria-hidden="true">
            {(0..rows)
                .map(|_| {
                    view! {
                        <li>
                            <span class="us-skel us-skel--box"></span>
                            <span class="us-grow us-stack">
                                <span class="us-skel us-skel--name"></span>
                                <span class="us-skel us-skel--text"></span>
                            </span>
                            <span class="us-skel us-skel--figure"></span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <p class="us-vh" role="status">
            {label}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_has_a_capital_and_a_stop() {
        assert_eq!(sentence("it is gone "), "It is gone.");
        assert_eq!(sentence("Gone!"), "Gone!");
        assert_eq!(sentence(""), "");
    }
}
