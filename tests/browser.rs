//! The page in a real browser: its widgets, its client and its pages, asked by events and looked at through the document.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "browser/client.rs"]
pub mod client;
#[path = "browser/composer.rs"]
pub mod composer;
#[path = "browser/formats.rs"]
pub mod formats;
#[path = "browser/manager.rs"]
pub mod manager;
#[path = "browser/stage.rs"]
pub mod stage;
#[path = "browser/widgets.rs"]
pub mod widgets;

wasm_bindgen_test_configure!(run_in_browser);
