//! Calls, and what they answer.

use serde_json::Value;

use crate::alex::fixed::Failure;
use crate::alex::reading::{Outcome, list, optional, text, unsigned};

/// Tolerance of amounts once a vault has compounded, where the library rounds once and the contracts twice: in units of
/// 1e-8, or relative in parts of 1e9, whichever is larger.
const SLACK_UNITS: u128 = 20;

/// A value of a contract's.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// An amount in units of 1e-8.
    Units(u128),
    /// A height, cycle, number of tickets, position or id.
    Plain(u128),
    Bool(bool),
    /// A wallet or a contract.
    Name(String),
    None,
    Some(Box<Data>),
    Tuple(Vec<(&'static str, Data)>),
    List(Vec<Data>),
    /// A response inside a value.
    Response(Result<Box<Data>, u32>),
}

impl Data {
    pub fn plain(number: impl Into<u128>) -> Self {
        Self::Plain(number.into())
    }

    pub fn optional(data: Option<Self>) -> Self {
        data.map_or(Self::None, |data| Self::Some(Box::new(data)))
    }

    /// Atoms of the library are units of the contracts.
    pub fn atoms(amount: ballast::quantity::Amount) -> Self {
        Self::Units(units(amount))
    }
}

pub fn units(amount: ballast::quantity::Amount) -> u128 {
    u128::try_from(amount.atoms()).unwrap_or(0)
}

pub fn atoms(units: u128) -> Outcome<ballast::quantity::Amount> {
    i64::try_from(units)
        .map(ballast::quantity::Amount::from_atoms)
        .map_err(|_| format!("{units} units are more than the library's ledger holds"))
}

/// What a function answers when it does not fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A response.
    Ok(Data),
    /// A function that returns no response.
    Bare(Data),
}

/// Why a call has no reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The contract refuses.
    Contract(Failure),
    /// Nobody here knows what was called, or with what.
    Unknown(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Contract(failure)
    }
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Unknown(why)
    }
}

impl From<&str> for Stop {
    fn from(why: &str) -> Self {
        Self::Unknown(why.to_owned())
    }
}

pub type Played<T> = Result<T, Stop>;
pub type Answered = Played<Reply>;

pub fn ok(data: Data) -> Answered {
    Ok(Reply::Ok(data))
}

pub fn done() -> Answered {
    ok(Data::Bool(true))
}

pub fn bare(data: Data) -> Answered {
    Ok(Reply::Bare(data))
}

pub fn refused(code: u32) -> Answered {
    Err(Failure::Code(code).into())
}

/// One step of a scenario, or one unit case.
pub struct Call<'a> {
    pub contract: String,
    pub function: &'a str,
    pub args: &'a [Value],
    pub sender: String,
    pub height: u64,
    pub theirs: &'a Value,
}

/// The address that the bootstrap proposal makes a member of both teams.
const TEAM_ADDRESS: &str = "ST1HTBVD3JG9C05J7HBJTHGR0GGW7KXW28M5JS8QE";

/// A principal without the address of its deployer.
pub fn short(name: &str) -> String {
    let name = if name == TEAM_ADDRESS { "emergency_team" } else { name };
    name.rfind('.').map_or_else(|| name.to_owned(), |dot| name[dot..].to_owned())
}

impl<'a> Call<'a> {
    pub fn read(step: &'a Value) -> Outcome<Self> {
        let height = &step["block_height"];
        let height = if height.is_null() { 0 } else { unsigned(height)? };
        Ok(Self {
            contract: text(step, "contract").trim_start_matches('.').to_owned(),
            function: text(step, "fn"),
            args: list(&step["args"]),
            sender: short(text(step, "sender")),
            height: u64::try_from(height).map_err(|error| format!("height {height}: {error}"))?,
            theirs: &step["result"],
        })
    }

    /// The vector's response is an error with this code.
    pub fn fails_with(&self, code: u32) -> bool {
        self.failure() == Some(code)
    }

    /// The code of the vector's error.
    pub fn failure(&self) -> Option<u32> {
        u32::try_from(unsigned(self.theirs.get("err")?).ok()?).ok()
    }

    pub fn has_failed(&self) -> bool {
        self.theirs.get("err").is_some() || self.theirs.get("runtime_error").is_some()
    }

    /// The value of the vector's reply.
    pub fn value(&self) -> &'a Value {
        self.theirs.get("ok").unwrap_or(self.theirs)
    }

    pub fn arg(&self, index: usize) -> Outcome<&'a Value> {
        self.args.get(index).ok_or_else(|| format!("{}: argument {index} is missing", self.function))
    }

    pub fn number(&self, index: usize) -> Outcome<u128> {
        unsigned(self.arg(index)?)
    }

    /// A height, a cycle, a count.
    pub fn small<T: TryFrom<u128>>(&self, index: usize) -> Outcome<T> {
        let number = self.number(index)?;
        T::try_from(number).map_err(|_| format!("argument {index} does not fit: {number}"))
    }

    /// The same, where a number too large stands for never.
    pub fn saturating(&self, index: usize) -> Outcome<u64> {
        Ok(u64::try_from(self.number(index)?).unwrap_or(u64::MAX))
    }

    pub fn name(&self, index: usize) -> Outcome<String> {
        let arg = self.arg(index)?;
        let text =
            optional(arg).and_then(Value::as_str).ok_or_else(|| format!("expected a name, found {arg}"))?;
        Ok(short(text))
    }

    pub fn flag(&self, index: usize) -> Outcome<bool> {
        match self.arg(index)? {
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if text == "true" => Ok(true),
            Value::String(text) if text == "false" => Ok(false),
            other => Err(format!("expected true or false, found {other}")),
        }
    }

    pub fn items(&self, index: usize) -> Outcome<&'a [Value]> {
        let arg = self.arg(index)?;
        arg.as_array().map(Vec::as_slice).ok_or_else(|| format!("expected a list, found {arg}"))
    }

    pub fn unknown(&self) -> Answered {
        Err(format!("unknown function {} of {}", self.function, self.contract).into())
    }
}

fn close(theirs: u128, ours: u128, exact: bool) -> bool {
    let slack = if exact { 0 } else { SLACK_UNITS.max(theirs / 1_000_000_000) };
    theirs.abs_diff(ours) <= slack
}

fn same(theirs: &Value, ours: &Data, exact: bool) -> bool {
    match ours {
        Data::Units(units) => unsigned(theirs).is_ok_and(|theirs| close(theirs, *units, exact)),
        Data::Plain(number) => unsigned(theirs).is_ok_and(|theirs| theirs == *number),
        Data::Bool(flag) => theirs.as_bool() == Some(*flag),
        Data::Name(name) => theirs.as_str().is_some_and(|theirs| short(theirs) == *name),
        Data::None => theirs.is_null(),
        Data::Some(data) => only(theirs, "some").is_some_and(|theirs| same(theirs, data, exact)),
        Data::Tuple(fields) => {
            theirs.as_object().is_some_and(|object| object.len() == fields.len())
                && fields
                    .iter()
                    .all(|(name, data)| theirs.get(name).is_some_and(|theirs| same(theirs, data, exact)))
        }
        Data::List(items) => theirs.as_array().is_some_and(|theirs| {
            theirs.len() == items.len()
                && theirs.iter().zip(items).all(|(theirs, ours)| same(theirs, ours, exact))
        }),
        Data::Response(Ok(data)) => only(theirs, "ok").is_some_and(|theirs| same(theirs, data, exact)),
        Data::Response(Err(code)) => {
            only(theirs, "err").is_some_and(|theirs| unsigned(theirs) == Ok(u128::from(*code)))
        }
    }
}

/// The one field of an object that has no other.
fn only<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|_| object.as_object().is_some_and(|fields| fields.len() == 1))
}

/// Holds an answer against the vector's; amounts to the unit where `exact`.
pub fn check(theirs: &Value, ours: &Answered, exact: bool) -> Outcome {
    let agrees = match ours {
        Ok(Reply::Ok(data)) => only(theirs, "ok").is_some_and(|theirs| same(theirs, data, exact)),
        Ok(Reply::Bare(data)) => same(theirs, data, exact),
        Err(Stop::Contract(Failure::Code(code))) => {
            only(theirs, "err").is_some_and(|theirs| unsigned(theirs) == Ok(u128::from(*code)))
        }
        Err(Stop::Contract(Failure::Abort(name))) => {
            only(theirs, "runtime_error").and_then(Value::as_str) == Some(*name)
        }
        Err(Stop::Unknown(why)) => return Err(why.clone()),
    };
    if agrees { Ok(()) } else { Err(format!("expected {theirs}, found {ours:?}")) }
}
