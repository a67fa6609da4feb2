//! Venues that are stopped for a while: they take nothing in and trade nothing, and go on by themselves.
//!
//! Who only takes out what is his already, at no price that a stopped venue could have wrong, is let out. A launch that is
//! drawn, a cycle that ends, a term that is settled do not wait for anybody, and so not for a pause, unless they would have to
//! trade in a pool that is stopped: then they are tried again when it goes on.
//!
//! | venue | still done while it is stopped | refused |
//! |---|---|---|
//! | pool | liquidity leaves, queues at the gate or stays | swaps, new liquidity; commitments begin and end, whose claims follow the price |
//! | f(x) treasury | nothing | everything: it redeems at a price, and its rebalance pool answers for the stress in which it is stopped |
//! | loan market | liquidity leaves, tokens of the term before are redeemed | borrowing, lending, rebalancing |
//! | order book | orders are cancelled | orders |
//! | staking pool | rewards and principal are claimed, shares of an ended vault redeemed | registration, stakes, the vault's deposits and rolls |
//! | launch | tokens and refunds are claimed | registration |
//! | desk for loans of the token | loans are returned and settled, offers taken back, fees collected | offers, loans |
//!
//! The outside market and the ballot are nobody's to stop.

use crate::protocol::governance::PauseId;
use crate::venue::book::{BookAction, BookId};
use crate::venue::launch::{LaunchAction, LaunchId};
use crate::venue::lending::{LendAction, LoanMarketId};
use crate::venue::names::Place;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::stake_pools::{EmissionPoolId, StakeAction};
use crate::venue::token_loans::DeskAction;
use crate::venue::wallets::WalletAction;
use crate::venue::{Action, Refusal, Venues};

/// Which venues are stopped, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::venue) struct Pauses {
    stopped: Vec<(PauseId, i64)>,
}

impl Pauses {
    /// Stops a venue until a time, in seconds; a longer stop stays.
    pub(super) fn stop(&mut self, venue: PauseId, until_seconds: i64) {
        match self.stopped.iter_mut().find(|(other, _)| *other == venue) {
            Some((_, until)) => *until = (*until).max(until_seconds),
            None => self.stopped.push((venue, until_seconds)),
        }
    }

    /// Takes the venues that go on by now.
    pub(super) fn ended(&mut self, now_seconds: i64) -> Vec<PauseId> {
        let ended = self.stopped.iter().filter(|(_, until)| now_seconds >= *until).map(|(venue, _)| *venue);
        let ended = ended.collect();
        self.stopped.retain(|(_, until)| now_seconds < *until);
        ended
    }

    fn until(&self, venue: PauseId, now_seconds: i64) -> Option<i64> {
        self.stopped
            .iter()
            .find(|(other, until)| *other == venue && now_seconds < *until)
            .map(|(_, until)| *until)
    }
}

/// Whether a stop of its venue stops an action.
const fn is_stopped(action: &Action) -> bool {
    match action {
        Action::Exchange(_) | Action::Govern(_) => false,
        Action::Pool(action) => !matches!(
            action,
            PoolAction::RemoveLiquidity { .. }
                | PoolAction::RequestWithdrawal { .. }
                | PoolAction::CancelWithdrawal { .. }
        ),
        Action::Wallet(action) => matches!(action, WalletAction::AddLiquidity { .. }),
        Action::Fx(_) => true,
        Action::Lend(action) => !matches!(
            action,
            LendAction::Withdraw { .. } | LendAction::RedeemYield { .. } | LendAction::RedeemKey { .. }
        ),
        Action::Book(action) => !matches!(action, BookAction::Cancel { .. } | BookAction::CancelAll { .. }),
        Action::Stake(action) => {
            !matches!(action, StakeAction::Claim { .. } | StakeAction::VaultRedeem { .. })
        }
        Action::Launch(action) => !matches!(action, LaunchAction::Claim { .. }),
        Action::Desk(action) => matches!(action, DeskAction::Offer { .. } | DeskAction::Borrow { .. }),
    }
}

impl Venues {
    /// The venues that can be stopped: pools, the treasury, loan markets, order books, staking pools, launches, the
    /// desk for loans of the token.
    pub fn pausable(&self) -> impl Iterator<Item = (PauseId, Place)> {
        let pools = (0..).zip(&self.pools).map(|(place, _)| Place::Pool(PoolId(place)));
        let treasury = self.treasury.iter().map(|_| Place::Treasury);
        let loans = (0..).zip(&self.loans).map(|(place, _)| Place::Loan(LoanMarketId(place)));
        let books = (0..).zip(&self.books).map(|(place, _)| Place::Book(BookId(place)));
        let stakes = (0..).zip(self.stakes.pools()).map(|(place, _)| Place::Staking(EmissionPoolId(place)));
        let launches = (0..).zip(&self.launches).map(|(place, _)| Place::Launch(LaunchId(place)));
        let desk = self.desk.iter().map(|_| Place::Desk);
        let places =
            pools.chain(treasury).chain(loans).chain(books).chain(stakes).chain(launches).chain(desk);
        (0..).map(PauseId).zip(places)
    }

    /// The id by which a venue is stopped, if it can be.
    #[must_use]
    pub fn pause_id(&self, place: Place) -> Option<PauseId> {
        self.pausable().find(|(_, other)| *other == place).map(|(id, _)| id)
    }

    /// What a venue that can be stopped is called: its kind and its name, for a pool and the staking of its shares are often
    /// called alike.
    pub(super) fn pause_name(&self, id: PauseId) -> String {
        let place = self.pausable().find(|(other, _)| *other == id).map(|(_, place)| place);
        let kind = match place {
            Some(Place::Pool(_)) => "pool",
            Some(Place::Loan(_)) => "loan market",
            Some(Place::Book(_)) => "order book",
            Some(Place::Staking(_)) => "staking pool",
            Some(Place::Launch(_)) => "launch",
            _ => return place.map_or("?", |place| self.place_name(place)).to_owned(),
        };
        format!("{kind} {}", place.map_or("?", |place| self.place_name(place)))
    }

    /// Refuses an action at a venue that is stopped.
    #[inline]
    pub(in crate::venue) fn refuse_paused(&self, now_seconds: i64, action: &Action) -> Result<(), Refusal> {
        if self.pauses.stopped.is_empty() || !is_stopped(action) {
            return Ok(());
        }
        let stopped = self.pause_id(action.place()).and_then(|venue| self.pauses.until(venue, now_seconds));
        match stopped {
            Some(until_seconds) => Err(Refusal::Paused { until_seconds }),
            None => Ok(()),
        }
    }

    /// When a venue goes on, if it is stopped.
    #[must_use]
    pub fn paused_until(&self, venue: PauseId, now_seconds: i64) -> Option<i64> {
        self.pauses.until(venue, now_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Amount;

    #[test]
    fn a_stop_ends_by_itself() {
        let mut pauses = Pauses::default();
        pauses.stop(PauseId(1), 100);
        pauses.stop(PauseId(1), 50);
        assert_eq!((pauses.until(PauseId(1), 99), pauses.until(PauseId(1), 100)), (Some(100), None));
        assert_eq!(pauses.until(PauseId(0), 0), None);
        assert!(pauses.ended(99).is_empty());
        assert_eq!(pauses.ended(100), [PauseId(1)]);
        assert_eq!(pauses, Pauses::default());
    }

    #[test]
    fn a_further_wallet_is_no_way_around_a_stop() {
        let (wallet, pool, shares) = (0, PoolId(3), Amount::ZERO);
        let add = Action::Wallet(WalletAction::AddLiquidity { wallet, pool, max: [Amount::ZERO; 2] });
        let remove = Action::Wallet(WalletAction::RemoveLiquidity { wallet, pool, shares });
        assert_eq!((is_stopped(&add), is_stopped(&remove)), (true, false));
        assert_eq!(add.place(), Place::Pool(pool));
    }
}
