//! The rebalance pool of the second generation: no unlock, and rewards scaled by a boost.
//!
//! Loss and proceeds are shared as in the first generation. A stream restarts in the middle of a period only when its
//! rate would not fall much; the second token is scaled by the depositor's boost,
//! `min(1, 0.4 + 0.6 (vote share) / (pool share))`, and what the boost withholds is streamed again.

use serde::{Deserialize, Serialize};

use super::pool_product::{ClosedSums, Product, RewardSums, SumHistory, lose};
use super::rebalance_pool::{Claim, PoolRules, liquidatable, without_dust};
use super::redeem::redeem_feth;
use super::refusal::{Refusal, positive};
use super::rules::Rules;
use super::state::{Conditions, Outcome, State};
use super::stream::{PooledReward, Stream, TopUp};

/// The boost of a depositor without any vote.
pub const BOOST_FLOOR: f64 = 0.4;

/// `min(1, 0.4 + 0.6 vote_share / pool_share)`; the floor when either share is not a positive number.
#[must_use]
pub fn boost_ratio(vote_share: f64, pool_share: f64) -> f64 {
    let relative = vote_share / pool_share;
    if relative > 0.0 { (BOOST_FLOOR + (1.0 - BOOST_FLOOR) * relative).min(1.0) } else { BOOST_FLOOR }
}

/// The record of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoostablePool {
    /// Where its losses stand.
    pub product: Product,
    /// What its gains stand at.
    pub sums: RewardSums,
    /// fETH staked.
    pub staked: f64,
    /// The streams, by [`PooledReward`].
    pub streams: [Stream; 2],
}

/// The record of one depositor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoostPosition {
    /// fETH staked, at the snapshot.
    pub deposit: f64,
    /// The pool's product at the snapshot.
    pub product: Product,
    /// The pool's sums at the snapshot.
    pub sums: RewardSums,
    /// Gains settled and not yet claimed.
    pub pending: RewardSums,
}

impl Default for BoostPosition {
    fn default() -> Self {
        Self {
            deposit: 0.0,
            product: Product::START,
            sums: RewardSums::default(),
            pending: RewardSums::default(),
        }
    }
}

/// A liquidation by a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoostLiquidation {
    /// The pool afterwards.
    pub pool: BoostablePool,
    /// Sums to append to the history, when an (epoch, scale) ended.
    pub closed: Option<ClosedSums>,
    /// The redemption: the caller of its amounts is the pool.
    pub redemption: Outcome,
}

impl BoostablePool {
    /// An empty pool.
    #[must_use]
    pub fn new(rules: &PoolRules) -> Self {
        Self {
            product: Product::START,
            sums: RewardSums::default(),
            staked: 0.0,
            streams: [Stream::new(rules.reward_period_seconds); 2],
        }
    }

    /// The pool after paying its streams out up to `now`: to the stake, or into the queue while there is none.
    #[must_use]
    pub fn accrued(mut self, now_seconds: i64) -> Self {
        for index in 0..self.streams.len() {
            let (mut stream, due) = self.streams[index].paid_out(now_seconds);
            stream.last_update_seconds = now_seconds;
            if self.staked > 0.0 {
                self.sums.streamed[index] += due / self.staked * self.product.magnitude;
            } else {
                stream.queued += due;
            }
            self.streams[index] = stream;
        }
        self
    }

    /// Gains of the position up to the pool's last accrual, by kind, for a depositor with this boost.
    #[must_use]
    pub fn earned(&self, history: &SumHistory, position: &BoostPosition, boost: f64) -> RewardSums {
        let mut earned = position.pending;
        let gained = self.gained(history, position);
        earned.proceeds += gained.proceeds;
        let incentive = PooledReward::Incentive.index();
        earned.streamed[PooledReward::Yield.index()] += gained.streamed[PooledReward::Yield.index()];
        earned.streamed[incentive] += gained.streamed[incentive] * boost;
        earned
    }

    fn gained(&self, history: &SumHistory, position: &BoostPosition) -> RewardSums {
        if position.deposit == 0.0 {
            return RewardSums::default();
        }
        let per_unit = history.gains(self.product, &self.sums, position.product, &position.sums);
        let stake = position.deposit;
        RewardSums {
            proceeds: stake * per_unit.proceeds,
            streamed: per_unit.streamed.map(|gain| stake * gain),
        }
    }

    /// Tokens that `claim` would pay up to the pool's last accrual.
    #[must_use]
    pub fn claimable(&self, history: &SumHistory, position: &BoostPosition, boost: f64, claim: Claim) -> f64 {
        let earned = self.earned(history, position, boost);
        match claim {
            Claim::Collateral => earned.proceeds + earned.streamed[PooledReward::Yield.index()],
            Claim::Incentive => earned.streamed[PooledReward::Incentive.index()],
        }
    }

    /// fETH staked by the position, after losses.
    #[must_use]
    pub fn balance_of(&self, position: &BoostPosition) -> f64 {
        self.product.compounded(position.deposit, position.product)
    }

    /// Pool and position brought up to `now`. What the boost withholds of the second token is streamed again.
    #[must_use]
    pub fn checkpoint(
        &self,
        history: &SumHistory,
        position: &BoostPosition,
        boost: f64,
        now_seconds: i64,
    ) -> (Self, BoostPosition) {
        let mut pool = self.accrued(now_seconds);
        let incentive = PooledReward::Incentive.index();
        let withheld = pool.gained(history, position).streamed[incentive] * (1.0 - boost);
        let settled = BoostPosition {
            deposit: pool.balance_of(position),
            product: pool.product,
            sums: pool.sums,
            pending: pool.earned(history, position, boost),
        };
        if let Ok(stream) = pool.streams[incentive].topped_up(withheld, now_seconds, TopUp::UnlessRateFalls) {
            // Refused only when nothing was withheld.
            pool.streams[incentive] = stream;
        }
        (pool, settled)
    }

    /// Stakes `feth`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPositive`] for an amount that is none.
    pub fn deposit(
        &self,
        history: &SumHistory,
        position: &BoostPosition,
        boost: f64,
        feth: f64,
        now_seconds: i64,
    ) -> Result<(Self, BoostPosition), Refusal> {
        positive("the deposit", feth)?;
        let (pool, settled) = self.checkpoint(history, position, boost, now_seconds);
        let position = BoostPosition { deposit: settled.deposit + feth, ..settled };
        Ok((Self { staked: pool.staked + feth, ..pool }, position))
    }

    /// Takes out up to `feth` of the stake at once; returns the fETH paid.
    ///
    /// # Errors
    ///
    /// [`Refusal::NothingToWithdraw`] for a position or an amount that is none.
    pub fn withdraw(
        &self,
        history: &SumHistory,
        position: &BoostPosition,
        boost: f64,
        feth: f64,
        now_seconds: i64,
    ) -> Result<(Self, BoostPosition, f64), Refusal> {
        let (pool, settled) = self.checkpoint(history, position, boost, now_seconds);
        let paid = feth.min(settled.deposit);
        // Also refuses an amount that is not a number, which `min` replaces by the deposit.
        if feth.is_nan() || paid <= 0.0 {
            return Err(Refusal::NothingToWithdraw);
        }
        let position = BoostPosition { deposit: settled.deposit - paid, ..settled };
        Ok((Self { staked: without_dust(pool.staked - paid, pool.staked), ..pool }, position, paid))
    }

    /// Pays out one kind of gain; returns the tokens paid.
    #[must_use]
    pub fn claim(
        &self,
        history: &SumHistory,
        position: &BoostPosition,
        boost: f64,
        claim: Claim,
        now_seconds: i64,
    ) -> (Self, BoostPosition, f64) {
        let (pool, mut settled) = self.checkpoint(history, position, boost, now_seconds);
        let pending = &mut settled.pending;
        let paid = match claim {
            Claim::Collateral => {
                let streamed = std::mem::take(&mut pending.streamed[PooledReward::Yield.index()]);
                std::mem::take(&mut pending.proceeds) + streamed
            }
            Claim::Incentive => std::mem::take(&mut pending.streamed[PooledReward::Incentive.index()]),
        };
        (pool, settled, paid)
    }

    /// Adds `amount` to a stream.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPositive`] for an amount that is none.
    pub fn add_reward(&self, reward: PooledReward, amount: f64, now_seconds: i64) -> Result<Self, Refusal> {
        let mut pool = self.accrued(now_seconds);
        let stream = &mut pool.streams[reward.index()];
        *stream = stream.topped_up(amount, now_seconds, TopUp::UnlessRateFalls)?;
        Ok(pool)
    }

    /// As [`super::RebalancePool::liquidate`]: all fETH staked shares the loss and the proceeds.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn liquidate(
        &self,
        state: &State,
        rules: &Rules,
        pool_rules: &PoolRules,
        now: &Conditions,
        feth_balance: f64,
        most: f64,
    ) -> Result<BoostLiquidation, Refusal> {
        let mut pool = self.accrued(now.now_seconds);
        let amount = liquidatable(state, rules, pool_rules.liquidation_ratio, now, feth_balance)?.min(most);
        let redemption = redeem_feth(state, rules, now, amount)?;
        let proceeds = redemption.base_to_caller;
        if pool.staked > 0.0 {
            pool.sums.proceeds += proceeds / pool.staked * pool.product.magnitude;
        } else {
            pool.streams[PooledReward::Yield.index()].queued += proceeds;
        }
        let left = without_dust(pool.staked - redemption.feth_burned, pool.staked);
        let (product, sums, closed) = lose(pool.product, pool.sums, left, pool.staked);
        Ok(BoostLiquidation {
            pool: BoostablePool { product, sums, staked: left, ..pool },
            closed,
            redemption,
        })
    }
}
