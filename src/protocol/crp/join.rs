//! Paying collateral in: for `dx` of it a borrower receives `LTV S dx` yield tokens and as many key tokens.
//!
//! Everybody shares one pool, so a later borrower joins at its *current* LTV. The pool keeps the share `w` of the
//! collateral and sells the rest on the market: slippage and fee of that sale fall on the pool, which is why its LTV is
//! above the initial one as soon as it lends.

use super::pool::{Pool, refuse_from_expiry};
use super::refusal::{Refusal, not_negative, positive};
use super::terms::Terms;

/// What a join will do, and what has to be sold for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JoinPlan {
    /// Collateral paid in.
    pub deposit: f64,
    /// Yield tokens to mint, and key tokens to mint.
    pub minted: f64,
    /// Collateral that the pool keeps.
    pub kept_x: f64,
    /// Collateral to be sold for loan tokens outside; the pool gets the proceeds.
    pub sell_x: f64,
    /// The ratio at which the borrower joins.
    pub loan_to_value: f64,
}

/// The sale that the market must be able to quote before the pool takes `dx` more: its whole value in collateral, over
/// the capacity multiplier.
///
/// # Errors
/// As [`Pool::value_in_collateral`].
pub fn size_to_quote(pool: &Pool, terms: &Terms, spot: f64, dx: f64) -> Result<f64, Refusal> {
    Ok((dx + pool.value_in_collateral(spot)?) / terms.capacity_multiplier)
}

/// What joining with `dx` collateral would do. Changes nothing: sell [`JoinPlan::sell_x`], then [`join`].
///
/// `depth` is the size from which on the market outside no longer quotes a sale of collateral: its cap on inputs, infinite
/// for a market that takes everything.
///
/// # Errors
/// In this order: [`Refusal::NotPositive`], [`Refusal::Converted`], [`Refusal::LoanToValueTooHigh`],
/// [`Refusal::AtCapacity`], [`Refusal::Expired`] (at expiry, too).
pub fn plan_join(
    pool: &Pool,
    terms: &Terms,
    spot: f64,
    height: f64,
    dx: f64,
    depth: f64,
) -> Result<JoinPlan, Refusal> {
    positive("the collateral", dx)?;
    positive("the price of the collateral", spot)?;
    pool.refuse_converted(terms)?;
    let loan_to_value = pool.loan_to_value(terms, spot)?;
    if loan_to_value > terms.conversion_ltv {
        return Err(Refusal::LoanToValueTooHigh { found: loan_to_value, limit: terms.conversion_ltv });
    }
    let size = size_to_quote(pool, terms, spot, dx)?;
    if depth.is_nan() || size >= depth {
        return Err(Refusal::AtCapacity { size, depth });
    }
    refuse_from_expiry(terms, height)?;
    let kept_x = pool.weight_x * dx;
    Ok(JoinPlan {
        deposit: dx,
        minted: loan_to_value * (spot * dx),
        kept_x,
        sell_x: (dx - kept_x).max(0.0),
        loan_to_value,
    })
}

/// The pool after the join, with what the sale brought.
///
/// # Errors
/// [`Refusal::NotPositive`] for proceeds below zero or beyond any number.
pub fn join(pool: &Pool, plan: &JoinPlan, proceeds_y: f64) -> Result<Pool, Refusal> {
    not_negative("the proceeds", proceeds_y)?;
    Ok(Pool {
        balance_x: pool.balance_x + plan.kept_x,
        balance_y: pool.balance_y + proceeds_y,
        yield_supply: pool.yield_supply + plan.minted,
        key_supply: pool.key_supply + plan.minted,
        ..*pool
    })
}
