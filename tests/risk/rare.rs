//! Rare defaults: importance sampling against brute force.

use std::sync::atomic::AtomicBool;

use ballast::risk::{Conversion, MarketConversion, RareEstimate, RiskModel, estimate_rare};

use crate::risk;

fn rare(model: &RiskModel, ltv: f64, paths: u64, seed: u64) -> RareEstimate {
    let found = estimate_rare(model, ltv, paths, seed, &AtomicBool::new(false), |_| {}).unwrap();
    println!("{found:?}");
    found
}

/// No jumps, 75 %: about one default in a hundred paths.
#[test]
fn steered_paths_agree_with_brute_force_where_both_can_see() {
    let model = RiskModel::with_amplifier(0.0);
    let (few, many) = (rare(&model, 0.75, 4_000, 1), risk(&model, 0.75, 16_000, 2));
    println!("{:?} {:?}", many.default_probability, many.expected_loss);
    assert!(few.default_probability.meets(&many.default_probability), "{few:?}\n{many:?}");
    assert!(few.expected_loss.meets(&many.expected_loss), "{few:?}\n{many:?}");
    assert!(few.steered && !few.too_few_tail_events && few.effective_sample_size > 40.0);
}

/// With jumps, and with a sale.
#[test]
fn steered_paths_agree_under_jumps_and_sales() {
    let sale = Conversion::AtMarket(MarketConversion { delay_hours: 1, ..MarketConversion::default() });
    for (model, ltv) in [
        (RiskModel::default(), 0.74),
        (RiskModel { conversion: sale, ..RiskModel::with_amplifier(50.0) }, 0.75),
    ] {
        let (few, many) = (rare(&model, ltv, 4_000, 3), risk(&model, ltv, 16_000, 4));
        println!("{:?} {:?}", many.default_probability, many.expected_loss);
        assert!(few.default_probability.meets(&many.default_probability), "{few:?}\n{many:?}");
        assert!(few.expected_loss.meets(&many.expected_loss), "{few:?}\n{many:?}");
    }
}

/// At 70 % without jumps a plain sample of this size sees no default; the probability is about 4.3e-5.
#[test]
fn what_a_plain_sample_does_not_see_is_estimated() {
    let found = rare(&RiskModel::with_amplifier(0.0), 0.70, 4_000, 5);
    let probability = found.default_probability;
    assert!((2.5e-5..7e-5).contains(&probability.value), "{found:?}");
    assert!(probability.high.unwrap() < 2.0 * probability.value, "{found:?}");
    assert!(found.variance_ratio.unwrap() > 20.0, "{found:?}");
}

#[test]
fn a_frequent_default_needs_no_steering_and_all_repeats() {
    let model = RiskModel::with_amplifier(50.0);
    let found = rare(&model, 0.75, 640, 1);
    assert!(!found.steered && found.default_probability.value > 0.95);
    assert_eq!(found, rare(&model, 0.75, 640, 1));
}
