//! What is stored, what the ledger holds, what comes in from outside, and what a verb gives back.

use serde::{Deserialize, Serialize};

use super::ema::LeverageEma;
use super::oracle::OraclePrice;
use super::refusal::{Refusal, positive};

/// What an f(x) market stores itself: everything else is a balance or follows from one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// `f0`: fETH NAV at the last settlement, in USD.
    pub feth_nav: f64,
    /// `s0`: price at the last settlement, in USD per ETH.
    pub price: f64,
    /// The leverage average.
    pub leverage: LeverageEma,
}

/// The three balances that the ledger holds, in units.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdings {
    /// `n`: collateral in ETH (unwrapped units).
    pub collateral: f64,
    /// `nf`: fETH in existence.
    pub feth_supply: f64,
    /// `nx`: xETH in existence.
    pub xeth_supply: f64,
}

/// Balances and mark together: all that a verb needs to know of the past.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What the ledger holds.
    pub holdings: Holdings,
    /// What the market stores.
    pub mark: Mark,
}

impl State {
    /// An empty market whose price was initialised at `price` USD, `now_seconds`.
    #[must_use]
    pub const fn at_price(price: f64, now_seconds: i64) -> Self {
        Self {
            holdings: Holdings { collateral: 0.0, feth_supply: 0.0, xeth_supply: 0.0 },
            mark: Mark { feth_nav: 1.0, price, leverage: LeverageEma::new(now_seconds) },
        }
    }
}

/// What a verb sees of the world at the moment of the call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// The oracle's answer.
    pub oracle: OraclePrice,
    /// The time of the call, in seconds.
    pub now_seconds: i64,
    /// ETH per unit of the collateral token: one unless the token is wrapped.
    pub rate: f64,
    /// Collateral tokens in the bonus reserve.
    pub reserve_balance: f64,
    /// fETH staked in all registered rebalance pools (what is unlocking does not count).
    pub feth_staked: f64,
}

impl Conditions {
    /// A valid oracle at `price`, an unwrapped collateral, an empty reserve, empty pools.
    #[must_use]
    pub const fn at_price(price: f64, now_seconds: i64) -> Self {
        Self {
            oracle: OraclePrice::agreed(price),
            now_seconds,
            rate: 1.0,
            reserve_balance: 0.0,
            feth_staked: 0.0,
        }
    }

    pub(super) fn checked_rate(&self) -> Result<f64, Refusal> {
        positive("the wrapped-token rate", self.rate)
    }
}

/// The next state and every amount a verb moved. Amounts that a verb does not move are zero.
///
/// Collateral amounts are in collateral tokens (wrapped units), which are ETH when the rate is one. The books of one
/// call: `paid_in = to_treasury + fee` for mints, `from_treasury = to_caller + fee` for redemptions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The state after the call. The caller moves the ledger and stores only the mark.
    pub next: State,
    /// Collateral tokens taken from the caller, fee included.
    pub base_paid_in: f64,
    /// Collateral tokens that entered the treasury.
    pub base_to_treasury: f64,
    /// Collateral tokens that left the treasury.
    pub base_from_treasury: f64,
    /// Collateral tokens paid to the caller from the treasury, fee deducted, bonus not included.
    pub base_to_caller: f64,
    /// Collateral tokens paid to the platform: the fee, or the surplus of a protocol rebalance.
    pub base_to_platform: f64,
    /// Collateral tokens that the bonus reserve adds for the caller.
    pub bonus_from_reserve: f64,
    /// fETH minted to the caller.
    pub feth_minted: f64,
    /// xETH minted to the caller.
    pub xeth_minted: f64,
    /// fETH burned.
    pub feth_burned: f64,
    /// xETH burned.
    pub xeth_burned: f64,
    /// What each remaining fETH lost to an incentive, in USD.
    pub feth_nav_cut: f64,
}

impl Outcome {
    /// Nothing moved.
    #[must_use]
    pub const fn still(next: State) -> Self {
        Self {
            next,
            base_paid_in: 0.0,
            base_to_treasury: 0.0,
            base_from_treasury: 0.0,
            base_to_caller: 0.0,
            base_to_platform: 0.0,
            bonus_from_reserve: 0.0,
            feth_minted: 0.0,
            xeth_minted: 0.0,
            feth_burned: 0.0,
            xeth_burned: 0.0,
            feth_nav_cut: 0.0,
        }
    }
}

/// Relative size below which what is left of a balance is the noise of `f64`, not a balance.
pub(super) const DUST: f64 = 1e-13;

/// What is left of `supply` after burning `asked`, without the noise of `f64`.
pub(super) fn remaining(supply: f64, asked: f64) -> Result<f64, Refusal> {
    let left = supply - asked;
    if left < -supply * DUST {
        return Err(Refusal::InsufficientSupply { asked, supply });
    }
    Ok(if left <= supply * DUST { 0.0 } else { left })
}
