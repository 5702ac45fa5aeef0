//! What becomes of the index.html that trunk has written: it names bundles of stylesheets, the chunks of the page, and
//! folders that are named by their content.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    chunks::{self, Manifest, Sheets},
    failure::{Failure, OnFile as _, Result},
    project::Fingerprint,
    text::{replace_once, without_comments},
};

/// The folder in which trunk puts the worker, as index.html says. Its name gets a fingerprint.
pub const WORKER: &str = "worker";

/// What the worker's folder holds: the module that starts it.
pub const WORKER_START: &str = "worker.js";

const STYLESHEET: &str = "<link rel=\"stylesheet\"";

/// The attribute of a stylesheet that only some chunks of the page need: their names.
const CHUNKS: &str = "data-chunks";

/// The page's HTML.
pub struct Index {
    text: String,
    /// What all its addresses begin with.
    base: String,
}

impl Index {
    /// Reads what trunk has written.
    pub fn read(dist: &Path) -> Result<Self> {
        let file = dist.join("index.html");
        let text = fs::read_to_string(&file).on_file("read", &file)?;
        let base = attribute(&text, "data-base")
            .ok_or_else(|| Failure::new("the built index.html has no data-base"))?
            .to_owned();
        Ok(Self { text, base })
    }

    /// Puts it where it was.
    pub fn write(&self, dist: &Path) -> Result<()> {
        let file = dist.join("index.html");
        fs::write(&file, &self.text).on_file("write", &file)
    }

    /// Puts all stylesheets that the same pages need into one, and leaves the page those that every page does. Returns the
    /// others by the chunk that loads them.
    ///
    /// `fonts` is what the folder of the fonts is called.
    pub fn bundle_stylesheets(&mut self, dist: &Path, fonts: &str) -> Result<Sheets> {
        // In the order of the page: what stands later wins.
        let mut bundles: Vec<(String, String)> = Vec::new();
        let mut rest = self.text.as_str();
        let mut text = String::new();
        let mut place = None;
        while let Some((before, link)) = rest.split_once(STYLESHEET) {
            let (link, after) = link
                .split_once('>')
                .ok_or_else(|| Failure::new("a stylesheet's link has no end"))?;
            let name = attribute(link, "href")
                .and_then(|href| href.strip_prefix(self.base.as_str()))
                .ok_or_else(|| {
                    Failure::new(format!("a stylesheet's link names no file: {link}"))
                })?;
            let file = dist.join(name);
            let rules = fs::read_to_string(&file).on_file("read", &file)?;
            fs::remove_file(&file).on_file("remove", &file)?;
            let rules =
                without_comments(&rules).replace("url(\"fonts/", &format!("url(\"{fonts}/"));
            // trunk writes a space so.
            let chunks = attribute(link, CHUNKS)
                .unwrap_or_default()
                .replace("&#x20;", " ");
            match bundles.iter_mut().find(|(of, _)| *of == chunks) {
                Some((_, bundle)) => bundle.push_str(&rules),
                None => bundles.push((chunks, rules)),
            }
            text.push_str(before.trim_end());
            place.get_or_insert(text.len());
            rest = after;
        }
        text.push_str(rest);
        let mut sheets = Sheets::new();
        for (chunks, rules) in bundles {
            let mut print = Fingerprint::default();
            print.word(&rules);
            let name = format!("style-{}.css", print.finish());
            let file = dist.join(&name);
            fs::write(&file, rules).on_file("write", &file)?;
            if let Some(place) = place.filter(|_| chunks.is_empty()) {
                text.insert_str(
                    place,
                    &format!("\n  {STYLESHEET} href=\"{}{name}\">", self.base),
                );
            }
            for chunk in chunks.split_whitespace() {
                // From the folder of the page's modules.
                sheets
                    .entry(chunk.to_owned())
                    .or_default()
                    .push(format!("../{name}"));
            }
        }
        self.text = text;
        Ok(sheets)
    }

    /// Says which files the chunks need: `chunk file file;chunk file`. boot.js reads it, and [`Self::files`].
    pub fn name_chunks(&mut self, manifest: &Manifest) -> Result<()> {
        let chunks: Vec<String> = manifest
            .iter()
            .map(|(chunk, files)| format!("{chunk} {}", files.join(" ")))
            .collect();
        let worker = " data-worker=";
        let named = format!(" {CHUNKS}=\"{}\"{worker}", chunks.join(";"));
        self.text = replace_once(&self.text, worker, &named)?;
        Ok(())
    }

    /// Names the page's modules and their loaders in the place of what trunk has made of the page, which goes.
    pub fn name_modules(&mut self, dist: &Path) -> Result<()> {
        let module = format!("{}/{}", chunks::FOLDER, chunks::MODULE);
        let script = format!("{}/{}", chunks::FOLDER, chunks::SCRIPT);
        for (attribute_name, new) in [("data-wasm", module), ("data-js", script)] {
            let old = attribute(&self.text, attribute_name)
                .and_then(|address| address.strip_prefix(self.base.as_str()))
                .ok_or_else(|| {
                    Failure::new(format!("the built index.html has no {attribute_name}"))
                })?
                .to_owned();
            let file = dist.join(&old);
            fs::remove_file(&file).on_file("remove", &file)?;
            self.text = self.text.replace(&old, &new);
        }
        // The script imports it, which a browser finds out late.
        let loaders = format!(
            "<link rel=\"modulepreload\" href=\"{}{}/{}\"></head>",
            self.base,
            chunks::FOLDER,
            chunks::LOADERS
        );
        self.text = replace_once(&self.text, "</head>", &loaders)?;
        Ok(())
    }

    /// Names folders as they are called by their content: that of the page's modules, and those of the two workers.
    pub fn name_folders(&mut self, page: &str, worker: &str, vector_worker: &str) -> Result<()> {
        let base = &self.base;
        let starts = |folder: &str| format!("=\"{base}{folder}/{}\"", WORKER_START);
        let workers = format!(
            "{} data-worker-simd{}",
            starts(worker),
            starts(vector_worker)
        );
        let text = replace_once(&self.text, &starts(WORKER), &workers)?;
        let old = format!("\"{base}{}/", chunks::FOLDER);
        self.text = text.replace(&old, &format!("\"{base}{page}/"));
        Ok(())
    }

    /// The files in `dist` that every page of the app loads, those of the worker aside, and what each chunk needs besides.
    pub fn files(&self, dist: &Path) -> (Vec<PathBuf>, BTreeMap<String, Vec<PathBuf>>) {
        let every = self
            .text
            .split('"')
            .filter_map(|word| word.strip_prefix(self.base.as_str()))
            .filter(|name| !name.starts_with(WORKER))
            // What the app reads first of all.
            .chain(["index.html", "config.json"])
            .map(|name| dist.join(name))
            .filter(|file| file.is_file())
            .collect::<BTreeSet<_>>();
        let modules = attribute(&self.text, "data-wasm")
            .and_then(|address| address.strip_prefix(self.base.as_str()))
            .and_then(|address| dist.join(address).parent().map(Path::to_path_buf))
            .unwrap_or_default();
        let chunks = attribute(&self.text, CHUNKS).unwrap_or_default();
        let chunks = chunks.split(';').filter_map(|chunk| {
            let mut words = chunk.split(' ');
            let chunk = words.next()?.to_owned();
            Some((chunk, words.map(|file| modules.join(file)).collect()))
        });
        (every.into_iter().collect(), chunks.collect())
    }
}

fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = text.split_once(&format!(" {name}=\""))?;
    Some(value.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> Index {
        Index {
            text: text.to_owned(),
            base: "/app/".to_owned(),
        }
    }

    #[test]
    fn stylesheets_are_put_together_by_the_parts_that_need_them() {
        let dist = std::env::temp_dir().join(format!("xtask-index-{}", std::process::id()));
        fs::create_dir_all(&dist).expect("a folder");
        for name in ["a", "b", "c", "d"] {
            fs::write(dist.join(format!("{name}.css")), name).expect("a stylesheet");
        }
        fs::write(dist.join("a.css"), "url(\"fonts/a\")").expect("a stylesheet");
        let mut index = index(
            "<head>\n  <link rel=\"stylesheet\" href=\"/app/a.css\"/>\n  \
            <link rel=\"stylesheet\" href=\"/app/b.css\" data-chunks=\"x&#x20;y\"/>\n  \
            <link rel=\"stylesheet\" href=\"/app/c.css\" data-chunks=\"x\"/>\n  \
            <link rel=\"stylesheet\" href=\"/app/d.css\"/>\n</head>",
        );
        let sheets = index.bundle_stylesheets(&dist, "fonts-1").expect("bundled");
        let read = |name: &str| fs::read_to_string(dist.join(name)).expect("a bundle");
        let (_, first) = index.text.split_once("/app/").expect("a stylesheet");
        let first = read(first.split('"').next().expect("its name"));
        let of = |chunk: &str| -> Vec<String> {
            let sheets = sheets.get(chunk).into_iter().flatten();
            sheets
                .map(|sheet| read(sheet.trim_start_matches("../")))
                .collect()
        };
        let (x, y, left) = (
            of("x"),
            of("y"),
            fs::read_dir(&dist).expect("listed").count(),
        );
        fs::remove_dir_all(&dist).expect("removed");
        assert_eq!(first, "url(\"fonts-1/a\")d");
        assert_eq!(x, ["b", "c"], "in the order of the page");
        assert_eq!(y, ["b"]);
        assert_eq!(left, 3);
        assert_eq!(index.text.matches("stylesheet").count(), 1);
    }

    #[test]
    fn the_page_follows_its_folders() {
        let mut index = index(
            "<link href=\"/app/page/x.js\"><script data-js=\"/app/page/x.js\" data-worker=\"/app/worker/worker.js\">",
        );
        index
            .name_folders("page-3d", "worker-1f", "worker-simd-2e")
            .expect("named");
        assert_eq!(
            index.text,
            "<link href=\"/app/page-3d/x.js\"><script data-js=\"/app/page-3d/x.js\" \
            data-worker=\"/app/worker-1f/worker.js\" data-worker-simd=\"/app/worker-simd-2e/worker.js\">"
        );
        assert!(
            index
                .name_folders("page-3d", "worker-1f", "worker-simd-2e")
                .is_err()
        );
    }

    #[test]
    fn what_the_parts_need_comes_back() {
        let mut index = index(
            "<script data-base=\"/app/\" data-wasm=\"/app/page-1/a.wasm\" data-worker=\"/app/worker/worker.js\">",
        );
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        index
            .name_chunks(&Manifest::from([
                ("x".to_owned(), files(&["1.wasm", "../style.css"])),
                ("y".to_owned(), files(&["1.wasm"])),
            ]))
            .expect("named");
        let (_, chunks) = index.files(Path::new("dist"));
        assert_eq!(
            chunks.get("x").map(Vec::as_slice),
            Some(
                &[
                    "dist/page-1/1.wasm".into(),
                    "dist/page-1/../style.css".into()
                ][..]
            )
        );
        assert_eq!(chunks.len(), 2);
    }
}
