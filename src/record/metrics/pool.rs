//! Pools: price, depth, volume, and how concentrated their liquidity is.

use crate::record::recorder::Metric;
use crate::venue::Venues;
use crate::venue::pool::PoolId;

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (place, pool) in venues.pools().iter().enumerate() {
        let id = PoolId(place as u8);
        let name = &pool.name;
        metrics.push(Metric::new(
            format!("{name}_price"),
            "quote per base",
            format!("marginal price in {name}, before fees"),
            move |scene| scene.venues.pool(id).price(scene.ledger),
        ));
        metrics.push(Metric::new(
            format!("{name}_twap"),
            "quote per base",
            format!("geometric mean of the marginal price in {name} over its window"),
            move |scene| scene.venues.pool(id).twap(scene.ledger, scene.clock),
        ));
        metrics.push(Metric::new(
            format!("{name}_tvl"),
            "usd",
            format!("value of the reserves of {name}"),
            move |scene| {
                let pool = scene.venues.pool(id);
                let reserves = pool.reserves(scene.ledger);
                Some(
                    reserves[0] * scene.valuation.price(pool.coins[0])
                        + reserves[1] * scene.valuation.price(pool.coins[1]),
                )
            },
        ));
        metrics.push(Metric::new(
            format!("{name}_depth"),
            "quote",
            format!("quote that buys base in {name} until its price is 2 % higher, fee aside"),
            move |scene| {
                let pool = scene.venues.pool(id);
                let target = pool.price(scene.ledger)? * 1.02;
                let trade = pool.curve.arbitrage_trade(pool.reserves(scene.ledger), 0.0, target)?;
                Some(trade.amount_in)
            },
        ));
        metrics.push(Metric::new(
            format!("{name}_volume"),
            "quote",
            format!("traded in {name} since the start"),
            move |scene| Some(scene.venues.pool(id).record.volume_quote),
        ));
        metrics.push(Metric::new(
            format!("{name}_fees"),
            "quote",
            format!("fees charged by {name} since the start"),
            move |scene| Some(scene.venues.pool(id).record.fees_quote),
        ));
    }
    metrics
}
