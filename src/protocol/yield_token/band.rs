//! Virtual reserves for a band of rates.
//!
//! A pool that quotes rates in `[floor, cap]` only needs real reserves for that part of the curve; the rest is virtual.
//! At the cap all tokens are gone (`X = x_v`, `Y = X e^cap`), at the floor all yield tokens (`Y = y_v`, `X = Y e^-floor`);
//! both on the curve `X^k + Y^k = L`, so
//!
//! `x_v = (L / (1 + e^(k cap)))^(1/k)`, `y_v = (L / (1 + e^(-k floor)))^(1/k)`.
//!
//! The contract is the band with no cap and a floor of 0 %: no virtual tokens, `y_v = (L/2)^(1/k)`.
//! Rates are continuous, per unit of normalised time. Source: ALEX automated-market-making white paper.

use libm::{exp, log1p};

use super::curve::Reserves;
use super::refusal::{Refusal, positive};

/// The rates between which a pool quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateBand {
    /// Least rate, `ln(Y/X)`.
    pub floor: f64,
    /// Largest rate; infinite for none.
    pub cap: f64,
}

/// Reserves at one rate of a band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandReserves {
    /// What the curve sees.
    pub total: Reserves,
    /// Virtual tokens.
    pub virtual_token: f64,
    /// Virtual yield tokens.
    pub virtual_yield_token: f64,
}

impl BandReserves {
    /// Tokens the pool really holds.
    #[must_use]
    pub fn actual_token(&self) -> f64 {
        self.total.token - self.virtual_token
    }

    /// Yield tokens the pool really holds.
    #[must_use]
    pub fn actual_yield_token(&self) -> f64 {
        self.total.yield_token - self.virtual_yield_token
    }
}

impl RateBand {
    /// The contract's: no rate below zero, no cap.
    pub const NOT_NEGATIVE: Self = Self { floor: 0.0, cap: f64::INFINITY };

    /// Reserves of a pool of liquidity `L` at `rate`, with their virtual parts.
    ///
    /// # Errors
    /// [`Refusal::Price`] for a floor that is not below the cap or a rate outside the band; [`Refusal::Reserves`] for a
    /// liquidity or time out of range, or reserves beyond any number.
    ///
    /// ```
    /// use ballast::protocol::yield_token::RateBand;
    /// // A loan rate of 10 % in a band of 0 to 50 % takes a fifth of the tokens, and a twentieth of the bonds.
    /// let pool = RateBand { floor: 0.0, cap: 0.5 }.reserves_at(20.0, 0.1, 0.5)?;
    /// assert!((pool.total.token - 95.06).abs() < 0.005 && (pool.total.yield_token - 105.06).abs() < 0.005);
    /// assert!((pool.actual_token() - 18.39).abs() < 0.005 && (pool.actual_yield_token() - 5.06).abs() < 0.005);
    /// # Ok::<(), ballast::protocol::yield_token::Refusal>(())
    /// ```
    pub fn reserves_at(&self, liquidity: f64, rate: f64, t: f64) -> Result<BandReserves, Refusal> {
        let ordered = self.floor.is_finite() && self.floor < self.cap;
        if !(ordered && rate.is_finite() && self.floor <= rate && rate <= self.cap) {
            return Err(Refusal::Price);
        }
        positive(liquidity, Refusal::Reserves)?;
        let k = if (0.0..1.0).contains(&t) { 1.0 - t } else { return Err(Refusal::Reserves) };
        // (L / (1 + e^z))^(1/k), which is zero for z without bound.
        let share = |z: f64| exp((libm::log(liquidity) - z.max(0.0) - log1p(exp(-z.abs()))) / k);
        let token = positive(share(k * rate), Refusal::Reserves)?;
        let yield_token = positive(share(-k * rate), Refusal::Reserves)?;
        let virtual_token = if self.cap.is_finite() { share(k * self.cap) } else { 0.0 };
        Ok(BandReserves {
            total: Reserves { token, yield_token },
            virtual_token,
            virtual_yield_token: share(-k * self.floor),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_white_paper_example() {
        let pool = RateBand { floor: 0.0, cap: 0.5 }.reserves_at(20.0, 0.1, 0.5).unwrap();
        assert!((pool.actual_token() - 18.39).abs() < 0.005, "{pool:?}");
        assert!((pool.actual_yield_token() - 5.06).abs() < 0.005, "{pool:?}");
        assert!((pool.total.token - 95.06).abs() < 0.005, "{pool:?}");
        assert!((pool.total.yield_token - 105.06).abs() < 0.005, "{pool:?}");
    }

    #[test]
    fn a_floor_of_zero_makes_half_the_liquidity_virtual() {
        let pool = RateBand::NOT_NEGATIVE.reserves_at(20.0, 0.0, 0.5).unwrap();
        assert!((pool.virtual_yield_token - 100.0).abs() < 1e-11);
        assert_eq!(pool.virtual_token, 0.0);
        // At the floor no real yield token is left.
        assert!(pool.actual_yield_token().abs() < 1e-11);
    }

    #[test]
    fn rates_outside_the_band_and_bad_numbers_are_refused() {
        let band = RateBand { floor: 0.0, cap: 0.5 };
        for rate in [-0.1, 0.6, f64::NAN] {
            assert_eq!(band.reserves_at(20.0, rate, 0.5), Err(Refusal::Price));
        }
        assert_eq!(RateBand { floor: 0.5, cap: 0.0 }.reserves_at(20.0, 0.2, 0.5), Err(Refusal::Price));
        assert_eq!(band.reserves_at(0.0, 0.1, 0.5), Err(Refusal::Reserves));
        assert_eq!(band.reserves_at(20.0, 0.1, 1.0), Err(Refusal::Reserves));
        assert_eq!(band.reserves_at(20.0, 0.1, f64::NAN), Err(Refusal::Reserves));
        assert_eq!(band.reserves_at(1e300, 0.1, 0.9), Err(Refusal::Reserves));
    }

    proptest! {
        #[test]
        fn real_reserves_run_out_exactly_at_the_ends(
            liquidity in 1e-3..1e6_f64, floor in -0.5..0.5_f64, width in 0.01..2.0_f64, share in 0.0..1.0_f64, t in 0.01..0.9_f64,
        ) {
            let band = RateBand { floor, cap: floor + width };
            let pool = band.reserves_at(liquidity, floor + share * width, t).unwrap();
            let slack = 1e-10 * (pool.total.token + pool.total.yield_token);
            prop_assert!(pool.actual_token() >= -slack && pool.actual_yield_token() >= -slack);
            prop_assert!((pool.total.liquidity(t).unwrap() / liquidity - 1.0).abs() < 1e-12);
            let (low, high) = (band.reserves_at(liquidity, floor, t).unwrap(), band.reserves_at(liquidity, band.cap, t).unwrap());
            prop_assert!(low.actual_yield_token().abs() < 1e-10 * low.total.yield_token);
            prop_assert!(high.actual_token().abs() < 1e-10 * high.total.token);
        }
    }
}
