//! How large definitions are together with the segments that they refer to.
//!
//! A definition is evaluated as if the segments that it refers to were written out in the place of the references. That has
//! to stay within bounds for every segment, so a change is held against what it refers to and against what refers to it,
//! at any distance. Nothing here calls itself: what is stored may be nested as deep as it likes.

use std::collections::{BTreeMap, BTreeSet};

use segments_model::limits::{
    MAX_CLOSURE_CRITERIA, MAX_CLOSURE_DEPTH, MAX_SEGMENT_CRITERIA, MAX_SEGMENT_DEPTH,
};
use segments_model::walk::{Mention, Outline};

/// How large a definition is with every segment that it refers to written out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent<'a> {
    /// How deep criteria and filters are nested in each other.
    pub depth: usize,
    /// How many criteria and filters there are.
    pub parts: usize,
    /// The reference that leads deepest.
    deepest: Option<&'a Mention>,
    /// The reference that adds most.
    largest: Option<&'a Mention>,
}

/// How large a definition may be.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    depth: usize,
    parts: usize,
}

/// How large a segment's definition may be.
pub const STORED: Bound = Bound {
    depth: MAX_SEGMENT_DEPTH,
    parts: MAX_SEGMENT_CRITERIA,
};
/// How large something that is only asked may be: a definition of its own around segments.
pub const ASKED: Bound = Bound {
    depth: MAX_CLOSURE_DEPTH,
    parts: MAX_CLOSURE_CRITERIA,
};

impl<'a> Extent<'a> {
    /// Whether a definition may be so large.
    #[must_use]
    pub const fn fits(&self, bound: Bound) -> bool {
        self.depth <= bound.depth && self.parts <= bound.parts
    }

    /// Whether it is larger than another one, in any way that is over a bound.
    #[must_use]
    pub const fn exceeds(&self, other: &Self, bound: Bound) -> bool {
        self.depth > bound.depth && self.depth > other.depth
            || self.parts > bound.parts && self.parts > other.parts
    }

    /// The reference that makes it as large as it is.
    #[must_use]
    pub const fn reason(&self, bound: Bound) -> Option<&'a Mention> {
        if self.depth > bound.depth {
            self.deepest
        } else {
            self.largest
        }
    }
}

/// The sizes of definitions, each worked out once.
pub struct Extents<'a, F> {
    outline: F,
    known: BTreeMap<&'a str, Extent<'a>>,
}

impl<'a, F: Fn(&str) -> Option<&'a Outline>> Extents<'a, F> {
    /// Extents over segments whose definitions have these outlines; none of those that are never written out: static ones,
    /// whose members are stored, and those that are not there.
    pub const fn new(outline: F) -> Self {
        Self {
            outline,
            known: BTreeMap::new(),
        }
    }

    /// The size of a definition.
    pub fn of(&mut self, outline: &'a Outline) -> Extent<'a> {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        let ids = |outline: &'a Outline| outline.segments.iter().map(|mention| &*mention.id);
        let mut next: Vec<&str> = ids(outline).collect();
        while let Some(&id) = next.last() {
            let below = match (self.outline)(id) {
                Some(below) if !self.known.contains_key(id) => below,
                _ => {
                    next.pop();
                    continue;
                }
            };
            if open.insert(id) {
                // What is open already closes a circle, which the evaluation refuses.
                next.extend(
                    ids(below).filter(|id| !open.contains(id) && !self.known.contains_key(id)),
                );
            } else {
                let size = self.sum(below);
                self.known.insert(id, size);
                next.pop();
            }
        }
        self.sum(outline)
    }

    fn sum(&self, outline: &'a Outline) -> Extent<'a> {
        let mut size = Extent {
            depth: outline.depth,
            parts: outline.parts,
            ..Extent::default()
        };
        let mut most = 0;
        for mention in &outline.segments {
            let Some(below) = self.known.get(&*mention.id) else {
                continue;
            };
            let depth = mention.depth.saturating_add(below.depth);
            if depth > size.depth {
                (size.depth, size.deepest) = (depth, Some(mention));
            }
            if below.parts > most {
                (most, size.largest) = (below.parts, Some(mention));
            }
            size.parts = size.parts.saturating_add(below.parts);
        }
        size
    }

    /// The ids on the way that makes a size as large as it is, the first reference first.
    pub fn way(&self, size: &Extent<'a>, bound: Bound) -> Vec<&'a str> {
        let deep = size.depth > bound.depth;
        let mut way = Vec::new();
        let mut at = size.reason(bound);
        while let Some(mention) = at {
            way.push(&*mention.id);
            let below = self.known.get(&*mention.id);
            at = below.and_then(|size| if deep { size.deepest } else { size.largest });
        }
        way
    }
}

/// What is too large about a definition, with the names of the segments that make it so.
#[must_use]
pub fn excess(size: &Extent<'_>, bound: Bound, names: &[String]) -> String {
    /// How many names are told at the beginning and at the end.
    const ENDS: usize = 4;
    let what = if size.depth > bound.depth {
        format!(
            "criteria would be nested {} deep, and may be nested {} deep",
            size.depth, bound.depth
        )
    } else {
        format!(
            "it would have {} criteria and conditions, and may have {}",
            size.parts, bound.parts
        )
    };
    let way = match (names.get(..ENDS), names.len().checked_sub(ENDS)) {
        (Some(first), Some(end)) if end > ENDS => {
            let last = names.get(end..).unwrap_or_default();
            format!("{} → … → {}", first.join(" → "), last.join(" → "))
        }
        _ => names.join(" → "),
    };
    format!("with the segments that it refers to {what}: {way}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use segments_model::Criterion;
    use segments_model::criterion::SegmentCriterion;
    use segments_model::walk::Outline;

    use super::{Extent, Extents, STORED, excess};

    fn segment(id: &str) -> Criterion {
        Criterion::Segment(SegmentCriterion {
            id: id.to_owned(),
            as_of: None,
        })
    }

    fn outline(ids: &[&str]) -> Outline {
        let of = ids.iter().map(|id| segment(id)).collect();
        Outline::from(&Criterion::All { of })
    }

    #[test]
    fn segments_are_counted_as_if_they_were_written_out() {
        let library = BTreeMap::from([
            ("leaf", Outline::from(&Criterion::everyone())),
            ("middle", outline(&["leaf", "static", "leaf"])),
            ("circle", outline(&["circle", "middle"])),
        ]);
        let mut sizes = Extents::new(|id: &str| library.get(id));
        let counts = |size: Extent<'_>| (size.depth, size.parts);
        let top = outline(&["middle", "leaf", "middle"]);
        let size = sizes.of(&top);
        assert_eq!(counts(size), (5, 17));
        assert_eq!(sizes.way(&size, STORED), ["middle", "leaf"]);
        assert_eq!(counts(sizes.of(&library["leaf"])), (1, 1));
        let around = outline(&["circle"]);
        assert_eq!(counts(sizes.of(&around)), (7, 11));
    }

    #[test]
    fn a_chain_of_any_length_is_measured() {
        let ids: Vec<String> = (0..100_000).map(|id| id.to_string()).collect();
        let library: BTreeMap<&str, Outline> = ids
            .iter()
            .zip(ids.iter().skip(1))
            .map(|(id, next)| (&**id, outline(&[next])))
            .collect();
        let mut sizes = Extents::new(|id: &str| library.get(id));
        let size = sizes.of(&library["0"]);
        assert_eq!((size.depth, size.parts), (199_998, 199_998));
        assert!(!size.fits(STORED));
        let names: Vec<String> = sizes
            .way(&size, STORED)
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert!(
            excess(&size, STORED, &names)
                .ends_with("1 → 2 → 3 → 4 → … → 99995 → 99996 → 99997 → 99998"),
            "{}",
            excess(&size, STORED, &names)
        );
    }
}
