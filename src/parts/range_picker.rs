//! When: a token that opens the form of a range.

use chrono::NaiveDate;
use leptos::prelude::*;
use segments_format as format;
use segments_forms::error::FormError;
use segments_forms::number::Entry;
use segments_forms::range::{RangeForm, RangeKind};
use segments_model::range::{CalendarUnit, LocalBounds};
use segments_model::{Instant, Range, sentence};
use segments_ui::{Calendar, PopoverButton};

use crate::parts::field::Field;
use crate::parts::fields::{DayField, NumberField, Select, error_at, token_class};
use crate::shell::lazy::{LazyPlace, Loading, lazy};
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
        let range = value.with(|value| Range::try_from(value)).ok()?;
        zone.with(|zone| {
            Some(range.local_bounds(now.get(), |instant| format::local(instant, zone)))
        })
    })
}

/// A range as a token; pressing it opens its form.
#[component]
pub fn RangePicker(range: Field<RangeForm>) -> impl IntoView {
    let wrong = range.memo(|range| Range::try_from(range).is_err());
    view! {
        <PopoverButton
            class=token_class("us-tok us-tok--val", move || wrong.get())
            button=ViewFn::from(move || range.with(RangeForm::words))
            panel_label="When"
            panel_class="us-popover range-pick"
        >
            <div class="us-popover__body">
                <RangeForm range />
            </div>
        </PopoverButton>
    }
}

/// The form of a range, with its calendar.
#[component]
pub fn RangeForm(
    range: Field<RangeForm>,
    /// The zone of its days; none: the project's.
    #[prop(into, optional)]
    zone: Option<Signal<String>>,
    /// Whether it says the range in words below.
    #[prop(default = true)]
    words: bool,
) -> impl IntoView {
    FORM.view(LazyPlace::Inside, (range, zone, words))
}

type Props = (Field<RangeForm>, Option<Signal<String>>, bool);

lazy! {
    const FORM = dates::range_form(props: Props) -> AnyView { form(props) }
}

pub fn load() -> Loading<()> {
    FORM.load()
}

fn form((range, zone, words): Props) -> AnyView {
    let zone = zone.unwrap_or_else(project_zone);
    let now = now();
    let bounds = local_bounds(range.value(), zone, now);
    let today = Memo::new(move |_| zone.with(|zone| format::local(now.get(), zone).date()));
    let fields = Fields {
        range,
        errors: Signal::derive(move || {
            range.with(|range| Range::try_from(range).err().unwrap_or_default())
        }),
        today,
    };
    let kind = range.memo(|range| range.kind);
    let kinds = move || {
        let mut kinds: Vec<_> = RangeKind::CHOICES
            .into_iter()
            .map(|kind| (kind, kind.label()))
            .collect();
        if untrack(|| range.with(|range| range.instants.is_some())) {
            kinds.push((RangeKind::Instants, RangeKind::Instants.label()));
        }
        kinds
    };
    let choose_kind = Callback::new(move |kind| {
        let bounds = bounds.get_untracked();
        range.update(|range| *range = std::mem::take(range).of_kind(kind, bounds));
    });
    let in_words = move || match kind.get() {
        RangeKind::AllTime | RangeKind::Instants => None,
        _ => {
            let range = range.with(|range| Range::try_from(range).ok())?;
            Some(sentence::range(&range))
        }
    };
    view! {
        <Select label="When" options=kinds() value=kind on_change=choose_kind />
        {move || fields.of(kind.get())}
        {words.then(|| view! { <p class="us-help" role="status">{in_words}</p> })}
    }
    .into_any()
}

/// The fields of a range.
#[derive(Clone, Copy)]
struct Fields {
    range: Field<RangeForm>,
    errors: Signal<Vec<FormError>>,
    today: Memo<NaiveDate>,
}

impl Fields {
    fn of(self, kind: RangeKind) -> AnyView {
        let number = |label, place, part| self.number(label, place, part);
        let unit = |label, part| self.unit(label, plural_word, part);
        let day = |label, place, part| self.day(label, place, part);
        match kind {
            RangeKind::Last | RangeKind::Complete => view! {
                <div class="query-pair">
                    {number("How many", "/count", |range| &mut range.count)}
                    {unit("Of what", |range| &mut range.unit)}
                </div>
            }
            .into_any(),
            RangeKind::This => self.unit("What", CalendarUnit::word, |range| &mut range.unit),
            RangeKind::Between => view! {
                <div class="query-pair">
                    {day("First day", "/from", |range| &mut range.from)}
                    {day("Last day", "/to", |range| &mut range.to)}
                </div>
                {self.calendar("First and last day", false)}
            }
            .into_any(),
            RangeKind::Since => view! {
                {day("First day", "/from", |range| &mut range.from)}
                {self.calendar("First day", true)}
            }
            .into_any(),
            RangeKind::Ago => view! {
                <div class="query-pair">
                    {number("From", "/from", |range| &mut range.ago_from)}
                    {unit("Unit of the start", |range| &mut range.ago_from_unit)}
                </div>
                <div class="query-pair">
                    {number("To", "/to", |range| &mut range.ago_to)}
                    {unit("Unit of the end", |range| &mut range.ago_to_unit)}
                </div>
            }
            .into_any(),
            RangeKind::AllTime => {
                view! { <p class="us-help">"All data, with no time limit."</p> }.into_any()
            }
            RangeKind::Instants => {
                let range = self.range;
                view! { <p class="us-help">{move || range.with(RangeForm::words)}</p> }.into_any()
            }
        }
    }

    fn error(self, place: &'static str) -> Signal<Option<String>> {
        error_at(self.errors, move |error| error.is_within(place))
    }

    fn number(
        self,
        label: &'static str,
        place: &'static str,
        part: fn(&mut RangeForm) -> &mut Entry,
    ) -> AnyView {
        let field = self.range.part(part);
        view! {
            <NumberField
                label
                value=field.value()
                on_change=field.on_change()
                error=self.error(place)
            />
        }
        .into_any()
    }

    fn unit(
        self,
        label: &'static str,
        word: fn(CalendarUnit) -> &'static str,
        part: fn(&mut RangeForm) -> &mut CalendarUnit,
    ) -> AnyView {
        let field = self.range.part(part);
        let units = CalendarUnit::ALL.into_iter();
        let options = units.map(|unit| (unit, word(unit))).collect();
        view! { <Select label options value=field.value() on_change=field.on_change() /> }
            .into_any()
    }

    fn day(
        self,
        label: &'static str,
        place: &'static str,
        part: fn(&mut RangeForm) -> &mut String,
    ) -> AnyView {
        let field = self.range.part(part);
        view! {
            <DayField
                label
                value=field.value()
                on_change=field.on_change()
                error=self.error(place)
            />
        }
        .into_any()
    }

    fn calendar(self, label: &'static str, single: bool) -> AnyView {
        let Self { range, today, .. } = self;
        view! {
            <Calendar
                label
                value=Signal::derive(move || range.with(|range| range.days(today.get())))
                single
                today
                on_change=Callback::new(move |(from, to): (NaiveDate, NaiveDate)| {
                    range
                        .update(|range| {
                            range.from = from.to_string();
                            if !single {
                                range.to = to.to_string();
                            }
                        });
                })
            />
        }
        .into_any()
    }
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
