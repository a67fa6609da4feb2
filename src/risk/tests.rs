//! The lanes against the pool's formulas one path at a time, and the same bytes however they are walked.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use fearless_simd::Level;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::moves::{Diffusing, Given, HourlyLaw, key};
use super::pool::{LANES, Lane, Moves, Pool};
use super::simulate::{settle, simulate_at};
use super::*;
use crate::protocol::crp::{call_delta, curve_value_factor, rebalancing_factor, smoothed};

/// Moves of an hour that crash now and then.
fn wild_moves(hours: u32) -> Vec<Lane> {
    let mut random = ChaCha8Rng::seed_from_u64(17);
    let mut draw = || {
        let crash = if random.random::<f64>() < 0.02 { -0.22 } else { 0.0 };
        0.04 * (random.random::<f64>() - 0.5) + crash
    };
    (0..hours).map(|_| std::array::from_fn(|_| draw() as f32)).collect()
}

/// One path by the formulas of the protocol: value and weight after each hour.
fn by_formulas(model: &RiskModel, ltv: f64, moves: &[f64]) -> Vec<(f64, f64)> {
    let years = |hour: usize| (f64::from(model.term_hours) - hour as f64) / HOURS_PER_YEAR;
    let mut moneyness = -libm::log(model.strike_ratio);
    let delta = |moneyness: f64, hour: usize| call_delta(moneyness, model.model_volatility, years(hour));
    let bounded = |weight: f64| weight.clamp(model.weight_floor, model.weight_cap);
    let mut weight = model.static_weight.unwrap_or_else(|| bounded(delta(moneyness, 0)));
    let (mut value, mut after) = (1.0, Vec::new());
    for (hour, moved) in (1..).zip(moves) {
        let ratio = libm::exp(*moved);
        let held = weight * ratio / (weight * ratio + 1.0 - weight);
        moneyness += moved;
        value *= curve_value_factor(weight, ratio);
        let open = hour < moves.len() && hour % model.update_every_hours as usize == 0;
        if open && model.static_weight.is_none() {
            let mut next = bounded(smoothed(delta(moneyness, hour), weight, model.smoothing));
            if let Conversion::OnCurve(curve) = model.conversion
                && ltv / value >= curve.ltv
                && !curve.then_frozen
            {
                next = curve.weight;
            }
            value *= rebalancing_factor(weight, next);
            weight = next;
        }
        value *= 1.0 - model.rebalancing_fee * (weight - held).abs();
        after.push((value, weight));
    }
    after
}

/// The final value by the formulas, with the sale at the market if there is one.
fn final_value(model: &RiskModel, ltv: f64, moves: &[f64]) -> f64 {
    let after = by_formulas(model, ltv, moves);
    if let Conversion::AtMarket(market) = model.conversion {
        let due = after.iter().position(|(value, _)| ltv / value >= market.ltv);
        let sold = due.and_then(|hour| after.get(hour + market.delay_hours as usize));
        if let Some((value, weight)) = sold {
            return value * (1.0 - market.impact * weight);
        }
    }
    if let Conversion::OnCurve(curve) = model.conversion
        && curve.then_frozen
    {
        let due = after.iter().find(|(value, _)| ltv / value >= curve.ltv);
        if let Some((value, weight)) = due {
            return value * rebalancing_factor(*weight, curve.weight);
        }
    }
    after[after.len() - 1].0
}

/// The same in lanes.
fn in_lanes(model: &RiskModel, ltv: f64, moves: &[Lane]) -> [f64; LANES] {
    let found = settle(Level::new(), model, &Pool::new(model), &[ltv], &mut Given(moves));
    found[0].map(|log_value| libm::exp(f64::from(log_value)))
}

/// Every switch of the model, over a term with an odd number of hours.
#[test]
fn the_lanes_follow_the_formulas_of_the_protocol() {
    let base = RiskModel { term_hours: 301, ..RiskModel::default() };
    let sale = |delay_hours, impact| Conversion::AtMarket(MarketConversion { ltv: 0.9, delay_hours, impact });
    let curve =
        |then_frozen| Conversion::OnCurve(CurveConversion { then_frozen, ..CurveConversion::default() });
    let models = [
        base.clone(),
        RiskModel { smoothing: 0.5, model_volatility: 1.2, ..base.clone() },
        RiskModel { update_every_hours: 6, strike_ratio: 0.9375, ..base.clone() },
        RiskModel { weight_floor: 0.05, weight_cap: 0.55, ..base.clone() },
        RiskModel { static_weight: Some(0.3), ..base.clone() },
        RiskModel { rebalancing_fee: 0.01, update_every_hours: 2, ..base.clone() },
        RiskModel { conversion: sale(0, 0.0), ..base.clone() },
        RiskModel { conversion: sale(7, 0.2), ..base.clone() },
        RiskModel { conversion: sale(299, 0.0), ..base.clone() },
        RiskModel { conversion: curve(false), ..base.clone() },
        RiskModel { conversion: curve(true), ..base },
    ];
    let moves = wild_moves(301);
    let (mut distinct, mut farthest) = (Vec::new(), 0.0_f64);
    for model in models {
        assert_eq!(model.problems(), []);
        let found = in_lanes(&model, 0.75, &moves);
        for (lane, found) in found.iter().enumerate() {
            let path: Vec<f64> = moves.iter().map(|hour| f64::from(hour[lane])).collect();
            let expected = final_value(&model, 0.75, &path);
            let error = (found / expected - 1.0).abs();
            assert!(error < 2e-6, "{model:?}, lane {lane}: {found} for {expected}");
            farthest = farthest.max(error);
        }
        distinct.push(found.map(f64::to_bits));
    }
    println!("farthest: {farthest:e}");
    distinct.sort_unstable();
    distinct.dedup();
    // Only a sale that is due after the term leaves the path of the base.
    assert_eq!(distinct.len(), 10, "every switch changes something");
}

/// Single precision against the formulas in double, path by path over the term of the appendix, as shares of the initial
/// value. The published points were read to .001.
#[test]
fn single_precision_moves_no_loss_by_more_than_two_millionths() {
    let (mut farthest, mut squares, mut paths) = (0.0_f64, 0.0, 0.0);
    for amplifier in [0.0, 1.0, 20.0, 100.0] {
        let model = RiskModel::with_amplifier(amplifier);
        let law = JumpDiffusion { jump_amplifier: amplifier, ..JumpDiffusion::default() };
        let mut diffusing = Diffusing::new(HourlyLaw::new(&law), key(11, "risk.paths"), 0);
        let block = Pool::new(&model).block();
        let moves: Vec<Lane> =
            (0..model.term_hours as usize).map(|hour| diffusing.hour(hour, &block)).collect();
        for (lane, found) in in_lanes(&model, 0.75, &moves).into_iter().enumerate() {
            let path: Vec<f64> = moves.iter().map(|hour| f64::from(hour[lane])).collect();
            let error = found - final_value(&model, 0.75, &path);
            farthest = farthest.max(error.abs());
            squares += error * error;
            paths += 1.0;
        }
    }
    println!("farthest {farthest:e}, root of mean square {:e}", (squares / paths).sqrt());
    assert!(farthest < 2e-6, "{farthest}");
}

/// Prices that go to the ends of what numbers hold leave a value that is a number.
#[test]
fn no_path_ends_in_nothing() {
    for (moved, expected) in [(-3.0, 0.0..0.4), (3.0, 1e10..f64::INFINITY)] {
        let model = RiskModel { term_hours: 200, smoothing: 1.0, ..RiskModel::default() };
        for value in in_lanes(&model, 0.75, &vec![[moved; LANES]; 200]) {
            assert!(expected.contains(&value), "{value}");
        }
    }
}

fn sample(paths: u64) -> Sample<'static> {
    Sample { ltvs: &[0.7, 0.8], paths, seed: 9, base_dir: Path::new(".") }
}

fn short(conversion: Conversion) -> RiskModel {
    RiskModel { term_hours: 240, conversion, ..RiskModel::with_amplifier(100.0) }
}

fn bytes(outcomes: &Outcomes) -> Vec<u64> {
    (0..2).flat_map(|place| outcomes.values(place).unwrap().iter().map(|value| value.to_bits())).collect()
}

#[test]
fn threads_and_widths_of_vectors_leave_the_bytes_alone() {
    let go = AtomicBool::new(false);
    for conversion in [
        Conversion::Off,
        Conversion::AtMarket(MarketConversion::default()),
        Conversion::OnCurve(CurveConversion::default()),
    ] {
        let model = short(conversion);
        let expected = bytes(&simulate(&model, &sample(500), &go, |_| {}).unwrap());
        let narrow = simulate_at(Level::baseline(), &model, &sample(500), &go, |_| {}).unwrap();
        assert_eq!(bytes(&narrow), expected);
        for number in 1..4 {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(number).build().unwrap();
            let found = threads.install(|| simulate(&model, &sample(500), &go, |_| {})).unwrap();
            assert_eq!(bytes(&found), expected, "{number} threads");
        }
    }
}

/// A golden value: a change of these bits is a change of every result.
#[test]
fn the_bytes_are_those_of_this_version() {
    let found = simulate(&short(Conversion::Off), &sample(3), &AtomicBool::new(false), |_| {}).unwrap();
    let bits: Vec<String> =
        found.values(0).unwrap().iter().map(|value| format!("{:016x}", value.to_bits())).collect();
    assert_eq!(bits, ["3feb0478f3ed8b26", "3fe75f1420bcd114", "3fec52886585dd35"]);
}

#[test]
fn a_stopped_simulation_keeps_its_leading_paths() {
    let model = short(Conversion::Off);
    let whole = simulate(&model, &sample(5_000), &AtomicBool::new(false), |_| {}).unwrap();
    let (stop, told) = (AtomicBool::new(false), AtomicU64::new(0));
    let part = simulate(&model, &sample(5_000), &stop, |paths| {
        if told.fetch_add(paths, Ordering::Relaxed) > 2_500 {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let part = part.unwrap();
    assert!((2_048..5_000).contains(&part.paths()), "{}", part.paths());
    assert_eq!(part.values(0).unwrap(), &whole.values(0).unwrap()[..part.paths() as usize]);
    assert_eq!(whole.paths(), 5_000);
    let none = simulate(&model, &sample(50), &AtomicBool::new(true), |_| {}).unwrap();
    assert_eq!((none.paths(), estimate(&none, &[]).len()), (0, 0));
}

#[test]
fn what_cannot_be_simulated_is_refused_with_every_reason() {
    let go = AtomicBool::new(false);
    let bad = RiskModel { smoothing: 0.0, ..RiskModel::default() };
    let wrong = Sample { ltvs: &[0.7, 1.2], paths: 0, ..sample(1) };
    let message = simulate(&bad, &wrong, &go, |_| {}).unwrap_err().to_string();
    for part in ["smoothing", "paths", "ltvs[1]: expected a number above 0 up to 1, found 1.2"] {
        assert!(message.contains(part), "{message}");
    }
    let message = estimate_rare(&bad, f64::NAN, 0, 0, &go, |_| {}).unwrap_err().to_string();
    for part in ["smoothing", "ltvs[0]", "paths"] {
        assert!(message.contains(part), "{message}");
    }
    let stopped = estimate_rare(&RiskModel::default(), 0.75, 64, 0, &AtomicBool::new(true), |_| {});
    assert!(matches!(stopped, Err(RiskError::Stopped)));
}

/// 64,000 path-hours of the law: mean, variance and frequency of jumps within 4 standard errors.
#[test]
fn the_moves_follow_their_law() {
    let law = JumpDiffusion { jump_amplifier: 100.0, ..JumpDiffusion::default() };
    let hourly = HourlyLaw::new(&law);
    let [drift, deviation, jump] = [hourly.drift, hourly.deviation, hourly.jump].map(f64::from);
    let block = Pool::new(&RiskModel::default()).block();
    let mut moves = Vec::new();
    for first_path in (0..3_200).step_by(LANES) {
        let mut diffusing = Diffusing::new(hourly, key(3, "risk.paths"), first_path);
        (0..20).for_each(|hour| moves.extend(diffusing.hour(hour, &block).map(f64::from)));
    }
    let n = moves.len() as f64;
    // The diffusion moves by about 1 % an hour, a jump by -22 %.
    let (jumped, calm): (Vec<f64>, Vec<f64>) = moves.into_iter().partition(|moved| *moved < -0.11);
    let share = jumped.len() as f64 / n;
    assert!((share - 0.017).abs() < 4.0 * (0.017 * 0.983 / n).sqrt(), "{share}");
    let z: Vec<f64> = calm.iter().map(|moved| (moved - drift) / deviation).collect();
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    let variance = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
    assert!(
        mean.abs() < 4.0 / n.sqrt() && (variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
        "{mean} {variance}"
    );
    assert!((drift * HOURS_PER_YEAR + 2.5).abs() < 1e-6 && (jump - 0.8_f64.ln()).abs() < 1e-7);
    // The same word has told that there is a jump: what is left of it draws as well.
    let z: Vec<f64> = jumped.iter().map(|moved| (moved - drift - jump) / deviation).collect();
    let variance = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
    assert!((variance - 1.0).abs() < 4.0 * (2.0 / z.len() as f64).sqrt(), "{variance}");
    let mean_jump = jumped.iter().sum::<f64>() / jumped.len() as f64;
    assert!((mean_jump - drift - jump).abs() < 4.0 * deviation / (jumped.len() as f64).sqrt());
}
