//! Staking of a provider's shares for new governance tokens.
//!
//! What it expects of emissions is then no number it is told, but what the pool's schedule pays at the token's price for the
//! lock that suits it best. Shares that are staked count as provided, and cannot be taken out before their lock ends.

use serde::{Deserialize, Serialize};

use super::super::commitment::{Farm, Patience, best_lock};
use super::super::profile::{Check, ProfileProblem, Surroundings};
use super::super::routes::Market;
use super::super::wallet::Trade;
use super::{Choice, LiquidityProvider, Sight};
use crate::numerics::distribution::Dist;
use crate::quantity::{Amount, AssetId};
use crate::venue::pool::PoolId;
use crate::venue::stake_pools::{EmissionPoolId, StakeAction};
use crate::venue::{Action, Mempool};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// How a provider stakes its shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakesShares {
    /// Longest lock that it accepts, cycles.
    pub lock_cycles: Dist,
    /// Return per year that it asks for each cycle of lock beyond the first.
    pub lock_premium_per_year: Dist,
    /// Sells the tokens that it is paid.
    pub sells_rewards: bool,
}

impl StakesShares {
    pub(super) fn check(&self, check: Check) -> Check {
        check.law("stakes_shares.lock_cycles", &self.lock_cycles, 1.0, 32.0).law(
            "stakes_shares.lock_premium_per_year",
            &self.lock_premium_per_year,
            0.0,
            f64::INFINITY,
        )
    }

    pub(super) fn draw(
        &self,
        around: &Surroundings<'_>,
        pool: PoolId,
        draw: &mut impl FnMut(&Dist) -> f32,
    ) -> Result<Staking, ProfileProblem> {
        let shares = around.venues.pool(pool).shares;
        let farm = around.venues.stakes().for_asset(shares).ok_or_else(|| ProfileProblem {
            field: "stakes_shares".into(),
            expected: "a staking pool for the shares of the pool".into(),
            found: "none".into(),
        })?;
        let patience =
            Patience { longest_cycles: draw(&self.lock_cycles), premium: draw(&self.lock_premium_per_year) };
        Ok(Staking { farm, patience, sells_rewards: self.sells_rewards, lock_cycles: 1 })
    }
}

/// Where and for how long a provider stakes its shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staking {
    /// The staking pool.
    pub farm: EmissionPoolId,
    /// How long it would be locked, and what for.
    pub patience: Patience,
    /// Sells what it is paid.
    pub sells_rewards: bool,
    /// The lock that it thinks best.
    pub lock_cycles: u8,
}

/// Adds what is staked to what the provider sees, and brings what it expects of emissions up to date.
pub(super) fn see(
    market: &Market<'_>,
    clock: &Clock,
    id: AccountId,
    provider: &mut LiquidityProvider,
    sight: &mut Sight,
) {
    let Some(staking) = &mut provider.staking else { return };
    let Some(farm) = Farm::of(market.venues, market.ledger, market.oracle, clock, staking.farm) else {
        return;
    };
    let supply = market.ledger.supply_units(farm.pool.asset);
    let share_usd = if supply > 0.0 { sight.tvl_usd / supply } else { 0.0 };
    let scale = market.ledger.asset(farm.pool.asset).decimals;
    let staked = market.venues.stakes().principal_of(farm.pool.asset, id);
    let staked_usd = scale.units(staked) * share_usd;
    // The reward is shared with what it would add itself: with all that it would ever provide.
    let loose_usd = if sight.loose_usd.is_finite() { sight.loose_usd } else { 0.0 };
    let all_usd = f64::from(provider.liquidity_share) * (sight.shares.usd + staked_usd + loose_usd);
    let further = if share_usd > 0.0 { (all_usd - staked_usd).max(0.0) / share_usd } else { 0.0 };
    let further = scale.floor(further).unwrap_or(Amount::ZERO).max(sight.shares.amount);
    sight.shares.usd += staked_usd;
    let over = farm.reward_over_stake(market.ledger, share_usd);
    let lock = best_lock(farm.pool, clock, staking.patience, further, over);
    provider.emissions = lock.map_or(0.0, |lock| lock.net.max(0.0) as f32);
    staking.lock_cycles = lock.map_or(1, |lock| lock.cycles as u8);
}

/// Claims what is due, stakes what is not on its way out, sells what it was paid.
pub(super) fn tend(
    market: &Market<'_>,
    clock: &Clock,
    id: AccountId,
    provider: &LiquidityProvider,
    choice: Choice,
    mempool: &mut Mempool,
) {
    let Some(staking) = &provider.staking else { return };
    let Some(farm) = Farm::of(market.venues, market.ledger, market.oracle, clock, staking.farm) else {
        return;
    };
    let min_trade = f64::from(provider.min_trade_usd);
    let staker = farm.pool.staker(id);
    let [reward, principal] = staker.map_or([Amount::ZERO; 2], |staker| farm.pool.due(clock, staker));
    let claims = principal.is_positive() || farm.pool.tokens(reward) * farm.token_usd >= min_trade;
    let claim = Action::Stake(StakeAction::Claim { pool: farm.id });
    let free = market.ledger.balance(id, farm.pool.asset).checked_add(principal).unwrap_or(Amount::ZERO);
    let stays = !matches!(choice, Choice::Remove { .. }) && provider.emissions > 0.0 && wants_in(provider);
    if stays && farm.pool.cycle(clock).is_some() && free.is_positive() {
        let (amount, lock_cycles) = (Size::Exact(free), u32::from(staking.lock_cycles));
        let stake = Action::Stake(StakeAction::Stake { pool: farm.id, amount, lock_cycles });
        if claims {
            mempool.submit(id, &[claim, stake]);
        } else {
            mempool.submit(id, &[stake]);
        }
    } else if claims {
        mempool.submit(id, &[claim]);
    }
    if staking.sells_rewards {
        sell(market, id, provider, farm.accounts.token, farm.token_usd, mempool);
    }
}

/// What it would not take out if it could.
fn wants_in(provider: &LiquidityProvider) -> bool {
    super::expected_return(provider) >= f64::from(provider.reservation_return) - f64::from(provider.loyalty)
}

fn sell(
    market: &Market<'_>,
    id: AccountId,
    provider: &LiquidityProvider,
    token: AssetId,
    token_usd: f64,
    mempool: &mut Mempool,
) {
    let tokens = market.ledger.balance(id, token);
    if market.ledger.asset(token).decimals.units(tokens) * token_usd >= f64::from(provider.min_trade_usd) {
        let sale = Trade::Sell { tokens, most_cost_share: f64::from(provider.most_cost_share) };
        sale.submit(market, mempool, id, token, provider.cash, f64::from(provider.slippage_share));
    }
}
