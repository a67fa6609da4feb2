//! Rescues paid for by fETH holders: added collateral, user rebalance, protocol rebalance.
//!
//! An incentive lowers the fETH NAV now, in the middle of a settlement period. So that the next price tick does not
//! count the period's move twice, the *stored* NAV is solved backwards: `f0 = (f - df) / (1 + m)`.

use super::mint::deposited;
use super::nav::{Valuation, sampled};
use super::oracle::PriceUse;
use super::redeem::withdrawn;
use super::refusal::{Refusal, positive};
use super::rules::{Generation, Rules};
use super::state::{Conditions, Mark, Outcome, State};
use super::threshold::{max_liquidatable, max_mintable_xeth_with_incentive};
use super::trade::{liquidation_proceeds, xeth_minted_with_incentive};

/// The mark after each fETH, worth `value.feth_nav`, lost `cut`.
fn cut_mark(mark: Mark, value: &Valuation, cut: f64) -> Result<Mark, Refusal> {
    if cut > value.feth_nav {
        return Err(Refusal::UnderCollateral { collateral_usd: value.feth_nav, claims_usd: cut });
    }
    Ok(Mark { feth_nav: (value.feth_nav - cut) / (1.0 + value.multiple), ..mark })
}

/// The collateral ratio at the safe price, with the valuation under water refused.
fn safe_ratio(state: &State, rules: &Rules, now: &Conditions) -> Result<f64, Refusal> {
    let safe = Valuation::at(state, rules, now.oracle.price_for(PriceUse::View)?)?;
    Ok(safe.collateral_ratio())
}

/// Adds collateral in stability mode: xETH worth `1 + lambda` of the deposit, the extra taken from the fETH NAV.
/// The payment is clamped so that, after the fee, it just reaches the threshold.
///
/// # Errors
///
/// [`Refusal::NotInStabilityMode`] unless `recapitalisation <= CR < stability`; pauses, oracle, cap, inputs.
pub fn add_base(state: &State, rules: &Rules, now: &Conditions, base_in: f64) -> Result<Outcome, Refusal> {
    if rules.pauses.mint {
        return Err(Refusal::MintPaused);
    }
    positive("the deposit", base_in)?;
    let rate = now.checked_rate()?;
    let collateral_ratio = safe_ratio(state, rules, now)?;
    let (lower, upper) = (rules.thresholds.recapitalisation, rules.thresholds.stability);
    if !(lower <= collateral_ratio && collateral_ratio < upper) {
        return Err(Refusal::NotInStabilityMode { collateral_ratio, lower, upper });
    }
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::Mint)?)?;
    value.refuse_under_water()?;
    let incentive = rules.incentives.stability;
    let boundary = max_mintable_xeth_with_incentive(&value, upper, incentive)?.base / rate;
    let fee_ratio = rules.fees.xeth_mint.stressed();
    let mut paid = base_in;
    if paid * (1.0 - fee_ratio) > boundary {
        paid = boundary / (1.0 - fee_ratio);
    }
    let fee = paid * fee_ratio;
    let kept = paid - fee;
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let (minted, cut) = xeth_minted_with_incentive(&value, kept * rate, incentive)?;
    let next = deposited(state, rules, cut_mark(mark, &value, cut)?, kept * rate, 0.0, minted)?;
    Ok(Outcome {
        base_paid_in: paid,
        base_to_treasury: kept,
        base_to_platform: fee,
        xeth_minted: minted,
        feth_nav_cut: cut,
        ..Outcome::still(next)
    })
}

/// Redeems fETH with an incentive paid by the fETH that remains (`liquidate` in the contracts). The amount is clamped
/// to what lifts the ratio to the threshold.
///
/// # Errors
///
/// [`Refusal::NotInUserRebalanceMode`] unless `recapitalisation <= CR < user_rebalance`; pauses, oracle, inputs.
pub fn user_rebalance(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    feth_in: f64,
) -> Result<Outcome, Refusal> {
    if rules.pauses.redeem {
        return Err(Refusal::RedeemPaused);
    }
    positive("the redemption", feth_in)?;
    let collateral_ratio = safe_ratio(state, rules, now)?;
    let (lower, upper) = (rules.thresholds.recapitalisation, rules.thresholds.user_rebalance);
    if !(lower <= collateral_ratio && collateral_ratio < upper) {
        return Err(Refusal::NotInUserRebalanceMode { collateral_ratio, lower, upper });
    }
    let fee_ratio = rules.fees.feth_redeem.stressed();
    burn_with_incentive(state, rules, now, feth_in, upper, rules.incentives.user_rebalance, fee_ratio)
}

/// The protocol's own rebalance as the white paper has it: fETH bought in the market with reserve ETH is redeemed with
/// the incentive, free of fee, so the reserve earns the stabilisation fee. The amount is clamped to the threshold.
///
/// `base_to_caller` goes back to the reserve.
///
/// # Errors
///
/// [`Refusal::NotOffered`] outside the generation `WhitePaper`; [`Refusal::NotInProtocolRebalanceMode`] outside its
/// band; pauses, oracle, inputs.
pub fn reserve_rebalance(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    feth_bought: f64,
) -> Result<Outcome, Refusal> {
    if rules.generation != Generation::WhitePaper {
        return Err(Refusal::NotOffered { verb: "reserve rebalance" });
    }
    positive("the fETH bought", feth_bought)?;
    let upper = protocol_band(state, rules, now)?;
    burn_with_incentive(state, rules, now, feth_bought, upper, rules.incentives.protocol_rebalance, 0.0)
}

fn burn_with_incentive(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    feth_in: f64,
    target: f64,
    incentive: f64,
    fee_ratio: f64,
) -> Result<Outcome, Refusal> {
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemFeth)?)?;
    value.refuse_under_water()?;
    let burned = feth_in.min(max_liquidatable(&value, target, incentive)?.tokens);
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let (proceeds, cut) = liquidation_proceeds(&value, burned, incentive)?;
    let after = Valuation { feth_nav: value.feth_nav - cut, ..value };
    let (next, proceeds) = withdrawn(state, cut_mark(mark, &value, cut)?, &after, proceeds, burned, 0.0)?;
    let paid = proceeds / rate;
    let fee = paid * fee_ratio;
    Ok(Outcome {
        base_from_treasury: paid,
        base_to_caller: paid - fee,
        base_to_platform: fee,
        feth_burned: burned,
        feth_nav_cut: cut,
        ..Outcome::still(next)
    })
}

fn protocol_band(state: &State, rules: &Rules, now: &Conditions) -> Result<f64, Refusal> {
    if rules.pauses.redeem {
        return Err(Refusal::RedeemPaused);
    }
    let collateral_ratio = safe_ratio(state, rules, now)?;
    let (lower, upper) = (rules.thresholds.recapitalisation, rules.thresholds.protocol_rebalance);
    if !(lower <= collateral_ratio && collateral_ratio < upper) {
        return Err(Refusal::NotInProtocolRebalanceMode { collateral_ratio, lower, upper });
    }
    Ok(upper)
}

/// How much treasury ETH a protocol rebalance of at most `base_wished` ETH may swap for fETH (generation `EraA`).
///
/// # Errors
///
/// [`Refusal::NotOffered`] outside the generation; [`Refusal::NotInProtocolRebalanceMode`] outside its band; pauses,
/// oracle, inputs.
pub fn quote_protocol_rebalance(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    base_wished: f64,
) -> Result<f64, Refusal> {
    if rules.generation != Generation::EraA {
        return Err(Refusal::NotOffered { verb: "protocol rebalance" });
    }
    positive("the swap", base_wished)?;
    let upper = protocol_band(state, rules, now)?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemFeth)?)?;
    value.refuse_under_water()?;
    let most = max_liquidatable(&value, upper, rules.incentives.protocol_rebalance)?.base;
    Ok(base_wished.min(most))
}

/// The protocol rebalance of September 2023 (`selfLiquidate`): `base_swapped` ETH of the treasury (as quoted by
/// [`quote_protocol_rebalance`]) bought `feth_bought` fETH, which is burned with the incentive. The ETH that it
/// releases beyond what was spent goes to the platform.
///
/// # Errors
///
/// [`Refusal::RebalanceWithLoss`] when the burned fETH releases less than was spent; as the quote otherwise.
pub fn protocol_rebalance(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    base_swapped: f64,
    feth_bought: f64,
) -> Result<Outcome, Refusal> {
    let spent = quote_protocol_rebalance(state, rules, now, base_swapped)?;
    positive("the fETH bought", feth_bought)?;
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::RedeemFeth)?)?;
    let incentive = rules.incentives.protocol_rebalance;
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let (earned, cut) = liquidation_proceeds(&value, feth_bought, incentive)?;
    if earned < spent {
        return Err(Refusal::RebalanceWithLoss { spent, earned });
    }
    let after = Valuation { feth_nav: value.feth_nav - cut, ..value };
    let (next, earned) = withdrawn(state, cut_mark(mark, &value, cut)?, &after, earned, feth_bought, 0.0)?;
    Ok(Outcome {
        base_from_treasury: earned / rate,
        base_to_caller: spent / rate,
        base_to_platform: (earned - spent) / rate,
        feth_burned: feth_bought,
        feth_nav_cut: cut,
        ..Outcome::still(next)
    })
}
