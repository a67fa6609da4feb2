//! The number format itself: products, quotients, powers, logarithm, exponential.

use serde_json::Value;

use super::fixed::{self, Failure, Fixed, ONE};
use super::reading::{ABSOLUTE, Answer, Outcome, RELATIVE, answer, arguments, integer, list, text};

/// Below this base the contract's logarithm is its bare series, which does not converge.
const LEAST_BASE: f64 = 0.2;
/// From here on the contract's numbers pass through its `e^32`, which is a hundredth of what it should be.
const LARGEST: f64 = 7.8e11;

fn in_integers(function: &str, case: &Value) -> Outcome<Fixed<i128>> {
    let signed = |result: Fixed| result.map(|units| i128::try_from(units).unwrap_or(i128::MAX));
    let single = || match list(&case["args"]) {
        [argument] => integer(argument),
        arguments => Err(format!("expected 1 argument, found {}", arguments.len())),
    };
    Ok(match function {
        "ln-fixed" => fixed::ln(single()?),
        "exp-fixed" => fixed::exp(single()?),
        _ => {
            let [a, b] = arguments(case)?;
            signed(match function {
                "mul-down" => fixed::mul_down(a, b),
                "mul-up" => fixed::mul_up(a, b),
                "div-down" => fixed::div_down(a, b),
                "div-up" => fixed::div_up(a, b),
                "pow-down" => fixed::pow_down(a, b),
                "pow-up" => fixed::pow_up(a, b),
                "pow-fixed" => fixed::pow_fixed(a, b),
                other => return Err(format!("unknown function {other}")),
            })
        }
    })
}

/// The same in real numbers, as the library computes; `None` where the contract's series or constants are off by more
/// than rounding.
fn in_floating_point(function: &str, case: &Value) -> Outcome<Option<f64>> {
    let one = ONE as f64;
    let values = list(&case["args"]).iter().map(|value| Ok(integer(value)? as f64 / one));
    let values: Vec<f64> = values.collect::<Outcome<_>>()?;
    Ok(match (function, values[..].as_ref()) {
        ("mul-down" | "mul-up", &[a, b]) => Some(a * b),
        // Nothing over nothing is nothing.
        ("div-down" | "div-up", &[0.0, _]) => Some(0.0),
        ("div-down" | "div-up", &[a, b]) => Some(a / b),
        ("pow-down" | "pow-up" | "pow-fixed", &[a, b]) => {
            let power = libm::pow(a, b);
            (a == 0.0 || b == 0.0 || (a >= LEAST_BASE && a.max(power) < LARGEST)).then_some(power)
        }
        ("ln-fixed", &[a]) => (a.max(1.0 / a) < LARGEST).then(|| libm::log(a)),
        ("exp-fixed", &[a]) => (a < 32.0).then(|| libm::exp(a)),
        (_, values) => return Err(format!("{function} of {} numbers", values.len())),
    })
}

pub fn check(case: &Value) -> Outcome {
    let function = text(case, "fn");
    let theirs = answer(case)?;
    let ours = in_integers(function, case)?;
    let value = match (theirs, ours) {
        (Answer::Value(value), Ok(ours)) if integer(value)? == ours => value,
        (Answer::Code(theirs), Err(Failure::Code(ours))) if theirs == ours => return Ok(()),
        (Answer::Abort(theirs), Err(Failure::Abort(ours))) if theirs == ours => return Ok(()),
        (theirs, ours) => return Err(format!("{function}: expected {theirs:?}, in integers {ours:?}")),
    };
    let Some(ours) = in_floating_point(function, case)? else { return Ok(()) };
    let theirs = integer(value)? as f64 / ONE as f64;
    // A truncated exponent is off by parts of its own size: e^(b ln a) by b times the rounding of ln a.
    let exponent = if function.starts_with("pow") { list(&case["args"]).get(1) } else { None };
    let exponent = exponent.map_or(Ok(0), integer)? as f64 / ONE as f64;
    let allowed = ABSOLUTE.max((RELATIVE + 1e-7 * exponent) * theirs.abs());
    if (ours - theirs).abs() <= allowed {
        return Ok(());
    }
    Err(format!("{function}: expected {theirs:e}, found {ours:e}, allowed {allowed:e}"))
}
