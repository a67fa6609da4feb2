//! A proposal in the world: who made it, who voted on it and with what, what is offered for votes.

use std::collections::BTreeMap;

use crate::protocol::governance::Proposal;
use crate::quantity::Amount;
use crate::world::ledger::AccountId;

/// A proposal and who made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ballot {
    /// Which proposal of the run it is, from one.
    pub number: u32,
    /// Which poll of the run is being held on it: referendums and votes are counted together, from one; 0 before the first.
    pub poll: u32,
    /// Who proposed it.
    pub proposer: AccountId,
    /// What and when.
    pub proposal: Proposal,
    /// What is offered for votes.
    pub bribe: Option<Bribe>,
}

/// An offer to pay for votes, with the money put up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bribe {
    /// Who pays.
    pub briber: AccountId,
    /// For which votes.
    pub support: bool,
    /// Dollars for each token voted, in atoms per atom.
    pub rate: f64,
    /// Dollars left, in atoms.
    pub left: Amount,
}

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

/// A proposal under way and the votes of its present poll.
#[derive(Debug, Clone, PartialEq)]
pub struct Poll {
    /// The proposal.
    pub ballot: Ballot,
    /// Who voted, in the order of accounts.
    pub roll: BTreeMap<AccountId, Entry>,
}

impl Poll {
    /// The largest vote, with its side: what a reader asks first.
    #[must_use]
    pub(super) fn largest(&self) -> Option<(AccountId, bool, Amount)> {
        let votes = self.roll.iter().flat_map(|(voter, entry)| {
            [(*voter, true, entry.power_for), (*voter, false, entry.power_against)]
        });
        // The first of equals: accounts are in order.
        votes
            .filter(|vote| vote.2.is_positive())
            .reduce(|most, vote| if vote.2 > most.2 { vote } else { most })
    }
}
