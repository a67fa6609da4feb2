//! The emergency team: the only ones who may submit proposals to ALEX's DAO, until the right lapses.
//!
//! A proposal of the team is voted on at once, without a delay, for 1,440 blocks (about ten days). The right ends 26,280
//! blocks (about six months) after deployment, unless a vote moves the sunset. Source: `age002-emergency-proposals` of
//! `alexgo-io/alex-dao` at `fcf9365b`; the framework upstream has 144 and 13,140 blocks.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::locked_vote::{DaoRefusal, LockedVotes, MotionId};

/// Blocks that a vote of the emergency team lasts.
pub const EMERGENCY_DURATION_BLOCKS: u64 = 1_440;
/// Blocks from deployment to the sunset of the emergency team.
pub const EMERGENCY_SUNSET_BLOCKS: u64 = 26_280;

/// Who may submit, how long a vote lasts, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyTeam {
    /// The members.
    pub members: BTreeSet<u32>,
    /// Blocks a vote lasts.
    pub duration_blocks: u64,
    /// First block without the right.
    pub sunset: u64,
}

impl EmergencyTeam {
    /// A team with the terms of ALEX, deployed at `height`.
    #[must_use]
    pub fn deployed(members: impl IntoIterator<Item = u32>, height: u64) -> Self {
        Self {
            members: members.into_iter().collect(),
            duration_blocks: EMERGENCY_DURATION_BLOCKS,
            sunset: height.saturating_add(EMERGENCY_SUNSET_BLOCKS),
        }
    }

    /// Submits a proposal whose vote starts in this block.
    ///
    /// # Errors
    /// [`DaoRefusal::NotMember`], [`DaoRefusal::SunsetReached`], those of [`LockedVotes::submit`], in this order.
    ///
    /// ```
    /// use ballast::protocol::governance::{DaoRefusal, EmergencyTeam, LockedVotes, MotionId};
    /// use ballast::quantity::Amount;
    ///
    /// let (team, mut votes) = (EmergencyTeam::deployed([1, 2, 3, 4, 5], 0), LockedVotes::default());
    /// team.propose(&mut votes, MotionId(7), 3, 100)?;
    /// // One atom is enough: there is no quorum.
    /// votes.vote(MotionId(7), 9, 100, true, Amount::from_atoms(1))?;
    /// assert!(votes.conclude(MotionId(7), 1_540, || Ok::<(), DaoRefusal>(()))?);
    /// assert_eq!(votes.reclaim(MotionId(7), 9)?, Amount::from_atoms(1));
    /// # Ok::<(), DaoRefusal>(())
    /// ```
    pub fn propose(
        &self,
        votes: &mut LockedVotes,
        motion: MotionId,
        member: u32,
        height: u64,
    ) -> Result<(), DaoRefusal> {
        if !self.members.contains(&member) {
            return Err(DaoRefusal::NotMember);
        }
        if height >= self.sunset {
            return Err(DaoRefusal::SunsetReached { sunset: self.sunset, height, code: 3002 });
        }
        votes.submit(motion, height, height.saturating_add(self.duration_blocks))
    }

    /// Moves the sunset, which only a vote may.
    ///
    /// # Errors
    /// [`DaoRefusal::SunsetInPast`].
    pub fn set_sunset(&mut self, height: u64, sunset: u64) -> Result<(), DaoRefusal> {
        if sunset <= height {
            return Err(DaoRefusal::SunsetInPast { code: 3003 });
        }
        self.sunset = sunset;
        Ok(())
    }
}
