//! Widgets by keyboard and pointer.

use leptos::prelude::*;
use segments_ui::*;
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
    key(&field, "ArrowDown").await;
    key(&field, "ArrowDown").await;
    let active = field.get_attribute("aria-activedescendant").unwrap();
    assert_eq!(stage.texts(&format!("#{active}")), ["Apricot"]);
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apricot"]);
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "false");

    write(&field, "nothing like it").await;
    field.blur().unwrap();
    tick().await;
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
async fn enter_takes_what_fits_best_and_a_list_where_nothing_fits_says_so() {
    let value = RwSignal::new(Vec::new());
    let stage = fruit(value, false, false);
    let field = stage.get("[role=combobox]");
    write(&field, "ap").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apple"]);
    write(&field, "Zebra").await;
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "true");
    assert_eq!(stage.texts("[role=listbox]"), ["Nothing fits this."]);
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), ["Apple"]);
    // Any text will do here.
    let stage = fruit(value, true, true);
    let field = stage.get("[role=combobox]");
    write(&field, "Zebra").await;
    assert_eq!(field.get_attribute("aria-expanded").unwrap(), "false");
    assert_eq!(stage.texts("[role=listbox]"), [""]);
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
            .map(|(value, label)| Tab {
                value,
                label: label.to_owned(),
                detail: None,
            })
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
