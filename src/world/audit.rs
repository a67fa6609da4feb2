//! The audit that closes every tick.

use bevy_ecs::prelude::*;
use thiserror::Error;

use super::clock::Clock;
use super::ledger::{AuditBreach, Ledger};
use crate::quantity::Tick;

/// Books that do not balance.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Imbalance {
    /// Those of an asset: its supply is not what was minted, burned and bridged.
    #[error(transparent)]
    Supply(#[from] Box<AuditBreach>),
    /// Those of an account that keeps what belongs to others.
    #[error("{venue} owes {owed} atoms of {symbol} and its account holds {held} ({} off)", .held - .owed)]
    Claims {
        /// Whose account it is.
        venue: String,
        /// Ticker of the asset.
        symbol: String,
        /// What it owes, in atoms.
        owed: i128,
        /// What it holds.
        held: i128,
    },
}

/// The first breach found, if any. Whoever runs the world stops when there is one.
#[derive(Debug, Default, Resource)]
pub struct Breach(Option<(Tick, Imbalance)>);

impl Breach {
    /// When and how the books failed to balance.
    #[must_use]
    pub fn found(&self) -> Option<(Tick, &Imbalance)> {
        self.0.as_ref().map(|(tick, breach)| (*tick, breach))
    }

    /// Keeps a breach, unless one was found before.
    pub fn report(&mut self, tick: Tick, found: impl Into<Imbalance>) {
        self.0.get_or_insert_with(|| (tick, found.into()));
    }
}

/// Audits the ledger: the system of [`super::phase::Phase::Audit`].
pub fn audit(mut ledger: ResMut<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    if let Err(found) = ledger.audit(false) {
        breach.report(clock.tick(), found);
    }
}
