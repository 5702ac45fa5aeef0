//! Answers kept for whoever asks the same again.

use std::collections::{BTreeMap, HashMap};

use segments_model::Instant;

/// What every kept answer takes besides itself and its question, about.
const OVERHEAD: usize = 200;

/// Answers by question and as-of: those asked for last, up to so many bytes.
pub struct Cache<T> {
    most: usize,
    bytes: usize,
    /// Counts the uses.
    clock: u64,
    answers: HashMap<(String, Instant), Kept<T>>,
    /// The questions by when they were asked last.
    used: BTreeMap<u64, (String, Instant)>,
}

struct Kept<T> {
    answer: T,
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
            answers: HashMap::new(),
            used: BTreeMap::new(),
        }
    }

    /// The answer to a question, if it is kept.
    pub fn get(&mut self, question: &str, as_of: Instant) -> Option<T> {
        let key = (question.to_owned(), as_of);
        let kept = self.answers.get_mut(&key)?;
        self.clock += 1;
        self.used.remove(&kept.used);
        kept.used = self.clock;
        self.used.insert(self.clock, key);
        Some(kept.answer.clone())
    }

    /// Keeps an answer of so many bytes. One that takes more than all others together may is not kept.
    pub fn put(&mut self, question: &str, as_of: Instant, answer: T, bytes: usize) {
        let bytes = bytes + question.len() * 2 + OVERHEAD;
        if bytes > self.most {
            return;
        }
        let key = (question.to_owned(), as_of);
        self.clock += 1;
        let kept = Kept {
            answer,
            bytes,
            used: self.clock,
        };
        self.used.insert(self.clock, key.clone());
        self.bytes += bytes;
        if let Some(before) = self.answers.insert(key, kept) {
            self.used.remove(&before.used);
            self.bytes -= before.bytes;
        }
        while self.bytes > self.most
            && let Some((_, oldest)) = self.used.pop_first()
        {
            if let Some(gone) = self.answers.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Instant;

    use super::{Cache, OVERHEAD};

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let at = Instant::MIN;
        let mut cache = Cache::new(3 * (OVERHEAD + 102));
        for question in ["a", "b", "c"] {
            cache.put(question, at, question, 100);
        }
        assert_eq!(cache.get("a", at), Some("a"));
        assert_eq!(cache.get("a", Instant::MAX), None, "of another as-of");
        cache.put("d", at, "d", 100);
        let kept = ["a", "b", "c", "d"].map(|question| cache.get(question, at).is_some());
        assert_eq!(kept, [true, false, true, true]);
        cache.put("e", at, "e", 100_000);
        assert_eq!(cache.get("e", at), None, "larger than the whole");
        cache.put("a", at, "A", 100);
        let kept = ["a", "c", "d"].map(|question| cache.get(question, at));
        assert_eq!(
            kept,
            [Some("A"), Some("c"), Some("d")],
            "the same twice takes its room once"
        );
        cache.put("f", at, "f", 400);
        let kept = ["a", "c", "d", "f"].map(|question| cache.get(question, at).is_some());
        assert_eq!(kept, [false, false, true, true]);
    }
}
