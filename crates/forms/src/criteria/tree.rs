//! The definition while it is edited: a tree of groups and criteria in which every place has a lasting id.
//!
//! [`Tree::edit`] answers the edited tree, or says why there is none. What a node stands for may be unfinished;
//! [`Tree::definition`] says so, by node.

use segments_model::Criterion;
use segments_model::limits::{LIMITS, MAX_CRITERIA};
use segments_model::sentence::criterion_number;
use segments_model::sort::sort_by_key;
use segments_model::validate::validate;
use serde::{Deserialize, Serialize};

use crate::criteria::criterion::{CriterionForm, Kind};
use crate::error::{Errors, FormError, is_within};

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

impl Mode {
    const fn other(self) -> Self {
        match self {
            Self::All => Self::Any,
            Self::Any => Self::All,
        }
    }
}

/// A group or a criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: NodeId,
    /// Whether users who meet it are left out instead.
    #[serde(default)]
    pub not: bool,
    /// Whether it is kept here but left out of the definition.
    #[serde(default)]
    pub disabled: bool,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A group of nodes.
    Group(Group),
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
    #[must_use]
    pub const fn group(&self) -> Option<&Group> {
        match &self.body {
            Body::Group(group) => Some(group),
            Body::Criterion(_) => None,
        }
    }

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
    #[error("The outermost group cannot be moved")]
    Root,
    /// The edit is about groups, and this is a criterion.
    #[error("It is not a group")]
    NotAGroup,
    /// The edit is about criteria, and this is a group.
    #[error("It is a group")]
    NotACriterion,
    /// This page shows the criterion and keeps it, but cannot change it.
    #[error("It cannot be changed here")]
    Kept,
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
    #[error("It is already like that")]
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

impl Place {
    const fn end_of(parent: NodeId) -> Self {
        Self {
            parent,
            index: usize::MAX,
        }
    }
}

/// What a tree stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
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

    /// Errors with the node that they are about, in the order of the nodes.
    fn by_node(&self, errors: Vec<FormError>) -> Vec<(NodeId, FormError)> {
        let order = |id| self.0.iter().position(|(node, _)| *node == id);
        let mut errors: Vec<_> = errors
            .into_iter()
            .filter_map(|error| Some((self.node(&error.pointer)?, error)))
            .collect();
        sort_by_key(&mut errors, |(id, _)| order(*id));
        errors
    }
}

/// What keeps a tree from being a definition, by node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfinished(pub Vec<(NodeId, FormError)>);

/// Something to do with a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a criterion that says nothing yet at the end of this group.
    Add(Kind),
    /// Puts a group with an event in it at the end of this group; the edit is about the event then.
    AddGroup,
    /// Takes it away.
    Remove,
    /// Puts a copy after it; the edit is about the copy then.
    Duplicate,
    Move(To),
    /// Puts a group around it, in its place.
    Wrap(Mode),
    /// Puts the members of this group in its place.
    Unwrap,
    /// Sets how the members of this group go together, and whether it is negated.
    SetMode(Mode, bool),
    /// Makes it a criterion of another kind; what both kinds say stays.
    SetKind(Kind),
    /// Puts another form in this criterion's place.
    Replace(Box<CriterionForm>),
    /// Turns it into its negation and back.
    ToggleNot,
    /// Leaves it out of the definition, or takes it in again.
    ToggleDisabled,
}

/// Where a node is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Before the one that it stands after.
    Up,
    /// After the one that it stands before.
    Down,
    /// Out of its group, to after it.
    Out,
    /// Into the group beside it: to the end of the one before it, else to the start of the one after it.
    In,
    /// Right before another one, wherever that is.
    Before(NodeId),
}

impl Tree {
    /// How deep groups may be nested, the outermost included.
    pub const MOST_LEVELS: usize = 6;
    /// How many criteria and groups there may be.
    pub const MOST_NODES: usize = MAX_CRITERIA as usize;

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

    /// The node that the focus goes to when this one goes: the next one in its group, else the one before, else the group.
    #[must_use]
    pub fn beside(&self, id: NodeId) -> Option<NodeId> {
        let place = self.place(id)?;
        let of = &self.node(place.parent)?.group()?.of;
        let before = || of.get(place.index.checked_sub(1)?);
        let beside = of.get(place.index + 1).or_else(before);
        Some(beside.map_or(place.parent, |node| node.id))
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
        fn search(node: &Node, id: NodeId, places: &mut Vec<usize>) -> Option<()> {
            node.group()?
                .of
                .iter()
                .enumerate()
                .find_map(|(place, child)| {
                    places.push(place);
                    let found = (child.id == id).then_some(());
                    let found = found.or_else(|| search(child, id, places));
                    if found.is_none() {
                        places.pop();
                    }
                    found
                })
        }
        let mut places = Vec::new();
        search(&self.root, id, &mut places);
        criterion_number(places)
    }

    /// A node's name: "criterion 2a", "group 2".
    #[must_use]
    pub fn name(&self, id: NodeId) -> String {
        let number = self.number(id);
        match self.node(id).and_then(Node::group) {
            Some(_) if number.is_empty() => "the outermost group".to_owned(),
            Some(_) => format!("group {number}"),
            None => format!("criterion {number}"),
        }
    }

    /// The definition that the tree stands for. Without any criterion, or with all of them left out, it is every user.
    ///
    /// # Errors
    /// What is unfinished, and what the model has against the rest, by node.
    pub fn definition(&self) -> Result<Definition, Unfinished> {
        let mut places = Places::default();
        if self.root.is_left_out() {
            places.0.push((self.root.id, String::new()));
            return Ok(Definition {
                criterion: Criterion::everyone(),
                places,
            });
        }
        let filled = Errors::checked(
            |errors| self.root.fill(errors, String::new(), &mut places),
            |criterion| validate(criterion, &LIMITS),
        );
        match filled {
            Ok(criterion) => Ok(Definition { criterion, places }),
            Err(errors) => Err(Unfinished(places.by_node(errors))),
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

    fn node_mut(&mut self, id: NodeId) -> Result<&mut Node, EditRefused> {
        self.root.find_mut(id).ok_or(EditRefused::Gone)
    }

    fn members(&mut self, id: NodeId) -> Result<&mut Vec<Node>, EditRefused> {
        let group = self.node_mut(id)?.group_mut();
        Ok(&mut group.ok_or(EditRefused::NotAGroup)?.of)
    }

    /// Where a node stands, which the root does not.
    fn stand(&self, id: NodeId) -> Result<Place, EditRefused> {
        if id == self.root.id {
            return Err(EditRefused::Root);
        }
        self.place(id).ok_or(EditRefused::Gone)
    }

    fn take(&mut self, id: NodeId) -> Result<(Node, Place), EditRefused> {
        let place = self.stand(id)?;
        let of = self.members(place.parent)?;
        if place.index < of.len() {
            Ok((of.remove(place.index), place))
        } else {
            Err(EditRefused::Gone)
        }
    }

    fn put(&mut self, node: Node, place: Place) -> Result<(), EditRefused> {
        let of = self.members(place.parent)?;
        of.insert(place.index.min(of.len()), node);
        Ok(())
    }

    fn new_node(&mut self, body: Body) -> Node {
        let id = NodeId(self.next);
        self.next += 1;
        Node {
            id,
            not: false,
            disabled: false,
            body,
        }
    }

    /// Does an edit to a node. Answers the edited tree, and the node that the edit is about then: the new one where one was
    /// added.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn edit(mut self, id: NodeId, edit: Edit) -> Result<(Self, NodeId), EditRefused> {
        let about = match edit {
            Edit::Add(kind) => self.add(id, kind)?,
            Edit::AddGroup => {
                let mode = self.node(id).and_then(Node::group).map(|group| group.mode);
                let group = self.new_node(Body::Group(Group {
                    // A group inside of one of the same mode would change nothing.
                    mode: mode.unwrap_or_default().other(),
                    of: Vec::new(),
                }));
                let group_id = group.id;
                self.put(group, Place::end_of(id))?;
                self.add(group_id, Kind::Event)?
            }
            Edit::Remove => {
                self.take(id)?;
                id
            }
            Edit::Duplicate => {
                let Place { parent, index } = self.stand(id)?;
                let mut copy = self.node(id).ok_or(EditRefused::Gone)?.clone();
                copy.renumber(&mut self.next);
                let copy_id = copy.id;
                self.put(
                    copy,
                    Place {
                        parent,
                        index: index + 1,
                    },
                )?;
                copy_id
            }
            Edit::Move(to) => self.move_to(id, to)?,
            Edit::Wrap(mode) => {
                let (node, place) = self.take(id)?;
                let of = vec![node];
                let group = self.new_node(Body::Group(Group { mode, of }));
                self.put(group, place)?;
                id
            }
            Edit::Unwrap => self.unwrap(id)?,
            Edit::SetMode(mode, not) => {
                let node = self.node_mut(id)?;
                let had_not = std::mem::replace(&mut node.not, not);
                let group = node.group_mut().ok_or(EditRefused::NotAGroup)?;
                let had = std::mem::replace(&mut group.mode, mode);
                if (had, had_not) == (mode, not) {
                    return Err(EditRefused::NoChange);
                }
                id
            }
            Edit::SetKind(kind) => {
                if self
                    .node(id)
                    .and_then(Node::criterion)
                    .is_some_and(|form| form.kind().is_none())
                {
                    return Err(EditRefused::Kept);
                }
                self.change(id, |form| *form = form.as_kind(kind))?
            }
            Edit::Replace(form) => self.change(id, |had| *had = *form)?,
            Edit::ToggleNot => {
                let node = self.node_mut(id)?;
                node.not = !node.not;
                id
            }
            Edit::ToggleDisabled => {
                self.stand(id)?;
                let node = self.node_mut(id)?;
                node.disabled = !node.disabled;
                id
            }
        };
        Ok((self.within_limits()?, about))
    }

    fn add(&mut self, group: NodeId, kind: Kind) -> Result<NodeId, EditRefused> {
        let node = self.new_node(Body::Criterion(Box::new(kind.blank())));
        let id = node.id;
        self.put(node, Place::end_of(group))?;
        Ok(id)
    }

    fn move_to(&mut self, id: NodeId, to: To) -> Result<NodeId, EditRefused> {
        if to == To::Before(id) {
            return Err(EditRefused::NoChange);
        }
        if let To::Before(other) = to {
            self.stand(other)?;
        }
        let (node, from) = self.take(id)?;
        let place = self.place_to(&node, from, to)?;
        if place == from {
            return Err(EditRefused::NoChange);
        }
        self.put(node, place)?;
        Ok(id)
    }

    /// Where a node comes to stand that was taken from a place.
    fn place_to(&mut self, node: &Node, from: Place, to: To) -> Result<Place, EditRefused> {
        let Place { parent, index } = from;
        match to {
            To::Up => {
                let index = index.checked_sub(1).ok_or(EditRefused::First)?;
                Ok(Place { parent, index })
            }
            To::Down if index >= self.members(parent)?.len() => Err(EditRefused::Last),
            To::Down => Ok(Place {
                parent,
                index: index + 1,
            }),
            To::Out => {
                let Place { parent, index } = self.place(parent).ok_or(EditRefused::Outermost)?;
                Ok(Place {
                    parent,
                    index: index + 1,
                })
            }
            To::In => {
                let of = self.members(parent)?;
                let group = |index: Option<usize>| {
                    let node = of.get(index?)?;
                    node.group().map(|_| node.id)
                };
                let before = group(index.checked_sub(1)).map(Place::end_of);
                let after = || group(Some(index)).map(|parent| Place { parent, index: 0 });
                before.or_else(after).ok_or(EditRefused::NoGroupBeside)
            }
            To::Before(other) if node.find(other).is_some() => Err(EditRefused::IntoItself),
            To::Before(other) => self.stand(other),
        }
    }

    /// Puts the members of a group in its place; a negation goes over to each of them.
    fn unwrap(&mut self, id: NodeId) -> Result<NodeId, EditRefused> {
        let (node, Place { parent, index }) = self.take(id)?;
        let Body::Group(group) = node.body else {
            return Err(EditRefused::NotAGroup);
        };
        for (offset, mut member) in group.of.into_iter().enumerate() {
            member.not ^= node.not;
            member.disabled |= node.disabled;
            let index = index + offset;
            self.put(member, Place { parent, index })?;
        }
        Ok(id)
    }

    fn change(
        &mut self,
        id: NodeId,
        change: impl FnOnce(&mut CriterionForm),
    ) -> Result<NodeId, EditRefused> {
        let Body::Criterion(form) = &mut self.node_mut(id)?.body else {
            return Err(EditRefused::NotACriterion);
        };
        let had = form.clone();
        change(form);
        if *form == had {
            return Err(EditRefused::NoChange);
        }
        Ok(id)
    }
}

impl Node {
    fn fill(&self, errors: &mut Errors, pointer: String, places: &mut Places) -> Criterion {
        let inner = if self.not { "/of" } else { "" };
        let inside = format!("{pointer}{inner}");
        places.0.push((self.id, pointer));
        let criterion = errors.at(inner, |errors| match &self.body {
            Body::Group(group) => {
                let members = group.of.iter().filter(|member| !member.is_left_out());
                let of = members
                    .enumerate()
                    .map(|(index, member)| {
                        let place = format!("/of/{index}");
                        let pointer = format!("{inside}{place}");
                        errors.at(&place, |errors| member.fill(errors, pointer, places))
                    })
                    .collect();
                match group.mode {
                    Mode::All => Criterion::All { of },
                    Mode::Any => Criterion::Any { of },
                }
            }
            Body::Criterion(form) => form.fill(errors),
        });
        if self.not {
            Criterion::Not {
                of: Box::new(criterion),
            }
        } else {
            criterion
        }
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests;
