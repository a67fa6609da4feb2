//! A pool as an oracle.
//!
//! *By time*: the geometric mean of its marginal price over a window. Each trade credits the price that stood before it
//! for the seconds it stood, so that a price made and unmade within a block counts for nothing. The sum is part of the
//! pool's record, which a failed transaction restores; observations of it are kept once a tick, outside the record, before
//! anything else happens in the tick. A window that begins within a tick takes the price of that tick as constant.
//!
//! *By trades*: the resilient price of ALEX ([`resilient`]).

use super::Pool;
use crate::protocol::amm::resilient;
use crate::protocol::amm::twap::{Accumulator, GeometricTwap, TwapError};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

/// Seconds over which a pool's price is averaged unless it is said otherwise: an hour.
///
/// Half an hour is customary where loans are secured on Uniswap prices (Squeeth takes 420 s). In a tick of one hour with
/// a block for people and one for bots the prices that both leave stand half an hour each, and both should count.
pub const DEFAULT_WINDOW_S: u64 = 3_600;

/// What a pool remembers of its prices beside its record.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolOracle {
    twap: GeometricTwap,
    /// Share of a reading of the resilient price that the stored price has, 0 to 1.
    resilient_average: f64,
}

impl PoolOracle {
    /// Prices averaged over `window_s` seconds, and over trades with `resilient_average` for the stored price.
    ///
    /// # Errors
    /// [`TwapError::EmptyWindow`].
    pub fn new(window_s: u64, resilient_average: f64) -> Result<Self, TwapError> {
        Ok(Self { twap: GeometricTwap::new(Accumulator::default(), window_s)?, resilient_average })
    }
}

impl Default for PoolOracle {
    #[allow(clippy::expect_used, reason = "an hour is not empty")]
    fn default() -> Self {
        Self::new(DEFAULT_WINDOW_S, resilient::ALEX_AVERAGE).expect("an hour is not empty")
    }
}

fn now_s(clock: &Clock) -> u64 {
    clock.now_seconds().unsigned_abs()
}

impl Pool {
    /// The geometric mean of the price over the pool's window, quote per base before fees; over what is known while that is
    /// less. `None` while the pool is empty.
    #[must_use]
    pub fn twap(&self, ledger: &Ledger, clock: &Clock) -> Option<f64> {
        let price = self.price(ledger)?;
        let now = self.record.accumulator.credit(now_s(clock), price).ok()?;
        match self.oracle.twap.average_of_known(now) {
            Ok(average) => Some(average),
            // No time has passed yet: what stands is all that is known.
            Err(TwapError::EmptyWindow) => Some(price),
            Err(_) => None,
        }
    }

    /// The resilient price as ALEX's contracts read it: the stored price, with a small part of the price that stands.
    /// `None` while the pool is empty.
    #[must_use]
    pub fn resilient_price(&self, ledger: &Ledger) -> Option<f64> {
        let price = self.price(ledger)?;
        resilient::reading(self.record.resilient, price, self.oracle.resilient_average).ok()
    }

    /// Stores the reading of a swap that found `price`.
    #[inline]
    pub(super) fn store_resilient(&mut self, price: f64) {
        let read = resilient::reading(self.record.resilient, price, self.oracle.resilient_average);
        self.record.resilient = read.ok().or(self.record.resilient);
    }

    /// Credits the price that stands for the time since the last credit. Without a price nothing is credited: what comes
    /// next stands for that time.
    #[inline]
    pub(super) fn credit(&mut self, price: Option<f64>, clock: &Clock) {
        let now_s = now_s(clock);
        if now_s > self.record.accumulator.time_s()
            && let Some(credited) = price.and_then(|price| self.record.accumulator.credit(now_s, price).ok())
        {
            self.record.accumulator = credited;
        }
    }

    /// As [`Self::credit`], with the price that the reserves make.
    pub(super) fn credit_standing_price(&mut self, ledger: &Ledger, clock: &Clock) {
        if now_s(clock) > self.record.accumulator.time_s() {
            self.credit(self.price(ledger), clock);
        }
    }

    /// Keeps an observation: once a tick, before prices or rates move.
    pub(in crate::venue) fn observe(&mut self, ledger: &Ledger, clock: &Clock) {
        self.credit_standing_price(ledger, clock);
        // Time does not run backwards; where it did, the old observations stand.
        let _ = self.oracle.twap.observe(self.record.accumulator);
    }
}
