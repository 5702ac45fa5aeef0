//! The program of the Web Worker.
#![forbid(unsafe_code)]

fn main() {
    segments_worker::start();
}
