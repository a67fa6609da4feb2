//! What is asserted of an experiment, and what the program does about it.

use serde_json::Value;

use super::desk::{Desk, TINY};

/// The tiny market with these assertions.
fn asserting(assertions: &str) -> String {
    TINY.replace("runs: 2,", &format!("runs: 2, assertions: [{assertions}],"))
}

/// Two of two runs: the exact interval begins at 0.025^(1/2).
const FAILING: &str = "\"P(eth_price > 0) < 0.01\"";
/// None of two runs says little about one in two.
const OPEN: &str = "\"P(eth_price > 1e6 for > 6h) < 0.5\"";
const SURE: &str = "\"min(eth_price) > 10\"";

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_failed_assertion_exits_with_three_and_keeps_all_results() {
    let desk = Desk::new();
    desk.write("claims.ron", &asserting(&format!("{SURE}, {FAILING}")));
    let told = desk.ballast("run claims.ron");
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(told.stderr.ends_with("failed: an assertion of the experiment\n"), "{}", told.stderr);
    let table: Vec<&str> =
        told.stdout.lines().skip_while(|line| !line.starts_with("assertion ")).take(3).collect();
    assert!(table[0].ends_with("estimate     95 % interval  runs  verdict"), "{table:?}");
    assert!(table[1].starts_with("min(eth_price) > 10 ") && table[1].ends_with("     2  holds"), "{table:?}");
    assert!(
        table[2].starts_with("P(eth_price > 0) < 0.01  ") && table[2].ends_with("0.15811 to 1     2  fails"),
        "{table:?}"
    );
    let directory = told.stdout.lines().find_map(|line| line.strip_prefix("results: ")).unwrap();
    for name in ["series.parquet", "agents.csv", "charts/fan-eth_price.svg", "config.ron"] {
        assert!(desk.path(directory).join(name).is_file(), "no {name}");
    }
    let report = String::from_utf8(desk.read(format!("{directory}/report.html"))).unwrap();
    assert!(report.contains("<h2>Assertions</h2>") && report.contains("P(eth_price &gt; 0) &lt; 0.01"));
    let manifest = parsed(&desk.read(format!("{directory}/manifest.json")));
    assert_eq!((&manifest["status"]["state"], &manifest["exit_code"]), (&"done".into(), &3.into()));
    let summary = parsed(&desk.read(format!("{directory}/summary.json")));
    let verdicts: Vec<&str> = summary["assertions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["holds", "fails"]);
    // Asked again it is found, and has still failed.
    let again = desk.ballast("run claims.ron --json");
    assert_eq!(
        (again.code, &again.json()["status"], &again.json()["exit_code"]),
        (3, &"found".into(), &3.into())
    );
    assert_eq!(again.json()["assertions"], summary["assertions"]);
    desk.well(&format!("report {directory}"));
}

#[test]
fn an_undecided_assertion_is_noted_and_no_failure() {
    let desk = Desk::new();
    desk.write("claims.ron", &asserting(OPEN));
    let told = desk.well("run claims.ron");
    assert!(told.stdout.contains("P(eth_price > 1e6 for > 6h) < 0.5"), "{}", told.stdout);
    assert!(
        told.stdout.contains("undecided\nnote: one assertion is undecided: more runs may settle it\n"),
        "{}",
        told.stdout
    );
    let json = desk.well("run claims.ron --json --out other").json();
    assert_eq!((&json["assertions"][0]["verdict"], &json["exit_code"]), (&"undecided".into(), &0.into()));
    // Six runs settle it: one less the sixth root of 0.025 is 0.46.
    let json = desk.well("run claims.ron --json --runs 6").json();
    assert_eq!(json["assertions"][0]["verdict"], "holds");
    assert!(desk.well("check claims.ron").stdout.contains("1 population, 1 assertion\n"));
}

#[test]
fn each_variant_is_judged_and_one_that_fails_is_enough() {
    let desk = Desk::new();
    let variants = format!(
        "runs: 2, assertions: [{SURE}], variants: [(name: \"cheap\", set: {{\"pools.pool.fee_bps\": \"5\"}}), \
         (name: \"bold\", set: {{\"assertions\": r#\"[{FAILING}]\"#}})],"
    );
    desk.write("claims.ron", &TINY.replace("runs: 2,", &variants));
    let told = desk.ballast("run claims.ron --json");
    assert_eq!(told.code, 3, "{}", told.stderr);
    let json = told.json();
    assert_eq!(json["assertions"], Value::Array(Vec::new()));
    let of = |variant: usize| json["variants"][variant]["summary"]["assertions"].clone();
    assert_eq!((&of(0)[0]["verdict"], &of(0)[0]["runs"]), (&"holds".into(), &2.into()));
    assert_eq!((&of(1)[0]["verdict"], &of(1)[0]["runs"]), (&"fails".into(), &2.into()));
    let told = desk.ballast("run claims.ron");
    assert!(
        told.stdout.contains("\nvariant  assertion ") && told.stdout.contains("\nbold     P(eth"),
        "{}",
        told.stdout
    );
}
