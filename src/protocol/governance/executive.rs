//! The executive team: three signals of five execute a proposal at once, without a vote.
//!
//! This, and that an executed proposal can switch any module of the DAO off, is the only veto there is. It lapses 13,140
//! blocks (about three months) after deployment; the vote that removes it earlier is the hand-over to the token holders.
//! Signals do not expire, and a member signals once: further calls only try again to execute. Source:
//! `age003-emergency-execute` of `alexgo-io/alex-dao` at `fcf9365b`, and the members and signals of its bootstrap
//! proposal; the framework upstream lapses after 4,380 blocks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::locked_vote::{DaoRefusal, LockedVotes, MotionId};

/// Signals of ALEX's team of five that execute.
pub const EXECUTIVE_SIGNALS: u32 = 3;
/// Blocks from deployment to the sunset of the executive team.
pub const EXECUTIVE_SUNSET_BLOCKS: u64 = 13_140;

/// Who may execute without a vote, how many it takes, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutiveTeam {
    /// The members.
    pub members: BTreeSet<u32>,
    /// Signals that execute.
    pub signals_required: u32,
    /// First block without the right.
    pub sunset: u64,
    signalled: BTreeMap<MotionId, BTreeSet<u32>>,
}

impl ExecutiveTeam {
    /// A team with the terms of ALEX, deployed at `height`.
    #[must_use]
    pub fn deployed(members: impl IntoIterator<Item = u32>, height: u64) -> Self {
        Self {
            members: members.into_iter().collect(),
            signals_required: EXECUTIVE_SIGNALS,
            sunset: height.saturating_add(EXECUTIVE_SUNSET_BLOCKS),
            signalled: BTreeMap::new(),
        }
    }

    /// Members that have signalled for it, those who have left the team included.
    #[must_use]
    pub fn signals(&self, motion: MotionId) -> u32 {
        self.signalled.get(&motion).map_or(0, |members| u32::try_from(members.len()).unwrap_or(u32::MAX))
    }

    /// Whether a member has signalled for it.
    #[must_use]
    pub fn has_signalled(&self, motion: MotionId, member: u32) -> bool {
        self.signalled.get(&motion).is_some_and(|members| members.contains(&member))
    }

    /// Signals for a proposal, and executes it if that makes enough. Returns the signals.
    ///
    /// # Errors
    /// [`DaoRefusal::NotMember`], [`DaoRefusal::SunsetReached`], [`DaoRefusal::AlreadyExecuted`], in this order, turned into
    /// `E`; then whatever `execute` returns. A refused signal does not count.
    pub fn signal<E: From<DaoRefusal>>(
        &mut self,
        votes: &mut LockedVotes,
        motion: MotionId,
        member: u32,
        height: u64,
        execute: impl FnOnce() -> Result<(), E>,
    ) -> Result<u32, E> {
        if !self.members.contains(&member) {
            return Err(DaoRefusal::NotMember.into());
        }
        if height >= self.sunset {
            return Err(DaoRefusal::SunsetReached { sunset: self.sunset, height, code: 3003 }.into());
        }
        let signals = self.signals(motion) + u32::from(!self.has_signalled(motion, member));
        if signals >= self.signals_required {
            votes.execute(motion, execute)?;
        }
        self.signalled.entry(motion).or_default().insert(member);
        Ok(signals)
    }

    /// Moves the sunset, which only an executed proposal may.
    ///
    /// # Errors
    /// [`DaoRefusal::SunsetInPast`].
    pub fn set_sunset(&mut self, height: u64, sunset: u64) -> Result<(), DaoRefusal> {
        if sunset <= height {
            return Err(DaoRefusal::SunsetInPast { code: 3004 });
        }
        self.sunset = sunset;
        Ok(())
    }
}
