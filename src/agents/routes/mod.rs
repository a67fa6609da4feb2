//! The cheapest way from one asset to another: outside, through a pool, in an order book, or at the f(x) treasury.
//!
//! An agent that wants fETH for its dollars can buy it in a pool, or buy ETH outside and mint; with xETH in hand it can
//! sell or redeem. Each way is quoted for the size in question, price impact included, then compared net of fees, gas and
//! bonuses. Quotes look at the world as it is now; what happens between now and the block is bounded by a slippage limit.
//!
//! Everything is counted in on-chain dollars, as in [`crate::venue::Valuation`].

mod plan;

use plan::GAS_RESERVE_ACTIONS;
pub use plan::Plan;

use super::Eyes;
use crate::protocol::amm::Side;
use crate::protocol::order_book;
use crate::quantity::{Amount, AssetId};
use crate::venue::book::{BookAction, BookId};
use crate::venue::exchange::Order;
use crate::venue::execute::Network;
use crate::venue::pool::{Pool, PoolAction, PoolId};
use crate::venue::treasury::{FxAction, FxView, TreasuryAssets};
use crate::venue::{Action, Venues};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::{MinimumGain, Terms};
use crate::world::oracle::Oracle;

/// Where a route changes the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// On the outside market alone.
    Outside,
    /// In a pool.
    Pool(PoolId),
    /// In an order book.
    Book(BookId),
    /// By an ordinary mint or redemption at the treasury.
    Treasury,
    /// By adding collateral or liquidating, with an incentive.
    Incentive,
}

/// A way to change one asset into another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Route {
    /// Where the token changes hands.
    pub door: Door,
    /// What to do.
    pub plan: Plan,
    /// What goes in, exactly.
    pub paid: Amount,
    /// What is expected to come out, in units.
    pub received: f64,
    /// What is paid beside it by the reserve, in dollars.
    pub bonus_usd: f64,
    /// The part of the value that is lost on the way, gas and bonuses counted; below zero for a bargain. `None` where
    /// one of the two assets has no value of its own.
    pub cost_share: Option<f64>,
    /// What must at least come out: expected, less slippage.
    pub least: Amount,
    /// The condition under which the transaction stands.
    pub terms: Terms,
}

/// What the treasury would pay out for an input of so many units; `None` where it refuses.
pub type FxQuote<'w> = dyn Fn(FxAction, f64) -> Option<f64> + 'w;

/// Asks the treasury in an agent's sight.
#[must_use]
pub fn treasury_quote(eyes: &Eyes<'_>, action: FxAction, amount: f64) -> Option<f64> {
    let treasury = eyes.venues.treasury.as_ref()?;
    treasury.quote(&eyes.ledger, &eyes.oracle, &eyes.clock, action, amount).ok()
}

/// All places to trade, as an agent sees them now.
#[derive(Clone, Copy)]
pub struct Market<'w> {
    /// Balances.
    pub ledger: &'w Ledger,
    /// The exchange and the pools.
    pub venues: &'w Venues,
    /// Outside prices.
    pub oracle: &'w Oracle,
    /// What gas costs.
    pub network: &'w Network,
    /// The treasury's assets and what it shows, if it is open.
    pub fx: Option<(TreasuryAssets, FxView)>,
    /// The treasury's quotes.
    pub fx_quote: &'w FxQuote<'w>,
    /// The part of a pool's reserves that the agent takes out before it trades, in the same transaction.
    pub leaving: Option<(PoolId, f64)>,
}

/// A market order that would leave more of its input than the rest of this is no way to change it.
const LEAST_USED: f64 = 0.99;

impl<'w> Market<'w> {
    /// The market before these eyes; `fx_quote` is [`treasury_quote`] with the same eyes.
    #[must_use]
    pub fn new(eyes: &'w Eyes<'_>, network: &'w Network, fx_quote: &'w FxQuote<'w>) -> Self {
        let treasury = eyes.venues.treasury.as_ref();
        let fx = treasury.and_then(|treasury| {
            Some((treasury.assets, treasury.view(&eyes.ledger, &eyes.oracle, &eyes.clock)?))
        });
        Self {
            ledger: &eyes.ledger,
            venues: &eyes.venues,
            oracle: &eyes.oracle,
            network,
            fx,
            fx_quote,
            leaving: None,
        }
    }

    /// The value of one unit: outside mid price, or NAV; `None` for what has neither.
    #[must_use]
    pub fn value(&self, asset: AssetId) -> Option<f64> {
        let nav = || {
            let (assets, view) = self.fx.as_ref()?;
            let nav = match asset {
                asset if asset == assets.feth => view.feth_nav,
                asset if asset == assets.xeth => view.xeth_nav,
                _ => return None,
            };
            Some(nav / self.oracle.dollar_token())
        };
        let value = self.venues.exchange.mid(self.oracle, asset).or_else(nav);
        value.filter(|value| value.is_finite() && *value >= 0.0)
    }

    /// The marginal price of `asset` in a pool, if its other coin trades outside.
    #[must_use]
    pub fn pool_price(&self, pool: PoolId, asset: AssetId) -> Option<f64> {
        let pool = self.venues.pools().get(pool.0 as usize)?;
        let price = pool.price(self.ledger)?;
        let outside = |coin| self.venues.exchange.mid(self.oracle, coin);
        if pool.coins[0] == asset {
            Some(price * outside(pool.coins[1])?)
        } else if pool.coins[1] == asset {
            Some(outside(pool.coins[0])? / price)
        } else {
            None
        }
    }

    /// What `account` can spend of `asset`: all of it, but for the gas of a few actions where that is what gas costs.
    #[must_use]
    pub fn spendable(&self, account: AccountId, asset: AssetId) -> Amount {
        let balance = self.ledger.balance(account, asset);
        if asset == self.network.asset {
            balance.saturating_less(self.gas(GAS_RESERVE_ACTIONS))
        } else {
            balance
        }
    }

    fn gas(&self, actions: u8) -> Amount {
        Amount::from_atoms(self.network.gas_per_action.atoms().saturating_mul(i64::from(actions)))
    }

    fn gas_value(&self, actions: u8) -> f64 {
        let units = self.ledger.asset(self.network.asset).decimals.units(self.gas(actions));
        units * self.value(self.network.asset).unwrap_or(0.0)
    }

    /// The best route for `amount` of `from` into `to`, if there is any.
    #[must_use]
    pub fn best(&self, from: AssetId, to: AssetId, amount: Amount, slippage: f64) -> Option<Route> {
        let paid = self.ledger.asset(from).decimals.units(amount);
        if !amount.is_positive() || from == to {
            return None;
        }
        let start =
            Way { door: Door::Outside, plan: Plan::EMPTY, amount, at: from, units: paid, bonus_usd: 0.0 };
        let mut best: Option<(f64, Way)> = None;
        let mut consider = |way: Option<Way>| {
            if let Some(way) = way.filter(|way| way.at == to && way.units > 0.0 && way.units.is_finite()) {
                let score = match self.value(to) {
                    Some(value) => way.units * value + way.bonus_usd - self.gas_value(way.plan.count()),
                    None => way.units,
                };
                if score.is_finite() && best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                    best = Some((score, way));
                }
            }
        };
        consider(self.outside(start, to));
        for (place, pool) in self.venues.pools().iter().enumerate() {
            for side in [Side::SellBase, Side::BuyBase] {
                let [coin_in, coin_out] = coins(pool, side);
                // A pool that touches neither end is a detour.
                if coin_in == from || coin_out == to {
                    let id = PoolId(place as u8);
                    let way = self.outside(start, coin_in);
                    let way = way.and_then(|way| self.swap(way, id, side, slippage));
                    consider(way.and_then(|way| self.outside(way, to)));
                }
            }
        }
        for (place, book) in self.venues.books().iter().enumerate() {
            for side in order_book::Side::BOTH {
                let [coin_in, coin_out] = book.flow(side);
                if coin_in == from || coin_out == to {
                    let way = self.outside(start, coin_in);
                    let way = way.and_then(|way| self.order(way, BookId(place as u8), side, slippage));
                    consider(way.and_then(|way| self.outside(way, to)));
                }
            }
        }
        if let Some((assets, _)) = self.fx {
            if to == assets.feth || to == assets.xeth {
                if let Some(way) = self.outside(start, assets.collateral) {
                    self.mint(way, to).into_iter().for_each(&mut consider);
                }
            } else if from == assets.feth || from == assets.xeth {
                for way in self.redeem(start) {
                    consider(way.and_then(|way| self.outside(way, to)));
                }
            }
        }
        best.and_then(|(score, way)| self.route(way, from, score, slippage))
    }

    /// As [`Self::best`], but with half the size, and half again, as long as it costs more than `most_cost_share`.
    #[must_use]
    pub fn best_within(
        &self,
        from: AssetId,
        to: AssetId,
        amount: Amount,
        slippage: f64,
        most_cost_share: f64,
    ) -> Option<Route> {
        [1.0, 0.5, 0.25, 0.125]
            .into_iter()
            .filter_map(|part| self.best(from, to, amount.share(part), slippage))
            .find(|route| route.cost_share.is_none_or(|cost| cost <= most_cost_share))
    }

    fn route(&self, way: Way, from: AssetId, score: f64, slippage: f64) -> Option<Route> {
        let decimals = self.ledger.asset(way.at).decimals;
        let least = decimals.floor(way.units * (1.0 - slippage.clamp(0.0, 1.0))).ok()?;
        let paid_value =
            self.value(from).map(|value| self.ledger.asset(from).decimals.units(way.amount) * value);
        let cost_share = match (paid_value, self.value(way.at)) {
            (Some(paid), Some(_)) if paid > 0.0 => Some(1.0 - score / paid),
            _ => None,
        };
        let gain = if way.at == self.network.asset {
            least.saturating_less(self.gas(way.plan.count()))
        } else {
            least
        };
        let terms = Terms {
            priority_fee: Amount::ZERO,
            minimum_gain: Some(MinimumGain { asset: way.at, amount: gain }),
        };
        Some(Route {
            door: way.door,
            plan: way.plan,
            paid: way.amount,
            received: way.units,
            bonus_usd: way.bonus_usd,
            cost_share,
            least,
            terms,
        })
    }

    /// Onwards over the outside market; at once where one is already there.
    fn outside(&self, way: Way, to: AssetId) -> Option<Way> {
        if way.at == to {
            return Some(way);
        }
        let exchange = &self.venues.exchange;
        let dollar = exchange.dollar();
        let (mid_from, mid_to) = (exchange.mid(self.oracle, way.at)?, exchange.mid(self.oracle, to)?);
        let size = way.plan.input(way.amount);
        if way.at == dollar {
            let order = Order::Buy { asset: to, dollars: size };
            way.go(Action::Exchange(order), to, exchange.quote_buy(mid_to, way.units))
        } else {
            let order = Order::Sell { asset: way.at, amount: size };
            let sold = way.go(Action::Exchange(order), dollar, exchange.quote_sell(mid_from, way.units))?;
            self.outside(sold, to)
        }
    }

    fn swap(&self, way: Way, id: PoolId, side: Side, slippage: f64) -> Option<Way> {
        let pool = self.venues.pool(id);
        let out = match self.leaving {
            Some((left, share)) if left == id => {
                let reserves = pool.reserves(self.ledger).map(|reserve| reserve * (1.0 - share).max(0.0));
                pool.curve.out_given_in(reserves, side, way.units * (1.0 - pool.fee)).ok()
            }
            _ => pool.quote(self.ledger, side, way.units),
        }?;
        let [_, coin_out] = coins(pool, side);
        let least = out * (1.0 - slippage.clamp(0.0, 1.0));
        let min_out = self.ledger.asset(coin_out).decimals.floor(least).ok()?;
        let swap = PoolAction::Swap { pool: id, side, amount: way.plan.input(way.amount), min_out };
        let mut way = way.go(Action::Pool(swap), coin_out, out)?;
        way.door = Door::Pool(id);
        Some(way)
    }

    /// A market order, if the book takes all of it but for what is less than a lot: what it leaves stays where it was.
    fn order(&self, way: Way, id: BookId, side: order_book::Side, slippage: f64) -> Option<Way> {
        let book = self.venues.book(id);
        let [coin_in, coin_out] = book.flow(side);
        let paid = self.ledger.asset(coin_in).decimals.floor(way.units).ok()?;
        let quote = book.quote_market(side, paid)?;
        if quote.used < paid.share(LEAST_USED) {
            return None;
        }
        let min_out = quote.received.share(1.0 - slippage.clamp(0.0, 1.0));
        let order = BookAction::Market { book: id, side, amount: way.plan.input(way.amount), min_out };
        let received = self.ledger.asset(coin_out).decimals.units(quote.received);
        let mut way = way.go(Action::Book(order), coin_out, received)?;
        way.door = Door::Book(id);
        Some(way)
    }

    /// The ordinary mint, and for xETH the one with an incentive.
    fn mint(&self, way: Way, token: AssetId) -> [Option<Way>; 2] {
        let Some((assets, view)) = self.fx else { return [None; 2] };
        let collateral = way.plan.input(way.amount);
        if token == assets.feth {
            return [self.at_treasury(way, FxAction::MintFeth { collateral }, token), None];
        }
        let spent = way.units * self.value(assets.collateral).unwrap_or(0.0);
        let plain = self.at_treasury(way, FxAction::MintXeth { collateral }, token);
        let with_incentive = self.at_treasury(way, FxAction::AddCollateral { collateral }, token);
        Self::with_bonus(plain, with_incentive, spent * view.xeth_mint_bonus)
    }

    /// The ordinary redemption, and for fETH the one with an incentive.
    fn redeem(&self, way: Way) -> [Option<Way>; 2] {
        let Some((assets, view)) = self.fx else { return [None; 2] };
        let size = way.plan.input(way.amount);
        if way.at == assets.xeth {
            return [self.at_treasury(way, FxAction::RedeemXeth { xeth: size }, assets.collateral), None];
        }
        let burned = way.units * self.value(assets.feth).unwrap_or(0.0);
        let plain = self.at_treasury(way, FxAction::RedeemFeth { feth: size }, assets.collateral);
        let with_incentive = self.at_treasury(way, FxAction::Liquidate { feth: size }, assets.collateral);
        Self::with_bonus(plain, with_incentive, burned * view.feth_redeem_bonus)
    }

    /// A bonus is either part of what the incentive verb pays out, or paid beside the plain verb by the reserve; which of
    /// the two it is shows in the quotes.
    fn with_bonus(plain: Option<Way>, with_incentive: Option<Way>, bonus_usd: f64) -> [Option<Way>; 2] {
        let pays = |way: &Option<Way>| way.as_ref().map_or(0.0, |way| way.units);
        let beside = pays(&with_incentive) <= pays(&plain) && bonus_usd > 0.0;
        let plain = plain.map(|way| Way { bonus_usd: if beside { bonus_usd } else { 0.0 }, ..way });
        [plain, with_incentive.map(|way| Way { door: Door::Incentive, ..way })]
    }

    fn at_treasury(&self, way: Way, action: FxAction, to: AssetId) -> Option<Way> {
        let out = (self.fx_quote)(action, way.units).filter(|out| *out > 0.0)?;
        let mut way = way.go(Action::Fx(action), to, out)?;
        way.door = Door::Treasury;
        Some(way)
    }
}

/// A route half gone.
#[derive(Debug, Clone, Copy)]
struct Way {
    door: Door,
    plan: Plan,
    amount: Amount,
    at: AssetId,
    units: f64,
    bonus_usd: f64,
}

impl Way {
    fn go(self, action: Action, at: AssetId, units: f64) -> Option<Self> {
        Some(Self { plan: self.plan.then(action)?, at, units, ..self })
    }
}

/// The coin that goes in and the coin that comes out.
const fn coins(pool: &Pool, side: Side) -> [AssetId; 2] {
    match side {
        Side::SellBase => [pool.coins[0], pool.coins[1]],
        Side::BuyBase => [pool.coins[1], pool.coins[0]],
    }
}

#[cfg(test)]
mod tests;
