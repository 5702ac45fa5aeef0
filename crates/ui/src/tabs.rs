//! One of a few: segmented radio buttons and tabs.

use leptos::html;
use leptos::prelude::*;

use crate::dom::{Move, all_below, focus, unique_id};
use crate::icon::{Glyph, Icon};

/// How one of a few looks.
#[derive(Clone, Debug, Default, PartialEq)]
struct Look {
    label: String,
    /// What stands beside the words, such as a count.
    detail: Option<String>,
    /// An icon in place of the words, which then are its name.
    glyph: Option<Glyph>,
    /// Why it cannot be chosen; none: it can.
    disabled: Option<String>,
}

/// One of the choices of [`Segmented`] and [`Tabs`].
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentedOption<T> {
    value: T,
    look: Look,
}

impl<T> SegmentedOption<T> {
    /// A choice of words.
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Self {
            value,
            look: Look {
                label: label.into(),
                ..Look::default()
            },
        }
    }

    /// Not to be chosen, for this reason.
    #[must_use]
    pub fn disabled(mut self, reason: impl Into<String>) -> Self {
        self.look.disabled = Some(reason.into());
        self
    }

    /// With something beside the words, such as a count.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.look.detail = Some(detail.into());
        self
    }

    /// An icon in place of the words.
    #[must_use]
    pub fn glyph(mut self, glyph: Glyph) -> Self {
        self.look.glyph = Some(glyph);
        self
    }
}

/// The choices by their places, whatever they stand for: what draws them is there once, not once for each type.
#[derive(Clone, Copy)]
struct Places {
    looks: Signal<Vec<Look>>,
    chosen: Signal<Option<usize>>,
    choose: Callback<usize>,
}

impl Places {
    fn of<T: Clone + PartialEq + Send + Sync + 'static>(
        options: Signal<Vec<SegmentedOption<T>>>,
        value: Signal<T>,
        on_change: Callback<T>,
    ) -> Self {
        Self {
            looks: Signal::derive(move || {
                options.with(|options| options.iter().map(|option| option.look.clone()).collect())
            }),
            chosen: Signal::derive(move || {
                value.with(|value| {
                    options.with(|options| options.iter().position(|one| one.value == *value))
                })
            }),
            choose: Callback::new(move |place: usize| {
                let chosen =
                    options.with_untracked(|options| Some(options.get(place)?.value.clone()));
                if let Some(chosen) = chosen {
                    on_change.run(chosen);
                }
            }),
        }
    }

    fn is_chosen(self, place: usize) -> Signal<bool> {
        Signal::derive(move || self.chosen.get() == Some(place))
    }

    /// Draws every choice.
    fn draw(self, one: impl Fn(usize, Look) -> AnyView + Send + 'static) -> AnyView {
        let looks = self.looks;
        (move || {
            let looks = looks.get().into_iter().enumerate();
            looks.map(|(place, look)| one(place, look)).collect_view()
        })
        .into_any()
    }
}

/// Real radio buttons that look like one bar.
#[component]
pub fn Segmented<T>(
    #[prop(into)] legend: String,
    #[prop(into)] options: Signal<Vec<SegmentedOption<T>>>,
    #[prop(into)] value: Signal<T>,
    #[prop(into, optional)] class: String,
    on_change: Callback<T>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    bar(legend, class, Places::of(options, value, on_change))
}

fn bar(legend: String, class: String, places: Places) -> AnyView {
    let name = unique_id("radio");
    let icons = places
        .looks
        .with_untracked(|looks| looks.iter().any(|look| look.glyph.is_some()));
    let option = move |place, look| radio(name.clone(), place, look, places);
    view! {
        <fieldset class=format!("us-seg {class}") class:us-seg--icon=icons>
            <legend class="us-vh">{legend}</legend>
            {places.draw(option)}
        </fieldset>
    }
    .into_any()
}

fn radio(name: String, place: usize, look: Look, places: Places) -> AnyView {
    let Look {
        label,
        detail,
        glyph,
        disabled,
    } = look;
    let is_chosen = places.is_chosen(place);
    let name_of_icon = glyph.map(|_| label.clone());
    let title = disabled.clone().or_else(|| name_of_icon.clone());
    let is_disabled = disabled.is_some();
    let reason = disabled.map(|reason| (unique_id("reason"), reason));
    let described_by = reason.as_ref().map(|(id, _)| id.clone());
    let words = match glyph {
        Some(glyph) => view! { <Icon glyph small=true /> }.into_any(),
        None => view! { <span class="us-truncate">{label}</span> }.into_any(),
    };
    view! {
        <label title=title>
            {words}
            {detail.map(|detail| view! { <span class="us-muted">{detail}</span> })}
            <input
                class="us-vh"
                type="radio"
                name=name
                aria-label=name_of_icon
                aria-describedby=described_by
                disabled=is_disabled
                prop:checked=move || is_chosen.get()
                on:change=move |_| places.choose.run(place)
            />
        </label>
        {reason.map(|(id, reason)| view! { <span id=id hidden>{reason}</span> })}
    }
    .into_any()
}

/// Tabs over one panel. The arrow keys choose.
#[component]
pub fn Tabs<T>(
    /// The name of the row of tabs.
    #[prop(into)]
    label: String,
    #[prop(into)] tabs: Signal<Vec<SegmentedOption<T>>>,
    #[prop(into)] value: Signal<T>,
    on_change: Callback<T>,
    /// The chosen tab's content.
    children: Children,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    tab_list(label, Places::of(tabs, value, on_change), children())
}

fn tab_list(label: String, places: Places, content: AnyView) -> AnyView {
    let panel_id = unique_id("panel");
    let list = NodeRef::<html::Div>::new();
    let on_key = move |event: web_sys::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" => Move::Next,
            "ArrowLeft" => Move::Previous,
            "Home" => Move::First,
            "End" => Move::Last,
            _ => return,
        };
        event.prevent_default();
        let count = places.looks.with_untracked(Vec::len);
        let Some(place) = to.from(places.chosen.get_untracked(), count) else {
            return;
        };
        places.choose.run(place);
        request_animation_frame(move || {
            let list = list.try_get_untracked().flatten();
            let tabs = list.map(|list| all_below(&list, "[role=tab]"));
            if let Some(tab) = tabs.unwrap_or_default().get(place) {
                focus(tab);
            }
        });
    };
    let controls = panel_id.clone();
    let tab = move |place: usize, look: Look| {
        let is_chosen = places.is_chosen(place);
        view! {
            <button
                class="us-tab"
                type="button"
                role="tab"
                aria-controls=controls.clone()
                aria-selected=move || is_chosen.get().to_string()
                tabindex=move || if is_chosen.get() { "0" } else { "-1" }
                on:click=move |_| places.choose.run(place)
            >
                {look.label}
                {look.detail.map(|detail| view! { <small>{detail}</small> })}
            </button>
        }
        .into_any()
    };
    let name = label.clone();
    view! {
        <div class="us-tabs" role="tablist" aria-label=label node_ref=list on:keydown=on_key>
            {places.draw(tab)}
        </div>
        <div id=panel_id role="tabpanel" aria-label=name>
            {content}
        </div>
    }
    .into_any()
}
