//! The curve: `X^k + Y^k = L` with `k = 1 - t`.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | X | [`Reserves::token`] | tokens |
//! | Y | [`Reserves::yield_token`] | yield tokens, real and virtual together |
//! | t | `t` | normalised time left, `[0, 1)` |
//! | p | `price` | yield tokens per token, marginal: `(Y/X)^t` |
//!
//! At `t = 0` it is the constant sum (par), towards `t = 1` the constant product: interest dies out by itself as the
//! bond matures. From `d(X^k) = -d(Y^k)` follow
//!
//! `dy = Y - (X^k + Y^k - (X+dx)^k)^(1/k)` and, with `p'` the price after, `X' = X ((1 + (Y/X)^k) / (1 + p'^(k/t)))^(1/k)`.
//!
//! The powers nearly cancel in small trades, so the code works with `u = ((X+dx)^k - X^k) / Y^k` through `expm1` and
//! `log1p`: relative precision stays near 1e-15 however small the trade. The contracts instead round each of four powers
//! by 4e-8 of itself, which costs a trade up to about 2e-6 of the *reserve*; that loss is an accident of their number
//! format and is not modelled.
//!
//! Source: ALEX automated-market-making white paper; `yield-token-equation`, `yield-token-pool`.

use libm::{expm1, log, log1p, pow};

use super::refusal::{Refusal, not_negative, positive};
use crate::protocol::amm::weighted::RatioCaps;

/// Which way a trade goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Tokens in, yield tokens out (the contract's `x` for `y`): lending.
    BuyYield,
    /// Yield tokens in, tokens out (`y` for `x`): borrowing.
    SellYield,
}

/// What the curve sees: tokens, and yield tokens real and virtual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserves {
    /// X.
    pub token: f64,
    /// Y.
    pub yield_token: f64,
}

impl Reserves {
    fn check(self, t: f64) -> Result<f64, Refusal> {
        positive(self.token, Refusal::Reserves)?;
        positive(self.yield_token, Refusal::Reserves)?;
        positive(1.0 - not_negative(t, Refusal::Reserves)?, Refusal::Reserves)
    }

    /// Reserve of what goes in, and of what comes out.
    const fn in_and_out(self, side: Side) -> (f64, f64) {
        match side {
            Side::BuyYield => (self.token, self.yield_token),
            Side::SellYield => (self.yield_token, self.token),
        }
    }

    /// The invariant `X^k + Y^k`.
    ///
    /// # Errors
    /// [`Refusal::Reserves`].
    pub fn liquidity(self, t: f64) -> Result<f64, Refusal> {
        let k = self.check(t)?;
        Ok(pow(self.token, k) + pow(self.yield_token, k))
    }

    /// Price of a token in yield tokens, `(Y/X)^t`, floored at 1: no rate below zero.
    ///
    /// # Errors
    /// [`Refusal::Reserves`].
    ///
    /// ```
    /// use ballast::protocol::yield_token::Reserves;
    /// let pool = Reserves { token: 100.0, yield_token: 121.0 };
    /// assert!((pool.price(0.5)? - 1.1).abs() < 1e-15);
    /// // The same the other way round would be a negative rate.
    /// assert_eq!(Reserves { token: 121.0, yield_token: 100.0 }.price(0.5)?, 1.0);
    /// # Ok::<(), ballast::protocol::yield_token::Refusal>(())
    /// ```
    pub fn price(self, t: f64) -> Result<f64, Refusal> {
        self.check(t)?;
        Ok(pow(self.yield_token / self.token, t).max(1.0))
    }

    /// As [`Self::price`], but refusing where the equation library does: at a negative rate.
    ///
    /// # Errors
    /// [`Refusal::Reserves`]; [`Refusal::Balance`] for `Y < X`.
    pub fn price_of_library(self, t: f64) -> Result<f64, Refusal> {
        if self.yield_token < self.token { Err(Refusal::Balance) } else { self.price(t) }
    }

    /// Output for a net input, by the curve alone.
    ///
    /// # Errors
    /// [`Refusal::Reserves`], [`Refusal::Amount`]. An input beyond the end of the curve takes the whole reserve.
    pub fn out_given_in(self, side: Side, t: f64, amount_in: f64) -> Result<f64, Refusal> {
        let k = self.check(t)?;
        let (reserve_in, reserve_out) = self.in_and_out(side);
        not_negative(amount_in, Refusal::Amount)?;
        let used = pow(reserve_in / reserve_out, k) * expm1(k * log1p(amount_in / reserve_in));
        if used < 1.0 { Ok(-reserve_out * expm1(log1p(-used) / k)) } else { Ok(reserve_out) }
    }

    /// Net input for an output, by the curve alone.
    ///
    /// # Errors
    /// [`Refusal::Reserves`], [`Refusal::Amount`] where the input would be beyond any number; [`Refusal::Balance`] for
    /// the whole reserve or more.
    pub fn in_given_out(self, side: Side, t: f64, amount_out: f64) -> Result<f64, Refusal> {
        let k = self.check(t)?;
        let (reserve_in, reserve_out) = self.in_and_out(side);
        if not_negative(amount_out, Refusal::Amount)? >= reserve_out {
            return Err(Refusal::Balance);
        }
        let freed = -pow(reserve_out / reserve_in, k) * expm1(k * log1p(-amount_out / reserve_out));
        not_negative(reserve_in * expm1(log1p(freed) / k), Refusal::Amount)
    }

    /// [`Self::out_given_in`] within ratio caps, in the contract's order of checks: input at most the reserve (1001),
    /// input cap (4001), output cap (4002).
    ///
    /// # Errors
    /// As above, and [`Refusal::Balance`], [`Refusal::MaxInRatio`], [`Refusal::MaxOutRatio`].
    pub fn capped_out(self, side: Side, t: f64, amount_in: f64, caps: &RatioCaps) -> Result<f64, Refusal> {
        let (reserve_in, reserve_out) = self.in_and_out(side);
        if amount_in > reserve_in {
            return Err(Refusal::Balance);
        }
        caps.check_in(amount_in, reserve_in)?;
        let out = self.out_given_in(side, t, amount_in)?;
        caps.check_out(out, reserve_out)?;
        Ok(out)
    }

    /// [`Self::in_given_out`] within ratio caps: output at most the reserve (1001), output cap (4002), input cap (4001).
    ///
    /// # Errors
    /// As [`Self::capped_out`].
    pub fn capped_in(self, side: Side, t: f64, amount_out: f64, caps: &RatioCaps) -> Result<f64, Refusal> {
        let (reserve_in, reserve_out) = self.in_and_out(side);
        if amount_out > reserve_out {
            return Err(Refusal::Balance);
        }
        caps.check_out(amount_out, reserve_out)?;
        let input = self.in_given_out(side, t, amount_out)?;
        caps.check_in(input, reserve_in)?;
        Ok(input)
    }

    /// The reserves on this curve at another price.
    ///
    /// # Errors
    /// [`Refusal::Reserves`]; [`Refusal::Price`] for a price that is no positive number or whose reserves are beyond any
    /// number; [`Refusal::NoTimeLeft`] for `t = 0`.
    pub fn at_price(self, price: f64, t: f64) -> Result<Self, Refusal> {
        let k = self.check(t)?;
        let log_price = log(positive(price, Refusal::Price)?);
        let log_ratio = log_price / positive(t, Refusal::NoTimeLeft)?;
        // (1 + a^k) / (1 + b^k), b > a or b < a: one of the two forms cannot overflow.
        let old = k * log(self.yield_token / self.token);
        let token = self.token * libm::exp((soft_plus(old) - soft_plus(k * log_ratio)) / k);
        let yield_token = token * libm::exp(log_ratio);
        Ok(Self {
            token: positive(token, Refusal::Price)?,
            yield_token: positive(yield_token, Refusal::Price)?,
        })
    }

    /// Tokens to bring for the price to fall to `price`.
    ///
    /// # Errors
    /// As [`Self::at_price`]; [`Refusal::NoLiquidity`] for a target at or above the present price (2002).
    pub fn token_in_to_price(self, price: f64, t: f64) -> Result<f64, Refusal> {
        if positive(price, Refusal::Price)? >= self.price(t)? {
            return Err(Refusal::NoLiquidity);
        }
        Ok((self.at_price(price, t)?.token - self.token).max(0.0))
    }

    /// Yield tokens to bring for the price to rise to `price`.
    ///
    /// The contract answers this question (`get-y-given-price`) with `Y - X'`, the yield reserve less the *token* reserve
    /// after the trade. That is not the amount which moves the price: see the test
    /// `the_contract_misquotes_yield_tokens_to_a_price`.
    ///
    /// # Errors
    /// As [`Self::at_price`]; [`Refusal::NoLiquidity`] for a target at or below the present price (2002).
    pub fn yield_in_to_price(self, price: f64, t: f64) -> Result<f64, Refusal> {
        if positive(price, Refusal::Price)? <= self.price(t)? {
            return Err(Refusal::NoLiquidity);
        }
        Ok((self.at_price(price, t)?.yield_token - self.yield_token).max(0.0))
    }
}

/// `ln(1 + e^x)` without overflow.
fn soft_plus(x: f64) -> f64 {
    x.max(0.0) + log1p(libm::exp(-x.abs()))
}

#[cfg(test)]
mod tests;
