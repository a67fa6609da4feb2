//! The constant product in integers: what the ledger may pay, to the atom.
//!
//! Quotes are computed in `f64` and rounded to atoms; [`invariant_holds`] then decides in exact arithmetic whether the
//! pool may pay that much, so that no sequence of trades can take an atom out of it. It divides nothing and stays in
//! 64-bit multiplications. The `wide` functions do the same for amounts of the size of an EVM pool (18 decimals, up to
//! 112 bits) in 256 bits.
//!
//! Source: Uniswap v2 core (`UniswapV2Pair.sol`) and library (`UniswapV2Library.sol`); 0.3 % there is
//! `fee_ppm = 3000` here, which gives the same integers because both sides are scaled by the same thousand.

use ethnum::U256;

use super::error::SwapError;

/// One, in parts per million.
const PPM: u32 = 1_000_000;
/// The fee of a Uniswap v2 pair in parts per million.
pub const UNISWAP_V2_FEE_PPM: u32 = 3_000;

/// The 192-bit product of a 128-bit and a 64-bit number: (upper 128 bits, lower 64 bits). Tuples compare like numbers.
#[inline]
const fn widening_product(wide: u128, narrow: u64) -> (u128, u64) {
    let narrow = narrow as u128;
    let low = (wide & u64::MAX as u128) * narrow;
    ((wide >> 64) * narrow + (low >> 64), low as u64)
}

/// True if a pool of (`reserve_in`, `reserve_out`) atoms may take `amount_in` and pay `amount_out` at a fee on the
/// input: `((x + dx) - fee dx) (y - dy) >= x y`, exactly.
///
/// False for a fee above one and for an output of the whole reserve or more.
///
/// ```
/// use ballast::protocol::amm::exact::invariant_holds;
/// assert!(invariant_holds(1_000_000, 1_000_000, 10_000, 9_871, 3_000));
/// assert!(!invariant_holds(1_000_000, 1_000_000, 10_000, 9_872, 3_000));
/// ```
#[must_use]
#[inline]
pub const fn invariant_holds(
    reserve_in: u64,
    reserve_out: u64,
    amount_in: u64,
    amount_out: u64,
    fee_ppm: u32,
) -> bool {
    if fee_ppm > PPM || amount_out >= reserve_out {
        return false;
    }
    // At most 2^64 * 10^6 * 2 < 2^85: the sum fits with room to spare.
    let before = reserve_in as u128 * PPM as u128;
    let after = before + amount_in as u128 * (PPM - fee_ppm) as u128;
    let (held_high, held_low) = widening_product(after, reserve_out - amount_out);
    let (owed_high, owed_low) = widening_product(before, reserve_out);
    held_high > owed_high || (held_high == owed_high && held_low >= owed_low)
}

/// The largest output that [`invariant_holds`] allows: `floor(y n / (x 10^6 + n))` with `n = dx (10^6 - fee_ppm)`.
///
/// # Errors
/// [`SwapError::Amount`], [`SwapError::Reserves`], [`SwapError::Fee`].
pub fn out_given_in(
    reserve_in: u64,
    reserve_out: u64,
    amount_in: u64,
    fee_ppm: u32,
) -> Result<u64, SwapError> {
    check(reserve_in > 0 && reserve_out > 0, amount_in > 0, fee_ppm)?;
    let net = u128::from(amount_in) * u128::from(PPM - fee_ppm);
    let total = u128::from(reserve_in) * u128::from(PPM) + net;
    let out = match net.checked_mul(u128::from(reserve_out)) {
        Some(numerator) => numerator / total,
        None => (U256::from(net) * U256::from(reserve_out) / U256::from(total)).as_u128(),
    };
    u64::try_from(out).map_err(|_| SwapError::Overflow)
}

/// An input that buys `amount_out`: `floor(x dy 10^6 / ((y - dy)(10^6 - fee_ppm))) + 1`, at most one atom too much.
///
/// # Errors
/// As [`out_given_in`], and [`SwapError::InsufficientLiquidity`] for an output of the whole reserve or more.
pub fn in_given_out(
    reserve_in: u64,
    reserve_out: u64,
    amount_out: u64,
    fee_ppm: u32,
) -> Result<u64, SwapError> {
    let input = in_given_out_wide(reserve_in.into(), reserve_out.into(), amount_out.into(), fee_ppm)?;
    u64::try_from(input).map_err(|_| SwapError::Overflow)
}

/// [`invariant_holds`] for amounts of up to 112 bits.
///
/// # Errors
/// [`SwapError::InsufficientLiquidity`], [`SwapError::InvariantFalls`], [`SwapError::Amount`], [`SwapError::Fee`], or
/// [`SwapError::Overflow`] for larger amounts.
pub fn check_swap_wide(
    reserve_in: U256,
    reserve_out: U256,
    amount_in: U256,
    amount_out: U256,
    fee_ppm: u32,
) -> Result<(), SwapError> {
    if amount_out == U256::ZERO {
        return Err(SwapError::Amount);
    }
    if amount_out >= reserve_out {
        return Err(SwapError::InsufficientLiquidity);
    }
    check(true, amount_in > U256::ZERO, fee_ppm)?;
    let holds = || {
        let before = reserve_in.checked_mul(PPM.into())?;
        let after = before.checked_add(amount_in.checked_mul((PPM - fee_ppm).into())?)?;
        Some(after.checked_mul(reserve_out - amount_out)? >= before.checked_mul(reserve_out)?)
    };
    match holds() {
        Some(true) => Ok(()),
        Some(false) => Err(SwapError::InvariantFalls),
        None => Err(SwapError::Overflow),
    }
}

/// [`out_given_in`] for amounts of up to 112 bits.
///
/// # Errors
/// As [`out_given_in`].
pub fn out_given_in_wide(
    reserve_in: U256,
    reserve_out: U256,
    amount_in: U256,
    fee_ppm: u32,
) -> Result<U256, SwapError> {
    check(reserve_in > U256::ZERO && reserve_out > U256::ZERO, amount_in > U256::ZERO, fee_ppm)?;
    let out = || {
        let net = amount_in.checked_mul((PPM - fee_ppm).into())?;
        let total = reserve_in.checked_mul(PPM.into())?.checked_add(net)?;
        Some(net.checked_mul(reserve_out)? / total)
    };
    out().ok_or(SwapError::Overflow)
}

/// [`in_given_out`] for amounts of up to 112 bits.
///
/// # Errors
/// As [`in_given_out`].
pub fn in_given_out_wide(
    reserve_in: U256,
    reserve_out: U256,
    amount_out: U256,
    fee_ppm: u32,
) -> Result<U256, SwapError> {
    check(reserve_in > U256::ZERO && reserve_out > U256::ZERO, amount_out > U256::ZERO, fee_ppm)?;
    if amount_out >= reserve_out || fee_ppm == PPM {
        return Err(SwapError::InsufficientLiquidity);
    }
    let input = || {
        let numerator = reserve_in.checked_mul(amount_out)?.checked_mul(PPM.into())?;
        let denominator = (reserve_out - amount_out).checked_mul((PPM - fee_ppm).into())?;
        (numerator / denominator).checked_add(U256::ONE)
    };
    input().ok_or(SwapError::Overflow)
}

fn check(funded: bool, moves: bool, fee_ppm: u32) -> Result<(), SwapError> {
    if !funded {
        Err(SwapError::Reserves)
    } else if !moves {
        Err(SwapError::Amount)
    } else if fee_ppm > PPM {
        Err(SwapError::Fee)
    } else {
        Ok(())
    }
}

/// Largest integer whose square is at most `value`, by Newton's method from above.
#[must_use]
pub fn integer_sqrt(value: U256) -> U256 {
    if value < U256::from(2_u32) {
        return value;
    }
    let bits = 256 - value.leading_zeros();
    let mut root = U256::ONE << bits.div_ceil(2);
    loop {
        let next = (root + value / root) >> 1;
        if next >= root {
            return root;
        }
        root = next;
    }
}

/// Liquidity of a deposit, rounded down: `sqrt(a b) - locked` into an empty pool, else the smaller pro-rata amount.
///
/// # Errors
/// [`SwapError::Dust`] where nothing would be minted, [`SwapError::Reserves`], [`SwapError::Overflow`].
pub fn mint_wide(
    amounts: [U256; 2],
    reserves: [U256; 2],
    supply: U256,
    locked: U256,
) -> Result<U256, SwapError> {
    let minted = if supply == U256::ZERO {
        let product = amounts[0].checked_mul(amounts[1]).ok_or(SwapError::Overflow)?;
        integer_sqrt(product).checked_sub(locked).ok_or(SwapError::Dust)?
    } else {
        if reserves.contains(&U256::ZERO) {
            return Err(SwapError::Reserves);
        }
        let share = |coin: usize| Some(amounts[coin].checked_mul(supply)? / reserves[coin]);
        share(0).ok_or(SwapError::Overflow)?.min(share(1).ok_or(SwapError::Overflow)?)
    };
    if minted == U256::ZERO { Err(SwapError::Dust) } else { Ok(minted) }
}

/// Coins paid for burning `liquidity`, rounded down.
///
/// # Errors
/// [`SwapError::Dust`] where a coin would be paid nothing, [`SwapError::InsufficientLiquidity`] above the supply.
pub fn burn_wide(liquidity: U256, reserves: [U256; 2], supply: U256) -> Result<[U256; 2], SwapError> {
    if supply == U256::ZERO || liquidity > supply {
        return Err(SwapError::InsufficientLiquidity);
    }
    let mut paid = [U256::ZERO; 2];
    for (amount, reserve) in paid.iter_mut().zip(reserves) {
        *amount = liquidity.checked_mul(reserve).ok_or(SwapError::Overflow)? / supply;
        if *amount == U256::ZERO {
            return Err(SwapError::Dust);
        }
    }
    Ok(paid)
}

/// Liquidity minted to the protocol for a sixth of the growth of `sqrt k`, with integer square roots as in the pair:
/// `floor(T (r - r_last) / (5 r + r_last))`; zero while `k_last` is zero or has not been passed.
///
/// # Errors
/// [`SwapError::Overflow`].
pub fn protocol_fee_wide(supply: U256, k: U256, k_last: U256) -> Result<U256, SwapError> {
    let (root, root_last) = (integer_sqrt(k), integer_sqrt(k_last));
    if k_last == U256::ZERO || root <= root_last {
        return Ok(U256::ZERO);
    }
    let minted = || {
        let numerator = supply.checked_mul(root - root_last)?;
        let denominator = root.checked_mul(U256::from(5_u32))?.checked_add(root_last)?;
        Some(numerator / denominator)
    };
    minted().ok_or(SwapError::Overflow)
}

/// What `elapsed_s` seconds add to the arithmetic price accumulator of a pair: `floor(2^112 quote / base) seconds`.
///
/// The accumulator itself wraps at 2^256; differences of it stay right.
///
/// # Errors
/// [`SwapError::Reserves`] for an empty pool, [`SwapError::Overflow`] above 112 bits.
pub fn price_seconds_wide(
    reserve_base: U256,
    reserve_quote: U256,
    elapsed_s: u64,
) -> Result<U256, SwapError> {
    if reserve_base == U256::ZERO || reserve_quote == U256::ZERO {
        return Err(SwapError::Reserves);
    }
    if reserve_quote.leading_zeros() < 144 {
        return Err(SwapError::Overflow);
    }
    let price: U256 = (reserve_quote << 112_u32) / reserve_base;
    Ok(price.wrapping_mul(U256::from(elapsed_s)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_atoms_do_not_overflow() {
        let most = i64::MAX as u64;
        let out = out_given_in(most, most, most, 3_000).unwrap();
        assert!(invariant_holds(most, most, most, out, 3_000));
        assert!(!invariant_holds(most, most, most, out + 1, 3_000));
        assert!(!invariant_holds(u64::MAX, u64::MAX, u64::MAX, u64::MAX, 0));
        assert!(!invariant_holds(1, 2, 1, 1, PPM + 1));
        assert!(!invariant_holds(10, 10, 5, 10, 0));
        // A product that stays the same is allowed.
        assert!(invariant_holds(10, 10, 10, 5, 0));
    }

    #[test]
    fn what_the_pair_refuses() {
        let n = |value: u64| U256::from(value);
        assert_eq!(check_swap_wide(n(100), n(100), n(10), n(9), 0), Ok(()));
        assert_eq!(check_swap_wide(n(100), n(100), n(100), n(50), 0), Ok(()));
        assert_eq!(check_swap_wide(n(100), n(100), n(10), n(10), 0), Err(SwapError::InvariantFalls));
        assert_eq!(check_swap_wide(n(100), n(100), n(10), n(100), 0), Err(SwapError::InsufficientLiquidity));
        assert_eq!(check_swap_wide(n(100), n(100), n(10), n(0), 0), Err(SwapError::Amount));
        assert_eq!(check_swap_wide(U256::MAX, n(100), n(10), n(9), 0), Err(SwapError::Overflow));
        assert_eq!(in_given_out(100, 100, 100, 3_000), Err(SwapError::InsufficientLiquidity));
        assert_eq!(out_given_in(100, 100, 0, 3_000), Err(SwapError::Amount));
        assert_eq!(out_given_in(0, 100, 1, 3_000), Err(SwapError::Reserves));
        assert_eq!(mint_wide([n(10), n(10)], [n(0), n(0)], n(0), n(1_000)), Err(SwapError::Dust));
        assert_eq!(mint_wide([n(40), n(90)], [n(0), n(0)], n(0), n(10)), Ok(n(50)));
        assert_eq!(burn_wide(n(1), [n(10), n(1)], n(5)), Err(SwapError::Dust));
        // Growth from 10 to 13 on a supply of 1000: 1000 * 3 / (65 + 10).
        assert_eq!(protocol_fee_wide(n(1_000), n(169), n(100)), Ok(n(40)));
        assert_eq!(protocol_fee_wide(n(1_000), n(169), n(0)), Ok(n(0)));
    }

    proptest! {
        #[test]
        fn the_quote_is_the_last_atom_the_guard_allows(
            reserve_in in 1_u64..1 << 63, reserve_out in 1_u64..1 << 63, amount in 1_u64..1 << 63, fee in 0_u32..100_000,
        ) {
            let out = out_given_in(reserve_in, reserve_out, amount, fee).unwrap();
            prop_assert!(invariant_holds(reserve_in, reserve_out, amount, out, fee));
            prop_assert!(!invariant_holds(reserve_in, reserve_out, amount, out + 1, fee));
            let wide = out_given_in_wide(reserve_in.into(), reserve_out.into(), amount.into(), fee).unwrap();
            prop_assert_eq!(wide, U256::from(out));
        }

        #[test]
        fn both_widths_agree(
            reserve_in in 1_u64..1 << 63, reserve_out in 2_u64..1 << 63, amount in 1_u64..1 << 63, share in 0.0..1.0_f64,
            fee in 0_u32..=1_000_000,
        ) {
            let out = ((reserve_out as f64 * share) as u64).clamp(1, reserve_out - 1);
            let wide = check_swap_wide(reserve_in.into(), reserve_out.into(), amount.into(), out.into(), fee);
            prop_assert_eq!(invariant_holds(reserve_in, reserve_out, amount, out, fee), wide.is_ok());
        }

        #[test]
        fn the_input_is_enough_and_at_most_an_atom_too_much(
            reserve_in in 1_u64..1 << 50, reserve_out in 2_u64..1 << 50, share in 0.0..0.9_f64, fee in 0_u32..100_000,
        ) {
            let out = ((reserve_out as f64 * share) as u64).clamp(1, reserve_out - 1);
            let amount = in_given_out(reserve_in, reserve_out, out, fee).unwrap();
            prop_assert!(invariant_holds(reserve_in, reserve_out, amount, out, fee));
            prop_assert!(amount < 3 || !invariant_holds(reserve_in, reserve_out, amount - 2, out, fee));
        }

        #[test]
        fn the_root_is_the_floor(high in any::<u128>(), low in any::<u128>()) {
            let value = U256::from_words(high, low);
            let root = integer_sqrt(value);
            prop_assert!(root * root <= value);
            let next = root + 1;
            prop_assert!(next.checked_mul(next).is_none_or(|square| square > value));
        }
    }
}
