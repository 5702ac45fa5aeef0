//! Time on a processor, which counts what else runs on the machine for less than the clock does.

use std::time::Duration;

/// How long this thread has had a processor so far; none where the system does not tell.
pub fn on_processor() -> Option<Duration> {
    // Linux adds up at its ticks, some milliseconds apart, and when a thread gives way.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ')
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}
