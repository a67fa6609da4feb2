//! Comparing our figures with theirs.
//!
//! Two numbers agree within 1e-9 of the larger, or within a floor that the caller derives from the operands: what comes
//! out of a cancellation, `a - b`, is only as exact as `f64` holds `a` and `b`, so its floor is [`NOISE`] times them.

use std::collections::BTreeMap;

use ballast::protocol::fx::Refusal;
use serde_json::Value;

/// Relative tolerance.
pub const RELATIVE: f64 = 1e-9;
/// Floor for differences, relative to the operands: a few thousand roundings of `f64`.
pub const NOISE: f64 = 1e-12;
/// One wei, the resolution of the vectors, and the few that flooring loses.
pub const WEI: f64 = 4e-18;

/// A decimal string or number of the vectors.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// As [`number`]; a field that is not there is not a number, which agrees with nothing and which every verb refuses.
pub fn field(value: &Value, name: &str) -> f64 {
    number(&value[name]).unwrap_or(f64::NAN)
}

/// The revert message of a result, if it is one.
pub fn revert(value: &Value) -> Option<&str> {
    value.get("revert").and_then(Value::as_str)
}

/// What a case has shown so far.
#[derive(Default)]
pub struct Check {
    pub mismatches: Vec<String>,
    /// Fields that no code here can compare, by path.
    pub unknown: BTreeMap<String, usize>,
}

impl Check {
    pub fn fail(&mut self, why: String) {
        self.mismatches.push(why);
    }

    pub fn unknown(&mut self, path: String) {
        *self.unknown.entry(path).or_default() += 1;
    }

    pub fn close(&mut self, path: &str, ours: f64, theirs: f64, floor: f64) {
        let tolerance = RELATIVE * ours.abs().max(theirs.abs()) + floor + WEI;
        // A figure that is not a number agrees with nothing.
        let agrees = (ours - theirs).abs() <= tolerance;
        if !agrees {
            self.fail(format!("{path}: ours {ours:e}, theirs {theirs:e}"));
        }
    }

    pub fn equal(&mut self, path: &str, ours: f64, theirs: f64) {
        if ours != theirs {
            self.fail(format!("{path}: ours {ours}, theirs {theirs}"));
        }
    }

    /// Compares a result with a number or a revert.
    pub fn result(&mut self, path: &str, ours: Result<f64, Refusal>, theirs: &Value, floor: f64) {
        match (ours, revert(theirs), number(theirs)) {
            (Ok(ours), None, Some(theirs)) => self.close(path, ours, theirs, floor),
            (Err(refusal), Some(text), _) => self.refusal(path, &refusal, text),
            (ours, ..) => self.fail(format!("{path}: ours {ours:?}, theirs {theirs}")),
        }
    }

    pub fn refusal(&mut self, path: &str, refusal: &Refusal, text: &str) {
        if !texts(refusal).iter().any(|ours| text.contains(ours)) {
            self.fail(format!("{path}: we refuse with \"{refusal}\", they with \"{text}\""));
        }
    }
}

/// The revert messages of the contracts that a refusal stands for.
pub fn texts(refusal: &Refusal) -> &'static [&'static str] {
    const OVERFLOW: &str = "SafeMath: subtraction overflow";
    match refusal {
        Refusal::NotPositive { .. } => {
            &["zero amount", "amount zero", "ZeroAmount", "SafeMath: division by zero", "call failed"]
        }
        Refusal::MintPaused => &["mint is paused"],
        Refusal::RedeemPaused => &["redeem is paused"],
        Refusal::AlreadyInitialised { .. } => &["only initialize once"],
        Refusal::OracleInvalid => &["oracle price is invalid"],
        Refusal::PriceNotPositive { .. } => &["invalid twap price"],
        Refusal::MultipleOutOfRange { .. } => &["multiple too small", "multiple too large"],
        Refusal::UnderCollateral { .. } | Refusal::LeverageNegative { .. } | Refusal::NoYield { .. } => {
            &[OVERFLOW]
        }
        Refusal::DivisionByZero { .. } => &["SafeMath: division by zero"],
        Refusal::FethMintPausedInStress { .. } => &["fToken mint paused"],
        Refusal::XethRedeemPausedInStress { .. } => &["xToken redeem paused"],
        Refusal::NotInStabilityMode { .. } => &["Not system stability mode"],
        Refusal::NotInUserRebalanceMode { .. } => &["Not liquidation mode"],
        Refusal::NotInProtocolRebalanceMode { .. } => &["Not self liquidation mode"],
        Refusal::RebalanceWithLoss { .. } => &["self liquidate with loss"],
        Refusal::CapExceeded { .. } => &["Exceed total cap"],
        Refusal::InsufficientSupply { .. } => {
            &["ERC20: burn amount exceeds balance", "ERC20: transfer amount exceeds balance", OVERFLOW]
        }
        Refusal::TargetTooSmall { .. } => &["collateral ratio too small"],
        Refusal::PoolCannotLiquidate { .. } => &["cannot liquidate", "CannotLiquidate"],
        Refusal::NoDeposit => &["user has no deposit"],
        Refusal::UnlockedWaiting { .. } => &["nonzero unlocked token"],
        Refusal::StillLocked { .. } => &["no unlocks"],
        Refusal::NothingToWithdraw => &["WithdrawZeroAmount"],
        Refusal::NotOffered { .. } | Refusal::MintsOffUnderWater { .. } | Refusal::XethWorthless => &[],
    }
}
