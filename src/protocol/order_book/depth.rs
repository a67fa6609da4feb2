//! What can be seen of a book: best prices, depth, and what an order would pay.

use super::matching::{Budget, Taken, affordable};
use super::{OrderBook, Side, notional};

/// All orders of one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The price, in ticks.
    pub price: u32,
    /// How much rests there, in lots.
    pub lots: u128,
    /// In how many orders.
    pub orders: u32,
}

/// What an order would trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quote {
    /// Base, in lots.
    pub lots: u128,
    /// Quote, in tick-lots.
    pub notional: u128,
}

impl Quote {
    /// The average price weighted by volume, in ticks; `None` if nothing would trade.
    #[must_use]
    pub fn average_price(&self) -> Option<f64> {
        (self.lots > 0).then(|| self.notional as f64 / self.lots as f64)
    }
}

impl OrderBook {
    /// The best price of `side`, in ticks: the highest bid, or the lowest offer.
    #[must_use]
    #[inline]
    pub fn best(&self, side: Side) -> Option<u32> {
        self.queue(side).first_key_value().map(|((rank, _), _)| side.rank(*rank))
    }

    /// Halfway between the best prices, in ticks; `None` while a side is empty.
    #[must_use]
    pub fn mid(&self) -> Option<f64> {
        Some(0.5 * (f64::from(self.best(Side::Buy)?) + f64::from(self.best(Side::Sell)?)))
    }

    /// The prices of `side` with what rests there, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let mut orders = self.orders(side).peekable();
        std::iter::from_fn(move || {
            let (id, first) = orders.next()?;
            let mut level = Level { price: id.price, lots: u128::from(first.lots), orders: 1 };
            while let Some((_, other)) = orders.next_if(|(other, _)| other.price == id.price) {
                level.lots += u128::from(other.lots);
                level.orders += 1;
            }
            Some(level)
        })
    }

    /// What rests on `side` at `bound` ticks or better.
    #[must_use]
    pub fn depth(&self, side: Side, bound: u32) -> Quote {
        let near = self.orders(side).take_while(|(id, _)| side.opposite().crosses(bound, id.price));
        near.fold(Quote::default(), |sum, (id, resting)| Quote {
            lots: sum.lots + u128::from(resting.lots),
            notional: sum.notional + notional(id.price, resting.lots),
        })
    }

    /// What a market order of `side` would trade now, if none of its owner's orders were in its way.
    #[must_use]
    pub fn quote_market(&self, side: Side, budget: Budget) -> Quote {
        let mut taken = Taken::default();
        for (id, resting) in self.orders(side.opposite()) {
            let lots = resting.lots.min(affordable(budget, &taken, id.price));
            taken.lots += u128::from(lots);
            taken.notional += notional(id.price, lots);
            // Nobody behind an order trades before all of it has.
            if lots < resting.lots {
                break;
            }
        }
        Quote { lots: taken.lots, notional: taken.notional }
    }
}
