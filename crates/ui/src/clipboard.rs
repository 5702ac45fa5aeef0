//! The clipboard.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Copies a text. Answers whether it could: the page may not be allowed to, and without a secure origin there is no clipboard.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let is_there = Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| !clipboard.is_undefined() && !clipboard.is_null());
    is_there
        && JsFuture::from(navigator.clipboard().write_text(text))
            .await
            .is_ok()
}
