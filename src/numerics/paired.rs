//! Is one thing different from another, given pairs of runs that share their randomness?

use serde::Serialize;

use super::accumulator::Accumulator;
use super::special::normal_quantile;
use super::statistics::{CONFIDENCE, Interval, mean_interval};

/// The chance of seeing a difference that is there, at which more runs are no longer asked for.
pub const POWER: f64 = 0.8;

/// What the pairs allow to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval of the mean difference leaves out zero.
    Differs,
    /// The interval holds zero although a difference of the stated resolution would probably have been seen.
    NoDifferenceSeen,
    /// The interval holds zero and there are too few pairs to have seen a difference that matters.
    NeedsMoreRuns {
        /// About how many further pairs would do; `None` where the pairs so far do not tell.
        about: Option<u64>,
    },
}

/// The mean of `after - before` over pairs, and what can be said about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// Number of pairs of which both sides are finite.
    pub pairs: u64,
    /// Pairs left out because a side was not finite.
    pub skipped: u64,
    /// Mean difference; `None` without pairs.
    pub mean: Option<f64>,
    /// Sample standard deviation of the differences; `None` with fewer than two pairs.
    pub sd: Option<f64>,
    /// Student's interval of the mean difference at [`CONFIDENCE`]; `None` with fewer than two pairs.
    pub interval: Option<Interval>,
    /// The verdict by the rule of [`PairedDifference::of`].
    pub verdict: Verdict,
}

impl PairedDifference {
    /// Compares pairs `(before, after)`; differences below `resolution` (in the unit of the metric) do not matter.
    ///
    /// A usual `resolution` is a stated fraction of the metric's scale: one hundredth of the mean of `before`. At zero, or
    /// at anything that is not a positive number, every difference matters.
    ///
    /// The rule, with `m` and `s` the mean and standard deviation of `n` differences:
    ///
    /// 1. Fewer than two pairs tell nothing about spread: `NeedsMoreRuns` with no number.
    /// 2. All differences equal (`s = 0`): the effect does not depend on chance; `NoDifferenceSeen` at zero, else `Differs`.
    /// 3. The interval leaves out zero: `Differs` (the size is in the interval, even where it is below `resolution`).
    /// 4. `n` pairs would have shown a difference of `resolution` with probability [`POWER`]: `NoDifferenceSeen`.
    /// 5. Otherwise `NeedsMoreRuns`, up to what would show the larger of `|m|` and `resolution` with that probability.
    ///
    /// Pairs needed to see `d`: `((z_0.975 + z_0.8) s / d)^2 + z_0.975^2 / 2`, the normal formula with the correction of
    /// Guenther (The American Statistician 35, 1981) for an estimated `s`.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>, resolution: f64) -> Self {
        // A side that is not finite makes the difference not finite.
        let seen: Accumulator = pairs.into_iter().map(|(before, after)| after - before).collect();
        let interval = mean_interval(&seen, CONFIDENCE);
        Self {
            pairs: seen.count(),
            skipped: seen.skipped(),
            mean: seen.mean(),
            sd: seen.sd(),
            interval,
            verdict: verdict(&seen, interval, resolution),
        }
    }
}

fn verdict(seen: &Accumulator, interval: Option<Interval>, resolution: f64) -> Verdict {
    let (Some(mean), Some(sd), Some(interval)) = (seen.mean(), seen.sd(), interval) else {
        return Verdict::NeedsMoreRuns { about: None };
    };
    if !interval.contains(0.0) {
        return Verdict::Differs;
    }
    if sd == 0.0 {
        return Verdict::NoDifferenceSeen;
    }
    let have = seen.count();
    if pairs_needed(sd, resolution).is_some_and(|needed| needed <= have) {
        return Verdict::NoDifferenceSeen;
    }
    let about = pairs_needed(sd, if resolution > mean.abs() { resolution } else { mean.abs() });
    // With very few pairs the formula may ask for fewer than there are, as it takes the spread for known.
    Verdict::NeedsMoreRuns { about: about.map(|needed| needed.saturating_sub(have).max(1)) }
}

/// Pairs that show a mean difference of `difference` with probability [`POWER`]; `None` if no number of runs would.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just above")]
pub fn pairs_needed(sd: f64, difference: f64) -> Option<u64> {
    let (sure, power) = (normal_quantile(0.5 * (1.0 + CONFIDENCE))?, normal_quantile(POWER)?);
    let ratio = (sure + power) * sd / difference;
    let needed = ratio * ratio + 0.5 * sure * sure;
    let possible = sd >= 0.0 && difference > 0.0 && needed < 1e15;
    possible.then(|| (needed.ceil() as u64).max(2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn compare(differences: &[f64], resolution: f64) -> PairedDifference {
        PairedDifference::of(differences.iter().map(|difference| (10.0, 10.0 + difference)), resolution)
    }

    /// Differences 1, 2, 3, 4, 5: mean 3, half-width 1.963, so zero is outside.
    #[test]
    fn worked_example_of_a_difference() {
        let found = compare(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.1);
        assert_eq!((found.pairs, found.mean, found.verdict), (5, Some(3.0), Verdict::Differs));
        assert!((found.interval.unwrap().half_width() - 1.963_243).abs() < 1e-6);
    }

    /// For `s = d`: (1.95996 + 0.84162)^2 + 1.9207 = 9.769, so 10 pairs; the t test itself needs 9.94 by its exact power.
    #[test]
    fn worked_example_of_the_number_of_pairs() {
        assert_eq!(pairs_needed(1.0, 1.0), Some(10));
        assert_eq!(pairs_needed(1.0, 0.1), Some(787));
        assert_eq!((pairs_needed(1.0, 0.0), pairs_needed(f64::NAN, 1.0)), (None, None));
    }

    #[test]
    fn too_few_pairs_say_so() {
        assert_eq!(compare(&[], 1.0).verdict, Verdict::NeedsMoreRuns { about: None });
        let one = compare(&[2.0], 1.0);
        assert_eq!(
            (one.mean, one.interval, one.verdict),
            (Some(2.0), None, Verdict::NeedsMoreRuns { about: None })
        );
        // Two pairs about zero and no stated resolution: nothing tells how small a difference could matter.
        assert_eq!(compare(&[-1.0, 1.0], 0.0).verdict, Verdict::NeedsMoreRuns { about: None });
        assert_eq!(compare(&[-1.0, 1.0], f64::NAN).verdict, Verdict::NeedsMoreRuns { about: None });
    }

    #[test]
    fn an_effect_without_chance_is_certain() {
        assert_eq!(compare(&[0.0; 4], 0.0).verdict, Verdict::NoDifferenceSeen);
        assert_eq!(compare(&[0.25; 4], 1.0).verdict, Verdict::Differs);
    }

    /// -1 and 1 alternating: s about 1, so 787 pairs resolve 0.1 and fewer do not.
    #[test]
    fn an_empty_result_needs_power() {
        let swing =
            |pairs: usize| -> Vec<f64> { (0..pairs).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect() };
        assert_eq!(compare(&swing(800), 0.1).verdict, Verdict::NoDifferenceSeen);
        let few = compare(&swing(100), 0.1).verdict;
        assert!(matches!(few, Verdict::NeedsMoreRuns { about: Some(690..=705) }), "{few:?}");
    }

    #[test]
    fn a_side_that_is_not_finite_is_left_out() {
        let found = PairedDifference::of([(1.0, f64::NAN), (f64::INFINITY, f64::INFINITY), (1.0, 2.0)], 0.1);
        assert_eq!((found.pairs, found.skipped, found.mean), (1, 2, Some(1.0)));
    }

    /// The number asked for gives the power it says: 1,000 studies of 42 pairs with `d = 0.45 s`.
    #[test]
    fn the_number_of_pairs_gives_the_power() {
        let pairs = pairs_needed(1.0, 0.45).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let studies = 1_000;
        let seen = (0..studies)
            .filter(|_| {
                let noise: Vec<f64> = (0..pairs)
                    .map(|_| 0.45 + normal_quantile(random.sample(rand::distr::Open01)).unwrap())
                    .collect();
                compare(&noise, 0.0).verdict == Verdict::Differs
            })
            .count();
        let share = seen as f64 / f64::from(studies);
        assert!((share - POWER).abs() < 4.0 * (0.8 * 0.2 / f64::from(studies)).sqrt(), "{share}");
    }

    proptest! {
        #[test]
        fn turning_the_pairs_round_turns_the_sign(
            pairs in prop::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64), 2..40), resolution in 0.0..2.0_f64,
        ) {
            let forth = PairedDifference::of(pairs.iter().copied(), resolution);
            let back = PairedDifference::of(pairs.iter().map(|(before, after)| (*after, *before)), resolution);
            prop_assert_eq!(forth.verdict, back.verdict);
            prop_assert_eq!(forth.mean.map(|mean| -mean), back.mean);
        }
    }
}
