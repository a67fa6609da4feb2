//! How much a pool can be paid before its price passes a limit, fee included.
//!
//! [`Curve::arbitrage_trade`] without a fee ends where the curve has the limit's price. The part of the fee that stays in the
//! pool moves the price as well: on the input in the direction of the trade, so that less reaches the limit; on the output
//! against it, so that more does. That trade is the first guess; the root of the price after the trade is then found by
//! [`brent_root`].
//!
//! Source: the rule is that of the price limit of a swap in Uniswap v3, where the fee stays outside the reserves.

use super::curve::{Curve, FeeOn, Side};
use super::error::{SwapError, check_fee, positive};
use crate::numerics::roots::brent_root;

/// The fee of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolFee {
    /// Share of the input or the output, as [`Curve::fee_on`] says, in [0, 1).
    pub rate: f64,
    /// Share of the fee that stays in the pool, 0 to 1.
    pub rebate: f64,
}

/// The reserves after `amount_in`, fee included, went in on `side`.
///
/// # Errors
/// [`SwapError`].
pub fn reserves_after(
    curve: &Curve,
    reserves: [f64; 2],
    side: Side,
    fee: PoolFee,
    amount_in: f64,
) -> Result<[f64; 2], SwapError> {
    let charged = amount_in * fee.rate;
    let mut after = reserves;
    match curve.fee_on() {
        FeeOn::Input => {
            after[side.coin_in()] += amount_in - charged * (1.0 - fee.rebate);
            after[side.coin_out()] -= curve.out_given_in(reserves, side, amount_in - charged)?;
        }
        FeeOn::Output => {
            let out = curve.out_given_in(reserves, side, amount_in)?;
            after[side.coin_in()] += amount_in;
            after[side.coin_out()] -= out * (1.0 - fee.rate * fee.rebate);
        }
    }
    Ok(after)
}

/// The input on `side`, fee included, after which the pool's marginal price is `limit`.
///
/// # Errors
/// [`SwapError::PriceOutOfReach`] where the price is at the limit or beyond it already; [`SwapError::Price`],
/// [`SwapError::Fee`], [`SwapError::Reserves`].
///
/// ```
/// use ballast::protocol::amm::limit::{PoolFee, input_to_price};
/// use ballast::protocol::amm::{Curve, Side};
/// // Without a fee: a hundred of quote buy half of the base, and four is then the price.
/// let free = PoolFee { rate: 0.0, rebate: 1.0 };
/// let paid = input_to_price(&Curve::ConstantProduct, [100.0, 100.0], Side::BuyBase, free, 4.0)?;
/// assert!((paid - 100.0).abs() < 1e-9);
/// # Ok::<(), ballast::protocol::amm::SwapError>(())
/// ```
pub fn input_to_price(
    curve: &Curve,
    reserves: [f64; 2],
    side: Side,
    fee: PoolFee,
    limit: f64,
) -> Result<f64, SwapError> {
    positive(limit, SwapError::Price)?;
    check_fee(fee.rate)?;
    curve.spot_price(reserves)?;
    let trade = curve
        .arbitrage_trade(reserves, 0.0, limit)
        .filter(|trade| trade.side == side)
        .ok_or(SwapError::PriceOutOfReach)?;
    // Above zero short of the limit.
    let distance = |amount_in: f64| {
        let price = if amount_in > 0.0 {
            reserves_after(curve, reserves, side, fee, amount_in).and_then(|after| curve.spot_price(after))
        } else {
            curve.spot_price(reserves)
        };
        let ratio = price.map_or(f64::NAN, |price| price / limit);
        if side == Side::SellBase { libm::log(ratio) } else { -libm::log(ratio) }
    };
    let (mut low, mut high) = (0.0, trade.amount_in);
    if curve.fee_on() == FeeOn::Input {
        high /= 1.0 - fee.rate;
    }
    while distance(high) > 0.0 && high < f64::INFINITY {
        low = high;
        high *= 2.0;
    }
    brent_root(distance, low, high, 0.0).map_err(|_| SwapError::PriceOutOfReach)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FREE: PoolFee = PoolFee { rate: 0.0, rebate: 1.0 };

    #[test]
    fn the_fee_that_stays_counts() {
        // x y = k with all of a 1 % fee staying: (100 + g)(100 + 0.99 g) = 100 x 100 / 0.25, of which g is the root.
        let kept = PoolFee { rate: 0.01, rebate: 1.0 };
        let pool = [100.0, 100.0];
        let paid = input_to_price(&Curve::ConstantProduct, pool, Side::SellBase, kept, 0.25).unwrap();
        assert!(((100.0 + paid) * (100.0 + 0.99 * paid) - 40_000.0).abs() < 1e-9, "{paid}");
        // All of it leaves: only the net input counts, 100 of it.
        let leaves = PoolFee { rate: 0.01, rebate: 0.0 };
        let paid = input_to_price(&Curve::ConstantProduct, pool, Side::SellBase, leaves, 0.25).unwrap();
        assert!((paid - 100.0 / 0.99).abs() < 1e-9, "{paid}");
    }

    #[test]
    fn a_limit_on_the_wrong_side_is_out_of_reach() {
        let curve = Curve::ConstantProduct;
        for (side, limit) in [(Side::SellBase, 1.1), (Side::SellBase, 1.0), (Side::BuyBase, 0.9)] {
            let found = input_to_price(&curve, [5.0, 5.0], side, FREE, limit);
            assert_eq!(found, Err(SwapError::PriceOutOfReach));
        }
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(input_to_price(&curve, [5.0, 5.0], Side::BuyBase, FREE, odd), Err(SwapError::Price));
        }
        assert_eq!(input_to_price(&curve, [0.0, 5.0], Side::BuyBase, FREE, 2.0), Err(SwapError::Reserves));
        let all = PoolFee { rate: 1.0, rebate: 1.0 };
        assert_eq!(input_to_price(&curve, [5.0, 5.0], Side::BuyBase, all, 2.0), Err(SwapError::Fee));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_price_after_is_the_limit(
            kind in 0_usize..3, weight in 0.1..0.9_f64, amplification in 1.0..1000.0_f64, x in 1.0..1e6_f64,
            skew in 0.2..5.0_f64, rate in 0.0..0.1_f64, rebate in 0.0..1.0_f64, log_shift in 0.001..1.0_f64, sells in any::<bool>(),
        ) {
            let curve = match kind {
                0 => Curve::ConstantProduct,
                1 => Curve::Weighted { weight_base: weight },
                _ => Curve::StableSwap { amplification, rates: [1.07, 1.0] },
            };
            let (reserves, fee) = ([x, x * skew], PoolFee { rate, rebate });
            let side = if sells { Side::SellBase } else { Side::BuyBase };
            let shift = if sells { -log_shift } else { log_shift };
            let limit = curve.spot_price(reserves).unwrap() * libm::exp(shift);
            let paid = input_to_price(&curve, reserves, side, fee, limit).unwrap();
            let after = reserves_after(&curve, reserves, side, fee, paid).unwrap();
            let price = curve.spot_price(after).unwrap();
            prop_assert!((price / limit - 1.0).abs() < 1e-10, "{price} is not {limit}");
        }
    }
}
