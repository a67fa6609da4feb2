//! Emission: what keeps liquidity when it halves, what opens a pool, who rolls a vault.

use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;
use ballast::record::table::Cells;

use super::paired::{assert_falls, assert_rises, average, over_runs, sets};
use super::shipped;

/// Day of the halving.
const HALVING: f64 = 41.0;
const RUNS: u32 = 10;

fn mercenary(variant: &str) -> Experiment {
    let all = shipped::variants("mercenary_liquidity", &sets(&["horizon_days=54"]));
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
fn kept(tables: &RunTables) -> f64 {
    liquidity(tables, HALVING + 5.0, HALVING + 12.0) / liquidity(tables, HALVING - 3.0, HALVING - 1.0)
}

/// Whoever is locked cannot leave: where longer locks earn more, less is gone in the second week. The price of it: before the
/// halving there is less, because being locked is worth something to those who stay away.
#[test]
fn committed_rewards_lower_churn_when_emissions_halve() {
    let (plain, tiered) = (mercenary("uncommitted"), mercenary("committed"));
    assert_rises("liquidity kept", &over_runs(&plain, RUNS, kept), &over_runs(&tiered, RUNS, kept));
    let before = |tables: &RunTables| liquidity(tables, 20.0, HALVING - 1.0);
    let ten = |experiment| over_runs(experiment, RUNS, before);
    assert_falls("liquidity before the halving", &ten(&plain), &ten(&tiered));
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
