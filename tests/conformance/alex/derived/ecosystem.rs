//! The vaults, the launchpad and the DAO: every call of theirs and every code, as their source says.
//!
//! The vaults go on where the stakers of the golden file end. The launchpad's random value is made up.

use serde_json::{Value, json};

use super::{failures, scenario};
use crate::alex::ecosystem::{GOLDEN, World, knows};
use crate::alex::reading::{list, text};
use crate::report::Report;

const SCENARIOS: [(&str, &str); 5] = [
    ("auto_alex", include_str!("auto_alex.json")),
    ("auto_alex_v2", include_str!("auto_alex_v2.json")),
    ("launchpad", include_str!("launchpad.json")),
    ("dao", include_str!("dao.json")),
    ("dao_executives", include_str!("dao_executives.json")),
];

#[test]
fn vaults_launches_and_votes_follow_the_source() {
    for (name, text) in SCENARIOS {
        assert_eq!(failures(&scenario(text)), Vec::<String>::new(), "{name}");
    }
}

/// The same answer with one thing wrong, for everything that can be. A number is off by `off` and a part in 1e9 of it.
fn wrong(answer: &Value, off: u128) -> Vec<Value> {
    let mut found = Vec::new();
    match answer {
        Value::Null => found.push(json!({"some": "1"})),
        Value::Bool(flag) => found.push(json!(!flag)),
        Value::String(said) => match said.parse::<u128>() {
            Ok(number) => {
                let off = if off == 1 { 1 } else { off + number / 999_999_999 };
                found.push(json!(number.saturating_add(off).to_string()));
                found.push(json!(number.saturating_sub(off).to_string()));
                found.retain(|other| other != answer);
            }
            Err(_) => found.push(json!(format!("{said}x"))),
        },
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                found.extend(wrong(item, off).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[place] = item;
                    json!(items)
                }));
            }
            found.push(json!([items.as_slice(), &[json!("0")]].concat()));
        }
        Value::Object(fields) => {
            if fields.contains_key("some") {
                found.push(Value::Null);
            }
            if !fields.contains_key("err") {
                found.push(json!({"err": "9999"}));
            }
            for (name, field) in fields {
                let off = if name == "err" { 1 } else { off };
                found.extend(wrong(field, off).into_iter().map(|field| {
                    let mut fields = fields.clone();
                    fields[name] = field;
                    Value::Object(fields)
                }));
            }
            let mut more = fields.clone();
            more.insert("more".into(), json!("0"));
            found.push(Value::Object(more));
            if fields.contains_key("err") || fields.contains_key("runtime_error") {
                found.push(json!({"ok": true}));
                found.push(json!({"runtime_error": "SomethingElse"}));
            }
        }
        Value::Number(_) => {}
    }
    found
}

/// What a step alone can tell: what somebody or everybody held of a coin before the first step, what the chain drew; and
/// that an amount is a few units of dust.
const TOLD: [(&str, &[&str]); 5] = [
    ("auto_alex", &["106 get-balance-fixed"]),
    ("auto_alex_v2", &["116 get-balance-fixed"]),
    (
        "launchpad",
        &[
            "9 get-balance-fixed",
            "10 get-balance-fixed",
            "79 get-vrf-uint",
            "97 get-balance-fixed",
            "123 get-balance-fixed",
            "125 get-balance-fixed",
        ],
    ),
    ("dao", &["61 get-total-supply-fixed"]),
    ("dao_executives", &[]),
];

/// The steps in which something wrong would be believed.
fn believed(scenario: &Value, off: u128) -> Vec<String> {
    let steps = list(&scenario["steps"]);
    let entered = World::of(scenario).and_then(|mut world| {
        world.enter(text(scenario, "name"), steps, scenario)?;
        Ok(world)
    });
    let mut world = entered.unwrap_or_else(|why| panic!("a chain: {why}"));
    let mut found = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let refuted = wrong(&step["result"], off).into_iter().all(|answer| {
            let mut step = step.clone();
            step["result"] = answer;
            world.clone().step(&step).is_err()
        });
        if !refuted {
            found.push(format!("{index} {}", text(step, "fn")));
        }
        let played = world.step(step);
        assert_eq!(played, Ok(()), "{index}");
    }
    found
}

/// Whatever is wrong in an answer is found in that very step.
#[test]
fn whatever_is_wrong_in_an_answer_is_found() {
    for ((name, said), (_, told)) in SCENARIOS.into_iter().zip(TOLD) {
        // Past a vault's first stake amounts may be off by what the library rounds once and the contracts twice.
        let off = if name.starts_with("auto") { 21 } else { 1 };
        assert_eq!(believed(&scenario(said), off), told, "{name}");
    }
    let golden = scenario(GOLDEN);
    let mut of_golden = list(&golden["scenarios"]).to_vec();
    of_golden.retain(|scenario| knows(text(scenario, "name")));
    assert_eq!(of_golden.len(), 2);
    for mut scenario in of_golden {
        scenario["unit_cases"] = golden["unit_cases"].clone();
        assert_eq!(believed(&scenario, 1), Vec::<String>::new(), "{}", text(&scenario, "name"));
    }
}

/// The vault finds what the stakers have left, whether the file shows them or not.
#[test]
fn a_vault_goes_on_where_the_stakers_end() {
    let golden = scenario(GOLDEN);
    let stakers =
        list(&golden["scenarios"]).iter().find(|scenario| text(scenario, "name") == "staking-3-stakers");
    let vault = scenario(SCENARIOS[0].1);
    for scenarios in [json!([stakers, vault]), json!([vault])] {
        let mut report = Report::default();
        let file = json!({"unit_cases": golden["unit_cases"], "scenarios": scenarios});
        super::super::scenarios(list(&file["scenarios"]), &file, &mut report);
        assert_eq!(report.failures(), &[] as &[String]);
    }
}

/// What nobody knows fails, be it a call, a field or an argument.
#[test]
fn an_unknown_call_fails() {
    let fails = |step: Value| {
        let scenario = json!({"name": "dao-vote", "steps": [step]});
        let found = failures(&scenario);
        assert_eq!(found.len(), 1, "{scenario}");
    };
    let call = |contract: &str, function: &str, args: Value| {
        json!({"block_height": 5, "kind": "public", "contract": contract, "fn": function, "args": args,
               "sender": "deployer", "result": {"ok": true}})
    };
    for contract in [
        "alex-reserve-pool",
        "reserve-pool-dec2021",
        "staking-helper",
        "auto-alex",
        "auto-alex-v2",
        "alex-launchpad-v1-1",
        "executor-dao",
        "age000-governance-token",
        "age001-proposal-voting",
        "age002-emergency-proposals",
        "age003-emergency-execute",
        "token-apower",
        "token-banana",
        "no-such-contract",
    ] {
        fails(call(contract, "no-such-function", json!(["1", "2", "3"])));
        fails(call(contract, "set-no-such-thing", json!(["1", "2", "3"])));
    }
    fails(call(
        "age001-proposal-voting",
        "vote",
        json!(["1", "perhaps", ".agp001", ".age000-governance-token"]),
    ));
    fails(call("alex-launchpad-v1-1", "create-pool", json!([".token-banana", ".token-apower", {}])));
    let mut odd = call("age002-emergency-proposals", "callback", json!(["deployer", "0x"]));
    odd["note"] = json!("a remark in words");
    assert_eq!(failures(&json!({"name": "dao-vote", "steps": [odd]})), Vec::<String>::new());
    odd["votes"] = json!({"for": "1"});
    fails(odd);
    let act = json!({"block_height": 5, "kind": "harness", "fn": "mine", "args": ["9"], "result": null});
    fails(act);
}
