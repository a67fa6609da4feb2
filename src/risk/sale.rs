//! Conversion at the market: when each loan's collateral is sold, and what it then has.
//!
//! Until it is sold the pool does not know of the loan, so that all loans of a grid watch one path.

use crate::numerics::lanes::ln;

use super::model::MarketConversion;
use super::pool::{Block, LANES, Lane, Pool, Watch};

/// The sales of a grid of loans along a block of paths.
#[derive(Debug)]
pub(super) struct Sales {
    delay: f64,
    impact: f64,
    loans: Vec<Loan>,
}

#[derive(Debug)]
struct Loan {
    /// Logarithm of the value at and below which the sale is due.
    threshold: f64,
    /// The hour of the sale, infinite while none is due.
    due: Lane,
    /// Logarithm of the value after the sale, once there was one.
    sold: Lane,
}

impl Sales {
    /// For loans of these sizes relative to the initial value.
    pub(super) fn new(conversion: &MarketConversion, ltvs: &[f64]) -> Self {
        let loan = |ltv: &f64| Loan {
            threshold: libm::log(ltv / conversion.ltv),
            due: [f64::INFINITY; LANES],
            sold: [0.0; LANES],
        };
        Self {
            delay: f64::from(conversion.delay_hours),
            impact: conversion.impact,
            loans: ltvs.iter().map(loan).collect(),
        }
    }

    /// Logarithm of the value each loan ends with.
    pub(super) fn log_values(&self, pool: &Pool, block: &Block) -> Vec<Lane> {
        let last = pool.term() as f64 - 1.0;
        let unsold = pool.log_value(block);
        let value = |loan: &Loan| {
            std::array::from_fn(|lane| if loan.due[lane] <= last { loan.sold[lane] } else { unsold[lane] })
        };
        self.loans.iter().map(value).collect()
    }
}

impl Watch for Sales {
    #[inline(always)]
    fn look(&mut self, hour: usize, pool: &Pool, block: &Block) {
        let now = hour as f64;
        let value = pool.log_value(block);
        let mut proceeds = value;
        if self.impact > 0.0 {
            for lane in 0..LANES {
                proceeds[lane] += ln(1.0 - self.impact * block.weight[lane]);
            }
        }
        for loan in &mut self.loans {
            for lane in 0..LANES {
                let due = if value[lane] <= loan.threshold { now + self.delay } else { f64::INFINITY };
                // The first time counts.
                let due = if loan.due[lane] < due { loan.due[lane] } else { due };
                loan.due[lane] = due;
                loan.sold[lane] = if due == now { proceeds[lane] } else { loan.sold[lane] };
            }
        }
    }
}
