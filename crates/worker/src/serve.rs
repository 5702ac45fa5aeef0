//! Hands the page's requests to the router, and the router's responses to the page.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use axum::{Router, body::Body};
use futures_util::future::{AbortHandle, abortable};
use http::{HeaderName, HeaderValue, Method, Uri, header::CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use segments_backend::OnProgress;
use send_wrapper::SendWrapper;
use tower::ServiceExt as _;
use wasm_bindgen::{JsCast as _, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

use crate::{
    body::BlobBody,
    messages::{Content, Id, Incoming, Outgoing, Request, read},
};

/// Answers the page's requests.
///
/// A request is dropped, with all that it holds, as soon as the page cancels it.
pub struct Service {
    port: MessagePort,
    /// The requests that are being worked on, and how to end them.
    open: RefCell<HashMap<Id, AbortHandle>>,
}

impl Service {
    /// A service that speaks through this port; a worker's global scope can be used as one.
    #[must_use]
    pub fn new(port: MessagePort) -> Rc<Self> {
        Rc::new(Self {
            port,
            open: RefCell::default(),
        })
    }

    /// Listens to the page from now on, and tells it so.
    pub fn listen(self: &Rc<Self>, router: Router) {
        let listener = {
            let service = Rc::clone(self);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match read(event.data()) {
                    Some(Incoming::Request(id, request)) => service.answer(&router, id, request),
                    Some(Incoming::Cancel(id)) => service.cancel(id),
                    None => {}
                }
            })
            .into_js_value()
        };
        self.port.set_onmessage(Some(listener.unchecked_ref()));
        Outgoing::Ready.send(&self.port);
    }

    /// Listens no more, and tells the page that no request in work will be answered, nor any other.
    ///
    /// Meant for a panic: it touches nothing that may be in use at that moment.
    pub fn give_up(&self, message: &str) {
        self.port.set_onmessage(None);
        let open: Vec<Id> = self
            .open
            .try_borrow()
            .map(|open| open.keys().copied().collect())
            .unwrap_or_default();
        for id in open {
            Outgoing::Failed { id, message }.send(&self.port);
        }
        Outgoing::StartFailed { message }.send(&self.port);
    }

    fn cancel(&self, id: Id) {
        let work = self.open.borrow_mut().remove(&id);
        if let Some(work) = work {
            work.abort();
        }
    }

    fn answer(self: &Rc<Self>, router: &Router, id: Id, request: Request) {
        let (work, handle) = abortable({
            let router = router.clone();
            let port = self.port.clone();
            async move {
                if let Err(message) = respond(router, &port, id, request).await {
                    Outgoing::Failed {
                        id,
                        message: &message,
                    }
                    .send(&port);
                }
            }
        });
        self.open.borrow_mut().insert(id, handle);
        let service = Rc::clone(self);
        spawn_local(async move {
            // Aborted: the request's future, with all that it holds, is dropped here.
            if work.await.is_ok() {
                service.open.borrow_mut().remove(&id);
            }
        });
    }
}

/// Asks the router, and sends its response; an error says why there is none.
async fn respond(
    router: Router,
    port: &MessagePort,
    id: Id,
    request: Request,
) -> Result<(), String> {
    let mut request = http_request(request)?;
    request.extensions_mut().insert(on_progress(port, id));
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| format!("the response was cut off: {error}"))?
        .to_bytes();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    Outgoing::Response {
        id,
        status: parts.status.as_u16(),
        headers,
        body: &body,
    }
    .send(port);
    Ok(())
}

/// Tells the page how far the work on a request is.
fn on_progress(port: &MessagePort, id: Id) -> OnProgress {
    // The request never leaves this thread, of which its type knows nothing.
    let port = SendWrapper::new(port.clone());
    OnProgress::new(move |done, total| Outgoing::Progress { id, done, total }.send(&port))
}

fn http_request(request: Request) -> Result<http::Request<Body>, String> {
    let Request {
        method,
        path,
        headers,
        body,
    } = request;
    let mut out = http::Request::new(Body::empty());
    *out.method_mut() = Method::from_bytes(method.as_bytes())
        .map_err(|_| format!("\"{method}\" is no method of HTTP"))?;
    *out.uri_mut() = path
        .parse::<Uri>()
        .map_err(|error| format!("\"{path}\" is no path: {error}"))?;
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value)
            .map_err(|_| format!("the header \"{name}\" has a value that cannot be sent"))?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("\"{name}\" is no name of a header"))?;
        out.headers_mut().append(name, value);
    }
    let length = match body {
        Content::None => return Ok(out),
        Content::Bytes(bytes) => {
            let length = bytes.len() as u64;
            *out.body_mut() = Body::from(bytes);
            length
        }
        Content::Blob(blob) => {
            let body = BlobBody::new(&blob);
            let length = http_body::Body::size_hint(&body).lower();
            *out.body_mut() = Body::new(body);
            length
        }
    };
    out.headers_mut().insert(CONTENT_LENGTH, length.into());
    Ok(out)
}
