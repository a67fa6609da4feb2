//! How a pegged quantity leaves its peg and comes back.

/// What a series of deviations from a peg did about a band.
///
/// Sides are kept apart: a stable asset below its peg and one above it are different troubles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PegStatistics {
    /// Ticks at which the deviation is defined.
    pub defined_ticks: u64,
    /// Share of the defined ticks above the band, 0 to 1.
    pub share_above: f64,
    /// Share of the defined ticks below the band, 0 to 1.
    pub share_below: f64,
    /// Longest unbroken stay above the band.
    pub longest_above_hours: f64,
    /// Longest unbroken stay below the band.
    pub longest_below_hours: f64,
    /// Time in which a deviation is expected to halve; see [`half_life_ticks`].
    pub half_life_hours: Option<f64>,
}

impl PegStatistics {
    /// What `deviations` (one a tick) did about the band from `low` to `high`, whose ends belong to it.
    ///
    /// A tick at which the deviation is undefined (or not finite) counts for no share and ends a stay. A stay lasts as many
    /// ticks as lie outside, so a single tick outside is one tick long. `None` if no tick is defined, the band is not one, or
    /// `tick_hours` is not above zero.
    #[must_use]
    pub fn of(deviations: &[Option<f64>], low: f64, high: f64, tick_hours: f64) -> Option<Self> {
        let usable = low <= high && tick_hours > 0.0 && tick_hours.is_finite();
        let (mut above, mut below) = (Stay::default(), Stay::default());
        let mut defined_ticks = 0_u64;
        for deviation in deviations {
            let deviation = deviation.filter(|value| value.is_finite());
            defined_ticks += u64::from(deviation.is_some());
            above.observe(deviation.is_some_and(|value| value > high));
            below.observe(deviation.is_some_and(|value| value < low));
        }
        (usable && defined_ticks > 0).then(|| Self {
            defined_ticks,
            share_above: above.total as f64 / defined_ticks as f64,
            share_below: below.total as f64 / defined_ticks as f64,
            longest_above_hours: above.longest as f64 * tick_hours,
            longest_below_hours: below.longest as f64 * tick_hours,
            half_life_hours: half_life_ticks(deviations).map(|ticks| ticks * tick_hours),
        })
    }
}

/// Ticks on one side: in all, in the present stay, in the longest.
#[derive(Default)]
struct Stay {
    total: u64,
    present: u64,
    longest: u64,
}

impl Stay {
    fn observe(&mut self, outside: bool) {
        self.total += u64::from(outside);
        self.present = if outside { self.present + 1 } else { 0 };
        self.longest = self.longest.max(self.present);
    }
}

/// Ticks in which a deviation from the series' own level is expected to halve.
///
/// `ln(1/2) / ln(phi)`, with `phi` the least-squares slope of each defined value on the one before it (AR(1) with an
/// intercept). The slope of a short series is biased towards fast reversion by about `(1 + 3 phi) / n` (Kendall, Biometrika
/// 41, 1954). Zero if `phi` is zero or less: a deviation is gone, or has changed sides, within one tick. `None` if `phi`
/// is one or more (no reversion seen), with fewer than three neighbouring pairs, or if the series does not move.
#[must_use]
pub fn half_life_ticks(series: &[Option<f64>]) -> Option<f64> {
    let pairs = || {
        series.windows(2).filter_map(|two| match two {
            [Some(before), Some(after)] if before.is_finite() && after.is_finite() => Some((*before, *after)),
            _ => None,
        })
    };
    let count = pairs().count();
    if count < 3 {
        return None;
    }
    let (before, after) = pairs().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let (before, after) = (before / count as f64, after / count as f64);
    let (mut squares, mut products) = (0.0, 0.0);
    for pair in pairs() {
        squares += (pair.0 - before) * (pair.0 - before);
        products += (pair.0 - before) * (pair.1 - after);
    }
    let slope = products / squares;
    if squares <= 0.0 || !slope.is_finite() || slope >= 1.0 {
        return None;
    }
    Some(if slope <= 0.0 { 0.0 } else { libm::log(0.5) / libm::log(slope) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::numerics::special::normal_quantile;

    /// Band -1 to 1, two-hour ticks: above at 2 and 3, below at -2, -3, then a gap, then -4; ends are inside.
    #[test]
    fn worked_example() {
        let series =
            [1.0, 2.0, 3.0, 0.0, -2.0, -3.0, f64::NAN, -4.0, -1.0].map(|x| (!x.is_nan()).then_some(x));
        let found = PegStatistics::of(&series, -1.0, 1.0, 2.0).unwrap();
        assert_eq!((found.defined_ticks, found.share_above, found.share_below), (8, 0.25, 0.375));
        assert_eq!((found.longest_above_hours, found.longest_below_hours), (4.0, 4.0));
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!(PegStatistics::of(&[None, Some(f64::NAN)], -1.0, 1.0, 1.0), None);
        assert_eq!(PegStatistics::of(&[Some(1.0)], 1.0, -1.0, 1.0), None);
        assert_eq!(PegStatistics::of(&[Some(1.0)], 0.0, 1.0, 0.0), None);
        assert_eq!(half_life_ticks(&[Some(1.0); 3]), None);
        assert_eq!(half_life_ticks(&[Some(1.0); 30]), None);
        let steady: Vec<_> = (0..9).map(|i| Some(f64::from(i))).collect();
        assert_eq!(half_life_ticks(&steady), None);
    }

    /// 16, 8, 4, 2, 1 halves every tick; 1, -1, 1, -1 changes sides within one.
    #[test]
    fn worked_examples_of_half_lives() {
        let halving = [16.0, 8.0, 4.0, 2.0, 1.0].map(Some);
        assert!((half_life_ticks(&halving).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(half_life_ticks(&[1.0, -1.0, 1.0, -1.0, 1.0].map(Some)), Some(0.0));
    }

    /// AR(1) with phi = 0.9: half-life 6.58; the slope's standard error is sqrt((1 - 0.81) / n).
    #[test]
    fn the_half_life_of_a_known_process_is_found() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let (mut value, count) = (0.0, 40_000);
        let series: Vec<_> = (0..count)
            .map(|_| {
                value = 0.9 * value + normal_quantile(random.sample(rand::distr::Open01)).unwrap();
                Some(5.0 + value)
            })
            .collect();
        let slope = libm::pow(0.5, 1.0 / half_life_ticks(&series).unwrap());
        assert!((slope - 0.9).abs() < 4.0 * (0.19 / f64::from(count)).sqrt(), "{slope}");
    }

    proptest! {
        #[test]
        fn the_sides_mirror_each_other(series in prop::collection::vec(prop::option::of(-3.0..3.0_f64), 1..60)) {
            let mirrored: Vec<_> = series.iter().map(|value| value.map(|value| -value)).collect();
            let (here, there) = (PegStatistics::of(&series, -1.0, 1.0, 1.0), PegStatistics::of(&mirrored, -1.0, 1.0, 1.0));
            prop_assert_eq!(here.is_some(), there.is_some());
            if let (Some(here), Some(there)) = (here, there) {
                prop_assert_eq!((here.share_above, here.longest_above_hours), (there.share_below, there.longest_below_hours));
                prop_assert!(here.share_above + here.share_below <= 1.0);
                prop_assert!(here.half_life_hours.is_none_or(|hours| hours >= 0.0 && hours.is_finite()));
            }
        }
    }
}
