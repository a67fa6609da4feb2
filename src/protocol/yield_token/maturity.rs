//! The normalised time `t` that is left to a pool: the exponent of its curve.
//!
//! The contract does not count `t` in years. It divides the blocks that are left by the life of the *longest* pool that
//! could have been listed at the same height, so that every pool of one vintage trades on one scale:
//!
//! `t = min(0.95, max(0, expiry - height) / (latest_expiry - listed))`
//!
//! Raising the global latest expiry therefore lowers `t`, and reprices every pool at once. The white paper's `t` is
//! plainer, a fraction of a year; [`TimeScale::YearFraction`] is that one. Source: `yield-token-pool` (`get-t`).

use super::refusal::{Refusal, positive};

/// Blocks in a year of ten-minute blocks.
pub const BLOCKS_PER_YEAR: f64 = 52_560.0;
/// Largest normalised time: beyond it `1 / (1 - t)` magnifies rounding.
pub const MAX_TIME: f64 = 0.95;

/// What the blocks left are divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimeScale {
    /// The contract: the blocks between the listing and the latest expiry any pool may have.
    LatestExpiry {
        /// Global height below which every expiry and every trade must lie; 210,240 (four years) when deployed.
        height: u64,
    },
    /// The white paper: years to expiry.
    YearFraction {
        /// Blocks in a year, see [`BLOCKS_PER_YEAR`].
        blocks_per_year: f64,
    },
}

/// When a pool was listed, when its yield tokens redeem at par, and in which unit time counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maturity {
    /// Height at which the pool was created.
    pub listed: u64,
    /// Height after which one yield token is worth one token.
    pub expiry: u64,
    /// The unit of `t`.
    pub scale: TimeScale,
}

impl Maturity {
    /// Global latest expiry when the contract was deployed: four years of blocks.
    pub const LATEST_EXPIRY: u64 = 210_240;

    /// A pool of the contract, listed at `listed`.
    #[must_use]
    pub const fn contract(listed: u64, expiry: u64) -> Self {
        Self { listed, expiry, scale: TimeScale::LatestExpiry { height: Self::LATEST_EXPIRY } }
    }

    /// Blocks left at `height`, zero after expiry.
    #[must_use]
    pub const fn blocks_left(&self, height: u64) -> u64 {
        self.expiry.saturating_sub(height)
    }

    /// Normalised time left at `height`, in `[0, 0.95]`.
    ///
    /// # Errors
    /// [`Refusal::Expiry`] where the expiry or the height is not below the latest expiry; [`Refusal::TimeScale`] where the
    /// pool was listed at or after it, or a year has no blocks.
    ///
    /// ```
    /// use ballast::protocol::yield_token::Maturity;
    /// // Ten per cent of the way from listing to the latest expiry is left: t is a tenth, not a fifth of a year.
    /// let pool = Maturity::contract(110_240, 130_240);
    /// assert!((pool.time_at(120_240)? - 0.1).abs() < 1e-15);
    /// # Ok::<(), ballast::protocol::yield_token::Refusal>(())
    /// ```
    pub fn time_at(&self, height: u64) -> Result<f64, Refusal> {
        let unit = match self.scale {
            TimeScale::LatestExpiry { height: latest } => {
                if self.expiry >= latest || height >= latest {
                    return Err(Refusal::Expiry);
                }
                latest.checked_sub(self.listed).ok_or(Refusal::TimeScale)? as f64
            }
            TimeScale::YearFraction { blocks_per_year } => blocks_per_year,
        };
        let left = self.blocks_left(height) as f64;
        Ok((left / positive(unit, Refusal::TimeScale)?).min(MAX_TIME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_not_years_and_a_later_latest_expiry_reprices_the_pool() {
        let pool = Maturity::contract(27_738, 32_736);
        let t = pool.time_at(27_738).unwrap();
        assert!((t - 4_998.0 / 182_502.0).abs() < 1e-15);
        assert!((t - 4_998.0 / BLOCKS_PER_YEAR).abs() > 0.06, "a year fraction would be {}", 0.0951);
        let later = Maturity { scale: TimeScale::LatestExpiry { height: 420_480 }, ..pool };
        assert!(later.time_at(27_738).unwrap() < 0.5 * t);
        let years = Maturity { scale: TimeScale::YearFraction { blocks_per_year: BLOCKS_PER_YEAR }, ..pool };
        assert!((years.time_at(27_738).unwrap() - 4_998.0 / 52_560.0).abs() < 1e-15);
    }

    #[test]
    fn time_is_capped_and_ends_at_expiry() {
        assert_eq!(Maturity::contract(100_000, 209_000).time_at(0), Ok(MAX_TIME));
        assert_eq!(Maturity::contract(0, 1_000).time_at(1_000), Ok(0.0));
        assert_eq!(Maturity::contract(0, 1_000).time_at(5_000), Ok(0.0));
    }

    #[test]
    fn heights_beyond_the_latest_expiry_are_refused() {
        let latest = Maturity::LATEST_EXPIRY;
        assert_eq!(Maturity::contract(0, latest).time_at(0), Err(Refusal::Expiry));
        assert_eq!(Maturity::contract(0, 10).time_at(latest), Err(Refusal::Expiry));
        assert_eq!(Maturity::contract(0, latest - 1).time_at(0), Ok(MAX_TIME));
        assert_eq!(Maturity::contract(latest, 10).time_at(5), Err(Refusal::TimeScale));
        assert_eq!(Maturity::contract(latest + 1, 10).time_at(5), Err(Refusal::TimeScale));
        let no_year = TimeScale::YearFraction { blocks_per_year: f64::NAN };
        assert_eq!(Maturity { listed: 0, expiry: 10, scale: no_year }.time_at(0), Err(Refusal::TimeScale));
    }
}
