//! What a pool stores, what it is worth, and its creation.

use serde::{Deserialize, Serialize};

use super::eight_decimals::{number, units};
use super::refusal::{Refusal, not_negative, positive};
use super::terms::{Profile, TermError, Terms};
use super::weight::initial_weight;

/// The record of one pool: (collateral, loan token, expiry).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Strike of the call whose delta the weight follows, in loan tokens per collateral token.
    pub strike: f64,
    /// Weight of the collateral with which the next trade is quoted.
    pub weight_x: f64,
    /// Collateral held.
    pub balance_x: f64,
    /// Loan tokens held.
    pub balance_y: f64,
    /// Yield tokens in existence: the debt at face value, in loan tokens.
    pub yield_supply: f64,
    /// Key tokens in existence: claims on what is left.
    pub key_supply: f64,
    /// True once all collateral was sold ([`Profile::Whitepaper`] only): the pool waits for expiry.
    pub converted: bool,
}

/// What key tokens stand for before expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyPosition {
    /// Collateral.
    pub x: f64,
    /// Loan tokens.
    pub y: f64,
}

impl Pool {
    /// `V = x S + y`, in loan tokens.
    #[must_use]
    #[inline]
    pub fn value_in_token(&self, spot: f64) -> f64 {
        self.balance_x * spot + self.balance_y
    }

    /// `x + y / S`, in collateral tokens.
    ///
    /// # Errors
    /// [`Refusal::DivisionByZero`] for loan tokens at a price of zero, [`Refusal::NotPositive`] for no price at all.
    pub fn value_in_collateral(&self, spot: f64) -> Result<f64, Refusal> {
        not_negative("the price of the collateral", spot)?;
        if self.balance_y == 0.0 {
            return Ok(self.balance_x);
        }
        if spot == 0.0 {
            return Err(Refusal::DivisionByZero { divisor: "the price of the collateral" });
        }
        Ok(self.balance_y / spot + self.balance_x)
    }

    /// Debt at *face value* over value; the initial ratio for a pool without debt.
    ///
    /// In [`Profile::Contract`] truncated to eight decimals, because what it decides is decided on those. It marks the
    /// bond at par although it trades below, and the collateral at an oracle that lags: insolvency comes before this says
    /// so.
    ///
    /// # Errors
    /// [`Refusal::DivisionByZero`] for debt without value, [`Refusal::NotPositive`] for no price.
    #[inline]
    pub fn loan_to_value(&self, terms: &Terms, spot: f64) -> Result<f64, Refusal> {
        not_negative("the price of the collateral", spot)?;
        if self.yield_supply == 0.0 {
            return Ok(terms.initial_loan_to_value);
        }
        let value = self.value_in_token(spot);
        if value <= 0.0 {
            return Err(Refusal::DivisionByZero { divisor: "the value of the pool" });
        }
        let ratio = self.yield_supply / value;
        Ok(match terms.profile {
            Profile::Contract => number(units(ratio)),
            Profile::Whitepaper => ratio,
        })
    }

    /// Balances that belong to `keys` key tokens if the debt is paid at face value: the share
    /// `(V - debt) / V * keys / supply` of each.
    ///
    /// # Errors
    /// [`Refusal::DivisionByZero`] without key tokens or without value.
    pub fn key_position(&self, spot: f64, keys: f64) -> Result<KeyPosition, Refusal> {
        not_negative("the key tokens", keys)?;
        let value = self.value_in_token(not_negative("the price of the collateral", spot)?);
        if value <= 0.0 {
            return Err(Refusal::DivisionByZero { divisor: "the value of the pool" });
        }
        if self.key_supply <= 0.0 {
            return Err(Refusal::DivisionByZero { divisor: "the supply of key tokens" });
        }
        let share = (value - self.yield_supply).max(0.0) / value * (keys / self.key_supply);
        Ok(KeyPosition { x: share * self.balance_x, y: share * self.balance_y })
    }

    /// Balances that back `yield_tokens` of the supply, in proportion: what a joiner would have to bring for them.
    ///
    /// # Errors
    /// [`Refusal::Expired`] at expiry and after, [`Refusal::NoLiquidity`] without yield tokens.
    pub fn backing_of(&self, terms: &Terms, height: f64, yield_tokens: f64) -> Result<KeyPosition, Refusal> {
        not_negative("the yield tokens", yield_tokens)?;
        refuse_from_expiry(terms, height)?;
        if self.yield_supply <= 0.0 {
            return Err(Refusal::NoLiquidity { what: "yield tokens" });
        }
        let share = yield_tokens / self.yield_supply;
        Ok(KeyPosition { x: share * self.balance_x, y: share * self.balance_y })
    }

    /// Refuses what a converted pool does not do.
    #[inline]
    pub(super) fn refuse_converted(&self, terms: &Terms) -> Result<(), Refusal> {
        if self.converted { Err(Refusal::Converted { expiry: terms.expiry_block }) } else { Ok(()) }
    }
}

/// Refuses at expiry and after.
#[inline]
pub(super) fn refuse_from_expiry(terms: &Terms, height: f64) -> Result<(), Refusal> {
    if height < terms.expiry_block {
        Ok(())
    } else {
        Err(Refusal::Expired { expiry: terms.expiry_block, height })
    }
}

/// An empty pool at these terms: strike and first weight. The first borrower joins it at the same price.
///
/// # Errors
/// [`Refusal::Terms`] for terms that break a condition (the first of [`Terms::violations`]); the contract divides by the
/// volatility and subtracts the height from expiry, so there [`Refusal::DivisionByZero`] and [`Refusal::NoTimeLeft`].
pub fn create(terms: &Terms, spot: f64, height: f64) -> Result<Pool, Refusal> {
    positive("the price of the collateral", spot)?;
    let violations = terms.violations(height);
    let expiry = terms.expiry_block;
    if let Some(TermError::BlendTooLong { left, .. }) = violations.first() {
        if terms.profile == Profile::Contract && *left < 0.0 {
            return Err(Refusal::NoTimeLeft { expiry, height });
        }
    }
    if terms.volatility == 0.0 && violations.len() == 1 && terms.profile == Profile::Contract {
        return Err(Refusal::DivisionByZero { divisor: "the volatility" });
    }
    if let Some(first) = violations.first() {
        return Err(Refusal::Terms(*first));
    }
    Ok(Pool {
        strike: spot * terms.strike_share(),
        weight_x: initial_weight(terms, height)?,
        balance_x: 0.0,
        balance_y: 0.0,
        yield_supply: 0.0,
        key_supply: 0.0,
        converted: false,
    })
}
