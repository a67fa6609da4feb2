//! Days that begin, and loans that are not returned: the lenders are made whole in dollars, the rest of the collateral goes back.

use super::{Claim, LendingDesk, TokenLoan};
use crate::protocol::securities_lending::{days_begun, fee_usd, reduced};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Venues};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::notes::Note;

impl Venues {
    /// Charges loans for the days that have begun, and settles those whose term is over and those that are worth what is left
    /// of their collateral; what fails is tried again next tick.
    pub fn charge_token_loans(&mut self, deal: &mut Deal<'_>) {
        let Some(desk) = self.desk.as_ref().filter(|desk| desk.record.lent.is_positive()) else { return };
        let price = self.average_price(deal.ledger, deal.oracle, deal.clock, desk.token);
        let borrowers: Vec<AccountId> = desk.loans().map(|(borrower, _)| borrower).collect();
        let Some(desk) = &mut self.desk else { return };
        for borrower in borrowers {
            // What fails, fails before anybody else's claim is touched.
            let before = desk.before(borrower);
            if desk.bring_up_to_date(deal, borrower, price).is_ok() {
                deal.ledger.commit();
                deal.notes.keep();
            } else {
                deal.ledger.rollback();
                deal.notes.forget();
                desk.restore(before);
            }
        }
    }
}

impl LendingDesk {
    /// Takes the fee of the days begun and not charged out of the loan's collateral, and keeps the loan.
    pub(super) fn charge(
        &mut self,
        ledger: &Ledger,
        borrower: AccountId,
        loan: TokenLoan,
        now_seconds: i64,
    ) -> Result<TokenLoan, Refusal> {
        let days = days_begun(now_seconds.saturating_sub(loan.opened_seconds));
        let value_usd = ledger.asset(self.token).decimals.units(loan.tokens) * loan.price_usd;
        let owed = fee_usd(value_usd, loan.rate_per_year, days.saturating_sub(loan.days));
        let fee = ledger.asset(self.dollar).decimals.ceil(owed)?.min(loan.collateral);
        let loan = TokenLoan { collateral: loan.collateral.saturating_less(fee), days, ..loan };
        self.record.collateral = self.record.collateral.saturating_less(fee);
        self.share_out(fee)?;
        self.loans.insert(borrower, loan);
        Ok(loan)
    }

    fn bring_up_to_date(
        &mut self,
        deal: &mut Deal<'_>,
        borrower: AccountId,
        price_usd: Option<f64>,
    ) -> Result<(), Refusal> {
        let Some(loan) = self.loans.get(&borrower).copied() else { return Ok(()) };
        let now = deal.clock.now_seconds();
        let loan = self.charge(deal.ledger, borrower, loan, now)?;
        // Without a market tokens are still owed at what they were worth.
        let price_usd = price_usd.unwrap_or(loan.price_usd);
        let owed_usd = deal.ledger.asset(self.token).decimals.units(loan.tokens) * price_usd;
        let left_usd = deal.ledger.asset(self.dollar).decimals.units(loan.collateral);
        if now >= loan.opened_seconds.saturating_add(self.terms.term_seconds()) {
            return self.settle(deal, borrower, &loan, owed_usd, "its term is over");
        }
        if owed_usd >= left_usd {
            return self.settle(
                deal,
                borrower,
                &loan,
                owed_usd,
                "it is worth what is left of its collateral",
            );
        }
        Ok(())
    }

    /// Pays what a loan is worth, as far as the collateral goes, to the lenders in place of the tokens.
    fn settle(
        &mut self,
        deal: &mut Deal<'_>,
        borrower: AccountId,
        loan: &TokenLoan,
        owed_usd: f64,
        why: &str,
    ) -> Result<(), Refusal> {
        let [token, dollar] = [self.token, self.dollar].map(|asset| deal.ledger.asset(asset).decimals);
        // What does not fit the ledger is more than the collateral.
        let owed = dollar.ceil(owed_usd).unwrap_or(Amount::MAX);
        let earned = owed.min(loan.collateral);
        let rest = loan.collateral.saturating_less(earned);
        deal.ledger.transfer(self.account, borrower, self.dollar, rest)?;
        self.strike_off(borrower, loan);
        self.share_out(earned)?;
        let held: Vec<Amount> = self.claims.values().map(|claim| claim.tokens).collect();
        let counted: Vec<Amount> = self.claims.values().map(|claim| self.due(claim)).collect();
        let left = reduced(&held, loan.tokens);
        for (claim, (tokens, due)) in self.claims.values_mut().zip(left.into_iter().zip(counted)) {
            *claim = Claim { tokens, since: self.record.index, due };
        }
        self.claims.retain(|_, claim| claim.tokens.is_positive() || claim.due.is_positive());
        self.record.offered = self.record.offered.saturating_less(loan.tokens);
        self.record.settled += 1;
        let short = dollar.units(owed.saturating_less(earned));
        let short = if short > 0.0 { format!(", {short} dollars short") } else { String::new() };
        deal.notes.add(Note {
            tick: deal.clock.tick(),
            block: deal.clock.block(),
            agent: Some(borrower),
            kind: "token_loan_settled",
            subject: deal.ledger.asset(self.token).symbol.clone(),
            detail: format!(
                "{why}: the lenders receive {} dollars for {} tokens{short}, the borrower {}",
                dollar.units(earned),
                token.units(loan.tokens),
                dollar.units(rest),
            ),
            value: Some(dollar.units(earned)),
        });
        Ok(())
    }
}
