//! Rows of a query that have letters or numbers: added, named, copied, moved, hidden, taken away.

use leptos::html;
use leptos::prelude::*;
use segments_forms::rows::{RowId, Rows, place_of_gap};
use segments_model::formula::letter;
use segments_model::sentence::capital;
use segments_ui::dom::focus;
use segments_ui::{Align, Glyph, Icon, MenuButton, MenuItem};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent};

use crate::parts::fields::open_first_unset;

/// What the page knows about the rows of a list.
#[derive(Clone, Copy)]
pub struct RowKind {
    /// What one is called: "measure", "step".
    pub one: &'static str,
    /// How many there may be.
    pub most: usize,
    /// The least number that stays.
    pub least: usize,
    /// What stands before the row at a place, counted from 0: `A` or `1`.
    pub mark: fn(usize) -> String,
    /// What hiding a row means, for its menu: "Hide from the chart", "Leave this step out".
    pub hide: &'static str,
    /// How to take that back: "Show in the chart".
    pub show: &'static str,
}

impl RowKind {
    /// The id of the element that shows a row.
    #[must_use]
    pub fn element_id(self, id: RowId) -> String {
        format!("us-{}-{}", self.one.replace(' ', "-"), id.number())
    }

    /// What the row at a place is called in the names of buttons: "measure A".
    #[must_use]
    pub fn name(self, place: usize) -> String {
        format!("{} {}", self.one, (self.mark)(place))
    }
}

/// The mark of rows that have letters, as formulas call them: `A`.
#[must_use]
pub fn letter_mark(place: usize) -> String {
    letter(place).to_string()
}

/// The mark of rows that have numbers: `1`.
#[must_use]
pub fn number_mark(place: usize) -> String {
    (place + 1).to_string()
}

/// How far a pointer has to go before it drags, in px.
const DRAGS_AFTER: f64 = 4.0;

/// How near to the edge of what scrolls a dragged row makes it scroll, and the most of that in a frame, in px.
const EDGE: f64 = 40.0;
const MOST_SCROLLED: f64 = 12.0;

/// How far what scrolls from `top` to `bottom` goes on in a frame while a row is dragged at `y`: the further the nearer to
/// its edge, or beyond it.
fn scrolled_in_a_frame(y: f64, top: f64, bottom: f64) -> f64 {
    // Something low has its edges nearer to each other than two of these.
    let edge = EDGE.min((bottom - top) / 3.0);
    let (above, below) = (top + edge - y, y - (bottom - edge));
    let speed = |into: f64| (into / edge * MOST_SCROLLED).min(MOST_SCROLLED);
    if edge <= 0.0 {
        0.0
    } else if above > 0.0 {
        -speed(above)
    } else if below > 0.0 {
        speed(below)
    } else {
        0.0
    }
}

/// A row on its way, by pointer.
#[derive(Clone, Copy, PartialEq)]
struct Drag {
    id: RowId,
    pointer: i32,
    from_y: f64,
    /// Where the pointer is.
    y: f64,
    /// The gap that it would be dropped into; none: it did not go far enough yet.
    gap: Option<usize>,
}

/// The rows of a query, to change. The rows move by their grip and by Alt and the arrow keys on it; each has a menu to
/// rename, copy, move, hide and remove it.
#[component]
pub fn RowList<T>(
    #[prop(into)] rows: Signal<Rows<T>>,
    kind: RowKind,
    /// The name that a row has by itself, for its buttons.
    title: fn(&T) -> String,
    /// Called with what was done in words, and how to do it.
    on_change: Callback<(String, Rows<T>)>,
    /// What stands in a row: beside its letter what it is about, and below it the rest.
    body: Callback<RowId, AnyView>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let list = RowsOf {
        rows,
        kind,
        title,
        on_change,
        announcement: RwSignal::new(String::new()),
        renaming: RwSignal::new(None),
        drag: RwSignal::new(None),
    };
    let ids = Memo::new(move |_| {
        rows.with(|rows| rows.all().iter().map(|row| row.id).collect::<Vec<_>>())
    });
    view! {
        <ol class="query-rows">
            <For
                each=move || ids.get()
                key=|id| *id
                children=move |id| row_view(list, id, body.run(id))
            />
        </ol>
        <p class="us-vh" role="status">
            {move || list.announcement.get()}
        </p>
    }
    .into_any()
}

/// A button that adds a row, below a [`RowList`]. It opens the first thing that the new row has to say.
#[component]
pub fn AddRow<T>(
    #[prop(into)] rows: Signal<Rows<T>>,
    kind: RowKind,
    /// A row that says nothing yet.
    blank: fn() -> T,
    /// Called with what was done in words, and how to do it.
    on_change: Callback<(String, Rows<T>)>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let full = Memo::new(move |_| rows.with(|rows| rows.len() >= kind.most));
    view! {
        <button
            class="us-add"
            type="button"
            disabled=move || full.get()
            title=move || {
                full.get().then(|| format!("At most {} {}s", kind.most, kind.one))
            }
            on:click=move |_| {
                let mut changed = rows.get_untracked();
                let id = changed.add(blank());
                let label = format!("add {}", kind.name(changed.len().saturating_sub(1)));
                on_change.run((label, changed));
                open_first_unset(kind.element_id(id));
            }
        >
            <Icon glyph=Glyph::Plus />
            {format!("Add {}", kind.one)}
        </button>
    }
    .into_any()
}

/// What the rows of a list share.
struct RowsOf<T: Clone + PartialEq + Send + Sync + 'static> {
    rows: Signal<Rows<T>>,
    kind: RowKind,
    title: fn(&T) -> String,
    on_change: Callback<(String, Rows<T>)>,
    /// What was done last, for a screen reader.
    announcement: RwSignal<String>,
    /// The row whose name is written.
    renaming: RwSignal<Option<RowId>>,
    drag: RwSignal<Option<Drag>>,
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Clone for RowsOf<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Copy for RowsOf<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> RowsOf<T> {
    fn place(self, id: RowId) -> usize {
        self.rows.with(|rows| rows.place(id)).unwrap_or_default()
    }

    fn name_untracked(self, id: RowId) -> String {
        let place = self.rows.with_untracked(|rows| rows.place(id));
        self.kind.name(place.unwrap_or_default())
    }

    /// What a row is called by itself or by somebody.
    fn title(self, id: RowId) -> String {
        self.rows.with(|rows| {
            rows.get(id).map_or_else(String::new, |row| {
                if row.name.is_empty() {
                    (self.title)(&row.value)
                } else {
                    row.name.clone()
                }
            })
        })
    }

    fn change(self, label: String, change: impl FnOnce(&mut Rows<T>)) {
        let mut rows = self.rows.get_untracked();
        change(&mut rows);
        self.on_change.run((label, rows));
    }

    /// Puts a row at a place; the focus stays with it.
    fn move_to(self, id: RowId, place: usize) {
        let rows = self.rows.get_untracked();
        let Some(from) = rows.place(id) else { return };
        if place == from || place >= rows.len() {
            return;
        }
        let was = self.kind.name(from);
        self.change(format!("move {was}"), |rows| rows.move_to(id, place));
        self.announcement.set(format!(
            "Moved {was}, now {}, {} of {}",
            self.kind.name(place),
            place + 1,
            rows.len()
        ));
        focus_in(self.kind.element_id(id), ".us-grip");
    }

    fn move_by(self, id: RowId, down: bool) {
        let Some(from) = self.rows.with_untracked(|rows| rows.place(id)) else {
            return;
        };
        let place = if down {
            Some(from + 1)
        } else {
            from.checked_sub(1)
        };
        if let Some(place) = place {
            self.move_to(id, place);
        }
    }

    fn duplicate(self, id: RowId) {
        let mut copy = None;
        let label = format!("duplicate {}", self.name_untracked(id));
        self.change(label, |rows| copy = rows.duplicate(id));
        if let Some(copy) = copy {
            self.announcement
                .set(format!("Duplicated, now {}", self.name_untracked(copy)));
            focus_in(self.kind.element_id(copy), ".us-grip");
        }
    }

    fn set_hidden(self, id: RowId, hidden: bool) {
        let verb = if hidden { "hide" } else { "show" };
        let label = format!("{verb} {}", self.name_untracked(id));
        self.change(label, |rows| {
            if let Some(row) = rows.get_mut(id) {
                row.hidden = hidden;
            }
        });
    }

    fn rename(self, id: RowId, name: &str) {
        let name = name.trim();
        let same = self
            .rows
            .with_untracked(|rows| rows.get(id).is_none_or(|row| row.name == name));
        if !same {
            self.change(format!("rename {}", self.name_untracked(id)), |rows| {
                if let Some(row) = rows.get_mut(id) {
                    name.clone_into(&mut row.name);
                }
            });
        }
    }

    /// Takes a row away; the focus goes to the next one, or to the last.
    fn remove(self, id: RowId) {
        let name = self.name_untracked(id);
        let next = self.rows.with_untracked(|rows| {
            let place = rows.place(id)?;
            let beside = rows.all().get(place + 1);
            let beside = beside.or_else(|| rows.all().get(place.checked_sub(1)?));
            beside.map(|row| row.id)
        });
        self.change(format!("remove {name}"), |rows| rows.remove(id));
        self.announcement.set(format!("Removed {name}"));
        if let Some(next) = next {
            focus_in(self.kind.element_id(next), ".us-grip");
        }
    }

    /// The gap between rows that a pointer is nearest to.
    fn gap_at(self, y: f64) -> usize {
        self.rows.with_untracked(|rows| {
            rows.all()
                .iter()
                .filter_map(|row| document().get_element_by_id(&self.kind.element_id(row.id)))
                .filter(|element| {
                    let at = element.get_bounding_client_rect();
                    at.top() + at.height() / 2.0 < y
                })
                .count()
        })
    }

    /// Notes where the pointer is, and the gap there once it has gone far enough.
    fn drag_to(self, y: f64) {
        let Some(drag) = self.drag.get_untracked() else {
            return;
        };
        let is_far = (y - drag.from_y).abs() > DRAGS_AFTER;
        let gap = (drag.gap.is_some() || is_far).then(|| self.gap_at(y));
        self.drag.set(Some(Drag { y, gap, ..drag }));
        if drag.gap.is_none() && gap.is_some() {
            let scroller = document()
                .get_element_by_id(&self.kind.element_id(drag.id))
                .and_then(|row| scroller_of(&row));
            if let Some(scroller) = scroller {
                self.scroll_along(scroller, drag.id);
            }
        }
    }

    /// Scrolls frame by frame as long as the row is dragged near an edge, which leads to rows that are out of sight.
    fn scroll_along(self, scroller: Element, id: RowId) {
        request_animation_frame(move || {
            // The rows may be gone by the next frame.
            let drag = self.drag.try_get_untracked().flatten();
            let Some(drag) = drag.filter(|drag| drag.id == id && drag.gap.is_some()) else {
                return;
            };
            let at = scroller.get_bounding_client_rect();
            let by = scrolled_in_a_frame(drag.y, at.top(), at.bottom());
            let before = scroller.scroll_top();
            scroller.set_scroll_top(before + by.round() as i32);
            if scroller.scroll_top() != before {
                self.drag_to(drag.y);
            }
            self.scroll_along(scroller, id);
        });
    }
}

/// The nearest thing around an element that scrolls.
fn scroller_of(element: &Element) -> Option<Element> {
    std::iter::successors(element.parent_element(), |around: &Element| {
        around.parent_element()
    })
    .find(|around| {
        let scrolls = window()
            .get_computed_style(around)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value("overflow-y").ok())
            .is_some_and(|overflow| overflow == "auto" || overflow == "scroll");
        scrolls && around.scroll_height() > around.client_height()
    })
}

/// Gives the focus to what is in an element, once it is on the page.
fn focus_in(element_id: String, selector: &'static str) {
    request_animation_frame(move || {
        let element = document()
            .get_element_by_id(&element_id)
            .and_then(|element| element.query_selector(selector).ok().flatten())
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = element {
            focus(&element);
        }
    });
}

fn row_view<T>(list: RowsOf<T>, id: RowId, body: AnyView) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let kind = list.kind;
    let place = Memo::new(move |_| list.place(id));
    let name = Memo::new(move |_| kind.name(place.get()));
    let given = Memo::new(move |_| {
        list.rows
            .with(|rows| rows.get(id).map(|row| row.name.clone()))
            .unwrap_or_default()
    });
    let hidden = Memo::new(move |_| {
        list.rows
            .with(|rows| rows.get(id).is_some_and(|row| row.hidden))
    });
    let renaming = Memo::new(move |_| list.renaming.get() == Some(id));
    let is_named = move || renaming.get() || given.with(|given| !given.is_empty());
    let gap = Memo::new(move |_| {
        list.drag
            .with(|drag| drag.as_ref().and_then(|drag| drag.gap))
    });
    let is_dragged = Memo::new(move |_| {
        list.drag.with(|drag| {
            drag.as_ref()
                .is_some_and(|drag| drag.id == id && drag.gap.is_some())
        })
    });
    let is_last = move || list.rows.with(|rows| rows.len()) == place.get() + 1;
    view! {
        <li
            id=kind.element_id(id)
            class="query-row"
            class:is-named=is_named
            class:is-hidden=move || hidden.get()
            class:is-dragged=move || is_dragged.get()
            class:is-drop-before=move || gap.get() == Some(place.get())
            class:is-drop-after=move || is_last() && gap.get() == Some(place.get() + 1)
            aria-label=move || format!("{}: {}", capital(&name.get()), list.title(id))
        >
            {grip(list, id, name)}
            <span class="query-mark" aria-hidden="true">
                {move || (kind.mark)(place.get())}
            </span>
            {move || {
                if renaming.get() {
                    Some(name_field(list, id, name, given))
                } else {
                    given
                        .with(|given| !given.is_empty())
                        .then(|| {
                            view! {
                                <b class="query-row__name us-truncate" title=given.get()>
                                    {given.get()}
                                </b>
                            }
                            .into_any()
                        })
                }
            }}
            <div class="query-row__body">{body}</div>
            <div class="query-row__acts">
                <Show when=move || hidden.get()>
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                        type="button"
                        title=kind.show
                        aria-label=move || format!("{}: {}", kind.show, name.get())
                        on:click=move |_| {
                            list.set_hidden(id, false);
                            focus_in(kind.element_id(id), ".us-grip");
                        }
                    >
                        <Icon glyph=Glyph::Eye small=true />
                    </button>
                </Show>
                {row_menu(list, id, name)}
            </div>
        </li>
    }
    .into_any()
}

fn grip<T>(list: RowsOf<T>, id: RowId, name: Memo<String>) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let drop_it = move |dropped: bool| {
        let drag = list.drag.get_untracked();
        list.drag.set(None);
        let Some(Drag { id, gap, .. }) = drag.filter(|_| dropped) else {
            return;
        };
        let from = list.rows.with_untracked(|rows| rows.place(id));
        if let Some((from, gap)) = from.zip(gap) {
            list.move_to(id, place_of_gap(from, gap));
        }
    };
    view! {
        <button
            class="us-grip"
            type="button"
            title="Drag, or press Alt and an arrow key"
            aria-label=move || format!("Move {}", name.get())
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
            on:pointerdown=move |event: PointerEvent| {
                if event.button() == 0 {
                    if let Some(grip) = element_of(&event) {
                        // A pointer that is gone already drags nothing.
                        drop(grip.set_pointer_capture(event.pointer_id()));
                    }
                    let y = f64::from(event.client_y());
                    let pointer = event.pointer_id();
                    list.drag.set(Some(Drag { id, pointer, from_y: y, y, gap: None }));
                }
            }
            on:pointermove=move |event: PointerEvent| {
                let is_this = |drag: &Drag| drag.pointer == event.pointer_id();
                if list.drag.with_untracked(|drag| drag.as_ref().is_some_and(is_this)) {
                    list.drag_to(f64::from(event.client_y()));
                }
            }
            on:pointerup=move |_: PointerEvent| drop_it(true)
            on:pointercancel=move |_: PointerEvent| drop_it(false)
            on:keydown=move |event: KeyboardEvent| {
                let down = match event.key().as_str() {
                    "ArrowUp" => false,
                    "ArrowDown" => true,
                    "Escape" if list.drag.get_untracked().is_some() => {
                        event.stop_propagation();
                        return drop_it(false);
                    }
                    _ => return,
                };
                if event.alt_key() && !event.ctrl_key() && !event.meta_key() {
                    event.prevent_default();
                    event.stop_propagation();
                    list.move_by(id, down);
                }
            }
        >
            <Icon glyph=Glyph::Grip />
        </button>
    }
    .into_any()
}

fn element_of(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

fn name_field<T>(list: RowsOf<T>, id: RowId, name: Memo<String>, given: Memo<String>) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let element = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = element.get() {
            request_animation_frame(move || {
                focus(&field);
                field.select();
            });
        }
    });
    let finish = move |keep: bool| {
        // Taking the field away takes the focus from it too: only the first end counts.
        if list.renaming.get_untracked() != Some(id) {
            return;
        }
        let text = element.get_untracked().map(|field| field.value());
        list.renaming.set(None);
        if let Some(text) = text.filter(|_| keep) {
            list.rename(id, &text);
        }
    };
    view! {
        <input
            class="us-input query-row__name"
            type="text"
            maxlength="200"
            autocomplete="off"
            placeholder=move || list.title(id)
            aria-label=move || format!("Name of {}", name.get())
            node_ref=element
            prop:value=given.get_untracked()
            on:keydown=move |event: KeyboardEvent| {
                let keep = match event.key().as_str() {
                    "Enter" => true,
                    "Escape" => false,
                    _ => return,
                };
                event.prevent_default();
                event.stop_propagation();
                finish(keep);
                focus_in(list.kind.element_id(id), ".query-row__acts [aria-haspopup=menu]");
            }
            on:blur=move |_| finish(true)
        />
    }
    .into_any()
}

/// Everything that can be done with a row; what cannot is left out.
fn row_menu<T>(list: RowsOf<T>, id: RowId, name: Memo<String>) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let kind = list.kind;
    let items = move || {
        let rows = list.rows.get_untracked();
        let (place, row) = (rows.place(id)?, rows.get(id)?);
        let (hidden, count) = (row.hidden, rows.len());
        let rename = Callback::new(move |()| list.renaming.set(Some(id)));
        let duplicate = Callback::new(move |()| list.duplicate(id));
        let hide = Callback::new(move |()| list.set_hidden(id, !hidden));
        let move_by = move |down| Callback::new(move |()| list.move_by(id, down));
        let items = [
            (true, Glyph::Edit, "Rename", "", rename),
            (
                !row.name.is_empty(),
                Glyph::Undo,
                "Remove its name",
                "",
                Callback::new(move |()| list.rename(id, "")),
            ),
            (
                count < kind.most,
                Glyph::Duplicate,
                "Duplicate",
                "",
                duplicate,
            ),
            (
                place > 0,
                Glyph::Up,
                "Move up",
                "Alt \u{2191}",
                move_by(false),
            ),
            (
                place + 1 < count,
                Glyph::ArrowDown,
                "Move down",
                "Alt \u{2193}",
                move_by(true),
            ),
            (
                !kind.hide.is_empty(),
                Glyph::Eye,
                if hidden { kind.show } else { kind.hide },
                "",
                hide,
            ),
        ];
        let item = |(_, glyph, label, key, on_select)| {
            view! { <MenuItem glyph label key on_select /> }
        };
        Some(view! {
            {items.into_iter().filter(|(can, ..)| *can).map(item).collect_view()}
            {(count > kind.least)
                .then(|| {
                    view! {
                        <hr />
                        <MenuItem
                            glyph=Glyph::Cross
                            label="Remove"
                            danger=true
                            on_select=Callback::new(move |()| list.remove(id))
                        />
                    }
                })}
        })
    };
    let items = StoredValue::new(items);
    view! {
        <MenuButton
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
            label=Signal::derive(move || format!("More for {}", name.get()))
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Dots /> })
            menu_label=Signal::derive(move || capital(&name.get()))
            align=Align::End
        >
            {items.with_value(|items| items())}
        </MenuButton>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{EDGE, MOST_SCROLLED, RowKind, letter_mark, number_mark, scrolled_in_a_frame};
    use segments_forms::rows::Rows;

    #[test]
    fn what_scrolls_goes_on_at_its_edges_only() {
        let at = |y| scrolled_in_a_frame(y, 100.0, 500.0);
        assert_eq!(
            (at(300.0), at(100.0 + EDGE), at(500.0 - EDGE)),
            (0.0, 0.0, 0.0)
        );
        assert_eq!(at(100.0 + EDGE / 2.0), -MOST_SCROLLED / 2.0);
        assert_eq!(at(500.0 - EDGE / 4.0), MOST_SCROLLED * 0.75);
        assert_eq!((at(-50.0), at(900.0)), (-MOST_SCROLLED, MOST_SCROLLED));
        // However low it is, there is a place where it stands still.
        assert_eq!(scrolled_in_a_frame(115.0, 100.0, 130.0), 0.0);
        assert_eq!(scrolled_in_a_frame(100.0, 100.0, 100.0), 0.0);
    }

    #[test]
    fn rows_are_called_by_their_marks() {
        let kind = RowKind {
            one: "measure",
            most: 26,
            least: 1,
            mark: letter_mark,
            hide: "",
            show: "",
        };
        assert_eq!(kind.name(2), "measure C");
        assert_eq!(number_mark(2), "3");
        let mut rows: Rows<u8> = [1, 2].into_iter().collect();
        assert_ne!(
            kind.element_id(rows.all()[0].id),
            kind.element_id(rows.all()[1].id)
        );
        let id = rows.all()[0].id;
        rows.get_mut(id).unwrap().name = "Mine".to_owned();
        let copy = rows.duplicate(id).unwrap();
        assert_eq!(rows.get(copy).unwrap().name, "");
    }
}
