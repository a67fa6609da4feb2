//! Peg stability: does the market pay for fETH what it is worth?

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series, backdrop, drawable};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{Fill, GREEN, MARKET, Stroke, VALUE};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "peg";

/// How long a path stays beyond a band.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Excursions {
    /// Share of the defined points above the band, 0 to 1.
    pub above: f64,
    /// Share below.
    pub below: f64,
    /// Longest stretch beyond it on one side, in units of the horizontal axis.
    pub longest: f64,
}

/// Measures how a path leaves the band from `-band` to `band`. Every defined point counts the same; a stretch lasts
/// to the point after its last.
#[must_use]
pub fn excursions(points: &[Point], band: f64) -> Excursions {
    let side = |value: Option<f64>| match drawable(value) {
        Some(value) if value > band => 1,
        Some(value) if value < -band => -1,
        _ => 0,
    };
    let defined = points.iter().filter(|point| drawable(point.1).is_some()).count().max(1) as f64;
    let count = |wanted: i32| points.iter().filter(|point| side(point.1) == wanted).count() as f64;
    let mut longest = 0.0_f64;
    let mut since: Option<(i32, f64)> = None;
    for point in points {
        let now = side(point.1);
        if let Some((before, start)) = since {
            longest = longest.max(point.0 - start);
            if before != now {
                since = None;
            }
        }
        if now != 0 && since.is_none() {
            since = Some((now, point.0));
        }
    }
    Excursions { above: count(1) / defined, below: count(-1) / defined, longest }
}

/// Draws price and net asset value of fETH, and the deviation of the one from the other.
///
/// # Errors
/// [`NotDrawn`] without `feth_peg_deviation`.
pub fn draw(series: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let band = options.peg_band_pct.abs();
    // The metric is recorded in per cent; a column that calls itself a pure share is scaled.
    let share = series.column("feth_peg_deviation").is_some_and(|column| column.unit == "1");
    let factor = if share { 100.0 } else { 1.0 };
    let deviation = series.path(CHART, "feth_peg_deviation", run, factor)?;
    let mut rows = Vec::new();
    let mut prices = Panel::new("fETH (usd)", series.axis(), Axis::linear());
    for (name, legend, stroke) in
        [("feth_nav", "net asset value", VALUE), ("feth_price", "market price", MARKET)]
    {
        if let Ok(path) = series.path(CHART, name, run, 1.0) {
            prices.draw(Mark::line(path, stroke, legend));
        }
    }
    if !prices.marks.is_empty() {
        rows.push(Row::of(210.0, prices));
    }
    let mut panel = Panel::new(
        "Market price over net asset value (%)",
        series.axis(),
        Axis::linear().reach(&[-1.6 * band, 1.6 * band]),
    );
    panel.draw(Mark::Shelf {
        from: -band,
        to: band,
        fill: Fill::plain(GREEN.tint(0.22)),
        legend: Some(format!("band \u{b1}{} %", axis::number(band, 3))),
    });
    backdrop(&series, "feth_peg_deviation", factor).into_iter().for_each(|mark| panel.draw(mark));
    for edge in [band, -band] {
        let words = format!("{}{} %", if edge > 0.0 { "+" } else { "" }, axis::number(edge, 3));
        panel.draw(Mark::level(edge, Stroke::dashed(GREEN, 1.0, &[3.0, 3.0]), &words));
    }
    panel.draw(Mark::line(deviation.clone(), MARKET, &format!("run {run}")));
    rows.push(Row::of(230.0, panel));
    let found = excursions(&deviation, band);
    let hours = if series.axis().scale == axis::Scale::Date {
        format!("; longest excursion {} h", axis::number(found.longest / 3_600.0, 3))
    } else {
        format!("; longest excursion {} ticks", axis::number(found.longest, 4))
    };
    let share = |share: f64| axis::number(share * 100.0, 2);
    let facts = format!(
        "above the \u{b1}{} % band {} % of the time, below it {} %{hours}",
        axis::number(band, 3),
        share(found.above),
        share(found.below)
    );
    Ok(Figure {
        name: CHART.into(),
        title: "Peg stability of fETH".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading:
            "Above, what the market pays for one fETH and what one is worth; below, the one over the other. \
                  Inside the shaded band the peg holds; above it fETH trades dear, below it cheap."
                .into(),
        footnote: if series.runs() > 1 {
            "Grey fans: quantiles over all runs at each tick. The line is one run.".into()
        } else {
            String::new()
        },
        rows,
    }
    .sharing_x())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_beyond_the_band_is_counted_by_side() {
        let path = [0.0, 1.0, 1.5, 0.2, -2.0, -2.0, -2.0, 0.0].iter().enumerate();
        let path: Vec<Point> = path.map(|(n, y)| (n as f64, Some(*y))).chain([(8.0, None)]).collect();
        let found = excursions(&path, 0.5);
        assert_eq!((found.above, found.below, found.longest), (2.0 / 8.0, 3.0 / 8.0, 3.0));
    }
}
