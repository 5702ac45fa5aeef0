//! The tree on the page: groups in groups, a criterion a row, every part of it a token.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::criterion::{
    CriterionForm, EventForm, FirstEventForm, KINDS, Kind, SegmentForm,
};
use segments_forms::criteria::tree::{EditRefused, Mode, Node, NodeId, Tree};
use segments_forms::did::DidForm;
use segments_forms::event::EventChoice;
use segments_forms::filter::{FilterForm, FilterItem, PropertyForm};
use segments_forms::measure::{CompareForm, MeasureForm, MeasureKind};
use segments_forms::range::RangeForm;
use segments_forms::users::UserIdsForm;
use segments_model::filter::Scope;
use segments_model::sentence;
use segments_ui::{Align, Glyph, Icon, MenuButton, MenuCheck, MenuItem};
use wasm_bindgen::JsCast as _;
use web_sys::{DragEvent, Element, KeyboardEvent};

use crate::parts::criteria::editor::{Editor, element_id};
use crate::parts::did::{AddCondition, DidLines};
use crate::parts::fields::open_first_unset;
use crate::parts::filter_editor::FilterEditor;
use crate::parts::pickers::{
    ComparePicker, EventPicker, MeasurePicker, PropertyPicker, SegmentPicker,
};
use crate::parts::range_picker::RangePicker;
use crate::parts::user_ids::UserIdsPicker;
use crate::parts::vocabulary::Vocabulary;

/// How the members of a group go together, as a person chooses it.
const MODES: [(Mode, bool, &str); 4] = [
    (Mode::All, false, "All"),
    (Mode::Any, false, "Any"),
    (Mode::Any, true, "None"),
    (Mode::All, true, "Not all"),
];

fn mode_word(mode: Mode, not: bool) -> &'static str {
    MODES
        .into_iter()
        .find(|(each, negated, _)| (*each, *negated) == (mode, not))
        .map_or("All", |(_, _, word)| word)
}

/// What is dragged, while something is.
#[derive(Clone, Copy)]
struct Dragged(RwSignal<Option<NodeId>>);

/// The whole tree.
#[component]
pub fn Rows() -> impl IntoView {
    let editor = Editor::expect();
    provide_context(Dragged(RwSignal::new(None)));
    // The root keeps its id through every edit, but not through a form that is discarded.
    let root = Memo::new(move |_| editor.tree().with(|tree| tree.root().id));
    let all_users = Memo::new(move |_| editor.preview().map(|answer| answer.preview.all_users));
    view! {
        <div class="root" aria-busy=move || editor.is_stale().to_string()>
            {move || {
                let root = root.get();
                view! {
                    <div id=element_id(root) class="group__head group__head--root">
                        <ModeToken id=root />
                        <span class="us-2 us-grow">"of these"</span>
                        <div class="cnt">
                            <b>{move || all_users.get().map(format::count)}</b>
                            <span class="cnt__bar" aria-hidden="true">
                                <i style:inline-size="100%"></i>
                            </span>
                            <small></small>
                        </div>
                        <div class="crit__acts"></div>
                    </div>
                    <Members group=root />
                }
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Members(group: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let ids = Memo::new(move |_| {
        editor.tree().with(|tree| {
            let of = tree
                .node(group)
                .and_then(Node::group)
                .map(|group| &group.of);
            of.map(|of| of.iter().map(|node| node.id).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let mode = Memo::new(move |_| {
        editor.tree().with(|tree| {
            let group = tree.node(group).and_then(Node::group);
            group.map(|group| group.mode).unwrap_or_default()
        })
    });
    let is_root = Memo::new(move |_| editor.tree().with(|tree| tree.root().id == group));
    view! {
        <Show when=move || ids.with(Vec::is_empty)>
            <p class="group__empty">
                {move || match (mode.get(), is_root.get()) {
                    (Mode::All, true) => "No criterion yet: every user is in. Add what they have to meet.",
                    (Mode::All, false) => "Nothing in this group: every user meets it.",
                    (Mode::Any, _) => "Nothing in this group: no user meets it.",
                }}
            </p>
        </Show>
        <ol class="items">
            <For each=move || ids.get() key=|id| *id children=move |id| view! { <Item id group mode ids /> } />
        </ol>
        <AddRow group is_root />
    }
    .into_any()
}

#[component]
fn Item(id: NodeId, group: NodeId, mode: Memo<Mode>, ids: Memo<Vec<NodeId>>) -> impl IntoView {
    let editor = Editor::expect();
    let Dragged(dragged) = expect_context();
    let node = editor.node(id);
    let is_group = Memo::new(move |_| {
        node.with(|node| node.as_ref().is_some_and(|node| node.group().is_some()))
    });
    let disabled =
        Memo::new(move |_| node.with(|node| node.as_ref().is_some_and(|node| node.disabled)));
    let join = move || {
        let first = ids.with(|ids| ids.first() == Some(&id));
        match mode.get() {
            _ if first => "",
            Mode::All => "and",
            Mode::Any => "or",
        }
    };
    let over = RwSignal::new(false);
    let takes = move || dragged.get_untracked().is_some_and(|dragged| dragged != id);
    view! {
        <li
            class="item"
            class:is-off=move || disabled.get()
            class:is-drop=move || over.get()
            on:dragover=move |event: DragEvent| {
                if takes() {
                    event.prevent_default();
                    event.stop_propagation();
                    over.set(true);
                }
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: DragEvent| {
                over.set(false);
                if let Some(moved) = dragged.get_untracked().filter(|_| takes()) {
                    event.prevent_default();
                    event.stop_propagation();
                    dragged.set(None);
                    editor.move_node(moved, |tree| tree.move_before(moved, id));
                }
            }
        >
            <span class="join" aria-hidden="true">
                {join}
            </span>
            {move || {
                if is_group.get() {
                    view! { <GroupBox id group /> }.into_any()
                } else {
                    view! { <Row id group /> }.into_any()
                }
            }}
        </li>
    }
    .into_any()
}

/// "inside group 2, any of these", for those who do not see the box around it.
fn inside(editor: Editor, group: NodeId) -> String {
    let mode = editor.tree().with(|tree| {
        let node = tree.node(group)?;
        let mode = node.group()?.mode;
        Some(mode_word(mode, node.not).to_lowercase())
    });
    format!(
        "inside {}, {} of these",
        editor.name(group),
        mode.unwrap_or_default()
    )
}

fn mode_of(editor: Editor, id: NodeId) -> Memo<(Mode, bool)> {
    Memo::new(move |_| {
        editor
            .tree()
            .with(|tree| {
                let node = tree.node(id)?;
                Some((node.group()?.mode, node.not))
            })
            .unwrap_or_default()
    })
}

#[component]
fn GroupBox(id: NodeId, group: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let mode = mode_of(editor, id);
    let label = move || {
        let (mode, not) = mode.get();
        format!(
            "{}, {} of these, {}",
            capital(&editor.name(id)),
            mode_word(mode, not).to_lowercase(),
            inside(editor, group)
        )
    };
    view! {
        <div
            id=element_id(id)
            class="group"
            role="group"
            aria-label=label
            on:keydown=move |event| on_key(editor, id, &event)
        >
            <div class="group__head">
                <Grip id />
                <Number id />
                <ModeToken id />
                <span class="us-2 us-grow">"of these"</span>
                <Effect id />
                <div class="crit__acts">
                    <NodeMenu id />
                </div>
            </div>
            <Errors id />
            <Members group=id />
        </div>
    }
    .into_any()
}

#[component]
fn Row(id: NodeId, group: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let name = Signal::derive(move || editor.name(id));
    let warning = editor.warning(id);
    view! {
        <div
            id=element_id(id)
            class="crit"
            role="group"
            aria-label=move || format!("{}, {}", capital(&name.get()), inside(editor, group))
            on:keydown=move |event| on_key(editor, id, &event)
            on:click=move |_| editor.seal()
        >
            <Grip id />
            <Number id />
            <div class="body">
                <Criterion id />
                <Errors id />
            </div>
            {move || {
                warning
                    .get()
                    .map(|warning| {
                        view! {
                            <span class="flag" title=warning.clone()>
                                <Icon glyph=Glyph::Warning small=true />
                                <span class="us-vh">{format!("Warning: {warning}")}</span>
                            </span>
                        }
                    })
            }}
            <Effect id />
            <div class="crit__acts">
                <span class="crit__quick">
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                        type="button"
                        title="Negate"
                        aria-label=move || format!("Negate {}", name.get())
                        on:click=move |_| {
                            editor.edit("negate a criterion", None, |tree| tree.toggle_not(id));
                        }
                    >
                        <Icon glyph=Glyph::Not small=true />
                    </button>
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                        type="button"
                        title="Duplicate"
                        aria-label=move || format!("Duplicate {}", name.get())
                        on:click=move |_| duplicate(editor, id)
                    >
                        <Icon glyph=Glyph::Duplicate small=true />
                    </button>
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                        type="button"
                        title="Remove"
                        aria-label=move || format!("Remove {}", name.get())
                        on:click=move |_| editor.remove(id)
                    >
                        <Icon glyph=Glyph::Cross small=true />
                    </button>
                </span>
                <NodeMenu id />
            </div>
        </div>
    }
    .into_any()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// Alt and the arrow keys move a node; Delete on its grip takes it away.
fn on_key(editor: Editor, id: NodeId, event: &KeyboardEvent) {
    let on_grip = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| target.class_list().contains("us-grip"));
    if on_grip && matches!(event.key().as_str(), "Delete" | "Backspace") {
        event.prevent_default();
        event.stop_propagation();
        editor.remove(id);
        return;
    }
    if event.key() == "Enter" {
        editor.seal();
    }
    if !event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let edit: fn(Tree, NodeId) -> _ = match event.key().as_str() {
        "ArrowUp" => Tree::move_up,
        "ArrowDown" => Tree::move_down,
        "ArrowLeft" => Tree::move_out,
        "ArrowRight" => Tree::move_in,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    editor.move_node(id, |tree| edit(tree, id));
}

fn duplicate(editor: Editor, id: NodeId) {
    let mut copy = None;
    editor.edit("duplicate a criterion", None, |tree| {
        let (tree, id) = tree.duplicate(id)?;
        copy = Some(id);
        Ok(tree)
    });
    if let Some(copy) = copy {
        crate::parts::criteria::editor::focus_node(copy);
    }
}

#[component]
fn Grip(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let Dragged(dragged) = expect_context();
    view! {
        <button
            class="us-grip"
            type="button"
            draggable="true"
            title="Drag, or press Alt and an arrow key"
            aria-label=move || format!("Move {}", editor.name(id))
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+ArrowLeft Alt+ArrowRight Delete"
            on:dragstart=move |event: DragEvent| {
                dragged.set(Some(id));
                if let Some(data) = event.data_transfer() {
                    // Firefox drags only what carries data.
                    drop(data.set_data("text/plain", &editor.name(id)));
                }
            }
            on:dragend=move |_| dragged.set(None)
        >
            <Icon glyph=Glyph::Grip />
        </button>
    }
}

#[component]
fn Number(id: NodeId) -> impl IntoView {
    let number = Editor::expect().number(id);
    view! { <span class="no">{move || number.get()}</span> }
}

#[component]
fn Errors(id: NodeId) -> impl IntoView {
    let errors = Editor::expect().errors(id);
    view! {
        {move || {
            errors
                .get()
                .into_iter()
                .map(|error| view! { <p class="crit__error">{error}</p> })
                .collect_view()
        }}
    }
}

/// The numbers of a node: dimmed while they belong to an older definition.
#[component]
fn Effect(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let effect = editor.effect(id);
    let in_any =
        Memo::new(move |_| effect.with(|effect| effect.as_ref().is_some_and(|it| it.adds)));
    let number = move || effect.with(|effect| effect.as_ref().map(|it| format::count(it.users)));
    let bar = move || {
        let bar = effect.with(|effect| effect.as_ref().map_or(0.0, |it| it.bar));
        format!("{:.1}%", bar * 100.0)
    };
    let change = move || {
        effect.with(|effect| {
            effect.as_ref().map(|it| {
                let sign = if it.adds { "+" } else { "\u{2212}" };
                format!("{sign}{}", format::count(it.change))
            })
        })
    };
    let words = move || {
        effect.with(|effect| {
            effect.as_ref().map(|it| {
                if it.adds {
                    format!(
                        "{} meet it, {} more than before",
                        format::count(it.users),
                        format::count(it.change)
                    )
                } else {
                    format!(
                        "{} kept, {} dropped",
                        format::count(it.users),
                        format::count(it.change)
                    )
                }
            })
        })
    };
    view! {
        <div class="cnt" class:cnt--in=move || in_any.get() class:is-stale=move || editor.is_stale()>
            <b aria-hidden="true">{number}</b>
            <Show when=move || effect.with(Option::is_some) fallback=|| view! { <span></span> }>
                <span class="cnt__bar" aria-hidden="true">
                    <i style:inline-size=bar></i>
                </span>
            </Show>
            <small aria-hidden="true">{change}</small>
            <span class="us-vh">{words}</span>
        </div>
    }
}

#[component]
fn ModeToken(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let mode = mode_of(editor, id);
    let open = RwSignal::new(false);
    view! {
        <MenuButton
            class="us-tok"
            label=Signal::derive(move || {
                let (mode, not) = mode.get();
                format!("{} of these, in {}", mode_word(mode, not), editor.name(id))
            })
            button=ViewFn::from(move || {
                let (mode, not) = mode.get();
                view! {
                    <b>{mode_word(mode, not)}</b>
                    <Icon glyph=Glyph::Down />
                }
            })
            menu_label="How these go together"
            open
        >
            {MODES
                .into_iter()
                .map(|(each, not, word)| {
                    view! {
                        <MenuCheck
                            label=word
                            checked=Signal::derive(move || mode.get() == (each, not))
                            radio=true
                            on_toggle=Callback::new(move |()| {
                                open.set(false);
                                editor
                                    .edit(
                                        format!("make it {}", word.to_lowercase()),
                                        None,
                                        |tree| tree.set_mode(id, each, not),
                                    );
                            })
                        />
                    }
                })
                .collect_view()}
        </MenuButton>
    }
}

/// A way to move a node: its words, its icon, its keys, the edit.
type Move = (
    &'static str,
    Glyph,
    &'static str,
    fn(Tree, NodeId) -> Result<Tree, EditRefused>,
);

/// Everything that can be done with a node; what would be refused is left out.
#[component]
fn NodeMenu(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let items = move || {
        let tree = editor.tree().get_untracked();
        let Some(node) = tree.node(id).cloned() else {
            return ().into_any();
        };
        let is_group = node.group().is_some();
        let kind = node.criterion().and_then(CriterionForm::kind);
        let moves: [Move; 4] = [
            ("Move up", Glyph::Up, "Alt \u{2191}", Tree::move_up),
            ("Move down", Glyph::Down, "Alt \u{2193}", Tree::move_down),
            (
                "Move out of its group",
                Glyph::Left,
                "Alt \u{2190}",
                Tree::move_out,
            ),
            (
                "Move into the group beside",
                Glyph::Right,
                "Alt \u{2192}",
                Tree::move_in,
            ),
        ];
        let possible: Vec<_> = moves
            .into_iter()
            .filter(|(_, _, _, edit)| edit(tree.clone(), id).is_ok())
            .collect();
        let wraps = tree.clone().wrap(id, Mode::Any).is_ok();
        view! {
            <MenuItem
                glyph=Glyph::Not
                label=if node.not { "Do not negate" } else { "Negate" }
                on_select=Callback::new(move |()| {
                    editor.edit("negate", None, |tree| tree.toggle_not(id));
                })
            />
            <MenuItem
                glyph=Glyph::Eye
                label=if node.disabled { "Take in again" } else { "Leave out for now" }
                on_select=Callback::new(move |()| {
                    editor.edit("leave out or take in", None, |tree| tree.toggle_disabled(id));
                })
            />
            <MenuItem
                glyph=Glyph::Duplicate
                label="Duplicate"
                on_select=Callback::new(move |()| duplicate(editor, id))
            />
            <hr />
            {possible
                .into_iter()
                .map(|(label, glyph, key, edit)| {
                    view! {
                        <MenuItem
                            glyph
                            label
                            key
                            on_select=Callback::new(move |()| editor.move_node(id, |tree| edit(tree, id)))
                        />
                    }
                })
                .collect_view()}
            {wraps
                .then(|| {
                    [(Mode::All, "Put into a group: all"), (Mode::Any, "Put into a group: any")]
                        .into_iter()
                        .map(|(mode, label)| {
                            view! {
                                <MenuItem
                                    glyph=Glyph::Compose
                                    label
                                    on_select=Callback::new(move |()| {
                                        editor
                                            .move_node(
                                                id,
                                                |tree| tree.wrap(id, mode).map(|(tree, _)| tree),
                                            );
                                    })
                                />
                            }
                        })
                        .collect_view()
                })}
            {is_group
                .then(|| {
                    view! {
                        <MenuItem
                            glyph=Glyph::Compose
                            label="Dissolve the group"
                            on_select=Callback::new(move |()| {
                                editor.edit("dissolve a group", None, |tree| tree.unwrap(id));
                            })
                        />
                    }
                })}
            {kind
                .map(|current| {
                    view! {
                        <hr />
                        <p class="us-menu__title" role="presentation">
                            "Change to"
                        </p>
                        {KINDS
                            .into_iter()
                            .filter(|row| row.kind != current)
                            .map(|row| {
                                view! {
                                    <MenuItem
                                        glyph=kind_glyph(row.kind)
                                        label=row.label
                                        on_select=Callback::new(move |()| {
                                            editor
                                                .edit(
                                                    "change the kind",
                                                    None,
                                                    |tree| tree.set_kind(id, row.kind),
                                                );
                                        })
                                    />
                                }
                            })
                            .collect_view()}
                    }
                })}
            <hr />
            <MenuItem
                glyph=Glyph::Cross
                label="Remove"
                danger=true
                on_select=Callback::new(move |()| editor.remove(id))
            />
        }
        .into_any()
    };
    let items = StoredValue::new(items);
    view! {
        <MenuButton
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
            label=Signal::derive(move || format!("More for {}", editor.name(id)))
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Dots /> })
            menu_label=Signal::derive(move || capital(&editor.name(id)))
            align=Align::End
        >
            {items.with_value(|items| items())}
        </MenuButton>
    }
}

const fn kind_glyph(kind: Kind) -> Glyph {
    match kind {
        Kind::Event => Glyph::Bolt,
        Kind::Figure => Glyph::Sum,
        Kind::Days => Glyph::Calendar,
        Kind::First => Glyph::First,
        Kind::User => Glyph::User,
        Kind::Segment => Glyph::Segment,
        Kind::Users => Glyph::Users,
    }
}

/// Buttons that add to a group.
#[component]
fn AddRow(group: NodeId, is_root: Memo<bool>) -> impl IntoView {
    let editor = Editor::expect();
    let place = move || format!("to {}", editor.name(group));
    let root = move || {
        view! {
            <div class="us-row us-row--3 addrow">
                {KINDS
                    .into_iter()
                    .map(|row| {
                        let glyph = if row.kind == Kind::Event { Glyph::Plus } else { kind_glyph(row.kind) };
                        view! {
                            <button
                                class="us-add"
                                type="button"
                                title=row.hint
                                aria-label=format!("Add: {}", row.label)
                                on:click=move |_| editor.add(group, row.kind)
                            >
                                <Icon glyph />
                                {row.label}
                            </button>
                        }
                    })
                    .collect_view()}
                <button
                    class="us-add"
                    type="button"
                    title="Criteria that go together"
                    aria-label="Add: Group"
                    on:click=move |_| editor.add_group(group)
                >
                    <Icon glyph=Glyph::Compose />
                    "Group"
                </button>
            </div>
        }
    };
    let inner = move || {
        view! {
            <div class="addrow addrow--in">
                <MenuButton
                    class="us-add"
                    label=Signal::derive(move || format!("Add {}", place()))
                    button=ViewFn::from(|| {
                        view! {
                            <Icon glyph=Glyph::Plus />
                            "Add"
                        }
                    })
                    menu_label="Add a criterion"
                >
                    {KINDS
                        .into_iter()
                        .map(|row| {
                            view! {
                                <MenuItem
                                    glyph=kind_glyph(row.kind)
                                    label=row.label
                                    on_select=Callback::new(move |()| editor.add(group, row.kind))
                                />
                            }
                        })
                        .collect_view()}
                    <MenuItem
                        glyph=Glyph::Compose
                        label="Group"
                        on_select=Callback::new(move |()| editor.add_group(group))
                    />
                </MenuButton>
            </div>
        }
    };
    view! {
        {move || if is_root.get() { root().into_any() } else { inner().into_any() }}
    }
    .into_any()
}

// ---- criteria

/// Which tokens a criterion has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tokens {
    Times,
    Figure,
    First,
    User,
    Segment,
    Users,
    Kept,
}

#[component]
fn Criterion(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let form = Memo::new(move |_| {
        editor
            .tree()
            .with(|tree| tree.node(id)?.criterion().cloned())
            .unwrap_or_else(|| CriterionForm::Event(EventForm::default()))
    });
    let not = Memo::new(move |_| {
        editor
            .tree()
            .with(|tree| tree.node(id).is_some_and(|node| node.not))
    });
    let tokens = Memo::new(move |_| {
        form.with(|form| match form {
            CriterionForm::Event(event) => match event.measure.kind {
                MeasureKind::Count | MeasureKind::DistinctDays => Tokens::Times,
                MeasureKind::Of(_) => Tokens::Figure,
            },
            CriterionForm::FirstEvent(_) => Tokens::First,
            CriterionForm::User(_) => Tokens::User,
            CriterionForm::Segment(_) => Tokens::Segment,
            CriterionForm::Users(_) => Tokens::Users,
            CriterionForm::Kept(_) => Tokens::Kept,
        })
    });
    let part = Part {
        editor,
        id,
        form,
        not,
    };
    view! {
        {move || match tokens.get() {
            Tokens::Times => times(part),
            Tokens::Figure => figure(part),
            Tokens::First => first(part),
            Tokens::User => user(part),
            Tokens::Segment => segment(part),
            Tokens::Users => users(part),
            Tokens::Kept => kept(part),
        }}
    }
    .into_any()
}

/// What the tokens of a criterion share.
#[derive(Clone, Copy)]
struct Part {
    editor: Editor,
    id: NodeId,
    form: Memo<CriterionForm>,
    not: Memo<bool>,
}

impl Part {
    fn event_form(self) -> EventForm {
        match self.form.get() {
            CriterionForm::Event(event) => event,
            _ => EventForm::default(),
        }
    }

    fn change_event(self, change: impl FnOnce(&mut EventForm)) {
        if let CriterionForm::Event(mut event) = self.form.get_untracked() {
            change(&mut event);
            self.editor.replace(self.id, CriterionForm::Event(event));
        }
    }

    /// The event, filter and range that event criteria and first-event criteria both have.
    fn event(self) -> (EventChoice, FilterForm, RangeForm) {
        match self.form.get() {
            CriterionForm::Event(EventForm {
                event,
                filter,
                during,
                ..
            })
            | CriterionForm::FirstEvent(FirstEventForm {
                event,
                filter,
                during,
            }) => (event, filter, during),
            _ => Default::default(),
        }
    }

    fn change_shared(self, change: impl FnOnce(&mut EventChoice, &mut FilterForm, &mut RangeForm)) {
        let mut form = self.form.get_untracked();
        match &mut form {
            CriterionForm::Event(EventForm {
                event,
                filter,
                during,
                ..
            })
            | CriterionForm::FirstEvent(FirstEventForm {
                event,
                filter,
                during,
            }) => change(event, filter, during),
            _ => return,
        }
        self.editor.replace(self.id, form);
    }

    fn owner(self) -> Signal<String> {
        Signal::derive(move || self.editor.name(self.id))
    }
}

fn verb(part: Part) -> impl IntoView {
    view! {
        <span class="w">
            "did"
            {move || part.not.get().then(|| view! { " "<b>"not"</b> })}
        </span>
    }
}

fn event_token(part: Part) -> AnyView {
    view! {
        <EventPicker
            value=Signal::derive(move || part.event().0)
            on_change=Callback::new(move |chosen| part.change_shared(|event, _, _| *event = chosen))
        />
    }
    .into_any()
}

fn range_token(part: Part) -> AnyView {
    view! {
        <RangePicker
            value=Signal::derive(move || part.event().2)
            on_change=Callback::new(move |range| part.change_shared(|_, _, during| *during = range))
        />
    }
    .into_any()
}

fn compare_token(part: Part) -> AnyView {
    view! {
        <ComparePicker
            value=Signal::derive(move || part.event_form().compare)
            measure=Signal::derive(move || part.event_form().measure.kind)
            on_change=Callback::new(move |compare: CompareForm| {
                part.change_event(|event| event.compare = compare);
            })
        />
    }
    .into_any()
}

/// The condition on occurrences: a line of its own once there is one, before that a button.
fn where_line(part: Part) -> AnyView {
    let has_filter = Memo::new(move |_| !part.event().1.is_empty());
    let event = Signal::derive(move || part.event().0.name().map(str::to_owned));
    view! {
        <Show when=move || has_filter.get()>
            <div class="toks toks--w">
                <span class="w">"where"</span>
                <FilterEditor
                    filter=Signal::derive(move || part.event().1)
                    on_change=Callback::new(move |filter| part.change_shared(|_, had, _| *had = filter))
                    event
                    without=Signal::derive(move || part.editor.base_id())
                    owner=part.owner()
                />
            </div>
        </Show>
        {dids(part)}
    }
    .into_any()
}

/// The button that adds a condition on occurrences; only criteria of events can say what else was done.
fn where_button(part: Part) -> AnyView {
    let has_filter = Memo::new(move |_| !part.event().1.is_empty());
    let add_where = move || {
        part.change_shared(|_, filter, _| {
            *filter = std::mem::take(filter)
                .adding(&[], FilterItem::property(PropertyForm::unset(Scope::Event)));
        });
        crate::parts::criteria::editor::open_first_token(part.id);
    };
    let takes_did = part
        .form
        .with_untracked(|form| matches!(form, CriterionForm::Event(_)));
    if takes_did {
        return view! {
            <AddCondition
                owner=part.owner()
                has_filter
                on_where=Callback::new(move |()| add_where())
                on_did=Callback::new(move |performed| {
                    part.change_event(|event| event.did.push(DidForm::blank(performed)));
                    open_first_unset(dids_id(part));
                })
            />
        }
        .into_any();
    }
    view! {
        <Show when=move || !has_filter.get()>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
                type="button"
                title="Add a where condition"
                aria-label=move || format!("Add a where condition to {}", part.editor.name(part.id))
                on:click=move |_| add_where()
            >
                <Icon glyph=Glyph::Filter small=true />
            </button>
        </Show>
    }
    .into_any()
}

/// What else has to have been performed relative to each occurrence.
fn dids(part: Part) -> AnyView {
    view! {
        <DidLines
            id=dids_id(part)
            value=Signal::derive(move || match part.form.get() {
                CriterionForm::Event(event) => event.did,
                _ => Vec::new(),
            })
            on_change=Callback::new(move |(_, did): (&'static str, Vec<DidForm>)| {
                part.change_event(|event| event.did = did);
            })
            owner=part.owner()
            without=Signal::derive(move || part.editor.base_id())
        />
    }
    .into_any()
}

fn dids_id(part: Part) -> String {
    format!("{}-did", element_id(part.id))
}

fn times(part: Part) -> AnyView {
    // "did not … at least once" says no more than "did not".
    let plain = Memo::new(move |_| {
        let event = part.event_form();
        part.not.get()
            && event.compare == CompareForm::default()
            && event.measure.kind == MeasureKind::Count
    });
    view! {
        <div class="toks">
            {verb(part)} {event_token(part)} <Show when=move || !plain.get()>{compare_token(part)}</Show>
            {range_token(part)} {where_button(part)}
        </div>
        {where_line(part)}
    }
    .into_any()
}

fn figure(part: Part) -> AnyView {
    let measure = Signal::derive(move || part.event_form().measure);
    let change = Callback::new(move |measure: MeasureForm| {
        part.change_event(|event| event.measure = measure);
    });
    let numbers = Signal::derive(move || match measure.get().kind {
        MeasureKind::Of(aggregate) => aggregate.needs_numbers(),
        MeasureKind::Count | MeasureKind::DistinctDays => false,
    });
    view! {
        <div class="toks">
            {move || part.not.get().then(|| view! { <span class="w"><b>"not"</b></span> })}
            <MeasurePicker value=measure on_change=change />
            <PropertyPicker
                value=Signal::derive(move || measure.get().property)
                event=Signal::derive(move || part.event().0.name().map(str::to_owned))
                numbers
                on_change=Callback::new(move |property| {
                    part.change_event(|event| event.measure.property = property);
                })
            />
            <span class="w">"over"</span>
            {event_token(part)}
            {compare_token(part)}
            {range_token(part)}
            {where_button(part)}
        </div>
        {where_line(part)}
    }
    .into_any()
}

fn first(part: Part) -> AnyView {
    view! {
        <div class="toks">
            {verb(part)} {event_token(part)} <span class="w">"for the first time"</span> {range_token(part)}
            {where_button(part)}
        </div>
        {where_line(part)}
    }
    .into_any()
}

fn user(part: Part) -> AnyView {
    let filter = Signal::derive(move || match part.form.get() {
        CriterionForm::User(filter) => filter,
        _ => FilterForm::default(),
    });
    view! {
        <div class="toks">
            <span class="w">
                {move || part.not.get().then(|| view! { <b>"not"</b>" " })}
                "user property"
            </span>
            <FilterEditor
                filter
                on_change=Callback::new(move |filter| {
                    part.editor.replace(part.id, CriterionForm::User(filter));
                })
                users_only=true
                without=Signal::derive(move || part.editor.base_id())
                owner=part.owner()
            />
        </div>
    }
    .into_any()
}

fn segment(part: Part) -> AnyView {
    let form = Signal::derive(move || match part.form.get() {
        CriterionForm::Segment(segment) => segment,
        _ => SegmentForm::default(),
    });
    view! {
        <div class="toks">
            <span class="w">
                {move || part.not.get().then(|| view! { <b>"not"</b>" " })}
                "in segment"
            </span>
            <SegmentPicker
                value=Signal::derive(move || form.get().id)
                without=Signal::derive(move || part.editor.base_id())
                on_change=Callback::new(move |id| {
                    let as_of = form.get_untracked().as_of;
                    part.editor.replace(part.id, CriterionForm::Segment(SegmentForm { id, as_of }));
                })
            />
            {move || {
                form
                    .get()
                    .as_of
                    .map(|as_of| {
                        view! {
                            <span class="w">{format!("as of {}", format::date_time(as_of, "UTC"))}</span>
                            <button
                                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                                type="button"
                                aria-label="Evaluate it as of now instead"
                                on:click=move |_| {
                                    let id = form.get_untracked().id;
                                    let form = SegmentForm { id, as_of: None };
                                    part.editor.replace(part.id, CriterionForm::Segment(form));
                                }
                            >
                                <Icon glyph=Glyph::Cross small=true />
                            </button>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

fn users(part: Part) -> AnyView {
    view! {
        <div class="toks">
            <span class="w">
                {move || part.not.get().then(|| view! { <b>"not"</b>" " })}
                "one of"
            </span>
            <UserIdsPicker
                value=Signal::derive(move || match part.form.get() {
                    CriterionForm::Users(users) => users,
                    _ => UserIdsForm::default(),
                })
                on_change=Callback::new(move |users| {
                    part.editor.replace(part.id, CriterionForm::Users(users));
                })
            />
        </div>
    }
    .into_any()
}

fn kept(part: Part) -> AnyView {
    let vocabulary = Vocabulary::expect();
    let words = move || {
        part.form.with(|form| match form {
            CriterionForm::Kept(criterion) => {
                let names = |id: &str| vocabulary.segment_name(id);
                sentence::plain(&sentence::criterion_spans(criterion, &names))
            }
            _ => String::new(),
        })
    };
    view! {
        <div class="toks">
            <span class="w w--long">
                {move || part.not.get().then(|| view! { <b>"not"</b>" " })}
                {words}
            </span>
            <span class="us-badge">"Kept as it is"</span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{MODES, Mode, capital, mode_word};

    #[test]
    fn every_mode_has_its_word() {
        for (mode, not, word) in MODES {
            assert_eq!(mode_word(mode, not), word);
        }
        assert_eq!(mode_word(Mode::Any, true), "None");
        assert_eq!(capital("group 2"), "Group 2");
    }
}
