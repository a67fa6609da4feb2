//! Quotes and swaps of a pool: the curve, and the pool's own guards around it.
//!
//! In the contract's order: net inputs of at most the small threshold are quoted at the spot price, larger ones on the
//! curve within its caps; yield tokens must really be there; no quote is better than par for the trader who would
//! otherwise earn a negative rate. A fee is a share of the *interest* of the trade, `rate (p - 1)` of the input.
//! Source: `yield-token-pool` (`swap-x-for-y`, `swap-y-for-x` and their quotes).

use super::curve::Side;
use super::refusal::{Refusal, not_negative, positive};
use super::state::{State, Terms};

/// A swap, done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swapped {
    /// The pool after it.
    pub next: State,
    /// Input that was traded, after the fee.
    pub net_in: f64,
    /// What the trader receives.
    pub out: f64,
    /// Fee kept by the pool, in what was brought in.
    pub rebate: f64,
    /// Fee for the reserve ledger, in what was brought in: yield tokens where yield tokens were sold.
    pub to_reserve: f64,
}

/// Marginal price at `height`, yield tokens per token, at least 1.
///
/// # Errors
/// [`Refusal::Expiry`] and other refusals of the time; [`Refusal::Reserves`] for a pool without tokens.
pub fn price(state: &State, terms: &Terms, height: u64) -> Result<f64, Refusal> {
    state.reserves().price(terms.maturity.time_at(height)?)
}

/// Output for a net input.
///
/// # Errors
/// Refusals of time, reserves and caps; [`Refusal::YieldTokensShort`] where the pool does not hold more real yield tokens
/// than it would pay.
pub fn quote_out(state: &State, terms: &Terms, height: u64, side: Side, net_in: f64) -> Result<f64, Refusal> {
    state.check()?;
    terms.check()?;
    not_negative(net_in, Refusal::Amount)?;
    let (t, reserves) = (terms.maturity.time_at(height)?, state.reserves());
    let small = net_in <= terms.small_threshold;
    match side {
        Side::BuyYield => {
            let out = if small {
                net_in * reserves.price(t)?
            } else {
                reserves.capped_out(side, t, net_in, &terms.caps)?
            };
            if state.yield_token > out { Ok(out.max(net_in)) } else { Err(Refusal::YieldTokensShort) }
        }
        Side::SellYield => {
            let out = if small {
                net_in / reserves.price(t)?
            } else {
                reserves.capped_out(side, t, net_in, &terms.caps)?
            };
            Ok(out.min(net_in))
        }
    }
}

/// Net input for an output. The contract quotes this on the curve at every size.
///
/// # Errors
/// As [`quote_out`].
pub fn quote_in(
    state: &State,
    terms: &Terms,
    height: u64,
    side: Side,
    amount_out: f64,
) -> Result<f64, Refusal> {
    state.check()?;
    terms.check()?;
    let t = terms.maturity.time_at(height)?;
    let input = state.reserves().capped_in(side, t, amount_out, &terms.caps)?;
    match side {
        Side::BuyYield if state.yield_token > amount_out => Ok(input.min(amount_out)),
        Side::BuyYield => Err(Refusal::YieldTokensShort),
        Side::SellYield => Ok(input.max(amount_out)),
    }
}

/// Net input that moves the price to `target`: buying yield tokens lowers it, selling them raises it. Not capped, and not
/// asked whether the pool holds the yield tokens; [`quote_out`] of the answer is.
///
/// # Errors
/// Refusals of time and reserves; [`Refusal::Price`]; [`Refusal::NoTimeLeft`] after expiry; [`Refusal::NoLiquidity`] for a
/// target on the wrong side of the price.
pub fn quote_to_price(
    state: &State,
    terms: &Terms,
    height: u64,
    side: Side,
    target: f64,
) -> Result<f64, Refusal> {
    state.check()?;
    let t = terms.maturity.time_at(height)?;
    match side {
        Side::BuyYield => state.reserves().token_in_to_price(target, t),
        Side::SellYield => state.reserves().yield_in_to_price(target, t),
    }
}

/// Net input that moves the contract's yield, the price less one, to `target`.
///
/// # Errors
/// As [`quote_to_price`].
pub fn quote_to_yield(
    state: &State,
    terms: &Terms,
    height: u64,
    side: Side,
    target: f64,
) -> Result<f64, Refusal> {
    quote_to_price(state, terms, height, side, 1.0 + target)
}

/// Fee on an input: `max(min_fee, input (p - 1) rate)`, at most the input.
///
/// # Errors
/// As [`price`]; [`Refusal::Amount`], [`Refusal::Terms`].
pub fn fee(state: &State, terms: &Terms, height: u64, side: Side, amount_in: f64) -> Result<f64, Refusal> {
    terms.check()?;
    positive(amount_in, Refusal::NothingMoves)?;
    let rate = match side {
        Side::BuyYield => terms.token_fee_rate,
        Side::SellYield => terms.yield_token_fee_rate,
    };
    let interest = amount_in * (price(state, terms, height)? - 1.0);
    Ok((interest * rate).max(terms.min_fee).min(amount_in))
}

/// Swaps `amount_in`, fee included, for more than `min_out`.
///
/// # Errors
/// [`Refusal::NothingMoves`] for no input; refusals of the quote; [`Refusal::Slippage`] for an output of `min_out` or less,
/// also where the fee takes all.
///
/// ```
/// use ballast::protocol::yield_token::{Maturity, Side, State, Terms, deposit, swap};
/// let terms = Terms::mainnet(Maturity::contract(27_738, 32_736));
/// let pool = deposit(&State::default(), 500_000.0, None)?.next;
/// // A fresh pool is all virtual: it cannot be lent to ...
/// assert_eq!(swap(&pool, &terms, 27_739, Side::BuyYield, 100.0, None).unwrap_err().code(), Some(2016));
/// // ... until somebody borrows, that is brings real yield tokens.
/// let borrowed = swap(&pool, &terms, 27_740, Side::SellYield, 20_000.0, None)?;
/// assert!(borrowed.out < 20_000.0 && borrowed.next.yield_token == 20_000.0);
/// let lent = swap(&borrowed.next, &terms, 27_741, Side::BuyYield, 100.0, None)?;
/// assert!(lent.out > 100.0);
/// # Ok::<(), ballast::protocol::yield_token::Refusal>(())
/// ```
pub fn swap(
    state: &State,
    terms: &Terms,
    height: u64,
    side: Side,
    amount_in: f64,
    min_out: Option<f64>,
) -> Result<Swapped, Refusal> {
    if amount_in == 0.0 {
        return Err(Refusal::NothingMoves);
    }
    positive(amount_in, Refusal::Amount)?;
    let fee = fee(state, terms, height, side, amount_in)?;
    let net_in = amount_in - fee;
    let rebate = fee * terms.rebate_share;
    let out = quote_out(state, terms, height, side, net_in)?;
    if out <= min_out.unwrap_or(0.0) {
        return Err(Refusal::Slippage);
    }
    let next = match side {
        Side::BuyYield => {
            State { token: state.token + net_in + rebate, yield_token: state.yield_token - out, ..*state }
        }
        Side::SellYield => State {
            token: (state.token - out).max(0.0),
            yield_token: state.yield_token + net_in + rebate,
            ..*state
        },
    };
    Ok(Swapped { next, net_in, out, rebate, to_reserve: fee - rebate })
}
