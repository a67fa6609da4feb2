//! What governance remembers: the open vote and what it locked, the queue, the outcomes.

use super::GovernRefusal;
use crate::protocol::governance::{ParameterId, Proposal, ProposalState, Rejection, Rules, RulesError};
use crate::quantity::{Amount, AssetId};
use crate::venue::{Deal, Refusal};
use crate::world::ledger::{AccountId, Ledger, LedgerError};

/// A proposal and who made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ballot {
    /// Which proposal of the run it is, from one.
    pub number: u64,
    /// Who proposed it.
    pub proposer: AccountId,
    /// What and when.
    pub proposal: Proposal,
}

/// Tokens locked by a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// Whose they are.
    pub voter: AccountId,
    /// For or against.
    pub support: bool,
    /// How many atoms.
    pub weight: Amount,
}

/// How many proposals came to what, since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcomes {
    /// Votes that passed.
    pub passed: u64,
    /// Votes that failed for want of a quorum.
    pub without_quorum: u64,
    /// Votes that failed for want of approval.
    pub not_approved: u64,
    /// Changes that took effect.
    pub enacted: u64,
    /// Passed proposals that never took effect.
    pub cancelled: u64,
}

/// Governance as it was before an action.
#[derive(Debug, Clone, Copy)]
pub(in crate::venue) enum Before {
    /// Nothing was being voted on.
    NothingOpen,
    /// The open proposal had this tally, and one stake fewer was locked.
    Tally { power_for: Amount, power_against: Amount },
}

/// Governance by token.
#[derive(Debug, Clone, PartialEq)]
pub struct Governance {
    rules: Rules,
    token: AssetId,
    escrow: AccountId,
    open: Option<Ballot>,
    stakes: Vec<Stake>,
    queue: Vec<Ballot>,
    last: Option<Ballot>,
    next_proposal_seconds: i64,
    outcomes: Outcomes,
    /// The value of each parameter before the first vote that changed it.
    originals: Vec<(ParameterId, f64)>,
}

impl Governance {
    /// Governance by holders of `token` under `rules`; votes are locked in the account `escrow`, which nothing else uses.
    ///
    /// # Errors
    /// [`RulesError`] if a rule is out of range.
    pub fn new(rules: Rules, token: AssetId, escrow: AccountId) -> Result<Self, RulesError> {
        rules.check()?;
        Ok(Self {
            rules,
            token,
            escrow,
            open: None,
            stakes: Vec::new(),
            queue: Vec::new(),
            last: None,
            next_proposal_seconds: 0,
            outcomes: Outcomes::default(),
            originals: Vec::new(),
        })
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The governance token.
    #[must_use]
    pub const fn token(&self) -> AssetId {
        self.token
    }

    /// The account that holds locked votes.
    #[must_use]
    pub const fn escrow(&self) -> AccountId {
        self.escrow
    }

    /// The proposal being voted on.
    #[must_use]
    pub const fn open(&self) -> Option<&Ballot> {
        self.open.as_ref()
    }

    /// Votes locked in the escrow, in the order they came. They belong to their voters.
    #[must_use]
    pub fn stakes(&self) -> &[Stake] {
        &self.stakes
    }

    /// Passed proposals that wait out their timelock, in the order they passed.
    #[must_use]
    pub fn queue(&self) -> &[Ballot] {
        &self.queue
    }

    /// The proposal whose vote closed last, as it stood then.
    #[must_use]
    pub const fn last(&self) -> Option<&Ballot> {
        self.last.as_ref()
    }

    /// Votes cast over supply in the last vote that closed; `None` before the first.
    #[must_use]
    pub fn turnout(&self) -> Option<f64> {
        self.last.and_then(|ballot| ballot.proposal.turnout())
    }

    /// How many proposals came to what.
    #[must_use]
    pub const fn outcomes(&self) -> Outcomes {
        self.outcomes
    }

    /// The value of a parameter before the first vote that changed it, if one did.
    #[must_use]
    pub fn original(&self, parameter: ParameterId) -> Option<f64> {
        self.originals.iter().find(|(id, _)| *id == parameter).map(|(_, value)| *value)
    }

    /// The change of `parameter` that waits out its timelock, if one does.
    #[must_use]
    pub fn queued(&self, parameter: ParameterId) -> Option<&Ballot> {
        self.queue.iter().find(|ballot| ballot.proposal.parameter == parameter)
    }

    /// Says whether somebody who holds `held` of a token of this `supply` could open a vote now.
    ///
    /// # Errors
    /// [`GovernRefusal`]: a vote is open, the last one is too recent, or the proposer holds too little.
    pub fn may_propose(&self, held: Amount, supply: Amount, now_seconds: i64) -> Result<(), GovernRefusal> {
        if let Some(open) = &self.open {
            return Err(GovernRefusal::AlreadyOpen { closes_seconds: open.proposal.closes_seconds });
        }
        if now_seconds < self.next_proposal_seconds {
            return Err(GovernRefusal::CoolingDown { until_seconds: self.next_proposal_seconds });
        }
        let needed = self.rules.proposal_threshold(supply);
        if held < needed {
            return Err(GovernRefusal::BelowThreshold { needed, held });
        }
        Ok(())
    }

    /// Opens the vote on a proposal.
    pub(super) fn begin(&mut self, ballot: Ballot) {
        self.open = Some(ballot);
    }

    /// Counts an enacted change of `parameter`, which was `previous` before.
    pub(super) fn enacted(&mut self, parameter: ParameterId, previous: f64) {
        self.outcomes.enacted += 1;
        if self.original(parameter).is_none() {
            self.originals.push((parameter, previous));
        }
    }

    /// Counts a passed proposal that does not take effect.
    pub(super) fn cancelled(&mut self) {
        self.outcomes.cancelled += 1;
    }

    /// Locks `weight` of the voter's tokens and counts them.
    pub(super) fn vote(
        &mut self,
        deal: &mut Deal<'_>,
        voter: AccountId,
        support: bool,
        weight: Amount,
    ) -> Result<Before, Refusal> {
        let ballot = self.open.as_mut().ok_or(GovernRefusal::NothingOpen)?;
        let before = ballot.proposal;
        let after = before.vote(deal.clock.now_seconds(), support, weight).map_err(GovernRefusal::Vote)?;
        deal.ledger.transfer(voter, self.escrow, self.token, weight)?;
        ballot.proposal = after;
        self.stakes.push(Stake { voter, support, weight });
        Ok(Before::Tally { power_for: before.power_for, power_against: before.power_against })
    }

    /// Undoes the last proposal or vote that is not undone yet.
    pub(in crate::venue) fn restore(&mut self, before: Before) {
        match before {
            Before::NothingOpen => self.open = None,
            Before::Tally { power_for, power_against } => {
                self.stakes.pop();
                if let Some(ballot) = &mut self.open {
                    ballot.proposal.power_for = power_for;
                    ballot.proposal.power_against = power_against;
                }
            }
        }
    }

    /// Counts the open vote if its window is over and gives every locked token back. Answers with the ballot.
    pub(super) fn close(
        &mut self,
        ledger: &mut Ledger,
        now_seconds: i64,
    ) -> Result<Option<Ballot>, LedgerError> {
        let Some(ballot) = self.open else { return Ok(None) };
        let proposal = ballot.proposal.conclude(&self.rules, now_seconds);
        if proposal.state == ProposalState::Voting {
            return Ok(None);
        }
        for stake in self.stakes.drain(..) {
            ledger.transfer(self.escrow, stake.voter, self.token, stake.weight)?;
        }
        let closed = Ballot { proposal, ..ballot };
        match proposal.state {
            ProposalState::Rejected(Rejection::NoQuorum) => self.outcomes.without_quorum += 1,
            ProposalState::Rejected(Rejection::NotApproved) => self.outcomes.not_approved += 1,
            _ => {
                self.outcomes.passed += 1;
                self.queue.push(closed);
            }
        }
        self.open = None;
        self.last = Some(closed);
        self.next_proposal_seconds = proposal.closes_seconds.saturating_add(self.rules.cooldown_seconds());
        Ok(Some(closed))
    }

    /// Takes the next queued proposal whose timelock has passed, enacted.
    pub(super) fn due(&mut self, now_seconds: i64) -> Option<Ballot> {
        let enacted = |ballot: &Ballot| ballot.proposal.enact(now_seconds);
        let place = self.queue.iter().position(|ballot| enacted(ballot).state == ProposalState::Enacted)?;
        let ballot = self.queue.remove(place);
        Some(Ballot { proposal: enacted(&ballot), ..ballot })
    }
}
