//! Recapitalisation: ETH raised by a sale of governance tokens lifts the collateral ratio to a target.
//!
//! The white paper names two ways and no contract implements either. Raised ETH mints xETH, `(n + d) s = c nf f`; or it
//! buys fETH in the market and redeems it, `(n - d) s = c (nf f - d s)`, so that the ETH comes back less or more by the
//! gap between market price and NAV.

use super::nav::Valuation;
use super::refusal::{Refusal, positive};
use super::threshold::{max_mintable_xeth, max_redeemable_feth};

/// What raised ETH does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recapitalisation {
    /// ETH of the raise that is used.
    pub eth_used: f64,
    /// xETH minted (first way).
    pub xeth_minted: f64,
    /// fETH bought and burned (second way).
    pub feth_redeemed: f64,
    /// ETH that the redemption returns to whoever spent it (second way).
    pub eth_returned: f64,
    /// The collateral ratio afterwards.
    pub collateral_ratio: f64,
}

/// ETH that mints enough xETH to reach `target`; zero when it is reached already.
///
/// # Errors
///
/// [`Refusal::TargetTooSmall`]; [`Refusal::DivisionByZero`] when xETH is worthless, for then no amount has a price.
pub fn quote_xeth_to_mint(value: &Valuation, target: f64) -> Result<f64, Refusal> {
    Ok(max_mintable_xeth(value, target)?.base)
}

/// ETH that buys, at `feth_price_usd`, the fETH whose redemption reaches `target`; at most all fETH.
///
/// # Errors
///
/// [`Refusal::TargetTooSmall`]; [`Refusal::NotPositive`] for a price that is none.
pub fn quote_feth_to_redeem(value: &Valuation, target: f64, feth_price_usd: f64) -> Result<f64, Refusal> {
    positive("the fETH price", feth_price_usd)?;
    let tokens = max_redeemable_feth(value, target)?.tokens.min(value.feth_supply);
    Ok(tokens * feth_price_usd / value.price)
}

/// What `eth_raised` does towards `target`: by minting xETH, or by buying fETH at `buy_feth_at_usd` and redeeming it.
///
/// # Errors
///
/// As the two quotes; [`Refusal::NotPositive`] for a raise that is none.
pub fn recapitalise(
    value: &Valuation,
    target: f64,
    eth_raised: f64,
    buy_feth_at_usd: Option<f64>,
) -> Result<Recapitalisation, Refusal> {
    positive("the ETH raised", eth_raised)?;
    match buy_feth_at_usd {
        None => {
            value.refuse_under_water()?;
            let eth_used = eth_raised.min(quote_xeth_to_mint(value, target)?);
            let xeth_minted = super::trade::xeth_minted(value, eth_used)?;
            let after = Valuation {
                collateral: value.collateral + eth_used,
                xeth_supply: value.xeth_supply + xeth_minted,
                ..*value
            };
            Ok(Recapitalisation {
                eth_used,
                xeth_minted,
                feth_redeemed: 0.0,
                eth_returned: 0.0,
                collateral_ratio: after.collateral_ratio(),
            })
        }
        Some(feth_price_usd) => {
            let eth_used = eth_raised.min(quote_feth_to_redeem(value, target, feth_price_usd)?);
            let feth_redeemed = (eth_used * value.price / feth_price_usd).min(value.feth_supply);
            let eth_returned = super::trade::redemption_proceeds(value, feth_redeemed, 0.0)?;
            let after = Valuation {
                collateral: value.collateral - eth_returned,
                feth_supply: value.feth_supply - feth_redeemed,
                ..*value
            };
            Ok(Recapitalisation {
                eth_used,
                xeth_minted: 0.0,
                feth_redeemed,
                eth_returned,
                collateral_ratio: after.collateral_ratio(),
            })
        }
    }
}
