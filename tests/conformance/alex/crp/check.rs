//! Comparing our answers with theirs.

use ballast::protocol::crp::{Pool, Refusal, Terms};
use serde_json::Value;

/// What a comparison found wrong.
pub type Outcome<T = ()> = Result<T, String>;

const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 2e-7;

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// In eight decimals.
    Number(f64),
    /// A height or a count.
    Plain(f64),
    Flag(bool),
    Text(String),
}

/// Fields by name.
pub type Record = Vec<(&'static str, Field)>;

/// What a call answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Number(f64),
    /// A height or a count.
    Plain(f64),
    Tuple(Vec<(&'static str, f64)>),
    Flag(bool),
    Text(String),
    Record(Record),
    /// An optional record that is not there.
    Nothing,
    /// Responses, or bare values.
    List(Vec<Result<Answer, Stop>>),
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

/// Compares a number in eight decimals; `lost` is what the powers of the contract may have taken on top of its tolerance.
pub fn close(name: &str, ours: f64, theirs: &Value, lost: f64) -> Outcome {
    let theirs = fixed_of(theirs).ok_or_else(|| format!("{name}: expected a number, found {theirs}"))?;
    let allowed = (RELATIVE * theirs.abs()).max(ABSOLUTE) + lost;
    // A figure that is not a number agrees with nothing.
    if (ours - theirs).abs() <= allowed {
        Ok(())
    } else {
        let apart = (ours - theirs) / allowed;
        Err(format!("{name}: ours {}, theirs {theirs}, {apart:.2} times what is allowed", ours))
    }
}

/// Compares an answer with a result: `{"ok": ..}`, `{"err": ..}`, `{"runtime_error": ..}` or a bare value.
pub fn reply(name: &str, ours: &Result<Answer, Stop>, theirs: &Value, lost: f64) -> Outcome {
    let differ = || Err(format!("{name}: ours {ours:?}, theirs {theirs}"));
    let code = theirs.get("err").and_then(fixed_of).map(|code| code * 1e8);
    let abort = theirs["runtime_error"].as_str();
    match ours {
        Err(Stop::Unknown(why)) => Err(format!("{name}: {why}")),
        Err(Stop::Code(ours)) if code.map(f64::round) == Some(f64::from(*ours)) => Ok(()),
        Err(Stop::Abort(ours)) if abort == Some(*ours) => Ok(()),
        Ok(answer) if code.is_none() && abort.is_none() => {
            let theirs = theirs.get("ok").unwrap_or(theirs);
            value(name, answer, theirs.get("some").unwrap_or(theirs), lost)
        }
        _ => differ(),
    }
}

fn value(name: &str, ours: &Answer, theirs: &Value, lost: f64) -> Outcome {
    let differ = || Err(format!("{name}: ours {ours:?}, theirs {theirs}"));
    match (ours, theirs) {
        (Answer::Flag(flag), Value::Bool(theirs)) if flag == theirs => Ok(()),
        (Answer::Nothing, Value::Null) => Ok(()),
        (Answer::Number(figure), Value::String(_) | Value::Number(_)) => close(name, *figure, theirs, lost),
        (Answer::Plain(figure), _) => field(name, &Field::Plain(*figure), theirs, lost),
        (Answer::Text(text), _) => field(name, &Field::Text(text.clone()), theirs, lost),
        (Answer::Record(fields), Value::Object(shown)) if fields.len() == shown.len() => {
            record(name, fields, theirs, lost)
        }
        (Answer::Tuple(fields), Value::Object(theirs)) if fields.len() == theirs.len() => {
            fields.iter().try_for_each(|(field, figure)| {
                let theirs = theirs.get(*field).unwrap_or(&Value::Null);
                close(&format!("{name} {field}"), *figure, theirs, lost)
            })
        }
        (Answer::List(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            ours.iter().zip(theirs).try_for_each(|(ours, theirs)| reply(name, ours, theirs, lost))
        }
        _ => differ(),
    }
}

fn field(name: &str, ours: &Field, theirs: &Value, lost: f64) -> Outcome {
    let same = match ours {
        Field::Number(figure) => return close(name, *figure, theirs, lost),
        Field::Plain(figure) => {
            fixed_of(theirs).is_some_and(|theirs| (theirs * 1e8).round() == figure.round())
        }
        Field::Flag(flag) => theirs.as_bool() == Some(*flag),
        Field::Text(text) => theirs.as_str() == Some(text),
    };
    if same { Ok(()) } else { Err(format!("{name}: ours {ours:?}, theirs {theirs}")) }
}

/// Compares the fields that are shown; one that we do not keep is an error.
pub fn record(name: &str, ours: &Record, theirs: &Value, lost: f64) -> Outcome {
    theirs.as_object().into_iter().flatten().try_for_each(|(shown, theirs)| {
        let ours = ours.iter().find(|(name, _)| name == shown);
        let (_, ours) = ours.ok_or_else(|| format!("{name}: a field nobody reads: {shown}"))?;
        field(&format!("{name} {shown}"), ours, theirs, lost)
    })
}

/// The numbers of a pool record.
pub fn pool_record(pool: &Pool, terms: &Terms) -> Record {
    [
        ("strike", pool.strike),
        ("weight-x", pool.weight_x),
        ("weight-y", 1.0 - pool.weight_x),
        ("balance-x", pool.balance_x),
        ("balance-y", pool.balance_y),
        ("yield-supply", pool.yield_supply),
        ("key-supply", pool.key_supply),
        ("bs-vol", terms.volatility),
        ("ltv-0", terms.initial_loan_to_value),
        ("conversion-ltv", terms.conversion_ltv),
        ("moving-average", terms.moving_average),
        ("token-to-maturity", terms.token_to_maturity_blocks),
        ("fee-rate-x", terms.fee_rate_x),
        ("fee-rate-y", terms.fee_rate_y),
        ("fee-rebate", terms.rebate_share),
    ]
    .map(|(name, number)| (name, Field::Number(number)))
    .into()
}
