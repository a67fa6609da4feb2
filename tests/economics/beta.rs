//! What beta and the supply of fETH do to the two tokens.

use ballast::experiment::study::beta_spectrum;
use ballast::record::table::{Cells, Column, Table};

use super::paired::{assert_falls, assert_rises, average, over_runs, series, sets};
use super::shipped::shipped;

/// fETH takes `beta` of a price move and xETH the rest: `L = (1 - beta lambda) / (1 - lambda)` with `lambda` the share of
/// fETH in the collateral (white paper of f(x), equations 4 and 8).
#[test]
fn larger_beta_makes_feth_livelier_and_xeth_less_levered() {
    let experiment = |beta: &str| {
        let mut overrides = sets(&["horizon_days=20"]);
        overrides.push(format!("fx.beta={beta}"));
        shipped("beta_spectrum", &overrides)
    };
    let betas = ["0.0", "0.1", "0.5"].map(experiment);
    let figures = betas.map(|experiment| {
        let variants = [("it".to_owned(), experiment.clone())];
        let mut leverage = Vec::new();
        let mut captured = Vec::new();
        let volatility = (0..10)
            .map(|run| {
                let tables = super::shipped::run(&experiment, run, run);
                leverage.push(average(&series(&tables, "xeth_leverage")));
                let spectrum = beta_spectrum(&labelled(&tables.series), &variants).unwrap();
                captured.push(spectrum.real("eth_growth_captured").unwrap()[0].unwrap());
                spectrum.real("feth_nav_volatility").unwrap()[0].unwrap()
            })
            .collect::<Vec<_>>();
        (volatility, leverage, captured)
    });
    for (less, more) in [(0, 1), (1, 2)] {
        assert_rises("volatility of the fETH NAV, %/yr", &figures[less].0, &figures[more].0);
        assert_falls("mean leverage of xETH", &figures[less].1, &figures[more].1);
    }
    // Pair by pair the NAV is as much livelier as beta is larger, but for the settlements between.
    for (small, large) in figures[1].0.iter().zip(&figures[2].0) {
        assert!((large / small / 5.0 - 1.0).abs() < 0.02, "{small} -> {large}");
    }
    for (figures, beta) in figures.iter().zip([0.0, 10.0, 50.0]) {
        assert!(figures.2.iter().all(|share| (share - beta).abs() < 0.02 * 50.0), "{:?}", figures.2);
    }
}

/// The series with the column that says which variant it is.
fn labelled(series: &Table) -> Table {
    let mut columns = series.columns().to_vec();
    let names = Cells::Text(vec![Some("it".into()); series.rows()]);
    columns.push(Column {
        name: "variant".into(),
        unit: String::new(),
        meaning: String::new(),
        cells: names,
    });
    Table::new(columns).unwrap()
}

/// More fETH on the same collateral is a larger claim of the quiet on the whole: what is left is more levered. With nobody
/// trading it is the white paper's equation 8, to the digit.
#[test]
fn more_feth_on_the_same_collateral_levers_xeth() {
    let nobody = |ratio: f64| {
        let mut overrides = sets(&[
            "horizon_days=5",
            "populations=[(profile: \"keeper\", count: 1, with: (settle_interval_hours: 1))]",
            "pools=[]",
        ]);
        overrides.push(format!("fx.initial_collateral_ratio={ratio}"));
        shipped("beta_spectrum", &overrides)
    };
    let mut by_ratio = Vec::new();
    for ratio in [2.0, 1.6] {
        let experiment = nobody(ratio);
        let supply = over_runs(&experiment, 10, |run| series(run, "feth_supply")[0]);
        let collateral = over_runs(&experiment, 10, |run| series(run, "collateral")[0]);
        let opening = over_runs(&experiment, 10, |run| series(run, "xeth_leverage")[0]);
        let feth_share = 1.0 / ratio;
        let expected = (1.0 - 0.1 * feth_share) / (1.0 - feth_share);
        assert!(
            opening.iter().all(|leverage| (leverage / expected - 1.0).abs() < 1e-4),
            "{opening:?} {expected}"
        );
        by_ratio.push((
            supply,
            collateral,
            over_runs(&experiment, 10, |run| average(&series(run, "xeth_leverage"))),
        ));
    }
    assert_rises("fETH supply", &by_ratio[0].0, &by_ratio[1].0);
    assert_eq!(by_ratio[0].1, by_ratio[1].1, "the collateral is the same");
    assert_rises("mean leverage of xETH", &by_ratio[0].2, &by_ratio[1].2);
}
