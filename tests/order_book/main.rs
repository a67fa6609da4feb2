//! The order book against a slow and obvious one, on as many random orders as patience allows.
//!
//! After every operation both hold the same orders and have done the same; the book is not crossed, nobody has traded with
//! himself, nobody was passed over, no lot has appeared or vanished. Now and then a few operations are undone, and nothing
//! is left of them.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod reference;

use ballast::protocol::order_book::{
    Budget, Fill, Level, Limit, OrderBook, OrderId, Placed, Quote, Refusal, Reserved, SelfMatch, Side, Taken,
    TimeInForce, Trader,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use reference::{Done, Order, Reference};

/// Random operations; `BALLAST_ORDERS` asks for another number.
const OPERATIONS: u64 = if cfg!(debug_assertions) { 60_000 } else { 3_000_000 };
/// Who trades.
const TRADERS: u32 = 7;

/// What a trader asks of the book.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Place(Limit),
    Market(Trader, Side, Budget, SelfMatch),
    Cancel(Trader, OrderId),
    CancelAll(Trader),
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }

    /// Prices lie close together so that levels are crowded and orders cross; some sizes and prices are nonsense.
    fn wish(&mut self, book: &OrderBook, wide: u32) -> Wish {
        let owner = Trader(self.below(TRADERS));
        let side = self.one_of(&Side::BOTH);
        let self_match =
            self.one_of(&[SelfMatch::CancelResting, SelfMatch::CancelIncoming, SelfMatch::CancelBoth]);
        match self.below(20) {
            0 => Wish::CancelAll(owner),
            1..=5 => {
                let all: Vec<OrderId> =
                    Side::BOTH.iter().flat_map(|side| book.orders(*side)).map(|(id, _)| id).collect();
                let gone = OrderId { side, price: 100, number: self.below(50) };
                let order = if all.is_empty() || self.below(20) == 0 { gone } else { self.one_of(&all) };
                // Mostly the owner, at times somebody else.
                let owner = match book.order(order) {
                    Some(resting) if self.below(8) > 0 => resting.owner,
                    _ => owner,
                };
                Wish::Cancel(owner, order)
            }
            6..=8 => {
                let budget = match self.below(12) {
                    0 => Budget::Lots(0),
                    1 => Budget::Notional(0),
                    2 => Budget::Notional(u128::from(self.below(150))),
                    3..=6 => Budget::Notional(u128::from(self.below(4_000))),
                    _ => Budget::Lots(self.below(40)),
                };
                Wish::Market(owner, side, budget, self_match)
            }
            _ => {
                let time_in_force = match self.below(8) {
                    0 => TimeInForce::ImmediateOrCancel,
                    1 | 2 => TimeInForce::PostOnly,
                    _ => TimeInForce::GoodTillCancelled,
                };
                let lean = if side == Side::Buy { 0 } else { wide / 3 };
                let price = if self.below(200) == 0 { 0 } else { 100 + lean + self.below(wide) };
                let lots = if self.below(200) == 0 { 0 } else { 1 + self.below(20) };
                Wish::Place(Limit { owner, side, price, lots, time_in_force, self_match })
            }
        }
    }
}

fn sum(orders: &[Order]) -> Reserved {
    orders.iter().fold(Reserved::default(), |sum, order| {
        let one = Reserved::by(order.id.side, order.id.price, order.lots);
        Reserved { lots: sum.lots + one.lots, notional: sum.notional + one.notional }
    })
}

fn taken(done: &Done) -> (u128, u128, Reserved) {
    let lots = done.trades.iter().map(|(_, _, lots)| u128::from(*lots)).sum();
    let notional = done.trades.iter().map(|(_, id, lots)| u128::from(id.price) * u128::from(*lots)).sum();
    (lots, notional, sum(&done.cancelled))
}

fn must_match(what: &str, found: &Taken, fills: &[Fill], done: &Done) {
    let seen: Vec<_> = fills.iter().map(|fill| (fill.maker, fill.order, fill.lots)).collect();
    assert_eq!(seen, done.trades, "{what}");
    assert_eq!((found.lots, found.notional, found.released), taken(done), "{what}");
}

/// Nobody trades with himself, nobody is passed over.
fn must_be_fair(what: &str, book: &OrderBook, taker: Trader, fills: &[Fill]) {
    assert!(fills.iter().all(|fill| fill.maker != taker), "{what}: a trade with oneself");
    let priority = |id: OrderId| match id.side {
        Side::Buy => (u32::MAX - id.price, id.number),
        Side::Sell => (id.price, id.number),
    };
    assert!(
        fills.windows(2).all(|pair| priority(pair[0].order) < priority(pair[1].order)),
        "{what}: out of turn"
    );
    if let Some(last) = fills.last() {
        let mut left = book.orders(last.order.side).filter(|(_, resting)| resting.owner != taker);
        assert!(left.all(|(id, _)| priority(id) >= priority(last.order)), "{what}: somebody was passed over");
    }
}

/// Does the same at both and compares. Answers with lots that came to the book and lots that left it.
fn step(book: &mut OrderBook, slow: &mut Reference, wish: Wish, what: &str) -> (u128, u128) {
    let mut fills = Vec::new();
    match wish {
        Wish::Place(limit) => {
            let (found, done) = (book.place(&limit, &mut fills), slow.place(&limit));
            let (Placed { taken: found, resting }, done) = match (found, done) {
                (Ok(found), Ok(done)) => (found, done),
                (found, done) => {
                    assert_eq!(found.map(|_| ()), done.map(|_| ()), "{what}");
                    return (0, 0);
                }
            };
            must_match(what, &found, &fills, &done);
            must_be_fair(what, book, limit.owner, &fills);
            assert_eq!(resting, done.rests, "{what}");
            let rests = resting.map_or(0, |(_, lots)| u128::from(lots));
            let cancelled: u128 = done.cancelled.iter().map(|order| u128::from(order.lots)).sum();
            (rests, found.lots + cancelled)
        }
        Wish::Market(owner, side, budget, self_match) => {
            let quote = book.quote_market(side, budget);
            let alone = book.orders(side.opposite()).all(|(_, resting)| resting.owner != owner);
            let found = book.market(owner, side, budget, self_match, &mut fills);
            let done = slow.market(owner, side, budget, self_match);
            let (found, done) = match (found, done) {
                (Ok(found), Ok(done)) => (found, done),
                (found, done) => {
                    assert_eq!(found.map(|_| ()), done.map(|_| ()), "{what}");
                    return (0, 0);
                }
            };
            must_match(what, &found, &fills, &done);
            must_be_fair(what, book, owner, &fills);
            if alone {
                assert_eq!(quote, Quote { lots: found.lots, notional: found.notional }, "{what}: the quote");
            }
            let cancelled: u128 = done.cancelled.iter().map(|order| u128::from(order.lots)).sum();
            (0, found.lots + cancelled)
        }
        Wish::Cancel(owner, id) => {
            let (found, done) = (book.cancel(owner, id), slow.cancel(owner, id));
            assert_eq!(found, done.map(|order| sum(&[order])), "{what}");
            (0, done.map_or(0, |order| u128::from(order.lots)))
        }
        Wish::CancelAll(owner) => {
            let own = slow.cancel_all(owner);
            assert_eq!(book.cancel_all(owner), sum(&own), "{what}");
            (0, own.iter().map(|order| u128::from(order.lots)).sum())
        }
    }
}

fn must_be_equal(book: &OrderBook, slow: &Reference, what: &str) {
    for side in Side::BOTH {
        let queue = slow.queue(side);
        let found =
            book.orders(side).map(|(id, resting)| Order { id, owner: resting.owner, lots: resting.lots });
        assert!(
            found.eq(queue.iter().copied()),
            "{what}: {side:?}\n{:?}\n{queue:?}",
            book.orders(side).collect::<Vec<_>>()
        );
        assert_eq!(book.best(side), queue.first().map(|order| order.id.price), "{what}");
    }
    if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
        assert!(bid < ask, "{what}: crossed at {bid} and {ask}");
    }
    assert_eq!(book.reserved(), book.count_reserved(), "{what}");
    assert_eq!(book.len(), slow.orders.len(), "{what}");
}

/// What is seen of a book by price and by owner, from the list.
fn must_look_alike(book: &OrderBook, slow: &Reference, what: &str) {
    for side in Side::BOTH {
        let mut levels: Vec<Level> = Vec::new();
        for order in slow.queue(side) {
            match levels.last_mut().filter(|level| level.price == order.id.price) {
                Some(level) => {
                    level.lots += u128::from(order.lots);
                    level.orders += 1;
                }
                None => levels.push(Level { price: order.id.price, lots: u128::from(order.lots), orders: 1 }),
            }
        }
        assert!(book.levels(side).eq(levels.iter().copied()), "{what}");
        for bound in [99, 105, 110, 120, 200] {
            let near = levels.iter().filter(|level| side.opposite().crosses(bound, level.price));
            let depth = near.fold(Quote::default(), |sum, level| Quote {
                lots: sum.lots + level.lots,
                notional: sum.notional + level.lots * u128::from(level.price),
            });
            assert_eq!(book.depth(side, bound), depth, "{what}");
        }
    }
    for owner in 0..=TRADERS {
        let mut own: Vec<OrderId> =
            slow.orders.iter().filter(|order| order.owner == Trader(owner)).map(|order| order.id).collect();
        own.sort();
        assert!(book.orders_of(Trader(owner)).eq(own), "{what}");
    }
}

#[test]
fn the_book_does_what_a_slow_and_obvious_one_does() {
    let operations =
        std::env::var("BALLAST_ORDERS").ok().and_then(|text| text.parse().ok()).unwrap_or(OPERATIONS);
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(1));
    let (mut book, mut slow) = (OrderBook::default(), Reference::default());
    let (mut count, mut trades, mut undone, mut lots_in, mut lots_out) = (0, 0_u64, 0_u64, 0_u128, 0_u128);
    let mut most = 0;
    while count < operations {
        // Prices close together fill levels, far apart they fill the book.
        let wide = if count % 20_000 < 10_000 { 12 } else { 40 };
        let before = (book.clone(), slow.clone(), lots_in, lots_out);
        for _ in 0..=chance.below(4) {
            let wish = chance.wish(&book, wide);
            let what = format!("operation {count}: {wish:?}");
            let (came, left) = step(&mut book, &mut slow, wish, &what);
            must_be_equal(&book, &slow, &what);
            lots_in += came;
            lots_out += left;
            trades += u64::from(left > 0);
            count += 1;
        }
        let resting: u128 = slow.orders.iter().map(|order| u128::from(order.lots)).sum();
        assert_eq!(lots_in, lots_out + resting, "operation {count}: lots have appeared or vanished");
        if chance.below(5) == 0 {
            book.rollback();
            assert_eq!(book, before.0, "operation {count}: something is left of what was undone");
            (_, slow, lots_in, lots_out) = before;
            undone += 1;
        } else {
            book.commit();
        }
        if chance.below(50) == 0 {
            must_look_alike(&book, &slow, &format!("after operation {count}"));
        }
        most = most.max(book.len());
    }
    println!(
        "{count} operations, {trades} of them took something away, {undone} groups undone, at most {most} orders"
    );
    assert!(most > 20 && trades > count / 10, "the walk says something: {most} orders, {trades} trades");
}

#[test]
fn nothing_is_cancelled_in_a_strangers_name() {
    let mut book = OrderBook::default();
    let order = Limit {
        owner: Trader(1),
        side: Side::Buy,
        price: 10,
        lots: 1,
        time_in_force: TimeInForce::GoodTillCancelled,
        self_match: SelfMatch::CancelResting,
    };
    let (id, _) = book.place(&order, &mut Vec::new()).unwrap().resting.unwrap();
    assert_eq!(book.cancel(Trader(2), id), Err(Refusal::NotOwner));
    assert_eq!(book.cancel_all(Trader(2)), Reserved::default());
    assert_eq!(book.len(), 1);
}
