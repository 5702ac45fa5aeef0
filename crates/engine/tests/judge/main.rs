//! The fast evaluator against a plain one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

mod calendar;
mod evaluate;
mod generate;
mod world;

use evaluate::{Asked, members};
use proptest::prelude::*;

proptest! {
    #[test]
    fn judge_runs(case in generate::case()) {
        let asked = Asked { world: &case.world, as_of: case.as_of, zone: case.zone };
        let found = members(&case.definition, asked);
        prop_assert!(found.is_subset(&case.world.universe(case.as_of)));
    }
}
