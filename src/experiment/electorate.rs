//! Who votes beside something else, who belongs to the team, who stands for delegation.

use bevy_ecs::prelude::*;

use super::config::Experiment;
use crate::agents::Population;
use crate::agents::voter::{CivicProfile, Electorate, Voter};
use crate::record::metrics::Group;
use crate::venue::Venues;
use crate::venue::governance::Team;
use crate::world::ledger::AccountId;
use crate::world::streams::Streams;

/// Lets the agents of a population vote with what they hold.
///
/// The draws come from a stream of their own, so that a population that votes is otherwise the same as one that does not.
pub(super) fn enfranchise(world: &mut World, population: &Population, civic: &CivicProfile) {
    let mut random = world.resource::<Streams>().sequential(&format!("civic {}", population.profile));
    let voters: Vec<Voter> = (0..population.count).map(|_| civic.draw(&mut random)).collect();
    world.get_resource_or_init::<Electorate>().enfranchise(population, voters);
}

/// Tells governance who is who.
pub(super) fn constitute(world: &mut World, experiment: &Experiment, groups: &[Group]) {
    let Some(settings) = &experiment.governance else { return };
    let mut venues = world.resource_mut::<Venues>();
    let Some(governance) = venues.governance_mut() else { return };
    let end = groups.iter().map(|group| AccountId(group.first.0 + group.count)).max();
    let firsts = groups.iter().map(|group| (group.name.clone(), group.first)).collect();
    governance.count_populations(firsts, end.unwrap_or(AccountId(u32::MAX)));
    let members = |name: &str, most: u32| -> Vec<AccountId> {
        let group = groups.iter().find(|group| group.name == name);
        group.map_or_else(Vec::new, |group| {
            (group.first.0..).map(AccountId).take(group.count.min(most) as usize).collect()
        })
    };
    if let Some(team) = &settings.team {
        governance.appoint(Team::new(members(&team.population, team.members), team.signals));
    }
    governance.nominate(members(&settings.delegates, u32::MAX));
}
