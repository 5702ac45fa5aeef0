//! The draft of a definition that the browser keeps for the Composer, so that a reload loses nothing.

use segments_model::{Instant, json};
use serde::{Deserialize, Serialize};

use crate::criteria::tree::Tree;

/// The form of what is kept; drafts of another form are left alone.
const FORM: u32 = 1;

/// A definition under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    form: u32,
    /// The version of the segment that it is an edit of; none: of no stored segment.
    #[serde(default)]
    pub version: Option<u64>,
    /// What it was handed over from, where it did not begin in the Composer: `Checkout funnel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it was kept.
    pub kept_at: Instant,
    /// The tree as it was.
    pub tree: Tree,
}

impl Draft {
    /// A draft to keep.
    #[must_use]
    pub const fn new(version: Option<u64>, kept_at: Instant, tree: Tree) -> Self {
        Self {
            form: FORM,
            version,
            from: None,
            kept_at,
            tree,
        }
    }

    /// The same, handed over from somewhere else.
    #[must_use]
    pub fn handed_over(mut self, from: String) -> Self {
        self.from = Some(from);
        self
    }

    /// The name that it is kept under: one for each segment, and one for a new one.
    #[must_use]
    pub fn name(segment: Option<&str>) -> String {
        format!("draft.{}", segment.unwrap_or("new"))
    }

    /// Reads what was kept. What cannot be read is as if it was not there.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        json::read::<Self>(text.as_bytes())
            .ok()
            .filter(|draft| draft.form == FORM)
    }

    /// The text to keep; none where it cannot be written.
    #[must_use]
    pub fn write(&self) -> Option<String> {
        json::write(self).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, Tree};
    use crate::criteria::criterion::Kind;
    use crate::criteria::tree::Edit;
    use segments_model::Instant;

    #[test]
    fn a_draft_comes_back_with_what_is_unfinished() {
        let tree = Tree::default();
        let root = tree.root().id;
        let (tree, _) = tree.edit(root, Edit::Add(Kind::Figure)).unwrap();
        let draft = Draft::new(Some(6), Instant::from_millis_saturating(5), tree);
        assert_eq!(Draft::read(&draft.write().unwrap()), Some(draft.clone()));
        let draft = draft.handed_over("Checkout funnel".to_owned());
        assert_eq!(Draft::read(&draft.write().unwrap()), Some(draft));
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let draft = Draft::new(None, Instant::MIN, Tree::default());
        let text = draft.write().unwrap();
        assert!(Draft::read(&text).is_some());
        assert_eq!(Draft::read(&text.replace("\"form\":1", "\"form\":2")), None);
        assert_eq!(Draft::read("not json"), None);
        assert_eq!(Draft::read("{}"), None);
    }

    #[test]
    fn each_segment_has_a_draft_of_its_own() {
        assert_ne!(Draft::name(None), Draft::name(Some("seg_1")));
    }
}
