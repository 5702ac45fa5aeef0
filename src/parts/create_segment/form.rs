//! The dialog that makes a segment.

use leptos::html;
use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::naming::{free_name, stem};
use segments_model::problem::Problem;
use segments_model::segment::{NewSegment, Segment, SegmentKind, SegmentQuery};
use segments_ui::dom::{focus, unique_id};
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{Dialog, Glyph, Icon, Toast, Toaster};

use crate::client::Client;
use crate::parts::create_segment::facts::SegmentFacts;
use crate::parts::create_segment::fields::{CategoryField, DescriptionField, KindField, NameField};
use crate::parts::create_segment::source::{SegmentSource, Suggested};
use crate::parts::create_segment::state::{CreationState, name_error};
use crate::shell::lazy::{LazyPlace, Loading, lazy};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// What the dialog is called.
pub const TITLE: &str = "Create User Segment";
/// How many names are asked for to find a free one.
const NAMES: u32 = 200;

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
    open: RwSignal<bool>,
    /// Where the definition comes from: `From the Composer`.
    #[prop(into)]
    from: Signal<String>,
    /// What the segment is made of; none: not counted yet.
    #[prop(into)]
    source: Signal<Option<SegmentSource>>,
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
            {FORM.view(LazyPlace::Dialog, creation)}
        </Dialog>
    }
    .into_any()
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
pub struct Creation {
    pub open: RwSignal<bool>,
    pub source: Signal<Option<SegmentSource>>,
    pub obstacle: Signal<Option<String>>,
    pub suggested: Signal<Suggested>,
    pub note: Signal<Option<String>>,
    pub on_saved: Callback<Segment>,
    pub on_refused: Option<Callback<Problem, bool>>,
    pub on_refine: Option<Callback<()>>,
}

lazy! {
    const FORM = save::create_form(creation: Creation) -> AnyView { form(creation) }
}

pub fn load() -> Loading<()> {
    FORM.load()
}

/// What the dialog holds.
pub fn form(creation: Creation) -> AnyView {
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
    let suggested = suggested.get_untracked();
    let name = RwSignal::new(suggested.name);
    let description = RwSignal::new(suggested.description);
    let category = RwSignal::new(suggested.category);
    let kind = RwSignal::new(SegmentKind::Dynamic);
    let state = RwSignal::new(CreationState::New);
    let saving = StoredValue::new_local(None::<Task>);
    // What was sent last, and the key of its creation.
    let sent = StoredValue::new(None::<(NewSegment, String)>);
    let field = NodeRef::<html::Input>::new();
    let obstacle_id = unique_id("obstacle");

    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                focus(&field);
                field.select();
            });
        }
    });

    let submission = Submission {
        client: expect_context(),
        open,
        state,
        field,
        on_saved,
        on_refused,
    };
    let submit = move || {
        if name.with_untracked(|name| name_error(name)).is_some() {
            state.set(CreationState::Changing);
            submission.focus_name();
            return;
        }
        let is_saving = state.with_untracked(|state| *state == CreationState::Saving);
        let Some(source) = source.get_untracked() else {
            return;
        };
        if is_saving || obstacle.get_untracked().is_some() {
            return;
        }
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
        // Tried again it is the same creation: the answer may have been lost on the way back.
        let key = sent
            .get_value()
            .filter(|(before, _)| *before == new)
            .map_or_else(Client::unique_id, |(_, key)| key);
        sent.set_value(Some((new.clone(), key.clone())));
        state.set(CreationState::Saving);
        saving.set_value(Some(spawn(submission.clone().send(new, key))));
    };
    let submit = StoredValue::new_local(submit);
    let run = move || submit.with_value(|submit| submit());
    let users = Memo::new(move |_| source.with(|source| Some(source.as_ref()?.users)));

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
                    <NameField name field state />
                    <DescriptionField description />
                    <CategoryField category />
                    <KindField kind users />
                </div>
                <SegmentFacts kind source obstacle note obstacle_id=obstacle_id.clone() />
            </div>
            {footer(open, state, source, obstacle, obstacle_id, on_refine)}
        </form>
    }
    .into_any()
}

fn footer(
    open: RwSignal<bool>,
    state: RwSignal<CreationState>,
    source: Signal<Option<SegmentSource>>,
    obstacle: Signal<Option<String>>,
    obstacle_id: String,
    on_refine: Option<Callback<()>>,
) -> AnyView {
    let other_error = Memo::new(move |_| state.with(CreationState::other_error));
    view! {
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
                aria-busy=move || state.with(|state| *state == CreationState::Saving).to_string()
                aria-disabled=move || obstacle.with(Option::is_some).to_string()
                aria-describedby=obstacle_id
            >
                "Create segment"
                <kbd class="us-kbd us-hide-s" aria-hidden="true">
                    "Ctrl \u{21b5}"
                </kbd>
            </button>
        </footer>
    }
    .into_any()
}

/// Sends a new segment, and says what becomes of it.
#[derive(Clone)]
struct Submission {
    client: Client,
    open: RwSignal<bool>,
    state: RwSignal<CreationState>,
    field: NodeRef<html::Input>,
    on_saved: Callback<Segment>,
    on_refused: Option<Callback<Problem, bool>>,
}

impl Submission {
    fn focus_name(&self) {
        if let Some(Some(field)) = self.field.try_get_untracked() {
            focus(&field);
        }
    }

    async fn send(self, new: NewSegment, key: String) {
        let error = match self.client.create_segment(&new, &key).await {
            Ok(segment) => {
                self.open.try_set(false);
                self.on_saved.run(segment.value);
                return;
            }
            Err(error) => error,
        };
        if let Some(problem) = error.problem()
            && let Some(on_refused) = self.on_refused
            && on_refused.run(problem.clone())
        {
            self.open.try_set(false);
        }
        let failed = CreationState::failed(error);
        let is_of_name = failed.name_error(&new.name).is_some();
        let is_taken = matches!(failed, CreationState::NameTaken(_));
        self.state.try_set(failed);
        if is_of_name {
            self.focus_name();
        }
        if is_taken {
            let free = find_free_name(&self.client, &new.name).await;
            self.state.try_update(|state| {
                if let CreationState::NameTaken(instead) = state {
                    *instead = free;
                }
            });
        }
    }
}
