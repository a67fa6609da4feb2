//! Gates: how much of a pool waits to leave, how much left, and how much could have.

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, Fill, GREY, ORANGE, Stroke, VERMILION};
use super::words::words;
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "gate";
/// More pools than this make the chart too long to be looked at.
const MOST: usize = 4;

/// Draws queue, outflow and allowance of every pool that has a gate; no figure where none has.
#[must_use]
pub fn draw_all(series: &Table, options: &Options) -> Vec<Result<Figure, NotDrawn>> {
    let Ok(series) = Series::new(series, CHART) else { return Vec::new() };
    let run = series.run(options.run);
    // A pool without a gate has the column as well, and nothing in it.
    let waits = |name: &&str| series.surveyed(CHART, name, run).is_ok_and(|path| !path.is_empty());
    let gated = series.names().filter(|name| name.ends_with("_gate_queue_share")).filter(waits);
    let mut pools: Vec<&str> = gated.filter_map(|name| name.strip_suffix("_gate_queue_share")).collect();
    let left_out = pools.len().saturating_sub(MOST);
    pools.truncate(MOST);
    if pools.is_empty() { Vec::new() } else { vec![draw(&series, &pools, left_out, options)] }
}

fn draw(series: &Series<'_>, pools: &[&str], left_out: usize, options: &Options) -> Result<Figure, NotDrawn> {
    let run = series.run(options.run);
    let mut rows = Vec::new();
    let mut longest: Option<(&str, f64, f64)> = None;
    for pool in pools {
        let path = |figure: &str| series.path(CHART, &format!("{pool}_gate_{figure}"), run, 100.0);
        let queue = path("queue_share")?;
        for (place, share) in queue.iter().filter_map(|(x, y)| Some((*x, (*y)?))) {
            if longest.is_none_or(|(.., most)| share > most) {
                longest = Some((pool, place, share));
            }
        }
        let mut panel = Panel::new(
            format!("{}: part of the pool (%)", words(pool)),
            series.axis(),
            Axis::linear().reach(&[0.0]),
        );
        panel.draw(Mark::Band { points: below(&queue), fill: Fill::plain(BLUE.tint(0.25)), legend: None });
        panel.draw(Mark::line(queue, Stroke::solid(BLUE, 1.7), "waits at the gate"));
        for (figure, legend, stroke) in [
            ("outflow", "left in the cycle before", Stroke::solid(VERMILION, 1.6)),
            ("allowance", "could have left", Stroke::dashed(GREY, 1.2, &[4.0, 3.0])),
        ] {
            if let Ok(points) = path(figure) {
                panel.draw(Mark::line(points, stroke, legend).stepped());
            }
        }
        rows.push(Row::of(200.0, panel));
        if let Some(row) = value(series, pool, run) {
            rows.push(row);
        }
    }
    let facts = longest.filter(|(.., share)| *share > 0.0).map_or_else(
        || "nobody waited".to_owned(),
        |(pool, place, share)| {
            let moment = series.moment(place);
            format!("longest queue {} % of {} on {moment}", axis::number(share, 3), words(pool))
        },
    );
    let further =
        if left_out > 0 { format!(" {left_out} further pools are not shown.") } else { String::new() };
    Ok(Figure {
        name: CHART.into(),
        title: "Gates of liquidity".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading: "Where the queue is higher than what can leave in a cycle, those at its end wait for several. A queue that \
                  grows while the gate is wide open is a run."
            .into(),
        footnote: format!(
            "What left counts ended commitments, which do not wait; with them more can leave than the gate allows.{further}"
        ),
        rows,
    }
    .sharing_x())
}

/// What the pool is worth meanwhile.
fn value(series: &Series<'_>, pool: &str, run: i64) -> Option<Row> {
    let worth = series.path(CHART, &format!("{pool}_tvl"), run, 1e-6).ok()?;
    let mut panel = Panel::new(
        format!("{}: value of the reserves (million usd)", words(pool)),
        series.axis(),
        Axis::linear().reach(&[0.0]),
    );
    panel.draw(Mark::line(worth, Stroke::solid(ORANGE, 1.7), ""));
    Some(Row::of(110.0, panel))
}

/// The area between nothing and a path.
fn below(points: &[Point]) -> Vec<(f64, Option<(f64, f64)>)> {
    points.iter().map(|(x, y)| (*x, y.map(|y| (0.0, y)))).collect()
}
