//! Against a record that keeps a number per wallet and cycle, as the contract does.

use proptest::prelude::*;

use super::super::{Staker, StakingPool};
use super::{atoms, block, pool};

const CYCLES: usize = 24;
const WALLETS: usize = 4;

/// The contract's two maps.
#[derive(Default, Clone)]
struct Maps {
    staked: [[i64; CYCLES]; WALLETS],
    to_return: [[i64; CYCLES]; WALLETS],
    totals: [i64; CYCLES],
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Stake { amount: i64, lock: usize },
    Claim { cycle: usize },
    ClaimDue,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let stake = (1..1_000_i64, 1..6_usize).prop_map(|(amount, lock)| Step::Stake { amount, lock });
    let claim = (0..CYCLES).prop_map(|cycle| Step::Claim { cycle });
    let step = prop_oneof![3 => stake, 3 => claim, 1 => Just(Step::ClaimDue)];
    prop::collection::vec((0..WALLETS, step), 1..40)
}

impl Maps {
    fn claim(&mut self, wallet: usize, cycle: usize, coinbase: i64) -> (i64, i64) {
        let total = self.totals[cycle].max(1);
        let reward = coinbase * std::mem::take(&mut self.staked[wallet][cycle]) / total;
        (reward, std::mem::take(&mut self.to_return[wallet][cycle]))
    }
}

fn same(pool: &StakingPool, stakers: &[Staker], maps: &Maps) -> Result<(), TestCaseError> {
    for cycle in 0..CYCLES {
        prop_assert_eq!(pool.total_at(cycle as u32).atoms(), maps.totals[cycle]);
        for (wallet, staker) in stakers.iter().enumerate() {
            prop_assert_eq!(staker.staked_at(cycle as u32).atoms(), maps.staked[wallet][cycle]);
            prop_assert_eq!(staker.returned_at(cycle as u32).atoms(), maps.to_return[wallet][cycle]);
        }
    }
    let owed: i64 = maps.to_return.iter().flatten().sum();
    prop_assert_eq!(pool.books.principal.atoms(), owed);
    Ok(())
}

proptest! {
    /// Whatever is staked and claimed in whatever order, intervals say what the maps say.
    #[test]
    fn intervals_are_the_contracts_maps(steps in steps(), coinbase in 0..10_000_i64) {
        let mut pool = pool([coinbase; 5]);
        let (mut stakers, mut maps) = (vec![Staker::default(); WALLETS], Maps::default());
        for (index, (wallet, step)) in steps.into_iter().enumerate() {
            // Time goes on with every second step.
            let now = index / 2;
            let height = block(now as u64);
            let staker = &mut stakers[wallet];
            match step {
                Step::Stake { amount, lock } if now + lock < CYCLES => {
                    pool.stake(staker, height, atoms(amount), lock as u32).unwrap();
                    for cycle in now + 1..=now + lock {
                        maps.staked[wallet][cycle] += amount;
                        maps.totals[cycle] += amount;
                    }
                    maps.to_return[wallet][now + lock] += amount;
                }
                Step::Claim { cycle } if cycle < now && staker.is_known() => {
                    let paid = pool.claim(staker, height, cycle as u32).unwrap();
                    let (reward, principal) = maps.claim(wallet, cycle, coinbase);
                    prop_assert_eq!((paid.reward.atoms(), paid.principal.atoms()), (reward, principal));
                }
                Step::ClaimDue => {
                    let quoted = pool.quote_due(staker, height).unwrap();
                    let paid = pool.claim_due(staker, height).unwrap();
                    prop_assert_eq!(quoted, paid);
                    let theirs: Vec<_> = (0..now.min(CYCLES)).map(|cycle| maps.claim(wallet, cycle, coinbase)).collect();
                    prop_assert_eq!(paid.reward.atoms(), theirs.iter().map(|paid| paid.0).sum::<i64>());
                    prop_assert_eq!(paid.principal.atoms(), theirs.iter().map(|paid| paid.1).sum::<i64>());
                }
                Step::Stake { .. } | Step::Claim { .. } => {}
            }
            same(&pool, &stakers, &maps)?;
        }
        let emission = pool.emission(block(CYCLES as u64)).unwrap();
        prop_assert!(emission.minted <= emission.staked && emission.staked <= emission.scheduled);
    }

    /// A stake that is taken back leaves no trace.
    #[test]
    fn an_undone_stake_leaves_no_trace(before in 1..1_000_i64, amount in 1..1_000_i64, lock in 1..=32_u32) {
        let (mut pool, mut staker) = (pool([7; 5]), Staker::default());
        pool.stake(&mut staker, 0, atoms(before), 32).unwrap();
        let copies = (pool.clone(), staker.clone());
        let staked = pool.stake(&mut staker, block(0), atoms(amount), lock).unwrap();
        pool.undo_stake(&staked);
        (pool.books, pool.activation) = (copies.0.books, copies.0.activation);
        prop_assert_eq!(pool, copies.0);
    }

    /// A wallet that stakes every cycle and claims every cycle stays small.
    #[test]
    fn a_busy_wallet_stays_small(locks in prop::collection::vec(1..=32_u32, 60)) {
        let (mut pool, mut staker) = (pool([7; 5]), Staker::default());
        for (cycle, lock) in locks.into_iter().enumerate() {
            pool.claim_due(&mut staker, block(cycle as u64)).unwrap();
            pool.stake(&mut staker, block(cycle as u64), atoms(1), lock).unwrap();
            prop_assert!(staker.positions().len() <= 33);
        }
    }
}
