//! The outside world as a server sees it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant as Moment, SystemTime, UNIX_EPOCH};

use segments_backend::{Boxed, Host};
use segments_model::Instant;
use segments_model::project::{BackendKind, Me, Role};

/// The system's clock, and one local administrator.
#[derive(Debug)]
pub struct ServerHost {
    begin: Moment,
    keys: [RandomState; 2],
    rolled: AtomicU64,
}

impl ServerHost {
    /// A host whose life begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            begin: Moment::now(),
            keys: [RandomState::new(), RandomState::new()],
            rolled: AtomicU64::new(0),
        }
    }
}

impl Default for ServerHost {
    fn default() -> Self {
        Self::new()
    }
}

impl Host for ServerHost {
    fn now(&self) -> Instant {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Instant::from_millis_saturating(millis)
    }

    fn elapsed_ms(&self) -> f64 {
        self.begin.elapsed().as_secs_f64() * 1_000.0
    }

    fn random(&self) -> u128 {
        // SipHash under keys that the system rolled: without them no output tells of another.
        let roll = self.rolled.fetch_add(1, Ordering::Relaxed);
        let [high, low] = self
            .keys
            .each_ref()
            .map(|key| u128::from(key.hash_one((roll, self.begin))));
        high << 64 | low
    }

    fn pause(&self) -> Boxed<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }

    fn spawn(&self, task: Boxed<'static, ()>) {
        drop(tokio::spawn(task));
    }

    fn threads(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    fn warn(&self, message: &str) {
        tracing::warn!("{message}");
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Server
    }

    fn me(&self) -> Me {
        Me {
            id: "admin".to_owned(),
            name: "Admin".to_owned(),
            role: Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use segments_backend::Host;

    use super::ServerHost;

    #[test]
    fn no_two_rolls_are_the_same() {
        let (one, other) = (ServerHost::new(), ServerHost::new());
        let rolls: BTreeSet<u128> = (0..1_000)
            .flat_map(|_| [one.random(), other.random()])
            .collect();
        assert_eq!(rolls.len(), 2_000);
    }
}
