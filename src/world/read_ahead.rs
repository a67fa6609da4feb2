//! Reading ahead what lies far apart in memory.
//!
//! Those who act in a tick are few among many, and what belongs to each of them is a line of memory somewhere: waiting for one
//! line after the other would take longer than everything that is done with them. A group at a time is therefore looked at
//! first, so that its lines are under way together. Nothing depends on it but time.

/// How many are fetched together: enough to hide how long memory takes, few enough to stay near until they are used.
const TOGETHER: usize = 32;

/// Lets each of `who` act, in order, after `fetch` has looked at what the group it belongs to needs.
///
/// `fetch` should read what is needed through [`std::hint::black_box`], which keeps a read whose result nobody uses.
#[inline]
pub fn in_groups<S, W: Copy>(
    mut who: impl Iterator<Item = W>,
    state: &mut S,
    fetch: impl Fn(&S, W),
    mut act: impl FnMut(&mut S, W),
) {
    let mut group = Vec::with_capacity(TOGETHER);
    loop {
        group.clear();
        group.extend(who.by_ref().take(TOGETHER).inspect(|one| fetch(state, *one)));
        if group.is_empty() {
            break;
        }
        group.iter().for_each(|one| act(state, *one));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn everybody_acts_once_in_order_after_having_been_fetched() {
        for count in [0, 1, TOGETHER, 3 * TOGETHER + 1] {
            let fetched = Cell::new(0);
            let mut acted = Vec::new();
            let fetch = |_: &Vec<usize>, _| fetched.set(fetched.get() + 1);
            in_groups(0..count, &mut acted, fetch, |acted, one| {
                assert!(one < fetched.get() && fetched.get() <= one + TOGETHER);
                acted.push(one);
            });
            assert!(acted.into_iter().eq(0..count));
        }
    }
}
