//! The weight of the collateral: where the pool starts, where it wants to go, and how far the next trade gets.
//!
//! [`Profile::Contract`], with `q = S/K` and `T` the years left, all in truncated eight decimals:
//!
//! ```text
//! d1      = (T s^2 / 2 + |q - 1|) / (s sqrt T)            the drift is added before the reflection
//! target  = (1 + erf(d1 / sqrt 2)) / 2      for q > 1
//!           (1 - erf(d1 / sqrt 2)) / 2      for q <= 1    so the target jumps at the strike
//! target  = u target + (1 - u) (1 - LTV)    for u = blocks left / M <= 1
//! w'      = min(0.95, m w + (1 - m) target)
//! w'      = 0.05                            at and above the conversion LTV, at once
//! ```
//!
//! Creation takes `1 - ks` where the update takes `S/K - 1`, so the first update moves the weight of a pool to which
//! nothing has happened. [`Profile::Whitepaper`]: `target = N(d1)`, `w' = m w + (1 - m) target`, without bounds.

use super::delta::{call_delta, log_moneyness, smoothed};
use super::eight_decimals::{ONE, divide, erf_of_d1, multiply, number, square_root_down, units};
use super::pool::Pool;
use super::refusal::{Refusal, positive};
use super::terms::{BLOCKS_PER_YEAR, Profile, Terms};

/// Weight of the collateral that the contract forces at and above the conversion LTV.
pub const FORCED_WEIGHT: f64 = 0.05;

/// Highest weight of the collateral in the contract.
pub const CONTRACT_WEIGHT_CAP: f64 = 0.95;

/// Years between `height` and expiry, not below zero.
#[inline]
fn years_left(terms: &Terms, height: f64) -> f64 {
    (terms.expiry_block - height).max(0.0) / BLOCKS_PER_YEAR
}

/// Erf of the contract's `d1` over the root of two, in units, for a distance from the strike in units.
#[inline]
fn contract_erf(terms: &Terms, blocks_left: f64, distance: f64) -> Result<f64, Refusal> {
    let years = (blocks_left * ONE / BLOCKS_PER_YEAR).floor();
    let volatility = units(terms.volatility);
    let drift = multiply(years, (multiply(volatility, volatility) / 2.0).floor());
    let deviation = multiply(volatility, square_root_down(years));
    let d1 = divide(drift + distance, deviation)
        .ok_or(Refusal::DivisionByZero { divisor: "volatility times the root of the time left" })?;
    Ok(erf_of_d1(d1))
}

/// Weight of the collateral in a new pool.
///
/// # Errors
/// [`Refusal::DivisionByZero`] in [`Profile::Contract`] without time or volatility.
pub fn initial_weight(terms: &Terms, height: f64) -> Result<f64, Refusal> {
    let share = terms.strike_share();
    match terms.profile {
        Profile::Contract => {
            let erf = contract_erf(terms, (terms.expiry_block - height).max(0.0), ONE - units(share))?;
            Ok(number(((ONE + erf) / 2.0).floor()).min(CONTRACT_WEIGHT_CAP))
        }
        Profile::Whitepaper => {
            Ok(call_delta(log_moneyness(1.0, share), terms.volatility, years_left(terms, height)))
        }
    }
}

/// The weight that the pool aims at, before the moving average: the delta, blended and forced as its profile says.
///
/// # Errors
/// [`Refusal::NotPositive`] for a price or a strike that is none. In [`Profile::Contract`], below the conversion LTV,
/// [`Refusal::NoTimeLeft`] after expiry and [`Refusal::DivisionByZero`] at expiry (off the strike) or with a closing blend
/// of no length.
#[inline]
pub fn target_weight(pool: &Pool, terms: &Terms, spot: f64, height: f64) -> Result<f64, Refusal> {
    positive("the price of the collateral", spot)?;
    positive("the strike", pool.strike)?;
    match terms.profile {
        Profile::Contract => {
            let ltv = pool.loan_to_value(terms, spot)?;
            if ltv >= terms.conversion_ltv {
                return Ok(FORCED_WEIGHT);
            }
            Ok(number(contract_target(pool, terms, spot, height, units(ltv))?))
        }
        Profile::Whitepaper if pool.converted => Ok(0.0),
        Profile::Whitepaper => {
            let moneyness = log_moneyness(spot, pool.strike);
            Ok(call_delta(moneyness, terms.volatility, years_left(terms, height)))
        }
    }
}

/// The contract's target in units, below the conversion LTV.
fn contract_target(pool: &Pool, terms: &Terms, spot: f64, height: f64, ltv: f64) -> Result<f64, Refusal> {
    let left = terms.expiry_block - height;
    if left.is_nan() || left < 0.0 {
        return Err(Refusal::NoTimeLeft { expiry: terms.expiry_block, height });
    }
    let open = divide((left * ONE).floor(), units(terms.token_to_maturity_blocks))
        .ok_or(Refusal::DivisionByZero { divisor: "token_to_maturity_blocks" })?;
    let moneyness = units(spot / pool.strike);
    let erf = contract_erf(terms, left, (moneyness - ONE).abs())?;
    let signed = if moneyness > ONE { ONE + erf } else { (ONE - erf).max(0.0) };
    let delta = (signed / 2.0).floor();
    if open > ONE {
        return Ok(delta);
    }
    Ok(multiply(open, delta) + multiply(ONE - open, ONE - ltv))
}

/// The weight that the next trade stores in [`Profile::Contract`], or the next period in [`Profile::Whitepaper`].
///
/// # Errors
/// As [`target_weight`].
#[inline]
pub fn next_weight(pool: &Pool, terms: &Terms, spot: f64, height: f64) -> Result<f64, Refusal> {
    let target = target_weight(pool, terms, spot, height)?;
    match terms.profile {
        Profile::Contract => {
            if pool.loan_to_value(terms, spot)? >= terms.conversion_ltv {
                return Ok(FORCED_WEIGHT);
            }
            let kept = units(terms.moving_average);
            let weight = multiply(kept, units(pool.weight_x)) + multiply(ONE - kept, units(target));
            Ok(number(weight).min(CONTRACT_WEIGHT_CAP))
        }
        Profile::Whitepaper if pool.converted => Ok(0.0),
        Profile::Whitepaper => Ok(smoothed(target, pool.weight_x, 1.0 - terms.moving_average)),
    }
}

/// Moves the weight one period on ([`Profile::Whitepaper`]). The balances stay: arbitrageurs settle the difference.
///
/// # Errors
/// [`Refusal::NotOffered`] in [`Profile::Contract`], where only trades move the weight; [`Refusal::Converted`];
/// [`Refusal::Expired`] after expiry; [`Refusal::NotPositive`].
pub fn update_weight(pool: &Pool, terms: &Terms, spot: f64, height: f64) -> Result<Pool, Refusal> {
    if terms.profile == Profile::Contract {
        return Err(Refusal::NotOffered { profile: terms.profile.name(), verb: "update of the weight" });
    }
    pool.refuse_converted(terms)?;
    if height.is_nan() || height > terms.expiry_block {
        return Err(Refusal::Expired { expiry: terms.expiry_block, height });
    }
    Ok(Pool { weight_x: next_weight(pool, terms, spot, height)?, ..*pool })
}
