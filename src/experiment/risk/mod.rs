//! Studies of the risk of collateral pools: from a config in `configs/risk/` to estimates, tables and a summary.
//!
//! A study is a grid of jump amplifiers and loans on one model, changes of a base one at a time, or both. Models that
//! several parts of it share are simulated once.

pub mod case;
mod check;
pub mod config;
pub mod execute;
pub mod summary;
pub mod table;

pub(super) use case::expand;
pub use case::{Part, RiskCase};
pub use check::is_risk;
pub(super) use check::problems;
