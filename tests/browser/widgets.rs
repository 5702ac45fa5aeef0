//! Widgets by keyboard and pointer.

use leptos::prelude::*;
use segments_ui::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Stage, focused, key, tick, write};

#[wasm_bindgen_test]
async fn a_dialog_has_a_name_takes_the_focus_and_gives_it_back() {
    let open = RwSignal::new(false);
    let stage = Stage::show(move || {
        view! {
            <button on:click=move |_| open.set(true)>"Open it"</button>
            <Dialog open title="A title">
                <input id="inside" />
            </Dialog>
        }
    });
    let opener = stage.named("Open it").unwrap();
    opener.focus().unwrap();
    stage.press("Open it").await;
    let dialog = stage.wait_for("dialog[open]").await;
    let heading = dialog.get_attribute("aria-labelledby").unwrap();
    assert_eq!(stage.texts(&format!("#{heading}")), ["A title"]);
    assert!(dialog.contains(Some(&focused())));
    stage.press("Close").await;
    assert!(stage.find("dialog").is_none());
    assert_eq!(focused(), opener);
}

#[wasm_bindgen_test]
async fn a_menu_opens_on_its_first_item_and_moves_by_arrows_and_letters() {
    let chosen = RwSignal::new("");
    let stage = Stage::show(move || {
        let choose = move |what| Callback::new(move |()| chosen.set(what));
        view! {
            <MenuButton class="us-btn" menu_label="Actions" button=ViewFn::from(|| "More")>
                <MenuItem label="Edit" on_select=choose("edit") />
                <MenuItem label="Duplicate" on_select=choose("duplicate") />
                <MenuItem label="Archive" on_select=choose("archive") />
            </MenuButton>
        }
    });
    stage.press("More").await;
    stage
        .until(
            || focused().text_content().unwrap() == "Edit",
            "the first item",
        )
        .await;
    assert_eq!(
        stage.get("button").get_attribute("aria-expanded").unwrap(),
        "true"
    );
    key(&focused(), "ArrowUp").await;
    assert_eq!(focused().text_content().unwrap(), "Archive");
    key(&focused(), "d").await;
    assert_eq!(focused().text_content().unwrap(), "Duplicate");
    focused().click();
    tick().await;
    assert_eq!(chosen.get_untracked(), "duplicate");
    assert!(stage.find("[role=menuitem]").is_none());
}

/// Tells a field of the focus that it gets or loses: the browser does so only in a window that has the focus itself.
async fn tell(field: &web_sys::HtmlElement, event: &str) {
    let event = web_sys::FocusEvent::new(event).unwrap();
    field.dispatch_event(&event).unwrap();
    tick().await;
}

fn fruit(value: RwSignal<Vec<String>>, multiple: bool, free: bool) -> Stage {
    Stage::show(move || {
        let choices: Vec<_> = ["Apple", "Apricot", "Banana"].map(Choice::new).into();
        view! {
            <Combobox
                label="Fruit"
                choices=Signal::stored(choices)
                value
                multiple
                free
                on_change=Callback::new(move |values| value.set(values))
            />
        }
    })
}

#[wasm_bindgen_test]
async fn a_combobox_offers_what_fits_and_takes_it_by_keyboard() {
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    write(&field, "ap").await;
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "true");
    assert_eq!(stage.texts("[role=option]"), ["Apple", "Apricot"]);
    assert_eq!(stage.texts(".is-active"), ["Apple"], "what fits best");
    key(&field, "ArrowDown").await;
    let active = field.get_attribute("aria-activedescendant").unwrap();
    assert_eq!(stage.texts(&format!("#{active}")), ["Apricot"]);
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apricot"]);
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "false");

    write(&field, "nothing like it").await;
    tell(&field, "blur").await;
    assert_eq!(
        value.get_untracked(),
        ["Apricot"],
        "only what is in the list will do"
    );
}

#[wasm_bindgen_test]
async fn a_combobox_for_several_adds_and_takes_away() {
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, true, true);
    let field = stage.get("[role=combobox]");
    write(&field, "banana").await;
    key(&field, "Enter").await;
    write(&field, "Durian").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Banana", "Durian"]);
    key(&field, "Backspace").await;
    assert_eq!(value.get_untracked(), ["Banana"]);
    stage.press("Remove Banana").await;
    assert!(value.get_untracked().is_empty());
}

#[wasm_bindgen_test]
async fn enter_takes_what_is_marked_and_a_text_of_ones_own_is_the_last_entry() {
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    write(&field, "ap").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apple"]);
    write(&field, "Zebra").await;
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "true");
    assert_eq!(stage.texts("[role=listbox]"), ["No matches"]);
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apple"]);
    // Any text will do here, and what fits it still comes first.
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, true, true);
    let field = stage.get("[role=combobox]");
    write(&field, "ban").await;
    assert_eq!(
        stage.texts("[role=option]"),
        ["Banana", "Use \u{201c}ban\u{201d}"]
    );
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Banana"]);
    // Typed again it is not taken away.
    write(&field, "banana").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Banana"]);
    write(&field, "ban").await;
    key(&field, "ArrowUp").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Banana", "ban"]);
}

#[wasm_bindgen_test]
async fn what_is_typed_and_left_is_neither_stored_beside_a_match_nor_lost_from_a_text() {
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, true, true);
    let field = stage.get("[role=combobox]");
    write(&field, "ap").await;
    tell(&field, "blur").await;
    assert!(value.get_untracked().is_empty());
    write(&field, "Durian").await;
    tell(&field, "blur").await;
    assert_eq!(value.get_untracked(), ["Durian"]);
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, false, true);
    let field = stage.get("[role=combobox]");
    write(&field, "Ap").await;
    key(&field, "Tab").await;
    assert_eq!(value.get_untracked(), ["Ap"], "a text field of one's own");
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    write(&field, "Ap").await;
    key(&field, "Tab").await;
    assert_eq!(value.get_untracked(), ["Apple"]);
}

#[wasm_bindgen_test]
async fn a_field_selects_its_text_when_it_is_entered() {
    let value = RwSignal::new(vec!["Apple".to_owned()]);
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    let input: &web_sys::HtmlInputElement = field.unchecked_ref();
    let selected = || {
        let end = |end: Option<u32>| end.unwrap();
        (
            end(input.selection_start().unwrap()),
            end(input.selection_end().unwrap()),
        )
    };
    stage.until(|| input.value() == "Apple", "the text").await;
    field.focus().unwrap();
    tell(&field, "focus").await;
    assert_eq!(selected(), (0, 5));
    // So it does by a click, which leaves the caret where the pointer is.
    field.blur().unwrap();
    let pointer = web_sys::PointerEvent::new("pointerdown").unwrap();
    field.dispatch_event(&pointer).unwrap();
    field.focus().unwrap();
    input.set_selection_range(2, 2).unwrap();
    field.click();
    tick().await;
    assert_eq!(selected(), (0, 5));
}

#[wasm_bindgen_test]
async fn a_list_in_a_panel_stands_above_the_panels_actions() {
    let value = RwSignal::new(vec!["Banana".to_owned()]);
    let stage = Stage::show(move || {
        let choices: Vec<_> = ["Apple", "Apricot", "Banana"].map(Choice::new).into();
        view! {
            <PopoverButton class="us-tok" button=ViewFn::from(|| "Fruit") panel_label="Fruit">
                <div class="us-popover__body">
                    <Combobox
                        label="Fruit"
                        choices=Signal::stored(choices.clone())
                        value
                        on_change=Callback::new(move |values| value.set(values))
                        in_panel=true
                    />
                    <button id="remove">"Remove"</button>
                </div>
            </PopoverButton>
        }
    });
    stage.press("Fruit").await;
    let field = stage.wait_for("[role=combobox]").await;
    stage.until(|| focused() == field, "the focus").await;
    stage
        .until(|| stage.texts(".is-active") == ["Banana"], "what is chosen")
        .await;
    let list = stage.get("[role=listbox]").get_bounding_client_rect();
    let action = stage.get("#remove").get_bounding_client_rect();
    assert!(
        list.height() > 0.0 && list.bottom() <= action.top(),
        "nothing is covered"
    );
    write(&field, "apr").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apricot"]);
    // Escape leaves the panel to the browser, and what is typed to nobody.
    write(&field, "Banana").await;
    key(&field, "Escape").await;
    tell(&field, "blur").await;
    assert_eq!(value.get_untracked(), ["Apricot"]);
}

#[wasm_bindgen_test]
async fn an_item_of_a_menu_gives_the_focus_back_to_its_button() {
    let open = RwSignal::new(false);
    let stage = Stage::show(move || {
        view! {
            <MenuButton
                class="us-btn"
                button=ViewFn::from(|| "More")
                menu_label="More"
            >
                <MenuItem label="Hide" on_select=Callback::new(|()| {}) />
                <MenuItem label="Name" on_select=Callback::new(move |()| open.set(true)) />
            </MenuButton>
            <Dialog open title="Name">
                <input id="name" />
            </Dialog>
        }
    });
    let button = stage.named("More").unwrap();
    let at_button = || focused() == button;
    button.focus().unwrap();
    stage.press("More").await;
    stage.press("Hide").await;
    stage.until(at_button, "the focus on the button").await;
    // So does a dialog that an item has opened.
    stage.press("More").await;
    stage.press("Name").await;
    stage.get("#name").focus().unwrap();
    stage.press("Close").await;
    stage
        .until(at_button, "the focus on the button again")
        .await;
}

#[wasm_bindgen_test]
async fn an_open_list_takes_the_first_escape() {
    let value = RwSignal::new(vec!["Apple".to_owned()]);
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    write(&field, "ban").await;
    key(&field, "Escape").await;
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "false");
    assert_eq!(value.get_untracked(), ["Apple"]);
}

#[wasm_bindgen_test]
async fn a_message_says_what_was_done_and_undoes_it() {
    let undone = RwSignal::new(false);
    let stage = Stage::show(move || {
        let toaster = Toaster::default();
        provide_context(toaster);
        toaster.show(Toast::done("Archived").action("Undo", move || undone.set(true)));
        view! { <Toasts /> }
    });
    stage
        .until(
            || !stage.texts("[role=status] strong").is_empty(),
            "the message",
        )
        .await;
    stage.press("Undo").await;
    assert!(undone.get_untracked());
    assert!(stage.find(".us-toast").is_none());
}

#[wasm_bindgen_test]
async fn a_sorted_head_says_so() {
    let sorted = RwSignal::new(None);
    let stage = Stage::show(move || {
        view! {
            <table>
                <thead>
                    <tr>
                        <SortHead
                            label="Users"
                            sorted
                            on_sort=Callback::new(move |()| sorted.set(Some(SortDirection::Descending)))
                        />
                    </tr>
                </thead>
            </table>
        }
    });
    assert!(!stage.get("th").has_attribute("aria-sort"));
    stage.press("Users").await;
    assert_eq!(
        stage.get("th").get_attribute("aria-sort").unwrap(),
        "descending"
    );
}

#[wasm_bindgen_test]
async fn tabs_are_chosen_by_the_arrow_keys() {
    let value = RwSignal::new(1);
    let stage = Stage::show(move || {
        let tabs: Vec<_> = [(1, "One"), (2, "Two")]
            .map(|(value, label)| SegmentedOption::new(value, label))
            .into();
        view! {
            <Tabs label="Numbers" tabs=Signal::stored(tabs) value on_change=Callback::new(move |tab| value.set(tab))>
                {move || value.get()}
            </Tabs>
        }
    });
    stage.get("[aria-selected=true]").focus().unwrap();
    key(&focused(), "ArrowRight").await;
    stage
        .until(
            || focused().text_content().unwrap() == "Two",
            "the second tab",
        )
        .await;
    assert_eq!(stage.texts("[role=tabpanel]"), ["2"]);
}

#[wasm_bindgen_test]
async fn a_table_shows_what_it_has_room_for_and_names_the_rest() {
    let width = RwSignal::new(700);
    let stage = Stage::show(move || {
        let column = |kind, key: &str, width, priority| {
            TableColumn::new(kind, key, key.to_owned(), width).priority(priority)
        };
        let columns = vec![
            column(ColumnKind::Heading, "name", 0.0, 0),
            column(ColumnKind::Text, "about", 200.0, 2),
            column(ColumnKind::Figure, "size", 90.0, 1),
        ];
        let rows = ["a", "b"].map(str::to_owned).to_vec();
        view! {
            <div style:width=move || format!("{}px", width.get())>
                <Table
                    caption="Things"
                    columns=Signal::stored(columns)
                    sections=Signal::stored(TableSection::only(rows))
                    row=Callback::new(|row: String| TableRow {
                        selected: Signal::stored(row == "b"),
                        cell: Callback::new(move |column: String| {
                            view! { <a href="#">{format!("{row} {column}")}</a> }.into_any()
                        }),
                    })
                />
            </div>
        }
    });
    let heads = |expected: &'static [&str]| {
        let stage = &stage;
        async move {
            stage
                .until(|| stage.texts("thead th") == expected, "the columns")
                .await;
        }
    };
    heads(&["name", "about", "size"]).await;
    assert_eq!(stage.texts("tr[aria-selected=true] th"), ["b name"]);
    let link = stage.get("tbody th a");
    link.focus().unwrap();
    width.set(400);
    heads(&["name", "size"]).await;
    assert_eq!(
        stage.texts(".us-table__more"),
        ["Hidden at this width: about"]
    );
    assert_eq!(stage.texts("tbody td"), ["a size", "b size"]);
    width.set(240);
    heads(&["name"]).await;
    assert!(stage.get("tbody th").get_bounding_client_rect().width() >= 219.0);
    assert_eq!(focused(), link, "who is in a row stays there");
    width.set(700);
    heads(&["name", "about", "size"]).await;
    assert_eq!(
        stage.texts("tbody tr:first-of-type > *"),
        ["a name", "a about", "a size"]
    );
}
