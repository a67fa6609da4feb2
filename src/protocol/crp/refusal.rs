//! Why a verb was refused: a value with what was expected and what was found, never a state.

use thiserror::Error;

use super::terms::TermError;
use crate::protocol::amm::SwapError;

/// The reason for which a verb of the pool refuses, with the figures that decided it.
///
/// The contract's number for it, where it has one, is [`Refusal::code`]; where its virtual machine gives up instead of
/// answering, [`Refusal::abort`] names how.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// An amount, a price or a supply is not a finite number above zero (2003).
    #[error("{what} must be a finite number above zero, found {found}")]
    NotPositive {
        /// Which input.
        what: &'static str,
        /// Its value.
        found: f64,
    },
    /// The terms could not have been enacted (2001).
    #[error("the terms are not those of a pool: {0}")]
    Terms(#[from] TermError),
    /// A trade to this price would have to go the other way (2002).
    #[error("this side of the pool does not reach a price of {target}; its price is {price}")]
    PriceOutOfReach {
        /// The price asked for, in loan tokens per collateral token.
        target: f64,
        /// The marginal price now.
        price: f64,
    },
    /// The pool has issued no tokens of this kind (2002).
    #[error("the pool has no {what}")]
    NoLiquidity {
        /// What is missing.
        what: &'static str,
    },
    /// The loan has run out (2017).
    #[error("the pool expires at block {expiry}, it is block {height}")]
    Expired {
        /// Expiry of the pool.
        expiry: f64,
        /// Height of the call.
        height: f64,
    },
    /// The loan has not run out (2017).
    #[error("tokens are redeemed after block {expiry}, it is block {height}")]
    NotExpired {
        /// Expiry of the pool.
        expiry: f64,
        /// Height of the call.
        height: f64,
    },
    /// The pool is too close to its debt to lend more (2019).
    #[error("joining needs a loan-to-value ratio of at most {limit}, found {found}")]
    LoanToValueTooHigh {
        /// The pool's ratio.
        found: f64,
        /// The conversion ratio.
        limit: f64,
    },
    /// The market outside could not take the whole pool (2027).
    #[error("the market must quote a sale of {size} collateral tokens, its depth is {depth}")]
    AtCapacity {
        /// What the market would have to quote.
        size: f64,
        /// The size from which on it does not.
        depth: f64,
    },
    /// The reserve of the collateral token cannot pay what settlement needs: nobody can redeem (2024).
    #[error("settlement takes {needed} collateral tokens from the reserve, which holds {held}")]
    ReserveShort {
        /// Collateral tokens needed.
        needed: f64,
        /// Collateral tokens in the reserve's ledger.
        held: f64,
    },
    /// More tokens were to be redeemed than exist, or a share of a holding is not in (0, 1] (5000).
    #[error("asked to redeem {asked}, expected more than 0 and at most {limit}")]
    InvalidShare {
        /// What was asked for.
        asked: f64,
        /// The most there is.
        limit: f64,
    },
    /// The input is too large for the pool (4001; 4002 where the contract has the caps crossed).
    #[error("an input of {found} is not below the cap of {cap}: split the trade")]
    MaxInput {
        /// The net input.
        found: f64,
        /// The cap.
        cap: f64,
        /// True for loan tokens in, which the contract holds against its cap for outputs.
        crossed: bool,
    },
    /// The output is too large for the pool (4002; 4001 where the contract has the caps crossed).
    #[error("an output of {found} is not below the cap of {cap}: split the trade")]
    MaxOutput {
        /// The output.
        found: f64,
        /// The cap.
        cap: f64,
        /// True for collateral out, which the contract holds against its cap for inputs.
        crossed: bool,
    },
    /// The pool cannot quote: one of its balances or weights is zero.
    #[error("the pool cannot quote: {0}")]
    Curve(SwapError),
    /// The price is gone by more than the caller allows (2020).
    #[error("the output would be {found}, not above the {limit} asked for")]
    BelowLimit {
        /// The output.
        found: f64,
        /// The least the caller takes, itself excluded.
        limit: f64,
    },
    /// The pool was converted: it holds loan tokens only and waits for expiry.
    #[error("the pool was converted to loan tokens and is closed until expiry at block {expiry}")]
    Converted {
        /// Expiry of the pool.
        expiry: f64,
    },
    /// The pool is not where it converts.
    #[error("conversion needs a loan-to-value ratio of at least {threshold}, found {found}")]
    BelowConversion {
        /// The pool's ratio.
        found: f64,
        /// The conversion ratio.
        threshold: f64,
    },
    /// The verb does not exist in this profile of the protocol.
    #[error("the {profile} profile has no {verb}")]
    NotOffered {
        /// Name of the profile.
        profile: &'static str,
        /// The verb asked for.
        verb: &'static str,
    },
    /// A formula divides by this quantity and it is zero.
    #[error("{divisor} is zero, so the amount is not defined")]
    DivisionByZero {
        /// What is zero.
        divisor: &'static str,
    },
    /// A formula takes time left that is below zero.
    #[error("the pool expired at block {expiry} and has no weight at block {height}")]
    NoTimeLeft {
        /// Expiry of the pool.
        expiry: f64,
        /// Height of the call.
        height: f64,
    },
}

impl Refusal {
    /// The number with which the contract answers; `None` where it has no such answer.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        Some(match self {
            Self::Terms(_) => 2001,
            Self::PriceOutOfReach { .. } | Self::NoLiquidity { .. } => 2002,
            Self::NotPositive { .. } => 2003,
            Self::Expired { .. } | Self::NotExpired { .. } => 2017,
            Self::LoanToValueTooHigh { .. } => 2019,
            Self::BelowLimit { .. } => 2020,
            Self::ReserveShort { .. } => 2024,
            Self::AtCapacity { .. } => 2027,
            Self::MaxInput { crossed: false, .. } | Self::MaxOutput { crossed: true, .. } => 4001,
            Self::MaxInput { crossed: true, .. } | Self::MaxOutput { crossed: false, .. } => 4002,
            Self::InvalidShare { .. } => 5000,
            Self::Curve(_)
            | Self::Converted { .. }
            | Self::BelowConversion { .. }
            | Self::NotOffered { .. }
            | Self::DivisionByZero { .. }
            | Self::NoTimeLeft { .. } => return None,
        })
    }

    /// How the contract's virtual machine gives up; `None` where it answers.
    #[must_use]
    pub const fn abort(&self) -> Option<&'static str> {
        match self {
            Self::DivisionByZero { .. } => Some("DivisionByZero"),
            Self::NoTimeLeft { .. } => Some("ArithmeticUnderflow"),
            _ => None,
        }
    }
}

/// Passes a finite number above zero through.
#[inline]
pub(super) fn positive(what: &'static str, found: f64) -> Result<f64, Refusal> {
    if found > 0.0 && found < f64::INFINITY { Ok(found) } else { Err(Refusal::NotPositive { what, found }) }
}

/// Passes a finite number that is not negative through.
#[inline]
pub(super) fn not_negative(what: &'static str, found: f64) -> Result<f64, Refusal> {
    if found >= 0.0 && found < f64::INFINITY { Ok(found) } else { Err(Refusal::NotPositive { what, found }) }
}
