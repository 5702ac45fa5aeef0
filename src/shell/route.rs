//! Which page the URL names. Nothing else touches `leptos_router`, which is bound to the window's location.
//!
//! [`Route`] and [`Route::path`] are pure; [`Navigator`] is how pages read the route and go to another one. Links are
//! ordinary `<a href=navigator.href(&route)>`: the router takes the click.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::{BrowserUrl, LocationProvider as _};
use segments_format::url::{Params, decode, encode};
use segments_forms::link::{Link, PARAM};
use segments_forms::tool::Tool;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// Settings › User Segments, the segment manager.
    Segments,
    Segment(String),
    /// The composer with a new definition.
    Composer,
    /// The composer with a stored segment.
    ComposerOf(String),
    Segmentation,
    Funnel,
    Cohort,
    /// Users; `?segment=` those of a segment.
    Users,
    User(String),
    Dictionary,
    Data,
    Preferences,
}

impl Route {
    /// The page that a path below the app's base names, `/` being the manager.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let route = match (parts.next(), parts.next()) {
            (None, None) | (Some("settings"), Some("segments")) => Self::Segments,
            (Some("segments"), Some(id)) => Self::Segment(decode(id)),
            (Some("composer"), None) => Self::Composer,
            (Some("composer"), Some(id)) => Self::ComposerOf(decode(id)),
            (Some("tools"), Some("segmentation")) => Self::Segmentation,
            (Some("tools"), Some("funnel")) => Self::Funnel,
            (Some("tools"), Some("cohort")) => Self::Cohort,
            (Some("users"), None) => Self::Users,
            (Some("users"), Some(id)) => Self::User(decode(id)),
            (Some("dictionary"), None) => Self::Dictionary,
            (Some("settings"), Some("data")) => Self::Data,
            (Some("settings"), Some("preferences")) => Self::Preferences,
            _ => return None,
        };
        parts.next().is_none().then_some(route)
    }

    /// The path below the app's base, without the slash that the base ends with.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Segments => "settings/segments".to_owned(),
            Self::Segment(id) => format!("segments/{}", encode(id)),
            Self::Composer => "composer".to_owned(),
            Self::ComposerOf(id) => format!("composer/{}", encode(id)),
            Self::Segmentation => "tools/segmentation".to_owned(),
            Self::Funnel => "tools/funnel".to_owned(),
            Self::Cohort => "tools/cohort".to_owned(),
            Self::Users => "users".to_owned(),
            Self::User(id) => format!("users/{}", encode(id)),
            Self::Dictionary => "dictionary".to_owned(),
            Self::Data => "settings/data".to_owned(),
            Self::Preferences => "settings/preferences".to_owned(),
        }
    }

    /// The part of the app that the page stands in.
    #[must_use]
    pub const fn section(&self) -> Option<&'static str> {
        match self {
            Self::Segments | Self::Segment(_) | Self::Data | Self::Preferences => Some("Settings"),
            Self::Composer | Self::ComposerOf(_) | Self::Users | Self::User(_) => Some("People"),
            Self::Segmentation | Self::Funnel | Self::Cohort => Some("Tools"),
            Self::Dictionary => Some("Data"),
        }
    }

    /// Whether the page is another one's, or a part of it: a user's page belongs to Users.
    #[must_use]
    pub fn belongs_to(&self, other: &Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::Segment(_), Self::Segments)
                    | (Self::ComposerOf(_), Self::Composer)
                    | (Self::User(_), Self::Users)
            )
    }

    /// The page that shows it: one user stands beside the list of users.
    #[must_use]
    pub fn page(self) -> Self {
        match self {
            Self::User(_) => Self::Users,
            page => page,
        }
    }

    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Segments => "User Segments".to_owned(),
            Self::Segment(_) => "Segment".to_owned(),
            Self::Composer | Self::ComposerOf(_) => "Composer".to_owned(),
            Self::Segmentation => "Segmentation".to_owned(),
            Self::Funnel => "Funnel".to_owned(),
            Self::Cohort => "Cohort".to_owned(),
            Self::Users => "Users".to_owned(),
            Self::User(id) => id.clone(),
            Self::Dictionary => "Data dictionary".to_owned(),
            Self::Data => "Data".to_owned(),
            Self::Preferences => "Preferences".to_owned(),
        }
    }
}

/// Reads which page it is and goes to another. Taken from the context by [`Navigator::expect`], cheap to copy.
#[derive(Clone, Copy)]
pub struct Navigator {
    base: StoredValue<String>,
    path: Signal<String>,
    query: Signal<String>,
    title: RwSignal<Option<String>>,
    go: StoredValue<Box<dyn Fn(String, History)>, LocalStorage>,
}

/// The history of a navigator without a browser.
#[derive(Clone, Copy)]
pub struct Entries {
    urls: RwSignal<Vec<String>>,
    place: RwSignal<usize>,
}

impl Entries {
    /// The URL now.
    #[must_use]
    pub fn here(self) -> String {
        let place = self.place.get();
        self.urls
            .with(|urls| urls.get(place).cloned())
            .unwrap_or_default()
    }

    /// Every URL, the oldest first.
    #[must_use]
    pub fn all(self) -> Vec<String> {
        self.urls.get()
    }

    /// Goes to the URL before, if there is one.
    pub fn back(self) {
        self.place.update(|place| *place = place.saturating_sub(1));
    }

    /// Goes to the URL after, if there is one.
    pub fn forward(self) {
        let last = self.urls.with_untracked(Vec::len).saturating_sub(1);
        self.place.update(|place| *place = (*place + 1).min(last));
    }

    fn go(self, url: String, history: History) {
        let here = self.place.get_untracked();
        let kept = match history {
            History::Push => here + 1,
            History::Replace => here,
        };
        self.urls.update(|urls| {
            if history == History::Push {
                urls.truncate(kept);
            }
            match urls.get_mut(kept) {
                Some(place) => *place = url,
                None => urls.push(url),
            }
        });
        self.place.set(kept);
    }
}

/// Whether the page before stays in the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum History {
    Push,
    Replace,
}

impl Navigator {
    /// The navigator that the app has put into the context; outside of the app one that keeps its route to itself.
    #[must_use]
    pub fn expect() -> Self {
        use_context().unwrap_or_else(|| Self::in_memory("/"))
    }

    /// A navigator without a browser's location, at a path such as `/users?segment=x`.
    #[must_use]
    pub fn in_memory(start: &str) -> Self {
        Self::with_entries(start).0
    }

    /// The same with its history, to go back and forward in.
    #[must_use]
    pub fn with_entries(start: &str) -> (Self, Entries) {
        let entries = Entries {
            urls: RwSignal::new(vec![start.to_owned()]),
            place: RwSignal::new(0),
        };
        let part = move |second: bool| {
            let here = entries.here();
            match here.split_once('?') {
                Some((_, query)) if second => query.to_owned(),
                Some((path, _)) if !second => path.to_owned(),
                None if !second => here,
                _ => String::new(),
            }
        };
        let navigator = Self {
            base: StoredValue::new("/".to_owned()),
            path: Signal::derive(move || part(false)),
            query: Signal::derive(move || part(true)),
            title: RwSignal::new(None),
            go: StoredValue::new_local(Box::new(move |url, history| entries.go(url, history))),
        };
        (navigator, entries)
    }

    fn of_router(base: &str) -> Self {
        let location = use_location();
        if let Some(browser) = use_context::<BrowserUrl>() {
            // A click on a link waits for the router's own routes before the address changes. There are none here.
            let path = location.pathname;
            Effect::new(move |_| {
                path.track();
                browser.ready_to_complete();
            });
        }
        let navigate = use_navigate();
        Self {
            base: StoredValue::new(base.to_owned()),
            path: location.pathname.into(),
            query: location.search.into(),
            title: RwSignal::new(None),
            go: StoredValue::new_local(Box::new(move |path, history| {
                // The router leaves out an entry for the page that it takes for the one before, and after "forward" it is
                // mistaken. So the entry is made here, and the router fills it.
                let pushed = history == History::Push && push_entry(&path);
                navigate(
                    &path,
                    NavigateOptions {
                        resolve: false,
                        replace: pushed || history == History::Replace,
                        // The window does not scroll; what does is reset by the shell.
                        scroll: false,
                        ..NavigateOptions::default()
                    },
                );
            })),
        }
    }

    /// The page; none: the URL names none. Changes with the page only, not with the query string.
    #[must_use]
    pub fn route(self) -> Memo<Option<Route>> {
        Memo::new(move |_| {
            self.path.with(|path| {
                let base = self.base.get_value();
                let below = path
                    .strip_prefix(base.as_str())
                    .or_else(|| (format!("{path}/") == base).then_some(""))?;
                Route::parse(below)
            })
        })
    }

    #[must_use]
    pub fn params(self) -> Memo<Params> {
        Memo::new(move |_| self.query.with(|query| Params::parse(query)))
    }

    /// The URL of a page, for links.
    #[must_use]
    pub fn href(self, route: &Route) -> String {
        format!("{}{}", self.base.get_value(), route.path())
    }

    /// The URL of a page with a query string.
    #[must_use]
    pub fn href_with(self, route: &Route, params: &Params) -> String {
        format!("{}{}", self.href(route), params.to_readable_query())
    }

    /// The URL that opens a query in its tool.
    #[must_use]
    pub fn href_of(self, link: &Link) -> String {
        self.href_with(
            &Tool::of(&link.query).into(),
            &Params::new().with(PARAM, link.write()),
        )
    }

    pub fn go(self, route: &Route) {
        self.go_with(route, &Params::new());
    }

    /// Goes to a page with a query string.
    pub fn go_with(self, route: &Route, params: &Params) {
        self.move_to(self.href_with(route, params), History::Push);
    }

    /// Goes to a page so that "back" does not come to this one.
    pub fn replace(self, route: &Route) {
        self.move_to(self.href(route), History::Replace);
    }

    /// Changes the query string of this page, leaving no trace in the history.
    pub fn set_params(self, params: &Params) {
        let path = self.path.get_untracked();
        self.move_to(
            format!("{path}{}", params.to_readable_query()),
            History::Replace,
        );
    }

    /// Changes the query string of this page, so that "back" comes to what it was.
    pub fn push_params(self, params: &Params) {
        let path = self.path.get_untracked();
        self.move_to(
            format!("{path}{}", params.to_readable_query()),
            History::Push,
        );
    }

    fn move_to(self, url: String, history: History) {
        self.go.with_value(|go| go(url, history));
    }

    /// Whether the URL is the app's base itself, which stands for the manager.
    fn is_at_root(self) -> bool {
        let base = self.base.get_value();
        self.path
            .with(|path| *path == base || format!("{path}/") == base)
    }

    /// A title that tells more than the route's own, as long as the calling component lives.
    pub fn set_title(self, title: impl Fn() -> Option<String> + 'static) {
        Effect::new(move |_| self.title.set(title()));
        on_cleanup(move || {
            self.title.try_set(None);
        });
    }

    #[must_use]
    pub fn title(self) -> Memo<String> {
        let route = self.route();
        Memo::new(move |_| {
            self.title.get().unwrap_or_else(|| {
                route.with(|route| {
                    route
                        .as_ref()
                        .map_or_else(|| "Page not found".to_owned(), Route::title)
                })
            })
        })
    }
}

/// Makes an entry of the browser's history for another URL than the one shown.
fn push_entry(url: &str) -> bool {
    let window = window();
    let location = window.location();
    let here = location
        .pathname()
        .and_then(|path| Ok(format!("{path}{}", location.search()?)));
    here.is_ok_and(|here| here != url)
        && window.history().is_ok_and(|history| {
            history
                .push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(url))
                .is_ok()
        })
}

/// Binds what it holds to the window's location and provides a [`Navigator`].
#[component]
pub fn Routed(
    /// The path that the routes stand below; begins and ends with `/`.
    base: String,
    /// What needs the navigator.
    children: ChildrenFn,
) -> impl IntoView {
    let router_base = base.trim_end_matches('/').to_owned();
    view! {
        <Router base=router_base>
            {
                let navigator = Navigator::of_router(&base);
                provide_context(navigator);
                Effect::new(move |_| {
                    if navigator.is_at_root() {
                        let params = navigator.params().get_untracked();
                        let manager = navigator.href_with(&Route::Segments, &params);
                        navigator.move_to(manager, History::Replace);
                    }
                });
                children().into_any()
            }
        </Router>
    }
}

impl From<Tool> for Route {
    fn from(tool: Tool) -> Self {
        match tool {
            Tool::Segmentation => Self::Segmentation,
            Tool::Funnel => Self::Funnel,
            Tool::Cohort => Self::Cohort,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    fn every_route() -> Vec<Route> {
        let ids = ["seg_1", "a/b", "50% off?", "Ärger & co", "..", "#1"];
        let mut routes = vec![
            Route::Segments,
            Route::Composer,
            Route::Segmentation,
            Route::Funnel,
            Route::Cohort,
            Route::Users,
            Route::Dictionary,
            Route::Data,
            Route::Preferences,
        ];
        for id in ids.map(str::to_owned) {
            routes.push(Route::Segment(id.clone()));
            routes.push(Route::ComposerOf(id.clone()));
            routes.push(Route::User(id));
        }
        routes
    }

    #[test]
    fn every_route_comes_back_from_its_path() {
        for route in every_route() {
            assert_eq!(Route::parse(&route.path()), Some(route.clone()));
            assert_eq!(Route::parse(&format!("/{}/", route.path())), Some(route));
        }
    }

    #[test]
    fn the_root_is_the_manager_and_the_rest_is_unknown() {
        assert_eq!(Route::parse("/"), Some(Route::Segments));
        for path in ["settings", "segments", "tools/x", "users/1/events", "nope"] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn every_route_has_a_title() {
        for route in every_route() {
            assert!(!route.title().is_empty());
        }
    }
}
