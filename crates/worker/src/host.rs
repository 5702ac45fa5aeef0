//! The worker's clock, dice and person.

use js_sys::{Date, Promise};
use segments_backend::{Boxed, Host, Runtime};
use segments_model::{
    Instant,
    project::{BackendKind, Me, Role},
};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageChannel, Performance};

use crate::storage::{StorageError, scope};

/// A Web Worker as a [`Host`].
pub struct WorkerHost {
    performance: SendWrapper<Performance>,
}

impl WorkerHost {
    /// The worker that this runs in.
    ///
    /// # Errors
    /// [`StorageError::Denied`] anywhere but in a dedicated worker.
    pub fn new() -> Result<Self, StorageError> {
        let scope = scope()?;
        getrandom::fill(&mut [0; 16]).map_err(|_| StorageError::Denied("random numbers"))?;
        Ok(Self {
            performance: SendWrapper::new(
                scope
                    .performance()
                    .ok_or(StorageError::Denied("monotonic clock"))?,
            ),
        })
    }
}

impl Runtime for WorkerHost {
    fn elapsed_ms(&self) -> f64 {
        self.performance.now()
    }

    fn pause(&self) -> Boxed<'static, ()> {
        Box::pin(SendWrapper::new(macrotask()))
    }
}

impl Host for WorkerHost {
    fn now(&self) -> Instant {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole milliseconds, and within 8.64e15 of 1970"
        )]
        Instant::from_millis_saturating(Date::now() as i64)
    }

    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        // It was there when the worker began, and refuses only more than 65,536 bytes at once.
        let _ = getrandom::fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }

    fn spawn(&self, task: Boxed<'static, ()>) {
        spawn_local(task);
    }

    fn warn(&self, message: &str) {
        web_sys::console::warn_1(&message.into());
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Embedded
    }

    fn me(&self) -> Me {
        Me {
            id: "me".to_owned(),
            name: "Me".to_owned(),
            role: Role::Admin,
        }
    }
}

/// Comes back in a task of its own, after the messages that are waiting.
///
/// A message to oneself is the quickest such task: a timer waits at least 4 ms once it is nested, and a resolved promise
/// comes back before any message.
pub(crate) async fn macrotask() {
    let Ok(channel) = MessageChannel::new() else {
        return;
    };
    let arrived = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    if channel.port2().post_message(&JsValue::NULL).is_ok() {
        let _ = JsFuture::from(arrived).await;
    }
    channel.port1().close();
}
