//! Heat maps: figures in rows and columns, the greater the darker, and the curve that shares their columns.
//!
//! On the page the map is a table of buttons. [`layout`] draws the same map for those who take it along.

use crate::scale::{Steps, ValueScale, fitted_text};
use crate::scene::{Mark, Scene, Shape, TextAnchor};

/// How many levels of colour there are.
pub const LEVELS: usize = 9;

/// Which figures have which colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What each level after the first begins with.
    begins: [f64; LEVELS - 1],
}

/// How far the levels are from equal steps, on the way to equal shares of the figures.
const NEAR_SHARES: f64 = 2.0 / 3.0;

impl Scale {
    /// A scale for the figures that are usual; one that is greater than all of them has a level of its own. With equal steps
    /// most figures would look the same, as they are near each other; with equal shares of them what is nearly the same would
    /// look different. So the levels lie between the two.
    #[must_use]
    pub fn of(usual: impl IntoIterator<Item = f64>, greatest: f64) -> Self {
        let mut figures: Vec<f64> = usual.into_iter().filter(|figure| *figure > 0.0).collect();
        figures.sort_by(f64::total_cmp);
        let last = figures.last().copied().unwrap_or(1.0);
        let has_more = !figures.is_empty() && greatest > last;
        let levels = if has_more { LEVELS - 1 } else { LEVELS };
        let mut begins = [f64::midpoint(last, greatest); LEVELS - 1];
        for (place, begin) in begins.iter_mut().enumerate().take(levels - 1) {
            let part = (place + 1) as f64 / levels as f64;
            let step = last * part;
            let share = figures.get((figures.len() as f64 * part) as usize);
            *begin = step + share.map_or(0.0, |share| (share - step) * NEAR_SHARES);
        }
        // Two digits are easier to read, where they keep the levels apart.
        let short = begins.map(|begin| rounded(begin, last, 2));
        let rises = std::iter::once(&0.0)
            .chain(&short)
            .is_sorted_by(|one, other| one < other);
        let is_reached = short
            .last()
            .is_some_and(|begin| *begin <= greatest.max(last));
        Self {
            begins: if rises && is_reached {
                short
            } else {
                begins.map(|begin| rounded(begin, last, 3))
            },
        }
    }

    /// The level of a figure, from 1; what is below 0 has the first.
    #[must_use]
    pub fn level(&self, figure: f64) -> usize {
        1 + self.begins.iter().filter(|begin| figure >= **begin).count()
    }

    /// What each level after the first begins with, the least first.
    #[must_use]
    pub const fn begins(&self) -> &[f64] {
        &self.begins
    }
}

/// A figure with as many decimals as leave so many digits of another one.
fn rounded(figure: f64, of: f64, digits: i32) -> f64 {
    let places = digits - 1 - of.log10().floor() as i32;
    let power = 10.0_f64.powi(places.abs());
    if places < 0 {
        (figure / power).round() * power
    } else {
        (figure * power).round() / power
    }
}

/// Where the columns stand, in px from the left edge of what the map and the curve share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    /// How wide the heads of the rows are.
    pub head: f64,
    /// How wide the column beside them is.
    pub detail: f64,
    /// How wide each other column is.
    pub cell: f64,
    /// How many of these there are.
    pub count: usize,
}

/// The gap between two columns, and before the first and after the last.
pub const GAP: f64 = 2.0;
/// The least and the greatest width of a column.
const CELL: (f64, f64) = (46.0, 112.0);
/// The least width at which the heads of the rows have all the room they like.
const ROOMY: f64 = 600.0;

impl Columns {
    /// Columns that fill a width, or as narrow ones as can be read.
    #[must_use]
    pub fn fit(width: f64, head: f64, count: usize) -> Self {
        let (head, detail) = if width < ROOMY {
            (head.min(112.0), 50.0)
        } else {
            (head, 60.0)
        };
        let count = count.max(1);
        let room = width - head - detail - 3.0 * GAP;
        let cell = (room / count as f64 - GAP).floor().clamp(CELL.0, CELL.1);
        Self {
            head,
            detail,
            cell,
            count,
        }
    }

    /// Where the first cell begins.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.head + self.detail + 3.0 * GAP
    }

    /// Where a cell begins.
    #[must_use]
    pub fn left(&self, place: usize) -> f64 {
        self.start() + place as f64 * (self.cell + GAP)
    }

    /// The middle of a cell.
    #[must_use]
    pub fn middle(&self, place: usize) -> f64 {
        self.left(place) + self.cell / 2.0
    }

    /// The width of all of them.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.left(self.count)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    pub figure: f64,
    /// What it may be, least and greatest.
    pub interval: Option<(f64, f64)>,
}

/// What the curve is drawn with.
#[derive(Clone, Copy)]
pub struct CurveLook<'a> {
    /// The height of the drawing.
    pub height: f64,
    /// How the figures at the points are written.
    pub figure: &'a dyn Fn(f64) -> String,
    /// How those of the axis are written.
    pub tick: &'a dyn Fn(f64) -> String,
    /// The column that was chosen.
    pub chosen: Option<usize>,
}

/// The room above the highest tick and below the axis.
const ABOVE: f64 = 16.0;
const BELOW: f64 = 8.0;

/// A line over the columns of a heat map, with a point in the middle of each column that has one.
#[must_use]
pub fn curve(points: &[Option<CurvePoint>], columns: &Columns, look: &CurveLook<'_>) -> Scene {
    let greatest = points
        .iter()
        .flatten()
        .map(|point| point.interval.map_or(point.figure, |(_, most)| most))
        .fold(0.0, f64::max);
    let scale = ValueScale::over(0.0, greatest, 5, Steps::Decimal);
    let top = scale.high;
    let bottom = look.height - BELOW;
    let y = |figure: f64| bottom - (figure.max(0.0) / top) * (bottom - ABOVE);
    let (left, right) = (columns.start(), columns.width());
    let mut marks = Vec::new();
    for tick in &scale.ticks {
        let class = if *tick == 0.0 { "axis" } else { "grid" };
        let at = y(*tick);
        marks.push(mark(class, None, line((left, at), (right, at))));
        marks.push(text(
            "",
            (left - 8.0, at + 4.0),
            TextAnchor::End,
            (look.tick)(*tick),
        ));
    }
    let placed = |points: &[(usize, CurvePoint)], figure: &dyn Fn(&CurvePoint) -> f64| {
        points
            .iter()
            .map(|(place, point)| format!("{:.1} {:.1}", columns.middle(*place), y(figure(point))))
            .collect::<Vec<_>>()
    };
    for run in runs(points) {
        let bounds = run
            .iter()
            .all(|(_, point)| point.interval.is_some())
            .then(|| {
                let upper = placed(&run, &|point| point.interval.map_or(0.0, |(_, most)| most));
                let mut lower = placed(&run, &|point| {
                    point.interval.map_or(0.0, |(least, _)| least)
                });
                lower.reverse();
                format!("M{}L{}Z", upper.join("L"), lower.join("L"))
            });
        if let Some(path) = bounds {
            marks.push(mark("ci", Some(0), Shape::Path(path)));
        }
        let path = format!("M{}", placed(&run, &|point| point.figure).join("L"));
        marks.push(mark("line", Some(0), Shape::Path(path)));
    }
    // A label needs room: of narrow columns only every second, third, … has one.
    let every = (36.0 / (columns.cell + GAP)).ceil().max(1.0) as usize;
    for (place, point) in points.iter().enumerate() {
        let Some(point) = point else { continue };
        let at = (columns.middle(place), y(point.figure));
        let on = look.chosen == Some(place);
        marks.push(mark(
            if on { "dot dot--on" } else { "dot" },
            Some(0),
            Shape::Marker { at },
        ));
        if place % every == 0 || on {
            // A steep line would run through a label in the middle above its lower end.
            let falls = place
                .checked_sub(1)
                .and_then(|before| points.get(before).copied().flatten())
                .is_some_and(|before| y(point.figure) - y(before.figure) > columns.cell / 2.0);
            let aside = if falls { 14.0 } else { 0.0 };
            marks.push(text(
                if on { "t-strong" } else { "t-2" },
                (at.0 + aside, (at.1 - 10.0).max(9.0)),
                TextAnchor::Middle,
                (look.figure)(point.figure),
            ));
        }
    }
    Scene {
        width: columns.width(),
        height: look.height,
        marks,
    }
}

/// The points that stand beside each other without a gap.
fn runs(points: &[Option<CurvePoint>]) -> Vec<Vec<(usize, CurvePoint)>> {
    let mut runs: Vec<Vec<(usize, CurvePoint)>> = Vec::new();
    for (place, point) in points.iter().enumerate() {
        let Some(point) = point else { continue };
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(before, _)| before + 1 == place) => {
                run.push((place, *point));
            }
            _ => runs.push(vec![(place, *point)]),
        }
    }
    runs
}

/// A heat map as it is drawn: everything in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// What the heads of the rows are, and what stands beside them.
    pub corner: (String, String),
    /// The heads of the columns.
    pub columns: Vec<String>,
    pub rows: Vec<HeatRow>,
    /// What has to be known to read it.
    pub note: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatRow {
    pub name: String,
    /// What stands beside it.
    pub detail: String,
    /// Whether it is a row of all rows together.
    pub strong: bool,
    /// Its cells; none where there is nothing.
    pub cells: Vec<Option<HeatCell>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCell {
    pub text: String,
    /// Its level, from 1.
    pub level: usize,
    /// Whether it is not complete.
    pub part: bool,
}

/// The height of a row.
const ROW: f64 = 30.0;

/// A heat map as a drawing.
#[must_use]
pub fn layout(map: &HeatMap, columns: &Columns) -> Scene {
    let mut marks = vec![
        text(
            "t-2",
            (0.0, 16.0),
            TextAnchor::Start,
            fitted_text(&map.corner.0, columns.head),
        ),
        text(
            "t-2",
            (columns.head + columns.detail - 4.0, 16.0),
            TextAnchor::End,
            &map.corner.1,
        ),
    ];
    for (place, name) in map.columns.iter().enumerate() {
        marks.push(text(
            "t-2",
            (columns.middle(place), 16.0),
            TextAnchor::Middle,
            name,
        ));
    }
    let mut top = 24.0;
    for row in &map.rows {
        let class = if row.strong { "t-strong" } else { "t-2" };
        let base = top + ROW / 2.0 + 4.0;
        marks.push(text(
            class,
            (0.0, base),
            TextAnchor::Start,
            fitted_text(&row.name, columns.head),
        ));
        marks.push(text(
            class,
            (columns.head + columns.detail - 4.0, base),
            TextAnchor::End,
            &row.detail,
        ));
        for (place, cell) in row.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let rect = || Shape::Rect {
                x: columns.left(place),
                y: top,
                width: columns.cell,
                height: ROW - GAP,
            };
            marks.push(mark(class_of(cell.level), None, rect()));
            if cell.part {
                marks.push(mark("heat-part", None, rect()));
            }
            marks.push(text(
                ink_of(cell.level),
                (columns.middle(place), base),
                TextAnchor::Middle,
                &cell.text,
            ));
        }
        top += ROW;
    }
    marks.push(text("", (0.0, top + 20.0), TextAnchor::Start, &map.note));
    Scene {
        width: columns.width(),
        height: top + 28.0,
        marks,
    }
}

/// The class of a level's colour.
const fn class_of(level: usize) -> &'static str {
    match level {
        0 | 1 => "heat-1",
        2 => "heat-2",
        3 => "heat-3",
        4 => "heat-4",
        5 => "heat-5",
        6 => "heat-6",
        7 => "heat-7",
        8 => "heat-8",
        _ => "heat-9",
    }
}

/// The class of the words upon a level's colour.
const fn ink_of(level: usize) -> &'static str {
    match level {
        0..=6 => "heat-ink-lo",
        7 => "heat-ink-mid",
        _ => "heat-ink-hi",
    }
}

fn mark(class: &'static str, series: Option<usize>, shape: Shape) -> Mark {
    Mark {
        class,
        series,
        shape,
    }
}

const fn line(from: (f64, f64), to: (f64, f64)) -> Shape {
    Shape::Line { from, to }
}

fn text(class: &'static str, at: (f64, f64), anchor: TextAnchor, text: impl Into<String>) -> Mark {
    mark(
        class,
        None,
        Shape::Text {
            at,
            anchor,
            text: text.into(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_are_near_each_other_have_different_colours() {
        // The cohorts of a shop: half of them at once, then ever fewer of what is left.
        let weeks: Vec<f64> = (0..12)
            .flat_map(|row| (0..12 - row).map(move |week| (row, week)))
            .map(|(row, week)| match week {
                0 => 0.46 + f64::from(row) / 100.0,
                _ => 0.30 - f64::from(week) / 80.0 + f64::from(row % 3) / 100.0,
            })
            .collect();
        let later = weeks.iter().copied().filter(|share| *share < 0.4);
        let scale = Scale::of(later, 0.57);
        assert_eq!(
            scale.begins(),
            [0.15, 0.18, 0.2, 0.22, 0.25, 0.27, 0.29, 0.44]
        );
        let levels = |figures: &[f64]| {
            figures
                .iter()
                .map(|figure| scale.level(*figure))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            levels(&[-1.0, 0.0, 0.15, 0.2, 0.25, 0.3, 0.36, 0.46, 2.0]),
            [1, 1, 2, 4, 6, 8, 8, 9, 9]
        );
    }

    #[test]
    fn figures_that_are_nearly_the_same_have_the_same_colour() {
        let nearly = (0..90).map(|place| 0.5 + f64::from(place) / 10_000.0);
        let scale = Scale::of(nearly, 0.508_9);
        let least = scale.level(0.5);
        assert!(scale.level(0.508_9) - least <= 2, "{scale:?}");
    }

    #[test]
    fn levels_rise_whatever_the_figures_are() {
        let spread = |greatest: f64| (0..100).map(move |place| greatest * f64::from(place) / 99.0);
        for greatest in [
            0.001, 0.109_99, 0.13, 0.3, 1.0, 1.099_9, 7.0, 50.0, 99_999.0,
        ] {
            for figures in [
                spread(greatest).collect(),
                vec![greatest],
                vec![greatest; 50],
                vec![0.0, 0.0, 0.0, greatest],
                spread(greatest / 50.0).chain([greatest]).collect(),
                vec![f64::NAN, -greatest, greatest],
            ] {
                for most in [greatest, greatest * 50.0] {
                    let scale = Scale::of(figures.iter().copied(), most);
                    let begins = scale.begins();
                    assert!(
                        begins[0] > 0.0 && begins.windows(2).all(|pair| pair[0] < pair[1]),
                        "{scale:?}"
                    );
                    assert_eq!(scale.level(most), LEVELS, "{scale:?}");
                    assert_eq!(scale.level(0.0), 1);
                }
            }
        }
        let nothing = Scale::of([], 0.0);
        assert_eq!(Scale::of([0.0, -3.0, f64::NAN], -3.0), nothing);
        assert_eq!((nothing.level(0.05), nothing.level(1.0)), (1, LEVELS));
    }

    #[test]
    fn columns_fill_the_width_unless_they_would_be_too_narrow() {
        let wide = Columns::fit(880.0, 128.0, 12);
        assert_eq!((wide.head, wide.detail, wide.cell), (128.0, 60.0, 55.0));
        assert!(wide.width() <= 880.0 && wide.width() > 860.0);
        assert_eq!(wide.middle(1) - wide.middle(0), wide.cell + GAP);
        let narrow = Columns::fit(358.0, 128.0, 12);
        assert_eq!((narrow.head, narrow.cell), (112.0, CELL.0));
        assert!(narrow.width() > 358.0);
        assert_eq!(Columns::fit(880.0, 128.0, 1).cell, CELL.1);
        assert_eq!(Columns::fit(880.0, 128.0, 0).count, 1);
    }

    fn point(figure: f64) -> Option<CurvePoint> {
        Some(CurvePoint {
            figure,
            interval: Some((figure - 0.05, figure + 0.05)),
        })
    }

    #[test]
    fn a_curve_stands_over_its_columns() {
        let columns = Columns {
            head: 60.0,
            detail: 34.0,
            cell: 38.0,
            count: 4,
        };
        let percent = |figure: f64| format!("{:.0}%", figure * 100.0);
        let look = CurveLook {
            height: 108.0,
            figure: &percent,
            tick: &percent,
            chosen: Some(1),
        };
        let scene = curve(
            &[point(0.95), point(0.2), None, point(0.15)],
            &columns,
            &look,
        );
        assert_eq!(
            scene.to_string(),
            "scene 260.0 x 108.0\n\
             axis line 100.0,100.0 260.0,100.0\n \
             text 92.0,104.0 end \"0%\"\n\
             grid line 100.0,83.2 260.0,83.2\n \
             text 92.0,87.2 end \"20%\"\n\
             grid line 100.0,66.4 260.0,66.4\n \
             text 92.0,70.4 end \"40%\"\n\
             grid line 100.0,49.6 260.0,49.6\n \
             text 92.0,53.6 end \"60%\"\n\
             grid line 100.0,32.8 260.0,32.8\n \
             text 92.0,36.8 end \"80%\"\n\
             grid line 100.0,16.0 260.0,16.0\n \
             text 92.0,20.0 end \"100%\"\n\
             ci #0 path M119.0 16.0L159.0 79.0L159.0 87.4L119.0 24.4Z\n\
             line #0 path M119.0 20.2L159.0 83.2\n\
             ci #0 path M239.0 83.2L239.0 91.6Z\n\
             line #0 path M239.0 87.4\n\
             dot #0 marker 119.0,20.2\n\
             t-2 text 119.0,10.2 middle \"95%\"\n\
             dot dot--on #0 marker 159.0,83.2\n\
             t-strong text 173.0,73.2 middle \"20%\"\n\
             dot #0 marker 239.0,87.4\n\
             t-2 text 239.0,77.4 middle \"15%\"\n"
        );
    }

    #[test]
    fn labels_thin_out_where_columns_are_narrow() {
        let columns = Columns {
            head: 60.0,
            detail: 34.0,
            cell: 16.0,
            count: 4,
        };
        let look = CurveLook {
            height: 100.0,
            figure: &|_| "figure".to_owned(),
            tick: &|_| "tick".to_owned(),
            chosen: None,
        };
        let scene = curve(&[point(0.5); 4], &columns, &look).to_string();
        assert_eq!(scene.matches("figure").count(), 2);
    }

    #[test]
    fn a_map_is_drawn_as_it_is_shown() {
        let map = HeatMap {
            corner: ("Signed Up".to_owned(), "Users".to_owned()),
            columns: vec!["Week 0".to_owned(), "1".to_owned()],
            rows: vec![HeatRow {
                name: "All".to_owned(),
                detail: "12".to_owned(),
                strong: true,
                cells: vec![
                    Some(HeatCell {
                        text: "66.8".to_owned(),
                        level: 9,
                        part: false,
                    }),
                    Some(HeatCell {
                        text: "2.5*".to_owned(),
                        level: 1,
                        part: true,
                    }),
                    None,
                ],
            }],
            note: "* still running".to_owned(),
        };
        let columns = Columns {
            head: 60.0,
            detail: 34.0,
            cell: 38.0,
            count: 2,
        };
        assert_eq!(
            layout(&map, &columns).to_string(),
            "scene 180.0 x 82.0\n\
             t-2 text 0.0,16.0 start \"Signed Up\"\n\
             t-2 text 90.0,16.0 end \"Users\"\n\
             t-2 text 119.0,16.0 middle \"Week 0\"\n\
             t-2 text 159.0,16.0 middle \"1\"\n\
             t-strong text 0.0,43.0 start \"All\"\n\
             t-strong text 90.0,43.0 end \"12\"\n\
             heat-9 rect 100.0,24.0 38.0x28.0\n\
             heat-ink-hi text 119.0,43.0 middle \"66.8\"\n\
             heat-1 rect 140.0,24.0 38.0x28.0\n\
             heat-part rect 140.0,24.0 38.0x28.0\n\
             heat-ink-lo text 159.0,43.0 middle \"2.5*\"\n \
             text 0.0,74.0 start \"* still running\"\n"
        );
    }
}
