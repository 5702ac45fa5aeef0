//! The app beside the contract.

use std::fs;

use crate::http::{Server, ask};

#[test]
fn the_app_is_served_beside_the_calls() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(dist.join("index.html"), "the app").unwrap();
    fs::write(dist.join("app-0123456789abcdef_bg.wasm"), "\0asm").unwrap();
    fs::write(dist.join("long.js"), "a = 1;".repeat(10_000)).unwrap();
    fs::write(dist.join("made.js"), "made").unwrap();
    fs::write(dist.join("made.js.br"), "made before").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let server = Server::start(
        &folder.path().join("project"),
        &["--app", dist.to_str().unwrap()],
    );

    for path in ["/", "/index.html", "/segments/a?q=1", "/users/x"] {
        let page = server.get(path);
        assert_eq!(
            (page.status, page.body.as_slice()),
            (200, b"the app".as_slice()),
            "{path}"
        );
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
    }
    let module = server.get("/app-0123456789abcdef_bg.wasm");
    assert_eq!(module.header("content-type"), "application/wasm");
    assert!(module.header("cache-control").contains("immutable"));
    let with = |path: &str, name: &'static str, value: &str| {
        ask(&server.address, "GET", path, &[(name, value)], b"").unwrap()
    };
    for path in ["/", "/app-0123456789abcdef_bg.wasm"] {
        let tag = server.get(path).header("etag").to_owned();
        let again = with(path, "if-none-match", &tag);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(with(path, "if-none-match", "\"other\"").status, 200);
    }
    let long = with("/long.js", "accept-encoding", "gzip, br");
    assert_eq!(long.header("content-encoding"), "br");
    assert_eq!(
        long.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(long.header("vary").contains("accept-encoding"));
    assert!(long.body.len() < 1_000);
    let made = with("/made.js", "accept-encoding", "br");
    assert_eq!(made.header("content-encoding"), "br");
    assert_eq!(made.body, b"made before");
    assert_eq!(
        made.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(server.get("/made.js").body, b"made");

    let config = server.get("/config.json");
    assert_eq!(config.json()["backend"], "/api/v1");
    assert_eq!(config.header("cache-control"), "no-cache");

    for path in [
        "/missing.js",
        "/api",
        "/api/v2/project",
        "/../secret.txt",
        "//secret.txt",
        "/%2e%2e/secret.txt",
    ] {
        let missing = server.get(path);
        assert_eq!(missing.status, 404, "{path}");
        assert_eq!(missing.header("content-type"), "application/problem+json");
    }
    let posted = ask(&server.address, "POST", "/index.html", &[], b"").unwrap();
    assert_eq!(posted.status, 405);
    let head = ask(&server.address, "HEAD", "/", &[], b"").unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn pages_of_other_places_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let from = |origin: &str| {
        let headers = [("origin", origin)];
        ask(
            &server.address,
            "POST",
            "/api/v1/segments/evaluate",
            &headers,
            b"{\"ids\": []}",
        )
        .unwrap()
        .status
    };
    assert_eq!(from("http://shop.example"), 403);
    assert_eq!(from(&format!("http://{}", server.address)), 200);
}
