//! Rules on the provision of liquidity to a pool, as a config writes them.

use serde::{Deserialize, Serialize};

use crate::protocol::liquidity::gate::GateRule;
use crate::protocol::liquidity::insurance::TRANCHED_COVERAGE;
use crate::venue::pool::provision::{GateRules, InsuranceRules, ProvisionRules};

/// Rules on the provision of liquidity. Each is off unless it is written out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiquiditySettings {
    /// Largest share of the pool that a wallet may hold after adding (0.05 is 5 %). What is held at the start stays.
    #[serde(default)]
    pub cap_share: Option<f64>,
    /// Length of a cycle, in hours: 87.5 are the 525 blocks of ten minutes of ALEX.
    #[serde(default = "alex_cycle")]
    pub cycle_hours: f64,
    /// The gate through which liquidity leaves.
    #[serde(default)]
    pub gate: Option<GateSettings>,
    /// The insurance of committed liquidity.
    #[serde(default)]
    pub insurance: Option<InsuranceSettings>,
}

/// How fast liquidity may leave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// Largest share of the pool that leaves in a cycle (0.1 is 10 %).
    pub max_share_per_cycle: f64,
    /// Who leaves first where not everybody can.
    #[serde(default)]
    pub rule: GateRule,
}

/// What committed providers are promised, and out of which fund.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuranceSettings {
    /// What the fund holds of the pool's quote coin at the start, in dollars.
    #[serde(default)]
    pub initial_usd: f64,
    /// The part of what providers do not keep of fees in the quote coin that goes to the fund in place of the reserve.
    #[serde(default)]
    pub fee_share: f64,
    /// What is claimed, in multiples of the impermanent loss.
    #[serde(default = "tranched")]
    pub coverage: f64,
    /// Shortest commitment, in cycles.
    #[serde(default = "one_cycle")]
    pub min_cycles: u16,
    /// Longest commitment, in cycles.
    #[serde(default = "alex_cycles")]
    pub max_cycles: u16,
}

fn alex_cycle() -> f64 {
    87.5
}
fn tranched() -> f64 {
    TRANCHED_COVERAGE
}
fn one_cycle() -> u16 {
    1
}
fn alex_cycles() -> u16 {
    32
}

impl LiquiditySettings {
    /// The rules as the pool follows them.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "validated to be at most a year")]
    pub fn rules(&self) -> ProvisionRules {
        ProvisionRules {
            cap_share: self.cap_share,
            cycle_seconds: (self.cycle_hours * 3_600.0).round() as i64,
            gate: self.gate.map(|gate| GateRules { max_share: gate.max_share_per_cycle, rule: gate.rule }),
            insurance: self.insurance.map(|insurance| InsuranceRules {
                coverage: insurance.coverage,
                fee_share: insurance.fee_share,
                cycles: [insurance.min_cycles, insurance.max_cycles],
            }),
        }
    }
}
