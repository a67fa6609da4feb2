//! Price processes against theory: moments within four standard errors, for fixed seeds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use ballast::price::{MarketPath, PriceSpec};
use ballast::world::streams::Streams;
use ron::extensions::Extensions;

const HOUR: i64 = 3_600;
const HOURS_PER_YEAR: f64 = 8_760.0;

fn spec(text: &str) -> PriceSpec {
    let ron = ron::Options::default()
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME);
    ron.from_str(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn path_of(text: &str, ticks: u32, tick_seconds: i64, seed: u64) -> MarketPath {
    spec(text).generate(ticks, tick_seconds, &Streams::new(seed), Path::new(".")).unwrap()
}

fn log_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / values.len() as f64
}

fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let (centre_left, centre_right) = (mean(left), mean(right));
    let product: Vec<f64> =
        left.iter().zip(right).map(|(l, r)| (l - centre_left) * (r - centre_right)).collect();
    mean(&product) / (variance(left) * variance(right)).sqrt()
}

/// Fails where the mean of `values` is not `expected` within four standard errors, taken from 50 batches so that
/// dependent values are judged fairly too.
#[track_caller]
fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let batches: Vec<f64> = values.chunks_exact(values.len() / 50).map(mean).collect();
    let standard_error = (variance(&batches) / (batches.len() as f64 - 1.0)).sqrt();
    let error = (mean(values) - expected) / standard_error;
    assert!(error.abs() < 4.0, "{what}: {} against {expected}, {error:.1} standard errors", mean(values));
}

/// The growth of the expected price, and the variance of the log return, of one tick.
#[track_caller]
fn assert_growth_and_variance(returns: &[f64], ticks_per_year: f64, drift: f64, annual_variance: f64) {
    let growth: Vec<f64> = returns.iter().map(|r| r.exp_m1() * ticks_per_year).collect();
    assert_mean("growth of the expected price", &growth, (drift / ticks_per_year).exp_m1() * ticks_per_year);
    let centre = mean(returns);
    let squares: Vec<f64> = returns.iter().map(|r| (r - centre).powi(2) * ticks_per_year).collect();
    assert_mean("annual variance", &squares, annual_variance);
}

#[test]
fn gbm_has_its_growth_variance_normality_and_correlation() {
    // Daily ticks over 274 years, so that σ²/2 is many standard errors of the growth.
    let text = r#"Gbm(assets: [(symbol: "ETH", initial_usd: 2000.0, drift: 0.3, volatility: 0.8), (symbol: "BTC", drift: 0.1, volatility: 0.5)],
        correlation: 0.7)"#;
    let path = path_of(text, 100_000, 24 * HOUR, 1);
    let (eth, btc) = (log_returns(&path.prices_usd[0]), log_returns(&path.prices_usd[1]));
    assert_eq!(path.prices_usd[0][0], 2000.0);
    assert_growth_and_variance(&eth, 365.0, 0.3, 0.64);
    assert_growth_and_variance(&btc, 365.0, 0.1, 0.25);
    let centre = mean(&btc);
    let fourth: Vec<f64> = btc.iter().map(|r| ((r - centre) * (365.0_f64 / 0.25).sqrt()).powi(4)).collect();
    assert_mean("kurtosis", &fourth, 3.0);
    assert!((correlation(&eth, &btc) - 0.7).abs() < 4.0 * (1.0 - 0.49) / 100_000_f64.sqrt());
    assert!(path.usd_token_price.iter().all(|price| *price == 1.0));
    assert_eq!(path.start_unix_seconds, None);
}

#[test]
fn merton_has_the_cumulants_of_a_compound_poisson_diffusion() {
    let text = r#"Merton(assets: [(symbol: "ETH", drift: 0.5, jumps_per_year: 300.0, jump_mean: -0.02, jump_sd: 0.03)])"#;
    let path = path_of(text, 200_000, HOUR, 2);
    let returns = log_returns(&path.prices_usd[0]);
    let (m2, s2) = (0.0004, 0.0009);
    assert_growth_and_variance(&returns, HOURS_PER_YEAR, 0.5, 0.83 * 0.83 + 300.0 * (m2 + s2));
    // Third cumulant of a compound Poisson process: λ E[J³] = λ (m³ + 3 m s²).
    let centre = mean(&returns);
    let cubes: Vec<f64> = returns.iter().map(|r| (r - centre).powi(3) * HOURS_PER_YEAR).collect();
    assert_mean("third cumulant", &cubes, 300.0 * (-0.02_f64.powi(3) - 3.0 * 0.02 * s2));
}

#[test]
fn kou_has_the_cumulants_of_its_two_exponentials() {
    let text = r#"Kou(assets: [(symbol: "ETH", jumps_per_year: 300.0, up_probability: 0.3, up_mean: 0.02, down_mean: 0.03)])"#;
    let path = path_of(text, 200_000, HOUR, 3);
    let returns = log_returns(&path.prices_usd[0]);
    let second = 0.3 * 2.0 * 0.0004 + 0.7 * 2.0 * 0.0009;
    assert_growth_and_variance(&returns, HOURS_PER_YEAR, 0.0, 0.83 * 0.83 + 300.0 * second);
    let centre = mean(&returns);
    let cubes: Vec<f64> = returns.iter().map(|r| (r - centre).powi(3) * HOURS_PER_YEAR).collect();
    let third = 0.3 * 6.0 * 0.02_f64.powi(3) - 0.7 * 6.0 * 0.03_f64.powi(3);
    assert_mean("third cumulant", &cubes, 300.0 * third);
}

#[test]
fn default_jumps_have_the_moments_of_the_rare_jump_fit() {
    // Pure jumps: E[sum] and E[sum of squares] a year are λ m and λ (m² + s²).
    for process in ["Merton", "Kou"] {
        for (symbol, rate, m, s) in [("ETH", 22.0, -0.009, 0.059), ("BTC", 29.0, -0.0055, 0.051)] {
            let text = format!(r#"{process}(assets: [(symbol: "{symbol}", volatility: 0.0)])"#);
            let path = path_of(&text, 800_000, HOUR, 4);
            // Between jumps the price follows its compensating drift; jumps are what is left.
            let returns = log_returns(&path.prices_usd[0]);
            let mut sorted = returns.clone();
            sorted.sort_by(f64::total_cmp);
            let calm = sorted[sorted.len() / 2];
            let jumps: Vec<f64> = returns
                .iter()
                .map(|r| if (r - calm).abs() < 1e-9 { 0.0 } else { (r - calm) * HOURS_PER_YEAR })
                .collect();
            assert_mean(&format!("{process} {symbol} jump mean"), &jumps, rate * m);
            let squares: Vec<f64> = jumps.iter().map(|j| j * j / HOURS_PER_YEAR).collect();
            // Kou's means are rounded to three figures.
            let expected = rate * (m * m + s * s);
            assert_mean(&format!("{process} {symbol} jump square"), &squares, expected);
        }
    }
}

#[test]
fn common_jumps_hit_both_assets_with_alike_sizes() {
    let text = r#"Merton(assets: [(symbol: "ETH", volatility: 0.0), (symbol: "BTC", volatility: 0.0)])"#;
    let path = path_of(text, 2_000_000, HOUR, 5);
    let returns: Vec<Vec<f64>> = path.prices_usd.iter().map(|prices| log_returns(prices)).collect();
    let jumps = |asset: usize, tick: usize| returns[asset][tick].abs() > 1e-4;
    let ticks = |asset: usize| (0..returns[0].len()).filter(|tick| jumps(asset, *tick)).collect::<Vec<_>>();
    let (eth, btc) = (ticks(0), ticks(1));
    let years = 2_000_000.0 / HOURS_PER_YEAR;
    for (found, rate) in [(eth.len(), 22.0), (btc.len(), 29.0)] {
        let error = (found as f64 - rate * years) / (rate * years).sqrt();
        assert!(error.abs() < 4.0, "{found} jumps at rate {rate}");
    }
    let both: Vec<usize> = eth.iter().copied().filter(|tick| jumps(1, *tick)).collect();
    let share = both.len() as f64 / eth.len() as f64;
    assert!((share - 0.6).abs() < 4.0 * (0.24 / eth.len() as f64).sqrt() + 0.005, "share {share}");
    let sizes = |asset: usize| both.iter().map(|tick| returns[asset][*tick]).collect::<Vec<_>>();
    let found = correlation(&sizes(0), &sizes(1));
    assert!((found - 0.95).abs() < 0.02, "correlation of sizes {found}");
}

#[test]
fn an_asset_that_jumps_rarely_keeps_its_rate_under_frequent_common_jumps() {
    let text = r#"Merton(assets: [(symbol: "ETH", volatility: 0.0, jumps_per_year: 100.0), (symbol: "BTC", volatility: 0.0, jumps_per_year: 20.0)],
        common_jump_probability: 1.0)"#;
    let path = path_of(text, 500_000, HOUR, 6);
    let found = log_returns(&path.prices_usd[1]).iter().filter(|r| r.abs() > 1e-4).count() as f64;
    let expected = 20.0 * 500_000.0 / HOURS_PER_YEAR;
    assert!((found - expected).abs() < 4.0 * expected.sqrt(), "{found} against {expected}");
}

#[test]
fn heston_has_its_growth_and_the_variance_of_the_integral() {
    // Fixed start at θ, a quarter of a year of daily ticks; see the exact variances below.
    let text = r#"Heston(assets: [(symbol: "ETH", drift: 0.4, volatility: 0.8, mean_reversion: 6.0, volatility_of_variance: 1.5,
        leverage_correlation: -0.5)])"#;
    let (theta, kappa, xi, rho, years): (f64, f64, f64, f64, f64) = (0.64, 6.0, 1.5, -0.5, 91.0 / 365.0);
    let spec = spec(text);
    let (mut growth, mut ends, mut realised) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..6_000 {
        let path = spec.generate(91, 86_400, &Streams::new(seed), Path::new(".")).unwrap();
        let prices = &path.prices_usd[0];
        growth.push(prices[91] / prices[0]);
        ends.push((prices[91] / prices[0]).ln());
        realised.push(log_returns(prices).iter().map(|r| r * r).sum::<f64>());
    }
    assert_mean("growth", &growth, (0.4 * years).exp());
    // ∫v has variance ξ²θ/κ² ∫(1 - e^(-κu))² du; Cov(∫√v dW, ∫v) = ρ ξ θ/κ ∫(1 - e^(-κu)) du.
    let (one, two) = ((-kappa * years).exp_m1(), (-2.0 * kappa * years).exp_m1());
    let integral = xi * xi * theta / (kappa * kappa) * (years + 2.0 * one / kappa - two / (2.0 * kappa));
    let covariance = rho * xi * theta / kappa * (years + one / kappa);
    let expected = theta * years + 0.25 * integral - covariance;
    let centre = 0.4 * years - 0.5 * theta * years;
    assert_mean("mean log return", &ends, centre);
    let squares: Vec<f64> = ends.iter().map(|end| (end - centre).powi(2)).collect();
    assert_mean("variance of the log price", &squares, expected);
    // The squared return of a day holds its squared drift too.
    let daily = years / 91.0 * years * (0.4_f64 - 0.32).powi(2);
    assert_mean("realised variance", &realised, theta * years + daily);
}

#[test]
fn heston_defaults_cluster_and_stay_martingales() {
    let path = path_of(r#"Heston(assets: [(symbol: "ETH"), (symbol: "BTC")])"#, 200_000, HOUR, 7);
    let returns = log_returns(&path.prices_usd[0]);
    assert_growth_and_variance(&returns, HOURS_PER_YEAR, 0.0, 0.87 * 0.87);
    let sizes: Vec<f64> = returns.iter().map(|r| r.abs()).collect();
    assert!(autocorrelation(&sizes, 24) > 0.1);
    // The price draws have .8; each asset's own leverage moves the returns a little away from that.
    let found = correlation(&returns, &log_returns(&path.prices_usd[1]));
    assert!((0.70..0.85).contains(&found), "{found}");
}

fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    let centre = mean(values);
    let products: Vec<f64> =
        values[lag..].iter().zip(values).map(|(later, now)| (later - centre) * (now - centre)).collect();
    mean(&products) / variance(values)
}

/// Averages over eight records of the length of the real one, whose own figures are beside them.
#[test]
fn log_volatility_clusters_as_hourly_crypto_does() {
    let spec = spec(r#"LogVolatility(assets: [(symbol: "ETH"), (symbol: "BTC")])"#);
    let records = 8;
    let mut found = [[0.0; 5]; 2];
    let mut between = 0.0;
    for seed in 0..records {
        let path = spec.generate(69_277, HOUR, &Streams::new(seed), Path::new(".")).unwrap();
        let returns: Vec<Vec<f64>> = path.prices_usd.iter().map(|prices| log_returns(prices)).collect();
        for asset in 0..2 {
            let sizes: Vec<f64> = returns[asset].iter().map(|r| r.abs()).collect();
            for (place, lag) in [1, 24, 168].into_iter().enumerate() {
                found[asset][place] += autocorrelation(&sizes, lag) / records as f64;
            }
            let second = variance(&returns[asset]);
            found[asset][3] += mean(&sizes) / second.sqrt() / records as f64;
            found[asset][4] += second * HOURS_PER_YEAR / records as f64;
        }
        between += correlation(&returns[0], &returns[1]) / records as f64;
    }
    println!(
        "autocorrelations at 1, 24, 168 h, E|r|/sd, annual variance: {found:.3?}; correlation {between:.3}"
    );
    // Real: ETH .290 .193 .130 .610, BTC .296 .196 .134 .583.
    for (asset, expected) in [(0, [0.29, 0.193, 0.13, 0.61]), (1, [0.296, 0.196, 0.134, 0.583])] {
        for (place, expected) in expected.into_iter().enumerate() {
            let error = found[asset][place] - expected;
            assert!(
                error.abs() < 0.04,
                "asset {asset}, figure {place}: {} against {expected}",
                found[asset][place]
            );
        }
    }
    assert!((found[0][4].sqrt() - 0.87).abs() < 0.15, "volatility {}", found[0][4].sqrt());
    assert!((0.75..0.85).contains(&between), "correlation {between}");
}

#[test]
fn log_volatility_keeps_the_expected_price() {
    // Daily ticks over 274 years; the drift offsets σ²/2, so that the price stays in the world.
    let text = r#"LogVolatility(assets: [(symbol: "ETH", drift: 0.378)])"#;
    let path = path_of(text, 100_000, 24 * HOUR, 8);
    assert_eq!(path.notes, [""; 0]);
    let growth: Vec<f64> = log_returns(&path.prices_usd[0]).iter().map(|r| r.exp_m1() * 365.0).collect();
    assert_mean("growth", &growth, (0.378_f64 / 365.0).exp_m1() * 365.0);
}

#[test]
fn regimes_take_their_share_of_time_and_variance() {
    let text = r#"RegimeSwitching(assets: [(symbol: "ETH", volatility: 1.0, drift: -0.9)], regimes: [
        (name: "calm", mean_hours: 60.0, volatility_factor: 0.5, drift: 1.0),
        (name: "wild", mean_hours: 20.0, volatility_factor: 2.0, drift: 3.0)])"#;
    let path = path_of(text, 400_000, HOUR, 9);
    assert_eq!(path.notes, [""; 0]);
    let returns = log_returns(&path.prices_usd[0]);
    assert_growth_and_variance(&returns, HOURS_PER_YEAR, -0.9 + 0.75 + 0.25 * 3.0, 0.75 * 0.25 + 0.25 * 4.0);
    // Squared returns of a two-state chain decay as exp(-t (1/60 + 1/20)).
    let squares: Vec<f64> = returns.iter().map(|r| r * r).collect();
    let decay = (autocorrelation(&squares, 20) / autocorrelation(&squares, 5)).ln();
    assert!((decay + 15.0 * (1.0 / 60.0 + 1.0 / 20.0)).abs() < 0.15, "{decay}");
}

#[test]
fn a_regime_can_have_a_correlation_of_its_own() {
    let text = r#"RegimeSwitching(assets: [(symbol: "ETH"), (symbol: "BTC")], correlation: 0.0,
        regimes: [(name: "crisis", mean_hours: 1e6, volatility_factor: 1.0, correlation: 0.95)])"#;
    let path = path_of(text, 20_000, HOUR, 10);
    let found = correlation(&log_returns(&path.prices_usd[0]), &log_returns(&path.prices_usd[1]));
    assert!((found - 0.95).abs() < 0.005, "{found}");
}

#[test]
fn an_added_asset_or_jump_leaves_the_other_draws_alone() {
    for process in ["Gbm", "Merton", "Kou", "Heston", "LogVolatility", "RegimeSwitching"] {
        let alone = path_of(&format!(r#"{process}(assets: [(symbol: "ETH")])"#), 3_000, HOUR, 11);
        for assets in [r#"(symbol: "ETH"), (symbol: "BTC")"#, r#"(symbol: "BTC"), (symbol: "ETH")"#] {
            // The first asset's rate sets that of common jumps, so it keeps its place where there are jumps.
            if assets.starts_with(r#"(symbol: "BTC")"#) && matches!(process, "Merton" | "Kou") {
                continue;
            }
            let both = path_of(&format!("{process}(assets: [{assets}])"), 3_000, HOUR, 11);
            assert_eq!(alone.prices_of("ETH"), both.prices_of("ETH"), "{process}");
        }
    }
    let smooth = path_of(r#"Gbm(assets: [(symbol: "ETH", volatility: 0.83)])"#, 3_000, HOUR, 12);
    let jumpy = path_of(
        r#"Merton(assets: [(symbol: "ETH", jump_mean: 0.0, jump_sd: 0.5, jumps_per_year: 5.0)])"#,
        3_000,
        HOUR,
        12,
    );
    let (smooth, jumpy) = (log_returns(&smooth.prices_usd[0]), log_returns(&jumpy.prices_usd[0]));
    let compensation = 5.0 * 0.125_f64.exp_m1() / HOURS_PER_YEAR;
    let moved = smooth.iter().zip(&jumpy).filter(|(s, j)| (*s - compensation - *j).abs() > 1e-12).count();
    assert!((1..=10).contains(&moved), "{moved} ticks differ");
}

#[test]
fn jumps_come_at_the_same_time_whatever_the_tick() {
    let text = r#"Merton(assets: [(symbol: "ETH", volatility: 0.0)])"#;
    let (hourly, daily) = (path_of(text, 2_400, HOUR, 13), path_of(text, 100, 86_400, 13));
    for day in 0..=100 {
        let (fine, coarse) = (hourly.prices_usd[0][day * 24], daily.prices_usd[0][day]);
        assert!((fine / coarse - 1.0).abs() < 1e-10, "day {day}: {fine} {coarse}");
    }
}

#[test]
fn the_seed_fixes_the_path() {
    let text = r#"Merton(assets: [(symbol: "ETH"), (symbol: "BTC")])"#;
    let path = path_of(text, 1_000, HOUR, 14);
    assert_eq!(path, path_of(text, 1_000, HOUR, 14));
    assert_ne!(path, path_of(text, 1_000, HOUR, 15));
}

/// Values written down once: a change here is a change of every recorded experiment.
#[test]
fn paths_are_what_they_were() {
    for (process, expected) in [
        ("Gbm", 40258.096123814415),
        ("Merton", 40208.21124764393),
        ("Kou", 40420.26829550728),
        ("Heston", 38001.90748637572),
        ("LogVolatility", 40951.65344331016),
        ("RegimeSwitching", 40903.92006499183),
    ] {
        let path =
            path_of(&format!(r#"{process}(assets: [(symbol: "ETH"), (symbol: "BTC")])"#), 500, HOUR, 15);
        let found: f64 = path.prices_usd.iter().map(|prices| prices[500]).sum();
        assert!((found / expected - 1.0).abs() < 1e-12, "{process}: {found:?}");
    }
}
