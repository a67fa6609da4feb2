//! The f(x) treasury of an experiment.

use serde::{Deserialize, Serialize};

use crate::protocol::fx::{Fees, Incentives, Pauses, PoolRules, Rules, Thresholds, UnderCollateral};
use crate::quantity::SECONDS_PER_DAY;
use crate::venue::rescue::RecapitalisationWay;
use crate::venue::staking::PoolGeneration;

/// Which of the three designs called f(x) v1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FxProfile {
    /// The white paper of May 2023: four stress modes.
    WhitepaperV1,
    /// The contracts of September 2023: four modes as code.
    EraA,
    /// The deployment of 2023: one mode, rebalance pool, bonus reserve.
    Deployed2023,
}

/// The treasury: a profile, what differs from it, and what it starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FxSettings {
    /// The design.
    pub profile: FxProfile,
    /// Ticker of the collateral.
    #[serde(default = "eth")]
    pub collateral: String,
    /// Collateral deposited at genesis, in units.
    pub initial_collateral: f64,
    /// Collateral ratio at genesis; fETH and xETH both start at one dollar.
    #[serde(default = "two")]
    pub initial_collateral_ratio: f64,
    /// Collateral in the bonus reserve at the start, in units.
    #[serde(default)]
    pub reserve: f64,
    /// The rebalance pool.
    #[serde(default = "no_pool")]
    pub rebalance_pool: PoolGeneration,
    /// Unlock delay of the first generation's rebalance pool, in days.
    #[serde(default = "fourteen")]
    pub unlock_days: f64,
    /// Staking yield of the collateral, per year as a share (0.04 is 4 %).
    #[serde(default)]
    pub staking_yield_per_year: f64,
    /// Who recapitalises the treasury, if anybody.
    #[serde(default)]
    pub recapitalisation: Option<RecapitalisationSettings>,
    /// Share of a price move that fETH takes, in place of the profile's.
    #[serde(default)]
    pub beta: Option<f64>,
    /// Where the stress modes begin, in place of the profile's.
    #[serde(default)]
    pub thresholds: Option<Thresholds>,
    /// What rescuers earn from fETH holders, in place of the profile's.
    #[serde(default)]
    pub incentives: Option<Incentives>,
    /// Fees, in place of the profile's.
    #[serde(default)]
    pub fees: Option<Fees>,
    /// What is switched off, in place of the profile's.
    #[serde(default)]
    pub pauses: Option<Pauses>,
    /// Share of a helpful trade that the reserve adds to it, in place of the profile's.
    #[serde(default)]
    pub bonus_ratio: Option<f64>,
    /// The most collateral that mints may reach, in units; a hundred times the initial collateral if not given.
    #[serde(default)]
    pub collateral_cap: Option<f64>,
    /// What happens below a collateral ratio of one, in place of the profile's.
    #[serde(default)]
    pub under_collateral: Option<UnderCollateral>,
}

/// A budget for recapitalisation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecapitalisationSettings {
    /// Collateral that stands ready, in units.
    pub budget: f64,
    /// What it does.
    #[serde(default)]
    pub way: RecapitalisationWay,
    /// Collateral ratio aimed at; the protocol-rebalance threshold if not given.
    #[serde(default)]
    pub target_ratio: Option<f64>,
}

impl FxSettings {
    /// The parameters in force at genesis.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let profile = match self.profile {
            FxProfile::WhitepaperV1 => Rules::whitepaper_v1(),
            FxProfile::EraA => Rules::era_a(),
            FxProfile::Deployed2023 => Rules::deployed_2023(),
        };
        Rules {
            beta: self.beta.unwrap_or(profile.beta),
            thresholds: self.thresholds.unwrap_or(profile.thresholds),
            incentives: self.incentives.unwrap_or(profile.incentives),
            fees: self.fees.unwrap_or(profile.fees),
            pauses: self.pauses.unwrap_or(profile.pauses),
            bonus_ratio: self.bonus_ratio.unwrap_or(profile.bonus_ratio),
            collateral_cap_eth: self.collateral_cap.unwrap_or(100.0 * self.initial_collateral),
            initial_mint_ratio: 1.0 / self.initial_collateral_ratio,
            under_collateral: self.under_collateral.unwrap_or(profile.under_collateral),
            ..profile
        }
    }

    /// The rebalance pool's parameters: it liquidates where stability mode begins.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "validated to be at most ten years")]
    pub fn pool_rules(&self) -> PoolRules {
        PoolRules {
            liquidation_ratio: self.rules().thresholds.stability,
            unlock_seconds: (self.unlock_days * SECONDS_PER_DAY as f64) as i64,
            ..PoolRules::DEPLOYED_2023
        }
    }
}

fn eth() -> String {
    "ETH".into()
}
fn two() -> f64 {
    2.0
}
fn fourteen() -> f64 {
    14.0
}
fn no_pool() -> PoolGeneration {
    PoolGeneration::Absent
}
