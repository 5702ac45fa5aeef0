//! How large the app is, against the budgets in `budgets.txt`, and what its first chunk must not know.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    build, by_crate, chunks,
    failure::{Failure, OnFile as _, Result},
    index::Index,
    module, process, project, setup,
    step::Steps,
};

const BUDGETS: &str = "xtask/budgets.txt";

/// Node has brotli built in. Prints the two sizes of each file in bytes.
const MEASURE: &str = "const { brotliCompressSync } = require('node:zlib'); \
    const { readFileSync } = require('node:fs'); \
    for (const file of process.argv.slice(1)) { \
        const bytes = readFileSync(file); \
        console.log(bytes.length, brotliCompressSync(bytes).length); \
    }";

const KIB: u64 = 1024;

/// The page that needs no other chunk than the first.
const FIRST: &str = "manager";

/// Types that only other chunks than the first read and write: their code is as much as that of half the manager.
const NOT_FIRST: [&str; 2] = [
    "segments_model..criterion..Criterion",
    "segments_model..query..Query",
];

/// What may be so large.
#[derive(Debug, PartialEq, Eq)]
struct Budget<'a> {
    what: What<'a>,
    /// In KiB.
    raw: u64,
    /// In KiB.
    brotli: u64,
}

/// `cargo xtask sizes`: the check alone, or what the modules are made of.
pub fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => check().map(drop),
        [option, packages @ ..] if option == "--by-crate" => {
            by_crate::report(&setup::for_building(&mut Steps::start())?, packages)
        }
        [other, ..] => Err(Failure::new(format!("there is no option `{other}`"))
            .by_hand("cargo xtask sizes --by-crate")),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum What<'a> {
    /// A module by its path below `dist`, without fingerprints and ending.
    Module(&'a str),
    /// All that is loaded when a page is opened first, the worker aside, in so many files at most.
    Page(&'a str, usize),
}

/// Prints the sizes and fails where one is over its budget, or where the first chunk has what is not for it.
pub fn check() -> Result<String> {
    let file = project::root().join(BUDGETS);
    let text = fs::read_to_string(&file).on_file("read", &file)?;
    let dist = build::dist();
    let modules = build::modules(&dist)?;
    let (every, chunks) = Index::read(&dist)?.files(&dist);
    let mut measured = Measured::default();
    let mut over = Vec::new();
    for Budget { what, raw, brotli } in parse(&text)? {
        let (name, files, most) = match what {
            What::Module(name) => {
                let named = |file: &&PathBuf| module_name(&dist, file).as_deref() == Some(name);
                (
                    name,
                    modules.iter().find(named).map(|file| vec![file.clone()]),
                    1,
                )
            }
            What::Page(FIRST, most) => (FIRST, Some(every.clone()), most),
            What::Page(name, most) => {
                let chunk = chunks.get(name);
                (
                    name,
                    chunk.map(|files| [every.as_slice(), files].concat()),
                    most,
                )
            }
        };
        let files = files.ok_or_else(|| Failure::new(format!("dist has no {name}")))?;
        let sizes = measured.sum(&files)?;
        println!(
            "    {name}: {} KiB raw (budget {raw}), {} KiB brotli (budget {brotli}), {} files (budget {most})",
            sizes.raw.div_ceil(KIB),
            sizes.brotli.div_ceil(KIB),
            files.len(),
        );
        if sizes.raw > raw * KIB || sizes.brotli > brotli * KIB || files.len() > most {
            over.push(name.to_owned());
        }
    }
    first_chunk_is_light()?;
    if over.is_empty() {
        Ok("within budget".to_owned())
    } else {
        Err(
            Failure::new(format!("over budget: {}", over.join(", "))).by_hand(format!(
                "make it smaller, or say in the change why {BUDGETS} is to grow"
            )),
        )
    }
}

/// A stray call would bring the language of segments and queries into what every visit loads.
fn first_chunk_is_light() -> Result<()> {
    let read = |file: PathBuf| fs::read(&file).on_file("read", &file);
    let whole = read(build::compiled_page()?)?;
    let first = read(chunks::first_chunk()?)?;
    for name in NOT_FIRST {
        let reads = format!("Deserialize$u20$for$u20${name}$GT$");
        if !module::names_have(&whole, &reads)? {
            return Err(
                Failure::new(format!("no function of the page reads {name}")).by_hand(
                    "mend NOT_FIRST in xtask/src/sizes.rs: names are written in another way",
                ),
            );
        }
        for function in [reads.as_str(), &reads.replace("Deserialize", "Serialize")] {
            if module::names_have(&first, function)? {
                return Err(
                    Failure::new(format!("the page's first chunk has `{function}`"))
                        .by_hand("put what needs it into a chunk (src/shell/lazy.rs)"),
                );
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    brotli: u64,
}

/// The sizes of files, each measured once.
#[derive(Default)]
struct Measured(BTreeMap<PathBuf, Sizes>);

impl Measured {
    fn sum(&mut self, files: &[PathBuf]) -> Result<Sizes> {
        let new: Vec<&PathBuf> = files
            .iter()
            .filter(|file| !self.0.contains_key(*file))
            .collect();
        let printed = process::output(Command::new("node").args(["-e", MEASURE]).args(&new))?;
        for (file, line) in new.into_iter().zip(printed.lines()) {
            let mut numbers = line.split(' ').map_while(|number| number.parse().ok());
            if let (Some(raw), Some(brotli)) = (numbers.next(), numbers.next()) {
                self.0.insert(file.clone(), Sizes { raw, brotli });
            }
        }
        files.iter().try_fold(Sizes::default(), |sum, file| {
            let sizes = self
                .0
                .get(file)
                .ok_or_else(|| Failure::new(format!("node did not measure {}", file.display())))?;
            Ok(Sizes {
                raw: sum.raw + sizes.raw,
                brotli: sum.brotli + sizes.brotli,
            })
        })
    }
}

/// The file's path below `dist` without what wasm-bindgen puts behind its name, and without fingerprints.
fn module_name(dist: &Path, file: &Path) -> Option<String> {
    let inside = file.strip_prefix(dist).ok()?.to_str()?;
    let parts: Vec<&str> = inside
        .strip_suffix("_bg.wasm")?
        .split(std::path::MAIN_SEPARATOR)
        .map(without_fingerprint)
        .collect();
    Some(parts.join("/"))
}

fn without_fingerprint(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, print))
            if print.len() >= 15 && print.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            stem
        }
        _ => name,
    }
}

fn parse(text: &str) -> Result<Vec<Budget<'_>>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |index: usize| words.get(index).and_then(|word| word.parse().ok());
            let what = match (words.as_slice(), number(4)) {
                (["module", name, _, _], None) => Some(What::Module(name)),
                (["page", name, ..], Some(files)) => Some(What::Page(name, files)),
                _ => None,
            };
            what.zip(number(2))
                .zip(number(3))
                .map(|((what, raw), brotli)| Budget {
                    what,
                    raw: raw as u64,
                    brotli: brotli as u64,
                })
                .ok_or_else(|| {
                    Failure::new(format!(
                        "{BUDGETS}: `{line}` is neither `module name raw brotli` nor `page name raw brotli files`"
                    ))
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read() {
        let text = "# what name raw brotli\n\nmodule a/b 900 350\npage funnel 90 35 20\n";
        assert_eq!(
            parse(text).expect("two budgets"),
            [
                Budget {
                    what: What::Module("a/b"),
                    raw: 900,
                    brotli: 350
                },
                Budget {
                    what: What::Page("funnel", 20),
                    raw: 90,
                    brotli: 35
                },
            ]
        );
        for wrong in ["module a/b 900", "page funnel 90 35", "a/b 900 350"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn modules_are_known_by_their_path() {
        let name = |file: &str| module_name(Path::new("dist"), Path::new(file));
        assert_eq!(
            name("dist/user-segments-0123456789abcdef_bg.wasm").as_deref(),
            Some("user-segments")
        );
        assert_eq!(
            name("dist/worker-simd-0123456789abcdef/segments-worker_bg.wasm").as_deref(),
            Some("worker-simd/segments-worker")
        );
        assert_eq!(name("dist/other.wasm"), None);
    }
}
