//! What the desk's account holds must be what it owes, to the atom.

use bevy_ecs::prelude::*;

use super::LendingDesk;
use crate::venue::Venues;
use crate::world::audit::{Breach, Imbalance};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

impl LendingDesk {
    /// What the account must hold, in atoms of tokens and dollars: claims less loans; collateral and fees not collected.
    #[must_use]
    pub fn owed(&self) -> [i128; 2] {
        let sum = |amounts: &mut dyn Iterator<Item = i64>| amounts.map(i128::from).sum::<i128>();
        let offered = sum(&mut self.claims.values().map(|claim| claim.tokens.atoms()));
        let lent = sum(&mut self.loans.values().map(|loan| loan.tokens.atoms()));
        let collateral = sum(&mut self.loans.values().map(|loan| loan.collateral.atoms()));
        [offered - lent, collateral + i128::from(self.record.uncollected.atoms())]
    }
}

/// Audits the desk: a system of [`crate::world::phase::Phase::Audit`].
pub fn audit(venues: Res<Venues>, ledger: Res<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    let Some(desk) = venues.desk() else { return };
    for (asset, owed) in [desk.token, desk.dollar].into_iter().zip(desk.owed()) {
        let held = i128::from(ledger.balance(desk.account, asset).atoms());
        if held != owed {
            let venue = "the desk for loans of the governance token".to_owned();
            let symbol = ledger.asset(asset).symbol.clone();
            breach.report(clock.tick(), Imbalance::Claims { venue, symbol, owed, held });
        }
    }
}
