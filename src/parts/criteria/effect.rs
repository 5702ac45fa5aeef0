//! What stands beside a criterion: how many users are left after it and how many it took away or added.

use segments_forms::criteria::tree::Mode;
use segments_model::preview::CriterionEffect;

/// The numbers beside a criterion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EffectNumbers {
    /// How many users: of an `all` group those left after it, of an `any` group those that meet it or one before it.
    pub users: u64,
    /// How long the bar is, 0 to 1: of an `all` group the share left of those before, of an `any` group the share of those
    /// that the group is asked of.
    pub bar: f64,
    /// How many users it took away, or added.
    pub change: u64,
    /// Whether they were added.
    pub adds: bool,
}

/// What to show of a criterion's effect in a group of this mode, which is asked of so many users.
#[must_use]
pub fn effect_numbers(effect: &CriterionEffect, mode: Mode, base: u64) -> EffectNumbers {
    let share = |part: u64, whole: u64| {
        if whole == 0 {
            0.0
        } else {
            // Counts of users stay far below the 2^53 up to which a double is exact.
            (part as f64 / whole as f64).clamp(0.0, 1.0)
        }
    };
    match mode {
        Mode::All => EffectNumbers {
            users: effect.kept,
            bar: share(effect.kept, effect.kept.saturating_add(effect.dropped)),
            change: effect.dropped,
            adds: false,
        },
        Mode::Any => EffectNumbers {
            users: effect.kept,
            bar: share(effect.kept, base),
            change: effect.dropped,
            adds: true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{EffectNumbers, Mode, effect_numbers};
    use segments_model::preview::CriterionEffect;

    fn effect(users: u64, kept: u64, dropped: u64) -> CriterionEffect {
        CriterionEffect {
            pointer: String::new(),
            users,
            kept,
            dropped,
        }
    }

    #[test]
    fn all_keeps_and_any_adds() {
        assert_eq!(
            effect_numbers(&effect(500, 25, 75), Mode::All, 1_000),
            EffectNumbers {
                users: 25,
                bar: 0.25,
                change: 75,
                adds: false
            }
        );
        assert_eq!(
            effect_numbers(&effect(500, 700, 200), Mode::Any, 1_000),
            EffectNumbers {
                users: 700,
                bar: 0.7,
                change: 200,
                adds: true
            }
        );
    }

    #[test]
    fn nobody_is_no_share() {
        assert_eq!(effect_numbers(&effect(0, 0, 0), Mode::All, 0).bar, 0.0);
        assert_eq!(effect_numbers(&effect(0, 0, 0), Mode::Any, 0).bar, 0.0);
    }
}
