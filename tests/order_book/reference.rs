//! The rules of matching in the slowest and most obvious form: one list, sorted anew whenever somebody asks who is next.

use ballast::protocol::order_book::{Budget, Limit, OrderId, Refusal, SelfMatch, Side, TimeInForce, Trader};

/// An order that rests: when it came, whose it is, what it wants, at what price, how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) owner: Trader,
    pub(crate) lots: u32,
}

/// What an operation did: who traded at what price how much, and what was cancelled of the owner's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Done {
    pub(crate) trades: Vec<(Trader, OrderId, u32)>,
    pub(crate) cancelled: Vec<Order>,
    pub(crate) rests: Option<(OrderId, u32)>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    pub(crate) orders: Vec<Order>,
    next: u32,
}

impl Reference {
    /// The orders of a side, best first.
    pub(crate) fn queue(&self, side: Side) -> Vec<Order> {
        let mut queue: Vec<Order> =
            self.orders.iter().filter(|order| order.id.side == side).copied().collect();
        queue.sort_by(|a, b| {
            let by_price = match side {
                Side::Buy => b.id.price.cmp(&a.id.price),
                Side::Sell => a.id.price.cmp(&b.id.price),
            };
            by_price.then(a.id.number.cmp(&b.id.number))
        });
        queue
    }

    pub(crate) fn place(&mut self, wish: &Limit) -> Result<Done, Refusal> {
        if wish.lots == 0 {
            return Err(Refusal::NoLots);
        }
        if wish.price == 0 {
            return Err(Refusal::NoPrice);
        }
        let acceptable = |price: u32| match wish.side {
            Side::Buy => price <= wish.price,
            Side::Sell => price >= wish.price,
        };
        if wish.time_in_force == TimeInForce::PostOnly
            && let Some(best) = self.queue(wish.side.opposite()).first()
            && acceptable(best.id.price)
        {
            return Err(Refusal::WouldTrade { price: wish.price, best: best.id.price });
        }
        let mut done = Done::default();
        let (traded, stopped) =
            self.take(wish.owner, wish.side, acceptable, Budget::Lots(wish.lots), wish.self_match, &mut done);
        let left = wish.lots - traded;
        if left > 0 && !stopped && wish.time_in_force != TimeInForce::ImmediateOrCancel {
            let id = OrderId { side: wish.side, price: wish.price, number: self.next };
            self.next += 1;
            self.orders.push(Order { id, owner: wish.owner, lots: left });
            done.rests = Some((id, left));
        }
        Ok(done)
    }

    pub(crate) fn market(
        &mut self,
        owner: Trader,
        side: Side,
        budget: Budget,
        self_match: SelfMatch,
    ) -> Result<Done, Refusal> {
        if budget == Budget::Lots(0) || budget == Budget::Notional(0) {
            return Err(Refusal::NoLots);
        }
        let mut done = Done::default();
        self.take(owner, side, |_| true, budget, self_match, &mut done);
        Ok(done)
    }

    /// Lot by lot, asking each time who is next.
    fn take(
        &mut self,
        owner: Trader,
        side: Side,
        acceptable: impl Fn(u32) -> bool,
        budget: Budget,
        self_match: SelfMatch,
        done: &mut Done,
    ) -> (u32, bool) {
        let (mut traded, mut spent) = (0, 0_u128);
        loop {
            let Some(next) = self.queue(side.opposite()).first().copied() else { return (traded, false) };
            let price = u128::from(next.id.price);
            let can_pay = match budget {
                Budget::Lots(lots) => traded < lots,
                Budget::Notional(most) => spent + price <= most,
            };
            if !can_pay || !acceptable(next.id.price) {
                return (traded, false);
            }
            if next.owner == owner {
                if self_match != SelfMatch::CancelIncoming {
                    self.orders.retain(|order| order.id != next.id);
                    done.cancelled.push(next);
                }
                if self_match != SelfMatch::CancelResting {
                    return (traded, true);
                }
                continue;
            }
            // As many lots of this order as can be paid, one by one.
            let mut lots = 0;
            while lots < next.lots {
                let more = match budget {
                    Budget::Lots(most) => traded < most,
                    Budget::Notional(most) => spent + price <= most,
                };
                if !more {
                    break;
                }
                lots += 1;
                traded += 1;
                spent += price;
            }
            done.trades.push((next.owner, next.id, lots));
            for order in &mut self.orders {
                if order.id == next.id {
                    order.lots -= lots;
                }
            }
            self.orders.retain(|order| order.lots > 0);
        }
    }

    pub(crate) fn cancel(&mut self, owner: Trader, id: OrderId) -> Result<Order, Refusal> {
        let found = self.orders.iter().find(|order| order.id == id).copied().ok_or(Refusal::NotFound)?;
        if found.owner != owner {
            return Err(Refusal::NotOwner);
        }
        self.orders.retain(|order| order.id != id);
        Ok(found)
    }

    pub(crate) fn cancel_all(&mut self, owner: Trader) -> Vec<Order> {
        let own = self.orders.iter().filter(|order| order.owner == owner).copied().collect();
        self.orders.retain(|order| order.owner != owner);
        own
    }
}
