//! The model of one collateral pool over the term of its loan.

use serde::{Deserialize, Serialize};

use crate::price::PriceSpec;

use super::problem::{Problems, RiskProblem};

/// Hours of a year of 365 days.
pub const HOURS_PER_YEAR: f64 = 8_760.0;

/// The longest term: ten years.
const LONGEST_TERM_HOURS: u32 = 87_600;

/// A collateral rebalancing pool under an outside price, by the hour.
///
/// The defaults are the setting that reproduces the published figures of the ALEX appendix at a jump amplifier of 1: a
/// quarter of a year, drift -200 % and volatility 100 % a year, hourly jumps of -20 %, smoothing .07, model volatility
/// 100 %, no conversion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RiskModel {
    /// Term of the loan in hours, 1 to 87600. Default: 2190, a quarter of a year.
    pub term_hours: u32,
    /// How the price of the collateral in units of the loan moves. Default: a jump-diffusion with its own defaults.
    pub price: PriceLaw,
    /// Strike of the replicated call over the initial price, .01 to 100. Default: 1.
    pub strike_ratio: f64,
    /// Volatility in the call's delta, 1/sqrt(year), .01 to 20. Default: 1.
    pub model_volatility: f64,
    /// Share A of the new delta in the weight at each update, above 0 up to 1. Default: .07.
    pub smoothing: f64,
    /// Hours between updates of the weight, at least 1. Default: 1.
    pub update_every_hours: u32,
    /// Least weight of the collateral, 0 to 1. Default: 0.
    pub weight_floor: f64,
    /// Greatest weight of the collateral, 0 to 1. Default: 1.
    pub weight_cap: f64,
    /// A weight that never moves, 0 to 1, instead of the smoothed delta. Default: none.
    pub static_weight: Option<f64>,
    /// Cost to the pool of what is traded to rebalance it, as a share of the value traded, 0 to .5. Default: 0.
    pub rebalancing_fee: f64,
    /// What happens as the loan-to-value rises. Default: nothing.
    pub conversion: Conversion,
}

/// How the price of the collateral moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PriceLaw {
    /// The law of the appendix, simulated many paths at a time.
    JumpDiffusion(JumpDiffusion),
    /// Any price process, a path at a time and slower.
    Process(PriceProcess),
}

/// Brownian motion with hourly jumps of one size.
///
/// Each hour the price is multiplied by `exp((drift - volatility^2 / 2) dt + volatility sqrt(dt) z)` and, with probability
/// `jump_probability_per_hour * jump_amplifier`, also by `1 + jump_size`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JumpDiffusion {
    /// Drift a year of the expected price without jumps, -100 to 100. Default: -2.
    pub drift: f64,
    /// Volatility of the diffusion, 1/sqrt(year), 0 to 20. Default: 1.
    pub volatility: f64,
    /// Historical probability of a jump in an hour, 0 to 1. Default: .00017, the frequency of hourly moves of Bitcoin
    /// between -18 % and -10 % over five years.
    pub jump_probability_per_hour: f64,
    /// How many times more frequent than in history jumps are; the product with the probability is at most 1. Default: 1.
    pub jump_amplifier: f64,
    /// Relative price change of a jump, -.99 to 10. Default: -.2.
    pub jump_size: f64,
}

/// One asset of a price process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceProcess {
    /// The process.
    pub spec: PriceSpec,
    /// Ticker of the collateral. Default: the first asset of the process.
    #[serde(default)]
    pub asset: Option<String>,
}

/// What happens to the pool as the loan-to-value `debt / value` rises. It is looked at each hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub enum Conversion {
    /// Nothing: the risky part cannot be converted in time, as in the published figures.
    #[default]
    Off,
    /// The white paper: all collateral is sold at the market, and the pool is frozen for the rest of the term.
    AtMarket(MarketConversion),
    /// The contract: the weight is forced down at once and arbitrageurs execute that on the curve; not absorbing.
    OnCurve(CurveConversion),
}

/// Sale of all collateral at the market.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarketConversion {
    /// Loan-to-value from which it is due, above 0 up to 10. Default: .9.
    pub ltv: f64,
    /// Hours from then until it is done; the pool goes on meanwhile. Default: 0.
    pub delay_hours: u32,
    /// Share of the value sold that is lost to impact and slippage, 0 to .99. Default: 0.
    pub impact: f64,
}

/// A weight forced by the loan-to-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurveConversion {
    /// Loan-to-value from which the weight is forced, above 0 up to 10. Default: .9.
    pub ltv: f64,
    /// The forced weight, 0 to 1. Default: .05.
    pub weight: f64,
    /// Whether the pool keeps its value from then on, as if the rest were sold at the market without cost. Default: false,
    /// as in the contract.
    pub then_frozen: bool,
}

impl Default for RiskModel {
    fn default() -> Self {
        Self {
            term_hours: 2_190,
            price: PriceLaw::JumpDiffusion(JumpDiffusion::default()),
            strike_ratio: 1.0,
            model_volatility: 1.0,
            smoothing: 0.07,
            update_every_hours: 1,
            weight_floor: 0.0,
            weight_cap: 1.0,
            static_weight: None,
            rebalancing_fee: 0.0,
            conversion: Conversion::Off,
        }
    }
}

impl Default for JumpDiffusion {
    fn default() -> Self {
        Self {
            drift: -2.0,
            volatility: 1.0,
            jump_probability_per_hour: 0.000_17,
            jump_amplifier: 1.0,
            jump_size: -0.2,
        }
    }
}

impl Default for MarketConversion {
    fn default() -> Self {
        Self { ltv: 0.9, delay_hours: 0, impact: 0.0 }
    }
}

impl Default for CurveConversion {
    fn default() -> Self {
        Self { ltv: 0.9, weight: 0.05, then_frozen: false }
    }
}

impl RiskModel {
    /// The defaults with another frequency of jumps.
    #[must_use]
    pub fn with_amplifier(jump_amplifier: f64) -> Self {
        let jumps = JumpDiffusion { jump_amplifier, ..JumpDiffusion::default() };
        Self { price: PriceLaw::JumpDiffusion(jumps), ..Self::default() }
    }

    /// Everything wrong with the values; files are not opened.
    #[must_use]
    pub fn problems(&self) -> Vec<RiskProblem> {
        let mut problems = Problems::default();
        if !(1..=LONGEST_TERM_HOURS).contains(&self.term_hours) {
            problems.push(
                "term_hours",
                format!("a whole number from 1 to {LONGEST_TERM_HOURS}"),
                self.term_hours,
            );
        }
        self.price.problems(&mut problems);
        problems.number("strike_ratio", self.strike_ratio, 0.01..=100.0);
        problems.number("model_volatility", self.model_volatility, 0.01..=20.0);
        above_zero("smoothing", self.smoothing, 1.0, &mut problems);
        if self.update_every_hours == 0 {
            problems.push("update_every_hours", "a whole number of at least 1", 0);
        }
        problems.number("weight_floor", self.weight_floor, 0.0..=1.0);
        problems.number("weight_cap", self.weight_cap, 0.0..=1.0);
        if self.weight_floor > self.weight_cap {
            let expected = format!("at least `weight_floor` = {}", self.weight_floor);
            problems.push("weight_cap", expected, self.weight_cap);
        }
        if let Some(weight) = self.static_weight {
            problems.number("static_weight", weight, 0.0..=1.0);
        }
        problems.number("rebalancing_fee", self.rebalancing_fee, 0.0..=0.5);
        match self.conversion {
            Conversion::Off => {}
            Conversion::AtMarket(conversion) => {
                above_zero("conversion.ltv", conversion.ltv, 10.0, &mut problems);
                problems.number("conversion.impact", conversion.impact, 0.0..=0.99);
            }
            Conversion::OnCurve(conversion) => {
                above_zero("conversion.ltv", conversion.ltv, 10.0, &mut problems);
                problems.number("conversion.weight", conversion.weight, 0.0..=1.0);
            }
        }
        problems.into_list()
    }
}

impl PriceLaw {
    fn problems(&self, problems: &mut Problems) {
        match self {
            Self::JumpDiffusion(law) => {
                problems.number("price.drift", law.drift, -100.0..=100.0);
                problems.number("price.volatility", law.volatility, 0.0..=20.0);
                problems.number("price.jump_probability_per_hour", law.jump_probability_per_hour, 0.0..=1.0);
                let probability = law.jump_probability_per_hour * law.jump_amplifier;
                if !(law.jump_amplifier >= 0.0 && probability <= 1.0) {
                    problems.push(
                        "price.jump_amplifier",
                        "a number of at least 0 whose product with `jump_probability_per_hour` is at most 1",
                        law.jump_amplifier,
                    );
                }
                problems.number("price.jump_size", law.jump_size, -0.99..=10.0);
            }
            Self::Process(process) => {
                for problem in process.spec.problems() {
                    let field = format!("price.spec.{}", problem.field);
                    problems.push(&field, problem.expected, problem.found);
                }
                let symbols = process.spec.symbols();
                if let Some(asset) = process.asset.as_deref().filter(|asset| !symbols.contains(asset)) {
                    problems.push("price.asset", format!("one of {}", symbols.join(", ")), asset);
                }
            }
        }
    }
}

fn above_zero(field: &str, value: f64, highest: f64, problems: &mut Problems) {
    if !(value > 0.0 && value <= highest) {
        problems.push(field, format!("a number above 0 up to {highest}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RiskModel, ron::error::SpannedError> {
        let extensions =
            ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES | ron::extensions::Extensions::IMPLICIT_SOME;
        ron::Options::default().with_default_extension(extensions).from_str(text)
    }

    #[test]
    fn what_is_not_said_is_the_default_and_the_default_has_no_problems() {
        assert_eq!(read("()").unwrap(), RiskModel::default());
        assert_eq!(RiskModel::default().problems(), []);
        let said =
            read("(price: JumpDiffusion(jump_amplifier: 50), conversion: AtMarket(delay_hours: 6))").unwrap();
        let expected = RiskModel {
            conversion: Conversion::AtMarket(MarketConversion {
                delay_hours: 6,
                ..MarketConversion::default()
            }),
            ..RiskModel::with_amplifier(50.0)
        };
        assert_eq!(said, expected);
        assert!(read("(price: JumpDiffusion(jumps: 1))").is_err());
        assert!(read("(smothing: 0.1)").is_err());
    }

    #[test]
    fn every_problem_is_listed_with_its_field() {
        let model = RiskModel {
            term_hours: 0,
            price: PriceLaw::JumpDiffusion(JumpDiffusion {
                drift: f64::NAN,
                volatility: -1.0,
                jump_probability_per_hour: 0.5,
                jump_amplifier: 3.0,
                jump_size: -1.0,
            }),
            strike_ratio: 0.0,
            model_volatility: 0.0,
            smoothing: 0.0,
            update_every_hours: 0,
            weight_floor: 0.9,
            weight_cap: 0.1,
            static_weight: Some(2.0),
            rebalancing_fee: -0.1,
            conversion: Conversion::OnCurve(CurveConversion { ltv: 0.0, weight: 1.5, then_frozen: false }),
        };
        let fields: Vec<String> = model.problems().into_iter().map(|problem| problem.field).collect();
        assert_eq!(
            fields,
            [
                "term_hours",
                "price.drift",
                "price.volatility",
                "price.jump_amplifier",
                "price.jump_size",
                "strike_ratio",
                "model_volatility",
                "smoothing",
                "update_every_hours",
                "weight_cap",
                "static_weight",
                "rebalancing_fee",
                "conversion.ltv",
                "conversion.weight",
            ]
        );
        let spec = read(
            r#"(price: Process(asset: "BTC", spec: Gbm(assets: [(symbol: "ETH", initial_usd: -1)])),
                conversion: AtMarket(impact: 1))"#,
        )
        .unwrap();
        let problems: Vec<String> = spec.problems().iter().map(ToString::to_string).collect();
        assert!(problems[0].starts_with("price.spec.assets[0].initial_usd: expected"), "{problems:?}");
        assert_eq!(problems[1], "price.asset: expected one of ETH, found BTC");
        assert_eq!(problems[2], "conversion.impact: expected a number from 0 to 0.99, found 1");
    }
}
