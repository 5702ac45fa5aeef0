//! Circles in a graph of files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::arrows::Arrow;

/// Files that all lead to each other.
#[derive(Debug)]
pub struct Circle<'a> {
    pub files: BTreeSet<&'a str>,
    /// A shortest way around from each file, each way once.
    pub ways: Vec<Vec<&'a Arrow>>,
}

/// The arrows by the file that they come from.
type Graph<'a> = BTreeMap<&'a str, Vec<&'a Arrow>>;

/// All circles; a file is in one of them at most.
pub fn circles(arrows: &[Arrow]) -> Vec<Circle<'_>> {
    let mut graph = Graph::new();
    for arrow in arrows {
        graph.entry(&arrow.from).or_default().push(arrow);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|file| (*file, ways_from(file, &graph).into_keys().collect()))
        .collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles: Vec<Circle<'_>> = Vec::new();
    for file in graph.keys().copied().filter(|file| leads(file, file)) {
        if circles.iter().any(|circle| circle.files.contains(file)) {
            continue;
        }
        let files: BTreeSet<&str> = graph
            .keys()
            .copied()
            .filter(|other| leads(file, other) && leads(other, file))
            .collect();
        circles.push(Circle {
            ways: distinct(files.iter().map(|file| way_around(file, &graph))),
            files,
        });
    }
    circles
}

/// The last arrow of a shortest way to each file that can be reached.
fn ways_from<'a>(start: &str, graph: &Graph<'a>) -> BTreeMap<&'a str, &'a Arrow> {
    let mut last = BTreeMap::new();
    let mut open: VecDeque<&str> = [start].into();
    while let Some(file) = open.pop_front() {
        for arrow in graph.get(file).into_iter().flatten() {
            last.entry(&*arrow.to).or_insert_with(|| {
                open.push_back(&arrow.to);
                *arrow
            });
        }
    }
    last
}

/// A shortest way from a file back to it.
fn way_around<'a>(start: &str, graph: &Graph<'a>) -> Vec<&'a Arrow> {
    let last = ways_from(start, graph);
    let mut way = Vec::new();
    let mut file = start;
    while let Some(arrow) = last.get(file) {
        way.push(*arrow);
        file = &arrow.from;
        if file == start {
            break;
        }
    }
    way.reverse();
    way
}

/// The same way from another file is the same way.
fn distinct<'a>(ways: impl Iterator<Item = Vec<&'a Arrow>>) -> Vec<Vec<&'a Arrow>> {
    let mut known = BTreeSet::new();
    ways.filter(|way| {
        let files: BTreeSet<&str> = way.iter().map(|arrow| &*arrow.from).collect();
        known.insert(files)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: &str, to: &str) -> Arrow {
        Arrow {
            from: from.to_owned(),
            to: to.to_owned(),
            line: 1,
            path: String::new(),
        }
    }

    /// The files of each circle, and its ways.
    fn find(arrows: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
        let arrows: Vec<Arrow> = arrows.iter().map(|(from, to)| arrow(from, to)).collect();
        circles(&arrows)
            .into_iter()
            .map(|circle| {
                let files: Vec<&str> = circle.files.into_iter().collect();
                let ways = circle.ways.iter().map(|way| {
                    let files: Vec<&str> = way.iter().map(|arrow| &*arrow.from).collect();
                    files.join(" ")
                });
                (files.join(" "), ways.collect())
            })
            .collect()
    }

    #[test]
    fn layers_have_no_circle() {
        assert!(find(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).is_empty());
    }

    #[test]
    fn a_circle_is_found_with_its_shortest_ways() {
        assert_eq!(
            find(&[
                ("top", "a"),
                ("a", "b"),
                ("b", "c"),
                ("c", "a"),
                ("b", "a"),
                ("c", "bottom"),
                ("x", "y"),
                ("y", "x"),
                ("y", "a"),
            ]),
            [
                (
                    "a b c".to_owned(),
                    vec!["a b".to_owned(), "c a b".to_owned()]
                ),
                ("x y".to_owned(), vec!["x y".to_owned()]),
            ]
        );
    }
}
