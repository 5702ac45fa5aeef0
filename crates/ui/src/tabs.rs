//! One of a few: segmented radio buttons and tabs.

use leptos::html;
use leptos::prelude::*;

use crate::dom::{Move, all_below, focus, unique_id};
use crate::icon::{Glyph, Icon};

/// One of the choices of [`Segmented`].
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentedOption<T> {
    /// What it stands for.
    pub value: T,
    /// Its words.
    pub label: String,
    /// What stands beside the words, such as a count.
    pub detail: Option<String>,
    /// An icon in place of the words, which then are its name.
    pub glyph: Option<Glyph>,
    /// Why it cannot be chosen; none: it can.
    pub disabled: Option<String>,
}

impl<T> SegmentedOption<T> {
    /// A choice of words.
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Self {
            value,
            label: label.into(),
            detail: None,
            glyph: None,
            disabled: None,
        }
    }

    /// The same choice, standing for its place.
    fn placed(&self, place: usize) -> SegmentedOption<usize> {
        SegmentedOption {
            value: place,
            label: self.label.clone(),
            detail: self.detail.clone(),
            glyph: self.glyph,
            disabled: self.disabled.clone(),
        }
    }

    /// Not to be chosen, for this reason.
    #[must_use]
    pub fn disabled(mut self, reason: impl Into<String>) -> Self {
        self.disabled = Some(reason.into());
        self
    }

    /// With something beside the words.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// An icon in place of the words.
    #[must_use]
    pub fn glyph(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }
}

/// Real radio buttons that look like one bar.
#[component]
pub fn Segmented<T>(
    /// What is chosen.
    #[prop(into)]
    legend: String,
    /// The choices.
    #[prop(into)]
    options: Signal<Vec<SegmentedOption<T>>>,
    /// The one chosen.
    #[prop(into)]
    value: Signal<T>,
    /// More classes.
    #[prop(into, optional)]
    class: String,
    /// Called with another one.
    on_change: Callback<T>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    // The bar knows choices by their places, so that it is compiled once, not for each type of value.
    let places = Signal::derive(move || {
        options.with(|options| {
            let placed = |(place, option): (usize, &SegmentedOption<T>)| option.placed(place);
            options.iter().enumerate().map(placed).collect()
        })
    });
    let chosen = Signal::derive(move || {
        options
            .with(|options| value.with(|value| options.iter().position(|one| one.value == *value)))
    });
    let choose = Callback::new(move |place: usize| {
        let option = options.with_untracked(|options| options.get(place).cloned());
        if let Some(option) = option {
            on_change.run(option.value);
        }
    });
    bar(legend, places, chosen, class, choose)
}

fn bar(
    legend: String,
    options: Signal<Vec<SegmentedOption<usize>>>,
    chosen: Signal<Option<usize>>,
    class: String,
    choose: Callback<usize>,
) -> AnyView {
    let name = unique_id("radio");
    let icons =
        options.with_untracked(|options| options.iter().any(|option| option.glyph.is_some()));
    let option = move |option: SegmentedOption<usize>| {
        let SegmentedOption {
            value: place,
            label,
            detail,
            glyph,
            disabled,
        } = option;
        let name_of_icon = glyph.map(|_| label.clone());
        let title = disabled.clone().or_else(|| name_of_icon.clone());
        let is_disabled = disabled.is_some();
        let reason = disabled.map(|reason| (unique_id("reason"), reason));
        let described_by = reason.as_ref().map(|(id, _)| id.clone());
        let words = match glyph {
            Some(glyph) => view! { <Icon glyph small=true /> }.into_any(),
            None => label.into_any(),
        };
        view! {
            <label title=title>
                {words}
                {detail.map(|detail| view! { <span class="us-muted">{detail}</span> })}
                <input
                    class="us-vh"
                    type="radio"
                    name=name.clone()
                    aria-label=name_of_icon
                    aria-describedby=described_by
                    disabled=is_disabled
                    prop:checked=move || chosen.get() == Some(place)
                    on:change=move |_| choose.run(place)
                />
            </label>
            {reason.map(|(id, reason)| view! { <span id=id hidden>{reason}</span> })}
        }
    };
    view! {
        <fieldset class=format!("us-seg {class}") class:us-seg--icon=icons>
            <legend class="us-vh">{legend}</legend>
            {move || options.get().into_iter().map(&option).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// One tab of [`Tabs`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tab<T> {
    /// What it stands for.
    pub value: T,
    /// Its words.
    pub label: String,
    /// What stands beside the words, such as a count.
    pub detail: Option<String>,
}

/// Tabs over one panel. The arrow keys choose.
#[component]
pub fn Tabs<T>(
    /// The name of the row of tabs.
    #[prop(into)]
    label: String,
    /// The tabs.
    #[prop(into)]
    tabs: Signal<Vec<Tab<T>>>,
    /// The one chosen.
    #[prop(into)]
    value: Signal<T>,
    /// Called with another one.
    on_change: Callback<T>,
    /// The chosen tab's content.
    children: Children,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let panel_id = unique_id("panel");
    let list = NodeRef::<html::Div>::new();
    let choose = move |to: Move| {
        let tabs = tabs.get_untracked();
        let place = tabs
            .iter()
            .position(|tab| tab.value == value.get_untracked());
        if let Some(place) = to.from(place, tabs.len())
            && let Some(tab) = tabs.into_iter().nth(place)
        {
            on_change.run(tab.value);
            request_animation_frame(move || {
                let list = list.get_untracked();
                if let Some(tab) =
                    list.and_then(|list| all_below(&list, "[role=tab]").into_iter().nth(place))
                {
                    focus(&tab);
                }
            });
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" => Move::Next,
            "ArrowLeft" => Move::Previous,
            "Home" => Move::First,
            "End" => Move::Last,
            _ => return,
        };
        event.prevent_default();
        choose(to);
    };
    let controls = panel_id.clone();
    let tab = move |tab: Tab<T>| {
        let (this, chosen) = (tab.value.clone(), tab.value.clone());
        let is_chosen = Signal::derive(move || value.with(|value| *value == chosen));
        view! {
            <button
                class="us-tab"
                type="button"
                role="tab"
                aria-controls=controls.clone()
                aria-selected=move || is_chosen.get().to_string()
                tabindex=move || if is_chosen.get() { "0" } else { "-1" }
                on:click=move |_| on_change.run(this.clone())
            >
                {tab.label}
                {tab.detail.map(|detail| view! { <small>{detail}</small> })}
            </button>
        }
    };
    let name = label.clone();
    view! {
        <div class="us-tabs" role="tablist" aria-label=label node_ref=list on:keydown=on_key>
            {move || tabs.get().into_iter().map(&tab).collect_view()}
        </div>
        <div id=panel_id role="tabpanel" aria-label=name>
            {children()}
        </div>
    }
}
