//! What time brings a launch: the walk when registration has ended, and pay for all when the claim has.

use super::{Launch, LaunchRefusal, times};
use crate::protocol::launchpad::{self, Caller};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Venues};
use crate::world::notes::Note;

impl Launch {
    /// Whether something is to be done now.
    fn is_due(&self, height: u64) -> bool {
        let terms = &self.sale.terms;
        !self.record.drawn && height >= terms.registration_end
            || !self.record.closed && height >= terms.claim_end
    }

    fn proceed(&mut self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        let height = Self::height(deal.clock);
        if !self.record.drawn {
            self.draw(deal, height)?;
        }
        if height >= self.sale.terms.claim_end {
            let open = (0..).zip(self.sale.entries()).filter(|(_, entry)| !entry.refunded);
            let open: Vec<u32> = open.map(|(number, _)| number).collect();
            for number in open {
                self.pay(deal, number)?;
            }
            self.record.closed = true;
        }
        Ok(())
    }

    fn draw(&mut self, deal: &mut Deal<'_>, height: u64) -> Result<(), Refusal> {
        let overflow = LaunchRefusal::Sale(launchpad::Refusal::Overflow);
        let winners = self.sale.draw(self.seed).map_err(LaunchRefusal::from)?;
        // A walk whose first step leaves the line has no winner, and nothing to submit.
        if !winners.is_empty() {
            let sold = self.sale.submit(height, Caller::Operator, self.seed, &winners);
            let sold = sold.map_err(LaunchRefusal::from)?;
            deal.ledger.transfer(self.terms.account, self.terms.owner, self.terms.cash, sold.proceeds)?;
            self.record.raised = sold.proceeds;
            self.record.last_winner = self.sale.last_winning_slot(self.seed).map_err(LaunchRefusal::from)?;
        }
        let unsold = self.sale.tickets.saturating_sub(self.sale.won);
        let unsold = times(self.sale.terms.tokens_per_ticket, unsold).ok_or(overflow)?;
        if unsold.is_positive() {
            deal.ledger.transfer(self.terms.account, self.terms.owner, self.terms.token, unsold)?;
        }
        self.record.drawn = true;
        deal.notes.add(self.note(deal, unsold));
        Ok(())
    }

    fn note(&self, deal: &Deal<'_>, unsold: Amount) -> Note {
        let units = |asset, amount| deal.ledger.asset(asset).decimals.units(amount);
        let (registered, tickets) = (self.sale.registered(), self.sale.tickets);
        let detail = if self.sale.has_failed() {
            let least = self.sale.terms.activation_threshold;
            format!("failed: {registered} tickets registered, {least} needed; everything is paid back")
        } else {
            format!(
                "{registered} tickets registered for {tickets}, {} won; raised {}, {} tokens return",
                self.sale.won,
                units(self.terms.cash, self.record.raised),
                units(self.terms.token, unsold)
            )
        };
        Note {
            tick: deal.clock.tick(),
            block: deal.clock.block(),
            agent: None,
            kind: "launch_drawn",
            subject: self.terms.name.clone(),
            detail,
            value: Some(self.sale.won as f64),
        }
    }
}

impl Venues {
    /// Draws the winners of launches whose registration has ended and pays everybody where the claim has; what fails is
    /// tried again next tick.
    pub(in crate::venue) fn proceed_launches(&mut self, deal: &mut Deal<'_>) {
        let height = Launch::height(deal.clock);
        for launch in self.launches.iter_mut().filter(|launch| launch.is_due(height)) {
            let before = launch.clone();
            if launch.proceed(deal).is_ok() {
                deal.ledger.commit();
                deal.notes.keep();
            } else {
                deal.ledger.rollback();
                deal.notes.forget();
                *launch = before;
            }
        }
    }
}
