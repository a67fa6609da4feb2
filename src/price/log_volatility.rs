//! Two-factor log-volatility: clustering at the scale of hours and of months.
//!
//! r = σ √Δt Z - σ² Δt / 2 + μ Δt,  ln σ = ln σ̄ - S² + X_fast + X_slow + ε,
//! where X are Ornstein-Uhlenbeck factors in their stationary law, ε is fresh each tick, and S² is the sum of the three
//! variances, so that E[σ²] = σ̄². Given σ the expected price grows by exp(μ Δt).
//! The shape is that of Gallant, Hsu and Tauchen, "Using daily range data to calibrate volatility diffusions" (1999).
//!
//! Calibration, in closed form. With normal Z the model gives
//!   E|r| / sd(r) = √(2/π) e^(-S²/2),  kurtosis = 3 e^(4 S²),
//!   corr(|r_t|, |r_(t+k)|) = (e^C(k) - 1) / ((π/2) e^S² - 1),  C(k) = s_fast² e^(-k/τ_fast) + s_slow² e^(-k/τ_slow).
//! Hourly ETH 2018 to 2025: E|r|/sd = .610 and kurtosis 28.6 both say S² near .55; autocorrelations .290, .193, .130,
//! .068 at 1, 24, 168, 720 h give C = .405, .287, .202, .111; the last two fix the slow factor, the first two the fast
//! one; ε takes what is left of S². BTC to 2024-06: .583, 40.7, so .64; .296, .196, .134, .079.
//! The constants hold for ticks of an hour; at other ticks the factors keep their half-lives and ε stays one a tick.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::quantity::HOURS_PER_YEAR;
use crate::world::streams::Streams;

use super::calibration::asset_parameters;
use super::correlation::Correlation;
use super::noise::JointNormals;
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, Process, ProcessNote, check_assets, field};

asset_parameters! {
    /// One asset under two-factor log-volatility.
    LogVolatilityAsset {
        /// Annual volatility σ̄, the root of the mean variance.
        volatility: "1/sqrt(year)", 0.0 to 10.0, 0.87, 0.73;
        /// Standard deviation of the fast factor of log-volatility.
        fast_sd: "1", 0.0 to 2.0, 0.41, 0.445;
        /// Half-life of the fast factor.
        fast_half_life_hours: "h", 0.001 to 1000000.0, 13.7, 14.3;
        /// Standard deviation of the slow factor of log-volatility.
        slow_sd: "1", 0.0 to 2.0, 0.49, 0.52;
        /// Half-life of the slow factor.
        slow_half_life_hours: "h", 0.001 to 1000000.0, 640.0, 793.0;
        /// Standard deviation of each tick's own log-volatility.
        noise_sd: "1", 0.0 to 2.0, 0.37, 0.41;
    }
}

/// Correlated assets with two-factor log-volatility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogVolatility {
    /// The assets.
    pub assets: Vec<LogVolatilityAsset>,
    /// Correlation of the assets' price draws. Default: 0.85, which gives returns a correlation of .80.
    #[serde(default = "default_price_correlation")]
    pub correlation: Correlation,
    /// Correlation of the assets' volatility draws. Default: 0.88, that of log mean |r| over a day or a week.
    #[serde(default = "default_volatility_correlation")]
    pub volatility_correlation: Correlation,
}

fn default_price_correlation() -> Correlation {
    Correlation::Equal(0.85)
}

fn default_volatility_correlation() -> Correlation {
    Correlation::Equal(0.88)
}

impl LogVolatility {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "LogVolatility",
        meaning: "volatility that clusters over hours and over months, calibrated to hourly |r|",
        fields: &[
            ASSETS,
            field(
                "correlation",
                "1",
                "0.85",
                "correlation of the assets' price draws; one number or a matrix",
            ),
            field("volatility_correlation", "1", "0.88", "correlation of their volatility draws, likewise"),
        ],
        asset_fields: LogVolatilityAsset::FIELDS,
    };
}

impl Process for LogVolatility {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
        self.volatility_correlation.problems("volatility_correlation", self.assets.len(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let symbols = self.symbols();
        let factor = |purpose| JointNormals::new(streams, &symbols, purpose, &self.volatility_correlation);
        let mut prices = JointNormals::new(streams, &symbols, "diffusion", &self.correlation);
        let (mut fast, mut slow, mut noise) =
            (factor("fast_volatility"), factor("slow_volatility"), factor("volatility_noise"));
        let years = grid.tick_years();
        let hours = years * HOURS_PER_YEAR;
        // Factors in units of their standard deviation, started in their stationary law.
        let (mut x_fast, mut x_slow) = (fast.draw().to_vec(), slow.draw().to_vec());
        let mut tracks: Vec<Track> =
            self.assets.iter().map(|asset| Track::start(&asset.symbol, asset.initial_usd, grid)).collect();
        for _ in 0..grid.horizon_ticks {
            let (z, fast, slow, noise) = (prices.draw(), fast.draw(), slow.draw(), noise.draw());
            for (place, asset) in self.assets.iter().enumerate() {
                let (s_fast, s_slow, s_noise) = (asset.fast_sd, asset.slow_sd, asset.noise_sd);
                let spread = s_fast * s_fast + s_slow * s_slow + s_noise * s_noise;
                let log_ratio =
                    s_fast * x_fast[place] + s_slow * x_slow[place] + s_noise * noise[place] - spread;
                let volatility = asset.volatility * libm::exp(log_ratio);
                let variance = volatility * volatility * years;
                tracks[place].step(asset.drift * years - 0.5 * variance + variance.sqrt() * z[place]);
                advance(&mut x_fast[place], asset.fast_half_life_hours, hours, fast[place]);
                advance(&mut x_slow[place], asset.slow_half_life_hours, hours, slow[place]);
            }
        }
        Ok(MarketPath::of(tracks, grid))
    }
}

/// One exact step of an Ornstein-Uhlenbeck factor of unit variance.
fn advance(x: &mut f64, half_life_hours: f64, hours: f64, draw: f64) {
    let log_decay = -core::f64::consts::LN_2 * hours / half_life_hours;
    *x = libm::exp(log_decay) * *x + (-libm::expm1(2.0 * log_decay)).sqrt() * draw;
}
