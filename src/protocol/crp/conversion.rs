//! The white paper's conversion: at the conversion LTV all collateral is sold at market, and the pool is frozen for the
//! rest of the term even if the price recovers.
//!
//! The contract has nothing of the kind: there the weight jumps to [`FORCED_WEIGHT`](super::FORCED_WEIGHT), trades on the
//! curve follow it at the pool's expense (the factor is [`rebalancing_factor`](super::rebalancing_factor)), and a
//! recovery undoes it.

use super::pool::Pool;
use super::refusal::{Refusal, not_negative};
use super::terms::{Profile, Terms};

/// True where the pool has reached its conversion LTV and has not been converted.
///
/// # Errors
/// As [`Pool::loan_to_value`].
#[inline]
pub fn is_at_conversion(pool: &Pool, terms: &Terms, spot: f64) -> Result<bool, Refusal> {
    Ok(!pool.converted && pool.loan_to_value(terms, spot)? >= terms.conversion_ltv)
}

/// Collateral to be sold at market: all of it. Changes nothing: sell it, then [`convert`].
///
/// # Errors
/// [`Refusal::NotOffered`] in [`Profile::Contract`], [`Refusal::Converted`], [`Refusal::Expired`] after expiry,
/// [`Refusal::BelowConversion`], and those of [`Pool::loan_to_value`].
pub fn plan_conversion(pool: &Pool, terms: &Terms, spot: f64, height: f64) -> Result<f64, Refusal> {
    if terms.profile == Profile::Contract {
        return Err(Refusal::NotOffered { profile: terms.profile.name(), verb: "conversion" });
    }
    pool.refuse_converted(terms)?;
    if height.is_nan() || height > terms.expiry_block {
        return Err(Refusal::Expired { expiry: terms.expiry_block, height });
    }
    let found = pool.loan_to_value(terms, spot)?;
    if found < terms.conversion_ltv {
        return Err(Refusal::BelowConversion { found, threshold: terms.conversion_ltv });
    }
    Ok(pool.balance_x)
}

/// The pool after all its collateral was sold for `proceeds_y`: loan tokens only, frozen.
///
/// # Errors
/// [`Refusal::NotOffered`] in [`Profile::Contract`], [`Refusal::Converted`], [`Refusal::NotPositive`] for proceeds that
/// are no amount.
pub fn convert(pool: &Pool, terms: &Terms, proceeds_y: f64) -> Result<Pool, Refusal> {
    if terms.profile == Profile::Contract {
        return Err(Refusal::NotOffered { profile: terms.profile.name(), verb: "conversion" });
    }
    pool.refuse_converted(terms)?;
    let balance_y = pool.balance_y + not_negative("the proceeds", proceeds_y)?;
    Ok(Pool { balance_x: 0.0, balance_y, weight_x: 0.0, converted: true, ..*pool })
}
