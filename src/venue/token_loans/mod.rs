//! The desk at which the governance token is lent: [`crate::protocol::securities_lending`] with money behind it.
//!
//! Holders offer tokens, which go into the desk's account and stay theirs as a claim. A borrower puts dollars into the same
//! account and receives tokens, with which it can do what any holder can: propose, vote, sell. It has one loan at a time and
//! returns the whole of it; a fee for each day begun comes out of the collateral and goes to all who offer. Who wants tokens back
//! while they are lent waits until they return. Tokens at the desk are in nobody's wallet: they vote for nobody but a borrower.
//!
//! A loan is worth what the token's market asks on average ([`Venues::average_price`]). At the start of each tick
//! loans are charged for the day that has begun, and those whose term is over, or which are worth what is left of their
//! collateral, are settled in dollars.
//!
//! The account holds what is offered and not lent, the collateral, and fees that nobody has collected, to the atom, which
//! [`audit()`] proves in every tick. Rounding of fees stays there.
//!
//! | file | content |
//! |---|---|
//! | `verbs` | offering, taking back, collecting, borrowing, returning |
//! | `charge` | days that begin, loans that are not returned |
//! | `audit` | the account against the claims |
//! | `governed` | what can be voted on |

mod audit;
mod charge;
mod governed;
mod verbs;

use std::collections::BTreeMap;

use thiserror::Error;

pub use audit::audit;

use super::Venues;
use crate::protocol::securities_lending::{FeeIndex, TokenLoanTerms};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;

/// What can be done at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskAction {
    /// Offer tokens for loans. Answers with how many.
    Offer {
        /// How many.
        tokens: Size,
    },
    /// Take tokens back that are not lent. Answers with how many.
    TakeBack {
        /// How many.
        tokens: Size,
    },
    /// Take the fees and settlements that one's offer has earned. Answers with the dollars.
    Collect,
    /// Borrow tokens against dollars. Answers with how many.
    Borrow {
        /// How many.
        tokens: Size,
    },
    /// Return a loan and take back what is left of the collateral. Answers with what the loan has cost, in dollars.
    Return,
}

/// Why the desk refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeskRefusal {
    /// The world has none.
    #[error("there is no desk for loans of the governance token in this world")]
    NoDesk,
    /// The token has no market.
    #[error(
        "the governance token has no market against dollars: nobody can say what collateral a loan needs"
    )]
    NoPrice,
    /// Fewer tokens lie at the desk.
    #[error("{available} atoms lie at the desk, {wanted} are wanted: the rest is lent")]
    Lent {
        /// What lies there.
        available: Amount,
        /// Wanted.
        wanted: Amount,
    },
    /// More than the sender has offered.
    #[error("the sender has {offered} atoms at the desk, {wanted} are wanted")]
    NotOffered {
        /// What it has there.
        offered: Amount,
        /// Wanted.
        wanted: Amount,
    },
    /// One at a time.
    #[error("the sender owes {owed} atoms: one loan at a time")]
    HasLoan {
        /// What it owes.
        owed: Amount,
    },
    /// Nothing to return.
    #[error("the sender owes nothing")]
    NoLoan,
    /// Nothing to collect.
    #[error("the sender's offer has earned nothing")]
    NothingDue,
}

/// What somebody has offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claim {
    /// Tokens offered, lent or not.
    pub tokens: Amount,
    /// Where the index stood when `due` was counted.
    since: FeeIndex,
    /// Dollars earned until then and not collected.
    due: Amount,
}

/// A loan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenLoan {
    /// Tokens owed.
    pub tokens: Amount,
    /// Dollars put up.
    pub put_up: Amount,
    /// What is left of them.
    pub collateral: Amount,
    /// Days charged.
    pub days: i64,
    /// What a token cost when it was made, in on-chain dollars.
    pub price_usd: f64,
    /// What it costs, per year as a share of its value when it was made.
    pub rate_per_year: f64,
    /// When it was made, in seconds since the start of the run.
    pub opened_seconds: i64,
}

/// What the desk remembers beside claims and loans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeskRecord {
    /// Tokens offered, lent or not.
    pub offered: Amount,
    /// Tokens lent.
    pub lent: Amount,
    /// What is left of the dollars put up.
    pub collateral: Amount,
    /// Dollars that lenders have earned and not collected, and what rounding has left.
    pub uncollected: Amount,
    /// Fees that loans have paid since the start, what settlements brought included.
    pub earned: Amount,
    /// Loans settled since the start because they were not returned.
    pub settled: u32,
    index: FeeIndex,
}

/// The desk.
#[derive(Debug, Clone, PartialEq)]
pub struct LendingDesk {
    /// Holds everything.
    pub account: AccountId,
    /// What is lent.
    pub token: AssetId,
    /// In which collateral and fees are paid.
    pub dollar: AssetId,
    /// On what terms.
    pub terms: TokenLoanTerms,
    /// What changes beside claims and loans.
    pub record: DeskRecord,
    claims: BTreeMap<AccountId, Claim>,
    loans: BTreeMap<AccountId, TokenLoan>,
}

/// The desk as it was before an action of somebody's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    record: DeskRecord,
    account: AccountId,
    claim: Option<Claim>,
    loan: Option<TokenLoan>,
}

impl LendingDesk {
    /// A desk where nobody has offered anything.
    #[must_use]
    pub fn new(account: AccountId, token: AssetId, dollar: AssetId, terms: TokenLoanTerms) -> Self {
        let record = DeskRecord::default();
        Self { account, token, dollar, terms, record, claims: BTreeMap::new(), loans: BTreeMap::new() }
    }

    /// Tokens that can be borrowed now.
    #[must_use]
    pub fn lendable(&self) -> Amount {
        self.record.offered.saturating_less(self.record.lent)
    }

    /// The rate of a further loan of `tokens`, per year as a share.
    #[must_use]
    pub fn quote_rate(&self, tokens: Amount) -> f64 {
        let lent = self.record.lent.atoms().saturating_add(tokens.atoms());
        self.terms.rate_per_year(lent as f64, self.record.offered.atoms() as f64)
    }

    /// What `lender` has offered and can take back once it is not lent.
    #[must_use]
    pub fn offered_by(&self, lender: AccountId) -> Amount {
        self.claims.get(&lender).map_or(Amount::ZERO, |claim| claim.tokens)
    }

    /// Dollars that `lender` can collect.
    #[must_use]
    pub fn due_to(&self, lender: AccountId) -> Amount {
        self.claims.get(&lender).map_or(Amount::ZERO, |claim| self.due(claim))
    }

    /// The loan of `borrower`, if it has one.
    #[must_use]
    pub fn loan_of(&self, borrower: AccountId) -> Option<&TokenLoan> {
        self.loans.get(&borrower)
    }

    /// Everybody's claims, in the order of accounts.
    pub fn claims(&self) -> impl Iterator<Item = (AccountId, &Claim)> {
        self.claims.iter().map(|(lender, claim)| (*lender, claim))
    }

    /// Everybody's loans, in the order of accounts.
    pub fn loans(&self) -> impl Iterator<Item = (AccountId, &TokenLoan)> {
        self.loans.iter().map(|(borrower, loan)| (*borrower, loan))
    }

    /// Dollars that a claim has earned and that were not collected.
    fn due(&self, claim: &Claim) -> Amount {
        let since = self.record.index.due(claim.since, claim.tokens);
        claim.due.checked_add(since).unwrap_or(Amount::MAX).min(self.record.uncollected)
    }

    /// What accounts own and owe at the desk: units of tokens and dollars, below zero for what is owed.
    pub fn positions<'d>(&'d self, ledger: &'d Ledger) -> impl Iterator<Item = (AccountId, [f64; 2])> + 'd {
        let [token, dollar] = [self.token, self.dollar].map(|asset| ledger.asset(asset).decimals);
        let lent = self
            .claims()
            .map(move |(lender, claim)| (lender, [token.units(claim.tokens), dollar.units(self.due(claim))]));
        let owed = self.loans().map(move |(borrower, loan)| {
            (borrower, [-token.units(loan.tokens), dollar.units(loan.collateral)])
        });
        lent.chain(owed)
    }

    pub(super) fn before(&self, account: AccountId) -> Before {
        let (claim, loan) = (self.claims.get(&account).copied(), self.loans.get(&account).copied());
        Before { record: self.record, account, claim, loan }
    }

    pub(super) fn restore(&mut self, before: Before) {
        self.record = before.record;
        match before.claim {
            Some(claim) => self.claims.insert(before.account, claim),
            None => self.claims.remove(&before.account),
        };
        match before.loan {
            Some(loan) => self.loans.insert(before.account, loan),
            None => self.loans.remove(&before.account),
        };
    }
}

impl Venues {
    /// Opens the desk for loans of the governance token.
    pub fn open_desk(&mut self, desk: LendingDesk) {
        self.desk = Some(desk);
    }

    /// The desk for loans of the governance token, if this world has one.
    #[must_use]
    pub const fn desk(&self) -> Option<&LendingDesk> {
        self.desk.as_ref()
    }
}
