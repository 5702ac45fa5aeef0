//! Long work in short steps.

use segments_engine::Progress;

use crate::Host;

/// How long a step may take before others have their turn, in milliseconds.
const BUDGET_MS: f64 = 8.0;
/// How many rows the first step works on.
const FIRST_ROWS: f64 = 50_000.0;

/// A turn of work between giving way.
pub struct Turn<'a> {
    host: &'a dyn Host,
    begin: f64,
}

impl<'a> Turn<'a> {
    /// Begins a turn.
    pub fn begin(host: &'a dyn Host) -> Self {
        Self {
            host,
            begin: host.elapsed_ms(),
        }
    }

    /// Gives way and begins another turn, if this one was long enough.
    pub async fn give_way(&mut self) {
        if self.host.elapsed_ms() - self.begin >= BUDGET_MS / 2.0 {
            self.host.pause().await;
            self.begin = self.host.elapsed_ms();
        }
    }
}

/// Does work in steps of about 8 milliseconds and gives way between them, so that whoever no longer waits for it can say
/// so: dropping the future ends the work.
pub async fn in_steps<T>(host: &dyn Host, mut step: impl FnMut(usize) -> Progress<T>) -> T {
    let mut rows = FIRST_ROWS;
    let mut turn = Turn::begin(host);
    loop {
        let begin = host.elapsed_ms();
        if let Progress::Done(done) = step(rows as usize) {
            return done;
        }
        rows = next(rows, host.elapsed_ms() - begin);
        turn.give_way().await;
    }
}

/// How many rows the next step works on after one of so many took so long.
fn next(rows: f64, took_ms: f64) -> f64 {
    // A clock can be coarse, and a step can be slow for reasons of its own: no step is ten times another.
    let factor = (BUDGET_MS / took_ms.max(0.1)).clamp(0.1, 10.0);
    (rows * factor).clamp(1_000.0, 100_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn steps_come_to_the_budget() {
        let per_ms = 70_000.0;
        let mut rows = super::FIRST_ROWS;
        for _ in 0..5 {
            rows = next(rows, rows / per_ms);
        }
        assert!((rows / per_ms - super::BUDGET_MS).abs() < 0.01);
        assert_eq!(next(rows, 0.0), rows * 10.0, "a coarse clock");
        assert_eq!(next(10_000.0, 10_000.0), 1_000.0);
    }
}
