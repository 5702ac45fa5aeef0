//! `cargo xtask test layers`: every layer knows only those below it. Which those are is said here, in tables; the reasons
//! are in `docs/architecture.md`.

mod arrows;
mod circles;
mod tokens;

use std::{fmt::Write as _, fs, path::Path};

use crate::{
    failure::{Failure, OnFile as _, Result},
    project,
};
use arrows::{Arrow, Sources};

/// A crate that is held to its layer. The page is not yet.
struct Package {
    /// Its folder below the project's.
    folder: &'static str,
    /// Our packages that it may use. Tests and benchmarks may use others.
    uses: &'static [&'static str],
    /// Its rooms, folders in `src`, the upper ones first: each may use those after it.
    rooms: &'static [&'static str],
}

const MODEL: &str = "segments-model";
const ENGINE: &str = "segments-engine";
const ENGINE_API: &str = "segments-engine-api";
const IMPORT: &str = "segments-import";
const DEMO: &str = "segments-demo";
const BACKEND: &str = "segments-backend";

/// Every folder of `crates/`, and this program.
const PACKAGES: [Package; 10] = [
    package("crates/model", &[]),
    package("crates/engine-api", &[MODEL]),
    package("crates/engine", &[MODEL, ENGINE_API]),
    package("crates/import", &[MODEL, ENGINE_API]),
    package("crates/demo", &[MODEL, ENGINE_API]),
    Package {
        rooms: &["http", "ask", "store"],
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

/// The folders of all crates but the page's, which is the root.
fn folders(root: &Path) -> Result<Vec<String>> {
    let crates = root.join("crates");
    let mut folders = vec!["xtask".to_owned()];
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
        let room = |file: &str| {
            self.rooms
                .iter()
                .position(|room| file.split(['/', '.']).next() == Some(room))
        };
        arrows
            .iter()
            .filter(|arrow| room(&arrow.to) < room(&arrow.from) && room(&arrow.to).is_some())
            .map(|arrow| {
                let rooms = self.rooms.join(" > ");
                format!("{} goes upwards ({rooms})", self.shown(arrow))
            })
            .collect()
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
            let counts = table.ends_with("dependencies") && !table.ends_with("dev-dependencies");
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
        rooms: &["http", "ask", "store"],
        ..package("crates/shop", &[MODEL])
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
            ("lib.rs", "mod ask;\nmod http;\nmod limits;\nmod store;"),
            ("http.rs", "use crate::{ask, store};"),
            ("ask.rs", "pub mod preview;"),
            (
                "ask/preview.rs",
                "use crate::limits;\nuse crate::http::Request;",
            ),
            ("limits.rs", "use crate::store;"),
            ("store.rs", ""),
        ]);
        assert_eq!(
            SHOP.faults(MANIFEST, &sources),
            [
                "crates/shop/src/ask/preview.rs:2: crate::http::Request (http.rs) goes upwards (http > ask > store)"
            ]
        );
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
