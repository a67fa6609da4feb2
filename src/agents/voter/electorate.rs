//! Voters who do something else beside: savers, providers, borrowers, speculators who hold the token.
//!
//! A population whose settings give it a [`CivicProfile`](super::CivicProfile) votes with what it holds whenever it wakes
//! for its own business. What makes its agents voters lies here, in the order of their accounts.

use bevy_ecs::prelude::*;

use super::{Looked, Sight, Voter, act};
use crate::agents::{Dice, Eyes, Population, add_decision};
use crate::venue::governance::Health;
use crate::venue::{Mempool, Valuation};
use crate::world::calendar::Calendar;
use crate::world::ledger::AccountId;
use crate::world::phase::{Blocks, Stage};
use crate::world::read_ahead::{Groups, look_at};
use crate::world::streams::Streams;

/// The voters of one population.
#[derive(Debug)]
struct Group {
    population: Population,
    voters: Vec<Voter>,
    /// The least and the largest probability with which one of them notices.
    attention: [f32; 2],
}

/// Everybody who votes beside something else.
#[derive(Debug, Default, Resource)]
pub struct Electorate {
    groups: Vec<Group>,
}

impl Electorate {
    /// Lets the agents of a population vote.
    pub fn enfranchise(&mut self, population: &Population, voters: Vec<Voter>) {
        let attention = || voters.iter().map(|voter| voter.attention_probability);
        let attention = [attention().fold(1.0, f32::min), attention().fold(0.0, f32::max)];
        self.groups.push(Group { population: population.clone(), voters, attention });
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
    mut looked: Local<Looked>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(governance) = eyes.venues.governance() else { return };
    looked.follow(governance.open());
    let mut sight = Sight::new(&eyes, &valuation, &health, governance, &dice, looked.youngest());
    if !sight.concerns_somebody() {
        return;
    }
    let (mut concerned, mut attentive, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for Group { population, voters, attention } in &mut electorate.groups {
        let place = |account: AccountId| (account.0 - population.first.0) as usize;
        let [least, most] = attention.map(f64::from);
        // There are many, and fewer from step to step: what a step does not need is left where it is in memory.
        concerned.clear();
        concerned.extend(calendar.due(population.first, population.count));
        if blocks.people > 1 {
            concerned.retain(|agent| blocks.acts_in(*agent, &eyes.clock));
        }
        if !sight.concerns_everybody() {
            let guards = sight.guards_among(population);
            sift(&mut concerned, |account| !looked.at_all(account) || (guards && sight.guards(account)));
        }
        attentive.clear();
        attentive.extend(concerned.iter().copied().zip(sight.attention(&concerned)));
        sift(&mut attentive, |(_, draw)| draw < most);
        if !sight.concerns_everybody() {
            // Most of those who hold nothing never have.
            sift(&mut attentive, |(account, draw)| {
                let passes = draw < least && sight.is_powerless(account);
                if passes {
                    looked.mark(account);
                }
                !passes
            });
        }
        busy.clear();
        let mut groups = Groups::of(attentive.iter().copied());
        while let Some(group) = groups.next() {
            let accounts = || group.iter().map(|(account, _)| *account);
            eyes.ledger.fetch_asset(accounts(), governance.token());
            governance.citizens().fetch(accounts());
            if least < most {
                look_at(accounts().map(|account| voters[place(account)]));
            }
            for (account, draw) in group.iter().copied() {
                if draw < least || voters[place(account)].notices(draw) {
                    let business = sight.business(account, looked.seen(account));
                    busy.extend(business.map(|business| (account, business)));
                    looked.mark(account);
                }
            }
        }
        let mut groups = Groups::of(busy.iter().copied());
        while let Some(group) = groups.next() {
            eyes.ledger.fetch(group.iter().map(|(account, _)| *account));
            look_at(group.iter().map(|(account, _)| voters[place(*account)]));
            for (account, business) in group {
                act(*account, &mut voters[place(*account)], *business, &mut sight, &mut mempool);
            }
        }
    }
}

/// Keeps those for whom `keep` holds. It is a toss-up for each, which is why nothing branches on it.
fn sift<T: Copy>(items: &mut Vec<T>, mut keep: impl FnMut(T) -> bool) {
    let mut kept = 0;
    for place in 0..items.len() {
        let item = items[place];
        items[kept] = item;
        kept += usize::from(keep(item));
    }
    items.truncate(kept);
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
    fn what_is_sifted_stays_in_order() {
        for (keep, left) in
            [([true; 5], vec![0, 1, 2, 3, 4]), ([false, true, false, false, true], vec![1, 4])]
        {
            let mut items = vec![0, 1, 2, 3, 4];
            sift(&mut items, |item: usize| keep[item]);
            assert_eq!(items, left);
        }
    }
}
