//! The gate of a pool: asking to leave, thinking better of it, and what the end of a cycle brings.
//!
//! What is granted is burned and paid out to the atom as any other withdrawal would be, at the reserves of that moment; who
//! waits keeps earning and keeps losing. A wallet has one request at a time: who wants more out gives up the place in the
//! queue and asks again.
//!
//! Commitments that have ended leave without waiting, for they were announced when they were made; what they take out counts
//! against the allowance of the cycle, and where it is more than that, nobody else leaves in it.

use super::{Pool, PoolRefusal};
use crate::protocol::liquidity::gate::{allowance, grant};
use crate::protocol::liquidity::insurance::settle;
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::notes::Note;

use super::provision::{GateRules, Provision, Request};

impl Pool {
    fn gate(&self) -> Result<(&Provision, GateRules), PoolRefusal> {
        let provision = self.provision.as_deref().ok_or(PoolRefusal::NoGate)?;
        Ok((provision, provision.rules.gate.ok_or(PoolRefusal::NoGate)?))
    }

    /// Puts shares of `holder` into the queue; `payee` will receive the coins. Answers with the shares.
    pub(in crate::venue) fn request_withdrawal(
        &mut self,
        deal: &mut Deal<'_>,
        holder: AccountId,
        payee: AccountId,
        shares: Amount,
    ) -> Result<Amount, Refusal> {
        let (provision, _) = self.gate()?;
        if !shares.is_positive() {
            return Err(PoolRefusal::Dust.into());
        }
        if let Some((_, request)) = provision.request(holder) {
            return Err(PoolRefusal::AlreadyWaiting { waiting: request.shares }.into());
        }
        deal.ledger.transfer(holder, provision.accounts.escrow, self.shares, shares)?;
        if let Some(provision) = &mut self.provision {
            provision.queue.push(Request { holder, payee, shares });
        }
        Ok(shares)
    }

    /// Takes what waits back into the wallet. Answers with the shares.
    pub(in crate::venue) fn cancel_withdrawal(
        &mut self,
        deal: &mut Deal<'_>,
        holder: AccountId,
    ) -> Result<Amount, Refusal> {
        let (provision, _) = self.gate()?;
        let (place, request) = provision.request(holder).ok_or(PoolRefusal::NotWaiting)?;
        deal.ledger.transfer(provision.accounts.escrow, holder, self.shares, request.shares)?;
        if let Some(provision) = &mut self.provision {
            provision.queue.remove(place);
        }
        Ok(request.shares)
    }

    /// Whether there are cycles and the one that runs has reached its end.
    pub(in crate::venue) fn cycle_is_over(&self, clock: &Clock) -> bool {
        self.provision.as_ref().is_some_and(|provision| {
            let length = provision.rules.cycle_seconds.max(1);
            clock.now_seconds() >= length.saturating_mul(i64::from(provision.record.cycle) + 1)
        })
    }

    /// Ends every cycle whose time is over: the gate opens, claims are settled. What cannot be paid waits on; it is the
    /// caller who keeps or undoes what is written to the ledger.
    pub(in crate::venue) fn end_cycles(&mut self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        while self.cycle_is_over(deal.clock) {
            self.open_gate(deal)?;
            self.settle_claims(deal)?;
            if let Some(provision) = &mut self.provision {
                provision.record.cycle += 1;
                provision.record.left_in_cycle = Amount::ZERO;
            }
        }
        Ok(())
    }

    /// Lets those who wait leave, as far as the cycle allows.
    fn open_gate(&mut self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        let Ok((provision, gate)) = self.gate() else { return Ok(()) };
        let (escrow, announced) = (provision.accounts.escrow, provision.record.left_in_cycle);
        let supply = deal.ledger.supply(self.shares);
        // What has left already was part of the pool when the cycle began.
        let whole = supply.checked_add(announced).unwrap_or(supply);
        let allowed = allowance(whole, provision.gate_share());
        let waiting = provision.queue.clone();
        let asked: Vec<Amount> = waiting.iter().map(|request| request.shares).collect();
        let granted = grant(gate.rule, &asked, allowed.saturating_less(announced));
        let mut outflow = announced;
        let mut served = 0_u32;
        let mut left = Vec::with_capacity(waiting.len());
        for (request, granted) in waiting.iter().zip(granted) {
            if granted.is_positive() {
                self.burn_shares(deal, escrow, request.payee, granted)?;
                outflow = outflow.checked_add(granted).unwrap_or(outflow);
                served += 1;
            }
            let shares = request.shares.saturating_less(granted);
            if shares.is_positive() {
                left.push(Request { shares, ..*request });
            }
        }
        if served > 0 {
            let unit = deal.ledger.asset(self.shares).decimals;
            let whole = unit.units(whole);
            let waits: i64 = left.iter().map(|request| request.shares.atoms()).sum();
            let part = |shares| 100.0 * unit.units(shares) / whole;
            let detail = format!(
                "{served} of {} who waited were granted {:.3} % of the pool, {:.3} % wait on",
                waiting.len(),
                part(outflow.saturating_less(announced)),
                part(Amount::from_atoms(waits)),
            );
            self.tell(deal, "gate", detail, unit.units(outflow) / whole);
        }
        if let Some(provision) = &mut self.provision {
            provision.queue = left;
            provision.record.last_allowance = allowed;
            provision.record.last_outflow = outflow;
            provision.record.last_supply = whole;
        }
        Ok(())
    }

    /// Pays what was claimed in the cycle, all of it or the same part of each claim.
    fn settle_claims(&mut self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        let Some(provision) = self.provision.as_deref().filter(|provision| !provision.claims.is_empty())
        else {
            return Ok(());
        };
        let (fund, quote) = (provision.accounts.fund, self.coins[1]);
        let claims = provision.claims.clone();
        let amounts: Vec<Amount> = claims.iter().map(|claim| claim.amount).collect();
        let (mut claimed, mut paid_out) = (0_i64, 0_i64);
        for (claim, paid) in claims.iter().zip(settle(&amounts, deal.ledger.balance(fund, quote))) {
            deal.ledger.transfer(fund, claim.payee, quote, paid)?;
            claimed = claimed.saturating_add(claim.amount.atoms());
            paid_out = paid_out.saturating_add(paid.atoms());
        }
        let unit = deal.ledger.asset(quote).decimals;
        let units = |atoms| unit.units(Amount::from_atoms(atoms));
        let (wanted, paid) = (units(claimed), units(paid_out));
        let detail = format!("{} who left claimed {wanted:.2}, the fund paid {paid:.2} quote", claims.len());
        self.tell(deal, "insurance", detail, paid);
        if let Some(provision) = &mut self.provision {
            provision.claims.clear();
            let record = &mut provision.record;
            record.claimed = Amount::from_atoms(record.claimed.atoms().saturating_add(claimed));
            record.paid = Amount::from_atoms(record.paid.atoms().saturating_add(paid_out));
        }
        Ok(())
    }

    fn tell(&self, deal: &mut Deal<'_>, kind: &'static str, detail: String, value: f64) {
        deal.notes.add(Note {
            tick: deal.clock.tick(),
            block: 0,
            agent: None,
            kind,
            subject: self.name.clone(),
            detail,
            value: Some(value),
        });
    }
}
