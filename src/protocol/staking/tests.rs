//! The traps of cycle arithmetic, the accounting, the vault.

mod cycles;
mod emission;
mod properties;
mod vault;

use super::{Activation, Coinbase, Staker, StakingPool};
use crate::quantity::Amount;

/// Blocks of a cycle.
const CYCLE: u64 = super::CYCLE_BLOCKS;

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

/// Opens at block 0 and emits this many atoms a cycle in each era.
fn pool(coinbase: [i64; 5]) -> StakingPool {
    StakingPool::new(Activation::at(0), Coinbase::new(coinbase.map(atoms)), 1.0)
}

/// First block of a cycle.
fn block(cycle: u64) -> u64 {
    CYCLE * cycle
}

fn stake(pool: &mut StakingPool, staker: &mut Staker, cycle: u64, amount: i64, lock: u32) {
    pool.stake(staker, block(cycle), atoms(amount), lock).unwrap();
}
