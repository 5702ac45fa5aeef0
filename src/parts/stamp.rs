//! How many users, and what the number is true for.

use leptos::prelude::*;
use segments_format as format;
use segments_model::Instant;

/// How many users, and where that is known what share of all: `412 users, 5 % of 8,240`.
pub fn size_line(
    class: &'static str,
    users: u64,
    share: Option<(f64, u64)>,
) -> impl IntoView + use<> {
    let unit = if users == 1 { "user" } else { "users" };
    let of_all =
        share.map(|(share, all)| format!(", {} of {}", format::percent(share), format::count(all)));
    view! {
        <p class=format!("us-row {class}")>
            <span class="us-figure">{format::count(users)}</span>
            <span class="us-2">{unit} {of_all}</span>
        </p>
    }
}

/// What a number is true for: as of when, in which zone, whether exactly, and what else there is to say.
pub fn as_of_line(
    as_of: Instant,
    time_zone: &str,
    exact: bool,
    more: Option<(Option<(Instant, Instant)>, f64)>,
) -> impl IntoView + use<> {
    let at = |instant| format::date_time(instant, time_zone);
    let bounds = more.and_then(|(bounds, _)| bounds);
    let bounds = bounds.map(|(start, end)| format!("{} to {}", at(start), at(end)));
    let took = more.map(|(_, took)| format!("{} ms", format::decimal(took.round())));
    view! {
        <p class="us-asof">
            <span>
                "As of " <strong>{at(as_of)}</strong>
            </span>
            {bounds.map(|bounds| view! { <span>{bounds}</span> })}
            <span>{time_zone.to_owned()}</span>
            <span>
                <strong>{if exact { "Exact" } else { "Estimate" }}</strong>
            </span>
            {took.map(|took| view! { <span>{took}</span> })}
        </p>
    }
}
