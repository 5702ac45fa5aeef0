//! How large the app's modules are, against the budgets in `budgets.txt`.

use std::{fs, path::Path, process::Command};

use crate::{
    build, by_crate,
    failure::{Failure, OnFile as _, Result},
    process, project, setup,
    step::Steps,
};

const BUDGETS: &str = "xtask/budgets.txt";

/// Node has brotli and gzip built in. Prints the three sizes of a file in bytes.
const MEASURE: &str = "const z = require('node:zlib'); const b = require('node:fs').readFileSync(process.argv[1]); \
    console.log(b.length, z.gzipSync(b, { level: 9 }).length, z.brotliCompressSync(b).length)";

const KIB: u64 = 1024;

/// What a module may weigh, in KiB.
#[derive(Debug, PartialEq, Eq)]
struct Budget<'a> {
    /// Its path below `dist`, without fingerprints and ending.
    module: &'a str,
    raw: u64,
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

/// Prints the sizes and fails where one is over its budget.
pub fn check() -> Result<String> {
    let file = project::root().join(BUDGETS);
    let text = fs::read_to_string(&file).on_file("read", &file)?;
    let dist = build::dist();
    let modules = build::modules(&dist)?;
    let mut over = Vec::new();
    for budget in parse(&text)? {
        let module = modules
            .iter()
            .find(|file| module_name(&dist, file).as_deref() == Some(budget.module))
            .ok_or_else(|| Failure::new(format!("dist has no module {}", budget.module)))?;
        let sizes = measure(module)?;
        println!(
            "    {}: {} KiB raw (budget {}), {} KiB gzip, {} KiB brotli (budget {})",
            budget.module,
            sizes.raw.div_ceil(KIB),
            budget.raw,
            sizes.gzip.div_ceil(KIB),
            sizes.brotli.div_ceil(KIB),
            budget.brotli,
        );
        if sizes.raw > budget.raw * KIB || sizes.brotli > budget.brotli * KIB {
            over.push(budget.module);
        }
    }
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

struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

fn measure(module: &Path) -> Result<Sizes> {
    let printed = process::output(Command::new("node").args(["-e", MEASURE]).arg(module))?;
    let mut numbers = printed
        .split_whitespace()
        .map_while(|number| number.parse().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(raw), Some(gzip), Some(brotli)) => Ok(Sizes { raw, gzip, brotli }),
        _ => Err(Failure::new(format!("node measured nothing: {printed}"))),
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
            let mut words = line.split_whitespace();
            let module = words.next();
            let mut number = || words.next().and_then(|word| word.parse().ok());
            match (module, number(), number()) {
                (Some(module), Some(raw), Some(brotli)) => Ok(Budget {
                    module,
                    raw,
                    brotli,
                }),
                _ => Err(Failure::new(format!(
                    "{BUDGETS}: `{line}` is not `module raw brotli`"
                ))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read() {
        let budgets = parse("# module raw brotli\n\npage 900 350\n").expect("one budget");
        assert_eq!(
            budgets,
            [Budget {
                module: "page",
                raw: 900,
                brotli: 350
            }]
        );
        assert!(parse("page 900\n").is_err());
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
