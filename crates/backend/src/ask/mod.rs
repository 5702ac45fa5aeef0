//! What is done: questions, changes, imports and exports, over what is stored and what is computed. Knows nothing of HTTP.

pub mod backend;
pub mod cache;
pub mod closure;
pub mod columns;
pub mod creation;
pub mod cursor;
pub mod data;
pub mod data_store;
pub mod demo;
pub mod demo_data;
pub mod export_jobs;
pub mod import_jobs;
pub mod lint;
pub mod moment;
pub mod parts;
pub mod principal;
pub mod purge;
pub mod question;
pub mod revision;
pub mod stamp;
pub mod table;
pub mod upkeep;
pub mod users;
pub mod validity;
pub mod words;
pub mod zone;
