//! What the pages of the tools share: head, query panel, results with their states, and the stamp.

mod head;

use leptos::prelude::*;
use segments_format as format;
use segments_forms::tool::Tool;
use segments_model::Stamp;
use segments_model::stamp::Unit;
use segments_ui::dom::is_other_dialog_open;
use segments_ui::task::{Task, sleep, spawn};
use segments_ui::{EmptyState, Glyph, Icon, Sheet, Step, Switch, states};
use web_sys::KeyboardEvent;

use crate::client::{ApiError, SLOW_AFTER_MS};
use crate::parts::states::ErrorState;
use crate::shell::route::Navigator;
use crate::tool::state::{QueryState, Wait};
use head::Head;

/// The page of a tool around what is its own. The same code for every tool.
#[component]
pub fn ToolPage(
    /// The state.
    #[prop(into)]
    state: QueryState,
    /// The query by itself, as the heading of one that has no name: "Order Completed by device".
    #[prop(into)]
    title: Signal<String>,
    /// The query in two short lines, for where there is no room for the panel.
    #[prop(into)]
    summary: Signal<(String, String)>,
    /// The sections of the query panel.
    panel: ViewFn,
    /// The answer. Shown once there is one; it reads [`QueryState::answered`].
    results: ViewFn,
    /// What stands above the answer, and stays there whatever becomes of it.
    #[prop(into, optional)]
    toolbar: Option<ViewFn>,
    /// What to do where the query has nothing to ask about yet; none: it has.
    #[prop(into, optional)]
    empty: Option<ViewFn>,
) -> impl IntoView {
    let sheet = RwSignal::new(false);
    let name = Memo::new(move |_| state.pin().map_or_else(|| title.get(), |pin| pin.name));
    Navigator::expect().set_title(move || {
        let tool = state.tool().label();
        let name = name.get();
        Some(if name.is_empty() || name == tool {
            tool.to_owned()
        } else {
            format!("{name} \u{b7} {tool}")
        })
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        shortcut(state, &event);
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="us-tool tool">
            <Head state name />
            <div class="us-query__sum tool__sum">
                <span class="us-grow">
                    {move || summary.get().0}
                    <br />
                    <span class="us-muted">{move || summary.get().1}</span>
                </span>
                <button
                    class="us-btn us-btn--sm"
                    type="button"
                    aria-haspopup="dialog"
                    on:click=move |_| sheet.set(true)
                >
                    <Icon glyph=Glyph::Edit small=true />
                    "Edit query"
                </button>
            </div>
            <Sheet open=sheet title=format!("{} query", state.tool().label()) class="tool__panel">
                <form
                    class="us-query"
                    aria-label=format!("{} query", state.tool().label())
                    novalidate
                    on:submit=move |event| {
                        event.prevent_default();
                        state.run();
                    }
                >
                    <div class="us-query__scroll">{panel.run()}</div>
                    <Foot state />
                </form>
            </Sheet>
            <Results state toolbar results empty />
        </div>
    }
    .into_any()
}

/// Ctrl Enter asks; Ctrl Z and Ctrl Shift Z undo and redo.
fn shortcut(state: QueryState, event: &KeyboardEvent) {
    if is_other_dialog_open() {
        return;
    }
    let runs = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    match Step::of(event) {
        Some(Step::Undo) => state.undo(),
        Some(Step::Redo) => state.redo(),
        None if runs && event.key() == "Enter" => state.run(),
        None => return,
    }
    event.prevent_default();
}

/// What asks, below the panel.
#[component]
fn Foot(state: QueryState) -> impl IntoView {
    let took = Memo::new(move |_| {
        let answered = state.answered().get()?;
        Some(answered.answer.stamp().took_ms)
    });
    let unfinished = Memo::new(move |_| state.query().with(Result::is_err));
    view! {
        <div class="us-query__foot">
            <button
                class="us-btn us-btn--primary"
                type="submit"
                aria-keyshortcuts="Control+Enter"
                disabled=move || unfinished.get()
            >
                "Run"
                <kbd class="us-kbd" aria-hidden="true">
                    "Ctrl ↵"
                </kbd>
            </button>
            <span class="us-xs us-muted us-grow us-truncate">
                {move || {
                    if state.is_asking() {
                        Some("Asking…".to_owned())
                    } else if state.wait() == Wait::Changed {
                        Some("Changed".to_owned())
                    } else {
                        took.get().map(duration)
                    }
                }}
            </span>
            <span class="us-xs">
                <Switch
                    on=state.auto()
                    on_change=Callback::new(move |on| state.auto().set(on))
                >
                    "Auto-run"
                </Switch>
            </span>
        </div>
    }
}

/// 96 ms, 1.4 s
fn duration(millis: f64) -> String {
    if millis < 1_000.0 {
        format!("{} ms", format::decimal(millis.round()))
    } else {
        format!("{} s", format::decimal((millis / 100.0).round() / 10.0))
    }
}

/// What stands where the results are.
#[derive(Clone, PartialEq)]
enum Body {
    Results,
    Nothing,
    Skeleton,
    New,
    Unfinished(String),
    Changed,
    Stopped,
    Failed(ApiError),
}

#[component]
fn Results(
    state: QueryState,
    toolbar: Option<ViewFn>,
    results: ViewFn,
    empty: Option<ViewFn>,
) -> impl IntoView {
    let has_empty = empty.is_some();
    let has_answer = Memo::new(move |_| state.answered().with(Option::is_some));
    let wait = Memo::new(move |_| state.wait());
    let body = Memo::new(move |_| {
        if has_answer.get() {
            return Body::Results;
        }
        if has_empty && state.is_new() {
            return Body::New;
        }
        match wait.get() {
            Wait::Nothing => Body::Nothing,
            Wait::Slow { .. } => Body::Skeleton,
            Wait::Unfinished(what) => Body::Unfinished(what),
            Wait::Changed => Body::Changed,
            Wait::Stopped => Body::Stopped,
            Wait::Offline => Body::Failed(ApiError::Unreachable {
                place: "The backend".to_owned(),
                detail: "there may be no connection".to_owned(),
            }),
            Wait::Failed(error) => Body::Failed(error),
        }
    });
    let run = move || {
        view! {
            <button class="us-btn us-btn--primary" type="button" on:click=move |_| state.run()>
                "Run"
            </button>
        }
    };
    let stale = Memo::new(move |_| state.is_stale() && has_answer.get());
    let dimmed = after_a_moment(stale);
    let toolbar = toolbar.map(|toolbar| {
        view! { <Show when=move || body.get() != Body::New>{toolbar.run()}</Show> }
    });
    view! {
        <section
            class="us-results"
            aria-label="Results"
            aria-busy=move || state.is_asking().to_string()
        >
            <Bar state />
            <NoticeBanner state />
            {toolbar}
            <div class="tool__body" class:is-stale=move || dimmed.get()>
                {move || match body.get() {
                    Body::Results => results.run().into_any(),
                    Body::Nothing => ().into_any(),
                    Body::Skeleton => skeleton().into_any(),
                    Body::New => empty.as_ref().map(ViewFn::run).into_any(),
                    Body::Unfinished(what) => view! {
                        <EmptyState
                            glyph=glyph(state.tool())
                            title="The query is not finished"
                            detail=Signal::stored(states::sentence(&what))
                        />
                    }
                    .into_any(),
                    Body::Changed => view! {
                        <EmptyState
                            glyph=glyph(state.tool())
                            title="Ready to run"
                            detail=Signal::stored("Auto-run is off: Run asks the query.".to_owned())
                        >
                            {run()}
                        </EmptyState>
                    }
                    .into_any(),
                    Body::Stopped => view! {
                        <EmptyState
                            glyph=glyph(state.tool())
                            title="Stopped"
                            detail=Signal::stored("The query was given up before there was an answer.".to_owned())
                        >
                            {run()}
                        </EmptyState>
                    }
                    .into_any(),
                    Body::Failed(error) => view! {
                        <ErrorState
                            title=if error.is_passing() { "There is no answer" } else { "The query cannot be answered" }
                            error
                            on_retry=Callback::new(move |()| state.run())
                        />
                    }
                    .into_any(),
                }}
            </div>
            <State state wait has_answer />
        </section>
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

const fn glyph(tool: Tool) -> Glyph {
    match tool {
        Tool::Segmentation => Glyph::Trend,
        Tool::Funnel => Glyph::Funnel,
        Tool::Cohort => Glyph::Cohort,
    }
}

/// Grey shapes of what will be there.
fn skeleton() -> impl IntoView {
    view! {
        <div class="tool__skel" aria-hidden="true">
            <span class="us-skel"></span>
            <span class="us-skel"></span>
            <span class="us-skel"></span>
            <span class="us-skel"></span>
            <span class="us-skel"></span>
        </div>
    }
}

/// How far the question is, at the edge of the results, where it moves nothing.
#[component]
fn Bar(state: QueryState) -> impl IntoView {
    let shown = Memo::new(move |_| matches!(state.wait(), Wait::Slow { .. }));
    let percent = Memo::new(move |_| {
        state
            .progress()
            .map(|share| (share.clamp(0.0, 1.0) * 100.0).round())
    });
    view! {
        <div class="tool__bar">
            <Show when=move || shown.get()>
                <div
                    class="us-progress"
                    class:is-known=move || percent.get().is_some()
                    role="progressbar"
                    aria-label="Working out the answer"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || percent.get().map(|percent| percent.to_string())
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
fn State(state: QueryState, wait: Memo<Wait>, has_answer: Memo<bool>) -> impl IntoView {
    let button = move |label: &'static str, press: fn(QueryState)| {
        view! {
            <button class="us-btn us-btn--sm" type="button" on:click=move |_| press(state)>
                {label}
            </button>
        }
    };
    let banner = move |class: &'static str, glyph: Glyph, text: String, action: Option<AnyView>| {
        view! {
            <div class=class>
                <Icon glyph small=true />
                <span class="us-grow">{text}</span>
                {action}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="tool__state" role="status">
            {move || {
                let wait = wait.get();
                if !has_answer.get() && !matches!(wait, Wait::Slow { .. }) {
                    return ().into_any();
                }
                match wait {
                    Wait::Nothing => ().into_any(),
                    Wait::Slow { .. } => {
                        let how_far = move || {
                            state
                                .progress()
                                .map(|share| format!(" {}%", (share.clamp(0.0, 1.0) * 100.0).round()))
                        };
                        view! {
                            <div class="us-banner">
                                <Icon glyph=Glyph::Clock small=true />
                                <span class="us-grow">
                                    "Working it out…" <span aria-hidden="true">{how_far}</span>
                                </span>
                                {button("Stop", QueryState::stop)}
                            </div>
                        }
                        .into_any()
                    }
                    Wait::Unfinished(what) => {
                        banner("us-banner", Glyph::Info, states::sentence(&what), None)
                    }
                    Wait::Changed => banner(
                        "us-banner",
                        Glyph::Info,
                        "Changed since the last run.".to_owned(),
                        Some(button("Run", QueryState::run).into_any()),
                    ),
                    Wait::Stopped => banner(
                        "us-banner",
                        Glyph::Info,
                        "Stopped. What is shown is older than the query.".to_owned(),
                        Some(button("Run", QueryState::run).into_any()),
                    ),
                    Wait::Offline => banner(
                        "us-banner us-banner--warn",
                        Glyph::Offline,
                        "The backend cannot be reached. What is shown is older than the query.".to_owned(),
                        Some(button("Try again", QueryState::run).into_any()),
                    ),
                    Wait::Failed(error) => banner(
                        "us-banner us-banner--bad",
                        Glyph::Warning,
                        states::sentence(&error.to_string()),
                        Some(button("Try again", QueryState::run).into_any()),
                    ),
                }
            }}
        </div>
    }
}

/// What of the address could not be opened.
#[component]
fn NoticeBanner(state: QueryState) -> impl IntoView {
    let notice = state.notice();
    view! {
        <div role="status">
            {move || {
                notice
                    .get()
                    .map(|notice| {
                        view! {
                            <div class="us-banner us-banner--warn tool__notice">
                                <Icon glyph=Glyph::Warning small=true />
                                <div class="us-grow">
                                    <strong>{notice.title}</strong>
                                    <ul>
                                        {notice
                                            .lost
                                            .into_iter()
                                            .map(|lost| view! { <li>{lost}</li> })
                                            .collect_view()}
                                    </ul>
                                </div>
                                <button
                                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                                    type="button"
                                    aria-label="Close this notice"
                                    on:click=move |_| state.notice().set(None)
                                >
                                    <Icon glyph=Glyph::Cross small=true />
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// What the figures above are true for: as of, bounds, zone, unit, exactness.
#[component]
pub fn AsOf(
    /// The stamp.
    #[prop(into)]
    stamp: Signal<Stamp>,
    /// The unit in words, where it is another than the stamp's: `A users, B USD`.
    #[prop(into, optional)]
    unit: Option<Signal<String>>,
    /// Whether a condition or a breakdown is by user properties, which are known as they are now only.
    #[prop(into, optional)]
    by_user_properties: Signal<bool>,
) -> impl IntoView {
    let unit = move || {
        unit.map_or_else(
            || stamp.with(|stamp| unit_in_words(stamp.unit).to_owned()),
            |unit| unit.get(),
        )
    };
    view! {
        <p class="us-asof">
            <span>
                "As of "
                <strong>
                    {move || stamp.with(|stamp| format::date_time(stamp.as_of, &stamp.time_zone))}
                </strong>
            </span>
            <span>{move || stamp.with(bounds)}</span>
            <span>{move || stamp.with(|stamp| stamp.time_zone.clone())}</span>
            <span>{unit}</span>
            <span>
                <strong>
                    {move || stamp.with(|stamp| if stamp.exact { "Exact" } else { "Estimate" })}
                </strong>
            </span>
            <Show when=move || by_user_properties.get()>
                <span>"User properties are current values"</span>
            </Show>
        </p>
    }
}

/// The same as texts, for files: each part by itself. `unit` is the unit in words, where it is another than the stamp's.
#[must_use]
pub fn as_of_words(stamp: &Stamp, unit: Option<String>) -> Vec<String> {
    vec![
        format!("As of {}", format::date_time(stamp.as_of, &stamp.time_zone)),
        bounds(stamp),
        stamp.time_zone.clone(),
        unit.unwrap_or_else(|| unit_in_words(stamp.unit).to_owned()),
        if stamp.exact { "Exact" } else { "Estimate" }.to_owned(),
    ]
}

const fn unit_in_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Users => "Unique users",
        Unit::Events => "Events",
    }
}

fn bounds(stamp: &Stamp) -> String {
    let zone = stamp.time_zone.as_str();
    match (stamp.start, stamp.end) {
        (Some(start), Some(end)) => {
            let range = format!(
                "{} to {}",
                format::bound(start, zone),
                format::bound(end, zone)
            );
            match format::days(start, end, zone) {
                Some(days) => format!("{range}, {}", format::plural(days, "day", "days")),
                None => range,
            }
        }
        (Some(start), None) => format!("from {}", format::bound(start, zone)),
        (None, Some(end)) => format!("everything before {}", format::bound(end, zone)),
        (None, None) => "all time".to_owned(),
    }
}
