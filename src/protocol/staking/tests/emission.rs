//! Scheduled, staked, minted; and what governance does to them.

use super::super::{Claimed, Coinbase, Staker};
use super::{atoms, block, pool, stake};

#[test]
fn what_nobody_stakes_or_claims_is_never_minted() {
    let mut pool = pool([100; 5]);
    let [mut awake, mut asleep] = [Staker::default(), Staker::default()];
    stake(&mut pool, &mut awake, 0, 30, 2);
    stake(&mut pool, &mut asleep, 0, 10, 2);
    pool.claim_due(&mut awake, block(10)).unwrap();
    let emission = pool.emission(block(10)).unwrap();
    assert_eq!((emission.scheduled, emission.staked, emission.minted), (900, 200, 150));
    assert_eq!((emission.lapsed(), emission.unclaimed()), (700, 50));
    assert_eq!(pool.books.principal, atoms(10), "the sleeper's");
    pool.claim_due(&mut asleep, block(400)).unwrap();
    assert_eq!(pool.emission(block(10)).unwrap().unclaimed(), 0);
    assert_eq!(pool.books.principal, atoms(0));
}

#[test]
fn dust_is_lost() {
    let mut pool = pool([100; 5]);
    let mut stakers = vec![Staker::default(); 3];
    stakers.iter_mut().for_each(|staker| stake(&mut pool, staker, 0, 1, 1));
    for staker in &mut stakers {
        assert_eq!(pool.claim_due(staker, block(2)).unwrap().reward, atoms(33));
    }
    assert_eq!(pool.emission(block(2)).unwrap().unclaimed(), 1);
}

#[test]
fn apower_comes_with_the_reward_by_the_multiplier() {
    for (multiplier, apower) in [(1.0, 1_000), (0.3, 300), (0.6, 600), (0.0, 0), (f64::NAN, 0), (-1.0, 0)] {
        let (mut pool, mut staker) = (pool([1_000; 5]), Staker::default());
        pool.apower_multiplier = multiplier;
        stake(&mut pool, &mut staker, 0, 5, 1);
        let paid = pool.claim_due(&mut staker, block(2)).unwrap();
        assert_eq!(paid, Claimed { reward: atoms(1_000), apower: atoms(apower), principal: atoms(5) });
        assert_eq!(pool.books.apower, atoms(apower));
    }
}

#[test]
fn a_new_schedule_reaches_back_to_what_is_not_claimed() {
    let (mut pool, mut staker) = (pool([100; 5]), Staker::default());
    stake(&mut pool, &mut staker, 0, 10, 3);
    assert_eq!(pool.claim(&mut staker, block(3), 1).unwrap().reward, atoms(100));
    pool.coinbase = Coinbase::new([atoms(40); 5]);
    assert_eq!(pool.claim(&mut staker, block(3), 2).unwrap().reward, atoms(40), "earned at 100");
    pool.coinbase = pool.coinbase.ending_with(2, 2);
    assert_eq!(pool.claim(&mut staker, block(4), 3).unwrap().reward, atoms(0), "past the frozen era");
}

#[test]
fn longer_cycles_renumber_the_past() {
    let (mut pool, mut staker) = (pool([100; 5]), Staker::default());
    stake(&mut pool, &mut staker, 0, 10, 1);
    assert!(pool.claim(&mut staker.clone(), block(2), 1).is_ok());
    pool.activation.cycle_blocks *= 2;
    assert!(pool.claim(&mut staker, block(2), 1).is_err(), "cycle 1 is running again");
}

#[test]
fn tiers_share_a_cycle_by_weight_to_the_atom() {
    use super::super::{Tier, Tiers};
    let tiers =
        Tiers::new(&[Tier { lock_cycles: 4, weight: 1.5 }, Tier { lock_cycles: 8, weight: 3.25 }]).unwrap();
    let mut pool = pool([1_000; 5]).with_tiers(tiers);
    let mut wallets = [Staker::default(), Staker::default(), Staker::default()];
    for (wallet, (amount, lock)) in wallets.iter_mut().zip([(7, 3), (5, 4), (11, 8)]) {
        stake(&mut pool, wallet, 0, amount, lock);
    }
    // 7 + 7.5 + 35.75 = 50.25 count in the first three cycles; after them the tier stays that of the whole lock.
    let first = wallets.each_ref().map(|wallet| pool.quote_reward(wallet, 1).atoms());
    assert_eq!(first, [139, 149, 711]);
    assert_eq!(pool.claim_due(&mut wallets[1], block(4)).unwrap().reward, atoms(149 * 3));
    assert_eq!(pool.quote_reward(&wallets[1], 4), atoms(173), "7.5 of 43.25");
    assert_eq!(pool.weighted_total_at(1), 5_025);
    assert_eq!(pool.total_at(1), atoms(23), "principal counts once");
}

#[test]
fn an_undone_stake_leaves_nothing_of_its_weight() {
    use super::super::{Tier, Tiers};
    let tiers = Tiers::new(&[Tier { lock_cycles: 2, weight: 2.0 }]).unwrap();
    let mut pool = pool([1_000; 5]).with_tiers(tiers);
    let staked = pool.stake(&mut Staker::default(), block(0), atoms(9), 3).unwrap();
    pool.undo_stake(&staked);
    assert!((0..5).all(|cycle| pool.weighted_total_at(cycle) == 0 && pool.total_at(cycle).is_zero()));
}
