//! Swap mathematics against the programs it is modelled on.
//!
//! Comparison: integers of Uniswap v2 exactly. Everything else is `f64` against 18-decimal integers: relative 1e-9, or the
//! case's own `tol`; an amount that a program computes as a difference of two balances within 1e-12 of the balance, or
//! within one atom where the coin has few decimals. A field of a case that no code here reads is a failure.

mod balancer;
mod curve;
mod lvr;
mod uniswap;

use ballast::protocol::amm::SwapError;
use ethnum::U256;
use serde_json::{Map, Value};

use crate::report::{Report, Verdict};

/// Replays a file of cases. A group that nobody here knows is a failure.
pub(crate) fn replay(file: &Value, report: &mut Report) {
    let cases = file["cases"].as_array().map_or(&[][..], Vec::as_slice);
    if cases.is_empty() {
        report.unknown("perp: a file without cases");
    }
    for case in cases {
        let (group, id) = (case["group"].as_str().unwrap_or("?"), case["id"].as_str().unwrap_or("?"));
        match run(case) {
            Some(verdict) => report.note(group, id, verdict),
            None => report.unknown(group),
        }
    }
}

/// Runs a case, or returns `None` for a group that is not about swaps.
fn run(case: &Value) -> Option<Verdict> {
    let check = match case["group"].as_str()? {
        "uniswap_v2_traj" => uniswap::trajectory,
        "uniswap_v2_sdk" => uniswap::quotes,
        "balancer_weighted" => balancer::weighted,
        "balancer_v3_weighted" => balancer::weighted_v3,
        "balancer_sor_weighted" => balancer::weighted_with_fee,
        "balancer_invariant" => balancer::invariant,
        "balancer_pow" => balancer::power,
        "balancer_stable" => balancer::stable,
        "balancer_sor_stable" => balancer::stable_with_fee,
        "curve_ng_math" => curve::mathematics,
        "curve_3pool_traj" => curve::trajectory,
        "curvesim_traj" => curve::simulation,
        "theory_cfmm" => lvr::theory,
        "sim_lvr" => lvr::without_fee,
        "sim_lvr_fee" => lvr::with_fee,
        _ => return None,
    };
    Some(match check(case) {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed(why),
    })
}

/// What is wrong with a case, or with the answer to it.
type Outcome<T = ()> = Result<T, String>;

/// Relative tolerance of `f64` mathematics against 18-decimal integers.
const RELATIVE: f64 = 1e-9;
/// Tolerance of a difference of balances, relative to the balance.
const OF_BALANCE: f64 = 1e-12;

/// The fields of a JSON object; one that is not in `known` is an error.
fn fields<'a>(value: &'a Value, name: &str, known: &[&str]) -> Outcome<&'a Map<String, Value>> {
    let object = value.as_object().ok_or_else(|| format!("{name} is not an object"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("{name} has a field nobody reads: {key}")),
        None => Ok(object),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Outcome<&'a str> {
    value[key].as_str().ok_or_else(|| format!("{key}: expected a text, found {}", value[key]))
}

fn integer_of(value: &Value, key: &str) -> Outcome<U256> {
    let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    digits.parse().map_err(|_| format!("{key}: expected an integer, found {value}"))
}

fn integer(value: &Value, key: &str) -> Outcome<U256> {
    integer_of(&value[key], key)
}

fn seconds(value: &Value, key: &str) -> Outcome<u64> {
    u64::try_from(integer(value, key)?).map_err(|error| format!("{key}: {error}"))
}

fn number_of(value: &Value, key: &str) -> Outcome<f64> {
    let parsed = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    parsed.ok_or_else(|| format!("{key}: expected a number, found {value}"))
}

fn number(value: &Value, key: &str) -> Outcome<f64> {
    number_of(&value[key], key)
}

/// A number with 18 decimals.
fn decimal(value: &Value, key: &str) -> Outcome<f64> {
    Ok(number(value, key)? / 1e18)
}

fn numbers(value: &Value, key: &str) -> Outcome<Vec<f64>> {
    let list = value[key].as_array().ok_or_else(|| format!("{key}: expected a list"))?;
    list.iter().map(|entry| number_of(entry, key)).collect()
}

fn decimals<const N: usize>(value: &Value, key: &str) -> Outcome<[f64; N]> {
    let list: Vec<f64> = numbers(value, key)?.iter().map(|entry| entry / 1e18).collect();
    list.try_into().map_err(|_| format!("{key}: expected {N} entries"))
}

/// The case's own relative tolerance where it is a number, else the default.
fn tolerance(case: &Value) -> f64 {
    case["tol"].as_f64().unwrap_or(RELATIVE)
}

fn equal<T: PartialEq + std::fmt::Display>(name: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{name}: expected {expected}, found {found}")) }
}

/// `found` within `allowed` of `expected`.
fn within(name: &str, found: f64, expected: f64, allowed: f64) -> Outcome {
    if (found - expected).abs() <= allowed {
        Ok(())
    } else {
        Err(format!("{name}: expected {expected:e}, found {found:e}, allowed {allowed:e}"))
    }
}

fn close(name: &str, found: f64, expected: f64, relative: f64) -> Outcome {
    within(name, found, expected, relative * expected.abs())
}

/// Our refusal, as a text.
fn refused<T>(name: &str, result: Result<T, SwapError>) -> Outcome<T> {
    result.map_err(|error| format!("{name}: refused, {error}"))
}

/// An amount that Balancer or its limits may refuse: 18 decimals, within 1e-12 of `balance`, or of the amount where that
/// is larger than the balance.
fn amount_or_refusal(name: &str, found: Result<f64, SwapError>, expected: &Value, balance: f64) -> Outcome {
    let Ok(wei) = number_of(expected, name) else {
        return match (found, expected.as_str()) {
            (Err(SwapError::MaxInRatio), Some("BAL#304"))
            | (Err(SwapError::MaxOutRatio), Some("BAL#305")) => Ok(()),
            (Err(_), Some(reason)) if !reason.starts_with("BAL#30") => Ok(()),
            (found, _) => Err(format!("{name}: expected {expected}, found {found:?}")),
        };
    };
    let amount = refused(name, found)?;
    within(name, amount, wei / 1e18, OF_BALANCE * balance.max(amount) + 2e-18)
}
