//! Creations that may be sent again: one idempotency key makes one thing.

use segments_model::Instant;
use serde::{Deserialize, Serialize};

use crate::ask::cursor::fingerprint;
use crate::error::Error;
use crate::store::library::{Library, parse, write};
use crate::{Change, Collection};

/// How long a key is remembered.
pub const KEPT_MILLIS: i64 = 86_400_000;

/// A request that creates something.
#[derive(Clone)]
pub struct Creation {
    key: Option<String>,
    request: String,
    expected: Option<u64>,
}

/// What a key made.
#[derive(Serialize, Deserialize)]
pub struct Made {
    /// The fingerprint of the request.
    request: String,
    /// The id of what was made.
    id: String,
    /// When.
    pub at: Instant,
}

impl Creation {
    /// A creation by this call with this body.
    pub fn begin(call: &str, key: Option<String>, body: &[u8]) -> Self {
        Self {
            key,
            request: fingerprint([call.as_bytes(), body]),
            expected: None,
        }
    }

    /// The id of what this very request has made before.
    ///
    /// # Errors
    /// [`Error::KeyReused`] where the key has made something else.
    pub async fn done(&mut self, library: &Library, now: Instant) -> Result<Option<String>, Error> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        let record = library.catalog().get(Collection::Keys, key).await?;
        self.expected = record.as_ref().map(|record| record.revision);
        let Some(record) = record else {
            return Ok(None);
        };
        let made: Made = parse(&record)?;
        if made.is_over(now) {
            return Ok(None);
        }
        if made.request != self.request {
            return Err(Error::KeyReused);
        }
        Ok(Some(made.id))
    }

    /// The change that remembers what the key makes, to be committed together with it.
    ///
    /// # Errors
    /// [`Error::Broken`]
    pub fn change(&self, id: &str, now: Instant) -> Result<Option<Change>, Error> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        Ok(Some(Change::Put {
            collection: Collection::Keys,
            id: key.clone(),
            expected: self.expected,
            unique: None,
            body: write(&Made {
                request: self.request.clone(),
                id: id.to_owned(),
                at: now,
            })?,
        }))
    }
}

impl Made {
    /// Whether the key may be forgotten.
    #[must_use]
    pub const fn is_over(&self, now: Instant) -> bool {
        self.at.saturating_add_millis(KEPT_MILLIS).millis() <= now.millis()
    }
}
