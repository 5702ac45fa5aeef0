//! The date range of a query: a token that opens presets, a calendar and the form of every sort of range.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::range::{RangeForm, presets};
use segments_model::sentence::{self, range_days, range_title};
use segments_model::{Instant, Range, Stamp};
use segments_ui::{Choice, Combobox, Glyph, Icon, PopoverButton};

use crate::parts::field::Field;
use crate::parts::range_picker::{RangeForm, local_bounds, now, project_zone};

/// A range as a token with its absolute bounds; pressing it opens presets and a calendar.
#[component]
pub fn DateRangePicker(
    #[prop(into)] value: Signal<RangeForm>,
    /// The zone of its days.
    #[prop(into)]
    zone: Signal<String>,
    /// What the answer to this very range is true for, once there is one: tells the bounds.
    #[prop(into)]
    stamp: Signal<Option<Stamp>>,
    on_change: Callback<RangeForm>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let range = Memo::new(move |_| value.with(|value| Range::try_from(value).ok()));
    let bounds = local_bounds(value, zone, now());
    let spelled = Memo::new(move |_| {
        let stamped = stamp.with(|stamp| stamp.as_ref().and_then(stamp_words));
        stamped.or_else(|| bounds.get().map(sentence::bounds))
    });
    let button = move || {
        let words = range.get().map_or_else(
            || value.with(|value| value.kind.label().to_owned()),
            |range| range_title(&range),
        );
        let days = range
            .get()
            .zip(bounds.get())
            .and_then(|(range, bounds)| range_days(&range, bounds));
        let glyph = if range.with(Option::is_none) {
            Glyph::Warning
        } else {
            Glyph::Calendar
        };
        view! {
            <Icon glyph />
            <span class="range-token">
                {words} " " <span class="us-muted range-token__days">{days}</span>
            </span>
            <Icon glyph=Glyph::Down />
        }
    };
    let class = move || {
        let bad = if range.with(Option::is_none) {
            " us-tok--bad"
        } else {
            ""
        };
        format!("us-tok us-tok--fill{bad}")
    };
    view! {
        <PopoverButton
            class=Signal::derive(class)
            button=ViewFn::from(button)
            panel_label="Date range"
            panel_class="us-popover range-pop"
            open
        >
            <div class="range-pop__presets" role="group" aria-label="Ranges">
                {presets()
                    .into_iter()
                    .map(|preset| preset_button(preset, range, value, on_change, open))
                    .collect_view()}
            </div>
            <div class="range-pop__form">
                <RangeForm range=Field::of(value, on_change) zone words=false />
                <p class="us-help range-pop__bounds" role="status">
                    <Icon glyph=Glyph::Clock small=true />
                    <span>
                        {move || match spelled.get() {
                            Some(bounds) => format!("{bounds} \u{b7} {}", zone.get()),
                            None => "Incomplete range".to_owned(),
                        }}
                    </span>
                </p>
            </div>
        </PopoverButton>
    }
    .into_any()
}

fn preset_button(
    preset: Range,
    range: Memo<Option<Range>>,
    value: Signal<RangeForm>,
    on_change: Callback<RangeForm>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let name = range_title(&preset);
    let this = preset.clone();
    let is_chosen = move || range.with(|range| range.as_ref() == Some(&this));
    view! {
        <button
            class="range-pop__preset"
            type="button"
            aria-pressed=move || is_chosen().to_string()
            on:click=move |_| {
                on_change.run(value.with_untracked(|value| value.clone().with(&preset)));
                open.set(false);
            }
        >
            {name}
        </button>
    }
}

/// The bounds that an answer says: "25 Oct 2026 00:00 EDT to 23 Nov 2026, now".
fn stamp_words(stamp: &Stamp) -> Option<String> {
    let zone = &stamp.time_zone;
    let at = |instant: Instant| {
        format!(
            "{} {} {}",
            format::date(instant, zone),
            format::time(instant, zone),
            format::zone_word(instant, zone)
        )
    };
    let end = stamp.end?;
    if stamp.start == Some(end) {
        return None;
    }
    let end = if end == stamp.as_of {
        format!("{}, now", format::date(end, zone))
    } else {
        at(end)
    };
    Some(stamp.start.map_or_else(
        || format!("From the first event to {end}"),
        |start| format!("{} to {end}", at(start)),
    ))
}

/// The time zone of a query, as a token; none: the project's.
#[component]
pub fn ZonePicker(
    /// The IANA zone.
    #[prop(into)]
    value: Signal<Option<String>>,
    on_change: Callback<Option<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let project = project_zone();
    let now = now();
    let zone = move || value.get().unwrap_or_else(|| project.get());
    let button = move || {
        let words = value
            .get()
            .unwrap_or_else(|| format!("Project\u{2019}s zone ({})", project.get()));
        view! {
            <Icon glyph=Glyph::Globe />
            <span class="us-truncate">{words}</span>
            <Icon glyph=Glyph::Down />
        }
    };
    let choices = Signal::derive(|| {
        format::zones()
            .into_iter()
            .map(|zone| {
                // Found by typing "new york" too.
                let words = zone.replace('_', " ");
                Choice::new(zone).label(words)
            })
            .collect::<Vec<_>>()
    });
    let choose = Callback::new(move |chosen: Vec<String>| {
        if let Some(zone) = chosen.into_iter().next() {
            on_change.run(Some(zone));
            open.set(false);
        }
    });
    view! {
        <PopoverButton
            class="us-tok us-tok--fill"
            button=ViewFn::from(button)
            panel_label="Time zone"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <Combobox
                    label="Time zone"
                    placeholder="Search time zones"
                    choices
                    value=Signal::derive(move || vec![zone()])
                    on_change=choose
                    in_panel=true
                />
                <p class="us-help">
                    {move || format!("It is {} there", format::date_time(now.get(), &zone()))}
                </p>
                <Show when=move || value.with(Option::is_some)>
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |_| {
                            on_change.run(None);
                            open.set(false);
                        }
                    >
                        {move || format!("Use the project\u{2019}s zone ({})", project.get())}
                    </button>
                </Show>
            </div>
        </PopoverButton>
    }
    .into_any()
}
