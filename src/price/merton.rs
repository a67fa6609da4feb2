//! Merton's jump-diffusion: Brownian motion with normal log jumps.
//!
//! Source: Merton, "Option pricing when underlying stock returns are discontinuous" (1976). The defaults are the
//! rare-jump fit to hourly returns: ETH σ = .83, 22 jumps a year of mean -.009 and standard deviation .059; BTC .685,
//! 29, -.0055, .051.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::calibration::asset_parameters;
use super::correlation::Correlation;
use super::gbm::default_correlation;
use super::jump::{
    COMMON_JUMP_PROBABILITY, CommonJumps, Diffusion, JUMP_CORRELATION, JumpSize,
    default_common_jump_probability, default_jump_correlation, jump_diffusion,
};
use super::path::{Grid, MarketPath};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, CORRELATION, Process, ProcessNote, check_assets};

asset_parameters! {
    /// One asset under Merton's jump-diffusion.
    MertonAsset {
        /// Annual volatility σ of the diffusion.
        volatility: "1/sqrt(year)", 0.0 to 20.0, 0.83, 0.685;
        /// Jumps a year, λ, common ones included.
        jumps_per_year: "1/year", 0.0 to 10000.0, 22.0, 29.0;
        /// Mean of the log jump.
        jump_mean: "1", -2.0 to 2.0, -0.009, -0.0055;
        /// Standard deviation of the log jump.
        jump_sd: "1", 0.0 to 2.0, 0.059, 0.051;
    }
}

/// Correlated jump-diffusions with normal log jumps, part of them common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merton {
    /// The assets.
    pub assets: Vec<MertonAsset>,
    /// Correlation of the assets' diffusions. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
    /// Share of the first asset's jumps that hit all assets. Default: 0.6.
    #[serde(default = "default_common_jump_probability")]
    pub common_jump_probability: f64,
    /// Correlation of the sizes in a common jump. Default: 0.95.
    #[serde(default = "default_jump_correlation")]
    pub jump_correlation: f64,
}

impl JumpSize for MertonAsset {
    fn jumps_per_year(&self) -> f64 {
        self.jumps_per_year
    }

    fn log_size(&self, z: f64) -> f64 {
        self.jump_mean + self.jump_sd * z
    }

    /// E[e^J] - 1 = exp(m + s²/2) - 1.
    fn mean_move(&self) -> f64 {
        libm::expm1(self.jump_mean + 0.5 * self.jump_sd * self.jump_sd)
    }
}

impl Merton {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Merton",
        meaning: "jump-diffusion with normal log jumps, part of them common to all assets",
        fields: &[ASSETS, CORRELATION, COMMON_JUMP_PROBABILITY, JUMP_CORRELATION],
        asset_fields: MertonAsset::FIELDS,
    };

    fn common(&self) -> CommonJumps {
        CommonJumps { probability: self.common_jump_probability, correlation: self.jump_correlation }
    }
}

impl Process for Merton {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
        self.common().problems(problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let assets: Vec<(Diffusion<'_>, &dyn JumpSize)> = self
            .assets
            .iter()
            .map(|asset| {
                let MertonAsset { symbol, initial_usd, drift, volatility, .. } = asset;
                let diffusion =
                    Diffusion { symbol, initial_usd: *initial_usd, drift: *drift, volatility: *volatility };
                (diffusion, asset as &dyn JumpSize)
            })
            .collect();
        Ok(jump_diffusion(&assets, &self.correlation, self.common(), grid, streams))
    }
}
