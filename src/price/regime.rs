//! Markov regimes: the whole market is calm or turbulent together.
//!
//! In a regime every asset's volatility is multiplied by the regime's factor. A regime lasts an exponential time, then
//! another one follows, drawn by weight. Source: Hamilton, "A new approach to the economic analysis of nonstationary
//! time series and the business cycle" (1989), in continuous time. The default pair is an assumption: calm at .7 times
//! for 30 days on average, turbulent at 2 times for 5, so that the mean variance is that of the asset; the yearly
//! volatilities of ETH since 2018 (.46 to 1.23) lie between the two.

use std::path::Path;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::quantity::{HOURS_PER_YEAR, SECONDS_PER_YEAR};
use crate::world::streams::Streams;

use super::calibration::asset_parameters;
use super::correlation::Correlation;
use super::gbm::default_correlation;
use super::noise::{JointNormals, shared_stream};
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{ASSETS, CORRELATION, Process, ProcessNote, check_assets, field};

asset_parameters! {
    /// One asset under Markov regimes.
    RegimeAsset {
        /// Annual volatility where a regime's factor is 1.
        volatility: "1/sqrt(year)", 0.0 to 10.0, 0.87, 0.73;
    }
}

/// One state of the market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Its name, unique in the list.
    pub name: String,
    /// Mean duration in hours.
    pub mean_hours: f64,
    /// Multiplies every asset's volatility.
    pub volatility_factor: f64,
    /// Added to every asset's drift, 1/year. Default: 0.
    #[serde(default)]
    pub drift: f64,
    /// Correlation of the assets in this regime; that of the process when not given.
    #[serde(default)]
    pub correlation: Option<f64>,
    /// Weight with which it follows when another regime ends. Default: 1.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// Correlated geometric Brownian motions whose volatility changes by regime. A run starts in the first regime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeSwitching {
    /// The assets.
    pub assets: Vec<RegimeAsset>,
    /// Correlation of the assets' diffusions. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
    /// The regimes. Default: calm (.7 times for 720 h) and turbulent (2 times for 120 h).
    #[serde(default = "default_regimes")]
    pub regimes: Vec<Regime>,
}

fn default_regimes() -> Vec<Regime> {
    let regime = |name: &str, mean_hours, volatility_factor| Regime {
        name: name.into(),
        mean_hours,
        volatility_factor,
        drift: 0.0,
        correlation: None,
        weight: 1.0,
    };
    vec![regime("calm", 720.0, 0.7), regime("turbulent", 120.0, 2.0)]
}

impl RegimeSwitching {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "RegimeSwitching",
        meaning: "calm and turbulent regimes shared by all assets",
        fields: &[
            ASSETS,
            CORRELATION,
            field(
                "regimes",
                "list",
                "calm and turbulent",
                "name, mean_hours, volatility_factor, drift (0), correlation (that of the process), weight (1)",
            ),
        ],
        asset_fields: RegimeAsset::FIELDS,
    };

    /// The regime at the start of each tick.
    fn regimes_by_tick(&self, grid: Grid, streams: &Streams) -> Vec<usize> {
        let mut stream = shared_stream(streams, "regimes");
        let mut regime = 0;
        let mut ends = self.duration(regime, &mut stream);
        (0..grid.horizon_ticks)
            .map(|tick| {
                let now = grid.seconds_at(tick) as f64 / SECONDS_PER_YEAR;
                while ends <= now {
                    regime = self.next(regime, stream.random());
                    ends += self.duration(regime, &mut stream);
                }
                regime
            })
            .collect()
    }

    /// A draw of how long a regime lasts, in years.
    fn duration(&self, regime: usize, stream: &mut rand_chacha::ChaCha8Rng) -> f64 {
        let mean_years = self.regimes.get(regime).map_or(1.0, |regime| regime.mean_hours) / HOURS_PER_YEAR;
        -mean_years * libm::log(1.0 - stream.random::<f64>())
    }

    /// The regime that follows, by weight among the others.
    fn next(&self, regime: usize, uniform: f64) -> usize {
        let others = || self.regimes.iter().enumerate().filter(|(place, _)| *place != regime);
        let mut left = uniform * others().map(|(_, other)| other.weight).sum::<f64>();
        for (place, other) in others() {
            if left < other.weight {
                return place;
            }
            left -= other.weight;
        }
        regime
    }
}

impl Process for RegimeSwitching {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
        if self.regimes.is_empty() || self.regimes.len() > 64 {
            problems.push("regimes", "1 to 64 regimes", self.regimes.len().to_string());
        }
        for (place, regime) in self.regimes.iter().enumerate() {
            problems.under(&format!("regimes[{place}]"), |problems| {
                if self.regimes[..place].iter().any(|other| other.name == regime.name) {
                    problems.push("name", "a name that stands once", format!("`{}` again", regime.name));
                }
                problems.number("mean_hours", regime.mean_hours, 0.1..=1e7);
                problems.number("volatility_factor", regime.volatility_factor, 0.0..=10.0);
                problems.number("drift", regime.drift, -20.0..=20.0);
                problems.number("weight", regime.weight, 0.0..=1e6);
                if let Some(correlation) = regime.correlation {
                    Correlation::Equal(correlation).problems("correlation", self.assets.len(), problems);
                }
            });
        }
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let years = grid.tick_years();
        let mut normals = JointNormals::new(streams, &self.symbols(), "diffusion", &self.correlation);
        let mut tracks: Vec<Track> =
            self.assets.iter().map(|asset| Track::start(&asset.symbol, asset.initial_usd, grid)).collect();
        let mut before = None;
        for place in self.regimes_by_tick(grid, streams) {
            let regime = &self.regimes[place];
            if before != Some(place) {
                let correlation = regime.correlation.map(Correlation::Equal);
                normals.correlate(correlation.as_ref().unwrap_or(&self.correlation));
                before = Some(place);
            }
            for ((track, asset), z) in tracks.iter_mut().zip(&self.assets).zip(normals.draw()) {
                let volatility = asset.volatility * regime.volatility_factor;
                let variance = volatility * volatility;
                let drift = asset.drift + regime.drift;
                track.step((drift - 0.5 * variance) * years + (variance * years).sqrt() * z);
            }
        }
        Ok(MarketPath::of(tracks, grid))
    }
}
