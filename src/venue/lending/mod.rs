//! A loan market in the world: a collateral rebalancing pool, the pool in which its yield tokens trade, and their renewal.
//!
//! Reserves and supplies are ledger balances; the market itself remembers the term it is in, the weight, and what is
//! virtual. The arithmetic is [`crate::protocol::crp`]'s and [`crate::protocol::yield_token`]'s; here amounts become atoms,
//! rounded in the pools' favour.
//!
//! Terms follow one another. Yield and key tokens of a term have assets of their own, of which a market has two sets
//! (*slots*): while one term runs, those who are left from the term before claim what it owes them. Claims that nobody
//! has made when a slot is needed again are paid out unasked. Liquidity of the rate pool rolls over by itself.

mod claims;
mod governed;
mod hedge;
mod rates;
mod term;
mod verbs;
mod view;

use serde::{Deserialize, Serialize};

use crate::protocol::{crp, yield_token};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

pub(super) use term::accrue;
pub use view::LoanView;

/// The place of a loan market among those of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LoanMarketId(pub u8);

/// Where a pool sells collateral.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Sales {
    /// On the outside market, at its spread and impact.
    #[default]
    Outside,
    /// In the pool of that name, at its fee and price impact.
    Pool(String),
}

/// What a pool takes for the price of its collateral.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum SpotSource {
    /// The chain's oracle, with its lag and averaging.
    #[default]
    Oracle,
    /// The trade-driven average of the pool of that name, which only swaps move.
    Resilient(String),
}

/// What can be done at a loan market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LendAction {
    /// Bring collateral; receive yield tokens (the answer) and as many key tokens.
    Join {
        /// Where.
        market: LoanMarketId,
        /// Collateral brought.
        collateral: Size,
    },
    /// Join with borrowed collateral on top, and repay it from what the yield tokens sell for and, where that is short, from
    /// collateral of one's own that was kept back, all at once. Answers with the key tokens.
    JoinLevered {
        /// Where.
        market: LoanMarketId,
        /// Collateral of one's own.
        collateral: Size,
        /// How much is joined for it.
        entry: LeveredEntry,
    },
    /// Sell yield tokens for the loan token: borrow.
    SellYield {
        /// Where.
        market: LoanMarketId,
        /// Yield tokens sold.
        yield_tokens: Size,
        /// Refuse to receive less.
        min_out: Amount,
    },
    /// Buy yield tokens with the loan token: lend.
    BuyYield {
        /// Where.
        market: LoanMarketId,
        /// Loan tokens paid.
        tokens: Size,
        /// Refuse to receive fewer.
        min_out: Amount,
    },
    /// Provide liquidity to the rate pool; answers with shares. Yield tokens come along as the pool's proportion asks.
    Provide {
        /// Where.
        market: LoanMarketId,
        /// Loan tokens brought.
        tokens: Size,
    },
    /// Take liquidity out of the rate pool; answers with loan tokens.
    Withdraw {
        /// Where.
        market: LoanMarketId,
        /// Shares given back.
        shares: Size,
    },
    /// Trade with the collateral pool: what keeps it at its weights.
    Rebalance {
        /// Where.
        market: LoanMarketId,
        /// True to bring collateral, false to bring loan tokens.
        collateral_in: bool,
        /// How much, fee included.
        amount: Size,
        /// Refuse to receive less.
        min_out: Amount,
    },
    /// Claim what yield tokens of the term before are owed; answers with loan tokens.
    RedeemYield {
        /// Where.
        market: LoanMarketId,
        /// Yield tokens given back.
        yield_tokens: Size,
    },
    /// Claim what is left for key tokens of the term before; answers with collateral.
    RedeemKey {
        /// Where.
        market: LoanMarketId,
        /// Key tokens given back.
        key_tokens: Size,
    },
}

/// How much collateral is joined for a unit of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeveredEntry {
    /// `1 / LTV`.
    Margin,
    /// `1 / (1 - LTV)`: as the limit of borrowing against what was bought with what was borrowed.
    Roll,
}

/// What a term is run on. Votes may change it: ratios from the next term on, fees at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoanRules {
    /// Terms of the collateral pool; the expiry is filled in at each opening.
    pub terms: crp::Terms,
    /// Terms of the rate pool; its maturity is filled in at each opening.
    pub rates: yield_token::Terms,
    /// Blocks of ten minutes over which the exponent of the rate pool's curve falls from one to zero.
    pub curve_blocks: u64,
    /// Length of a term in seconds.
    pub term_seconds: i64,
    /// Seconds between updates of the weight (white-paper profile).
    pub update_seconds: i64,
    /// Seconds between crossing the conversion threshold and the sale (white-paper profile).
    pub conversion_delay_seconds: i64,
    /// The most collateral that may be in the pool after a join, in units.
    pub collateral_cap: f64,
    /// Fee of a flash loan, as a share of it.
    pub flash_fee: f64,
}

/// Yield and key tokens of every second term, and the vault behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Holds the collateral and the loan tokens of the term; issues both tokens.
    pub vault: AccountId,
    /// One loan token at expiry.
    pub yield_token: AssetId,
    /// What is left after the yield tokens.
    pub key_token: AssetId,
}

/// Where collateral is sold and priced, found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The pool in which collateral is sold; outside if none.
    pub sales: Option<super::pool::PoolId>,
    /// The pool whose average is the price; the chain's oracle if none.
    pub spot: Option<super::pool::PoolId>,
    /// The collateral's place among the oracle's assets.
    pub feed: usize,
}

/// A loan market.
#[derive(Debug, Clone, PartialEq)]
pub struct LoanMarket {
    /// Name in configs, metrics and events.
    pub name: String,
    /// What secures the loans.
    pub collateral: AssetId,
    /// What is lent.
    pub token: AssetId,
    /// The two sets of tokens, by [`Series::slot`].
    pub slots: [Slot; 2],
    /// Holds the rate pool's tokens; issues its shares.
    pub rate_vault: AccountId,
    /// Shares of the rate pool.
    pub shares: AssetId,
    /// Where collateral is sold and priced.
    pub places: Places,
    /// What every term is run on.
    pub rules: LoanRules,
    /// The rules at the start, from which votes may lead away only so far.
    pub founded: LoanRules,
    /// What changes with every action and is restored when a transaction fails.
    pub record: LoanRecord,
}

/// What a market remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoanRecord {
    /// The term that runs.
    pub running: Series,
    /// The term before it, once there was one.
    pub before: Option<Series>,
    /// Terms opened so far.
    pub terms_opened: u32,
    /// What has happened since the start.
    pub totals: Totals,
}

/// A term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series {
    /// Which set of tokens.
    pub slot: u8,
    /// When it began, in seconds since the start.
    pub opened_seconds: i64,
    /// When it ends.
    pub expiry_seconds: i64,
    /// Loan-to-value of the first to borrow, as agreed at the opening.
    pub initial_loan_to_value: f64,
    /// Ratio from which on the pool leaves the collateral, as agreed at the opening.
    pub conversion_ltv: f64,
    /// Loan tokens per unit of collateral at which the delta is one half.
    pub strike: f64,
    /// Weight of the collateral, as stored.
    pub weight: f64,
    /// White paper: everything was sold and stays sold.
    pub converted: bool,
    /// Since when the loan-to-value is at the conversion threshold, if it is.
    pub over_since_seconds: Option<i64>,
    /// Yield tokens that only the curve of the rate pool sees.
    pub virtual_yield: f64,
    /// Value of the pool against what was brought: one at the opening, moved by everything but joins.
    pub performance: Performance,
    /// What yield holders are paid per token, once the term is settled.
    pub settled: Option<f64>,
}

/// What became of a unit of value in a term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// In this pool.
    pub index: f64,
    /// In one that is rebalanced at every tick at the market's price, without fee or cap, and never converts.
    pub frictionless: f64,
    /// The weight of that pool.
    pub frictionless_weight: f64,
    /// The outside price when both were last brought up to date.
    pub price: f64,
    /// The pool's value in loan tokens at that moment.
    pub value: f64,
    /// Value brought by joins since.
    pub joined: f64,
}

/// Sums since the start of a run, in loan tokens where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Yield tokens issued.
    pub issued: f64,
    /// Loan tokens paid to borrowers for yield tokens.
    pub borrowed: f64,
    /// Interest that borrowers gave: face value less what they were paid.
    pub interest: f64,
    /// Fees of both pools that went to the reserve, at the price of each moment.
    pub fees_to_reserve: f64,
    /// Value traded with the collateral pool.
    pub rebalanced: f64,
    /// Terms that ended with less than was owed.
    pub defaults: u32,
    /// Terms settled.
    pub settled_terms: u32,
    /// What was missing at the end of terms.
    pub shortfall: f64,
    /// What the reserve paid for it, out of its own.
    pub drawn_fees: f64,
    /// Of that, what it paid in collateral, in units.
    pub own_drawn_collateral: f64,
    /// And what it paid in loan tokens.
    pub own_drawn_tokens: f64,
    /// What was paid for it out of the stakers' principal.
    pub drawn_principal: f64,
    /// What was raised by issuance for it.
    pub drawn_issued: f64,
    /// What yield holders did not get.
    pub haircut: f64,
    /// Sales of everything at the conversion threshold.
    pub conversions: u32,
}
