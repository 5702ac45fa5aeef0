//! Numbers that look random and are the same on every machine: whole numbers alone, no floating point.

/// The SplitMix64 generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// `-1000 · ln(1 - (i + ½) / 64)`: equally likely values of a waiting time whose mean is 1,000.
const WAITS: [u32; 64] = [
    8, 24, 40, 56, 73, 90, 107, 125, 143, 161, 179, 198, 217, 237, 257, 277, 298, 319, 341, 363,
    386, 409, 433, 458, 483, 508, 535, 562, 589, 618, 647, 678, 709, 741, 774, 809, 845, 882, 920,
    960, 1002, 1045, 1091, 1138, 1188, 1241, 1297, 1356, 1418, 1485, 1556, 1633, 1717, 1808, 1908,
    2019, 2144, 2287, 2454, 2655, 2906, 3243, 3753, 4852,
];

impl Random {
    /// A sequence of its own for each key.
    pub(crate) fn of(seed: u64, key: u64) -> Self {
        let mut random = Self(seed ^ key.wrapping_mul(0xd134_2543_de82_ef95));
        random.0 = random.next();
        random
    }

    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    #[inline]
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        (((self.next() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// True so many times in a thousand.
    #[inline]
    pub(crate) fn chance(&mut self, of_a_thousand: u32) -> bool {
        self.below(1_000) < of_a_thousand
    }

    /// The place of one of these weights, as often as it weighs.
    #[inline]
    pub(crate) fn pick(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        0
    }

    /// A waiting time of this mean, from a hundredth of it to five times as long.
    #[inline]
    pub(crate) fn wait(&mut self, mean: u32) -> u32 {
        let place = (self.next() >> 58) as usize;
        let wait = WAITS.get(place).copied().unwrap_or(1_000);
        (u64::from(mean) * u64::from(wait) / 1_000) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_sequence_is_splitmix64() {
        let mut random = Random(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn choices_are_as_likely_as_said() {
        let mut random = Random::of(1, 2);
        let mut places = [0; 3];
        let (mut yes, mut waits) = (0, 0);
        for _ in 0..100_000 {
            places[random.pick(&[1, 2, 7])] += 1;
            yes += u32::from(random.chance(250));
            waits += random.wait(40);
        }
        assert!((9_500..10_500).contains(&places[0]), "{places:?}");
        assert!((69_000..71_000).contains(&places[2]), "{places:?}");
        assert!((24_500..25_500).contains(&yes), "{yes}");
        assert!((3_900_000..4_100_000).contains(&waits), "{waits}");
    }
}
