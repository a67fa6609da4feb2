//! Comparing the whole world with a snapshot of the vectors.

use ballast::protocol::fx::{
    Maximum, PriceUse, Refusal, Valuation, max_liquidatable, max_mintable_feth, max_mintable_xeth,
    max_mintable_xeth_with_incentive, max_redeemable_feth, max_redeemable_xeth, residual_value,
};
use serde_json::Value;

use super::check::{Check, NOISE, number, revert};
use super::world::World;

/// What the contract answers for the collateral ratio when nobody holds fETH.
const NO_FETH_RATIO: f64 = 1e18;
/// Supplies below this many tokens are a few wei.
const DUST_TOKENS: f64 = 1e-9;

/// True where a supply of the snapshot is a few wei.
pub fn is_dust(snapshot: &Value) -> bool {
    ["totalBaseToken", "fSupply", "xSupply"]
        .iter()
        .any(|name| number(&snapshot[*name]).is_some_and(|amount| amount > 0.0 && amount < DUST_TOKENS))
}

/// Compares every field of a snapshot. Fields that nothing here knows are listed, not passed over.
pub fn compare(world: &World, theirs: &Value, check: &mut Check) {
    let held = world.state.holdings;
    let mark = world.state.mark;
    let base_floor = NOISE * world.most_base.max(held.collateral);
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let close = |check: &mut Check, ours: f64, floor: f64| match number(value) {
            Some(theirs) => check.close(name, ours, theirs, floor),
            None => check.fail(format!("{name}: expected a number, found {value}")),
        };
        match name.as_str() {
            "totalBaseToken" => close(check, held.collateral, 0.0),
            "fSupply" => close(check, held.feth_supply, 0.0),
            "xSupply" => close(check, held.xeth_supply, 0.0),
            "fNavStored" => close(check, mark.feth_nav, 0.0),
            "lastPermissionedPrice" => close(check, mark.price, 0.0),
            "rate" => close(check, world.rate, 0.0),
            "viewTime" => {}
            "oracle" => oracle(world, value, check),
            "ema" => ema(world, value, check),
            "views" => views(world, value, theirs["viewTime"].as_i64().unwrap_or_default(), check),
            "balances" => balances(world, value, base_floor, check),
            "pool" => {
                world.pools.compare_first(value, theirs["viewTime"].as_i64().unwrap_or_default(), check)
            }
            "boostPool" => world.pools.compare_second(value, check),
            _ => check.unknown(name.clone()),
        }
    }
}

fn oracle(world: &World, theirs: &Value, check: &mut Check) {
    let ours = world.oracle;
    if Some(ours.valid) != theirs["valid"].as_bool() {
        check.fail(format!("oracle.valid: ours {}", ours.valid));
    }
    for (name, ours) in [("safe", ours.safe), ("min", ours.min), ("max", ours.max)] {
        check.close(&format!("oracle.{name}"), ours, number(&theirs[name]).unwrap_or(f64::NAN), 0.0);
    }
}

fn ema(world: &World, theirs: &Value, check: &mut Check) {
    let ours = world.state.mark.leverage;
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let Some(theirs) = number(value) else {
            check.fail(format!("ema.{name}: {value}"));
            continue;
        };
        match name.as_str() {
            "lastTime" => check.equal("ema.lastTime", ours.last_time_seconds as f64, theirs),
            "sampleInterval" => {
                check.equal("ema.sampleInterval", world.rules.ema_interval_seconds, theirs);
            }
            "lastValue" => check.close("ema.lastValue", ours.last_value, theirs, 0.0),
            "lastEmaValue" => check.close("ema.lastEmaValue", ours.last_ema, theirs, 0.0),
            _ => check.unknown(format!("ema.{name}")),
        }
    }
}

fn balances(world: &World, theirs: &Value, base_floor: f64, check: &mut Check) {
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let path = format!("balances.{name}");
        match (name.as_str(), number(value)) {
            ("treasuryBase", Some(theirs)) => check.close(&path, world.treasury, theirs, base_floor),
            ("platformBase", Some(theirs)) => check.close(&path, world.platform, theirs, base_floor),
            ("reserveBase", Some(theirs)) => check.close(&path, world.reserve, theirs, base_floor),
            (user, None) => {
                let ours = world.user(user);
                for (token, value) in value.as_object().into_iter().flatten() {
                    let path = format!("{path}.{token}");
                    match (token.as_str(), number(value)) {
                        ("base", Some(theirs)) => check.close(&path, ours.base, theirs, base_floor),
                        ("f", Some(theirs)) => check.close(&path, ours.feth, theirs, NOISE * world.most_feth),
                        ("x", Some(theirs)) => check.close(&path, ours.xeth, theirs, NOISE * world.most_xeth),
                        _ => check.unknown(path),
                    }
                }
            }
            _ => check.unknown(path),
        }
    }
}

/// The claims valued for a view, at the price that the corresponding verb would take.
fn valued(world: &World, purpose: PriceUse) -> Result<Valuation, Refusal> {
    Valuation::at(&world.state, &world.rules, world.oracle.price_for(purpose)?)
}

fn views(world: &World, theirs: &Value, time: i64, check: &mut Check) {
    let held = world.state.holdings;
    let mark = world.state.mark;
    let thresholds = world.rules.thresholds;
    let incentives = world.rules.incentives;
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let mut maximum = |ours: Result<(Valuation, Maximum), Refusal>, target: f64| {
            compare_maximum(name, ours, target, value, check);
        };
        let at = |purpose: PriceUse, distance: &dyn Fn(&Valuation) -> Result<Maximum, Refusal>| {
            let valuation = valued(world, purpose)?;
            Ok((valuation, distance(&valuation)?))
        };
        let stability = thresholds.stability;
        match name.as_str() {
            "collateralRatio" => {
                let ours = valued(world, PriceUse::View).map(|valuation| valuation.collateral_ratio());
                check.result(name, ours.map(|ratio| ratio.min(NO_FETH_RATIO)), value, 0.0);
            }
            "currentNav" => navs(world, value, check),
            "xTokenNavAtLastPrice" => {
                let residual = residual_value(held.collateral, mark.price, held.feth_supply, mark.feth_nav);
                let worth = held.collateral * mark.price;
                let ours = if held.xeth_supply == 0.0 {
                    Ok(1.0)
                } else if residual < 0.0 {
                    Err(Refusal::UnderCollateral { collateral_usd: worth, claims_usd: worth - residual })
                } else {
                    Ok(residual / held.xeth_supply)
                };
                check.result(name, ours, value, NOISE * worth / held.xeth_supply.max(1.0));
            }
            "emaLeverageRatio" => {
                let ours = mark.leverage.value(time, world.rules.ema_interval_seconds);
                check.result(name, Ok(ours), value, 0.0);
            }
            "maxMintableFToken_stab" => {
                maximum(at(PriceUse::Mint, &|v| max_mintable_feth(v, stability)), stability);
            }
            "maxMintableXToken_stab" => {
                maximum(at(PriceUse::Mint, &|v| max_mintable_xeth(v, stability)), stability);
            }
            "maxMintableXTokenWithIncentive_stab" => maximum(
                at(PriceUse::Mint, &|v| max_mintable_xeth_with_incentive(v, stability, incentives.stability)),
                stability,
            ),
            "maxRedeemableFToken_stab" => {
                maximum(at(PriceUse::RedeemFeth, &|v| max_redeemable_feth(v, stability)), stability);
            }
            "maxRedeemableXToken_stab" => {
                maximum(at(PriceUse::RedeemXeth, &|v| max_redeemable_xeth(v, stability)), stability);
            }
            "maxLiquidatable_liq" => maximum(
                at(PriceUse::RedeemFeth, &|v| {
                    max_liquidatable(v, thresholds.user_rebalance, incentives.user_rebalance)
                }),
                thresholds.user_rebalance,
            ),
            "maxLiquidatable_selfLiq" => maximum(
                at(PriceUse::RedeemFeth, &|v| {
                    max_liquidatable(v, thresholds.protocol_rebalance, incentives.protocol_rebalance)
                }),
                thresholds.protocol_rebalance,
            ),
            _ => check.unknown(format!("views.{name}")),
        }
    }
}

fn navs(world: &World, theirs: &Value, check: &mut Check) {
    let ours = valued(world, PriceUse::View);
    match (ours, revert(theirs)) {
        (Ok(ours), None) => {
            // The xETH NAV is a difference of values per token.
            let floor = NOISE * ours.collateral * ours.price / ours.xeth_supply.max(1e-9);
            for (name, value) in theirs.as_object().into_iter().flatten() {
                let path = format!("currentNav.{name}");
                match (name.as_str(), number(value)) {
                    ("base", Some(theirs)) => check.close(&path, ours.price, theirs, 0.0),
                    ("f", Some(theirs)) => check.close(&path, ours.feth_nav, theirs, 0.0),
                    ("x", Some(theirs)) if ours.xeth_supply == 0.0 => {
                        check.equal(&path, ours.xeth_nav, theirs);
                    }
                    ("x", Some(theirs)) => check.close(&path, ours.xeth_nav, theirs, floor),
                    _ => check.unknown(path),
                }
            }
        }
        (Err(refusal), Some(text)) => check.refusal("currentNav", &refusal, text),
        (ours, _) => check.fail(format!("currentNav: ours {ours:?}, theirs {theirs}")),
    }
}

/// A distance is a difference of `n s` and `c nf f`, over `c - 1` for some: its floor follows from those.
fn compare_maximum(
    name: &str,
    ours: Result<(Valuation, Maximum), Refusal>,
    target: f64,
    theirs: &Value,
    check: &mut Check,
) {
    let (value, maximum) = match (ours, revert(theirs)) {
        (Ok(ours), None) => ours,
        (Err(refusal), Some(text)) => return check.refusal(name, &refusal, text),
        (ours, _) => return check.fail(format!("{name}: ours {ours:?}, theirs {theirs}")),
    };
    let worth = (value.collateral * value.price).max(target * value.feth_supply * value.feth_nav);
    let noise = NOISE * worth / (target - 1.0);
    for (part, figure) in theirs.as_object().into_iter().flatten() {
        let path = format!("{name}.{part}");
        match (part.as_str(), number(figure)) {
            ("baseIn" | "baseOut", Some(theirs)) => {
                check.close(&path, maximum.base, theirs, noise / value.price);
            }
            ("fToken", Some(theirs)) => check.close(&path, maximum.tokens, theirs, noise / value.feth_nav),
            ("xToken", Some(theirs)) => {
                check.close(&path, maximum.tokens, theirs, noise / value.xeth_nav.max(1e-12));
            }
            _ => check.unknown(path),
        }
    }
}
