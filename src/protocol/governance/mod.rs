//! Token voting: on a bounded parameter, or on setting something off.
//!
//! Whoever may propose proposes a [`Measure`]. It is reviewed, put to a referendum, written and put to the vote; each of the
//! first three stages may be left out. Tokens vote for or against by weight while the window `begins <= t < ends` lasts.
//! Then, with `F` for, `A` against and `S` the supply when the vote opened,
//!
//! ```text
//! rejected, no quorum      F + A < quorum S
//! rejected, not approved   F <= approval (F + A)          a tie at approval 1/2 fails
//! queued                   otherwise; enacted at the first moment >= ends + timelock
//! ```
//!
//! | symbol | code name | unit | source |
//! |---|---|---|---|
//! | quorum | [`Rules::quorum_share`] | share of supply | OpenZeppelin Governor, Compound Governor Bravo: 4 % |
//! | approval | [`Rules::approval_share`] | share of votes cast | ALEX: passes only if more vote for than against |
//! | window | [`Rules::voting_hours`] | h | ALEX: 1,440 blocks, about ten days |
//! | timelock | [`Rules::timelock_hours`] | h | Compound: two days; ALEX had none |
//!
//! Shares are compared in whole atoms and in billionths, never in floating point: exactly at quorum is a quorum.
//!
//! ```
//! use ballast::protocol::governance::{Measure, ParameterId, Proposal, ProposalState, Rules};
//! use ballast::quantity::Amount;
//!
//! let rules = Rules { voting_hours: 24.0, timelock_hours: 12.0, ..Rules::plain() };
//! let supply = Amount::from_atoms(1_000);
//! // At second zero: lower parameter 0 from 30 to 25.
//! let measure = Measure::Set { parameter: ParameterId(0), from: 30.0, to: 25.0 };
//! let proposal = Proposal::open(&rules, measure, supply, 0);
//! let proposal = proposal.vote(3_600, true, Amount::from_atoms(31))?;
//! let proposal = proposal.vote(7_200, false, Amount::from_atoms(9))?;
//! // 40 of 1,000 tokens voted, which is the quorum of 4 %, and 31 of 40 approve.
//! let proposal = proposal.advance(&rules, supply, 24 * 3_600);
//! assert_eq!(proposal.state, ProposalState::Queued);
//! assert_eq!(proposal.advance(&rules, supply, 35 * 3_600).state, ProposalState::Queued);
//! assert_eq!(proposal.advance(&rules, supply, 36 * 3_600).state, ProposalState::Enacted);
//! # Ok::<(), ballast::protocol::governance::VoteError>(())
//! ```

mod capture;
mod emergency;
mod executive;
mod locked_vote;
mod measure;
mod parameter;
mod phase;
mod proposal;
mod rules;

pub use capture::{Capture, Outlay, Way, cheapest, votes_to_carry, votes_to_turn};
pub use emergency::{EMERGENCY_DURATION_BLOCKS, EMERGENCY_SUNSET_BLOCKS, EmergencyTeam};
pub use executive::{EXECUTIVE_SIGNALS, EXECUTIVE_SUNSET_BLOCKS, ExecutiveTeam};
pub use locked_vote::{DaoRefusal, LockedVote, LockedVotes, MotionId, OpenSubmission, has_share};
pub use measure::{Measure, MeasureError, PauseId, Purpose, Ramp, Unready};
pub use parameter::{Aim, Holding, Parameter, ParameterError, ParameterId, Remedy, Sensitivity};
pub use phase::{Executive, InForce, Phase, Powers, Progress, Readiness};
pub use proposal::{Proposal, ProposalState, Rejection, VoteError};
pub use rules::{Locking, Reclaim, Rules, RulesError};

#[cfg(test)]
mod executor_tests;
