//! The article's example, living: how often fETH is settled on the way from 2000 to 900.

use std::collections::BTreeMap;

use super::paired::series;
use super::shipped::{run, variants};

/// Between settlements the NAV is linear in the price; settlements multiply. Figures measured from the real contracts: spec
/// of f(x), section 3.1; and section 8 for the treasury that has no more than 0.90 to pay.
#[test]
fn what_feth_is_worth_depends_on_how_often_it_was_settled() {
    let ends: BTreeMap<String, (f64, f64)> = variants("eth_2000_to_900", &[])
        .into_iter()
        .map(|(name, experiment)| {
            let tables = run(&experiment, 0, 0);
            let last = |column: &str| *series(&tables, column).last().unwrap();
            assert_eq!(last("eth_price").round(), 900.0);
            (name, (last("settlements"), last("feth_nav")))
        })
        .collect();
    let measured = [
        ("settled once", 1.0, 0.945_000),
        ("every 50 h", 2.0, 0.935_248),
        ("every 25 h", 4.0, 0.929_556),
        ("every 10 h", 10.0, 0.925_851),
        ("every 2 h", 50.0, 0.923_782),
        ("hourly", 100.0, 0.923_518),
        ("every 6 min", 1_000.0, 0.923_281),
    ];
    for (name, settlements, nav) in measured {
        let (counted, end) = ends[name];
        assert_eq!(counted, settlements, "{name}");
        assert!((end - nav).abs() < 1e-6, "{name}: {end}, expected {nav}");
    }
    let (_, under_water) = ends["under water"];
    assert!((under_water - 0.9).abs() < 1e-6, "{under_water}");
}
