//! Something that some accounts have and others do not, found by reading an array.
//!
//! What an account has lies beside what others have, in the order in which they first had it, so that a large record takes
//! room only for those who have one; a [`Register`] says where.

use super::ledger::AccountId;
use super::register::Register;

/// Records by account.
#[derive(Debug, Clone)]
pub struct Records<T> {
    /// One more than the place of each account's record; zero for whoever has none.
    places: Register<u32>,
    /// In the order in which they were first set.
    records: Vec<(AccountId, T)>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self { places: Register::default(), records: Vec::new() }
    }
}

impl<T> Records<T> {
    /// The record of an account, if it has one.
    #[must_use]
    #[inline]
    pub fn get(&self, account: AccountId) -> Option<&T> {
        let place = self.places.get(account).checked_sub(1)?;
        self.records.get(place as usize).map(|(_, record)| record)
    }

    /// Brings nearer where the records of accounts lie, for whoever is going to look for them.
    #[inline]
    pub fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        self.places.fetch(accounts);
    }

    /// How many accounts have one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// True where nobody has one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Everybody's records, in the order of accounts.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, &T)> {
        self.places.iter().map(|(account, place)| (account, &self.records[place as usize - 1].1))
    }

    /// Everybody's records, in the order in which they were first set: sooner read.
    pub fn in_order_of_entry(&self) -> impl Iterator<Item = (AccountId, &T)> {
        self.records.iter().map(|(account, record)| (*account, record))
    }

    /// Sets the record of an account, in place of the one it may have.
    pub fn set(&mut self, account: AccountId, record: T) {
        match self.places.get(account).checked_sub(1) {
            Some(place) => self.records[place as usize].1 = record,
            None => self.add(account, record),
        }
    }

    /// Sets the record of an account that has none: nothing is looked up.
    #[inline]
    pub fn add(&mut self, account: AccountId, record: T) {
        self.records.push((account, record));
        let before = self.places.set(account, self.records.len() as u32);
        debug_assert_eq!(before, 0, "an account has one record");
    }

    /// Puts back what an account had before the last change that has not been taken back: its record, or none, in which case
    /// nobody has got a first record since.
    pub fn restore(&mut self, account: AccountId, before: Option<T>) {
        match before {
            Some(record) => self.set(account, record),
            None if self.places.set(account, 0) > 0 => {
                self.records.pop();
            }
            None => {}
        }
    }
}

impl<T: PartialEq> PartialEq for Records<T> {
    /// The same record for every account, in whatever order they came.
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
    fn records_are_read_in_the_order_of_accounts() {
        let mut records = Records::default();
        let [early, late] = [AccountId(3), AccountId(9)];
        records.set(late, "first");
        records.set(early, "other");
        records.set(late, "second");
        assert_eq!(records.get(late), Some(&"second"));
        assert_eq!((records.get(AccountId(4)), records.len()), (None, 2));
        assert_eq!(records.iter().map(|(account, _)| account).collect::<Vec<_>>(), [early, late]);
        assert_eq!(
            records.in_order_of_entry().map(|(account, _)| account).collect::<Vec<_>>(),
            [late, early]
        );
    }

    proptest! {
        /// It is a map, and changes taken back in turn leave no trace.
        #[test]
        fn it_is_a_map(kept in changes(), undone in changes()) {
            let mut records = Records::default();
            let mut map = BTreeMap::new();
            for (account, record) in kept {
                records.set(AccountId(account), record);
                map.insert(AccountId(account), record);
            }
            let before = records.clone();
            let mut journal = Vec::new();
            for (account, record) in undone {
                let account = AccountId(account);
                journal.push((account, records.get(account).copied()));
                // What was to be set and never was is taken back too.
                if record > 0 {
                    records.set(account, record);
                    prop_assert_eq!(records.get(account), Some(&record));
                }
            }
            for (account, record) in journal.into_iter().rev() {
                records.restore(account, record);
            }
            prop_assert_eq!(&records, &before);
            prop_assert!(records.iter().eq(map.iter().map(|(account, record)| (*account, record))));
        }
    }

    fn changes() -> impl Strategy<Value = Vec<(u32, u8)>> {
        proptest::collection::vec((0_u32..20, 0_u8..5), 0..40)
    }
}
