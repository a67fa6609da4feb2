//! `compare`.

use super::desk::Desk;

#[test]
fn verdicts_of_paired_runs() {
    let desk = Desk::new();
    let one = desk.well("run tiny.ron --json --runs 4").directory();
    let deep = desk.with(&[
        "run",
        "tiny.ron",
        "--json",
        "--runs",
        "4",
        "--set",
        "pools.pool.initial_value_usd=2e6",
        "--set",
        "name=deep",
    ]);
    let two = deep.directory();
    let told = desk.well(&format!("compare {one} {two}"));
    assert!(told.stdout.starts_with("deep against tiny: 4 paired runs\n"), "{}", told.stdout);
    assert!(told.stdout.contains("no difference seen"), "{}", told.stdout);
    let json = desk.well(&format!("compare {one} {two} --json --metric pool_tvl --metric eth_price")).json();
    let comparison = &json["comparisons"][0];
    assert_eq!((&comparison["pairs"], &comparison["same_seed"]), (&4.into(), &true.into()));
    let metric = |name: &str| {
        let metrics = comparison["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["name"] == name).unwrap().clone()
    };
    let tvl = metric("pool_tvl");
    assert_eq!(tvl["final"]["verdict"], "differs");
    assert!(tvl["final"]["low_95"].as_f64().unwrap() > 0.0, "{tvl}");
    let price = metric("eth_price");
    assert_eq!(
        (&price["final"]["difference"], &price["final"]["words"]),
        (&0.0.into(), &"no difference seen".into())
    );
    let directory = json["directory"].as_str().unwrap();
    assert!(directory.starts_with("output/compare-tiny-deep-"), "{directory}");
    for name in [
        "compare.json",
        "compare.csv",
        "report.html",
        "charts/overlay-pool_tvl.svg",
        "charts/overlay-pool_tvl.png",
    ] {
        assert!(desk.path(directory).join(name).is_file(), "{name}");
    }
    let csv = String::from_utf8(desk.read(format!("{directory}/compare.csv"))).unwrap();
    assert!(
        csv.lines()
            .any(|line| line.starts_with("tiny,deep,pool_tvl,usd,final,") && line.ends_with(",4,differs")),
        "{csv}"
    );
}

#[test]
fn what_does_not_match_is_said() {
    let desk = Desk::new();
    let one = desk.well("run tiny.ron --json --runs 2").directory();
    let two = desk.well("run tiny.ron --json --runs 3 --seed 9").directory();
    let told = desk.well(&format!("compare {one} {two}")).stdout;
    assert!(told.contains("warning: the seeds differ (7 and 9)"), "{told}");
    assert!(told.contains("warning: 2 runs are in both"), "{told}");
    assert!(told.contains("more run"), "{told}");
    let three = desk.well(&format!("compare {one} {two} {one} --json")).json();
    assert_eq!(three["comparisons"].as_array().unwrap().len(), 2);
    assert_eq!(desk.ballast(&format!("compare {one}")).code, 2);
    let told = desk.ballast(&format!("compare {one} {two} --metric eth_prise"));
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("did you mean `eth_price`?"), "{}", told.stderr);
}
