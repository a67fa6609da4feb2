//! How a governed world proceeds between ticks: orders, polls that close, what takes effect, what is on its way.

use super::Governance;
use super::ballot::{Ballot, Poll};
use super::effects::Effect;
use super::state::{Counts, Order};
use crate::numerics::concentration::Holdings;
use crate::protocol::governance::{Measure, Proposal, ProposalState, Reclaim, Rejection};
use crate::quantity::{Amount, SECONDS_PER_DAY};
use crate::venue::stake_pools::EmissionPools;
use crate::venue::{Deal, Venues};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::notes::Note;
use crate::world::read_ahead::Groups;

impl Venues {
    /// Carries out the team's orders, closes polls whose time is over, puts into effect what has waited long enough and
    /// moves what is on its way, at the end of a tick.
    ///
    /// # Errors
    /// [`LedgerError`] if locked votes cannot be given back, which means that something else has used the escrow.
    pub fn govern(&mut self, deal: &mut Deal<'_>) -> Result<(), LedgerError> {
        if self.governance.is_none() {
            return Ok(());
        }
        // The tick's blocks are over: it is now the moment at which the next one begins.
        let now = (i64::from(deal.clock.tick().0) + 1).saturating_mul(deal.clock.tick_seconds());
        for venue in self.pauses.ended(now) {
            let name = self.pause_name(venue);
            deal.notes.add(note(deal.clock, "resumed", None, &name, "the pause is over".into(), None));
        }
        self.carry_out_orders(deal, now)?;
        let suspended = self.governance.as_ref().and_then(|governance| governance.suspended_until(now));
        if suspended.is_none() {
            self.close_polls(deal, now)?;
            self.enact_due(deal, now);
        }
        self.move_ramps(now);
        self.count_power(deal.ledger, deal.clock);
        deal.ledger.commit();
        deal.notes.keep();
        Ok(())
    }

    fn carry_out_orders(&mut self, deal: &mut Deal<'_>, now: i64) -> Result<(), LedgerError> {
        let Some(governance) = &mut self.governance else { return Ok(()) };
        for order in std::mem::take(&mut governance.orders) {
            match order {
                Order::Suspend => {
                    let told = self.suspend(deal.clock, now);
                    deal.notes.add(told);
                }
                Order::Execute(measure) => {
                    let (subject, detail) = self.describe(deal.ledger, &measure);
                    let (kind, told) = match self.take_effect(deal, &measure, now) {
                        Ok(told) => ("executed", told),
                        Err(why) => ("cancelled", why.to_string()),
                    };
                    if let Some(governance) = self.governance.as_mut().filter(|_| kind == "executed") {
                        governance.outcomes.executed += 1;
                    }
                    let detail = format!("by the team: {detail}; {told}");
                    deal.notes.add(note(deal.clock, kind, None, &subject, detail, figure(&measure)));
                }
                Order::Veto(number) => self.end(deal, number, "vetoed")?,
                Order::Withdraw(number) => self.end(deal, number, "cancelled")?,
            }
        }
        Ok(())
    }

    fn suspend(&mut self, clock: &Clock, now: i64) -> Note {
        let mut hours = 0.0;
        if let Some(governance) = &mut self.governance {
            let length = governance.in_force(now).suspension_seconds;
            governance.suspended_until_seconds = now.saturating_add(length);
            hours = length as f64 / 3_600.0;
            let open = governance.open.iter_mut().map(|poll| &mut poll.ballot);
            for ballot in open.chain(&mut governance.queue) {
                ballot.proposal = ballot.proposal.put_off(length);
            }
        }
        note(clock, "suspended", None, "governance", format!("for {hours} h"), Some(hours))
    }

    /// Ends a proposal that has not taken effect.
    fn end(&mut self, deal: &mut Deal<'_>, number: u32, kind: &'static str) -> Result<(), LedgerError> {
        let Some(governance) = &mut self.governance else { return Ok(()) };
        let mut ended = None;
        if let Some(place) = governance.open.iter().position(|poll| poll.ballot.number == number) {
            let poll = governance.open.remove(place);
            governance.give_back(deal.ledger, &poll)?;
            ended = Some(poll.ballot);
        } else if let Some(place) = governance.queue.iter().position(|ballot| ballot.number == number) {
            ended = Some(governance.queue.remove(place));
        }
        let Some(ballot) = ended else { return Ok(()) };
        governance.outcomes.cancelled += 1;
        governance.team.forget_veto(number);
        let (subject, detail) = self.describe(deal.ledger, &ballot.proposal.measure);
        deal.notes.add(note(
            deal.clock,
            kind,
            Some(ballot),
            &subject,
            detail,
            figure(&ballot.proposal.measure),
        ));
        Ok(())
    }

    fn close_polls(&mut self, deal: &mut Deal<'_>, now: i64) -> Result<(), LedgerError> {
        let Some(governance) = &mut self.governance else { return Ok(()) };
        let supply = governance.power_supply(deal.ledger, &self.stakes);
        let mut closed = Vec::new();
        for mut poll in std::mem::take(&mut governance.open) {
            let before = poll.ballot.proposal;
            let after = before.advance(&governance.rules, supply, now);
            if after == before {
                governance.open.push(poll);
                continue;
            }
            poll.ballot.proposal = after;
            if before.is_polled() {
                // The tally of a referendum that went on is in the proposal as it was.
                let tally = Proposal { state: after.state, ..before };
                let ballot = Ballot { proposal: tally, ..poll.ballot };
                closed.push((Poll { ballot, roll: std::mem::take(&mut poll.roll) }, before));
                poll.ballot.bribe = None;
            }
            if after.is_polled() {
                governance.polls += 1;
                poll.ballot.poll = governance.polls;
            }
            match after.state {
                ProposalState::Queued => governance.queue.push(poll.ballot),
                _ if after.is_final() => governance.team.forget_veto(poll.ballot.number),
                _ => governance.open.push(poll),
            }
        }
        for (poll, before) in closed {
            self.tell_result(deal, &poll, before.state)?;
        }
        Ok(())
    }

    /// Counts a closed poll, gives back what it locked and tells how it went.
    fn tell_result(
        &mut self,
        deal: &mut Deal<'_>,
        poll: &Poll,
        stage: ProposalState,
    ) -> Result<(), LedgerError> {
        let Some(governance) = &mut self.governance else { return Ok(()) };
        governance.give_back(deal.ledger, poll)?;
        let (ballot, proposal) = (poll.ballot, poll.ballot.proposal);
        let verdict = match proposal.state {
            ProposalState::Rejected(Rejection::NoQuorum) => {
                governance.outcomes.without_quorum += 1;
                "rejected, no quorum"
            }
            ProposalState::Rejected(Rejection::NotApproved) => {
                governance.outcomes.not_approved += 1;
                "rejected, not approved"
            }
            _ if stage == ProposalState::Referendum => "goes on",
            _ => {
                governance.outcomes.passed += 1;
                "passed"
            }
        };
        let turnout = proposal.turnout().unwrap_or(0.0);
        governance.turnout_average =
            Some(governance.turnout_average.map_or(turnout, |average| 0.75 * average + 0.25 * turnout));
        governance.last = Some(ballot);
        if stage == ProposalState::Voting || proposal.is_final() {
            governance.next_proposal_seconds =
                proposal.ends_seconds.saturating_add(governance.rules.cooldown_seconds());
        }
        let scale = deal.ledger.asset(governance.token).decimals;
        let populations = governance.by_population(poll, |atoms| scale.units(atoms));
        let largest = poll.roll.largest().map_or_else(String::new, |(voter, support, weight)| {
            let side = if support { "for" } else { "against" };
            format!("; largest: account {} with {} {side}", voter.0, told(scale.units(weight)))
        });
        let detail = format!(
            "{verdict}: {} for, {} against by {} voters, turnout {:.3} %{largest}{populations}",
            told(scale.units(proposal.power_for)),
            told(scale.units(proposal.power_against)),
            poll.roll.len(),
            turnout * 100.0,
        );
        let kind = if stage == ProposalState::Referendum { "referendum_result" } else { "vote_result" };
        let (subject, _) = self.describe(deal.ledger, &proposal.measure);
        deal.notes.add(note(deal.clock, kind, Some(ballot), &subject, detail, figure(&proposal.measure)));
        Ok(())
    }

    fn enact_due(&mut self, deal: &mut Deal<'_>, now: i64) {
        loop {
            let Some(governance) = &mut self.governance else { return };
            let due = governance.queue.iter().position(|ballot| now >= ballot.proposal.ends_seconds);
            let Some(place) = due else { return };
            let ballot = governance.queue.remove(place);
            governance.team.forget_veto(ballot.number);
            let measure = ballot.proposal.measure;
            let (subject, _) = self.describe(deal.ledger, &measure);
            let outcome = self.take_effect(deal, &measure, now);
            let Some(governance) = &mut self.governance else { return };
            let (kind, detail) = match outcome {
                Ok(told) => {
                    governance.outcomes.enacted += 1;
                    governance.effects.push(Effect { ballot, subject: subject.clone(), before: None });
                    ("enacted", told)
                }
                Err(why) => {
                    governance.outcomes.cancelled += 1;
                    ("cancelled", why.to_string())
                }
            };
            deal.notes.add(note(deal.clock, kind, Some(ballot), &subject, detail, figure(&measure)));
        }
    }

    /// Counts, once a day, how many holders it takes to outvote the rest, while a next phase may depend on it.
    fn count_power(&mut self, ledger: &Ledger, clock: &Clock) {
        let Some(governance) = &mut self.governance else { return };
        let ticks_a_day = u32::try_from(SECONDS_PER_DAY / clock.tick_seconds().max(1)).unwrap_or(1).max(1);
        if governance.phase.next().is_none() || !clock.tick().0.is_multiple_of(ticks_a_day) {
            return;
        }
        let holders = governance.holders();
        let mut power = governance.power_by_account(ledger, &self.stakes, holders.start);
        power.truncate(holders.end.index().saturating_sub(holders.start.index()));
        let power = Holdings::from_atoms(power);
        governance.nakamoto = power.map_or(0, |power| u32::try_from(power.nakamoto()).unwrap_or(u32::MAX));
    }
}

impl Governance {
    /// How each population voted, in words: tokens for and against.
    fn by_population(&self, poll: &Poll, units: impl Fn(Amount) -> f64) -> String {
        let mut words = String::new();
        let mut powers = vec![[0_i64; 2]; self.electorate.len()];
        for (voter, entry) in poll.roll.in_order_of_entry() {
            let place = self.electorate.partition_point(|(_, first)| *first <= voter).checked_sub(1);
            let Some(place) = place.filter(|_| voter < self.holders().end) else { continue };
            // Parts of one supply, which fits.
            powers[place][0] += entry.power_for.atoms();
            powers[place][1] += entry.power_against.atoms();
        }
        for ((name, _), [power_for, power_against]) in self.electorate.iter().zip(powers) {
            if power_for > 0 || power_against > 0 {
                let [power_for, power_against] =
                    [power_for, power_against].map(|atoms| told(units(Amount::from_atoms(atoms))));
                words.push_str(&format!("; {name}: {power_for} for, {power_against} against"));
            }
        }
        words
    }

    /// Voting power of each account from `first` on, in atoms: wallets, what is locked and what is staked, or APower.
    #[must_use]
    pub fn power_by_account(&self, ledger: &Ledger, stakes: &EmissionPools, first: AccountId) -> Vec<i64> {
        if let (Counts::Apower, Some(accounts)) = (self.counts, stakes.accounts()) {
            let held = ledger.holdings(accounts.apower).skip(first.index());
            return held.map(|(_, amount)| amount.atoms()).collect();
        }
        let mut held: Vec<i64> =
            ledger.holdings(self.token).skip(first.index()).map(|(_, amount)| amount.atoms()).collect();
        for (voter, locked) in self.locks().chain(stakes.principals(self.token)) {
            let place = voter.index().checked_sub(first.index());
            if let Some(held) = place.and_then(|place| held.get_mut(place)) {
                *held = held.saturating_add(locked.atoms());
            }
        }
        held
    }

    /// Gives back what a closed poll locked, and what is left of an offer.
    fn give_back(&mut self, ledger: &mut Ledger, poll: &Poll) -> Result<(), LedgerError> {
        if let Some(bribe) = poll.ballot.bribe {
            ledger.transfer(self.escrow, bribe.briber, self.dollar, bribe.left)?;
        }
        let number = poll.ballot.number;
        let mut groups = Groups::of(poll.roll.iter().map(|(voter, _)| voter));
        while let Some(group) = groups.next() {
            self.fetch_votes(ledger, group.iter().copied());
            for voter in group {
                self.forget_vote(number, *voter);
                if self.rules.reclaim == Reclaim::AtClose {
                    self.release(ledger, *voter)?;
                    // Nothing of it is ever undone, and what all voters wrote would not stay near.
                    ledger.commit();
                }
            }
        }
        Ok(())
    }
}

/// An amount for a reader: whole from a hundred on.
pub(super) fn told(units: f64) -> String {
    if units.abs() >= 100.0 { format!("{units:.0}") } else { format!("{units}") }
}

/// The figure of an event: the value proposed in the parameter's unit, atoms of tokens or dollars, or hours.
pub(super) fn figure(measure: &Measure) -> Option<f64> {
    match *measure {
        Measure::Set { to, .. } | Measure::Schedule { to, .. } => Some(to),
        Measure::Issue { tokens: amount, .. }
        | Measure::BuyBack { cash: amount, .. }
        | Measure::Spend { cash: amount, .. } => Some(amount.atoms() as f64),
        Measure::Pause { hours, .. } => Some(f64::from(hours)),
        Measure::AdvancePhase => None,
    }
}

pub(super) fn note(
    clock: &Clock,
    kind: &'static str,
    ballot: Option<Ballot>,
    subject: &str,
    detail: String,
    value: Option<f64>,
) -> Note {
    Note {
        tick: clock.tick(),
        block: clock.block(),
        agent: ballot.map(|ballot| ballot.proposer),
        kind,
        subject: ballot.map_or_else(|| subject.to_owned(), |ballot| format!("#{} {subject}", ballot.number)),
        detail,
        value,
    }
}

#[cfg(test)]
mod tests;
