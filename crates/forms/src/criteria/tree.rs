//! The definition while it is edited: a tree of groups and criteria in which every place has a lasting id.
//!
//! Each edit is a total function: it answers the edited tree, or says why there is none. What a node stands for may be
//! unfinished; [`Tree::definition`] says so, by node.

use std::collections::HashSet;

use segments_model::Criterion;
use serde::{Deserialize, Serialize};

use crate::criteria::criterion::{CriterionForm, Kind};
use crate::error::{FormError, is_within};

/// A node's id: the same for as long as the node lives, never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(u32);

impl std::fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// How the members of a group go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every one of them.
    #[default]
    All,
    /// At least one of them.
    Any,
}

/// A group or a criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Whether users who meet it are left out instead.
    #[serde(default)]
    pub not: bool,
    /// Whether it is kept here but left out of the definition.
    #[serde(default)]
    pub disabled: bool,
    /// What it is.
    pub body: Body,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A group of nodes.
    Group(Group),
    /// One criterion.
    Criterion(Box<CriterionForm>),
}

/// Nodes that go together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How.
    #[serde(default)]
    pub mode: Mode,
    /// The nodes, in order.
    #[serde(default)]
    pub of: Vec<Node>,
}

impl Node {
    /// The group that it is.
    #[must_use]
    pub const fn group(&self) -> Option<&Group> {
        match &self.body {
            Body::Group(group) => Some(group),
            Body::Criterion(_) => None,
        }
    }

    /// The criterion that it is.
    #[must_use]
    pub fn criterion(&self) -> Option<&CriterionForm> {
        match &self.body {
            Body::Group(_) => None,
            Body::Criterion(criterion) => Some(criterion),
        }
    }

    fn group_mut(&mut self) -> Option<&mut Group> {
        match &mut self.body {
            Body::Group(group) => Some(group),
            Body::Criterion(_) => None,
        }
    }

    fn find(&self, id: NodeId) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.group()?.of.iter().find_map(|node| node.find(id))
    }

    fn find_mut(&mut self, id: NodeId) -> Option<&mut Self> {
        if self.id == id {
            return Some(self);
        }
        self.group_mut()?
            .of
            .iter_mut()
            .find_map(|node| node.find_mut(id))
    }

    /// How many levels of groups it has, itself included.
    fn depth(&self) -> usize {
        self.group().map_or(0, |group| {
            1 + group.of.iter().map(Self::depth).max().unwrap_or(0)
        })
    }

    fn size(&self) -> usize {
        1 + self
            .group()
            .map_or(0, |group| group.of.iter().map(Self::size).sum())
    }

    fn renumber(&mut self, next: &mut u32) {
        self.id = NodeId(*next);
        *next += 1;
        if let Some(group) = self.group_mut() {
            for node in &mut group.of {
                node.renumber(next);
            }
        }
    }

    /// Whether the definition leaves it out: it is disabled, or a group with members all of which are left out.
    fn is_left_out(&self) -> bool {
        self.disabled
            || self
                .group()
                .is_some_and(|group| !group.of.is_empty() && group.of.iter().all(Self::is_left_out))
    }
}

/// Why an edit was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// No node has this id any more.
    #[error("It is no longer there")]
    Gone,
    /// The outermost group cannot be moved, removed or disabled.
    #[error("The outermost group stays where it is")]
    Root,
    /// The edit is about groups, and this is a criterion.
    #[error("It is not a group")]
    NotAGroup,
    /// The edit is about criteria, and this is a group.
    #[error("It is a group")]
    NotACriterion,
    /// There is nothing before it in its group.
    #[error("It is already the first of its group")]
    First,
    /// There is nothing after it in its group.
    #[error("It is already the last of its group")]
    Last,
    /// It stands in the outermost group.
    #[error("It is already in the outermost group")]
    Outermost,
    /// There is no group beside it to move into.
    #[error("There is no group beside it to move into")]
    NoGroupBeside,
    /// A group cannot be moved into itself.
    #[error("A group cannot be moved into itself")]
    IntoItself,
    /// Groups would be nested too deeply.
    #[error("Groups are nested at most {most} deep", most = Tree::MOST_LEVELS)]
    TooDeep,
    /// There would be too many criteria.
    #[error("A definition has at most {most} criteria and groups", most = Tree::MOST_NODES)]
    TooMany,
    /// Nothing would change.
    #[error("That is how it is already")]
    NoChange,
}

/// The tree. Its root is a group that is never disabled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredTree", into = "StoredTree")]
pub struct Tree {
    root: Node,
    /// The id that the next new node gets.
    next: u32,
}

/// A tree as it is stored: read back only if it keeps the rules of one.
#[derive(Clone, Serialize, Deserialize)]
struct StoredTree {
    root: Node,
}

impl TryFrom<StoredTree> for Tree {
    type Error = EditRefused;

    fn try_from(stored: StoredTree) -> Result<Self, Self::Error> {
        let mut tree = Self {
            root: stored.root,
            next: 0,
        };
        if tree.root.group().is_none() {
            return Err(EditRefused::NotAGroup);
        }
        tree.root.disabled = false;
        let mut next = 0;
        tree.root.renumber(&mut next);
        tree.next = next;
        tree.within_limits()
    }
}

impl From<Tree> for StoredTree {
    fn from(tree: Tree) -> Self {
        Self { root: tree.root }
    }
}

impl Default for Tree {
    /// All of no criteria: every user.
    fn default() -> Self {
        Self {
            root: Node {
                id: NodeId(0),
                not: false,
                disabled: false,
                body: Body::Group(Group::default()),
            },
            next: 1,
        }
    }
}

impl From<&Criterion> for Tree {
    /// The tree of a definition. A definition that is no group becomes the one criterion of an outermost group; two
    /// negations of the same thing cancel out.
    fn from(definition: &Criterion) -> Self {
        let mut next = 0;
        let mut root = node_of(definition, &mut next);
        if root.group().is_none() {
            let only = root;
            root = Node {
                id: NodeId(next),
                not: false,
                disabled: false,
                body: Body::Group(Group {
                    mode: Mode::All,
                    of: vec![only],
                }),
            };
            next += 1;
        }
        Self { root, next }
    }
}

fn node_of(criterion: &Criterion, next: &mut u32) -> Node {
    let body = match criterion {
        Criterion::Not { of } => {
            let mut node = node_of(of, next);
            node.not = !node.not;
            return node;
        }
        Criterion::All { of } => (Mode::All, of),
        Criterion::Any { of } => (Mode::Any, of),
        leaf => {
            let id = NodeId(*next);
            *next += 1;
            return Node {
                id,
                not: false,
                disabled: false,
                body: Body::Criterion(Box::new(CriterionForm::from(leaf))),
            };
        }
    };
    let id = NodeId(*next);
    *next += 1;
    let (mode, of) = body;
    Node {
        id,
        not: false,
        disabled: false,
        body: Body::Group(Group {
            mode,
            of: of
                .iter()
                .map(|criterion| node_of(criterion, next))
                .collect(),
        }),
    }
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The group that it is in.
    pub parent: NodeId,
    /// Its position there, counted from 0.
    pub index: usize,
}

/// What a tree stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The definition.
    pub criterion: Criterion,
    /// Where each node stands in it; a node that is left out stands nowhere.
    pub places: Places,
}

/// Where the nodes of a tree stand in the JSON of its definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(Vec<(NodeId, String)>);

impl Places {
    /// A node's JSON pointer in the definition: of one that is negated, that of the negation.
    #[must_use]
    pub fn pointer(&self, id: NodeId) -> Option<&str> {
        self.0
            .iter()
            .find(|(node, _)| *node == id)
            .map(|(_, pointer)| pointer.as_str())
    }

    /// The innermost node that a JSON pointer into the definition leads to or through.
    #[must_use]
    pub fn node(&self, pointer: &str) -> Option<NodeId> {
        self.0
            .iter()
            .filter(|(_, place)| is_within(pointer, place))
            .max_by_key(|(_, place)| place.len())
            .map(|(node, _)| *node)
    }
}

/// What keeps a tree from being a definition, by node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfinished(pub Vec<(NodeId, Vec<FormError>)>);

impl Tree {
    /// How deep groups may be nested, the outermost included.
    pub const MOST_LEVELS: usize = 6;
    /// How many criteria and groups there may be.
    pub const MOST_NODES: usize = 200;

    /// The outermost group.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// The node of an id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.root.find(id)
    }

    /// Where a node stands; the root stands nowhere.
    #[must_use]
    pub fn place(&self, id: NodeId) -> Option<Place> {
        fn search(node: &Node, id: NodeId) -> Option<Place> {
            let of = &node.group()?.of;
            of.iter()
                .position(|child| child.id == id)
                .map(|index| Place {
                    parent: node.id,
                    index,
                })
                .or_else(|| of.iter().find_map(|child| search(child, id)))
        }
        search(&self.root, id)
    }

    /// Every node, each group before its members.
    #[must_use]
    pub fn nodes(&self) -> Vec<&Node> {
        fn walk<'a>(node: &'a Node, into: &mut Vec<&'a Node>) {
            into.push(node);
            for child in node.group().map_or(&[][..], |group| &group.of) {
                walk(child, into);
            }
        }
        let mut nodes = Vec::new();
        walk(&self.root, &mut nodes);
        nodes
    }

    /// A node's number as people say it: 2 for the second of the outermost group, 2b for the second in that, 2b1, …
    /// Empty for the root and for what is not there.
    #[must_use]
    pub fn number(&self, id: NodeId) -> String {
        fn search(node: &Node, id: NodeId, level: usize) -> Option<String> {
            node.group()?
                .of
                .iter()
                .enumerate()
                .find_map(|(index, child)| {
                    let own = if level.is_multiple_of(2) {
                        (index + 1).to_string()
                    } else {
                        letters(index)
                    };
                    if child.id == id {
                        return Some(own);
                    }
                    search(child, id, level + 1).map(|rest| own + &rest)
                })
        }
        search(&self.root, id, 0).unwrap_or_default()
    }

    /// The definition that the tree stands for. Without any criterion, or with all of them left out, it is every user.
    ///
    /// # Errors
    /// What is unfinished, by node.
    pub fn definition(&self) -> Result<Definition, Unfinished> {
        let mut places = Vec::new();
        let mut unfinished = Vec::new();
        if self.root.is_left_out() {
            places.push((self.root.id, String::new()));
            return Ok(Definition {
                criterion: Criterion::everyone(),
                places: Places(places),
            });
        }
        let criterion = define(&self.root, String::new(), &mut places, &mut unfinished);
        match criterion {
            Some(criterion) if unfinished.is_empty() => Ok(Definition {
                criterion,
                places: Places(places),
            }),
            _ => Err(Unfinished(unfinished)),
        }
    }

    fn within_limits(self) -> Result<Self, EditRefused> {
        if self.root.depth() > Self::MOST_LEVELS {
            Err(EditRefused::TooDeep)
        } else if self.root.size() > Self::MOST_NODES {
            Err(EditRefused::TooMany)
        } else {
            Ok(self)
        }
    }

    fn members(&mut self, id: NodeId) -> Result<&mut Vec<Node>, EditRefused> {
        self.root
            .find_mut(id)
            .ok_or(EditRefused::Gone)?
            .group_mut()
            .map(|group| &mut group.of)
            .ok_or(EditRefused::NotAGroup)
    }

    /// Where a node stands, which the root does not.
    fn stand(&self, id: NodeId) -> Result<Place, EditRefused> {
        if id == self.root.id {
            return Err(EditRefused::Root);
        }
        self.place(id).ok_or(EditRefused::Gone)
    }

    fn take(&mut self, id: NodeId) -> Result<Node, EditRefused> {
        let place = self.stand(id)?;
        let of = self.members(place.parent)?;
        if place.index < of.len() {
            Ok(of.remove(place.index))
        } else {
            Err(EditRefused::Gone)
        }
    }

    fn put(&mut self, node: Node, parent: NodeId, index: usize) -> Result<(), EditRefused> {
        let of = self.members(parent)?;
        of.insert(index.min(of.len()), node);
        Ok(())
    }

    fn fresh(&mut self, body: Body) -> Node {
        let id = NodeId(self.next);
        self.next += 1;
        Node {
            id,
            not: false,
            disabled: false,
            body,
        }
    }

    /// Puts a criterion into a group, at a position or at its end; answers the new node too.
    ///
    /// # Errors
    /// When there is no such group, or the tree is full.
    pub fn add(
        mut self,
        group: NodeId,
        index: Option<usize>,
        criterion: CriterionForm,
    ) -> Result<(Self, NodeId), EditRefused> {
        let node = self.fresh(Body::Criterion(Box::new(criterion)));
        let id = node.id;
        self.put(node, group, index.unwrap_or(usize::MAX))?;
        Ok((self.within_limits()?, id))
    }

    /// Puts a new group with one criterion at the end of a group; answers the criterion's node too.
    ///
    /// # Errors
    /// When there is no such group, or the tree is full or too deep.
    pub fn add_group(
        mut self,
        group: NodeId,
        mode: Mode,
        criterion: CriterionForm,
    ) -> Result<(Self, NodeId), EditRefused> {
        let node = self.fresh(Body::Criterion(Box::new(criterion)));
        let id = node.id;
        let outer = self.fresh(Body::Group(Group {
            mode,
            of: vec![node],
        }));
        self.put(outer, group, usize::MAX)?;
        Ok((self.within_limits()?, id))
    }

    /// Takes a node away.
    ///
    /// # Errors
    /// When it is the root or gone.
    pub fn remove(mut self, id: NodeId) -> Result<Self, EditRefused> {
        self.take(id)?;
        Ok(self)
    }

    /// Puts a copy of a node after it; answers the copy too.
    ///
    /// # Errors
    /// When it is the root or gone, or the tree is full.
    pub fn duplicate(mut self, id: NodeId) -> Result<(Self, NodeId), EditRefused> {
        let place = self.stand(id)?;
        let mut copy = self.node(id).ok_or(EditRefused::Gone)?.clone();
        copy.renumber(&mut self.next);
        let copy_id = copy.id;
        self.put(copy, place.parent, place.index + 1)?;
        Ok((self.within_limits()?, copy_id))
    }

    /// Swaps a node with the one before it.
    ///
    /// # Errors
    /// When there is none before it.
    pub fn move_up(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let place = self.stand(id)?;
        let before = place.index.checked_sub(1).ok_or(EditRefused::First)?;
        let node = self.take(id)?;
        self.put(node, place.parent, before)?;
        Ok(self)
    }

    /// Swaps a node with the one after it.
    ///
    /// # Errors
    /// When there is none after it.
    pub fn move_down(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let place = self.stand(id)?;
        if place.index + 1 >= self.members(place.parent)?.len() {
            return Err(EditRefused::Last);
        }
        let node = self.take(id)?;
        self.put(node, place.parent, place.index + 1)?;
        Ok(self)
    }

    /// Moves a node out of its group, to after it.
    ///
    /// # Errors
    /// When its group is the outermost.
    pub fn move_out(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let place = self.stand(id)?;
        let outer = self.place(place.parent).ok_or(EditRefused::Outermost)?;
        let node = self.take(id)?;
        self.put(node, outer.parent, outer.index + 1)?;
        Ok(self)
    }

    /// Moves a node into the group beside it: to the end of the one before it, else to the start of the one after it.
    ///
    /// # Errors
    /// When there is no group beside it, or groups would be nested too deeply.
    pub fn move_in(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let place = self.stand(id)?;
        let beside = |of: &[Node], index: Option<usize>| {
            of.get(index?)
                .filter(|node| node.group().is_some())
                .map(|node| node.id)
        };
        let of = self.members(place.parent)?;
        let (group, index) = if let Some(before) = beside(of, place.index.checked_sub(1)) {
            (before, usize::MAX)
        } else if let Some(after) = beside(of, Some(place.index + 1)) {
            (after, 0)
        } else {
            return Err(EditRefused::NoGroupBeside);
        };
        let node = self.take(id)?;
        self.put(node, group, index)?;
        self.within_limits()
    }

    /// Moves a node to right before another one, wherever that is.
    ///
    /// # Errors
    /// When one of them is the root or gone, the other lies inside of it, or nothing would change.
    pub fn move_before(mut self, id: NodeId, before: NodeId) -> Result<Self, EditRefused> {
        self.stand(before)?;
        let moved = self.node(id).ok_or(EditRefused::Gone)?;
        if moved.find(before).is_some() {
            return Err(if id == before {
                EditRefused::NoChange
            } else {
                EditRefused::IntoItself
            });
        }
        let from = self.stand(id)?;
        let node = self.take(id)?;
        let to = self.stand(before)?;
        self.put(node, to.parent, to.index)?;
        if from == to {
            return Err(EditRefused::NoChange);
        }
        self.within_limits()
    }

    /// Moves a node to the end of a group, wherever that is.
    ///
    /// # Errors
    /// When one of them is gone, it is the root, the group lies inside of it, or nothing would change.
    pub fn move_to_end(mut self, id: NodeId, group: NodeId) -> Result<Self, EditRefused> {
        let moved = self.node(id).ok_or(EditRefused::Gone)?;
        let from = self.stand(id)?;
        if moved.find(group).is_some() {
            return Err(EditRefused::IntoItself);
        }
        let last = self.members(group)?.last().map(|node| node.id);
        if last == Some(id) && from.parent == group {
            return Err(EditRefused::NoChange);
        }
        let node = self.take(id)?;
        self.put(node, group, usize::MAX)?;
        self.within_limits()
    }

    /// Puts a group around a node, in its place; answers the group too.
    ///
    /// # Errors
    /// When it is the root or gone, or groups would be nested too deeply.
    pub fn wrap(mut self, id: NodeId, mode: Mode) -> Result<(Self, NodeId), EditRefused> {
        let place = self.stand(id)?;
        let node = self.take(id)?;
        let group = self.fresh(Body::Group(Group {
            mode,
            of: vec![node],
        }));
        let group_id = group.id;
        self.put(group, place.parent, place.index)?;
        Ok((self.within_limits()?, group_id))
    }

    /// Puts the members of a group in its place; a negation goes over to each of them.
    ///
    /// # Errors
    /// When it is the root, gone or no group.
    pub fn unwrap(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let place = self.stand(id)?;
        if self.node(id).is_some_and(|node| node.group().is_none()) {
            return Err(EditRefused::NotAGroup);
        }
        let node = self.take(id)?;
        let Body::Group(group) = node.body else {
            return Err(EditRefused::NotAGroup);
        };
        for (offset, mut member) in group.of.into_iter().enumerate() {
            member.not ^= node.not;
            member.disabled |= node.disabled;
            self.put(member, place.parent, place.index + offset)?;
        }
        Ok(self)
    }

    /// Sets how the members of a group go together, and whether it is negated.
    ///
    /// # Errors
    /// When it is gone or no group, or is so already.
    pub fn set_mode(mut self, id: NodeId, mode: Mode, not: bool) -> Result<Self, EditRefused> {
        let node = self.root.find_mut(id).ok_or(EditRefused::Gone)?;
        let had_not = std::mem::replace(&mut node.not, not);
        let group = node.group_mut().ok_or(EditRefused::NotAGroup)?;
        let had = std::mem::replace(&mut group.mode, mode);
        if (had, had_not) == (mode, not) {
            return Err(EditRefused::NoChange);
        }
        Ok(self)
    }

    /// Makes a criterion one of another kind; what both kinds say stays.
    ///
    /// # Errors
    /// When it is gone, a group, or of that kind already.
    pub fn set_kind(self, id: NodeId, kind: Kind) -> Result<Self, EditRefused> {
        let changed = self
            .node(id)
            .ok_or(EditRefused::Gone)?
            .criterion()
            .ok_or(EditRefused::NotACriterion)?
            .as_kind(kind);
        self.replace(id, changed)
    }

    /// Turns a node into its negation and back.
    ///
    /// # Errors
    /// When it is gone.
    pub fn toggle_not(mut self, id: NodeId) -> Result<Self, EditRefused> {
        let node = self.root.find_mut(id).ok_or(EditRefused::Gone)?;
        node.not = !node.not;
        Ok(self)
    }

    /// Leaves a node out of the definition, or takes it in again.
    ///
    /// # Errors
    /// When it is the root or gone.
    pub fn toggle_disabled(mut self, id: NodeId) -> Result<Self, EditRefused> {
        self.stand(id)?;
        let node = self.root.find_mut(id).ok_or(EditRefused::Gone)?;
        node.disabled = !node.disabled;
        Ok(self)
    }

    /// Puts another form in a criterion's place.
    ///
    /// # Errors
    /// When it is gone, a group, or the same already.
    pub fn replace(mut self, id: NodeId, criterion: CriterionForm) -> Result<Self, EditRefused> {
        let node = self.root.find_mut(id).ok_or(EditRefused::Gone)?;
        match &mut node.body {
            Body::Group(_) => Err(EditRefused::NotACriterion),
            Body::Criterion(had) if **had == criterion => Err(EditRefused::NoChange),
            Body::Criterion(had) => {
                **had = criterion;
                Ok(self)
            }
        }
    }

    /// The ids of every segment that the tree refers to by a criterion.
    #[must_use]
    pub fn segment_ids(&self) -> HashSet<String> {
        self.nodes()
            .into_iter()
            .filter_map(|node| match node.criterion() {
                Some(CriterionForm::Segment(segment)) => Some(segment.id.clone()),
                _ => None,
            })
            .collect()
    }
}

fn letters(index: usize) -> String {
    let letter = |place: usize| char::from(b'a' + u8::try_from(place % 26).unwrap_or(0));
    match index / 26 {
        0 => letter(index).to_string(),
        rest => letters(rest - 1) + &letter(index).to_string(),
    }
}

fn define(
    node: &Node,
    pointer: String,
    places: &mut Vec<(NodeId, String)>,
    unfinished: &mut Vec<(NodeId, Vec<FormError>)>,
) -> Option<Criterion> {
    let inner = if node.not {
        format!("{pointer}/of")
    } else {
        pointer.clone()
    };
    places.push((node.id, pointer));
    let criterion = match &node.body {
        Body::Group(group) => {
            let mut of = Vec::new();
            for (index, member) in group
                .of
                .iter()
                .filter(|member| !member.is_left_out())
                .enumerate()
            {
                // Members go on being defined after an unfinished one, so that all that is unfinished is told at once.
                of.extend(define(
                    member,
                    format!("{inner}/of/{index}"),
                    places,
                    unfinished,
                ));
            }
            match group.mode {
                Mode::All => Criterion::All { of },
                Mode::Any => Criterion::Any { of },
            }
        }
        Body::Criterion(form) => match form.criterion() {
            Ok(criterion) => criterion,
            Err(errors) => {
                unfinished.push((node.id, errors));
                return None;
            }
        },
    };
    Some(if node.not {
        Criterion::Not {
            of: Box::new(criterion),
        }
    } else {
        criterion
    })
}

#[cfg(all(test, not(target_family = "wasm")))]
#[cfg(not(target_family = "wasm"))]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::{Body, EditRefused, Mode, Node, NodeId, Tree};
    use crate::criteria::criterion::tests::leaf;
    use crate::criteria::criterion::{CriterionForm, KINDS, Kind, SegmentForm};
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
            Criterion::Not { of } => {
                matches!(**of, Criterion::Not { .. }) || has_double_negation(of)
            }
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

    #[derive(Clone, Debug)]
    enum Edit {
        Add(usize),
        AddGroup(Mode),
        Remove,
        Duplicate,
        Up,
        Down,
        Out,
        In,
        Before,
        ToEnd,
        Wrap(Mode),
        Unwrap,
        SetMode(Mode, bool),
        SetKind(usize),
        Not,
        Disable,
    }

    fn edit() -> impl Strategy<Value = Edit> {
        let mode = prop::sample::select(vec![Mode::All, Mode::Any]);
        prop_oneof![
            (0..KINDS.len()).prop_map(Edit::Add),
            mode.clone().prop_map(Edit::AddGroup),
            Just(Edit::Remove),
            Just(Edit::Duplicate),
            Just(Edit::Up),
            Just(Edit::Down),
            Just(Edit::Out),
            Just(Edit::In),
            Just(Edit::Before),
            Just(Edit::ToEnd),
            mode.clone().prop_map(Edit::Wrap),
            Just(Edit::Unwrap),
            (mode, any::<bool>()).prop_map(|(mode, not)| Edit::SetMode(mode, not)),
            (0..KINDS.len()).prop_map(Edit::SetKind),
            Just(Edit::Not),
            Just(Edit::Disable),
        ]
    }

    fn apply(tree: Tree, edit: &Edit, one: NodeId, two: NodeId) -> Result<Tree, EditRefused> {
        match edit {
            Edit::Add(kind) => tree
                .add(one, None, KINDS[*kind].kind.blank())
                .map(|(tree, _)| tree),
            Edit::AddGroup(mode) => tree
                .add_group(one, *mode, Kind::Event.blank())
                .map(|(tree, _)| tree),
            Edit::Remove => tree.remove(one),
            Edit::Duplicate => tree.duplicate(one).map(|(tree, _)| tree),
            Edit::Up => tree.move_up(one),
            Edit::Down => tree.move_down(one),
            Edit::Out => tree.move_out(one),
            Edit::In => tree.move_in(one),
            Edit::Before => tree.move_before(one, two),
            Edit::ToEnd => tree.move_to_end(one, two),
            Edit::Wrap(mode) => tree.wrap(one, *mode).map(|(tree, _)| tree),
            Edit::Unwrap => tree.unwrap(one),
            Edit::SetMode(mode, not) => tree.set_mode(one, *mode, *not),
            Edit::SetKind(kind) => tree.set_kind(one, KINDS[*kind].kind),
            Edit::Not => tree.toggle_not(one),
            Edit::Disable => tree.toggle_disabled(one),
        }
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
                match apply(tree.clone(), &edit, one, two) {
                    Ok(edited) => {
                        check(&edited);
                        prop_assert_ne!(&edited, &before, "{:?} changed nothing", edit);
                        tree = edited;
                    }
                    Err(refused) => prop_assert!(!refused.to_string().is_empty()),
                }
            }
            let gone = NodeId(u32::MAX);
            prop_assert_eq!(tree.clone().remove(gone), Err(EditRefused::Gone));
            prop_assert_eq!(tree.clone().move_before(gone, gone), Err(EditRefused::Gone));
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

    #[test]
    fn moves_go_where_they_say() {
        let (tree, [a, group, b, c, d]) = sample();
        assert_eq!(short(&tree), "(a (b|c) d)");
        let done = |result: Result<Tree, EditRefused>| result.map(|tree| short(&tree));
        assert_eq!(
            done(tree.clone().move_down(a)),
            Ok("((b|c) a d)".to_owned())
        );
        assert_eq!(done(tree.clone().move_up(d)), Ok("(a d (b|c))".to_owned()));
        assert_eq!(done(tree.clone().move_in(a)), Ok("((a|b|c) d)".to_owned()));
        assert_eq!(done(tree.clone().move_in(d)), Ok("(a (b|c|d))".to_owned()));
        assert_eq!(done(tree.clone().move_out(b)), Ok("(a (c) b d)".to_owned()));
        assert_eq!(
            done(tree.clone().move_before(d, b)),
            Ok("(a (d|b|c))".to_owned())
        );
        assert_eq!(
            done(tree.clone().move_before(c, a)),
            Ok("(c a (b) d)".to_owned())
        );
        assert_eq!(
            done(tree.clone().move_to_end(a, group)),
            Ok("((b|c|a) d)".to_owned())
        );
        assert_eq!(done(tree.clone().move_up(a)), Err(EditRefused::First));
        assert_eq!(done(tree.clone().move_down(d)), Err(EditRefused::Last));
        assert_eq!(done(tree.clone().move_out(a)), Err(EditRefused::Outermost));
        assert_eq!(
            done(tree.clone().move_in(b)),
            Err(EditRefused::NoGroupBeside)
        );
        assert_eq!(
            done(tree.clone().move_before(group, b)),
            Err(EditRefused::IntoItself)
        );
        assert_eq!(
            done(tree.clone().move_to_end(group, group)),
            Err(EditRefused::IntoItself)
        );
        assert_eq!(
            done(tree.clone().move_before(a, group)),
            Err(EditRefused::NoChange)
        );
        let root = tree.root().id;
        assert_eq!(done(tree.clone().move_up(root)), Err(EditRefused::Root));
        assert_eq!(done(tree.remove(root)), Err(EditRefused::Root));
    }

    #[test]
    fn groups_are_made_and_undone() {
        let (tree, [a, group, ..]) = sample();
        let (wrapped, outer) = tree.clone().wrap(a, Mode::Any).unwrap();
        assert_eq!(short(&wrapped), "((a) (b|c) d)");
        assert_eq!(
            wrapped.unwrap(outer),
            Ok(tree.clone()).map(|mut same: Tree| {
                same.next += 1;
                same
            })
        );
        let none = tree.clone().set_mode(group, Mode::Any, true).unwrap();
        assert_eq!(short(&none), "(a !(b|c) d)");
        assert_eq!(short(&none.unwrap(group).unwrap()), "(a !b !c d)");
        assert_eq!(tree.clone().unwrap(a), Err(EditRefused::NotAGroup));
        assert_eq!(
            tree.clone().set_mode(group, Mode::Any, false),
            Err(EditRefused::NoChange)
        );
        assert_eq!(
            tree.set_kind(group, Kind::Event),
            Err(EditRefused::NotACriterion)
        );
    }

    #[test]
    fn what_is_disabled_is_left_out() {
        let (tree, [a, group, b, c, d]) = sample();
        let off = tree.clone().toggle_disabled(a).unwrap();
        let definition = off.definition().unwrap();
        assert_eq!(definition.places.pointer(a), None);
        assert_eq!(definition.places.pointer(group), Some("/of/0"));
        assert_eq!(definition.places.pointer(c), Some("/of/0/of/1"));
        assert_eq!(definition.places.pointer(d), Some("/of/1"));
        // A group all of whose members are off is off: "any of nothing" would be nobody.
        let off = off.toggle_disabled(b).unwrap().toggle_disabled(c).unwrap();
        assert_eq!(
            off.definition().unwrap().criterion,
            Criterion::All {
                of: vec![segment("d")]
            }
        );
        let off = off.toggle_disabled(d).unwrap();
        assert_eq!(off.definition().unwrap().criterion, Criterion::everyone());
    }

    #[test]
    fn numbers_read_like_an_outline() {
        let (tree, [a, group, b, c, d]) = sample();
        let numbers = [a, group, b, c, d].map(|id| tree.number(id));
        assert_eq!(numbers, ["1", "2", "2a", "2b", "3"]);
        assert_eq!(super::letters(25), "z");
        assert_eq!(super::letters(26), "aa");
        assert_eq!(tree.number(tree.root().id), "");
    }

    #[test]
    fn a_negation_stands_before_what_it_negates() {
        let (tree, [a, _, _, c, _]) = sample();
        let tree = tree.toggle_not(a).unwrap().toggle_not(c).unwrap();
        let places = tree.definition().unwrap().places;
        assert_eq!(places.pointer(a), Some("/of/0"));
        assert_eq!(places.node("/of/0/of/id"), Some(a));
        assert_eq!(places.node("/of/1/of/1/of/id"), Some(c));
        assert_eq!(places.node("/name"), Some(tree.root().id));
    }

    #[test]
    fn unfinished_criteria_are_told_by_node() {
        let (tree, [_, group, ..]) = sample();
        let (tree, event) = tree.add(group, None, Kind::Event.blank()).unwrap();
        let (tree, user) = tree.add(group, Some(0), Kind::User.blank()).unwrap();
        let unfinished = tree.definition().unwrap_err().0;
        let ids: Vec<_> = unfinished.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [user, event]);
        assert_eq!(unfinished[1].1[0].pointer, "/event");
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
}
