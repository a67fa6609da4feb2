//! Who has looked at which poll.

use crate::venue::governance::Poll;
use crate::world::account_set::AccountSet;
use crate::world::ledger::AccountId;

/// Who has looked at each open poll.
#[derive(Debug, Default)]
pub struct Looked {
    /// Polls by their number, oldest first.
    polls: Vec<(u32, AccountSet)>,
}

impl Looked {
    /// Forgets polls that are over, and takes note of new ones.
    pub(super) fn follow(&mut self, open: &[Poll]) {
        let polled =
            || open.iter().filter(|poll| poll.ballot.proposal.is_polled()).map(|poll| poll.ballot.poll);
        self.polls.retain(|(number, _)| polled().any(|open| open == *number));
        for number in polled() {
            let place = self.polls.partition_point(|(other, _)| *other < number);
            if self.polls.get(place).is_none_or(|(other, _)| *other != number) {
                self.polls.insert(place, (number, AccountSet::default()));
            }
        }
    }

    /// The youngest poll open; 0 where there is none.
    pub(super) fn youngest(&self) -> u32 {
        self.polls.last().map_or(0, |(number, _)| *number)
    }

    /// Whether there is no poll open that an account has not looked at.
    #[inline]
    pub(super) fn at_all(&self, account: AccountId) -> bool {
        self.polls.last().is_none_or(|(_, accounts)| accounts.contains(account))
    }

    /// The youngest poll open that an account has looked at; 0 for none. It has looked at all before it.
    pub(super) fn seen(&self, account: AccountId) -> u32 {
        self.polls
            .iter()
            .rev()
            .find(|(_, accounts)| accounts.contains(account))
            .map_or(0, |(number, _)| *number)
    }

    /// Remembers that an account has looked at all polls that are open: if it could not vote, it will not come back to them.
    pub(super) fn mark(&mut self, account: AccountId) {
        self.polls.iter_mut().for_each(|(_, accounts)| accounts.insert(account));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::governance::{Measure, Proposal, Rules};
    use crate::quantity::Amount;
    use crate::venue::governance::Ballot;

    /// Polls of these numbers.
    fn open(numbers: &[u32]) -> Vec<Poll> {
        let rules = Rules { review_hours: 0.0, referendum_hours: 0.0, ..Rules::default() };
        let proposal = Proposal::open(&rules, Measure::AdvancePhase, Amount::from_atoms(1), 0);
        let poll = |poll: &u32| Poll {
            ballot: Ballot { number: *poll, poll: *poll, proposer: AccountId(0), proposal, bribe: None },
            roll: crate::world::records::Records::default(),
        };
        numbers.iter().map(poll).collect()
    }

    #[test]
    fn who_has_looked_is_remembered_for_each_poll_while_it_is_open() {
        let mut looked = Looked::default();
        let [early, late] = [5, 70].map(AccountId);
        let seen = |looked: &Looked| [early, late].map(|account| looked.seen(account));
        assert_eq!((looked.youngest(), seen(&looked)), (0, [0, 0]));
        assert!(looked.at_all(early), "there is none");
        looked.follow(&open(&[3]));
        looked.mark(late);
        looked.follow(&open(&[3, 4]));
        assert_eq!((looked.youngest(), seen(&looked)), (4, [0, 3]));
        looked.mark(early);
        assert_eq!((seen(&looked), [early, late].map(|who| looked.at_all(who))), ([4, 3], [true, false]));
        // The younger is withdrawn: who looked at it had looked at the older one too.
        looked.follow(&open(&[3]));
        assert_eq!((looked.youngest(), seen(&looked)), (3, [3, 3]));
        looked.follow(&open(&[6]));
        assert_eq!((looked.youngest(), seen(&looked)), (6, [0, 0]));
    }
}
