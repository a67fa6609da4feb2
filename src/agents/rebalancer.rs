//! The rebalancer (bot): an approved caller that trades collateral pools of loan markets back to the outside price.
//!
//! It sees every loan market (or those it is given), the outside price and its own dollars and collateral. Where a pool
//! asks less for its collateral than the market pays, it brings dollars and sells what it receives; where the pool pays
//! more, it buys outside and brings collateral; with collateral of its own it goes the same round from the other end. Each
//! round is one transaction that is refused unless it leaves the bot's minimum, so that who comes too late pays nothing.
//!
//! Only profit moves it. Where the weight of a pool moves with trades alone ([`crate::protocol::crp::Profile::Contract`])
//! a trade is quoted at the weight stored by the one before and stores the next: the bot follows with as many trades a
//! block as it may, as long as each pays, but does not trade at a loss to make a pool look at its weight. Such a pool
//! stays behind its delta until the price has moved far enough to pay for the trade that wakes it.
//!
//! Behaviour: on mainnet only approved callers, bots of the team, could trade with a collateral rebalancing pool
//! (`collateral-rebalancing-pool-v1` of `alexgo-io/alex-v1`); the size is the closed form of
//! [`crate::protocol::crp::arbitrage_trade`], less where spread and impact outside, capital or caps bind.

mod choice;

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::quantity::Amount;
use crate::venue::execute::Network;
use crate::venue::lending::LoanMarketId;
use crate::venue::{Action, Mempool, Venues};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::{MinimumGain, Terms};
use crate::world::phase::Stage;
pub use choice::{Entry, Purse, Sight, Trade, choose};

/// A rebalancer.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Rebalancer {
    /// The loan markets it watches, one bit each.
    pub markets: u64,
    /// The largest part of a holding that goes into one trade.
    pub max_trade_share: f32,
    /// What a trade must leave after gas and bid, in dollars.
    pub min_profit_usd: f32,
    /// The part of the expected profit that it bids for priority.
    pub bid_share: f32,
    /// The most trades it sends in a block.
    pub trades_per_block: u8,
}

/// What rebalancers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RebalancerProfile {
    /// Probability of being awake in a tick, 0 to 1.
    pub alertness: Dist,
    /// What it owns at the start: its capital.
    pub endowment: Endowment,
    /// Names of the loan markets it watches; all of them if empty.
    #[serde(default)]
    pub markets: Vec<String>,
    /// The largest part of a holding that goes into one trade, 0 to 1.
    pub max_trade_share: Dist,
    /// What a trade must leave after gas and bid, in dollars.
    pub min_profit_usd: Dist,
    /// The part of the expected profit that it bids for priority, 0 to 1.
    pub bid_share: Dist,
    /// The most trades it sends in a block, 1 to 16.
    #[serde(default = "four")]
    pub trades_per_block: u8,
}

fn four() -> u8 {
    4
}

/// The most trades of a bot in a block.
const MOST_TRADES: f64 = 16.0;

impl Archetype for Rebalancer {
    const KIND: &'static str = "rebalancer";
    type Profile = RebalancerProfile;

    fn problems(profile: &RebalancerProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("alertness", &profile.alertness, 0.0, 1.0)
            .endowment(&profile.endowment)
            .law("max_trade_share", &profile.max_trade_share, 0.0, 1.0)
            .law("min_profit_usd", &profile.min_profit_usd, 0.0, f64::INFINITY)
            .law("bid_share", &profile.bid_share, 0.0, 1.0)
            .number("trades_per_block", f64::from(profile.trades_per_block), 1.0, MOST_TRADES)
            .done()
    }

    fn endowment(profile: &RebalancerProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &RebalancerProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let mut markets = if profile.markets.is_empty() { u64::MAX } else { 0 };
        for name in &profile.markets {
            markets |= bit(market_of(around.venues, name)?);
        }
        Ok(Drawn {
            activity: profile.alertness.sample(random),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self {
                markets,
                max_trade_share: profile.max_trade_share.sample(random) as f32,
                min_profit_usd: profile.min_profit_usd.sample(random) as f32,
                bid_share: profile.bid_share.sample(random) as f32,
                trades_per_block: profile.trades_per_block,
            },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::BotBlock, decide);
    }
}

/// The place of a market among those that a bot watches.
fn bit(market: LoanMarketId) -> u64 {
    1_u64.checked_shl(u32::from(market.0)).unwrap_or(0)
}

fn market_of(venues: &Venues, name: &str) -> Result<LoanMarketId, ProfileProblem> {
    let place = venues.loans().iter().position(|market| market.name == name);
    place.map(|place| LoanMarketId(place as u8)).ok_or_else(|| {
        let known: Vec<&str> = venues.loans().iter().map(|market| market.name.as_str()).collect();
        let known = if known.is_empty() { "there is none".into() } else { known.join(", ") };
        ProfileProblem {
            field: "markets".into(),
            expected: format!("the name of a loan market ({known})"),
            found: format!("`{name}`"),
        }
    })
}

/// Sends the trades of those awake.
pub fn decide(
    mut awake: Awake<Rebalancer>,
    eyes: Eyes,
    network: Res<Network>,
    mut seen: Local<Vec<Sight>>,
    mut after: Local<Vec<Sight>>,
    mut mempool: ResMut<Mempool>,
) {
    let (ledger, venues, exchange) = (&*eyes.ledger, &*eyes.venues, &eyes.venues.exchange);
    if venues.loans().is_empty() {
        return;
    }
    let gas_usd = ledger.asset(network.asset).decimals.units(network.gas_per_action);
    let mut looked = false;
    awake.each(|id, bot| {
        if !looked {
            look(&eyes, &mut seen);
            looked = true;
        }
        after.clear();
        after.extend(seen.iter().filter(|sight| bot.markets & bit(sight.market) != 0));
        let mut purse = Purse { dollars: ledger.units(id, exchange.dollar()), bid_below_usd: f64::INFINITY };
        for _ in 0..bot.trades_per_block {
            let holds = |sight: &Sight| ledger.units(id, sight.collateral);
            let Some((place, trade)) = choose(bot, &purse, holds, gas_usd, exchange, &eyes.clock, &after)
            else {
                break;
            };
            let sent = send(&trade, &after[place], bot, ledger, &network, &mut mempool, id);
            if !sent {
                break;
            }
            purse.follow(&trade, gas_usd);
            after[place].view.pool = trade.next;
        }
    });
}

/// The collateral pools with which a trade pays at the margin.
fn look(eyes: &Eyes<'_>, seen: &mut Vec<Sight>) {
    seen.clear();
    seen.extend(eyes.venues.loans().iter().enumerate().filter_map(|(place, market)| {
        let view = eyes.venues.loan_view(market, &eyes.ledger, &eyes.oracle, &eyes.clock)?;
        // Inside the fee band there is nothing to do.
        Venues::rebalancing_trade(&view)?;
        Some(Sight { market: LoanMarketId(place as u8), collateral: market.collateral, view })
    }));
}

/// Turns a chosen trade into a transaction that is undone unless it leaves the bot its minimum. False for dust.
fn send(
    trade: &Trade,
    sight: &Sight,
    bot: &Rebalancer,
    ledger: &Ledger,
    network: &Network,
    mempool: &mut Mempool,
    id: AccountId,
) -> bool {
    let asset = trade.entry.asset(sight, network.asset);
    let decimals = ledger.asset(asset).decimals;
    let amount = decimals.floor(trade.amount).unwrap_or(Amount::ZERO).min(ledger.balance(id, asset));
    if !amount.is_positive() {
        return false;
    }
    let dollars = ledger.asset(network.asset).decimals;
    let priority_fee = dollars.floor(trade.bid_usd).unwrap_or(Amount::ZERO);
    // Gas and fee are paid in dollars before the gain is counted: a round in collateral must earn them on top.
    let paid = match trade.entry {
        Entry::Dollars => 0.0,
        Entry::Collateral => dollars.units(network.gas_per_action) * 2.0 + dollars.units(priority_fee),
    };
    let least = (f64::from(bot.min_profit_usd) + paid) / trade.value;
    // A gain that does not fit the ledger cannot be reached: the transaction is then refused.
    let least = decimals.ceil(least).unwrap_or(Amount::MAX);
    let terms = Terms { priority_fee, minimum_gain: Some(MinimumGain { asset, amount: least }) };
    let actions: [Action; 2] = trade.actions(sight, amount);
    mempool.submit_on(id, &actions, terms);
    true
}

#[cfg(test)]
mod tests;
