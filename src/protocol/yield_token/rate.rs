//! Four ways to name one fixed rate.
//!
//! | name | formula | per |
//! |---|---|---|
//! | price `p` | `(Y/X)^t`, yield tokens for one token | the whole remaining life |
//! | contract yield | `p - 1` | the whole remaining life, *not* a year |
//! | continuous rate `r` | `ln(Y/X) = ln(p) / t` | unit of normalised time (white paper) |
//! | simple annual rate | `(p - 1) N / n` | year of `N` blocks, with `n` left |
//! | continuous annual rate | `ln(p) N / n` | year of `N` blocks, with `n` left |
//!
//! A yield token is a zero-coupon bond: it costs `1 / p` tokens and pays one at expiry.
//! Source: ALEX automated-market-making white paper; `yield-token-pool` (`get-yield`).

use libm::{exp, expm1, log};

use super::maturity::BLOCKS_PER_YEAR;
use super::refusal::{Refusal, positive};

/// Price of one yield token in tokens, `1 / p`.
///
/// # Errors
/// [`Refusal::Price`].
pub fn bond_price(price: f64) -> Result<f64, Refusal> {
    Ok(1.0 / positive(price, Refusal::Price)?)
}

/// The contract's yield: interest over the whole remaining life, as a share of the principal.
///
/// # Errors
/// [`Refusal::Price`].
pub fn term_yield(price: f64) -> Result<f64, Refusal> {
    Ok(positive(price, Refusal::Price)? - 1.0)
}

/// The white paper's rate: continuous, per unit of normalised time.
///
/// # Errors
/// [`Refusal::Price`]; [`Refusal::NoTimeLeft`] for `t = 0`, where every rate gives the price 1.
pub fn continuous_rate(price: f64, t: f64) -> Result<f64, Refusal> {
    Ok(log(positive(price, Refusal::Price)?) / positive(t, Refusal::NoTimeLeft)?)
}

/// The price that a continuous rate gives: `e^(r t)`.
///
/// # Errors
/// [`Refusal::Price`] where either is not a number or the price would be beyond any number.
pub fn price_at_rate(rate: f64, t: f64) -> Result<f64, Refusal> {
    positive(exp(rate * t), Refusal::Price)
}

/// Interest a year without compounding: `(p - 1) N / n`.
///
/// # Errors
/// [`Refusal::Price`]; [`Refusal::NoTimeLeft`] without blocks left.
///
/// ```
/// use ballast::protocol::yield_token::simple_annual_rate;
/// // Two per cent over a quarter of a year is eight a year.
/// let rate = simple_annual_rate(1.02, 13_140)?;
/// assert!((rate - 0.08).abs() < 1e-14);
/// # Ok::<(), ballast::protocol::yield_token::Refusal>(())
/// ```
pub fn simple_annual_rate(price: f64, blocks_left: u64) -> Result<f64, Refusal> {
    Ok(term_yield(price)? * years_inverse(blocks_left)?)
}

/// Interest a year with continuous compounding: `ln(p) N / n`.
///
/// # Errors
/// As [`simple_annual_rate`].
pub fn continuous_annual_rate(price: f64, blocks_left: u64) -> Result<f64, Refusal> {
    Ok(log(positive(price, Refusal::Price)?) * years_inverse(blocks_left)?)
}

/// The price that a continuous annual rate gives: `e^(r n / N)`.
///
/// # Errors
/// [`Refusal::Price`].
pub fn price_at_annual_rate(rate: f64, blocks_left: u64) -> Result<f64, Refusal> {
    positive(1.0 + expm1(rate * blocks_left as f64 / BLOCKS_PER_YEAR), Refusal::Price)
}

fn years_inverse(blocks_left: u64) -> Result<f64, Refusal> {
    Ok(BLOCKS_PER_YEAR / positive(blocks_left as f64, Refusal::NoTimeLeft)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_contract_yield_is_not_annual() {
        // 0.387 % over 4,993 blocks (35 days) is 4.1 % a year.
        let price = 1.003_872_94;
        assert!((term_yield(price).unwrap() - 0.003_872_94).abs() < 1e-15);
        assert!((simple_annual_rate(price, 4_993).unwrap() - 0.040_769).abs() < 1e-6);
        assert!((bond_price(price).unwrap() - 0.996_142).abs() < 1e-6);
    }

    #[test]
    fn no_time_left_has_no_rate() {
        assert_eq!(simple_annual_rate(1.0, 0), Err(Refusal::NoTimeLeft));
        assert_eq!(continuous_annual_rate(1.0, 0), Err(Refusal::NoTimeLeft));
        assert_eq!(continuous_rate(1.0, 0.0), Err(Refusal::NoTimeLeft));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(bond_price(bad), Err(Refusal::Price));
            assert_eq!(term_yield(bad), Err(Refusal::Price));
            assert_eq!(continuous_rate(bad, 0.5), Err(Refusal::Price));
        }
        assert_eq!(price_at_rate(f64::NAN, 0.5), Err(Refusal::Price));
        assert_eq!(price_at_annual_rate(1e9, 52_560), Err(Refusal::Price));
    }

    proptest! {
        #[test]
        fn rates_and_prices_invert(rate in -0.5..3.0_f64, t in 0.001..0.95_f64, blocks in 1_u64..200_000) {
            let back = continuous_rate(price_at_rate(rate, t).unwrap(), t).unwrap();
            prop_assert!((back - rate).abs() < 1e-15 / t + 1e-14);
            let annual = continuous_annual_rate(price_at_annual_rate(rate, blocks).unwrap(), blocks).unwrap();
            prop_assert!((annual - rate).abs() < 1e-10);
        }

        #[test]
        fn simple_interest_is_at_least_continuous(price in 1.0..3.0_f64, blocks in 1_u64..200_000) {
            let simple = simple_annual_rate(price, blocks).unwrap();
            prop_assert!(simple >= continuous_annual_rate(price, blocks).unwrap());
        }
    }
}
