//! What programs do at a tick. Each slice is a transaction of its own: what the pool or the outside market refuses is undone,
//! and made up for by the ticks that are left.

use super::{BuyBack, IssuanceRefusal, Sale, note};
use crate::protocol::governance::Purpose;
use crate::protocol::issuance::slice;
use crate::quantity::{Amount, AssetId};
use crate::venue::accrual::settle_attempt;
use crate::venue::exchange::Order;
use crate::venue::pool::PoolAction;
use crate::venue::rescue::RecapitalisationPolicy;
use crate::venue::token::TokenEconomy;
use crate::venue::{Action, Deal, Refusal, Venues};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;
use crate::world::oracle::Oracle;

/// What is missing counts as filled below this many dollars: a cent.
const FILLED_USD: f64 = 0.01;
/// Atoms asked for beyond what is missing, so that rounding does not leave an atom of it.
const FOR_ROUNDING: f64 = 2.0;

/// What a sale is to bring.
#[derive(Debug, Clone, Copy)]
struct Need {
    asset: AssetId,
    /// How much of it is missing; infinite where the sale has no end but its own.
    missing: f64,
    /// How much of what is missing is not at hand yet.
    units: f64,
    /// Where it goes.
    to: AccountId,
}

impl Venues {
    /// Whether a sale for the treasury goes on.
    pub(in crate::venue) fn is_raising_collateral(&self) -> bool {
        let sale = self.token.as_ref().and_then(|economy| economy.record.sale);
        sale.is_some_and(|sale| sale.order.purpose == Purpose::Recapitalise)
    }

    /// Sells and buys a slice of what is to be sold and bought, and ends what is over.
    pub(in crate::venue) fn proceed(&mut self, deal: &mut Deal<'_>, policy: Option<RecapitalisationPolicy>) {
        if let Some(sale) = self.token.as_ref().and_then(|economy| economy.record.sale) {
            self.proceed_with_sale(deal, sale, policy);
        }
        if let Some(program) = self.token.as_ref().and_then(|economy| economy.record.buy_back) {
            self.proceed_with_buy_back(deal, program);
        }
    }

    fn proceed_with_sale(&mut self, deal: &mut Deal<'_>, sale: Sale, policy: Option<RecapitalisationPolicy>) {
        let end = match self.need(deal, sale.order.purpose, policy) {
            None => Some("nobody can be recapitalised"),
            Some(need) if self.is_filled(deal.oracle, need) => Some("filled"),
            Some(need) => {
                let outcome = self.sell_slice(deal, sale, need);
                settle_attempt(self, deal, outcome.is_ok());
                let seconds_left = sale.seconds_left.saturating_sub(deal.clock.tick_seconds());
                self.change_token(|record| {
                    if let Some(sale) = &mut record.sale {
                        sale.seconds_left = seconds_left;
                    }
                });
                self.commit();
                let sold_out =
                    self.token.as_ref().is_some_and(|economy| economy.record.sale_left().is_zero());
                let over = (seconds_left <= 0).then_some("out of time");
                if sold_out { Some("sold out") } else { over }
            }
        };
        if let Some(why) = end {
            let outcome = self.end_sale(deal, why);
            settle_attempt(self, deal, outcome.is_ok());
        }
    }

    /// What a sale for this purpose is still to bring; `None` where nothing takes it.
    fn need(
        &self,
        deal: &Deal<'_>,
        purpose: Purpose,
        policy: Option<RecapitalisationPolicy>,
    ) -> Option<Need> {
        let economy = self.token.as_ref()?;
        match purpose {
            Purpose::Reserve => {
                let (asset, to) = (self.exchange.dollar(), economy.accounts.reserve);
                let missing = |target: f64| (target - deal.ledger.units(to, asset)).max(0.0);
                let missing = economy.reserve_target_usd.map_or(f64::INFINITY, missing);
                Some(Need { asset, missing, units: missing, to })
            }
            Purpose::Recapitalise => {
                let treasury = self.treasury.as_ref()?;
                let (asset, to) = (treasury.assets.collateral, treasury.accounts.recapitaliser);
                let missing = treasury.missing_collateral(deal, policy?);
                // What stands there and was not used yet, because the market asked more than net asset value.
                let units = (missing - deal.ledger.units(to, asset)).max(0.0);
                Some(Need { asset, missing, units, to })
            }
        }
    }

    fn is_filled(&self, oracle: &Oracle, need: Need) -> bool {
        let mid = self.exchange.mid(oracle, need.asset).unwrap_or(0.0);
        need.missing * mid <= FILLED_USD
    }

    /// Sells what this tick is to sell, and no more than fills the need.
    fn sell_slice(&mut self, deal: &mut Deal<'_>, sale: Sale, need: Need) -> Result<(), Refusal> {
        if need.units <= 0.0 {
            return Err(Refusal::Dust);
        }
        let economy = self.token.as_ref().ok_or(IssuanceRefusal::NotAllotted)?;
        let (token, seller) = (economy.token, economy.accounts.issuance);
        let market = self.market_against_cash(deal.oracle, token).ok_or(IssuanceRefusal::NoMarket)?;
        let (pool, side, cash) = (market.id, market.side_to_sell(), market.cash);
        let mid = self.exchange.mid(deal.oracle, cash).ok_or(IssuanceRefusal::NoMarket)?;
        let mut tokens = slice(sale.left(), sale.seconds_left, deal.clock.tick_seconds());
        let atom = deal.ledger.asset(cash).decimals.units(Amount::from_atoms(1));
        let enough = self.cash_to_receive(deal.oracle, cash, need.asset, need.units);
        let enough = enough
            .and_then(|enough| market.pool.quote_exact_out(deal.ledger, side, enough + FOR_ROUNDING * atom));
        if let Some(Ok(enough)) = enough.map(|units| deal.ledger.asset(token).decimals.ceil(units)) {
            tokens = tokens.min(enough);
        }
        let amount = Size::Exact(tokens);
        let swap = match sale.order.least_price_usd {
            // The limit is quote per base, whichever of the two the token is.
            Some(least) => {
                PoolAction::SwapToPrice { pool, side, amount, limit: market.cash_per_token(least / mid) }
            }
            None => PoolAction::Swap { pool, side, amount, min_out: Amount::ZERO },
        };
        let held = deal.ledger.balance(seller, token);
        let received = self.perform(deal, seller, Action::Pool(swap), Amount::ZERO)?;
        let sold = held.saturating_less(deal.ledger.balance(seller, token));
        let raised_usd = deal.ledger.asset(cash).decimals.units(received) * mid;
        let brought = self.trade_outside(deal, seller, cash, need.asset, received)?;
        deal.ledger.transfer(seller, need.to, need.asset, brought)?;
        self.change_token(|record| {
            if let Some(sale) = &mut record.sale {
                sale.sold = sale.sold.checked_add(sold).unwrap_or(sale.order.tokens);
                sale.raised_usd += raised_usd;
            }
        });
        Ok(())
    }

    /// Burns what is left of the sale, and tells what came of it.
    fn end_sale(&mut self, deal: &mut Deal<'_>, why: &str) -> Result<(), Refusal> {
        let economy = self.token.as_ref().ok_or(IssuanceRefusal::NotAllotted)?;
        let (token, accounts) = (economy.token, economy.accounts);
        let Some(sale) = economy.record.sale else { return Ok(()) };
        let left = sale.left();
        deal.ledger.burn(accounts.foundation, accounts.issuance, token, left)?;
        self.change_token(|record| {
            record.sale = None;
            record.burned_unsold = record.burned_unsold.checked_add(left).unwrap_or(Amount::MAX);
        });
        let scale = deal.ledger.asset(token).decimals;
        let detail = format!(
            "ends, {why}: {} tokens sold for {:.2} usd, {} burned",
            scale.units(sale.sold),
            sale.raised_usd,
            scale.units(left)
        );
        deal.notes.add(note(deal.clock, "sale", sale.order.purpose.name().into(), detail, sale.raised_usd));
        Ok(())
    }

    fn proceed_with_buy_back(&mut self, deal: &mut Deal<'_>, program: BuyBack) {
        let outcome = self.buy_slice(deal, program);
        settle_attempt(self, deal, outcome.is_ok());
        let seconds_left = program.seconds_left.saturating_sub(deal.clock.tick_seconds());
        self.change_token(|record| {
            let Some(program) = &mut record.buy_back else { return };
            program.seconds_left = seconds_left;
        });
        let Some(program) = self.token.as_ref().and_then(|economy| economy.record.buy_back) else { return };
        if seconds_left <= 0 || program.spent == program.cash {
            self.change_token(|record| record.buy_back = None);
            let scales = self.token.as_ref().map(|economy| deal.ledger.asset(economy.token).decimals);
            let bought = scales.map_or(0.0, |scale| scale.units(program.bought));
            let spent = deal.ledger.asset(self.exchange.dollar()).decimals.units(program.spent);
            let ends = format!("ends: {bought} tokens bought for {spent} usd and burned");
            deal.notes.add(note(deal.clock, "buy_back", "reserve".into(), ends, spent));
            deal.notes.keep();
        }
        self.commit();
    }

    /// Spends what this tick is to spend and the reserve has above its target, and burns what that buys.
    fn buy_slice(&mut self, deal: &mut Deal<'_>, program: BuyBack) -> Result<(), Refusal> {
        let economy = self.token.as_ref().ok_or(IssuanceRefusal::NotAllotted)?;
        let (token, accounts, dollar) = (economy.token, economy.accounts, self.exchange.dollar());
        let to_spare = economy.to_spare(deal.ledger, dollar);
        let left = program.cash.saturating_less(program.spent);
        let spent = slice(left, program.seconds_left, deal.clock.tick_seconds()).min(to_spare);
        if !spent.is_positive() {
            return Err(Refusal::Dust);
        }
        let market = self.market_against_cash(deal.oracle, token).ok_or(IssuanceRefusal::NoMarket)?;
        let (pool, side, cash) = (market.id, market.side_to_buy(), market.cash);
        deal.ledger.transfer(accounts.reserve, accounts.issuance, dollar, spent)?;
        let paid = self.trade_outside(deal, accounts.issuance, dollar, cash, spent)?;
        let swap = PoolAction::Swap { pool, side, amount: Size::Exact(paid), min_out: Amount::ZERO };
        let bought = self.perform(deal, accounts.issuance, Action::Pool(swap), Amount::ZERO)?;
        deal.ledger.burn(accounts.foundation, accounts.issuance, token, bought)?;
        self.change_token(|record| {
            record.bought_back = record.bought_back.checked_add(bought).unwrap_or(Amount::MAX);
            if let Some(program) = &mut record.buy_back {
                program.spent = program.spent.checked_add(spent).unwrap_or(program.cash);
                program.bought = program.bought.checked_add(bought).unwrap_or(Amount::MAX);
            }
        });
        Ok(())
    }

    /// Changes coins at the outside market, over the dollar where neither is one.
    fn trade_outside(
        &self,
        deal: &mut Deal<'_>,
        trader: AccountId,
        from: AssetId,
        to: AssetId,
        amount: Amount,
    ) -> Result<Amount, Refusal> {
        if from == to {
            return Ok(amount);
        }
        let dollar = self.exchange.dollar();
        let mut amount = amount;
        if from != dollar {
            let order = Order::Sell { asset: from, amount: Size::Exact(amount) };
            amount = self.exchange.perform(deal, trader, order, Amount::ZERO)?;
        }
        if to != dollar {
            let order = Order::Buy { asset: to, dollars: Size::Exact(amount) };
            amount = self.exchange.perform(deal, trader, order, Amount::ZERO)?;
        }
        Ok(amount)
    }

    /// Units of `cash` for which the outside market gives `units` of `asset`; `None` where nothing is enough.
    pub(super) fn cash_to_receive(
        &self,
        oracle: &Oracle,
        cash: AssetId,
        asset: AssetId,
        units: f64,
    ) -> Option<f64> {
        if cash == asset {
            return Some(units).filter(|units| units.is_finite());
        }
        let dollar = self.exchange.dollar();
        let mut needed = units;
        if asset != dollar {
            needed = self.exchange.dollars_to_buy(self.exchange.mid(oracle, asset)?, needed);
        }
        if cash != dollar {
            needed = self.exchange.worth_to_receive(needed) / self.exchange.mid(oracle, cash)?;
        }
        Some(needed).filter(|needed| needed.is_finite())
    }
}

impl TokenEconomy {
    /// Dollars of the reserve beyond its target: what a buy-back may spend.
    #[must_use]
    pub fn to_spare(&self, ledger: &Ledger, dollar: AssetId) -> Amount {
        let target = self.reserve_target_usd.unwrap_or(0.0);
        let target = ledger.asset(dollar).decimals.ceil(target).unwrap_or(Amount::MAX);
        ledger.balance(self.accounts.reserve, dollar).saturating_less(target)
    }
}
