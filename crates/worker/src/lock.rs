//! Web Locks: what only one of all tabs may do at a time.

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    host::macrotask,
    storage::{StorageError, has, scope},
    task,
};

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which `web-sys` does not offer yet.
    type LockManager;

    #[wasm_bindgen(catch, method)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        holder: &Function,
    ) -> Result<Promise, JsValue>;
}

/// A lock that is held until this is dropped. The browser gives it free when the worker ends, in whatever way.
pub(crate) struct Held(SendWrapper<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Takes the lock of this name, unless somebody else has it.
pub(crate) async fn attempt(name: &str) -> Result<Option<Held>, StorageError> {
    let navigator = JsValue::from(scope()?.navigator());
    if !has(&navigator, "locks") {
        return Err(StorageError::Denied("lock between tabs"));
    }
    let locks: LockManager = Reflect::get(&navigator, &"locks".into())?.unchecked_into();
    // A lock dropped in this very task is on its way back to the browser; let it arrive first.
    macrotask().await;
    let name = name.to_owned();
    task::finish(async move { request(&locks, &name).await }).await
}

async fn request(locks: &LockManager, name: &str) -> Result<Option<Held>, StorageError> {
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE)?;
    // The lock is held for as long as the promise that its holder returns is open.
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let (sender, receiver) = oneshot::channel();
    let holder = Closure::once(move |lock: JsValue| {
        let is_granted = !lock.is_null();
        let _ = sender.send(is_granted);
        if is_granted {
            JsValue::from(held)
        } else {
            JsValue::UNDEFINED
        }
    });
    let ended = locks.request(name, &options, holder.as_ref().unchecked_ref())?;
    match select(receiver, JsFuture::from(ended)).await {
        Either::Left((Ok(true), _)) => Ok(release.map(|release| Held(SendWrapper::new(release)))),
        Either::Left(_) => Ok(None),
        // It ended without its holder having been called.
        Either::Right((outcome, _)) => {
            outcome?;
            Ok(None)
        }
    }
}
