//! Where the marks of a chart over time are.

use crate::scale::{ValueScale, apart, fitted_text, text_width};
use crate::scene::{Mark, Scene, Shape, TextAnchor};
use crate::time::decimate::{Edge, Lines, area, lines};
use crate::time::ticks::time_ticks;
use crate::time::{Figures, TimeBucket, TimeChart, TimeKind, TimeSeries};

/// The room above the plot.
const TOP: f64 = 8.0;
/// The room below it, without and with the axis of time.
const BOTTOM: f64 = 8.0;
const BOTTOM_WITH_AXIS: f64 = 24.0;
/// The least room for the figures beside it.
const LEFT: f64 = 36.0;
/// Between the plot and what is written beside it.
const BESIDE: f64 = 8.0;
/// The room at the right end where nothing is written there.
const RIGHT: f64 = 8.0;
/// The widest name at the right end, and the least width of a chart that has names there.
const WIDEST_NAME: f64 = 120.0;
const WIDTH_FOR_NAMES: f64 = 520.0;
/// The height of a line of text.
const LINE: f64 = 14.0;
/// The height of a step on the scale, about.
const STEP: f64 = 56.0;
/// The share of a bucket's room that stays free between bars.
const GAP: f64 = 0.2;
/// A bar is not broader than this: one alone would be a wall.
const BROADEST: f64 = 120.0;
/// Bars that are nearer to each other than this are drawn as columns of px.
const THIN: f64 = 2.0;
/// More dots than this say nothing more.
const MOST_DOTS: usize = 300;

/// Writes the figures along the axis.
pub type TickNames<'a> = &'a dyn Fn(Figures, &[f64]) -> Vec<String>;

/// What room a chart has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// The width in px.
    pub width: f64,
    /// The height in px.
    pub height: f64,
    /// Whether the axis of time is written below.
    pub axis: bool,
}

/// How much of the width stands beside the plot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sides {
    /// Before it, for figures.
    pub left: f64,
    /// After it, for the series' names.
    pub right: f64,
}

impl Sides {
    /// What a chart needs by itself.
    #[must_use]
    pub fn of(chart: &TimeChart, room: Room, names: TickNames<'_>) -> Self {
        let scale = Stack::of(chart).scale(chart, room);
        let left = names(chart.figures, &scale.ticks)
            .iter()
            .map(|name| text_width(name) + BESIDE + 2.0)
            .fold(LEFT, f64::max);
        let right = if has_names(chart, room) {
            chart
                .series
                .iter()
                .map(|series| text_width(&series.name).min(WIDEST_NAME) + BESIDE)
                .fold(RIGHT, f64::max)
        } else {
            RIGHT
        };
        Self {
            left: left.ceil(),
            right: right.ceil(),
        }
    }

    /// What two charts need whose plots stand in line.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        }
    }
}

/// Bars beside each other end at no place that a name could stand at; for others it is a matter of room.
fn has_names(chart: &TimeChart, room: Room) -> bool {
    let lines = chart.series.len() as f64;
    // One series is named by what stands above the chart.
    chart.series.len() > 1
        && chart.kind != TimeKind::Bar
        && room.width >= WIDTH_FOR_NAMES
        && lines * LINE <= plot_height(room)
        && chart.series.iter().any(|series| !series.name.is_empty())
}

fn plot_height(room: Room) -> f64 {
    let below = if room.axis { BOTTOM_WITH_AXIS } else { BOTTOM };
    (room.height - TOP - below).max(1.0)
}

/// Where the plot lies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plot {
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// A figure's place: the point of a line, the end of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Its middle.
    pub x: f64,
    /// Its height.
    pub y: f64,
    /// Where its bar or area begins; of a line the same as `y`.
    pub from: f64,
    /// The width of its bar; 0 of a line.
    pub width: f64,
}

/// A chart with everything in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeLayout {
    /// What there is to see.
    pub scene: Scene,
    /// Where the plot lies.
    pub plot: Plot,
    scale: ValueScale,
    kind: TimeKind,
    buckets: usize,
    series: usize,
}

/// Puts a chart into a room. `sides` is what stands beside the plot, at least what [`Sides::of`] says.
#[must_use]
pub fn layout(chart: &TimeChart, room: Room, sides: Sides, names: TickNames<'_>) -> TimeLayout {
    let stack = Stack::of(chart);
    let layout = TimeLayout {
        scene: Scene::default(),
        plot: Plot {
            left: sides.left,
            top: TOP,
            width: (room.width - sides.left - sides.right).max(1.0),
            height: plot_height(room),
        },
        scale: stack.scale(chart, room),
        kind: chart.kind,
        buckets: chart.buckets.len(),
        series: chart.series.len(),
    };
    let marks = Marks {
        chart,
        stack: &stack,
        layout: &layout,
        all: Vec::new(),
    };
    // Where there is no room yet, there is nothing to draw.
    let marks = if room.width >= 1.0 {
        marks.drawn(room, names)
    } else {
        Vec::new()
    };
    TimeLayout {
        scene: Scene {
            width: room.width,
            height: room.height,
            marks,
        },
        ..layout
    }
}

impl TimeLayout {
    /// The middle of a bucket.
    #[must_use]
    pub fn x(&self, bucket: usize) -> f64 {
        let place = bucket as f64;
        self.plot.left
            + if self.reaches_edges() {
                place * self.step()
            } else {
                (place + 0.5) * self.step()
            }
    }

    fn reaches_edges(&self) -> bool {
        self.kind.reaches_edges() && self.buckets > 1
    }

    /// From one bucket to the next.
    fn step(&self) -> f64 {
        let steps = if self.reaches_edges() {
            self.buckets - 1
        } else {
            self.buckets.max(1)
        };
        self.plot.width / steps as f64
    }

    /// The stretch of the axis that has to be covered by a name from `from` to `to`, so that none below it is half to be seen.
    #[must_use]
    pub fn covered(&self, from: f64, to: f64) -> (f64, f64) {
        let names = self
            .scene
            .marks
            .iter()
            .filter_map(|mark| match &mark.shape {
                Shape::Text {
                    at,
                    anchor: TextAnchor::Middle,
                    text,
                } => {
                    let half = text_width(text) / 2.0;
                    Some((at.0 - half, at.0 + half))
                }
                _ => None,
            });
        names
            .filter(|name| name.0 < to && name.1 > from)
            .fold((from, to), |covered, name| {
                (covered.0.min(name.0), covered.1.max(name.1))
            })
    }

    /// The bucket nearest to a place; none if there are no buckets.
    #[must_use]
    pub fn bucket_at(&self, x: f64) -> Option<usize> {
        let last = self.buckets.checked_sub(1)?;
        let place = ((x - self.x(0)) / self.step()).round().max(0.0);
        Some((place as usize).min(last))
    }

    fn y(&self, value: f64) -> f64 {
        self.plot.top + self.plot.height * (1.0 - self.scale.share(value))
    }

    /// Where bars and areas begin.
    fn ground(&self) -> f64 {
        self.y(0.0_f64.clamp(self.scale.low, self.scale.high))
    }

    /// The left edge and the width of a series' bars, from the middle of the bucket.
    fn slot(&self, series: usize) -> (f64, f64) {
        let room = self.step() * (1.0 - GAP);
        let bars = match self.kind {
            TimeKind::StackedBar => 1,
            _ => self.series.max(1),
        };
        let width = (room / bars as f64).min(BROADEST);
        let room = width * bars as f64;
        if self.kind == TimeKind::StackedBar {
            return (-room / 2.0, room);
        }
        let gap = if width > 4.0 { 1.0 } else { 0.0 };
        (series as f64 * width - room / 2.0 + gap / 2.0, width - gap)
    }

    /// Where the figures of a bucket are, series by series.
    #[must_use]
    pub fn spots(&self, chart: &TimeChart, bucket: usize) -> Vec<Option<Spot>> {
        let x = self.x(bucket);
        let mut piles = Piles::default();
        chart
            .series
            .iter()
            .enumerate()
            .map(|(place, series)| {
                let value = value_at(&series.values, bucket)?;
                Some(match self.kind {
                    TimeKind::Line => Spot {
                        x,
                        y: self.y(value),
                        from: self.y(value),
                        width: 0.0,
                    },
                    TimeKind::Bar => {
                        let (left, width) = self.slot(place);
                        Spot {
                            x: x + left + width / 2.0,
                            y: self.y(value),
                            from: self.ground(),
                            width,
                        }
                    }
                    TimeKind::Area | TimeKind::StackedBar => {
                        let (from, to) = piles.add(value);
                        let width = match self.kind {
                            TimeKind::StackedBar => self.slot(place).1,
                            _ => 0.0,
                        };
                        Spot {
                            x,
                            y: self.y(to),
                            from: self.y(from),
                            width,
                        }
                    }
                })
            })
            .collect()
    }

    /// The series that a place at a bucket belongs to: the bar or area it is in, else the nearest figure.
    #[must_use]
    pub fn series_at(&self, spots: &[Option<Spot>], x: f64, y: f64) -> Option<usize> {
        let far = |spot: &Spot| {
            let beside = match self.kind {
                // Every bar is as wide as its slot, so that the nearest slot is the one.
                TimeKind::Bar => ((x - spot.x).abs() - spot.width / 2.0).max(0.0) * 1e6,
                _ => 0.0,
            };
            let (top, bottom) = (spot.y.min(spot.from), spot.y.max(spot.from));
            beside + (top - y).max(y - bottom).max(0.0)
        };
        spots
            .iter()
            .enumerate()
            .filter_map(|(series, spot)| spot.as_ref().map(|spot| (series, far(spot))))
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .map(|(series, _)| series)
    }
}

fn value_at(values: &[Option<f64>], bucket: usize) -> Option<f64> {
    values
        .get(bucket)
        .copied()
        .flatten()
        .filter(|value| value.is_finite())
}

/// What was piled up so far: above the ground, and below it.
#[derive(Default)]
struct Piles {
    above: f64,
    below: f64,
}

impl Piles {
    fn add(&mut self, value: f64) -> (f64, f64) {
        let pile = if value < 0.0 {
            &mut self.below
        } else {
            &mut self.above
        };
        let from = *pile;
        *pile += value;
        (from, *pile)
    }
}

/// From where to where each figure reaches, series by series; of those that are not piled up from 0.
struct Stack {
    reach: Vec<Vec<Option<(f64, f64)>>>,
    /// The totals of the range before, where the series are piled up.
    previous: Vec<Option<f64>>,
}

impl Stack {
    fn of(chart: &TimeChart) -> Self {
        let piled = is_piled(chart.kind);
        let mut piles: Vec<Piles> = Vec::new();
        piles.resize_with(chart.buckets.len(), Piles::default);
        let reach = chart
            .series
            .iter()
            .map(|series| {
                piles
                    .iter_mut()
                    .enumerate()
                    .map(|(bucket, pile)| {
                        let value = value_at(&series.values, bucket)?;
                        Some(if piled { pile.add(value) } else { (0.0, value) })
                    })
                    .collect()
            })
            .collect();
        let previous = if piled {
            (0..chart.buckets.len())
                .map(|bucket| {
                    chart
                        .series
                        .iter()
                        .filter_map(|series| value_at(&series.previous, bucket))
                        .reduce(|sum, value| sum + value)
                })
                .collect()
        } else {
            Vec::new()
        };
        Self { reach, previous }
    }

    /// The scale for all of it. Counts, shares, bars and areas begin at 0; a line of other figures that vary by less than
    /// half may begin elsewhere, or nothing of its course would be seen.
    fn scale(&self, chart: &TimeChart, room: Room) -> ValueScale {
        let ends = self.reach.iter().flatten().flatten();
        let before = chart
            .series
            .iter()
            .filter(|_| self.previous.is_empty())
            .flat_map(|series| series.previous.iter().take(chart.buckets.len()));
        let values = ends
            .map(|(_, to)| *to)
            .chain(before.chain(&self.previous).flatten().copied())
            .filter(|value| value.is_finite());
        let bounds = values.fold(None, |bounds: Option<(f64, f64)>, value| {
            Some(bounds.map_or((value, value), |(low, high)| {
                (low.min(value), high.max(value))
            }))
        });
        let (low, high) = bounds.unwrap_or((0.0, 0.0));
        let may_fit =
            !chart.kind.is_filled() && matches!(chart.figures, Figures::Numbers | Figures::Seconds);
        let span = high - low;
        let fits = may_fit
            && span > 0.0
            && (low > 0.0 && span < high / 2.0 || high < 0.0 && span < -low / 2.0);
        let (low, high) = if fits {
            (low, high)
        } else {
            (low.min(0.0), high.max(0.0))
        };
        let intervals = (plot_height(room) / STEP).round().max(2.0);
        ValueScale::over(low, high, intervals as usize, chart.figures.steps())
    }
}

fn is_piled(kind: TimeKind) -> bool {
    matches!(kind, TimeKind::Area | TimeKind::StackedBar)
}

/// Draws, what lies below first.
struct Marks<'a> {
    chart: &'a TimeChart,
    stack: &'a Stack,
    layout: &'a TimeLayout,
    all: Vec<Mark>,
}

impl Marks<'_> {
    fn drawn(mut self, room: Room, names: TickNames<'_>) -> Vec<Mark> {
        // One bucket has no others to stand out from.
        if self.chart.buckets.len() > 1 {
            self.bands("band", |bucket| bucket.weekend);
            self.bands("unfinished", |bucket| !bucket.complete);
        }
        self.values(names);
        match self.chart.kind {
            TimeKind::Line => {
                self.lines_before();
                // The first series lies on top.
                for place in (0..self.chart.series.len()).rev() {
                    let points = self.points(|value| value.1, place);
                    self.line(place, &points);
                }
            }
            TimeKind::Area => {
                self.areas();
                self.total_before();
            }
            TimeKind::Bar | TimeKind::StackedBar => {
                self.bars();
                if self.chart.kind == TimeKind::Bar {
                    self.ends_before();
                } else {
                    self.total_before();
                }
            }
        }
        if self.chart.kind.is_filled() {
            // Bars and areas stand upon it.
            self.across("axis", self.layout.ground());
        }
        if has_names(self.chart, room) {
            self.series_names(room);
        }
        if room.axis {
            self.time_names(room);
        }
        self.all
    }

    fn push(&mut self, class: &'static str, series: Option<usize>, shape: Shape) {
        self.all.push(Mark {
            class,
            series,
            shape,
        });
    }

    fn path(&mut self, class: &'static str, series: Option<usize>, path: String) {
        if !path.is_empty() {
            self.push(class, series, Shape::Path(path));
        }
    }

    fn style(&self, place: usize) -> Option<usize> {
        self.chart.series.get(place).map(|series| series.style)
    }

    /// Shades buckets that lie side by side as one.
    fn bands(&mut self, class: &'static str, holds: fn(&TimeBucket) -> bool) {
        let Plot {
            left,
            top,
            width,
            height,
        } = self.layout.plot;
        let half = self.layout.step() / 2.0;
        let mut first = 0;
        for run in self
            .chart
            .buckets
            .chunk_by(|one, other| holds(one) == holds(other))
        {
            let last = first + run.len() - 1;
            if run.first().is_some_and(holds) {
                let from = (self.layout.x(first) - half).max(left);
                let to = (self.layout.x(last) + half).min(left + width);
                // A band of less than a px would only make the chart grey.
                if to - from >= 1.0 {
                    self.push(
                        class,
                        None,
                        Shape::Rect {
                            x: from,
                            y: top,
                            width: to - from,
                            height,
                        },
                    );
                }
            }
            first = last + 1;
        }
    }

    fn across(&mut self, class: &'static str, y: f64) {
        let Plot { left, width, .. } = self.layout.plot;
        self.push(
            class,
            None,
            Shape::Line {
                from: (left, y),
                to: (left + width, y),
            },
        );
    }

    fn values(&mut self, names: TickNames<'_>) {
        let scale = &self.layout.scale;
        let left = self.layout.plot.left;
        let texts = names(self.chart.figures, &scale.ticks);
        for (place, tick) in scale.ticks.iter().enumerate() {
            let y = self.layout.y(*tick);
            // The axis is at 0, or where the scale begins if 0 is not on it.
            let is_axis = *tick == 0.0 || place == 0 && scale.low > 0.0;
            self.across(if is_axis { "axis" } else { "grid" }, y);
            let text = texts.get(place).cloned().unwrap_or_default();
            self.push(
                "tick",
                None,
                Shape::Text {
                    at: (left - BESIDE, y + 4.0),
                    anchor: TextAnchor::End,
                    text,
                },
            );
        }
        if scale.low > 0.0 || scale.high < 0.0 {
            // The axis is broken: what is below the plot is not nothing.
            let y = self.layout.plot.top + self.layout.plot.height;
            self.path(
                "break",
                None,
                format!("M{left:.1} {:.1}l-4 -2l8 -3l-8 -3l8 -3l-4 -2", y - 2.0),
            );
        }
    }

    fn points(&self, value: fn(&(f64, f64)) -> f64, place: usize) -> Vec<Option<(f64, f64)>> {
        let Some(reach) = self.stack.reach.get(place) else {
            return Vec::new();
        };
        reach
            .iter()
            .enumerate()
            .map(|(bucket, reach)| {
                reach
                    .as_ref()
                    .map(|reach| (self.layout.x(bucket), self.layout.y(value(reach))))
            })
            .collect()
    }

    fn is_complete(&self, bucket: usize) -> bool {
        self.chart
            .buckets
            .get(bucket)
            .is_none_or(|bucket| bucket.complete)
    }

    fn line(&mut self, place: usize, points: &[Option<(f64, f64)>]) {
        let series = self.chart.series.get(place);
        let is_running = |bucket| series.is_some_and(|series| series.is_running(bucket));
        let Lines {
            whole,
            part,
            mut lone,
        } = lines(points, |bucket| {
            self.is_complete(bucket) && !is_running(bucket)
        });
        // What is still running for this series alone has a marker: no hatched band says so.
        for (bucket, at) in points.iter().enumerate() {
            if let Some(at) = at.filter(|at| is_running(bucket) && !lone.contains(at)) {
                lone.push(at);
            }
        }
        let style = self.style(place);
        self.path("line", style, whole);
        self.path("line line--part", style, part);
        for at in lone.into_iter().take(MOST_DOTS) {
            self.push("dot", style, Shape::Marker { at });
        }
    }

    fn areas(&mut self) {
        for place in 0..self.chart.series.len() {
            let Some(reach) = self.stack.reach.get(place) else {
                continue;
            };
            let edges: Vec<Option<Edge>> = reach
                .iter()
                .enumerate()
                .map(|(bucket, reach)| {
                    reach.map(|(from, to)| Edge {
                        x: self.layout.x(bucket),
                        top: self.layout.y(to),
                        bottom: self.layout.y(from),
                    })
                })
                .collect();
            self.path("layer", self.style(place), area(&edges));
        }
        for place in (0..self.chart.series.len()).rev() {
            let points = self.points(|value| value.1, place);
            self.line(place, &points);
        }
    }

    fn bars(&mut self) {
        let thin = self.layout.step() < THIN;
        for place in 0..self.chart.series.len() {
            let style = self.style(place);
            let bars = if thin {
                self.thin_bars(place)
            } else {
                self.wide_bars(place)
            };
            let path_of = |complete: bool| {
                bars.iter()
                    .filter(|bar| bar.complete == complete)
                    .map(BarShape::path)
                    .collect::<String>()
            };
            let (whole, part) = (path_of(true), path_of(false));
            self.path("bar", style, whole);
            self.path("bar is-part", style, part);
        }
    }

    fn wide_bars(&self, place: usize) -> Vec<BarShape> {
        let (left, width) = self.layout.slot(place);
        let reach = self.stack.reach.get(place);
        reach
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(|(bucket, reach)| {
                let x = self.layout.x(bucket) + left;
                self.bar(x, width, (*reach)?, self.is_complete(bucket))
            })
            .collect()
    }

    /// One bar a px: of those that share it the one that reaches farthest, in a pile that of the highest pile.
    fn thin_bars(&self, place: usize) -> Vec<BarShape> {
        let Some(reach) = self.stack.reach.get(place) else {
            return Vec::new();
        };
        let height = |bucket: &usize| -> f64 {
            if is_piled(self.chart.kind) {
                let ends = self.stack.reach.iter().filter_map(|reach| {
                    let (_, to) = reach.get(*bucket).copied().flatten()?;
                    Some(to.abs())
                });
                ends.fold(-1.0, f64::max)
            } else {
                let own = reach.get(*bucket).copied().flatten();
                own.map_or(-1.0, |(_, to)| to.abs())
            }
        };
        let column = |bucket: &usize| self.layout.x(*bucket).floor();
        let buckets: Vec<usize> = (0..reach.len()).collect();
        buckets
            .chunk_by(|one, other| column(one) == column(other))
            .filter_map(|shared| {
                let most = shared
                    .iter()
                    .max_by(|one, other| height(one).total_cmp(&height(other)))?;
                let own = reach.get(*most).copied().flatten()?;
                self.bar(column(most), 1.0, own, self.is_complete(*most))
            })
            .collect()
    }

    /// What is not 0 is at least a px high.
    fn bar(&self, x: f64, width: f64, (from, to): (f64, f64), complete: bool) -> Option<BarShape> {
        if from == to {
            return None;
        }
        let (from, end) = (self.layout.y(from), self.layout.y(to));
        let height = (from - end).abs().max(1.0);
        Some(BarShape {
            x,
            width,
            from,
            to: if end <= from {
                from - height
            } else {
                from + height
            },
            complete,
        })
    }

    fn lines_before(&mut self) {
        for place in (0..self.chart.series.len()).rev() {
            let Some(series) = self.chart.series.get(place) else {
                continue;
            };
            let points = self.before(&series.previous);
            self.line_before(Some(series.style), &points);
        }
    }

    fn total_before(&mut self) {
        let points = self.before(&self.stack.previous);
        self.line_before(None, &points);
    }

    fn before(&self, values: &[Option<f64>]) -> Vec<Option<(f64, f64)>> {
        (0..values.len().min(self.chart.buckets.len()))
            .map(|bucket| {
                let value = value_at(values, bucket)?;
                Some((self.layout.x(bucket), self.layout.y(value)))
            })
            .collect()
    }

    fn line_before(&mut self, style: Option<usize>, points: &[Option<(f64, f64)>]) {
        let Lines {
            mut whole, lone, ..
        } = lines(points, |_| true);
        for (x, y) in lone.into_iter().take(MOST_DOTS) {
            whole.push_str(&format!("M{:.1} {y:.1}h4", x - 2.0));
        }
        self.path("line line--prev", style, whole);
    }

    /// Of bars beside each other, a stroke across each where the range before ended.
    fn ends_before(&mut self) {
        if self.layout.step() < THIN {
            return self.lines_before();
        }
        for (place, series) in self.chart.series.iter().enumerate() {
            let (left, width) = self.layout.slot(place);
            let path: String = self
                .before(&series.previous)
                .into_iter()
                .flatten()
                .map(|(x, y)| format!("M{:.1} {y:.1}h{width:.1}", x + left))
                .collect();
            let style = Some(series.style);
            if !path.is_empty() {
                self.all.push(Mark {
                    class: "before",
                    series: style,
                    shape: Shape::Path(path),
                });
            }
        }
    }

    fn series_names(&mut self, room: Room) {
        let Plot {
            left,
            top,
            width,
            height,
        } = self.layout.plot;
        let last = |place: usize| {
            let (bucket, (from, to)) = self
                .stack
                .reach
                .get(place)?
                .iter()
                .enumerate()
                .rev()
                .find_map(|(bucket, reach)| reach.map(|reach| (bucket, reach)))?;
            let middle = if is_piled(self.chart.kind) {
                (from + to) / 2.0
            } else {
                to
            };
            // A series that ended long ago has no name at the right end: it would seem to be there.
            (bucket + 1 == self.layout.buckets || self.layout.buckets - bucket <= 3)
                .then(|| self.layout.y(middle))
        };
        let ends: Vec<(&TimeSeries, f64)> = self
            .chart
            .series
            .iter()
            .enumerate()
            .filter_map(|(place, series)| Some((series, last(place)?)))
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        let Some(ys) = apart(&wanted, LINE, (top + 4.0, top + height - 2.0)) else {
            return;
        };
        let x = left + width + BESIDE;
        let most = (room.width - x).max(0.0);
        let marks: Vec<Mark> = ends
            .iter()
            .zip(ys)
            .map(|((series, _), y)| Mark {
                class: "t-2",
                series: None,
                shape: Shape::Text {
                    at: (x, y + 4.0),
                    anchor: TextAnchor::Start,
                    text: fitted_text(&series.name, most),
                },
            })
            .collect();
        self.all.extend(marks);
    }

    fn time_names(&mut self, room: Room) {
        let ticks = time_ticks(
            &self.chart.buckets,
            |bucket| self.layout.x(bucket),
            (0.0, room.width),
        );
        for tick in ticks {
            self.push(
                "tick",
                None,
                Shape::Text {
                    at: (tick.x, room.height - 8.0),
                    anchor: TextAnchor::Middle,
                    text: tick.text,
                },
            );
        }
    }
}

struct BarShape {
    x: f64,
    width: f64,
    from: f64,
    to: f64,
    complete: bool,
}

impl BarShape {
    fn path(&self) -> String {
        format!(
            "M{:.1} {:.1}V{:.1}h{:.1}V{:.1}Z",
            self.x, self.from, self.to, self.width, self.from
        )
    }
}

#[cfg(test)]
mod tests;
