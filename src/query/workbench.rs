//! The state of a tool's page: the form with its history and its place in the URL, and the answer.
//!
//! # The form and the URL
//!
//! A change of the form that leaves a finished query pushes an entry of the browser's history, so that "back" comes to the
//! query before; changes of the same key, one right after the other, are one entry, as they are one step of "undo". Undo
//! and redo are changes like any other. An unfinished form leaves the URL at the last finished one.
//!
//! When the URL changes from elsewhere (back, forward, a link), its query becomes the form as a step of its own: "undo"
//! brings back what was there, an unfinished form too. That writes nothing into the URL, so that it stays the address that
//! was opened even where a part of it could not be understood.
//!
//! # The form and the answer
//!
//! A finished query that has no answer yet is asked, after a moment in which another change may come. One that is under way
//! is cancelled by the next; the answer before stays, stale, until there is a new one. Without auto-run only
//! [`run`](Workbench::run) asks, and what it asked is waited for whatever is changed meanwhile.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use leptos::prelude::*;
use segments_model::Instant;
use segments_model::answer::Answer;
use segments_model::query::Query;
use segments_model::selection::Selection;

use super::form::FormError;
use super::history::History;
use super::link::{Link, Opened, PARAM};
use super::pins::{Pin, Pins};
use super::tool::ToolDraft;
use crate::client::{ApiError, Client, SLOW_AFTER_MS, Watcher};
use crate::route::{Navigator, Route};
use crate::session::Session;
use crate::task::{Task, sleep, spawn};
use crate::url::Params;

/// How long the page waits for another change before it asks, in milliseconds.
const DEBOUNCE_MS: u32 = 150;

/// An answer with what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The query as it was asked.
    pub query: Query,
    /// Its answer.
    pub answer: Answer,
}

impl Answered {
    /// The query for the instant and the zone that the answer is true for.
    #[must_use]
    pub fn pinned(&self) -> Query {
        self.query.clone().pinned(self.answer.stamp())
    }
}

/// What keeps the answer from being that of the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// Nothing, or not for long enough to be told.
    Nothing,
    /// The form stands for no query yet: "Measure B: choose an event".
    Unfinished(String),
    /// The form has changed, and changes do not ask by themselves.
    Changed,
    /// An answer is under way for a while.
    Slow {
        /// When it was asked for.
        since: Instant,
    },
    /// The question was given up.
    Stopped,
    /// The backend cannot be reached.
    Offline,
    /// There was no answer.
    Failed(ApiError),
}

/// What of an address could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub title: &'static str,
    /// What was left out, each as a sentence.
    pub lost: Vec<String>,
}

/// How far the newest question is.
#[derive(Clone, Debug, PartialEq)]
enum Asking {
    Nothing,
    Asked(Query),
    Slow { query: Query, since: Instant },
    Stopped,
    Failed(ApiError),
}

impl Asking {
    const fn under_way(&self) -> Option<&Query> {
        match self {
            Self::Asked(query) | Self::Slow { query, .. } => Some(query),
            _ => None,
        }
    }
}

/// Where the form stands in the URL.
#[derive(Clone, Debug, Default)]
struct Place {
    /// The text in the URL.
    seen: String,
    /// The link to the form as it was when the two were the same.
    link: Option<String>,
    /// The key of the change that put it there, while further changes of the same replace it.
    key: Option<String>,
}

/// The state of a tool's page. From the context, cheap to copy.
pub struct Workbench<D: ToolDraft> {
    client: StoredValue<Client>,
    navigator: Navigator,
    params: Memo<Params>,
    route: Memo<Option<Route>>,
    place: StoredValue<Place>,
    history: RwSignal<History<D, String>>,
    draft: Memo<D>,
    query: Memo<Result<Query, Vec<FormError>>>,
    answered: RwSignal<Option<Arc<Answered>>>,
    shown: Memo<Option<Arc<Answered>>>,
    asking: RwSignal<Asking>,
    progress: RwSignal<Option<f64>>,
    task: StoredValue<Option<Task>, LocalStorage>,
    stale: Memo<bool>,
    outdated: RwSignal<bool>,
    selection: RwSignal<Option<Selection>>,
    auto: RwSignal<bool>,
    notice: RwSignal<Option<Notice>>,
    pins: RwSignal<Pins>,
    pin: RwSignal<Option<String>>,
}

impl<D: ToolDraft> Clone for Workbench<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolDraft> Copy for Workbench<D> {}

/// What an address opens.
struct Start<D> {
    draft: D,
    selection: Option<Selection>,
    notice: Option<Notice>,
}

fn read<D: ToolDraft>(text: &str) -> Start<D> {
    let new = |notice| Start {
        draft: D::default(),
        selection: None,
        notice,
    };
    if text.is_empty() {
        return new(None);
    }
    match Link::read(text, D::TOOL) {
        Ok(Opened { link, lost }) => Start {
            draft: D::open(&link.query, &link.view),
            selection: link.selection,
            notice: (!lost.is_empty()).then_some(Notice {
                title: "Not all of the link could be opened.",
                lost,
            }),
        },
        Err(reason) => new(Some(Notice {
            title: "The link could not be opened.",
            lost: vec![reason],
        })),
    }
}

impl<D: ToolDraft> Workbench<D> {
    /// Begins with what the URL says.
    #[must_use]
    pub fn start(client: Client) -> Self {
        let navigator = Navigator::expect();
        let params = navigator.params();
        let seen = params.with_untracked(|params| params.get(PARAM).unwrap_or_default().to_owned());
        let opened = read::<D>(&seen);
        let history = RwSignal::new(History::new(opened.draft));
        let draft = Memo::new(move |_| history.with(|history| history.now().clone()));
        let query = Memo::new(move |_| draft.with(D::query));
        let answered = RwSignal::new(None::<Arc<Answered>>);
        let outdated = RwSignal::new(false);
        let stale = Memo::new(move |_| {
            outdated.get()
                || query.with(|query| {
                    answered.with(|answered| {
                        query.as_ref().ok() != answered.as_ref().map(|answered| &answered.query)
                    })
                })
        });
        let bench = Self {
            client: StoredValue::new(client),
            navigator,
            params,
            route: navigator.route(),
            place: StoredValue::new(Place {
                seen,
                ..Place::default()
            }),
            history,
            draft,
            query,
            answered,
            shown: Memo::new(move |_| answered.get()),
            asking: RwSignal::new(Asking::Nothing),
            progress: RwSignal::new(None),
            task: StoredValue::new_local(None),
            stale,
            outdated,
            selection: RwSignal::new(opened.selection),
            auto: RwSignal::new(true),
            notice: RwSignal::new(opened.notice),
            pins: RwSignal::new(Pins::load(D::TOOL)),
            pin: RwSignal::new(None),
        };
        bench.place.update_value(|place| place.link = bench.text());
        bench.find_pin();
        bench.follow_address();
        bench.follow_selection();
        bench.follow_query();
        bench.follow_data();
        bench
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    // ---- the form

    /// The form.
    #[must_use]
    pub const fn draft(self) -> Memo<D> {
        self.draft
    }

    /// Changes the form. The label says what was done, as "Undo" names it: "change the range". Changes with the same key,
    /// one right after the other, are one step.
    pub fn change(self, label: &str, key: Option<&str>, change: impl FnOnce(&mut D)) {
        let mut draft = self.draft.get_untracked();
        change(&mut draft);
        self.go(draft, label, key);
        self.write(key);
    }

    /// Ends the step: the next change is one of its own, whatever its key.
    pub fn seal(self) {
        self.history.update_untracked(History::seal);
        self.place.update_value(|place| place.key = None);
    }

    fn go(self, draft: D, label: &str, key: Option<&str>) {
        self.moved(|history| history.go(draft, label, key.map(str::to_owned)));
    }

    /// Lets the history move. What was chosen belongs to the answer of the query before.
    fn moved(self, go: impl FnOnce(&mut History<D, String>)) {
        let before = self.query.get_untracked();
        self.history.update(go);
        if self.query.with_untracked(|query| *query != before)
            && self.selection.with_untracked(Option::is_some)
        {
            self.selection.set(None);
        }
    }

    /// Undoes the last change.
    pub fn undo(self) {
        self.moved(|history| {
            history.undo();
        });
        self.write(None);
    }

    /// Does again what was undone last.
    pub fn redo(self) {
        self.moved(|history| {
            history.redo();
        });
        self.write(None);
    }

    /// What undoing would undo.
    #[must_use]
    pub fn undo_label(self) -> Option<String> {
        self.history
            .with(|history| history.undo_label().map(str::to_owned))
    }

    /// What doing again would do.
    #[must_use]
    pub fn redo_label(self) -> Option<String> {
        self.history
            .with(|history| history.redo_label().map(str::to_owned))
    }

    /// The query that the form stands for, or what is missing.
    #[must_use]
    pub const fn query(self) -> Memo<Result<Query, Vec<FormError>>> {
        self.query
    }

    /// What is wrong at a place of the query, for the field there.
    #[must_use]
    pub fn error_at(self, place: &str) -> Option<String> {
        self.query.with(|query| {
            query
                .as_ref()
                .err()?
                .iter()
                .find(|error| error.is_within(place))
                .map(|error| error.detail.clone())
        })
    }

    /// What has to be done before the query can be asked: "Measure B: choose an event".
    #[must_use]
    pub fn unfinished(self) -> Option<String> {
        self.query.with(|query| {
            let error = query.as_ref().err()?.first()?;
            let place = self.draft.with(|draft| draft.place(&error.pointer));
            Some(if place.is_empty() {
                capital(&error.detail)
            } else {
                format!("{}: {}", capital(&place), error.detail)
            })
        })
    }

    /// Whether the form is as a new one, about which there is nothing to ask yet.
    #[must_use]
    pub fn is_new(self) -> bool {
        self.query.with(Result::is_err) && self.draft.with(|draft| *draft == D::default())
    }

    // ---- the address

    /// The link to the form; none: it stands for no query.
    fn link(self, selection: Option<Selection>) -> Option<Link> {
        Some(Link {
            query: self.query.get().ok()?,
            view: self.draft.with(D::view),
            selection,
        })
    }

    fn text(self) -> Option<String> {
        untrack(|| self.link(self.selection.get())).map(|link| link.write())
    }

    /// The address of the form below the origin, with what is chosen; none: it stands for no query.
    #[must_use]
    pub fn href(self) -> Option<String> {
        self.link(self.selection.get())
            .map(|link| link.href(self.navigator))
    }

    fn is_here(self) -> bool {
        self.route.get() == Some(D::TOOL.route())
    }

    /// Puts the form into the URL, in place of a change with the same key.
    fn write(self, key: Option<&str>) {
        let replaces = key.is_some() && self.place.with_value(|place| place.key.as_deref() == key);
        self.write_as(key, replaces);
    }

    fn write_as(self, key: Option<&str>, replaces: bool) {
        let Some(text) = self.text() else { return };
        let is_there = self
            .place
            .with_value(|place| place.link.as_ref() == Some(&text));
        if is_there || !untrack(|| self.is_here()) {
            return;
        }
        self.place.set_value(Place {
            seen: text.clone(),
            link: Some(text.clone()),
            key: key.map(str::to_owned),
        });
        let params = self.params.get_untracked().with(PARAM, text);
        if replaces {
            self.navigator.set_params(&params);
        } else {
            self.navigator.push_params(&params);
        }
    }

    /// Opens what the URL says when it comes from elsewhere.
    fn follow_address(self) {
        Effect::new(move |_| {
            // On its way to another page the URL is that page's.
            if !self.is_here() {
                return;
            }
            let text = self
                .params
                .with(|params| params.get(PARAM).unwrap_or_default().to_owned());
            if self.place.with_value(|place| place.seen == text) {
                return;
            }
            untrack(|| self.open(text));
        });
    }

    fn open(self, text: String) {
        let opened = read::<D>(&text);
        if text.is_empty() {
            self.give_up(Asking::Nothing);
            self.answered.set(None);
        }
        self.go(opened.draft, "go to another query", None);
        self.place.set_value(Place {
            seen: text,
            ..Place::default()
        });
        self.selection.set(opened.selection);
        self.notice.set(opened.notice);
        self.place.update_value(|place| place.link = self.text());
        self.find_pin();
    }

    /// Keeps what is chosen in the URL, leaving no trace in the browser's history.
    fn follow_selection(self) {
        Effect::new(move |before: Option<()>| {
            self.selection.track();
            if before.is_some() {
                self.write_as(None, true);
            }
        });
    }

    /// What of the address could not be opened; set to none to close it.
    #[must_use]
    pub const fn notice(self) -> RwSignal<Option<Notice>> {
        self.notice
    }

    // ---- the answer

    /// The newest answer. While another one is under way, and when that fails, it stays.
    #[must_use]
    pub const fn answered(self) -> Memo<Option<Arc<Answered>>> {
        self.shown
    }

    /// Whether the answer is not that of the form as it is now.
    #[must_use]
    pub fn is_stale(self) -> bool {
        self.stale.get()
    }

    /// What was chosen of the answer when the link was made, or is chosen now: the charts mark it.
    #[must_use]
    pub const fn selection(self) -> RwSignal<Option<Selection>> {
        self.selection
    }

    /// Whether a change asks by itself.
    #[must_use]
    pub const fn auto(self) -> RwSignal<bool> {
        self.auto
    }

    /// What keeps the answer from being that of the form.
    #[must_use]
    pub fn wait(self) -> Wait {
        if let Some(since) = self.asking.with(|asking| match asking {
            Asking::Slow { since, .. } => Some(*since),
            _ => None,
        }) {
            return Wait::Slow { since };
        }
        if let Some(what) = self.unfinished() {
            return Wait::Unfinished(what);
        }
        match self.asking.get() {
            Asking::Stopped if self.stale.get() => Wait::Stopped,
            Asking::Failed(error) if error.is_unreachable() => Wait::Offline,
            Asking::Failed(error) => Wait::Failed(error),
            Asking::Nothing if !self.auto.get() && self.stale.get() => Wait::Changed,
            _ => Wait::Nothing,
        }
    }

    /// Whether an answer is under way.
    #[must_use]
    pub fn is_asking(self) -> bool {
        self.asking.with(|asking| asking.under_way().is_some())
    }

    /// How far the question under way is, 0 to 1; none: nobody knows.
    #[must_use]
    pub fn progress(self) -> Option<f64> {
        self.progress.get()
    }

    /// Asks now, also what was asked already.
    pub fn run(self) {
        if let Ok(query) = self.query.get_untracked() {
            self.ask(query, 0);
        }
    }

    /// Gives up the question under way; the answer before stays.
    pub fn stop(self) {
        self.give_up(Asking::Stopped);
    }

    fn give_up(self, now: Asking) {
        self.task.set_value(None);
        self.progress.set(None);
        self.asking.set(now);
    }

    fn ask(self, query: Query, wait: u32) {
        let client = self.client.get_value();
        self.outdated.set(false);
        self.give_up(Asking::Asked(query.clone()));
        self.task.set_value(Some(spawn(async move {
            if wait > 0 {
                sleep(wait).await;
            }
            let since = now();
            let watcher = Watcher::new(move |share| {
                // The rest can turn out to be more than it seemed; nobody wants to see that.
                self.progress.try_update(|progress| {
                    *progress = Some(progress.unwrap_or_default().max(share));
                });
            });
            let answer = {
                let mut asked = pin!(client.watched_query(&query, watcher));
                match select(&mut asked, pin!(sleep(SLOW_AFTER_MS))).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right(((), asked)) => {
                        let query = query.clone();
                        self.asking.try_set(Asking::Slow { query, since });
                        asked.await
                    }
                }
            };
            self.progress.try_set(None);
            match answer {
                Ok(answer) => {
                    self.asking.try_set(Asking::Nothing);
                    self.answered
                        .try_set(Some(Arc::new(Answered { query, answer })));
                }
                Err(ApiError::Cancelled) => {
                    self.asking.try_set(Asking::Stopped);
                }
                Err(error) => {
                    self.asking.try_set(Asking::Failed(error));
                }
            }
        })));
    }

    fn follow_query(self) {
        Effect::new(move |before: Option<Option<Query>>| {
            let query = self.query.get().ok();
            let outdated = self.outdated.get();
            let auto = self.auto.get();
            untrack(|| match &query {
                _ if !auto => {
                    let is_over = self.asking.with(|asking| asking.under_way().is_none());
                    if is_over && before.as_ref() != Some(&query) {
                        // What became of a question says nothing about the next one.
                        self.asking.set(Asking::Nothing);
                    }
                }
                None => self.give_up(Asking::Nothing),
                Some(query) => {
                    let under_way = self.asking.with(|asking| asking.under_way() == Some(query));
                    if under_way && !outdated {
                        return;
                    }
                    if !self.stale.get() {
                        self.give_up(Asking::Nothing);
                        return;
                    }
                    let wait = if before.is_none() { 0 } else { DEBOUNCE_MS };
                    self.ask(query.clone(), wait);
                }
            });
            query
        });
    }

    /// Other data, and another time zone, have other answers; and what could not be reached may be reached again.
    fn follow_data(self) {
        let online = window_event_listener(leptos::ev::online, move |_| {
            if self.auto.get_untracked() && untrack(|| self.wait()) == Wait::Offline {
                self.run();
            }
        });
        on_cleanup(move || online.remove());
        let Some(session) = use_context::<Session>() else {
            return;
        };
        let project = Memo::new(move |_| {
            session.project().map(|project| {
                let project = &project.value;
                (project.data.version.clone(), project.time_zone.clone())
            })
        });
        Effect::new(move |before: Option<Option<(String, String)>>| {
            let project = project.get();
            let before = before.flatten();
            if before.is_some() && before != project {
                self.outdated.set(true);
            }
            project
        });
    }

    // ---- pins

    /// The pinned queries.
    #[must_use]
    pub const fn pins(self) -> RwSignal<Pins> {
        self.pins
    }

    /// The pin that was opened.
    #[must_use]
    pub fn pin(self) -> Option<Pin> {
        let id = self.pin.get()?;
        self.pins.with(|pins| pins.get(&id).cloned())
    }

    /// Whether the form says something else than the pin that was opened.
    #[must_use]
    pub fn is_edited(self) -> bool {
        let Some(pin) = self.pin() else {
            return false;
        };
        !self
            .link(None)
            .is_some_and(|link| pin.opens(&link, D::TOOL))
    }

    /// The form is that of a pin, where it says the same; else it stays a change of the one that was opened, unless it is new.
    fn find_pin(self) {
        untrack(|| {
            let link = self.link(None);
            let found = link.as_ref().and_then(|link| {
                self.pins
                    .with(|pins| pins.of(link, D::TOOL).map(|pin| pin.id.clone()))
            });
            if found.is_some() || self.place.with_value(|place| place.seen.is_empty()) {
                self.pin.set(found);
            }
        });
    }

    /// Opens a pinned query.
    pub fn open_pin(self, pin: &Pin) {
        let opened = read::<D>(&pin.link);
        self.go(opened.draft, &format!("open “{}”", pin.name), None);
        self.selection.set(None);
        self.notice.set(opened.notice);
        self.write(None);
        self.pin.set(Some(pin.id.clone()));
    }

    /// Pins the query under a name, in place of the pin of an id or as a new one. Answers whether the browser keeps it.
    pub fn put_pin(self, id: Option<String>, name: &str) -> bool {
        let Some(link) = untrack(|| self.link(None)) else {
            return false;
        };
        let id = id.unwrap_or_else(Client::unique_id);
        self.pin.set(Some(id.clone()));
        self.restore_pin(Pin {
            id,
            name: name.trim().to_owned(),
            link: link.write(),
        })
    }

    /// Puts a pin back as it was. Answers whether the browser keeps it.
    pub fn restore_pin(self, pin: Pin) -> bool {
        self.change_pins(|pins| pins.put(pin))
    }

    /// Takes a pin away. Answers whether the browser keeps that.
    pub fn remove_pin(self, id: &str) -> bool {
        self.change_pins(|pins| {
            pins.remove(id);
        })
    }

    fn change_pins(self, change: impl FnOnce(&mut Pins)) -> bool {
        // Another tab may have pinned something meanwhile.
        let mut pins = Pins::load(D::TOOL);
        change(&mut pins);
        let kept = pins.keep(D::TOOL);
        self.pins.try_set(pins);
        kept
    }
}

fn now() -> Instant {
    // Milliseconds since 1970 are far within what a double holds exactly.
    Instant::from_millis_saturating(js_sys::Date::now() as i64)
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}
