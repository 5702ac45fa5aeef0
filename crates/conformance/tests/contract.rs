//! Every case by the calls of the contract, put to the backend's router in this process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt as _;
use segments_backend::testing::{MemoryCatalog, MemoryFiles};
use segments_backend::{Host, Options, Parts, open};
use segments_conformance::cases;
use segments_conformance::report::examine;
use segments_conformance::transport::{Request, Response, Transport};
use segments_conformance::url::UrlSubject;
use segments_engine::EmbeddedEngine;
use segments_engine_api::{Boxed, Runtime};
use segments_model::Instant;
use segments_model::project::{BackendKind, Me, Role};
use tokio::runtime::Runtime as Tokio;
use tower::ServiceExt as _;

/// A place whose clock goes on by itself.
#[derive(Default)]
struct Place {
    clock: AtomicU64,
    rolled: AtomicU64,
}

impl Runtime for Place {
    fn elapsed_ms(&self) -> f64 {
        self.clock.fetch_add(5, Ordering::Relaxed) as f64
    }

    fn pause(&self) -> Boxed<'static, ()> {
        Box::pin(Once(false))
    }

    fn threads(&self) -> usize {
        2
    }
}

impl Host for Place {
    fn now(&self) -> Instant {
        Instant::parse("2026-06-01T12:00:00.000Z").unwrap()
    }

    fn random(&self) -> u128 {
        let roll = self.rolled.fetch_add(1, Ordering::Relaxed) + 1;
        u128::from(roll).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    fn spawn(&self, task: Boxed<'static, ()>) {
        drop(tokio::spawn(task));
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Server
    }

    fn me(&self) -> Me {
        Me {
            id: "me".to_owned(),
            name: "Me Myself".to_owned(),
            role: Role::Admin,
        }
    }
}

struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The router, called without a network.
struct InProcess {
    tokio: Tokio,
    router: Router,
}

impl InProcess {
    fn new() -> Self {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let router = Self::empty(&tokio);
        Self { tokio, router }
    }

    fn empty(tokio: &Tokio) -> Router {
        let place = Arc::new(Place::default());
        let parts = Parts {
            catalog: Arc::new(MemoryCatalog::default()),
            files: Arc::new(MemoryFiles::default()),
            engine: Arc::new(EmbeddedEngine::new(Arc::clone(&place) as Arc<dyn Runtime>)),
            host: place,
        };
        tokio.block_on(open(parts, Options::default())).unwrap()
    }
}

impl Transport for InProcess {
    fn send(&mut self, request: Request) -> Result<Response, String> {
        let mut builder = http::Request::builder()
            .method(request.method)
            .uri(&request.path);
        if !request.body.is_empty() {
            builder = builder.header("content-type", request.content_type);
        }
        let call = builder.body(Body::from(request.body)).unwrap();
        let router = self.router.clone();
        self.tokio.block_on(async move {
            let response = router.oneshot(call).await.unwrap();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await;
            let body = body.map_err(|error| error.to_string())?.to_bytes().to_vec();
            Ok(Response { status, body })
        })
    }

    fn replace(&mut self) -> bool {
        self.router = Self::empty(&self.tokio);
        true
    }
}

#[test]
fn every_case_is_answered_so_by_the_calls_of_the_contract() {
    let mut backend = UrlSubject::new(InProcess::new(), "test").unwrap();
    let report = examine(&mut backend, &cases::all(), |_, _| {});
    assert!(report.failed.is_empty(), "{report}");
    // Every case that is there can be put by calls.
    assert!(report.skipped.is_empty(), "{report}");
}
