//! The rebalance pool of the first generation: fETH that stands ready to be redeemed in stress.
//!
//! Depositors earn streamed rewards; when the ratio falls below the pool's threshold, a keeper redeems pooled fETH at
//! NAV and the depositors own the ETH instead. Leaving takes an unlock of 14 days, during which fETH still bears losses
//! and earns proceeds, but no streamed reward.
//!
//! The pool record is small and `Copy`; the sums of ended epochs are in a [`SumHistory`] that the owner keeps beside it.

use serde::{Deserialize, Serialize};

use super::nav::Valuation;
use super::oracle::PriceUse;
use super::pool_product::{ClosedSums, Product, RewardSums, SumHistory, lose};
use super::redeem::redeem_feth;
use super::refusal::{Refusal, positive};
use super::rules::Rules;
use super::state::{Conditions, DUST, Outcome, State};
use super::stream::{PooledReward, Stream, TopUp};
use super::threshold::max_redeemable_feth;

/// Parameters of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolRules {
    /// The pool may liquidate below this collateral ratio.
    pub liquidation_ratio: f64,
    /// How long an unlock takes, in seconds (first generation).
    pub unlock_seconds: i64,
    /// Over how long a reward is streamed, in seconds.
    pub reward_period_seconds: i64,
}

impl PoolRules {
    /// The deployed values: 130.55 %, 14 days, 7 days.
    pub const DEPLOYED_2023: Self =
        Self { liquidation_ratio: 1.3055, unlock_seconds: 14 * 86_400, reward_period_seconds: 7 * 86_400 };
}

/// The record of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RebalancePool {
    /// Where its losses stand.
    pub product: Product,
    /// What its gains stand at.
    pub sums: RewardSums,
    /// fETH that earns everything.
    pub staked: f64,
    /// fETH on its way out.
    pub unlocking: f64,
    /// The streams, by [`PooledReward`].
    pub streams: [Stream; 2],
}

/// The record of one depositor.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakePosition {
    /// fETH staked, at the snapshot.
    pub deposit: f64,
    /// fETH unlocking, at the snapshot.
    pub unlocking: f64,
    /// When the unlock matures, in seconds.
    pub unlock_at_seconds: i64,
    /// The pool's product at the snapshot; `None` while there is no stake.
    pub product: Option<Product>,
    /// The pool's sums at the snapshot.
    pub sums: RewardSums,
    /// Gains settled and not yet claimed.
    pub pending: RewardSums,
}

/// What a depositor takes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Liquidation proceeds and streamed yield: collateral tokens.
    Collateral,
    /// The second token.
    Incentive,
}

/// A liquidation by a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolLiquidation {
    /// The pool afterwards.
    pub pool: RebalancePool,
    /// Sums to append to the history, when an (epoch, scale) ended.
    pub closed: Option<ClosedSums>,
    /// The redemption: the caller of its amounts is the pool.
    pub redemption: Outcome,
}

impl RebalancePool {
    /// An empty pool.
    #[must_use]
    pub fn new(rules: &PoolRules) -> Self {
        Self {
            product: Product::START,
            sums: RewardSums::default(),
            staked: 0.0,
            unlocking: 0.0,
            streams: [Stream::new(rules.reward_period_seconds); 2],
        }
    }

    /// The pool after paying its streams out up to `now`: to the stake, or into the queue while there is none.
    #[must_use]
    pub fn accrued(mut self, now_seconds: i64) -> Self {
        for index in 0..self.streams.len() {
            let (mut stream, due) = self.streams[index].paid_out(now_seconds);
            if self.staked > 0.0 {
                self.sums.streamed[index] += due / self.staked * self.product.magnitude;
            } else {
                stream.queued += due;
            }
            self.streams[index] = stream;
        }
        self
    }

    /// The position brought up to the pool's present product and sums.
    fn settled(&self, history: &SumHistory, position: &StakePosition) -> StakePosition {
        let Some(then) = position.product else { return *position };
        if position.deposit == 0.0 && position.unlocking == 0.0 {
            return *position;
        }
        StakePosition {
            deposit: self.product.compounded(position.deposit, then),
            unlocking: self.product.compounded(position.unlocking, then),
            product: Some(self.product),
            sums: self.sums,
            pending: self.earned(history, position),
            ..*position
        }
    }

    /// Gains of the position up to the pool's last accrual, by kind.
    #[must_use]
    pub fn earned(&self, history: &SumHistory, position: &StakePosition) -> RewardSums {
        let Some(then) = position.product else { return position.pending };
        let per_unit = history.gains(self.product, &self.sums, then, &position.sums);
        let mut earned = position.pending;
        earned.proceeds += (position.deposit + position.unlocking) * per_unit.proceeds;
        for index in 0..earned.streamed.len() {
            earned.streamed[index] += position.deposit * per_unit.streamed[index];
        }
        earned
    }

    /// Tokens that `claim` would pay up to the pool's last accrual.
    #[must_use]
    pub fn claimable(&self, history: &SumHistory, position: &StakePosition, claim: Claim) -> f64 {
        let earned = self.earned(history, position);
        match claim {
            Claim::Collateral => earned.proceeds + earned.streamed[PooledReward::Yield.index()],
            Claim::Incentive => earned.streamed[PooledReward::Incentive.index()],
        }
    }

    /// fETH staked by the position, after losses.
    #[must_use]
    pub fn balance_of(&self, position: &StakePosition) -> f64 {
        position.product.map_or(0.0, |then| self.product.compounded(position.deposit, then))
    }

    /// fETH of the position that is unlocking or unlocked, after losses.
    #[must_use]
    pub fn unlocking_of(&self, position: &StakePosition) -> f64 {
        position.product.map_or(0.0, |then| self.product.compounded(position.unlocking, then))
    }

    /// Stakes `feth`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPositive`] for an amount that is none.
    pub fn deposit(
        &self,
        history: &SumHistory,
        position: &StakePosition,
        feth: f64,
        now_seconds: i64,
    ) -> Result<(Self, StakePosition), Refusal> {
        positive("the deposit", feth)?;
        let pool = self.accrued(now_seconds);
        let settled = pool.settled(history, position);
        let position = StakePosition {
            deposit: settled.deposit + feth,
            product: Some(pool.product),
            sums: pool.sums,
            ..settled
        };
        Ok((Self { staked: pool.staked + feth, ..pool }, position))
    }

    /// Begins to unlock up to `feth` of the stake.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoDeposit`]; [`Refusal::UnlockedWaiting`] while a matured unlock has not been withdrawn.
    pub fn unlock(
        &self,
        history: &SumHistory,
        rules: &PoolRules,
        position: &StakePosition,
        feth: f64,
        now_seconds: i64,
    ) -> Result<(Self, StakePosition), Refusal> {
        positive("the unlock", feth)?;
        if position.deposit <= 0.0 {
            return Err(Refusal::NoDeposit);
        }
        let pool = self.accrued(now_seconds);
        let settled = pool.settled(history, position);
        if settled.unlocking > 0.0 && settled.unlock_at_seconds <= now_seconds {
            return Err(Refusal::UnlockedWaiting { waiting: settled.unlocking });
        }
        let moved = feth.min(settled.deposit);
        let mut position = StakePosition {
            deposit: settled.deposit - moved,
            unlocking: settled.unlocking + moved,
            unlock_at_seconds: now_seconds
                .saturating_add(rules.unlock_seconds)
                .max(settled.unlock_at_seconds),
            ..settled
        };
        if position.deposit == 0.0 && position.unlocking == 0.0 {
            position.product = None;
        }
        let staked = without_dust(pool.staked - moved, pool.staked);
        Ok((Self { staked, unlocking: pool.unlocking + moved, ..pool }, position))
    }

    /// Takes out what has finished unlocking; returns the fETH paid.
    ///
    /// # Errors
    ///
    /// [`Refusal::StillLocked`] before the unlock matures.
    pub fn withdraw_unlocked(
        &self,
        history: &SumHistory,
        position: &StakePosition,
        now_seconds: i64,
    ) -> Result<(Self, StakePosition, f64), Refusal> {
        let pool = self.accrued(now_seconds);
        let settled = pool.settled(history, position);
        if settled.unlock_at_seconds > now_seconds {
            return Err(Refusal::StillLocked { unlock_at: settled.unlock_at_seconds, now: now_seconds });
        }
        if settled.unlocking == 0.0 {
            return Ok((pool, settled, 0.0));
        }
        let unlocking = without_dust(pool.unlocking - settled.unlocking, pool.unlocking);
        let position = StakePosition { unlocking: 0.0, unlock_at_seconds: 0, ..settled };
        Ok((Self { unlocking, ..pool }, position, settled.unlocking))
    }

    /// Pays out one kind of gain; returns the tokens paid.
    #[must_use]
    pub fn claim(
        &self,
        history: &SumHistory,
        position: &StakePosition,
        claim: Claim,
        now_seconds: i64,
    ) -> (Self, StakePosition, f64) {
        let pool = self.accrued(now_seconds);
        let mut settled = pool.settled(history, position);
        let paid = match claim {
            Claim::Collateral => {
                let streamed = std::mem::take(&mut settled.pending.streamed[PooledReward::Yield.index()]);
                std::mem::take(&mut settled.pending.proceeds) + streamed
            }
            Claim::Incentive => {
                std::mem::take(&mut settled.pending.streamed[PooledReward::Incentive.index()])
            }
        };
        (pool, settled, paid)
    }

    /// Adds `amount` to a stream; it waits in the queue while nobody stakes.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPositive`] for an amount that is none.
    pub fn add_reward(&self, reward: PooledReward, amount: f64, now_seconds: i64) -> Result<Self, Refusal> {
        positive("the reward", amount)?;
        let mut pool = self.accrued(now_seconds);
        let stream = &mut pool.streams[reward.index()];
        if pool.staked > 0.0 {
            *stream = stream.topped_up(amount, now_seconds, TopUp::Always)?;
        } else {
            stream.queued += amount;
        }
        Ok(pool)
    }

    /// Redeems up to `most` of the pool's `feth_balance`, as far as needed to lift the ratio to the pool's threshold,
    /// and shares loss and proceeds among all that is staked or unlocking.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolCannotLiquidate`] unless `CR` is strictly below the threshold; what [`redeem_feth`] refuses.
    pub fn liquidate(
        &self,
        state: &State,
        rules: &Rules,
        pool_rules: &PoolRules,
        now: &Conditions,
        feth_balance: f64,
        most: f64,
    ) -> Result<PoolLiquidation, Refusal> {
        let mut pool = self.accrued(now.now_seconds);
        let amount = liquidatable(state, rules, pool_rules.liquidation_ratio, now, feth_balance)?.min(most);
        let redemption = redeem_feth(state, rules, now, amount)?;
        let loss = redemption.feth_burned;
        let total = pool.staked + pool.unlocking;
        let proceeds = redemption.base_to_caller;
        if total > 0.0 {
            pool.sums.proceeds += proceeds / total * pool.product.magnitude;
        }
        let left = without_dust(total - loss, total);
        let (product, sums, closed) = lose(pool.product, pool.sums, left, total);
        let share = if total > 0.0 { left / total } else { 0.0 };
        let pool = RebalancePool {
            product,
            sums,
            staked: pool.staked * share,
            unlocking: pool.unlocking * share,
            ..pool
        };
        Ok(PoolLiquidation { pool, closed, redemption })
    }
}

/// fETH that a pool with `feth_balance` may redeem now.
pub(super) fn liquidatable(
    state: &State,
    rules: &Rules,
    threshold: f64,
    now: &Conditions,
    feth_balance: f64,
) -> Result<f64, Refusal> {
    let safe = Valuation::at(state, rules, now.oracle.price_for(PriceUse::View)?)?;
    let collateral_ratio = safe.collateral_ratio();
    if collateral_ratio.is_nan() || collateral_ratio >= threshold {
        return Err(Refusal::PoolCannotLiquidate { collateral_ratio, threshold });
    }
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemFeth)?)?;
    Ok(max_redeemable_feth(&value, threshold)?.tokens.min(feth_balance))
}

/// What is left, without the noise of `f64`.
pub(super) fn without_dust(left: f64, of: f64) -> f64 {
    if left <= of * DUST { 0.0 } else { left }
}
