//! Files that the page hands to the person.

use wasm_bindgen::JsCast as _;

/// Offers bytes as a file to keep.
pub fn download(bytes: &[u8], name: &str, media_type: &str) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let Ok(blob) = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options) else {
        return;
    };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let anchor = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.create_element("a").ok())
        .and_then(|element| element.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(anchor) = anchor {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
    }
    // The browser takes the blob at the click; a little later its URL can go.
    crate::task::spawn(async move {
        crate::task::sleep(10_000).await;
        // A URL that is gone already is no loss.
        drop(web_sys::Url::revoke_object_url(&url));
    })
    .detach();
}
