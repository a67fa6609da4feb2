//! Value-at-risk in the layout of the ALEX appendix: loss given default against loan-to-value, a line a jump amplifier, a
//! panel a level; published points as rings beside the simulated ones.

use super::axis::Axis;
use super::data::NotDrawn;
use super::figure::{Figure, Mark, Panel, Row as FigureRow};
use super::risk_rows::{Row, loan_axis, models, rows, whisker};
use super::style::{Marker, Stroke, stroke};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "value_at_risk";
/// As many levels stand side by side.
const ABREAST: usize = 2;

/// Draws it from the table `estimates`.
///
/// # Errors
/// [`NotDrawn`] if the table has no grid or lacks a column.
pub fn draw(estimates: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let rows = rows(estimates, "grid", CHART)?;
    let mut levels: Vec<f64> = Vec::new();
    for row in &rows {
        if !levels.contains(&row.confidence) {
            levels.push(row.confidence);
        }
    }
    let highest = rows.iter().flat_map(|row| {
        let ends = row.value_at_risk_given_default.ends.map(|ends| ends.1);
        [row.value_at_risk_given_default.value, ends, row.published]
    });
    // Both panels on one scale.
    let highest = highest.flatten().fold(0.0, f64::max);
    let errors: Vec<f64> = rows
        .iter()
        .filter_map(|row| row.value_at_risk_given_default.value.zip(row.published))
        .map(|(simulated, published)| simulated - published)
        .collect();
    let facts = if errors.is_empty() {
        String::new()
    } else {
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        let rms = (squares / errors.len() as f64).sqrt();
        format!("{} published points; root mean square difference {:.2} percentage points", errors.len(), rms)
    };
    Ok(Figure {
        name: CHART.into(),
        title: "What a default costs: quantiles of the loss among loans that default".into(),
        subtitle: subtitle(options, "", &facts),
        reading: "Each line is one frequency of jumps, as a multiple of history's; grey bars are 95 % intervals. The quantiles \
                  are among the loans that default and say nothing of how many do: that is the next chart."
            .into(),
        footnote: if errors.is_empty() {
            "Loss given default as a share of the initial pool value.".into()
        } else {
            "Rings: points read off the figures of the ALEX appendix, to about 0.1 percentage points. Loss given default as a \
             share of the initial pool value."
                .into()
        },
        rows: levels
            .chunks(ABREAST)
            .map(|levels| FigureRow {
                height: 430.0,
                panels: levels.iter().map(|level| panel(&rows, *level, highest)).collect(),
            })
            .collect(),
    })
}

fn panel(rows: &[Row], level: f64, highest: f64) -> Panel {
    let heading = format!("{} quantile, % of initial pool value", super::risk_rows::level(level));
    let x = loan_axis(rows);
    let mut panel = Panel::new(heading, x, Axis::linear().reach(&[0.0, 1.04 * highest]));
    panel.x_written = true;
    let at_level: Vec<&Row> = rows.iter().filter(|row| row.confidence == level).collect();
    let (mut crosses, mut rings) = (Vec::new(), Vec::new());
    for (place, model) in models(rows).into_iter().enumerate() {
        let own: Vec<&&Row> = at_level.iter().filter(|row| row.model == model).collect();
        own.iter()
            .filter_map(|row| whisker(row.ltv, &row.value_at_risk_given_default))
            .for_each(|mark| panel.draw(mark));
        let points = own.iter().map(|row| (row.ltv, row.value_at_risk_given_default.value)).collect();
        // Markers along a line would be taken for points.
        let line = Stroke { marker: None, ..stroke(place) };
        panel.draw(if model == "model" {
            Mark::line(points, line, "")
        } else {
            Mark::named_line(points, line, model)
        });
        for (few, marker, legend) in
            [(false, Marker::Disc, "simulated"), (true, Marker::Cross, "on fewer than 30 tail events")]
        {
            let own = own.iter().filter(|row| row.rests_on_few == few);
            let points: Vec<(f64, f64)> =
                own.filter_map(|row| Some((row.ltv, row.value_at_risk_given_default.value?))).collect();
            if !points.is_empty() {
                crosses.push(Mark::Dots { points, marker, colour: line.colour, legend: Some(legend.into()) });
            }
        }
        let points: Vec<(f64, f64)> = own.iter().filter_map(|row| Some((row.ltv, row.published?))).collect();
        if !points.is_empty() {
            let legend = Some("published".into());
            rings.push(Mark::Dots { points, marker: Marker::Ring, colour: line.colour, legend });
        }
    }
    // Above all lines.
    crosses.into_iter().chain(rings).for_each(|mark| panel.draw(mark));
    panel
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::record::table::{Cells, Column};

    /// A table `estimates` of two models of three loans at two levels, with `published` points or without.
    pub(in crate::chart) fn estimates(published: bool) -> Table {
        let (mut part, mut model, mut ltv, mut confidence) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for name in ["1x", "100x"] {
            for loan in [0.7, 0.75, 0.8] {
                for level in [0.95, 0.99] {
                    part.push(Some("grid".to_owned()));
                    model.push(Some(name.to_owned()));
                    ltv.push(Some(loan));
                    confidence.push(Some(level));
                }
            }
        }
        for name in ["base", "jumps of -10 %", "none at all"] {
            part.push(Some("sensitivity".to_owned()));
            model.push(Some(name.to_owned()));
            ltv.push(Some(0.75));
            confidence.push(Some(0.99));
        }
        let rows = part.len();
        let column =
            |name: &str, cells| Column { name: name.into(), unit: "1".into(), meaning: String::new(), cells };
        let mut columns = vec![
            column("part", Cells::Text(part)),
            column("model", Cells::Text(model)),
            column("ltv", Cells::Real(ltv)),
            column("confidence", Cells::Real(confidence)),
        ];
        let mut add = |name: &str, value: &dyn Fn(usize) -> Option<f64>| {
            columns.push(column(name, Cells::Real((0..rows).map(value).collect())));
        };
        for name in [
            "default_probability",
            "rare_default_probability",
            "value_at_risk",
            "value_at_risk_given_default",
        ] {
            add(name, &|row| Some(0.01 * (row + 1) as f64));
            add(&format!("{name}_low"), &|row| Some(0.009 * (row + 1) as f64));
            add(&format!("{name}_high"), &|row| Some(0.011 * (row + 1) as f64));
        }
        let events = Cells::Integer((0..rows).map(|row| if row == 0 { 2 } else { 200 }).collect());
        let none_at_the_end = |row: usize| if row + 1 == rows { 0.0 } else { 0.02 * row as f64 };
        add("exceedance_probability", &|row| Some(none_at_the_end(row)));
        add("exceedance_probability_low", &|row| Some(0.9 * none_at_the_end(row)));
        add("exceedance_probability_high", &|row| Some(1.1 * none_at_the_end(row)));
        add("expected_shortfall", &|_| Some(0.15));
        add("loss_threshold", &|_| Some(0.125));
        add("published_value_at_risk_given_default", &|row| (published && row < 12).then_some(0.02));
        columns.push(column("tail_events_given_default", events));
        Table::new(columns).unwrap()
    }

    fn legends(panel: &Panel) -> Vec<&str> {
        panel.marks.iter().filter_map(Mark::legend).collect()
    }

    #[test]
    fn a_panel_a_level_with_rings_where_something_was_published() {
        let figure = draw(&estimates(true), &Options::default()).unwrap();
        let [panel_95, panel_99] = &figure.rows[0].panels[..] else { panic!("two levels") };
        assert!(panel_95.heading.starts_with("95 %") && panel_99.heading.starts_with("99 %"));
        assert_eq!(panel_95.y, panel_99.y, "one scale for both");
        assert!(legends(panel_95).contains(&"published"));
        let few = "on fewer than 30 tail events";
        assert!(legends(panel_95).contains(&few) && !legends(panel_99).contains(&few));
        assert!(figure.subtitle.contains("12 published points"), "{}", figure.subtitle);
        let figure = draw(&estimates(false), &Options::default()).unwrap();
        assert!(!legends(&figure.rows[0].panels[0]).contains(&"published"));
    }

    #[test]
    fn a_change_without_such_a_loss_is_a_cross() {
        let figure = crate::chart::risk_sensitivity::draw(&estimates(false), &Options::default()).unwrap();
        let [quantile, likely] = &figure.rows[0].panels[..] else { panic!("two panels") };
        assert!(!legends(quantile).contains(&"none seen") && legends(likely).contains(&"none seen"));
        assert!(legends(likely).contains(&"base"));
    }

    #[test]
    fn both_estimates_of_the_probability_are_drawn() {
        let figure = crate::chart::default_probability::draw(&estimates(false), &Options::default()).unwrap();
        let found = legends(&figure.rows[0].panels[0]);
        assert!(found.contains(&"counted") && found.contains(&"importance sampling"), "{found:?}");
        let other = estimates(false).only("part", "sensitivity");
        assert!(matches!(draw(&other, &Options::default()), Err(NotDrawn::NoRows { .. })));
    }
}
