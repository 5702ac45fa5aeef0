//! The standard library for wasm32. `rustup target add` brings it; where rustup has no network, it is built once from
//! Debian's package of the same rustc's sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    failure::{Failure, OnFile as _, Result},
    process, project,
};

/// The target that the app is built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The component is 20 MB. Without a network rustup tries again and again, so it gets no more than this.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Where Debian keeps the sources of rustc releases newer than those of its stable suite.
const SUITE: &str = "trixie-backports";

const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
];

const BY_HAND: &str = "rustup target add wasm32-unknown-unknown\n\
    or, without a network for rustup: unpack the rust-src of exactly this rustc to\n\
    $(rustc --print sysroot)/lib/rustlib/src/rust/library and run the set-up again";

/// The installed compiler.
pub struct Compiler {
    sysroot: PathBuf,
    /// What `rustc -vV` says: release, commit and host.
    pub version: String,
}

impl Compiler {
    /// Asks the rustc on PATH.
    pub fn find() -> Result<Self> {
        let rustc = |arguments: &[&str]| {
            process::output(Command::new("rustc").args(arguments))
                .map_err(|failure| failure.by_hand("install Rust with rustup"))
        };
        Ok(Self {
            sysroot: PathBuf::from(rustc(&["--print", "sysroot"])?.trim_end()),
            version: rustc(&["-vV"])?,
        })
    }

    fn release(&self) -> Result<&str> {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
            .ok_or_else(|| Failure::new("rustc does not tell its release"))
    }

    fn rustlib(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib")
    }

    fn libraries(&self) -> PathBuf {
        self.rustlib().join(TARGET).join("lib")
    }

    fn source(&self) -> PathBuf {
        self.rustlib().join("src/rust/library")
    }

    /// Says which compiler a library of our own making is for: rustup replaces its own, but not ours.
    fn mark(&self) -> PathBuf {
        self.rustlib().join(TARGET).join("built-for")
    }

    /// Whether the library for wasm32 is there and belongs to this compiler.
    pub fn has_wasm_std(&self) -> bool {
        let there = rlibs(&self.libraries()).is_ok_and(|found| {
            found
                .iter()
                .any(|file| file_name(file).starts_with("libstd-"))
        });
        there && (!self.mark().exists() || project::stamped(&self.mark(), &self.version))
    }
}

/// Brings the library, the ordinary way first.
pub fn install(compiler: &Compiler) -> Result<String> {
    match add_by_rustup() {
        Ok(()) if compiler.has_wasm_std() => return Ok("added by rustup".to_owned()),
        Ok(()) => println!("    rustup put it elsewhere; building it from source"),
        Err(failure) => println!("    {failure}\n    building it from source instead"),
    }
    build_from_source(compiler).map_err(|failure| failure.by_hand(BY_HAND))?;
    Ok("built from source".to_owned())
}

/// Throws away what was compiled for wasm32 against another standard library: cargo does not notice the exchange.
pub fn forget_stale_builds(compiler: &Compiler) -> Result<()> {
    let mut print = project::Fingerprint::default();
    print.word(&compiler.version);
    for file in rlibs(&compiler.libraries())? {
        print.word(file_name(&file));
    }
    let identity = print.finish();
    let stamp = project::scratch()?.join("wasm-std");
    if !project::stamped(&stamp, &identity) {
        project::remove_folder(&project::target_dir()?.join(TARGET))?;
        project::stamp(&stamp, &identity)?;
    }
    Ok(())
}

fn add_by_rustup() -> Result<()> {
    let rustup = project::on_path("rustup").ok_or_else(|| Failure::new("there is no rustup"))?;
    process::run_bounded(
        Command::new(rustup).args(["target", "add", TARGET]),
        RUSTUP_LIMIT,
    )
}

fn build_from_source(compiler: &Compiler) -> Result<()> {
    let work = project::scratch()?.join("wasm-std-build");
    project::remove_folder(&work)?;
    let source = compiler.source();
    let borrowed = !source.exists();
    if borrowed {
        let library = debian_source(compiler.release()?, &work)?;
        let parent = source.parent().unwrap_or(&source);
        fs::create_dir_all(parent).on_file("make", parent)?;
        link(&library, &source).on_file("link", &source)?;
    }
    let built = build(&work);
    if borrowed {
        fs::remove_file(&source).on_file("remove", &source)?;
    }
    let built = built?;

    let libraries = compiler.libraries();
    project::remove_folder(&libraries)?;
    fs::create_dir_all(&libraries).on_file("make", &libraries)?;
    for rlib in rlibs(&built)? {
        if !file_name(&rlib).starts_with("libnothing") {
            fs::copy(&rlib, libraries.join(file_name(&rlib))).on_file("copy", &rlib)?;
        }
    }
    project::stamp(&compiler.mark(), &compiler.version)?;
    project::remove_folder(&work)
}

/// Compiles an empty crate with the standard library from source and returns the folder with all libraries.
fn build(work: &Path) -> Result<PathBuf> {
    let package = work.join("nothing");
    let sources = package.join("src");
    fs::create_dir_all(&sources).on_file("make", &sources)?;
    for (file, text) in [
        (
            package.join("Cargo.toml"),
            "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n",
        ),
        (sources.join("lib.rs"), "#![no_std]\n"),
    ] {
        fs::write(&file, text).on_file("write", &file)?;
    }
    println!("    compiling std for {TARGET} (about a minute, once)");
    let target = work.join("target");
    let mut cargo = project::cargo();
    cargo
        .current_dir(&package)
        .args(["build", "--quiet", "--release"])
        .args(["-Zbuild-std=std,panic_abort,test", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target)
        // Unstable flags are for this one build; the project itself is stable Rust.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode the library cannot take part in link-time optimisation.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::run(&mut cargo)?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// Downloads and unpacks Debian's `rust-src` of that release without touching the machine's own package lists.
fn debian_source(release: &str, work: &Path) -> Result<PathBuf> {
    for program in ["apt-get", "apt-cache", "dpkg"] {
        if project::on_path(program).is_none() {
            return Err(Failure::new(format!(
                "there is no {program} on this machine"
            )));
        }
    }
    let keyring = KEYRINGS
        .iter()
        .find(|keyring| Path::new(keyring).exists())
        .ok_or_else(|| Failure::new("Debian's archive keyring is not on this machine"))?;
    let mirror = debian_mirror()?;
    let apt = Apt::new(
        work,
        &format!("deb [signed-by={keyring}] {mirror} {SUITE} main\n"),
    )?;
    process::run(apt.command("apt-get").args(["update", "-qq"]))?;
    let offered = process::output(apt.command("apt-cache").args(["madison", "rust-src"]))?;
    let version = version_of_release(&offered, release).ok_or_else(|| {
        Failure::new(format!(
            "Debian's {SUITE} has no rust-src for rustc {release}"
        ))
    })?;
    println!("    downloading rust-src {version}");
    process::run(
        apt.command("apt-get")
            .args(["download", "-qq", &format!("rust-src={version}")]),
    )?;
    let package = fs::read_dir(work)
        .on_file("list", work)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or_else(|| Failure::new("apt-get downloaded nothing"))?;
    let unpacked = work.join("unpacked");
    process::run(Command::new("dpkg").arg("-x").arg(&package).arg(&unpacked))?;
    let library = unpacked.join(format!("usr/src/rustc-{release}/library"));
    if library.is_dir() {
        Ok(library)
    } else {
        Err(Failure::new(format!(
            "rust-src {version} has no library for rustc {release}"
        )))
    }
}

/// The mirror of Debian's main archive that this machine is set up with.
fn debian_mirror() -> Result<String> {
    let rows = process::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(COMPONENT) $(REPO_URI)",
        "Created-By: Packages",
    ]))?;
    main_archive(&rows)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("apt knows no mirror of Debian's main archive"))
}

fn main_archive(rows: &str) -> Option<&str> {
    rows.lines()
        .filter_map(|row| row.strip_prefix("main "))
        .map(|uri| uri.trim_end_matches('/'))
        .find(|uri| uri.ends_with("/debian"))
}

/// The first row of `apt-cache madison` that is of that rustc release.
fn version_of_release<'a>(offered: &'a str, release: &str) -> Option<&'a str> {
    offered
        .lines()
        .filter_map(|row| row.split('|').nth(1))
        .map(str::trim)
        .find(|version| {
            version
                .strip_prefix(release)
                .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
        })
}

/// apt with a configuration and lists of its own.
struct Apt {
    work: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(work: &Path, sources: &str) -> Result<Self> {
        let list = work.join("sources.list");
        let lists = work.join("lists");
        let cache = work.join("cache");
        for folder in [&lists, &cache] {
            let partial = folder.join("partial");
            fs::create_dir_all(&partial).on_file("make", &partial)?;
        }
        fs::write(&list, sources).on_file("write", &list)?;
        let options = vec![
            format!("Dir::Etc::sourcelist={}", list.display()),
            "Dir::Etc::sourceparts=-".to_owned(),
            format!("Dir::State::Lists={}", lists.display()),
            format!("Dir::Cache={}", cache.display()),
            // apt's own user may not look into the project's folder.
            "APT::Sandbox::User=root".to_owned(),
        ];
        Ok(Self {
            work: work.to_path_buf(),
            options,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.work);
        for option in &self.options {
            command.args(["-o", option]);
        }
        command
    }
}

fn rlibs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .on_file("list", folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "rlib")
        })
        .collect();
    found.sort();
    Ok(found)
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(_from: &Path, _to: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_matched_as_a_whole() {
        let offered = "  rust-src | 1.96.1+dfsg1-2~bpo13+1 | somewhere\n\
                       \x20 rust-src | 1.95.0+dfsg1-2~bpo13+1 | somewhere\n";
        assert_eq!(
            version_of_release(offered, "1.95.0"),
            Some("1.95.0+dfsg1-2~bpo13+1")
        );
        assert_eq!(version_of_release(offered, "1.9"), None);
    }

    #[test]
    fn the_mirror_is_the_main_archive_not_the_security_one() {
        let rows = "main http://mirror.example/debian-security/\n\
                    contrib http://mirror.example/debian/\n\
                    main http://mirror.example/debian/\n";
        assert_eq!(main_archive(rows), Some("http://mirror.example/debian"));
    }
}
