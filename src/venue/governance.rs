//! Governance in the world: the token, the escrow that locks votes, the proposal being voted on, those that wait.
//!
//! A vote locks its tokens in the escrow account until the vote closes, so that no token votes twice; then all of them
//! come back at once, at a cost of what voted. One proposal is voted on at a time; those that passed wait out their
//! timelock in a queue. Votes close and values change between ticks, so that everybody trades a whole tick under the same
//! rules.

mod proceedings;
pub(super) mod registry;
mod state;
mod treasury;

use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Venues;
use crate::protocol::governance::{ParameterError, ParameterId, VoteError};
use crate::quantity::Amount;
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::mempool::Size;
use crate::world::notes::Notes;
use crate::world::phase::{Phase, Stage};

pub(super) use state::Before;
pub use state::{Ballot, Governance, Outcomes, Stake};

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
}

/// What can be done with a governance token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum GovernAction {
    /// Open a vote on giving a parameter a new value.
    Propose {
        /// Which parameter.
        parameter: ParameterId,
        /// Its new value, in the parameter's unit.
        value: f64,
    },
    /// Lock tokens for or against the open proposal, until its vote closes.
    Vote {
        /// For it.
        support: bool,
        /// Tokens locked.
        weight: Size,
    },
}

/// Why governance refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum GovernRefusal {
    /// The world has none.
    #[error("there is no governance in this world")]
    NoGovernance,
    /// One at a time.
    #[error("another proposal is being voted on until second {closes_seconds}")]
    AlreadyOpen {
        /// When it closes.
        closes_seconds: i64,
    },
    /// A passed change of the same parameter waits out its timelock.
    #[error("a change of the same parameter takes effect from second {executes_seconds} on")]
    AlreadyQueued {
        /// When it may take effect.
        executes_seconds: i64,
    },
    /// The last vote is too recent.
    #[error("nothing can be proposed before second {until_seconds}")]
    CoolingDown {
        /// When the next proposal may come.
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
    /// No such parameter, or a value it cannot take.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The parameter has this value already.
    #[error("the parameter has this value already")]
    NoChange,
    /// There is nothing to vote on.
    #[error("no proposal is being voted on")]
    NothingOpen,
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
    clock: Res<Clock>,
) -> Result<(), BevyError> {
    Ok(venues.govern(&mut ledger, &mut notes, &clock)?)
}

/// Adds [`govern`] and the [`Health`] that voters look at to a world.
pub fn install(world: &mut World) {
    world.init_resource::<Health>();
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems(govern.in_set(Phase::Govern));
    });
}
