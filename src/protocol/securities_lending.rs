//! Lending of tokens against cash collateral: what a loan costs, what backs it, what becomes of it when it is not returned.
//!
//! Holders offer `D` tokens together, of which `L` are lent. A borrower of `p` tokens at the price `P` puts up collateral and
//! pays for every day as it begins, out of the collateral, at the rate that stood when it borrowed:
//!
//! ```text
//! collateral   c = k p P                    then less f for each day begun, the first at once
//! rate         r = r0 + r1 (L + p) / D
//! fee          f = p P r / 365              a day
//! settlement   min(c, p P')                 to the lenders; the rest of c goes back, the borrower keeps the tokens
//! ```
//!
//! A loan is settled when it is not returned by the end of its term, or when the tokens, at the price `P'` of the day, are worth
//! what is left of the collateral. Fees and settlements belong to all who offer, in proportion to what they offer, lent or not;
//! a settlement takes `p` tokens off their claims in the same proportion.
//!
//! | symbol | code name | unit | source |
//! |---|---|---|---|
//! | k | [`TokenLoanTerms::collateral_ratio`] | ratio | securities lending takes 1.02 to 1.05 for shares (ISLA, market guide); a token moves more |
//! | r0, r1 | [`TokenLoanTerms::base_rate_per_year`], [`TokenLoanTerms::rate_slope_per_year`] | 1/year | linear in utilisation: Compound, "The Money Market Protocol", 2019, section 2.2 |
//! | f | [`fee_usd`], [`days_begun`] | dollars | loans of securities are charged by the day they are open |
//!
//! ```
//! use ballast::protocol::securities_lending::{TokenLoanTerms, days_begun, fee_usd};
//!
//! let terms = TokenLoanTerms { collateral_ratio: 1.5, ..TokenLoanTerms::default() };
//! // 1,000 tokens at two cents, out of 4,000 that are offered: a quarter is lent.
//! assert_eq!(terms.collateral_usd(1_000.0 * 0.02), 30.0);
//! let rate = terms.rate_per_year(1_000.0, 4_000.0);
//! assert_eq!(rate, 0.02 + 0.25 * 0.25);
//! // Returned after 73 hours: four days have begun.
//! assert_eq!(days_begun(73 * 3_600), 4);
//! assert!((fee_usd(20.0, rate, 4) - 20.0 * 0.0825 * 4.0 / 365.0).abs() < 1e-12);
//! ```

use serde::{Deserialize, Serialize};

use crate::quantity::{Amount, SECONDS_PER_DAY};

/// Days in the year by which rates are counted.
const DAYS_PER_YEAR: f64 = 365.0;

/// On what terms tokens are lent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenLoanTerms {
    /// Dollars put up for each dollar of tokens borrowed; above 1.
    pub collateral_ratio: f64,
    /// What a loan costs where hardly anything is lent, per year as a share of its value.
    pub base_rate_per_year: f64,
    /// What comes on top where all that is offered is lent, per year as a share.
    pub rate_slope_per_year: f64,
    /// How long a loan may stand before it is settled out of its collateral.
    pub term_days: f64,
}

impl Default for TokenLoanTerms {
    /// Half as much again as collateral, 2 % a year and up to 25 % more, for a month: assumptions.
    fn default() -> Self {
        Self { collateral_ratio: 1.5, base_rate_per_year: 0.02, rate_slope_per_year: 0.25, term_days: 30.0 }
    }
}

impl TokenLoanTerms {
    /// The rate of a loan after which `lent` tokens are lent of those `offered`, per year as a share.
    #[must_use]
    pub fn rate_per_year(&self, lent: f64, offered: f64) -> f64 {
        let utilisation = if offered > 0.0 { (lent / offered).clamp(0.0, 1.0) } else { 0.0 };
        self.base_rate_per_year + self.rate_slope_per_year * utilisation
    }

    /// Collateral of a loan of tokens worth `value_usd`, in dollars.
    #[must_use]
    pub fn collateral_usd(&self, value_usd: f64) -> f64 {
        self.collateral_ratio * value_usd
    }

    /// How long a loan may stand, in seconds.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a float beyond the range of seconds saturates")]
    pub fn term_seconds(&self) -> i64 {
        (self.term_days * SECONDS_PER_DAY as f64).round() as i64
    }
}

/// The days that have begun when a loan has stood for so many seconds: at least one.
#[must_use]
pub const fn days_begun(seconds: i64) -> i64 {
    let days = seconds.saturating_add(SECONDS_PER_DAY - 1).div_euclid(SECONDS_PER_DAY);
    if days > 1 { days } else { 1 }
}

/// The fee for so many days of a loan that was worth `value_usd` when it was made, in dollars.
#[must_use]
pub fn fee_usd(value_usd: f64, rate_per_year: f64, days: i64) -> f64 {
    value_usd * rate_per_year * days as f64 / DAYS_PER_YEAR
}

/// What has been paid for each atom offered since the beginning, so that a payment to all lenders touches none of them.
///
/// A fraction of 2^-64 atoms of dollars by atom of tokens. It may wrap: only differences count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeeIndex(u128);

impl FeeIndex {
    /// The index after `paid` atoms went to those who offer `offered`; rounded down.
    #[must_use]
    pub fn after(self, paid: Amount, offered: Amount) -> Self {
        let (Ok(paid), Ok(offered)) = (u128::try_from(paid.atoms()), u128::try_from(offered.atoms())) else {
            return self;
        };
        Self(self.0.wrapping_add((paid << 64).checked_div(offered).unwrap_or(0)))
    }

    /// What a claim on `offered` atoms, unchanged since the index stood at `since`, has been paid; rounded down.
    #[must_use]
    pub fn due(self, since: Self, offered: Amount) -> Amount {
        // No claim exceeds all that is offered, so that no product exceeds all that was paid, which fits.
        let claim = u128::try_from(offered.atoms()).unwrap_or(0);
        let due = self.0.wrapping_sub(since.0).saturating_mul(claim) >> 64;
        i64::try_from(due).map_or(Amount::MAX, Amount::from_atoms)
    }
}

/// Takes `lost` atoms off `claims` in proportion to each, to the atom; answers with what is left of each.
///
/// Parts are rounded down, and the atoms that this leaves are taken one each from the first whose part was not whole. Where
/// more is lost than is claimed nothing is left.
#[must_use]
pub fn reduced(claims: &[Amount], lost: Amount) -> Vec<Amount> {
    let whole: i128 = claims.iter().map(|claim| i128::from(claim.atoms())).sum();
    let lost = i128::from(lost.atoms()).min(whole);
    if whole <= 0 {
        return claims.to_vec();
    }
    let parts = claims.iter().map(|claim| {
        let product = lost * i128::from(claim.atoms());
        (product / whole, product % whole > 0)
    });
    let parts: Vec<(i128, bool)> = parts.collect();
    let mut rest = lost - parts.iter().map(|(part, _)| part).sum::<i128>();
    let left = claims.iter().zip(parts).map(|(claim, (part, broken))| {
        let more = i128::from(broken && rest > 0);
        rest -= more;
        Amount::from_atoms(i64::try_from(i128::from(claim.atoms()) - part - more).unwrap_or(0))
    });
    left.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    #[test]
    fn a_day_begun_is_a_day_and_none_is_one() {
        let day = SECONDS_PER_DAY;
        assert_eq!([0, 1, day, day + 1, 10 * day].map(days_begun), [1, 1, 1, 2, 10]);
    }

    #[test]
    fn the_rate_follows_utilisation() {
        let terms = TokenLoanTerms::default();
        assert_eq!(
            [0.0, 50.0, 100.0, 200.0].map(|lent| terms.rate_per_year(lent, 100.0)),
            [0.02, 0.145, 0.27, 0.27]
        );
        assert_eq!(terms.rate_per_year(0.0, 0.0), 0.02);
    }

    #[test]
    fn claims_shrink_in_proportion() {
        let left = |lost| {
            reduced(&[atoms(10), atoms(20), atoms(70)], atoms(lost))
                .iter()
                .map(|a| a.atoms())
                .collect::<Vec<_>>()
        };
        assert_eq!(left(50), [5, 10, 35]);
        // 0.1, 0.2 and 0.7 of an atom: the first bears it.
        assert_eq!(left(1), [9, 20, 70]);
        assert_eq!((left(100), left(500)), (vec![0, 0, 0], vec![0, 0, 0]));
        assert_eq!(reduced(&[], atoms(3)), []);
    }

    proptest! {
        /// Nothing is lost but what is lost, and nobody bears an atom more than its part rounded up.
        #[test]
        fn what_is_taken_off_is_what_was_lost(claims in proptest::collection::vec(0_i64..1 << 55, 1..40), share in 0.0_f64..=1.0) {
            let claims: Vec<Amount> = claims.into_iter().map(atoms).collect();
            let whole = atoms(claims.iter().map(|claim| claim.atoms()).sum());
            let lost = whole.share(share);
            let left = reduced(&claims, lost);
            prop_assert_eq!(left.iter().map(|left| left.atoms()).sum::<i64>(), whole.atoms() - lost.atoms());
            for (claim, left) in claims.iter().zip(&left) {
                let borne = i128::from(claim.atoms() - left.atoms()) * i128::from(whole.atoms());
                let part = i128::from(lost.atoms()) * i128::from(claim.atoms());
                prop_assert!(left.atoms() >= 0 && (borne - part).abs() < i128::from(whole.atoms().max(1)));
            }
        }

        /// Lenders together never receive more than was paid, and lack less than an atom each.
        #[test]
        fn what_is_paid_is_shared_out_but_for_dust(
            claims in proptest::collection::vec(1_i64..1 << 50, 1..20), payments in proptest::collection::vec(0_i64..1 << 50, 1..20),
        ) {
            let offered = atoms(claims.iter().sum());
            let start = FeeIndex(u128::MAX - 5);
            let index = payments.iter().fold(start, |index, paid| index.after(atoms(*paid), offered));
            let due: i64 = claims.iter().map(|claim| index.due(start, atoms(*claim)).atoms()).sum();
            let paid: i64 = payments.iter().sum();
            prop_assert!(due <= paid && paid - due <= (claims.len() + payments.len()) as i64);
        }
    }
}
