//! The transactions of a liquidity provider.

use super::super::routes::{Door, Market, Plan};
use super::{LiquidityProvider, coin_values};
use crate::quantity::Amount;
use crate::venue::Action;
use crate::venue::pool::PoolAction;
use crate::world::ledger::AccountId;
use crate::world::mempool::{MinimumGain, Size, Terms};

/// The transaction that adds liquidity worth at most `usd`: buys what is missing of either coin for cash, then adds.
///
/// What cannot be bought at a bearable cost is left out, and the addition becomes smaller; `None` if too little remains.
#[must_use]
pub fn plan_add(
    market: &Market<'_>,
    id: AccountId,
    provider: &LiquidityProvider,
    usd: f64,
) -> Option<(Plan, Terms)> {
    let pool = market.venues.pool(provider.pool);
    let values = coin_values(market, provider)?;
    let cash_value = market.value(provider.cash)?;
    let mut reserves = pool.reserves(market.ledger);
    let tvl_usd = reserves[0] * values[0] + reserves[1] * values[1];
    let slippage = f64::from(provider.slippage_share);
    let min_trade = f64::from(provider.min_trade_usd);
    let units = |place: usize, amount| market.ledger.asset(pool.coins[place]).decimals.units(amount);
    let mut balances = pool.coins.map(|coin| market.spendable(id, coin));
    let mut cash = market.spendable(id, provider.cash);
    let mut plan = Plan::EMPTY;
    let mut most = [Amount::ZERO; 2];
    for place in 0..2 {
        let coin = pool.coins[place];
        let needed = market.ledger.asset(coin).decimals.floor(reserves[place] * usd / tvl_usd).ok()?;
        let missing_usd = units(place, needed.saturating_less(balances[place])) * values[place];
        // A coin that is itself the cash cannot be bought with it.
        if missing_usd > 0.0 && missing_usd >= min_trade && coin != provider.cash {
            // A little more, so that costs do not leave the other coin unmatched.
            let price = missing_usd / cash_value * (1.0 + slippage);
            let price = market.ledger.asset(provider.cash).decimals.ceil(price).ok()?.min(cash);
            let most_cost = f64::from(provider.most_cost_share);
            let route = market.best(provider.cash, coin, price, slippage);
            if let Some(route) = route.filter(|route| route.cost_share.is_none_or(|cost| cost <= most_cost)) {
                plan = plan.and(&route.plan)?;
                cash = cash.saturating_less(route.paid);
                balances[place] = balances[place].checked_add(route.least)?;
                let other = 1 - place;
                if pool.coins[other] == provider.cash {
                    balances[other] = balances[other].min(cash);
                    most[other] = most[other].min(cash);
                }
                if route.door == Door::Pool(provider.pool) {
                    // Bought from the very reserves that the addition must match.
                    reserves[place] -= route.received;
                    reserves[other] += route.received * values[place] / values[other];
                }
            }
        }
        most[place] = needed.min(balances[place]);
    }
    let of_pool = |place: usize| units(place, most[place]) / reserves[place];
    let part = of_pool(0).min(of_pool(1));
    if !(part > 0.0 && part * tvl_usd >= min_trade) {
        return None;
    }
    // Slippage counts twice: the purchase may fall short of its quote, and the ratio of the reserves may move.
    let expected = part * market.ledger.supply_units(pool.shares) * (1.0 - 2.0 * slippage).max(0.0);
    let amount = market.ledger.asset(pool.shares).decimals.floor(expected).ok()?;
    let plan = plan.then(Action::Pool(PoolAction::AddLiquidity { pool: provider.pool, max: most }))?;
    let minimum_gain = Some(MinimumGain { asset: pool.shares, amount });
    Some((plan, Terms { minimum_gain, ..Terms::default() }))
}

/// The transaction that burns shares, and sells the base coin if that is wished and anyone takes it.
#[must_use]
pub fn plan_remove(
    market: &Market<'_>,
    id: AccountId,
    provider: &LiquidityProvider,
    shares: Amount,
    sell: bool,
) -> Plan {
    let pool = market.venues.pool(provider.pool);
    let mut plan = Plan::EMPTY;
    if shares.is_positive() {
        let burn = PoolAction::RemoveLiquidity { pool: provider.pool, shares: Size::Exact(shares) };
        plan = plan.then(Action::Pool(burn)).unwrap_or(plan);
    }
    if !sell {
        return plan;
    }
    let slippage = f64::from(provider.slippage_share);
    let supply = market.ledger.supply(pool.shares).atoms();
    let part = if supply > 0 { shares.atoms() as f64 / supply as f64 } else { 0.0 };
    let coin = pool.coins[0];
    // Others may trade first: counts on a little less than its part of today's reserves.
    let out = market.ledger.balance(pool.account, coin).share(part * (1.0 - slippage));
    let amount = market.spendable(id, coin).checked_add(out).unwrap_or(Amount::ZERO);
    let after = Market { leaving: Some((provider.pool, part)), ..*market };
    let sale = after.best(coin, provider.cash, amount, slippage).filter(|sale| {
        let usd = sale.received * market.value(provider.cash).unwrap_or(0.0);
        usd >= f64::from(provider.min_trade_usd)
    });
    // The sale's first action names an exact amount, so that it can follow any other.
    sale.and_then(|sale| plan.and(&sale.plan)).unwrap_or(plan)
}
