//! Questions while they are worked out: in passes over shares of the users, and in steps.
//!
//! Every question is about users one by one, so the users can be shared out in ranges, each worked on by itself, and what
//! comes out is put together again. In a browser a share is all there is.

use std::ops::Range;

use crate::Progress;
use crate::threads::at_once;

/// A question while it is worked out.
pub(crate) trait Job {
    /// What is being worked out of a part of the data, as a rule of a range of the users.
    type Share: Send;
    /// What comes out.
    type Answer;

    /// How many rows there are to look at in all, as far as known.
    fn total(&self) -> u64;

    /// Shares the first pass out.
    fn split(&mut self) -> Vec<Self::Share>;

    /// Lets a share look at about so many rows, at some unless it is done with the pass. Called for several shares at once.
    fn step(&self, share: &mut Self::Share, rows: usize) -> Step;

    /// Puts together what the shares have found once all are done with a pass; true when there is another pass, for which
    /// the shares are then ready.
    fn merge(&mut self, shares: &mut Vec<Self::Share>) -> bool;

    /// What comes out, once there is no other pass.
    fn finish(&mut self) -> Self::Answer;
}

/// What became of a step of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// How many rows were looked at.
    pub(crate) looked: usize,
    /// Whether the share is done with the pass.
    pub(crate) done: bool,
}

/// Works a job out, step by step.
#[derive(Debug)]
pub(crate) struct Run<J: Job> {
    job: J,
    shares: Vec<J::Share>,
    stage: Stage,
    /// How many rows were looked at.
    looked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ready,
    Working,
    Done,
}

impl<J: Job + Sync> Run<J> {
    pub(crate) const fn new(job: J) -> Self {
        Self {
            job,
            shares: Vec::new(),
            stage: Stage::Ready,
            looked: 0,
        }
    }

    pub(crate) const fn job(&self) -> &J {
        &self.job
    }

    /// The job, to be worked out anew from its first pass.
    pub(crate) fn restart(&mut self) -> &mut J {
        self.shares.clear();
        self.stage = Stage::Ready;
        &mut self.job
    }

    /// Lets each share look at about so many rows, at least at some.
    pub(crate) fn step(&mut self, rows: usize) -> Progress<J::Answer> {
        let mut left = rows.max(1);
        if self.stage == Stage::Ready {
            self.shares = self.job.split();
            self.stage = Stage::Working;
        }
        while self.stage == Stage::Working {
            if !self.pass(&mut left) {
                let total = self.job.total();
                return Progress::Working {
                    // What has to be prepared was not counted before.
                    done: self.looked.min(total),
                    total,
                };
            }
            if !self.job.merge(&mut self.shares) {
                self.shares.clear();
                self.stage = Stage::Done;
            }
        }
        Progress::Done(self.job.finish())
    }

    /// Lets the shares work on a pass until the budget is used up by the slowest of them, of which something stays; true when
    /// all are done with it.
    fn pass(&mut self, left: &mut usize) -> bool {
        let (job, rows) = (&self.job, *left);
        let ready = Step {
            looked: 0,
            done: false,
        };
        let shares = self.shares.iter_mut();
        let mut working: Vec<(&mut J::Share, Step)> = shares.map(|share| (share, ready)).collect();
        at_once(&mut working, |(share, step)| *step = job.step(share, rows));
        let steps = working.iter().map(|(_, step)| *step);
        let slowest = steps.clone().map(|step| step.looked).max().unwrap_or(0);
        *left = rows.saturating_sub(slowest).max(1);
        let looked: u64 = steps.clone().map(|step| step.looked as u64).sum();
        let done = steps.clone().all(|step| step.done);
        self.looked += looked;
        done
    }
}

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

#[cfg(test)]
mod tests {
    use super::{Job, Run, Step, ranges};
    use crate::Progress;

    /// Adds up numbers in so many passes.
    struct Adding {
        numbers: Vec<Vec<usize>>,
        passes: usize,
        sum: usize,
    }

    impl Job for Adding {
        type Share = (Vec<usize>, usize);
        type Answer = usize;

        fn total(&self) -> u64 {
            10
        }

        fn split(&mut self) -> Vec<Self::Share> {
            let numbers = self.numbers.iter();
            numbers.map(|numbers| (numbers.clone(), 0)).collect()
        }

        fn step(&self, (left, sum): &mut Self::Share, rows: usize) -> Step {
            let looked = left.len().min(rows);
            *sum += left.drain(..looked).sum::<usize>();
            Step {
                looked,
                done: left.is_empty(),
            }
        }

        fn merge(&mut self, shares: &mut Vec<Self::Share>) -> bool {
            self.sum += shares.iter().map(|share| share.1).sum::<usize>();
            self.passes -= 1;
            *shares = self.split();
            self.passes > 0
        }

        fn finish(&mut self) -> usize {
            self.sum
        }
    }

    fn adding(passes: usize) -> Run<Adding> {
        Run::new(Adding {
            numbers: vec![vec![1, 2, 3], vec![4], Vec::new()],
            passes,
            sum: 0,
        })
    }

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
        let working = |done| Progress::Working { done, total: 10 };
        let mut run = adding(2);
        // Two rows of the first share, one of the second.
        assert_eq!(run.step(2), working(3));
        // The last one, and one of each for the second pass.
        assert_eq!(run.step(2), working(6));
        assert_eq!(run.step(1), working(7));
        assert_eq!(run.step(1), Progress::Done(20));
        assert_eq!(run.step(1), Progress::Done(20), "and it stays so");
        assert_eq!(adding(3).step(9), Progress::Done(30), "in one step too");
    }

    #[test]
    fn it_can_be_worked_out_anew() {
        let mut run = adding(1);
        assert_eq!(run.step(9), Progress::Done(10));
        let job = run.restart();
        (job.passes, job.sum) = (2, 0);
        assert_eq!(run.step(9), Progress::Done(20));
    }
}
