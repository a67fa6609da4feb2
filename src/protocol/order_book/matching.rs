//! What an incoming order does: it takes, and what is left of it may rest.

use super::{
    Change, OrderBook, OrderId, Refusal, Reserved, Resting, SelfMatch, Side, TimeInForce, Trader, key,
    notional,
};

/// A limit order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Whose it is.
    pub owner: Trader,
    /// What it wants.
    pub side: Side,
    /// The worst price it accepts, in ticks.
    pub price: u32,
    /// How much, in lots.
    pub lots: u32,
    /// What becomes of the rest.
    pub time_in_force: TimeInForce,
    /// What is done before it would trade with its owner.
    pub self_match: SelfMatch,
}

/// How much a market order may trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// So many lots of base.
    Lots(u32),
    /// Whatever costs, or brings, at most so much quote, in tick-lots.
    Notional(u128),
}

/// Two orders traded, at the price of the one that rested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Whose order rested.
    pub maker: Trader,
    /// Which it was.
    pub order: OrderId,
    /// How much of it traded, in lots.
    pub lots: u32,
}

impl Fill {
    /// Price times size, in tick-lots.
    #[must_use]
    pub const fn notional(&self) -> u128 {
        notional(self.order.price, self.lots)
    }
}

/// What an incoming order took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Base traded, in lots.
    pub lots: u128,
    /// Quote traded, in tick-lots.
    pub notional: u128,
    /// What resting orders of its owner held ready that were cancelled so that they would not trade with it.
    pub released: Reserved,
    /// Whether self-match prevention cancelled what was left of it.
    pub stopped: bool,
}

/// What became of a limit order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// What traded at once.
    pub taken: Taken,
    /// What rests, and how many lots of it; `None` if nothing does.
    pub resting: Option<(OrderId, u32)>,
}

impl OrderBook {
    /// Places a limit order. What it trades with is appended to `fills`, in the order of trading.
    ///
    /// # Errors
    /// [`Refusal`] of a price or a size of zero, of a post-only order that would trade, and of a book that cannot number
    /// another order.
    pub fn place(&mut self, order: &Limit, fills: &mut Vec<Fill>) -> Result<Placed, Refusal> {
        let &Limit { owner, side, price, lots, time_in_force, self_match } = order;
        if lots == 0 {
            return Err(Refusal::NoLots);
        }
        if price == 0 {
            return Err(Refusal::NoPrice);
        }
        let best = self.best(side.opposite()).filter(|best| side.crosses(price, *best));
        if let (TimeInForce::PostOnly, Some(best)) = (time_in_force, best) {
            return Err(Refusal::WouldTrade { price, best });
        }
        if self.next == u32::MAX {
            return Err(Refusal::Full);
        }
        let taken = if best.is_some() {
            self.take(owner, side, Some(price), Budget::Lots(lots), self_match, fills)
        } else {
            Taken::default()
        };
        // At most what was asked for.
        let left = lots - u32::try_from(taken.lots).unwrap_or(lots);
        if left == 0 || taken.stopped || time_in_force == TimeInForce::ImmediateOrCancel {
            return Ok(Placed { taken, resting: None });
        }
        let id = OrderId { side, price, number: self.next };
        self.next += 1;
        self.insert(id, Resting { owner, lots: left });
        self.journal.push(Change::Rested(id));
        Ok(Placed { taken, resting: Some((id, left)) })
    }

    /// Trades with what rests, from the best price on, until the budget is spent or nothing rests. What it trades with is
    /// appended to `fills`.
    ///
    /// # Errors
    /// [`Refusal::NoLots`] for a budget of zero.
    pub fn market(
        &mut self,
        owner: Trader,
        side: Side,
        budget: Budget,
        self_match: SelfMatch,
        fills: &mut Vec<Fill>,
    ) -> Result<Taken, Refusal> {
        if matches!(budget, Budget::Lots(0) | Budget::Notional(0)) {
            return Err(Refusal::NoLots);
        }
        Ok(self.take(owner, side, None, budget, self_match, fills))
    }

    fn take(
        &mut self,
        taker: Trader,
        side: Side,
        limit: Option<u32>,
        budget: Budget,
        self_match: SelfMatch,
        fills: &mut Vec<Fill>,
    ) -> Taken {
        let mut taken = Taken::default();
        let maker_side = side.opposite();
        while let Some(((rank, number), resting)) = self.queue(maker_side).first_key_value() {
            let id = OrderId { side: maker_side, price: maker_side.rank(*rank), number: *number };
            let resting = *resting;
            let affordable = affordable(budget, &taken, id.price);
            if affordable == 0 || limit.is_some_and(|limit| !side.crosses(limit, id.price)) {
                break;
            }
            if resting.owner == taker {
                if self_match != SelfMatch::CancelIncoming {
                    self.remove(id, resting);
                    let released = Reserved::by(id.side, id.price, resting.lots);
                    taken.released = taken.released.and(released);
                }
                if self_match == SelfMatch::CancelResting {
                    continue;
                }
                taken.stopped = true;
                break;
            }
            let lots = resting.lots.min(affordable);
            if lots == resting.lots {
                self.remove(id, resting);
            } else {
                self.fill_part(id, lots);
            }
            let fill = Fill { maker: resting.owner, order: id, lots };
            taken.lots += u128::from(lots);
            taken.notional += fill.notional();
            fills.push(fill);
        }
        taken
    }

    fn fill_part(&mut self, id: OrderId, lots: u32) {
        if let Some(resting) = self.queue_mut(id.side).get_mut(&key(id)) {
            resting.lots -= lots;
        }
        self.release(id, lots);
        self.journal.push(Change::Filled(id, lots));
    }
}

/// Lots that what is left of the budget still pays for at `price`.
#[inline]
pub(super) fn affordable(budget: Budget, taken: &Taken, price: u32) -> u32 {
    let lots = match budget {
        Budget::Lots(lots) => u128::from(lots).saturating_sub(taken.lots),
        Budget::Notional(most) => most.saturating_sub(taken.notional) / u128::from(price.max(1)),
    };
    u32::try_from(lots).unwrap_or(u32::MAX)
}
