//! Redeeming tokens of a settled pool: yield tokens first in rank, key tokens for what is left.
//!
//! Borrowers never repay. Holding the key they claim collateral and the loan tokens above the debt; a yield holder who
//! has not come yet is still owed.

use super::pool::Pool;
use super::refusal::{Refusal, positive};
use super::settlement::refuse_until_expired;
use super::terms::{Profile, Terms};

/// Relative size below which what is left of a supply is the noise of `f64`.
const DUST: f64 = 1e-13;

/// Tokens redeemed and what was paid for them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Redeemed {
    /// The pool afterwards.
    pub next: Pool,
    /// Tokens burned.
    pub burned: f64,
    /// Collateral paid.
    pub paid_x: f64,
    /// Loan tokens paid.
    pub paid_y: f64,
    /// The part of them that this pool did not hold: the contract pays it out of the vault that all pools share.
    pub beyond_pool_y: f64,
}

/// Tokens in the share `share` of a holding: how the contract's holders say how many they redeem.
///
/// # Errors
/// [`Refusal::InvalidShare`] outside (0, 1].
pub fn tokens_of_share(holding: f64, share: f64) -> Result<f64, Refusal> {
    if share > 0.0 && share <= 1.0 {
        Ok(holding * share)
    } else {
        Err(Refusal::InvalidShare { asked: share, limit: 1.0 })
    }
}

/// Pays `tokens` yield tokens of a settled pool: one loan token each, or in [`Profile::Whitepaper`], where the pool is
/// short of its debt, each the same share of what it holds.
///
/// # Errors
/// [`Refusal::NotExpired`], [`Refusal::NotPositive`], [`Refusal::InvalidShare`] beyond the supply.
pub fn redeem_yield(pool: &Pool, terms: &Terms, height: f64, tokens: f64) -> Result<Redeemed, Refusal> {
    refuse_until_expired(terms, height)?;
    let (burned, left) = burn(tokens, pool.yield_supply)?;
    let paid_y = match terms.profile {
        Profile::Contract => burned,
        // The last holder takes the rest to the last bit.
        Profile::Whitepaper if left == 0.0 => burned.min(pool.balance_y),
        Profile::Whitepaper => burned * (pool.balance_y / pool.yield_supply).min(1.0),
    };
    let next = Pool { yield_supply: left, balance_y: (pool.balance_y - paid_y).max(0.0), ..*pool };
    Ok(Redeemed { next, burned, paid_x: 0.0, paid_y, beyond_pool_y: (paid_y - pool.balance_y).max(0.0) })
}

/// Pays `tokens` key tokens of a settled pool: their share of the collateral, and of the loan tokens above the debt that
/// is still out.
///
/// # Errors
/// As [`redeem_yield`].
pub fn redeem_key(pool: &Pool, terms: &Terms, height: f64, tokens: f64) -> Result<Redeemed, Refusal> {
    refuse_until_expired(terms, height)?;
    let (burned, left) = burn(tokens, pool.key_supply)?;
    let free = (pool.balance_y - pool.yield_supply).max(0.0);
    let share = if left == 0.0 { 1.0 } else { burned / pool.key_supply };
    let (paid_x, paid_y) = (pool.balance_x * share, free * share);
    let next = Pool {
        key_supply: left,
        balance_x: pool.balance_x - paid_x,
        balance_y: pool.balance_y - paid_y,
        ..*pool
    };
    Ok(Redeemed { next, burned, paid_x, paid_y, beyond_pool_y: 0.0 })
}

/// What is burned of `supply` and what is left, without the noise of `f64`.
fn burn(tokens: f64, supply: f64) -> Result<(f64, f64), Refusal> {
    positive("the tokens", tokens)?;
    let left = supply - tokens;
    if left.is_nan() || left < -supply * DUST {
        return Err(Refusal::InvalidShare { asked: tokens, limit: supply });
    }
    Ok(if left <= supply * DUST { (supply, 0.0) } else { (tokens, left) })
}
