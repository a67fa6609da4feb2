//! Two experiments on one pair of axes, and what the one change between them did.

use std::collections::BTreeMap;

use super::axis::{self, Axis};
use super::data::{Fan, NotDrawn, Series, fan_marks, median, quantiles};
use super::fan::{bracketed, spaced, unit};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, Fill, GREEN, GREY, Stroke, VERMILION};
use super::words::heading;
use crate::record::table::Table;

const CHART: &str = "overlay";

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its table `series`.
    pub series: &'a Table,
}

/// Draws medians and 5-95 % bands of a metric in both experiments, and the second less the first. Where both have the
/// same run numbers the difference is taken run by run: paired runs share their randomness, so that it shows what
/// the change did and not what chance did.
///
/// # Errors
/// [`NotDrawn`] if either has no such metric.
pub fn draw(first: Side<'_>, second: Side<'_>, metric: &str) -> Result<Figure, NotDrawn> {
    let (a, b) = (Series::new(first.series, CHART)?, Series::new(second.series, CHART)?);
    let (factor, unit) = unit(&a, metric);
    let title = heading(metric);
    let mut levels = Panel::new(format!("{title}{}", bracketed(unit)), a.axis(), Axis::linear());
    let styles = [Stroke::solid(BLUE, 2.2), Stroke::dashed(VERMILION, 2.2, &[8.0, 3.0])];
    let mut middles = Vec::new();
    for (series, side, stroke) in [(&a, first, styles[0]), (&b, second, styles[1])] {
        let fan = series.fan(metric, factor);
        let path = series.path(CHART, metric, series.run(0), factor)?;
        if let Some(Mark::Band { fill, .. }) = fan_marks(&fan, stroke.colour, "").first() {
            let points = fan.iter().map(|(x, q)| (*x, q.map(|q| (q.p05, q.p95)))).collect();
            let fill = Fill { opacity: 0.2, ..*fill };
            levels.draw(Mark::Band { points, fill, legend: Some(format!("{}: 5\u{2013}95 %", side.name)) });
        }
        let middle = if fan.is_empty() { path } else { median(&fan) };
        let word = if fan.is_empty() { "" } else { ": median" };
        middles.push(Mark::line(middle, stroke, &format!("{}{word}", side.name)));
    }
    levels.marks.extend(middles);
    let (differences, pairs) = differences(&a, &b, metric, factor);
    // The difference of two percentages is not a percentage of anything.
    let unit = if unit == "%" { "percentage points" } else { unit };
    let below = format!("Difference: {} less {}{}", second.name, first.name, bracketed(unit));
    let mut panel = Panel::new(below, a.axis(), Axis::linear().reach(&[0.0]));
    panel.marks.extend(fan_marks(&differences, GREEN, ""));
    panel.draw(Mark::level(0.0, Stroke::solid(GREY, 0.9), "no difference"));
    panel.draw(Mark::line(median(&differences), Stroke::solid(GREEN, 2.0), "median"));
    let last = differences.iter().rev().find_map(|place| place.1);
    let facts = last.map_or_else(
        || "no tick in common".to_owned(),
        |q| {
            let word = |x| axis::number(x, 3);
            let range = format!("5\u{2013}95 % from {} to {}", word(q.p05), word(q.p95));
            let sign = if q.p50 > 0.0 { "+" } else { "" };
            format!("at the end the median difference is {sign}{}{}, {range}", word(q.p50), spaced(unit))
        },
    );
    Ok(Figure {
        name: format!("{CHART}-{metric}"),
        title: format!("{title}: {} against {}", first.name, second.name),
        subtitle: facts,
        reading: "Above, both experiments; below, the second less the first, run by run. Where the band of differences leaves the \
                  zero line, the change matters in nine runs of ten."
            .into(),
        footnote: match pairs {
            0 => "No runs in common: the difference is that of the medians.".into(),
            pairs => format!("Differences are taken run by run over {pairs} paired runs."),
        },
        rows: vec![Row::of(250.0, levels), Row::of(190.0, panel)],
    }
    .sharing_x())
}

/// Quantiles of the paired differences, and the number of pairs; without pairs the difference of the medians.
fn differences(a: &Series<'_>, b: &Series<'_>, metric: &str, factor: f64) -> (Fan, usize) {
    let path = |series: &Series<'_>, run| series.path(CHART, metric, run, factor).unwrap_or_default();
    let theirs: Vec<i64> = b.run_numbers().collect();
    let pairs: Vec<i64> = a.run_numbers().filter(|run| theirs.contains(run)).collect();
    let mut found: BTreeMap<Order, Vec<f64>> = BTreeMap::new();
    let mut take = |mine: Vec<Point>, theirs: Vec<Point>| {
        let theirs: BTreeMap<Order, f64> =
            theirs.into_iter().filter_map(|(x, y)| Some((Order(x), y?))).collect();
        for (x, y) in mine {
            if let Some((mine, theirs)) = y.zip(theirs.get(&Order(x))) {
                found.entry(Order(x)).or_default().push(theirs - mine);
            }
        }
    };
    for run in &pairs {
        take(path(a, *run), path(b, *run));
    }
    if pairs.is_empty() {
        take(median(&a.fan(metric, factor)), median(&b.fan(metric, factor)));
    }
    let every = found.len().div_ceil(500).max(1);
    let last = found.len().saturating_sub(1);
    let kept =
        found.into_iter().enumerate().filter(|(n, _)| n % every == 0 || *n == last).map(|(_, pair)| pair);
    let fan = kept.map(|(x, mut values)| (x.0, quantiles(&mut values))).collect();
    (fan, pairs.len())
}

/// A place that can be a key.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Order(f64);

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
