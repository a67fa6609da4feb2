//! What stands under `price:` in a configuration.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::bootstrap::Bootstrap;
use super::bridge::Bridge;
use super::gbm::Gbm;
use super::heston::Heston;
use super::kou::Kou;
use super::log_volatility::LogVolatility;
use super::merton::Merton;
use super::path::{Grid, MarketPath};
use super::problem::{PriceError, PriceProblem, Problems};
use super::process::{Process, ProcessNote};
use super::regime::RegimeSwitching;
use super::replay::Replay;
use super::scenario::Scenario;
use super::shock::Shocked;

/// Declares the choice: one line a process.
macro_rules! processes {
    ($($(#[$doc:meta])* $process:ident),+ $(,)?) => {
        /// How outside prices move: one process with its parameters.
        ///
        /// In RON the parameters follow the name, with the extension `unwrap_variant_newtypes`:
        ///
        /// ```
        /// use ballast::price::PriceSpec;
        /// use ron::extensions::Extensions;
        ///
        /// let ron = ron::Options::default()
        ///     .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME);
        /// let spec: PriceSpec = ron
        ///     .from_str(r#"Gbm(assets: [(symbol: "ETH", initial_usd: 2000.0, volatility: 0.8)])"#)
        ///     .expect("the specification is well formed");
        /// assert!(spec.problems().is_empty());
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum PriceSpec {
            $($(#[$doc])* $process($process),)+
        }

        impl PriceSpec {
            pub(super) fn process(&self) -> &dyn Process {
                match self {
                    $(Self::$process(process) => process,)+
                }
            }

            /// Every process with its fields, units and defaults.
            pub const CATALOGUE: &'static [ProcessNote] = &[$($process::NOTE),+];
        }
    };
}

processes! {
    /// Geometric Brownian motion.
    Gbm,
    /// Merton's jump-diffusion.
    Merton,
    /// Kou's double exponential jump-diffusion.
    Kou,
    /// Heston's stochastic variance.
    Heston,
    /// Two-factor log-volatility.
    LogVolatility,
    /// Markov regimes.
    RegimeSwitching,
    /// Real candles.
    Replay,
    /// Resampled real candles.
    Bootstrap,
    /// Brownian bridge through given points.
    Bridge,
    /// A shipped stress scenario.
    Scenario,
    /// Scripted shocks over another process.
    Shocked,
}

impl PriceSpec {
    /// Everything wrong with the values; files are not opened.
    #[must_use]
    pub fn problems(&self) -> Vec<PriceProblem> {
        let mut problems = Problems::default();
        self.process().problems(&mut problems);
        problems.into_list()
    }

    /// Generates the path of a run of `horizon_ticks` ticks of `tick_seconds`. Files are relative to `base_dir`.
    ///
    /// # Errors
    /// [`PriceError`] if the specification has [`problems`](Self::problems), the run has no sensible length, or the
    /// candles cannot be read or do not cover the run.
    pub fn generate(
        &self,
        horizon_ticks: u32,
        tick_seconds: i64,
        streams: &Streams,
        base_dir: &Path,
    ) -> Result<MarketPath, PriceError> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(PriceError::Invalid(problems));
        }
        let grid = Grid::new(horizon_ticks, tick_seconds)?;
        self.process().generate(grid, streams, base_dir)
    }

    /// The files that the path depends on, as written in the specification.
    #[must_use]
    pub fn data_files(&self) -> Vec<PathBuf> {
        self.process().data_files()
    }

    /// The tickers of the assets, in the order of the path.
    #[must_use]
    pub fn symbols(&self) -> Vec<&str> {
        self.process().symbols()
    }

    /// The longest horizon, in ticks, that stays inside what the specification itself bounds: the points of a bridge or
    /// scenario, or `from` and `to` of a replay. `None` where it bounds nothing. No file is opened.
    #[must_use]
    pub fn length_ticks(&self, tick_seconds: i64) -> Option<u32> {
        let seconds = self.process().length_seconds()?;
        if tick_seconds <= 0 {
            return None;
        }
        u32::try_from(seconds / tick_seconds).ok()
    }
}
