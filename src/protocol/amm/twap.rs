//! A time-weighted average price, geometric, as an oracle over a pool.
//!
//! The accumulator is `C(t) = integral of ln P`; the average over a window is `exp((C(t) - C(t - w)) / w)`. It is lazy:
//! a price is credited only when the next one replaces it, for the seconds it stood, so that a price that lasts no time
//! counts for nothing. Observations of C as far back as the window are kept; between two of them the logarithm is taken as
//! constant.
//!
//! The accumulator is two numbers, to be copied and put back when a trade is undone; the observations are written now and
//! then and never undone.
//!
//! Source: Uniswap v3 (`Oracle.sol`, there with `ln P` rounded down to a tick) and Squeeth's `Oracle.sol`.

use std::collections::VecDeque;

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

/// `C` at a time: the logarithm of the price, summed over the seconds it stood.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Accumulator {
    time_s: u64,
    log_price_seconds: f64,
}

impl Accumulator {
    /// An accumulator that has summed up nothing by `time_s`.
    #[must_use]
    pub const fn starting_at(time_s: u64) -> Self {
        Self { time_s, log_price_seconds: 0.0 }
    }

    /// The time up to which prices are credited.
    #[must_use]
    pub const fn time_s(self) -> u64 {
        self.time_s
    }

    /// The accumulator at `time_s` if `price` has stood since it was last brought up to date.
    ///
    /// # Errors
    /// [`TwapError::Price`], [`TwapError::Clock`].
    #[inline]
    pub fn credit(self, time_s: u64, price: f64) -> Result<Self, TwapError> {
        if time_s < self.time_s {
            return Err(TwapError::Clock { last_s: self.time_s, time_s });
        }
        let stood_s = (time_s - self.time_s) as f64;
        Ok(Self { time_s, log_price_seconds: self.log_price_seconds + log_of(price)? * stood_s })
    }
}

/// Observations of an [`Accumulator`], as far back as the longest window that is asked for.
///
/// ```
/// use ballast::protocol::amm::twap::{Accumulator, GeometricTwap};
/// let start = Accumulator::starting_at(0);
/// let mut oracle = GeometricTwap::new(start, 120)?;
/// let minute = start.credit(60, 100.0)?; // 100 stood for a minute
/// oracle.observe(minute)?;
/// let now = minute.credit(120, 400.0)?; // then 400
/// let average = oracle.average(now, 120)?;
/// assert!((average - 200.0).abs() < 1e-12); // geometric, not 250
/// # Ok::<(), ballast::protocol::amm::twap::TwapError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GeometricTwap {
    window_s: u64,
    oldest: Accumulator,
    /// What came after the oldest, in order.
    observations: VecDeque<Accumulator>,
}

impl GeometricTwap {
    /// Observations that begin at `start` and reach back `window_s` seconds.
    ///
    /// # Errors
    /// [`TwapError::EmptyWindow`].
    pub fn new(start: Accumulator, window_s: u64) -> Result<Self, TwapError> {
        if window_s == 0 {
            return Err(TwapError::EmptyWindow);
        }
        Ok(Self { window_s, oldest: start, observations: VecDeque::new() })
    }

    /// Length of the longest window that is kept, in seconds.
    #[must_use]
    pub const fn window_s(&self) -> u64 {
        self.window_s
    }

    /// Time of the oldest observation.
    #[must_use]
    pub const fn oldest_s(&self) -> u64 {
        self.oldest.time_s
    }

    fn newest(&self) -> Accumulator {
        self.observations.back().copied().unwrap_or(self.oldest)
    }

    /// Keeps `at`, and forgets what no window that ends after it can reach. A second observation of one time changes
    /// nothing.
    ///
    /// # Errors
    /// [`TwapError::Clock`] for a time before the newest observation.
    pub fn observe(&mut self, at: Accumulator) -> Result<(), TwapError> {
        let newest = self.newest();
        if at.time_s < newest.time_s {
            return Err(TwapError::Clock { last_s: newest.time_s, time_s: at.time_s });
        }
        if at.time_s > newest.time_s {
            self.observations.push_back(at);
        }
        let start_s = at.time_s.saturating_sub(self.window_s);
        while let Some(next) = self.observations.front().copied().filter(|next| next.time_s <= start_s) {
            self.oldest = next;
            self.observations.pop_front();
        }
        Ok(())
    }

    /// The geometric mean price of the `window_s` seconds before `now`.
    ///
    /// # Errors
    /// [`TwapError::Clock`] for a time before the newest observation, [`TwapError::EmptyWindow`], [`TwapError::TooOld`].
    pub fn average(&self, now: Accumulator, window_s: u64) -> Result<f64, TwapError> {
        let newest_s = self.newest().time_s;
        if now.time_s < newest_s {
            return Err(TwapError::Clock { last_s: newest_s, time_s: now.time_s });
        }
        if window_s == 0 {
            return Err(TwapError::EmptyWindow);
        }
        let (oldest_s, start_s) = (self.oldest.time_s, now.time_s.saturating_sub(window_s));
        if start_s < oldest_s || window_s > now.time_s {
            return Err(TwapError::TooOld { oldest_s, start_s });
        }
        let integral = now.log_price_seconds - self.at(start_s, now);
        Ok(libm::exp(integral / window_s as f64))
    }

    /// As [`Self::average`] over the whole window, shortened to what is known.
    ///
    /// # Errors
    /// [`TwapError::Clock`]; [`TwapError::EmptyWindow`] while no time has passed since the first observation.
    pub fn average_of_known(&self, now: Accumulator) -> Result<f64, TwapError> {
        self.average(now, self.window_s.min(now.time_s.saturating_sub(self.oldest.time_s)))
    }

    /// `C` at a time between the oldest observation and `now`.
    fn at(&self, time_s: u64, now: Accumulator) -> f64 {
        let after = self.observations.partition_point(|observation| observation.time_s <= time_s);
        let earlier = after.checked_sub(1).and_then(|place| self.observations.get(place));
        let earlier = earlier.copied().unwrap_or(self.oldest);
        let later = self.observations.get(after).copied().unwrap_or(now);
        let span_s = later.time_s - earlier.time_s;
        if span_s == 0 {
            return earlier.log_price_seconds;
        }
        let share = (time_s - earlier.time_s) as f64 / span_s as f64;
        earlier.log_price_seconds + share * (later.log_price_seconds - earlier.log_price_seconds)
    }
}

fn log_of(price: f64) -> Result<f64, TwapError> {
    positive(price, SwapError::Price).map(libm::log).map_err(|_| TwapError::Price)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Accumulator = Accumulator::starting_at(0);

    #[test]
    fn a_price_that_lasts_no_time_counts_for_nothing() {
        let start = Accumulator::starting_at(100);
        let oracle = GeometricTwap::new(start, 120).unwrap();
        let now = start.credit(160, 10.0).unwrap().credit(160, 1e9).unwrap().credit(220, 20.0).unwrap();
        let average = oracle.average(now, 120).unwrap();
        assert!((average - 200.0_f64.sqrt()).abs() < 1e-12, "{average}");
    }

    /// Seconds that each tick stood, then `consult` of Squeeth's oracle over 60 and 420 s, which is floored to a tick: the
    /// first steps of a trajectory recorded from its contract over a Uniswap v3 pool.
    #[test]
    fn a_trajectory_of_the_contract() {
        let price = |tick: i32| libm::exp(f64::from(tick) * libm::log(1.0001));
        let steps: [(i32, u64, [Option<i32>; 2]); 7] = [
            (-1, 60, [None; 2]),
            (-611, 13, [Some(-134), None]),
            (-611, 420, [Some(-611), Some(-611)]),
            (-1_220, 60, [None; 2]),
            (-629, 13, [Some(-1_092), Some(-699)]),
            (-629, 420, [None; 2]),
            (-1_238, 13, [Some(-761), Some(-648)]),
        ];
        let mut oracle = GeometricTwap::new(START, 3_600).unwrap();
        let mut now = START;
        for (tick, seconds, expected) in steps {
            now = now.credit(now.time_s() + seconds, price(tick)).unwrap();
            oracle.observe(now).unwrap();
            for (window_s, expected) in [60, 420].into_iter().zip(expected) {
                if let Some(expected) = expected {
                    let found = libm::log(oracle.average(now, window_s).unwrap()) / libm::log(1.0001);
                    assert_eq!((found + 1e-9).floor() as i32, expected, "{tick} {window_s}");
                }
            }
        }
        assert!(matches!(oracle.average(now, 3_600), Err(TwapError::TooOld { oldest_s: 0, start_s: 0 })));
    }

    #[test]
    fn what_is_not_known_is_refused_or_shortened() {
        let mut oracle = GeometricTwap::new(START, 20).unwrap();
        let mut now = START;
        for (time, price) in [(10, 1.0), (20, 2.0), (30, 4.0), (40, 8.0)] {
            now = now.credit(time, price).unwrap();
            oracle.observe(now).unwrap();
        }
        assert_eq!((oracle.oldest_s(), oracle.window_s()), (20, 20));
        assert_eq!(oracle.average(now, 25), Err(TwapError::TooOld { oldest_s: 20, start_s: 15 }));
        let shortened = oracle.average_of_known(now).unwrap();
        assert!((shortened - 32.0_f64.sqrt()).abs() < 1e-12, "{shortened}");
        assert_eq!(oracle.average(now, 0), Err(TwapError::EmptyWindow));
        let early = Accumulator::starting_at(29);
        let clock = TwapError::Clock { last_s: 40, time_s: 29 };
        assert_eq!(oracle.average(early, 5), Err(clock));
        assert_eq!(oracle.observe(early), Err(clock));
        assert_eq!(now.credit(29, 1.0), Err(clock));
        for odd in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert_eq!(now.credit(50, odd), Err(TwapError::Price));
        }
        assert_eq!(GeometricTwap::new(START, 0), Err(TwapError::EmptyWindow));
        let fresh = GeometricTwap::new(Accumulator::starting_at(7), 60).unwrap();
        assert_eq!(fresh.average_of_known(Accumulator::starting_at(7)), Err(TwapError::EmptyWindow));
    }

    #[test]
    fn no_more_is_kept_than_the_window_needs() {
        let mut oracle = GeometricTwap::new(START, 100).unwrap();
        let mut now = START;
        for time in 1..=1_000 {
            now = now.credit(10 * time, 5.0).unwrap();
            oracle.observe(now).unwrap();
            oracle.observe(now).unwrap();
        }
        assert_eq!((oracle.observations.len(), oracle.oldest_s()), (10, 9_900));
        assert!((oracle.average(now, 95).unwrap() - 5.0).abs() < 1e-12);
    }

    proptest! {
        /// Against the sum written out, second by second.
        #[test]
        fn the_average_is_the_mean_of_the_logarithms(
            moves in prop::collection::vec((1_u64..50, -2.0..2.0_f64), 1..12), ahead in 0_u64..30, share in 0.0..1.0_f64,
        ) {
            let mut oracle = GeometricTwap::new(START, 10_000).unwrap();
            let (mut by_second, mut log_price, mut now) = (Vec::new(), 0.0, START);
            for (wait, next) in moves {
                by_second.extend(std::iter::repeat_n(log_price, wait as usize));
                now = now.credit(now.time_s() + wait, libm::exp(log_price)).unwrap();
                oracle.observe(now).unwrap();
                log_price = next;
            }
            by_second.extend(std::iter::repeat_n(log_price, ahead as usize));
            now = now.credit(now.time_s() + ahead, libm::exp(log_price)).unwrap();
            let window = ((now.time_s() as f64 * share) as usize).clamp(1, now.time_s() as usize);
            let expected = by_second[by_second.len() - window..].iter().sum::<f64>() / window as f64;
            let found = libm::log(oracle.average(now, window as u64).unwrap());
            prop_assert!((found - expected).abs() < 1e-11, "{found} for {expected}");
        }
    }
}
