//! The saver: keeps part of its wealth in fETH (or another stable asset) for as long as it trusts it.
//!
//! What it sees: the asset's price in one pool, its NAV, the collateral ratio and the stress mode, its own purse.
//!
//! *Trust* lies between 0 and 1. Each look gives a level that the facts support: one, less a term for how far the market
//! price is from the NAV, for a low collateral ratio, for each step of the stress mode, and for what the NAV has lost
//! against the level the saver is used to. Bad news counts at once, good news with a half-life: trust is easier destroyed
//! than created (Slovic 1993, "Perceived risk, trust, and democracy", Risk Analysis 13). Gains of the NAV do not add
//! trust; the level it is used to follows the NAV down with the same half-life (the reference point of Kahneman and
//! Tversky 1979). Linear terms are an assumption, and their weights are parameters.
//!
//! What it wants: `target_share x trust` of its wealth in the asset, adjusted only when it is off by a band and by a
//! smallest sum, over the cheapest route, and only if that does not cost too much (an inventory rule with fixed costs:
//! Baumol 1952, Tobin 1956). Below its own threshold of trust it panics: it sells a large share at once and bears a large
//! cost. Thresholds differ between savers, so that one flight can set off the next (Granovetter 1978, "Threshold models of
//! collective behavior"; Diamond and Dybvig 1983).
//!
//! Part of its fETH goes into the rebalance pool while what that is expected to yield beats the saver's reservation rate.
//! The expectation: its belief of the collateral's staking yield, of the part that the pool receives, spread over all that
//! is staked; and the redemption bonus on show, as if it came once a year. It leaves below half of the reservation rate, or
//! in panic; withdrawals wait for the pool's delay, which the saver knows.
//!
//! Savings are cash and the asset: collateral that liquidations bring is sold for cash.

mod profile;

use bevy_ecs::prelude::*;
pub use profile::SaverProfile;

use super::routes::{Market, treasury_quote};
use super::wallet::{Purse, Trade, remembered};
use super::{Awake, Eyes};
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY};
use crate::venue::execute::Network;
use crate::venue::pool::PoolId;
use crate::venue::treasury::FxAction;
use crate::venue::{Action, Mempool};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// A saver. Shares and rates as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct Saver {
    pub asset: AssetId,
    pub cash: AssetId,
    pub pool: PoolId,
    pub target_share: f32,
    pub band_share: f32,
    pub min_trade_usd: f32,
    pub most_cost_share: f32,
    pub slippage_share: f32,
    pub tolerated_deviation: f32,
    pub deviation_weight: f32,
    pub comfortable_ratio: f32,
    pub ratio_weight: f32,
    pub mode_weight: f32,
    pub loss_weight: f32,
    pub trust_half_life_days: f32,
    pub panic_trust: f32,
    pub panic_share: f32,
    pub panic_cost_share: f32,
    pub stake_share: f32,
    pub reservation_yield: f32,
    pub believed_stake_yield: f32,
    pub unlock_days: f32,
    pub memory: Memory,
}

/// What a saver remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Trust, 0 to 1.
    pub trust: f32,
    /// The NAV it is used to, dollars; zero before the first look.
    pub usual_nav: f32,
    /// Tick of the last look.
    pub looked: u32,
    /// Tick from which what it has withdrawn can be collected; the last of all ticks when nothing is on its way.
    pub unlocks: u32,
}

/// No withdrawal is on its way.
const NONE: u32 = u32::MAX;

/// What a saver sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The tick.
    pub tick: u32,
    /// Length of a tick, days.
    pub tick_days: f64,
    /// Price in the pool over the NAV, less one; `None` while the pool says nothing.
    pub deviation: Option<f64>,
    /// NAV of the asset, dollars.
    pub nav: f64,
    /// Collateral ratio of the treasury, if the asset is fETH.
    pub collateral_ratio: Option<f64>,
    /// Its stress mode.
    pub mode: StressMode,
    /// What the whole rebalance pool would yield per year for a belief of one, over what is staked: collateral value over
    /// staked value. `None` where there is no rebalance pool.
    pub collateral_over_staked: Option<f64>,
    /// Redemption bonus on show, as a share.
    pub redeem_bonus: f64,
    /// Cash.
    pub cash: Purse,
    /// The asset, at its market price.
    pub held: Purse,
    /// The asset in the rebalance pool.
    pub staked: Purse,
    /// Collateral waiting in the rebalance pool, dollars.
    pub waiting_usd: f64,
    /// Collateral in the wallet that is not cash.
    pub collateral: Purse,
}

/// A move into or out of the rebalance pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Staking {
    /// Deposit.
    Deposit(Amount),
    /// Begin to withdraw.
    Withdraw(Amount),
}

/// What a saver does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Choice {
    /// Buy or sell the asset.
    pub trade: Option<Trade>,
    /// Stake or unstake.
    pub staking: Option<Staking>,
    /// Collect what the rebalance pool has ready.
    pub collect: bool,
    /// Collateral to be sold for cash.
    pub tidy: Amount,
}

/// `weight x excess`, between 0 and 1; nothing for an excess that is no number.
fn worry(weight: f32, excess: f64) -> f64 {
    if weight > 0.0 && excess > 0.0 { (f64::from(weight) * excess).min(1.0) } else { 0.0 }
}

/// The trust that the facts support, before memory: 0 to 1.
#[must_use]
pub fn supported_trust(sight: &Sight, saver: &Saver) -> f64 {
    let off = sight.deviation.map_or(0.0, f64::abs);
    let short = sight.collateral_ratio.map_or(0.0, |ratio| f64::from(saver.comfortable_ratio) - ratio);
    let lost = 1.0 - sight.nav / f64::from(saver.memory.usual_nav);
    let fear = worry(saver.deviation_weight, off - f64::from(saver.tolerated_deviation))
        + worry(saver.ratio_weight, short)
        + worry(saver.mode_weight, f64::from(sight.mode as u8))
        + worry(saver.loss_weight, lost);
    (1.0 - fear).max(0.0)
}

/// Brings trust and the usual NAV up to what is seen.
pub fn learn(sight: &Sight, saver: &mut Saver) {
    let days = f64::from(sight.tick.saturating_sub(saver.memory.looked)) * sight.tick_days;
    let left = remembered(days, f64::from(saver.trust_half_life_days));
    let usual = f64::from(saver.memory.usual_nav);
    // Losses are felt against the level before it is forgotten.
    let supported = supported_trust(sight, saver);
    let trust = f64::from(saver.memory.trust);
    let trust = if supported < trust { supported } else { supported + (trust - supported) * left };
    saver.memory.trust = trust as f32;
    let usual = if sight.nav >= usual { sight.nav } else { sight.nav + (usual - sight.nav) * left } as f32;
    if usual.is_finite() && usual > 0.0 {
        saver.memory.usual_nav = usual;
    }
    saver.memory.looked = sight.tick;
}

/// Yield per year expected of the rebalance pool.
fn expected_stake_yield(sight: &Sight, saver: &Saver) -> Option<f64> {
    let spread = f64::from(saver.believed_stake_yield) * sight.collateral_over_staked?;
    Some(spread + sight.redeem_bonus.max(0.0))
}

/// What a saver does about what it sees; learns on the way.
#[must_use]
pub fn choose(sight: &Sight, saver: &mut Saver) -> Choice {
    learn(sight, saver);
    let mut choice = Choice::default();
    let min_trade = f64::from(saver.min_trade_usd);
    let worthwhile = |usd: f64| usd > 0.0 && usd >= min_trade;
    let due = saver.memory.unlocks <= sight.tick;
    if due {
        saver.memory.unlocks = NONE;
    }
    choice.collect = due || worthwhile(sight.waiting_usd);
    if worthwhile(sight.collateral.usd) {
        choice.tidy = sight.collateral.amount;
    }
    let own = sight.held.usd + sight.staked.usd;
    let wealth = own + sight.cash.usd + sight.collateral.usd + sight.waiting_usd;
    let mut withdraw_usd = 0.0;
    if saver.memory.trust < saver.panic_trust {
        let tokens = sight.held.amount.share(f64::from(saver.panic_share));
        if worthwhile(sight.held.usd * f64::from(saver.panic_share)) {
            let most_cost_share = f64::from(saver.panic_cost_share);
            choice.trade = Some(Trade::Sell { tokens, most_cost_share });
        }
        withdraw_usd = sight.staked.usd;
    } else {
        let gap = f64::from(saver.target_share * saver.memory.trust) * wealth - own;
        let most_cost_share = f64::from(saver.most_cost_share);
        if worthwhile(gap.abs()) && gap.abs() > f64::from(saver.band_share) * wealth {
            if gap > 0.0 {
                let spend = gap.min(sight.cash.usd);
                if worthwhile(spend) {
                    choice.trade = Some(Trade::Buy { cash: sight.cash.worth(spend), most_cost_share });
                }
            } else {
                let part = (-gap).min(sight.held.usd);
                if worthwhile(part) {
                    choice.trade = Some(Trade::Sell { tokens: sight.held.worth(part), most_cost_share });
                }
                withdraw_usd = -gap - sight.held.usd;
            }
        }
        if let (None, Some(expected)) = (choice.trade, expected_stake_yield(sight, saver)) {
            let reservation = f64::from(saver.reservation_yield);
            let more = (f64::from(saver.stake_share) * own - sight.staked.usd).min(sight.held.usd);
            if expected > reservation && worthwhile(more) {
                choice.staking = Some(Staking::Deposit(sight.held.worth(more)));
            } else if expected < 0.5 * reservation {
                withdraw_usd = sight.staked.usd;
            }
        }
    }
    // A second request would put off the first one's unlocking.
    if saver.memory.unlocks == NONE && !due && worthwhile(withdraw_usd) {
        choice.staking = Some(Staking::Withdraw(sight.staked.worth(withdraw_usd)));
        if saver.unlock_days > 0.0 {
            // The request stands in the next block at the latest; one tick more is on the safe side.
            let ticks = (f64::from(saver.unlock_days) / sight.tick_days).ceil() as u32;
            saver.memory.unlocks = sight.tick.saturating_add(ticks).saturating_add(1);
        }
    }
    choice
}

/// What the saver `id` sees; `None` while its asset has no value to compare with.
fn look(market: &Market<'_>, clock: &Clock, id: AccountId, saver: &Saver) -> Option<Sight> {
    let treasury = market.venues.treasury.as_ref();
    let fx = market.fx.filter(|(assets, _)| assets.feth == saver.asset);
    if fx.is_none() && treasury.is_some_and(|treasury| treasury.assets.feth == saver.asset) {
        return None;
    }
    // A stable asset without a treasury is meant to be worth a dollar.
    let nav = fx.map_or(1.0, |(_, view)| view.feth_nav);
    let worth = nav / market.oracle.dollar_token();
    let price = market.pool_price(saver.pool, saver.asset);
    let unit_usd = price.unwrap_or(worth);
    let held = market.spendable(id, saver.asset);
    let decimals = market.ledger.asset(saver.asset).decimals;
    let (mut staked, mut waiting_usd, mut collateral) = (Amount::ZERO, 0.0, Purse::default());
    let mut collateral_over_staked = None;
    if let Some((assets, view)) = fx {
        let (stake, waiting) = treasury.map_or((0.0, 0.0), |treasury| treasury.stake_of(id));
        staked = decimals.floor(stake.max(0.0)).unwrap_or(Amount::ZERO);
        waiting_usd = (waiting * market.value(assets.collateral).unwrap_or(0.0)).max(0.0);
        if assets.collateral != saver.cash {
            collateral = Purse::of(market, id, assets.collateral);
        }
        // Who thinks of staking counts its own deposit among those that share.
        let more = decimals.units(held) * f64::from(saver.stake_share);
        let shared = (view.staked_feth + more) * view.feth_nav;
        collateral_over_staked = (shared > 0.0).then(|| view.collateral * view.collateral_price / shared);
    }
    Some(Sight {
        tick: clock.tick().0,
        tick_days: clock.tick_seconds() as f64 / SECONDS_PER_DAY as f64,
        deviation: price.filter(|_| worth > 0.0).map(|price| price / worth - 1.0),
        nav,
        collateral_ratio: fx.and_then(|(_, view)| view.collateral_ratio),
        mode: fx.map_or(StressMode::Normal, |(_, view)| view.mode),
        collateral_over_staked,
        redeem_bonus: fx.map_or(0.0, |(_, view)| view.feth_redeem_bonus),
        cash: Purse::of(market, id, saver.cash),
        held: Purse::new(market, saver.asset, held, unit_usd),
        staked: Purse::new(market, saver.asset, staked, unit_usd),
        waiting_usd,
        collateral,
    })
}

/// Submits what those awake choose.
pub fn decide(mut awake: Awake<Saver>, eyes: Eyes, network: Res<Network>, mut mempool: ResMut<Mempool>) {
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id, saver| {
        let Some(sight) = look(&market, &eyes.clock, id, saver) else { return };
        let choice = choose(&sight, saver);
        let panics = saver.memory.trust < saver.panic_trust;
        let slippage = if panics { saver.panic_cost_share } else { saver.slippage_share };
        if let Some(trade) = choice.trade {
            trade.submit(&market, &mut mempool, id, saver.asset, saver.cash, f64::from(slippage));
        }
        if choice.collect {
            mempool.submit(id, &[Action::Fx(FxAction::CollectStake)]);
        }
        match choice.staking {
            Some(Staking::Deposit(amount)) => {
                mempool.submit(id, &[Action::Fx(FxAction::StakeFeth { feth: Size::Exact(amount) })]);
            }
            Some(Staking::Withdraw(amount)) => {
                mempool.submit(id, &[Action::Fx(FxAction::UnstakeFeth { feth: Size::Exact(amount) })]);
            }
            None => {}
        }
        if let (true, Some((assets, _))) = (choice.tidy.is_positive(), market.fx) {
            let sell = Trade::Sell { tokens: choice.tidy, most_cost_share: f64::from(saver.most_cost_share) };
            sell.submit(&market, &mut mempool, id, assets.collateral, saver.cash, f64::from(slippage));
        }
    });
}

#[cfg(test)]
mod tests;
