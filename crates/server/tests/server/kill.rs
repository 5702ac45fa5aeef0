//! Killed at any moment, the program has lost nothing that it acknowledged and kept no half of anything.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::http::{Server, ask};

/// How often the program is killed, unless `KILL_ROUNDS` says otherwise.
const ROUNDS: u64 = 16;
/// Lines of each file.
const LINES: usize = 300;

/// What the program has said it did.
#[derive(Default)]
struct Known {
    /// By a segment's id: the description acknowledged last, and the one asked for last.
    segments: Mutex<BTreeMap<String, (u32, u32)>>,
    /// By an import's id: whether it was acknowledged.
    imports: Mutex<BTreeMap<String, bool>>,
    number: AtomicU32,
}

impl Known {
    fn next(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }
}

/// Makes and changes segments until nobody answers.
fn edit(address: &str, known: &Known) -> Option<()> {
    loop {
        let number = known.next();
        let body = json!({"name": format!("Segment {number}"), "kind": "dynamic", "description": "0",
            "definition": {"type": "event", "event": "View", "during": {"type": "all_time"}}});
        let key = format!("key-{number}");
        let headers = [("idempotency-key", key.as_str())];
        let made = ask(
            address,
            "POST",
            "/api/v1/segments",
            &headers,
            body.to_string().as_bytes(),
        )
        .ok()?;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        known.segments.lock().unwrap().insert(id.clone(), (0, 0));
        let path = format!("/api/v1/segments/{id}");
        let mut tag = made.header("etag").to_owned();
        for change in 1..4 {
            known
                .segments
                .lock()
                .unwrap()
                .entry(id.clone())
                .and_modify(|known| known.1 = change);
            let body = json!({"description": change.to_string()}).to_string();
            let changed = ask(
                address,
                "PATCH",
                &path,
                &[("if-match", &tag)],
                body.as_bytes(),
            )
            .ok()?;
            assert_eq!(changed.status, 200, "{changed:?}");
            tag = changed.header("etag").to_owned();
            known
                .segments
                .lock()
                .unwrap()
                .entry(id.clone())
                .and_modify(|known| known.0 = change);
        }
    }
}

/// Imports files until nobody answers.
fn import(address: &str, known: &Known) -> Option<()> {
    loop {
        let id = format!("import-{}", known.next());
        let file: String = (0..LINES)
            .map(|line| format!("u{line},View,2026-01-01T00:00:00Z,{id}\n"))
            .collect();
        let file = format!("user,event,time,source\n{file}");
        known.imports.lock().unwrap().insert(id.clone(), false);
        let path = format!("/api/v1/imports/{id}?kind=events");
        let headers = [("content-type", "text/csv")];
        let imported = ask(address, "PUT", &path, &headers, file.as_bytes()).ok()?;
        assert_eq!(imported.status, 201, "{imported:?}");
        known.imports.lock().unwrap().insert(id, true);
    }
}

fn check(server: &Server, folder: &Path, known: &Known, aside: &mut usize) {
    for (id, (acknowledged, asked)) in known.segments.lock().unwrap().iter_mut() {
        let segment = server.get(&format!("/api/v1/segments/{id}"));
        assert_eq!(segment.status, 200, "segment {id} is lost");
        let segment = segment.json();
        let found: u32 = segment["description"].as_str().unwrap().parse().unwrap();
        assert!(
            found == *acknowledged || found == *asked,
            "{found}, not {acknowledged} or {asked}"
        );
        assert_eq!(segment["version"], found + 1);
        (*acknowledged, *asked) = (found, found);
    }
    let mut complete = 0;
    for (id, acknowledged) in known.imports.lock().unwrap().iter_mut() {
        let import = server.get(&format!("/api/v1/imports/{id}"));
        let is_there = import.status == 200 && import.json()["status"] == "complete";
        assert!(is_there || !*acknowledged, "import {id} is lost");
        *acknowledged = is_there;
        complete += usize::from(is_there);
    }
    let project = server.get("/api/v1/project").json();
    assert_eq!(
        project["data"]["events"],
        complete * LINES,
        "half an import is there"
    );
    let versions: std::collections::BTreeSet<String> = std::fs::read_dir(folder.join("files"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter_map(|name| Some(name.strip_prefix("store-")?.split('-').next()?.to_owned()))
        .collect();
    assert!(
        versions.len() <= 1,
        "files of imports that came to nothing are left: {versions:?}"
    );
    let now_aside = std::fs::read_dir(folder.join("set-aside")).map_or(0, Iterator::count);
    // Before there is any data not even what the catalog knows to be left over is trusted to be so.
    assert!(
        complete == 0 || now_aside == *aside,
        "files were set aside that the catalog knows"
    );
    *aside = now_aside;
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_half_done_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let known = Arc::new(Known::default());
    let mut aside = 0;
    let rounds = std::env::var("KILL_ROUNDS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().expect("KILL_ROUNDS"));
    for round in 0..rounds {
        let mut server = Server::start(folder.path(), &[]);
        check(&server, folder.path(), &known, &mut aside);
        let workers = [edit, import].map(|work| {
            let (address, known) = (server.address.clone(), Arc::clone(&known));
            thread::spawn(move || work(&address, &known))
        });
        // Another moment each time, from at once to after many changes.
        thread::sleep(Duration::from_millis(5 + (round * 37) % 200));
        server.kill();
        for worker in workers {
            worker.join().unwrap();
        }
    }
    let server = Server::start(folder.path(), &[]);
    check(&server, folder.path(), &known, &mut aside);
    let made = known.segments.lock().unwrap().len();
    let imported = known
        .imports
        .lock()
        .unwrap()
        .values()
        .filter(|is_there| **is_there)
        .count();
    assert!(
        made > 0 && imported > 0,
        "{made} segments and {imported} imports tried nothing"
    );
}
