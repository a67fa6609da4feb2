//! Kou's jump-diffusion: double exponential log jumps, with a side of its own for falls.
//!
//! A log jump is +Exp with mean η_up with probability p, else -Exp with mean η_down.
//! Source: Kou, "A jump-diffusion model for option pricing" (2002), whose η are the inverses of these means.
//! The defaults have the first two moments of the rare-jump fit (see `merton`) and p, the share of rises among the
//! largest hourly moves (22 a year for ETH: .39; 29 a year for BTC: .49).

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
use super::noise::normal_cdf;
use super::path::{Grid, MarketPath};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, CORRELATION, Process, ProcessNote, check_assets};

asset_parameters! {
    /// One asset under Kou's jump-diffusion.
    KouAsset {
        /// Annual volatility σ of the diffusion.
        volatility: "1/sqrt(year)", 0.0 to 20.0, 0.83, 0.685;
        /// Jumps a year, λ, common ones included.
        jumps_per_year: "1/year", 0.0 to 10000.0, 22.0, 29.0;
        /// Probability that a jump goes up, p.
        up_probability: "1", 0.0 to 1.0, 0.39, 0.49;
        /// Mean log size of a rise; below 1, or the expected price is infinite.
        up_mean: "1", 0.000001 to 0.9, 0.0425, 0.031;
        /// Mean log size of a fall, as a positive number.
        down_mean: "1", 0.000001 to 2.0, 0.0419, 0.0406;
    }
}

/// Correlated jump-diffusions with double exponential log jumps, part of them common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kou {
    /// The assets.
    pub assets: Vec<KouAsset>,
    /// Correlation of the assets' diffusions. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
    /// Share of the first asset's jumps that hit all assets. Default: 0.6.
    #[serde(default = "default_common_jump_probability")]
    pub common_jump_probability: f64,
    /// Correlation of the normal scores of the sizes in a common jump. Default: 0.95.
    #[serde(default = "default_jump_correlation")]
    pub jump_correlation: f64,
}

impl JumpSize for KouAsset {
    fn jumps_per_year(&self) -> f64 {
        self.jumps_per_year
    }

    /// The quantile of the double exponential law at Φ(z).
    fn log_size(&self, z: f64) -> f64 {
        let (below, above) = (normal_cdf(z), normal_cdf(-z));
        if above < self.up_probability {
            -self.up_mean * libm::log((above / self.up_probability).max(f64::MIN_POSITIVE))
        } else if self.up_probability < 1.0 {
            // Here above >= p, so below <= 1 - p up to rounding.
            self.down_mean * libm::log((below / (1.0 - self.up_probability)).clamp(f64::MIN_POSITIVE, 1.0))
        } else {
            0.0
        }
    }

    /// E[e^J] - 1 = p / (1 - η_up) + (1 - p) / (1 + η_down) - 1.
    fn mean_move(&self) -> f64 {
        let p = self.up_probability;
        p / (1.0 - self.up_mean) + (1.0 - p) / (1.0 + self.down_mean) - 1.0
    }
}

impl Kou {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Kou",
        meaning: "jump-diffusion with double exponential log jumps, part of them common to all assets",
        fields: &[ASSETS, CORRELATION, COMMON_JUMP_PROBABILITY, JUMP_CORRELATION],
        asset_fields: KouAsset::FIELDS,
    };

    fn common(&self) -> CommonJumps {
        CommonJumps { probability: self.common_jump_probability, correlation: self.jump_correlation }
    }
}

impl Process for Kou {
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
                let KouAsset { symbol, initial_usd, drift, volatility, .. } = asset;
                let diffusion =
                    Diffusion { symbol, initial_usd: *initial_usd, drift: *drift, volatility: *volatility };
                (diffusion, asset as &dyn JumpSize)
            })
            .collect();
        Ok(jump_diffusion(&assets, &self.correlation, self.common(), grid, streams))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_quantiles_of_the_double_exponential_law() {
        let eth: KouAsset = ron::from_str("(symbol: \"ETH\")").unwrap();
        // At the score where the law changes side the size is zero; far out it follows the exponential tail.
        let median_up = eth.log_size(1.5);
        let expected = -0.0425 * libm::log(normal_cdf(-1.5) / 0.39);
        assert!((median_up - expected).abs() < 1e-15);
        for z in -380..380 {
            let (low, high) = (eth.log_size(f64::from(z) / 10.0), eth.log_size(f64::from(z + 1) / 10.0));
            assert!(low.is_finite() && low <= high, "{z}: {low} {high}");
        }
        for p in [0.0, 1.0] {
            let one_sided = KouAsset { up_probability: p, ..eth.clone() };
            assert!((-400..400).all(|z| one_sided.log_size(f64::from(z) / 10.0).is_finite()));
        }
    }
}
