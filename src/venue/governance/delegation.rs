//! Who votes for whom.
//!
//! A delegate who votes casts, with its own tokens, whatever its followers have not cast themselves; their tokens are
//! locked like its own. Delegation is not handed on: a delegate who follows somebody casts nothing for its own followers
//! unless it votes itself, as in Compound's Governor.

use std::collections::BTreeMap;

use crate::world::ledger::AccountId;
use crate::world::register::Register;

/// Delegations in force.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delegation {
    delegate_of: Register<Option<AccountId>>,
    followers: BTreeMap<AccountId, Vec<AccountId>>,
}

impl Delegation {
    /// Whom an account has delegated to.
    #[must_use]
    pub fn delegate_of(&self, account: AccountId) -> Option<AccountId> {
        self.delegate_of.get(account)
    }

    /// Who has delegated to an account.
    #[must_use]
    pub fn followers(&self, delegate: AccountId) -> &[AccountId] {
        self.followers.get(&delegate).map_or(&[], Vec::as_slice)
    }

    /// All delegates, in the order of accounts.
    pub fn delegates(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.followers.keys().copied()
    }

    /// How many have delegated.
    #[must_use]
    pub fn count(&self) -> usize {
        self.followers.values().map(Vec::len).sum()
    }

    /// Lets `account` delegate to somebody, or to nobody. Answers with whom it had delegated to.
    pub(super) fn set(&mut self, account: AccountId, to: Option<AccountId>) -> Option<AccountId> {
        let before = self.delegate_of.set(account, to);
        if let Some(delegate) = before
            && let Some(followers) = self.followers.get_mut(&delegate)
        {
            followers.retain(|follower| *follower != account);
            if followers.is_empty() {
                self.followers.remove(&delegate);
            }
        }
        if let Some(delegate) = to {
            let followers = self.followers.entry(delegate).or_default();
            // In the order of accounts, whatever happened before.
            let place = followers.partition_point(|follower| *follower < account);
            followers.insert(place, account);
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_is_changed_and_taken_back() {
        let mut delegation = Delegation::default();
        let [one, two, three] = [1, 2, 3].map(AccountId);
        assert_eq!(delegation.set(three, Some(one)), None);
        assert_eq!(delegation.set(two, Some(one)), None);
        assert_eq!(delegation.followers(one), [two, three]);
        assert_eq!(delegation.set(two, Some(three)), Some(one));
        assert_eq!((delegation.followers(one), delegation.followers(three)), (&[three][..], &[two][..]));
        assert_eq!((delegation.count(), delegation.delegates().collect::<Vec<_>>()), (2, vec![one, three]));
        assert_eq!((delegation.set(two, None), delegation.set(three, None)), (Some(three), Some(one)));
        assert_eq!(delegation, Delegation::default());
    }
}
