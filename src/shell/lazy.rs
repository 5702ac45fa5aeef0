//! Chunks of the app that are loaded when they are needed.
//!
//! `lazy!` says where a chunk begins: a function with all that only it uses. `cargo xtask` builds with
//! `--cfg split_page` and cuts these chunks off the page's module; every other build has them in it, and there they are
//! simply there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use leptos::prelude::*;
use segments_ui::dom::focus;
use segments_ui::task::spawn;
use segments_ui::{Glyph, Icon};
use wasm_bindgen::JsCast as _;

use crate::client::config::Boot;
use crate::client::{Call, Fetch, Method, Transport as _};
use crate::shell::route::Navigator;

/// A chunk of the app could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A part of User Segments could not be loaded")]
pub struct NotLoaded;

#[cfg(split_page)]
impl From<wasm_split_helpers::SplitLoaderError> for NotLoaded {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// What comes of a chunk that may have to be loaded first.
pub type Loading<T> = Pin<Box<dyn Future<Output = Result<T, NotLoaded>>>>;

/// A function of a chunk. Made by `lazy!`.
pub struct Lazy<A: 'static, T: 'static> {
    load: fn() -> Loading<()>,
    run: fn(A) -> Loading<T>,
}

/// Declares a function that stands in a chunk of the app of its own: `lazy!(const NAME = chunk::function(argument: A) -> T { … })`.
/// Functions of the same chunk are loaded together.
macro_rules! lazy {
    (
        $(#[$meta:meta])*
        $vis:vis const $NAME:ident =
        $chunk:ident::$function:ident($argument:ident: $A:ty) -> $T:ty $body:block
    ) => {
        $(#[$meta])*
        $vis const $NAME: $crate::shell::lazy::Lazy<$A, $T> = {
            // Around a body of one call.
            #[allow(unused_braces)]
            #[cfg(split_page)]
            #[::wasm_split_helpers::wasm_split($chunk, fallible, preload(load))]
            fn $function($argument: $A) -> Result<$T, $crate::shell::lazy::NotLoaded> {
                Ok($body)
            }
            #[allow(unused_braces)]
            #[cfg(not(split_page))]
            async fn $function($argument: $A) -> Result<$T, $crate::shell::lazy::NotLoaded> {
                Ok($body)
            }
            #[cfg(not(split_page))]
            async fn load() -> Result<(), $crate::shell::lazy::NotLoaded> {
                Ok(())
            }
            $crate::shell::lazy::Lazy::new(
                || Box::pin(async { load().await.map_err(|_| $crate::shell::lazy::NotLoaded) }),
                |argument| Box::pin($function(argument)),
            )
        };
    };
}

pub(crate) use lazy;

impl<A, T> Lazy<A, T> {
    /// What `lazy!` makes.
    pub const fn new(load: fn() -> Loading<()>, run: fn(A) -> Loading<T>) -> Self {
        Self { load, run }
    }

    /// Loads the chunk unless it is there.
    pub fn load(&self) -> Loading<()> {
        (self.load)()
    }

    /// Loads the chunk unless it is there, and calls the function.
    pub fn call(&self, argument: A) -> Loading<T> {
        (self.run)(argument)
    }
}

impl<A: Clone + Send + Sync> Lazy<A, AnyView> {
    /// The function's view, once it is there; until then a skeleton, and a way out where it does not come.
    pub fn view(&self, place: LazyPlace, argument: A) -> AnyView {
        let run = self.run;
        lazily(place, self.load, Arc::new(move || run(argument.clone())))
    }
}

/// Where a chunk's view stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LazyPlace {
    /// It is the page.
    Page,
    /// It is what a dialog holds.
    Dialog,
    /// It is a piece of something.
    Inside,
}

/// Pages that come after the URL has changed: their heading gets the focus when it is there.
#[derive(Clone, Copy)]
pub struct Arrivals {
    count: RwSignal<u32>,
    /// Whether the page that is shown, or is to come, has not got the focus yet.
    pub awaited: StoredValue<bool>,
}

impl Arrivals {
    /// None yet, and none awaited.
    #[must_use]
    pub fn start() -> Self {
        Self {
            count: RwSignal::new(0),
            awaited: StoredValue::new(false),
        }
    }

    /// Makes the caller run again when a page came, or failed to come.
    pub fn track(self) {
        self.count.track();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChunkState {
    Waiting,
    Here,
    Missing { is_outdated: bool },
}

/// Not generic, because it is compiled once for each type that it is generic over.
fn lazily(
    place: LazyPlace,
    load: fn() -> Loading<()>,
    view: Arc<dyn Fn() -> Loading<AnyView> + Send + Sync>,
) -> AnyView {
    let state = RwSignal::new(ChunkState::Waiting);
    let arrivals = use_context::<Arrivals>().filter(|_| place == LazyPlace::Page);
    let begin = move || {
        let mut loading = load();
        let at_once = (&mut loading).now_or_never();
        // What is there already is shown without a skeleton in between.
        if at_once == Some(Ok(())) {
            state.set(ChunkState::Here);
            return;
        }
        state.set(ChunkState::Waiting);
        spawn(async move {
            let loaded = match at_once {
                Some(loaded) => loaded,
                None => loading.await,
            };
            let arrived = match loaded {
                Ok(()) => ChunkState::Here,
                Err(NotLoaded) => ChunkState::Missing {
                    is_outdated: is_outdated().await,
                },
            };
            state.try_set(arrived);
            if place == LazyPlace::Dialog {
                request_animation_frame(focus_in_dialog);
            } else if let Some(arrivals) = arrivals {
                arrivals.count.try_update(|count| *count += 1);
            }
        })
        .detach();
    };
    begin();
    let again = move || {
        if let Some(arrivals) = arrivals {
            arrivals.awaited.set_value(true);
        }
        begin();
    };
    (move || match state.get() {
        ChunkState::Waiting => waiting(place),
        ChunkState::Here => view()
            .now_or_never()
            .and_then(Result::ok)
            .unwrap_or_else(|| missing(place, false, again)),
        ChunkState::Missing { is_outdated } => missing(place, is_outdated, again),
    })
    .into_any()
}

/// A dialog that opened before its content was there has not found the field that gets the focus.
fn focus_in_dialog() {
    let field = document().query_selector("dialog[open] [autofocus]");
    if let Some(field) = field.ok().flatten().and_then(|field| field.dyn_into().ok()) {
        focus(&field);
    }
}

/// Whether the app's address leads to another version by now, which has other files.
async fn is_outdated() -> bool {
    let Boot { base, module, .. } = Boot::read();
    let page = Fetch::new(&base).send(Call::new(Method::Get, "/")).await;
    page.is_ok_and(|page| {
        page.status == 200 && !String::from_utf8_lossy(&page.body).contains(&module)
    })
}

fn class(place: LazyPlace) -> &'static str {
    match place {
        LazyPlace::Page => "us-page",
        LazyPlace::Dialog => "us-dialog__body",
        LazyPlace::Inside => "",
    }
}

/// The skeleton of index.html, so that a page that is opened first does not change its face on the way.
fn waiting(place: LazyPlace) -> AnyView {
    view! {
        <div class=class(place)>
            <div class="boot-wait" role="status">
                <span class="us-vh">"Loading"</span>
                <span class="us-skel"></span>
                <span class="us-skel"></span>
                <span class="us-skel"></span>
                <span class="us-skel"></span>
            </div>
        </div>
    }
    .into_any()
}

fn missing(place: LazyPlace, is_outdated: bool, retry: impl Fn() + 'static) -> AnyView {
    let heading = (place == LazyPlace::Page).then(|| {
        let title = Navigator::expect().title();
        view! {
            <header class="us-pagehead">
                <h1>{title}</h1>
            </header>
        }
    });
    let (glyph, title, detail, action) = if is_outdated {
        (
            Glyph::Refresh,
            "A new version of User Segments is available",
            "Reload to continue. Saved work is kept.",
            "Reload page",
        )
    } else {
        (
            Glyph::Offline,
            "This part of User Segments did not load",
            "Check your connection, then try again.",
            "Try again",
        )
    };
    let act = move |_| {
        if !is_outdated {
            retry();
        } else if let Some(window) = web_sys::window() {
            // A page that cannot be reloaded stays as it is, with its button.
            drop(window.location().reload());
        }
    };
    view! {
        <div class=class(place)>
            {heading}
            <div class="us-empty" role="alert">
                <Icon glyph />
                <h2>{title}</h2>
                <p>{detail}</p>
                <div class="us-row">
                    <button class="us-btn us-btn--primary" type="button" on:click=act>
                        {action}
                    </button>
                </div>
            </div>
        </div>
    }
    .into_any()
}
