//! Where profit comes from.
//!
//! When a transaction goes through, what it changed in its sender's wallet is valued at the prices of the tick and booked
//! under a cause. So is what it changed in the claims of those whose resting orders traded with it. Whatever else an agent gains or loses comes from the prices of what it holds.

use bevy_ecs::prelude::*;

use super::book::{Book, Moved};
use super::lending::LendAction;
use super::pool::PoolAction;
use super::token_loans::DeskAction;
use super::treasury::FxAction;
use super::wallets::WalletAction;
use super::{Action, Valuation};
use crate::quantity::Amount;
use crate::world::ledger::{AccountId, Ledger};

/// Why a wallet gained or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Cause {
    /// Trades in pools, in order books and outside: spreads, fees, impact, arbitrage.
    Trading,
    /// Dealings with a protocol: fees of minting and redeeming, bonuses, incentives.
    Protocol,
    /// Gas and priority fees.
    Gas,
}

impl Cause {
    /// All causes that transactions have.
    pub const ALL: [Self; 3] = [Self::Trading, Self::Protocol, Self::Gas];

    /// The name in tables: `pnl_<name>_usd`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trading => "trading",
            Self::Protocol => "protocol",
            Self::Gas => "gas",
        }
    }

    /// One line of meaning.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Trading => "from trades in pools and outside: fees, spread, impact, arbitrage",
            Self::Protocol => "from dealings with a protocol: fees, bonuses, incentives",
            Self::Gas => "gas and priority fees",
        }
    }

    /// The cause under which what an action changes is booked; none for what only moves between an agent's own pockets
    /// (stakes, locked votes, shares that wait or are committed, further wallets, tokens offered for loans, loans of them). What a stake
    /// earns and a loan of tokens costs is booked by itself.
    #[must_use]
    pub const fn of(action: &Action) -> Option<Self> {
        match action {
            // Leaving burns shares that are not in the wallet: what they were worth has been the agent's all along.
            Action::Pool(
                PoolAction::RequestWithdrawal { .. }
                | PoolAction::CancelWithdrawal { .. }
                | PoolAction::Commit { .. }
                | PoolAction::Leave { .. },
            ) => None,
            Action::Wallet(WalletAction::Open { .. }) => Some(Self::Gas),
            Action::Wallet(_) => None,
            Action::Exchange(_) | Action::Pool(_) | Action::Book(_) => Some(Self::Trading),
            Action::Fx(
                FxAction::StakeFeth { .. } | FxAction::UnstakeFeth { .. } | FxAction::CollectStake,
            )
            | Action::Govern(_)
            | Action::Stake(_)
            | Action::Desk(
                DeskAction::Offer { .. }
                | DeskAction::TakeBack { .. }
                | DeskAction::Borrow { .. }
                | DeskAction::Return,
            ) => None,
            Action::Lend(
                LendAction::SellYield { .. } | LendAction::BuyYield { .. } | LendAction::Rebalance { .. },
            ) => Some(Self::Trading),
            // What is paid for tickets is the agent's until they win; what they burn is not.
            Action::Fx(_) | Action::Lend(_) | Action::Launch(_) | Action::Desk(DeskAction::Collect) => {
                Some(Self::Protocol)
            }
        }
    }
}

/// Gains and losses booked so far, by account and cause, in dollars.
#[derive(Debug, Default, Resource)]
pub struct Attribution {
    booked: Vec<[f64; Cause::ALL.len()]>,
    /// What the open transaction would book for others and for resting orders.
    pending: Vec<(AccountId, f64)>,
}

impl Attribution {
    /// What `account` gained from `cause` so far.
    #[must_use]
    pub fn booked(&self, account: AccountId, cause: Cause) -> f64 {
        self.booked.get(account.index()).map_or(0.0, |causes| causes[cause as usize])
    }

    /// Brings nearer what accounts have gained, for whoever is going to book more.
    #[inline]
    pub(super) fn fetch(&self, accounts: impl Iterator<Item = AccountId>) {
        let booked = accounts.filter_map(|account| self.booked.get(account.index()));
        // Its first and its last may lie in different lines.
        std::hint::black_box(booked.fold(0.0, |sum, causes| sum + causes[0] + causes[Cause::ALL.len() - 1]));
    }

    /// Notes what an action at an order book changed in claims that do not show in the sender's wallet.
    pub(super) fn await_orders(
        &mut self,
        (book, moved): (&Book, &[Moved]),
        ledger: &Ledger,
        valuation: &Valuation,
    ) {
        let value = |place: usize, atoms: i64| {
            let coin = book.terms.coins[place];
            ledger.asset(coin).decimals.units(Amount::from_atoms(atoms)) * valuation.price(coin)
        };
        let gains =
            moved.iter().map(|(account, [base, quote])| (*account, value(0, *base) + value(1, *quote)));
        self.pending.extend(gains);
    }

    /// Forgets what the open transaction would have booked for others.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.pending.clear();
    }

    /// Books what the open transaction gained its sender, and what it gained others.
    #[inline]
    pub(super) fn book(&mut self, account: AccountId, gains: [f64; Cause::ALL.len()]) {
        self.enter(account, gains);
        while let Some((other, gain)) = self.pending.pop() {
            let mut gains = [0.0; Cause::ALL.len()];
            gains[Cause::Trading as usize] = gain;
            self.enter(other, gains);
        }
    }

    #[inline]
    fn enter(&mut self, account: AccountId, gains: [f64; Cause::ALL.len()]) {
        if gains == [0.0; Cause::ALL.len()] {
            return;
        }
        if account.index() >= self.booked.len() {
            self.booked.resize(account.index() + 1, [0.0; Cause::ALL.len()]);
        }
        for (sum, gain) in self.booked[account.index()].iter_mut().zip(gains) {
            *sum += gain;
        }
    }
}

/// The value of what the open transaction has changed in `account`'s wallet, from the `from`-th journalled write on.
#[inline]
pub(super) fn change(ledger: &Ledger, valuation: &Valuation, account: AccountId, from: usize) -> f64 {
    ledger.pending(account, from).map(|(asset, units)| units * valuation.price(asset)).sum()
}
