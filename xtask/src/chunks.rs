//! Cuts the page into the chunks that `lazy!` declares (`src/shell/lazy.rs`): what every visit needs, and what only some pages do.
//!
//! The tool that cuts makes a module for each chunk, and one for each set of chunks that share something: two hundred, most
//! of them tiny. Here they are put together in files, so that a page is a dozen requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::{Failure, OnFile as _, Result},
    module, process, project,
    tools::Tools,
};

/// The page's program.
pub const PAGE: &str = "user-segments";

/// The first chunk, what starts it, and what loads the others: names that wasm-bindgen and the tool that cuts give.
pub const MODULE: &str = "user-segments_bg.wasm";
pub const SCRIPT: &str = "user-segments.js";
pub const LOADERS: &str = "__wasm_split.js";

/// What loads files.
const RUNTIME: &str = include_str!("chunks.js");

/// The folder of the page's modules in `dist`, before it is named by its content.
pub const FOLDER: &str = "page";

/// How many files a chunk may be. With what every page loads, a page that is opened first is twenty.
const MOST: usize = 9;

/// What a page of the app loads besides what every page does: paths from the folder of the page's modules, by chunk.
pub type Manifest = BTreeMap<String, Vec<String>>;

/// Stylesheets by chunk.
pub type Sheets = BTreeMap<String, Vec<String>>;

/// Cuts `compiled` and puts the modules and their loaders into a folder of `dist`.
pub fn cut(tools: &Tools, compiled: &Path, dist: &Path, sheets: &Sheets) -> Result<Manifest> {
    let work = work_folder()?;
    project::remove_folder(&work)?;
    let whole = fs::read(compiled).on_file("read", compiled)?;
    let first = first_chunk()?;
    let main_module = format!("./{SCRIPT}");
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = &work;
    options.main_out_path = &first;
    options.main_module = &main_module;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| Failure::new(format!("cannot cut the page: {error}")))?;

    let folder = dist.join(FOLDER);
    process::run(
        Command::new(&tools.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--no-demangle"])
            // What the chunks call in the first one.
            .arg("--keep-lld-exports")
            .args(["--out-name", PAGE, "--out-dir"])
            .arg(&folder)
            .arg(&first),
    )?;
    // Chunks by the bits of a number, in the order of their names.
    let chunks = BTreeMap::from_iter(split.prefetch_map);
    let mut needed_by = BTreeMap::<&str, u64>::new();
    for (bit, modules) in chunks.values().enumerate() {
        for module in modules {
            *needed_by.entry(module).or_default() |= 1 << bit;
        }
    }
    let files = needed_by
        .into_iter()
        .map(|(module, chunks)| File::of(&work, module, chunks))
        .collect::<Result<Vec<_>>>()?;
    let files = together(files, MOST);
    let mut manifest = Manifest::new();
    for (index, file) in files.iter().enumerate() {
        let name = file.name(index);
        let path = folder.join(&name);
        let bytes: Vec<&[u8]> = file
            .0
            .iter()
            .map(|module| module.bytes.as_slice())
            .collect();
        fs::write(&path, bytes.concat()).on_file("write", &path)?;
        for (bit, chunk) in chunks.keys().enumerate() {
            if file.chunks() & (1 << bit) != 0 {
                let files = manifest.entry(chunk.clone()).or_default();
                files.push(name.clone());
            }
        }
    }
    if let Some(unknown) = sheets.keys().find(|chunk| !manifest.contains_key(*chunk)) {
        return Err(Failure::new(format!(
            "index.html names the stylesheets of a chunk that the page does not have: {unknown}"
        )));
    }
    for (chunk, files) in &mut manifest {
        files.extend(sheets.get(chunk).into_iter().flatten().cloned());
    }
    write_loaders(
        &work.join(LOADERS),
        &folder.join(LOADERS),
        &files,
        &manifest,
    )?;
    Ok(manifest)
}

/// Leaves of the tool's script what starts a module, and puts the loaders of our files and chunks behind it.
fn write_loaders(made: &Path, loaders: &Path, files: &[File], manifest: &Manifest) -> Result<()> {
    let script = fs::read_to_string(made).on_file("read", made)?;
    let first_loader = ["\nconst __chunk_", "\nexport const "]
        .iter()
        .filter_map(|beginning| script.find(beginning))
        .min();
    let starter = first_loader
        .and_then(|place| script.get(..place))
        .ok_or_else(|| Failure::new(format!("{} loads nothing", made.display())))?;
    let mut script = format!("{starter}\n{RUNTIME}const files = {{\n");
    for (index, file) in files.iter().enumerate() {
        let name = file.name(index);
        let lengths: Vec<_> = file.0.iter().map(|module| module.bytes.len()).collect();
        script.push_str(&format!("  {name:?}: file({name:?}, {lengths:?}),\n"));
    }
    let sheets: BTreeSet<_> = manifest
        .values()
        .flatten()
        .filter(|name| name.ends_with(".css"))
        .collect();
    for name in sheets {
        script.push_str(&format!("  {name:?}: sheet({name:?}),\n"));
    }
    script.push_str("};\n");
    for (chunk, names) in manifest {
        script.push_str(&format!(
            "export const __wasm_split_load_{chunk} = chunk({names:?});\n"
        ));
    }
    fs::write(loaders, script).on_file("write", loaders)
}

/// The chunk that every visit loads, with the names of its functions. It stays where it is for `sizes`.
pub fn first_chunk() -> Result<PathBuf> {
    Ok(work_folder()?.join(format!("{PAGE}.wasm")))
}

fn work_folder() -> Result<PathBuf> {
    Ok(project::scratch()?.join("chunks"))
}

/// A module, and the chunks that need it, by their bits.
struct Module {
    needed_by: u64,
    bytes: Vec<u8>,
}

/// One or more modules that are fetched together.
#[derive(Default)]
struct File(Vec<Module>);

impl File {
    fn of(folder: &Path, module: &str, needed_by: u64) -> Result<Self> {
        let file = folder.join(module).with_extension("wasm");
        let bytes = module::bare(&fs::read(&file).on_file("read", &file)?)?;
        Ok(Self(vec![Module { needed_by, bytes }]))
    }

    /// The chunks that load it, by their bits.
    fn chunks(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |bits, module| bits | module.needed_by)
    }

    /// A module alone is one that the browser compiles while it comes.
    fn name(&self, index: usize) -> String {
        match self.0.as_slice() {
            [_] => format!("lazy_{index}.wasm"),
            _ => format!("lazy_{index}.bin"),
        }
    }
}

/// How many bytes chunks load in vain from a file of these modules, all chunks taken together.
fn waste<'a>(modules: impl Iterator<Item = &'a Module> + Clone) -> usize {
    let chunks = needed_by(modules.clone());
    let in_vain = |module: &Module| (chunks & !module.needed_by).count_ones() as usize;
    modules
        .map(|module| module.bytes.len() * in_vain(module))
        .sum()
}

/// The chunks that need any of these modules, by their bits.
fn needed_by<'a>(modules: impl Iterator<Item = &'a Module>) -> u64 {
    modules.fold(0, |bits, module| bits | module.needed_by)
}

/// The chunks that load more than `most` of the files, by their bits. Of each file it gets the chunks that load it.
fn crowded(files: &[u64], most: usize) -> u64 {
    let is_crowded =
        |chunk: &u64| files.iter().filter(|chunks| *chunks & chunk != 0).count() > most;
    (0..u64::BITS).map(|bit| 1 << bit).filter(is_crowded).sum()
}

/// Puts files together until no chunk is more than `most` of them, so that little is loaded in vain: first two at a time,
/// those with which it costs least; then each module goes where it costs less.
fn together(mut files: Vec<File>, most: usize) -> Vec<File> {
    while let Some((place, other_place)) = cheapest_pair(&files, most) {
        // The second one of a pair stands behind the first, which stays where it is.
        let other = files.remove(other_place);
        if let Some(file) = files.get_mut(place) {
            file.0.extend(other.0);
        }
    }
    // Each move makes the waste less, so that it ends.
    while let Some((from, module, to)) = best_move(&files, most) {
        files.resize_with(files.len().max(to + 1), File::default);
        if let Some(module) = files.get_mut(from).map(|file| file.0.remove(module))
            && let Some(file) = files.get_mut(to)
        {
            file.0.push(module);
        }
        files.retain(|file| !file.0.is_empty());
    }
    files
}

/// The two files of a crowded chunk that are put together at the least cost.
fn cheapest_pair(files: &[File], most: usize) -> Option<(usize, usize)> {
    let chunks: Vec<u64> = files.iter().map(File::chunks).collect();
    let crowded = crowded(&chunks, most);
    let pairs = files.iter().enumerate().flat_map(|(place, file)| {
        let others = files.iter().enumerate().skip(place + 1);
        others.map(move |(other_place, other)| ((place, file), (other_place, other)))
    });
    pairs
        .filter(|((_, file), (_, other))| file.chunks() & other.chunks() & crowded != 0)
        .min_by_key(|((_, file), (_, other))| {
            waste(file.0.iter().chain(&other.0)) - waste(file.0.iter()) - waste(other.0.iter())
        })
        .map(|((place, _), (other_place, _))| (place, other_place))
}

/// The move of a module to another file, or to one of its own, that saves most and crowds no chunk: its file, its place there,
/// and the file where it goes, which may be one after the last.
fn best_move(files: &[File], most: usize) -> Option<(usize, usize, usize)> {
    let none = File::default();
    let mut best = (0, None);
    for (from, file) in files.iter().enumerate() {
        for (place, module) in file.0.iter().enumerate() {
            let rest = || {
                let others = file.0.iter().enumerate();
                others.filter_map(move |(other, module)| (other != place).then_some(module))
            };
            let saved = waste(file.0.iter()) - waste(rest());
            for (to, there) in files.iter().chain([&none]).enumerate() {
                let joined = || there.0.iter().chain([module]);
                let gain = saved.saturating_sub(waste(joined()) - waste(there.0.iter()));
                if to == from || gain <= best.0 {
                    continue;
                }
                let others = files.iter().enumerate();
                let others = others.filter(|(other, _)| *other != from && *other != to);
                let mut chunks: Vec<u64> = others.map(|(_, file)| file.chunks()).collect();
                chunks.extend([needed_by(rest()), needed_by(joined())]);
                if crowded(&chunks, most) == 0 {
                    best = (gain, Some((from, place, to)));
                }
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with a module of this size.
    fn file(chunks: u64, size: usize) -> File {
        File(vec![Module {
            needed_by: chunks,
            bytes: vec![0; size],
        }])
    }

    fn sizes(files: &[File]) -> Vec<Vec<usize>> {
        files
            .iter()
            .map(|file| file.0.iter().map(|module| module.bytes.len()).collect())
            .collect()
    }

    #[test]
    fn files_that_cost_least_together_are_put_together_until_they_are_few() {
        const A: u64 = 1;
        const B: u64 = 2;
        const C: u64 = 4;
        let files = || {
            vec![
                file(A, 90_000),
                file(A | B, 50_000),
                file(A | C, 200),
                file(A | B | C, 40_000),
                file(C, 300),
            ]
        };
        assert_eq!(together(files(), 4).len(), 5);
        // B loads 200 bytes in vain, and nobody anything else.
        assert_eq!(
            sizes(&together(files(), 3)),
            [vec![90_000], vec![50_000], vec![200, 40_000], vec![300]]
        );
        assert_eq!(together(files(), 1).len(), 1);
    }

    #[test]
    fn a_module_goes_where_less_is_loaded_in_vain_unless_that_is_a_file_too_many() {
        let mixed = || {
            let mut mixed = file(1, 100);
            mixed.0.extend(file(1 | 2, 10).0);
            vec![mixed, file(1 | 2, 50)]
        };
        assert_eq!(best_move(&mixed(), 2), Some((0, 1, 1)));
        assert_eq!(
            sizes(&together(mixed(), 2)),
            [vec![100], vec![50, 10]],
            "the second chunk no longer loads the first module"
        );
        assert_eq!(best_move(&together(mixed(), 2), 2), None);
    }
}
