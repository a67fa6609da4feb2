//! A value for each account, most of them the same.
//!
//! What most accounts have in common (nothing locked, nobody delegated to) is the default and takes no more than its place:
//! accounts are numbered without gaps, so that looking one up is reading an array. Where a handful of accounts of a large
//! world have a value, a map is smaller; where any of them may, an array is, and it is read many times faster.

use super::ledger::AccountId;
use super::read_ahead::look_at;

/// Values by account, in the order of accounts. Accounts without a value have the default.
#[derive(Debug, Clone, Default)]
pub struct Register<T> {
    values: Vec<T>,
}

impl<T: Copy + Default + PartialEq> Register<T> {
    /// The value of an account.
    #[must_use]
    #[inline]
    pub fn get(&self, account: AccountId) -> T {
        self.values.get(account.index()).copied().unwrap_or_default()
    }

    /// Brings nearer the values of accounts, for whoever is going to look at them.
    #[inline]
    pub fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        look_at(accounts.map(|account| self.get(account)));
    }

    /// Gives an account a value. Answers with the one it had.
    #[inline]
    pub fn set(&mut self, account: AccountId, value: T) -> T {
        if let Some(place) = self.values.get_mut(account.index()) {
            return std::mem::replace(place, value);
        }
        if value != T::default() {
            self.values.resize(account.index() + 1, T::default());
            self.values[account.index()] = value;
        }
        T::default()
    }

    /// The value of an account, to be changed in its place.
    #[inline]
    pub fn get_mut(&mut self, account: AccountId) -> &mut T {
        if account.index() >= self.values.len() {
            self.values.resize(account.index() + 1, T::default());
        }
        &mut self.values[account.index()]
    }

    /// The accounts that have a value other than the default, in order.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, T)> + '_ {
        self.within(AccountId(0), AccountId(u32::MAX))
    }

    /// The same, from `first` to before `end`.
    pub fn within(&self, first: AccountId, end: AccountId) -> impl Iterator<Item = (AccountId, T)> + '_ {
        let end = end.index().min(self.values.len());
        let values = self.values.get(first.index()..end).unwrap_or_default();
        let numbered = (first.0..).map(AccountId).zip(values.iter().copied());
        numbered.filter(|(_, value)| *value != T::default())
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for Register<T> {
    /// The same value for every account, wherever the arrays end.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_account_without_a_value_has_the_default() {
        let mut register = Register::default();
        assert_eq!(register.get(AccountId(7)), 0);
        assert_eq!((register.set(AccountId(7), 5), register.get(AccountId(7))), (0, 5));
        assert_eq!((register.set(AccountId(7), 0), register.iter().count()), (5, 0));
        assert_eq!(register, Register::default(), "nobody has a value in either");
    }

    proptest! {
        /// It is a map in which the default is absence.
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0_u32..20, 0_u8..3), 0..60), cut in 0_u32..25) {
            let mut register = Register::default();
            let mut map = BTreeMap::new();
            for (account, value) in steps {
                let account = AccountId(account);
                let before = if value == 0 { map.remove(&account) } else { map.insert(account, value) };
                if value == 1 {
                    *register.get_mut(account) = value;
                } else {
                    prop_assert_eq!(register.set(account, value), before.unwrap_or(0));
                }
                prop_assert_eq!(register.get(account), value);
            }
            prop_assert!(register.iter().eq(map.iter().map(|(account, value)| (*account, *value))));
            let within = map.range(AccountId(cut)..AccountId(cut + 5)).map(|(account, value)| (*account, *value));
            prop_assert!(register.within(AccountId(cut), AccountId(cut + 5)).eq(within));
        }
    }
}
