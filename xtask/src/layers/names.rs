//! The names of a crate's types and components: `struct`, `enum`, `trait`, `type`, and functions with a capital.
//!
//! What is compiled for tests only does not count, nor do the types that belong to a trait.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::{Sources, after_item, is_for_tests};
use super::tokens::{self, Token};

/// A name that is given where another thing has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Again<'a> {
    pub name: &'a str,
    /// The file and the line where it is given again.
    pub here: (&'a str, usize),
    /// Where it was given first.
    pub first: (&'a str, usize),
}

/// The names that a crate gives more than once.
pub fn given_again(sources: &Sources) -> Result<Vec<Again<'_>>, String> {
    let mut given: BTreeMap<&str, Vec<Name<'_>>> = BTreeMap::new();
    let mut only_for_tests = BTreeSet::new();
    for (file, text) in sources {
        let tokens = tokens::read(text).map_err(|error| format!("{file}: {error}"))?;
        let mut reader = Reader::default();
        reader.tokens(&tokens, Body::Items);
        let folder = match file.strip_suffix(".rs").unwrap_or(file) {
            "lib" | "main" => String::new(),
            stem => format!("{stem}/"),
        };
        let test_files = reader.test_modules.iter();
        only_for_tests.extend(test_files.map(|module| format!("{folder}{module}.rs")));
        given.insert(file, reader.names);
    }
    let mut first: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    let mut again = Vec::new();
    for (file, names) in given {
        if only_for_tests.contains(file) {
            continue;
        }
        for Name { name, line } in names {
            let here = (file, line);
            match first.get(name) {
                Some(first) => again.push(Again {
                    name,
                    here,
                    first: *first,
                }),
                None => drop(first.insert(name, here)),
            }
        }
    }
    Ok(again)
}

struct Name<'a> {
    name: &'a str,
    line: usize,
}

/// What brackets hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Items,
    /// Of a trait or an implementation: its types are named by the trait.
    Associated,
}

#[derive(Default)]
struct Reader<'a> {
    names: Vec<Name<'a>>,
    /// Modules in files of their own that are there for tests only.
    test_modules: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn tokens(&mut self, tokens: &[Token<'a>], body: Body) {
        let mut rest = tokens;
        let mut begins_item = true;
        let mut next_braces = Body::Items;
        while let Some((token, mut after)) = rest.split_first() {
            match rest {
                [
                    Token::Sign('#'),
                    Token::Sign('!'),
                    Token::Group('[', attribute),
                    ..,
                ] if is_for_tests(attribute) => return,
                [Token::Sign('#'), Token::Group('[', attribute), item @ ..] => {
                    after = item;
                    if is_for_tests(attribute) {
                        if let [
                            Token::Word("mod", _),
                            Token::Word(name, _),
                            Token::Sign(';'),
                            ..,
                        ] = item
                        {
                            self.test_modules.push(name);
                        }
                        after = after_item(item);
                    }
                }
                [Token::Word("type", _), Token::Word(..), item @ ..]
                    if body == Body::Associated =>
                {
                    after = item;
                }
                [
                    Token::Word(kind @ ("struct" | "enum" | "trait" | "type"), _),
                    Token::Word(name, line),
                    item @ ..,
                ] => {
                    self.names.push(Name { name, line: *line });
                    if *kind == "trait" {
                        next_braces = Body::Associated;
                    }
                    after = item;
                }
                [Token::Word("fn", _), Token::Word(name, line), item @ ..]
                    if name.starts_with(char::is_uppercase) =>
                {
                    self.names.push(Name { name, line: *line });
                    after = item;
                }
                // Elsewhere `impl` is a type: `-> impl Trait`.
                [Token::Word("impl", _), ..] if begins_item => next_braces = Body::Associated,
                [Token::Group('{', inner), ..] => {
                    self.tokens(inner, next_braces);
                    next_braces = Body::Items;
                }
                [Token::Group(_, inner), ..] => self.tokens(inner, Body::Items),
                _ => {}
            }
            begins_item = matches!(
                token,
                Token::Group(..) | Token::Sign(';' | '#') | Token::Word("unsafe", _)
            );
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that these files give again, as `name, here, first`.
    fn again(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect();
        given_again(&sources)
            .expect("sources that can be read")
            .into_iter()
            .map(|Again { name, here, first }| {
                format!("{name}, {}:{}, {}:{}", here.0, here.1, first.0, first.1)
            })
            .collect()
    }

    #[test]
    fn a_name_is_given_once_in_a_crate() {
        assert_eq!(
            again(&[
                (
                    "a.rs",
                    "pub struct Row(u8);\n#[component]\nfn Panel() -> impl IntoView {\n    enum State {}\n}"
                ),
                (
                    "b.rs",
                    "trait Row {}\npub(crate) type Panel<T> = Vec<T>;\nmod c {\n    struct State;\n}"
                ),
            ]),
            [
                "Row, b.rs:1, a.rs:1",
                "Panel, b.rs:2, a.rs:3",
                "State, b.rs:4, a.rs:4",
            ]
        );
    }

    #[test]
    fn tests_and_types_of_traits_give_no_name() {
        let none: [String; 0] = [];
        assert_eq!(
            again(&[
                (
                    "a.rs",
                    "struct Row;\nstruct Error;\ntrait Read { type Error; }\n#[cfg(test)]\nmod tests;"
                ),
                ("a/tests.rs", "struct Row;"),
                (
                    "b.rs",
                    "impl<T> Read for B<T> {\n    type Error = Row;\n}\n#[derive(Debug)]\nstruct B<T>(T);\n\
                     #[cfg(test)]\nmod tests {\n    struct Row;\n}"
                ),
                ("c.rs", "#![cfg(test)]\nstruct Row;"),
                (
                    "d.rs",
                    "fn d(row: Row) -> Row { view! { <input type=\"text\" name=\"struct Row\" /> } } // struct Row"
                ),
            ]),
            none
        );
        // What a function returns is no body of an implementation.
        assert_eq!(
            again(&[
                ("a.rs", "fn a() -> impl Read {\n    type Row = u8;\n}"),
                ("b.rs", "struct Row;")
            ]),
            ["Row, b.rs:1, a.rs:2"]
        );
    }
}
