//! Users: all of them or those in a segment, and one user beside the list.

mod chosen;
mod list;
mod profile;
mod sessions;
mod state;
mod timeline;

use leptos::prelude::*;

use crate::route::{Navigator, Route};
use list::{List, UserList};
use profile::Profile;

/// The list of users; with a user in the URL, that user beside it.
#[component]
pub fn UsersPage() -> impl IntoView {
    let navigator = Navigator::expect();
    let route = navigator.route();
    let users = UserList::start();
    let open = Memo::new(move |_| match route.get() {
        Some(Route::User(id)) => Some(id),
        _ => None,
    });
    view! {
        <div class="users-page" class:us-split-view=move || open.with(Option::is_some)>
            <section class="users-list" aria-label="List of users">
                <List users open />
            </section>
            {move || open.get().map(|id| view! { <Profile id users /> })}
        </div>
    }
}
