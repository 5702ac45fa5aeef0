//! How the calls of the contract reach a backend.

use std::time::Duration;

/// A call.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: &'static str,
    /// The path with its query string, below the backend's address: `/api/v1/…`.
    pub path: String,
    /// What the body is.
    pub content_type: &'static str,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

/// What a backend answers to a call.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Carries calls to a backend and its answers back.
pub trait Transport {
    /// Makes a call and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// Where no answer comes, in words for people.
    fn send(&mut self, request: Request) -> Result<Response, String>;

    /// Puts an empty backend in the place of this one, where that costs less than resetting it; otherwise says no.
    fn replace(&mut self) -> bool {
        false
    }
}

/// A backend at an address.
pub struct Http {
    base: String,
    agent: ureq::Agent,
}

impl Http {
    /// The backend at an address such as `http://127.0.0.1:7878`.
    ///
    /// # Errors
    /// Where it is no address that can be called without encryption.
    pub fn new(address: &str) -> Result<Self, String> {
        let base = address.trim_end_matches('/');
        if !base.starts_with("http://") {
            return Err(format!(
                "\"{address}\" is no address of a backend: give one that begins with http://"
            ));
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        Ok(Self {
            base: base.to_owned(),
            agent: agent.into(),
        })
    }
}

impl Transport for Http {
    fn send(&mut self, request: Request) -> Result<Response, String> {
        let uri = format!("{}{}", self.base, request.path);
        let called = |error: &dyn std::fmt::Display| format!("{} {uri}: {error}", request.method);
        let mut builder = ureq::http::Request::builder()
            .method(request.method)
            .uri(&uri);
        if !request.body.is_empty() {
            builder = builder.header("content-type", request.content_type);
        }
        let call = builder.body(request.body).map_err(|error| called(&error))?;
        let mut response = self.agent.run(call).map_err(|error| called(&error))?;
        let body = response.body_mut().read_to_vec();
        Ok(Response {
            status: response.status().as_u16(),
            body: body.map_err(|error| called(&error))?,
        })
    }
}
