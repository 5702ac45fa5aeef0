//! Which file of a crate uses which, read from its sources: `use` lines, and paths in code and in macro calls.
//!
//! A name that a module re-exports leads to the file that defines it. A file that declares children (`mod`) or re-exports
//! them (`pub use`) does not use them by that. What is compiled for tests only does not count.

use std::collections::BTreeMap;

use super::tokens::{self, Token};

/// The sources of a crate: the text of each file by its path below `src`, with `/`.
pub type Sources = BTreeMap<String, String>;

/// One file uses another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The file that uses.
    pub from: String,
    /// The file that is used.
    pub to: String,
    /// The first line that does.
    pub line: usize,
    /// The path that is written there.
    pub path: String,
}

/// How often a re-export may lead to another one, so that names that lead to themselves end.
const HOPS: u8 = 16;

/// All arrows between the files of a crate, one for each pair of files. `name` is what code calls the crate.
pub fn arrows(name: &str, sources: &Sources) -> Result<Vec<Arrow>, String> {
    let mut reader = Reader {
        name,
        sources,
        modules: BTreeMap::new(),
        mentions: Vec::new(),
    };
    for root in ["lib", "main"] {
        let file = format!("{root}.rs");
        if sources.contains_key(&file) {
            reader.file(&[root], file)?;
        }
    }
    Ok(reader.arrows())
}

/// A module's path begins with the stem of its crate's root file: `lib`, `ask`, `preview`.
struct Module<'a> {
    file: String,
    /// What `use` brings into the module: the path by the name.
    names: BTreeMap<&'a str, Vec<&'a str>>,
}

/// A path as it is written in a module.
struct Mention<'a> {
    module: Vec<&'a str>,
    path: Vec<&'a str>,
    line: usize,
    /// Whether it is a `use` with a visibility.
    reexport: bool,
}

struct Reader<'a> {
    name: &'a str,
    sources: &'a Sources,
    modules: BTreeMap<Vec<&'a str>, Module<'a>>,
    mentions: Vec<Mention<'a>>,
}

impl<'a> Reader<'a> {
    fn file(&mut self, module: &[&'a str], file: String) -> Result<(), String> {
        let text = self
            .sources
            .get(&file)
            .ok_or_else(|| format!("there is no file {file}"))?;
        let tokens = tokens::read(text).map_err(|error| format!("cannot read {file}: {error}"))?;
        self.module(module, file, &tokens)
    }

    fn module(
        &mut self,
        module: &[&'a str],
        file: String,
        tokens: &[Token<'a>],
    ) -> Result<(), String> {
        let names = BTreeMap::new();
        self.modules.insert(module.to_vec(), Module { file, names });
        self.tokens(module, tokens)
    }

    /// Reads a whole file, or what stands in brackets.
    fn tokens(&mut self, module: &[&'a str], tokens: &[Token<'a>]) -> Result<(), String> {
        let mut rest = tokens;
        let mut elsewhere = None;
        while let Some((token, mut after)) = rest.split_first() {
            match rest {
                [
                    Token::Sign('#'),
                    Token::Sign('!'),
                    Token::Group('[', attribute),
                    ..,
                ] if is_for_tests(attribute) => {
                    return Ok(());
                }
                [Token::Sign('#'), Token::Group('[', attribute), item @ ..] => {
                    if let [
                        Token::Word("path", _),
                        Token::Sign('='),
                        Token::Literal(path),
                    ] = attribute.as_slice()
                    {
                        elsewhere = Some(*path);
                    }
                    after = if is_for_tests(attribute) {
                        after_item(item)
                    } else {
                        item
                    };
                }
                [
                    Token::Word("pub", _),
                    Token::Group('(', _),
                    Token::Word("use", _),
                    tree @ ..,
                ]
                | [Token::Word("pub", _), Token::Word("use", _), tree @ ..] => {
                    after = self.import(module, tree, &[], true);
                }
                [Token::Word("pub", _), Token::Group('(', _), item @ ..] => after = item,
                // `impl Trait + use<'a>` is no import.
                [Token::Word("use", _), tree @ ..] if !matches!(tree, [Token::Sign('<'), ..]) => {
                    after = self.import(module, tree, &[], false);
                }
                [Token::Word("mod", _), Token::Word(name, _), body, item @ ..] => {
                    self.child(module, name, body, elsewhere.take())?;
                    after = item;
                }
                [Token::Sign('.'), Token::Sign('.'), item @ ..] => after = item,
                // What follows a dot is a field or a method; what follows a path sign here belongs to a type.
                [
                    Token::Sign('.') | Token::PathSign,
                    Token::Word(..),
                    item @ ..,
                ] => after = item,
                [Token::Word(first, line), ..] => {
                    let mut path = vec![*first];
                    while let [Token::PathSign, Token::Word(word, _), item @ ..] = after {
                        path.push(word);
                        after = item;
                    }
                    // A lone word in small letters is a name of the module only if it is called.
                    if path.len() > 1
                        || first.starts_with(char::is_uppercase)
                        || matches!(after, [Token::Group('(', _) | Token::Sign('!'), ..])
                    {
                        self.mention(module, path, *line, false);
                    }
                }
                _ => {
                    if let Token::Group(_, inner) = token {
                        self.tokens(module, inner)?;
                    }
                }
            }
            rest = after;
        }
        Ok(())
    }

    fn child(
        &mut self,
        parent: &[&'a str],
        name: &'a str,
        body: &Token<'a>,
        elsewhere: Option<&str>,
    ) -> Result<(), String> {
        let path = [parent, &[name]].concat();
        if let Token::Group(_, inline) = body {
            let file = self.modules.get(parent).map(|module| module.file.clone());
            return self.module(&path, file.unwrap_or_default(), inline);
        }
        if let Some(file) = elsewhere.map(|file| file.trim_matches('"')) {
            // A file of another crate is checked there.
            return if file.starts_with("../../") {
                self.module(&path, file.to_owned(), &[])
            } else {
                Err(format!("a path attribute inside of the crate: {file}"))
            };
        }
        // Below the crate's root, a module's path is its file's path.
        let stem = path.get(1..).unwrap_or_default().join("/");
        let file = [format!("{stem}.rs"), format!("{stem}/mod.rs")]
            .into_iter()
            .find(|file| self.sources.contains_key(file))
            .ok_or_else(|| format!("there is no file for the module {}", path.join("::")))?;
        self.file(&path, file)
    }

    /// Reads one tree of a `use` line, and returns what comes after the `;` or `,` behind it.
    fn import<'t>(
        &mut self,
        module: &[&'a str],
        tokens: &'t [Token<'a>],
        prefix: &[&'a str],
        reexport: bool,
    ) -> &'t [Token<'a>] {
        let end = tokens
            .iter()
            .position(|token| matches!(token, Token::Sign(';' | ',')))
            .unwrap_or(tokens.len());
        let (tree, after) = tokens.split_at_checked(end).unwrap_or_default();
        let mut path = prefix.to_vec();
        let mut alias = None;
        let mut at = 0;
        let mut rest = tree;
        while let Some((token, mut next)) = rest.split_first() {
            match token {
                Token::Word("as", _) => {
                    if let [Token::Word(word, _), ..] = next {
                        alias = Some(*word);
                    }
                    next = &[];
                }
                Token::Word(word, line) => {
                    path.push(word);
                    at = *line;
                }
                Token::Sign('*') => path.push("*"),
                Token::Group(_, branches) => {
                    let mut branches = branches.as_slice();
                    while !branches.is_empty() {
                        branches = self.import(module, branches, &path, reexport);
                    }
                    path.clear();
                }
                _ => {}
            }
            rest = next;
        }
        if path.len() > 1 && path.last() == Some(&"self") {
            path.pop();
        }
        if let Some(name) = alias.or_else(|| path.last().copied()) {
            if let Some(module) = self.modules.get_mut(module)
                && !matches!(name, "_" | "*")
            {
                module.names.insert(name, path.clone());
            }
            self.mention(module, path, at, reexport);
        }
        after.get(1..).unwrap_or_default()
    }

    fn mention(&mut self, module: &[&'a str], path: Vec<&'a str>, line: usize, reexport: bool) {
        self.mentions.push(Mention {
            module: module.to_vec(),
            path,
            line,
            reexport,
        });
    }

    fn arrows(&self) -> Vec<Arrow> {
        let mut first: BTreeMap<(String, String), Arrow> = BTreeMap::new();
        for arrow in self
            .mentions
            .iter()
            .filter_map(|mention| self.arrow(mention))
        {
            let pair = (arrow.from.clone(), arrow.to.clone());
            let known = first.entry(pair).or_insert_with(|| arrow.clone());
            if arrow.line < known.line {
                *known = arrow;
            }
        }
        first.into_values().collect()
    }

    fn arrow(&self, mention: &Mention<'a>) -> Option<Arrow> {
        let module = &mention.module;
        let from = &self.modules.get(module)?.file;
        let target = self.absolute(module, &mention.path, HOPS)?;
        let is_own_child = target.starts_with(module)
            && target
                .get(..=module.len())
                .is_some_and(|child| self.modules.contains_key(child));
        if mention.reexport && is_own_child {
            return None;
        }
        let to = self.file_of(&target, HOPS)?;
        (from != to).then(|| Arrow {
            from: from.clone(),
            to: to.to_owned(),
            line: mention.line,
            path: mention.path.join("::"),
        })
    }

    /// The path from the crate's root, if it leads into this crate.
    fn absolute(&self, module: &[&'a str], path: &[&'a str], hops: u8) -> Option<Vec<&'a str>> {
        let (first, rest) = path.split_first()?;
        match *first {
            "crate" => Some([module.get(..1)?, rest].concat()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|word| **word == "super").count();
                let parent = module.get(..module.len().checked_sub(ups)?)?;
                Some([parent, path.get(ups..)?].concat())
            }
            // The program beside a library.
            name if name == self.name => Some([&["lib"], rest].concat()),
            name => {
                let child = [module, &[name]].concat();
                if self.modules.contains_key(&child) {
                    return Some([&child, rest].concat());
                }
                let import = self.modules.get(module)?.names.get(name)?;
                let target = self.absolute(module, import, hops.checked_sub(1)?)?;
                Some([&target, rest].concat())
            }
        }
    }

    /// The file that defines what a path from the crate's root names.
    fn file_of(&self, path: &[&'a str], hops: u8) -> Option<&str> {
        let depth = (1..=path.len()).rev().find(|depth| {
            path.get(..*depth)
                .is_some_and(|path| self.modules.contains_key(path))
        })?;
        let (path, rest) = path.split_at_checked(depth)?;
        let module = self.modules.get(path)?;
        let defined_elsewhere = rest.split_first().and_then(|(name, rest)| {
            let hops = hops.checked_sub(1)?;
            let target = self.absolute(path, module.names.get(name)?, hops)?;
            self.file_of(&[target.as_slice(), rest].concat(), hops)
        });
        Some(defined_elsewhere.unwrap_or(&module.file))
    }
}

/// Whether an attribute is `cfg(test)` or `cfg(all(test, …))`.
pub fn is_for_tests(attribute: &[Token<'_>]) -> bool {
    let [Token::Word("cfg", _), Token::Group('(', condition)] = attribute else {
        return false;
    };
    let all = match condition.as_slice() {
        [Token::Word("all", _), Token::Group('(', all)] => all,
        _ => condition,
    };
    all.iter()
        .any(|token| matches!(token, Token::Word("test", _)))
}

/// What follows an item: it ends with `;` or a body.
pub fn after_item<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let end = tokens
        .iter()
        .position(|token| matches!(token, Token::Sign(';') | Token::Group('{', _)));
    end.and_then(|end| tokens.get(end + 1..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arrows of these files, as `from -> to, line: path`.
    fn read(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect();
        arrows("segments_shop", &sources)
            .expect("sources that can be read")
            .into_iter()
            .map(
                |Arrow {
                     from,
                     to,
                     line,
                     path,
                 }| format!("{from} -> {to}, {line}: {path}"),
            )
            .collect()
    }

    #[test]
    fn a_use_line_is_an_arrow_to_the_file_of_the_module() {
        assert_eq!(
            read(&[
                ("lib.rs", "mod a;\nmod b;\nmod c;"),
                (
                    "a.rs",
                    "use std::fmt;\n\nuse crate::{b::{One, Two as Three}, c::self};\nuse chrono::Utc;"
                ),
                ("b.rs", ""),
                ("c.rs", ""),
            ]),
            [
                "a.rs -> b.rs, 3: crate::b::One",
                "a.rs -> c.rs, 3: crate::c"
            ]
        );
    }

    #[test]
    fn paths_in_code_and_in_macro_calls_count() {
        assert_eq!(
            read(&[
                ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
                (
                    "a.rs",
                    "fn f() -> crate::b::B {\n    vec![super::c::C; 3]\n}"
                ),
                ("b.rs", "macro_rules! m {\n    () => { $crate::d::D };\n}"),
                (
                    "d.rs",
                    "pub(in crate::a) struct D;\nfn f() { for _ in 0..crate::a::A {} }"
                ),
                (
                    "c.rs",
                    "/// [`f`](crate::a::f), \"crate::a\"\nconst C: &str = \"crate::a::f\"; // crate::a::f"
                ),
            ]),
            [
                "a.rs -> b.rs, 1: crate::b::B",
                "a.rs -> c.rs, 2: super::c::C",
                "b.rs -> d.rs, 2: crate::d::D",
                "d.rs -> a.rs, 2: crate::a::A",
            ]
        );
    }

    #[test]
    fn a_reexported_name_leads_to_the_file_that_defines_it() {
        assert_eq!(
            read(&[
                (
                    "lib.rs",
                    "mod a;\nmod ask;\npub use ask::{Preview, Words as Texts};\npub fn own() {}"
                ),
                (
                    "a.rs",
                    "use crate::Preview;\nuse crate::Texts;\nfn f() { crate::own() }"
                ),
                (
                    "ask.rs",
                    "mod preview;\nmod words;\npub use preview::Preview;\npub use self::words::Words;"
                ),
                ("ask/preview.rs", "use super::Words;"),
                ("ask/words.rs", ""),
            ]),
            [
                "a.rs -> ask/preview.rs, 1: crate::Preview",
                "a.rs -> ask/words.rs, 2: crate::Texts",
                "a.rs -> lib.rs, 3: crate::own",
                "ask/preview.rs -> ask/words.rs, 1: super::Words",
            ]
        );
    }

    #[test]
    fn a_parent_uses_a_child_by_importing_or_calling_it_only() {
        let child = ("ask/preview.rs", "use super::Common;");
        let read = |parent: &str| read(&[("lib.rs", "mod ask;"), ("ask.rs", parent), child]);
        let up = "ask/preview.rs -> ask.rs, 1: super::Common".to_owned();
        assert_eq!(
            read("mod preview;\npub(crate) use preview::run;\nstruct Common;"),
            std::slice::from_ref(&up)
        );
        for (parent, arrow) in [
            ("mod preview;\nuse preview::run;", "2: preview::run"),
            (
                "mod preview;\nfn f() {\n    preview::run()\n}",
                "3: preview::run",
            ),
            (
                "mod preview;\npub use preview::run;\nfn f() { run() }",
                "3: run",
            ),
            (
                "mod preview;\npub use preview::Run;\nfn f(run: Run) {}",
                "3: Run",
            ),
            (
                "mod preview;\npub use crate::ask::preview::run;\nfn f() { run() }",
                "3: run",
            ),
        ] {
            assert_eq!(
                read(parent),
                [format!("ask.rs -> ask/preview.rs, {arrow}"), up.clone()],
                "{parent}"
            );
        }
        // Local names are no paths.
        assert_eq!(
            read("mod preview;\npub use preview::run;\nfn f() { let run = 1; run + this.run() }"),
            std::slice::from_ref(&up)
        );
    }

    #[test]
    fn another_file_reexported_from_beside_is_used() {
        assert_eq!(
            read(&[
                ("lib.rs", "mod a;\nmod b;"),
                ("a.rs", "pub use crate::b::B;"),
                ("b.rs", ""),
            ]),
            ["a.rs -> b.rs, 1: crate::b::B"]
        );
    }

    #[test]
    fn what_is_compiled_for_tests_does_not_count() {
        assert_eq!(
            read(&[
                ("lib.rs", "mod a;\nmod b;\nmod c;\n#[cfg(test)]\nmod only;"),
                (
                    "a.rs",
                    "#[cfg(test)]\nuse crate::b::{B};\n#[cfg(all(test, unix))]\n#[expect(x)]\nmod tests { use crate::b; }\n\
                     #[cfg(not(test))]\nuse crate::c;\n#[test]\nfn f() {}",
                ),
                ("b.rs", "#![cfg(test)]\nuse crate::a;"),
                ("c.rs", ""),
            ]),
            ["a.rs -> c.rs, 7: crate::c"]
        );
    }

    #[test]
    fn inline_modules_belong_to_their_file() {
        assert_eq!(
            read(&[
                ("lib.rs", "mod a;\nmod b;"),
                (
                    "a.rs",
                    "struct A;\nmod convert {\n    use super::A;\n    use super::super::b::B;\n    mod deep;\n}"
                ),
                ("a/convert/deep.rs", "use super::super::A;"),
                ("b.rs", "use crate::a::convert::X;"),
            ]),
            [
                "a.rs -> b.rs, 4: super::super::b::B",
                "a/convert/deep.rs -> a.rs, 1: super::super::A",
                "b.rs -> a.rs, 1: crate::a::convert::X",
            ]
        );
    }

    #[test]
    fn another_crates_file_is_not_looked_at() {
        assert_eq!(
            read(&[
                (
                    "lib.rs",
                    "#[path = \"../../server/src/headers.rs\"]\nmod headers;\nmod a;"
                ),
                ("a.rs", "use crate::headers::CACHE;"),
            ]),
            ["a.rs -> ../../server/src/headers.rs, 1: crate::headers::CACHE"]
        );
    }

    #[test]
    fn a_program_uses_the_library_beside_it() {
        assert_eq!(
            read(&[
                ("lib.rs", "pub mod serve;\npub use serve::Serve;"),
                ("main.rs", "use segments_shop::Serve;"),
                ("serve.rs", ""),
            ]),
            ["main.rs -> serve.rs, 1: segments_shop::Serve"]
        );
    }

    #[test]
    fn names_that_lead_to_themselves_end() {
        assert_eq!(
            read(&[
                (
                    "lib.rs",
                    "mod a;\nuse x::x;\npub use y as z;\npub use z as y;"
                ),
                ("a.rs", "use crate::y::Y;\nuse crate::x;"),
            ]),
            ["a.rs -> lib.rs, 1: crate::y::Y"]
        );
    }
}
