//! Brownian bridge through given points.
//!
//! Between two points the log price is a Brownian motion tied down at both ends: from x at time t, with the next point
//! y at T, the price after h has mean x + (y - x) h / (T - t) and variance σ² h (T - t - h) / (T - t) in logarithms.
//! Where a point falls on a tick the path has exactly its price. After the last point the price is a free geometric
//! Brownian motion without drift. σ can differ between points, and sets only how rough the way is, not where it leads.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::quantity::{HOURS_PER_YEAR, SECONDS_PER_HOUR};
use crate::world::streams::Streams;

use super::correlation::Correlation;
use super::gbm::default_correlation;
use super::noise::JointNormals;
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{
    ASSETS, AssetParameters, CORRELATION, Process, ProcessNote, check_assets, check_price, field,
};

/// Assets that pass through given points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// The assets.
    pub assets: Vec<BridgeAsset>,
    /// Correlation of the assets' draws between points. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
}

/// One asset and the points it passes through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgeAsset {
    /// Ticker.
    pub symbol: String,
    /// Price at tick 0 in dollars.
    pub initial_usd: f64,
    /// Annual volatility between points that say no other, and after the last.
    pub volatility: f64,
    /// The points, ascending in time.
    pub points: Vec<BridgePoint>,
}

/// A price at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgePoint {
    /// Hours after tick 0.
    pub hours: f64,
    /// Price in dollars.
    pub usd: f64,
    /// Annual volatility on the way to this point. Default: that of the asset.
    #[serde(default)]
    pub volatility: Option<f64>,
}

impl Bridge {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Bridge",
        meaning: "Brownian bridge through given (hours, usd) points",
        fields: &[ASSETS, CORRELATION],
        asset_fields: &[
            field("symbol", "ticker", "required", "ticker"),
            field("initial_usd", "usd", "required", "price at tick 0"),
            field("volatility", "1/sqrt(year)", "required", "volatility between and after the points"),
            field(
                "points",
                "list",
                "required",
                "hours, usd, volatility on the way there (that of the asset)",
            ),
        ],
    };
}

impl AssetParameters for BridgeAsset {
    fn symbol(&self) -> &str {
        &self.symbol
    }

    fn problems(&self, problems: &mut Problems) {
        check_price("initial_usd", self.initial_usd, problems);
        problems.number("volatility", self.volatility, 0.0..=20.0);
        let mut before = 0.0;
        for (place, point) in self.points.iter().enumerate() {
            problems.under(&format!("points[{place}]"), |problems| {
                problems.number("hours", point.hours, 1e-6..=1e7);
                if point.hours <= before {
                    problems.push("hours", format!("more than {before}"), point.hours.to_string());
                }
                check_price("usd", point.usd, problems);
                if let Some(volatility) = point.volatility {
                    problems.number("volatility", volatility, 0.0..=20.0);
                }
            });
            before = point.hours;
        }
    }
}

impl Process for Bridge {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_assets(&self.assets, problems);
        self.correlation.problems("correlation", self.assets.len(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, _base_dir: &Path) -> Result<MarketPath, PriceError> {
        let mut normals = JointNormals::new(streams, &self.symbols(), "diffusion", &self.correlation);
        let mut walks: Vec<(Walk<'_>, Track)> = self
            .assets
            .iter()
            .map(|asset| (Walk::along(asset), Track::start(&asset.symbol, asset.initial_usd, grid)))
            .collect();
        for tick in 1..=grid.horizon_ticks {
            let seconds = grid.seconds_at(tick) as f64;
            for ((walk, track), z) in walks.iter_mut().zip(normals.draw()) {
                match walk.advance(seconds, *z) {
                    Place::At(usd) => track.step_to(usd),
                    Place::Log(log_price) => track.step_to_log(log_price),
                }
            }
        }
        Ok(MarketPath::of(walks.into_iter().map(|(_, track)| track).collect(), grid))
    }

    fn length_seconds(&self) -> Option<i64> {
        let last = self.assets.iter().filter_map(|asset| asset.points.last()).map(|point| point.hours);
        last.reduce(f64::max).map(|hours| seconds_of(hours).ceil() as i64)
    }
}

/// Where an asset is between its points.
#[derive(Debug)]
struct Walk<'a> {
    left: &'a [BridgePoint],
    volatility: f64,
    seconds: f64,
    log_price: f64,
}

/// A price, exact or in logarithms.
#[derive(Debug, Clone, Copy)]
enum Place {
    At(f64),
    Log(f64),
}

impl<'a> Walk<'a> {
    fn along(asset: &'a BridgeAsset) -> Self {
        Self {
            left: &asset.points,
            volatility: asset.volatility,
            seconds: 0.0,
            log_price: libm::log(asset.initial_usd),
        }
    }

    /// Goes to `seconds`, with one normal draw whatever lies on the way: points passed forget what was before them.
    fn advance(&mut self, seconds: f64, z: f64) -> Place {
        while let Some((point, rest)) = self.left.split_first()
            && seconds_of(point.hours) <= seconds
        {
            self.left = rest;
            self.seconds = seconds_of(point.hours);
            self.log_price = libm::log(point.usd);
            if self.seconds >= seconds {
                return Place::At(point.usd);
            }
        }
        let gone = seconds - self.seconds;
        if let Some(next) = self.left.first() {
            let whole = seconds_of(next.hours) - self.seconds;
            let volatility = next.volatility.unwrap_or(self.volatility);
            let variance = volatility * volatility * years_of(gone * (whole - gone) / whole);
            self.log_price += (libm::log(next.usd) - self.log_price) * gone / whole + variance.sqrt() * z;
        } else {
            let variance = self.volatility * self.volatility * years_of(gone);
            self.log_price += variance.sqrt() * z - 0.5 * variance;
        }
        self.seconds = seconds;
        Place::Log(self.log_price)
    }
}

/// Seconds in so many hours, to the microsecond, so that `2.4` hours is 8640 seconds.
fn seconds_of(hours: f64) -> f64 {
    (hours * SECONDS_PER_HOUR as f64 * 1e6).round() / 1e6
}

fn years_of(seconds: f64) -> f64 {
    seconds / (SECONDS_PER_HOUR as f64 * HOURS_PER_YEAR)
}
