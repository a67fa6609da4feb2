//! Who has voted in a poll, and how.

use crate::quantity::Amount;
use crate::world::ledger::AccountId;
use crate::world::register::Register;

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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roll {
    /// One more than the place of each voter among the entries; zero for whoever has not voted.
    places: Register<u32>,
    /// In the order of first votes.
    entries: Vec<Entry>,
}

impl Roll {
    /// How somebody has voted, if it has.
    #[must_use]
    #[inline]
    pub fn get(&self, voter: AccountId) -> Option<&Entry> {
        let place = self.places.get(voter).checked_sub(1)?;
        self.entries.get(place as usize)
    }

    /// How many have voted.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// True before the first vote.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everybody's votes, in the order of accounts.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, &Entry)> {
        self.within(AccountId(0), AccountId(u32::MAX))
    }

    /// The votes of the accounts from `first` to before `end`, in their order.
    pub fn within(&self, first: AccountId, end: AccountId) -> impl Iterator<Item = (AccountId, &Entry)> {
        self.places.within(first, end).map(|(voter, place)| (voter, &self.entries[place as usize - 1]))
    }

    /// Enters how somebody has voted, in place of what was there.
    pub(super) fn set(&mut self, voter: AccountId, entry: Entry) {
        match self.places.get(voter).checked_sub(1) {
            Some(place) => self.entries[place as usize] = entry,
            None => {
                self.entries.push(entry);
                self.places.set(voter, self.entries.len() as u32);
            }
        }
    }

    /// Strikes out the voter who was entered last.
    pub(super) fn strike_last(&mut self, voter: AccountId) {
        self.places.set(voter, 0);
        self.entries.pop();
    }

    /// The largest vote, with its side: what a reader asks first. Of equals that of the first account.
    #[must_use]
    pub(super) fn largest(&self) -> Option<(AccountId, bool, Amount)> {
        let votes = self
            .iter()
            .flat_map(|(voter, entry)| [(voter, true, entry.power_for), (voter, false, entry.power_against)]);
        votes
            .filter(|vote| vote.2.is_positive())
            .reduce(|most, vote| if vote.2 > most.2 { vote } else { most })
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
    fn votes_are_read_in_the_order_of_accounts() {
        let mut roll = Roll::default();
        let [early, late] = [AccountId(3), AccountId(9)];
        roll.set(late, entry(5, 0));
        roll.set(early, entry(0, 7));
        roll.set(late, entry(7, 1));
        assert_eq!(roll.get(late), Some(&entry(7, 1)));
        assert_eq!((roll.get(AccountId(4)), roll.len()), (None, 2));
        assert_eq!(roll.iter().map(|(voter, _)| voter).collect::<Vec<_>>(), [early, late]);
        assert_eq!(roll.within(AccountId(4), AccountId(9)).count(), 0);
        assert_eq!(roll.largest(), Some((early, false, Amount::from_atoms(7))), "the first of equals");
    }

    #[test]
    fn who_was_entered_last_is_struck_out_without_a_trace() {
        let mut roll = Roll::default();
        roll.set(AccountId(9), entry(5, 0));
        let before = roll.clone();
        roll.set(AccountId(30), entry(1, 0));
        assert_ne!(roll, before);
        roll.strike_last(AccountId(30));
        assert_eq!((&roll, roll.get(AccountId(30))), (&before, None));
    }
}
