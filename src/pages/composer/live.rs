//! The live result: how many, what this edit changes, in words, what looks wrong, who for example.

use std::collections::BTreeMap;

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::tree::Edit;
use segments_model::Value;
use segments_model::preview::{Changes, LintCode, Preview, Severity};
use segments_model::sentence::Span;
use segments_model::user::UserRow;
use segments_ui::task::{Task, sleep, spawn};
use segments_ui::{Avatar, Glyph, Icon, states};

use crate::client::Status;
use crate::parts::criteria::editor::{Editor, focus_node};
use crate::parts::stamp::{as_of_line, size_line};
use crate::parts::vocabulary::Vocabulary;
use crate::parts::words::{begin, sentence_view, words};
use crate::shell::route::{Navigator, Route};

/// The least time between two announcements of the size, in milliseconds.
const ANNOUNCE_MS: u32 = 1_000;
/// How many users are shown as examples.
const EXAMPLES: usize = 3;

/// The panel beside the tree.
#[component]
pub fn Live() -> impl IntoView {
    view! {
        <aside class="live" aria-label="Live result">
            <PreviewSize />
            <Joined />
            <Words />
            <Checks />
            <SampleUsers />
        </aside>
    }
    .into_any()
}

/// Something of the answer that is on the page.
fn part<T: PartialEq + Send + Sync + 'static>(
    editor: Editor,
    get: fn(&Preview) -> T,
) -> Memo<Option<T>> {
    Memo::new(move |_| editor.preview().map(|answer| get(&answer.preview)))
}

#[component]
fn PreviewSize() -> impl IntoView {
    let editor = Editor::expect();
    let figures = part(editor, |preview| {
        (preview.users, preview.share, preview.all_users)
    });
    let stamp = part(editor, |preview| preview.stamp.clone());
    let announced = RwSignal::new(String::new());
    let announcing = StoredValue::new_local(None::<Task>);
    Effect::new(move |_| {
        let Some((users, ..)) = figures.get() else {
            return;
        };
        if editor.is_stale() {
            return;
        }
        let text = format!("{} match", format::plural(users, "user", "users"));
        // The next size cancels this one, so that only what stays for a moment is said.
        announcing.set_value(Some(spawn(async move {
            sleep(ANNOUNCE_MS).await;
            announced.try_set(text);
        })));
    });
    view! {
        <section aria-busy=move || editor.is_stale().to_string()>
            <h2 class="us-vh">"Size"</h2>
            {move || match figures.get() {
                Some((users, share, all)) => view! {
                    <div class:is-stale=move || editor.is_stale()>
                        {size_line("live__size", users, Some((share, all)))}
                    </div>
                }
                .into_any(),
                None => view! {
                    <p class="us-row live__size">
                        <span class="us-figure us-muted">"\u{2013}"</span>
                        <span class="us-2">"users"</span>
                    </p>
                }
                .into_any(),
            }}
            <PreviewWaiting />
            {move || {
                let stamp = stamp.get()?;
                let more = (stamp.start.zip(stamp.end), stamp.took_ms);
                Some(as_of_line(stamp.as_of, &stamp.time_zone, stamp.exact, Some(more)))
            }}
            <p class="us-vh" role="status">
                {move || announced.get()}
            </p>
        </section>
    }
}

/// What keeps the numbers from being those of the tree.
#[derive(Clone, PartialEq)]
enum PreviewWait {
    Nothing,
    Unfinished(String, String),
    Slow,
    Stopped,
    Offline,
    Failed(String),
}

#[component]
fn PreviewWaiting() -> impl IntoView {
    let editor = Editor::expect();
    let wait = Memo::new(move |_| {
        if editor.is_stopped() {
            return PreviewWait::Stopped;
        }
        if let Some((_, name, detail)) = editor.first_unfinished() {
            return PreviewWait::Unfinished(name, detail);
        }
        editor.preview().status().with(|status| match status {
            Status::Slow(_) => PreviewWait::Slow,
            Status::Failed(error, _) if error.is_unreachable() => PreviewWait::Offline,
            Status::Failed(error, _) => PreviewWait::Failed(error.to_string()),
            Status::Loading(_) | Status::Ready(_) => PreviewWait::Nothing,
        })
    });
    let banner = move || {
        let (class, glyph, text) = match wait.get() {
            PreviewWait::Nothing => return None,
            PreviewWait::Slow => return Some(slow(editor)),
            PreviewWait::Unfinished(name, detail) => {
                let detail = states::sentence(&detail);
                let text = format!("Not counted yet: {name} is unfinished. {detail}");
                ("", Glyph::Info, text)
            }
            PreviewWait::Stopped => {
                let text = "Stopped. These numbers are for an earlier definition.";
                ("", Glyph::Info, text.to_owned())
            }
            PreviewWait::Offline => {
                let text = "The backend cannot be reached. The draft is kept in this browser.";
                ("us-banner--warn", Glyph::Offline, text.to_owned())
            }
            PreviewWait::Failed(detail) => {
                ("us-banner--bad", Glyph::Warning, states::sentence(&detail))
            }
        };
        let shows = wait.with(|wait| matches!(wait, PreviewWait::Unfinished(..)));
        let act = move |_| match untrack(|| editor.first_unfinished()) {
            Some((id, ..)) if shows => focus_node(id),
            _ => editor.resume(),
        };
        let banner = view! {
            <div
                class=format!("us-banner live__wait {class}")
                role=(!class.is_empty()).then_some("alert")
            >
                <Icon glyph small=true />
                <span class="us-grow">{text}</span>
                <button class="us-btn us-btn--sm" type="button" on:click=act>
                    {if shows { "Show" } else { "Try again" }}
                </button>
            </div>
        };
        Some(banner.into_any())
    };
    view! { {banner} }
}

/// What is shown while the users are counted.
fn slow(editor: Editor) -> AnyView {
    view! {
        <div class="live__wait">
            <div class="us-progress" role="progressbar" aria-label="Counting users">
                <i></i>
            </div>
            <div class="us-row us-row--between">
                <span class="us-xs us-muted">"Counting…"</span>
                <button class="us-btn us-btn--sm" type="button" on:click=move |_| editor.stop()>
                    "Stop"
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// Joined and left against the stored segment.
#[component]
fn Joined() -> impl IntoView {
    let editor = Editor::expect();
    let changes = part(editor, |preview| (preview.users, preview.changes.clone()));
    view! {
        {move || {
            let (users, changes) = changes.get()?;
            let changes = changes?;
            Some(
                view! {
                    <section class:is-stale=move || editor.is_stale()>
                        <h2>"Joined and left by this edit"</h2>
                        {bars(&changes)}
                        <div class="us-row us-row--between us-xs">
                            <span class="us-2">{format!("{} left", format::count(changes.left))}</span>
                            <span class="us-muted">{before(&changes, users)}</span>
                            <span class="us-2">{format!("{} joined", format::count(changes.joined))}</span>
                        </div>
                        {dependents(&changes)}
                    </section>
                },
            )
        }}
    }
}

fn before(changes: &Changes, users: u64) -> String {
    let had = users
        .saturating_add(changes.left)
        .saturating_sub(changes.joined);
    let (sign, by) = if users >= had {
        ("+", users - had)
    } else {
        ("\u{2212}", had - users)
    };
    format!(
        "had {}, now {sign}{}",
        format::count(had),
        format::count(by)
    )
}

fn bars(changes: &Changes) -> impl IntoView + use<> {
    let most = changes.left.max(changes.joined).max(1) as f64;
    let width = |users: u64| format!("{:.1}%", users as f64 / most * 100.0);
    view! {
        <div
            class="jl"
            role="img"
            aria-label=format!(
                "{} left, {} joined",
                format::count(changes.left),
                format::count(changes.joined),
            )
        >
            <span class="jl__l">
                <i style:inline-size=width(changes.left)></i>
            </span>
            <span class="jl__j">
                <i style:inline-size=width(changes.joined)></i>
            </span>
        </div>
    }
}

fn dependents(changes: &Changes) -> Option<impl IntoView + use<>> {
    let navigator = Navigator::expect();
    (!changes.dependents.is_empty()).then(|| {
        let rows = changes
            .dependents
            .iter()
            .map(|dependent| {
                let href = navigator.href(&Route::ComposerOf(dependent.id.clone()));
                view! {
                    <li class="us-row us-row--between us-xs">
                        <a class="us-link us-truncate" href=href>
                            {dependent.name.clone()}
                        </a>
                        <span class="us-muted us-nowrap">
                            {format!(
                                "\u{2212}{} +{}",
                                format::count(dependent.left),
                                format::count(dependent.joined),
                            )}
                        </span>
                    </li>
                }
            })
            .collect_view();
        view! {
            <h3 class="us-xs us-muted live__sub">"Segments that use it"</h3>
            <ul>{rows}</ul>
        }
    })
}

/// What the tree says, as long as it says something; it needs no answer.
#[component]
fn Words() -> impl IntoView {
    let editor = Editor::expect();
    let vocabulary = Vocabulary::expect();
    let spans = Memo::new(move |before: Option<&Vec<Span>>| {
        editor.definition().with(|definition| match definition {
            Ok(definition) => words(vocabulary, &definition.criterion),
            Err(_) => before.cloned().unwrap_or_default(),
        })
    });
    view! {
        <section>
            <h2>"In words"</h2>
            <p
                class="us-2 live__words"
                class:is-stale=move || editor.definition().with(Result::is_err)
            >
                {move || sentence_view(begin(spans.get()))}
            </p>
        </section>
    }
}

#[component]
fn Checks() -> impl IntoView {
    let editor = Editor::expect();
    let lint = Memo::new(move |_| editor.lint());
    view! {
        <section class:is-stale=move || editor.is_stale()>
            <h2>
                "Checks "
                {move || {
                    let count = lint.with(Vec::len);
                    if count == 0 {
                        view! { <span class="us-badge us-badge--ok">"No problems"</span> }.into_any()
                    } else {
                        view! { <span class="us-badge us-badge--warn">{count}</span> }.into_any()
                    }
                }}
            </h2>
            <ul class="lint">
                {move || {
                    lint.get()
                        .into_iter()
                        .map(|(node, lint)| {
                            let glyph = match lint.severity {
                                Severity::Info => Glyph::Info,
                                Severity::Warning | Severity::Error => Glyph::Warning,
                            };
                            let number = node
                                .map(|node| editor.tree().with_untracked(|tree| tree.number(node)))
                                .filter(|number| !number.is_empty());
                            let removable = lint.code == LintCode::NoEffect && number.is_some();
                            view! {
                                <li class=severity_class(lint.severity)>
                                    <Icon glyph small=true />
                                    <span>
                                        {number.clone().map(|number| view! { <b>{number}</b>" " })}
                                        {lint.detail}
                                    </span>
                                    {node
                                        .filter(|_| number.is_some())
                                        .map(|node| {
                                            let label = if removable { "Remove" } else { "Show" };
                                            view! {
                                                <button
                                                    class="us-btn us-btn--ghost us-btn--sm"
                                                    type="button"
                                                    aria-label=format!(
                                                        "{label} {}",
                                                        untrack(|| editor.name(node)),
                                                    )
                                                    on:click=move |_| {
                                                        if removable { editor.edit(node, Edit::Remove) } else { focus_node(node) }
                                                    }
                                                >
                                                    {label}
                                                </button>
                                            }
                                        })}
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}

const fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "is-info",
        Severity::Warning => "is-warning",
        Severity::Error => "is-error",
    }
}

#[component]
fn SampleUsers() -> impl IntoView {
    let editor = Editor::expect();
    let navigator = Navigator::expect();
    let sample = part(editor, |preview| preview.sample.clone());
    let offset = RwSignal::new(0_usize);
    let shown = move || {
        let sample = sample.get().unwrap_or_default();
        let count = sample.len();
        let start = if count == 0 { 0 } else { offset.get() % count };
        sample
            .into_iter()
            .cycle()
            .skip(start)
            .take(count.min(EXAMPLES))
            .collect::<Vec<_>>()
    };
    let several = Memo::new(move |_| {
        sample.with(|sample| sample.as_ref().is_some_and(|it| it.len() > EXAMPLES))
    });
    let any =
        Memo::new(move |_| sample.with(|sample| sample.as_ref().is_some_and(|it| !it.is_empty())));
    view! {
        <Show when=move || any.get()>
            <section class:is-stale=move || editor.is_stale()>
                <h2>
                    "Sample users"
                    <Show when=move || several.get()>
                        <button
                            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                            type="button"
                            aria-label="Show other users"
                            on:click=move |_| offset.update(|offset| *offset += EXAMPLES)
                        >
                            <Icon glyph=Glyph::Refresh small=true />
                        </button>
                    </Show>
                </h2>
                <ul class="samp">
                    {move || {
                        shown()
                            .into_iter()
                            .map(|user| example(navigator, &user))
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}

fn example(navigator: Navigator, user: &UserRow) -> impl IntoView + use<> {
    let href = navigator.href(&Route::User(user.id.clone()));
    let values = facts(&user.values);
    view! {
        <li>
            <Avatar name=user.id.clone() id=user.id.clone() />
            <span class="us-two us-grow">
                <a class="us-truncate" href=href>
                    {user.id.clone()}
                </a>
                <span class="us-truncate">{values}</span>
            </span>
        </li>
    }
}

/// The first few values of a user, for a line below the id.
fn facts(values: &BTreeMap<String, Value>) -> String {
    values
        .values()
        .filter(|value| !matches!(value, Value::Boolean(_)))
        .take(4)
        .map(|value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Boolean(flag) => flag.to_string(),
        })
        .collect::<Vec<_>>()
        .join(" \u{b7} ")
}

#[cfg(test)]
mod tests {
    use super::facts;
    use segments_model::Value;

    #[test]
    fn facts_leave_out_what_says_nothing_alone() {
        let values = [
            ("country".to_owned(), Value::from("PT")),
            ("newsletter".to_owned(), Value::from(true)),
            ("orders".to_owned(), Value::from(3.0)),
        ]
        .into_iter()
        .collect();
        assert_eq!(facts(&values), "PT \u{b7} 3");
    }
}
