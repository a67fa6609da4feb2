//! The tail of a sample: how sure a quantile is, and the mean beyond it.

use super::quantile::quantile_of_sorted;
use super::special::{incomplete_beta, normal_quantile};
use super::statistics::Interval;

/// The mean of the upper tail of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailMean {
    /// Mean of the largest `1 - p` of the sample.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl TailMean {
    /// Mean beyond the quantile `p` of an ascending slice: the average of the quantiles above `p`.
    ///
    /// The estimator of Acerbi and Tasche ("On the coherence of expected shortfall", 2002), in which an observation that
    /// straddles `p` counts with the part above. Its variance is that of `(x - q)+ / (1 - p)` over the sample size, with
    /// `q` the quantile. `None` of nothing, of what is not finite, or unless `0 <= p < 1`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place inside the slice")]
    pub fn of_sorted(ascending: &[f64], p: f64) -> Option<Self> {
        let quantile = quantile_of_sorted(ascending, p)?;
        let count = ascending.len() as f64;
        let beyond = count * (1.0 - p);
        let whole = (beyond.floor() as usize).min(ascending.len());
        let split = ascending.len() - whole;
        let part = if split > 0 { (beyond - whole as f64) * ascending[split - 1] } else { 0.0 };
        let mean = (ascending[split..].iter().sum::<f64>() + part) / beyond;
        let excess = |value: &f64| (value - quantile).max(0.0);
        let first = ascending.iter().map(excess).sum::<f64>() / count;
        let second = ascending.iter().map(|value| excess(value) * excess(value)).sum::<f64>() / count;
        let standard_error = ((second - first * first).max(0.0) / count).sqrt() / (1.0 - p);
        (p < 1.0 && mean.is_finite() && standard_error.is_finite()).then_some(Self { mean, standard_error })
    }

    /// The normal interval of the mean; `None` unless `0 < level < 1`.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let half = normal_quantile(0.5 * (1.0 + level))? * self.standard_error;
        Some(Interval { low: self.mean - half, high: self.mean + half })
    }
}

/// An interval between two values of an ascending sample that holds the quantile `p` of their law with probability of at
/// least `level`, whatever the law.
///
/// The number of values below the quantile is binomial, so the ends are the outermost order statistics that it leaves out
/// with at most half of `1 - level` on each side (David and Nagaraja, "Order Statistics", 2003, section 7.1). `None` where
/// the sample is too small to have such ends, or unless `0 < p < 1` and `0 < level < 1`.
#[must_use]
pub fn quantile_interval(ascending: &[f64], p: f64, level: f64) -> Option<Interval> {
    let inside = |x: f64| x > 0.0 && x < 1.0;
    if !(inside(p) && inside(level)) {
        return None;
    }
    let side = 0.5 * (1.0 - level);
    let low = ranks_above(ascending.len(), p, 1.0 - side)?;
    let high = ranks_above(ascending.len(), p, side)? + 1;
    Some(Interval { low: *ascending.get(low.checked_sub(1)?)?, high: *ascending.get(high - 1)? })
}

/// How many ranks `k` have `P(B >= k) >= probability`, with `B` binomial of `count` trials at `p`.
fn ranks_above(count: usize, p: f64, probability: f64) -> Option<usize> {
    let (mut yes, mut no) = (0, count + 1);
    while no - yes > 1 {
        let k = usize::midpoint(yes, no);
        if incomplete_beta(k as f64, (count - k) as f64 + 1.0, p)? >= probability {
            yes = k;
        } else {
            no = k;
        }
    }
    Some(yes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// The best known case: in a sample of ten the median lies between the second and the ninth value with 97.9 %.
    #[test]
    fn worked_example_of_a_median() {
        let sample: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(quantile_interval(&sample, 0.5, 0.95), Some(Interval { low: 2.0, high: 9.0 }));
        // Five values: one in 32 samples lies wholly on one side.
        assert_eq!(quantile_interval(&sample[..5], 0.5, 0.95), None);
        assert_eq!(quantile_interval(&sample[..5], 0.5, 0.9), Some(Interval { low: 1.0, high: 5.0 }));
        assert_eq!(quantile_interval(&sample, 0.99, 0.95), None);
        assert_eq!((quantile_interval(&sample, 1.0, 0.95), quantile_interval(&[], 0.5, 0.95)), (None, None));
    }

    /// 1 to 10 beyond 75 %: (10 + 9 + 8 / 2) / 2.5; the quantile is 7.75, the excesses 0.25, 1.25 and 2.25.
    #[test]
    fn worked_example_of_a_tail() {
        let sample: Vec<f64> = (1..=10).map(f64::from).collect();
        let tail = TailMean::of_sorted(&sample, 0.75).unwrap();
        assert!((tail.mean - 9.2).abs() < 1e-14);
        let variance = (0.0625 + 1.5625 + 5.0625) / 10.0 - 0.375 * 0.375;
        assert!((tail.standard_error - (variance / 10.0_f64).sqrt() / 0.25).abs() < 1e-14);
        assert_eq!(TailMean::of_sorted(&sample, 0.0).unwrap().mean, 5.5);
        assert_eq!(TailMean::of_sorted(&sample, 0.99).unwrap().mean, 10.0);
        assert_eq!((TailMean::of_sorted(&sample, 1.0), TailMean::of_sorted(&[], 0.5)), (None, None));
    }

    /// 2,000 samples of 500 exponentials: the 95 % quantile is ln 20, the mean beyond it 1 more.
    #[test]
    fn both_intervals_cover_as_often_as_they_say() {
        let mut random = ChaCha8Rng::seed_from_u64(8);
        let (samples, truth) = (2_000, 20.0_f64.ln());
        let (mut quantiles, mut means) = (0, 0);
        for _ in 0..samples {
            let mut sample: Vec<f64> = (0..500).map(|_| -libm::log1p(-random.random::<f64>())).collect();
            sample.sort_unstable_by(f64::total_cmp);
            quantiles += i32::from(quantile_interval(&sample, 0.95, 0.95).unwrap().contains(truth));
            let tail = TailMean::of_sorted(&sample, 0.95).unwrap();
            means += i32::from(tail.interval(0.95).unwrap().contains(truth + 1.0));
        }
        // The first is conservative, the second asymptotic.
        let share = |hits: i32| f64::from(hits) / f64::from(samples);
        assert!((0.94..0.985).contains(&share(quantiles)), "{}", share(quantiles));
        assert!((0.90..0.97).contains(&share(means)), "{}", share(means));
    }

    proptest! {
        #[test]
        fn the_mean_beyond_is_not_below_the_quantile(mut sample in prop::collection::vec(-5.0..5.0_f64, 1..80), p in 0.0..0.99_f64) {
            sample.sort_unstable_by(f64::total_cmp);
            let tail = TailMean::of_sorted(&sample, p).unwrap();
            // Against the quantile whose average it is: the smallest value with at least p of the sample up to it.
            let place = ((p * sample.len() as f64).ceil() as usize).clamp(1, sample.len());
            prop_assert!(tail.mean >= sample[place - 1] - 1e-12 && tail.standard_error >= 0.0);
            if let Some(interval) = quantile_interval(&sample, p.max(0.01), 0.9) {
                prop_assert!(interval.low <= interval.high);
            }
        }
    }
}
