//! Reading calls and answers, and holding ours against them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fixed::{Failure, Fixed};

/// What is wrong with a case, or with the answer to it.
pub type Outcome<T = ()> = Result<T, String>;

/// Tolerance of `f64` against the contracts' integers, relative.
pub const RELATIVE: f64 = 1e-6;
/// The same, absolute.
pub const ABSOLUTE: f64 = 2e-7;
/// Caps are moved by this share when a refusal disagrees: which side of a cap an amount falls on is then a matter of the
/// contracts' rounding.
pub const BOUNDARY: f64 = 1e-3;

/// One, in units of 1e-8.
const UNIT: f64 = 1e8;

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// A digit string or a JSON integer.
pub fn integer(value: &Value) -> Outcome<i128> {
    let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    digits.parse().map_err(|_| format!("expected an integer, found {value}"))
}

pub fn unsigned(value: &Value) -> Outcome<u128> {
    let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    digits.parse().map_err(|_| format!("expected an unsigned integer, found {value}"))
}

/// Whole numbers of tokens, for so many units of 1e-8.
pub fn tokens(units: u128) -> f64 {
    units as f64 / UNIT
}

/// An amount in tokens.
pub fn amount(value: &Value) -> Outcome<f64> {
    unsigned(value).map(tokens)
}

/// `null` or `{"some": v}`, or the bare value.
pub fn optional(value: &Value) -> Option<&Value> {
    if value.is_null() { None } else { Some(value.get("some").unwrap_or(value)) }
}

/// Exactly `N` unsigned arguments.
pub fn arguments<const N: usize>(case: &Value) -> Outcome<[u128; N]> {
    let read: Vec<u128> = list(&case["args"]).iter().map(unsigned).collect::<Outcome<_>>()?;
    read.try_into().map_err(|read: Vec<_>| format!("expected {N} arguments, found {}", read.len()))
}

/// What a call answered.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    Value(&'a Value),
    Code(u32),
    Abort(&'a str),
}

/// The answer of a case: a response, an abort, or a bare value.
pub fn answer(case: &Value) -> Outcome<Answer<'_>> {
    let result = &case["result"];
    if let Some(code) = result.get("err") {
        let code = integer(code)?;
        return Ok(Answer::Code(u32::try_from(code).map_err(|error| format!("code {code}: {error}"))?));
    }
    if let Some(name) = result.get("runtime_error") {
        return Ok(Answer::Abort(name.as_str().unwrap_or_default()));
    }
    Ok(Answer::Value(result.get("ok").unwrap_or(result)))
}

/// Numbers by name; a lone number has the name "".
pub type Named<T> = Vec<(&'static str, T)>;

/// A lone number.
pub fn lone<T>(value: T) -> Named<T> {
    vec![("", value)]
}

fn expected<'a>(value: &'a Value, name: &str) -> Outcome<&'a Value> {
    let found = if name.is_empty() { Some(value) } else { value.get(name) };
    found.ok_or_else(|| format!("the answer has no {name}: {value}"))
}

fn same_names<T>(value: &Value, ours: &Named<T>) -> Outcome {
    let fields = value.as_object().map_or(1, |object| object.len());
    if fields == ours.len() { Ok(()) } else { Err(format!("fields nobody computes in {value}")) }
}

/// Holds the integer model against an answer: equal to the unit.
pub fn exactly(answer: Answer<'_>, ours: Fixed<Named<u128>>) -> Outcome {
    match (answer, ours) {
        (Answer::Value(value), Ok(ours)) => {
            same_names(value, &ours)?;
            for (name, number) in ours {
                let theirs = unsigned(expected(value, name)?)?;
                if theirs != number {
                    return Err(format!("{name}: expected {theirs}, in integers {number}"));
                }
            }
            Ok(())
        }
        (Answer::Code(theirs), Err(Failure::Code(ours))) if theirs == ours => Ok(()),
        (Answer::Abort(theirs), Err(Failure::Abort(ours))) if theirs == ours => Ok(()),
        (answer, ours) => Err(format!("expected {answer:?}, in integers {ours:?}")),
    }
}

/// A number of the library's, and what the contracts' rounding may add to the tolerance.
#[derive(Debug, Clone, Copy)]
pub struct Rounded {
    pub ours: f64,
    pub allowed: f64,
}

impl Rounded {
    pub fn new(ours: f64, allowed: f64) -> Self {
        Self { ours, allowed }
    }

    /// Within the tolerance alone.
    pub fn close(ours: f64) -> Self {
        Self::new(ours, 0.0)
    }

    pub fn check(self, name: &str, theirs: f64) -> Outcome {
        let allowed = self.allowed + ABSOLUTE.max(RELATIVE * theirs.abs());
        if (self.ours - theirs).abs() <= allowed {
            return Ok(());
        }
        Err(format!("{name}: expected {theirs:e}, found {:e}, allowed {allowed:e}", self.ours))
    }
}

/// What the library answers: numbers, or a refusal with the code it stands for.
pub type Ours = Result<Named<Rounded>, Option<u32>>;

/// A target price, moved by what the contract's own spot price may be off where a refusal disagrees: whether a target so
/// near to spot is above or below it is a matter of rounding. The second number is the move.
pub fn nudged(price: f64, factor: f64) -> (f64, f64) {
    let moved = if factor == 1.0 { 0.0 } else { (2e-7 * price + 3e-8) * (factor - 1.0).signum() };
    (price + moved, moved.abs())
}

/// Holds the library against an answer. `compute` is given the factor on all ratio caps: 1, and where a refusal disagrees
/// also a little more and less, see [`BOUNDARY`] and [`nudged`].
pub fn library(answer: Answer<'_>, compute: impl Fn(f64) -> Ours) -> Outcome {
    let ours = compute(1.0);
    let agrees = |ours: &Ours| match (answer, ours) {
        (Answer::Value(_), Ok(_)) => true,
        (Answer::Code(theirs), Err(ours)) => *ours == Some(theirs),
        // An abort has no code, and neither has our refusal.
        (Answer::Abort(_), Err(ours)) => ours.is_none(),
        _ => false,
    };
    let found = if agrees(&ours) {
        ours
    } else {
        let near = [1.0 + BOUNDARY, 1.0 - BOUNDARY].into_iter().map(&compute).find(agrees);
        near.ok_or_else(|| format!("expected {answer:?}, found {ours:?}"))?
    };
    if let (Answer::Value(value), Ok(ours)) = (answer, found) {
        same_names(value, &ours)?;
        for (name, number) in ours {
            number.check(name, amount(expected(value, name)?)?)?;
        }
    }
    Ok(())
}

/// What earlier scenarios of the file left in the reserve ledger. Scenarios run on one chain as long as its height rises.
#[derive(Default)]
pub struct Chain {
    height: i128,
    /// Last balance seen of each token, in tokens.
    reserve: BTreeMap<String, f64>,
}

impl Chain {
    /// A scenario that starts below the height the last one ended at runs on another chain, of which nothing is known.
    pub fn start(&mut self, steps: &[Value]) {
        let first = steps.first().and_then(|step| integer(&step["block_height"]).ok());
        if first.is_some_and(|first| first < self.height) {
            *self = Self::default();
        }
    }

    /// Holds a balance of the ledger against what was credited since the scenario began. Where no earlier scenario has seen
    /// the balance it began with, the difference can only be told not to be negative.
    pub fn check_reserve(&self, token: &str, credited: f64, theirs: f64) -> Outcome {
        match self.reserve.get(token) {
            Some(opening) => Rounded::close(opening + credited).check(token, theirs),
            None => Rounded::close(credited).check(token, theirs.min(credited)),
        }
    }

    /// Notes the height and the balances that a scenario reports.
    pub fn observe(&mut self, steps: &[Value]) {
        for step in steps {
            self.height = self.height.max(integer(&step["block_height"]).unwrap_or_default());
            if !is_reserve_balance(step) {
                continue;
            }
            if let (Some(token), Ok(Answer::Value(value))) = (step["args"][0].as_str(), answer(step))
                && let Ok(balance) = amount(value)
            {
                self.reserve.insert(token.to_owned(), balance);
            }
        }
    }
}

/// Whether a step asks for the balance of the reserve ledger.
pub fn is_reserve_balance(step: &Value) -> bool {
    text(step, "contract") == "alex-reserve-pool" && text(step, "fn") == "get-balance"
}
