//! What makes somebody a voter, whatever else it does.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Voter;
use crate::agents::profile::Check;
use crate::numerics::distribution::Dist;

/// What voters are drawn from: of a population of voters, or of any other whose agents vote with what they hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CivicProfile {
    /// What it would give for the best remedy in the worst of health, as a share of its portfolio.
    pub civic_weight: Dist,
    /// What voting costs it, as a share of its portfolio.
    pub turnout_cost_share: Dist,
    /// Probability that it notices, when it wakes, what is being voted on or ought to be.
    pub attention_probability: Dist,
    /// Distance of the market from the peg, as a share, beyond which it is alarmed.
    pub peg_tolerance_share: Dist,
    /// Collateral ratio below which it is alarmed; above 1.
    pub collateral_ratio_target: Dist,
    /// How far it proposes to move a parameter at once, as a share of the range between the bounds.
    pub step_share: Dist,
    /// Probability that it leaves its votes to a delegate, decided when it first notices a vote.
    pub delegation_probability: Dist,
    /// What a bribe must exceed for it to count at all, as a share of its portfolio.
    pub bribe_reluctance_share: Dist,
}

impl Default for CivicProfile {
    /// A holder with little time for it: the figures of the shipped voter, drawn once for all.
    fn default() -> Self {
        let number = Dist::Constant;
        Self {
            civic_weight: number(0.05),
            turnout_cost_share: number(0.002),
            attention_probability: number(0.2),
            peg_tolerance_share: number(0.02),
            collateral_ratio_target: number(1.5),
            step_share: number(0.1),
            delegation_probability: number(0.0),
            bribe_reluctance_share: number(0.01),
        }
    }
}

impl CivicProfile {
    /// Everything that is wrong with it, found by a check whose fields begin with `civic.`.
    #[must_use]
    pub fn check(&self, check: Check) -> Check {
        const ANY: f64 = f64::INFINITY;
        check
            .law("civic.civic_weight", &self.civic_weight, 0.0, ANY)
            .law("civic.turnout_cost_share", &self.turnout_cost_share, 0.0, ANY)
            .law("civic.attention_probability", &self.attention_probability, 0.0, 1.0)
            .law("civic.peg_tolerance_share", &self.peg_tolerance_share, 1e-6, 1.0)
            .law("civic.collateral_ratio_target", &self.collateral_ratio_target, 1.0 + 1e-6, 100.0)
            .law("civic.step_share", &self.step_share, 0.0, 1.0)
            .law("civic.delegation_probability", &self.delegation_probability, 0.0, 1.0)
            .law("civic.bribe_reluctance_share", &self.bribe_reluctance_share, 0.0, ANY)
    }

    /// Draws one voter. Each field draws in a fixed order, one uniform number each.
    #[must_use]
    pub fn draw(&self, random: &mut ChaCha8Rng) -> Voter {
        Voter {
            civic_weight: single(self.civic_weight.sample(random)),
            turnout_cost_share: single(self.turnout_cost_share.sample(random)),
            attention_probability: single(self.attention_probability.sample(random)),
            peg_tolerance_share: single(self.peg_tolerance_share.sample(random)),
            collateral_ratio_target: single(self.collateral_ratio_target.sample(random)),
            step_share: self.step_share.sample(random),
            delegation_probability: single(self.delegation_probability.sample(random)),
            bribe_reluctance_share: single(self.bribe_reluctance_share.sample(random)),
        }
    }
}

/// A number in single precision; what is beyond its range is its largest.
fn single(value: f64) -> f32 {
    value.min(f64::from(f32::MAX)) as f32
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn a_number_beyond_single_precision_is_no_infinity() {
        let profile = CivicProfile { civic_weight: Dist::Constant(1e300), ..CivicProfile::default() };
        let voter = profile.draw(&mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(voter.civic_weight, f32::MAX);
        assert_eq!(voter.turnout_cost_share, 0.002);
    }
}
