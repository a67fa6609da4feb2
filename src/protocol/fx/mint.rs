//! Paying collateral in: genesis, fETH, xETH.

use super::fees::mint_fee;
use super::nav::{Valuation, sampled};
use super::oracle::PriceUse;
use super::refusal::{Refusal, positive};
use super::rules::Rules;
use super::state::{Conditions, Holdings, Mark, Outcome, State};
use super::threshold::{max_mintable_feth, max_mintable_xeth};
use super::trade::{feth_minted, xeth_minted};

/// The first deposit mints both tokens at one USD, without fee: `nf = ratio b s`, `nx = (1 - ratio) b s`.
///
/// # Errors
///
/// [`Refusal::AlreadyInitialised`] unless the treasury is empty, [`Refusal::CapExceeded`], and bad inputs.
pub fn mint_genesis(
    state: &State,
    rules: &Rules,
    now: &Conditions,
    base_in: f64,
) -> Result<Outcome, Refusal> {
    positive("the deposit", base_in)?;
    let rate = now.checked_rate()?;
    let held = state.holdings;
    if held.collateral > 0.0 {
        return Err(Refusal::AlreadyInitialised { collateral: held.collateral });
    }
    let price = now.oracle.price_for(PriceUse::View)?;
    let deposit = base_in * rate;
    let worth = deposit * price;
    let feth = worth * rules.initial_mint_ratio;
    let xeth = worth - feth;
    let next = deposited(state, rules, state.mark, deposit, feth, xeth)?;
    Ok(Outcome {
        base_paid_in: base_in,
        base_to_treasury: base_in,
        feth_minted: feth,
        xeth_minted: xeth,
        ..Outcome::still(next)
    })
}

/// Mints fETH for `base_in` collateral tokens.
///
/// With the pause flag the ratio must exceed the stability threshold and the payment is clamped, before the fee, to
/// what would reach it; without the flag only the extra fee discourages going beyond.
///
/// # Errors
///
/// Pauses, oracle, threshold, cap and input refusals; see [`Refusal`].
pub fn mint_feth(state: &State, rules: &Rules, now: &Conditions, base_in: f64) -> Result<Outcome, Refusal> {
    if rules.pauses.mint {
        return Err(Refusal::MintPaused);
    }
    positive("the deposit", base_in)?;
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::Mint)?)?;
    value.refuse_under_water()?;
    let threshold = rules.thresholds.stability;
    let boundary = max_mintable_feth(&value, threshold)?.base / rate;
    let mut paid = base_in;
    if rules.pauses.feth_mint_in_stability {
        let collateral_ratio = value.collateral_ratio();
        if collateral_ratio <= threshold {
            return Err(Refusal::FethMintPausedInStress { collateral_ratio, threshold });
        }
        paid = paid.min(boundary);
    }
    let fees = rules.fees.feth_mint;
    let fee = mint_fee(paid, fees.default, fees.stressed(), boundary);
    let kept = paid - fee;
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let minted = feth_minted(&value, kept * rate)?;
    let next = deposited(state, rules, mark, kept * rate, minted, 0.0)?;
    Ok(Outcome {
        base_paid_in: paid,
        base_to_treasury: kept,
        base_to_platform: fee,
        feth_minted: minted,
        ..Outcome::still(next)
    })
}

/// Mints xETH for `base_in` collateral tokens. What lifts the ratio towards the stability threshold pays the stressed
/// fee and may earn a bonus from the reserve.
///
/// # Errors
///
/// Pauses, oracle, cover, cap and input refusals; see [`Refusal`].
pub fn mint_xeth(state: &State, rules: &Rules, now: &Conditions, base_in: f64) -> Result<Outcome, Refusal> {
    if rules.pauses.mint {
        return Err(Refusal::MintPaused);
    }
    positive("the deposit", base_in)?;
    let rate = now.checked_rate()?;
    let value = Valuation::at(state, rules, now.oracle.price_for(PriceUse::Mint)?)?;
    value.refuse_under_water()?;
    let boundary = max_mintable_xeth(&value, rules.thresholds.stability)?.base / rate;
    let fees = rules.fees.xeth_mint;
    let fee = mint_fee(base_in, fees.stressed(), fees.default, boundary);
    let kept = base_in - fee;
    let mark = sampled(&state.mark, rules, &value, now.now_seconds)?;
    let minted = xeth_minted(&value, kept * rate)?;
    let next = deposited(state, rules, mark, kept * rate, 0.0, minted)?;
    Ok(Outcome {
        base_paid_in: base_in,
        base_to_treasury: kept,
        base_to_platform: fee,
        bonus_from_reserve: bonus(rules, now, kept.min(boundary)),
        xeth_minted: minted,
        ..Outcome::still(next)
    })
}

/// What the reserve adds to a helpful trade of `helpful` collateral tokens.
pub(super) fn bonus(rules: &Rules, now: &Conditions, helpful: f64) -> f64 {
    if helpful <= 0.0 || (rules.generation.bonus_needs_empty_pools() && now.feth_staked > 0.0) {
        return 0.0;
    }
    (helpful * rules.bonus_ratio).min(now.reserve_balance).max(0.0)
}

/// The state after a deposit of `base` ETH, within the cap.
pub(super) fn deposited(
    state: &State,
    rules: &Rules,
    mark: Mark,
    base: f64,
    feth: f64,
    xeth: f64,
) -> Result<State, Refusal> {
    let held = state.holdings;
    let collateral = held.collateral + base;
    if collateral > rules.collateral_cap_eth {
        return Err(Refusal::CapExceeded { cap: rules.collateral_cap_eth, found: collateral });
    }
    Ok(State {
        holdings: Holdings {
            collateral,
            feth_supply: held.feth_supply + feth,
            xeth_supply: held.xeth_supply + xeth,
        },
        mark,
    })
}
