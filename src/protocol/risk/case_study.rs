//! How long fees take to make up for a loss: the case study of the ALEX appendix.
//!
//! The collateral pools hold a share of the protocol's total value locked (TVL). What the reserve earns on all of it in a
//! month, set against what a default costs, gives months of fees.

/// Shares of a protocol that say how large its collateral pools are and what it earns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaseStudy {
    /// Share of TVL that is lent: the other part is in exchange pools.
    pub lending_share: f64,
    /// Share of what is lent that stands as yield token, that is as debt of the collateral pools.
    pub yield_token_share: f64,
    /// Loan-to-value at which the debt is backed by collateral.
    pub sizing_ltv: f64,
    /// Fees a year over TVL.
    pub fees_per_year: f64,
    /// Share of fees that goes to the reserve.
    pub reserve_share: f64,
}

impl CaseStudy {
    /// The appendix: half of TVL lent, half of that as yield token, 80 % loan-to-value, fees of 30 % a year, half to the
    /// reserve.
    pub const ALEX: Self = Self {
        lending_share: 0.5,
        yield_token_share: 0.5,
        sizing_ltv: 0.8,
        fees_per_year: 0.3,
        reserve_share: 0.5,
    };

    /// Collateral in the pools over TVL; `None` unless the loan-to-value is positive and the result finite.
    #[must_use]
    pub fn collateral_share(&self) -> Option<f64> {
        let share = self.lending_share * self.yield_token_share / self.sizing_ltv;
        (self.sizing_ltv > 0.0 && share.is_finite()).then_some(share)
    }

    /// What the reserve earns a month over TVL.
    #[must_use]
    pub fn reserve_income_per_month(&self) -> f64 {
        self.fees_per_year * self.reserve_share / 12.0
    }

    /// Months of the reserve's income that a loss takes, given as a share of the initial value of the collateral pools.
    ///
    /// `None` where the reserve earns nothing or the pools have no size.
    ///
    /// ```
    /// use ballast::protocol::risk::CaseStudy;
    /// // 12.5 % of 31.25 % of TVL is 3.90625 %, at 1.25 % a month.
    /// assert_eq!(CaseStudy::ALEX.months_of_fees(0.125), Some(3.125));
    /// ```
    #[must_use]
    pub fn months_of_fees(&self, loss: f64) -> Option<f64> {
        let income = self.fees_per_year * self.reserve_share;
        let months = 12.0 * loss * self.collateral_share()? / income;
        (income > 0.0 && months.is_finite()).then_some(months)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The appendix takes its loss at 75 % and its size at 80 %; with one loan-to-value for both the months are others.
    #[test]
    fn worked_examples_with_one_loan_to_value() {
        assert_eq!(CaseStudy::ALEX.collateral_share(), Some(0.3125));
        assert!((CaseStudy::ALEX.reserve_income_per_month() - 0.0125).abs() < 1e-15);
        let at = |sizing_ltv: f64, loss: f64| {
            CaseStudy { sizing_ltv, ..CaseStudy::ALEX }.months_of_fees(loss).unwrap()
        };
        assert!((at(0.75, 0.125) - 10.0 / 3.0).abs() < 1e-12);
        assert!((at(0.8, 0.1766) - 4.415).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_made_up_has_no_months() {
        assert_eq!(CaseStudy { fees_per_year: 0.0, ..CaseStudy::ALEX }.months_of_fees(0.1), None);
        assert_eq!(CaseStudy { sizing_ltv: 0.0, ..CaseStudy::ALEX }.months_of_fees(0.1), None);
        assert_eq!(CaseStudy::ALEX.months_of_fees(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn months_grow_with_the_loss(loss in 0.0..1.0_f64, more in 0.0..1.0_f64) {
            let months = |loss| CaseStudy::ALEX.months_of_fees(loss).unwrap();
            prop_assert!(months(loss + more) >= months(loss));
        }
    }
}
