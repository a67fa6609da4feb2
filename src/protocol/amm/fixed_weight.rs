//! The ALEX fixed-weight pool: two coins on the weighted curve, capped quotes, a fee split between providers and the
//! reserve ledger, and an oracle that moves with trades.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | x, y | [`FixedWeightPool::balances`] | coins |
//! | w_x | [`FixedWeightPool::weight_x`] | share of the value; `w_y = 1 - w_x` |
//! | S | [`FixedWeightPool::spot_price`] | y per x, `y w_x / (x w_y)` |
//! | a | [`FixedWeightTerms::oracle_average`] | weight of the past in the oracle |
//!
//! The curve is [`super::weighted`]; half and half is the sibling `simple` pool with other caps. Fees stay with the
//! coin that was brought in: the rebate in the pool, the rest for the reserve ledger.
//!
//! The oracle is refreshed by swaps only, and from the balances *before* the swap:
//! `resilient = (1 - a) instant + a resilient`. It lags by trades, not by time: five sales of 3 % move the instant price
//! to 0.75 and leave it near 0.99. Source: `fixed-weight-pool-v1-01`, `weighted-equation-v1-01`.

use super::error::SwapError;
use super::fees::InputFee;
use super::ratio_cap::CoinCaps;
use super::resilient;
use super::weighted;

/// Which coin goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sell {
    /// x in, y out.
    X,
    /// y in, x out.
    Y,
}

/// Fees, caps and oracle of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedWeightTerms {
    /// Fee on x brought in, and on y.
    pub fees: [InputFee; 2],
    /// Largest trades.
    pub caps: CoinCaps,
    /// Weight of the past in the resilient price, `[0, 1)`; `None` where the oracle is off.
    pub oracle_average: Option<f64>,
}

impl FixedWeightTerms {
    /// Mainnet: 0.3 % both ways, half of it back to the pool, caps of 1 %, an oracle of 0.95. Source: AGP005, AGP006.
    pub const MAINNET: Self =
        Self { fees: [InputFee::ALEX; 2], caps: CoinCaps::WEIGHTED, oracle_average: Some(0.95) };
}

/// A pool of two coins.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FixedWeightPool {
    /// Balances of x and y.
    pub balances: [f64; 2],
    /// Weight of x, in (0, 1).
    pub weight_x: f64,
    /// Pool tokens of its liquidity providers.
    pub shares: f64,
    /// The resilient price, y per x; zero before the first refresh, as in the contract.
    pub resilient_price: f64,
}

/// A swap, done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedWeightSwap {
    /// The pool after it.
    pub next: FixedWeightPool,
    /// Input after the fee.
    pub net_in: f64,
    /// What the trader receives.
    pub out: f64,
    /// Fee for the reserve ledger, in the coin that was brought in.
    pub to_reserve: f64,
}

impl FixedWeightSwap {
    /// The swap, if it pays at least `least`.
    ///
    /// # Errors
    /// [`SwapError::Slippage`].
    pub fn at_least(self, least: f64) -> Result<Self, SwapError> {
        if self.out >= least { Ok(self) } else { Err(SwapError::Slippage) }
    }
}

/// A deposit or withdrawal, done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedWeightPosition {
    /// The pool after it.
    pub next: FixedWeightPool,
    /// Pool tokens minted or burnt.
    pub shares: f64,
    /// Coins that went with them.
    pub amounts: [f64; 2],
}

impl FixedWeightPool {
    fn weights(&self) -> Result<[f64; 2], SwapError> {
        let inside = self.weight_x > 0.0 && self.weight_x < 1.0;
        if inside { Ok([self.weight_x, 1.0 - self.weight_x]) } else { Err(SwapError::Weight) }
    }

    /// Marginal price of x in y.
    ///
    /// # Errors
    /// [`SwapError::Weight`], [`SwapError::Reserves`].
    pub fn spot_price(&self) -> Result<f64, SwapError> {
        let ([x, y], [weight_x, weight_y]) = (self.balances, self.weights()?);
        weighted::spot_price(x, weight_x, y, weight_y)
    }

    /// Output for a net input, within the caps of both coins. Nothing in, nothing out.
    ///
    /// # Errors
    /// [`SwapError::Weight`], [`SwapError::MaxInRatio`] for x, [`SwapError::MaxOutRatio`] for y, input refusals.
    ///
    /// ```
    /// use ballast::protocol::amm::fixed_weight::{FixedWeightPool, Sell};
    /// use ballast::protocol::amm::ratio_cap::{CoinCaps, alex_code};
    /// let pool = FixedWeightPool { balances: [1000.0, 500.0], weight_x: 0.5, ..Default::default() };
    /// let out = pool.quote_out(&CoinCaps::WEIGHTED, Sell::X, 3.0)?;
    /// assert!((out - 500.0 * 3.0 / 1003.0).abs() < 1e-12);
    /// // Ten y are too large an *output*, though they go in: caps belong to coins.
    /// let refusal = pool.quote_out(&CoinCaps::WEIGHTED, Sell::Y, 10.0).unwrap_err();
    /// assert_eq!(alex_code(refusal), Some(4002));
    /// # Ok::<(), ballast::protocol::amm::SwapError>(())
    /// ```
    pub fn quote_out(&self, caps: &CoinCaps, sell: Sell, net_in: f64) -> Result<f64, SwapError> {
        let ([x, y], [weight_x, weight_y]) = (self.balances, self.weights()?);
        match sell {
            Sell::X => {
                caps.check_x(net_in, x)?;
                let out = zero_or(net_in, || weighted::out_given_in(x, weight_x, y, weight_y, net_in))?;
                caps.check_y(out, y).map(|()| out)
            }
            Sell::Y => {
                caps.check_y(net_in, y)?;
                let out = zero_or(net_in, || weighted::out_given_in(y, weight_y, x, weight_x, net_in))?;
                caps.check_x(out, x).map(|()| out)
            }
        }
    }

    /// Net input for an output of the coin that is not sold, within the caps of both coins.
    ///
    /// # Errors
    /// As [`Self::quote_out`].
    pub fn quote_in(&self, caps: &CoinCaps, sell: Sell, amount_out: f64) -> Result<f64, SwapError> {
        let ([x, y], [weight_x, weight_y]) = (self.balances, self.weights()?);
        match sell {
            Sell::X => {
                caps.check_y(amount_out, y)?;
                let input =
                    zero_or(amount_out, || weighted::in_given_out(x, weight_x, y, weight_y, amount_out))?;
                caps.check_x(input, x).map(|()| input)
            }
            Sell::Y => {
                caps.check_x(amount_out, x)?;
                let input =
                    zero_or(amount_out, || weighted::in_given_out(y, weight_y, x, weight_x, amount_out))?;
                caps.check_y(input, y).map(|()| input)
            }
        }
    }

    /// Net input that moves the price of x to `price`: selling x lowers it, selling y raises it. Not capped.
    ///
    /// # Errors
    /// [`SwapError::PriceOutOfReach`] for a price on the wrong side, [`SwapError::Price`] and the refusals of the pool.
    pub fn quote_to_price(&self, sell: Sell, price: f64) -> Result<f64, SwapError> {
        let ([x, y], [weight_x, weight_y]) = (self.balances, self.weights()?);
        match sell {
            Sell::X => weighted::in_to_price(x, weight_x, y, weight_y, 1.0 / price),
            Sell::Y => weighted::in_to_price(y, weight_y, x, weight_x, price),
        }
    }

    /// The resilient price after a refresh from the present balances.
    ///
    /// # Errors
    /// As [`Self::spot_price`]; [`SwapError::Price`] for an average outside `[0, 1)`.
    pub fn refreshed_price(&self, average: f64) -> Result<f64, SwapError> {
        if !(0.0..1.0).contains(&average) {
            return Err(SwapError::Price);
        }
        let spot = self.spot_price()?;
        if self.resilient_price > 0.0 {
            resilient::reading(Some(self.resilient_price), spot, average)
        } else {
            Ok((1.0 - average) * spot)
        }
    }

    /// Swaps `amount_in`, fee included.
    ///
    /// # Errors
    /// [`SwapError::Amount`] for no input; [`SwapError::Dust`] where the average price would not be worse than the spot
    /// price; refusals of fee and quote.
    pub fn swap(
        &self,
        terms: &FixedWeightTerms,
        sell: Sell,
        amount_in: f64,
    ) -> Result<FixedWeightSwap, SwapError> {
        let (coin_in, coin_out) = match sell {
            Sell::X => (0, 1),
            Sell::Y => (1, 0),
        };
        let split = terms.fees[coin_in].split(amount_in)?;
        let out = self.quote_out(&terms.caps, sell, split.net)?;
        let spot = self.spot_price()?;
        let worse = match sell {
            Sell::X => out < split.net * spot,
            Sell::Y => out * spot < split.net,
        };
        if !worse {
            return Err(SwapError::Dust);
        }
        let mut next = *self;
        next.balances[coin_in] += split.to_pool();
        next.balances[coin_out] -= out;
        next.resilient_price = match terms.oracle_average {
            Some(average) => self.refreshed_price(average)?,
            None => 0.0,
        };
        Ok(FixedWeightSwap { next, net_in: split.net, out, to_reserve: split.reserve })
    }

    /// What a deposit of `x` mints, and the `y` that goes with it: `offered_y` for the first deposit, else in proportion.
    /// The first mints the invariant, `x^w_x y^w_y`.
    ///
    /// # Errors
    /// [`SwapError::Amount`], [`SwapError::Weight`], [`SwapError::Reserves`]; [`SwapError::Slippage`] where more y must
    /// come along than offered.
    pub fn deposit(&self, x: f64, offered_y: f64) -> Result<FixedWeightPosition, SwapError> {
        let weights = self.weights()?;
        super::error::positive(x, SwapError::Amount)?;
        let (shares, y) = if self.shares == 0.0 {
            (weighted::invariant(&[x, offered_y], &weights)?, offered_y)
        } else {
            let share = weighted::proportional_amount(1.0, x, self.balances[0])?;
            (self.shares * share, self.balances[1] * share)
        };
        // Not a number offers nothing.
        let offered = y <= offered_y;
        if !offered {
            return Err(SwapError::Slippage);
        }
        let [old_x, old_y] = self.balances;
        let next = Self { balances: [old_x + x, old_y + y], shares: self.shares + shares, ..*self };
        Ok(FixedWeightPosition { next, shares, amounts: [x, y] })
    }

    /// Coins that go with `shares`, minted or burnt.
    ///
    /// # Errors
    /// [`SwapError::PriceOutOfReach`] for a pool without shares (the contract's 2002), [`SwapError::Amount`],
    /// [`SwapError::Reserves`].
    pub fn amounts_of_shares(&self, shares: f64) -> Result<[f64; 2], SwapError> {
        self.weights()?;
        if self.shares == 0.0 {
            return Err(SwapError::PriceOutOfReach);
        }
        let of = |balance| zero_or(shares, || weighted::proportional_amount(balance, shares, self.shares));
        Ok([of(self.balances[0])?, of(self.balances[1])?])
    }

    /// Redeems `shares` for their part of both balances.
    ///
    /// # Errors
    /// As [`Self::amounts_of_shares`]; [`SwapError::InsufficientLiquidity`] for more shares than there are.
    pub fn withdraw(&self, shares: f64) -> Result<FixedWeightPosition, SwapError> {
        let amounts = self.amounts_of_shares(shares)?;
        if shares > self.shares {
            return Err(SwapError::InsufficientLiquidity);
        }
        let [x, y] = self.balances;
        let balances = [(x - amounts[0]).max(0.0), (y - amounts[1]).max(0.0)];
        Ok(FixedWeightPosition {
            next: Self { balances, shares: self.shares - shares, ..*self },
            shares,
            amounts,
        })
    }
}

/// Zero for zero, else the quote.
#[inline]
fn zero_or(amount: f64, quote: impl FnOnce() -> Result<f64, SwapError>) -> Result<f64, SwapError> {
    if amount == 0.0 { Ok(0.0) } else { quote() }
}

#[cfg(test)]
mod tests;
