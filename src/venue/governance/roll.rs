//! Who has voted in a poll, and how.

use std::cmp::Reverse;

use crate::quantity::Amount;
use crate::world::ledger::AccountId;
use crate::world::records::Records;

/// How somebody has voted in a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// Tokens for.
    pub power_for: Amount,
    /// Tokens against.
    pub power_against: Amount,
    /// How many of them lie in the escrow for it; the rest is staked.
    pub locked: Amount,
}

impl Entry {
    /// Tokens for and against.
    #[must_use]
    pub fn weight(&self) -> Amount {
        // Never more than somebody's tokens, which fit the ledger.
        self.power_for.checked_add(self.power_against).unwrap_or(Amount::MAX)
    }
}

/// The votes of a poll, by voter.
pub type Roll = Records<Entry>;

impl Roll {
    /// The largest vote, with its side: what a reader asks first. Of equals that of the first account.
    #[must_use]
    pub(super) fn largest(&self) -> Option<(AccountId, bool, Amount)> {
        let votes = self
            .in_order_of_entry()
            .flat_map(|(voter, entry)| [(voter, true, entry.power_for), (voter, false, entry.power_against)]);
        // The first account, and of its votes that for.
        let order =
            |(voter, support, weight): &(AccountId, bool, Amount)| (*weight, Reverse(*voter), *support);
        votes.filter(|(.., weight)| weight.is_positive()).max_by_key(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(power_for: i64, power_against: i64) -> Entry {
        let [power_for, power_against] = [power_for, power_against].map(Amount::from_atoms);
        Entry { power_for, power_against, locked: Amount::ZERO }
    }

    #[test]
    fn the_largest_vote_is_told_with_its_side() {
        let mut roll = Roll::default();
        let [early, late] = [AccountId(3), AccountId(9)];
        roll.set(late, entry(7, 1));
        assert_eq!(roll.largest(), Some((late, true, Amount::from_atoms(7))));
        roll.set(early, entry(0, 7));
        assert_eq!(roll.largest(), Some((early, false, Amount::from_atoms(7))), "the first of equals");
    }
}
