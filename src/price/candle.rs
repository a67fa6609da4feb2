//! Candles: what a file of market history holds.

use std::path::PathBuf;

use thiserror::Error;

use super::instant::rfc3339;

/// The most bad rows that an error lists; it counts them all.
pub(super) const LISTED_ROWS: usize = 20;

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candle {
    /// When it opens, Unix seconds.
    pub open_seconds: i64,
    /// First price, usd.
    pub open: f64,
    /// Highest price, usd.
    pub high: f64,
    /// Lowest price, usd.
    pub low: f64,
    /// Last price, usd.
    pub close: f64,
}

/// The bars of a file, ascending in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Candles {
    /// The file.
    pub file: PathBuf,
    /// At least two bars.
    pub bars: Vec<Candle>,
    /// The most frequent time between two bars, in seconds.
    pub interval_seconds: i64,
}

/// A row that is no bar.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column} ({name}): expected {expected}, found {found}")]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// Number of the field in the row, from 1.
    pub column: usize,
    /// Name of the field.
    pub name: String,
    /// What a bar has there.
    pub expected: String,
    /// What the file has.
    pub found: String,
}

/// Why a file of candles cannot be used.
#[derive(Debug, Error)]
pub enum CandleError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The first line is neither a header nor a kline.
    #[error(
        "{}: line 1: expected a header with timestamp,open,high,low,close or a Binance kline of 12 numbers, found {found}",
        file.display()
    )]
    UnknownForm {
        /// The file.
        file: PathBuf,
        /// The first line, shortened.
        found: String,
    },
    /// A series needs two bars to have an interval.
    #[error("{}: expected at least 2 candles, found {found}", file.display())]
    TooFew {
        /// The file.
        file: PathBuf,
        /// Number of bars.
        found: usize,
    },
    /// Rows that are no bars.
    #[error("{}: {total} bad {}{}", file.display(), if *total == 1 { "row" } else { "rows" }, list(rows, *total))]
    BadRows {
        /// The file.
        file: PathBuf,
        /// The first of them, 20 at most.
        rows: Vec<BadRow>,
        /// How many there are.
        total: usize,
    },
}

fn list(rows: &[BadRow], total: usize) -> String {
    let mut text: String = rows.iter().map(|row| format!("\n  {row}")).collect();
    if total > rows.len() {
        text.push_str(&format!("\n  and {} more", total - rows.len()));
    }
    text
}

impl Candles {
    /// The first instant the file covers, Unix seconds.
    #[must_use]
    pub fn opens(&self) -> i64 {
        self.bars.first().map_or(0, |bar| bar.open_seconds)
    }

    /// The end of the last bar, Unix seconds.
    #[must_use]
    pub fn ends(&self) -> i64 {
        self.bars.last().map_or(0, |bar| bar.open_seconds.saturating_add(self.interval_seconds))
    }

    /// The missing bars that would open from `from` to `to` inclusive: how many, and the longest gap with its first bar.
    #[must_use]
    pub fn missing(&self, from: i64, to: i64) -> Missing {
        let mut missing = Missing::default();
        for pair in self.bars.windows(2) {
            let [before, after] = pair else { continue };
            let first = before.open_seconds.saturating_add(self.interval_seconds);
            // Bars are counted on the grid of the bar before the gap.
            let last = after.open_seconds - 1;
            let (low, high) = (first.max(from), last.min(to));
            let up_to = |instant: i64| (instant - first).div_euclid(self.interval_seconds);
            if high >= low {
                let bars = (up_to(high) - up_to(low - 1)).max(0) as u64;
                missing.bars += bars;
                if bars > missing.longest {
                    missing.longest = bars;
                    missing.longest_from = first.max(from);
                }
            }
        }
        missing
    }
}

/// Bars that a file lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing {
    /// How many.
    pub bars: u64,
    /// How many in a row at most.
    pub longest: u64,
    /// Where the longest gap starts, Unix seconds.
    pub longest_from: i64,
}

impl Missing {
    /// A note for people, where any bar is missing.
    pub(super) fn note(&self, symbol: &str) -> Option<String> {
        let Self { bars, longest, longest_from } = *self;
        let plural = if bars == 1 { "bar" } else { "bars" };
        (bars > 0).then(|| {
            let start = rfc3339(longest_from);
            format!("{symbol}: filled {bars} missing {plural} forward (longest gap {longest}, from {start})")
        })
    }
}
