//! What goes to a backend and what comes back, whatever carries it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::client::ApiError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Looks.
    Get,
    /// Makes or does something.
    Post,
    /// Puts something under an id that the client chose.
    Put,
    /// Changes what is there.
    Patch,
    /// Takes something away.
    Delete,
}

impl Method {
    /// The method's name in HTTP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub enum RequestBody {
    #[default]
    Empty,
    Json(Vec<u8>),
    /// A file, handed over as it is and never read into memory here.
    File(web_sys::Blob),
}

#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    /// The path and query below the contract's root: `/segments?search=x`.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: RequestBody,
    /// Who wants to know how far the work is; a transport that does not know says nothing.
    pub watcher: Option<Watcher>,
}

/// Is told how far the work on a request is, 0 to 1.
#[derive(Clone)]
pub struct Watcher(Rc<dyn Fn(f64)>);

impl Watcher {
    /// A watcher that is told so.
    pub fn new(told: impl Fn(f64) + 'static) -> Self {
        Self(Rc::new(told))
    }

    /// Tells it.
    pub fn tell(&self, share: f64) {
        (self.0)(share);
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watcher")
    }
}

impl Call {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: RequestBody::Empty,
            watcher: None,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// What a backend answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An answer to wait for. Dropping it cancels the request.
pub type Asked = Pin<Box<dyn Future<Output = Result<Answer, ApiError>>>>;

/// Carries requests to a backend.
pub trait Transport {
    /// Sends a request at once; the answer may come much later.
    ///
    /// An answer of whatever status is no error here.
    fn send(&self, call: Call) -> Asked;

    /// What is at the other end, for people: a host's name, or "this tab".
    fn place(&self) -> String;
}
