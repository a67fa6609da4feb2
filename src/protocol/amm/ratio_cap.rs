//! Ratio caps of the ALEX pools of two coins, and the numbers the contracts give their refusals.
//!
//! A cap belongs to a *coin*, not to a direction: whatever way a trade goes, the amount of `x` is measured against
//! `max_in` (refusal 4001) and that of `y` against `max_out` (4002). Selling `y`, the input is therefore refused as too
//! large an *output*. Nobody sees it while both caps are equal. The yield-token pool does it the other way: its caps
//! belong to the direction, see [`RatioCaps`](super::weighted::RatioCaps).
//!
//! Source: `weighted-equation-v1-01`, `simple-equation`.

use super::error::SwapError;

/// Largest trade in each coin as a share of its balance; the bound itself is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoinCaps {
    /// For `x`; the contract's `MAX-IN-RATIO`.
    pub max_x: f64,
    /// For `y`; the contract's `MAX-OUT-RATIO`.
    pub max_y: f64,
}

impl CoinCaps {
    /// The weighted pools as deployed and on mainnet: 1 % each.
    pub const WEIGHTED: Self = Self { max_x: 0.01, max_y: 0.01 };
    /// The simple (half and half) pools as deployed: 5 % each.
    pub const SIMPLE: Self = Self { max_x: 0.05, max_y: 0.05 };

    /// Refuses an amount of `x` of its cap or more, paid or received.
    ///
    /// # Errors
    /// [`SwapError::MaxInRatio`].
    #[inline]
    pub fn check_x(&self, amount: f64, balance: f64) -> Result<(), SwapError> {
        if amount < self.max_x * balance { Ok(()) } else { Err(SwapError::MaxInRatio) }
    }

    /// Refuses an amount of `y` of its cap or more, paid or received.
    ///
    /// # Errors
    /// [`SwapError::MaxOutRatio`].
    #[inline]
    pub fn check_y(&self, amount: f64, balance: f64) -> Result<(), SwapError> {
        if amount < self.max_y * balance { Ok(()) } else { Err(SwapError::MaxOutRatio) }
    }
}

/// The number of an ALEX pool for a refusal, or `None` where it has none.
///
/// ```
/// use ballast::protocol::amm::{SwapError, ratio_cap::alex_code};
/// assert_eq!(alex_code(SwapError::Weight), Some(4000));
/// assert_eq!(alex_code(SwapError::NoConvergence), None);
/// ```
#[must_use]
pub const fn alex_code(refusal: SwapError) -> Option<u32> {
    match refusal {
        SwapError::PriceOutOfReach => Some(2002),
        SwapError::Amount | SwapError::Dust => Some(2003),
        SwapError::Slippage => Some(2020),
        SwapError::Weight => Some(4000),
        SwapError::MaxInRatio => Some(4001),
        SwapError::MaxOutRatio => Some(4002),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_belongs_to_a_coin_and_excludes_its_bound() {
        let caps = CoinCaps { max_x: 0.01, max_y: 0.02 };
        assert_eq!(caps.check_x(0.999, 100.0), Ok(()));
        assert_eq!(caps.check_x(1.0, 100.0), Err(SwapError::MaxInRatio));
        assert_eq!(caps.check_y(1.0, 100.0), Ok(()));
        assert_eq!(caps.check_y(2.0, 100.0), Err(SwapError::MaxOutRatio));
        assert_eq!(caps.check_y(f64::NAN, 100.0), Err(SwapError::MaxOutRatio));
        assert_eq!(alex_code(SwapError::MaxInRatio), Some(4001));
        assert_eq!(alex_code(SwapError::MaxOutRatio), Some(4002));
        assert_eq!(alex_code(SwapError::PriceOutOfReach), Some(2002));
        assert_eq!(alex_code(SwapError::Slippage), Some(2020));
    }
}
