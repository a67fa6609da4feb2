//! Further wallets: one agent that looks like several.
//!
//! A cap on what a provider may hold binds wallets. Who spreads over several of them is bound in each, and pays for it:
//! identities, bookkeeping, moving funds around. An agent may be given a number of further accounts when it enters; it opens
//! them one by one, at its own cost, which leaves the world. Such an account holds shares and nothing else: coins come from
//! the agent's own wallet and return to it.
//!
//! The chain sees wallets, records see through them: [`Wallets::owner_of`].

use thiserror::Error;

use super::pool::PoolId;
use super::{Deal, PoolRefusal, Refusal, Undo, Venues};
use crate::quantity::Amount;
use crate::world::ledger::AccountId;

/// What can be done with further wallets; `wallet` counts those that are open, from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletAction {
    /// Open the next.
    Open {
        /// What it costs, in dollars that leave the world.
        cost: Amount,
    },
    /// Provide liquidity, the shares going into the wallet.
    AddLiquidity {
        /// Which.
        wallet: u8,
        /// Where.
        pool: PoolId,
        /// At most this much base and quote.
        max: [Amount; 2],
    },
    /// Burn shares of the wallet for both coins.
    RemoveLiquidity {
        /// Which.
        wallet: u8,
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Amount,
    },
    /// Put shares of the wallet into the queue at the gate.
    RequestWithdrawal {
        /// Which.
        wallet: u8,
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Amount,
    },
    /// Take them back out of it.
    CancelWithdrawal {
        /// Which.
        wallet: u8,
        /// Where.
        pool: PoolId,
    },
}

impl WalletAction {
    /// The pool addressed, if any.
    #[must_use]
    pub const fn pool(&self) -> Option<PoolId> {
        match self {
            Self::Open { .. } => None,
            Self::AddLiquidity { pool, .. }
            | Self::RemoveLiquidity { pool, .. }
            | Self::RequestWithdrawal { pool, .. }
            | Self::CancelWithdrawal { pool, .. } => Some(*pool),
        }
    }
}

/// Why a further wallet is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WalletRefusal {
    /// All are open, or the agent was given none.
    #[error("all {most} further wallets are open")]
    NoneLeft {
        /// How many there are.
        most: u8,
    },
    /// It is not open.
    #[error("further wallet {wallet} is not open")]
    NotOpen {
        /// Which.
        wallet: u8,
    },
}

/// The further wallets of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedWallets {
    /// The agent.
    pub owner: AccountId,
    /// The first of its further accounts; they lie next to one another.
    pub first: AccountId,
    /// How many there are.
    pub most: u8,
    /// How many are open.
    pub opened: u8,
}

impl OwnedWallets {
    /// The accounts that are open.
    pub fn open(&self) -> impl Iterator<Item = AccountId> + use<> {
        (self.first.0..self.first.0 + u32::from(self.opened)).map(AccountId)
    }
}

/// The further wallets of a world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wallets {
    /// By owner, and thereby by account: both ascend.
    owned: Vec<OwnedWallets>,
}

impl Wallets {
    /// Gives `owner` the `most` accounts from `first` on. Owners and accounts must be given in ascending order.
    pub fn give(&mut self, owner: AccountId, first: AccountId, most: u8) {
        self.owned.push(OwnedWallets { owner, first, most, opened: 0 });
    }

    /// All of them, by owner.
    #[must_use]
    pub fn all(&self) -> &[OwnedWallets] {
        &self.owned
    }

    /// Those of `owner`.
    #[must_use]
    pub fn of(&self, owner: AccountId) -> Option<&OwnedWallets> {
        self.place(owner).map(|place| &self.owned[place])
    }

    fn place(&self, owner: AccountId) -> Option<usize> {
        self.owned.binary_search_by_key(&owner, |owned| owned.owner).ok()
    }

    /// Who is behind `account`: itself, unless it is a further wallet of somebody's.
    #[must_use]
    pub fn owner_of(&self, account: AccountId) -> AccountId {
        let after = self.owned.partition_point(|owned| owned.first <= account);
        let owned = after.checked_sub(1).map(|place| &self.owned[place]);
        let found = owned.filter(|owned| account.0 < owned.first.0 + u32::from(owned.most));
        found.map_or(account, |owned| owned.owner)
    }

    pub(super) fn restore(&mut self, before: OwnedWallets) {
        if let Some(place) = self.place(before.owner) {
            self.owned[place] = before;
        }
    }
}

impl Venues {
    /// The further wallets of agents.
    #[must_use]
    pub const fn wallets(&self) -> &Wallets {
        &self.wallets
    }

    /// The further wallets of agents, to give them out before the first tick.
    pub const fn wallets_mut(&mut self) -> &mut Wallets {
        &mut self.wallets
    }

    pub(super) fn perform_wallet(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: WalletAction,
    ) -> Result<Amount, Refusal> {
        let wallet_of = |wallet: u8| {
            let open = self.wallets.of(actor).filter(|owned| wallet < owned.opened);
            let account = open.map(|owned| AccountId(owned.first.0 + u32::from(wallet)));
            account.ok_or(WalletRefusal::NotOpen { wallet })
        };
        let (holder, pool) = match action {
            WalletAction::Open { cost } => return self.open_wallet(deal, actor, cost),
            WalletAction::AddLiquidity { wallet, pool, .. }
            | WalletAction::RemoveLiquidity { wallet, pool, .. }
            | WalletAction::RequestWithdrawal { wallet, pool, .. }
            | WalletAction::CancelWithdrawal { wallet, pool } => (wallet_of(wallet)?, pool),
        };
        self.remember_pool(pool, holder)?;
        let pool = self.pools.get_mut(pool.0 as usize).ok_or(PoolRefusal::Empty)?;
        match action {
            WalletAction::Open { .. } => Ok(Amount::ZERO),
            WalletAction::AddLiquidity { max, .. } => {
                pool.add_liquidity(deal, actor, holder, Amount::ZERO, max)
            }
            WalletAction::RemoveLiquidity { shares, .. } => {
                pool.remove_liquidity(deal, holder, actor, shares)
            }
            WalletAction::RequestWithdrawal { shares, .. } => {
                pool.request_withdrawal(deal, holder, actor, shares)
            }
            WalletAction::CancelWithdrawal { .. } => pool.cancel_withdrawal(deal, holder),
        }
    }

    fn open_wallet(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        cost: Amount,
    ) -> Result<Amount, Refusal> {
        let place = self.wallets.place(actor).ok_or(WalletRefusal::NoneLeft { most: 0 })?;
        let owned = self.wallets.owned[place];
        if owned.opened >= owned.most {
            return Err(WalletRefusal::NoneLeft { most: owned.most }.into());
        }
        deal.ledger.bridge_out(actor, self.exchange.dollar(), cost)?;
        self.undo.push(Undo::Wallets(owned));
        self.wallets.owned[place].opened += 1;
        Ok(Amount::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_found_behind_each_wallet_and_nobody_behind_others() {
        let mut wallets = Wallets::default();
        wallets.give(AccountId(3), AccountId(100), 4);
        wallets.give(AccountId(7), AccountId(104), 2);
        for (account, owner) in [(3, 3), (99, 99), (100, 3), (103, 3), (104, 7), (105, 7), (106, 106)] {
            assert_eq!(wallets.owner_of(AccountId(account)), AccountId(owner), "{account}");
        }
        assert_eq!(wallets.of(AccountId(7)).unwrap().open().count(), 0);
        assert_eq!(wallets.of(AccountId(8)), None);
        assert_eq!(Wallets::default().owner_of(AccountId(5)), AccountId(5));
    }
}
