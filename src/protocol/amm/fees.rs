//! Who receives the fee of a swap.
//!
//! On the input (Uniswap, Balancer, ALEX): `fee = rate dx`; the curve sees `dx - fee`; the rebate share of the fee
//! stays in the pool, where liquidity providers own it as growth of the balance, and the rest goes to the reserve
//! ledger in the input coin. A rebate of 1 is Uniswap v2, of 1/2 is ALEX.
//!
//! On the output (Curve): `fee = rate dy`; the admin share of the fee leaves the pool.
//! Sources: ALEX fixed-weight pool; Curve `StableSwap3Pool.vy` and stableswap-ng (dynamic fee).

use super::error::{SwapError, check_fee, positive};

/// A fee on the input of a swap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputFee {
    /// Share of the input, 0 to 1.
    pub rate: f64,
    /// Share of the fee that stays in the pool, 0 to 1.
    pub rebate_share: f64,
}

/// An input, divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputSplit {
    /// What the curve sees.
    pub net: f64,
    /// Fee kept by the pool for its liquidity providers.
    pub rebate: f64,
    /// Fee sent to the reserve ledger.
    pub reserve: f64,
}

impl InputSplit {
    /// What the pool's balance grows by: the net input and the rebate.
    #[must_use]
    pub fn to_pool(&self) -> f64 {
        self.net + self.rebate
    }
}

impl InputFee {
    /// Uniswap v2: 0.3 %, all of it to the liquidity providers.
    pub const UNISWAP_V2: Self = Self { rate: 0.003, rebate_share: 1.0 };
    /// ALEX on mainnet: 0.3 %, half of it to the liquidity providers.
    pub const ALEX: Self = Self { rate: 0.003, rebate_share: 0.5 };

    /// A fee of `rate` with `rebate_share` of it for the pool.
    ///
    /// # Errors
    /// [`SwapError::Fee`] for a rate outside [0, 1) or a share outside [0, 1].
    pub fn new(rate: f64, rebate_share: f64) -> Result<Self, SwapError> {
        let fee = Self { rate, rebate_share };
        fee.check()?;
        Ok(fee)
    }

    fn check(&self) -> Result<(), SwapError> {
        check_fee(self.rate)?;
        if (0.0..=1.0).contains(&self.rebate_share) { Ok(()) } else { Err(SwapError::Fee) }
    }

    /// Divides an input.
    ///
    /// # Errors
    /// [`SwapError::Amount`], [`SwapError::Fee`].
    ///
    /// ```
    /// use ballast::protocol::amm::fees::InputFee;
    /// let split = InputFee::new(0.01, 0.25)?.split(400.0)?;
    /// assert_eq!((split.net, split.rebate, split.reserve), (396.0, 1.0, 3.0));
    /// # Ok::<(), ballast::protocol::amm::SwapError>(())
    /// ```
    #[inline]
    pub fn split(&self, amount_in: f64) -> Result<InputSplit, SwapError> {
        self.check()?;
        positive(amount_in, SwapError::Amount)?;
        let fee = amount_in * self.rate;
        let rebate = fee * self.rebate_share;
        Ok(InputSplit { net: amount_in - fee, rebate, reserve: fee - rebate })
    }

    /// The gross input that leaves `net` for the curve.
    ///
    /// # Errors
    /// [`SwapError::Amount`], [`SwapError::Fee`].
    #[inline]
    pub fn gross(&self, net: f64) -> Result<f64, SwapError> {
        self.check()?;
        Ok(positive(net, SwapError::Amount)? / (1.0 - self.rate))
    }
}

/// A fee on the output of a swap, and on the uneven part of a join or an exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputFee {
    /// Share of the output, 0 to 1.
    pub rate: f64,
    /// Share of the fee that leaves the pool for the administrator, 0 to 1.
    pub admin_share: f64,
    /// How many times the rate a swap far from the peg pays at most; 1 or less for a fixed fee.
    pub off_peg_multiplier: f64,
}

/// An output, divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputSplit {
    /// What the trader receives.
    pub paid: f64,
    /// The whole fee.
    pub fee: f64,
    /// The part of the fee that leaves the pool.
    pub admin: f64,
}

impl OutputFee {
    /// Nothing.
    pub const NONE: Self = Self { rate: 0.0, admin_share: 0.0, off_peg_multiplier: 1.0 };

    /// Refuses a rate outside [0, 1), a share outside [0, 1] and a multiplier that is not finite.
    pub(super) fn check(&self) -> Result<(), SwapError> {
        check_fee(self.rate)?;
        let share = (0.0..=1.0).contains(&self.admin_share);
        if share && self.off_peg_multiplier.is_finite() { Ok(()) } else { Err(SwapError::Fee) }
    }

    /// The rate for balances `x` and `y` of equal worth per unit:
    /// `m f / ((m - 1) 4 x y / (x + y)^2 + 1)`, which is `f` at the peg and `m f` far from it.
    #[must_use]
    pub fn rate_at(&self, x: f64, y: f64) -> f64 {
        let multiplier = self.off_peg_multiplier;
        if multiplier <= 1.0 {
            return self.rate;
        }
        let sum = x + y;
        multiplier * self.rate / ((multiplier - 1.0) * 4.0 * (x / sum) * (y / sum) + 1.0)
    }

    /// The rate on the uneven part of a join or an exit of `coins` coins: `f n / (4 (n - 1))`.
    #[must_use]
    pub fn imbalance_rate(&self, coins: usize) -> f64 {
        let coins = coins.max(2) as f64;
        self.rate * coins / (4.0 * (coins - 1.0))
    }

    /// Divides a gross output at `rate`.
    #[must_use]
    #[inline]
    pub fn split(&self, gross: f64, rate: f64) -> OutputSplit {
        let fee = gross * rate;
        OutputSplit { paid: gross - fee, fee, admin: fee * self.admin_share }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn alex_keeps_half_of_thirty_points() {
        let split = InputFee::ALEX.split(1_000.0).unwrap();
        assert_eq!((split.net, split.rebate, split.reserve), (997.0, 1.5, 1.5));
        assert_eq!(split.to_pool(), 998.5);
        assert!((InputFee::ALEX.gross(997.0).unwrap() - 1_000.0).abs() < 1e-12);
    }

    #[test]
    fn shares_outside_their_range_are_refused() {
        assert_eq!(InputFee::new(1.0, 0.5), Err(SwapError::Fee));
        assert_eq!(InputFee::new(-0.1, 0.5), Err(SwapError::Fee));
        assert_eq!(InputFee::new(0.1, f64::NAN), Err(SwapError::Fee));
        assert_eq!(InputFee { rate: 0.1, rebate_share: 1.1 }.split(1.0), Err(SwapError::Fee));
        assert_eq!(InputFee::ALEX.split(f64::NAN), Err(SwapError::Amount));
        assert_eq!(InputFee::ALEX.gross(0.0), Err(SwapError::Amount));
        assert_eq!(
            OutputFee { rate: 0.1, admin_share: 2.0, off_peg_multiplier: 1.0 }.check(),
            Err(SwapError::Fee)
        );
    }

    #[test]
    fn the_dynamic_fee_grows_away_from_the_peg() {
        let fee = OutputFee { rate: 0.0004, admin_share: 0.5, off_peg_multiplier: 5.0 };
        assert!((fee.rate_at(7.0, 7.0) - 0.0004).abs() < 1e-18);
        // 4xy/(x+y)^2 = 0.75 at 1 : 3.
        assert!((fee.rate_at(1.0, 3.0) - 0.002 / 4.0).abs() < 1e-18);
        assert!((fee.rate_at(1e-12, 1.0) - 0.002).abs() < 1e-12);
        assert!((fee.imbalance_rate(3) - 0.00015).abs() < 1e-18);
        assert_eq!(fee.split(100.0, 0.01), OutputSplit { paid: 99.0, fee: 1.0, admin: 0.5 });
    }

    proptest! {
        #[test]
        fn nothing_is_lost(amount in 1e-9..1e12_f64, rate in 0.0..0.99_f64, rebate in 0.0..1.0_f64) {
            let split = InputFee::new(rate, rebate).unwrap().split(amount).unwrap();
            prop_assert!((split.net + split.rebate + split.reserve - amount).abs() <= 4.0 * f64::EPSILON * amount);
            prop_assert!(split.net > 0.0 && split.rebate >= 0.0 && split.reserve >= 0.0);
        }
    }
}
