//! Default where it is rare: probability and expected loss by importance sampling.
//!
//! Pilots find how to push paths towards default, a level of value at a time (the cross-entropy method); a sample of its
//! own, pushed that way, is weighted back with exact likelihood ratios. Whatever the push, the estimate is unbiased; the
//! interval, the effective sample size and the ratio of variances say how well it worked.

use std::sync::atomic::{AtomicBool, Ordering};

use fearless_simd::Level;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::accumulator::Accumulator;
use crate::numerics::quantile::quantiles;
use crate::numerics::statistics::{CONFIDENCE, Interval, mean_interval};
use crate::protocol::risk::loss;

use super::estimate::{FEW_EVENTS, Figure};
use super::model::{PriceLaw, RiskModel};
use super::moves::{HourlyLaw, WORDS, key};
use super::pool::{LANES, Lane, Pool};
use super::problem::{Problems, RiskError};
use super::simulate::{check_ltvs, check_paths, settle};
use super::steering::{FEATURES, Gains, Steered, Steering, Sums};

/// Paths of a pilot.
const PILOT_PATHS: u64 = 4_096;
/// Pilots at most.
const PILOTS: u32 = 8;
/// A pilot's lowest share of values stands for default while default itself is rarer than that.
const ELITE: f64 = 0.05;
/// From this plain probability on nothing is gained by a push.
const FREQUENT: f64 = 0.2;

/// Probability and expected loss of a default that may be rare.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RareEstimate {
    /// Debt at face value over initial pool value.
    pub ltv: f64,
    /// Paths in the sample, pilots left out.
    pub paths: u64,
    /// Whether paths were pushed; not where default is frequent.
    pub steered: bool,
    /// Probability of default, with an interval on the logarithmic scale from the spread of the weights: it cannot reach
    /// zero, nor pass one. None where no path defaults: weights of zero say nothing of how rare a default is.
    pub default_probability: Figure,
    /// Mean loss over all paths as a share of the initial pool value, with such an interval.
    pub expected_loss: Figure,
    /// Paths of the sample that default.
    pub tail_events: u64,
    /// True under [`FEW_EVENTS`] tail events.
    pub too_few_tail_events: bool,
    /// Equally weighted defaults that the weighted ones are worth: `(sum of weights)^2 / (sum of squares)`.
    pub effective_sample_size: f64,
    /// Variance of a path's term in the plain estimate of the probability over that in this one; none without defaults.
    pub variance_ratio: Option<f64>,
}

/// Estimates how likely a loan of `ltv` defaults from `paths` paths, on the threads of the current rayon pool.
///
/// `progress` is told, from any thread, how many more paths are done, pilots left out. The result is the same for any
/// number of threads and any width of vectors.
///
/// # Errors
/// [`RiskError::Invalid`] if the model, the loan or the number of paths has problems, or the price law is a process, whose
/// likelihood is not known; [`RiskError::Stopped`] if `stop` was set before the end.
pub fn estimate_rare(
    model: &RiskModel,
    ltv: f64,
    paths: u64,
    seed: u64,
    stop: &AtomicBool,
    progress: impl Fn(u64) + Sync,
) -> Result<RareEstimate, RiskError> {
    let mut problems = Problems::from(model.problems());
    check_paths(paths, &mut problems);
    check_ltvs(&[ltv], &mut problems);
    let law = match &model.price {
        PriceLaw::JumpDiffusion(law) => Some(law),
        PriceLaw::Process(_) => None,
    };
    if law.is_none() {
        problems.push("price", "a `JumpDiffusion`, whose likelihood is known", "`Process`");
    }
    let problems = problems.into_list();
    let Some(law) = law.filter(|_| problems.is_empty()) else {
        return Err(RiskError::Invalid(problems));
    };
    let search =
        Search { model, ltv, law: HourlyLaw::new(law), pool: Pool::new(model), level: Level::new(), stop };
    let gains = search.gains(seed)?;
    let walked = search.walk(&gains, paths, key(seed, "risk.rare"), false, &progress)?;
    // There is at least one path, so there is a mean.
    summarise(ltv, gains != Gains::NONE, &walked).ok_or(RiskError::Stopped)
}

/// One path of a pushed sample.
struct Walked {
    log_value: f64,
    log_ratio: f64,
    lost: f64,
}

struct Search<'a> {
    model: &'a RiskModel,
    ltv: f64,
    law: HourlyLaw,
    pool: Pool,
    level: Level,
    stop: &'a AtomicBool,
}

/// The paths of a sample in their order, and their sums block by block where a fit wants them.
struct Sample {
    paths: Vec<Walked>,
    sums: Vec<Sums>,
}

impl Search<'_> {
    fn walk(
        &self,
        gains: &Gains,
        paths: u64,
        key: [u32; 2],
        fit: bool,
        progress: &(impl Fn(u64) + Sync),
    ) -> Result<Sample, RiskError> {
        let steering = Steering::new(self.model, self.law, gains);
        // At most 2^27, as checked.
        let blocks = u32::try_from(paths.div_ceil(LANES as u64)).unwrap_or(u32::MAX);
        let walked = (0..blocks).into_par_iter().map(|block| {
            if self.stop.load(Ordering::Relaxed) {
                return Err(RiskError::Stopped);
            }
            let first = u64::from(block) * LANES as u64;
            let mut moves = Steered::new(&steering, key, first, fit);
            let value = settle(self.level, self.model, &self.pool, &[self.ltv], &mut moves);
            progress((paths - first).min(LANES as u64));
            Ok((value.into_iter().next(), moves.log_ratio.total, moves.sums))
        });
        let walked: Vec<(Option<Lane>, Lane, Option<Box<Sums>>)> =
            walked.collect::<Result<_, RiskError>>()?;
        let mut sample = Sample { paths: Vec::new(), sums: Vec::new() };
        for (values, ratios, sums) in walked {
            let path = |(log_value, log_ratio): (f32, f32)| Walked {
                log_value: f64::from(log_value),
                log_ratio: f64::from(log_ratio),
                lost: loss(self.ltv, libm::exp(f64::from(log_value))),
            };
            sample.paths.extend(values.into_iter().flatten().zip(ratios).map(path));
            sample.sums.extend(sums.map(|sums| *sums));
        }
        sample.paths.truncate(usize::try_from(paths).unwrap_or(usize::MAX));
        Ok(sample)
    }

    /// Finds the push, from pilot to pilot, until default is no longer rare under it.
    fn gains(&self, seed: u64) -> Result<Gains, RiskError> {
        let mut gains = Gains::NONE;
        let debt = libm::log(self.ltv);
        // Two fits after default is in sight: the first of them still leans on few and unequal weights.
        let mut fits_left = 2;
        for pilot in 0..PILOTS {
            let key = key(seed, &format!("risk.rare.pilot.{pilot}"));
            let sample = self.walk(&gains, PILOT_PATHS, key, true, &|_| {})?;
            let defaults = sample.paths.iter().filter(|path| path.lost > 0.0).count() as f64;
            if pilot == 0 && defaults >= FREQUENT * PILOT_PATHS as f64 {
                break;
            }
            let values: Vec<f64> = sample.paths.iter().map(|path| path.log_value).collect();
            let Some([elite]) = quantiles(&values, [ELITE]) else { break };
            let Some(fitted) = self.fit(&sample, elite.max(debt)) else { break };
            gains = fitted;
            if elite <= debt {
                fits_left -= 1;
                if fits_left == 0 {
                    break;
                }
            }
        }
        Ok(gains)
    }

    /// The gains of least cross-entropy from the law of the paths that end at or below `level`.
    #[allow(clippy::needless_range_loop, reason = "features by their numbers")]
    fn fit(&self, sample: &Sample, level: f64) -> Option<Gains> {
        let elite = |path: &Walked| path.log_value <= level;
        let largest = sample
            .paths
            .iter()
            .filter(|path| elite(path))
            .map(|path| path.log_ratio)
            .fold(f64::NEG_INFINITY, f64::max);
        let mut products = [[0.0; FEATURES]; FEATURES];
        let mut moments = [0.0; FEATURES];
        let (mut weights, mut jumps) = (0.0, 0.0);
        for (place, path) in sample.paths.iter().enumerate().filter(|(_, path)| elite(path)) {
            let weight = libm::exp(path.log_ratio - largest);
            let (sums, lane) = (&sample.sums[place / LANES], place % LANES);
            weights += weight;
            jumps += weight * sums.jumps[lane];
            for one in 0..FEATURES {
                moments[one] += weight * sums.moments[one][lane];
                for other in 0..FEATURES {
                    products[one][other] += weight * sums.products[one][other][lane];
                }
            }
        }
        let means = solve(products, moments)?;
        let plain = f64::from(self.law.jumps) / f64::from(WORDS) * self.pool.term() as f64;
        let jumps = if plain > 0.0 { (jumps / weights / plain).clamp(0.2, 1e4) } else { 1.0 };
        jumps.is_finite().then_some(Gains { means, jumps })
    }
}

/// Solves `products * x = moments` by elimination; a touch of ridge keeps features apart that a sample does not.
#[allow(clippy::needless_range_loop, reason = "rows and columns by their numbers, as in the textbook")]
fn solve(mut products: [[f64; FEATURES]; FEATURES], mut moments: [f64; FEATURES]) -> Option<[f64; FEATURES]> {
    let trace: f64 = (0..FEATURES).map(|place| products[place][place]).sum();
    for (place, row) in products.iter_mut().enumerate() {
        row[place] += 1e-9 * trace;
    }
    // Positive definite, so that no pivot needs to be looked for.
    for pivot in 0..FEATURES {
        for row in pivot + 1..FEATURES {
            let factor = products[row][pivot] / products[pivot][pivot];
            for column in pivot..FEATURES {
                products[row][column] -= factor * products[pivot][column];
            }
            moments[row] -= factor * moments[pivot];
        }
    }
    for row in (0..FEATURES).rev() {
        let known: f64 = (row + 1..FEATURES).map(|column| products[row][column] * moments[column]).sum();
        moments[row] = (moments[row] - known) / products[row][row];
    }
    moments.iter().all(|gain| gain.is_finite()).then_some(moments)
}

/// Student's interval of the logarithm of the mean of terms that are not negative.
///
/// By the delta method the logarithm of a mean `m` of standard error `e` has the standard error `e / m`, so that the ends are
/// `m exp(-t e / m)` and `m exp(t e / m)`. Of rare and unequal weights the sum is skewed: the interval on the plain scale
/// reaches below zero, which no probability does. To first order in `e / m` both are the same.
fn logarithmic_interval(seen: &Accumulator) -> Option<Interval> {
    let mean = seen.mean().filter(|mean| *mean > 0.0)?;
    let factor = libm::exp(mean_interval(seen, CONFIDENCE)?.half_width() / mean);
    // Neither a probability nor a loss as a share of what was brought is above one.
    Some(Interval { low: mean / factor, high: (mean * factor).min(1.0).max(mean) })
}

fn summarise(ltv: f64, steered: bool, sample: &Sample) -> Option<RareEstimate> {
    let weight = |path: &Walked| if path.lost > 0.0 { libm::exp(path.log_ratio) } else { 0.0 };
    let probability: Accumulator = sample.paths.iter().map(weight).collect();
    let loss: Accumulator = sample.paths.iter().map(|path| weight(path) * path.lost).collect();
    let figure = |seen: &Accumulator| Some(Figure::new(seen.mean()?, logarithmic_interval(seen)));
    let tail_events = sample.paths.iter().filter(|path| path.lost > 0.0).count() as u64;
    let (sum, squares) = sample
        .paths
        .iter()
        .map(weight)
        .fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
    let mean = probability.mean()?;
    let ratio = probability.sd().map(|sd| mean * (1.0 - mean) / (sd * sd));
    Some(RareEstimate {
        ltv,
        paths: sample.paths.len() as u64,
        steered,
        default_probability: figure(&probability)?,
        expected_loss: figure(&loss)?,
        tail_events,
        too_few_tail_events: tail_events < FEW_EVENTS,
        effective_sample_size: if squares > 0.0 { sum * sum / squares } else { 0.0 },
        variance_ratio: ratio.filter(|ratio| ratio.is_finite() && *ratio > 0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One weight of 2 among 99 zeros: mean .02, standard error .02, so that the plain interval would begin at -.0197.
    #[test]
    fn an_interval_of_few_weights_stays_above_zero() {
        let seen: Accumulator = std::iter::once(2.0).chain(std::iter::repeat_n(0.0, 99)).collect();
        let plain = mean_interval(&seen, CONFIDENCE).unwrap();
        assert!(plain.low < 0.0, "{plain:?}");
        let found = logarithmic_interval(&seen).unwrap();
        // Student's quantile of 99 degrees of freedom is 1.98422.
        assert!((found.low - 0.02 * libm::exp(-1.984_217)).abs() < 1e-8, "{found:?}");
        assert!((found.high - 0.02 * libm::exp(1.984_217)).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn of_many_weights_both_intervals_are_nearly_the_same_and_of_none_there_is_none() {
        let seen: Accumulator = (0..10_000).map(|n| f64::from(n % 10) / 20.0).collect();
        let (plain, found) =
            (mean_interval(&seen, CONFIDENCE).unwrap(), logarithmic_interval(&seen).unwrap());
        assert!((plain.low - found.low).abs() < 1e-4 && (plain.high - found.high).abs() < 1e-4);
        assert_eq!(logarithmic_interval(&std::iter::repeat_n(0.0, 10).collect()), None);
        let large: Accumulator = [0.0, 2.0, 0.9].into_iter().collect();
        assert_eq!(logarithmic_interval(&large).unwrap().high, 1.0);
    }
}
