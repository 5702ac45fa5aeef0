//! The server itself.

use std::future::IntoFuture as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_request};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use http::header::{CONTENT_DISPOSITION, HOST, ORIGIN};
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use http_body_util::BodyExt as _;
use segments_backend::{Error, Options};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use crate::site::with_site;
use crate::{ServerError, open};

/// How long a body may stand still before it is taken for broken off: an import holds the right to write as long as its
/// file comes in.
const IDLE: Duration = Duration::from_secs(60);
/// How long requests may go on after the program was asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// From how many bytes on an answer is compressed.
const COMPRESSED_FROM: u64 = 1 << 10;
/// How hard, of 9 or 11: most of what there is to gain, at a few milliseconds for a megabyte.
const COMPRESSION: i32 = 5;

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The project's folder.
    pub data: PathBuf,
    /// The address to listen on, such as `127.0.0.1:8080`; port 0 takes a free one.
    pub listen: String,
    /// The folder of the built app.
    pub app: Option<PathBuf>,
    /// Whether a project without data begins with the demo.
    pub demo: bool,
    /// The IANA zone of a project for which nobody chose one.
    pub time_zone: Option<String>,
}

/// Serves until the program is asked to stop; `listening` is told the address.
///
/// # Errors
/// When the project cannot be opened or nothing can be heard at the address.
pub async fn serve(
    serve: Serve,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let mut router = open(
        &serve.data,
        Options {
            demo: serve.demo,
            time_zone: serve.time_zone,
        },
    )
    .await?;
    if let Some(app) = serve.app {
        if !app.join("index.html").is_file() {
            return Err(ServerError::App(app));
        }
        router = with_site(router, &app);
    }
    let failed = |error| ServerError::Listen {
        address: serve.listen.clone(),
        error,
    };
    let listener = TcpListener::bind(&serve.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let router = guarded(compressed(impatient(router, IDLE)), address.ip());
    listening(address);

    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stop.await;
            tracing::info!("stopping");
            stopping.send_replace(true);
        })
        .into_future();
    let late = async {
        // The sender goes only after it has sent.
        drop(stopped.wait_for(|stopped| *stopped).await);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended.map_err(ServerError::Serve),
        () = late => {
            tracing::warn!("requests were still under way after {GRACE:?}");
            Ok(())
        }
    }
}

/// Ends when the program is asked to stop: by an interrupt from the terminal, or by a termination. From this call on such
/// a signal no longer ends the program by itself.
///
/// # Errors
/// When the system does not tell of signals.
#[cfg(unix)]
pub fn signalled() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServerError::Serve)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServerError::Serve)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when the program is asked to stop by an interrupt from the terminal.
///
/// # Errors
/// When the system does not tell of signals.
#[cfg(windows)]
pub fn signalled() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    let mut interrupt = tokio::signal::windows::ctrl_c().map_err(ServerError::Serve)?;
    Ok(async move { drop(interrupt.recv().await) })
}

/// Refuses what other pages' scripts send, and logs what was asked.
fn guarded(router: Router, ip: IpAddr) -> Router {
    router
        .layer(from_fn(move |request: Request, next: Next| async move {
            match refusal(ip, request.method(), request.headers()) {
                None => next.run(request).await,
                Some(reason) => Error::Forbidden(reason).into_response(),
            }
        }))
        .layer(from_fn(logged))
}

/// Breaks bodies off that stand still.
fn impatient(router: Router, idle: Duration) -> Router {
    router.layer(map_request(move |request: Request| async move {
        request.map(|body| {
            Body::from_stream(
                stream::unfold(Some(body), move |body| async move {
                    let mut body = body?;
                    match timeout(idle, body.frame()).await {
                        Ok(Some(Ok(frame))) => {
                            Some((Ok(frame.into_data().unwrap_or_default()), Some(body)))
                        }
                        Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
                        Ok(None) => None,
                        Err(_) => Some((Err(io::Error::from(io::ErrorKind::TimedOut)), None)),
                    }
                })
                .fuse(),
            )
        })
    }))
}

/// Compresses what is worth it. Downloads stay as they are: they are read in ranges.
fn compressed(router: Router) -> Router {
    let is_shown = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        !headers.contains_key(CONTENT_DISPOSITION)
    };
    router.layer(
        CompressionLayer::new()
            .quality(CompressionLevel::Precise(COMPRESSION))
            .compress_when(
                SizeAbove::new(COMPRESSED_FROM)
                    .and(NotForContentType::IMAGES)
                    .and(NotForContentType::SSE)
                    .and(is_shown),
            ),
    )
}

async fn logged(request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let took = begin.elapsed();
    if response.status().is_server_error() {
        tracing::error!(%method, path, status, ?took);
    } else {
        tracing::info!(%method, path, status, ?took);
    }
    response
}

/// Why a request is refused whatever it asks.
///
/// A server for one's own machine answers to its own names only, so that no name of somebody else's that is made to lead
/// here can read it; and nobody answers to changes from pages of other places.
fn refusal(ip: IpAddr, method: &Method, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if ip.is_loopback() {
        let name = host.map(without_port).unwrap_or_default();
        let is_local = name.eq_ignore_ascii_case("localhost")
            || name
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.is_loopback());
        if !is_local {
            return Some(format!(
                "this server listens to this machine only and does not answer to the name \"{name}\""
            ));
        }
    }
    let origin = headers.get(ORIGIN)?;
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let origin = origin.to_str().unwrap_or_default();
    let from = origin.split_once("://").map(|(_, authority)| authority);
    if from.is_some() && from == host {
        return None;
    }
    Some(format!("pages of {origin} may not change anything here"))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use std::time::Duration;

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::{get, put};
    use futures_util::stream;
    use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::{compressed, impatient, refusal};

    #[tokio::test]
    async fn a_body_that_stands_still_breaks_off() {
        let read = async |body: Body| match body.collect().await {
            Ok(body) => (StatusCode::OK, body.to_bytes()),
            Err(error) => (StatusCode::BAD_REQUEST, error.to_string().into()),
        };
        let router = impatient(
            Router::new().route("/", put(read)),
            Duration::from_millis(20),
        );
        let sent = async |body: Body| {
            let request = Request::put("/").body(body).unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        let piece = || stream::iter([Ok::<_, std::io::Error>(Bytes::from("a"))]);
        assert_eq!(sent(Body::from_stream(piece())).await, StatusCode::OK);
        assert_eq!(sent(Body::empty()).await, StatusCode::OK);
        let still = stream::StreamExt::chain(piece(), stream::pending());
        assert_eq!(
            sent(Body::from_stream(still)).await,
            StatusCode::BAD_REQUEST
        );
    }

    #[tokio::test]
    async fn what_is_shown_is_compressed_and_downloads_are_not() {
        let json = [("content-type", "application/json")];
        let file = [("content-disposition", "attachment; filename=\"a.json\"")];
        let stream = [("content-type", "text/event-stream")];
        let router = compressed(
            Router::new()
                .route("/long", get((json, "[]".repeat(2_000))))
                .route("/short", get((json, "[]")))
                .route("/download", get((file, "[]".repeat(2_000))))
                .route("/stream", get((stream, "[]".repeat(2_000)))),
        );
        for (path, accepts, expected) in [
            ("/long", "gzip, br", Some("br")),
            ("/long", "gzip", Some("gzip")),
            ("/long", "identity", None),
            ("/short", "gzip, br", None),
            ("/download", "gzip, br", None),
            ("/stream", "gzip, br", None),
        ] {
            let request = Request::get(path)
                .header("accept-encoding", accepts)
                .body(Body::empty())
                .unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let encoding = answer.headers().get("content-encoding");
            let encoding = encoding.map(|encoding| encoding.to_str().unwrap());
            assert_eq!(encoding, expected, "{path} {accepts}");
        }
    }

    fn refused(ip: Ipv4Addr, method: &Method, host: &'static str, origin: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static(host));
        if !origin.is_empty() {
            headers.insert("origin", HeaderValue::from_static(origin));
        }
        refusal(IpAddr::V4(ip), method, &headers).is_some()
    }

    #[test]
    fn other_pages_change_nothing() {
        let here = Ipv4Addr::LOCALHOST;
        for (method, host, origin, expected) in [
            (Method::POST, "127.0.0.1:80", "", false),
            (Method::POST, "127.0.0.1:80", "http://127.0.0.1:80", false),
            (Method::POST, "localhost:80", "http://localhost:80", false),
            (Method::POST, "[::1]:80", "http://[::1]:80", false),
            (Method::POST, "127.0.0.1:80", "http://127.0.0.1:81", true),
            (Method::DELETE, "127.0.0.1:80", "http://shop.example", true),
            (Method::POST, "127.0.0.1:80", "null", true),
            (Method::GET, "127.0.0.1:80", "http://shop.example", false),
            (Method::GET, "shop.example", "", true),
            (Method::GET, "", "", true),
        ] {
            let found = refused(here, &method, host, origin);
            assert_eq!(found, expected, "{method} {host} {origin}");
        }
        let everywhere = Ipv4Addr::UNSPECIFIED;
        assert!(!refused(everywhere, &Method::GET, "shop.example", ""));
        assert!(refused(
            everywhere,
            &Method::PUT,
            "shop.example",
            "http://other.example"
        ));
    }
}
