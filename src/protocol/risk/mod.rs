//! What a loss of collateral means to lenders and to the reserve.
//!
//! | symbol | code | unit | source |
//! |---|---|---|---|
//! | V / V(0) | `value` | share of initial pool value | |
//! | LTV | `ltv` | face value of the debt over initial pool value | |
//! | (LTV - V / V(0))+ | [`loss`] | share of initial pool value | ALEXnomics, appendix |
//! | | [`CaseStudy`] | shares of total value locked (TVL) | ALEXnomics, appendix |

mod case_study;

pub use case_study::CaseStudy;

/// Loss of the lenders at expiry as a share of the initial pool value; zero where the pool covers the debt.
///
/// ```
/// use ballast::protocol::risk::loss;
/// assert_eq!(loss(0.75, 0.625), 0.125);
/// assert_eq!(loss(0.75, 0.8), 0.0);
/// ```
#[must_use]
#[inline]
pub fn loss(ltv: f64, value: f64) -> f64 {
    // A value exactly at the debt is no loss.
    if value < ltv { ltv - value } else { 0.0 }
}
