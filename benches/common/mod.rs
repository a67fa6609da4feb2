//! Worlds for the benches, built from configs as a user's would be.

pub(crate) mod dense;
mod world;

use std::sync::atomic::AtomicBool;

use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunSettings;
pub(crate) use world::{build, experiment, path, tick};

/// One ETH/USD constant-product pool with a fee of 0.3 %, `traders` noise traders each active with probability
/// `activity` a tick and then swapping up to a tenth of a balance, and `arbitrageurs` arbitrageurs.
pub(crate) fn common_model(traders: u32, activity: f64, arbitrageurs: u32, ticks: u32) -> Experiment {
    // Wake-ups a day of a Poisson process whose chance of at least one an hour is `activity`.
    let per_day = -24.0 * (1.0 - activity).ln();
    experiment(&format!(
        r#"(
            name: "common", horizon_days: {days}, network: (gas_usd_per_action: 0),
            exchange: (half_spread_bps: 0, hourly_depth_usd: 1e12, impact_bps: 0),
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, drift: 0, volatility: 0.8)]),
            pools: [(name: "eth_usd", base: "ETH", fee_bps: 30, initial_value_usd: {value})],
            populations: [
                (profile: "noise", count: {traders}, agent: NoiseTrader(
                    activity_per_day: {per_day},
                    endowment: (wealth_usd: 4000, holdings: {{"USD": 0.5, "ETH": 0.5}}),
                    pool: "eth_usd", largest_trade_share: 0.1)),
                (profile: "bots", count: {arbitrageurs}, agent: Arbitrageur(
                    alertness: 1, endowment: (wealth_usd: 1e8, holdings: {{"USD": 0.5, "ETH": 0.5}}),
                    pools: [], max_trade_share: 1, min_profit_usd: 0, bid_share: 0, trades_per_block: 1,
                    target_mix: {{}}, mix_tolerance: 1)),
            ],
            record: (every_ticks: 1, survey_every_ticks: 1000000),
        )"#,
        days = f64::from(ticks) / 24.0,
        value = 400.0 * f64::from(traders.max(1_000)),
    ))
}

/// How run 0 is run, where a whole run is timed.
pub(crate) fn settings<'a>(experiment: &Experiment, stop: &'a AtomicBool) -> RunSettings<'a> {
    RunSettings { path: path(experiment), run: 0, number: 0, start_unix_seconds: 0, stop, shuffle: None }
}
