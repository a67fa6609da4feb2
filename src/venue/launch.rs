//! A launch in the world: [`crate::protocol::launchpad`] with money behind it.
//!
//! The owner puts tokens into the launch's account when it is founded. Whoever registers pays for all its tickets at once,
//! into the same account, and burns the power that they cost. At the first tick after registration the walk is done: the
//! owner receives the price of the tickets that won and takes back the tokens of those that nobody won. A winner claims its
//! tokens, and everybody the price of the tickets that lost; whoever has not is paid when the time to claim ends. Where too
//! few tickets were registered nothing is sold and all dollars go back. Power is never given back.
//!
//! The account holds what the entries are owed, to the atom, which [`audit()`] proves in every tick. A launch counts time in
//! seconds, where the contract counts blocks; its seed is drawn when the world is built, and no agent sees it.
//!
//! | file | content |
//! |---|---|
//! | `verbs` | registration and claim |
//! | `draw` | what the end of registration and the end of the claim bring |
//! | `audit` | the account against the entries |
//! | `governed` | what can be voted on while tickets are registered |

mod audit;
mod draw;
mod governed;
#[cfg(test)]
mod tests;
mod verbs;

use std::collections::BTreeMap;

use thiserror::Error;

pub use audit::audit;

use crate::protocol::launchpad::{self, Entry, Sale, Tier};
use crate::quantity::{Amount, AssetId};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;

/// The place of a launch among the launches of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaunchId(pub u8);

/// What can be done at a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchAction {
    /// Pay for tickets and burn the power that they cost; once for each account. Answers with what was paid.
    Register {
        /// Where.
        launch: LaunchId,
        /// How many.
        tickets: u32,
    },
    /// Take the tokens that were won and the price of the tickets that lost. Answers with the tokens.
    Claim {
        /// Where.
        launch: LaunchId,
    },
}

impl LaunchAction {
    /// The launch addressed.
    #[must_use]
    pub const fn launch(&self) -> LaunchId {
        match self {
            Self::Register { launch, .. } | Self::Claim { launch } => *launch,
        }
    }
}

/// Why a launch refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum LaunchRefusal {
    /// The rules of the sale refuse.
    #[error(transparent)]
    Sale(#[from] launchpad::Refusal),
    /// The world has no such launch.
    #[error("there is no such launch in this world")]
    NoLaunch,
    /// The account has no entry.
    #[error("this account has no tickets in the launch")]
    NotRegistered,
    /// Winners are not drawn yet.
    #[error(
        "winners are drawn at the first tick from second {from_seconds} on: nothing can be claimed before"
    )]
    NotDrawn {
        /// End of registration, in seconds since the start of the run.
        from_seconds: i64,
    },
    /// The account was paid.
    #[error("this account was paid what its tickets brought it")]
    Claimed,
}

/// What a launch is.
#[derive(Debug, Clone, PartialEq)]
pub struct LaunchTerms {
    /// Name in configs, metrics and events.
    pub name: String,
    /// Holds the tokens on sale and what was paid for tickets.
    pub account: AccountId,
    /// Whose the tokens are, and who receives what they are sold for.
    pub owner: AccountId,
    /// What is sold.
    pub token: AssetId,
    /// What is paid.
    pub cash: AssetId,
    /// What tickets burn beside their price, and whoever issues it; nothing where there is none.
    pub power: Option<(AssetId, AccountId)>,
}

/// What a launch remembers beside its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaunchRecord {
    /// Whether the walk is done, or the sale has failed.
    pub drawn: bool,
    /// Whether everybody who had not claimed was paid.
    pub closed: bool,
    /// Power burned for tickets.
    pub power_burned: Amount,
    /// What the owner has received.
    pub raised: Amount,
    /// What losing tickets were paid back.
    pub refunded: Amount,
    /// Tokens that winners have received.
    pub delivered: Amount,
    /// The place on the line of the last ticket that won, from zero.
    pub last_winner: Option<u64>,
}

/// A launch.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// What it is.
    pub terms: LaunchTerms,
    /// What changes beside the entries, and is restored when a transaction fails.
    pub record: LaunchRecord,
    sale: Sale,
    /// The terms at the start, from which votes may lead away only so far.
    founded: launchpad::Terms,
    seed: u64,
    holders: Vec<AccountId>,
    entry_of: BTreeMap<AccountId, u32>,
}

/// What a launch was before an action of somebody's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    record: LaunchRecord,
    entries: usize,
    entry: Option<(u32, Entry)>,
}

impl Launch {
    /// A launch whose walk will begin where `seed` says. Its tokens have yet to be put into its account.
    #[must_use]
    pub fn new(terms: LaunchTerms, sale: Sale, seed: u64) -> Self {
        let record = LaunchRecord::default();
        let founded = sale.terms.clone();
        Self { terms, record, sale, founded, seed, holders: Vec::new(), entry_of: BTreeMap::new() }
    }

    /// The time of the clock as a launch counts it: seconds, the first of a run being the second one, since a sale is opened
    /// before registration begins.
    #[must_use]
    pub fn height(clock: &Clock) -> u64 {
        Self::height_of(clock.now_seconds())
    }

    /// As [`Launch::height`], for a second of a run.
    #[must_use]
    pub fn height_of(seconds: i64) -> u64 {
        seconds.max(0).unsigned_abs().saturating_add(1)
    }

    /// The sale.
    #[must_use]
    pub const fn sale(&self) -> &Sale {
        &self.sale
    }

    /// What tickets cost in power.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.sale.terms.tiers
    }

    /// Whether tickets are registered now.
    #[must_use]
    pub fn is_open(&self, clock: &Clock) -> bool {
        let terms = &self.sale.terms;
        (terms.registration_start..terms.registration_end).contains(&Self::height(clock))
    }

    /// The part of the registration that has passed, 0 to 1.
    #[must_use]
    pub fn passed(&self, clock: &Clock) -> f64 {
        let terms = &self.sale.terms;
        let whole = terms.registration_end - terms.registration_start;
        let passed = Self::height(clock).saturating_sub(terms.registration_start);
        (passed as f64 / whole as f64).min(1.0)
    }

    /// The tokens on sale.
    #[must_use]
    pub fn offered(&self) -> Option<Amount> {
        times(self.sale.terms.tokens_per_ticket, self.sale.tickets)
    }

    /// The tickets of an account.
    #[must_use]
    pub fn entry(&self, account: AccountId) -> Option<&Entry> {
        self.sale.entries().get(*self.entry_of.get(&account)? as usize)
    }

    /// Who has tickets, in the order of registration, and which.
    pub fn entries(&self) -> impl Iterator<Item = (AccountId, &Entry)> {
        self.holders.iter().copied().zip(self.sale.entries())
    }

    /// What the launch owes the holder of an entry: cash and tokens. Before the draw that is all that was paid.
    #[must_use]
    pub fn owed(&self, entry: &Entry) -> [Amount; 2] {
        if entry.refunded {
            return [Amount::ZERO; 2];
        }
        let terms = &self.sale.terms;
        let lost = times(terms.price_per_ticket, entry.tickets.saturating_sub(entry.won));
        let won = times(terms.tokens_per_ticket, entry.won);
        // The account holds both, so that they fit.
        [lost, won].map(Option::unwrap_or_default)
    }

    pub(super) fn before(&self, account: AccountId) -> Before {
        let number = self.entry_of.get(&account).copied();
        let entry = number.and_then(|number| Some((number, *self.sale.entries().get(number as usize)?)));
        Before { record: self.record, entries: self.holders.len(), entry }
    }

    pub(super) fn restore(&mut self, before: &Before) {
        self.record = before.record;
        for account in self.holders.drain(before.entries..) {
            self.entry_of.remove(&account);
        }
        self.sale.restore(before.entries, before.entry);
    }
}

/// So many times an amount, where it fits.
fn times(amount: Amount, count: u64) -> Option<Amount> {
    let atoms = i128::from(amount.atoms()).checked_mul(i128::from(count))?;
    i64::try_from(atoms).ok().map(Amount::from_atoms)
}
