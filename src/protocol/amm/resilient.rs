//! A price that lags by trades: the "resilient oracle" of ALEX's pools.
//!
//! `reading = (1 - a) instant + a stored`: the price of the moment has a small weight, whatever it is. Each swap stores
//! the reading that it found, from the reserves before the trade; nothing else does. The stored price therefore moves with
//! trades and not with time, and one trade, of any size, moves the next reading by `1 - a` of what it moves the price.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | a | `average` | share of the reading that the stored price has; 0.95 on ALEX's mainnet |
//! | instant | `instant` | quote per base, marginal, before fees |
//!
//! Source: `get-oracle-resilient` of ALEX's fixed-weight pool. A pool's first stored price is its opening price.

use super::error::{SwapError, positive};

/// The weight that the stored price had on ALEX's mainnet.
pub const ALEX_AVERAGE: f64 = 0.95;

/// The reading, and what a swap at `instant` stores; `instant` where nothing is stored yet.
///
/// # Errors
/// [`SwapError::Price`] for a price that is not finite and above zero, [`SwapError::Weight`] for an average outside [0, 1].
///
/// ```
/// use ballast::protocol::amm::resilient::{ALEX_AVERAGE, reading};
/// // The price fell from 1 to 0.75 and nobody has traded since: a twentieth of the fall shows.
/// assert_eq!(reading(Some(1.0), 0.75, ALEX_AVERAGE), Ok(0.9875));
/// # Ok::<(), ballast::protocol::amm::SwapError>(())
/// ```
#[inline]
pub fn reading(stored: Option<f64>, instant: f64, average: f64) -> Result<f64, SwapError> {
    positive(instant, SwapError::Price)?;
    if !(0.0..=1.0).contains(&average) {
        return Err(SwapError::Weight);
    }
    let Some(stored) = stored else { return Ok(instant) };
    Ok((1.0 - average) * instant + average * positive(stored, SwapError::Price)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::amm::{Curve, Side};

    /// Five sales of 3 % each of the base: the price of the moment, what is stored after the last, and what is read then.
    fn five_sales(average: f64) -> (f64, f64, f64) {
        let (mut pool, mut stored) = ([1_000.0, 1_000.0], Some(1.0));
        for _ in 0..5 {
            stored = Some(reading(stored, pool[1] / pool[0], average).unwrap());
            let sold = 0.03 * pool[0];
            let out = Curve::ConstantProduct.out_given_in(pool, Side::SellBase, 0.997 * sold).unwrap();
            pool = [pool[0] + 0.9985 * sold, pool[1] - out];
        }
        let instant = pool[1] / pool[0];
        (instant, stored.unwrap(), reading(stored, instant, average).unwrap())
    }

    #[test]
    fn five_sales_of_three_percent() {
        let (instant, stored, read) = five_sales(ALEX_AVERAGE);
        // The price falls by a quarter; of that a tenth is stored, and a seventh is read.
        assert!((instant - 0.7446).abs() < 1e-4, "{instant}");
        // 0.05 (sum over the five prices before each sale, weighted 0.95^4 .. 1) + 0.95^5.
        assert!((stored - 0.974_310).abs() < 1e-6, "{stored}");
        assert!((read - 0.962_824).abs() < 1e-6, "{read}");
    }

    /// A run of ALEX's contracts showed 0.987 at an instant price of 0.750 after five sales. That is one reading on a stored
    /// price of one; had each of the sales stored its reading, less would have been left (see above).
    #[test]
    fn one_reading_of_a_price_that_fell_by_a_quarter() {
        assert_eq!(reading(Some(1.0), 0.75, ALEX_AVERAGE), Ok(0.9875));
    }

    #[test]
    fn the_opening_price_is_the_first_and_bad_numbers_are_refused() {
        assert_eq!(reading(None, 3.0, 0.95), Ok(3.0));
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(reading(Some(1.0), odd, 0.95), Err(SwapError::Price));
            assert_eq!(reading(Some(odd), 1.0, 0.95), Err(SwapError::Price));
        }
        for odd in [-0.1, 1.1, f64::NAN] {
            assert_eq!(reading(Some(1.0), 1.0, odd), Err(SwapError::Weight));
        }
    }

    proptest! {
        #[test]
        fn it_lies_between_and_moves_by_its_part(
            stored in 1e-6..1e6_f64, instant in 1e-6..1e6_f64, average in 0.0..1.0_f64,
        ) {
            let read = reading(Some(stored), instant, average).unwrap();
            let (low, high) = (stored.min(instant), stored.max(instant));
            prop_assert!(read >= low * (1.0 - 1e-15) && read <= high * (1.0 + 1e-15));
            prop_assert!(((read - stored) - (1.0 - average) * (instant - stored)).abs() <= 1e-15 * high * 4.0);
        }
    }
}
