//! Figures over rows, by group and by stretch of time.

#![expect(
    clippy::indexing_slicing,
    reason = "a tally has a cell for each group and stretch that rows are said to be in"
)]

use rustc_hash::FxHashSet;
use segments_model::measure::Aggregate;
use segments_model::query::{Figure, QueryAggregate};

use crate::number::millionths;
use crate::scan::{aggregated, count_different};

/// Where a figure is told: for each group one cell for each stretch of time, and one for all of the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) groups: usize,
    pub(crate) stretches: usize,
}

impl Shape {
    pub(crate) const fn cells(self) -> usize {
        self.groups * (self.stretches + 1)
    }

    /// The cell of all of the time of a group.
    const fn whole(self, group: usize) -> usize {
        group * (self.stretches + 1) + self.stretches
    }

    /// The cells of a group that are for a stretch.
    const fn parts(self, group: usize) -> std::ops::Range<usize> {
        group * (self.stretches + 1)..self.whole(group)
    }
}

/// Rows to add: what is known of each stands at the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<u32>,
    pub(crate) users: Vec<u32>,
    /// The number of the group that is told.
    pub(crate) groups: Vec<u32>,
    pub(crate) stretches: Vec<u32>,
    /// The numbers that the figure is worked out over; empty for other figures.
    pub(crate) numbers: Vec<f64>,
    /// The values, as bits, of which the different ones are counted; empty for other figures.
    pub(crate) bits: Vec<u64>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.users.clear();
        self.groups.clear();
        self.stretches.clear();
        self.numbers.clear();
        self.bits.clear();
    }

    /// Leaves out the rows that do not pass, before anything is known of them but their users.
    pub(crate) fn retain(&mut self, mut passes: impl FnMut(u32, u32) -> bool) {
        let mut kept = 0;
        for at in 0..self.rows.len() {
            let (row, user) = (self.rows[at], self.users[at]);
            (self.rows[kept], self.users[kept]) = (row, user);
            kept += usize::from(passes(row, user));
        }
        self.rows.truncate(kept);
        self.users.truncate(kept);
    }

    /// Leaves out the rows whose group is `left_out`.
    pub(crate) fn retain_told(&mut self, left_out: u32) {
        let mut kept = 0;
        for at in 0..self.rows.len() {
            let group = self.groups[at];
            self.rows[kept] = self.rows[at];
            self.users[kept] = self.users[at];
            self.groups[kept] = group;
            kept += usize::from(group != left_out);
        }
        self.rows.truncate(kept);
        self.users.truncate(kept);
        self.groups.truncate(kept);
    }

    fn cells(&self, shape: Shape) -> impl Iterator<Item = usize> {
        let width = shape.stretches + 1;
        self.groups
            .iter()
            .zip(&self.stretches)
            .map(move |(group, stretch)| *group as usize * width + *stretch as usize)
    }
}

/// What rows amount to so far. Those of shares of the users are put together by [`merge`](Self::merge).
#[derive(Debug)]
pub(crate) struct Tally {
    shape: Shape,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Rows(Vec<u64>),
    Users(Seen),
    /// Sums in millionths with the number of values.
    Sums {
        sums: Vec<i128>,
        counts: Vec<u64>,
    },
    /// Numbers of rows, or sums in millionths, to be divided by the number of users.
    ByUser(Vec<i128>, Seen),
    /// The least or the greatest; NaN of no value.
    Extremes(fn(f64, f64) -> f64, Vec<f64>),
    /// Every value, for their median.
    Values(Vec<Vec<f64>>),
    /// The different values of each cell that is for a stretch.
    Different(FxHashSet<(u32, u64)>),
    /// Figures of each user, worked out when all of the user's rows are there.
    Figures {
        aggregate: Aggregate,
        /// Of rows whose user may have more: user, group, stretch, value.
        waiting: Vec<(u32, u32, u32, u64)>,
        sums: Vec<i128>,
        users: Vec<u64>,
    },
}

/// How many users each cell has. Users have to come in order, except that those of one block of 64 may come mixed.
#[derive(Clone, Debug)]
struct Seen {
    cells: Vec<SeenCell>,
}

#[derive(Clone, Copy, Debug)]
struct SeenCell {
    /// Which of the 64 users of the block were seen.
    users: u64,
    /// The users' number divided by 64.
    block: u32,
    count: u32,
}

impl Seen {
    fn new(cells: usize) -> Self {
        let none = SeenCell {
            users: 0,
            block: u32::MAX,
            count: 0,
        };
        Self {
            cells: vec![none; cells],
        }
    }

    fn see(&mut self, cell: usize, user: u32) {
        let cell = &mut self.cells[cell];
        let bit = 1 << (user % 64);
        let before = if cell.block == user / 64 {
            cell.users
        } else {
            0
        };
        cell.count += u32::from(before & bit == 0);
        cell.users = before | bit;
        cell.block = user / 64;
    }

    /// Sees the user of each row in its cell and in that of all of the time.
    fn see_all(&mut self, shape: Shape, batch: &Batch) {
        for (cell, user) in batch.cells(shape).zip(&batch.users) {
            self.see(cell, *user);
        }
        // A stretch alone is all of the time.
        if shape.stretches == 1 {
            return;
        }
        for (group, user) in batch.groups.iter().zip(&batch.users) {
            self.see(shape.whole(*group as usize), *user);
        }
    }

    fn count(&self, shape: Shape, group: usize, cell: usize) -> u64 {
        let cell = match shape.stretches {
            1 => shape.parts(group).start,
            _ => cell,
        };
        u64::from(self.cells[cell].count)
    }

    /// Of other users.
    fn merge(&mut self, other: &Self) {
        for (cell, other) in self.cells.iter_mut().zip(&other.cells) {
            cell.count += other.count;
        }
    }
}

impl Tally {
    pub(crate) fn new(asked: &QueryAggregate, shape: Shape) -> Self {
        let cells = shape.cells();
        let kind = match (asked.of, asked.per_user) {
            (Figure::Total, false) => Kind::Rows(vec![0; cells]),
            (Figure::Users, _) => Kind::Users(Seen::new(cells)),
            (Figure::Total | Figure::Sum, true) => Kind::ByUser(vec![0; cells], Seen::new(cells)),
            (Figure::Sum | Figure::Average, false) => Kind::Sums {
                sums: vec![0; cells],
                counts: vec![0; cells],
            },
            (Figure::Min, false) => Kind::Extremes(f64::min, vec![f64::NAN; cells]),
            (Figure::Max, false) => Kind::Extremes(f64::max, vec![f64::NAN; cells]),
            (Figure::Median, false) => Kind::Values(vec![Vec::new(); cells]),
            (Figure::Distinct, false) => Kind::Different(FxHashSet::default()),
            (figure, true) => Kind::Figures {
                aggregate: figure.aggregate().unwrap_or(Aggregate::Distinct),
                waiting: Vec::new(),
                sums: vec![0; cells],
                users: vec![0; cells],
            },
        };
        Self { shape, kind }
    }

    /// Whether the rows of a user have to come together.
    pub(crate) const fn by_user(&self) -> bool {
        matches!(
            self.kind,
            Kind::Users(_) | Kind::ByUser(..) | Kind::Figures { .. }
        )
    }

    pub(crate) fn add(&mut self, batch: &Batch) {
        let shape = self.shape;
        let cells = batch.cells(shape);
        match &mut self.kind {
            Kind::Rows(counts) => cells.for_each(|cell| counts[cell] += 1),
            Kind::Users(seen) => seen.see_all(shape, batch),
            Kind::Sums { sums, counts, .. } => {
                for (cell, number) in cells.zip(&batch.numbers) {
                    sums[cell] += millionths(*number);
                    counts[cell] += 1;
                }
            }
            Kind::ByUser(sums, seen) => {
                if batch.numbers.is_empty() {
                    cells.for_each(|cell| sums[cell] += 1);
                } else {
                    for (cell, number) in cells.zip(&batch.numbers) {
                        sums[cell] += millionths(*number);
                    }
                }
                seen.see_all(shape, batch);
            }
            Kind::Extremes(of, extremes) => {
                for (cell, number) in cells.zip(&batch.numbers) {
                    extremes[cell] = of(extremes[cell], *number);
                }
            }
            Kind::Values(values) => {
                for (cell, number) in cells.zip(&batch.numbers) {
                    values[cell].push(*number);
                }
            }
            Kind::Different(different) => {
                different.extend(
                    cells
                        .map(|cell| cell as u32)
                        .zip(batch.bits.iter().copied()),
                );
            }
            Kind::Figures { waiting, .. } => {
                let rows = batch.users.iter().zip(&batch.groups).zip(&batch.stretches);
                let numbers = batch.numbers.iter().map(|number| number.to_bits());
                let values = numbers.chain(batch.bits.iter().copied());
                waiting.extend(
                    rows.zip(values)
                        .map(|(((user, group), stretch), value)| (*user, *group, *stretch, value)),
                );
            }
        }
    }

    /// Of the users that rows were added of, there are no more.
    pub(crate) fn flush(&mut self) {
        let shape = self.shape;
        let Kind::Figures {
            aggregate,
            waiting,
            sums,
            users,
        } = &mut self.kind
        else {
            return;
        };
        waiting.sort_unstable();
        let aggregate = *aggregate;
        let mut numbers = Vec::new();
        let mut different = Vec::new();
        let mut tell = |cell: usize, rows: &[(u32, u32, u32, u64)]| {
            let figure = match aggregate {
                Aggregate::Distinct => {
                    different.clear();
                    different.extend(rows.iter().map(|(.., bits)| *bits));
                    Some(count_different(&mut different) as f64)
                }
                aggregate => {
                    numbers.clear();
                    numbers.extend(rows.iter().map(|(.., bits)| f64::from_bits(*bits)));
                    aggregated(aggregate, &mut numbers)
                }
            };
            if let Some(figure) = figure {
                sums[cell] += millionths(figure);
                users[cell] += 1;
            }
        };
        for rows in waiting.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let Some((_, group, ..)) = rows.first() else {
                continue;
            };
            let group = *group as usize;
            tell(shape.whole(group), rows);
            for rows in rows.chunk_by(|one, other| one.2 == other.2) {
                let stretch = rows.first().map_or(0, |row| row.2) as usize;
                tell(shape.parts(group).start + stretch, rows);
            }
        }
        waiting.clear();
    }

    /// Adds what the rows of other users amount to; of a tally of the same kind and shape.
    pub(crate) fn merge(&mut self, other: Self) {
        fn add<T: std::ops::AddAssign>(sums: &mut [T], more: Vec<T>) {
            for (sum, more) in sums.iter_mut().zip(more) {
                *sum += more;
            }
        }
        match (&mut self.kind, other.kind) {
            (Kind::Rows(counts), Kind::Rows(more)) => add(counts, more),
            (Kind::Users(seen), Kind::Users(more)) => seen.merge(&more),
            (
                Kind::Sums { sums, counts, .. },
                Kind::Sums {
                    sums: more_sums,
                    counts: more_counts,
                    ..
                },
            ) => {
                add(sums, more_sums);
                add(counts, more_counts);
            }
            (Kind::ByUser(sums, seen), Kind::ByUser(more_sums, more)) => {
                add(sums, more_sums);
                seen.merge(&more);
            }
            (Kind::Extremes(of, extremes), Kind::Extremes(_, more)) => {
                for (extreme, more) in extremes.iter_mut().zip(more) {
                    *extreme = of(*extreme, more);
                }
            }
            (Kind::Values(values), Kind::Values(more)) => {
                for (values, more) in values.iter_mut().zip(more) {
                    values.extend(more);
                }
            }
            (Kind::Different(different), Kind::Different(more)) => different.extend(more),
            (
                Kind::Figures { sums, users, .. },
                Kind::Figures {
                    sums: more_sums,
                    users: more_users,
                    ..
                },
            ) => {
                add(sums, more_sums);
                add(users, more_users);
            }
            _ => {}
        }
    }

    /// The figure of each cell; `of` is what it was made for.
    pub(crate) fn figures(self, of: Figure) -> Vec<Option<f64>> {
        let shape = self.shape;
        match self.kind {
            Kind::Rows(mut counts) => {
                for group in 0..shape.groups {
                    counts[shape.whole(group)] = counts[shape.parts(group)].iter().sum();
                }
                counts.into_iter().map(|count| Some(count as f64)).collect()
            }
            Kind::Users(seen) => each_cell(shape, |group, cell| {
                Some(seen.count(shape, group, cell) as f64)
            }),
            Kind::Sums {
                mut sums,
                mut counts,
            } => {
                for group in 0..shape.groups {
                    sums[shape.whole(group)] = sums[shape.parts(group)].iter().sum();
                    counts[shape.whole(group)] = counts[shape.parts(group)].iter().sum();
                }
                sums.into_iter()
                    .zip(counts)
                    .map(|(sum, count)| match of {
                        Figure::Sum => Some(sum as f64 / 1e6),
                        _ => mean(sum, count),
                    })
                    .collect()
            }
            Kind::ByUser(mut sums, seen) => {
                for group in 0..shape.groups {
                    sums[shape.whole(group)] = sums[shape.parts(group)].iter().sum();
                }
                each_cell(shape, |group, cell| {
                    let users = seen.count(shape, group, cell);
                    match of {
                        Figure::Sum => mean(sums[cell], users),
                        _ => (users > 0).then(|| sums[cell] as f64 / users as f64),
                    }
                })
            }
            Kind::Extremes(of, mut extremes) => {
                for group in 0..shape.groups {
                    let parts = &extremes[shape.parts(group)];
                    extremes[shape.whole(group)] = parts.iter().copied().fold(f64::NAN, of);
                }
                extremes
                    .into_iter()
                    // Adding 0 makes one zero of the two that there are.
                    .map(|extreme| (!extreme.is_nan()).then_some(extreme + 0.0))
                    .collect()
            }
            Kind::Values(mut values) => {
                for group in 0..shape.groups {
                    let whole = values[shape.parts(group)].concat();
                    values[shape.whole(group)] = whole;
                }
                values
                    .into_iter()
                    .map(|mut values| {
                        aggregated(Aggregate::Median, &mut values).map(|median| median + 0.0)
                    })
                    .collect()
            }
            Kind::Different(different) => {
                let mut counts = vec![0_u64; shape.cells()];
                let mut whole = FxHashSet::default();
                for (cell, bits) in different {
                    counts[cell as usize] += 1;
                    whole.insert((cell as usize / (shape.stretches + 1), bits));
                }
                for (group, _) in whole {
                    counts[shape.whole(group)] += 1;
                }
                counts.into_iter().map(|count| Some(count as f64)).collect()
            }
            Kind::Figures { sums, users, .. } => sums
                .into_iter()
                .zip(users)
                .map(|(sum, users)| mean(sum, users))
                .collect(),
        }
    }
}

/// A sum in millionths divided by a number; of nothing missing.
fn mean(sum: i128, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / 1e6 / count as f64)
}

fn each_cell(shape: Shape, of: impl Fn(usize, usize) -> Option<f64>) -> Vec<Option<f64>> {
    (0..shape.groups)
        .flat_map(|group| {
            (shape.parts(group).start..=shape.whole(group)).map(move |cell| (group, cell))
        })
        .map(|(group, cell)| of(group, cell))
        .collect()
}
