//! The team beside the token holders: what its members have signalled, and what enough signals set off.

use crate::protocol::governance::Measure;
use crate::world::ledger::AccountId;

/// What a member of the team can call for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Call {
    /// The end of a proposal.
    Veto(u32),
    /// A suspension of governance.
    Suspend,
    /// A measure without a vote.
    Execute(Measure),
}

impl Call {
    /// A parameter that has moved since somebody called for its change does not make it another call.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Execute(measure), Self::Execute(other)) => measure.does_same(other),
            (one, other) => one == other,
        }
    }
}

/// Members, how many of them it takes, and the calls that are not heard yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Team {
    members: Vec<AccountId>,
    needed: u32,
    calls: Vec<(Call, Vec<AccountId>)>,
}

impl Team {
    /// A team whose calls are heard when `needed` of its `members` have made them.
    #[must_use]
    pub fn new(mut members: Vec<AccountId>, needed: u32) -> Self {
        members.sort_unstable();
        members.dedup();
        Self { members, needed: needed.max(1), calls: Vec::new() }
    }

    /// Its members, in the order of accounts.
    #[must_use]
    pub fn members(&self) -> &[AccountId] {
        &self.members
    }

    /// True if the account is a member.
    #[must_use]
    pub fn has(&self, account: AccountId) -> bool {
        self.members.binary_search(&account).is_ok()
    }

    /// True if the member has made this call already.
    #[must_use]
    pub fn has_called(&self, member: AccountId, call: Call) -> bool {
        self.calls.iter().any(|(other, callers)| other.is_same(&call) && callers.contains(&member))
    }

    /// Measures that members have called for, oldest first.
    pub fn measures_called(&self) -> impl Iterator<Item = Measure> + '_ {
        self.calls.iter().filter_map(|(call, _)| match call {
            Call::Execute(measure) => Some(*measure),
            _ => None,
        })
    }

    /// Lets a member make a call; true if it is heard now, and then forgotten.
    pub(super) fn call(&mut self, member: AccountId, call: Call) -> bool {
        let place = self.calls.iter().position(|(other, _)| other.is_same(&call)).unwrap_or_else(|| {
            self.calls.push((call, Vec::new()));
            self.calls.len() - 1
        });
        let callers = &mut self.calls[place].1;
        callers.push(member);
        let heard = callers.len() >= self.needed as usize;
        if heard {
            self.calls.remove(place);
        }
        heard
    }

    /// Forgets every call for the end of this proposal.
    pub(super) fn forget_veto(&mut self, number: u32) {
        self.calls.retain(|(call, _)| *call != Call::Veto(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::governance::ParameterId;

    #[test]
    fn a_call_stays_the_same_where_the_parameter_has_moved() {
        let [one, two] = [1, 2].map(AccountId);
        let mut team = Team::new(vec![one, two], 2);
        let parameter = ParameterId(0);
        let set = |from, to| Call::Execute(Measure::Set { parameter, from, to });
        let slow = |from, hours| Call::Execute(Measure::Schedule { parameter, from, to: 5.0, hours });
        assert!(!team.call(one, set(30.0, 5.0)) && !team.call(one, slow(30.0, 9)));
        assert!(team.has_called(one, set(20.0, 5.0)) && team.has_called(one, slow(20.0, 9)));
        assert!(!team.has_called(one, set(30.0, 6.0)) && !team.has_called(one, slow(30.0, 8)));
        assert!(team.call(two, set(20.0, 5.0)) && team.call(two, slow(20.0, 9)));
    }

    #[test]
    fn it_takes_enough_members() {
        let members: Vec<AccountId> = [5, 1, 3, 1].map(AccountId).to_vec();
        let mut team = Team::new(members, 2);
        assert_eq!(team.members(), [1, 3, 5].map(AccountId));
        assert!(team.has(AccountId(3)) && !team.has(AccountId(2)));
        assert!(!team.call(AccountId(1), Call::Veto(7)));
        assert!(!team.call(AccountId(3), Call::Suspend), "another call");
        assert!(
            team.has_called(AccountId(1), Call::Veto(7)) && !team.has_called(AccountId(1), Call::Suspend)
        );
        assert!(team.call(AccountId(3), Call::Veto(7)));
        assert!(!team.has_called(AccountId(1), Call::Veto(7)), "heard and forgotten");
        team.call(AccountId(5), Call::Veto(8));
        team.forget_veto(8);
        assert!(!team.has_called(AccountId(5), Call::Veto(8)));
    }
}
