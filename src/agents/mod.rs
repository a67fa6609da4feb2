//! Who acts: one file per archetype.
//!
//! An archetype is a component (the numbers drawn for one agent), a pure choice (from what it sees to what it does) and a
//! thin system whose parameters are the agent's eyes. Deciding only reads; wishes go to the mempool.

pub mod alarm;
pub mod arbitrageur;
pub mod attacker;
pub mod borrower;
pub mod commitment;
pub mod keeper;
pub mod launch_participant;
pub mod lender;
pub mod liquidity_provider;
pub mod loan_sight;
pub mod market_maker;
pub mod noise_trader;
#[cfg(test)]
mod people_tests;
pub mod profile;
pub mod rebalancer;
pub mod roster;
pub mod routes;
pub mod saver;
#[cfg(test)]
mod stage;
pub mod staker;
pub mod token_investor;
pub mod token_lender;
pub mod voter;
pub mod wallet;
pub mod xeth_speculator;

use std::any::TypeId;

use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use thiserror::Error;

use crate::quantity::SECONDS_PER_DAY;
use crate::venue::Venues;
use crate::world::calendar::Calendar;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::oracle::Oracle;
use crate::world::phase::{Blocks, Phase, Stage};
use crate::world::read_ahead::{Groups, look_at};
use crate::world::streams::{AgentStream, Streams};
use profile::{Archetype, ProfileProblem, Surroundings};

/// A group of agents drawn from one profile; their accounts lie next to one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// The archetype: `saver`.
    pub kind: &'static str,
    /// The profile they were drawn from: `saver_cautious`.
    pub profile: String,
    /// The first agent's account.
    pub first: AccountId,
    /// How many.
    pub count: u32,
    component: TypeId,
    /// The row of the first agent in the table of its archetype: agents are spawned together and never leave.
    row: u32,
}

/// Which agents there are.
#[derive(Debug, Default, Resource)]
pub struct Directory {
    populations: Vec<Population>,
}

impl Directory {
    /// All populations, in the order they entered.
    #[must_use]
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }
}

/// Why a population could not be brought into the world.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PopulateError {
    /// The profile names what this world does not have.
    #[error("`{}`: expected {}, found {}", .0.field, .0.expected, .0.found)]
    Profile(ProfileProblem),
    /// There are too many accounts.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Draws `count` agents from `profile` and brings them into the world; answers with each one's wealth in dollars.
///
/// The draws come from a stream named after the population and the agent's number in it, so that more agents of one
/// population change no one else.
pub(crate) fn populate<T: Archetype>(
    world: &mut World,
    profile: &T::Profile,
    name: &str,
    count: u32,
) -> Result<(Population, Vec<f64>), PopulateError> {
    let mut random = world.resource::<Streams>().sequential(&format!("population {name}"));
    let tick_days = world.resource::<Clock>().tick_seconds() as f64 / SECONDS_PER_DAY as f64;
    let around =
        Surroundings { ledger: world.resource::<Ledger>(), venues: world.resource::<Venues>(), tick_days };
    let mut agents = Vec::with_capacity(count as usize);
    let mut wealth = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let drawn = T::draw(profile, &around, &mut random).map_err(PopulateError::Profile)?;
        wealth.push(drawn.wealth_usd);
        agents.push((drawn.activity, drawn.agent));
    }
    Ok((enter(world, T::KIND, name, agents)?, wealth))
}

/// Adds an archetype's dice and its decide system to a world.
pub(crate) fn install<T: Archetype>(world: &mut World) {
    let dice = Dice::<T>::new(world.resource::<Streams>(), T::KIND);
    world.insert_resource(dice);
    T::schedule(world);
}

/// Adds `system` to the decisions of people or of bots.
pub fn add_decision<M>(
    world: &mut World,
    stage: Stage,
    system: impl IntoScheduleConfigs<bevy_ecs::system::ScheduleSystem, M>,
) {
    world.schedule_scope(stage, |_, schedule| {
        schedule.add_systems(system.in_set(Phase::Decide));
    });
}

/// Brings agents into the world: opens their accounts, spawns their components, enters them into the calendar.
///
/// The world must hold a [`Directory`], a [`Calendar`] and a [`Ledger`], and every account opened since the first agent
/// must be an agent's. Each item is (probability of being active in a tick, component).
///
/// # Errors
/// [`LedgerError::Overflow`] if the ledger cannot number that many accounts.
pub fn enter<T: Component>(
    world: &mut World,
    kind: &'static str,
    profile: &str,
    agents: Vec<(f64, T)>,
) -> Result<Population, LedgerError> {
    let count = agents.len() as u32;
    let first = world.resource_mut::<Ledger>().open_accounts(count)?;
    let mut calendar = world.resource_mut::<Calendar>();
    agents.iter().for_each(|(activity, _)| calendar.enter(*activity));
    world.spawn_batch(agents.into_iter().map(|(_, agent)| agent)).for_each(drop);
    let component = TypeId::of::<T>();
    let mut directory = world.resource_mut::<Directory>();
    let alike = directory.populations.iter().filter(|other| other.component == component);
    let row = alike.map(|other| other.count).sum();
    let population = Population { kind, profile: profile.into(), first, count, component, row };
    directory.populations.push(population.clone());
    Ok(population)
}

/// The agents of one archetype that are awake, each with its own component.
#[derive(SystemParam)]
pub struct Awake<'w, 's, T: Component<Mutability = Mutable> + Copy> {
    calendar: Res<'w, Calendar>,
    directory: Res<'w, Directory>,
    clock: Res<'w, Clock>,
    blocks: Res<'w, Blocks>,
    ledger: Res<'w, Ledger>,
    agents: Query<'w, 's, &'static mut T>,
}

impl<T: Component<Mutability = Mutable> + Copy> Awake<'_, '_, T> {
    /// Calls `decide` for each agent awake in this block, in the order of accounts.
    #[inline]
    pub fn each(&mut self, mut decide: impl FnMut(AccountId, &mut T)) {
        // An archetype's agents have one component each, hence one table.
        let table = self.agents.contiguous_iter_mut().ok().and_then(|mut tables| tables.next());
        let Some(mut table) = table else { return };
        let agents = table.bypass_change_detection();
        for population in &self.directory.populations {
            if population.component != TypeId::of::<T>() {
                continue;
            }
            let row = |agent: AccountId| (agent.0 - population.first.0 + population.row) as usize;
            let due = self.calendar.due(population.first, population.count);
            let awake = due.filter(|agent| self.blocks.acts_in(*agent, &self.clock));
            let mut groups = Groups::of(awake);
            while let Some(group) = groups.next() {
                self.ledger.fetch(group.iter().copied());
                look_at(group.iter().map(|agent| agents.get(row(*agent)).copied()));
                for agent in group {
                    if let Some(component) = agents.get_mut(row(*agent)) {
                        decide(*agent, component);
                    }
                }
            }
        }
    }
}

/// What every agent can see.
#[derive(SystemParam)]
pub struct Eyes<'w> {
    /// Balances: its own, and those of the venues.
    pub ledger: Res<'w, Ledger>,
    /// Prices and rules on chain and outside.
    pub venues: Res<'w, Venues>,
    /// The outside price as the chain knows it.
    pub oracle: Res<'w, Oracle>,
    /// The time.
    pub clock: Res<'w, Clock>,
}

/// The stream an archetype's decisions draw from.
#[derive(Debug, Resource)]
pub struct Dice<T: Send + Sync + 'static> {
    /// One place per (agent, tick).
    pub stream: AgentStream,
    archetype: std::marker::PhantomData<T>,
}

impl<T: Send + Sync + 'static> Dice<T> {
    /// The stream of that name.
    #[must_use]
    pub fn new(streams: &Streams, name: &str) -> Self {
        Self { stream: streams.per_agent(name), archetype: std::marker::PhantomData }
    }
}
