//! The page in a real browser: its widgets, its client and its pages, asked by events and looked at through the document.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "browser/charts.rs"]
pub mod charts;
#[path = "browser/client.rs"]
pub mod client;
#[path = "browser/cohort.rs"]
pub mod cohort;
#[path = "browser/composer.rs"]
pub mod composer;
#[path = "browser/damage.rs"]
pub mod damage;
#[path = "browser/dates.rs"]
pub mod dates;
#[path = "browser/formats.rs"]
pub mod formats;
#[path = "browser/funnel.rs"]
pub mod funnel;
#[path = "browser/manager.rs"]
pub mod manager;
#[path = "browser/query.rs"]
pub mod query;
#[path = "browser/segment_search.rs"]
pub mod segment_search;
#[path = "browser/segmentation.rs"]
pub mod segmentation;
#[path = "browser/selection_menu.rs"]
pub mod selection_menu;
#[path = "browser/stage.rs"]
pub mod stage;
#[path = "browser/tool_state.rs"]
pub mod tool_state;
#[path = "browser/widgets.rs"]
pub mod widgets;

wasm_bindgen_test_configure!(run_in_browser);
