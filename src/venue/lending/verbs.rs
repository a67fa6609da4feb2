//! Borrowing, trading with the pools, claiming: what senders of transactions can do.

use super::view::height;
use super::{LendAction, LeveredEntry, LoanMarketId};
use crate::protocol::crp;
use crate::protocol::yield_token::Side;
use crate::quantity::Amount;
use crate::venue::exchange::Order;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::{Action, Deal, Refusal, Undo, Venues};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

impl LendAction {
    /// The market addressed.
    #[must_use]
    pub const fn market(&self) -> LoanMarketId {
        match self {
            Self::Join { market, .. }
            | Self::JoinLevered { market, .. }
            | Self::SellYield { market, .. }
            | Self::BuyYield { market, .. }
            | Self::Provide { market, .. }
            | Self::Withdraw { market, .. }
            | Self::Rebalance { market, .. }
            | Self::RedeemYield { market, .. }
            | Self::RedeemKey { market, .. } => *market,
        }
    }
}

impl Venues {
    pub(in crate::venue) fn perform_lend(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: LendAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        let id = action.market();
        let reserve = self.reserve_account()?;
        let market = self.loans.get_mut(id.0 as usize).ok_or(Refusal::NoLoanMarket)?;
        self.undo.push(Undo::Loan(id, Box::new(market.record)));
        match action {
            LendAction::Join { collateral, .. } => self.join(deal, actor, id, collateral.resolve(previous)),
            LendAction::JoinLevered { collateral, entry, .. } => {
                self.join_levered(deal, actor, id, collateral.resolve(previous), entry)
            }
            LendAction::SellYield { yield_tokens, min_out, .. } => {
                let paid = yield_tokens.resolve(previous);
                market.trade_yield(deal, actor, reserve, Side::SellYield, paid, min_out)
            }
            LendAction::BuyYield { tokens, min_out, .. } => {
                market.trade_yield(deal, actor, reserve, Side::BuyYield, tokens.resolve(previous), min_out)
            }
            LendAction::Provide { tokens, .. } => market.provide(deal, actor, tokens.resolve(previous)),
            LendAction::Withdraw { shares, .. } => market.withdraw(deal, actor, shares.resolve(previous)),
            LendAction::Rebalance { collateral_in, amount, min_out, .. } => {
                self.rebalance(deal, actor, id, collateral_in, amount.resolve(previous), min_out)
            }
            LendAction::RedeemYield { yield_tokens, .. } => {
                market.redeem_yield(deal, actor, yield_tokens.resolve(previous))
            }
            LendAction::RedeemKey { key_tokens, .. } => {
                market.redeem_key(deal, actor, key_tokens.resolve(previous))
            }
        }
    }

    /// Brings collateral: the pool keeps its weight of it and sells the rest. Answers with the yield tokens.
    fn join(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        id: LoanMarketId,
        collateral: Amount,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        let spot = self.loan_spot(market, deal.ledger, deal.oracle).ok_or(Refusal::NoMarket)?;
        let running = market.record.running;
        let (pool, terms) = (market.pool(deal.ledger, &running), market.terms(&running));
        let unit = deal.ledger.asset(market.collateral).decimals;
        let brought = unit.units(collateral);
        let depth = self.sale_depth(deal, id);
        let plan = crp::plan_join(&pool, &terms, spot, height(deal.clock.now_seconds()), brought, depth)?;
        let size = pool.value_in_collateral(spot)? + brought;
        let market = &self.loans[id.0 as usize];
        if size > market.rules.collateral_cap {
            return Err(crp::Refusal::AtCapacity { size, depth: market.rules.collateral_cap }.into());
        }
        let (slot, collateral_asset) = (*market.slot(&running), market.collateral);
        let minted = deal.ledger.asset(slot.yield_token).decimals.floor(plan.minted)?;
        if !minted.is_positive() {
            return Err(Refusal::Dust);
        }
        deal.ledger.transfer(actor, slot.vault, collateral_asset, collateral)?;
        let sold = unit.floor(plan.sell_x)?.min(collateral);
        if sold.is_positive() {
            self.sell_collateral(deal, id, slot.vault, sold)?;
        }
        deal.ledger.mint(slot.vault, actor, slot.yield_token, minted)?;
        deal.ledger.mint(slot.vault, actor, slot.key_token, minted)?;
        let mid = self.exchange.mid(deal.oracle, collateral_asset).unwrap_or(spot);
        let market = &mut self.loans[id.0 as usize];
        market.record.totals.issued += deal.ledger.asset(slot.yield_token).decimals.units(minted);
        market.record.running.performance.joined += brought * mid;
        Ok(minted)
    }

    /// Joins with flash-borrowed collateral on top, which what the yield tokens sell for must buy back. The lender of the
    /// moment's coins stand outside: they come and go over the bridge within the action.
    fn join_levered(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        id: LoanMarketId,
        own: Amount,
        entry: LeveredEntry,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        let spot = self.loan_spot(market, deal.ledger, deal.oracle).ok_or(Refusal::NoMarket)?;
        let running = market.record.running;
        let (asset, reserve, token) = (market.collateral, self.reserve_account()?, market.token);
        let key_token = market.slot(&running).key_token;
        let ratio = market.pool(deal.ledger, &running).loan_to_value(&market.terms(&running), spot)?;
        let unit = deal.ledger.asset(asset).decimals;
        let gross = match entry {
            LeveredEntry::Margin => crp::margin_gross(unit.units(own), ratio)?,
            LeveredEntry::Roll => crp::roll_gross(unit.units(own), ratio)?,
        };
        let joined = unit.floor(gross)?;
        let borrowed = joined.saturating_less(own);
        let fee = unit.ceil(unit.units(borrowed) * market.rules.flash_fee)?;
        deal.ledger.bridge_in(actor, asset, borrowed)?;
        let keys_before = deal.ledger.balance(actor, key_token);
        let held = deal.ledger.balance(actor, token);
        let yield_tokens = self.join(deal, actor, id, joined)?;
        let market = &mut self.loans[id.0 as usize];
        market.trade_yield(deal, actor, reserve, Side::SellYield, yield_tokens, Amount::ZERO)?;
        let proceeds = deal.ledger.balance(actor, token).saturating_less(held);
        self.buy_collateral(deal, id, actor, proceeds)?;
        let due = borrowed.checked_add(fee).ok_or(Refusal::FlashUnpaid)?;
        if deal.ledger.balance(actor, asset) < due {
            return Err(Refusal::FlashUnpaid);
        }
        deal.ledger.transfer(actor, reserve, asset, fee)?;
        deal.ledger.bridge_out(actor, asset, borrowed)?;
        self.loans[id.0 as usize].record.totals.fees_to_reserve += unit.units(fee) * spot;
        Ok(deal.ledger.balance(actor, key_token).saturating_less(keys_before))
    }

    /// Trades with the collateral pool. Answers with what was received.
    fn rebalance(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        id: LoanMarketId,
        collateral_in: bool,
        paid: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        let spot = self.loan_spot(market, deal.ledger, deal.oracle).ok_or(Refusal::NoMarket)?;
        let running = market.record.running;
        let (pool, terms) = (market.pool(deal.ledger, &running), market.terms(&running));
        let (asset_in, asset_out) =
            if collateral_in { (market.collateral, market.token) } else { (market.token, market.collateral) };
        let units = deal.ledger.asset(asset_in).decimals;
        let (amount, now) = (units.units(paid), height(deal.clock.now_seconds()));
        let swapped = if collateral_in {
            crp::swap_x_for_y(&pool, &terms, spot, now, amount)?
        } else {
            crp::swap_y_for_x(&pool, &terms, spot, now, amount)?
        };
        let received = deal.ledger.asset(asset_out).decimals.floor(swapped.amount_out)?;
        if !received.is_positive() {
            return Err(Refusal::Dust);
        }
        if received < min_out {
            let limit = deal.ledger.asset(asset_out).decimals.units(min_out);
            return Err(crp::Refusal::BelowLimit { found: swapped.amount_out, limit }.into());
        }
        let vault = market.slot(&running).vault;
        deal.ledger.transfer(actor, vault, asset_in, paid)?;
        deal.ledger.transfer(vault, actor, asset_out, received)?;
        let to_reserve = units.floor(swapped.to_reserve)?;
        if to_reserve.is_positive() {
            deal.ledger.transfer(vault, self.reserve_account()?, asset_in, to_reserve)?;
        }
        let price = if collateral_in { spot } else { 1.0 };
        let record = &mut self.loans[id.0 as usize].record;
        record.running.weight = swapped.next.weight_x;
        record.totals.fees_to_reserve += swapped.to_reserve * price;
        record.totals.rebalanced += amount * price;
        Ok(received)
    }

    /// The sale of collateral from which on the market no longer takes it: the reserve of the pool it is sold in.
    fn sale_depth(&self, deal: &Deal<'_>, id: LoanMarketId) -> f64 {
        let market = &self.loans[id.0 as usize];
        market.places.sales.map_or(f64::INFINITY, |pool| {
            deal.ledger.units(self.pools[pool.0 as usize].account, market.collateral)
        })
    }

    /// Sells collateral of `seller` where the market sells; answers with the loan tokens.
    pub(super) fn sell_collateral(
        &mut self,
        deal: &mut Deal<'_>,
        id: LoanMarketId,
        seller: AccountId,
        amount: Amount,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        let asset = market.collateral;
        match market.places.sales {
            None => {
                let order = Order::Sell { asset, amount: Size::Exact(amount) };
                self.exchange.perform(deal, seller, order, Amount::ZERO)
            }
            Some(pool) => self.swap_in(deal, seller, pool, asset, amount),
        }
    }

    /// Spends loan tokens of `buyer` on collateral where the market sells; answers with the collateral.
    pub(super) fn buy_collateral(
        &mut self,
        deal: &mut Deal<'_>,
        id: LoanMarketId,
        buyer: AccountId,
        tokens: Amount,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        match market.places.sales {
            None => {
                let order = Order::Buy { asset: market.collateral, dollars: Size::Exact(tokens) };
                self.exchange.perform(deal, buyer, order, Amount::ZERO)
            }
            Some(pool) => {
                let token = market.token;
                self.swap_in(deal, buyer, pool, token, tokens)
            }
        }
    }

    fn swap_in(
        &mut self,
        deal: &mut Deal<'_>,
        trader: AccountId,
        id: PoolId,
        asset: crate::quantity::AssetId,
        amount: Amount,
    ) -> Result<Amount, Refusal> {
        let side = if self.pool(id).coins[0] == asset {
            crate::protocol::amm::Side::SellBase
        } else {
            crate::protocol::amm::Side::BuyBase
        };
        let swap = PoolAction::Swap { pool: id, side, amount: Size::Exact(amount), min_out: Amount::ZERO };
        self.refuse_paused(deal.clock.now_seconds(), &Action::Pool(swap))?;
        let pool = &mut self.pools[id.0 as usize];
        self.undo.push(Undo::Pool(id, pool.record));
        pool.perform(deal, trader, swap, Amount::ZERO, Amount::ZERO)
    }
}
