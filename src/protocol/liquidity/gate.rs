//! The gate: at most so much of a pool leaves in a cycle; who wants to leave waits in a queue.
//!
//! At the end of each cycle those who wait are granted shares, together exactly the smaller of what they ask for and of what
//! the gate allows. What is not granted waits on; allowances that nobody uses do not add up.
//!
//! - `FirstCome`: the oldest request is filled before the next one gets anything.
//! - `ProRata`: every request is granted the same part of it, `floor(r_i A / R)` with `A` the allowance and `R` all that is
//!   asked for. The `A - sum(floor)` atoms that rounding leaves go one each to the oldest requests not yet filled. Where the
//!   part of the oldest rounds to nothing there is such an atom, so that it makes progress in every cycle, and nobody
//!   starves however many come after.
//!
//! No figure was published. In the deployed contracts the part is played by staking cycles, and by liquidity that stays
//! locked until a cycle ends.

use serde::{Deserialize, Serialize};

use super::Billionths;
use crate::quantity::Amount;

/// Who leaves first when not everybody can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum GateRule {
    /// Everybody in proportion to what is asked for.
    #[default]
    ProRata,
    /// The oldest request first.
    FirstCome,
}

/// Shares that may leave at the end of a cycle, of `supply` shares of the pool.
#[must_use]
pub fn allowance(supply: Amount, max_share: Billionths) -> Amount {
    max_share.of(supply)
}

/// What each of `requests`, oldest first, is granted of `allowance`. Requests of nothing are granted nothing.
///
/// ```
/// use ballast::protocol::liquidity::gate::{GateRule, grant};
/// use ballast::quantity::Amount;
/// let shares = |atoms: [i64; 3]| atoms.map(Amount::from_atoms);
/// let waiting = shares([50, 30, 20]);
/// let allowed = Amount::from_atoms(61);
/// // Exact parts are 30.5, 18.3 and 12.2: the atom left over goes to the oldest.
/// assert_eq!(grant(GateRule::ProRata, &waiting, allowed), shares([31, 18, 12]));
/// assert_eq!(grant(GateRule::FirstCome, &waiting, allowed), shares([50, 11, 0]));
/// assert_eq!(grant(GateRule::ProRata, &waiting, Amount::from_atoms(100)), waiting);
/// ```
#[must_use]
pub fn grant(rule: GateRule, requests: &[Amount], allowance: Amount) -> Vec<Amount> {
    let asked = |request: &Amount| i128::from(request.atoms().max(0));
    let total: i128 = requests.iter().map(asked).sum();
    let allowed = i128::from(allowance.atoms().max(0)).min(total);
    let mut left = allowed;
    let mut granted: Vec<i128> = match rule {
        _ if total == 0 => vec![0; requests.len()],
        GateRule::ProRata => requests.iter().map(|request| asked(request) * allowed / total).collect(),
        GateRule::FirstCome => vec![0; requests.len()],
    };
    left -= granted.iter().sum::<i128>();
    for (granted, request) in granted.iter_mut().zip(requests) {
        let open = asked(request) - *granted;
        let more = match rule {
            GateRule::ProRata => open.min(1),
            GateRule::FirstCome => open,
        };
        let more = more.min(left);
        *granted += more;
        left -= more;
    }
    granted.into_iter().map(super::saturated).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: [GateRule; 2] = [GateRule::ProRata, GateRule::FirstCome];

    fn amounts(atoms: &[i64]) -> Vec<Amount> {
        atoms.iter().copied().map(Amount::from_atoms).collect()
    }

    proptest! {
        /// Exactly the smaller of what is asked for and what is allowed is granted, and nobody more than was asked.
        #[test]
        fn nothing_is_lost_and_nothing_is_made(
            requests in prop::collection::vec(0_i64..=i64::MAX / 64, 0..40),
            share in 0.0..1.2_f64,
        ) {
            let waiting = amounts(&requests);
            let total: i64 = requests.iter().sum();
            let allowed = Amount::from_atoms((total as f64 * share) as i64);
            for rule in RULES {
                let granted = grant(rule, &waiting, allowed);
                prop_assert_eq!(granted.len(), waiting.len());
                let sum: i64 = granted.iter().map(|one| one.atoms()).sum();
                prop_assert_eq!(sum, allowed.atoms().min(total));
                for (granted, asked) in granted.iter().zip(&waiting) {
                    prop_assert!(*granted >= Amount::ZERO && granted <= asked);
                }
                // The oldest is granted something whenever anything is.
                let oldest = waiting.iter().position(|asked| asked.is_positive());
                if let Some(oldest) = oldest.filter(|_| allowed.is_positive()) {
                    prop_assert!(granted[oldest].is_positive());
                }
            }
        }

        /// Pro rata nobody gets more than an atom above the exact part, nor an atom below it.
        #[test]
        fn parts_are_equal_to_an_atom(
            requests in prop::collection::vec(1_i64..=1_000_000_000, 1..40),
            share in 0.0..1.0_f64,
        ) {
            let waiting = amounts(&requests);
            let total: i64 = requests.iter().sum();
            let allowed = (total as f64 * share) as i64;
            let granted = grant(GateRule::ProRata, &waiting, Amount::from_atoms(allowed));
            for (granted, asked) in granted.iter().zip(&requests) {
                let exact = *asked as f64 * allowed as f64 / total as f64;
                prop_assert!((granted.atoms() as f64 - exact).abs() < 1.0 + 1e-6);
            }
        }
    }

    #[test]
    fn who_came_first_is_served_however_many_come_after() {
        for rule in RULES {
            let mut small = Amount::from_atoms(3);
            for cycle in 1..=3 {
                let mut waiting = vec![small];
                waiting.extend(amounts(&[1_000_000; 5]));
                let granted = grant(rule, &waiting, Amount::from_atoms(10));
                small = small.saturating_less(granted[0]);
                if rule == GateRule::ProRata {
                    assert_eq!(small, Amount::from_atoms(3 - cycle));
                }
            }
            assert_eq!(small, Amount::ZERO, "{rule:?}");
        }
    }

    #[test]
    fn odd_requests_are_granted_nothing() {
        for rule in RULES {
            let granted = grant(rule, &amounts(&[-5, 0, 10, i64::MIN]), Amount::from_atoms(4));
            assert_eq!(granted, amounts(&[0, 0, 4, 0]));
            assert_eq!(grant(rule, &amounts(&[7]), Amount::from_atoms(-1)), amounts(&[0]));
            assert_eq!(grant(rule, &[], Amount::MAX), []);
        }
        let all = allowance(Amount::from_atoms(1_000), Billionths::nearest(0.25).unwrap());
        assert_eq!(all, Amount::from_atoms(250));
    }
}
