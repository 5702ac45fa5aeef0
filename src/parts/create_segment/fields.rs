//! The fields of the dialog that makes a segment.

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_model::limits::DESCRIPTION_CHARACTERS;
use segments_model::segment::SegmentKind;
use segments_ui::dom::{focus, unique_id};
use segments_ui::states::sentence;
use segments_ui::{Choice, Combobox, Glyph, Icon};

use crate::parts::create_segment::state::CreationState;
use crate::parts::vocabulary::Vocabulary;

/// How many categories are there to press; all of them are in the field's list.
const CATEGORIES: usize = 8;

/// The name, with what is wrong with it.
#[component]
pub fn NameField(
    name: RwSignal<String>,
    /// The field itself.
    field: NodeRef<html::Input>,
    /// What has become of the dialog.
    state: RwSignal<CreationState>,
) -> impl IntoView {
    let id = unique_id("segment-name");
    let error_id = format!("{id}-error");
    let wrong = Memo::new(move |_| state.with(|state| name.with(|name| state.name_error(name))));
    let instead = Memo::new(move |_| state.with(|state| state.instead().map(str::to_owned)));
    let write = move |text: String| {
        name.set(text);
        state.update(CreationState::change);
    };
    let take = move |free: String| {
        write(free);
        if let Some(field) = field.get_untracked() {
            focus(&field);
        }
    };
    let suggestion = move |free: String| {
        let label = free.clone();
        view! {
            " Try "
            <button class="us-link dlg__instead" type="button" on:click=move |_| take(free.clone())>
                {label}
            </button>
            "."
        }
    };
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                "Segment Name"
            </label>
            <input
                class="us-input"
                id=id
                node_ref=field
                required=true
                autocomplete="off"
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                aria-describedby=error_id.clone()
                prop:value=move || name.get()
                on:input=move |event| write(event_target_value(&event))
            />
            <p class="us-error" id=error_id role="alert">
                {move || {
                    wrong
                        .get()
                        .map(|error| {
                            view! {
                                <Icon glyph=Glyph::Warning />
                                <span>{sentence(&error)} {instead.get().map(suggestion)}</span>
                            }
                        })
                }}
            </p>
        </div>
    }
    .into_any()
}

/// What the segment is for.
#[component]
pub fn DescriptionField(description: RwSignal<String>) -> impl IntoView {
    let id = unique_id("segment-description");
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                "Description "
                <small>"optional"</small>
            </label>
            <textarea
                class="us-input"
                id=id
                rows="2"
                maxlength=DESCRIPTION_CHARACTERS
                prop:value=move || description.get()
                on:input=move |event| description.set(event_target_value(&event))
            ></textarea>
        </div>
    }
    .into_any()
}

/// What it belongs to.
#[component]
pub fn CategoryField(category: RwSignal<String>) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let id = unique_id("segment-category");
    let chip = move |each: String| {
        let this = each.clone();
        let pressed = each.clone();
        view! {
            <button
                class="us-chip us-chip--pick"
                type="button"
                aria-pressed=move || category.with(|category| *category == pressed).to_string()
                on:click=move |_| {
                    category
                        .update(|category| {
                            *category = if *category == this { String::new() } else { this.clone() };
                        });
                }
            >
                {each}
            </button>
        }
    };
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                "Category "
                <small>"optional"</small>
            </label>
            <Combobox
                id=id
                placeholder="None"
                choices=Signal::derive(move || {
                    vocabulary.categories().into_iter().map(Choice::new).collect::<Vec<_>>()
                })
                value=Signal::derive(move || {
                    Some(category.get()).filter(|it| !it.is_empty()).into_iter().collect::<Vec<_>>()
                })
                on_change=Callback::new(move |chosen: Vec<String>| {
                    category.set(chosen.into_iter().next().unwrap_or_default());
                })
                free=true
            />
            <div class="us-row us-row--wrap us-row--1" role="group" aria-label="Existing categories">
                {move || vocabulary.categories().into_iter().take(CATEGORIES).map(chip).collect_view()}
            </div>
        </div>
    }
    .into_any()
}

/// Whether its users change.
#[component]
pub fn KindField(
    kind: RwSignal<SegmentKind>,
    /// How many users it has now; none: not counted yet.
    users: Memo<Option<u64>>,
) -> impl IntoView {
    let group = unique_id("segment-kind");
    let static_hint = Signal::derive(move || match users.get() {
        None => "Keeps the users who match now, whatever they do next.".to_owned(),
        Some(1) => "Keeps this 1 user, whatever happens next.".to_owned(),
        Some(users) => format!(
            "Keeps these {} users, whatever they do next.",
            format::count(users)
        ),
    });
    let card = {
        let group = group.clone();
        move |this: SegmentKind, glyph: Glyph, label: &'static str, explained: Signal<String>| {
            view! {
                <label class="us-radiocard">
                    <input
                        class="us-box"
                        type="radio"
                        name=group.clone()
                        prop:checked=move || kind.get() == this
                        on:change=move |_| kind.set(this)
                    />
                    <b>
                        <Icon glyph small=true />
                        {label}
                    </b>
                    <p>{move || explained.get()}</p>
                </label>
            }
        }
    };
    view! {
        <fieldset class="us-field">
            <legend class="us-label">"Type"</legend>
            <div class="us-cards">
                {card(
                    SegmentKind::Dynamic,
                    Glyph::Dynamic,
                    "Dynamic",
                    Signal::stored("Users join and leave as new data arrives.".to_owned()),
                )}
                {card(SegmentKind::Static, Glyph::Static, "Static", static_hint)}
            </div>
        </fieldset>
    }
    .into_any()
}
