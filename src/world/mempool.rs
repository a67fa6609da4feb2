//! The mempool: what agents wish, waiting for a block.
//!
//! A transaction is an atomic list of actions. Actions are plain data in one shared buffer, so that submitting allocates
//! nothing. The pool is drained by a block in an order that depends on (fee, keyed random draw) or on arrival, never on
//! which system submitted first.

use bevy_ecs::prelude::Resource;
use serde::{Deserialize, Serialize};

use super::ledger::AccountId;
use super::streams::AgentStream;
use crate::quantity::{Amount, AssetId, Tick};

/// How a block orders its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Ordering {
    /// Highest priority fee first; equal fees in a keyed random order.
    #[default]
    PriorityFee,
    /// By time of arrival, which each transaction draws within the block; fees do not matter.
    Arrival,
}

/// A size that is known, or that the action before it yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    /// This many atoms.
    Exact(Amount),
    /// All that the preceding action of the same transaction paid out.
    Previous,
}

impl Size {
    /// The amount meant, given what the preceding action paid out.
    #[must_use]
    #[inline]
    pub const fn resolve(self, previous: Amount) -> Amount {
        match self {
            Self::Exact(amount) => amount,
            Self::Previous => previous,
        }
    }
}

/// A condition on the whole: the transaction is undone unless its sender gained this much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumGain {
    /// In which asset.
    pub asset: AssetId,
    /// At least this much more than before.
    pub amount: Amount,
}

/// What a transaction says beside its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Paid to the network for priority, in atoms of the settlement asset, if the transaction succeeds.
    pub priority_fee: Amount,
    /// Undo everything unless this was gained.
    pub minimum_gain: Option<MinimumGain>,
}

/// A transaction in the pool.
#[derive(Debug, Clone, Copy)]
pub struct Transaction {
    /// Whose it is.
    pub agent: AccountId,
    /// Fee and condition.
    pub terms: Terms,
    first: u32,
    count: u32,
}

/// Transactions waiting for the next block.
#[derive(Debug, Resource)]
pub struct Mempool<A: Send + Sync + 'static> {
    stream: AgentStream,
    ordering: Ordering,
    transactions: Vec<Transaction>,
    actions: Vec<A>,
    order: Vec<(u64, u64, u32)>,
}

impl<A: Copy + Send + Sync + 'static> Mempool<A> {
    /// An empty pool whose ties are broken by `stream`.
    #[must_use]
    pub fn new(stream: AgentStream, ordering: Ordering) -> Self {
        Self { stream, ordering, transactions: Vec::new(), actions: Vec::new(), order: Vec::new() }
    }

    /// Adds a transaction without fee or condition.
    #[inline]
    pub fn submit(&mut self, agent: AccountId, actions: &[A]) {
        self.submit_on(agent, actions, Terms::default());
    }

    /// Adds a transaction. An empty list of actions is dropped; a negative fee counts as none.
    #[inline]
    pub fn submit_on(&mut self, agent: AccountId, actions: &[A], mut terms: Terms) {
        if actions.is_empty() {
            return;
        }
        terms.priority_fee = terms.priority_fee.max(Amount::ZERO);
        let (first, count) = (self.actions.len() as u32, actions.len() as u32);
        self.actions.extend_from_slice(actions);
        self.transactions.push(Transaction { agent, terms, first, count });
    }

    /// The number of transactions waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// True when nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// Puts what waits into the order in which the block at (`tick`, `block`) applies it.
    ///
    /// Each key is drawn from (agent, tick, block, how many-th of its sender), so that the order of submission between
    /// agents does not matter, only that of one agent's own transactions.
    pub fn seal(&mut self, tick: Tick, block: u32) {
        self.order.clear();
        let mut last = AccountId(u32::MAX);
        let mut nth = 0_u32;
        for (place, transaction) in self.transactions.iter().enumerate() {
            nth = if transaction.agent == last { nth + 1 } else { 0 };
            last = transaction.agent;
            let draw = self.stream.word(transaction.agent.0, tick.0, block << 16 | nth);
            let rank = match self.ordering {
                // Larger fees sort first; fees are never negative.
                Ordering::PriorityFee => (i64::MAX - transaction.terms.priority_fee.atoms()) as u64,
                Ordering::Arrival => 0,
            };
            self.order.push((rank, draw, place as u32));
        }
        self.order.sort_unstable();
    }

    /// The transactions with their actions, in the sealed order.
    pub fn in_order(&self) -> impl Iterator<Item = (Transaction, &[A])> {
        self.order.iter().map(|(_, _, place)| {
            let transaction = self.transactions[*place as usize];
            let first = transaction.first as usize;
            (transaction, &self.actions[first..first + transaction.count as usize])
        })
    }

    /// Forgets everything: the block has been applied.
    pub fn clear(&mut self) {
        self.transactions.clear();
        self.actions.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::streams::Streams;

    fn pool(ordering: Ordering) -> Mempool<u8> {
        Mempool::new(Streams::new(1).per_agent("order"), ordering)
    }

    fn sealed(pool: &mut Mempool<u8>) -> Vec<u8> {
        pool.seal(Tick(3), 0);
        pool.in_order().map(|(_, actions)| actions[0]).collect()
    }

    fn paying(fee: i64) -> Terms {
        Terms { priority_fee: Amount::from_atoms(fee), minimum_gain: None }
    }

    #[test]
    fn higher_fees_go_first() {
        let mut pool = pool(Ordering::PriorityFee);
        for (agent, fee) in [(1_u8, 5), (2, 0), (3, 9)] {
            pool.submit_on(AccountId(agent.into()), &[agent], paying(fee));
        }
        assert_eq!(sealed(&mut pool), [3, 1, 2]);
    }

    #[test]
    fn the_order_of_submission_does_not_matter() {
        let (mut one, mut other) = (pool(Ordering::PriorityFee), pool(Ordering::PriorityFee));
        (0..100).for_each(|agent| one.submit(AccountId(agent), &[agent as u8]));
        (0..100).rev().for_each(|agent| other.submit(AccountId(agent), &[agent as u8]));
        let order = sealed(&mut one);
        assert_eq!(order, sealed(&mut other));
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]), "a keyed random order, not that of agents");
    }

    #[test]
    fn a_negative_fee_is_none() {
        let mut pool = pool(Ordering::PriorityFee);
        pool.submit_on(AccountId(1), &[1], paying(i64::MIN));
        pool.submit_on(AccountId(2), &[2], paying(1));
        assert_eq!(sealed(&mut pool), [2, 1]);
        assert_eq!(pool.in_order().nth(1).unwrap().0.terms.priority_fee, Amount::ZERO);
    }

    #[test]
    fn by_arrival_fees_do_not_matter() {
        let (mut free, mut paid) = (pool(Ordering::Arrival), pool(Ordering::Arrival));
        (0..50).for_each(|agent| free.submit(AccountId(agent), &[agent as u8]));
        (0..50).for_each(|agent| paid.submit_on(AccountId(agent), &[agent as u8], paying(i64::from(agent))));
        assert_eq!(sealed(&mut free), sealed(&mut paid));
    }
}
