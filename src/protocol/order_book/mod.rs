//! An order book: two queues of orders, matched by price first and by time among equal prices.
//!
//! | symbol | code name | unit |
//! |---|---|---|
//! | price | `price` | ticks: quote per base in steps of the tick size |
//! | size | `lots` | lots: base in steps of the lot size |
//! | price x size | `notional` | tick-lots: quote in steps of tick size x lot size |
//!
//! Everything is a whole number, so that what is paid and received is exact: what a tick and a lot are worth is the
//! business of whoever holds the money. An incoming order trades with the best resting order as long as their prices
//! cross, at the price of the one that rests; what is left of it rests behind all others of its price. Each side is one
//! map ordered by (price, arrival), best first: the first entry is the next to trade, and an order is found by its
//! [`OrderId`], which is its key.
//!
//! Rules: price-time priority as in the rulebooks of continuous double auctions (the standard description is L. Harris,
//! "Trading and Exchanges", 2003, ch. 6); self-match prevention by cancelling, in the three forms that exchanges offer.
//!
//! Changes are journalled: [`OrderBook::rollback`] undoes all since the last [`OrderBook::commit`], at a cost
//! proportional to what was touched.
//!
//! # Examples
//! ```
//! use ballast::protocol::order_book::{Limit, OrderBook, SelfMatch, Side, TimeInForce, Trader};
//! let order = |owner, side, price, lots| Limit {
//!     owner: Trader(owner), side, price, lots,
//!     time_in_force: TimeInForce::GoodTillCancelled, self_match: SelfMatch::CancelResting,
//! };
//! let (mut book, mut fills) = (OrderBook::default(), Vec::new());
//! book.place(&order(1, Side::Sell, 101, 5), &mut fills)?;
//! book.place(&order(2, Side::Sell, 100, 5), &mut fills)?;
//! // Seven lots at up to 101: five come from the better price, two from the other.
//! let placed = book.place(&order(3, Side::Buy, 101, 7), &mut fills)?;
//! assert_eq!((placed.taken.lots, placed.taken.notional), (7, 5 * 100 + 2 * 101));
//! assert_eq!((fills[0].maker, fills[1].maker), (Trader(2), Trader(1)));
//! assert_eq!(book.best(Side::Sell), Some(101));
//! # Ok::<(), ballast::protocol::order_book::Refusal>(())
//! ```

mod depth;
mod fee;
mod matching;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use depth::{Level, Quote};
pub use fee::FeeRate;
pub use matching::{Budget, Fill, Limit, Placed, Taken};

/// Whose order it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trader(pub u32);

/// What the owner of an order wants of the base coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// To buy it: a bid.
    Buy,
    /// To sell it: an offer, or ask.
    Sell,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Buy, Self::Sell];

    /// The side that it trades with.
    #[must_use]
    #[inline]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// True if an order of this side that may pay or receive `limit` trades with one that rests at `price`.
    #[must_use]
    #[inline]
    pub const fn crosses(self, limit: u32, price: u32) -> bool {
        match self {
            Self::Buy => price <= limit,
            Self::Sell => price >= limit,
        }
    }

    /// Orders of this side with the better price have the lower rank.
    #[inline]
    const fn rank(self, price: u32) -> u32 {
        match self {
            Self::Buy => !price,
            Self::Sell => price,
        }
    }
}

/// What happens to the part of a limit order that does not trade at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeInForce {
    /// It rests until it is cancelled.
    #[default]
    GoodTillCancelled,
    /// It is cancelled.
    ImmediateOrCancel,
    /// It rests; the order is refused if any of it would trade at once.
    PostOnly,
}

/// What is done before an order would trade with one of the same owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum SelfMatch {
    /// The resting order is cancelled and the incoming one goes on: cancel oldest.
    #[default]
    CancelResting,
    /// What is left of the incoming order is cancelled: cancel newest.
    CancelIncoming,
    /// Both are cancelled.
    CancelBoth,
}

/// The name of a resting order, and its place in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    /// Its side.
    pub side: Side,
    /// Its price, in ticks.
    pub price: u32,
    /// How many orders had rested in this book before it.
    pub number: u32,
}

/// An order that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resting {
    /// Whose it is.
    pub owner: Trader,
    /// What is left of it.
    pub lots: u32,
}

/// What resting orders hold ready: base behind offers, quote behind bids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reserved {
    /// Base, in lots.
    pub lots: u128,
    /// Quote, in tick-lots.
    pub notional: u128,
}

impl Reserved {
    /// What one order holds ready.
    #[must_use]
    pub const fn by(side: Side, price: u32, lots: u32) -> Self {
        match side {
            Side::Buy => Self { lots: 0, notional: notional(price, lots) },
            Side::Sell => Self { lots: lots as u128, notional: 0 },
        }
    }

    const fn and(self, other: Self) -> Self {
        Self { lots: self.lots + other.lots, notional: self.notional + other.notional }
    }
}

/// Price times size, in tick-lots.
#[must_use]
#[inline]
pub const fn notional(price: u32, lots: u32) -> u128 {
    price as u128 * lots as u128
}

/// Why the book refuses. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A size of zero.
    #[error("expected at least one lot, found none")]
    NoLots,
    /// A price of zero.
    #[error("expected a price of at least one tick, found zero")]
    NoPrice,
    /// A post-only order would trade.
    #[error("a post-only order at {price} ticks would trade at once with one that rests at {best}")]
    WouldTrade {
        /// Its price.
        price: u32,
        /// The best price on the other side.
        best: u32,
    },
    /// There is no such order any more.
    #[error("there is no such order in the book: it was filled or cancelled before")]
    NotFound,
    /// The order is somebody else's.
    #[error("only the owner of an order can cancel it")]
    NotOwner,
    /// More orders have rested than can be numbered.
    #[error("the book has numbered as many orders as it can, which is 2^32")]
    Full,
}

/// Rank and number: the order in which orders of one side trade.
type Key = (u32, u32);

/// A change that can be undone.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// The order came to rest.
    Rested(OrderId),
    /// The order was taken away; it was this.
    Removed(OrderId, Resting),
    /// The order had this many lots more.
    Filled(OrderId, u32),
}

/// A book of orders.
#[derive(Debug, Clone, Default)]
pub struct OrderBook {
    bids: BTreeMap<Key, Resting>,
    asks: BTreeMap<Key, Resting>,
    owned: BTreeSet<(Trader, OrderId)>,
    reserved: Reserved,
    next: u32,
    journal: Vec<Change>,
}

impl PartialEq for OrderBook {
    /// Two books are equal if they hold the same orders and will number the next one alike; the journal is no part of it.
    fn eq(&self, other: &Self) -> bool {
        (&self.bids, &self.asks, &self.owned, self.reserved, self.next)
            == (&other.bids, &other.asks, &other.owned, other.reserved, other.next)
    }
}

impl OrderBook {
    #[inline]
    const fn queue(&self, side: Side) -> &BTreeMap<Key, Resting> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    #[inline]
    const fn queue_mut(&mut self, side: Side) -> &mut BTreeMap<Key, Resting> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// The order of that id, if it still rests.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<Resting> {
        self.queue(id.side).get(&key(id)).copied()
    }

    /// The resting orders of `side`, in the order in which they trade.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = (OrderId, Resting)> + '_ {
        self.queue(side).iter().map(move |((rank, number), resting)| {
            (OrderId { side, price: side.rank(*rank), number: *number }, *resting)
        })
    }

    /// The resting orders of `owner`: bids before offers, by price, by arrival.
    pub fn orders_of(&self, owner: Trader) -> impl Iterator<Item = OrderId> + '_ {
        let first = OrderId { side: Side::Buy, price: 0, number: 0 };
        self.owned.range((owner, first)..).take_while(move |(of, _)| *of == owner).map(|(_, id)| *id)
    }

    /// The number of resting orders.
    #[must_use]
    pub fn len(&self) -> usize {
        self.owned.len()
    }

    /// True if no order rests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owned.is_empty()
    }

    /// What all resting orders hold ready together, as it was summed up order by order as they came and went.
    #[must_use]
    pub const fn reserved(&self) -> Reserved {
        self.reserved
    }

    /// What the resting orders of `owner` hold ready together.
    #[must_use]
    pub fn reserved_by(&self, owner: Trader) -> Reserved {
        let own = self.orders_of(owner).filter_map(|id| Some((id, self.order(id)?)));
        own.fold(Reserved::default(), |sum, (id, resting)| {
            sum.and(Reserved::by(id.side, id.price, resting.lots))
        })
    }

    /// The same, counted anew from the orders there are.
    #[must_use]
    pub fn count_reserved(&self) -> Reserved {
        let all = Side::BOTH.into_iter().flat_map(|side| self.orders(side));
        all.fold(Reserved::default(), |sum, (id, resting)| {
            sum.and(Reserved::by(id.side, id.price, resting.lots))
        })
    }

    /// Takes an order of `owner`'s out of the book. Answers with what it held ready.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOwner`].
    pub fn cancel(&mut self, owner: Trader, id: OrderId) -> Result<Reserved, Refusal> {
        let resting = self.order(id).ok_or(Refusal::NotFound)?;
        if resting.owner != owner {
            return Err(Refusal::NotOwner);
        }
        self.remove(id, resting);
        Ok(Reserved::by(id.side, id.price, resting.lots))
    }

    /// Takes all orders of `owner`'s out of the book. Answers with what they held ready.
    pub fn cancel_all(&mut self, owner: Trader) -> Reserved {
        let mut released = Reserved::default();
        loop {
            let next = self.orders_of(owner).next();
            let Some(one) = next.and_then(|id| self.cancel(owner, id).ok()) else { return released };
            released = released.and(one);
        }
    }

    /// Keeps what was done since the last commit or rollback.
    #[inline]
    pub fn commit(&mut self) {
        self.journal.clear();
    }

    /// Undoes everything since the last commit or rollback, to the number of the next order.
    pub fn rollback(&mut self) {
        while let Some(change) = self.journal.pop() {
            match change {
                Change::Rested(id) => {
                    if let Some(resting) = self.queue_mut(id.side).remove(&key(id)) {
                        self.owned.remove(&(resting.owner, id));
                        self.release(id, resting.lots);
                    }
                    self.next = id.number;
                }
                Change::Removed(id, resting) => self.insert(id, resting),
                Change::Filled(id, lots) => {
                    if let Some(resting) = self.queue_mut(id.side).get_mut(&key(id)) {
                        resting.lots += lots;
                        self.reserved = self.reserved.and(Reserved::by(id.side, id.price, lots));
                    }
                }
            }
        }
    }

    fn insert(&mut self, id: OrderId, resting: Resting) {
        self.queue_mut(id.side).insert(key(id), resting);
        self.owned.insert((resting.owner, id));
        self.reserved = self.reserved.and(Reserved::by(id.side, id.price, resting.lots));
    }

    const fn release(&mut self, id: OrderId, lots: u32) {
        let Reserved { lots, notional } = Reserved::by(id.side, id.price, lots);
        self.reserved.lots -= lots;
        self.reserved.notional -= notional;
    }

    fn remove(&mut self, id: OrderId, resting: Resting) {
        self.queue_mut(id.side).remove(&key(id));
        self.owned.remove(&(resting.owner, id));
        self.release(id, resting.lots);
        self.journal.push(Change::Removed(id, resting));
    }
}

#[inline]
const fn key(id: OrderId) -> Key {
    (id.side.rank(id.price), id.number)
}

#[cfg(test)]
mod tests;
