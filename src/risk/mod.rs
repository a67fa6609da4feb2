//! Monte-Carlo risk of collateral rebalancing pools.
mod model;
mod moves;
mod outcomes;
mod pool;
mod problem;
pub mod published;
mod sale;
mod simulate;

pub use model::{
    Conversion, CurveConversion, HOURS_PER_YEAR, JumpDiffusion, MarketConversion, PriceLaw, PriceProcess,
    RiskModel,
};
pub use outcomes::Outcomes;
pub use problem::{RiskError, RiskProblem};
pub use simulate::{Sample, simulate};
