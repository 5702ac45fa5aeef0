//! The native server: the same router under hyper, with SQLite and files below.
