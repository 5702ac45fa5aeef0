use chrono::{DateTime, FixedOffset, TimeDelta};

use crate::golden;
use crate::scene::{Mark, Scene, Shape};
use crate::time::layout::{Room, Sides, TimeLayout, layout};
use crate::time::{Figures, TimeBucket, TimeChart, TimeKind, TimeSeries};

const WIDE: Room = Room {
    width: 864.0,
    height: 252.0,
    axis: true,
};
const PHONE: Room = Room {
    width: 326.0,
    height: 252.0,
    axis: true,
};

/// For files that are not too long to be read.
const SMALL: Room = Room {
    width: 180.0,
    height: 120.0,
    axis: true,
};

/// Figures as short as they come.
fn names(figures: Figures, ticks: &[f64]) -> Vec<String> {
    ticks
        .iter()
        .map(|tick| match figures {
            Figures::Shares => format!("{}%", (tick * 100.0).round()),
            _ => tick.to_string(),
        })
        .collect()
}

fn put(chart: &TimeChart, room: Room) -> TimeLayout {
    layout(chart, room, Sides::of(chart, room, &names), &names)
}

fn first() -> DateTime<FixedOffset> {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

fn buckets(count: usize) -> Vec<TimeBucket> {
    (0..count)
        .map(|place| TimeBucket {
            short: format!("{} Nov", place + 1),
            long: format!("{} Nov 2026", place + 1),
            complete: true,
            // 1 Nov 2026 is a Sunday.
            weekend: matches!(place % 7, 0 | 6),
            start: Some(first() + TimeDelta::days(place as i64)),
        })
        .collect()
}

fn series(name: &str, style: usize, values: &[f64]) -> TimeSeries {
    TimeSeries {
        name: name.to_owned(),
        unit: "users".to_owned(),
        style,
        values: values.iter().copied().map(Some).collect(),
        previous: Vec::new(),
        running_from: None,
    }
}

/// Two weeks of three devices.
fn chart(kind: TimeKind) -> TimeChart {
    TimeChart {
        kind,
        buckets: buckets(14),
        series: vec![
            series(
                "Mobile",
                0,
                &[
                    106.0, 104.0, 98.0, 93.0, 98.0, 97.0, 95.0, 112.0, 107.0, 100.0, 168.0, 126.0,
                    111.0, 114.0,
                ],
            ),
            series(
                "Desktop",
                1,
                &[
                    60.0, 59.0, 81.0, 77.0, 77.0, 79.0, 83.0, 60.0, 60.0, 83.0, 123.0, 96.0, 89.0,
                    61.0,
                ],
            ),
            series("Tablet", 2, &[13.0; 14]),
        ],
        figures: Figures::Counts,
    }
}

fn compared(kind: TimeKind) -> TimeChart {
    let mut chart = chart(kind);
    for series in &mut chart.series {
        series.previous = series
            .values
            .iter()
            .rev()
            .map(|value| value.map(|value| value - 5.0))
            .collect();
    }
    chart
}

fn gaps(kind: TimeKind) -> TimeChart {
    let mut chart = chart(kind);
    chart.series[0].values[3] = None;
    chart.series[0].values[4] = None;
    // One alone between two gaps, and a series that ends early.
    chart.series[1].values[6] = None;
    chart.series[1].values[8] = None;
    for place in 5..14 {
        chart.series[2].values[place] = None;
    }
    chart
}

fn negative(kind: TimeKind) -> TimeChart {
    let mut chart = chart(kind);
    chart.series.truncate(2);
    for (place, value) in chart.series[1].values.iter_mut().enumerate() {
        *value = value.map(|value| if place % 3 == 0 { value } else { -value });
    }
    chart.figures = Figures::Numbers;
    chart
}

fn unfinished(kind: TimeKind) -> TimeChart {
    let mut chart = chart(kind);
    chart.buckets[0].complete = false;
    chart.buckets[13].complete = false;
    chart
}

/// Ten thousand hours of two series, with a spike up and one down.
fn many(kind: TimeKind) -> TimeChart {
    let course = |shift: usize| -> Vec<f64> {
        (0..10_000)
            .map(|place| match place + shift {
                4_321 => 400.0,
                7_777 => 1.0,
                place => 100.0 + (place * 7_919 % 97) as f64 / 2.0 + (place / 500) as f64,
            })
            .collect()
    };
    TimeChart {
        kind,
        buckets: (0..10_000)
            .map(|place| TimeBucket {
                short: format!("{}:00", place % 24),
                long: format!("hour {place}"),
                complete: true,
                weekend: place / 24 % 7 > 4,
                start: Some(first() + TimeDelta::hours(place as i64)),
            })
            .collect(),
        series: vec![
            series("One", 0, &course(0)),
            series("Two", 1, &course(1_000)),
        ],
        figures: Figures::Counts,
    }
}

fn of_class<'a>(scene: &'a Scene, class: &str) -> Vec<&'a Mark> {
    scene
        .marks
        .iter()
        .filter(|mark| mark.class == class)
        .collect()
}

fn path(mark: &Mark) -> &str {
    match &mark.shape {
        Shape::Path(path) => path,
        other => panic!("{other:?} is no path"),
    }
}

fn vertices(scene: &Scene) -> usize {
    scene
        .marks
        .iter()
        .filter(|mark| matches!(mark.shape, Shape::Path(_)))
        .map(|mark| {
            path(mark)
                .matches(|letter: char| letter.is_ascii_alphabetic())
                .count()
        })
        .sum()
}

#[test]
fn every_kind_stands_as_it_did() {
    for (name, kind) in KINDS {
        golden::check(name, &put(&chart(kind), WIDE).scene);
        golden::check(
            &format!("{name}_previous"),
            &put(&compared(kind), WIDE).scene,
        );
        golden::check(&format!("{name}_gaps"), &put(&gaps(kind), WIDE).scene);
        golden::check(
            &format!("{name}_negative"),
            &put(&negative(kind), WIDE).scene,
        );
        golden::check(
            &format!("{name}_unfinished"),
            &put(&unfinished(kind), WIDE).scene,
        );
        golden::check(&format!("{name}_phone"), &put(&chart(kind), PHONE).scene);
        golden::check(&format!("{name}_many"), &put(&many(kind), SMALL).scene);
    }
}

const KINDS: [(&str, TimeKind); 4] = [
    ("line", TimeKind::Line),
    ("area", TimeKind::Area),
    ("bar", TimeKind::Bar),
    ("stacked", TimeKind::StackedBar),
];

#[test]
fn ten_thousand_points_are_a_few_thousand_vertices_and_no_spike_is_lost() {
    for (name, kind) in KINDS {
        let chart = many(kind);
        let laid = put(&chart, WIDE);
        assert!(
            vertices(&laid.scene) < 12_000,
            "{name}: {}",
            vertices(&laid.scene)
        );
    }
    let chart = many(TimeKind::Line);
    let laid = put(&chart, WIDE);
    let line = of_class(&laid.scene, "line");
    assert_eq!(line.len(), 2);
    let own = path(line[1]);
    for bucket in [0, 4_321, 7_777, 9_999] {
        let spot = laid.spots(&chart, bucket)[0].unwrap();
        let vertex = format!("{:.1} {:.1}", spot.x, spot.y);
        assert!(own.contains(&vertex), "{bucket} at {vertex} is lost");
    }
    // A bar for the spike too.
    let chart = many(TimeKind::Bar);
    let laid = put(&chart, WIDE);
    let top = laid.spots(&chart, 4_321)[0].unwrap().y;
    assert!(path(of_class(&laid.scene, "bar")[0]).contains(&format!("V{top:.1}h1.0")));
}

#[test]
fn what_is_missing_is_a_gap_and_never_a_zero() {
    let chart = gaps(TimeKind::Line);
    let laid = put(&chart, WIDE);
    let lines = of_class(&laid.scene, "line");
    let mobile = lines.iter().find(|mark| mark.series == Some(0)).unwrap();
    assert_eq!(path(mobile).matches('M').count(), 2);
    assert_eq!(of_class(&laid.scene, "dot").len(), 1);
    assert_eq!(laid.spots(&chart, 3)[0], None);
    // Tablet ended long ago: nothing at the right end is called so.
    let names: Vec<String> = of_class(&laid.scene, "t-2")
        .iter()
        .map(|mark| format!("{:?}", mark.shape))
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    // Bars of nothing are none.
    let laid = put(&gaps(TimeKind::Bar), WIDE);
    assert_eq!(
        path(of_class(&laid.scene, "bar")[2]).matches('M').count(),
        5
    );
}

#[test]
fn counts_begin_at_0_and_averages_where_their_course_is_seen() {
    let low = |chart: &TimeChart| put(chart, WIDE).scale.low;
    let mut chart = chart(TimeKind::Line);
    chart.series.truncate(1);
    chart.series[0].values = [70.0, 80.0, 90.0].map(Some).into();
    assert_eq!(low(&chart), 0.0);
    chart.figures = Figures::Shares;
    assert_eq!(low(&chart), 0.0);
    chart.figures = Figures::Numbers;
    assert_eq!(low(&chart), 70.0);
    // It says so where it does not begin at 0.
    assert_eq!(of_class(&put(&chart, WIDE).scene, "break").len(), 1);
    // Figures that vary much begin at 0, and so do all that have a ground to stand on.
    chart.series[0].values = [40.0, 80.0, 90.0].map(Some).into();
    assert_eq!(low(&chart), 0.0);
    chart.series[0].values = [70.0, 80.0, 90.0].map(Some).into();
    for kind in [TimeKind::Area, TimeKind::Bar, TimeKind::StackedBar] {
        chart.kind = kind;
        assert_eq!(low(&chart), 0.0);
    }
}

#[test]
fn one_point_and_nothing_at_all_are_charts_too() {
    for (name, kind) in KINDS {
        let mut one = chart(kind);
        one.buckets.truncate(1);
        for series in &mut one.series {
            series.values.truncate(1);
        }
        let laid = put(&one, WIDE);
        golden::check(&format!("{name}_one"), &laid.scene);
        assert_eq!(laid.bucket_at(-50.0), Some(0));
        assert!(laid.spots(&one, 0)[0].is_some());

        let mut none = chart(kind);
        none.series.clear();
        let laid = put(&none, WIDE);
        assert!(laid.spots(&none, 3).is_empty());
        assert_eq!(laid.series_at(&[], 10.0, 10.0), None);
        assert!(!laid.scene.marks.is_empty());

        let laid = put(
            &TimeChart {
                kind,
                ..TimeChart::default()
            },
            WIDE,
        );
        assert_eq!(laid.bucket_at(100.0), None);

        let laid = put(&chart(kind), Room { width: 0.0, ..WIDE });
        assert!(laid.scene.marks.is_empty());
    }
}

#[test]
fn infinite_figures_are_missing_ones() {
    let mut chart = chart(TimeKind::Line);
    chart.series[0].values[2] = Some(f64::INFINITY);
    chart.series[0].values[3] = Some(f64::NAN);
    let laid = put(&chart, WIDE);
    assert!(laid.spots(&chart, 2)[0].is_none());
    let text = laid.scene.to_string();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

#[test]
fn the_pointer_finds_bucket_and_series() {
    for (name, kind) in KINDS {
        let chart = chart(kind);
        let laid = put(&chart, WIDE);
        for bucket in 0..14 {
            assert_eq!(laid.bucket_at(laid.x(bucket) + 3.0), Some(bucket), "{name}");
            let spots = laid.spots(&chart, bucket);
            for (series, spot) in spots.iter().enumerate() {
                let spot = spot.unwrap();
                let inside = (spot.y + spot.from) / 2.0;
                let found = laid.series_at(&spots, spot.x, inside);
                assert_eq!(found, Some(series), "{name} {bucket}");
            }
        }
        assert_eq!(laid.bucket_at(-9e9), Some(0));
        assert_eq!(laid.bucket_at(9e9), Some(13));
    }
}

#[test]
fn a_name_over_the_axis_covers_whole_names() {
    let laid = put(&chart(TimeKind::Line), WIDE);
    let x = laid.x(6);
    // Seven days have a name in the middle; beside it is nothing, and a little farther is the next one.
    let (from, to) = laid.covered(x - 1.0, x + 1.0);
    assert!(from < x - 10.0 && to > x + 10.0, "{from} {to}");
    assert_eq!(laid.covered(from, to), (from, to));
    let (left, right) = laid.covered(from, to + 40.0);
    assert!(left == from && right > to + 40.0, "{left} {right}");
    // The figures beside the plot and the series' names are no names of the axis.
    assert_eq!(laid.covered(0.0, 8.0), (0.0, 8.0));
}

#[test]
fn plots_one_above_the_other_are_in_line() {
    let mut above = chart(TimeKind::Line);
    above.series[0].values[0] = Some(1_234_567.0);
    let below = chart(TimeKind::Line);
    let sides = Sides::of(&above, WIDE, &names).and(Sides::of(&below, WIDE, &names));
    let above = layout(&above, WIDE, sides, &names);
    let below = layout(&below, WIDE, sides, &names);
    for bucket in 0..14 {
        assert_eq!(above.x(bucket), below.x(bucket));
    }
    assert!(sides.left > 36.0);
}

#[test]
fn everything_stays_within_its_room() {
    for (name, kind) in KINDS {
        for room in [WIDE, PHONE] {
            for chart in [chart(kind), negative(kind), many(kind)] {
                let laid = put(&chart, room);
                let plot = laid.plot;
                assert!(plot.left + plot.width <= room.width);
                for bucket in 0..chart.buckets.len() {
                    for spot in laid.spots(&chart, bucket).into_iter().flatten() {
                        let fits = spot.x >= plot.left - 0.01
                            && spot.x <= plot.left + plot.width + 0.01
                            && spot.y >= plot.top - 0.01
                            && spot.y <= plot.top + plot.height + 0.01;
                        assert!(fits, "{name} {bucket} {spot:?} {plot:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_running_for_one_series_alone_is_dotted_and_has_a_marker() {
    let mut chart = chart(TimeKind::Line);
    let last = chart.buckets.len() - 1;
    chart.series[1].running_from = Some(last);
    let drawn = put(&chart, SMALL).scene.to_string();
    let of_one: Vec<_> = drawn.lines().filter(|line| line.contains("#1")).collect();
    assert!(
        matches!(of_one.as_slice(), [line, part, dot]
            if line.starts_with("line #") && part.starts_with("line line--part") && dot.starts_with("dot")),
        "{of_one:?}"
    );
    assert_eq!(drawn.matches("line--part").count(), 1);
}
