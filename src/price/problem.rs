//! What is wrong with a price specification or with its data.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use thiserror::Error;

use super::candle::CandleError;

/// One wrong field of a price specification.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: expected {expected}, found {found}")]
pub struct PriceProblem {
    /// Where it stands, relative to `price` and without variant names: `assets[0].volatility`.
    pub field: String,
    /// What the field accepts.
    pub expected: String,
    /// What it holds.
    pub found: String,
}

/// Why no path could be generated.
#[derive(Debug, Error)]
pub enum PriceError {
    /// The specification holds values that no market has.
    #[error("the price process cannot be generated: {}", list(.0))]
    Invalid(Vec<PriceProblem>),
    /// The run is empty of time, or longer than a path can be.
    #[error(
        "expected a tick of 1 s to 365 d and a run of at most 20000000 ticks and 1000 years, found {horizon_ticks} ticks \
         of {tick_seconds} s"
    )]
    Run {
        /// Number of ticks asked for.
        horizon_ticks: u32,
        /// Length of a tick in seconds.
        tick_seconds: i64,
    },
    /// A candle file cannot be used.
    #[error(transparent)]
    Candles(#[from] CandleError),
    /// The candles do not cover the run.
    #[error(
        "{}: the run needs prices from {wanted_from} to {wanted_to}, the file covers {covered_from} to {covered_to}; \
         move `from`, shorten the horizon or use another file",
        file.display()
    )]
    NotCovered {
        /// The candle file.
        file: PathBuf,
        /// First instant needed, RFC 3339.
        wanted_from: String,
        /// Last instant needed, RFC 3339.
        wanted_to: String,
        /// First instant the file knows, RFC 3339.
        covered_from: String,
        /// Last instant the file knows, RFC 3339.
        covered_to: String,
    },
    /// The run goes on after the `to` of a replay.
    #[error(
        "the run ends at {run_ends}, after `to` = {to}; shorten the horizon to {fitting_ticks} ticks or move `to`"
    )]
    AfterTo {
        /// Where the horizon ends, RFC 3339.
        run_ends: String,
        /// The bound asked for, RFC 3339.
        to: String,
        /// The longest horizon that fits, in ticks.
        fitting_ticks: i64,
    },
    /// Candles coarser than a tick have no returns of one tick to resample.
    #[error(
        "{}: expected candles of at most one tick ({tick_seconds} s), found {interval_seconds} s; use a longer tick or \
         finer candles",
        file.display()
    )]
    TooCoarse {
        /// The candle file.
        file: PathBuf,
        /// Time between its bars in seconds.
        interval_seconds: i64,
        /// Length of a tick in seconds.
        tick_seconds: i64,
    },
    /// The files have too little time in common to resample.
    #[error("expected candles for at least {expected} ticks between {from} and {to}, found {found}")]
    TooShort {
        /// Returns needed.
        expected: i64,
        /// Returns there are.
        found: i64,
        /// Start of what all files cover, RFC 3339.
        from: String,
        /// End of what all files cover, RFC 3339.
        to: String,
    },
}

fn list(problems: &[PriceProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Collects problems while walking down a specification.
#[derive(Debug, Default)]
pub(super) struct Problems {
    prefix: String,
    found: Vec<PriceProblem>,
}

impl Problems {
    /// Reports what stands under `segment` with that name in front.
    pub(super) fn under(&mut self, segment: &str, report: impl FnOnce(&mut Self)) {
        let length = self.prefix.len();
        self.prefix = self.path_of(segment);
        report(self);
        self.prefix.truncate(length);
    }

    /// Reports a field.
    pub(super) fn push(&mut self, field: &str, expected: impl Into<String>, found: impl Into<String>) {
        let field = self.path_of(field);
        self.found.push(PriceProblem { field, expected: expected.into(), found: found.into() });
    }

    /// Reports a number outside `range`, or none at all.
    pub(super) fn number(&mut self, field: &str, value: f64, range: RangeInclusive<f64>) {
        if !range.contains(&value) {
            self.push(
                field,
                format!("a number from {} to {}", range.start(), range.end()),
                value.to_string(),
            );
        }
    }

    /// Everything found.
    pub(super) fn into_list(self) -> Vec<PriceProblem> {
        self.found
    }

    fn path_of(&self, segment: &str) -> String {
        match (self.prefix.is_empty(), segment.is_empty()) {
            (true, _) => segment.into(),
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}.{segment}", self.prefix),
        }
    }
}
