//! The log of transactions: what was asked, what was paid and received, what was refused and why.
//!
//! What it costs is chosen: nothing, one count for each kind of refusal in a block, the refused transactions, or all of
//! them. Amounts are read off the ledger's journal, so that they are what really changed hands, and over a run they add
//! up to the change of each wallet.

use serde::{Deserialize, Serialize};

use super::names::Place;
use super::{Action, Refusal};
use crate::quantity::{Amount, AssetId, Tick};
use crate::world::ledger::{AccountId, Ledger};

/// What the event log tells of transactions. It changes nothing but the table of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Logging {
    /// Nothing.
    Off,
    /// Refusals, counted by block, population, action, place and reason.
    #[default]
    Counted,
    /// Every refused transaction, a row an action.
    Refused,
    /// Every transaction, a row an action, with what it paid and received.
    All,
}

/// Whose transaction it is, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// When.
    pub tick: Tick,
    /// In which block of the tick.
    pub block: u32,
    /// Whose it is.
    pub agent: AccountId,
    /// Number of the transaction in the run, from zero, in the order of execution.
    pub number: u64,
}

/// What was asked, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// The name of the action, or `gas`.
    pub name: &'static str,
    /// Where.
    pub place: Place,
}

impl Deed {
    /// What the network takes for a transaction.
    pub const GAS: Self = Self { name: "gas", place: Place::Network };

    /// That of an action.
    #[must_use]
    pub const fn of(action: &Action) -> Self {
        Self { name: action.name(), place: action.place() }
    }
}

/// A logged action. One that moves several assets in or out has a further entry for each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedAction {
    /// Its transaction.
    pub heading: Heading,
    /// Its place in the transaction, from zero.
    pub step: u32,
    /// What was asked.
    pub deed: Deed,
    /// What left the sender's wallet.
    pub paid: Option<(AssetId, Amount)>,
    /// What entered it.
    pub received: Option<(AssetId, Amount)>,
    /// Whether the transaction went through.
    pub succeeded: bool,
    /// Why not, at the action that was refused; at the last one if the gain of the whole was too small.
    pub refusal: Option<Box<Refusal>>,
}

/// How often a block refused the same for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedRefusal {
    /// When.
    pub tick: Tick,
    /// In which block of the tick.
    pub block: u32,
    /// One of those who asked; the others are of the same population.
    pub agent: AccountId,
    /// What was asked.
    pub deed: Deed,
    /// Why it was refused.
    pub reason: &'static str,
    /// How often.
    pub count: u32,
    /// Which of the populations asked.
    pub group: usize,
}

/// The transactions of a run so far, as far as they are to be told.
#[derive(Debug)]
pub struct TransactionLog {
    logging: Logging,
    /// The first account of each population, ascending.
    groups: Vec<AccountId>,
    actions: Vec<LoggedAction>,
    counts: Vec<CountedRefusal>,
    /// Where the open transaction begins in `actions`.
    open: usize,
    changes: Vec<(AssetId, i64)>,
}

impl Default for TransactionLog {
    /// A log that tells nothing.
    fn default() -> Self {
        Self::new(Logging::Off, Vec::new())
    }
}

impl TransactionLog {
    /// An empty log; `groups` are the first accounts of the populations by which refusals are counted.
    #[must_use]
    pub fn new(logging: Logging, mut groups: Vec<AccountId>) -> Self {
        groups.sort_unstable();
        Self { logging, groups, actions: Vec::new(), counts: Vec::new(), open: 0, changes: Vec::new() }
    }

    /// The actions, in the order of execution.
    #[must_use]
    pub fn actions(&self) -> &[LoggedAction] {
        &self.actions
    }

    /// The counted refusals, in the order of blocks.
    #[must_use]
    pub fn counts(&self) -> &[CountedRefusal] {
        &self.counts
    }

    /// Whether actions that go through are told.
    #[inline]
    pub(super) fn tells_actions(&self) -> bool {
        self.logging == Logging::All
    }

    /// Enters an action that was performed, with what the ledger's journal says from its `from`-th pending write on.
    pub(super) fn enter(&mut self, heading: Heading, step: u32, deed: Deed, ledger: &Ledger, from: usize) {
        self.changes.clear();
        for (asset, change) in ledger.pending_changes(heading.agent, from) {
            match self.changes.iter_mut().find(|(known, _)| *known == asset) {
                Some((_, sum)) => *sum += change,
                None => self.changes.push((asset, change)),
            }
        }
        self.changes.sort_unstable();
        let amount = |(asset, change): &(AssetId, i64)| (*asset, Amount::from_atoms(change.saturating_abs()));
        let mut paid = self.changes.iter().filter(|(_, change)| *change < 0).map(amount);
        let mut received = self.changes.iter().filter(|(_, change)| *change > 0).map(amount);
        let mut legs = (paid.next(), received.next());
        loop {
            let (paid_now, received_now) = legs;
            self.actions.push(LoggedAction {
                heading,
                step,
                deed,
                paid: paid_now,
                received: received_now,
                succeeded: true,
                refusal: None,
            });
            legs = (paid.next(), received.next());
            if legs == (None, None) {
                break;
            }
        }
    }

    /// Lets the transaction that was performed stand.
    #[inline]
    pub(super) fn keep(&mut self) {
        self.open = self.actions.len();
    }

    /// Enters a transaction that was refused at its `step`-th action; the step after the last is the gas.
    pub(super) fn refuse(&mut self, heading: Heading, actions: &[Action], step: usize, refusal: Refusal) {
        self.actions.truncate(self.open);
        // The condition on the whole is checked after the gas, and belongs to no action more than to the last.
        let step = match refusal {
            Refusal::GainTooSmall { .. } => actions.len().saturating_sub(1),
            _ => step,
        };
        match self.logging {
            Logging::Off => {}
            Logging::Counted => {
                self.count(heading, actions.get(step).map_or(Deed::GAS, Deed::of), refusal.reason())
            }
            Logging::Refused | Logging::All => {
                let gas = (step >= actions.len()).then_some(Deed::GAS);
                let deeds = actions.iter().map(Deed::of).chain(gas);
                self.actions.extend(deeds.enumerate().map(|(place, deed)| LoggedAction {
                    heading,
                    step: place as u32,
                    deed,
                    paid: None,
                    received: None,
                    succeeded: false,
                    refusal: (place == step).then(|| Box::new(refusal)),
                }));
            }
        }
        self.keep();
    }

    fn count(&mut self, heading: Heading, deed: Deed, reason: &'static str) {
        let Heading { tick, block, agent, .. } = heading;
        let group = self.groups.partition_point(|first| *first <= agent);
        let of_block =
            self.counts.iter_mut().rev().take_while(|count| count.tick == tick && count.block == block);
        let mut same =
            of_block.filter(|count| count.group == group && count.deed == deed && count.reason == reason);
        match same.next() {
            Some(count) => count.count += 1,
            None => self.counts.push(CountedRefusal { tick, block, agent, deed, reason, count: 1, group }),
        }
    }
}

#[cfg(test)]
mod tests;
