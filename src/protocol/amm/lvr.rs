//! What a liquidity provider loses to arbitrage.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | w | `weight_base` | share of the risky coin in the pool's value |
//! | R | `price_ratio` | new price over old price |
//! | sigma | `volatility` | per square root of a year |
//! | r | `risk_free_rate` | per year |
//!
//! Loss versus rebalancing (LVR) measures a pool against a portfolio that holds the same base and trades at the external
//! price: of one arbitraged jump it is `w R + 1 - w - R^w` of the value, always a loss. Its rate is
//! `w (1 - w) sigma^2 / 2` a year, `sigma^2 / 8` for the constant product. Divergence ("impermanent") loss measures it
//! against holding. Fees return a part of LVR, so the figures hold for gross loss or for a pool without fee.
//!
//! Source: Milionis, Moallemi, Roughgarden, Zhang, "Automated market making and loss-versus-rebalancing" (2022);
//! Milionis, Moallemi, Roughgarden, "Automated market making and arbitrage profits in the presence of fees" (2023).

use super::error::{SwapError, check_fee, positive};

fn check_weight(weight_base: f64) -> Result<(), SwapError> {
    if (0.0..=1.0).contains(&weight_base) { Ok(()) } else { Err(SwapError::Weight) }
}

fn check_volatility(volatility: f64) -> Result<(), SwapError> {
    if (0.0..f64::INFINITY).contains(&volatility) { Ok(()) } else { Err(SwapError::Amount) }
}

/// Value of the pool against holding its coins, after the price moved by `price_ratio`:
/// `R^w / (w R + 1 - w) - 1`, at most zero.
///
/// # Errors
/// [`SwapError::Weight`], [`SwapError::Price`].
pub fn divergence_loss(weight_base: f64, price_ratio: f64) -> Result<f64, SwapError> {
    let held = 1.0 + weight_base * (price_ratio - 1.0);
    Ok(-loss_versus_rebalancing(weight_base, price_ratio)? / held)
}

/// Gross loss of one arbitraged jump, as a share of the value before: `w R + 1 - w - R^w`, at least zero.
///
/// # Errors
/// [`SwapError::Weight`], [`SwapError::Price`].
///
/// ```
/// use ballast::protocol::amm::lvr::loss_versus_rebalancing;
/// assert_eq!(loss_versus_rebalancing(0.5, 4.0), Ok(0.5));
/// ```
pub fn loss_versus_rebalancing(weight_base: f64, price_ratio: f64) -> Result<f64, SwapError> {
    check_weight(weight_base)?;
    positive(price_ratio, SwapError::Price)?;
    let pool_gain = libm::expm1(weight_base * libm::log(price_ratio));
    Ok((weight_base * (price_ratio - 1.0) - pool_gain).max(0.0))
}

/// Rate of LVR per year in a diffusion, as a share of the value: `w (1 - w) sigma^2 / 2`.
///
/// # Errors
/// [`SwapError::Weight`], [`SwapError::Amount`] for a volatility that is negative or not finite.
///
/// ```
/// use ballast::protocol::amm::lvr::lvr_rate;
/// // 90 % volatility costs a 50/50 pool 10.125 % a year, 2.8 basis points a day.
/// assert!((lvr_rate(0.5, 0.9)? - 0.10125).abs() < 1e-15);
/// # Ok::<(), ballast::protocol::amm::SwapError>(())
/// ```
pub fn lvr_rate(weight_base: f64, volatility: f64) -> Result<f64, SwapError> {
    check_weight(weight_base)?;
    check_volatility(volatility)?;
    Ok(0.5 * weight_base * (1.0 - weight_base) * volatility * volatility)
}

/// Expected LVR of one step of a driftless geometric Brownian motion, as a share of the value, exactly:
/// `1 - exp(-w (1 - w) sigma^2 dt / 2)`.
///
/// # Errors
/// As [`lvr_rate`]; [`SwapError::Amount`] for a step that is negative or not finite.
pub fn expected_lvr(weight_base: f64, volatility: f64, step_years: f64) -> Result<f64, SwapError> {
    check_volatility(step_years)?;
    Ok(-libm::expm1(-lvr_rate(weight_base, volatility)? * step_years))
}

/// Fee yield at which providing liquidity is fair: `(1 - w) r + w (1 - w) sigma^2 / 2` a year. It is the funding that a
/// short power perpetual of power w pays.
///
/// # Errors
/// As [`lvr_rate`]; [`SwapError::Amount`] for a rate that is not finite.
pub fn equilibrium_fee_yield(
    weight_base: f64,
    risk_free_rate: f64,
    volatility: f64,
) -> Result<f64, SwapError> {
    if !risk_free_rate.is_finite() {
        return Err(SwapError::Amount);
    }
    Ok((1.0 - weight_base) * risk_free_rate + lvr_rate(weight_base, volatility)?)
}

/// Share of blocks in which arbitrageurs trade, and so the share of LVR that they keep, for a swap fee and blocks that
/// arrive at random with a mean interval: `1 / (1 + sqrt 2 g / (sigma sqrt dt))`, `g = -ln(1 - fee)`.
///
/// # Errors
/// [`SwapError::Fee`], [`SwapError::Amount`] for a volatility or an interval that is not above zero.
pub fn arbitrage_probability(fee: f64, volatility: f64, mean_block_years: f64) -> Result<f64, SwapError> {
    check_fee(fee)?;
    positive(volatility, SwapError::Amount)?;
    positive(mean_block_years, SwapError::Amount)?;
    let log_fee = -libm::log1p(-fee);
    Ok(1.0 / (1.0 + std::f64::consts::SQRT_2 * log_fee / (volatility * mean_block_years.sqrt())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arbitrage;
    use super::*;

    #[test]
    fn worked_examples() {
        assert_eq!(divergence_loss(0.5, 4.0), Ok(-0.2));
        assert!((equilibrium_fee_yield(0.5, 0.05, 0.9).unwrap() - 0.12625).abs() < 1e-15);
        // Published example: 30 basis points, 12 seconds, 90 % a year.
        let probability = arbitrage_probability(0.003, 0.9, 12.0 / 31_536_000.0).unwrap();
        assert!((probability - 0.115_52).abs() < 1e-4, "{probability}");
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(loss_versus_rebalancing(bad, 1.0), Err(SwapError::Weight));
            assert_eq!(divergence_loss(0.5, bad), Err(SwapError::Price));
            assert_eq!(lvr_rate(0.5, bad), Err(SwapError::Amount));
            assert_eq!(expected_lvr(0.5, 0.9, bad), Err(SwapError::Amount));
            assert_eq!(arbitrage_probability(0.003, 0.9, bad), Err(SwapError::Amount));
        }
        assert_eq!(equilibrium_fee_yield(0.5, f64::NAN, 0.9), Err(SwapError::Amount));
        assert_eq!(arbitrage_probability(1.0, 0.9, 0.1), Err(SwapError::Fee));
    }

    proptest! {
        /// The loss of the formula is the profit of the arbitrageur.
        #[test]
        fn what_the_pool_loses_the_arbitrageur_earns(weight in 0.05..0.95_f64, log_ratio in -1.5..1.5_f64) {
            prop_assume!(log_ratio.abs() > 1e-3);
            let (x, price) = (70.0, 30.0);
            let y = price * x * (1.0 - weight) / weight;
            let value = x * price + y;
            let ratio = libm::exp(log_ratio);
            let trade = arbitrage::weighted([x, y], weight, 0.0, price * ratio).unwrap();
            let loss = loss_versus_rebalancing(weight, ratio).unwrap();
            prop_assert!((trade.profit_quote / value - loss).abs() < 1e-13, "{trade:?}: {loss}");
        }

        #[test]
        fn small_jumps_lose_half_their_square(weight in 0.05..0.95_f64) {
            let jump = 1e-4_f64;
            let loss = loss_versus_rebalancing(weight, 1.0 + jump).unwrap();
            prop_assert!((loss / (0.5 * weight * (1.0 - weight) * jump * jump) - 1.0).abs() < 1e-3);
        }
    }
}
