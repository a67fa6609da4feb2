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
use ballast::venue::execute::Receipts;
use ballast::venue::lending::{LoanMarket, LoanMarketId};
use ballast::world::audit::Breach;
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::phase::run_tick;
use bevy_ecs::world::World;
use common::{market, read};

/// Pairs of runs.
const RUNS: u32 = 12;
/// Student's t for eleven degrees of freedom, one-sided, at half a percent.
const CRITICAL: f64 = 3.106;
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

/// The shipped profiles, unchanged.
const AS_SHIPPED: (&str, &str) = ("market:", "market:");

fn people(borrowers: u32, lenders: u32) -> String {
    population("borrower", borrowers, AS_SHIPPED) + &population("lender", lenders, AS_SHIPPED)
}

fn loan(world: &World) -> &LoanMarket {
    world.resource::<Venues>().loan(LoanMarketId(0))
}

fn rate(world: &World) -> f64 {
    let (ledger, clock) = (world.resource::<Ledger>(), world.resource::<Clock>());
    let market = loan(world);
    market.annual_rate(clock, market.bond_price(ledger, clock).unwrap()).unwrap()
}

/// Run number `run` until `days` are over, looked at after every tick; the books are audited in each.
fn run(experiment: &Experiment, run: u32, days: u32, mut look: impl FnMut(u32, &World)) -> World {
    let path = market(experiment, run);
    let mut world = build(experiment, &path, run, None).unwrap();
    for tick in 0..days * DAY {
        run_tick(&mut world, Tick(tick));
        assert_eq!(world.resource::<Breach>().found(), None);
        look(tick, &world);
    }
    world
}

/// The mean rate while it is settled, run by run.
fn rates(populations: &str) -> Vec<f64> {
    let experiment = experiment(populations);
    let mean = |number| {
        let mut sum = 0.0;
        run(&experiment, number, SETTLED.end / DAY, |tick, world| {
            if SETTLED.contains(&tick) {
                sum += rate(world);
            }
        });
        sum / f64::from(SETTLED.end - SETTLED.start)
    };
    (0..RUNS).map(mean).collect()
}

/// Fails unless the figures rise, pair by pair, beyond what chance explains.
#[track_caller]
fn assert_rises(what: &str, before: &[f64], after: &[f64]) {
    let differences: Vec<f64> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let statistic = mean / (variance / count).sqrt();
    println!("{what}: {before:.4?} -> {after:.4?}, t = {statistic:.1}");
    assert!(statistic > CRITICAL, "{what}: {before:?} -> {after:?}, t = {statistic}");
}

/// A fresh pool quotes 0 %. Borrowers raise the rate until lenders find it worth their while, and it stays within what
/// both bear: medians of 5 % asked and 12 % offered.
#[test]
fn the_rate_is_found_by_trade_and_answers_demand_and_supply() {
    let base = rates(&people(200, 200));
    assert!(base.iter().all(|rate| (0.02..0.1).contains(rate)), "{base:?}");
    assert_rises("twice the borrowers", &base, &rates(&people(400, 200)));
    assert_rises("half the lenders", &rates(&people(200, 400)), &base);
    let share = ("borrow_share: Uniform(low: 0.2, high: 0.7)", "borrow_share: Uniform(low: 0.4, high: 1.4)");
    let eager = population("borrower", 200, share) + &population("lender", 200, AS_SHIPPED);
    assert_rises("twice the share borrowed", &base, &rates(&eager));
}

/// Without lenders borrowers meet the pool's own liquidity alone, and drive the rate to what they bear.
#[test]
fn without_lenders_loans_are_dearer() {
    assert_rises("no lenders", &rates(&people(200, 200)), &rates(&people(200, 0)));
}

/// Every style in one market over the end of a term. Ten days later nobody who looks four times a day holds a claim that
/// is worth its gas, and there are new loans.
#[test]
fn after_expiry_everybody_has_claimed_and_begun_anew() {
    let often = ("activity_per_day: Uniform(low: 0.3, high: 2)", "activity_per_day: 4");
    let cautious = ("activity_per_day: Uniform(low: 1, high: 4)", "activity_per_day: 4");
    let populations = population("borrower", 100, often)
        + &population("borrower_loop", 60, often)
        + &population("borrower_roll", 40, often)
        + &population("lender", 80, often)
        + &population("lender_cautious", 80, cautious);
    let mut debts = [0.0; 2];
    let mut joined = [0_u32; 5];
    let world = run(&experiment(&populations), 0, HORIZON, |tick, world| {
        let market = loan(world);
        let ledger = world.resource::<Ledger>();
        let slot = market.slot(&market.record.running);
        debts[(tick > TERM * DAY) as usize] = ledger.supply_units(slot.yield_token);
        if tick == (TERM - 1) * DAY {
            for (place, population) in world.resource::<Directory>().populations().iter().enumerate() {
                let of = |account: &u32| {
                    let token = if place < 3 { slot.key_token } else { slot.yield_token };
                    ledger.balance(AccountId(*account), token).is_positive()
                };
                let accounts = population.first.0..population.first.0 + population.count;
                joined[place] = accounts.filter(of).count() as u32;
            }
        }
    });
    println!("debts {debts:?}, in the market {joined:?}");
    assert!(joined.iter().all(|count| *count > 0), "every kind takes part: {joined:?}");
    let (ledger, market) = (world.resource::<Ledger>(), loan(&world));
    let before = market.record.before.unwrap();
    assert_eq!((market.record.terms_opened, before.settled), (2, Some(1.0)));
    let slot = market.slot(&before);
    let mid = world.resource::<Venues>().exchange.mid(world.resource(), market.collateral).unwrap();
    for population in world.resource::<Directory>().populations() {
        for account in (population.first.0..population.first.0 + population.count).map(AccountId) {
            let bonds = ledger.balance(account, slot.yield_token);
            let keys = ledger.balance(account, slot.key_token);
            let [collateral, tokens] = market.quote_claim(ledger, bonds, keys).unwrap();
            let value = ledger.asset(market.collateral).decimals.units(collateral) * mid
                + ledger.asset(market.token).decimals.units(tokens);
            assert!(value <= 2.0, "{account:?} of {} still has {value} dollars to claim", population.profile);
        }
    }
    assert!(debts[0] > 50_000.0 && debts[1] > 0.2 * debts[0], "{debts:?}");
    let receipts = world.resource::<Receipts>();
    println!("{} transactions, {} refused", receipts.succeeded(), receipts.refused());
    assert!(receipts.refused() * 10 < receipts.succeeded(), "limits are seldom missed");
}

/// What a borrower is paid is never less than its highest rate allows, whatever happened in the block before it.
#[test]
fn nobody_borrows_above_its_own_rate() {
    let strict =
        ("highest_rate_per_year: LogNormal(median: 0.12, sigma: 0.5)", "highest_rate_per_year: 0.03");
    let populations = population("borrower", 200, strict);
    let experiment = experiment(&populations);
    let mut most = 0.0_f64;
    let world = run(&experiment, 1, SETTLED.end / DAY, |_, world| most = most.max(rate(world)));
    let totals = loan(&world).record.totals;
    assert!(totals.issued > 10_000.0);
    // Each pays at most 3 % a year for at most 20 days; the pool's own margin may be beyond what the last one paid on
    // average.
    let most_interest = totals.borrowed * 0.03 * f64::from(TERM) / 365.0;
    assert!(totals.interest <= most_interest, "{} against {most_interest}", totals.interest);
    assert!((0.01..0.08).contains(&most), "{most}");
}

#[test]
fn a_profile_that_names_no_market_is_told_which_there_are() {
    let wrong = population("lender", 1, ("market: \"eth_loan\"", "market: \"btc_loan\""));
    let experiment = experiment(&wrong);
    let error = build(&experiment, &market(&experiment, 0), 0, None).err().unwrap().to_string();
    for part in ["`market`", "eth_loan", "`btc_loan`"] {
        assert!(error.contains(part), "{error}");
    }
}
