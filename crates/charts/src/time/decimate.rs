//! Fewer vertices where there are more points than px: what is seen stays the same.

/// A line as a path: its whole legs, those of unfinished buckets, and the points that have no neighbour.
#[derive(Debug, Default, PartialEq)]
pub struct Lines {
    /// The legs between whole buckets.
    pub whole: String,
    /// The legs to and from unfinished ones.
    pub part: String,
    /// Points that stand alone.
    pub lone: Vec<(f64, f64)>,
}

/// The line through some points, with a gap where one is missing.
#[must_use]
pub fn lines(points: &[Option<(f64, f64)>], is_whole: impl Fn(usize) -> bool) -> Lines {
    let mut lines = Lines::default();
    let dense = is_dense(points);
    let mut column = Column::default();
    for run in runs(points) {
        if dense && let Some(spread) = Spread::of_one_column(&run.points) {
            if let Some(before) = column.add(spread) {
                before.write(&mut lines.whole);
            }
            continue;
        }
        if let [point] = run.points.as_slice() {
            lines.lone.push(*point);
            continue;
        }
        for leg in legs(&run, &is_whole) {
            let path = if leg.whole {
                &mut lines.whole
            } else {
                &mut lines.part
            };
            polyline(path, &thinned(leg.points), 'M');
        }
    }
    if let Some(last) = column.0 {
        last.write(&mut lines.whole);
    }
    lines
}

/// The area between two lines, with a gap where a point is missing.
#[must_use]
pub fn area(edges: &[Option<Edge>]) -> String {
    let mut path = String::new();
    let tops: Vec<Option<(f64, f64)>> = edges
        .iter()
        .map(|edge| edge.map(|edge| (edge.x, edge.top)))
        .collect();
    for run in runs(&tops) {
        if run.points.len() < 2 {
            continue;
        }
        let bottom: Vec<(f64, f64)> = edges
            .iter()
            .skip(run.first)
            .take(run.points.len())
            .flatten()
            .map(|edge| (edge.x, edge.bottom))
            .collect();
        let mut back = upper(&bottom);
        back.reverse();
        polyline(&mut path, &upper(&run.points), 'M');
        polyline(&mut path, &back, 'L');
        path.push('Z');
    }
    path
}

/// An area at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    pub x: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its lower edge.
    pub bottom: f64,
}

/// Points without a gap, and which one is the first.
struct Run {
    first: usize,
    points: Vec<(f64, f64)>,
}

fn runs(points: &[Option<(f64, f64)>]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut first = 0;
    for stretch in points.chunk_by(|one, other| one.is_some() == other.is_some()) {
        let found: Vec<(f64, f64)> = stretch.iter().flatten().copied().collect();
        if !found.is_empty() {
            runs.push(Run {
                first,
                points: found,
            });
        }
        first += stretch.len();
    }
    runs
}

/// Legs that look the same, one after the other.
struct Leg<'a> {
    whole: bool,
    points: &'a [(f64, f64)],
}

fn legs<'a>(run: &'a Run, is_whole: &impl Fn(usize) -> bool) -> Vec<Leg<'a>> {
    let whole = |place: usize| is_whole(run.first + place) && is_whole(run.first + place + 1);
    let last = run.points.len().saturating_sub(1);
    let mut legs = Vec::new();
    let mut begin = 0;
    for place in 1..=last {
        if place == last || whole(place) != whole(begin) {
            if let Some(points) = run.points.get(begin..=place) {
                legs.push(Leg {
                    whole: whole(begin),
                    points,
                });
            }
            begin = place;
        }
    }
    legs
}

/// Whether there are more points than two a px.
fn is_dense(points: &[Option<(f64, f64)>]) -> bool {
    let mut found = points.iter().flatten();
    match (found.next(), found.next_back()) {
        (Some(first), Some(last)) => points.len() as f64 > 2.0 * (last.0 - first.0).max(1.0),
        _ => false,
    }
}

/// Of each column of px the first point, the least, the greatest and the last, in their order: a line through these
/// covers the same px as one through all.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    if points.len() as f64 <= 2.0 * (last.0 - first.0).max(1.0) {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    for column in points.chunk_by(|one, other| one.0.floor() == other.0.floor()) {
        let place_of = |better: fn(f64, f64) -> bool| {
            let mut best = 0;
            let mut height = column.first().map_or(0.0, |point| point.1);
            for (place, point) in column.iter().enumerate() {
                if better(point.1, height) {
                    (best, height) = (place, point.1);
                }
            }
            best
        };
        let mut places = [
            0,
            place_of(|new, old| new < old),
            place_of(|new, old| new > old),
            column.len() - 1,
        ];
        places.sort_unstable();
        let mut before = None;
        for place in places {
            if before != Some(place) {
                kept.extend(column.get(place).copied());
                before = Some(place);
            }
        }
    }
    kept
}

/// Of each column of px the uppermost point, and both ends: enough of an edge that has its line drawn upon it.
fn upper(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    if points.len() as f64 <= 2.0 * (last.0 - first.0).max(1.0) {
        return points.to_vec();
    }
    let mut kept = vec![*first];
    kept.extend(
        points
            .chunk_by(|one, other| one.0.floor() == other.0.floor())
            .filter_map(|column| {
                let uppermost = column.iter().min_by(|one, other| one.1.total_cmp(&other.1));
                uppermost.copied()
            }),
    );
    kept.push(*last);
    kept
}

fn polyline(path: &mut String, points: &[(f64, f64)], begin: char) {
    let mut command = begin;
    for (x, y) in points {
        path.push_str(&format!("{command}{x:.1} {y:.1}"));
        command = 'L';
    }
}

/// How far the points of one column of px reach.
#[derive(Clone, Copy)]
struct Spread {
    column: f64,
    x: f64,
    top: f64,
    bottom: f64,
}

impl Spread {
    fn of_one_column(points: &[(f64, f64)]) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        if first.0.floor() != last.0.floor() {
            return None;
        }
        Some(Self {
            column: first.0.floor(),
            x: first.0,
            top: points
                .iter()
                .fold(first.1, |least, point| least.min(point.1)),
            bottom: points.iter().fold(first.1, |most, point| most.max(point.1)),
        })
    }

    fn write(self, path: &mut String) {
        // The line's round ends make a point of it where it has no length.
        path.push_str(&format!(
            "M{:.1} {:.1}V{:.1}",
            self.x, self.top, self.bottom
        ));
    }
}

/// Pieces of a line within one column of px become one.
#[derive(Default)]
struct Column(Option<Spread>);

impl Column {
    /// Adds a piece; returns the column before if this is another.
    fn add(&mut self, spread: Spread) -> Option<Spread> {
        match &mut self.0 {
            Some(own) if own.column == spread.column => {
                own.top = own.top.min(spread.top);
                own.bottom = own.bottom.max(spread.bottom);
                None
            }
            _ => self.0.replace(spread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, area, lines, thinned};

    #[test]
    fn what_has_room_stays_as_it_is() {
        let points = [(0.0, 1.0), (10.0, 2.0), (20.0, 0.0)];
        assert_eq!(thinned(&points), points);
    }

    #[test]
    fn no_spike_and_no_end_is_lost() {
        // Ten thousand points on 500 px, with a spike up and one down.
        let mut points: Vec<(f64, f64)> = (0..10_000)
            .map(|place| (f64::from(place) * 0.05, 100.0 + f64::from(place % 7)))
            .collect();
        points[4_321].1 = 0.0;
        points[7_777].1 = 300.0;
        let thin = thinned(&points);
        assert!(thin.len() <= 4 * 501, "{}", thin.len());
        assert!(thin.contains(&points[4_321]) && thin.contains(&points[7_777]));
        assert_eq!(thin.first(), points.first());
        assert_eq!(thin.last(), points.last());
        assert!(thin.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn a_missing_point_is_a_gap_and_a_lone_one_a_dot() {
        let points = [
            Some((0.0, 1.0)),
            Some((10.0, 2.0)),
            None,
            Some((30.0, 3.0)),
            None,
            Some((50.0, 4.0)),
            Some((60.0, 5.0)),
        ];
        let lines = lines(&points, |_| true);
        assert_eq!(lines.whole, "M0.0 1.0L10.0 2.0M50.0 4.0L60.0 5.0");
        assert_eq!(lines.lone, [(30.0, 3.0)]);
        assert_eq!(lines.part, "");
    }

    #[test]
    fn legs_of_unfinished_buckets_are_apart() {
        let points: Vec<Option<(f64, f64)>> = (0..4)
            .map(|place| Some((f64::from(place) * 10.0, 0.0)))
            .collect();
        let lines = lines(&points, |place| place != 0 && place != 3);
        assert_eq!(lines.part, "M0.0 0.0L10.0 0.0M20.0 0.0L30.0 0.0");
        assert_eq!(lines.whole, "M10.0 0.0L20.0 0.0");
    }

    #[test]
    fn gaps_between_thousands_of_points_do_not_make_thousands_of_pieces() {
        let points: Vec<Option<(f64, f64)>> = (0..10_000)
            .map(|place| (place % 2 == 0).then(|| (f64::from(place) * 0.05, f64::from(place % 14))))
            .collect();
        let lines = lines(&points, |_| true);
        assert!(lines.whole.matches('M').count() <= 501);
        assert!(lines.lone.is_empty());
    }

    #[test]
    fn an_area_goes_there_and_back() {
        let edge = |x, top| {
            Some(Edge {
                x,
                top,
                bottom: 100.0,
            })
        };
        assert_eq!(
            area(&[edge(0.0, 50.0), edge(10.0, 40.0), None, edge(30.0, 1.0)]),
            "M0.0 50.0L10.0 40.0L10.0 100.0L0.0 100.0Z"
        );
    }
}
