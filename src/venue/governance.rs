//! Governance in the world: the token, the escrow that locks votes, proposals under way, those that wait, the team.
//!
//! A vote locks its tokens in the escrow account until the vote closes, so that no token votes twice. Votes close, measures
//! take effect and ramps move between ticks, so that everybody trades a whole tick under the same rules.
//!
//! | file | content |
//! |---|---|
//! | `state` | what governance remembers |
//! | `ballot` | a proposal and what is offered for its votes |
//! | `roll` | who has voted, and how |
//! | `citizens` | what is locked, who votes for whom |
//! | `votes` | voting, locking, reclaiming, delegating |
//! | `team` | what a team can call for, and when it is heard |
//! | `proceedings` | proposing, calling, withdrawing |
//! | `closing` | what happens between ticks |
//! | `enact` | what may be proposed, and what it does when it takes effect |
//! | `pause` | venues that are stopped for a while |
//! | `effects` | what the protocol's health was a week after a measure |
//! | `capture` | what it would cost to carry a vote, and bring |
//! | `registry`, `treasury`, `emission` | what can be set |

mod ballot;
pub mod capture;
mod citizens;
mod closing;
mod effects;
mod emission;
mod enact;
mod pause;
mod proceedings;
pub(super) mod registry;
mod roll;
mod state;
mod team;
mod treasury;
mod votes;

use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Deal, Venues};
use crate::protocol::governance::{Measure, MeasureError, VoteError};
use crate::quantity::Amount;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;
use crate::world::phase::{Phase, Stage};

pub use ballot::{Ballot, Bribe, Poll};
pub use capture::VoteMarket;
pub use citizens::{Citizen, Citizens};
pub(super) use pause::Pauses;
pub use roll::{Entry, Roll};
pub(super) use state::Before;
pub use state::{Counts, Governance, Outcomes, PhaseRules};
pub use team::{Call, Team};
pub use votes::promised;

/// How the protocol is doing, for those who vote. Whoever runs the protocol fills it every tick.
#[derive(Debug, Clone, Copy, PartialEq, Default, Resource)]
pub struct Health {
    /// Value of the collateral over the value of what it backs; `None` while nothing is backed.
    pub collateral_ratio: Option<f64>,
    /// 0 normal, 1 stability, 2 user rebalance, 3 protocol rebalance, 4 recapitalisation.
    pub stress_mode: u8,
    /// True in a tick in which the mode has changed.
    pub mode_changed: bool,
    /// Market price over net asset value, less one (0.01 is 1 % above); `None` where there is no market. Which price, says
    /// [`super::accrual::PegPrice`].
    pub peg_deviation: Option<f64>,
    /// Dollars of collateral that would bring a treasury in need of recapitalisation to where it should be; zero otherwise.
    pub missing_usd: f64,
}

/// Which proposal is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The one made last: for whoever proposes and votes in one transaction.
    Newest,
    /// The one of that number.
    Number(u32),
}

/// What can be done with a governance token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum GovernAction {
    /// Make a proposal.
    Propose {
        /// What it would do.
        measure: Measure,
    },
    /// Vote for or against, with tokens that are locked until the vote closes and with those of one's followers.
    Vote {
        /// On which proposal.
        ballot: Which,
        /// For it.
        support: bool,
        /// Own tokens voted.
        weight: Size,
    },
    /// Take back tokens that no open vote needs.
    Reclaim,
    /// Let somebody else vote with one's tokens, or nobody any more.
    Delegate {
        /// Whom.
        to: Option<AccountId>,
    },
    /// Withdraw one's own proposal.
    Cancel {
        /// Which.
        ballot: u32,
    },
    /// Put up dollars for whoever votes as asked from now on.
    OfferBribe {
        /// On which proposal.
        ballot: Which,
        /// For it.
        support: bool,
        /// Dollars put up, in atoms.
        cash: Amount,
        /// Dollars for each token voted, in atoms per atom.
        rate: f64,
    },
    /// As a member of the team, call for the end of a proposal.
    Veto {
        /// Which.
        ballot: u32,
    },
    /// As a member of the team, call for a suspension of governance.
    Suspend,
    /// As a member of the team, call for a measure without a vote.
    Execute {
        /// Which.
        measure: Measure,
    },
}

/// Why governance refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum GovernRefusal {
    /// The world has none.
    #[error("there is no governance in this world")]
    NoGovernance,
    /// As many as may be.
    #[error("as many proposals as may be are under way; the first of them goes on at second {ends_seconds}")]
    TooManyOpen {
        /// When the present stage of the first ends.
        ends_seconds: i64,
    },
    /// Another proposal acts on the same thing.
    #[error(
        "proposal {number} on the same thing is under way; its present stage ends at second {ends_seconds}"
    )]
    Collides {
        /// Which.
        number: u32,
        /// When its present stage ends.
        ends_seconds: i64,
    },
    /// The last vote is too recent.
    #[error("nothing can be proposed before second {until_seconds}")]
    CoolingDown {
        /// When the next proposal may come.
        until_seconds: i64,
    },
    /// Governance is suspended.
    #[error("governance is suspended until second {until_seconds}")]
    Suspended {
        /// When it goes on.
        until_seconds: i64,
    },
    /// The proposer holds too little.
    #[error("a proposer must hold {needed} atoms of the governance token, found {held}")]
    BelowThreshold {
        /// Required.
        needed: Amount,
        /// Held.
        held: Amount,
    },
    /// Only the team may.
    #[error("only members of the team may do this now")]
    NotTeam,
    /// The team has no such right now.
    #[error("the team has no such right, or it has lapsed")]
    NoSuchRight,
    /// The member has called for it already.
    #[error("this member has called for it already")]
    AlreadyCalled,
    /// The measure cannot be taken.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// There is no such proposal under way.
    #[error("no such proposal is under way")]
    NoSuchProposal,
    /// Somebody else's proposal.
    #[error("only its proposer may withdraw a proposal")]
    NotYours,
    /// More than one's own, or what is voted already.
    #[error("{available} atoms of the sender can still vote on this, {wanted} were to be voted")]
    NotAvailable {
        /// Atoms that can still vote.
        available: Amount,
        /// Asked for.
        wanted: Amount,
    },
    /// Nobody can follow itself.
    #[error("nobody can delegate to itself")]
    OwnDelegate,
    /// Nothing to take back.
    #[error("all locked tokens are still needed by open votes")]
    NothingToReclaim,
    /// An offer that buys nothing.
    #[error("an offer needs dollars and a rate above zero, on a vote for which nobody else has offered")]
    BadOffer,
    /// The vote does not count.
    #[error(transparent)]
    Vote(#[from] VoteError),
}

/// Closes votes and enacts what passed: the system of [`Phase::Govern`].
///
/// # Errors
/// [`crate::world::ledger::LedgerError`] if locked votes cannot be given back; the run stops.
pub fn govern(
    mut venues: ResMut<Venues>,
    mut ledger: ResMut<Ledger>,
    mut notes: ResMut<Notes>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
) -> Result<(), BevyError> {
    let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
    Ok(venues.govern(&mut deal)?)
}

/// Adds [`govern`] and the [`Health`] that voters look at to a world.
pub fn install(world: &mut World) {
    world.init_resource::<Health>();
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems(govern.in_set(Phase::Govern));
    });
}
