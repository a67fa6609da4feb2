//! Charts as a reader and a build system see them: complete, legible, the same bytes every time, and never a panic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, and so do the functions it is made of")]

mod gallery;
mod odd;
mod sample;

use std::path::PathBuf;

use ballast::chart::data::NotDrawn;
use ballast::chart::figure::Figure;
use ballast::chart::layout::lay_out;
use ballast::chart::report::{self, Report};
use ballast::chart::{
    Options, Stages, Tables, beta, canvas, concentration, draw_all, gate, governance, overlay, response,
    settlement,
};
use ballast::record::response::table;
use ballast::record::table::{Cells, Column, Table};

/// Where a person may look at the pictures after a test run.
fn gallery() -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("charts");
    std::fs::create_dir_all(&place).unwrap();
    place
}

fn figures(runs: i64) -> Vec<Figure> {
    let sample = sample::sample(runs, 2160, 1.0);
    let tables = Tables {
        series: &sample.series,
        events: Some(&sample.events),
        agents: Some(&sample.agents),
        lorenz: Some(&sample.lorenz),
    };
    let stages = Some(Stages { review: 24, referendum: 24, implementation: 12, vote: 60 });
    let options = Options { experiment: "crash with stress modes".into(), stages, ..Options::default() };
    let mut figures: Vec<Figure> =
        draw_all(&tables, &options).into_iter().map(|figure| figure.unwrap()).collect();
    let mild = sample::sample(runs, 2160, 0.8);
    let first = overlay::Side { name: "baseline", series: &sample.series };
    let second = overlay::Side { name: "milder crash", series: &mild.series };
    figures.push(overlay::draw(first, second, "collateral_ratio").unwrap());
    figures.push(beta::draw(&sample::spectrum(), &options).unwrap());
    let (counts, paths) = sample::settlements();
    let responses = sample::responses();
    let estimates = table(&responses.outcomes()).unwrap();
    figures.push(response::draw(&estimates, &responses.figures().unwrap(), &options).unwrap());
    figures.push(settlement::draw(&counts, Some(&paths), &options).unwrap());
    figures
}

#[test]
fn every_chart_is_written_for_a_look_and_twice_alike() {
    let place = gallery();
    let second = tempfile::tempdir().unwrap();
    for figure in figures(8) {
        for (ending, write) in
            [("svg", canvas::write_svg as fn(&Figure, &std::path::Path) -> _), ("png", canvas::write_png)]
        {
            let name = format!("{}.{ending}", figure.name);
            write(&figure, &place.join(&name)).unwrap();
            write(&figure, &second.path().join(&name)).unwrap();
            let bytes = std::fs::read(place.join(&name)).unwrap();
            assert!(bytes == std::fs::read(second.path().join(&name)).unwrap(), "{name} differs");
            assert!(bytes.len() < 1_000_000, "{name} has {} bytes", bytes.len());
        }
    }
}

#[test]
fn an_svg_says_title_units_and_nothing_of_this_machine() {
    let units = [
        ("peg", "fETH (usd)"),
        ("stress", "Collateral ratio (%)"),
        ("leverage", "Leverage of xETH (times)"),
        ("concentration", "holders, poorest first (%)"),
        ("pnl", "(usd)"),
        ("governance", "Turnout (% of voting power)"),
        ("token", "Supply by holder (millions)"),
        ("emission", "Reward over value staked (% a year)"),
        ("fan-collateral_ratio", "Collateral ratio (%)"),
        ("overlay-collateral_ratio", "(percentage points)"),
        ("beta", "(% a year"),
        ("response", "final(reserve_usd) (usd)"),
        ("response", "difference to &quot;no delay&quot;"),
        ("governance", "Capture of a vote (usd)"),
        ("governance", "phase Genesis"),
        ("governance", "vetoed"),
        ("governance", "executed by the team"),
        ("governance", "Peg: price of fETH over its NAV, less one (%), with the proposals for it (1)"),
        ("governance", "Collateral ratio (%), with the proposals for it (2) and at its cost (1), 2 enacted"),
        ("concentration", "Liquidity: Herfindahl index"),
        ("concentration", "Five largest holders (% of all)"),
        ("concentration", "voting power"),
        ("settlement", "ETH price (usd), falling"),
    ];
    let figures = figures(3);
    for (name, unit) in units {
        let figure = figures.iter().find(|figure| figure.name == name).unwrap();
        let svg = canvas::svg(figure).unwrap();
        assert!(svg.contains(&format!("<title>{}</title>", figure.title)), "{name}");
        assert!(svg.contains(unit), "{name} does not say `{unit}`");
        assert!(!svg.contains("NaN") && !svg.contains("inf,"), "{name} has an impossible place");
        assert!(!svg.contains("href"), "{name} links to something");
    }
}

/// Many proposals about one parameter stand as short strokes at the foot of its panel.
#[test]
fn short_strokes_are_explained_where_there_are_some() {
    let sample = sample::sample(1, 2160, 1.0);
    for (subject, count, short) in
        [("stability_threshold", 9, false), ("stability_threshold", 10, true), ("raise quorum", 20, false)]
    {
        let events = sample::proposals_about(subject, count);
        let figure = governance::draw(&sample.series, Some(&events), &Options::default()).unwrap();
        let explained = canvas::svg(&figure).unwrap().contains("Short strokes");
        assert_eq!(explained, short, "{count} proposals about {subject}");
    }
}

/// No words lie on others, and none leave the picture.
fn assert_legible(figure: &Figure) {
    let scene = lay_out(figure);
    let areas = scene.text_areas();
    for (place, (area, words)) in areas.iter().enumerate() {
        let inside = area.left >= 0.0 && area.right <= scene.width && area.bottom <= scene.height;
        assert!(inside, "{}: `{words}` is cut off at {area:?}", figure.name);
        for (other, others) in &areas[..place] {
            let apart = area.left >= other.right
                || other.left >= area.right
                || area.top >= other.bottom
                || other.top >= area.bottom;
            assert!(apart, "{}: `{words}` lies on `{others}`", figure.name);
        }
    }
}

#[test]
fn no_words_overlap_and_none_are_cut_off() {
    for runs in [1, 8] {
        figures(runs).iter().for_each(assert_legible);
    }
}

#[test]
fn a_chart_without_its_columns_says_why() {
    let ticks = |name: &str| Column {
        name: name.into(),
        unit: String::new(),
        meaning: String::new(),
        cells: Cells::Integer(vec![0, 1]),
    };
    let series = Table::new(vec![ticks("run"), ticks("tick")]).unwrap();
    let tables = Tables { series: &series, events: None, agents: None, lorenz: None };
    let told: Vec<String> = draw_all(&tables, &Options::default())
        .into_iter()
        .map(|drawn| drawn.map(|figure| figure.name).unwrap_err().to_string())
        .collect();
    assert_eq!(told[0], "the chart `peg` is not drawn: the table has no real column `feth_peg_deviation`");
    assert!(told.iter().all(|why| why.contains("not drawn")), "{told:?}");
    let empty = draw_all(&Tables { series: &Table::default(), ..tables }, &Options::default());
    assert!(empty.iter().all(Result::is_err));
}

#[test]
fn the_report_is_one_file_that_needs_no_other() {
    let figures = figures(8);
    let column = |name: &str, unit: &str, cells| Column {
        name: name.into(),
        unit: unit.into(),
        meaning: format!("what {name} is"),
        cells,
    };
    let summary = Table::new(vec![
        column(
            "metric",
            "",
            Cells::Text(vec![Some("feth_peg_deviation".into()), Some("collateral_ratio".into())]),
        ),
        column("mean", "", Cells::Real(vec![Some(-0.312_345), Some(1.62)])),
        column("sd", "", Cells::Real(vec![Some(0.41), None])),
    ])
    .unwrap();
    let assertions = Table::new(vec![
        column("assertion", "", Cells::Text(vec![Some("P(feth_price < 0.9) < 0.1".into())])),
        column("estimate", "", Cells::Real(vec![None])),
        column("runs", "", Cells::Integer(vec![12])),
        column("verdict", "", Cells::Text(vec![Some("undecided".into())])),
    ])
    .unwrap();
    let missing = [NotDrawn::NoRows { chart: "concentration", table: "lorenz" }];
    let report = Report {
        experiment: "crash <with> stress modes",
        description: "ETH halves within four days.\n\nThe treasury answers by its modes.",
        assertions: Some(&assertions),
        summary: Some(&summary),
        tables: &[],
        figures: &figures,
        not_drawn: &missing,
        notes: &["The market is a sample.".into()],
        manifest: &[("seed".into(), "7".into()), ("engine".into(), "0.1.0".into())],
    };
    let page = report::html(&report).unwrap();
    report::write(&report, &gallery().join("report.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), figures.len());
    for wanted in [
        "crash &lt;with&gt; stress modes",
        "\u{2212}0.3123",
        "P(feth_price &lt; 0.9) &lt; 0.1",
        "The market is a sample.",
        "engine",
    ] {
        assert!(page.contains(wanted), "no `{wanted}`");
    }
    for figure in &figures {
        assert!(page.contains(&figure.reading.replace('&', "&amp;")), "{} is not explained", figure.name);
    }
    let linked =
        page.split("http").skip(1).filter(|rest| !rest.starts_with("://www.w3.org/2000/svg")).count();
    assert_eq!((linked, page.matches("<script").count(), page.matches("src=").count()), (0, 0, 0));
}

/// The series of a pool with a cap and a gate, and of one that has the columns and neither.
fn with_rules() -> Table {
    let sample = sample::sample(1, 480, 1.0);
    let rows = sample.series.rows();
    let mut columns = sample.series.columns().to_vec();
    let mut add = |name: &str, value: &dyn Fn(usize) -> Option<f64>| {
        columns.push(Column {
            name: name.into(),
            unit: "share".into(),
            meaning: String::new(),
            cells: Cells::Real((0..rows).map(value).collect()),
        });
    };
    add("eth_usd_gate_queue_share", &|row| Some((row as f64 - 200.0).clamp(0.0, 60.0) / 100.0));
    add("eth_usd_gate_outflow", &|row| (row >= 24).then_some(if row > 200 { 0.05 } else { 0.0 }));
    add("eth_usd_gate_allowance", &|row| (row >= 24).then_some(0.05));
    add("eth_usd_tvl", &|row| Some(2e6 - 1e3 * row as f64));
    add("eth_usd_hhi", &|_| Some(0.03));
    add("eth_usd_hhi_by_owner", &|_| Some(0.12));
    add("eth_usd_provider_cap", &|_| Some(0.05));
    add("eth_usd_top1_share", &|_| Some(0.05));
    add("eth_usd_top1_share_by_owner", &|_| Some(0.3));
    add("quiet_gate_queue_share", &|_| None);
    add("quiet_provider_cap", &|_| None);
    Table::new(columns).unwrap()
}

#[test]
fn caps_and_gates_are_drawn_where_they_are() {
    let options = Options::default();
    assert!(gate::draw_all(&sample::sample(1, 48, 1.0).series, &options).is_empty());
    let table = with_rules();
    let [figure] = &gate::draw_all(&table, &options)[..] else { panic!("one figure for all gates") };
    let gates = canvas::svg(figure.as_ref().unwrap()).unwrap();
    for words in
        ["ETH USD: part of the pool (%)", "waits at the gate", "could have left", "longest queue 60 %"]
    {
        assert!(gates.contains(words), "`{words}` is not in the chart");
    }
    assert!(!gates.contains("quiet"));
    let shares = canvas::svg(&concentration::draw(&table, None, &options).unwrap()).unwrap();
    for words in ["ETH USD by owner", "ETH USD cap", "Largest holder (% of all)"] {
        assert!(shares.contains(words), "`{words}` is not in the chart");
    }
    assert!(!shares.contains("quiet cap"));
    std::fs::write(gallery().join("gate.svg"), gates).unwrap();
}
