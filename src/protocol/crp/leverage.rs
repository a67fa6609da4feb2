//! Leverage on the collateral: borrow, sell the yield tokens, buy collateral with the cash, join again.
//!
//! With `b` the share of a deposit that comes back as collateral (LTV times the price of the bond, less what the two
//! sales cost), `n` more rounds hold `1 + b + ... + b^n` times the first deposit: `(1 - b^(n+1)) / (1 - b)`, and
//! `1 / (1 - b)` without end. A flash loan does all rounds at once. The two entries of the contracts disagree on its size:
//! "margin" deposits `dx / LTV`, "roll" `dx / (1 - LTV)`, which is 1.33 and 4 times at 75 %.

use super::refusal::{Refusal, positive};

fn ratio(name: &'static str, found: f64) -> Result<f64, Refusal> {
    positive(name, found)?;
    if found < 1.0 { Ok(found) } else { Err(Refusal::InvalidShare { asked: found, limit: 1.0 }) }
}

/// Collateral deposited by a margin entry of `dx` own collateral: `dx / LTV`.
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InvalidShare`] for a ratio of one or more.
pub fn margin_gross(dx: f64, loan_to_value: f64) -> Result<f64, Refusal> {
    Ok(positive("the collateral", dx)? / ratio("the loan-to-value ratio", loan_to_value)?)
}

/// Collateral deposited by a roll-over of `dx` own collateral: `dx / (1 - LTV)`.
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InvalidShare`] for a ratio of one or more.
pub fn roll_gross(dx: f64, loan_to_value: f64) -> Result<f64, Refusal> {
    Ok(positive("the collateral", dx)? / (1.0 - ratio("the loan-to-value ratio", loan_to_value)?))
}

/// Collateral deposited over own collateral after `rounds` rounds beyond the first deposit.
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InvalidShare`] for a share of one or more.
///
/// ```
/// use ballast::protocol::crp::loop_leverage;
/// assert_eq!(loop_leverage(0.5, 0)?, 1.0);
/// assert!((loop_leverage(0.5, 2)? - 1.75).abs() < 1e-15);
/// # Ok::<(), ballast::protocol::crp::Refusal>(())
/// ```
pub fn loop_leverage(borrowed_share: f64, rounds: u32) -> Result<f64, Refusal> {
    let share = ratio("the borrowed share", borrowed_share)?;
    Ok(-libm::expm1((f64::from(rounds) + 1.0) * libm::log(share)) / (1.0 - share))
}

/// The limit of [`loop_leverage`]: `1 / (1 - b)`.
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InvalidShare`] for a share of one or more.
pub fn unlimited_loop_leverage(borrowed_share: f64) -> Result<f64, Refusal> {
    Ok(1.0 / (1.0 - ratio("the borrowed share", borrowed_share)?))
}
