//! Ctrl-C, and going on afterwards.

#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::desk::{Desk, TINY, assert_same};

/// Long enough to be interrupted, in several runs.
fn long() -> String {
    TINY.replace("runs: 2", "runs: 6, assertions: [\"min(eth_price) > 10\"]")
        .replace("horizon_days: 2", "horizon_days: 60")
        .replace("count: 20", "count: 400")
}

fn start(desk: &Desk) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("ballast"))
        .args(["run", "long.ron", "--threads", "1", "--json"])
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished_runs(desk: &Desk) -> usize {
    let Ok(results) = std::fs::read_dir(desk.path("output")) else { return 0 };
    let parts = results.flatten().filter_map(|entry| std::fs::read_dir(entry.path().join("parts")).ok());
    let names = parts.flat_map(|parts| parts.flatten()).map(|part| part.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("run-")).count()
}

#[test]
fn an_interrupted_experiment_keeps_its_runs_and_resumes_to_the_same_bytes() {
    let desk = Desk::new();
    desk.write("long.ron", &long());
    let child = start(&desk);
    let began = Instant::now();
    while finished_runs(&desk) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "no run was finished in a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted: ") && stderr.contains("--resume"), "{stderr}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["status"], "interrupted");
    let kept = json["runs_finished"].as_u64().unwrap();
    assert!((1..6).contains(&kept), "{kept}");
    let directory = json["directory"].as_str().unwrap().to_owned();
    assert!(desk.path(&directory).join("series.parquet").is_file(), "what is finished is assembled");

    let told = desk.ballast("run long.ron");
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains(&format!("holds {kept} finished runs")), "{}", told.stderr);
    let told = desk.ballast(&format!("report {directory}"));
    assert!(told.code == 2 && told.stderr.contains("interrupted"), "{}", told.stderr);

    let resumed = desk.well("run long.ron --json --resume").json();
    assert_eq!((&resumed["status"], &resumed["runs_finished"]), (&"done".into(), &6.into()));
    let whole = desk.well("run long.ron --json --out whole").directory();
    assert_same(&desk.files(&directory), &desk.files(&whole));
}
