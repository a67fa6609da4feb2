//! Quantiles: exact of a slice, and of a stream in bounded memory.

use std::collections::BTreeMap;

/// The quantiles Ballast draws fans and prints summaries from.
pub const FAN: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Up to this many values a [`QuantileSketch`] is exact.
pub const EXACT_UP_TO: usize = 4_096;

/// Half the relative width of a bucket: the largest relative error of a quantile above [`EXACT_UP_TO`] values.
pub const RELATIVE_ERROR: f64 = 0.000_5;

/// The quantile `p` of an ascending slice, between order statistics by linear interpolation.
///
/// Type 7 of Hyndman and Fan (The American Statistician 50, 1996), the default of R and NumPy. `None` of nothing or unless
/// `0 <= p <= 1`.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place inside the slice")]
pub fn quantile_of_sorted(ascending: &[f64], p: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let place = p * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (ascending[below], ascending[above]);
    let weight = place - below as f64;
    // Weighted ends instead of `low + weight * (high - low)`: the difference of two huge values may overflow.
    Some(if low == high { low } else { low * (1.0 - weight) + high * weight })
}

/// The quantiles `p` of values in any order; `None` of nothing, of a value that is not finite, or unless `0 <= p <= 1`.
#[must_use]
pub fn quantiles<const N: usize>(values: &[f64], p: [f64; N]) -> Option<[f64; N]> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut found = [0.0; N];
    for (place, p) in found.iter_mut().zip(p) {
        *place = quantile_of_sorted(&sorted, p)?;
    }
    Some(found)
}

/// Quantiles of a stream: exact for the first few thousand values, within [`RELATIVE_ERROR`] after that.
///
/// Above [`EXACT_UP_TO`] values it counts them in buckets whose width is proportional to the value (DDSketch: Masson, Rim,
/// Lee, VLDB 2019). Counts are integers and the change of method depends on the number of values alone, so the answers do
/// not depend on the order of pushes and merges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuantileSketch {
    exact: Vec<f64>,
    buckets: BTreeMap<(i8, i32), u64>,
    count: u64,
}

impl QuantileSketch {
    /// Takes in one number; one that is not finite is left out.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        if self.buckets.is_empty() {
            self.exact.push(value);
            self.spill_if_full();
        } else {
            *self.buckets.entry(bucket(value)).or_default() += 1;
        }
    }

    /// Takes in everything `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (key, count) in &other.buckets {
            *self.buckets.entry(*key).or_default() += count;
        }
        self.exact.extend_from_slice(&other.exact);
        if !self.buckets.is_empty() {
            self.spill();
        }
        self.spill_if_full();
    }

    fn spill_if_full(&mut self) {
        if self.exact.len() > EXACT_UP_TO {
            self.spill();
        }
    }

    fn spill(&mut self) {
        for value in std::mem::take(&mut self.exact) {
            *self.buckets.entry(bucket(value)).or_default() += 1;
        }
    }

    /// How many numbers were taken in.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The quantiles `p`; `None` of nothing or unless every `0 <= p <= 1`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank below the count")]
    pub fn quantiles<const N: usize>(&self, p: [f64; N]) -> Option<[f64; N]> {
        if self.buckets.is_empty() {
            return quantiles(&self.exact, p);
        }
        let mut found = [0.0; N];
        for (place, p) in found.iter_mut().zip(p) {
            if !(0.0..=1.0).contains(&p) {
                return None;
            }
            let rank = (p * (self.count - 1) as f64).round() as u64;
            let mut seen = 0;
            *place = self.buckets.iter().find_map(|(key, count)| {
                seen += count;
                (seen > rank).then(|| middle_of(*key))
            })?;
        }
        Some(found)
    }
}

/// Natural logarithm of the ratio of a bucket's ends, `(1 + e) / (1 - e)`.
fn log_ratio() -> f64 {
    libm::log1p(RELATIVE_ERROR) - libm::log1p(-RELATIVE_ERROR)
}

/// Sign and logarithmic place; keys are in the order of the values.
#[allow(
    clippy::cast_possible_truncation,
    reason = "logarithms of doubles are below 750, so keys below 750,000"
)]
fn bucket(value: f64) -> (i8, i32) {
    if value == 0.0 {
        return (0, 0);
    }
    let place = (libm::log(value.abs()) / log_ratio()).ceil() as i32;
    if value > 0.0 { (1, place) } else { (-1, -place) }
}

/// The value no further than [`RELATIVE_ERROR`] from anything in the bucket.
fn middle_of((sign, place): (i8, i32)) -> f64 {
    let place = f64::from(place) * f64::from(sign);
    let upper = libm::exp(place * log_ratio()).min(f64::MAX);
    f64::from(sign) * upper * (1.0 - RELATIVE_ERROR)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 15, 20, 35, 40, 50 at 0.4: place 1.6, so 20 + 0.6 * 15 = 29 (R: `quantile(x, .4)`).
    #[test]
    fn worked_example() {
        assert_eq!(quantiles(&[40.0, 15.0, 50.0, 20.0, 35.0], [0.0, 0.4, 1.0]), Some([15.0, 29.0, 50.0]));
        assert_eq!(quantiles(&[7.0], FAN), Some([7.0; 5]));
        assert_eq!(
            (quantiles(&[], FAN), quantiles(&[1.0], [1.1]), quantiles(&[f64::NAN], FAN)),
            (None, None, None)
        );
    }

    #[test]
    fn a_stream_is_exact_while_it_is_short() {
        let mut sketch = QuantileSketch::default();
        assert_eq!(sketch.quantiles(FAN), None);
        let values: Vec<f64> = (0..EXACT_UP_TO).map(|i| ((i * 7919) % EXACT_UP_TO) as f64).collect();
        values.iter().for_each(|value| sketch.push(*value));
        assert_eq!(sketch.quantiles(FAN), quantiles(&values, FAN));
    }

    #[test]
    fn a_long_stream_is_near_and_does_not_care_about_order() {
        let values: Vec<f64> =
            (0..20_000_i32).map(|i| f64::from((i * 7919) % 20_000 - 5_000) * 0.37).collect();
        let (mut forward, mut backward, mut tail) =
            <(QuantileSketch, QuantileSketch, QuantileSketch)>::default();
        values.iter().for_each(|value| forward.push(*value));
        values[..3_000].iter().rev().for_each(|value| backward.push(*value));
        values[3_000..].iter().for_each(|value| tail.push(*value));
        backward.merge(&tail);
        assert_eq!(forward, backward);
        assert!(forward.buckets.len() < 20_000);
        let (near, exact) = (forward.quantiles(FAN).unwrap(), quantiles(&values, FAN).unwrap());
        for (near, exact) in near.into_iter().zip(exact) {
            // One step of the data is 0.37, as the sketch takes the nearest rank.
            assert!((near - exact).abs() <= 1.01 * RELATIVE_ERROR * exact.abs() + 0.37, "{near} {exact}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_value(value in prop_oneof![-1e12..1e12_f64, -1e-12..1e-12_f64, Just(0.0)]) {
            let back = middle_of(bucket(value));
            prop_assert!((back - value).abs() <= 1.000_001 * RELATIVE_ERROR * value.abs(), "{} {}", back, value);
        }

        #[test]
        fn keys_are_in_the_order_of_the_values(a in -1e9..1e9_f64, b in -1e9..1e9_f64) {
            prop_assert!((a <= b) == (bucket(a) <= bucket(b)) || bucket(a) == bucket(b));
        }

        #[test]
        fn quantiles_stay_between_the_extremes_and_rise(
            values in prop::collection::vec(-1e300..1e300_f64, 1..50), p in 0.0..=1.0_f64, q in 0.0..=1.0_f64,
        ) {
            let [low, a, b, high] = quantiles(&values, [0.0, p.min(q), p.max(q), 1.0]).unwrap();
            // The weights of the two ends are rounded, so a step of rounding is allowed.
            let slack = 1e-14 * low.abs().max(high.abs());
            prop_assert!(low <= a + slack && a <= b + slack && b <= high + slack);
        }
    }
}
