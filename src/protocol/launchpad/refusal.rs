//! Why a verb of the launchpad is refused, with the number the contract gives it.

use thiserror::Error;

use crate::protocol::amm::SwapError;

/// The reason for which a sale or a bootstrapping pool refuses. The contracts' number, where they have one, is
/// [`Refusal::code`].
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// The heights of a sale are not in order: now, registration, its end, end of the claim (110).
    #[error("expected now < registration start < registration end < claim end")]
    Schedule,
    /// Only the owner of the sale and the launchpad's operators may do this yet (1000).
    #[error("only the owner and operators may do this before block {open_to_all}")]
    NotAuthorized {
        /// Height from which on anyone may.
        open_to_all: u64,
    },
    /// No ticket is left to be won, or the walk has left the line (2031).
    #[error("every winner is drawn")]
    NoMoreClaims,
    /// Fewer tickets were registered than the sale needs (2036).
    #[error("{registered} tickets were registered, the sale needs {threshold}")]
    ThresholdNotReached {
        /// Tickets registered.
        registered: u64,
        /// Tickets needed.
        threshold: u64,
    },
    /// The call is too early or too late (2042).
    #[error("not at block {height}: expected one from {from} to before {until}")]
    OutsideWindow {
        /// Height of the call.
        height: u64,
        /// First block allowed.
        from: u64,
        /// First block no longer allowed; the largest number where there is none.
        until: u64,
    },
    /// A winner is not where the walk stands, or a refund is not what is due (2046).
    #[error("not what the walk says: winners go in order, refunds are price times losing tickets")]
    Sequence,
    /// No tickets, too many tickets, or an entry that does not exist or was refunded (2048).
    #[error("expected an entry of the sale, and from 1 to {most} tickets")]
    Input {
        /// Most tickets of a wallet.
        most: u64,
    },
    /// The wallet has an entry (10001).
    #[error("a wallet registers once for a sale")]
    AlreadyRegistered,
    /// The sale has no tickets, or so few were registered that the walk has no step.
    #[error("the walk is not defined: the sale has no tickets, or hardly any were registered")]
    NoWalk,
    /// More winners than tickets, which the contract finds out when it has no tokens left to send.
    #[error("{won} winners for {tickets} tickets")]
    Oversold {
        /// Winners, these included.
        won: u64,
        /// Tickets on sale.
        tickets: u64,
    },
    /// An amount would not fit the ledger.
    #[error("the amount would exceed what the ledger can hold")]
    Overflow,
    /// The bootstrapping pool's terms are not those of a pool.
    #[error(
        "expected weights above 0 and below 1 that do not rise, an end after the start, and ordered price bounds"
    )]
    Terms,
    /// The bootstrapping pool has ended (2011).
    #[error("the pool ended with block {expiry}, it is block {height}")]
    Expired {
        /// Last block.
        expiry: u64,
        /// Height of the call.
        height: u64,
    },
    /// The output is not above the least that is taken (2020).
    #[error("the output would be {found}, not above {least}")]
    BelowLimit {
        /// The output.
        found: f64,
        /// The least, itself excluded.
        least: f64,
    },
    /// The price of the trade is outside the pool's bounds (2021 below, 2022 above).
    #[error("the trade is at {price}, expected a price from {lowest} to {highest}")]
    PriceOutOfBounds {
        /// y per x of this trade.
        price: f64,
        /// Lowest price allowed.
        lowest: f64,
        /// Highest price allowed.
        highest: f64,
    },
    /// The weighted curve refuses (4001 input cap, 4002 output cap).
    #[error("{0}")]
    Swap(#[from] SwapError),
}

impl Refusal {
    /// The number with which the contracts answer; `None` where they have no such answer.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        Some(match self {
            Self::Schedule => 110,
            Self::NotAuthorized { .. } => 1000,
            Self::Expired { .. } => 2011,
            Self::BelowLimit { .. } => 2020,
            Self::PriceOutOfBounds { price, lowest, .. } => {
                if price < lowest {
                    2021
                } else {
                    2022
                }
            }
            Self::NoMoreClaims => 2031,
            Self::ThresholdNotReached { .. } => 2036,
            Self::OutsideWindow { .. } => 2042,
            Self::Sequence => 2046,
            Self::Input { .. } => 2048,
            Self::Swap(SwapError::MaxInRatio) => 4001,
            Self::Swap(SwapError::MaxOutRatio) => 4002,
            Self::AlreadyRegistered => 10_001,
            Self::NoWalk | Self::Oversold { .. } | Self::Overflow | Self::Terms | Self::Swap(_) => {
                return None;
            }
        })
    }
}
