//! What was done, undone and can be done again.

/// The most steps that can be undone.
const MOST_STEPS: usize = 200;

/// A value with its past and its undone future.
#[derive(Clone, Debug)]
pub struct History<T, K> {
    now: T,
    past: Vec<Step<T>>,
    future: Vec<Step<T>>,
    /// What the last change was about, while further changes of the same may join it.
    open: Option<K>,
}

/// A value with what led away from it.
#[derive(Clone, Debug)]
struct Step<T> {
    value: T,
    label: String,
}

impl<T: Clone + PartialEq, K: PartialEq> History<T, K> {
    /// A history that starts here.
    pub const fn new(now: T) -> Self {
        Self {
            now,
            past: Vec::new(),
            future: Vec::new(),
            open: None,
        }
    }

    pub const fn now(&self) -> &T {
        &self.now
    }

    /// Goes on to a value. The label says what was done. Changes with the same key, one right after the other, are one
    /// step: a word that is typed is undone as a word.
    pub fn go(&mut self, value: T, label: impl Into<String>, key: Option<K>) {
        if value == self.now {
            return;
        }
        let joins = key.is_some() && self.open == key;
        let had = std::mem::replace(&mut self.now, value);
        if !joins {
            self.past.push(Step {
                value: had,
                label: label.into(),
            });
            if self.past.len() > MOST_STEPS {
                self.past.remove(0);
            }
        }
        self.future.clear();
        self.open = key;
    }

    /// Ends the step: the next change is one of its own.
    pub fn seal(&mut self) {
        self.open = None;
    }

    /// Undoes the last step; answers whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.past.pop() else {
            return false;
        };
        let value = std::mem::replace(&mut self.now, step.value);
        self.future.push(Step {
            value,
            label: step.label,
        });
        self.open = None;
        true
    }

    /// Does again what was undone last; answers whether there was such.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.future.pop() else {
            return false;
        };
        let value = std::mem::replace(&mut self.now, step.value);
        self.past.push(Step {
            value,
            label: step.label,
        });
        self.open = None;
        true
    }

    /// What undoing would undo.
    pub fn undo_label(&self) -> Option<&str> {
        self.past.last().map(|step| step.label.as_str())
    }

    /// What doing again would do.
    pub fn redo_label(&self) -> Option<&str> {
        self.future.last().map(|step| step.label.as_str())
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use super::{History, MOST_STEPS};
    use proptest::prelude::*;

    #[test]
    fn a_typed_word_is_one_step() {
        let mut history = History::new(String::new());
        for text in ["a", "ab", "abc"] {
            history.go(text.to_owned(), "type", Some(1));
        }
        history.go("abc1".to_owned(), "type elsewhere", Some(2));
        history.seal();
        history.go("abc12".to_owned(), "type elsewhere", Some(2));
        assert_eq!(history.undo_label(), Some("type elsewhere"));
        let mut seen = vec![];
        while history.undo() {
            seen.push(history.now().clone());
        }
        assert_eq!(seen, ["abc1", "abc", ""]);
        assert_eq!(history.redo_label(), Some("type"));
    }

    #[test]
    fn a_change_forgets_what_was_undone() {
        let mut history = History::<_, ()>::new(0);
        history.go(1, "one", None);
        assert!(history.undo());
        history.go(2, "two", None);
        assert!(!history.redo());
        assert_eq!((*history.now(), history.undo_label()), (2, Some("two")));
    }

    #[test]
    fn changes_without_a_key_never_join() {
        let mut history = History::<_, u8>::new(0);
        history.go(1, "one", None);
        history.go(2, "two", None);
        assert!(history.undo());
        assert_eq!(*history.now(), 1);
    }

    #[test]
    fn the_past_is_bounded() {
        let mut history = History::<_, ()>::new(0);
        for step in 1..=MOST_STEPS + 10 {
            history.go(step, "step", None);
        }
        let mut undone = 0;
        while history.undo() {
            undone += 1;
        }
        assert_eq!(undone, MOST_STEPS);
    }

    proptest! {
        #[test]
        fn undoing_all_and_doing_all_again_ends_where_it_was(values in prop::collection::vec(0..5_u8, 0..20)) {
            let mut history = History::<_, ()>::new(0);
            for value in values {
                history.go(value, "step", None);
            }
            let end = *history.now();
            while history.undo() {}
            prop_assert_eq!(*history.now(), 0);
            while history.redo() {}
            prop_assert_eq!(*history.now(), end);
        }
    }
}
