//! Voters who do something else beside: savers, providers, borrowers, speculators who hold the token.
//!
//! A population whose settings give it a [`CivicProfile`](super::CivicProfile) votes with what it holds whenever it wakes
//! for its own business. What makes its agents voters lies here, in the order of their accounts.

use bevy_ecs::prelude::*;

use super::{Sight, Voter, act};
use crate::agents::{Dice, Eyes, Population, add_decision};
use crate::venue::governance::Health;
use crate::venue::{Mempool, Valuation};
use crate::world::calendar::Calendar;
use crate::world::ledger::AccountId;
use crate::world::phase::{Blocks, Stage};
use crate::world::streams::Streams;

/// The voters of one population.
#[derive(Debug)]
struct Group {
    first: AccountId,
    voters: Vec<Voter>,
}

/// Everybody who votes beside something else.
#[derive(Debug, Default, Resource)]
pub struct Electorate {
    groups: Vec<Group>,
}

impl Electorate {
    /// Lets the agents of a population vote.
    pub fn enfranchise(&mut self, population: &Population, voters: Vec<Voter>) {
        self.groups.push(Group { first: population.first, voters });
    }
}

/// Submits the votes and proposals of those awake who do something else beside.
#[allow(clippy::too_many_arguments, reason = "a system's parameters are its eyes")]
fn decide(
    mut electorate: ResMut<Electorate>,
    calendar: Res<Calendar>,
    blocks: Res<Blocks>,
    eyes: Eyes,
    valuation: Res<Valuation>,
    health: Res<Health>,
    dice: Res<Dice<Voter>>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(governance) = eyes.venues.governance() else { return };
    let mut sight = Sight::new(&eyes, &valuation, &health, governance, &dice);
    let (block, tick) = (eyes.clock.block(), eyes.clock.tick().0);
    for group in &mut electorate.groups {
        let count = u32::try_from(group.voters.len()).unwrap_or(u32::MAX);
        for account in calendar.due(group.first, count) {
            // Each person acts in one of the people's blocks, as when it goes about its other business.
            if blocks.people > 1 && account.0.wrapping_add(tick) % blocks.people != block {
                continue;
            }
            let place = (account.0 - group.first.0) as usize;
            act(account, &mut group.voters[place], &mut sight, &mut mempool);
        }
    }
}

/// Adds the decisions of an [`Electorate`] to a world.
pub fn install(world: &mut World) {
    if !world.contains_resource::<Dice<Voter>>() {
        let dice = Dice::<Voter>::new(world.resource::<Streams>(), "voter");
        world.insert_resource(dice);
    }
    add_decision(world, Stage::PeopleBlock, decide);
}
