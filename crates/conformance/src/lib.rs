//! What every engine and every backend is held to: the plain evaluator, the cases as text, and random cases.
//!
//! [`cases::all`] are questions with their answers, [`examine`](report::examine) asks a [`Subject`](subject::Subject) all of
//! them. Subjects are the plain evaluator itself ([`subject::Judge`]), any [`Engine`](segments_engine_api::Engine)
//! ([`subject::EngineSubject`]) and any backend over HTTP ([`url::UrlSubject`]). [`generate`] makes random cases, to which
//! [`evaluate`] and [`answer`] know what is right. `docs/correctness.md` tells how it all works.
//!
//! Knows the language and what the backend asks of an engine; no engine and no backend.
#![forbid(unsafe_code)]
#![expect(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    reason = "a tool for tests: it fails by panicking, and most of its parts are named after what they evaluate"
)]

pub mod answer;
pub mod calendar;
pub mod cases;
pub mod evaluate;
pub mod generate;
pub mod parts;
pub mod random;
pub mod render;
pub mod report;
pub mod rows;
pub mod subject;
pub mod transport;
pub mod url;
pub mod world;

mod cohort;
mod formula;
mod funnel;
mod groups;
mod runs;
mod segmentation;
mod starts;
