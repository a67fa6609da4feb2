//! Protocols standing in the world: their state, their actions, what time brings them.
//!
//! Only actions performed here write to the ledger. An action either succeeds and says how much its sender received, or
//! is refused with a reason and leaves no trace: venues put what they are about to change into the undo list first.

pub mod accrual;
pub mod attribution;
pub mod book;
pub mod exchange;
pub mod execute;
pub mod governance;
pub mod issuance;
pub mod launch;
pub mod lending;
pub mod names;
pub mod pool;
pub mod rescue;
pub mod reserve;
pub mod stake_pools;
pub mod staking;
pub mod token;
pub mod token_loans;
pub mod transactions;
pub mod treasury;
mod valuation;
pub mod wallets;

use bevy_ecs::prelude::Resource;
use thiserror::Error;

use crate::protocol::{crp, fx, yield_token};
use crate::quantity::{Amount, AmountError};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;
use book::{Book, BookAction, BookId, BookRecord, BookRefusal};
use exchange::{Exchange, ExchangeRefusal, Order};
use governance::{Before, GovernAction, GovernRefusal, Governance, Pauses};
use issuance::{IssuanceRefusal, TokenRecord};
use launch::{Launch, LaunchAction, LaunchId, LaunchRefusal};
use lending::{LendAction, LoanMarket, LoanMarketId, LoanRecord};
use pool::{Pool, PoolAction, PoolId, PoolRecord, PoolRefusal, provision};
use reserve::Reserve;
use stake_pools::{EmissionPools, StakeAction, StakeRefusal};
use staking::StakePosition;
use token::TokenEconomy;
use token_loans::{DeskAction, DeskRefusal, LendingDesk};
use treasury::{FxAction, Treasury, TreasuryRecord};
use wallets::{OwnedWallets, WalletAction, WalletRefusal, Wallets};

pub use valuation::{Equity, Kept, Valuation, value};

/// The mempool of a Ballast world.
pub type Mempool = crate::world::mempool::Mempool<Action>;

/// Anything an agent can ask of a venue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Trade outside.
    Exchange(Order),
    /// Swap or provide liquidity.
    Pool(PoolAction),
    /// Mint, redeem, settle, rebalance, stake at the f(x) treasury.
    Fx(FxAction),
    /// Propose or vote.
    Govern(GovernAction),
    /// Borrow, lend, rebalance, claim at a loan market.
    Lend(LendAction),
    /// Place, trade, cancel at an order book.
    Book(BookAction),
    /// Register for tickets of a launch, claim what they brought.
    Launch(LaunchAction),
    /// Open a further wallet, or provide liquidity through one.
    Wallet(WalletAction),
    /// Stake for emission, claim it, use a vault.
    Stake(StakeAction),
    /// Lend or borrow the governance token.
    Desk(DeskAction),
}

/// Why an action was refused.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// By the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// By the outside market.
    #[error(transparent)]
    Exchange(#[from] ExchangeRefusal),
    /// By a pool.
    #[error(transparent)]
    Pool(#[from] PoolRefusal),
    /// By an order book.
    #[error(transparent)]
    Book(#[from] BookRefusal),
    /// By a launch.
    #[error(transparent)]
    Launch(#[from] LaunchRefusal),
    /// By the f(x) treasury.
    #[error(transparent)]
    Fx(#[from] fx::Refusal),
    /// An amount does not fit the ledger.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Nothing would change hands.
    #[error("the amount is too small: nothing would change hands")]
    Dust,
    /// fETH has no market.
    #[error("there is no pool in which fETH could be bought")]
    NoMarket,
    /// There is nothing to rebalance, or the market asks too much for it.
    #[error(
        "nothing can be rebalanced now: nothing is missing, the budget is empty, or the market asks too much"
    )]
    NothingToRebalance,
    /// The treasury has no rebalance pool.
    #[error("there is no rebalance pool beside this treasury")]
    NoRebalancePool,
    /// By governance.
    #[error(transparent)]
    Governance(#[from] GovernRefusal),
    /// The venue is stopped.
    #[error("the venue is stopped by governance until second {until_seconds}")]
    Paused {
        /// When it goes on.
        until_seconds: i64,
    },
    /// The world has no f(x) treasury.
    #[error("there is no f(x) treasury in this world")]
    NoTreasury,
    /// By a collateral rebalancing pool.
    #[error(transparent)]
    Loan(#[from] crp::Refusal),
    /// By a rate pool.
    #[error(transparent)]
    Rate(#[from] yield_token::Refusal),
    /// By whoever issues the governance token.
    #[error(transparent)]
    Issuance(#[from] IssuanceRefusal),
    /// By a staking pool.
    #[error(transparent)]
    Stake(#[from] StakeRefusal),
    /// By the desk for loans of the governance token.
    #[error(transparent)]
    Desk(#[from] DeskRefusal),
    /// The world has no such loan market.
    #[error("there is no such loan market in this world")]
    NoLoanMarket,
    /// There is no term to claim from, or it still owes the liquidity that is to be moved.
    #[error(
        "no term has ended and been settled since these tokens were issued: nothing can be claimed, and liquidity that \
         waits for it does not move"
    )]
    NotSettled,
    /// Flash-borrowed collateral could not be repaid.
    #[error(
        "what the yield tokens sell for, and collateral kept back, do not repay the collateral borrowed on top"
    )]
    FlashUnpaid,
    /// A further wallet is not there.
    #[error(transparent)]
    Wallet(#[from] WalletRefusal),
    /// All actions went through, but the sender gained less than it demanded.
    #[error("the gain was {found} atoms, at least {wanted} were demanded")]
    GainTooSmall {
        /// Demanded.
        wanted: Amount,
        /// Gained.
        found: Amount,
    },
}

/// What a venue may touch while it performs an action.
#[derive(Debug)]
pub struct Deal<'w> {
    /// Every balance.
    pub ledger: &'w mut Ledger,
    /// Outside prices.
    pub oracle: &'w Oracle,
    /// The time.
    pub clock: &'w Clock,
    /// The event log.
    pub notes: &'w mut Notes,
}

/// State of a venue as it was before an action changed it.
#[derive(Debug, Clone)]
enum Undo {
    Pool(PoolId, PoolRecord),
    Provision(PoolId, Box<provision::Before>),
    Wallets(OwnedWallets),
    // Boxed: the record is large, and every swap would carry its size.
    Treasury(Box<TreasuryRecord>),
    Stake(AccountId, Option<Box<StakePosition>>),
    StakeHistory,
    Governance(Before),
    Loan(LoanMarketId, Box<LoanRecord>),
    Token(Box<TokenRecord>),
    // The orders keep a journal of their own.
    Book(BookId, BookRecord),
    Emission(Box<stake_pools::Before>),
    Launch(LaunchId, Box<launch::Before>),
    Desk(Box<token_loans::Before>),
}

/// Every venue of a world.
#[derive(Debug, Resource)]
pub struct Venues {
    /// The outside market.
    pub exchange: Exchange,
    /// The f(x) treasury, if this world has one.
    pub treasury: Option<Treasury>,
    pools: Vec<Pool>,
    loans: Vec<LoanMarket>,
    books: Vec<Book>,
    launches: Vec<Launch>,
    reserve: Option<Reserve>,
    governance: Option<Governance>,
    pauses: Pauses,
    token: Option<TokenEconomy>,
    wallets: Wallets,
    stakes: EmissionPools,
    desk: Option<LendingDesk>,
    undo: Vec<Undo>,
}

impl Venues {
    /// These venues.
    #[must_use]
    pub fn new(exchange: Exchange, pools: Vec<Pool>, treasury: Option<Treasury>) -> Self {
        Self {
            exchange,
            treasury,
            pools,
            loans: Vec::new(),
            books: Vec::new(),
            launches: Vec::new(),
            reserve: None,
            governance: None,
            pauses: Pauses::default(),
            token: None,
            wallets: Wallets::default(),
            stakes: EmissionPools::default(),
            desk: None,
            undo: Vec::new(),
        }
    }

    /// The same venues with these loan markets and the reserve behind them.
    #[must_use]
    pub fn lending(self, loans: Vec<LoanMarket>, reserve: Reserve) -> Self {
        Self { loans, reserve: Some(reserve), ..self }
    }

    /// The loan markets, by id.
    #[must_use]
    pub fn loans(&self) -> &[LoanMarket] {
        &self.loans
    }

    /// The loan market of that id.
    #[must_use]
    pub fn loan(&self, id: LoanMarketId) -> &LoanMarket {
        &self.loans[id.0 as usize]
    }

    /// The same venues with these order books.
    #[must_use]
    pub fn with_books(self, books: Vec<Book>) -> Self {
        Self { books, ..self }
    }

    /// The same venues with these launches.
    #[must_use]
    pub fn with_launches(self, launches: Vec<Launch>) -> Self {
        Self { launches, ..self }
    }

    /// The launches, by id.
    #[must_use]
    pub fn launches(&self) -> &[Launch] {
        &self.launches
    }

    /// The launch of that id.
    #[must_use]
    pub fn launch(&self, id: LaunchId) -> &Launch {
        &self.launches[id.0 as usize]
    }

    /// The order books, by id.
    #[must_use]
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// The order book of that id.
    #[must_use]
    pub fn book(&self, id: BookId) -> &Book {
        &self.books[id.0 as usize]
    }

    fn books_mut(&mut self) -> &mut [Book] {
        &mut self.books
    }

    /// Whose claims the last action, if it was one at a book, changed without that it shows in the sender's wallet.
    fn moved_at(&self, id: BookId) -> (&Book, &[book::Moved]) {
        let book = self.book(id);
        (book, book.moved())
    }

    /// The reserve, if there are loan markets for it to stand behind.
    #[must_use]
    pub const fn reserve(&self) -> Option<&Reserve> {
        self.reserve.as_ref()
    }

    /// The pools, by id.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The pool of that id.
    #[must_use]
    pub fn pool(&self, id: PoolId) -> &Pool {
        &self.pools[id.0 as usize]
    }

    /// Performs one action for `actor` and says what it received.
    ///
    /// # Errors
    /// [`Refusal`]; the caller must then call [`Self::rollback`] along with the ledger's.
    #[inline]
    pub fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: Action,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        self.refuse_paused(deal.clock.now_seconds(), &action)?;
        match action {
            Action::Exchange(order) => self.exchange.perform(deal, actor, order, previous),
            Action::Pool(action) => {
                let id = action.pool();
                let Some(pool) = self.pools.get_mut(id.0 as usize) else {
                    return Err(PoolRefusal::Empty.into());
                };
                self.undo.push(Undo::Pool(id, pool.record));
                if let Some(provision) = pool.provision.as_deref().filter(|_| action.is_remembered()) {
                    self.undo.push(Undo::Provision(id, Box::new(provision.before(actor))));
                }
                // Only a cap asks for them.
                let capped = pool.provision.is_some() && matches!(action, PoolAction::AddLiquidity { .. });
                let staked = if capped { self.stakes.principal_of(pool.shares, actor) } else { Amount::ZERO };
                pool.perform(deal, actor, action, previous, staked)
            }
            Action::Fx(action) => {
                let treasury = self.treasury.as_mut().ok_or(Refusal::NoTreasury)?;
                self.undo.push(Undo::Treasury(Box::new(treasury.record)));
                if action == FxAction::ProtocolRebalance {
                    return self.protocol_rebalance(deal, actor);
                }
                match action {
                    FxAction::StakeFeth { .. } | FxAction::UnstakeFeth { .. } | FxAction::CollectStake => {
                        let position = treasury.staking.position(actor).map(Box::new);
                        self.undo.push(Undo::Stake(actor, position));
                    }
                    FxAction::LiquidateRebalancePool => {
                        let closed = treasury.staking.closed();
                        let outcome = treasury.perform(deal, actor, action, previous);
                        if treasury.staking.closed() > closed {
                            self.undo.push(Undo::StakeHistory);
                        }
                        return outcome;
                    }
                    _ => {}
                }
                treasury.perform(deal, actor, action, previous)
            }
            Action::Govern(action) => self.perform_govern(deal, actor, action, previous),
            Action::Lend(action) => self.perform_lend(deal, actor, action, previous),
            Action::Book(action) => {
                let id = action.book();
                let book = self.books.get_mut(id.0 as usize).ok_or(BookRefusal::NoBook)?;
                self.undo.push(Undo::Book(id, book.record));
                book.perform(deal, actor, action, previous)
            }
            Action::Launch(action) => {
                let id = action.launch();
                let launch = self.launches.get_mut(id.0 as usize).ok_or(LaunchRefusal::NoLaunch)?;
                self.undo.push(Undo::Launch(id, Box::new(launch.before(actor))));
                launch.perform(deal, actor, action)
            }
            Action::Wallet(action) => self.perform_wallet(deal, actor, action),
            Action::Stake(action) => self.perform_stake(deal, actor, action, previous),
            Action::Desk(action) => self.perform_desk(deal, actor, action, previous),
        }
    }

    /// Puts a pool and what its rules remember of `holder` into the undo list.
    fn remember_pool(&mut self, id: PoolId, holder: AccountId) -> Result<(), PoolRefusal> {
        let pool = self.pools.get(id.0 as usize).ok_or(PoolRefusal::Empty)?;
        self.undo.push(Undo::Pool(id, pool.record));
        if let Some(provision) = &pool.provision {
            self.undo.push(Undo::Provision(id, Box::new(provision.before(holder))));
        }
        Ok(())
    }

    /// Lets `founder` open the empty treasury with `deposit` of its collateral.
    ///
    /// # Errors
    /// [`Refusal`]; the caller must then roll back.
    pub fn open_treasury(
        &mut self,
        deal: &mut Deal<'_>,
        founder: AccountId,
        deposit: Amount,
    ) -> Result<Amount, Refusal> {
        self.treasury.as_mut().ok_or(Refusal::NoTreasury)?.genesis(deal, founder, deposit)
    }

    fn on_treasury(&mut self, change: impl FnOnce(&mut Treasury)) {
        if let Some(treasury) = &mut self.treasury {
            change(treasury);
        }
    }

    /// Keeps what was performed since the last commit or rollback.
    #[inline]
    pub fn commit(&mut self) {
        self.undo.clear();
        self.books.iter_mut().for_each(Book::commit);
    }

    /// Restores every venue as it was at the last commit or rollback.
    pub fn rollback(&mut self) {
        while let Some(entry) = self.undo.pop() {
            match entry {
                Undo::Pool(pool, record) => self.pools[pool.0 as usize].record = record,
                Undo::Provision(pool, before) => {
                    if let Some(provision) = &mut self.pools[pool.0 as usize].provision {
                        provision.restore(&before);
                    }
                }
                Undo::Wallets(before) => self.wallets.restore(before),
                Undo::Treasury(record) => self.on_treasury(|treasury| treasury.record = *record),
                Undo::Stake(account, position) => {
                    self.on_treasury(|treasury| {
                        treasury.staking.restore(account, position.map(|position| *position))
                    });
                }
                Undo::StakeHistory => self.on_treasury(|treasury| treasury.staking.reopen()),
                Undo::Book(book, record) => {
                    let book = &mut self.books[book.0 as usize];
                    book.record = record;
                    book.rollback();
                }
                Undo::Launch(launch, before) => self.launches[launch.0 as usize].restore(&before),
                Undo::Loan(market, record) => self.loans[market.0 as usize].record = *record,
                Undo::Token(record) => {
                    if let Some(token) = &mut self.token {
                        token.record = *record;
                    }
                }
                Undo::Emission(before) => self.stakes.restore(*before),
                Undo::Desk(before) => {
                    if let Some(desk) = &mut self.desk {
                        desk.restore(*before);
                    }
                }
                Undo::Governance(before) => {
                    if let Some(governance) = &mut self.governance {
                        governance.restore(before);
                    }
                }
            }
        }
    }
}
