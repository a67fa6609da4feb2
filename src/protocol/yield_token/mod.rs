//! The ALEX yield-token pool: lending and borrowing at a fixed rate for a fixed term.
//!
//! A yield token pays one token at expiry; until then it trades below par, and its discount is the interest. Who buys one
//! lends, who sells one (minted against collateral) borrows. The pool between them holds tokens (X) and yield tokens (Y)
//! on a curve that flattens as expiry comes near:
//!
//! `X^(1-t) + Y^(1-t) = L`
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | X | [`State::token`] | tokens | pool record |
//! | Y | [`State::yield_token`] + [`State::virtual_yield_token`] | yield tokens | pool record |
//! | t | [`Maturity::time_at`] | 1, `[0, 0.95]` | heights; *not* years |
//! | p | [`price()`] | yield tokens per token | `max(1, (Y/X)^t)` |
//! | r | [`continuous_rate`] | per unit of `t` | `ln(Y/X)` |
//!
//! Three things surprise. Most of Y is *virtual*: a fresh pool holds tokens only, opens at 0 % and cannot be lent to until
//! borrowers have brought real yield tokens. `t` is the time left over the life of the longest pool that could have been
//! listed, so that a vote on the latest expiry reprices every pool. And the fee is a share of the interest of a trade, not
//! of its amount.
//!
//! Rules of a different number format are left out: the contracts round every power against the trader by 4e-8 of itself,
//! which on a pool of 500,000 costs a trade of 501 another 0.08, and one of 500 (quoted at the spot price) nothing.
//!
//! Sources: ALEX white paper on automated market making; contracts `yield-token-pool` and `yield-token-equation` of
//! `alexgo-io/alex-v1` at `5146658f`.

mod band;
mod curve;
mod maturity;
mod position;
mod rate;
mod refusal;
mod state;
mod swap;

pub use band::{BandReserves, RateBand};
pub use curve::{Reserves, Side};
pub use maturity::{BLOCKS_PER_YEAR, MAX_TIME, Maturity, TimeScale};
pub use position::{Moved, Position, deposit, quote_deposit, quote_shares, withdraw};
pub use rate::{
    bond_price, continuous_annual_rate, continuous_rate, price_at_annual_rate, price_at_rate,
    simple_annual_rate, term_yield,
};
pub use refusal::Refusal;
pub use state::{State, Terms};
pub use swap::{Swapped, fee, price, quote_in, quote_out, quote_to_price, quote_to_yield, swap};

#[cfg(test)]
mod tests;
