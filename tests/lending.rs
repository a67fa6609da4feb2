//! Borrowers and lenders in whole worlds: the fixed rate is found by trade, and answers demand and supply.
//!
//! Worlds that are compared share their seeds and differ in one count or share. Nobody rebalances the collateral pool.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is a failed test")]

#[path = "common/mod.rs"]
mod common;

use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::world::build;
use ballast::quantity::Tick;
use ballast::venue::Venues;
use ballast::venue::lending::{LoanMarket, LoanMarketId};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::phase::run_tick;
use common::{market, read};

const DAY: u32 = 24;
/// Days of a term, of a run, and between which the rate is averaged: when the first have traded, and before the end.
const TERM: u32 = 20;
const HORIZON: u32 = 30;
const SETTLED: std::ops::Range<u32> = 6 * DAY..18 * DAY;

fn population(profile: &str, count: u32, change: (&str, &str)) -> String {
    let file = format!("{}/agents/{profile}.ron", env!("CARGO_MANIFEST_DIR"));
    let agent = std::fs::read_to_string(file).unwrap();
    assert!(agent.contains(change.0), "{profile}: {}", change.0);
    let agent = agent.replace(change.0, change.1);
    format!("(profile: \"{profile}\", count: {count}, agent: {agent}),\n")
}

/// One ETH loan market after the white paper, and these people in it.
fn experiment(populations: &str) -> Experiment {
    read(&format!(
        "(
            name: \"lending\",
            seed: 7,
            horizon_days: {HORIZON},
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.6)]),
            loans: [(
                name: \"eth_loan\", profile: Whitepaper, term_days: {TERM},
                rates: (initial_liquidity_usd: 500000),
            )],
            populations: [{populations}],
        )"
    ))
}

/// What became of a run.
#[derive(Debug)]
struct Outcome {
    /// Mean fixed rate while it is settled.
    rate: f64,
    /// Debt at the end of that time.
    debt: f64,
}

fn loan(world: &bevy_ecs::world::World) -> &LoanMarket {
    world.resource::<Venues>().loan(LoanMarketId(0))
}

fn rate(world: &bevy_ecs::world::World) -> f64 {
    let (ledger, clock) = (world.resource::<Ledger>(), world.resource::<Clock>());
    let market = loan(world);
    market.annual_rate(clock, market.bond_price(ledger, clock).unwrap()).unwrap()
}

/// Runs number `run`; every tick ends with an audit of all books.
fn run(experiment: &Experiment, run: u32, days: u32) -> (bevy_ecs::world::World, Outcome) {
    let path = market(experiment, run);
    let mut world = build(experiment, &path, run, None).unwrap();
    let (mut sum, mut debt) = (0.0, 0.0);
    for tick in 0..days * DAY {
        run_tick(&mut world, Tick(tick));
        if SETTLED.contains(&tick) {
            sum += rate(&world);
            let slot = loan(&world).slot(&loan(&world).record.running);
            debt = world.resource::<Ledger>().supply_units(slot.yield_token);
        }
    }
    (world, Outcome { rate: sum / f64::from(SETTLED.end - SETTLED.start), debt })
}

#[test]
fn probe() {
    let none = ("market:", "market:");
    for (b, l) in [(200, 200), (400, 200), (200, 400)] {
        let text = population("borrower", b, none) + &population("lender", l, none);
        for r in 0..3 {
            let e = experiment(&text);
            let (world, o) = run(&e, r, HORIZON);
            let t = loan(&world).record.totals;
            let rec = world.resource::<ballast::venue::execute::Receipts>();
            println!("{b} {l} {r} {o:?} {t:?} ok {} refused {}", rec.succeeded(), rec.refused());
        }
    }
    for p in ["borrower_loop", "borrower_roll"] {
        let text = population(p, 200, none) + &population("lender", 200, none);
        let e = experiment(&text);
        let (world, o) = run(&e, 0, HORIZON);
        let t = loan(&world).record.totals;
        let rec = world.resource::<ballast::venue::execute::Receipts>();
        println!("{p} {o:?} {t:?} ok {} refused {}", rec.succeeded(), rec.refused());
    }
}
