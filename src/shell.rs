//! What every page stands on: which page the URL names, the session, how the app looks, what of the app is loaded later, what the browser keeps.

pub mod lazy;
pub mod look;
pub mod route;
pub mod session;
pub mod storage;
