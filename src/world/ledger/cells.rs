//! Where balances lie in memory: each wallet by itself, in as few lines as it can.

use super::AccountId;
use crate::quantity::AssetId;

/// Cells in a line of memory.
const LINE: usize = 8;

/// A cell for each (account, asset), in atoms.
#[derive(Debug)]
pub(super) struct Cells {
    /// Cells per account: the number of assets rounded up to half a line.
    stride: usize,
    /// Cells before those of the first account, so that it begins where a line does.
    lead: usize,
    cells: Vec<i64>,
}

impl Cells {
    /// No accounts yet, for so many assets.
    pub(super) fn new(assets: usize) -> Self {
        Self { stride: assets.max(1).next_multiple_of(LINE / 2), lead: 0, cells: Vec::new() }
    }

    /// Makes room for accounts until there are `accounts`; the new ones hold nothing.
    pub(super) fn open(&mut self, accounts: u32) {
        self.cells.resize(self.lead + accounts as usize * self.stride, 0);
        self.align();
    }

    /// Moves all cells by less than a line if growing has taken them to where no line begins.
    fn align(&mut self) {
        let used = self.len();
        // Room for any lead, so that nothing grows, and moves, once it is known.
        self.cells.reserve(LINE.saturating_sub(self.lead));
        let lead = self.cells.as_ptr().align_offset(LINE * size_of::<i64>());
        // A pointer that cannot be aligned costs speed and nothing else.
        if lead == self.lead || lead >= LINE {
            return;
        }
        self.cells.resize(used + self.lead.max(lead), 0);
        self.cells.copy_within(self.lead..self.lead + used, lead);
        self.cells.truncate(lead + used);
        self.lead = lead;
    }

    /// How many accounts there are.
    pub(super) fn accounts(&self) -> u32 {
        (self.len() / self.stride) as u32
    }

    /// How many cells they take.
    pub(super) fn len(&self) -> usize {
        self.cells.len() - self.lead
    }

    #[inline]
    fn place(&self, account: AccountId, asset: AssetId) -> usize {
        self.lead + account.index() * self.stride + asset.index()
    }

    /// What a cell holds.
    #[inline]
    pub(super) fn get(&self, account: AccountId, asset: AssetId) -> i64 {
        self.cells[self.place(account, asset)]
    }

    /// What a wallet holds of each asset.
    #[inline]
    pub(super) fn wallet(&self, account: AccountId) -> &[i64] {
        let first = self.place(account, AssetId(0));
        &self.cells[first..first + self.stride]
    }

    /// The cell itself.
    #[inline]
    pub(super) fn get_mut(&mut self, account: AccountId, asset: AssetId) -> &mut i64 {
        let place = self.place(account, asset);
        &mut self.cells[place]
    }

    /// Brings wallets nearer.
    #[inline]
    pub(super) fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        let mut read = 0;
        for account in accounts {
            self.wallet(account).iter().step_by(LINE).for_each(|cell| read ^= cell);
        }
        std::hint::black_box(read);
    }

    /// Brings single cells nearer.
    #[inline]
    pub(super) fn fetch_asset(&self, accounts: impl Iterator<Item = AccountId>, asset: AssetId) {
        let read = accounts.filter_map(|account| self.cells.get(self.place(account, asset)));
        std::hint::black_box(read.fold(0, |sum, cell| sum ^ cell));
    }

    /// What every account holds of an asset, in the order of accounts.
    pub(super) fn column(&self, asset: AssetId) -> impl Iterator<Item = i64> + '_ {
        self.cells.iter().skip(self.lead + asset.index()).step_by(self.stride).copied()
    }

    /// What every account holds of everything, in the order of accounts.
    pub(super) fn wallets(&self) -> impl Iterator<Item = &[i64]> {
        self.cells[self.lead..].chunks_exact(self.stride)
    }
}
