//! Why a verb was refused: a value with what was expected and what was found, never a state.

use thiserror::Error;

/// The reason for which an f(x) verb refuses, with the figures that decided it.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// An input is not a finite number above zero.
    #[error("{what} must be a finite number above zero, found {found}")]
    NotPositive {
        /// Which input.
        what: &'static str,
        /// Its value.
        found: f64,
    },
    /// Governance has paused all mints.
    #[error("minting is paused; wait until governance lifts the pause")]
    MintPaused,
    /// Governance has paused all redemptions.
    #[error("redemption is paused; wait until governance lifts the pause")]
    RedeemPaused,
    /// The genesis mint was asked for twice.
    #[error("genesis needs an empty treasury, found {collateral} ETH; use the single-sided mints")]
    AlreadyInitialised {
        /// Collateral held, in ETH.
        collateral: f64,
    },
    /// The oracle does not vouch for its price and the verb needs it to.
    #[error("the oracle price is marked invalid; mints wait until it is valid")]
    OracleInvalid,
    /// The oracle price the verb takes is not a positive number.
    #[error("expected an oracle price above zero, found {found}")]
    PriceNotPositive {
        /// The price, in USD.
        found: f64,
    },
    /// The price fell so far since the last settlement that fETH would be worth nothing (or rose past all bounds).
    #[error("fETH multiple {multiple} since the last settlement is outside (-1, 1e18); settle more often")]
    MultipleOutOfRange {
        /// `beta` times the return since the last settlement.
        multiple: f64,
    },
    /// The collateral is worth less than the fETH claims: the contracts freeze.
    #[error("collateral worth {collateral_usd} USD does not cover fETH claims of {claims_usd} USD")]
    UnderCollateral {
        /// `n s`.
        collateral_usd: f64,
        /// `nf f`, or what else was to be subtracted.
        claims_usd: f64,
    },
    /// Mints are off while fETH is under water (policy `BetaOne`).
    #[error(
        "mints are off while collateral of {collateral_usd} USD is below fETH claims of {claims_usd} USD"
    )]
    MintsOffUnderWater {
        /// `n s`.
        collateral_usd: f64,
        /// `nf f`.
        claims_usd: f64,
    },
    /// xETH is worth nothing (policy `BetaOne`).
    #[error("xETH has no value while the collateral does not exceed the fETH claims")]
    XethWorthless,
    /// A formula divides by this quantity and it is zero.
    #[error("{divisor} is zero, so the amount is not defined")]
    DivisionByZero {
        /// What is zero.
        divisor: &'static str,
    },
    /// The price rose so far since the last settlement that the contract's leverage would be negative.
    #[error("leverage is undefined: fETH would take {feth_share} of a price move, expected at most 1")]
    LeverageNegative {
        /// `rho beta (1 + r)`.
        feth_share: f64,
    },
    /// fETH cannot be minted at this collateral ratio.
    #[error("minting fETH needs a collateral ratio above {threshold}, found {collateral_ratio}")]
    FethMintPausedInStress {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The stability threshold.
        threshold: f64,
    },
    /// xETH cannot be redeemed at this collateral ratio.
    #[error("redeeming xETH needs a collateral ratio above {threshold}, found {collateral_ratio}")]
    XethRedeemPausedInStress {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The stability threshold.
        threshold: f64,
    },
    /// The collateral ratio is not in the band of the stability mode.
    #[error("stability mode needs a collateral ratio in [{lower}, {upper}), found {collateral_ratio}")]
    NotInStabilityMode {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The recapitalisation threshold.
        lower: f64,
        /// The stability threshold.
        upper: f64,
    },
    /// The collateral ratio is not in the band of the user rebalance.
    #[error("user rebalance needs a collateral ratio in [{lower}, {upper}), found {collateral_ratio}")]
    NotInUserRebalanceMode {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The recapitalisation threshold.
        lower: f64,
        /// The user-rebalance threshold.
        upper: f64,
    },
    /// The collateral ratio is not in the band of the protocol rebalance.
    #[error("protocol rebalance needs a collateral ratio in [{lower}, {upper}), found {collateral_ratio}")]
    NotInProtocolRebalanceMode {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The recapitalisation threshold.
        lower: f64,
        /// The protocol-rebalance threshold.
        upper: f64,
    },
    /// The verb does not exist in this generation of the protocol.
    #[error("this generation of the protocol has no {verb}")]
    NotOffered {
        /// The verb asked for.
        verb: &'static str,
    },
    /// A protocol rebalance would return less ETH than it spent.
    #[error("protocol rebalance spends {spent} ETH and would earn {earned} ETH; buy fETH cheaper")]
    RebalanceWithLoss {
        /// ETH sent to the market.
        spent: f64,
        /// ETH the burned fETH releases.
        earned: f64,
    },
    /// The deposit would lift the collateral above its cap.
    #[error("collateral would be {found} ETH, the cap is {cap} ETH")]
    CapExceeded {
        /// The cap, in ETH.
        cap: f64,
        /// The collateral after the deposit, in ETH.
        found: f64,
    },
    /// More tokens were to be burned than exist.
    #[error("asked to burn {asked} tokens, the supply is {supply}")]
    InsufficientSupply {
        /// Tokens to burn.
        asked: f64,
        /// Tokens in existence.
        supply: f64,
    },
    /// A distance to a collateral ratio at or below one was asked for.
    #[error("the target collateral ratio must exceed 1, found {found}")]
    TargetTooSmall {
        /// The target.
        found: f64,
    },
    /// A rebalance pool may not liquidate at this collateral ratio.
    #[error("the pool liquidates below a collateral ratio of {threshold}, found {collateral_ratio}")]
    PoolCannotLiquidate {
        /// The collateral ratio found.
        collateral_ratio: f64,
        /// The pool's threshold.
        threshold: f64,
    },
    /// The account has no deposit to unlock.
    #[error("there is no deposit to unlock")]
    NoDeposit,
    /// Unlocked fETH must be withdrawn before more can be unlocked.
    #[error("{waiting} fETH are unlocked and must be withdrawn before unlocking more")]
    UnlockedWaiting {
        /// fETH ready to be withdrawn.
        waiting: f64,
    },
    /// The unlock has not matured.
    #[error("the unlock matures at second {unlock_at}, it is second {now}")]
    StillLocked {
        /// When it matures, in seconds.
        unlock_at: i64,
        /// The time of the call, in seconds.
        now: i64,
    },
    /// There is nothing to withdraw.
    #[error("there is nothing to withdraw")]
    NothingToWithdraw,
    /// The treasury holds less than it accounts for, so there is no yield.
    #[error("the treasury holds {balance} tokens and accounts for {accounted}: no yield to harvest")]
    NoYield {
        /// Tokens held.
        balance: f64,
        /// Tokens accounted for.
        accounted: f64,
    },
}

/// Passes a finite number above zero through.
pub(super) fn positive(what: &'static str, found: f64) -> Result<f64, Refusal> {
    if found.is_finite() && found > 0.0 { Ok(found) } else { Err(Refusal::NotPositive { what, found }) }
}

/// Divides, or names the divisor that is zero.
pub(super) fn divide(numerator: f64, divisor: f64, name: &'static str) -> Result<f64, Refusal> {
    if divisor == 0.0 { Err(Refusal::DivisionByZero { divisor: name }) } else { Ok(numerator / divisor) }
}
