//! What parts of definitions came to, kept for the next question.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use roaring::RoaringBitmap;

/// Keeps the users of parts of definitions over one store, those asked for last, within a bound of memory.
///
/// Of two questions a moment apart most parts are the same: the ones that nobody has edited.
#[derive(Debug)]
pub struct Kept {
    most_bytes: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    parts: BTreeMap<Arc<str>, KeptPart>,
    /// The keys by the look at each, the one longest ago first.
    looked_at: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    /// How many looks there were.
    looks: u64,
}

#[derive(Debug)]
struct KeptPart {
    users: Arc<RoaringBitmap>,
    bytes: usize,
    look: u64,
}

impl Shelf {
    fn look(&mut self) -> u64 {
        self.looks += 1;
        self.looks
    }

    fn remove(&mut self, key: &str) {
        if let Some(part) = self.parts.remove(key) {
            self.looked_at.remove(&part.look);
            self.bytes -= part.bytes;
        }
    }
}

impl Kept {
    /// Nothing yet, and later never more than about so many bytes.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            shelf: Mutex::default(),
        }
    }

    /// How many bytes are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shelf().bytes
    }

    pub(crate) fn get(&self, key: &str) -> Option<Arc<RoaringBitmap>> {
        let mut shelf = self.shelf();
        let look = shelf.look();
        let part = shelf.parts.get_mut(key)?;
        let before = std::mem::replace(&mut part.look, look);
        let users = Arc::clone(&part.users);
        if let Some(key) = shelf.looked_at.remove(&before) {
            shelf.looked_at.insert(look, key);
        }
        Some(users)
    }

    pub(crate) fn put(&self, key: &str, users: &RoaringBitmap) {
        /// What an entry takes besides its users and its key.
        const OVERHEAD: usize = 200;
        let bytes = users.serialized_size() + key.len() + OVERHEAD;
        if bytes > self.most_bytes {
            return;
        }
        let mut shelf = self.shelf();
        shelf.remove(key);
        let look = shelf.look();
        let key: Arc<str> = key.into();
        let part = KeptPart {
            users: Arc::new(users.clone()),
            bytes,
            look,
        };
        shelf.bytes += bytes;
        shelf.looked_at.insert(look, Arc::clone(&key));
        shelf.parts.insert(key, part);
        while shelf.bytes > self.most_bytes
            && let Some((_, oldest)) = shelf.looked_at.pop_first()
        {
            shelf.remove(&oldest);
        }
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use roaring::RoaringBitmap;

    use super::Kept;

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let users: RoaringBitmap = (0..100).collect();
        let kept = Kept::new(3 * (users.serialized_size() + 201));
        for key in ["a", "b", "c"] {
            kept.put(key, &users);
        }
        assert!(kept.get("a").is_some());
        kept.put("d", &users);
        assert!(kept.get("b").is_none());
        assert!(kept.get("a").is_some() && kept.get("c").is_some() && kept.get("d").is_some());
        assert!(kept.bytes() <= 3 * (users.serialized_size() + 201));
        kept.put("d", &users);
        assert!(kept.get("a").is_some(), "the same again takes no more room");
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let kept = Kept::new(10);
        kept.put("a", &RoaringBitmap::new());
        assert!(kept.get("a").is_none());
        assert_eq!(kept.bytes(), 0);
    }
}
