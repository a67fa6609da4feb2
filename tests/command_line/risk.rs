//! `risk`: from a config to estimates, charts and a report.

use super::desk::{Desk, assert_same};

/// A week-long loan on few paths, with something of everything.
const SMALL: &str = r#"(
    name: "small",
    seed: 3,
    paths: 300,
    model: (term_hours: 168, price: JumpDiffusion(jump_amplifier: 1), conversion: Off),
    ltvs: [0.9, 0.95],
    amplifiers: [1, 100],
    loss_threshold: 0.02,
    headline: (amplifier: 100, ltv: 0.95),
    rare: (paths: 300),
    sensitivity: (
        ltv: 0.95,
        set: {"model.price.jump_amplifier": "100"},
        variants: [
            (name: "fast", set: {"model.smoothing": "0.5"}),
            (name: "sold", set: {"model.conversion": "AtMarket(ltv: 0.97)"}),
            (name: "deeper", ltv: 0.9),
        ],
    ),
)
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("small.ron", SMALL);
    desk
}

#[test]
fn a_study_leaves_tables_charts_and_a_report() {
    let desk = desk();
    let told = desk.well("risk small.ron");
    for part in
        ["small, 300 paths", "VaR 99 %", "Given default", "importance sampling", "than the base", "fast"]
    {
        assert!(told.stdout.contains(part), "no {part:?} in {}", told.stdout);
    }
    // 300 paths have three above the 99 % quantile.
    assert!(told.stdout.contains("* rests on fewer than 30 tail events"), "{}", told.stdout);
    assert!(told.stdout.contains("Conversion is off"), "{}", told.stdout);
    let directory = told.stdout.lines().find_map(|line| line.strip_prefix("results: ")).unwrap();
    let names: Vec<String> = desk.files(directory).into_iter().map(|file| file.0).collect();
    for name in [
        "charts/default_probability.png",
        "charts/loss_distribution.svg",
        "charts/risk_sensitivity.svg",
        "charts/value_at_risk.png",
        "columns.json",
        "config.ron",
        "estimates.csv",
        "estimates.parquet",
        "losses.parquet",
        "report.html",
        "summary.json",
    ] {
        assert!(names.iter().any(|found| found == name), "no {name} in {names:?}");
    }
    let report = String::from_utf8(desk.read(format!("{directory}/report.html"))).unwrap();
    assert!(report.contains("tail events, fewer than 30") && report.contains("Conversion is off"));
    let rows = String::from_utf8(desk.read(format!("{directory}/estimates.csv"))).unwrap();
    // Two amplifiers of two loans, a base and three changes, at two levels each.
    assert_eq!(rows.lines().count(), 1 + 2 * (4 + 4));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes_and_so_does_the_resolved_config() {
    let desk = desk();
    let one = desk.well("risk small.ron --json --threads 1 --out one").directory();
    let two = desk.well("risk small.ron --json --threads 2 --out two").directory();
    assert_same(&desk.files(&one), &desk.files(&two));
    let again = desk.well(&format!("risk {one}/config.ron --json --out again")).directory();
    assert_same(&desk.files(&one), &desk.files(&again));
}

#[test]
fn what_is_finished_is_found_and_drawn_again() {
    let desk = desk();
    let first = desk.well("risk small.ron --json").json();
    let directory = first["directory"].as_str().unwrap();
    let before = desk.files(directory);
    let found = desk.well("risk small.ron --json").json();
    assert_eq!((&found["status"], &found["estimates"]), (&"found".into(), &first["estimates"]));
    std::fs::remove_file(desk.path(directory).join("charts/value_at_risk.svg")).unwrap();
    assert!(desk.well(&format!("report {directory}")).stdout.contains("4 charts"));
    desk.well("risk small.ron --force --quiet");
    assert_same(&before, &desk.files(directory));
    // Of two studies no paths are compared.
    let told = desk.ballast(&format!("compare {directory} {directory}"));
    assert!(told.code == 2 && told.stderr.contains("holds a study of risk"), "{}", told.stderr);
    // Words alone are enough to draw from.
    let words = desk.well("risk small.ron --format csv --out words --json").directory();
    assert_eq!(desk.read(format!("{words}/report.html")), desk.read(format!("{directory}/report.html")));
}

#[test]
fn the_shipped_study_is_found_by_name_and_compared_with_what_was_published() {
    let desk = Desk::new();
    let json = desk.well("risk alex_appendix --paths 600 --set sensitivity=None --json --quiet").json();
    assert_eq!((&json["points_published"], &json["paths"]), (&48.into(), &600.into()));
    assert!(json["rms_error_published"].as_f64().unwrap() > 0.0);
    assert_eq!(json["case_study"][0]["months"], 3.125);
    assert!(!json["few_events"].as_array().unwrap().is_empty());
    assert!(desk.well("list configs").stdout.contains("risk/alex_appendix"));
    let told = desk.well("check alex_appendix unconditional baseline").stdout;
    assert!(told.contains("alex_appendix: fine; 100000 paths of 40 models"), "{told}");
}

/// The figures the study is shipped for; a matter of seconds where the program is optimised.
#[cfg(not(debug_assertions))]
#[test]
fn the_shipped_study_comes_within_a_hundredth_of_what_was_published() {
    let desk = Desk::new();
    let json = desk.well("risk --set sensitivity=None --json --quiet").json();
    let rms = json["rms_error_published"].as_f64().unwrap();
    assert!(rms < 0.010, "{rms}");
    let exceedance = json["headline"]["exceedance"]["probability"]["value"].as_f64().unwrap();
    assert!((0.009..=0.011).contains(&exceedance), "{exceedance}");
    assert!(json["headline"]["default_probability"]["value"].as_f64().unwrap() > 0.999);
}

#[test]
fn mistakes_are_shown_where_they_stand_all_at_once() {
    let desk = Desk::new();
    let wrong = SMALL
        .replace("paths: 300,\n    model", "pahts: 300,\n    model")
        .replace("term_hours: 168", "term_hours: 0, smothing: 0.1");
    let told = desk.checked(&wrong);
    for part in ["did you mean `paths`?", "did you mean `smoothing`?", "wrong.ron:4:5", "^^^^^"] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
    let wrong = SMALL
        .replace("term_hours: 168", "term_hours: 0")
        .replace("amplifier: 100, ltv: 0.95", "amplifier: 50, ltv: 0.5")
        .replace("[0.9, 0.95]", "[0.9, 1.95]");
    let told = desk.checked(&wrong);
    for part in [
        "expected a whole number from 1 to 87600 for `model.term_hours`, found 0",
        "for `headline.amplifier`, found 50",
        "for `headline.ltv`, found 0.5",
        "for `ltvs.1`, found 1.95",
    ] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

#[test]
fn a_mistake_of_a_variant_is_shown_in_the_variant() {
    let desk = Desk::new();
    let wrong = SMALL
        .replace(r#"{"model.smoothing": "0.5"}"#, r#"{"model.smoothing": "5"}"#)
        .replace(r#"(name: "deeper", ltv: 0.9)"#, r#"(name: "deeper", set: {"paths": "7"})"#);
    let told = desk.checked(&wrong);
    for part in ["in the variant `fast`", "found 5", "wrong.ron:", "expected a field of `model`", "`paths`"] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

#[test]
fn each_command_sends_the_other_kind_of_config_on() {
    let desk = desk();
    let told = desk.ballast("run small.ron");
    assert!(told.code == 2 && told.stderr.contains("`ballast risk small.ron` runs it"), "{}", told.stderr);
    let told = desk.ballast("risk tiny.ron");
    assert!(told.code == 2 && told.stderr.contains("`ballast run tiny.ron` runs it"), "{}", told.stderr);
    let told = desk.ballast("risk alex_apendix");
    assert!(told.code == 2 && told.stderr.contains("alex_appendix"), "{}", told.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_study_leaves_no_figures_and_can_be_run_again() {
    use std::process::{Command, Stdio};

    let desk = desk();
    let child = Command::new(assert_cmd::cargo::cargo_bin!("ballast"))
        .args(["risk", "small.ron", "--paths", "20000000", "--threads", "1", "--json"])
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    let directory = loop {
        let results = std::fs::read_dir(desk.path("output")).into_iter().flatten().flatten();
        let manifests = results.map(|entry| entry.path()).filter(|path| path.join("manifest.json").is_file());
        if let Some(found) = manifests.into_iter().next() {
            break found;
        }
        assert!(began.elapsed().as_secs() < 60, "nothing was begun in a minute");
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["status"], "interrupted");
    let left: Vec<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".lock")
        .collect();
    assert_eq!(left, ["manifest.json"]);
    assert_eq!(desk.ballast(&format!("report {}", directory.display())).code, 2);
}
