//! The loan markets of an experiment, and the reserve behind them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::Experiment;
use crate::protocol::crp::Profile;
use crate::record::summary::LoanRules;
use crate::venue::lending::{Sales, SpotSource};

/// By whose rules the loans of an experiment are run; of its variants each has its own.
#[must_use]
pub fn loan_rules(experiment: &Experiment, variants: &[(String, Experiment)]) -> Vec<LoanRules> {
    let of = |variant: Option<&str>, experiment: &Experiment| {
        let rules = |loan: &LoanSettings| LoanRules {
            variant: variant.map(str::to_owned),
            market: loan.name.clone(),
            profile: loan.profile.name().into(),
        };
        experiment.loans.iter().map(rules).collect::<Vec<_>>()
    };
    if variants.is_empty() {
        return of(None, experiment);
    }
    variants.iter().flat_map(|(name, experiment)| of(Some(name), experiment)).collect()
}

/// A loan market, in which dollars are lent: a collateral rebalancing pool, the pool in which its yield tokens trade, and their renewal term by term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanSettings {
    /// Name, unique: the prefix of its metrics.
    pub name: String,
    /// Whose rules: `Contract` (the deployed contracts) or `Whitepaper` (the white papers' model). Every result names it.
    pub profile: Profile,
    /// Ticker of the collateral, an outside asset.
    #[serde(default = "eth")]
    pub collateral: String,
    /// Length of a term, in days; every term is followed by the next.
    #[serde(default = "quarter")]
    pub term_days: f64,
    /// Loan-to-value of the first to borrow in a term (0.75 is 75 %).
    #[serde(default = "three_quarters")]
    pub initial_loan_to_value: f64,
    /// Loan-to-value at which the pool leaves the collateral.
    #[serde(default = "nine_tenths")]
    pub conversion_loan_to_value: f64,
    /// Volatility that the pool assumes, per square root of a year (0.8 is 80 %).
    #[serde(default = "four_fifths")]
    pub volatility: f64,
    /// Share of the old weight in each update: 0 follows the target at once.
    #[serde(default = "smooth")]
    pub moving_average: f64,
    /// The last part of a term in which the weight is steered to what repays the debt, in days (contract profile only).
    #[serde(default)]
    pub closing_days: f64,
    /// Strike as a mix of the opening price (0) and the price at which the debt is just covered (1).
    #[serde(default)]
    pub strike_multiplier: f64,
    /// Hours between updates of the weight (white-paper profile; the contract's moves with each trade).
    #[serde(default = "one")]
    pub update_hours: f64,
    /// Fee on the input of rebalancing trades, in basis points.
    #[serde(default)]
    pub fee_bps: f64,
    /// The share of fees that stays in the pools; the rest goes to the reserve.
    #[serde(default = "half")]
    pub rebate_share: f64,
    /// A rebalancing trade takes in and pays out less than this share of the balances.
    #[serde(default = "three_tenths")]
    pub max_trade_ratio: f64,
    /// Where the pool sells collateral: when somebody joins, when it converts, when it settles.
    #[serde(default)]
    pub sales: Sales,
    /// What the pool takes for the price of the collateral.
    #[serde(default)]
    pub spot: SpotSource,
    /// Hours between crossing the conversion threshold and the sale of everything (white-paper profile).
    #[serde(default)]
    pub conversion_delay_hours: f64,
    /// The most collateral that borrowers may bring in a term, in units; none if not given.
    #[serde(default)]
    pub collateral_cap: Option<f64>,
    /// The pool in which yield tokens trade.
    pub rates: RateSettings,
}

/// The pool of a loan market in which yield tokens trade against dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Dollars that the foundation provides at the start.
    pub initial_liquidity_usd: f64,
    /// Time over which the curve's exponent falls from one to zero, in days: shorter makes rates answer more to trades.
    #[serde(default = "four_years")]
    pub curve_days: f64,
    /// Fee, as a share of the interest traded (0.01 is 1 % of it).
    #[serde(default = "hundredth")]
    pub fee_share_of_interest: f64,
    /// Trades up to this size are quoted at the standing rate, in dollars.
    #[serde(default)]
    pub small_threshold_usd: f64,
    /// A trade takes in and pays out less than this share of the balances.
    #[serde(default = "three_tenths")]
    pub max_trade_ratio: f64,
}

/// The reserve: what stands behind the loan markets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReserveSettings {
    /// What the reserve holds at the start, in units by ticker.
    pub initial: BTreeMap<String, f64>,
    /// Principal of stakers that the protocol keeps, in units by ticker.
    pub stakers_principal: BTreeMap<String, f64>,
    /// Whether shortfalls may be paid out of the stakers' principal, as in the deployed contracts' ledger.
    pub mixed_ledger: bool,
    /// The second line: what can be raised by issuance when the reserve is empty, in units by ticker.
    pub backstop: BTreeMap<String, f64>,
    /// Dollars that the reserve ought to hold: a sale of governance tokens stops there, a buy-back leaves as much. None if
    /// not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_usd: Option<f64>,
}

fn eth() -> String {
    "ETH".into()
}
fn quarter() -> f64 {
    91.25
}
fn three_quarters() -> f64 {
    0.75
}
fn nine_tenths() -> f64 {
    0.9
}
fn four_fifths() -> f64 {
    0.8
}
fn smooth() -> f64 {
    0.95
}
fn one() -> f64 {
    1.0
}
fn half() -> f64 {
    0.5
}
fn three_tenths() -> f64 {
    0.3
}
fn four_years() -> f64 {
    1_460.0
}
fn hundredth() -> f64 {
    0.01
}
