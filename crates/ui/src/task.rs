//! Work under way that ends when nobody holds it any more.

use std::future::Future;
use std::pin::Pin;

use futures_util::future::{AbortHandle, Aborted, abortable};

/// A future that runs by itself. Dropping the task drops the future, and with it whatever request it waits for.
#[derive(Debug)]
#[must_use = "a task that is dropped is cancelled; `detach` lets it run on"]
pub struct Task(Option<AbortHandle>);

impl Task {
    /// Lets the future run to its end.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.abort();
        }
    }
}

pub fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    start(Box::pin(future))
}

/// Compiled once, not for each future.
fn start(future: Pin<Box<dyn Future<Output = ()>>>) -> Task {
    let (future, handle) = abortable(future);
    leptos::task::spawn_local(async move {
        // Being aborted is the ordinary end of work that nobody waits for.
        let (Ok(()) | Err(Aborted)) = future.await;
    });
    Task(Some(handle))
}

/// Waits.
pub async fn sleep(millis: u32) {
    gloo_timers::future::TimeoutFuture::new(millis).await;
}
