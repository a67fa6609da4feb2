//! A parameter of a population: a number, or a law from which each agent draws its own.
//!
//! In RON a bare number is the same for everybody, and a name with parameters is a law:
//!
//! ```ron
//! patience_hours: 24,
//! trade_size_usd: LogNormal(median: 2500, sigma: 1.2),
//! trust: Beta(alpha: 4, beta: 2),
//! risk_limit: Normal(mean: 0.3, sd: 0.1, low: 0, high: 1),
//! wealth_usd: Pareto(minimum: 1000, alpha: 1.3, cap: 5e7),
//! style: Choice([(1, 0.7), (2, 0.3)]),
//! ```
//!
//! A draw takes exactly one uniform number `u` and is the law's quantile at `u`. An agent therefore keeps its rank in the
//! population when a parameter of the law changes (options of a `Choice` in ascending order), and two experiments with one
//! seed stay comparable agent by agent.

mod check;
mod truncation;
mod written;

use rand::distr::Open01;
use rand::{Rng, RngExt};

pub use check::DistProblem;

use super::special::{incomplete_beta_inverse, normal_quantile};
use truncation::Truncation;

/// A number, or a law from which each agent draws its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Dist {
    /// The same for everybody; written as a bare number.
    Constant(f64),
    /// Equally likely anywhere from `low` to `high`.
    Uniform {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// Normal; with bounds the *truncated* normal (the law given that the value lies inside), whose mean is not `mean`.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
        /// Smallest value, if any.
        low: Option<f64>,
        /// Largest value, if any.
        high: Option<f64>,
    },
    /// `median * exp(sigma Z)` with `Z` standard normal.
    LogNormal {
        /// Median.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// `P(X > x) = (minimum / x)^alpha`; with a cap the law given that the value lies below it.
    Pareto {
        /// Smallest value.
        minimum: f64,
        /// Tail index; the mean is infinite at 1 and below unless there is a cap.
        alpha: f64,
        /// Largest value, if any.
        cap: Option<f64>,
    },
    /// `scale` times a Beta(alpha, beta) variable, so between 0 and `scale`.
    Beta {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
        /// Largest value; 1 if not given.
        scale: f64,
    },
    /// One of these values, with probability proportional to its weight: `(value, weight)`.
    Choice(Vec<(f64, f64)>),
}

impl Dist {
    /// One draw, from one uniform number of `random`.
    ///
    /// A law with [`Dist::problems`] yields a finite number that means nothing.
    pub fn sample(&self, random: &mut impl Rng) -> f64 {
        self.quantile(random.sample(Open01))
    }

    /// The value below which a draw falls with probability `u`, clamped to `1e-300 < u < 1`; finite for every input.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        let u = if u.is_nan() { 0.5 } else { u.clamp(1e-300, 1.0 - 0.5 * f64::EPSILON) };
        let value = match *self {
            Self::Constant(value) => value,
            Self::Uniform { low, high } => (low * (1.0 - u) + high * u).max(low).min(high),
            Self::Normal { mean, sd, low, high } => {
                let z = Truncation::of(mean, sd, low, high).map_or(0.0, |bounds| bounds.quantile(u));
                let within = (mean + sd * z).max(low.unwrap_or(f64::MIN));
                within.min(high.unwrap_or(f64::MAX))
            }
            Self::LogNormal { median, sigma } => {
                median * libm::exp(sigma * normal_quantile(u).unwrap_or(0.0))
            }
            Self::Pareto { minimum, alpha, cap } => {
                let top = cap.unwrap_or(f64::INFINITY);
                let beyond = libm::pow(minimum / top, alpha);
                // 1 - u is exact for u >= 1/2, so the tail keeps its digits.
                let left = (1.0 - u) + u * beyond;
                (minimum * libm::pow(left, -1.0 / alpha)).min(top)
            }
            Self::Beta { alpha, beta, scale } => {
                scale * incomplete_beta_inverse(alpha, beta, u).unwrap_or(0.5)
            }
            Self::Choice(ref options) => choose(options, u),
        };
        if value.is_nan() { 0.0 } else { value.clamp(f64::MIN, f64::MAX) }
    }

    /// The mean of the draws; `None` where it is infinite or the law has [`Dist::problems`].
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        if !self.problems().is_empty() {
            return None;
        }
        let mean = match *self {
            Self::Constant(value) => value,
            Self::Uniform { low, high } => 0.5 * low + 0.5 * high,
            Self::Normal { mean, sd, low, high } => mean + sd * Truncation::of(mean, sd, low, high)?.mean(),
            Self::LogNormal { median, sigma } => median * libm::exp(0.5 * sigma * sigma),
            Self::Pareto { minimum, alpha, cap: None } if alpha > 1.0 => minimum * alpha / (alpha - 1.0),
            Self::Pareto { cap: None, .. } => return None,
            Self::Pareto { minimum, alpha, cap: Some(cap) } => capped_pareto_mean(minimum, alpha, cap),
            Self::Beta { alpha, beta, scale } => scale * alpha / (alpha + beta),
            Self::Choice(ref options) => {
                let whole: f64 = options.iter().map(|(_, weight)| weight).sum();
                options.iter().map(|(value, weight)| value * (weight / whole)).sum()
            }
        };
        mean.is_finite().then_some(mean)
    }

    /// The smallest and the largest value a draw can take; infinite where there is no bound.
    ///
    /// For checks such as "an activity rate lies in 0 to 1". An empty choice has the range 0 to 0.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Self::Constant(value) => (value, value),
            Self::Uniform { low, high } => (low, high),
            Self::Normal { mean, sd: 0.0, .. } => (mean, mean),
            Self::Normal { low, high, .. } => {
                (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY))
            }
            Self::LogNormal { median, sigma: 0.0 } => (median, median),
            Self::LogNormal { .. } => (0.0, f64::INFINITY),
            Self::Pareto { minimum, cap, .. } => (minimum, cap.unwrap_or(f64::INFINITY)),
            Self::Beta { scale, .. } => (0.0, scale),
            Self::Choice(ref options) => {
                let possible = options.iter().filter(|(_, weight)| *weight > 0.0).map(|(value, _)| *value);
                let ends = possible.map(|value| (value, value));
                ends.reduce(|(low, high), (value, _)| (low.min(value), high.max(value))).unwrap_or_default()
            }
        }
    }
}

impl From<f64> for Dist {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

/// `integral of x f(x)` for the Pareto law between its minimum and `cap`; at `alpha` = 1 the limit.
fn capped_pareto_mean(minimum: f64, alpha: f64, cap: f64) -> f64 {
    let log_ratio = libm::log(cap / minimum);
    // Both integrals start at the minimum: of x^(-alpha) over of x^(-alpha - 1), in units of the minimum.
    let integral = |power: f64| if power == 0.0 { log_ratio } else { libm::expm1(power * log_ratio) / power };
    if log_ratio == 0.0 { minimum } else { minimum * integral(1.0 - alpha) / integral(-alpha) }
}

fn choose(options: &[(f64, f64)], u: f64) -> f64 {
    let whole: f64 = options.iter().map(|(_, weight)| weight).sum();
    let mut passed = 0.0;
    let mut last = 0.0;
    for (value, weight) in options {
        if *weight > 0.0 {
            passed += weight;
            last = *value;
            if u * whole < passed {
                break;
            }
        }
    }
    last
}

#[cfg(test)]
pub(super) mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    pub(super) fn all() -> Vec<(&'static str, Dist)> {
        vec![
            ("2", 2.0.into()),
            ("-0.5e-3", (-0.5e-3).into()),
            ("Uniform(low: 0.1, high: 0.9)", Dist::Uniform { low: 0.1, high: 0.9 }),
            ("Normal(mean: 1, sd: 2)", Dist::Normal { mean: 1.0, sd: 2.0, low: None, high: None }),
            (
                "Normal(mean: 1, sd: 2, low: 0)",
                Dist::Normal { mean: 1.0, sd: 2.0, low: Some(0.0), high: None },
            ),
            (
                "Normal(mean: 0, sd: 1, low: 3)",
                Dist::Normal { mean: 0.0, sd: 1.0, low: Some(3.0), high: None },
            ),
            ("LogNormal(median: 2500, sigma: 1.2)", Dist::LogNormal { median: 2500.0, sigma: 1.2 }),
            ("Pareto(minimum: 3, alpha: 1.5)", Dist::Pareto { minimum: 3.0, alpha: 1.5, cap: None }),
            (
                "Pareto(minimum: 3, alpha: 1, cap: 1e6)",
                Dist::Pareto { minimum: 3.0, alpha: 1.0, cap: Some(1e6) },
            ),
            ("Beta(alpha: 4, beta: 2)", Dist::Beta { alpha: 4.0, beta: 2.0, scale: 1.0 }),
            ("Beta(alpha: 0.3, beta: 0.4, scale: 10)", Dist::Beta { alpha: 0.3, beta: 0.4, scale: 10.0 }),
            ("Choice([(1, 0.7), (2, 0), (5, 2.1)])", Dist::Choice(vec![(1.0, 0.7), (2.0, 0.0), (5.0, 2.1)])),
        ]
    }

    #[test]
    fn draws_have_the_mean_and_stay_in_the_range() {
        let mut random = ChaCha8Rng::seed_from_u64(8);
        for (text, law) in all() {
            assert_eq!(law.problems(), [], "{text}");
            let (low, high) = law.range();
            let seen: crate::numerics::accumulator::Accumulator = (0..20_000)
                .map(|_| law.sample(&mut random))
                .inspect(|x| assert!((low..=high).contains(x)))
                .collect();
            let heavy = matches!(law, Dist::Pareto { .. });
            if let (Some(mean), false) = (law.mean(), heavy) {
                let error = seen.sd().unwrap() / 20_000_f64.sqrt();
                assert!(
                    (seen.mean().unwrap() - mean).abs() <= 4.0 * error + 1e-12,
                    "{text}: {mean} {:?}",
                    seen.mean()
                );
            }
        }
    }

    /// The mean is the integral of the quantile over `u`; by the midpoint rule, on laws without a wild tail.
    #[test]
    fn means_are_integrals_of_quantiles() {
        for law in [
            Dist::Normal { mean: 1.0, sd: 2.0, low: Some(0.0), high: Some(1.5) },
            Dist::Normal { mean: 0.0, sd: 1.0, low: Some(3.0), high: Some(9.0) },
            Dist::Normal { mean: 5.0, sd: 0.0, low: Some(3.0), high: None },
            Dist::Pareto { minimum: 2.0, alpha: 1.0, cap: Some(20.0) },
            Dist::Pareto { minimum: 2.0, alpha: 0.4, cap: Some(20.0) },
            Dist::Pareto { minimum: 2.0, alpha: 5.0, cap: None },
            Dist::Beta { alpha: 0.5, beta: 1.7, scale: 3.0 },
        ] {
            let steps = 4_000;
            let integral: f64 =
                (0..steps).map(|i| law.quantile((f64::from(i) + 0.5) / f64::from(steps))).sum::<f64>()
                    / f64::from(steps);
            assert!(
                (integral / law.mean().unwrap() - 1.0).abs() < 2e-3,
                "{law:?}: {integral} {:?}",
                law.mean()
            );
        }
        assert_eq!(Dist::Pareto { minimum: 2.0, alpha: 1.0, cap: None }.mean(), None);
    }

    /// Medians in closed form: Pareto `minimum * 2^(1/alpha)`, Beta(1, b) `1 - 2^(-1/b)`, log-normal its median.
    #[test]
    fn worked_examples_of_medians() {
        let median = |law: Dist| law.quantile(0.5);
        assert!((median(Dist::Pareto { minimum: 3.0, alpha: 0.5, cap: None }) - 12.0).abs() < 1e-12);
        assert!(
            (median(Dist::Beta { alpha: 1.0, beta: 2.0, scale: 2.0 }) - (2.0 - 2.0_f64.sqrt())).abs() < 1e-12
        );
        assert_eq!(median(Dist::LogNormal { median: 7.0, sigma: 3.0 }), 7.0);
        assert_eq!(median(Dist::Choice(vec![(1.0, 0.0), (4.0, 1.0), (9.0, 0.5)])), 4.0);
    }

    /// Draws are part of what makes results repeat: these figures must not change without a new version of the program.
    /// Another implementation (Python's normal law, bisection of polynomials, Simpson's rule) agrees to 12 digits.
    #[test]
    fn golden_quantiles() {
        let golden = [
            2.0,
            -0.0005,
            0.34,
            -0.04880102541608178,
            1.0801145958310543,
            3.1070166966371424,
            1332.4376931793108,
            3.8053028646111464,
            4.285708775517289,
            0.5779917925913678,
            0.7263651478794093,
            5.0,
        ];
        let found: Vec<f64> = all().iter().map(|(_, law)| law.quantile(0.3)).collect();
        assert_eq!(found, golden);
    }

    #[test]
    fn a_rank_is_kept_when_the_law_changes() {
        for (text, law) in all() {
            let drawn: Vec<f64> = (1..2_000).map(|i| law.quantile(f64::from(i) / 2_000.0)).collect();
            assert!(drawn.windows(2).all(|two| two[0] <= two[1]), "{text}");
        }
    }

    #[test]
    fn nothing_drawn_is_ever_nan() {
        let odd =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, -1.0, 0.0, 1e-300, 0.5, 30.0];
        for x in odd {
            for y in odd {
                for u in [0.0, 1e-20, 0.3, 1.0, f64::NAN] {
                    for law in [
                        Dist::Constant(x),
                        Dist::Uniform { low: x, high: y },
                        Dist::Normal { mean: x, sd: y, low: None, high: Some(x) },
                        Dist::Normal { mean: 0.0, sd: y, low: Some(x), high: None },
                        Dist::LogNormal { median: x, sigma: y },
                        Dist::Pareto { minimum: x, alpha: y, cap: None },
                        Dist::Pareto { minimum: x, alpha: 0.5, cap: Some(y) },
                        Dist::Beta { alpha: x, beta: y, scale: 1.0 },
                        Dist::Choice(vec![(x, y), (y, x)]),
                    ] {
                        assert!(law.quantile(u).is_finite(), "{law:?} at {u}");
                        assert!(law.mean().is_none_or(f64::is_finite), "{law:?}");
                    }
                }
            }
        }
    }
}
