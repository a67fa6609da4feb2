//! Conversion that freezes the pool: when each loan's collateral is sold, and what it then has.
//!
//! Until it is sold the pool does not know of the loan, so that all loans of a grid watch one path.

use crate::numerics::lanes::ln;

use super::model::{Conversion, CurveConversion, MarketConversion};
use super::pool::{Block, LANES, Lane, Pool, Watch, inside};

/// The sales of a grid of loans along a block of paths.
#[derive(Debug)]
pub(super) struct Sales {
    delay: f64,
    cost: Cost,
    loans: Vec<Loan>,
}

/// What a sale costs.
#[derive(Debug, Clone, Copy)]
enum Cost {
    /// This share of what is sold.
    Impact(f64),
    /// The move to this weight along the curve.
    Curve(f64),
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
    /// For loans of these sizes relative to the initial value; none where nothing freezes the pool.
    pub(super) fn new(conversion: &Conversion, ltvs: &[f64]) -> Option<Self> {
        let (at, delay_hours, cost) = match *conversion {
            Conversion::AtMarket(MarketConversion { ltv, delay_hours, impact }) => {
                (ltv, delay_hours, Cost::Impact(impact))
            }
            Conversion::OnCurve(CurveConversion { ltv, weight, then_frozen: true }) => {
                (ltv, 0, Cost::Curve(inside(weight)))
            }
            Conversion::OnCurve(_) | Conversion::Off => return None,
        };
        let loan = |ltv: &f64| Loan {
            threshold: libm::log(ltv / at),
            due: [f64::INFINITY; LANES],
            sold: [0.0; LANES],
        };
        Some(Self { delay: f64::from(delay_hours), cost, loans: ltvs.iter().map(loan).collect() })
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
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn look(&mut self, hour: usize, pool: &Pool, block: &Block) {
        let now = hour as f64;
        let value = pool.log_value(block);
        let mut proceeds = value;
        for lane in 0..LANES {
            let weight = block.weight[lane];
            proceeds[lane] += match self.cost {
                Cost::Impact(impact) => ln(1.0 - impact * weight),
                Cost::Curve(to) => to * ln(weight / to) + (1.0 - to) * ln((1.0 - weight) / (1.0 - to)),
            };
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
