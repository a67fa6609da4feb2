//! Emission: what keeps liquidity when it halves, what opens a pool, who rolls a vault.

use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;
use ballast::record::table::Cells;

use super::paired::{assert_falls, assert_rises, average, over_runs, sets};
use super::shipped;

const RUNS: u32 = 10;

/// A variant in which the emission halves with the end of cycle `halving`, and a cycle is a day.
fn mercenary(variant: &str, halving: u32) -> Experiment {
    let changes =
        [format!("horizon_days={}", halving + 14), format!("staking.eth_usd.halving_cycles={halving}")];
    let all = shipped::variants("mercenary_liquidity", &changes);
    all.into_iter().find(|(name, _)| name == variant).unwrap().1
}

/// Mean liquidity of a constant product, `sqrt(x y)` up to a factor, between two days: its value over the root of the price.
fn liquidity(tables: &RunTables, from_day: f64, to_day: f64) -> f64 {
    let cells = |name: &str| tables.series.real(name).unwrap();
    let days = tables.series.integer("tick").unwrap().iter().map(|tick| *tick as f64 / 24.0);
    let within =
        days.zip(cells("eth_usd_tvl").iter().zip(cells("eth_price"))).filter_map(|(day, (tvl, price))| {
            (day >= from_day && day < to_day).then_some((*tvl)? / (*price)?.sqrt())
        });
    average(&within.collect::<Vec<_>>())
}

/// What is left in the second week after the halving, of what was there in the days before.
fn kept(experiment: &Experiment, halving: u32) -> Vec<f64> {
    let day = f64::from(halving + 1);
    over_runs(experiment, RUNS, |tables| {
        liquidity(tables, day + 5.0, day + 12.0) / liquidity(tables, day - 3.0, day - 1.0)
    })
}

/// Whoever is locked cannot leave: where longer locks earn more, less is gone in the second week after a halving that finds
/// most in the middle of a lock. The price of it: before the halving there is less, because being locked is worth something
/// to those who stay away.
#[test]
fn committed_rewards_lower_churn_when_emissions_halve() {
    let halving = 40;
    let [plain, tiered] = ["uncommitted", "committed"].map(|variant| mercenary(variant, halving));
    assert_rises("liquidity kept", &kept(&plain, halving), &kept(&tiered, halving));
    let before = |tables: &RunTables| liquidity(tables, 20.0, f64::from(halving));
    let ten = |experiment| over_runs(experiment, RUNS, before);
    assert_falls("liquidity before the halving", &ten(&plain), &ten(&tiered));
}

/// A lock delays, it does not bind for ever: everybody came on the first day for 16 cycles, so that the second locks end
/// with day 34, and a halving just then finds the committed free to leave together.
#[test]
fn a_halving_as_the_locks_end_empties_a_committed_pool_faster() {
    let halving = 34;
    let [plain, tiered] =
        ["uncommitted", "committed"].map(|variant| kept(&mercenary(variant, halving), halving));
    assert_falls("liquidity kept", &plain, &tiered);
}

fn happened(tables: &RunTables, kind: &str) -> Vec<(i64, Option<String>)> {
    let ticks = tables.events.integer("tick").unwrap();
    let (kinds, agents) = (tables.events.text("kind").unwrap(), tables.events.text("agent_kind").unwrap());
    let rows = kinds.iter().zip(agents).zip(ticks).filter(|((found, _), _)| found.as_deref() == Some(kind));
    rows.map(|((_, agent), tick)| (*tick, agent.clone())).collect()
}

fn last(tables: &RunTables, name: &str) -> f64 {
    let Cells::Real(cells) = &tables.series.column(name).unwrap().cells else { panic!("{name}") };
    cells.iter().flatten().last().copied().unwrap()
}

#[test]
fn keepers_roll_the_vault_when_the_bounty_pays_and_not_otherwise() {
    let short = ["horizon_days=12"];
    let rolls = |more: &str| {
        let experiment = shipped::shipped("mercenary_liquidity", &sets(&[short[0], more]));
        happened(&shipped::run(&experiment, 0, 0), "vault_rolled")
    };
    let paid = rolls("staking.gov.vault.bounty_tokens=40");
    assert!(paid.len() >= 8, "a cycle is a day: {}", paid.len());
    assert!(paid.iter().all(|(_, agent)| agent.as_deref() == Some("keeper")));
    assert!(rolls("staking.gov.vault.bounty_tokens=1").is_empty(), "five cents do not pay the gas");
}

#[test]
fn a_crowd_of_stakers_opens_its_pool() {
    let opening = "staking.gov.opening=Registrations(wallets: 20, delay_blocks: 150)";
    let experiment = shipped::shipped("mercenary_liquidity", &sets(&["horizon_days=12", opening]));
    let tables = shipped::run(&experiment, 0, 0);
    let opened = happened(&tables, "staking_opens");
    assert_eq!(opened.len(), 1);
    let cycle = tables.series.real("gov_cycle").unwrap();
    let first = tables.series.integer("tick").unwrap().iter().zip(cycle).find(|(_, cycle)| cycle.is_some());
    // 150 blocks of ten minutes are 25 hours; metrics are read every six.
    let waited = first.unwrap().0 - opened[0].0;
    assert!((24..=32).contains(&waited), "{waited} hours");
    assert!(last(&tables, "gov_staked_share") > 0.02);
    assert!(last(&tables, "emission_claimed") <= last(&tables, "emission_minted"));
    assert!(last(&tables, "emission_minted") <= last(&tables, "emission_scheduled"));
}
