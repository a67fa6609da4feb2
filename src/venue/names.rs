//! Short names for what is asked and why it is refused: stable words by which rows of the event log are grouped.

use super::book::{BookAction, BookId, BookRefusal};
use super::exchange::{ExchangeRefusal, Order};
use super::governance::{GovernAction, GovernRefusal};
use super::issuance::IssuanceRefusal;
use super::launch::{LaunchAction, LaunchId, LaunchRefusal};
use super::lending::{LendAction, LoanMarketId};
use super::pool::{PoolAction, PoolId, PoolRefusal};
use super::stake_pools::{EmissionPoolId, StakeAction, StakeRefusal};
use super::token_loans::{DeskAction, DeskRefusal};
use super::treasury::FxAction;
use super::wallets::{WalletAction, WalletRefusal};
use super::{Action, Refusal, Venues};
use crate::protocol::amm::SwapError;
use crate::protocol::governance::{MeasureError, ParameterError, VoteError};
use crate::protocol::{crp, fx, launchpad, order_book, staking, yield_token};
use crate::quantity::AmountError;
use crate::world::ledger::LedgerError;

/// Where an action takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The outside market.
    Exchange,
    /// A pool.
    Pool(PoolId),
    /// The f(x) treasury.
    Treasury,
    /// The ballot.
    Governance,
    /// A loan market.
    Loan(LoanMarketId),
    /// An order book.
    Book(BookId),
    /// A staking pool.
    Staking(EmissionPoolId),
    /// A launch.
    Launch(LaunchId),
    /// The desk for loans of the governance token.
    Desk,
    /// The network, which takes gas and priority fees.
    Network,
}

impl Action {
    /// A short name that stays: `swap`, `mint_feth`, `buy`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Exchange(Order::Buy { .. }) => "buy",
            Self::Exchange(Order::Sell { .. }) => "sell",
            Self::Pool(PoolAction::Swap { .. }) => "swap",
            Self::Pool(PoolAction::SwapExactOut { .. }) => "swap_exact_out",
            Self::Pool(PoolAction::SwapToPrice { .. }) => "swap_to_price",
            Self::Pool(PoolAction::AddLiquidity { .. }) => "add_liquidity",
            Self::Pool(PoolAction::RemoveLiquidity { .. }) => "remove_liquidity",
            Self::Pool(PoolAction::RequestWithdrawal { .. }) => "request_withdrawal",
            Self::Pool(PoolAction::CancelWithdrawal { .. }) => "cancel_withdrawal",
            Self::Pool(PoolAction::Commit { .. }) => "commit_liquidity",
            Self::Pool(PoolAction::Leave { .. }) => "leave_commitment",
            Self::Fx(action) => fx_name(action),
            Self::Govern(action) => govern_name(action),
            Self::Lend(action) => lend_name(action),
            Self::Book(BookAction::Limit { .. }) => "limit_order",
            Self::Book(BookAction::Market { .. }) => "market_order",
            Self::Book(BookAction::Cancel { .. }) => "cancel",
            Self::Book(BookAction::CancelAll { .. }) => "cancel_all",
            Self::Launch(LaunchAction::Register { .. }) => "register",
            Self::Launch(LaunchAction::Claim { .. }) => "claim",
            Self::Wallet(action) => wallet_name(action),
            Self::Stake(action) => stake_name(action),
            Self::Desk(action) => desk_name(action),
        }
    }

    /// Where it takes place.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Exchange(_) => Place::Exchange,
            Self::Pool(action) => Place::Pool(action.pool()),
            Self::Fx(_) => Place::Treasury,
            Self::Govern(_) => Place::Governance,
            Self::Lend(action) => Place::Loan(action.market()),
            Self::Book(action) => Place::Book(action.book()),
            Self::Launch(action) => Place::Launch(action.launch()),
            Self::Wallet(action) => match action.pool() {
                Some(pool) => Place::Pool(pool),
                None => Place::Network,
            },
            Self::Stake(action) => Place::Staking(action.pool()),
            Self::Desk(_) => Place::Desk,
        }
    }
}

impl Venues {
    /// What a place is called; nothing where there is no such place.
    #[must_use]
    pub fn place_name(&self, place: Place) -> &str {
        match place {
            Place::Exchange => "exchange",
            Place::Pool(PoolId(id)) => self.pools.get(usize::from(id)).map_or("", |pool| &pool.name),
            Place::Treasury => "treasury",
            Place::Loan(LoanMarketId(id)) => {
                self.loans.get(usize::from(id)).map_or("", |market| &market.name)
            }
            Place::Book(BookId(id)) => self.books.get(usize::from(id)).map_or("", |book| &book.terms.name),
            Place::Staking(pool) => self.stakes.pool(pool).map_or("", |pool| &pool.name),
            Place::Launch(LaunchId(id)) => {
                self.launches.get(usize::from(id)).map_or("", |launch| &launch.terms.name)
            }
            Place::Governance => "governance",
            Place::Desk => "token_loans",
            Place::Network => "network",
        }
    }
}

/// What is done through a further wallet has a name of its own, so that dodging a cap shows in the log.
const fn wallet_name(action: &WalletAction) -> &'static str {
    match action {
        WalletAction::Open { .. } => "open_wallet",
        WalletAction::AddLiquidity { .. } => "add_liquidity_from_wallet",
        WalletAction::RemoveLiquidity { .. } => "remove_liquidity_from_wallet",
        WalletAction::RequestWithdrawal { .. } => "request_withdrawal_from_wallet",
        WalletAction::CancelWithdrawal { .. } => "cancel_withdrawal_from_wallet",
    }
}

const fn fx_name(action: &FxAction) -> &'static str {
    match action {
        FxAction::MintFeth { .. } => "mint_feth",
        FxAction::MintXeth { .. } => "mint_xeth",
        FxAction::RedeemFeth { .. } => "redeem_feth",
        FxAction::RedeemXeth { .. } => "redeem_xeth",
        FxAction::AddCollateral { .. } => "add_collateral",
        FxAction::Liquidate { .. } => "liquidate",
        FxAction::Settle => "settle",
        FxAction::ProtocolRebalance => "protocol_rebalance",
        FxAction::LiquidateRebalancePool => "liquidate_rebalance_pool",
        FxAction::Harvest => "harvest",
        FxAction::StakeFeth { .. } => "stake_feth",
        FxAction::UnstakeFeth { .. } => "unstake_feth",
        FxAction::CollectStake => "collect_stake",
    }
}

const fn govern_name(action: &GovernAction) -> &'static str {
    match action {
        GovernAction::Propose { .. } => "propose",
        GovernAction::Vote { .. } => "vote",
        GovernAction::Reclaim => "reclaim",
        GovernAction::Delegate { .. } => "delegate",
        GovernAction::Cancel { .. } => "cancel",
        GovernAction::OfferBribe { .. } => "offer_bribe",
        GovernAction::Veto { .. } => "veto",
        GovernAction::Suspend => "suspend",
        GovernAction::Execute { .. } => "execute",
    }
}

const fn lend_name(action: &LendAction) -> &'static str {
    match action {
        LendAction::Join { .. } => "join",
        LendAction::JoinLevered { .. } => "join_levered",
        LendAction::SellYield { .. } => "sell_yield",
        LendAction::BuyYield { .. } => "buy_yield",
        LendAction::Provide { .. } => "provide",
        LendAction::Withdraw { .. } => "withdraw",
        LendAction::Rebalance { .. } => "rebalance_collateral",
        LendAction::RedeemYield { .. } => "redeem_yield",
        LendAction::RedeemKey { .. } => "redeem_key",
    }
}

const fn stake_name(action: &StakeAction) -> &'static str {
    match action {
        StakeAction::Register { .. } => "register",
        StakeAction::Stake { .. } => "stake",
        StakeAction::Claim { .. } => "claim_stake",
        StakeAction::VaultDeposit { .. } => "vault_deposit",
        StakeAction::VaultRoll { .. } => "vault_roll",
        StakeAction::VaultRedeem { .. } => "vault_redeem",
    }
}

const fn desk_name(action: &DeskAction) -> &'static str {
    match action {
        DeskAction::Offer { .. } => "offer_tokens",
        DeskAction::TakeBack { .. } => "take_back_tokens",
        DeskAction::Collect => "collect_loan_fees",
        DeskAction::Borrow { .. } => "borrow_tokens",
        DeskAction::Return => "return_tokens",
    }
}

impl Refusal {
    /// A short name that stays, by which refusals are counted: `insufficient_balance`, `slippage`. The sentence with the
    /// figures is the [`std::fmt::Display`] of the refusal.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Ledger(refusal) => ledger_reason(refusal),
            Self::Exchange(refusal) => exchange_reason(refusal),
            Self::Pool(refusal) => pool_reason(refusal),
            Self::Book(refusal) => book_reason(refusal),
            Self::Launch(refusal) => launch_reason(refusal),
            Self::Fx(refusal) => fx_reason(refusal),
            Self::Amount(refusal) => amount_reason(refusal),
            Self::Dust => "dust",
            Self::NoMarket => "no_market",
            Self::NothingToRebalance => "nothing_to_rebalance",
            Self::NoRebalancePool => "no_rebalance_pool",
            Self::Governance(refusal) => govern_reason(refusal),
            Self::Paused { .. } => "paused",
            Self::NoTreasury => "no_treasury",
            Self::Loan(refusal) => loan_reason(refusal),
            Self::Rate(refusal) => rate_reason(refusal),
            Self::Issuance(refusal) => issuance_reason(refusal),
            Self::Stake(refusal) => stake_reason(refusal),
            Self::Desk(refusal) => desk_reason(refusal),
            Self::NoLoanMarket => "no_loan_market",
            Self::NotSettled => "not_settled",
            Self::FlashUnpaid => "flash_unpaid",
            Self::Wallet(WalletRefusal::NoneLeft { .. }) => "no_wallet_left",
            Self::Wallet(WalletRefusal::NotOpen { .. }) => "wallet_not_open",
            Self::GainTooSmall { .. } => "gain_too_small",
        }
    }
}

const fn pool_reason(refusal: &PoolRefusal) -> &'static str {
    match refusal {
        PoolRefusal::Curve(refusal) => curve_reason(refusal),
        PoolRefusal::Slippage { .. } => "slippage",
        PoolRefusal::TooDear { .. } => "too_dear",
        PoolRefusal::AtLimit => "at_limit",
        PoolRefusal::Dust => "dust",
        PoolRefusal::Empty => "empty_pool",
        PoolRefusal::AboveCap { .. } => "above_cap",
        PoolRefusal::UseGate => "use_gate",
        PoolRefusal::NoGate => "no_gate",
        PoolRefusal::AlreadyWaiting { .. } => "already_waiting",
        PoolRefusal::NotWaiting => "not_waiting",
        PoolRefusal::NoInsurance => "no_insurance",
        PoolRefusal::CommitmentLength { .. } => "commitment_length",
        PoolRefusal::AlreadyCommitted { .. } => "already_committed",
        PoolRefusal::NotCommitted => "not_committed",
        PoolRefusal::StillCommitted { .. } => "still_committed",
        PoolRefusal::OffAverage => "price_off_average",
    }
}

const fn book_reason(refusal: &BookRefusal) -> &'static str {
    match refusal {
        BookRefusal::Orders(refusal) => order_reason(refusal),
        BookRefusal::NoBook => "no_book",
        BookRefusal::NothingTrades => "nothing_trades",
        BookRefusal::Slippage { .. } => "slippage",
        BookRefusal::TooLarge => "amount_too_large",
    }
}

const fn launch_reason(refusal: &LaunchRefusal) -> &'static str {
    match refusal {
        LaunchRefusal::Sale(refusal) => sale_reason(refusal),
        LaunchRefusal::NoLaunch => "no_launch",
        LaunchRefusal::NotRegistered => "not_registered",
        LaunchRefusal::NotDrawn { .. } => "not_drawn",
        LaunchRefusal::Claimed => "claimed",
    }
}

const fn sale_reason(refusal: &launchpad::Refusal) -> &'static str {
    match refusal {
        launchpad::Refusal::Schedule => "bad_schedule",
        launchpad::Refusal::NotAuthorized { .. } => "not_authorized",
        launchpad::Refusal::NoMoreClaims => "no_more_winners",
        launchpad::Refusal::ThresholdNotReached { .. } => "threshold_not_reached",
        launchpad::Refusal::OutsideWindow { .. } => "outside_window",
        launchpad::Refusal::Sequence => "out_of_sequence",
        launchpad::Refusal::Input { .. } => "bad_tickets",
        launchpad::Refusal::AlreadyRegistered => "already_registered",
        launchpad::Refusal::NoWalk => "no_walk",
        launchpad::Refusal::Oversold { .. } => "oversold",
        launchpad::Refusal::Overflow => "overflow",
        launchpad::Refusal::Terms => "bad_terms",
        launchpad::Refusal::Expired { .. } => "expired",
        launchpad::Refusal::BelowLimit { .. } => "slippage",
        launchpad::Refusal::PriceOutOfBounds { .. } => "price_out_of_bounds",
        launchpad::Refusal::Swap(refusal) => curve_reason(refusal),
    }
}

const fn order_reason(refusal: &order_book::Refusal) -> &'static str {
    match refusal {
        order_book::Refusal::NoLots => "no_lots",
        order_book::Refusal::NoPrice => "bad_price",
        order_book::Refusal::WouldTrade { .. } => "would_trade",
        order_book::Refusal::NotFound => "no_such_order",
        order_book::Refusal::NotOwner => "not_owner",
        order_book::Refusal::Full => "book_full",
    }
}

const fn govern_reason(refusal: &GovernRefusal) -> &'static str {
    match refusal {
        GovernRefusal::NoGovernance => "no_governance",
        GovernRefusal::TooManyOpen { .. } => "too_many_open",
        GovernRefusal::Collides { .. } => "collides",
        GovernRefusal::CoolingDown { .. } => "cooling_down",
        GovernRefusal::Suspended { .. } => "suspended",
        GovernRefusal::BelowThreshold { .. } => "below_threshold",
        GovernRefusal::NotTeam => "not_team",
        GovernRefusal::NoSuchRight => "no_such_right",
        GovernRefusal::AlreadyCalled => "already_called",
        GovernRefusal::Measure(refusal) => measure_reason(refusal),
        GovernRefusal::NoSuchProposal => "no_such_proposal",
        GovernRefusal::NotYours => "not_yours",
        GovernRefusal::NotAvailable { .. } => "not_available",
        GovernRefusal::OwnDelegate => "own_delegate",
        GovernRefusal::NothingToReclaim => "nothing_to_reclaim",
        GovernRefusal::BadOffer => "bad_offer",
        GovernRefusal::Vote(refusal) => vote_reason(refusal),
    }
}

const fn ledger_reason(refusal: &LedgerError) -> &'static str {
    match refusal {
        LedgerError::InsufficientBalance { .. } => "insufficient_balance",
        LedgerError::NegativeAmount => "negative_amount",
        LedgerError::Overflow => "overflow",
        LedgerError::NotIssuer => "not_issuer",
        LedgerError::NotBridged => "not_bridged",
    }
}

const fn issuance_reason(refusal: &IssuanceRefusal) -> &'static str {
    match refusal {
        IssuanceRefusal::NotAllotted => "not_allotted",
        IssuanceRefusal::NoMarket => "no_token_market",
        IssuanceRefusal::GoesOn { .. } => "program_goes_on",
        IssuanceRefusal::Nothing { .. } => "nothing_to_sell_or_spend",
        IssuanceRefusal::Hours { .. } => "hours_out_of_range",
        IssuanceRefusal::Price { .. } => "least_price_out_of_range",
    }
}

const fn exchange_reason(refusal: &ExchangeRefusal) -> &'static str {
    match refusal {
        ExchangeRefusal::NotListed => "not_listed",
        ExchangeRefusal::Dust => "dust",
        ExchangeRefusal::TooLarge => "too_large",
    }
}

const fn curve_reason(refusal: &SwapError) -> &'static str {
    match refusal {
        SwapError::Amount => "bad_amount",
        SwapError::Reserves => "bad_reserves",
        SwapError::Weight => "bad_weight",
        SwapError::Amplification => "bad_amplification",
        SwapError::Fee => "bad_fee",
        SwapError::Price => "bad_price",
        SwapError::Coin => "bad_coin",
        SwapError::InsufficientLiquidity => "insufficient_liquidity",
        SwapError::MaxInRatio => "input_above_limit",
        SwapError::MaxOutRatio => "output_above_limit",
        SwapError::Dust => "dust",
        SwapError::InvariantFalls => "invariant_falls",
        SwapError::Overflow => "overflow",
        SwapError::PriceOutOfReach => "price_out_of_reach",
        SwapError::NoConvergence => "no_convergence",
        SwapError::Slippage => "slippage",
    }
}

const fn fx_reason(refusal: &fx::Refusal) -> &'static str {
    match refusal {
        fx::Refusal::NotPositive { .. } => "not_positive",
        fx::Refusal::MintPaused => "mint_paused",
        fx::Refusal::RedeemPaused => "redeem_paused",
        fx::Refusal::AlreadyInitialised { .. } => "already_initialised",
        fx::Refusal::OracleInvalid => "oracle_invalid",
        fx::Refusal::PriceNotPositive { .. } => "price_not_positive",
        fx::Refusal::MultipleOutOfRange { .. } => "multiple_out_of_range",
        fx::Refusal::UnderCollateral { .. } => "under_collateral",
        fx::Refusal::MintsOffUnderWater { .. } => "mints_off_under_water",
        fx::Refusal::XethWorthless => "xeth_worthless",
        fx::Refusal::DivisionByZero { .. } => "division_by_zero",
        fx::Refusal::LeverageNegative { .. } => "leverage_negative",
        fx::Refusal::FethMintPausedInStress { .. } => "feth_mint_paused_in_stress",
        fx::Refusal::XethRedeemPausedInStress { .. } => "xeth_redeem_paused_in_stress",
        fx::Refusal::NotInStabilityMode { .. } => "not_in_stability_mode",
        fx::Refusal::NotInUserRebalanceMode { .. } => "not_in_user_rebalance_mode",
        fx::Refusal::NotInProtocolRebalanceMode { .. } => "not_in_protocol_rebalance_mode",
        fx::Refusal::NotOffered { .. } => "not_offered",
        fx::Refusal::RebalanceWithLoss { .. } => "rebalance_with_loss",
        fx::Refusal::CapExceeded { .. } => "cap_exceeded",
        fx::Refusal::InsufficientSupply { .. } => "insufficient_supply",
        fx::Refusal::TargetTooSmall { .. } => "target_too_small",
        fx::Refusal::PoolCannotLiquidate { .. } => "pool_cannot_liquidate",
        fx::Refusal::NoDeposit => "no_deposit",
        fx::Refusal::UnlockedWaiting { .. } => "unlocked_waiting",
        fx::Refusal::StillLocked { .. } => "still_locked",
        fx::Refusal::NothingToWithdraw => "nothing_to_withdraw",
        fx::Refusal::NoYield { .. } => "no_yield",
    }
}

const fn loan_reason(refusal: &crp::Refusal) -> &'static str {
    match refusal {
        crp::Refusal::NotPositive { .. } => "not_positive",
        crp::Refusal::Terms(..) => "bad_terms",
        crp::Refusal::PriceOutOfReach { .. } => "price_out_of_reach",
        crp::Refusal::NoLiquidity { .. } => "no_liquidity",
        crp::Refusal::Expired { .. } => "expired",
        crp::Refusal::NotExpired { .. } => "not_expired",
        crp::Refusal::LoanToValueTooHigh { .. } => "loan_to_value_too_high",
        crp::Refusal::AtCapacity { .. } => "at_capacity",
        crp::Refusal::ReserveShort { .. } => "reserve_short",
        crp::Refusal::InvalidShare { .. } => "invalid_share",
        crp::Refusal::MaxInput { .. } => "input_above_limit",
        crp::Refusal::MaxOutput { .. } => "output_above_limit",
        crp::Refusal::Curve(refusal) => curve_reason(refusal),
        crp::Refusal::BelowLimit { .. } => "slippage",
        crp::Refusal::Converted { .. } => "converted",
        crp::Refusal::BelowConversion { .. } => "below_conversion",
        crp::Refusal::NotOffered { .. } => "not_offered",
        crp::Refusal::DivisionByZero { .. } => "division_by_zero",
        crp::Refusal::NoTimeLeft { .. } => "no_time_left",
    }
}

const fn rate_reason(refusal: &yield_token::Refusal) -> &'static str {
    match refusal {
        yield_token::Refusal::Amount => "bad_amount",
        yield_token::Refusal::Reserves => "bad_reserves",
        yield_token::Refusal::Terms => "bad_terms",
        yield_token::Refusal::Price => "bad_price",
        yield_token::Refusal::Balance => "negative_rate",
        yield_token::Refusal::NoLiquidity => "no_liquidity",
        yield_token::Refusal::NothingMoves => "dust",
        yield_token::Refusal::Expiry => "expired",
        yield_token::Refusal::TimeScale => "bad_time_scale",
        yield_token::Refusal::YieldTokensShort => "yield_tokens_short",
        yield_token::Refusal::Slippage => "slippage",
        yield_token::Refusal::MoreThanWhole => "more_than_whole",
        yield_token::Refusal::MaxInRatio => "input_above_limit",
        yield_token::Refusal::MaxOutRatio => "output_above_limit",
        yield_token::Refusal::NoTimeLeft => "no_time_left",
    }
}

const fn stake_reason(refusal: &StakeRefusal) -> &'static str {
    match refusal {
        StakeRefusal::Rules(refusal) => staking_reason(refusal),
        StakeRefusal::NoSuchPool => "no_staking_pool",
        StakeRefusal::NoRegistration => "no_registration",
        StakeRefusal::NoVault => "no_vault",
        StakeRefusal::NothingDue => "nothing_due",
        StakeRefusal::StillVoting { .. } => "still_voting",
        StakeRefusal::CommunityEmpty { .. } => "community_empty",
    }
}

const fn staking_reason(refusal: &staking::Refusal) -> &'static str {
    match refusal {
        staking::Refusal::NotActive { .. } => "staking_not_active",
        staking::Refusal::AlreadyRegistered => "already_registered",
        staking::Refusal::UnknownStaker => "unknown_staker",
        staking::Refusal::Lock { .. } => "lock_out_of_range",
        staking::Refusal::NothingStaked | staking::Refusal::NothingDeposited => "not_positive",
        staking::Refusal::CycleNotCompleted { .. } => "cycle_not_completed",
        staking::Refusal::BeyondHorizon { .. } => "beyond_horizon",
        staking::Refusal::Overflow => "overflow",
        staking::Refusal::VaultEnded { .. } => "vault_ended",
        staking::Refusal::VaultNotStarted => "vault_not_started",
        staking::Refusal::RoundsToNothing { .. } => "dust",
        staking::Refusal::NoBase => "no_base",
        staking::Refusal::BelowBounty => "below_bounty",
        staking::Refusal::Paused => "vault_paused",
        staking::Refusal::NotRolled { .. } => "not_rolled",
        staking::Refusal::Share => "share_out_of_range",
    }
}

const fn desk_reason(refusal: &DeskRefusal) -> &'static str {
    match refusal {
        DeskRefusal::NoDesk => "no_desk",
        DeskRefusal::NoPrice => "no_token_market",
        DeskRefusal::Lent { .. } => "tokens_lent",
        DeskRefusal::NotOffered { .. } => "not_offered",
        DeskRefusal::HasLoan { .. } => "has_token_loan",
        DeskRefusal::NoLoan => "no_token_loan",
        DeskRefusal::NothingDue => "nothing_due",
    }
}

const fn amount_reason(refusal: &AmountError) -> &'static str {
    match refusal {
        AmountError::NotFinite(..) => "amount_not_finite",
        AmountError::Negative(..) => "negative_amount",
        AmountError::TooLarge(..) => "amount_too_large",
    }
}

const fn measure_reason(refusal: &MeasureError) -> &'static str {
    match refusal {
        MeasureError::Parameter(refusal) => parameter_reason(refusal),
        MeasureError::NoChange => "no_change",
        MeasureError::Hours { .. } => "hours_out_of_bounds",
        MeasureError::Amount { .. } => "amount_out_of_bounds",
        MeasureError::NoVenue(..) => "no_such_venue",
        MeasureError::NoMarket => "no_token_market",
        MeasureError::Busy => "sale_under_way",
        MeasureError::NoAccount(..) => "no_such_account",
        MeasureError::LastPhase => "last_phase",
        MeasureError::NotReady(..) => "phase_not_due",
    }
}

const fn parameter_reason(refusal: &ParameterError) -> &'static str {
    match refusal {
        ParameterError::Unknown(..) => "unknown_parameter",
        ParameterError::NotFinite => "value_not_finite",
        ParameterError::Fixed { .. } => "value_fixed",
        ParameterError::OutOfBounds { .. } => "value_out_of_bounds",
    }
}

const fn vote_reason(refusal: &VoteError) -> &'static str {
    match refusal {
        VoteError::NotOpen => "vote_not_open",
        VoteError::NoWeight => "vote_without_weight",
        VoteError::Overflow => "overflow",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Amount;

    #[test]
    fn the_reason_is_the_innermost_and_carries_no_figure() {
        let amounts = |atoms| Amount::from_atoms(atoms);
        let slippage =
            |wanted| Refusal::from(PoolRefusal::Slippage { wanted: amounts(wanted), found: amounts(1) });
        assert_eq!(slippage(2).reason(), "slippage");
        assert_eq!(slippage(3).reason(), slippage(2).reason());
        assert_ne!(slippage(3).to_string(), slippage(2).to_string());
        assert_eq!(Refusal::from(PoolRefusal::Curve(SwapError::MaxInRatio)).reason(), "input_above_limit");
        assert_eq!(Refusal::from(GovernRefusal::Vote(VoteError::NotOpen)).reason(), "vote_not_open");
        let needed = Refusal::from(LedgerError::InsufficientBalance { needed: amounts(2), held: amounts(1) });
        assert_eq!(needed.reason(), "insufficient_balance");
    }
}
