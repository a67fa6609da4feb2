//! f(x) v1: library functions, single actions, trajectories, path dependence.

mod check;
mod library;
mod pools;
mod snapshot;
mod world;

use std::collections::BTreeMap;

use ballast::protocol::fx::{
    FeePair, Fees, Generation, Incentives, Pauses, Rules, Thresholds, UnderCollateral,
};
use serde_json::Value;

use crate::report::{Report, Verdict};
use check::{Check, field, number};
use world::World;

/// The sections of a file that hold no cases.
const NO_CASES: [&str; 3] = ["meta", "configs", "states"];

/// Replays one file of f(x) vectors.
pub fn replay(file: &Value, report: &mut Report) {
    let Some(sections) = file.as_object() else {
        report.unknown("fx: not an object");
        return;
    };
    let mut unknown = BTreeMap::new();
    for (section, cases) in sections {
        match section.as_str() {
            "math" => library::math(list(cases), report),
            "ema" => library::ema(list(cases), report),
            "exp" => library::exponential(list(cases), report),
            "path_dependence" => library::path_dependence(list(cases), report),
            "actions" => actions(file, list(cases), report, &mut unknown),
            "trajectories" => trajectories(file, list(cases), report, &mut unknown),
            name if NO_CASES.contains(&name) => {}
            name => report.unknown(&format!("fx_{name}")),
        }
    }
    for (path, count) in unknown {
        println!("fx: not compared: {path} ({count} times)");
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The verdict of what a check found.
fn verdict(check: &Check) -> Verdict {
    if check.mismatches.is_empty() {
        return Verdict::Passed;
    }
    Verdict::Failed(check.mismatches.join("; "))
}

/// The rules of a named configuration on the contracts of `era`.
fn rules(file: &Value, config: &str, era: &str) -> Rules {
    let config = &file["configs"][config];
    assert!(config.is_object(), "no such configuration");
    let at = |list: &Value, index: usize| number(&list[index]).unwrap_or_default();
    let fee = |name: &str| {
        let pair = &config["fees"][name];
        FeePair { default: at(pair, 0), extra: at(pair, 1) }
    };
    let flag = |names: &[&str]| names.iter().any(|name| config[*name].as_bool() == Some(true));
    let market = &config["market"];
    let incentive = &config["incentive"];
    let mut harvest = Rules::deployed_2023().harvest;
    for (name, value) in config.as_object().into_iter().flatten() {
        let lower = name.to_lowercase();
        if let Some(ratio) = number(value) {
            if lower.contains("bounty") {
                harvest.bounty_ratio = ratio;
            } else if lower.contains("poolratio") {
                harvest.rebalance_pool_ratio = ratio;
            }
        }
    }
    Rules {
        generation: match era {
            "A" => Generation::EraA,
            "head" => Generation::Head,
            other => panic!("unknown era {other}"),
        },
        beta: field(config, "beta"),
        thresholds: Thresholds {
            stability: at(market, 0),
            user_rebalance: at(market, 1),
            protocol_rebalance: at(market, 2),
            recapitalisation: at(market, 3),
        },
        incentives: Incentives {
            stability: at(incentive, 0),
            user_rebalance: at(incentive, 1),
            protocol_rebalance: at(incentive, 2),
        },
        fees: Fees {
            feth_mint: fee("fMint"),
            xeth_mint: fee("xMint"),
            feth_redeem: fee("fRedeem"),
            xeth_redeem: fee("xRedeem"),
        },
        pauses: Pauses {
            mint: flag(&["pauseMint", "mintPaused"]),
            redeem: flag(&["pauseRedeem", "redeemPaused"]),
            feth_mint_in_stability: flag(&["pauseFMintInStability"]),
            xeth_redeem_in_stability: flag(&["pauseXRedeemInStability"]),
        },
        bonus_ratio: field(config, "bonusRatio"),
        collateral_cap_eth: field(config, "baseTokenCap"),
        initial_mint_ratio: field(config, "initialMintRatio"),
        ema_interval_seconds: field(config, "emaInterval"),
        harvest,
        under_collateral: UnderCollateral::Revert,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Independent one-step cases; the state each starts from is compared too, once.
fn actions(file: &Value, cases: &[Value], report: &mut Report, unknown: &mut BTreeMap<String, usize>) {
    const GROUP: &str = "fx_actions";
    let start = |id: &str| -> Option<World> {
        let state = file["states"].get(id)?;
        let rules = rules(file, text(state, "config"), text(state, "era"));
        Some(World::at_snapshot(rules, &state["snap"], &Value::Null, true))
    };
    for (id, state) in file["states"].as_object().into_iter().flatten() {
        let Some(world) = start(id) else { continue };
        let mut check = Check::default();
        snapshot::compare(&world, &state["snap"], &mut check);
        merge(unknown, &check);
        report.note(GROUP, &format!("state {id}"), verdict(&check));
    }
    for case in cases {
        let id = text(case, "id");
        let Some(mut world) = start(text(case, "stateId")) else {
            report.note(GROUP, id, Verdict::Failed(format!("no state {}", text(case, "stateId"))));
            continue;
        };
        let verdict = step(&mut world, &case["action"], case, unknown);
        report.note(GROUP, id, verdict);
    }
}

/// Chains of steps; our own state carries on from step to step.
fn trajectories(file: &Value, cases: &[Value], report: &mut Report, unknown: &mut BTreeMap<String, usize>) {
    const GROUP: &str = "fx_trajectories";
    for case in cases {
        let id = text(case, "id");
        let rules = rules(file, text(case, "config"), text(case, "era"));
        let mut world = World::at_snapshot(rules, &case["initial"]["snap"], &case["options"], false);
        for (index, chained) in list(&case["steps"]).iter().enumerate() {
            let verdict = step(&mut world, chained, chained, unknown);
            report.note(GROUP, &format!("{id} step {index} {}", text(chained, "op")), verdict);
        }
    }
}

/// One step: `action` holds the operation, `case` what came of it.
fn step(world: &mut World, action: &Value, case: &Value, unknown: &mut BTreeMap<String, usize>) -> Verdict {
    let post = &case["post"];
    let mut check = Check::default();
    let before = world.clone();
    let time = case["t"].as_i64().unwrap_or_default();
    let ours = world.apply(action, time, post);
    let accepted = case["ok"].as_bool() == Some(true);
    if before.is_dust() || snapshot::is_dust(post) {
        // Nothing can be compared; the pools have done their part and the market is taken over.
        if ours.is_err() {
            *world = before;
        }
        world.adopt(post);
        world.pools.adopt_dust(post);
        return Verdict::Skipped("wei-dust");
    }
    match (&ours, accepted) {
        (Ok(applied), true) => {
            applied.compare(&before, case, &mut check);
            snapshot::compare(world, post, &mut check);
        }
        (Err(refused), false) => {
            *world = before;
            refused.compare(text(case, "revert"), &mut check);
            if !check.mismatches.is_empty() && world.is_at_threshold() {
                return Verdict::Skipped("wei-dust");
            }
            snapshot::compare(world, post, &mut check);
        }
        (Ok(applied), false)
            if applied.is_dust()
                || before.is_at_par()
                || before.is_at_threshold()
                || world.is_ambiguous(&before, action) =>
        {
            *world = before;
            return Verdict::Skipped("wei-dust");
        }
        (Err(_), true) if world::moved_only_dust(case) || before.is_at_par() => {
            *world = before;
            world.adopt(post);
            world.pools.accrue(text(action, "op"), time);
            world.pools.adopt_dust(post);
            return Verdict::Skipped("wei-dust");
        }
        (Ok(_), false) => {
            *world = before;
            check.fail(format!("we accept, they refuse with \"{}\"", text(case, "revert")));
        }
        (Err(refused), true) => {
            *world = before;
            check.fail(format!("they accept, we refuse with \"{refused}\""));
        }
    }
    world.pools.adopt_dust(post);
    merge(unknown, &check);
    verdict(&check)
}

fn merge(unknown: &mut BTreeMap<String, usize>, check: &Check) {
    for (path, count) in &check.unknown {
        *unknown.entry(path.clone()).or_default() += count;
    }
}
