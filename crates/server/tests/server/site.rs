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
