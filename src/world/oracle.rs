//! What the chain knows of the outside price.
//!
//! The exogenous market has a spot price; an oracle observes it with a lag and a time-weighted geometric average, and
//! says how old its answer is.

use bevy_ecs::prelude::Resource;
use serde::{Deserialize, Serialize};

/// How an oracle sees the outside market.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OracleSettings {
    /// Ticks between an observation and its publication.
    pub lag_ticks: u32,
    /// Ticks averaged (geometrically); 1 publishes the spot price itself.
    pub twap_ticks: u32,
    /// Publish only when the average has moved this far from the last answer, in percent; 0 publishes every tick.
    pub deviation_threshold_percent: f64,
    /// Publish at least this often, in ticks, whatever the deviation.
    pub heartbeat_ticks: u32,
    /// The answer counts as invalid while spot and average differ by more than this, in percent.
    pub validity_limit_percent: f64,
}

impl Default for OracleSettings {
    fn default() -> Self {
        Self {
            lag_ticks: 0,
            twap_ticks: 1,
            deviation_threshold_percent: 0.0,
            heartbeat_ticks: 24,
            validity_limit_percent: 1e9,
        }
    }
}

/// An oracle's answer, in dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The published time-weighted price.
    pub price: f64,
    /// The smallest of the published price and the lagged spot price.
    pub low: f64,
    /// The largest of the two.
    pub high: f64,
    /// False while the two differ by more than the validity limit.
    pub valid: bool,
    /// Ticks since the published price was observed.
    pub age_ticks: u32,
}

#[derive(Debug, Clone)]
struct Feed {
    spot: f64,
    /// The last `lag + twap` spot prices; the newest at `head`.
    history: Vec<f64>,
    head: usize,
    published: f64,
    published_at: u32,
    lagged_spot: f64,
    /// Every spot price since the start, one a tick.
    past: Vec<f64>,
}

/// The outside prices of a world and the oracles over them, by the order of its exogenous assets.
#[derive(Debug, Clone, Resource)]
pub struct Oracle {
    settings: OracleSettings,
    feeds: Vec<Feed>,
    dollar_token: f64,
    observed: u32,
}

impl Oracle {
    /// Oracles over as many assets as there are `prices`, which fill the history.
    #[must_use]
    pub fn new(settings: OracleSettings, prices: &[f64]) -> Self {
        let length = settings.lag_ticks as usize + settings.twap_ticks.max(1) as usize;
        let feeds = prices
            .iter()
            .map(|&spot| Feed {
                spot,
                history: vec![spot; length],
                head: 0,
                published: spot,
                published_at: 0,
                lagged_spot: spot,
                past: Vec::new(),
            })
            .collect();
        Self { settings, feeds, dollar_token: 1.0, observed: 0 }
    }

    /// Takes in the outside prices of `tick`, and the price of the on-chain dollar in dollars.
    pub fn observe(&mut self, tick: u32, prices: impl IntoIterator<Item = f64>, dollar_token: f64) {
        self.observed = tick;
        self.dollar_token = dollar_token;
        let lag = self.settings.lag_ticks as usize;
        let window = self.settings.twap_ticks.max(1) as usize;
        for (feed, price) in self.feeds.iter_mut().zip(prices) {
            feed.spot = price;
            feed.past.push(price);
            let length = feed.history.len();
            feed.head = (feed.head + 1) % length;
            feed.history[feed.head] = price;
            let past = |age: usize| feed.history[(feed.head + length - age) % length];
            feed.lagged_spot = past(lag);
            // A window of one is the price itself: no rounding through the logarithm.
            let average = if window == 1 {
                past(lag)
            } else {
                let logs: f64 = (lag..lag + window).map(|age| libm::log(past(age))).sum();
                libm::exp(logs / window as f64)
            };
            let moved = (average / feed.published - 1.0).abs() * 100.0;
            let stale = tick.saturating_sub(feed.published_at) >= self.settings.heartbeat_ticks;
            if moved >= self.settings.deviation_threshold_percent || stale {
                feed.published = average;
                feed.published_at = tick;
            }
        }
    }

    /// The number of exogenous assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.feeds.len()
    }

    /// The outside spot price of exogenous asset number `place`, in dollars.
    #[must_use]
    pub fn spot(&self, place: usize) -> f64 {
        self.feeds[place].spot
    }

    /// The outside spot price `ticks` ago, or the first one known if that is later.
    #[must_use]
    pub fn spot_before(&self, place: usize, ticks: u32) -> f64 {
        let feed = &self.feeds[place];
        let last = feed.past.len().saturating_sub(1);
        feed.past.get(last.saturating_sub(ticks as usize)).copied().unwrap_or(feed.spot)
    }

    /// The price of the on-chain dollar, in dollars: one, unless it has lost its peg.
    #[must_use]
    pub const fn dollar_token(&self) -> f64 {
        self.dollar_token
    }

    /// What the oracle says of exogenous asset number `place`.
    #[must_use]
    pub fn answer(&self, place: usize) -> Answer {
        let feed = &self.feeds[place];
        let (low, high) = (feed.published.min(feed.lagged_spot), feed.published.max(feed.lagged_spot));
        Answer {
            price: feed.published,
            low,
            high,
            valid: (high / low - 1.0) * 100.0 <= self.settings.validity_limit_percent,
            age_ticks: self.observed.saturating_sub(feed.published_at) + self.settings.lag_ticks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(settings: OracleSettings, prices: &[f64]) -> Oracle {
        let mut oracle = Oracle::new(settings, &prices[..1]);
        for (tick, price) in prices.iter().enumerate() {
            oracle.observe(tick as u32, [*price], 1.0);
        }
        oracle
    }

    #[test]
    fn by_default_the_answer_is_the_spot_price() {
        let answer = after(OracleSettings::default(), &[2000.0, 1500.0]).answer(0);
        assert_eq!((answer.price, answer.low, answer.high, answer.valid), (1500.0, 1500.0, 1500.0, true));
    }

    #[test]
    fn the_average_is_geometric_and_lags() {
        let settings = OracleSettings { lag_ticks: 1, twap_ticks: 2, ..OracleSettings::default() };
        let answer = after(settings, &[100.0, 400.0, 900.0]).answer(0);
        assert!((answer.price - 200.0).abs() < 1e-9, "sqrt(100 * 400), the 900 is not yet seen");
        assert_eq!(answer.high, 400.0);
        assert_eq!(answer.age_ticks, 1);
    }

    #[test]
    fn a_wide_gap_between_spot_and_average_is_invalid() {
        let settings =
            OracleSettings { twap_ticks: 3, validity_limit_percent: 1.0, ..OracleSettings::default() };
        assert!(after(settings, &[100.0, 100.0, 100.1]).answer(0).valid);
        assert!(!after(settings, &[100.0, 100.0, 90.0]).answer(0).valid);
    }

    #[test]
    fn the_past_is_remembered_to_its_beginning() {
        let oracle = after(OracleSettings::default(), &[100.0, 110.0, 120.0]);
        assert_eq!([0, 1, 2, 9].map(|ticks| oracle.spot_before(0, ticks)), [120.0, 110.0, 100.0, 100.0]);
    }

    #[test]
    fn small_moves_wait_for_the_heartbeat() {
        let settings = OracleSettings {
            deviation_threshold_percent: 1.0,
            heartbeat_ticks: 3,
            ..OracleSettings::default()
        };
        assert_eq!(after(settings, &[100.0, 100.5, 100.5]).answer(0).price, 100.0);
        assert_eq!(after(settings, &[100.0, 100.5, 100.5, 100.5]).answer(0).price, 100.5);
        assert_eq!(after(settings, &[100.0, 101.5]).answer(0).price, 101.5);
    }
}
