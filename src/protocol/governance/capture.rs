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
//! locked, or does both; capture pays where what one vote can take exceeds the cheapest of these. The fewer tokens vote, the
//! smaller `A`, the cheaper the capture; the more can be borrowed, the cheaper too. Or it pays those who would oppose it.

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

/// How many of `opposing` tokens have to be paid to vote for, where `own` tokens vote for, so that the vote is carried by the
/// smallest majority, in atoms: the smallest `b` with `own + b > a (own + A)`; `None` where all of them would not do.
#[must_use]
pub fn votes_to_turn(rules: &Rules, supply: Amount, own: Amount, opposing: Amount) -> Option<Amount> {
    let cast = own.checked_add(opposing).filter(|cast| rules.is_quorum(*cast, supply))?;
    let carries = |turned: i64| {
        own.checked_add(Amount::from_atoms(turned)).is_some_and(|votes| rules.is_approved(votes, cast))
    };
    let (mut low, mut high) = (0, opposing.atoms().max(0));
    if !carries(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if carries(middle) { high = middle } else { low = middle + 1 }
    }
    Some(Amount::from_atoms(low))
}

/// A way to have tokens vote as one wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// Buy them.
    #[default]
    Buy,
    /// Borrow them.
    Borrow,
    /// Borrow what can be borrowed and buy the rest.
    Both,
    /// Pay those who hold them.
    Bribe,
}

/// What a way takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outlay {
    /// Which way.
    pub way: Way,
    /// Tokens that are borrowed.
    pub borrowed: f64,
    /// Dollars that are gone in the end.
    pub cost_usd: f64,
    /// Dollars that must be at hand: what is paid, and collateral.
    pub needed_usd: f64,
}

/// The cheapest of these ways for somebody who has `cash_usd`; the first of equals.
#[must_use]
pub fn cheapest(ways: impl IntoIterator<Item = Option<Outlay>>, cash_usd: f64) -> Option<Outlay> {
    let affordable = ways.into_iter().flatten();
    let affordable = affordable.filter(|way| way.cost_usd.is_finite() && way.needed_usd <= cash_usd);
    affordable.reduce(|best, way| if way.cost_usd < best.cost_usd { way } else { best })
}

/// What capture would cost and bring now.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Capture {
    /// Tokens that carry a vote against those expected to oppose it; `None` where nobody could.
    pub tokens: Option<f64>,
    /// Buying them in the market and selling them afterwards, borrowing them, both; `None` where that cannot be done.
    pub ways: [Option<Outlay>; 3],
    /// Dollars that one vote can take.
    pub value_usd: f64,
}

impl Capture {
    /// What one way costs, in dollars; `None` where it cannot be gone.
    #[must_use]
    pub fn cost_of(&self, way: Way) -> Option<f64> {
        self.ways.iter().flatten().find(|outlay| outlay.way == way).map(|outlay| outlay.cost_usd)
    }

    /// The cheapest way, in dollars; `None` where there is none.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        cheapest(self.ways, f64::INFINITY).map(|way| way.cost_usd)
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

    fn outlay(way: Way, cost_usd: f64, needed_usd: f64) -> Option<Outlay> {
        Some(Outlay { way, cost_usd, needed_usd, borrowed: 0.0 })
    }

    #[test]
    fn the_cheapest_way_that_can_be_paid_for_counts() {
        let ways = [outlay(Way::Buy, 500.0, 1_000.0), outlay(Way::Borrow, 20.0, 1_500.0), None];
        let capture = Capture { tokens: Some(100.0), ways, value_usd: 60.0 };
        assert_eq!((capture.cost_usd(), capture.profit_usd()), (Some(20.0), Some(40.0)));
        assert_eq!((capture.cost_of(Way::Buy), capture.cost_of(Way::Both)), (Some(500.0), None));
        // Collateral has to be at hand.
        let way = |cash| cheapest(ways, cash).map(|way| way.way);
        assert_eq!([999.0, 1_499.0, 1_500.0].map(way), [None, Some(Way::Buy), Some(Way::Borrow)]);
        let dear = Capture { ways: [ways[0], None, None], ..capture };
        assert_eq!((dear.cost_usd(), dear.profit_usd()), (Some(500.0), Some(-440.0)));
        assert_eq!(Capture::default().profit_usd(), None);
    }

    #[test]
    fn votes_are_turned_until_they_are_a_majority() {
        let turned = |own, opposing| {
            votes_to_turn(&rules(0.04, 0.5), atoms(1_000), atoms(own), atoms(opposing)).map(Amount::atoms)
        };
        // 10 for and 120 against: 56 of them, and it is 66 to 64.
        assert_eq!((turned(10, 120), turned(0, 120)), (Some(56), Some(61)));
        assert_eq!((turned(200, 120), turned(5, 20)), (Some(0), None), "a majority already; no quorum");
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
