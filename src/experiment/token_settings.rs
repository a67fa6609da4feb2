//! Who gets how much of the governance token, and when.

use serde::{Deserialize, Serialize};

use crate::protocol::vesting::Schedule;

/// Shares of the initial supply; they add up to one.
///
/// ALEX's published figures: 20 % for the foundation and the reserve pool, all of it at once; 50 % for the community, emitted
/// to stakers over five years; 30 % for employees, advisers, investors and founders over about four years. Of the 20 % a part
/// has to be in people's hands for anybody to vote and trade:
///
/// ```ron
/// allocation: (
///     foundation: 0.05, distributed: 0.15, community: 0.5,
///     insiders: (share: 0.3, population: "insiders", vesting_days: 1460),
/// )
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationSettings {
    /// Share that the foundation keeps; pools of the token are founded with it.
    #[serde(default)]
    pub foundation: f64,
    /// Share that goes to the populations, by what they wish to hold of it.
    pub distributed: f64,
    /// Share out of which staking is rewarded.
    #[serde(default)]
    pub community: f64,
    /// The team and the investors.
    #[serde(default)]
    pub insiders: Option<InsiderSettings>,
}

/// What the team and the investors get. Each agent's part is in proportion to its wealth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsiderSettings {
    /// Share of the initial supply.
    pub share: f64,
    /// Name of the population they are.
    pub population: String,
    /// Days before which nothing is released.
    #[serde(default)]
    pub cliff_days: f64,
    /// Days after which everything is; what is released grows evenly up to there.
    #[serde(default = "four_years")]
    pub vesting_days: f64,
}

fn four_years() -> f64 {
    1_460.0
}

impl AllocationSettings {
    /// The shares: the foundation's, the populations', the community's, the insiders'.
    #[must_use]
    pub fn shares(&self) -> [f64; 4] {
        let insiders = self.insiders.as_ref().map_or(0.0, |insiders| insiders.share);
        [self.foundation, self.distributed, self.community, insiders]
    }
}

impl InsiderSettings {
    /// When it is released.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        Schedule::of_days(self.cliff_days, self.vesting_days)
    }
}
