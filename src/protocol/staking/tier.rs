//! Commitment tiers: a longer lock counts more, so that emission pays for liquidity that stays.
//!
//! With `w(L)` the weight of the longest tier that a lock of `L` cycles reaches, and 1 below the first, a cycle's emission is
//! split in proportion to `w(L) s` instead of `s`. Without tiers every stake counts alike, as in the contracts.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::pool::MAX_LOCK_CYCLES;
use crate::quantity::Amount;

/// Weights are read to the hundredth, so that they multiply atoms exactly.
const HUNDRED: f64 = 100.0;
/// The largest weight.
const MOST_WEIGHT: f64 = 1_000.0;
/// The most tiers there can be.
const MOST_TIERS: usize = 32;

/// A tier: what a lock of at least so many cycles counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The shortest lock that reaches it, in cycles.
    pub lock_cycles: u32,
    /// What a stake counts, as a multiple of one without a tier.
    pub weight: f64,
}

/// Why tiers are none.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error(
    "expected tiers with locks of 1 to {MAX_LOCK_CYCLES} cycles that rise, and weights of at least 1 that do not fall, found \
     a lock of {lock_cycles} with a weight of {weight}"
)]
pub struct TierError {
    /// The lock of the first tier that is wrong.
    pub lock_cycles: u32,
    /// Its weight.
    pub weight: f64,
}

/// The tiers of a pool: (lock in cycles, weight in hundredths), the shortest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    steps: Vec<(u32, u32)>,
}

impl Tiers {
    /// These tiers, shortest lock first.
    ///
    /// # Errors
    /// [`TierError`] names the first tier that is out of range or out of order.
    ///
    /// ```
    /// use ballast::protocol::staking::{Tier, Tiers};
    ///
    /// let tiers = Tiers::new(&[Tier { lock_cycles: 8, weight: 1.5 }, Tier { lock_cycles: 32, weight: 3.0 }])?;
    /// assert_eq!([1, 7, 8, 31, 32].map(|lock| tiers.weight_of(lock)), [1.0, 1.0, 1.5, 1.5, 3.0]);
    /// # Ok::<(), ballast::protocol::staking::TierError>(())
    /// ```
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "weights are from 1 to 1,000")]
    pub fn new(tiers: &[Tier]) -> Result<Self, TierError> {
        let mut steps: Vec<(u32, u32)> = Vec::with_capacity(tiers.len());
        for &Tier { lock_cycles, weight } in tiers {
            let (lock_before, weight_before) = steps.last().copied().unwrap_or((0, HUNDRED as u32));
            let fine = (1..=MAX_LOCK_CYCLES).contains(&lock_cycles)
                && lock_cycles > lock_before
                && (1.0..=MOST_WEIGHT).contains(&weight)
                && steps.len() < MOST_TIERS;
            let hundredths = (weight * HUNDRED).round() as u32;
            if !fine || hundredths < weight_before {
                return Err(TierError { lock_cycles, weight });
            }
            steps.push((lock_cycles, hundredths));
        }
        Ok(Self { steps })
    }

    /// Whether all stakes count alike.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The tier that a lock reaches, from one; 0 below the first.
    #[must_use]
    pub fn of_lock(&self, lock_cycles: u32) -> u8 {
        // No more tiers than fit.
        self.steps.partition_point(|(lock, _)| *lock <= lock_cycles) as u8
    }

    /// What a lock counts, as a multiple of one without a tier.
    #[must_use]
    pub fn weight_of(&self, lock_cycles: u32) -> f64 {
        f64::from(self.hundredths(self.of_lock(lock_cycles))) / HUNDRED
    }

    /// A stake times its weight: in atoms where there are no tiers, in hundredths of them where there are.
    #[must_use]
    pub fn weigh(&self, amount: Amount, tier: u8) -> i128 {
        let weight = if self.is_empty() { 1 } else { self.hundredths(tier) };
        i128::from(amount.atoms()) * i128::from(weight)
    }

    /// What [`Tiers::weigh`] makes of one atom without a tier.
    #[must_use]
    pub fn unit(&self) -> f64 {
        if self.is_empty() { 1.0 } else { HUNDRED }
    }

    fn hundredths(&self, tier: u8) -> u32 {
        let step = usize::from(tier).checked_sub(1).and_then(|place| self.steps.get(place));
        step.map_or(HUNDRED as u32, |(_, weight)| *weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(lock_cycles: u32, weight: f64) -> Tier {
        Tier { lock_cycles, weight }
    }

    #[test]
    fn what_is_out_of_order_or_range_is_named() {
        for wrong in [tier(0, 1.0), tier(33, 1.0), tier(4, 0.9), tier(4, f64::NAN), tier(4, 1e9)] {
            assert!(Tiers::new(&[wrong]).is_err(), "{wrong:?}");
        }
        let falls = Tiers::new(&[tier(4, 2.0), tier(8, 1.5)]);
        assert_eq!(falls, Err(TierError { lock_cycles: 8, weight: 1.5 }));
        assert!(Tiers::new(&[tier(8, 1.5), tier(8, 2.0)]).is_err());
    }

    #[test]
    fn without_tiers_an_atom_is_an_atom() {
        let none = Tiers::default();
        assert_eq!((none.of_lock(32), none.weigh(Amount::from_atoms(7), 0), none.weight_of(32)), (0, 7, 1.0));
    }
}
