//! What can be done with a node: by its menu, by the buttons on its row and by keys.

use leptos::prelude::*;
use segments_forms::criteria::criterion::{KINDS, Kind};
use segments_forms::criteria::tree::{Edit, Mode, Node, NodeId, To, Tree};
use segments_model::sentence::capital;
use segments_ui::{Align, Glyph, Icon, MenuButton, MenuItem};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, KeyboardEvent};

use crate::parts::criteria::editor::Editor;

/// What stands on the row itself.
pub const QUICK: [(Glyph, &str, Edit); 3] = [
    (Glyph::Not, "Negate", Edit::ToggleNot),
    (Glyph::Duplicate, "Duplicate", Edit::Duplicate),
    (Glyph::Cross, "Remove", Edit::Remove),
];

/// Where a node is moved by Alt and an arrow key: the key, how the menu writes it, its icon, its words.
const MOVES: [(&str, &str, Glyph, &str, To); 4] = [
    ("ArrowUp", "Alt \u{2191}", Glyph::Up, "Move up", To::Up),
    (
        "ArrowDown",
        "Alt \u{2193}",
        Glyph::Down,
        "Move down",
        To::Down,
    ),
    (
        "ArrowLeft",
        "Alt \u{2190}",
        Glyph::Left,
        "Move out of its group",
        To::Out,
    ),
    (
        "ArrowRight",
        "Alt \u{2192}",
        Glyph::Right,
        "Move into the group next to it",
        To::In,
    ),
];

/// An item of a node's menu.
struct Action {
    glyph: Glyph,
    label: &'static str,
    key: &'static str,
    edit: Edit,
}

/// The items of a node's menu, in sections with their titles.
fn sections(node: &Node) -> [(&'static str, Vec<Action>); 4] {
    let action = |glyph, label, edit| Action {
        glyph,
        label,
        key: "",
        edit,
    };
    let negate = if node.not { "Do not negate" } else { "Negate" };
    let disable = if node.disabled { "Enable" } else { "Disable" };
    let moves = MOVES.map(|(_, key, glyph, label, to)| Action {
        glyph,
        label,
        key,
        edit: Edit::Move(to),
    });
    let groups = [
        action(Glyph::Compose, "Group: all of", Edit::Wrap(Mode::All)),
        action(Glyph::Compose, "Group: any of", Edit::Wrap(Mode::Any)),
        action(Glyph::Compose, "Ungroup", Edit::Unwrap),
    ];
    let kinds = KINDS.map(|row| action(kind_glyph(row.kind), row.label, Edit::SetKind(row.kind)));
    [
        (
            "",
            vec![
                action(Glyph::Not, negate, Edit::ToggleNot),
                action(Glyph::Eye, disable, Edit::ToggleDisabled),
                action(Glyph::Duplicate, "Duplicate", Edit::Duplicate),
            ],
        ),
        ("", moves.into_iter().chain(groups).collect()),
        ("Change to", kinds.into()),
        ("", vec![action(Glyph::Cross, "Remove", Edit::Remove)]),
    ]
}

/// Everything that can be done with a node; what the tree would refuse is left out.
#[component]
pub fn NodeMenu(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let items = move || {
        let tree = editor.tree().get_untracked();
        let node = tree.node(id)?;
        let can = |action: &Action| Tree::edit(tree.clone(), id, action.edit.clone()).is_ok();
        let sections = sections(node)
            .map(|(title, actions)| (title, actions.into_iter().filter(can).collect::<Vec<_>>()));
        let visible = sections
            .into_iter()
            .filter(|(_, actions)| !actions.is_empty());
        let section = |(place, (title, actions)): (usize, (&'static str, Vec<Action>))| {
            view! {
                {(place > 0).then(|| view! { <hr /> })}
                {(!title.is_empty())
                    .then(|| view! { <p class="us-menu__title" role="presentation">{title}</p> })}
                {actions.into_iter().map(|action| item(editor, id, action)).collect_view()}
            }
        };
        Some(visible.enumerate().map(section).collect_view())
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

fn item(editor: Editor, id: NodeId, action: Action) -> impl IntoView {
    let Action {
        glyph,
        label,
        key,
        edit,
    } = action;
    let danger = edit == Edit::Remove;
    view! {
        <MenuItem
            glyph
            label
            key
            danger
            on_select=Callback::new(move |()| editor.edit(id, edit.clone()))
        />
    }
}

/// Alt and the arrow keys move a node; Delete on its grip takes it away.
pub fn on_key(editor: Editor, id: NodeId, event: &KeyboardEvent) {
    let key = event.key();
    let is_grip = |target: Element| target.class_list().contains("us-grip");
    let on_grip = || event.target()?.dyn_into().ok().map(is_grip);
    let edit = if matches!(key.as_str(), "Delete" | "Backspace") && on_grip() == Some(true) {
        Some(Edit::Remove)
    } else if event.alt_key() && !event.ctrl_key() && !event.meta_key() {
        let moved = MOVES.iter().find(|(name, ..)| *name == key);
        moved.map(|(.., to)| Edit::Move(*to))
    } else {
        None
    };
    if key == "Enter" {
        editor.seal();
    }
    if let Some(edit) = edit {
        event.prevent_default();
        event.stop_propagation();
        editor.edit(id, edit);
    }
}

/// The icon of a kind of criterion.
#[must_use]
pub const fn kind_glyph(kind: Kind) -> Glyph {
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
