//! The arbitrageur (bot): trades away differences between pools, order books, the outside market and the treasury.
//!
//! It sees every price on chain and outside and what it owns itself. It wants dollars without risk: each trade is one
//! transaction that either ends with more of what it began with, by at least the bot's minimum profit after gas and fee,
//! or does not happen. Of the profit it expects it bids a share for priority, because others see the same; who comes too
//! late is refused and pays nothing.
//!
//! Behaviour: cyclic arbitrage and priority gas auctions as in P. Daian et al., "Flash Boys 2.0" (2019); the size of a
//! trade against a pool in [`size::optimal_pool_trade`], against a book in [`size::paying_depth`]. What holds a fast bot back is capital; what holds back a slow one
//! is attention: it is awake in a tick only with the probability `alertness`.

pub mod choice;
pub mod cycle;
pub mod market;
pub mod recycle;
pub mod size;

use std::collections::BTreeMap;

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::quantity::{Amount, AssetId};
use crate::venue::exchange::{Exchange, Order};
use crate::venue::execute::Network;
use crate::venue::{Action, Mempool};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::{MinimumGain, Size, Terms};
use crate::world::phase::Stage;
use choice::{MOST_TRADES, Trade, choose};
use cycle::{Cycle, MOST_LEGS, Places};
use market::{FxQuote, Leg, Market, Window};
use recycle::{Mix, PLACES};

/// An arbitrageur.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Arbitrageur {
    /// The pools and the order books it watches.
    pub watched: Places,
    /// The largest part of a holding that goes into one trade.
    pub max_trade_share: f32,
    /// What a trade must leave after gas and bid, in dollars.
    pub min_profit_usd: f32,
    /// The part of the expected profit that it bids for priority.
    pub bid_share: f32,
    /// The mix of dollars and coins to which it brings its inventory back.
    pub mix: Mix,
    /// The most trades it sends in a block.
    pub trades_per_block: u8,
}

impl Default for Arbitrageur {
    /// Watches everything with all it has, bids nothing and is content with any profit.
    fn default() -> Self {
        Self {
            watched: Places::ALL,
            max_trade_share: 1.0,
            min_profit_usd: 0.0,
            bid_share: 0.0,
            mix: Mix::default(),
            trades_per_block: MOST_TRADES as u8,
        }
    }
}

/// What arbitrageurs are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArbitrageurProfile {
    /// Probability of being awake in a tick, 0 to 1.
    pub alertness: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Names of the pools it watches; all of them (at most 64) if empty.
    #[serde(default)]
    pub pools: Vec<String>,
    /// Names of the order books it watches; all of them if empty.
    #[serde(default)]
    pub books: Vec<String>,
    /// The largest part of a holding that goes into one trade, 0 to 1.
    pub max_trade_share: Dist,
    /// What a trade must leave after gas and bid, in dollars.
    pub min_profit_usd: Dist,
    /// The part of the expected profit that it bids for priority, 0 to 1.
    pub bid_share: Dist,
    /// The most trades it sends in a block, 1 to 4.
    #[serde(default = "two")]
    pub trades_per_block: u8,
    /// Shares of dollars and outside coins, by ticker, to which it brings its inventory back; they add up to one. Empty:
    /// the inventory is left to drift.
    #[serde(default)]
    pub target_mix: BTreeMap<String, f64>,
    /// A share may be this far from its target before the bot trades it back, 0 to 1.
    #[serde(default = "a_fifth")]
    pub mix_tolerance: Dist,
}

fn two() -> u8 {
    2
}
fn a_fifth() -> Dist {
    Dist::Constant(0.2)
}

impl Archetype for Arbitrageur {
    const KIND: &'static str = "arbitrageur";
    type Profile = ArbitrageurProfile;

    fn problems(profile: &ArbitrageurProfile) -> Vec<ProfileProblem> {
        let mut check = Check::default()
            .law("alertness", &profile.alertness, 0.0, 1.0)
            .endowment(&profile.endowment)
            .law("max_trade_share", &profile.max_trade_share, 0.0, 1.0)
            .law("min_profit_usd", &profile.min_profit_usd, 0.0, f64::INFINITY)
            .law("bid_share", &profile.bid_share, 0.0, 1.0)
            .number("trades_per_block", f64::from(profile.trades_per_block), 1.0, MOST_TRADES as f64)
            .law("mix_tolerance", &profile.mix_tolerance, 0.0, 1.0);
        for (symbol, share) in &profile.target_mix {
            check = check.number(&format!("target_mix.{symbol}"), *share, 0.0, 1.0);
        }
        let mut problems = check.done();
        let whole: f64 = profile.target_mix.values().sum();
        if !profile.target_mix.is_empty() && ((whole - 1.0).abs() > 1e-9 || whole.is_nan()) {
            problems.push(ProfileProblem {
                field: "target_mix".into(),
                expected: "shares that add up to 1".into(),
                found: format!("a sum of {whole}"),
            });
        }
        problems
    }

    fn endowment(profile: &ArbitrageurProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &ArbitrageurProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let mut watched = Places {
            pools: if profile.pools.is_empty() { u64::MAX } else { 0 },
            books: if profile.books.is_empty() { u8::MAX } else { 0 },
        };
        for name in &profile.books {
            watched.books |= 1_u8.checked_shl(u32::from(around.book("books", name)?.0)).unwrap_or(0);
        }
        for name in &profile.pools {
            watched.pools |= 1_u64.checked_shl(u32::from(around.pool("pools", name)?.0)).unwrap_or(0);
        }
        let mut target = [0.0; PLACES];
        for (symbol, share) in &profile.target_mix {
            target[place_of(around, symbol)?] = *share as f32;
        }
        Ok(Drawn {
            activity: profile.alertness.sample(random),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self {
                watched,
                max_trade_share: profile.max_trade_share.sample(random) as f32,
                min_profit_usd: profile.min_profit_usd.sample(random) as f32,
                bid_share: profile.bid_share.sample(random) as f32,
                mix: Mix { target, tolerance: profile.mix_tolerance.sample(random) as f32 },
                trades_per_block: profile.trades_per_block,
            },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::BotBlock, decide);
    }
}

/// The assets that have a place in a mix, dollars first.
fn mixed(exchange: &Exchange) -> impl Iterator<Item = AssetId> + '_ {
    let coins = exchange.listings().iter().map(|listing| listing.asset);
    std::iter::once(exchange.dollar()).chain(coins).take(PLACES)
}

fn place_of(around: &Surroundings<'_>, symbol: &str) -> Result<usize, ProfileProblem> {
    let asset = around.asset("target_mix", symbol)?;
    mixed(&around.venues.exchange).position(|known| known == asset).ok_or_else(|| {
        let names: Vec<&str> =
            mixed(&around.venues.exchange).map(|known| around.ledger.asset(known).symbol.as_str()).collect();
        ProfileProblem {
            field: "target_mix".into(),
            expected: format!("the dollar or one of the first coins traded outside ({})", names.join(", ")),
            found: format!("`{symbol}`"),
        }
    })
}

/// Sends the trades of those awake.
///
/// What pays at the margin is looked for once a block; each bot then chooses by its own capital and minimum. A bot that
/// finds nothing brings its mix back instead.
pub fn decide(
    mut awake: Awake<Arbitrageur>,
    eyes: Eyes,
    network: Res<Network>,
    mut cycles: Local<Vec<Cycle>>,
    mut mempool: ResMut<Mempool>,
) {
    let ledger = &*eyes.ledger;
    let ask = |action, amount| {
        let treasury = eyes.venues.treasury.as_ref()?;
        treasury.quote(ledger, &eyes.oracle, &eyes.clock, action, amount).ok()
    };
    let ask: &FxQuote<'_> = &ask;
    let mut seen: Option<Market<'_>> = None;
    let gas_usd_per_action = ledger.asset(network.asset).decimals.units(network.gas_per_action);
    awake.each(|id, bot| {
        let market = seen.get_or_insert_with(|| {
            let treasury = eyes.venues.treasury.as_ref().and_then(|treasury| {
                let view = treasury.view(ledger, &eyes.oracle, &eyes.clock)?;
                Some(Window::new(treasury.assets, view, ask))
            });
            let market = Market { ledger, venues: &eyes.venues, oracle: &eyes.oracle, treasury };
            cycle::find(&market, &mut cycles);
            market
        });
        let wallet = |asset| ledger.units(id, asset);
        let trades = choose(bot, wallet, gas_usd_per_action, market, &mut cycles);
        for trade in trades.iter().flatten() {
            send(trade, &cycles[trade.cycle], bot, ledger, &network, &mut mempool, id);
        }
        if trades[0].is_none() {
            keep_mix(bot, market, gas_usd_per_action, &mut mempool, id);
        }
    });
}

/// Turns a chosen trade into a transaction that is undone unless it leaves the bot its minimum.
fn send(
    trade: &Trade,
    cycle: &Cycle,
    bot: &Arbitrageur,
    ledger: &Ledger,
    network: &Network,
    mempool: &mut Mempool,
    id: AccountId,
) {
    let mut actions = [Leg::Sell(trade.asset).action(Size::Previous); MOST_LEGS];
    let legs = cycle.legs(trade.entry);
    let count = legs.len();
    let amount = ledger.asset(trade.asset).decimals.floor(trade.amount).unwrap_or(Amount::ZERO);
    let amount = amount.min(ledger.balance(id, trade.asset));
    if !amount.is_positive() {
        return;
    }
    for (place, (action, leg)) in actions.iter_mut().zip(legs).enumerate() {
        *action = leg.action(if place == 0 { Size::Exact(amount) } else { Size::Previous });
    }
    let fee = ledger.asset(network.asset).decimals.floor(trade.bid_usd).unwrap_or(Amount::ZERO);
    mempool.submit_on(id, &actions[..count], terms(trade, bot, count, ledger, network, fee));
}

/// The conditions of a trade. Gas and fee are paid in dollars before the gain is counted: a trade in dollars need not add
/// them, one in another asset must earn them on top.
fn terms(
    trade: &Trade,
    bot: &Arbitrageur,
    actions: usize,
    ledger: &Ledger,
    network: &Network,
    priority_fee: Amount,
) -> Terms {
    let dollars = ledger.asset(network.asset).decimals;
    let paid = if trade.asset == network.asset {
        0.0
    } else {
        dollars.units(network.gas_per_action) * actions as f64 + dollars.units(priority_fee)
    };
    let least = (f64::from(bot.min_profit_usd) + paid) / trade.value;
    // A gain that does not fit the ledger cannot be reached: the transaction is then refused.
    let amount = ledger.asset(trade.asset).decimals.ceil(least).unwrap_or(Amount::MAX);
    Terms { priority_fee, minimum_gain: Some(MinimumGain { asset: trade.asset, amount }) }
}

/// Gas may take at most this part of what is traded to bring the mix back.
const LARGEST_GAS_SHARE: f64 = 1e-3;

/// Brings the mix back to its target on the outside market, if it has drifted too far and the gas is small against it.
fn keep_mix(bot: &Arbitrageur, market: &Market<'_>, gas_usd: f64, mempool: &mut Mempool, id: AccountId) {
    if bot.mix.target == [0.0; PLACES] {
        return;
    }
    let (exchange, ledger) = (&market.venues.exchange, market.ledger);
    let mut held = [0.0; PLACES];
    for (value, asset) in held.iter_mut().zip(mixed(exchange)) {
        *value = ledger.units(id, asset) * market.mid(asset).unwrap_or(0.0);
    }
    let Some(trade) = bot.mix.rebalance(held, f64::from(bot.max_trade_share)) else { return };
    let Some(asset) = mixed(exchange).nth(trade.place) else { return };
    let Some(mid) = market.mid(asset) else { return };
    if trade.dollars.abs() * LARGEST_GAS_SHARE < gas_usd {
        return;
    }
    let units = |asset: AssetId, units: f64| {
        ledger.asset(asset).decimals.floor(units).unwrap_or(Amount::ZERO).min(ledger.balance(id, asset))
    };
    let dollar = exchange.dollar();
    let order = if trade.dollars > 0.0 {
        // Gas comes out of the same dollars.
        let dollars = trade.dollars.min((held[0] - gas_usd).max(0.0));
        Order::Buy { asset, dollars: Size::Exact(units(dollar, dollars)) }
    } else {
        Order::Sell { asset, amount: Size::Exact(units(asset, -trade.dollars / mid)) }
    };
    mempool.submit(id, &[Action::Exchange(order)]);
}

#[cfg(test)]
mod tests;
