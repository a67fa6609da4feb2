//! ALEX collateral rebalancing pool: a loan without margin calls.
//!
//! A borrower pays risky collateral `x` in. The pool keeps a part of it, sells the rest for the loan token `y`, and
//! mints as many *yield tokens* (one `y` each at expiry) as the loan-to-value ratio allows, and the same number of *key
//! tokens* (what is left after the yield tokens). Until expiry the pool is a weighted pool whose weight of `x` follows the
//! delta of a call on the collateral: arbitrageurs sell its collateral when the price falls and buy it back when it rises.
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | `x`, `y` | [`Pool::balance_x`], [`Pool::balance_y`] | collateral, loan tokens | pool record |
//! | `S` | `spot` | loan tokens per collateral token | resilient oracle of the exchange |
//! | `K` | [`Pool::strike`] | as `S` | fixed at creation |
//! | `w` | [`Pool::weight_x`] | share of value | stored by the previous trade |
//! | `V` | [`Pool::value_in_token`] | loan tokens | `x S + y` |
//! | `LTV` | [`Pool::loan_to_value`] | 1 | yield tokens at face value `/ V` |
//! | `s` | [`Terms::volatility`] | 1 / sqrt(year) | pool record |
//! | `m` | [`Terms::moving_average`] | share of the *old* weight | pool record |
//! | `M` | [`Terms::token_to_maturity_blocks`] | blocks | pool record |
//! | `h` | `height` | blocks of ten minutes, 52,560 a year | chain |
//!
//! Two texts share the name and differ where it matters, so every [`Terms`] carries its [`Profile`]:
//!
//! | | [`Profile::Contract`] | [`Profile::Whitepaper`] |
//! |---|---|---|
//! | moneyness | `S/K - 1`, drift added before the reflection | `ln(S/K)` |
//! | normal law | four-term approximation of erf, eight decimals | exact |
//! | weight of the next trade | written by each trade, from the balances before it | [`update_weight`], once a period |
//! | at conversion LTV | weight forced to 5 %, not absorbing | all `x` sold at market, frozen for the rest of the term |
//! | bounds of the weight | at most 95 % | none |
//! | before expiry | blends into `weight_y = LTV` | nothing |
//! | shortage at expiry | covered 1.1 times, reserve pays in `x`, or nobody is paid | reserve pays in `y`, the rest is a haircut |
//!
//! Every verb is `state in -> (state, amounts) out`. What a verb trades *outside* the pool is two steps: a `plan_*` says
//! what to sell, the caller sells it where it stands and reports the proceeds. A refused verb returns a [`Refusal`].
//!
//! Sources: the ALEX white papers and the contract `collateral-rebalancing-pool-v1` of `alexgo-io/alex-v1` at `5146658f`.
//!
//! # One loan
//!
//! ```
//! use ballast::protocol::crp::{self, Terms};
//!
//! // 75 % for a quarter of a year, strike a quarter of the way from the price to the debt.
//! let terms = Terms { moving_average: 0.9, ..Terms::mainnet(13_140.0) };
//! let empty = crp::create(&terms, 1.0, 0.0)?;
//! assert_eq!(empty.strike, 0.9375);
//! let plan = crp::plan_join(&empty, &terms, 1.0, 0.0, 100.0, f64::INFINITY)?;
//! assert_eq!(plan.minted, 75.0);
//! // The market takes the rest of the collateral at the price, less what it costs.
//! let pool = crp::join(&empty, &plan, plan.sell_x * 0.997)?;
//! assert!(pool.loan_to_value(&terms, 1.0)? > 0.75);
//! // The price falls: the pool still quotes at the weights of the last trade, so there is nothing to do at its own price,
//! // and much at the market's.
//! let trade = crp::arbitrage_trade(&pool, &terms, 0.9).unwrap();
//! let swapped = crp::swap_x_for_y(&pool, &terms, 0.9, 144.0, trade.amount_in)?;
//! assert!(swapped.next.weight_x < pool.weight_x);
//! # Ok::<(), crp::Refusal>(())
//! ```

mod conversion;
mod delta;
mod eight_decimals;
mod join;
mod leverage;
mod loan;
mod pool;
mod redemption;
mod refusal;
mod settlement;
mod swap;
mod terms;
mod weight;

pub use conversion::{convert, is_at_conversion, plan_conversion};
pub use delta::{
    call_delta, curve_value_factor, d1, log_moneyness, rebalancing_cost, rebalancing_factor, smoothed,
};
pub use join::{JoinPlan, join, plan_join, size_to_quote};
pub use leverage::{loop_leverage, margin_gross, roll_gross, unlimited_loop_leverage};
pub use loan::{LoanOutcome, LoanTrack, is_default, shortfall};
pub use pool::{KeyPosition, Pool, create};
pub use redemption::{Redeemed, redeem_key, redeem_yield, tokens_of_share};
pub use refusal::Refusal;
pub use settlement::{Sale, Settled, plan_sale, settle, yield_short_of};
pub use swap::{
    Swapped, arbitrage_trade, marginal_price, quote_x_for_y, quote_x_to_price, quote_y_for_x,
    quote_y_to_price, swap_x_for_y, swap_y_for_x,
};
pub use terms::{BLOCKS_PER_YEAR, Profile, TermError, Terms};
pub use weight::{
    CONTRACT_WEIGHT_CAP, FORCED_WEIGHT, initial_weight, next_weight, target_weight, update_weight,
};

#[cfg(test)]
mod tests;
