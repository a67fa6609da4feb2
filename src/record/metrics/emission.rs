//! Staking: what is staked, what was emitted and what became of it, what staking pays.

use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::stake_pools::{EmissionBooks, EmissionPool, EmissionPoolId};

/// A figure of all pools together, in tokens.
fn of_all(name: &str, meaning: &str, read: fn(&EmissionBooks) -> f64) -> Metric {
    Metric::new(name, "tokens", meaning, move |scene: &Scene<'_>| {
        let books = scene.venues.stakes().pools().iter().map(|pool| pool.books(scene.clock));
        Some(books.map(|books| read(&books)).sum())
    })
}

fn of_pool(
    name: String,
    unit: &'static str,
    meaning: String,
    id: EmissionPoolId,
    read: impl Fn(&EmissionPool, &Scene<'_>) -> Option<f64> + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, unit, meaning, move |scene| read(scene.venues.stakes().pool(id)?, scene))
}

/// Reward of a year over stake, at the prices of the tick; `None` before the pool opens and while nothing is staked.
fn stake_apr(pool: &EmissionPool, scene: &Scene<'_>) -> Option<f64> {
    let cycle = pool.cycle(scene.clock)?;
    let token = scene.venues.stakes().accounts()?.token;
    let staked = scene.ledger.asset(pool.asset).decimals.units(pool.rules.total_at(cycle));
    let worth = staked * scene.valuation.price(pool.asset);
    let paid = pool.tokens(pool.rules.coinbase.at(cycle)) * scene.valuation.price(token);
    (worth > 0.0).then(|| paid * pool.cycles_per_year() / worth)
}

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let Some(accounts) = venues.stakes().accounts() else { return Vec::new() };
    let apower = accounts.apower;
    let mut metrics = vec![
        of_all("emission_scheduled", "the most that staking could have emitted so far", |books| {
            books.scheduled
        }),
        of_all("emission_minted", "emission that was paid out or is owed to stakers", |books| books.minted),
        of_all("emission_claimed", "emission that was paid out", |books| books.claimed),
        of_all("emission_lapsed", "emission of cycles in which nobody had staked: never paid", |books| {
            books.lapsed
        }),
        Metric::new(
            "emission_unpaid",
            "tokens",
            "rewards that the community's account could not pay",
            |scene: &Scene<'_>| {
                let pools = scene.venues.stakes().pools();
                Some(pools.iter().map(|pool| pool.tokens(pool.unpaid())).sum())
            },
        ),
        Metric::new("apower_supply", "APower", "APower in existence", move |scene: &Scene<'_>| {
            Some(scene.ledger.supply_units(apower))
        }),
    ];
    for (place, pool) in (0..).zip(venues.stakes().pools()) {
        let (id, name) = (EmissionPoolId(place), &pool.name);
        metrics.push(of_pool(
            format!("{name}_staked"),
            "units",
            format!("stake that counts in the running cycle of {name}"),
            id,
            |pool, scene| Some(scene.ledger.asset(pool.asset).decimals.units(pool.staked(scene.clock))),
        ));
        metrics.push(of_pool(
            format!("{name}_staked_share"),
            "1",
            format!("stake that counts in the running cycle of {name} over the supply of what is staked"),
            id,
            |pool, scene| {
                let supply = scene.ledger.supply_units(pool.asset);
                let staked = scene.ledger.asset(pool.asset).decimals.units(pool.staked(scene.clock));
                (supply > 0.0).then(|| staked / supply)
            },
        ));
        metrics.push(of_pool(
            format!("{name}_stake_apr"),
            "1/yr",
            format!("emission of a year over the value staked in {name}, mean over locks"),
            id,
            stake_apr,
        ));
        metrics.push(of_pool(
            format!("{name}_cycle"),
            "1",
            format!("cycle that runs in {name}; null before it opens"),
            id,
            |pool, scene| pool.cycle(scene.clock).map(f64::from),
        ));
        if pool.vault().is_some() {
            metrics.push(of_pool(
                format!("{name}_vault"),
                "tokens",
                format!("tokens behind the shares of the vault beside {name}"),
                id,
                |pool, scene| {
                    let backing = pool.vault()?.backing(&pool.rules, pool.height(scene.clock));
                    Some(scene.ledger.asset(pool.asset).decimals.units(backing))
                },
            ));
        }
    }
    metrics
}
