//! The running product and sums by which a pool shares losses and gains without visiting its depositors.
//!
//! A liquidation that takes the share `loss` of a pool multiplies the product `P` by `1 - loss`, so a deposit made at
//! `P0` is worth `d P / P0`. A gain of `g` per unit of stake adds `g P` to a sum `S`, so the deposit has earned
//! `d (S - S0) / P0`. A pool that is emptied starts a new epoch at `P = 1`; a product below 1e-9 is lifted by 1e9 and
//! starts a new scale, and a deposit reaches across one scale only. Source: the rebalance pools of f(x), after
//! Liquity's stability pool. The contracts' "+1 wei" and its error term are below the resolution of `f64`.

use serde::{Deserialize, Serialize};

/// The product is lifted by this when it falls below its inverse.
const SCALE_FACTOR: f64 = 1e9;
/// A deposit that fell below this share of itself counts as gone.
const GONE_BELOW: f64 = 1e-9;

/// A place in a pool's history of losses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// How often the pool has been emptied.
    pub epoch: u32,
    /// How often the product has been lifted in this epoch.
    pub scale: u32,
    /// The product itself, in (1e-9, 1].
    pub magnitude: f64,
}

impl Product {
    /// Before any loss.
    pub const START: Self = Self { epoch: 0, scale: 0, magnitude: 1.0 };

    /// After a loss that leaves `left` of a pool of `total` (nothing left: a new epoch).
    #[must_use]
    pub fn after_loss(self, left: f64, total: f64) -> Self {
        // Negated so that a share that is not a number ends the epoch instead of spreading.
        let share = left / total;
        if share.is_nan() || share <= 0.0 {
            return Self { epoch: self.epoch.saturating_add(1), ..Self::START };
        }
        let magnitude = self.magnitude * share;
        if magnitude < 1.0 / SCALE_FACTOR {
            return Self { magnitude: magnitude * SCALE_FACTOR, scale: self.scale.saturating_add(1), ..self };
        }
        Self { magnitude, ..self }
    }

    /// What is left now of `stake` deposited at `then`.
    #[must_use]
    pub fn compounded(self, stake: f64, then: Self) -> f64 {
        if stake == 0.0 || then.epoch < self.epoch {
            return 0.0;
        }
        let unscaled = stake * self.magnitude / then.magnitude;
        let left = match self.scale.saturating_sub(then.scale) {
            0 => unscaled,
            1 => unscaled / SCALE_FACTOR,
            _ => 0.0,
        };
        if left < stake * GONE_BELOW { 0.0 } else { left }
    }
}

/// Gains per unit of stake, times the product, since the start of a (epoch, scale).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardSums {
    /// Collateral from liquidations.
    pub proceeds: f64,
    /// Streamed rewards, by [`super::PooledReward`].
    pub streamed: [f64; 2],
}

/// The final sums of an (epoch, scale) that has ended; the owner of the pool appends them to its history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedSums {
    /// The epoch.
    pub epoch: u32,
    /// The scale.
    pub scale: u32,
    /// Its final sums.
    pub sums: RewardSums,
}

/// The sums of all ended (epoch, scale)s: one entry for each time the pool was (nearly) emptied.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SumHistory {
    closed: Vec<ClosedSums>,
}

impl SumHistory {
    /// Appends what a liquidation closed.
    pub fn push(&mut self, closed: ClosedSums) {
        self.closed.push(closed);
    }

    /// Takes back what was appended last (for a transaction that is rolled back).
    pub fn pop(&mut self) -> Option<ClosedSums> {
        self.closed.pop()
    }

    fn at(&self, now: Product, current: &RewardSums, epoch: u32, scale: u32) -> RewardSums {
        if (now.epoch, now.scale) == (epoch, scale) {
            return *current;
        }
        let place = self.closed.binary_search_by_key(&(epoch, scale), |entry| (entry.epoch, entry.scale));
        place
            .ok()
            .and_then(|index| self.closed.get(index))
            .map_or_else(RewardSums::default, |entry| entry.sums)
    }

    /// What one unit of stake deposited at `then`, with the sums `snapshot`, has gained since.
    pub(super) fn gains(
        &self,
        now: Product,
        current: &RewardSums,
        then: Product,
        snapshot: &RewardSums,
    ) -> RewardSums {
        let first = self.at(now, current, then.epoch, then.scale);
        let second = self.at(now, current, then.epoch, then.scale.saturating_add(1));
        let gain = |first: f64, snapshot: f64, second: f64| {
            ((first - snapshot).max(0.0) + second / SCALE_FACTOR) / then.magnitude
        };
        let streamed =
            |index: usize| gain(first.streamed[index], snapshot.streamed[index], second.streamed[index]);
        RewardSums {
            proceeds: gain(first.proceeds, snapshot.proceeds, second.proceeds),
            streamed: [streamed(0), streamed(1)],
        }
    }
}

/// Moves `product` past a loss; returns the sums to archive when an (epoch, scale) ends, and the sums that go on.
pub(super) fn lose(
    product: Product,
    sums: RewardSums,
    left: f64,
    total: f64,
) -> (Product, RewardSums, Option<ClosedSums>) {
    let next = product.after_loss(left, total);
    if (next.epoch, next.scale) == (product.epoch, product.scale) {
        return (next, sums, None);
    }
    let closed = ClosedSums { epoch: product.epoch, scale: product.scale, sums };
    (next, RewardSums::default(), Some(closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deposit_reaches_across_one_scale_only() {
        let once = Product::START.after_loss(1.0, 1e10);
        assert_eq!((once.epoch, once.scale), (0, 1));
        assert!((once.magnitude - 0.1).abs() < 1e-15);
        let deposit = Product { magnitude: 1e-3, ..Product::START };
        let later = deposit.after_loss(1.0, 1e7);
        assert!((later.compounded(1e6, deposit) - 0.1).abs() < 1e-12);
        assert_eq!(later.after_loss(1.0, 1e9).compounded(1e6, deposit), 0.0);
    }

    #[test]
    fn an_emptied_pool_starts_anew() {
        let emptied = Product::START.after_loss(0.0, 5.0);
        assert_eq!(emptied, Product { epoch: 1, scale: 0, magnitude: 1.0 });
        assert_eq!(emptied.compounded(5.0, Product::START), 0.0);
        assert_eq!(Product::START.after_loss(f64::NAN, 5.0).epoch, 1);
    }
}
