//! The audit that closes every tick.

use bevy_ecs::prelude::*;

use super::clock::Clock;
use super::ledger::{AuditBreach, Ledger};
use crate::quantity::Tick;

/// The first breach found, if any. Whoever runs the world stops when there is one.
#[derive(Debug, Default, Resource)]
pub struct Breach(Option<(Tick, Box<AuditBreach>)>);

impl Breach {
    /// When and how the books failed to balance.
    #[must_use]
    pub fn found(&self) -> Option<(Tick, &AuditBreach)> {
        self.0.as_ref().map(|(tick, breach)| (*tick, &**breach))
    }
}

/// Audits the ledger: the system of [`super::phase::Phase::Audit`].
pub fn audit(mut ledger: ResMut<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    if let Err(found) = ledger.audit(false)
        && breach.0.is_none()
    {
        breach.0 = Some((clock.tick(), found));
    }
}
