//! A short list of actions that needs no allocation.

use crate::quantity::Amount;
use crate::venue::Action;
use crate::venue::treasury::FxAction;
use crate::world::mempool::Size;

/// The most actions that one transaction of an agent takes.
const MOST_ACTIONS: usize = 6;
/// Actions for which gas is kept back when an agent spends the asset that gas is paid in.
pub(super) const GAS_RESERVE_ACTIONS: u8 = MOST_ACTIONS as u8;

/// The actions of one transaction, in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    actions: [Action; MOST_ACTIONS],
    count: u8,
}

impl Plan {
    /// No action. (The filler is never read.)
    pub const EMPTY: Self = Self { actions: [Action::Fx(FxAction::Settle); MOST_ACTIONS], count: 0 };

    /// The actions, in order.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions[..self.count as usize]
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u8 {
        self.count
    }

    /// This plan and one action more; `None` when there is no room.
    #[must_use]
    pub fn then(mut self, action: Action) -> Option<Self> {
        *self.actions.get_mut(self.count as usize)? = action;
        self.count += 1;
        Some(self)
    }

    /// This plan and the actions of another; `None` when there is no room.
    #[must_use]
    pub fn and(self, other: &Self) -> Option<Self> {
        other.actions().iter().try_fold(self, |plan, action| plan.then(*action))
    }

    /// What the next action takes in: the amount itself, or what the action before it paid out.
    pub(super) const fn input(&self, amount: Amount) -> Size {
        if self.count == 0 { Size::Exact(amount) } else { Size::Previous }
    }
}
