//! Rust as words, signs and groups: as much of it as it takes to read paths.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A token of a source file. Comments are left out, but those for documentation are literals.
pub enum Token<'a> {
    /// A name or a keyword, and its line.
    Word(&'a str, usize),
    /// A literal as it is written.
    Literal(&'a str),
    /// `::`
    PathSign,
    /// Any other sign, one character at a time.
    Sign(char),
    /// What stands in brackets, by the opening one.
    Group(char, Vec<Token<'a>>),
}

/// Reads a source file.
pub fn read(text: &str) -> Result<Vec<Token<'_>>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
    Ok(convert(tokens, text))
}

/// The first line that a word stands in.
pub fn line_of(tokens: &[Token<'_>], word: &str) -> Option<usize> {
    tokens.iter().find_map(|token| match token {
        Token::Word(found, line) => (*found == word).then_some(*line),
        Token::Group(_, inner) => line_of(inner, word),
        _ => None,
    })
}

fn convert(tokens: TokenStream, text: &str) -> Vec<Token<'_>> {
    let mut converted = Vec::new();
    let mut after_colon = false;
    for token in tokens {
        let was_after_colon = std::mem::take(&mut after_colon);
        match token {
            TokenTree::Group(group) => {
                let opening = match group.delimiter() {
                    Delimiter::Parenthesis => '(',
                    Delimiter::Bracket => '[',
                    Delimiter::Brace => '{',
                    Delimiter::None => ' ',
                };
                converted.push(Token::Group(opening, convert(group.stream(), text)));
            }
            TokenTree::Ident(word) => {
                let span = word.span();
                if let Some(word) = text.get(span.byte_range()) {
                    converted.push(Token::Word(word, span.start().line));
                }
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' && was_after_colon => {
                converted.pop();
                converted.push(Token::PathSign);
            }
            TokenTree::Punct(sign) => {
                after_colon = sign.as_char() == ':' && sign.spacing() == Spacing::Joint;
                converted.push(Token::Sign(sign.as_char()));
            }
            TokenTree::Literal(literal) => {
                // A comment for documentation is no literal in the text.
                let written = text.get(literal.span().byte_range()).unwrap_or_default();
                converted.push(Token::Literal(written));
            }
        }
    }
    converted
}
