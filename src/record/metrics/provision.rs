//! Rules on the provision of liquidity: who waits at the gate, what left, what is committed and insured, who dodges the cap.
//!
//! A pool that has any rules has all of the figures, undefined where it lacks the rule: variants of an experiment that turn a
//! rule on and off then have the same columns.

use crate::quantity::Amount;
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::pool::provision::Provision;
use crate::venue::pool::{Pool, PoolId};

/// A figure of a pool with rules.
struct Figure {
    suffix: &'static str,
    unit: &'static str,
    meaning: &'static str,
    read: fn(&Scene<'_>, &Pool, &Provision) -> Option<f64>,
}

/// Shares as a part of all there are; none where there are none.
fn part(scene: &Scene<'_>, pool: &Pool, shares: Amount) -> Option<f64> {
    let supply = scene.ledger.supply(pool.shares);
    supply.is_positive().then(|| shares.atoms() as f64 / supply.atoms() as f64)
}

/// Shares as a part of those there were at the end of the last cycle; none before the first has ended.
fn part_of_last(provision: &Provision, shares: Amount) -> Option<f64> {
    let supply = provision.record.last_supply;
    supply.is_positive().then(|| shares.atoms() as f64 / supply.atoms() as f64)
}

/// Quote that has to do with the insurance; none where there is no insurance.
fn quote(scene: &Scene<'_>, pool: &Pool, provision: &Provision, amount: Amount) -> Option<f64> {
    provision.rules.insurance?;
    Some(scene.ledger.asset(pool.coins[1]).decimals.units(amount))
}

const FIGURES: [Figure; 10] = [
    Figure {
        suffix: "shares",
        unit: "shares",
        meaning: "shares of the pool that there are",
        read: |scene, pool, _| Some(scene.ledger.supply_units(pool.shares)),
    },
    Figure {
        suffix: "provider_cap",
        unit: "share",
        meaning: "largest share that a wallet may hold after adding",
        read: |_, _, provision| provision.rules.cap_share,
    },
    Figure {
        suffix: "split_wallets",
        unit: "1",
        meaning: "further wallets of providers that hold or wait with shares",
        read: |scene, pool, _| {
            let open = scene.venues.wallets().all().iter().flat_map(|owned| owned.open());
            Some(open.filter(|wallet| pool.provided(scene.ledger, *wallet).is_positive()).count() as f64)
        },
    },
    Figure {
        suffix: "gate_queue_share",
        unit: "share",
        meaning: "part of the pool that waits at the gate",
        read: |scene, pool, provision| {
            provision.rules.gate?;
            part(scene, pool, provision.queued())
        },
    },
    Figure {
        suffix: "gate_outflow",
        unit: "share",
        meaning: "part of the pool that left in the last cycle",
        read: |_, _, provision| part_of_last(provision, provision.record.last_outflow),
    },
    Figure {
        suffix: "gate_allowance",
        unit: "share",
        meaning: "part of the pool that could leave in the last cycle",
        read: |_, _, provision| part_of_last(provision, provision.record.last_allowance),
    },
    Figure {
        suffix: "committed_share",
        unit: "share",
        meaning: "part of the pool that is committed",
        read: |scene, pool, provision| {
            provision.rules.insurance?;
            let committed = provision.commitments().map(|(_, commitment)| commitment.shares.atoms()).sum();
            part(scene, pool, Amount::from_atoms(committed))
        },
    },
    Figure {
        suffix: "insurance_fund",
        unit: "quote",
        meaning: "what insures commitments",
        read: |scene, pool, provision| Some(scene.ledger.units(provision.accounts.fund, pool.coins[1])),
    },
    Figure {
        suffix: "insurance_claimed",
        unit: "quote",
        meaning: "settled claims of who left a commitment, since the start",
        read: |scene, pool, provision| quote(scene, pool, provision, provision.record.claimed),
    },
    Figure {
        suffix: "insurance_paid",
        unit: "quote",
        meaning: "what the fund paid of them, since the start",
        read: |scene, pool, provision| quote(scene, pool, provision, provision.record.paid),
    },
];

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (place, pool) in venues.pools().iter().enumerate() {
        let id = PoolId(place as u8);
        if pool.provision.is_none() {
            continue;
        }
        for figure in &FIGURES {
            let name = format!("{}_{}", pool.name, figure.suffix);
            let meaning = format!("{}: {}", pool.name, figure.meaning);
            metrics.push(Metric::new(name, figure.unit, meaning, move |scene| {
                let pool = scene.venues.pool(id);
                (figure.read)(scene, pool, pool.provision.as_ref()?)
            }));
        }
    }
    metrics
}
