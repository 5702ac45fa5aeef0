//! A file of the page as a request's body, read piece by piece.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::{Body, Frame, SizeHint};
use js_sys::{Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader};

use crate::storage::text_of;

/// The bytes of a `Blob` or `File`; only the piece that is being worked on is in memory.
pub(crate) struct BlobBody(SendWrapper<Reading>);

struct Reading {
    reader: ReadableStreamDefaultReader,
    piece: Option<JsFuture>,
    left: u64,
}

/// The page's file could not be read to its end: it has been changed, moved or removed since it was chosen.
#[derive(Debug, thiserror::Error)]
#[error("the file cannot be read any more: {0}")]
pub(crate) struct Unreadable(String);

impl BlobBody {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is a whole number"
    )]
    pub(crate) fn new(blob: &Blob) -> Self {
        Self(SendWrapper::new(Reading {
            reader: blob.stream().get_reader().unchecked_into(),
            piece: None,
            left: blob.size() as u64,
        }))
    }
}

impl Body for BlobBody {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        let reading = &mut *self.0;
        let reader = &reading.reader;
        let piece = reading
            .piece
            .get_or_insert_with(|| JsFuture::from(reader.read()));
        let piece = std::task::ready!(piece.poll_unpin(context));
        reading.piece = None;
        let bytes = match piece.and_then(|piece| bytes_of(&piece)) {
            Ok(bytes) => bytes,
            Err(error) => return Poll::Ready(Some(Err(Unreadable(text_of(&error))))),
        };
        Poll::Ready(bytes.map(|bytes| {
            reading.left = reading.left.saturating_sub(bytes.len() as u64);
            Ok(Frame::data(bytes))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left)
    }
}

impl Drop for BlobBody {
    fn drop(&mut self) {
        // Its outcome is of no interest to anybody, but a refusal that nobody hears would be shown as an error.
        drop(JsFuture::from(self.0.reader.cancel()));
    }
}

/// The bytes of `{value, done}`; none at the end.
fn bytes_of(piece: &JsValue) -> Result<Option<Bytes>, JsValue> {
    if Reflect::get(piece, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    let value: Uint8Array = Reflect::get(piece, &"value".into())?.dyn_into()?;
    Ok(Some(value.to_vec().into()))
}
