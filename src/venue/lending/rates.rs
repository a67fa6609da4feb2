//! The rate pool in the world: yield tokens against loan tokens, and its liquidity.

use super::LoanMarket;
use crate::protocol::yield_token::{self, Side, State, Terms};
use crate::quantity::Amount;
use crate::venue::pool::LOCKED_SHARES;
use crate::venue::{Deal, Refusal};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};

impl LoanMarket {
    /// What the rate pool holds now.
    #[must_use]
    pub fn rate_state(&self, ledger: &Ledger) -> State {
        let yield_token = self.slot(&self.record.running).yield_token;
        State {
            token: ledger.units(self.rate_vault, self.token),
            yield_token: ledger.units(self.rate_vault, yield_token),
            virtual_yield_token: self.record.running.virtual_yield,
            shares: ledger.supply_units(self.shares),
        }
    }

    /// The terms the rate pool trades on in the running term.
    #[must_use]
    pub fn rate_terms(&self) -> Terms {
        let running = &self.record.running;
        let (listed, expiry) = (block(running.opened_seconds), block(running.expiry_seconds));
        // The exponent falls to zero at expiry whatever the latest expiry is; that sets only how far it is from one.
        let latest = (listed + self.rules.curve_blocks).max(expiry + 1);
        let scale = yield_token::TimeScale::LatestExpiry { height: latest };
        Terms { maturity: yield_token::Maturity { listed, expiry, scale }, ..self.rules.rates }
    }

    /// The block of ten minutes in which the rate pool trades now.
    #[must_use]
    pub fn rate_height(&self, clock: &Clock) -> u64 {
        block(clock.now_seconds())
    }

    /// Loan tokens for one yield token at the margin; `None` while the pool says nothing.
    #[must_use]
    pub fn bond_price(&self, ledger: &Ledger, clock: &Clock) -> Option<f64> {
        let price =
            yield_token::price(&self.rate_state(ledger), &self.rate_terms(), block(clock.now_seconds()));
        yield_token::bond_price(price.ok()?).ok()
    }

    /// What `amount` units bring on `side`, fee taken; `None` where the pool would refuse.
    #[must_use]
    pub fn quote_rate(&self, ledger: &Ledger, clock: &Clock, side: Side, amount: f64) -> Option<f64> {
        let (state, terms, height) = (self.rate_state(ledger), self.rate_terms(), block(clock.now_seconds()));
        yield_token::swap(&state, &terms, height, side, amount, None).ok().map(|swapped| swapped.out)
    }

    /// Simple interest a year that a yield token bought for `bond_price` pays until the end of the term.
    #[must_use]
    pub fn annual_rate(&self, clock: &Clock, bond_price: f64) -> Option<f64> {
        let left = block(self.record.running.expiry_seconds).checked_sub(block(clock.now_seconds()))?;
        yield_token::simple_annual_rate(1.0 / bond_price, left).ok()
    }

    /// Buys or sells yield tokens; answers with what was received.
    pub(super) fn trade_yield(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        reserve: AccountId,
        side: Side,
        paid: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        let yield_token = self.slot(&self.record.running).yield_token;
        let (asset_in, asset_out) = match side {
            Side::BuyYield => (self.token, yield_token),
            Side::SellYield => (yield_token, self.token),
        };
        let gross = deal.ledger.asset(asset_in).decimals.units(paid);
        let height = block(deal.clock.now_seconds());
        let swapped =
            yield_token::swap(&self.rate_state(deal.ledger), &self.rate_terms(), height, side, gross, None)?;
        let received = deal.ledger.asset(asset_out).decimals.floor(swapped.out)?;
        if !received.is_positive() {
            return Err(Refusal::Dust);
        }
        if received < min_out {
            return Err(yield_token::Refusal::Slippage.into());
        }
        deal.ledger.transfer(actor, self.rate_vault, asset_in, paid)?;
        deal.ledger.transfer(self.rate_vault, actor, asset_out, received)?;
        let to_reserve = deal.ledger.asset(asset_in).decimals.floor(swapped.to_reserve)?;
        if to_reserve.is_positive() {
            deal.ledger.transfer(self.rate_vault, reserve, asset_in, to_reserve)?;
        }
        let totals = &mut self.record.totals;
        totals.fees_to_reserve += swapped.to_reserve;
        if side == Side::SellYield {
            totals.borrowed += swapped.out;
            totals.interest += gross - swapped.out;
        }
        Ok(received)
    }

    /// Refuses to move liquidity while the pool waits for what a term that is not settled owes it: a share cannot be told
    /// its worth, and who came or went would take from the others.
    fn refuse_while_owed(&self, ledger: &Ledger) -> Result<(), Refusal> {
        let waiting = self.record.before.filter(|before| before.settled.is_none());
        let owed = waiting.is_some_and(|before| {
            ledger.balance(self.rate_vault, self.slot(&before).yield_token).is_positive()
        });
        if owed { Err(Refusal::NotSettled) } else { Ok(()) }
    }

    /// Brings liquidity; answers with shares. The first provider leaves a few of them in the pool for good.
    pub(super) fn provide(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        tokens: Amount,
    ) -> Result<Amount, Refusal> {
        let yield_token = self.slot(&self.record.running).yield_token;
        let state = self.rate_state(deal.ledger);
        let brought = deal.ledger.asset(self.token).decimals.units(tokens);
        self.refuse_while_owed(deal.ledger)?;
        let mut position = yield_token::quote_deposit(&state, brought)?;
        if state.shares > 0.0 && state.token > 0.0 {
            // The protocol's first deposit mints a share a token, and takes a pool at par for a fresh one. A pool that
            // has rolled over is at par, too, but its shares have earned interest.
            position.shares = state.shares * (brought / state.token);
        }
        let beside = deal.ledger.asset(yield_token).decimals.ceil(position.yield_token)?;
        let mut minted = deal.ledger.asset(self.shares).decimals.floor(position.shares)?;
        if deal.ledger.supply(self.shares).is_zero() {
            minted = minted.saturating_less(LOCKED_SHARES);
            deal.ledger.mint(self.rate_vault, self.rate_vault, self.shares, LOCKED_SHARES)?;
        }
        if !minted.is_positive() {
            return Err(Refusal::Dust);
        }
        deal.ledger.transfer(actor, self.rate_vault, self.token, tokens)?;
        deal.ledger.transfer(actor, self.rate_vault, yield_token, beside)?;
        deal.ledger.mint(self.rate_vault, actor, self.shares, minted)?;
        self.record.running.virtual_yield += position.virtual_yield_token;
        Ok(minted)
    }

    /// Takes liquidity out; answers with loan tokens.
    pub(super) fn withdraw(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        shares: Amount,
    ) -> Result<Amount, Refusal> {
        let yield_token = self.slot(&self.record.running).yield_token;
        self.refuse_while_owed(deal.ledger)?;
        let given = deal.ledger.asset(self.shares).decimals.units(shares);
        let position = yield_token::quote_shares(&self.rate_state(deal.ledger), given)?;
        let tokens = deal.ledger.asset(self.token).decimals.floor(position.token)?;
        if !shares.is_positive() || !tokens.is_positive() {
            return Err(Refusal::Dust);
        }
        let beside = deal.ledger.asset(yield_token).decimals.floor(position.yield_token)?;
        deal.ledger.burn(self.rate_vault, actor, self.shares, shares)?;
        deal.ledger.transfer(self.rate_vault, actor, self.token, tokens)?;
        deal.ledger.transfer(self.rate_vault, actor, yield_token, beside)?;
        let left = self.record.running.virtual_yield - position.virtual_yield_token;
        self.record.running.virtual_yield = left.max(0.0);
        Ok(tokens)
    }
}

/// The block of ten minutes in which a second lies.
#[must_use]
pub(super) fn block(seconds: i64) -> u64 {
    u64::try_from(seconds.max(0) / SECONDS_PER_BLOCK).unwrap_or(0)
}

/// Seconds in a block.
pub(super) const SECONDS_PER_BLOCK: i64 = 600;
