//! The published figures: loss given default by loan-to-value and jump amplifier.
//!
//! Read off the four figures of the appendix of the original English ALEXnomics, to about .001. The populations are the
//! paths that default; the pool is never converted. [`PublishedFigure::model`] is the reading that reproduces them.

use super::model::RiskModel;

/// Loan-to-value of the published grid.
pub const LTVS: [f64; 4] = [0.725, 0.75, 0.775, 0.8];

/// How many times more frequent than in history jumps of -20 % were made.
pub const AMPLIFIERS: [u32; 6] = [1, 5, 10, 20, 50, 100];

/// Quantiles of the loss given default for one jump amplifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedFigure {
    /// Jump amplifier.
    pub amplifier: u32,
    /// 95 % quantile of the loss given default over initial pool value, for each of [`LTVS`].
    pub quantile_95: [f64; 4],
    /// 99 % quantile.
    pub quantile_99: [f64; 4],
}

/// The 48 published points.
pub const FIGURES: [PublishedFigure; 6] = [
    figure(1, [0.0525, 0.027, 0.0315, 0.0505], [0.0815, 0.0615, 0.0498, 0.0623]),
    figure(5, [0.029, 0.0336, 0.0478, 0.0703], [0.0613, 0.0536, 0.0652, 0.0878]),
    figure(10, [0.0432, 0.0428, 0.0588, 0.083], [0.0627, 0.0673, 0.082, 0.103]),
    figure(20, [0.0385, 0.051, 0.0722, 0.0988], [0.0555, 0.0687, 0.0923, 0.1184]),
    figure(50, [0.0495, 0.0717, 0.0938, 0.1212], [0.0722, 0.0945, 0.1155, 0.1432]),
    figure(100, [0.0725, 0.0967, 0.12, 0.1467], [0.0983, 0.1238, 0.1458, 0.1766]),
];

const fn figure(amplifier: u32, quantile_95: [f64; 4], quantile_99: [f64; 4]) -> PublishedFigure {
    PublishedFigure { amplifier, quantile_95, quantile_99 }
}

impl PublishedFigure {
    /// The model that reproduces this figure: the defaults at this amplifier.
    #[must_use]
    pub fn model(&self) -> RiskModel {
        RiskModel::with_amplifier(f64::from(self.amplifier))
    }
}
