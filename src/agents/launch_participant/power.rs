//! Power that a participant earns for its tickets by staking tokens, as `APower` was earned.
//!
//! `APower` comes with rewards and has no price: who wants it locks tokens for as long as it accepts, whatever the reward, claims
//! each cycle that is over and, because an account registers once, lets part of the registration pass while more comes in.

use serde::{Deserialize, Serialize};

use super::super::commitment::Patience;
use super::super::profile::{Check, ProfileProblem, Surroundings};
use super::super::staker::Staker;
use crate::numerics::distribution::Dist;

/// How a participant earns power.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarnsPower {
    /// Name of the staking pool, which takes the governance token.
    pub staking: String,
    /// The part of its tokens that it stakes.
    pub stake_share: Dist,
    /// Longest lock that it accepts, cycles.
    pub lock_cycles: Dist,
    /// Part of the registration that it lets pass before it registers.
    pub waits_share: Dist,
}

/// A participant that stakes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Earner {
    /// What it does at the staking pool.
    pub staker: Staker,
    /// Part of the registration that it lets pass, 0 to 1.
    pub waits_share: f32,
}

impl EarnsPower {
    pub(super) fn check(&self, check: Check) -> Check {
        check
            .law("earns_power.stake_share", &self.stake_share, 0.0, 1.0)
            .law("earns_power.lock_cycles", &self.lock_cycles, 1.0, 32.0)
            .law("earns_power.waits_share", &self.waits_share, 0.0, 1.0)
    }

    pub(super) fn draw(
        &self,
        around: &Surroundings<'_>,
        draw: &mut impl FnMut(&Dist) -> f32,
    ) -> Result<Earner, ProfileProblem> {
        let staker = Staker {
            pool: around.staking_pool("earns_power.staking", &self.staking)?,
            prefers_vault: false,
            restakes: false,
            stake_share: draw(&self.stake_share),
            // Any reward will do: it is the power that is wanted.
            reservation_return: f32::NEG_INFINITY,
            patience: Patience { longest_cycles: draw(&self.lock_cycles), premium: 0.0 },
            min_trade_usd: 0.0,
        };
        Ok(Earner { staker, waits_share: draw(&self.waits_share) })
    }
}
