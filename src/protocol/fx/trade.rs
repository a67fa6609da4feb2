//! The trades themselves, without fees, limits or modes. Source: `FxLowVolatilityMath`.
//!
//! Each follows from `n s = nf f + nx x` before and after with the NAVs that the trade must not move held still.

use super::nav::{Valuation, residual_value};
use super::refusal::{Refusal, divide};

/// fETH and xETH for `base` ETH when both are minted in the present proportion: `nf b / n` and `nx b / n`.
///
/// # Errors
///
/// [`Refusal::DivisionByZero`] for an empty treasury.
pub fn minted_in_proportion(value: &Valuation, base: f64) -> Result<(f64, f64), Refusal> {
    let share = divide(base, value.collateral, "collateral")?;
    Ok((value.feth_supply * share, value.xeth_supply * share))
}

/// fETH for `base` ETH: `b s / f`.
///
/// # Errors
///
/// [`Refusal::DivisionByZero`] for worthless fETH.
pub fn feth_minted(value: &Valuation, base: f64) -> Result<f64, Refusal> {
    divide(base * value.price, value.feth_nav, "fETH NAV")
}

/// xETH for `base` ETH, against the exact residual: `b s nx / (n s - nf f)`.
///
/// Without xETH in existence this is zero: the deposit then belongs to nobody, as in the contracts.
///
/// # Errors
///
/// [`Refusal::UnderCollateral`] and [`Refusal::DivisionByZero`] when the residual is below or at zero.
pub fn xeth_minted(value: &Valuation, base: f64) -> Result<f64, Refusal> {
    let residual = covered_residual(value)?;
    divide(base * value.price * value.xeth_supply, residual, "residual value")
}

/// xETH for `base` ETH with an incentive from fETH holders, and what each fETH loses:
/// `b s (1 + lambda) / x` and `b s lambda / nf`.
///
/// # Errors
///
/// [`Refusal::DivisionByZero`] for worthless xETH or without fETH.
pub fn xeth_minted_with_incentive(
    value: &Valuation,
    base: f64,
    incentive: f64,
) -> Result<(f64, f64), Refusal> {
    let worth = base * value.price;
    let minted = divide(worth * (1.0 + incentive), value.xeth_nav, "xETH NAV")?;
    Ok((minted, divide(worth * incentive, value.feth_supply, "fETH supply")?))
}

/// ETH for `feth` and `xeth` tokens at their NAVs: `(a f + c (n s - nf f) / nx) / s`.
///
/// # Errors
///
/// [`Refusal::UnderCollateral`] when the residual is below zero.
pub fn redemption_proceeds(value: &Valuation, feth: f64, xeth: f64) -> Result<f64, Refusal> {
    let residual = covered_residual(value)?;
    let feth_worth = feth * value.feth_nav;
    let xeth_worth = if value.xeth_supply == 0.0 { 0.0 } else { xeth * residual / value.xeth_supply };
    divide(feth_worth + xeth_worth, value.price, "price")
}

/// ETH for `feth` tokens with an incentive from the remaining fETH, and what each of those loses:
/// `a f (1 + lambda) / s` and `a f lambda / (nf - a)`.
///
/// # Errors
///
/// [`Refusal::DivisionByZero`] when no fETH would remain; [`Refusal::InsufficientSupply`] beyond the supply.
pub fn liquidation_proceeds(value: &Valuation, feth: f64, incentive: f64) -> Result<(f64, f64), Refusal> {
    let worth = feth * value.feth_nav;
    let proceeds = divide(worth * (1.0 + incentive), value.price, "price")?;
    let left = super::state::remaining(value.feth_supply, feth)?;
    Ok((proceeds, divide(worth * incentive, left, "remaining fETH")?))
}

fn covered_residual(value: &Valuation) -> Result<f64, Refusal> {
    if value.is_under_water() {
        return Ok(0.0);
    }
    let residual = residual_value(value.collateral, value.price, value.feth_supply, value.feth_nav);
    if residual < 0.0 { Err(value.under_collateral()) } else { Ok(residual) }
}
