//! Staked tokens vote where they lie, and what has voted stays until the poll closes.

use ballast::numerics::concentration::Holdings;
use ballast::protocol::governance::{Locking, Measure, ParameterId, Reclaim};
use ballast::quantity::Amount;
use ballast::record::metrics::concentration::{holdings, subjects};
use ballast::record::recorder::Onlooker;
use ballast::venue::governance::{Entry, GovernAction, GovernRefusal, Which};
use ballast::venue::stake_pools::{StakeAction, StakeRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;
use bevy_ecs::system::RunSystemOnce;
use proptest::prelude::*;

use crate::place::{GOV, Place, STAKING, TOKEN, UNIT, experiment};

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

fn vote(weight: i64) -> Action {
    Action::Govern(GovernAction::Vote {
        ballot: Which::Newest,
        support: true,
        weight: Size::Exact(atoms(weight)),
    })
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

fn vote_on(number: u32, weight: i64) -> Action {
    let (ballot, weight) = (Which::Number(number), Size::Exact(atoms(weight)));
    Action::Govern(GovernAction::Vote { ballot, support: true, weight })
}

fn set(parameter: u16, to: f64) -> Action {
    let measure = Measure::Set { parameter: ParameterId(parameter), from: 0.0, to };
    Action::Govern(GovernAction::Propose { measure })
}

/// A world with two polls open under a way of locking, and a voter with a stake in its first cycle: what is staked, and what
/// is in the wallet.
fn two_polls(locking: Locking) -> (Place, AccountId, i64, i64) {
    let mut experiment = experiment(STAKING, 3, 0.4, "");
    let rules = &mut experiment.governance.as_mut().unwrap().rules;
    (rules.most_open, rules.locking, rules.proposal_threshold_share) = (Some(4), Some(locking), Some(0.0));
    let mut place = Place::new(&experiment);
    let person = place.person(0);
    let (staked, wallet) = half_staked(&mut place, person);
    place.skip(24);
    place.send(person, &[set(0, 50.0)]).unwrap();
    place.send(person, &[set(1, 0.5)]).unwrap();
    (place, person, staked, wallet)
}

#[test]
fn a_stake_votes_once_where_every_vote_takes_tokens_of_its_own() {
    let (mut place, person, staked, wallet) = two_polls(Locking::EachVote);
    let voting = |place: &Place| place.venues().governance().unwrap().voting_stake(person).atoms();
    place.send(person, &[vote_on(1, staked - 7)]).unwrap();
    assert_eq!((voting(&place), place.held(person, GOV)), (staked - 7, wallet));
    let gone = GovernRefusal::NotAvailable { available: atoms(wallet + 7), wanted: atoms(wallet + 8) };
    assert_eq!(place.send(person, &[vote_on(2, wallet + 8)]), Err(Refusal::Governance(gone)));
    // Seven are left of the stake, and are taken before the wallet.
    place.send(person, &[vote_on(2, 10)]).unwrap();
    assert_eq!((voting(&place), place.held(person, GOV)), (staked, wallet - 3));
}

#[test]
fn a_stake_votes_in_every_poll_where_tokens_are_shared() {
    let (mut place, person, staked, wallet) = two_polls(Locking::Shared);
    let voting = |place: &Place| place.venues().governance().unwrap().voting_stake(person).atoms();
    place.send(person, &[vote_on(1, staked)]).unwrap();
    place.send(person, &[vote_on(2, staked + 5)]).unwrap();
    assert_eq!((voting(&place), place.held(person, GOV)), (staked, wallet - 5));
}

/// What a vote has locked stays locked for it, though a stake that was made since could stand for it.
#[test]
fn a_later_stake_does_not_take_the_place_of_what_is_locked() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let person = place.person(0);
    let all = place.held(person, GOV);
    place.send(person, &[propose(), vote(all / 4)]).unwrap();
    half_staked(&mut place, person);
    place.send(person, &[vote(9)]).unwrap();
    let governance = place.venues().governance().unwrap();
    assert_eq!((governance.voting_stake(person), governance.locked(person)), (atoms(9), atoms(all / 4)));
    assert_eq!(governance.reclaimable(person), Amount::ZERO);
}

#[test]
fn power_counts_what_is_staked() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let first = place.person(0);
    let power = |place: &Place| {
        let governance = place.venues().governance().unwrap();
        Holdings::from_atoms(governance.power_by_account(place.ledger(), place.venues().stakes(), first))
            .unwrap()
    };
    let before = power(&place);
    half_staked(&mut place, first);
    assert_eq!(power(&place), before);
}

/// Of four equal parts one person has staked three, another one; the third and what lies in wallets do not count.
#[test]
fn the_spread_of_stakes_is_read_pool_by_pool() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let first = place.person(0);
    for (person, parts) in [(first, 3), (place.person(1), 1)] {
        let stake =
            StakeAction::Stake { pool: TOKEN, amount: Size::Exact(atoms(parts * UNIT)), lock_cycles: 2 };
        place.send(person, &[Action::Stake(stake)]).unwrap();
    }
    let subjects = subjects(place.ledger(), place.venues());
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name.as_str()).collect();
    assert_eq!(names, ["gov_usd", "voting_power", "gov_stakers", "lp_stakers"]);
    let spread = place.world.run_system_once(move |onlooker: Onlooker<'_>| {
        let scene = onlooker.scene();
        [2, 3].map(|subject| holdings(&scene, &subjects[subject], first))
    });
    let [staked, nobody] = spread.unwrap();
    let staked = staked.unwrap();
    assert_eq!((staked.holders(), staked.hhi(), staked.nakamoto()), (2, 0.625, 1));
    assert_eq!(staked.top_share(1), 0.75);
    assert_eq!(nobody, None);
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

#[derive(Debug, Clone, Copy)]
enum Wish {
    Govern(GovernAction),
    Stake(StakeAction),
    Delegate(Option<u32>),
}

fn wish() -> impl Strategy<Value = Wish> {
    let ballot = prop_oneof![Just(Which::Newest), (1_u32..6).prop_map(Which::Number)];
    let weight = || prop_oneof![1_i64..5, 1..200_000 * UNIT].prop_map(|weight| Size::Exact(atoms(weight)));
    let propose = (0_u16..2, 0.0_f64..1.0).prop_map(|(parameter, to)| GovernAction::Propose {
        measure: Measure::Set { parameter: ParameterId(parameter), from: 0.0, to },
    });
    let vote = (ballot, any::<bool>(), weight()).prop_map(|(ballot, support, weight)| GovernAction::Vote {
        ballot,
        support,
        weight,
    });
    prop_oneof![
        2 => propose.prop_map(Wish::Govern),
        8 => vote.prop_map(Wish::Govern),
        1 => Just(Wish::Govern(GovernAction::Reclaim)),
        1 => prop::option::of(0_u32..4).prop_map(Wish::Delegate),
        5 => (weight(), 1_u32..4)
            .prop_map(|(amount, lock_cycles)| Wish::Stake(StakeAction::Stake { pool: TOKEN, amount, lock_cycles })),
        4 => Just(Wish::Stake(StakeAction::Claim { pool: TOKEN })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever is staked, claimed and voted, under either way of locking: each vote is backed by tokens that its voter
    /// cannot move before the poll closes, in the escrow or in the stakes, and no token backs two.
    #[test]
    fn no_token_votes_twice_however_it_is_staked(
        each in any::<bool>(),
        steps in prop::collection::vec((0_u32..4, prop::collection::vec(wish(), 1..4), 0_u32..20), 1..60),
    ) {
        let mut experiment = experiment(STAKING, 4, 0.4, "");
        let rules = &mut experiment.governance.as_mut().unwrap().rules;
        rules.most_open = Some(4);
        rules.proposal_threshold_share = Some(0.0);
        if each {
            (rules.locking, rules.reclaim) = (Some(Locking::EachVote), Some(Reclaim::Called));
        }
        let mut place = Place::new(&experiment);
        for (who, wishes, hours) in steps {
            let actor = place.person(who);
            let before = place.snapshot();
            let actions: Vec<Action> = wishes
                .iter()
                .map(|wish| match *wish {
                    Wish::Govern(action) => Action::Govern(action),
                    Wish::Stake(action) => Action::Stake(action),
                    Wish::Delegate(to) => Action::Govern(GovernAction::Delegate { to: to.map(|to| place.person(to)) }),
                })
                .collect();
            if place.send(actor, &actions).is_err() {
                prop_assert_eq!(place.snapshot(), before, "{:?} was refused", actions);
            }
            place.skip(hours);
            let governance = place.venues().governance().unwrap();
            let locked: i64 = governance.locks().map(|(_, locked)| locked.atoms()).sum();
            prop_assert_eq!(place.held(governance.escrow(), GOV), locked);
            for person in (0..4).map(|person| place.person(person)) {
                let staked = place.pool(TOKEN).staker(person).map_or(0, |staker| staker.principal().atoms());
                let entries: Vec<Entry> =
                    governance.open().iter().filter_map(|poll| poll.roll.get(person)).copied().collect();
                let in_escrow = entries.iter().map(|entry| entry.locked.atoms());
                let in_stakes = entries.iter().map(|entry| entry.weight().atoms() - entry.locked.atoms());
                let (most_escrow, most_stakes) = if each {
                    (in_escrow.sum(), in_stakes.sum())
                } else {
                    (in_escrow.max().unwrap_or(0), in_stakes.max().unwrap_or(0))
                };
                prop_assert!(most_escrow <= governance.locked(person).atoms(), "voted beyond what is locked");
                prop_assert!(most_stakes <= staked, "{} voted of {} staked", most_stakes, staked);
            }
        }
    }
}
