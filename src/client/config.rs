//! Where the page stands and what it asks: read from the page's boot element and from `config.json`.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use segments_model::json;
use serde::Deserialize;

use crate::client::transport::{Answer, Asked, Call, Method, Transport};
use crate::client::worker::has_vectors;
use crate::client::{ApiError, Fetch, WorkerTransport};

/// What the host page says about itself, on its boot script's element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// The path that the app's own routes stand below; begins and ends with `/`.
    pub base: String,
    /// The address of the page's own module: another one for each version of the app.
    pub module: String,
    /// The URL of the worker's module; none: this page has no worker.
    pub worker: Option<String>,
}

impl Boot {
    /// Reads the element `#boot`; a page without one stands at `/`. Of two workers it is the one that this browser can
    /// run best: `data-worker-simd` wants 128-bit vectors, `data-worker` runs everywhere.
    #[must_use]
    pub fn read() -> Self {
        let element = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.get_element_by_id("boot"));
        let attribute = |name: &str| {
            element
                .as_ref()
                .and_then(|element| element.get_attribute(name))
                .filter(|value| !value.is_empty())
        };
        let mut base = attribute("data-base").unwrap_or_else(|| "/".to_owned());
        if !base.ends_with('/') {
            base.push('/');
        }
        Self {
            base,
            module: attribute("data-wasm").unwrap_or_default(),
            worker: attribute("data-worker-simd")
                .filter(|_| has_vectors())
                .or_else(|| attribute("data-worker")),
        }
    }
}

/// What `config.json` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The URL below which a backend keeps the contract; none: the backend in the worker.
    pub backend: Option<String>,
}

/// Why the page cannot start.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// `config.json` cannot be fetched.
    #[error("config.json could not be loaded: {0}")]
    Fetch(ApiError),
    /// `config.json` is no configuration.
    #[error("config.json cannot be read: {0}")]
    Malformed(String),
    /// There is no URL of a backend and no worker either.
    #[error(
        "config.json names no backend and this page has no worker: set \"backend\" to a backend's URL"
    )]
    NoBackend,
}

impl Config {
    /// Fetches `config.json`, which stands beside the page.
    ///
    /// # Errors
    /// When it cannot be fetched or read.
    pub async fn fetch(boot: &Boot) -> Result<Self, ConfigError> {
        let answer = Fetch::new(&boot.base)
            .send(Call::new(Method::Get, "/config.json"))
            .await
            .map_err(ConfigError::Fetch)?;
        Self::from_answer(&answer)
    }

    fn from_answer(answer: &Answer) -> Result<Self, ConfigError> {
        match answer.status {
            404 => Ok(Self::default()),
            200 => {
                json::read(&answer.body).map_err(|error| ConfigError::Malformed(error.to_string()))
            }
            status => Err(ConfigError::Fetch(ApiError::Status {
                place: "config.json".to_owned(),
                status,
            })),
        }
    }

    /// What carries requests to the backend that this names.
    fn transport(&self, boot: &Boot) -> Result<Rc<dyn Transport>, ConfigError> {
        match (&self.backend, &boot.worker) {
            (Some(root), _) => Ok(Rc::new(Fetch::new(root))),
            (None, Some(url)) => Ok(Rc::new(WorkerTransport::new(url))),
            (None, None) => Err(ConfigError::NoBackend),
        }
    }
}

type ChosenTransport =
    Shared<Pin<Box<dyn Future<Output = Result<Rc<dyn Transport>, ConfigError>>>>>;

/// Reads the configuration at the first request and carries that and all others to the backend it names.
///
/// A configuration that could not be read is asked for again by the next request.
pub struct Configured {
    boot: Rc<Boot>,
    chosen: Rc<RefCell<Option<ChosenTransport>>>,
}

impl Configured {
    /// For a page that stands here.
    #[must_use]
    pub fn new(boot: Boot) -> Self {
        Self {
            boot: Rc::new(boot),
            chosen: Rc::default(),
        }
    }

    fn choose(&self) -> ChosenTransport {
        let mut chosen = self.chosen.borrow_mut();
        chosen
            .get_or_insert_with(|| {
                let boot = Rc::clone(&self.boot);
                let choice: Pin<Box<dyn Future<Output = _>>> =
                    Box::pin(async move { Config::fetch(&boot).await?.transport(&boot) });
                choice.shared()
            })
            .clone()
    }
}

impl Transport for Configured {
    fn send(&self, call: Call) -> Asked {
        let chosen = self.choose();
        let cell = Rc::clone(&self.chosen);
        Box::pin(async move {
            match chosen.await {
                Ok(transport) => transport.send(call).await,
                Err(error) => {
                    cell.borrow_mut().take();
                    Err(ApiError::Unreachable {
                        place: "The backend".to_owned(),
                        detail: error.to_string(),
                    })
                }
            }
        })
    }

    fn place(&self) -> String {
        let chosen = self.chosen.borrow();
        match chosen.as_ref().and_then(Shared::peek) {
            Some(Ok(transport)) => transport.place(),
            _ => "The backend".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Config, ConfigError};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn no_backend_means_the_worker_and_a_missing_file_means_no_backend() {
        for answer in [answer(200, r#"{"backend": null}"#), answer(404, "")] {
            assert_eq!(Config::from_answer(&answer), Ok(Config { backend: None }));
        }
        assert_eq!(
            Config::from_answer(&answer(200, r#"{"backend": "/api/v1"}"#)),
            Ok(Config {
                backend: Some("/api/v1".to_owned())
            })
        );
    }

    #[test]
    fn a_page_in_place_of_the_configuration_is_told() {
        assert!(matches!(
            Config::from_answer(&answer(200, "<!doctype html>")),
            Err(ConfigError::Malformed(_))
        ));
    }
}
