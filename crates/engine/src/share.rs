//! Work on shares of the users at the same time.
//!
//! Every question is about users one by one, so the users can be shared out in ranges, each worked on by itself, and what
//! comes out is put together again. In a browser a share is all there is.

use std::ops::Range;

use crate::threads::at_once;

/// The users in ranges of about the same size, one for each share; at least one.
pub(crate) fn ranges(users: u32, shares: usize) -> Vec<Range<u32>> {
    let shares = u32::try_from(shares)
        .unwrap_or(u32::MAX)
        .clamp(1, users.max(1));
    let bound = |share: u32| (u64::from(users) * u64::from(share) / u64::from(shares)) as u32;
    (0..shares)
        .map(|share| bound(share)..bound(share + 1))
        .collect()
}

/// Lets each share look at so many rows, and takes from the budget what the slowest of them looked at; something stays of it.
/// Each tells how many rows it looked at; gives the sum.
pub(crate) fn look_at_once<T: Send>(
    shares: &mut [T],
    budget: &mut usize,
    look: impl Fn(&mut T, usize) -> usize + Sync,
) -> u64 {
    let rows = *budget;
    let mut looking: Vec<(&mut T, usize)> = shares.iter_mut().map(|share| (share, 0)).collect();
    at_once(&mut looking, |(share, looked)| *looked = look(share, rows));
    let looked = looking.iter().map(|(_, looked)| *looked);
    *budget = rows
        .saturating_sub(looked.clone().max().unwrap_or(0))
        .max(1);
    looked.map(|looked| looked as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::{look_at_once, ranges};

    #[test]
    fn every_user_is_in_one_share() {
        for users in [0, 1, 2, 7, 1_000, u32::MAX] {
            for shares in [0, 1, 2, 3, 16] {
                let ranges = ranges(users, shares);
                let mut next = 0;
                for range in &ranges {
                    assert_eq!(range.start, next);
                    next = range.end;
                }
                assert_eq!(next, users);
                assert!(ranges.len() <= shares.max(1));
            }
        }
    }

    #[test]
    fn a_budget_lasts_as_long_as_that_of_the_slowest_share() {
        let mut shares = vec![3, 40, 7];
        let mut budget = 50;
        let look = |share: &mut usize, rows: usize| std::mem::take(share).min(rows);
        assert_eq!(look_at_once(&mut shares, &mut budget, look), 50);
        assert_eq!((budget, shares), (10, vec![0, 0, 0]));
        assert_eq!(look_at_once(&mut [30], &mut budget, look), 10);
        assert_eq!(budget, 1);
    }
}
