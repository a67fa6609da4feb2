//! Settlement: the one act that compounds.

use super::nav::{Valuation, feth_multiple, residual_value, sampled};
use super::oracle::PriceUse;
use super::refusal::Refusal;
use super::rules::{Rules, UnderCollateral};
use super::state::{Conditions, Mark, State};

/// Moves the mark to the safe price: `f0 <- f(s)`, `s0 <- s`. Nothing happens in an empty market.
///
/// The generation `Head` samples the leverage afterwards, and that sample makes the settlement itself refuse under
/// water; `EraA` keeps marking. Under the policy `BetaOne` an under-water market is not settled, so that a recovery
/// retraces the same line.
///
/// # Errors
///
/// [`Refusal::UnderCollateral`] and what else [`Valuation::at`] refuses; [`Refusal::PriceNotPositive`].
pub fn settle(state: &State, rules: &Rules, now: &Conditions) -> Result<State, Refusal> {
    let held = state.holdings;
    if held.collateral <= 0.0 {
        return Ok(*state);
    }
    let price = now.oracle.price_for(PriceUse::View)?;
    let multiple = feth_multiple(&state.mark, rules.beta, price)?;
    let mark = Mark { feth_nav: state.mark.feth_nav * (1.0 + multiple), price, ..state.mark };
    if rules.under_collateral == UnderCollateral::BetaOne
        && residual_value(held.collateral, price, held.feth_supply, mark.feth_nav) < 0.0
    {
        return Ok(*state);
    }
    let settled = State { mark, ..*state };
    if !rules.generation.samples_leverage() {
        return Ok(settled);
    }
    let value = Valuation::at(&settled, rules, price)?;
    Ok(State { mark: sampled(&mark, rules, &value, now.now_seconds)?, ..settled })
}
