//! Votes that lock tokens: the voting of ALEX's executor DAO.
//!
//! ```text
//! open       start <= h < end
//! passes     F > A, however few voted                  no quorum, a tie fails
//! executes   in the call that concludes, h >= end      no timelock
//! ```
//!
//! One token is one vote. A vote moves tokens to a locked ledger, where they still count in balance and supply; they come
//! back only after the proposal is concluded *and* the voter asks. A voter may vote again, and on both sides. If executing
//! a passed proposal fails, so does the conclusion: it stays open for ever and its votes stay locked. A proposal is known by
//! what it executes, and that is executed at most once and voted on at most once: what failed can never be submitted again.
//!
//! | symbol | code name | unit | source |
//! |---|---|---|---|
//! | `h` | `height` | blocks | chain |
//! | `F`, `A` | [`LockedVote::votes_for`], [`LockedVote::votes_against`] | atoms | `get-proposal-data` |
//! | start, end | [`LockedVote::start`], [`LockedVote::end`] | blocks | `add-proposal` |
//!
//! Sources: `executor-dao` and `age001-proposal-voting` of `alexgo-io/alex-dao` at `fcf9365b`; `ede000` to `ede002` of
//! `MarvinJanssen/executor-dao`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::quantity::Amount;

/// What a proposal executes: in the contracts the address of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MotionId(pub u32);

/// Why a verb of the executor DAO is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DaoRefusal {
    /// The caller is not of the team (3001).
    #[error("only members of the team may do this")]
    NotMember,
    /// The right has lapsed (3002 for the emergency team, 3003 for the executives).
    #[error("the right lapsed at block {sunset}, it is block {height}")]
    SunsetReached {
        /// First block without the right.
        sunset: u64,
        /// Height of the call.
        height: u64,
        /// The contract's number.
        code: u16,
    },
    /// A sunset is set to a height that is not ahead (3003 for the emergency team, 3004 for the executives).
    #[error("a sunset must lie ahead")]
    SunsetInPast {
        /// The contract's number.
        code: u16,
    },
    /// It was executed before (1001 when executing, 3002 when submitting).
    #[error("it was executed before")]
    AlreadyExecuted {
        /// The contract's number.
        code: u16,
    },
    /// It was submitted before, and passed or failed (3003).
    #[error("it was submitted before, and cannot be again")]
    AlreadySubmitted,
    /// It was never submitted (3004).
    #[error("no such proposal")]
    Unknown,
    /// Its votes were counted (3005).
    #[error("it is concluded")]
    AlreadyConcluded,
    /// The height is outside its window (3006).
    #[error("votes are taken from block {start} to before {end}, it is block {height}")]
    Inactive {
        /// First block of the vote.
        start: u64,
        /// First block after it.
        end: u64,
        /// Height of the call.
        height: u64,
    },
    /// Locked tokens come back after the conclusion (3007).
    #[error("tokens come back once the proposal is concluded")]
    NotConcluded,
    /// The voter has no votes in it (3008).
    #[error("no votes to return")]
    NoVotes,
    /// The window is not over (3009).
    #[error("votes are counted from block {end} on, it is block {height}")]
    EndNotReached {
        /// First block after the vote.
        end: u64,
        /// Height of the call.
        height: u64,
    },
    /// The proposer holds too little of the supply (3102).
    #[error("proposing takes a larger holding")]
    HoldingTooSmall,
    /// The start of the vote is too near (3104) or too far (3105).
    #[error("a vote must start from block {earliest} to {latest}, found {found}")]
    StartDelay {
        /// Earliest start.
        earliest: u64,
        /// Latest start.
        latest: u64,
        /// Start asked for.
        found: u64,
    },
    /// A vote of nothing (1, from the token).
    #[error("a vote must weigh more than nothing, and not more than the voter holds")]
    NoWeight,
    /// The tally would not fit.
    #[error("the tally would exceed what the ledger can hold")]
    Overflow,
}

impl DaoRefusal {
    /// The number with which the contracts answer; `None` where they have no such answer.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        Some(match self {
            Self::NoWeight => 1,
            Self::NotMember => 3001,
            Self::SunsetReached { code, .. }
            | Self::SunsetInPast { code }
            | Self::AlreadyExecuted { code } => *code,
            Self::AlreadySubmitted => 3003,
            Self::Unknown => 3004,
            Self::AlreadyConcluded => 3005,
            Self::Inactive { .. } => 3006,
            Self::NotConcluded => 3007,
            Self::NoVotes => 3008,
            Self::EndNotReached { .. } => 3009,
            Self::HoldingTooSmall => 3102,
            Self::StartDelay { earliest, found, .. } => {
                if *found < *earliest {
                    3104
                } else {
                    3105
                }
            }
            Self::Overflow => return None,
        })
    }
}

/// One vote, with everybody's locked tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedVote {
    /// Votes for, in atoms.
    pub votes_for: Amount,
    /// Votes against, in atoms.
    pub votes_against: Amount,
    /// First block of the vote.
    pub start: u64,
    /// First block after it.
    pub end: u64,
    /// Whether it passed, once it is concluded.
    pub concluded: Option<bool>,
    /// Tokens locked, by voter.
    locked: BTreeMap<u32, Amount>,
}

impl LockedVote {
    /// Tokens that a voter has locked in it, on both sides together.
    #[must_use]
    pub fn locked_by(&self, voter: u32) -> Amount {
        self.locked.get(&voter).copied().unwrap_or(Amount::ZERO)
    }

    /// Whether more tokens are for it than against.
    #[must_use]
    pub fn is_carried(&self) -> bool {
        self.votes_for > self.votes_against
    }
}

/// The DAO's memory: what was voted on, and what was executed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedVotes {
    votes: BTreeMap<MotionId, LockedVote>,
    executed: BTreeSet<MotionId>,
}

impl LockedVotes {
    /// A vote by what it executes.
    #[must_use]
    pub fn get(&self, motion: MotionId) -> Option<&LockedVote> {
        self.votes.get(&motion)
    }

    /// Whether it was executed, by vote or otherwise.
    #[must_use]
    pub fn is_executed(&self, motion: MotionId) -> bool {
        self.executed.contains(&motion)
    }

    /// Opens a vote over blocks `start..end`. Who may is decided elsewhere, see [`EmergencyTeam`](super::EmergencyTeam) and
    /// [`OpenSubmission`].
    ///
    /// # Errors
    /// [`DaoRefusal::AlreadyExecuted`], [`DaoRefusal::AlreadySubmitted`], in this order.
    pub fn submit(&mut self, motion: MotionId, start: u64, end: u64) -> Result<(), DaoRefusal> {
        if self.is_executed(motion) {
            return Err(DaoRefusal::AlreadyExecuted { code: 3002 });
        }
        if self.votes.contains_key(&motion) {
            return Err(DaoRefusal::AlreadySubmitted);
        }
        let (votes_for, votes_against) = (Amount::ZERO, Amount::ZERO);
        let vote =
            LockedVote { votes_for, votes_against, start, end, concluded: None, locked: BTreeMap::new() };
        self.votes.insert(motion, vote);
        Ok(())
    }

    /// Votes with `weight` atoms, which the caller moves to the locked ledger.
    ///
    /// # Errors
    /// [`DaoRefusal::Unknown`], [`DaoRefusal::Inactive`], [`DaoRefusal::NoWeight`], in this order;
    /// [`DaoRefusal::Overflow`]. A refused vote changes nothing.
    pub fn vote(
        &mut self,
        motion: MotionId,
        voter: u32,
        height: u64,
        support: bool,
        weight: Amount,
    ) -> Result<(), DaoRefusal> {
        let vote = self.votes.get_mut(&motion).ok_or(DaoRefusal::Unknown)?;
        let (start, end) = (vote.start, vote.end);
        if !(start..end).contains(&height) {
            return Err(DaoRefusal::Inactive { start, end, height });
        }
        if !weight.is_positive() {
            return Err(DaoRefusal::NoWeight);
        }
        let locked = vote.locked_by(voter).checked_add(weight).ok_or(DaoRefusal::Overflow)?;
        let side = if support { &mut vote.votes_for } else { &mut vote.votes_against };
        *side = side.checked_add(weight).ok_or(DaoRefusal::Overflow)?;
        vote.locked.insert(voter, locked);
        Ok(())
    }

    /// Counts the votes, and if more are for than against calls `execute`. Returns whether it passed; an error of `execute`
    /// leaves the vote as it was, unconcluded, as often as it is tried.
    ///
    /// # Errors
    /// [`DaoRefusal::Unknown`], [`DaoRefusal::AlreadyConcluded`], [`DaoRefusal::EndNotReached`],
    /// [`DaoRefusal::AlreadyExecuted`], in this order, turned into `E`; then whatever `execute` returns.
    pub fn conclude<E: From<DaoRefusal>>(
        &mut self,
        motion: MotionId,
        height: u64,
        execute: impl FnOnce() -> Result<(), E>,
    ) -> Result<bool, E> {
        let vote = self.votes.get(&motion).ok_or(DaoRefusal::Unknown)?;
        if vote.concluded.is_some() {
            return Err(DaoRefusal::AlreadyConcluded.into());
        }
        if height < vote.end {
            return Err(DaoRefusal::EndNotReached { end: vote.end, height }.into());
        }
        let passed = vote.is_carried();
        if passed {
            self.execute(motion, execute)?;
        }
        if let Some(vote) = self.votes.get_mut(&motion) {
            vote.concluded = Some(passed);
        }
        Ok(passed)
    }

    /// Executes at most once, without a vote: what [`LockedVotes::conclude`] and
    /// [`ExecutiveTeam`](super::ExecutiveTeam) end in. If `execute` fails it may be tried again.
    ///
    /// # Errors
    /// [`DaoRefusal::AlreadyExecuted`] turned into `E`; then whatever `execute` returns.
    pub fn execute<E: From<DaoRefusal>>(
        &mut self,
        motion: MotionId,
        execute: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_executed(motion) {
            return Err(DaoRefusal::AlreadyExecuted { code: 1001 }.into());
        }
        execute()?;
        self.executed.insert(motion);
        Ok(())
    }

    /// Takes a voter's tokens back. The caller moves them out of the locked ledger.
    ///
    /// # Errors
    /// [`DaoRefusal::Unknown`], [`DaoRefusal::NoVotes`], [`DaoRefusal::NotConcluded`], in this order.
    pub fn reclaim(&mut self, motion: MotionId, voter: u32) -> Result<Amount, DaoRefusal> {
        let vote = self.votes.get_mut(&motion).ok_or(DaoRefusal::Unknown)?;
        let locked = vote.locked.get(&voter).copied().ok_or(DaoRefusal::NoVotes)?;
        if vote.concluded.is_none() {
            return Err(DaoRefusal::NotConcluded);
        }
        vote.locked.remove(&voter);
        Ok(locked)
    }
}

/// Submission by any large holder: written for the framework that ALEX's contracts build on, and absent from ALEX's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSubmission {
    /// A proposer must hold `supply 1000 / factor`, locked tokens included.
    pub propose_factor: u32,
    /// Blocks a vote lasts.
    pub duration_blocks: u64,
    /// Fewest and most blocks from submission to the start of the vote.
    pub start_delay_blocks: [u64; 2],
}

impl OpenSubmission {
    /// As deployed by the framework: 1 %, ten days, one to seven days.
    pub const UPSTREAM: Self =
        Self { propose_factor: 100_000, duration_blocks: 1_440, start_delay_blocks: [144, 1_008] };

    /// Opens a vote that starts with block `start`.
    ///
    /// # Errors
    /// [`DaoRefusal::StartDelay`], [`DaoRefusal::HoldingTooSmall`], those of [`LockedVotes::submit`], in this order.
    pub fn propose(
        &self,
        votes: &mut LockedVotes,
        motion: MotionId,
        height: u64,
        start: u64,
        [holding, supply]: [Amount; 2],
    ) -> Result<(), DaoRefusal> {
        let [earliest, latest] = self.start_delay_blocks.map(|delay| height.saturating_add(delay));
        if start < earliest || start > latest {
            return Err(DaoRefusal::StartDelay { earliest, latest, found: start });
        }
        if !has_share(holding, supply, self.propose_factor) {
            return Err(DaoRefusal::HoldingTooSmall);
        }
        votes.submit(motion, start, start.saturating_add(self.duration_blocks))
    }
}

/// Whether a holding is at least `1000 / factor` of the supply. Both count locked tokens: leaving them out of the supply
/// would change every percentage.
#[must_use]
pub fn has_share(holding: Amount, supply: Amount, factor: u32) -> bool {
    i128::from(holding.atoms()) * i128::from(factor) >= i128::from(supply.atoms()) * 1_000
}
