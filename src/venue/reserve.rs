//! The reserve in the world: what stands between a shortfall and those who lent.
//!
//! Fees that liquidity providers do not keep flow in, each in its own coin. Principal of stakers lies in an account of its
//! own; the deployed contracts kept both in one ledger, which is an option here, so that it can be seen what that hides.
//! When the reserve does not cover a draw, the backstop pays the rest. What a voted sale of tokens brings is the reserve's own.

use super::{Deal, Refusal, Venues};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::AccountId;

/// The reserve's accounts and its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// Fees, and what the reserve was given at the start.
    pub account: AccountId,
    /// Principal of stakers, which is not the reserve's.
    pub principal: AccountId,
    /// What issuance can raise: the second line.
    pub backstop: AccountId,
    /// Whether a draw may be paid out of the principal.
    pub mixed_ledger: bool,
}

/// Where a draw came from, in atoms of one coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Draw {
    /// Out of the reserve's own.
    pub fees: Amount,
    /// Out of the stakers' principal.
    pub principal: Amount,
    /// Raised by issuance.
    pub issued: Amount,
}

impl Draw {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Amount {
        Amount::from_atoms(self.lines().iter().map(|amount| amount.atoms()).sum())
    }

    /// Line by line, in the order of defence.
    #[must_use]
    pub const fn lines(&self) -> [Amount; 3] {
        [self.fees, self.principal, self.issued]
    }
}

impl Reserve {
    /// Pays up to `wanted` to `to`: first its own, then the principal if the ledger is mixed, then what can be raised.
    fn draw(
        &self,
        deal: &mut Deal<'_>,
        asset: AssetId,
        wanted: Amount,
        to: AccountId,
    ) -> Result<Draw, Refusal> {
        let mut left = wanted.max(Amount::ZERO);
        let mut take = |most: Amount| {
            let taken = most.min(left);
            left = left.saturating_less(taken);
            taken
        };
        let fees = take(deal.ledger.balance(self.account, asset));
        let mixed = if self.mixed_ledger { deal.ledger.balance(self.principal, asset) } else { Amount::ZERO };
        let principal = take(mixed);
        let issued = take(deal.ledger.balance(self.backstop, asset));
        let draw = Draw { fees, principal, issued };
        for (from, amount) in [self.account, self.principal, self.backstop].into_iter().zip(draw.lines()) {
            deal.ledger.transfer(from, to, asset, amount)?;
        }
        Ok(draw)
    }
}

impl Venues {
    /// Where fees for the reserve go. It stands behind loan markets: without any there is none.
    pub(super) fn reserve_account(&self) -> Result<AccountId, Refusal> {
        Ok(self.reserve.ok_or(Refusal::NoLoanMarket)?.account)
    }

    /// What the reserve pays of `wanted` to `to`; nothing where there is none.
    pub(super) fn draw_reserve(
        &self,
        deal: &mut Deal<'_>,
        asset: AssetId,
        wanted: Amount,
        to: AccountId,
    ) -> Result<Draw, Refusal> {
        match &self.reserve {
            Some(reserve) => reserve.draw(deal, asset, wanted, to),
            None => Ok(Draw::default()),
        }
    }
}
