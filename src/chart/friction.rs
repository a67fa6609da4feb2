//! Friction: what was left of a unit of collateral at the end of a term, by variant, against a pool without friction.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, drawable, quantiles};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, Colour, GREEN, GREY, Marker, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "friction";
/// More variants than this cannot be told apart.
const MOST: usize = 12;
/// Room beside the outermost dots, in units of value.
const MARGIN: f64 = 0.01;

/// What one variant came to, over its runs.
struct Kind<'a> {
    name: &'a str,
    held: Vec<f64>,
    free: Vec<f64>,
    loss: Vec<f64>,
}

/// Draws the outcome of every variant (columns `variant`, `performance`, `frictionless_performance`, `loss`).
///
/// # Errors
/// [`NotDrawn`] if a column is missing or there is no row.
pub fn draw(outcomes: &Table, market: &str, options: &Options) -> Result<Figure, NotDrawn> {
    let kinds = kinds(outcomes)?;
    let names: Vec<String> = kinds.iter().map(|kind| kind.name.to_owned()).collect();
    let all = || kinds.iter().flat_map(|kind| kind.held.iter().chain(&kind.free)).copied();
    let ends =
        [all().fold(f64::INFINITY, f64::min) - MARGIN, all().fold(f64::NEG_INFINITY, f64::max) + MARGIN];
    let mut value = Panel::new(
        "Left of a unit of value at the end of the term",
        Axis::linear().reach(&ends).label("value of one unit brought"),
        Axis::of(Scale::Names(names.clone())),
    );
    let mut loss = Panel::new(
        "Missing of the debt (% of value brought)",
        Axis::linear().reach(&[-0.1, 1.0]).label("% of value brought"),
        Axis::of(Scale::Names(names)),
    );
    (value.x_written, loss.x_written) = (true, true);
    value.weight = 1.3;
    let mut worst: Option<(f64, &str)> = None;
    for (place, kind) in kinds.iter().enumerate() {
        let at = place as f64;
        spread(&mut value, &kind.held, at, 1.0);
        spread(&mut loss, &kind.loss, at, 100.0);
        dots(&mut value, &kind.free, at, Marker::Ring, GREEN, (place == 0).then_some("without friction"));
        dots(&mut value, &kind.held, at, Marker::Disc, BLUE, (place == 0).then_some("in the pool"));
        let missing: Vec<f64> = kind.loss.iter().map(|share| share * 100.0).collect();
        dots(&mut loss, &missing, at, Marker::Disc, VERMILION, None);
        let gap = mean(&kind.free) - mean(&kind.held);
        if worst.is_none_or(|worst| gap > worst.0) {
            worst = Some((gap, kind.name));
        }
    }
    let facts = worst.map_or_else(String::new, |(gap, name)| {
        format!("widest gap: {name}, {} of a unit", axis::number(gap, 3))
    });
    Ok(Figure {
        name: format!("{CHART}-{market}"),
        title: format!("What friction cost loan market {market}"),
        subtitle: subtitle(options, "", &facts),
        reading: "Each line is a variant of the same crash. The ring is what a pool would have kept that is rebalanced \
                  at every tick at the market's price; the disc is what was kept by the bots there are. To the \
                  right, what was missing to repay the debt."
            .into(),
        footnote: "Disc and ring: mean over runs; the line from the lowest to the highest run.".into(),
        rows: vec![Row { height: 34.0 * kinds.len() as f64 + 20.0, panels: vec![value, loss] }],
    })
}

fn kinds(outcomes: &Table) -> Result<Vec<Kind<'_>>, NotDrawn> {
    let missing = |source| NotDrawn::Column { chart: CHART, source };
    let names = outcomes.text("variant").map_err(missing)?;
    let held = outcomes.real("performance").map_err(missing)?;
    let free = outcomes.real("frictionless_performance").map_err(missing)?;
    let loss = outcomes.real("loss").map_err(missing)?;
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for (row, name) in names.iter().enumerate() {
        let Some(name) = name.as_deref() else { continue };
        let place = kinds.iter().position(|kind| kind.name == name).unwrap_or_else(|| {
            kinds.push(Kind { name, held: Vec::new(), free: Vec::new(), loss: Vec::new() });
            kinds.len() - 1
        });
        let kind = &mut kinds[place];
        kind.held.extend(drawable(held[row]));
        kind.free.extend(drawable(free[row]));
        kind.loss.extend(drawable(loss[row]));
    }
    kinds.retain(|kind| !kind.held.is_empty());
    kinds.truncate(MOST);
    if kinds.is_empty() {
        return Err(NotDrawn::NoRows { chart: CHART, table: "outcomes of terms" });
    }
    Ok(kinds)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// A line from the lowest to the highest run.
fn spread(panel: &mut Panel, values: &[f64], at: f64, factor: f64) {
    let mut sorted = values.to_vec();
    if quantiles(&mut sorted).is_none() {
        return;
    }
    let ends = [sorted.first(), sorted.last()].map(|end| end.copied().unwrap_or(0.0) * factor);
    let points = ends.map(|end| (end, Some(at))).to_vec();
    panel.draw(Mark::line(points, Stroke::solid(GREY, 1.4), ""));
}

fn dots(panel: &mut Panel, values: &[f64], at: f64, marker: Marker, colour: Colour, legend: Option<&str>) {
    if !values.is_empty() {
        let points = vec![(mean(values), at)];
        panel.draw(Mark::Dots { points, marker, colour, legend: legend.map(str::to_owned) });
    }
}
