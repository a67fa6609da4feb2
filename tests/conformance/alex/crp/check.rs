//! Comparing our answers with theirs.

use ballast::protocol::crp::{Pool, Refusal, Terms};
use serde_json::Value;

/// What a comparison found wrong.
pub type Outcome<T = ()> = Result<T, String>;

const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 2e-7;

/// What a call answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Number(f64),
    Tuple(Vec<(&'static str, f64)>),
    Flag(bool),
}

impl Answer {
    pub fn number(value: f64) -> Self {
        Self::Number(value)
    }

    /// The answer of a creation or a join.
    pub fn minted(tokens: f64) -> Self {
        Self::Tuple(vec![("key-token", tokens), ("yield-token", tokens)])
    }
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Code(u16),
    Abort(&'static str),
    /// The vectors say something that no code here can run.
    Unknown(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match (refusal.code(), refusal.abort()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(abort)) => Self::Abort(abort),
            (None, None) => Self::Unknown(refusal.to_string()),
        }
    }
}

/// A number in eight decimals.
pub fn fixed_of(value: &Value) -> Option<f64> {
    let units: f64 = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Some(units / 1e8)
}

/// As [`fixed_of`], by name.
pub fn fixed(value: &Value, name: &str) -> Outcome<f64> {
    fixed_of(&value[name]).ok_or_else(|| format!("{name}: expected a number, found {}", value[name]))
}

/// A block height: a plain number.
pub fn height(value: &Value, name: &str) -> Outcome<f64> {
    Ok((fixed(value, name)? * 1e8).round())
}

/// A field that nobody reads is an error.
pub fn only(value: &Value, known: &[&str]) -> Outcome {
    let object = value.as_object().ok_or("expected an object")?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("a field nobody reads: {key}")),
        None => Ok(()),
    }
}

pub fn close(name: &str, ours: f64, theirs: &Value) -> Outcome {
    let theirs = fixed_of(theirs).ok_or_else(|| format!("{name}: expected a number, found {theirs}"))?;
    let allowed = (RELATIVE * theirs.abs()).max(ABSOLUTE);
    // A figure that is not a number agrees with nothing.
    if (ours - theirs).abs() <= allowed {
        Ok(())
    } else {
        let apart = (ours - theirs) / allowed;
        Err(format!("{name}: ours {}, theirs {theirs}, {apart:.2} times what is allowed", ours))
    }
}

/// Compares an answer with a result: `{"ok": ..}`, `{"err": ..}`, `{"runtime_error": ..}` or a bare value.
pub fn reply(name: &str, ours: &Result<Answer, Stop>, theirs: &Value) -> Outcome {
    let differ = || Err(format!("{name}: ours {ours:?}, theirs {theirs}"));
    let code = theirs["err"].as_str().and_then(|code| code.parse::<u16>().ok());
    let abort = theirs["runtime_error"].as_str();
    match ours {
        Err(Stop::Unknown(why)) => Err(format!("{name}: {why}")),
        Err(Stop::Code(ours)) if code == Some(*ours) => Ok(()),
        Err(Stop::Abort(ours)) if abort == Some(*ours) => Ok(()),
        Ok(answer) if code.is_none() && abort.is_none() => {
            let value = theirs.get("ok").unwrap_or(theirs);
            match (answer, value) {
                (Answer::Flag(flag), Value::Bool(theirs)) if flag == theirs => Ok(()),
                (Answer::Number(figure), Value::String(_)) => close(name, *figure, value),
                (Answer::Tuple(fields), Value::Object(theirs)) => {
                    if fields.len() != theirs.len() {
                        return differ();
                    }
                    fields.iter().try_for_each(|(field, figure)| {
                        let theirs = theirs.get(*field).unwrap_or(&Value::Null);
                        close(&format!("{name} {field}"), *figure, theirs)
                    })
                }
                _ => differ(),
            }
        }
        _ => differ(),
    }
}

/// Compares a number of a pool record.
pub fn record_field(name: &str, pool: &Pool, terms: &Terms, theirs: &Value) -> Outcome {
    let ours = match name {
        "strike" => pool.strike,
        "weight-x" => pool.weight_x,
        "weight-y" => 1.0 - pool.weight_x,
        "balance-x" => pool.balance_x,
        "balance-y" => pool.balance_y,
        "yield-supply" => pool.yield_supply,
        "key-supply" => pool.key_supply,
        "bs-vol" => terms.volatility,
        "ltv-0" => terms.initial_loan_to_value,
        "conversion-ltv" => terms.conversion_ltv,
        "moving-average" => terms.moving_average,
        "token-to-maturity" => terms.token_to_maturity_blocks,
        "fee-rate-x" => terms.fee_rate_x,
        "fee-rate-y" => terms.fee_rate_y,
        "fee-rebate" => terms.rebate_share,
        name => return Err(format!("pool: a field nobody reads: {name}")),
    };
    close(&format!("pool {name}"), ours, theirs)
}
