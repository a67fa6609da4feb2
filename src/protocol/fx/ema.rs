//! The exponential moving average of the xETH leverage.
//!
//! Informational in v1: no fee depends on it. A newly saved sample has no weight until time passes, because the average
//! moves towards the value that held *before*:
//!
//! `ema(t) = v (1 - a) + e a`, `a = exp(-(t - t_last) / interval)`, and `v` itself once 41 intervals have passed.
//!
//! Source: `ExponentialMovingAverageV7` and the exponential of `LogExpMathV7`.

use serde::{Deserialize, Serialize};

/// Intervals after which the average has forgotten everything but the last value.
const FORGOTTEN_AFTER_INTERVALS: f64 = 41.0;
/// Largest exponent of the contract's exponential.
const LARGEST_EXPONENT: f64 = 130.0;

/// The stored record of the average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeverageEma {
    /// When the last sample was saved, in seconds.
    pub last_time_seconds: i64,
    /// The last sample.
    pub last_value: f64,
    /// The average when it was saved.
    pub last_ema: f64,
}

impl LeverageEma {
    /// A fresh average: leverage one.
    #[must_use]
    pub const fn new(now_seconds: i64) -> Self {
        Self { last_time_seconds: now_seconds, last_value: 1.0, last_ema: 1.0 }
    }

    /// The average at `now_seconds` for the time constant `interval_seconds`.
    #[must_use]
    pub fn value(&self, now_seconds: i64, interval_seconds: f64) -> f64 {
        let elapsed = now_seconds.saturating_sub(self.last_time_seconds);
        if elapsed <= 0 {
            return self.last_ema;
        }
        let intervals = elapsed as f64 / interval_seconds;
        // Also taken when the interval is not a positive number, which `Rules::violations` reports.
        if intervals.is_nan() || !(0.0..=FORGOTTEN_AFTER_INTERVALS).contains(&intervals) {
            return self.last_value;
        }
        let weight = libm::exp(-intervals);
        self.last_value * (1.0 - weight) + self.last_ema * weight
    }

    /// The record after saving the sample `value`.
    #[must_use]
    pub fn saved(&self, value: f64, now_seconds: i64, interval_seconds: f64) -> Self {
        Self {
            last_time_seconds: now_seconds,
            last_value: value,
            last_ema: self.value(now_seconds, interval_seconds),
        }
    }
}

/// `exp(x)` on the domain of the contracts, [-41, 130]; `None` outside it.
#[must_use]
pub fn natural_exponential(x: f64) -> Option<f64> {
    (-FORGOTTEN_AFTER_INTERVALS..=LARGEST_EXPONENT).contains(&x).then(|| libm::exp(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sample_has_no_weight_until_time_passes() {
        let ema = LeverageEma::new(0).saved(4.0, 100, 900.0);
        assert_eq!(ema.value(100, 900.0), 1.0);
        // From the contracts: 1 -> 4 over one interval of 900 s.
        assert!((ema.value(1000, 900.0) - 2.896_361_676_485_673).abs() < 1e-12);
        assert_eq!(ema.value(100 + 41 * 900 + 1, 900.0), 4.0);
    }

    #[test]
    fn a_senseless_interval_gives_the_last_value_and_never_nan() {
        let ema = LeverageEma::new(0).saved(4.0, 0, 900.0);
        for interval in [0.0, -1.0, f64::NAN] {
            assert_eq!(ema.value(10, interval), 4.0);
        }
    }
}
