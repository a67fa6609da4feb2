//! The reserve behind the loan markets, in months of fees.
//!
//! A reserve is kept *per token*. Fees arrive in the coin that was brought into a swap, or in yield tokens; a shortfall
//! falls due in the collateral token or in the loan token. Valued in dollars, a reserve can look rich and still lack the one
//! token that is due; so months of fees are told both ways. Source: ALEXnomics; `alex-reserve-pool`.

use thiserror::Error;

/// A number that is none of a reserve's.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{what} must be a finite number of at least zero, found {found}")]
pub struct NotAnAmount {
    /// Which number.
    pub what: &'static str,
    /// Its value.
    pub found: f64,
}

/// Months of fees that a loss in *one token* costs: `loss / monthly fees`, both in that token. `None` where there is a loss
/// and no fee comes in that token, however rich the reserve is in others.
///
/// # Errors
/// [`NotAnAmount`].
pub fn months_of_fees(loss: f64, fees_per_month: f64) -> Result<Option<f64>, NotAnAmount> {
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
/// [`NotAnAmount`].
///
/// ```
/// use ballast::protocol::reserve::{months_of_fees, months_of_fees_usd};
/// // A loss of 10 in a token that earns nothing, while another earns 20 dollars a month.
/// assert_eq!(months_of_fees(10.0, 0.0)?, None);
/// assert_eq!(months_of_fees_usd(&[(10.0, 0.0, 1.0), (0.0, 20.0, 1.0)])?, Some(0.5));
/// # Ok::<(), ballast::protocol::reserve::NotAnAmount>(())
/// ```
pub fn months_of_fees_usd(tokens: &[(f64, f64, f64)]) -> Result<Option<f64>, NotAnAmount> {
    let (mut loss_usd, mut fees_usd) = (0.0, 0.0);
    for &(loss, fees, price_usd) in tokens {
        let price_usd = checked("the price", price_usd)?;
        loss_usd += checked("the loss", loss)? * price_usd;
        fees_usd += checked("the fees", fees)? * price_usd;
    }
    months_of_fees(loss_usd, fees_usd)
}

fn checked(what: &'static str, found: f64) -> Result<f64, NotAnAmount> {
    if (0.0..f64::INFINITY).contains(&found) { Ok(found) } else { Err(NotAnAmount { what, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }
}
