//! The constant-product curve: `x y = k`.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | x, y | `reserve_in`, `reserve_out` | coins of each side |
//! | dx | `amount_in_net` | coins in, after the fee |
//! | dy | `amount_out` | coins out |
//! | L | `liquidity` | pool tokens, `sqrt(x y)` at the first mint |
//! | phi | `fee_share` | share of the growth of `sqrt k` that the protocol takes, 1/6 in Uniswap v2 |
//!
//! Source: Uniswap v2 whitepaper, sections 2.4, 3.2 and 3.4. The integer forms are in [`super::exact`].

use super::error::{SwapError, positive};

/// Liquidity that the first mint of a Uniswap v2 pair locks for ever, in atoms.
pub const MINIMUM_LIQUIDITY_ATOMS: u64 = 1_000;
/// Share of the growth of `sqrt k` that Uniswap v2 can send to the protocol.
pub const UNISWAP_V2_FEE_SHARE: f64 = 1.0 / 6.0;

/// Output for a net input: `dy = y dx / (x + dx)`.
///
/// # Errors
/// [`SwapError::Amount`] or [`SwapError::Reserves`] for anything not finite and above zero.
///
/// ```
/// use ballast::protocol::amm::constant_product::out_given_in;
/// // 100 units into a pool of 900 and 5000: a tenth of the far side leaves.
/// assert_eq!(out_given_in(900.0, 5000.0, 100.0), Ok(500.0));
/// ```
#[inline]
pub fn out_given_in(reserve_in: f64, reserve_out: f64, amount_in_net: f64) -> Result<f64, SwapError> {
    let sound = (reserve_in > 0.0) & (reserve_out > 0.0) & (amount_in_net > 0.0);
    let total_in = reserve_in + amount_in_net;
    // One branch: a sum or a product that is not finite fails the last two comparisons.
    let numerator = reserve_out * amount_in_net;
    if sound & (total_in < f64::INFINITY) & (numerator < f64::INFINITY) {
        Ok(numerator / total_in)
    } else {
        Err(refusal(reserve_in, reserve_out))
    }
}

/// Net input for an output: `dx = x dy / (y - dy)`.
///
/// # Errors
/// As [`out_given_in`], and [`SwapError::InsufficientLiquidity`] for an output of the whole reserve or more.
#[inline]
pub fn in_given_out(reserve_in: f64, reserve_out: f64, amount_out: f64) -> Result<f64, SwapError> {
    let sound = (reserve_in > 0.0) & (reserve_out > 0.0) & (amount_out > 0.0);
    let numerator = reserve_in * amount_out;
    if sound & (reserve_out < f64::INFINITY) & (numerator < f64::INFINITY) & (amount_out < reserve_out) {
        Ok(numerator / (reserve_out - amount_out))
    } else if sound & (amount_out >= reserve_out) & (amount_out < f64::INFINITY) {
        Err(SwapError::InsufficientLiquidity)
    } else {
        Err(refusal(reserve_in, reserve_out))
    }
}

#[cold]
fn refusal(reserve_in: f64, reserve_out: f64) -> SwapError {
    let funded = |reserve: f64| reserve > 0.0 && reserve < f64::INFINITY;
    if funded(reserve_in) && funded(reserve_out) { SwapError::Amount } else { SwapError::Reserves }
}

/// Marginal price of the base coin in quote: `y / x`.
///
/// # Errors
/// [`SwapError::Reserves`].
#[inline]
pub fn spot_price(reserve_base: f64, reserve_quote: f64) -> Result<f64, SwapError> {
    let price = reserve_quote / reserve_base;
    if (reserve_base > 0.0) & (price > 0.0) & (price < f64::INFINITY) {
        Ok(price)
    } else {
        Err(SwapError::Reserves)
    }
}

/// Part of the spot price that a trade of `amount_in_net` gives up: `1 - (dy/dx)/(y/x) = dx / (x + dx)`.
///
/// # Errors
/// [`SwapError::Amount`] or [`SwapError::Reserves`].
#[inline]
pub fn price_impact(reserve_in: f64, amount_in_net: f64) -> Result<f64, SwapError> {
    positive(reserve_in, SwapError::Reserves)?;
    positive(amount_in_net, SwapError::Amount)?;
    Ok(amount_in_net / (reserve_in + amount_in_net))
}

/// Liquidity of the first deposit: `sqrt(x y)` less what is locked for ever, so that no one can own all of a pool
/// whose single unit of liquidity is worth too much to buy.
///
/// # Errors
/// [`SwapError::Amount`], or [`SwapError::Dust`] where nothing is left after the lock.
pub fn first_mint(amounts: [f64; 2], locked: f64) -> Result<f64, SwapError> {
    positive(amounts[0], SwapError::Amount)?;
    positive(amounts[1], SwapError::Amount)?;
    if !(0.0..f64::INFINITY).contains(&locked) {
        return Err(SwapError::Amount);
    }
    let liquidity = amounts[0].sqrt() * amounts[1].sqrt() - locked;
    positive(liquidity, SwapError::Dust)
}

/// Liquidity of a later deposit: the smaller of the two pro-rata amounts. What the other coin brings beyond that is a
/// gift to all holders.
///
/// # Errors
/// [`SwapError::Amount`], [`SwapError::Reserves`], or [`SwapError::Dust`].
pub fn later_mint(amounts: [f64; 2], reserves: [f64; 2], supply: f64) -> Result<f64, SwapError> {
    positive(supply, SwapError::Reserves)?;
    let mut liquidity = f64::INFINITY;
    for (amount, reserve) in amounts.into_iter().zip(reserves) {
        positive(amount, SwapError::Amount)?;
        positive(reserve, SwapError::Reserves)?;
        liquidity = liquidity.min(amount / reserve * supply);
    }
    positive(liquidity, SwapError::Dust)
}

/// Coins paid for burning `liquidity`: pro rata.
///
/// # Errors
/// [`SwapError::Amount`], [`SwapError::Reserves`], or [`SwapError::InsufficientLiquidity`] above the supply.
pub fn burn(liquidity: f64, reserves: [f64; 2], supply: f64) -> Result<[f64; 2], SwapError> {
    positive(liquidity, SwapError::Amount)?;
    positive(supply, SwapError::Reserves)?;
    positive(reserves[0], SwapError::Reserves)?;
    positive(reserves[1], SwapError::Reserves)?;
    if liquidity > supply {
        return Err(SwapError::InsufficientLiquidity);
    }
    Ok(reserves.map(|reserve| reserve * (liquidity / supply)))
}

/// Liquidity minted to the protocol for the growth of `sqrt k` since `sqrt_k_last`.
///
/// The protocol must own the share `phi (1 - sqrt_k_last / sqrt_k)` of the pool after the mint, so
/// `s / (T + s) = phi (r - r_last) / r`, hence `s = T (r - r_last) / ((1/phi - 1) r + r_last)`.
/// Nothing is minted where `k` has not grown.
///
/// # Errors
/// [`SwapError::Reserves`], or [`SwapError::Fee`] for a share outside (0, 1].
pub fn protocol_fee_liquidity(
    supply: f64,
    sqrt_k: f64,
    sqrt_k_last: f64,
    fee_share: f64,
) -> Result<f64, SwapError> {
    positive(supply, SwapError::Reserves)?;
    positive(sqrt_k, SwapError::Reserves)?;
    positive(sqrt_k_last, SwapError::Reserves)?;
    if !(fee_share > 0.0 && fee_share <= 1.0) {
        return Err(SwapError::Fee);
    }
    let growth = (sqrt_k - sqrt_k_last).max(0.0);
    Ok(supply * growth / ((1.0 / fee_share - 1.0) * sqrt_k + sqrt_k_last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_worked_example() {
        // 10 ETH and 20,000 USD; 1 ETH at 0.3 %: 0.997 net.
        let out = out_given_in(10.0, 20_000.0, 0.997).unwrap();
        assert!((out - 20_000.0 * 0.997 / 10.997).abs() < 1e-12);
        assert_eq!(spot_price(10.0, 20_000.0), Ok(2_000.0));
        assert_eq!(price_impact(9.0, 1.0), Ok(0.1));
        assert_eq!(first_mint([4.0, 9.0], 1.0), Ok(5.0));
        assert_eq!(later_mint([1.0, 9.0], [4.0, 9.0], 6.0), Ok(1.5));
        assert_eq!(burn(1.5, [4.0, 8.0], 6.0), Ok([1.0, 2.0]));
    }

    #[test]
    fn the_protocol_owns_its_share_of_the_growth() {
        let minted = protocol_fee_liquidity(100.0, 12.0, 10.0, UNISWAP_V2_FEE_SHARE).unwrap();
        let owned = minted / (100.0 + minted);
        assert!((owned - UNISWAP_V2_FEE_SHARE * (1.0 - 10.0 / 12.0)).abs() < 1e-15);
        assert_eq!(protocol_fee_liquidity(100.0, 9.0, 10.0, UNISWAP_V2_FEE_SHARE), Ok(0.0));
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(out_given_in(bad, 1.0, 1.0), Err(SwapError::Reserves), "{bad}");
            assert_eq!(out_given_in(1.0, bad, 1.0), Err(SwapError::Reserves), "{bad}");
            assert_eq!(out_given_in(1.0, 1.0, bad), Err(SwapError::Amount), "{bad}");
            assert_eq!(in_given_out(bad, 1.0, 0.5), Err(SwapError::Reserves), "{bad}");
            assert_eq!(in_given_out(1.0, 1.0, bad), Err(SwapError::Amount), "{bad}");
            assert_eq!(spot_price(bad, 1.0), Err(SwapError::Reserves), "{bad}");
            assert_eq!(spot_price(1.0, bad), Err(SwapError::Reserves), "{bad}");
            assert_eq!(price_impact(1.0, bad), Err(SwapError::Amount), "{bad}");
            assert_eq!(later_mint([bad, 1.0], [1.0, 1.0], 1.0), Err(SwapError::Amount), "{bad}");
            assert_eq!(burn(bad, [1.0, 1.0], 1.0), Err(SwapError::Amount), "{bad}");
        }
        assert_eq!(in_given_out(1.0, 1.0, 1.0), Err(SwapError::InsufficientLiquidity));
        assert_eq!(in_given_out(1.0, f64::INFINITY, 1.0), Err(SwapError::Reserves));
        assert_eq!(first_mint([1.0, 1.0], 1.0), Err(SwapError::Dust));
    }

    proptest! {
        #[test]
        fn the_product_never_falls(x in 1e-6..1e12_f64, y in 1e-6..1e12_f64, share in 1e-9..10.0_f64, fee in 0.0..0.1_f64) {
            let amount = x * share;
            let out = out_given_in(x, y, amount * (1.0 - fee)).unwrap();
            prop_assert!(out < y);
            prop_assert!((x + amount) * (y - out) >= x * y * (1.0 - 1e-14));
        }

        #[test]
        fn in_undoes_out(x in 1e-6..1e12_f64, y in 1e-6..1e12_f64, share in 1e-9..10.0_f64) {
            let out = out_given_in(x, y, x * share).unwrap();
            let back = in_given_out(x, y, out).unwrap();
            prop_assert!((back / (x * share) - 1.0).abs() < 1e-12 * (1.0 + share));
        }

        #[test]
        fn the_spot_price_is_the_derivative(x in 1e-3..1e9_f64, y in 1e-3..1e9_f64) {
            let step = 1e-7 * x;
            let slope = out_given_in(x, y, step).unwrap() / step;
            prop_assert!((slope / spot_price(x, y).unwrap() - 1.0).abs() < 2e-7);
        }

        #[test]
        fn burning_what_was_minted_returns_it(x in 1.0..1e9_f64, y in 1.0..1e9_f64, share in 1e-6..10.0_f64) {
            let supply = first_mint([x, y], 0.0).unwrap();
            let minted = later_mint([x * share, y * share], [x, y], supply).unwrap();
            let paid = burn(minted, [x * (1.0 + share), y * (1.0 + share)], supply + minted).unwrap();
            prop_assert!((paid[0] / (x * share) - 1.0).abs() < 1e-12);
            prop_assert!((paid[1] / (y * share) - 1.0).abs() < 1e-12);
        }
    }
}
