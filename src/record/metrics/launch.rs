//! Launches: what was asked for, what was sold, who was paid back, and where on the line the winners stand.

use crate::quantity::{Amount, AssetId};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::launch::{Launch, LaunchId};

/// A metric's name after the launch's, its unit, its meaning, and how it is read off the launch.
type Kept = (&'static str, &'static str, &'static str, fn(&Launch, &Scene<'_>) -> Option<f64>);

const KEPT: [Kept; 11] = [
    ("registered", "tickets", "tickets registered", |launch, _| Some(launch.sale().registered() as f64)),
    ("accounts", "1", "accounts that registered", |launch, _| Some(launch.entries().count() as f64)),
    ("subscription", "1", "tickets registered for each one on sale", |launch, _| {
        Some(launch.sale().registered() as f64 / launch.sale().tickets as f64)
    }),
    ("sold_share", "1", "part of the tickets on sale that won; none before the draw", |launch, _| {
        drawn(launch).then(|| launch.sale().won as f64 / launch.sale().tickets as f64)
    }),
    (
        "last_winner",
        "1",
        "place of the last ticket that won, as a part of the line of those registered",
        |launch, _| {
            let place = launch.record.last_winner? as f64 + 1.0;
            Some(place / launch.sale().registered() as f64)
        },
    ),
    ("winners", "1", "accounts that won a ticket or more", |launch, _| {
        drawn(launch).then(|| launch.entries().filter(|(_, entry)| entry.won > 0).count() as f64)
    }),
    ("late_wins", "1", "part of the winning tickets that are in the last tenth of the line", |launch, _| {
        late_wins(launch)
    }),
    ("raised", "usd", "what the owner was paid", |launch, scene| {
        Some(units(scene, launch.terms.cash, launch.record.raised))
    }),
    ("refunded", "usd", "what was paid back for tickets that did not win", |launch, scene| {
        Some(units(scene, launch.terms.cash, launch.record.refunded))
    }),
    ("delivered", "tokens", "tokens that winners have received", |launch, scene| {
        Some(units(scene, launch.terms.token, launch.record.delivered))
    }),
    ("power_burned", "units", "power burned for tickets; none where they cost none", |launch, scene| {
        let (power, _) = launch.terms.power?;
        Some(units(scene, power, launch.record.power_burned))
    }),
];

/// The metrics of every launch.
pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (place, launch) in venues.launches().iter().enumerate() {
        let (id, name) = (LaunchId(place as u8), &launch.terms.name);
        for (suffix, unit, meaning, read) in KEPT {
            metrics.push(Metric::new(
                format!("{name}_{suffix}"),
                unit,
                format!("{name}: {meaning}"),
                move |scene: &Scene<'_>| read(scene.venues.launch(id), scene),
            ));
        }
    }
    metrics
}

/// Whether winners were drawn, and not a failure declared.
fn drawn(launch: &Launch) -> bool {
    launch.record.drawn && !launch.sale().has_failed()
}

fn units(scene: &Scene<'_>, asset: AssetId, amount: Amount) -> f64 {
    scene.ledger.asset(asset).decimals.units(amount)
}

/// An account that stands across the border counts with the part of its tickets that lies behind it.
fn late_wins(launch: &Launch) -> Option<f64> {
    let (sale, mut passed, mut late) = (launch.sale(), 0.0, 0.0);
    let border = 0.9 * sale.registered() as f64;
    for (_, entry) in launch.entries() {
        let tickets = entry.tickets as f64;
        let behind = (passed + tickets - border).clamp(0.0, tickets);
        late += entry.won as f64 * behind / tickets;
        passed += tickets;
    }
    (drawn(launch) && sale.won > 0).then(|| late / sale.won as f64)
}
