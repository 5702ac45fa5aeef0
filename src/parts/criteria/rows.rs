//! The tree on the page: groups in groups, a criterion a row, every part of it a token.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::criterion::KINDS;
use segments_forms::criteria::tree::{Edit, Mode, Node, NodeId, To};
use segments_model::sentence::capital;
use segments_ui::{Glyph, Icon, MenuButton, MenuCheck, MenuItem};
use web_sys::DragEvent;

use crate::parts::criteria::actions::{NodeMenu, QUICK, kind_glyph, on_key};
use crate::parts::criteria::criterion::CriterionTokens;
use crate::parts::criteria::editor::{Editor, element_id};

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
                    (Mode::All, true) => "No criteria yet: every user matches. Add a criterion.",
                    (Mode::All, false) => "This group is empty: every user meets it.",
                    (Mode::Any, _) => "This group is empty: no user meets it.",
                }}
            </p>
        </Show>
        <ol class="items">
            <For each=move || ids.get() key=|id| *id children=move |id| view! { <Item id group mode ids /> } />
        </ol>
        <AddCriterion group is_root />
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
                    editor.edit(moved, Edit::Move(To::Before(id)));
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
                    view! { <CriterionRow id group /> }.into_any()
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
fn CriterionRow(id: NodeId, group: NodeId) -> impl IntoView {
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
                <CriterionTokens id />
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
                    {QUICK
                        .map(|(glyph, verb, edit)| {
                            view! {
                                <button
                                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                                    type="button"
                                    title=verb
                                    aria-label=move || format!("{verb} {}", name.get())
                                    on:click=move |_| editor.edit(id, edit.clone())
                                >
                                    <Icon glyph small=true />
                                </button>
                            }
                        })
                        .collect_view()}
                </span>
                <NodeMenu id />
            </div>
        </div>
    }
    .into_any()
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
            menu_label="Match"
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
                                editor.edit(id, Edit::SetMode(each, not));
                            })
                        />
                    }
                })
                .collect_view()}
        </MenuButton>
    }
}

/// Everything that can be added to a group: its icon, its name, what it is for, the edit.
fn additions() -> impl Iterator<Item = (Glyph, &'static str, &'static str, Edit)> {
    let kinds = KINDS.into_iter().map(|row| {
        (
            kind_glyph(row.kind),
            row.label,
            row.hint,
            Edit::Add(row.kind),
        )
    });
    let hint = "Combine several criteria";
    kinds.chain([(Glyph::Compose, "Group", hint, Edit::AddGroup)])
}

/// Buttons that add to a group.
#[component]
fn AddCriterion(group: NodeId, is_root: Memo<bool>) -> impl IntoView {
    let editor = Editor::expect();
    let root = move || {
        let button = |(glyph, label, hint, edit): (Glyph, &'static str, &'static str, Edit)| {
            view! {
                <button
                    class="us-add"
                    type="button"
                    title=hint
                    aria-label=format!("Add: {label}")
                    on:click=move |_| editor.edit(group, edit.clone())
                >
                    <Icon glyph />
                    {label}
                </button>
            }
        };
        view! { <div class="us-row us-row--3 addrow">{additions().map(button).collect_view()}</div> }
    };
    let inner = move || {
        let item = move |(glyph, label, _, edit): (Glyph, &'static str, &'static str, Edit)| {
            view! {
                <MenuItem glyph label on_select=Callback::new(move |()| editor.edit(group, edit.clone())) />
            }
        };
        view! {
            <div class="addrow addrow--in">
                <MenuButton
                    class="us-add"
                    label=Signal::derive(move || format!("Add to {}", editor.name(group)))
                    button=ViewFn::from(|| {
                        view! {
                            <Icon glyph=Glyph::Plus />
                            "Add"
                        }
                    })
                    menu_label="Add a criterion"
                >
                    {additions().map(item).collect_view()}
                </MenuButton>
            </div>
        }
    };
    view! {
        {move || if is_root.get() { root().into_any() } else { inner().into_any() }}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{MODES, Mode, mode_word};

    #[test]
    fn every_mode_has_its_word() {
        for (mode, not, word) in MODES {
            assert_eq!(mode_word(mode, not), word);
        }
        assert_eq!(mode_word(Mode::Any, true), "None");
    }
}
