//! f(x) protocol v1: one collateral, two claims.
//!
//! Deposited ETH backs a low-volatility token (fETH) and a leveraged one (xETH):
//!
//! `n * s = nf * f + nx * x`
//!
//! fETH takes the share `beta` of each price move since the last settlement, xETH is the residual claim on all the rest.
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | `n` | [`Holdings::collateral`] | ETH (unwrapped) | treasury balance |
//! | `nf`, `nx` | [`Holdings::feth_supply`], [`Holdings::xeth_supply`] | tokens | token supplies |
//! | `s` | `price` | USD per ETH | oracle |
//! | `f`, `x` | [`Valuation::feth_nav`], [`Valuation::xeth_nav`] | USD per token | derived |
//! | `f0`, `s0` | [`Mark::feth_nav`], [`Mark::price`] | USD | stored at settlement |
//! | `beta` | [`Rules::beta`] | 1 | governance |
//! | `CR` | [`Valuation::collateral_ratio`] | 1 | `n s / (nf f)` |
//!
//! What is stored is small ([`Mark`]); the collateral and the supplies live in the ledger and come in with each call
//! ([`Holdings`]). Every verb is `state in -> Outcome out`: the next state and each amount that moved. A refused verb
//! returns a [`Refusal`] and no state.
//!
//! Sources: the f(x) white paper (May 2023) and the contracts `AladdinDAO/aladdin-v3-contracts` at `814b87c` (here
//! "head") and at the parent of `40f56e7` ("era A", the last with a protocol rebalance).
//!
//! # Path dependence
//!
//! fETH is linear between settlements and compounds at them, so what a fall costs depends on how often it was settled:
//!
//! ```
//! use ballast::protocol::fx::{Conditions, Rules, State, mint_genesis, settle};
//!
//! let rules = Rules { initial_mint_ratio: 0.2, ..Rules::deployed_2023() };
//! let start = Conditions::at_price(2000.0, 0);
//! let genesis = mint_genesis(&State::at_price(2000.0, 0), &rules, &start, 300.0)?.next;
//! // One settlement of 2000 -> 900 marks fETH at 1 - 0.1 * 0.55.
//! let once = settle(&genesis, &rules, &Conditions::at_price(900.0, 3600))?;
//! assert!((once.mark.feth_nav - 0.945).abs() < 1e-12);
//! // Settled half-way as well, at 1450, it falls further: the difference is -beta (1 - beta) a b for returns a and b.
//! let half = settle(&genesis, &rules, &Conditions::at_price(1450.0, 1800))?;
//! let twice = settle(&half, &rules, &Conditions::at_price(900.0, 3600))?;
//! let (a, b) = (1450.0 / 2000.0 - 1.0, 900.0 / 1450.0 - 1.0);
//! assert!((twice.mark.feth_nav - once.mark.feth_nav + 0.1 * 0.9 * a * b).abs() < 1e-12);
//! # Ok::<(), ballast::protocol::fx::Refusal>(())
//! ```

mod boostable_pool;
mod ema;
mod fees;
mod harvest;
mod incentive;
mod mint;
mod mode;
mod nav;
mod oracle;
mod pool_product;
mod rebalance_pool;
mod recapitalisation;
mod redeem;
mod refusal;
mod rules;
mod settle;
mod state;
mod stream;
mod threshold;
mod trade;

pub use boostable_pool::{BOOST_FLOOR, BoostLiquidation, BoostPosition, BoostablePool, boost_ratio};
pub use ema::{LeverageEma, natural_exponential};
pub use fees::{FeePair, blended_redeem_fee_ratio, mint_fee};
pub use harvest::{HarvestOutcome, harvest};
pub use incentive::{
    add_base, protocol_rebalance, quote_protocol_rebalance, reserve_rebalance, user_rebalance,
};
pub use mint::{mint_feth, mint_genesis, mint_xeth};
pub use mode::StressMode;
pub use nav::{Valuation, feth_multiple, leverage_contract, leverage_white_paper, residual_value};
pub use oracle::{OraclePrice, PriceUse};
pub use pool_product::{ClosedSums, Product, RewardSums, SumHistory};
pub use rebalance_pool::{Claim, PoolLiquidation, PoolRules, RebalancePool, StakePosition};
pub use recapitalisation::{Recapitalisation, quote_feth_to_redeem, quote_xeth_to_mint, recapitalise};
pub use redeem::{redeem_feth, redeem_xeth};
pub use refusal::Refusal;
pub use rules::{
    Fees, Generation, HarvestRules, Incentives, Pauses, RuleError, Rules, Thresholds, UnderCollateral,
};
pub use settle::settle;
pub use state::{Conditions, Holdings, Mark, Outcome, State};
pub use stream::{PooledReward, Stream, TopUp};
pub use threshold::{
    Maximum, max_liquidatable, max_mintable_feth, max_mintable_xeth, max_mintable_xeth_with_incentive,
    max_redeemable_feth, max_redeemable_xeth,
};
pub use trade::{
    feth_minted, liquidation_proceeds, minted_in_proportion, redemption_proceeds, xeth_minted,
    xeth_minted_with_incentive,
};

#[cfg(test)]
mod tests;
