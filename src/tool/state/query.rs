//! The state of a tool's page but for its form, which it knows by [`FormHistory`] alone: the address, the answer, the pins.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::error::FormError;
use segments_forms::link::{Link, Opened, PARAM};
use segments_forms::tool::Tool;
use segments_forms::user_properties;
use segments_model::Instant;
use segments_model::answer::Answer;
use segments_model::query::Query;
use segments_model::selection::Selection;
use segments_ui::task::{Task, sleep, spawn};
use serde_json::Value;

use crate::client::{ApiError, Client, SLOW_AFTER_MS, Watcher};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use crate::tool::pins::{Pin, Pins};

/// A frame at 60 Hz, rounded up.
const A_FRAME_MS: u32 = 17;

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

/// What the state of a page needs of its form, whatever the tool.
pub(super) trait FormHistory: Send + Sync {
    /// Puts the form of a query in place of it, as a step; none: an empty one.
    fn open(&self, opened: Option<(&Query, &Value)>, label: &str);
    /// Ends the step.
    fn seal(&self);
    /// Undoes the last step.
    fn undo(&self);
    /// Does again what was undone last.
    fn redo(&self);
    /// What undoing would undo.
    fn undo_label(&self) -> Option<String>;
    /// What doing again would do.
    fn redo_label(&self) -> Option<String>;
    /// What it says beside the query.
    fn view(&self) -> Value;
    /// What a place in the query is called on the page.
    fn place(&self, pointer: &str) -> String;
    /// Whether it is as a new one.
    fn is_new(&self) -> bool;
}

/// The state of a tool's page without its form: the same code for every tool. Cheap to copy.
#[derive(Clone, Copy)]
pub struct QueryState {
    tool: Tool,
    form: StoredValue<Box<dyn FormHistory>>,
    client: StoredValue<Client>,
    navigator: Navigator,
    params: Memo<Params>,
    route: Memo<Option<Route>>,
    place: StoredValue<Place>,
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

/// What an address opens.
pub(super) struct Start {
    /// The query and how it is shown; none: an empty form.
    pub(super) opened: Option<(Query, Value)>,
    selection: Option<Selection>,
    notice: Option<Notice>,
}

impl Start {
    /// What the text of a link opens.
    fn read(text: &str, tool: Tool) -> Self {
        let new = |notice| Self {
            opened: None,
            selection: None,
            notice,
        };
        if text.is_empty() {
            return new(None);
        }
        match Link::read(text, tool) {
            Ok(Opened { link, lost }) => Self {
                opened: Some((link.query, link.view)),
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

    fn opened(&self) -> Option<(&Query, &Value)> {
        let (query, view) = self.opened.as_ref()?;
        Some((query, view))
    }
}

/// The text of the link in the URL, and what it opens.
pub(super) fn start_of(tool: Tool) -> (String, Start) {
    let params = Navigator::expect().params();
    let seen = params.with_untracked(|params| params.get(PARAM).unwrap_or_default().to_owned());
    let start = Start::read(&seen, tool);
    (seen, start)
}

impl QueryState {
    /// Begins with what was opened, and with the form of it.
    pub(super) fn start(
        client: Client,
        tool: Tool,
        (seen, start): (String, Start),
        form: Box<dyn FormHistory>,
        query: Memo<Result<Query, Vec<FormError>>>,
    ) -> Self {
        let navigator = Navigator::expect();
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
        let state = Self {
            tool,
            form: StoredValue::new(form),
            client: StoredValue::new(client),
            navigator,
            params: navigator.params(),
            route: navigator.route(),
            place: StoredValue::new(Place {
                seen,
                ..Place::default()
            }),
            query,
            answered,
            shown: Memo::new(move |_| answered.get()),
            asking: RwSignal::new(Asking::Nothing),
            progress: RwSignal::new(None),
            task: StoredValue::new_local(None),
            stale,
            outdated,
            selection: RwSignal::new(start.selection),
            auto: RwSignal::new(true),
            notice: RwSignal::new(start.notice),
            pins: RwSignal::new(Pins::load(tool)),
            pin: RwSignal::new(None),
        };
        state.place.update_value(|place| place.link = state.text());
        state.find_pin();
        state.follow_address();
        state.follow_selection();
        state.follow_query();
        state.follow_data();
        state
    }

    /// Whose page it is.
    #[must_use]
    pub const fn tool(self) -> Tool {
        self.tool
    }

    // ---- the form

    /// Ends the step: the next change is one of its own, whatever its key.
    pub fn seal(self) {
        self.form.with_value(|form| form.seal());
        self.place.update_value(|place| place.key = None);
    }

    /// Undoes the last change.
    pub fn undo(self) {
        self.step(|form| form.undo());
    }

    /// Does again what was undone last.
    pub fn redo(self) {
        self.step(|form| form.redo());
    }

    fn step(self, go: fn(&dyn FormHistory)) {
        let before = self.query.get_untracked();
        self.form.with_value(|form| go(form.as_ref()));
        self.moved_from(&before);
        self.write(None);
    }

    /// Puts what was opened in place of the form.
    fn go(self, start: &Start, label: &str) {
        let before = self.query.get_untracked();
        self.form
            .with_value(|form| form.open(start.opened(), label));
        self.moved_from(&before);
    }

    /// After the form has changed: what was chosen belongs to the answer of the query before.
    pub(super) fn moved_from(self, before: &Result<Query, Vec<FormError>>) {
        if self.query.with_untracked(|query| query != before)
            && self.selection.with_untracked(Option::is_some)
        {
            self.selection.set(None);
        }
    }

    /// What undoing would undo.
    #[must_use]
    pub fn undo_label(self) -> Option<String> {
        self.form.with_value(|form| form.undo_label())
    }

    /// What doing again would do.
    #[must_use]
    pub fn redo_label(self) -> Option<String> {
        self.form.with_value(|form| form.redo_label())
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
            Some(self.told(&error.pointer, &error.detail))
        })
    }

    /// What is wrong at a place of the query, with the place as it is called on the page.
    fn told(self, pointer: &str, detail: &str) -> String {
        let place = self.form.with_value(|form| form.place(pointer));
        if place.is_empty() {
            capital(detail)
        } else {
            format!("{}: {detail}", capital(&place))
        }
    }

    /// Whether the form is as a new one, about which there is nothing to ask yet.
    #[must_use]
    pub fn is_new(self) -> bool {
        self.query.with(Result::is_err) && self.form.with_value(|form| form.is_new())
    }

    // ---- the address

    /// The link to the form; none: it stands for no query.
    fn link(self, selection: Option<Selection>) -> Option<Link> {
        Some(Link {
            query: self.query.get().ok()?,
            view: self.form.with_value(|form| form.view()),
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
            .map(|link| self.navigator.href_of(&link))
    }

    fn is_here(self) -> bool {
        self.route.get() == Some(self.tool.into())
    }

    /// Puts the form into the URL, in place of a change with the same key.
    pub(super) fn write(self, key: Option<&str>) {
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
        let start = Start::read(&text, self.tool);
        if text.is_empty() {
            self.give_up(Asking::Nothing);
            self.answered.set(None);
        }
        self.go(&start, "go to another query");
        self.place.set_value(Place {
            seen: text,
            ..Place::default()
        });
        self.selection.set(start.selection);
        self.notice.set(start.notice);
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

    /// Whether what is shown depends on user properties, which are known as they are now only.
    #[must_use]
    pub fn by_user_properties(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.answered().with(|answered| {
                answered
                    .as_ref()
                    .is_some_and(|answered| user_properties::are_asked(&answered.query))
            })
        })
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
            Asking::Failed(error) => Wait::Failed(self.in_words(error)),
            Asking::Nothing if !self.auto.get() && self.stale.get() => Wait::Changed,
            _ => Wait::Nothing,
        }
    }

    /// A refusal with the places of the query as they are called on the page.
    fn in_words(self, error: ApiError) -> ApiError {
        let ApiError::Problem(mut problem) = error else {
            return error;
        };
        if let Some(first) = problem.errors.first() {
            problem.detail = self.told(&first.pointer, &first.detail);
        }
        ApiError::Problem(problem)
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
            // Reading a large answer took a while, and drawing it will: what was pressed meanwhile is shown between the two.
            sleep(A_FRAME_MS).await;
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
            .is_some_and(|link| pin.opens(&link, self.tool))
    }

    /// The form is that of a pin, where it says the same; else it stays a change of the one that was opened, unless it is new.
    fn find_pin(self) {
        untrack(|| {
            let link = self.link(None);
            let found = link.as_ref().and_then(|link| {
                self.pins
                    .with(|pins| pins.of(link, self.tool).map(|pin| pin.id.clone()))
            });
            if found.is_some() || self.place.with_value(|place| place.seen.is_empty()) {
                self.pin.set(found);
            }
        });
    }

    /// Opens a pinned query.
    pub fn open_pin(self, pin: &Pin) {
        let start = Start::read(&pin.link, self.tool);
        self.go(&start, &format!("open “{}”", pin.name));
        self.selection.set(None);
        self.notice.set(start.notice);
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
        let mut pins = Pins::load(self.tool);
        change(&mut pins);
        let kept = pins.keep(self.tool);
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
