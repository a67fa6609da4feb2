//! Staked tokens vote where they lie, and what has voted stays until the poll closes.

use ballast::protocol::governance::{Measure, ParameterId};
use ballast::quantity::Amount;
use ballast::venue::governance::{GovernAction, GovernRefusal, Which};
use ballast::venue::stake_pools::{StakeAction, StakeRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;

use crate::place::{GOV, Place, STAKING, TOKEN, UNIT, experiment};

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

fn vote(weight: i64) -> Action {
    Action::Govern(GovernAction::Vote { ballot: Which::Newest, support: true, weight: Size::Exact(atoms(weight)) })
}

fn propose() -> Action {
    let measure = Measure::Set { parameter: ParameterId(0), from: 0.0, to: 50.0 };
    Action::Govern(GovernAction::Propose { measure })
}

/// Stakes half of what a person has for a cycle.
fn half_staked(place: &mut Place, person: AccountId) -> (i64, i64) {
    let all = place.held(person, GOV);
    let amount = Size::Exact(atoms(all / 2));
    place.send(person, &[Action::Stake(StakeAction::Stake { pool: TOKEN, amount, lock_cycles: 1 })]).unwrap();
    (all / 2, all - all / 2)
}

#[test]
fn what_has_voted_is_not_given_back_before_the_poll_closes() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let person = place.person(0);
    let (staked, wallet) = half_staked(&mut place, person);
    place.skip(24);
    let most = staked + wallet;
    place.send(person, &[propose()]).unwrap();
    let too_much = GovernRefusal::NotAvailable { available: atoms(most), wanted: atoms(most + 1) };
    assert_eq!(place.send(person, &[vote(most + 1)]), Err(Refusal::Governance(too_much)));
    // The stake votes first: nothing has to be locked for it.
    place.send(person, &[vote(staked)]).unwrap();
    assert_eq!(place.held(person, GOV), wallet);
    place.send(person, &[vote(wallet)]).unwrap();
    assert_eq!(place.held(person, GOV), 0);
    assert!(place.send(person, &[vote(1)]).is_err(), "every token once");
    // The lock is over with hour 48, the poll with hour 96.
    place.skip(25);
    let claim = Action::Stake(StakeAction::Claim { pool: TOKEN });
    let refusal = StakeRefusal::StillVoting { voting: atoms(staked), left: atoms(0) };
    assert_eq!(place.send(person, &[claim]), Err(Refusal::Stake(refusal)));
    place.skip(48);
    assert_eq!(place.held(person, GOV), wallet, "the poll has closed");
    place.send(person, &[claim]).unwrap();
    assert_eq!(place.held(person, GOV), staked + wallet + 1_000 * UNIT);
}

#[test]
fn power_counts_what_is_staked() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let first = place.person(0);
    let power = |place: &Place| {
        let governance = place.venues().governance().unwrap();
        governance.power_of_holders(place.ledger(), place.venues().stakes(), first).unwrap()
    };
    let before = power(&place);
    half_staked(&mut place, first);
    assert_eq!(power(&place), before);
}

#[test]
fn apower_votes_in_every_poll_and_locks_nothing() {
    let mut experiment = experiment(STAKING, 3, 0.4, "");
    experiment.governance.as_mut().unwrap().counts = ballast::venue::governance::Counts::Apower;
    let mut place = Place::new(&experiment);
    let person = place.person(0);
    half_staked(&mut place, person);
    place.skip(48);
    assert!(place.send(person, &[propose(), vote(1)]).is_err(), "no APower yet");
    place.send(person, &[Action::Stake(StakeAction::Claim { pool: TOKEN })]).unwrap();
    let held = place.held(person, GOV);
    place.send(person, &[propose(), vote(1_000 * UNIT)]).unwrap();
    assert!(place.send(person, &[vote(1)]).is_err());
    assert_eq!(place.held(person, GOV), held);
}
