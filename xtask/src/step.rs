//! Steps: each is announced, timed, and listed at the end.

use std::time::{Duration, Instant};

use crate::failure::Result;

/// The steps of one command, in the order in which they ran.
pub struct Steps {
    started: Instant,
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    took: Duration,
    outcome: String,
}

impl Steps {
    /// Starts the clock.
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Runs a step that is worth announcing before it starts. What `work` returns is its outcome in a few words.
    pub fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<String>) -> Result<()> {
        println!("==> {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let outcome = match &result {
            Ok(outcome) => outcome.clone(),
            Err(_) => "FAILED".to_owned(),
        };
        println!("    {name}: {outcome} ({})", seconds(took));
        self.done.push(Done {
            name,
            took,
            outcome,
        });
        result.map(drop)
    }

    /// Prints a line for each step, and the time of all.
    pub fn summary(&self) {
        println!();
        let widest = self
            .done
            .iter()
            .map(|step| step.name.len())
            .max()
            .unwrap_or_default();
        for Done {
            name,
            took,
            outcome,
        } in &self.done
        {
            println!("{name:widest$}  {:>8}  {outcome}", seconds(*took));
        }
        println!("{:widest$}  {:>8}", "all", seconds(self.started.elapsed()));
    }
}

/// A duration for people: `0.2 s`, `41 s`, `2 min 07 s`.
pub fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    match whole {
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..60 => format!("{whole} s"),
        _ => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(240)), "0.2 s");
        assert_eq!(seconds(Duration::from_millis(41_900)), "41 s");
        assert_eq!(seconds(Duration::from_secs(127)), "2 min 07 s");
    }
}
