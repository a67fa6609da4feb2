//! Tables no run should yield: empty, of one row, all undefined, constant, huge, in disorder.

use ballast::chart::{Options, Tables, beta, canvas, draw_all, overlay, report, settlement};
use ballast::record::table::{Cells, Column, Table};
use proptest::prelude::*;

const METRICS: [&str; 28] = [
    "eth_price",
    "feth_price",
    "feth_nav",
    "feth_peg_deviation",
    "collateral_ratio",
    "stress_mode",
    "xeth_nav",
    "xeth_price",
    "xeth_leverage",
    "pool_lps_hhi",
    "pool_lps_gini",
    "pool_lps_nakamoto",
    "voting_power_hhi",
    "pnl_saver",
    "pnl_lp",
    "turnout",
    "param_beta",
    "token_price",
    "token_supply",
    "token_circulating",
    "dilution_share",
    "beta",
    "feth_nav_volatility",
    "emission_scheduled",
    "emission_minted",
    "emission_claimed",
    "pool_staked_share",
    "pool_stake_apr",
];
const KINDS: [&str; 9] = [
    "mode_change",
    "rebalance",
    "proposal",
    "referendum_result",
    "vote_result",
    "enacted",
    "vetoed",
    "recapitalisation",
    "sale",
];

fn column(name: &str, cells: Cells) -> Column {
    Column { name: name.into(), unit: "usd".into(), meaning: String::new(), cells }
}

/// A number of any sort, many of them odd.
fn number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        (-3.0_f64..6.0).prop_map(Some),
        Just(Some(0.0)),
        Just(Some(1.0)),
        prop::num::f64::ANY.prop_map(Some),
        Just(Some(f64::MAX)),
        Just(Some(-1e59)),
        Just(Some(f64::NAN)),
        Just(Some(f64::MIN_POSITIVE)),
    ]
}

fn time() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("2024-02-29T23:00:00Z".to_owned())),
        Just(Some("-009999-01-02T01:59:59Z".to_owned())),
        Just(Some("9999-12-30T22:00:00Z".to_owned())),
        Just(Some("yesterday".to_owned())),
    ]
}

fn text(words: Vec<&str>) -> Cells {
    Cells::Text(words.into_iter().map(|word| Some(word.to_owned())).collect())
}

prop_compose! {
    fn tables()(rows in 0_usize..12, kind in 0_u8..4)(
        runs in prop::collection::vec(-1_i64..3, rows),
        ticks in prop::collection::vec(prop_oneof![-3_i64..9, any::<i64>()], rows),
        times in prop::collection::vec(time(), rows),
        cells in prop::collection::vec(prop::collection::vec(number(), rows), METRICS.len()),
        constant in number(),
        words in prop::collection::vec(prop::sample::select(&KINDS[..]), rows),
        subjects in prop::collection::vec(prop::sample::select(&["a", "b & <c>", ""][..]), rows),
        kind in Just(kind),
    ) -> (Table, Table, Table, Table) {
        let rows = runs.len();
        let mut columns = vec![
            column("run", Cells::Integer(runs.clone())),
            column("tick", Cells::Integer(ticks.clone())),
        ];
        if kind != 1 {
            columns.push(column("time", Cells::Text(times)));
        }
        for (name, cells) in METRICS.iter().zip(&cells) {
            let cells = match kind {
                2 => vec![None; rows],
                3 => vec![constant; rows],
                _ => cells.clone(),
            };
            columns.push(column(name, Cells::Real(cells)));
        }
        let keys = |more: Vec<Column>| {
            let mut columns =
                vec![column("run", Cells::Integer(runs.clone())), column("tick", Cells::Integer(ticks.clone()))];
            columns.extend(more);
            Table::new(columns).unwrap()
        };
        let real = |place: usize| Cells::Real(cells[place].clone());
        let events = keys(vec![column("kind", text(words.clone())), column("subject", text(subjects.clone()))]);
        let agents = keys(vec![
            column("kind", text(subjects.clone())),
            column("pnl_usd", real(0)),
            column("pnl_fees_usd", real(1)),
            column("settlements", real(2)),
            column("feth_nav", real(3)),
            column("rule", text(subjects.clone())),
            column("eth_price", real(4)),
        ]);
        let lorenz = keys(vec![
            column("subject", text(subjects)),
            column("holders_share", real(5)),
            column("holdings_share", real(6)),
        ]);
        (Table::new(columns).unwrap(), events, agents, lorenz)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn odd_tables_draw_or_are_refused_and_never_panic((series, events, agents, lorenz) in tables()) {
        let tables =
            Tables { series: &series, events: Some(&events), agents: Some(&agents), lorenz: Some(&lorenz) };
        let options = Options { experiment: "odd & <wild>".into(), ..Options::default() };
        let mut drawn = draw_all(&tables, &options);
        let side = |name| overlay::Side { name, series: &series };
        drawn.push(overlay::draw(side("a"), side("b"), "xeth_nav"));
        drawn.push(beta::draw(&series, &options));
        drawn.push(settlement::draw(&agents, Some(&agents), &options));
        let (figures, not_drawn): (Vec<_>, Vec<_>) = drawn.into_iter().partition(Result::is_ok);
        let figures: Vec<_> = figures.into_iter().flatten().collect();
        let not_drawn: Vec<_> = not_drawn.into_iter().filter_map(Result::err).collect();
        for figure in &figures {
            let svg = canvas::svg(figure).unwrap();
            prop_assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{}", figure.name);
        }
        let report = report::Report {
            experiment: "odd",
            description: "",
            assertions: Some(&events),
            summary: Some(&events),
            tables: &[],
            figures: &[],
            not_drawn: &not_drawn,
            notes: &[],
            manifest: &[],
        };
        prop_assert!(report::html(&report).is_ok());
    }
}

#[test]
fn odd_tables_have_bitmaps_too() {
    let directory = tempfile::tempdir().unwrap();
    for value in [None, Some(0.0), Some(1e300), Some(-7.5)] {
        let mut columns =
            vec![column("run", Cells::Integer(vec![0; 3])), column("tick", Cells::Integer(vec![0, 1, 2]))];
        columns.extend(METRICS.map(|name| column(name, Cells::Real(vec![value; 3]))));
        let series = Table::new(columns).unwrap();
        let tables = Tables { series: &series, events: None, agents: None, lorenz: None };
        for figure in draw_all(&tables, &Options::default()).into_iter().flatten() {
            canvas::write_png(&figure, &directory.path().join("odd.png")).unwrap();
        }
    }
}

/// Many lines that end in one place, with long names.
fn crowd() -> (Table, Table) {
    let real = |name: String| column(&name, Cells::Real((0..40).map(|tick| Some(f64::from(tick))).collect()));
    let mut columns =
        vec![column("run", Cells::Integer(vec![0; 40])), column("tick", Cells::Integer((0..40).collect()))];
    for n in 0..14 {
        columns.push(real(format!("pnl_{n}_a_kind_of_agent_with_a_rather_long_name")));
        columns.push(real(format!("holders_of_the_{n}th_pool_of_liquidity_nakamoto")));
        columns.push(real(format!("param_{n}_something_that_can_be_voted_upon")));
    }
    columns.extend(
        ["collateral_ratio", "feth_peg_deviation", "xeth_nav", "xeth_leverage"].map(|name| real(name.into())),
    );
    let words = |word: fn(i64) -> String| Cells::Text((0..30).map(|n| Some(word(n))).collect());
    let events = Table::new(vec![
        column("run", Cells::Integer(vec![0; 30])),
        column("tick", Cells::Integer((0..30).collect())),
        column("kind", words(|_| "proposal".into())),
        column(
            "subject",
            words(|n| format!("proposal number {n} to change a parameter for the better of all")),
        ),
    ]);
    (Table::new(columns).unwrap(), events.unwrap())
}

#[test]
fn a_crowd_stays_legible() {
    let (series, events) = crowd();
    let tables = Tables { series: &series, events: Some(&events), agents: None, lorenz: None };
    let options = Options { experiment: "long names ".repeat(20), ..Options::default() };
    let figures: Vec<_> = draw_all(&tables, &options).into_iter().map(|drawn| drawn.unwrap()).collect();
    for figure in &figures {
        super::assert_legible(figure);
        canvas::write_png(figure, &super::gallery().join(format!("crowd-{}.png", figure.name))).unwrap();
    }
}

#[test]
fn a_huge_ensemble_gives_a_small_chart() {
    let (runs, ticks) = (200, 1500);
    let all = || (0..runs).flat_map(|run| (0..ticks).map(move |tick| (run, tick)));
    let ratio = |(run, tick): (i64, i64)| Some(1.5 + 0.3 * libm::sin(tick as f64 / 40.0 + run as f64));
    let series = Table::new(vec![
        column("run", Cells::Integer(all().map(|at| at.0).collect())),
        column("tick", Cells::Integer(all().map(|at| at.1).collect())),
        column("collateral_ratio", Cells::Real(all().map(ratio).collect())),
    ])
    .unwrap();
    let options = Options { fan_metrics: vec!["collateral_ratio".into()], ..Options::default() };
    let tables = Tables { series: &series, events: None, agents: None, lorenz: None };
    let figures: Vec<_> = draw_all(&tables, &options).into_iter().flatten().collect();
    assert_eq!(figures.len(), 2);
    for figure in &figures {
        let bytes = canvas::svg(figure).unwrap().len();
        assert!(bytes < 150_000, "{} has {bytes} bytes", figure.name);
    }
}
