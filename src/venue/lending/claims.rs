//! Claims on a term that has ended: yield tokens are paid first, key tokens share what is left.
//!
//! What a term owes is fixed when it is settled. Every payment is rounded down and comes out of the term's own vault, so
//! that the order in which holders come does not matter by more than an atom.

use super::{LoanMarket, Series};
use crate::quantity::{Amount, AssetId};
use crate::venue::{Deal, Refusal};
use crate::world::ledger::{AccountId, Ledger};

impl LoanMarket {
    /// The term that can be claimed from, and what it pays for a yield token.
    pub(super) fn settled(&self) -> Option<(&Series, f64)> {
        let before = self.record.before.as_ref()?;
        before.settled.map(|paid| (before, paid))
    }

    /// What `yield_tokens` and `key_tokens` of the term before would be paid now: collateral and loan tokens, in atoms.
    #[must_use]
    pub fn quote_claim(
        &self,
        ledger: &Ledger,
        yield_tokens: Amount,
        key_tokens: Amount,
    ) -> Option<[Amount; 2]> {
        let (series, paid) = self.settled()?;
        let slot = self.slot(series);
        let owed = yield_tokens.share(paid);
        let (x, y) = self.key_share(ledger, series, paid, key_tokens);
        let owed = owed.min(ledger.balance(slot.vault, self.token));
        Some([x, owed.checked_add(y)?])
    }

    /// What `key_tokens` are paid: their share of the collateral, and of the loan tokens that no yield token is owed.
    fn key_share(&self, ledger: &Ledger, series: &Series, paid: f64, key_tokens: Amount) -> (Amount, Amount) {
        let slot = self.slot(series);
        let supply = ledger.supply(slot.key_token);
        if !supply.is_positive() {
            return (Amount::ZERO, Amount::ZERO);
        }
        let owed = ledger.supply(slot.yield_token).share(paid);
        // A share is rounded down; one atom more stands for the rounding of all of them.
        let reserved = owed.checked_add(Amount::from_atoms(1)).unwrap_or(owed);
        let free = ledger.balance(slot.vault, self.token).saturating_less(reserved);
        let share = key_tokens.atoms() as f64 / supply.atoms() as f64;
        (ledger.balance(slot.vault, self.collateral).share(share), free.share(share))
    }

    /// Pays yield tokens of the term before; answers with loan tokens.
    pub(super) fn redeem_yield(
        &self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        yield_tokens: Amount,
    ) -> Result<Amount, Refusal> {
        let (series, paid) = self.settled().ok_or(Refusal::NotSettled)?;
        let slot = self.slot(series);
        if !yield_tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        let due = yield_tokens.share(paid).min(deal.ledger.balance(slot.vault, self.token));
        deal.ledger.burn(slot.vault, actor, slot.yield_token, yield_tokens)?;
        deal.ledger.transfer(slot.vault, actor, self.token, due)?;
        Ok(due)
    }

    /// Pays key tokens of the term before; answers with collateral.
    pub(super) fn redeem_key(
        &self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        key_tokens: Amount,
    ) -> Result<Amount, Refusal> {
        let (series, paid) = self.settled().ok_or(Refusal::NotSettled)?;
        let slot = self.slot(series);
        if !key_tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        let (x, y) = self.key_share(deal.ledger, series, paid, key_tokens);
        deal.ledger.burn(slot.vault, actor, slot.key_token, key_tokens)?;
        deal.ledger.transfer(slot.vault, actor, self.collateral, x)?;
        deal.ledger.transfer(slot.vault, actor, self.token, y)?;
        Ok(x)
    }

    /// Pays out, unasked, whoever has not claimed from the term before, so that its tokens can serve a new one.
    pub(super) fn pay_out(&self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        let Some((series, _)) = self.settled() else { return Ok(()) };
        let slot = *self.slot(series);
        for (account, amount) in holders(deal.ledger, slot.yield_token) {
            self.redeem_yield(deal, account, amount)?;
        }
        for (account, amount) in holders(deal.ledger, slot.key_token) {
            self.redeem_key(deal, account, amount)?;
        }
        Ok(())
    }
}

fn holders(ledger: &Ledger, asset: AssetId) -> Vec<(AccountId, Amount)> {
    if ledger.supply(asset).is_zero() {
        return Vec::new();
    }
    ledger.holdings(asset).filter(|(_, amount)| amount.is_positive()).collect()
}
