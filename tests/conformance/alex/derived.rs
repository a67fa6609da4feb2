//! Scenarios of forms that the golden vectors at hand do not show.
//!
//! Their numbers come from a separate model in integers, written from the source of the contracts: nobody has run the
//! contracts on them. They hold the replay to what that source says, call by call and refusal by refusal.

mod ecosystem;

use serde_json::{Value, json};

use super::replay;
use crate::report::Report;

const LOANS: &str = include_str!("derived/loans.json");
const FIXED_WEIGHT_POOL: &str = include_str!("derived/fixed_weight_pool.json");

fn scenario(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("a derived scenario: {error}"))
}

/// What of a scenario fails.
fn failures(scenario: &Value) -> Vec<String> {
    let mut report = Report::default();
    replay(&json!({"scenarios": [scenario]}), &mut report);
    let steps = scenario["steps"].as_array().map_or(0, Vec::len);
    assert_eq!(report.cases(), steps, "a case a step");
    report.failures().to_vec()
}

#[test]
fn loans_on_the_real_router_follow_the_source() {
    assert_eq!(failures(&scenario(LOANS)), Vec::<String>::new());
}

#[test]
fn trades_in_one_and_two_weighted_pools_follow_the_source() {
    assert_eq!(failures(&scenario(FIXED_WEIGHT_POOL)), Vec::<String>::new());
}

/// The conditions of a creation in the order of the source, and those of the deposit behind it.
#[test]
fn creations_are_refused_in_the_order_of_the_source() {
    let (token, collateral) = (".age000-governance-token", ".auto-alex");
    let step = |sender: &str, height: u64, changes: &[(usize, &str)], result: Value| {
        let mut args = [
            token,
            collateral,
            "2000",
            ".yield-alex-v1",
            ".key-alex-autoalex-v1",
            "deployer",
            "75000000",
            "90000000",
            "80000000",
            "0",
            "52500000000",
            "10000000000",
        ];
        for (index, value) in changes {
            args[*index] = value;
        }
        json!({"block_height": height, "kind": "public", "contract": "collateral-rebalancing-pool-v1",
               "fn": "create-pool", "args": args, "sender": sender, "result": result})
    };
    let code = |code: &str| json!({"err": code});
    let terms = [(6, "90000000"), (7, "100000000"), (9, "100000000"), (10, "190000000000"), (1, token)];
    let mut steps = vec![step("wallet_1", 100, &[(6, "90000000")], code("1000"))];
    steps.extend(terms.map(|change| step("deployer", 100, &[change], code("2001"))));
    let done = json!({"ok": {"yield-token": "7500000000", "key-token": "7500000000"}});
    let underflow = json!({"runtime_error": "ArithmeticUnderflow"});
    steps.extend([
        // Blocks are subtracted only when the conditions before have held.
        step("deployer", 2001, &[], underflow),
        step("deployer", 2001, &[(9, "100000000")], code("2001")),
        step("deployer", 2000, &[(10, "0")], code("2001")),
        step("deployer", 100, &[(8, "0")], json!({"runtime_error": "DivisionByZero"})),
        step("deployer", 100, &[(8, "0"), (1, token)], code("2001")),
        step("deployer", 100, &[(11, "0")], code("2003")),
        step("deployer", 100, &[], done),
        step("deployer", 100, &[(6, "90000000")], code("2000")),
    ]);
    assert_eq!(failures(&json!({"name": "crp-create-errors", "steps": steps})), Vec::<String>::new());
}

/// Every answer matters: whichever is changed, its step fails.
#[test]
fn a_changed_answer_is_found() {
    for text in [LOANS, FIXED_WEIGHT_POOL] {
        let whole = scenario(text);
        for index in 0..whole["steps"].as_array().map_or(0, Vec::len) {
            let mut changed = whole.clone();
            changed["steps"][index]["result"] = json!({"err": "9999"});
            let found = failures(&changed);
            let step = format!("step {index} ");
            assert!(found.iter().any(|failure| failure.contains(&step)), "{step}: {found:?}");
        }
    }
}

/// What nobody knows fails; it is never passed over.
#[test]
fn an_unknown_call_field_or_act_fails() {
    let steps = |steps: Value| json!({"name": "crp-real-swap-helper", "steps": steps});
    let call = |contract: &str, function: &str| {
        json!({"block_height": 1, "kind": "public", "contract": contract, "fn": function,
               "args": [".auto-alex", ".age000-governance-token", "100"], "sender": "deployer", "result": {"ok": true}})
    };
    for contract in [
        "collateral-rebalancing-pool-v1",
        "yield-token-pool",
        "swap-helper-v1-03",
        "simple-weight-pool-alex",
        "fixed-weight-pool-v1-01",
        "alex-reserve-pool",
        "alex-vault",
        "no-such-contract",
    ] {
        let found = failures(&steps(json!([call(contract, "no-such-function")])));
        assert_eq!(found.len(), 1, "{contract}");
    }
    let mut odd = call("alex-vault", "add-approved-token");
    assert!(failures(&steps(json!([odd]))).is_empty());
    odd["says"] = json!("a remark in words");
    assert!(failures(&steps(json!([odd]))).is_empty());
    odd["measures"] = json!("17");
    assert_eq!(failures(&steps(json!([odd]))).len(), 1);
    let act =
        json!({"block_height": 1, "kind": "harness", "fn": "burn-the-chain", "args": [], "result": null});
    assert_eq!(failures(&steps(json!([act]))).len(), 1);
}
