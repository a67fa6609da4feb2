//! How unequally something is held: liquidity among providers, votes among voters, wealth among agents.
//!
//! Only those who hold something count: an address at zero is no holder, so that a population of inactive agents does not
//! change a figure. Sums are exact (integers), so no figure depends on the order of the holders.

/// Integer atoms that real amounts are scaled to: the whole is about 2^62.
const WHOLE: f64 = 4_611_686_018_427_387_904.0;

/// What each holder has, ascending; every amount is above zero and there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    ascending: Vec<u64>,
    total: u128,
}

impl Holdings {
    /// Holdings in atoms; amounts of zero or less are left out. `None` when nobody holds anything.
    #[must_use]
    pub fn from_atoms(amounts: impl IntoIterator<Item = i64>) -> Option<Self> {
        Self::ascending(amounts.into_iter().filter_map(|amount| u64::try_from(amount).ok()).collect())
    }

    /// Holdings as real numbers; what is not finite, or not above 2e-19 of the whole, is left out.
    ///
    /// Amounts are rounded to parts of 2^-62 of the whole, finer than a double resolves. `None` when nobody holds anything.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "parts of WHOLE fit u64")]
    pub fn from_reals(amounts: &[f64]) -> Option<Self> {
        let mut held: Vec<f64> =
            amounts.iter().copied().filter(|amount| amount.is_finite() && *amount > 0.0).collect();
        // Summed in ascending order: the scale, and with it every figure, then does not depend on the order of holders.
        held.sort_unstable_by(f64::total_cmp);
        let largest = *held.last()?;
        // Measured in the largest holding, because the sum of the amounts themselves may overflow.
        let whole: f64 = held.iter().map(|amount| amount / largest).sum();
        Self::ascending(held.iter().map(|amount| (amount / largest / whole * WHOLE).round() as u64).collect())
    }

    fn ascending(mut amounts: Vec<u64>) -> Option<Self> {
        amounts.retain(|amount| *amount > 0);
        amounts.sort_unstable();
        let total = amounts.iter().map(|amount| u128::from(*amount)).sum();
        (!amounts.is_empty()).then_some(Self { ascending: amounts, total })
    }

    /// The number of holders.
    #[must_use]
    pub fn holders(&self) -> usize {
        self.ascending.len()
    }

    /// Herfindahl-Hirschman index, the sum of squared shares: `1 / n` of equals, 1 of one holder.
    #[must_use]
    pub fn hhi(&self) -> f64 {
        let total = self.total as f64;
        let squares = self.ascending.iter().try_fold(0_u128, |sum, amount| {
            let amount = u128::from(*amount);
            sum.checked_add(amount * amount)
        });
        match squares {
            Some(squares) => squares as f64 / (total * total),
            // Only beyond 2^64 atoms in one hand or many; shares are then precise enough.
            None => {
                self.ascending.iter().map(|amount| (*amount as f64 / total) * (*amount as f64 / total)).sum()
            }
        }
    }

    /// Gini coefficient among the holders: 0 of equals (and of a single holder), near `1 - 1/n` of one who has all.
    ///
    /// `sum((2 i - n - 1) x_i) / (n sum(x))` with `x` ascending and `i` from 1, without small-sample correction.
    #[must_use]
    pub fn gini(&self) -> f64 {
        let count = self.ascending.len() as i128;
        let weighted: i128 = (1..)
            .zip(&self.ascending)
            .map(|(place, amount)| (2 * place - count - 1) * i128::from(*amount))
            .sum();
        weighted as f64 / (count as f64 * self.total as f64)
    }

    /// Nakamoto coefficient: the fewest holders who together have more than half.
    #[must_use]
    pub fn nakamoto(&self) -> usize {
        let mut together = 0_u128;
        let short = self.ascending.iter().rev().take_while(|amount| {
            together += u128::from(**amount);
            2 * together <= self.total
        });
        short.count() + 1
    }

    /// The share, 0 to 1, of the `count` largest holders.
    #[must_use]
    pub fn top_share(&self, count: usize) -> f64 {
        let together: u128 = self.ascending.iter().rev().take(count).map(|amount| u128::from(*amount)).sum();
        together as f64 / self.total as f64
    }

    /// The Lorenz curve at `points` equally spaced places: (share of holders from the poorest, share held), from (0, 0) to
    /// (1, 1), linear between holders. Fewer than two points count as two.
    #[must_use]
    pub fn lorenz(&self, points: usize) -> Vec<(f64, f64)> {
        let steps = points.max(2) - 1;
        let count = self.ascending.len() as u128;
        let mut curve = Vec::with_capacity(steps + 1);
        let (mut passed, mut below) = (0_usize, 0_u128);
        for step in 0..=steps {
            // Place `step / steps` of the holders: `whole` of them and `part / steps` of the next.
            let place = step as u128 * count;
            let (whole, part) = (place / steps as u128, place % steps as u128);
            while (passed as u128) < whole {
                below += u128::from(self.ascending[passed]);
                passed += 1;
            }
            let next = self.ascending.get(passed).copied().unwrap_or(0);
            let held = below as f64 + next as f64 * (part as f64 / steps as f64);
            curve.push((step as f64 / steps as f64, held / self.total as f64));
        }
        curve
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 10, 20, 30, 40: squares 3,000 of 10,000; Gini (-3*10 - 20 + 30 + 3*40) / (4 * 100) = 0.25; 40 + 30 > 50.
    #[test]
    fn worked_example() {
        let held = Holdings::from_atoms([30, 10, 0, 40, -7, 20]).unwrap();
        assert_eq!((held.holders(), held.hhi(), held.gini(), held.nakamoto()), (4, 0.3, 0.25, 2));
        assert_eq!((held.top_share(1), held.top_share(5), held.top_share(0)), (0.4, 1.0, 0.0));
        assert_eq!(held.lorenz(5), [(0.0, 0.0), (0.25, 0.1), (0.5, 0.3), (0.75, 0.6), (1.0, 1.0)]);
        assert_eq!(held.lorenz(3), [(0.0, 0.0), (0.5, 0.3), (1.0, 1.0)]);
        // An eighth of four holders is half of the poorest.
        assert_eq!(held.lorenz(9)[1], (0.125, 0.05));
    }

    #[test]
    fn nobody_holds_anything() {
        assert_eq!(Holdings::from_atoms([0, 0, -1]), None);
        assert_eq!(Holdings::from_atoms([]), None);
        assert_eq!(Holdings::from_reals(&[0.0, f64::NAN, f64::INFINITY, -1.0]), None);
    }

    #[test]
    fn one_holder_has_it_all() {
        let held = Holdings::from_atoms([5]).unwrap();
        assert_eq!((held.hhi(), held.gini(), held.nakamoto(), held.top_share(1)), (1.0, 0.0, 1, 1.0));
    }

    /// Exactly half is not more than half: this is where a rounded sum goes wrong.
    #[test]
    fn half_is_not_a_majority() {
        let large = i64::MAX / 2;
        assert_eq!(Holdings::from_atoms([large, large]).unwrap().nakamoto(), 2);
        assert_eq!(Holdings::from_atoms([large + 1, large]).unwrap().nakamoto(), 1);
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let held = Holdings::from_atoms(vec![i64::MAX; 100]).unwrap();
        assert!((held.hhi() - 0.01).abs() < 1e-15 && held.gini() == 0.0 && held.nakamoto() == 51);
        let real = Holdings::from_reals(&[f64::MAX, f64::MAX, 1.0]).unwrap();
        assert!((real.hhi() - 0.5).abs() < 1e-15 && real.holders() == 2);
    }

    proptest! {
        #[test]
        fn figures_keep_their_bounds(amounts in prop::collection::vec(0..1_000_000_i64, 1..60)) {
            prop_assume!(amounts.iter().any(|amount| *amount > 0));
            let held = Holdings::from_atoms(amounts.iter().copied()).unwrap();
            let count = held.holders() as f64;
            prop_assert!(held.hhi() >= 1.0 / count - 1e-12 && held.hhi() <= 1.0);
            prop_assert!((0.0..=1.0 - 1.0 / count).contains(&held.gini()));
            prop_assert!(held.nakamoto() <= held.holders() / 2 + 1);
            prop_assert!(held.top_share(held.nakamoto()) > 0.5);
            prop_assert!(held.top_share(held.nakamoto() - 1) <= 0.5);
        }

        /// Gini is one minus twice the area under the Lorenz curve, by trapezia at every holder.
        #[test]
        fn gini_is_the_area_of_lorenz(amounts in prop::collection::vec(1..1_000_000_i64, 1..40)) {
            let held = Holdings::from_atoms(amounts.iter().copied()).unwrap();
            let curve = held.lorenz(held.holders() + 1);
            let area: f64 = curve.windows(2).map(|two| (two[1].0 - two[0].0) * (two[0].1 + two[1].1) / 2.0).sum();
            prop_assert!((held.gini() - (1.0 - 2.0 * area)).abs() < 1e-12);
        }

        #[test]
        fn reals_and_scale_and_order_change_nothing(amounts in prop::collection::vec(1..1_000_000_i64, 1..40)) {
            let held = Holdings::from_atoms(amounts.iter().copied()).unwrap();
            let mut reals: Vec<f64> = amounts.iter().map(|amount| *amount as f64 * 1e-3).collect();
            let same = Holdings::from_reals(&reals).unwrap();
            prop_assert!((held.hhi() - same.hhi()).abs() < 1e-12 && (held.gini() - same.gini()).abs() < 1e-12);
            reals.reverse();
            prop_assert_eq!(Holdings::from_reals(&reals).unwrap(), same);
        }

        #[test]
        fn taking_from_the_rich_lowers_every_figure(mut amounts in prop::collection::vec(10..1_000_000_i64, 2..40)) {
            amounts.sort_unstable();
            let before = Holdings::from_atoms(amounts.iter().copied()).unwrap();
            let (first, last) = (0, amounts.len() - 1);
            let gift = (amounts[last] - amounts[first]) / 2;
            amounts[first] += gift;
            amounts[last] -= gift;
            let after = Holdings::from_atoms(amounts.iter().copied()).unwrap();
            prop_assert!(after.hhi() <= before.hhi() && after.gini() <= before.gini() + 1e-15);
        }
    }
}
