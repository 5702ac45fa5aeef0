//! `cargo xtask test layers`: every layer knows only those below it. Which those are is said here, in tables; the reasons
//! are in `docs/architecture.md`.

mod arrows;
mod circles;
mod names;
mod tokens;

use std::{cmp::Ordering, fmt::Write as _, fs, path::Path};

use crate::{
    failure::{Failure, OnFile as _, Result},
    project,
};
use arrows::{Arrow, Sources};
use names::Again;

/// A crate that is held to its layer.
struct Package {
    /// Its folder below the project's.
    folder: &'static str,
    /// Our packages that it may use. Tests and benchmarks may use others.
    uses: &'static [&'static str],
    /// Its rooms, folders in `src`, by floors, the upper ones first: each may use those of the floors after it. What stands
    /// beside it on its floor it may not use; of `pages/*`, every folder of `pages` is a room of its own.
    rooms: &'static [&'static [&'static str]],
    /// Words that stand in one file alone.
    only_in: &'static [(&'static str, &'static str)],
    /// Whether a type and a component of it each has a name of its own.
    has_unique_names: bool,
}

/// Where a file stands.
#[derive(PartialEq, Eq)]
struct Room<'a> {
    /// The floor, counted from the top.
    floor: usize,
    folder: &'a str,
    /// Which room of the folder, where each of its files and folders is one.
    name: &'a str,
}

const MODEL: &str = "segments-model";
const ENGINE: &str = "segments-engine";
const ENGINE_API: &str = "segments-engine-api";
const IMPORT: &str = "segments-import";
const DEMO: &str = "segments-demo";
const BACKEND: &str = "segments-backend";
const FORMAT: &str = "segments-format";
const FORMS: &str = "segments-forms";
const CHARTS: &str = "segments-charts";
const UI: &str = "segments-ui";

/// The page, every folder of `crates/`, and this program.
const PACKAGES: [Package; 15] = [
    Package {
        rooms: &[
            &["app"],
            &["pages/*", "tools/*"],
            &["tool"],
            &["parts"],
            &["shell"],
            &["client"],
        ],
        only_in: &[("leptos_router", "shell/route.rs")],
        ..page_package(".", &[MODEL, FORMAT, FORMS, CHARTS, UI])
    },
    page_package("crates/format", &[MODEL]),
    page_package("crates/forms", &[MODEL]),
    page_package("crates/charts", &[FORMAT]),
    page_package("crates/ui", &[FORMAT, CHARTS]),
    package("crates/model", &[]),
    package("crates/engine-api", &[MODEL]),
    package("crates/engine", &[MODEL, ENGINE_API]),
    package("crates/import", &[MODEL, ENGINE_API]),
    package("crates/demo", &[MODEL, ENGINE_API]),
    Package {
        rooms: &[&["http"], &["ask"], &["store"]],
        ..package("crates/backend", &[MODEL, ENGINE_API, IMPORT, DEMO])
    },
    package("crates/conformance", &[MODEL, ENGINE_API]),
    package("crates/server", &[MODEL, ENGINE_API, ENGINE, BACKEND]),
    package("crates/worker", &[MODEL, ENGINE_API, ENGINE, BACKEND]),
    package("xtask", &[]),
];

const fn package(folder: &'static str, uses: &'static [&'static str]) -> Package {
    Package {
        folder,
        uses,
        rooms: &[],
        only_in: &[],
        has_unique_names: false,
    }
}

/// A crate of the page: what a person looks for there is often known by the name of its type or component alone.
const fn page_package(folder: &'static str, uses: &'static [&'static str]) -> Package {
    Package {
        has_unique_names: true,
        ..package(folder, uses)
    }
}

/// Reads every crate and reports all that is against the tables.
pub fn check() -> Result<String> {
    let root = project::root();
    let mut faults = Vec::new();
    let (mut crates, mut files) = (0, 0);
    for folder in folders(&root)? {
        let Some(package) = PACKAGES.iter().find(|package| package.folder == folder) else {
            faults.push(format!("{folder} is not in the table of crates"));
            continue;
        };
        let path = root.join(&folder);
        let manifest = path.join("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).on_file("read", &manifest)?;
        let sources = sources(&path.join("src"))?;
        faults.extend(package.faults(&manifest, &sources));
        crates += 1;
        files += sources.len();
    }
    if faults.is_empty() {
        return Ok(format!("{files} files of {crates} crates, no circle"));
    }
    Err(Failure::new(faults.join("\n"))
        .by_hand("what may use what is in xtask/src/layers.rs, and why in docs/architecture.md"))
}

/// The folders of all crates; the page's is the project's own.
fn folders(root: &Path) -> Result<Vec<String>> {
    let crates = root.join("crates");
    let mut folders = vec![".".to_owned(), "xtask".to_owned()];
    for entry in fs::read_dir(&crates).on_file("list", &crates)? {
        let entry = entry.on_file("list", &crates)?;
        if entry.path().join("Cargo.toml").is_file() {
            folders.push(format!("crates/{}", entry.file_name().to_string_lossy()));
        }
    }
    folders.sort();
    Ok(folders)
}

fn sources(src: &Path) -> Result<Sources> {
    project::files_under(src)?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).on_file("read", &path)?;
            let below = path.strip_prefix(src).unwrap_or(&path);
            let name: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            Ok((name.join("/"), text))
        })
        .collect()
}

impl Package {
    fn faults(&self, manifest: &str, sources: &Sources) -> Vec<String> {
        let mut faults = self.dependencies_upwards(manifest);
        let name = package_name(manifest).replace('-', "_");
        match arrows::arrows(&name, sources) {
            Ok(arrows) => {
                faults.extend(self.arrows_upwards(&arrows));
                faults.extend(self.circles(&arrows));
            }
            Err(error) => faults.push(format!("{}/src: {error}", self.folder)),
        }
        faults.extend(self.words_elsewhere(sources));
        if self.has_unique_names {
            faults.extend(self.names_again(sources));
        }
        faults
    }

    fn dependencies_upwards(&self, manifest: &str) -> Vec<String> {
        dependencies(manifest)
            .into_iter()
            .filter(|(_, name)| name.starts_with("segments-") || *name == "user-segments")
            .filter(|(_, name)| !self.uses.contains(name))
            .map(|(line, name)| {
                let folder = self.folder;
                let allowed = match self.uses {
                    [] => "none of ours".to_owned(),
                    uses => format!("only {}", uses.join(", ")),
                };
                format!("{folder}/Cargo.toml:{line} depends on {name}; it may depend on {allowed}")
            })
            .collect()
    }

    fn arrows_upwards(&self, arrows: &[Arrow]) -> Vec<String> {
        let floors = || {
            let floor = |rooms: &&[&str]| rooms.join(", ");
            self.rooms.iter().map(floor).collect::<Vec<_>>().join(" > ")
        };
        arrows
            .iter()
            .filter_map(|arrow| {
                let (from, to) = (self.room_of(&arrow.from)?, self.room_of(&arrow.to)?);
                let fault = match to.floor.cmp(&from.floor) {
                    Ordering::Less => "goes upwards",
                    Ordering::Equal if from != to => "goes to a room beside",
                    Ordering::Equal | Ordering::Greater => return None,
                };
                Some(format!("{} {fault} ({})", self.shown(arrow), floors()))
            })
            .collect()
    }

    /// The room that a file is in. The file that only declares the rooms of `pages/*` is in none.
    fn room_of<'a>(&self, file: &'a str) -> Option<Room<'a>> {
        let stem = |name: &'a str| name.strip_suffix(".rs").unwrap_or(name);
        let (folder, rest) = file.split_once('/').unwrap_or((stem(file), ""));
        let name = stem(rest.split('/').next().unwrap_or_default());
        self.rooms.iter().enumerate().find_map(|(floor, rooms)| {
            rooms.iter().find_map(|room| match room.strip_suffix("/*") {
                Some(parent) => (parent == folder && !name.is_empty()).then_some(Room {
                    floor,
                    folder,
                    name,
                }),
                None => (*room == folder).then_some(Room {
                    floor,
                    folder,
                    name: "",
                }),
            })
        })
    }

    fn words_elsewhere(&self, sources: &Sources) -> Vec<String> {
        let mut faults = Vec::new();
        for (word, home) in self.only_in {
            for (file, text) in sources.iter().filter(|(file, _)| file != home) {
                match tokens::read(text).map(|tokens| tokens::line_of(&tokens, word)) {
                    Ok(Some(line)) => faults.push(format!(
                        "{}/src/{file}:{line}: {word} belongs into {home} alone",
                        self.folder
                    )),
                    Ok(None) => {}
                    Err(error) => faults.push(format!("{}/src/{file}: {error}", self.folder)),
                }
            }
        }
        faults
    }

    fn names_again(&self, sources: &Sources) -> Vec<String> {
        let shown = |Again { name, here, first }: Again<'_>| {
            format!(
                "{}/src/{}:{}: there is a {name} already ({}:{})",
                self.folder, here.0, here.1, first.0, first.1
            )
        };
        match names::given_again(sources) {
            Ok(again) => again.into_iter().map(shown).collect(),
            Err(error) => vec![format!("{}/src/{error}", self.folder)],
        }
    }

    fn circles(&self, arrows: &[Arrow]) -> Vec<String> {
        let shown = |circle: &circles::Circle| {
            let files: Vec<&str> = circle.files.iter().copied().collect();
            let mut fault = format!("{}: in a circle: {}", self.folder, files.join(", "));
            for way in &circle.ways {
                let files: Vec<&str> = way.iter().map(|arrow| &*arrow.from).collect();
                let first = files.first().copied().unwrap_or_default();
                let _ = write!(fault, "\n  {} -> {first}", files.join(" -> "));
                for arrow in way {
                    let _ = write!(fault, "\n    {}", self.shown(arrow));
                }
            }
            fault
        };
        circles::circles(arrows).iter().map(shown).collect()
    }

    fn shown(
        &self,
        Arrow {
            from,
            to,
            line,
            path,
        }: &Arrow,
    ) -> String {
        format!("{}/src/{from}:{line}: {path} ({to})", self.folder)
    }
}

fn package_name(manifest: &str) -> &str {
    manifest
        .lines()
        .find_map(|line| line.strip_prefix("name = "))
        .unwrap_or_default()
        .trim_matches('"')
}

/// What a manifest depends on except in tests and benchmarks, and the line that says so.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_table = false;
    for (line, text) in manifest.lines().enumerate() {
        let text = text.trim();
        let line = line + 1;
        if let Some(header) = text.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let (table, name) = match header.rsplit_once("dependencies.") {
                Some((before, name)) => (format!("{before}dependencies"), Some(name)),
                None => (header.to_owned(), None),
            };
            let counts = table.ends_with("dependencies")
                && !table.ends_with("dev-dependencies")
                && !table.starts_with("workspace.");
            in_table = counts && name.is_none();
            found.extend(name.filter(|_| counts).map(|name| (line, name)));
        } else if in_table && let Some((key, _)) = text.split_once('=') {
            let name = key.split('.').next().unwrap_or_default().trim();
            if !name.starts_with('#') {
                found.push((line, name.trim_matches('"')));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"segments-shop\"\n";
    const SHOP: Package = Package {
        rooms: &[&["http"], &["ask"], &["store", "shelf/*"]],
        only_in: &[("axum", "http.rs")],
        ..page_package("crates/shop", &[MODEL])
    };

    fn sources(files: &[(&str, &str)]) -> Sources {
        files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn a_crate_depends_only_on_those_below() {
        let manifest = "\
[package]
name = \"segments-shop\"

[dependencies]
segments-model.workspace = true
# segments-import.workspace = true
segments-backend = { workspace = true }
serde.workspace = true

[dependencies.segments-engine]
workspace = true

[target.'cfg(unix)'.dependencies]
segments-demo.workspace = true

[target.'cfg(unix)'.dev-dependencies]
segments-import.workspace = true

[dev-dependencies]
segments-import.workspace = true

[workspace.dependencies]
segments-import = { path = \"crates/import\" }
";
        assert_eq!(
            SHOP.faults(manifest, &sources(&[("lib.rs", "")])),
            [
                "crates/shop/Cargo.toml:7 depends on segments-backend; it may depend on only segments-model",
                "crates/shop/Cargo.toml:10 depends on segments-engine; it may depend on only segments-model",
                "crates/shop/Cargo.toml:14 depends on segments-demo; it may depend on only segments-model",
            ]
        );
    }

    #[test]
    fn rooms_are_used_downwards_only() {
        let sources = sources(&[
            (
                "lib.rs",
                "mod ask;\nmod http;\nmod limits;\nmod shelf;\nmod store;",
            ),
            ("http.rs", "use crate::{ask, store};"),
            ("ask.rs", "pub mod preview;"),
            (
                "ask/preview.rs",
                "use crate::limits;\nuse crate::http::Request;",
            ),
            ("limits.rs", ""),
            ("shelf.rs", "pub mod left;\npub mod right;"),
            ("shelf/left.rs", "use crate::store::Store;"),
            ("shelf/right.rs", "use super::left::Left;"),
            ("store.rs", "use axum::Router;"),
        ]);
        assert_eq!(
            SHOP.faults(MANIFEST, &sources),
            [
                "crates/shop/src/ask/preview.rs:2: crate::http::Request (http.rs) goes upwards (http > ask > store, shelf/*)",
                "crates/shop/src/shelf/left.rs:1: crate::store::Store (store.rs) goes to a room beside (http > ask > store, shelf/*)",
                "crates/shop/src/shelf/right.rs:1: super::left::Left (shelf/left.rs) goes to a room beside (http > ask > store, shelf/*)",
                "crates/shop/src/store.rs:1: axum belongs into http.rs alone",
            ]
        );
    }

    #[test]
    fn a_name_that_is_there_already_is_shown_with_its_place() {
        let sources = sources(&[
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "struct Row;"),
            ("b.rs", "\nenum Row {}"),
        ]);
        assert_eq!(
            SHOP.faults(MANIFEST, &sources),
            ["crates/shop/src/b.rs:2: there is a Row already (a.rs:1)"]
        );
        let elsewhere = Package {
            has_unique_names: false,
            ..SHOP
        };
        assert!(elsewhere.faults(MANIFEST, &sources).is_empty());
    }

    #[test]
    fn a_circle_is_shown_with_its_lines() {
        let sources = sources(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "\nuse crate::a::A;"),
            ("c.rs", "use crate::b::B;"),
        ]);
        assert_eq!(
            SHOP.faults(MANIFEST, &sources),
            ["crates/shop: in a circle: a.rs, b.rs
  a.rs -> b.rs -> a.rs
    crates/shop/src/a.rs:1: crate::b::B (b.rs)
    crates/shop/src/b.rs:2: crate::a::A (a.rs)"]
        );
    }
}
