//! What runs say together of a quantity: its estimate and how sure it is.

use super::Quantity;
use crate::numerics::accumulator::Accumulator;
use crate::numerics::statistics::{CONFIDENCE, Interval, exact_interval, mean_interval};

/// The figures of a quantity, one a run, without the figures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    figures: Accumulator,
    /// Of a probability: the runs in which it happened.
    happened: u64,
}

/// A quantity over runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Share of runs of a probability, mean over runs of everything else; `None` without runs.
    pub value: Option<f64>,
    /// Its interval at [`CONFIDENCE`]: Clopper and Pearson's of a probability, else Student's.
    pub interval: Option<Interval>,
    /// Runs behind it.
    pub runs: u64,
}

impl Tally {
    /// Takes in the figure of a run.
    pub fn push(&mut self, figure: f64) {
        self.figures.push(figure);
        self.happened += u64::from(figure > 0.0);
    }

    /// What the figures say of that quantity. What overflowed is undefined, and no zero has a sign.
    #[must_use]
    pub fn estimate(&self, quantity: &Quantity) -> Estimate {
        let runs = self.figures.count();
        let (value, interval) = match quantity {
            Quantity::Probability(..) => {
                let share = (runs > 0).then(|| self.happened as f64 / runs as f64);
                (share, exact_interval(self.happened, runs, CONFIDENCE))
            }
            _ => (self.figures.mean(), mean_interval(&self.figures, CONFIDENCE)),
        };
        let usable = |interval: &Interval| interval.low.is_finite() && interval.high.is_finite();
        let unsigned = |interval: Interval| Interval { low: interval.low + 0.0, high: interval.high + 0.0 };
        Estimate {
            value: value.filter(|value| value.is_finite()).map(|value| value + 0.0),
            interval: interval.filter(usable).map(unsigned),
            runs,
        }
    }
}
