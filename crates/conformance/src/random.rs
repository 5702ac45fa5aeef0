//! How many random cases there are in a run, and how they are asked about.

use proptest::test_runner::{Config, RngSeed};

use crate::evaluate::Context;
use crate::generate::RandomCase;

/// So much of all cases, in per cent. There are as many as the environment variable `JUDGE_CASES` says, 10,000 where it is not
/// set, and always the same ones; `JUDGE_SEED` asks for others.
pub fn config(per_cent: u32) -> Config {
    let cases = number("JUDGE_CASES").unwrap_or(10_000);
    Config {
        cases: u32::try_from((cases * u64::from(per_cent)).div_ceil(100)).unwrap(),
        rng_seed: RngSeed::Fixed(number("JUDGE_SEED").unwrap_or(1)),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        max_shrink_time: 30_000,
        ..Config::default()
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
    )
}

/// The data, the instant and the zone of a random case.
pub fn context(case: &RandomCase) -> Context<'_> {
    Context {
        world: &case.world,
        as_of: case.as_of,
        zone: case.zone,
    }
}
