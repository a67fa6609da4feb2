//! What liquidity loses to arbitrageurs.

use bevy_ecs::world::World;

use ballast::experiment::world::build;
use ballast::quantity::Tick;
use ballast::venue::Venues;
use ballast::venue::pool::PoolId;
use ballast::world::ledger::Ledger;
use ballast::world::oracle::Oracle;
use ballast::world::phase::run_tick;

use super::shipped::{path, read};

const VOLATILITY: f64 = 0.9;

/// A 50/50 pool of a million dollars beside an outside market without spread, impact or gas, and a rich bot that is always
/// awake.
pub fn pool_and_bot(fee_bps: f64, days: f64) -> String {
    format!(
        r#"(
            name: "pool_and_bot",
            horizon_days: {days},
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: {VOLATILITY})]),
            exchange: (half_spread_bps: 0, impact_bps: 0),
            network: (gas_usd_per_action: 0),
            pools: [(name: "eth_usd", base: "ETH", fee_bps: {fee_bps}, initial_value_usd: 1e6)],
            populations: [(profile: "arbitrageur", count: 1, with: (
                endowment: (wealth_usd: 1e8, holdings: {{"USD": 0.5, "ETH": 0.5}}),
                max_trade_share: 1, min_profit_usd: 0, bid_share: 0, mix_tolerance: 1,
            ))],
        )"#
    )
}

/// Price and reserves: base, then quote.
fn look(world: &World) -> [f64; 3] {
    let [base, quote] = world.resource::<Venues>().pool(PoolId(0)).reserves(world.resource::<Ledger>());
    [world.resource::<Oracle>().spot(0), base, quote]
}

/// Loss-versus-rebalancing of a 50/50 constant product without fees is `sigma^2 / 8` a year, as a share of its value
/// (Milionis, Moallemi, Roughgarden and Zhang 2022, "Automated market making and loss-versus-rebalancing"): what a portfolio
/// that held the pool's coins over each tick made more than the pool. In ticks of an hour the exact figure is
/// `(1 - exp(-sigma^2 dt / 8)) / dt`, the same to a part in two hundred thousand.
#[test]
fn a_pool_without_fees_loses_an_eighth_of_the_variance() {
    let runs = 8;
    let experiment = read(&pool_and_bot(0.0, 60.0), &[]);
    let tick_years = f64::from(experiment.tick_seconds() as i32) / (365.25 * 86_400.0);
    let mut losses = Vec::new();
    for run in 0..runs {
        let mut world = build(&experiment, &path(&experiment, run), run, None).unwrap();
        run_tick(&mut world, Tick(0));
        let mut before = look(&world);
        for tick in 1..=experiment.horizon_ticks() {
            run_tick(&mut world, Tick(tick));
            let after = look(&world);
            let value = |[price, base, quote]: [f64; 3]| base * price + quote;
            let rebalanced = value(before) + before[1] * (after[0] - before[0]);
            losses.push((rebalanced - value(after)) / value(before));
            before = after;
        }
    }
    let count = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / count;
    let deviation = (losses.iter().map(|loss| (loss - mean) * (loss - mean)).sum::<f64>() / count).sqrt();
    let (rate, error) = (mean / tick_years, deviation / count.sqrt() / tick_years);
    let expected = VOLATILITY * VOLATILITY / 8.0;
    println!("loss versus rebalancing: {rate:.5} +- {error:.5} a year, expected {expected:.5}");
    assert!(losses.iter().all(|loss| *loss >= -1e-9), "it never gains");
    assert!((rate - expected).abs() < 3.0 * error, "{rate} +- {error}, expected {expected}");
    assert!(error < 0.02 * expected, "the figure says something: {error}");
}
