//! The menu beside a part of an answer that was selected, and what can be done with its users.

use leptos::html;
use leptos::prelude::*;
use segments_charts::scene::Anchor;
use segments_format as format;
use segments_forms::link::Link;
use segments_model::segment::Segment;
use segments_model::selection::{Selected, SelectionRequest};
use segments_ui::charts::series::SeriesKey;
use segments_ui::dom::{active_element, all_below, focus, is_dialog_open, unique_id};
use segments_ui::popover::{OnMove, place_beside};
use segments_ui::states::sentence;
use segments_ui::{Glyph, Icon};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast as _;
use web_sys::{DomRect, HtmlElement, KeyboardEvent, Node};

use crate::client::{ApiError, Client, Loader, Status};
use crate::parts::create_segment::{CreateOfSelection, NOBODY};
use crate::shell::route::{Navigator, Route};
use crate::tool::selection::{AnswerPart, PartChoice, PartSelection, request_of, users_params};

/// How far counting the users is.
#[derive(Clone, Debug, PartialEq)]
enum Count {
    /// Asked a moment ago.
    Asked,
    /// Asked a while ago.
    Slow,
    Failed(ApiError),
    /// This is who they are.
    Known(Selected),
}

/// What was selected, which of its choices, and who that is. Cheap to copy.
#[derive(Clone, Copy)]
struct Menu {
    selection: RwSignal<Option<PartSelection>>,
    /// The part, and where it is.
    part: Memo<Option<(AnswerPart, Anchor)>>,
    /// The one of its choices that is chosen.
    choice: Memo<Option<PartChoice>>,
    counted: Loader<(SelectionRequest, Selected)>,
    count: Memo<Count>,
    creating: RwSignal<bool>,
    /// What had the focus before.
    opener: StoredValue<Option<SendWrapper<HtmlElement>>>,
    panel: NodeRef<html::Div>,
    /// Stands where the menu stands in the page, and moves with it.
    mark: NodeRef<html::Span>,
}

impl Menu {
    fn start(selection: RwSignal<Option<PartSelection>>) -> Self {
        let client = expect_context::<Client>();
        let part = Memo::new(move |_| {
            selection.with(|selection| {
                let selection = selection.as_ref()?;
                Some((selection.part.clone(), selection.anchor))
            })
        });
        let choice = Memo::new(move |_| {
            selection.with(|selection| {
                let selection = selection.as_ref()?;
                selection.part.choices.get(selection.chosen).cloned()
            })
        });
        let request = move || request_of(&link(selection, choice)?);
        let counted = Loader::new(request, move |request: SelectionRequest| {
            let client = client.clone();
            async move {
                let selected = client.selection(&request).await?;
                Ok((request, selected))
            }
        });
        let count = Memo::new(move |_| {
            let current = request();
            counted.status().with(|status| match status {
                // An answer to an earlier choice says nothing of this one.
                Status::Ready((request, selected)) if Some(request) == current.as_ref() => {
                    Count::Known(selected.clone())
                }
                Status::Ready(_) | Status::Loading(_) => Count::Asked,
                Status::Slow(_) => Count::Slow,
                Status::Failed(error, _) => Count::Failed(error.clone()),
            })
        });
        Self {
            selection,
            part,
            choice,
            counted,
            count,
            creating: RwSignal::new(false),
            opener: StoredValue::new(None),
            panel: NodeRef::new(),
            mark: NodeRef::new(),
        }
    }

    fn link(self) -> Option<Link> {
        link(self.selection, self.choice)
    }

    fn selected(self) -> Option<Selected> {
        match self.count.get() {
            Count::Known(selected) => Some(selected),
            _ => None,
        }
    }

    fn chosen(self) -> Option<usize> {
        self.selection
            .with(|selection| Some(selection.as_ref()?.chosen))
    }

    fn choose(self, place: usize) {
        self.selection.update(|selection| {
            if let Some(selection) = selection {
                selection.chosen = place;
            }
        });
    }

    fn words(self, words: fn(&AnswerPart) -> &String) -> Option<String> {
        self.part
            .with(|part| Some(words(&part.as_ref()?.0).clone()))
    }

    fn holds(self, node: Option<&Node>) -> bool {
        let panel = self.panel.try_get_untracked().flatten();
        panel.is_some_and(|panel| node.is_some_and(|node| panel.contains(Some(node))))
    }

    /// Closes it; the focus goes back to where it came from, unless it is on its way elsewhere.
    fn close(self, give_back: bool) {
        self.selection.set(None);
        if give_back {
            // By then the menu is gone, and a dialog above it too.
            request_animation_frame(move || self.give_back_focus());
        }
    }

    fn give_back_focus(self) {
        // Closing may have given it back already, and a key pressed since then may have led on.
        if has_focus() {
            return;
        }
        let Some(opener) = self.opener.try_get_value().flatten() else {
            return;
        };
        let back = if opener.is_connected() {
            Some(opener.take())
        } else {
            // It was drawn anew in the meantime.
            let again = Some(opener.id()).filter(|id| !id.is_empty());
            again
                .and_then(|id| document().get_element_by_id(&id)?.dyn_into().ok())
                .or_else(|| self.mark.try_get_untracked().flatten()?.dyn_into().ok())
        };
        if let Some(back) = back {
            focus(&back);
        }
    }
}

fn link(
    selection: RwSignal<Option<PartSelection>>,
    choice: Memo<Option<PartChoice>>,
) -> Option<Link> {
    let choice = choice.get()?;
    selection.with(|selection| {
        let selection = selection.as_ref()?;
        Some(Link {
            query: selection.query.clone(),
            view: selection.view.clone(),
            selection: Some(choice.selection),
        })
    })
}

/// Whether something on the page has the focus, outside of what floats above it.
fn has_focus() -> bool {
    active_element().is_some_and(|active| {
        active.tag_name() != "BODY" && !matches!(active.closest("[popover], dialog"), Ok(Some(_)))
    })
}

/// Floats beside what was selected: its figures, whose users are meant, View Users and Create User Segment. Holds the dialog
/// that creates the segment. Stands inside of what scrolls, so that it goes along.
#[component]
pub fn SelectionMenu(
    /// What was selected; none closes it.
    selection: RwSignal<Option<PartSelection>>,
    /// What the query is called, for the dialog.
    #[prop(into)]
    query: Signal<String>,
) -> impl IntoView {
    let menu = Menu::start(selection);
    follow(menu);
    let open = Memo::new(move |_| selection.with(Option::is_some));
    let from = move || {
        let of = menu.words(|part| &part.of).unwrap_or_default();
        let between = if of.is_empty() { "" } else { ", " };
        format!("{}{between}{of}", query.get())
    };
    let label = move || menu.choice.get().map(|choice| choice.label);
    view! {
        <span class="pick-mark" tabindex="-1" node_ref=menu.mark></span>
        <Show when=move || open.get()>
            <SelectionPanel menu />
        </Show>
        <CreateOfSelection
            open=menu.creating
            link=Signal::derive(move || menu.link())
            selected=Signal::derive(move || menu.selected())
            from=Signal::derive(from)
            choice=Signal::derive(move || label().unwrap_or_default())
            pending=Signal::derive(move || menu.choice.get()?.pending)
            on_saved=Callback::new(move |_: Segment| menu.close(true))
        />
    }
    .into_any()
}

/// Remembers where the focus came from, and closes by Escape and by a press elsewhere.
fn follow(menu: Menu) {
    Effect::new(move |_| {
        if menu.part.with(Option::is_none) {
            menu.creating.set(false);
            return;
        }
        let active = active_element();
        if !menu.holds(active.as_deref().map(AsRef::as_ref)) {
            menu.opener.set_value(active.map(SendWrapper::new));
        }
    });
    let is_open = move || {
        let is_open = menu.selection.try_with_untracked(Option::is_some);
        is_open.unwrap_or_default() && !is_dialog_open()
    };
    let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event.target();
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        if is_open() && !menu.holds(target.as_ref()) {
            menu.close(false);
        }
    });
    let escaped = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.key() == "Escape" && is_open() && !event.default_prevented() {
            event.prevent_default();
            menu.close(true);
        }
    });
    on_cleanup(move || {
        pressed.remove();
        escaped.remove();
    });
}

/// What takes the focus when the menu opens, and what Tab goes round in.
const STOPS: &str = "button, a[href], input:checked";

/// Shows the panel beside its part, moves it along, and gives it the focus.
fn place_panel(menu: Menu) {
    let put = StoredValue::new_local(None::<Box<dyn Fn()>>);
    let moved = StoredValue::new_local(None::<OnMove>);
    let put_again = move || {
        put.try_with_value(|put| {
            if let Some(put) = put {
                put();
            }
        });
    };
    // What is said of the number makes it taller or lower.
    Effect::new(move |_| {
        // Reading it is what makes it follow; tracking alone would leave it as it was never worked out.
        menu.count.with(|_| ());
        request_animation_frame(put_again);
    });
    Effect::new(move |_| {
        let (Some(panel), Some((_, anchor))) = (menu.panel.get(), menu.part.get()) else {
            return;
        };
        // Showing what is shown is refused and changes nothing.
        drop(panel.show_popover());
        let origin = top_left(menu.mark);
        put.set_value(Some(Box::new(move || {
            let panel = menu.panel.try_get_untracked().flatten();
            let (Some(panel), Some(now), Some(then)) = (panel, top_left(menu.mark), origin) else {
                return;
            };
            let (x, y) = (anchor.x + now.0 - then.0, anchor.y + now.1 - then.1);
            let at =
                DomRect::new_with_x_and_y_and_width_and_height(x, y, anchor.width, anchor.height);
            if let Ok(at) = at {
                place_beside(&at, &panel);
            }
        })));
        moved.set_value(Some(OnMove::new(move |_| put_again())));
        request_animation_frame(move || {
            put_again();
            let Some(panel) = menu.panel.try_get_untracked().flatten() else {
                return;
            };
            let stops = ".pick__choices input:checked, .us-popover__foot > *";
            let first = all_below(&panel, stops);
            let mut first = first.iter();
            let first = first.find(|element| element.matches(STOPS).unwrap_or_default());
            focus(first.unwrap_or(panel.as_ref()));
        });
    });
}

fn top_left(mark: NodeRef<html::Span>) -> Option<(f64, f64)> {
    let mark = mark.try_get_untracked().flatten()?;
    let rect = mark.get_bounding_client_rect();
    Some((rect.left(), rect.top()))
}

/// Keeps Tab within: the menu stands at the end of the page, where the next stop would be none that anybody expects.
fn go_round(menu: Menu, event: &KeyboardEvent) {
    if event.key() != "Tab" || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(panel) = menu.panel.get_untracked() else {
        return;
    };
    let stops = all_below(&panel, STOPS);
    let active = active_element();
    let (from, to) = if event.shift_key() {
        (stops.first(), stops.last())
    } else {
        (stops.last(), stops.first())
    };
    let on_panel = active.as_ref() == Some(panel.as_ref());
    if (active.as_ref() == from || (event.shift_key() && on_panel))
        && let Some(to) = to
    {
        event.prevent_default();
        focus(to);
    }
}

#[component]
fn SelectionPanel(menu: Menu) -> impl IntoView {
    let title_id = unique_id("pick");
    let heading_id = title_id.clone();
    let text_id = format!("{title_id}-text");
    let described_id = text_id.clone();
    let reason_id = format!("{title_id}-reason");
    place_panel(menu);
    view! {
        <div
            class="us-popover us-float pick"
            node_ref=menu.panel
            popover="manual"
            role="dialog"
            tabindex="-1"
            aria-labelledby=heading_id
            aria-describedby=described_id
            on:keydown=move |event| go_round(menu, &event)
        >
            <div class="pick__scroll">
                <div class="us-popover__body">
                    <div class="us-popover__head">
                        <h2 id=title_id>{move || menu.words(|part| &part.title)}</h2>
                        <button
                            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                            type="button"
                            aria-label="Close"
                            on:click=move |_| menu.close(true)
                        >
                            <Icon glyph=Glyph::Cross small=true />
                        </button>
                    </div>
                    <p class="us-xs us-2" id=text_id>
                        {move || menu.words(|part| &part.text)}
                    </p>
                    {facts(menu)}
                    {choices(menu)}
                    {counted(menu, reason_id.clone())}
                </div>
            </div>
            <SelectionFoot menu reason_id />
        </div>
    }
    .into_any()
}

fn facts(menu: Menu) -> impl IntoView {
    let facts = move || {
        menu.part
            .get()
            .map(|(part, _)| part.facts)
            .unwrap_or_default()
    };
    let facts = Memo::new(move |_| facts());
    move || {
        let facts = facts.get();
        (!facts.is_empty()).then(|| {
            let rows = facts.into_iter().map(|fact| {
                view! {
                    <span>{fact.style.map(|style| view! { <SeriesKey style /> })} {fact.name}</span>
                    <span>{fact.figure}</span>
                    <span>{fact.detail}</span>
                }
            });
            view! { <div class="us-mini">{rows.collect_view()}</div> }
        })
    }
}

/// Which users are meant, where there are several to choose from.
fn choices(menu: Menu) -> impl IntoView {
    let name = unique_id("pick-choice");
    move || {
        // What belongs to one part is made anew with the next one, and stays as it is until then.
        let choices = menu
            .part
            .get()
            .map(|(part, _)| part.choices)
            .unwrap_or_default();
        (choices.len() > 1).then(|| {
            let rows = choices.into_iter().enumerate().map(|(place, choice)| {
                view! {
                    <label class="pick__choice">
                        <input
                            class="us-box"
                            type="radio"
                            name=name.clone()
                            prop:checked=move || menu.chosen() == Some(place)
                            on:change=move |_| menu.choose(place)
                        />
                        <span>{choice.label}</span>
                        <b>{choice.users.map(format::count)}</b>
                        <span>{choice.detail}</span>
                    </label>
                }
            });
            view! {
                <fieldset class="pick__choices">
                    <legend class="us-vh">"Which users"</legend>
                    {rows.collect_view()}
                </fieldset>
            }
        })
    }
}

/// What can be said of the number: under way, exact, none, or not to be had.
fn counted(menu: Menu, reason_id: String) -> impl IntoView {
    let count = Memo::new(move |_| {
        let clicked = menu.choice.get().and_then(|choice| choice.users);
        (menu.count.get(), clicked)
    });
    let line = move || {
        let (count, clicked) = count.get();
        match count {
            Count::Asked => view! { <span class="us-vh">"Counting users"</span> }.into_any(),
            Count::Slow => view! {
                <span class="us-skel pick__skel" aria-hidden="true"></span>
                <span class="us-vh">"Counting users"</span>
            }
            .into_any(),
            // The alert below says so.
            Count::Failed(_) => ().into_any(),
            Count::Known(Selected { users: 0, .. }) => {
                view! { <strong>{NOBODY}</strong> }.into_any()
            }
            Count::Known(selected) => known(&selected, clicked),
        }
    };
    let failed = move || match count.get().0 {
        Count::Failed(error) => Some(view! {
            <div class="us-banner us-banner--bad" role="alert">
                <Icon glyph=if error.is_unreachable() { Glyph::Offline } else { Glyph::Warning } small=true />
                <span class="us-grow">
                    <strong>"Users could not be counted. "</strong>
                    {sentence(&error.to_string())}
                </span>
                <button class="us-btn us-btn--sm" type="button" on:click=move |_| menu.counted.reload()>
                    "Try again"
                </button>
            </div>
        }),
        _ => None,
    };
    view! {
        <p class="us-xs us-2 pick__count" id=reason_id role="status">
            {line}
        </p>
        {failed}
    }
    .into_any()
}

/// The number, for which instant, and that it is another one than was clicked, where it is.
fn known(selected: &Selected, clicked: Option<u64>) -> AnyView {
    let counted = format::plural(selected.users, "user", "users");
    let as_of = format::date_time(selected.as_of, &selected.time_zone);
    let changed = clicked.filter(|clicked| *clicked != selected.users);
    let changed = changed.map(|clicked| {
        let clicked = format::count(clicked);
        format!(" The results say {clicked}: the data has changed since. Run the query again.")
    });
    view! {
        <strong>{counted}</strong>
        {format!(", exact, as of {as_of}.")}
        {changed.map(|changed| view! { <span class="pick__changed">{changed}</span> })}
    }
    .into_any()
}

#[component]
fn SelectionFoot(menu: Menu, reason_id: String) -> impl IntoView {
    let navigator = Navigator::expect();
    let users = Memo::new(move |_| menu.selected().map(|selected| selected.users));
    let nobody = Memo::new(move |_| users.get() == Some(0));
    let href = move || {
        let link = menu.link().filter(|_| !nobody.get())?;
        Some(navigator.href_with(&Route::Users, &users_params(&link)))
    };
    let cannot = move || users.get().is_none_or(|users| users == 0);
    view! {
        <div class="us-popover__foot">
            <a
                class="us-btn us-btn--sm"
                role=move || nobody.get().then_some("link")
                href=href
                aria-disabled=move || nobody.get().then_some("true")
                aria-describedby=reason_id.clone()
            >
                "View Users"
            </a>
            <button
                class="us-btn us-btn--sm us-btn--primary"
                type="button"
                aria-disabled=move || cannot().to_string()
                aria-describedby=reason_id
                on:click=move |_| {
                    if !untrack(cannot) {
                        menu.creating.set(true);
                    }
                }
            >
                "Create User Segment"
            </button>
        </div>
    }
    .into_any()
}
