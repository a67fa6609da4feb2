//! Agents: profit and loss, population by population.

use crate::record::recorder::{Metric, Scene};
use crate::world::ledger::AccountId;

/// A population as the recorder sees it: a name and a range of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name, as in `pnl_<name>`.
    pub name: String,
    /// First account.
    pub first: AccountId,
    /// How many.
    pub count: u32,
}

impl Group {
    /// What the group holds is worth.
    #[must_use]
    pub fn equity(&self, scene: &Scene<'_>) -> f64 {
        let equity = scene.equity();
        (self.first.0..self.first.0 + self.count).map(|account| equity.of(AccountId(account))).sum()
    }
}

pub(super) fn metrics(groups: &[Group]) -> Vec<Metric> {
    groups
        .iter()
        .cloned()
        .map(|group| {
            let mut opening = None;
            Metric::new(
                format!("pnl_{}", group.name),
                "usd",
                format!("profit and loss of all of {} together, since the start", group.name),
                move |scene| {
                    let equity = group.equity(scene);
                    Some(equity - *opening.get_or_insert(equity))
                },
            )
            .at_surveys()
        })
        .collect()
}
