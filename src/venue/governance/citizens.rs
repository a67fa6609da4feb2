//! What governance knows of each account: what it has locked, whom it leaves its votes to, in which polls it has voted.
//!
//! A delegate who votes casts, with its own tokens, whatever its followers have not cast themselves; their tokens are
//! locked like its own. Delegation is not handed on: a delegate who follows somebody casts nothing for its own followers
//! unless it votes itself, as in Compound's Governor.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::quantity::Amount;
use crate::world::ledger::AccountId;
use crate::world::register::Register;

/// What governance knows of an account. All of it is asked for together, for many accounts that lie far apart: it is small, and
/// says what need not be looked up elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Citizen {
    /// Its tokens in the escrow.
    locked: Amount,
    /// One more than the number of the account that it has delegated to.
    delegate: Option<NonZeroU32>,
    /// A bit for each poll that it may have voted in, by the proposal's number, of which many share one.
    voted: u16,
    /// Others have delegated to it.
    leads: bool,
}

impl Citizen {
    /// Its tokens in the escrow.
    #[must_use]
    pub const fn locked(&self) -> Amount {
        self.locked
    }

    /// Whom it has delegated to.
    #[must_use]
    pub fn delegate(&self) -> Option<AccountId> {
        self.delegate.map(|number| AccountId(number.get() - 1))
    }

    /// True where others have delegated to it.
    #[must_use]
    pub const fn leads(&self) -> bool {
        self.leads
    }

    /// False where it has certainly not voted on a proposal.
    pub(super) const fn may_have_voted(&self, proposal: u32) -> bool {
        self.voted & bit(proposal) != 0
    }
}

const fn bit(proposal: u32) -> u16 {
    1 << (proposal % u16::BITS)
}

/// Whether votes on two proposals are known by the same bit.
pub(super) const fn are_alike(one: u32, other: u32) -> bool {
    bit(one) == bit(other)
}

/// Everybody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Citizens {
    citizens: Register<Citizen>,
    followers: BTreeMap<AccountId, Vec<AccountId>>,
}

impl Citizens {
    /// What is known of an account.
    #[must_use]
    #[inline]
    pub fn get(&self, account: AccountId) -> Citizen {
        self.citizens.get(account)
    }

    /// Brings nearer what is known of accounts, for whoever is going to look at it.
    #[inline]
    pub fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        self.citizens.fetch(accounts);
    }

    /// What is known of those of whom anything is, in the order of accounts.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, Citizen)> + '_ {
        self.citizens.iter()
    }

    /// Who has delegated to an account.
    #[must_use]
    pub fn followers(&self, delegate: AccountId) -> &[AccountId] {
        if self.get(delegate).leads { self.followers.get(&delegate).map_or(&[], Vec::as_slice) } else { &[] }
    }

    /// Whether anybody has delegated to an account; asked without looking at what is known of it.
    pub(super) fn is_followed(&self, account: AccountId) -> bool {
        self.followers.contains_key(&account)
    }

    /// All delegates, in the order of accounts.
    pub fn delegates(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.followers.keys().copied()
    }

    /// How many have delegated.
    #[must_use]
    pub fn delegations(&self) -> usize {
        self.followers.values().map(Vec::len).sum()
    }

    // What changes is written in its place: what is written in parts and read as a whole has to wait for memory.

    /// An account has this much in the escrow.
    #[inline]
    pub(super) fn lock(&mut self, account: AccountId, locked: Amount) {
        self.citizens.get_mut(account).locked = locked;
    }

    /// An account has voted on a proposal.
    #[inline]
    pub(super) fn vote(&mut self, account: AccountId, proposal: u32) {
        self.citizens.get_mut(account).voted |= bit(proposal);
    }

    /// An account has voted neither on a proposal nor on those like it.
    #[inline]
    pub(super) fn forget(&mut self, account: AccountId, proposal: u32) {
        self.citizens.get_mut(account).voted &= !bit(proposal);
    }

    /// Puts back what was known of an account.
    pub(super) fn restore(&mut self, account: AccountId, citizen: Citizen) {
        self.citizens.set(account, citizen);
    }

    /// Lets `account` delegate to somebody, or to nobody. Answers with whom it had delegated to.
    pub(super) fn delegate(&mut self, account: AccountId, to: Option<AccountId>) -> Option<AccountId> {
        let before = self.get(account).delegate();
        // No account has the last number, for the ledger counts them with as many bits.
        self.citizens.get_mut(account).delegate = to.and_then(|to| NonZeroU32::new(to.0.wrapping_add(1)));
        if let Some(delegate) = before
            && let Some(followers) = self.followers.get_mut(&delegate)
        {
            followers.retain(|follower| *follower != account);
            if followers.is_empty() {
                self.followers.remove(&delegate);
                self.citizens.get_mut(delegate).leads = false;
            }
        }
        if let Some(delegate) = to {
            let followers = self.followers.entry(delegate).or_default();
            // In the order of accounts, whatever happened before.
            let place = followers.partition_point(|follower| *follower < account);
            followers.insert(place, account);
            self.citizens.get_mut(delegate).leads = true;
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_is_changed_and_taken_back() {
        let mut citizens = Citizens::default();
        let [one, two, three] = [1, 2, 3].map(AccountId);
        assert_eq!(citizens.delegate(three, Some(one)), None);
        assert_eq!(citizens.delegate(two, Some(one)), None);
        assert_eq!(citizens.followers(one), [two, three]);
        assert_eq!(citizens.delegate(two, Some(three)), Some(one));
        assert_eq!((citizens.followers(one), citizens.followers(three)), (&[three][..], &[two][..]));
        assert_eq!([one, two, three].map(|who| citizens.get(who).leads()), [true, false, true]);
        assert_eq!([one, two, three].map(|who| citizens.get(who).delegate()), [None, Some(three), Some(one)]);
        assert_eq!((citizens.delegations(), citizens.delegates().collect::<Vec<_>>()), (2, vec![one, three]));
        assert_eq!((citizens.delegate(two, None), citizens.delegate(three, None)), (Some(three), Some(one)));
        assert_eq!(citizens, Citizens::default());
    }

    #[test]
    fn votes_are_known_by_proposal_and_forgotten_one_by_one() {
        assert_eq!(size_of::<Citizen>(), 16, "four to a line of memory");
        let (who, locked) = (AccountId(7), Amount::from_atoms(5));
        let mut citizens = Citizens::default();
        let known = |citizens: &Citizens| [3, 4, 20].map(|number| citizens.get(who).may_have_voted(number));
        citizens.lock(who, locked);
        citizens.vote(who, 3);
        assert_eq!(known(&citizens), [true, false, false]);
        let before = citizens.get(who);
        citizens.vote(who, 20);
        assert_eq!((known(&citizens), are_alike(4, 20)), ([true; 3], true));
        citizens.forget(who, 20);
        assert_eq!((known(&citizens), citizens.get(who).locked()), ([true, false, false], locked));
        citizens.forget(who, 3);
        citizens.restore(who, before);
        assert_eq!(citizens.get(who), before);
    }
}
