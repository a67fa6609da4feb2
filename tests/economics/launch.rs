//! What a lottery sells and who wins it, and what a falling weight does to a price.

use super::paired::{assert_falls, average, over_runs, series, sets};
use super::shipped::{path, run, shipped};
use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;
use ballast::experiment::world::build;
use ballast::protocol::launchpad::{WALK_RESOLUTION, apower_required};
use ballast::quantity::Tick;
use ballast::venue::attribution::{Attribution, Cause};
use ballast::venue::launch::LaunchId;
use ballast::venue::{Equity, Valuation, Venues};
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::phase::run_tick;
use bevy_ecs::world::World;

const RUNS: u32 = 12;

/// The shipped world until a day after the draw, changed by overrides.
fn days(overrides: &[&str]) -> Experiment {
    let mut all = sets(&["variants=[]", "study=None", "assertions=[]", "horizon_days=3.25"]);
    all.extend(sets(overrides));
    shipped("launch", &all)
}

fn last(run: &RunTables, name: &str) -> f64 {
    series(run, name).last().copied().unwrap_or(f64::NAN)
}

/// The bias of the walk, here with agents on the line: `alex-launchpad-v1-1` sells three quarters of a sale that is just
/// subscribed, nearly all of one subscribed twice, and leaves the end of the line out above that.
#[test]
fn a_lottery_sells_what_its_walk_reaches() {
    let tables = |tickets: &str, name: &str| {
        let set = format!("launches.ido.tickets={tickets}");
        over_runs(&days(&[&set]), RUNS, |run| last(run, name))
    };
    let (asked, sold) = (tables("22000", "ido_subscription"), tables("22000", "ido_sold_share"));
    for (asked, sold) in asked.iter().zip(&sold) {
        assert!((0.9..1.1).contains(asked) && (0.72..0.79).contains(sold), "{sold} of {asked}");
    }
    let twice = tables("10800", "ido_sold_share");
    assert!(average(&twice) > 0.98, "{twice:?}");
    let latest = tables("4200", "ido_last_winner");
    assert!((average(&latest) - 0.85).abs() < 0.02, "{latest:?}");
    assert!(tables("4200", "ido_late_wins").iter().all(|share| *share == 0.0));
}

/// Where tickets cost power, dearer by steps, fewer are wanted by each.
#[test]
fn power_rations_the_eager() {
    let each = |tiers: &str| {
        let sets = [format!("launches.ido.tiers={tiers}"), "launches.ido.power=\"GOV\"".to_owned()];
        let experiment = days(&[&sets[0], &sets[1]]);
        over_runs(&experiment, RUNS, |run| last(run, "ido_registered") / last(run, "ido_accounts"))
    };
    let dear = "[(power_per_ticket: 25, width: 5), (power_per_ticket: 100, width: 10), (power_per_ticket: 300, width: 1)]";
    assert_falls("tickets an account", &each("[(power_per_ticket: 1, width: 1)]"), &each(dear));
}

/// Nobody gains or loses by a sale that fails: dollars come back, to the atom, to whoever has claimed and whoever has not.
#[test]
fn a_sale_that_fails_changes_nobodys_worth() {
    let still = "price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)])";
    let experiment = days(&[
        still,
        "launches.ido.activation_threshold=900000",
        "launches.ido.claims_end_hours=60",
        "network.gas_usd_per_action=0",
        "populations.noise_trader.count=0",
        "populations.token_investor.count=0",
        "populations.lbp_buyer.count=0",
    ]);
    let mut world = build(&experiment, &path(&experiment, 0), 0, None).unwrap();
    let populations = world.resource::<Directory>().populations().to_vec();
    let (first, count) = (populations[0].first.0, populations[0].count);
    let worth = |world: &World| {
        let equity = Equity::new(world.resource::<Valuation>(), world.resource(), world.resource());
        (first..first + count).map(|agent| equity.of(AccountId(agent))).collect::<Vec<f64>>()
    };
    let before = worth(&world);
    for tick in 0..=70 {
        run_tick(&mut world, Tick(tick));
        for (before, now) in before.iter().zip(worth(&world)) {
            assert!((now - before).abs() < 1e-9 * before, "tick {tick}: {before} -> {now}");
        }
    }
    let booked = |agent, cause| world.resource::<Attribution>().booked(AccountId(agent), cause);
    for agent in first..first + count {
        let all: f64 = Cause::ALL.iter().map(|cause| booked(agent, *cause)).sum();
        assert!(all.abs() < 1e-6, "{agent}: {all}");
    }
    let launch = world.resource::<Venues>().launch(LaunchId(0));
    assert!(launch.record.closed && launch.sale().registered() > 10_000);
    assert_eq!(launch.entries().filter(|(_, entry)| !entry.refunded).count(), 0);
    assert_eq!(launch.record.refunded.atoms(), 15_000_000 * launch.sale().registered() as i64);
    let line = launch.entries().last().map_or(0, |(_, entry)| entry.end());
    assert_eq!(line, launch.sale().registered() * WALK_RESOLUTION);
}

/// With equal dollars on both sides a weight of 0.9 asks nine times the price, and one of a half the price itself. Who believes
/// in more than that holds it up.
#[test]
fn the_price_of_a_bootstrapping_pool_falls_until_somebody_buys() {
    let prices = |buyers: &str| {
        let count = format!("populations.lbp_buyer.count={buyers}");
        let sets = ["horizon_days=6", "populations.launch_participant.count=0", &count];
        series(&run(&days(&sets), 0, 0), "gov_lbp_price")
    };
    let alone = prices("0");
    for (tick, price) in alone.iter().enumerate() {
        let weight = 0.9 - 0.4 * (tick as f64 / 120.0).min(1.0);
        assert!((price / (0.02 * weight / (1.0 - weight)) - 1.0).abs() < 1e-6, "tick {tick}: {price}");
    }
    let held = prices("150");
    assert_eq!(held[..24], alone[..24], "nobody believes in so much");
    assert!(held[144] > 1.2 * alone[144], "{} against {}", held[144], alone[144]);
}

/// Power that only staking brings: who has staked more tokens for longer registers for more tickets, nobody burns more than it
/// has earned, and what was minted is what is left and what was burned.
#[test]
fn earned_power_is_burned_by_tickets() {
    let earns = "(staking: \"gov\", stake_share: 1, lock_cycles: Uniform(low: 1, high: 32), waits_share: Uniform(low: 0.5, high: 0.9))";
    let tiers = "[(power_per_ticket: 1, width: 5), (power_per_ticket: 5, width: 10), (power_per_ticket: 15, width: 1)]";
    let sets = [
        "launches.ido.power=\"APower\"".to_owned(),
        format!("launches.ido.tiers={tiers}"),
        "staking=[(name: \"gov\", asset: \"GOV\", emission: Halving(tokens_per_cycle: 20000), cycle_blocks: 36, apower_multiplier: 0.5)]".into(),
        format!("populations.launch_participant.earns_power={earns}"),
    ];
    let experiment = days(&sets.each_ref().map(String::as_str));
    let mut world = build(&experiment, &path(&experiment, 0), 0, None).unwrap();
    let population = world.resource::<Directory>().populations()[0].clone();
    let agents = || (population.first.0..population.first.0 + population.count).map(AccountId);
    let apower = world.resource::<Venues>().stakes().accounts().unwrap().apower;
    let mut burned_by = vec![0_i64; population.count as usize];
    for tick in 0..=60 {
        let before: Vec<_> = agents().map(|agent| registered(&world, agent)).collect();
        run_tick(&mut world, Tick(tick));
        for (place, agent) in agents().enumerate() {
            let tickets = registered(&world, agent);
            if before[place] == 0 && tickets > 0 {
                let tiers = world.resource::<Venues>().launch(LaunchId(0)).tiers();
                burned_by[place] = apower_required(tiers, tickets).unwrap().atoms();
            }
        }
    }
    let (venues, ledger) = (world.resource::<Venues>(), world.resource::<Ledger>());
    let launch = venues.launch(LaunchId(0));
    let books = venues.stakes().pools()[0].rules.books;
    let burned = launch.record.power_burned;
    assert!(burned.is_positive() && launch.sale().registered() > 1_000, "{burned:?}");
    assert_eq!(burned_by.iter().sum::<i64>(), burned.atoms(), "tickets burn what their tiers say");
    assert_eq!(books.apower.atoms(), ledger.supply(apower).atoms() + burned.atoms(), "to the atom");
    let half = books.minted.atoms() / 2;
    assert!((books.apower.atoms() - half).abs() <= 1_000, "half of the rewards, but for what is rounded");
    // The dearest tier is reached, and those who burned more have more tickets.
    let tickets: Vec<u64> = agents().map(|agent| registered(&world, agent)).collect();
    assert!(tickets.iter().any(|tickets| *tickets > 15), "{tickets:?}");
    let mut both: Vec<_> = burned_by.iter().zip(&tickets).collect();
    both.sort_unstable();
    assert!(both.is_sorted_by_key(|(_, tickets)| **tickets));
    assert_eq!(
        burned_by.iter().filter(|burned| **burned == 0).count(),
        tickets.iter().filter(|one| **one == 0).count()
    );
}

fn registered(world: &World, agent: AccountId) -> u64 {
    world.resource::<Venues>().launch(LaunchId(0)).entry(agent).map_or(0, |entry| entry.tickets)
}
