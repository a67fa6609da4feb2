//! The rules of a vote: how much, how long, how often.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::quantity::{Amount, SECONDS_PER_HOUR};

/// Shares are read to the billionth, so that they can be compared with atoms exactly.
const BILLION: i128 = 1_000_000_000;

/// A century: longer than any run, short enough for seconds to fit.
const LONGEST_HOURS: f64 = 876_000.0;

/// Whether a token that votes on one proposal may vote on another at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Locking {
    /// A locked token votes on everything that is open, and is free when the last of it has closed.
    #[default]
    Shared,
    /// Every vote locks tokens of its own, as in ALEX's contracts.
    EachVote,
}

/// How locked tokens come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Reclaim {
    /// By themselves, when the vote closes.
    #[default]
    AtClose,
    /// When the voter asks for them after the close, as in ALEX's contracts.
    Called,
}

/// The rules by which a governance token decides. Shares lie between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Votes cast, for and against, that make a vote count, as a share of the supply when it opened. Default 0.04: the
    /// quorum of Compound's Governor Bravo (400,000 of 10 million).
    pub quorum_share: f64,
    /// A proposal passes if the votes for it are *more* than this share of the votes cast. Default 0.5: a simple
    /// majority, under which a tie fails, as in ALEX's contracts.
    pub approval_share: f64,
    /// How long a proposal is reviewed before anybody votes. Default 72: an assumption, the article gives no length.
    pub review_hours: f64,
    /// How long the referendum lasts; 0 skips it. Default 120: the 805 blocks of ALEX's emission vote of November 2022, to
    /// the hour nearly.
    pub referendum_hours: f64,
    /// How long it takes to write the implementation after a referendum that succeeded. Default 48: an assumption.
    pub implementation_hours: f64,
    /// How long a vote lasts. Default 240: the ten days (1,440 blocks) of ALEX's contracts.
    pub voting_hours: f64,
    /// Time between the end of a vote and its effect. Default 48: the shortest delay Compound's timelock allows.
    pub timelock_hours: f64,
    /// What a proposer must hold, as a share of the supply. Default 0.01: the framework that ALEX's contracts build on.
    pub proposal_threshold_share: f64,
    /// Time between the end of a vote and the next proposal. Default 24: the shortest start delay (144 blocks) of the
    /// same framework.
    pub cooldown_hours: f64,
    /// How many proposals may be under way, from review to vote. Default 4.
    pub most_open: u32,
    /// Whether a token votes on several proposals at once.
    pub locking: Locking,
    /// How locked tokens come back.
    pub reclaim: Reclaim,
    /// The most that one vote may mint, as a share of the supply. Default 0.1.
    pub most_issue_share: f64,
    /// The most that one vote may take out of the reserve, as a share of its dollars. Default 0.25.
    pub most_spend_share: f64,
}

impl Default for Rules {
    /// The process of the article.
    fn default() -> Self {
        Self {
            quorum_share: 0.04,
            approval_share: 0.5,
            review_hours: 72.0,
            referendum_hours: 120.0,
            implementation_hours: 48.0,
            voting_hours: 240.0,
            timelock_hours: 48.0,
            proposal_threshold_share: 0.01,
            cooldown_hours: 24.0,
            most_open: 4,
            locking: Locking::Shared,
            reclaim: Reclaim::AtClose,
            most_issue_share: 0.1,
            most_spend_share: 0.25,
        }
    }
}

/// A rule that no vote could be held under.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("governance.rules.{field}: expected {expected}, found {found}")]
pub struct RulesError {
    /// The field.
    pub field: &'static str,
    /// What is allowed.
    pub expected: &'static str,
    /// What stands there.
    pub found: f64,
}

const HOURS: &str = "from 0 to 876000 hours";

impl Rules {
    /// A vote and nothing else: no review, no referendum, one proposal at a time.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            review_hours: 0.0,
            referendum_hours: 0.0,
            implementation_hours: 0.0,
            most_open: 1,
            ..Self::default()
        }
    }

    /// The deployed contracts: no quorum, no timelock, ten days of voting, tokens locked until they are reclaimed.
    ///
    /// Block by block it counts, locks, decides and gives back as [`LockedVotes`](super::LockedVotes), the exact rules; a test
    /// drives both with the same calls. It differs where a world needs it to:
    ///
    /// - whatever is over is concluded in the block in which it can be, without a call, and a tick's end is its last block;
    /// - a reclaim takes back what all concluded votes have locked, not one by one;
    /// - a [`Measure`](super::Measure) is no contract with an address: what was turned down or executed can be proposed again;
    /// - what passed and cannot take effect is cancelled and frees its votes, where the contracts leave it open for ever;
    /// - one proposal at a time acts on one thing, and at most `most_open` are under way;
    /// - a proposer may withdraw, holders may delegate, votes may be paid for, and staked tokens vote where they lie;
    /// - a holder of `proposal_threshold_share` may propose once the team's right has lapsed ([`Powers::contract`]), where
    ///   ALEX's contracts take no more proposals from anybody. That share is the rule of the framework they build on.
    ///
    /// [`Powers::contract`]: super::Powers::contract
    #[must_use]
    pub fn contract() -> Self {
        Self {
            quorum_share: 0.0,
            timelock_hours: 0.0,
            cooldown_hours: 0.0,
            most_open: 16,
            locking: Locking::EachVote,
            reclaim: Reclaim::Called,
            ..Self::plain()
        }
    }

    /// Says whether votes can be held under these rules.
    ///
    /// # Errors
    /// [`RulesError`] names the first field that is out of range.
    pub fn check(&self) -> Result<(), RulesError> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let hours = |value: f64| (0.0..=LONGEST_HOURS).contains(&value);
        let checks = [
            ("quorum_share", self.quorum_share, share(self.quorum_share), "a share from 0 to 1"),
            (
                "approval_share",
                self.approval_share,
                share(self.approval_share) && billionths(self.approval_share) < BILLION,
                "a share from 0 to less than 1",
            ),
            ("review_hours", self.review_hours, hours(self.review_hours), HOURS),
            ("referendum_hours", self.referendum_hours, hours(self.referendum_hours), HOURS),
            ("implementation_hours", self.implementation_hours, hours(self.implementation_hours), HOURS),
            (
                "voting_hours",
                self.voting_hours,
                hours(self.voting_hours) && seconds(self.voting_hours) > 0,
                "more than 0 and at most 876000 hours",
            ),
            ("timelock_hours", self.timelock_hours, hours(self.timelock_hours), HOURS),
            (
                "proposal_threshold_share",
                self.proposal_threshold_share,
                share(self.proposal_threshold_share),
                "a share from 0 to 1",
            ),
            ("cooldown_hours", self.cooldown_hours, hours(self.cooldown_hours), HOURS),
            (
                "most_open",
                f64::from(self.most_open),
                (1..=64).contains(&self.most_open),
                "a number from 1 to 64",
            ),
            ("most_issue_share", self.most_issue_share, share(self.most_issue_share), "a share from 0 to 1"),
            ("most_spend_share", self.most_spend_share, share(self.most_spend_share), "a share from 0 to 1"),
        ];
        match checks.into_iter().find(|(.., fine, _)| !fine) {
            Some((field, found, _, expected)) => Err(RulesError { field, expected, found }),
            None => Ok(()),
        }
    }

    /// How long nothing can be proposed after a vote, in seconds.
    #[must_use]
    pub fn cooldown_seconds(&self) -> i64 {
        seconds(self.cooldown_hours)
    }

    /// The fewest atoms that a proposer must hold of a supply.
    #[must_use]
    pub fn proposal_threshold(&self, supply: Amount) -> Amount {
        share_up(self.proposal_threshold_share, supply)
    }

    /// The most atoms that one vote may mint of a supply.
    #[must_use]
    pub fn most_issued(&self, supply: Amount) -> Amount {
        share_up(self.most_issue_share, supply)
    }

    /// The most atoms that one vote may take of the reserve's dollars.
    #[must_use]
    pub fn most_spent(&self, reserve: Amount) -> Amount {
        share_up(self.most_spend_share, reserve)
    }

    /// The fewest atoms that make a quorum of a supply.
    #[must_use]
    pub fn quorum(&self, eligible: Amount) -> Amount {
        share_up(self.quorum_share, eligible)
    }

    /// True if the votes cast are at least the quorum of the `eligible`.
    #[must_use]
    pub fn is_quorum(&self, cast: Amount, eligible: Amount) -> bool {
        i128::from(cast.atoms()) * BILLION >= billionths(self.quorum_share) * i128::from(eligible.atoms())
    }

    /// True if the votes for are more than the share of the votes cast that approval takes.
    #[must_use]
    pub fn is_approved(&self, power_for: Amount, cast: Amount) -> bool {
        i128::from(power_for.atoms()) * BILLION > billionths(self.approval_share) * i128::from(cast.atoms())
    }
}

/// A share of an amount, rounded up.
#[allow(clippy::cast_possible_truncation, reason = "a share of at most one of an i64")]
fn share_up(share: f64, whole: Amount) -> Amount {
    let product = billionths(share) * i128::from(whole.atoms().max(0));
    Amount::from_atoms(((product + BILLION - 1) / BILLION) as i64)
}

#[allow(clippy::cast_possible_truncation, reason = "clamped to 0..=1e9; a number that is none becomes 0")]
fn billionths(share: f64) -> i128 {
    libm::round(share.clamp(0.0, 1.0) * BILLION as f64) as i128
}

#[allow(clippy::cast_possible_truncation, reason = "clamped to a century; a number that is none becomes 0")]
pub(super) fn seconds(hours: f64) -> i64 {
    libm::round(hours.clamp(0.0, LONGEST_HOURS) * SECONDS_PER_HOUR as f64) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    #[test]
    fn the_boundaries_are_exact_where_floating_point_is_not() {
        // 0.07 x 100 is 7.000000000000001 in floating point.
        let rules = Rules { quorum_share: 0.07, proposal_threshold_share: 0.07, ..Rules::default() };
        assert!(rules.is_quorum(atoms(7), atoms(100)));
        assert!(!rules.is_quorum(atoms(6), atoms(100)));
        assert_eq!(rules.proposal_threshold(atoms(100)), atoms(7));
        assert_eq!(rules.proposal_threshold(atoms(101)), atoms(8), "rounded up");
        // Beyond 2^53 a float could not tell these apart.
        let (whole, half) = (i64::MAX - 1, (i64::MAX - 1) / 2);
        let rules = Rules { quorum_share: 0.5, ..rules };
        assert!(rules.is_quorum(atoms(half), atoms(whole)));
        assert!(!rules.is_quorum(atoms(half - 1), atoms(whole)));
    }

    #[test]
    fn each_cap_is_its_own_share() {
        let rules = Rules { most_issue_share: 0.1, most_spend_share: 0.25, ..Rules::default() };
        assert_eq!(
            (rules.most_issued(atoms(1_000)), rules.most_spent(atoms(1_000))),
            (atoms(100), atoms(250))
        );
    }

    #[test]
    fn approval_is_strictly_more() {
        let rules = Rules { approval_share: 0.6, ..Rules::default() };
        assert!(!rules.is_approved(atoms(6), atoms(10)));
        assert!(rules.is_approved(atoms(7), atoms(10)));
        assert!(!rules.is_approved(Amount::ZERO, Amount::ZERO), "nobody approves of anything");
    }

    #[test]
    fn rules_out_of_range_are_named() {
        assert_eq!(Rules::default().check(), Ok(()));
        let field = |rules: Rules| rules.check().unwrap_err().field;
        assert_eq!(field(Rules { quorum_share: f64::NAN, ..Rules::default() }), "quorum_share");
        assert_eq!(field(Rules { approval_share: 1.0, ..Rules::default() }), "approval_share");
        assert_eq!(field(Rules { voting_hours: 0.0, ..Rules::default() }), "voting_hours");
        assert_eq!(field(Rules { timelock_hours: -1.0, ..Rules::default() }), "timelock_hours");
        assert_eq!(field(Rules { cooldown_hours: f64::INFINITY, ..Rules::default() }), "cooldown_hours");
        assert_eq!(field(Rules { most_open: 0, ..Rules::default() }), "most_open");
        assert_eq!((Rules::plain().check(), Rules::contract().check()), (Ok(()), Ok(())));
        let error = Rules { proposal_threshold_share: 1.5, ..Rules::default() }.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "governance.rules.proposal_threshold_share: expected a share from 0 to 1, found 1.5"
        );
    }

    #[test]
    fn ron_knows_the_fields_and_no_others() {
        let rules: Rules = ron::from_str("(quorum_share: 0.5, timelock_hours: 0)").unwrap();
        assert_eq!(rules, Rules { quorum_share: 0.5, timelock_hours: 0.0, ..Rules::default() });
        assert!(ron::from_str::<Rules>("(quorum: 0.5)").is_err());
    }
}
