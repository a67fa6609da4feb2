//! A proposal and its life: voting, then rejected or queued, then enacted; cancelled from any state that is not final.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::parameter::ParameterId;
use super::rules::Rules;
use crate::quantity::Amount;

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProposalState {
    /// Votes are taken.
    Voting,
    /// The vote failed. Final.
    Rejected(Rejection),
    /// The vote passed; the timelock runs.
    Queued,
    /// The parameter has its new value. Final.
    Enacted,
    /// Withdrawn before it took effect. Final.
    Cancelled,
}

/// Why a vote failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    /// Too few voted.
    NoQuorum,
    /// Enough voted, too few in favour.
    NotApproved,
}

/// Why a vote does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum VoteError {
    /// Before the window, after it, or the proposal is past voting.
    #[error("the vote is not open: votes are taken from its opening until before its close")]
    NotOpen,
    /// Zero or less.
    #[error("a vote must weigh more than nothing")]
    NoWeight,
    /// The tally would not fit.
    #[error("the tally would exceed what the ledger can hold")]
    Overflow,
}

/// A proposal to give one parameter a new value. Times are in seconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which parameter.
    pub parameter: ParameterId,
    /// Its value when the proposal was made.
    pub old_value: f64,
    /// The value proposed.
    pub new_value: f64,
    /// Votes are taken from here on.
    pub opened_seconds: i64,
    /// Votes are taken until before this.
    pub closes_seconds: i64,
    /// If the vote passes, the new value takes effect at the first opportunity from here on.
    pub executes_seconds: i64,
    /// Supply of the governance token when the vote opened, in atoms: what the quorum is a share of.
    pub eligible: Amount,
    /// Votes for, in atoms of the token.
    pub power_for: Amount,
    /// Votes against, in atoms of the token.
    pub power_against: Amount,
    /// Where it stands.
    pub state: ProposalState,
}

impl Proposal {
    /// Opens a vote at `now_seconds` on changing `parameter` between `values` (old, new).
    #[must_use]
    pub fn open(
        rules: &Rules,
        parameter: ParameterId,
        values: [f64; 2],
        eligible: Amount,
        now_seconds: i64,
    ) -> Self {
        let closes_seconds = now_seconds.saturating_add(rules.voting_seconds());
        Self {
            parameter,
            old_value: values[0],
            new_value: values[1],
            opened_seconds: now_seconds,
            closes_seconds,
            executes_seconds: closes_seconds.saturating_add(rules.timelock_seconds()),
            eligible,
            power_for: Amount::ZERO,
            power_against: Amount::ZERO,
            state: ProposalState::Voting,
        }
    }

    /// Adds a vote of `weight` atoms. May be called again by the same voter, and for either side: whoever calls locks the
    /// tokens, so that none counts twice.
    ///
    /// # Errors
    /// [`VoteError`] outside the window, without weight, or where the tally would not fit.
    pub fn vote(self, now_seconds: i64, support: bool, weight: Amount) -> Result<Self, VoteError> {
        let window = self.opened_seconds..self.closes_seconds;
        if self.state != ProposalState::Voting || !window.contains(&now_seconds) {
            return Err(VoteError::NotOpen);
        }
        if !weight.is_positive() {
            return Err(VoteError::NoWeight);
        }
        let mut next = self;
        let side = if support { &mut next.power_for } else { &mut next.power_against };
        *side = side.checked_add(weight).ok_or(VoteError::Overflow)?;
        next.power_for.checked_add(next.power_against).ok_or(VoteError::Overflow)?;
        Ok(next)
    }

    /// Votes cast, for and against.
    #[must_use]
    pub fn cast(&self) -> Amount {
        // `vote` keeps the sum within bounds.
        self.power_for.checked_add(self.power_against).unwrap_or(Amount::MAX)
    }

    /// Votes cast as a share of the supply; `None` without a supply.
    #[must_use]
    pub fn turnout(&self) -> Option<f64> {
        self.eligible.is_positive().then(|| self.cast().atoms() as f64 / self.eligible.atoms() as f64)
    }

    /// Counts the votes once the window is over; before that, and in any other state, nothing changes.
    #[must_use]
    pub fn conclude(self, rules: &Rules, now_seconds: i64) -> Self {
        if self.state != ProposalState::Voting || now_seconds < self.closes_seconds {
            return self;
        }
        let state = if !rules.is_quorum(self.cast(), self.eligible) {
            ProposalState::Rejected(Rejection::NoQuorum)
        } else if !rules.is_approved(self.power_for, self.cast()) {
            ProposalState::Rejected(Rejection::NotApproved)
        } else {
            ProposalState::Queued
        };
        Self { state, ..self }
    }

    /// Takes effect if it is queued and its timelock has passed; otherwise nothing changes.
    #[must_use]
    pub fn enact(self, now_seconds: i64) -> Self {
        if self.state == ProposalState::Queued && now_seconds >= self.executes_seconds {
            Self { state: ProposalState::Enacted, ..self }
        } else {
            self
        }
    }

    /// Withdraws it while that still makes a difference; a final state stays.
    #[must_use]
    pub fn cancel(self) -> Self {
        match self.state {
            ProposalState::Voting | ProposalState::Queued => Self { state: ProposalState::Cancelled, ..self },
            ProposalState::Rejected(_) | ProposalState::Enacted | ProposalState::Cancelled => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600;

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    fn rules() -> Rules {
        Rules { quorum_share: 0.1, voting_hours: 10.0, timelock_hours: 5.0, ..Rules::default() }
    }

    /// Opened at hour 1 over a supply of 1,000, with these votes; closes at hour 11, executes at hour 16.
    fn voted(power_for: i64, power_against: i64) -> Proposal {
        let mut proposal = Proposal::open(&rules(), ParameterId(3), [30.0, 20.0], atoms(1_000), HOUR);
        for (support, weight) in [(true, power_for), (false, power_against)] {
            if weight > 0 {
                proposal = proposal.vote(HOUR, support, atoms(weight)).unwrap();
            }
        }
        proposal
    }

    fn result(power_for: i64, power_against: i64) -> ProposalState {
        voted(power_for, power_against).conclude(&rules(), 11 * HOUR).state
    }

    #[test]
    fn exactly_at_quorum_is_a_quorum() {
        assert_eq!(result(100, 0), ProposalState::Queued);
        assert_eq!(result(99, 0), ProposalState::Rejected(Rejection::NoQuorum));
        assert_eq!(result(60, 40), ProposalState::Queued, "votes against count towards it");
        assert_eq!(result(0, 0), ProposalState::Rejected(Rejection::NoQuorum));
    }

    #[test]
    fn a_tie_fails() {
        assert_eq!(result(200, 200), ProposalState::Rejected(Rejection::NotApproved));
        assert_eq!(result(201, 200), ProposalState::Queued);
        assert_eq!(result(200, 201), ProposalState::Rejected(Rejection::NotApproved));
    }

    #[test]
    fn the_window_includes_its_opening_and_not_its_close() {
        let proposal = voted(0, 0);
        assert_eq!(proposal.vote(HOUR - 1, true, atoms(1)), Err(VoteError::NotOpen));
        assert!(proposal.vote(HOUR, true, atoms(1)).is_ok());
        assert!(proposal.vote(11 * HOUR - 1, true, atoms(1)).is_ok());
        assert_eq!(proposal.vote(11 * HOUR, true, atoms(1)), Err(VoteError::NotOpen));
    }

    #[test]
    fn votes_are_counted_at_the_close_and_not_before() {
        let proposal = voted(500, 0);
        assert_eq!(proposal.conclude(&rules(), 11 * HOUR - 1), proposal);
        let queued = proposal.conclude(&rules(), 11 * HOUR);
        assert_eq!(queued.state, ProposalState::Queued);
        assert_eq!(queued.conclude(&rules(), 99 * HOUR), queued, "once");
        assert_eq!(queued.vote(2 * HOUR, false, atoms(1)), Err(VoteError::NotOpen));
    }

    #[test]
    fn the_timelock_ends_at_its_last_second() {
        let queued = voted(500, 0).conclude(&rules(), 11 * HOUR);
        assert_eq!(queued.enact(16 * HOUR - 1), queued);
        assert_eq!(queued.enact(16 * HOUR).state, ProposalState::Enacted);
        assert_eq!(voted(500, 0).enact(99 * HOUR).state, ProposalState::Voting, "only what has passed");
        let rejected = voted(1, 0).conclude(&rules(), 11 * HOUR);
        assert_eq!(rejected.enact(99 * HOUR), rejected);
    }

    #[test]
    fn only_what_is_not_final_can_be_cancelled() {
        let (open, queued) = (voted(500, 0), voted(500, 0).conclude(&rules(), 11 * HOUR));
        assert_eq!(open.cancel().state, ProposalState::Cancelled);
        assert_eq!(queued.cancel().state, ProposalState::Cancelled);
        assert_eq!(queued.cancel().enact(99 * HOUR).state, ProposalState::Cancelled);
        let enacted = queued.enact(16 * HOUR);
        assert_eq!(enacted.cancel(), enacted);
        let rejected = voted(0, 500).conclude(&rules(), 11 * HOUR);
        assert_eq!(rejected.cancel(), rejected);
    }

    #[test]
    fn a_vote_weighs_something_and_fits() {
        let proposal = voted(1, 1);
        assert_eq!(proposal.vote(HOUR, true, Amount::ZERO), Err(VoteError::NoWeight));
        assert_eq!(proposal.vote(HOUR, true, atoms(-5)), Err(VoteError::NoWeight));
        assert_eq!(proposal.vote(HOUR, true, Amount::MAX), Err(VoteError::Overflow));
        assert_eq!(proposal.vote(HOUR, true, atoms(i64::MAX - 1)), Err(VoteError::Overflow), "the sum");
        assert_eq!(voted(30, 20).turnout(), Some(0.05));
    }

    proptest! {
        /// More votes for never turn a passed proposal down, more votes against never turn a failed one round once there
        /// is a quorum.
        #[test]
        fn votes_work_the_way_they_are_meant(
            power_for in 0_i64..500, power_against in 0_i64..500, more in 1_i64..500,
        ) {
            if result(power_for, power_against) == ProposalState::Queued {
                prop_assert_eq!(result(power_for + more, power_against), ProposalState::Queued);
            }
            let failed = ProposalState::Rejected(Rejection::NotApproved);
            if result(power_for, power_against) == failed {
                prop_assert_eq!(result(power_for, power_against + more), failed);
            }
        }
    }
}
