//! Figures, traps and properties of the whole pool.

mod figures;
mod properties;
mod traps;

use super::*;

/// A loan of 75 % on 1,000 collateral tokens at a price of one, on a market without friction.
fn lent(terms: &Terms) -> Pool {
    let empty = create(terms, 1.0, 0.0).unwrap();
    joined(&empty, terms, 1.0, 0.0, 1_000.0)
}

/// The pool after a deposit, on a market without friction.
fn joined(pool: &Pool, terms: &Terms, spot: f64, height: f64, dx: f64) -> Pool {
    let plan = plan_join(pool, terms, spot, height, dx, f64::INFINITY).unwrap();
    join(pool, &plan, plan.sell_x * spot).unwrap()
}

fn close(ours: f64, theirs: f64, relative: f64) -> bool {
    (ours - theirs).abs() <= relative * theirs.abs()
}

/// A quarter of a year, as the vectors have it: 80 %, conversion at 90 %, closing blend over 525 blocks.
const QUARTER: Terms = Terms { conversion_ltv: 0.9, volatility: 0.8, ..Terms::mainnet(13_140.0) };
