//! The liquidity provider: puts both coins into a pool for as long as that pays.
//!
//! What it sees: the pool's fees and reserves, the fair price of its coins, the stress mode, its own purse.
//!
//! It expects a net return per year
//!
//! `fees + emissions - lvr_multiple x sigma^2 / 8`
//!
//! - *fees*: what the pool's providers earned since the last look over the value of its reserves, scaled to a year and
//!   remembered with a half-life;
//! - *emissions*: a rate that is plainly given and paid outside of these books; or, where it stakes its shares, what the
//!   staking pool pays for the lock that it thinks best, less what being locked is worth to it;
//! - `sigma`: its own estimate of the annual volatility of the fair price of base in quote, from the changes between its
//!   looks, remembered with the same half-life. Fair is the outside price or the NAV: the loss is to arbitrageurs who
//!   trade against *those* (Milionis, Moallemi, Roughgarden and Zhang 2022, "Automated market making and
//!   loss-versus-rebalancing": `sigma^2 / 8` of the value per year for a constant product, `w (1 - w) sigma^2 / 2` for
//!   weights `w`). `lvr_multiple` is 1 for the constant product; about `4 w (1 - w)` for weights; for a StableSwap pool
//!   close to balance, about how many times deeper it is than a constant product.
//!
//! What it does, with inertia: each look closes only a part of the gap. Above its reservation return it adds, up to a share
//! of its wealth, and not so much that its own liquidity thins the fees below the reservation return. Below that return it
//! still stays while the shortfall is within its *loyalty*; beyond, it withdraws. Loyal providers bear a large shortfall,
//! mercenary ones none. One that leaves in stress takes everything out from user-rebalance mode on, and may sell what it
//! gets in the same transaction.
//!
//! It adds both coins in one transaction with the purchase of what is missing, over the cheapest route.
//!
//! Where the pool has rules ([`rules`]): it adds up to the cap, and beyond it through further wallets if it is one of those
//! who split and the wallet pays for itself; it asks at the gate to leave, takes the request back when providing pays again,
//! and demands the more to stay the longer the queue is, which ends in a run; it commits liquidity for some cycles where that
//! is insured by a fund that can keep its promise, and leaves when they are over.

mod emissions;
mod plan;
mod profile;
pub mod rules;

use bevy_ecs::prelude::*;
pub use emissions::{StakesShares, Staking};
pub use plan::{plan_add, plan_remove, plan_request};
pub use profile::LiquidityProviderProfile;
use rules::{RulesSight, Standing, Through};

use super::routes::{Market, treasury_quote};
use super::wallet::{Purse, remembered};
use super::{Awake, Eyes};
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY};
use crate::venue::execute::Network;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::wallets::WalletAction;
use crate::venue::{Action, Mempool};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// A liquidity provider. Shares and rates as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct LiquidityProvider {
    pub pool: PoolId,
    pub cash: AssetId,
    pub leaves_in_stress: bool,
    pub sells_in_stress: bool,
    pub liquidity_share: f32,
    pub reservation_return: f32,
    pub loyalty: f32,
    pub emissions: f32,
    pub lvr_multiple: f32,
    pub memory_half_life_days: f32,
    pub adjustment_share: f32,
    pub min_trade_usd: f32,
    pub most_cost_share: f32,
    pub slippage_share: f32,
    pub gate_fear: f32,
    /// Infinite for who never splits its wallet.
    pub split_cost_usd: f32,
    pub commitment_cycles: u16,
    pub staking: Option<Staking>,
    pub memory: Memory,
}

/// What a liquidity provider remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Expected fees over value, per year.
    pub fee_return: f32,
    /// Expected variance of the fair price, per year.
    pub variance: f32,
    /// Fees the pool had charged at the last look, in quote; below zero before the first look.
    pub fees_quote: f64,
    /// Logarithm of the fair price of base in quote at the last look.
    pub log_price: f64,
    /// Tick of the last look.
    pub looked: u32,
}

/// What a liquidity provider sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The tick.
    pub tick: u32,
    /// Length of a tick, days.
    pub tick_days: f64,
    /// Fees the pool has charged since the start, in quote.
    pub fees_quote: f64,
    /// Value of one quote coin, dollars.
    pub quote_usd: f64,
    /// The part of the fees that providers keep.
    pub rebate: f64,
    /// Fair price of base in quote.
    pub fair_price: f64,
    /// Value of the pool's reserves, dollars.
    pub tvl_usd: f64,
    /// Stress mode of the treasury; normal where there is none.
    pub mode: StressMode,
    /// Own shares of the pool that can be taken out, in all its wallets.
    pub shares: Purse,
    /// Value of those in its own wallet, dollars.
    pub own_usd: f64,
    /// What it holds of base, quote and cash outside the pool, dollars.
    pub loose_usd: f64,
    /// What the pool's rules leave open.
    pub rules: RulesSight,
}

/// What a liquidity provider does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// Leave everything as it is.
    Stay,
    /// Add liquidity of this value.
    Add {
        /// Dollars.
        usd: f64,
        /// Into which wallet the shares go.
        through: Through,
    },
    /// Burn shares.
    Remove {
        /// How many.
        shares: Amount,
        /// Sell the base coin, what comes out and what is left in the purse, for cash.
        sell: bool,
    },
    /// Take back what waits at the gate.
    Cancel,
    /// Bind the shares in its own wallet.
    Commit {
        /// For how many cycles.
        cycles: u16,
    },
    /// Take out what was bound.
    Leave,
}

/// Brings the expectations up to what is seen.
pub fn learn(sight: &Sight, provider: &mut LiquidityProvider) {
    let memory = &mut provider.memory;
    let days = f64::from(sight.tick.saturating_sub(memory.looked)) * sight.tick_days;
    let log_price = if sight.fair_price > 0.0 { libm::log(sight.fair_price) } else { f64::NAN };
    let years = days / 365.0;
    if memory.fees_quote >= 0.0 && years > 0.0 {
        let left = remembered(days, f64::from(provider.memory_half_life_days));
        let earned = (sight.fees_quote - memory.fees_quote) * sight.rebate * sight.quote_usd;
        memory.fee_return = blend(memory.fee_return, earned / sight.tvl_usd / years, left);
        let moved = log_price - memory.log_price;
        memory.variance = blend(memory.variance, moved * moved / years, left);
    }
    if years > 0.0 || memory.fees_quote < 0.0 {
        memory.fees_quote = if sight.fees_quote.is_finite() { sight.fees_quote.max(0.0) } else { 0.0 };
        memory.looked = sight.tick;
        if log_price.is_finite() {
            memory.log_price = log_price;
        }
    }
}

/// What is left of the old and the rest of the new; the old where the new is no number.
fn blend(old: f32, new: f64, left: f64) -> f32 {
    let blended = (f64::from(old) * left + new * (1.0 - left)) as f32;
    if blended.is_finite() { blended.max(0.0) } else { old }
}

/// Net return that it expects, per year.
#[must_use]
pub fn expected_return(provider: &LiquidityProvider) -> f64 {
    f64::from(provider.memory.fee_return) + f64::from(provider.emissions) - lvr(provider)
}

fn lvr(provider: &LiquidityProvider) -> f64 {
    f64::from(provider.lvr_multiple) * f64::from(provider.memory.variance) / 8.0
}

/// The most that can be added before its own liquidity thins the fees below the reservation return.
fn room(sight: &Sight, provider: &LiquidityProvider) -> f64 {
    let fees = f64::from(provider.memory.fee_return);
    // fees x tvl / (tvl + add) = needed.
    let needed = f64::from(provider.reservation_return) + lvr(provider) - f64::from(provider.emissions);
    if needed > 0.0 { sight.tvl_usd * (fees / needed - 1.0).max(0.0) } else { f64::INFINITY }
}

/// What a liquidity provider does about what it sees; learns on the way.
#[must_use]
pub fn choose(sight: &Sight, provider: &mut LiquidityProvider) -> Choice {
    learn(sight, provider);
    let min_trade = f64::from(provider.min_trade_usd);
    if sight.rules.commitment == Standing::Ended {
        return Choice::Leave;
    }
    let fear = sight.rules.fear(provider);
    // Who is afraid does not wait to see: the gate is slow enough.
    let part = if fear > 0.0 { 1.0 } else { f64::from(provider.adjustment_share) };
    if provider.leaves_in_stress && sight.mode >= StressMode::UserRebalance {
        return if sight.shares.amount.is_positive() || provider.sells_in_stress {
            Choice::Remove { shares: sight.shares.amount, sell: provider.sells_in_stress }
        } else {
            Choice::Stay
        };
    }
    let expected = expected_return(provider);
    let reservation = f64::from(provider.reservation_return);
    if expected < reservation - f64::from(provider.loyalty) + fear {
        // What would be left over as crumbs goes too.
        let crumbs = sight.shares.usd * (1.0 - part) < min_trade;
        let shares = if crumbs { sight.shares.amount } else { sight.shares.amount.share(part) };
        return if shares.is_positive() { Choice::Remove { shares, sell: false } } else { Choice::Stay };
    }
    if expected > reservation + fear {
        if sight.rules.waits {
            return Choice::Cancel;
        }
        let loose = if sight.loose_usd.is_finite() { sight.loose_usd } else { 0.0 };
        let provided = sight.shares.usd + sight.rules.bound_usd;
        let gap = f64::from(provider.liquidity_share) * (provided + loose) - provided;
        let gap = gap.min(loose).min(room(sight, provider));
        let usd = if gap * part < min_trade { gap } else { gap * part };
        if usd > 0.0
            && usd >= min_trade
            && usd.is_finite()
            && let Some((through, usd)) = sight.rules.place(provider, usd, expected - reservation)
        {
            return Choice::Add { usd, through };
        }
        if let Some(cycles) = sight.rules.commitment(provider, sight.own_usd) {
            return Choice::Commit { cycles };
        }
    }
    Choice::Stay
}

/// Value of base and quote, dollars; a base coin without value of its own is worth what the pool pays.
fn coin_values(market: &Market<'_>, provider: &LiquidityProvider) -> Option<[f64; 2]> {
    let [base, quote] = market.venues.pool(provider.pool).coins;
    let base_usd = market.value(base).or_else(|| market.pool_price(provider.pool, base))?;
    Some([base_usd, market.value(quote)?])
}

/// What the provider `id` sees; `None` while the pool is empty or its coins have no value.
fn look(market: &Market<'_>, clock: &Clock, id: AccountId, provider: &LiquidityProvider) -> Option<Sight> {
    let pool = market.venues.pool(provider.pool);
    let [base_usd, quote_usd] = coin_values(market, provider)?;
    let reserves = pool.reserves(market.ledger);
    let tvl_usd = reserves[0] * base_usd + reserves[1] * quote_usd;
    let supply = market.ledger.supply_units(pool.shares);
    if !(tvl_usd > 0.0 && supply > 0.0) {
        return None;
    }
    let share_usd = tvl_usd / supply;
    let own = market.spendable(id, pool.shares);
    let further = market.venues.wallets().of(id).into_iter().flat_map(|owned| owned.open());
    // Parts of one supply, which fits.
    let further: i64 = further.map(|wallet| market.ledger.balance(wallet, pool.shares).atoms()).sum();
    let shares = Amount::from_atoms(own.atoms() + further);
    let mut loose_usd = Purse::new(market, pool.coins[0], market.spendable(id, pool.coins[0]), base_usd).usd
        + Purse::of(market, id, pool.coins[1]).usd;
    if !pool.coins.contains(&provider.cash) {
        loose_usd += Purse::of(market, id, provider.cash).usd;
    }
    Some(Sight {
        tick: clock.tick().0,
        tick_days: clock.tick_seconds() as f64 / SECONDS_PER_DAY as f64,
        fees_quote: pool.record.fees_quote,
        quote_usd,
        rebate: pool.rebate,
        fair_price: base_usd / quote_usd,
        tvl_usd,
        mode: market.fx.map_or(StressMode::Normal, |(_, view)| view.mode),
        shares: Purse::new(market, pool.shares, shares, share_usd),
        own_usd: Purse::new(market, pool.shares, own, share_usd).usd,
        loose_usd,
        rules: RulesSight::of(market, pool, id, share_usd, quote_usd),
    })
}

/// Takes `shares` out, or asks for it at the gate: from its own wallet first, then from further ones, each by itself.
fn remove(
    market: &Market<'_>,
    mempool: &mut Mempool,
    id: AccountId,
    provider: &LiquidityProvider,
    shares: Amount,
    sell: bool,
) {
    let pool = market.venues.pool(provider.pool);
    let own = shares.min(market.spendable(id, pool.shares));
    let gated = pool.provision.as_ref().is_some_and(|provision| provision.rules.gate.is_some());
    if gated {
        let plan = plan_request(market, id, provider, own, sell);
        if plan.count() > 0 {
            mempool.submit(id, plan.actions());
        }
    } else {
        mempool.submit(id, plan_remove(market, id, provider, own, sell).actions());
    }
    let mut left = shares.saturating_less(own);
    let further = market.venues.wallets().of(id).into_iter().flat_map(|owned| owned.open());
    for (wallet, account) in (0_u8..).zip(further) {
        let shares = left.min(market.ledger.balance(account, pool.shares));
        let waits = pool.provision.as_ref().is_some_and(|provision| provision.request(account).is_some());
        if !shares.is_positive() || waits {
            continue;
        }
        left = left.saturating_less(shares);
        let pool = provider.pool;
        let action = if gated {
            WalletAction::RequestWithdrawal { wallet, pool, shares }
        } else {
            WalletAction::RemoveLiquidity { wallet, pool, shares }
        };
        mempool.submit(id, &[Action::Wallet(action)]);
    }
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<LiquidityProvider>,
    eyes: Eyes,
    network: Res<Network>,
    mut mempool: ResMut<Mempool>,
) {
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id, provider| {
        let Some(mut sight) = look(&market, &eyes.clock, id, provider) else { return };
        emissions::see(&market, &eyes.clock, id, provider, &mut sight);
        let choice = choose(&sight, provider);
        emissions::tend(&market, &eyes.clock, id, provider, choice, &mut mempool);
        match choice {
            Choice::Stay => {}
            Choice::Add { usd, through } => {
                if let Some((plan, terms)) = plan_add(&market, id, provider, usd, through) {
                    mempool.submit_on(id, plan.actions(), terms);
                }
            }
            Choice::Remove { shares, sell } => {
                remove(&market, &mut mempool, id, provider, shares, sell);
            }
            Choice::Cancel => {
                for action in plan::cancellations(&market, id, provider) {
                    mempool.submit(id, &[action]);
                }
            }
            Choice::Commit { cycles } => {
                let shares = Size::Exact(market.spendable(id, market.venues.pool(provider.pool).shares));
                let commit = PoolAction::Commit { pool: provider.pool, shares, cycles };
                mempool.submit(id, &[Action::Pool(commit)]);
            }
            Choice::Leave => {
                mempool.submit(id, &[Action::Pool(PoolAction::Leave { pool: provider.pool })]);
            }
        }
    });
}

#[cfg(test)]
mod tests;
