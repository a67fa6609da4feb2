//! The risk of collateral pools: against the published figures, against brute force, and in its directions.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod directions;
mod process;
mod published;
mod rare;
mod sensitivity;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use ballast::risk::{Outcomes, RiskEstimate, RiskModel, Sample, estimate, simulate};

/// Simulates a model on one seed.
fn outcomes(model: &RiskModel, ltvs: &[f64], paths: u64, seed: u64) -> Outcomes {
    let sample = Sample { ltvs, paths, seed, base_dir: Path::new(".") };
    simulate(model, &sample, &AtomicBool::new(false), |_| {}).unwrap()
}

/// Simulates and estimates the risk of one loan; losses above 12.5 % are asked for.
fn risk(model: &RiskModel, ltv: f64, paths: u64, seed: u64) -> RiskEstimate {
    estimate(&outcomes(model, &[ltv], paths, seed), &[0.125]).remove(0)
}
