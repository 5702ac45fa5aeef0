//! The dialog that makes a segment: of the Composer's definition, or of users who were chosen of an answer.

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_format::url::Params;
use segments_forms::criteria::tree::Tree;
use segments_forms::draft::Draft;
use segments_forms::link::Link;
use segments_forms::naming::{Telling, free_name, name_error, stem, suggested_name};
use segments_model::facts::never_changes;
use segments_model::history::SizesRequest;
use segments_model::preview::PreviewRequest;
use segments_model::problem::{Code, Problem};
use segments_model::segment::{NewSegment, Origin, Segment, SegmentKind, SegmentQuery};
use segments_model::selection::Selected;
use segments_model::{Criterion, Instant};
use segments_ui::dom::{focus, unique_id};
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{Choice, Combobox, Confirm, Dialog, Glyph, Icon, Toast, Toaster};

use crate::client::{ApiError, Client, Loader};
use crate::parts::size_over_time::SizeOverTime;
use crate::parts::vocabulary::Vocabulary;
use crate::parts::words::{sentence_view, words};
use crate::shell::lazy::{Loading, Place, lazy};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use crate::shell::storage;

/// What the dialog is called.
const TITLE: &str = "Create User Segment";
/// How many categories are there to press; all of them are in the field's list.
const CATEGORIES: usize = 8;
/// How many names are asked for to find a free one.
const NAMES: u32 = 200;

/// What a segment is made of, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Who belongs to it.
    pub definition: Criterion,
    /// How many users these are.
    pub users: u64,
    /// The share of all users, 0 to 1, and how many these are; none: not known.
    pub share: Option<(f64, u64)>,
    /// The instant that the number is true for, and that the segment is evaluated for first.
    pub as_of: Instant,
    /// The zone whose days are meant.
    pub time_zone: String,
    /// Whether the number is exact.
    pub exact: bool,
    /// The query and selection that it is made from.
    pub origin: Option<Origin>,
}

/// What stands in the fields at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggested {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The category.
    pub category: String,
}

/// Says that a segment was made or changed, and offers its users and, unless that is where one goes anyway, its row among
/// all segments.
pub fn tell_saved(
    navigator: Navigator,
    session: Session,
    toaster: Toaster,
    segment: &Segment,
    offers_row: bool,
) {
    session.segments_changed();
    let (id, name) = (segment.summary.id.clone(), segment.summary.name.clone());
    let toast =
        Toast::done(format!("Saved \u{201c}{name}\u{201d}")).action("View Users", move || {
            let params = Params::new().with("segment", id.as_str());
            navigator.go_with(&Route::Users, &params);
        });
    toaster.show(if offers_row {
        toast.action("Open in User Segments", move || {
            let params = Params::new().with("q", name.as_str());
            navigator.go_with(&Route::Segments, &params);
        })
    } else {
        toast
    });
}

/// The dialog that makes a segment.
#[component]
pub fn CreateSegment(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Where the definition comes from: `From the Composer`.
    #[prop(into)]
    from: Signal<String>,
    /// What the segment is made of; none: not counted yet.
    #[prop(into)]
    source: Signal<Option<Source>>,
    /// Why it cannot be saved; none: it can.
    #[prop(into)]
    obstacle: Signal<Option<String>>,
    /// What stands in the fields when it opens.
    #[prop(into)]
    suggested: Signal<Suggested>,
    /// What else there is to know about the users, a sentence or two.
    #[prop(into, optional)]
    note: Signal<Option<String>>,
    /// Called when the segment is there; the dialog is closed by then.
    on_saved: Callback<Segment>,
    /// Called with what the backend has against the definition; whether it is shown there, so that the dialog can close.
    #[prop(into, optional)]
    on_refused: Option<Callback<Problem, bool>>,
    /// Called when the definition shall be worked on in the Composer; none: it is there already.
    #[prop(into, optional)]
    on_refine: Option<Callback<()>>,
) -> impl IntoView {
    let creation = Creation {
        open,
        source,
        obstacle,
        suggested,
        note,
        on_saved,
        on_refused,
        on_refine,
    };
    view! {
        <Dialog open title=TITLE subtitle=from wide=true>
            {FORM.view(Place::Dialog, creation)}
        </Dialog>
    }
    .into_any()
}

/// The same for users who were chosen of an answer.
#[component]
pub fn CreateOfSelection(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The query with what was chosen of its answer.
    #[prop(into)]
    link: Signal<Option<Link>>,
    /// Who that is, as the backend has answered.
    #[prop(into)]
    selected: Signal<Option<Selected>>,
    /// What the query is called.
    #[prop(into)]
    from: Signal<String>,
    /// What was chosen, in words.
    #[prop(into)]
    choice: Signal<String>,
    /// How many of the users may still leave by going on.
    #[prop(into, optional)]
    pending: Signal<Option<u64>>,
    /// Called when the segment is there; the person has been told by then.
    #[prop(into, optional)]
    on_saved: Option<Callback<Segment>>,
) -> impl IntoView {
    let subtitle = Signal::derive(move || {
        let (from, choice) = (from.get(), choice.get());
        if choice.is_empty() {
            format!("From {from}")
        } else {
            format!("From {from}, {}", lower_first(&choice))
        }
    });
    let chosen = Chosen {
        open,
        link,
        selected,
        from,
        pending,
        on_saved,
    };
    view! {
        <Dialog open title=TITLE subtitle wide=true>
            {FORM_OF_SELECTION.view(Place::Dialog, chosen)}
        </Dialog>
    }
    .into_any()
}

/// The props of [`CreateOfSelection`] that its form needs.
#[derive(Clone, Copy)]
struct Chosen {
    open: RwSignal<bool>,
    link: Signal<Option<Link>>,
    selected: Signal<Option<Selected>>,
    from: Signal<String>,
    pending: Signal<Option<u64>>,
    on_saved: Option<Callback<Segment>>,
}

lazy! {
    const FORM_OF_SELECTION = save::create_of_selection(chosen: Chosen) -> AnyView {
        form_of_selection(chosen)
    }
}

fn form_of_selection(chosen: Chosen) -> AnyView {
    let Chosen {
        open,
        link,
        selected,
        from,
        pending,
        on_saved,
    } = chosen;
    let client = expect_context::<Client>();
    let navigator = Navigator::expect();
    let session = Session::expect();
    let toaster = Toaster::expect();
    let vocabulary = Vocabulary::expect();

    let share = Loader::new(
        move || {
            let selected = selected.get()?;
            Some(PreviewRequest {
                definition: selected.definition,
                against: None,
                as_of: Some(selected.as_of),
                time_zone: Some(selected.time_zone),
            })
        },
        move |request: PreviewRequest| {
            let client = client.clone();
            async move {
                let preview = client.preview(&request).await?;
                Ok((request.definition, (preview.share, preview.all_users)))
            }
        },
    );
    let source = Memo::new(move |_| {
        let selected = selected.get()?;
        let origin = link.with(|link| link.as_ref().and_then(origin));
        Some(Source {
            users: selected.users,
            share: share
                .value()
                .filter(|(definition, _)| *definition == selected.definition)
                .map(|(_, share)| share),
            as_of: selected.as_of,
            time_zone: selected.time_zone,
            exact: true,
            origin,
            definition: selected.definition,
        })
    });
    let obstacle = Memo::new(move |_| {
        selected
            .with(|selected| selected.as_ref().map(|selected| selected.users))
            .map_or_else(
                || Some("The users are not counted yet.".to_owned()),
                |users| (users == 0).then(|| NOBODY.to_owned()),
            )
    });
    let suggested = Signal::derive(move || {
        let name = link
            .with(|link| link.as_ref().and_then(name_of))
            .unwrap_or_default();
        Suggested {
            name: free_name(&name, &vocabulary.segment_names()),
            ..Suggested::default()
        }
    });
    let note = Signal::derive(move || {
        let pending = pending.get().filter(|pending| *pending > 0)?;
        let users = selected.with(|selected| selected.as_ref().map(|selected| selected.users))?;
        Some(format!(
            "{} of the {} can still convert. A dynamic segment drops them when they do.",
            format::count(pending),
            format::count(users),
        ))
    });

    let replacing = RwSignal::new(false);
    let refine = move || {
        let definition =
            selected.with_untracked(|selected| Some(selected.as_ref()?.definition.clone()));
        let Some(definition) = definition else {
            return;
        };
        let draft = Draft::new(None, session.now().get_untracked(), Tree::from(&definition))
            .handed_over(from.get_untracked());
        storage::set(&Draft::name(None), draft.write().as_deref());
        open.set(false);
        navigator.go(&Route::Composer);
    };
    let ask_to_refine = move |()| {
        let kept = storage::get(&Draft::name(None)).and_then(|text| Draft::read(&text));
        if kept.is_some() {
            replacing.set(true);
        } else {
            refine();
        }
    };
    let on_saved = Callback::new(move |segment: Segment| {
        tell_saved(navigator, session, toaster, &segment, true);
        vocabulary.segments_changed();
        if let Some(on_saved) = on_saved {
            on_saved.run(segment);
        }
    });
    let creation = Creation {
        open,
        source: source.into(),
        obstacle: obstacle.into(),
        suggested,
        note,
        on_saved,
        on_refused: None,
        on_refine: Some(Callback::new(ask_to_refine)),
    };
    view! {
        {form(creation)}
        <Confirm
            open=replacing
            title="Replace the draft in the Composer?"
            action="Replace the draft"
            danger=true
            on_confirm=Callback::new(move |()| refine())
        >
            <p>"The Composer keeps a definition that was not saved. It would be lost."</p>
        </Confirm>
    }
    .into_any()
}

/// Why nobody is no segment.
pub const NOBODY: &str = "Nobody: nothing to save.";

/// What a segment of it says it is made from.
fn origin(link: &Link) -> Option<Origin> {
    Some(Origin {
        query: serde_json::to_value(&link.query).ok()?,
        selection: serde_json::to_value(link.selection.as_ref()?).ok()?,
        view: link.view.clone(),
    })
}

/// What the users of a link may be called.
#[must_use]
pub fn name_of(link: &Link) -> Option<String> {
    let zone = link.query.time_zone().unwrap_or("UTC");
    Some(suggested_name(
        &link.query,
        link.selection.as_ref()?,
        Telling {
            date: &|instant| format::date(instant, zone),
            hour: &|instant| {
                format!(
                    "{}, {}",
                    format::date(instant, zone),
                    format::time(instant, zone)
                )
            },
            value: &|value| format::value(value, zone),
        },
    ))
}

/// The same within a sentence, unless it begins with a name or a figure.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let is_word = text
        .split(' ')
        .nth(1)
        .is_some_and(|second| second.starts_with(char::is_lowercase));
    if is_word {
        first.to_lowercase().chain(characters).collect()
    } else {
        text.to_owned()
    }
}

/// Whether a call failed because another segment has the name.
fn is_name_taken(error: &ApiError) -> bool {
    error
        .at("/name")
        .is_some_and(|error| error.code == Code::NameTaken)
        || error
            .problem()
            .is_some_and(|problem| problem.kind.ends_with("/name-taken"))
}

/// A name like this one that no segment has.
async fn find_free_name(client: &Client, name: &str) -> Option<String> {
    let query = SegmentQuery {
        search: Some(stem(name).to_owned()),
        archived: Some(true),
        limit: Some(NAMES),
        ..SegmentQuery::default()
    };
    let page = client.segments(&query).await.ok()?;
    let mut taken: Vec<String> = page.items.into_iter().map(|segment| segment.name).collect();
    // The backend has just said so.
    taken.push(name.to_owned());
    Some(free_name(name, &taken))
}

/// The props of [`CreateSegment`] that its form needs.
#[derive(Clone, Copy)]
struct Creation {
    open: RwSignal<bool>,
    source: Signal<Option<Source>>,
    obstacle: Signal<Option<String>>,
    suggested: Signal<Suggested>,
    note: Signal<Option<String>>,
    on_saved: Callback<Segment>,
    on_refused: Option<Callback<Problem, bool>>,
    on_refine: Option<Callback<()>>,
}

lazy! {
    const FORM = save::create_form(creation: Creation) -> AnyView { form(creation) }
}

/// Loads the form.
pub fn load() -> Loading<()> {
    FORM.load()
}

fn form(creation: Creation) -> AnyView {
    let Creation {
        open,
        source,
        obstacle,
        suggested,
        note,
        on_saved,
        on_refused,
        on_refine,
    } = creation;
    let client = expect_context::<Client>();
    let suggested = suggested.get_untracked();
    let name = RwSignal::new(suggested.name);
    let description = RwSignal::new(suggested.description);
    let category = RwSignal::new(suggested.category);
    let kind = RwSignal::new(SegmentKind::Dynamic);
    let tried = RwSignal::new(false);
    let refused = RwSignal::new(None::<ApiError>);
    // A name to take instead of one that is taken.
    let instead = RwSignal::new(None::<String>);
    let saving = StoredValue::new_local(None::<Task>);
    // What was sent last, and the key of its creation.
    let sent = StoredValue::new(None::<(NewSegment, String)>);
    let busy = RwSignal::new(false);
    let name_field = NodeRef::<html::Input>::new();
    let obstacle_id = unique_id("obstacle");

    Effect::new(move |_| {
        if let Some(field) = name_field.get() {
            request_animation_frame(move || {
                focus(&field);
                field.select();
            });
        }
    });

    let submit = move || {
        tried.set(true);
        refused.set(None);
        instead.set(None);
        if name.with_untracked(|name| name_error(name)).is_some() {
            if let Some(field) = name_field.get_untracked() {
                focus(&field);
            }
            return;
        }
        if busy.get_untracked() || obstacle.get_untracked().is_some() {
            return;
        }
        let Some(source) = source.get_untracked() else {
            return;
        };
        let new = NewSegment {
            name: name.get_untracked().trim().to_owned(),
            description: description.get_untracked().trim().to_owned(),
            category: category.get_untracked().trim().to_owned(),
            kind: kind.get_untracked(),
            definition: source.definition,
            origin: source.origin,
            as_of: Some(source.as_of),
            time_zone: Some(source.time_zone),
        };
        let client = client.clone();
        // Tried again it is the same creation: the answer may have been lost on the way back.
        let key = sent
            .get_value()
            .filter(|(before, _)| *before == new)
            .map_or_else(Client::unique_id, |(_, key)| key);
        sent.set_value(Some((new.clone(), key.clone())));
        busy.set(true);
        saving.set_value(Some(spawn(async move {
            let answer = client.create_segment(&new, &key).await;
            busy.try_set(false);
            let error = match answer {
                Ok(segment) => {
                    open.try_set(false);
                    on_saved.run(segment.value);
                    return;
                }
                Err(error) => error,
            };
            let is_taken = is_name_taken(&error);
            if let Some(problem) = error.problem()
                && let Some(on_refused) = on_refused
                && on_refused.run(problem.clone())
            {
                open.try_set(false);
            }
            let of_name = is_taken || error.at("/name").is_some();
            refused.try_set(Some(error));
            if of_name && let Some(Some(field)) = name_field.try_get_untracked() {
                focus(&field);
            }
            if is_taken {
                let free = find_free_name(&client, &new.name).await;
                instead.try_set(free);
            }
        })));
    };
    let submit = StoredValue::new_local(submit);
    let run = move || submit.with_value(|submit| submit());
    let other_error = Memo::new(move |_| {
        refused.with(|refused| {
            let error = refused.as_ref()?;
            (error.at("/name").is_none() && !is_name_taken(error)).then(|| {
                if error.is_unreachable() {
                    "Not saved: the backend cannot be reached. What you typed is kept.".to_owned()
                } else {
                    error.to_string()
                }
            })
        })
    });

    view! {
        <form
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                run();
            }
            on:keydown=move |event| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    run();
                }
            }
        >
            <div class="us-dialog__body dlg">
                <div class="us-stack us-stack--4">
                    <NameField name name_field tried refused instead />
                    <DescriptionField description />
                    <CategoryField category />
                    <KindField kind source />
                </div>
                <Facts kind source obstacle note obstacle_id=obstacle_id.clone() />
            </div>
            <footer class="us-dialog__foot">
                {on_refine
                    .map(|on_refine| {
                        view! {
                            <button
                                class="us-btn us-btn--lg us-btn--ghost dlg__refine"
                                type="button"
                                disabled=move || source.with(Option::is_none)
                                on:click=move |_| on_refine.run(())
                            >
                                <Icon glyph=Glyph::Compose />
                                "Refine in Composer"
                            </button>
                        }
                    })}
                <span class="us-grow" role="alert">
                    {move || {
                        other_error
                            .get()
                            .map(|error| {
                                view! {
                                    <span class="us-error">
                                        <Icon glyph=Glyph::Warning />
                                        <span>{sentence(&error)}</span>
                                    </span>
                                }
                            })
                    }}
                </span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="submit"
                    aria-busy=move || busy.get().to_string()
                    aria-disabled=move || obstacle.with(Option::is_some).to_string()
                    aria-describedby=obstacle_id
                >
                    "Create segment"
                    <kbd class="us-kbd us-hide-s" aria-hidden="true">
                        "Ctrl \u{21b5}"
                    </kbd>
                </button>
            </footer>
        </form>
    }
    .into_any()
}

#[component]
fn NameField(
    name: RwSignal<String>,
    name_field: NodeRef<html::Input>,
    tried: RwSignal<bool>,
    refused: RwSignal<Option<ApiError>>,
    instead: RwSignal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("segment-name");
    let error_id = format!("{id}-error");
    let taken =
        Memo::new(move |_| refused.with(|refused| refused.as_ref().is_some_and(is_name_taken)));
    let wrong = Memo::new(move |_| {
        if taken.get() {
            return Some("This name is taken".to_owned());
        }
        let told = refused.with(|refused| Some(refused.as_ref()?.at("/name")?.detail.clone()));
        told.or_else(|| {
            tried
                .get()
                .then(|| name.with(|name| name_error(name)))
                .flatten()
        })
    });
    let take = move |free: String| {
        name.set(free);
        refused.set(None);
        instead.set(None);
        if let Some(field) = name_field.get_untracked() {
            focus(&field);
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
                node_ref=name_field
                required=true
                autocomplete="off"
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                aria-describedby=error_id.clone()
                prop:value=move || name.get()
                on:input=move |event| {
                    refused.set(None);
                    instead.set(None);
                    name.set(event_target_value(&event));
                }
            />
            <p class="us-error" id=error_id role="alert">
                {move || {
                    wrong
                        .get()
                        .map(|error| {
                            let free = instead.get().filter(|_| taken.get());
                            view! {
                                <Icon glyph=Glyph::Warning />
                                <span>
                                    {sentence(&error)}
                                    {free
                                        .map(|free| {
                                            let label = free.clone();
                                            view! {
                                                " Try "
                                                <button
                                                    class="us-link dlg__instead"
                                                    type="button"
                                                    on:click=move |_| take(free.clone())
                                                >
                                                    {label}
                                                </button>
                                                "."
                                            }
                                        })}
                                </span>
                            }
                        })
                }}
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn DescriptionField(description: RwSignal<String>) -> impl IntoView {
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
                maxlength="2000"
                prop:value=move || description.get()
                on:input=move |event| description.set(event_target_value(&event))
            ></textarea>
        </div>
    }
    .into_any()
}

#[component]
fn CategoryField(category: RwSignal<String>) -> impl IntoView {
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

#[component]
fn KindField(kind: RwSignal<SegmentKind>, source: Signal<Option<Source>>) -> impl IntoView {
    let group = unique_id("segment-kind");
    let users =
        Memo::new(move |_| source.with(|source| source.as_ref().map(|source| source.users)));
    let kept = Signal::derive(move || match users.get() {
        None => "Keeps the users found now, whatever they do next.".to_owned(),
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
                {card(SegmentKind::Static, Glyph::Static, "Static", kept)}
            </div>
        </fieldset>
    }
    .into_any()
}

/// What will be saved: size, sentence, notes, stamp, and what is in the way.
#[component]
fn Facts(
    kind: RwSignal<SegmentKind>,
    source: Signal<Option<Source>>,
    obstacle: Signal<Option<String>>,
    note: Signal<Option<String>>,
    obstacle_id: String,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let definition =
        Memo::new(move |_| source.with(|source| Some(source.as_ref()?.definition.clone())));
    let spans = Memo::new(move |_| {
        definition.with(|definition| Some(words(vocabulary, definition.as_ref()?)))
    });
    let stays = Memo::new(move |_| {
        source.with(|source| {
            source
                .as_ref()
                .is_some_and(|source| never_changes(&source.definition, source.as_of))
        })
    });
    let dynamic = move || kind.get() == SegmentKind::Dynamic;
    let course = Memo::new(move |_| {
        source.with(|source| {
            let source = source.as_ref()?;
            Some(SizesRequest {
                definition: source.definition.clone(),
                during: None,
                unit: None,
                as_of: Some(source.as_of),
                time_zone: Some(source.time_zone.clone()),
            })
        })
    });
    let size = move || {
        source.with(|source| {
            let Source { users, share, .. } = source.as_ref()?;
            let unit = if *users == 1 { "user" } else { "users" };
            let beside = match share {
                Some((share, all)) => {
                    format!(
                        "{unit}, {} of {}",
                        format::percent(*share),
                        format::count(*all)
                    )
                }
                None => unit.to_owned(),
            };
            Some(view! {
                <p class="us-row pv__size">
                    <span class="us-figure">{format::count(*users)}</span>
                    <span class="us-2">{beside}</span>
                </p>
            })
        })
    };
    let stamp = move || {
        source.with(|source| {
            let source = source.as_ref()?;
            Some(view! {
                <p class="us-asof">
                    <span>
                        "As of "
                        <strong>{format::date_time(source.as_of, &source.time_zone)}</strong>
                    </span>
                    <span>{source.time_zone.clone()}</span>
                    <span>
                        <strong>{if source.exact { "Exact" } else { "Estimate" }}</strong>
                    </span>
                </p>
            })
        })
    };
    view! {
        <div class="pv">
            <Show when=move || course.with(Option::is_some)>
                <section>
                    <h3 class="us-label">"Size now"</h3>
                    {size}
                    <SizeOverTime of=course />
                </section>
            </Show>
            {move || {
                spans
                    .get()
                    .map(|spans| {
                        view! {
                            <section>
                                <h3 class="us-label">"In words"</h3>
                                <p class="us-2 sent">
                                    <b>"This segment will contain "</b>
                                    {sentence_view(spans)}
                                </p>
                            </section>
                        }
                    })
            }}
            {move || note.get().filter(|_| dynamic()).map(note_view)}
            <Show when=move || dynamic() && stays.get()>
                {note_view(
                    "All its dates lie in the past, so its users will not change as time goes on. A range such as \u{201c}in the last 30 days\u{201d} would move with it."
                        .to_owned(),
                )}
            </Show>
            {stamp}
            <p
                class="us-banner us-banner--warn"
                id=obstacle_id
                hidden=move || obstacle.with(Option::is_none)
            >
                <Icon glyph=Glyph::Warning small=true />
                <span>{move || obstacle.get()}</span>
            </p>
        </div>
    }
    .into_any()
}

fn note_view(text: String) -> impl IntoView {
    view! {
        <section class="us-xs us-2 note">
            <Icon glyph=Glyph::Info small=true />
            <span>{text}</span>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::lower_first;

    #[test]
    fn a_choice_goes_on_the_sentence_unless_it_is_a_name() {
        assert_eq!(lower_first("Dropped after step 2"), "dropped after step 2");
        assert_eq!(lower_first("Order Completed"), "Order Completed");
        assert_eq!(lower_first("Mobile"), "Mobile");
        assert_eq!(lower_first(""), "");
    }
}
