//! The groups that need no history: library functions, the moving average, the exponential, paths of settlements.

use ballast::protocol::fx::{
    Conditions, LeverageEma, Maximum, Refusal, Rules, State, Valuation, feth_minted, leverage_contract,
    liquidation_proceeds, max_liquidatable, max_mintable_feth, max_mintable_xeth,
    max_mintable_xeth_with_incentive, max_redeemable_feth, max_redeemable_xeth, mint_genesis,
    minted_in_proportion, natural_exponential, redemption_proceeds, residual_value, settle, xeth_minted,
    xeth_minted_with_incentive,
};
use serde_json::Value;

use super::check::{Check, NOISE, field, number, revert};
use super::{list, text, verdict};
use crate::report::{Report, Verdict};

fn valuation(state: &Value) -> Valuation {
    let feth_nav = field(state, "fNav");
    Valuation {
        collateral: field(state, "baseSupply"),
        price: field(state, "baseNav"),
        feth_supply: field(state, "fSupply"),
        feth_nav,
        xeth_supply: field(state, "xSupply"),
        xeth_nav: field(state, "xNav"),
        multiple: 0.0,
        formula_feth_nav: feth_nav,
    }
}

/// The named outputs of one library function.
type Outputs = Result<Vec<(&'static str, f64)>, Refusal>;

fn run(case: &Value, value: &Valuation) -> Option<Outputs> {
    let args = &case["args"];
    let arg = |name: &str| field(args, name);
    let pair = |result: Result<Maximum, Refusal>, base, tokens| {
        result.map(|maximum| vec![(base, maximum.base), (tokens, maximum.tokens)])
    };
    Some(match text(case, "fn") {
        "maxMintableFToken" => {
            pair(max_mintable_feth(value, arg("newCollateralRatio")), "maxBaseIn", "maxFTokenMintable")
        }
        "maxMintableXToken" => {
            pair(max_mintable_xeth(value, arg("newCollateralRatio")), "maxBaseIn", "maxXTokenMintable")
        }
        "maxMintableXTokenWithIncentive" => pair(
            max_mintable_xeth_with_incentive(value, arg("newCollateralRatio"), arg("incentiveRatio")),
            "maxBaseIn",
            "maxXTokenMintable",
        ),
        "maxRedeemableFToken" => {
            pair(max_redeemable_feth(value, arg("newCollateralRatio")), "maxBaseOut", "maxFTokenRedeemable")
        }
        "maxRedeemableXToken" => {
            pair(max_redeemable_xeth(value, arg("newCollateralRatio")), "maxBaseOut", "maxXTokenRedeemable")
        }
        "maxLiquidatable" => pair(
            max_liquidatable(value, arg("newCollateralRatio"), arg("incentiveRatio")),
            "maxBaseOut",
            "maxFTokenLiquidatable",
        ),
        "mint" => minted_in_proportion(value, arg("baseIn"))
            .map(|(feth, xeth)| vec![("fTokenOut", feth), ("xTokenOut", xeth)]),
        "mintFToken" => feth_minted(value, arg("baseIn")).map(|feth| vec![("fTokenOut", feth)]),
        "mintXToken" => xeth_minted(value, arg("baseIn")).map(|xeth| vec![("xTokenOut", xeth)]),
        "mintXTokenWithIncentive" => xeth_minted_with_incentive(value, arg("baseIn"), arg("incentiveRatio"))
            .map(|(xeth, cut)| vec![("xTokenOut", xeth), ("fDeltaNav", cut)]),
        "redeem" => {
            redemption_proceeds(value, arg("fTokenIn"), arg("xTokenIn")).map(|base| vec![("baseOut", base)])
        }
        "liquidateWithIncentive" => liquidation_proceeds(value, arg("fTokenIn"), arg("incentiveRatio"))
            .map(|(base, cut)| vec![("baseOut", base), ("fDeltaNav", cut)]),
        "leverageRatio" => {
            leverage_contract(value, arg("beta"), arg("earningRatio")).map(|ratio| vec![("ratio", ratio)])
        }
        _ => return None,
    })
}

/// The group `math`. The states named `tiny` hold a few wei and test nothing but integer rounding.
pub fn math(cases: &[Value], report: &mut Report) {
    for case in cases {
        let id = text(case, "id");
        if text(case, "stateId").starts_with("tiny") {
            report.note("fx_math", id, Verdict::Skipped("tiny"));
            continue;
        }
        let value = valuation(&case["state"]);
        let Some(ours) = run(case, &value) else {
            report.note("fx_math", id, Verdict::Failed(format!("unknown function {}", text(case, "fn"))));
            continue;
        };
        let mut check = Check::default();
        match (ours, revert(case)) {
            (Ok(ours), None) => {
                let theirs = &case["out"];
                if theirs.as_object().map_or(0, serde_json::Map::len) != ours.len() {
                    check.fail(format!("expected {} outputs, found {theirs}", ours.len()));
                }
                // Distances are differences of n s and c nf f: their floor is that of the larger, in the output's unit.
                let target = number(&case["args"]["newCollateralRatio"]).unwrap_or(1.0);
                let worth = value.collateral * value.price;
                let claims = target * value.feth_supply * value.feth_nav;
                for (name, figure) in ours {
                    let floor = if !name.starts_with("max") {
                        0.0
                    } else if name.contains("Base") {
                        NOISE * worth.max(claims) / value.price
                    } else if name.contains("FToken") {
                        NOISE * worth.max(claims) / value.feth_nav
                    } else {
                        NOISE * worth.max(claims) / value.xeth_nav
                    };
                    match number(&theirs[name]) {
                        Some(theirs) => check.close(name, figure, theirs, floor),
                        None => check.fail(format!("no output {name} in {theirs}")),
                    }
                }
            }
            (Err(refusal), Some(text)) => check.refusal("call", &refusal, text),
            (ours, theirs) => check.fail(format!("ours {ours:?}, theirs {theirs:?}")),
        }
        report.note("fx_math", id, verdict(&check));
    }
}

/// The group `ema`.
pub fn ema(cases: &[Value], report: &mut Report) {
    for case in cases {
        let record = LeverageEma {
            last_time_seconds: 0,
            last_value: field(case, "lastValue"),
            last_ema: field(case, "lastEmaValue"),
        };
        let elapsed = case["dt"].as_i64().unwrap_or_default();
        let mut check = Check::default();
        let ours = record.value(elapsed, field(case, "sampleInterval"));
        check.close("ema", ours, field(&case["out"], "ema"), 0.0);
        report.note("fx_ema", text(case, "id"), verdict(&check));
    }
}

/// The group `exp`. An exponent beyond a bound of the domain by less than `f64` resolves is a matter of wei.
pub fn exponential(cases: &[Value], report: &mut Report) {
    for case in cases {
        let id = text(case, "id");
        let ours = natural_exponential(field(case, "x"));
        let mut check = Check::default();
        match (ours, revert(case)) {
            (Some(ours), None) => check.close("exp", ours, field(&case["out"], "y"), 0.0),
            (None, Some(_)) => {}
            (Some(_), Some(_)) if text(case, "x").len() > 20 => {
                report.note("fx_exp", id, Verdict::Skipped("wei-dust"));
                continue;
            }
            (ours, theirs) => check.fail(format!("ours {ours:?}, theirs {theirs:?}")),
        }
        report.note("fx_exp", id, verdict(&check));
    }
}

/// The prices of a path that is given by its rule.
fn prices(case: &Value) -> Vec<f64> {
    if let Some(listed) = case["prices"].as_array() {
        return listed.iter().filter_map(number).collect();
    }
    let (from, to) = (field(case, "from"), field(case, "to"));
    let steps = case["settleSteps"].as_i64().unwrap_or_default();
    let rounded = |step: i64| {
        let share = step as f64 / steps as f64;
        let price = match text(case, "kind") {
            "geometric" => from * libm::pow(to / from, share),
            "linear" => from + (to - from) * share,
            other => panic!("unknown kind of path {other}"),
        };
        (price * 1e9).round() / 1e9
    };
    (1..=steps).map(|step| if step == steps { to } else { rounded(step) }).collect()
}

/// The group `path_dependence`: the same fall or rise settled in more or fewer steps.
pub fn path_dependence(cases: &[Value], report: &mut Report) {
    // A fETH share at which xETH survives a fall to 900 and which the figures of the vectors imply.
    let rules = Rules { initial_mint_ratio: 0.2, collateral_cap_eth: 1e9, ..Rules::deployed_2023() };
    for case in cases {
        let mut check = Check::default();
        let from = field(case, "from");
        let outcome = walk(case, &rules, from, &mut check);
        match outcome {
            Ok(value) => {
                check.close("finalFNav", value.feth_nav, field(case, "finalFNav"), 0.0);
                check.close("finalXNav", value.xeth_nav, field(case, "finalXNav"), 0.0);
                let theirs = field(case, "finalCollateralRatio");
                check.close("finalCollateralRatio", value.collateral_ratio(), theirs, 0.0);
                let residual =
                    residual_value(value.collateral, value.price, value.feth_supply, value.feth_nav);
                check.close("invariant", residual, value.xeth_supply * value.xeth_nav, 0.0);
            }
            Err(refusal) => check.fail(format!("refused: {refusal}")),
        }
        report.note("fx_path_dependence", text(case, "id"), verdict(&check));
    }
}

fn walk(case: &Value, rules: &Rules, from: f64, check: &mut Check) -> Result<Valuation, Refusal> {
    let mut now = Conditions::at_price(from, 0);
    let mut state = mint_genesis(&State::at_price(from, 0), rules, &now, 100.0)?.next;
    let marks = list(&case["fNavAfterEach"]);
    for (index, price) in prices(case).into_iter().enumerate() {
        now = Conditions::at_price(price, 3600 * (index as i64 + 1));
        state = settle(&state, rules, &now)?;
        if let Some(theirs) = marks.get(index).and_then(number) {
            check.close("fNavAfterEach", state.mark.feth_nav, theirs, 0.0);
        }
    }
    Valuation::at(&state, rules, now.oracle.safe)
}
