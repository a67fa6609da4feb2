//! Rescues that need more than the treasury alone: protocol rebalance and recapitalisation.
//!
//! A protocol rebalance turns collateral into fETH in the market and burns it. The white paper's spends the reserve, that
//! of September 2023 the treasury itself; either way the protocol stops where the market asks more than the fETH is worth
//! with the incentive, so that it never rebalances at a loss.
//!
//! Recapitalisation spends what stands in the recapitaliser's account, whether it was given to it at the start or raised by a
//! sale of governance tokens ([`super::issuance`]).

use serde::{Deserialize, Serialize};

use super::exchange::Order;
use super::pool::{Pool, PoolAction, PoolId};
use super::treasury::Treasury;
use super::{Action, Deal, Refusal, Undo, Venues};
use crate::protocol::amm::Side;
use crate::protocol::fx::{self, Generation, StressMode, Valuation};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::notes::Note;

/// What raised collateral does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum RecapitalisationWay {
    /// It mints xETH, which the recapitaliser keeps.
    #[default]
    MintXeth,
    /// It buys fETH in the market and redeems it.
    BuyFeth,
}

/// When and how the treasury is recapitalised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecapitalisationPolicy {
    /// The way taken.
    pub way: RecapitalisationWay,
    /// Collateral ratio aimed at.
    pub target_ratio: f64,
}

impl RecapitalisationPolicy {
    /// Collateral that lifts the ratio to the target by the way taken, in units; zero when it is there already.
    fn collateral_to_target(&self, value: &Valuation) -> Result<f64, fx::Refusal> {
        match self.way {
            RecapitalisationWay::MintXeth => fx::quote_xeth_to_mint(value, self.target_ratio),
            RecapitalisationWay::BuyFeth => {
                fx::quote_feth_to_redeem(value, self.target_ratio, value.feth_nav)
            }
        }
    }
}

impl Treasury {
    /// Collateral that is missing for the treasury to stand at the policy's target, in units. Under water it is what gives
    /// the claims a price again; the rest is known only then.
    pub(super) fn missing_collateral(&self, deal: &Deal<'_>, policy: RecapitalisationPolicy) -> f64 {
        let state = self.state(deal.ledger);
        let mut missing = hole(self, &state, deal);
        let value = self.valuation(deal.ledger, deal.oracle, deal.clock);
        if let Some(value) = value.filter(|value| missing <= 0.0 && value.xeth_nav > 0.0) {
            missing = policy.collateral_to_target(&value).unwrap_or(0.0);
        }
        missing.max(0.0)
    }
}

impl Venues {
    fn market_of(&self, asset: AssetId) -> Option<(PoolId, &Pool)> {
        let mut pools = self.pools.iter().enumerate();
        pools.find(|(_, pool)| pool.coins[0] == asset).map(|(place, pool)| (PoolId(place as u8), pool))
    }

    /// Buys fETH in the market with `spent` of the collateral that `buyer` holds, and answers with the fETH.
    fn buy_feth(
        &mut self,
        deal: &mut Deal<'_>,
        buyer: AccountId,
        collateral: AssetId,
        feth: AssetId,
        spent: Amount,
    ) -> Result<Amount, Refusal> {
        let (id, pool) = self.market_of(feth).ok_or(Refusal::NoMarket)?;
        let quote = pool.coins[1];
        let mut paid = spent;
        if quote != collateral {
            let order = Order::Sell { asset: collateral, amount: Size::Exact(spent) };
            paid = self.exchange.perform(deal, buyer, order, Amount::ZERO)?;
        }
        let swap = PoolAction::Swap {
            pool: id,
            side: Side::BuyBase,
            amount: Size::Exact(paid),
            min_out: Amount::ZERO,
        };
        self.refuse_paused(deal.clock.now_seconds(), &Action::Pool(swap))?;
        let pool = &mut self.pools[id.0 as usize];
        self.undo.push(Undo::Pool(id, pool.record));
        pool.perform(deal, buyer, swap, Amount::ZERO, Amount::ZERO)
    }

    /// Collateral that buys fETH in the market up to a price of `most_usd`, at most `need`, in units.
    fn affordable(
        &self,
        deal: &Deal<'_>,
        feth: AssetId,
        price: f64,
        most_usd: f64,
        need: f64,
    ) -> Option<f64> {
        let (_, pool) = self.market_of(feth)?;
        let quote_usd = self.exchange.mid(deal.oracle, pool.coins[1])?;
        let trade = pool.curve.arbitrage_trade(pool.reserves(deal.ledger), pool.fee, most_usd / quote_usd)?;
        let worth = trade.amount_in * quote_usd;
        (trade.side == Side::BuyBase).then(|| (worth / price).min(need)).filter(|units| *units > 0.0)
    }

    /// The rebalance by the protocol itself, called by a keeper.
    pub(super) fn protocol_rebalance(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
    ) -> Result<Amount, Refusal> {
        let Some(treasury) = &self.treasury else { return Err(Refusal::NoTreasury) };
        let (assets, accounts, rules) = (treasury.assets, treasury.accounts, treasury.rules);
        let state = treasury.state(deal.ledger);
        let now = treasury.conditions(deal.ledger, deal.oracle, deal.clock);
        let value = treasury.valuation(deal.ledger, deal.oracle, deal.clock).ok_or(Refusal::NoTreasury)?;
        let incentive = rules.incentives.protocol_rebalance;
        let need = fx::max_liquidatable(&value, rules.thresholds.protocol_rebalance, incentive)?;
        let from_reserve = rules.generation == Generation::WhitePaper;
        let need = if from_reserve { need.base.min(now.reserve_balance) } else { need.base };
        // The margin covers what the outside sale of collateral costs.
        let most_usd =
            value.feth_nav * (1.0 + incentive) * (1.0 - self.exchange.cost_share(need * value.price));
        let spend = self
            .affordable(deal, assets.feth, value.price, most_usd, need)
            .ok_or(Refusal::NothingToRebalance)?;
        let unit = deal.ledger.asset(assets.collateral).decimals;
        let buyer = if from_reserve { accounts.reserve } else { accounts.vault };
        let spent = unit.floor(spend)?.min(deal.ledger.balance(buyer, assets.collateral));
        let bought = self.buy_feth(deal, buyer, assets.collateral, assets.feth, spent)?;
        let feth = deal.ledger.asset(assets.feth).decimals.units(bought);
        let outcome = if from_reserve {
            fx::reserve_rebalance(&state, &rules, &now, feth)?
        } else {
            fx::protocol_rebalance(&state, &rules, &now, unit.units(spent), feth)?
        };
        let Some(treasury) = &mut self.treasury else { return Err(Refusal::NoTreasury) };
        treasury.record.rebalanced_feth += outcome.feth_burned;
        if from_reserve {
            let earned = treasury.book(deal, accounts.reserve, bought, &outcome)?;
            if unit.units(earned) < unit.units(spent) * outcome.feth_burned / feth {
                return Err(fx::Refusal::RebalanceWithLoss {
                    spent: unit.units(spent),
                    earned: unit.units(earned),
                }
                .into());
            }
        } else {
            // The fETH was bought from the vault's own collateral: it is burned there, and only the surplus moves.
            deal.ledger.burn(accounts.vault, accounts.vault, assets.feth, bought)?;
            let surplus = unit.floor(outcome.base_to_platform)?;
            deal.ledger.transfer(accounts.vault, accounts.platform, assets.collateral, surplus)?;
            treasury.record.mark = outcome.next.mark;
            treasury.record.incentives_usd += outcome.feth_nav_cut * outcome.next.holdings.feth_supply;
        }
        deal.notes.add(Note {
            tick: deal.clock.tick(),
            block: deal.clock.block(),
            agent: Some(actor),
            kind: "protocol_rebalance",
            subject: "treasury".into(),
            detail: format!(
                "{:.2} fETH bought with {:.4} collateral and burned",
                outcome.feth_burned,
                unit.units(spent)
            ),
            value: Some(outcome.feth_burned),
        });
        Ok(bought)
    }

    /// Recapitalises the treasury, as far as the recapitaliser can pay.
    ///
    /// Under water no token has a price: the collateral that fills the hole is given without anything in return. Above it
    /// the configured way is taken, up to the target ratio.
    ///
    /// # Errors
    /// What the verbs refuse; the caller then rolls back.
    pub(super) fn recapitalise(
        &mut self,
        deal: &mut Deal<'_>,
        policy: RecapitalisationPolicy,
    ) -> Result<Amount, Refusal> {
        let Some(treasury) = &mut self.treasury else { return Err(Refusal::NoTreasury) };
        let (assets, accounts) = (treasury.assets, treasury.accounts);
        let unit = deal.ledger.asset(assets.collateral).decimals;
        self.undo.push(Undo::Treasury(Box::new(treasury.record)));
        let state = treasury.state(deal.ledger);
        let hole = hole(treasury, &state, deal);
        let mut used = Amount::ZERO;
        if hole > 0.0 {
            let wanted = unit.ceil(hole)?;
            let gift = deal.ledger.balance(accounts.recapitaliser, assets.collateral).min(wanted);
            deal.ledger.transfer(accounts.recapitaliser, accounts.vault, assets.collateral, gift)?;
            used = gift;
        }
        let treasury_value = treasury.valuation(deal.ledger, deal.oracle, deal.clock);
        if let Some(value) = treasury_value.filter(|value| value.xeth_nav > 0.0 && !value.is_under_water()) {
            let wanted = unit.ceil(policy.collateral_to_target(&value)?)?;
            let raised = deal.ledger.balance(accounts.recapitaliser, assets.collateral).min(wanted);
            if raised.is_positive() {
                self.inject(deal, policy.way, raised)?;
                used = used.checked_add(raised).unwrap_or(used);
            }
        }
        if used.is_zero() {
            return Err(Refusal::NothingToRebalance);
        }
        let units = unit.units(used);
        self.on_treasury(|treasury| treasury.record.recapitalised += units);
        deal.notes.add(Note {
            tick: deal.clock.tick(),
            block: deal.clock.block(),
            agent: None,
            kind: "recapitalisation",
            subject: "treasury".into(),
            detail: format!(
                "{units:.4} collateral, {}",
                match policy.way {
                    RecapitalisationWay::MintXeth => "xETH minted",
                    RecapitalisationWay::BuyFeth => "fETH bought and redeemed",
                }
            ),
            value: Some(units),
        });
        Ok(used)
    }

    /// Dollars of collateral that would bring the treasury to the ratio aimed at; zero where it stands there or higher.
    pub(super) fn missing_usd(
        &self,
        deal: &Deal<'_>,
        value: Option<&Valuation>,
        policy: Option<RecapitalisationPolicy>,
    ) -> f64 {
        let (Some(treasury), Some(policy)) = (&self.treasury, policy) else { return 0.0 };
        let Ok(price) =
            treasury.conditions(deal.ledger, deal.oracle, deal.clock).oracle.price_for(fx::PriceUse::View)
        else {
            return 0.0;
        };
        // What closes the hole first, and then what the way taken asks for.
        let hole = hole(treasury, &treasury.state(deal.ledger), deal);
        let healthy = value.filter(|value| value.xeth_nav > 0.0 && !value.is_under_water());
        let above = healthy.map_or(0.0, |value| {
            let wanted = match policy.way {
                RecapitalisationWay::MintXeth => fx::quote_xeth_to_mint(value, policy.target_ratio),
                RecapitalisationWay::BuyFeth => {
                    fx::quote_feth_to_redeem(value, policy.target_ratio, value.feth_nav)
                }
            };
            wanted.unwrap_or(0.0)
        });
        let missing = (hole + above) * price;
        if missing.is_finite() { missing.max(0.0) } else { 0.0 }
    }

    fn inject(
        &mut self,
        deal: &mut Deal<'_>,
        way: RecapitalisationWay,
        raised: Amount,
    ) -> Result<Amount, Refusal> {
        let Some(treasury) = &mut self.treasury else { return Err(Refusal::NoTreasury) };
        let (assets, payer) = (treasury.assets, treasury.accounts.recapitaliser);
        let action = match way {
            RecapitalisationWay::MintXeth => {
                super::treasury::FxAction::MintXeth { collateral: Size::Exact(raised) }
            }
            RecapitalisationWay::BuyFeth => {
                let bought = self.buy_feth(deal, payer, assets.collateral, assets.feth, raised)?;
                super::treasury::FxAction::RedeemFeth { feth: Size::Exact(bought) }
            }
        };
        let Some(treasury) = &mut self.treasury else { return Err(Refusal::NoTreasury) };
        treasury.perform(deal, payer, action, Amount::ZERO)
    }
}

/// Collateral that is missing for the claims of fETH to be covered, in units; zero above water.
fn hole(treasury: &Treasury, state: &fx::State, deal: &Deal<'_>) -> f64 {
    let now = treasury.conditions(deal.ledger, deal.oracle, deal.clock);
    let Ok(price) = now.oracle.price_for(fx::PriceUse::View) else { return 0.0 };
    let Ok(multiple) = fx::feth_multiple(&state.mark, treasury.rules.beta, price) else { return 0.0 };
    let claims = state.holdings.feth_supply * state.mark.feth_nav * (1.0 + multiple);
    // A hair more than the hole: at a ratio of exactly one xETH still has no price.
    (claims * 1.0001 / price - state.holdings.collateral).max(0.0)
}

/// The stress mode, also where the contracts' own views refuse: under water it is recapitalisation.
#[must_use]
pub fn mode_of(treasury: &Treasury, value: Option<&Valuation>) -> StressMode {
    value.map_or(StressMode::Recapitalisation, |value| {
        StressMode::at(value.collateral_ratio(), &treasury.rules.thresholds)
    })
}
