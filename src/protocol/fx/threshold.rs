//! How far a market is from a collateral ratio, in each of the trades that could take it there.
//!
//! With `B = n s` and `F = c nf f` for a target ratio `c > 1`, solving `CR = c` after the trade gives every maximum
//! below. A maximum is zero when the trade would lead away from the target. Source: `FxLowVolatilityMath`.

use super::nav::{Valuation, residual_value};
use super::refusal::{Refusal, divide};

/// The largest trade on this side of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Maximum {
    /// Collateral paid in or out, in ETH.
    pub base: f64,
    /// Tokens minted or redeemed.
    pub tokens: f64,
}

/// `B - F` for target `c`, in USD.
fn distance(value: &Valuation, target: f64) -> f64 {
    residual_value(value.collateral, value.price, target * value.feth_supply, value.feth_nav)
}

fn checked(target: f64) -> Result<f64, Refusal> {
    if target.is_finite() && target > 1.0 {
        Ok(target)
    } else {
        Err(Refusal::TargetTooSmall { found: target })
    }
}

/// fETH that can be minted before the ratio falls to `target`: `(n + d) s = c (nf f + d s)`.
///
/// # Errors
///
/// [`Refusal::TargetTooSmall`] for a target at or below one; [`Refusal::DivisionByZero`] for worthless tokens.
pub fn max_mintable_feth(value: &Valuation, target: f64) -> Result<Maximum, Refusal> {
    let over = distance(value, checked(target)?);
    if over <= 0.0 {
        return Ok(Maximum::default());
    }
    let worth = over / (target - 1.0);
    Ok(Maximum {
        base: divide(worth, value.price, "price")?,
        tokens: divide(worth, value.feth_nav, "fETH NAV")?,
    })
}

/// xETH whose minting lifts the ratio to `target`: `(n + d) s = c nf f`.
///
/// # Errors
///
/// As [`max_mintable_feth`].
pub fn max_mintable_xeth(value: &Valuation, target: f64) -> Result<Maximum, Refusal> {
    let short = -distance(value, checked(target)?);
    if short <= 0.0 {
        return Ok(Maximum::default());
    }
    Ok(Maximum {
        base: divide(short, value.price, "price")?,
        tokens: divide(short, value.xeth_nav, "xETH NAV")?,
    })
}

/// As [`max_mintable_xeth`] when fETH holders pay the depositor `incentive` on top, which lifts the ratio too:
/// `(n + d) s = c (nf f - lambda d s)`.
///
/// # Errors
///
/// As [`max_mintable_feth`].
pub fn max_mintable_xeth_with_incentive(
    value: &Valuation,
    target: f64,
    incentive: f64,
) -> Result<Maximum, Refusal> {
    let short = -distance(value, checked(target)?);
    if short <= 0.0 {
        return Ok(Maximum::default());
    }
    let base = divide(short, value.price * (1.0 + incentive * target), "price")?;
    let worth = base * value.price * (1.0 + incentive);
    Ok(Maximum { base, tokens: divide(worth, value.xeth_nav, "xETH NAV")? })
}

/// fETH whose redemption lifts the ratio to `target`: `(n - d) s = c (nf f - d s)`.
///
/// # Errors
///
/// As [`max_mintable_feth`].
pub fn max_redeemable_feth(value: &Valuation, target: f64) -> Result<Maximum, Refusal> {
    let short = -distance(value, checked(target)?);
    if short <= 0.0 {
        return Ok(Maximum::default());
    }
    let worth = short / (target - 1.0);
    Ok(Maximum {
        base: divide(worth, value.price, "price")?,
        tokens: divide(worth, value.feth_nav, "fETH NAV")?,
    })
}

/// xETH that can be redeemed before the ratio falls to `target`: `(n - d) s = c nf f`.
///
/// # Errors
///
/// As [`max_mintable_feth`].
pub fn max_redeemable_xeth(value: &Valuation, target: f64) -> Result<Maximum, Refusal> {
    let over = distance(value, checked(target)?);
    if over <= 0.0 {
        return Ok(Maximum::default());
    }
    Ok(Maximum {
        base: divide(over, value.price, "price")?,
        tokens: divide(over, value.xeth_nav, "xETH NAV")?,
    })
}

/// fETH whose redemption with `incentive` lifts the ratio to `target`; the remaining fETH pays the incentive, so the
/// collateral paid out is as in [`max_redeemable_feth`] and fewer tokens release it.
///
/// # Errors
///
/// As [`max_mintable_feth`].
pub fn max_liquidatable(value: &Valuation, target: f64, incentive: f64) -> Result<Maximum, Refusal> {
    let redeemable = max_redeemable_feth(value, target)?;
    Ok(Maximum { base: redeemable.base, tokens: redeemable.tokens / (1.0 + incentive) })
}
