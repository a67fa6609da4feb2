//! Vesting: a grant that becomes its holders' over time.
//!
//! Nothing before the cliff; from then on what is proportional to the time since the start, the whole of it at the end.
//! Amounts are integers, so that what has been released never falls and adds up to the grant to the atom.
//!
//! ALEX publishes the cumulative share that employees, advisers, investors and founders hold, read by eye off its chart:
//! about 0, 8, 15, 23, 30 and 30 % of the supply after 0, 1, 2, 3, 4 and 5 years; that is 30 % linear over four years.

use serde::{Deserialize, Serialize};

use crate::quantity::{Amount, SECONDS_PER_DAY};

/// When a grant is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Seconds before which nothing is released.
    pub cliff_seconds: i64,
    /// Seconds after which everything is.
    pub length_seconds: i64,
}

impl Schedule {
    /// The schedule of these numbers of days. Less than none, and what is no number, counts as none.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a cast of a float to an integer saturates")]
    pub fn of_days(cliff_days: f64, length_days: f64) -> Self {
        let seconds = |days: f64| libm::round(days.max(0.0) * SECONDS_PER_DAY as f64) as i64;
        Self { cliff_seconds: seconds(cliff_days), length_seconds: seconds(length_days) }
    }

    /// What of `grant` has been released `elapsed_seconds` after the start: `grant x elapsed / length`, rounded down.
    ///
    /// # Examples
    /// ```
    /// use ballast::protocol::vesting::Schedule;
    /// use ballast::quantity::{Amount, SECONDS_PER_DAY};
    /// // 300 million over four years, of which a year has to pass before anything comes.
    /// let schedule = Schedule::of_days(365.0, 1_460.0);
    /// let grant = Amount::from_atoms(300_000_000);
    /// let after = |days: i64| schedule.released(grant, days * SECONDS_PER_DAY).atoms();
    /// assert_eq!([364, 365, 730, 1_460, 9_999].map(after), [0, 75_000_000, 150_000_000, 300_000_000, 300_000_000]);
    /// ```
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "the quotient is at most the grant")]
    pub fn released(&self, grant: Amount, elapsed_seconds: i64) -> Amount {
        if elapsed_seconds < self.cliff_seconds.max(0) {
            return Amount::ZERO;
        }
        if elapsed_seconds >= self.length_seconds {
            return grant.max(Amount::ZERO);
        }
        // Here the length is positive, because the elapsed time is at least zero and below it.
        let share = i128::from(grant.atoms()) * i128::from(elapsed_seconds) / i128::from(self.length_seconds);
        Amount::from_atoms(share.max(0) as i64)
    }
}

/// `total` in parts proportional to `weights`, to the atom: what comes before the end of each part is rounded down.
///
/// A weight that is negative or no number counts as nothing; without any weight nothing is given to anybody.
///
/// # Examples
/// ```
/// use ballast::protocol::vesting::split;
/// use ballast::quantity::Amount;
/// let parts = split(Amount::from_atoms(100), &[1.0, 1.0, 1.0]);
/// assert_eq!(parts.iter().map(|part| part.atoms()).collect::<Vec<_>>(), [33, 33, 34]);
/// ```
#[must_use]
pub fn split(total: Amount, weights: &[f64]) -> Vec<Amount> {
    let counted = |weight: &f64| if weight.is_finite() { weight.max(0.0) } else { 0.0 };
    let whole: f64 = weights.iter().map(counted).sum();
    let last = weights.iter().rposition(|weight| counted(weight) > 0.0);
    let (mut weight_so_far, mut given) = (0.0, Amount::ZERO);
    let part = |(place, weight): (usize, &f64)| {
        weight_so_far += counted(weight);
        let up_to = match last {
            // The last that counts takes the rest, whatever rounding left of the sum.
            Some(last) if place >= last => total.max(Amount::ZERO),
            Some(_) => total.share(weight_so_far / whole).max(given),
            None => Amount::ZERO,
        };
        let part = up_to.saturating_less(given);
        given = up_to;
        part
    };
    weights.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(parts: &[Amount]) -> i128 {
        parts.iter().map(|part| i128::from(part.atoms())).sum()
    }

    /// The published curve, within the precision of reading it off a chart.
    #[test]
    fn four_years_of_thirty_per_cent_are_the_published_curve() {
        let schedule = Schedule::of_days(0.0, 4.0 * 365.0);
        let grant = Amount::from_atoms(300_000_000_000_000);
        for (year, published) in [0.0, 8.0, 15.0, 23.0, 30.0, 30.0].into_iter().enumerate() {
            let released = schedule.released(grant, year as i64 * 365 * SECONDS_PER_DAY);
            let per_cent = released.atoms() as f64 / 1e13;
            assert!(
                (per_cent - published).abs() <= 0.5,
                "year {year}: {per_cent} %, published {published} %"
            );
        }
    }

    #[test]
    fn without_length_everything_is_released_after_the_cliff() {
        let grant = Amount::from_atoms(7);
        let schedule = Schedule::of_days(1.0, 0.0);
        assert_eq!(schedule.released(grant, SECONDS_PER_DAY - 1), Amount::ZERO);
        assert_eq!(schedule.released(grant, SECONDS_PER_DAY), grant);
        assert_eq!(Schedule::of_days(f64::NAN, -1.0).released(grant, 0), grant);
    }

    #[test]
    fn what_has_no_weight_gets_nothing() {
        let total = Amount::from_atoms(10);
        let parts = split(total, &[0.0, 2.0, f64::NAN, -1.0]);
        assert_eq!(parts, [Amount::ZERO, total, Amount::ZERO, Amount::ZERO]);
        assert_eq!(split(total, &[0.0, f64::INFINITY]), [Amount::ZERO; 2]);
        assert_eq!(split(total, &[]), []);
    }

    proptest! {
        #[test]
        fn releases_never_fall_and_add_up_to_the_grant(
            grant in 0_i64..=i64::MAX,
            cliff_days in 0.0_f64..2_000.0,
            length_days in 0.0_f64..2_000.0,
            mut times in prop::collection::vec(-1_000_i64..400_000_000, 1..30),
        ) {
            let (schedule, grant) = (Schedule::of_days(cliff_days, length_days), Amount::from_atoms(grant));
            times.sort_unstable();
            let mut before = Amount::ZERO;
            let mut paid = 0_i128;
            for now in times.into_iter().chain([i64::MAX]) {
                let released = schedule.released(grant, now);
                prop_assert!(released >= before && released <= grant);
                paid += i128::from(released.atoms()) - i128::from(before.atoms());
                before = released;
            }
            prop_assert_eq!(paid, i128::from(grant.atoms()));
        }

        #[test]
        fn parts_add_up_to_the_whole(
            total in 0_i64..=i64::MAX,
            weights in prop::collection::vec(prop_oneof![Just(0.0), 1e-9_f64..1e12], 1..40),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0.0));
            let parts = split(Amount::from_atoms(total), &weights);
            prop_assert_eq!(sum(&parts), i128::from(total));
            prop_assert!(parts.iter().all(|part| part.atoms() >= 0));
            let whole: f64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let fair = total as f64 * weight / whole;
                prop_assert!((part.atoms() as f64 - fair).abs() <= 2.0 + total as f64 * 1e-13);
            }
        }
    }
}
