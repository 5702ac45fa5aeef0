//! The state of the page: the tree with its history, what is wrong with it, and what the backend says of it.

use leptos::prelude::*;
use segments_forms::criteria::criterion::{CriterionForm, Kind};
use segments_forms::criteria::tree::{
    Definition, Edit, EditRefused, Mode, Node, NodeId, Places, Tree, Unfinished,
};
use segments_forms::history::History;
use segments_model::Segment;
use segments_model::preview::{CriterionEffect, Lint, Preview, PreviewRequest, Severity};
use segments_model::problem::{InputError, Problem};
use segments_ui::Step;
use segments_ui::states::sentence;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::client::{Client, Loader, Status, Versioned};
use crate::parts::criteria::effect::{EffectNumbers, effect_numbers};
use crate::parts::field::Field;
use crate::parts::fields::{open_first_unset, reveal};

/// How long the page waits for another change before it asks, in milliseconds.
const DEBOUNCE_MS: u32 = 150;

/// An answer with where the nodes of the tree stood when it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewAnswer {
    pub preview: Preview,
    /// Where the nodes stood.
    pub places: Places,
}

#[derive(Clone, PartialEq)]
struct PreviewQuestion {
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
    preview: Loader<PreviewAnswer>,
    stopped: RwSignal<bool>,
    announcement: RwSignal<String>,
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
                Some(PreviewQuestion {
                    definition: definition.get().ok()?,
                    against: against.clone(),
                    time_zone: time_zone.clone(),
                })
            },
            move |question: PreviewQuestion| {
                let client = client.clone();
                async move {
                    let request = PreviewRequest {
                        definition: question.definition.criterion,
                        against: question.against,
                        as_of: None,
                        time_zone: question.time_zone,
                    };
                    let preview = client.preview(&request).await?;
                    Ok(PreviewAnswer {
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
            announcement: RwSignal::new(String::new()),
        }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

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
    pub const fn preview(self) -> Loader<PreviewAnswer> {
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
    pub const fn announcement(self) -> RwSignal<String> {
        self.announcement
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
        self.tree.with(|tree| tree.name(id))
    }

    /// The numbers beside a node.
    #[must_use]
    pub fn effect(self, id: NodeId) -> Memo<Option<EffectNumbers>> {
        Memo::new(move |_| {
            self.tree.with(|tree| {
                let parent = tree.place(id)?.parent;
                let mode = tree.node(parent)?.group()?.mode;
                self.preview
                    .map(|answer| {
                        let effect = effect_of(answer, id)?;
                        Some(effect_numbers(
                            effect,
                            mode,
                            users_before(tree, answer, parent),
                        ))
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
            let mut errors = self.definition.with(|definition| match definition {
                Err(Unfinished(errors)) => {
                    let errors = errors.iter();
                    errors
                        .map(|(node, error)| (*node, error.detail.clone()))
                        .collect()
                }
                Ok(definition) => self.preview.status().with(|status| {
                    let problem = status.error().and_then(|error| error.problem());
                    problem.map_or_else(Vec::new, |problem| refusals(problem, &definition.places))
                }),
            });
            errors.extend(self.refused.get());
            let mut errors: Vec<_> = errors
                .into_iter()
                .filter(|(node, _)| *node == id)
                .map(|(_, detail)| sentence(&detail))
                .collect();
            errors.dedup();
            errors
        })
    }

    /// The first node that is unfinished, with its name and what it lacks.
    #[must_use]
    pub fn first_unfinished(self) -> Option<(NodeId, String, String)> {
        let (id, error) = self
            .definition
            .with(|definition| definition.as_ref().err()?.0.first().cloned())?;
        Some((id, self.name(id), error.detail))
    }

    /// A criterion, to change.
    #[must_use]
    pub fn criterion(self, id: NodeId) -> Field<CriterionForm> {
        let form = Memo::new(move |_| {
            self.tree
                .with(|tree| tree.node(id)?.criterion().cloned())
                .unwrap_or_else(|| Kind::Event.blank())
        });
        Field::of(
            form,
            Callback::new(move |form| self.edit(id, Edit::Replace(Box::new(form)))),
        )
    }

    // ---- editing

    /// Does an edit to a node, says what came of it, and leads the focus there.
    pub fn edit(self, id: NodeId, edit: Edit) {
        let before = self.tree.get_untracked();
        let (name, beside) = (before.name(id), before.beside(id));
        let label = label(&edit, &name);
        // Changes of one criterion, one right after the other, are one step.
        let typed = matches!(edit, Edit::Replace(_)).then_some(id);
        match before.edit(id, edit.clone()) {
            Ok((tree, about)) => {
                self.go(tree, label, typed);
                match edit {
                    Edit::Add(_) | Edit::AddGroup => open_first_token(about),
                    Edit::Duplicate => focus_node(about),
                    Edit::Move(_) | Edit::Wrap(_) => {
                        let now = untrack(|| self.name(id));
                        self.announce(format!("Moved {name}, now {now}"));
                        focus_node(id);
                    }
                    Edit::Remove => {
                        self.announce(format!("Removed {name}"));
                        if let Some(beside) = beside {
                            focus_node(beside);
                        }
                    }
                    _ => {}
                }
            }
            Err(EditRefused::NoChange) => {}
            Err(refused) => self.announce(refused.to_string()),
        }
    }

    fn go(self, tree: Tree, label: String, typed: Option<NodeId>) {
        self.refused.set(Vec::new());
        self.stopped.set(false);
        self.history
            .update(|history| history.go(tree, label, typed));
    }

    /// The next change is a step of its own.
    pub fn seal(self) {
        self.history.update_untracked(History::seal);
    }

    /// Undoes the last step, or does it again.
    pub fn step(self, step: Step) {
        let label = untrack(|| self.undo_label());
        let (done, verb, label) = match step {
            Step::Undo => (self.history.try_update(History::undo), "Undone", label),
            Step::Redo => {
                let done = self.history.try_update(History::redo);
                (done, "Redone", untrack(|| self.undo_label()))
            }
        };
        if done == Some(true) {
            self.stopped.set(false);
            self.refused.set(Vec::new());
            self.announce(format!("{verb}: {}", label.unwrap_or_default()));
        }
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
        self.go(self.base_tree(), "discard the draft".to_owned(), None);
    }

    /// Shows what the backend refused of the definition at its nodes. The pointers start at a request's `definition`.
    /// Answers whether there was such.
    pub fn refuse(self, problem: &Problem) -> bool {
        let Ok(definition) = self.definition.get_untracked() else {
            return false;
        };
        let refused = refusals(problem, &definition.places);
        let any = !refused.is_empty();
        if let Some((first, _)) = refused.first() {
            focus_node(*first);
        }
        self.refused.set(refused);
        any
    }

    fn announce(self, text: String) {
        self.announcement.set(text);
    }
}

/// What an edit is called where it can be undone.
fn label(edit: &Edit, name: &str) -> String {
    match edit {
        Edit::Add(_) => "add a criterion".to_owned(),
        Edit::AddGroup => "add a group".to_owned(),
        Edit::Remove => format!("remove {name}"),
        Edit::Duplicate => format!("duplicate {name}"),
        Edit::Move(_) | Edit::Wrap(_) => format!("move {name}"),
        Edit::Unwrap => format!("ungroup {name}"),
        Edit::SetMode(..) | Edit::SetKind(_) | Edit::Replace(_) => format!("change {name}"),
        Edit::ToggleNot => format!("negate {name}"),
        Edit::ToggleDisabled => format!("disable or enable {name}"),
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

fn effect_of(answer: &PreviewAnswer, id: NodeId) -> Option<&CriterionEffect> {
    let pointer = answer.places.pointer(id)?;
    answer
        .preview
        .criteria
        .iter()
        .find(|effect| effect.pointer == pointer)
}

/// How many users are left before a group, so that its members are asked of them.
fn users_before(tree: &Tree, answer: &PreviewAnswer, group: NodeId) -> u64 {
    let all = answer.preview.all_users;
    let Some(place) = tree.place(group) else {
        return all;
    };
    let parent = tree.node(place.parent).and_then(Node::group);
    match parent.map(|parent| parent.mode) {
        Some(Mode::All) => effect_of(answer, group)
            .map_or(all, |effect| effect.kept.saturating_add(effect.dropped)),
        Some(Mode::Any) => users_before(tree, answer, place.parent),
        None => all,
    }
}

/// What a problem says of the nodes. The pointers start at a request's `definition`.
fn refusals(problem: &Problem, places: &Places) -> Vec<(NodeId, String)> {
    let refusal = |error: &InputError| {
        let pointer = error.pointer.strip_prefix("/definition")?;
        Some((places.node(pointer)?, error.detail.clone()))
    };
    problem.errors.iter().filter_map(refusal).collect()
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
            reveal(&element);
        }
    });
}

/// Opens the first token of a criterion that has just been put on the page.
pub fn open_first_token(id: NodeId) {
    open_first_unset(element_id(id));
}

#[cfg(test)]
mod tests {
    use super::{refusals, says_the_same};
    use segments_forms::criteria::criterion::Kind;
    use segments_forms::criteria::tree::{Edit, Mode, Tree};
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
        assert_eq!(
            refusals(&problem, &places),
            [(ids[2], "no such segment".to_owned())]
        );
    }

    #[test]
    fn a_disabled_criterion_is_a_change() {
        let tree = Tree::from(&Criterion::All {
            of: vec![segment("a")],
        });
        let id = tree.nodes()[1].id;
        assert!(says_the_same(&tree, &tree.clone()));
        let edited = |id, edit| tree.clone().edit(id, edit).unwrap().0;
        let off = edited(id, Edit::ToggleDisabled);
        assert!(!says_the_same(&tree, &off));
        assert!(!says_the_same(&Tree::default(), &off));
        let root = tree.root().id;
        let unfinished = edited(root, Edit::Add(Kind::Event));
        assert!(!says_the_same(&tree, &unfinished));
        let any = edited(root, Edit::SetMode(Mode::Any, false));
        assert!(!says_the_same(&tree, &any));
    }
}
