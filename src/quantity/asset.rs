//! What is owned: an asset and how finely it divides.

use serde::{Deserialize, Serialize};

use super::{Amount, AmountError};

/// The place of an asset in a world's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(pub u8);

impl AssetId {
    /// The registry index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How many decimal places one unit of an asset divides into (at most 18).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decimals {
    places: u8,
    atoms_per_unit: f64,
}

impl Decimals {
    /// The scale with this many decimal places; more than 18 count as 18.
    #[must_use]
    pub fn new(places: u8) -> Self {
        let places = places.min(18);
        // 10^18 is below 2^63, so the power is exact as an integer and correctly rounded as a float.
        Self { places, atoms_per_unit: 10_u64.pow(u32::from(places)) as f64 }
    }

    /// The number of decimal places.
    #[must_use]
    pub const fn places(self) -> u8 {
        self.places
    }

    /// `amount` in whole units.
    #[must_use]
    pub fn units(self, amount: Amount) -> f64 {
        amount.atoms() as f64 / self.atoms_per_unit
    }

    /// The largest amount not above `units`: what a protocol pays out.
    ///
    /// # Errors
    /// [`AmountError`] if `units` is not finite, is negative, or does not fit.
    pub fn floor(self, units: f64) -> Result<Amount, AmountError> {
        self.round(units, f64::floor)
    }

    /// The smallest amount not below `units`: what a protocol takes in.
    ///
    /// # Errors
    /// [`AmountError`] if `units` is not finite, is negative, or does not fit.
    pub fn ceil(self, units: f64) -> Result<Amount, AmountError> {
        self.round(units, f64::ceil)
    }

    #[allow(clippy::cast_possible_truncation, reason = "the bound below keeps the value inside i64")]
    fn round(self, units: f64, rounding: fn(f64) -> f64) -> Result<Amount, AmountError> {
        if !units.is_finite() {
            return Err(AmountError::NotFinite(units));
        }
        if units < 0.0 {
            return Err(AmountError::Negative(units));
        }
        let atoms = rounding(units * self.atoms_per_unit);
        if atoms >= i64::MAX as f64 {
            return Err(AmountError::TooLarge(units, self.places));
        }
        Ok(Amount::from_atoms(atoms as i64))
    }
}

/// An asset as people know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Ticker, unique in a world: `ETH`, `fETH`.
    pub symbol: String,
    /// How finely it divides.
    pub decimals: Decimals,
}

impl Asset {
    /// An asset with that ticker and number of decimal places.
    #[must_use]
    pub fn new(symbol: impl Into<String>, decimal_places: u8) -> Self {
        Self { symbol: symbol.into(), decimals: Decimals::new(decimal_places) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_direction_is_in_the_name() {
        let usd = Decimals::new(6);
        assert_eq!(usd.floor(1.234_567_9), Ok(Amount::from_atoms(1_234_567)));
        assert_eq!(usd.ceil(1.234_567_1), Ok(Amount::from_atoms(1_234_568)));
        assert!((usd.units(Amount::from_atoms(2_500_000)) - 2.5).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        let eth = Decimals::new(9);
        assert!(matches!(eth.floor(f64::NAN), Err(AmountError::NotFinite(_))));
        assert_eq!(eth.floor(-1.0), Err(AmountError::Negative(-1.0)));
        assert_eq!(eth.floor(1e10), Err(AmountError::TooLarge(1e10, 9)));
    }
}
