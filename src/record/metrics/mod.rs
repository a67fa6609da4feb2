//! The roster of metrics.

mod agents;
mod market;
mod pool;

pub use agents::Group;

use super::recorder::Metric;
use crate::venue::Venues;
use crate::world::ledger::Ledger;

/// Every metric of a world with these venues and these groups of agents.
#[must_use]
pub fn all(ledger: &Ledger, venues: &Venues, groups: &[Group]) -> Vec<Metric> {
    let mut metrics = market::metrics(ledger, venues);
    metrics.extend(pool::metrics(venues));
    metrics.extend(agents::metrics(groups));
    metrics
}
