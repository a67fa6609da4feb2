//! The pool: what is staked in each cycle, what a cycle pays, and what was paid.

use serde::{Deserialize, Serialize};

use super::activation::{Activation, LAST_CYCLE};
use super::coinbase::Coinbase;
use super::refusal::Refusal;
use super::staker::{Position, Staker};
use super::tier::Tiers;
use crate::quantity::Amount;

/// The longest lock, in cycles: about 117 days.
pub const MAX_LOCK_CYCLES: u32 = 32;
/// The APower multiplier is read to the billionth, so that it multiplies atoms exactly.
const BILLION: i128 = 1_000_000_000;

/// Running sums of a pool, in atoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Books {
    /// Principal owed to stakers, of the staked token. The contracts book it into the reserve ledger of that token, beside
    /// the protocol's own money; here it is told apart.
    pub principal: Amount,
    /// Rewards paid, of the reward token.
    pub minted: Amount,
    /// APower minted with them.
    pub apower: Amount,
}

/// A staking pool of one token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakingPool {
    /// When it opens and how long a cycle is.
    pub activation: Activation,
    /// What it emits. May be replaced at any time, and then holds for every cycle that is not claimed.
    pub coinbase: Coinbase,
    /// APower per token of reward. Not a number, or less than zero, counts as none.
    pub apower_multiplier: f64,
    /// Running sums.
    pub books: Books,
    /// How much more a longer lock counts.
    #[serde(default)]
    tiers: Tiers,
    /// Total stake by cycle; claims do not lower it.
    totals: Vec<Amount>,
    /// The same, each stake times the weight of its tier.
    #[serde(default)]
    weighted: Vec<i128>,
}

/// A stake, made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staked {
    /// What was staked.
    pub amount: Amount,
    /// First cycle in which it counts: the one after the current.
    pub first: u32,
    /// Last cycle in which it counts, whose claim returns it.
    pub last: u32,
    /// Its commitment tier; 0 without any.
    pub tier: u8,
}

/// What a claim pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claimed {
    /// Reward to mint.
    pub reward: Amount,
    /// APower to mint.
    pub apower: Amount,
    /// Principal to return.
    pub principal: Amount,
}

/// Emission by what became of it, over all cycles that are over, in atoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emission {
    /// By the present schedule: the most that could have been minted.
    pub scheduled: i128,
    /// The part of it that fell in cycles in which somebody had staked.
    pub staked: i128,
    /// What was minted: rewards that were claimed.
    pub minted: i128,
}

impl Emission {
    /// Fell in cycles without a stake, and is never minted.
    #[must_use]
    pub const fn lapsed(&self) -> i128 {
        self.scheduled - self.staked
    }

    /// Still to be claimed, together with the dust that rounding leaves. Below zero only if the schedule was cut after
    /// claims under a richer one.
    #[must_use]
    pub const fn unclaimed(&self) -> i128 {
        self.staked - self.minted
    }
}

impl StakingPool {
    /// A pool without stakers.
    #[must_use]
    pub fn new(activation: Activation, coinbase: Coinbase, apower_multiplier: f64) -> Self {
        Self {
            activation,
            coinbase,
            apower_multiplier,
            books: Books::default(),
            tiers: Tiers::default(),
            totals: Vec::new(),
            weighted: Vec::new(),
        }
    }

    /// The same pool, in which longer locks count more. To be said before anybody stakes.
    #[must_use]
    pub fn with_tiers(self, tiers: Tiers) -> Self {
        Self { tiers, ..self }
    }

    /// How much more a longer lock counts.
    #[must_use]
    pub const fn tiers(&self) -> &Tiers {
        &self.tiers
    }

    /// What counts in a cycle: each stake in atoms, times the weight of its tier.
    #[must_use]
    pub fn weighted_total_at(&self, cycle: u32) -> i128 {
        self.weighted.get(cycle as usize).copied().unwrap_or(0)
    }

    /// What of it is a staker's, where it is not claimed.
    #[must_use]
    pub fn weighted_stake_at(&self, staker: &Staker, cycle: u32) -> i128 {
        let counting = staker.positions().iter().filter(|position| position.covers(cycle));
        counting.map(|position| self.tiers.weigh(position.amount(), position.tier())).sum()
    }

    /// Total stake that counts in a cycle.
    #[must_use]
    pub fn total_at(&self, cycle: u32) -> Amount {
        self.totals.get(cycle as usize).copied().unwrap_or(Amount::ZERO)
    }

    /// What a stake that counts `weighted` earns in a cycle: `coinbase weighted / total`, rounded down. It is quoted before
    /// the cycle is over, and so may still fall as others stake.
    #[must_use]
    pub fn reward_at(&self, cycle: u32, weighted: i128) -> Amount {
        let coinbase = i128::from(self.coinbase.at(cycle).atoms());
        let (mut weighted, mut total) = (weighted, self.weighted_total_at(cycle));
        if coinbase.checked_mul(weighted).is_none() {
            // Rounded down alike, the parts still add up to no more than the whole.
            (weighted, total) = (weighted >> 32, total >> 32);
        }
        let reward = if total > 0 { coinbase * weighted / total } else { 0 };
        // A staker's stake is part of the total, so that the reward is at most the coinbase.
        Amount::from_atoms(i64::try_from(reward).unwrap_or(i64::MAX))
    }

    /// What a staker earns in a cycle that he has not claimed (`get-staking-reward`).
    #[must_use]
    pub fn quote_reward(&self, staker: &Staker, cycle: u32) -> Amount {
        self.reward_at(cycle, self.weighted_stake_at(staker, cycle))
    }

    /// Stakes `amount` for `lock_cycles`, from the next cycle on. The caller moves the tokens in.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::Lock`], [`Refusal::NothingStaked`], in this order; [`Refusal::BeyondHorizon`],
    /// [`Refusal::Overflow`]. A refused stake changes nothing.
    pub fn stake(
        &mut self,
        staker: &mut Staker,
        height: u64,
        amount: Amount,
        lock_cycles: u32,
    ) -> Result<Staked, Refusal> {
        let current = self.activation.cycle_at(height)?;
        let lock =
            u16::try_from(lock_cycles).ok().filter(|lock| (1..=MAX_LOCK_CYCLES).contains(&u32::from(*lock)));
        let lock = lock.ok_or(Refusal::Lock { found: lock_cycles, longest: MAX_LOCK_CYCLES })?;
        if !amount.is_positive() {
            return Err(Refusal::NothingStaked);
        }
        let (first, last) = (current + 1, current + lock_cycles);
        if last > LAST_CYCLE {
            return Err(Refusal::BeyondHorizon { found: u64::from(last), last: LAST_CYCLE });
        }
        // The principal of all is at least the total of any cycle still to come.
        let principal = self.books.principal.checked_add(amount).ok_or(Refusal::Overflow)?;
        if self.totals.len() <= last as usize {
            self.totals.resize(last as usize + 1, Amount::ZERO);
            self.weighted.resize(last as usize + 1, 0);
        }
        self.books.principal = principal;
        let staked = Staked { amount, first, last, tier: self.tiers.of_lock(lock_cycles) };
        self.change_totals(&staked, 1);
        self.activation.welcome(staker);
        staker.add(Position::new(amount, first, lock, staked.tier));
        Ok(staked)
    }

    /// Takes a stake of the same transaction back out of the totals. The caller puts back the copies of the staker's
    /// record, of [`StakingPool::books`] and of [`StakingPool::activation`] that it took before.
    pub fn undo_stake(&mut self, staked: &Staked) {
        self.change_totals(staked, -1);
    }

    fn change_totals(&mut self, staked: &Staked, sign: i8) {
        let atoms = staked.amount.atoms() * i64::from(sign);
        let weighted = self.tiers.weigh(staked.amount, staked.tier) * i128::from(sign);
        let cycles = staked.first as usize..=staked.last as usize;
        for (total, sum) in
            self.totals.iter_mut().zip(&mut self.weighted).take(cycles.end() + 1).skip(*cycles.start())
        {
            *total = Amount::from_atoms(total.atoms().saturating_add(atoms));
            *sum += weighted;
        }
    }

    /// Pays one cycle that is over: its reward, and the principal whose last cycle it was. A second claim pays nothing.
    /// The caller mints and moves the tokens.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::UnknownStaker`], [`Refusal::CycleNotCompleted`], in this order;
    /// [`Refusal::Overflow`]. A refused claim changes nothing.
    pub fn claim(&mut self, staker: &mut Staker, height: u64, cycle: u32) -> Result<Claimed, Refusal> {
        let current = self.activation.cycle_at(height)?;
        if !staker.known {
            return Err(Refusal::UnknownStaker);
        }
        if current <= cycle {
            return Err(Refusal::CycleNotCompleted { asked: cycle, current });
        }
        self.pay(staker, cycle..cycle + 1)
    }

    /// Pays every cycle that is over and not claimed, whatever order they were claimed in before; nothing is due is no
    /// refusal. Costs as much as there are cycles due, times positions.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::Overflow`].
    pub fn claim_due(&mut self, staker: &mut Staker, height: u64) -> Result<Claimed, Refusal> {
        let due = staker.due(self.activation.cycle_at(height)?);
        self.pay(staker, due)
    }

    /// What [`StakingPool::claim_due`] would pay.
    ///
    /// # Errors
    /// As [`StakingPool::claim_due`].
    pub fn quote_due(&self, staker: &Staker, height: u64) -> Result<Claimed, Refusal> {
        self.quote(staker, staker.due(self.activation.cycle_at(height)?))
    }

    /// Rewards and principal of these cycles.
    pub(super) fn quote(&self, staker: &Staker, cycles: std::ops::Range<u32>) -> Result<Claimed, Refusal> {
        let mut due = Claimed::default();
        for cycle in cycles {
            let reward = self.quote_reward(staker, cycle);
            let sums = [
                (&mut due.reward, reward),
                (&mut due.apower, self.apower_of(reward)?),
                (&mut due.principal, staker.returned_at(cycle)),
            ];
            for (sum, part) in sums {
                *sum = sum.checked_add(part).ok_or(Refusal::Overflow)?;
            }
        }
        Ok(due)
    }

    fn pay(&mut self, staker: &mut Staker, cycles: std::ops::Range<u32>) -> Result<Claimed, Refusal> {
        let due = self.quote(staker, cycles.clone())?;
        let books = Books {
            principal: self.books.principal.checked_sub(due.principal).ok_or(Refusal::Overflow)?,
            minted: self.books.minted.checked_add(due.reward).ok_or(Refusal::Overflow)?,
            apower: self.books.apower.checked_add(due.apower).ok_or(Refusal::Overflow)?,
        };
        self.books = books;
        staker.remove(cycles);
        Ok(due)
    }

    /// APower minted with a reward, rounded down.
    #[allow(clippy::cast_possible_truncation, reason = "a float becomes the nearest integer there is")]
    fn apower_of(&self, reward: Amount) -> Result<Amount, Refusal> {
        let billionths = (self.apower_multiplier.max(0.0) * BILLION as f64).round() as i64;
        let atoms = i128::from(reward.atoms()) * i128::from(billionths) / BILLION;
        i64::try_from(atoms).map(Amount::from_atoms).map_err(|_| Refusal::Overflow)
    }

    /// What became of the emission of all cycles that are over at `height`.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::BeyondHorizon`].
    pub fn emission(&self, height: u64) -> Result<Emission, Refusal> {
        let over = self.activation.cycle_at(height)?.saturating_sub(1);
        let somebody = (1..=over).filter(|&cycle| self.total_at(cycle).is_positive());
        Ok(Emission {
            scheduled: self.coinbase.scheduled_through(over),
            staked: somebody.map(|cycle| i128::from(self.coinbase.at(cycle).atoms())).sum(),
            minted: i128::from(self.books.minted.atoms()),
        })
    }
}
