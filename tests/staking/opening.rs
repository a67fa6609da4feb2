//! A pool opens a countdown after its 20th wallet, and pays what its cycles say.

use ballast::protocol::staking;
use ballast::quantity::Amount;
use ballast::venue::stake_pools::{StakeAction, StakeRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::mempool::Size;

use crate::place::{GOV, LIQUIDITY, Place, SHARES, STAKING, TOKEN, UNIT, experiment};

const CROWD: &str =
    r#"(name: "gov", asset: "GOV", emission: Alex, opening: Registrations(wallets: 20, delay_blocks: 150))"#;

fn stake(amount: i64, lock_cycles: u32) -> Action {
    let amount = Size::Exact(Amount::from_atoms(amount));
    Action::Stake(StakeAction::Stake { pool: TOKEN, amount, lock_cycles })
}

/// Six blocks an hour: the 20th wallet registers at block 24, the pool opens at block 174, which is in hour 29.
#[test]
fn twenty_wallets_open_a_pool_after_150_blocks() {
    let mut place = Place::new(&experiment(CROWD, 25, 0.4, ""));
    let register = Action::Stake(StakeAction::Register { pool: TOKEN });
    for person in 0..19 {
        place.send(place.person(person), &[register]).unwrap();
    }
    let again = place.send(place.person(3), &[register]);
    assert_eq!(again, Err(Refusal::Stake(StakeRefusal::Rules(staking::Refusal::AlreadyRegistered))));
    place.skip(4);
    assert!(place.events("staking_opens").is_empty());
    place.send(place.person(19), &[register]).unwrap();
    assert_eq!(place.events("staking_opens").len(), 1);
    place.skip(24);
    let early = place.send(place.person(0), &[stake(UNIT, 1)]);
    let not_yet = staking::Refusal::NotActive { height: 168 };
    assert_eq!(early, Err(Refusal::Stake(StakeRefusal::Rules(not_yet))));
    place.skip(1);
    place.send(place.person(0), &[stake(UNIT, 1)]).unwrap();
    assert_eq!(place.held(place.accounts().stakes, GOV), UNIT);
}

/// The only staker of a cycle gets all of it, out of the community's account; APower comes with it.
#[test]
fn rewards_come_out_of_the_communitys_account() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let (person, accounts) = (place.person(0), place.accounts());
    let before = (place.held(person, GOV), place.held(accounts.community, GOV));
    place.send(person, &[stake(10 * UNIT, 2)]).unwrap();
    assert_eq!(place.held(person, GOV), before.0 - 10 * UNIT);
    // Cycles 1 and 2 are over with hour 72.
    place.skip(71);
    let claim = Action::Stake(StakeAction::Claim { pool: TOKEN });
    assert_eq!(place.send(person, &[claim]), Ok(Amount::from_atoms(1_000 * UNIT)), "cycle 1");
    place.skip(1);
    assert_eq!(place.send(person, &[claim]), Ok(Amount::from_atoms(1_000 * UNIT)), "cycle 2");
    assert_eq!(place.send(person, &[claim]), Err(Refusal::Stake(StakeRefusal::NothingDue)));
    assert_eq!(place.held(person, GOV), before.0 + 2_000 * UNIT);
    assert_eq!(place.held(accounts.community, GOV), before.1 - 2_000 * UNIT);
    assert_eq!(place.held(person, accounts.apower), 2_000 * UNIT);
    assert_eq!(place.held(accounts.stakes, GOV), 0);
}

/// What the community does not have is not paid, and told; principal is returned all the same.
#[test]
fn an_empty_community_pays_what_it_has() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.0015, ""));
    let (person, accounts) = (place.person(0), place.accounts());
    let before = place.held(person, GOV);
    place.send(person, &[stake(10 * UNIT, 2)]).unwrap();
    place.skip(72);
    let claim = Action::Stake(StakeAction::Claim { pool: TOKEN });
    assert_eq!(place.send(person, &[claim]), Ok(Amount::from_atoms(1_500 * UNIT)));
    assert_eq!((place.held(accounts.community, GOV), place.held(person, GOV)), (0, before + 1_500 * UNIT));
    assert_eq!(place.pool(TOKEN).unpaid().atoms(), 500 * UNIT);
    assert_eq!(place.events("emission_short").len(), 1);
}

/// Two stakes of the same size, for 1 and for 16 cycles: 1 against 2.25.
#[test]
fn longer_locks_earn_more_where_there_are_tiers() {
    let mut place = Place::new(&experiment(STAKING, 3, 0.4, ""));
    let amount = Size::Exact(Amount::from_atoms(UNIT));
    for (person, lock_cycles) in [(0, 1), (1, 16)] {
        let stake = StakeAction::Stake { pool: LIQUIDITY, amount, lock_cycles };
        place.send(place.person(person), &[Action::Stake(stake)]).unwrap();
    }
    place.skip(96);
    let claim = Action::Stake(StakeAction::Claim { pool: LIQUIDITY });
    let paid = [0, 1].map(|person| place.send(place.person(person), &[claim]).unwrap().atoms());
    assert_eq!(paid, [215_384_615, 484_615_384], "700 tokens, 1 : 2.25");
    assert_eq!(place.held(place.accounts().stakes, SHARES), UNIT, "the longer one stays");
    assert_eq!(place.held(place.person(0), place.accounts().apower), 64_615_384, "0.3 of the reward");
}
