//! The program itself: started, asked, killed and started again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod command;
mod http;
mod kill;
mod site;
