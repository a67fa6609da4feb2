//! Staking yield: it never touches the NAVs.
//!
//! The treasury accounts for `n` ETH; what its token balance holds beyond that is yield, for the caller, the rebalance
//! pool and the platform. Holders of fETH and xETH get none of it.

use super::nav::{Valuation, sampled};
use super::oracle::PriceUse;
use super::refusal::Refusal;
use super::rules::Rules;
use super::state::{Conditions, State};

/// The next state and where the yield went, in collateral tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HarvestOutcome {
    /// The state after the call (only the leverage average may have moved).
    pub next: State,
    /// All yield.
    pub yield_total: f64,
    /// To the caller.
    pub bounty: f64,
    /// To the rebalance pool, as a streamed reward.
    pub to_rebalance_pool: f64,
    /// To the platform: the remainder.
    pub to_platform: f64,
}

/// Splits what `treasury_balance` collateral tokens hold beyond the accounted collateral.
///
/// # Errors
///
/// [`Refusal::NoYield`] when the balance is below what is accounted for; in the generations that sample the leverage,
/// whatever [`Valuation::at`] refuses.
pub fn harvest(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    treasury_balance: f64,
) -> Result<HarvestOutcome, Refusal> {
    let rate = now.checked_rate()?;
    let mut mark = state.mark;
    if rules.generation.samples_leverage() {
        let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::View)?)?;
        mark = sampled(&mark, rules, &value, now.now_seconds)?;
    }
    let accounted = state.holdings.collateral / rate;
    let mut yield_total = treasury_balance - accounted;
    if !yield_total.is_finite() || yield_total < -accounted * super::state::DUST {
        return Err(Refusal::NoYield { balance: treasury_balance, accounted });
    }
    if yield_total <= accounted * super::state::DUST {
        // The noise of the division by the rate is no yield.
        yield_total = 0.0;
    }
    let bounty = yield_total * rules.harvest.bounty_ratio;
    let to_rebalance_pool = yield_total * rules.harvest.rebalance_pool_ratio;
    Ok(HarvestOutcome {
        next: State { mark, ..*state },
        yield_total,
        bounty,
        to_rebalance_pool,
        to_platform: yield_total - bounty - to_rebalance_pool,
    })
}
