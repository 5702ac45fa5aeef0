//! For tests: the traits in memory, and the laws that every implementation of them keeps.

mod laws;
mod memory;

pub use laws::{catalog_laws, files_laws};
pub use memory::{MemoryCatalog, MemoryFiles};
