//! What the figures of an answer are true for: as of, bounds, zone, unit, exactness.

use leptos::prelude::*;
use segments_format as format;
use segments_model::Stamp;
use segments_model::stamp::Unit;

/// What the figures above are true for.
#[component]
pub fn AsOf(
    #[prop(into)] stamp: Signal<Stamp>,
    /// The unit in words, where it is another than the stamp's: `A users, B USD`.
    #[prop(into, optional)]
    unit: Option<Signal<String>>,
    /// Whether a condition or a breakdown is by user properties, which are known as they are now only.
    #[prop(into, optional)]
    by_user_properties: Signal<bool>,
) -> impl IntoView {
    let parts = move || stamp.with(|stamp| parts(stamp, unit.map(|unit| unit.get())));
    view! {
        <p class="us-asof">
            {move || {
                let [as_of, bounds, zone, unit, exact] = parts();
                let as_of = as_of.trim_start_matches("As of ").to_owned();
                view! {
                    <span>"As of " <strong>{as_of}</strong></span>
                    <span>{bounds}</span>
                    <span>{zone}</span>
                    <span>{unit}</span>
                    <span>
                        <strong>{exact}</strong>
                    </span>
                }
            }}
            <Show when=move || by_user_properties.get()>
                <span>"User properties are current values"</span>
            </Show>
        </p>
    }
}

/// The same as texts, for files: each part by itself. `unit` is the unit in words, where it is another than the stamp's.
#[must_use]
pub fn parts(stamp: &Stamp, unit: Option<String>) -> [String; 5] {
    let of_stamp = || match stamp.unit {
        Unit::Users => "Unique users".to_owned(),
        Unit::Events => "Events".to_owned(),
    };
    [
        format!("As of {}", format::date_time(stamp.as_of, &stamp.time_zone)),
        bounds(stamp),
        stamp.time_zone.clone(),
        unit.unwrap_or_else(of_stamp),
        if stamp.exact { "Exact" } else { "Estimate" }.to_owned(),
    ]
}

fn bounds(stamp: &Stamp) -> String {
    let zone = stamp.time_zone.as_str();
    let bound = |instant| format::bound(instant, zone);
    match (stamp.start, stamp.end) {
        (Some(start), Some(end)) => {
            let range = format!("{} to {}", bound(start), bound(end));
            match format::days(start, end, zone) {
                Some(days) => format!("{range}, {}", format::plural(days, "day", "days")),
                None => range,
            }
        }
        (Some(start), None) => format!("from {}", bound(start)),
        (None, Some(end)) => format!("everything before {}", bound(end)),
        (None, None) => "all time".to_owned(),
    }
}
