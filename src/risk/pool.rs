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
//! costs one logarithm. What differs by little is thereby never subtracted, and single precision is enough: the value comes
//! out within 2e-6 of that by the formulas in double precision, path by path, as the tests show.

use crate::numerics::lanes::{exp, ln, log_ratio, mills_ratio, normal_sides};

use super::model::{Conversion, HOURS_PER_YEAR, RiskModel};
use super::sum::Sum;

/// Paths in a block. Part of the results only through the layout of loops: no number depends on it.
pub(super) const LANES: usize = 32;

/// One number for each path of a block.
pub(super) type Lane = [f32; LANES];

/// A weight and its complement are at least this, inside 0 and 1 where log-odds end. Delta keeps 1.1e-19 from both ends.
/// Either matters only to a pool whose collateral is all but gone and wanted back within the term.
const LEAST: f64 = 1e-30;

/// A weight and what it leaves to one, each exact to its own size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    /// Weight of the collateral.
    pub(super) weight: f32,
    /// Weight of the loan token.
    pub(super) rest: f32,
}

impl Split {
    /// A weight as near to 0 or 1 as log-odds allow.
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what lanes have")]
    pub(super) fn new(weight: f64) -> Self {
        Self { weight: weight.max(LEAST) as f32, rest: (1.0 - weight).max(LEAST) as f32 }
    }

    /// `H(w)`.
    #[inline(always)]
    fn entropy(self) -> f32 {
        self.weight * ln(self.weight) + self.rest * ln(self.rest)
    }

    /// The nearest weight from `floor` to `cap`.
    #[inline(always)]
    fn within(self, floor: Self, cap: Self) -> Self {
        let weight = if self.weight < floor.weight { floor.weight } else { self.weight };
        let rest = if self.rest < cap.rest { cap.rest } else { self.rest };
        Self {
            weight: if weight > cap.weight { cap.weight } else { weight },
            rest: if rest > floor.rest { floor.rest } else { rest },
        }
    }
}

/// What an hour does to every path alike.
#[derive(Debug, Clone, Copy)]
struct Hour {
    /// `1 / (v sqrt t)`.
    slope: f32,
    /// `v sqrt t / 2`.
    shift: f32,
    /// Whether the weight is updated.
    updates: bool,
}

/// A weight forced from a loan-to-value on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forced {
    /// Logarithm of the value at and below which the weight is forced.
    pub(super) log_value: f32,
    /// The forced weight.
    pub(super) split: Split,
}

/// The schedule and the parameters of a pool.
#[derive(Debug)]
pub(super) struct Pool {
    hours: Vec<Hour>,
    log_moneyness: f64,
    initial: Split,
    smoothing: f32,
    keeping: f32,
    bounded: bool,
    floor: Split,
    cap: Split,
    fee: f32,
}

/// The state of a block of paths.
#[derive(Debug)]
pub(super) struct Block {
    /// Logarithm of price over strike.
    pub(super) log_price: Sum,
    /// Weight of the collateral.
    pub(super) weight: Lane,
    /// Weight of the loan token.
    pub(super) rest: Lane,
    /// Logarithm of the value over the initial value, without the telescoping terms.
    open_log_value: Sum,
    odds: Lane,
}

impl Pool {
    /// The pool of a model without problems.
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what lanes have")]
    pub(super) fn new(model: &RiskModel) -> Self {
        let volatility = model.model_volatility;
        let at = |hours_left: u32, updates: bool| {
            let deviation = volatility * (f64::from(hours_left) / HOURS_PER_YEAR).sqrt();
            Hour { slope: (1.0 / deviation) as f32, shift: (0.5 * deviation) as f32, updates }
        };
        let log_moneyness = -libm::log(model.strike_ratio);
        let (floor, cap) = (Split::new(model.weight_floor), Split::new(model.weight_cap));
        let Hour { slope, shift, .. } = at(model.term_hours, true);
        let d1 = log_moneyness as f32 * slope + shift;
        let (weight, rest) = normal_sides(d1, mills_ratio(d1));
        let delta = Split { weight, rest }.within(floor, cap);
        let hours = (1..=model.term_hours).map(|hour| {
            // At expiry itself nothing is left to hedge, and the delta has no formula.
            let moves = model.static_weight.is_none() && hour < model.term_hours;
            if moves && hour % model.update_every_hours == 0 {
                at(model.term_hours - hour, true)
            } else {
                Hour { slope: 0.0, shift: 0.0, updates: false }
            }
        });
        // The two are shares of one to the last bit, so that a weight at its delta stays there.
        let (smoothing, keeping) = if model.smoothing < 0.5 {
            let keeping = (1.0 - model.smoothing) as f32;
            (1.0 - keeping, keeping)
        } else {
            let smoothing = model.smoothing as f32;
            (smoothing, 1.0 - smoothing)
        };
        Self {
            hours: hours.collect(),
            log_moneyness,
            initial: model.static_weight.map_or(delta, Split::new),
            smoothing,
            keeping,
            bounded: model.weight_floor > 0.0 || model.weight_cap < 1.0,
            floor,
            cap,
            fee: model.rebalancing_fee as f32,
        }
    }

    /// What the model's conversion forces on a loan of `ltv`.
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what lanes have")]
    pub(super) fn forced(model: &RiskModel, ltv: f64) -> Option<Forced> {
        match model.conversion {
            Conversion::OnCurve(curve) if !curve.then_frozen => {
                Some(Forced { log_value: libm::log(ltv / curve.ltv) as f32, split: Split::new(curve.weight) })
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
        let Split { weight, rest } = self.initial;
        Block {
            log_price: Sum::new(self.log_moneyness),
            weight: [weight; LANES],
            rest: [rest; LANES],
            open_log_value: Sum::new(f64::from(self.initial.entropy())),
            odds: [log_ratio(weight, rest); LANES],
        }
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
        let mut earned = [0.0; LANES];
        for lane in 0..LANES {
            earned[lane] = block.weight[lane] * moves[lane];
        }
        block.log_price.add(moves);
        let hour = self.hours[hour];
        if hour.updates {
            self.update(hour, forced, &mut earned, block);
        }
        if self.fee > 0.0 {
            for lane in 0..LANES {
                let traded = (block.weight[lane] - untraded[lane]).abs();
                earned[lane] += ln(1.0 - self.fee * traded);
            }
        }
        block.open_log_value.add(&earned);
    }

    /// Moves the weights, and adds to what the hour earned.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn update(&self, hour: Hour, forced: Option<Forced>, earned: &mut Lane, block: &mut Block) {
        let mut d1 = [0.0; LANES];
        let mut ratio = [0.0; LANES];
        for lane in 0..LANES {
            d1[lane] = block.log_price.total[lane] * hour.slope + hour.shift;
            ratio[lane] = mills_ratio(d1[lane]);
        }
        let (mut weight, mut rest) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let (delta, other) = normal_sides(d1[lane], ratio[lane]);
            weight[lane] = self.keeping * block.weight[lane] + self.smoothing * delta;
            rest[lane] = self.keeping * block.rest[lane] + self.smoothing * other;
        }
        if self.bounded {
            for lane in 0..LANES {
                let split = Split { weight: weight[lane], rest: rest[lane] }.within(self.floor, self.cap);
                (weight[lane], rest[lane]) = (split.weight, split.rest);
            }
        }
        if let Some(Forced { log_value, split }) = forced {
            let before = block.log_value();
            for lane in 0..LANES {
                let falls = before[lane] + earned[lane] <= log_value;
                weight[lane] = if falls { split.weight } else { weight[lane] };
                rest[lane] = if falls { split.rest } else { rest[lane] };
            }
        }
        for lane in 0..LANES {
            earned[lane] += block.odds[lane] * (weight[lane] - block.weight[lane]);
            block.odds[lane] = log_ratio(weight[lane], rest[lane]);
        }
        block.weight = weight;
        block.rest = rest;
    }
}

impl Block {
    /// Logarithm of the value over the initial value.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    pub(super) fn log_value(&self) -> Lane {
        let mut value = [0.0; LANES];
        for lane in 0..LANES {
            let split = Split { weight: self.weight[lane], rest: self.rest[lane] };
            value[lane] = self.open_log_value.total[lane] - split.entropy();
        }
        value
    }
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
    fn look(&mut self, hour: usize, block: &Block);
}

/// Nobody looks.
impl Watch for () {
    #[inline(always)]
    fn look(&mut self, _hour: usize, _block: &Block) {}
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
        watch.look(hour, block);
    }
}
