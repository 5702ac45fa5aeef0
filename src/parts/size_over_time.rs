//! How many users met a definition lately, as a small chart beside the size now.

use leptos::prelude::*;
use segments_charts::figures::Figures;
use segments_charts::scale::ValueScale;
use segments_format as format;
use segments_model::Instant;
use segments_model::history::{SizePoint, Sizes, SizesRequest};
use segments_ui::states::sentence;
use segments_ui::{Glyph, Icon};

use crate::client::{Client, Loader, Status};
use crate::shell::session::Session;

/// The drawing is stretched to the width that is there, so its marks are in thousandths.
const WHOLE: f64 = 1000.0;

/// Where the marks are, from the left and from the top.
#[derive(Clone, Debug, PartialEq)]
struct Marks {
    line: String,
    area: String,
    /// The height of the last point in percent.
    end: f64,
    /// The named sizes with their heights in percent.
    ticks: Vec<(f64, f64)>,
}

/// Between the round numbers around the sizes; sizes that are all the same are in the middle. Fewer than two are no course.
fn layout(sizes: &[u64]) -> Option<Marks> {
    let (least, greatest) = (*sizes.iter().min()?, *sizes.iter().max()?);
    if sizes.len() < 2 {
        return None;
    }
    let scale = if least == greatest {
        ValueScale::over(
            least.saturating_sub(1) as f64,
            (greatest + 1) as f64,
            2,
            Figures::Counts.steps(),
        )
    } else {
        ValueScale::over(least as f64, greatest as f64, 2, Figures::Counts.steps())
    };
    let top = |value: f64| (1.0 - scale.share(value)) * 100.0;
    let step = WHOLE / (sizes.len() - 1) as f64;
    let mut line = String::new();
    let mut end = 0.0;
    for (place, size) in sizes.iter().enumerate() {
        end = top(*size as f64);
        line.push(if place == 0 { 'M' } else { 'L' });
        line.push_str(&format!("{:.1} {:.1}", place as f64 * step, end * 10.0));
    }
    Some(Marks {
        area: format!("{line}V{WHOLE}H0Z"),
        line,
        end,
        ticks: scale.ticks.iter().map(|tick| (*tick, top(*tick))).collect(),
    })
}

/// What the chart says to those who do not see it.
fn describe(
    points: &[SizePoint],
    count: impl Fn(u64) -> String,
    date: impl Fn(Instant) -> String,
) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let lowest = points.iter().min_by_key(|point| point.users)?;
    // Of equal ones the first, as of the lowest.
    let highest = points.iter().rev().max_by_key(|point| point.users)?;
    let at = |point: &SizePoint| format!("{} on {}", count(point.users), date(day_of(point.at)));
    Some(format!(
        "Size over time, from {} to {}; lowest {}, highest {}",
        at(first),
        at(last),
        at(lowest),
        at(highest)
    ))
}

/// An instant of the unit that a point ends: a day is over at the midnight that begins the next one.
fn day_of(at: Instant) -> Instant {
    at.saturating_add_millis(-1)
}

/// The course of the size, asked for as soon as there is a definition and given up with the component.
#[component]
pub fn SizeOverTime(
    /// Of what; none: nothing is asked.
    #[prop(into)]
    of: Signal<Option<SizesRequest>>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let sizes = Loader::new(
        move || of.get(),
        move |request: SizesRequest| {
            let client = client.clone();
            async move { client.sizes(&request).await }
        },
    );
    let now = Session::expect().now();
    let body = move || {
        sizes.status().with(|status| match status {
            Status::Ready(sizes) => Some(chart(sizes, now.get_untracked())),
            Status::Failed(error, _) => Some(
                view! {
                    <p class="us-xs us-2 note" role="status">
                        <Icon
                            glyph=if error.is_unreachable() { Glyph::Offline } else { Glyph::Warning }
                            small=true
                        />
                        <span>
                            {format!("The last 30 days did not load. {} ", sentence(&error.to_string()))}
                            <button
                                class="us-link"
                                type="button"
                                on:click=move |_| sizes.reload()
                            >
                                "Try again"
                            </button>
                        </span>
                    </p>
                }
                .into_any(),
            ),
            Status::Slow(_) => {
                Some(view! { <span class="us-skel pv__skel" aria-hidden="true"></span> }.into_any())
            }
            Status::Loading(_) => None,
        })
    };
    // Its room is there from the beginning, so that nothing moves when it comes.
    view! {
        <div
            class="pv__course"
            aria-busy=move || sizes.status().with(Status::is_pending).to_string()
        >
            {body}
        </div>
    }
    .into_any()
}

fn chart(sizes: &Sizes, now: Instant) -> AnyView {
    let zone = sizes.stamp.time_zone.as_str();
    let users: Vec<u64> = sizes.points.iter().map(|point| point.users).collect();
    let (Some(marks), Some(first), Some(last)) =
        (layout(&users), sizes.points.first(), sizes.points.last())
    else {
        return ().into_any();
    };
    let date = |at: Instant| format::date(at, zone);
    let label = describe(
        &sizes.points,
        |users| format::plural(users, "user", "users"),
        date,
    );
    let from = date(day_of(first.at));
    let until = date(day_of(last.at));
    let until = if until == date(now) {
        "today".to_owned()
    } else {
        until
    };
    let values: Vec<f64> = marks.ticks.iter().map(|(value, _)| *value).collect();
    let ticks = marks
        .ticks
        .iter()
        .zip(Figures::Counts.write_ticks(&values))
        .map(|((_, top), name)| {
            let top = format!("{top:.2}%");
            view! {
                <line class="grid" x1="0" x2="100%" y1=top.clone() y2=top.clone()></line>
                <text x="100%" dx="6" y=top dy="4">
                    {name}
                </text>
            }
        })
        .collect_view();
    view! {
        <svg class="us-plot" height="92" data-series="0" role="img" aria-label=label>
            <svg y="6" height="66" width="100%">
                {ticks}
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">
                    <path class="area" d=marks.area></path>
                    <path class="line" d=marks.line></path>
                </svg>
                <circle class="dot dot--on" cx="100%" cy=format!("{:.2}%", marks.end) r="4"></circle>
                <text x="0" y="100%" dy="15">
                    {from}
                </text>
                <text x="100%" y="100%" dy="15" text-anchor="end">
                    {until}
                </text>
            </svg>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{describe, layout};
    use segments_model::Instant;
    use segments_model::history::SizePoint;

    #[test]
    fn the_course_lies_between_round_numbers() {
        let marks = layout(&[351, 446, 412]).unwrap();
        assert_eq!(marks.line, "M0.0 990.0L500.0 40.0L1000.0 380.0");
        assert_eq!(marks.area, format!("{}V1000H0Z", marks.line));
        assert!((marks.end - 38.0).abs() < 1e-9);
        assert_eq!(marks.ticks, [(350.0, 100.0), (400.0, 50.0), (450.0, 0.0)]);
    }

    #[test]
    fn what_never_changes_is_in_the_middle_and_one_point_is_no_course() {
        let marks = layout(&[7, 7]).unwrap();
        assert_eq!(marks.line, "M0.0 500.0L1000.0 500.0");
        let nobody = layout(&[0, 0]).unwrap();
        assert_eq!(nobody.line, "M0.0 1000.0L1000.0 1000.0");
        assert_eq!(layout(&[7]), None);
        assert_eq!(layout(&[]), None);
    }

    #[test]
    fn the_text_tells_ends_and_extremes_by_the_days_they_are_of() {
        let points: Vec<SizePoint> = [
            ("2026-10-25T00:00:00.000Z", 380),
            ("2026-10-26T00:00:00.000Z", 351),
            ("2026-10-27T00:00:00.000Z", 446),
            ("2026-10-28T00:00:00.000Z", 446),
            ("2026-10-28T09:14:00.000Z", 412),
        ]
        .map(|(at, users)| SizePoint {
            at: Instant::parse(at).unwrap(),
            users,
        })
        .to_vec();
        let date = |at: Instant| at.to_string()[5..10].to_owned();
        assert_eq!(
            describe(&points, |users| users.to_string(), date).as_deref(),
            Some(
                "Size over time, from 380 on 10-24 to 412 on 10-28; lowest 351 on 10-25, highest 446 on 10-26"
            )
        );
        assert_eq!(describe(&[], |users| users.to_string(), date), None);
    }
}
