//! Loans of the governance token: what is offered, what is lent, what it costs and brings.

use crate::quantity::Amount;
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::token_loans::LendingDesk;

/// A metric's name, its unit, its meaning, and how it is read off the desk.
type Kept = (&'static str, &'static str, &'static str, fn(&LendingDesk, &Scene<'_>) -> f64);

const KEPT: [Kept; 7] = [
    (
        "token_loans_offered",
        "tokens",
        "governance tokens that holders have at the desk, lent or not",
        |desk, scene| tokens(desk, scene, desk.record.offered),
    ),
    ("token_loans_lent", "tokens", "governance tokens lent", |desk, scene| {
        tokens(desk, scene, desk.record.lent)
    }),
    ("token_loans_lendable", "tokens", "governance tokens that can be borrowed now", |desk, scene| {
        tokens(desk, scene, desk.lendable())
    }),
    ("token_loans_rate", "1/year", "what one more token lent costs, as a share of its value", |desk, _| {
        desk.quote_rate(Amount::from_atoms(1))
    }),
    ("token_loans_collateral", "usd", "what is left of the dollars put up for loans", |desk, scene| {
        dollars(desk, scene, desk.record.collateral)
    }),
    ("token_loans_earned", "usd", "what loans have brought lenders since the start", |desk, scene| {
        dollars(desk, scene, desk.record.earned)
    }),
    ("token_loans_settled", "1", "loans settled out of their collateral since the start", |desk, _| {
        f64::from(desk.record.settled)
    }),
];

/// The metrics of the desk, if there is one.
pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let kept = KEPT.into_iter().filter(|_| venues.desk().is_some());
    let metric = |(name, unit, meaning, read): Kept| {
        Metric::new(name, unit, meaning, move |scene: &Scene<'_>| Some(read(scene.venues.desk()?, scene)))
    };
    kept.map(metric).collect()
}

fn tokens(desk: &LendingDesk, scene: &Scene<'_>, amount: Amount) -> f64 {
    scene.ledger.asset(desk.token).decimals.units(amount)
}

fn dollars(desk: &LendingDesk, scene: &Scene<'_>, amount: Amount) -> f64 {
    scene.ledger.asset(desk.dollar).decimals.units(amount)
}
