//! Regular expressions, each compiled once and all of them within bounds of memory.

use std::sync::Arc;

use regex_lite::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use segments_model::limits::{MAX_PATTERN_BYTES, MAX_QUESTION_PATTERNS_BYTES};

/// A regular expression that is compiled.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) regex: Arc<Regex>,
    /// How many bytes it takes at most.
    pub(crate) bytes: usize,
}

/// Why there is no compiled pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PatternError {
    /// It is none: says what is wrong.
    Syntax(String),
    /// It takes too much memory.
    TooLarge,
    /// All of them together take too much memory.
    TooMany,
}

/// The regular expressions of a question.
#[derive(Debug)]
pub(crate) struct Patterns {
    compiled: FxHashMap<(String, bool), Pattern>,
    /// How many bytes there are left.
    left: usize,
    /// What is said of a pattern that takes too much memory: errors have nothing else to tell them apart by.
    too_large: Option<String>,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        let nothing = RegexBuilder::new("a").size_limit(0).build();
        Self {
            compiled: FxHashMap::default(),
            left: MAX_QUESTION_PATTERNS_BYTES,
            too_large: nothing.err().map(|error| error.to_string()),
        }
    }

    pub(crate) fn get(&mut self, text: &str, ignore_case: bool) -> Result<Pattern, PatternError> {
        /// What most patterns fit into. Nothing tells the size, so it is found by trying four times as much each time.
        const LEAST: usize = 2 << 10;
        let key = (text.to_owned(), ignore_case);
        if let Some(pattern) = self.compiled.get(&key) {
            return Ok(pattern.clone());
        }
        let mut bytes = LEAST;
        let regex = loop {
            if bytes > self.left {
                return Err(PatternError::TooMany);
            }
            let mut builder = RegexBuilder::new(text);
            match builder
                .case_insensitive(ignore_case)
                .size_limit(bytes)
                .build()
            {
                Ok(regex) => break regex,
                Err(error) => {
                    let error = error.to_string();
                    if self.too_large.as_ref() != Some(&error) {
                        return Err(PatternError::Syntax(error));
                    }
                }
            }
            if bytes >= MAX_PATTERN_BYTES {
                return Err(PatternError::TooLarge);
            }
            bytes = (bytes * 4).min(MAX_PATTERN_BYTES);
        };
        self.left -= bytes;
        let pattern = Pattern {
            regex: Arc::new(regex),
            bytes,
        };
        self.compiled.insert(key, pattern.clone());
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use segments_model::limits::{MAX_PATTERN_BYTES, MAX_QUESTION_PATTERNS_BYTES};

    use super::{PatternError, Patterns};

    #[test]
    fn a_pattern_is_compiled_once() {
        let mut patterns = Patterns::new();
        let first = patterns.get("a.c", false).unwrap();
        let left = patterns.left;
        let again = patterns.get("a.c", false).unwrap();
        assert!(Arc::ptr_eq(&first.regex, &again.regex));
        assert_eq!(patterns.left, left);
        assert!(patterns.get("a.c", true).unwrap().regex.is_match("ABC"));
        assert!(patterns.left < left);
    }

    #[test]
    fn what_is_no_pattern_is_told_apart_from_what_is_too_large() {
        let mut patterns = Patterns::new();
        assert!(matches!(
            patterns.get("(", false),
            Err(PatternError::Syntax(_))
        ));
        let large = r"(?:[\w.+-]{1,1000}@){1,1000}";
        assert_eq!(
            patterns.get(large, false).unwrap_err(),
            PatternError::TooLarge
        );
        assert_eq!(
            patterns.left, MAX_QUESTION_PATTERNS_BYTES,
            "neither takes anything"
        );
        assert!(patterns.get(r"^.{0,1000}$", false).is_ok());
        assert!(patterns.get(r"[\w.+-]{1,500}", true).is_ok());
    }

    #[test]
    fn all_patterns_together_are_bounded() {
        let mut patterns = Patterns::new();
        let most = MAX_QUESTION_PATTERNS_BYTES / MAX_PATTERN_BYTES;
        let results: Vec<_> = (0..100)
            .map(|number| patterns.get(&format!("{number}.{{1000}}[a-z]{{900}}"), false))
            .collect();
        let compiled = results.iter().take_while(|result| result.is_ok()).count();
        assert!((most..100).contains(&compiled), "{compiled}");
        let last = results.into_iter().next_back();
        assert_eq!(last.unwrap().unwrap_err(), PatternError::TooMany);
    }
}
