//! Which pool to trade with, from which end, and how much.

use super::Rebalancer;
use crate::numerics::roots::brent_maximum;
use crate::protocol::amm::Side;
use crate::protocol::crp::{self, Swapped};
use crate::quantity::{Amount, AssetId};
use crate::venue::exchange::{Exchange, Order};
use crate::venue::lending::{LendAction, LoanMarketId, LoanView};
use crate::venue::{Action, Venues};
use crate::world::clock::Clock;
use crate::world::mempool::Size;

/// A loan market as a rebalancer sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Which.
    pub market: LoanMarketId,
    /// What secures its loans.
    pub collateral: AssetId,
    /// What anybody sees, after the trades already chosen.
    pub view: LoanView,
}

/// What a bot can still spend in this block, and how much it may bid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purse {
    /// Dollars.
    pub dollars: f64,
    /// A later trade bids no more than the one before, which it builds upon.
    pub bid_below_usd: f64,
}

impl Purse {
    /// After `trade`: rounds return what went in, but one in collateral pays gas and bid out of the dollars.
    pub fn follow(&mut self, trade: &Trade, gas_usd_per_action: f64) {
        if trade.entry == Entry::Collateral {
            self.dollars -= 2.0 * gas_usd_per_action + trade.bid_usd;
        }
        self.bid_below_usd = (trade.bid_usd - A_CENT).max(0.0);
    }
}

/// What keeps two bids of one bot apart, in dollars.
const A_CENT: f64 = 0.01;

/// The end from which the round is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It begins and ends in dollars.
    Dollars,
    /// It begins and ends in collateral.
    Collateral,
}

impl Entry {
    /// What goes in and comes out.
    #[must_use]
    pub const fn asset(self, sight: &Sight, dollar: AssetId) -> AssetId {
        match self {
            Self::Dollars => dollar,
            Self::Collateral => sight.collateral,
        }
    }
}

/// A round through a pool and the outside market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// What the pool receives: the base is the collateral.
    pub side: Side,
    /// From which end.
    pub entry: Entry,
    /// How much goes in, in units of the entry's asset.
    pub amount: f64,
    /// What a unit of it counts for, in dollars.
    pub value: f64,
    /// What the round is expected to gain, gas paid, in dollars.
    pub profit_usd: f64,
    /// What of that is bid for priority, in dollars.
    pub bid_usd: f64,
    /// The pool after it.
    pub next: crp::Pool,
}

impl Trade {
    /// The two actions, of which the first takes `amount`.
    #[must_use]
    pub const fn actions(&self, sight: &Sight, amount: Amount) -> [Action; 2] {
        let first = Size::Exact(amount);
        let asset = sight.collateral;
        let pool_first = self.pool_comes_first();
        let (pool, outside) = if pool_first { (first, Size::Previous) } else { (Size::Previous, first) };
        let (collateral_in, order) = match self.side {
            Side::SellBase => (true, Order::Buy { asset, dollars: outside }),
            Side::BuyBase => (false, Order::Sell { asset, amount: outside }),
        };
        let rebalance = Action::Lend(LendAction::Rebalance {
            market: sight.market,
            collateral_in,
            amount: pool,
            min_out: Amount::ZERO,
        });
        let order = Action::Exchange(order);
        if pool_first { [rebalance, order] } else { [order, rebalance] }
    }

    const fn pool_comes_first(&self) -> bool {
        pool_comes_first(self.side, self.entry)
    }
}

const fn pool_comes_first(side: Side, entry: Entry) -> bool {
    matches!((side, entry), (Side::BuyBase, Entry::Dollars) | (Side::SellBase, Entry::Collateral))
}

/// One end of a round at a pool, with what it costs outside.
struct Round<'w> {
    view: &'w LoanView,
    exchange: &'w Exchange,
    clock: &'w Clock,
    side: Side,
    entry: Entry,
}

impl Round<'_> {
    /// What comes back of `amount`, and what the pool does; `None` where it would be refused.
    fn outcome(&self, amount: f64) -> Option<(f64, Swapped)> {
        let collateral_in = self.side == Side::SellBase;
        let through_pool =
            |amount: f64| Venues::quote_rebalance(self.view, self.clock, collateral_in, amount);
        if pool_comes_first(self.side, self.entry) {
            let swapped = through_pool(amount)?;
            Some((self.outside(swapped.amount_out)?, swapped))
        } else {
            let swapped = through_pool(self.outside(amount)?)?;
            Some((swapped.amount_out, swapped))
        }
    }

    /// What the outside market pays for `amount` of what it is brought.
    fn outside(&self, amount: f64) -> Option<f64> {
        let mid = self.view.mid;
        let (dollars, received) = match self.side {
            Side::SellBase => (amount, self.exchange.quote_buy(mid, amount)),
            Side::BuyBase => (amount * mid, self.exchange.quote_sell(mid, amount)),
        };
        (self.exchange.cost_share(dollars) < 1.0 && received.is_finite()).then_some(received)
    }

    /// The amount up to `most` that gains most.
    fn best_amount(&self, most: f64) -> Option<f64> {
        // What is refused gains nothing; the search stays on the side where trades go through.
        let gain = |amount: f64| self.outcome(amount).map_or(-amount, |(back, _)| back - amount);
        let best = brent_maximum(gain, 0.0, most, most * 1e-9).ok()?;
        // The hump may lie beyond what can be brought: the search comes near that end but not to it.
        Some(if gain(most) >= best.value { most } else { best.at })
    }
}

/// The trade that leaves `bot` most, and the place of its pool among `sights`; `None` where none leaves its minimum.
///
/// `holds` is what the bot holds of a sight's collateral, in units. The size is at most that of the trade which brings the
/// pool to the outside price (or to its own caps), and at most the bot's share of what it has.
#[must_use]
pub fn choose(
    bot: &Rebalancer,
    purse: &Purse,
    holds: impl Fn(&Sight) -> f64,
    gas_usd_per_action: f64,
    exchange: &Exchange,
    clock: &Clock,
    sights: &[Sight],
) -> Option<(usize, Trade)> {
    let left_to_bot = |trade: &Trade| trade.profit_usd - trade.bid_usd;
    let mut best: Option<(usize, Trade)> = None;
    for (place, sight) in sights.iter().enumerate() {
        for (entry, held) in [(Entry::Dollars, purse.dollars), (Entry::Collateral, holds(sight))] {
            let trade = weigh(bot, purse, entry, held, gas_usd_per_action, exchange, clock, &sight.view);
            let Some(trade) = trade else { continue };
            if best.as_ref().is_none_or(|(_, best)| left_to_bot(&trade) > left_to_bot(best)) {
                best = Some((place, trade));
            }
        }
    }
    best
}

/// The best round from one end, if it leaves the bot its minimum.
#[allow(clippy::too_many_arguments, reason = "what a bot weighs: its own numbers, its capital, two markets")]
fn weigh(
    bot: &Rebalancer,
    purse: &Purse,
    entry: Entry,
    held: f64,
    gas_usd_per_action: f64,
    exchange: &Exchange,
    clock: &Clock,
    view: &LoanView,
) -> Option<Trade> {
    let most = held * f64::from(bot.max_trade_share).min(1.0);
    if most.is_nan() || most <= 0.0 {
        return None;
    }
    let closed_form = Venues::rebalancing_trade(view)?;
    let side = closed_form.side;
    let round = Round { view, exchange, clock, side, entry };
    // Where the outside market comes first it takes at least the mid price for what the pool is to receive.
    let wanted = match (side, entry) {
        (Side::SellBase, Entry::Dollars) => closed_form.amount_in * view.mid,
        (Side::BuyBase, Entry::Collateral) => closed_form.amount_in / view.mid,
        _ => closed_form.amount_in,
    };
    let amount = round.best_amount(wanted.min(most))?;
    let (back, swapped) = round.outcome(amount)?;
    let value = match entry {
        Entry::Dollars => 1.0,
        Entry::Collateral => view.mid,
    };
    let gas_usd = 2.0 * gas_usd_per_action;
    let profit_usd = (back - amount) * value - gas_usd;
    let bid_usd = (profit_usd * f64::from(bot.bid_share)).min(purse.bid_below_usd).max(0.0);
    let kept_usd = profit_usd - bid_usd;
    // False for NaN.
    let pays = kept_usd > 0.0 && kept_usd >= f64::from(bot.min_profit_usd);
    // A round in dollars pays gas and bid out of its proceeds; one in collateral needs the dollars at hand.
    let affordable = entry == Entry::Dollars || purse.dollars >= gas_usd + bid_usd;
    let next = swapped.next;
    (pays && affordable).then_some(Trade { side, entry, amount, value, profit_usd, bid_usd, next })
}
