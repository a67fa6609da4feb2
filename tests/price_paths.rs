//! Bridges, scenarios and shocks; what a specification refuses; and no panic, no NaN, for any input.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use ballast::price::{
    Candles, Correlation, Gbm, GbmAsset, Heston, HestonAsset, Kou, KouAsset, LogVolatility,
    LogVolatilityAsset, MarketPath, Merton, MertonAsset, PriceError, PriceSpec, Regime, RegimeAsset,
    RegimeSwitching, Scenario, Shock, Shocked,
};
use ballast::world::streams::Streams;
use proptest::prelude::*;
use ron::extensions::Extensions;

const HOUR: i64 = 3_600;

fn ron() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME)
}

fn spec(text: &str) -> PriceSpec {
    ron().from_str(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn path_of(text: &str, ticks: u32, tick_seconds: i64, seed: u64) -> MarketPath {
    spec(text).generate(ticks, tick_seconds, &Streams::new(seed), Path::new(".")).unwrap()
}

#[test]
fn a_bridge_passes_through_its_points_exactly() {
    let text = r#"Bridge(correlation: 0.5, assets: [
        (symbol: "ETH", initial_usd: 194.61, volatility: 2.0, points: [(hours: 24, usd: 107.67), (hours: 26.0, usd: 86.0, volatility: 5.0)]),
        (symbol: "BTC", initial_usd: 8000.0, volatility: 1.0, points: [(hours: 30.5, usd: 4000.1)])])"#;
    for seed in 0..20 {
        let path = path_of(text, 100, 1_800, seed);
        let eth = &path.prices_usd[0];
        assert_eq!((eth[0], eth[48], eth[52]), (194.61, 107.67, 86.0));
        assert_eq!(path.prices_usd[1][61], 4000.1);
        assert!(eth[47] != 107.67 && eth[49] != 107.67);
        // The last tick before a point is near it: a half hour at volatility 5 is 4 %, five deviations 22 %.
        assert!((eth[51] / 86.0).ln().abs() < 0.35, "{}", eth[51]);
    }
    assert_eq!(spec(text).length_ticks(HOUR), Some(30));
}

#[test]
fn a_bridge_is_widest_in_the_middle_and_free_at_the_end() {
    let text = r#"Bridge(assets: [(symbol: "ETH", initial_usd: 100.0, volatility: 0.8, points: [(hours: 100.0, usd: 100.0)])])"#;
    let spec = spec(text);
    let n = 4_000_u32;
    let mut squares = [0.0_f64; 3];
    for seed in 0..u64::from(n) {
        let path = spec.generate(20, 10 * HOUR, &Streams::new(seed), Path::new(".")).unwrap();
        for (square, tick) in squares.iter_mut().zip([2, 5, 20]) {
            *square += (path.prices_usd[0][tick] / 100.0).ln().powi(2) / f64::from(n);
        }
    }
    // σ² t (T - t) / T, and σ² (t - T) after the end.
    for (square, hours) in squares.into_iter().zip([20.0 * 80.0 / 100.0, 50.0 * 50.0 / 100.0, 100.0]) {
        let expected = 0.64 * hours / 8_760.0;
        let error = (square - expected) / (expected * (2.0 / f64::from(n)).sqrt());
        assert!(error.abs() < 4.0, "{square} against {expected}");
    }
}

#[test]
fn points_between_ticks_still_pull() {
    // The point at 1.5 h is invisible to hourly ticks, but both neighbours lie near it.
    let text = r#"Bridge(assets: [(symbol: "ETH", initial_usd: 100.0, volatility: 0.1, points: [(hours: 1.5, usd: 50.0), (hours: 3.0, usd: 100.0)])])"#;
    let path = path_of(text, 3, HOUR, 1);
    let eth = &path.prices_usd[0];
    assert!((eth[1] - 63.0).abs() < 2.0 && (eth[2] - 63.0).abs() < 2.0, "{eth:?}");
    assert_eq!(eth[3], 100.0);
}

#[test]
fn scenarios_have_the_published_open_and_low() {
    let facts: BTreeMap<&str, (f64, f64, usize)> = [
        ("black_thursday_2020", (194.61, 86.0, 26)),
        ("may_2021", (3375.08, 1888.0, 13)),
        ("ust_2022", (2692.86, 1800.0, 125)),
        ("three_arrows_2022", (1788.8, 881.56, 212)),
        ("ftx_2022", (1644.78, 1073.53, 119)),
        ("usdc_2023", (1437.32, 1368.39, 10)),
        ("august_2024", (3203.4, 2111.0, 73)),
        ("october_2025", (4368.09, 3435.0, 21)),
    ]
    .into();
    assert_eq!(Scenario::names().count(), facts.len());
    for (name, _) in Scenario::names() {
        let (open, low, hour) = facts[name];
        let text = format!(r#"Scenario(name: "{name}", assets: ["ETH", "BTC"])"#);
        let ticks = spec(&text).length_ticks(HOUR).unwrap();
        let path = path_of(&text, ticks + 10, HOUR, 1);
        assert_eq!((path.prices_usd[0][0], path.prices_usd[0][hour]), (open, low), "{name}");
        assert!(path.start_unix_seconds.is_some_and(|start| start % 86_400 == 0));
        assert!(path.prices_usd[1][hour] < path.prices_usd[1][0], "{name}");
        let assumed = matches!(name, "august_2024" | "october_2025");
        assert_eq!(
            path.notes.iter().any(|note| note.contains("assumed")),
            assumed,
            "{name}: {:?}",
            path.notes
        );
        let straight = text.replace(")", ", volatility_factor: 0.0)");
        let lowest =
            path_of(&straight, ticks, HOUR, 1).prices_usd[0].iter().copied().fold(f64::INFINITY, f64::min);
        assert!((lowest / low - 1.0).abs() < 1e-12, "{name}: {lowest}");
    }
    assert_eq!(
        path_of(r#"Scenario(name: "black_thursday_2020", assets: ["BTC"])"#, 48, HOUR, 1).prices_usd[0][26],
        3782.13
    );
}

#[test]
fn the_usdc_scenario_depegs_the_dollar_for_two_days() {
    for seed in 0..10 {
        let path = path_of(r#"Scenario(name: "usdc_2023")"#, 120, HOUR, seed);
        let dollar = &path.usd_token_price;
        assert_eq!((dollar[0], dollar[32], dollar[96], dollar[119]), (1.0, 0.88, 1.0, 1.0));
        let below = dollar.iter().filter(|price| **price < 0.99).count();
        assert!((42..=54).contains(&below), "{below} hours below .99");
        assert!(dollar[96..].iter().all(|price| *price == 1.0));
    }
}

#[test]
fn a_jump_multiplies_over_its_hours_and_stays() {
    let text = r#"Shocked(base: Bridge(assets: [(symbol: "ETH", initial_usd: 100.0, volatility: 0.0, points: []),
            (symbol: "BTC", initial_usd: 10.0, volatility: 0.0, points: [])]),
        shocks: [Jump(at_hours: 2.0, factor: 0.25, over_hours: 2.0, symbols: ["ETH"]), Jump(at_hours: 6, factor: 2.0)])"#;
    let path = path_of(text, 7, HOUR, 1);
    for (prices, expected) in path.prices_usd.iter().zip([
        [100.0, 100.0, 100.0, 50.0, 25.0, 25.0, 50.0, 50.0],
        [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 20.0, 20.0],
    ]) {
        for (price, expected) in prices.iter().zip(expected) {
            assert!((price / expected - 1.0).abs() < 1e-14, "{prices:?}");
        }
    }
}

#[test]
fn a_volatility_shock_multiplies_the_returns_inside_its_window() {
    let base = r#"Gbm(assets: [(symbol: "ETH")])"#;
    let text =
        format!("Shocked(base: {base}, shocks: [VolatilityScale(at_hours: 10, for_hours: 5, factor: 3.0)])");
    let (calm, wild) = (path_of(base, 30, HOUR, 1), path_of(&text, 30, HOUR, 1));
    let step =
        |path: &MarketPath, tick: usize| (path.prices_usd[0][tick + 1] / path.prices_usd[0][tick]).ln();
    for tick in 0..30 {
        let factor = if (10..15).contains(&tick) { 3.0 } else { 1.0 };
        assert!((step(&wild, tick) - factor * step(&calm, tick)).abs() < 1e-12, "tick {tick}");
    }
}

#[test]
fn a_depeg_falls_holds_and_recovers_or_does_not() {
    let text = |recovery: &str| {
        format!(
            r#"Shocked(base: Gbm(assets: [(symbol: "ETH")]),
            shocks: [DepegUsd(at_hours: 1.0, price: 0.81, over_hours: 2.0, hold_hours: 1.0 {recovery})])"#
        )
    };
    let close =
        |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12);
    let path = path_of(&text(", recovery_hours: 2.0"), 7, HOUR, 1);
    assert!(
        close(&path.usd_token_price, &[1.0, 1.0, 0.9, 0.81, 0.81, 0.9, 1.0, 1.0]),
        "{:?}",
        path.usd_token_price
    );
    let path = path_of(&text(""), 7, HOUR, 1);
    assert!(close(&path.usd_token_price, &[1.0, 1.0, 0.9, 0.81, 0.81, 0.81, 0.81, 0.81]));
}

/// A specification and the fields that are wrong in it.
#[test]
fn problems_name_the_field_that_is_wrong() {
    for (text, fields) in [
        (r#"Gbm(assets: [])"#, vec!["assets"]),
        (
            r#"Gbm(assets: [(symbol: "ETH", volatility: -1.0), (symbol: "ETH", initial_usd: 0.0), (symbol: "a.b", volatility: inf, initial_usd: NaN)], correlation: 2)"#,
            vec![
                "assets[1].symbol",
                "assets[2].symbol",
                "assets[0].volatility",
                "assets[1].initial_usd",
                "assets[2].initial_usd",
                "assets[2].volatility",
                "correlation",
            ],
        ),
        (
            r#"Merton(assets: [(symbol: "ETH")], common_jump_probability: 1.5, jump_correlation: NaN)"#,
            vec!["common_jump_probability", "jump_correlation"],
        ),
        (r#"Kou(assets: [(symbol: "ETH", up_mean: 1.0)])"#, vec!["assets[0].up_mean"]),
        (
            r#"LogVolatility(assets: [(symbol: "ETH")], volatility_correlation: [[1.0, 0.5], [0.5, 1.0]])"#,
            vec!["volatility_correlation"],
        ),
        (
            r#"RegimeSwitching(assets: [(symbol: "ETH")], regimes: [(name: "a", mean_hours: 0, volatility_factor: 1), (name: "a", mean_hours: 1, volatility_factor: -1)])"#,
            vec!["regimes[0].mean_hours", "regimes[1].name", "regimes[1].volatility_factor"],
        ),
        (
            r#"Bridge(assets: [(symbol: "ETH", initial_usd: 1, volatility: 1, points: [(hours: 2, usd: 1), (hours: 1, usd: -1)])])"#,
            vec!["assets[0].points[1].hours", "assets[0].points[1].usd"],
        ),
        (r#"Replay(path: "eth.csv", symbol: "ETH", from: "12/03/2020")"#, vec!["from"]),
        (
            r#"Replay(path: "eth.csv", symbol: "ETH", from: "2020-03-12", to: "2020-03-12", others: [(path: "x", symbol: "ETH")])"#,
            vec!["others[0].symbol", "to"],
        ),
        (
            r#"Bootstrap(assets: [(symbol: "ETH", path: "eth.csv", initial_usd: -5)], mean_block_hours: 0)"#,
            vec!["assets[0].initial_usd", "mean_block_hours"],
        ),
        (r#"Scenario(name: "black_friday", assets: ["SOL"])"#, vec!["name", "assets[0]"]),
        (
            r#"Shocked(base: Gbm(assets: [(symbol: "ETH", drift: 1e9)]), shocks: [Jump(at_hours: -1, factor: 0, symbols: ["BTC"])])"#,
            vec!["base.assets[0].drift", "shocks[0].at_hours", "shocks[0].factor", "shocks[0].symbols[0]"],
        ),
    ] {
        let spec = spec(text);
        let problems = spec.problems();
        let found: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(found, fields, "{text}");
        let fault = spec.generate(1, HOUR, &Streams::new(1), Path::new(".")).unwrap_err();
        assert!(matches!(fault, PriceError::Invalid(_)), "{fault}");
        assert!(fault.to_string().contains(fields[0]), "{fault}");
    }
    let problem = &spec(r#"Gbm(assets: [(symbol: "ETH", volatility: -1.0)])"#).problems()[0];
    assert_eq!(problem.to_string(), "assets[0].volatility: expected a number from 0 to 20, found -1");
}

#[test]
fn what_is_unknown_or_lacks_a_default_is_refused_when_read() {
    for (text, part) in [
        (r#"Gbm(assets: [(symbol: "SOL", initial_usd: 20.0)])"#, "`SOL` has no default for `volatility`"),
        (r#"Gbm(assets: [(symbol: "SOL")])"#, "`SOL` has no default for `initial_usd`"),
        (r#"Gbm(assets: [(symbol: "ETH", sigma: 1.0)])"#, "sigma"),
        (r#"Gbm(assets: [(symbol: "ETH")], corelation: 0.5)"#, "corelation"),
        (r#"Gbm(assets: [(symbol: "ETH")], correlation: "high")"#, "a correlation such as 0.8"),
        (r#"Brown(assets: [(symbol: "ETH")])"#, "Brown"),
        (r#"Shocked(base: Gbm(assets: [(symbol: "ETH")]), shocks: [Jump(at: 1.0, factor: 2.0)])"#, "at"),
    ] {
        let fault = ron().from_str::<PriceSpec>(text).unwrap_err().to_string();
        assert!(fault.contains(part), "{text}: {fault}");
    }
}

/// One specification of every process, in the order of the catalogue, with every field that has a default left out.
const EVERY: [&str; 11] = [
    r#"Gbm(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"Merton(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"Kou(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"Heston(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"LogVolatility(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"RegimeSwitching(assets: [(symbol: "ETH"), (symbol: "BTC")])"#,
    r#"Replay(path: "eth.csv", symbol: "ETH", others: [(path: "btc.csv", symbol: "BTC")])"#,
    r#"Bootstrap(assets: [(symbol: "ETH", path: "eth.csv"), (symbol: "BTC", path: "btc.csv")])"#,
    r#"Bridge(assets: [(symbol: "ETH", initial_usd: 1.0, volatility: 1.0, points: [(hours: 5.0, usd: 2.0)])])"#,
    r#"Scenario(name: "ust_2022")"#,
    r#"Shocked(base: Gbm(assets: [(symbol: "ETH")]), shocks: [Jump(at_hours: 1.0, factor: 0.5)])"#,
];

#[test]
fn every_process_survives_a_round_trip_and_is_in_the_catalogue() {
    assert_eq!(PriceSpec::CATALOGUE.len(), EVERY.len());
    for (text, note) in EVERY.into_iter().zip(PriceSpec::CATALOGUE) {
        let spec = spec(text);
        assert!(spec.problems().is_empty(), "{text}: {:?}", spec.problems());
        let written = ron().to_string(&spec).unwrap();
        assert_eq!(ron().from_str::<PriceSpec>(&written).unwrap(), spec, "{written}");
        // The catalogue names each field that is written, and no other.
        let json = serde_json::to_value(&spec).unwrap();
        let fields = json.get(note.name).unwrap_or_else(|| panic!("{} is not {text}", note.name));
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
        };
        let sorted = |names: Vec<&str>| -> Vec<String> {
            let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            names.sort();
            names
        };
        let list = if note.name == "Replay" { "others" } else { "assets" };
        let mut written = keys(fields);
        written.sort();
        assert_eq!(written, sorted(note.fields.iter().map(|field| field.name).collect()), "{text}");
        let mut written = keys(&fields[list][0]);
        written.sort();
        assert_eq!(written, sorted(note.asset_fields.iter().map(|field| field.name).collect()), "{text}");
    }
}

#[test]
fn prices_that_leave_the_world_are_held_with_a_note() {
    let text = r#"Gbm(assets: [(symbol: "ETH", drift: 20.0, volatility: 0.1)])"#;
    let path = path_of(text, 200, 30 * 86_400, 1);
    assert_eq!(path.prices_usd[0][200], 1e15);
    assert_eq!(path.notes.len(), 1, "{:?}", path.notes);
    let text = format!(
        "Shocked(base: {text}, shocks: [Jump(at_hours: 0, factor: 1e-6), Jump(at_hours: 0, factor: 1e-6), Jump(at_hours: 0, factor: 1e-6)])"
    );
    let path = path_of(&text, 1, HOUR, 1);
    assert_eq!(path.prices_usd[0][0], 1e-9);
    assert!(path.notes[0].contains("tick 0"), "{:?}", path.notes);
}

#[test]
fn a_run_without_ticks_is_its_first_price() {
    for text in EVERY.into_iter().filter(|text| !text.contains(".csv")) {
        let path = path_of(text, 0, HOUR, 1);
        assert!(path.prices_usd.iter().all(|prices| prices.len() == 1), "{text}");
        assert!(matches!(
            spec(text).generate(10, 0, &Streams::new(1), Path::new(".")),
            Err(PriceError::Run { .. })
        ));
    }
}

/// Numbers that people and programs get wrong, and ordinary ones.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0_f64,
        2 => 0.0..1.0_f64,
        1 => 0.0..20_000.0_f64,
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(0.0),
        1 => Just(1.0),
    ]
}

fn any_price_spec() -> impl Strategy<Value = PriceSpec> {
    let numbers = proptest::collection::vec(any_number(), 14);
    (0..8_usize, numbers, any::<bool>()).prop_map(|(kind, n, matrix)| {
        let correlation = if matrix {
            Correlation::Matrix(vec![vec![1.0, n[0]], vec![n[0], 1.0]])
        } else {
            Correlation::Equal(n[0])
        };
        // Two assets: the second half ordinary.
        let (symbol, initial_usd, drift, volatility) = ("ETH".to_owned(), n[1].abs(), n[2], n[3].abs());
        macro_rules! two {
            ($asset:ident { $($field:ident: $place:literal),* }) => {{
                let first = $asset { symbol, initial_usd, drift, volatility, $($field: n[$place]),* };
                let second = $asset { symbol: "BTC".into(), initial_usd: 1.0, ..first.clone() };
                vec![first, second]
            }};
        }
        match kind {
            0 => PriceSpec::Gbm(Gbm { assets: two!(GbmAsset {}), correlation }),
            1 => PriceSpec::Merton(Merton {
                assets: two!(MertonAsset { jumps_per_year: 4, jump_mean: 5, jump_sd: 6 }),
                correlation,
                common_jump_probability: n[7],
                jump_correlation: n[8],
            }),
            2 => PriceSpec::Kou(Kou {
                assets: two!(KouAsset { jumps_per_year: 4, up_probability: 5, up_mean: 6, down_mean: 7 }),
                correlation,
                common_jump_probability: n[8],
                jump_correlation: n[9],
            }),
            3 => PriceSpec::Heston(Heston {
                assets: two!(HestonAsset {
                    initial_volatility_ratio: 4,
                    mean_reversion: 5,
                    volatility_of_variance: 6,
                    leverage_correlation: 7
                }),
                correlation,
            }),
            4 => PriceSpec::LogVolatility(LogVolatility {
                assets: two!(LogVolatilityAsset {
                    fast_sd: 4,
                    fast_half_life_hours: 5,
                    slow_sd: 6,
                    slow_half_life_hours: 7,
                    noise_sd: 8
                }),
                volatility_correlation: correlation.clone(),
                correlation,
            }),
            5 => {
                let regime = |name: &str, place: usize| Regime {
                    name: name.into(),
                    mean_hours: n[place].abs() * 100.0,
                    volatility_factor: n[place + 1],
                    drift: n[place + 2],
                    correlation: matrix.then_some(n[place + 3]),
                    weight: n[place].abs(),
                };
                let regimes = vec![regime("calm", 4), regime("wild", 8)];
                PriceSpec::RegimeSwitching(RegimeSwitching {
                    assets: two!(RegimeAsset {}),
                    correlation,
                    regimes,
                })
            }
            6 => PriceSpec::Scenario(Scenario {
                name: "usdc_2023".into(),
                assets: vec!["BTC".into(), "ETH".into()],
                volatility_factor: n[4],
                correlation,
            }),
            _ => PriceSpec::Shocked(Shocked {
                base: Box::new(PriceSpec::Gbm(Gbm { assets: two!(GbmAsset {}), correlation })),
                shocks: vec![
                    Shock::Jump { at_hours: n[4], factor: n[5], over_hours: n[6], symbols: vec![] },
                    Shock::VolatilityScale { at_hours: n[7], for_hours: n[8], factor: n[9], symbols: vec![] },
                    Shock::DepegUsd {
                        at_hours: n[10],
                        price: n[11],
                        over_hours: n[12],
                        hold_hours: n[13],
                        recovery_hours: Some(n[8]),
                    },
                ],
            }),
        }
    })
}

fn assert_sound(path: &MarketPath, ticks: u32) {
    let sound = |prices: &[f64]| {
        prices.len() == ticks as usize + 1 && prices.iter().all(|price| price.is_finite() && *price > 0.0)
    };
    assert!(path.prices_usd.iter().all(|prices| sound(prices)), "{:?}", path.prices_usd);
    assert!(sound(&path.usd_token_price), "{:?}", path.usd_token_price);
    assert_eq!(path.assets.len(), path.prices_usd.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_parameters_are_refused_or_give_positive_finite_prices(
        spec in any_price_spec(), ticks in 0..60_u32, tick_seconds in 1..2_600_000_i64, seed: u64,
    ) {
        match spec.generate(ticks, tick_seconds, &Streams::new(seed), Path::new(".")) {
            Ok(path) => assert_sound(&path, ticks),
            Err(fault) => {
                prop_assert!(matches!(fault, PriceError::Invalid(_)));
                prop_assert!(!spec.problems().is_empty());
            }
        }
    }

    #[test]
    fn any_correct_parameters_give_positive_finite_prices(
        kind in 0..6_usize, u in proptest::collection::vec(0.0..=1.0_f64, 8), tick_seconds in 1..31_536_000_i64, seed: u64,
    ) {
        let spread = |place: usize, low: f64, high: f64| low + (high - low) * u[place].powi(3);
        let common = format!("symbol: \"ETH\", initial_usd: {}, drift: {}", spread(0, 1e-9, 1e15), spread(1, -20.0, 20.0));
        let text = match kind {
            0 => format!("Gbm(assets: [({common}, volatility: {})])", spread(2, 0.0, 20.0)),
            1 => format!("Merton(assets: [({common}, volatility: {}, jumps_per_year: {}, jump_mean: {}, jump_sd: {})])",
                spread(2, 0.0, 20.0), spread(3, 0.0, 1e4), spread(4, -2.0, 2.0), spread(5, 0.0, 2.0)),
            2 => format!("Kou(assets: [({common}, volatility: {}, jumps_per_year: {}, up_probability: {}, up_mean: {}, down_mean: {})])",
                spread(2, 0.0, 20.0), spread(3, 0.0, 1e4), u[4], spread(5, 1e-6, 0.9), spread(6, 1e-6, 2.0)),
            3 => format!("Heston(assets: [({common}, volatility: {}, initial_volatility_ratio: {}, mean_reversion: {}, volatility_of_variance: {}, leverage_correlation: {})])",
                spread(2, 0.001, 10.0), spread(3, 0.0, 20.0), spread(4, 0.01, 1e3), spread(5, 0.001, 100.0), 2.0 * u[6] - 1.0),
            4 => format!("LogVolatility(assets: [({common}, volatility: {}, fast_sd: {}, fast_half_life_hours: {}, slow_sd: {}, slow_half_life_hours: {}, noise_sd: {})])",
                spread(2, 0.0, 10.0), spread(3, 0.0, 2.0), spread(4, 0.001, 1e6), spread(5, 0.0, 2.0), spread(6, 0.001, 1e6), spread(7, 0.0, 2.0)),
            _ => format!("RegimeSwitching(assets: [({common}, volatility: {})], regimes: [(name: \"a\", mean_hours: {}, volatility_factor: {}), (name: \"b\", mean_hours: 50, volatility_factor: 2)])",
                spread(2, 0.0, 10.0), spread(3, 1.0, 1e7), spread(4, 0.0, 10.0)),
        };
        let spec = spec(&text);
        prop_assert_eq!(spec.problems(), vec![]);
        assert_sound(&spec.generate(40, tick_seconds, &Streams::new(seed), Path::new(".")).unwrap(), 40);
    }

    #[test]
    fn any_bytes_are_candles_or_an_error(bytes: Vec<u8>, header: bool) {
        let mut file = if header { b"timestamp,open,high,low,close\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        if let Ok(candles) = Candles::parse(&file, Path::new("any.csv")) {
            prop_assert!(candles.bars.len() >= 2);
        }
    }

    /// Text that looks like candles, with mistakes in it.
    #[test]
    fn anything_like_candles_is_sound_or_an_error(
        cells in "[0-9]{1,19}(,(0|[0-9]{1,3}(\\.[0-9]{1,2})?|NaN|inf|-1|1e400|\"|)){4,12}(\n[0-9]{1,13}(,[1-9]){4,12}){0,6}\n?",
        header: bool, kline: bool,
    ) {
        let file = match (header, kline) {
            (true, _) => format!("timestamp,open,high,low,close\n{cells}"),
            (false, true) => format!("0,1,1,1,1,0,0,0,0,0,0,0\n{cells}"),
            (false, false) => cells,
        };
        match Candles::parse(file.as_bytes(), Path::new("like.csv")) {
            Ok(candles) => {
                prop_assert!(candles.bars.windows(2).all(|pair| pair[0].open_seconds < pair[1].open_seconds));
                prop_assert!(candles.bars.iter().all(|bar| bar.low > 0.0 && bar.low <= bar.high && bar.high.is_finite()));
                prop_assert!(candles.interval_seconds > 0);
                prop_assert!(candles.missing(i64::MIN, i64::MAX).longest <= candles.missing(i64::MIN, i64::MAX).bars);
            }
            Err(fault) => prop_assert!(fault.to_string().contains("like.csv")),
        }
    }
}
