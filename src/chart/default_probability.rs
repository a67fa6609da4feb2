//! How likely a loan defaults, by loan-to-value: what quantiles among defaults leave unsaid.

use super::axis::{Axis, Scale};
use super::data::NotDrawn;
use super::figure::{Figure, Mark, Panel, Row as FigureRow};
use super::risk_rows::{self, Row, loan_axis, models, rows, whisker};
use super::style::{INK, Marker, Stroke, stroke};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "default_probability";

/// Draws it from the table `estimates`.
///
/// # Errors
/// [`NotDrawn`] if the table has no grid or lacks a column.
pub fn draw(estimates: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let rows = rows(estimates, "grid", CHART)?;
    let heading = "Probability of default, % of loans (logarithmic scale)";
    let mut panel = Panel::new(heading, loan_axis(&rows), Axis::of(Scale::Log).reach(&[100.0]));
    panel.x_written = true;
    let first_level = rows.first().map(|row| row.confidence);
    let mut rare = Vec::new();
    for (place, model) in models(&rows).into_iter().enumerate() {
        // The probability is the same at every level.
        let own: Vec<&Row> =
            rows.iter().filter(|row| row.model == model && Some(row.confidence) == first_level).collect();
        own.iter()
            .filter_map(|row| upright(row.ltv, &row.default_probability))
            .for_each(|mark| panel.draw(mark));
        let line = Stroke { marker: None, ..stroke(place) };
        let points = own.iter().map(|row| (row.ltv, row.default_probability.value)).collect();
        let name = if model == "model" { "counted" } else { model };
        panel.draw(Mark::named_line(points, line, name));
        let points = own.iter().filter_map(|row| Some((row.ltv, row.default_probability.value?)));
        let points = points.filter(|point| point.1 > 0.0).collect();
        panel.draw(Mark::Dots {
            points,
            marker: Marker::Disc,
            colour: line.colour,
            legend: Some("counted".into()),
        });
        // Beside the counted ones, so that both intervals are seen.
        let beside = |row: &&Row| row.ltv + 0.12;
        let found = own.iter().filter(|row| row.rare_default_probability.value.is_some());
        for row in found {
            rare.extend(upright(beside(row), &row.rare_default_probability));
            let points: Vec<(f64, f64)> =
                row.rare_default_probability.value.map(|value| (beside(row), value)).into_iter().collect();
            let legend = Some("importance sampling".into());
            rare.push(Mark::Dots { points, marker: Marker::Diamond, colour: INK, legend });
        }
    }
    let compared = !rare.is_empty();
    rare.into_iter().for_each(|mark| panel.draw(mark));
    Ok(Figure {
        name: CHART.into(),
        title: "How likely a default is".into(),
        subtitle: subtitle(options, "", ""),
        reading: "Paths on which the pool ends below the debt, over all paths; grey bars are 95 % intervals."
            .into(),
        footnote: if compared {
            "Diamonds, set a little to the right: importance sampling, for defaults that are too rare to be counted. A loan \
             without a default has no place on this scale, nor has an interval that reaches zero."
                .into()
        } else {
            "A loan without a default has no place on this scale, nor has an interval that reaches zero."
                .into()
        },
        rows: vec![FigureRow::of(380.0, panel)],
    })
}

/// The interval, if both of its ends have a place on a logarithmic scale.
fn upright(place: f64, figure: &risk_rows::Figure) -> Option<Mark> {
    whisker(place, figure).filter(|_| figure.ends.is_some_and(|ends| ends.0 > 0.0))
}
