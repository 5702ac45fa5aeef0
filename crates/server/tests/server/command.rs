//! The commands.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value as Json, json};

use crate::http::{Server, ask, program};

const EVENTS: &str = "who;did;at;amount\nann;Order;2026-03-01 01:30;1,5\nbea;View;2026-03-01 02:30;\nbea;View;never;\n";

fn import(data: &Path, file: &Path, arguments: &[&str]) -> Output {
    program()
        .args(["import", "--data"])
        .arg(data)
        .args(arguments)
        .arg(file)
        .output()
        .unwrap()
}

#[test]
fn a_file_is_imported_while_a_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("project");
    let file = folder.path().join("events.csv");
    fs::write(&file, EVENTS).unwrap();
    let server = Server::start(&data, &["--time-zone", "Europe/Berlin"]);
    let project = server.get("/api/v1/project").json();
    assert_eq!(
        (&project["time_zone"], &project["data"]["source"]),
        (&json!("Europe/Berlin"), &json!("empty"))
    );

    let columns = [
        "--user",
        "who",
        "--event",
        "did",
        "--time",
        "at",
        "--time-zone",
        "Asia/Kathmandu",
    ];
    let arguments = [&["--kind", "events"][..], &columns].concat();
    let output = import(&data, &file, &arguments);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    for line in ["accepted 2", "rejected 1", "line 4: ", "column \"who\""] {
        assert!(report.contains(line), "{line} in {report}");
    }
    let project = server.get("/api/v1/project").json();
    assert_eq!(project["data"]["events"], 2);
    assert_eq!(
        project["data"]["first_event_at"],
        "2026-02-28T19:45:00.000Z"
    );

    fs::write(&file, "user,city\nann,Bern\n").unwrap();
    assert!(import(&data, &file, &["--kind", "users"]).status.success());
    let ann = server.get("/api/v1/users/ann").json();
    assert_eq!(ann["properties"][0]["value"], "Bern");
}

#[test]
fn what_cannot_be_imported_ends_with_a_reason_and_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.csv");
    fs::write(&file, EVENTS).unwrap();
    for (file, arguments, reason) in [
        (
            file.clone(),
            &["--kind", "events", "--user", "nobody"][..],
            "nobody",
        ),
        (file, &["--kind", "events", "--time-zone", "Mars"], "Mars"),
        (
            folder.path().join("none.csv"),
            &["--kind", "events"],
            "none.csv",
        ),
    ] {
        let output = import(&folder.path().join("project"), &file, arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains(reason) && !said.contains("panicked"),
            "{said}"
        );
    }
}

#[test]
fn an_import_reads_times_in_the_zone_that_the_server_was_started_with() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("project");
    let file = folder.path().join("events.csv");
    fs::write(&file, "user,event,time\nann,View,2026-03-01 01:30\n").unwrap();
    drop(Server::start(&data, &["--time-zone", "Asia/Kathmandu"]));
    assert!(import(&data, &file, &["--kind", "events"]).status.success());
    let project = Server::start(&data, &[]).get("/api/v1/project").json();
    assert_eq!(
        (&project["time_zone"], &project["data"]["first_event_at"]),
        (&json!("Asia/Kathmandu"), &json!("2026-02-28T19:45:00.000Z"))
    );
}

#[test]
fn without_its_catalog_a_project_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("project");
    let file = folder.path().join("events.csv");
    fs::write(
        &file,
        "user,event,time\nann,View,2026-03-01\nbea,View,2026-03-02\n",
    )
    .unwrap();
    let arguments = ["--kind", "events"];
    assert!(import(&data, &file, &arguments).status.success());
    let names = || {
        let files = fs::read_dir(data.join("files")).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let catalog = data.join("catalog.sqlite");
    let away = folder.path().join("away");
    fs::rename(&catalog, &away).unwrap();
    let served = program()
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    for output in [served, import(&data, &file, &arguments)] {
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("catalog.sqlite"), "{said}");
        assert_eq!(names(), before);
    }
    // What it says helps.
    fs::rename(&away, &catalog).unwrap();
    let project = Server::start(&data, &[]).get("/api/v1/project").json();
    assert_eq!(project["data"]["events"], 2);
    assert_eq!(names(), before);
}

#[test]
fn two_servers_share_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (
        Server::start(folder.path(), &[]),
        Server::start(folder.path(), &[]),
    );
    let file = b"user,event,time\nann,View,2026-01-01\n";
    let csv = [("content-type", "text/csv")];
    let imported = ask(
        &one.address,
        "PUT",
        "/api/v1/imports/a?kind=events",
        &csv,
        file,
    )
    .unwrap();
    assert_eq!(imported.status, 201);
    assert_eq!(other.get("/api/v1/project").json()["data"]["events"], 1);
    let body =
        json!({"name": "Shared", "kind": "dynamic", "definition": {"type": "all", "of": []}});
    let post = |server: &Server| -> (u16, Json) {
        let answer = ask(
            &server.address,
            "POST",
            "/api/v1/segments",
            &[],
            body.to_string().as_bytes(),
        )
        .unwrap();
        (answer.status, answer.json())
    };
    let (status, segment) = post(&one);
    assert_eq!((status, &segment["evaluation"]["users"]), (201, &json!(1)));
    assert_eq!(post(&other).0, 409, "the name is taken");
    let path = format!("/api/v1/segments/{}", segment["id"].as_str().unwrap());
    let tag = other.get(&path).header("etag").to_owned();
    let headers = [("if-match", tag.as_str())];
    let patch = |server: &Server| {
        ask(
            &server.address,
            "PATCH",
            &path,
            &headers,
            br#"{"name": "Mine"}"#,
        )
        .unwrap()
        .status
    };
    assert_eq!((patch(&other), patch(&one)), (200, 412));
}

#[cfg(unix)]
#[test]
fn a_server_stops_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = program()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
}
