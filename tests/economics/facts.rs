//! Stylised facts of prices that nobody prescribes: those of fETH and xETH in their pools.

use super::paired::{average, series, sets};
use super::shipped::{run, shipped};

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = average(values);
    let power = |k: i32| average(&values.iter().map(|value| (value - mean).powi(k)).collect::<Vec<_>>());
    (power(2), power(4) / power(2).powi(2) - 3.0)
}

/// Autocorrelation of the sizes of `values` at `lag`.
fn clustering(values: &[f64], lag: usize) -> f64 {
    let sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    let mean = average(&sizes);
    let product = |(a, b): (&f64, &f64)| (a - mean) * (b - mean);
    let together: f64 = sizes.iter().zip(&sizes[lag..]).map(product).sum();
    let alone: f64 = sizes.iter().map(|size| (size - mean) * (size - mean)).sum();
    together / alone
}

/// Returns of traded assets have fat tails, and large ones come together (Cont 2001, "Empirical properties of asset
/// returns"). The outside market is given these properties; the prices of fETH over its NAV and of xETH come from trades.
/// Only signs are asked for: the figures are what they are, and are printed.
#[test]
fn endogenous_prices_have_fat_tails_and_clustered_volatility() {
    let experiment = shipped("baseline", &sets(&["horizon_days=60"]));
    let runs: Vec<_> = (0..6).map(|k| run(&experiment, k, k)).collect();
    let returns = |name: &str, step: fn(f64, f64) -> f64| -> Vec<Vec<f64>> {
        let of_run = |tables| series(tables, name).windows(2).map(|two| step(two[0], two[1])).collect();
        runs.iter().map(of_run).collect()
    };
    let logarithm = |a: f64, b: f64| (b / a).ln();
    for (name, returns) in [
        ("eth_price", returns("eth_price", logarithm)),
        ("xeth_price", returns("xeth_price", logarithm)),
        ("feth_peg_deviation", returns("feth_peg_deviation", |a, b| b - a)),
    ] {
        let kurtosis: Vec<f64> = returns.iter().map(|run| moments(run).1).collect();
        let near: Vec<f64> = returns.iter().map(|run| clustering(run, 1)).collect();
        let day: Vec<f64> = returns.iter().map(|run| clustering(run, 24)).collect();
        println!(
            "{name}: excess kurtosis {kurtosis:.1?}; autocorrelation of sizes after an hour {near:.2?}, a day {day:.2?}"
        );
        assert!(kurtosis.iter().all(|excess| *excess > 0.0), "{name}: {kurtosis:?}");
        assert!(average(&near) > 0.0, "{name}: {near:?}");
    }
}
