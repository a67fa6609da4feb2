//! Ensemble fans: where a metric goes over many runs, and where it ends.

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series, fan_marks, median, quantiles};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, Fill, GREY, INK, Stroke};
use super::words::heading;
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "fan";

/// Draws the quantiles of a metric over all runs, the path of one run upon them, and the distribution at the end.
///
/// # Errors
/// [`NotDrawn`] if there is no such metric.
pub fn draw(series: &Table, metric: &str, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let (factor, unit) = unit(&series, metric);
    let path = series.path(CHART, metric, run, factor)?;
    let fan = series.fan(metric, factor);
    let mut ends = series.terminal(metric, factor);
    let spread = quantiles(&mut ends);
    let title = heading(metric);
    let mut over_time = Panel::new(format!("{title}{}", bracketed(unit)), series.axis(), Axis::linear());
    over_time.weight = 3.0;
    over_time.x_written = true;
    over_time.marks.extend(fan_marks(&fan, BLUE, ""));
    if !fan.is_empty() {
        over_time.draw(Mark::line(median(&fan), Stroke::solid(BLUE, 2.4), "median"));
    }
    over_time.draw(Mark::line(path.clone(), Stroke::solid(INK, 1.0), &format!("run {run}")));
    let mut panels = Vec::new();
    if ends.len() > 1 {
        // Both panels share the vertical axis, so that the bars stand where the fan ends.
        let values = path.iter().filter_map(|point| point.1);
        let outer = fan.iter().filter_map(|place| place.1).flat_map(|q| [q.p05, q.p95]);
        let all: Vec<f64> = values.chain(outer).chain(ends.iter().copied()).collect();
        let (low, high) =
            all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
        let air = 0.04 * (high - low);
        if air > 0.0 {
            let low = if low >= 0.0 { (low - air).max(0.0) } else { low - air };
            over_time.y = Axis::linear().limits(low, high + air);
        }
        panels.push(distribution(&ends, over_time.y.clone()));
    }
    panels.insert(0, over_time);
    let facts = spread.map_or_else(String::new, |q| {
        let word = |x| axis::number(x, 3);
        format!(
            "at the end median {}, 5\u{2013}95 % from {} to {}{}",
            word(q.p50),
            word(q.p05),
            word(q.p95),
            spaced(unit)
        )
    });
    let runs = match series.runs() {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    Ok(Figure {
        name: format!("{CHART}-{metric}"),
        title: format!("{title} over the ensemble"),
        subtitle: subtitle(options, &runs, &facts),
        reading: format!(
            "Half of all runs lie in the dark band, nine in ten within the light one; to the right, how the runs end. \
             {}",
            series.column(metric).map_or("", |column| column.meaning.as_str())
        )
        .trim_end()
        .to_owned(),
        footnote: "Quantiles are taken tick by tick over the runs in which the metric is defined: no single run follows them.".into(),
        rows: vec![Row { height: 320.0, panels }],
    })
}

/// Factor and unit a metric is shown in: the collateral ratio as per cent, as everybody quotes it.
pub(super) fn unit<'a>(series: &Series<'a>, metric: &str) -> (f64, &'a str) {
    match series.column(metric).map_or("", |column| column.unit.as_str()) {
        "1" | "" if metric.ends_with("collateral_ratio") => (100.0, "%"),
        "1" => (1.0, ""),
        "x" => (1.0, "times"),
        unit => (1.0, unit),
    }
}

/// A unit behind a heading.
pub(super) fn bracketed(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" ({unit})") }
}

/// A unit behind a number.
pub(super) fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

/// A histogram lying on its side.
fn distribution(ends: &[f64], y: Axis) -> Panel {
    let x = Axis::linear().label("share of runs (%)").reach(&[0.0]);
    let mut panel = Panel::new("At the end", x, y);
    panel.x_written = true;
    let (Some(low), Some(high)) =
        (ends.iter().copied().reduce(f64::min), ends.iter().copied().reduce(f64::max))
    else {
        return panel;
    };
    // The square-root rule, within what can be seen.
    let bins = ((ends.len() as f64).sqrt().ceil() as usize).clamp(4, 40);
    let width = (high - low) / bins as f64;
    if width > 0.0 && width.is_finite() {
        let mut counts = vec![0_usize; bins];
        for end in ends {
            counts[(((end - low) / width) as usize).min(bins - 1)] += 1;
        }
        for (bin, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let from = low + bin as f64 * width;
            panel.draw(Mark::Bar {
                x: (0.0, 100.0 * count as f64 / ends.len() as f64),
                y: (from + 0.06 * width, from + 0.94 * width),
                fill: Fill::plain(BLUE.tint(0.55)),
                legend: None,
            });
        }
    } else {
        panel.draw(Mark::Dots {
            points: vec![(100.0, low)],
            marker: super::style::Marker::Disc,
            colour: BLUE,
            legend: None,
        });
    }
    let mut ends = ends.to_vec();
    if let Some(q) = quantiles(&mut ends) {
        for (value, words) in [(q.p95, "95 %"), (q.p50, "median"), (q.p05, "5 %")] {
            let stroke = if words == "median" {
                Stroke::solid(INK, 1.6)
            } else {
                Stroke::dashed(GREY, 1.1, &[4.0, 3.0])
            };
            panel.draw(Mark::level(value, stroke, &format!("{words}: {}", axis::number(value, 3))));
        }
    }
    panel
}
