//! Charts as pure layouts: data goes in, such as [`time::TimeChart`], and a size in px; out comes a [`scene::Scene`] that says
//! where the marks are. Nothing here knows a browser, so that layouts are tested natively.
#![forbid(unsafe_code)]

pub mod csv;
pub mod distribution;
pub mod figures;
pub mod funnel;
#[cfg(test)]
mod golden;
pub mod heat;
pub mod picture;
pub mod scale;
pub mod scene;
pub mod series;
pub mod time;
