//! Finding again what was made before.

use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hasher};

use rustc_hash::FxHashMap;

/// Values by keys that tell when they are equal but have no hash, as there are numbers in them.
#[derive(Debug)]
pub(super) struct Known<K, V> {
    by_print: FxHashMap<u64, Vec<(K, V)>>,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self {
            by_print: FxHashMap::default(),
        }
    }
}

impl<K: PartialEq, V> Known<K, V> {
    pub(super) fn get(&self, print: u64, key: &K) -> Option<&V> {
        let mut same = self.by_print.get(&print)?.iter();
        same.find(|(other, _)| other == key).map(|(_, value)| value)
    }

    pub(super) fn put(&mut self, print: u64, key: K, value: V) {
        self.by_print.entry(print).or_default().push((key, value));
    }
}

/// The same for equal values: a hash of how a value is written for debugging.
pub(super) fn print(value: &impl Debug) -> u64 {
    struct Hashing(DefaultHasher);

    impl Write for Hashing {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }

    let mut hashing = Hashing(DefaultHasher::new());
    // Hashing cannot fail.
    let _ = write!(hashing, "{value:?}");
    hashing.0.finish()
}
