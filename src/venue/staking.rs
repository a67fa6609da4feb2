//! The rebalance pool in the world: fETH staked to be redeemed in stress, and what its depositors get for it.

use serde::{Deserialize, Serialize};

use super::treasury::Treasury;
use super::{Deal, Refusal};
use crate::protocol::fx::{
    self, BOOST_FLOOR, BoostPosition, BoostablePool, Claim, Conditions, PoolRules, PooledReward,
    RebalancePool, Rules, State, SumHistory,
};
use crate::quantity::Amount;
use crate::world::ledger::AccountId;
use crate::world::notes::Note;
use crate::world::records::Records;

/// Which rebalance pool stands beside the treasury.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PoolGeneration {
    /// There is none.
    Absent,
    /// The first: leaving takes an unlock.
    First,
    /// The second: leaving is immediate. Boosts are at their floor, for nobody locks votes here.
    Boostable,
}

/// The record of a rebalance pool of either generation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StakePool {
    /// First generation.
    First(RebalancePool),
    /// Second generation.
    Boostable(BoostablePool),
}

/// The record of a depositor in either generation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StakePosition {
    /// First generation.
    First(fx::StakePosition),
    /// Second generation.
    Boostable(BoostPosition),
}

impl StakePool {
    /// fETH that is staked and not on its way out.
    #[must_use]
    pub const fn staked(&self) -> f64 {
        match self {
            Self::First(pool) => pool.staked,
            Self::Boostable(pool) => pool.staked,
        }
    }

    /// fETH that a liquidation can take: staked or unlocking.
    #[must_use]
    pub fn at_risk(&self) -> f64 {
        match self {
            Self::First(pool) => pool.staked + pool.unlocking,
            Self::Boostable(pool) => pool.staked,
        }
    }

    pub(super) fn add_yield(&self, amount: f64, now_seconds: i64) -> Result<Self, fx::Refusal> {
        Ok(match self {
            Self::First(pool) => Self::First(pool.add_reward(PooledReward::Yield, amount, now_seconds)?),
            Self::Boostable(pool) => {
                Self::Boostable(pool.add_reward(PooledReward::Yield, amount, now_seconds)?)
            }
        })
    }
}

/// The depositors of a rebalance pool. The pool's own record is in the treasury's.
#[derive(Debug, Clone, PartialEq)]
pub struct Staking {
    generation: PoolGeneration,
    /// The parameters in force.
    pub rules: PoolRules,
    positions: Records<StakePosition>,
    history: SumHistory,
    closed: usize,
}

impl Staking {
    /// A pool without depositors.
    #[must_use]
    pub fn new(generation: PoolGeneration, rules: PoolRules) -> Self {
        Self { generation, rules, positions: Records::default(), history: SumHistory::default(), closed: 0 }
    }

    /// The pool's first record; none where there is no pool.
    #[must_use]
    pub fn opening_pool(&self) -> Option<StakePool> {
        match self.generation {
            PoolGeneration::Absent => None,
            PoolGeneration::First => Some(StakePool::First(RebalancePool::new(&self.rules))),
            PoolGeneration::Boostable => Some(StakePool::Boostable(BoostablePool::new(&self.rules))),
        }
    }

    pub(super) fn position(&self, account: AccountId) -> Option<StakePosition> {
        self.positions.get(account).copied()
    }

    pub(super) fn restore(&mut self, account: AccountId, position: Option<StakePosition>) {
        self.positions.restore(account, position);
    }

    /// How many (epoch, scale) have ended.
    pub(super) const fn closed(&self) -> usize {
        self.closed
    }

    /// Takes back the end of the last one.
    pub(super) fn reopen(&mut self) {
        self.history.pop();
        self.closed -= 1;
    }

    fn first(&self, account: AccountId) -> fx::StakePosition {
        match self.positions.get(account) {
            Some(StakePosition::First(position)) => *position,
            _ => fx::StakePosition::default(),
        }
    }

    fn boostable(&self, account: AccountId) -> BoostPosition {
        match self.positions.get(account) {
            Some(StakePosition::Boostable(position)) => *position,
            _ => BoostPosition::default(),
        }
    }
}

impl Treasury {
    /// What `account` has staked in the rebalance pool (after losses), and the collateral waiting for it, in units.
    #[must_use]
    pub fn stake_of(&self, account: AccountId) -> (f64, f64) {
        let staking = &self.staking;
        if staking.positions.get(account).is_none() {
            return (0.0, 0.0);
        }
        match &self.record.pool {
            None => (0.0, 0.0),
            Some(StakePool::First(pool)) => {
                let position = staking.first(account);
                let claimable = pool.claimable(&staking.history, &position, Claim::Collateral);
                (pool.balance_of(&position) + pool.unlocking_of(&position), claimable)
            }
            Some(StakePool::Boostable(pool)) => {
                let position = staking.boostable(account);
                let claimable = pool.claimable(&staking.history, &position, BOOST_FLOOR, Claim::Collateral);
                (pool.balance_of(&position), claimable)
            }
        }
    }

    pub(super) fn stake(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        paid: Amount,
    ) -> Result<Amount, Refusal> {
        let now = deal.clock.now_seconds();
        let feth = deal.ledger.asset(self.assets.feth).decimals.units(paid);
        let staking = &mut self.staking;
        let (pool, position) = match &self.record.pool {
            None => return Err(Refusal::NoRebalancePool),
            Some(StakePool::First(pool)) => {
                let (pool, position) = pool.deposit(&staking.history, &staking.first(actor), feth, now)?;
                (StakePool::First(pool), StakePosition::First(position))
            }
            Some(StakePool::Boostable(pool)) => {
                let position = staking.boostable(actor);
                let (pool, position) = pool.deposit(&staking.history, &position, BOOST_FLOOR, feth, now)?;
                (StakePool::Boostable(pool), StakePosition::Boostable(position))
            }
        };
        deal.ledger.transfer(actor, self.accounts.stakes, self.assets.feth, paid)?;
        self.record.pool = Some(pool);
        staking.positions.set(actor, position);
        Ok(paid)
    }

    pub(super) fn unstake(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        asked: Amount,
    ) -> Result<Amount, Refusal> {
        let now = deal.clock.now_seconds();
        let feth = deal.ledger.asset(self.assets.feth).decimals.units(asked);
        let staking = &mut self.staking;
        match &self.record.pool {
            None => Err(Refusal::NoRebalancePool),
            Some(StakePool::First(pool)) => {
                let position = staking.first(actor);
                let (pool, position) = pool.unlock(&staking.history, &staking.rules, &position, feth, now)?;
                self.record.pool = Some(StakePool::First(pool));
                staking.positions.set(actor, StakePosition::First(position));
                Ok(Amount::ZERO)
            }
            Some(StakePool::Boostable(pool)) => {
                let position = staking.boostable(actor);
                let (pool, position, paid) =
                    pool.withdraw(&staking.history, &position, BOOST_FLOOR, feth, now)?;
                self.record.pool = Some(StakePool::Boostable(pool));
                staking.positions.set(actor, StakePosition::Boostable(position));
                self.pay_from_stakes(deal, actor, self.assets.feth, paid)
            }
        }
    }

    /// Pays out unlocked fETH and the collateral waiting; answers with the collateral.
    pub(super) fn collect(&mut self, deal: &mut Deal<'_>, actor: AccountId) -> Result<Amount, Refusal> {
        let now = deal.clock.now_seconds();
        let staking = &mut self.staking;
        let (unlocked, claimed) = match self.record.pool {
            None => return Err(Refusal::NoRebalancePool),
            Some(StakePool::First(mut pool)) => {
                let mut position = staking.first(actor);
                let mut unlocked = 0.0;
                if position.unlocking > 0.0 && position.unlock_at_seconds <= now {
                    (pool, position, unlocked) = pool.withdraw_unlocked(&staking.history, &position, now)?;
                }
                let (pool, position, claimed) =
                    pool.claim(&staking.history, &position, Claim::Collateral, now);
                self.record.pool = Some(StakePool::First(pool));
                staking.positions.set(actor, StakePosition::First(position));
                (unlocked, claimed)
            }
            Some(StakePool::Boostable(pool)) => {
                let position = staking.boostable(actor);
                let (pool, position, claimed) =
                    pool.claim(&staking.history, &position, BOOST_FLOOR, Claim::Collateral, now);
                self.record.pool = Some(StakePool::Boostable(pool));
                staking.positions.set(actor, StakePosition::Boostable(position));
                (0.0, claimed)
            }
        };
        let feth = self.pay_from_stakes(deal, actor, self.assets.feth, unlocked)?;
        let collateral = self.pay_from_stakes(deal, actor, self.assets.collateral, claimed)?;
        if feth.is_zero() && collateral.is_zero() { Err(Refusal::Dust) } else { Ok(collateral) }
    }

    /// Rounds down, and never pays more than the pool's account holds: the rounding of earlier payments stays there.
    fn pay_from_stakes(
        &self,
        deal: &mut Deal<'_>,
        to: AccountId,
        asset: crate::quantity::AssetId,
        units: f64,
    ) -> Result<Amount, Refusal> {
        let held = deal.ledger.balance(self.accounts.stakes, asset);
        let amount = deal.ledger.asset(asset).decimals.floor(units)?.min(held);
        deal.ledger.transfer(self.accounts.stakes, to, asset, amount)?;
        Ok(amount)
    }

    /// Redeems staked fETH until the ratio is back at the pool's threshold.
    pub(super) fn liquidate_pool(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
    ) -> Result<Amount, Refusal> {
        let state = self.state(deal.ledger);
        let now = self.conditions(deal.ledger, deal.oracle, deal.clock);
        let held = deal.ledger.balance(self.accounts.stakes, self.assets.feth);
        let feth = deal.ledger.asset(self.assets.feth).decimals.units(held);
        let pool = self.record.pool.ok_or(Refusal::NoRebalancePool)?;
        let (pool, closed, redemption) =
            liquidation(&pool, &state, &self.rules, &self.staking.rules, &now, feth)?;
        let proceeds = self.book(deal, self.accounts.stakes, held, &redemption)?;
        // `book` keeps the mark; the pool's record is this verb's own.
        self.record.pool = Some(pool);
        self.record.rebalanced_feth += redemption.feth_burned;
        if let Some(closed) = closed {
            self.staking.history.push(closed);
            self.staking.closed += 1;
        }
        deal.notes.add(Note {
            tick: deal.clock.tick(),
            block: deal.clock.block(),
            agent: Some(actor),
            kind: "rebalance",
            subject: "rebalance_pool".into(),
            detail: format!(
                "{:.2} fETH redeemed for {:.4} collateral",
                redemption.feth_burned, redemption.base_to_caller
            ),
            value: Some(redemption.feth_burned),
        });
        Ok(proceeds)
    }
}

type Liquidated = (StakePool, Option<fx::ClosedSums>, fx::Outcome);

fn liquidation(
    pool: &StakePool,
    state: &State,
    rules: &Rules,
    pool_rules: &PoolRules,
    now: &Conditions,
    feth: f64,
) -> Result<Liquidated, fx::Refusal> {
    Ok(match pool {
        StakePool::First(pool) => {
            let done = pool.liquidate(state, rules, pool_rules, now, feth, f64::MAX)?;
            (StakePool::First(done.pool), done.closed, done.redemption)
        }
        StakePool::Boostable(pool) => {
            let done = pool.liquidate(state, rules, pool_rules, now, feth, f64::MAX)?;
            (StakePool::Boostable(done.pool), done.closed, done.redemption)
        }
    })
}
