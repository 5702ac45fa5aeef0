//! A calendar to choose a day, or a first and a last day, from.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use web_sys::KeyboardEvent;

use crate::dom::{all_below, focus};
use crate::icon::{Glyph, Icon};

/// How many months a wide calendar shows.
const MONTHS: u32 = 2;

/// How many years before and after the one shown can be chosen at once.
const YEARS: i32 = 10;

/// The first day of a month.
fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// A day so many months later, or the last one of a shorter month; days beyond the years 1 to 9999 stay as they are.
fn months_later(day: NaiveDate, months: i32) -> NaiveDate {
    let count = Months::new(months.unsigned_abs());
    let later = if months < 0 {
        day.checked_sub_months(count)
    } else {
        day.checked_add_months(count)
    };
    later.filter(can_be_said).unwrap_or(day)
}

fn days_later(day: NaiveDate, days: i64) -> NaiveDate {
    let count = Days::new(days.unsigned_abs());
    let later = if days < 0 {
        day.checked_sub_days(count)
    } else {
        day.checked_add_days(count)
    };
    later.filter(can_be_said).unwrap_or(day)
}

fn can_be_said(day: &NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// Where a key leads from a day; none: it is no key of a calendar.
fn moved(day: NaiveDate, key: &str, shift: bool) -> Option<NaiveDate> {
    let into_week = i64::from(day.weekday().num_days_from_monday());
    let page = if shift { 12 } else { 1 };
    Some(match key {
        "ArrowLeft" => days_later(day, -1),
        "ArrowRight" => days_later(day, 1),
        "ArrowUp" => days_later(day, -7),
        "ArrowDown" => days_later(day, 7),
        "Home" => days_later(day, -into_week),
        "End" => days_later(day, 6 - into_week),
        "PageUp" => months_later(day, -page),
        "PageDown" => months_later(day, page),
        _ => return None,
    })
}

/// The weeks of a month from Monday, with no day where another month's would stand.
fn weeks(month: NaiveDate) -> Vec<Vec<Option<NaiveDate>>> {
    let first = month_of(month);
    let before = first.weekday().num_days_from_monday() as usize;
    let days = first
        .iter_days()
        .take_while(|day| day.month() == first.month())
        .map(Some);
    let cells: Vec<_> = std::iter::repeat_n(None, before).chain(days).collect();
    cells
        .chunks(7)
        .map(|week| {
            let mut week = week.to_vec();
            week.resize(7, None);
            week
        })
        .collect()
}

/// The month to show first, so that a day is among those shown, moved as little as can be.
fn showing(day: NaiveDate, first: NaiveDate, shown: u32) -> NaiveDate {
    let place = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let ahead = place(day) - place(first);
    let last = i32::try_from(shown.saturating_sub(1)).unwrap_or(0);
    if ahead < 0 {
        month_of(day)
    } else if ahead > last {
        months_later(month_of(day), -last)
    } else {
        first
    }
}

/// The earlier of two days before the later.
fn in_order(one: NaiveDate, other: NaiveDate) -> (NaiveDate, NaiveDate) {
    (one.min(other), one.max(other))
}

/// A calendar with two months, one where there is little room, as the date grid of the ARIA Authoring Practices Guide: the
/// arrow keys move by days and weeks, Page Up and Page Down by months and with Shift by years, Home and End within the week,
/// Enter and Space choose. Of a first and a last day either may be chosen first; Escape gives up the one chosen.
#[component]
pub fn Calendar(
    #[prop(into)] label: String,
    /// The days that are chosen, from the first to the last.
    #[prop(into)]
    value: Signal<Option<(NaiveDate, NaiveDate)>>,
    /// Whether one day is chosen rather than a first and a last one.
    #[prop(optional)]
    single: bool,
    /// The day to mark as today.
    #[prop(into)]
    today: Signal<NaiveDate>,
    /// Called with the first and the last day; of a single day with it twice.
    on_change: Callback<(NaiveDate, NaiveDate)>,
) -> impl IntoView {
    let state = CalendarState::new(value, single, today, on_change);
    state.follow_value();
    let shown_months = move || {
        let first = state.month.get();
        (0..MONTHS)
            .map(|after| months_later(first, i32::try_from(after).unwrap_or(0)))
            .collect::<Vec<_>>()
    };
    let language = format::language();
    view! {
        <div
            class="us-cal"
            role="group"
            aria-label=label
            on:keydown=move |event| state.on_escape(&event)
        >
            <CalendarHead state language=language.clone() />
            <div
                class="us-cal__months"
                lang=language
                node_ref=state.months
                on:keydown=move |event| state.on_key(&event)
                on:mouseleave=move |_| state.hovered.set(None)
            >
                <For each=shown_months key=|month| *month let:month>
                    {grid(state, month)}
                </For>
            </div>
            <p class="us-vh" role="status">
                {move || state.status()}
            </p>
        </div>
    }
    .into_any()
}

/// A first and a last day.
type FirstAndLast = (NaiveDate, NaiveDate);

/// What a calendar knows and does, apart from how it looks. Cheap to copy.
#[derive(Clone, Copy)]
struct CalendarState {
    value: Signal<Option<FirstAndLast>>,
    single: bool,
    today: Signal<NaiveDate>,
    on_change: Callback<FirstAndLast>,
    /// The element of the months.
    months: NodeRef<html::Div>,
    /// The day that the keys move from.
    cursor: RwSignal<NaiveDate>,
    /// The first month that is shown.
    month: RwSignal<NaiveDate>,
    /// The day chosen while the other one is to be chosen.
    anchor: RwSignal<Option<NaiveDate>>,
    hovered: RwSignal<Option<NaiveDate>>,
    /// The day that was pressed last, for the calendar to stay there.
    own: StoredValue<Option<NaiveDate>>,
    /// The days that are chosen now.
    chosen: Memo<Option<FirstAndLast>>,
    /// The days that are or would be chosen.
    marked: Memo<Option<FirstAndLast>>,
}

impl CalendarState {
    fn new(
        value: Signal<Option<FirstAndLast>>,
        single: bool,
        today: Signal<NaiveDate>,
        on_change: Callback<FirstAndLast>,
    ) -> Self {
        let start = value
            .with_untracked(|value| value.map(|(first, last)| if single { first } else { last }));
        let start = start.unwrap_or_else(|| today.get_untracked());
        let cursor = RwSignal::new(start);
        let anchor = RwSignal::new(None::<NaiveDate>);
        let hovered = RwSignal::new(None::<NaiveDate>);
        let chosen = Memo::new(move |_| match anchor.get() {
            Some(anchor) => Some((anchor, anchor)),
            None => value.get(),
        });
        let marked = Memo::new(move |_| match anchor.get() {
            Some(anchor) => Some(in_order(
                anchor,
                hovered.get().unwrap_or_else(|| cursor.get()),
            )),
            None => value.get(),
        });
        Self {
            value,
            single,
            today,
            on_change,
            months: NodeRef::new(),
            cursor,
            month: RwSignal::new(if single {
                month_of(start)
            } else {
                months_later(month_of(start), -1)
            }),
            anchor,
            hovered,
            own: StoredValue::new(None),
            chosen,
            marked,
        }
    }

    /// Shows days that come from elsewhere, such as from a field.
    fn follow_value(self) {
        Effect::new(move |before: Option<Option<FirstAndLast>>| {
            let now = self.value.get();
            let pressed = self.own.try_update_value(Option::take).flatten();
            if let Some((first, last)) = now
                && before != Some(now)
                && pressed.is_none_or(|pressed| pressed != first && pressed != last)
            {
                let is_last = before.flatten().is_none_or(|(_, before)| before != last);
                self.anchor.set(None);
                let shows_last = is_last && !self.single;
                self.cursor.set(if shows_last { last } else { first });
            }
            if pressed.is_none() {
                request_animation_frame(move || {
                    if let Some(day) = self.cursor.try_get_untracked() {
                        self.reveal(day);
                    }
                });
            }
            now
        });
    }

    /// How many months there is room for.
    fn shown(self) -> u32 {
        let months = self.months.try_get_untracked().flatten();
        let count = months.map_or(0, |months| {
            all_below(&months, ".us-cal__month")
                .iter()
                .filter(|month| month.offset_width() > 0)
                .count()
        });
        u32::try_from(count).unwrap_or(MONTHS).max(1)
    }

    /// Shows the month of a day.
    fn reveal(self, day: NaiveDate) {
        self.month
            .try_update(|month| *month = showing(day, *month, self.shown()));
    }

    fn focus_cursor(self) {
        request_animation_frame(move || {
            // Both may be gone by the next frame.
            let months = self.months.try_get_untracked().flatten();
            let (Some(months), Some(day)) = (months, self.cursor.try_get_untracked()) else {
                return;
            };
            if let Some(cell) = all_below(&months, &format!("[data-day=\"{day}\"]")).first() {
                focus(cell);
            }
        });
    }

    /// Shows another month first.
    fn go(self, to: NaiveDate) {
        self.month.set(month_of(to));
        let at = self.cursor.get_untracked();
        if showing(at, to, self.shown()) != to {
            // The day that the keys move from stays in sight.
            let same = days_later(month_of(to), i64::from(at.day0()));
            let last = days_later(months_later(month_of(to), 1), -1);
            self.cursor.set(same.min(last));
        }
    }

    fn choose(self, day: NaiveDate) {
        self.cursor.set(day);
        let days = if self.single {
            (day, day)
        } else if let Some(anchor) = self.anchor.get_untracked() {
            in_order(anchor, day)
        } else {
            self.anchor.set(Some(day));
            return;
        };
        self.anchor.set(None);
        self.hovered.set(None);
        self.own.set_value(Some(day));
        self.on_change.run(days);
    }

    fn on_escape(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && self.anchor.get_untracked().is_some() {
            // What floats around the calendar gets the next one.
            event.prevent_default();
            event.stop_propagation();
            self.anchor.set(None);
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let from = self.cursor.get_untracked();
        if let Some(to) = moved(from, &event.key(), event.shift_key()) {
            event.prevent_default();
            self.hovered.set(None);
            self.cursor.set(to);
            self.reveal(to);
            self.focus_cursor();
        }
    }

    /// What a day is besides its name.
    fn part(self, day: NaiveDate) -> &'static str {
        self.chosen
            .get()
            .map_or("", |(first, last)| match (day == first, day == last) {
                _ if self.single => "",
                (true, true) if self.anchor.get().is_some() => ", selected",
                (true, true) => ", first and last day",
                (true, false) => ", first day",
                (false, true) => ", last day",
                (false, false) => "",
            })
    }

    /// What is chosen, in words.
    fn status(self) -> String {
        match (self.anchor.get(), self.value.get()) {
            (Some(day), _) => format!("{}. Choose the other day", format::whole_day(day)),
            (None, Some((first, last))) if !self.single && first == last => {
                format::whole_day(first)
            }
            (None, Some((first, last))) if !self.single => format!(
                "{} \u{2013} {}",
                format::whole_day(first),
                format::whole_day(last)
            ),
            (None, _) => String::new(),
        }
    }
}

/// Which month is shown, and how to get to another.
#[component]
fn CalendarHead(state: CalendarState, language: Option<String>) -> impl IntoView {
    let CalendarState { month, .. } = state;
    let month_number = Memo::new(move |_| month.get().month());
    let year = Memo::new(move |_| month.get().year());
    let month_options = move || {
        (1..=12)
            .filter_map(|number| NaiveDate::from_ymd_opt(2026, number, 1))
            .map(|day| {
                let number = day.month();
                view! {
                    <option
                        value=number.to_string()
                        prop:selected=move || month_number.get() == number
                    >
                        {format::month_name(day)}
                    </option>
                }
            })
            .collect_view()
    };
    let year_options = move || {
        let shown = year.get();
        (shown - YEARS..=shown + YEARS)
            .filter(|year| (1..=9999).contains(year))
            .map(|year| {
                view! {
                    <option value=year.to_string() prop:selected=year == shown>
                        {year}
                    </option>
                }
            })
            .collect_view()
    };
    let choose_month = move |event| {
        let number = event_target_value(&event).parse().ok();
        if let Some(to) = number.and_then(|number| month.get_untracked().with_month(number)) {
            state.go(to);
        }
    };
    let choose_year = move |event| {
        let year = event_target_value(&event).parse().ok();
        if let Some(to) = year.and_then(|year| month.get_untracked().with_year(year)) {
            state.go(to);
        }
    };
    view! {
        <div class="us-cal__head">
            <button
                class="us-btn us-btn--ghost us-btn--icon us-btn--sm"
                type="button"
                aria-label="Previous month"
                on:click=move |_| state.go(months_later(month.get_untracked(), -1))
            >
                <Icon glyph=Glyph::Left />
            </button>
            <span class="us-selectwrap">
                <select class="us-select" aria-label="Month" lang=language on:change=choose_month>
                    {month_options()}
                </select>
                <Icon glyph=Glyph::Down small=true />
            </span>
            <span class="us-selectwrap">
                <select class="us-select" aria-label="Year" on:change=choose_year>
                    {year_options}
                </select>
                <Icon glyph=Glyph::Down small=true />
            </span>
            <button
                class="us-btn us-btn--ghost us-btn--icon us-btn--sm"
                type="button"
                aria-label="Next month"
                on:click=move |_| state.go(months_later(month.get_untracked(), 1))
            >
                <Icon glyph=Glyph::Right />
            </button>
        </div>
    }
}

/// A month with its days.
fn grid(state: CalendarState, month: NaiveDate) -> AnyView {
    let heads: Vec<_> = weeks(month)
        .into_iter()
        .find(|week| week.iter().all(Option::is_some))
        .into_iter()
        .flatten()
        .flatten()
        .map(|day| {
            view! {
                <span role="columnheader" aria-label=format::weekday(day)>
                    {format::short_weekday(day)}
                </span>
            }
        })
        .collect();
    let rows = weeks(month)
        .into_iter()
        .map(|week| {
            let cells = week.into_iter().map(|day| match day {
                Some(day) => cell(state, day),
                None => view! { <span role="gridcell"></span> }.into_any(),
            });
            view! {
                <div class="us-cal__week" role="row">
                    {cells.collect_view()}
                </div>
            }
        })
        .collect_view();
    let title = format!("{} {}", format::month_name(month), month.year());
    view! {
        <div
            class="us-cal__month"
            role="grid"
            aria-label=title.clone()
            aria-multiselectable=(!state.single).then_some("true")
        >
            <div class="us-cal__title" aria-hidden="true">
                {title.clone()}
            </div>
            <div class="us-cal__week us-cal__heads" role="row">
                {heads}
            </div>
            {rows}
        </div>
    }
    .into_any()
}

/// A day to choose.
fn cell(state: CalendarState, day: NaiveDate) -> AnyView {
    let CalendarState {
        today,
        cursor,
        hovered,
        chosen,
        marked,
        ..
    } = state;
    let is_within = |days: Option<FirstAndLast>, day: NaiveDate| {
        days.is_some_and(|(first, last)| first <= day && day <= last)
    };
    let name = format::whole_day(day);
    view! {
        <button
            class="us-cal__day"
            class:is-in=move || is_within(marked.get(), day)
            class:is-first=move || marked.get().is_some_and(|(first, _)| first == day)
            class:is-last=move || marked.get().is_some_and(|(_, last)| last == day)
            type="button"
            role="gridcell"
            data-day=day.to_string()
            tabindex=move || if cursor.get() == day { "0" } else { "-1" }
            aria-label=move || format!("{name}{}", state.part(day))
            aria-selected=move || is_within(chosen.get(), day).to_string()
            aria-current=move || (today.get() == day).then_some("date")
            on:click=move |_| state.choose(day)
            on:focus=move |_| cursor.set(day)
            on:mouseenter=move |_| hovered.set(Some(day))
        >
            {day.day()}
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{in_order, months_later, moved, showing, weeks};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn keys_move_over_months_years_and_leap_days() {
        for (from, key, shift, to) in [
            ("2026-10-31", "ArrowRight", false, "2026-11-01"),
            ("2027-01-01", "ArrowLeft", false, "2026-12-31"),
            ("2024-03-01", "ArrowLeft", false, "2024-02-29"),
            ("2026-12-28", "ArrowDown", false, "2027-01-04"),
            ("2026-03-03", "ArrowUp", false, "2026-02-24"),
            ("2026-11-25", "Home", false, "2026-11-23"),
            ("2026-11-25", "End", false, "2026-11-29"),
            ("2026-11-23", "Home", false, "2026-11-23"),
            ("2026-11-29", "End", false, "2026-11-29"),
            ("2026-03-31", "PageUp", false, "2026-02-28"),
            ("2026-01-31", "PageDown", false, "2026-02-28"),
            ("2024-02-29", "PageDown", true, "2025-02-28"),
            ("2024-02-29", "PageUp", true, "2023-02-28"),
            ("9999-12-31", "ArrowRight", false, "9999-12-31"),
            ("0001-01-01", "PageUp", false, "0001-01-01"),
        ] {
            assert_eq!(
                moved(day(from), key, shift),
                Some(day(to)),
                "{key} from {from}"
            );
        }
        assert_eq!(moved(day("2026-11-25"), "a", false), None);
    }

    #[test]
    fn a_month_has_its_days_in_weeks_from_monday() {
        let november = weeks(day("2026-11-23"));
        assert_eq!(november.len(), 6);
        assert_eq!(november[0][5], None);
        assert_eq!(november[0][6], Some(day("2026-11-01")));
        assert_eq!(november[5][0], Some(day("2026-11-30")));
        assert_eq!(november[5][1], None);
        // 28 days from a Monday on.
        let february = weeks(day("2027-02-01"));
        assert_eq!(february.len(), 4);
        assert!(february.iter().flatten().all(Option::is_some));
        let leap = weeks(day("2024-02-10"));
        assert_eq!(leap.iter().flatten().flatten().count(), 29);
    }

    #[test]
    fn months_move_only_as_far_as_needed() {
        let october = day("2026-10-01");
        assert_eq!(showing(day("2026-11-23"), october, 2), october);
        assert_eq!(showing(day("2026-11-23"), october, 1), day("2026-11-01"));
        assert_eq!(showing(day("2027-01-05"), october, 2), day("2026-12-01"));
        assert_eq!(showing(day("2025-12-31"), october, 2), day("2025-12-01"));
        assert_eq!(months_later(day("2026-01-31"), 1), day("2026-02-28"));
    }

    #[test]
    fn two_days_are_put_in_order() {
        let (one, other) = (day("2026-11-23"), day("2026-10-25"));
        assert_eq!(in_order(one, other), (other, one));
        assert_eq!(in_order(other, one), (other, one));
        assert_eq!(in_order(one, one), (one, one));
    }
}
