//! A liquidity bootstrapping pool: a weighted pool whose weights slide.
//!
//! ```text
//! w(h) = w0 - (w0 - w1) (h - listed) / (expiry - listed)
//! ```
//!
//! `x` is the token on sale and `w` its weight, which falls over the life of the pool: without trades the price falls with
//! it, `P = (y / (1 - w)) / (x / w)`, so that the sale starts dear and buyers choose when. Liquidity comes in at creation
//! only. Source: `liquidity-bootstrapping-pool` of `alexgo-io/alex-v1` at `5146658f`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::protocol::amm::weighted::{RatioCaps, out_given_in, spot_price};

/// A bootstrapping pool. Prices are `y` per `x`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootstrapPool {
    /// Tokens of `x` (on sale) and `y` (paid).
    pub balances: [f64; 2],
    /// Weight of `x` at the start and at the end.
    pub weights_x: [f64; 2],
    /// First block.
    pub listed: u64,
    /// Last block in which it trades.
    pub expiry: u64,
    /// Lowest and highest price of a trade, both allowed.
    pub price_bounds: [f64; 2],
}

/// A trade, done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrapped {
    /// The pool afterwards.
    pub next: BootstrapPool,
    /// What was paid out.
    pub out: f64,
}

/// Weight of `x` at `height`, on the line from `first` to `last` over the blocks from `listed` to `expiry`. Before it the
/// weight is the first, after it the last.
///
/// ```
/// use ballast::protocol::launchpad::sliding_weight;
///
/// let weight_at = |height| sliding_weight([0.9, 0.5], 1_000..2_000, height);
/// assert!((weight_at(1_500) - 0.7).abs() < 1e-15);
/// assert_eq!([weight_at(0), weight_at(9_999)], [0.9, 0.5]);
/// ```
#[must_use]
pub fn sliding_weight([first, last]: [f64; 2], life: Range<u64>, height: u64) -> f64 {
    if height >= life.end {
        return last;
    }
    let passed = height.saturating_sub(life.start) as f64 / (life.end - life.start) as f64;
    first - (first - last) * passed.min(1.0)
}

impl BootstrapPool {
    /// Says whether the pool can trade.
    ///
    /// # Errors
    /// [`Refusal::Terms`].
    pub fn check(&self) -> Result<(), Refusal> {
        let [first, last] = self.weights_x;
        let [lowest, highest] = self.price_bounds;
        let fine = first < 1.0
            && last > 0.0
            && last <= first
            && self.listed < self.expiry
            && lowest >= 0.0
            && lowest <= highest;
        if fine { Ok(()) } else { Err(Refusal::Terms) }
    }

    /// Weight of `x` at `height`.
    ///
    /// # Errors
    /// [`Refusal::Terms`], [`Refusal::Expired`].
    ///
    /// ```
    /// use ballast::protocol::launchpad::BootstrapPool;
    ///
    /// let pool = BootstrapPool {
    ///     balances: [1_000.0, 100.0],
    ///     weights_x: [0.9, 0.5],
    ///     listed: 1_000,
    ///     expiry: 2_000,
    ///     price_bounds: [0.0, f64::MAX],
    /// };
    /// assert!((pool.weight_x_at(1_500)? - 0.7).abs() < 1e-15);
    /// // Without trades the price falls with the weight: from 0.9 to 0.1.
    /// assert!((pool.spot_price(1_000)? - 0.9).abs() < 1e-12);
    /// assert!((pool.spot_price(2_000)? - 0.1).abs() < 1e-12);
    /// # Ok::<(), ballast::protocol::launchpad::Refusal>(())
    /// ```
    pub fn weight_x_at(&self, height: u64) -> Result<f64, Refusal> {
        self.check()?;
        if height > self.expiry {
            return Err(Refusal::Expired { expiry: self.expiry, height });
        }
        Ok(sliding_weight(self.weights_x, self.listed..self.expiry, height))
    }

    /// Marginal price at `height`.
    ///
    /// # Errors
    /// As [`BootstrapPool::weight_x_at`]; [`Refusal::Swap`].
    pub fn spot_price(&self, height: u64) -> Result<f64, Refusal> {
        let weight_x = self.weight_x_at(height)?;
        let [x, y] = self.balances;
        Ok(spot_price(x, weight_x, y, 1.0 - weight_x)?)
    }

    /// Sells `dx` of `x` for more than `least` of `y`.
    ///
    /// # Errors
    /// [`Refusal::Terms`], [`Refusal::Expired`], [`Refusal::Swap`], [`Refusal::BelowLimit`],
    /// [`Refusal::PriceOutOfBounds`], in this order.
    pub fn swap_x_for_y(&self, height: u64, dx: f64, least: f64) -> Result<Bootstrapped, Refusal> {
        self.swap(height, dx, least, true)
    }

    /// Buys more than `least` of `x` for `dy` of `y`.
    ///
    /// # Errors
    /// As [`BootstrapPool::swap_x_for_y`].
    pub fn swap_y_for_x(&self, height: u64, dy: f64, least: f64) -> Result<Bootstrapped, Refusal> {
        self.swap(height, dy, least, false)
    }

    fn swap(&self, height: u64, given: f64, least: f64, sells_x: bool) -> Result<Bootstrapped, Refusal> {
        let weight_x = self.weight_x_at(height)?;
        let (sold, bought) = if sells_x { (0, 1) } else { (1, 0) };
        let weights = [weight_x, 1.0 - weight_x];
        let caps = RatioCaps::ALEX;
        caps.check_in(given, self.balances[sold])?;
        let out =
            out_given_in(self.balances[sold], weights[sold], self.balances[bought], weights[bought], given)?;
        caps.check_out(out, self.balances[bought])?;
        if out <= least || least.is_nan() {
            return Err(Refusal::BelowLimit { found: out, least });
        }
        let price = if sells_x { out / given } else { given / out };
        let [lowest, highest] = self.price_bounds;
        if !(lowest..=highest).contains(&price) {
            return Err(Refusal::PriceOutOfBounds { price, lowest, highest });
        }
        let mut next = *self;
        next.balances[sold] += given;
        next.balances[bought] -= out;
        Ok(Bootstrapped { next, out })
    }
}
