//! A known price at every instant, from candles.

use serde::{Deserialize, Serialize};

use super::candle::Candles;
use super::instant::rfc3339;
use super::path::hold;
use super::problem::PriceError;

/// Which price of a bar is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PriceField {
    /// The open, at the instant the bar opens.
    #[default]
    Open,
    /// The close, at the instant the bar ends: never a price from the future.
    Close,
}

/// What holds between two known prices, where candles are coarser than ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Between {
    /// The last known price is held.
    #[default]
    Hold,
    /// A straight line in logarithms to the next known price. It knows the future, and is smoother than the market.
    Interpolate,
}

/// Prices at the instants at which they became known.
///
/// A missing bar is filled with the close before it, known from the end of the bar before the gap.
#[derive(Debug)]
pub(super) struct Series {
    candles: Candles,
    known: Vec<(i64, f64)>,
}

impl Series {
    /// The series of these candles.
    pub(super) fn of(candles: Candles, price: PriceField) -> Self {
        let mut known = Vec::with_capacity(candles.bars.len() + 1);
        for (place, bar) in candles.bars.iter().enumerate() {
            let next = candles.bars.get(place + 1).map(|next| next.open_seconds);
            let ends = bar.open_seconds.saturating_add(candles.interval_seconds);
            match price {
                PriceField::Open => {
                    known.push((bar.open_seconds, bar.open));
                    if next.is_none_or(|next| next > ends) {
                        known.push((ends, bar.close));
                    }
                }
                // A bar cut short by the next one ends there.
                PriceField::Close => known.push((next.map_or(ends, |next| next.min(ends)), bar.close)),
            }
        }
        Self { candles, known }
    }

    /// The candles behind it.
    pub(super) fn candles(&self) -> &Candles {
        &self.candles
    }

    /// The first and the last instant at which a price is known, Unix seconds.
    pub(super) fn covers(&self) -> (i64, i64) {
        let instant = |known: Option<&(i64, f64)>| known.map_or(0, |known| known.0);
        (instant(self.known.first()), instant(self.known.last()))
    }

    /// Checks that every instant from `from` to `to` has a price.
    pub(super) fn check_covers(&self, from: i64, to: i64) -> Result<(), PriceError> {
        let (first, last) = self.covers();
        if from >= first && to <= last {
            return Ok(());
        }
        Err(PriceError::NotCovered {
            file: self.candles.file.clone(),
            wanted_from: rfc3339(from),
            wanted_to: rfc3339(to),
            covered_from: rfc3339(first),
            covered_to: rfc3339(last),
        })
    }

    /// `count` prices, `step` seconds apart, the first at `from`: the last price known by then.
    pub(super) fn sample(&self, from: i64, step: i64, count: usize, between: Between) -> Vec<f64> {
        let mut after = 0;
        let mut prices = Vec::with_capacity(count);
        let mut instant = from;
        for _ in 0..count {
            while self.known.get(after).is_some_and(|known| known.0 <= instant) {
                after += 1;
            }
            let before = self.known.get(after.saturating_sub(1)).copied().unwrap_or((instant, 1.0));
            let price = match (between, self.known.get(after)) {
                (Between::Interpolate, Some(&next)) if instant > before.0 => {
                    let share = (instant - before.0) as f64 / (next.0 - before.0) as f64;
                    before.1 * libm::pow(next.1 / before.1, share)
                }
                _ => before.1,
            };
            prices.push(hold(price));
            instant = instant.saturating_add(step);
        }
        prices
    }
}
