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
use crate::world::read_ahead::in_groups;
use crate::world::streams::Streams;

/// The voters of one population.
#[derive(Debug)]
struct Group {
    population: Population,
    voters: Vec<Voter>,
    looked: Looked,
    /// The largest probability with which one of them notices.
    most_attention: f32,
}

/// Who has looked at the youngest poll, a bit each: it is asked of everybody attentive, and must be near.
#[derive(Debug, Default)]
struct Looked {
    youngest: u32,
    bits: Vec<u64>,
}

impl Looked {
    /// Forgets everybody if there is another youngest poll. Nothing is lost: voters know themselves what they have seen.
    fn at(&mut self, youngest: u32, voters: usize) {
        if youngest != self.youngest {
            self.youngest = youngest;
            self.bits.clear();
            self.bits.resize(voters.div_ceil(64), 0);
        }
    }

    /// The last poll that the voter at `place` is known to have looked at.
    fn seen(&self, place: usize) -> u32 {
        let looked = self.bits.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1);
        if looked { self.youngest } else { 0 }
    }

    /// Remembers that the voter at `place` has looked.
    fn mark(&mut self, place: usize) {
        if let Some(bits) = self.bits.get_mut(place / 64) {
            *bits |= 1 << (place % 64);
        }
    }
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
        let (population, looked) = (population.clone(), Looked::default());
        self.groups.push(Group { population, voters, looked, most_attention });
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
    if !sight.concerns_somebody() {
        return;
    }
    let (mut awake, mut noticing, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for Group { population, voters, looked, most_attention } in &mut electorate.groups {
        let place = |account: AccountId| (account.0 - population.first.0) as usize;
        // There are many, and fewer from step to step: what a step does not need is left where it is in memory.
        awake.clear();
        awake.extend(calendar.due(population.first, population.count));
        if blocks.people > 1 {
            awake.retain(|agent| blocks.acts_in(*agent, &eyes.clock));
        }
        let drawn = awake.iter().copied().zip(sight.attention(&awake));
        let attentive = drawn.filter(|(_, draw)| *draw < f64::from(*most_attention));
        looked.at(sight.youngest, voters.len());
        noticing.clear();
        noticing
            .extend(attentive.filter(|(account, _)| sight.concerns(*account, looked.seen(place(*account)))));
        busy.clear();
        let fetch = |voters: &Vec<Voter>, (account, _)| {
            std::hint::black_box(voters[place(account)]);
            std::hint::black_box(eyes.ledger.balance(account, governance.token()));
            std::hint::black_box(governance.locked(account));
        };
        in_groups(noticing.iter().copied(), voters, fetch, |voters, (account, draw)| {
            let voter = &mut voters[place(account)];
            if sight.concerns(account, voter.polls_seen) && voter.notices(draw) {
                busy.extend(sight.business(account, voter).map(|business| (account, business)));
                looked.mark(place(account));
            }
        });
        let fetch = |_: &_, (account, _)| {
            eyes.ledger.fetch(account);
            governance.fetch(account);
        };
        in_groups(busy.iter().copied(), voters, fetch, |voters, (account, business)| {
            act(account, &mut voters[place(account)], business, &mut sight, &mut mempool);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_looked_is_forgotten_when_there_is_another_poll() {
        let mut looked = Looked::default();
        assert_eq!(looked.seen(70), 0);
        looked.at(3, 71);
        looked.mark(70);
        looked.mark(5);
        looked.at(3, 71);
        assert_eq!([5, 6, 64, 70].map(|place| looked.seen(place)), [3, 0, 0, 3]);
        looked.at(4, 71);
        assert_eq!([5, 70].map(|place| looked.seen(place)), [0, 0]);
    }
}
