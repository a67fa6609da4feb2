//! One of the three curves, for a pool of two coins: the record a venue holds.
//!
//! Coin 0 is the base, coin 1 the quote; prices are quote per base. Every question takes the reserves, because the
//! ledger holds them.

use super::arbitrage::{self, Trade};
use super::error::{SwapError, positive};
use super::stable_swap::StableSwap;
use super::{constant_product, weighted};

/// Which coin goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Base in, quote out.
    SellBase,
    /// Quote in, base out.
    BuyBase,
}

impl Side {
    /// Index of the coin that goes in.
    #[must_use]
    #[inline]
    pub const fn coin_in(self) -> usize {
        match self {
            Self::SellBase => 0,
            Self::BuyBase => 1,
        }
    }

    /// Index of the coin that comes out.
    #[must_use]
    #[inline]
    pub const fn coin_out(self) -> usize {
        1 - self.coin_in()
    }
}

/// Where a curve's customary fee is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeeOn {
    /// Before the swap, from what is brought.
    Input,
    /// After the swap, from what is paid.
    Output,
}

/// The curve of a pool of two coins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// `x y = k`.
    ConstantProduct,
    /// `x^w y^(1-w) = k`.
    Weighted {
        /// Weight of the base, in (0, 1).
        weight_base: f64,
    },
    /// Amplified sum and product.
    StableSwap {
        /// Curve's `A`, above zero.
        amplification: f64,
        /// Worth of one unit of base and of quote in a common unit; 1 and 1 for coins pegged to each other.
        rates: [f64; 2],
    },
}

impl Curve {
    /// The curve, if its parameters are in range.
    ///
    /// # Errors
    /// [`SwapError::Weight`], [`SwapError::Amplification`], [`SwapError::Price`] for a rate.
    pub fn check(&self) -> Result<(), SwapError> {
        match *self {
            Self::ConstantProduct => Ok(()),
            Self::Weighted { weight_base } if weight_base > 0.0 && weight_base < 1.0 => Ok(()),
            Self::Weighted { .. } => Err(SwapError::Weight),
            Self::StableSwap { amplification, rates } => {
                StableSwap::with_rates(amplification, rates).map(drop)
            }
        }
    }

    /// Where pools of this curve customarily take their fee, and where [`Self::arbitrage_trade`] assumes it.
    #[must_use]
    #[inline]
    pub const fn fee_on(&self) -> FeeOn {
        match self {
            Self::ConstantProduct | Self::Weighted { .. } => FeeOn::Input,
            Self::StableSwap { .. } => FeeOn::Output,
        }
    }

    /// Output for a net input. For StableSwap the output is gross of its fee.
    ///
    /// # Errors
    /// [`SwapError`].
    ///
    /// ```
    /// use ballast::protocol::amm::{Curve, Side};
    /// let pool = [10.0, 20_000.0];
    /// let out = Curve::ConstantProduct.out_given_in(pool, Side::BuyBase, 5_000.0)?;
    /// assert_eq!(out, 2.0);
    /// # Ok::<(), ballast::protocol::amm::SwapError>(())
    /// ```
    #[inline]
    pub fn out_given_in(&self, reserves: [f64; 2], side: Side, amount_in_net: f64) -> Result<f64, SwapError> {
        let (i, o) = (side.coin_in(), side.coin_out());
        match *self {
            Self::ConstantProduct => constant_product::out_given_in(reserves[i], reserves[o], amount_in_net),
            Self::Weighted { weight_base } => {
                let weights = [weight_base, 1.0 - weight_base];
                weighted::out_given_in(reserves[i], weights[i], reserves[o], weights[o], amount_in_net)
            }
            Self::StableSwap { amplification, rates } => {
                StableSwap { amplification, rates }.out_given_in(&reserves, i, o, amount_in_net)
            }
        }
    }

    /// Net input for an output. For StableSwap the output is gross of its fee.
    ///
    /// # Errors
    /// [`SwapError`].
    #[inline]
    pub fn in_given_out(&self, reserves: [f64; 2], side: Side, amount_out: f64) -> Result<f64, SwapError> {
        let (i, o) = (side.coin_in(), side.coin_out());
        match *self {
            Self::ConstantProduct => constant_product::in_given_out(reserves[i], reserves[o], amount_out),
            Self::Weighted { weight_base } => {
                let weights = [weight_base, 1.0 - weight_base];
                weighted::in_given_out(reserves[i], weights[i], reserves[o], weights[o], amount_out)
            }
            Self::StableSwap { amplification, rates } => {
                StableSwap { amplification, rates }.in_given_out(&reserves, i, o, amount_out)
            }
        }
    }

    /// Marginal price of the base in quote, before fees.
    ///
    /// # Errors
    /// [`SwapError`].
    #[inline]
    pub fn spot_price(&self, reserves: [f64; 2]) -> Result<f64, SwapError> {
        match *self {
            Self::ConstantProduct => constant_product::spot_price(reserves[0], reserves[1]),
            Self::Weighted { weight_base } => {
                weighted::spot_price(reserves[0], weight_base, reserves[1], 1.0 - weight_base)
            }
            Self::StableSwap { amplification, rates } => {
                StableSwap { amplification, rates }.spot_price(&reserves, 0, 1)
            }
        }
    }

    /// Output for a net input together with the marginal price before it: [`Self::out_given_in`] and
    /// [`Self::spot_price`], with the invariant computed once.
    ///
    /// # Errors
    /// [`SwapError`].
    #[inline]
    pub fn out_and_spot(
        &self,
        reserves: [f64; 2],
        side: Side,
        amount_in_net: f64,
    ) -> Result<(f64, f64), SwapError> {
        if let Self::StableSwap { amplification, rates } = *self {
            let curve = StableSwap { amplification, rates };
            return curve.out_and_spot(&reserves, side.coin_in(), side.coin_out(), amount_in_net);
        }
        Ok((self.out_given_in(reserves, side, amount_in_net)?, self.spot_price(reserves)?))
    }

    /// Part of the spot price that a trade gives up to the curve, without fees: 0 for a tiny trade, towards 1 for a huge
    /// one.
    ///
    /// # Errors
    /// [`SwapError`].
    pub fn price_impact(&self, reserves: [f64; 2], side: Side, amount_in_net: f64) -> Result<f64, SwapError> {
        if let Self::ConstantProduct = self {
            positive(reserves[side.coin_out()], SwapError::Reserves)?;
            return constant_product::price_impact(reserves[side.coin_in()], amount_in_net);
        }
        let spot = self.spot_price(reserves)?;
        let execution = self.out_given_in(reserves, side, amount_in_net)? / amount_in_net;
        Ok(match side {
            Side::SellBase => 1.0 - execution / spot,
            Side::BuyBase => 1.0 - execution * spot,
        })
    }

    /// The trade that earns most against an external market of `target_price`, or `None` where the pool's price is
    /// inside the fee band, or for numbers that are no pool, fee or price.
    #[must_use]
    #[inline]
    pub fn arbitrage_trade(&self, reserves: [f64; 2], fee: f64, target_price: f64) -> Option<Trade> {
        match *self {
            Self::ConstantProduct => arbitrage::constant_product(reserves, fee, target_price),
            Self::Weighted { weight_base } => arbitrage::weighted(reserves, weight_base, fee, target_price),
            Self::StableSwap { amplification, rates } => {
                arbitrage::stable_swap(StableSwap { amplification, rates }, reserves, fee, target_price)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVES: [Curve; 3] = [
        Curve::ConstantProduct,
        Curve::Weighted { weight_base: 0.8 },
        Curve::StableSwap { amplification: 50.0, rates: [1.0, 1.1] },
    ];

    #[test]
    fn the_record_is_small_and_copied() {
        assert!(std::mem::size_of::<Curve>() <= 32);
        assert_eq!(std::mem::size_of::<Result<f64, SwapError>>(), 16);
    }

    #[test]
    fn both_sides_invert_and_give_up_some_price() {
        let reserves = [1_000.0, 1_500.0];
        for curve in CURVES {
            assert_eq!(curve.check(), Ok(()));
            for side in [Side::SellBase, Side::BuyBase] {
                let out = curve.out_given_in(reserves, side, 90.0).unwrap();
                let back = curve.in_given_out(reserves, side, out).unwrap();
                assert!((back / 90.0 - 1.0).abs() < 1e-12, "{curve:?} {side:?}: {back}");
                let spot = curve.spot_price(reserves).unwrap();
                assert_eq!(curve.out_and_spot(reserves, side, 90.0), Ok((out, spot)), "{curve:?} {side:?}");
                let impact = curve.price_impact(reserves, side, 90.0).unwrap();
                assert!(impact > 0.0 && impact < 0.3, "{curve:?} {side:?}: {impact}");
                assert_eq!(curve.out_given_in(reserves, side, f64::NAN), Err(SwapError::Amount));
                assert_eq!(curve.out_given_in([0.0, 1.0], side, 1.0), Err(SwapError::Reserves));
            }
        }
    }

    #[test]
    fn the_spot_price_is_quote_per_base() {
        let small = 1e-4;
        for curve in CURVES {
            let reserves = [1_000.0, 1_500.0];
            let price = curve.spot_price(reserves).unwrap();
            let sold = curve.out_given_in(reserves, Side::SellBase, small).unwrap() / small;
            let bought = small / curve.out_given_in(reserves, Side::BuyBase, small).unwrap();
            assert!((sold / price - 1.0).abs() < 1e-6 && (bought / price - 1.0).abs() < 1e-6, "{curve:?}");
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        assert_eq!(Curve::Weighted { weight_base: 1.0 }.check(), Err(SwapError::Weight));
        let stable = |amplification, rate| Curve::StableSwap { amplification, rates: [1.0, rate] }.check();
        assert_eq!(stable(0.0, 1.0), Err(SwapError::Amplification));
        assert_eq!(stable(1.0, f64::NAN), Err(SwapError::Price));
        let weighted = Curve::Weighted { weight_base: 1.0 };
        assert_eq!(weighted.out_given_in([1.0, 1.0], Side::SellBase, 1.0), Err(SwapError::Weight));
    }
}
