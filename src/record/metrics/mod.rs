//! The roster of metrics.

mod agents;
pub mod concentration;
mod emission;
mod fx;
mod governance;
mod launch;
mod lending;
mod market;
mod order_book;
mod pool;
mod provision;
mod token;
mod token_loans;

pub use agents::Group;

use super::recorder::Metric;
use crate::venue::Venues;
use crate::world::ledger::{AccountId, Ledger};

/// Every metric of a world with these venues and these groups of agents.
#[must_use]
pub fn all(ledger: &Ledger, venues: &Venues, groups: &[Group]) -> Vec<Metric> {
    let first_agent = groups.first().map_or(AccountId(ledger.accounts()), |group| group.first);
    let mut metrics = market::metrics(ledger, venues);
    metrics.extend(fx::metrics(venues));
    metrics.extend(pool::metrics(venues));
    metrics.extend(order_book::metrics(venues));
    metrics.extend(launch::metrics(venues));
    metrics.extend(provision::metrics(venues));
    metrics.extend(lending::metrics(ledger, venues));
    metrics.extend(governance::metrics(venues));
    metrics.extend(token_loans::metrics(venues));
    metrics.extend(token::metrics(venues));
    metrics.extend(emission::metrics(venues));
    metrics.extend(concentration::metrics(&concentration::subjects(ledger, venues), first_agent));
    metrics.extend(agents::metrics(groups));
    metrics
}
