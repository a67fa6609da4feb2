//! What the oracle says, and the price that each verb takes from it.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// The answer of the price oracle, in USD per ETH.
///
/// `safe` is the time-weighted average; `min` and `max` span the spot sources; `valid` says that the sources agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OraclePrice {
    /// True when the sources agree.
    pub valid: bool,
    /// Time-weighted average.
    pub safe: f64,
    /// Lowest spot source.
    pub min: f64,
    /// Highest spot source.
    pub max: f64,
}

/// What a price is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceUse {
    /// Views, genesis, settlement and harvest: the safe price, whether or not it is valid.
    View,
    /// Mints and added collateral: the safe price, refused while invalid.
    Mint,
    /// fETH paid out: the safe price, or the highest while invalid, so that the redeemer gets least.
    RedeemFeth,
    /// xETH paid out: the safe price, or the lowest while invalid.
    RedeemXeth,
}

impl OraclePrice {
    /// An oracle whose sources all say `price`.
    #[must_use]
    pub const fn agreed(price: f64) -> Self {
        Self { valid: true, safe: price, min: price, max: price }
    }

    /// The price that `purpose` takes.
    ///
    /// # Errors
    ///
    /// [`Refusal::OracleInvalid`] for mints while invalid, [`Refusal::PriceNotPositive`] for a price at or below zero.
    pub fn price_for(&self, purpose: PriceUse) -> Result<f64, Refusal> {
        let price = match (self.valid, purpose) {
            (false, PriceUse::Mint) => return Err(Refusal::OracleInvalid),
            (false, PriceUse::RedeemFeth) => self.max,
            (false, PriceUse::RedeemXeth) => self.min,
            (true, _) | (false, PriceUse::View) => self.safe,
        };
        if price.is_finite() && price > 0.0 {
            Ok(price)
        } else {
            Err(Refusal::PriceNotPositive { found: price })
        }
    }
}
