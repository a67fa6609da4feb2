//! Monte-Carlo risk of collateral rebalancing pools: how likely lenders lose, and how much.
//!
//! A [`RiskModel`] says what pool stands under what price; [`simulate()`] walks many paths of it, several side by side in
//! vector registers; [`estimate()`] turns them into probability, severity, value-at-risk and expected shortfall, each with
//! its interval and the number of events behind it; [`estimate_rare`] answers where defaults are too rare to be counted.
//!
//! | file | holds |
//! |---|---|
//! | `model` | what can be set, with defaults |
//! | `pool` | the pool's hour for a block of paths |
//! | `moves` | where prices come from |
//! | `sum` | sums over hours in single precision |
//! | `sale` | conversion that freezes the pool |
//! | `simulate` | blocks of paths over threads |
//! | `estimate` | figures with intervals |
//! | `rare`, `steering` | importance sampling of rare defaults |
//! | `published` | the 48 points of the ALEX appendix |
//! | `sensitivity` | what happens to one base when one thing changes |
//!
//! Time is in hours, a year has 8,760; values and losses are shares of the initial pool value; rates are annual.
//!
//! ```
//! use std::path::Path;
//! use std::sync::atomic::AtomicBool;
//!
//! use ballast::risk::{RiskModel, Sample, estimate, simulate};
//!
//! // A hundred times as many crashes as in history, without conversion: every loan of 75 % defaults.
//! let model = RiskModel::with_amplifier(100.0);
//! let sample = Sample { ltvs: &[0.75], paths: 200, seed: 1, base_dir: Path::new(".") };
//! let outcomes = simulate(&model, &sample, &AtomicBool::new(false), |_| {})?;
//! let found = &estimate(&outcomes, &[0.125])[0];
//! assert_eq!(found.default_probability.value, 1.0);
//! assert!(found.exceedances[0].probability.value < 0.06);
//! # Ok::<(), ballast::risk::RiskError>(())
//! ```

mod estimate;
mod model;
mod moves;
mod outcomes;
mod pool;
mod problem;
pub mod published;
mod rare;
mod sale;
pub mod sensitivity;
mod simulate;
mod steering;
mod sum;

pub use estimate::{
    Exceedance, FEW_EVENTS, Figure, LEVELS, RiskEstimate, TailEstimate, estimate, estimate_at,
};
pub use model::{
    Conversion, CurveConversion, HOURS_PER_YEAR, JumpDiffusion, MarketConversion, PriceLaw, PriceProcess,
    RiskModel,
};
pub use outcomes::Outcomes;
pub use problem::{RiskError, RiskProblem};
pub use rare::{RareEstimate, estimate_rare};
pub use simulate::{Sample, simulate};

#[cfg(test)]
mod tests;
