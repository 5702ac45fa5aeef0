//! The state of the page: the tree with its history, what is wrong with it, and what the backend says of it.

use leptos::prelude::*;
use segments_forms::criteria::criterion::{CriterionForm, Kind};
use segments_forms::criteria::tree::{
    Definition, EditRefused, Mode, Node, NodeId, Places, Tree, Unfinished,
};
use segments_forms::history::History;
use segments_model::Segment;
use segments_model::preview::{CriterionEffect, Lint, Preview, PreviewRequest, Severity};
use segments_model::problem::Problem;
use segments_ui::dom::focus;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::client::{Client, Loader, Status, Versioned};
use crate::parts::criteria::effect::{Shown, shown};

/// How long the page waits for another change before it asks, in milliseconds.
const DEBOUNCE_MS: u32 = 150;

/// An answer with where the nodes of the tree stood when it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The answer.
    pub preview: Preview,
    /// Where the nodes stood.
    pub places: Places,
}

#[derive(Clone, PartialEq)]
struct Question {
    definition: Definition,
    against: Option<String>,
    time_zone: Option<String>,
}

/// The state of the page. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct Editor {
    history: RwSignal<History<Tree, NodeId>>,
    tree: Memo<Tree>,
    definition: Memo<Result<Definition, Unfinished>>,
    refused: RwSignal<Vec<(NodeId, String)>>,
    base: StoredValue<Option<Versioned<Segment>>>,
    preview: Loader<Answer>,
    stopped: RwSignal<bool>,
    said: RwSignal<String>,
}

impl Editor {
    /// Edits a tree; with a base, the definition of that stored segment.
    #[must_use]
    pub fn new(tree: Tree, base: Option<Versioned<Segment>>, client: Client) -> Self {
        let history = RwSignal::new(History::new(tree));
        let tree = Memo::new(move |_| history.with(|history| history.now().clone()));
        let definition = Memo::new(move |_| tree.with(Tree::definition));
        let stopped = RwSignal::new(false);
        let against = base.as_ref().map(|base| base.value.summary.id.clone());
        let time_zone = base
            .as_ref()
            .map(|base| base.value.summary.time_zone.clone());
        let preview = Loader::debounced(
            DEBOUNCE_MS,
            move || {
                if stopped.get() {
                    return None;
                }
                Some(Question {
                    definition: definition.get().ok()?,
                    against: against.clone(),
                    time_zone: time_zone.clone(),
                })
            },
            move |question: Question| {
                let client = client.clone();
                async move {
                    let request = PreviewRequest {
                        definition: question.definition.criterion,
                        against: question.against,
                        as_of: None,
                        time_zone: question.time_zone,
                    };
                    let preview = client.preview(&request).await?;
                    Ok(Answer {
                        preview,
                        places: question.definition.places,
                    })
                }
            },
        );
        Self {
            history,
            tree,
            definition,
            refused: RwSignal::new(Vec::new()),
            base: StoredValue::new(base),
            preview,
            stopped,
            said: RwSignal::new(String::new()),
        }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The tree now.
    #[must_use]
    pub const fn tree(self) -> Memo<Tree> {
        self.tree
    }

    /// The definition that it stands for, or what is unfinished.
    #[must_use]
    pub const fn definition(self) -> Memo<Result<Definition, Unfinished>> {
        self.definition
    }

    /// The stored segment that is edited.
    #[must_use]
    pub fn base(self) -> Option<Versioned<Segment>> {
        self.base.get_value()
    }

    /// The id of the stored segment that is edited.
    #[must_use]
    pub fn base_id(self) -> Option<String> {
        self.base
            .with_value(|base| base.as_ref().map(|base| base.value.summary.id.clone()))
    }

    /// The tree of the stored segment, or the empty one.
    #[must_use]
    pub fn base_tree(self) -> Tree {
        self.base.with_value(|base| {
            base.as_ref()
                .map_or_else(Tree::default, |base| Tree::from(&base.value.definition))
        })
    }

    /// Whether the tree says something else than what is stored.
    #[must_use]
    pub fn is_changed(self) -> bool {
        let base = self.base_tree();
        self.tree.with(|tree| !says_the_same(tree, &base))
    }

    /// The backend's answer.
    #[must_use]
    pub const fn preview(self) -> Loader<Answer> {
        self.preview
    }

    /// Whether the numbers on the page belong to an older state of the tree.
    #[must_use]
    pub fn is_stale(self) -> bool {
        self.stopped.get()
            || self.definition.with(Result::is_err)
            || self
                .preview
                .status()
                .with(|status| !matches!(status, Status::Ready(_)))
    }

    /// Whether asking was stopped by hand.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        self.stopped.get()
    }

    /// Stops asking until the next change, or until [`resume`](Self::resume).
    pub fn stop(self) {
        self.stopped.set(true);
    }

    /// Asks again.
    pub fn resume(self) {
        if self.stopped.get_untracked() {
            self.stopped.set(false);
        } else {
            self.preview.reload();
        }
    }

    /// What was said last to a screen reader about an edit.
    #[must_use]
    pub const fn said(self) -> RwSignal<String> {
        self.said
    }

    // ---- reading

    /// A node, as long as it is there.
    #[must_use]
    pub fn node(self, id: NodeId) -> Memo<Option<Node>> {
        let tree = self.tree;
        Memo::new(move |_| tree.with(|tree| tree.node(id).cloned()))
    }

    /// A node's number.
    #[must_use]
    pub fn number(self, id: NodeId) -> Memo<String> {
        let tree = self.tree;
        Memo::new(move |_| tree.with(|tree| tree.number(id)))
    }

    /// "criterion 2a", "group 2".
    #[must_use]
    pub fn name(self, id: NodeId) -> String {
        self.tree.with(|tree| name(tree, id))
    }

    /// The numbers beside a node.
    #[must_use]
    pub fn effect(self, id: NodeId) -> Memo<Option<Shown>> {
        Memo::new(move |_| {
            self.tree.with(|tree| {
                let parent = tree.place(id)?.parent;
                let mode = tree.node(parent)?.group()?.mode;
                self.preview
                    .map(|answer| {
                        let effect = effect_of(answer, id)?;
                        Some(shown(effect, mode, asked(tree, answer, parent)))
                    })
                    .flatten()
            })
        })
    }

    /// Everything that looks wrong, with the node where.
    #[must_use]
    pub fn lint(self) -> Vec<(Option<NodeId>, Lint)> {
        self.preview
            .map(|answer| {
                answer
                    .preview
                    .lint
                    .iter()
                    .map(|lint| (answer.places.node(&lint.pointer), lint.clone()))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The worst thing that looks wrong with a node.
    #[must_use]
    pub fn warning(self, id: NodeId) -> Memo<Option<String>> {
        Memo::new(move |_| {
            self.lint()
                .into_iter()
                .filter(|(node, lint)| *node == Some(id) && lint.severity > Severity::Info)
                .max_by_key(|(_, lint)| lint.severity)
                .map(|(_, lint)| lint.detail)
        })
    }

    /// What is wrong with a node: what its form lacks, and what the backend refused.
    #[must_use]
    pub fn errors(self, id: NodeId) -> Memo<Vec<String>> {
        Memo::new(move |_| {
            let mut errors: Vec<String> = self.definition.with(|definition| {
                let Err(unfinished) = definition else {
                    return Vec::new();
                };
                unfinished
                    .0
                    .iter()
                    .filter(|(node, _)| *node == id)
                    .flat_map(|(_, errors)| errors.iter().map(|error| error.detail.clone()))
                    .collect()
            });
            self.preview.status().with(|status| {
                let Some(problem) = status.error().and_then(|error| error.problem()) else {
                    return;
                };
                self.definition.with(|definition| {
                    if let Ok(definition) = definition {
                        errors.extend(problem_at(problem, &definition.places, id));
                    }
                });
            });
            self.refused.with(|refused| {
                errors.extend(
                    refused
                        .iter()
                        .filter(|(node, _)| *node == id)
                        .map(|(_, detail)| detail.clone()),
                );
            });
            errors.dedup();
            errors
        })
    }

    /// The first node that is unfinished, with its number and what it lacks.
    #[must_use]
    pub fn first_unfinished(self) -> Option<(NodeId, String, String)> {
        let (id, detail) = self.definition.with(|definition| {
            let (id, errors) = definition.as_ref().err()?.0.first()?.clone();
            Some((id, errors.into_iter().next()?.detail))
        })?;
        Some((id, self.name(id), detail))
    }

    // ---- editing

    /// Does an edit; says why not, where it is refused. Changes of the same node, one right after the other, are one
    /// step where `typed` names it.
    pub fn edit(
        self,
        label: impl Into<String>,
        typed: Option<NodeId>,
        edit: impl FnOnce(Tree) -> Result<Tree, EditRefused>,
    ) -> bool {
        match edit(self.tree.get_untracked()) {
            Ok(tree) => {
                self.refused.set(Vec::new());
                self.stopped.set(false);
                self.history
                    .update(|history| history.go(tree, label, typed));
                true
            }
            Err(EditRefused::NoChange) => false,
            Err(refused) => {
                self.say(refused.to_string());
                false
            }
        }
    }

    /// Puts another form in a criterion's place.
    pub fn replace(self, id: NodeId, criterion: CriterionForm) {
        let label = format!("change {}", untracked_name(self, id));
        self.edit(label, Some(id), |tree| tree.replace(id, criterion));
    }

    /// The next change is a step of its own.
    pub fn seal(self) {
        self.history.update_untracked(History::seal);
    }

    /// Adds a criterion and opens its first token.
    pub fn add(self, group: NodeId, kind: Kind) {
        let mut added = None;
        self.edit("add a criterion", None, |tree| {
            let (tree, id) = tree.add(group, None, kind.blank())?;
            added = Some(id);
            Ok(tree)
        });
        if let Some(id) = added {
            open_first_token(id);
        }
    }

    /// Adds a group with an event in it and opens its first token.
    pub fn add_group(self, group: NodeId) {
        let mut added = None;
        let mode = self.tree.with_untracked(|tree| {
            let mode = tree
                .node(group)
                .and_then(Node::group)
                .map(|group| group.mode);
            // A group inside of one of the same mode would change nothing.
            match mode {
                Some(Mode::Any) => Mode::All,
                _ => Mode::Any,
            }
        });
        self.edit("add a group", None, |tree| {
            let (tree, id) = tree.add_group(group, mode, Kind::Event.blank())?;
            added = Some(id);
            Ok(tree)
        });
        if let Some(id) = added {
            open_first_token(id);
        }
    }

    /// Takes a node away; the focus goes to the next one.
    pub fn remove(self, id: NodeId) {
        let name = untracked_name(self, id);
        let next = self.tree.with_untracked(|tree| {
            let place = tree.place(id)?;
            let of = &tree.node(place.parent)?.group()?.of;
            let beside = of
                .get(place.index + 1)
                .or_else(|| of.get(place.index.checked_sub(1)?));
            Some(beside.map_or(place.parent, |node| node.id))
        });
        if self.edit(format!("remove {name}"), None, |tree| tree.remove(id)) {
            self.say(format!("Removed {name}"));
            if let Some(next) = next {
                focus_node(next);
            }
        }
    }

    /// Moves a node by an edit that keeps its id; the focus stays with it.
    pub fn move_node(self, id: NodeId, edit: impl FnOnce(Tree) -> Result<Tree, EditRefused>) {
        let name = untracked_name(self, id);
        if self.edit(format!("move {name}"), None, edit) {
            let now = untracked_name(self, id);
            self.say(format!("Moved {name}, now {now}"));
            focus_node(id);
        }
    }

    /// Undoes the last step.
    pub fn undo(self) {
        let label = self.undo_label_untracked();
        if self.history.try_update(History::undo) == Some(true) {
            self.stopped.set(false);
            self.refused.set(Vec::new());
            self.say(format!("Undone: {}", label.unwrap_or_default()));
        }
    }

    /// Does again what was undone.
    pub fn redo(self) {
        if self.history.try_update(History::redo) == Some(true) {
            self.stopped.set(false);
            self.refused.set(Vec::new());
            let label = self.undo_label_untracked();
            self.say(format!("Done again: {}", label.unwrap_or_default()));
        }
    }

    fn undo_label_untracked(self) -> Option<String> {
        self.history
            .with_untracked(|history| history.undo_label().map(str::to_owned))
    }

    /// What undoing would undo.
    #[must_use]
    pub fn undo_label(self) -> Option<String> {
        self.history
            .with(|history| history.undo_label().map(str::to_owned))
    }

    /// What doing again would do.
    #[must_use]
    pub fn redo_label(self) -> Option<String> {
        self.history
            .with(|history| history.redo_label().map(str::to_owned))
    }

    /// Goes back to what is stored, as a step that can be undone.
    pub fn discard(self) {
        let base = self.base_tree();
        self.edit("discard the draft", None, |_| Ok(base));
    }

    /// Shows what the backend refused of the definition at its nodes. The pointers start at a request's `definition`.
    /// Answers whether there was such.
    pub fn refuse(self, problem: &Problem) -> bool {
        let Ok(definition) = self.definition.get_untracked() else {
            return false;
        };
        let refused: Vec<_> = problem
            .errors
            .iter()
            .filter_map(|error| {
                let pointer = error.pointer.strip_prefix("/definition")?;
                Some((definition.places.node(pointer)?, error.detail.clone()))
            })
            .collect();
        let any = !refused.is_empty();
        if let Some((first, _)) = refused.first() {
            focus_node(*first);
        }
        self.refused.set(refused);
        any
    }

    fn say(self, text: String) {
        self.said.set(text);
    }
}

fn untracked_name(editor: Editor, id: NodeId) -> String {
    editor.tree.with_untracked(|tree| name(tree, id))
}

fn name(tree: &Tree, id: NodeId) -> String {
    let number = tree.number(id);
    match tree.node(id) {
        Some(node) if number.is_empty() && node.group().is_some() => {
            "the outermost group".to_owned()
        }
        Some(node) if node.group().is_some() => format!("group {number}"),
        _ => format!("criterion {number}"),
    }
}

/// Whether two trees stand for the same definition, or are unfinished in the same way.
fn says_the_same(one: &Tree, other: &Tree) -> bool {
    let definition = |tree: &Tree| tree.definition().map(|definition| definition.criterion);
    match (definition(one), definition(other)) {
        (Ok(one_definition), Ok(other_definition)) => {
            one_definition == other_definition && one.nodes().len() == other.nodes().len()
        }
        _ => false,
    }
}

fn effect_of(answer: &Answer, id: NodeId) -> Option<&CriterionEffect> {
    let pointer = answer.places.pointer(id)?;
    answer
        .preview
        .criteria
        .iter()
        .find(|effect| effect.pointer == pointer)
}

/// How many users are left before a group, so that its members are asked of them.
fn asked(tree: &Tree, answer: &Answer, group: NodeId) -> u64 {
    let all = answer.preview.all_users;
    let Some(place) = tree.place(group) else {
        return all;
    };
    let parent = tree.node(place.parent).and_then(Node::group);
    match parent.map(|parent| parent.mode) {
        Some(Mode::All) => effect_of(answer, group)
            .map_or(all, |effect| effect.kept.saturating_add(effect.dropped)),
        Some(Mode::Any) => asked(tree, answer, place.parent),
        None => all,
    }
}

/// What a problem says of a node. The pointers start at a request's `definition`.
fn problem_at(problem: &Problem, places: &Places, id: NodeId) -> Vec<String> {
    problem
        .errors
        .iter()
        .filter(|error| {
            error
                .pointer
                .strip_prefix("/definition")
                .and_then(|pointer| places.node(pointer))
                == Some(id)
        })
        .map(|error| error.detail.clone())
        .collect()
}

/// The id of the element that shows a node.
#[must_use]
pub fn element_id(id: NodeId) -> String {
    format!("us-node-{id}")
}

fn within_node(id: NodeId, selector: &str) -> Option<HtmlElement> {
    document()
        .get_element_by_id(&element_id(id))?
        .query_selector(selector)
        .ok()??
        .dyn_into()
        .ok()
}

/// Gives the focus to a node once it is on the page: to its grip, or the outermost group's first button.
pub fn focus_node(id: NodeId) {
    request_animation_frame(move || {
        if let Some(element) = within_node(id, ".us-grip, button") {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
            focus(&element);
        }
    });
}

/// Opens the first token of a criterion that has just been put on the page.
pub fn open_first_token(id: NodeId) {
    request_animation_frame(move || {
        if let Some(token) = within_node(id, ".us-tok--bad[popovertarget]") {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            token.scroll_into_view_with_scroll_into_view_options(&options);
            focus(&token);
            token.click();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{name, problem_at, says_the_same};
    use segments_forms::criteria::criterion::Kind;
    use segments_forms::criteria::tree::{Mode, Tree};
    use segments_model::Criterion;
    use segments_model::criterion::SegmentCriterion;
    use segments_model::problem::{Code, InputError, Problem};

    fn segment(id: &str) -> Criterion {
        Criterion::Segment(SegmentCriterion {
            id: id.to_owned(),
            as_of: None,
        })
    }

    #[test]
    fn a_problem_is_told_at_its_criterion() {
        let tree = Tree::from(&Criterion::All {
            of: vec![segment("a"), segment("b")],
        });
        let places = tree.definition().unwrap().places;
        let ids: Vec<_> = tree.nodes().iter().map(|node| node.id).collect();
        let error = |pointer: &str, detail: &str| InputError {
            pointer: pointer.to_owned(),
            code: Code::Unknown,
            detail: detail.to_owned(),
        };
        let problem = Problem {
            kind: "/problems/invalid".to_owned(),
            title: "Invalid".to_owned(),
            status: 422,
            detail: "Invalid".to_owned(),
            errors: vec![
                error("/definition/of/1/id", "no such segment"),
                error("/name", "taken"),
            ],
            used_by: vec![],
            exceeded: None,
        };
        assert!(problem_at(&problem, &places, ids[1]).is_empty());
        assert_eq!(problem_at(&problem, &places, ids[2]), ["no such segment"]);
    }

    #[test]
    fn nodes_have_names() {
        let tree = Tree::from(&Criterion::All {
            of: vec![
                segment("a"),
                Criterion::Any {
                    of: vec![segment("b")],
                },
            ],
        });
        let names: Vec<_> = tree
            .nodes()
            .iter()
            .map(|node| name(&tree, node.id))
            .collect();
        assert_eq!(
            names,
            [
                "the outermost group",
                "criterion 1",
                "group 2",
                "criterion 2a"
            ]
        );
    }

    #[test]
    fn a_disabled_criterion_is_a_change() {
        let tree = Tree::from(&Criterion::All {
            of: vec![segment("a")],
        });
        let id = tree.nodes()[1].id;
        assert!(says_the_same(&tree, &tree.clone()));
        let off = tree.clone().toggle_disabled(id).unwrap();
        assert!(!says_the_same(&tree, &off));
        assert!(!says_the_same(&Tree::default(), &off));
        let root = tree.root().id;
        let (unfinished, _) = tree.clone().add(root, None, Kind::Event.blank()).unwrap();
        assert!(!says_the_same(&tree, &unfinished));
        let any = tree.clone().set_mode(root, Mode::Any, false).unwrap();
        assert!(!says_the_same(&tree, &any));
    }
}
