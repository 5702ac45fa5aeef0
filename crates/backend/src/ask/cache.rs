//! What is kept to be quicker: answers, and who meets a definition.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What every kept value takes besides itself and its key, about.
const OVERHEAD: usize = 200;

/// Values by key: those asked for last, up to so many bytes.
pub struct Cache<T> {
    most: usize,
    bytes: usize,
    /// Counts the uses.
    clock: u64,
    values: HashMap<Arc<str>, Kept<T>>,
    /// The keys by when they were used last.
    used: BTreeMap<u64, Arc<str>>,
}

struct Kept<T> {
    value: T,
    bytes: usize,
    used: u64,
}

impl<T: Clone> Cache<T> {
    /// Keeps nothing yet, and at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            clock: 0,
            values: HashMap::new(),
            used: BTreeMap::new(),
        }
    }

    /// The value of a key, if it is kept.
    pub fn get(&mut self, key: &str) -> Option<T> {
        let kept = self.values.get_mut(key)?;
        self.clock += 1;
        if let Some(key) = self.used.remove(&kept.used) {
            self.used.insert(self.clock, key);
        }
        kept.used = self.clock;
        Some(kept.value.clone())
    }

    /// Keeps a value of so many bytes. One that takes more than all others together may is not kept.
    pub fn put(&mut self, key: impl Into<Arc<str>>, value: T, bytes: usize) {
        let key = key.into();
        let bytes = bytes + key.len() + OVERHEAD;
        if bytes > self.most {
            return;
        }
        self.clock += 1;
        let kept = Kept {
            value,
            bytes,
            used: self.clock,
        };
        self.used.insert(self.clock, Arc::clone(&key));
        self.bytes += bytes;
        if let Some(before) = self.values.insert(key, kept) {
            self.used.remove(&before.used);
            self.bytes -= before.bytes;
        }
        while self.bytes > self.most
            && let Some((_, oldest)) = self.used.pop_first()
        {
            if let Some(gone) = self.values.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, OVERHEAD};

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let mut cache = Cache::new(3 * (OVERHEAD + 101));
        for question in ["a", "b", "c"] {
            cache.put(question, question, 100);
        }
        assert_eq!(cache.get("a"), Some("a"));
        cache.put("d", "d", 100);
        let kept = ["a", "b", "c", "d"].map(|question| cache.get(question).is_some());
        assert_eq!(kept, [true, false, true, true]);
        cache.put("e", "e", 100_000);
        assert_eq!(cache.get("e"), None, "larger than the whole");
        cache.put("a", "A", 100);
        let kept = ["a", "c", "d"].map(|question| cache.get(question));
        assert_eq!(
            kept,
            [Some("A"), Some("c"), Some("d")],
            "the same twice takes its room once"
        );
        cache.put("f", "f", 400);
        let kept = ["a", "c", "d", "f"].map(|question| cache.get(question).is_some());
        assert_eq!(kept, [false, false, true, true]);
    }
}
