//! What is kept to be quicker.

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// What every value takes besides itself and its key, about.
const OVERHEAD: usize = 200;

/// Values by key, those that are of most use, up to so many bytes in all. Used from several threads at once.
pub struct WeightedCache<T>(Cache<Arc<str>, Weighted<T>, Bytes>);

#[derive(Clone)]
struct Weighted<T> {
    value: T,
    bytes: usize,
}

#[derive(Clone)]
struct Bytes;

impl<T> Weighter<Arc<str>, Weighted<T>> for Bytes {
    fn weight(&self, key: &Arc<str>, weighted: &Weighted<T>) -> u64 {
        (weighted.bytes + key.len() + OVERHEAD) as u64
    }
}

impl<T: Clone> WeightedCache<T> {
    /// Nothing yet, and later never more than about so many bytes.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        /// What a value takes where nothing is known, for the first size of the tables.
        const TYPICAL_BYTES: usize = 64 << 10;
        let options = OptionsBuilder::new()
            // One part: a value may be as large as the whole cache.
            .shards(1)
            .weight_capacity(most_bytes as u64)
            .estimated_items_capacity((most_bytes / TYPICAL_BYTES).max(16))
            .build();
        Self(match options {
            Ok(options) => Cache::with_options(
                options,
                Bytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_) => Cache::with_weighter(16, most_bytes as u64, Bytes),
        })
    }

    /// The value of a key, if it is kept.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<T> {
        self.0.get(key).map(|weighted| weighted.value)
    }

    /// Keeps a value of so many bytes. One that takes more than all others together may is not kept.
    pub fn put(&self, key: impl Into<Arc<str>>, value: T, bytes: usize) {
        self.0.insert(key.into(), Weighted { value, bytes });
    }

    /// About how many bytes are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        usize::try_from(self.0.weight()).unwrap_or(usize::MAX)
    }
}

impl<T> fmt::Debug for WeightedCache<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("WeightedCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{OVERHEAD, WeightedCache};

    #[test]
    fn what_is_kept_takes_no_more_than_it_may() {
        let most = 10 * (OVERHEAD + 102);
        let cache = WeightedCache::new(most);
        for number in 0..100 {
            cache.put(format!("{number:02}"), number, 100);
            assert!(cache.bytes() <= most);
            assert_eq!(cache.get(&format!("{number:02}")), Some(number));
        }
        let kept = (0..100).filter(|number| cache.get(&format!("{number:02}")).is_some());
        assert!((5..=10).contains(&kept.count()), "most of the room is used");
        cache.put("99", 1_000, 100);
        assert_eq!(
            cache.get("99"),
            Some(1_000),
            "the same again is in its place"
        );
        cache.put("large", 0, most);
        assert_eq!(cache.get("large"), None, "larger than the whole");
        assert_eq!(cache.get("other"), None);
    }
}
