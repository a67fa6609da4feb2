//! The pool's hour, for a block of paths side by side.
//!
//! Per path, with `p` the price over the strike, `w` the weight of the collateral and `V` the value over the initial value:
//!
//! 1. the price moves by `R`; arbitrage along the curve at fixed weight leaves `V R^w`;
//! 2. on an update `w' = A N(d1) + (1 - A) w`, with `d1 = (ln p + v^2 t / 2) / (v sqrt t)` at the time `t` to expiry;
//! 3. settling that move on the curve leaves `V exp(-KL(w' || w))`, the Kullback-Leibler divergence
//!    `w' ln(w' / w) + (1 - w') ln((1 - w') / (1 - w))`.
//!
//! Source: white paper of the collateral rebalancing pool; the cost of the move follows from the invariant
//! `x^w y^(1-w)` at old balances and new weights.
//!
//! Everything is kept in logarithms, and the divergences are summed in the form of a Bregman divergence: with
//! `H(w) = w ln w + (1 - w) ln(1 - w)` and its slope the log-odds of `w`,
//! `KL(w' || w) = H(w') - H(w) - log_odds(w) (w' - w)`, so that over a path the first two terms telescope and each hour
//! costs one logarithm.

use crate::numerics::lanes::{exp, ln, log_odds, normal_cdf};

use super::model::{Conversion, HOURS_PER_YEAR, RiskModel};

/// Paths in a block. Part of the results only through the layout of loops: no number depends on it.
pub(super) const LANES: usize = 32;

/// One number for each path of a block.
pub(super) type Lane = [f64; LANES];

/// Weights are kept between these, inside 0 and 1 where log-odds end. Delta is held too, below 1.1e-19; both matter only
/// to a pool whose collateral is all but gone and wanted back within the term.
const LEAST: f64 = 1e-300;
const MOST: f64 = 1.0 - f64::EPSILON / 2.0;

/// What an hour does to every path alike.
#[derive(Debug, Clone, Copy)]
struct Hour {
    /// `1 / (v sqrt t)`.
    slope: f64,
    /// `v sqrt t / 2`.
    shift: f64,
    /// Whether the weight is updated.
    updates: bool,
}

/// A weight forced from a loan-to-value on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forced {
    /// Logarithm of the value at and below which the weight is forced.
    pub(super) log_value: f64,
    /// The forced weight.
    pub(super) weight: f64,
}

/// The schedule and the parameters of a pool.
#[derive(Debug)]
pub(super) struct Pool {
    hours: Vec<Hour>,
    log_moneyness: f64,
    initial_weight: f64,
    smoothing: f64,
    floor: f64,
    cap: f64,
    fee: f64,
}

/// The state of a block of paths.
#[derive(Debug)]
pub(super) struct Block {
    /// Logarithm of price over strike.
    pub(super) log_price: Lane,
    /// Weight of the collateral.
    pub(super) weight: Lane,
    /// Logarithm of the value over the initial value, without the telescoping terms.
    open_log_value: Lane,
    odds: Lane,
}

impl Pool {
    /// The pool of a model without problems.
    pub(super) fn new(model: &RiskModel) -> Self {
        let volatility = model.model_volatility;
        let at = |hours_left: u32| {
            let deviation = volatility * (f64::from(hours_left) / HOURS_PER_YEAR).sqrt();
            (1.0 / deviation, 0.5 * deviation)
        };
        let log_moneyness = -libm::log(model.strike_ratio);
        let (floor, cap) = (inside(model.weight_floor), inside(model.weight_cap));
        let (slope, shift) = at(model.term_hours);
        let delta = normal_cdf(log_moneyness * slope + shift).clamp(floor, cap);
        let hours = (1..=model.term_hours).map(|hour| {
            // At expiry itself nothing is left to hedge, and the delta has no formula.
            let moves = model.static_weight.is_none() && hour < model.term_hours;
            if moves && hour % model.update_every_hours == 0 {
                let (slope, shift) = at(model.term_hours - hour);
                Hour { slope, shift, updates: true }
            } else {
                Hour { slope: 0.0, shift: 0.0, updates: false }
            }
        });
        Self {
            hours: hours.collect(),
            log_moneyness,
            initial_weight: model.static_weight.map_or(delta, inside),
            smoothing: model.smoothing,
            floor,
            cap,
            fee: model.rebalancing_fee,
        }
    }

    /// What the model's conversion forces on a loan of `ltv`.
    pub(super) fn forced(model: &RiskModel, ltv: f64) -> Option<Forced> {
        match model.conversion {
            Conversion::OnCurve(curve) if !curve.then_frozen => {
                Some(Forced { log_value: libm::log(ltv / curve.ltv), weight: inside(curve.weight) })
            }
            Conversion::Off | Conversion::AtMarket(_) | Conversion::OnCurve(_) => None,
        }
    }

    /// Number of hours.
    pub(super) fn term(&self) -> usize {
        self.hours.len()
    }

    /// A block before the first hour.
    pub(super) fn block(&self) -> Block {
        let odds = log_odds(self.initial_weight);
        Block {
            log_price: [self.log_moneyness; LANES],
            weight: [self.initial_weight; LANES],
            open_log_value: [self.entropy(self.initial_weight, odds); LANES],
            odds: [odds; LANES],
        }
    }

    /// `H(w)`, given the log-odds of `w`.
    #[inline(always)]
    fn entropy(&self, weight: f64, odds: f64) -> f64 {
        weight * odds + ln(1.0 - weight)
    }

    /// Logarithm of the value over the initial value.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    pub(super) fn log_value(&self, block: &Block) -> Lane {
        let mut value = [0.0; LANES];
        for lane in 0..LANES {
            value[lane] = block.open_log_value[lane] - self.entropy(block.weight[lane], block.odds[lane]);
        }
        value
    }

    /// The hour number `hour`, from 0, in which the logarithm of the price moves by `moves`.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    pub(super) fn hour(&self, hour: usize, moves: &Lane, forced: Option<Forced>, block: &mut Block) {
        // What the collateral is worth of the pool after the move and before any trade; only a fee asks.
        let mut untraded = [0.0; LANES];
        if self.fee > 0.0 {
            for lane in 0..LANES {
                untraded[lane] = 1.0 / (1.0 + exp(-(block.odds[lane] + moves[lane])));
            }
        }
        for lane in 0..LANES {
            block.log_price[lane] += moves[lane];
            block.open_log_value[lane] += block.weight[lane] * moves[lane];
        }
        let Hour { slope, shift, updates } = self.hours[hour];
        if updates {
            self.update(slope, shift, forced, block);
        }
        if self.fee > 0.0 {
            for lane in 0..LANES {
                let traded = (block.weight[lane] - untraded[lane]).abs();
                block.open_log_value[lane] += ln(1.0 - self.fee * traded);
            }
        }
    }

    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn update(&self, slope: f64, shift: f64, forced: Option<Forced>, block: &mut Block) {
        let mut next = [0.0; LANES];
        for lane in 0..LANES {
            let weight = block.weight[lane];
            let delta = normal_cdf(block.log_price[lane] * slope + shift);
            let smoothed = weight + self.smoothing * (delta - weight);
            let smoothed = if smoothed < self.floor { self.floor } else { smoothed };
            next[lane] = if smoothed > self.cap { self.cap } else { smoothed };
        }
        if let Some(forced) = forced {
            let value = self.log_value(block);
            for lane in 0..LANES {
                next[lane] = if value[lane] <= forced.log_value { forced.weight } else { next[lane] };
            }
        }
        for lane in 0..LANES {
            block.open_log_value[lane] += block.odds[lane] * (next[lane] - block.weight[lane]);
            block.weight[lane] = next[lane];
            block.odds[lane] = log_odds(next[lane]);
        }
    }
}

/// A weight as near as log-odds allow.
pub(super) fn inside(weight: f64) -> f64 {
    weight.clamp(LEAST, MOST)
}

/// Where the moves of prices come from.
pub(super) trait Moves {
    /// The moves of the logarithm of the price in the hour number `hour`, from 0, for paths that stand at `block`.
    /// Hours are asked for in order.
    fn hour(&mut self, hour: usize, block: &Block) -> Lane;
}

/// Who looks at the pool after each hour.
pub(super) trait Watch {
    /// The pool stands at `block` after the hour number `hour`, from 0.
    fn look(&mut self, hour: usize, pool: &Pool, block: &Block);
}

/// Nobody looks.
impl Watch for () {
    #[inline(always)]
    fn look(&mut self, _hour: usize, _pool: &Pool, _block: &Block) {}
}

/// Walks a block through the term.
#[inline(always)]
pub(super) fn walk<M: Moves, W: Watch>(
    pool: &Pool,
    forced: Option<Forced>,
    moves: &mut M,
    watch: &mut W,
    block: &mut Block,
) {
    for hour in 0..pool.term() {
        let moved = moves.hour(hour, block);
        pool.hour(hour, &moved, forced, block);
        watch.look(hour, pool, block);
    }
}
