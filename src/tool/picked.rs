//! What was chosen of an answer, and what can be done with its users.

use leptos::html;
use leptos::prelude::*;
use segments_charts::scene::Anchor;
use segments_format as format;
use segments_format::url::Params;
use segments_forms::link::{Link, Opened, PARAM};
use segments_forms::tool::Tool;
use segments_model::Instant;
use segments_model::query::Query;
use segments_model::segment::Segment;
use segments_model::selection::{Selected, Selection, SelectionRequest};
use segments_ui::charts::series::SeriesKey;
use segments_ui::dom::{active_element, all_below, focus, is_dialog_open, unique_id};
use segments_ui::popover::{OnMove, place_beside};
use segments_ui::states::sentence;
use segments_ui::{Glyph, Icon};
use send_wrapper::SendWrapper;
use serde_json::Value;
use wasm_bindgen::JsCast as _;
use web_sys::{DomRect, HtmlElement, KeyboardEvent, Node};

use crate::client::{ApiError, Client, Loader, Status};
use crate::parts::create_segment::{CreateOfSelection, NOBODY};
use crate::shell::route::{Navigator, Route};

/// A part of an answer that somebody chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// The query, for the instant and the zone of its answer.
    pub query: Query,
    /// How it was shown; goes into the origin of a segment.
    pub view: Value,
    /// What was chosen: `168 users on Mobile`.
    pub title: String,
    /// What it means, a sentence or two.
    pub text: String,
    /// Figures that belong to it: a name, a figure, and what stands beside that.
    pub facts: Vec<Fact>,
    /// Which users it can be about, the first one chosen: the point or its series, both sides of a step.
    pub choices: Vec<PickChoice>,
    /// Where it is on the screen.
    pub anchor: Anchor,
}

/// A figure that belongs to what was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Which series' sign stands before it.
    pub style: Option<usize>,
    /// Its name.
    pub name: String,
    /// The figure.
    pub figure: String,
    /// What stands beside it, such as a share; empty: nothing.
    pub detail: String,
}

/// Some users that what was chosen can be about.
#[derive(Clone, Debug, PartialEq)]
pub struct PickChoice {
    /// Who: `Dropped after step 2`. Also says in the dialog what the segment is made from.
    pub label: String,
    /// How many there are, where the answer says so. They are counted anew in any case, and have to be as many.
    pub users: Option<u64>,
    /// The share beside that, in words; empty: none.
    pub detail: String,
    /// The part of the answer.
    pub selection: Selection,
}

/// The parameter that says which tool's query the users are from.
pub const TOOL_PARAM: &str = "of";

/// The parameters of Users that list the users of a link.
#[must_use]
pub fn users_params(link: &Link) -> Params {
    Params::new()
        .with(TOOL_PARAM, Tool::of(&link.query).word())
        .with(PARAM, link.write())
}

/// Reads what a link to users says; none: the URL is of no such link.
///
/// # Errors
/// A sentence, where nobody can be told from it.
#[must_use]
pub fn read_users(params: &Params) -> Option<Result<Opened, String>> {
    let text = params.get(PARAM)?;
    let of = params.get(TOOL_PARAM);
    let opened = match of {
        None => Err("The link does not say which tool it is from.".to_owned()),
        Some(of) => match Tool::ALL.into_iter().find(|tool| tool.word() == of) {
            None => Err(format!(
                "The link is from a tool that is not known: \u{201c}{of}\u{201d}."
            )),
            Some(tool) => Link::read(text, tool),
        },
    };
    Some(opened.and_then(|opened| {
        let Some(selection) = &opened.link.selection else {
            return Err("The link does not say which part of the answer was chosen.".to_owned());
        };
        if selection.fits(&opened.link.query) {
            Ok(opened)
        } else {
            Err("What the link says was chosen is of another tool than its query.".to_owned())
        }
    }))
}

/// What the users of a link are asked by.
#[must_use]
pub fn request_of(link: &Link) -> Option<SelectionRequest> {
    Some(SelectionRequest {
        query: link.query.clone(),
        selection: link.selection.clone()?,
    })
}

/// How far counting the users is.
#[derive(Clone, Debug, PartialEq)]
enum Count {
    /// Asked a moment ago.
    Asked,
    /// Asked a while ago.
    Slow,
    /// Nobody knows.
    Failed(ApiError),
    /// This is who they are.
    Known(Selected),
}

/// What was chosen, which of its choices, and who that is. Cheap to copy.
#[derive(Clone, Copy)]
struct Menu {
    picked: RwSignal<Option<Picked>>,
    /// How many times something was chosen: what was decided on an earlier one says nothing of this one.
    time: Memo<u64>,
    /// Which choice, and of which time that is.
    chosen: RwSignal<(u64, usize)>,
    counted: Loader<(SelectionRequest, Selected)>,
    creating: RwSignal<bool>,
    /// What had the focus before.
    opener: StoredValue<Option<SendWrapper<HtmlElement>>>,
    panel: NodeRef<html::Div>,
    /// Stands where the menu stands in the page, and moves with it.
    mark: NodeRef<html::Span>,
}

impl Menu {
    fn start(picked: RwSignal<Option<Picked>>) -> Self {
        let client = expect_context::<Client>();
        let time = Memo::new(move |before: Option<&u64>| {
            picked.track();
            before.map_or(0, |before| before + 1)
        });
        let chosen = RwSignal::new((0, 0));
        let counted = Loader::new(
            move || picked.with(|picked| request(picked.as_ref()?, index(time, chosen))),
            move |request: SelectionRequest| {
                let client = client.clone();
                async move {
                    let selected = client.selection(&request).await?;
                    Ok((request, selected))
                }
            },
        );
        Self {
            picked,
            time,
            chosen,
            counted,
            creating: RwSignal::new(false),
            opener: StoredValue::new(None),
            panel: NodeRef::new(),
            mark: NodeRef::new(),
        }
    }

    fn choice(self) -> Option<PickChoice> {
        self.picked.with(|picked| {
            picked
                .as_ref()?
                .choices
                .get(index(self.time, self.chosen))
                .cloned()
        })
    }

    fn link(self) -> Option<Link> {
        self.picked.with(|picked| {
            let picked = picked.as_ref()?;
            let choice = picked.choices.get(index(self.time, self.chosen))?;
            Some(Link {
                query: picked.query.clone(),
                view: picked.view.clone(),
                selection: Some(choice.selection.clone()),
            })
        })
    }

    fn count(self) -> Count {
        let asked = self
            .picked
            .with(|picked| request(picked.as_ref()?, index(self.time, self.chosen)));
        self.counted.status().with(|status| match status {
            // An answer to an earlier choice says nothing of this one.
            Status::Ready((request, selected)) if Some(request) == asked.as_ref() => {
                Count::Known(selected.clone())
            }
            Status::Ready(_) | Status::Loading(_) => Count::Asked,
            Status::Slow(_) => Count::Slow,
            Status::Failed(error, _) => Count::Failed(error.clone()),
        })
    }

    /// Closes it; the focus goes back to where it came from, unless it is on its way elsewhere.
    fn close(self, give_back: bool) {
        self.picked.set(None);
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
        let again = || document().get_element_by_id(&opener.id())?.dyn_into().ok();
        let back: Option<HtmlElement> = if opener.is_connected() {
            Some(opener.clone().take())
        } else if opener.id().is_empty() {
            None
        } else {
            // It was drawn anew in the meantime.
            again()
        };
        match (back, self.mark.try_get_untracked().flatten()) {
            (Some(back), _) => focus(&back),
            (None, Some(mark)) => focus(&mark),
            (None, None) => {}
        }
    }
}

/// Whether something on the page has the focus, outside of what floats above it.
fn has_focus() -> bool {
    active_element().is_some_and(|active| {
        active.tag_name() != "BODY" && !matches!(active.closest("[popover], dialog"), Ok(Some(_)))
    })
}

fn index(time: Memo<u64>, chosen: RwSignal<(u64, usize)>) -> usize {
    let (of, index) = chosen.get();
    if of == time.get() { index } else { 0 }
}

fn request(picked: &Picked, choice: usize) -> Option<SelectionRequest> {
    Some(SelectionRequest {
        query: picked.query.clone(),
        selection: picked.choices.get(choice)?.selection.clone(),
    })
}

/// Floats beside what was chosen: its figures, whose users are meant, View Users and Create User Segment. Holds the dialog
/// that creates the segment. Nothing is shown while nothing is chosen. Stands inside of what scrolls, so that it goes along.
#[component]
pub fn PickMenu(
    /// What was chosen; set to none when it is closed.
    picked: RwSignal<Option<Picked>>,
    /// What the query is called, for the dialog.
    #[prop(into)]
    from: Signal<String>,
    /// How many of the users of a selection may still leave by going on, where the answer says so.
    #[prop(into, optional)]
    pending: Option<Callback<Selection, Option<u64>>>,
) -> impl IntoView {
    let menu = Menu::start(picked);
    follow(menu);
    let selected = Signal::derive(move || match menu.count() {
        Count::Known(selected) => Some(selected),
        _ => None,
    });
    let pending = Signal::derive(move || pending?.run(menu.choice()?.selection));
    let open = Memo::new(move |_| picked.with(Option::is_some));
    view! {
        <span class="pick-mark" tabindex="-1" node_ref=menu.mark></span>
        <Show when=move || open.get()>
            <Panel menu />
        </Show>
        <CreateOfSelection
            open=menu.creating
            link=Signal::derive(move || menu.link())
            selected
            from
            choice=Signal::derive(move || menu.choice().map(|choice| choice.label).unwrap_or_default())
            pending
            on_saved=Callback::new(move |_: Segment| menu.close(true))
        />
    }
    .into_any()
}

/// Remembers where the focus came from, and closes by Escape and by a press elsewhere.
fn follow(menu: Menu) {
    Effect::new(move |_| {
        if menu.picked.with(Option::is_none) {
            menu.creating.set(false);
            return;
        }
        let active = active_element();
        let inside = menu
            .panel
            .get_untracked()
            .zip(active.as_ref())
            .is_some_and(|(panel, active)| panel.contains(Some(active)));
        if !inside {
            menu.opener.set_value(active.map(SendWrapper::new));
        }
    });
    let is_open = move || {
        menu.picked
            .try_with_untracked(Option::is_some)
            .unwrap_or_default()
            && !is_dialog_open()
    };
    let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
        let inside = menu
            .panel
            .try_get_untracked()
            .flatten()
            .zip(
                event
                    .target()
                    .and_then(|target| target.dyn_into::<Node>().ok()),
            )
            .is_some_and(|(panel, target)| panel.contains(Some(&target)));
        if is_open() && !inside {
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

#[component]
fn Panel(menu: Menu) -> impl IntoView {
    let title_id = unique_id("pick");
    let heading_id = title_id.clone();
    let text_id = format!("{title_id}-text");
    let described_id = text_id.clone();
    let reason_id = format!("{title_id}-reason");
    let moved = StoredValue::new_local(None::<OnMove>);
    let put_again = StoredValue::new_local(None::<Box<dyn Fn()>>);
    // What is told of the number makes it taller or lower.
    let count = Memo::new(move |_| menu.count());
    Effect::new(move |_| {
        // Reading it is what makes it follow; tracking alone would leave it as it was never worked out.
        count.with(|_| ());
        request_animation_frame(move || {
            put_again.try_with_value(|put| {
                if let Some(put) = put {
                    put();
                }
            });
        });
    });
    Effect::new(move |_| {
        let Some(panel) = menu.panel.get() else {
            return;
        };
        menu.time.track();
        // Showing what is shown is refused and changes nothing.
        drop(panel.show_popover());
        let Some(anchor) = menu
            .picked
            .with_untracked(|picked| picked.as_ref().map(|picked| picked.anchor))
        else {
            return;
        };
        let origin = top_left(menu.mark);
        let put = move || {
            let (Some(panel), Some(now), Some(then)) = (
                menu.panel.try_get_untracked().flatten(),
                top_left(menu.mark),
                origin,
            ) else {
                return;
            };
            let at = DomRect::new_with_x_and_y_and_width_and_height(
                anchor.x + now.0 - then.0,
                anchor.y + now.1 - then.1,
                anchor.width,
                anchor.height,
            );
            if let Ok(at) = at {
                place_beside(&at, &panel);
            }
        };
        moved.set_value(Some(OnMove::new(move |_| put())));
        put_again.set_value(Some(Box::new(put)));
        request_animation_frame(move || {
            put();
            let Some(panel) = menu.panel.try_get_untracked().flatten() else {
                return;
            };
            let first = all_below(
                &panel,
                ".pick__choices input:checked, .us-popover__foot > *",
            );
            match first
                .iter()
                .find(|element| element.matches(STOPS).unwrap_or_default())
            {
                Some(first) => focus(first),
                None => focus(&panel),
            }
        });
    });
    let on_key = move |event: KeyboardEvent| {
        if event.key() != "Tab" || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let Some(panel) = menu.panel.get_untracked() else {
            return;
        };
        // It stands at the end of the page, where the next stop would be none that anybody expects.
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
    };
    view! {
        <div
            class="us-popover us-float pick"
            node_ref=menu.panel
            popover="manual"
            role="dialog"
            tabindex="-1"
            aria-labelledby=heading_id
            aria-describedby=described_id
            on:keydown=on_key
        >
            <div class="pick__scroll">
                <div class="us-popover__body">
                    <div class="us-popover__head">
                        <h2 id=title_id>
                            {move || menu.picked.with(|picked| picked.as_ref().map(|picked| picked.title.clone()))}
                        </h2>
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
                        {move || menu.picked.with(|picked| picked.as_ref().map(|picked| picked.text.clone()))}
                    </p>
                    <Facts menu />
                    <Choices menu />
                    <Counted menu reason_id=reason_id.clone() />
                </div>
            </div>
            <Foot menu reason_id />
        </div>
    }
    .into_any()
}

fn top_left(mark: NodeRef<html::Span>) -> Option<(f64, f64)> {
    let rect = mark
        .try_get_untracked()
        .flatten()?
        .get_bounding_client_rect();
    Some((rect.left(), rect.top()))
}

#[component]
fn Facts(menu: Menu) -> impl IntoView {
    let facts = Memo::new(move |_| {
        menu.picked.with(|picked| {
            picked
                .as_ref()
                .map(|picked| picked.facts.clone())
                .unwrap_or_default()
        })
    });
    move || {
        let facts = facts.get();
        (!facts.is_empty()).then(|| {
            let rows = facts
                .into_iter()
                .map(|fact| {
                    view! {
                        <span>
                            {fact.style.map(|style| view! { <SeriesKey style /> })} {fact.name}
                        </span>
                        <span>{fact.figure}</span>
                        <span>{fact.detail}</span>
                    }
                })
                .collect_view();
            view! { <div class="us-mini">{rows}</div> }
        })
    }
}

/// Which users are meant, where there are several to choose from.
#[component]
fn Choices(menu: Menu) -> impl IntoView {
    // What belongs to one time is made anew with the next one, and stays as it is until then.
    let choices = Memo::new(move |_| {
        let choices = menu
            .picked
            .with(|picked| picked.as_ref().map(|picked| picked.choices.clone()));
        (menu.time.get(), choices.unwrap_or_default())
    });
    let name = unique_id("pick-choice");
    move || {
        let (time, choices) = choices.get();
        (choices.len() > 1).then(|| {
            let rows = choices
                .into_iter()
                .enumerate()
                .map(|(place, choice)| {
                    let is_chosen = move || index(menu.time, menu.chosen) == place;
                    view! {
                        <label class="pick__choice">
                            <input
                                class="us-box"
                                type="radio"
                                name=name.clone()
                                prop:checked=is_chosen
                                on:change=move |_| menu.chosen.set((time, place))
                            />
                            <span>{choice.label}</span>
                            <b>{choice.users.map(format::count)}</b>
                            <span>{choice.detail}</span>
                        </label>
                    }
                })
                .collect_view();
            view! {
                <fieldset class="pick__choices">
                    <legend class="us-vh">"Which users"</legend>
                    {rows}
                </fieldset>
            }
        })
    }
}

/// What can be said of the number: under way, exact, none, or not to be had.
#[component]
fn Counted(menu: Menu, reason_id: String) -> impl IntoView {
    let count = Memo::new(move |_| (menu.count(), menu.choice().and_then(|choice| choice.users)));
    let line = move || {
        let (count, clicked) = count.get();
        match count {
            Count::Asked => view! { <span class="us-vh">"Counting users"</span> }.into_any(),
            Count::Slow => view! {
                <span class="us-skel pick__skel" aria-hidden="true"></span>
                <span class="us-vh">"Counting users"</span>
            }
            .into_any(),
            // Told by the alert below.
            Count::Failed(_) => ().into_any(),
            Count::Known(Selected { users: 0, .. }) => {
                view! { <strong>{NOBODY}</strong> }.into_any()
            }
            Count::Known(selected) => {
                known(selected.users, clicked, selected.as_of, &selected.time_zone).into_any()
            }
        }
    };
    let failed = move || match count.get().0 {
        Count::Failed(error) => Some(view! {
            <div class="us-banner us-banner--bad" role="alert">
                <Icon glyph=if error.is_unreachable() { Glyph::Offline } else { Glyph::Warning } small=true />
                <span class="us-grow">
                    <strong>"The users were not counted. "</strong>
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
fn known(users: u64, clicked: Option<u64>, as_of: Instant, zone: &str) -> impl IntoView + use<> {
    let counted = format::plural(users, "user", "users");
    let changed = clicked.filter(|clicked| *clicked != users).map(|clicked| {
        format!(
            " The answer says {}: the data has changed since. Run the query again.",
            format::count(clicked)
        )
    });
    view! {
        <strong>{counted}</strong>
        {format!(", exact, as of {}.", format::date_time(as_of, zone))}
        {changed.map(|changed| view! { <span class="pick__changed">{changed}</span> })}
    }
}

#[component]
fn Foot(menu: Menu, reason_id: String) -> impl IntoView {
    let navigator = Navigator::expect();
    let users = Memo::new(move |_| match menu.count() {
        Count::Known(selected) => Some(selected.users),
        _ => None,
    });
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
