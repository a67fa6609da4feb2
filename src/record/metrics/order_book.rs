//! Order books: best prices, spread, depth, volume, and how far they are from other markets.

use crate::protocol::order_book::Side;
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::book::{Book, BookId};
use crate::venue::pool::PoolId;

/// How far from the middle orders count as near.
const NEAR: f64 = 0.02;

/// A metric's name after the book's, its unit, its meaning, and how it is read off the book.
type Kept = (&'static str, &'static str, &'static str, fn(&Book, &Scene<'_>) -> Option<f64>);

const KEPT: [Kept; 9] = [
    ("bid", "quote per base", "highest price somebody waits to pay", |book, _| book.best(Side::Buy)),
    ("ask", "quote per base", "lowest price somebody waits to be paid", |book, _| book.best(Side::Sell)),
    ("mid", "quote per base", "halfway between the best prices", |book, _| book.mid()),
    ("spread", "bps", "distance between the best prices, over their middle", |book, _| {
        Some((book.best(Side::Sell)? - book.best(Side::Buy)?) / book.mid()? * 1e4)
    }),
    ("bid_depth", "quote", "what bids within 2 % of the middle would pay", |book, scene| {
        depth(book, scene, Side::Buy)
    }),
    ("ask_depth", "quote", "what offers within 2 % of the middle would cost", |book, scene| {
        depth(book, scene, Side::Sell)
    }),
    ("orders", "1", "orders that wait", |book, _| Some(book.orders().len() as f64)),
    ("volume", "quote", "traded since the start", |book, _| Some(book.record.volume_quote)),
    ("fees", "quote", "fees charged since the start", |book, _| Some(book.record.fees_quote)),
];

/// The metrics of every order book.
pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (place, book) in venues.books().iter().enumerate() {
        let (id, name, coins) = (BookId(place as u8), &book.terms.name, book.terms.coins);
        for (suffix, unit, meaning, read) in KEPT {
            metrics.push(Metric::new(
                format!("{name}_{suffix}"),
                unit,
                format!("{name}: {meaning}"),
                move |scene: &Scene<'_>| read(scene.venues.book(id), scene),
            ));
        }
        metrics.push(Metric::new(
            format!("{name}_value_gap"),
            "%",
            format!("{name}: middle of the book over the outside price or net asset value, less one"),
            move |scene| {
                let value = scene.valuation.price(coins[0]) / scene.valuation.price(coins[1]);
                gap(scene.venues.book(id), value)
            },
        ));
        if let Some(pool) = venues.pools().iter().position(|pool| pool.coins == coins) {
            let (pool_id, pool) = (PoolId(pool as u8), &venues.pools()[pool].name);
            metrics.push(Metric::new(
                format!("{name}_pool_gap"),
                "%",
                format!("{name}: middle of the book over the marginal price in {pool}, less one"),
                move |scene| gap(scene.venues.book(id), scene.venues.pool(pool_id).price(scene.ledger)?),
            ));
        }
    }
    metrics
}

fn gap(book: &Book, other: f64) -> Option<f64> {
    let gap = (book.mid()? / other - 1.0) * 100.0;
    gap.is_finite().then_some(gap)
}

fn depth(book: &Book, scene: &Scene<'_>, side: Side) -> Option<f64> {
    let mid = book.mid()?;
    let bound = match side {
        // Rounded outwards: a price on the bound is near.
        Side::Buy => book.ticks(Side::Sell, mid * (1.0 - NEAR))?,
        Side::Sell => book.ticks(Side::Buy, mid * (1.0 + NEAR))?,
    };
    let quote = scene.ledger.asset(book.terms.coins[1]).decimals;
    Some(quote.units(book.quote_atoms(book.orders().depth(side, bound))))
}
