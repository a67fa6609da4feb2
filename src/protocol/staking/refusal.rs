//! Why a verb of staking is refused, with the number the contracts give it.

use thiserror::Error;

/// The reason for which a verb of the staking pool or of the auto-compounding vault refuses. The contracts' number, where
/// they have one, is [`Refusal::code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The pool has no activation height yet, or it lies ahead (10015).
    #[error("staking opens at its activation height, which is not reached at block {height}")]
    NotActive {
        /// Height of the call.
        height: u64,
    },
    /// The wallet has registered before (10001).
    #[error("a wallet registers once")]
    AlreadyRegistered,
    /// The wallet has neither registered nor staked (10003).
    #[error("the wallet is not known to the pool: register or stake first")]
    UnknownStaker,
    /// The lock is outside 1 to 32 cycles (10016).
    #[error("expected a lock of 1 to {longest} cycles, found {found}")]
    Lock {
        /// Cycles asked for.
        found: u32,
        /// The longest lock.
        longest: u32,
    },
    /// An amount to stake is not above zero (10016).
    #[error("expected an amount above zero")]
    NothingStaked,
    /// The cycle asked for is still running or lies ahead (10017).
    #[error("cycle {asked} is paid once it is over, it is cycle {current}")]
    CycleNotCompleted {
        /// Cycle asked for.
        asked: u32,
        /// Cycle at the height of the call.
        current: u32,
    },
    /// A cycle number that no pool of this library reaches.
    #[error("cycle {found} is beyond the last one that is kept, {last}")]
    BeyondHorizon {
        /// The cycle.
        found: u64,
        /// The last cycle a pool keeps.
        last: u32,
    },
    /// A sum would not fit the ledger.
    #[error("the sum would exceed what the ledger can hold")]
    Overflow,
    /// The vault's end cycle is reached (10015).
    #[error("the vault ends with cycle {end}, it is cycle {current}")]
    VaultEnded {
        /// Last cycle of the vault.
        end: u32,
        /// Cycle at the height of the call.
        current: u32,
    },
    /// The vault is not open yet (2043).
    #[error("the vault has not started")]
    VaultNotStarted,
    /// A deposit is not above zero (2003).
    #[error("expected a deposit above zero")]
    NothingDeposited,
    /// Nothing would be minted or paid out: the amount rounds to zero (3 for a payment, 1 for a mint).
    #[error("the amount rounds to nothing")]
    RoundsToNothing {
        /// True where shares would be minted, false where tokens would be paid.
        mint: bool,
    },
    /// Shares exist and nothing is behind them, so that they have no price.
    #[error("the vault has shares and no base: a deposit has no price")]
    NoBase,
    /// What the vault holds does not exceed the bounty of rolling it (2045).
    #[error("rolling pays a bounty out of what is claimed, which does not exceed it")]
    BelowBounty,
    /// Deposits or redemptions are switched off (2046).
    #[error("the vault is paused")]
    Paused,
    /// The cycle before this one has not been rolled (10018).
    #[error("roll cycle {previous} first")]
    NotRolled {
        /// The cycle before the current one.
        previous: u32,
    },
    /// A share of a holding is not in (0, 1] (5000).
    #[error("expected a share above 0 and at most 1")]
    Share,
}

impl Refusal {
    /// The number with which the contracts answer; `None` where they have no such answer.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        Some(match self {
            Self::RoundsToNothing { mint: true } => 1,
            Self::RoundsToNothing { mint: false } => 3,
            Self::NothingDeposited => 2003,
            Self::VaultNotStarted => 2043,
            Self::BelowBounty => 2045,
            Self::Paused => 2046,
            Self::Share => 5000,
            Self::AlreadyRegistered => 10_001,
            Self::UnknownStaker => 10_003,
            Self::NotActive { .. } | Self::VaultEnded { .. } => 10_015,
            Self::Lock { .. } | Self::NothingStaked => 10_016,
            Self::CycleNotCompleted { .. } => 10_017,
            Self::NotRolled { .. } => 10_018,
            Self::BeyondHorizon { .. } | Self::Overflow | Self::NoBase => return None,
        })
    }
}
