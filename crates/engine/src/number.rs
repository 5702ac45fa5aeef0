//! Sums that come out the same in any order and on any machine.

/// A number in millionths, rounded exactly (of two as near ones the even one). Exact integers can then be added in any
/// order. For numbers of up to 10^15 in size.
///
/// The product with 10^6 may be rounded itself, so its error is taken into account: a fused multiplication gives it.
#[must_use]
pub(crate) fn millionths(number: f64) -> i128 {
    /// From here on a double has no fraction.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let product = number * 1e6;
    let nearest = product.round_ties_even();
    let fraction = product - nearest;
    if product.abs() < WHOLE && fraction.abs() < 0.499 {
        return nearest as i128;
    }
    let error = number.mul_add(1e6, -product);
    if product.abs() >= WHOLE {
        return product as i128 + error.round_ties_even() as i128;
    }
    // Half-way as far as a double can tell: the error decides, and where there is none it is a tie.
    if fraction.abs() == 0.5 && error * fraction > 0.0 {
        return nearest as i128 + if fraction > 0.0 { 1 } else { -1 };
    }
    nearest as i128
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::millionths;

    /// By the decimal digits.
    fn by_digits(number: f64) -> i128 {
        format!("{number:.6}").replace('.', "").parse().unwrap()
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for number in [
            0.0078125,
            -0.0078125,
            0.0234375,
            1.0000005,
            1.0000015,
            0.1,
            -0.1,
            19.99,
            1e15,
            -1e15,
            999_999_999_999_999.9,
            100_000_000_000_000.25,
            4_503_599_627.370_496,
            4_503_599_627.370_497,
            0.000_000_5,
            0.0,
            -0.0,
        ] {
            assert_eq!(millionths(number), by_digits(number), "{number}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_rounded_as_its_digits_say(
            mantissa in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000,
            scale in 0_i32..20,
        ) {
            let number = mantissa as f64 / 10_f64.powi(scale);
            prop_assume!(number.abs() <= 1e15);
            prop_assert_eq!(millionths(number), by_digits(number));
        }

        #[test]
        fn sums_are_the_same_in_any_order(mut numbers in proptest::collection::vec(-1e15..1e15_f64, 0..30)) {
            let forward: i128 = numbers.iter().copied().map(millionths).sum();
            numbers.reverse();
            prop_assert_eq!(forward, numbers.iter().copied().map(millionths).sum::<i128>());
        }
    }
}
