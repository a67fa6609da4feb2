//! The trade that earns most against an external price.
//!
//! With `g = 1 - fee` and the pool's price `P`, selling base to the pool pays if `g P > Q`, buying it pays if
//! `g Q > P`; between lies the fee band. The marginal unit of the best trade earns nothing: with
//! `r = g P / Q` (selling) or `r = g Q / P` (buying) the trade moves the pool's price by the factor `r`.
//!
//! | curve | net input (of balance b) | output | profit |
//! |---|---|---|---|
//! | constant product | `b_i (sqrt r - 1)` | `b_o (1 - 1 / sqrt r)` | `b_o (sqrt r - 1)^2 / r`, in the output |
//! | weighted | `b_i (r^w_o - 1)` | `b_o (1 - r^-w_i)` | output less input at Q |
//! | StableSwap | root of the marginal price by [`brent_root`] | | |
//!
//! The fee is on the input, for StableSwap on the output: the condition is the same. Other venues and dynamic fees:
//! [`optimal_size`].

use super::curve::Side;
use super::error::{SwapError, check_fee, positive};
use super::stable_swap::{Section, StableSwap};
use crate::numerics::roots::{Maximum, RootError, brent_maximum, brent_root};

/// A trade against a pool and its mirror image on an external market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Which coin the pool receives.
    pub side: Side,
    /// What the trader pays, with the fee where it is on the input.
    pub amount_in: f64,
    /// What the curve sees of it.
    pub amount_in_net: f64,
    /// What the trader receives, after the fee where it is on the output.
    pub amount_out: f64,
    /// Profit in quote, at the external price and before any other cost.
    pub profit_quote: f64,
}

/// Side and ratio `r` of the trade that pays, if any does.
#[inline]
fn opportunity(spot: f64, kept: f64, price: f64) -> Option<(Side, f64)> {
    let (sell, buy) = (kept * spot / price, kept * price / spot);
    if sell > 1.0 && sell < f64::INFINITY {
        Some((Side::SellBase, sell))
    } else if buy > 1.0 && buy < f64::INFINITY {
        Some((Side::BuyBase, buy))
    } else {
        None
    }
}

/// Best trade against a constant-product pool with a fee on the input.
///
/// ```
/// use ballast::protocol::amm::{Side, arbitrage::constant_product};
/// // The base is worth four times the pool's price: half of it is bought for as much quote as there is.
/// let trade = constant_product([100.0, 100.0], 0.0, 4.0).unwrap();
/// assert_eq!((trade.side, trade.amount_in, trade.amount_out), (Side::BuyBase, 100.0, 50.0));
/// assert_eq!(trade.profit_quote, 100.0);
/// ```
#[must_use]
#[inline]
pub fn constant_product(reserves: [f64; 2], fee: f64, price: f64) -> Option<Trade> {
    let kept = 1.0 - fee;
    let spot = reserves[1] / reserves[0];
    let sound = (reserves[0] > 0.0) & (spot > 0.0) & (spot < f64::INFINITY) & (price > 0.0);
    if !(sound & (fee >= 0.0) & (kept > 0.0)) {
        return None;
    }
    let (side, ratio) = opportunity(spot, kept, price)?;
    let root = ratio.sqrt();
    // sqrt r - 1 without cancellation for a small opportunity.
    let growth = (ratio - 1.0) / (root + 1.0);
    let amount_in_net = reserves[side.coin_in()] * growth;
    let amount_out = reserves[side.coin_out()] * (growth / root);
    let profit_out = reserves[side.coin_out()] * (growth * growth / ratio);
    let profit_quote = if side == Side::SellBase { profit_out } else { profit_out * price };
    Some(Trade { side, amount_in: amount_in_net / kept, amount_in_net, amount_out, profit_quote })
}

/// Best trade against a weighted pool of two coins with a fee on the input.
#[must_use]
pub fn weighted(reserves: [f64; 2], weight_base: f64, fee: f64, price: f64) -> Option<Trade> {
    check_fee(fee).ok()?;
    positive(price, SwapError::Price).ok()?;
    let weights = [weight_base, 1.0 - weight_base];
    let spot = super::weighted::spot_price(reserves[0], weights[0], reserves[1], weights[1]).ok()?;
    let kept = 1.0 - fee;
    let (side, ratio) = opportunity(spot, kept, price)?;
    let (i, o) = (side.coin_in(), side.coin_out());
    let log_ratio = libm::log(ratio);
    let amount_in_net = reserves[i] * libm::expm1(weights[o] * log_ratio);
    let amount_out = -reserves[o] * libm::expm1(-weights[i] * log_ratio);
    finish(side, amount_in_net / kept, amount_in_net, amount_out, price)
}

/// Best trade against a StableSwap pool of two coins with a fixed fee on the output.
///
/// The marginal price along the curve is monotone in the logarithm of the input's balance; the root is bracketed by
/// doubling and found by Brent's method.
#[must_use]
pub fn stable_swap(curve: StableSwap<2>, reserves: [f64; 2], fee: f64, price: f64) -> Option<Trade> {
    check_fee(fee).ok()?;
    positive(price, SwapError::Price).ok()?;
    let section = Section::new(curve, &reserves).ok()?;
    let kept = 1.0 - fee;
    // In the common unit, so that both coins are measured alike.
    let fair = price * curve.rates[1] / curve.rates[0];
    let (_, spot) = section.after(0, 0.0);
    let (side, _) = opportunity(spot, kept, fair)?;
    let i = side.coin_in();
    let target = if side == Side::SellBase { fair / kept } else { 1.0 / (fair * kept) };
    let distance = |log_growth: f64| libm::log(section.after(i, libm::expm1(log_growth)).1 / target);
    let mut low = 0.0;
    let mut high = 1.0 / 64.0;
    while distance(high) > 0.0 {
        low = high;
        high *= 2.0;
        if high > 64.0 {
            return None;
        }
    }
    let log_growth = brent_root(distance, low, high, 0.0).ok()?;
    let growth = libm::expm1(log_growth);
    let amount_in = reserves[i] * growth;
    let amount_out = reserves[side.coin_out()] * section.after(i, growth).0 * kept;
    finish(side, amount_in, amount_in, amount_out, price)
}

fn finish(side: Side, amount_in: f64, amount_in_net: f64, amount_out: f64, price: f64) -> Option<Trade> {
    if !(amount_in_net > 0.0 && amount_in.is_finite() && amount_out > 0.0) {
        return None;
    }
    let profit = match side {
        Side::SellBase => amount_out - amount_in * price,
        Side::BuyBase => amount_out * price - amount_in,
    };
    // The best trade cannot lose; rounding of a tiny one can say so.
    Some(Trade { side, amount_in, amount_in_net, amount_out, profit_quote: profit.max(0.0) })
}

/// The size between 0 and `largest` at which a concave `profit` is highest, by Brent's search for a maximum
/// ([`brent_maximum`]): for routes through several pools, dynamic fees and anything else without a closed form.
///
/// # Errors
/// [`RootError`].
pub fn optimal_size(profit: impl FnMut(f64) -> f64, largest: f64) -> Result<Maximum, RootError> {
    brent_maximum(profit, 0.0, largest, largest * 1e-12)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::curve::{Curve, FeeOn};
    use super::*;

    /// Profit in quote of paying `amount_in`.
    fn profit(curve: Curve, reserves: [f64; 2], fee: f64, price: f64, side: Side, amount_in: f64) -> f64 {
        let out = match curve.fee_on() {
            FeeOn::Input => curve.out_given_in(reserves, side, amount_in * (1.0 - fee)).unwrap(),
            FeeOn::Output => curve.out_given_in(reserves, side, amount_in).unwrap() * (1.0 - fee),
        };
        match side {
            Side::SellBase => out - amount_in * price,
            Side::BuyBase => out * price - amount_in,
        }
    }

    /// Price after the net trade, with the fee kept outside.
    fn price_after(curve: Curve, reserves: [f64; 2], trade: &Trade) -> f64 {
        let mut after = reserves;
        after[trade.side.coin_in()] += trade.amount_in_net;
        after[trade.side.coin_out()] -=
            curve.out_given_in(reserves, trade.side, trade.amount_in_net).unwrap();
        curve.spot_price(after).unwrap()
    }

    fn curve(kind: usize, weight: f64, amplification: f64) -> Curve {
        match kind {
            0 => Curve::ConstantProduct,
            1 => Curve::Weighted { weight_base: weight },
            _ => Curve::StableSwap { amplification, rates: [1.07, 1.0] },
        }
    }

    #[test]
    fn inside_the_band_nothing_is_traded() {
        for kind in 0..3 {
            let curve = curve(kind, 0.5, 100.0);
            let spot = curve.spot_price([1e6, 1e6]).unwrap();
            for shift in [0.9971, 1.0, 1.0029] {
                assert_eq!(curve.arbitrage_trade([1e6, 1e6], 0.003, spot * shift), None, "{curve:?}");
            }
            assert!(curve.arbitrage_trade([1e6, 1e6], 0.003, spot * 1.0031).is_some(), "{curve:?}");
            assert!(curve.arbitrage_trade([1e6, 1e6], 0.003, spot * 0.9969).is_some(), "{curve:?}");
            for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
                assert_eq!(curve.arbitrage_trade([1e6, 1e6], 0.003, bad), None);
                assert_eq!(curve.arbitrage_trade([bad, 1e6], 0.003, 2.0), None);
                assert_eq!(curve.arbitrage_trade([1e6, bad], 0.003, 2.0), None);
            }
            assert_eq!(curve.arbitrage_trade([1e6, 1e6], 1.0, 2.0), None);
            assert_eq!(curve.arbitrage_trade([1e6, 1e6], -0.1, 2.0), None);
            assert_eq!(curve.arbitrage_trade([1e6, 1e6], f64::NAN, 2.0), None);
        }
    }

    #[test]
    fn the_search_finds_what_the_closed_form_knows() {
        let (reserves, fee, price) = ([1e3, 2e6], 0.003, 2_300.0);
        let trade = constant_product(reserves, fee, price).unwrap();
        let found = optimal_size(
            |size| {
                if size > 0.0 {
                    profit(Curve::ConstantProduct, reserves, fee, price, trade.side, size)
                } else {
                    0.0
                }
            },
            reserves[1],
        )
        .unwrap();
        assert!((found.at / trade.amount_in - 1.0).abs() < 1e-6, "{found:?} {trade:?}");
        assert!((found.value / trade.profit_quote - 1.0).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_trade_ends_on_the_edge_of_the_band_and_nothing_earns_more(
            kind in 0_usize..3, weight in 0.1..0.9_f64, amplification in 1.0..1000.0_f64,
            x in 1.0..1e6_f64, skew in 0.2..5.0_f64, fee in 0.0..0.02_f64, log_shift in -1.0..1.0_f64,
        ) {
            let curve = curve(kind, weight, amplification);
            let reserves = [x, x * skew];
            let price = curve.spot_price(reserves).unwrap() * libm::exp(log_shift);
            if let Some(trade) = curve.arbitrage_trade(reserves, fee, price) {
                let reached = price_after(curve, reserves, &trade);
                let edge = match trade.side {
                    Side::SellBase => price / (1.0 - fee),
                    Side::BuyBase => price * (1.0 - fee),
                };
                prop_assert!((reached / edge - 1.0).abs() < 1e-10, "{reached} is not {edge}");
                let earned = profit(curve, reserves, fee, price, trade.side, trade.amount_in);
                let noise = 1e-12 * (trade.amount_in + trade.amount_out) * price.max(1.0);
                prop_assert!((earned - trade.profit_quote).abs() <= noise, "{earned} {trade:?}");
                for factor in [0.5, 0.9, 0.999, 1.001, 1.1, 2.0] {
                    let other = profit(curve, reserves, fee, price, trade.side, trade.amount_in * factor);
                    prop_assert!(other <= earned + noise, "{factor}: {other} > {earned}");
                }
            } else {
                prop_assert!(log_shift.abs() <= -libm::log1p(-fee) + 1e-12);
            }
        }
    }
}
