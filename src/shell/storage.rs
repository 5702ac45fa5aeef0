//! What the browser keeps for this page: small texts under a name. Where storage is closed to the page, nothing is kept.

/// All names begin with this, so that several apps can share an origin.
const PREFIX: &str = "user-segments.";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The text kept under a name.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{name}")).ok()?
}

/// Keeps a text, or nothing, under a name. Answers whether it could: a storage may be full, or closed to the page. For what is
/// a convenience only that makes no difference.
pub fn set(name: &str, text: Option<&str>) -> bool {
    let Some(storage) = storage() else {
        return false;
    };
    let name = format!("{PREFIX}{name}");
    match text {
        Some(text) => storage.set_item(&name, text),
        None => storage.remove_item(&name),
    }
    .is_ok()
}

/// Asks the browser to keep this origin's data when it runs short of room. It may refuse, and some ask the person; the data
/// is there either way.
pub fn ask_to_keep() {
    let Some(window) = web_sys::window() else {
        return;
    };
    // Outside of a secure context there is nobody to ask.
    if let Ok(asked) = window.navigator().storage().persist() {
        segments_ui::task::spawn(async move {
            drop(wasm_bindgen_futures::JsFuture::from(asked).await);
        })
        .detach();
    }
}
