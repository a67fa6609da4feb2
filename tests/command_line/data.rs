//! Files of data: where they are looked for, and that their place does not count.

use super::desk::{Desk, TINY, assert_same};

fn candles(close: f64) -> String {
    let mut text = String::from("timestamp,open,high,low,close\n");
    for hour in 0..60 {
        let price = 2000.0 + close * f64::from(hour % 7);
        text.push_str(&format!("{},{price},{price},{price},{price}\n", 1_700_000_400 + hour * 3_600));
    }
    text
}

fn replay(path: &str) -> String {
    TINY.replace(
        "Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.8)])",
        &format!("Replay(path: \"{path}\", symbol: \"ETH\")"),
    )
}

#[test]
fn neither_the_place_of_a_file_nor_that_of_the_config_counts() {
    let desk = Desk::new();
    desk.write("here/replay.ron", &replay("../data/eth.csv"));
    desk.write("data/eth.csv", &candles(1.0));
    desk.write("there/further/replay.ron", &replay("eth.csv"));
    desk.write("there/further/eth.csv", &candles(1.0));
    let first = desk.well("run here/replay.ron --json").json();
    let second = desk.well("run there/further/replay.ron --json").json();
    assert_eq!((&second["status"], &second["digest"]), (&"found".into(), &first["digest"]));
    // The contents count.
    desk.write("there/further/eth.csv", &candles(2.0));
    let third = desk.well("run there/further/replay.ron --json").json();
    assert_eq!(third["status"], "done");
    assert_ne!(third["digest"], first["digest"]);
}

#[test]
fn the_results_hold_all_that_is_needed_to_run_them_again() {
    let desk = Desk::new();
    desk.write("replay.ron", &replay("data/eth.csv"));
    desk.write("data/eth.csv", &candles(1.0));
    let directory = desk.well("run replay.ron --json").directory();
    let before = desk.files(&directory);
    let manifest: serde_json::Value =
        serde_json::from_slice(&desk.read(format!("{directory}/manifest.json"))).unwrap();
    assert_eq!(manifest["data"][0]["name"], "data/eth.csv");
    std::fs::remove_dir_all(desk.path("data")).unwrap();
    // The copy survives even a start over of the directory that it lies in.
    let again = desk.well(&format!("run {directory}/config.ron --json --force")).json();
    assert_eq!((&again["status"], &again["directory"]), (&"done".into(), &directory.as_str().into()));
    assert_same(&before, &desk.files(&directory));
    let text = String::from_utf8(desk.read(format!("{directory}/config.ron"))).unwrap();
    assert!(
        text.contains("path: \"data/eth.csv\"") && !text.contains(desk.path("").to_str().unwrap()),
        "{text}"
    );
}

#[test]
fn what_set_names_starts_from_the_current_directory() {
    let desk = Desk::new();
    desk.write("deep/replay.ron", &replay("missing.csv"));
    desk.write("eth.csv", &candles(1.0));
    let told = desk.well("run deep/replay.ron --set price.path=eth.csv --json");
    let manifest = desk.read(format!("{}/manifest.json", told.directory()));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["data"][0]["name"], "eth.csv");
    // The text for this machine can be run from anywhere.
    let text = desk.well("check --resolved deep/replay.ron --set price.path=eth.csv").stdout;
    desk.write("elsewhere/text.ron", &text);
    assert_eq!(desk.well("run elsewhere/text.ron --json").json()["status"], "found");
}

#[test]
fn candles_that_cannot_be_used_are_a_mistake_of_the_config() {
    let desk = Desk::new();
    desk.write("eth.csv", "timestamp,open,high,low,close\n1700000400,1,1,1,zero\n1700004000,1,1,1,1\n");
    let told = desk.checked(&replay("eth.csv"));
    assert!(told.contains("wrong.ron:6:25") && told.contains("line 2, column 5 (close)"), "{told}");
    desk.write("eth.csv", &candles(1.0));
    let told = desk.checked(&replay("eth.csv").replace("horizon_days: 2", "horizon_days: 20"));
    assert!(told.contains("the file covers"), "{told}");
}
