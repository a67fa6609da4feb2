//! What is done at the treasury: quotes, mints, redemptions, settlement, harvest, on the ledger.

use super::{FxAction, Treasury, TreasuryAssets};
use crate::protocol::fx::{self, Outcome, StressMode};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::oracle::Oracle;

impl Treasury {
    /// The protocol's answer to `action` with an input of `amount` units.
    fn outcome(
        &self,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
        action: FxAction,
        amount: f64,
    ) -> Result<Outcome, fx::Refusal> {
        let state = self.state(ledger);
        let now = self.conditions(ledger, oracle, clock);
        match action {
            FxAction::MintFeth { .. } => fx::mint_feth(&state, &self.rules, &now, amount),
            FxAction::MintXeth { .. } => fx::mint_xeth(&state, &self.rules, &now, amount),
            FxAction::RedeemFeth { .. } => fx::redeem_feth(&state, &self.rules, &now, amount),
            FxAction::RedeemXeth { .. } => fx::redeem_xeth(&state, &self.rules, &now, amount),
            FxAction::AddCollateral { .. } => fx::add_base(&state, &self.rules, &now, amount),
            FxAction::Liquidate { .. } => fx::user_rebalance(&state, &self.rules, &now, amount),
            _ => Ok(Outcome::still(state)),
        }
    }

    /// What `action` would pay out now for an input of `amount` units, in units of what it pays; an incentive is in it, a
    /// bonus from the reserve comes on top. For a harvest it is the caller's bounty. Other calls of keepers pay nothing:
    /// they are zero where the call would do something. Changes nothing.
    ///
    /// # Errors
    /// The refusal that performing it would meet (balances of the sender apart).
    pub fn quote(
        &self,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
        action: FxAction,
        amount: f64,
    ) -> Result<f64, Refusal> {
        let keeper = self.quote_keeper(ledger, oracle, clock, action);
        if let Some(answer) = keeper {
            return answer;
        }
        let outcome = self.outcome(ledger, oracle, clock, action, amount)?;
        Ok(match action {
            FxAction::MintFeth { .. } => outcome.feth_minted,
            FxAction::MintXeth { .. } | FxAction::AddCollateral { .. } => outcome.xeth_minted,
            _ => outcome.base_to_caller,
        })
    }

    /// What a keeper's call would bring its caller; none for actions that are no keeper's.
    fn quote_keeper(
        &self,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
        action: FxAction,
    ) -> Option<Result<f64, Refusal>> {
        let state = self.state(ledger);
        let now = self.conditions(ledger, oracle, clock);
        let value = self.valuation(ledger, oracle, clock);
        let ratio = value.map(|value| value.collateral_ratio());
        let possible = |possible: bool, why: Refusal| Some(if possible { Ok(0.0) } else { Err(why) });
        match action {
            FxAction::Settle => {
                Some(fx::settle(&state, &self.rules, &now).map(|_| 0.0).map_err(Refusal::from))
            }
            FxAction::Harvest => {
                let yielded = ledger.units(self.accounts.staking_yield, self.assets.collateral);
                let held = state.holdings.collateral + yielded;
                Some(
                    fx::harvest(&state, &self.rules, &now, held)
                        .map(|split| split.bounty)
                        .map_err(Refusal::from),
                )
            }
            FxAction::LiquidateRebalancePool => {
                let at_risk = self.record.pool.map_or(0.0, |pool| pool.at_risk());
                let below = ratio.is_some_and(|ratio| ratio < self.staking.rules.liquidation_ratio);
                possible(at_risk > 0.0 && below, Refusal::NothingToRebalance)
            }
            FxAction::ProtocolRebalance => {
                let mode =
                    value.map(|value| StressMode::at(value.collateral_ratio(), &self.rules.thresholds));
                let offered = match self.rules.generation {
                    fx::Generation::WhitePaper => now.reserve_balance > 0.0,
                    fx::Generation::EraA => true,
                    fx::Generation::Head => false,
                };
                possible(offered && mode == Some(StressMode::ProtocolRebalance), Refusal::NothingToRebalance)
            }
            _ => None,
        }
    }

    /// Lets the foundation open an empty treasury with a deposit that mints both tokens at one dollar.
    pub(in crate::venue) fn genesis(
        &mut self,
        deal: &mut Deal<'_>,
        founder: AccountId,
        paid: Amount,
    ) -> Result<Amount, Refusal> {
        let deposit = deal.ledger.asset(self.assets.collateral).decimals.units(paid);
        let now = self.conditions(deal.ledger, deal.oracle, deal.clock);
        let outcome = fx::mint_genesis(&self.state(deal.ledger), &self.rules, &now, deposit)?;
        self.book(deal, founder, paid, &outcome)
    }

    pub(in crate::venue) fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: FxAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        let (asset, size) = match action {
            FxAction::MintFeth { collateral }
            | FxAction::MintXeth { collateral }
            | FxAction::AddCollateral { collateral } => (self.assets.collateral, collateral),
            FxAction::RedeemFeth { feth } | FxAction::Liquidate { feth } => (self.assets.feth, feth),
            FxAction::RedeemXeth { xeth } => (self.assets.xeth, xeth),
            FxAction::Settle => return self.settle(deal),
            FxAction::Harvest => return self.harvest(deal, actor),
            FxAction::StakeFeth { feth } => return self.stake(deal, actor, feth.resolve(previous)),
            FxAction::UnstakeFeth { feth } => return self.unstake(deal, actor, feth.resolve(previous)),
            FxAction::CollectStake => return self.collect(deal, actor),
            FxAction::LiquidateRebalancePool => return self.liquidate_pool(deal, actor),
            FxAction::ProtocolRebalance => return Err(Refusal::NoTreasury),
        };
        let paid = size.resolve(previous);
        let amount = deal.ledger.asset(asset).decimals.units(paid);
        let outcome = self.outcome(deal.ledger, deal.oracle, deal.clock, action, amount)?;
        self.book(deal, actor, paid, &outcome)
    }

    /// Moves on the ledger what `outcome` says, for `actor`, who offered `offered` atoms; answers with what it received.
    pub(in crate::venue) fn book(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        offered: Amount,
        outcome: &Outcome,
    ) -> Result<Amount, Refusal> {
        let TreasuryAssets { collateral, feth, xeth } = self.assets;
        let vault = self.accounts.vault;
        let unit = deal.ledger.asset(collateral).decimals;
        let fee = unit.floor(outcome.base_to_platform)?;
        let mut received = Amount::ZERO;
        if outcome.base_paid_in > 0.0 {
            let paid = unit.ceil(outcome.base_paid_in)?.min(offered);
            deal.ledger.transfer(actor, vault, collateral, paid.saturating_less(fee))?;
            deal.ledger.transfer(actor, self.accounts.platform, collateral, fee)?;
        } else if fee.is_positive() {
            deal.ledger.transfer(vault, self.accounts.platform, collateral, fee)?;
        }
        for (asset, minted) in [(feth, outcome.feth_minted), (xeth, outcome.xeth_minted)] {
            let minted = deal.ledger.asset(asset).decimals.floor(minted)?;
            if minted.is_positive() {
                deal.ledger.mint(vault, actor, asset, minted)?;
                received = minted;
            }
        }
        for (asset, burned) in [(feth, outcome.feth_burned), (xeth, outcome.xeth_burned)] {
            if burned > 0.0 {
                let burned = deal.ledger.asset(asset).decimals.ceil(burned)?.min(offered);
                deal.ledger.burn(vault, actor, asset, burned)?;
            }
        }
        let paid_out = unit.floor(outcome.base_to_caller)?;
        if paid_out.is_positive() {
            deal.ledger.transfer(vault, actor, collateral, paid_out)?;
            received = paid_out;
        }
        if received.is_zero() {
            return Err(Refusal::Dust);
        }
        let reserve = deal.ledger.balance(self.accounts.reserve, collateral);
        let bonus = unit.floor(outcome.bonus_from_reserve)?.min(reserve);
        if bonus.is_positive() {
            deal.ledger.transfer(self.accounts.reserve, actor, collateral, bonus)?;
            if outcome.base_to_caller > 0.0 {
                received = received.checked_add(bonus).ok_or(Refusal::Dust)?;
            }
        }
        self.record.mark = outcome.next.mark;
        self.record.fees += unit.units(fee);
        self.record.bonuses += unit.units(bonus);
        self.record.incentives_usd += outcome.feth_nav_cut * outcome.next.holdings.feth_supply;
        Ok(received)
    }

    /// Settles the fETH NAV at the oracle's safe price.
    pub(in crate::venue) fn settle(&mut self, deal: &mut Deal<'_>) -> Result<Amount, Refusal> {
        let now = self.conditions(deal.ledger, deal.oracle, deal.clock);
        self.record.mark = fx::settle(&self.state(deal.ledger), &self.rules, &now)?.mark;
        self.record.settled_at_seconds = now.now_seconds;
        self.record.settlements = self.record.settlements.saturating_add(1);
        Ok(Amount::ZERO)
    }

    /// Hands out the collateral's staking yield: to the caller, to the rebalance pool, to the platform.
    fn harvest(&mut self, deal: &mut Deal<'_>, actor: AccountId) -> Result<Amount, Refusal> {
        let asset = self.assets.collateral;
        let unit = deal.ledger.asset(asset).decimals;
        let state = self.state(deal.ledger);
        let now = self.conditions(deal.ledger, deal.oracle, deal.clock);
        let source = self.accounts.staking_yield;
        let held = state.holdings.collateral + deal.ledger.units(source, asset);
        let split = fx::harvest(&state, &self.rules, &now, held)?;
        let bounty = unit.floor(split.bounty)?;
        if bounty.is_zero() {
            return Err(Refusal::Dust);
        }
        deal.ledger.transfer(source, actor, asset, bounty)?;
        let mut to_pool = unit.floor(split.to_rebalance_pool)?;
        match &mut self.record.pool {
            Some(pool) if to_pool.is_positive() => {
                *pool = pool.add_yield(unit.units(to_pool), now.now_seconds)?;
                deal.ledger.transfer(source, self.accounts.stakes, asset, to_pool)?;
            }
            _ => to_pool = Amount::ZERO,
        }
        let rest = unit.floor(split.yield_total)?.saturating_less(bounty).saturating_less(to_pool);
        let rest = rest.min(deal.ledger.balance(source, asset));
        deal.ledger.transfer(source, self.accounts.platform, asset, rest)?;
        self.record.mark = split.next.mark;
        Ok(bounty)
    }
}
