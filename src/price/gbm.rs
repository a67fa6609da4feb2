//! Geometric Brownian motion.
//!
//! dS / S = μ dt + σ dW, sampled exactly: ln S grows by (μ - σ²/2) Δt + σ √Δt Z each tick.
//! Source: Black and Scholes, "The pricing of options and corporate liabilities" (1973).

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::calibration::asset_parameters;
use super::correlation::Correlation;
use super::noise::JointNormals;
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, CORRELATION, Process, ProcessNote, check_assets};

asset_parameters! {
    /// One asset under geometric Brownian motion. The default volatility is that of all hourly returns.
    GbmAsset {
        /// Annual volatility σ of log returns.
        volatility: "1/sqrt(year)", 0.0 to 20.0, 0.87, 0.73;
    }
}

/// Correlated geometric Brownian motions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gbm {
    /// The assets.
    pub assets: Vec<GbmAsset>,
    /// Correlation of the assets' diffusions. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
}

/// ETH and BTC hourly returns, 2018 to 2024: .80 to .84.
pub(super) fn default_correlation() -> Correlation {
    Correlation::Equal(0.8)
}

impl Gbm {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Gbm",
        meaning: "geometric Brownian motion",
        fields: &[ASSETS, CORRELATION],
        asset_fields: GbmAsset::FIELDS,
    };
}

impl Process for Gbm {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let years = grid.tick_years();
        let mut normals = JointNormals::new(streams, &self.symbols(), "diffusion", &self.correlation);
        let mut tracks: Vec<Track> =
            self.assets.iter().map(|asset| Track::start(&asset.symbol, asset.initial_usd, grid)).collect();
        for _ in 0..grid.horizon_ticks {
            for ((track, asset), z) in tracks.iter_mut().zip(&self.assets).zip(normals.draw()) {
                let variance = asset.volatility * asset.volatility;
                track.step((asset.drift - 0.5 * variance) * years + (variance * years).sqrt() * z);
            }
        }
        Ok(MarketPath::of(tracks, grid))
    }
}
