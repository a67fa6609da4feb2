//! Deposits and withdrawals of liquidity providers.
//!
//! The first deposit brings tokens only: it mints one share a token and writes down as many *virtual* yield tokens, so
//! that the pool opens at par and can only be borrowed from. Later deposits and all withdrawals are proportional, with the
//! yield tokens split into real and virtual as the pool's are. Source: `yield-token-pool` (`add-to-position`,
//! `reduce-position`, `get-token-given-position`, `get-position-given-mint`).

use super::refusal::{Refusal, not_negative, positive};
use super::state::State;

/// Shares, and what goes with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Pool tokens.
    pub shares: f64,
    /// Tokens.
    pub token: f64,
    /// Real yield tokens.
    pub yield_token: f64,
    /// Virtual yield tokens: a number in the pool's books that nobody brings or receives.
    pub virtual_yield_token: f64,
}

/// A deposit or withdrawal, done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// The pool after it.
    pub next: State,
    /// What was moved.
    pub position: Position,
}

/// What a deposit of `token` mints, and which yield tokens must come with it.
///
/// A pool whose two reserves are equal takes every deposit as if it were the first, all virtual.
///
/// # Errors
/// [`Refusal::NoLiquidity`] for no tokens; [`Refusal::Amount`], [`Refusal::Reserves`].
pub fn quote_deposit(state: &State, token: f64) -> Result<Position, Refusal> {
    state.check()?;
    if token == 0.0 {
        return Err(Refusal::NoLiquidity);
    }
    positive(token, Refusal::Amount)?;
    let reserves = state.reserves();
    if state.shares == 0.0 || reserves.token == reserves.yield_token {
        return Ok(Position { shares: token, token, yield_token: 0.0, virtual_yield_token: token });
    }
    let share = token / positive(reserves.token, Refusal::Reserves)?;
    let (shares, yield_tokens) = (state.shares * share, reserves.yield_token * share);
    // The contract takes equal numbers of shares and yield tokens for the sign of a fresh pool.
    let yield_token = if shares == yield_tokens { 0.0 } else { state.yield_token * share };
    Ok(Position { shares, token, yield_token, virtual_yield_token: yield_tokens - yield_token })
}

/// What `shares` are worth: the same question for minting and for redeeming.
///
/// # Errors
/// [`Refusal::NoLiquidity`] for a pool without shares; [`Refusal::Amount`], [`Refusal::Reserves`].
pub fn quote_shares(state: &State, shares: f64) -> Result<Position, Refusal> {
    state.check()?;
    not_negative(shares, Refusal::Amount)?;
    if state.shares == 0.0 {
        return Err(Refusal::NoLiquidity);
    }
    let share = shares / state.shares;
    Ok(Position {
        shares,
        token: state.token * share,
        yield_token: state.yield_token * share,
        virtual_yield_token: state.virtual_yield_token * share,
    })
}

/// Adds `token` tokens and at most `max_yield_token` real yield tokens.
///
/// # Errors
/// [`Refusal::NothingMoves`] for no tokens; [`Refusal::Slippage`] where more yield tokens must come along than offered;
/// refusals of the quote.
pub fn deposit(state: &State, token: f64, max_yield_token: Option<f64>) -> Result<Moved, Refusal> {
    if token == 0.0 {
        return Err(Refusal::NothingMoves);
    }
    let position = quote_deposit(state, token)?;
    // Not a number agrees to nothing.
    let accepted = max_yield_token.is_none_or(|most| position.yield_token <= most);
    if !accepted {
        return Err(Refusal::Slippage);
    }
    let next = State {
        token: state.token + position.token,
        yield_token: state.yield_token + position.yield_token,
        virtual_yield_token: state.virtual_yield_token + position.virtual_yield_token,
        shares: state.shares + position.shares,
    };
    Ok(Moved { next, position })
}

/// Redeems `shares` for their part of tokens and real yield tokens.
///
/// # Errors
/// [`Refusal::MoreThanWhole`] for more shares than there are; refusals of the quote.
pub fn withdraw(state: &State, shares: f64) -> Result<Moved, Refusal> {
    let position = quote_shares(state, shares)?;
    if shares > state.shares {
        return Err(Refusal::MoreThanWhole);
    }
    let next = State {
        token: (state.token - position.token).max(0.0),
        yield_token: (state.yield_token - position.yield_token).max(0.0),
        virtual_yield_token: (state.virtual_yield_token - position.virtual_yield_token).max(0.0),
        shares: state.shares - shares,
    };
    Ok(Moved { next, position })
}
