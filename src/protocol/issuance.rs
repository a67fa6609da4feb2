//! The pace of a program that sells or buys over a while, and what tokens sold by vote take from everybody else.
//!
//! An order of `Q` over `T` seconds goes out evenly, `Q x tick / T` a tick: the trajectory that costs least under linear
//! impact where risk does not count (Bertsimas and Lo 1998, "Optimal control of execution costs", Journal of Financial
//! Markets 1). What a tick could not place is spread over those that are left.

use crate::quantity::Amount;

/// What of `left` goes out in a tick of `tick_seconds` while `seconds_left` remain: an even part, rounded up, and everything
/// in the last tick.
///
/// # Examples
/// ```
/// use ballast::protocol::issuance::slice;
/// use ballast::quantity::Amount;
/// // Ten in three hours: four, three, three.
/// let hour = |left, hours: i64| slice(Amount::from_atoms(left), hours * 3_600, 3_600).atoms();
/// assert_eq!([hour(10, 3), hour(6, 2), hour(3, 1)], [4, 3, 3]);
/// ```
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a part of `left` is at most `left`")]
pub fn slice(left: Amount, seconds_left: i64, tick_seconds: i64) -> Amount {
    if seconds_left <= tick_seconds {
        return left.max(Amount::ZERO);
    }
    // Here `seconds_left` is above the length of a tick, which is at least one second.
    let (seconds_left, tick_seconds) = (i128::from(seconds_left), i128::from(tick_seconds.max(1)));
    let part = (i128::from(left.atoms().max(0)) * tick_seconds + seconds_left - 1) / seconds_left;
    Amount::from_atoms(part as i64).min(left.max(Amount::ZERO))
}

/// Tokens minted by votes and not burned unsold, over the initial supply: 0.1 leaves who held a share of `s` with `s / 1.1`.
///
/// Nothing was ever there to be diluted where the initial supply is zero.
#[must_use]
pub fn dilution_share(issued: Amount, burned_unsold: Amount, initial_supply: Amount) -> Option<f64> {
    let remains = issued.saturating_less(burned_unsold);
    initial_supply.is_positive().then(|| remains.atoms() as f64 / initial_supply.atoms() as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_burned_unsold_dilutes_nobody() {
        let atoms = Amount::from_atoms;
        assert_eq!(dilution_share(atoms(300), atoms(100), atoms(1_000)), Some(0.2));
        assert_eq!(dilution_share(atoms(300), atoms(300), atoms(1_000)), Some(0.0));
        assert_eq!(dilution_share(atoms(300), atoms(0), atoms(0)), None);
    }

    proptest! {
        /// Whatever the length of ticks, everything has gone out when the time is over, and evenly but for an atom.
        #[test]
        fn everything_goes_out_evenly(total in 0_i64..=i64::MAX, tick in 1_i64..90_000, ticks in 1_i64..300) {
            let mut left = Amount::from_atoms(total);
            let mut slices = Vec::new();
            for now in 0..ticks {
                let part = slice(left, (ticks - now) * tick, tick);
                prop_assert!(part >= Amount::ZERO && part <= left);
                left = left.saturating_less(part);
                slices.push(part.atoms());
            }
            prop_assert_eq!(left, Amount::ZERO);
            let (most, least) = (slices.iter().max().unwrap(), slices.iter().min().unwrap());
            prop_assert!(most - least <= 1, "{slices:?}");
        }

        /// A tick that placed nothing is made up for, and nothing goes out after the end.
        #[test]
        fn what_was_not_placed_is_spread_over_the_rest(total in 0_i64..=i64::MAX, placed in prop::collection::vec(any::<bool>(), 1..50)) {
            let mut left = Amount::from_atoms(total);
            let ticks = placed.len() as i64;
            for (now, placed) in (0_i64..).zip(&placed) {
                let part = slice(left, (ticks - now) * 60, 60);
                if *placed {
                    left = left.saturating_less(part);
                }
            }
            prop_assert!(left == Amount::ZERO || !placed[placed.len() - 1]);
            prop_assert_eq!(slice(left, -5, 60), left);
            prop_assert_eq!(slice(Amount::from_atoms(-7), 600, 60), Amount::ZERO);
        }
    }
}
