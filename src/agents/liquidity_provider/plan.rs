//! The transactions of a liquidity provider.

use super::super::routes::{Door, Market, Plan};
use super::rules::Through;
use super::{LiquidityProvider, coin_values};
use crate::protocol::liquidity::gate::GateRule;
use crate::quantity::Amount;
use crate::venue::Action;
use crate::venue::pool::PoolAction;
use crate::venue::wallets::WalletAction;
use crate::world::ledger::AccountId;
use crate::world::mempool::{MinimumGain, Size, Terms};

/// The transaction that adds liquidity worth at most `usd` through a wallet of its: buys what is missing of either coin for cash, then adds.
///
/// What cannot be bought at a bearable cost is left out, and the addition becomes smaller; `None` if too little remains.
#[must_use]
pub fn plan_add(
    market: &Market<'_>,
    id: AccountId,
    provider: &LiquidityProvider,
    usd: f64,
    through: Through,
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
    let mut wallet = None;
    match through {
        Through::Own => {}
        Through::Further(place) => wallet = Some(place),
        Through::Fresh => {
            wallet = market.venues.wallets().of(id).map(|owned| owned.opened);
            let dollar = market.ledger.asset(market.venues.exchange.dollar());
            let cost = dollar.decimals.ceil(f64::from(provider.split_cost_usd)).ok()?;
            plan = plan.then(Action::Wallet(WalletAction::Open { cost }))?;
            // What is spent on the wallet cannot be provided.
            cash = cash.saturating_less(cost);
            for (balance, coin) in balances.iter_mut().zip(pool.coins) {
                if coin == market.venues.exchange.dollar() {
                    *balance = balance.saturating_less(cost);
                }
            }
        }
    }
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
    if let Some(wallet) = wallet {
        // The shares go elsewhere, so that no gain of its own can be demanded: at most the coins named are taken.
        let add = WalletAction::AddLiquidity { wallet, pool: provider.pool, max: most };
        return Some((plan.then(Action::Wallet(add))?, Terms::default()));
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

/// The transaction that asks for `shares` of its own wallet at the gate and, if it sells, sells what base coins it has.
///
/// Who waits already asks anew for all of it where everybody is served in proportion; where the first come first, the place
/// in the queue is worth more.
#[must_use]
pub fn plan_request(
    market: &Market<'_>,
    id: AccountId,
    provider: &LiquidityProvider,
    shares: Amount,
    sell: bool,
) -> Plan {
    let pool = provider.pool;
    let ask = |shares| Action::Pool(PoolAction::RequestWithdrawal { pool, shares: Size::Exact(shares) });
    let provision = market.venues.pool(pool).provision.as_ref();
    let waits = provision.and_then(|provision| provision.request(id)).map(|(_, request)| request.shares);
    let in_proportion = provision
        .and_then(|provision| provision.rules.gate)
        .is_some_and(|gate| gate.rule == GateRule::ProRata);
    let request = match waits {
        _ if !shares.is_positive() => None,
        None => Plan::EMPTY.then(ask(shares)),
        Some(waiting) if in_proportion => {
            let cancel = Plan::EMPTY.then(Action::Pool(PoolAction::CancelWithdrawal { pool }));
            // Both are parts of one supply, which fits.
            cancel.and_then(|plan| plan.then(ask(Amount::from_atoms(waiting.atoms() + shares.atoms()))))
        }
        Some(_) => None,
    };
    let request = request.unwrap_or(Plan::EMPTY);
    if !sell {
        return request;
    }
    let sale = plan_remove(market, id, provider, Amount::ZERO, true);
    request.and(&sale).unwrap_or(request)
}

/// One action for each of its wallets that waits at the gate: the shares come back.
pub(super) fn cancellations(market: &Market<'_>, id: AccountId, provider: &LiquidityProvider) -> Vec<Action> {
    let pool = provider.pool;
    let Some(provision) = &market.venues.pool(pool).provision else { return Vec::new() };
    let waits = |account| provision.request(account).is_some();
    let own = waits(id).then_some(Action::Pool(PoolAction::CancelWithdrawal { pool }));
    let further = market.venues.wallets().of(id).into_iter().flat_map(|owned| owned.open());
    let further = (0_u8..)
        .zip(further)
        .filter(|(_, account)| waits(*account))
        .map(|(wallet, _)| Action::Wallet(WalletAction::CancelWithdrawal { wallet, pool }));
    own.into_iter().chain(further).collect()
}
