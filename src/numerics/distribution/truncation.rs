//! The normal law between bounds.

use crate::numerics::special::{normal_cdf, normal_density, normal_quantile};

/// The bounds of a truncated normal law in standard deviations from its mean.
pub(super) struct Truncation {
    low: f64,
    high: f64,
    /// Probability that the law without bounds lies between them.
    pub(super) inside: f64,
}

impl Truncation {
    /// `None` where the bounds or the law are not numbers.
    pub(super) fn of(mean: f64, sd: f64, low: Option<f64>, high: Option<f64>) -> Option<Self> {
        if sd == 0.0 {
            // All of the law is at its mean: inside or not.
            let inside = low.is_none_or(|low| low <= mean) && high.is_none_or(|high| mean <= high);
            return Some(Self { low: 0.0, high: 0.0, inside: f64::from(u8::from(inside)) });
        }
        let low = low.map_or(f64::NEG_INFINITY, |low| (low - mean) / sd);
        let high = high.map_or(f64::INFINITY, |high| (high - mean) / sd);
        // On the side of the smaller tail, where the difference of probabilities keeps its digits.
        let inside =
            if low > 0.0 { normal_cdf(-low) - normal_cdf(-high) } else { normal_cdf(high) - normal_cdf(low) };
        (low <= high).then_some(Self { low, high, inside })
    }

    pub(super) fn quantile(&self, u: f64) -> f64 {
        if self.low == self.high {
            return self.low;
        }
        let z = if self.low > 0.0 {
            normal_quantile(normal_cdf(-self.high) + (1.0 - u) * self.inside).map(|z| -z)
        } else {
            normal_quantile(normal_cdf(self.low) + u * self.inside)
        };
        z.unwrap_or(0.0).clamp(self.low, self.high)
    }

    pub(super) fn mean(&self) -> f64 {
        if self.low == self.high {
            return self.low;
        }
        let density = |z: f64| if z.is_finite() { normal_density(z) } else { 0.0 };
        (density(self.low) - density(self.high)) / self.inside
    }
}
