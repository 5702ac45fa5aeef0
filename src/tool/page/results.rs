//! The results of a tool's page: the answer, or what stands in its place, and what keeps it from being that of the query.

use leptos::prelude::*;
use segments_ui::task::{Task, sleep, spawn};
use segments_ui::{EmptyState, Glyph, Icon, states};

use crate::client::{ApiError, SLOW_AFTER_MS};
use crate::parts::states::ErrorState;
use crate::tool::page::stamp::AsOf;
use crate::tool::page::start::glyph;
use crate::tool::selection_menu::SelectionMenu;
use crate::tool::state::{QueryState, Wait};

/// What stands where the results are.
#[derive(Clone, PartialEq)]
enum ResultsBody {
    Results,
    Nothing,
    Skeleton,
    New,
    /// Why there is no answer yet, and whether running the query helps.
    Waiting(&'static str, String, bool),
    Failed(ApiError),
}

#[component]
pub fn Results(
    state: QueryState,
    toolbar: Option<ViewFn>,
    results: ViewFn,
    start: ViewFn,
    units: Option<Signal<String>>,
    title: Memo<String>,
) -> impl IntoView {
    let has_answer = Memo::new(move |_| state.answered().with(Option::is_some));
    let wait = Memo::new(move |_| state.wait());
    let body = Memo::new(move |_| {
        if has_answer.get() {
            return ResultsBody::Results;
        }
        if state.is_new() {
            return ResultsBody::New;
        }
        let waiting = |title, detail: &str| ResultsBody::Waiting(title, detail.to_owned(), true);
        match wait.get() {
            Wait::Nothing => ResultsBody::Nothing,
            Wait::Slow { .. } => ResultsBody::Skeleton,
            Wait::Unfinished(what) => {
                ResultsBody::Waiting("Finish the query", states::sentence(&what), false)
            }
            Wait::Changed => waiting("Ready to run", "Auto-run is off. Press Run."),
            Wait::Stopped => waiting("Stopped", "The query was stopped before it finished."),
            Wait::Offline => ResultsBody::Failed(ApiError::Unreachable {
                place: "The backend".to_owned(),
                detail: "there may be no connection".to_owned(),
            }),
            Wait::Failed(error) => ResultsBody::Failed(error),
        }
    });
    let stale = Memo::new(move |_| state.is_stale() && has_answer.get());
    let dimmed = after_a_moment(stale);
    let toolbar = toolbar.map(|toolbar| {
        view! { <Show when=move || body.get() != ResultsBody::New>{toolbar.run()}</Show> }
    });
    view! {
        <section
            class="us-results"
            aria-label="Results"
            aria-busy=move || state.is_asking().to_string()
        >
            <ProgressBar state />
            <NoticeBanner state />
            {toolbar}
            <div class="tool__body" class:is-stale=move || dimmed.get()>
                {move || match body.get() {
                    ResultsBody::Results => view! { {results.run()} <Stamp state units /> }.into_any(),
                    ResultsBody::Nothing => ().into_any(),
                    ResultsBody::Skeleton => skeleton(),
                    ResultsBody::New => start.run(),
                    ResultsBody::Waiting(title, detail, runs) => view! {
                        <EmptyState glyph=glyph(state.tool()) title detail>
                            {runs.then(|| run(state))}
                        </EmptyState>
                    }
                    .into_any(),
                    ResultsBody::Failed(error) => view! {
                        <ErrorState
                            title=if error.is_passing() { "No results" } else { "The query cannot be answered" }
                            error
                            on_retry=Callback::new(move |()| state.run())
                        />
                    }
                    .into_any(),
                }}
                <SelectionMenu selection=state.selected_part() query=title />
            </div>
            <WaitBanner state wait has_answer />
        </section>
    }
}

fn run(state: QueryState) -> impl IntoView {
    view! {
        <button class="us-btn us-btn--primary" type="button" on:click=move |_| state.run()>
            "Run"
        </button>
    }
}

/// What the answer is true for.
#[component]
fn Stamp(state: QueryState, units: Option<Signal<String>>) -> impl IntoView {
    let stamp = Memo::new(move |_| Some(state.answered().get()?.answer.stamp().clone()));
    let by_user_properties = state.by_user_properties();
    move || {
        stamp.get().map(|first| {
            let stamp = Signal::derive(move || stamp.get().unwrap_or_else(|| first.clone()));
            match units {
                Some(unit) => view! { <AsOf stamp unit by_user_properties /> }.into_any(),
                None => view! { <AsOf stamp by_user_properties /> }.into_any(),
            }
        })
    }
}

/// Follows what is true once it has been so for a moment: an answer that is there at once shows in one step, and a press is
/// answered before all that is shown has to be painted in another colour.
fn after_a_moment(now: Memo<bool>) -> RwSignal<bool> {
    let then = RwSignal::new(false);
    let waiting = StoredValue::new_local(None::<Task>);
    Effect::new(move |_| {
        waiting.set_value(None);
        if !now.get() {
            then.set(false);
            return;
        }
        waiting.set_value(Some(spawn(async move {
            sleep(SLOW_AFTER_MS).await;
            then.try_set(true);
        })));
    });
    then
}

/// Grey shapes of what will be there.
fn skeleton() -> AnyView {
    let shapes = (0..5).map(|_| view! { <span class="us-skel"></span> });
    view! { <div class="tool__skel" aria-hidden="true">{shapes.collect_view()}</div> }.into_any()
}

fn percent(state: QueryState) -> Option<String> {
    let share = state.progress()?.clamp(0.0, 1.0);
    Some((share * 100.0).round().to_string())
}

/// How far the question is, at the edge of the results, where it moves nothing.
#[component]
fn ProgressBar(state: QueryState) -> impl IntoView {
    let is_slow = Memo::new(move |_| matches!(state.wait(), Wait::Slow { .. }));
    let percent = Memo::new(move |_| percent(state));
    view! {
        <div class="tool__bar">
            <Show when=move || is_slow.get()>
                <div
                    class="us-progress"
                    class:is-known=move || percent.get().is_some()
                    role="progressbar"
                    aria-label="Running the query"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || percent.get()
                >
                    <i style:inline-size=move || {
                        percent.get().map(|percent| format!("{percent}%"))
                    }></i>
                </div>
            </Show>
        </div>
    }
}

/// What keeps the answer above from being that of the query, at the lower edge, where it moves nothing.
#[component]
fn WaitBanner(state: QueryState, wait: Memo<Wait>, has_answer: Memo<bool>) -> impl IntoView {
    let action = move |label: &'static str, press: fn(QueryState)| {
        view! {
            <button class="us-btn us-btn--sm" type="button" on:click=move |_| press(state)>
                {label}
            </button>
        }
    };
    let older = "These results are for an earlier version of the query.";
    let banner = move || {
        let wait = wait.get();
        if !has_answer.get() && !matches!(wait, Wait::Slow { .. }) {
            return None;
        }
        let (class, glyph, text, button) = match wait {
            Wait::Nothing => return None,
            Wait::Slow { .. } => {
                let text = "Running the query\u{2026}".to_owned();
                (
                    "",
                    Glyph::Clock,
                    text,
                    Some(("Stop", QueryState::stop as fn(QueryState))),
                )
            }
            Wait::Unfinished(what) => ("", Glyph::Info, states::sentence(&what), None),
            Wait::Changed => {
                let text = "The query changed since the last run.".to_owned();
                ("", Glyph::Info, text, Some(("Run", QueryState::run as _)))
            }
            Wait::Stopped => {
                let text = format!("Stopped. {older}");
                ("", Glyph::Info, text, Some(("Run", QueryState::run as _)))
            }
            Wait::Offline => {
                let text = format!("The backend cannot be reached. {older}");
                (
                    " us-banner--warn",
                    Glyph::Offline,
                    text,
                    Some(("Try again", QueryState::run as _)),
                )
            }
            Wait::Failed(error) => {
                let text = states::sentence(&error.to_string());
                (
                    " us-banner--bad",
                    Glyph::Warning,
                    text,
                    Some(("Try again", QueryState::run as _)),
                )
            }
        };
        let is_slow = glyph == Glyph::Clock;
        let how_far = move || {
            is_slow
                .then(|| Some(format!(" {}%", percent(state)?)))
                .flatten()
        };
        Some(view! {
            <div class=format!("us-banner{class}")>
                <Icon glyph small=true />
                <span class="us-grow">{text} <span aria-hidden="true">{how_far}</span></span>
                {button.map(|(label, press)| action(label, press))}
            </div>
        })
    };
    view! { <div class="tool__state" role="status">{banner}</div> }
}

/// What of the address could not be opened.
#[component]
fn NoticeBanner(state: QueryState) -> impl IntoView {
    let banner = move || {
        state.notice().get().map(|notice| {
            let lost = notice
                .lost
                .into_iter()
                .map(|lost| view! { <li>{lost}</li> });
            view! {
                <div class="us-banner us-banner--warn tool__notice">
                    <Icon glyph=Glyph::Warning small=true />
                    <div class="us-grow">
                        <strong>{notice.title}</strong>
                        <ul>{lost.collect_view()}</ul>
                    </div>
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                        type="button"
                        aria-label="Close notice"
                        on:click=move |_| state.notice().set(None)
                    >
                        <Icon glyph=Glyph::Cross small=true />
                    </button>
                </div>
            }
        })
    };
    view! { <div role="status">{banner}</div> }
}
