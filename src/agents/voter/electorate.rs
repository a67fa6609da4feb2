//! Voters who do something else beside: savers, providers, borrowers, speculators who hold the token.
//!
//! A population whose settings give it a [`CivicProfile`](super::CivicProfile) votes with what it holds whenever it wakes
//! for its own business. What makes its agents voters lies here, in the order of their accounts.

use bevy_ecs::prelude::*;

use super::{Sight, Voter, act};
use crate::agents::{Dice, Eyes, Population, add_decision, awake_in_block};
use crate::venue::governance::Health;
use crate::venue::{Mempool, Valuation};
use crate::world::calendar::Calendar;
use crate::world::ledger::AccountId;
use crate::world::phase::{Blocks, Stage};
use crate::world::read_ahead::in_groups;
use crate::world::streams::Streams;

/// The voters of one population.
#[derive(Debug)]
struct Group {
    population: Population,
    voters: Vec<Voter>,
    /// The largest probability with which one of them notices.
    most_attention: f32,
}

/// Everybody who votes beside something else.
#[derive(Debug, Default, Resource)]
pub struct Electorate {
    groups: Vec<Group>,
}

impl Electorate {
    /// Lets the agents of a population vote.
    pub fn enfranchise(&mut self, population: &Population, voters: Vec<Voter>) {
        let most_attention = voters.iter().map(|voter| voter.attention_probability).fold(0.0, f32::max);
        self.groups.push(Group { population: population.clone(), voters, most_attention });
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
    if !sight.concerns(0) {
        return;
    }
    let (mut awake, mut draws) = (Vec::new(), Vec::new());
    let (mut noticing, mut concerned_now) = (Vec::new(), Vec::new());
    for group in &mut electorate.groups {
        let place = |account: AccountId| (account.0 - group.population.first.0) as usize;
        // Most do not notice: their memory is left alone.
        awake.clear();
        awake.extend(awake_in_block(&calendar, &eyes.clock, &blocks, &group.population));
        draws.clear();
        sight.attention(&awake, &mut draws);
        let most = f64::from(group.most_attention);
        let attentive = awake.iter().copied().zip(draws.iter().copied()).filter(|(_, draw)| *draw < most);
        // Most of those have looked at every poll already: what they have seen is read first, without waiting in between.
        noticing.clear();
        noticing.extend(attentive.map(|(account, draw)| (account, draw, 0)));
        noticing.iter_mut().for_each(|(account, _, seen)| *seen = group.voters[place(*account)].polls_seen);
        let concerned = noticing.iter().filter(|(.., seen)| sight.concerns(*seen));
        let concerned = concerned.map(|(account, draw, _)| (*account, *draw));
        concerned_now.clear();
        concerned_now.extend(concerned);
        let fetch = |voters: &Vec<Voter>, (account, _)| {
            std::hint::black_box(voters[place(account)]);
            eyes.ledger.fetch(account);
            std::hint::black_box((governance.locked(account), governance.delegation().delegate_of(account)));
        };
        in_groups(concerned_now.iter().copied(), &mut group.voters, fetch, |voters, (account, draw)| {
            act(account, draw, &mut voters[place(account)], &mut sight, &mut mempool);
        });
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
