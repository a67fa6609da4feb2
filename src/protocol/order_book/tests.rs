//! Worked examples. The matching against a slow reference is in `tests/order_book`.

use super::*;

const PATIENT: TimeInForce = TimeInForce::GoodTillCancelled;

fn limit(owner: u32, side: Side, price: u32, lots: u32) -> Limit {
    Limit {
        owner: Trader(owner),
        side,
        price,
        lots,
        time_in_force: PATIENT,
        self_match: SelfMatch::CancelResting,
    }
}

/// A book with these orders, and what they traded.
fn book(orders: &[Limit]) -> (OrderBook, Vec<Fill>) {
    let (mut book, mut fills) = (OrderBook::default(), Vec::new());
    for order in orders {
        book.place(order, &mut fills).unwrap();
    }
    book.commit();
    (book, fills)
}

fn resting(book: &OrderBook, side: Side) -> Vec<(u32, u32, u32)> {
    book.orders(side).map(|(id, resting)| (resting.owner.0, id.price, resting.lots)).collect()
}

#[test]
fn better_prices_go_first_and_earlier_orders_among_equals() {
    let orders = [(1, 10, 5), (2, 11, 5), (3, 11, 5), (4, 9, 5)];
    let bids = orders.map(|(owner, price, lots)| limit(owner, Side::Buy, price, lots));
    let (mut book, _) = book(&bids);
    assert_eq!(resting(&book, Side::Buy), [(2, 11, 5), (3, 11, 5), (1, 10, 5), (4, 9, 5)]);
    let mut fills = Vec::new();
    let taken = book.market(Trader(9), Side::Sell, Budget::Lots(12), SelfMatch::default(), &mut fills);
    assert_eq!(taken.unwrap().notional, 5 * 11 + 5 * 11 + 2 * 10);
    assert_eq!(
        fills.iter().map(|fill| (fill.maker.0, fill.lots)).collect::<Vec<_>>(),
        [(2, 5), (3, 5), (1, 2)]
    );
    assert_eq!(resting(&book, Side::Buy), [(1, 10, 3), (4, 9, 5)]);
}

#[test]
fn an_order_trades_at_the_price_that_rests() {
    let (book, fills) = book(&[limit(1, Side::Sell, 100, 4), limit(2, Side::Buy, 120, 10)]);
    assert_eq!(fills.len(), 1);
    assert_eq!((fills[0].notional(), fills[0].order.price), (400, 100));
    assert_eq!(resting(&book, Side::Buy), [(2, 120, 6)], "what is left rests at its own limit");
    assert_eq!((book.best(Side::Sell), book.mid()), (None, None));
}

#[test]
fn what_is_left_rests_or_not_as_the_order_says() {
    let kept = |time_in_force| {
        let (mut book, mut fills) = book(&[limit(1, Side::Sell, 100, 4)]);
        let order = Limit { time_in_force, ..limit(2, Side::Buy, 100, 10) };
        book.place(&order, &mut fills).map(|placed| placed.resting.map(|(_, lots)| lots))
    };
    assert_eq!(kept(PATIENT), Ok(Some(6)));
    assert_eq!(kept(TimeInForce::ImmediateOrCancel), Ok(None));
    assert_eq!(kept(TimeInForce::PostOnly), Err(Refusal::WouldTrade { price: 100, best: 100 }));
    let (mut book, mut fills) = book(&[limit(1, Side::Sell, 101, 4)]);
    let order = Limit { time_in_force: TimeInForce::PostOnly, ..limit(2, Side::Buy, 100, 10) };
    assert!(
        book.place(&order, &mut fills).unwrap().resting.is_some(),
        "a post-only order that does not cross rests"
    );
}

#[test]
fn nobody_trades_with_himself() {
    let after = |self_match| {
        let (mut book, mut fills) =
            book(&[limit(1, Side::Sell, 100, 4), limit(2, Side::Sell, 101, 4), limit(3, Side::Sell, 102, 4)]);
        let order = Limit { self_match, ..limit(2, Side::Buy, 102, 10) };
        let taken = book.place(&order, &mut fills).unwrap().taken;
        (
            taken.lots,
            taken.released.lots,
            taken.stopped,
            resting(&book, Side::Sell),
            resting(&book, Side::Buy),
        )
    };
    assert_eq!(after(SelfMatch::CancelResting), (8, 4, false, vec![], vec![(2, 102, 2)]));
    assert_eq!(
        after(SelfMatch::CancelIncoming),
        (4, 0, true, vec![(2, 101, 4), (3, 102, 4)], vec![]),
        "the resting order stays"
    );
    assert_eq!(after(SelfMatch::CancelBoth), (4, 4, true, vec![(3, 102, 4)], vec![]));
}

#[test]
fn a_budget_buys_whole_lots_only() {
    let (mut book, mut fills) = book(&[limit(1, Side::Sell, 10, 3), limit(1, Side::Sell, 11, 5)]);
    let budget = Budget::Notional(10 * 3 + 11 * 2 + 10);
    let quote = book.quote_market(Side::Buy, budget);
    let taken = book.market(Trader(2), Side::Buy, budget, SelfMatch::default(), &mut fills).unwrap();
    assert_eq!((taken.lots, taken.notional), (5, 52), "ten tick-lots are left: a third lot costs eleven");
    assert_eq!((quote.lots, quote.notional), (taken.lots, taken.notional));
    assert_eq!(quote.average_price(), Some(10.4));
}

#[test]
fn cancelling_is_the_owners_right() {
    let (mut book, _) =
        book(&[limit(1, Side::Buy, 10, 3), limit(1, Side::Sell, 12, 3), limit(2, Side::Buy, 9, 1)]);
    let mine: Vec<OrderId> = book.orders_of(Trader(1)).collect();
    assert_eq!(mine.len(), 2);
    assert_eq!(book.cancel(Trader(2), mine[0]), Err(Refusal::NotOwner));
    assert_eq!(book.cancel(Trader(1), mine[0]), Ok(Reserved { lots: 0, notional: 30 }));
    assert_eq!(book.cancel(Trader(1), mine[0]), Err(Refusal::NotFound));
    assert_eq!(book.cancel_all(Trader(1)), Reserved { lots: 3, notional: 0 });
    assert_eq!((book.len(), book.best(Side::Buy)), (1, Some(9)));
}

#[test]
fn depth_adds_up_by_price_and_up_to_a_bound() {
    let (book, _) = book(&[
        limit(1, Side::Buy, 10, 3),
        limit(2, Side::Buy, 10, 4),
        limit(3, Side::Buy, 8, 2),
        limit(3, Side::Sell, 13, 2),
    ]);
    let levels: Vec<Level> = book.levels(Side::Buy).collect();
    assert_eq!(levels, [Level { price: 10, lots: 7, orders: 2 }, Level { price: 8, lots: 2, orders: 1 }]);
    assert_eq!(book.depth(Side::Buy, 9), Quote { lots: 7, notional: 70 });
    assert_eq!(book.depth(Side::Sell, 12), Quote::default());
    assert_eq!(book.mid(), Some(11.5));
    assert_eq!(book.reserved(), Reserved { lots: 2, notional: 86 });
    assert_eq!(book.count_reserved(), book.reserved());
}

#[test]
fn a_rollback_leaves_no_trace() {
    let (mut book, mut fills) = book(&[limit(1, Side::Sell, 10, 3), limit(2, Side::Sell, 11, 5)]);
    let before = book.clone();
    book.place(&limit(3, Side::Buy, 11, 6), &mut fills).unwrap();
    book.place(&limit(3, Side::Buy, 9, 6), &mut fills).unwrap();
    book.place(&limit(2, Side::Buy, 11, 6), &mut fills).unwrap();
    book.cancel_all(Trader(3));
    assert_ne!(book, before);
    book.rollback();
    assert_eq!(book, before);
    book.rollback();
    assert_eq!(book, before, "there is nothing more to undo");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (mut book, mut fills) = book(&[]);
    assert_eq!(book.place(&limit(1, Side::Buy, 10, 0), &mut fills), Err(Refusal::NoLots));
    assert_eq!(book.place(&limit(1, Side::Buy, 0, 1), &mut fills), Err(Refusal::NoPrice));
    let nothing = book.market(Trader(1), Side::Buy, Budget::Notional(0), SelfMatch::default(), &mut fills);
    assert_eq!(nothing, Err(Refusal::NoLots));
    book.next = u32::MAX;
    assert_eq!(book.place(&limit(1, Side::Buy, 10, 1), &mut fills), Err(Refusal::Full));
    assert_eq!(book, OrderBook { next: u32::MAX, ..OrderBook::default() });
    // The largest prices and sizes do not overflow anything.
    book.next = 0;
    for owner in 0..3 {
        book.place(&limit(owner, Side::Buy, u32::MAX, u32::MAX), &mut fills).unwrap();
    }
    assert_eq!(book.reserved(), book.count_reserved());
}
