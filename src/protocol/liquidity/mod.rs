//! Progressive liquidity decentralisation: who may provide how much, how fast liquidity may leave, and what those who
//! bound themselves are promised.
//!
//! The founding article of ALEX promises a limit on each provider's share, orderly exits through gates and rewards for long
//! commitment, all without figures; what the deployed contracts have in their place is named in each file. Shares of a
//! pool are counted in atoms, so that every bound here holds to the atom.
//!
//! | file | content |
//! |---|---|
//! | [`cap`] | the largest share of a pool that one provider may hold after adding |
//! | [`gate`] | the largest share of a pool that may leave in a cycle, and who of those who wait leaves first |
//! | [`insurance`] | what a provider who stayed to the end is paid against impermanent loss |

pub mod cap;
pub mod gate;
pub mod insurance;

use thiserror::Error;

use crate::quantity::Amount;

/// Billionths in a whole.
const WHOLE: u32 = 1_000_000_000;

/// A number that is no share of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("expected a share from 0 to 1, found {0}")]
pub struct NotAShare(pub f64);

/// A share of a whole, in billionths: bounds on integers are then exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Billionths(u32);

impl Billionths {
    /// The whole.
    pub const ONE: Self = Self(WHOLE);

    /// The share nearest to `share`, a number from 0 to 1.
    ///
    /// # Errors
    /// [`NotAShare`].
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to WHOLE")]
    pub fn nearest(share: f64) -> Result<Self, NotAShare> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(libm::round(share * f64::from(WHOLE)) as u32))
        } else {
            Err(NotAShare(share))
        }
    }

    /// The share as a number from 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// This share of `amount`, rounded down. Nothing of what is below zero.
    #[must_use]
    pub fn of(self, amount: Amount) -> Amount {
        saturated(i128::from(amount.atoms().max(0)) * i128::from(self.0) / i128::from(WHOLE))
    }
}

/// As many atoms, or the most there can be.
fn saturated(atoms: i128) -> Amount {
    i64::try_from(atoms).map_or(Amount::MAX, Amount::from_atoms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_exactly_and_rounds_down() {
        let tenth = Billionths::nearest(0.1).unwrap();
        assert_eq!(tenth.of(Amount::from_atoms(1_009)), Amount::from_atoms(100));
        assert_eq!(Billionths::ONE.of(Amount::MAX), Amount::MAX);
        assert_eq!(tenth.of(Amount::from_atoms(-5)), Amount::ZERO);
        assert_eq!(tenth.as_f64(), 0.1);
        for bad in [-1e-9, 1.000_001, f64::NAN, f64::INFINITY] {
            assert!(Billionths::nearest(bad).is_err(), "{bad}");
        }
    }
}
