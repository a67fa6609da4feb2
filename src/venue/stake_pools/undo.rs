//! How a staking pool was before an action, at a cost in proportion to what the action touches.

use super::{EmissionPool, EmissionPoolId, EmissionPools};
use crate::protocol::staking::{Activation, AutoVault, Books, Staked, Staker};
use crate::quantity::Amount;
use crate::world::ledger::AccountId;

/// Whose record an action is about to change.
#[derive(Debug, Clone)]
enum Record {
    Staker(AccountId, Option<Staker>),
    Vault(Box<AutoVault>),
}

/// A staking pool as it was before an action.
#[derive(Debug, Clone)]
pub(in crate::venue) struct Before {
    pool: EmissionPoolId,
    activation: Activation,
    books: Books,
    unpaid: Amount,
    record: Record,
    /// Stakes made since, which are in the totals.
    staked: Vec<Staked>,
}

impl Before {
    fn of(pool: &EmissionPool, id: EmissionPoolId, record: Record) -> Self {
        let (activation, books, unpaid) = (pool.rules.activation, pool.rules.books, pool.unpaid);
        Self { pool: id, activation, books, unpaid, record, staked: Vec::new() }
    }

    /// Before an action of `account`.
    pub(super) fn of_staker(pool: &EmissionPool, id: EmissionPoolId, account: AccountId) -> Self {
        Self::of(pool, id, Record::Staker(account, pool.stakers.get(&account).cloned()))
    }

    /// Before an action on the vault.
    pub(super) fn of_vault(pool: &EmissionPool, id: EmissionPoolId, vault: &AutoVault) -> Self {
        Self::of(pool, id, Record::Vault(Box::new(vault.clone())))
    }

    /// The same, with a stake that was made.
    pub(super) fn having_staked(mut self, staked: Option<Staked>) -> Self {
        self.staked.extend(staked);
        self
    }
}

impl EmissionPools {
    /// Puts a pool back as it was.
    pub(in crate::venue) fn restore(&mut self, before: Before) {
        let Some(pool) = self.pools.get_mut(usize::from(before.pool.0)) else { return };
        for staked in before.staked.iter().rev() {
            pool.rules.undo_stake(staked);
        }
        (pool.rules.activation, pool.rules.books) = (before.activation, before.books);
        pool.unpaid = before.unpaid;
        match before.record {
            Record::Staker(account, Some(staker)) => {
                pool.stakers.insert(account, staker);
            }
            Record::Staker(account, None) => {
                pool.stakers.remove(&account);
            }
            Record::Vault(vault) => {
                if let Some(standing) = &mut pool.vault {
                    standing.vault = *vault;
                }
            }
        }
    }
}
