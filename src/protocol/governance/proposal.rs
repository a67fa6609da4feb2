//! A proposal and its life: review, referendum, implementation, vote, timelock, enactment; it can be cancelled from any
//! state that is not final.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::measure::Measure;
use super::rules::{Rules, seconds};
use crate::quantity::Amount;

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProposalState {
    /// Everybody may read it; nobody votes.
    Review,
    /// Votes are taken on whether to go on.
    Referendum,
    /// The referendum succeeded; what will be executed is written.
    Implementation,
    /// Votes are taken on whether it takes effect.
    Voting,
    /// A referendum or a vote failed. Final.
    Rejected(Rejection),
    /// The vote passed; the timelock runs.
    Queued,
    /// It has taken effect. Final.
    Enacted,
    /// Withdrawn or vetoed before it took effect. Final.
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

/// A proposal. Times are in seconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What it would do.
    pub measure: Measure,
    /// When it was made.
    pub made_seconds: i64,
    /// When the present stage began.
    pub begins_seconds: i64,
    /// When the present stage ends: votes are taken until before this, and what waits out its timelock takes effect at the
    /// first opportunity from here on.
    pub ends_seconds: i64,
    /// Supply of the governance token when the referendum or the vote opened, in atoms: what the quorum is a share of.
    pub eligible: Amount,
    /// Votes for, in atoms of the token.
    pub power_for: Amount,
    /// Votes against, in atoms of the token.
    pub power_against: Amount,
    /// Where it stands.
    pub state: ProposalState,
}

impl Proposal {
    /// Makes a proposal at `now_seconds`. It stands in the first stage that the rules give any time.
    #[must_use]
    pub fn open(rules: &Rules, measure: Measure, eligible: Amount, now_seconds: i64) -> Self {
        let made = Self {
            measure,
            made_seconds: now_seconds,
            begins_seconds: now_seconds,
            ends_seconds: now_seconds.saturating_add(seconds(rules.review_hours)),
            eligible,
            power_for: Amount::ZERO,
            power_against: Amount::ZERO,
            state: ProposalState::Review,
        };
        if made.ends_seconds > now_seconds { made } else { made.after_review(rules, eligible) }
    }

    /// Enters a stage that begins where the present one ends.
    fn enter(self, state: ProposalState, hours: f64, eligible: Amount) -> Self {
        Self {
            begins_seconds: self.ends_seconds,
            ends_seconds: self.ends_seconds.saturating_add(seconds(hours)),
            eligible,
            power_for: Amount::ZERO,
            power_against: Amount::ZERO,
            state,
            ..self
        }
    }

    fn after_review(self, rules: &Rules, eligible: Amount) -> Self {
        if seconds(rules.referendum_hours) > 0 {
            self.enter(ProposalState::Referendum, rules.referendum_hours, eligible)
        } else {
            self.enter(ProposalState::Voting, rules.voting_hours, eligible)
        }
    }

    /// True while votes are taken.
    #[must_use]
    pub const fn is_polled(&self) -> bool {
        matches!(self.state, ProposalState::Referendum | ProposalState::Voting)
    }

    /// True once nothing can change any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self.state, ProposalState::Rejected(_) | ProposalState::Enacted | ProposalState::Cancelled)
    }

    /// Adds a vote of `weight` atoms. May be called again by the same voter, and for either side: whoever calls locks the
    /// tokens, so that none counts twice.
    ///
    /// # Errors
    /// [`VoteError`] outside the window, without weight, or where the tally would not fit.
    pub fn vote(self, now_seconds: i64, support: bool, weight: Amount) -> Result<Self, VoteError> {
        let window = self.begins_seconds..self.ends_seconds;
        if !self.is_polled() || !window.contains(&now_seconds) {
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

    /// The same before a vote that [`Self::vote`] has counted.
    #[must_use]
    pub fn without(self, support: bool, weight: Amount) -> Self {
        let mut before = self;
        let side = if support { &mut before.power_for } else { &mut before.power_against };
        *side = side.saturating_less(weight);
        before
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

    /// Goes on to the next stage once the present one is over: counts votes, opens the next poll over a supply of
    /// `eligible`, lets the timelock run, takes effect. Before that, and in a final state, nothing changes.
    #[must_use]
    pub fn advance(self, rules: &Rules, eligible: Amount, now_seconds: i64) -> Self {
        if now_seconds < self.ends_seconds {
            return self;
        }
        match self.state {
            ProposalState::Review => self.after_review(rules, eligible),
            ProposalState::Referendum => match self.verdict(rules) {
                Some(rejection) => Self { state: ProposalState::Rejected(rejection), ..self },
                None if seconds(rules.implementation_hours) > 0 => {
                    self.enter(ProposalState::Implementation, rules.implementation_hours, eligible)
                }
                None => self.enter(ProposalState::Voting, rules.voting_hours, eligible),
            },
            ProposalState::Implementation => self.enter(ProposalState::Voting, rules.voting_hours, eligible),
            ProposalState::Voting => match self.verdict(rules) {
                Some(rejection) => Self { state: ProposalState::Rejected(rejection), ..self },
                // The tally stays: it is what the vote said.
                None => Self {
                    state: ProposalState::Queued,
                    begins_seconds: self.ends_seconds,
                    ends_seconds: self.ends_seconds.saturating_add(seconds(rules.timelock_hours)),
                    ..self
                },
            },
            ProposalState::Queued => Self { state: ProposalState::Enacted, ..self },
            ProposalState::Rejected(_) | ProposalState::Enacted | ProposalState::Cancelled => self,
        }
    }

    /// Why the votes counted so far do not carry it, if they do not.
    fn verdict(&self, rules: &Rules) -> Option<Rejection> {
        if !rules.is_quorum(self.cast(), self.eligible) {
            Some(Rejection::NoQuorum)
        } else if !rules.is_approved(self.power_for, self.cast()) {
            Some(Rejection::NotApproved)
        } else {
            None
        }
    }

    /// The same, with everything still to come put off by so many seconds.
    #[must_use]
    pub fn put_off(self, delay_seconds: i64) -> Self {
        if self.is_final() {
            return self;
        }
        Self { ends_seconds: self.ends_seconds.saturating_add(delay_seconds.max(0)), ..self }
    }

    /// Withdraws it while that still makes a difference; a final state stays.
    #[must_use]
    pub fn cancel(self) -> Self {
        if self.is_final() { self } else { Self { state: ProposalState::Cancelled, ..self } }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::governance::ParameterId;

    const HOUR: i64 = 3_600;

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    fn rules() -> Rules {
        Rules { quorum_share: 0.1, voting_hours: 10.0, timelock_hours: 5.0, ..Rules::plain() }
    }

    const SUPPLY: Amount = Amount::from_atoms(1_000);

    fn measure() -> Measure {
        Measure::Set { parameter: ParameterId(3), from: 30.0, to: 20.0 }
    }

    /// Opened at hour 1 over a supply of 1,000, with these votes; closes at hour 11, executes at hour 16.
    fn voted(power_for: i64, power_against: i64) -> Proposal {
        let mut proposal = Proposal::open(&rules(), measure(), SUPPLY, HOUR);
        for (support, weight) in [(true, power_for), (false, power_against)] {
            if weight > 0 {
                proposal = proposal.vote(HOUR, support, atoms(weight)).unwrap();
            }
        }
        proposal
    }

    fn after(proposal: Proposal, now: i64) -> Proposal {
        proposal.advance(&rules(), SUPPLY, now)
    }

    fn result(power_for: i64, power_against: i64) -> ProposalState {
        after(voted(power_for, power_against), 11 * HOUR).state
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
        assert_eq!(after(proposal, 11 * HOUR - 1), proposal);
        let queued = after(proposal, 11 * HOUR);
        assert_eq!((queued.state, queued.power_for), (ProposalState::Queued, atoms(500)));
        assert_eq!(queued.vote(2 * HOUR, false, atoms(1)), Err(VoteError::NotOpen));
    }

    #[test]
    fn the_timelock_ends_at_its_last_second() {
        let queued = after(voted(500, 0), 11 * HOUR);
        assert_eq!(after(queued, 16 * HOUR - 1), queued);
        assert_eq!(after(queued, 16 * HOUR).state, ProposalState::Enacted);
        let enacted = after(queued, 99 * HOUR);
        assert_eq!(after(enacted, 199 * HOUR), enacted);
        let rejected = after(voted(1, 0), 11 * HOUR);
        assert_eq!(after(rejected, 99 * HOUR), rejected);
        let late = queued.put_off(3 * HOUR);
        assert_eq!(after(late, 19 * HOUR - 1).state, ProposalState::Queued, "put off");
        assert_eq!(rejected.put_off(3 * HOUR), rejected);
    }

    #[test]
    fn only_what_is_not_final_can_be_cancelled() {
        let (open, queued) = (voted(500, 0), after(voted(500, 0), 11 * HOUR));
        assert_eq!(open.cancel().state, ProposalState::Cancelled);
        assert_eq!(queued.cancel().state, ProposalState::Cancelled);
        assert_eq!(after(queued.cancel(), 99 * HOUR).state, ProposalState::Cancelled);
        let enacted = after(queued, 16 * HOUR);
        assert_eq!(enacted.cancel(), enacted);
        let rejected = after(voted(0, 500), 11 * HOUR);
        assert_eq!(rejected.cancel(), rejected);
    }

    #[test]
    fn the_article_goes_through_six_stages() {
        let rules = Rules { review_hours: 3.0, referendum_hours: 5.0, implementation_hours: 2.0, ..rules() };
        let made = Proposal::open(&rules, measure(), SUPPLY, 0);
        assert_eq!((made.state, made.ends_seconds), (ProposalState::Review, 3 * HOUR));
        assert_eq!(made.vote(HOUR, true, atoms(500)), Err(VoteError::NotOpen), "nobody votes on a draft");
        let polled = made.advance(&rules, SUPPLY, 3 * HOUR);
        assert_eq!((polled.state, polled.ends_seconds), (ProposalState::Referendum, 8 * HOUR));
        let refused = polled.vote(4 * HOUR, false, atoms(500)).unwrap().advance(&rules, SUPPLY, 8 * HOUR);
        assert_eq!(refused.state, ProposalState::Rejected(Rejection::NotApproved));
        // The next poll counts its quorum over the supply of its own beginning, and starts from nothing.
        let written = polled.vote(4 * HOUR, true, atoms(500)).unwrap().advance(&rules, SUPPLY, 8 * HOUR);
        assert_eq!((written.state, written.cast()), (ProposalState::Implementation, Amount::ZERO));
        let voting = written.advance(&rules, atoms(9_000), 10 * HOUR);
        assert_eq!((voting.state, voting.ends_seconds), (ProposalState::Voting, 20 * HOUR));
        let few = voting.vote(10 * HOUR, true, atoms(500)).unwrap().advance(&rules, SUPPLY, 20 * HOUR);
        assert_eq!(few.state, ProposalState::Rejected(Rejection::NoQuorum));
        let many = voting.vote(10 * HOUR, true, atoms(900)).unwrap().advance(&rules, SUPPLY, 20 * HOUR);
        assert_eq!((many.state, many.ends_seconds), (ProposalState::Queued, 25 * HOUR));
        assert_eq!(many.advance(&rules, SUPPLY, 25 * HOUR).state, ProposalState::Enacted);
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
