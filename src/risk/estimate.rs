//! Estimates from a sample of paths, each with its interval and the number of events behind it.
//!
//! What happens to the paths that default and what happens to all paths are kept apart: the published "less than 1 % to
//! lose 12.5 %" is a quantile among defaults, in a world where every loan defaults.

use serde::{Deserialize, Serialize};

use crate::numerics::accumulator::Accumulator;
use crate::numerics::quantile::quantile_of_sorted;
use crate::numerics::statistics::{CONFIDENCE, Interval, mean_interval, wilson_interval};
use crate::numerics::tail::{TailMean, quantile_interval};

use super::outcomes::Outcomes;

/// Levels at which value-at-risk and expected shortfall are estimated where none are asked for: those of the appendix.
pub const LEVELS: [f64; 2] = [0.95, 0.99];

/// Below this number of events a figure is marked as resting on too few.
pub const FEW_EVENTS: u64 = 30;

/// An estimate and its interval at [`CONFIDENCE`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval; none where the sample is too small to have one.
    pub low: Option<f64>,
    /// Upper end of the interval; none where the sample is too small to have one.
    pub high: Option<f64>,
}

impl Figure {
    pub(super) fn new(value: f64, interval: Option<Interval>) -> Self {
        Self {
            value,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        }
    }

    /// True where there is an interval and it holds `value`.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low.is_some_and(|low| low <= value) && self.high.is_some_and(|high| value <= high)
    }

    /// True where both have intervals and these have a value in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let below = |one: &Self, other: &Self| one.low.zip(other.high).is_some_and(|(low, high)| low <= high);
        below(self, other) && below(other, self)
    }

    fn share(events: u64, of: u64) -> Option<Self> {
        let interval = wilson_interval(events, of, CONFIDENCE)?;
        Some(Self::new(events as f64 / of as f64, Some(interval)))
    }

    fn mean(values: &[f64]) -> Option<Self> {
        let seen: Accumulator = values.iter().copied().collect();
        Some(Self::new(seen.mean()?, mean_interval(&seen, CONFIDENCE)))
    }
}

/// Value-at-risk and expected shortfall at one level, as shares of the initial pool value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TailEstimate {
    /// The level, for example .99.
    pub level: f64,
    /// The quantile of the loss, with an order-statistic interval.
    pub value_at_risk: Figure,
    /// The mean loss beyond the level, with an interval from its standard error.
    pub expected_shortfall: Figure,
    /// Losses above the value-at-risk.
    pub tail_events: u64,
    /// True under [`FEW_EVENTS`] tail events.
    pub too_few_tail_events: bool,
}

/// Probability of a loss above a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exceedance {
    /// The threshold as a share of the initial pool value.
    pub threshold: f64,
    /// Among all paths (Wilson interval).
    pub probability: Figure,
    /// Among the paths that default; none without defaults.
    pub given_default: Option<Figure>,
    /// Paths with such a loss.
    pub tail_events: u64,
    /// True under [`FEW_EVENTS`] tail events.
    pub too_few_tail_events: bool,
}

/// The risk of one loan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskEstimate {
    /// Debt at face value over initial pool value.
    pub ltv: f64,
    /// Paths in the sample.
    pub paths: u64,
    /// Paths on which the pool ends below the debt.
    pub defaults: u64,
    /// True under [`FEW_EVENTS`] defaults: then [`super::estimate_rare`] tells more.
    pub too_few_defaults: bool,
    /// Probability of default (Wilson interval).
    pub default_probability: Figure,
    /// Mean loss over all paths, as a share of the initial pool value (Student's interval).
    pub expected_loss: Figure,
    /// Mean loss over the paths that default; none without defaults.
    pub loss_given_default: Option<Figure>,
    /// The tail of the loss over all paths, at each level asked for.
    pub tails: Vec<TailEstimate>,
    /// The tail of the loss over the paths that default; empty without defaults.
    pub tails_given_default: Vec<TailEstimate>,
    /// Probabilities of losses above the thresholds asked for, in their order.
    pub exceedances: Vec<Exceedance>,
}

/// Estimates the risk of each loan of a sample, in the order of [`Outcomes::ltvs`]; empty if no path was finished. Tails are
/// estimated at [`LEVELS`].
///
/// `thresholds` are losses as shares of the initial pool value whose probability of being exceeded is wanted.
#[must_use]
pub fn estimate(outcomes: &Outcomes, thresholds: &[f64]) -> Vec<RiskEstimate> {
    estimate_at(outcomes, thresholds, &LEVELS)
}

/// As [`estimate()`], with the tails at `levels`, each above 0 and below 1.
#[must_use]
pub fn estimate_at(outcomes: &Outcomes, thresholds: &[f64], levels: &[f64]) -> Vec<RiskEstimate> {
    let one = |place| estimate_one(outcomes, place, thresholds, levels);
    (0..outcomes.ltvs().len()).filter_map(one).collect()
}

fn estimate_one(
    outcomes: &Outcomes,
    place: usize,
    thresholds: &[f64],
    levels: &[f64],
) -> Option<RiskEstimate> {
    let mut losses = outcomes.losses(place)?;
    // In the order of paths, so that sums do not depend on how a sort breaks ties.
    let expected_loss = Figure::mean(&losses)?;
    let mut defaulted: Vec<f64> = losses.iter().copied().filter(|loss| *loss > 0.0).collect();
    let loss_given_default = Figure::mean(&defaulted);
    losses.sort_unstable_by(f64::total_cmp);
    defaulted.sort_unstable_by(f64::total_cmp);
    let (paths, defaults) = (losses.len() as u64, defaulted.len() as u64);
    let exceedance = |threshold: &f64| {
        let tail_events = count_above(&defaulted, *threshold);
        Some(Exceedance {
            threshold: *threshold,
            probability: Figure::share(tail_events, paths)?,
            given_default: Figure::share(tail_events, defaults),
            tail_events,
            too_few_tail_events: tail_events < FEW_EVENTS,
        })
    };
    Some(RiskEstimate {
        ltv: *outcomes.ltvs().get(place)?,
        paths,
        defaults,
        too_few_defaults: defaults < FEW_EVENTS,
        default_probability: Figure::share(defaults, paths)?,
        expected_loss,
        loss_given_default,
        tails: tails(&losses, levels),
        tails_given_default: tails(&defaulted, levels),
        exceedances: thresholds.iter().filter_map(exceedance).collect(),
    })
}

fn tails(ascending: &[f64], levels: &[f64]) -> Vec<TailEstimate> {
    let tail = |level: f64| {
        let value_at_risk = quantile_of_sorted(ascending, level)?;
        let shortfall = TailMean::of_sorted(ascending, level)?;
        let tail_events = count_above(ascending, value_at_risk);
        // A single value beyond has no spread to tell how sure it is.
        let interval = shortfall.interval(CONFIDENCE).filter(|_| tail_events > 1);
        Some(TailEstimate {
            level,
            value_at_risk: Figure::new(value_at_risk, quantile_interval(ascending, level, CONFIDENCE)),
            expected_shortfall: Figure::new(shortfall.mean, interval),
            tail_events,
            too_few_tail_events: tail_events < FEW_EVENTS,
        })
    };
    levels.iter().copied().filter_map(tail).collect()
}

fn count_above(ascending: &[f64], threshold: f64) -> u64 {
    (ascending.len() - ascending.partition_point(|loss| *loss <= threshold)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values .01 to 1.00 against a debt of .5: 49 defaults with losses .01 to .49.
    #[test]
    fn worked_example() {
        let values: Vec<f64> = (1..=100).rev().map(|percent| f64::from(percent) / 100.0).collect();
        let outcomes = Outcomes::new(vec![0.5], vec![values]);
        let found = &estimate(&outcomes, &[0.395, 0.6])[0];
        assert_eq!((found.paths, found.defaults, found.too_few_defaults), (100, 49, false));
        assert_eq!(found.default_probability.value, 0.49);
        assert!((found.expected_loss.value - 0.1225).abs() < 1e-15);
        assert!((found.loss_given_default.unwrap().value - 0.25).abs() < 1e-15);
        // Type 7: place .95 * 48 = 45.6 among .01, .02, ..., and .95 * 99 = 94.05 among 51 zeros and these.
        assert!((found.tails_given_default[0].value_at_risk.value - 0.466).abs() < 1e-12);
        assert!((found.tails[0].value_at_risk.value - 0.4405).abs() < 1e-12);
        // The five largest of a hundred.
        assert!((found.tails[0].expected_shortfall.value - 0.47).abs() < 1e-12);
        assert_eq!(found.tails[0].tail_events, 5);
        assert!(found.tails[0].too_few_tail_events);
        let [some, none] = &found.exceedances[..] else { panic!("two thresholds") };
        assert_eq!((some.tail_events, some.probability.value), (10, 0.1));
        assert!((some.given_default.unwrap().value - 10.0 / 49.0).abs() < 1e-15);
        assert_eq!((none.probability.value, none.probability.low), (0.0, Some(0.0)));
    }

    /// The same sample at other levels: places .9 * 48 = 43.2 and .5 * 48 = 24 among the defaults.
    #[test]
    fn levels_can_be_chosen() {
        let values: Vec<f64> = (1..=100).rev().map(|percent| f64::from(percent) / 100.0).collect();
        let outcomes = Outcomes::new(vec![0.5], vec![values]);
        let found = &estimate_at(&outcomes, &[], &[0.5, 0.9])[0];
        let quantiles: Vec<(f64, f64)> =
            found.tails_given_default.iter().map(|tail| (tail.level, tail.value_at_risk.value)).collect();
        assert!((quantiles[0].1 - 0.25).abs() < 1e-12 && quantiles[0].0 == 0.5);
        assert!((quantiles[1].1 - 0.442).abs() < 1e-12 && quantiles[1].0 == 0.9);
    }

    #[test]
    fn a_sample_without_defaults_has_no_severity() {
        let outcomes = Outcomes::new(vec![0.5], vec![vec![0.5, 0.6, 0.7]]);
        let found = &estimate(&outcomes, &[0.1])[0];
        assert_eq!((found.defaults, found.too_few_defaults), (0, true));
        assert_eq!((found.loss_given_default, found.tails_given_default.len()), (None, 0));
        assert_eq!(found.exceedances[0].given_default, None);
        assert_eq!((found.tails[1].value_at_risk.value, found.tails[1].value_at_risk.high), (0.0, None));
        assert_eq!(estimate(&Outcomes::new(vec![0.5], vec![vec![]]), &[]), []);
    }
}
