use std::collections::{HashMap, HashSet};

use super::{Body, Edit, EditRefused, Mode, Node, NodeId, To, Tree};
use crate::criteria::criterion::tests::leaf;
use crate::criteria::criterion::{CriterionForm, Kind, SegmentForm};
use proptest::prelude::*;
use segments_model::Criterion;
use segments_model::criterion::SegmentCriterion;

fn definition() -> impl Strategy<Value = Criterion> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|of| Criterion::All { of }),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|of| Criterion::Any { of }),
            inner.prop_map(|of| Criterion::Not { of: Box::new(of) }),
        ]
    })
}

/// Whether a definition holds for somebody who meets the leaves as given, each told by how it reads as JSON.
fn holds(criterion: &Criterion, leaves: &HashMap<String, bool>) -> bool {
    match criterion {
        Criterion::All { of } => of.iter().all(|inner| holds(inner, leaves)),
        Criterion::Any { of } => of.iter().any(|inner| holds(inner, leaves)),
        Criterion::Not { of } => !holds(of, leaves),
        leaf => leaves[&serde_json::to_string(leaf).unwrap()],
    }
}

fn leaves(criterion: &Criterion, into: &mut Vec<String>) {
    match criterion {
        Criterion::All { of } | Criterion::Any { of } => {
            for inner in of {
                leaves(inner, into);
            }
        }
        Criterion::Not { of } => leaves(of, into),
        leaf => into.push(serde_json::to_string(leaf).unwrap()),
    }
}

fn has_double_negation(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::All { of } | Criterion::Any { of } => of.iter().any(has_double_negation),
        Criterion::Not { of } => matches!(**of, Criterion::Not { .. }) || has_double_negation(of),
        _ => false,
    }
}

fn is_group(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::All { .. } | Criterion::Any { .. } => true,
        Criterion::Not { of } => is_group(of),
        _ => false,
    }
}

fn check(tree: &Tree) {
    let nodes = tree.nodes();
    let ids: HashSet<NodeId> = nodes.iter().map(|node| node.id).collect();
    assert_eq!(ids.len(), nodes.len(), "every id once");
    assert!(
        nodes.iter().all(|node| node.id.0 < tree.next),
        "ids are not given again"
    );
    assert!(tree.root.group().is_some() && !tree.root.disabled);
    assert!(tree.root.depth() <= Tree::MOST_LEVELS);
    assert!(nodes.len() <= Tree::MOST_NODES);
    let numbers: HashSet<String> = nodes.iter().map(|node| tree.number(node.id)).collect();
    assert_eq!(numbers.len(), nodes.len(), "every number once");
    for node in nodes {
        if let Some(place) = tree.place(node.id) {
            let parent = tree.node(place.parent).unwrap();
            assert_eq!(parent.group().unwrap().of[place.index].id, node.id);
        } else {
            assert_eq!(node.id, tree.root.id);
        }
    }
    if let Ok(definition) = tree.definition() {
        let json = serde_json::to_value(&definition.criterion).unwrap();
        for (id, pointer) in &definition.places.0 {
            let there = json.pointer(pointer).expect("a pointer leads somewhere");
            assert!(there.get("type").is_some());
            assert_eq!(definition.places.node(pointer), Some(*id));
            assert_eq!(
                definition.places.node(&format!("{pointer}/where/x")),
                Some(*id)
            );
        }
    }
}

fn edit() -> impl Strategy<Value = fn(NodeId) -> Edit> {
    prop::sample::select(vec![
        (|_| Edit::Add(Kind::Event)) as fn(NodeId) -> Edit,
        |_| Edit::Add(Kind::User),
        |_| Edit::AddGroup,
        |_| Edit::Remove,
        |_| Edit::Duplicate,
        |_| Edit::Move(To::Up),
        |_| Edit::Move(To::Down),
        |_| Edit::Move(To::Out),
        |_| Edit::Move(To::In),
        |other| Edit::Move(To::Before(other)),
        |_| Edit::Wrap(Mode::All),
        |_| Edit::Wrap(Mode::Any),
        |_| Edit::Unwrap,
        |_| Edit::SetMode(Mode::All, true),
        |_| Edit::SetMode(Mode::Any, false),
        |_| Edit::SetKind(Kind::First),
        |_| Edit::SetKind(Kind::Figure),
        |_| Edit::Replace(Box::new(Kind::Segment.blank())),
        |_| Edit::ToggleNot,
        |_| Edit::ToggleDisabled,
    ])
}

proptest! {
    #[test]
    fn a_definition_means_the_same_after_the_tree(definition in definition(), seed in any::<u64>()) {
        let through = Tree::from(&definition).definition().unwrap().criterion;
        let mut before = Vec::new();
        leaves(&definition, &mut before);
        let mut after = Vec::new();
        leaves(&through, &mut after);
        prop_assert_eq!(&before, &after, "the same criteria in the same order");
        for turn in 0..8_u64 {
            let answers = before
                .iter()
                .enumerate()
                .map(|(index, leaf)| (leaf.clone(), seed.rotate_left(index as u32 * 7 + turn as u32) & 1 == 1))
                .collect();
            prop_assert_eq!(holds(&definition, &answers), holds(&through, &answers));
        }
        if is_group(&definition) && !has_double_negation(&definition) {
            prop_assert_eq!(&definition, &through);
        }
        prop_assert_eq!(&Tree::from(&through).definition().unwrap().criterion, &through);
    }

    #[test]
    fn edits_never_break_a_tree(
        definition in definition(),
        edits in prop::collection::vec((edit(), any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..40),
    ) {
        let mut tree = Tree::from(&definition);
        check(&tree);
        for (edit, one, two) in edits {
            let ids: Vec<_> = tree.nodes().iter().map(|node| node.id).collect();
            let (one, two) = (ids[one.index(ids.len())], ids[two.index(ids.len())]);
            let before = tree.clone();
            let edit = edit(two);
            match tree.clone().edit(one, edit.clone()) {
                Ok((edited, about)) => {
                    check(&edited);
                    prop_assert_ne!(&edited, &before, "{:?} changed nothing", edit);
                    let is_there = !matches!(edit, Edit::Remove | Edit::Unwrap);
                    prop_assert_eq!(edited.node(about).is_some(), is_there);
                    tree = edited;
                }
                Err(refused) => prop_assert!(!refused.to_string().is_empty()),
            }
        }
        let gone = NodeId(u32::MAX);
        prop_assert_eq!(tree.clone().edit(gone, Edit::Remove), Err(EditRefused::Gone));
        prop_assert_eq!(tree.clone().edit(gone, Edit::ToggleNot), Err(EditRefused::Gone));
        let text = serde_json::to_string(&tree).unwrap();
        let back: Tree = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(back.definition().map(|it| it.criterion).ok(), tree.definition().map(|it| it.criterion).ok());
        check(&back);
    }
}

fn segment(id: &str) -> Criterion {
    Criterion::Segment(SegmentCriterion {
        id: id.to_owned(),
        as_of: None,
    })
}

/// All of a, (any of b, c), d.
fn sample() -> (Tree, [NodeId; 5]) {
    let tree = Tree::from(&Criterion::All {
        of: vec![
            segment("a"),
            Criterion::Any {
                of: vec![segment("b"), segment("c")],
            },
            segment("d"),
        ],
    });
    let ids: Vec<_> = tree.nodes().iter().skip(1).map(|node| node.id).collect();
    (tree, [ids[0], ids[1], ids[2], ids[3], ids[4]])
}

/// The tree in short: `a (b|c) d`, a negation as `!`, what is disabled as `-`.
fn short(tree: &Tree) -> String {
    fn one(node: &Node) -> String {
        let text = match &node.body {
            Body::Group(group) => {
                let join = if group.mode == Mode::All { " " } else { "|" };
                let of: Vec<_> = group.of.iter().map(one).collect();
                format!("({})", of.join(join))
            }
            Body::Criterion(criterion) => match criterion.as_ref() {
                CriterionForm::Segment(SegmentForm { id, .. }) => id.clone(),
                _ => "?".to_owned(),
            },
        };
        format!(
            "{}{}{text}",
            if node.disabled { "-" } else { "" },
            if node.not { "!" } else { "" }
        )
    }
    one(tree.root())
}

/// A tree after an edit, in short.
fn after(tree: &Tree, id: NodeId, edit: Edit) -> Result<String, EditRefused> {
    let (edited, _) = tree.clone().edit(id, edit)?;
    Ok(short(&edited))
}

fn edited(tree: Tree, id: NodeId, edit: Edit) -> Tree {
    tree.edit(id, edit).unwrap().0
}

#[test]
fn moves_go_where_they_say() {
    let (tree, [a, group, b, c, d]) = sample();
    assert_eq!(short(&tree), "(a (b|c) d)");
    let moved = |id, to| after(&tree, id, Edit::Move(to));
    for (id, to, moved_to) in [
        (a, To::Down, "((b|c) a d)"),
        (d, To::Up, "(a d (b|c))"),
        (a, To::In, "((a|b|c) d)"),
        (d, To::In, "(a (b|c|d))"),
        (b, To::Out, "(a (c) b d)"),
        (d, To::Before(b), "(a (d|b|c))"),
        (c, To::Before(a), "(c a (b) d)"),
    ] {
        assert_eq!(moved(id, to).as_deref(), Ok(moved_to));
    }
    let root = tree.root().id;
    for (id, to, refused) in [
        (a, To::Up, EditRefused::First),
        (d, To::Down, EditRefused::Last),
        (a, To::Out, EditRefused::Outermost),
        (b, To::In, EditRefused::NoGroupBeside),
        (group, To::Before(b), EditRefused::IntoItself),
        (a, To::Before(group), EditRefused::NoChange),
        (a, To::Before(a), EditRefused::NoChange),
        (a, To::Before(root), EditRefused::Root),
        (root, To::Up, EditRefused::Root),
    ] {
        assert_eq!(moved(id, to), Err(refused));
    }
    assert_eq!(after(&tree, root, Edit::Remove), Err(EditRefused::Root));
}

#[test]
fn groups_are_made_and_undone() {
    let (tree, [a, group, ..]) = sample();
    let wrapped = edited(tree.clone(), a, Edit::Wrap(Mode::Any));
    assert_eq!(short(&wrapped), "((a) (b|c) d)");
    let outer = wrapped.place(a).unwrap().parent;
    assert_eq!(after(&wrapped, outer, Edit::Unwrap), Ok(short(&tree)));
    let none = edited(tree.clone(), group, Edit::SetMode(Mode::Any, true));
    assert_eq!(short(&none), "(a !(b|c) d)");
    assert_eq!(
        after(&none, group, Edit::Unwrap).as_deref(),
        Ok("(a !b !c d)")
    );
    for (id, edit, refused) in [
        (a, Edit::Unwrap, EditRefused::NotAGroup),
        (a, Edit::Add(Kind::Event), EditRefused::NotAGroup),
        (
            group,
            Edit::SetMode(Mode::Any, false),
            EditRefused::NoChange,
        ),
        (
            group,
            Edit::SetKind(Kind::Event),
            EditRefused::NotACriterion,
        ),
    ] {
        assert_eq!(after(&tree, id, edit), Err(refused));
    }
    // A group in a group goes together in the other way.
    let inner = edited(tree, group, Edit::AddGroup);
    assert_eq!(short(&inner), "(a (b|c|(?)) d)");
}

#[test]
fn the_focus_goes_to_a_neighbour() {
    let (tree, [a, group, b, c, d]) = sample();
    let beside = [a, b, c, d].map(|id| tree.beside(id));
    assert_eq!(beside, [Some(group), Some(c), Some(b), Some(group)]);
    let alone = edited(tree, b, Edit::Remove);
    assert_eq!(alone.beside(c), Some(group));
}

#[test]
fn what_is_disabled_is_left_out() {
    let (tree, [a, group, b, c, d]) = sample();
    let off = |tree, id| edited(tree, id, Edit::ToggleDisabled);
    let tree = off(tree, a);
    let definition = tree.definition().unwrap();
    assert_eq!(definition.places.pointer(a), None);
    assert_eq!(definition.places.pointer(group), Some("/of/0"));
    assert_eq!(definition.places.pointer(c), Some("/of/0/of/1"));
    assert_eq!(definition.places.pointer(d), Some("/of/1"));
    // A group all of whose members are off is off: "any of nothing" would be nobody.
    let tree = off(off(tree, b), c);
    assert_eq!(
        tree.definition().unwrap().criterion,
        Criterion::All {
            of: vec![segment("d")]
        }
    );
    let tree = off(tree, d);
    assert_eq!(tree.definition().unwrap().criterion, Criterion::everyone());
}

#[test]
fn numbers_read_like_an_outline() {
    let (tree, [a, group, b, c, d]) = sample();
    let numbers = [a, group, b, c, d].map(|id| tree.number(id));
    assert_eq!(numbers, ["1", "2", "2a", "2b", "3"]);
    assert_eq!(super::criterion_number([0, 25]), "1z");
    assert_eq!(super::criterion_number([0, 26]), "1aa");
    assert_eq!(tree.number(tree.root().id), "");
    let names = [a, group, c, tree.root().id].map(|id| tree.name(id));
    assert_eq!(
        names,
        [
            "criterion 1",
            "group 2",
            "criterion 2b",
            "the outermost group"
        ]
    );
}

#[test]
fn a_negation_stands_before_what_it_negates() {
    let (tree, [a, _, _, c, _]) = sample();
    let tree = edited(edited(tree, a, Edit::ToggleNot), c, Edit::ToggleNot);
    let places = tree.definition().unwrap().places;
    assert_eq!(places.pointer(a), Some("/of/0"));
    assert_eq!(places.node("/of/0/of/id"), Some(a));
    assert_eq!(places.node("/of/1/of/1/of/id"), Some(c));
    assert_eq!(places.node("/name"), Some(tree.root().id));
}

#[test]
fn what_is_unfinished_has_its_node() {
    let (tree, [_, group, b, ..]) = sample();
    let (tree, event) = tree.edit(group, Edit::Add(Kind::Event)).unwrap();
    let tree = edited(tree, b, Edit::Replace(Box::new(Kind::Users.blank())));
    let unfinished = tree.definition().unwrap_err().0;
    let places: Vec<_> = unfinished
        .iter()
        .map(|(id, error)| (*id, error.pointer.as_str()))
        .collect();
    assert_eq!(places, [(b, "/of/1/of/0/ids"), (event, "/of/1/of/2/event")]);
}

#[test]
fn a_stored_tree_that_is_none_is_refused() {
    let deep = (0..Tree::MOST_LEVELS).fold(segment("a"), |inner, _| Criterion::All {
        of: vec![Criterion::All { of: vec![inner] }],
    });
    let text = serde_json::to_string(&Tree::from(&deep)).unwrap();
    assert!(serde_json::from_str::<Tree>(&text).is_err());
    assert!(serde_json::from_str::<Tree>("{}").is_err());
}
