//! Trades of arbitrageurs with the pool.
//!
//! A trade is quoted at the weights *stored by the previous one* and, in [`Profile::Contract`], stores the weights
//! computed from the balances *before it*: the first trade after a price move sees no rebalancing at all.
//!
//! `out = b_o (1 - (b_i / (b_i + net))^(w_i / w_o))` with `net = in - fee`. The contract takes a margin of 4e-8 of the
//! power off every output; here it is not taken.

use crate::protocol::amm::fees::{InputFee, InputSplit};
use crate::protocol::amm::weighted::{self, RatioCaps};
use crate::protocol::amm::{Side, SwapError, Trade, arbitrage};

use super::pool::Pool;
use super::refusal::{Refusal, positive};
use super::terms::{Profile, Terms};
use super::weight::next_weight;

/// A trade and what it left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swapped {
    /// The pool after the trade.
    pub next: Pool,
    /// What the curve saw of the input.
    pub net_in: f64,
    /// Fee that stays in the pool.
    pub rebate: f64,
    /// Fee for the reserve's ledger, in the input token.
    pub to_reserve: f64,
    /// What the trader receives.
    pub amount_out: f64,
}

impl Swapped {
    /// Passes a trade through whose output is above `limit`.
    ///
    /// # Errors
    /// [`Refusal::BelowLimit`].
    pub fn above(self, limit: f64) -> Result<Self, Refusal> {
        if self.amount_out > limit {
            Ok(self)
        } else {
            Err(Refusal::BelowLimit { found: self.amount_out, limit })
        }
    }
}

/// One side of the pool as a trade sees it.
#[derive(Clone, Copy)]
struct Route {
    side: Side,
    balances: [f64; 2],
    weights: [f64; 2],
    caps: RatioCaps,
    crossed: bool,
    fee: InputFee,
}

impl Route {
    #[inline]
    fn of(pool: &Pool, terms: &Terms, side: Side) -> Self {
        let selling_x = side == Side::SellBase;
        // The contract holds loan tokens in against its cap for outputs, and collateral out against that for inputs.
        let crossed = !selling_x && terms.profile == Profile::Contract;
        let (max_in, max_out) = (terms.max_in_ratio, terms.max_out_ratio);
        Self {
            side,
            balances: [pool.balance_x, pool.balance_y],
            weights: [pool.weight_x, 1.0 - pool.weight_x],
            caps: if crossed {
                RatioCaps { max_in: max_out, max_out: max_in, strict: true }
            } else {
                RatioCaps { max_in, max_out, strict: true }
            },
            crossed,
            fee: InputFee {
                rate: if selling_x { terms.fee_rate_x } else { terms.fee_rate_y },
                rebate_share: terms.rebate_share,
            },
        }
    }

    #[inline]
    fn quote(&self, net: f64) -> Result<f64, Refusal> {
        positive("the input", net)?;
        let (i, o) = (self.side.coin_in(), self.side.coin_out());
        let [held_in, held_out] = [self.balances[i], self.balances[o]];
        let crossed = self.crossed;
        if self.caps.check_in(net, held_in).is_err() {
            return Err(Refusal::MaxInput { found: net, cap: self.caps.max_in * held_in, crossed });
        }
        let out = weighted::out_given_in(held_in, self.weights[i], held_out, self.weights[o], net)
            .map_err(Refusal::Curve)?;
        if self.caps.check_out(out, held_out).is_err() {
            return Err(Refusal::MaxOutput { found: out, cap: self.caps.max_out * held_out, crossed });
        }
        Ok(out)
    }

    /// The net input at which a trade meets the first of its caps.
    fn largest_net(&self) -> f64 {
        let (i, o) = (self.side.coin_in(), self.side.coin_out());
        // Growth of the input's balance, as a logarithm, at which the output meets its cap.
        let by_output = -libm::log1p(-self.caps.max_out) * self.weights[o] / self.weights[i];
        self.balances[i] * self.caps.max_in.min(libm::expm1(by_output))
    }
}

/// Loan tokens for a net input of collateral, at the stored weights.
///
/// # Errors
/// [`Refusal::NotPositive`], [`Refusal::MaxInput`], [`Refusal::MaxOutput`], [`Refusal::Curve`] for a pool with an empty
/// side.
pub fn quote_y_for_x(pool: &Pool, terms: &Terms, net_x: f64) -> Result<f64, Refusal> {
    Route::of(pool, terms, Side::SellBase).quote(net_x)
}

/// Collateral for a net input of loan tokens, at the stored weights.
///
/// # Errors
/// As [`quote_y_for_x`].
pub fn quote_x_for_y(pool: &Pool, terms: &Terms, net_y: f64) -> Result<f64, Refusal> {
    Route::of(pool, terms, Side::BuyBase).quote(net_y)
}

/// Sells `dx` collateral to the pool.
///
/// # Errors
/// In this order: [`Refusal::NotPositive`], [`Refusal::Converted`], [`Refusal::Expired`] after expiry, those of
/// [`next_weight`], those of [`quote_y_for_x`].
pub fn swap_x_for_y(pool: &Pool, terms: &Terms, spot: f64, height: f64, dx: f64) -> Result<Swapped, Refusal> {
    let (weight_x, split, out) = trade(pool, terms, Side::SellBase, [spot, height], dx)?;
    let next = Pool {
        weight_x,
        balance_x: pool.balance_x + split.to_pool(),
        balance_y: pool.balance_y - out,
        ..*pool
    };
    Ok(swapped(next, split, out))
}

/// Sells `dy` loan tokens to the pool.
///
/// # Errors
/// As [`swap_x_for_y`].
pub fn swap_y_for_x(pool: &Pool, terms: &Terms, spot: f64, height: f64, dy: f64) -> Result<Swapped, Refusal> {
    let (weight_x, split, out) = trade(pool, terms, Side::BuyBase, [spot, height], dy)?;
    let next = Pool {
        weight_x,
        balance_x: pool.balance_x - out,
        balance_y: pool.balance_y + split.to_pool(),
        ..*pool
    };
    Ok(swapped(next, split, out))
}

fn swapped(next: Pool, split: InputSplit, amount_out: f64) -> Swapped {
    Swapped { next, net_in: split.net, rebate: split.rebate, to_reserve: split.reserve, amount_out }
}

/// Weight to store, division of the input, output.
fn trade(
    pool: &Pool,
    terms: &Terms,
    side: Side,
    [spot, height]: [f64; 2],
    amount: f64,
) -> Result<(f64, InputSplit, f64), Refusal> {
    positive("the input", amount)?;
    pool.refuse_converted(terms)?;
    if height.is_nan() || height > terms.expiry_block {
        return Err(Refusal::Expired { expiry: terms.expiry_block, height });
    }
    let weight_x = match terms.profile {
        Profile::Contract => next_weight(pool, terms, spot, height)?,
        Profile::Whitepaper => pool.weight_x,
    };
    let route = Route::of(pool, terms, side);
    let split = route.fee.split(amount).map_err(Refusal::Curve)?;
    let out = route.quote(split.net)?;
    Ok((weight_x, split, out))
}

/// Loan tokens per collateral token at which the next infinitesimal trade is quoted: `y w_x / (x w_y)`.
///
/// # Errors
/// [`Refusal::Curve`] for a pool with an empty side.
#[inline]
pub fn marginal_price(pool: &Pool) -> Result<f64, Refusal> {
    weighted::spot_price(pool.balance_x, pool.weight_x, pool.balance_y, 1.0 - pool.weight_x)
        .map_err(Refusal::Curve)
}

/// Net collateral whose sale lowers the marginal price to `target`: `x ((P / target)^w_y - 1)`.
///
/// # Errors
/// [`Refusal::PriceOutOfReach`] unless `target` is below the price, [`Refusal::Curve`].
pub fn quote_x_to_price(pool: &Pool, target: f64) -> Result<f64, Refusal> {
    let price = marginal_price(pool)?;
    positive("the target price", target)?;
    let weight_y = 1.0 - pool.weight_x;
    weighted::in_to_price(pool.balance_x, pool.weight_x, pool.balance_y, weight_y, 1.0 / target)
        .map_err(|error| out_of_reach(error, target, price))
}

/// Net loan tokens whose sale raises the marginal price to `target`: `y ((target / P)^w_x - 1)`.
///
/// # Errors
/// [`Refusal::PriceOutOfReach`] unless `target` is above the price, [`Refusal::Curve`].
pub fn quote_y_to_price(pool: &Pool, target: f64) -> Result<f64, Refusal> {
    let price = marginal_price(pool)?;
    positive("the target price", target)?;
    let weight_y = 1.0 - pool.weight_x;
    weighted::in_to_price(pool.balance_y, weight_y, pool.balance_x, pool.weight_x, target)
        .map_err(|error| out_of_reach(error, target, price))
}

fn out_of_reach(error: SwapError, target: f64, price: f64) -> Refusal {
    if error == SwapError::PriceOutOfReach {
        Refusal::PriceOutOfReach { target, price }
    } else {
        Refusal::Curve(error)
    }
}

/// The trade that earns most against the market's price `spot`, within the caps; `None` inside the fee band, for a
/// converted pool and for one with an empty side. The base is the collateral.
#[must_use]
pub fn arbitrage_trade(pool: &Pool, terms: &Terms, spot: f64) -> Option<Trade> {
    let price = marginal_price(pool).ok()?;
    let side = if price > spot { Side::SellBase } else { Side::BuyBase };
    let route = Route::of(pool, terms, side);
    let best = arbitrage::weighted(route.balances, pool.weight_x, route.fee.rate, spot)?;
    // The bound itself is refused.
    let largest = route.largest_net() * (1.0 - 1e-9);
    if best.amount_in_net <= largest {
        return Some(best);
    }
    let amount_in = largest / (1.0 - route.fee.rate);
    let net = route.fee.split(amount_in).ok()?.net;
    let amount_out = route.quote(net).ok()?;
    let profit_quote = match side {
        Side::SellBase => amount_out - amount_in * spot,
        Side::BuyBase => amount_out * spot - amount_in,
    };
    Some(Trade { side, amount_in, amount_in_net: net, amount_out, profit_quote })
}
