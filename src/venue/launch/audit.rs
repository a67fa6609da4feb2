//! What a launch's account holds must be what it owes, to the atom.

use bevy_ecs::prelude::*;

use super::Launch;
use crate::quantity::Amount;
use crate::venue::Venues;
use crate::world::audit::{Breach, Imbalance};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

impl Launch {
    /// What the account must hold, in atoms of cash and token: what its entries are owed, and before the draw every token on
    /// sale.
    fn due(&self) -> [i128; 2] {
        let mut due = [0, 0];
        for (_, entry) in self.entries() {
            for (sum, owed) in due.iter_mut().zip(self.owed(entry)) {
                *sum += i128::from(owed.atoms());
            }
        }
        if !self.record.drawn {
            due[1] = i128::from(self.offered().unwrap_or(Amount::MAX).atoms());
        }
        due
    }
}

/// Audits the launches: a system of [`crate::world::phase::Phase::Audit`].
pub fn audit(venues: Res<Venues>, ledger: Res<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    // Once everybody is paid nothing moves any more, and what somebody sends to the account later is nobody's.
    for launch in venues.launches().iter().filter(|launch| !launch.record.closed) {
        for (asset, owed) in [launch.terms.cash, launch.terms.token].into_iter().zip(launch.due()) {
            let held = i128::from(ledger.balance(launch.terms.account, asset).atoms());
            if held != owed {
                let (venue, symbol) =
                    (format!("the launch `{}`", launch.terms.name), ledger.asset(asset).symbol.clone());
                breach.report(clock.tick(), Imbalance::Claims { venue, symbol, owed, held });
            }
        }
    }
}
