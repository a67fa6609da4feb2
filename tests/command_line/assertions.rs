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

/// Two variants by two quantities: what is told on the terminal, in the summary and in the report, and what is drawn.
#[test]
fn variants_are_compared_by_the_response() {
    let desk = Desk::new();
    let asked = "runs: 2, study: Response, response: [\"max(eth_price)\", \"P(eth_price > 0)\"], \
                 variants: [(name: \"as it is\", set: {}), (name: \"cheap\", set: {\"pools.pool.fee_bps\": \"5\"})],";
    desk.write("asked.ron", &TINY.replace("runs: 2,", asked));
    let told = desk.well("run asked.ron");
    let table: Vec<&str> =
        told.stdout.lines().skip_while(|line| !line.starts_with("response ")).take(5).collect();
    assert!(table[0].contains("variant") && table[0].contains("less as it is"), "{table:?}");
    assert!(
        table[1].starts_with("max(eth_price) ") && table[2].trim_start().starts_with("cheap "),
        "{table:?}"
    );
    let directory = told.stdout.lines().find_map(|line| line.strip_prefix("results: ")).unwrap();
    let summary = parsed(&desk.read(format!("{directory}/summary.json")));
    let response = summary["response"].as_array().unwrap();
    let of = |place: usize, field: &str| response[place][field].clone();
    assert_eq!((response.len(), of(0, "unit"), of(0, "difference")), (4, "usd".into(), Value::Null));
    // The outside price knows nothing of a pool's fee.
    assert_eq!((of(1, "variant"), of(1, "difference")), ("cheap".into(), 0.0.into()));
    assert_eq!((of(2, "mean"), of(2, "high_95"), of(2, "runs")), (1.0.into(), 1.0.into(), 2.into()));
    assert!(desk.path(directory).join("charts/response.svg").is_file());
    let report = String::from_utf8(desk.read(format!("{directory}/report.html"))).unwrap();
    assert!(report.contains("<h2>Response</h2>"));
    assert_eq!(desk.well("run asked.ron --json").json()["response"], summary["response"]);
}

/// What votes did is drawn for every variant by itself, and says whose it is.
#[test]
fn each_variant_has_charts_of_its_governance() {
    let desk = Desk::new();
    let asked = "runs: 2, governance: (initial_price_usd: 0.02, initial_supply: 1000000, profile: Plain, \
                 allocation: (foundation: 0.5, distributed: 0.5)), \
                 variants: [(name: \"as it is\", set: {}), (name: \"cheap\", set: {\"pools.pool.fee_bps\": \"5\"})],";
    let world = TINY.replace("runs: 2,", asked).replace("\"ETH\": 0.5}", "\"ETH\": 0.4, \"GOV\": 0.1}");
    desk.write("voted.ron", &world);
    let told = desk.well("run voted.ron");
    let directory = told.stdout.lines().find_map(|line| line.strip_prefix("results: ")).unwrap();
    for (variant, words) in [("as-it-is", "variant as it is"), ("cheap", "variant cheap")] {
        for chart in ["governance", "concentration", "token"] {
            let name = format!("{directory}/charts/{variant}-{chart}.svg");
            let drawn = String::from_utf8(desk.read(&name)).unwrap();
            assert!(drawn.contains(&format!("tiny, {words} \u{b7} run 0 of 2")), "{name}");
        }
    }
}

#[test]
fn a_response_that_asks_for_nothing_known_is_refused() {
    let desk = Desk::new();
    for (asked, told) in [
        ("response: [\"mean(eth_prize)\"]", "did you mean `eth_price`?"),
        (
            "response: [\"mean(eth_price) > 1\"]",
            "a quantity alone is compared across variants; a claim belongs in `assertions`",
        ),
        ("response: [\"men(eth_price)\"]", "did you mean `mean`?"),
        ("study: Response", "expected at least one quantity in `response`"),
        ("response: [\"min(eth_price)\", \"min(eth_price)\"]", "a name that no other quantity has"),
    ] {
        desk.write("asked.ron", &TINY.replace("runs: 2,", &format!("runs: 2, {asked},")));
        let refused = desk.ballast("check asked.ron");
        assert_eq!(refused.code, 2, "{asked}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{asked}: {}", refused.stderr);
    }
}
