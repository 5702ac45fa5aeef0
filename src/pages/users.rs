//! Users: all of them or those in a segment, and one user beside the list.

mod chosen;
mod list;
mod profile;
mod selected;
mod sessions;
mod state;
mod timeline;
mod user_list;

use leptos::prelude::*;

use crate::shell::route::{Navigator, Route};
use list::UserListView;
use profile::Profile;
use user_list::UserList;

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
                <UserListView users open />
            </section>
            {move || open.get().map(|id| view! { <Profile id users /> })}
        </div>
    }
}
