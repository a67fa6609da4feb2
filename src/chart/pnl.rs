//! Profit and loss by kind of agent: who pays whom, and for what.

use std::collections::BTreeMap;

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Series, drawable, fan_marks};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{GREY, INK, Marker, Stroke, fill, stroke};
use super::words::words;
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "pnl";
/// More lines than this cannot be told apart.
const MOST: usize = 9;

/// Mean over the runs of what the agents of a kind made together.
struct Kind<'a> {
    name: &'a str,
    /// By cause, in the order of the columns.
    causes: Vec<f64>,
    total: f64,
}

/// Draws profit and loss of each kind, by cause (from `agents`) and over time (columns `pnl_<kind>` of `series`).
///
/// # Errors
/// [`NotDrawn`] if neither is there.
pub fn draw(series: &Table, agents: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let mut rows = Vec::new();
    let mut facts = String::new();
    let mut footnote = Vec::new();
    if let Some((row, told)) = agents.and_then(by_cause) {
        rows.push(row);
        facts = told;
        footnote.push(
            "Bars: sum over the agents of a kind, mean over runs; the ring is the net result.".to_owned(),
        );
    }
    let mut run_words = String::new();
    if let Ok(series) = Series::new(series, CHART) {
        let run = series.run(options.run);
        run_words = series.run_words(run);
        if let Some(row) = over_time(&series, run, &mut footnote) {
            rows.push(row);
        }
    }
    if rows.is_empty() {
        let wanted = "`pnl_<kind>` in the series, nor `kind` and `pnl_usd` in the agents".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    Ok(Figure {
        name: CHART.into(),
        title: "Profit and loss by kind of agent".into(),
        subtitle: subtitle(options, &run_words, &facts),
        reading: "Bars to the right are gains, to the left losses, parted by cause; the ring is what remains. Below, \
                  how it came about over time."
            .into(),
        footnote: footnote.join(" "),
        rows,
    }
    .sharing_x())
}

fn by_cause(agents: &Table) -> Option<(Row, String)> {
    let kinds = agents.text("kind").ok()?;
    let total = agents.real("pnl_usd").ok();
    let names: Vec<&str> = agents
        .columns()
        .iter()
        .filter_map(|column| column.name.strip_prefix("pnl_")?.strip_suffix("_usd"))
        .collect();
    let cells: Vec<&[Option<f64>]> =
        names.iter().filter_map(|name| agents.real(&format!("pnl_{name}_usd")).ok()).collect();
    if (cells.is_empty() && total.is_none()) || cells.len() != names.len() || agents.rows() == 0 {
        return None;
    }
    let runs = agents.integer("run").map_or(1, |runs| {
        let mut runs = runs.to_vec();
        runs.sort_unstable();
        runs.dedup();
        runs.len().max(1)
    }) as f64;
    let mut found: BTreeMap<&str, (Vec<f64>, f64)> = BTreeMap::new();
    for (row, kind) in kinds.iter().enumerate() {
        let Some(kind) = kind.as_deref() else { continue };
        let (causes, net) = found.entry(kind).or_insert_with(|| (vec![0.0; cells.len()], 0.0));
        let mut sum = 0.0;
        for (cause, cells) in causes.iter_mut().zip(&cells) {
            let flow = drawable(cells[row]).unwrap_or(0.0) / runs;
            *cause += flow;
            sum += flow;
        }
        *net += total.map_or(Some(sum), |total| drawable(total[row]).map(|x| x / runs)).unwrap_or(sum);
    }
    let mut kinds: Vec<Kind<'_>> =
        found.into_iter().map(|(name, (causes, total))| Kind { name, causes, total }).collect();
    kinds.sort_by(|a, b| b.total.total_cmp(&a.total));
    let facts = match (kinds.first(), kinds.last()) {
        (Some(best), Some(worst)) if kinds.len() > 1 => format!(
            "{} made {} usd, {} {} usd",
            words(best.name),
            axis::number(best.total, 3),
            words(worst.name),
            axis::number(worst.total, 3)
        ),
        _ => String::new(),
    };
    Some((bars(&kinds, &names), facts))
}

fn bars(kinds: &[Kind<'_>], causes: &[&str]) -> Row {
    let lanes = kinds.iter().map(|kind| words(kind.name)).collect();
    let mut x = Axis::linear().label("loss and gain (usd)").reach(&[0.0]);
    let mut panel =
        Panel::new("By cause, mean over runs (usd)", Axis::linear(), Axis::of(Scale::Names(lanes)));
    let mut marks = Vec::new();
    for (lane, kind) in kinds.iter().enumerate() {
        let lane = lane as f64;
        let (mut gained, mut lost) = (0.0, 0.0);
        for (place, flow) in kind.causes.iter().enumerate().filter(|(_, flow)| **flow != 0.0) {
            let end = if *flow > 0.0 { &mut gained } else { &mut lost };
            let x = (*end, *end + flow);
            *end += flow;
            let legend = Some(words(causes[place]));
            marks.push((place, Mark::Bar { x, y: (lane - 0.34, lane + 0.34), fill: fill(place), legend }));
        }
        x = x.reach(&[gained * 1.05, lost * 1.05]);
    }
    // The legend lists causes in the order of the table.
    marks.sort_by_key(|(place, _)| *place);
    panel.marks.extend(marks.into_iter().map(|(_, mark)| mark));
    panel.draw(Mark::Upright { place: 0.0, stroke: Stroke::solid(INK, 1.1), legend: None });
    for (lane, kind) in kinds.iter().enumerate() {
        let sign = if kind.total > 0.0 { "+" } else { "" };
        let result = format!("{sign}{}", axis::number(kind.total, 3));
        panel.draw(Mark::Dots {
            points: vec![(kind.total, lane as f64)],
            marker: Marker::Ring,
            colour: INK,
            legend: Some("net result".into()),
        });
        panel.draw(Mark::Aside { value: lane as f64, words: result });
    }
    panel.x = x;
    panel.x_written = true;
    Row::of(34.0 * kinds.len().max(1) as f64, panel)
}

fn over_time(series: &Series<'_>, run: i64, footnote: &mut Vec<String>) -> Option<Row> {
    let mut kinds: Vec<(&str, f64)> = series
        .names()
        .filter(|name| name.starts_with("pnl_"))
        .map(|name| {
            let path = series.surveyed(CHART, name, run).unwrap_or_default();
            (name, path.iter().rev().find_map(|point| point.1).unwrap_or(0.0))
        })
        .collect();
    if kinds.is_empty() {
        return None;
    }
    let left_out = kinds.len().saturating_sub(MOST);
    kinds.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    kinds.truncate(MOST);
    let mut panel =
        Panel::new(format!("Over time, run {run} (usd)"), series.axis(), Axis::linear().reach(&[0.0]));
    if let [(name, _)] = kinds.as_slice() {
        panel.marks.extend(fan_marks(&series.fan(name, 1.0), GREY, ""));
    }
    for (place, (name, _)) in kinds.iter().enumerate() {
        let path = series.surveyed(CHART, name, run).unwrap_or_default();
        panel.draw(Mark::named_line(path, stroke(place), &words(name.trim_start_matches("pnl_"))));
    }
    if left_out > 0 {
        footnote.push(format!("{left_out} kinds with smaller results are not drawn over time."));
    }
    Some(Row::of(250.0, panel))
}
