//! A fee as a share of an amount of atoms, exact and rounded up.

use crate::quantity::Amount;

/// Parts of a whole.
const WHOLE: u32 = 1_000_000_000;
/// Parts of a basis point.
const PER_BPS: f64 = 1e5;

/// A fee rate in parts of a billion: a hundred-thousandth of a basis point is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeeRate(u32);

impl FeeRate {
    /// The rate of so many basis points, at most the whole. What is no number counts as none.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the whole")]
    pub fn from_bps(bps: f64) -> Self {
        Self((bps * PER_BPS).round().clamp(0.0, f64::from(WHOLE)) as u32)
    }

    /// The rate in basis points.
    #[must_use]
    pub fn bps(self) -> f64 {
        f64::from(self.0) / PER_BPS
    }

    /// The rate as a share.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// The fee on `amount`, rounded up to the atom; none on what is not above zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "at most the amount itself")]
    pub fn of(self, amount: Amount) -> Amount {
        let whole = i128::from(WHOLE);
        let parts = i128::from(amount.atoms().max(0)) * i128::from(self.0);
        Amount::from_atoms(((parts + whole - 1) / whole) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_exact_and_rounded_up() {
        let fee = |bps: f64, atoms: i64| FeeRate::from_bps(bps).of(Amount::from_atoms(atoms)).atoms();
        assert_eq!(fee(30.0, 1_000_000), 3_000);
        assert_eq!(fee(30.0, 1_000_001), 3_001);
        assert_eq!(fee(0.0, i64::MAX), 0);
        assert_eq!(fee(10_000.0, i64::MAX), i64::MAX);
        assert_eq!((fee(5.0, 1), fee(5.0, 0), fee(5.0, -7)), (1, 0, 0));
    }

    #[test]
    fn basis_points_come_back_as_they_were_given() {
        for bps in [0.0, 0.05, 2.0, 12.5, 30.0, 100.0, 10_000.0] {
            assert_eq!(FeeRate::from_bps(bps).bps(), bps);
        }
        assert_eq!(FeeRate::from_bps(f64::NAN), FeeRate::default());
        assert_eq!(FeeRate::from_bps(-1.0), FeeRate::default());
        assert_eq!(FeeRate::from_bps(1e9).share(), 1.0);
    }
}
