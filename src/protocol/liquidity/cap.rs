//! The cap: the largest share of a pool that one provider may hold after adding to it.
//!
//! A provider who holds `h` of `s` shares and adds `m` holds `h + m` of `s + m`, so that
//!
//! `(h + m) <= c (s + m)`, hence `m <= (c s - h) / (1 - c)`
//!
//! | symbol | code name | unit |
//! |---|---|---|
//! | h | `held` | atoms of shares |
//! | s | `supply` | atoms of shares |
//! | c | `cap` | share of the pool |
//!
//! Nobody is made to leave: who is above the cap because others left adds nothing more until the pool has grown. The cap
//! knows wallets, not people; who spreads over several wallets is bounded in each of them only.
//!
//! No figure was published. In the deployed contracts the part is played by a size tied to the depth of another market, by
//! tickets per wallet and by allowances per user.

use super::{Billionths, WHOLE, saturated};
use crate::quantity::Amount;

/// Shares that may still be added by who holds `held` of `supply`. The first provider of an empty pool is not bound: it
/// holds all of it whatever it adds.
///
/// ```
/// use ballast::protocol::liquidity::{Billionths, cap::room};
/// use ballast::quantity::Amount;
/// let cap = Billionths::nearest(0.1)?;
/// let shares = |atoms| Amount::from_atoms(atoms);
/// // 40 of 1,000 and 66 more are 106 of 1,066, just under a tenth; 67 more would be above it.
/// assert_eq!(room(shares(40), shares(1_000), cap), shares(66));
/// assert_eq!(room(shares(100), shares(1_000), cap), Amount::ZERO);
/// # Ok::<(), ballast::protocol::liquidity::NotAShare>(())
/// ```
#[must_use]
pub fn room(held: Amount, supply: Amount, cap: Billionths) -> Amount {
    if cap == Billionths::ONE || !supply.is_positive() {
        return Amount::MAX;
    }
    let whole = i128::from(WHOLE);
    let part = i128::from(cap.0);
    let missing = part * i128::from(supply.atoms()) - whole * i128::from(held.atoms().max(0));
    if missing <= 0 { Amount::ZERO } else { saturated(missing / (whole - part)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn within(held: i128, supply: i128, cap: Billionths) -> bool {
        held * i128::from(WHOLE) <= supply * i128::from(cap.0)
    }

    proptest! {
        /// What is left may be added, one atom more may not.
        #[test]
        fn the_cap_holds_to_the_atom(
            supply in 1_i64..=i64::MAX / 4,
            held in 0.0..1.0_f64,
            cap in 0..WHOLE,
        ) {
            let (cap, held) = (Billionths(cap), Amount::from_atoms(supply).share(held));
            let room = room(held, Amount::from_atoms(supply), cap);
            let after = |more: i128| {
                within(i128::from(held.atoms()) + more, i128::from(supply) + more, cap)
            };
            if room.is_positive() && room < Amount::MAX {
                prop_assert!(after(i128::from(room.atoms())));
            }
            if room < Amount::MAX {
                prop_assert!(!after(i128::from(room.atoms()) + 1));
            }
        }
    }

    #[test]
    fn without_a_cap_or_a_pool_there_is_always_room() {
        let shares = Amount::from_atoms(1_000);
        assert_eq!(room(shares, shares, Billionths::ONE), Amount::MAX);
        assert_eq!(room(Amount::ZERO, Amount::ZERO, Billionths::default()), Amount::MAX);
        assert_eq!(room(Amount::ZERO, shares, Billionths::default()), Amount::ZERO);
    }
}
