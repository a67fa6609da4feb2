//! Reading ahead what lies far apart in memory.
//!
//! Those who act in a tick are few among many, and what belongs to each of them is a line of memory somewhere: waiting for one
//! line after the other would take longer than everything that is done with them. A group at a time is therefore looked at
//! first, in loops so short that the lines of all of them are under way together. Nothing depends on it but time.
//!
//! ```
//! use ballast::world::read_ahead::{Groups, look_at};
//!
//! let (balances, awake) = (vec![1; 1_000], (0..1_000).step_by(7));
//! let mut sum = 0;
//! let mut groups = Groups::of(awake);
//! while let Some(group) = groups.next() {
//!     look_at(group.iter().map(|agent| balances[*agent]));
//!     sum += group.iter().map(|agent| balances[*agent]).sum::<i64>();
//! }
//! assert_eq!(sum, 143);
//! ```

/// How many are fetched together: enough to hide how long memory takes, few enough to stay near until they are used.
const TOGETHER: usize = 32;

/// Those who act, in groups.
#[derive(Debug)]
pub struct Groups<I: Iterator> {
    rest: I,
    group: Vec<I::Item>,
}

impl<I: Iterator> Groups<I> {
    /// These, in their order.
    #[inline]
    pub fn of(all: impl IntoIterator<IntoIter = I>) -> Self {
        Self { rest: all.into_iter(), group: Vec::new() }
    }

    /// The next group; `None` after the last. It is no iterator, for all groups lie in the same place.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "what it lends cannot outlive the next call")]
    pub fn next(&mut self) -> Option<&[I::Item]> {
        self.group.clear();
        self.group.extend(self.rest.by_ref().take(TOGETHER));
        (!self.group.is_empty()).then_some(&self.group)
    }
}

/// Reads these, and does nothing with them.
#[inline]
pub fn look_at<T>(all: impl Iterator<Item = T>) {
    all.for_each(|one| {
        std::hint::black_box(one);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_group_in_order() {
        for count in [0, 1, TOGETHER, 3 * TOGETHER + 1] {
            let mut groups = Groups::of(0..count);
            let mut all = Vec::new();
            while let Some(group) = groups.next() {
                assert!(
                    group.len() == TOGETHER || group.len() == count % TOGETHER,
                    "only the last is smaller"
                );
                all.extend_from_slice(group);
            }
            assert!(all.into_iter().eq(0..count));
        }
    }
}
