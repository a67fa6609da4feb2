//! Moments of a stream of numbers, without keeping the numbers.

/// Count, mean, variance and extremes of what was pushed.
///
/// Welford's update (Technometrics 4, 1962) with the pairwise merge of Chan, Golub and LeVeque (1979). The mean and the
/// variance depend on the order of pushes in their last bits: push in a fixed order where bytes must repeat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accumulator {
    count: u64,
    mean: f64,
    squares: f64,
    minimum: f64,
    maximum: f64,
    skipped: u64,
}

impl Default for Accumulator {
    fn default() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            skipped: 0,
        }
    }
}

impl Accumulator {
    /// Takes in one number; one that is not finite is counted in [`Accumulator::skipped`] and changes nothing else.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            self.skipped += 1;
            return;
        }
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
    }

    /// Takes in everything `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.skipped += other.skipped;
        if other.count == 0 {
            return;
        }
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let both = mine + theirs;
        let gap = other.mean - self.mean;
        self.squares += other.squares + gap * gap * (mine * theirs / both);
        self.mean += gap * (theirs / both);
        self.count += other.count;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    /// How many numbers were taken in.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// How many values were left out because they were not finite.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Arithmetic mean; `None` of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Sample standard deviation (divisor n - 1); `None` of fewer than two.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        let sd = (self.squares / (self.count as f64 - 1.0)).sqrt();
        (self.count > 1 && sd.is_finite()).then_some(sd)
    }

    /// Smallest; `None` of nothing.
    #[must_use]
    pub fn minimum(&self) -> Option<f64> {
        (self.count > 0).then_some(self.minimum)
    }

    /// Largest; `None` of nothing.
    #[must_use]
    pub fn maximum(&self) -> Option<f64> {
        (self.count > 0).then_some(self.maximum)
    }
}

impl FromIterator<f64> for Accumulator {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut accumulator = Self::default();
        for value in values {
            accumulator.push(value);
        }
        accumulator
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares about it 32, so the sample variance is 32/7.
    #[test]
    fn worked_example() {
        let seen: Accumulator = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().collect();
        assert_eq!(seen.mean(), Some(5.0));
        assert!((seen.sd().unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!((seen.minimum(), seen.maximum(), seen.count()), (Some(2.0), Some(9.0), 8));
    }

    #[test]
    fn nothing_has_no_mean_and_one_has_no_spread() {
        let mut seen = Accumulator::default();
        assert_eq!((seen.mean(), seen.sd(), seen.minimum()), (None, None, None));
        seen.push(f64::NAN);
        seen.push(3.0);
        assert_eq!((seen.mean(), seen.sd(), seen.skipped()), (Some(3.0), None, 1));
    }

    /// The textbook sum of squares loses every digit here.
    #[test]
    fn a_large_offset_costs_no_digits() {
        let seen: Accumulator = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0].into_iter().collect();
        assert!((seen.sd().unwrap() - 30.0_f64.sqrt()).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn a_merge_is_as_good_as_one_pass(values in prop::collection::vec(-1e6..1e6_f64, 0..60), cut in 0..60_usize) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged: Accumulator = left.iter().copied().collect();
            merged.merge(&right.iter().copied().collect());
            let whole: Accumulator = values.iter().copied().collect();
            prop_assert_eq!(merged.count(), whole.count());
            prop_assert_eq!(merged.minimum(), whole.minimum());
            let gap = |a: Option<f64>, b: Option<f64>| (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs();
            prop_assert!(gap(merged.mean(), whole.mean()) < 1e-8);
            prop_assert!(gap(merged.sd(), whole.sd()) < 1e-6);
        }
    }
}
