//! The tick: the only place that says in which order things happen.
//!
//! ```text
//! Market   the exogenous price moves; oracles observe
//! Accrue   staking yield, changes of mode, recapitalisation, NAV rates: what time alone brings
//! Decide   agents that are awake read the world and submit transactions   } once per block:
//! Execute  the block is ordered and applied, receipts are written         } people first, bots last
//! Govern   votes are counted, passed proposals take effect
//! Audit    the books must balance, to the atom
//! Record   metrics are read
//! ```

use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::clock::Clock;
use super::ledger::AccountId;
use crate::quantity::Tick;

/// A step of the tick, as a set of systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, SystemSet)]
pub enum Phase {
    /// The exogenous price moves; oracles observe.
    Market,
    /// What time alone brings.
    Accrue,
    /// Awake agents submit transactions.
    Decide,
    /// The block is applied.
    Execute,
    /// Votes are counted, passed proposals take effect.
    Govern,
    /// The books must balance.
    Audit,
    /// Metrics are read.
    Record,
}

/// The four schedules of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ScheduleLabel)]
pub enum Stage {
    /// Market and Accrue.
    Open,
    /// Decide and Execute, with people deciding.
    PeopleBlock,
    /// Decide and Execute, with bots deciding.
    BotBlock,
    /// Govern, Audit and Record.
    Close,
}

/// How many blocks a tick holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Resource, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blocks {
    /// Blocks in which people act (savers, speculators, LPs, voters).
    pub people: u32,
    /// Blocks in which bots act (arbitrageurs, keepers); they see what people did.
    pub bots: u32,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { people: 1, bots: 1 }
    }
}

impl Blocks {
    /// Whether somebody who is awake acts in the block that `clock` shows: a person acts in one of the tick's blocks for people,
    /// a bot in every block for bots.
    #[must_use]
    #[inline]
    pub fn acts_in(&self, agent: AccountId, clock: &Clock) -> bool {
        let (block, tick) = (clock.block(), clock.tick().0);
        self.people <= 1 || block >= self.people || agent.0.wrapping_add(tick) % self.people == block
    }
}

/// Adds the four schedules to a world. Systems that conflict without a stated order are an error.
///
/// `shuffle` orders the systems that have no stated order at random, to show that their order does not matter.
pub fn install(world: &mut World, shuffle: Option<u64>) {
    for stage in [Stage::Open, Stage::PeopleBlock, Stage::BotBlock, Stage::Close] {
        let mut schedule = Schedule::new(stage);
        schedule.set_executor(SingleThreadedExecutor::new());
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            shuffle_seed: shuffle,
            ..ScheduleBuildSettings::default()
        });
        schedule.configure_sets(
            (
                Phase::Market,
                Phase::Accrue,
                Phase::Decide,
                Phase::Execute,
                Phase::Govern,
                Phase::Audit,
                Phase::Record,
            )
                .chain(),
        );
        world.add_schedule(schedule);
    }
}

/// Runs one tick.
pub fn run_tick(world: &mut World, tick: Tick) {
    world.resource_mut::<Clock>().begin(tick);
    world.resource_mut::<Calendar>().begin(tick);
    let blocks = *world.resource::<Blocks>();
    world.run_schedule(Stage::Open);
    for block in 0..blocks.people {
        world.resource_mut::<Clock>().begin_block(block);
        world.run_schedule(Stage::PeopleBlock);
    }
    for block in blocks.people..blocks.people + blocks.bots {
        world.resource_mut::<Clock>().begin_block(block);
        world.run_schedule(Stage::BotBlock);
    }
    world.run_schedule(Stage::Close);
}
