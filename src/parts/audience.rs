//! Who is asked about: all users, those in segments, or whoever meets criteria.

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_forms::audience::{AudienceForm, AudienceKind, AudienceSegment};
use segments_forms::criteria::tree::Tree;
use segments_model::Criterion;
use segments_model::sentence::{self, ALL_USERS, capital};
use segments_ui::dom::{all_below, focus, unique_id};
use segments_ui::{Dialog, Glyph, Icon, PopoverButton, Segmented, SegmentedOption, Step, states};
use web_sys::KeyboardEvent;

use crate::client::Client;
use crate::parts::criteria::editor::{Editor, open_first_token};
use crate::parts::criteria::rows::Rows;
use crate::parts::pickers::SegmentField;
use crate::parts::vocabulary::Vocabulary;
use crate::shell::lazy::{LazyPlace, Loading, lazy};

/// The section "Audience" of a query panel. Criteria are built in a dialog, with the builder of the Composer.
#[component]
pub fn AudienceEditor(
    #[prop(into)] value: Signal<AudienceForm>,
    on_change: Callback<AudienceForm>,
) -> impl IntoView {
    let kind = Memo::new(move |_| value.with(|value| value.kind));
    let building = RwSignal::new(false);
    // Criteria that are given up before there were any leave what was asked before.
    let before = StoredValue::new(AudienceKind::default());
    Effect::new(move |was_building: Option<bool>| {
        let is_building = building.get();
        if was_building == Some(true) && !is_building {
            let form = value.get_untracked();
            if form.kind == AudienceKind::Criteria && form.criteria.is_none() {
                on_change.run(AudienceForm {
                    kind: before.get_value(),
                    ..form
                });
            }
        }
        is_building
    });
    let options = vec![
        SegmentedOption::new(AudienceKind::All, ALL_USERS),
        SegmentedOption::new(AudienceKind::Segments, "In segment"),
        SegmentedOption::new(AudienceKind::Criteria, "Criteria"),
    ];
    view! {
        <section class="us-query__sec query-audience">
            <header>
                <h2>"Audience"</h2>
                <Segmented
                    legend="Audience"
                    options
                    value=kind
                    on_change=Callback::new(move |kind| {
                        let form = value.get_untracked();
                        before.set_value(form.kind);
                        let form = AudienceForm { kind, ..form };
                        let unsaid = kind == AudienceKind::Criteria && form.criteria.is_none();
                        on_change.run(form);
                        if unsaid {
                            building.set(true);
                        }
                    })
                />
            </header>
            {move || match kind.get() {
                AudienceKind::All => ().into_any(),
                AudienceKind::Segments => segments_form(value, on_change),
                AudienceKind::Criteria => criteria_form(value, building),
            }}
            <CriteriaDialog
                open=building
                criteria=Signal::derive(move || value.with(|value| value.criteria.clone()))
                on_apply=Callback::new(move |criteria| {
                    on_change
                        .run(AudienceForm {
                            kind: AudienceKind::Criteria,
                            criteria: Some(criteria),
                            ..value.get_untracked()
                        });
                })
            />
        </section>
    }
    .into_any()
}

fn segments_form(value: Signal<AudienceForm>, on_change: Callback<AudienceForm>) -> AnyView {
    let list = NodeRef::<html::Ul>::new();
    let count = Memo::new(move |_| value.with(|value| value.segments.len()));
    let change = move |change: &dyn Fn(&mut Vec<AudienceSegment>)| {
        let mut form = value.get_untracked();
        change(&mut form.segments);
        on_change.run(form);
    };
    let focus_chip = move |place: usize| {
        request_animation_frame(move || {
            let list = list.try_get_untracked().flatten();
            if let Some(button) =
                list.and_then(|list| all_below(&list, ".query-chip__name").into_iter().nth(place))
            {
                focus(&button);
            }
        });
    };
    let open = RwSignal::new(false);
    let remove = Callback::new(move |place: usize| {
        change(&|segments| {
            if place < segments.len() {
                segments.remove(place);
            }
        });
        focus_chip(place.min(count.get_untracked().saturating_sub(1)));
    });
    let toggle = Callback::new(move |place: usize| {
        change(&|segments| {
            if let Some(segment) = segments.get_mut(place) {
                segment.not = !segment.not;
            }
        });
    });
    view! {
        <div class="query-groups">
            <Show when=move || { count.get() > 0 }>
                <ul class="query-chips" node_ref=list>
                    <For
                        each=move || 0..count.get()
                        key=|place| *place
                        children=move |place| segment_chip(value, place, toggle, remove)
                    />
                </ul>
            </Show>
            <PopoverButton
                class="us-add"
                button=ViewFn::from(move || {
                    view! {
                        <Icon glyph=Glyph::Plus />
                        {if count.get() == 0 { "Choose a segment" } else { "Another segment" }}
                    }
                })
                panel_label="Segment"
                panel_class="us-popover query-pick"
                open
            >
                <div class="us-popover__body">
                    <SegmentField
                        value=Signal::stored(Vec::new())
                        without=Signal::derive(move || {
                            value
                                .with(|value| {
                                    value
                                        .segments
                                        .iter()
                                        .map(|segment| segment.id.clone())
                                        .collect::<Vec<_>>()
                                })
                        })
                        on_choose=Callback::new(move |id: String| {
                            open.set(false);
                            let place = count.get_untracked();
                            change(&|segments| {
                                segments.push(AudienceSegment { id: id.clone(), not: false });
                            });
                            focus_chip(place);
                        })
                    />
                </div>
            </PopoverButton>
        </div>
    }
    .into_any()
}

fn segment_chip(
    value: Signal<AudienceForm>,
    place: usize,
    toggle: Callback<usize>,
    remove: Callback<usize>,
) -> AnyView {
    let vocabulary = Vocabulary::expect();
    let segment = Memo::new(move |_| value.with(|value| value.segments.get(place).cloned()));
    let id = move || segment.with(|segment| segment.as_ref().map(|segment| segment.id.clone()));
    let not = Memo::new(move |_| segment.with(|segment| segment.as_ref().is_some_and(|it| it.not)));
    let name = Memo::new(move |_| {
        id().map(|id| vocabulary.segment_name(&id).unwrap_or(id))
            .unwrap_or_default()
    });
    let lacks = Memo::new(move |_| id().is_some_and(|id| vocabulary.lacks_segment(&id)));
    let size = Memo::new(move |_| {
        id().and_then(|id| vocabulary.segment_size(&id))
            .map(format::count)
    });
    // Whoever is in one of the segments is meant, so another one is joined by "or".
    let is_first = Memo::new(move |_| {
        value.with(|value| {
            !value
                .segments
                .iter()
                .take(place)
                .any(|segment| !segment.not)
        })
    });
    let word = move || match (not.get(), is_first.get()) {
        (true, _) => "not in",
        (false, true) => "in",
        (false, false) => "or in",
    };
    view! {
        <li class="us-chip query-chip" class:is-bad=move || lacks.get()>
            {move || {
                let glyph = if lacks.get() {
                    Glyph::Warning
                } else if not.get() {
                    Glyph::Not
                } else {
                    Glyph::Segment
                };
                view! { <Icon glyph /> }
            }}
            <button
                class="query-chip__name"
                type="button"
                title=move || {
                    if not.get() {
                        "Excludes its users. Press to include them."
                    } else {
                        "Includes its users. Press to exclude them."
                    }
                }
                on:click=move |_| toggle.run(place)
            >
                <span class="us-muted">{word}" "</span>
                <span class="us-truncate">{move || name.get()}" "</span>
                {move || size.get().map(|size| view! { <span class="us-muted">{size}</span> })}
            </button>
            <button
                type="button"
                aria-label=move || format!("Remove {}", name.get())
                on:click=move |_| remove.run(place)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </li>
    }
    .into_any()
}

fn criteria_form(value: Signal<AudienceForm>, building: RwSignal<bool>) -> AnyView {
    let vocabulary = Vocabulary::expect();
    let words = move || {
        value.with(|value| {
            value
                .criteria
                .as_ref()
                .map(|criteria| sentence::sentence(criteria, &|id| vocabulary.segment_name(id)))
        })
    };
    view! {
        <div class="query-criteria">
            {move || match words() {
                Some(words) => view! { <p class="query-criteria__words">{capital(&words)}</p> }.into_any(),
                None => view! { <p class="us-help">"No criteria yet."</p> }.into_any(),
            }}
            <button
                class="us-btn us-btn--sm"
                type="button"
                aria-label="Edit audience criteria"
                aria-haspopup="dialog"
                on:click=move |_| building.set(true)
            >
                <Icon glyph=Glyph::Edit small=true />
                "Edit"
            </button>
        </div>
    }
    .into_any()
}

/// The builder of criteria in a dialog. What is built there counts when it is applied.
#[component]
fn CriteriaDialog(
    open: RwSignal<bool>,
    criteria: Signal<Option<Criterion>>,
    on_apply: Callback<Criterion>,
) -> impl IntoView {
    let client = use_context::<Client>();
    let content = move || {
        client
            .clone()
            .map(|client| BUILDER.view(LazyPlace::Dialog, (client, open, criteria, on_apply)))
    };
    view! {
        <Dialog
            open
            title="Audience"
            subtitle=Signal::stored("Only users who meet these criteria are counted.".to_owned())
            wide=true
        >
            {content()}
        </Dialog>
    }
}

/// The client, whether the dialog is open, what the criteria are, and what is called with others.
type Building = (
    Client,
    RwSignal<bool>,
    Signal<Option<Criterion>>,
    Callback<Criterion>,
);

lazy! {
    const BUILDER = builder::audience_builder(building: Building) -> AnyView { builder(building) }
}

pub fn load() -> Loading<()> {
    BUILDER.load()
}

fn builder((client, open, criteria, on_apply): Building) -> AnyView {
    let tree = criteria
        .get_untracked()
        .map_or_else(Tree::default, |criteria| Tree::from(&criteria));
    let editor = Editor::new(tree, None, client);
    provide_context(editor);
    let unfinished = Memo::new(move |_| {
        editor
            .first_unfinished()
            .map(|(_, name, what)| (name, what))
    });
    let apply = move || {
        if let Ok(definition) = editor.definition().get_untracked() {
            open.set(false);
            on_apply.run(definition.criterion);
        } else if let Some((id, _, _)) = untrack(|| editor.first_unfinished()) {
            open_first_token(id);
        }
    };
    let why_not = unique_id("audience");
    let explains = why_not.clone();
    view! {
        <div
            class="us-dialog__body query-builder"
            on:keydown=move |event: KeyboardEvent| {
                if let Some(step) = Step::of(&event) {
                    event.prevent_default();
                    event.stop_propagation();
                    editor.step(step);
                }
            }
        >
            <Rows />
            <p class="us-vh" role="status">
                {move || editor.announcement().get()}
            </p>
        </div>
        <footer class="us-dialog__foot">
            <p class="us-grow query-builder__size" id=why_not role="status">
                {move || match unfinished.get() {
                    Some((name, what)) => {
                        view! {
                            <Icon glyph=Glyph::Warning small=true />
                            <span>{format!("{} is unfinished. {}", capital(&name), states::sentence(&what))}</span>
                        }
                            .into_any()
                    }
                    None => size(editor),
                }}
            </p>
            <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                "Cancel"
            </button>
            <button
                class="us-btn us-btn--lg us-btn--primary"
                type="button"
                aria-disabled=move || unfinished.with(Option::is_some).then_some("true")
                aria-describedby=explains
                on:click=move |_| apply()
            >
                "Apply"
            </button>
        </footer>
    }
    .into_any()
}

/// How many users meet what is built.
fn size(editor: Editor) -> AnyView {
    view! {
        {move || {
            let failed = editor
                .preview()
                .status()
                .with(|status| status.error().map(ToString::to_string));
            if let Some(failed) = failed {
                return view! { <span>{format!("Not counted: {failed}")}</span> }.into_any();
            }
            editor
                .preview()
                .map(|answer| {
                    let (users, share) = (answer.preview.users, answer.preview.share);
                    view! {
                        <span class:us-muted=move || editor.is_stale()>
                            <b>{format::count(users)}</b>
                            {if users == 1 { " user" } else { " users" }}
                            {format!(", {}", format::percent(share))}
                        </span>
                    }
                })
                .into_any()
        }}
    }
    .into_any()
}
