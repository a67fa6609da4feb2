//! Sums over the hours of a term, in single precision without its drift.

use super::pool::{LANES, Lane};

/// One sum for each path of a block, compensated: what rounding adds to the total is kept, and taken off with the next term.
///
/// Source: Kahan, "Further remarks on reducing truncation errors" (Communications of the ACM 8, 1965). The error does not
/// grow with the number of terms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    /// The sums, rounded.
    pub(super) total: Lane,
    excess: Lane,
}

impl Sum {
    /// Sums that all begin with `first`.
    #[allow(clippy::cast_possible_truncation, reason = "what is cut off is the excess")]
    pub(super) fn new(first: f64) -> Self {
        let total = first as f32;
        Self { total: [total; LANES], excess: [(f64::from(total) - first) as f32; LANES] }
    }

    /// Adds a term to each sum.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    pub(super) fn add(&mut self, terms: &Lane) {
        for lane in 0..LANES {
            let term = terms[lane] - self.excess[lane];
            let total = self.total[lane] + term;
            self.excess[lane] = (total - self.total[lane]) - term;
            self.total[lane] = total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty thousand terms that single precision would round by up to a thousandth each.
    #[test]
    fn many_small_terms_add_up() {
        let mut sum = Sum::new(-0.3);
        let mut exact = -0.3;
        for step in 0..60_000_u16 {
            let term = 1e-4 * f32::from(step % 7);
            sum.add(&[term; LANES]);
            exact += f64::from(term);
        }
        assert!((f64::from(sum.total[LANES - 1]) - exact).abs() < 1e-6 * exact, "{} {exact}", sum.total[0]);
    }
}
