//! When: a token that opens the form of a range.

use chrono::NaiveDate;
use leptos::prelude::*;
use segments_format as format;
use segments_forms::error::FormError;
use segments_forms::number::Entry;
use segments_forms::range::{RangeForm, RangeKind};
use segments_model::range::{CalendarUnit, LocalBounds};
use segments_model::{Instant, sentence};
use segments_ui::{Calendar, PopoverButton};

use crate::parts::fields::{DayField, NumberField, Select};
use crate::shell::lazy::{Loading, Place, lazy};
use crate::shell::session::Session;

/// The clock of the page, every now and then; on its own, once.
pub(super) fn now() -> Signal<Instant> {
    use_context::<Session>().map_or_else(
        || Signal::stored(Instant::from_millis_saturating(js_sys::Date::now() as i64)),
        |session| session.now().into(),
    )
}

/// The project's time zone.
pub(super) fn project_zone() -> Signal<String> {
    use_context::<Session>().map_or_else(
        || Signal::stored("UTC".to_owned()),
        |session| session.zone().into(),
    )
}

/// The local bounds of what a form says now, in a time zone; none while it says nothing.
pub(super) fn local_bounds(
    value: Signal<RangeForm>,
    zone: Signal<String>,
    now: Signal<Instant>,
) -> Memo<Option<LocalBounds>> {
    Memo::new(move |_| {
        let range = value.with(RangeForm::range).ok()?;
        zone.with(|zone| {
            Some(range.local_bounds(now.get(), |instant| format::local(instant, zone)))
        })
    })
}

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
    value: Signal<RangeForm>,
    /// Called with each change.
    on_change: Callback<RangeForm>,
) -> impl IntoView {
    let wrong = Memo::new(move |_| value.with(|value| value.range().is_err()));
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if wrong.get() { "us-tok us-tok--val us-tok--bad" } else { "us-tok us-tok--val" }
                    .to_owned()
            })
            button=ViewFn::from(move || value.with(RangeForm::words))
            panel_label="When"
            panel_class="us-popover range-pick"
        >
            <div class="us-popover__body">
                <RangeForm value on_change />
            </div>
        </PopoverButton>
    }
}

/// The form of a range, with its calendar.
#[component]
pub fn RangeForm(
    /// The range.
    #[prop(into)]
    value: Signal<RangeForm>,
    /// Called with each change.
    on_change: Callback<RangeForm>,
    /// The zone of its days; none: the project's.
    #[prop(into, optional)]
    zone: Option<Signal<String>>,
    /// Whether it says the range in words below.
    #[prop(default = true)]
    words: bool,
) -> impl IntoView {
    FORM.view(Place::Inside, (value, on_change, zone, words))
}

/// The props of the form.
type Props = (
    Signal<RangeForm>,
    Callback<RangeForm>,
    Option<Signal<String>>,
    bool,
);

lazy! {
    const FORM = dates::range_form(props: Props) -> AnyView { form(props) }
}

/// Loads the form.
pub fn load() -> Loading<()> {
    FORM.load()
}

fn form((value, on_change, zone, words): Props) -> AnyView {
    let zone = zone.unwrap_or_else(project_zone);
    let now = now();
    let bounds = local_bounds(value, zone, now);
    let today = Memo::new(move |_| zone.with(|zone| format::local(now.get(), zone).date()));
    let change = move |change: &dyn Fn(&mut RangeForm)| {
        let mut form = value.get_untracked();
        change(&mut form);
        on_change.run(form);
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
    let units = |word: fn(CalendarUnit) -> &'static str| {
        CalendarUnit::ALL
            .into_iter()
            .map(|unit| (unit, word(unit)))
            .collect::<Vec<_>>()
    };
    let number = move |label: &'static str,
                       place: &'static str,
                       get: fn(&RangeForm) -> Entry,
                       set: fn(&mut RangeForm, Entry)| {
        view! {
            <NumberField
                label
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |entry: Entry| change(&|form| set(form, entry.clone())))
                error=error_at(errors, place)
            />
        }
    };
    let unit = move |label: &'static str,
                     word: fn(CalendarUnit) -> &'static str,
                     get: fn(&RangeForm) -> CalendarUnit,
                     set: fn(&mut RangeForm, CalendarUnit)| {
        view! {
            <Select
                label
                options=units(word)
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |unit| change(&|form| set(form, unit)))
            />
        }
    };
    let day = move |label: &'static str,
                    place: &'static str,
                    get: fn(&RangeForm) -> String,
                    set: fn(&mut RangeForm, String)| {
        view! {
            <DayField
                label
                value=Signal::derive(move || value.with(get))
                on_change=Callback::new(move |day: String| change(&|form| set(form, day.clone())))
                error=error_at(errors, place)
            />
        }
    };
    let fields = move || {
        match kind.get() {
        RangeKind::Last | RangeKind::Complete => view! {
            <div class="query-pair">
                {number("How many", "/count", |form| form.count.clone(), |form, count| form.count = count)}
                {unit("Of what", plural_word, |form| form.unit, |form, unit| form.unit = unit)}
            </div>
        }
        .into_any(),
        RangeKind::This => unit("What", CalendarUnit::word, |form| form.unit, |form, unit| form.unit = unit).into_any(),
        RangeKind::Between => view! {
            <div class="query-pair">
                {day("First day", "/from", |form| form.from.clone(), |form, day| form.from = day)}
                {day("Last day", "/to", |form| form.to.clone(), |form, day| form.to = day)}
            </div>
            <Calendar
                label="First and last day"
                value=Signal::derive(move || value.with(|value| value.days(today.get())))
                today
                on_change=Callback::new(move |(from, to): (NaiveDate, NaiveDate)| {
                    change(&|form| {
                        form.from = from.to_string();
                        form.to = to.to_string();
                    });
                })
            />
        }
        .into_any(),
        RangeKind::Since => {
            view! {
                {day("First day", "/from", |form| form.from.clone(), |form, day| form.from = day)}
                <Calendar
                    label="First day"
                    value=Signal::derive(move || value.with(|value| value.days(today.get())))
                    single=true
                    today
                    on_change=Callback::new(move |(from, _): (NaiveDate, NaiveDate)| {
                        change(&|form| form.from = from.to_string());
                    })
                />
            }
            .into_any()
        }
        RangeKind::Ago => view! {
            <div class="query-pair">
                {number("From", "/from", |form| form.ago_from.clone(), |form, count| form.ago_from = count)}
                {unit("Unit of the start", plural_word, |form| form.ago_from_unit, |form, unit| form.ago_from_unit = unit)}
            </div>
            <div class="query-pair">
                {number("To", "/to", |form| form.ago_to.clone(), |form, count| form.ago_to = count)}
                {unit("Unit of the end", plural_word, |form| form.ago_to_unit, |form, unit| form.ago_to_unit = unit)}
            </div>
        }
        .into_any(),
        RangeKind::AllTime => view! { <p class="us-help">"Everything that the data has."</p> }.into_any(),
        RangeKind::Instants => view! {
            <p class="us-help">{move || value.with(RangeForm::words)}</p>
        }
        .into_any(),
    }
    };
    let choose_kind = Callback::new(move |kind| {
        on_change.run(value.get_untracked().of_kind(kind, bounds.get_untracked()));
    });
    let in_words = move || match kind.get() {
        RangeKind::AllTime | RangeKind::Instants => None,
        _ => value
            .with(|value| value.range().ok())
            .map(|range| sentence::range(&range)),
    };
    view! {
        <Select label="When" options=kinds() value=kind on_change=choose_kind />
        {fields}
        {words.then(|| view! { <p class="us-help" role="status">{in_words}</p> })}
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
