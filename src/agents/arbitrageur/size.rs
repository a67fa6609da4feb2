//! How much to trade.
//!
//! Against one pool, with everything else at a fixed price, the size is known in closed form. Where other legs have price
//! impact or bonuses of their own, that size bounds a golden-section search over the profit. Against an order book the
//! levels that pay are counted up: within a level every lot pays the same, so that where nothing else has impact the size
//! is all of them.

use super::market::book_rate;
use crate::protocol::amm::Side;
use crate::protocol::order_book;
use crate::quantity::Amount;
use crate::venue::book::Book;
use crate::venue::pool::Pool;
use crate::world::ledger::Ledger;

/// A trade against one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolTrade {
    /// Which coin goes in.
    pub side: Side,
    /// How much of it, fee included, in units.
    pub amount_in: f64,
}

/// The trade against `pool` that earns most if the base is worth `target_price` in quote elsewhere; `None` inside the
/// fee band. The curve knows it: in closed form where there is one, else by Brent's method on the marginal price.
#[must_use]
pub fn optimal_pool_trade(pool: &Pool, ledger: &Ledger, target_price: f64) -> Option<PoolTrade> {
    let trade = pool.curve.arbitrage_trade(pool.reserves(ledger), pool.fee, target_price)?;
    Some(PoolTrade { side: trade.side, amount_in: trade.amount_in })
}

/// What goes into `book` on `side` at prices that pay, if a unit of what comes out makes `rest` units of what goes in
/// elsewhere: everything at those levels, in units.
#[must_use]
pub fn paying_depth(book: &Book, ledger: &Ledger, side: order_book::Side, rest: f64) -> f64 {
    let pays = |price: u32| book_rate(book, side, book.price(f64::from(price))) * rest > 1.0;
    let Some(worst) =
        book.orders().levels(side.opposite()).map(|level| level.price).take_while(|p| pays(*p)).last()
    else {
        return 0.0;
    };
    let depth = book.orders().depth(side.opposite(), worst);
    let [base, quote] = book.terms.coins.map(|coin| ledger.asset(coin).decimals.units(Amount::from_atoms(1)));
    match side {
        order_book::Side::Buy => depth.notional as f64 * book.terms.tick_lot_atoms as f64 * quote,
        order_book::Side::Sell => depth.lots as f64 * book.terms.lot_atoms as f64 * base,
    }
}

/// Steps of the search: the interval shrinks by 0.618 each, to a ten-millionth of it.
const STEPS: u32 = 34;
/// `(sqrt 5 - 1) / 2`.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The argument between 0 and `high` at which `profit`, which has one hump, is largest.
///
/// A value that is not defined counts as minus infinity; where both probes are so, the search turns towards zero.
#[must_use]
pub fn golden_section(high: f64, mut profit: impl FnMut(f64) -> Option<f64>) -> f64 {
    let mut value = |at: f64| profit(at).filter(|gain| !gain.is_nan()).unwrap_or(f64::NEG_INFINITY);
    let (mut low, mut high) = (0.0, high);
    let mut left = high - GOLDEN * (high - low);
    let mut right = low + GOLDEN * (high - low);
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left >= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = value(right);
        }
    }
    if at_left >= at_right { left } else { right }
}
