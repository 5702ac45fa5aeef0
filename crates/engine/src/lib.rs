//! The columnar event store and the evaluator of definitions over it: no I/O, no clock, no globals.
#![forbid(unsafe_code)]

pub mod batch;
