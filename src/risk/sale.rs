//! Conversion that freezes the pool: when each loan's collateral is sold, and what it then has.
//!
//! Until it is sold the pool does not know of the loan, so that all loans of a grid watch one path.

use crate::numerics::lanes::{ln, log_ratio};

use super::model::{Conversion, CurveConversion, MarketConversion};
use super::pool::{Block, LANES, Lane, Split, Watch};

/// The sales of a grid of loans along a block of paths.
#[derive(Debug)]
pub(super) struct Sales {
    delay: f32,
    cost: Cost,
    loans: Vec<Loan>,
}

/// What a sale costs.
#[derive(Debug, Clone, Copy)]
enum Cost {
    /// This share of what is sold.
    Impact(f32),
    /// The move to this weight along the curve.
    Curve(Split),
}

#[derive(Debug)]
struct Loan {
    /// Logarithm of the value at and below which the sale is due.
    threshold: f32,
    /// The hour of the sale, infinite while none is due.
    due: Lane,
    /// Logarithm of the value after the sale, once there was one.
    sold: Lane,
}

impl Sales {
    /// For loans of these sizes relative to the initial value; none where nothing freezes the pool.
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what lanes have")]
    pub(super) fn new(conversion: &Conversion, ltvs: &[f64]) -> Option<Self> {
        let (at, delay_hours, cost) = match *conversion {
            Conversion::AtMarket(MarketConversion { ltv, delay_hours, impact }) => {
                (ltv, delay_hours, Cost::Impact(impact as f32))
            }
            Conversion::OnCurve(CurveConversion { ltv, weight, then_frozen: true }) => {
                (ltv, 0, Cost::Curve(Split::new(weight)))
            }
            Conversion::OnCurve(_) | Conversion::Off => return None,
        };
        let loan = |ltv: &f64| Loan {
            threshold: libm::log(ltv / at) as f32,
            due: [f32::INFINITY; LANES],
            sold: [0.0; LANES],
        };
        // Hours of a term are whole numbers that single precision holds.
        Some(Self { delay: delay_hours as f32, cost, loans: ltvs.iter().map(loan).collect() })
    }

    /// Logarithm of the value each loan ends with after a term of so many hours.
    pub(super) fn log_values(&self, term: usize, block: &Block) -> Vec<Lane> {
        let last = term as f32 - 1.0;
        let unsold = block.log_value();
        let value = |loan: &Loan| {
            std::array::from_fn(|lane| if loan.due[lane] <= last { loan.sold[lane] } else { unsold[lane] })
        };
        self.loans.iter().map(value).collect()
    }
}

impl Watch for Sales {
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn look(&mut self, hour: usize, block: &Block) {
        let now = hour as f32;
        let value = block.log_value();
        let mut proceeds = value;
        for lane in 0..LANES {
            let (weight, rest) = (block.weight[lane], block.rest[lane]);
            proceeds[lane] += match self.cost {
                Cost::Impact(impact) => ln(1.0 - impact * weight),
                Cost::Curve(to) => {
                    to.weight * log_ratio(weight, to.weight) + to.rest * log_ratio(rest, to.rest)
                }
            };
        }
        for loan in &mut self.loans {
            for lane in 0..LANES {
                let due = if value[lane] <= loan.threshold { now + self.delay } else { f32::INFINITY };
                // The first time counts.
                let due = if loan.due[lane] < due { loan.due[lane] } else { due };
                loan.due[lane] = due;
                loan.sold[lane] = if due == now { proceeds[lane] } else { loan.sold[lane] };
            }
        }
    }
}
