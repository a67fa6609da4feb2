//! What one change does to the tail: the highest quantile of the loss and the probability of a large one, a row a change.

use super::axis::{Axis, Scale};
use super::data::NotDrawn;
use super::figure::{Figure, Mark, Panel, Row as FigureRow};
use super::risk_rows::{self, Row, per_cent, rows};
use super::style::{BLUE, GREY, INK, Marker, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "risk_sensitivity";
/// Height of a row, pixels.
const ROW: f64 = 17.0;

/// Draws it from the table `estimates`.
///
/// # Errors
/// [`NotDrawn`] if the study has no changes or the table lacks a column.
pub fn draw(estimates: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let rows = rows(estimates, "sensitivity", CHART)?;
    let level = rows.iter().map(|row| row.confidence).fold(0.0, f64::max);
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.confidence == level).collect();
    let names: Vec<String> = rows.iter().map(|row| row.model.clone()).collect();
    let blank = vec![String::new(); names.len()];
    let threshold = rows.first().and_then(|row| row.loss_threshold).unwrap_or(0.0);
    let quantile = Panel::new(
        format!("{} quantile of the loss over all loans, %", risk_rows::level(level)),
        Axis::linear().label("% of initial pool value").reach(&[0.0]),
        Axis::of(Scale::Names(names)),
    );
    let smallest = rows.iter().filter_map(|row| row.exceedance.value.filter(|value| *value > 0.0));
    let floor = 0.4 * smallest.fold(100.0, f64::min);
    let likely = Panel::new(
        format!("Probability of a loss above {}, %", per_cent(threshold)),
        Axis::of(Scale::Log).label("% of loans, logarithmic scale").limits(0.85 * floor, 100.0),
        Axis::of(Scale::Names(blank)),
    );
    let quantile = filled(quantile, &rows, |row| row.value_at_risk, None);
    let likely = filled(likely, &rows, |row| row.exceedance, Some(floor));
    let height = ROW * rows.len() as f64;
    Ok(Figure {
        name: CHART.into(),
        title: "What the tail rests on: one base, one change at a time".into(),
        subtitle: subtitle(options, "", ""),
        reading: "Bars are 95 % intervals; the upright line is the base. A hollow point is one that its interval does not tell \
                  apart from the base."
            .into(),
        footnote: "All variants see the same draws. A cross at the left edge: no such loss on any path.".into(),
        rows: vec![FigureRow {
            height,
            panels: vec![Panel { weight: 1.35, ..quantile }, Panel { weight: 1.0, ..likely }],
        }],
    })
}

/// The points and intervals of one figure; where it is zero a cross at `floor`, if there is one.
fn filled(
    mut panel: Panel,
    rows: &[Row],
    read: impl Fn(&Row) -> risk_rows::Figure,
    floor: Option<f64>,
) -> Panel {
    panel.x_written = true;
    let base = rows.iter().find(|row| row.model == "base").map(&read);
    if let Some(place) = base.and_then(|base| base.value) {
        panel.draw(Mark::Upright { place, stroke: Stroke::dashed(INK, 1.0, &[5.0, 3.0]), legend: None });
    }
    let (mut apart, mut near, mut own, mut none) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let (figure, place) = (read(row), place as f64);
        let Some(value) = figure.value else { continue };
        if let (true, Some(floor)) = (value <= 0.0, floor) {
            none.push((floor, place));
            continue;
        }
        if let Some((low, high)) = figure.ends {
            let low = floor.map_or(low, |floor| low.max(floor));
            panel.draw(Mark::line(
                vec![(low, Some(place)), (high, Some(place))],
                Stroke::solid(GREY, 2.0),
                "",
            ));
        }
        let list = match base {
            _ if row.model == "base" => &mut own,
            Some(base) if base.is_apart(&figure) => &mut apart,
            _ => &mut near,
        };
        list.push((value, place));
    }
    for (points, marker, colour, legend) in [
        (own, Marker::Diamond, INK, "base"),
        (apart, Marker::Disc, VERMILION, "differs"),
        (near, Marker::Ring, BLUE, "not told apart"),
        (none, Marker::Cross, INK, "none seen"),
    ] {
        if !points.is_empty() {
            panel.draw(Mark::Dots { points, marker, colour, legend: Some(legend.into()) });
        }
    }
    panel
}
