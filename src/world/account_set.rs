//! A set of accounts, a bit each: what is asked of everybody must be near.

use super::ledger::AccountId;

/// Accounts that are in, among those that are numbered without gaps.
#[derive(Debug, Clone, Default)]
pub struct AccountSet {
    bits: Vec<u64>,
}

impl AccountSet {
    /// Whether an account is in.
    #[must_use]
    #[inline]
    pub fn contains(&self, account: AccountId) -> bool {
        self.bits.get(account.index() / 64).is_some_and(|bits| bits >> (account.index() % 64) & 1 == 1)
    }

    /// Puts an account in.
    #[inline]
    pub fn insert(&mut self, account: AccountId) {
        let place = account.index() / 64;
        if place >= self.bits.len() {
            self.bits.resize(place + 1, 0);
        }
        self.bits[place] |= 1 << (account.index() % 64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(accounts in proptest::collection::btree_set(0_u32..300, 0..40)) {
            let mut set = AccountSet::default();
            accounts.iter().for_each(|account| set.insert(AccountId(*account)));
            let found: BTreeSet<u32> = (0..400).filter(|account| set.contains(AccountId(*account))).collect();
            prop_assert_eq!(found, accounts);
        }
    }
}
