//! The state of a tool's page, the same code for every tool: the form, the address, the answer, the selection, the pins.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use leptos::prelude::*;
use segments_charts::scene::Anchor;
use segments_format as format;
use segments_format::url::Params;
use segments_forms::error::FormError;
use segments_forms::history::History;
use segments_forms::link::{Link, Opened, PARAM};
use segments_forms::tool::{FrameForm, Tool};
use segments_forms::user_properties;
use segments_model::Instant;
use segments_model::Range;
use segments_model::Stamp;
use segments_model::answer::Answer;
use segments_model::query::Query;
use segments_model::range::LocalBounds;
use segments_model::selection::Selection;
use segments_model::sentence::capital;
use segments_ui::task::{Task, sleep, spawn};
use serde_json::Value;

use crate::client::{ApiError, Client, SLOW_AFTER_MS, Watcher};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use crate::tool::pins::{Pin, Pins};
use crate::tool::selection::{AnswerPart, PartSelection};
use crate::tool::state::any_form::AnyForm;
use crate::tool::state::field::{Lens, Typed};

/// A frame at 60 Hz, rounded up.
const A_FRAME_MS: u32 = 17;

/// How long the page waits for another change before it asks, in milliseconds.
const DEBOUNCE_MS: u32 = 150;

/// An answer with what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The query as it was asked.
    pub query: Query,
    pub answer: Answer,
}

/// What keeps the answer from being that of the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// Nothing, or not for long enough to say so.
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
enum Job {
    None,
    Running(Query),
    Slow { query: Query, since: Instant },
    Stopped,
    Failed(ApiError),
}

impl Job {
    const fn running(&self) -> Option<&Query> {
        match self {
            Self::Running(query) | Self::Slow { query, .. } => Some(query),
            _ => None,
        }
    }
}

/// Where the form stands in the URL.
#[derive(Clone, Debug, Default)]
struct UrlPlace {
    /// The text in the URL.
    param: String,
    /// The link to the form as it was when the two were the same.
    link: Option<String>,
    /// The key of the change that put it there, while further changes of the same replace it.
    key: Option<String>,
}

/// The state of a tool's page without the type of its form. Cheap to copy.
#[derive(Clone, Copy)]
pub struct QueryState {
    tool: Tool,
    history: RwSignal<History<AnyForm, String>>,
    form: Memo<AnyForm>,
    client: StoredValue<Client>,
    navigator: Navigator,
    params: Memo<Params>,
    route: Memo<Option<Route>>,
    place: StoredValue<UrlPlace>,
    query: Memo<Result<Query, Vec<FormError>>>,
    answered: RwSignal<Option<Arc<Answered>>>,
    answer: Memo<Option<Arc<Answered>>>,
    job: RwSignal<Job>,
    progress: RwSignal<Option<f64>>,
    task: StoredValue<Option<Task>, LocalStorage>,
    stale: Memo<bool>,
    outdated: RwSignal<bool>,
    selection: RwSignal<Option<Selection>>,
    selected_part: RwSignal<Option<PartSelection>>,
    auto: RwSignal<bool>,
    notice: RwSignal<Option<Notice>>,
    pins: RwSignal<Pins>,
    pin: RwSignal<Option<String>>,
}

/// What an address opens.
struct OpenedAddress {
    /// The query and how it is shown; none: an empty form.
    opened: Option<(Query, Value)>,
    selection: Option<Selection>,
    notice: Option<Notice>,
}

impl OpenedAddress {
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

impl QueryState {
    /// Begins with what the URL opens; `new` is a new form of the tool.
    pub(super) fn start(client: Client, tool: Tool, new: AnyForm) -> Self {
        let navigator = Navigator::expect();
        let params = navigator.params();
        let param =
            params.with_untracked(|params| params.get(PARAM).unwrap_or_default().to_owned());
        let start = OpenedAddress::read(&param, tool);
        let history = RwSignal::new(History::new(new.open(start.opened())));
        let form = Memo::new(move |_| history.with(|history| history.now().clone()));
        let query = Memo::new(move |_| form.with(|form| form.query()));
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
            history,
            form,
            client: StoredValue::new(client),
            navigator,
            params,
            route: navigator.route(),
            place: StoredValue::new(UrlPlace {
                param,
                ..UrlPlace::default()
            }),
            query,
            answered,
            answer: Memo::new(move |_| answered.get()),
            job: RwSignal::new(Job::None),
            progress: RwSignal::new(None),
            task: StoredValue::new_local(None),
            stale,
            outdated,
            selection: RwSignal::new(start.selection),
            selected_part: RwSignal::new(None),
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

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Whose page it is.
    #[must_use]
    pub const fn tool(self) -> Tool {
        self.tool
    }

    // ---- the form

    pub(in crate::tool) const fn form(self) -> Memo<AnyForm> {
        self.form
    }

    /// The form as it goes into links beside the query.
    #[must_use]
    pub fn view(self) -> Value {
        self.form.with(|form| form.view())
    }

    pub(in crate::tool) fn put(self, form: AnyForm, label: &str, key: Option<&str>) {
        let key_of_step = key.map(str::to_owned);
        self.edit(|history| history.go(form, label, key_of_step));
        self.write(key);
    }

    /// Changes the form. A selection belongs to the answer of the query before.
    fn edit(self, edit: impl FnOnce(&mut History<AnyForm, String>)) {
        let before = self.query.get_untracked();
        self.history.update(edit);
        if self.query.with_untracked(|query| *query != before)
            && self.selection.with_untracked(Option::is_some)
        {
            self.selection.set(None);
        }
    }

    /// Ends the step: the next change is one of its own, whatever its key.
    pub fn seal(self) {
        self.history.update_untracked(History::seal);
        self.place.update_value(|place| place.key = None);
    }

    pub fn undo(self) {
        self.edit(|history| {
            history.undo();
        });
        self.write(None);
    }

    /// Does again what was undone last.
    pub fn redo(self) {
        self.edit(|history| {
            history.redo();
        });
        self.write(None);
    }

    /// Puts what was opened in place of the form.
    fn go(self, start: &OpenedAddress, label: &str) {
        let form = self.form.get_untracked().open(start.opened());
        self.edit(|history| history.go(form, label, None));
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

    /// When, who, as of when and in which zone, a field at a time.
    pub fn frame<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        get: fn(&FrameForm) -> &T,
        get_mut: fn(&mut FrameForm) -> &mut T,
        label: &'static str,
        typed: Typed,
    ) -> Lens<T> {
        Lens {
            value: Memo::new(move |_| self.form.with(|form| get(form.frame()).clone())).into(),
            on_change: Callback::new(move |value| {
                let form = self
                    .form
                    .get_untracked()
                    .framed(|frame| *get_mut(frame) = value);
                let key = (typed == Typed::ByLetters).then_some(label);
                self.put(form, label, key);
            }),
        }
    }

    /// The date range. With another one the form may have to follow.
    #[must_use]
    pub fn during(self) -> Lens<segments_forms::range::RangeForm> {
        let label = "change the date range";
        let value = Memo::new(move |_| self.form.with(|form| form.frame().during.clone()));
        let session = Session::expect();
        let on_change = Callback::new(move |during| {
            let form = self
                .form
                .get_untracked()
                .framed(|frame| frame.during = during);
            let form = untrack(|| {
                let bounds = self.bounds(form.frame(), session)?;
                let project = session
                    .project()
                    .map(|project| project.value.data.first_event_at);
                let zone = self.zone_in(session);
                let first = project.flatten().map(|first| format::local(first, &zone));
                Some(form.following(bounds, first))
            })
            .unwrap_or(form);
            self.put(form, label, Some(label));
        });
        Lens {
            value: value.into(),
            on_change,
        }
    }

    fn zone_in(self, session: Session) -> String {
        let own = self.form.with(|form| form.frame().time_zone.clone());
        own.unwrap_or_else(|| session.zone().get())
    }

    /// The zone that the query is asked in.
    #[must_use]
    pub fn zone(self) -> Memo<String> {
        let session = Session::expect();
        Memo::new(move |_| self.zone_in(session))
    }

    fn bounds(self, frame: &FrameForm, session: Session) -> Option<LocalBounds> {
        let range = Range::try_from(&frame.during).ok()?;
        let zone = self.zone_in(session);
        Some(range.local_bounds(session.now().get(), |instant| format::local(instant, &zone)))
    }

    /// The bounds of the range now, by the clock of its zone; none while it says nothing.
    #[must_use]
    pub fn bounds_now(self, session: Session) -> Option<LocalBounds> {
        untrack(|| self.bounds(self.form.get().frame(), session))
    }

    /// Asks for more groups, of which so many are left out.
    pub fn show_more_groups(self, left_out: u64) {
        let form = self.form.get_untracked();
        let form = form.framed(|frame| frame.show_more_groups(left_out));
        self.put(form, "show more groups", None);
    }

    /// How many groups the answer has at most.
    #[must_use]
    pub fn most_groups(self) -> u32 {
        self.form.with(|form| form.frame().most_groups())
    }

    /// The query that the form stands for, or what is missing.
    #[must_use]
    pub const fn query(self) -> Memo<Result<Query, Vec<FormError>>> {
        self.query
    }

    /// What is wrong at a place of the query, for the field there.
    #[must_use]
    pub fn error_at(self, place: &str) -> Option<String> {
        self.error(|error| error.is_within(place))
    }

    /// What is wrong at exactly a place, whatever is wrong inside of it.
    #[must_use]
    pub fn error_of(self, place: &str) -> Option<String> {
        self.error(|error| error.pointer == place)
    }

    fn error(self, is_it: impl Fn(&FormError) -> bool) -> Option<String> {
        self.query.with(|query| {
            let error = query.as_ref().err()?.iter().find(|error| is_it(error))?;
            Some(error.detail.clone())
        })
    }

    /// What has to be done before the query can be asked: "Measure B: choose an event".
    #[must_use]
    pub fn unfinished(self) -> Option<String> {
        self.query.with(|query| {
            let error = query.as_ref().err()?.first()?;
            Some(self.describe(&error.pointer, &error.detail))
        })
    }

    /// What is wrong at a place of the query, with the place as it is called on the page.
    fn describe(self, pointer: &str, detail: &str) -> String {
        let place = self.form.with(|form| form.place(pointer));
        if place.is_empty() {
            capital(detail)
        } else {
            format!("{}: {detail}", capital(&place))
        }
    }

    /// Whether the form is as a new one, about which there is nothing to ask yet.
    #[must_use]
    pub fn is_new(self) -> bool {
        self.query.with(Result::is_err) && self.form.with(|form| *form == form.open(None))
    }

    // ---- the address

    /// The link to the form; none: it stands for no query.
    fn link(self, selection: Option<Selection>) -> Option<Link> {
        Some(Link {
            query: self.query.get().ok()?,
            view: self.view(),
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

    /// The address of the query for the instant and the zone of its answer, which the stamp says: what it opens stays the
    /// same. None without an answer to the form as it is.
    #[must_use]
    pub fn frozen(self) -> Option<(String, Stamp)> {
        let link = self.link(self.selection.get())?;
        let answered = self.answered.get()?;
        let stamp = answered.answer.stamp();
        (answered.query == link.query).then(|| {
            let query = link.query.pinned(stamp);
            let frozen = Link { query, ..link };
            (self.navigator.href_of(&frozen), stamp.clone())
        })
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
        self.place.set_value(UrlPlace {
            param: text.clone(),
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
            if self.place.with_value(|place| place.param == text) {
                return;
            }
            untrack(|| self.open(text));
        });
    }

    fn open(self, text: String) {
        let start = OpenedAddress::read(&text, self.tool);
        if text.is_empty() {
            self.give_up(Job::None);
            self.answered.set(None);
        }
        self.go(&start, "go to another query");
        self.place.set_value(UrlPlace {
            param: text,
            ..UrlPlace::default()
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
        self.answer
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
        if let Some(since) = self.job.with(|job| match job {
            Job::Slow { since, .. } => Some(*since),
            _ => None,
        }) {
            return Wait::Slow { since };
        }
        if let Some(what) = self.unfinished() {
            return Wait::Unfinished(what);
        }
        match self.job.get() {
            Job::Stopped if self.stale.get() => Wait::Stopped,
            Job::Failed(error) if error.is_unreachable() => Wait::Offline,
            Job::Failed(error) => Wait::Failed(self.in_words(error)),
            Job::None if !self.auto.get() && self.stale.get() => Wait::Changed,
            _ => Wait::Nothing,
        }
    }

    /// A refusal with the places of the query as they are called on the page.
    fn in_words(self, error: ApiError) -> ApiError {
        let ApiError::Problem(mut problem) = error else {
            return error;
        };
        if let Some(first) = problem.errors.first() {
            problem.detail = self.describe(&first.pointer, &first.detail);
        }
        ApiError::Problem(problem)
    }

    /// Whether an answer is under way.
    #[must_use]
    pub fn is_asking(self) -> bool {
        self.job.with(|job| job.running().is_some())
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
        self.give_up(Job::Stopped);
    }

    fn give_up(self, now: Job) {
        self.task.set_value(None);
        self.progress.set(None);
        self.job.set(now);
    }

    fn ask(self, query: Query, wait: u32) {
        let client = self.client.get_value();
        self.outdated.set(false);
        self.give_up(Job::Running(query.clone()));
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
                let mut response = pin!(client.watched_query(&query, watcher));
                match select(&mut response, pin!(sleep(SLOW_AFTER_MS))).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right(((), response)) => {
                        let query = query.clone();
                        self.job.try_set(Job::Slow { query, since });
                        response.await
                    }
                }
            };
            // Reading a large answer took a while, and drawing it will: what was pressed meanwhile is shown between the two.
            sleep(A_FRAME_MS).await;
            self.progress.try_set(None);
            match answer {
                Ok(answer) => {
                    self.job.try_set(Job::None);
                    self.answered
                        .try_set(Some(Arc::new(Answered { query, answer })));
                }
                Err(ApiError::Cancelled) => {
                    self.job.try_set(Job::Stopped);
                }
                Err(error) => {
                    self.job.try_set(Job::Failed(error));
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
                    let is_over = self.job.with(|job| job.running().is_none());
                    if is_over && before.as_ref() != Some(&query) {
                        // What became of a question says nothing about the next one.
                        self.job.set(Job::None);
                    }
                }
                None => self.give_up(Job::None),
                Some(query) => {
                    let is_running = self.job.with(|job| job.running() == Some(query));
                    if is_running && !outdated {
                        return;
                    }
                    if !self.stale.get() {
                        self.give_up(Job::None);
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

    // ---- the selection

    /// The part of the answer that was selected, for the menu beside it; none: it is closed.
    #[must_use]
    pub const fn selected_part(self) -> RwSignal<Option<PartSelection>> {
        self.selected_part
    }

    /// Selects a part of the answer, which stands there on the screen.
    pub fn select(self, part: AnswerPart, anchor: Anchor) {
        let Some(answered) = self.answered.get_untracked() else {
            return;
        };
        let first = part.choices.first();
        self.selection
            .set(first.map(|choice| choice.selection.clone()));
        self.selected_part.set(Some(PartSelection {
            query: answered.query.clone().pinned(answered.answer.stamp()),
            view: untrack(|| self.view()),
            part,
            chosen: 0,
            anchor,
        }));
    }

    pub fn deselect(self) {
        self.selected_part.set(None);
        self.selection.set(None);
    }

    // ---- pins

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
            let pin = link.as_ref().and_then(|link| {
                self.pins
                    .with(|pins| pins.of(link, self.tool).map(|pin| pin.id.clone()))
            });
            if pin.is_some() || self.place.with_value(|place| place.param.is_empty()) {
                self.pin.set(pin);
            }
        });
    }

    pub fn open_pin(self, pin: &Pin) {
        let start = OpenedAddress::read(&pin.link, self.tool);
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
        let is_stored = pins.keep(self.tool);
        self.pins.try_set(pins);
        is_stored
    }
}

fn now() -> Instant {
    // Milliseconds since 1970 are far within what a double holds exactly.
    Instant::from_millis_saturating(js_sys::Date::now() as i64)
}
