//! The collateral rebalancing pool: weights, creations, and whole loans.
//!
//! Comparison: amounts and ratios within 1e-6 of theirs or 2e-7, whichever is larger; refusals by their numbers.

mod call;
mod check;
mod exchange;
mod leverage;
mod rates;
mod router;
mod world;

use ballast::protocol::crp::{self, Pool, Refusal, Terms};
use serde_json::Value;

use crate::report::{Report, Verdict};
use check::{Answer, Outcome, Stop, fixed, fixed_of, height};
use world::World;

/// The sections of a file that this module replays whole.
pub(crate) const SECTIONS: [&str; 2] = ["crp_weight_cases", "crp_create_cases"];

/// True for the scenarios that this module replays.
pub(crate) fn knows(scenario: &str) -> bool {
    scenario.starts_with("crp-")
}

/// Replays what a file of ALEX vectors holds about the pool.
pub(crate) fn run(report: &mut Report, file: &Value) {
    for case in list(&file["crp_weight_cases"]) {
        note(report, "alex_crp_weight", case, weight(case));
    }
    for case in list(&file["crp_create_cases"]) {
        note(report, "alex_crp_create", case, creation(case));
    }
    // One chain: prices and pools live on from one scenario to the next.
    let mut world = World::default();
    for scenario in list(&file["scenarios"]) {
        let name = scenario["name"].as_str().unwrap_or("?");
        if !knows(name) {
            continue;
        }
        world.enter(scenario);
        for (index, step) in list(&scenario["steps"]).iter().enumerate() {
            let id = format!("step {index} {}", step["fn"].as_str().unwrap_or("?"));
            report.note(&format!("alex_{name}"), &id, verdict(world.step(step)));
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed(why),
    }
}

fn note(report: &mut Report, group: &str, case: &Value, outcome: Outcome) {
    report.note(group, case["id"].as_str().unwrap_or("?"), verdict(outcome));
}

/// Terms out of a pool record or of the arguments of a creation, by the names that both use.
fn terms(record: &Value, separator: &str, expiry: f64) -> Outcome<Terms> {
    let read = |name: &str| fixed(record, &name.replace('-', separator));
    Ok(Terms {
        initial_loan_to_value: read("ltv-0")?,
        conversion_ltv: read("conversion-ltv")?,
        volatility: read("bs-vol")?,
        ..Terms::repository_tests(expiry)
    })
}

/// A pool at one moment: its weight, its ratio, its value.
fn weight(case: &Value) -> Outcome {
    check::only(case, &["id", "pool", "expiry", "block_height", "spot", "result"])?;
    let record = &case["pool"];
    let terms = Terms {
        moving_average: fixed(record, "moving-average")?,
        token_to_maturity_blocks: fixed(record, "token-to-maturity")?,
        ..terms(record, "-", height(case, "expiry")?)?
    };
    let pool = Pool {
        strike: fixed(record, "strike")?,
        weight_x: fixed(record, "weight-x")?,
        balance_x: fixed(record, "balance-x")?,
        balance_y: fixed(record, "balance-y")?,
        yield_supply: fixed(record, "yield-supply")?,
        key_supply: fixed(record, "yield-supply")?,
        converted: false,
    };
    let (spot, now) = (fixed(case, "spot")?, height(case, "block_height")?);
    let results = case["result"].as_object().ok_or("no results")?;
    for (name, theirs) in results {
        let ours: Result<f64, Refusal> = match name.as_str() {
            "weight_x" => crp::next_weight(&pool, &terms, spot, now),
            "ltv" => pool.loan_to_value(&terms, spot),
            "value_in_token" => Ok(pool.value_in_token(spot)),
            "value_in_collateral" => pool.value_in_collateral(spot),
            name => return Err(format!("a result nobody knows: {name}")),
        };
        check::reply(name, &ours.map(Answer::number).map_err(Stop::from), theirs, 0.0)?;
    }
    Ok(())
}

/// A creation and its first deposit, on a market that sells at the price.
fn creation(case: &Value) -> Outcome {
    check::only(case, &["id", "input", "result", "note"])?;
    let input = &case["input"];
    check::only(
        input,
        &[
            "spot",
            "ltv_0",
            "conversion_ltv",
            "bs_vol",
            "strike_multiplier",
            "expiry",
            "block_height",
            "dx",
            "moving_average",
            "token_to_maturity",
        ],
    )?;
    let optional = |name: &str| fixed_of(&input[name]).unwrap_or(0.0);
    let terms = Terms {
        strike_multiplier: fixed(input, "strike_multiplier")?,
        moving_average: optional("moving_average"),
        token_to_maturity_blocks: optional("token_to_maturity"),
        ..terms(input, "_", height(input, "expiry")?)?
    };
    let (spot, now) = (fixed(input, "spot")?, height(input, "block_height")?);
    let deposit = fixed(input, "dx")?;
    let result = &case["result"];
    let made = crp::create(&terms, spot, now).and_then(|empty| {
        let plan = crp::plan_join(&empty, &terms, spot, now, deposit, f64::INFINITY)?;
        Ok((crp::join(&empty, &plan, plan.sell_x * spot)?, plan.minted))
    });
    let call = made.map(|(_, minted)| Answer::minted(minted)).map_err(Stop::from);
    // A refusal stands where the call's answer would, or alone.
    check::reply("call", &call, if result["call"].is_null() { result } else { &result["call"] }, 0.0)?;
    let Ok((pool, _)) = made else { return Ok(()) };
    let mut shown = result.clone();
    shown.as_object_mut().map(|fields| fields.remove("call"));
    check::record("pool", &check::pool_record(&pool, &terms), &shown, 0.0)
}
