//! Taking collateral out: fETH or xETH, one at a time.

use super::fees::blended_redeem_fee_ratio;
use super::mint::bonus;
use super::nav::{Valuation, sampled};
use super::oracle::PriceUse;
use super::refusal::{Refusal, positive};
use super::rules::Rules;
use super::state::{Conditions, DUST, Holdings, Mark, Outcome, State, remaining};
use super::threshold::{max_redeemable_feth, max_redeemable_xeth};
use super::trade::redemption_proceeds;

/// Redeems `feth_in` fETH at its NAV. What lifts the ratio towards the stability threshold pays the stressed fee and
/// may earn a bonus from the reserve (generation `Head`).
///
/// # Errors
///
/// Pauses, oracle, cover, supply and input refusals; see [`Refusal`].
pub fn redeem_feth(state: &State, rules: &Rules, now: &Conditions, feth_in: f64) -> Result<Outcome, Refusal> {
    if rules.pauses.redeem {
        return Err(Refusal::RedeemPaused);
    }
    positive("the redemption", feth_in)?;
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemFeth)?)?;
    let boundary = max_redeemable_feth(&value, rules.thresholds.stability)?;
    let fees = rules.fees.feth_redeem;
    let fee_ratio = blended_redeem_fee_ratio(feth_in, fees.stressed(), fees.default, boundary.tokens);
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let proceeds = redemption_proceeds(&value, feth_in, 0.0)?;
    let (next, proceeds) = withdrawn(state, mark, &value, proceeds, feth_in, 0.0)?;
    // The contract reads this amount as tokens although it counts ETH: exact for unwrapped collateral only.
    let helpful = if rules.generation.bonus_on_feth_redeem() { proceeds.min(boundary.base) } else { 0.0 };
    let paid = proceeds / rate;
    let fee = paid * fee_ratio;
    Ok(Outcome {
        base_from_treasury: paid,
        base_to_caller: paid - fee,
        base_to_platform: fee,
        bonus_from_reserve: bonus(rules, now, helpful - helpful * fees.stressed()),
        feth_burned: feth_in,
        ..Outcome::still(next)
    })
}

/// Redeems `xeth_in` xETH against the residual. With the pause flag the ratio must exceed the stability threshold and
/// the amount is clamped to what would reach it.
///
/// # Errors
///
/// Pauses, oracle, cover, supply and input refusals; see [`Refusal`].
pub fn redeem_xeth(state: &State, rules: &Rules, now: &Conditions, xeth_in: f64) -> Result<Outcome, Refusal> {
    if rules.pauses.redeem {
        return Err(Refusal::RedeemPaused);
    }
    positive("the redemption", xeth_in)?;
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemXeth)?)?;
    if value.is_under_water() {
        return Err(Refusal::XethWorthless);
    }
    let threshold = rules.thresholds.stability;
    let boundary = max_redeemable_xeth(&value, threshold)?.tokens;
    let mut burned = xeth_in;
    if rules.pauses.xeth_redeem_in_stability {
        let safe = Valuation::at(state, rules, now.oracle.price_for(PriceUse::View)?)?;
        let collateral_ratio = safe.collateral_ratio();
        if collateral_ratio <= threshold {
            return Err(Refusal::XethRedeemPausedInStress { collateral_ratio, threshold });
        }
        burned = burned.min(boundary);
    }
    let fees = rules.fees.xeth_redeem;
    let fee_ratio = blended_redeem_fee_ratio(burned, fees.default, fees.stressed(), boundary);
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let proceeds = redemption_proceeds(&value, 0.0, burned)?;
    let (next, proceeds) = withdrawn(state, mark, &value, proceeds, 0.0, burned)?;
    let paid = proceeds / rate;
    let fee = paid * fee_ratio;
    Ok(Outcome {
        base_from_treasury: paid,
        base_to_caller: paid - fee,
        base_to_platform: fee,
        xeth_burned: burned,
        ..Outcome::still(next)
    })
}

/// The state after paying `proceeds` ETH for burned tokens, and the proceeds themselves.
///
/// Rounds in the treasury's favour: where the noise of `f64` alone would leave the collateral short of the fETH that
/// remains, the payment is smaller by that noise.
pub(super) fn withdrawn(
    state: &State,
    mark: Mark,
    value: &Valuation,
    proceeds: f64,
    feth: f64,
    xeth: f64,
) -> Result<(State, f64), Refusal> {
    let held = state.holdings;
    let feth_supply = remaining(held.feth_supply, feth)?;
    let xeth_supply = remaining(held.xeth_supply, xeth)?;
    let noise = held.collateral * DUST;
    let mut collateral = held.collateral - proceeds;
    if collateral < -noise {
        return Err(Refusal::UnderCollateral {
            collateral_usd: held.collateral * value.price,
            claims_usd: proceeds * value.price,
        });
    }
    if collateral <= noise && feth_supply == 0.0 && xeth_supply == 0.0 {
        collateral = 0.0;
    }
    let short =
        -super::nav::residual_value(collateral, value.price, feth_supply, value.feth_nav) / value.price;
    let was_covered = value.residual() >= 0.0;
    if was_covered && short > 0.0 && short <= noise {
        collateral += short;
        while super::nav::residual_value(collateral, value.price, feth_supply, value.feth_nav) < 0.0 {
            collateral = collateral.next_up();
        }
    }
    let collateral = collateral.max(0.0);
    let next = State { holdings: Holdings { collateral, feth_supply, xeth_supply }, mark };
    Ok((next, proceeds))
}
