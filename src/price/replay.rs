//! Replay of real candles.
//!
//! Tick 0 is `from`, or the first instant that all files know; tick k is k tick lengths later, in real time. Each tick
//! has the last price known by then, so that candles finer than a tick are aggregated by taking the last, and coarser
//! ones are held (or interpolated, if asked for). Missing bars are filled forward and counted in the notes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::candle::Candles;
use super::instant::{check_bounds, rfc3339, unix_seconds};
use super::path::{Grid, MarketPath};
use super::problem::{PriceError, Problems};
use super::process::{FieldNote, Process, ProcessNote, check_symbols, field, symbols_under};
use super::series::{Between, PriceField, Series};

/// Real candles of one asset or of several over the same time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Candle file of the first asset, relative to the configuration.
    pub path: PathBuf,
    /// Its ticker.
    pub symbol: String,
    /// Further assets. Default: none.
    #[serde(default)]
    pub others: Vec<ReplayAsset>,
    /// Where tick 0 is: a date (midnight UTC) or an RFC 3339 time. Default: the first instant that all files know.
    #[serde(default)]
    pub from: Option<String>,
    /// Where the run must have ended, likewise. Default: the last instant that all files know.
    #[serde(default)]
    pub to: Option<String>,
    /// Which price of a bar is taken. Default: `Open`.
    #[serde(default)]
    pub price: PriceField,
    /// What holds between known prices. Default: `Hold`.
    #[serde(default)]
    pub between: Between,
}

/// A further asset of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayAsset {
    /// Candle file, relative to the configuration.
    pub path: PathBuf,
    /// Ticker.
    pub symbol: String,
}

/// The fields that say which part of a file is used.
pub(super) const FROM: FieldNote =
    field("from", "date or RFC 3339", "first instant of the files", "where the history starts");
pub(super) const TO: FieldNote =
    field("to", "date or RFC 3339", "last instant of the files", "where it must have ended");
pub(super) const PRICE: FieldNote = field("price", "Open or Close", "Open", "which price of a bar is taken");

impl Replay {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Replay",
        meaning: "real candles (CSV with timestamp,open,high,low,close, or Binance klines)",
        fields: &[
            field(
                "path",
                "file",
                "required",
                "candle file of the first asset, relative to the configuration",
            ),
            field("symbol", "ticker", "required", "ticker of the first asset"),
            field("others", "list", "none", "further assets, with the fields below"),
            FROM,
            TO,
            PRICE,
            field(
                "between",
                "Hold or Interpolate",
                "Hold",
                "what holds where candles are coarser than ticks",
            ),
        ],
        asset_fields: &[
            field("path", "file", "required", "candle file, relative to the configuration"),
            field("symbol", "ticker", "required", "ticker"),
        ],
    };

    fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        let others = self.others.iter().map(|other| (other.path.as_path(), other.symbol.as_str()));
        std::iter::once((self.path.as_path(), self.symbol.as_str())).chain(others)
    }
}

impl Process for Replay {
    fn symbols(&self) -> Vec<&str> {
        self.files().map(|(_, symbol)| symbol).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        let mut symbols = vec![("symbol".to_owned(), self.symbol.as_str())];
        symbols.extend(symbols_under("others", self.others.iter().map(|other| other.symbol.as_str())));
        check_symbols("others", symbols, problems);
        check_bounds(self.from.as_deref(), self.to.as_deref(), problems);
    }

    fn generate(&self, grid: Grid, _streams: &Streams, base_dir: &Path) -> Result<MarketPath, PriceError> {
        let series = self
            .files()
            .map(|(path, _)| Ok(Series::of(Candles::read(&base_dir.join(path))?, self.price)))
            .collect::<Result<Vec<_>, PriceError>>()?;
        let common_start = series.iter().map(|series| series.covers().0).max().unwrap_or(0);
        let from = self.from.as_deref().and_then(unix_seconds).unwrap_or(common_start);
        let ends = from.saturating_add(grid.seconds_at(grid.horizon_ticks));
        if let Some(to) = self.to.as_deref().and_then(unix_seconds)
            && ends > to
        {
            let fitting_ticks = to.saturating_sub(from).max(0) / grid.tick_seconds;
            return Err(PriceError::AfterTo { run_ends: rfc3339(ends), to: rfc3339(to), fitting_ticks });
        }
        let mut path = MarketPath::of(Vec::new(), grid);
        for ((_, symbol), series) in self.files().zip(&series) {
            series.check_covers(from, ends)?;
            path.assets.push(symbol.into());
            path.prices_usd.push(series.sample(from, grid.tick_seconds, grid.points(), self.between));
            path.notes.extend(series.candles().missing(from, ends).note(symbol));
        }
        path.start_unix_seconds = Some(from);
        Ok(path)
    }

    fn data_files(&self) -> Vec<PathBuf> {
        self.files().map(|(path, _)| path.to_path_buf()).collect()
    }

    fn length_seconds(&self) -> Option<i64> {
        let instant = |written: &Option<String>| written.as_deref().and_then(unix_seconds);
        Some(instant(&self.to)? - instant(&self.from)?)
    }
}
