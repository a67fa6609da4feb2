//! Stationary block bootstrap of real candles.
//!
//! Log returns of one tick are taken from the files and strung together in blocks: after each tick the history goes on
//! to its next tick, or with probability 1/L jumps to a random place, so that blocks have a geometric length of mean L.
//! The end of the history continues at its start. All assets jump together, which keeps what ties them.
//! Source: Politis and Romano, "The stationary bootstrap" (1994).

use std::path::{Path, PathBuf};

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::quantity::SECONDS_PER_HOUR;
use crate::world::streams::Streams;

use super::candle::Candles;
use super::instant::{check_bounds, rfc3339, unix_seconds};
use super::noise::shared_stream;
use super::path::{Grid, MarketPath, Track};
use super::problem::{PriceError, Problems};
use super::process::{
    ASSETS, FieldNote, Process, ProcessNote, check_price, check_symbols, field, symbols_under,
};
use super::replay::{FROM, PRICE, TO};
use super::series::{Between, PriceField, Series};

/// Fewest returns worth resampling.
const LEAST_RETURNS: i64 = 2;

/// Returns of real candles, resampled in blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// The assets and their files.
    pub assets: Vec<BootstrapAsset>,
    /// Mean length of a block in hours. Default: 168, a week.
    #[serde(default = "a_week")]
    pub mean_block_hours: f64,
    /// Where the history starts. Default: the first instant that all files know.
    #[serde(default)]
    pub from: Option<String>,
    /// Where the history ends. Default: the last instant that all files know.
    #[serde(default)]
    pub to: Option<String>,
    /// Which price of a bar is taken. Default: `Open`.
    #[serde(default)]
    pub price: PriceField,
}

/// One asset of a bootstrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootstrapAsset {
    /// Ticker.
    pub symbol: String,
    /// Candle file, relative to the configuration.
    pub path: PathBuf,
    /// Price at tick 0 in dollars. Default: the first price of the history.
    #[serde(default)]
    pub initial_usd: Option<f64>,
    /// Mean growth rate of the log price, 1/year, put in the place of the history's. Default: the history's.
    #[serde(default)]
    pub log_drift: Option<f64>,
}

fn a_week() -> f64 {
    168.0
}

const FIELDS: &[FieldNote] =
    &[ASSETS, field("mean_block_hours", "h", "168", "mean length of a block of history"), FROM, TO, PRICE];

impl Bootstrap {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Bootstrap",
        meaning: "stationary block bootstrap of the returns of real candles",
        fields: FIELDS,
        asset_fields: &[
            field("symbol", "ticker", "required", "ticker"),
            field("path", "file", "required", "candle file, relative to the configuration"),
            field("initial_usd", "usd", "first price of the history", "price at tick 0"),
            field("log_drift", "1/year", "that of the history", "mean growth rate of the log price"),
        ],
    };

    /// The history of each asset, one price a tick, all over the same time.
    fn histories(&self, grid: Grid, base_dir: &Path) -> Result<(Vec<Vec<f64>>, Vec<String>), PriceError> {
        let mut series = Vec::with_capacity(self.assets.len());
        for asset in &self.assets {
            let candles = Candles::read(&base_dir.join(&asset.path))?;
            if candles.interval_seconds > grid.tick_seconds {
                return Err(PriceError::TooCoarse {
                    file: candles.file,
                    interval_seconds: candles.interval_seconds,
                    tick_seconds: grid.tick_seconds,
                });
            }
            series.push(Series::of(candles, self.price));
        }
        let bound = |written: &Option<String>| written.as_deref().and_then(unix_seconds);
        let common_start = series.iter().map(|series| series.covers().0).max().unwrap_or(0);
        let common_end = series.iter().map(|series| series.covers().1).min().unwrap_or(0);
        let (from, to) = (bound(&self.from).unwrap_or(common_start), bound(&self.to).unwrap_or(common_end));
        let returns = to.saturating_sub(from) / grid.tick_seconds;
        if returns < LEAST_RETURNS {
            let (from, to) = (rfc3339(from), rfc3339(to));
            return Err(PriceError::TooShort { expected: LEAST_RETURNS, found: returns.max(0), from, to });
        }
        let mut notes = Vec::new();
        let mut histories = Vec::new();
        for (asset, series) in self.assets.iter().zip(&series) {
            series.check_covers(from, to)?;
            histories.push(series.sample(from, grid.tick_seconds, returns as usize + 1, Between::Hold));
            notes.extend(series.candles().missing(from, to).note(&asset.symbol));
        }
        Ok((histories, notes))
    }
}

impl Process for Bootstrap {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(|asset| asset.symbol.as_str()).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        check_symbols("assets", symbols_under("assets", self.symbols().into_iter()), problems);
        for (place, asset) in self.assets.iter().enumerate() {
            problems.under(&format!("assets[{place}]"), |problems| {
                if let Some(initial_usd) = asset.initial_usd {
                    check_price("initial_usd", initial_usd, problems);
                }
                if let Some(log_drift) = asset.log_drift {
                    problems.number("log_drift", log_drift, -20.0..=20.0);
                }
            });
        }
        problems.number("mean_block_hours", self.mean_block_hours, 0.001..=1e7);
        check_bounds(self.from.as_deref(), self.to.as_deref(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, base_dir: &Path) -> Result<MarketPath, PriceError> {
        let (histories, notes) = self.histories(grid, base_dir)?;
        let returns: Vec<Vec<f64>> = self
            .assets
            .iter()
            .zip(&histories)
            .map(|(asset, history)| log_returns(history, asset.log_drift, grid))
            .collect();
        let length = returns.iter().map(Vec::len).min().unwrap_or(0);
        let mut tracks: Vec<Track> = self
            .assets
            .iter()
            .zip(&histories)
            .map(|(asset, history)| {
                let first = history.first().copied().unwrap_or(1.0);
                Track::start(&asset.symbol, asset.initial_usd.unwrap_or(first), grid)
            })
            .collect();
        let ticks_per_block = self.mean_block_hours * SECONDS_PER_HOUR as f64 / grid.tick_seconds as f64;
        let jump_probability = 1.0 / ticks_per_block.max(1.0);
        let mut stream = shared_stream(streams, "bootstrap");
        let mut place = stream.random_range(0..length.max(1));
        for _ in 0..grid.horizon_ticks {
            for (track, returns) in tracks.iter_mut().zip(&returns) {
                track.step(returns.get(place).copied().unwrap_or(0.0));
            }
            // Both are drawn at every tick, so that another block length reads the same stream at the same places.
            let (jumps, target) = (stream.random::<f64>() < jump_probability, stream.random::<f64>());
            place = if jumps { (target * length as f64) as usize } else { place + 1 };
            if place >= length {
                place = 0;
            }
        }
        let mut path = MarketPath::of(tracks, grid);
        path.notes.extend(notes);
        Ok(path)
    }

    fn data_files(&self) -> Vec<PathBuf> {
        self.assets.iter().map(|asset| asset.path.clone()).collect()
    }
}

/// Log returns of a history, with their mean replaced if asked for.
fn log_returns(history: &[f64], log_drift: Option<f64>, grid: Grid) -> Vec<f64> {
    let mut returns: Vec<f64> = history
        .windows(2)
        .filter_map(|pair| if let [before, after] = pair { Some(libm::log(after / before)) } else { None })
        .collect();
    if let Some(log_drift) = log_drift {
        let mean = returns.iter().sum::<f64>() / returns.len().max(1) as f64;
        for log_return in &mut returns {
            *log_return += log_drift * grid.tick_years() - mean;
        }
    }
    returns
}
