//! Heston's stochastic variance.
//!
//! dS / S = μ dt + √v dW, dv = κ (θ - v) dt + ξ √v dB, corr(dW, dB) = ρ.
//! Source: Heston (1993); sampled by the quadratic-exponential scheme with martingale correction of Andersen, "Simple
//! and efficient simulation of the Heston stochastic volatility model" (2008), sections 3.2 and 4.3, γ1 = γ2 = 1/2.
//!
//! The defaults: θ from all hourly returns; κ and ξ from the decay and the size of the persistent part of weekly realised
//! variance (ETH: autocorrelation .44 at one week, .09 at eight; standard deviation 1.07); ρ from the correlation
//! between a day's return and the next change of realised volatility (-.20 ETH, -.16 BTC).
//!
//! The assets' correlation holds for the variance draws and for the part of the price draws that the asset's own
//! variance does not explain.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::calibration::asset_parameters;
use super::correlation::Correlation;
use super::gbm::default_correlation;
use super::noise::{JointNormals, normal_cdf};
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, CORRELATION, Process, ProcessNote, check_assets};

asset_parameters! {
    /// One asset under Heston's law.
    HestonAsset {
        /// Long-run annual volatility √θ.
        volatility: "1/sqrt(year)", 0.001 to 10.0, 0.87, 0.73;
        /// Volatility at tick 0, as a multiple of the long-run one.
        initial_volatility_ratio: "1", 0.0 to 20.0, 1.0, 1.0;
        /// Speed κ at which variance returns to its mean.
        mean_reversion: "1/year", 0.01 to 1000.0, 12.0, 10.0;
        /// Volatility ξ of variance.
        volatility_of_variance: "1/year", 0.001 to 100.0, 4.5, 3.6;
        /// Correlation ρ of price and variance.
        leverage_correlation: "1", -1.0 to 1.0, -0.2, -0.16;
    }
}

/// Correlated assets with Heston variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heston {
    /// The assets.
    pub assets: Vec<HestonAsset>,
    /// Correlation of the assets' price draws, and of their variance draws. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
}

impl Heston {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Heston",
        meaning: "stochastic variance that returns to its mean",
        fields: &[ASSETS, CORRELATION],
        asset_fields: HestonAsset::FIELDS,
    };
}

impl Process for Heston {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let mut prices = JointNormals::new(streams, &self.symbols(), "diffusion", &self.correlation);
        let mut variances = JointNormals::new(streams, &self.symbols(), "variance", &self.correlation);
        let steps: Vec<Step> = self.assets.iter().map(|asset| Step::of(asset, grid.tick_years())).collect();
        let mut tracks: Vec<Track> =
            self.assets.iter().map(|asset| Track::start(&asset.symbol, asset.initial_usd, grid)).collect();
        let mut variance: Vec<f64> = self
            .assets
            .iter()
            .map(|asset| asset.volatility * asset.initial_volatility_ratio)
            .map(|volatility| volatility * volatility)
            .collect();
        for _ in 0..grid.horizon_ticks {
            let (price_draws, variance_draws) = (prices.draw(), variances.draw());
            for (place, step) in steps.iter().enumerate() {
                let (log_return, next) =
                    step.take(variance[place], price_draws[place], variance_draws[place]);
                tracks[place].step(log_return);
                variance[place] = next;
            }
        }
        Ok(MarketPath::of(tracks, grid))
    }
}

/// The constants of one asset's step of one tick.
#[derive(Debug, Clone, Copy)]
struct Step {
    drift: f64,
    theta: f64,
    decay: f64,
    /// Conditional variance of v' is `slope * v + level`.
    slope: f64,
    level: f64,
    /// Log return = drift + k0 + k1 v + k2 v' + √(k3 (v + v')) Z.
    k0: f64,
    k1: f64,
    k2: f64,
    k3: f64,
}

impl Step {
    fn of(asset: &HestonAsset, years: f64) -> Self {
        let theta = asset.volatility * asset.volatility;
        let (kappa, xi, rho) =
            (asset.mean_reversion, asset.volatility_of_variance, asset.leverage_correlation);
        let decay = libm::exp(-kappa * years);
        let rest = -libm::expm1(-kappa * years);
        let half = 0.5 * years;
        let pull = half * (kappa * rho / xi - 0.5);
        Self {
            drift: asset.drift * years,
            theta,
            decay,
            slope: xi * xi * decay * rest / kappa,
            level: theta * xi * xi * rest * rest / (2.0 * kappa),
            k0: -rho * kappa * theta * years / xi,
            k1: pull - rho / xi,
            k2: pull + rho / xi,
            k3: half * (1.0 - rho * rho).max(0.0),
        }
    }

    /// The log return of one tick and the variance after it.
    fn take(&self, variance: f64, price_draw: f64, variance_draw: f64) -> (f64, f64) {
        // Andersen's switch between a squared normal and an exponential with an atom at zero.
        const PSI_SWITCH: f64 = 1.5;
        let mean = self.theta + (variance - self.theta) * self.decay;
        let spread = self.slope * variance + self.level;
        let psi = spread / (mean * mean);
        let exponent = self.k2 + 0.5 * self.k3;
        let (next, log_moment) = if psi <= PSI_SWITCH {
            let inverse = 2.0 / psi;
            let b2 = inverse - 1.0 + (inverse * (inverse - 1.0)).max(0.0).sqrt();
            let a = mean / (1.0 + b2);
            let root = b2.sqrt() + variance_draw;
            let room = 1.0 - 2.0 * exponent * a;
            let moment = (room > 0.0).then(|| exponent * b2 * a / room - 0.5 * libm::log(room));
            (a * root * root, moment)
        } else {
            let p = (psi - 1.0) / (psi + 1.0);
            let beta = (1.0 - p) / mean;
            let above = normal_cdf(-variance_draw).max(f64::MIN_POSITIVE);
            // The atom at zero lies below the p-quantile; above it the tail is exponential.
            let next = if above >= 1.0 - p { 0.0 } else { libm::log((1.0 - p) / above) / beta };
            let moment = (exponent < beta).then(|| libm::log(p + beta * (1.0 - p) / (beta - exponent)));
            (next, moment)
        };
        // Where the moment does not exist (a step far too long for this ξ) the uncorrected constant stands in.
        let constant = match log_moment {
            Some(log_moment) => -log_moment - (self.k1 + 0.5 * self.k3) * variance,
            None => self.k0,
        };
        let diffused = constant
            + self.k1 * variance
            + self.k2 * next
            + (self.k3 * (variance + next)).max(0.0).sqrt() * price_draw;
        (self.drift + diffused, next)
    }
}
