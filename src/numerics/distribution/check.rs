//! What makes a [`Dist`] a law that can be drawn from.

use thiserror::Error;

use super::Dist;
use super::truncation::Truncation;

/// The least probability that the bounds of a [`Dist::Normal`] may leave inside.
const LEAST_INSIDE: f64 = 1e-6;

/// Why a [`Dist`] is no law.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{field}`: expected {expected}, found {found}")]
pub struct DistProblem {
    /// The parameter, as written in RON; empty for a bare number.
    pub field: &'static str,
    /// What is allowed.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl Dist {
    /// Everything that is wrong with the parameters; empty for a law that can be drawn from.
    #[must_use]
    pub fn problems(&self) -> Vec<DistProblem> {
        let mut problems = Vec::new();
        let mut check = |field: &'static str, value: f64, holds: bool, expected: String| {
            if !(holds && value.is_finite()) {
                problems.push(DistProblem { field, expected, found: value.to_string() });
            }
        };
        let finite = || "a finite number".to_owned();
        match *self {
            Self::Constant(value) => check("", value, true, finite()),
            Self::Uniform { low, high } => {
                check("low", low, true, finite());
                check(
                    "high",
                    high,
                    not_below(high, low),
                    format!("a finite number of at least `low` = {low}"),
                );
            }
            Self::Normal { mean, sd, low, high } => {
                check("mean", mean, true, finite());
                check("sd", sd, sd >= 0.0, "a finite number of at least 0".into());
                let bottom = low.unwrap_or(f64::MIN);
                check("low", bottom, true, finite());
                let top = high.unwrap_or(f64::MAX);
                check(
                    "high",
                    top,
                    not_below(top, bottom),
                    format!("a finite number of at least `low` = {bottom}"),
                );
                let inside = Truncation::of(mean, sd, low, high).map_or(0.0, |bounds| bounds.inside);
                if problems.is_empty() && inside < LEAST_INSIDE {
                    let expected = "bounds that hold at least a millionth of the normal law".into();
                    problems.push(DistProblem {
                        field: "low",
                        expected,
                        found: format!("{inside:e} inside"),
                    });
                }
            }
            Self::LogNormal { median, sigma } => {
                check("median", median, median > 0.0, "a finite number above 0".into());
                check("sigma", sigma, (0.0..=20.0).contains(&sigma), "0 to 20".into());
            }
            Self::Pareto { minimum, alpha, cap } => {
                check("minimum", minimum, minimum > 0.0, "a finite number above 0".into());
                check("alpha", alpha, (0.1..=1e6).contains(&alpha), "0.1 to 1000000".into());
                let top = cap.unwrap_or(f64::MAX);
                check(
                    "cap",
                    top,
                    not_below(top, minimum),
                    format!("a finite number of at least `minimum` = {minimum}"),
                );
            }
            Self::Beta { alpha, beta, scale } => {
                check("alpha", alpha, (0.01..=1e4).contains(&alpha), "0.01 to 10000".into());
                check("beta", beta, (0.01..=1e4).contains(&beta), "0.01 to 10000".into());
                check("scale", scale, scale > 0.0, "a finite number above 0".into());
            }
            Self::Choice(ref options) => {
                let mut whole = 0.0;
                for (value, weight) in options {
                    check("Choice value", *value, true, finite());
                    check("Choice weight", *weight, *weight >= 0.0, "a finite number of at least 0".into());
                    whole += weight;
                }
                let expected = "weights with a finite sum above 0".to_owned();
                if problems.is_empty() && !(whole > 0.0 && whole.is_finite()) {
                    problems.push(DistProblem {
                        field: "Choice weight",
                        expected,
                        found: format!("a sum of {whole}"),
                    });
                }
            }
        }
        problems
    }
}

/// A bound that is not a number is a problem of its own and no reason for a second one.
fn not_below(value: f64, bound: f64) -> bool {
    value >= bound || bound.is_nan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_listed() {
        let fields = |law: Dist| law.problems().into_iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(f64::NAN.into()), [""]);
        assert_eq!(fields(Dist::Uniform { low: 2.0, high: 1.0 }), ["high"]);
        assert_eq!(fields(Dist::LogNormal { median: 0.0, sigma: -1.0 }), ["median", "sigma"]);
        assert_eq!(fields(Dist::Pareto { minimum: 2.0, alpha: 0.0, cap: Some(1.0) }), ["alpha", "cap"]);
        assert_eq!(
            fields(Dist::Beta { alpha: -1.0, beta: f64::NAN, scale: 0.0 }),
            ["alpha", "beta", "scale"]
        );
        assert_eq!(fields(Dist::Choice(vec![])), ["Choice weight"]);
        assert_eq!(fields(Dist::Choice(vec![(f64::INFINITY, -1.0)])), ["Choice value", "Choice weight"]);
        let far = Dist::Normal { mean: 0.0, sd: 1.0, low: Some(6.0), high: None };
        assert_eq!(fields(far), ["low"]);
        let message = Dist::Uniform { low: 2.0, high: 1.0 }.problems()[0].to_string();
        assert_eq!(message, "`high`: expected a finite number of at least `low` = 2, found 1");
    }
}
