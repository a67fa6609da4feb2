//! Insurance of committed liquidity: who stayed to the end is paid what providing cost against holding.
//!
//! A provider commits shares that stand for `b` base and `q` quote. At the end they stand for `b'` and `q'`, and at a price
//! `p` of base in quote the impermanent loss is
//!
//! `loss = max(0, (b p + q) - (b' p + q'))`
//!
//! which includes the fees that the pool earned in between: only what fees did not make good is a loss. The claim is
//! `coverage x loss`. Coverage above one pays for buying the missing coin back: the deployed "tranched" contract, which
//! promises leavers their original coins after the end cycle, sells 1.1 times what a quote asks for. Where a fund holds less
//! than all that claim at one time, each claim is paid the same part of it.
//!
//! `p` must be a price that the claimant cannot move: an average over time.
//!
//! | symbol | code name | unit |
//! |---|---|---|
//! | b, q | `original` | base, quote |
//! | b', q' | `left` | base, quote |
//! | p | `price` | quote per base |
//!
//! Source: `alexgo-io/alex-v1`, the tranched liquidity contract (coverage 1.1); no other figure was published.

use super::gate::{GateRule, grant};
use crate::quantity::Amount;

/// What the deployed contract sells in multiples of what is missing.
pub const TRANCHED_COVERAGE: f64 = 1.1;

/// What a provider lost against holding, in quote; none where a number is not finite or the price is not above zero.
///
/// ```
/// use ballast::protocol::liquidity::insurance::impermanent_loss;
/// // 10 base and 1,000 quote at a price of 100. At 400 a constant product without fees holds 5 and 2,000: 4,000 in place of
/// // the 5,000 that holding would be worth, the 20 % of the usual formula 2 sqrt(4) / (1 + 4) - 1.
/// assert_eq!(impermanent_loss([10.0, 1_000.0], [5.0, 2_000.0], 400.0), Some(1_000.0));
/// // Fees can make up for it.
/// assert_eq!(impermanent_loss([10.0, 1_000.0], [7.0, 2_800.0], 400.0), Some(0.0));
/// ```
#[must_use]
pub fn impermanent_loss(original: [f64; 2], left: [f64; 2], price: f64) -> Option<f64> {
    if price.is_nan() || price <= 0.0 {
        return None;
    }
    let value = |[base, quote]: [f64; 2]| base * price + quote;
    let loss = value(original) - value(left);
    loss.is_finite().then(|| loss.max(0.0))
}

/// What each of `claims` is paid by a fund that holds `fund`: all of it, or the same part of each.
#[must_use]
pub fn settle(claims: &[Amount], fund: Amount) -> Vec<Amount> {
    grant(GateRule::ProRata, claims, fund)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A constant product without fees loses `1 - 2 sqrt(r) / (1 + r)` of what holding is worth, and never gains.
        #[test]
        fn the_loss_is_the_textbook_one(base in 1e-3..1e9_f64, price in 1e-6..1e6_f64, ratio in 1e-3..1e3_f64) {
            let original = [base, base * price];
            let left = [base / ratio.sqrt(), base * price * ratio.sqrt()];
            let loss = impermanent_loss(original, left, price * ratio).unwrap();
            let held = base * price * (ratio + 1.0);
            let expected = 1.0 - 2.0 * ratio.sqrt() / (1.0 + ratio);
            prop_assert!((loss / held - expected).abs() < 1e-9, "{} {}", loss / held, expected);
        }

        /// A fund pays what it has, no more, and nobody more than is claimed.
        #[test]
        fn a_fund_is_never_overdrawn(
            claims in prop::collection::vec(0_i64..=1_000_000_000_000, 0..30),
            fund in 0_i64..=10_000_000_000_000,
        ) {
            let claims: Vec<Amount> = claims.into_iter().map(Amount::from_atoms).collect();
            let paid = settle(&claims, Amount::from_atoms(fund));
            let sum = |amounts: &[Amount]| amounts.iter().map(|one| one.atoms()).sum::<i64>();
            prop_assert_eq!(sum(&paid), sum(&claims).min(fund));
            prop_assert!(paid.iter().zip(&claims).all(|(paid, claim)| paid <= claim));
        }
    }

    #[test]
    fn no_price_no_claim() {
        for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(impermanent_loss([1.0, 1.0], [0.5, 1.0], price), None, "{price}");
        }
        assert_eq!(impermanent_loss([f64::NAN, 1.0], [0.5, 1.0], 1.0), None);
    }
}
