//! Loss versus rebalancing: closed forms, and pools arbitraged along random paths.
//!
//! A simulated figure is compared with a simulated one within 4 standard errors of their difference; the spread of a path
//! is taken from the case, so that a short simulation here does not judge itself.

use ballast::numerics::philox::Philox;
use ballast::protocol::amm::lvr::{
    arbitrage_probability, divergence_loss, equilibrium_fee_yield, expected_lvr, loss_versus_rebalancing,
    lvr_rate,
};
use ballast::protocol::amm::{Curve, weighted};
use rand_distr::{Distribution, Exp1, StandardNormal};
use serde_json::Value;

use super::{Outcome, RELATIVE, close, fields, number, number_of, refused, within};

/// Closed forms were computed with 40 digits.
const EXACT: f64 = 1e-12;
/// Blocks or steps to simulate in a case.
const STEPS: usize = 600_000;
const YEAR_S: f64 = 365.0 * 86_400.0;

/// `key` without `prefix`, as a number.
fn suffix(key: &str, prefix: &str) -> Option<f64> {
    key.strip_prefix(prefix)?.parse().ok()
}

/// Closed forms of a constant-mean pool.
pub(super) fn theory(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    fields(inputs, "inputs", &["weightRisky", "sigma"])?;
    let (weight, sigma) = (number(inputs, "weightRisky")?, number(inputs, "sigma")?);
    let expected = case["expected"].as_object().ok_or("no expectations")?;
    // The key that names the price names the reserves that the value and the invariant are of.
    let reserves = expected.keys().find_map(|key| {
        let (x, y) = key.strip_prefix("spotPrice_x")?.split_once("_y")?;
        Some([x.parse::<f64>().ok()?, y.parse::<f64>().ok()?])
    });
    let reserves = reserves.ok_or("no reserves")?;
    let pool = Curve::Weighted { weight_base: weight };
    let price = refused("spot", pool.spot_price(reserves))?;
    let invariant = refused("invariant", weighted::invariant(&reserves, &[weight, 1.0 - weight]))?;
    for (key, value) in expected {
        let found = if let Some(percent) = suffix(key, "equilibriumYield_r") {
            equilibrium_fee_yield(weight, percent / 100.0, sigma)
        } else if let Some(ratio) = suffix(key, "divergenceLoss_R") {
            divergence_loss(weight, ratio)
        } else if let Some(ratio) = suffix(key, "lvrStep_R") {
            loss_versus_rebalancing(weight, ratio)
        } else {
            match key.as_str() {
                "bpPerDay365" => lvr_rate(weight, sigma).map(|rate| rate / 365.0 * 1e4),
                "expectedLvrFracPerDailyStep" => expected_lvr(weight, sigma, 1.0 / 365.0),
                "invariant" => Ok(invariant),
                "value" => weighted::value_at_price(invariant, weight, price),
                "valueCheck_xP_plus_y" => Ok(reserves[0] * price + reserves[1]),
                _ if key.starts_with("spotPrice_x") => Ok(price),
                _ => return Err(format!("expected has a field nobody reads: {key}")),
            }
        };
        close(key, refused(key, found)?, number_of(value, key)?, EXACT)?;
    }
    Ok(())
}

/// Standard errors of our figure and theirs together, where theirs is the mean of `paths` and ours of `own`.
fn joint_error(stderr: f64, paths: f64, own: usize) -> f64 {
    stderr * (1.0 + paths / own as f64).sqrt()
}

/// Sum over a year of the loss of each step, of a pool without fee that is arbitraged at every step.
pub(super) fn without_fee(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    fields(inputs, "inputs", &["weightRisky", "sigma", "stepsPerDay", "years", "paths", "fee"])?;
    const KNOWN: [&str; 5] = ["mean", "stderr", "theory_continuous", "theory_exact_discrete", "bp_per_day"];
    fields(expected, "expected", &KNOWN)?;
    let (weight, sigma) = (number(inputs, "weightRisky")?, number(inputs, "sigma")?);
    let years = number(inputs, "years")?;
    let steps = (number(inputs, "stepsPerDay")? * 365.0 * years) as usize;
    let step_years = years / steps as f64;
    let rate = refused("rate", lvr_rate(weight, sigma))?;
    close("theory_continuous", rate * years, number(expected, "theory_continuous")?, EXACT)?;
    let discrete = refused("step", expected_lvr(weight, sigma, step_years))? * steps as f64;
    close("theory_exact_discrete", discrete, number(expected, "theory_exact_discrete")?, RELATIVE)?;
    let mean = number(expected, "mean")?;
    close("bp_per_day", mean / (365.0 * years) * 1e4, number(expected, "bp_per_day")?, RELATIVE)?;

    let paths = number(inputs, "paths")?;
    let own = (STEPS / steps).clamp(8, paths as usize);
    let pool = Curve::Weighted { weight_base: weight };
    let fee = number(inputs, "fee")?;
    let mut random = Philox::new(1, 0, 0);
    let mut sum = 0.0;
    for _ in 0..own {
        let mut price = 2_000.0;
        let mut reserves = [100.0, 100.0 * price * (1.0 - weight) / weight];
        for _ in 0..steps {
            let value = reserves[0] * price + reserves[1];
            let normal: f64 = StandardNormal.sample(&mut random);
            price *= libm::exp(sigma * step_years.sqrt() * normal - 0.5 * sigma * sigma * step_years);
            if let Some(trade) = pool.arbitrage_trade(reserves, fee, price) {
                reserves[trade.side.coin_in()] += trade.amount_in_net;
                reserves[trade.side.coin_out()] -= trade.amount_out;
                sum += trade.profit_quote / value;
            }
        }
    }
    let error = joint_error(number(expected, "stderr")?, paths, own);
    within("mean", sum / own as f64, mean, 4.0 * error)
}

/// A 50/50 pool with a fee, arbitraged in blocks that arrive at random; fees stay outside.
pub(super) fn with_fee(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    fields(inputs, "inputs", &["sigma", "fee", "meanBlockSeconds", "blocks", "paths"])?;
    const KNOWN: [&str; 7] = [
        "arbProfitYield",
        "arbFeesToLPYield",
        "tradeProb",
        "theory_LVR",
        "theory_tradeProb",
        "theory_arbProfit_approx",
        "theory_fees_approx",
    ];
    fields(expected, "expected", &KNOWN)?;
    let (sigma, fee) = (number(inputs, "sigma")?, number(inputs, "fee")?);
    let block_years = number(inputs, "meanBlockSeconds")? / YEAR_S;
    let rate = refused("rate", lvr_rate(0.5, sigma))?;
    let probability = refused("probability", arbitrage_probability(fee, sigma, block_years))?;
    close("theory_LVR", rate, number(expected, "theory_LVR")?, EXACT)?;
    close("theory_tradeProb", probability, number(expected, "theory_tradeProb")?, EXACT)?;
    close("theory_arbProfit", rate * probability, number(expected, "theory_arbProfit_approx")?, EXACT)?;
    close("theory_fees", rate * (1.0 - probability), number(expected, "theory_fees_approx")?, EXACT)?;

    let (blocks, paths) = (number(inputs, "blocks")? as usize, number(inputs, "paths")?);
    let own = (STEPS / blocks).clamp(8, paths as usize);
    let mut random = Philox::new(2, 0, 0);
    let mut sums = [0.0; 3];
    for _ in 0..own {
        let mut price = 2_000.0;
        let mut reserves = [100.0, 200_000.0];
        for _ in 0..blocks {
            let gap: f64 = Exp1.sample(&mut random);
            let (normal, years): (f64, f64) = (StandardNormal.sample(&mut random), gap * block_years);
            price *= libm::exp(sigma * years.sqrt() * normal - 0.5 * sigma * sigma * years);
            if let Some(trade) = Curve::ConstantProduct.arbitrage_trade(reserves, fee, price) {
                let value = reserves[0] * price + reserves[1];
                let coin_in = trade.side.coin_in();
                let in_quote = if coin_in == 0 { price } else { 1.0 };
                sums[0] += trade.profit_quote / value;
                sums[1] += (trade.amount_in - trade.amount_in_net) * in_quote / value;
                sums[2] += 1.0;
                reserves[coin_in] += trade.amount_in_net;
                reserves[1 - coin_in] -= trade.amount_out;
            }
        }
    }
    let count = (own * blocks) as f64;
    let figures = [
        ("arbProfitYield", sums[0] / (count * block_years)),
        ("arbFeesToLPYield", sums[1] / (count * block_years)),
        ("tradeProb", sums[2] / count),
    ];
    figures.into_iter().try_for_each(|(name, found)| {
        let figure = &expected[name];
        let error = joint_error(number(figure, "stderr")?, paths, own);
        within(name, found, number(figure, "mean")?, 4.0 * error)
    })
}
