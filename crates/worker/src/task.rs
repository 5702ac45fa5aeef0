//! Work that runs to its end even when nobody waits for it any more.

use futures_channel::oneshot;
use wasm_bindgen_futures::spawn_local;

use crate::storage::StorageError;

/// Runs work that must not be left half done; who stops waiting for its outcome does not stop it.
pub(crate) async fn finish<T: 'static, E: From<StorageError> + 'static>(
    work: impl Future<Output = Result<T, E>> + 'static,
) -> Result<T, E> {
    let (sender, receiver) = oneshot::channel();
    spawn_local(async move {
        // Nobody may be listening any more.
        let _ = sender.send(work.await);
    });
    receiver
        .await
        .unwrap_or_else(|_| Err(StorageError::Other("the work was given up".to_owned()).into()))
}
