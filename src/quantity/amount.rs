//! An integer quantity of an asset, in its smallest unit.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A number of atoms of some asset: the only form in which the ledger knows a balance.
///
/// Atoms are `i64` so that sums are exact and independent of order; every operation is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

/// Why a real number is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum AmountError {
    /// The value is NaN or infinite.
    #[error("expected a finite quantity, found {0}")]
    NotFinite(f64),
    /// The value is below zero.
    #[error("expected a quantity of at least zero, found {0}")]
    Negative(f64),
    /// The value needs more atoms than an `i64` holds.
    #[error("{0} units are more than the ledger can hold with {1} decimals")]
    TooLarge(f64, u8),
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// The amount of that many atoms.
    #[must_use]
    pub const fn from_atoms(atoms: i64) -> Self {
        Self(atoms)
    }

    /// The number of atoms.
    #[must_use]
    pub const fn atoms(self) -> i64 {
        self.0
    }

    /// True above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// True at zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(atoms) => Some(Self(atoms)),
            None => None,
        }
    }

    /// Difference, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(atoms) => Some(Self(atoms)),
            None => None,
        }
    }

    /// Difference, or zero where `other` is larger.
    #[must_use]
    pub fn saturating_less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The part `share` (0 to 1, clamped) of this amount, rounded down.
    ///
    /// A share that is not a number counts as zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "the product is at most the amount itself")]
    pub fn share(self, share: f64) -> Self {
        if share >= 1.0 {
            return self;
        }
        // `share > 0` is false for NaN, which then takes nothing.
        if share > 0.0 { Self(((self.0 as f64 * share).floor() as i64).min(self.0)) } else { Self::ZERO }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_do_not_fit_are_refused() {
        assert_eq!(Amount::MAX.checked_add(Amount::from_atoms(1)), None);
        assert_eq!(Amount::from_atoms(2).checked_sub(Amount::from_atoms(5)), Some(Amount::from_atoms(-3)));
        assert_eq!(Amount::from_atoms(2).saturating_less(Amount::from_atoms(5)), Amount::ZERO);
    }

    #[test]
    fn a_share_never_exceeds_the_whole_and_nan_is_nothing() {
        let whole = Amount::from_atoms(i64::MAX);
        assert_eq!(whole.share(1.5), whole);
        assert!(whole.share(1.0 - 1e-16) <= whole);
        assert_eq!(whole.share(f64::NAN), Amount::ZERO);
        assert_eq!(Amount::from_atoms(10).share(0.25), Amount::from_atoms(2));
    }
}
