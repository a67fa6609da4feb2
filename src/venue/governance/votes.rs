//! Voting, locking, reclaiming, delegating.
//!
//! With `E` the tokens of a voter in the escrow, `W` those in its wallet and `v` what it has voted in a poll already:
//!
//! ```text
//! shared       can still vote W + E + S - v;  a vote moves what exceeds E + S from the wallet into the escrow
//! each vote    can still vote W + S - s;      a vote moves what exceeds S - s
//! ```
//!
//! `S` is what the voter has staked of the token: it votes where it lies, and what has voted stays there until the poll
//! closes. `s` is what of it other open polls have taken. Where APower counts, its balance votes on every poll, and nothing
//! has to be locked, for nobody can transfer it.
//!
//! What a voter can have back is what no open poll needs: `E` less the largest of its open votes where they are shared, less
//! the sum of them where they are not.

use super::ballot::{Bribe, Poll};
use super::citizens::are_alike;
use super::roll::Entry;
use super::state::{Before, Counts, Governance};
use super::{GovernRefusal, Which};
use crate::protocol::governance::Locking;
use crate::quantity::{Amount, AssetId};
use crate::venue::stake_pools::EmissionPools;
use crate::venue::{Deal, Refusal, Undo};
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::read_ahead::Groups;

impl Governance {
    /// What `voter` can still vote in a poll, of its own: in its wallet, in the escrow and staked.
    #[must_use]
    pub fn available(
        &self,
        ledger: &Ledger,
        stakes: &EmissionPools,
        which: Which,
        voter: AccountId,
    ) -> Amount {
        if self.poll(which).is_none() {
            return Amount::ZERO;
        }
        if self.locks_each_vote() {
            return self.free_power(ledger, stakes, voter);
        }
        self.power_of(ledger, stakes, voter).saturating_less(self.voted(which, voter))
    }

    /// Brings nearer what voters have and how they have voted, for whoever is going to count their votes.
    #[inline]
    pub(in crate::venue) fn fetch_votes(
        &self,
        ledger: &Ledger,
        voters: impl Iterator<Item = AccountId> + Clone,
    ) {
        self.citizens.fetch(voters.clone());
        ledger.fetch_asset(voters.clone(), self.token);
        self.open.iter().for_each(|poll| poll.roll.fetch(voters.clone()));
    }

    /// True where a token votes in one poll at a time.
    #[must_use]
    pub fn locks_each_vote(&self) -> bool {
        self.counts == Counts::Tokens && self.rules.locking == Locking::EachVote
    }

    /// What `voter` has voted in a poll.
    #[must_use]
    pub fn voted(&self, which: Which, voter: AccountId) -> Amount {
        let entry = self.poll(which).and_then(|poll| self.entry(poll, voter));
        entry.map_or(Amount::ZERO, Entry::weight)
    }

    /// How `voter` has voted in a poll under way; most have not, and are not looked up.
    #[inline]
    fn entry<'p>(&self, poll: &'p Poll, voter: AccountId) -> Option<&'p Entry> {
        let known = self.citizens.get(voter).may_have_voted(poll.ballot.number);
        if known { poll.roll.get(voter) } else { None }
    }

    /// All tokens of a holder: in its wallet, in the escrow and staked.
    #[must_use]
    pub fn tokens_of(&self, ledger: &Ledger, stakes: &EmissionPools, holder: AccountId) -> Amount {
        let free = plus(ledger.balance(holder, self.token), self.locked(holder));
        plus(free, stakes.principal_of(self.token, holder))
    }

    /// What a holder could vote with if no poll were open: its tokens, or its APower.
    #[must_use]
    pub fn power_of(&self, ledger: &Ledger, stakes: &EmissionPools, holder: AccountId) -> Amount {
        match self.counts {
            Counts::Tokens => self.tokens_of(ledger, stakes, holder),
            Counts::Apower => {
                stakes.accounts().map_or(Amount::ZERO, |accounts| ledger.balance(holder, accounts.apower))
            }
        }
    }

    /// What of a holder's power no open poll has locked: enough for a vote on a proposal that is about to be made.
    #[must_use]
    pub fn free_power(&self, ledger: &Ledger, stakes: &EmissionPools, holder: AccountId) -> Amount {
        if self.counts == Counts::Apower {
            return self.power_of(ledger, stakes, holder);
        }
        let taken = match self.rules.locking {
            Locking::Shared => Amount::ZERO,
            Locking::EachVote => self.voting_stake(holder),
        };
        let staked = stakes.principal_of(self.token, holder).saturating_less(taken);
        plus(ledger.balance(holder, self.token), staked)
    }

    /// What votes are counted in: the token, or APower.
    #[must_use]
    pub fn counted(&self, stakes: &EmissionPools) -> AssetId {
        match (self.counts, stakes.accounts()) {
            (Counts::Apower, Some(accounts)) => accounts.apower,
            _ => self.token,
        }
    }

    /// All that could vote together.
    #[must_use]
    pub fn power_supply(&self, ledger: &Ledger, stakes: &EmissionPools) -> Amount {
        ledger.supply(self.counted(stakes))
    }

    /// False where an account has certainly no votes, neither of its own nor of others: it has never held what is counted.
    #[must_use]
    #[inline]
    pub fn may_have_votes(&self, ledger: &Ledger, stakes: &EmissionPools, account: AccountId) -> bool {
        ledger.may_have_held(account, self.counted(stakes)) || self.citizens.is_followed(account)
    }

    /// What of a voter's staked tokens open polls hold on to.
    #[must_use]
    pub fn voting_stake(&self, voter: AccountId) -> Amount {
        if self.counts == Counts::Apower {
            return Amount::ZERO;
        }
        let votes = self.open.iter().filter_map(|poll| self.entry(poll, voter));
        let staked = votes.map(|entry| entry.weight().saturating_less(entry.locked));
        match self.rules.locking {
            Locking::Shared => staked.max().unwrap_or(Amount::ZERO),
            Locking::EachVote => staked.fold(Amount::ZERO, plus),
        }
    }

    /// Locks `weight` of the voter's tokens and what its followers have not voted themselves, and counts them.
    #[allow(clippy::too_many_arguments, reason = "whose vote, on what, how, with what it may touch")]
    pub(super) fn vote(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        stakes: &EmissionPools,
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
        let mut cast = Amount::ZERO;
        let mut groups = Groups::of(self.citizens.followers(voter).to_vec());
        while let Some(group) = groups.next() {
            self.fetch_votes(deal.ledger, group.iter().copied());
            for follower in group {
                let left = self.available(deal.ledger, stakes, which, *follower);
                if left.is_positive() {
                    self.cast(deal, undo, stakes, *follower, number, support, left)?;
                    cast = plus(cast, left);
                }
            }
        }
        // A delegate may have no tokens of its own; anybody else must vote something.
        if cast.is_zero() || weight.is_positive() {
            let available = self.available(deal.ledger, stakes, which, voter);
            if weight > available {
                return Err(GovernRefusal::NotAvailable { available, wanted: weight }.into());
            }
            self.cast(deal, undo, stakes, voter, number, support, weight)?;
            cast = plus(cast, weight);
        }
        self.pay_for(deal, undo, voter, number, support, cast)
    }

    /// Counts `weight` tokens of `voter`, and locks what is neither locked nor staked.
    #[allow(clippy::too_many_arguments, reason = "whose vote, on what, how, with what it may touch")]
    fn cast(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        stakes: &EmissionPools,
        voter: AccountId,
        number: u32,
        support: bool,
        weight: Amount,
    ) -> Result<(), Refusal> {
        let citizen = self.citizens.get(voter);
        let locked = citizen.locked();
        let shared = self.rules.locking == Locking::Shared;
        // What of the vote, or of all votes on this poll, need not be locked.
        let unlocked = match self.counts {
            Counts::Apower => Amount::MAX,
            Counts::Tokens if shared => stakes.principal_of(self.token, voter),
            Counts::Tokens => {
                stakes.principal_of(self.token, voter).saturating_less(self.voting_stake(voter))
            }
        };
        let poll = self.poll_mut(Which::Number(number)).ok_or(GovernRefusal::NoSuchProposal)?;
        let proposal = poll
            .ballot
            .proposal
            .vote(deal.clock.now_seconds(), support, weight)
            .map_err(GovernRefusal::Vote)?;
        let before = if citizen.may_have_voted(number) { poll.roll.get(voter).copied() } else { None };
        let mut entry = before.unwrap_or_default();
        let side = if support { &mut entry.power_for } else { &mut entry.power_against };
        *side = plus(*side, weight);
        let moved = if shared {
            entry.locked = entry.locked.max(entry.weight().saturating_less(unlocked));
            entry.locked.saturating_less(locked)
        } else {
            let moved = weight.saturating_less(unlocked);
            entry.locked = plus(entry.locked, moved);
            moved
        };
        poll.ballot.proposal = proposal;
        if before.is_some() {
            poll.roll.set(voter, entry);
        } else {
            poll.roll.add(voter, entry);
        }
        self.citizens.vote(voter, number);
        self.citizens.lock(voter, plus(locked, moved));
        undo.push(Before::Vote { number, voter, support, weight, entry: before, citizen }.into());
        if moved.is_positive() {
            deal.ledger.transfer(voter, self.escrow, self.token, moved)?;
        }
        Ok(())
    }

    /// Pays a voter what is offered for its votes. Answers with the dollars.
    fn pay_for(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
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
        undo.push(Before::Bribe { number, left: Some(bribe.left) }.into());
        bribe.left = bribe.left.saturating_less(due);
        deal.ledger.transfer(escrow, voter, dollar, due)?;
        Ok(due)
    }

    /// Puts up dollars for votes.
    pub(super) fn offer(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
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
        undo.push(Before::Bribe { number: poll.ballot.number, left: None }.into());
        poll.ballot.bribe = Some(bribe);
        deal.ledger.transfer(bribe.briber, escrow, dollar, bribe.left)?;
        Ok(())
    }

    /// No longer looks up the vote of somebody on a proposal that is not under way any more.
    pub(super) fn forget_vote(&mut self, number: u32, voter: AccountId) {
        let mut alike = self.open.iter().filter(|poll| are_alike(poll.ballot.number, number));
        if alike.all(|poll| poll.roll.get(voter).is_none()) {
            self.citizens.forget(voter, number);
        }
    }

    /// What of a voter's locked tokens open polls still need.
    fn needed(&self, voter: AccountId) -> Amount {
        let votes = self.open.iter().filter_map(|poll| self.entry(poll, voter)).map(|entry| entry.locked);
        match self.rules.locking {
            Locking::Shared => votes.max().unwrap_or(Amount::ZERO),
            Locking::EachVote => Amount::from_atoms(votes.map(Amount::atoms).sum()),
        }
    }

    /// Gives a voter what no open poll needs. Answers with how much that was.
    pub(super) fn release(&mut self, ledger: &mut Ledger, voter: AccountId) -> Result<Amount, LedgerError> {
        let needed = self.needed(voter);
        let free = self.locked(voter).saturating_less(needed);
        if free.is_positive() {
            ledger.transfer(self.escrow, voter, self.token, free)?;
            self.citizens.lock(voter, needed);
        }
        Ok(free)
    }

    /// What a voter could have back now.
    #[must_use]
    pub fn reclaimable(&self, voter: AccountId) -> Amount {
        self.locked(voter).saturating_less(self.needed(voter))
    }
}

/// The sum of parts of one supply, which fits.
fn plus(one: Amount, other: Amount) -> Amount {
    one.checked_add(other).unwrap_or(Amount::MAX)
}

/// What an offer pays for these votes, in atoms of dollars: rounded down, never more than is left.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a product below what is left of the offer")]
pub fn promised(bribe: &Bribe, votes: Amount) -> Amount {
    let due = votes.atoms() as f64 * bribe.rate;
    if due < bribe.left.atoms() as f64 { Amount::from_atoms(due.max(0.0) as i64) } else { bribe.left }
}
