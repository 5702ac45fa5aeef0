//! `cargo xtask sizes --by-crate`: what is in the worker's and the page's module.
//!
//! Both are built once more with names in which the compiler says of each function where it was written and for which crate
//! it was made: a generic one is written in `core` and made for whoever needs it for types of its own.

mod functions;
mod symbol;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    build,
    failure::{Failure, OnFile as _, Result},
    process, project,
    tools::Tools,
    wasm_std::TARGET,
};

/// Names that tell crates, and type arguments too. They make the code neither larger nor smaller.
const NAME_FLAGS: &str = "-C symbol-mangling-version=v0";

/// How many crates are printed.
const SHOWN: usize = 30;

/// A module of the app.
struct Module {
    package: &'static str,
    profile: &'static str,
    flags: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        package: build::WORKER_NAME,
        profile: build::WORKER_PROFILE,
        flags: build::VECTOR_FLAGS,
    },
    Module {
        package: "user-segments",
        profile: build::PAGE_PROFILE,
        flags: build::PAGE_FLAGS,
    },
];

/// What a crate has in a module, in bytes of code.
#[derive(Debug, Default, PartialEq, Eq)]
struct Share {
    /// How many functions were written in it.
    functions: usize,
    /// How large they are.
    written: usize,
    /// How large the functions are that were made for it.
    made_for: usize,
}

/// Builds the modules of the named packages, or both, and prints what is in them.
pub fn report(tools: &Tools, packages: &[String]) -> Result<()> {
    let known = |name: &&String| MODULES.iter().all(|module| module.package != **name);
    if let Some(unknown) = packages.iter().find(known) {
        let names = MODULES.map(|module| module.package).join(" and ");
        return Err(Failure::new(format!(
            "the app has no module `{unknown}`; it has {names}"
        )));
    }
    for module in MODULES {
        if packages.is_empty() || packages.iter().any(|name| name == module.package) {
            let file = built(tools, &module)?;
            let bytes = fs::read(&file).on_file("read", &file)?;
            let functions = functions::of(&bytes)
                .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
            println!("{}", table(module.package, &functions));
        }
    }
    Ok(())
}

/// The module as the app has it, but with its names.
fn built(tools: &Tools, module: &Module) -> Result<PathBuf> {
    // Other flags mean other builds of everything: they are kept apart, so that nothing else is built anew.
    let target = project::scratch()?.join("by-crate");
    process::run(
        project::cargo()
            .args(["build", "--locked", "--target", TARGET])
            .args(["--profile", module.profile, "-p", module.package, "--bins"])
            .arg("--target-dir")
            .arg(&target)
            .env(build::WASM_FLAGS, format!("{} {NAME_FLAGS}", module.flags)),
    )?;
    let folder = target.join("bound");
    let wasm = Path::new(TARGET)
        .join(module.profile)
        .join(format!("{}.wasm", module.package));
    process::run(
        Command::new(&tools.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--no-demangle"])
            .arg("--out-dir")
            .arg(&folder)
            .args(["--out-name", module.package])
            .arg(target.join(wasm)),
    )?;
    Ok(folder.join(format!("{}_bg.wasm", module.package)))
}

fn table(package: &str, functions: &[(&str, usize)]) -> String {
    let shares = shares(functions);
    let whole: usize = functions.iter().map(|(_, size)| size).sum();
    let mut sorted: Vec<_> = shares.iter().collect();
    sorted
        .sort_by_key(|(name, share)| (std::cmp::Reverse(share.written.max(share.made_for)), *name));
    let kib = |bytes: usize| format!("{:.1}", bytes as f64 / 1024.0);
    let percent = |bytes: usize| format!("{:.1} %", bytes as f64 * 100.0 / whole.max(1) as f64);
    let mut lines = vec![
        format!(
            "{package}: {} KiB of code in {} functions\n",
            kib(whole),
            functions.len()
        ),
        "| crate | written in it, KiB | | functions | made for it, KiB | |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(sorted.into_iter().take(SHOWN).map(|(name, share)| {
        format!(
            "| {name} | {} | {} | {} | {} | {} |",
            kib(share.written),
            percent(share.written),
            share.functions,
            kib(share.made_for),
            percent(share.made_for),
        )
    }));
    lines.push(String::new());
    lines.join("\n")
}

/// What each crate has of functions with these names and sizes.
fn shares<'n>(functions: &[(&'n str, usize)]) -> BTreeMap<&'n str, Share> {
    /// For functions whose names tell no crate: those of the compiler and of wasm-bindgen.
    const NOBODY: &str = "(no crate)";
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for (name, size) in functions {
        let (written_in, made_for) = symbol::crates(name).unwrap_or((NOBODY, NOBODY));
        let share = shares.entry(written_in).or_default();
        share.functions += 1;
        share.written += size;
        shares.entry(made_for).or_default().made_for += size;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_charged_to_both_crates() {
        let functions = [
            ("_RINvCs1_4core4sortmECs2_6engine", 100),
            ("_RNvCs2_6engine4scan", 30),
            ("memcpy", 5),
        ];
        let shares = shares(&functions);
        let share = |functions, written, made_for| Share {
            functions,
            written,
            made_for,
        };
        assert_eq!(shares["core"], share(1, 100, 0));
        assert_eq!(shares["engine"], share(1, 30, 130));
        assert_eq!(shares["(no crate)"], share(1, 5, 5));
        let table = table("worker", &functions);
        assert!(
            table.contains("| engine | 0.0 | 22.2 % | 1 | 0.1 | 96.3 % |"),
            "{table}"
        );
    }
}
