//! Cycle arithmetic: what counts when, and what is paid when.

use super::super::{LAST_CYCLE, Refusal, Staker};
use super::{atoms, block, pool, stake};

#[test]
fn a_stake_counts_from_the_next_cycle_to_its_lock() {
    let (mut pool, mut staker) = (pool([1_000; 5]), Staker::default());
    let staked = pool.stake(&mut staker, block(4) + 524, atoms(10), 3).unwrap();
    assert_eq!((staked.first, staked.last), (5, 7));
    let totals: Vec<i64> = (4..9).map(|cycle| pool.total_at(cycle).atoms()).collect();
    assert_eq!(totals, [0, 10, 10, 10, 0]);
    let returned: Vec<i64> = (4..9).map(|cycle| staker.returned_at(cycle).atoms()).collect();
    assert_eq!(returned, [0, 0, 0, 10, 0]);
}

#[test]
fn cycle_zero_has_no_stakers_and_pays_nobody() {
    let (mut pool, mut staker) = (pool([1_000; 5]), Staker::default());
    stake(&mut pool, &mut staker, 0, 10, 1);
    assert_eq!(pool.total_at(0), atoms(0));
    let paid = pool.claim(&mut staker, block(1), 0).unwrap();
    assert_eq!((paid.reward, paid.principal), (atoms(0), atoms(0)));
    assert_eq!(pool.claim(&mut staker, block(2), 1).unwrap().reward, atoms(1_000));
    assert_eq!(pool.emission(block(2)).unwrap().scheduled, 1_000, "cycle 0 is not scheduled either");
}

#[test]
fn era_one_ends_with_cycle_100_and_era_five_with_500() {
    let (mut pool, mut staker) = (pool([16, 8, 4, 2, 1]), Staker::default());
    let mut paid = Vec::new();
    for cycle in [99, 100, 101, 499, 500] {
        stake(&mut pool, &mut staker, cycle, 7, 1);
        paid.push(pool.claim_due(&mut staker, block(cycle + 2)).unwrap().reward.atoms());
    }
    assert_eq!(paid, [16, 8, 8, 1, 0], "staking in cycle c is paid for c + 1");
}

#[test]
fn unlocking_and_staking_again_costs_an_unpaid_cycle() {
    let (mut pool, mut staker) = (pool([100; 5]), Staker::default());
    stake(&mut pool, &mut staker, 0, 10, 1);
    let first = pool.claim_due(&mut staker, block(2)).unwrap();
    stake(&mut pool, &mut staker, 2, first.principal.atoms(), 1);
    let second = pool.claim_due(&mut staker, block(4)).unwrap();
    assert_eq!(first.reward.atoms() + second.reward.atoms(), 200);
    let emission = pool.emission(block(4)).unwrap();
    assert_eq!((emission.scheduled, emission.lapsed()), (300, 100), "cycle 2 had nobody");
}

#[test]
fn a_cycle_is_paid_once_and_only_when_it_is_over() {
    let (mut pool, mut staker) = (pool([100; 5]), Staker::default());
    stake(&mut pool, &mut staker, 0, 10, 2);
    for early in [block(1), block(2) - 1] {
        let refused = pool.claim(&mut staker, early, 1);
        assert_eq!(refused, Err(Refusal::CycleNotCompleted { asked: 1, current: 1 }));
    }
    assert_eq!(pool.claim(&mut staker, block(2), 1).unwrap().reward, atoms(100));
    assert_eq!(pool.claim(&mut staker, block(2), 1).unwrap().reward, atoms(0), "claimed");
    assert_eq!(pool.total_at(1), atoms(10), "claiming leaves the cycle's total");
}

#[test]
fn refusals_come_in_the_contracts_order() {
    let mut staker = Staker::default();
    let mut early = pool([1; 5]);
    early.activation.height = Some(100);
    let refused = early.stake(&mut staker, 99, atoms(0), 0);
    assert_eq!(refused, Err(Refusal::NotActive { height: 99 }));
    assert_eq!(early.claim(&mut staker, 99, 5), Err(Refusal::NotActive { height: 99 }));
    assert_eq!(early.claim(&mut staker, 100, 5), Err(Refusal::UnknownStaker));
    for lock in [0, 33, u32::MAX] {
        let refused = early.stake(&mut staker, 100, atoms(0), lock);
        assert_eq!(refused, Err(Refusal::Lock { found: lock, longest: 32 }));
    }
    assert_eq!(early.stake(&mut staker, 100, atoms(0), 1), Err(Refusal::NothingStaked));
    assert!(!staker.is_known(), "a refused stake makes nobody known");
    let codes = [
        (Refusal::NotActive { height: 0 }, 10_015),
        (Refusal::UnknownStaker, 10_003),
        (Refusal::Lock { found: 0, longest: 32 }, 10_016),
        (Refusal::NothingStaked, 10_016),
        (Refusal::CycleNotCompleted { asked: 0, current: 0 }, 10_017),
        (Refusal::AlreadyRegistered, 10_001),
    ];
    for (refusal, code) in codes {
        assert_eq!(refusal.code(), Some(code));
    }
}

#[test]
fn stakes_that_cannot_be_kept_are_refused_and_change_nothing() {
    let (mut pool, mut staker) = (pool([1; 5]), Staker::default());
    let far = block(u64::from(LAST_CYCLE) - 5);
    assert!(matches!(pool.stake(&mut staker, far, atoms(1), 6), Err(Refusal::BeyondHorizon { .. })));
    pool.stake(&mut staker, 0, atoms(i64::MAX), 1).unwrap();
    let before = (pool.clone(), staker.clone());
    assert_eq!(pool.stake(&mut staker, 0, atoms(1), 1), Err(Refusal::Overflow));
    assert_eq!((pool, staker), before);
}
