//! What it costs to carry a vote against everybody else, and what could be taken with it.
//!
//! A vote passes with `F` for and `A` against out of a supply `S` if `F > a (F + A)` and `F + A >= q S`, so that the fewest
//! tokens that carry it are
//!
//! ```text
//! F = max( floor(A a / (1 - a)) + 1,  ceil(q S) - A,  1 )
//! ```
//!
//! A captor buys them and sells them afterwards for what is left of their value, or borrows them for as long as they are
//! locked; capture pays where what one vote can take exceeds the cheaper of the two. The fewer tokens vote, the smaller
//! `A`, the cheaper the capture.

use super::rules::Rules;
use crate::quantity::Amount;

/// The fewest tokens that carry a vote in which `opposing` tokens vote against it, in atoms; `None` where they would be
/// more than the rest of the supply.
#[must_use]
pub fn votes_to_carry(rules: &Rules, supply: Amount, opposing: Amount) -> Option<Amount> {
    let opposing = opposing.max(Amount::ZERO);
    let quorum = rules.quorum(supply).saturating_less(opposing);
    let carries =
        |votes: Amount| votes.checked_add(opposing).is_some_and(|cast| rules.is_approved(votes, cast));
    // Approval is a comparison of whole atoms: the smallest number that satisfies it is found by halving.
    let (mut low, mut high) = (quorum.atoms().max(1), supply.saturating_less(opposing).atoms());
    if low > high || !carries(Amount::from_atoms(high)) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if carries(Amount::from_atoms(middle)) { high = middle } else { low = middle + 1 }
    }
    Some(Amount::from_atoms(low))
}

/// What capture would cost and bring now.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Capture {
    /// Tokens that carry a vote against those expected to oppose it; `None` where nobody could.
    pub tokens: Option<f64>,
    /// Dollars lost on buying them in the market and selling them afterwards; `None` where the market does not hold them.
    pub purchase_usd: Option<f64>,
    /// Dollars paid for borrowing them; `None` where they cannot be borrowed.
    pub borrowing_usd: Option<f64>,
    /// Dollars that one vote can take.
    pub value_usd: f64,
}

impl Capture {
    /// The cheaper way, in dollars; `None` where there is none.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        let ways = [self.purchase_usd, self.borrowing_usd];
        ways.into_iter().flatten().filter(|cost| cost.is_finite()).reduce(f64::min)
    }

    /// What is left for the captor, in dollars; `None` where there is no way.
    #[must_use]
    pub fn profit_usd(&self) -> Option<f64> {
        self.cost_usd().map(|cost| self.value_usd - cost)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    fn rules(quorum_share: f64, approval_share: f64) -> Rules {
        Rules { quorum_share, approval_share, ..Rules::plain() }
    }

    #[test]
    fn worked_examples() {
        // Simple majority against 120 of 1,000 tokens: one more than they are; the quorum of 40 is met anyway.
        assert_eq!(votes_to_carry(&rules(0.04, 0.5), atoms(1_000), atoms(120)), Some(atoms(121)));
        // Nobody else votes: the quorum alone. Without a quorum a single atom.
        assert_eq!(votes_to_carry(&rules(0.04, 0.5), atoms(1_000), atoms(0)), Some(atoms(40)));
        assert_eq!(votes_to_carry(&rules(0.0, 0.5), atoms(1_000), atoms(0)), Some(atoms(1)));
        // Two thirds: more than twice as many as oppose.
        assert_eq!(votes_to_carry(&rules(0.0, 0.666_666_667), atoms(1_000), atoms(100)), Some(atoms(201)));
        // Half of all tokens oppose: nobody can carry it.
        assert_eq!(votes_to_carry(&rules(0.0, 0.5), atoms(1_000), atoms(500)), None);
    }

    #[test]
    fn the_cheaper_way_counts() {
        let capture = Capture {
            tokens: Some(100.0),
            purchase_usd: Some(500.0),
            borrowing_usd: Some(20.0),
            value_usd: 60.0,
        };
        assert_eq!((capture.cost_usd(), capture.profit_usd()), (Some(20.0), Some(40.0)));
        let dear = Capture { borrowing_usd: None, ..capture };
        assert_eq!((dear.cost_usd(), dear.profit_usd()), (Some(500.0), Some(-440.0)));
        assert_eq!(Capture::default().profit_usd(), None);
    }

    proptest! {
        /// The number carries the vote, one atom less does not, and more opposition never makes it smaller once the
        /// quorum no longer binds.
        #[test]
        fn it_is_the_fewest(
            supply in 1_i64..1_000_000, share in 0.0_f64..0.6, quorum in 0.0_f64..0.5, approval in 0.1_f64..0.9,
        ) {
            let rules = rules(quorum, approval);
            let opposing = atoms((supply as f64 * share) as i64);
            let passes = |votes: Amount| {
                let cast = votes.checked_add(opposing).unwrap();
                votes.is_positive() && rules.is_quorum(cast, atoms(supply)) && rules.is_approved(votes, cast)
            };
            match votes_to_carry(&rules, atoms(supply), opposing) {
                Some(votes) => {
                    prop_assert!(passes(votes));
                    prop_assert!(!passes(votes.saturating_less(atoms(1))));
                }
                None => prop_assert!(!passes(atoms(supply).saturating_less(opposing))),
            }
        }
    }
}
