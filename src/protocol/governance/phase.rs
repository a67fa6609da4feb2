//! Progressive decentralisation: who may do what beside the token holders, and when the next step is due.
//!
//! ```text
//! foundation -> genesis -> dao
//! ```
//!
//! The article (ALEX, "Progressive decentralisation") lets a Foundation begin, a Genesis team follow it for 6 to 18 months
//! with the Foundation's veto and right to suspend governance behind it, and the token holders end alone. Each step is a
//! vote that can only be held when measured conditions are met ([`Readiness`]).
//!
//! The deployed contracts know no phases: five addresses alone may submit proposals for 26,280 blocks after the start, and
//! three of five may have any measure executed at once for 13,140 blocks ([`Powers::contract`]).

use serde::{Deserialize, Serialize};

use super::emergency::EMERGENCY_SUNSET_BLOCKS;
use super::executive::EXECUTIVE_SUNSET_BLOCKS;
use super::measure::Unready;
use crate::quantity::{SECONDS_PER_DAY, SECONDS_PER_HOUR};

/// How far power has been handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// The team proposes, holders vote; veto and suspension.
    Foundation,
    /// Holders propose and vote; veto and suspension.
    Genesis,
    /// Holders alone.
    Dao,
}

impl Phase {
    /// The next one, if there is one.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Foundation => Some(Self::Genesis),
            Self::Genesis => Some(Self::Dao),
            Self::Dao => None,
        }
    }

    /// 0, 1, 2.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// A name that stays.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Foundation => "foundation",
            Self::Genesis => "genesis",
            Self::Dao => "dao",
        }
    }
}

/// What a team may have executed at once, without a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Executive {
    /// Nothing.
    Nothing,
    /// A pause of a venue.
    Pauses,
    /// Any measure that a vote could pass.
    Anything,
}

/// What a team may do in a phase. Rights lapse by themselves, counted from the beginning of the phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Powers {
    /// For how many days nobody else may propose.
    pub alone_proposes_days: f64,
    /// Whether it can end a proposal that has not taken effect.
    pub veto: bool,
    /// For how many hours it can suspend governance; 0 where it cannot.
    pub suspension_hours: f64,
    /// What it can have executed without a vote.
    pub executive: Executive,
    /// For how many days veto, suspension and execution are its rights.
    pub lapse_days: f64,
}

/// Longer than any run: a right that does not lapse.
const FOR_EVER_DAYS: f64 = 36_500.0;

/// Days that blocks of ten minutes take.
const fn days(blocks: u64) -> f64 {
    blocks as f64 / 144.0
}

impl Powers {
    /// Nothing at all.
    pub const NONE: Self = Self {
        alone_proposes_days: 0.0,
        veto: false,
        suspension_hours: 0.0,
        executive: Executive::Nothing,
        lapse_days: 0.0,
    };

    /// The article's, phase by phase. It gives no length of a suspension: a week is an assumption.
    #[must_use]
    pub const fn article(phase: Phase) -> Self {
        let genesis = Self {
            alone_proposes_days: 0.0,
            veto: true,
            suspension_hours: 168.0,
            executive: Executive::Pauses,
            lapse_days: FOR_EVER_DAYS,
        };
        match phase {
            Phase::Foundation => Self { alone_proposes_days: FOR_EVER_DAYS, ..genesis },
            Phase::Genesis => genesis,
            Phase::Dao => Self::NONE,
        }
    }

    /// The deployed contracts': blocks of ten minutes; no veto function, no suspension. After the last phase nothing.
    ///
    /// As in [`EmergencyTeam`](super::EmergencyTeam) and [`ExecutiveTeam`](super::ExecutiveTeam), to the block, but that one
    /// team has both rights; that a vote can end them ([`super::Measure::AdvancePhase`]) and cannot move their sunsets; that
    /// a measure called for by enough takes effect at the end of the tick, and can then be called for again.
    #[must_use]
    pub const fn contract(phase: Phase) -> Self {
        match phase {
            Phase::Dao => Self::NONE,
            Phase::Foundation | Phase::Genesis => Self {
                alone_proposes_days: days(EMERGENCY_SUNSET_BLOCKS),
                veto: false,
                suspension_hours: 0.0,
                executive: Executive::Anything,
                lapse_days: days(EXECUTIVE_SUNSET_BLOCKS),
            },
        }
    }
}

/// When the next phase may be voted in. Zero asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Readiness {
    /// Days in the present phase.
    pub days: f64,
    /// Fewest holders that together hold more than half of the voting power.
    pub nakamoto: u32,
    /// Turnout of the last vote, as a share.
    pub turnout: f64,
    /// Proposals enacted since the start.
    pub enacted: u32,
}

/// How far things have come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Days in the present phase.
    pub days: f64,
    /// Fewest holders that together hold more than half of the voting power.
    pub nakamoto: u32,
    /// Turnout of the last vote, as a share; zero before the first.
    pub turnout: f64,
    /// Proposals enacted since the start.
    pub enacted: u32,
}

impl Readiness {
    /// Says whether the next phase may be voted in.
    ///
    /// # Errors
    /// [`Unready`] names the first condition that is not met.
    pub fn check(&self, progress: &Progress) -> Result<(), Unready> {
        if progress.days < self.days {
            return Err(Unready::Days { needed: self.days, found: progress.days });
        }
        if progress.nakamoto < self.nakamoto {
            return Err(Unready::Nakamoto { needed: self.nakamoto, found: progress.nakamoto });
        }
        if progress.turnout < self.turnout {
            return Err(Unready::Turnout { needed: self.turnout, found: progress.turnout });
        }
        if progress.enacted < self.enacted {
            return Err(Unready::Enacted { needed: self.enacted, found: progress.enacted });
        }
        Ok(())
    }
}

/// What of the powers is in force now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InForce {
    /// Nobody but the team may propose.
    pub alone_proposes: bool,
    /// It may veto.
    pub veto: bool,
    /// How long it may suspend governance, in seconds; 0 where it may not.
    pub suspension_seconds: i64,
    /// What it may have executed.
    pub executive: Executive,
}

impl Powers {
    /// What is in force this many seconds after the phase began.
    #[must_use]
    pub fn in_force(&self, elapsed_seconds: i64) -> InForce {
        let days = elapsed_seconds as f64 / SECONDS_PER_DAY as f64;
        let alone_proposes = days < self.alone_proposes_days;
        if days < self.lapse_days {
            #[allow(clippy::cast_possible_truncation, reason = "at most a century of seconds")]
            let suspension_seconds =
                libm::round(self.suspension_hours.clamp(0.0, 876_000.0) * SECONDS_PER_HOUR as f64) as i64;
            InForce { alone_proposes, veto: self.veto, suspension_seconds, executive: self.executive }
        } else {
            InForce { alone_proposes, veto: false, suspension_seconds: 0, executive: Executive::Nothing }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn phases_follow_one_another() {
        assert_eq!(Phase::Foundation.next(), Some(Phase::Genesis));
        assert_eq!(Phase::Genesis.next(), Some(Phase::Dao));
        assert_eq!(Phase::Dao.next(), None);
        assert_eq!(Powers::article(Phase::Dao), Powers::NONE);
        assert!(Powers::article(Phase::Foundation).in_force(400 * DAY).alone_proposes);
        assert!(!Powers::article(Phase::Genesis).in_force(0).alone_proposes);
    }

    #[test]
    fn the_rights_of_the_contracts_lapse_at_their_blocks() {
        // 13,140 and 26,280 blocks of ten minutes.
        let powers = Powers::contract(Phase::Foundation);
        let (executive, emergency) = (13_140 * 600, 26_280 * 600);
        assert_eq!(powers.in_force(executive - 1).executive, Executive::Anything);
        assert_eq!(powers.in_force(executive).executive, Executive::Nothing);
        assert!(powers.in_force(emergency - 1).alone_proposes);
        assert!(!powers.in_force(emergency).alone_proposes);
    }

    #[test]
    fn the_first_condition_that_fails_is_named() {
        let needs = Readiness { days: 30.0, nakamoto: 5, turnout: 0.1, enacted: 2 };
        let met = Progress { days: 30.0, nakamoto: 5, turnout: 0.1, enacted: 2 };
        assert_eq!(needs.check(&met), Ok(()));
        let fails = |progress| needs.check(&progress).unwrap_err();
        assert_eq!(fails(Progress { days: 29.0, ..met }), Unready::Days { needed: 30.0, found: 29.0 });
        assert_eq!(fails(Progress { nakamoto: 4, ..met }), Unready::Nakamoto { needed: 5, found: 4 });
        assert_eq!(fails(Progress { turnout: 0.09, ..met }), Unready::Turnout { needed: 0.1, found: 0.09 });
        assert_eq!(fails(Progress { enacted: 1, ..met }), Unready::Enacted { needed: 2, found: 1 });
        assert_eq!(Readiness::default().check(&Progress::default()), Ok(()));
    }
}
