//! Registration and claim.

use super::{Launch, LaunchAction, LaunchRefusal};
use crate::protocol::launchpad::{self, Caller};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::ledger::AccountId;

impl Launch {
    pub(in crate::venue) fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: LaunchAction,
    ) -> Result<Amount, Refusal> {
        match action {
            LaunchAction::Register { tickets, .. } => self.register(deal, actor, tickets),
            LaunchAction::Claim { .. } => self.claim(deal, actor),
        }
    }

    fn register(&mut self, deal: &mut Deal<'_>, actor: AccountId, tickets: u32) -> Result<Amount, Refusal> {
        let mut wallet = self.entry_of.get(&actor).copied();
        let height = Self::height(deal.clock);
        let made = self.sale.register(&mut wallet, height, tickets.into()).map_err(LaunchRefusal::from)?;
        self.entry_of.insert(actor, made.entry);
        self.holders.push(actor);
        deal.ledger.transfer(actor, self.terms.account, self.terms.cash, made.paid)?;
        if let Some((power, issuer)) = self.terms.power.filter(|_| made.apower.is_positive()) {
            deal.ledger.burn(issuer, actor, power, made.apower)?;
            let burned = self.record.power_burned.checked_add(made.apower);
            self.record.power_burned = burned.ok_or(LaunchRefusal::Sale(launchpad::Refusal::Overflow))?;
        }
        Ok(made.paid)
    }

    fn claim(&mut self, deal: &mut Deal<'_>, actor: AccountId) -> Result<Amount, Refusal> {
        let number = *self.entry_of.get(&actor).ok_or(LaunchRefusal::NotRegistered)?;
        if !self.record.drawn {
            let end = self.sale.terms.registration_end.saturating_sub(1);
            return Err(
                LaunchRefusal::NotDrawn { from_seconds: i64::try_from(end).unwrap_or(i64::MAX) }.into()
            );
        }
        self.pay(deal, number)
    }

    /// Pays an entry what it is owed. Answers with the tokens.
    pub(super) fn pay(&mut self, deal: &mut Deal<'_>, number: u32) -> Result<Amount, Refusal> {
        let place = number as usize;
        let (holder, entry) = self.entries().nth(place).ok_or(LaunchRefusal::NotRegistered)?;
        if entry.refunded {
            return Err(LaunchRefusal::Claimed.into());
        }
        let [_, tokens] = self.owed(entry);
        let height = Self::height(deal.clock);
        let refund = self.sale.refund(height, Caller::Operator, self.seed, number);
        let refund = refund.map_err(LaunchRefusal::from)?;
        let (account, record) = (self.terms.account, &mut self.record);
        for (asset, amount, sum) in [
            (self.terms.cash, refund, &mut record.refunded),
            (self.terms.token, tokens, &mut record.delivered),
        ] {
            if amount.is_positive() {
                deal.ledger.transfer(account, holder, asset, amount)?;
                *sum = sum.checked_add(amount).ok_or(LaunchRefusal::Sale(launchpad::Refusal::Overflow))?;
            }
        }
        Ok(tokens)
    }
}
