//! How long the fees must flow to pay for a loss.
//!
//! The case study of the ALEX economics paper, in shares of the value locked in the whole protocol: a part of it backs
//! loans, a tail loss takes a share of that, and the reserve's part of the fees refills it:
//!
//! `months = loss / fees a month = (tail loss * lent / LTV) / (fees a year * reserve share / 12)`.
//!
//! The paper sizes the collateral at an LTV of 80 % and takes the loss measured at 75 %; [`CaseStudy`] keeps the two apart,
//! so that consistent choices can be compared.

use super::ledger::{Refusal, checked};

/// Months in a year.
const MONTHS: f64 = 12.0;

/// Months of fees that a loss in *one token* costs: `loss / monthly fees`, both in that token. `None` where there is a loss
/// and no fee comes in that token, however rich the reserve is in others.
///
/// # Errors
/// [`Refusal::Amount`].
pub fn months_of_fees(loss: f64, fees_per_month: f64) -> Result<Option<f64>, Refusal> {
    let (loss, fees) = (checked("the loss", loss)?, checked("the fees", fees_per_month)?);
    Ok(match (loss > 0.0, fees > 0.0) {
        (false, _) => Some(0.0),
        (true, true) => Some(loss / fees),
        (true, false) => None,
    })
}

/// The same in dollars, over tokens of `(loss, fees a month, price in USD)`. It hides which token is short.
///
/// # Errors
/// [`Refusal::Amount`].
///
/// ```
/// use ballast::protocol::reserve::{months_of_fees, months_of_fees_usd};
/// // A loss of 10 in a token that earns nothing, while another earns 20 dollars a month.
/// assert_eq!(months_of_fees(10.0, 0.0)?, None);
/// assert_eq!(months_of_fees_usd(&[(10.0, 0.0, 1.0), (0.0, 20.0, 1.0)])?, Some(0.5));
/// # Ok::<(), ballast::protocol::reserve::Refusal>(())
/// ```
pub fn months_of_fees_usd(tokens: &[(f64, f64, f64)]) -> Result<Option<f64>, Refusal> {
    let (mut loss_usd, mut fees_usd) = (0.0, 0.0);
    for &(loss, fees, price_usd) in tokens {
        let price_usd = checked("the price", price_usd)?;
        loss_usd += checked("the loss", loss)? * price_usd;
        fees_usd += checked("the fees", fees)? * price_usd;
    }
    months_of_fees(loss_usd, fees_usd)
}

/// A tail loss against the fees of the whole protocol; all shares are of the value locked, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaseStudy {
    /// Part of the value locked that is lent out: face value of the yield tokens.
    pub lent_share: f64,
    /// Loan-to-value at which collateral stands behind it.
    pub sizing_ltv: f64,
    /// Tail loss as a share of the collateral.
    pub loss_share_of_collateral: f64,
    /// Fees in a year.
    pub fees_per_year: f64,
    /// Part of the fees that goes to the reserve.
    pub reserve_share_of_fees: f64,
}

impl CaseStudy {
    /// The paper's: a quarter lent, sized at 80 %, losing the 12.5 % of an LTV of 75 %, fees of 30 % a year, half of them
    /// for the reserve.
    pub const ARTICLE: Self = Self {
        lent_share: 0.25,
        sizing_ltv: 0.8,
        loss_share_of_collateral: 0.125,
        fees_per_year: 0.3,
        reserve_share_of_fees: 0.5,
    };
    /// The same at an LTV of 75 % throughout.
    pub const AT_75: Self = Self { sizing_ltv: 0.75, ..Self::ARTICLE };
    /// The same at an LTV of 80 % throughout: the 99 % loss read off the paper's chart is 17.66 %.
    pub const AT_80: Self = Self { loss_share_of_collateral: 0.1766, ..Self::ARTICLE };

    /// Collateral: what is lent over the loan-to-value.
    #[must_use]
    pub fn collateral_share(&self) -> f64 {
        self.lent_share / self.sizing_ltv
    }

    /// The loss.
    #[must_use]
    pub fn loss_share(&self) -> f64 {
        self.loss_share_of_collateral * self.collateral_share()
    }

    /// Fees for the reserve in a month.
    #[must_use]
    pub fn reserve_fees_per_month(&self) -> f64 {
        self.fees_per_year * self.reserve_share_of_fees / MONTHS
    }

    /// Months of fees that the loss costs.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    ///
    /// ```
    /// use ballast::protocol::reserve::CaseStudy;
    /// // 31.25 % of the value locked, 12.5 % of it lost, 1.25 % a month to refill it.
    /// let months = CaseStudy::ARTICLE.months()?.unwrap_or(f64::INFINITY);
    /// assert!((months - 3.125).abs() < 1e-12);
    /// # Ok::<(), ballast::protocol::reserve::Refusal>(())
    /// ```
    pub fn months(&self) -> Result<Option<f64>, Refusal> {
        months_of_fees(self.loss_share(), self.reserve_fees_per_month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_mixes_two_loan_to_values() {
        let article = CaseStudy::ARTICLE;
        assert!((article.collateral_share() - 0.3125).abs() < 1e-15);
        assert!((article.reserve_fees_per_month() - 0.0125).abs() < 1e-15);
        assert!((article.loss_share() - 0.039_062_5).abs() < 1e-15);
        let months = |study: CaseStudy| study.months().unwrap().unwrap();
        assert!((months(article) - 3.125).abs() < 1e-12);
        assert!((months(CaseStudy::AT_75) - 10.0 / 3.0).abs() < 1e-12);
        assert!((months(CaseStudy::AT_80) - 4.415).abs() < 1e-12);
    }

    #[test]
    fn a_dollar_reserve_hides_the_token_that_is_short() {
        assert_eq!(months_of_fees(10.0, 0.0), Ok(None));
        assert_eq!(months_of_fees_usd(&[(10.0, 0.0, 2.0), (0.0, 5.0, 8.0)]), Ok(Some(0.5)));
        assert_eq!(months_of_fees(0.0, 0.0), Ok(Some(0.0)));
        assert_eq!(months_of_fees_usd(&[]), Ok(Some(0.0)));
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(months_of_fees(bad, 1.0).is_err() && months_of_fees(1.0, bad).is_err());
            assert!(months_of_fees_usd(&[(1.0, 1.0, bad)]).is_err());
            assert!(
                CaseStudy { sizing_ltv: 1.0 / bad, ..CaseStudy::ARTICLE }.months().is_err()
                    || bad.is_infinite()
            );
        }
        assert!(CaseStudy { sizing_ltv: 0.0, ..CaseStudy::ARTICLE }.months().is_err());
    }
}
