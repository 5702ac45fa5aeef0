//! The backend behind a URL.

use gloo_net::http::{Method as HttpMethod, RequestBuilder};
use web_sys::AbortController;

use crate::client::ApiError;
use crate::client::transport::{Answer, Asked, Call, Method, RequestBody, Transport};

/// Asks a backend by `fetch`.
#[derive(Clone, Debug)]
pub struct Fetch {
    root: String,
}

impl Fetch {
    /// A backend whose contract begins at this URL, such as `/api/v1`.
    #[must_use]
    pub fn new(root: &str) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
        }
    }
}

impl Transport for Fetch {
    fn send(&self, call: Call) -> Asked {
        let url = format!("{}{}", self.root, call.path);
        let place = self.place();
        // The request leaves here, not at the first poll: whoever asks may first do something else.
        let sent = send(&url, call);
        Box::pin(async move {
            let (aborting, request) = sent.map_err(|detail| ApiError::Unreachable {
                place: place.clone(),
                detail,
            })?;
            let unreachable = |error: gloo_net::Error| ApiError::Unreachable {
                place: place.clone(),
                detail: error.to_string(),
            };
            let response = request.send().await.map_err(unreachable)?;
            let body = response.binary().await.map_err(unreachable)?;
            aborting.disarm();
            Ok(Answer {
                status: response.status(),
                headers: response.headers().entries().collect(),
                body,
            })
        })
    }

    fn place(&self) -> String {
        let here = web_sys::window().and_then(|window| window.location().href().ok());
        web_sys::Url::new_with_base(&self.root, &here.unwrap_or_default())
            .map_or_else(|_| "The server".to_owned(), |url| url.host())
    }
}

fn send(url: &str, call: Call) -> Result<(Aborting, gloo_net::http::Request), String> {
    let controller = AbortController::new().ok();
    let mut builder = RequestBuilder::new(url)
        .method(match call.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Put => HttpMethod::PUT,
            Method::Patch => HttpMethod::PATCH,
            Method::Delete => HttpMethod::DELETE,
        })
        .abort_signal(controller.as_ref().map(AbortController::signal).as_ref());
    for (name, value) in &call.headers {
        builder = builder.header(name, value);
    }
    let request = match call.body {
        RequestBody::Empty => builder.build(),
        RequestBody::Json(bytes) => builder
            .header("content-type", "application/json")
            .body(js_sys::Uint8Array::from(bytes.as_slice())),
        RequestBody::File(file) => builder.body(file),
    }
    .map_err(|error| error.to_string())?;
    Ok((Aborting(controller), request))
}

/// Aborts a fetch when it is dropped before its answer is there.
struct Aborting(Option<AbortController>);

impl Aborting {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Aborting {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}
