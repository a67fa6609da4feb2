//! Voting, locking, reclaiming, delegating.
//!
//! With `E` the tokens of a voter in the escrow, `W` those in its wallet and `v` what it has voted in a poll already:
//!
//! ```text
//! shared       can still vote W + E - v;  a vote moves what exceeds E from the wallet into the escrow
//! each vote    can still vote W;          a vote moves all it weighs
//! ```
//!
//! What a voter can have back is what no open poll needs: `E` less the largest of its open votes where they are shared, less
//! the sum of them where they are not.

use super::ballot::{Bribe, Entry};
use super::state::{Before, Governance};
use super::{GovernRefusal, Which};
use crate::protocol::governance::Locking;
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::ledger::{AccountId, Ledger, LedgerError};

impl Governance {
    /// What `voter` can still vote in a poll, of its own tokens: in its wallet and in the escrow.
    #[must_use]
    pub fn available(&self, ledger: &Ledger, which: Which, voter: AccountId) -> Amount {
        let wallet = ledger.balance(voter, self.token);
        let Some(poll) = self.poll(which) else { return Amount::ZERO };
        if self.rules.locking == Locking::EachVote {
            return wallet;
        }
        let voted = poll.roll.get(&voter).map_or(Amount::ZERO, Entry::weight);
        // Two parts of one supply.
        wallet.checked_add(self.locked(voter)).unwrap_or(Amount::MAX).saturating_less(voted)
    }

    /// All tokens of a holder: in its wallet and in the escrow.
    #[must_use]
    pub fn tokens_of(&self, ledger: &Ledger, holder: AccountId) -> Amount {
        ledger.balance(holder, self.token).checked_add(self.locked(holder)).unwrap_or(Amount::MAX)
    }

    /// Locks `weight` of the voter's tokens and what its followers have not voted themselves, and counts them.
    pub(super) fn vote(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Before>,
        voter: AccountId,
        which: Which,
        support: bool,
        weight: Amount,
    ) -> Result<Amount, Refusal> {
        if let Some(until_seconds) = self.suspended_until(deal.clock.now_seconds()) {
            return Err(GovernRefusal::Suspended { until_seconds }.into());
        }
        let poll = self.poll(which).ok_or(GovernRefusal::NoSuchProposal)?;
        let number = poll.ballot.number;
        undo.push(Before::Ballot(Box::new(poll.ballot)));
        let mut cast = Amount::ZERO;
        if !self.delegation.followers(voter).is_empty() {
            for follower in self.delegation.followers(voter).to_vec() {
                let left = self.available(deal.ledger, which, follower);
                if left.is_positive() {
                    self.cast(deal, undo, follower, number, support, left)?;
                    cast = cast.checked_add(left).unwrap_or(Amount::MAX);
                }
            }
        }
        // A delegate may have no tokens of its own; anybody else must vote something.
        if cast.is_zero() || weight.is_positive() {
            let available = self.available(deal.ledger, which, voter);
            if weight > available {
                return Err(GovernRefusal::NotAvailable { available, wanted: weight }.into());
            }
            self.cast(deal, undo, voter, number, support, weight)?;
            cast = cast.checked_add(weight).unwrap_or(Amount::MAX);
        }
        self.pay_for(deal, voter, number, support, cast)
    }

    /// Counts `weight` tokens of `voter`, and locks what is not locked yet.
    fn cast(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Before>,
        voter: AccountId,
        number: u32,
        support: bool,
        weight: Amount,
    ) -> Result<(), Refusal> {
        let locked = self.locked(voter);
        let shared = self.rules.locking == Locking::Shared;
        let poll = self.poll_mut(Which::Number(number)).ok_or(GovernRefusal::NoSuchProposal)?;
        let proposal = poll
            .ballot
            .proposal
            .vote(deal.clock.now_seconds(), support, weight)
            .map_err(GovernRefusal::Vote)?;
        let before = poll.roll.get(&voter).copied();
        let mut entry = before.unwrap_or_default();
        let side = if support { &mut entry.power_for } else { &mut entry.power_against };
        *side = side.checked_add(weight).unwrap_or(Amount::MAX);
        entry.locked = entry.locked.checked_add(weight).unwrap_or(Amount::MAX);
        let moved = if shared { entry.locked.saturating_less(locked) } else { weight };
        poll.ballot.proposal = proposal;
        poll.roll.insert(voter, entry);
        undo.push(Before::Vote { number, voter, entry: before, locked });
        deal.ledger.transfer(voter, self.escrow, self.token, moved)?;
        self.set_lock(voter, locked.checked_add(moved).unwrap_or(Amount::MAX));
        Ok(())
    }

    /// Pays a voter what is offered for its votes. Answers with the dollars.
    fn pay_for(
        &mut self,
        deal: &mut Deal<'_>,
        voter: AccountId,
        number: u32,
        support: bool,
        cast: Amount,
    ) -> Result<Amount, Refusal> {
        let (escrow, dollar) = (self.escrow, self.dollar);
        let Some(poll) = self.poll_mut(Which::Number(number)) else { return Ok(Amount::ZERO) };
        let Some(bribe) = poll.ballot.bribe.as_mut().filter(|bribe| bribe.support == support) else {
            return Ok(Amount::ZERO);
        };
        if bribe.briber == voter {
            return Ok(Amount::ZERO);
        }
        let due = promised(bribe, cast);
        bribe.left = bribe.left.saturating_less(due);
        deal.ledger.transfer(escrow, voter, dollar, due)?;
        Ok(due)
    }

    /// Puts up dollars for votes.
    pub(super) fn offer(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Before>,
        which: Which,
        bribe: Bribe,
    ) -> Result<(), Refusal> {
        let (escrow, dollar) = (self.escrow, self.dollar);
        let poll = self.poll_mut(which).ok_or(GovernRefusal::NoSuchProposal)?;
        if poll.ballot.bribe.is_some()
            || !bribe.left.is_positive()
            || !(bribe.rate > 0.0 && bribe.rate.is_finite())
        {
            return Err(GovernRefusal::BadOffer.into());
        }
        undo.push(Before::Ballot(Box::new(poll.ballot)));
        poll.ballot.bribe = Some(bribe);
        deal.ledger.transfer(bribe.briber, escrow, dollar, bribe.left)?;
        Ok(())
    }

    /// What of a voter's locked tokens open polls still need.
    fn needed(&self, voter: AccountId) -> Amount {
        let votes = self.open.iter().filter_map(|poll| poll.roll.get(&voter)).map(|entry| entry.locked);
        match self.rules.locking {
            Locking::Shared => votes.max().unwrap_or(Amount::ZERO),
            Locking::EachVote => Amount::from_atoms(votes.map(Amount::atoms).sum()),
        }
    }

    /// Gives a voter what no open poll needs. Answers with how much that was.
    pub(super) fn release(&mut self, ledger: &mut Ledger, voter: AccountId) -> Result<Amount, LedgerError> {
        let locked = self.locked(voter);
        let needed = self.needed(voter);
        let free = locked.saturating_less(needed);
        if free.is_positive() {
            ledger.transfer(self.escrow, voter, self.token, free)?;
            self.set_lock(voter, needed);
        }
        Ok(free)
    }

    /// What a voter could have back now.
    #[must_use]
    pub fn reclaimable(&self, voter: AccountId) -> Amount {
        self.locked(voter).saturating_less(self.needed(voter))
    }
}

/// What an offer pays for these votes, in atoms of dollars: rounded down, never more than is left.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a product below what is left of the offer")]
pub fn promised(bribe: &Bribe, votes: Amount) -> Amount {
    let due = votes.atoms() as f64 * bribe.rate;
    if due < bribe.left.atoms() as f64 { Amount::from_atoms(due.max(0.0) as i64) } else { bribe.left }
}
