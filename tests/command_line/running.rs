//! `run`, `report` and `list`.

use super::desk::{Desk, assert_same};

#[test]
fn a_run_leaves_tables_charts_and_a_report() {
    let desk = Desk::new();
    let told = desk.well("run tiny.ron");
    for part in [
        "tiny, 2 runs",
        "eth_price",
        "pool_price",
        "pnl_noise_trader",
        "results: output/tiny-",
        "report.html",
    ] {
        assert!(told.stdout.contains(part), "no {part:?} in {}", told.stdout);
    }
    assert!(told.stderr.contains("tiny: 2 runs of 48 ticks, 20 agents on"), "{}", told.stderr);
    assert!(told.stderr.contains("2 of 2 runs in"), "{}", told.stderr);
    let directory = told.stdout.lines().find_map(|line| line.strip_prefix("results: ")).unwrap();
    let names: Vec<String> = desk.files(directory).into_iter().map(|file| file.0).collect();
    for name in [
        "agents.csv",
        "agents.parquet",
        "charts/fan-eth_price.png",
        "charts/fan-eth_price.svg",
        "columns.json",
        "config.ron",
        "events.parquet",
        "lorenz.parquet",
        "report.html",
        "series.csv",
        "series.parquet",
        "summary.json",
    ] {
        assert!(names.iter().any(|found| found == name), "no {name} in {names:?}");
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&desk.read(format!("{directory}/manifest.json"))).unwrap();
    assert_eq!(manifest["status"]["state"], "done");
    let listed: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(listed.contains(&"report.html") && listed.contains(&"charts/fan-eth_price.png"), "{listed:?}");
    let chart = told.stdout.lines().find_map(|line| line.strip_prefix("chart:   ")).unwrap();
    assert!(desk.path(chart).is_file(), "{chart}");
}

#[test]
fn json_stands_alone_on_stdout() {
    let desk = Desk::new();
    let json = desk.well("run tiny.ron --json").json();
    assert_eq!(json["status"], "done");
    assert_eq!((&json["runs_requested"], &json["runs_finished"]), (&2.into(), &2.into()));
    assert_eq!(json["seed"], 7);
    let price =
        json["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "eth_price").unwrap();
    assert!(price["time_mean"]["mean"].as_f64().unwrap() > 1000.0);
    assert_eq!(price["unit"], "usd");
    assert!(desk.path(json["report"].as_str().unwrap()).is_file());
    assert!(
        json["charts"].as_array().unwrap().iter().all(|chart| desk.path(chart.as_str().unwrap()).is_file())
    );
    let quiet = desk.well("run tiny.ron --json --quiet --seed 8");
    assert_eq!((quiet.stderr.as_str(), &quiet.json()["seed"]), ("", &8.into()));
}

#[test]
fn what_is_finished_is_found_and_force_runs_it_again() {
    let desk = Desk::new();
    let first = desk.well("run tiny.ron --json").json();
    let again = desk.well("run tiny.ron --json");
    assert_eq!(again.json()["status"], "found");
    assert!(again.stderr.contains("found: this experiment is finished already"), "{}", again.stderr);
    assert_eq!(again.json()["metrics"], first["metrics"]);
    assert_eq!(again.json()["charts"].as_array().unwrap().len(), first["charts"].as_array().unwrap().len());
    let forced = desk.well("run tiny.ron --json --force").json();
    assert_eq!((&forced["status"], &forced["metrics"]), (&"done".into(), &first["metrics"]));
    assert_eq!(desk.ballast("run tiny.ron --force --resume").code, 2);
}

#[test]
fn threads_leave_no_trace() {
    let desk = Desk::new();
    let alone = desk.well("run tiny.ron --json --threads 1 --out one --runs 3").directory();
    let together = desk.well("run tiny.ron --json --threads 2 --out two --runs 3").directory();
    assert_same(&desk.files(&alone), &desk.files(&together));
}

#[test]
fn the_stored_config_runs_to_the_same_bytes() {
    let desk = Desk::new();
    let first = desk.well("run tiny.ron --json --set populations.noise_trader.count=5").directory();
    assert_eq!(desk.well(&format!("run {first}/config.ron --json")).json()["status"], "found");
    let again = desk.well(&format!("run {first}/config.ron --json --out other")).directory();
    assert_same(&desk.files(&first), &desk.files(&again));
}

#[test]
fn formats_are_those_asked_for() {
    let desk = Desk::new();
    let csv = desk.well("run tiny.ron --json --format csv").directory();
    assert!(desk.path(&csv).join("series.csv").is_file() && !desk.path(&csv).join("series.parquet").exists());
    // Charts and comparisons read what there is.
    assert!(desk.path(&csv).join("charts/fan-eth_price.svg").is_file());
    let note = desk.well("run tiny.ron --format parquet").stderr;
    assert!(note.contains("note: series.parquet was not stored then"), "{note}");
    assert_eq!(desk.ballast("run tiny.ron --format xlsx").code, 2);
}

#[test]
fn the_report_is_drawn_again_to_the_same_bytes() {
    let desk = Desk::new();
    let directory = desk.well("run tiny.ron --json").directory();
    let before = desk.files(&directory);
    std::fs::remove_file(desk.path(&directory).join("report.html")).unwrap();
    std::fs::remove_dir_all(desk.path(&directory).join("charts")).unwrap();
    let told = desk.well(&format!("report {directory}"));
    assert!(told.stdout.contains("charts in") && told.stdout.contains("report.html"), "{}", told.stdout);
    assert_same(&before, &desk.files(&directory));
    // By name, and with help where there is none.
    let name = directory.strip_prefix("output/").unwrap();
    desk.well(&format!("report {name}"));
    let told = desk.ballast("report nowhere");
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("expected a directory of results, found `nowhere`"), "{}", told.stderr);
    assert!(told.stderr.contains(name), "{}", told.stderr);
}

#[test]
fn a_directory_of_someone_else_is_left_alone() {
    let desk = Desk::new();
    let directory = desk.well("run tiny.ron --json").directory();
    std::fs::remove_file(desk.path(&directory).join("manifest.json")).unwrap();
    let told = desk.ballast("run tiny.ron --json");
    assert_eq!((told.code, &told.json()["status"]), (2, &"invalid".into()));
    assert!(told.stderr.contains("no manifest of an experiment"), "{}", told.stderr);
    // A file where the directory should be.
    desk.write("occupied", "");
    let told = desk.ballast("run tiny.ron --out occupied --quiet");
    assert_eq!((told.code, told.stdout.as_str()), (1, ""));
    assert!(told.stderr.contains("a file stands where a directory should"), "{}", told.stderr);
}

#[test]
fn variants_are_run_on_the_same_market() {
    let desk = Desk::new();
    let variants = r#"    runs: 2,
    variants: [(name: "cheap", set: {"pools.pool.fee_bps": "5"}), (name: "dear", set: {"populations.noise_trader.activity_per_day": "9"})],"#;
    desk.write("variants.ron", &super::desk::TINY.replace("    runs: 2,", variants));
    let told = desk.well("run variants.ron");
    assert!(told.stderr.contains("4 runs of 48 ticks"), "{}", told.stderr);
    assert!(told.stdout.contains("cheap") && told.stdout.contains("dear"), "{}", told.stdout);
    let json = desk.well("run variants.ron --json").json();
    assert_eq!(json["runs_finished"], 4);
    let price = |variant: usize| {
        let metrics = json["variants"][variant]["summary"]["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["name"] == "eth_price").unwrap()["time_mean"].clone()
    };
    assert_eq!(json["variants"][1]["name"], "dear");
    assert_eq!(price(0), price(1), "the outside market is the same");
    let charts = json["charts"].to_string();
    assert!(charts.contains("cheap-and-dear-overlay-pool_price.svg"), "{charts}");
    let wrong = variants.replace(
        "pools.pool.fee_bps\": \"5\"",
        "pools.pol.fee_bps\": \"5\", \"seed\": \"2\", \"runs\": \"x\"",
    );
    let told = desk.checked(&super::desk::TINY.replace("    runs: 2,", &wrong));
    for part in ["did you mean `pool`?", "`seed`", "in the variant `cheap`", "wrong.ron:5:"] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

#[test]
fn everything_can_be_listed() {
    let desk = Desk::new();
    let all = desk.well("list").stdout;
    for part in [
        "noise_trader",
        "baseline",
        "collateral_ratio",
        "black_thursday_2020",
        "pools.NAME.fee_bps",
        "LogVolatility",
    ] {
        assert!(all.contains(part), "no {part:?}");
    }
    for (what, part) in [
        ("agents", "largest_trade_share"),
        ("configs", "baseline"),
        ("metrics", "feth_peg_deviation"),
        ("prices", "volatility"),
        ("parameters", "fx.stability_threshold"),
    ] {
        let told = desk.well(&format!("list {what}")).stdout;
        assert!(told.contains(part), "{what}: {told}");
        let json = desk.well(&format!("list {what} --json")).json();
        assert!(!json[what][0]["entries"].as_array().unwrap().is_empty(), "{json}");
    }
    let mine = desk.well("list metrics --config tiny.ron").stdout;
    assert!(mine.contains("pool_tvl") && !mine.contains("collateral_ratio"), "{mine}");
    assert_eq!(desk.ballast("list metric").code, 2);
}

#[test]
fn usage_is_explained() {
    let desk = Desk::new();
    assert_eq!(desk.ballast("").code, 2);
    assert_eq!(desk.ballast("rum").code, 2);
    assert!(desk.ballast("rum").stderr.contains("run"));
    assert_eq!(desk.ballast("run --threads 0").code, 2);
    for arguments in ["--help", "run --help", "compare --help", "--version"] {
        assert!(!desk.well(arguments).stdout.is_empty());
    }
}

/// `ballast list | head -1`.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command, Stdio};
    let desk = Desk::new();
    let program = assert_cmd::cargo::cargo_bin!("ballast");
    let mut child = Command::new(program)
        .arg("list")
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
