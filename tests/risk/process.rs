//! Pools under the price processes of the outside market.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use ballast::risk::{PriceLaw, RiskError, RiskModel, Sample, simulate};

use crate::{outcomes, risk};

fn model(price: &str) -> RiskModel {
    let extensions =
        ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES | ron::extensions::Extensions::IMPLICIT_SOME;
    let text = format!("(price: Process({price}))");
    ron::Options::default().with_default_extension(extensions).from_str(&text).unwrap()
}

/// The same law from both sources: geometric Brownian motion by `price` and by the lanes, within both intervals.
#[test]
fn a_process_and_the_lanes_agree_where_the_law_is_the_same() {
    let process =
        model(r#"spec: Gbm(assets: [(symbol: "BTC", initial_usd: 30000, drift: -2, volatility: 1)])"#);
    let mut lanes = RiskModel::with_amplifier(0.0);
    assert!(matches!(lanes.price, PriceLaw::JumpDiffusion(_)));
    lanes.conversion = process.conversion;
    let (slow, fast) = (risk(&process, 0.78, 1_500, 2), risk(&lanes, 0.78, 6_000, 2));
    assert!(slow.default_probability.meets(&fast.default_probability), "{slow:?}\n{fast:?}");
    assert!(slow.expected_loss.meets(&fast.expected_loss), "{slow:?}\n{fast:?}");
}

#[test]
fn an_asset_is_picked_by_name_and_paths_repeat() {
    let pair =
        r#"spec: Merton(assets: [(symbol: "ETH", initial_usd: 2000), (symbol: "BTC", initial_usd: 30000)])"#;
    let first = outcomes(&model(pair), &[0.8], 40, 4);
    let second = outcomes(&model(&format!("{pair}, asset: \"BTC\"")), &[0.8], 40, 4);
    assert_eq!(first, outcomes(&model(&format!("asset: \"ETH\", {pair}")), &[0.8], 40, 4));
    assert_ne!(first, second);
    assert_eq!(first.values(0).unwrap()[..33], *outcomes(&model(pair), &[0.8], 33, 4).values(0).unwrap());
}

#[test]
fn a_path_that_cannot_be_generated_is_an_error_with_its_cause() {
    let missing = model(r#"spec: Replay(symbol: "ETH", path: "nowhere.csv")"#);
    let sample = Sample { ltvs: &[0.75], paths: 3, seed: 1, base_dir: Path::new(".") };
    let error = simulate(&missing, &sample, &AtomicBool::new(false), |_| {}).unwrap_err();
    assert!(matches!(error, RiskError::Price { .. }) && error.to_string().contains("nowhere.csv"), "{error}");
}
