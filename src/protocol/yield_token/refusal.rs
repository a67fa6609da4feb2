//! Why a verb of the yield-token pool is refused, with the number the contract gives it.

use thiserror::Error;

use crate::protocol::amm::SwapError;

/// A refusal. Where the contract has a code for it, [`Refusal::code`] says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// An amount is negative, infinite or not a number.
    #[error("expected a finite amount of at least zero")]
    Amount,
    /// A reserve, the supply of shares or a time is outside its range.
    #[error("expected finite reserves above zero and a normalised time in [0, 1): is the pool funded?")]
    Reserves,
    /// A fee, a share, a cap or a threshold of the terms is outside its range.
    #[error("expected fee rates of at least 0, shares and caps in [0, 1] and amounts of at least 0")]
    Terms,
    /// A target price or rate is not a finite number in its range.
    #[error("expected a finite price above zero and a rate band whose floor is below its cap")]
    Price,
    /// The amount is above the reserve it is measured against, or the yield reserve is below the token reserve where
    /// the equation library wants a rate of at least zero.
    #[error("the reserves do not allow this: the amount exceeds a reserve, or the rate would be negative")]
    Balance,
    /// The pool, or a share of it, does not exist yet.
    #[error("no liquidity, or the target price lies on the side this trade moves away from")]
    NoLiquidity,
    /// Nothing is offered, nothing would be minted.
    #[error("expected an amount above zero that moves something")]
    NothingMoves,
    /// The expiry or the height is not below the global latest expiry.
    #[error("expected expiry and height below the latest expiry: raise max_expiry first")]
    Expiry,
    /// The latest expiry is not above the height at which the pool was listed, so time has no unit.
    #[error("expected a latest expiry above the height of listing")]
    TimeScale,
    /// The pool holds fewer real yield tokens than it would pay: the rest of its reserve is virtual.
    #[error(
        "the pool's yield tokens are mostly virtual: it holds too few real ones, borrowers must bring them first"
    )]
    YieldTokensShort,
    /// The output is not above the least that is accepted, or the deposit would take more than is offered.
    #[error("the amount is worse than the limit given: widen the limit or trade less")]
    Slippage,
    /// More shares are to be redeemed than exist.
    #[error("expected at most the whole position")]
    MoreThanWhole,
    /// The input is above its allowed share of the reserve.
    #[error("the input is above the largest allowed share of the reserve: split the trade")]
    MaxInRatio,
    /// The output is above its allowed share of the reserve.
    #[error("the output is above the largest allowed share of the reserve: split the trade")]
    MaxOutRatio,
    /// The target is a price and no time is left, so every price is 1.
    #[error("no time is left: the pool trades at par and reaches no other price")]
    NoTimeLeft,
}

impl Refusal {
    /// The contract's code, or `None` where the contract has no such case or aborts without a code.
    #[must_use]
    pub const fn code(self) -> Option<u32> {
        match self {
            Self::Balance => Some(1001),
            Self::NoLiquidity => Some(2002),
            Self::NothingMoves => Some(2003),
            Self::Expiry => Some(2009),
            Self::YieldTokensShort => Some(2016),
            Self::Slippage => Some(2020),
            Self::MaxInRatio => Some(4001),
            Self::MaxOutRatio => Some(4002),
            Self::MoreThanWhole => Some(5000),
            Self::Amount
            | Self::Reserves
            | Self::Terms
            | Self::Price
            | Self::TimeScale
            | Self::NoTimeLeft => None,
        }
    }
}

impl From<SwapError> for Refusal {
    fn from(error: SwapError) -> Self {
        match error {
            SwapError::MaxInRatio => Self::MaxInRatio,
            SwapError::MaxOutRatio => Self::MaxOutRatio,
            SwapError::Reserves => Self::Reserves,
            SwapError::Fee => Self::Terms,
            SwapError::Price => Self::Price,
            SwapError::PriceOutOfReach => Self::NoLiquidity,
            _ => Self::Amount,
        }
    }
}

/// `value`, or the refusal where it is not finite and above zero.
#[inline]
pub(super) fn positive(value: f64, refusal: Refusal) -> Result<f64, Refusal> {
    if value > 0.0 && value < f64::INFINITY { Ok(value) } else { Err(refusal) }
}

/// `value`, or the refusal where it is not finite and at least zero.
#[inline]
pub(super) fn not_negative(value: f64, refusal: Refusal) -> Result<f64, Refusal> {
    if (0.0..f64::INFINITY).contains(&value) { Ok(value) } else { Err(refusal) }
}
