//! Offering, taking back, collecting, borrowing, returning.

use super::{Claim, DeskAction, DeskRefusal, LendingDesk, TokenLoan};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Undo, Venues};
use crate::world::ledger::{AccountId, LedgerError};

impl Venues {
    pub(in crate::venue) fn perform_desk(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: DeskAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        let token = self.desk.as_ref().ok_or(DeskRefusal::NoDesk)?.token;
        let price = match action {
            DeskAction::Borrow { .. } => self.average_price(deal.ledger, deal.oracle, deal.clock, token),
            _ => None,
        };
        let desk = self.desk.as_mut().ok_or(DeskRefusal::NoDesk)?;
        self.undo.push(Undo::Desk(Box::new(desk.before(actor))));
        match action {
            DeskAction::Offer { tokens } => desk.offer(deal, actor, tokens.resolve(previous)),
            DeskAction::TakeBack { tokens } => desk.take_back(deal, actor, tokens.resolve(previous)),
            DeskAction::Collect => desk.collect(deal, actor),
            DeskAction::Borrow { tokens } => {
                let price = price.filter(|price| *price > 0.0).ok_or(DeskRefusal::NoPrice)?;
                desk.borrow(deal, actor, tokens.resolve(previous), price)
            }
            DeskAction::Return => desk.give_back(deal, actor),
        }
    }
}

impl LendingDesk {
    /// The claim of `lender` with what it has earned counted; it may be new.
    fn counted(&mut self, lender: AccountId) -> Claim {
        let claim = self.claims.get(&lender).copied().unwrap_or_default();
        Claim { since: self.record.index, due: self.due(&claim), ..claim }
    }

    /// Keeps a claim while it is worth anything.
    fn keep(&mut self, lender: AccountId, claim: Claim) {
        if claim.tokens.is_zero() && claim.due.is_zero() {
            self.claims.remove(&lender);
        } else {
            self.claims.insert(lender, claim);
        }
    }

    fn offer(&mut self, deal: &mut Deal<'_>, lender: AccountId, tokens: Amount) -> Result<Amount, Refusal> {
        if !tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        deal.ledger.transfer(lender, self.account, self.token, tokens)?;
        let claim = self.counted(lender);
        self.keep(lender, Claim { tokens: plus(claim.tokens, tokens)?, ..claim });
        self.record.offered = plus(self.record.offered, tokens)?;
        Ok(tokens)
    }

    fn take_back(
        &mut self,
        deal: &mut Deal<'_>,
        lender: AccountId,
        tokens: Amount,
    ) -> Result<Amount, Refusal> {
        if !tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        let claim = self.counted(lender);
        if tokens > claim.tokens {
            return Err(DeskRefusal::NotOffered { offered: claim.tokens, wanted: tokens }.into());
        }
        self.check_available(tokens)?;
        deal.ledger.transfer(self.account, lender, self.token, tokens)?;
        self.keep(lender, Claim { tokens: claim.tokens.saturating_less(tokens), ..claim });
        self.record.offered = self.record.offered.saturating_less(tokens);
        Ok(tokens)
    }

    fn collect(&mut self, deal: &mut Deal<'_>, lender: AccountId) -> Result<Amount, Refusal> {
        let claim = self.counted(lender);
        if !claim.due.is_positive() {
            return Err(DeskRefusal::NothingDue.into());
        }
        deal.ledger.transfer(self.account, lender, self.dollar, claim.due)?;
        self.record.uncollected = self.record.uncollected.saturating_less(claim.due);
        self.keep(lender, Claim { due: Amount::ZERO, ..claim });
        Ok(claim.due)
    }

    fn borrow(
        &mut self,
        deal: &mut Deal<'_>,
        borrower: AccountId,
        tokens: Amount,
        price_usd: f64,
    ) -> Result<Amount, Refusal> {
        if !tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        if let Some(loan) = self.loans.get(&borrower) {
            return Err(DeskRefusal::HasLoan { owed: loan.tokens }.into());
        }
        self.check_available(tokens)?;
        let value_usd = deal.ledger.asset(self.token).decimals.units(tokens) * price_usd;
        let dollar = deal.ledger.asset(self.dollar).decimals;
        let put_up = dollar.ceil(self.terms.collateral_usd(value_usd))?;
        let rate_per_year = self.quote_rate(tokens);
        deal.ledger.transfer(borrower, self.account, self.dollar, put_up)?;
        deal.ledger.transfer(self.account, borrower, self.token, tokens)?;
        let opened_seconds = deal.clock.now_seconds();
        let loan = TokenLoan {
            tokens,
            put_up,
            collateral: put_up,
            days: 0,
            price_usd,
            rate_per_year,
            opened_seconds,
        };
        self.record.lent = plus(self.record.lent, tokens)?;
        self.record.collateral = plus(self.record.collateral, put_up)?;
        self.charge(deal.ledger, borrower, loan, opened_seconds)?;
        Ok(tokens)
    }

    fn give_back(&mut self, deal: &mut Deal<'_>, borrower: AccountId) -> Result<Amount, Refusal> {
        let loan = *self.loans.get(&borrower).ok_or(DeskRefusal::NoLoan)?;
        deal.ledger.transfer(borrower, self.account, self.token, loan.tokens)?;
        deal.ledger.transfer(self.account, borrower, self.dollar, loan.collateral)?;
        self.strike_off(borrower, &loan);
        Ok(loan.put_up.saturating_less(loan.collateral))
    }

    pub(super) fn strike_off(&mut self, borrower: AccountId, loan: &TokenLoan) {
        self.loans.remove(&borrower);
        self.record.lent = self.record.lent.saturating_less(loan.tokens);
        self.record.collateral = self.record.collateral.saturating_less(loan.collateral);
    }

    /// Shares out dollars that lie in the account already.
    pub(super) fn share_out(&mut self, earned: Amount) -> Result<(), LedgerError> {
        let record = &mut self.record;
        record.index = record.index.after(earned, record.offered);
        record.uncollected = plus(record.uncollected, earned)?;
        record.earned = plus(record.earned, earned)?;
        Ok(())
    }

    fn check_available(&self, wanted: Amount) -> Result<(), DeskRefusal> {
        let available = self.lendable();
        if wanted > available { Err(DeskRefusal::Lent { available, wanted }) } else { Ok(()) }
    }
}

/// The sum of what one account holds, which fits.
fn plus(one: Amount, other: Amount) -> Result<Amount, LedgerError> {
    one.checked_add(other).ok_or(LedgerError::Overflow)
}
