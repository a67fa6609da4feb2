//! The hedge as plain functions: numbers in, numbers out, for loops over many paths.
//!
//! | symbol | code | source |
//! |---|---|---|
//! | `d1 = (ln(S/K) + s^2 T / 2) / (s sqrt T)` | [`d1`] | white paper, interest rate zero; its print omits the root |
//! | `N(d1)` | [`call_delta`] | Black and Scholes |
//! | `w' = A delta + (1 - A) w` | [`smoothed`] | white paper 3 |
//! | `R^w` | [`curve_value_factor`] | value of a pool of fixed weight after the price moved by `R` |
//! | `exp(-KL(w' over w))` | [`rebalancing_factor`] | value of a pool whose weight moved from `w` to `w'` on the curve |

use libm::{exp, expm1, log, log1p, pow};

use crate::numerics::special::normal_cdf;

/// `ln(S / K)`.
#[must_use]
#[inline]
pub fn log_moneyness(spot: f64, strike: f64) -> f64 {
    log(spot / strike)
}

/// `d1` of a call at interest rate zero; without time or volatility it is infinite, with the sign of the moneyness, and
/// zero at the strike.
#[must_use]
#[inline]
pub fn d1(log_moneyness: f64, volatility: f64, years: f64) -> f64 {
    let deviation = volatility * years.max(0.0).sqrt();
    if deviation > 0.0 {
        log_moneyness / deviation + 0.5 * deviation
    } else if log_moneyness == 0.0 {
        0.0
    } else {
        f64::INFINITY.copysign(log_moneyness)
    }
}

/// `N(d1)`: the weight of the collateral that the white paper aims at, 0 to 1.
///
/// ```
/// use ballast::protocol::crp::call_delta;
/// // At the strike, 80 %, a quarter of a year: N(0.2).
/// assert!((call_delta(0.0, 0.8, 0.25) - 0.579_259_709).abs() < 1e-9);
/// ```
#[must_use]
#[inline]
pub fn call_delta(log_moneyness: f64, volatility: f64, years: f64) -> f64 {
    normal_cdf(d1(log_moneyness, volatility, years))
}

/// `A target + (1 - A) old`. The white paper's `A` is the share of the *new* weight; the contract's moving average is the
/// share of the old.
#[must_use]
#[inline]
pub fn smoothed(target: f64, old: f64, smoothing: f64) -> f64 {
    old + smoothing * (target - old)
}

/// Factor on the value of a pool at the market's price, of fixed weight, when the price moves by `price_ratio` and
/// arbitrageurs follow: `R^w`.
#[must_use]
#[inline]
pub fn curve_value_factor(weight_x: f64, price_ratio: f64) -> f64 {
    pow(price_ratio, weight_x)
}

/// Factor on the value of a pool at the market's price when its weight moves from `old` to `new` and arbitrageurs settle
/// it on the curve: `(w/w')^w' ((1-w)/(1-w'))^(1-w')`, at most one.
///
/// ```
/// use ballast::protocol::crp::rebalancing_factor;
/// // One step of 7 % from a half towards 5 % is nearly free, the jump itself is not.
/// assert!((rebalancing_factor(0.5, 0.4685) - 0.998).abs() < 5e-5);
/// assert!((rebalancing_factor(0.5, 0.05) - 0.61).abs() < 5e-3);
/// ```
#[must_use]
#[inline]
pub fn rebalancing_factor(old: f64, new: f64) -> f64 {
    exp(-divergence(old, new))
}

/// Share of its value that a pool loses to [`rebalancing_factor`], with full precision for small moves.
#[must_use]
#[inline]
pub fn rebalancing_cost(old: f64, new: f64) -> f64 {
    -expm1(-divergence(old, new))
}

/// Kullback-Leibler divergence of the new weights from the old ones, in nats; not below zero.
#[inline]
fn divergence(old: f64, new: f64) -> f64 {
    let term = |old: f64, new: f64| {
        if new <= 0.0 { 0.0 } else { -new * log1p((old - new) / new) }
    };
    // The two terms cancel in a small move; what is left of rounding must not become a gain.
    (term(old, new) + term(1.0 - old, 1.0 - new)).max(0.0)
}
