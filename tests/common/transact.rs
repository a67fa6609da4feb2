//! One transaction in a world that stands still.

use ballast::venue::{Deal, Refusal, Venues};
use ballast::world::clock::Clock;
use ballast::world::ledger::Ledger;
use ballast::world::notes::Notes;
use ballast::world::oracle::Oracle;
use bevy_ecs::prelude::*;

/// Acts, and keeps everything or nothing of it.
pub fn transact<T>(
    world: &mut World,
    act: impl FnOnce(&mut Venues, &mut Deal<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    world.resource_scope(|world, mut venues: Mut<'_, Venues>| {
        world.resource_scope(|world, mut ledger: Mut<'_, Ledger>| {
            world.resource_scope(|world, mut notes: Mut<'_, Notes>| {
                let (oracle, clock) = (world.resource::<Oracle>(), world.resource::<Clock>());
                let mut deal = Deal { ledger: &mut ledger, oracle, clock, notes: &mut notes };
                let outcome = act(&mut venues, &mut deal);
                if outcome.is_ok() {
                    ledger.commit();
                    venues.commit();
                    notes.keep();
                } else {
                    ledger.rollback();
                    venues.rollback();
                    notes.forget();
                }
                outcome
            })
        })
    })
}
