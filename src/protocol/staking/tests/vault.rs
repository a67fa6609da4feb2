//! The compounding vault.

use std::collections::BTreeSet;

use super::super::{AutoVault, Generation, Refusal, Staker, StakingPool};
use super::{atoms, block, pool, stake};

fn first() -> AutoVault {
    AutoVault::new(Generation::First { start_height: Some(0) }, atoms(10))
}

fn second() -> AutoVault {
    let generation = Generation::Second {
        start_cycle: None,
        create_paused: false,
        redeem_paused: false,
        rolled: BTreeSet::new(),
    };
    let mut vault = AutoVault::new(generation, atoms(10));
    vault.start_with(0);
    vault
}

fn deposit(vault: &mut AutoVault, pool: &mut StakingPool, cycle: u64, amount: i64) -> i64 {
    vault.deposit(pool, block(cycle), atoms(amount)).unwrap().shares.atoms()
}

#[test]
fn the_share_price_counts_a_reward_that_is_not_claimable_yet() {
    let (mut pool, mut vault) = (pool([1_000; 5]), first());
    assert_eq!(deposit(&mut vault, &mut pool, 0, 1_000), 1_000, "one for one at first");
    assert_eq!(vault.next_base(&pool, block(0)), Ok(atoms(1_000)));
    // Cycle 1 has only begun and its 1,000 are in the price already.
    assert_eq!(vault.next_base(&pool, block(1)), Ok(atoms(2_000)));
    assert_eq!(vault.intrinsic(&pool, block(1)), Ok(Some(2.0)));
    assert_eq!(deposit(&mut vault, &mut pool, 1, 1_000), 500);
    assert!(vault.is_bountiable(&pool, 1));
    assert!(!vault.is_bountiable(&pool, 50));
    let reward = pool.quote_reward(&vault.staker, 1);
    vault.bounty = reward;
    assert!(!vault.is_bountiable(&pool, 1), "the bounty would take it all");
    vault.bounty = atoms(reward.atoms() - 1);
    assert!(vault.is_bountiable(&pool, 1));
}

#[test]
fn a_vault_that_nobody_rolls_quotes_less() {
    let (mut pool, mut vault) = (pool([1_000; 5]), first());
    deposit(&mut vault, &mut pool, 0, 1_000);
    let late = vault.next_base(&pool, block(2)).unwrap();
    assert_eq!(late, atoms(2_000), "the reward of cycle 1 is claimable and not in the price");
    let rolled = vault.roll(&mut pool, block(2), 1).unwrap();
    assert_eq!((rolled.claimed.reward, rolled.bounty), (atoms(1_000), atoms(10)));
    assert_eq!(rolled.staked.unwrap().amount, atoms(990));
    assert_eq!(vault.next_base(&pool, block(2)), Ok(atoms(2_990)), "nothing was lost but the bounty");
}

#[test]
fn rolls_are_refused_in_order() {
    let (mut pool, mut vault) = (pool([10; 5]), first());
    vault.generation = Generation::First { start_height: Some(10) };
    assert_eq!(vault.roll(&mut pool, 9, 0), Err(Refusal::VaultNotStarted));
    assert_eq!(vault.roll(&mut pool, 10, 0), Err(Refusal::CycleNotCompleted { asked: 0, current: 0 }));
    assert_eq!(vault.roll(&mut pool, block(1), 0), Err(Refusal::BelowBounty), "nothing staked, nothing held");
    vault.deposit(&mut pool, 10, atoms(100)).unwrap();
    let before = (vault.clone(), pool.clone());
    assert_eq!(
        vault.roll(&mut pool, block(2), 1),
        Err(Refusal::BelowBounty),
        "exactly the bounty is too little"
    );
    assert_eq!((vault.clone(), pool.clone()), before);
    vault.bounty = atoms(9);
    vault.end_cycle = Some(1);
    assert_eq!(vault.roll(&mut pool, block(2), 1), Err(Refusal::VaultEnded { end: 1, current: 2 }));
    vault.end_cycle = Some(2);
    let rolled = vault.roll(&mut pool, block(2), 1).unwrap();
    assert_eq!((rolled.staked, vault.idle), (None, atoms(1)), "no cycle left to stake for");
}

#[test]
fn deposits_are_refused_in_order() {
    let (mut pool, mut vault) = (pool([10; 5]), first());
    vault.generation = Generation::First { start_height: None };
    vault.end_cycle = Some(3);
    let refused = |vault: &mut AutoVault, pool: &mut StakingPool, cycle, amount| {
        vault.deposit(pool, block(cycle), atoms(amount)).unwrap_err().code()
    };
    assert_eq!(refused(&mut vault, &mut pool, 3, 0), Some(10_015));
    assert_eq!(refused(&mut vault, &mut pool, 2, 0), Some(2_043));
    vault.generation = Generation::First { start_height: Some(0) };
    assert_eq!(refused(&mut vault, &mut pool, 2, 0), Some(2_003));
    let staked = vault.deposit(&mut pool, block(1), atoms(5)).unwrap().staked;
    assert_eq!((staked.first, staked.last), (2, 3), "no stake reaches beyond the end");
}

#[test]
fn there_is_no_redemption_before_the_end() {
    let (mut pool, mut vault) = (pool([100; 5]), first());
    let all = deposit(&mut vault, &mut pool, 0, 1_000);
    assert_eq!(vault.redeem(&mut pool, block(50), atoms(all), 1.0).unwrap_err().code(), Some(10_017));
    let mut vault = first();
    let mut pool = super::pool([100; 5]);
    vault.end_cycle = Some(2);
    deposit(&mut vault, &mut pool, 0, 1_000);
    vault.roll(&mut pool, block(2), 1).unwrap();
    assert_eq!(vault.redeem(&mut pool, block(3) - 1, atoms(1_000), 1.0).unwrap_err().code(), Some(10_017));
    for share in [0.0, 1.1, f64::NAN] {
        assert_eq!(vault.redeem(&mut pool, block(3), atoms(1_000), share), Err(Refusal::Share));
    }
    let half = vault.redeem(&mut pool, block(3), atoms(1_000), 0.5).unwrap();
    // 1,000 staked, 100 of cycle 1 less the bounty of 10, and 100 of cycle 2.
    assert_eq!((half.payout, half.burned, half.claimed.principal), (atoms(595), atoms(500), atoms(1_000)));
    let rest = vault.redeem(&mut pool, block(3), atoms(500), 1.0).unwrap();
    assert_eq!((rest.payout, vault.idle, vault.shares), (atoms(595), atoms(0), atoms(0)));
    assert_eq!(
        vault.redeem(&mut pool, block(3), atoms(0), 1.0),
        Err(Refusal::RoundsToNothing { mint: false })
    );
}

#[test]
fn the_second_generation_rolls_before_it_quotes() {
    let (mut pool, mut vault) = (pool([1_000; 5]), second());
    deposit(&mut vault, &mut pool, 0, 1_000);
    assert_eq!(deposit(&mut vault, &mut pool, 1, 2_000), 1_000, "cycle 0 counts as rolled");
    assert_eq!(vault.next_base(&pool, block(2)), Err(Refusal::NotRolled { previous: 1 }));
    let made = vault.deposit(&mut pool, block(2), atoms(4_990)).unwrap();
    assert_eq!(made.rolled.unwrap().bounty, atoms(10), "the depositor earns the bounty");
    // 3,000 staked, 990 rolled and 1,000 of the running cycle stand behind 2,000 shares.
    assert_eq!(made.shares, atoms(2_000));
    assert!(vault.next_base(&pool, block(2)).is_ok());
}

#[test]
fn pauses_hold_and_a_refused_deposit_undoes_its_roll() {
    let (mut pool, mut vault) = (pool([1_000; 5]), second());
    deposit(&mut vault, &mut pool, 0, 1_000_000);
    let before = (vault.clone(), pool.clone());
    let refused = vault.deposit(&mut pool, block(2), atoms(1)).unwrap_err();
    // A share is worth a little more than an atom, so that the deposit rounds to nothing; the roll is undone with it.
    assert_eq!(refused, Refusal::RoundsToNothing { mint: true });
    assert_eq!(
        (vault.clone(), pool.books, pool.total_at(3)),
        (before.0, before.1.books, before.1.total_at(3))
    );
    if let Generation::Second { create_paused, redeem_paused, .. } = &mut vault.generation {
        (*create_paused, *redeem_paused) = (true, true);
    }
    assert_eq!(vault.deposit(&mut pool, block(2), atoms(1)), Err(Refusal::Paused));
    vault.end_cycle = Some(1);
    assert_eq!(vault.redeem(&mut pool, block(2), atoms(1), 1.0), Err(Refusal::Paused));
}

#[test]
fn compounding_beats_a_stake_of_the_same_size() {
    let (mut pool, mut vault) = (pool([1_000; 5]), first());
    let mut staker = Staker::default();
    stake(&mut pool, &mut staker, 0, 10_000, 32);
    deposit(&mut vault, &mut pool, 0, 10_000);
    for cycle in 1..30 {
        vault.roll(&mut pool, block(cycle + 1), cycle as u32).unwrap();
    }
    let compounded = vault.next_base(&pool, block(30)).unwrap().atoms() - 10_000;
    let plain = pool.quote_due(&staker, block(31)).unwrap().reward.atoms();
    assert!(compounded > plain, "{compounded} against {plain}");
}
