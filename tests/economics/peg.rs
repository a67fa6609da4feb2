//! What holds the market price of fETH at its net asset value.

use super::paired::{assert_falls, assert_rises, mean_size, over_runs, series, sets, total};
use super::shipped::{read, shipped};

/// Twenty days of the small world of the beta spectrum, with one bot that has `wealth_usd` and `more` set.
fn world(wealth_usd: &str, more: &[&str]) -> ballast::experiment::config::Experiment {
    let mut overrides = sets(&["horizon_days=20", "populations.arbitrageur.count=1"]);
    overrides.push(format!("populations.arbitrageur.endowment.wealth_usd={wealth_usd}"));
    overrides.extend(sets(more));
    shipped("beta_spectrum", &overrides)
}

/// Limits of arbitrage (Shleifer and Vishny 1997): a gap closes as far as there is capital to close it.
#[test]
fn more_arbitrage_capital_holds_the_price_closer_to_the_nav() {
    let deviation =
        |wealth: &str| over_runs(&world(wealth, &[]), 24, |run| mean_size(run, "feth_peg_deviation"));
    let (poor, rich) = (deviation("500"), deviation("2000000"));
    assert_falls("mean size of the peg deviation, %", &poor, &rich);
}

/// Mint, pay the fees and sell, or buy, pay the fees and redeem: inside the sum of the fees on the way no cycle pays, so that a
/// larger pool fee leaves a wider band. Spec of f(x), section 12 (fees), and of constant-function markets:
/// `gamma <= price <= 1 / gamma`.
///
/// Noise and one bot alone: savers would take a dear pool for what it is and go to the treasury, and a pool that nobody sells
/// in strays less.
#[test]
fn a_higher_pool_fee_leaves_a_wider_band() {
    let noise = "populations=[\
        (profile: \"noise_trader\", count: 80, with: (largest_trade_share: 0.5)), \
        (profile: \"arbitrageur\", count: 1, with: (endowment: (wealth_usd: 2e6))), (profile: \"keeper\", count: 1)]";
    let size = |fee: &str| {
        let experiment = shipped("beta_spectrum", &sets(&["horizon_days=20", noise, fee]));
        over_runs(&experiment, 12, |run| mean_size(run, "feth_peg_deviation"))
    };
    let (low, high) = (size("pools.feth_usd.fee_bps=4"), size("pools.feth_usd.fee_bps=40"));
    assert_rises("mean size of the peg deviation, %", &low, &high);
}

/// The same to the digit, where nothing but the fee costs anything: a pool that a rich bot trades in every tick ends it at
/// most the fee away from the outside price, and uses that band.
#[test]
fn the_band_of_a_pool_is_its_fee() {
    for fee_bps in [0.0, 5.0, 30.0, 100.0] {
        let experiment = read(&super::liquidity::pool_and_bot(fee_bps, 10.0), &[]);
        let run = super::shipped::run(&experiment, 0, 0);
        let gaps = series(&run, "eth_usd_price").into_iter().zip(series(&run, "eth_price"));
        let widest = gaps.map(|(pool, outside)| (pool / outside).ln().abs()).fold(0.0, f64::max);
        let band = -(1.0 - fee_bps * 1e-4).ln();
        assert!(widest <= band + 1e-6, "{fee_bps} bps: {widest} is outside {band}");
        assert!(widest >= 0.95 * band, "{fee_bps} bps: {widest} does not use {band}");
    }
}

/// Bots that trade only when it pays do not lose to fees and gas as a group; what their inventory is worth is another matter.
#[test]
fn arbitrageurs_earn_in_a_calm_market() {
    let calm =
        ["price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.4)])", "horizon_days=20"];
    let earned = |run: &_| {
        ["pnl_trading_usd", "pnl_protocol_usd", "pnl_gas_usd"]
            .map(|cause| total(run, "arbitrageur", cause))
            .iter()
            .sum()
    };
    let earnings = over_runs(&shipped("beta_spectrum", &sets(&calm)), 6, earned);
    println!("earned by arbitrageurs, usd: {earnings:?}");
    assert!(earnings.iter().all(|usd| *usd >= 0.0), "{earnings:?}");
    assert!(earnings.iter().sum::<f64>() > 0.0, "they never traded");
}
