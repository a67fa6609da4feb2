//! ALEX staking: cycles, halving emission, and a vault that compounds.
//!
//! Stakers lock a token for 1 to 32 cycles of 525 blocks. Every cycle emits a fixed amount of the governance token, split
//! in proportion to the stakes that count in it; the principal comes back with the last cycle. Rewards are minted when
//! they are claimed, and with them APower, which cannot be transferred and is burned for launchpad tickets.
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | `c` | [`Activation::cycle_at`] | cycles of 525 blocks | `get-reward-cycle` |
//! | `L` | `lock_cycles` | cycles, 1 to 32 | `stake-tokens` |
//! | `e(c)` | [`Coinbase::at`] | atoms of the reward token per cycle | `get-coinbase-amount-or-default` |
//! | `S(c)` | [`StakingPool::total_at`] | atoms of the staked token | `staking-stats-at-cycle` |
//! | `s(c)` | [`Staker::staked_at`] | atoms of the staked token | `staker-at-cycle` |
//! | `e s / S` | [`StakingPool::reward_at`] | atoms of the reward token | `get-staking-reward` |
//! | `w(L)` | [`Tiers::weight_of`] | 1 | a commitment tier: not in the contracts, where it is 1 |
//! | `m` | [`StakingPool::apower_multiplier`] | APower per token of reward | `set-apower-multiplier-in-fixed` |
//!
//! A stake made in cycle `c` counts in `c+1 ..= c+L`. Cycle 0 therefore never has a staker, and whoever unlocks and stakes
//! again is unpaid for one cycle. The emission of a cycle without stakers is never minted, and neither is what nobody
//! claims: the schedule is an upper bound.
//!
//! Amounts are whole atoms, because principal and totals must add up exactly; a reward is rounded down once, to one atom,
//! where the contract rounds twice. The [`StakingPool`] holds one total per cycle; each wallet has a [`Staker`] of 32 bytes
//! and 16 per running stake, and is paid when it asks, however long that is: nothing is done per wallet when a cycle ends.
//!
//! Sources: `alex-reserve-pool`, `auto-alex` and `auto-alex-v2` of `alexgo-io/alex-v1` at `5146658f`; AGP005 to AGP147 of
//! `alexgo-io/alex-dao-proposals`; ALEXnomics.
//!
//! # Three stakers
//!
//! ```
//! use ballast::protocol::staking::{Activation, Coinbase, Refusal, Staker, StakingPool};
//! use ballast::quantity::Amount;
//!
//! let atoms = Amount::from_atoms;
//! let mut pool = StakingPool::new(Activation::at(100), Coinbase::new([atoms(413_000); 5]), 1.0);
//! let mut wallets = [Staker::default(), Staker::default(), Staker::default()];
//! for (wallet, (amount, lock)) in wallets.iter_mut().zip([(600_000, 1), (300_000, 3), (77_778, 2)]) {
//!     pool.stake(wallet, 111, atoms(amount), lock)?;
//! }
//! // Cycle 1 runs from block 625 to 1,149, and is paid afterwards.
//! let early = pool.claim(&mut wallets[0], 1_149, 1);
//! assert_eq!(early, Err(Refusal::CycleNotCompleted { asked: 1, current: 1 }));
//! let paid = pool.claim(&mut wallets[0], 1_150, 1)?;
//! assert_eq!((paid.reward, paid.principal), (atoms(253_431), atoms(600_000)));
//! // The second staker comes back late and is paid cycles 1 to 3 at once.
//! let paid = pool.claim_due(&mut wallets[1], 5_000)?;
//! assert_eq!(paid.reward, atoms(126_715 + 327_970 + 413_000));
//! assert_eq!(paid.principal, atoms(300_000));
//! # Ok::<(), Refusal>(())
//! ```

mod activation;
mod auto_vault;
mod coinbase;
mod pool;
mod refusal;
mod staker;
mod tier;

pub use activation::{Activation, ActivationRules, CYCLE_BLOCKS, LAST_CYCLE, MAINNET_ACTIVATION};
pub use auto_vault::{AutoVault, Deposited, Generation, Redeemed, Rolled};
pub use coinbase::{Coinbase, HALVING_CYCLES, preset};
pub use pool::{Books, Claimed, Emission, MAX_LOCK_CYCLES, Staked, StakingPool};
pub use refusal::Refusal;
pub use staker::{Position, Staker};
pub use tier::{Tier, TierError, Tiers};

#[cfg(test)]
mod tests;
