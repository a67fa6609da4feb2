//! Why a swap, a join or an exit is refused.

use thiserror::Error;

/// A refusal. It carries no number, so that a result of a quote stays in two registers; the caller knows its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum SwapError {
    /// An amount is negative, zero where something must move, infinite or not a number.
    #[error("expected a finite amount above zero")]
    Amount,
    /// A balance or the supply of liquidity is not a finite number above zero.
    #[error("expected finite reserves and supply above zero: is the pool funded?")]
    Reserves,
    /// A weight is outside (0, 1].
    #[error("expected weights above 0 and at most 1")]
    Weight,
    /// The amplification is not a finite number above zero.
    #[error("expected a finite amplification above zero")]
    Amplification,
    /// A fee or a share is outside its range.
    #[error("expected a fee of at least 0 and below 1")]
    Fee,
    /// A price is not a finite number above zero.
    #[error("expected a finite price above zero")]
    Price,
    /// A coin index is out of range, or both coins of a swap are the same.
    #[error("expected two different coins of the pool")]
    Coin,
    /// More is asked for than the pool holds.
    #[error("the pool holds less than was asked for: ask for less")]
    InsufficientLiquidity,
    /// The input is above its allowed share of the balance.
    #[error("the input is above the largest allowed share of the balance: split the trade")]
    MaxInRatio,
    /// The output is above its allowed share of the balance.
    #[error("the output is above the largest allowed share of the balance: split the trade")]
    MaxOutRatio,
    /// A deposit is too small to mint any liquidity, or an exit too small to pay any coin.
    #[error("the amount is too small to mint or pay anything")]
    Dust,
    /// The trade would pay less than the least that is accepted, or a deposit take more than is offered.
    #[error("the amount is worse than the limit given: widen the limit or trade less")]
    Slippage,
    /// The invariant would fall.
    #[error("the invariant would fall: ask for at least one atom less or pay more")]
    InvariantFalls,
    /// The amounts do not fit the arithmetic.
    #[error("the amounts are outside the range of the arithmetic")]
    Overflow,
    /// The target price lies on the side that this trade moves away from, or no balances have it.
    #[error("no trade of this side reaches that price")]
    PriceOutOfReach,
    /// An iteration did not settle: the balances differ by more than the curve can express.
    #[error("the invariant did not converge: the balances are too far apart")]
    NoConvergence,
}

/// `value`, or the refusal where it is not finite and above zero.
#[inline]
pub(super) fn positive(value: f64, refusal: SwapError) -> Result<f64, SwapError> {
    if value > 0.0 && value < f64::INFINITY { Ok(value) } else { Err(refusal) }
}

/// Refuses a fee outside [0, 1).
#[inline]
pub(super) fn check_fee(fee: f64) -> Result<(), SwapError> {
    if (0.0..1.0).contains(&fee) { Ok(()) } else { Err(SwapError::Fee) }
}
