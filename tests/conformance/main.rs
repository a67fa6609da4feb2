//! Replays golden vectors of the real programs.
//!
//! Reads every `fx*.json`, `alex*.json` and `perp*.json` of `tests/golden/`, or of the directory that the environment
//! variable `BALLAST_VECTORS` names, runs every case and prints a line a group. A group nobody here knows is a failure.

#![allow(
    unreachable_pub,
    reason = "a test binary exports nothing: here `pub` marks what a module offers its siblings"
)]

mod alex;
mod amm;
mod fx;
mod report;

use std::path::{Path, PathBuf};

use report::Report;

fn directory() -> PathBuf {
    std::env::var_os("BALLAST_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from)
}

/// Replays one file of vectors, named by its protocol.
fn replay(name: &str, file: &serde_json::Value, report: &mut Report) {
    match name {
        name if name.starts_with("alex") => alex::replay(file, report),
        name if name.starts_with("fx") => fx::replay(file, report),
        name if name.starts_with("perp") => amm::replay(file, report),
        _ => report.unknown(name),
    }
}

#[test]
fn golden_vectors() {
    let directory = directory();
    let mut names: Vec<String> = std::fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("cannot read the vectors in {}: {error}", directory.display()))
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let mut report = Report::default();
    for name in &names {
        let path = directory.join(name);
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: serde_json::Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        replay(name, &file, &mut report);
    }
    println!("{report}");
    assert!(report.cases() > 0, "no vectors in {}", directory.display());
    assert!(report.failures().is_empty(), "{}", report.failures().join("\n"));
}
