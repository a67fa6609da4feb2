//! The vault that compounds: auto-ALEX.
//!
//! Deposits are staked at once for the longest lock. Anyone may roll a cycle that is over: its reward and returning
//! principal are claimed and staked again, less a fixed bounty for whoever called. A share is priced at
//!
//! ```text
//! next_base = stake in cycle c+1  +  principal returning in cycle c  +  reward quoted for cycle c
//! intrinsic = next_base / shares
//! ```
//!
//! where `c` is the running cycle: its reward counts although it can be claimed only when the cycle is over, and may still
//! fall as others stake. Missed rolls lose nothing but are not in the price, and delay compounding. There is no redemption
//! until an end cycle is set and over; until then the way out is the market for the shares.
//!
//! Sources: `auto-alex` and `auto-alex-v2` of `alexgo-io/alex-v1` at `5146658f`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::pool::{Claimed, MAX_LOCK_CYCLES, Staked, StakingPool};
use super::refusal::Refusal;
use super::staker::Staker;
use crate::quantity::Amount;

/// Which contract's rules the vault follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Generation {
    /// `auto-alex`: opens at a height, and is never paused.
    First {
        /// First block at which it may be used; `None` is never.
        start_height: Option<u64>,
    },
    /// `auto-alex-v2`: opens with a cycle, can be paused, and quotes no price before the last cycle is rolled. Deposits
    /// roll it themselves.
    Second {
        /// First cycle in which it may be used; `None` is never. It needs no roll.
        start_cycle: Option<u32>,
        /// Deposits are switched off.
        create_paused: bool,
        /// Redemptions are switched off.
        redeem_paused: bool,
        /// Cycles that were rolled, and the start cycle.
        rolled: BTreeSet<u32>,
    },
}

/// An auto-compounding vault, as one staker of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoVault {
    /// Whose rules.
    pub generation: Generation,
    /// The last cycle it stakes for; `None` is never.
    pub end_cycle: Option<u32>,
    /// What rolling a cycle pays the caller, in atoms of the token.
    pub bounty: Amount,
    /// Its stakes.
    pub staker: Staker,
    /// Tokens it holds that are not staked.
    pub idle: Amount,
    /// Shares in circulation.
    pub shares: Amount,
}

/// A cycle, rolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolled {
    /// What the vault was paid.
    pub claimed: Claimed,
    /// What it staked again; `None` with its end cycle, after which tokens stay idle.
    pub staked: Option<Staked>,
    /// What the caller receives.
    pub bounty: Amount,
}

/// A deposit, made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposited {
    /// Shares to mint.
    pub shares: Amount,
    /// The stake.
    pub staked: Staked,
    /// The roll of the last cycle that came first, whose bounty the depositor receives (second generation).
    pub rolled: Option<Rolled>,
}

/// A redemption, made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redeemed {
    /// Tokens to pay.
    pub payout: Amount,
    /// Shares to burn.
    pub burned: Amount,
    /// What the vault was paid first, out of its end cycle.
    pub claimed: Claimed,
}

impl AutoVault {
    /// A vault without shares, end and bounty of its own choice.
    #[must_use]
    pub fn new(generation: Generation, bounty: Amount) -> Self {
        Self {
            generation,
            end_cycle: None,
            bounty,
            staker: Staker::default(),
            idle: Amount::ZERO,
            shares: Amount::ZERO,
        }
    }

    /// Opens a vault of the second generation with `cycle`, which counts as rolled. The first generation has no start
    /// cycle and is left as it is.
    pub fn start_with(&mut self, cycle: u32) {
        if let Generation::Second { start_cycle, rolled, .. } = &mut self.generation {
            *start_cycle = Some(cycle);
            rolled.insert(cycle);
        }
    }

    /// What the shares stand for, in atoms of the token.
    ///
    /// # Errors
    /// [`Refusal::NotActive`]; [`Refusal::NotRolled`] in the second generation; [`Refusal::Overflow`].
    pub fn next_base(&self, pool: &StakingPool, height: u64) -> Result<Amount, Refusal> {
        let current = pool.activation.cycle_at(height)?;
        if let Generation::Second { start_cycle, rolled, .. } = &self.generation
            && *start_cycle != Some(current)
        {
            // Cycle 0 has no cycle before it that could have been rolled.
            let previous = current.saturating_sub(1);
            if current == 0 || !rolled.contains(&previous) {
                return Err(Refusal::NotRolled { previous });
            }
        }
        let parts = [self.staker.returned_at(current), pool.quote_reward(&self.staker, current)];
        let staked = self.staker.staked_at(current + 1);
        parts.iter().try_fold(staked, |sum, &part| sum.checked_add(part)).ok_or(Refusal::Overflow)
    }

    /// Tokens per share; `None` without shares.
    ///
    /// # Errors
    /// As [`AutoVault::next_base`].
    pub fn intrinsic(&self, pool: &StakingPool, height: u64) -> Result<Option<f64>, Refusal> {
        let base = self.next_base(pool, height)?.atoms() as f64;
        Ok(self.shares.is_positive().then(|| base / self.shares.atoms() as f64))
    }

    /// Shares for a deposit: as many as tokens at first, then in proportion to the base, rounded down.
    ///
    /// # Errors
    /// As [`AutoVault::next_base`]; [`Refusal::NoBase`].
    pub fn quote_shares(&self, pool: &StakingPool, height: u64, amount: Amount) -> Result<Amount, Refusal> {
        if self.shares.is_zero() {
            return Ok(amount);
        }
        let base = self.next_base(pool, height)?;
        part(self.shares, amount, base).ok_or(if base.is_zero() {
            Refusal::NoBase
        } else {
            Refusal::Overflow
        })
    }

    /// Whether the reward quoted for a cycle exceeds the bounty.
    #[must_use]
    pub fn is_bountiable(&self, pool: &StakingPool, cycle: u32) -> bool {
        pool.quote_reward(&self.staker, cycle) > self.bounty
    }

    fn has_ended(&self, current: u32) -> Option<Refusal> {
        self.end_cycle.filter(|&end| end < current).map(|end| Refusal::VaultEnded { end, current })
    }

    fn lock_cycles(&self, current: u32) -> u32 {
        self.end_cycle.map_or(MAX_LOCK_CYCLES, |end| end.saturating_sub(current).min(MAX_LOCK_CYCLES))
    }

    fn check_start(&self, height: u64, current: u32) -> Result<(), Refusal> {
        let started = match self.generation {
            Generation::First { start_height } => start_height.is_some_and(|start| height >= start),
            Generation::Second { start_cycle, .. } => start_cycle.is_some_and(|start| current >= start),
        };
        if started { Ok(()) } else { Err(Refusal::VaultNotStarted) }
    }

    /// Takes a deposit, stakes it and says how many shares it is worth. In the second generation the last cycle is rolled
    /// first. The caller moves the tokens in.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::VaultEnded`], [`Refusal::VaultNotStarted`], [`Refusal::NothingDeposited`],
    /// [`Refusal::Paused`], those of [`AutoVault::roll`] and [`AutoVault::quote_shares`], [`Refusal::RoundsToNothing`], in
    /// this order. A refused deposit changes nothing.
    pub fn deposit(
        &mut self,
        pool: &mut StakingPool,
        height: u64,
        amount: Amount,
    ) -> Result<Deposited, Refusal> {
        let current = pool.activation.cycle_at(height)?;
        if let Some(end) = self.end_cycle.filter(|&end| end <= current) {
            return Err(Refusal::VaultEnded { end, current });
        }
        self.check_start(height, current)?;
        if !amount.is_positive() {
            return Err(Refusal::NothingDeposited);
        }
        if matches!(self.generation, Generation::Second { create_paused: true, .. }) {
            return Err(Refusal::Paused);
        }
        let Some(previous) = self.unrolled(current) else {
            let (shares, staked) = self.accept(pool, height, amount, current)?;
            return Ok(Deposited { shares, staked, rolled: None });
        };
        let before = (self.clone(), pool.books);
        let rolled = self.roll(pool, height, previous)?;
        match self.accept(pool, height, amount, current) {
            Ok((shares, staked)) => Ok(Deposited { shares, staked, rolled: Some(rolled) }),
            Err(refusal) => {
                rolled.staked.iter().for_each(|staked| pool.undo_stake(staked));
                (*self, pool.books) = before;
                Err(refusal)
            }
        }
    }

    /// Prices and stakes a deposit.
    fn accept(
        &mut self,
        pool: &mut StakingPool,
        height: u64,
        amount: Amount,
        current: u32,
    ) -> Result<(Amount, Staked), Refusal> {
        let shares = self.quote_shares(pool, height, amount)?;
        if !shares.is_positive() {
            return Err(Refusal::RoundsToNothing { mint: true });
        }
        let issued = self.shares.checked_add(shares).ok_or(Refusal::Overflow)?;
        let lock = self.lock_cycles(current);
        let staked = pool.stake(&mut self.staker, height, amount, lock)?;
        self.shares = issued;
        Ok((shares, staked))
    }

    /// The last cycle, where a deposit must roll it first.
    fn unrolled(&self, current: u32) -> Option<u32> {
        let Generation::Second { start_cycle: Some(start), rolled, .. } = &self.generation else {
            return None;
        };
        let previous = current.checked_sub(1)?;
        (current > *start && !rolled.contains(&previous)).then_some(previous)
    }

    /// Claims `cycle` and stakes everything but the bounty again. Anyone may call it, and again: a second call stakes
    /// what has been sent to the vault, if that exceeds the bounty.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::VaultNotStarted`] (first generation), [`Refusal::CycleNotCompleted`],
    /// [`Refusal::BelowBounty`], [`Refusal::VaultEnded`], in this order; [`Refusal::Overflow`]. A refused roll changes
    /// nothing.
    pub fn roll(&mut self, pool: &mut StakingPool, height: u64, cycle: u32) -> Result<Rolled, Refusal> {
        let current = pool.activation.cycle_at(height)?;
        if matches!(self.generation, Generation::First { .. }) {
            self.check_start(height, current)?;
        }
        if current <= cycle {
            return Err(Refusal::CycleNotCompleted { asked: cycle, current });
        }
        let due = pool.quote(&self.staker, cycle..cycle + 1)?;
        let held = [due.reward, due.principal]
            .iter()
            .try_fold(self.idle, |sum, &part| sum.checked_add(part))
            .ok_or(Refusal::Overflow)?;
        if held <= self.bounty {
            return Err(Refusal::BelowBounty);
        }
        if let Some(ended) = self.has_ended(current) {
            return Err(ended);
        }
        let again = held.saturating_less(self.bounty);
        let before = (self.staker.clone(), pool.books);
        // A vault that never staked claims nothing.
        let claimed = if self.staker.known { pool.claim(&mut self.staker, height, cycle)? } else { due };
        let staked = match self.lock_cycles(current) {
            0 => None,
            lock => match pool.stake(&mut self.staker, height, again, lock) {
                Ok(staked) => Some(staked),
                Err(refusal) => {
                    (self.staker, pool.books) = before;
                    return Err(refusal);
                }
            },
        };
        self.idle = if staked.is_some() { Amount::ZERO } else { again };
        if let Generation::Second { rolled, .. } = &mut self.generation {
            rolled.insert(cycle);
        }
        Ok(Rolled { claimed, staked, bounty: self.bounty })
    }

    /// Redeems the share `share` of a holding of `shares_held`, once the end cycle is over. The end cycle is claimed first;
    /// earlier ones must have been rolled, or their money stays out of reach of the redeemer.
    ///
    /// # Errors
    /// [`Refusal::NotActive`]; [`Refusal::UnknownStaker`] or [`Refusal::CycleNotCompleted`] from the claim;
    /// [`Refusal::VaultNotStarted`] (first generation) or [`Refusal::Paused`] (second); [`Refusal::Share`];
    /// [`Refusal::CycleNotCompleted`] while anything is staked; [`Refusal::RoundsToNothing`], in this order. A refused
    /// redemption changes nothing.
    pub fn redeem(
        &mut self,
        pool: &mut StakingPool,
        height: u64,
        shares_held: Amount,
        share: f64,
    ) -> Result<Redeemed, Refusal> {
        let current = pool.activation.cycle_at(height)?;
        if !self.staker.known {
            return Err(Refusal::UnknownStaker);
        }
        let end = self.end_cycle.unwrap_or(u32::MAX);
        if current <= end {
            return Err(Refusal::CycleNotCompleted { asked: end, current });
        }
        match self.generation {
            Generation::First { .. } => self.check_start(height, current)?,
            Generation::Second { redeem_paused: true, .. } => return Err(Refusal::Paused),
            Generation::Second { .. } => {}
        }
        if !(share > 0.0 && share <= 1.0) {
            return Err(Refusal::Share);
        }
        if self.staker.staked_at(current).is_positive() {
            return Err(Refusal::CycleNotCompleted { asked: current, current });
        }
        let due = pool.quote(&self.staker, end..end + 1)?;
        let held = [due.reward, due.principal]
            .iter()
            .try_fold(self.idle, |sum, &part| sum.checked_add(part))
            .ok_or(Refusal::Overflow)?;
        let burned = shares_held.share(share).min(self.shares);
        let payout = part(held, burned, self.shares).unwrap_or(Amount::ZERO);
        if !payout.is_positive() {
            return Err(Refusal::RoundsToNothing { mint: false });
        }
        let claimed = pool.claim(&mut self.staker, height, end)?;
        self.idle = held.saturating_less(payout);
        self.shares = self.shares.saturating_less(burned);
        Ok(Redeemed { payout, burned, claimed })
    }
}

/// `whole share / of`, rounded down; `None` without a divisor or where it does not fit.
fn part(whole: Amount, share: Amount, of: Amount) -> Option<Amount> {
    let product = i128::from(whole.atoms()) * i128::from(share.atoms());
    i64::try_from(product.checked_div(i128::from(of.atoms()))?).ok().map(Amount::from_atoms)
}
