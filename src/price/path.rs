//! The path of a market, and how one is laid down tick by tick.

use crate::quantity::{SECONDS_PER_HOUR, SECONDS_PER_YEAR};

use super::problem::PriceError;

/// Below this a price is held, with a note.
pub(super) const LOWEST_USD: f64 = 1e-9;
/// Above this a price is held, with a note.
pub(super) const HIGHEST_USD: f64 = 1e15;

/// Prices of every exogenous asset at every tick of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketPath {
    /// Ticker of each asset.
    pub assets: Vec<String>,
    /// Price in dollars: `prices_usd[asset][tick]` with ticks `0..=horizon`. Positive and finite.
    pub prices_usd: Vec<Vec<f64>>,
    /// Price of the on-chain dollar in dollars, one value a tick: 1.0 unless a scenario or shock depegs it.
    pub usd_token_price: Vec<f64>,
    /// When tick 0 was, in Unix seconds, where real history gives a date.
    pub start_unix_seconds: Option<i64>,
    /// What a reader should know, for example how many missing bars were filled.
    pub notes: Vec<String>,
}

impl MarketPath {
    /// The place of an asset in [`assets`](Self::assets).
    #[must_use]
    pub fn index_of(&self, symbol: &str) -> Option<usize> {
        self.assets.iter().position(|asset| asset == symbol)
    }

    /// The prices of an asset in dollars, one a tick.
    #[must_use]
    pub fn prices_of(&self, symbol: &str) -> Option<&[f64]> {
        self.index_of(symbol).and_then(|asset| self.prices_usd.get(asset)).map(Vec::as_slice)
    }

    /// A market of these assets with a dollar that keeps its peg.
    pub(super) fn of(tracks: Vec<Track>, grid: Grid) -> Self {
        let mut path = Self {
            assets: Vec::new(),
            prices_usd: Vec::new(),
            usd_token_price: vec![1.0; grid.points()],
            start_unix_seconds: None,
            notes: Vec::new(),
        };
        for track in tracks {
            path.notes.extend(track.note());
            path.assets.push(track.symbol);
            path.prices_usd.push(track.prices_usd);
        }
        path
    }
}

/// The ticks of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Number of ticks after tick 0.
    pub(super) horizon_ticks: u32,
    /// Length of a tick in seconds.
    pub(super) tick_seconds: i64,
}

impl Grid {
    /// The grid, if the run has a length a computer can hold.
    pub(super) fn new(horizon_ticks: u32, tick_seconds: i64) -> Result<Self, PriceError> {
        let fits = (1..=31_536_000).contains(&tick_seconds)
            && horizon_ticks <= 20_000_000
            && i64::from(horizon_ticks) * tick_seconds <= 31_536_000_000;
        if fits {
            Ok(Self { horizon_ticks, tick_seconds })
        } else {
            Err(PriceError::Run { horizon_ticks, tick_seconds })
        }
    }

    /// Number of prices, tick 0 included.
    pub(super) fn points(self) -> usize {
        self.horizon_ticks as usize + 1
    }

    /// Length of a tick in years.
    pub(super) fn tick_years(self) -> f64 {
        self.tick_seconds as f64 / SECONDS_PER_YEAR
    }

    /// Length of the run in years.
    pub(super) fn years(self) -> f64 {
        self.seconds_at(self.horizon_ticks) as f64 / SECONDS_PER_YEAR
    }

    /// Time of a tick in seconds.
    pub(super) fn seconds_at(self, tick: u32) -> i64 {
        i64::from(tick) * self.tick_seconds
    }

    /// Time of a tick in hours.
    pub(super) fn hours_at(self, tick: usize) -> f64 {
        tick as f64 * self.tick_seconds as f64 / SECONDS_PER_HOUR as f64
    }
}

/// One asset's prices, laid down tick by tick in logarithms.
#[derive(Debug)]
pub(super) struct Track {
    symbol: String,
    prices_usd: Vec<f64>,
    log_price: f64,
    first_held: Option<usize>,
}

impl Track {
    /// A track that starts at `initial_usd`.
    pub(super) fn start(symbol: &str, initial_usd: f64, grid: Grid) -> Self {
        let mut prices_usd = Vec::with_capacity(grid.points());
        prices_usd.push(initial_usd);
        Self { symbol: symbol.into(), prices_usd, log_price: libm::log(initial_usd), first_held: None }
    }

    /// Adds a tick with this log return.
    pub(super) fn step(&mut self, log_return: f64) {
        self.step_to_log(self.log_price + log_return);
    }

    /// Adds a tick with this log price.
    pub(super) fn step_to_log(&mut self, log_price: f64) {
        self.step_to(libm::exp(log_price));
        // Not the logarithm of the rounded price: errors would add up.
        if self.first_held.is_none() {
            self.log_price = log_price;
        }
    }

    /// Adds a tick with this price, held inside the bounds.
    pub(super) fn step_to(&mut self, usd: f64) {
        let held = hold(usd);
        if held.to_bits() != usd.to_bits() && self.first_held.is_none() {
            self.first_held = Some(self.prices_usd.len());
        }
        self.prices_usd.push(held);
        self.log_price = libm::log(held);
    }

    fn note(&self) -> Option<String> {
        let tick = self.first_held?;
        Some(format!(
            "{}: held between {LOWEST_USD} and {HIGHEST_USD} usd, first at tick {tick}",
            self.symbol
        ))
    }
}

/// The nearest price inside the bounds; what is not a number goes to the floor.
pub(super) fn hold(usd: f64) -> f64 {
    if usd >= LOWEST_USD { usd.min(HIGHEST_USD) } else { LOWEST_USD }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_held_inside_the_bounds_with_a_note() {
        let grid = Grid::new(4, 3600).unwrap();
        let mut track = Track::start("ETH", 1.0, grid);
        for log_return in [1e6, f64::NAN, f64::NEG_INFINITY, 1.0] {
            track.step(log_return);
        }
        let path = MarketPath::of(vec![track], grid);
        assert_eq!(path.prices_usd[0][..4], [1.0, HIGHEST_USD, LOWEST_USD, LOWEST_USD]);
        assert!((path.prices_usd[0][4] / LOWEST_USD / core::f64::consts::E - 1.0).abs() < 1e-12);
        assert_eq!(path.notes.len(), 1);
        assert!(path.notes[0].contains("first at tick 1"), "{:?}", path.notes);
    }

    #[test]
    fn a_run_without_time_or_without_end_is_refused() {
        for (ticks, seconds) in [(1, 0), (1, -1), (1, i64::MAX), (u32::MAX, 1), (20_000_000, 86_400)] {
            assert!(matches!(Grid::new(ticks, seconds), Err(PriceError::Run { .. })), "{ticks} {seconds}");
        }
        assert!(Grid::new(0, 1).is_ok());
    }
}
