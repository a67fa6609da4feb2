//! The weighted curve: `x^w y^(1-w) = k`, and its form for several coins, `prod b_i^w_i = k`.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | b_i, w_i | `balance_in`, `weight_in` | coins; share of the pool's value |
//! | b_o, w_o | `balance_out`, `weight_out` | |
//! | a | `amount_in_net` | coins in, after the fee |
//!
//! Swaps use only the ratio of the two weights, so they hold for two coins out of a larger pool as well.
//! Source: Balancer v2 (`WeightedMath.sol`) and the ALEX fixed-weight pool. The contracts' power has a margin of about
//! 1e-14 in the pool's favour; here it is `-expm1(r log1p(..))`, which keeps full precision for small trades.

use libm::{exp, expm1, log, log1p, pow};

use super::error::{SwapError, check_fee, positive};

/// The largest part of a balance that one trade may bring or take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioCaps {
    /// Largest net input as a share of the input's balance.
    pub max_in: f64,
    /// Largest output as a share of the output's balance.
    pub max_out: f64,
    /// True if a trade of exactly the cap is refused.
    pub strict: bool,
}

impl RatioCaps {
    /// Balancer: 30 % each, the bound itself allowed (`BAL#304`, `BAL#305`).
    pub const BALANCER: Self = Self { max_in: 0.3, max_out: 0.3, strict: false };
    /// ALEX: 1 % each by default, the bound itself refused (errors 4001, 4002).
    pub const ALEX: Self = Self { max_in: 0.01, max_out: 0.01, strict: true };

    /// Refuses an input above its cap.
    ///
    /// # Errors
    /// [`SwapError::MaxInRatio`].
    #[inline]
    pub fn check_in(&self, amount_in_net: f64, balance_in: f64) -> Result<(), SwapError> {
        let most = self.max_in * balance_in;
        if amount_in_net < most || (amount_in_net == most && !self.strict) {
            Ok(())
        } else {
            Err(SwapError::MaxInRatio)
        }
    }

    /// Refuses an output above its cap.
    ///
    /// # Errors
    /// [`SwapError::MaxOutRatio`].
    #[inline]
    pub fn check_out(&self, amount_out: f64, balance_out: f64) -> Result<(), SwapError> {
        let most = self.max_out * balance_out;
        if amount_out < most || (amount_out == most && !self.strict) {
            Ok(())
        } else {
            Err(SwapError::MaxOutRatio)
        }
    }
}

#[inline]
fn check_weight(weight: f64) -> Result<f64, SwapError> {
    if weight > 0.0 && weight <= 1.0 { Ok(weight) } else { Err(SwapError::Weight) }
}

#[inline]
fn check_side(balance: f64, weight: f64) -> Result<(), SwapError> {
    positive(balance, SwapError::Reserves)?;
    check_weight(weight)?;
    Ok(())
}

/// Output for a net input: `b_o (1 - (b_i / (b_i + a))^(w_i / w_o))`.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Weight`], [`SwapError::Amount`].
///
/// ```
/// use ballast::protocol::amm::weighted::out_given_in;
/// // Equal weights are the constant product.
/// let out = out_given_in(900.0, 0.5, 5000.0, 0.5, 100.0)?;
/// assert!((out - 500.0).abs() < 1e-12);
/// # Ok::<(), ballast::protocol::amm::SwapError>(())
/// ```
#[inline]
pub fn out_given_in(
    balance_in: f64,
    weight_in: f64,
    balance_out: f64,
    weight_out: f64,
    amount_in_net: f64,
) -> Result<f64, SwapError> {
    check_side(balance_in, weight_in)?;
    check_side(balance_out, weight_out)?;
    positive(amount_in_net, SwapError::Amount)?;
    Ok(-balance_out * expm1(-(weight_in / weight_out) * log1p(amount_in_net / balance_in)))
}

/// Net input for an output: `b_i ((b_o / (b_o - out))^(w_o / w_i) - 1)`.
///
/// # Errors
/// As [`out_given_in`]; [`SwapError::InsufficientLiquidity`] for the whole balance or more, or where the input is
/// beyond any number.
#[inline]
pub fn in_given_out(
    balance_in: f64,
    weight_in: f64,
    balance_out: f64,
    weight_out: f64,
    amount_out: f64,
) -> Result<f64, SwapError> {
    check_side(balance_in, weight_in)?;
    check_side(balance_out, weight_out)?;
    positive(amount_out, SwapError::Amount)?;
    if amount_out >= balance_out {
        return Err(SwapError::InsufficientLiquidity);
    }
    let input = balance_in * expm1(-(weight_out / weight_in) * log1p(-amount_out / balance_out));
    if input < f64::INFINITY { Ok(input) } else { Err(SwapError::InsufficientLiquidity) }
}

/// Marginal price of the base coin in quote: `(y / w_y) / (x / w_x)`.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Weight`].
#[inline]
pub fn spot_price(
    balance_base: f64,
    weight_base: f64,
    balance_quote: f64,
    weight_quote: f64,
) -> Result<f64, SwapError> {
    check_side(balance_base, weight_base)?;
    check_side(balance_quote, weight_quote)?;
    positive((balance_quote / weight_quote) / (balance_base / weight_base), SwapError::Reserves)
}

/// Net input that moves the price to `target` (input coin per output coin, marginal).
///
/// Selling moves the price of the *input* down, that is its price in input coins per output up, from
/// `P = (b_i / w_i) / (b_o / w_o)`: `a = b_i ((target / P)^(w_o / (w_i + w_o)) - 1)`.
///
/// # Errors
/// As [`out_given_in`]; [`SwapError::Price`]; [`SwapError::PriceOutOfReach`] for a target at or below the present price.
#[inline]
pub fn in_to_price(
    balance_in: f64,
    weight_in: f64,
    balance_out: f64,
    weight_out: f64,
    target: f64,
) -> Result<f64, SwapError> {
    positive(target, SwapError::Price)?;
    let price = spot_price(balance_out, weight_out, balance_in, weight_in)?;
    let input = balance_in * expm1(weight_out / (weight_in + weight_out) * log(target / price));
    if input > 0.0 && input < f64::INFINITY { Ok(input) } else { Err(SwapError::PriceOutOfReach) }
}

/// The invariant: `prod b_i^w_i`. With weights that sum to one it is also the liquidity of an ALEX pool's first mint.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Weight`]; [`SwapError::Coin`] for lists of different length.
pub fn invariant(balances: &[f64], weights: &[f64]) -> Result<f64, SwapError> {
    check_lists(balances, weights)?;
    let product: f64 = balances.iter().zip(weights).map(|(&balance, &weight)| pow(balance, weight)).product();
    positive(product, SwapError::Reserves)
}

fn check_lists(balances: &[f64], weights: &[f64]) -> Result<(), SwapError> {
    if balances.is_empty() || balances.len() != weights.len() {
        return Err(SwapError::Coin);
    }
    balances.iter().zip(weights).try_for_each(|(&balance, &weight)| check_side(balance, weight))
}

/// Liquidity for a deposit of `amounts` in any proportion.
///
/// A coin that grows by more than the weighted average growth is in part sold inside the pool: that part, above the
/// average, pays the fee. Then `supply (prod (1 + a_i / b_i)^w_i - 1)` with the amounts after the fee.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Weight`], [`SwapError::Fee`], [`SwapError::Amount`] for a negative amount,
/// [`SwapError::Dust`] where nothing is minted, [`SwapError::Coin`].
pub fn liquidity_for_amounts(
    balances: &[f64],
    weights: &[f64],
    amounts: &[f64],
    supply: f64,
    fee: f64,
) -> Result<f64, SwapError> {
    check_lists(balances, weights)?;
    check_fee(fee)?;
    positive(supply, SwapError::Reserves)?;
    if amounts.len() != balances.len() {
        return Err(SwapError::Coin);
    }
    if !amounts.iter().all(|&amount| (0.0..f64::INFINITY).contains(&amount)) {
        return Err(SwapError::Amount);
    }
    let average: f64 = amounts
        .iter()
        .zip(balances)
        .zip(weights)
        .map(|((amount, balance), weight)| weight * amount / balance)
        .sum();
    let log_growth: f64 = amounts
        .iter()
        .zip(balances)
        .zip(weights)
        .map(|((&amount, &balance), &weight)| {
            let taxed = (amount - balance * average).max(0.0);
            weight * log1p((amount - taxed * fee) / balance)
        })
        .sum();
    positive(supply * expm1(log_growth), SwapError::Dust)
}

/// Coins paid for an exit of `liquidity` in one coin: `b (1 - (1 - l)^(1/w))`, where the part `1 - w` that is swapped
/// out of the other coins pays the fee.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Weight`], [`SwapError::Fee`], [`SwapError::Amount`];
/// [`SwapError::InsufficientLiquidity`] for the whole supply or more.
pub fn amount_for_liquidity(
    balance: f64,
    weight: f64,
    liquidity: f64,
    supply: f64,
    fee: f64,
) -> Result<f64, SwapError> {
    check_side(balance, weight)?;
    check_fee(fee)?;
    positive(liquidity, SwapError::Amount)?;
    positive(supply, SwapError::Reserves)?;
    if liquidity >= supply {
        return Err(SwapError::InsufficientLiquidity);
    }
    let gross = -balance * expm1(log1p(-liquidity / supply) / weight);
    Ok(gross * (1.0 - (1.0 - weight) * fee))
}

/// Coins that go with a change of liquidity by the share `liquidity / supply`, one balance at a time: a proportional
/// join or exit.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Amount`].
pub fn proportional_amount(balance: f64, liquidity: f64, supply: f64) -> Result<f64, SwapError> {
    positive(balance, SwapError::Reserves)?;
    positive(supply, SwapError::Reserves)?;
    Ok(balance * (positive(liquidity, SwapError::Amount)? / supply))
}

/// Value in quote of a pool of invariant `k = x^w y^(1-w)` at the price `P`: `k P^w / (w^w (1-w)^(1-w))`.
///
/// # Errors
/// [`SwapError::Reserves`], [`SwapError::Price`], [`SwapError::Weight`] for a weight outside (0, 1).
pub fn value_at_price(invariant: f64, weight_base: f64, price: f64) -> Result<f64, SwapError> {
    positive(invariant, SwapError::Reserves)?;
    positive(price, SwapError::Price)?;
    if !(weight_base > 0.0 && weight_base < 1.0) {
        return Err(SwapError::Weight);
    }
    let quote = 1.0 - weight_base;
    Ok(invariant * exp(weight_base * log(price / weight_base) - quote * log(quote)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_worked_example() {
        // 80/20: doubling the heavy coin leaves a sixteenth of the light one.
        let out = out_given_in(100.0, 0.8, 16.0, 0.2, 100.0).unwrap();
        assert!((out - 15.0).abs() < 1e-13, "{out}");
        assert!((spot_price(100.0, 0.8, 16.0, 0.2).unwrap() - 0.64).abs() < 1e-15);
        assert!((invariant(&[32.0, 1.0], &[0.8, 0.2]).unwrap() - 16.0).abs() < 1e-13);
        // The whole growth is proportional: no fee, ten per cent more liquidity.
        let minted = liquidity_for_amounts(&[10.0, 40.0], &[0.3, 0.7], &[1.0, 4.0], 50.0, 0.5).unwrap();
        assert!((minted - 5.0).abs() < 1e-13, "{minted}");
        assert_eq!(proportional_amount(40.0, 5.0, 50.0), Ok(4.0));
    }

    #[test]
    fn an_uneven_join_pays_the_fee_above_the_average_growth() {
        // All in one coin of half the pool: average growth 5 %, so half of the deposit is taxed.
        let minted = liquidity_for_amounts(&[10.0, 40.0], &[0.5, 0.5], &[1.0, 0.0], 50.0, 0.1).unwrap();
        assert!((minted - 50.0 * ((1.0_f64 + 0.095).sqrt() - 1.0)).abs() < 1e-13, "{minted}");
        let out = amount_for_liquidity(10.0, 0.5, 25.0, 50.0, 0.1).unwrap();
        assert!((out - 7.5 * 0.95).abs() < 1e-13, "{out}");
    }

    #[test]
    fn caps() {
        assert_eq!(RatioCaps::BALANCER.check_in(30.0, 100.0), Ok(()));
        assert_eq!(RatioCaps::BALANCER.check_in(30.001, 100.0), Err(SwapError::MaxInRatio));
        assert_eq!(RatioCaps::BALANCER.check_out(30.001, 100.0), Err(SwapError::MaxOutRatio));
        assert_eq!(RatioCaps::ALEX.check_in(1.0, 100.0), Err(SwapError::MaxInRatio));
        assert_eq!(RatioCaps::ALEX.check_out(0.999, 100.0), Ok(()));
        assert_eq!(RatioCaps::ALEX.check_out(1.0, 100.0), Err(SwapError::MaxOutRatio));
        assert_eq!(RatioCaps::BALANCER.check_out(30.0, 100.0), Ok(()));
        assert_eq!(RatioCaps::ALEX.check_out(f64::NAN, 100.0), Err(SwapError::MaxOutRatio));
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(out_given_in(bad, 0.5, 1.0, 0.5, 1.0), Err(SwapError::Reserves));
            assert_eq!(out_given_in(1.0, bad, 1.0, 0.5, 1.0), Err(SwapError::Weight));
            assert_eq!(out_given_in(1.0, 0.5, 1.0, 0.5, bad), Err(SwapError::Amount));
            assert_eq!(in_given_out(1.0, 0.5, 1.0, 0.5, bad), Err(SwapError::Amount));
            assert_eq!(in_to_price(1.0, 0.5, 1.0, 0.5, bad), Err(SwapError::Price));
            assert_eq!(value_at_price(bad, 0.5, 1.0), Err(SwapError::Reserves));
        }
        assert_eq!(in_given_out(1.0, 0.5, 1.0, 0.5, 1.0), Err(SwapError::InsufficientLiquidity));
        assert_eq!(in_given_out(1.0, 0.001, 1.0, 0.999, 0.999), Err(SwapError::InsufficientLiquidity));
        assert_eq!(in_to_price(1.0, 0.5, 1.0, 0.5, 0.9), Err(SwapError::PriceOutOfReach));
        assert_eq!(invariant(&[1.0], &[0.5, 0.5]), Err(SwapError::Coin));
        assert_eq!(liquidity_for_amounts(&[1.0], &[1.0], &[0.0], 1.0, 0.0), Err(SwapError::Dust));
        assert_eq!(liquidity_for_amounts(&[1.0], &[1.0], &[-0.1], 1.0, 0.0), Err(SwapError::Amount));
        assert_eq!(amount_for_liquidity(1.0, 0.5, 1.0, 1.0, 0.0), Err(SwapError::InsufficientLiquidity));
    }

    proptest! {
        #[test]
        fn the_invariant_never_falls(
            x in 1e-3..1e9_f64, y in 1e-3..1e9_f64, weight in 0.01..0.99_f64, share in 1e-9..5.0_f64, fee in 0.0..0.1_f64,
        ) {
            let weights = [weight, 1.0 - weight];
            let out = out_given_in(x, weight, y, 1.0 - weight, x * share * (1.0 - fee)).unwrap();
            prop_assume!(out < y);
            let (before, after) = (invariant(&[x, y], &weights), invariant(&[x * (1.0 + share), y - out], &weights));
            // The far balance loses digits when nearly all of it leaves.
            let slack = 1e-13 * y / (y - out);
            prop_assert!(after.unwrap() >= before.unwrap() * (1.0 - slack));
        }

        #[test]
        fn in_undoes_out(
            x in 1e-3..1e9_f64, y in 1e-3..1e9_f64, weight in 0.05..0.95_f64, share in 1e-9..0.5_f64,
        ) {
            let out = out_given_in(x, weight, y, 1.0 - weight, x * share).unwrap();
            let back = in_given_out(x, weight, y, 1.0 - weight, out).unwrap();
            prop_assert!((back / (x * share) - 1.0).abs() < 1e-11 * y / (y - out));
        }

        #[test]
        fn the_spot_price_is_the_derivative(x in 1e-3..1e9_f64, y in 1e-3..1e9_f64, weight in 0.05..0.95_f64) {
            let step = 1e-7 * x;
            let slope = out_given_in(x, weight, y, 1.0 - weight, step).unwrap() / step;
            let price = spot_price(x, weight, y, 1.0 - weight).unwrap();
            prop_assert!((slope / price - 1.0).abs() < 3e-6);
        }

        #[test]
        fn a_trade_to_a_price_arrives(
            x in 1e-3..1e9_f64, y in 1e-3..1e9_f64, weight in 0.05..0.95_f64, rise in 1.0001..3.0_f64,
        ) {
            let other = 1.0 - weight;
            let target = rise * spot_price(y, other, x, weight).unwrap();
            let amount = in_to_price(x, weight, y, other, target).unwrap();
            let out = out_given_in(x, weight, y, other, amount).unwrap();
            let reached = spot_price(y - out, other, x + amount, weight).unwrap();
            prop_assert!((reached / target - 1.0).abs() < 1e-12 * y / (y - out));
        }

        #[test]
        fn the_value_is_the_worth_of_the_balances(x in 1e-3..1e6_f64, y in 1e-3..1e6_f64, weight in 0.05..0.95_f64) {
            let price = spot_price(x, weight, y, 1.0 - weight).unwrap();
            let value = value_at_price(invariant(&[x, y], &[weight, 1.0 - weight]).unwrap(), weight, price).unwrap();
            prop_assert!((value / (x * price + y) - 1.0).abs() < 1e-13);
        }
    }
}
