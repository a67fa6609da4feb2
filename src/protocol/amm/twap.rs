//! A time-weighted average price, geometric, as an oracle over a pool.
//!
//! The accumulator is `C(t) = integral of ln P`; the average over a window is `exp((C(t) - C(t - w)) / w)`. It is lazy:
//! a price is credited only when the next one replaces it, for the seconds it stood, so that a price that lasts no time
//! counts for nothing. A few observations of C are kept in a ring; between two of them the logarithm is taken as constant.
//!
//! Source: Uniswap v3 (`Oracle.sol`, there with `ln P` rounded down to a tick) and Squeeth's `Oracle.sol`.

use thiserror::Error;

use super::error::{SwapError, positive};

/// Why there is no average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TwapError {
    /// A price is not a finite number above zero.
    #[error("expected a finite price above zero")]
    Price,
    /// A time lies before the last one recorded.
    #[error("expected a time of at least {last_s} s, found {time_s} s")]
    Clock {
        /// The last time recorded.
        last_s: u64,
        /// The time given.
        time_s: u64,
    },
    /// The window is empty.
    #[error("expected a window of at least one second")]
    EmptyWindow,
    /// The window begins before the oldest observation.
    #[error(
        "the oldest observation is of {oldest_s} s, the window begins at {start_s} s: shorten the window"
    )]
    TooOld {
        /// Time of the oldest observation.
        oldest_s: u64,
        /// Begin of the window.
        start_s: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Observation {
    time_s: u64,
    log_price_seconds: f64,
}

/// An accumulator of the logarithm of a price with the last `N` observations.
///
/// ```
/// use ballast::protocol::amm::twap::GeometricTwap;
/// let mut oracle = GeometricTwap::<8>::new(0, 100.0)?;
/// oracle.update(60, 400.0)?; // 100 stood for a minute, then 400 stands
/// let average = oracle.average(120, 120)?;
/// assert!((average - 200.0).abs() < 1e-12); // geometric, not 250
/// # Ok::<(), ballast::protocol::amm::twap::TwapError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeometricTwap<const N: usize> {
    ring: [Observation; N],
    newest: usize,
    count: usize,
    spacing_s: u64,
    last: Observation,
    log_price: f64,
}

impl<const N: usize> GeometricTwap<N> {
    /// An accumulator that starts at `time_s` with `price` and observes at every change.
    ///
    /// # Errors
    /// [`TwapError::Price`]; a ring without room is refused as an empty window.
    pub fn new(time_s: u64, price: f64) -> Result<Self, TwapError> {
        Self::with_spacing(time_s, price, 0)
    }

    /// As [`Self::new`], with at least `spacing_s` seconds between two observations, so that `N` of them reach far
    /// enough back.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_spacing(time_s: u64, price: f64, spacing_s: u64) -> Result<Self, TwapError> {
        if N == 0 {
            return Err(TwapError::EmptyWindow);
        }
        let last = Observation { time_s, log_price_seconds: 0.0 };
        let mut ring = [Observation::default(); N];
        ring[0] = last;
        Ok(Self { ring, newest: 0, count: 1, spacing_s, last, log_price: log_of(price)? })
    }

    /// From `time_s` on the price is `price`; the one before is credited for the seconds it stood.
    ///
    /// # Errors
    /// [`TwapError::Price`], [`TwapError::Clock`]; nothing is changed then.
    #[inline]
    pub fn update(&mut self, time_s: u64, price: f64) -> Result<(), TwapError> {
        let log_price = log_of(price)?;
        self.check_clock(time_s)?;
        if time_s > self.last.time_s {
            self.last = self.at_or_after_last(time_s);
            if time_s - self.ring[self.newest].time_s >= self.spacing_s {
                self.newest = (self.newest + 1) % N;
                self.count = (self.count + 1).min(N);
                self.ring[self.newest] = self.last;
            }
        }
        self.log_price = log_price;
        Ok(())
    }

    /// The price that stands.
    #[must_use]
    pub fn last_price(&self) -> f64 {
        libm::exp(self.log_price)
    }

    /// Time of the oldest observation.
    #[must_use]
    #[inline]
    pub fn oldest_s(&self) -> u64 {
        self.ring[(self.newest + N + 1 - self.count) % N].time_s
    }

    /// The geometric mean price of the `window_s` seconds before `now_s`.
    ///
    /// # Errors
    /// [`TwapError::Clock`] for a time before the last update, [`TwapError::EmptyWindow`], [`TwapError::TooOld`].
    pub fn average(&self, now_s: u64, window_s: u64) -> Result<f64, TwapError> {
        self.check_clock(now_s)?;
        if window_s == 0 {
            return Err(TwapError::EmptyWindow);
        }
        let oldest_s = self.oldest_s();
        let start_s = now_s.saturating_sub(window_s);
        if start_s < oldest_s || window_s > now_s {
            return Err(TwapError::TooOld { oldest_s, start_s });
        }
        let integral = self.at_or_after_last(now_s).log_price_seconds - self.before(start_s);
        Ok(libm::exp(integral / window_s as f64))
    }

    /// As [`Self::average`], with the window shortened to what is known; the standing price where that is nothing.
    ///
    /// # Errors
    /// [`TwapError::Clock`], [`TwapError::EmptyWindow`].
    pub fn average_of_known(&self, now_s: u64, window_s: u64) -> Result<f64, TwapError> {
        self.check_clock(now_s)?;
        match now_s - self.oldest_s() {
            0 if window_s > 0 => Ok(self.last_price()),
            known_s => self.average(now_s, window_s.min(known_s)),
        }
    }

    fn check_clock(&self, time_s: u64) -> Result<(), TwapError> {
        let last_s = self.last.time_s;
        if time_s >= last_s { Ok(()) } else { Err(TwapError::Clock { last_s, time_s }) }
    }

    #[inline]
    fn at_or_after_last(&self, time_s: u64) -> Observation {
        let stood_s = (time_s - self.last.time_s) as f64;
        Observation { time_s, log_price_seconds: self.last.log_price_seconds + self.log_price * stood_s }
    }

    /// The accumulator at a time from the oldest observation on.
    fn before(&self, time_s: u64) -> f64 {
        if time_s >= self.last.time_s {
            return self.at_or_after_last(time_s).log_price_seconds;
        }
        let mut later = self.last;
        for age in 0..self.count {
            let earlier = self.ring[(self.newest + N - age) % N];
            if earlier.time_s <= time_s {
                let span_s = (later.time_s - earlier.time_s) as f64;
                let share = (time_s - earlier.time_s) as f64 / span_s;
                return earlier.log_price_seconds
                    + share * (later.log_price_seconds - earlier.log_price_seconds);
            }
            later = earlier;
        }
        later.log_price_seconds
    }
}

fn log_of(price: f64) -> Result<f64, TwapError> {
    positive(price, SwapError::Price).map(libm::log).map_err(|_| TwapError::Price)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_price_that_lasts_no_time_counts_for_nothing() {
        let mut oracle = GeometricTwap::<4>::new(100, 10.0).unwrap();
        oracle.update(160, 1e9).unwrap();
        oracle.update(160, 20.0).unwrap();
        let average = oracle.average(220, 120).unwrap();
        assert!((average - 200.0_f64.sqrt()).abs() < 1e-12, "{average}");
        assert!((oracle.last_price() - 20.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_is_refused_or_shortened() {
        let mut oracle = GeometricTwap::<2>::new(0, 1.0).unwrap();
        for (time, price) in [(10, 2.0), (20, 4.0), (30, 8.0)] {
            oracle.update(time, price).unwrap();
        }
        assert_eq!(oracle.oldest_s(), 20);
        assert_eq!(oracle.average(40, 25), Err(TwapError::TooOld { oldest_s: 20, start_s: 15 }));
        let shortened = oracle.average_of_known(40, 25).unwrap();
        assert!((shortened - 32.0_f64.sqrt()).abs() < 1e-12, "{shortened}");
        assert_eq!(oracle.average(40, 0), Err(TwapError::EmptyWindow));
        assert_eq!(oracle.average(29, 5), Err(TwapError::Clock { last_s: 30, time_s: 29 }));
        assert_eq!(oracle.update(29, 1.0), Err(TwapError::Clock { last_s: 30, time_s: 29 }));
        assert_eq!(oracle.update(50, f64::NAN), Err(TwapError::Price));
        assert_eq!(GeometricTwap::<2>::new(0, 0.0), Err(TwapError::Price));
        assert_eq!(GeometricTwap::<0>::new(0, 1.0), Err(TwapError::EmptyWindow));
        assert_eq!(GeometricTwap::<2>::new(7, 3.0).unwrap().average_of_known(7, 60).map(f64::round), Ok(3.0));
    }

    #[test]
    fn updates_of_one_second_share_an_observation() {
        let mut oracle = GeometricTwap::<2>::new(0, 1.0).unwrap();
        for price in 1..10 {
            oracle.update(5, f64::from(price)).unwrap();
        }
        assert_eq!(oracle.oldest_s(), 0);
    }

    #[test]
    fn spacing_stretches_the_ring() {
        let mut oracle = GeometricTwap::<3>::with_spacing(0, 5.0, 100).unwrap();
        for time in 1..=250 {
            oracle.update(time, 5.0).unwrap();
        }
        assert_eq!(oracle.oldest_s(), 0);
        assert!((oracle.average(250, 170).unwrap() - 5.0).abs() < 1e-12);
    }

    proptest! {
        /// Against the sum written out, second by second.
        #[test]
        fn the_average_is_the_mean_of_the_logarithms(
            moves in prop::collection::vec((1_u64..50, -2.0..2.0_f64), 1..12), ahead in 0_u64..30, share in 0.0..1.0_f64,
        ) {
            let mut oracle = GeometricTwap::<16>::new(0, 1.0).unwrap();
            let (mut by_second, mut log_price, mut now) = (Vec::new(), 0.0, 0);
            for (wait, next) in moves {
                by_second.extend(std::iter::repeat_n(log_price, wait as usize));
                now += wait;
                log_price = next;
                oracle.update(now, libm::exp(next)).unwrap();
            }
            by_second.extend(std::iter::repeat_n(log_price, ahead as usize));
            now += ahead;
            let window = ((now as f64 * share) as usize).clamp(1, now as usize);
            let expected = by_second[now as usize - window..].iter().sum::<f64>() / window as f64;
            let found = libm::log(oracle.average(now, window as u64).unwrap());
            prop_assert!((found - expected).abs() < 1e-11, "{found} for {expected}");
        }
    }
}
