//! How a loan ended: the measures of white paper 3, per loan; rates and means over many loans are the caller's.
//!
//! A *default* is a pool worth less than its debt at settlement, `V < debt`; its *shortfall* is `debt - V`, in loan tokens.

use serde::{Deserialize, Serialize};

use super::delta::rebalancing_cost;
use super::pool::Pool;

/// True where the pool is worth less than its debt at face value.
#[must_use]
pub fn is_default(pool: &Pool, spot: f64) -> bool {
    pool.value_in_token(spot) < pool.yield_supply
}

/// Loan tokens by which the pool's value falls short of its debt; zero where it does not.
#[must_use]
pub fn shortfall(pool: &Pool, spot: f64) -> f64 {
    (pool.yield_supply - pool.value_in_token(spot)).max(0.0)
}

/// What is noted of a loan while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanTrack {
    /// Value of the pool at the start, in loan tokens.
    pub initial_value: f64,
    /// Value lost to moves of the weight so far, in loan tokens.
    pub rebalancing_loss: f64,
    /// Weight of the collateral when the conversion LTV was first reached.
    pub weight_at_conversion: Option<f64>,
}

/// How a loan ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanOutcome {
    /// True where the pool was worth less than its debt.
    pub insolvent: bool,
    /// Shortfall over initial value.
    pub shortfall_share: f64,
    /// Final value over initial value.
    pub final_share: f64,
    /// Value lost to moves of the weight, over initial value.
    pub rebalancing_loss_share: f64,
    /// Weight of the collateral when the conversion LTV was first reached; none for a loan that never did.
    pub weight_at_conversion: Option<f64>,
}

impl LoanTrack {
    /// A loan that starts with a pool of this value, in loan tokens.
    #[must_use]
    pub const fn start(initial_value: f64) -> Self {
        Self { initial_value, rebalancing_loss: 0.0, weight_at_conversion: None }
    }

    /// Notes that the weight of a pool worth `value` moved from `old` to `new` on the curve; returns the value after it.
    #[inline]
    pub fn reweigh(&mut self, value: f64, old: f64, new: f64) -> f64 {
        let cost = value * rebalancing_cost(old, new);
        self.rebalancing_loss += cost;
        value - cost
    }

    /// Notes that the conversion LTV is reached at this weight. Only the first time counts.
    #[inline]
    pub fn reach_conversion(&mut self, weight_x: f64) {
        self.weight_at_conversion = self.weight_at_conversion.or(Some(weight_x));
    }

    /// The outcome at settlement; `None` for a loan that started without value.
    #[must_use]
    pub fn finish(&self, final_value: f64, debt: f64) -> Option<LoanOutcome> {
        let initial = self.initial_value;
        if !(initial > 0.0 && initial.is_finite() && final_value.is_finite() && debt.is_finite()) {
            return None;
        }
        Some(LoanOutcome {
            insolvent: final_value < debt,
            shortfall_share: (debt - final_value).max(0.0) / initial,
            final_share: final_value / initial,
            rebalancing_loss_share: self.rebalancing_loss / initial,
            weight_at_conversion: self.weight_at_conversion,
        })
    }
}
