//! Work that is done in steps.

/// How far work is. Whoever holds it may stop at any step by dropping it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// There is more to do.
    Working {
        /// Rows worked on so far.
        done: u64,
        /// Rows to work on in all, as far as known.
        total: u64,
    },
    /// It is done. Another step would start from nothing.
    Done(T),
}
