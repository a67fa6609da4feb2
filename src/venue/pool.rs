//! An automated market maker in the world: a two-coin pool whose reserves are its ledger balances.
//!
//! The pool charges a fee where its curve customarily does. The liquidity providers' share of it stays in the pool; the rest
//! goes to the reserve account in the same coin. Shares of the pool are an asset like any other, so that who provides liquidity is
//! read off the ledger.
//!
//! | file | content |
//! |---|---|
//! | [`oracle`] | the pool as an oracle: average over time, average over trades |
//! | `swap` | a swap of a given input, for a given output, up to a price |
//! | `bootstrap` | a weight that slides over time |
//! | `liquidity` | liquidity in and out |
//! | [`provision`] | rules on who provides how much and who leaves when, and what they remember |
//! | `gate` | the queue of those who want to leave, and the end of a cycle |
//! | `commitment` | liquidity bound for cycles, and insured |
//! | `governed` | what of it can be voted on |

mod bootstrap;
mod commitment;
mod gate;
mod governed;
mod liquidity;
pub mod oracle;
pub mod provision;
mod swap;

use thiserror::Error;

pub use bootstrap::WeightSlide;
pub use liquidity::LOCKED_SHARES;
use oracle::PoolOracle;
use provision::Provision;

use super::{Deal, Refusal};
use crate::protocol::amm::twap::Accumulator;
use crate::protocol::amm::{Curve, Side, SwapError};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;

/// The place of a pool among the pools of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u8);

/// A pool: what it is, and the little it remembers beside its balances.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Name in configs, metrics and events.
    pub name: String,
    /// Its vault.
    pub account: AccountId,
    /// Base and quote coin.
    pub coins: [AssetId; 2],
    /// The asset that its shares are.
    pub shares: AssetId,
    /// Where the part of the fee goes that liquidity providers do not keep.
    pub reserve: AccountId,
    /// The curve.
    pub curve: Curve,
    /// Whether a StableSwap curve counts the base coin at its net asset value.
    pub follows_nav: bool,
    /// How the weight of a weighted curve slides, if it does.
    pub slide: Option<WeightSlide>,
    /// Fee, as a share of the input (of the output on a StableSwap curve).
    pub fee: f64,
    /// The part of the fee that stays with liquidity providers, 0 to 1.
    pub rebate: f64,
    /// What it remembers of its prices.
    pub oracle: PoolOracle,
    /// Rules on the provision of liquidity, if there are any. Boxed: few pools have them, and every swap looks at a pool.
    pub provision: Option<Box<Provision>>,
    /// What changes with every trade and is restored when a transaction fails.
    pub record: PoolRecord,
}

impl PoolAction {
    /// The pool addressed.
    #[must_use]
    pub const fn pool(&self) -> PoolId {
        match self {
            Self::Swap { pool, .. }
            | Self::SwapExactOut { pool, .. }
            | Self::SwapToPrice { pool, .. }
            | Self::AddLiquidity { pool, .. }
            | Self::RemoveLiquidity { pool, .. }
            | Self::RequestWithdrawal { pool, .. }
            | Self::CancelWithdrawal { pool }
            | Self::Commit { pool, .. }
            | Self::Leave { pool } => *pool,
        }
    }
}

impl PoolAction {
    /// Whether it may change what the rules of the pool remember.
    pub(super) const fn is_remembered(&self) -> bool {
        matches!(
            self,
            Self::RequestWithdrawal { .. }
                | Self::CancelWithdrawal { .. }
                | Self::Commit { .. }
                | Self::Leave { .. }
        )
    }
}

/// The memory of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PoolRecord {
    /// The logarithm of the price, summed over the seconds it stood.
    pub accumulator: Accumulator,
    /// The price that trades have stored for the resilient oracle, quote per base; `None` before the opening.
    pub resilient: Option<f64>,
    /// Quote units traded since the start.
    pub volume_quote: f64,
    /// Fees charged since the start, in quote units at the price of each trade.
    pub fees_quote: f64,
}

/// What can be done at a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PoolAction {
    /// Swap a given input.
    Swap {
        /// Where.
        pool: PoolId,
        /// Which coin goes in.
        side: Side,
        /// How much of it, fee included.
        amount: Size,
        /// Refuse to receive less.
        min_out: Amount,
    },
    /// Swap for a given output: answers with it, takes what it costs.
    SwapExactOut {
        /// Where.
        pool: PoolId,
        /// Which coin goes in.
        side: Side,
        /// How much of the other is to come out, to the atom.
        amount_out: Amount,
        /// Refuse to pay more, fee included.
        max_in: Size,
    },
    /// Swap a given input, but only until the marginal price is at a limit. What is left stays with the sender.
    SwapToPrice {
        /// Where.
        pool: PoolId,
        /// Which coin goes in.
        side: Side,
        /// At most how much of it, fee included.
        amount: Size,
        /// Quote per base, before fees: at least this when the base is sold, at most this when it is bought.
        limit: f64,
    },
    /// Provide both coins, in the proportion of the reserves and at most these amounts.
    AddLiquidity {
        /// Where.
        pool: PoolId,
        /// At most this much base and quote.
        max: [Amount; 2],
    },
    /// Burn shares for both coins.
    RemoveLiquidity {
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Size,
    },
    /// Put shares into the queue at the gate; what is granted at the end of a cycle is paid out in both coins.
    RequestWithdrawal {
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Size,
    },
    /// Take what waits at the gate back.
    CancelWithdrawal {
        /// Where.
        pool: PoolId,
    },
    /// Bind shares for a number of cycles, and have them insured.
    Commit {
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Size,
        /// For how many cycles after the one that runs.
        cycles: u16,
    },
    /// Take out what was committed when its last cycle is over, and claim what it lost against holding.
    Leave {
        /// Where.
        pool: PoolId,
    },
}

/// Why a pool refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PoolRefusal {
    /// The curve refuses.
    #[error(transparent)]
    Curve(#[from] SwapError),
    /// The price moved.
    #[error("the output would be {found} atoms, at least {wanted} were asked for")]
    Slippage {
        /// Asked for.
        wanted: Amount,
        /// On offer.
        found: Amount,
    },
    /// An exact output costs more than was to be spent.
    #[error("the output would cost {found} atoms, at most {wanted} were to be paid")]
    TooDear {
        /// The most that was to be paid.
        wanted: Amount,
        /// What it costs.
        found: Amount,
    },
    /// The price is at the limit of the swap already, or beyond it.
    #[error("the price is at the limit or beyond it: nothing can be swapped")]
    AtLimit,
    /// Nothing would change hands.
    #[error("the amount is too small for this pool")]
    Dust,
    /// Nobody has provided liquidity.
    #[error("the pool is empty")]
    Empty,
    /// The provider would hold more of the pool than anybody may.
    #[error("{asked} atoms of shares were asked for, {allowed} are left under the cap on one provider")]
    AboveCap {
        /// Shares that the coins would have bought.
        asked: Amount,
        /// Shares that could have been added.
        allowed: Amount,
    },
    /// Liquidity leaves through the gate only.
    #[error("liquidity leaves this pool through its gate only: request a withdrawal")]
    UseGate,
    /// There is no gate.
    #[error("this pool has no gate: liquidity can be removed at once")]
    NoGate,
    /// The wallet waits already.
    #[error("{waiting} atoms of shares wait at the gate already: cancel them to ask anew")]
    AlreadyWaiting {
        /// How many shares wait.
        waiting: Amount,
    },
    /// The wallet does not wait.
    #[error("nothing waits at the gate")]
    NotWaiting,
    /// Commitments are not insured here.
    #[error("this pool insures no commitments")]
    NoInsurance,
    /// A commitment is too short or too long.
    #[error("liquidity can be committed for {least} to {most} cycles, not for {found}")]
    CommitmentLength {
        /// Fewest cycles.
        least: u16,
        /// Most cycles.
        most: u16,
        /// Asked for.
        found: u16,
    },
    /// The wallet is committed already.
    #[error("liquidity is committed through cycle {until_cycle} already")]
    AlreadyCommitted {
        /// The last cycle.
        until_cycle: u32,
    },
    /// The wallet is not committed.
    #[error("nothing is committed")]
    NotCommitted,
    /// The commitment has not ended.
    #[error("liquidity is committed through cycle {until_cycle}, and this is cycle {cycle}")]
    StillCommitted {
        /// The last cycle.
        until_cycle: u32,
        /// The cycle that runs.
        cycle: u32,
    },
    /// The price is too far from its average for a fair record of what is committed.
    #[error("the price is too far from its average: liquidity can be committed when it has settled")]
    OffAverage,
}

impl Pool {
    /// The reserves, in units of base and quote.
    #[must_use]
    #[inline]
    pub fn reserves(&self, ledger: &Ledger) -> [f64; 2] {
        [ledger.units(self.account, self.coins[0]), ledger.units(self.account, self.coins[1])]
    }

    /// Quote per base at the margin, before fees; `None` while the pool is empty.
    #[must_use]
    #[inline]
    pub fn price(&self, ledger: &Ledger) -> Option<f64> {
        let reserves = self.reserves(ledger);
        self.curve.spot_price(reserves).ok()
    }

    /// Performs an action for `actor`, of whose shares `staked` lie in staking pools.
    pub(super) fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: PoolAction,
        previous: Amount,
        staked: Amount,
    ) -> Result<Amount, Refusal> {
        match action {
            PoolAction::Swap { side, amount, min_out, .. } => {
                self.swap(deal, actor, side, amount.resolve(previous), min_out)
            }
            PoolAction::SwapExactOut { side, amount_out, max_in, .. } => {
                self.swap_exact_out(deal, actor, side, amount_out, max_in.resolve(previous))
            }
            PoolAction::SwapToPrice { side, amount, limit, .. } => {
                self.swap_to_price(deal, actor, side, amount.resolve(previous), limit)
            }
            PoolAction::AddLiquidity { max, .. } => self.add_liquidity(deal, actor, actor, staked, max),
            PoolAction::RemoveLiquidity { shares, .. } => {
                self.remove_liquidity(deal, actor, actor, shares.resolve(previous))
            }
            PoolAction::RequestWithdrawal { shares, .. } => {
                self.request_withdrawal(deal, actor, actor, shares.resolve(previous))
            }
            PoolAction::CancelWithdrawal { .. } => self.cancel_withdrawal(deal, actor),
            PoolAction::Commit { shares, cycles, .. } => {
                self.commit(deal, actor, shares.resolve(previous), cycles)
            }
            PoolAction::Leave { .. } => self.leave(deal, actor),
        }
    }
}
