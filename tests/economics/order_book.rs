//! Two kinds of exchange for one pair of coins, and who holds them together.

use super::paired::{assert_falls, assert_rises, average, mean_size, over_runs, sets, total};
use super::shipped::{path, shipped};
use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::world::build;
use ballast::quantity::Tick;
use ballast::venue::attribution::{Attribution, Cause};
use ballast::venue::{Equity, Valuation};
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::phase::run_tick;
use bevy_ecs::world::World;

const RUNS: u32 = 12;

/// A week of the shipped world, changed by overrides.
fn week(overrides: &[&str]) -> Experiment {
    let mut all = sets(&["variants=[]", "study=None", "assertions=[]", "horizon_days=7"]);
    all.extend(sets(overrides));
    shipped("order_book", &all)
}

/// The law of one price, where somebody enforces it (Shleifer and Vishny 1997).
#[test]
fn arbitrage_holds_the_book_and_the_pool_together() {
    let gap = |bots: &str| {
        let set = format!("populations.arbitrageur.count={bots}");
        over_runs(&week(&[&set]), RUNS, |run| mean_size(run, "eth_book_pool_gap"))
    };
    assert_falls("distance of the book from the pool, %", &gap("0"), &gap("4"));
}

/// Avellaneda and Stoikov (2008): the spread grows with the variance.
#[test]
fn makers_widen_where_prices_move_more() {
    let spread = |volatility: &str| {
        let price =
            format!("price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: {volatility})])");
        over_runs(&week(&[&price]), RUNS, |run| mean_size(run, "eth_book_spread"))
    };
    assert_rises("spread of the book, bps", &spread("0.4"), &spread("1.2"));
}

/// Bots that trade only when it pays do not lose to fees and gas, order book or not.
#[test]
fn arbitrage_through_a_book_does_not_lose() {
    let earned = |run: &_| {
        ["pnl_trading_usd", "pnl_gas_usd"].map(|cause| total(run, "arbitrageur", cause)).iter().sum()
    };
    let earnings = over_runs(&week(&[]), RUNS, earned);
    println!("earned by arbitrageurs, usd: {earnings:?}");
    assert!(earnings.iter().all(|usd| *usd >= 0.0), "{earnings:?}");
    assert!(average(&earnings) > 0.0, "they never traded");
}

/// Where no price moves, all that anybody gains or loses is trade and gas: also what a resting order earns in somebody else's
/// transaction, and what it holds ready.
#[test]
fn what_resting_orders_earn_is_booked_as_trade() {
    let still = "price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)])";
    let experiment = week(&[still, "order_books.0.maker_fee_bps=3"]);
    let mut world = build(&experiment, &path(&experiment, 0), 0, None).unwrap();
    let first = world.resource::<Directory>().populations()[0].first.0;
    let agents: Vec<AccountId> = (first..world.resource::<Ledger>().accounts()).map(AccountId).collect();
    let worth = |world: &World| {
        let equity = Equity::new(world.resource::<Valuation>(), world.resource(), world.resource());
        agents.iter().map(|agent| equity.of(*agent)).collect::<Vec<f64>>()
    };
    let before = worth(&world);
    (0..=experiment.horizon_ticks()).for_each(|tick| run_tick(&mut world, Tick(tick)));
    let after = worth(&world);
    let booked = |agent: AccountId, cause| world.resource::<Attribution>().booked(agent, cause);
    for ((agent, before), after) in agents.iter().zip(&before).zip(&after) {
        let all: f64 = Cause::ALL.iter().map(|cause| booked(*agent, *cause)).sum();
        assert!((after - before - all).abs() < 1e-6 * before, "{agent:?}: {before} -> {after}, booked {all}");
    }
    let traded = agents.iter().filter(|agent| booked(**agent, Cause::Trading) != 0.0).count();
    assert!(traded > 100, "{traded} of {} traded", agents.len());
    // The makers are the first population.
    let makers: f64 = agents[..4].iter().map(|maker| booked(*maker, Cause::Trading)).sum();
    assert!(makers > 100.0, "makers earn the spread: {makers}");
}
