//! What is wrong with a risk model, and why a simulation cannot start.

use std::ops::RangeInclusive;

use thiserror::Error;

use crate::price::PriceError;

/// One wrong field of a risk model.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: expected {expected}, found {found}")]
pub struct RiskProblem {
    /// Where it stands, relative to the model and without variant names: `price.volatility`.
    pub field: String,
    /// What the field accepts.
    pub expected: String,
    /// What it holds.
    pub found: String,
}

/// Why there are no outcomes.
#[derive(Debug, Error)]
pub enum RiskError {
    /// The model, or what is asked of it, has values that make no sense.
    #[error("the risk model cannot be simulated: {}", list(.0))]
    Invalid(Vec<RiskProblem>),
    /// The price process of the model gave no path.
    #[error("path {path}: {source}")]
    Price {
        /// Number of the path, from 0.
        path: u64,
        /// What the process said.
        source: Box<PriceError>,
    },
    /// The estimate was stopped before there was enough to estimate from.
    #[error("stopped before the sample was finished")]
    Stopped,
}

fn list(problems: &[RiskProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Collects problems while walking through a model.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<RiskProblem>);

impl From<Vec<RiskProblem>> for Problems {
    fn from(found: Vec<RiskProblem>) -> Self {
        Self(found)
    }
}

impl Problems {
    /// Reports a field.
    pub(super) fn push(&mut self, field: &str, expected: impl Into<String>, found: impl ToString) {
        self.0.push(RiskProblem { field: field.into(), expected: expected.into(), found: found.to_string() });
    }

    /// Reports a number outside `range`, or none at all.
    pub(super) fn number(&mut self, field: &str, value: f64, range: RangeInclusive<f64>) {
        if !range.contains(&value) {
            self.push(field, format!("a number from {} to {}", range.start(), range.end()), value);
        }
    }

    /// Everything found.
    pub(super) fn into_list(self) -> Vec<RiskProblem> {
        self.0
    }
}
