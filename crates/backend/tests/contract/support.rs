//! A backend in memory, and how it is asked.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use segments_backend::testing::{MemoryCatalog, MemoryFiles};
use segments_backend::{Boxed, Host, Options, Parts, Runtime, open};
use segments_engine::EmbeddedEngine;
use segments_model::Instant;
use segments_model::project::{BackendKind, Me, Role};
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

/// A host whose clock stands still until it is set.
pub struct TestHost {
    now: AtomicI64,
    rolled: AtomicU64,
    /// How long something takes that is timed, in milliseconds.
    slow: AtomicU64,
    elapsed: AtomicU64,
    pauses: AtomicU64,
}

impl TestHost {
    pub fn set(&self, now: &str) {
        let now = Instant::parse(now).unwrap();
        self.now.store(now.millis(), Ordering::SeqCst);
    }

    /// Sets the clock on.
    pub fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// From now on whatever is timed takes long enough to give way after it.
    pub fn be_slow(&self) {
        self.take(100);
    }

    /// From now on this many milliseconds go by whenever somebody looks at the clock that work is timed with.
    pub fn take(&self, millis: u64) {
        self.slow.store(millis, Ordering::SeqCst);
    }

    /// From now on nothing that is timed takes any time.
    pub fn be_quick(&self) {
        self.slow.store(0, Ordering::SeqCst);
    }

    /// How often work has given way.
    pub fn pauses(&self) -> u64 {
        self.pauses.load(Ordering::SeqCst)
    }
}

impl Runtime for TestHost {
    fn elapsed_ms(&self) -> f64 {
        let slow = self.slow.load(Ordering::SeqCst);
        self.elapsed.fetch_add(slow, Ordering::SeqCst) as f64
    }

    fn pause(&self) -> Boxed<'static, ()> {
        self.pauses.fetch_add(1, Ordering::SeqCst);
        Box::pin(Once(false))
    }
}

impl Host for TestHost {
    fn now(&self) -> Instant {
        Instant::from_millis_saturating(self.now.load(Ordering::SeqCst))
    }

    fn random(&self) -> u128 {
        let roll = self.rolled.fetch_add(1, Ordering::SeqCst) + 1;
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

/// A backend, and what is below it, so that another one can be opened on the same.
pub struct Backend {
    pub router: Router,
    pub host: Arc<TestHost>,
    pub catalog: MemoryCatalog,
    pub files: MemoryFiles,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn tag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// The answer's JSON, which has to come with this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Json {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self.json()
    }

    /// The problem of this status and kind; its pointers and codes.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str) -> Vec<(String, String)> {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        assert!(!problem["title"].as_str().unwrap().is_empty());
        problem["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .map(|error| {
                        let text = |member: &str| error[member].as_str().unwrap().to_owned();
                        (text("pointer"), text("code"))
                    })
                    .collect()
            })
            .unwrap_or_default()
    }
}

pub const NOW: &str = "2026-03-01T12:00:00.000Z";

/// Who did what: Ann and Bea ordered, Cid only looked, Dan ordered once and cheaply.
pub const EVENTS: &str = "user,event,time,amount,paid\n\
    ann,View,2026-02-01 10:00:00,,\n\
    ann,Order,2026-02-01 11:00:00,20,card\n\
    ann,Order,2026-02-20 11:00:00,30,cash\n\
    bea,View,2026-02-02 10:00:00,,\n\
    bea,Order,2026-02-03 11:00:00,5.5,card\n\
    cid,View,2026-02-04 10:00:00,,\n\
    dan,Order,2026-02-28 23:30:00,1,card\n";

pub const USERS: &str = "user,city,age,member\n\
    ann,Zürich,30,true\n\
    bea,Aarau,20,false\n\
    eve,Bern,,true\n";

impl Backend {
    /// A backend without data.
    pub async fn empty() -> Self {
        let host = Arc::new(TestHost {
            now: AtomicI64::new(0),
            rolled: AtomicU64::new(0),
            slow: AtomicU64::new(0),
            elapsed: AtomicU64::new(0),
            pauses: AtomicU64::new(0),
        });
        host.set(NOW);
        Self::over(host, MemoryCatalog::default(), MemoryFiles::default()).await
    }

    /// A backend with [`EVENTS`] and [`USERS`].
    pub async fn with_data() -> Self {
        let backend = Self::empty().await;
        for (id, kind, file) in [("1", "events", EVENTS), ("2", "users", USERS)] {
            let path = format!("/imports/{id}?kind={kind}");
            backend.put(&path, file).await.ok(201);
        }
        backend
    }

    /// Another backend on the same, as another tab or process has it.
    pub async fn again(&self) -> Self {
        Self::over(
            Arc::clone(&self.host),
            self.catalog.clone(),
            self.files.clone(),
        )
        .await
    }

    async fn over(host: Arc<TestHost>, catalog: MemoryCatalog, files: MemoryFiles) -> Self {
        let parts = Parts {
            catalog: Arc::new(catalog.clone()),
            files: Arc::new(files.clone()),
            engine: Arc::new(EmbeddedEngine::new(Arc::clone(&host) as Arc<dyn Runtime>)),
            host: Arc::clone(&host) as Arc<dyn Host>,
        };
        Self {
            router: open(parts, Options::default()).await.unwrap(),
            host,
            catalog,
            files,
        }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            bytes: response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: Json) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.send(Method::POST, path, &all, body.to_string().into())
            .await
    }

    pub async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], Body::empty()).await
    }

    pub async fn put(&self, path: &str, file: &str) -> Answer {
        self.send(
            Method::PUT,
            path,
            &[("content-type", "text/csv")],
            file.to_owned().into(),
        )
        .await
    }

    pub async fn patch(&self, path: &str, tag: &str, body: Json) -> Answer {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        self.send(Method::PATCH, path, &headers, body.to_string().into())
            .await
    }

    pub async fn delete(&self, path: &str, tag: &str) -> Answer {
        self.send(Method::DELETE, path, &[("if-match", tag)], Body::empty())
            .await
    }

    /// Makes a segment and gives its id.
    #[track_caller]
    pub fn made(
        &self,
        name: &str,
        kind: &str,
        definition: Json,
    ) -> impl Future<Output = String> + use<'_> {
        let body = json!({"name": name, "kind": kind, "definition": definition});
        async move {
            let segment = self.post("/segments", body).await.ok(201);
            segment["id"].as_str().unwrap().to_owned()
        }
    }

    /// The tag that a path has now.
    pub async fn tag(&self, path: &str) -> String {
        self.get(path).await.tag()
    }
}

/// Whoever completed an event at least so often, at any time.
pub fn did(event: &str, times: u32) -> Json {
    json!({"type": "event", "event": event, "compare": {"op": "at_least", "value": times}, "during": {"type": "all_time"}})
}

/// Whoever is in a segment.
pub fn in_segment(id: &str) -> Json {
    json!({"type": "segment", "id": id})
}

/// A problem's place and code.
pub fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}
