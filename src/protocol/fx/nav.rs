//! Net asset values, collateral ratio, leverage.
//!
//! fETH is linear in the price between settlements, measured from the last settled pair `(s0, f0)`:
//!
//! `f(s) = f0 (1 + beta r)`, `r = (s - s0) / s0`
//!
//! and xETH is the residual, `x = (n s - nf f) / nx`. Only a settlement compounds (white paper, equations 4 to 6).

use super::refusal::{Refusal, divide};
use super::rules::{Rules, UnderCollateral};
use super::state::{Mark, State};

/// The contract's cap on leverage.
const LEVERAGE_CAP: f64 = 100.0;
/// The largest multiple of the fETH NAV that the contract accepts.
const LARGEST_MULTIPLE: f64 = 1e18;

/// All claims of a market valued at one price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valuation {
    /// `n`: collateral, in ETH.
    pub collateral: f64,
    /// `s`: USD per ETH.
    pub price: f64,
    /// `nf`: fETH supply.
    pub feth_supply: f64,
    /// `f`: USD per fETH.
    pub feth_nav: f64,
    /// `nx`: xETH supply.
    pub xeth_supply: f64,
    /// `x`: USD per xETH; one by convention when there is none.
    pub xeth_nav: f64,
    /// `m = beta r`: how far fETH has moved since the last settlement.
    pub multiple: f64,
    /// `f` before the policy `BetaOne` cut it to what is there; equal to `feth_nav` otherwise.
    pub formula_feth_nav: f64,
}

/// `m = beta (s - s0) / s0`: the multiple by which fETH has moved since the last settlement.
///
/// # Errors
///
/// [`Refusal::MultipleOutOfRange`] outside (-1, 1e18), [`Refusal::NotPositive`] for a mark without a price.
pub fn feth_multiple(mark: &Mark, beta: f64, price: f64) -> Result<f64, Refusal> {
    let settled = super::refusal::positive("the price at the last settlement", mark.price)?;
    let multiple = (price - settled) / settled * beta;
    if multiple > -1.0 && multiple < LARGEST_MULTIPLE {
        Ok(multiple)
    } else {
        Err(Refusal::MultipleOutOfRange { multiple })
    }
}

/// `n s - nf f` without the cancellation that two rounded products would suffer (Kahan's difference of products).
///
/// Near a collateral ratio of one the sign decides between a trade and a freeze, and zero between a price and none.
#[must_use]
pub fn residual_value(collateral: f64, price: f64, feth_supply: f64, feth_nav: f64) -> f64 {
    let claims = feth_supply * feth_nav;
    let claims_error = libm::fma(-feth_supply, feth_nav, claims);
    libm::fma(collateral, price, -claims) + claims_error
}

impl Valuation {
    /// Values the claims of `state` at `price`.
    ///
    /// An empty treasury values both tokens at one. Without xETH its NAV is one by convention and the residual belongs
    /// to nobody.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnderCollateral`] when `n s < nf f` under the policy `Revert`; what [`feth_multiple`] refuses.
    pub fn at(state: &State, rules: &Rules, price: f64) -> Result<Self, Refusal> {
        let held = state.holdings;
        if held.collateral <= 0.0 {
            return Ok(Self {
                collateral: 0.0,
                price,
                feth_supply: 0.0,
                feth_nav: 1.0,
                xeth_supply: 0.0,
                xeth_nav: 1.0,
                multiple: 0.0,
                formula_feth_nav: 1.0,
            });
        }
        let multiple = feth_multiple(&state.mark, rules.beta, price)?;
        let formula_feth_nav = state.mark.feth_nav * (1.0 + multiple);
        let residual = residual_value(held.collateral, price, held.feth_supply, formula_feth_nav);
        let mut value = Self {
            collateral: held.collateral,
            price,
            feth_supply: held.feth_supply,
            feth_nav: formula_feth_nav,
            xeth_supply: held.xeth_supply,
            xeth_nav: 1.0,
            multiple,
            formula_feth_nav,
        };
        match rules.under_collateral {
            UnderCollateral::Revert if residual < 0.0 && held.xeth_supply > 0.0 => {
                return Err(value.under_collateral());
            }
            UnderCollateral::BetaOne if residual < 0.0 => {
                value.feth_nav = held.collateral * price / held.feth_supply;
                value.xeth_nav = 0.0;
            }
            UnderCollateral::Revert | UnderCollateral::BetaOne => {
                if held.xeth_supply > 0.0 {
                    value.xeth_nav = residual / held.xeth_supply;
                }
            }
        }
        Ok(value)
    }

    /// `n s - nf f`: what belongs to xETH. Zero while the policy `BetaOne` holds fETH at what is there.
    #[must_use]
    pub fn residual(&self) -> f64 {
        if self.is_under_water() {
            return 0.0;
        }
        residual_value(self.collateral, self.price, self.feth_supply, self.feth_nav)
    }

    /// True while the policy `BetaOne` pays fETH less than its formula.
    #[must_use]
    pub fn is_under_water(&self) -> bool {
        self.feth_nav < self.formula_feth_nav
    }

    /// `n s / (nf f)`: one for an empty treasury, infinite when nobody holds fETH.
    ///
    /// Under water it is measured by the formula's NAV, so it falls below one and says how deep.
    #[must_use]
    pub fn collateral_ratio(&self) -> f64 {
        if self.collateral == 0.0 {
            return 1.0;
        }
        let claims = self.feth_supply * self.formula_feth_nav;
        if claims == 0.0 { f64::INFINITY } else { self.collateral * self.price / claims }
    }

    pub(super) fn under_collateral(&self) -> Refusal {
        Refusal::UnderCollateral {
            collateral_usd: self.collateral * self.price,
            claims_usd: self.feth_supply * self.formula_feth_nav,
        }
    }

    pub(super) fn refuse_under_water(&self) -> Result<(), Refusal> {
        if self.is_under_water() {
            return Err(Refusal::MintsOffUnderWater {
                collateral_usd: self.collateral * self.price,
                claims_usd: self.feth_supply * self.formula_feth_nav,
            });
        }
        Ok(())
    }
}

/// xETH leverage over one period, `L = (1 - beta lambda) / (1 - lambda)` with `lambda = nf f / (n s)` at its start.
///
/// White paper, equation 8; exact for one settled period with constant supplies, because
/// `d(nx x) = r (n s0 - beta nf f0)`. `None` when fETH claims everything.
#[must_use]
pub fn leverage_white_paper(beta: f64, feth_share: f64) -> Option<f64> {
    (feth_share < 1.0).then(|| (1.0 - beta * feth_share) / (1.0 - feth_share))
}

/// xETH leverage as the contract samples it, capped at 100:
/// `L = (1 - rho beta (1 + r)) / (1 - rho)`, `rho` at the current price and `r` since the last settlement.
///
/// Where nobody holds xETH and the collateral does not cover fETH, the contract's subtraction wraps around and its
/// division then gives zero; so does this.
///
/// # Errors
///
/// [`Refusal::DivisionByZero`] for an empty treasury or `rho = 1`; [`Refusal::LeverageNegative`] where
/// `rho beta (1 + r) > 1`.
pub fn leverage_contract(value: &Valuation, beta: f64, price_return: f64) -> Result<f64, Refusal> {
    let worth = value.collateral * value.price;
    let rho = divide(value.feth_supply * value.feth_nav, worth, "collateral value")?;
    let feth_share = rho * beta * (1.0 + price_return);
    if feth_share > 1.0 {
        return Err(Refusal::LeverageNegative { feth_share });
    }
    let residual = residual_value(value.collateral, value.price, value.feth_supply, value.feth_nav);
    if residual < 0.0 {
        return Ok(0.0);
    }
    let xeth_share = residual / worth;
    Ok(divide(1.0 - feth_share, xeth_share, "xETH share of the collateral")?.min(LEVERAGE_CAP))
}

/// The mark after sampling the leverage of `value`, where this generation samples.
///
/// While the policy `BetaOne` holds, leverage has no meaning and nothing is sampled.
pub(super) fn sampled(
    mark: &Mark,
    rules: &Rules,
    value: &Valuation,
    now_seconds: i64,
) -> Result<Mark, Refusal> {
    if !rules.generation.samples_leverage() || value.is_under_water() {
        return Ok(*mark);
    }
    let price_return = (value.price - mark.price) / mark.price;
    let leverage = leverage_contract(value, rules.beta, price_return)?;
    Ok(Mark { leverage: mark.leverage.saved(leverage, now_seconds, rules.ema_interval_seconds), ..*mark })
}
