//! The one ledger that holds every balance, as integer atoms.
//!
//! A balance changes only through the five verbs below; each write is journalled, so that a failed transaction is undone
//! at a cost proportional to what it touched, and so that [`Ledger::audit`] can prove from the journal alone that every
//! asset is conserved: opening supply + minted - burned + bridged in - bridged out = closing supply.

mod audit;
mod cells;

use bevy_ecs::prelude::Resource;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::account_set::AccountSet;
use crate::quantity::{Amount, Asset, AssetId};
pub use audit::AuditBreach;
use cells::Cells;

/// An account: an agent's wallet or a venue's vault. An agent's account is its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub u32);

impl AccountId {
    /// The account as an index.
    #[must_use]
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why a movement was refused. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum LedgerError {
    /// The payer has less than was asked for.
    #[error("the balance is too small: {needed} atoms needed, {held} held")]
    InsufficientBalance {
        /// Atoms asked for.
        needed: Amount,
        /// Atoms held.
        held: Amount,
    },
    /// An amount below zero cannot be moved.
    #[error("an amount must be at least zero")]
    NegativeAmount,
    /// The receiver's balance or the supply would not fit an `i64`.
    #[error("the balance would exceed what the ledger can hold")]
    Overflow,
    /// The asset is minted and burned by another account only.
    #[error("only the issuer of an asset may mint or burn it")]
    NotIssuer,
    /// The asset exists only inside the simulated chain.
    #[error("this asset has no bridge to the outside market")]
    NotBridged,
}

/// Who may change the supply of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuance {
    /// One account mints and burns it.
    By(AccountId),
    /// It enters and leaves over the bridge to the outside market.
    Bridged,
}

/// Supply changes of one asset since the last audit, in the order of [`Flow`].
type Flows = [i64; 4];

#[derive(Debug, Clone, Copy)]
#[repr(usize)]
enum Flow {
    Minted,
    Burned,
    BridgedIn,
    BridgedOut,
}

#[derive(Debug, Clone)]
struct Book {
    asset: Asset,
    issuance: Issuance,
    opening: i64,
    flows: Flows,
    /// Sum of the journalled writes to accounts since the last audit.
    written: i64,
}

impl Book {
    fn supply(&self) -> i64 {
        let [minted, burned, bridged_in, bridged_out] = self.flows;
        // The supply fits, but a partial sum need not: wrapping cancels out.
        self.opening
            .wrapping_add(minted)
            .wrapping_sub(burned)
            .wrapping_add(bridged_in)
            .wrapping_sub(bridged_out)
    }
}

/// One journalled write: what changed, and by how much.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Balance { account: AccountId, asset: u8, change: i64 },
    Flow { asset: u8, flow: u8, change: i64 },
}

/// Every balance of a world.
#[derive(Debug, Resource)]
pub struct Ledger {
    books: Vec<Book>,
    cells: Cells,
    journal: Vec<Entry>,
    writes_since_count: usize,
    /// An asset of which it is remembered who got any, so that most of those who have none need not be looked up.
    watched: Option<AssetId>,
    holders: AccountSet,
}

impl Ledger {
    /// An empty ledger for these assets (at most 128).
    #[must_use]
    pub fn new(assets: Vec<(Asset, Issuance)>) -> Self {
        let cells = Cells::new(assets.len());
        let books = assets
            .into_iter()
            .map(|(asset, issuance)| Book { asset, issuance, opening: 0, flows: [0; 4], written: 0 })
            .collect();
        Self {
            books,
            cells,
            journal: Vec::new(),
            writes_since_count: 0,
            watched: None,
            holders: AccountSet::default(),
        }
    }

    /// Opens `count` accounts next to one another and returns the first.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] if there would be more accounts than a `u32` can number.
    pub fn open_accounts(&mut self, count: u32) -> Result<AccountId, LedgerError> {
        let first = self.accounts();
        let accounts = first.checked_add(count).ok_or(LedgerError::Overflow)?;
        self.cells.open(accounts);
        Ok(AccountId(first))
    }

    /// The number of accounts.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.cells.accounts()
    }

    /// The assets, in the order of their ids.
    pub fn assets(&self) -> impl Iterator<Item = (AssetId, &Asset)> {
        self.books.iter().enumerate().map(|(place, book)| (AssetId(place as u8), &book.asset))
    }

    /// The asset with that id.
    #[must_use]
    pub fn asset(&self, asset: AssetId) -> &Asset {
        &self.books[asset.index()].asset
    }

    /// The asset of that ticker.
    #[must_use]
    pub fn find(&self, symbol: &str) -> Option<AssetId> {
        self.assets().find(|(_, asset)| asset.symbol == symbol).map(|(id, _)| id)
    }

    /// Brings nearer what accounts hold, for whoever is going to look at it.
    #[inline]
    pub fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        self.cells.fetch(accounts);
    }

    /// Brings nearer what accounts hold of one asset.
    #[inline]
    pub fn fetch_asset(&self, accounts: impl Iterator<Item = AccountId>, asset: AssetId) {
        self.cells.fetch_asset(accounts, asset);
    }

    /// What `account` holds of `asset`, in atoms.
    #[must_use]
    #[inline]
    pub fn balance(&self, account: AccountId, asset: AssetId) -> Amount {
        Amount::from_atoms(self.cells.get(account, asset))
    }

    /// What `account` holds of each asset, in the order of their ids, in atoms.
    #[inline]
    pub fn wallet(&self, account: AccountId) -> impl Iterator<Item = Amount> + '_ {
        let cells = &self.cells.wallet(account)[..self.books.len()];
        cells.iter().map(|atoms| Amount::from_atoms(*atoms))
    }

    /// What `account` holds of `asset`, in units.
    #[must_use]
    #[inline]
    pub fn units(&self, account: AccountId, asset: AssetId) -> f64 {
        self.asset(asset).decimals.units(self.balance(account, asset))
    }

    /// Remembers from now on who gets an asset, in place of another that was watched.
    pub fn watch(&mut self, asset: AssetId) {
        let holders = self.holdings(asset).filter(|(_, held)| held.is_positive());
        let mut set = AccountSet::default();
        holders.for_each(|(account, _)| set.insert(account));
        (self.watched, self.holders) = (Some(asset), set);
    }

    /// False where an account has certainly held nothing of an asset since it is watched.
    #[must_use]
    #[inline]
    pub fn may_have_held(&self, account: AccountId, asset: AssetId) -> bool {
        self.watched != Some(asset) || self.holders.contains(account)
    }

    /// The supply of `asset`, in atoms.
    #[must_use]
    pub fn supply(&self, asset: AssetId) -> Amount {
        Amount::from_atoms(self.books[asset.index()].supply())
    }

    /// The supply of `asset`, in units.
    #[must_use]
    pub fn supply_units(&self, asset: AssetId) -> f64 {
        self.asset(asset).decimals.units(self.supply(asset))
    }

    /// Every account's balance of `asset`, in the order of accounts.
    pub fn holdings(&self, asset: AssetId) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let held = (0_u32..).map(AccountId).zip(self.cells.column(asset));
        held.map(|(account, atoms)| (account, Amount::from_atoms(atoms)))
    }

    #[inline]
    fn debit(&mut self, account: AccountId, asset: AssetId, amount: i64) -> Result<(), LedgerError> {
        let cell = self.cells.get_mut(account, asset);
        let held = *cell;
        if held < amount {
            let (needed, held) = (Amount::from_atoms(amount), Amount::from_atoms(held));
            return Err(LedgerError::InsufficientBalance { needed, held });
        }
        *cell = held - amount;
        self.journal.push(Entry::Balance { account, asset: asset.0, change: -amount });
        Ok(())
    }

    #[inline]
    fn credit(&mut self, account: AccountId, asset: AssetId, amount: i64) -> Result<(), LedgerError> {
        let cell = self.cells.get_mut(account, asset);
        *cell = cell.checked_add(amount).ok_or(LedgerError::Overflow)?;
        if self.watched == Some(asset) {
            self.holders.insert(account);
        }
        self.journal.push(Entry::Balance { account, asset: asset.0, change: amount });
        Ok(())
    }

    fn flow(&mut self, asset: AssetId, flow: Flow, amount: i64) -> Result<(), LedgerError> {
        let book = &mut self.books[asset.index()];
        let total = book.flows[flow as usize].checked_add(amount).ok_or(LedgerError::Overflow)?;
        // The supply itself must fit: every single balance is at most the supply.
        if matches!(flow, Flow::Minted | Flow::BridgedIn) {
            book.supply().checked_add(amount).ok_or(LedgerError::Overflow)?;
        }
        book.flows[flow as usize] = total;
        self.journal.push(Entry::Flow { asset: asset.0, flow: flow as u8, change: amount });
        Ok(())
    }

    fn not_negative(amount: Amount) -> Result<i64, LedgerError> {
        if amount.atoms() < 0 { Err(LedgerError::NegativeAmount) } else { Ok(amount.atoms()) }
    }

    /// Moves `amount` of `asset`.
    ///
    /// # Errors
    /// [`LedgerError`] if the payer holds less, the amount is negative or the receiver's balance would not fit. The
    /// caller then rolls the transaction back.
    #[inline]
    pub fn transfer(
        &mut self,
        from: AccountId,
        to: AccountId,
        asset: AssetId,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let atoms = Self::not_negative(amount)?;
        self.debit(from, asset, atoms)?;
        self.credit(to, asset, atoms)
    }

    /// Creates `amount` of an asset of `issuer`'s in the account `to`.
    ///
    /// # Errors
    /// [`LedgerError`] if `issuer` is not the issuer, the amount is negative or the supply would not fit.
    pub fn mint(
        &mut self,
        issuer: AccountId,
        to: AccountId,
        asset: AssetId,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let atoms = Self::not_negative(amount)?;
        self.must_issue(issuer, asset)?;
        self.flow(asset, Flow::Minted, atoms)?;
        self.credit(to, asset, atoms)
    }

    /// Destroys `amount` of an asset of `issuer`'s in the account `from`.
    ///
    /// # Errors
    /// [`LedgerError`] if `issuer` is not the issuer, the amount is negative or more than `from` holds.
    pub fn burn(
        &mut self,
        issuer: AccountId,
        from: AccountId,
        asset: AssetId,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let atoms = Self::not_negative(amount)?;
        self.must_issue(issuer, asset)?;
        self.debit(from, asset, atoms)?;
        self.flow(asset, Flow::Burned, atoms)
    }

    /// Brings `amount` of a bridged asset in from the outside market.
    ///
    /// # Errors
    /// [`LedgerError`] if the asset has no bridge, the amount is negative or the supply would not fit.
    pub fn bridge_in(&mut self, to: AccountId, asset: AssetId, amount: Amount) -> Result<(), LedgerError> {
        let atoms = Self::not_negative(amount)?;
        self.must_bridge(asset)?;
        self.flow(asset, Flow::BridgedIn, atoms)?;
        self.credit(to, asset, atoms)
    }

    /// Takes `amount` of a bridged asset out to the outside market.
    ///
    /// # Errors
    /// [`LedgerError`] if the asset has no bridge, the amount is negative or more than `from` holds.
    pub fn bridge_out(&mut self, from: AccountId, asset: AssetId, amount: Amount) -> Result<(), LedgerError> {
        let atoms = Self::not_negative(amount)?;
        self.must_bridge(asset)?;
        self.debit(from, asset, atoms)?;
        self.flow(asset, Flow::BridgedOut, atoms)
    }

    /// Who mints and burns `asset`; `None` for what enters and leaves over the bridge.
    #[must_use]
    pub fn issuer(&self, asset: AssetId) -> Option<AccountId> {
        match self.books[asset.index()].issuance {
            Issuance::By(account) => Some(account),
            Issuance::Bridged => None,
        }
    }

    fn must_issue(&self, issuer: AccountId, asset: AssetId) -> Result<(), LedgerError> {
        match self.books[asset.index()].issuance {
            Issuance::By(account) if account == issuer => Ok(()),
            _ => Err(LedgerError::NotIssuer),
        }
    }

    fn must_bridge(&self, asset: AssetId) -> Result<(), LedgerError> {
        match self.books[asset.index()].issuance {
            Issuance::Bridged => Ok(()),
            Issuance::By(_) => Err(LedgerError::NotBridged),
        }
    }

    /// The number of writes since the last commit or rollback.
    #[must_use]
    #[inline]
    pub fn pending_writes(&self) -> usize {
        self.journal.len()
    }

    /// What was written to `account` from the `from`-th pending write on: asset and change in units.
    #[inline]
    pub fn pending(&self, account: AccountId, from: usize) -> impl Iterator<Item = (AssetId, f64)> + '_ {
        self.pending_changes(account, from).map(|(asset, change)| {
            (asset, self.books[asset.index()].asset.decimals.units(Amount::from_atoms(change)))
        })
    }

    /// What was written to `account` from the `from`-th pending write on: asset and change in atoms.
    #[inline]
    pub fn pending_changes(
        &self,
        account: AccountId,
        from: usize,
    ) -> impl Iterator<Item = (AssetId, i64)> + '_ {
        self.journal[from..].iter().filter_map(move |entry| match entry {
            Entry::Balance { account: whose, asset, change } if *whose == account => {
                Some((AssetId(*asset), *change))
            }
            _ => None,
        })
    }

    /// Keeps everything written since the last commit or rollback.
    #[inline]
    pub fn commit(&mut self) {
        self.writes_since_count += self.journal.len();
        for entry in self.journal.drain(..) {
            if let Entry::Balance { asset, change, .. } = entry {
                self.books[asset as usize].written += change;
            }
        }
    }

    /// Undoes everything written since the last commit or rollback.
    pub fn rollback(&mut self) {
        while let Some(entry) = self.journal.pop() {
            match entry {
                Entry::Balance { account, asset, change } => {
                    *self.cells.get_mut(account, AssetId(asset)) -= change;
                }
                Entry::Flow { asset, flow, change } => {
                    self.books[asset as usize].flows[flow as usize] -= change;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
