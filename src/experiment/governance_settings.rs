//! How an experiment is governed: the process, what differs from it, the team, the phases.

use serde::{Deserialize, Serialize};

use super::config::{Experiment, GovernanceSettings};
use crate::protocol::governance::{Locking, Phase, Powers, Readiness, Reclaim, Rules};
use crate::venue::governance::PhaseRules;

/// Whose process it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum GovernanceProfile {
    /// ALEX's article: review, referendum, implementation, vote, timelock; a team with veto until the last phase.
    #[default]
    Article,
    /// ALEX's contracts: no quorum, no timelock, votes locked until reclaimed; a team that alone proposes, and executes
    /// without a vote, until both rights lapse.
    Contract,
    /// A vote with quorum and timelock and nothing else, one at a time.
    Plain,
}

impl GovernanceProfile {
    /// Its name in configs and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Contract => "contract",
            Self::Plain => "plain",
        }
    }

    /// Its rules.
    #[must_use]
    pub fn rules(self) -> Rules {
        match self {
            Self::Article => Rules::default(),
            Self::Contract => Rules::contract(),
            Self::Plain => Rules::plain(),
        }
    }

    /// What a team may do in each phase.
    #[must_use]
    pub fn powers(self) -> [Powers; 3] {
        [Phase::Foundation, Phase::Genesis, Phase::Dao].map(|phase| match self {
            Self::Article => Powers::article(phase),
            Self::Contract => Powers::contract(phase),
            Self::Plain => Powers::NONE,
        })
    }
}

/// What differs from the rules of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesChange {
    /// Votes cast that make a vote count, as a share of the supply when it opened: 0.04, `Contract` 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_share: Option<f64>,
    /// A proposal passes if the votes for it are more than this share of the votes cast: 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_share: Option<f64>,
    /// How long a proposal is reviewed before anybody votes, 0 skips it: `Article` 72, else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_hours: Option<f64>,
    /// How long the referendum lasts, 0 skips it: `Article` 120, else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referendum_hours: Option<f64>,
    /// How long it takes to write the implementation after a referendum that succeeded: `Article` 48, else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implementation_hours: Option<f64>,
    /// How long a vote lasts: 240.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voting_hours: Option<f64>,
    /// Time between the end of a vote and its effect: 48, `Contract` 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timelock_hours: Option<f64>,
    /// What a proposer must hold, as a share of the supply: 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal_threshold_share: Option<f64>,
    /// Time between the end of a vote and the next proposal: 24, `Contract` 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_hours: Option<f64>,
    /// How many proposals may be under way, from review to vote: `Article` 4, `Contract` 16, `Plain` 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_open: Option<u32>,
    /// Whether a token votes on several proposals at once: `Shared`, `Contract` `EachVote`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locking: Option<Locking>,
    /// How locked tokens come back: `AtClose`, `Contract` `Called`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reclaim: Option<Reclaim>,
    /// The most that one vote may mint, as a share of the supply: 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_issue_share: Option<f64>,
    /// The most that one vote may take out of the reserve, as a share of its dollars: 0.25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_spend_share: Option<f64>,
}

impl RulesChange {
    /// The rules with what differs.
    #[must_use]
    pub fn apply(&self, rules: Rules) -> Rules {
        Rules {
            quorum_share: self.quorum_share.unwrap_or(rules.quorum_share),
            approval_share: self.approval_share.unwrap_or(rules.approval_share),
            review_hours: self.review_hours.unwrap_or(rules.review_hours),
            referendum_hours: self.referendum_hours.unwrap_or(rules.referendum_hours),
            implementation_hours: self.implementation_hours.unwrap_or(rules.implementation_hours),
            voting_hours: self.voting_hours.unwrap_or(rules.voting_hours),
            timelock_hours: self.timelock_hours.unwrap_or(rules.timelock_hours),
            proposal_threshold_share: self.proposal_threshold_share.unwrap_or(rules.proposal_threshold_share),
            cooldown_hours: self.cooldown_hours.unwrap_or(rules.cooldown_hours),
            most_open: self.most_open.unwrap_or(rules.most_open),
            locking: self.locking.unwrap_or(rules.locking),
            reclaim: self.reclaim.unwrap_or(rules.reclaim),
            most_issue_share: self.most_issue_share.unwrap_or(rules.most_issue_share),
            most_spend_share: self.most_spend_share.unwrap_or(rules.most_spend_share),
        }
    }
}

/// The team beside the token holders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamSettings {
    /// Name of the population whose first agents are its members; they must vote.
    pub population: String,
    /// How many members: five in ALEX's contracts.
    #[serde(default = "five")]
    pub members: u32,
    /// How many of them it takes: three in ALEX's contracts.
    #[serde(default = "three")]
    pub signals: u32,
}

/// Progressive decentralisation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhaseSettings {
    /// The first phase: `Foundation`, `Genesis` or `Dao`. Without a team it is always `Dao` in effect.
    pub first: Phase,
    /// What it takes before a vote can end the foundation phase. Default 60 days (ALEX's article: about 60 days after launch).
    pub to_genesis: Readiness,
    /// What it takes before a vote can end the genesis phase. Default 180 days (6 to 18 months in the article), seven
    /// holders to outvote the rest.
    pub to_dao: Readiness,
}

impl Default for PhaseSettings {
    fn default() -> Self {
        Self {
            first: Phase::Dao,
            to_genesis: Readiness { days: 60.0, ..Readiness::default() },
            to_dao: Readiness { days: 180.0, nakamoto: 7, ..Readiness::default() },
        }
    }
}

fn five() -> u32 {
    5
}
fn three() -> u32 {
    3
}

impl GovernanceSettings {
    /// The rules of the profile with what differs.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules.apply(self.profile.rules())
    }

    /// The phases.
    #[must_use]
    pub fn phase_rules(&self) -> PhaseRules {
        PhaseRules {
            first: self.phases.first,
            powers: self.profile.powers(),
            readiness: [self.phases.to_genesis, self.phases.to_dao],
        }
    }
}

impl Experiment {
    /// The place of the population of that name.
    #[must_use]
    pub fn population(&self, name: &str) -> Option<usize> {
        self.populations.iter().position(|population| population.label() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_the_profiles() {
        let change = RulesChange { timelock_hours: Some(6.0), ..RulesChange::default() };
        let rules = change.apply(GovernanceProfile::Contract.rules());
        assert_eq!(rules, Rules { timelock_hours: 6.0, ..Rules::contract() });
        for profile in [GovernanceProfile::Article, GovernanceProfile::Contract, GovernanceProfile::Plain] {
            assert_eq!(profile.rules().check(), Ok(()));
            assert_eq!(profile.powers()[2], Powers::NONE, "in the last phase nobody is above the vote");
        }
    }
}
