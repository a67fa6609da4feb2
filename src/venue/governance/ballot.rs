//! A proposal in the world: who made it, who voted on it and with what, what is offered for votes.

use super::roll::Roll;
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

/// A proposal under way and the votes of its present poll.
#[derive(Debug, Clone, PartialEq)]
pub struct Poll {
    /// The proposal.
    pub ballot: Ballot,
    /// Who voted, and how.
    pub roll: Roll,
}
