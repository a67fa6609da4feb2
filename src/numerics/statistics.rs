//! Figures about a sample: where it lies, how wide it is, how sure that is, how it hangs together in time.
//!
//! Every function answers `None` where the figure is undefined (too few values, no spread, a value that is not finite),
//! so that no result is ever NaN.

use super::accumulator::Accumulator;
use super::special::{incomplete_beta_inverse, normal_quantile, student_t_two_sided};

/// The confidence at which Ballast states intervals unless told otherwise.
pub const CONFIDENCE: f64 = 0.95;

/// An interval of plausible values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// True where `value` lies inside or on an end.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Half the distance between the ends.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

fn accumulate(values: &[f64]) -> Option<Accumulator> {
    let seen: Accumulator = values.iter().copied().collect();
    (seen.skipped() == 0).then_some(seen)
}

/// Arithmetic mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    accumulate(values)?.mean()
}

/// Sample standard deviation (divisor n - 1).
#[must_use]
pub fn sd(values: &[f64]) -> Option<f64> {
    accumulate(values)?.sd()
}

/// Standard error of the mean, `sd / sqrt(n)`, of independent values.
#[must_use]
pub fn standard_error(values: &[f64]) -> Option<f64> {
    let seen = accumulate(values)?;
    Some(seen.sd()? / (seen.count() as f64).sqrt())
}

/// Student's interval for the mean of what was pushed: `mean -+ t sd / sqrt(n)` with n - 1 degrees of freedom.
///
/// Values are taken as independent and their mean as near normal, which holds for runs of an ensemble and not for the
/// ticks of one run. `None` of fewer than two values or unless `0 < level < 1`.
#[must_use]
pub fn mean_interval(seen: &Accumulator, level: f64) -> Option<Interval> {
    let (mean, sd) = (seen.mean()?, seen.sd()?);
    let count = seen.count() as f64;
    let half = student_t_two_sided(level, count - 1.0)? * sd / count.sqrt();
    Some(Interval { low: mean - half, high: mean + half })
}

/// Wilson's score interval for a probability seen as `successes` out of `trials` (JASA 22, 1927).
///
/// It stays inside 0 to 1 and has a width even at none or all. `None` without trials, with more successes than trials, or
/// unless `0 < level < 1`.
#[must_use]
pub fn wilson_interval(successes: u64, trials: u64, level: f64) -> Option<Interval> {
    if trials == 0 || successes > trials || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let z = normal_quantile(0.5 * (1.0 + level))?;
    let n = trials as f64;
    let share = successes as f64 / n;
    let scale = 1.0 + z * z / n;
    let centre = (share + 0.5 * z * z / n) / scale;
    let half = z * (share * (1.0 - share) / n + 0.25 * z * z / (n * n)).sqrt() / scale;
    // At none and at all one end is the bound itself; rounding must not move it.
    let low = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes == trials { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { low, high })
}

/// Clopper and Pearson's exact interval for a probability seen as `successes` out of `trials` (Biometrika 26, 1934).
///
/// It holds the probability at least as often as `level` says, also where that is near 0 or 1 and Wilson's does not; the price
/// is some width. Its ends are quantiles of `Beta(successes, trials - successes + 1)` and
/// `Beta(successes + 1, trials - successes)`. `None` as [`wilson_interval`].
///
/// # Examples
/// ```
/// use ballast::numerics::statistics::exact_interval;
/// // Never seen in 368 trials: below one in a hundred.
/// assert!(exact_interval(0, 368, 0.95).unwrap().high < 0.01);
/// ```
#[must_use]
pub fn exact_interval(successes: u64, trials: u64, level: f64) -> Option<Interval> {
    if trials == 0 || successes > trials || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let (seen, unseen) = (successes as f64, (trials - successes) as f64);
    let tail = 0.5 * (1.0 - level);
    let low = if successes == 0 { 0.0 } else { incomplete_beta_inverse(seen, unseen + 1.0, tail)? };
    let high =
        if successes == trials { 1.0 } else { incomplete_beta_inverse(seen + 1.0, unseen, 1.0 - tail)? };
    Some(Interval { low, high })
}

/// Correlation of a series with itself `lag` steps later.
///
/// The usual estimator: both sums about the mean of the whole series, divided by its total sum of squares, which keeps
/// the result in -1 to 1. `None` if the series is constant or not longer than `lag`.
#[must_use]
pub fn autocorrelation(series: &[f64], lag: usize) -> Option<f64> {
    let mean = mean(series)?;
    if series.len() <= lag {
        return None;
    }
    let squares: f64 = series.iter().map(|value| (value - mean) * (value - mean)).sum();
    let products: f64 =
        series.iter().zip(&series[lag..]).map(|(now, later)| (now - mean) * (later - mean)).sum();
    let ratio = products / squares;
    (squares > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// Fourth standardised moment less 3: zero for the normal law, positive for fat tails.
///
/// The moment ratio `m4 / m2^2 - 3` without small-sample correction, as finance reports it. `None` of a constant.
#[must_use]
pub fn excess_kurtosis(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let count = values.len() as f64;
    let (mut second, mut fourth) = (0.0, 0.0);
    for value in values {
        let square = (value - mean) * (value - mean);
        second += square;
        fourth += square * square;
    }
    let kurtosis = count * fourth / (second * second) - 3.0;
    (second > 0.0 && kurtosis.is_finite()).then_some(kurtosis)
}

/// Hill's tail index from the `tail` largest values (Annals of Statistics 3, 1975); about 3 for returns of crypto assets.
///
/// `tail / sum(ln(x_i / x_(tail+1)))` over the largest. For the lower tail pass the negated values. `None` unless more
/// than `tail >= 1` values are positive and they are not all equal.
#[must_use]
pub fn hill_index(values: &[f64], tail: usize) -> Option<f64> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut positive: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    positive.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = *positive.get(tail)?;
    let logs: f64 = positive[..tail].iter().map(|value| libm::log(value / threshold)).sum();
    (logs > 0.0).then(|| tail as f64 / logs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn normal(random: &mut impl Rng) -> f64 {
        normal_quantile(random.sample(rand::distr::Open01)).unwrap()
    }

    /// 1, 2, 3, 4, 5: mean 3, sd sqrt(2.5), t(4) = 2.776445, half-width 2.776445 * sqrt(2.5 / 5).
    #[test]
    fn worked_example_of_an_interval() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(mean(&values), Some(3.0));
        assert!((sd(&values).unwrap() - 2.5_f64.sqrt()).abs() < 1e-15);
        assert!((standard_error(&values).unwrap() - 0.5_f64.sqrt()).abs() < 1e-15);
        let interval = mean_interval(&values.into_iter().collect(), CONFIDENCE).unwrap();
        assert!((interval.half_width() - 2.776_445_105_197_79 * 0.5_f64.sqrt()).abs() < 1e-12);
        assert!(interval.contains(3.0) && !interval.contains(5.0));
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!((mean(&[]), sd(&[1.0]), standard_error(&[])), (None, None, None));
        assert_eq!(mean(&[1.0, f64::NAN]), None);
        assert_eq!(mean_interval(&[1.0].into_iter().collect(), CONFIDENCE), None);
        assert_eq!((autocorrelation(&[2.0; 9], 1), excess_kurtosis(&[2.0; 9])), (None, None));
        assert_eq!((autocorrelation(&[1.0, 2.0], 2), excess_kurtosis(&[])), (None, None));
        assert_eq!(
            (hill_index(&[1.0; 9], 3), hill_index(&[3.0, 2.0], 2), hill_index(&[3.0], 0)),
            (None, None, None)
        );
        assert_eq!((wilson_interval(1, 0, 0.95), wilson_interval(3, 2, 0.95)), (None, None));
    }

    /// A 95 % interval holds the truth in 95 % of samples; 4,000 samples of 6 give it within 4 standard errors.
    #[test]
    fn the_interval_covers_as_often_as_it_says() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let samples = 4_000;
        let hits = (0..samples)
            .filter(|_| {
                let seen: Accumulator = (0..6).map(|_| 10.0 + 3.0 * normal(&mut random)).collect();
                mean_interval(&seen, CONFIDENCE).unwrap().contains(10.0)
            })
            .count();
        let share = hits as f64 / f64::from(samples);
        assert!((share - 0.95).abs() < 4.0 * (0.95 * 0.05 / f64::from(samples)).sqrt(), "{share}");
    }

    /// 2 of 10 at 95 %: 0.0567 to 0.5098 (Newcombe 1998); 0 of 20 ends at z^2 / (20 + z^2).
    #[test]
    fn worked_example_of_a_probability() {
        let interval = wilson_interval(2, 10, 0.95).unwrap();
        assert!(
            (interval.low - 0.056_682).abs() < 1e-6 && (interval.high - 0.509_838).abs() < 1e-6,
            "{interval:?}"
        );
        let never = wilson_interval(0, 20, 0.95).unwrap();
        let z2 = 1.959_963_984_540_054_f64.powi(2);
        assert!(never.low == 0.0 && (never.high - z2 / (20.0 + z2)).abs() < 1e-14);
        assert!(wilson_interval(20, 20, 0.95).unwrap().high == 1.0);
    }

    /// 2 of 10 at 95 %: 0.0252 to 0.5561 (Newcombe, Statistics in Medicine 17, 1998); all and none end in closed forms.
    #[test]
    fn worked_example_of_an_exact_interval() {
        let interval = exact_interval(2, 10, 0.95).unwrap();
        assert!((interval.low - 0.025_210_73).abs() < 1e-8, "{interval:?}");
        assert!((interval.high - 0.556_095_46).abs() < 1e-8, "{interval:?}");
        let never = exact_interval(0, 20, 0.95).unwrap();
        assert!(never.low == 0.0 && (never.high - (1.0 - libm::pow(0.025, 1.0 / 20.0))).abs() < 1e-13);
        let always = exact_interval(20, 20, 0.95).unwrap();
        assert!(always.high == 1.0 && (always.low - libm::pow(0.025, 1.0 / 20.0)).abs() < 1e-13);
        assert_eq!((exact_interval(1, 0, 0.95), exact_interval(3, 2, 0.95)), (None, None));
        assert_eq!(exact_interval(1, 2, 1.0), None);
    }

    /// 1, -1, 1, -1: mean 0, squares 4, products at lag one -3. Two-point symmetric laws have kurtosis 1 - 3.
    #[test]
    fn worked_examples_of_shape() {
        let swing = [1.0, -1.0, 1.0, -1.0];
        assert_eq!(autocorrelation(&swing, 1), Some(-0.75));
        assert_eq!(autocorrelation(&swing, 0), Some(1.0));
        assert_eq!(excess_kurtosis(&swing), Some(-2.0));
        let e = std::f64::consts::E;
        // Logs over the third largest: 2 and 1, so the index is 2 / 3.
        let tail = hill_index(&[1.0, e, -5.0, e * e, 0.5], 2).unwrap();
        assert!((tail - 2.0 / 3.0).abs() < 1e-14, "{tail}");
    }

    /// Exact Pareto draws of index 3: Hill's estimate has standard error index / sqrt(tail).
    #[test]
    fn hill_finds_the_index_it_was_given() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let draws: Vec<f64> = (0..20_000)
            .map(|_| libm::pow(random.sample::<f64, _>(rand::distr::Open01), -1.0 / 3.0))
            .collect();
        let found = hill_index(&draws, 2_000).unwrap();
        assert!((found - 3.0).abs() < 4.0 * 3.0 / 2_000_f64.sqrt(), "{found}");
    }

    proptest! {
        #[test]
        fn nothing_is_ever_nan(values in prop::collection::vec(prop::num::f64::ANY, 0..20), lag in 0..5_usize) {
            for figure in [
                mean(&values), sd(&values), standard_error(&values), autocorrelation(&values, lag),
                excess_kurtosis(&values), hill_index(&values, lag),
            ] {
                prop_assert!(figure.is_none_or(|value| !value.is_nan()));
            }
        }

        #[test]
        fn wilson_holds_the_share_it_saw(trials in 1..5_000_u64, part in 0.0..=1.0_f64) {
            let successes = (part * trials as f64) as u64;
            let interval = wilson_interval(successes, trials, CONFIDENCE).unwrap();
            prop_assert!(interval.contains(successes as f64 / trials as f64));
            prop_assert!(interval.low >= 0.0 && interval.high <= 1.0 && interval.low < interval.high);
        }

        /// By its definition: were the probability at an end, what was seen or more would have had half of what is left.
        #[test]
        fn the_exact_interval_ends_where_its_tails_begin(trials in 1..60_u64, part in 0.0..=1.0_f64) {
            let successes = (part * trials as f64) as u64;
            let interval = exact_interval(successes, trials, CONFIDENCE).unwrap();
            let binomial = |p: f64, from: u64, to: u64| -> f64 {
                let chosen = |k: u64| (0..k).map(|i| (trials - i) as f64 / (k - i) as f64).product::<f64>();
                (from..=to).map(|k| chosen(k) * libm::pow(p, k as f64) * libm::pow(1.0 - p, (trials - k) as f64)).sum()
            };
            if successes > 0 {
                prop_assert!((binomial(interval.low, successes, trials) - 0.025).abs() < 1e-10);
            }
            if successes < trials {
                prop_assert!((binomial(interval.high, 0, successes) - 0.025).abs() < 1e-10);
            }
        }
    }
}
