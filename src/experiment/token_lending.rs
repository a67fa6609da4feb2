//! The desk for loans of the governance token, and who lends there beside something else.

use bevy_ecs::prelude::*;

use super::config::Experiment;
use super::world::BuildError;
use crate::agents::Population;
use crate::agents::token_lender::{LendsProfile, TokenLender, TokenLenders};
use crate::venue::Venues;
use crate::venue::token_loans::LendingDesk;
use crate::world::ledger::Ledger;
use crate::world::streams::Streams;

/// Lets the agents of a population lend what they hold.
///
/// The draws come from a stream of their own, so that a population that lends is otherwise the same as one that does not.
pub(super) fn admit(world: &mut World, population: &Population, lends: &LendsProfile) {
    let mut random = world.resource::<Streams>().sequential(&format!("lends {}", population.profile));
    let lenders: Vec<TokenLender> = (0..population.count).map(|_| lends.draw(&mut random)).collect();
    world.get_resource_or_init::<TokenLenders>().admit(population, lenders);
}

/// Opens the desk's account, behind all others, so that agents are the same, and draw the same, with a desk and without.
pub(super) fn found(world: &mut World, experiment: &Experiment) -> Result<(), BuildError> {
    let market = experiment.governance.as_ref().map(|settings| settings.vote_market);
    let Some(terms) = market.and_then(|market| market.loans) else { return Ok(()) };
    let venues = world.resource::<Venues>();
    let dollar = venues.exchange.dollar();
    let Some(token) = venues.governance().map(|governance| governance.token()) else { return Ok(()) };
    let account = world.resource_mut::<Ledger>().open_accounts(1)?;
    world.resource_mut::<Venues>().open_desk(LendingDesk::new(account, token, dollar, terms));
    Ok(())
}
