//! The outside market and the chain.

use crate::record::recorder::Metric;
use crate::venue::Venues;
use crate::world::ledger::Ledger;

pub(super) fn metrics(ledger: &Ledger, venues: &Venues) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = venues
        .exchange
        .listings()
        .iter()
        .map(|listing| {
            let (feed, symbol) = (listing.feed, &ledger.asset(listing.asset).symbol);
            Metric::new(
                format!("{}_price", symbol.to_lowercase()),
                "usd",
                format!("outside spot price of {symbol}"),
                move |scene| Some(scene.oracle.spot(feed)),
            )
        })
        .collect();
    metrics.push(Metric::new(
        "dollar_token_price",
        "usd",
        "price of the on-chain dollar in dollars",
        |scene| Some(scene.oracle.dollar_token()),
    ));
    metrics.push(Metric::new("agents_awake", "1", "agents that acted in this tick", |scene| {
        Some(scene.calendar.awake() as f64)
    }));
    metrics.push(Metric::new("transactions", "1", "transactions executed in this tick", |scene| {
        Some(scene.receipts.of_tick().iter().filter(|receipt| receipt.outcome.is_ok()).count() as f64)
    }));
    metrics.push(Metric::new("refusals", "1", "transactions refused in this tick", |scene| {
        Some(scene.receipts.of_tick().iter().filter(|receipt| receipt.outcome.is_err()).count() as f64)
    }));
    metrics
}
