//! Which way the risk moves when one thing changes, path by path on the same randomness.

use ballast::numerics::paired::{PairedDifference, Verdict};
use ballast::risk::{Conversion, CurveConversion, MarketConversion, PriceLaw, RiskModel};

use crate::outcomes;

/// The mean loss at 75 % rises from `calm` to `risky`, beyond chance.
fn rises(what: &str, calm: &RiskModel, risky: &RiskModel) {
    let losses = |model| outcomes(model, &[0.75], 400, 5).losses(0).unwrap();
    let found = PairedDifference::of(losses(calm).into_iter().zip(losses(risky)), 0.0);
    assert!(found.verdict == Verdict::Differs && found.mean.unwrap() > 0.0, "{what}: {found:?}");
}

fn crashing() -> RiskModel {
    RiskModel::with_amplifier(50.0)
}

#[test]
fn slower_hedging_loses_more() {
    let slow = RiskModel { smoothing: 0.03, ..crashing() };
    let daily = RiskModel { update_every_hours: 24, ..crashing() };
    rises("smoothing", &crashing(), &slow);
    rises("daily updates", &crashing(), &daily);
    rises("never", &daily, &RiskModel { static_weight: Some(0.5), ..crashing() });
}

#[test]
fn more_frequent_and_larger_jumps_lose_more() {
    rises("frequency", &crashing(), &RiskModel::with_amplifier(100.0));
    let mut larger = crashing();
    if let PriceLaw::JumpDiffusion(law) = &mut larger.price {
        law.jump_size = -0.3;
    }
    rises("size", &crashing(), &larger);
}

#[test]
fn a_floor_under_the_weight_and_a_fee_cost() {
    rises("floor", &crashing(), &RiskModel { weight_floor: 0.05, ..crashing() });
    rises("fee", &crashing(), &RiskModel { rebalancing_fee: 0.003, ..crashing() });
    rises("model volatility", &crashing(), &RiskModel { model_volatility: 1.2, ..crashing() });
}

#[test]
fn a_prompt_sale_saves_and_a_jump_along_the_curve_ruins() {
    let sale = |delay_hours, impact| RiskModel {
        conversion: Conversion::AtMarket(MarketConversion { ltv: 0.9, delay_hours, impact }),
        ..crashing()
    };
    rises("a delay", &sale(0, 0.0), &sale(24, 0.0));
    rises("impact", &sale(6, 0.0), &sale(6, 0.3));
    rises("no sale", &sale(24, 0.0), &crashing());
    let curve = RiskModel { conversion: Conversion::OnCurve(CurveConversion::default()), ..crashing() };
    rises("on the curve", &crashing(), &curve);
}

/// On one path a higher debt is never better, whatever is converted.
#[test]
fn a_higher_loan_loses_more_on_every_path() {
    let ltvs = [0.7, 0.75, 0.8];
    for conversion in [
        Conversion::Off,
        Conversion::AtMarket(MarketConversion { delay_hours: 6, ..MarketConversion::default() }),
    ] {
        let found = outcomes(&RiskModel { conversion, ..crashing() }, &ltvs, 400, 5);
        let losses: Vec<Vec<f64>> = (0..3).map(|place| found.losses(place).unwrap()).collect();
        let mean = |place: usize| losses[place].iter().sum::<f64>();
        assert!(mean(0) < mean(1) && mean(1) < mean(2), "{conversion:?}");
        if conversion == Conversion::Off {
            assert!(
                (0..400).all(|path| losses[0][path] <= losses[1][path] && losses[1][path] <= losses[2][path])
            );
        }
    }
}
