//! When: a token that opens the form of a range.

use leptos::prelude::*;
use segments_model::range::CalendarUnit;
use segments_model::sentence;

use super::fields::{DayField, NumberField, Select};
use super::form::FormError;
use super::number::Entry;
use super::range::{RangeDraft, RangeKind};
use crate::ui::PopoverButton;

/// The error at a place, or none.
#[must_use]
pub(super) fn error_at(
    errors: Signal<Vec<FormError>>,
    place: &'static str,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        errors.with(|errors| {
            errors
                .iter()
                .find(|error| error.is_within(place))
                .map(|error| error.detail.clone())
        })
    })
}

/// A range as a token; pressing it opens its form.
#[component]
pub fn RangePicker(
    /// The range.
    #[prop(into)]
    value: Signal<RangeDraft>,
    /// Called with each change.
    on_change: Callback<RangeDraft>,
) -> impl IntoView {
    let wrong = Memo::new(move |_| value.with(|value| value.range().is_err()));
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if wrong.get() { "us-tok us-tok--val us-tok--bad" } else { "us-tok us-tok--val" }
                    .to_owned()
            })
            button=ViewFn::from(move || value.with(RangeDraft::words))
            panel_label="When"
        >
            <div class="us-popover__body">
                <RangeForm value on_change />
            </div>
        </PopoverButton>
    }
}

/// The form of a range.
#[component]
pub fn RangeForm(
    /// The range.
    #[prop(into)]
    value: Signal<RangeDraft>,
    /// Called with each change.
    on_change: Callback<RangeDraft>,
) -> impl IntoView {
    let change = move |change: &dyn Fn(&mut RangeDraft)| {
        let mut draft = value.get_untracked();
        change(&mut draft);
        on_change.run(draft);
    };
    let errors =
        Signal::derive(move || value.with(|value| value.range().err().unwrap_or_default()));
    let kind = Memo::new(move |_| value.with(|value| value.kind));
    let kinds = move || {
        let mut kinds: Vec<_> = RangeKind::CHOICES
            .into_iter()
            .map(|kind| (kind, kind.label()))
            .collect();
        if value.with_untracked(|value| value.instants.is_some()) {
            kinds.push((RangeKind::Instants, RangeKind::Instants.label()));
        }
        kinds
    };
    let units = || {
        CalendarUnit::ALL
            .into_iter()
            .map(|unit| (unit, plural_word(unit)))
            .collect::<Vec<_>>()
    };
    let number = move |label: &'static str,
                       place: &'static str,
                       get: fn(&RangeDraft) -> Entry,
                       set: fn(&mut RangeDraft, Entry)| {
        view! {
            <NumberField
                label
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |entry: Entry| change(&|draft| set(draft, entry.clone())))
                error=error_at(errors, place)
            />
        }
    };
    let unit = move |label: &'static str,
                     get: fn(&RangeDraft) -> CalendarUnit,
                     set: fn(&mut RangeDraft, CalendarUnit)| {
        view! {
            <Select
                label
                options=units()
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |unit| change(&|draft| set(draft, unit)))
            />
        }
    };
    let day = move |label: &'static str,
                    place: &'static str,
                    get: fn(&RangeDraft) -> String,
                    set: fn(&mut RangeDraft, String)| {
        view! {
            <DayField
                label
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |day: String| change(&|draft| set(draft, day.clone())))
                error=error_at(errors, place)
            />
        }
    };
    let fields = move || {
        match kind.get() {
        RangeKind::Last | RangeKind::Complete => view! {
            <div class="query-pair">
                {number("How many", "/count", |draft| draft.count.clone(), |draft, count| draft.count = count)}
                {unit("Of what", |draft| draft.unit, |draft, unit| draft.unit = unit)}
            </div>
        }
        .into_any(),
        RangeKind::This => unit("Of what", |draft| draft.unit, |draft, unit| draft.unit = unit).into_any(),
        RangeKind::Between => view! {
            <div class="query-pair">
                {day("First day", "/from", |draft| draft.from.clone(), |draft, day| draft.from = day)}
                {day("Last day", "/to", |draft| draft.to.clone(), |draft, day| draft.to = day)}
            </div>
        }
        .into_any(),
        RangeKind::Since => {
            day("First day", "/from", |draft| draft.from.clone(), |draft, day| draft.from = day).into_any()
        }
        RangeKind::Ago => view! {
            <div class="query-pair">
                {number("From", "/from", |draft| draft.ago_from.clone(), |draft, count| draft.ago_from = count)}
                {unit("Unit of the start", |draft| draft.ago_from_unit, |draft, unit| draft.ago_from_unit = unit)}
            </div>
            <div class="query-pair">
                {number("To", "/to", |draft| draft.ago_to.clone(), |draft, count| draft.ago_to = count)}
                {unit("Unit of the end", |draft| draft.ago_to_unit, |draft, unit| draft.ago_to_unit = unit)}
            </div>
        }
        .into_any(),
        RangeKind::AllTime => view! { <p class="us-help">"Everything that the data has."</p> }.into_any(),
        RangeKind::Instants => view! {
            <p class="us-help">{move || value.with(RangeDraft::words)}</p>
        }
        .into_any(),
    }
    };
    view! {
        <Select
            label="When"
            options=kinds()
            value=kind
            on_change=Callback::new(move |kind| change(&|draft| draft.kind = kind))
        />
        {fields}
        <p class="us-help" role="status">
            {move || match kind.get() {
                RangeKind::AllTime | RangeKind::Instants => None,
                _ => value.with(|value| value.range().ok()).map(|range| sentence::range(&range)),
            }}
        </p>
    }
    .into_any()
}

const fn plural_word(unit: CalendarUnit) -> &'static str {
    match unit {
        CalendarUnit::Hour => "hours",
        CalendarUnit::Day => "days",
        CalendarUnit::Week => "weeks",
        CalendarUnit::Month => "months",
        CalendarUnit::Quarter => "quarters",
        CalendarUnit::Year => "years",
    }
}
