//! The app: a shell around one page at a time.

mod nav;
mod page;
mod shortcuts;
mod topbar;

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use segments_ui::dom::{focus, is_dialog_open, is_typing, title_what_is_cut};
use segments_ui::task::{sleep, spawn};
use segments_ui::{Toaster, Toasts};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::client::Client;
use crate::client::config::{Boot, Configured};
use crate::shell::lazy::Arrivals;
use crate::shell::look::Look;
use crate::shell::route::{Navigator, Route, Routed};
use crate::shell::session::Session;
use nav::Nav;
use shortcuts::ShortcutsDialog;
use topbar::Topbar;

/// How long after the project has come the pages that are not there yet are loaded, in milliseconds.
const REST_AFTER_MS: u32 = 1_000;

/// The whole app, for a page that says in its boot element where it stands.
#[component]
pub fn App() -> impl IntoView {
    let boot = Boot::read();
    let base = boot.base.clone();
    let client = Client::new(Rc::new(Configured::new(boot)));
    view! {
        <Routed base>
            <Shell client=client.clone() />
        </Routed>
    }
}

/// Navigation, the bar above, and the page that the URL names.
#[component]
pub fn Shell(
    /// Asks the backend.
    client: Client,
) -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::start(&client);
    provide_context(client);
    provide_context(session);
    provide_context(Look::start());
    provide_context(Toaster::default());
    let arrivals = Arrivals::start();
    provide_context(arrivals);

    let main = NodeRef::<html::Main>::new();
    let route = navigator.route();
    let page = Memo::new(move |_| route.get().map(Route::page));
    let nav_open = RwSignal::new(false);
    let shortcuts_open = RwSignal::new(false);
    follow_page(page, arrivals, main, nav_open);
    name_window(navigator, session);
    load_the_rest(session);

    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.key() == "?" && !is_typing(&event) && !is_dialog_open() {
            event.prevent_default();
            shortcuts_open.set(true);
        } else if event.key() == "Escape" && nav_open.get_untracked() {
            nav_open.set(false);
        }
    });
    on_cleanup(move || keys.remove());

    let skip = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            focus(&main);
        }
    };
    view! {
        <a class="us-skip" href="#main" on:click=skip>
            "Skip to content"
        </a>
        <div class="us-app" on:pointerover=|event| title_what_is_cut(&event)>
            <Nav shortcuts_open />
            <Topbar nav_open />
            <main class="us-main" id="main" tabindex="-1" node_ref=main>
                {move || page::page(page.get())}
            </main>
        </div>
        <ShortcutsDialog open=shortcuts_open />
        <Toasts />
    }
}

/// After going to another page: its beginning is in sight and its heading has the focus, as soon as it is there.
fn follow_page(
    page: Memo<Option<Route>>,
    arrivals: Arrivals,
    main: NodeRef<html::Main>,
    nav_open: RwSignal<bool>,
) {
    let awaited = arrivals.awaited;
    let arrive = move || {
        let Some(main) = main.try_get_untracked().flatten() else {
            return;
        };
        main.set_scroll_top(0);
        let heading = main
            .query_selector("h1")
            .ok()
            .flatten()
            .and_then(|heading| heading.dyn_into::<HtmlElement>().ok());
        if let Some(heading) = heading {
            awaited.set_value(false);
            heading.set_tab_index(-1);
            focus(&heading);
        }
    };
    Effect::new(move |before: Option<Option<Route>>| {
        let page = page.get();
        arrivals.track();
        if before.is_some_and(|before| before != page) {
            nav_open.set(false);
            awaited.set_value(true);
        }
        if awaited.get_value() {
            request_animation_frame(arrive);
        }
        page
    });
}

/// Loads the other pages once this one has what it shows, one after the other, so that going to them takes no time.
fn load_the_rest(session: Session) {
    Effect::new(move |begun: Option<bool>| {
        if begun == Some(true) || session.project().map(|_| ()).is_none() {
            return begun == Some(true);
        }
        spawn(async {
            sleep(REST_AFTER_MS).await;
            page::load_the_rest().await;
        })
        .detach();
        true
    });
}

fn name_window(navigator: Navigator, session: Session) {
    let title = navigator.title();
    Effect::new(move |_| {
        let project = session.project().map(|project| project.value.name.clone());
        let title = title.get();
        document().set_title(&match project {
            Some(project) => format!("{title} · {project}"),
            None => title,
        });
    });
}
