//! The record of one wallet: intervals of cycles, not one entry a cycle.
//!
//! A stake made in cycle `c` with a lock of `L` counts in cycles `c+1 ..= c+L`; its principal comes back with the last of
//! them. The contracts keep a number per wallet and cycle. Here a stake is one [`Position`] of 16 bytes, from its first
//! unclaimed to its last cycle: claiming moves the first cycle on, and claiming out of order cuts the interval in two. A
//! wallet that claims all that is due has, however often it stakes, at most one position per last cycle of those running
//! and one of those about to start.

use serde::{Deserialize, Serialize};

use crate::quantity::Amount;

/// A stake over consecutive cycles that are not claimed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    amount: Amount,
    first: u32,
    cycles: u16,
    returns: bool,
    #[serde(default)]
    tier: u8,
}

impl Position {
    pub(super) const fn new(amount: Amount, first: u32, cycles: u16, tier: u8) -> Self {
        Self { amount, first, cycles, returns: true, tier }
    }

    /// What is staked, in atoms of the staked token.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// First cycle in which it counts and that is not claimed.
    #[must_use]
    pub const fn first(&self) -> u32 {
        self.first
    }

    /// Last cycle in which it counts and that is not claimed.
    #[must_use]
    pub const fn last(&self) -> u32 {
        self.first + (self.cycles as u32).saturating_sub(1)
    }

    /// Whether the claim of [`Position::last`] returns the principal. False only for what is left in front of a last cycle
    /// that was claimed out of order.
    #[must_use]
    pub const fn returns_principal(&self) -> bool {
        self.returns
    }

    /// The commitment tier of the lock it was made with; 0 without any.
    #[must_use]
    pub const fn tier(&self) -> u8 {
        self.tier
    }

    pub(super) const fn covers(&self, cycle: u32) -> bool {
        self.first <= cycle && cycle <= self.last()
    }

    const fn returned_at(&self, cycle: u32) -> bool {
        self.returns && cycle == self.last()
    }

    /// The same stake in cycles `first..=last` only.
    fn over(self, first: u32, last: u32) -> Option<Self> {
        let cycles = u16::try_from((last + 1).checked_sub(first)?).ok()?;
        let returns = self.returns && last == self.last();
        (cycles > 0).then_some(Self { first, cycles, returns, ..self })
    }
}

/// What one wallet has in a pool: 32 bytes and 16 per position.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staker {
    pub(super) positions: Vec<Position>,
    pub(super) known: bool,
}

impl Staker {
    /// Whether the wallet has registered or staked.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.known
    }

    /// What is not claimed yet, in no particular order.
    #[must_use]
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Stake that counts in a cycle and is not claimed for it.
    #[must_use]
    pub fn staked_at(&self, cycle: u32) -> Amount {
        self.sum(|position| position.covers(cycle))
    }

    /// Principal that the claim of a cycle returns.
    #[must_use]
    pub fn returned_at(&self, cycle: u32) -> Amount {
        self.sum(|position| position.returned_at(cycle))
    }

    /// Principal in the pool, running, about to start or waiting to be claimed.
    #[must_use]
    pub fn principal(&self) -> Amount {
        self.sum(|position| position.returns)
    }

    /// The first cycle that is not claimed; there is something to claim once a later one runs.
    #[must_use]
    pub fn first_unclaimed(&self) -> Option<u32> {
        self.positions.iter().map(Position::first).min()
    }

    /// Cycles that are over in `current` and not claimed, those in which nothing is staked included.
    pub(super) fn due(&self, current: u32) -> std::ops::Range<u32> {
        let end = self.positions.iter().map(|position| position.last() + 1).max().unwrap_or(0).min(current);
        self.first_unclaimed().unwrap_or(end).min(end)..end
    }

    fn sum(&self, counts: impl Fn(&Position) -> bool) -> Amount {
        let atoms = self.positions.iter().filter(|position| counts(position)).map(|position| position.amount);
        // A pool refuses stakes whose principal would not fit together.
        Amount::from_atoms(atoms.map(Amount::atoms).fold(0, i64::saturating_add))
    }

    /// Adds a stake to those it is like.
    pub(super) fn add(&mut self, position: Position) {
        let like = |other: &&mut Position| Position { amount: position.amount, ..**other } == position;
        match self.positions.iter_mut().find(like) {
            Some(other) => {
                other.amount =
                    Amount::from_atoms(other.amount.atoms().saturating_add(position.amount.atoms()));
            }
            None => self.positions.push(position),
        }
    }

    /// Takes cycles `claimed` out of every position.
    pub(super) fn remove(&mut self, claimed: std::ops::Range<u32>) {
        let Some(last_claimed) = claimed.end.checked_sub(1) else { return };
        let before = std::mem::take(&mut self.positions);
        for position in before {
            if position.last() < claimed.start || position.first > last_claimed {
                self.add(position);
                continue;
            }
            let parts = [
                claimed.start.checked_sub(1).and_then(|end| position.over(position.first, end)),
                position.over(claimed.end, position.last()),
            ];
            parts.into_iter().flatten().for_each(|part| self.add(part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staker(positions: &[(i64, u32, u16)]) -> Staker {
        let mut staker = Staker::default();
        for &(atoms, first, cycles) in positions {
            staker.add(Position::new(Amount::from_atoms(atoms), first, cycles, 0));
        }
        staker
    }

    fn staked(staker: &Staker) -> Vec<i64> {
        (0..8).map(|cycle| staker.staked_at(cycle).atoms()).collect()
    }

    #[test]
    fn records_are_small() {
        assert_eq!((size_of::<Position>(), size_of::<Staker>()), (16, 32));
    }

    #[test]
    fn like_stakes_are_one_position() {
        let staker = staker(&[(10, 1, 3), (5, 1, 3), (7, 2, 2)]);
        assert_eq!(staker.positions().len(), 2);
        assert_eq!(staked(&staker), [0, 15, 22, 22, 0, 0, 0, 0]);
        assert_eq!((staker.returned_at(3).atoms(), staker.returned_at(2).atoms()), (22, 0));
    }

    #[test]
    fn claiming_the_middle_cuts_a_position_in_two() {
        let mut staker = staker(&[(10, 1, 5)]);
        staker.remove(3..4);
        assert_eq!(staked(&staker), [0, 10, 10, 0, 10, 10, 0, 0]);
        assert_eq!((staker.returned_at(2).atoms(), staker.returned_at(5).atoms()), (0, 10));
        assert_eq!(staker.principal().atoms(), 10, "once, not twice");
        staker.remove(5..6);
        assert_eq!(staker.principal(), Amount::ZERO, "the last cycle returned it");
        assert_eq!(staked(&staker), [0, 10, 10, 0, 10, 0, 0, 0], "earlier cycles are still to be claimed");
    }

    #[test]
    fn positions_that_have_become_alike_merge() {
        let mut staker = staker(&[(1, 1, 4), (2, 2, 3), (4, 3, 2)]);
        assert_eq!(staker.due(4), 1..4);
        staker.remove(1..4);
        assert_eq!(staker.positions().len(), 1);
        assert_eq!(staker.staked_at(4).atoms(), 7);
        assert_eq!(staker.due(4), 4..4);
        assert_eq!(Staker::default().due(4), 0..0);
    }
}
